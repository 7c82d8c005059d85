"""When things come about on a clock: its deadline, a share of its budget, so long before or after it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from functools import cached_property

import attrs

from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.temporal.clocks import Clock
from branchkit.temporal.deadlines import After, Due
from branchkit.temporal.frames import TimeFrame
from branchkit.temporal.reading import concerned, due_of, pauses_of
from branchkit.temporal.suspensions import Suspension
from branchkit.temporal.worktime import Span
from branchkit.temporal.zones import local, utc

__all__ = ["ClockTimeline"]

_ZERO = dt.timedelta()


@attrs.frozen(kw_only=True)
class ClockTimeline:
    """A clock, looked at from one moment: what has come about, and what will if nothing happens.

    What comes after a pause that still lasts cannot be told and is ``None``, as is all of a clock without a deadline,
    or of one whose calendar or hours do not tell it.

    >>> from zoneinfo import ZoneInfo
    >>> from branchkit.temporal import After, Bound, Counting
    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> hour = Bound(deadline=After(time=dt.timedelta(hours=1)), counting=Counting.ELAPSED, since=nine)
    >>> clock = Clock("reply", bound=hour, started=nine, latest=nine)
    >>> line = ClockTimeline(clock=clock, at=nine, frame=TimeFrame(zone=ZoneInfo("UTC")))
    >>> f"{line.at_share(Decimal('0.5')):%H:%M}", f"{line.beside_due(dt.timedelta(minutes=5), own_time=True):%H:%M}"
    ('09:30', '10:05')
    """

    clock: Clock
    at: dt.datetime
    """From when it is looked at: what lasts now is not taken to end."""
    frame: TimeFrame
    suspensions: tuple[Suspension, ...] = ()

    @property
    def started(self) -> dt.datetime:
        """When the clock was started."""
        return self.clock.started

    @property
    def stopped(self) -> dt.datetime | None:
        """When it was stopped or cancelled."""
        return self.clock.stopped

    @cached_property
    def due(self) -> dt.datetime | None:
        """The deadline, as far as it can be told."""
        if self._due is None or self._told(self._due) is not None:
            return self._due
        # A moment with a name of its own stays where it is, however long the pause lasts.
        named = (one for one in (self.clock.bound, *self.clock.caps) if not isinstance(one.deadline, After))
        alone = (attrs.evolve(self.clock, bound=one, caps=()) for one in named)
        return self._due if self._due in map(self._due_of, alone) else None

    def at_share(self, share: Decimal) -> dt.datetime | None:
        """Return when a share of the budget has passed, in the clock's own time; never before the start."""
        if self._budget is None:
            return None
        micros = int(self._budget / dt.timedelta(microseconds=1))
        return self._own(dt.timedelta(microseconds=int(micros * share)))

    def beside_due(self, by: dt.timedelta, *, own_time: bool) -> dt.datetime | None:
        """Return the moment so long after the deadline, or before it where `by` is negative.

        In the clock's own time such a moment is never before the start.
        """
        if self._due is None or self._budget is None:
            return None
        if not own_time:
            return None if self.due is None else local(utc(self.due) + by, self.frame.zone)
        if by < _ZERO:
            return self._own(self._budget + by)
        try:
            return self._told(self.frame.add(self.clock.counting, self._due, by, self._pauses))
        except (CalendarUnknown, ConfigError):
            return None

    def _own(self, used: dt.timedelta) -> dt.datetime | None:
        """Return when so much of the clock's own time has been used up."""
        bound = self.clock.bound
        left = max(_ZERO, used - bound.carried)
        try:
            return self._told(self.frame.add(bound.counting, bound.since, left, self._pauses))
        except (CalendarUnknown, ConfigError):
            return None

    def _told(self, moment: dt.datetime) -> dt.datetime | None:
        return None if self._lasting is not None and moment > self._lasting else moment

    @cached_property
    def _due(self) -> dt.datetime | None:
        return self._due_of(self.clock)

    def _due_of(self, clock: Clock) -> dt.datetime | None:
        try:
            found = due_of(clock, self.frame, self._end, self.suspensions)
        except (CalendarUnknown, ConfigError):
            return None
        return found.at if isinstance(found, Due) else None

    @cached_property
    def _budget(self) -> dt.timedelta | None:
        """What may be used up by the deadline, in the clock's own time."""
        if self._due is None:
            return None
        bound = self.clock.bound
        return bound.carried + self.frame.between(bound.counting, bound.since, self._due, self._pauses)

    @cached_property
    def _end(self) -> dt.datetime:
        return max(utc(self.at), utc(self.clock.started))

    @cached_property
    def _pauses(self) -> tuple[Span, ...]:
        return pauses_of(self.clock, self._end, concerned(self.clock, self.suspensions))

    @cached_property
    def _lasting(self) -> dt.datetime | None:
        """Since when a pause without an end lasts."""
        own = [utc(one.since) for one in self.clock.pauses if one.until is None]
        others = [utc(one.since) for one in concerned(self.clock, self.suspensions) if one.until is None]
        return min((one for one in (*own, *others) if one <= self._end), default=None)
