"""Which clocks of a case start, stop and count anew by a step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import cast

import attrs

from branchkit.checklists import RawFact
from branchkit.conditions import FactType
from branchkit.conditions.facts import coerce
from branchkit.errors import Refusal
from branchkit.procedures.case import NOTHING, Case
from branchkit.procedures.facts import CaseFacts
from branchkit.procedures.graph import onward_edges, reached_from
from branchkit.procedures.making import loose
from branchkit.procedures.prepared import Prepared
from branchkit.temporal import (
    Before,
    Bound,
    ByTarget,
    Clock,
    ClockSpec,
    ClockState,
    NotConfigured,
    reopen_clock,
    retarget_clock,
    stop_clock,
)
from branchkit.values import FrozenMap

__all__ = [
    "calendar_of",
    "ladders_of",
    "latest",
    "moved_anchors",
    "reopened",
    "retargeted",
    "start",
    "started",
    "stop",
    "stop_all",
    "stopped",
    "told_anew",
]

_NOT_CONFIGURED = NotConfigured()
_RUNNING, _STOPPED = ClockState.RUNNING, ClockState.STOPPED
_LooseClock, _LooseBound = loose(Clock), loose(Bound)
_ZERO = dt.timedelta()
_STAGE = "stage:"
_CLOSED = "closed"
"""Why a clock was paused while its case was closed."""


def started(
    prepared: Prepared,
    specs: Iterable[ClockSpec],
    at: dt.datetime,
    held: Mapping[str, RawFact],
    facts: CaseFacts,
    by: str,
) -> tuple[Clock, ...]:
    """Return the clocks that start; as `branchkit.temporal.start_clock` does, which a test holds."""
    anchors = FrozenMap(dict(_anchors(prepared, held))) if prepared.anchored else NOTHING
    return tuple([start(spec, facts, anchors, at, by) for spec in specs])


def stopped(clocks: tuple[Clock, ...], names: Collection[str], at: dt.datetime, by: str) -> tuple[Clock, ...]:
    """Return those of some clocks that are not over yet, stopped."""
    return tuple([stop(clock, at, by) for clock in clocks if clock.id in names and not _is_over(clock)])


def stop_all(clocks: tuple[Clock, ...], at: dt.datetime, by: str) -> tuple[Clock, ...]:
    """Return every clock that is not over yet, stopped."""
    return tuple([stop(clock, at, by) for clock in clocks if not _is_over(clock)])


def _is_over(clock: Clock) -> bool:
    return clock.state is not _RUNNING and clock.state.is_over


def start(spec: ClockSpec, facts: CaseFacts, anchors: FrozenMap[dt.datetime], at: dt.datetime, by: str) -> Clock:
    """Start a clock as `branchkit.temporal.start_clock` does, with the deadline that the targets give."""
    deadline = spec.deadline
    if isinstance(deadline, ByTarget):
        deadline = facts.targets.get(deadline.output, _NOT_CONFIGURED)
    bound = _LooseBound()
    bound.deadline = deadline
    bound.counting = spec.counting
    bound.since = at
    bound.carried = _ZERO
    bound.__class__ = Bound
    clock = _LooseClock()
    clock.id = spec.id
    clock.bound = bound
    clock.caps = ()
    clock.started = clock.latest = at
    clock.state = _RUNNING
    clock.pauses = ()
    clock.stopped = None
    clock.reason = None
    clock.by = by
    clock.calendar = spec.calendar
    clock.line = spec.line
    clock.pauses_on = spec.pauses_on
    clock.statutory = spec.statutory
    clock.anchors = anchors
    clock.__class__ = Clock
    return cast("Clock", clock)


def stop(clock: Clock, at: dt.datetime, by: str) -> Clock:
    """Stop a clock as `branchkit.temporal.stop_clock` does, which a test holds; most have never been paused."""
    if clock.pauses or at <= clock.latest:
        return stop_clock(clock, at, by=by)
    over = _LooseClock()
    over.id = clock.id
    over.bound = clock.bound
    over.caps = clock.caps
    over.started = clock.started
    over.latest = over.stopped = at
    over.state = _STOPPED
    over.pauses = ()
    over.reason = None
    over.by = by
    over.calendar = clock.calendar
    over.line = clock.line
    over.pauses_on = clock.pauses_on
    over.statutory = clock.statutory
    over.anchors = clock.anchors
    over.__class__ = Clock
    return cast("Clock", over)


def ladders_of(
    prepared: Prepared, clocks: Iterable[Clock], facts: CaseFacts, refusals: list[Refusal]
) -> FrozenMap[str]:
    """Return the ladder with its version that guards each clock that starts."""
    assigned = prepared.ladders
    if not assigned:
        return NOTHING
    found: dict[str, str] = {}
    for clock in clocks:
        name = assigned.get(clock.id)
        if name is None:
            continue
        ladder = facts.ladders.get(name)
        if ladder is None:
            reason = f"the ladder {name!r} of the clock {clock.id!r} is not there"
            refusals.append(Refusal("unknown_ladder", reason, zh=f"计时{clock.id}的升级阶梯{name}缺失"))
        else:
            found[clock.id] = f"{name}@{ladder.version}"
    return FrozenMap(found) if found else NOTHING


def latest(before: tuple[Clock, ...], after: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """Return some clocks, with what became of them later in the place of what they were."""
    ids = {clock.id for clock in after}
    return (*(clock for clock in before if clock.id not in ids), *after)


def told_anew(
    prepared: Prepared, case: Case, changes: Mapping[str, RawFact], facts: CaseFacts, at: dt.datetime, by: str
) -> tuple[Clock, ...]:
    """Return the clocks to which facts that change give another deadline: by an anchor, or by the table of targets.

    What has been used up stays used up, and what was promised before the priority rose still binds.
    """
    moved = moved_anchors(prepared, case, changes)
    if all(case.facts.get(name) == changes[name] for name in facts.target_facts.intersection(changes)):
        return moved
    aimed = retargeted(prepared, case, facts, at, by, raised=False)
    before = {clock.id: clock.caps for clock in case.clocks}
    return (*moved, *(attrs.evolve(clock, caps=before[clock.id]) for clock in aimed))


def retargeted(
    prepared: Prepared, case: Case, facts: CaseFacts, at: dt.datetime, by: str, *, raised: bool
) -> tuple[Clock, ...]:
    """Return the clocks for which the table of targets says something else than they promise."""
    clocks: list[Clock] = []
    for clock in case.clocks:
        # A clock of an earlier version, which this one no longer has, was stopped when the case was migrated.
        spec = prepared.clocks.get(clock.id)
        if spec is not None and isinstance(spec.deadline, ByTarget) and not _is_over(clock):
            deadline = facts.targets.get(spec.deadline.output, _NOT_CONFIGURED)
            if deadline != clock.deadline:
                clocks.append(retarget_clock(clock, deadline, at, raised=raised, by=by))
    return tuple(clocks)


def moved_anchors(prepared: Prepared, case: Case, changes: Mapping[str, RawFact]) -> tuple[Clock, ...]:
    """Return the clocks that count back from a fact that changes."""
    if prepared.anchored.isdisjoint(changes):
        return ()
    anchors = FrozenMap(dict(_anchors(prepared, {**case.facts, **changes})))
    return tuple(
        attrs.evolve(clock, anchors=anchors)
        for clock in case.clocks
        if not _is_over(clock) and isinstance(clock.deadline, Before) and clock.deadline.anchor in changes
    )


def reopened(prepared: Prepared, case: Case, to: Iterable[str], at: dt.datetime, by: str) -> tuple[Clock, ...]:
    """Return the clocks of the case as a whole that run again where it is opened again at some stages.

    A clock runs again unless a stage that stops it is settled and stays so, or one that starts it lies ahead; while
    the case was closed it was paused.
    """
    ahead = reached_from(onward_edges(prepared.procedure), to)
    own = {spec.id: spec for spec in prepared.procedure.clocks}
    found: list[Clock] = []
    for clock in case.clocks:
        spec = own.get(clock.id)
        if spec is None or clock.state is not _STOPPED or spec.starts.removeprefix(_STAGE) in ahead:
            continue
        stops = [stop.removeprefix(_STAGE) for stop in spec.stops if stop.startswith(_STAGE)]
        behind = (case.stages.get(name) for name in stops if name not in ahead)
        if not any(state is not None and not state.status.is_active for state in behind):
            found.append(reopen_clock(clock, at, reason=_CLOSED, by=by))
    return tuple(found)


def calendar_of(facts: CaseFacts) -> str | None:
    """Return the calendar by which the branch's clocks count, with its version."""
    frame = facts.frame
    calendar = None if frame is None else frame.calendar
    return None if calendar is None else f"{calendar.id}@{calendar.version}"


def _anchors(prepared: Prepared, held: Mapping[str, RawFact]) -> Iterator[tuple[str, dt.datetime]]:
    for name in prepared.anchored:
        raw = held.get(name)
        value = coerce(raw, FactType.MOMENT) if isinstance(raw, str) else None
        if isinstance(value, dt.datetime):
            yield name, value
