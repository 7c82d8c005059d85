"""When a cycle falls: its days, rolled to working days, and the moments of those that have times."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.temporal.around import Around, Need
from branchkit.temporal.calendar import Calendar, Roll
from branchkit.temporal.cycles import Cycle, Daily, Weekly, roll_problem
from branchkit.temporal.zones import local, opening_moment, within

__all__ = ["Occurrence", "lacking", "occurrences"]

_DAY = dt.timedelta(days=1)
_REACH = 15
"""How many days outside what a calendar confirms may still belong to the days off at its edge."""
_WAYS_ON = {Roll.NEXT, Roll.MODIFIED}
_WAYS_BACK = {Roll.PREVIOUS, Roll.MODIFIED}


@attrs.frozen(kw_only=True)
class Occurrence:
    """One time that something is due."""

    day: dt.date
    """The day it falls on."""
    time: str | None = None
    """Which time of the day, as the cycle names it: ``noon``, ``09:30``."""
    at: dt.datetime | None = None
    """The moment of that time, by the branch's clock; ``None`` for any time of the day."""
    until: dt.datetime | dt.date
    """By when: a moment for what comes before opening; otherwise the end of a day."""
    moved: tuple[dt.date, ...] = ()
    """The days passed over because they are not working days, first of all the one it would have fallen on."""


def lacking(cycle: Cycle, roll: Roll, around: Around) -> tuple[Need, ...]:
    """Return what has to be known to tell the occurrences and is not."""
    rolled: frozenset[Need] = frozenset() if roll is Roll.NONE else frozenset({"calendar"})
    return around.lacks(cycle.needs | rolled)


def occurrences(
    cycle: Cycle, first: dt.date, last: dt.date, *, roll: Roll = Roll.NONE, around: Around | None = None
) -> Iterator[Occurrence]:
    """Yield when a cycle falls, from ``first`` through ``last``, both by the branch's clock; in order.

    What rolls into the range from outside belongs to it, and what rolls out of it does not. What falls together on a
    day by rolling is due once. A day on which the branch does not open has no moment before opening nor after closing.
    Where a day's moments are by hours that pass midnight, the day is the one on which the hours open.

    Raises:
        CalendarUnknown: A day lies outside what the calendar has confirmed; what is known has been yielded by then.
        ConfigError: Something is lacking, or the cycle cannot be rolled this way.
        InputError: The range lies too near the ends of the calendar era, or the hours contradict themselves.

    >>> from branchkit.temporal.cycles import Monthly
    >>> found = occurrences(Monthly(day=31), dt.date(2026, 2, 1), dt.date(2026, 3, 31))
    >>> [one.day.isoformat() for one in found]
    ['2026-02-28', '2026-03-31']
    """
    around = around or Around()
    within(first, "first")
    within(last, "last")
    if missing := lacking(cycle, roll, around):
        raise ConfigError("around", f"Expected {', '.join(missing)} for the cycle {cycle.KIND}")
    if problem := roll_problem(cycle, roll):
        raise ConfigError("roll", problem)
    return _occurrences(cycle, first, last, roll, around)


def _occurrences(cycle: Cycle, first: dt.date, last: dt.date, roll: Roll, around: Around) -> Iterator[Occurrence]:
    times = cycle.times if isinstance(cycle, Daily | Weekly) else ()
    for day, moved in _rolled(cycle, first, last, roll, around):
        if not times:
            yield Occurrence(day=day, until=day, moved=moved)
            continue
        timed = [(at, time) for time in times for at in (_moment(day, time, around),) if at is not None]
        for at, time in sorted(timed):
            until = at if time == "before_opening" else at.date()
            yield Occurrence(day=day, time=time, at=at, until=until, moved=moved)


def _moment(day: dt.date, time: str, around: Around) -> dt.datetime | None:
    """Return the moment; ``None`` where the branch does not open that day and the time is by its hours."""
    if time in {"before_opening", "after_closing"}:
        spans = around.opening(day)
        if not spans:
            return None
        return spans[0][0] if time == "before_opening" else max(end for _, end in spans)
    hour, minute = (12, 0) if time == "noon" else (int(time[:2]), int(time[3:]))
    return local(opening_moment(day, hour * 3600 + minute * 60, around.clock()), around.clock())


def _rolled(
    cycle: Cycle, first: dt.date, last: dt.date, roll: Roll, around: Around
) -> Iterator[tuple[dt.date, tuple[dt.date, ...]]]:
    """Yield each day it falls on once, with the days that were passed over."""
    if roll is Roll.NONE:
        yield from ((day, ()) for day in cycle.days(first, last, around))
        return
    calendar = around.days_off()
    held: tuple[dt.date, tuple[dt.date, ...]] | None = None
    start = _before(calendar, first) if roll in _WAYS_ON else first
    end = _after(calendar, last) if roll in _WAYS_BACK else last
    inside = calendar.confirmed_from <= first and last <= calendar.confirmed_through
    for day in cycle.days(start, end, around):
        try:
            target, passed = calendar.roll(day, roll)
        except CalendarUnknown:
            if inside and roll is not Roll.MODIFIED:
                continue  # wherever it ends up lies outside the calendar, and so outside the range
            if held is not None:
                yield held
            raise
        if not first <= target <= last:
            continue
        if held is not None and held[0] == target:
            held = target, tuple(dict.fromkeys((*held[1], *passed)))
            continue
        if held is not None:
            yield held
        held = target, passed
    if held is not None:
        yield held
    if inside:
        _refuse_doubt(cycle, start, end, roll, around)


def _before(calendar: Calendar, first: dt.date) -> dt.date:
    """Return the first day from which something may roll on to ``first``."""
    while _is_off(calendar, first - _DAY):
        first -= _DAY
    return first


def _after(calendar: Calendar, last: dt.date) -> dt.date:
    """Return the last day from which something may roll back to ``last``."""
    while _is_off(calendar, last + _DAY):
        last += _DAY
    return last


def _is_off(calendar: Calendar, day: dt.date) -> bool:
    """Say whether the calendar confirms a day to be off."""
    return calendar.confirmed_from <= day <= calendar.confirmed_through and not calendar.is_working(day)


def _refuse_doubt(cycle: Cycle, start: dt.date, end: dt.date, roll: Roll, around: Around) -> None:
    """Raise where something may roll in from days of which the calendar says nothing."""
    calendar = around.days_off()
    doubtful: list[dt.date] = []
    if roll in _WAYS_ON and start == calendar.confirmed_from:
        doubtful += cycle.days(start - _REACH * _DAY, start - _DAY, around)
    if roll in _WAYS_BACK and end == calendar.confirmed_through:
        doubtful += cycle.days(end + _DAY, end + _REACH * _DAY, around)
    if doubtful:
        raise CalendarUnknown(calendar.id, doubtful[-1], calendar.confirmed_through)
