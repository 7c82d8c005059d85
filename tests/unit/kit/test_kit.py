"""Asking, looking, batches, replays, grants and the feed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest

from branchkit.checklists import Sheet
from branchkit.errors import (
    ConfigError,
    Conflict,
    DecodeError,
    InputError,
    NotFound,
    NotPermitted,
    Refused,
    StorageError,
    StoreCorrupt,
)
from branchkit.estate import Branch, BranchRegistered, EquipmentState, SetEquipmentState
from branchkit.findings import Finding, FindingState
from branchkit.kit import Filed, Grant, Grants, Kit, command_line, default_grants, replay
from branchkit.kit.fold import fold
from branchkit.messages import Actor, Command, Event, Outcome
from branchkit.plugins.config import Config
from branchkit.storage import MemoryStore, NewEntry, Transaction
from tests.unit.kit.house import BRANCH, CLERK, HEAD, IMPORTER, at, close, open_kit, register, rules, sheet, submit


@pytest.fixture
def kit() -> Iterator[Kit]:
    """Give a kit that knows the branch of the house and a sheet with one finding and a remark."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", 1, floor="fail", remark="a dark corner")))
        yield kit


# -- commands


def test_the_same_command_is_done_once(kit: Kit) -> None:
    """Given again, by its content or by its id, a command answers as before and changes nothing."""
    plain, named = register(Branch("B-2")), register(Branch("B-3"), id="c-1")
    first = [kit.do(plain), kit.do(named)]
    before = kit.verify().head

    assert [attrs.evolve(one, repeated=True) for one in first] == [kit.do(plain), kit.do(named)]
    assert before == kit.verify().head


def test_an_id_belongs_to_one_content(kit: Kit) -> None:
    """Another content under a used id is refused, even where only personal text differs."""
    kit.do(close("S1/floor", reason="mended", id="c-1"))
    with pytest.raises(Refused, match="'c-1' was used for another command"):
        kit.do(close("S1/floor", reason="swept", id="c-1"))
    with pytest.raises(Refused, match="give this one an id of its own"):
        kit.do(submit(sheet("S1", 1, floor="fail", remark="another corner")))

    assert kit.do(close("S1/floor", reason="mended", id="c-1")).repeated


def test_what_was_refused_may_be_asked_again(kit: Kit) -> None:
    """A refusal is not remembered: once what it lacked is there, the same command is accepted."""
    command = submit(sheet("S2", 2, branch="B-2", machines=()), id="c-1")
    with pytest.raises(Refused, match="not registered"):
        kit.do(command)
    kit.do(register(Branch("B-2")))

    assert not kit.do(command).repeated


class Strange(Command):
    """A command of somebody's own."""

    KIND = "strange"


@pytest.mark.parametrize(
    ("command", "error", "what"),
    [
        (Strange(by=CLERK, at=at(0)), Refused, "no such command; there are: RegisterUnit, "),
        (Command(by=CLERK, at=at(0)), Refused, "no such command"),
        (register(Branch(" B")), DecodeError, "$.branch.id"),
        (register(Branch("B", name=7)), DecodeError, "$.branch.name"),  # type: ignore[arg-type]
        (register(Branch("B", name=7.5)), DecodeError, "a Python float"),  # type: ignore[arg-type]
        (register(Branch("B"), at=dt.datetime(2026, 1, 1)), DecodeError, "$.at"),  # noqa: DTZ001 - that is the point
        (register(Branch("B"), recorded_at=at(-1)), DecodeError, "$.recorded_at"),
        (register(Branch("B"), id=""), DecodeError, "$.id"),
        (register(Branch("B"), id=" x"), DecodeError, "$.id"),
    ],
)
def test_what_is_built_in_python_is_checked_too(kit: Kit, command: Command, error: type[Exception], what: str) -> None:
    """A command that contradicts itself, or is none, is refused whole, alone and in a batch, with its place."""
    before = kit.verify()
    with pytest.raises(error) as caught:
        kit.do(command)
    (refused,) = kit.do_all([command])

    assert what in str(caught.value)
    assert str(caught.value) == str(refused)
    assert before == kit.verify()


def test_what_is_told_too_late_is_refused() -> None:
    """With a bound, what is told later than it is refused; what is told within it is marked."""
    with open_kit(lateness=dt.timedelta(hours=2)) as kit:
        inside = kit.do(register(recorded_at=at(2)))
        with pytest.raises(Refused, match="told PT3H after it happened; the kit takes at most PT2H"):
            kit.do(register(Branch("B-2"), recorded_at=at(3)))

        assert "PT2H" == inside.details["late"]
        assert [dt.timedelta(hours=2)] == [one.late for one in kit.events()]


def test_the_journal_is_in_the_order_of_telling(kit: Kit) -> None:
    """What happened earlier and is told later comes later in the feed."""
    kit.do(SetEquipmentState("B-1", "ATM-1", EquipmentState.DEGRADED, by=HEAD, at=at(0.5), recorded_at=at(8)))
    events = list(kit.events())

    assert sorted(one.seq for one in events) == [one.seq for one in events]
    assert "equipment_state_changed" == events[-1].event.KIND
    assert events[-1].at < events[-2].at


# -- grants


@pytest.mark.parametrize(
    ("actor", "may"),
    [
        (Actor("x"), False),
        (Actor("x", posts=("teller",)), False),
        (Actor("x", posts=("teller", "estate_administrator")), True),
        (Actor("import:a", system=True), True),
        (Actor("import:a"), False),
        (Actor("job:a", system=True), False),
        (Actor("x", posts=("estate_administrator",), system=True), False),
    ],
)
def test_what_is_not_granted_is_denied(actor: Actor, may: bool) -> None:
    """A person needs a post with the right, a system a name with it; nobody else may, and a post is no system."""
    with open_kit() as kit:
        (outcome,) = kit.do_all([register(by=actor)])

        assert may is isinstance(outcome, Outcome)
        assert may or isinstance(outcome, NotPermitted)


def test_a_denial_says_whose_right_it_is() -> None:
    """Whoever has no right is told which posts or systems have it, if any."""
    grants = Grants((Grant(post="inspector", may=("register_branch",)),))
    with pytest.raises(NotPermitted, match="takes one of the posts: inspector"):
        grants.demand(register())
    with pytest.raises(NotPermitted, match="nobody of that sort has it"):
        grants.demand(register(by=IMPORTER))
    with pytest.raises(NotPermitted, match=r"the system 'job' has no right.* is for the systems: import:\*"):
        default_grants().demand(register(by=Actor("job", system=True)))


def test_grants_are_linted() -> None:
    """Grants to nobody, to two, of nothing, and of commands that are not there are problems."""
    text = """
schema = "branchkit.grants/1"
grants = [{ may = ["submit_sheet"] }, { post = "a", system = "b", may = [] }, { post = "a", may = ["fly"] }]
"""
    with pytest.raises(DecodeError) as caught:
        Grants.from_toml(text)

    assert ["$.grants[0]", "$.grants[1]", "$.grants[1].may", "$.grants[2].may"] == [
        problem.path for problem in caught.value.problems
    ]


# -- batches and replays


class Racing(MemoryStore):
    """A store whose writers overlap: the first commits of a kind lose their race."""

    def __init__(self, losses: int, *, only_many: bool = False) -> None:
        super().__init__()
        self.losses = losses
        self.only_many = only_many

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[Transaction, None, None]:  # type: ignore[override]
        with super().transaction(write=write) as tx:
            before = tx.tip().seq
            yield tx
            if write and self.losses and (tx.tip().seq - before > 1 or not self.only_many):
                self.losses -= 1
                raise Conflict("racing", "somebody else was faster")


def racing(losses: int, *, only_many: bool = False) -> Kit:
    return Kit(Racing(losses, only_many=only_many), rules(), grants=default_grants())


def test_a_batch_that_loses_a_race_goes_one_by_one() -> None:
    """What a lost race takes back is carried out again, each command once and in order."""
    commands = [register(Branch(f"B-{number}")) for number in range(5)]
    kit = racing(99, only_many=True)
    outcomes = list(kit.do_all(commands, batch=5))

    assert [1, 2, 3, 4, 5] == [one.seq for one in outcomes if isinstance(one, Outcome)]
    assert kit.verify().ok


def test_one_command_that_loses_again_and_again_raises() -> None:
    """A race that is lost without end is told; what was yielded before stands."""
    kit = racing(0)
    outcomes = kit.do_all([register(Branch("B-1")), register(Branch("B-2"))], batch=1)
    assert isinstance(next(outcomes), Outcome)
    assert isinstance(kit.store, Racing)
    kit.store.losses = 99
    with pytest.raises(Conflict):
        next(outcomes)

    assert ["B-1"] == [one.id for one in kit.find(Branch)]
    kit.store.losses = 3
    assert isinstance(next(kit.do_all([register(Branch("B-2"))])), Outcome)


def test_do_tells_a_lost_race() -> None:
    """One command that loses its race raises `Conflict` and changed nothing."""
    kit = racing(1)
    with pytest.raises(Conflict):
        kit.do(register())

    assert not kit.do(register()).repeated


def test_a_batch_is_some() -> None:
    """A batch smaller than one is refused before anything is read."""
    with open_kit() as kit, pytest.raises(ValueError, match="1 or more"):
        kit.do_all([], batch=0)


def test_a_replay_counts_and_names_lines() -> None:
    """Every line is accepted, repeated or refused; a refused one is named by its number, and never repeated."""
    lines = [
        command_line(register()) + b"\n",
        b"\n",
        b"  \r\n",
        b'{"schema":"branchkit.command/1","kind":"fly","secret":"Zhang"}\n',
        b"{Zhang\n",
        b"\xff\n",
        command_line(register()) + b"\r\n",
        command_line(submit(sheet("S1", 1, branch="B-9"))) + b"\n",
        command_line(submit(sheet("S1", 1))),
    ]
    told: list[int] = []
    with open_kit() as kit:
        report = replay(kit, lines, source="x.jsonl", batch=2, progress=told.append)
        again = replay(kit, lines, source="x.jsonl")

    assert (7, 2, 1, 3) == (report.commands, report.accepted, report.repeated, report.events)
    assert [("x.jsonl", 4), ("x.jsonl", 5), ("x.jsonl", 6), ("x.jsonl", 8)] == [
        (one.source, one.line) for one in report.refused
    ]
    assert "Zhang" not in str([str(one.error) for one in report.refused])
    assert 7 == sum(told)
    assert (0, 3, 0) == (again.accepted, again.repeated, again.events)
    assert (14, 2, 4, 8) == (
        (total := report + again).commands,
        total.accepted,
        total.repeated,
        len(total.refused),
    )


def test_a_replay_keeps_nothing() -> None:
    """Lines are read as they are carried out, a batch at a time."""
    read = 0

    def lines() -> Iterator[bytes]:
        nonlocal read
        for number in range(10):
            read += 1
            yield command_line(register(Branch(f"B-{number}")))

    seen: list[int] = []
    with open_kit() as kit:
        replay(kit, lines(), source="x", batch=3, progress=lambda more: seen.append(read))

    assert [3, 6, 9, 10] == seen


# -- looking


def test_a_document_is_got_by_its_class(kit: Kit) -> None:
    """A sheet can be had as it was filled in, or as it is kept."""
    assert "S1" == kit.get(Sheet, "S1").id == kit.get(Filed, "S1").sheet.id
    assert [kit.get(Sheet, "S1")] == list(kit.find(Sheet, branch="B-1"))
    assert ["S1/floor"] == [one.id for one in kit.find(Finding, state=FindingState.OPEN, branch="B-1")]


def test_what_cannot_be_found_says_what_can(kit: Kit) -> None:
    """A wrong id, class, field or value is named, with what there is."""
    with pytest.raises(NotFound, match="No branch 'B-9'"):
        kit.get(Branch, "B-9")
    with pytest.raises(NotFound, match="No class of documents 'str'; there are: Agenda, Branch, "):
        kit.get(str, "x")
    with pytest.raises(NotFound, match="No field of finding to find by 'zone'; there are: branch, "):
        kit.find(Finding, zone="x")
    with pytest.raises(InputError, match=r"\$\.branch"):
        kit.find(Finding, branch=7)  # type: ignore[arg-type]


def test_a_sheet_is_bound_and_scored_as_it_was(kit: Kit) -> None:
    """What a sheet was bound to is pinned: a later device changes neither its cells nor its score."""
    before = kit.score("S1")
    kit.do(SetEquipmentState("B-1", "ATM-1", EquipmentState.RETIRED, by=HEAD, at=at(2)))
    one, bound = kit.bound("S1")

    assert before == kit.score("S1") == kit.score("S1", policy="house.points")
    assert ("S1", 2) == (one.id, len(bound.pin.expansions["machines/screen"]))  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        kit.score("S9")


def test_the_feed_goes_on_from_a_cursor(kit: Kit) -> None:
    """Whoever keeps the last number misses nothing and sees nothing twice."""
    events = list(kit.events())

    assert [1, 2, 3] == [one.seq for one in events]
    assert events[1:] == list(kit.events(after=1))
    assert [] == list(kit.events(after=3))
    assert (CLERK, "branch:B-1", 1) == (events[0].by, events[0].stream, events[0].version)


def test_a_kit_is_opened_by_an_address() -> None:
    """An address without a scheme, and rules beside a configuration, are refused."""
    with pytest.raises(ConfigError, match=r"sqlite:///branch\.db"):
        Kit.open("branch.db")
    with pytest.raises(ConfigError, match="inside `rules`"):
        Kit.open("memory:", rules=rules(), config=Config())


# -- old events


def old_branch(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Turn what an older branchkit wrote into what this one reads."""
    return "branch_registered/1", {"kind": "branch_registered", "branch": {"id": data["number"]}}


def store_with(kind: str, data: dict[str, Any]) -> MemoryStore:
    store = MemoryStore()
    entry = NewEntry(
        kind,
        body={"by": {"id": "C-1"}, "data": data},
        command="c-1",
        at=at(0).isoformat(),
        recorded_at=at(0).isoformat(),
    )
    with store.transaction() as tx:
        tx.append("branch:B-1", [entry])
        tx.remember("c-1", "sha256:x", {"command": "c-1"})
    return store


def test_an_old_event_is_read_by_its_upcaster() -> None:
    """An event of an older form is read as the newer one, by the feed, by verification and by a rebuild."""
    store = store_with("branch_opened/3", {"number": "B-1"})
    with Kit(store, rules(), grants=default_grants(), upcasters={"branch_opened/3": old_branch}) as kit:
        assert [BranchRegistered(Branch("B-1"))] == [one.event for one in kit.events()]
        assert ("branch 'B-1' is in the journal and not stored; `rebuild` makes it anew",) == kit.verify().problems
        assert 1 == kit.rebuild().added
        assert (True, "B-1") == (kit.verify().ok, kit.get(Branch, "B-1").id)


@pytest.mark.parametrize(
    ("kind", "data", "what"),
    [
        ("branch_opened/3", {"number": "B-1"}, "event kind 'branch_opened/3' is not known"),
        ("branch_registered/2", {}, "event kind 'branch_registered/2' is not known"),
        ("branch_registered", {}, "is not known"),
        ("branch_registered/1", {"kind": "branch_registered", "branch": {}}, "Missing 'id'"),
        ("round/1", {}, "in a circle"),
        ("failing/1", {}, "not readable: KeyError"),
        (
            "equipment_state_changed/1",
            {"kind": "equipment_state_changed", "branch": "B-1", "equipment": "A", "before": "retired", "after": "x"}
            | {"after": "degraded"},
            "an event speaks of branch 'B-1', which no event before it made",
        ),
    ],
)
def test_an_event_that_cannot_be_read_is_named(kind: str, data: dict[str, Any], what: str) -> None:
    """An unknown, damaged or orphaned event stops the fold, with its entry, stream and version."""
    upcasters = {"round/1": lambda data: ("round/1", data), "failing/1": lambda data: data["nothing"]}
    with Kit(store_with(kind, data), rules(), grants=default_grants(), upcasters=upcasters) as kit:
        (problem,) = kit.verify().problems
        with pytest.raises(StoreCorrupt, match="entry 1"):
            kit.rebuild()

    assert what in problem
    assert "entry 1 (branch:B-1, version 1)" in problem


def test_an_event_nobody_folds_is_corruption() -> None:
    """The fold knows every event that the kit knows, and refuses any other."""

    @attrs.frozen
    class Odd(Event):
        KIND = "odd"

    with pytest.raises(StoreCorrupt, match="no rule folds the event Odd"):
        fold(Odd(), lambda kind, id: None)


def test_a_closed_store_is_told(kit: Kit) -> None:
    """A command to a kit that is closed says so."""
    kit.close()
    with pytest.raises(StorageError):
        kit.do(register(attrs.evolve(BRANCH, id="B-7")))


def test_a_path_is_a_sqlite_file(tmp_path: Path) -> None:
    """A `Path` opens the SQLite store in that file; a drive letter is no scheme."""
    with Kit.open(tmp_path / "branch.db", rules=rules()) as kit:
        kit.do(register())

    assert (tmp_path / "branch.db").is_file()
    with pytest.raises(ConfigError, match="sqlite:///"):
        Kit.open("C:\\branch.db", rules=rules())
