"""Working days: a weekly pattern, dated days off and make-up working days, and how far they are confirmed."""

from __future__ import annotations

import bisect
import datetime as dt
import enum
import functools
import itertools
from collections.abc import Iterable, Iterator
from typing import ClassVar
from zoneinfo import ZoneInfo

import attrs

from branchkit.codec import Document
from branchkit.errors import CalendarUnknown, InputError, Problem
from branchkit.temporal.intervals import DAY_SECONDS
from branchkit.temporal.worktime import Span, Worktime
from branchkit.temporal.zones import closing_moment, opening_moment
from branchkit.values import Text, is_identifier

__all__ = ["WEEKDAYS", "Calendar", "CalendarChange", "CalendarDay", "Roll"]

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
"""The codes of the weekdays, in order."""

_LAST_YEAR = 9989
_REMEMBERED = 16
"""For how many zones a calendar remembers what it looked up."""


class Roll(enum.Enum):
    """Where to go from a day that is not a working day."""

    NEXT = "next"
    PREVIOUS = "previous"
    MODIFIED = "modified"
    """The next one, unless that lies in another month: then the previous one."""
    NONE = "none"


@attrs.frozen
class CalendarDay:
    """One date that does not follow the weekly pattern, or that a notice confirms."""

    date: dt.date
    working: bool = attrs.field(kw_only=True)
    """True for a make-up working day, often a Saturday or Sunday; false for a day off."""
    name: Text | None = attrs.field(default=None, kw_only=True)
    """The festival or occasion."""
    source: str | None = attrs.field(default=None, kw_only=True)
    """The notice that says so."""


@attrs.frozen(kw_only=True)
class CalendarChange:
    """An emergency notice: from the day it was announced these days count as it says."""

    announced: dt.date
    days: tuple[CalendarDay, ...]
    reason: Text | None = None
    source: str | None = None
    """The notice; stands for those of its days that name none."""


@attrs.frozen
class Calendar(Document):
    """Which days are working days, as far as that is confirmed.

    A date in `changes` is what the last change says, otherwise what `days` says, otherwise what the weekly pattern
    says. Asking outside the confirmed span raises `CalendarUnknown`; both of its ends belong to it.

    >>> calendar = Calendar(
    ...     "demo", version="1", title=Text(en="Demo"),
    ...     confirmed_from=dt.date(2026, 1, 1), confirmed_through=dt.date(2026, 12, 31),
    ...     days=(
    ...         CalendarDay(dt.date(2026, 1, 2), working=False, name=Text(zh="元旦", en="New Year")),
    ...         CalendarDay(dt.date(2026, 1, 4), working=True),
    ...     ),
    ... )
    >>> calendar.day_type(dt.date(2026, 1, 2)), calendar.is_working(dt.date(2026, 1, 4))
    ('holiday', True)
    >>> calendar.add_working_days(dt.date(2025, 12, 31), 1)
    Traceback (most recent call last):
    branchkit.errors.CalendarUnknown: Calendar 'demo' does not reach back to 2025-12-31: load the earlier years' notices
    """

    SCHEMA: ClassVar[str] = "calendar/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    confirmed_from: dt.date = attrs.field(kw_only=True)
    """The first day the calendar answers for."""
    confirmed_through: dt.date = attrs.field(kw_only=True)
    """The last day the calendar answers for."""
    weekly: tuple[str, ...] = attrs.field(default=WEEKDAYS[:5], kw_only=True)
    """The working weekdays."""
    days: tuple[CalendarDay, ...] = attrs.field(default=(), kw_only=True)
    """The dates of the regular notices; may lie outside the confirmed span, as those that touch the year before do."""
    changes: tuple[CalendarChange, ...] = attrs.field(default=(), kw_only=True)
    """Emergency notices in the order they were announced; the later one wins."""

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with the calendar, with its path.

        A day that says what its weekday says anyway has to name the occasion or the notice: a notice lists the Sunday
        of a festival as well, which makes it a holiday. Without either it has no effect.
        """
        if not is_identifier(self.id):
            yield Problem("$.id", "Expected an id of 1 to 200 printable characters without spaces at its ends")
        if self.confirmed_through < self.confirmed_from:
            yield Problem("$.confirmed_through", "Expected a day not before confirmed_from")
        if self.confirmed_through.year > _LAST_YEAR:
            yield Problem("$.confirmed_through", f"Expected a day no later than the year {_LAST_YEAR}")
        if not self.weekly:
            yield Problem("$.weekly", "Expected at least one working weekday")
        for index, weekday in enumerate(self.weekly):
            if weekday not in WEEKDAYS:
                yield Problem(f"$.weekly[{index}]", f"Expected a weekday, one of: {', '.join(WEEKDAYS)}")
            elif weekday in self.weekly[:index]:
                yield Problem(f"$.weekly[{index}]", "Expected each weekday once")
        yield from _repeats(self.days, "$.days")
        yield from self._needless(self.days, set(), "$.days")
        listed = {day.date for day in self.days}
        for index, change in enumerate(self.changes):
            path = f"$.changes[{index}]"
            if index and change.announced < self.changes[index - 1].announced:
                yield Problem(f"{path}.announced", "Expected changes in the order they were announced")
            if not change.days:
                yield Problem(f"{path}.days", "Expected at least one day that changes")
            yield from _repeats(change.days, f"{path}.days")
            if change.source is None and change.reason is None:
                yield from self._needless(change.days, listed, f"{path}.days")
            listed |= {day.date for day in change.days}

    def _needless(self, days: Iterable[CalendarDay], before: set[dt.date], path: str) -> Iterator[Problem]:
        """Yield days that repeat the weekly pattern, name nothing, and take nothing back that stood before."""
        for index, day in enumerate(days):
            repeats = day.working is (WEEKDAYS[day.date.weekday()] in self.weekly)
            if repeats and day.name is None and day.source is None and day.date not in before:
                what = "a working day" if day.working else "a day off"
                what = f"Has no effect: {day.date} is {what} by its weekday; expected the occasion or the notice"
                yield Problem(f"{path}[{index}]", what)

    @property
    def label(self) -> str:
        """The calendar and its version, as a trace names it: ``cn@2026``."""
        return f"{self.id}@{self.version}"

    @functools.cached_property
    def _span(self) -> tuple[int, int]:
        """The ordinals of the first and last day it answers for; a calendar that is wrong answers for none."""
        if problems := tuple(self.validate()):
            raise InputError(f"calendar {self.id}", problems)
        return self.confirmed_from.toordinal(), self.confirmed_through.toordinal()

    @functools.cached_property
    def _listed(self) -> dict[int, CalendarDay]:
        """What is listed for a date, by ordinal, after all changes."""
        listed = {day.date.toordinal(): day for day in self.days}
        for change in self.changes:
            listed.update((day.date.toordinal(), day) for day in change.days)
        return listed

    @functools.cached_property
    def _pattern(self) -> tuple[bool, ...]:
        """Whether each weekday works, from Monday on."""
        return tuple(weekday in self.weekly for weekday in WEEKDAYS)

    @functools.cached_property
    def _corrections(self) -> tuple[list[int], list[int]]:
        """The ordinals that differ from the pattern, and how many working days they add up to each of them."""
        ordinals = sorted(o for o, day in self._listed.items() if day.working is not self._pattern[(o - 1) % 7])
        totals = [0]
        for ordinal in ordinals:
            totals.append(totals[-1] + (1 if self._listed[ordinal].working else -1))
        return ordinals, totals

    @functools.cached_property
    def _worktimes(self) -> dict[ZoneInfo, Worktime]:
        """The arithmetic by zone."""
        return {}

    def worktime(self, zone: ZoneInfo) -> Worktime:
        """Return the arithmetic of working days, midnight to midnight, which remembers the days that it looked up."""
        held = self._worktimes.get(zone)
        if held is None:

            def day_spans(day: dt.date) -> list[Span]:
                if not self.is_working(day):
                    return []
                return [(opening_moment(day, 0, zone), closing_moment(day, DAY_SECONDS, zone))]

            held = Worktime(day_spans, zone)
            if len(self._worktimes) >= _REMEMBERED:
                self._worktimes.clear()
            self._worktimes[zone] = held
        return held

    def _confirm(self, day: dt.date) -> int:
        ordinal, (low, high) = day.toordinal(), self._span
        if not low <= ordinal <= high:
            raise CalendarUnknown(self.id, day, self.confirmed_through)
        return ordinal

    def _through(self, ordinal: int) -> int:
        """Count the working days from the first day of the calendar era through this one, confirmed or not."""
        weeks, rest = divmod(ordinal, 7)
        ordinals, totals = self._corrections
        regular = weeks * sum(self._pattern) + sum(self._pattern[:rest])
        return regular + totals[bisect.bisect_right(ordinals, ordinal)]

    def is_working(self, day: dt.date) -> bool:
        """Say whether a day is a working day.

        Raises:
            CalendarUnknown: The day lies outside the confirmed span.
        """
        ordinal = self._confirm(day)
        listed = self._listed.get(ordinal)
        return listed.working if listed is not None else self._pattern[(ordinal - 1) % 7]

    def day_type(self, day: dt.date) -> str:
        """Return ``workday``, ``holiday`` (a listed day off, on whatever weekday), or ``rest_day`` (any other day off).

        Raises:
            CalendarUnknown: The day lies outside the confirmed span.
        """
        if self.is_working(day):
            return "workday"
        return "holiday" if day.toordinal() in self._listed else "rest_day"

    def is_make_up(self, day: dt.date) -> bool:
        """Say whether a day works although its weekday does not.

        Raises:
            CalendarUnknown: The day lies outside the confirmed span.
        """
        return self.is_working(day) and not self._pattern[day.weekday()]

    def working_days(self, first: dt.date, last: dt.date) -> int:
        """Count the working days from ``first`` through ``last``, both included; none when ``last`` is earlier.

        Raises:
            CalendarUnknown: One of the two lies outside the confirmed span.
        """
        start, end = self._confirm(first), self._confirm(last)
        return max(0, self._through(end) - self._through(start - 1))

    def add_working_days(self, day: dt.date, n: int) -> dt.date:
        """Return the n-th working day after a day, or before it when n is negative; 0 returns the day itself.

        The day itself is never counted, whether it is a working day or not.

        Raises:
            CalendarUnknown: The day or the result lies outside the confirmed span.
        """
        ordinal = self._confirm(day)
        if n == 0:
            return day
        low, high = self._span
        # The n-th before is where the count first reaches what it was before the day, less n - 1.
        wanted = self._through(ordinal) + n if n > 0 else self._through(ordinal - 1) + n + 1
        if wanted <= self._through(low - 1):
            raise CalendarUnknown(self.id, dt.date.fromordinal(max(1, low - 1)), self.confirmed_through)
        if wanted > self._through(high):
            raise CalendarUnknown(self.id, dt.date.fromordinal(high + 1), self.confirmed_through)
        span = range(low, high + 1)
        return dt.date.fromordinal(span[bisect.bisect_left(span, wanted, key=self._through)])

    def working_days_between(self, a: dt.date, b: dt.date) -> int:
        """Count the steps of `add_working_days` from ``a`` to ``b``: the working days after ``a`` through ``b``.

        Negative when ``b`` is earlier: then those from ``b`` on before ``a``. So
        ``working_days_between(a, add_working_days(a, n)) == n``.

        Raises:
            CalendarUnknown: One of the two lies outside the confirmed span.
        """
        start, end = self._confirm(a), self._confirm(b)
        if start <= end:
            return self._through(end) - self._through(start)
        return self._through(end - 1) - self._through(start - 1)

    def roll(self, day: dt.date, way: Roll | str = Roll.NEXT) -> tuple[dt.date, tuple[dt.date, ...]]:
        """Move a day that is not a working day to a working day; say which days were passed over.

        The day itself is among those passed; a working day stays, and so does any day when the way is ``none``.

        Raises:
            CalendarUnknown: The day or the result lies outside the confirmed span.
            InputError: The way is not one of `Roll`.
        """
        if way not in {item.value for item in Roll} | set(Roll):
            raise InputError("way", (Problem("$", f"Expected one of: {', '.join(item.value for item in Roll)}"),))
        if Roll(way) is Roll.NONE or self.is_working(day):
            return day, ()
        forward = Roll(way) is Roll.NEXT or (Roll(way) is Roll.MODIFIED and self._works_later_in_month(day))
        step = 1 if forward else -1
        target = self.add_working_days(day, step)
        return target, tuple(day + dt.timedelta(days=k * step) for k in range(abs((target - day).days)))

    def _works_later_in_month(self, day: dt.date) -> bool:
        rest = (day + dt.timedelta(days=n) for n in range(1, 31))
        return any(self.is_working(one) for one in itertools.takewhile(lambda one: one.month == day.month, rest))

    def describe(self, day: dt.date) -> Text:
        """Say in words what a day is, and by which notice.

        Raises:
            CalendarUnknown: The day lies outside the confirmed span.
        """
        working, listed = self.is_working(day), self._listed.get(day.toordinal())
        zh, en = (f"{day} 为工作日", f"{day} is a working day") if working else (f"{day} 休息", f"{day} is a day off")
        if listed is None:
            return Text(zh=f"{zh}（按每周安排）", en=f"{en} (weekly pattern)")
        if listed.name is not None:
            zh, en = f"{zh}：{listed.name.say('zh')}", f"{en}: {listed.name.say('en')}"
        change = next((c for c in reversed(self.changes) if any(d.date == day for d in c.days)), None)
        source = listed.source or (change.source if change else None)
        if change is not None:
            zh, en = f"{zh}，{change.announced} 公布", f"{en}, announced {change.announced}"
            if change.reason is not None:
                zh, en = f"{zh}（{change.reason.say('zh')}）", f"{en} ({change.reason.say('en')})"
        return Text(zh=zh + (f"，依据 {source}" if source else ""), en=en + (f", by {source}" if source else ""))

    def as_of(self, announced: dt.date) -> Calendar:
        """Return the calendar as it was known at the end of a day: without the changes announced later."""
        return attrs.evolve(self, changes=tuple(c for c in self.changes if c.announced <= announced))

    @staticmethod
    def merge(*calendars: Calendar, id: str | None = None, version: str | None = None) -> Calendar:
        """Join calendars, such as one a year, into one that answers for all their spans.

        Id and title are the first one's unless given; the version joins theirs with ``+``. A date may be listed by
        several if they agree on whether it works; the first one's name and source stay.

        Raises:
            InputError: Two of them contradict each other on a date or on the working weekdays, the confirmed spans
                leave a hole, or one of them is wrong in itself. All problems are listed.
        """
        if not calendars:
            raise InputError("calendars", (Problem("$", "Expected at least one calendar"),))
        if problems := tuple(_clashes(calendars)):
            raise InputError("calendars", problems)
        days: dict[dt.date, CalendarDay] = {}
        for day in (day for calendar in calendars for day in calendar.days):
            days.setdefault(day.date, day)
        changes = dict.fromkeys(change for calendar in calendars for change in calendar.changes)
        return attrs.evolve(
            calendars[0],
            id=calendars[0].id if id is None else id,
            version="+".join(dict.fromkeys(c.version for c in calendars)) if version is None else version,
            confirmed_from=min(c.confirmed_from for c in calendars),
            confirmed_through=max(c.confirmed_through for c in calendars),
            days=tuple(days[date] for date in sorted(days)),
            changes=tuple(sorted(changes, key=lambda change: change.announced)),
        )


def _repeats(days: Iterable[CalendarDay], path: str) -> Iterator[Problem]:
    seen: set[dt.date] = set()
    for index, day in enumerate(days):
        if day.date in seen:
            yield Problem(f"{path}[{index}].date", f"Expected each date once; {day.date} is listed before")
        seen.add(day.date)


def _clashes(calendars: tuple[Calendar, ...]) -> Iterator[Problem]:
    """Yield what keeps calendars from being joined."""
    first: dict[dt.date, tuple[int, bool]] = {}
    for index, calendar in enumerate(calendars):
        path = f"$[{index}]"
        for problem in calendar.validate():
            yield Problem(path + problem.path.removeprefix("$"), problem.message)
        if set(calendar.weekly) != set(calendars[0].weekly):
            yield Problem(f"{path}.weekly", "Expected the same working weekdays as in $[0]")
        for number, day in enumerate(calendar.days):
            other, working = first.setdefault(day.date, (index, day.working))
            if working is not day.working:
                what = "a working day" if working else "a day off"
                yield Problem(f"{path}.days[{number}]", f"Expected {day.date} to be {what}, as in $[{other}]")
    spans = sorted((c.confirmed_from, c.confirmed_through, index) for index, c in enumerate(calendars))
    reached = spans[0][1]
    for start, end, index in spans[1:]:
        if (start - reached).days > 1:
            yield Problem(f"$[{index}].confirmed_from", f"Expected no hole in the confirmed days after {reached}")
        reached = max(reached, end)
