"""The command line as other programs see it: fields, exit codes, messages, and nothing else on standard output."""

from __future__ import annotations

import datetime as dt
import json
import re
import sqlite3
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import attrs
import click
import jsonschema
import pytest
from click.testing import CliRunner, Result

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, CellState, Checklist, Sheet, SubmitSheet
from branchkit.checklists import read as read_sheet
from branchkit.cli import app
from branchkit.cli.app import build
from branchkit.errors import DecodeError, Problem
from branchkit.estate import Branch, Equipment, EquipmentState, RegisterBranch, SetEquipmentState, Zone
from branchkit.kit import BranchReport, Kit, ScoreRecord, command_line, load_plugins
from branchkit.kit.core import CorePlugin
from branchkit.messages import Actor, Command
from branchkit.plugins import (
    BranchkitHooks,
    CatalogRecord,
    CliCommandRecord,
    HookContext,
    ImportContext,
    ImporterRecord,
    Plugins,
    RenderContext,
    RendererRecord,
)
from branchkit.temporal import Hours
from branchkit.values import Text, decimal_text

ROOT = Path(__file__).resolve().parents[3]
WORDS = Text(zh="试验", en="trial")

CHECKLIST = """
schema = "branchkit.checklist/1"
id = "trial.hall"
version = "1"
title = { zh = "营业厅", en = "Hall" }
policy = "trial.hall"
[[sections]]
id = "machines"
title = { zh = "设备", en = "Machines" }
for_each = [{ kind = "equipment", kinds = ["atm"] }]
[[sections.items]]
id = "clean"
text = { zh = "清洁", en = "It is clean" }
severity = "major"
rules = ["estate:EST-OUT-03"]
[[sections]]
id = "hall"
title = { zh = "厅", en = "Hall" }
items = [{ id = "tidy", text = { zh = "整洁", en = "The hall is tidy" }, severity = "minor" }]
"""
POLICY = """
schema = "branchkit.scoring_policy/1"
id = "trial.hall"
version = "3"
title = { zh = "评分", en = "Score" }
checklists = ["trial.hall"]
start = "100"
ceiling = "100"
[[parts]]
kind = "deduction"
id = "faults"
reason = { zh = "不合格", en = "failed" }
by_severity = { major = "12.50", minor = "1" }
[[bands]]
code = "good"
title = { zh = "良好", en = "Good" }
limits = { total = { at_least = "90" } }
[[bands]]
code = "poor"
title = { zh = "差", en = "Poor" }
"""
PATCH = """
schema = "branchkit.checklist_patch/1"
id = "outdoor"
version = "1-bank"
of = "1"
[[leave_out]]
id = "fascia-specification"
reason = { zh = "另有专项检查", en = "Inspected apart" }
"""
BRANCH = """
schema = "branchkit.branch/1"
id = "B-1"
name = { zh = "东门支行", en = "East Gate" }
time_zone = "Asia/Shanghai"
equipment = [{ id = "ATM-1", kind = "atm" }]
hours = { week = [{ days = ["mon", "tue", "wed", "thu", "fri"], intervals = ["09:00-17:30"] }] }
"""
AT = "2026-03-02T10:00:00+08:00"


def sheet(id: str = "S-1", *, version: str = "1", **given: Any) -> dict[str, Any]:
    answers = [
        {"item": "clean", "value": "fail", "on": ["equipment:ATM-1"]},
        {"item": "tidy", "value": "pass"},
    ]
    fields = {"id": id, "checklist": "trial.hall", "version": version, "branch": "B-1", "at": AT, "by": "I-7"}
    return {"schema": "branchkit.sheet/1", **fields, "answers": answers, **given}


def line(kind: str, **given: Any) -> str:
    by = {"id": "C-17", "posts": ["estate_administrator", "inspector"]}
    return json.dumps({"schema": "branchkit.command/1", "kind": kind, "by": by, "at": AT, **given})


def read(context: ImportContext) -> Iterator[Command]:
    robot = Actor("import:lines", system=True)
    for file in context.files:
        for number, row in enumerate(file.data.decode().split()):
            if row == "bad":
                raise DecodeError(file.name, (Problem(f"$[{number}]", "Expected a branch's code"),))
            if row == "crash":
                raise KeyError("Zhang San")
            if row == "odd":
                context.notice(Problem(f"{file.name}:$[{number}]", "is odd, and kept"))
            yield RegisterBranch(Branch(row), by=robot, at=context.at, id=f"lines:{row}:1", if_known="keep")


def render(context: RenderContext) -> bytes:
    report = context.report
    assert isinstance(report, BranchReport)
    if context.lang == "en":
        raise LookupError("no English today")
    return f"网点 {report.branch.id} {report.open_findings}".encode()


class Trial(BranchkitHooks):
    name = "trial"
    root: Path

    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        return (CatalogRecord("trial.catalog", version="1", root=self.root),)

    def branchkit_importers(self, context: HookContext) -> tuple[ImporterRecord, ...]:
        return (ImporterRecord("trial.lines", version="1", title=WORDS, read=read),)

    def branchkit_renderers(self, context: HookContext) -> tuple[RendererRecord, ...]:
        return (RendererRecord("trial.plain", version="1", title=WORDS, media_type="text/plain", render=render),)

    def branchkit_cli_commands(self, context: HookContext) -> tuple[CliCommandRecord, ...]:
        return (
            CliCommandRecord("greet", load=lambda: click.Command("greet", callback=lambda: click.echo("你好"))),
            CliCommandRecord("crash", load=lambda: click.Command("crash", callback=lambda: {}["Zhang San"])),
            CliCommandRecord("broken", load=_broken),
            CliCommandRecord("strange", load=lambda: "no command"),  # type: ignore[arg-type,return-value]
        )


def _broken() -> click.Command:
    raise ImportError("a module is missing")


Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return the command line, in a folder of its own, with core and one plug-in and nothing that is installed."""
    root = tmp_path / "trial"
    for folder, text in (("checklists", CHECKLIST), ("policies", POLICY)):
        (root / folder).mkdir(parents=True)
        (root / folder / "hall.toml").write_text(text, encoding="utf-8")
    trial = Trial()
    trial.root = root
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    for name in ("BRANCHKIT_CONFIG", "BRANCHKIT_STORE", "BRANCHKIT_NO_PLUGINS", "BRANCHKIT_DISABLE"):
        monkeypatch.delenv(name, raising=False)

    def loaded(config: Any, **given: Any) -> Plugins:
        off = "BRANCHKIT_NO_PLUGINS" in given["environ"] or "trial" in config.disabled
        core = load_plugins(config, entry_points=False, **given)
        if off:
            return core
        return Plugins.load(
            builtin=(CorePlugin(),), extra=(trial,), entry_points=False, settings=config.settings,
            strict=given["strict"], commands_taken=given["commands_taken"],
        )  # fmt: skip

    monkeypatch.setattr(app, "load_plugins", loaded)
    Path("branch.toml").write_text(BRANCH, encoding="utf-8")
    Path("sheet.json").write_text(json.dumps(sheet()), encoding="utf-8")
    runner = CliRunner()

    def invoke(*args: str, stdin: str | bytes | None = None) -> Result:
        return runner.invoke(build(), args, input=stdin)

    return invoke


def objects(result: Result) -> list[dict[str, Any]]:
    return [json.loads(one) for one in result.stdout.splitlines()]


COMMANDS = "\n".join(
    (
        line("register_branch", branch={"id": "B-1", "equipment": [{"id": "ATM-1", "kind": "atm"}]}, id="c-1"),
        line("submit_sheet", sheet={key: value for key, value in sheet().items() if key != "schema"}, id="c-2"),
    )
)


@pytest.fixture
def stored(run: Run) -> str:
    """Return the address of a store with one branch and one sheet."""
    store = "sqlite:///branch.db"
    result = run("replay", "-", "--store", store, stdin=COMMANDS)
    assert (result.exit_code, result.stderr) == (0, "")
    return store


def fields_on_page(name: str) -> list[str]:
    """Return the fields that the page of the command line lists for a command."""
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {name}\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert section is not None
    rows = section[1].partition("| field |")[2].splitlines()[2:]
    return [word for row in rows if row.startswith("|") for word in re.findall(r"`(\w+)`", row.split("|")[1])]


@pytest.mark.parametrize(
    "args",
    [
        ("replay", "again.jsonl", "--store", "sqlite:///branch.db"),
        ("verify", "--store", "sqlite:///branch.db"),
        ("score", "sheet.json", "--branch", "branch.toml"),
        ("judge", "sheet.json", "--branch", "branch.toml"),
        ("catalog list",),
        ("catalog show", "checklist", "outdoor"),
        ("catalog show", "rule", "estate:EST-OUT-01"),
        ("catalog check", "wrong"),
        ("catalog diff", "own"),
        ("plugins list",),
        ("plugins show", "trial"),
        ("plugins doctor",),
        ("hours", "branch.toml", "--at", AT),
        ("hours", "B-1", "--at", AT, "--store", "sqlite:///branch.db"),
        ("shadow", "--store", "sqlite:///branch.db", "--policy", "trial.hall"),
    ],
    ids=" ".join,
)
def test_json_has_the_fields_of_the_page(run: Run, stored: str, args: tuple[str, ...]) -> None:
    """What a command prints with --json has exactly the fields that its page lists, in that order, on every line."""
    Path("again.jsonl").write_text(COMMANDS, encoding="utf-8")
    Path("wrong/checklists").mkdir(parents=True)
    Path("wrong/checklists/hall.toml").write_text("schema = 3", encoding="utf-8")
    Path("own/overrides/items").mkdir(parents=True)
    Path("own/overrides/items/outdoor.toml").write_text(PATCH, encoding="utf-8")
    result = run(*args[0].split(), *args[1:], "--json")

    found = objects(result)
    assert found, result.stderr
    assert {tuple(one) for one in found} == {tuple(fields_on_page(args[0]))}


# -- shadow


def heads(run: Run, store: str) -> str:
    (found,) = objects(run("verify", "--store", store, "--json"))
    return f"{found['ok']} {found['head']}"


def test_shadow_of_a_configuration_and_a_catalog(run: Run, stored: str) -> None:
    """Who changes band under a configuration with a bank's own policy is shown with the steps; nothing is changed."""
    Path("own/policies").mkdir(parents=True)
    mild = POLICY.replace('id = "trial.hall"', 'id = "bank.mild"', 1).replace('major = "12.50"', 'major = "2"')
    Path("own/policies/mild.toml").write_text(mild, encoding="utf-8")
    use = 'schema = "branchkit.config/1"\n[[use]]\nwhat = "scoring_policy"\nkey = "bank.mild"\n'
    Path("other.toml").write_text(use, encoding="utf-8")
    before = heads(run, stored)
    people = run("shadow", "--store", stored, "--with", "other.toml", "--catalog", "own")
    programs = run("shadow", "--store", stored, "--with", "other.toml", "--catalog", "own", "--json")

    assert (people.exit_code, people.stderr) == (0, "")
    assert people.stdout.splitlines() == [
        "S-1  B-1  better: 87.5 poor -> 98 good",
        "  - -12.5  failed [item:trial.hall/clean, equipment:ATM-1] (estate:EST-OUT-03)",
        "  + -2  failed [item:trial.hall/clean, equipment:ATM-1] (estate:EST-OUT-03)",
        "1 sheets: 1 better, 0 worse, 0 same, 0 unscored",
    ]
    assert objects(programs) == [
        {
            "sheet": "S-1",
            "subject": "B-1",
            "at": AT,
            "before": {"value": "87.5", "band": "poor", "policy": "trial.hall@3"},
            "after": {"value": "98", "band": "good", "policy": "bank.mild@3"},
            "moved": "better",
            "why": [line.strip() for line in people.stdout.splitlines()[1:3]],
        }
    ]
    assert before == heads(run, stored)
    Path("same.toml").write_text('schema = "branchkit.config/1"\n', encoding="utf-8")
    assert "1 same" in run("shadow", "--store", stored, "--with", "same.toml").stdout


def test_shadow_of_a_catalog_in_place_of_another(run: Run, stored: str) -> None:
    """A folder under the name of a root takes its place; who stays is counted and not shown."""
    for folder, text in (("checklists", CHECKLIST), ("policies", POLICY.replace('major = "12.50"', 'major = "20"'))):
        Path(f"own/{folder}").mkdir(parents=True)
        Path(f"own/{folder}/hall.toml").write_text(text, encoding="utf-8")
    result = run("shadow", "--store", stored, "--catalog", "own", "--name", "trial", "--checklist", "trial.hall")

    assert (result.exit_code, result.stdout) == (0, "1 sheets: 0 better, 0 worse, 1 same, 0 unscored\n")


@pytest.mark.parametrize(
    ("args", "told"),
    [
        ((), "Expected other rules"),
        (("--policy", "trial.hall", "--catalog", "."), "--policy is of the rules in force"),
        (("--policy", "trial.hall", "--name", "acme"), "Has no effect without --catalog"),
        (("--catalog", ".", "--name", "Acme"), "--name"),
        (("--policy", "trial.nothing"), "trial.nothing"),
        (("--policy", "trial.hall", "--checklist", "hall"), "No checklist 'hall'"),
        (("--with", "nowhere.toml"), "nowhere.toml"),
        (("--with", "sheet.json"), "sheet.json"),
    ],
)
def test_shadow_of_no_other_rules_is_bad_usage(run: Run, stored: str, args: tuple[str, ...], told: str) -> None:
    """What is to be compared has to be said, once, and to be there."""
    result = run("shadow", "--store", stored, *args)

    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


# -- score and judge


def test_score_as_json(run: Run) -> None:
    """A score is told with exact decimals as text, the policy and its version, and every deduction with its cell."""
    result = run("score", "sheet.json", "--branch", "branch.toml", "--json")

    assert result.exit_code == 0
    assert objects(result) == [
        {
            "sheet": "S-1",
            "subject": "B-1",
            "at": AT,
            "value": "87.5",
            "band": "poor",
            "policy": "trial.hall@3",
            "vetoes": [],
            "deductions": [
                {
                    "deduction": "faults",
                    "item": "trial.hall/clean@equipment:ATM-1",
                    "points": "12.5",
                    "reason": "不合格 · failed",
                }
            ],
            "reason": None,
        }
    ]


def test_score_of_nobody_known_says_why_not(run: Run) -> None:
    """A sheet about a branch whose devices nobody knows cannot be read, and the message names the answer."""
    result = run("score", "sheet.json")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "$.answers[0].on" in result.stderr


def test_score_reads_sheets_and_commands_from_standard_input(run: Run) -> None:
    """`-` reads lines of commands, from which the branch is known, and a document on many lines as well."""
    lines = run("score", "-", "--json", stdin=f"\n{COMMANDS}\n\n")
    document = run("score", "-", "--branch", "branch.toml", "--json", stdin=json.dumps(sheet(), indent=2))

    assert [one["value"] for one in objects(lines)] == ["87.5"]
    assert objects(document) == objects(lines)


def test_score_of_a_toml_sheet(run: Run) -> None:
    """A sheet may be a TOML file."""
    Path("sheet.toml").write_text(
        f'schema = "branchkit.sheet/1"\nid = "S-2"\nchecklist = "trial.hall"\nversion = "1"\nbranch = "B-1"\n'
        f'at = "{AT}"\nby = "I-7"\nanswers = [{{ item = "tidy", value = "fail" }}]\n',
        encoding="utf-8",
    )
    result = run("score", "sheet.toml", "--branch", "branch.toml")

    assert (result.exit_code, "S-2" in result.stdout) == (0, True)


def test_drafts_and_sheets_without_a_policy_are_not_scored(run: Run) -> None:
    """What cannot be scored is printed without a value and with the reason, and is no failure."""
    Path("draft.json").write_text(json.dumps(sheet(state="draft")), encoding="utf-8")
    outdoor = {"checklist": "outdoor", "answers": []}
    Path("outdoor.json").write_text(json.dumps(sheet(**outdoor)), encoding="utf-8")
    result = run("score", "draft.json", "outdoor.json", "--branch", "branch.toml", "--json")

    assert result.exit_code == 0
    assert [one["value"] for one in objects(result)] == [None, None]
    assert "a draft is not scored" in objects(result)[0]["reason"]


def test_a_policy_that_nobody_brings_is_bad_input(run: Run) -> None:
    """An unknown policy ends with 2 and the name of the plug-in that should have brought it."""
    result = run("score", "sheet.json", "--policy", "acme.stars")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "'acme'" in result.stderr
    assert "is not installed" in result.stderr


def test_why_tells_the_trace(run: Run) -> None:
    """--why prints what moved the score."""
    result = run("score", "sheet.json", "--branch", "branch.toml", "--why")

    assert "trial.hall 3" in result.stdout
    assert "-12.5" in result.stdout


@pytest.mark.parametrize(("severity", "code"), [("warning", 1), ("minor", 1), ("major", 1), ("critical", 0)])
def test_fail_on_compares_severities(run: Run, severity: str, code: int) -> None:
    """--fail-on ends with 1 when a finding is as bad or worse, and with 0 when all are milder."""
    result = run("judge", "sheet.json", "--branch", "branch.toml", "--fail-on", severity)

    assert result.exit_code == code


def test_judge_as_json(run: Run) -> None:
    """A finding is told with its exact place, its severity and its rules."""
    result = run("judge", "sheet.json", "--branch", "branch.toml", "--json")

    assert objects(result) == [
        {
            "sheet": "S-1",
            "item": "trial.hall/clean",
            "place": "branch:B-1/equipment:ATM-1",
            "severity": "major",
            "rules": ["estate:EST-OUT-03"],
            "message": "清洁 · It is clean",
        }
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("", "$"),
        ("{", "$"),
        ("[]", "$"),
        ('{"schema":"branchkit.branch/1","id":"B-1"}', "-:1"),
        ('{"schema":"branchkit.sheet/1","id":"S-1","extra":1}', "extra"),
        (json.dumps(sheet()) + "\n{}\n", "-:2"),
        (json.dumps(sheet(version="99")), "99"),
        ("\xff\xfe", "-"),
    ],
)
def test_broken_sheets_are_bad_input_with_their_place(run: Run, text: str, place: str) -> None:
    """Whatever is no sheet ends with 2 and a message that says where."""
    result = run("judge", "-", "--branch", "branch.toml", stdin=text.encode("latin-1"))

    assert result.exit_code == 2
    assert place in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize(
    "args",
    [
        ("judge", "nowhere.json"),
        ("judge", "."),
        ("judge", "sheet.json", "--branch", "nowhere.toml"),
        ("judge", "sheet.json", "--store", "sqlite:///nowhere.db"),
        ("judge",),
        ("judge", "sheet.json", "--fail-on", "awful"),
        ("replay", "nowhere.jsonl", "--store", "sqlite:///new.db"),
        ("replay", "sheet.json"),
        ("replay", "sheet.json", "--store", "nowhere.db"),
        ("replay", "sheet.json", "--store", "acme://host/db"),
        ("replay", "sheet.json", "--store", "sqlite:///no/such/folder/x.db"),
        ("replay", "sheet.json", "--store", "sqlite:///x.db", "--batch", "0"),
        ("verify", "--store", "sqlite:///nowhere.db"),
        ("hours", "nowhere.json", "--at", AT),
        ("hours", "B-1", "--at", AT, "--store", "sqlite:///nowhere.db"),
        ("hours", "branch.toml", "--at", "2026-03-02T10:00"),
        ("hours", "branch.toml", "--at", "soon"),
        ("import", "nonsense", "sheet.json"),
        ("import", "lines", "nowhere.txt"),
        ("import", "lines", "sheet.json", "--option", "zone"),
        ("import", "lines", "sheet.json", "--option", "a=1", "--option", "a=2"),
        ("catalog", "show", "checklist", "nowhere"),
        ("catalog", "show", "thing", "outdoor"),
        ("catalog", "show", "rule", "estate:NONE"),
        ("catalog", "list", "--kind", "thing"),
        ("catalog", "check", "nowhere"),
        ("catalog", "check", "--name", "bank"),
        ("catalog", "check", ".", "--name", "Our Bank"),
        ("catalog", "check", ".", "--name", "trial"),
        ("catalog", "schema", "thing"),
        ("plugins", "show", "nowhere"),
        ("explain", "config", "weather"),
        ("nonsense",),
        ("--config", "nowhere.toml", "catalog", "list"),
        ("--config", "sheet.json", "catalog", "list"),
        ("report", "--store", "sqlite:///nowhere.db", "--branch", "B-1", "--out", "x", "--renderer", "trial.plain"),
        ("report", "--store", "sqlite:///nowhere.db", "--branch", "B-1", "--out", "x", "--renderer", "acme.pdf"),
    ],
    ids=" ".join,
)
def test_bad_usage_ends_with_2_and_a_message(run: Run, args: tuple[str, ...]) -> None:
    """Usage or input that cannot be right ends with 2, says why on standard error, and prints nothing else."""
    result = run(*args)

    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.strip()
    assert "Traceback" not in result.stderr


def test_looking_into_a_store_makes_none(run: Run) -> None:
    """A misspelt address is never a new and faultless store."""
    run("verify", "--store", "sqlite:///nowhere.db")

    assert not Path("nowhere.db").exists()


# -- import, replay, verify


def test_import_gives_the_same_lines_every_time(run: Run) -> None:
    """Importing twice prints the same bytes, and files and standard input may be mixed."""
    Path("list.txt").write_text("B-1 B-2", encoding="utf-8")
    first = run("import", "lines", "list.txt", "-", stdin="B-3")
    again = run("import", "trial.lines", "list.txt", "-", stdin="B-3")

    assert first.exit_code == 0
    assert [one["id"] for one in objects(first)] == ["lines:B-1:1", "lines:B-2:1", "lines:B-3:1"]
    assert {one["at"] for one in objects(first)} == {"1970-01-01T00:00:00+00:00"}
    assert first.stdout_bytes == again.stdout_bytes


def test_notices_go_to_standard_error(run: Run) -> None:
    """What is odd and kept is told beside the commands, not among them."""
    result = run("import", "lines", "-", stdin="odd")

    assert (result.exit_code, len(objects(result))) == (0, 1)
    assert "is odd, and kept" in result.stderr


def test_what_an_importer_cannot_read_is_bad_input(run: Run) -> None:
    """An importer's own error ends with 2 and its place."""
    result = run("import", "lines", "-", stdin="B-1 bad")

    assert result.exit_code == 2
    assert "$[1]" in result.stderr


def test_an_importer_that_crashes_is_blamed(run: Run) -> None:
    """What a plug-in raises by mistake is told by plug-in, type and place, without the words it carries."""
    result = run("import", "lines", "-", stdin="crash")

    assert result.exit_code == 2
    assert "Plug-in 'trial': the importer 'trial.lines' raised KeyError in " in result.stderr
    assert "Zhang" not in result.stderr


def test_replay_counts_and_repeats(run: Run, stored: str) -> None:
    """Replaying the same lines once more accepts nothing and repeats everything."""
    result = run("replay", "-", "--store", stored, "--json", stdin=COMMANDS)
    (found,) = objects(result)

    assert result.exit_code == 0
    assert {key: value for key, value in found.items() if key != "seconds"} == {
        "commands": 2, "accepted": 0, "repeated": 2, "refused": [], "events": 0,
    }  # fmt: skip
    assert isinstance(found["seconds"], float)


def test_replay_tells_each_refused_line(run: Run) -> None:
    """A refused or unreadable line is told with its file, number and error; the others are carried out."""
    Path("some.jsonl").write_text(f"{COMMANDS}\n\nnonsense\n", encoding="utf-8")
    stray = line("close_finding", branch="B-9", finding="F-9", reason="Zhang San called")
    result = run("replay", "some.jsonl", "-", "--store", "sqlite:///x.db", "--json", stdin=stray)
    (found,) = objects(result)

    assert result.exit_code == 1
    assert (found["commands"], found["accepted"]) == (4, 2)
    assert [(one["file"], one["line"]) for one in found["refused"]] == [("some.jsonl", 4), ("-", 1)]
    assert "Zhang" not in result.output


def test_replay_for_people(run: Run) -> None:
    """Without --json the counts are one line, and refused lines follow on standard error."""
    result = run("replay", "-", "--store", "sqlite:///x.db", stdin=f"{COMMANDS}\n{{}}\n")

    assert result.exit_code == 1
    assert result.stdout.startswith("3 commands, 2 accepted, 0 repeated, 1 refused; ")
    assert "  -:3: " in result.stderr


def test_verify_says_yes_and_no(run: Run, stored: str) -> None:
    """A whole store verifies with 0; one from which a document was taken does not, and ends with 1."""
    good = run("verify", "--store", stored, "--json")
    with closing(sqlite3.connect("branch.db")) as database:
        database.execute("DELETE FROM branchkit_document WHERE kind = 'branch'")
        database.commit()
    bad = run("verify", "--store", stored, "--json")

    assert (good.exit_code, objects(good)[0]["ok"], objects(good)[0]["problems"]) == (0, True, [])
    assert (bad.exit_code, objects(bad)[0]["ok"]) == (1, False)
    assert objects(bad)[0]["problems"]
    assert objects(bad)[0]["head"] == objects(good)[0]["head"]


# -- hours


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2026-03-02T10:00:00+08:00", (True, "2026-03-02T17:30:00+08:00", "2026-03-03T09:00:00+08:00", 2550)),
        ("2026-03-02T17:30:00+08:00", (False, None, "2026-03-03T09:00:00+08:00", 2550)),
        ("2026-03-06T10:00:00Z", (False, None, "2026-03-09T09:00:00+08:00", 2550)),
    ],
)
def test_hours_as_json(run: Run, at: str, found: tuple[object, ...]) -> None:
    """Hours are told by the branch's own clock, whatever zone the question comes in."""
    result = run("hours", "branch.toml", "--at", at, "--json")

    assert result.exit_code == 0
    assert tuple(objects(result)[0].values()) == found


def branch_file(**given: Any) -> str:
    return json.dumps({"schema": "branchkit.branch/1", "id": "B-2", **given})


def test_hours_that_are_not_known(run: Run) -> None:
    """Unknown hours are null with --json and nothing without; the reason is on standard error and the code is 1."""
    plain = run("hours", "-", "--at", AT, stdin=branch_file(time_zone="Asia/Shanghai"))
    as_json = run("hours", "-", "--at", AT, "--json", stdin=branch_file(time_zone="Asia/Shanghai"))

    assert (plain.exit_code, plain.stdout) == (1, "")
    assert plain.stderr == "The hours of branch B-2 are not known: not stated\n"
    assert objects(as_json) == [{"open": None, "until": None, "next_open": None, "weekly_minutes": None}]


def test_hours_round_the_clock(run: Run) -> None:
    """A branch that never closes is open without an end and without a next opening."""
    week = {"week": [{"days": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"], "intervals": ["00:00-24:00"]}]}
    text = branch_file(time_zone="Asia/Shanghai", hours=week)
    plain = run("hours", "-", "--at", AT, stdin=text)
    (found,) = objects(run("hours", "-", "--at", AT, "--json", stdin=text))

    assert found == {"open": True, "until": None, "next_open": None, "weekly_minutes": 10080}
    assert plain.stdout.startswith("open;")


def test_hours_beyond_what_the_calendar_confirms(run: Run) -> None:
    """On the last confirmed evening the branch is known to be closed, and the next opening is not known."""
    commands = (
        line("publish_calendar", calendar={
            "id": "cn", "version": "1", "title": {"en": "cn"},
            "confirmed_from": "2026-03-01", "confirmed_through": "2026-03-02",
        }),
        line("register_branch", branch={
            "id": "B-2", "calendar": "cn", "time_zone": "Asia/Shanghai",
            "hours": {"week": [{"days": ["workday"], "intervals": ["09:00-17:30"]}]},
        }),
    )  # fmt: skip
    assert run("replay", "-", "--store", "sqlite:///x.db", stdin="\n".join(commands)).exit_code == 0
    ask = ("hours", "B-2", "--store", "sqlite:///x.db", "--json", "--at")
    evening, after = run(*ask, "2026-03-02T18:00:00+08:00"), run(*ask, "2026-03-03T10:00:00+08:00")

    assert (evening.exit_code, objects(evening)[0]["open"], objects(evening)[0]["next_open"]) == (0, False, None)
    assert (after.exit_code, objects(after)[0]["open"]) == (1, None)
    assert "load the next year's notice" in evening.stderr
    assert "load the next year's notice" in after.stderr


@pytest.mark.parametrize("zone", ["Mars/Base", "../secret", "/etc/passwd"])
def test_a_zone_that_is_none(run: Run, zone: str) -> None:
    """A branch whose time zone is none is bad input, whoever asks."""
    week = {"week": [{"days": ["mon"], "intervals": ["09:00-10:00"]}]}
    Path("mars.json").write_text(branch_file(time_zone=zone, hours=week).replace("B-2", "B-1"), encoding="utf-8")
    hours, judged = run("hours", "mars.json", "--at", AT), run("judge", "sheet.json", "--branch", "mars.json")

    assert (hours.exit_code, judged.exit_code) == (2, 2)
    assert "$.time_zone" in hours.stderr
    assert "$.time_zone" in judged.stderr


@pytest.mark.parametrize("command", ["score", "judge"])
def test_branches_are_known_from_the_store(run: Run, stored: str, command: str) -> None:
    """With --store, sheets are bound to the branches that the store knows."""
    result = run(command, "sheet.json", "--store", stored, "--json")

    assert (result.exit_code, len(objects(result))) == (0, 1)
    assert "ATM-1" in result.stdout


def test_branches_are_followed_through_the_commands(run: Run) -> None:
    """What earlier lines say of a branch, its machines, units and calendars holds for the sheets after them."""
    calendar = {
        "id": "cn", "version": "1", "title": {"en": "cn"},
        "confirmed_from": "2026-01-01", "confirmed_through": "2026-12-31",
    }  # fmt: skip
    lines = (
        line("register_unit", unit={"id": "SB-1", "level": "sub_branch"}),
        line("publish_calendar", calendar=calendar),
        line("register_branch", branch={"id": "B-1"}),
        line("revise_branch", branch={"id": "B-1", "unit": "SB-1", "calendar": "cn", "time_zone": "Asia/Shanghai"}),
        line("install_equipment", branch="B-1", equipment={"id": "ATM-1", "kind": "atm"}),
        COMMANDS.splitlines()[1],
    )
    result = run("judge", "-", "--json", stdin="\n".join(lines))

    assert [one["place"] for one in objects(result)] == ["branch:B-1/equipment:ATM-1"]


# -- catalog


def test_catalog_lists_documents_of_every_root(run: Run) -> None:
    """The list holds core's documents and the plug-in's, whose ids begin with its name; --kind restricts it."""
    found = objects(run("catalog", "list", "--kind", "checklist", "--json"))
    ids = [one["id"] for one in found]

    assert {"outdoor", "trial.hall"} <= set(ids)
    assert {one["kind"] for one in found} == {"checklist"}
    assert ids == sorted(ids)
    assert "trial.hall" in run("catalog", "list").stdout


def test_catalog_shows_what_can_be_loaded_again(run: Run) -> None:
    """`catalog show` prints the document as TOML, which is the same document."""
    shown = run("catalog", "show", "checklist", "outdoor")

    assert Checklist.from_toml(shown.stdout) == Catalog().checklist("outdoor")


def test_catalog_check_of_a_folder(run: Run, tmp_path: Path) -> None:
    """A sound folder checks with 0; a broken one with 1 and every problem with its document and path."""
    Path("ours/checklists").mkdir(parents=True)
    document = Path("ours/checklists/hall.toml")
    document.write_text(CHECKLIST.replace("trial.hall", "bank.hall"), encoding="utf-8")
    policies = Path("ours/policies")
    policies.mkdir()
    (policies / "hall.toml").write_text(POLICY.replace("trial.hall", "bank.hall"), encoding="utf-8")
    good = run("--no-plugins", "catalog", "check", "ours")
    document.write_text(CHECKLIST.replace('severity = "minor" ', ""), encoding="utf-8")
    bad = run("--no-plugins", "catalog", "check", "ours", "--json")

    assert (good.exit_code, good.stdout.endswith("documents, no problems\n")) == (0, True), good.output
    assert bad.exit_code == 1
    assert {one["document"] for one in objects(bad)} >= {"bank/checklists/hall.toml"}


def test_catalog_diff_of_a_folder(run: Run) -> None:
    """What a bank's folder overrides is listed with its reasons; without a folder, what the plug-ins override."""
    Path("own/overrides/items").mkdir(parents=True)
    Path("own/overrides/items/outdoor.toml").write_text(PATCH, encoding="utf-8")
    with_folder, without = run("catalog", "diff", "own", "--name", "acme"), run("catalog", "diff")
    odd = run("catalog", "diff", "--name", "acme")

    assert (with_folder.exit_code, without.exit_code, odd.exit_code) == (0, 0, 2)
    assert with_folder.stdout.splitlines()[0] == "checklist outdoor: 1-bank, by acme, in place of 1"
    assert "(另有专项检查 · Inspected apart)" in with_folder.stdout
    assert "estate:EST-OUT-02 is no longer carried out here; by nothing any more" in with_folder.stdout
    assert with_folder.stdout.splitlines()[-1] == "1 documents overridden, 2 changes"
    assert without.stdout == "0 documents overridden, 0 changes\n"
    assert run("catalog", "diff", "--json").stdout == ""


def test_catalog_schema_is_a_schema(run: Run) -> None:
    """`catalog schema` prints a JSON Schema that accepts the plain form of a document of the kind."""
    schema = json.loads(run("catalog", "schema", "checklist").stdout)

    assert list(jsonschema.Draft202012Validator(schema).iter_errors(tomllib.loads(CHECKLIST))) == []


# -- plug-ins


def test_commands_of_plugins_run_and_are_listed(run: Run) -> None:
    """A plug-in's command runs; the help lists it, and says of those that do not load why."""
    text = run("--help").stdout

    assert run("greet").stdout == "你好\n"
    assert "greet" in text
    assert re.search(r"broken\s+missing: Plug-in 'trial'", text)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("crash", "Plug-in 'trial': the command 'crash' raised KeyError in "),
        ("broken", "Plug-in 'trial': loading the command 'broken' raised ImportError in "),
        ("strange", "Plug-in 'trial': the command 'strange' is no click.Command"),
    ],
)
def test_a_failing_command_of_a_plugin_is_blamed(run: Run, name: str, told: str) -> None:
    """A plug-in's command that fails ends with 2, names the plug-in, and repeats nothing that anybody typed."""
    result = run(name, *(["--any", "thing"] if name != "crash" else []))

    assert result.exit_code == 2
    assert told in result.stderr
    assert "Zhang" not in result.stderr


def test_no_plugins_is_read_before_plugins_are(run: Run) -> None:
    """With --no-plugins a plug-in's commands, documents and importers are not there, in the help either."""
    assert run("--no-plugins", "greet").exit_code == 2
    assert "greet" not in run("--help", "--no-plugins").stdout
    assert "trial.hall" not in run("--no-plugins", "catalog", "list").stdout
    assert [one["name"] for one in objects(run("--no-plugins", "plugins", "list", "--json"))] == ["branchkit"]


def test_configuration_can_turn_a_plugin_off(run: Run) -> None:
    """A plug-in that the configuration turns off brings no commands."""
    Path("bank.toml").write_text('schema = "branchkit.config/1"\ndisable = [{ plugin = "trial" }]\n', encoding="utf-8")

    assert run("--config", "bank.toml", "greet").exit_code == 2


def test_plugins_are_shown_to_people(run: Run) -> None:
    """The list names each plug-in with its state, and showing one names its keys."""
    listed, shown = run("plugins", "list").stdout, run("plugins", "show", "trial").stdout

    assert [row.split()[:2] for row in listed.splitlines()] == [["branchkit", "ok"], ["trial", "ok"]]
    assert "  trial.lines\n" in shown
    assert "  branchkit greet\n" in shown


def test_doctor_finds_keys_that_nobody_brings(run: Run) -> None:
    """The doctor ends with 1 and names the assignment in the configuration whose key is not there."""
    Path("bank.toml").write_text(
        'schema = "branchkit.config/1"\nuse = [{ what = "renderer", key = "acme.pdf" }]\n', encoding="utf-8"
    )
    healthy = run("plugins", "doctor")
    sick = run("--config", "bank.toml", "plugins", "doctor", "--json")

    assert (healthy.exit_code, healthy.stdout) == (0, "2 plug-ins, no problems\n")
    assert sick.exit_code == 1
    assert objects(sick)[-1]["name"] == "configuration"
    assert "$.use[0].key" in objects(sick)[-1]["problems"][0]


def test_doctor_knows_what_catalogs_bring(run: Run) -> None:
    """A policy and a ladder that are documents of a catalog are there as well as those in code."""
    Path("bank.toml").write_text(
        'schema = "branchkit.config/1"\n'
        'use = [{ what = "scoring_policy", key = "environment" }, '
        '{ what = "escalation_policy", key = "overdue", ladder = "fault-reply" }, '
        '{ what = "escalation_policy", key = "acme.duty" }]\n',
        encoding="utf-8",
    )
    told = objects(run("--config", "bank.toml", "plugins", "doctor", "--json"))[-1]["problems"]

    assert 1 == len(told)
    assert "Plug-in 'acme': is not installed" in told[0]


def test_doctor_tells_a_broken_catalog_and_goes_on(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where catalogs cannot be listed together, the assignments are held against core's alone."""
    Path("bank.toml").write_text(
        'schema = "branchkit.config/1"\nuse = [{ what = "scoring_policy", key = "environment" }]\n', encoding="utf-8"
    )
    nowhere = tmp_path / "nowhere"

    class Shelf(BranchkitHooks):
        name = "shelf"

        def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
            return (CatalogRecord("shelf.catalog", version="1", root=nowhere),)

    loaded = Plugins.load(builtin=(CorePlugin(),), extra=(Shelf(),), strict=False, entry_points=False)
    monkeypatch.setattr(app, "load_plugins", lambda config, **_: loaded)

    told = [one for one in objects(run("--config", "bank.toml", "plugins", "doctor", "--json")) if one["problems"]]
    assert ["shelf"] == [one["name"] for one in told]
    assert "cannot be listed" in told[0]["problems"][0]


def test_configuration_chooses_the_policy(run: Run) -> None:
    """The configuration's policy comes before the checklist's own, and `explain config` says where it stands."""
    Path("bank.toml").write_text(
        'schema = "branchkit.config/1"\nuse = [{ what = "scoring_policy", key = "trial.hall", branch = "B-1" }]\n',
        encoding="utf-8",
    )
    result = run("--config", "bank.toml", "explain", "config")

    assert "trial.hall: branch B-1, all checklists - at `$.use[0]`" in result.stdout


# -- report


def test_report_is_written_whole_or_not_at_all(run: Run, stored: str) -> None:
    """A report goes to a file or to standard output; where it cannot be written, nothing is left behind."""
    args = ("report", "--store", stored, "--branch", "B-1", "--renderer", "trial.plain")
    done = run(*args, "--out", "report.txt")
    printed = run(*args, "--out", "-")
    Path("folder").mkdir()
    failed = run(*args, "--out", "folder")

    assert done.exit_code == 0, done.output
    assert Path("report.txt").read_text(encoding="utf-8") == "网点 B-1 1"
    assert printed.stdout == "网点 B-1 1"
    assert failed.exit_code == 2
    assert [path.name for path in Path().iterdir() if path.name.startswith(".")] == []


def test_a_renderer_that_crashes_is_blamed(run: Run, stored: str) -> None:
    """What a renderer raises by mistake is told by plug-in, type and place, and no file is written."""
    args = ("report", "--store", stored, "--branch", "B-1", "--renderer", "trial.plain", "--lang", "en")
    result = run(*args, "--out", "report.txt")

    assert result.exit_code == 2
    assert "the renderer 'trial.plain' raised LookupError" in result.stderr
    assert not Path("report.txt").exists()


def test_report_on_a_branch_that_is_not_there(run: Run, stored: str) -> None:
    """A branch that the store does not know is bad input."""
    result = run("report", "--store", stored, "--branch", "B-9", "--out", "-", "--renderer", "trial.plain")

    assert (result.exit_code, result.stdout) == (2, "")
    assert "B-9" in result.stderr


def test_command_lines_are_what_replay_reads(run: Run) -> None:
    """A line written in Python is carried out by the command line."""
    robot = Actor("import:lines", system=True)
    command = RegisterBranch(Branch("网点-17"), by=robot, at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    result = run("replay", "-", "--store", "sqlite:///x.db", stdin=command_line(command))

    assert result.stdout.startswith("1 commands, 1 accepted")


def test_scores_of_commands_are_those_of_their_replay(run: Run, tmp_path: Path) -> None:
    """Scoring a file of commands gives what replaying it stores, also where a device is retired between the sheets."""
    branch = Branch(
        "B-1",
        zones=(Zone("Z-1", kind="self_service_zone"),),
        equipment=tuple(Equipment(f"ATM-{n}", kind="atm", zone="Z-1", state=EquipmentState.IN_SERVICE) for n in (1, 2)),
    )
    checklist = Catalog().checklist("self-service-zone")
    clerk, inspector = Actor("C-1", posts=("estate_administrator",)), Actor("S-1", posts=("inspector",))
    when = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
    left = attrs.evolve(branch, equipment=branch.equipment[1:])
    answers = tuple(
        Answer(cell.item.id, unknown="not looked at", on=cell.on)
        for cell in read_sheet(
            Sheet(
                "S", checklist=checklist.id, version=checklist.version, branch="B-1", at=when, by="S-1", state="draft"
            ),
            checklist.bind(left, at=when),
        ).cells
        if cell.state is CellState.MISSING
    )
    sheet = Sheet(
        "S-1", checklist=checklist.id, version=checklist.version, branch="B-1", at=when, by="S-1", answers=answers
    )
    commands = [
        RegisterBranch(branch, by=clerk, at=when),
        SetEquipmentState("B-1", "ATM-1", EquipmentState.RETIRED, by=clerk, at=when),
        SubmitSheet(sheet, by=inspector, at=when),
    ]
    lines = tmp_path / "lines.jsonl"
    lines.write_bytes(b"".join(command_line(command) + b"\n" for command in commands))
    (scored,) = [json.loads(line) for line in run("score", str(lines), "--json").stdout.splitlines()]
    store = f"sqlite:///{tmp_path / 'replayed.db'}"
    replayed = json.loads(run("replay", str(lines), "--store", store, "--json").stdout)
    with Kit.open(store) as kit:
        (record,) = kit.find(ScoreRecord, branch="B-1")

    assert [] == replayed["refused"]
    assert (None if record.points is None else decimal_text(record.points), record.band) == (
        scored["value"],
        scored["band"],
    )


def test_documents_are_told_apart_by_how_they_begin(run: Run, tmp_path: Path) -> None:
    """TOML is read from standard input, and from a file of any name, as JSON is."""
    toml = Branch("B-1", time_zone="Asia/Shanghai", hours=Hours.from_week({"mon": "09:00-17:00"})).to_toml()
    odd = tmp_path / "branch.txt"
    odd.write_text(toml, encoding="utf-8")
    asked = ("--at", "2026-03-02T10:00+08:00", "--json")

    assert run("hours", str(odd), *asked).stdout == run("hours", "-", *asked, stdin=toml).stdout
    assert json.loads(run("hours", str(odd), *asked).stdout)["open"] is True
