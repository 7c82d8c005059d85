"""Looks at every case whose time has come, and lets happen what has to: once, whoever else sweeps beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import TYPE_CHECKING

import attrs

from branchkit.errors import Conflict
from branchkit.escalation import RungReached, SweepCase
from branchkit.kit.wire import Request
from branchkit.messages import Actor
from branchkit.storage import DueRow

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["SWEEPER", "Swept", "due_cases", "sweep"]

SWEEPER = Actor("branchkit:sweeper", system=True)
"""Who sweeps, where nobody else is named."""
_PAGE = 500
_TRIES = 10
_CASE = "case:"


@attrs.frozen(kw_only=True)
class Swept:
    """What came of sweeping one case."""

    case: str
    due: dt.datetime
    """When it was to be looked at."""
    reached: tuple[RungReached, ...] = ()
    """The rungs whose time had come; empty where somebody else was quicker, or the deadline had moved."""


def due_cases(kit: Kit, until: dt.datetime) -> Iterator[tuple[dt.datetime, str]]:
    """Yield the cases to be looked at up to and including a moment, the earliest first, and when each is to be."""
    with kit.store.transaction(write=False) as tx:
        rows = tx.due(until, limit=_PAGE)
        seen: set[str] = set()
        while rows:
            fresh = [row for row in rows if row.key not in seen]
            seen |= {row.key for row in rows}
            yield from ((row.at, row.key.removeprefix(_CASE)) for row in fresh if row.key.startswith(_CASE))
            if len(rows) < _PAGE or not fresh:
                return
            rows = tx.due(until, limit=len(seen) + _PAGE)


def sweep(kit: Kit, at: dt.datetime, *, by: Actor = SWEEPER) -> Iterator[Swept]:
    """Sweep every case that is due by a moment, each in a transaction of its own, and yield what came of it.

    It costs what is due, not what is open. Two sweepers may run at once: what one has done the other finds done.
    """
    done: set[str] = set()
    while True:
        with kit.store.transaction(write=False) as tx:
            rows = tx.due(at, limit=len(done) + _PAGE)
        fresh = [row for row in rows if row.key not in done and row.key.startswith(_CASE)]
        done |= {row.key for row in rows}
        if not fresh:
            return
        for row in fresh:
            yield _sweep_case(kit, row, at, by)


def _sweep_case(kit: Kit, row: DueRow, at: dt.datetime, by: Actor) -> Swept:
    name = row.key.removeprefix(_CASE)
    for _ in range(_TRIES - 1):
        try:
            return _once(kit, row, name, at, by)
        except Conflict:
            continue  # Somebody acted in the case meanwhile; what is due now is another question.
    return _once(kit, row, name, at, by)


def _once(kit: Kit, row: DueRow, name: str, at: dt.datetime, by: Actor) -> Swept:
    with kit.store.transaction() as tx, kit.desk(tx) as desk:
        stored = tx.get("case", name)
        if stored is None:
            tx.due_clear(row.key)
            return Swept(case=name, due=row.at)
        # The version makes it another command once anything has happened in the case.
        command = SweepCase(name, by=by, at=at, id=f"sweep:{name}:{stored.version}:{at.isoformat()}")
        done = desk.carry_out(Request.of(command))
        if not done.events:
            desk.rearm(name, at)
    kit.rules.plugins.tell(done.events)
    reached = tuple(event for event in done.events if isinstance(event, RungReached))
    return Swept(case=name, due=row.at, reached=reached)
