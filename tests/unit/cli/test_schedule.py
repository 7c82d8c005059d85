"""``branchkit schedule`` as other programs see it: lines, fields, exit codes, messages."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from branchkit.cli import app
from branchkit.cli.app import build
from branchkit.kit import load_plugins

ROOT = Path(__file__).resolve().parents[3]
AT = "2026-03-02T10:00:00+08:00"
PLAN = """
schema = "branchkit.schedule_plan/1"
id = "bank.counter"
version = "1"
title = { zh = "柜面", en = "Counter" }
facts = [{ name = "currencies", type = "codes" }]
[[entries]]
id = "tills"
title = { zh = "轧库", en = "Balance the tills" }
cycle = { kind = "daily", times = ["noon", "after_closing"], on = "open_day" }
for_each = [{ kind = "value", name = "currency", fact = "currencies" }]
by = "teller"
severity = "critical"
rules = ["service:OPN-10"]
[[entries]]
id = "password"
title = { zh = "更换密码", en = "Change the password" }
cycle = { kind = "at_most", span = "P1M", irregular = true }
[[entries]]
id = "patrol"
title = { zh = "巡查", en = "Patrol" }
cycle = { kind = "random", period = "month" }
basis = "suggested"
[[entries]]
id = "report"
title = { zh = "月报", en = "Monthly report" }
cycle = { kind = "monthly", day = 1 }
roll = "next"
"""
BRANCH: dict[str, Any] = {
    "schema": "branchkit.branch/1",
    "id": "B-1",
    "time_zone": "Asia/Shanghai",
    "hours": {"week": [{"days": ["mon", "tue", "wed", "thu", "fri"], "intervals": ["09:00-17:30"]}]},
    "equipment": [{"id": "ATM-1", "kind": "atm", "state": "retired"}],
}
CALENDAR = {
    "id": "cn", "version": "1", "title": {"en": "cn"},
    "confirmed_from": "2026-01-01", "confirmed_through": "2026-12-31",
}  # fmt: skip
Run = Callable[..., Result]
RANGE = ("--from", "2026-03-02", "--to", "2026-03-02")
COUNTER = ("--plan", "bank.counter")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line, in a folder of its own, with core and a bank's plan in place of every plug-in."""
    from branchkit.catalog import Catalog, CatalogRoot
    from branchkit.kit.rules import RuleBook

    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("BRANCHKIT_CONFIG", "BRANCHKIT_STORE", "BRANCHKIT_NO_PLUGINS", "BRANCHKIT_DISABLE"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "bank" / "schedules").mkdir(parents=True)
    (tmp_path / "bank" / "schedules" / "counter.toml").write_text(PLAN, encoding="utf-8")
    plugins = load_plugins(entry_points=False)
    rules = RuleBook(Catalog([CatalogRoot("bank", tmp_path / "bank")]), plugins)
    monkeypatch.setattr(app.State, "rules", rules)
    Path("branch.json").write_text(json.dumps(BRANCH), encoding="utf-8")
    Path("facts.json").write_text('{"currencies": ["CNY", "USD"]}', encoding="utf-8")
    Path("done.toml").write_text('"bank.counter/password" = ["2026-01-15", "2026-02-10"]', encoding="utf-8")
    Path("short").write_bytes(b"open sesame")
    Path("secret").write_bytes(b"a secret of at least sixteen bytes")

    def invoke(*args: str, stdin: str | None = None) -> Result:
        return CliRunner().invoke(build(), args, input=stdin)

    return invoke


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(one) for one in result.stdout.splitlines()]


def test_lists_what_is_due_as_json(run: Run) -> None:
    """Each line says what is due, when, until when, where, by whom, by which rules, and on what basis."""
    result = run("schedule", "branch.json", *RANGE, *COUNTER, "--facts", "facts.json", "--json")

    assert (0, "") == (result.exit_code, result.stderr)
    assert {
        "state": "due",
        "due": "2026-03-02T12:00:00+08:00",
        "until": "2026-03-02",
        "plan": "bank.counter",
        "entry": "tills",
        "what": "轧库 · Balance the tills",
        "checklist": None,
        "place": "branch:B-1/currency:CNY",
        "by": "teller",
        "rules": ["service:OPN-10"],
        "severity": "critical",
        "moved": [],
        "basis": "sourced",
        "note": None,
    } == objects(result)[0]
    assert ["tills"] * 4 + ["password", "patrol", "report"] == [one["entry"] for one in objects(result)]
    assert ["due"] * 4 + ["unknown"] * 3 == [one["state"] for one in objects(result)]


def test_json_has_the_fields_of_the_page(run: Run) -> None:
    """The fields of a line are those that the page of the command line lists, in its order."""
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    section = re.search(r"^## schedule\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section is not None
    rows = section[1].partition("| field |")[2].splitlines()[2:]
    listed = [word for row in rows if row.startswith("|") for word in re.findall(r"`(\w+)`", row.split("|")[1])]

    lines = objects(run("schedule", "branch.json", *RANGE, "--json"))

    assert {tuple(listed)} == {tuple(one) for one in lines}


def test_history_and_secret_come_from_files(run: Run) -> None:
    """With the days it was done and the secret, the latest day and the drawn day are known."""
    args = ("schedule", "branch.json", "--from", "2026-03-01", "--to", "2026-03-31", *COUNTER, "--json")
    lines = objects(run(*args, "--done", "done.toml", "--seed", "secret"))
    found = {one["entry"]: one for one in lines}

    assert ("due", "2026-03-09") == (found["password"]["state"], found["password"]["due"])
    assert "due" == found["patrol"]["state"]
    again = objects(run(*args, "--done", "done.toml", "--seed", "secret"))
    assert lines == again


def test_calendar_of_a_store_rolls(run: Run) -> None:
    """A branch of a store follows its calendar: the first of March 2026 is a Sunday and rolls on."""
    by = {"id": "C-17", "posts": ["estate_administrator"]}
    head = {"schema": "branchkit.command/1", "by": by, "at": AT}
    branch = {key: value for key, value in BRANCH.items() if key != "schema"} | {"calendar": "cn"}
    commands = [
        head | {"kind": "publish_calendar", "calendar": CALENDAR, "id": "c-1"},
        head | {"kind": "register_branch", "branch": branch, "id": "c-2"},
    ]
    store = ("--store", "sqlite:///x.db")
    replayed = run("replay", "-", *store, stdin="\n".join(map(json.dumps, commands)))
    assert 0 == replayed.exit_code, replayed.output

    result = run("schedule", "B-1", *RANGE, *store, *COUNTER, "--json")

    (report,) = (one for one in objects(result) if one["entry"] == "report")
    assert ("2026-03-02", ["2026-03-01"]) == (report["due"], report["moved"])


def test_every_plan_is_asked_unless_one_is_named(run: Run) -> None:
    """Without a plan all plans of the catalog are asked, and the lines are sorted together."""
    lines = objects(run("schedule", "branch.json", *RANGE, "--facts", "facts.json", "--json"))

    assert {"bank.counter", "self-service"} <= {one["plan"] for one in lines}
    dated = [one["due"][:10] for one in lines if one["due"]]
    assert dated == sorted(dated)
    assert "ATM-1" not in json.dumps(lines)


def test_lines_for_people(run: Run) -> None:
    """Without --json a line begins with the time, or with why there is none."""
    result = run("schedule", "branch.json", *RANGE, *COUNTER, "--facts", "facts.json", "--done", "done.toml")
    lines = result.stdout.splitlines()

    assert lines[0].startswith(
        "2026-03-02 12:00  branch:B-1/currency:CNY  轧库 · Balance the tills (teller; service:OPN-10"
    )
    assert lines[-2].startswith("unknown           branch:B-1  巡查 · Patrol (suggested; ")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("branch.json", "--from", "2026-03-02"), "--to"),
        (("branch.json", "--from", "2026-03-02", "--to", "2026-03-01"), "Expected a day not before --from"),
        (("branch.json", "--from", "today", "--to", "2026-03-01"), "Expected a day such as 2026-03-01"),
        (("nowhere.json", *RANGE), "nowhere.json"),
        (("branch.json", *RANGE, "--plan", "counter"), "No schedule 'counter'; there are: bank.counter"),
        (("branch.json", *RANGE, *COUNTER, *COUNTER), "bank.counter is given twice"),
        (("branch.json", *RANGE, *COUNTER, "--facts", "done.toml"), "no plan declares it"),
        (("branch.json", *RANGE, *COUNTER, "--done", "facts.json"), "Expected a date"),
        (("branch.json", *RANGE, *COUNTER, "--seed", "short"), "Expected a secret of at least 16 bytes"),
        (("B-1", *RANGE, "--store", "sqlite:///nowhere.db"), "nowhere.db"),
    ],
)
def test_bad_usage_ends_with_2_and_a_message(run: Run, args: tuple[str, ...], message: str) -> None:
    """What cannot be right ends with 2 and says why on standard error, and nothing is listed."""
    result = run("schedule", *args)

    assert (2, "") == (result.exit_code, result.stdout)
    assert message in result.stderr
