"""Looks at every case whose time has come, and lets happen what has to: once, whoever else sweeps beside."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

import attrs

from branchkit.errors import BranchkitError, Conflict, StorageError
from branchkit.escalation import RungReached, SweepCase
from branchkit.kit.documents import loaded
from branchkit.kit.naming import short
from branchkit.kit.wire import Request
from branchkit.messages import Actor, Event
from branchkit.procedures import Case
from branchkit.storage import DueRow, Transaction

if TYPE_CHECKING:
    from branchkit.kit.carry import Desk
    from branchkit.kit.kit import Kit

__all__ = ["SWEEPER", "Swept", "due_cases", "rearm_all", "sweep"]

SWEEPER = Actor("branchkit:sweeper", system=True)
"""Who sweeps, where nobody else is named."""
_PAGE = 500
_TOGETHER = 16
"""How many cases are swept in one commit: others wait no longer than that takes."""
_TRIES = 10
_ROUNDS = 100
"""How often what a rung does may bring the next one of the same case forward, in one sweep."""
_CASE = "case:"


@attrs.frozen(kw_only=True)
class Swept:
    """What came of sweeping one case."""

    case: str
    due: dt.datetime
    """When it was to be looked at."""
    reached: tuple[RungReached, ...] = ()
    """The rungs whose time had come; empty where somebody else was quicker, or the deadline had moved."""
    failed: BranchkitError | None = None
    """Why the case could not be looked at, as where its ladder is no longer there. It stays due, and holds no other
    one up."""


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
    """Sweep every case that is due by a moment, a few to a commit, and yield what came of each once it is committed.

    It costs what is due, not what is open. Two sweepers may run at once: what one has done the other finds done.

    Raises:
        NotPermitted: the actor has no right to sweep.
        StorageError: the store cannot go on; what was yielded is done.
    """
    kit.grants.demand(SweepCase("any", by=by, at=at))
    seen: set[str] = set()
    left = 0
    while True:
        limit = left + _PAGE
        with kit.store.transaction(write=False) as tx:
            rows = tx.due(at, limit=limit)
        fresh = [row for row in rows if row.key not in seen]
        if not fresh and len(rows) < limit:
            return
        # What a sweep leaves due stands in front, and is not looked at twice in one run.
        left = len(rows) - len(fresh)
        seen.update(row.key for row in fresh)
        cases = iter([row for row in fresh if row.key.startswith(_CASE)])
        while some := list(islice(cases, _TOGETHER)):
            yield from _sweep_some(kit, some, at, by)


def _sweep_some(kit: Kit, rows: list[DueRow], at: dt.datetime, by: Actor) -> list[Swept]:
    """Sweep some cases in one commit or, where anything comes between, one by one."""
    try:
        return _together(kit, rows, at, by)
    except Conflict:
        pass  # Somebody acted in one of the cases meanwhile.
    except StorageError:
        raise
    except BranchkitError:
        pass  # One of them cannot be looked at, and alone it is told which.
    return [_sweep_case(kit, row, at, by) for row in rows]


def _sweep_case(kit: Kit, row: DueRow, at: dt.datetime, by: Actor) -> Swept:
    try:
        for _ in range(_TRIES - 1):
            try:
                return _together(kit, [row], at, by)[0]
            except Conflict:
                continue  # Somebody acted in the case meanwhile; what is due now is another question.
        return _together(kit, [row], at, by)[0]
    except StorageError:
        raise
    except BranchkitError as error:
        return Swept(case=row.key.removeprefix(_CASE), due=row.at, failed=error)


def _together(kit: Kit, rows: list[DueRow], at: dt.datetime, by: Actor) -> list[Swept]:
    events: list[Event] = []
    swept: list[Swept] = []
    with kit.store.transaction() as tx, kit.desk(tx) as desk:
        for row in rows:
            name = row.key.removeprefix(_CASE)
            if tx.get("case", name) is None:
                tx.due_clear(row.key)
                swept.append(Swept(case=name, due=row.at))
                continue
            came = list(_climb(tx, desk, name, at, by))
            events += came
            reached = tuple(one for one in came if isinstance(one, RungReached) and one.case == name)
            swept.append(Swept(case=name, due=row.at, reached=reached))
    kit.rules.plugins.tell(events)
    return swept


def _climb(tx: Transaction, desk: Desk, name: str, at: dt.datetime, by: Actor) -> Iterator[Event]:
    """Let happen what is due, and what becomes due by it: a rung that raises the priority brings deadlines forward."""
    for _ in range(_ROUNDS):
        # What has been told since makes it another command: a calendar that is edited changes what is due.
        id = short(f"sweep:{tx.tip().seq}:{at.isoformat()}:{name}")
        events = desk.carry_out(Request.of(SweepCase(name, by=by, at=at, id=id))).events
        yield from events
        if not events:
            desk.rearm(name, at)
            return
        if all(isinstance(event, RungReached) for event in events):
            return


def rearm_all(kit: Kit) -> int:
    """Work out anew when each open case is to be looked at next, and say how many there are.

    Needed where no event tells that something has moved: after other ladders, calendars or plug-ins were installed.
    """
    after: str | None = None
    count = 0
    while True:
        with kit.store.transaction() as tx, kit.desk(tx) as desk:
            page = tx.find("case", {"status": "open"}, after=after, limit=_PAGE)
            for stored in page.items:
                case: Case = loaded(stored, where=kit.store.where)
                desk.rearm(case.id, case.latest)
        count += len(page.items)
        if page.next is None:
            return count
        after = page.next
