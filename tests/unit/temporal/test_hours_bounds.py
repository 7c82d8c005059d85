"""Opening hours at their bounds: midnight, the ends of the calendar, and what reaches over."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from branchkit.errors import ConfigError
from branchkit.temporal import Calendar, Hours, HoursEffect, HoursException, Interval
from branchkit.temporal.zones import local
from branchkit.values import Text

ZONE = ZoneInfo("Asia/Shanghai")
DAY_LONG = Hours.from_week({"mon tue wed thu fri sat sun": "00:00-24:00"})
WORKDAYS = Hours.from_week({"workday": "09:00-17:00"})
MARCH = Calendar(
    "march",
    version="1",
    title=Text(en="March"),
    confirmed_from=dt.date(2026, 3, 2),
    confirmed_through=dt.date(2026, 3, 27),
)


def at(day: int, hour: int = 0, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


def test_a_day_that_is_open_all_day_is_open_from_midnight_to_midnight() -> None:
    """Both ends are exact, for one day and for several."""
    assert [(at(2), at(4))] == list(DAY_LONG.open_spans(dt.date(2026, 3, 2), dt.date(2026, 3, 3), ZONE))
    assert DAY_LONG.is_open(at(2), ZONE)


@pytest.mark.parametrize(
    ("week", "minutes"),
    [
        ({"mon tue wed thu fri sat sun": "00:00-24:00"}, 7 * 24 * 60),
        ({"sun": "22:00-02:00"}, 240),
        ({"sun": "23:59:00-00:00:59"}, 1),
        ({"sun": "23:59:01-00:00:01"}, 1),
        ({"sun": "22:00-02:00", "mon": "01:00-03:00"}, 300),
    ],
)
def test_a_week_goes_round(week: dict[str, str], minutes: int) -> None:
    """What Sunday night holds past midnight is Monday's, each second once, and seconds are dropped at the end."""
    assert minutes == Hours.from_week(week).weekly_minutes()


def test_only_days_that_matter_are_asked_of_the_calendar() -> None:
    """At the ends of what is confirmed, neither the day before nor the day after is needed."""
    assert not WORKDAYS.is_open(at(2), ZONE, MARCH)
    assert [(at(27, 9), at(27, 17))] == list(
        WORKDAYS.open_spans(dt.date(2026, 3, 27), dt.date(2026, 3, 27), ZONE, MARCH)
    )
    assert None is WORKDAYS.open_until(at(23, 8), ZONE, MARCH)


def test_yesterdays_closure_reaches_in() -> None:
    """A closure past midnight takes off what opens on the next day."""
    closure = HoursException(
        first=dt.date(2026, 3, 6),
        last=dt.date(2026, 3, 6),
        effect=HoursEffect.SUBTRACT,
        intervals=(Interval.parse("22:00-02:00"),),
    )
    hours = Hours(week=DAY_LONG.week, exceptions=(closure,))

    assert ((at(7, 2), at(8)),) == hours.of_day(dt.date(2026, 3, 7), ZONE)
    assert ((at(6), at(6, 22)),) == hours.of_day(dt.date(2026, 3, 6), ZONE)


def test_hours_may_be_exceptions_alone() -> None:
    """Without a weekly rule a replaced day is open, and every other is closed."""
    opening = HoursException(
        first=dt.date(2026, 3, 6), last=dt.date(2026, 3, 6), intervals=(Interval.parse("09:00-12:00"),)
    )
    hours = Hours(exceptions=(opening,))

    assert [True, False] == [hours.is_open(at(day, 10), ZONE) for day in (6, 7)]


def test_no_time_passes_between_a_moment_and_itself() -> None:
    """A span of nothing holds no open time and is no error."""
    assert dt.timedelta(0) == DAY_LONG.open_time_between(at(2), at(2), ZONE)


def test_rules_by_day_type_need_a_calendar_whatever_is_asked() -> None:
    """A day, a moment and the arithmetic say alike that a calendar is missing."""
    for ask in (
        lambda: WORKDAYS.of_day(dt.date(2026, 3, 2), ZONE),
        lambda: WORKDAYS.is_open(at(2), ZONE),
        lambda: WORKDAYS.worktime(ZONE),
    ):
        with pytest.raises(ConfigError):
            ask()


def test_a_tie_is_found_behind_another_line() -> None:
    """Two replacements for one line and date contradict each other, whatever stands between them."""
    replaced = tuple(
        HoursException(first=dt.date(2026, 3, 6), last=dt.date(2026, 3, 6), intervals=(), line=line)
        for line in ("cash", "loans", "cash")
    )

    assert ["$.exceptions[2]"] == [problem.path for problem in Hours(exceptions=replaced).validate()]


def test_a_moment_by_the_clock_has_no_fold() -> None:
    """With its offset fixed a moment is told apart from no other, also in the hour that comes twice."""
    london = ZoneInfo("Europe/London")
    twice = local(dt.datetime(2026, 10, 25, 1, 30, tzinfo=dt.UTC), london)

    assert (0, "2026-10-25T01:30:00+00:00") == (twice.fold, twice.isoformat())


def test_a_branch_is_closed_until_the_last_instant_before_it_opens() -> None:
    """A microsecond before the hour it is closed, at the hour it is open."""
    hours = Hours.from_week({"mon": "09:00-17:00"})

    assert (False, True) == (
        hours.is_open(at(2, 9) - dt.timedelta(microseconds=1), ZONE),
        hours.is_open(at(2, 9), ZONE),
    )
