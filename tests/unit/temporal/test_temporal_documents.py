"""Facts about hours and calendars as documents."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.codec import structure, unstructure
from branchkit.errors import DecodeError
from branchkit.temporal import (
    Calendar,
    CalendarChange,
    CalendarDay,
    Hours,
    HoursEffect,
    HoursException,
    HoursRule,
    Interval,
)
from branchkit.values import Text

CALENDAR = Calendar(
    "cn",
    version="2026",
    title=Text(zh="示例", en="Demo"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
    days=(CalendarDay(dt.date(2026, 1, 4), working=True, name=Text(zh="元旦"), source="notice 1"),),
    changes=(CalendarChange(announced=dt.date(2026, 1, 2), days=(CalendarDay(dt.date(2026, 1, 5), working=False),)),),
)
HOURS = Hours(
    week=(
        HoursRule(days=("workday",), intervals=(Interval.parse("09:00-12:00"), Interval.parse("13:00-24:00"))),
        HoursRule(days=("rest_day",), intervals=(), line="corporate"),
    ),
    exceptions=(
        HoursException(
            first=dt.date(2026, 2, 17),
            last=dt.date(2026, 2, 18),
            effect=HoursEffect.SUBTRACT,
            intervals=(Interval.parse("09:00-10:00"),),
            reason=Text(zh="盘点", en="Stocktaking"),
        ),
    ),
)


def test_a_calendar_survives_both_forms() -> None:
    """A calendar written as JSON or TOML and read again is the same calendar."""
    assert CALENDAR == Calendar.from_json(CALENDAR.to_json())
    assert CALENDAR == Calendar.from_toml(CALENDAR.to_toml())


def test_hours_survive_as_plain_data() -> None:
    """Hours written as plain data and read again are the same; closed stays said, intervals read as on the door."""
    plain = unstructure(HOURS)

    assert HOURS == structure(Hours, plain)
    assert ["09:00-12:00", "13:00-24:00"] == plain["week"][0]["intervals"]
    assert [] == plain["week"][1]["intervals"]


def test_a_calendar_that_contradicts_itself_does_not_load() -> None:
    """Reading a calendar lists what its own check finds, with the paths of the document."""
    twice = attrs.evolve(CALENDAR, days=CALENDAR.days * 2, weekly=("mon", "monday"))
    with pytest.raises(DecodeError) as caught:
        Calendar.from_json(twice.to_json())

    assert ["$.weekly[1]", "$.days[1].date"] == [problem.path for problem in caught.value.problems]


def test_hours_that_cannot_be_read_say_where() -> None:
    """An interval that is no interval, an absent one and an unknown effect are named with their paths."""
    plain = {
        "week": [{"days": ["mon"], "intervals": ["00:00-00:00"]}, {"days": ["tue"]}],
        "exceptions": [{"first": "2026-01-01", "last": "2026-01-01", "effect": "extend", "intervals": []}],
    }
    with pytest.raises(DecodeError) as caught:
        structure(Hours, plain)

    first, second, third = (problem.path for problem in caught.value.problems)
    assert ("$.week[0].intervals[0]", "$.exceptions[0].effect") == (first, third)
    assert second.startswith("$.week[1]")
