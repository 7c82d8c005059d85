"""From the local clock to moments in time, right where the clock jumps.

An interval by the clock becomes the smallest unbroken span that holds every moment at which the clock shows a time
within it. So a time that the clock skips (a gap) means the end of the gap, and of a time that it shows twice (a fold)
an opening takes the first and a closing the second.
"""

from __future__ import annotations

import datetime as dt
import functools
from zoneinfo import ZoneInfo

from branchkit.errors import InputError, Problem

__all__ = ["closing_moment", "local", "opening_moment", "utc", "within"]

_TICK = dt.timedelta(microseconds=1)
_SECOND = dt.timedelta(seconds=1)
_YEARS = range(2, 9990)


def utc(at: dt.datetime, name: str = "at") -> dt.datetime:
    """Return the same moment in UTC; refuses a moment without a zone, and years too near the ends of the calendar.

    Raises:
        InputError: The moment has no zone, or its year is not from 2 to 9989.

    >>> utc(dt.datetime.fromisoformat("2026-03-02T09:00+08:00")).isoformat()
    '2026-03-02T01:00:00+00:00'
    """
    if at.utcoffset() is None:
        raise InputError(name, (Problem("$", "Expected a date and time with its zone, got one without"),))
    within(at, name)
    return at.astimezone(dt.UTC)


def within(day: dt.date, name: str = "day") -> dt.date:
    """Return the day, or moment, if there is room around it to count in.

    Raises:
        InputError: Its year is not from 2 to 9989.
    """
    if day.year not in _YEARS:
        raise InputError(name, (Problem("$", "Expected a year from 2 to 9989"),))
    return day


def local(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Show a moment by the local clock, with its offset fixed.

    Python subtracts and compares two datetimes of one `ZoneInfo` by the clock, an hour wrong where it jumps; with a
    fixed offset, differences are elapsed time and comparisons are right.

    >>> local(dt.datetime(2026, 7, 1, 8, tzinfo=dt.UTC), ZoneInfo("Europe/London")).isoformat()
    '2026-07-01T09:00:00+01:00'
    """
    return moment.astimezone(_fixed(_offset(moment.astimezone(zone))))


def opening_moment(day: dt.date, seconds: int, zone: ZoneInfo) -> dt.datetime:
    """Return the first moment, in UTC, at which the clock shows this time of the day or a later one.

    Seconds past 86,400 reach into the next day.
    """
    clock = dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=seconds)
    return _moment(clock, zone, last=False)[0]


def closing_moment(day: dt.date, seconds: int, zone: ZoneInfo) -> dt.datetime:
    """Return the moment, in UTC, from which on the clock never again shows an earlier time.

    Seconds past 86,400 reach into the next day.
    """
    # What closes is the last instant before the hour: a clock that jumps back exactly then has not reopened anything.
    clock = dt.datetime.combine(day, dt.time()) + dt.timedelta(seconds=seconds) - _TICK
    moment, skipped = _moment(clock, zone, last=True)
    return moment if skipped else moment + _TICK


def _moment(clock: dt.datetime, zone: ZoneInfo, *, last: bool) -> tuple[dt.datetime, bool]:
    """Return the moment at which the clock shows this, and whether it was in a gap (then the gap's end)."""
    before = _offset(clock.replace(tzinfo=zone))
    after = _offset(clock.replace(tzinfo=zone, fold=1))
    moment = clock.replace(tzinfo=dt.UTC)
    if before < after:
        return _gap_end(moment - after, moment - before, zone), True
    return moment - (after if last else before), False


def _gap_end(early: dt.datetime, late: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the moment between two at which the offset changes; it is always a whole second."""
    start = early.replace(microsecond=0)
    old = _offset(start.astimezone(zone))
    low, high = 0, (late - start) // _SECOND + 1
    while high - low > 1:
        middle = (low + high) // 2
        if _offset((start + middle * _SECOND).astimezone(zone)) == old:
            low = middle
        else:
            high = middle
    return start + high * _SECOND


@functools.lru_cache(maxsize=256)
def _fixed(offset: dt.timedelta) -> dt.timezone:
    """Return the zone of an offset; making one takes as long as the rest of showing a moment."""
    return dt.timezone(offset)


def _offset(at: dt.datetime) -> dt.timedelta:
    return at.utcoffset() or dt.timedelta()
