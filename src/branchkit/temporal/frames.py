"""What a clock counts in: all time, the branch's open time, or working days, by the clock of a place."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable
from zoneinfo import ZoneInfo

import attrs

from branchkit.errors import ConfigError, InputError, Problem
from branchkit.temporal.calendar import Calendar
from branchkit.temporal.hours import Hours
from branchkit.temporal.spans import merge
from branchkit.temporal.worktime import Span, Worktime
from branchkit.temporal.zones import local, utc

__all__ = ["Counting", "TimeFrame"]

_ZERO = dt.timedelta()
_LAST = dt.datetime(9989, 12, 31, 23, 59, 59, tzinfo=dt.UTC)


class Counting(enum.Enum):
    """Which time counts."""

    ELAPSED = "elapsed"
    """All of it, 24 hours on 7 days a week."""
    BUSINESS = "business"
    """While the branch, or its business line, is open."""
    WORKING_DAYS = "working_days"
    """From midnight to midnight of every working day, whether the branch is open or not."""


@attrs.frozen(kw_only=True)
class TimeFrame:
    """The clock, hours and calendar that deadlines are counted by.

    Its hours and its calendar remember what was looked up, so keep those as long as they stay the same.

    >>> frame = TimeFrame(zone=ZoneInfo("Asia/Shanghai"), hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}))
    >>> reported = dt.datetime(2026, 3, 2, 17, 20, tzinfo=frame.zone)
    >>> frame.add(Counting.BUSINESS, reported, dt.timedelta(minutes=30)).isoformat()
    '2026-03-03T09:20:00+08:00'
    """

    zone: ZoneInfo
    hours: Hours | None = None
    """Needed to count open time and to name openings and closings."""
    calendar: Calendar | None = None
    """Needed to count working days, to roll, and by hours that go by the type of a day."""
    line: str | None = None
    """The business line whose hours count; ``None`` for the branch, open while any line is."""
    working_only: bool = False
    """True where open time counts only as far as it opens on a working day of the calendar, as for a clock that goes by
    another calendar than the branch."""

    def add(
        self, counting: Counting, start: dt.datetime, budget: dt.timedelta, pauses: Iterable[Span] = ()
    ) -> dt.datetime:
        """Return the earliest moment by which so much time has counted since the start, by the local clock.

        A budget that is used up exactly at closing, or exactly when a pause begins, ends there. Pauses may overlap:
        what is paused twice is left out once.

        Raises:
            CalendarUnknown: A day up to there lies outside what the calendar has confirmed.
            ConfigError: Hours or a calendar are needed and missing, or nothing counts for 400 days.
            InputError: The start has no zone, the budget is negative, or it lasts beyond the calendar era.
        """
        since, work = utc(start, "start"), self._worktime(counting)
        for pause_start, pause_end in _clipped(since, None, pauses):
            counted = work.between(since, pause_start)
            if counted >= budget:
                break
            since, budget = pause_end, budget - counted
        return local(work.add(since, budget), self.zone)

    def between(self, counting: Counting, a: dt.datetime, b: dt.datetime, pauses: Iterable[Span] = ()) -> dt.timedelta:
        """Return how much time counts from ``a`` to ``b``, pauses left out; none when ``b`` is earlier.

        Raises:
            CalendarUnknown: A day between them lies outside what the calendar has confirmed.
            ConfigError: Hours or a calendar are needed and missing.
            InputError: A moment has no zone.
        """
        start, end, work = utc(a, "a"), utc(b, "b"), self._worktime(counting)
        paused = (work.between(*pause) for pause in _clipped(start, end, pauses))
        return work.between(start, end) - sum(paused, _ZERO)

    def today(self, at: dt.datetime) -> dt.date:
        """Return the date that the clock shows at a moment."""
        return utc(at).astimezone(self.zone).date()

    def days_off(self) -> Calendar:
        """Return the calendar; raises `ConfigError` where there is none."""
        if self.calendar is None:
            raise ConfigError("calendar", "Expected a calendar of working days")
        return self.calendar

    def opening(self, day: dt.date) -> tuple[Span, ...]:
        """Return the spans that open on a day; raises as `Hours.of_day`, and `ConfigError` where hours are missing."""
        if self.hours is None:
            raise ConfigError("hours", "Expected opening hours")
        if self.working_only and not self.days_off().is_working(day):
            return ()
        return self.hours.of_day(day, self.zone, self.calendar, self.line)

    def _worktime(self, counting: Counting) -> Worktime | _AllTime:
        if counting is Counting.ELAPSED:
            return _AllTime()
        if counting is Counting.WORKING_DAYS:
            return self.days_off().worktime(self.zone)
        if self.hours is None:
            raise ConfigError("hours", "Expected opening hours")
        working = self.days_off() if self.working_only else None
        return self.hours.worktime(self.zone, self.calendar, self.line, working_days=working)


class _AllTime:
    """The arithmetic of time that always counts."""

    def add(self, start: dt.datetime, budget: dt.timedelta) -> dt.datetime:
        if not _ZERO <= budget <= _LAST - start:
            what = "Expected a duration of zero or more that ends by the year 9989"
            raise InputError("duration", (Problem("$", what),))
        return start + budget

    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        return max(b - a, _ZERO)


def _clipped(start: dt.datetime, end: dt.datetime | None, pauses: Iterable[Span]) -> list[Span]:
    """Return the union of pauses within bounds, in UTC."""
    return merge((max(start, utc(a)), utc(b) if end is None else min(end, utc(b))) for a, b in pauses)
