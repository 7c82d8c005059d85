"""Folds what happened into the documents of the ledger; asks nothing and nobody."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from branchkit.customers.journey.events import (
    ContactRecorded,
    ContactRefused,
    CreditTakenBack,
    CustomerAttached,
    CustomerReferred,
    JourneyEvent,
    LeadAllocated,
    LeadClosed,
    LeadConverted,
    LeadEntered,
    LeadMerged,
    ReferralAccepted,
    ReferralDeclined,
    ReferralFormFilled,
    ReferralFormReviewed,
    ToldEvent,
    TriggersObserved,
    VisitEnded,
    VisitJudged,
    VisitLookedUp,
    WillingnessAsked,
)
from branchkit.customers.journey.follow_up import (
    Credit,
    CustomerLedger,
    Given,
    Lead,
    OpenLead,
    OpenReferral,
    RefusalCount,
    Workload,
)
from branchkit.customers.journey.model import CASE_1, Referral, Visit

__all__ = [
    "count_refusal",
    "evolve_credit",
    "evolve_lead",
    "evolve_ledger",
    "evolve_referral",
    "evolve_visit",
    "evolve_workload",
    "settle_visit",
]


def evolve_visit(visit: Visit, event: JourneyEvent) -> Visit:
    """Return a visit as it is after an event of its journey; the same where it is not touched."""
    match event:
        case TriggersObserved():
            return attrs.evolve(visit, hits=(*visit.hits, *event.hits))
        case VisitJudged():
            return attrs.evolve(visit, judgement=event.judgement)
        case VisitLookedUp():
            return attrs.evolve(visit, look_up=event.look_up)
        case WillingnessAsked():
            return attrs.evolve(visit, willingness=event.willingness)
        case CustomerAttached():
            return attrs.evolve(visit, customer=event.customer, attached_at=event.at)
        case VisitEnded():
            return attrs.evolve(visit, outcome=event.outcome)
        case CustomerReferred():
            return attrs.evolve(visit, referral=event.referral.id)
        case ReferralFormFilled():
            return attrs.evolve(visit, referral=event.referral.id)
        case _:
            return visit


def settle_visit(visit: Visit, referral: str, *, handed_on_by: Iterable[str] = ()) -> Visit:
    """Return a visit whose referral is settled, and who has passed the customer on by it."""
    hands = tuple(dict.fromkeys((*visit.hands, *handed_on_by)))
    standing = None if visit.referral == referral else visit.referral
    return visit if (hands, standing) == (visit.hands, visit.referral) else attrs.evolve(
        visit, referral=standing, hands=hands
    )  # fmt: skip


def evolve_referral(referral: Referral, event: JourneyEvent) -> Referral:
    """Return a referral as it is after an event that names it."""
    match event:
        case CustomerAttached():
            return attrs.evolve(referral, customer=event.customer)
        case ReferralAccepted():
            return attrs.evolve(
                referral,
                state="accepted",
                case=CASE_1,
                receiver=event.receiver,
                customer=event.customer,
                lead=event.lead,
                settled_at=event.at,
            )
        case ReferralDeclined():
            return attrs.evolve(referral, state="declined", settled_at=event.at)
        case ReferralFormReviewed() if event.settles:
            return attrs.evolve(referral, review=event.review, state="closed", settled_at=event.review.at)
        case ReferralFormReviewed():
            return attrs.evolve(referral, review=event.review)
        case LeadEntered():
            return attrs.evolve(referral, state="entered", lead=event.lead.id, settled_at=event.lead.at)
        case LeadMerged():
            return attrs.evolve(referral, state="entered", lead=event.lead, settled_at=event.merged.at)
        case _:
            return referral


def evolve_lead(lead: Lead, event: JourneyEvent) -> Lead:
    """Return a lead as it is after an event that names it."""
    match event:
        case LeadMerged():
            return attrs.evolve(
                lead,
                merged=(*lead.merged, event.merged),
                referrer=event.referrer,
                referred_at=event.referred_at,
                referral_told_at=event.referral_told_at,
                registered_at=event.registered_at,
                acted_for=tuple(dict.fromkeys((*lead.acted_for, *event.acted_for))),
            )
        case LeadAllocated():
            allocated = attrs.evolve(lead, allocated=event.allocated)
            return attrs.evolve(allocated, status="allocated") if lead.status == "new" else allocated
        case ContactRecorded():
            return _contacted(lead, event)
        case LeadConverted():
            return attrs.evolve(
                lead,
                sales=(*lead.sales, event.sale),
                status="converted",
                next=None,
                closed_at=lead.closed_at or event.sale.at,
            )
        case LeadClosed():
            return attrs.evolve(lead, status="closed", next=None, reason=event.reason, closed_at=event.at)
        case ReferralFormReviewed():
            return attrs.evolve(lead, meets_standard=event.review.meets_standard)
        case _:
            return lead


def _contacted(lead: Lead, event: ContactRecorded) -> Lead:
    contacts = (*lead.contacts, event.contact)
    match event.contact.outcome:
        case "declined":
            return attrs.evolve(lead, contacts=contacts, status="declined", next=None, closed_at=event.contact.at)
        case "booked":
            return attrs.evolve(lead, contacts=contacts, status="booked", next=event.next)
        case _:
            # Who has booked stays booked: a further talk takes no appointment back.
            talked = attrs.evolve(lead, contacts=contacts, next=event.next)
            return talked if lead.status == "booked" else attrs.evolve(talked, status="contacted")


def evolve_ledger(ledger: CustomerLedger, event: ToldEvent, journey: str) -> CustomerLedger:
    """Return what a customer's journeys come to after an event of one of them."""
    if journey not in ledger.journeys:
        ledger = attrs.evolve(ledger, journeys=(*ledger.journeys, journey))
    told = max((one for one in (ledger.told_at, event.told_at) if one is not None), default=None)
    ledger = attrs.evolve(ledger, told_at=told)
    introducer = _introducer(event)
    if introducer is not None and introducer not in ledger.introduced_by:
        ledger = attrs.evolve(ledger, introduced_by=(*ledger.introduced_by, introducer))
    match event:
        case CustomerAttached() if event.referral is not None:
            return attrs.evolve(ledger, referral=event.referral)
        case CustomerReferred() | ReferralFormFilled():
            one = event.referral
            return attrs.evolve(
                ledger, referral=OpenReferral(id=one.id, journey=one.journey, expires_at=one.expires_at)
            )
        case ReferralAccepted() | ReferralDeclined():
            return _settled(ledger, event.referral)
        case ReferralFormReviewed() if event.settles:
            return _settled(ledger, event.referral)
        case LeadEntered():
            lead = event.lead
            ledger = _settled(ledger, lead.referral)
            return attrs.evolve(ledger, lead=OpenLead(id=lead.id, journey=lead.journey))
        case LeadMerged():
            return _settled(ledger, event.merged.referral)
        case LeadConverted() | LeadClosed():
            return _over(ledger, event.lead)
        case ContactRecorded() if event.contact.outcome == "declined":
            return _over(ledger, event.lead)
        case _:
            return ledger


def _introducer(event: JourneyEvent) -> str | None:
    match event:
        case LeadEntered():
            return event.lead.introduced_by
        case LeadMerged():
            return event.merged.introduced_by
        case _:
            return None


def _settled(ledger: CustomerLedger, referral: str | None) -> CustomerLedger:
    known = ledger.referral
    return attrs.evolve(ledger, referral=None) if known is not None and known.id == referral else ledger


def _over(ledger: CustomerLedger, lead: str) -> CustomerLedger:
    known = ledger.lead
    return attrs.evolve(ledger, lead=None) if known is not None and known.id == lead else ledger


def evolve_workload(workload: Workload, event: JourneyEvent) -> Workload:
    """Return who has how many leads after one was given, or is over."""
    match event:
        case LeadAllocated():
            if event.before is not None:
                workload = _lighter(workload, event.before)
            turn = workload.turn + 1
            known = {one.staff: one for one in workload.people}
            one = known.get(event.allocated.owner, Given(staff=event.allocated.owner))
            given = attrs.evolve(one, load=one.load + 1, count=one.count + 1, last=turn)
            return attrs.evolve(workload, turn=turn, people=_sorted({**known, given.staff: given}.values()))
        case LeadConverted() | LeadClosed() if event.owner is not None:
            return _lighter(workload, event.owner)
        case ContactRecorded() if event.contact.outcome == "declined":
            return _lighter(workload, event.owner)
        case _:
            return workload


def _lighter(workload: Workload, staff: str) -> Workload:
    people = (attrs.evolve(one, load=max(0, one.load - 1)) if one.staff == staff else one for one in workload.people)
    return attrs.evolve(workload, people=tuple(people))


def _sorted(people: Iterable[Given]) -> tuple[Given, ...]:
    return tuple(sorted(people, key=lambda one: one.staff))


def evolve_credit(credit: Credit, event: CreditTakenBack) -> Credit:
    """Return a credit that was taken back."""
    return attrs.evolve(credit, taken_back=event.taken_back, reason=event.reason)


def count_refusal(before: RefusalCount | None, event: ContactRefused) -> RefusalCount:
    """Return the count of a branch and a day with one more.

    >>> import datetime as dt
    >>> one = count_refusal(None, ContactRefused(branch="B-1", day=dt.date(2026, 3, 2)))
    >>> count_refusal(one, ContactRefused(branch="B-1", day=dt.date(2026, 3, 2))).count
    2
    """
    return RefusalCount(branch=event.branch, day=event.day, count=1 if before is None else before.count + 1)
