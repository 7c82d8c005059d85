"""Facts about what clocks count in."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from branchkit.errors import CalendarUnknown, ConfigError, InputError
from branchkit.temporal import Calendar, CalendarDay, Counting, Hours, TimeFrame
from branchkit.values import Text

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
OFFICE = Hours.from_week({"mon tue wed thu fri": "09:00-12:00, 13:00-17:30"})
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(en="Demo"),
    confirmed_from=dt.date(2026, 3, 1),
    confirmed_through=dt.date(2026, 3, 31),
    days=(CalendarDay(dt.date(2026, 3, 4), working=False), CalendarDay(dt.date(2026, 3, 7), working=True)),
)
FRAME = TimeFrame(zone=SHANGHAI, hours=OFFICE, calendar=CALENDAR)
HOUR, DAY, NONE = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta()


def _at(day: int, clock: str = "12:00", zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time.fromisoformat(clock), tzinfo=zone)


@pytest.mark.parametrize(
    ("counting", "expected"),
    [
        (Counting.ELAPSED, _at(4, "17:00")),
        # Half an hour on Tuesday, seven and a half on each of three days, and one on Monday.
        (Counting.BUSINESS, _at(9, "10:00")),
        # Wednesday is off, Saturday made up for it.
        (Counting.WORKING_DAYS, _at(5, "17:00")),
    ],
)
def test_a_day_is_as_long_as_its_counting_has_it(counting: Counting, expected: dt.datetime) -> None:
    """24 hours from 17:00 on are over next day, after three business days, or after one working day."""
    due = FRAME.add(counting, _at(3, "17:00"), DAY)

    assert expected == due
    assert DAY == FRAME.between(counting, _at(3, "17:00"), due)


def test_make_up_days_are_working_days() -> None:
    """A Saturday that is worked counts, and the Sunday after it does not."""
    assert DAY == FRAME.between(Counting.WORKING_DAYS, _at(7, "00:00"), _at(9, "00:00"))


def test_moments_come_by_the_local_clock() -> None:
    """Whatever zone the start is told in, the end is told by the place's clock, with a fixed offset."""
    due = FRAME.add(Counting.ELAPSED, dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC), HOUR)

    assert "2026-03-02T10:00:00+08:00" == due.isoformat()
    assert dt.date(2026, 3, 3) == FRAME.today(dt.datetime(2026, 3, 2, 17, tzinfo=dt.UTC))


@pytest.mark.parametrize(("day", "hours"), [(dt.date(2026, 3, 29), 23), (dt.date(2026, 10, 25), 25)])
def test_a_working_day_is_as_long_as_its_clock_has_it(day: dt.date, hours: int) -> None:
    """The day on which the clock jumps has 23 or 25 hours of time that counts."""
    every_day = Calendar(
        "all", version="1", title=Text(en="All"), weekly=("mon", "tue", "wed", "thu", "fri", "sat", "sun"),
        confirmed_from=dt.date(2026, 1, 1), confirmed_through=dt.date(2026, 12, 31),
    )  # fmt: skip
    frame = TimeFrame(zone=LONDON, calendar=every_day)
    midnight, next_one = (dt.datetime.combine(one, dt.time(), tzinfo=LONDON) for one in (day, day + DAY))

    assert hours * HOUR == frame.between(Counting.WORKING_DAYS, midnight, next_one)
    assert hours * HOUR == frame.between(Counting.ELAPSED, midnight, next_one)


def test_a_pause_over_lunch_counts_once() -> None:
    """A pause from 11:30 to 13:30 takes one business hour: the hour of lunch was no business time anyway."""
    pause = (_at(2, "11:30"), _at(2, "13:30"))

    assert _at(2, "14:30") == FRAME.add(Counting.BUSINESS, _at(2, "11:00"), 1.5 * HOUR, [pause])
    assert _at(2, "13:30") == FRAME.add(Counting.BUSINESS, _at(2, "11:00"), 1.5 * HOUR)
    assert 0.5 * HOUR == FRAME.between(Counting.BUSINESS, _at(2, "11:00"), _at(2, "13:30"), [pause])


def test_overlapping_pauses_are_their_union() -> None:
    """Two pauses that overlap, in any order, and one before the start take what their union takes."""
    pauses = [(_at(2, "15:00"), _at(2, "16:00")), (_at(2, "14:00"), _at(2, "15:30")), (_at(1), _at(2, "10:00"))]

    assert _at(3, "10:30") == FRAME.add(Counting.BUSINESS, _at(2, "09:30"), 6 * HOUR, pauses)
    assert 6 * HOUR == FRAME.between(Counting.BUSINESS, _at(2, "09:30"), _at(3, "10:30"), pauses)


def test_used_up_when_a_pause_begins_ends_there() -> None:
    """A budget that is used up at the very moment of a pause ends then, and not when the pause does."""
    pause = (_at(2, "10:00"), _at(2, "11:00"))

    assert pause[0] == FRAME.add(Counting.ELAPSED, _at(2, "09:00"), HOUR, [pause])
    assert pause[0] == FRAME.add(Counting.ELAPSED, _at(2, "10:00"), NONE, [pause])


def test_what_is_needed_and_missing_is_said() -> None:
    """Without hours no open time is counted, and without a calendar no working day."""
    bare = TimeFrame(zone=SHANGHAI)

    for ask in (lambda: bare.between(Counting.BUSINESS, _at(2), _at(3)), lambda: bare.opening(dt.date(2026, 3, 2))):
        with pytest.raises(ConfigError, match="Expected opening hours"):
            ask()
    with pytest.raises(ConfigError, match="Expected a calendar of working days"):
        bare.add(Counting.WORKING_DAYS, _at(2), DAY)
    assert HOUR == bare.between(Counting.ELAPSED, _at(2), _at(2, "13:00"))


def test_beyond_the_calendar_is_an_error() -> None:
    """Working time past the confirmed days is not guessed."""
    assert _at(31, "23:00") == FRAME.add(Counting.WORKING_DAYS, _at(31, "22:00"), HOUR)
    with pytest.raises(CalendarUnknown, match="2026-04-01 is beyond it"):
        FRAME.add(Counting.WORKING_DAYS, _at(31, "22:00"), 3 * HOUR)


@pytest.mark.parametrize("budget", [-HOUR, dt.timedelta.max])
def test_elapsed_time_has_bounds(budget: dt.timedelta) -> None:
    """A negative budget, and one beyond the calendar era, is refused."""
    with pytest.raises(InputError, match="Expected a duration of zero or more that ends by the year 9989"):
        FRAME.add(Counting.ELAPSED, _at(2), budget)


def test_no_time_passes_backwards() -> None:
    """From a moment to an earlier one no time counts."""
    assert [NONE] * 3 == [FRAME.between(counting, _at(3), _at(2)) for counting in Counting]


def test_a_line_counts_its_own_hours() -> None:
    """The open time of a business line is that of its counter."""
    hours = Hours.from_week({"mon": "09:00-10:00"}, line="corporate")
    frame = TimeFrame(zone=SHANGHAI, hours=hours, line="corporate")

    assert HOUR == frame.between(Counting.BUSINESS, _at(2, "00:00"), _at(4, "00:00"))


def test_another_calendar_counts_the_hours_of_its_working_days() -> None:
    """Wednesday is off and Saturday worked in the other calendar: its clock skips the one, not the other."""
    week = Hours.from_week({"mon tue wed thu fri sat": "09:00-12:00", "sun": "09:00-10:00"})
    other = TimeFrame(zone=SHANGHAI, hours=week, calendar=CALENDAR, working_only=True)

    assert _at(5, "11:00") == other.add(Counting.BUSINESS, _at(3, "11:00"), 3 * HOUR)
    assert 3 * HOUR == other.between(Counting.BUSINESS, _at(7, "00:00"), _at(9, "00:00"))
    assert ((), 1) == (other.opening(dt.date(2026, 3, 4)), len(other.opening(dt.date(2026, 3, 7))))
    assert _at(4, "11:00") == TimeFrame(zone=SHANGHAI, hours=week, calendar=CALENDAR).add(
        Counting.BUSINESS, _at(3, "11:00"), 3 * HOUR
    )


def test_another_calendar_is_needed_where_its_days_count() -> None:
    """Without the calendar nothing is guessed, and beyond what it has confirmed neither."""
    nowhere = TimeFrame(zone=SHANGHAI, hours=OFFICE, working_only=True)
    other = TimeFrame(zone=SHANGHAI, hours=OFFICE, calendar=CALENDAR, working_only=True)

    with pytest.raises(ConfigError, match="calendar of working days"):
        nowhere.between(Counting.BUSINESS, _at(3), _at(4))
    with pytest.raises(ConfigError, match="calendar of working days"):
        nowhere.opening(dt.date(2026, 3, 3))
    with pytest.raises(CalendarUnknown):
        other.add(Counting.BUSINESS, _at(30), 40 * HOUR)
