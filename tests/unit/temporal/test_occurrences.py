"""Where the range, the calendar and the ways to roll meet."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.errors import CalendarUnknown, ConfigError, InputError
from branchkit.temporal import Around, Calendar, CalendarDay, Daily, EveryDays, Roll, Yearly, occurrences
from branchkit.values import Text

MARCH = Calendar(
    "march",
    version="1",
    title=Text(en="March"),
    confirmed_from=dt.date(2026, 3, 1),  # a Sunday
    confirmed_through=dt.date(2026, 3, 29),  # a Sunday
    days=(CalendarDay(dt.date(2026, 3, 13), working=False, name=Text(en="Feast")),),
)


def march(day: int) -> dt.date:
    return dt.date(2026, 3, day)


def rolled(cycle: Yearly | EveryDays, first: int, last: int, roll: Roll) -> list[tuple[int, list[int]]]:
    found = occurrences(cycle, march(first), march(last), roll=roll, around=Around(calendar=MARCH))
    return [(one.day.day, [day.day for day in one.moved]) for one in found]


def test_what_rolls_out_of_the_calendar_is_not_in_the_range() -> None:
    """A last Sunday that rolls on, and a first one that rolls back, end outside whatever day that is."""
    assert [] == rolled(Yearly(dates=("03-29",)), 9, 29, Roll.NEXT)
    assert [] == rolled(Yearly(dates=("03-01",)), 1, 20, Roll.PREVIOUS)


def test_where_it_ends_up_in_the_range_or_not_is_not_guessed() -> None:
    """Which way a last Sunday rolls that may not leave its month, nobody knows where the calendar ends."""
    with pytest.raises(CalendarUnknown, match="2026-03-30 is beyond it"):
        rolled(Yearly(dates=("03-29",)), 9, 29, Roll.MODIFIED)


def test_a_range_beyond_the_calendar_without_a_day_there_is_no_error() -> None:
    """Only what falls asks the calendar."""
    found = occurrences(
        Yearly(dates=("03-14",)), march(2), dt.date(2026, 5, 1), roll=Roll.NEXT, around=Around(calendar=MARCH)
    )

    assert [march(16)] == [one.day for one in found]


def test_what_falls_beyond_the_calendar_first_is_an_error_at_once() -> None:
    """Nothing is held back before it."""
    found = occurrences(
        Yearly(dates=("04-14",)), march(2), dt.date(2026, 5, 1), roll=Roll.NEXT, around=Around(calendar=MARCH)
    )

    with pytest.raises(CalendarUnknown, match="2026-04-14 is beyond it"):
        next(found)


@pytest.mark.parametrize(
    ("roll", "found"),
    [
        (Roll.NEXT, [(11, []), (16, [13, 14, 15]), (17, [])]),
        (Roll.PREVIOUS, [(11, []), (12, [13, 15, 14]), (17, [])]),
        (Roll.MODIFIED, [(11, []), (16, [13, 14, 15]), (17, [])]),
    ],
)
def test_days_that_roll_together_are_due_once(roll: Roll, found: list[tuple[int, list[int]]]) -> None:
    """A feast before a weekend: what falls there is due on one working day, which names each day passed once."""
    assert found == rolled(EveryDays(every=2, since=march(1)), 11, 18, roll)


@pytest.mark.parametrize(
    ("dates", "first", "last", "roll", "found"),
    [
        (("03-01", "03-10"), 1, 20, Roll.PREVIOUS, [(10, [])]),
        (("03-15", "03-17"), 15, 18, Roll.PREVIOUS, [(17, [])]),
        (("03-01",), 2, 5, Roll.NEXT, [(2, [1])]),
        (("03-29",), 20, 28, Roll.PREVIOUS, [(27, [29, 28])]),
        (("03-28",), 20, 28, Roll.PREVIOUS, [(27, [28])]),
        (("03-02",), 1, 5, Roll.NEXT, [(2, [])]),
    ],
)
def test_the_ends_of_range_and_calendar(
    dates: tuple[str, ...], first: int, last: int, roll: Roll, found: list[tuple[int, list[int]]]
) -> None:
    """What leaves the range hides nothing after it, and the first and last confirmed days roll like any other."""
    assert found == rolled(Yearly(dates=dates), first, last, roll)


def test_the_nearest_day_in_doubt_is_named() -> None:
    """Of the days that might roll in from before the calendar, the last one is told."""
    with pytest.raises(CalendarUnknown, match="does not reach back to 2026-02-27"):
        rolled(EveryDays(every=3, since=dt.date(2026, 2, 18)), 1, 10, Roll.NEXT)


@pytest.mark.parametrize(("first", "last"), [(dt.date.min, march(1)), (march(1), dt.date.max)])
def test_a_range_at_the_ends_of_the_era_is_refused(first: dt.date, last: dt.date) -> None:
    """Both ends need a day around them."""
    with pytest.raises(InputError):
        occurrences(Daily(), first, last)


def test_an_occurrence_is_a_frozen_value() -> None:
    """Nobody moves an occurrence, and it is due on its own day unless it says otherwise."""
    (one,) = occurrences(Daily(), march(2), march(2))

    assert (None, None, march(2), ()) == (one.time, one.at, one.until, one.moved)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        one.day = march(3)  # type: ignore[misc]  # wrong on purpose


def test_what_is_lacking_is_told_before_anything_is_asked() -> None:
    """Rolling needs a calendar, and saying so does not wait for the first day."""
    with pytest.raises(ConfigError, match="Expected calendar for the cycle yearly"):
        occurrences(Yearly(dates=("03-14",)), march(1), march(2), roll=Roll.NEXT)


@pytest.mark.parametrize(("date", "known"), [("02-14", False), ("02-13", True)])
def test_fifteen_days_outside_the_calendar_may_still_be_days_off(date: str, known: bool) -> None:
    """What falls a fortnight and a day before the calendar may roll into it, what falls earlier may not."""
    if known:
        assert [] == rolled(Yearly(dates=(date,)), 1, 20, Roll.NEXT)
    else:
        with pytest.raises(CalendarUnknown, match=f"does not reach back to 2026-{date}"):
            rolled(Yearly(dates=(date,)), 1, 20, Roll.NEXT)


@pytest.mark.parametrize(("date", "known"), [("04-13", False), ("04-14", True)])
def test_fifteen_days_past_the_calendar_may_still_be_days_off(date: str, known: bool) -> None:
    """What falls a fortnight and a day after the calendar may roll back into it, what falls later may not."""
    if known:
        assert [] == rolled(Yearly(dates=(date,)), 9, 29, Roll.PREVIOUS)
    else:
        with pytest.raises(CalendarUnknown, match=f"2026-{date} is beyond it"):
            rolled(Yearly(dates=(date,)), 9, 29, Roll.PREVIOUS)
