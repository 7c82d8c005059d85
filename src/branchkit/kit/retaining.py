"""Sweeps customers' records: what may not be kept any longer is erased, and what nobody has decided on is told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from branchkit.customers.commands import ApplyRetention
from branchkit.customers.retaining import Kept, retention_of
from branchkit.errors import BranchkitError, Conflict, StorageError
from branchkit.kit.carry import Desk, Done
from branchkit.kit.floors.customers import held_data
from branchkit.kit.given import bared_each
from branchkit.kit.wire import Request
from branchkit.kit.world import StoreWorld
from branchkit.messages import Actor
from branchkit.personal import bare
from branchkit.storage import Stored, Transaction

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["KEEPER", "Retained", "retain"]

KEEPER = Actor("branchkit:retention", system=True)
"""Who erases what may not be kept any longer, where nobody is named."""
_PAGE = 200


@attrs.frozen(kw_only=True)
class Retained:
    """What came of looking at one customer's record."""

    customer: str
    kept: Kept
    """Until when it may be kept, by which period, and what holds it."""
    erased: bool = False
    """Whether something was erased now."""
    failed: BranchkitError | None = None
    """Why it could not be."""


@bared_each
def retain(kit: Kit, at: dt.datetime, *, by: Actor = KEEPER, dry_run: bool = False) -> Iterator[Retained]:
    """Look at every customer's record, some to a commit, and yield those of which a period is over or not configured.

    Raises:
        NotPermitted: the actor has no right to it.
        StorageError: the store cannot go on; what was yielded is done.
    """
    kit.grants.demand(ApplyRetention("any", by=by, at=at))
    after: str | None = None
    while True:
        with kit.store.transaction(write=False) as tx:
            page = tx.find("customer", {}, after=after, limit=_PAGE)
            world = StoreWorld(tx, kit.rules, where=kit.store.where)
            looked = [(stored.id, _kept(stored, world, at)) for stored in page.items]
        worth = [(id, kept) for id, kept in looked if kept.not_configured or (kept.until and kept.until <= at)]
        if dry_run:
            yield from (Retained(customer=id, kept=kept) for id, kept in worth)
        else:
            yield from _erase_some(kit, worth, at, by)
        if page.next is None:
            return
        after = page.next


def _kept(stored: Stored, world: StoreWorld, at: dt.datetime) -> Kept:
    held = held_data(stored.id, world)
    return retention_of(world.privacy(), world.read(stored), at=at, held=held).value


def _erase_some(kit: Kit, worth: list[tuple[str, Kept]], at: dt.datetime, by: Actor) -> list[Retained]:
    """Erase some in one commit or, where somebody else comes between, one by one."""
    try:
        return _together(kit, worth, at, by)
    except Conflict:
        return [one for pair in worth for one in _together(kit, [pair], at, by)]


def _together(kit: Kit, worth: list[tuple[str, Kept]], at: dt.datetime, by: Actor) -> list[Retained]:
    found: list[Retained] = []
    done: list[Done] = []
    with kit.store.transaction() as tx, kit.desk(tx) as desk:
        for id, kept in worth:
            if not kept.is_over(at):
                found.append(Retained(customer=id, kept=kept))
                continue
            try:
                came = _erase(tx, desk, id, at, by)
            except StorageError:
                raise
            except BranchkitError as error:
                found.append(Retained(customer=id, kept=kept, failed=bare(error)))
            else:
                done.append(came)
                found.append(Retained(customer=id, kept=kept, erased=bool(came.outcome.events)))
    kit.rules.plugins.tell(event for one in done for event in one.events)
    return found


def _erase(tx: Transaction, desk: Desk, id: str, at: dt.datetime, by: Actor) -> Done:
    # The record may change and be due again by the same moment: that is another command.
    name = f"retain:{tx.stream_version(f'customer:{id}')}:{at.isoformat()}:{id}"
    return desk.carry_out(Request.of(ApplyRetention(id, by=by, at=at, id=name)))
