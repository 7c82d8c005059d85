"""Facts about opening hours."""

from __future__ import annotations

import datetime as dt
import pickle
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.errors import CalendarUnknown, ConfigError, InputError, NotFound
from branchkit.temporal import Calendar, CalendarDay, Hours, HoursEffect, HoursException, HoursRule, Interval
from branchkit.values import Text

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
OFFICE = Hours.from_week({"mon tue wed thu fri": "09:00-17:30"})
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(en="Demo"),
    confirmed_from=dt.date(2026, 3, 1),
    confirmed_through=dt.date(2026, 3, 31),
    days=(CalendarDay(dt.date(2026, 3, 4), working=False), CalendarDay(dt.date(2026, 3, 7), working=True)),
)


def _at(day: int, clock: str = "12:00", zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time.fromisoformat(clock), tzinfo=zone)


def _spans(hours: Hours, first: int, last: int | None = None, **asked: object) -> list[str]:
    days = dt.date(2026, 3, first), dt.date(2026, 3, last or first)
    zone = asked.pop("zone", SHANGHAI)
    return [f"{a:%d %H:%M}-{b:%d %H:%M}" for a, b in hours.open_spans(*days, zone, **asked)]


def _except(hours: Hours, *exceptions: HoursException) -> Hours:
    return attrs.evolve(hours, exceptions=exceptions)


def _on(first: int, *intervals: str, last: int | None = None, **more: object) -> HoursException:
    return HoursException(
        first=dt.date(2026, 3, first),
        last=dt.date(2026, 3, last or first),
        intervals=tuple(map(Interval.parse, intervals)),
        **more,
    )


def test_a_fault_in_the_last_ten_minutes_is_due_next_morning() -> None:
    """estate:S-2: of 30 business minutes from 17:20 ten are used today, the rest by 09:20 on the next business day."""
    reported, sla = _at(6, "17:20"), dt.timedelta(minutes=30)
    due = OFFICE.add_open_time(reported, sla, SHANGHAI)

    assert _at(6, "17:50") == reported + sla
    assert dt.timedelta(minutes=10) == OFFICE.open_time_between(reported, _at(6, "23:59"), SHANGHAI)
    assert _at(9, "09:20") == due
    assert "2026-03-09T09:20:00+08:00" == due.isoformat()


@pytest.mark.parametrize(
    ("clock", "expected"), [("08:59", False), ("09:00", True), ("17:29", True), ("17:30", False), ("23:59", False)]
)
def test_the_opening_minute_is_open_and_the_closing_minute_is_not(clock: str, expected: bool) -> None:
    """Hours are half-open: at 09:00 it is open, at 17:30 it is not."""
    assert expected is OFFICE.is_open(_at(2, clock), SHANGHAI)


def test_a_full_day_ends_at_closing() -> None:
    """A budget used up exactly at closing ends at closing, not at the next opening; a second more ends next morning."""
    day = dt.timedelta(hours=8, minutes=30)

    assert _at(2, "17:30") == OFFICE.add_open_time(_at(2, "09:00"), day, SHANGHAI)
    assert _at(3, "09:00:01") == OFFICE.add_open_time(_at(2, "09:00"), day + dt.timedelta(seconds=1), SHANGHAI)


def test_a_zero_budget_ends_where_it_starts() -> None:
    """No time to wait is over at once, even while it is closed."""
    assert _at(1) == OFFICE.add_open_time(_at(1), dt.timedelta(), SHANGHAI)


def test_a_long_budget_runs_on() -> None:
    """A budget of more than a year of opening hours is carried through."""
    start = _at(2, "09:00")
    due = OFFICE.add_open_time(start, 600 * dt.timedelta(hours=8, minutes=30), SHANGHAI)

    assert dt.datetime(2028, 6, 16, 17, 30, tzinfo=SHANGHAI) == due


def test_the_moment_may_come_from_another_zone() -> None:
    """The branch's clock counts, not that of who asks."""
    assert OFFICE.is_open(dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC), SHANGHAI)
    assert not OFFICE.is_open(dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC), LONDON)


def test_a_day_without_a_rule_is_closed() -> None:
    """What no rule mentions is closed, and the next opening is found beyond it."""
    assert not OFFICE.is_open(_at(7), SHANGHAI)
    assert "2026-03-09T09:00:00+08:00" == OFFICE.next_open(_at(6, "17:30"), SHANGHAI).isoformat()


def test_while_open_the_next_opening_is_now() -> None:
    """Asked while open, the next open moment is the one asked about."""
    assert _at(2, "12:34") == OFFICE.next_open(_at(2, "12:34"), SHANGHAI)


def test_says_until_when() -> None:
    """Open until closing; closed moments and doors that never close have no answer."""
    always = Hours.from_week({"mon tue wed thu fri sat sun": "00:00-24:00"})
    weekend = Hours.from_week({"sat sun": "00:00-24:00"})

    assert _at(2, "17:30") == OFFICE.open_until(_at(2, "09:00"), SHANGHAI)
    assert _at(9, "00:00") == weekend.open_until(_at(7), SHANGHAI)
    assert None is OFFICE.open_until(_at(2, "17:30"), SHANGHAI)
    assert None is always.open_until(_at(2), SHANGHAI)


def test_never_open_is_none_or_an_error_never_a_guess() -> None:
    """Hours without any opening have no next opening, and a budget of open time in them is a mistake."""
    assert (None, None) == (Hours().next_open(_at(2), SHANGHAI), Hours().open_until(_at(2), SHANGHAI))
    assert [] == _spans(Hours(), 1, 31)
    assert 0 == Hours().weekly_minutes()
    with pytest.raises(ConfigError, match="Expected some open time in the 400 days from 2026-03-02, got none"):
        Hours().add_open_time(_at(2), dt.timedelta(seconds=1), SHANGHAI)


def test_lunch_breaks_close() -> None:
    """Several intervals a day leave the break between them closed."""
    hours = Hours.from_week({"mon": "09:00-12:00, 13:00-17:00"})

    assert ["02 09:00-02 12:00", "02 13:00-02 17:00"] == _spans(hours, 2)
    assert dt.timedelta(hours=1) == hours.open_time_between(_at(2, "11:30"), _at(2, "13:30"), SHANGHAI)


def test_past_midnight_belongs_to_the_day_it_opens() -> None:
    """Friday night reaches into Saturday, though Saturday has no rule; days are cut at midnight only where asked."""
    hours = Hours.from_week({"fri": "22:00-02:00"})

    assert hours.is_open(_at(7, "01:59"), SHANGHAI)
    assert not hours.is_open(_at(6, "01:59"), SHANGHAI)
    assert ["06 22:00-07 02:00"] == _spans(hours, 6, 7)
    assert ["07 00:00-07 02:00"] == _spans(hours, 7)
    assert _at(7, "02:00") == hours.open_until(_at(6, "23:00"), SHANGHAI)


def test_spans_merge_over_midnight() -> None:
    """What closes at 24:00 and opens at 00:00 is one span."""
    hours = Hours.from_week({"mon": "20:00-24:00", "tue": "00:00-03:00, 05:00-06:00"})

    assert ["02 20:00-03 03:00", "03 05:00-03 06:00"] == _spans(hours, 2, 3)


def test_a_nights_rest_is_shorter_or_longer() -> None:
    """Open through the night in which the clock jumps, an hour less or more passes."""
    hours = Hours.from_week({"sat": "22:00-06:00"})
    lengths = [
        end - start
        for day in (dt.date(2026, 3, 21), dt.date(2026, 3, 28), dt.date(2026, 10, 24))
        for start, end in hours.open_spans(day, day + dt.timedelta(days=1), LONDON)
    ]

    assert [dt.timedelta(hours=h) for h in (8, 7, 9)] == lengths


def test_an_interval_within_the_gap_is_no_time() -> None:
    """Open only while the clock skips is not open at all that day."""
    hours = Hours.from_week({"sun": "01:10-01:50"})

    assert [] == _spans(hours, 29, zone=LONDON)
    assert ["22 01:10-22 01:50"] == _spans(hours, 22, zone=LONDON)


def test_the_second_time_round_it_is_still_open() -> None:
    """In the fold it opens the first time and closes the second time that the clock shows the time."""
    hours = Hours.from_week({"sun": "01:15-01:45"})
    ((start, end),) = hours.open_spans(dt.date(2026, 10, 25), dt.date(2026, 10, 25), LONDON)

    assert ("2026-10-25T01:15:00+01:00", "2026-10-25T01:45:00+00:00") == (start.isoformat(), end.isoformat())


def test_day_types_follow_the_calendar() -> None:
    """Holidays, make-up days, workdays and rest days each have their hours."""
    hours = Hours.from_week(
        {"workday": "09:00-17:30", "rest_day": "09:30-16:00", "holiday": "10:00-15:00", "makeup_day": "09:00-16:30"}
    )

    assert ["03 09:00-03 17:30", "04 10:00-04 15:00", "05 09:00-05 17:30"] == _spans(hours, 3, 5, calendar=CALENDAR)
    assert ["07 09:00-07 16:30", "08 09:30-08 16:00"] == _spans(hours, 7, 8, calendar=CALENDAR)


def test_a_holiday_is_a_rest_day_and_a_make_up_day_a_workday() -> None:
    """Without rules of their own, a holiday has the hours of rest days and a make-up day those of workdays."""
    hours = Hours.from_week({"workday": "09:00-17:30", "rest_day": "09:30-16:00"})

    assert ["04 09:30-04 16:00"] == _spans(hours, 4, calendar=CALENDAR)
    assert ["07 09:00-07 17:30"] == _spans(hours, 7, calendar=CALENDAR)


def test_a_holiday_rule_comes_before_the_weekday() -> None:
    """Hours by weekday may say what a holiday does; on all other days the weekday counts, make-up or not."""
    hours = Hours.from_week({"mon tue wed thu fri": "09:00-17:00", "sat": "09:00-13:00", "holiday": ""})

    assert ["03 09:00-03 17:00", "05 09:00-05 17:00"] == _spans(hours, 3, 5, calendar=CALENDAR)
    assert ["07 09:00-07 13:00"] == _spans(hours, 7, calendar=CALENDAR)


def test_hours_by_weekday_ask_no_calendar() -> None:
    """Where no rule is for a day type, holidays change nothing and the end of the calendar is no end."""
    assert not OFFICE.needs_calendar
    assert OFFICE.is_open(_at(4), SHANGHAI, CALENDAR)
    assert OFFICE.is_open(dt.datetime(2027, 3, 3, 12, tzinfo=SHANGHAI), SHANGHAI, CALENDAR)


def test_day_types_without_a_calendar_are_refused() -> None:
    """Whether a day is a workday is never guessed from its weekday."""
    hours = Hours.from_week({"workday": "09:00-17:30"})

    with pytest.raises(ConfigError, match="Expected a calendar"):
        hours.is_open(_at(2), SHANGHAI)


def test_beyond_the_calendar_is_an_error() -> None:
    """A search that leaves the confirmed days stops with an error; one that ends before needs no later day."""
    hours = Hours.from_week({"workday": "09:00-17:30"})
    last = _at(31, "17:00")

    assert _at(31, "17:30") == hours.open_until(last, SHANGHAI, CALENDAR)
    assert _at(31, "17:30") == hours.add_open_time(last, dt.timedelta(minutes=30), SHANGHAI, CALENDAR)
    assert dt.timedelta(minutes=30) == hours.open_time_between(last, _at(31, "23:00"), SHANGHAI, CALENDAR)
    assert hours.is_open(_at(1), SHANGHAI, CALENDAR) is False
    with pytest.raises(CalendarUnknown):
        hours.add_open_time(last, dt.timedelta(minutes=31), SHANGHAI, CALENDAR)
    with pytest.raises(CalendarUnknown):
        hours.next_open(_at(31, "17:30"), SHANGHAI, CALENDAR)


def test_lines_have_their_own_hours() -> None:
    """A line's own rule comes before the common one, day by day; without a line it is open while any line is."""
    hours = Hours(
        week=(
            HoursRule(days=("mon", "tue"), intervals=(Interval.parse("09:00-17:00"),)),
            HoursRule(days=("mon",), intervals=(Interval.parse("08:30-16:00"),), line="corporate"),
        )
    )

    assert ["02 08:30-02 16:00", "03 09:00-03 17:00"] == _spans(hours, 2, 3, line="corporate")
    assert ["02 09:00-02 17:00", "03 09:00-03 17:00"] == _spans(hours, 2, 3, line="personal")
    assert ["02 08:30-02 17:00", "03 09:00-03 17:00"] == _spans(hours, 2, 3)
    assert ([7.5 + 8, 16, 16.5], ("corporate",)) == (
        [hours.weekly_minutes(line) / 60 for line in ("corporate", "personal", None)],
        hours.lines,
    )


def test_a_line_nobody_named_is_refused() -> None:
    """Where every rule is for a named line, another line is a mistake and not closed."""
    hours = Hours.from_week({"mon": "09:00-17:00"}, line="corporate")

    assert hours.is_open(_at(2), SHANGHAI)
    with pytest.raises(NotFound, match="No business line 'corprate'; there are: corporate"):
        hours.is_open(_at(2), SHANGHAI, line="corprate")


def test_a_holiday_for_all_comes_before_a_lines_weekday() -> None:
    """A rule for the holiday counts for a line that has only rules for weekdays."""
    hours = Hours(
        week=(
            HoursRule(days=("holiday",), intervals=()),
            HoursRule(days=("wed",), intervals=(Interval.parse("09:00-17:00"),), line="corporate"),
        )
    )

    assert [] == _spans(hours, 4, calendar=CALENDAR, line="corporate")


def test_an_exception_replaces_the_day() -> None:
    """On its dates a replacement stands instead of the week, the calendar notwithstanding; none at all is closed."""
    hours = Hours.from_week({"workday": "09:00-17:30", "holiday": ""})
    hours = _except(hours, _on(4, "10:00-12:00"), _on(5, reason=Text(en="Stocktaking")))

    assert ["04 10:00-04 12:00"] == _spans(hours, 4, 5, calendar=CALENDAR)


def test_an_exception_subtracts() -> None:
    """A subtraction closes what is open then and opens nothing; several may overlap."""
    closed = (_on(2, "08:00-10:00", effect="subtract"), _on(2, "09:30-11:00", last=3, effect=HoursEffect.SUBTRACT))

    assert ["02 11:00-02 17:30", "03 09:00-03 09:30", "03 11:00-03 17:30"] == _spans(_except(OFFICE, *closed), 2, 3)


def test_a_subtraction_cuts_over_midnight() -> None:
    """A closure takes effect on what reaches in from the day before, and may reach into the next day itself."""
    hours = Hours.from_week({"mon tue": "22:00-04:00"})
    cut = _except(hours, _on(3, "01:00-02:00", effect="subtract"), _on(3, "23:00-03:00", effect="subtract"))

    assert ["02 22:00-03 01:00", "03 02:00-03 04:00", "03 22:00-03 23:00", "04 03:00-04 04:00"] == _spans(cut, 2, 4)


def test_closing_the_whole_day_ends_the_night_before() -> None:
    """Replacing a day with nothing leaves the night before alone; subtracting all of it does not."""
    hours = Hours.from_week({"mon tue": "22:00-04:00"})

    assert ["03 00:00-03 04:00"] == _spans(_except(hours, _on(3)), 3)
    assert [] == _spans(_except(hours, _on(3, "00:00-24:00", effect="subtract")), 3)


def test_a_lines_closure_leaves_the_others_open() -> None:
    """Overlapping nights of two lines stay whole where only one of them is cut."""
    hours = Hours(
        week=(
            HoursRule(days=("mon",), intervals=(Interval.parse("22:00-02:00"),), line="a"),
            HoursRule(days=("tue",), intervals=(Interval.parse("00:15-01:45"),), line="b"),
        ),
        exceptions=(_on(3, "01:00-01:30", effect="subtract", line="a"),),
    )

    assert ["02 22:00-03 02:00"] == _spans(hours, 2, 3)
    assert ["02 22:00-03 01:00", "03 01:30-03 02:00"] == _spans(hours, 2, 3, line="a")


def test_the_narrower_replacement_wins() -> None:
    """Of replacements within each other the one with fewer dates counts; of equal dates the line's own."""
    hours = _except(
        OFFICE,
        _on(3),
        _on(2, "10:00-15:00", last=6),
        _on(2, "11:00-15:00", last=6, line="corporate"),
    )

    assert ["02 10:00-02 15:00", "04 10:00-04 15:00"] == _spans(hours, 2, 4, line="personal")
    assert ["02 11:00-02 15:00", "04 11:00-04 15:00"] == _spans(hours, 2, 4, line="corporate")


def test_a_plain_week_by_day_type_has_two_rest_days() -> None:
    """The weekly open time by day type is that of five workdays and two rest days; holidays don't count."""
    hours = Hours.from_week({"workday": "09:00-17:00", "rest_day": "10:00-12:00", "holiday": "00:00-24:00"})

    assert 5 * 480 + 2 * 120 == hours.weekly_minutes()


def test_the_week_is_a_ring() -> None:
    """Sunday night counts once, though it reaches into Monday and overlaps it."""
    hours = Hours.from_week({"sun": "22:00-04:00", "mon": "03:00-05:00"})

    assert 7 * 60 == hours.weekly_minutes()


def test_backwards_is_refused() -> None:
    """Open time does not run backwards."""
    with pytest.raises(InputError, match="Expected a duration of zero or more"):
        OFFICE.add_open_time(_at(2), -dt.timedelta(minutes=1), SHANGHAI)
    with pytest.raises(InputError, match="Expected a moment not before a"):
        OFFICE.open_time_between(_at(3), _at(2), SHANGHAI)


def test_the_end_of_time_is_refused() -> None:
    """Days and budgets that run out of the calendar era are refused."""
    with pytest.raises(InputError, match="Expected a year from 2 to 9989"):
        next(OFFICE.open_spans(dt.date.max, dt.date.max, SHANGHAI))
    with pytest.raises(InputError, match="Expected a year from 2 to 9989"):
        OFFICE.add_open_time(dt.datetime(9989, 1, 1, tzinfo=dt.UTC), dt.timedelta(days=900), SHANGHAI)


def test_asking_changes_nothing_about_it() -> None:
    """What hours remember in order to be quick shows neither in equality nor in hash nor in a pickle."""
    fresh, asked = attrs.evolve(OFFICE), attrs.evolve(OFFICE)
    asked.is_open(_at(2), SHANGHAI)

    assert (fresh, hash(fresh)) == (asked, hash(asked))
    assert fresh == pickle.loads(pickle.dumps(asked))
    assert pickle.loads(pickle.dumps(asked)).is_open(_at(2), SHANGHAI)


def test_hours_tell_the_lines_they_have_rules_for() -> None:
    """A rule for every line speaks of any; where each line has its own rules, the others are not spoken of."""
    common = Hours.from_week({"mon": "09:00-17:00"})
    corporate = Hours.from_week({"mon": "09:00-12:00"}, line="corporate")
    both = Hours(week=(*common.week, *corporate.week))

    assert (True, True) == (common.tells("corporate"), both.tells("personal"))
    assert (True, False) == (corporate.tells("corporate"), corporate.tells("personal"))
