"""Commands as lines, events as journal bodies."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchkit.checklists import (
    Answer,
    CloseFinding,
    CommitSeed,
    Drawn,
    FindingClosed,
    Pin,
    RevealSeed,
    Schedule,
    SchedulePlan,
    SeedCommitted,
    SeedRevealed,
    Sheet,
    SheetSubmitted,
)
from branchkit.codec import split_personal, unstructure
from branchkit.errors import DecodeError, StoreCorrupt
from branchkit.estate import (
    Branch,
    BranchRegistered,
    BranchRevised,
    CalendarPublished,
    Entry,
    EntryRecorded,
    EquipmentInstalled,
    EquipmentState,
    EquipmentStateChanged,
    InstallEquipment,
    OrgUnit,
    PublishCalendar,
    RecordEntry,
    RegisterBranch,
    RegisterUnit,
    ReviseBranch,
    SetEquipmentState,
    StaffMember,
    UnitRegistered,
)
from branchkit.findings import Closure, Finding
from branchkit.kit import ScoreRecord, SheetScored, command_line, read_command
from branchkit.kit.wire import COMMANDS, EVENTS, Request, pack, unpack
from branchkit.messages import Actor, Command, Event
from branchkit.temporal import Calendar, Random
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown
from tests.unit.kit.case_messages import CASE_COMMANDS, CASE_EVENTS
from tests.unit.kit.customer_messages import CUSTOMER_COMMANDS, CUSTOMER_EVENTS
from tests.unit.kit.house import BRANCH, CLERK, INSPECTOR, at, sheet
from tests.unit.kit.journey_messages import JOURNEY_COMMANDS, JOURNEY_EVENTS

HOUSE = attrs.evolve(BRANCH, staff=(StaffMember("P-1", name="Zhang San"),))
DEVICE = BRANCH.equipment[0]  # type: ignore[index]  # it is known
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(zh="示例"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)
ENTRY = Entry("E-1", register="r", branch="B-1", values=FrozenMap({"a": "b"}))
SHEET = sheet("S1", remark="a dark corner")
WHO: dict[str, Any] = {"by": INSPECTOR, "at": at(1)}
FINDING = Finding(
    id="S1/floor",
    branch="B-1",
    place=(Ref("branch", "B-1"),),
    severity=Severity.MINOR,
    message=Text(en="dirty"),
    closure=Closure(at=at(2), by="S-1", reason="it was swept"),
)
PIN = Pin(checklist="c", version="1", checklist_digest="sha256:0", branch="B-1", at=at(1), facts=FrozenMap({"a": True}))

PATROL = Schedule("patrol", title=Text(zh="巡视", en="Patrol"), cycle=Random(period="month", on="rest_day"))
GIVEN: tuple[Command, ...] = (
    RegisterUnit(OrgUnit("U-1", level="head_office"), **WHO),
    RegisterBranch(HOUSE, **WHO, if_known="keep"),
    ReviseBranch(HOUSE, **WHO, id="c-1"),
    InstallEquipment("B-1", DEVICE, **WHO, recorded_at=at(3)),
    SetEquipmentState("B-1", "ATM-1", EquipmentState.RETIRED, reason="it is old", **WHO),
    RecordEntry(ENTRY, **WHO),
    PublishCalendar(CALENDAR, **WHO),
    CloseFinding("B-1", "S1/floor", reason="it was swept", **WHO),
    CommitSeed("B-1", "rounds", "patrol", "2026-03", f"sha256:{'0' * 64}", **WHO),
    RevealSeed("B-1", "rounds", "patrol", "2026-03", "0" * 64, facts=FrozenMap({"currencies": ("CNY",)}), **WHO),
    *CASE_COMMANDS,
    *CUSTOMER_COMMANDS,
    *JOURNEY_COMMANDS,
)
HAPPENED: tuple[Event, ...] = (
    UnitRegistered(OrgUnit("U-1", level="head_office")),
    BranchRegistered(HOUSE),
    BranchRevised(HOUSE),
    EquipmentInstalled("B-1", DEVICE),
    EquipmentStateChanged("B-1", "A", before=Unknown(), after=EquipmentState.RETIRED, reason="it is old"),
    EntryRecorded(ENTRY),
    CalendarPublished(CALENDAR),
    SheetSubmitted(SHEET, PIN, opened=(FINDING,), closed=("S0/floor",), closure=FINDING.closure),
    SheetScored(
        ScoreRecord(
            sheet="S1",
            branch="B-1",
            checklist="c",
            at=at(1),
            policy="p",
            version="1",
            plugin="branchkit",
            points=None,
            band=None,
            reason=Text(en="not scored"),
        )
    ),
    FindingClosed("B-1", "S1/floor", Closure(at=at(2), by="S-1", reason="it was swept")),
    SeedCommitted(
        branch="B-1",
        plan=SchedulePlan("rounds", version="1", title=Text(zh="巡视", en="Rounds"), entries=(PATROL,)),
        period="2026-03",
        zone="Asia/Shanghai",
        commitment=f"sha256:{'0' * 64}",
        by="S-1",
        at=at(1),
    ),
    SeedRevealed(
        drawing="rounds/patrol/2026-03/B-1",
        seed="0" * 64,
        among=(dt.date(2026, 3, 7), dt.date(2026, 3, 8)),
        drawn=(Drawn((Ref("branch", "B-1"),), (dt.date(2026, 3, 8),)),),
        by="S-1",
        at=at(2),
    ),
    *CASE_EVENTS,
    *CUSTOMER_EVENTS,
    *JOURNEY_EVENTS,
)

_text = st.text(max_size=20)
_letters = st.sampled_from("aZ9-_.:/#$@网点é\"'{}")
_ids = st.text(_letters, min_size=1, max_size=12)
_moments = st.datetimes(
    min_value=dt.datetime(2000, 1, 1),  # noqa: DTZ001 - the zones come beside it
    max_value=dt.datetime(2100, 1, 1),  # noqa: DTZ001
    timezones=st.integers(-12, 14).map(lambda hours: dt.timezone(dt.timedelta(hours=hours))),
)
_actors = st.builds(Actor, _ids, posts=st.lists(_ids, max_size=2).map(tuple), system=st.booleans())
_answers = st.builds(Answer, _ids, value=_text | st.lists(_text, max_size=2).map(tuple), note=st.none() | _text)
_sheets = st.builds(
    Sheet,
    _ids,
    checklist=_ids,
    version=_ids,
    branch=_ids,
    at=_moments,
    by=_ids,
    answers=st.lists(_answers, max_size=3, unique_by=lambda one: one.item).map(tuple),
    state=st.sampled_from(["draft", "final"]),
    facts=st.dictionaries(_ids, st.booleans() | _text | st.builds(Unknown, _text), max_size=2)
    .filter(lambda facts: facts.keys() != {"unknown"})
    .map(FrozenMap),
)


@st.composite
def commands(draw: st.DrawFn) -> Command:
    """Draw a command, of any kind that a sheet or a branch makes."""
    moment = draw(_moments)
    who: dict[str, Any] = {
        "by": draw(_actors),
        "at": moment,
        "recorded_at": moment + draw(st.timedeltas(min_value=dt.timedelta(0), max_value=dt.timedelta(days=3))),
        "id": draw(st.none() | _ids),
    }
    from branchkit.checklists import SubmitSheet

    chosen = draw(st.integers(0, 2))
    if chosen == 0:
        return SubmitSheet(draw(_sheets), **who)
    if chosen == 1:
        return RegisterBranch(Branch(draw(_ids), name=draw(st.builds(Unknown, _text))), **who)
    return CloseFinding(draw(_ids), draw(_ids), reason=draw(_text), **who)


def test_every_command_and_event_is_here() -> None:
    """What can be asked and what can happen is all proved below."""
    assert {*COMMANDS} == {type(one) for one in GIVEN} | {type(Request.read(LINE, source="x").command)}
    assert EVENTS == {one.KIND: type(one) for one in HAPPENED}


LINE = (
    b'{"schema":"branchkit.command/1","kind":"submit_sheet","by":{"id":"S-1"},"at":"2026-03-02T09:00:00+08:00",'
    b'"sheet":{"id":"S1","checklist":"c","version":"1","branch":"B-1","at":"2026-03-02T09:00:00+08:00","by":"S-1"}}'
)


@pytest.mark.parametrize("command", GIVEN, ids=lambda command: command.KIND)
def test_a_command_is_one_line(command: Command) -> None:
    """Every kind of command is written as one line and read as it was."""
    line = command_line(command)

    assert b"\n" not in line
    assert command == read_command(line) == Request.of(command).command == Request.read(line, source="x").command


@given(commands())
def test_any_command_comes_back(command: Command) -> None:
    """Whatever a command holds, its line reads as it was, and is known by the same name and digest."""
    line = command_line(command)

    assert command == read_command(line)
    assert Request.of(command) == Request.read(line, source="x")


@pytest.mark.parametrize("event", HAPPENED, ids=lambda event: event.KIND)
@pytest.mark.parametrize("erased", [False, True])
def test_an_event_comes_back_from_its_body(event: Event, erased: bool) -> None:
    """Every kind of event reads from its body as it was; without what was erased, it reads all the same."""
    sealed: dict[str, str] = {}

    def seal(ref: str, text: str) -> str:
        sealed[ref] = text
        return "mac"

    plain, values = split_personal(event)
    body = json.loads(json.dumps(pack(plain, values, unstructure(CLERK), "c-1#0", seal)))
    unseal = {}.get if erased else sealed.get
    found, by = unpack(f"{event.KIND}/1", body, unseal, {}, where="x")

    assert CLERK == by
    assert "Zhang" not in str(body)
    assert type(event) is type(found)
    assert erased or event == found
    assert all(ref.startswith("c-1#0$.") for ref in sealed)


def test_the_id_of_a_command_tells_nothing_of_its_personal_text() -> None:
    """A derived id and the digest, which stand in the open, are the same whatever somebody typed; the retry is not."""
    one, two = (Request.of(CloseFinding("B-1", "F", reason=reason, **WHO)) for reason in ("a", "b"))

    assert (one.name, one.digest) == (two.name, two.digest)
    assert one.personal != two.personal
    assert Request.of(RegisterBranch(BRANCH, **WHO)).personal is None
    assert one.personal is not None
    assert one.personal not in repr(one)


def places(plain: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every leaf."""
    if isinstance(plain, dict):
        return [place for key, item in plain.items() for place in places(item, (*path, key))]
    if isinstance(plain, list):
        return [place for key, item in enumerate(plain) for place in places(item, (*path, key))]
    return [path]


def refusal(line: bytes | str) -> DecodeError | None:
    """Return why a line is no command; anything else that it raises comes out."""
    try:
        read_command(line)
    except DecodeError as error:
        return error
    return None


@pytest.mark.parametrize("command", GIVEN, ids=lambda command: command.KIND)
@pytest.mark.parametrize("wrong", [7.5, {"x": "Zhang"}, ["Zhang"], None])
def test_a_wrong_leaf_is_named_with_its_place(command: Command, wrong: object) -> None:
    """A line with a wrong value anywhere is refused with a path, or reads as a command; it never breaks anything."""
    plain = json.loads(command_line(command))
    for path in places(plain):
        mutated = json.loads(json.dumps(plain))
        inner = mutated
        for step in path[:-1]:
            inner = inner[step]
        inner[path[-1]] = wrong
        error = refusal(json.dumps(mutated))

        assert error is None or all(problem.path.startswith("$") for problem in error.problems)
        assert "Zhang" not in str(error)


@given(st.binary(max_size=60) | st.integers(0, len(LINE) - 1).map(lambda at: LINE[:at] + b"~" + LINE[at + 1 :]))
def test_any_line_is_a_command_or_a_decode_error(line: bytes) -> None:
    """Bytes of any kind are a command, or are refused with a place."""
    error = refusal(line)

    assert error is None or error.problems


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"by": {"id": "C"}},
        {"by": 7, "data": {}},
        {"by": {"id": "C"}, "data": []},
        {"by": {"id": "C"}, "data": {}, "sealed": 7},
        {"by": {"id": "C"}, "data": {}, "sealed": {"under": 7, "macs": {"$.x": "m"}}},
        [],
    ],
)
def test_a_body_of_any_form_is_read_or_corrupt(body: Any) -> None:
    """A body that was damaged into something else is told as corruption, with the entry's name."""
    with pytest.raises(StoreCorrupt, match="entry 7"):
        unpack("branch_registered/1", body, lambda ref: None, {}, where="entry 7")


@pytest.mark.parametrize("line", ["[]", "{}", '{"schema":"branchkit.command/2"}', '"x"'])
def test_what_is_no_command_says_what_is(line: str) -> None:
    """A line of another schema is told which one is expected."""
    with pytest.raises(DecodeError, match=r"branchkit\.command/1"):
        read_command(line)
