"""Calendars counted day by day, at their first and last day, and joined."""

from __future__ import annotations

import datetime as dt
import hmac
from itertools import islice

import attrs
import pytest

from branchkit.errors import CalendarUnknown, InputError
from branchkit.temporal import Calendar, CalendarChange, CalendarDay, Roll
from branchkit.temporal.chance import _below, draw
from branchkit.temporal.spans import merge
from branchkit.values import Text

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2026, 3, 2), dt.date(2026, 3, 27)  # a Monday and a Friday
MARCH = Calendar(
    "march",
    version="1",
    title=Text(en="March"),
    confirmed_from=FIRST,
    confirmed_through=LAST,
    days=(
        CalendarDay(dt.date(2026, 3, 7), working=True),
        CalendarDay(dt.date(2026, 3, 8), working=True),
        CalendarDay(dt.date(2026, 3, 9), working=False),
    ),
)
DAYS = [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]
WORKING = [day for day in DAYS if (day.weekday() < 5 and day.day != 9) or day.day in {7, 8}]


@pytest.mark.parametrize("n", [*range(-22, 0), *range(1, 23)])
def test_the_nth_working_day_is_the_one_that_counting_finds(n: int) -> None:
    """From every day of the calendar, on and back, up to its first and its last working day and not beyond."""
    for day in DAYS:
        others = [one for one in WORKING if one > day] if n > 0 else [one for one in reversed(WORKING) if one < day]
        if abs(n) <= len(others):
            assert others[abs(n) - 1] == MARCH.add_working_days(day, n)
        else:
            with pytest.raises(CalendarUnknown):
                MARCH.add_working_days(day, n)


def test_working_days_between_two_are_those_that_counting_finds() -> None:
    """For every pair of days, in both directions, and both ends included where that is asked."""
    for one in DAYS:
        for other in DAYS:
            after = len([day for day in WORKING if one < day <= other])
            before = len([day for day in WORKING if other <= day < one])

            assert after - before == MARCH.working_days_between(one, other)
            assert len([day for day in WORKING if one <= day <= other]) == MARCH.working_days(one, other)


def test_before_the_first_day_of_the_era_there_is_none() -> None:
    """A calendar that reaches back to the first of all days says that nothing is confirmed before."""
    ages = attrs.evolve(MARCH, confirmed_from=dt.date.min)

    with pytest.raises(CalendarUnknown) as caught:
        ages.add_working_days(dt.date.min, -1)
    assert dt.date.min == caught.value.day


def test_the_last_day_of_a_month_is_still_in_it() -> None:
    """A day that may not leave its month rolls on as far as the thirty-first."""
    saturdays = Calendar(
        "saturdays",
        version="1",
        title=Text(en="Saturdays"),
        confirmed_from=dt.date(2026, 9, 1),
        confirmed_through=dt.date(2026, 11, 30),
        weekly=("sat",),
        days=tuple(CalendarDay(dt.date(2026, 10, day), working=False) for day in (3, 10, 17, 24)),
    )

    assert dt.date(2026, 10, 31) == saturdays.roll(dt.date(2026, 10, 1), Roll.MODIFIED)[0]


def test_two_changes_may_be_announced_on_one_day() -> None:
    """Changes stand in the order they were announced, and one day may bring several."""
    day = dt.date(2026, 3, 1)
    changes = tuple(
        CalendarChange(announced=day, days=(CalendarDay(dt.date(2026, 3, at), working=False),), source="notice")
        for at in (10, 11)
    )

    assert [] == list(attrs.evolve(MARCH, changes=changes).validate())
    assert ["$.changes[1].announced"] == [
        problem.path
        for problem in attrs.evolve(
            MARCH, changes=(changes[0], attrs.evolve(changes[1], announced=day - DAY))
        ).validate()
    ]


@pytest.mark.parametrize(("year", "paths"), [(9989, []), (9990, ["$.confirmed_through"])])
def test_a_calendar_ends_before_the_era_does(year: int, paths: list[str]) -> None:
    """The last year that may be confirmed leaves days after it to be asked for."""
    ages = attrs.evolve(MARCH, confirmed_through=dt.date(year, 12, 31))

    assert paths == [problem.path for problem in ages.validate()]


# -- joined


def year(first: str, last: str, **more: object) -> Calendar:
    span = {"confirmed_from": dt.date.fromisoformat(first), "confirmed_through": dt.date.fromisoformat(last)}
    return attrs.evolve(MARCH, days=(), **(span | more))  # type: ignore[arg-type]  # the fields' own names


def test_joined_calendars_go_by_the_first_ones_name() -> None:
    """Id and title are the first one's; an id that is given comes before."""
    one = year("2026-01-01", "2026-06-30")
    two = year("2026-07-01", "2026-12-31", id="other", version="2", title=Text(en="Other"))

    joined, named = Calendar.merge(one, two), Calendar.merge(one, two, id="both", version="9")

    assert ("march", Text(en="March"), "1+2") == (joined.id, joined.title, joined.version)
    assert ("both", "9") == (named.id, named.version)
    assert (dt.date(2026, 1, 1), dt.date(2026, 12, 31)) == (joined.confirmed_from, joined.confirmed_through)


@pytest.mark.parametrize(
    ("start", "paths"), [("2026-06-30", []), ("2026-07-01", []), ("2026-07-02", ["$[1].confirmed_from"])]
)
def test_joined_calendars_leave_no_hole(start: str, paths: list[str]) -> None:
    """They may touch or overlap; a single day between them is a hole."""
    one, two = year("2026-01-01", "2026-06-30"), year(start, "2026-12-31")

    if not paths:
        assert dt.date(2026, 12, 31) == Calendar.merge(one, two).confirmed_through
        return
    with pytest.raises(InputError) as caught:
        Calendar.merge(one, two)
    assert paths == [problem.path for problem in caught.value.problems]


def test_joined_calendars_have_the_first_ones_week() -> None:
    """Each one whose working weekdays are other than the first one's is told."""
    one = year("2026-01-01", "2026-06-30")
    others = [year("2026-07-01", "2026-12-31", weekly=("mon",))] * 2

    with pytest.raises(InputError) as caught:
        Calendar.merge(one, *others)
    assert ["$[1].weekly", "$[2].weekly"] == [problem.path for problem in caught.value.problems]


# -- draws and spans


def test_a_long_draw_is_the_one_that_is_written_down() -> None:
    """Each block of the chance is used once, in order, however many are needed."""
    seed = bytes(range(32))

    def chance() -> list[int]:
        blocks = [
            hmac.digest(seed, b"branchkit/draw/1\0" + block.to_bytes(8, "big") + b"round", "sha256")
            for block in range(10)
        ]
        return [int.from_bytes(block[at : at + 8], "big") for block in blocks for at in range(0, 32, 8)]

    numbers = list(range(100))
    for at, number in enumerate(islice(chance(), 20)):
        other = at + number % (100 - at)
        numbers[at], numbers[other] = numbers[other], numbers[at]

    assert tuple(sorted(numbers[:20])) == draw(seed, "round", 20, 100)


def test_numbers_that_would_make_some_results_likelier_are_passed_over() -> None:
    """Past the last whole multiple of the limit nothing is taken, and the last number before it is."""
    highest = 2**64 - 1  # a multiple of 3

    assert [2, 2] == [_below(iter([highest, 5]), 3), _below(iter([highest - 1, 6]), 3)]


def test_spans_that_meet_or_hold_one_another_are_one() -> None:
    """The later end counts, whichever span it belongs to."""
    spans = [(dt.datetime(2026, 3, 2, a, tzinfo=dt.UTC), dt.datetime(2026, 3, 2, b, tzinfo=dt.UTC))
             for a, b in ((1, 2), (5, 9), (6, 7), (9, 10), (8, 11))]  # fmt: skip

    assert [(1, 2), (5, 11)] == [(a.hour, b.hour) for a, b in merge(spans)]


def test_joining_asks_no_calendar_but_those_that_are_given() -> None:
    """Whichever calendar it is asked through, only those that are named are joined."""
    assert Calendar.merge(MARCH) == attrs.evolve(MARCH, id="other").merge(MARCH)
