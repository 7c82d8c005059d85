"""Months and the periods made of them, where months have no one length."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable, Iterator

__all__ = [
    "PERIODS",
    "add_span",
    "is_month_end",
    "month_day",
    "months",
    "named_period",
    "period_name",
    "period_of",
    "periods",
    "read_span",
]

PERIODS = ("week", "month", "quarter", "half_year", "year")
"""The periods of a calendar; a week begins on Monday."""

_MONTHS = {"month": 1, "quarter": 3, "half_year": 6, "year": 12}
_SPAN = re.compile(r"P([1-9][0-9]{0,2})([DWMY])")
_NAMES = {
    "week": re.compile(r"([0-9]{4})-W([0-9]{2})"),
    "month": re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])"),
    "quarter": re.compile(r"([0-9]{4})-Q([1-4])"),
    "half_year": re.compile(r"([0-9]{4})-H([12])"),
    "year": re.compile(r"([0-9]{4})"),
}
_DAY = dt.timedelta(days=1)


def month_day(year: int, month: int, day: int) -> dt.date:
    """Return a day of a month; where the month is too short, its last day. Negative days count from the end.

    >>> month_day(2026, 2, 31).isoformat(), month_day(2026, 2, -1).isoformat(), month_day(2026, 4, -2).isoformat()
    ('2026-02-28', '2026-02-28', '2026-04-29')
    """
    length = calendar.monthrange(year, month)[1]
    return dt.date(year, month, min(day, length) if day > 0 else max(1, length + 1 + day))


def is_month_end(day: dt.date) -> bool:
    """Say whether it is the last day of its month."""
    return (day + _DAY).day == 1


def months(first: dt.date, last: dt.date) -> Iterator[tuple[int, int]]:
    """Yield year and month of every month that has a day from ``first`` through ``last``.

    >>> list(months(dt.date(2025, 12, 31), dt.date(2026, 1, 1)))
    [(2025, 12), (2026, 1)]
    """
    for number in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield number // 12, number % 12 + 1


def read_span(text: str) -> tuple[int, str]:
    """Return count and unit (``D`` or ``M``) of a span such as ``P1M``, ``P2W`` or ``P90D``; else `ValueError`.

    >>> read_span("P1Y"), read_span("P2W")
    ((12, 'M'), (14, 'D'))
    """
    match = _SPAN.fullmatch(text)
    if match is None:
        raise ValueError("Expected a span of days, weeks, months or years, as in P30D, P2W, P1M or P1Y")
    count = int(match[1])
    scale, unit = {"D": (1, "D"), "W": (7, "D"), "M": (1, "M"), "Y": (12, "M")}[match[2]]
    return count * scale, unit


def add_span(day: dt.date, text: str) -> dt.date:
    """Return the day a span later; a month from the 31st ends on the last day of a shorter month.

    >>> add_span(dt.date(2026, 1, 31), "P1M").isoformat()
    '2026-02-28'
    """
    count, unit = read_span(text)
    if unit == "D":
        return day + dt.timedelta(days=count)
    number = day.year * 12 + day.month - 1 + count
    return month_day(number // 12, number % 12 + 1, day.day)


def period_of(day: dt.date, period: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the period that a day lies in.

    >>> [one.isoformat() for one in period_of(dt.date(2026, 5, 9), "quarter")]
    ['2026-04-01', '2026-06-30']
    """
    if period == "week":
        monday = day - dt.timedelta(days=day.weekday())
        return monday, monday + 6 * _DAY
    length = _MONTHS[period]
    month = (day.month - 1) // length * length + 1
    return dt.date(day.year, month, 1), month_day(day.year, month + length - 1, -1)


def period_name(day: dt.date, period: str) -> str:
    """Return the name of the period that a day lies in; no two periods have the same one.

    >>> [period_name(dt.date(2026, 5, 9), period) for period in PERIODS]
    ['2026-W19', '2026-05', '2026-Q2', '2026-H1', '2026']
    """
    iso = day.isocalendar()
    names: dict[str, Callable[[], str]] = {
        "week": lambda: f"{iso.year:04}-W{iso.week:02}",
        "month": lambda: f"{day.year:04}-{day.month:02}",
        "quarter": lambda: f"{day.year:04}-Q{(day.month + 2) // 3}",
        "half_year": lambda: f"{day.year:04}-H{(day.month + 5) // 6}",
        "year": lambda: f"{day.year:04}",
    }
    return names[period]()


def periods(first: dt.date, last: dt.date, period: str) -> Iterator[tuple[str, dt.date]]:
    """Yield the name of every period that has a day from ``first`` through ``last``, and the first such day.

    >>> [name for name, _ in periods(dt.date(2026, 3, 30), dt.date(2026, 4, 1), "month")]
    ['2026-03', '2026-04']
    """
    day = first
    while day <= last:
        yield period_name(day, period), day
        day = period_of(day, period)[1] + _DAY


def named_period(name: str, period: str) -> tuple[dt.date, dt.date]:
    """Return the first and last day of the period of that name; else `ValueError`.

    >>> [day.isoformat() for day in named_period("2026-W10", "week")]
    ['2026-03-02', '2026-03-08']
    """
    match = _NAMES[period].fullmatch(name)
    try:
        if match is None:
            raise ValueError(name)
        year, number = int(match[1]), int(match[2]) if match.re.groups == 2 else 1
        week = period == "week"
        day = dt.date.fromisocalendar(year, number, 1) if week else dt.date(year, (number - 1) * _MONTHS[period] + 1, 1)
    except ValueError as error:
        like = period_name(dt.date(2026, 3, 2), period)
        raise ValueError(f"Expected a period such as {like}") from error
    return period_of(day, period)
