"""The cases of a branch at a moment, for a report: how many, what is late, what comes next, and a calendar of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, get_args
from zoneinfo import ZoneInfo

import attrs

from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.escalation import EscalationLadder
from branchkit.escalation.climbing import planned
from branchkit.estate import Branch
from branchkit.kit.feed import happened
from branchkit.kit.floors.around import frame_of, suspensions_of, watches
from branchkit.kit.floors.asking import look_of
from branchkit.kit.floors.cases import CaseEvent, ProcedureAdopted
from branchkit.kit.world import StoreWorld
from branchkit.procedures import Case, evolve
from branchkit.temporal import Clock, ClockReading, Counting, Due, TimeFrame, read_clock
from branchkit.values import Ref, Text

if TYPE_CHECKING:
    from branchkit.kit.wire import Upcaster
    from branchkit.storage import Transaction

__all__ = ["CaseDay", "Caseload", "LateClock", "NextRungDue", "ProcedureLoad", "gather_cases"]

_FOLDED = frozenset(kind.KIND for kind in get_args(CaseEvent) if kind is not ProcedureAdopted)
_WEEKS_BACK, _WEEKS_ON = 26, 4
_SHOWN = 50
_PAGE = 1000
_WEEK = dt.timedelta(days=7)
_DAY = dt.timedelta(days=1)


@attrs.frozen(kw_only=True)
class ProcedureLoad:
    """How many cases of one procedure there are."""

    procedure: str
    title: Text
    open: int
    closed: int
    """Closed or cancelled."""
    late: int
    """Open cases with a clock that is late now."""
    closed_late: int
    """Closed cases of which a clock was stopped late."""


@attrs.frozen(kw_only=True)
class LateClock:
    """A clock of an open case that has not been stopped and is late."""

    case: str
    procedure: str
    procedure_title: Text
    place: tuple[Ref, ...]
    priority: str | None
    clock: str
    clock_title: Text
    due: dt.datetime
    late: dt.timedelta
    """In the time that the clock counts in."""
    counting: Counting
    paused: bool
    because: tuple[str, ...] = ()
    """The ids of the suspensions that it is marked with: they fell into its time without pausing it."""


@attrs.frozen(kw_only=True)
class NextRungDue:
    """When a ladder has something to do next, if nothing happens before."""

    case: str
    procedure_title: Text
    clock_title: Text
    ladder: str
    rung: str | None
    """``None`` where the ladder is a policy in code."""
    at: dt.datetime


@attrs.frozen(kw_only=True)
class CaseDay:
    """What one day of the branch's calendar saw or will see."""

    day: dt.date
    opened: int
    due: int
    """How many clocks were or are due on it."""
    late: int
    """How many of those were missed."""


@attrs.frozen(kw_only=True)
class Caseload:
    """The cases of a branch at a moment; who did what in them is not in it."""

    procedures: tuple[ProcedureLoad, ...]
    late: tuple[LateClock, ...]
    """The one that is due for longest first; at most fifty."""
    late_clocks: int
    """How many there are in all."""
    unreadable: tuple[str, ...]
    """Open cases with a clock that cannot be read, as for want of a calendar."""
    next_rungs: tuple[NextRungDue, ...]
    """The earliest first; at most fifty."""
    first: dt.date
    """The Monday with which `days` begins."""
    last: dt.date
    """The Sunday with which it ends."""
    days: tuple[CaseDay, ...]
    """The days on which something was opened or due, in order."""


@attrs.frozen
class _Read:
    """One clock of one case, read."""

    case: Case
    clock: Clock
    title: Text
    reading: ClockReading


def gather_cases(
    tx: Transaction, world: StoreWorld, branch: Branch, at: dt.datetime, upcasters: Mapping[str, Upcaster], where: str
) -> Caseload | None:
    """Gather the cases of a branch as they were at a moment; ``None`` where it has had none by then."""
    cases = [_as_of(tx, case, at, upcasters, where) for case in world.found("case", {"branch": branch.id})
             if case.opened <= at]  # fmt: skip
    if not cases:
        return None
    titles = {key: world.procedure(*key) for key in {(case.procedure, case.version) for case in cases}}
    names = {key: procedure.title for key, procedure in titles.items()}
    clocks = {key: {spec.id: spec.title for _, spec in one.all_clocks()} for key, one in titles.items()}
    frames: dict[tuple[str | None, str | None], TimeFrame] = {}
    read: list[_Read] = []
    unreadable: dict[str, None] = {}
    for case in cases:
        cuts = suspensions_of(case, world)
        for clock in case.clocks:
            by = (clock.calendar, clock.line)
            if by not in frames:
                frames[by] = frame_of(branch, world, *by)
            try:
                reading = read_clock(clock, at, frames[by], suspensions=cuts)
            except (CalendarUnknown, ConfigError):
                if case.is_open and not clock.state.is_over:
                    unreadable[case.id] = None
                continue
            title = clocks[case.procedure, case.version].get(clock.id, Text(en=clock.id))
            read.append(_Read(case, clock, title, reading))
    late = sorted(_late(read, names), key=lambda one: (one.due, one.case, one.clock))
    first, last, days = _days(cases, read, at, branch)
    return Caseload(
        procedures=tuple(_loads(cases, read, names)),
        late=tuple(late[:_SHOWN]),
        late_clocks=len(late),
        unreadable=tuple(unreadable),
        next_rungs=tuple(sorted(_next(cases, world, at, names, clocks), key=lambda one: (one.at, one.case))[:_SHOWN]),
        first=first,
        last=last,
        days=days,
    )


def _as_of(tx: Transaction, case: Case, at: dt.datetime, upcasters: Mapping[str, Upcaster], where: str) -> Case:
    """Return a case as it was at a moment: as it is, or folded anew of what had happened by then."""
    if case.latest <= at:
        return case
    known: Case | None = None
    after = 0
    while True:
        entries = tx.read(stream=f"case:{case.id}", after=after, limit=_PAGE)
        for entry in entries:
            one = happened(tx, entry, upcasters, where)
            if one.at > at:
                continue
            if getattr(one.event, "case", None) == case.id and one.event.KIND in _FOLDED:
                known = evolve(known, one.event)
        if len(entries) < _PAGE:
            return known or case
        after = entries[-1].version


def _loads(
    cases: Iterable[Case], read: Collection[_Read], names: Mapping[tuple[str, str], Text]
) -> Iterator[ProcedureLoad]:
    late = {one.case.id for one in read if one.reading.is_breached and not _is_done(one)}
    stopped = {one.case.id for one in read if one.reading.is_breached}
    groups: dict[str, list[Case]] = {}
    for case in cases:
        groups.setdefault(case.procedure, []).append(case)
    for name, group in sorted(groups.items()):
        running = [case for case in group if case.is_open]
        newest = max(group, key=lambda case: (case.opened, case.version))
        yield ProcedureLoad(
            procedure=name,
            title=names[name, newest.version],
            open=len(running),
            closed=len(group) - len(running),
            late=sum(case.id in late for case in running),
            closed_late=sum(case.id in stopped for case in group if not case.is_open),
        )


def _is_done(one: _Read) -> bool:
    return one.reading.state.is_over or not one.case.is_open


def _late(read: Collection[_Read], names: Mapping[tuple[str, str], Text]) -> Iterator[LateClock]:
    for one in read:
        due, late = one.reading.due, one.reading.late
        if late is None or not isinstance(due, Due) or _is_done(one):
            continue
        yield LateClock(
            case=one.case.id,
            procedure=one.case.procedure,
            procedure_title=names[one.case.procedure, one.case.version],
            place=one.case.place,
            priority=one.case.priority,
            clock=one.clock.id,
            clock_title=one.title,
            due=due.at,
            late=late,
            counting=one.clock.counting,
            paused=one.reading.state.value == "paused",
            because=one.reading.because,
        )


def _next(
    cases: Iterable[Case],
    world: StoreWorld,
    at: dt.datetime,
    names: Mapping[tuple[str, str], Text],
    clocks: Mapping[tuple[str, str], Mapping[str, Text]],
) -> Iterator[NextRungDue]:
    for case in cases:
        if not case.is_open:
            continue
        key = (case.procedure, case.version)
        for policy, watched in watches(case, world, at):
            look = look_of(policy, watched, at)
            if look is None:
                continue
            rung = None
            if isinstance(policy, EscalationLadder):
                moments = [(one.free or one.at, one.rung) for one in planned(policy, watched) if one.at is not None]
                rung = min(moments, default=(look, None))[1]
            yield NextRungDue(
                case=case.id,
                procedure_title=names[key],
                clock_title=clocks[key].get(watched.watch.clock, Text(en=watched.watch.clock)),
                ladder=policy.id,
                rung=rung,
                at=look,
            )


def _days(
    cases: Iterable[Case], read: Iterable[_Read], at: dt.datetime, branch: Branch
) -> tuple[dt.date, dt.date, tuple[CaseDay, ...]]:
    """Count by the days of the branch's own zone, from some weeks before the moment to some weeks after it."""
    zone = ZoneInfo(branch.time_zone) if isinstance(branch.time_zone, str) else at.tzinfo
    today = at.astimezone(zone).date()
    monday = today - today.weekday() * _DAY
    first, last = monday - _WEEKS_BACK * _WEEK, monday + (_WEEKS_ON + 1) * _WEEK - _DAY
    opened, due, late = dict[dt.date, int](), dict[dt.date, int](), dict[dt.date, int]()
    for case in cases:
        day = case.opened.astimezone(zone).date()
        opened[day] = opened.get(day, 0) + 1
    for one in read:
        if not isinstance(one.reading.due, Due) or one.reading.state.value == "cancelled":
            continue
        day = one.reading.due.at.astimezone(zone).date()
        due[day] = due.get(day, 0) + 1
        late[day] = late.get(day, 0) + one.reading.is_breached
    days = sorted(day for day in {*opened, *due} if first <= day <= last)
    found = (CaseDay(day=day, opened=opened.get(day, 0), due=due.get(day, 0), late=late.get(day, 0)) for day in days)
    return first, last, tuple(found)
