"""Facts about arithmetic with time that counts only now and then."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.errors import CalendarUnknown, ConfigError, InputError
from branchkit.temporal import HORIZON, Calendar, Hours, HoursException, Interval, Span, Worktime
from branchkit.values import Text

UTC = ZoneInfo("UTC")
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)


@attrs.define
class Days:
    """Days that are open from 09:00 to 17:00, each date asked noted; some open never, some are not known."""

    closed: frozenset[dt.date] = frozenset()
    known_until: dt.date = dt.date.max
    asked: list[dt.date] = attrs.field(factory=list)

    def __call__(self, day: dt.date) -> list[Span]:
        """Return the spans of a day."""
        self.asked.append(day)
        if day > self.known_until:
            raise CalendarUnknown("days", day, self.known_until)
        nine = dt.datetime.combine(day, dt.time(9), tzinfo=dt.UTC)
        return [] if day in self.closed else [(nine, nine + 8 * HOUR)]


def _at(day: dt.date | int, hour: int = 9) -> dt.datetime:
    date = day if isinstance(day, dt.date) else dt.date(2026, 3, day)
    return dt.datetime.combine(date, dt.time(hour), tzinfo=dt.UTC)


def _closed(first: dt.date, days: int) -> frozenset[dt.date]:
    return frozenset(first + n * DAY for n in range(days))


def test_a_day_is_asked_once() -> None:
    """Days that were looked up for one question answer the next ones, near or far."""
    days = Days()
    work = Worktime(days, UTC)
    far = work.add(_at(2), 8000 * HOUR)
    asked = len(days.asked)

    assert _at(2) + 999 * DAY + 8 * HOUR == far
    assert (8000 * HOUR, _at(3, 10)) == (work.between(_at(2), far), work.add(_at(2), 9 * HOUR))
    assert asked == len(days.asked)


def test_earlier_days_are_looked_up_as_well() -> None:
    """A question about days before those known gives what a fresh look gives."""
    work = Worktime(Days(), UTC)
    work.add(_at(30), HOUR)
    early = dt.date(2025, 12, 1)

    assert 8 * HOUR * (_at(30).date() - early).days == work.between(_at(early), _at(30))
    assert _at(early, 12) == work.add(_at(early, 8), 3 * HOUR)


def test_decades_between_two_questions_are_not_filled() -> None:
    """Questions decades apart, in either order, ask for the days around them only."""
    days = Days()
    work = Worktime(days, UTC)
    found = [work.add(_at(dt.date(year, 6, 1)), 9 * HOUR) for year in (2026, 1990, 2060, 2026)]

    assert [_at(dt.date(year, 6, 2), 10) for year in (2026, 1990, 2060, 2026)] == found
    assert 100 > len(days.asked)


def test_the_ends_of_the_calendar_era_can_be_asked() -> None:
    """The second year is the first, whatever was looked up before, and a budget past the last one is refused."""
    work = Worktime(Days(), UTC)
    work.add(_at(dt.date(2, 12, 31)), 2000 * HOUR)

    assert 8 * HOUR * 364 == work.between(_at(dt.date(2, 1, 1)), _at(dt.date(2, 12, 31)))
    assert HOUR == work.between(_at(dt.date(2, 1, 1), 0), _at(dt.date(2, 1, 1), 10))
    with pytest.raises(InputError, match="Expected a year from 2 to 9989"):
        work.add(_at(dt.date(9989, 12, 1)), 10_000 * HOUR)


def test_nothing_counts_backwards() -> None:
    """Up to an earlier moment no time counts; a budget of zero ends at the start, and a negative one is refused."""
    work = Worktime(Days(), UTC)

    assert dt.timedelta() == work.between(_at(3), _at(2))
    assert _at(2, 3) == work.add(_at(2, 3), dt.timedelta())
    with pytest.raises(InputError, match="Expected a duration of zero or more"):
        work.add(_at(2), -HOUR)


def test_used_up_at_closing_ends_at_closing() -> None:
    """A budget that is used up exactly at 17:00 ends at 17:00 and not at the next opening."""
    work = Worktime(Days(), UTC)

    assert (_at(2, 17), _at(3, 17)) == (work.add(_at(2), 8 * HOUR), work.add(_at(2), 16 * HOUR))
    assert _at(3, 10) == work.add(_at(2, 17), HOUR)


@pytest.mark.parametrize("closed_days", [399, 400, 401, 900])
def test_four_hundred_days_without_any_end_the_search(closed_days: int) -> None:
    """A stretch without any open time is crossed if it is shorter than 400 days, at the start or on the way."""
    reopened = dt.date(2026, 3, 3) + closed_days * DAY
    work = Worktime(Days(closed=_closed(dt.date(2026, 3, 3), closed_days)), UTC)
    crossed = _at(reopened) - _at(2, 17) < HORIZON

    for start, budget in ((_at(2, 10), 8 * HOUR), (_at(2, 17), HOUR)):
        if crossed:
            assert _at(reopened, 10) == work.add(start, budget)
        else:
            with pytest.raises(ConfigError, match="Expected some open time in the 400 days from 2026-03-02, got none"):
                work.add(start, budget)
    assert _at(2, 11) == work.add(_at(2), 2 * HOUR)
    assert _at(reopened, 11) == work.add(_at(reopened), 2 * HOUR)


def test_an_unknown_day_matters_only_where_it_is_needed() -> None:
    """What ends before the first unknown day is told, and so is no moment after it."""
    work = Worktime(Days(known_until=dt.date(2026, 3, 31)), UTC)
    work.between(_at(1), _at(2))

    assert _at(31, 17) == work.add(_at(31), 8 * HOUR)
    assert 8 * HOUR == work.between(_at(31), _at(dt.date(2026, 4, 1), 0))
    for ask in (lambda: work.add(_at(31), 9 * HOUR), lambda: work.between(_at(31), _at(dt.date(2026, 4, 1), 1))):
        with pytest.raises(CalendarUnknown) as caught:
            ask()
        assert dt.date(2026, 4, 1) == caught.value.day


def test_what_may_reach_past_midnight_is_unknown_with_its_day() -> None:
    """The morning after an unknown day is not told while hours of that day may reach into it."""
    calendar = Calendar(
        "demo", version="1", title=Text(en="Demo"),
        confirmed_from=dt.date(2026, 3, 2), confirmed_through=dt.date(2026, 3, 31),
    )  # fmt: skip
    hours = Hours.from_week({"workday": "09:00-12:00, 22:00-02:00"})

    assert 3 * HOUR == hours.open_time_between(_at(2, 2), _at(2, 12), UTC, calendar)
    with pytest.raises(CalendarUnknown) as caught:
        hours.open_time_between(_at(2, 1), _at(2, 12), UTC, calendar)
    assert dt.date(2026, 3, 1) == caught.value.day


def test_a_dated_exception_needs_no_calendar() -> None:
    """A day beyond the calendar whose hours an exception states is known, and its neighbours are not."""
    day = dt.date(2026, 4, 2)
    calendar = Calendar(
        "demo", version="1", title=Text(en="Demo"),
        confirmed_from=dt.date(2026, 3, 2), confirmed_through=dt.date(2026, 3, 31),
    )  # fmt: skip
    special = HoursException(first=day, last=day, intervals=(Interval.parse("09:00-12:00"),))
    hours = attrs.evolve(Hours.from_week({"workday": "09:00-12:00"}), exceptions=(special,))

    assert _at(day, 11) == hours.add_open_time(_at(day, 10), HOUR, UTC, calendar)
    with pytest.raises(CalendarUnknown) as caught:
        hours.add_open_time(_at(day, 10), 3 * HOUR, UTC, calendar)
    assert dt.date(2026, 4, 3) == caught.value.day


def test_hours_remember_a_few_calendars_and_zones() -> None:
    """The arithmetic is the same one for the same zone, calendar and line, and never one for another calendar."""
    hours = Hours.from_week({"workday": "09:00-17:00"})
    calendars = [
        Calendar(
            "demo", version=str(n), title=Text(en="Demo"), weekly=("mon",),
            confirmed_from=dt.date(2026, 3, 1), confirmed_through=dt.date(2026, 3, 31) + n * DAY,
        )
        for n in range(40)
    ]  # fmt: skip

    assert hours.worktime(UTC, calendars[0]) is hours.worktime(UTC, calendars[0])
    for n, calendar in enumerate(calendars):
        last = calendar.confirmed_through
        assert last == dt.date(2026, 3, 31) + n * DAY
        with pytest.raises(CalendarUnknown) as caught:
            hours.open_time_between(_at(2), _at(last + DAY, 12), UTC, calendar)
        assert last + DAY == caught.value.day
