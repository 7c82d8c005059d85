"""Which clocks of a case start, stop and count anew by a step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import attrs

from branchkit.checklists import RawFact
from branchkit.conditions import FactType
from branchkit.conditions.facts import coerce
from branchkit.errors import Refusal
from branchkit.procedures.case import NOTHING, Case
from branchkit.procedures.facts import CaseFacts
from branchkit.procedures.prepared import Prepared
from branchkit.temporal import Before, ByTarget, Clock, ClockSpec, NotConfigured, start_clock, stop_clock
from branchkit.values import FrozenMap

__all__ = ["after_step", "calendar_of", "ladders_of", "moved_anchors", "started", "stop_all"]


def started(
    prepared: Prepared,
    specs: Iterable[ClockSpec],
    at: dt.datetime,
    held: Mapping[str, RawFact],
    facts: CaseFacts,
    by: str,
) -> tuple[Clock, ...]:
    """Return the clocks that start."""
    anchors = _anchors(prepared, held) if prepared.anchored else None
    return tuple(
        [
            start_clock(
                spec,
                at,
                deadline=facts.targets.get(spec.deadline.output, _NOT_CONFIGURED)
                if isinstance(spec.deadline, ByTarget)
                else None,
                anchors=anchors,
                by=by,
            )
            for spec in specs
        ]
    )


_NOT_CONFIGURED = NotConfigured()


def after_step(
    prepared: Prepared,
    clocks: tuple[Clock, ...],
    settled: Iterable[str],
    opened: Iterable[str],
    closes: bool,
    at: dt.datetime,
    held: Mapping[str, RawFact],
    facts: CaseFacts,
    by: str,
    *,
    opening: bool = False,
) -> tuple[tuple[Clock, ...], tuple[Clock, ...]]:
    """Return the clocks that stop and those that start where stages are settled and opened, or the case is."""
    steps = prepared.steps
    if closes:
        stopped = stop_all(clocks, at, by)
    else:
        ending = [name for stage in settled for name in steps[stage].stops]
        stopped = _stopped(clocks, ending, at, by) if ending else ()
    starting = [spec for stage in opened for spec in steps[stage].starts]
    if opening:
        starting += prepared.starts
    return stopped, started(prepared, starting, at, held, facts, by) if starting else ()


def stop_all(clocks: tuple[Clock, ...], at: dt.datetime, by: str) -> tuple[Clock, ...]:
    """Return every clock that is not over yet, stopped."""
    return tuple([stop_clock(clock, at, by=by) for clock in clocks if not clock.state.is_over])


def _stopped(clocks: tuple[Clock, ...], names: list[str], at: dt.datetime, by: str) -> tuple[Clock, ...]:
    return tuple([stop_clock(clock, at, by=by) for clock in clocks if clock.id in names and not clock.state.is_over])


def ladders_of(
    prepared: Prepared, clocks: Iterable[Clock], facts: CaseFacts, refusals: list[Refusal]
) -> FrozenMap[str]:
    """Return the ladder with its version that guards each clock that starts."""
    assigned = prepared.procedure.ladders
    if not assigned:
        return NOTHING
    found: dict[str, str] = {}
    for clock in clocks:
        name = assigned.get(clock.id)
        if name is None:
            continue
        ladder = facts.ladders.get(name)
        if ladder is None:
            refusals.append(Refusal("unknown_ladder", f"the ladder {name!r} of the clock {clock.id!r} is not there"))
        else:
            found[clock.id] = f"{name}@{ladder.version}"
    return FrozenMap(found) if found else NOTHING


def moved_anchors(prepared: Prepared, case: Case, changes: Mapping[str, RawFact]) -> tuple[Clock, ...]:
    """Return the clocks that count back from a fact that changes."""
    if prepared.anchored.isdisjoint(changes):
        return ()
    anchors = FrozenMap(_anchors(prepared, {**case.facts, **changes}))
    return tuple(
        attrs.evolve(clock, anchors=anchors)
        for clock in case.clocks
        if not clock.state.is_over and isinstance(clock.deadline, Before) and clock.deadline.anchor in changes
    )


def calendar_of(facts: CaseFacts) -> str | None:
    """Return the calendar by which the branch's clocks count, with its version."""
    frame = facts.frame
    calendar = None if frame is None else frame.calendar
    return None if calendar is None else f"{calendar.id}@{calendar.version}"


def _anchors(prepared: Prepared, held: Mapping[str, RawFact]) -> dict[str, dt.datetime]:
    return dict(_moments(prepared, held))


def _moments(prepared: Prepared, held: Mapping[str, RawFact]) -> Iterator[tuple[str, dt.datetime]]:
    for name in prepared.anchored:
        raw = held.get(name)
        value = coerce(raw, FactType.MOMENT) if isinstance(raw, str) else None
        if isinstance(value, dt.datetime):
            yield name, value
