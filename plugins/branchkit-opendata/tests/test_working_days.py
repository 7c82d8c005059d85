from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from branchkit_opendata import plugin, working_days

from branchkit.codec import structure, unstructure
from branchkit.errors import CalendarUnknown, InputError
from branchkit.estate import PublishCalendar
from branchkit.plugins import HookContext
from branchkit.temporal import Calendar

YEARS = "calendars/cn-state-council-2015-2026.json"
PATH = Path(__file__).resolve().parents[3] / "examples" / "data" / YEARS
KNOWN = (249, 250, 249, 250, 250, 249, 250, 249, 249, 251, 248, 248)
Import = Callable[..., Any]


def counts(calendar: Calendar) -> tuple[int, ...]:
    span = range(calendar.confirmed_from.year, calendar.confirmed_through.year + 1)
    return tuple(calendar.working_days(dt.date(year, 1, 1), dt.date(year, 12, 31)) for year in span)


def year(number: int, *days: tuple[str, bool], **other: object) -> dict[str, object]:
    listed = [{"name": "x", "date": date, "isOffDay": off} for date, off in days]
    return {"year": number, "papers": [], "days": listed, **other}


def published(result: Any) -> Calendar:
    (command,) = result.commands
    assert isinstance(command, PublishCalendar)
    return command.calendar


def test_the_known_working_days_of_every_year(imported: Import) -> None:
    """All years given become one calendar with the known number of working days in each."""
    result = imported(working_days.read, YEARS)

    assert KNOWN == counts(published(result))
    assert [] == result.told


def test_one_file_a_year_gives_the_same_calendar(imported: Import) -> None:
    """Twelve files, with the keys that single files have, in any order, give the very same calendar."""
    many = [
        one | {"$schema": "https://example.org/schema.json", "$id": f"https://example.org/{one['year']}.json"}
        for one in json.loads(PATH.read_text(encoding="utf-8"))
    ]
    whole, split = imported(working_days.read, YEARS), imported(working_days.read, *reversed(many))

    assert published(whole) == published(split)
    assert [] == split.told


def test_the_year_of_a_notice_is_not_the_year_of_its_dates(imported: Import) -> None:
    """The 2019 notice makes 2018-12-29 a working day, the 2023 notice makes 2022-12-31 a day off."""
    calendar = published(imported(working_days.read, YEARS))

    assert calendar.is_make_up(dt.date(2018, 12, 29))
    assert "holiday" == calendar.day_type(dt.date(2022, 12, 31))


def test_the_extended_new_year_of_2020(imported: Import) -> None:
    """The break that was extended in an emergency is off through 2 February 2020."""
    calendar = published(imported(working_days.read, YEARS))

    assert not calendar.is_working(dt.date(2020, 1, 31))
    assert calendar.is_working(dt.date(2020, 2, 3))


def test_beyond_the_last_year_is_an_error(imported: Import) -> None:
    """The calendar answers through the last day of the last year and refuses the next day."""
    calendar = published(imported(working_days.read, YEARS))

    assert (dt.date(2015, 1, 1), dt.date(2026, 12, 31)) == (calendar.confirmed_from, calendar.confirmed_through)
    with pytest.raises(CalendarUnknown):
        calendar.is_working(dt.date(2027, 1, 1))


def test_the_calendar_hook_offers_the_carried_years(imported: Import) -> None:
    """The record on offer builds the calendar that an import of the carried file builds."""
    (record,) = plugin.branchkit_calendars(HookContext())

    assert published(imported(working_days.read, YEARS)) == record.load()


def test_id_and_option(imported: Import) -> None:
    """The calendar is called cn, or as the option says; the same moment gives the same id, another one another."""
    moments = (dt.datetime(year, 1, 1, tzinfo=dt.UTC) for year in (2025, 2025, 2026))
    now, again, later = (imported(working_days.read, YEARS, at=at) for at in moments)
    named = imported(working_days.read, YEARS, calendar="prc")

    assert now.commands[0].id == again.commands[0].id
    assert now.commands[0].id != later.commands[0].id
    assert ("cn", "prc") == (published(now).id, published(named).id)
    assert now.commands[0].id != named.commands[0].id


def test_the_command_survives_json(imported: Import) -> None:
    """The command written as plain data reads back equal, and its calendar does not contradict itself."""
    (command,) = imported(working_days.read, YEARS).commands

    assert command == structure(PublishCalendar, unstructure(command))
    assert [] == list(command.calendar.validate())


def test_the_version_follows_the_content(imported: Import) -> None:
    """Two tables of the same year that differ on a day have different versions."""
    one, two = (published(imported(working_days.read, year(2030, ("2030-01-02", off)))) for off in (True, False))

    assert one.version != two.version


def test_a_year_without_days_is_not_confirmed(imported: Import) -> None:
    """A year whose notice is not out is told and left out; alone it is refused."""
    result = imported(working_days.read, [year(2030, ("2030-01-01", True)), year(2031)])

    assert dt.date(2030, 12, 31) == published(result).confirmed_through
    assert ["file-0:$[1]"] == [notice.path for notice in result.notices]
    with pytest.raises(InputError, match="not announced yet"):
        imported(working_days.read, year(2031))


def test_a_day_that_says_nothing_is_left_out(imported: Import) -> None:
    """A day without occasion or notice that follows its weekday is told and left out, and the calendar stays sound."""
    days = [{"date": "2030-01-05", "isOffDay": True}, {"date": "2030-01-04", "isOffDay": True}]
    result = imported(working_days.read, {"year": 2030, "papers": [], "days": days})

    assert [dt.date(2030, 1, 4)] == [day.date for day in published(result).days]
    assert ["file-0:$.days[0]"] == [notice.path for notice in result.notices]


def test_a_year_stated_twice_must_agree(imported: Import) -> None:
    """The same year from two files is told and taken once, if both say the same."""
    one = year(2030, ("2030-01-01", True))
    result = imported(working_days.read, one, one)

    assert 1 == len(published(result).days)
    assert ["file-1:$"] == [notice.path for notice in result.notices]


@pytest.mark.parametrize(
    ("documents", "path"),
    [
        ([{"england-and-wales": {"events": []}}], "$"),
        ([[]], "$"),
        ([[year(2030, ("2030-01-01", True)), year(2032, ("2032-01-01", True))]], "$"),
        ([year(2030, ("2030-01-01", True)), year(2031, ("2030-01-01", False))], "$.days[0]"),
        ([year(2030, ("2030-13-01", True))], "$.days[0].date"),
        ([year(2030, ("2040-01-01", True))], "$.days[0].date"),
        ([year(2030, ("2030-01-01", 1))], "$.days[0].isOffDay"),  # type: ignore[arg-type]  # wrong on purpose
        ([[year("2030")]], "$[0].year"),  # type: ignore[arg-type]  # wrong on purpose
        ([{"year": 2030, "days": [None]}], "$.days[0]"),
        ([{"year": 2030, "days": [], "papers": [{}]}], "$.papers"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(imported: Import, documents: list[object], path: str) -> None:
    """Other files, holes, contradictions and days that are none are refused before anything comes out."""
    with pytest.raises(InputError) as caught:
        imported(working_days.read, *documents)

    assert path == caught.value.problems[0].path


def test_the_option_is_checked(imported: Import) -> None:
    """A calendar needs a name that can be an id."""
    with pytest.raises(InputError, match="calendar"):
        imported(working_days.read, YEARS, calendar=" ")


def test_a_key_nobody_knows_is_told(imported: Import) -> None:
    """A key of a year that the importer does not know is left, and that is told."""
    result = imported(working_days.read, year(2030, ("2030-01-01", True), region="x"))

    assert ["file-0:$.region"] == [notice.path for notice in result.notices]
