"""Folds what happened on a journey into its documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

from branchkit.customers.journey.events import (
    ContactRecorded,
    ContactRefused,
    CreditTakenBack,
    CustomerAttached,
    CustomerReferred,
    LeadAllocated,
    LeadClosed,
    LeadConverted,
    LeadEntered,
    LeadMerged,
    ReferralAccepted,
    ReferralDeclined,
    ReferralFormFilled,
    ReferralFormReviewed,
    SaleCredited,
    TriggersObserved,
    VisitEnded,
    VisitJudged,
    VisitLookedUp,
    VisitOpened,
    WillingnessAsked,
)
from branchkit.customers.journey.evolve import (
    count_refusal,
    evolve_credit,
    evolve_lead,
    evolve_ledger,
    evolve_referral,
    evolve_visit,
    evolve_workload,
    settle_visit,
)
from branchkit.customers.journey.follow_up import Credit, CustomerLedger, Lead, SaleLead, Workload, refusal_count_id
from branchkit.customers.journey.model import Referral, Visit
from branchkit.errors import StoreCorrupt
from branchkit.messages import Event

__all__ = ["JOURNEY_EVENTS", "fold_journey"]

Lookup: TypeAlias = Callable[[str, str], Any]
"""Returns the document of a kind and id as it is now, ``None`` where there is none."""
Kept: TypeAlias = tuple[str, str, Any]
"""A document with its kind and its id."""


def needed(current: Lookup, kind: str, id: str) -> Any:
    """Return a document that an event changes; raises `StoreCorrupt` where no event before it made one."""
    found = current(kind, id)
    if found is None:
        raise StoreCorrupt("journal", f"an event speaks of {kind} {id!r}, which no event before it made")
    return found


def _visit_opened(event: VisitOpened, current: Lookup) -> tuple[Kept, ...]:
    return (("visit", event.visit.id, event.visit),)


def _visit(event: Any, current: Lookup) -> tuple[Kept, ...]:
    return (("visit", event.visit, evolve_visit(needed(current, "visit", event.visit), event)),)


def _attached(event: CustomerAttached, current: Lookup) -> tuple[Kept, ...]:
    changes = [*_visit(event, current), _ledger(event, event.customer, event.visit, current)]
    standing = needed(current, "visit", event.visit).referral
    if standing is not None:
        changes.append(("referral", standing, evolve_referral(needed(current, "referral", standing), event)))
    return tuple(changes)


def _referred(event: CustomerReferred | ReferralFormFilled, current: Lookup) -> tuple[Kept, ...]:
    referral = event.referral
    visit: Visit = evolve_visit(needed(current, "visit", referral.journey), event)
    changes = [("referral", referral.id, referral), ("visit", visit.id, visit)]
    if referral.customer is not None:
        changes.append(_ledger(event, referral.customer, referral.journey, current))
    return tuple(changes)


def _accepted(event: ReferralAccepted | ReferralDeclined, current: Lookup) -> tuple[Kept, ...]:
    referral: Referral = needed(current, "referral", event.referral)
    by = referral.persons if isinstance(event, ReferralAccepted) else ()
    changes = [
        ("referral", referral.id, evolve_referral(referral, event)),
        *_settled(event.visit, referral.id, current, by=by),
    ]
    if event.customer is not None:
        changes.append(_ledger(event, event.customer, event.visit, current))
    return tuple(changes)


def _settled(visit: str, referral: str, current: Lookup, *, by: Iterable[str] = ()) -> Iterator[Kept]:
    known: Visit = needed(current, "visit", visit)
    after = settle_visit(known, referral, handed_on_by=by)
    if after is not known:
        yield ("visit", visit, after)


def _reviewed(event: ReferralFormReviewed, current: Lookup) -> tuple[Kept, ...]:
    referral: Referral = needed(current, "referral", event.referral)
    changes: list[Kept] = [("referral", referral.id, evolve_referral(referral, event))]
    if event.settles:
        changes += _settled(event.visit, referral.id, current)
    if event.settles and event.customer is not None:
        changes.append(_ledger(event, event.customer, event.visit, current))
    if event.lead is not None:
        changes.append(("lead", event.lead, evolve_lead(needed(current, "lead", event.lead), event)))
    return tuple(changes)


def _entered(event: LeadEntered, current: Lookup) -> tuple[Kept, ...]:
    lead = event.lead
    changes = [("lead", lead.id, lead), _ledger(event, lead.customer, lead.journey, current)]
    return (*changes, *_of_form(event, lead.referral, lead.journey, current))


def _merged(event: LeadMerged, current: Lookup) -> tuple[Kept, ...]:
    known: Lead = needed(current, "lead", event.lead)
    changes = [
        ("lead", known.id, evolve_lead(known, event)),
        _ledger(event, known.customer, event.merged.journey, current),
    ]
    return (*changes, *_of_form(event, event.merged.referral, event.merged.journey, current))


def _of_form(event: LeadEntered | LeadMerged, referral: str | None, journey: str, current: Lookup) -> Iterator[Kept]:
    """Yield a referral whose form was entered, and its visit; one that was accepted on the spot is settled already."""
    known: Referral | None = None if referral is None else needed(current, "referral", referral)
    if known is None or not known.is_open:
        return
    yield ("referral", known.id, evolve_referral(known, event))
    yield from _settled(journey, known.id, current, by=known.persons)


def _allocated(event: LeadAllocated, current: Lookup) -> tuple[Kept, ...]:
    return (_lead(event, current), _workload(event, current))


def _lead(event: Any, current: Lookup) -> Kept:
    return ("lead", event.lead, evolve_lead(needed(current, "lead", event.lead), event))


def _workload(event: Any, current: Lookup) -> Kept:
    known = current("workload", event.branch) or Workload(event.branch)
    return ("workload", event.branch, evolve_workload(known, event))


def _ledger(event: Any, customer: str, journey: str, current: Lookup) -> Kept:
    known = current("customer_ledger", customer) or CustomerLedger(customer)
    return ("customer_ledger", customer, evolve_ledger(known, event, journey))


def _followed(event: ContactRecorded | LeadConverted | LeadClosed, current: Lookup) -> tuple[Kept, ...]:
    lead = _lead(event, current)
    if isinstance(event, ContactRecorded) and event.contact.outcome != "declined":
        return (lead,)
    over = (lead, _ledger(event, event.customer, lead[2].journey, current))
    return over if event.owner is None else (*over, _workload(event, current))


def _converted(event: LeadConverted, current: Lookup) -> tuple[Kept, ...]:
    sold = SaleLead(branch=event.branch, sale=event.sale.id, lead=event.lead)
    return (*_followed(event, current), ("sale_lead", sold.id, sold))


def _refused(event: ContactRefused, current: Lookup) -> tuple[Kept, ...]:
    id = refusal_count_id(event.branch, event.day)
    return (("refusal_count", id, count_refusal(current("refusal_count", id), event)),)


def _taken_back(event: CreditTakenBack, current: Lookup) -> tuple[Kept, ...]:
    credit: Credit = needed(current, "credit", f"{event.lead}/{event.sale}")
    return (("credit", credit.id, evolve_credit(credit, event)),)


_FOLD: Mapping[type[Event], Callable[[Any, Lookup], tuple[Kept, ...]]] = {
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
    LeadConverted: _converted,
    LeadClosed: _followed,
    SaleCredited: lambda event, current: (("credit", event.credit.id, event.credit),),
    CreditTakenBack: _taken_back,
}

JOURNEY_EVENTS: tuple[type[Event], ...] = tuple(_FOLD)
"""Every event of a journey."""


def fold_journey(event: Event, current: Lookup) -> tuple[Kept, ...]:
    """Return the documents as they are after an event: their kinds, their ids and themselves.

    Args:
        event: what happened; everything the decision needed is in it.
        current: returns the document of a kind and id as it is now, ``None`` where there is none.

    Raises:
        StoreCorrupt: the event speaks of a document that the events before it did not make.
    """
    return _FOLD[type(event)](event, current)
