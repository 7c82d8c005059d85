"""Months, spans and periods: each with its first and last day."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.temporal.intervals import Interval
from branchkit.temporal.months import (
    add_span,
    is_month_end,
    month_day,
    months,
    named_period,
    period_name,
    period_of,
    read_span,
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [(1, 1), (28, 28), (29, 28), (31, 28), (-1, 28), (-2, 27), (-28, 1), (-29, 1), (-31, 1)],
)
def test_a_day_that_february_does_not_have_is_the_nearest_it_has(day: int, expected: int) -> None:
    """Days past the end are the last one, days before the beginning the first one."""
    assert dt.date(2026, 2, expected) == month_day(2026, 2, day)


def test_only_the_last_day_ends_a_month() -> None:
    """February ends on the 29th in a leap year."""
    assert [False, True, True] == [
        is_month_end(day) for day in (dt.date(2028, 2, 28), dt.date(2028, 2, 29), dt.date(2026, 12, 31))
    ]


def test_months_are_counted_from_the_first_through_the_last() -> None:
    """A single day has its month; a year has twelve."""
    assert [(2026, 12)] == list(months(dt.date(2026, 12, 1), dt.date(2026, 12, 31)))
    assert [(2026, month) for month in range(1, 13)] == list(months(dt.date(2026, 1, 31), dt.date(2026, 12, 1)))


@pytest.mark.parametrize(
    ("text", "span", "later"),
    [
        ("P30D", (30, "D"), dt.date(2026, 3, 2)),
        ("P2W", (14, "D"), dt.date(2026, 2, 14)),
        ("P1M", (1, "M"), dt.date(2026, 2, 28)),
        ("P11M", (11, "M"), dt.date(2026, 12, 31)),
        ("P12M", (12, "M"), dt.date(2027, 1, 31)),
        ("P2Y", (24, "M"), dt.date(2028, 1, 31)),
        ("P999D", (999, "D"), dt.date(2028, 10, 26)),
    ],
)
def test_a_span_is_read_and_added(text: str, span: tuple[int, str], later: dt.date) -> None:
    """Weeks are days and years are months; a month ends with its last day."""
    assert (span, later) == (read_span(text), add_span(dt.date(2026, 1, 31), text))


@pytest.mark.parametrize("text", ["P0D", "P1000D", "1D", "P1H", "p1d", "P1D ", "P-1D", "PD"])
def test_what_is_no_span_is_refused(text: str) -> None:
    """A span is 1 to 999 of one unit."""
    with pytest.raises(ValueError, match="as in P30D, P2W, P1M or P1Y"):
        read_span(text)


@pytest.mark.parametrize(
    ("day", "period", "first", "last"),
    [
        ("2026-03-02", "week", "2026-03-02", "2026-03-08"),
        ("2026-03-08", "week", "2026-03-02", "2026-03-08"),
        ("2026-02-15", "month", "2026-02-01", "2026-02-28"),
        ("2026-03-31", "quarter", "2026-01-01", "2026-03-31"),
        ("2026-04-01", "quarter", "2026-04-01", "2026-06-30"),
        ("2026-06-30", "half_year", "2026-01-01", "2026-06-30"),
        ("2026-07-01", "half_year", "2026-07-01", "2026-12-31"),
        ("2026-12-31", "year", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_period_has_a_first_and_a_last_day(day: str, period: str, first: str, last: str) -> None:
    """Weeks begin on Monday; the others with a month."""
    assert (first, last) == tuple(one.isoformat() for one in period_of(dt.date.fromisoformat(day), period))


def test_each_month_is_in_its_quarter_and_half() -> None:
    """Three months make a quarter and six a half year."""
    days = [dt.date(2026, month, 15) for month in range(1, 13)]

    assert [f"2026-Q{n}" for n in (1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4)] == [period_name(day, "quarter") for day in days]
    assert ["2026-H1"] * 6 + ["2026-H2"] * 6 == [period_name(day, "half_year") for day in days]


def test_a_week_is_named_by_the_year_it_mostly_lies_in() -> None:
    """The first days of January may be in the last week of the year before."""
    assert ["2026-W53", "2026-W01"] == [
        period_name(day, "week") for day in (dt.date(2027, 1, 3), dt.date(2025, 12, 29))
    ]


# -- intervals


@pytest.mark.parametrize(("opens", "closes"), [(0, 1), (0, 86_400), (86_399, 86_400), (86_399, 172_798), (1, 86_400)])
def test_an_interval_lasts_from_a_second_to_a_day(opens: int, closes: int) -> None:
    """The shortest is a second; the longest that does not begin at midnight is a second short of a day."""
    assert closes - opens == Interval(opens, closes).seconds


@pytest.mark.parametrize(
    ("opens", "closes", "message"),
    [
        (-1, 5, "an opening time from 00:00 to 23:59:59"),
        (86_400, 86_401, "an opening time from 00:00 to 23:59:59"),
        (0, 0, "write 00:00-24:00 for all day"),
        (1, 86_401, "write 00:00-24:00 for all day"),
        (5, 4, "a closing time after the opening time"),
        (0, 86_401, "a closing time after the opening time"),
    ],
)
def test_an_interval_that_cannot_be_is_refused(opens: int, closes: int, message: str) -> None:
    """What is empty, turned round or longer than a day is no interval."""
    with pytest.raises(ValueError, match=message):
        Interval(opens, closes)


def test_intervals_sort_by_when_they_open() -> None:
    """Lists of intervals have one order."""
    early, late = Interval.parse("09:00-12:00"), Interval.parse("13:00-14:00")

    assert [early, late] == sorted([late, early])
    assert early < late


# -- periods by their names


@pytest.mark.parametrize(
    ("name", "period", "first", "last"),
    [
        ("2026-W01", "week", "2025-12-29", "2026-01-04"),
        ("2026-W53", "week", "2026-12-28", "2027-01-03"),
        ("2026-01", "month", "2026-01-01", "2026-01-31"),
        ("2026-12", "month", "2026-12-01", "2026-12-31"),
        ("2026-Q1", "quarter", "2026-01-01", "2026-03-31"),
        ("2026-Q4", "quarter", "2026-10-01", "2026-12-31"),
        ("2026-H1", "half_year", "2026-01-01", "2026-06-30"),
        ("2026-H2", "half_year", "2026-07-01", "2026-12-31"),
        ("2026", "year", "2026-01-01", "2026-12-31"),
    ],
)
def test_a_period_is_found_by_its_name(name: str, period: str, first: str, last: str) -> None:
    """The name that a day's period has leads back to the period."""
    assert (first, last) == tuple(day.isoformat() for day in named_period(name, period))
    assert name == period_name(dt.date.fromisoformat(first), period) == period_name(dt.date.fromisoformat(last), period)


@pytest.mark.parametrize(
    ("name", "period", "like"),
    [
        ("2026-W54", "week", "2026-W10"),
        ("2025-W53", "week", "2026-W10"),
        ("2026-13", "month", "2026-03"),
        ("2026-00", "month", "2026-03"),
        ("2026-3", "month", "2026-03"),
        ("2026-Q5", "quarter", "2026-Q1"),
        ("2026-H3", "half_year", "2026-H1"),
        ("26", "year", "2026"),
        ("2026-03", "year", "2026"),
    ],
)
def test_what_names_no_period_is_told_how_one_looks(name: str, period: str, like: str) -> None:
    """The message shows the name of a period of that kind."""
    with pytest.raises(ValueError, match=f"^Expected a period such as {like}$"):
        named_period(name, period)
