"""Cycles at their bounds: the largest and smallest values, the first and last days."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from branchkit.errors import InputError
from branchkit.temporal import Around, AtMost, Calendar, EveryDays, Monthly, Random, Weekly, Yearly, period_seed
from branchkit.temporal.calendar import WEEKDAYS
from branchkit.values import Text

YEAR = Calendar(
    "year",
    version="1",
    title=Text(en="Year"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)


def days(cycle: Any, first: str, last: str, **around: Any) -> list[str]:
    found = cycle.days(dt.date.fromisoformat(f"2026-{first}"), dt.date.fromisoformat(f"2026-{last}"), Around(**around))
    return [day.isoformat()[5:] for day in found]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Weekly(weekdays=("mon",), every=52, since=dt.date(2026, 1, 1)),
        lambda: EveryDays(every=10_000, since=dt.date(2026, 1, 1)),
        lambda: Monthly(day=31),
        lambda: Monthly(day=-28),
        lambda: Monthly(weekday="mon", nth=3),
        lambda: Monthly(weekday="mon", nth=4),
        lambda: Monthly(working_day=31),
        lambda: Monthly(working_day=-31),
        lambda: Random(period="year", count=366),
        lambda: AtMost(span="P2D", irregular=True),
        lambda: AtMost(span="P1D"),
        lambda: AtMost(span="P521W"),
        lambda: AtMost(span="P120M"),
    ],
)
def test_the_bounds_are_allowed(make: Any) -> None:
    """The largest and smallest values belong to what may be said."""
    assert make() == make()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: AtMost(span="P522W"), "a span of at most 10 years"),
        (lambda: AtMost(span="P121M"), "a span of at most 10 years"),
        (lambda: Weekly(weekdays=("mon",), every=53, since=dt.date(2026, 1, 1)), "`every` from 1 to 52 weeks"),
        (lambda: EveryDays(every=10_001, since=dt.date(2026, 1, 1)), "`every` from 2 to 10000 days"),
        (lambda: Monthly(day=-29), "`day` from 1 to 31"),
        (lambda: Monthly(weekday="mon", nth=5), "`nth` from 1 to 4"),
        (lambda: Monthly(working_day=32), "`working_day` from 1 to 31"),
        (lambda: Monthly(day=1, nth=1), "one of `day`, `weekday` with `nth`"),
        (lambda: Monthly(day=1, weekday="mon"), "one of `day`, `weekday` with `nth`"),
        (lambda: Random(period="year", count=367), "`count` from 1 to 366"),
        (lambda: AtMost(span="P1D", irregular=True), "at least 2 days"),
    ],
)
def test_one_past_the_bounds_is_refused(make: Any, message: str) -> None:
    """One more, or one less, is told with the bounds."""
    with pytest.raises(ValueError, match=message):
        make()


def test_every_third_week_is_due_on_each_of_its_days() -> None:
    """The weeks are counted, and not the days: a Wednesday is due in the week of its Monday."""
    third = Weekly(weekdays=("mon", "wed"), every=3, since=dt.date(2026, 3, 5))

    assert ["03-04", "03-23", "03-25", "04-13"] == days(third, "03-03", "04-13")


@pytest.mark.parametrize("weekday", WEEKDAYS)
@pytest.mark.parametrize("month", [6, 8])
def test_weekdays_of_a_month_are_counted_from_both_ends(weekday: str, month: int) -> None:
    """June begins with a Monday and August ends with one; each first, fourth and last weekday is where it is."""
    whole = (f"{month:02}-01", f"{month:02}-{30 if month == 6 else 31}")
    all_days = [dt.date(2026, month, day) for day in range(1, 31 if month == 6 else 32)]
    such = [day.isoformat()[5:] for day in all_days if WEEKDAYS[day.weekday()] == weekday]

    for nth, at in ((1, 0), (4, 3), (-1, -1)):
        assert [such[at]] == days(Monthly(weekday=weekday, nth=nth), *whole)


@pytest.mark.parametrize(
    ("working_day", "expected"), [(1, "06-01"), (2, "06-02"), (-1, "06-30"), (-2, "06-29"), (31, "06-30")]
)
def test_working_days_of_a_month_are_counted_from_both_ends(working_day: int, expected: str) -> None:
    """The first and the last day of a month count where they work; where there are too few it is the last one."""
    assert [expected] == days(Monthly(working_day=working_day), "06-01", "06-30", calendar=YEAR)


@pytest.mark.parametrize(
    ("cycle", "first", "last", "found"),
    [
        (Monthly(day=15), "03-15", "03-15", ["03-15"]),
        (Monthly(day=15), "03-16", "03-31", []),
        (Monthly(day=15), "03-01", "03-14", []),
        (Yearly(dates=("03-15",)), "03-15", "03-15", ["03-15"]),
        (Yearly(dates=("03-15",)), "03-16", "03-20", []),
        (EveryDays(every=7, since=dt.date(2026, 3, 1)), "02-01", "03-08", ["03-01", "03-08"]),
        (EveryDays(every=7, since=dt.date(2026, 3, 1)), "03-08", "03-14", ["03-08"]),
    ],
)
def test_a_range_holds_its_first_and_its_last_day(cycle: Any, first: str, last: str, found: list[str]) -> None:
    """What falls on either end is in it, and nothing outside is."""
    assert found == days(cycle, first, last)


def test_at_most_falls_on_its_latest_day_alone() -> None:
    """The latest day is in a range that begins and ends with it."""
    done = (dt.date(2026, 3, 10),)

    assert ["04-10"] == days(AtMost(span="P1M"), "04-10", "04-10", done=done)
    assert [] == days(AtMost(span="P1M"), "04-11", "04-30", done=done)
    assert [] == days(AtMost(span="P1M"), "03-10", "04-09", done=done)


def test_each_late_day_is_told() -> None:
    """Each day is compared with the one before it."""
    done = [dt.date(2026, 1, day) for day in (1, 4, 6, 9)]

    assert (dt.date(2026, 1, 4), dt.date(2026, 1, 9)) == AtMost(span="P2D").late(done)
    assert () == AtMost(span="P3D").late(done)


def test_a_pattern_is_that_of_the_last_days() -> None:
    """The distance again is the one between the last two; the day of the month again is the last one's."""
    days_ = AtMost(span="P10D", irregular=True)
    weeks = [dt.date(2026, 3, day) for day in (1, 2, 12)]
    months_ = AtMost(span="P1M", irregular=True)

    assert dt.date(2026, 3, 21) == days_.latest(weeks)
    assert dt.date(2026, 3, 20) == days_.latest([dt.date(2026, 3, day) for day in (1, 8, 10)])
    assert dt.date(2026, 4, 1) == months_.latest([dt.date(2026, 2, 1), dt.date(2026, 3, 2)])
    assert dt.date(2026, 2, 28) == months_.latest([dt.date(2025, 12, 31), dt.date(2026, 1, 30)])
    assert (dt.date(2026, 3, 28),) == months_.repeated(
        [dt.date(2026, 1, 30), dt.date(2026, 2, 28), dt.date(2026, 3, 28)]
    )


@pytest.mark.parametrize(
    "done",
    [
        [],
        [dt.date(2026, 3, 2), dt.date(2026, 3, 2)],
        [dt.date(2026, 3, 2), dt.date(2026, 3, 1)],
        [dt.date(2026, 3, 2), dt.date.max],
    ],
)
def test_days_that_were_done_are_judged_before_anything_else(done: list[dt.date]) -> None:
    """Each day stands once and in order, and the last one not at the end of the era."""
    cycle = AtMost(span="P1M", irregular=True)

    for ask in (cycle.latest, cycle.late, cycle.repeated):
        with pytest.raises(InputError, match="done"):
            ask(done)


def test_random_days_stay_in_their_period() -> None:
    """Where as many days are drawn as there are, they are all days of the period and no other."""
    every = Random(period="month", count=40)

    assert [f"03-{day:02}" for day in range(1, 32)] == days(every, "02-15", "03-31", seed=bytes(16))[-31:]
    assert tuple(dt.date(2026, 2, day) for day in range(1, 29)) == every.draw(bytes(32), dt.date(2026, 2, 9), Around())


def test_random_working_days_need_a_calendar_and_a_seed() -> None:
    """What tells the days and what draws them are both needed; a seed that was told is enough, but only for that."""
    needs = Random(period="month", on="workday").needs

    assert frozenset({"calendar", "seed"}) == needs
    assert ("calendar",) == Around(told={"2026-03": bytes(32)}).lacks(needs)


def test_a_seed_that_was_told_draws_its_own_period_only() -> None:
    """Days that lie in a period whose seed is told are drawn without the secret, up to the ends of the range."""
    monthly = Random(period="month")
    secret = bytes(range(16))
    told = {"2026-03": period_seed(secret, "2026-03")}
    (drawn,) = days(monthly, "03-01", "03-31", seed=secret)

    assert [drawn] == days(monthly, "03-01", "03-31", told=told)
    assert [drawn] == days(monthly, "02-01", "04-30", told=told)
    for day in range(1, 32):
        text = f"03-{day:02}"
        assert ([text] if text == drawn else []) == days(monthly, text, text, told=told)


def test_seeds_stay_out_of_what_is_logged() -> None:
    """Neither the secret nor a seed that was told stands in a repr."""
    around = Around(seed=b"a secret of at least sixteen bytes", told={"2026-03": bytes(32)})

    assert "Around(zone=None, hours=None, calendar=None, label='', done=())" == repr(around)
