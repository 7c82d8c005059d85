"""The ledger of journeys as the kit keeps it: visits, referrals, leads, credit, and refusals that are only counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Protocol, TypeAlias

from branchkit.checklists import RawFact
from branchkit.customers.commands import AssignOwner, MoveCustomer
from branchkit.customers.journey import (
    DECISIONS,
    JOURNEY_EVENTS,
    AcceptReferral,
    AllocateLead,
    AskWillingness,
    AttachCustomer,
    CloseLead,
    ContactRecorded,
    ContactRefused,
    ConvertLead,
    Credit,
    CreditSale,
    CreditTakenBack,
    CustomerAttached,
    CustomerLedger,
    CustomerReferred,
    DeclineReferral,
    EndVisit,
    EnterLead,
    FillReferralForm,
    JourneyBooks,
    JudgeVisit,
    Lead,
    LeadAllocated,
    LeadClosed,
    LeadConverted,
    LeadEntered,
    LeadMerged,
    LookUpVisit,
    ObserveTriggers,
    OpenVisit,
    RecordContact,
    ReferCustomer,
    Referral,
    ReferralAccepted,
    ReferralDeclined,
    ReferralFormFilled,
    ReferralFormReviewed,
    RefusalCount,
    RefuseContact,
    ReverseCredit,
    ReviewForm,
    SaleCredited,
    SaleLead,
    TriggersObserved,
    Visit,
    VisitEnded,
    VisitJudged,
    VisitLookedUp,
    VisitOpened,
    WillingnessAsked,
    Workload,
    decide_journey,
    fold_journey,
    gather_journey,
    terms_of,
)
from branchkit.errors import CatalogError, NotFound
from branchkit.kit.floor import Change, Current, Floor, Keep, Kind
from branchkit.kit.floors.gathering import GatheringWorld
from branchkit.kit.naming import short
from branchkit.messages import Actor, Command, Event
from branchkit.procedures import OpenCase, case_key
from branchkit.values import FrozenMap, Ref

__all__ = ["REFERRALS", "ReferralsCommand", "ReferralsEvent"]

ReferralsCommand: TypeAlias = (
    OpenVisit
    | ObserveTriggers
    | JudgeVisit
    | LookUpVisit
    | AskWillingness
    | AttachCustomer
    | EndVisit
    | RefuseContact
    | ReferCustomer
    | AcceptReferral
    | DeclineReferral
    | FillReferralForm
    | ReviewForm
    | EnterLead
    | AllocateLead
    | RecordContact
    | ConvertLead
    | CloseLead
    | CreditSale
    | ReverseCredit
)
ReferralsEvent: TypeAlias = (
    VisitOpened
    | TriggersObserved
    | VisitJudged
    | VisitLookedUp
    | WillingnessAsked
    | CustomerAttached
    | VisitEnded
    | ContactRefused
    | CustomerReferred
    | ReferralAccepted
    | ReferralDeclined
    | ReferralFormFilled
    | ReferralFormReviewed
    | LeadEntered
    | LeadMerged
    | LeadAllocated
    | ContactRecorded
    | LeadConverted
    | LeadClosed
    | SaleCredited
    | CreditTakenBack
)

LEDGER = Actor("branchkit:referrals", system=True)
"""Who opens the cases of forms and leads."""


class ReferralsWorld(GatheringWorld, JourneyBooks, Protocol):
    """What a decision about a journey may read, and what opening a case for it may."""


def _decide(command: Any, world: ReferralsWorld) -> tuple[Event, ...]:
    return decide_journey(command, gather_journey(command, world))


def _fold(event: Event, current: Current) -> tuple[Change, ...]:
    return tuple(Change(kind, id, value) for kind, id, value in fold_journey(event, current))


# -- what follows


def _form_filled(event: ReferralFormFilled, command: Command, world: ReferralsWorld) -> Iterator[Command]:
    """Yield the case in which the form is handed over and reviewed."""
    referral = event.referral
    told = {"referral": referral.id, "target": referral.target, "interest": referral.interest}
    yield from _opened("fill_referral_form", Ref("referral", referral.id), referral, told, command, world)


def _lead_entered(event: LeadEntered, command: Command, world: ReferralsWorld) -> Iterator[Command]:
    """Yield the case in which the lead is followed up."""
    lead = event.lead
    told = {"lead": lead.id, "referral": lead.referral, "source": lead.source, "interest": lead.interest}
    yield from _opened("enter_lead", Ref("lead", lead.id), lead, told, command, world)


def _converted(event: LeadConverted, command: Command, world: ReferralsWorld) -> Iterator[Command]:
    """Yield that the relationship begins, and who keeps it up (customers:FUP-05, customers:SOP-02)."""
    customer, lead = world.customer(event.customer), world.lead(event.lead)
    if customer is None or lead is None or customer.erased is not None:
        return
    when: dict[str, Any] = {"by": LEDGER, "at": command.at, "recorded_at": command.recorded_at}
    if customer.stage == "prospect":
        yield MoveCustomer(customer.id, "established", reason="lead_converted", **when)
    owner = lead.owner or lead.receiver
    if customer.owner is None and owner is not None:
        yield AssignOwner(customer.id, owner, **when)


def _opened(
    step: str, about: Ref, one: Referral | Lead, told: Mapping[str, str | None], command: Command, world: ReferralsWorld
) -> Iterator[Command]:
    name = terms_of(world).procedure(step)
    if name is None:
        return
    customer = () if one.customer is None else (Ref("customer", one.customer),)
    place = (Ref("branch", one.branch), *customer, about)
    yield OpenCase(
        _case_id(name, about),
        procedure=name,
        branch=one.branch,
        place=place,
        key=case_key(name, place),
        facts=FrozenMap(_declared(name, {**told, "journey": one.journey}, world)),
        by=LEDGER,
        at=command.at,
        recorded_at=command.recorded_at,
    )


def _case_id(procedure: str, about: Ref) -> str:
    return short(f"{procedure}/{about}")


def _declared(procedure: str, told: Mapping[str, str | None], world: ReferralsWorld) -> dict[str, RawFact]:
    """Return of what is known those facts that a procedure declares."""
    try:
        names = {spec.name for spec in world.procedure(procedure).facts}
    except (NotFound, CatalogError):
        return {}  # Opening the case refuses it, and says which procedure is missing.
    return {name: value for name, value in told.items() if name in names and value is not None}


# -- whose it is


def _keeps(customer: str, world: ReferralsWorld) -> Iterator[Keep]:
    """Yield the documents of a customer's journeys; the cases that were opened for them name the customer."""
    ledger: CustomerLedger | None = world.customer_ledger(customer)
    if ledger is None:
        return
    for journey in ledger.journeys:
        for kind in ("referral", "lead"):
            for one in list(world.found(kind, {"journey": journey, "customer": customer})):
                yield Keep(kind, one.id, f"journey:{journey}", whole=False)


def _index_referral(one: Referral) -> dict[str, str | None]:
    return {
        "id": one.id,
        "branch": one.branch,
        "journey": one.journey,
        "state": one.state,
        "case": one.case,
        "by": one.by,
        "receiver": one.receiver,
        "target": one.target,
        "customer": one.customer,
    }


def _index_lead(one: Lead) -> dict[str, str | None]:
    return {
        "id": one.id,
        "branch": one.branch,
        "journey": one.journey,
        "status": one.status,
        "source": one.source,
        "owner": one.owner,
        "referrer": one.referrer,
        "referral": one.referral,
        "customer": one.customer,
    }


REFERRALS = Floor(
    decide=dict.fromkeys(DECISIONS, _decide),
    fold=dict.fromkeys(JOURNEY_EVENTS, _fold),
    kinds=(
        Kind(
            "visit",
            Visit,
            ("branch", "customer", "post", "outcome"),
            lambda one: {"branch": one.branch, "customer": one.customer, "post": one.post, "outcome": one.outcome},
        ),
        Kind(
            "referral",
            Referral,
            ("id", "branch", "journey", "state", "case", "by", "receiver", "target", "customer"),
            _index_referral,
        ),
        Kind(
            "lead",
            Lead,
            ("id", "branch", "journey", "status", "source", "owner", "referrer", "referral", "customer"),
            _index_lead,
        ),
        Kind(
            "credit",
            Credit,
            ("branch", "lead", "state"),
            lambda one: {"branch": one.branch, "lead": one.lead, "state": one.state},
        ),
        Kind("refusal_count", RefusalCount, ("branch",), lambda one: {"branch": one.branch}),
        Kind("sale_lead", SaleLead, (), lambda one: {}),
        Kind("customer_ledger", CustomerLedger, (), lambda one: {}),
        Kind("workload", Workload, (), lambda one: {}),
    ),
    follow={ReferralFormFilled: _form_filled, LeadEntered: _lead_entered, LeadConverted: _converted},
    keeps=_keeps,
    details={
        ReferralAccepted: lambda event: {"lead": event.lead},
        LeadMerged: lambda event: {"merged_into": event.lead},
        LeadAllocated: lambda event: {"owner": event.allocated.owner},
    },
)
