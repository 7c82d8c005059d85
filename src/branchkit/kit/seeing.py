"""Seeing a customer's personal data: for a purpose, by somebody, and never without a record of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import attrs

from branchkit.codec import blanked
from branchkit.customers.commands import SeeCustomer
from branchkit.customers.journey import Lead, Referral
from branchkit.customers.model import DATA_KINDS, Customer
from branchkit.customers.retaining import Kept, retention_of
from branchkit.customers.using import Use, sight_of
from branchkit.errors import NotFound, Refused
from branchkit.kit.believed import stream_of
from branchkit.kit.feed import Happened
from branchkit.kit.floors.customers import held_data
from branchkit.kit.given import bared, given_out
from branchkit.kit.wire import Request
from branchkit.kit.world import StoreWorld
from branchkit.messages import Actor
from branchkit.trace import Decision

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["Glance", "Seen", "glance", "see"]


@attrs.frozen(kw_only=True)
class Seen:
    """A customer with the data that somebody may see, and why they may."""

    customer: Customer
    """With the values of the kinds of data that were granted, and of no other."""
    use: Decision[Use]
    referrals: tuple[Referral, ...] = ()
    """The customer's referrals with their forms, likewise."""
    leads: tuple[Lead, ...] = ()
    """The customer's leads with what was said at each contact, likewise."""


def see(kit: Kit, customer: str, *, purpose: str, by: Actor, at: dt.datetime, data: Iterable[str] = ()) -> Seen:
    """Let somebody see a customer's data for a purpose; that they asked is put on record in the same transaction.

    Raises:
        NotFound: there is no such customer.
        NotPermitted: the actor has no right to ask.
        Refused: with every reason; that it was asked stays on record.
    """
    wanted = tuple(data)
    request = Request.of(SeeCustomer(customer, purpose, data=wanted, by=by, at=at))
    with kit.store.transaction() as tx:
        if tx.get("customer", customer) is None:
            raise NotFound("customer", customer)
        with kit.desk(tx) as desk:
            done = desk.carry_out(request)
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        known: Any = world.customer(customer)
        # Asked again in the very same words, it is decided anew: a consent may have been withdrawn since.
        use = sight_of(world.privacy(), known, purpose, by=by, at=at, data=wanted)
        referrals, leads = (tuple(_of_journeys(kind, customer, world)) for kind in ("referral", "lead"))
    kit.rules.plugins.tell(done.events)
    if not use.value.allowed:
        raise Refused.because("SeeCustomer", use.value.refusals)
    hidden = [kind for kind in DATA_KINDS if kind not in use.value.data]
    return Seen(
        customer=blanked(known, hidden),
        use=use,
        referrals=blanked(referrals, hidden),
        leads=blanked(leads, hidden),
    )


def _of_journeys(kind: str, customer: str, world: StoreWorld) -> Iterator[Any]:
    ledger = world.customer_ledger(customer)
    for journey in () if ledger is None else ledger.journeys:
        yield from world.found(kind, {"journey": journey, "customer": customer})


@attrs.frozen(kw_only=True)
class Glance:
    """A customer as everybody who may open the store sees them: what is there, and nothing that it says."""

    customer: Customer
    """Without its personal values."""
    held: tuple[str, ...]
    """The kinds of personal data that are on record, in whichever document."""
    kept: Kept
    """Until when the record may be kept."""
    told: tuple[Happened, ...]
    """Everything that happened to the record, who looked at it among it; without personal values."""


@bared
def glance(kit: Kit, customer: str, *, at: dt.datetime | None = None) -> Glance:
    """Look at a customer's record from outside, at a moment or when something last happened; nothing personal is told.

    Raises:
        NotFound: there is no such customer.
    """
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        known = world.customer(customer)
        if known is None:
            raise NotFound("customer", customer)
        found = stream_of(tx, f"customer:{customer}", kit.upcasters, kit.store.where)
        told = tuple(attrs.evolve(one, event=given_out(one.event)) for one in found)
        kinds = held_data(customer, world)
        kept = retention_of(world.privacy(), known, at=at or max(one.at for one in told), held=kinds).value
    return Glance(
        customer=given_out(known),
        held=tuple(kind for kind in DATA_KINDS if kind in kinds),
        kept=kept,
        told=told,
    )
