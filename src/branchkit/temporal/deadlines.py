"""Deadlines: by when, as data, in one of four forms, or not configured; and the moment that each means.

A deadline's moment belongs to it: what is done at that very moment is done in time.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

import attrs

from branchkit.errors import ConfigError
from branchkit.temporal.calendar import Roll
from branchkit.temporal.cycles import NotConfigured
from branchkit.temporal.frames import Counting, TimeFrame
from branchkit.temporal.months import period_of
from branchkit.temporal.spans import merge
from branchkit.temporal.worktime import HORIZON, Span
from branchkit.temporal.zones import local, opening_moment, utc
from branchkit.values import Unknown, is_identifier

__all__ = ["After", "Before", "Deadline", "Due", "Named", "NotConfigured", "Within", "due"]

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DAY = dt.timedelta(days=1)
_TICK = dt.timedelta(microseconds=1)
_ZERO = dt.timedelta()
_LONGEST = 36_525


def _check_lengths(time: dt.timedelta | None, working_days: int | None, name: str) -> None:
    if (time is None) is (working_days is None):
        raise ValueError(f"Expected one of `{name}` and `working_days`")
    if time is not None and not _ZERO < time <= _LONGEST * _DAY:
        raise ValueError(f"Expected `{name}` above zero and of at most {_LONGEST} days")
    if working_days is not None and not 1 <= working_days <= _LONGEST:
        raise ValueError(f"Expected `working_days` from 1 to {_LONGEST}")


@attrs.frozen(kw_only=True)
class After:
    """So long after the start.

    A ``time`` is counted in what its clock counts in, and pauses are left out. ``working_days`` counts days of the
    calendar: the day of the start is not counted, nor is a day that was paused from midnight to midnight.

    >>> After(time=dt.timedelta(minutes=30)).end, After(working_days=3).ending
    (None, 'end_of_day')
    """

    KIND: ClassVar[str] = "after"

    time: dt.timedelta | None = None
    working_days: int | None = None
    end: Literal["same_time", "close_of_business", "end_of_day"] | None = None
    """When on its last day. Where not given, a time ends to the moment and working days at the end of the day.
    A time that is over after the close of business ends with that of the next day: it is never cut short. From a day
    that does not count, ``same_time`` is the end of the day."""
    roll: Roll = Roll.NONE
    """Where to go from a day that is not a working day; only for a time that ends with its day."""

    def __attrs_post_init__(self) -> None:
        _check_lengths(self.time, self.working_days, "time")
        if self.time is not None and self.end == "same_time":
            raise ValueError("Expected `end` close_of_business or end_of_day for a time; without it, it ends exactly")
        if self.roll is not Roll.NONE and (self.time is None or self.end is None):
            raise ValueError("Expected `roll` only with a `time` and with `end`: working days need none")

    @property
    def ending(self) -> str:
        """When on its last day it ends: ``exactly``, ``same_time``, ``close_of_business`` or ``end_of_day``."""
        return self.end or ("exactly" if self.working_days is None else "end_of_day")


@attrs.frozen(kw_only=True)
class Named:
    """A moment of the day that has a name, or a clock time: the next one from the start on.

    >>> Named(moment="noon").days is None
    True
    """

    KIND: ClassVar[str] = "named"

    moment: str
    """``opening``, ``noon``, ``close_of_business``, ``end_of_day``, or a clock time from 00:00 to 23:59."""
    days: int | None = None
    """So many days of the calendar after the day of the start; where not given, the first from the start on."""
    roll: Roll = Roll.NONE

    def __attrs_post_init__(self) -> None:
        if self.moment not in _MOMENTS and not _CLOCK.fullmatch(self.moment):
            raise ValueError(f"Expected `moment`, one of {', '.join(_MOMENTS)}, or a clock time from 00:00 to 23:59")
        if self.days is not None and not 0 <= self.days <= _LONGEST:
            raise ValueError(f"Expected `days` from 0 to {_LONGEST}")


@attrs.frozen(kw_only=True)
class Before:
    """So long before something that is to come: an anchor, told by name when the deadline is asked for.

    >>> Before(working_days=3, anchor="suspension").lead is None
    True
    """

    KIND: ClassVar[str] = "before"

    lead: dt.timedelta | None = None
    """Elapsed time, whatever the clock counts in."""
    working_days: int | None = None
    """Working days before the anchor's day, which is not counted, at the anchor's time of the day; where that day is a
    day off, at the midnight that begins them."""
    anchor: str
    """The name of a moment, as in ``suspension``."""
    roll: Roll = Roll.NONE
    """Where to go from a day that is not a working day, at the same time of the day; only with ``lead``."""

    def __attrs_post_init__(self) -> None:
        _check_lengths(self.lead, self.working_days, "lead")
        if not is_identifier(self.anchor):
            raise ValueError("Expected `anchor`, a name of 1 to 200 printable characters without spaces at its ends")
        if self.roll is not Roll.NONE and self.lead is None:
            raise ValueError("Expected `roll` only with `lead`: working days need none")


@attrs.frozen(kw_only=True)
class Within:
    """By the end of the period of the calendar that holds the start.

    >>> Within(period="month").roll.value
    'none'
    """

    KIND: ClassVar[str] = "within"

    period: Literal["day", "week", "month", "quarter", "half_year", "year"]
    """A week begins on Monday."""
    roll: Roll = Roll.NONE


Deadline = After | Named | Before | Within | NotConfigured
"""By when something is to be done."""

_MOMENTS = ("opening", "noon", "close_of_business", "end_of_day")


@attrs.frozen
class Due:
    """The moment that a deadline means, and what moved it."""

    KIND: ClassVar[str] = "due"

    at: dt.datetime
    """By the local clock; the moment itself is still in time."""
    moved_by: tuple[dt.date, ...] = attrs.field(default=(), kw_only=True)
    """The days off, or days without opening, that it was moved past."""
    rolled_from: dt.date | None = attrs.field(default=None, kw_only=True)
    """The day it would have been, where it was moved."""


def due(
    deadline: Deadline,
    start: dt.datetime,
    counting: Counting,
    frame: TimeFrame,
    *,
    pauses: Iterable[Span] = (),
    anchors: Mapping[str, dt.datetime] | None = None,
    used: dt.timedelta = _ZERO,
) -> Due | NotConfigured | Unknown:
    """Return by when something is due; `NotConfigured` stays what it is, and `Unknown` says which anchor is not told.

    A roll never moves a deadline before its start: where it would, the deadline stays on its day. A lead may lie
    before the start; then it was missed from the beginning.

    Args:
        deadline: by when, as data.
        start: from when it counts.
        counting: which time counts, for a time after the start.
        frame: the clock, hours and calendar of the place.
        pauses: when it does not count; they move an `After` and nothing else, since the other forms name a moment.
        anchors: the moments that a `Before` may refer to.
        used: what was used up before the start; it is taken off an `After` with a time.

    Raises:
        CalendarUnknown: A day that has to be known lies outside what the calendar has confirmed.
        ConfigError: Hours or a calendar are needed and missing, or nothing opens for 400 days.
        InputError: A moment has no zone, or the deadline lies beyond the calendar era.

    >>> from zoneinfo import ZoneInfo
    >>> frame = TimeFrame(zone=ZoneInfo("Asia/Shanghai"))
    >>> reported = dt.datetime(2026, 3, 2, 17, 50, tzinfo=frame.zone)
    >>> due(After(time=dt.timedelta(minutes=30)), reported, Counting.ELAPSED, frame).at.isoformat()
    '2026-03-02T18:20:00+08:00'
    """
    since = utc(start, "start")
    if isinstance(deadline, NotConfigured):
        return deadline
    if isinstance(deadline, Before):
        return _before(deadline, frame, anchors or {})
    if isinstance(deadline, Within):
        day = frame.today(since)
        last = day if deadline.period == "day" else period_of(day, deadline.period)[1]
        return _on(last, "end_of_day", deadline.roll, since, frame)
    if isinstance(deadline, Named):
        return _named(deadline, since, frame)
    if deadline.time is not None:
        moment = frame.add(counting, since, max(_ZERO, deadline.time - used), pauses)
        if deadline.end is None:
            return Due(moment)
        # A moment at midnight is the end of the day before: there it is in time.
        day = frame.today(moment - _TICK)
        end = _clock_moment(day, deadline.end, frame)
        return _on(day if end is None or end >= moment else day + _DAY, deadline.end, deadline.roll, since, frame)
    day, whole = _working_day(deadline.working_days or 0, since, frame, pauses)
    if deadline.end == "same_time" and whole:
        return Due(local(_same_time(day, since, frame), frame.zone))
    return _on(day, "end_of_day" if deadline.end == "same_time" else deadline.ending, Roll.NONE, since, frame)


def _named(deadline: Named, since: dt.datetime, frame: TimeFrame) -> Due:
    today = frame.today(since)
    if deadline.days is not None:
        return _on(today + deadline.days * _DAY, deadline.moment, deadline.roll, since, frame)
    # Yesterday's hours may close only today.
    day = today - _DAY if deadline.moment == "close_of_business" else today
    at, day, _ = _moment(day, deadline.moment, frame, since)
    if deadline.roll is Roll.NONE:
        return Due(local(at, frame.zone))
    return _on(day, deadline.moment, deadline.roll, since, frame)


def _on(day: dt.date, name: str, roll: Roll, since: dt.datetime, frame: TimeFrame) -> Due:
    """Return a named moment of a day, rolled, and then of the first day that has such a moment."""
    found: list[tuple[dt.datetime, tuple[dt.date, ...]]] = []
    for way in dict.fromkeys((roll, Roll.NONE)):
        target, passed = (day, ()) if way is Roll.NONE else frame.days_off().roll(day, way)
        at, _, closed = _moment(target, name, frame, None)
        if at >= since or way is Roll.NONE:
            found.append((at, (*passed, *closed)))
    at, moved = found[0]
    return Due(local(at, frame.zone), moved_by=moved, rolled_from=day if moved else None)


def _moment(
    day: dt.date, name: str, frame: TimeFrame, since: dt.datetime | None
) -> tuple[dt.datetime, dt.date, tuple[dt.date, ...]]:
    """Return a named moment of the first day that has one, not before ``since``, that day, and those passed over."""
    passed: list[dt.date] = []
    for one in (day + n * _DAY for n in range(HORIZON.days)):
        at = _clock_moment(one, name, frame)
        if at is not None and (since is None or at >= since):
            return at, one, tuple(passed)
        passed.append(one)
    raise ConfigError("hours", f"Expected some open time in the {HORIZON.days} days from {day}, got none")


def _clock_moment(day: dt.date, name: str, frame: TimeFrame) -> dt.datetime | None:
    """Return the moment in UTC; ``None`` where it goes by the hours and nothing opens that day."""
    if name in {"opening", "close_of_business"}:
        spans = frame.opening(day)
        if not spans:
            return None
        return utc(spans[0][0] if name == "opening" else spans[-1][1])
    if name == "end_of_day":
        return opening_moment(day + _DAY, 0, frame.zone)
    hour, minute = (12, 0) if name == "noon" else (int(name[:2]), int(name[3:]))
    return opening_moment(day, hour * 3600 + minute * 60, frame.zone)


def _before(deadline: Before, frame: TimeFrame, anchors: Mapping[str, dt.datetime]) -> Due | Unknown:
    if deadline.anchor not in anchors:
        return Unknown(f"when {deadline.anchor} will be is not told")
    anchor = utc(anchors[deadline.anchor], f"anchors.{deadline.anchor}")
    if deadline.working_days is not None:
        calendar = frame.days_off()
        day = calendar.add_working_days(frame.today(anchor), -deadline.working_days)
        if not calendar.is_working(frame.today(anchor)):
            return Due(local(opening_moment(day, 0, frame.zone), frame.zone))
        return Due(local(_same_time(day, anchor, frame), frame.zone))
    at = anchor - (deadline.lead or _ZERO)
    day = frame.today(at)
    if deadline.roll is Roll.NONE:
        return Due(local(at, frame.zone))
    target, passed = frame.days_off().roll(day, deadline.roll)
    if not passed:
        return Due(local(at, frame.zone))
    return Due(local(_same_time(target, at, frame), frame.zone), moved_by=passed, rolled_from=day)


def _working_day(count: int, since: dt.datetime, frame: TimeFrame, pauses: Iterable[Span]) -> tuple[dt.date, bool]:
    """Return the day on which so many unpaused working days have passed, and whether the day of the start is one."""
    day, calendar = frame.today(since), frame.days_off()
    counts = calendar.is_working(day)
    for first, last in _paused_days(frame, pauses):
        counts = counts and not first <= day <= last
        first = max(first, day + _DAY)
        if last < first:
            continue
        if (target := calendar.add_working_days(day, count)) < first:
            return target, counts
        count, day = count - calendar.working_days_between(day, first - _DAY), last
    return calendar.add_working_days(day, count), counts


def _paused_days(frame: TimeFrame, pauses: Iterable[Span]) -> Iterator[tuple[dt.date, dt.date]]:
    """Yield the first and last of the days that pauses cover from midnight to midnight, in order."""
    for start, end in merge((utc(a), utc(b)) for a, b in pauses):
        first, last = frame.today(start), frame.today(end) - _DAY
        if opening_moment(first, 0, frame.zone) < start:
            first += _DAY
        if first <= last:
            yield first, last


def _same_time(day: dt.date, like: dt.datetime, frame: TimeFrame) -> dt.datetime:
    """Return the moment, in UTC, at which the clock shows the same time on another day, or first a later one."""
    clock = local(like, frame.zone)
    at = opening_moment(day, clock.hour * 3600 + clock.minute * 60 + clock.second, frame.zone)
    skipped = local(at, frame.zone).time().replace(microsecond=0) != clock.time().replace(microsecond=0)
    return at if skipped else at + clock.microsecond * _TICK
