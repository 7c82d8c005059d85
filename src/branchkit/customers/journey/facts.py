"""What a decision about a journey may look at; whoever keeps the ledger gathers it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import attrs

from branchkit.customers.assigning import AssignmentPolicy, Pool
from branchkit.customers.credit import CreditPolicy
from branchkit.customers.journey.follow_up import Credit, CustomerLedger, Lead, SaleLead
from branchkit.customers.journey.model import Referral, Visit
from branchkit.customers.journey.refusing import against
from branchkit.customers.journey.terms import Terms
from branchkit.customers.model import Customer
from branchkit.errors import Refusal
from branchkit.estate import Branch

__all__ = ["JourneyFacts", "against_backdating", "against_contact", "against_others", "local"]


@attrs.frozen(kw_only=True)
class JourneyFacts:
    """The documents that a command speaks of, as they are, and the terms in force."""

    terms: Terms
    branch: Branch | None = None
    visit: Visit | None = None
    referral: Referral | None = None
    """The one that the command names."""
    standing: Referral | None = None
    """The one of the visit that is not settled yet."""
    lead: Lead | None = None
    """The one that the command names."""
    customer: Customer | None = None
    """Whom the command, or else the visit or lead, is about."""
    ledger: CustomerLedger | None = None
    """What the journeys of that customer come to."""
    open_lead: Lead | None = None
    """The lead of that customer that is open."""
    introducers: frozenset[str] = frozenset()
    """Who introduces the customer, where on record, who introduced those, and so on upwards."""
    policy: AssignmentPolicy | None = None
    """What chooses an owner."""
    pool: Pool = attrs.field(factory=Pool)
    """Among whom."""
    sold: SaleLead | None = None
    """The lead to which the sale that the command names was written back."""
    credit: Credit | None = None
    """What the sale that the command names was credited with."""
    credit_policy: CreditPolicy | None = None


def against_contact(facts: JourneyFacts, at: dt.datetime, *, path: str = "$") -> Iterator[Refusal]:
    """Yield why a customer may not be referred or contacted: no consent in force, or no wish for offers."""
    customer, purpose = facts.customer, facts.terms.purpose
    if customer is None:
        return
    if customer.erased is not None:
        # What the customer agreed to stays on record as it was, and holds no longer.
        reason = "the customer's data were erased, and the consent with them; register the customer anew, with consent"
        yield against("attach_before_consent", reason, path)
    elif purpose is None:
        reason = f"no purpose is set that consent could be for; the table {facts.terms.steps.id!r} names it"
        yield against("attach_before_consent", reason, path)
    elif customer.consent(purpose, at) is None:
        reason = f"the customer has no consent in force for {purpose!r}; ask for it first, or count a refusal"
        yield against("attach_before_consent", reason, path)
    if customer.do_not_contact:
        yield against("contact_not_wanted", "the customer has asked not to be contacted with offers", path)


def against_backdating(facts: JourneyFacts, told_at: dt.datetime) -> Iterator[Refusal]:
    """Yield that the ledger was told of something of the customer after the moment at which it claims to be told."""
    last = None if facts.ledger is None else facts.ledger.told_at
    if last is not None and told_at < last:
        reason = f"the ledger was told of the customer's journeys at {last.isoformat()}, so this was told after that"
        yield against("backdated", reason, "$.recorded_at")


def against_others(journey: str, facts: JourneyFacts, at: dt.datetime) -> Iterator[Refusal]:
    """Yield what is open for the same customer in another journey."""
    ledger = facts.ledger
    if ledger is None:
        return
    other = ledger.referral
    elsewhere = other is not None and other.journey != journey
    if other is not None and elsewhere and (other.expires_at is None or at < other.expires_at):
        yield against("conflict", f"the customer has an open referral, {other.id!r}, of another visit")
    if ledger.lead is not None and ledger.lead.journey != journey:
        yield against("conflict", f"the customer has an open lead, {ledger.lead.id!r}; its owner follows up")


def local(at: dt.datetime, branch: Branch | None) -> dt.datetime:
    """Return a moment as the clock of a branch shows it; as it was given where the branch's zone is not known."""
    zone = None if branch is None else branch.time_zone
    return at.astimezone(ZoneInfo(zone)) if isinstance(zone, str) else at
