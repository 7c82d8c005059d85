"""`branchkit migrate`: told before anything moves, moved whole, and what cannot be moved stays."""

from __future__ import annotations

import json
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner, Result

from branchkit.cli.app import State
from branchkit.cli.migrating import migrate_command
from branchkit.kit import Kit
from branchkit.plugins.config import Config
from branchkit.procedures import Case, CompleteStage
from branchkit.values import FrozenMap
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, book, guarded_kit, open_fault
from tests.unit.kit.test_cases import DESK, HOUR, MINUTE, MONDAY

AT = ("--at", (MONDAY + HOUR).isoformat(), "--by", "S-3", "--post", "outlet_head")
MENDED = attrs.evolve(
    FAULT,
    version="2",
    clocks=FAULT.clocks[:1],
    ladders=FrozenMap({"reply": "house.reply"}),
    targets=None,
    stages=(
        attrs.evolve(FAULT.stages[0], transitions=(attrs.evolve(FAULT.stages[0].transitions[0], to=("mend",)),)),
        attrs.evolve(FAULT.stages[1], id="mend"),
    ),
)
LATER = book(REPLY, REPAIR, MENDED)


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return the address of a store with two faults of version 1, one of them under repair."""
    address = f"sqlite:///{tmp_path / 'b.db'}"
    with guarded_kit(address) as kit:
        open_fault(kit, "C-1", key="one")
        open_fault(kit, "C-2", key="two")
        kit.do(CompleteStage("C-2", "receive", "take", by=DESK, at=MONDAY + 5 * MINUTE))
    return address


def run(store: str, *args: str) -> Result:
    state = State(Config())
    state._rules = LATER
    return CliRunner().invoke(migrate_command, [*args, "--store", store, "--to", "2"], obj=state)


def versions(store: str) -> list[str]:
    with Kit.open(store, rules=LATER) as kit:
        return [kit.get(Case, name).version for name in ("C-1", "C-2")]


def test_a_dry_run_tells_and_moves_nothing(store: str) -> None:
    """Where each would stand, which clocks would stop, and what stands in the way."""
    told = run(store, "C-1", "C-2", "--dry-run")

    assert 1 == told.exit_code
    assert "✓ C-1  1 → 2  receive\n    clocks stopped: repair" in told.output
    assert "✗ C-2  1 → 2  repair" in told.output
    assert "[unknown_stage] the stage 'repair' is open and version 2 has none such" in told.output
    assert ["1", "1"] == versions(store)


def test_what_can_be_moved_is_moved(store: str) -> None:
    """One moves, the other stays, and the exit code says so."""
    told = run(store, "C-1", "C-2", *AT)

    assert (1, ["2", "1"]) == (told.exit_code, versions(store))
    assert "2 cases looked at, 1 moved, 1 cannot be" in told.output


def test_renamed_stages_are_followed(store: str) -> None:
    """With the new name of the stage both move, though only one of them has got there."""
    told = run(store, "--of", "house.fault", "--stage", "repair=mend", *AT)

    assert (0, ["2", "2"]) == (told.exit_code, versions(store))
    assert 0 == run(store, "--of", "house.fault", *AT).exit_code


def test_json_is_one_object_a_case(store: str) -> None:
    """The plans as data."""
    (told,) = (json.loads(line) for line in run(store, "C-1", "--dry-run", "--json").stdout.splitlines())

    assert ("C-1", "1", "2", True, ["repair"]) == (
        told["case"], told["before"], told["after"], told["possible"], told["stopped"],
    )  # fmt: skip


def test_who_may_not_moves_nothing(store: str) -> None:
    """Whoever has no right to it is refused case by case."""
    told = run(store, "C-1", "--at", MONDAY.isoformat(), "--by", "S-1")

    assert (1, ["1", "1"]) == (told.exit_code, versions(store))
    assert "MigrateCase refused" in told.output


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--dry-run",), "Expected either cases or --of"),
        (("C-1", "--of", "x", "--dry-run"), "Expected either cases or --of"),
        (("C-1",), "Expected --at and --by, or --dry-run"),
        (("C-1", "--dry-run", "--stage", "repair"), "Expected OLD=NEW, got repair"),
    ],
)
def test_bad_usage_says_what_would_be_right(store: str, args: tuple[str, ...], words: str) -> None:
    """What cannot be meant is refused before the store is opened."""
    told = run(store, *args)

    assert 2 == told.exit_code
    assert words in told.output
