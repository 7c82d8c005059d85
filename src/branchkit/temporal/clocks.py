"""Clocks: a deadline, when it started, and when it was paused. All else is derived when somebody reads it.

What is told of a clock can only lengthen its story: a moment before the last one told counts as that last one, so a
command that comes late changes nothing that was decided.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping

import attrs

from branchkit.errors import InputError, Problem, Refused
from branchkit.temporal.deadlines import Deadline
from branchkit.temporal.frames import Counting
from branchkit.temporal.targets import ByTarget, ClockSpec
from branchkit.temporal.zones import utc
from branchkit.values import FrozenMap

__all__ = [
    "Bound",
    "Clock",
    "ClockState",
    "Pause",
    "cancel_clock",
    "pause_clock",
    "reopen_clock",
    "reset_clock",
    "resume_clock",
    "retarget_clock",
    "start_clock",
    "stop_clock",
]

_ZERO = dt.timedelta()


class ClockState(enum.Enum):
    """Whether a clock's time passes."""

    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether the clock has come to its end."""
        return self in {ClockState.STOPPED, ClockState.CANCELLED}


@attrs.frozen(kw_only=True)
class Pause:
    """A stretch in which a clock's time does not pass, for a reason."""

    since: dt.datetime
    until: dt.datetime | None = None
    """``None`` while it lasts."""
    reason: str
    """A code, as in ``waiting_for_customer``."""
    by: str | None = None
    """Who paused it."""


@attrs.frozen(kw_only=True, weakref_slot=False)
class Bound:
    """A deadline and from when it counts."""

    deadline: Deadline
    counting: Counting
    since: dt.datetime
    carried: dt.timedelta = _ZERO
    """Time that had been used up before, in what an earlier deadline counted in; taken off an `After` with a time."""


@attrs.frozen(weakref_slot=False)
class Clock:
    """One clock of a case: what it promises, and what has happened to it.

    Two clocks of a case may count different time by different calendars; each is read by its own `TimeFrame`.

    >>> from branchkit.temporal.deadlines import After
    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> hour = Bound(deadline=After(time=dt.timedelta(hours=1)), counting=Counting.ELAPSED, since=nine)
    >>> clock = Clock("response", bound=hour, started=nine, latest=nine)
    >>> clock.state.value, clock.deadline == hour.deadline
    ('running', True)
    """

    id: str
    bound: Bound = attrs.field(kw_only=True)
    """What it promises now."""
    caps: tuple[Bound, ...] = attrs.field(default=(), kw_only=True)
    """What it promised before its priority was raised; the earliest of all is due."""
    started: dt.datetime = attrs.field(kw_only=True)
    """When it started, or was reset."""
    latest: dt.datetime = attrs.field(kw_only=True)
    """The moment of the last thing told of it; nothing told later counts from before."""
    state: ClockState = attrs.field(default=ClockState.RUNNING, kw_only=True)
    pauses: tuple[Pause, ...] = attrs.field(default=(), kw_only=True)
    """In order, without overlap; only the last one may last."""
    stopped: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When it was stopped or cancelled."""
    reason: str | None = attrs.field(default=None, kw_only=True)
    """The code of why it was last changed."""
    by: str | None = attrs.field(default=None, kw_only=True)
    """Who changed it last."""
    calendar: str | None = attrs.field(default=None, kw_only=True)
    """The key of the calendar that it counts by; ``None`` for the branch's own."""
    line: str | None = attrs.field(default=None, kw_only=True)
    """The business line whose hours it counts; ``None`` for those of the branch."""
    pauses_on: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The reasons for which it may be paused."""
    statutory: bool = attrs.field(default=False, kw_only=True)
    """Set by law: a suspension pauses it only where it names this very clock."""
    anchors: FrozenMap[dt.datetime] = attrs.field(default=FrozenMap(), kw_only=True)
    """The moments that a `Before` may refer to, by name."""

    @property
    def deadline(self) -> Deadline:
        """By when, as data."""
        return self.bound.deadline

    @property
    def counting(self) -> Counting:
        """Which time counts."""
        return self.bound.counting

    def paused_at(self, at: dt.datetime) -> bool:
        """Say whether a moment lies in one of its own pauses; the moment it is resumed no longer does."""
        moment = utc(at)
        return any(utc(one.since) <= moment and (one.until is None or moment < utc(one.until)) for one in self.pauses)


def start_clock(
    spec: ClockSpec,
    at: dt.datetime,
    *,
    deadline: Deadline | None = None,
    anchors: Mapping[str, dt.datetime] | None = None,
    by: str | None = None,
    reason: str | None = None,
) -> Clock:
    """Return a clock that starts.

    Args:
        spec: the clock as a procedure declares it.
        at: when it starts.
        deadline: what the procedure's targets say, for a spec whose deadline is a `ByTarget`; else none.
        anchors: the moments that a `Before` may refer to.
        by: who or what started it.
        reason: the code of why.

    Raises:
        InputError: the moment has no zone, or the deadline is given twice, or not at all.
    """
    utc(at)
    chosen = spec.deadline if deadline is None else deadline
    if isinstance(chosen, ByTarget):
        raise InputError("deadline", (Problem("$", "Expected the deadline that the targets give"),))
    if deadline is not None and not isinstance(spec.deadline, ByTarget):
        raise InputError("deadline", (Problem("$", f"Expected none: the clock {spec.id!r} has one of its own"),))
    return Clock(
        spec.id,
        bound=Bound(deadline=chosen, counting=spec.counting, since=at),
        started=at,
        latest=at,
        calendar=spec.calendar,
        line=spec.line,
        pauses_on=spec.pauses_on,
        statutory=spec.statutory,
        anchors=FrozenMap(anchors),
        by=by,
        reason=reason,
    )


def pause_clock(clock: Clock, at: dt.datetime, *, reason: str, by: str | None = None) -> Clock:
    """Return the clock, paused; raises `Refused` where it does not run or may not be paused for this reason."""
    problems = _unless_open(clock)
    if clock.state is ClockState.PAUSED:
        problems.append(f"the clock {clock.id!r} is paused already")
    if reason not in clock.pauses_on:
        known = ", ".join(clock.pauses_on) or "none"
        problems.append(f"the clock {clock.id!r} is not paused for {reason!r}; reasons are: {known}")
    _refuse("PauseClock", problems)
    moment = _not_before(clock, at)
    pause = Pause(since=moment, reason=reason, by=by)
    changed = attrs.evolve(clock, pauses=(*clock.pauses, pause), state=ClockState.PAUSED)
    return _told(changed, moment, reason, by)


def resume_clock(clock: Clock, at: dt.datetime, *, reason: str | None = None, by: str | None = None) -> Clock:
    """Return the clock, running again; raises `Refused` where it is not paused."""
    problems = _unless_open(clock)
    if clock.state is ClockState.RUNNING:
        problems.append(f"the clock {clock.id!r} is not paused")
    _refuse("ResumeClock", problems)
    moment = _not_before(clock, at)
    changed = attrs.evolve(clock, pauses=_ended(clock, moment), state=ClockState.RUNNING)
    return _told(changed, moment, reason, by)


def stop_clock(clock: Clock, at: dt.datetime, *, reason: str | None = None, by: str | None = None) -> Clock:
    """Return the clock, stopped: what it waited for is done. A paused one need not be resumed first.

    Raises:
        Refused: it is stopped or cancelled already.
    """
    return _over(clock, "StopClock", ClockState.STOPPED, at, reason, by)


def cancel_clock(clock: Clock, at: dt.datetime, *, reason: str, by: str | None = None) -> Clock:
    """Return the clock, cancelled: what it waited for is no longer wanted, so it is never late.

    Raises:
        Refused: it is stopped or cancelled already.
    """
    return _over(clock, "CancelClock", ClockState.CANCELLED, at, reason, by)


def reset_clock(clock: Clock, at: dt.datetime, *, reason: str, by: str | None = None) -> Clock:
    """Return the clock, started anew with its present deadline: nothing used up, no pauses, no earlier promises.

    A stopped clock may be reset, as when a closed case is opened again.

    Raises:
        Refused: it is cancelled.
    """
    _refuse("ResetClock", _unless_open(clock) if clock.state is ClockState.CANCELLED else [])
    moment = _not_before(clock, at)
    bound = attrs.evolve(clock.bound, since=moment, carried=_ZERO)
    changed = attrs.evolve(
        clock, bound=bound, caps=(), started=moment, state=ClockState.RUNNING, pauses=(), stopped=None
    )
    return _told(changed, moment, reason, by)


def reopen_clock(clock: Clock, at: dt.datetime, *, reason: str, by: str | None = None) -> Clock:
    """Return a stopped clock, running again: what was used up stays used up, and while it stood it was paused.

    Raises:
        Refused: it is not stopped.
    """
    if clock.state is not ClockState.STOPPED or clock.stopped is None:
        _refuse("ReopenClock", [f"the clock {clock.id!r} is {clock.state.value}"])
    moment = _not_before(clock, at)
    pauses = clock.pauses
    if clock.stopped is not None and utc(clock.stopped) < utc(moment):
        pauses = (*pauses, Pause(since=clock.stopped, until=moment, reason=reason, by=by))
    changed = attrs.evolve(clock, pauses=pauses, stopped=None, state=ClockState.RUNNING)
    return _told(changed, moment, reason, by)


def retarget_clock(
    clock: Clock,
    deadline: Deadline,
    at: dt.datetime,
    *,
    raised: bool,
    counting: Counting | None = None,
    elapsed: dt.timedelta | None = None,
    reason: str | None = None,
    by: str | None = None,
) -> Clock:
    """Return the clock with another deadline, as a new priority wants it; what has been used up stays used up.

    Args:
        clock: the clock.
        deadline: the new deadline; it counts from where the old one did.
        at: when it changes.
        raised: whether the priority rose. Then the old deadline still binds, so that it is never due later.
        counting: which time the new deadline counts, where that changes.
        elapsed: what has been used up so far, as `read_clock` says; needed where `counting` changes.
        reason: the code of why.
        by: who.

    Raises:
        InputError: what counts changes, and what has been used up is not told.
        Refused: the clock is stopped or cancelled.
    """
    _refuse("RetargetClock", _unless_open(clock))
    moment = _not_before(clock, at)
    bound = attrs.evolve(clock.bound, deadline=deadline)
    if counting not in (None, clock.counting):
        if elapsed is None:
            what = "Expected the time used up so far, since what counts changes"
            raise InputError("elapsed", (Problem("$", what),))
        bound = Bound(deadline=deadline, counting=counting, since=moment, carried=elapsed)
    caps = tuple(dict.fromkeys((*clock.caps, clock.bound))) if raised else ()
    return _told(attrs.evolve(clock, bound=bound, caps=caps), moment, reason, by)


def _over(clock: Clock, command: str, state: ClockState, at: dt.datetime, reason: str | None, by: str | None) -> Clock:
    _refuse(command, _unless_open(clock))
    moment = _not_before(clock, at)
    changed = attrs.evolve(clock, pauses=_ended(clock, moment), stopped=moment, state=state)
    return _told(changed, moment, reason, by)


def _ended(clock: Clock, at: dt.datetime) -> tuple[Pause, ...]:
    return tuple(attrs.evolve(one, until=at) if one.until is None else one for one in clock.pauses)


def _unless_open(clock: Clock) -> list[str]:
    return [f"the clock {clock.id!r} is {clock.state.value}"] if clock.state.is_over else []


def _refuse(command: str, problems: list[str]) -> None:
    if problems:
        raise Refused(command, tuple(problems))


def _not_before(clock: Clock, at: dt.datetime) -> dt.datetime:
    """Return the moment, or the last one told where it lies before that."""
    return at if utc(at) > utc(clock.latest) else clock.latest


def _told(clock: Clock, at: dt.datetime, reason: str | None, by: str | None) -> Clock:
    return attrs.evolve(clock, latest=at, reason=reason, by=by)
