from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from branchkit_opendata import branches

from branchkit.codec import structure, unstructure
from branchkit.errors import InputError
from branchkit.estate import Branch, Contact
from branchkit.temporal import Hours
from branchkit.values import Text, Unknown

LONDON = "uk-open-banking-branches-lloyds/branches-lloyds-london.json"
EXAMPLES = "uk-open-banking-branches-lloyds/spec-examples-v2.3.json"
ZONE = ZoneInfo("Europe/London")
Import = Callable[..., Any]


def by_name(result: Any) -> dict[str, Branch]:
    return {command.branch.name.en: command.branch for command in result.commands}


def weekly_hours(branch: Branch) -> float:
    assert isinstance(branch.hours, Hours)
    return branch.hours.weekly_minutes() / 60


def record(code: str = "77912900", **said: object) -> dict[str, object]:
    return {"Identification": code, "SequenceNumber": "00", "Type": "Physical", **said}


def day(name: str, *spans: tuple[str, str]) -> dict[str, object]:
    return {"Name": name, "OpeningHours": [{"OpeningTime": a, "ClosingTime": b} for a, b in spans]}


def available(*days: object, **other: object) -> dict[str, object]:
    return {"StandardAvailability": {"Day": list(days)}, **other}


def only(result: Any) -> Branch:
    (command,) = result.commands
    return command.branch  # type: ignore[no-any-return]  # the fixture is untyped


def test_the_known_weekly_hours(imported: Import) -> None:
    """The carried branches have the weekly hours that are known of them; none opens on Sunday, six do on Saturday."""
    found = by_name(imported(branches.read, LONDON))
    saturday, sunday = dt.date(2026, 3, 7), dt.date(2026, 3, 8)
    open_on = {
        at: {name for name, branch in found.items() if list(branch.hours.open_spans(at, at, ZONE))}  # type: ignore[union-attr]
        for at in (saturday, sunday)
    }

    assert 12 == len(found)
    assert (24, 46, 30) == tuple(weekly_hours(found[name]) for name in ("Earls Court", "LEWISHAM", "NORBURY"))
    assert {
        "LEWISHAM", "WOOD GREEN", "ISLINGTON", "STREATHAM", "KENSINGTON HIGH STREET", "CAMBERWELL GREEN",
    } == open_on[saturday]  # fmt: skip
    assert set() == open_on[sunday]


def test_saturday_closings(imported: Import) -> None:
    """Four branches close at three on Saturdays, two at one."""
    found = by_name(imported(branches.read, LONDON))
    noon = dt.datetime(2026, 3, 7, 12, tzinfo=ZONE)
    closing = {name: branch.hours.open_until(noon, ZONE) for name, branch in found.items()}  # type: ignore[union-attr]

    assert {15: 4, 13: 2} == {
        hour: sum(1 for moment in closing.values() if moment is not None and moment.hour == hour) for hour in (15, 13)
    }


def test_earls_court_is_closed_on_friday(imported: Import) -> None:
    """A weekday that is missing is a closed day."""
    hours = by_name(imported(branches.read, LONDON))["Earls Court"].hours
    assert isinstance(hours, Hours)

    assert hours.is_open(dt.datetime(2026, 3, 5, 10, tzinfo=ZONE), ZONE)
    assert not hours.is_open(dt.datetime(2026, 3, 6, 10, tzinfo=ZONE), ZONE)


def test_the_standards_own_examples(imported: Import) -> None:
    """The mobile branch stops on Wednesdays from one to three; a zero offset is read as local time, and told once."""
    result = imported(branches.read, EXAMPLES)
    found = by_name(result)
    mobile, bourne = found["Barnstable Mobile Branch"], found["BOURNE"]
    summer = dt.datetime(2026, 7, 1, 13, 30, tzinfo=ZONE)
    assert isinstance(mobile.hours, Hours)

    assert (2, 38.5) == (weekly_hours(mobile), weekly_hours(bourne))
    assert mobile.hours.is_open(summer, ZONE)
    assert not mobile.hours.is_open(summer + dt.timedelta(hours=2), ZONE)
    assert frozenset({"mobile"}) == mobile.traits
    assert frozenset({"ATMB", "SCTY"}) == bourne.services
    assert frozenset({"WheelchairAccess"}) == bourne.accessibility
    assert Unknown("the source does not say") == mobile.accessibility
    assert ["Writes a zero offset"] == [line[:20] for line in result.told]


def test_a_branch_keeps_what_the_source_says(imported: Import) -> None:
    """Names, address, coordinates, segments and telephone come over as written."""
    result = imported(branches.read, LONDON)
    branch = by_name(result)["LEWISHAM"]

    assert ("77912900", Text(en="LEWISHAM"), "Europe/London") == (branch.id, branch.name, branch.time_zone)
    assert ("51.4619757", "SE13 6JG") == (branch.address.latitude, branch.address.postcode)  # type: ignore[union-attr]
    assert (Contact(kind="phone", value="+44-3456021997"),) == branch.contacts
    assert frozenset({"Personal", "Business"}) == branch.segments
    assert {"SequenceNumber": "00"} == branch.attributes
    assert [] == result.told


def test_every_command_survives_json_and_is_valid(imported: Import) -> None:
    """A command written as plain data reads back equal, and no branch contradicts itself."""
    for command in imported(branches.read, LONDON, EXAMPLES).commands:
        assert command == structure(type(command), unstructure(command))
        assert [] == list(command.branch.validate())


@pytest.mark.parametrize("text", ["09:00", "09:00:00", "09:00:00+0000", "09:00:00.000Z", "09:00Z", "09:00+00:00"])
def test_forms_of_time(imported: Import, text: str) -> None:
    """Every form in which banks write nine o'clock is nine o'clock at the branch."""
    branch = only(imported(branches.read, [record(Availability=available(day("Monday", (text, "17:00"))))]))

    assert Hours.from_week({"mon": "09:00-17:00"}).week[0] == branch.hours.week[0]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("availability", "path"),
    [
        (available(day("Monday", ("00:00", "00:00"))), "Day[0].OpeningHours[0]"),
        (available(day("Monday", ("09:00:00+0100", "17:00"))), "Day[0].OpeningHours[0].OpeningTime"),
        (available(day("Monday", ("09:00", "25:00"))), "Day[0].OpeningHours[0]"),
        (available(day("Monday", ("9am", "17:00"))), "Day[0].OpeningHours[0].OpeningTime"),
        (available(day("Feiertag", ("09:00", "17:00"))), "Day[0].Name"),
        (available({"Name": "Monday"}), "Day[0].OpeningHours"),
        (available(day("Monday", ("09:00", "13:00"), ("12:00", "17:00"))), None),
        ({}, None),
        ("always", None),
    ],
)
def test_hours_without_one_meaning_stay_unknown(imported: Import, availability: object, path: str | None) -> None:
    """Hours that have no one meaning are unknown with the reason, are told with the place, and kept as written."""
    result = imported(branches.read, [record(Availability=availability)])
    branch = only(result)

    assert isinstance(branch.hours, Unknown)
    assert 1 == len(result.notices)
    assert result.notices[0].path.startswith("file-0:$[0].Availability")
    assert path is None or result.notices[0].path.endswith(path)
    assert "Availability" in branch.attributes


def test_no_availability_is_unknown_and_an_empty_week_is_closed(imported: Import) -> None:
    """Nothing said of hours is unknown; a week without days is closed."""
    silent, closed = (only(imported(branches.read, [record(**said)])) for said in ({}, {"Availability": available()}))

    assert Unknown("the source does not say") == silent.hours
    assert 0 == weekly_hours(closed)


def test_several_intervals_and_a_day_listed_twice(imported: Import) -> None:
    """Several intervals a day are legal, in any order and under any number of entries."""
    days = available(day("tuesday", ("13:00", "17:00")), day("Tuesday", ("09:00", "12:00")), day("Tue"))
    branch = only(imported(branches.read, [record(Availability=days)]))

    assert Hours.from_week({"tue": "09:00-12:00, 13:00-17:00"}).week[0] == branch.hours.week[1]  # type: ignore[union-attr]


def test_dated_exceptions(imported: Import) -> None:
    """Non-standard hours replace the week on their dates; days they do not list are closed."""
    dated = [
        {"Name": "Christmas", "FromDate": "2026-12-24T00:00:00.000Z", "ToDate": "2026-12-27T00:00:00.000Z",
         "Day": [day("Thursday", ("09:00", "12:00"))]},
        {"Name": "Works", "FromDate": "2026-11-02"},
    ]  # fmt: skip
    week = available(day("Monday", ("09:00", "17:00")), day("Thursday", ("09:00", "17:00")))
    branch = only(imported(branches.read, [record(Availability=week | {"NonStandardAvailability": dated})]))
    assert isinstance(branch.hours, Hours)
    open_on = [
        sum((end - start).seconds // 3600 for start, end in branch.hours.open_spans(at, at, ZONE))
        for at in (dt.date(2026, 12, 24), dt.date(2026, 12, 25), dt.date(2026, 12, 28), dt.date(2026, 11, 2))
    ]

    assert [3, 0, 8, 0] == open_on
    assert Text(en="Christmas") == branch.hours.exceptions[0].reason


@pytest.mark.parametrize("dated", [{"FromDate": "soon"}, {"FromDate": "2026-02-30"}, "x", {},
                                   {"FromDate": "2026-02-02", "ToDate": "2026-02-01"},
                                   {"FromDate": "2026-02-02", "ToDate": "2036-02-01"}])  # fmt: skip
def test_exceptions_without_one_meaning_leave_the_hours_unknown(imported: Import, dated: object) -> None:
    """A dated exception that cannot be read makes the hours unknown rather than wrong on its dates."""
    week = available(day("Monday", ("09:00", "17:00")), NonStandardAvailability=[dated])

    assert isinstance(only(imported(branches.read, [record(Availability=week)])).hours, Unknown)


def test_shared_identifications(imported: Import) -> None:
    """Branches that share a code are told apart by sequence number and count; the main one keeps the bare code."""
    stops = [record("1", SequenceNumber=number, Name=name) for number, name in
             (("00", "a"), ("04", "b"), ("04", "c"), ("04", "c"), (None, "d"))]  # fmt: skip
    result = imported(branches.read, [*stops, record("2", SequenceNumber="04")])

    assert ["1", "1-04", "1-04-2", "1-2", "2"] == [command.branch.id for command in result.commands]
    assert 2 == len(result.notices)


def test_absent_is_not_no(imported: Import) -> None:
    """What a record lacks is unknown; an empty list says that there is nothing."""
    silent = only(imported(branches.read, [{"Identification": "1"}]))
    denying = only(imported(branches.read, [record(Accessibility=[], ServiceAndFacility=[], ContactInfo=[])]))

    assert all(
        isinstance(getattr(silent, name), Unknown)
        for name in (
            "name",
            "traits",
            "time_zone",
            "hours",
            "services",
            "accessibility",
            "segments",
            "address",
            "contacts",
        )
    )
    assert (frozenset(), frozenset(), ()) == (denying.accessibility, denying.services, denying.contacts)


@pytest.mark.parametrize(("country", "zone"), [("GB", "Europe/London"), ("JE", "Europe/Jersey"), ("GI", None)])
def test_zone(imported: Import, country: str, zone: str | None) -> None:
    """The zone is known where the country has one that is known, and nowhere else."""
    branch = only(imported(branches.read, [record(PostalAddress={"Country": country})]))

    assert zone == (None if isinstance(branch.time_zone, Unknown) else branch.time_zone)


def test_an_unknown_type_is_kept_and_told(imported: Import) -> None:
    """A word for the type that the standard does not have is kept as it is."""
    result = imported(branches.read, [record(Type="Pop-up", Notes="x")])

    assert frozenset({"Pop-up"}) == only(result).traits
    assert ["file-0:$[0].Type"] == [notice.path for notice in result.notices]
    assert "x" == only(result).attributes["Notes"]


def test_what_is_no_text_is_kept_as_written(imported: Import) -> None:
    """A name or town that is no single text stays unknown, is told, and is not lost; a list of one text is a text."""
    place = {"TownName": ["A", "B"], "PostCode": ["AB1 2CD"], "CountrySubDivision": ["X", "Y"], "BuildingNumber": 7,
             "StreetName": "High Street"}  # fmt: skip
    result = imported(branches.read, [record(Name={"en": "x"}, PostalAddress=place)])
    branch = only(result)

    assert isinstance(branch.name, Unknown)
    assert (("7 High Street",), None, "AB1 2CD", "X, Y") == (
        branch.address.lines, branch.address.town, branch.address.postcode, branch.address.region,  # type: ignore[union-attr]
    )  # fmt: skip
    assert ("x", ("A", "B"), ("X", "Y")) == tuple(
        branch.attributes[name] for name in ("Name.en", "PostalAddress.TownName", "PostalAddress.CountrySubDivision")
    )
    assert ["Expected one text; it stays unknown and is kept as written (and at 1 more places)"] == [
        notice.message for notice in result.notices
    ]


def test_all_problems_are_listed_with_their_places(imported: Import) -> None:
    """A file is refused as a whole, with every problem."""
    broken = [
        record("", Name="x"),
        record("2", SequenceNumber="a\nb"),
        record("3", PostalAddress="x", ContactInfo=[{"ContactType": "Phone"}], CustomerSegment=[{}]),
    ]
    with pytest.raises(InputError) as caught:
        imported(branches.read, broken)

    assert {
        "$[0].Identification", "$[1].SequenceNumber", "$[2].PostalAddress", "$[2].ContactInfo[0]",
        "$[2].CustomerSegment[0]",
    } == {problem.path for problem in caught.value.problems}  # fmt: skip


def test_a_file_of_machines_names_its_importer(imported: Import) -> None:
    """Given machines, the importer says which one reads them; their owners are not taken for branches."""
    with pytest.raises(InputError, match="obie-atms"):
        imported(branches.read, "uk-open-banking-atms-hsbc/atms-2024-01-21.json")
    with pytest.raises(InputError, match="obie-atms"):
        imported(branches.read, [{"Identification": "M", "Branch": {"Identification": "1"}, "ATMServices": []}])


def test_the_same_hours_twice_are_told(imported: Import) -> None:
    """Hours of a day that are stated twice are taken once, and that is told."""
    days = available(day("Monday", ("09:00", "17:00"), ("09:00", "17:00")))
    result = imported(branches.read, [record(Availability=days)])

    assert 8 == weekly_hours(only(result))
    assert 1 == len(result.notices)


def test_notes_on_hours_are_kept(imported: Import) -> None:
    """Hours that come with notes are read, and kept as written as well."""
    noted = available(day("Monday", ("09:00", "17:00")) | {"Notes": "by appointment"})
    branch = only(imported(branches.read, [record(Availability=noted)]))

    assert 8 == weekly_hours(branch)
    assert "by appointment" in branch.attributes["Availability"]
