"""`branchkit explain`: a case by its id, with and without the word, in words and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from branchkit.cli.app import State
from branchkit.cli.explaining import explain_group
from branchkit.kit import Kit
from branchkit.plugins.config import Config
from tests.unit.kit.guarded import MONDAY, guarded_kit, open_fault, rules

AT = MONDAY.isoformat()


@pytest.fixture
def store(tmp_path: Path) -> str:
    """Return the address of a store with one open fault."""
    address = f"sqlite:///{tmp_path / 'b.db'}"
    kit: Kit = guarded_kit(address)
    open_fault(kit)
    kit.close()
    return address


def run(*args: str) -> Result:
    state = State(Config())
    state._rules = rules()
    return CliRunner().invoke(explain_group, args, obj=state)


def test_the_word_case_may_be_left_out(store: str) -> None:
    """A word that is no command is the id of a case."""
    with_word = run("case", "C-1", "--store", store, "--at", AT)
    without = run("C-1", "--store", store, "--at", AT, "--lang", "zh")

    assert (0, with_word.output) == (without.exit_code, without.output)
    assert "期限: 2026-03-02 09:30:00" in without.output


def test_it_is_tried_for_a_post(store: str) -> None:
    """With a post the ways are tried for whoever holds it, and the refusal names its code."""
    told = run("C-1", "--store", store, "--at", AT, "--as-post", "engineer", "--lang", "en")

    assert "✗ words (take): post fault_desk" in told.output
    assert "[not_permitted]" in told.output


def test_json_is_one_object(store: str) -> None:
    """The reasons as one object on one line."""
    told = run("C-1", "--store", store, "--at", AT, "--json", "--by", "S-1", "--as-post", "fault_desk")

    plain = json.loads(told.output)
    assert (["receive"], True) == ([one["stage"] for one in plain["stages"]], plain["stages"][0]["ways"][0]["open"])


def test_the_setting_is_still_explained() -> None:
    """The scopes of a setting are printed as before."""
    assert "scoring_policy" in run("config").output or run("config").output


def test_help_is_the_groups_own() -> None:
    """An option is no case."""
    assert "config" in run("--help").output
