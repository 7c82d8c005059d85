"""Calendars built from published tables: the State Council's notices and the bank holidays of the United Kingdom.

The tables lie beside the repository, with their licences; without them these tests are skipped.
"""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from branchkit.errors import CalendarUnknown
from branchkit.temporal import Calendar, CalendarChange, CalendarDay, Hours
from branchkit.values import Text

DATA = Path(__file__).parents[2].parent / "shared" / "data" / "calendars"
WORKDAYS = dict(zip(range(2015, 2027), (249, 250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248), strict=True))
WRONG_BY_WEEKDAY = range(21, 28)
"""On how many days of a year Monday to Friday is not the answer."""

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="the published calendars do not lie beside the repository")


def _read(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


def _year_of_notices(table: dict[str, Any]) -> Calendar:
    year = table["year"]
    return Calendar(
        "cn",
        version=str(year),
        title=Text(zh="全国年节及纪念日放假", en="Public holidays of China"),
        confirmed_from=dt.date(year, 1, 1),
        confirmed_through=dt.date(year, 12, 31),
        days=tuple(
            CalendarDay(
                dt.date.fromisoformat(day["date"]),
                working=not day["isOffDay"],
                name=Text(zh=day["name"]),
                source=table["papers"][-1],
            )
            for day in table["days"]
        ),
    )


def _bank_holidays(division: str) -> Calendar:
    events = _read("uk-bank-holidays-2012-2028.json")[division]["events"]
    dates = [dt.date.fromisoformat(event["date"]) for event in events]
    return Calendar(
        f"uk-{division}",
        version="2028",
        title=Text(en=f"Bank holidays, {division}"),
        confirmed_from=dt.date(min(dates).year, 1, 1),
        confirmed_through=dt.date(max(dates).year, 12, 31),
        days=tuple(
            CalendarDay(date, working=False, name=Text(en=event["title"]))
            for date, event in zip(dates, events, strict=True)
        ),
    )


@pytest.fixture(scope="module")
def china() -> Calendar:
    """All years of notices, joined before anything is asked."""
    return Calendar.merge(*map(_year_of_notices, _read("cn-state-council-2015-2026.json")), version="2026")


@pytest.fixture(scope="module")
def england() -> Calendar:
    """The bank holidays of England and Wales."""
    return _bank_holidays("england-and-wales")


@pytest.mark.parametrize(("year", "expected"), WORKDAYS.items())
def test_workdays_of_each_year(china: Calendar, year: int, expected: int) -> None:
    """Each year from 2015 to 2026 has the known number of working days."""
    assert expected == china.working_days(dt.date(year, 1, 1), dt.date(year, 12, 31))


@pytest.mark.parametrize("year", WORKDAYS)
def test_monday_to_friday_is_wrong_on_weeks_of_days(china: Calendar, year: int) -> None:
    """Taking Monday to Friday for working days is wrong on 21 to 27 days of every year."""
    days = [
        dt.date(year, 1, 1) + dt.timedelta(days=n) for n in range((dt.date(year + 1, 1, 1) - dt.date(year, 1, 1)).days)
    ]

    assert sum(china.is_working(day) is not (day.weekday() < 5) for day in days) in WRONG_BY_WEEKDAY


def test_a_notice_reaches_into_the_year_before(china: Calendar) -> None:
    """The notice for 2019 makes a Saturday of 2018 a workday, and that for 2023 a Saturday of 2022 a day off."""
    assert china.is_make_up(dt.date(2018, 12, 29))
    assert "holiday" == china.day_type(dt.date(2022, 12, 31))


def test_a_working_day_after_a_long_break(china: Calendar) -> None:
    """Three working days from the last one before Spring Festival 2026 run over the break and its make-up days."""
    last = dt.date(2026, 2, 14)
    due = china.add_working_days(last, 3)

    assert china.is_make_up(last)
    assert 3 == china.working_days_between(last, due)
    assert (dt.date(2026, 2, 26), 9) == (
        due,
        sum(not china.is_working(last + dt.timedelta(days=n)) for n in range(1, 12)),
    )


def test_the_year_after_the_last_notice_is_not_known(china: Calendar) -> None:
    """2027 has no notice yet, so nothing is said of it, not even of a plain Monday."""
    with pytest.raises(CalendarUnknown, match="confirmed through 2026-12-31; 2027-01-04 is beyond it"):
        china.is_working(dt.date(2027, 1, 4))


def test_the_emergency_extension_of_2020() -> None:
    """Until the notice of 27 January the break of 2020 ended on the 30th; since then it ends on 2 February."""
    (table,) = (t for t in _read("cn-state-council-2015-2026.json") if t["year"] == 2020)
    final = _year_of_notices(table)
    added = {dt.date(2020, 1, 31): False, dt.date(2020, 2, 1): True, dt.date(2020, 2, 2): False}
    planned = tuple(day for day in final.days if day.date not in added)
    extended = CalendarChange(
        announced=dt.date(2020, 1, 27),
        days=tuple(CalendarDay(date, working=False) for date in added),
        reason=Text(zh="延长春节假期", en="Spring Festival break extended"),
        source=table["papers"][-1],
    )
    calendar = Calendar(
        "cn",
        version="2020",
        title=final.title,
        confirmed_from=final.confirmed_from,
        confirmed_through=final.confirmed_through,
        days=(*planned, CalendarDay(dt.date(2020, 2, 1), working=True)),
        changes=(extended,),
    )
    before = calendar.as_of(dt.date(2020, 1, 26))

    assert dt.date(2020, 1, 31) == before.roll(dt.date(2020, 1, 24))[0]
    assert dt.date(2020, 2, 3) == calendar.roll(dt.date(2020, 1, 24))[0]
    assert WORKDAYS[2020] + 2 == before.working_days(dt.date(2020, 1, 1), dt.date(2020, 12, 31))
    assert WORKDAYS[2020] == calendar.working_days(dt.date(2020, 1, 1), dt.date(2020, 12, 31))
    assert "2020-01-27 announced" not in calendar.describe(dt.date(2020, 1, 31)).en
    assert "announced 2020-01-27 (Spring Festival break extended)" in calendar.describe(dt.date(2020, 1, 31)).en


def test_half_an_hour_over_a_long_break(china: Calendar) -> None:
    """estate:S-2: over the National Day break of 2026, ten minutes before closing, the rest of half an hour waits."""
    hours, zone = Hours.from_week({"workday": "09:00-17:30"}), ZoneInfo("Asia/Shanghai")
    reported = dt.datetime(2026, 9, 30, 17, 20, tzinfo=zone)
    due = hours.add_open_time(reported, dt.timedelta(minutes=30), zone, china)

    assert "2026-10-08T09:20:00+08:00" == due.isoformat()
    assert hours.is_open(dt.datetime(2026, 10, 10, 12, tzinfo=zone), zone, china)


@pytest.mark.parametrize("division", ["england-and-wales", "scotland", "northern-ireland"])
def test_bank_holidays_are_never_working_days(division: str) -> None:
    """In each division every bank holiday is a holiday and falls on a weekday."""
    calendar = _bank_holidays(division)

    assert () == tuple(calendar.validate())
    assert {"holiday"} == {calendar.day_type(day.date) for day in calendar.days}
    assert all(day.date.weekday() < 5 for day in calendar.days)


@pytest.mark.parametrize(("year", "expected"), [(2012, 252), (2022, 250), (2025, 253), (2026, 253)])
def test_working_days_in_england(england: Calendar, year: int, expected: int) -> None:
    """England and Wales work on the weekdays less the bank holidays: eight in a plain year, more in jubilee years."""
    assert expected == england.working_days(dt.date(year, 1, 1), dt.date(year, 12, 31))


def test_good_friday_rolls_over_easter(england: Calendar) -> None:
    """From Good Friday 2026 the next working day is the Tuesday after Easter, four days passed over."""
    target, passed = england.roll(dt.date(2026, 4, 3))

    assert (dt.date(2026, 4, 7), 4) == (target, len(passed))
