"""Facts about deadlines: four forms, and the one that is not configured."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.errors import CalendarUnknown, ConfigError, InputError
from branchkit.temporal import (
    After,
    Before,
    Calendar,
    CalendarDay,
    Counting,
    Deadline,
    Due,
    Hours,
    HoursException,
    Named,
    NotConfigured,
    Roll,
    TimeFrame,
    Within,
    due,
)
from branchkit.values import Text, Unknown

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(en="Demo"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
    days=(
        CalendarDay(dt.date(2026, 3, 4), working=False),
        CalendarDay(dt.date(2026, 3, 7), working=True),
        CalendarDay(dt.date(2026, 3, 31), working=False),
    ),
)
FRAME = TimeFrame(
    zone=SHANGHAI, hours=Hours.from_week({"workday": "09:00-12:00, 13:00-17:30"}), calendar=CALENDAR
)  # fmt: skip
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


def _at(day: int, clock: str = "12:00", zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time.fromisoformat(clock), tzinfo=zone)


def _days(*days: int) -> tuple[dt.date, ...]:
    return tuple(dt.date(2026, 3, day) for day in days)


def _due(deadline: Deadline, start: dt.datetime, frame: TimeFrame = FRAME, **more: object) -> Due:
    found = due(deadline, start, Counting.ELAPSED, frame, **more)  # type: ignore[arg-type]
    assert isinstance(found, Due)
    return found


def _when(deadline: Deadline, start: dt.datetime, frame: TimeFrame = FRAME, **more: object) -> str:
    return f"{_due(deadline, start, frame, **more).at:%d %H:%M}"


# -- after


@pytest.mark.parametrize(
    ("counting", "expected"), [(Counting.ELAPSED, _at(2, "17:50")), (Counting.BUSINESS, _at(3, "09:20"))]
)
def test_half_an_hour_before_closing(counting: Counting, expected: dt.datetime) -> None:
    """estate:S-2: 30 minutes from 17:20 end at 17:50 by the wall clock and at 09:20 next day in business minutes."""
    found = due(After(time=HOUR / 2), _at(2, "17:20"), counting, FRAME)

    assert Due(expected) == found


def test_a_telephone_fault_is_due_half_an_hour_later() -> None:
    """estate:S-1: a fault that is reported at 17:50 is to be answered by 18:20."""
    assert "02 18:20" == _when(After(time=HOUR / 2), _at(2, "17:50"))


def test_what_was_used_up_before_is_taken_off() -> None:
    """Of an hour, of which 40 minutes were used up, 20 are left, and of half an hour nothing."""
    used = 40 * dt.timedelta(minutes=1)

    assert "02 12:20" == _when(After(time=HOUR), _at(2), used=used)
    assert "02 12:00" == _when(After(time=HOUR / 2), _at(2), used=used)


@pytest.mark.parametrize(
    ("end", "expected"),
    [(None, "07 24"), ("end_of_day", "07 24"), ("close_of_business", "07 17:30"), ("same_time", "07 10:15:30.5")],
)
def test_working_days_count_days_of_the_calendar(end: str | None, expected: str) -> None:
    """Four working days after a Monday end on the Saturday that is worked, since Wednesday is off."""
    start = _at(2, "10:15:30.500000")
    found = _due(After(working_days=4, end=end), start)  # type: ignore[arg-type]
    moments = {
        "07 24": _at(8, "00:00"),
        "07 17:30": _at(7, "17:30"),
        "07 10:15:30.5": _at(7, "10:15:30.500000"),
    }

    assert Due(moments[expected]) == found


def test_working_days_do_not_count_the_day_of_the_start() -> None:
    """One working day after a Sunday, and after a Monday that is worked, is the next day that is worked."""
    one = After(working_days=1, end="same_time")

    assert ("03 00:00", "03 12:00", "05 12:00") == (_when(one, _at(1)), _when(one, _at(2)), _when(one, _at(3)))


def test_same_time_from_a_day_that_does_not_count_is_the_end_of_the_day() -> None:
    """From a Sunday, or a Tuesday paused as a whole, one working day is all of the next one."""
    one, paused = After(working_days=1, end="same_time"), [(_at(3, "00:00"), _at(4, "00:00"))]

    assert ("03 00:00", "03 00:00") == (_when(one, _at(1, "10:00")), _when(one, _at(1, "23:00")))
    assert "06 00:00" == _when(one, _at(3, "10:00"), pauses=paused)
    assert "05 21:00" == _when(one, _at(2, "21:00"), pauses=paused)


@pytest.mark.parametrize(
    ("pauses", "expected"),
    [
        # Within a day, over most of two days, and over one whole day: only that is not counted.
        ([(_at(3, "09:00"), _at(3, "17:00"))], "05"),
        ([(_at(2, "13:00"), _at(3, "23:59"))], "05"),
        ([(_at(3, "00:00"), _at(4, "00:00"))], "06"),
        ([(_at(2, "13:00"), _at(4, "00:00"))], "06"),
        # A pause over a day off takes nothing, in two parts as much as in one, and one before the start neither.
        ([(_at(4, "00:00"), _at(5, "00:00"))], "05"),
        ([(_at(4, "12:00"), _at(6, "10:00")), (_at(3, "00:00"), _at(4, "12:00"))], "07"),
        ([(_at(1, "00:00"), _at(3, "00:00"))], "05"),
        # What begins after the deadline changes nothing, even far beyond the calendar.
        ([(_at(6, "00:00"), _at(20, "00:00"))], "05"),
        ([(_at(6, "00:00") + 9000 * DAY, _at(6, "00:00") + 9001 * DAY)], "05"),
    ],
)
def test_a_day_paused_from_midnight_to_midnight_is_no_working_day(
    pauses: list[tuple[dt.datetime, dt.datetime]], expected: str
) -> None:
    """Of a count of working days, a pause takes the days that it covers as a whole, and no other."""
    found = _due(After(working_days=2, end="close_of_business"), _at(2), pauses=pauses)

    assert (expected, "17:30") == (f"{found.at:%d}", f"{found.at:%H:%M}")


def test_a_time_may_end_with_its_day_and_roll() -> None:
    """Five days from Tuesday end on Sunday, or with it, or with the Monday after it, and the days off are named."""
    five, start = 5 * DAY, _at(3, "10:00")

    assert Due(_at(8, "10:00")) == _due(After(time=five), start)
    assert Due(_at(9, "00:00")) == _due(After(time=five, end="end_of_day"), start)
    assert Due(_at(9, "17:30"), moved_by=_days(8), rolled_from=_days(8)[0]) == _due(
        After(time=five, end="close_of_business", roll=Roll.NEXT), start
    )
    assert Due(_at(8, "00:00"), moved_by=_days(8), rolled_from=_days(8)[0]) == _due(
        After(time=five, end="end_of_day", roll=Roll.PREVIOUS), start
    )


def test_the_close_of_business_cuts_no_time_short() -> None:
    """Two hours from 16:00 are over after closing and end with the next day's business; one hour ends with today's."""
    ends = [_when(After(time=n * HOUR, end="close_of_business"), _at(2, "16:00")) for n in (1, 1.5, 2)]

    assert ["02 17:30", "02 17:30", "03 17:30"] == ends


def test_midnight_is_the_end_of_the_day_before() -> None:
    """A time that is over at midnight ends with the day before, not a whole day later."""
    assert Due(_at(3, "00:00")) == _due(After(time=12 * HOUR, end="end_of_day"), _at(2))


def test_a_roll_never_moves_a_deadline_before_its_start() -> None:
    """What is reported on a day off and would roll back before the report stays on that day."""
    found = _due(After(time=HOUR, end="end_of_day", roll=Roll.PREVIOUS), _at(8, "10:00"))

    assert Due(_at(9, "00:00")) == found


def test_the_clock_that_skips_an_hour_goes_on() -> None:
    """The same time on a day that skips it is the first moment after the gap."""
    calendar = attrs.evolve(CALENDAR, weekly=("sat", "sun", "mon"), days=())
    frame = TimeFrame(zone=LONDON, calendar=calendar)
    found = _due(After(working_days=1, end="same_time"), _at(28, "01:30:00.500000", LONDON), frame)

    assert "2026-03-29T02:00:00+01:00" == found.at.isoformat()


# -- named


@pytest.mark.parametrize(
    ("moment", "start", "expected"),
    [
        ("opening", _at(2, "08:59"), "02 09:00"),
        ("opening", _at(2, "09:00"), "02 09:00"),
        ("opening", _at(2, "09:01"), "03 09:00"),
        ("opening", _at(3, "17:00"), "05 09:00"),
        ("noon", _at(2, "11:00"), "02 12:00"),
        ("noon", _at(2, "12:01"), "03 12:00"),
        ("close_of_business", _at(2, "12:30"), "02 17:30"),
        ("close_of_business", _at(2, "17:31"), "03 17:30"),
        ("close_of_business", _at(3, "18:00"), "05 17:30"),
        ("end_of_day", _at(2, "00:00"), "03 00:00"),
        ("end_of_day", _at(2, "23:59"), "03 00:00"),
        ("16:45", _at(2, "16:45"), "02 16:45"),
        ("16:45", _at(2, "16:46"), "03 16:45"),
    ],
)
def test_a_named_moment_is_the_next_one(moment: str, start: dt.datetime, expected: str) -> None:
    """A deadline by name is the first such moment from the start on; what goes by the hours leaves closed days out."""
    assert expected == _when(Named(moment=moment), start)


def test_the_hours_of_last_night_close_this_morning() -> None:
    """At one in the night the close of business is that of the evening before."""
    frame = TimeFrame(zone=SHANGHAI, hours=Hours.from_week({"mon tue": "20:00-02:00"}))

    assert "03 02:00" == _when(Named(moment="close_of_business"), _at(3, "01:00"), frame)
    assert "04 02:00" == _when(Named(moment="close_of_business"), _at(3, "02:01"), frame)


@pytest.mark.parametrize(
    ("days", "moment", "roll", "expected", "moved"),
    [
        (0, "noon", Roll.NONE, "02 12:00", ()),
        (1, "noon", Roll.NONE, "03 12:00", ()),
        (2, "noon", Roll.NONE, "04 12:00", ()),
        (2, "noon", Roll.NEXT, "05 12:00", (4,)),
        (2, "noon", Roll.PREVIOUS, "03 12:00", (4,)),
        (2, "close_of_business", Roll.NONE, "05 17:30", (4,)),
        (29, "end_of_day", Roll.MODIFIED, "31 00:00", (31,)),
    ],
)
def test_a_named_moment_some_days_later(
    days: int, moment: str, roll: Roll, expected: str, moved: tuple[int, ...]
) -> None:
    """So many days later by the calendar, rolled where asked, and past days without opening; the days are named."""
    found = _due(Named(moment=moment, days=days, roll=roll), _at(2, "14:00"))

    assert (expected, _days(*moved)) == (f"{found.at:%d %H:%M}", found.moved_by)
    assert (dt.date(2026, 3, 2) + days * DAY if moved else None) == found.rolled_from


def test_the_next_named_moment_may_be_rolled() -> None:
    """Noon after a Tuesday's is on Wednesday, which is off: it rolls to Thursday, and back it cannot."""
    assert Due(_at(5), moved_by=_days(4), rolled_from=_days(4)[0]) == _due(
        Named(moment="noon", roll=Roll.NEXT), _at(3, "13:00")
    )
    assert Due(_at(4)) == _due(Named(moment="noon", roll=Roll.PREVIOUS), _at(3, "13:00"))


def test_a_branch_that_never_opens_has_no_opening() -> None:
    """Where nothing opens for 400 days, a deadline by the hours is refused."""
    with pytest.raises(ConfigError, match="Expected some open time in the 400 days from 2026-03-02, got none"):
        _due(Named(moment="opening"), _at(2), TimeFrame(zone=SHANGHAI, hours=Hours()))


# -- before


@pytest.mark.parametrize(
    ("deadline", "anchor", "expected"),
    [
        (Before(working_days=3, anchor="work"), _at(10, "09:00"), "06 09:00"),
        (Before(working_days=3, anchor="work"), _at(8, "09:00"), "05 00:00"),
        (Before(lead=DAY, anchor="work"), _at(10, "09:00"), "09 09:00"),
        (Before(lead=2 * DAY, anchor="work"), _at(10, "09:00"), "08 09:00"),
        (Before(lead=2 * DAY, anchor="work", roll=Roll.PREVIOUS), _at(10, "09:00"), "07 09:00"),
        (Before(lead=DAY, anchor="work", roll=Roll.PREVIOUS), _at(10, "09:00"), "09 09:00"),
    ],
)
def test_a_lead_ends_before_its_anchor(deadline: Before, anchor: dt.datetime, expected: str) -> None:
    """So long before what is to come, by the clock or in working days, and earlier where that is a day off."""
    assert expected == _when(deadline, _at(2), anchors={"work": anchor})


def test_a_lead_that_was_rolled_names_the_days() -> None:
    """The Sunday that moved a lead is named."""
    found = _due(Before(lead=2 * DAY, anchor="work", roll=Roll.PREVIOUS), _at(2), anchors={"work": _at(10)})

    assert (_days(8), _days(8)[0]) == (found.moved_by, found.rolled_from)


def test_a_lead_may_be_missed_from_the_beginning() -> None:
    """Three working days before the day after tomorrow lie in the past, and are told so."""
    found = _due(Before(working_days=3, anchor="work"), _at(9), anchors={"work": _at(11)})

    assert _at(9) > found.at


def test_an_anchor_nobody_told_is_unknown() -> None:
    """A lead before something of which the time is not known yet is unknown, with the reason."""
    found = due(Before(lead=DAY, anchor="suspension"), _at(2), Counting.ELAPSED, FRAME)

    assert Unknown("when suspension will be is not told") == found


# -- within


@pytest.mark.parametrize(
    ("period", "expected"),
    [
        ("day", dt.date(2026, 3, 3)),
        ("week", dt.date(2026, 3, 9)),
        ("month", dt.date(2026, 4, 1)),
        ("quarter", dt.date(2026, 4, 1)),
        ("half_year", dt.date(2026, 7, 1)),
        ("year", dt.date(2027, 1, 1)),
    ],
)
def test_a_period_ends_with_its_last_day(period: str, expected: dt.date) -> None:
    """Within a period means up to the midnight that ends it."""
    found = _due(Within(period=period), _at(2))  # type: ignore[arg-type]

    assert Due(dt.datetime.combine(expected, dt.time(), tzinfo=SHANGHAI)) == found


@pytest.mark.parametrize(
    ("roll", "expected"), [(Roll.NEXT, (4, 2)), (Roll.PREVIOUS, (3, 31)), (Roll.MODIFIED, (3, 31)), (Roll.NONE, (4, 1))]
)
def test_a_month_that_ends_on_a_day_off_may_roll(roll: Roll, expected: tuple[int, int]) -> None:
    """The end of March, which is off, rolls to the end of 1 April or of 30 March."""
    found = _due(Within(period="month", roll=roll), _at(2))
    moved = () if roll is Roll.NONE else _days(31)

    assert dt.datetime(2026, *expected, tzinfo=SHANGHAI) == found.at
    assert moved == found.moved_by


# -- all forms


def test_not_configured_is_an_answer() -> None:
    """A deadline that is configured nowhere is said to be that, whatever the start."""
    assert NotConfigured() == due(NotConfigured(), _at(2), Counting.BUSINESS, TimeFrame(zone=SHANGHAI))


@pytest.mark.parametrize(
    "deadline",
    [
        Named(moment="noon"),
        Within(period="day"),
        Before(lead=DAY, anchor="work"),
        Before(working_days=1, anchor="work"),
    ],
)
def test_a_pause_moves_no_moment_of_the_calendar(deadline: Deadline) -> None:
    """A deadline that names a moment stays there, paused or not."""
    anchors, pauses = {"work": _at(10)}, [(_at(2), _at(9))]

    assert _due(deadline, _at(2, "10:00"), anchors=anchors) == _due(
        deadline, _at(2, "10:00"), anchors=anchors, pauses=pauses
    )


def test_beyond_the_calendar_is_an_error() -> None:
    """A deadline that needs days past the confirmed ones is refused, and names the first of them."""
    start = dt.datetime(2026, 12, 31, 10, tzinfo=SHANGHAI)

    for deadline in (After(working_days=1), Named(moment="noon", days=1, roll=Roll.NEXT)):
        with pytest.raises(CalendarUnknown, match="2027-01-01 is beyond it"):
            _due(deadline, start)


def test_an_emergency_closure_moves_a_close_of_business() -> None:
    """Where the branch stays closed on the last day, the close of business is that of the next day it opens."""
    closed = HoursException(first=dt.date(2026, 3, 3), last=dt.date(2026, 3, 3), intervals=())
    assert FRAME.hours is not None
    frame = attrs.evolve(FRAME, hours=attrs.evolve(FRAME.hours, exceptions=(closed,)))
    found = _due(After(working_days=1, end="close_of_business"), _at(2), frame)

    assert Due(_at(5, "17:30"), moved_by=_days(3, 4), rolled_from=_days(3)[0]) == found


def test_a_start_without_a_zone_is_refused() -> None:
    """A deadline counts from a moment whose zone is known."""
    with pytest.raises(InputError, match="Expected a date and time with its zone"):
        _due(NotConfigured(), dt.datetime(2026, 3, 2))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("form", "given", "message"),
    [
        (After, {}, "Expected one of `time` and `working_days`"),
        (After, {"time": HOUR, "working_days": 1}, "Expected one of `time` and `working_days`"),
        (After, {"time": dt.timedelta()}, "Expected `time` above zero and of at most 36525 days"),
        (After, {"time": 36_526 * DAY}, "Expected `time` above zero and of at most 36525 days"),
        (After, {"working_days": 0}, "Expected `working_days` from 1 to 36525"),
        (After, {"working_days": 36_526}, "Expected `working_days` from 1 to 36525"),
        (After, {"time": HOUR, "end": "same_time"}, "Expected `end` close_of_business or end_of_day for a time"),
        (After, {"time": HOUR, "roll": Roll.NEXT}, "Expected `roll` only with a `time` and with `end`"),
        (After, {"working_days": 1, "roll": Roll.NEXT, "end": "end_of_day"}, "Expected `roll` only with a `time`"),
        (Named, {"moment": "midday"}, "Expected `moment`, one of opening, noon, close_of_business, end_of_day"),
        (Named, {"moment": "24:00"}, "or a clock time from 00:00 to 23:59"),
        (Named, {"moment": "noon", "days": -1}, "Expected `days` from 0 to 36525"),
        (Named, {"moment": "noon", "days": 36_526}, "Expected `days` from 0 to 36525"),
        (Before, {"anchor": "work"}, "Expected one of `lead` and `working_days`"),
        (Before, {"anchor": "", "lead": HOUR}, "Expected `anchor`, a name"),
        (Before, {"anchor": "work", "working_days": 1, "roll": Roll.NEXT}, "Expected `roll` only with `lead`"),
    ],
)
def test_settings_that_make_no_sense_are_refused(form: type, given: dict[str, object], message: str) -> None:
    """A form says one thing, within bounds, and takes no setting that has no effect."""
    with pytest.raises(ValueError, match=message):
        form(**given)


@pytest.mark.parametrize(
    "longest", [After(time=36_525 * DAY), After(working_days=36_525), Named(moment="noon", days=36_525)]
)
def test_a_century_is_the_longest(longest: Deadline) -> None:
    """A hundred years are a deadline still."""
    assert longest == attrs.evolve(longest)
