"""Arithmetic with time that does not always count: sums over open spans, looked up instead of walked."""

from __future__ import annotations

import bisect
import datetime as dt
import itertools
from collections.abc import Callable, Iterable
from zoneinfo import ZoneInfo

import attrs

from branchkit.errors import CalendarUnknown, ConfigError, InputError, Problem
from branchkit.temporal.spans import merge, subtract
from branchkit.temporal.zones import closing_moment, opening_moment, within

__all__ = ["HORIZON", "Span", "Worktime"]

HORIZON = dt.timedelta(days=400)
"""How far a search for the next opening or closing looks."""

Span = tuple[dt.datetime, dt.datetime]
"""A beginning, which belongs to it, and an end, which does not."""

_ZERO = dt.timedelta()
_DAY = dt.timedelta(days=1)
_FIRST_DAY = dt.date(1, 12, 1)
_BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
_END = dt.datetime.max.replace(tzinfo=dt.UTC)
_CHUNK = (16, 366)
"""How many days are looked up at once: as many again as are known already, within these bounds."""
_FAR = dt.timedelta(days=800)
"""Beyond this far from all that is known, knowing starts anew instead of filling what lies between."""


@attrs.frozen
class _Known:
    """The open spans of a stretch of days. It is replaced as a whole, so threads need no lock."""

    low: dt.date
    high: dt.date
    """The day after the last one."""
    since: dt.datetime
    until: dt.datetime
    begins: list[dt.datetime]
    ends: list[dt.datetime]
    unknown: list[tuple[dt.datetime, dt.datetime, dt.date]]
    """Days that cannot be told, each with the first moment it may be open at and the last it may close at."""
    sums: list[dt.timedelta]
    """How much is open before each span, and in the end altogether."""
    gaps: list[int]
    """The numbers of the spans before which nothing opens for as long as `HORIZON`."""

    def opened(self, at: dt.datetime) -> dt.timedelta:
        """Return how much is open before a moment."""
        number = bisect.bisect_right(self.ends, at)
        if number == len(self.begins) or at <= self.begins[number]:
            return self.sums[number]
        return self.sums[number] + (at - self.begins[number])


class Worktime:
    """Adds and measures time that counts only now and then, as opening hours or working days have it.

    What a day has is asked once, when it is first needed; afterwards a deadline ten years away is found as quickly as
    one a day away. All moments are in UTC.

    >>> def nine_to_five(day: dt.date) -> list[tuple[dt.datetime, dt.datetime]]:
    ...     nine = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
    ...     return [(nine, nine + dt.timedelta(hours=8))] if day.weekday() < 5 else []
    >>> work = Worktime(nine_to_five, ZoneInfo("UTC"))
    >>> friday = dt.datetime(2026, 3, 6, 16, tzinfo=dt.UTC)
    >>> work.add(friday, dt.timedelta(hours=3)).isoformat()
    '2026-03-09T11:00:00+00:00'
    """

    __slots__ = ("_day_spans", "_known", "_reach", "_zone")

    def __init__(self, day_spans: Callable[[dt.date], Iterable[Span]], zone: ZoneInfo, *, reach: int = 86_400) -> None:
        """Take what tells the days apart.

        Args:
            day_spans: gives the spans, in UTC, that begin on a date; raises `CalendarUnknown` where that is not known.
            zone: whose dates these are.
            reach: how many seconds after its midnight a day's spans end at the latest.
        """
        self._day_spans, self._zone, self._reach = day_spans, zone, reach
        self._known: _Known | None = None

    def add(self, start: dt.datetime, budget: dt.timedelta) -> dt.datetime:
        """Return the earliest moment by which so much time has counted since the start.

        A budget that is used up exactly where a span ends, ends there and not where the next one begins; a budget of
        zero ends at the start.

        Raises:
            CalendarUnknown: a day up to there is not known.
            ConfigError: nothing counts for 400 days on the way.
            InputError: the budget is negative, or lasts beyond the calendar era.
        """
        if budget <= _ZERO:
            if budget:
                raise InputError("duration", (Problem("$", "Expected a duration of zero or more"),))
            return start
        known = self._covering(start, start)
        while True:
            moment, first = known.until, bisect.bisect_right(known.ends, start)
            wanted = known.opened(start) + budget
            last = bisect.bisect_left(known.sums, wanted) - 1
            if reached := last < len(known.begins):
                moment = known.begins[last] + (wanted - known.sums[last])
            dry = self._dry_from(known, start, first, last, moment)
            self._refuse_unknown(known, start, moment if dry is None else min(moment, dry + HORIZON))
            if dry is not None:
                day = dry.astimezone(self._zone).date()
                raise ConfigError("hours", f"Expected some open time in the {HORIZON.days} days from {day}, got none")
            if reached:
                return moment
            within(known.high, "duration")
            known = self._later(known)

    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """Return how much time counts from ``a`` to ``b``; none when ``b`` is not later.

        Raises:
            CalendarUnknown: a day between them is not known.
        """
        if b <= a:
            return _ZERO
        known = self._known
        if known is None or a < known.since or b > known.until:
            known = self._covering(a, b)
        if known.unknown:
            self._refuse_unknown(known, a, b)
        return known.opened(b) - known.opened(a)

    def _dry_from(
        self, known: _Known, start: dt.datetime, first: int, last: int, moment: dt.datetime
    ) -> dt.datetime | None:
        """Return since when nothing has counted for `HORIZON`, if that happens on the way to a moment."""
        if first == len(known.begins):
            return start if moment - start >= HORIZON else None
        if known.begins[first] - start >= HORIZON:
            return start
        at = bisect.bisect_right(known.gaps, first)
        if at < len(known.gaps) and known.gaps[at] <= last:
            return known.ends[known.gaps[at] - 1]
        return known.ends[-1] if moment - known.ends[-1] >= HORIZON else None

    def _refuse_unknown(self, known: _Known, start: dt.datetime, end: dt.datetime) -> None:
        """Raise what the first day says that is not known and may have time between two moments."""
        number = bisect.bisect_right(known.unknown, start, key=lambda one: one[1])
        if number < len(known.unknown) and known.unknown[number][0] < end:
            self._day_spans(known.unknown[number][2])

    def _covering(self, a: dt.datetime, b: dt.datetime) -> _Known:
        """Return what is known, after it has come to hold two moments and all between them."""
        known = self._known
        if known is None or known.since - a > _FAR or a - known.until > _FAR:
            low = max(_FIRST_DAY, a.astimezone(self._zone).date() - _DAY)
            known = self._look_up(low, low + _CHUNK[0] * _DAY, None)
        while a < known.since:
            low = dt.date.fromordinal(max(_FIRST_DAY.toordinal(), known.low.toordinal() - _chunk(known)))
            known = self._look_up(low, known.low, known)
        while b > known.until:
            known = self._later(known)
        return known

    def _later(self, known: _Known) -> _Known:
        return self._look_up(known.high, known.high + _chunk(known) * _DAY, known)

    def _look_up(self, low: dt.date, high: dt.date, known: _Known | None) -> _Known:
        """Ask for the days from ``low`` to before ``high``, and keep them with the adjoining ones known before."""
        since, until = opening_moment(low, 0, self._zone), opening_moment(high, 0, self._zone)
        spans, unknown = list[Span](), dict[dt.date, tuple[dt.datetime, dt.datetime, dt.date]]()
        # What begins on a day may reach into the second one after it where the clock jumps.
        for day in (low + n * _DAY for n in range(-2, (high - low).days)):
            try:
                spans.extend(self._day_spans(day))
            except CalendarUnknown:
                ends = closing_moment(day, self._reach, self._zone)
                unknown[day] = (opening_moment(day, 0, self._zone), ends, day)
        spans = subtract(spans, [(_BEGINNING, since), (until, _END)])
        if known is not None:
            spans = merge([*zip(known.begins, known.ends, strict=True), *spans])
            unknown.update((one[2], one) for one in known.unknown)
            low, high = min(low, known.low), max(high, known.high)
            since, until = min(since, known.since), max(until, known.until)
        self._known = found = _Known(
            low,
            high,
            since,
            until,
            begins=[begin for begin, _ in spans],
            ends=[end for _, end in spans],
            unknown=[unknown[day] for day in sorted(unknown)],
            sums=list(itertools.accumulate((end - begin for begin, end in spans), initial=_ZERO)),
            gaps=[number for number in range(1, len(spans)) if spans[number][0] - spans[number - 1][1] >= HORIZON],
        )
        return found


def _chunk(known: _Known) -> int:
    least, most = _CHUNK
    return min(most, max(least, (known.high - known.low).days))
