"""Folds what happened on a journey into its documents."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from branchkit.customers.journey import (
    ContactRecorded,
    ContactRefused,
    Credit,
    CreditTakenBack,
    CustomerAttached,
    CustomerLedger,
    CustomerReferred,
    Lead,
    LeadAllocated,
    LeadClosed,
    LeadConverted,
    LeadEntered,
    LeadMerged,
    Referral,
    ReferralAccepted,
    ReferralDeclined,
    ReferralFormFilled,
    ReferralFormReviewed,
    SaleCredited,
    TriggersObserved,
    Visit,
    VisitEnded,
    VisitJudged,
    VisitLookedUp,
    VisitOpened,
    WillingnessAsked,
    Workload,
    count_refusal,
    evolve_credit,
    evolve_lead,
    evolve_ledger,
    evolve_referral,
    evolve_visit,
    evolve_workload,
    refusal_count_id,
    settle_visit,
)
from branchkit.kit.floor import Change, Current, Fold, needed
from branchkit.messages import Event

__all__ = ["JOURNEY_FOLD"]


def _visit_opened(event: VisitOpened, current: Current) -> tuple[Change, ...]:
    return (Change("visit", event.visit.id, event.visit),)


def _visit(event: Any, current: Current) -> tuple[Change, ...]:
    return (Change("visit", event.visit, evolve_visit(needed(current, "visit", event.visit), event)),)


def _attached(event: CustomerAttached, current: Current) -> tuple[Change, ...]:
    changes = [*_visit(event, current), _ledger(event, event.customer, event.visit, current)]
    standing = needed(current, "visit", event.visit).referral
    if standing is not None:
        referral: Referral = needed(current, "referral", standing)
        if referral.is_open:
            changes.append(Change("referral", standing, evolve_referral(referral, event)))
    return tuple(changes)


def _referred(event: CustomerReferred | ReferralFormFilled, current: Current) -> tuple[Change, ...]:
    referral = event.referral
    visit: Visit = evolve_visit(needed(current, "visit", referral.journey), event)
    changes = [Change("referral", referral.id, referral), Change("visit", visit.id, visit)]
    if referral.customer is not None:
        changes.append(_ledger(event, referral.customer, referral.journey, current))
    return tuple(changes)


def _accepted(event: ReferralAccepted | ReferralDeclined, current: Current) -> tuple[Change, ...]:
    referral: Referral = needed(current, "referral", event.referral)
    by = referral.by if isinstance(event, ReferralAccepted) else None
    changes = [
        Change("referral", referral.id, evolve_referral(referral, event)),
        *_settled(event.visit, referral.id, current, by=by),
    ]
    if event.customer is not None:
        changes.append(_ledger(event, event.customer, event.visit, current))
    return tuple(changes)


def _settled(visit: str, referral: str, current: Current, *, by: str | None) -> Iterator[Change]:
    known: Visit = needed(current, "visit", visit)
    after = settle_visit(known, referral, handed_on_by=by)
    if after is not known:
        yield Change("visit", visit, after)


def _reviewed(event: ReferralFormReviewed, current: Current) -> tuple[Change, ...]:
    referral: Referral = needed(current, "referral", event.referral)
    changes = [Change("referral", referral.id, evolve_referral(referral, event))]
    if event.settles:
        changes += _settled(event.visit, referral.id, current, by=None)
    if event.settles and event.customer is not None:
        changes.append(_ledger(event, event.customer, event.visit, current))
    if event.lead is not None:
        changes.append(Change("lead", event.lead, evolve_lead(needed(current, "lead", event.lead), event)))
    return tuple(changes)


def _entered(event: LeadEntered, current: Current) -> tuple[Change, ...]:
    lead = event.lead
    changes = [Change("lead", lead.id, lead), _ledger(event, lead.customer, lead.journey, current)]
    return (*changes, *_of_form(event, lead.referral, lead.journey, current))


def _merged(event: LeadMerged, current: Current) -> tuple[Change, ...]:
    known: Lead = needed(current, "lead", event.lead)
    changes = [
        Change("lead", known.id, evolve_lead(known, event)),
        _ledger(event, known.customer, event.merged.journey, current),
    ]
    return (*changes, *_of_form(event, event.merged.referral, event.merged.journey, current))


def _of_form(event: LeadEntered | LeadMerged, referral: str | None, journey: str, current: Current) -> Iterator[Change]:
    """Yield a referral whose form was entered, and its visit; one that was accepted on the spot is settled already."""
    known: Referral | None = None if referral is None else needed(current, "referral", referral)
    if known is None or not known.is_open:
        return
    yield Change("referral", known.id, evolve_referral(known, event))
    yield from _settled(journey, known.id, current, by=known.by)


def _allocated(event: LeadAllocated, current: Current) -> tuple[Change, ...]:
    return (_lead(event, current), _workload(event, current))


def _lead(event: Any, current: Current) -> Change:
    return Change("lead", event.lead, evolve_lead(needed(current, "lead", event.lead), event))


def _workload(event: Any, current: Current) -> Change:
    known = current("workload", event.branch) or Workload(event.branch)
    return Change("workload", event.branch, evolve_workload(known, event))


def _ledger(event: Any, customer: str, journey: str, current: Current) -> Change:
    known = current("customer_ledger", customer) or CustomerLedger(customer)
    return Change("customer_ledger", customer, evolve_ledger(known, event, journey))


def _followed(event: ContactRecorded | LeadConverted | LeadClosed, current: Current) -> tuple[Change, ...]:
    lead = _lead(event, current)
    if isinstance(event, ContactRecorded) and event.contact.outcome != "declined":
        return (lead,)
    over = (lead, _ledger(event, event.customer, lead.value.journey, current))
    return over if event.owner is None else (*over, _workload(event, current))


def _refused(event: ContactRefused, current: Current) -> tuple[Change, ...]:
    id = refusal_count_id(event.branch, event.day)
    return (Change("refusal_count", id, count_refusal(current("refusal_count", id), event)),)


def _taken_back(event: CreditTakenBack, current: Current) -> tuple[Change, ...]:
    credit: Credit = needed(current, "credit", f"{event.lead}/{event.sale}")
    return (Change("credit", credit.id, evolve_credit(credit, event)),)


JOURNEY_FOLD: Mapping[type[Event], Fold] = {
    VisitOpened: _visit_opened,
    **dict.fromkeys((TriggersObserved, VisitJudged, VisitLookedUp, WillingnessAsked, VisitEnded), _visit),
    CustomerAttached: _attached,
    ContactRefused: _refused,
    CustomerReferred: _referred,
    ReferralFormFilled: _referred,
    ReferralAccepted: _accepted,
    ReferralDeclined: _accepted,
    ReferralFormReviewed: _reviewed,
    LeadEntered: _entered,
    LeadMerged: _merged,
    LeadAllocated: _allocated,
    ContactRecorded: _followed,
    LeadConverted: _followed,
    LeadClosed: _followed,
    SaleCredited: lambda event, current: (Change("credit", event.credit.id, event.credit),),
    CreditTakenBack: _taken_back,
}
"""How each event changes the documents."""
