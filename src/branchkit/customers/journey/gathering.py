"""Gathers what a decision about a journey may look at: the documents it speaks of, and the terms in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any, Protocol

from branchkit.conditions import DecisionTable
from branchkit.customers.assigning import AssignmentPolicy, Candidate, Held, Pool, candidates_of
from branchkit.customers.credit import CreditPolicy
from branchkit.customers.introducing import introducers_of
from branchkit.customers.journey.commands import (
    AcceptReferral,
    AllocateLead,
    AttachCustomer,
    CloseLead,
    ConvertLead,
    CreditSale,
    EnterLead,
    OpenVisit,
    RecordContact,
    RefuseContact,
    ReverseCredit,
    ReviewForm,
)
from branchkit.customers.journey.facts import JourneyFacts
from branchkit.customers.journey.follow_up import Credit, CustomerLedger, Lead, SaleLead, Workload, introduced_by
from branchkit.customers.journey.leading import LEAD_PURPOSE, OWN_STEP
from branchkit.customers.journey.model import Referral, Visit
from branchkit.customers.journey.terms import POSTS_TABLE, TERMS_TABLE, Terms
from branchkit.customers.model import Customer
from branchkit.errors import CatalogError, NotFound, Refused
from branchkit.estate import Branch
from branchkit.values import Unknown

__all__ = ["JourneyBooks", "gather_journey", "terms_of"]


class JourneyBooks(Protocol):
    """Where a ledger of journeys keeps its documents, and who answers for the policies in force."""

    def branch(self, id: str) -> Branch | None:
        """Return a branch."""
        ...

    def table(self, id: str) -> DecisionTable:
        """Return a decision table; raises `NotFound`."""
        ...

    def customer(self, id: str) -> Customer | None:
        """Return a customer's record."""
        ...

    def visit(self, id: str) -> Visit | None:
        """Return a visit, over or not."""
        ...

    def referral(self, id: str) -> Referral | None:
        """Return a referral, settled or not."""
        ...

    def lead(self, id: str) -> Lead | None:
        """Return a lead, open or not."""
        ...

    def credit(self, id: str) -> Credit | None:
        """Return what a sale was credited with."""
        ...

    def sale_lead(self, branch: str, sale: str) -> SaleLead | None:
        """Return to which lead of a branch a sale was written back."""
        ...

    def customer_ledger(self, customer: str) -> CustomerLedger | None:
        """Return what the journeys of a customer come to."""
        ...

    def workload(self, branch: str) -> Workload | None:
        """Return who at a branch has how many leads."""
        ...

    def assignment_policy(self, purpose: str, branch: Branch) -> AssignmentPolicy:
        """Return what chooses somebody at a branch; raises `MissingKey`."""
        ...

    def credit_policy(self, branch: Branch) -> CreditPolicy:
        """Return what shares credit at a branch; raises `MissingKey`."""
        ...


def terms_of(books: JourneyBooks) -> Terms:
    """Return the terms in force; raises `NotFound` or `CatalogError`."""
    return Terms(books.table(POSTS_TABLE), books.table(TERMS_TABLE))


def gather_journey(command: Any, books: JourneyBooks) -> JourneyFacts:
    """Return what deciding a command may look at; raises `Refused` where the terms are not readable."""
    try:
        terms = terms_of(books)
    except (NotFound, CatalogError) as error:
        raise Refused(type(command).__name__, (str(error),)) from error
    return JourneyFacts(terms=terms, **_gathered(command, books, terms))


def _gathered(command: Any, books: JourneyBooks, terms: Terms) -> dict[str, Any]:
    """Return the documents that a command speaks of, and no others: what is read must not change meanwhile."""
    match command:
        case RefuseContact():
            return {"branch": books.branch(command.branch)}
        case OpenVisit():
            return {"visit": books.visit(command.journey), "branch": books.branch(command.branch)}
        case AllocateLead():
            return _of_allocation(command, books, terms)
        case RecordContact() | CloseLead():
            lead = books.lead(command.lead)
            return {"lead": lead, **_of_lead(lead, books)}
        case ConvertLead():
            lead = books.lead(command.lead)
            sold = None if lead is None else books.sale_lead(lead.branch, command.sale)
            return {"lead": lead, "sold": sold, **_of_lead(lead, books)}
        case CreditSale() | ReverseCredit():
            return _of_credit(command, books)
        case EnterLead():
            return _of_entry(command, books)
        case _:
            return _of_visit(command, books)


def _of_visit(command: Any, books: JourneyBooks) -> dict[str, Any]:
    visit = books.visit(command.journey)
    facts: dict[str, Any] = {"visit": visit}
    if visit is not None and visit.referral is not None:
        facts["standing"] = books.referral(visit.referral)
    if isinstance(command, AttachCustomer):
        return {**facts, **_of_customer(command.customer, books)}
    name = getattr(command, "referral", None)
    if name is None:
        return facts
    referral = facts["referral"] = books.referral(name)
    if isinstance(command, AcceptReferral):
        facts["lead"] = books.lead(command.lead)
    elif isinstance(command, ReviewForm) and referral is not None and referral.lead is not None:
        facts["lead"] = books.lead(referral.lead)
    return {**facts, **_of_customer(None if visit is None else visit.customer, books)}


def _of_customer(customer: str | None, books: JourneyBooks) -> dict[str, Any]:
    if customer is None:
        return {}
    ledger = books.customer_ledger(customer)
    standing = None if ledger is None or ledger.lead is None else books.lead(ledger.lead.id)
    return {"customer": books.customer(customer), "ledger": ledger, "open_lead": standing}


def _of_entry(command: EnterLead, books: JourneyBooks) -> dict[str, Any]:
    visit = books.visit(command.journey)
    referral = None if command.referral is None else books.referral(command.referral)
    held = (referral, visit)
    known = (command.customer, *(one.customer for one in held if one is not None))
    return {
        "branch": books.branch(command.branch),
        "visit": visit,
        "referral": referral,
        "lead": books.lead(command.lead),
        "introducers": introducers_of(command.introduced_by, lambda id: _introduced_by(id, books)),
        **_of_customer(next((one for one in known if one is not None), None), books),
    }


def _introduced_by(customer: str, books: JourneyBooks) -> tuple[str, ...] | None:
    """Return who introduced somebody; ``None`` for whoever is not on record."""
    known = books.customer(customer)
    return None if known is None else introduced_by(known, books.customer_ledger(customer))


def _of_lead(lead: Lead | None, books: JourneyBooks) -> dict[str, Any]:
    if lead is None:
        return {}
    return {"branch": books.branch(lead.branch), "customer": books.customer(lead.customer)}


def _of_allocation(command: AllocateLead, books: JourneyBooks, terms: Terms) -> dict[str, Any]:
    lead = books.lead(command.lead)
    branch = None if lead is None else books.branch(lead.branch)
    if branch is None:
        return {"lead": lead}
    workload = books.workload(branch.id) or Workload(branch.id)
    pool = Pool.of(_candidates(command, branch, workload, terms), turn=workload.turn)
    policy = None if command.owner is not None else books.assignment_policy(LEAD_PURPOSE, branch)
    return {"lead": lead, "branch": branch, "pool": pool, "policy": policy}


def _candidates(command: AllocateLead, branch: Branch, workload: Workload, terms: Terms) -> Iterator[Candidate]:
    """Yield who may follow leads up at a branch, with what each has, and who of them is told to be absent."""
    kinds = set() if isinstance(branch.posts, Unknown) else {post.kind for post in branch.posts}
    held = {one.staff: Held(load=one.load, count=one.count, last=one.last) for one in workload.people}
    posts = {kind for kind in kinds if terms.may(OWN_STEP, kind)}
    roster = _There(frozenset(command.absent))
    return candidates_of(branch, posts=posts, at=command.at, roster=roster, held=held)


class _There:
    """A roster of everybody but those who are told to be absent."""

    def __init__(self, absent: frozenset[str]) -> None:
        self._absent = absent

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        return tuple(one for one in ids if one not in self._absent)


def _of_credit(command: CreditSale | ReverseCredit, books: JourneyBooks) -> dict[str, Any]:
    lead = books.lead(command.lead)
    facts: dict[str, Any] = {"lead": lead, "credit": books.credit(f"{command.lead}/{command.sale}")}
    branch = None if lead is None else books.branch(lead.branch)
    if lead is None or branch is None or isinstance(command, ReverseCredit):
        return facts
    if lead.referral is not None:
        facts["referral"] = books.referral(lead.referral)
    return {**facts, "branch": branch, "credit_policy": books.credit_policy(branch)}
