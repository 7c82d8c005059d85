"""How a customer's record changes by what happens; nothing is asked and nothing is decided here."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.codec import blanked
from branchkit.customers.consent import withdrawn
from branchkit.customers.events import (
    CheckPassed,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerClassified,
    CustomerErased,
    CustomerEvent,
    CustomerHeld,
    CustomerLabelled,
    CustomerMoved,
    CustomerRegistered,
    CustomerReleased,
    CustomerRevised,
    CustomerSeen,
    DataForgotten,
    DisclosureDecided,
    OffersStopped,
    OwnerAssigned,
    RiskGraded,
    SightRefused,
    TreatedSpecially,
)
from branchkit.customers.model import Customer, Erasure, Hold, Particulars, Special, TierHeld

__all__ = ["evolve_customer"]

_STILL = (CustomerSeen, SightRefused, DisclosureDecided, DataForgotten)
"""What moves no relationship: looking, asking, and a term that ran out."""


def evolve_customer(customer: Customer | None, event: CustomerEvent) -> Customer:
    """Return the record after an event; ``None`` is what stands before the first one.

    Raises:
        ValueError: an event other than a registration comes first.
    """
    if isinstance(event, CustomerRegistered):
        return _registered(event)
    if customer is None:
        raise ValueError(f"Expected a registration first, got {event.KIND}")
    changed = _changed(customer, event)
    # By the kind of event alone: once values were erased, blanking them again changes nothing that could tell.
    if isinstance(event, _STILL):
        return changed
    return attrs.evolve(changed, touched_at=max(changed.touched_at or event.at, event.at))


def _registered(event: CustomerRegistered) -> Customer:
    bare = Customer(
        event.customer,
        kind=event.customer_kind,
        since=event.at,
        home_branch=event.home_branch,
        stage=event.stage,
        stage_since=event.at,
        touched_at=event.at,
        introduced_by=event.introduced_by,
        consents=event.consents,
    )
    return bare.with_particulars(event.particulars)


def _changed(customer: Customer, event: CustomerEvent) -> Customer:
    """Return what an event changes; the very same record where it changes nothing, as when it was looked at."""
    match event:
        case CustomerRevised():
            return customer.with_particulars(event.particulars)
        case CustomerMoved():
            return attrs.evolve(customer, stage=event.after, stage_since=event.at)
        case CheckPassed():
            return attrs.evolve(customer, checks=attrs.evolve(customer.checks, **{event.check: event.at}))
        case RiskGraded():
            return attrs.evolve(customer, risk_grade=event.after, risk_since=event.at)
        case CustomerClassified():
            service = customer.service_class if event.service_class is None else event.service_class
            return attrs.evolve(customer, tiers=_with_tier(customer.tiers, event.held), service_class=service)
        case ConsentGiven():
            return attrs.evolve(customer, consents=(*customer.consents, event.consent))
        case ConsentWithdrawn():
            after = attrs.evolve(customer, consents=withdrawn(customer.consents, event.purpose, event.at))
            return blanked(after, event.forgets) if event.forgets else after
        case DataForgotten():
            return blanked(customer, event.forgets)
        case OffersStopped():
            return attrs.evolve(customer, do_not_contact=event.stop)
        case OwnerAssigned():
            return attrs.evolve(customer, owner=event.after, owner_since=event.at)
        case CustomerLabelled():
            gone = {*event.removed, *(one.code for one in event.labels)}
            kept = tuple(one for one in customer.labels if one.code not in gone)
            return attrs.evolve(customer, labels=(*kept, *event.labels))
        case TreatedSpecially():
            by = event.approved_by
            special = None if by is None else Special(reason=event.reason, approved_by=by, since=event.at)
            return attrs.evolve(customer, special=special)
        case CustomerHeld():
            return attrs.evolve(customer, holds=(*customer.holds, Hold(code=event.code, since=event.at, by=event.by)))
        case CustomerReleased():
            return attrs.evolve(customer, holds=tuple(one for one in customer.holds if one.code != event.code))
        case CustomerErased():
            return _erased(customer, event)
        case _:
            return customer


def _with_tier(tiers: tuple[TierHeld, ...], held: TierHeld) -> tuple[TierHeld, ...]:
    return (*(one for one in tiers if one.scheme != held.scheme), held)


def _erased(customer: Customer, event: CustomerErased) -> Customer:
    """Leave what says nothing of the person: that there was a record, what was agreed to, and when it ended."""
    return attrs.evolve(
        blanked(customer).with_particulars(Particulars()),
        stage="closed",
        stage_since=_later(customer.stage_since, event.at),
        owner=None,
        owner_since=None,
        special=None,
        labels=(),
        introduced_by=None,
        risk_grade=None,
        risk_since=None,
        erased=Erasure(at=event.at, reason=event.reason, by=event.by),
    )


def _later(known: dt.datetime | None, at: dt.datetime) -> dt.datetime:
    return at if known is None else max(known, at)
