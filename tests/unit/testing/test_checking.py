"""The laws are run for an installed plug-in, and the verdicts printed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from branchkit.cli.app import build
from branchkit.cli.checking import show
from branchkit.testing import checking, verdicts
from branchkit.testing.assigning import AssignmentPolicyLaws
from branchkit.testing.calendars import CalendarLaws
from branchkit.testing.catalogs import CatalogLaws
from branchkit.testing.credit import CreditPolicyLaws
from branchkit.testing.escalation import EscalationPolicyLaws
from branchkit.testing.importers import ImporterLaws
from branchkit.testing.laws import Laws, law_names
from branchkit.testing.renderers import RendererLaws
from branchkit.testing.scoring import ScoringPolicyLaws
from branchkit.testing.stores import StoreLaws
from branchkit.testing.verdicts import Verdict
from branchkit.testing.watching import clock_and_chance

PLUGIN = """
from branchkit.errors import Unsupported
from branchkit.plugins import BranchkitHooks, ScoringPolicyRecord
from branchkit.scoring import Score
from branchkit.trace import Decision, Trace
from branchkit.values import Text
from decimal import Decimal


class Flat:
    id, version, capabilities = "flatly.flat", "1", frozenset({"monotone"})
    checklists = ("accessibility",)
    bands = ("all",)

    def score(self, evidence):
        trace = Trace(policy=self.id, version=self.version, plugin="flatly",
                      inputs=evidence.refs, digests=evidence.digests)
        return Decision(Score(points=Decimal(POINTS), band="all"), trace)

    def cheapest_fixes(self, score, *, to, cost=None):
        raise Unsupported("cheapest_fixes", "flat", "not explainable")


class Flatly(BranchkitHooks):
    name = "flatly"

    def branchkit_scoring_policies(self, context):
        return (ScoringPolicyRecord.of(Flat()),)


plugin = Flatly()
"""


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder on the path that an installer would have filled."""
    info = tmp_path / "branchkit_flatly-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: branchkit-flatly\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[branchkit.plugins]\nflatly = branchkit_flatly:plugin\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "branchkit_flatly", raising=False)
    return tmp_path


def check(*args: str) -> Result:
    return CliRunner().invoke(build(), ["plugins", "check", *args])


def write(folder: Path, code: str) -> None:
    (folder / "branchkit_flatly.py").write_text(code)
    sys.modules.pop("branchkit_flatly", None)


def test_a_sound_plug_in_passes(installed: Path) -> None:
    """Each law has a line with kind, key, law and verdict, those not declared say so, and the exit code is 0."""
    write(installed, PLUGIN.replace("POINTS", "70"))
    done = check("flatly")
    lines = done.stdout.splitlines()

    assert 0 == done.exit_code
    assert ["plugin", "flatly", "it_loads", "holds"] == lines[0].split()
    assert ["scoring_policy", "flatly.flat", "it_declares_what_there_is", "holds"] == lines[1].split()
    assert any("skipped  the policy does not declare na_neutral" in line for line in lines)
    assert "flatly: 11 laws hold, 7 skipped, 0 broken" == lines[-1]


def test_verdicts_stand_below_one_another(capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever the kind and the law, a verdict stands in the same column: the longest names fit theirs."""
    policies = (ScoringPolicyLaws, EscalationPolicyLaws, AssignmentPolicyLaws, CreditPolicyLaws)
    laws = (*policies, StoreLaws, CatalogLaws, CalendarLaws, ImporterLaws, RendererLaws)
    names = [name.removeprefix("test_") for one in laws for name in law_names(one)]
    for kind in ("store", "scoring_policy", "escalation_policy", "assignment_policy"):
        for law in names:
            show(Verdict(kind=kind, key="flatly.flat", law=law, verdict="holds"), as_json=False)
    lines = capsys.readouterr().out.splitlines()

    assert 1 == len({line.index(" holds") for line in lines})


def test_nothing_is_left_behind(installed: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The folder that the check is run in is as it was."""
    write(installed, PLUGIN.replace("POINTS", "70"))
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    check("flatly")

    assert [] == list((tmp_path / "here").iterdir())


def test_a_broken_plug_in_fails_with_the_reason(installed: Path) -> None:
    """A broken law is named with what it found, as JSON too, and the exit code is 1."""
    write(installed, PLUGIN.replace("POINTS", "0.1") + "\nFlat.capabilities = frozenset({'monoton'})\n")
    done = check("flatly", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    broken = {one["law"]: one for one in found if one["verdict"] == "broken"}

    assert 1 == done.exit_code
    assert {"kind", "key", "law", "verdict", "reason"} == set(found[0])
    assert {"it_declares_what_there_is"} == set(broken)
    assert "it declares monoton; there are: explainable" in broken["it_declares_what_there_is"]["reason"]
    assert None is found[0]["reason"]


def test_a_plug_in_that_does_not_load_is_broken(installed: Path) -> None:
    """Where a plug-in fails to load there is one verdict, which says why, and no law is tried."""
    write(installed, "raise RuntimeError\n")
    done = check("flatly")

    assert 1 == done.exit_code
    assert ["plugin", "flatly", "it_loads", "broken"] == done.stdout.split()[:4]
    assert "RuntimeError" in done.stdout
    assert done.stdout.splitlines()[-1] == "flatly: 0 laws hold, 0 skipped, 1 broken"


def test_a_plug_in_that_is_not_there_is_bad_usage() -> None:
    """A name that nobody has is told with those that there are."""
    done = check("nobody")

    assert 2 == done.exit_code
    assert "No plug-in 'nobody'; there are: branchkit" in done.stderr


@pytest.mark.parametrize(
    ("args", "told"),
    [
        (["--sample", "acme.feed"], "Expected KEY=FILE"),
        (["--option", "zone=east"], "Has no effect without --sample"),
        (["--store", "nothing:x"], "no plug-in opens stores of scheme 'nothing'"),
    ],
    ids=["form", "option", "scheme"],
)
def test_what_would_have_no_effect_is_refused(args: list[str], told: str) -> None:
    """An option that is malformed, or that nothing would be tried with, is refused."""
    done = check("branchkit", *args)

    assert 2 == done.exit_code
    assert told in done.stderr


def test_a_sample_that_no_importer_reads_is_refused(tmp_path: Path) -> None:
    """A sample of an importer that is not there is refused with those that are."""
    (tmp_path / "feed.json").write_text("{}")
    done = check("branchkit", "--sample", f"acme.feed={tmp_path / 'feed.json'}")

    assert 2 == done.exit_code
    assert "No importer 'acme.feed'; there are: " in done.stderr


def test_core_keeps_its_own_laws(tmp_path: Path) -> None:
    """Core's policy and its stores pass the laws that plug-ins are held to; a store without an address is skipped."""
    done = check("branchkit", "--store", "memory:")
    lines = done.stdout.splitlines()

    assert 0 == done.exit_code, done.stdout
    assert lines[-1].endswith(" 0 broken")
    assert any("store" in line and "no address is given" in line for line in lines)


def test_without_the_test_libraries_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where pytest and Hypothesis are missing, the message names them and what brings them."""
    monkeypatch.setattr("branchkit.cli.checking.find_spec", lambda name: None)
    done = check("branchkit")

    assert 2 == done.exit_code
    assert "The laws need hypothesis and pytest" in done.stderr
    assert "branchkit[testing]" in done.stderr


def test_a_verdict_names_what_was_raised_and_where() -> None:
    """Of an error that is none of branchkit's, the verdict tells type and place, and never the message."""

    class Odd(Laws):
        def test_it_divides(self) -> None:
            """It divides."""
            int("somebody's name")

        def test_it_is_sound(self) -> None:
            """It is so."""

        def test_it_is_small(self) -> None:
            """It is small."""
            raise AssertionError

    odd = list(verdicts.verdicts(Odd(), kind="thing", key="odd"))

    assert ["broken", "holds", "broken"] == [one.verdict for one in odd]
    assert odd[0].reason.startswith("ValueError in ")
    assert "somebody" not in odd[0].reason
    assert "It is small." == odd[2].reason
    assert checking.Samples().files == {}


@pytest.mark.parametrize(
    "code",
    ["import datetime as dt; dt.date.today()", "import time; time.time()", "import random; random.random()",
     "import uuid; uuid.uuid4()", "import secrets; secrets.token_hex()"],
)  # fmt: skip
def test_clocks_and_chance_are_seen(code: str) -> None:
    """Today, the time and chance are seen whoever asks them; a clock that only measures is free."""
    program = compile(code, "asks", "exec")

    with clock_and_chance() as asked:
        eval(program, {})  # noqa: S307 - the programs stand above
    assert asked
    with clock_and_chance() as asked:
        eval(compile("import time; time.monotonic(); time.perf_counter()", "measures", "exec"), {})  # noqa: S307
    assert [] == asked
