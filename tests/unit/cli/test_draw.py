"""``branchkit draw`` as other programs see it: commands to replay, days to check, exit codes, messages."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from branchkit.cli.app import build

Run = Callable[..., Result]
STORE = ("--store", "sqlite:///x.db")
PATROL = ("B-1", "--plan", "supervision", "--entry", "patrol", "--period", "2026-03", "--seed", "secret")
TEAM = ("--by", "S-9", "--post", "inspector")
MARCH = ("--from", "2026-03-01", "--to", "2026-04-30", "--plan", "supervision", "--json")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line without plug-ins, in a folder with a secret and a store that has a branch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("BRANCHKIT_NO_PLUGINS", "1")
    for name in ("BRANCHKIT_CONFIG", "BRANCHKIT_STORE", "BRANCHKIT_DISABLE"):
        monkeypatch.delenv(name, raising=False)
    Path("secret").write_bytes(b"a secret of at least sixteen bytes")
    Path("other").write_bytes(b"another secret of sixteen bytes")

    def invoke(*args: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(build(), args, input=stdin)

    branch = {"id": "B-1", "time_zone": "Asia/Shanghai"}
    head = {"schema": "branchkit.command/1", "by": {"id": "C-17", "posts": ["estate_administrator"]}}
    command = head | {"kind": "register_branch", "branch": branch, "at": "2026-01-02T09:00:00+08:00"}
    assert 0 == invoke("replay", "-", *STORE, stdin=json.dumps(command)).exit_code
    return invoke


def replayed(run: Run, *args: str) -> Result:
    told = run("draw", *args)
    assert 0 == told.exit_code, told.output
    return run("replay", "-", *STORE, stdin=told.stdout)


def patrols(run: Run, *more: str) -> list[dict[str, Any]]:
    result = run("schedule", "B-1", *STORE, *MARCH, *more)
    assert 0 == result.exit_code, result.output
    return [one for one in map(json.loads, result.stdout.splitlines()) if one["entry"] == "patrol"]


def test_days_are_secret_then_shown_then_checked(run: Run) -> None:
    """Before March only the secret tells its day; when March is over the store does, and anybody can check it."""
    committed = replayed(run, "commit", *PATROL, *TEAM, "--at", "2026-02-27T09:00:00+08:00")
    before, holder = patrols(run), patrols(run, "--seed", "secret")
    sealed = run("draw", "check", "B-1", *STORE)
    early = replayed(run, "reveal", *PATROL, *TEAM, "--at", "2026-03-31T23:00:00+08:00")
    told = replayed(run, "reveal", *PATROL, *TEAM, "--at", "2026-04-01T09:00:00+08:00")
    after = patrols(run)
    checked = run("draw", "check", *STORE, "--json")

    assert [0, 1, 0] == [committed.exit_code, early.exit_code, told.exit_code], told.output
    assert ["unknown"] == [one["state"] for one in before]
    assert ["due", "due"] == [one["state"] for one in holder]
    assert sealed.stdout.startswith("sealed  supervision/patrol/2026-03/B-1 (committed 2026-02-27")
    assert "its seed may be told when it is over" in early.output
    assert [("due", holder[0]["due"]), ("unknown", None)] == [(one["state"], one["due"]) for one in after]
    assert "the seed is not told yet: 2026-04" in after[1]["note"]
    (line,) = map(json.loads, checked.stdout.splitlines())
    assert (0, "revealed", []) == (checked.exit_code, line["state"], line["problems"])
    assert {"branch:B-1": [holder[0]["due"]]} == line["drawn"]
    assert run("draw", "check", "B-1", *STORE).stdout.startswith("ok      supervision/patrol/2026-03/B-1")
    assert 0 == run("verify", *STORE).exit_code


def test_days_that_were_changed_in_the_store_are_found(run: Run) -> None:
    """Who changes the drawn day of a document is found by drawing again, with exit code 1 and the right day."""
    replayed(run, "commit", *PATROL, *TEAM, "--at", "2026-02-27T09:00:00+08:00")
    replayed(run, "reveal", *PATROL, *TEAM, "--at", "2026-04-01T09:00:00+08:00")
    (right,) = [one["due"] for one in patrols(run) if one["due"]]
    with closing(sqlite3.connect("x.db")) as connection, connection:
        ((text,),) = connection.execute("SELECT text FROM branchkit_document WHERE kind = 'drawing'").fetchall()
        plain = json.loads(text)
        plain["drawn"][0]["days"] = ["2026-03-01" if right != "2026-03-01" else "2026-03-02"]
        connection.execute("UPDATE branchkit_document SET text = ? WHERE kind = 'drawing'", (json.dumps(plain),))

    result = run("draw", "check", "B-1", *STORE)

    assert 1 == result.exit_code
    assert f"the seed draws other days for branch:B-1: {right}" in result.stdout
    assert 1 == run("verify", *STORE).exit_code


def test_another_secret_than_the_committed_one_shows_no_days(run: Run) -> None:
    """Who asks by a secret that was not committed to is told so, and gets no wrong days."""
    replayed(run, "commit", *PATROL, *TEAM, "--at", "2026-02-27T09:00:00+08:00")

    result = run("schedule", "B-1", *STORE, *MARCH, "--seed", "other")

    assert 2 == result.exit_code
    assert "not the secret that was committed to for supervision/patrol/2026-03/B-1" in result.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"--entry": "walk"}, "no such entry with random days; there are: patrol, unannounced-visit"),
        ({"--period": "2026-Q1"}, "Expected a period such as 2026-03"),
        ({"--plan": "walks"}, "No schedule 'walks'"),
        ({"--seed": "nothing"}, "nothing: No such file"),
        ({"--at": "today"}, "Expected a moment such as"),
    ],
)
def test_what_makes_no_sense_is_named(run: Run, change: dict[str, str], message: str) -> None:
    """Each thing that cannot be drawn for is refused before a command is written."""
    args = [*PATROL, *TEAM, "--at", "2026-02-27T09:00:00+08:00"]
    for option, value in change.items():
        args[args.index(option) + 1] = value

    result = run("draw", "commit", *args)

    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
