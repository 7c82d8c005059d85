"""Cycles: how often something is due, as data. Each answers on which days of a range it falls.

Which days those are never depends on the range asked about: two halves give what the whole gives.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import ClassVar, Literal

import attrs

from branchkit.temporal.around import DAYS_ON, Around, Need, On, needs_of
from branchkit.temporal.calendar import WEEKDAYS, Roll
from branchkit.temporal.irregular import AtMost, Random
from branchkit.temporal.months import month_day, months

__all__ = [
    "TIMES",
    "AtMost",
    "Continuous",
    "Cycle",
    "Daily",
    "EveryDays",
    "HalfYearly",
    "Monthly",
    "NotConfigured",
    "OnEvent",
    "Quarterly",
    "Random",
    "Weekly",
    "Yearly",
    "roll_problem",
]

TIMES = ("before_opening", "noon", "after_closing")
"""The times of a day that have a name; noon is 12:00 by the branch's clock."""

_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
_DATE = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_DAY = dt.timedelta(days=1)
_NONE: frozenset[Need] = frozenset()


def _check_times(_: object, __: object, times: tuple[str, ...]) -> None:
    for at, time in enumerate(times):
        if time not in TIMES and not _CLOCK.fullmatch(time):
            raise ValueError(f"Expected {', '.join(TIMES)}, or a clock time from 00:00 to 23:59")
        if time in times[:at]:
            raise ValueError(f"Expected each time once; {time} stands there again")


def _check_on(_: object, __: object, on: str) -> None:
    if on not in DAYS_ON:
        raise ValueError(f"Expected one of: {', '.join(DAYS_ON)}")


def _needs_of_times(times: tuple[str, ...]) -> frozenset[Need]:
    by_hours = "before_opening" in times or "after_closing" in times
    return frozenset({"zone", "hours"} if by_hours else {"zone"} if times else ())


def _days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    return (first + n * _DAY for n in range((last - first).days + 1))


@attrs.frozen(kw_only=True)
class Daily:
    """Every day, or every working, rest or open day; once, or at each of some times.

    >>> twice = Daily(times=("noon", "after_closing"), on="open_day")
    >>> sorted(twice.needs)
    ['hours', 'zone']
    """

    KIND: ClassVar[str] = "daily"

    times: tuple[str, ...] = attrs.field(default=(), validator=_check_times)
    """``before_opening``, ``noon``, ``after_closing`` or clock times; none means any time of the day."""
    on: On = attrs.field(default="every_day", validator=_check_on)

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be known to tell its days and times."""
        return needs_of(self.on) | _needs_of_times(self.times)

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield its days from ``first`` through ``last``, in order."""
        return (day for day in _days(first, last) if around.counts(day, self.on))


@attrs.frozen(kw_only=True)
class Weekly:
    """On days of the week, every week or every few weeks.

    >>> fortnight = Weekly(weekdays=("mon",), every=2, since=dt.date(2026, 1, 1))
    >>> [day.isoformat() for day in fortnight.days(dt.date(2026, 1, 1), dt.date(2026, 1, 31), Around())]
    ['2026-01-12', '2026-01-26']
    """

    KIND: ClassVar[str] = "weekly"

    weekdays: tuple[str, ...]
    every: int = 1
    since: dt.date | None = None
    """A day of the first week, needed where it is not every week; before that week nothing is due."""
    times: tuple[str, ...] = attrs.field(default=(), validator=_check_times)
    """As of `Daily`."""

    def __attrs_post_init__(self) -> None:
        if not self.weekdays or len(set(self.weekdays)) < len(self.weekdays) or set(self.weekdays) - set(WEEKDAYS):
            raise ValueError(f"Expected `weekdays`, each once, of: {', '.join(WEEKDAYS)}")
        if not 1 <= self.every <= 52:
            raise ValueError("Expected `every` from 1 to 52 weeks")
        if self.every > 1 and self.since is None:
            raise ValueError("Expected `since`, a day of the first week, where it is not every week")

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be known to tell its times."""
        return _needs_of_times(self.times)

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield its days from ``first`` through ``last``, in order."""
        monday = None if self.since is None else self.since - self.since.weekday() * _DAY
        for day in _days(first, last):
            if WEEKDAYS[day.weekday()] not in self.weekdays:
                continue
            if monday is None or (day >= monday and (day - monday).days // 7 % self.every == 0):
                yield day


@attrs.frozen(kw_only=True)
class _InMonth:
    """Which day of a month; the last one where nothing is said."""

    day: int | None = None
    """1 to 31, or -1 for the last day, -2 for the one before; 31 in a shorter month is its last day."""
    weekday: str | None = None
    """A weekday, with ``nth``."""
    nth: int | None = None
    """1 to 4, or -1 for the last one of the month."""
    working_day: int | None = None
    """1 for the first working day, -1 for the last; where the month has fewer, the outermost there is."""

    def __attrs_post_init__(self) -> None:
        said = (self.day, self.weekday if self.weekday is not None else self.nth, self.working_day)
        if sum(one is not None for one in said) > 1:
            raise ValueError("Expected one of `day`, `weekday` with `nth`, and `working_day`")
        if self.day is not None and not (1 <= self.day <= 31 or -28 <= self.day <= -1):
            raise ValueError("Expected `day` from 1 to 31, or from -1 (the last day) to -28")
        if self.weekday is not None and self.weekday not in WEEKDAYS:
            raise ValueError(f"Expected `weekday`, one of: {', '.join(WEEKDAYS)}")
        if (self.weekday is None) != (self.nth is None):
            raise ValueError("Expected `weekday` and `nth` together")
        if self.nth is not None and self.nth not in {1, 2, 3, 4, -1}:
            raise ValueError("Expected `nth` from 1 to 4, or -1 for the last one: not every month has a fifth")
        if self.working_day is not None and not 1 <= abs(self.working_day) <= 31:
            raise ValueError("Expected `working_day` from 1 to 31, or from -1 (the last one) to -31")

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be known to tell its days."""
        return _NONE if self.working_day is None else frozenset({"calendar"})

    def _falls_in(self, month: int) -> bool:
        return True

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield its days from ``first`` through ``last``, in order."""
        for year, month in months(first, last):
            if self._falls_in(month):
                day = self._day(year, month, around)
                if day is not None and first <= day <= last:
                    yield day

    def _day(self, year: int, month: int, around: Around) -> dt.date | None:
        start, end = dt.date(year, month, 1), month_day(year, month, -1)
        if self.weekday is not None and self.nth is not None:
            number = WEEKDAYS.index(self.weekday)
            if self.nth < 0:
                return end - (end.weekday() - number) % 7 * _DAY
            return start + ((number - start.weekday()) % 7 + 7 * (self.nth - 1)) * _DAY
        if self.working_day is not None:
            found: dt.date | None = None
            count = 0
            for n in range(end.day):
                day = start + n * _DAY if self.working_day > 0 else end - n * _DAY
                if around.counts(day, "workday"):
                    found, count = day, count + 1
                if count == abs(self.working_day):
                    break
            return found
        return month_day(year, month, -1 if self.day is None else self.day)


@attrs.frozen(kw_only=True)
class Monthly(_InMonth):
    """Once a month; a month that is too short for its day has it on the last day, so that no month is left out.

    >>> ends = Monthly(day=31).days(dt.date(2026, 1, 1), dt.date(2026, 4, 30), Around())
    >>> [day.isoformat() for day in ends]
    ['2026-01-31', '2026-02-28', '2026-03-31', '2026-04-30']
    """

    KIND: ClassVar[str] = "monthly"


@attrs.frozen(kw_only=True)
class Quarterly(_InMonth):
    """Once a quarter; where nothing is said, on its last day."""

    KIND: ClassVar[str] = "quarterly"

    month: Literal[1, 2, 3] = 3
    """Which month of the quarter."""

    def _falls_in(self, month: int) -> bool:
        return (month - 1) % 3 + 1 == self.month


@attrs.frozen(kw_only=True)
class HalfYearly(_InMonth):
    """Once in each half of a year; where nothing is said, on its last day."""

    KIND: ClassVar[str] = "half_yearly"

    month: Literal[1, 2, 3, 4, 5, 6] = 6
    """Which month of the half."""

    def _falls_in(self, month: int) -> bool:
        return (month - 1) % 6 + 1 == self.month


@attrs.frozen(kw_only=True)
class Yearly:
    """On dates of every year, as before summer and before winter.

    >>> Yearly(dates=("05-15", "10-15")).needs
    frozenset()
    """

    KIND: ClassVar[str] = "yearly"

    dates: tuple[str, ...]
    """Month and day, ``MM-DD``, in order; 02-29 is the last day of February in other years."""

    def __attrs_post_init__(self) -> None:
        if not self.dates or not all(_DATE.fullmatch(date) and _exists(date) for date in self.dates):
            raise ValueError("Expected `dates` that exist, each month and day as in 05-15")
        # February's last two dates fall together in a common year.
        if list(self.dates) != sorted(set(self.dates)) or {"02-28", "02-29"} <= set(self.dates):
            raise ValueError("Expected `dates` in order and each once")

    @property
    def needs(self) -> frozenset[Need]:
        """Nothing has to be known."""
        return _NONE

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield its days from ``first`` through ``last``, in order."""
        for year in range(first.year, last.year + 1):
            for date in self.dates:
                day = month_day(year, int(date[:2]), int(date[3:]))
                if first <= day <= last:
                    yield day


def _exists(date: str) -> bool:
    return month_day(2024, int(date[:2]), int(date[3:])).day == int(date[3:])


@attrs.frozen(kw_only=True)
class EveryDays:
    """Every so many days, counted from a day on."""

    KIND: ClassVar[str] = "every_days"

    every: int
    since: dt.date
    """The first day on which it is due."""

    def __attrs_post_init__(self) -> None:
        if not 2 <= self.every <= 10_000:
            raise ValueError("Expected `every` from 2 to 10000 days")

    @property
    def needs(self) -> frozenset[Need]:
        """Nothing has to be known."""
        return _NONE

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield its days from ``first`` through ``last``, in order."""
        start = max(first, self.since)
        skipped = (self.since - start).days % self.every
        return (start + n * _DAY for n in range(skipped, (last - start).days + 1, self.every))


@attrs.frozen(kw_only=True)
class _NoDays:
    @property
    def needs(self) -> frozenset[Need]:
        """Nothing has to be known."""
        return _NONE

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield nothing: no day can be told beforehand."""
        return iter(())


@attrs.frozen(kw_only=True)
class OnEvent(_NoDays):
    """Whenever something happens, as a fault, a change or an absence; no day can be told beforehand."""

    KIND: ClassVar[str] = "on_event"

    event: str
    """A code such as ``opening``, ``temporary_absence`` or ``incident``."""

    def __attrs_post_init__(self) -> None:
        if not re.fullmatch(r"[a-z][a-z0-9_]*", self.event):
            raise ValueError("Expected `event`, a code of lower-case letters, digits and _")


@attrs.frozen(kw_only=True)
class Continuous(_NoDays):
    """All the time, as a network is watched."""

    KIND: ClassVar[str] = "continuous"


@attrs.frozen(kw_only=True)
class NotConfigured(_NoDays):
    """The duty stands and how often is stated nowhere: an answer, not "never"."""

    KIND: ClassVar[str] = "not_configured"


Cycle = (
    Daily | Weekly | Monthly | Quarterly | HalfYearly | Yearly | EveryDays | AtMost | Random | OnEvent
    | Continuous | NotConfigured
)  # fmt: skip
"""How often something is due."""


def roll_problem(cycle: Cycle, roll: Roll) -> str | None:
    """Say why a cycle cannot be rolled this way, or nothing where it can.

    >>> roll_problem(Continuous(), Roll.NEXT)
    'Has no effect on the cycle continuous'
    """
    if roll is Roll.NONE:
        return None
    if isinstance(cycle, Daily | Random | _NoDays) or (isinstance(cycle, _InMonth) and cycle.working_day is not None):
        return f"Has no effect on the cycle {cycle.KIND}" + (" of working days" if isinstance(cycle, _InMonth) else "")
    if isinstance(cycle, AtMost) and roll is not Roll.PREVIOUS:
        return "Expected previous or none: a later day would be past the latest one"
    return None
