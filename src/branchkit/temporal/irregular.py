"""Cycles without fixed days: at most so far apart, and days drawn by chance."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

import attrs

from branchkit.errors import ConfigError, InputError, Problem
from branchkit.temporal.around import DAYS_ON, Around, Need, On, needs_of
from branchkit.temporal.chance import draw, period_seed
from branchkit.temporal.months import PERIODS, add_span, is_month_end, period_of, periods, read_span
from branchkit.temporal.zones import within

__all__ = ["AtMost", "Random"]

_DAY = dt.timedelta(days=1)
_LONGEST = {"D": 3650, "M": 120}


@attrs.frozen(kw_only=True)
class AtMost:
    """At most so far apart, and where `irregular`, not in a pattern that somebody could wait for.

    A pattern is the day of the month again (the last day of a month is such a day too) where the span is of months,
    and the same distance again where it is of days.

    >>> password = AtMost(span="P1M", irregular=True)
    >>> password.latest([dt.date(2026, 3, 10)]).isoformat(), AtMost(span="P1M").latest([dt.date(2026, 3, 10)]).day
    ('2026-04-09', 10)
    """

    KIND: ClassVar[str] = "at_most"

    span: str
    """``P30D``, ``P2W``, ``P1M`` or ``P1Y``; a month from the 31st is the last day of a shorter month."""
    irregular: bool = False

    def __attrs_post_init__(self) -> None:
        count, unit = read_span(self.span)
        if count > _LONGEST[unit]:
            raise ValueError("Expected a span of at most 10 years")
        if self.irregular and unit == "D" and count < 2:
            raise ValueError("Expected a span of at least 2 days where it is irregular")

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be known to tell its next day."""
        return frozenset({"done"})

    def latest(self, done: Sequence[dt.date]) -> dt.date:
        """Return the latest day on which it may be done next, after the days it was done on, in order.

        Raises:
            InputError: It was never done, or the days are not in order or too near the ends of the calendar era.
        """
        _check(done)
        latest = add_span(done[-1], self.span)
        while self.irregular and self._repeats(latest, done):
            latest -= _DAY
        return latest

    def late(self, done: Sequence[dt.date]) -> tuple[dt.date, ...]:
        """Return the days that came later than the span allows after the day before them."""
        _check(done)
        return tuple(day for at, day in enumerate(done[1:], 1) if day > add_span(done[at - 1], self.span))

    def repeated(self, done: Sequence[dt.date]) -> tuple[dt.date, ...]:
        """Return the days that repeat a pattern; none where regular days are allowed.

        >>> days = [dt.date(2026, 1, 5), dt.date(2026, 2, 5), dt.date(2026, 2, 27)]
        >>> [day.isoformat() for day in AtMost(span="P1M", irregular=True).repeated(days)]
        ['2026-02-05']
        """
        _check(done)
        return tuple(day for at, day in enumerate(done) if at and self.irregular and self._repeats(day, done[:at]))

    def _repeats(self, day: dt.date, done: Sequence[dt.date]) -> bool:
        if read_span(self.span)[1] == "M":
            return day.day == done[-1].day or (is_month_end(day) and is_month_end(done[-1]))
        return len(done) > 1 and day - done[-1] == done[-1] - done[-2]

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield the latest next day if it lies in the range; those after it depend on when it is done."""
        latest = self.latest(around.done)
        return iter((latest,) if first <= latest <= last else ())


def _check(done: Sequence[dt.date]) -> None:
    if not done:
        raise InputError("done", (Problem("$", "Expected at least one day on which it was done"),))
    within(done[-1], "done")
    if any(later <= earlier for earlier, later in itertools.pairwise(done)):
        raise InputError("done", (Problem("$", "Expected the days in order and each once"),))


@attrs.frozen(kw_only=True)
class Random:
    """On days drawn by chance in each period, so that nobody can wait for them.

    The days follow from a secret, and only from it: whoever does not have it cannot tell them beforehand, and whoever
    is given the seed of a period afterwards can draw them again. Any set of days is as likely as any other.

    >>> patrol = Random(period="month", count=2)
    >>> around = Around(seed=b"0123456789abcdef", label="B-1")
    >>> drawn = list(patrol.days(dt.date(2026, 3, 1), dt.date(2026, 3, 31), around))
    >>> seed = period_seed(b"0123456789abcdef", "2026-03")  # told when March is over
    >>> drawn == list(patrol.draw(seed, dt.date(2026, 3, 1), Around(label="B-1")))
    True
    """

    KIND: ClassVar[str] = "random"

    period: Literal["week", "month", "quarter", "half_year", "year"]
    count: int = 1
    """How many days in each period; every day that counts where there are no more."""
    on: On = "every_day"
    """Which days may be drawn."""

    def __attrs_post_init__(self) -> None:
        if self.period not in PERIODS:
            raise ValueError(f"Expected `period`, one of: {', '.join(PERIODS)}")
        if self.on not in DAYS_ON:
            raise ValueError(f"Expected `on`, one of: {', '.join(DAYS_ON)}")
        if not 1 <= self.count <= 366:
            raise ValueError("Expected `count` from 1 to 366")

    @property
    def needs(self) -> frozenset[Need]:
        """What has to be known to draw its days."""
        return needs_of(self.on) | frozenset[Need]({"seed"})

    def draw(self, seed: bytes, day: dt.date, around: Around) -> tuple[dt.date, ...]:
        """Draw the days of the period that a day lies in, from that period's own seed.

        Raises:
            CalendarUnknown: A day of the period lies outside what the calendar has confirmed.
            ConfigError: What tells the days that count is not given.
        """
        first, last = period_of(day, self.period)
        days = [first + n * _DAY for n in range((last - first).days + 1)]
        days = [one for one in days if around.counts(one, self.on)]
        return tuple(days[at] for at in draw(seed, around.label, self.count, len(days)))

    def days(self, first: dt.date, last: dt.date, around: Around) -> Iterator[dt.date]:
        """Yield its days from ``first`` through ``last``, in order; the seed in ``around`` is the secret itself.

        Without the secret, those of the periods whose seed was told.

        Raises as `draw`; also `InputError` for a secret that is too short.
        """
        if around.seed is None and not around.told:
            raise ConfigError("seed", "Expected the secret that the days are drawn by")
        for name, day in periods(first, last, self.period):
            seed = around.told.get(name) if around.seed is None else period_seed(around.seed, name)
            if seed is not None:
                yield from (one for one in self.draw(seed, day, around) if first <= one <= last)
