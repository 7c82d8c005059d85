"""What each row of a service desk's log becomes, and what of it is odd, or refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

import attrs
import pytest
from branchkit_opendata import incidents

from branchkit.errors import InputError, Problem
from branchkit.kit import Kit
from branchkit.kit.wire import command_line
from branchkit.messages import Command
from branchkit.plugins import ImportContext, SourceFile
from branchkit.procedures import Case
from branchkit.temporal import ClockState
from branchkit.values import FrozenMap, Unknown

HEADER = (
    "number,incident_state,sys_mod_count,made_sla,opened_at,sys_updated_at,impact,urgency,priority,assignment_group,"
    "assigned_to,reassignment_count,reopen_count,closed_code,resolved_at,closed_at"
)
_MEDIUM = "2 - Medium,2 - Medium,3 - Moderate"
_HIGH = "1 - High,2 - Medium,2 - High"
ROWS = (
    f"INC-1,New,0,true,1/3/2016 09:00,1/3/2016 09:05,{_MEDIUM},Group 1,?,0,0,?,?,?",
    f"INC-1,Active,1,true,1/3/2016 09:00,1/3/2016 10:00,{_MEDIUM},Group 2,R 1,1,0,?,?,?",
    "INC-2,Active,0,true,1/3/2016 09:10,1/3/2016 10:10,1 - High,1 - High,1 - Critical,?,?,0,0,?,?,?",
    f"INC-1,Awaiting User Info,2,true,1/3/2016 09:00,1/3/2016 11:00,{_MEDIUM},Group 2,?,1,0,?,?,?",
    f"INC-1,Resolved,3,true,1/3/2016 09:00,1/3/2016 15:00,{_MEDIUM},Group 2,R 1,1,0,?,?,?",
    f"INC-1,Active,4,true,1/3/2016 09:00,2/3/2016 15:00,{_HIGH},Group 2,R 1,1,1,?,?,?",
    f"INC-1,Closed,5,true,1/3/2016 09:00,3/3/2016 15:00,{_HIGH},Group 2,R 1,1,1,?,?,?",
    f"INC-1,Closed,6,true,1/3/2016 09:00,9/3/2016 15:00,{_HIGH},Group 2,R 1,1,1,?,?,?",
)
FINAL = ("made_sla", "resolved_by", "resolved_at", "closed_at", "closed_code")
AT = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
Carried = Callable[[Iterable[Command]], Kit]


@attrs.frozen
class Imported:
    """What an import gave."""

    commands: tuple[Command, ...]
    told: tuple[str, ...]


@pytest.fixture
def case(carried: Carried) -> Callable[..., Case]:
    """Return what carries out a log and gives a case of it, the first one where no other is named."""

    def find(*rows: str, id: str = "INC-1", **options: str) -> Case:
        return carried(run(log(*rows), **options).commands).get(Case, id)

    return find


def words(command: Command) -> str:
    """Say in short what a command asks."""
    fields = ("stage", "transition", "role", "actor", "priority", "clock", "to")
    said = [str(value) for name in fields if (value := getattr(command, name, None))]
    return " ".join((command.KIND, *said))


def log(*rows: str, header: str = HEADER) -> bytes:
    """Return a log of some rows, or of all that are above."""
    return "\r\n".join((header, *(rows or ROWS))).encode() + b"\r\n"


def run(data: bytes, *more: bytes, **options: str) -> Imported:
    """Import logs, each a file."""
    notices: list[Problem] = []
    files = tuple(SourceFile(f"file-{at}", data=one) for at, one in enumerate((data, *more)))
    context = ImportContext(files=files, at=AT, options=FrozenMap(options), notice=notices.append)
    return Imported(tuple(incidents.read(context)), tuple(map(str, notices)))


def test_each_row_becomes_what_it_changes() -> None:
    """States become transitions, reassignments roles, waiting pauses; a row after closing closes the case again."""
    commands = run(log()).commands

    assert [
        "register_branch",
        "open_case 3",
        "assign_role group Group 2",
        "assign_role assignee R 1",
        "complete_stage new active",
        "assign_role assignee service-desk",
        "complete_stage active awaiting_user_info",
        "pause_clock handling",
        "assign_role assignee R 1",
        "complete_stage awaiting_user_info resolved",
        "resume_clock handling",
        "pause_clock handling",
        "reprioritise 2",
        "complete_stage resolved active",
        "resume_clock handling",
        "complete_stage active closed",
        "reopen_case ('resolved',)",
        "complete_stage resolved closed",
    ] == [words(one) for one in commands if "INC-2" not in (getattr(one, "case", ""),)]


def test_a_case_holds_what_the_rows_say(case: Callable[..., Case]) -> None:
    """After the last row the case has its state, its facts under the source's names, its people, and its pauses."""
    found = case()

    assert ("closed", "closed", "2") == (found.status, found.outcome, found.priority)
    assert ("Closed", "6", "1", "1") == tuple(
        found.facts[name] for name in ("incident_state", "sys_mod_count", "reopen_count", "impact")
    )
    assert {"group": "Group 2", "assignee": "R 1"} == dict(found.roles)
    handling = found.clock("handling")
    assert handling is not None
    assert ["awaiting_user_info", "resolved", "closed"] == [pause.reason for pause in handling.pauses]
    assert ClockState.STOPPED is handling.state
    assert dt.datetime(2016, 3, 9, 15, tzinfo=dt.UTC) == found.latest


def test_the_desks_own_clock_leaves_waiting_out(carried: Carried) -> None:
    """In its hands the incident was two hours before it waited, and a day after it came back."""
    kit = carried(run(log()).commands)
    told = kit.story("INC-1", kit.get(Case, "INC-1").latest)

    (handling,) = (one for one in told.clocks if one.clock.id == "handling")
    assert handling.reading is not None
    assert dt.timedelta(hours=26) == handling.reading.elapsed


def test_an_incident_that_begins_later_than_new_is_moved_there() -> None:
    """A first row that says Active opens the case when it was opened, and moves it when the row says so."""
    (_, opened, moved) = run(log(ROWS[2])).commands

    assert (9, 10, "complete_stage new active") == (opened.at.hour, moved.at.hour, words(moved))
    assert moved.at == opened.recorded_at
    assert "service-desk" == opened.roles["group"]  # type: ignore[attr-defined]


def test_final_columns_are_never_inputs(tables: Any) -> None:
    """Whatever stands in the columns of the outcome, or if they are not there, the commands are the same bytes."""
    rows = tables.read(log())
    columns = HEADER.split(",")
    expected = [command_line(one) for one in run(log()).commands]
    variants = [
        tables.write([{**row, **dict.fromkeys(FINAL, text)} for row in rows], columns)
        for text in ("", "?", "false", "9/9/2020 1:1", "x")
    ]

    for data in (*variants, tables.write(rows, [name for name in columns if name not in FINAL])):
        assert expected == [command_line(one) for one in run(data).commands]


def test_columns_are_found_by_name(tables: Any) -> None:
    """The order of the columns, the labels of an export and the delimiter decide nothing."""
    rows = tables.read(log())
    labels = {"number": "Number", "incident_state": "State", "sys_updated_at": "Updated", "opened_at": "Opened"}
    turned = [{labels.get(name, name): text for name, text in row.items()} for row in rows]
    data = tables.write(turned, [labels.get(name, name) for name in reversed(HEADER.split(","))])
    other = data.replace(b",", b";")
    tabs = data.replace(b",", b"\t").decode().encode("utf-16")

    expected = [command_line(one) for one in run(log()).commands]
    for variant in (data, other, tabs):
        assert expected == [command_line(one) for one in run(variant).commands]


def test_moments_without_a_zone_are_in_the_zone_that_is_named() -> None:
    """The option zone moves every moment, and the desk's midnights with them; where none is named it is UTC."""
    utc, china = run(log()).commands, run(log(), zone="Asia/Shanghai").commands

    assert {dt.timedelta(hours=8)} == {a.at - b.at for a, b in zip(utc, china, strict=True)}
    assert "Asia/Shanghai" == china[0].branch.time_zone  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "text", ["2016-03-01 09:05", "2016-03-01T09:05:00Z", "1.3.2016 09:05:00", "2016-03-01T17:05+08:00"]
)
def test_moments_are_read_in_other_forms(text: str) -> None:
    """ISO dates, dots and offsets mean the same moment."""
    row = ROWS[0].replace("1/3/2016 09:05", text)

    (_, opened) = run(log(row)).commands
    assert dt.datetime(2016, 3, 1, 9, 5, tzinfo=dt.UTC) == opened.recorded_at


def test_months_may_come_first() -> None:
    """The option dates reads American dates."""
    commands = run(log(ROWS[0]), dates="mdy").commands

    assert (1, 3) == (commands[1].at.month, commands[1].at.day)


def test_a_state_nobody_knows_is_noted_and_told(case: Callable[..., Case]) -> None:
    """The case stays where it is, the fact says what the source says, and the row is named."""
    row = ROWS[1].replace("Active", "-100")
    found = case(ROWS[0], row)

    assert (("new",), "-100") == (found.open_stages, found.facts["incident_state"])
    assert any("no state that is known here" in one and "lines[3]" in one for one in run(log(ROWS[0], row)).told)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("In Progress", "active"),
        ("On Hold", "awaiting_other"),
        ("Pending vendor", "awaiting_other"),
        ("awaiting_vendor", "awaiting_vendor"),
    ],
)
def test_other_desks_words_for_the_same(state: str, expected: str, case: Callable[..., Case]) -> None:
    """States of other desks are taken for the stages they mean."""
    row = ROWS[1].replace("Active", state)

    assert (expected,) == case(ROWS[0], row).open_stages


def test_a_cancelled_incident_is_cancelled_and_may_come_back(case: Callable[..., Case]) -> None:
    """Canceled cancels the case; work after it reopens the case, and its clocks have ended for good."""
    again = ROWS[4].replace("Resolved", "Awaiting Vendor")
    rows = (ROWS[0], ROWS[1].replace("Active", "Canceled"), ROWS[3].replace("Awaiting User Info", "Canceled"), again)

    assert "cancelled" == case(*rows[:2]).status
    assert "cancelled" == case(*rows[:3]).status
    assert ("awaiting_vendor",) == case(*rows).open_stages


def test_what_is_no_longer_stated_becomes_unknown(case: Callable[..., Case]) -> None:
    """A cell that turns to ? takes the fact back, and says so."""
    found = case(ROWS[0], ROWS[1].replace("2 - Medium,2 - Medium", "?,2 - Medium"))

    assert Unknown("the source no longer states it") == found.facts["impact"]


def test_odd_rows_are_kept_and_told(case: Callable[..., Case]) -> None:
    """Repeated rows count once, earlier ones as they stand; counters that are none and lacking moments are told."""
    late = ROWS[3].replace("1/3/2016 11:00", "1/3/2016 09:30")
    no_count = ROWS[4].replace(",3,true", ",three,true")
    no_moment = ROWS[5].replace("2/3/2016 15:00", "?")
    after = ROWS[2].replace("1/3/2016 09:10", "1/3/2016 10:30")
    rows = (ROWS[0], ROWS[1], ROWS[1], late, no_count, no_moment, after, ROWS[0])
    told = run(log(*rows)).told

    for line, what in (
        ("lines[4].number", "in the same words; it is taken once (and at 1 more places)"),
        ("lines[5].sys_updated_at", "Lies before the row above it"),
        ("lines[6].sys_mod_count", "Expected a whole number"),
        ("lines[7].sys_updated_at", "States no moment"),
        ("lines[8].opened_at", "Lies after the first update"),
    ):
        assert any(line in one and what in one for one in told), what
    assert ("active",) == case(*rows).open_stages


def test_rows_out_of_order_are_sorted_where_that_is_asked(case: Callable[..., Case]) -> None:
    """With order=time a log turned upside down gives the same cases as the log."""
    expected = [case(id=id) for id in ("INC-1", "INC-2")]

    assert expected == [case(*reversed(ROWS), id=id, order="time") for id in ("INC-1", "INC-2")]


def test_priorities_that_are_none_stay_as_before(case: Callable[..., Case]) -> None:
    """A priority without a digit from 1 to 5 is told and changes nothing."""
    row = ROWS[1].replace("3 - Moderate", "Planning")

    assert "3" == case(ROWS[0], row).priority
    assert any("Begins with no digit" in one for one in run(log(ROWS[0], row)).told)


def test_contradictions_are_told() -> None:
    """A row that is closed and active at once, and columns that mean nothing here, are named."""
    found = "\n".join(run(log(ROWS[0] + ",false,x", header=HEADER + ",active,comment of mine")).told)

    assert "Contradicts the state" in found
    assert "the column 'comment of mine'" in found


def test_callers_are_personal() -> None:
    """Who called is sealed with the case, and never among its facts."""
    (_, opened) = run(log(ROWS[0] + ",Caller 7", header=HEADER + ",caller_id")).commands

    assert "caller: Caller 7" == opened.note  # type: ignore[attr-defined]
    assert "Caller 7" not in repr(opened)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "Expected a table whose header names number, incident_state, sys_updated_at"),
        (b"number,incident_state\n", "it lacks: sys_updated_at"),
        (log("INC-1,New"), "Expected 16 cells, as the header has; got 2 in line 2"),
        (log(ROWS[0].replace("1/3/2016 09:05", "31/31/2016 09:05")), "Expected a moment such as 29/2/2016 01:16"),
        (log(ROWS[0].replace("1/3/2016 09:00", "?").replace("1/3/2016 09:05", "?")), "in the first row of an incident"),
        (log(ROWS[0].replace("INC-1", "")), "Expected a code of 1 to 120 printable characters"),
        (log(header=HEADER.replace("made_sla", "Number")), "Expected one column for number, got two"),
        (log().replace(b"Group 1", b"Gr\xfcn"), "the option encoding may name cp1252"),
        (log(ROWS[0].replace("Group 1", '"Group')), "Expected separated values"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_with_its_line(data: bytes, problem: str) -> None:
    """Before anything is yielded every problem is told with file and line."""
    with pytest.raises(InputError) as caught:
        run(data)

    assert problem in str(caught.value)
    assert all(one.path.startswith("$.lines[") for one in caught.value.problems)
    assert "file-0" == caught.value.source


@pytest.mark.parametrize(
    "options", [{"zone": "Mars/Base"}, {"dates": "ymd"}, {"order": "?"}, {"branch": ""}, {"encoding": "x"}]
)
def test_options_that_name_nothing_are_refused(options: dict[str, str]) -> None:
    """An option with a value that has no meaning is refused by name."""
    (name,) = options
    with pytest.raises(InputError, match=name):
        run(log(), **options)


def test_other_encodings_are_read() -> None:
    """The option encoding reads exports that are not UTF-8; their marks are seen without it."""
    text = log().decode().replace("Group 1", "Grün")
    for data, options in (
        (text.encode("cp1252"), {"encoding": "cp1252"}),
        (text.encode("utf-8-sig"), {}),
        (text.encode("utf-16"), {}),
    ):
        assert "Grün" == run(data, **options).commands[1].roles["group"]  # type: ignore[attr-defined]


def test_a_prefix_of_a_log_gives_a_prefix_of_its_commands() -> None:
    """No row knows a later one: what has been imported so far stays as it is when the log grows."""
    whole = [command_line(one) for one in run(log()).commands]

    for count in range(1, len(ROWS) + 1):
        part = [command_line(one) for one in run(log(*ROWS[:count])).commands]
        assert part == whole[: len(part)]


def test_several_files_are_one_log() -> None:
    """An incident goes on in the next file."""
    parts = run(log(*ROWS[:3]), log(*ROWS[3:])).commands

    assert run(log()).commands == parts
