"""What a clock says at a moment: derived from its story whenever somebody looks, and never stored."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from branchkit.errors import CalendarUnknown
from branchkit.temporal.clocks import Clock, ClockState
from branchkit.temporal.cycles import NotConfigured
from branchkit.temporal.deadlines import Due, due
from branchkit.temporal.frames import Counting, TimeFrame
from branchkit.temporal.suspensions import Suspension, spans_of
from branchkit.temporal.worktime import Span
from branchkit.temporal.zones import utc
from branchkit.values import Unknown

__all__ = ["ClockReading", "Reprojection", "read_clock", "reproject"]

_ZERO = dt.timedelta()


@attrs.frozen(kw_only=True)
class ClockReading:
    """A clock at a moment. All durations are in the time that the clock counts in."""

    state: ClockState
    """As of that moment; a suspension that stops the clock counts as a pause."""
    elapsed: dt.timedelta
    """What has been used up."""
    remaining: dt.timedelta | None
    """What is left; zero once it is late, ``None`` where no deadline is known or the clock is cancelled."""
    due: Due | NotConfigured | Unknown
    """By when; of a paused clock, as if it were resumed at that moment."""
    late: dt.timedelta | None
    """How late it is, or was when it was stopped; ``None`` where it is not. It is zero where the deadline has passed
    but no time has counted since."""
    paused_for: dt.timedelta
    """What would have been used up without pauses and suspensions."""
    because: tuple[str, ...] = ()
    """The ids of the suspensions that fell into its time without pausing it, in order: it is marked as hindered by
    them, and nothing more."""

    @property
    def is_breached(self) -> bool:
        """Whether the deadline has passed: at its very moment it has not."""
        return self.late is not None


@attrs.frozen(kw_only=True)
class Reprojection:
    """What another calendar or other hours do to one deadline."""

    clock: str
    old: Due | NotConfigured | Unknown
    new: Due | NotConfigured | Unknown


def read_clock(
    clock: Clock, at: dt.datetime, frame: TimeFrame, *, suspensions: Iterable[Suspension] = ()
) -> ClockReading:
    """Say what a clock shows at a moment, by what is known of it now.

    Args:
        clock: the clock.
        at: the moment.
        frame: the clock, hours and calendar that it counts by; the hours are those without suspensions.
        suspensions: those that concern the place of the case, in any order, overlapping or not. While service is
            suspended no business time passes, on whatever clock but a statutory one; other time is paused on the
            clocks that the suspension names.

    Raises:
        CalendarUnknown: A day that has to be known lies outside what the calendar has confirmed.
        ConfigError: Hours or a calendar are needed and missing.
        InputError: The moment has no zone.

    >>> from zoneinfo import ZoneInfo
    >>> from branchkit.temporal import After, Bound
    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> hour = Bound(deadline=After(time=dt.timedelta(hours=1)), counting=Counting.ELAPSED, since=nine)
    >>> clock = Clock("response", bound=hour, started=nine, latest=nine)
    >>> reading = read_clock(clock, nine + dt.timedelta(minutes=90), TimeFrame(zone=ZoneInfo("UTC")))
    >>> str(reading.late), reading.is_breached
    ('0:30:00', True)
    """
    stopped = clock.stopped is not None and utc(clock.stopped) <= utc(at)
    end = max(utc(clock.stopped or at) if stopped else utc(at), utc(clock.started))
    given = tuple(suspensions)
    suspended = concerned(clock, given)
    pauses = pauses_of(clock, end, suspended)
    since, counting = clock.bound.since, clock.counting
    whole = frame.between(counting, since, end)
    counted = frame.between(counting, since, end, pauses)
    found = due_of(clock, frame, end, given)
    remaining = late = None
    state = clock.state if stopped else ClockState.RUNNING
    if not stopped and (clock.paused_at(end) or any(one.is_on(end) for one in suspended)):
        state = ClockState.PAUSED
    if isinstance(found, Due) and state is not ClockState.CANCELLED:
        remaining = frame.between(counting, end, found.at, pauses)
        if end > found.at:
            late = frame.between(counting, found.at, end, pauses)
    return ClockReading(
        state=state,
        elapsed=clock.bound.carried + counted,
        remaining=remaining,
        due=found,
        late=late,
        paused_for=whole - counted,
        because=_hindering(clock, end, given, suspended),
    )


def _hindering(
    clock: Clock, end: dt.datetime, suspensions: tuple[Suspension, ...], pausing: tuple[Suspension, ...]
) -> tuple[str, ...]:
    """Return the ids of the suspensions that fell into a clock's time and do not pause it."""
    began = utc(clock.started)
    names = {
        one.id
        for one in suspensions
        if one not in pausing and utc(one.since) <= end and (one.until is None or utc(one.until) > began)
    }
    return tuple(sorted(names))


def reproject(
    clocks: Iterable[Clock],
    at: dt.datetime,
    before: TimeFrame,
    after: TimeFrame,
    *,
    suspensions: Iterable[Suspension] = (),
) -> tuple[Reprojection, ...]:
    """Say which deadlines an edited calendar, or edited hours, move: those of open clocks, in the order given.

    A deadline beyond what a calendar has confirmed is `Unknown`, so the next year's notice shows here too.

    Args:
        clocks: clocks that count by this frame.
        at: the moment at which they are looked at.
        before: the frame as it was.
        after: the frame as it is.
        suspensions: those that concern the place.
    """
    chosen = tuple(suspensions)
    found: list[Reprojection] = []
    for clock in clocks:
        if clock.state.is_over:
            continue
        end = max(utc(at), utc(clock.started))
        old, new = _projected(clock, before, end, chosen), _projected(clock, after, end, chosen)
        if old != new:
            found.append(Reprojection(clock=clock.id, old=old, new=new))
    return tuple(found)


def _projected(
    clock: Clock, frame: TimeFrame, end: dt.datetime, suspensions: tuple[Suspension, ...]
) -> Due | NotConfigured | Unknown:
    try:
        return due_of(clock, frame, end, suspensions)
    except CalendarUnknown as error:
        return Unknown(str(error))


def concerned(
    clock: Clock, suspensions: Iterable[Suspension], counting: Counting | None = None
) -> tuple[Suspension, ...]:
    """Return the suspensions under which the clock's time does not pass, counted as it is now or in another way."""
    if (counting or clock.counting) is Counting.BUSINESS and not clock.statutory:
        return tuple(one for one in suspensions if not one.serves)
    return tuple(one for one in suspensions if one.stops(clock.id, statutory=clock.statutory))


def pauses_of(clock: Clock, end: dt.datetime, suspensions: tuple[Suspension, ...]) -> tuple[Span, ...]:
    """Return when the clock's time does not pass; what still lasts, lasts till the end looked at."""
    own = ((utc(one.since), end if one.until is None else utc(one.until)) for one in clock.pauses)
    return (*own, *spans_of(suspensions, end))


def due_of(
    clock: Clock, frame: TimeFrame, end: dt.datetime, suspensions: tuple[Suspension, ...]
) -> Due | NotConfigured | Unknown:
    """Return the earliest of what it promises and, where its priority was raised, what it promised before.

    What lasts, lasts till the end looked at. Each promise heeds the suspensions that stop the time it counts.
    """
    found = [
        due(
            bound.deadline,
            bound.since,
            bound.counting,
            frame,
            pauses=pauses_of(clock, end, concerned(clock, suspensions, bound.counting)),
            anchors=clock.anchors,
            used=bound.carried,
        )
        for bound in (clock.bound, *clock.caps)
    ]
    known = [one for one in found if isinstance(one, Due)]
    return min(known, key=lambda one: one.at) if known else found[0]
