"""The plug-in in its place: settings in a configuration, a real procedure, a sweep, and messages in the outbox."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from branchkit_oncall import OnCall, plugin

from branchkit import Actor, Branch, Kit, RegisterBranch
from branchkit.errors import PluginError
from branchkit.estate import OrgUnit, Post, RegisterUnit, StaffMember
from branchkit.kit import RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins import Plugins
from branchkit.plugins.config import Config
from branchkit.procedures import OpenCase

ZONE = dt.timezone(dt.timedelta(hours=8))
NINE = dt.datetime(2026, 3, 4, 9, tzinfo=ZONE)
MINUTE = dt.timedelta(minutes=1)
CLERK = Actor("C-17", posts=("estate_administrator",))
TEAM = Actor("T-1", posts=("maintenance_team",))
LAYERS = """
[[plugin.settings.layers]]
id = "team"
rotation = { people = ["T-1", "T-2"], handover = "09:00", zone = "Asia/Shanghai", since = "2026-03-02", period = "P1D" }
"""
USES = """
[[use]]
what = "escalation_policy"
key = "oncall.emergency-command"
ladder = "emergency-verify"
"""


def rules(settings: str, uses: str = USES) -> RuleBook:
    """Return core's rules with the plug-in, told some settings."""
    told = f'[[plugin]]\nname = "oncall"\n{settings}' if settings else ""
    config = Config.from_toml(f'schema = "branchkit.config/1"\n{uses}\n{told}')
    loaded = Plugins.load(builtin=(CorePlugin(),), extra=(plugin,), entry_points=False, settings=config.settings)
    return RuleBook.load(config, plugins=loaded)


def told(kit: Kit, at: dt.datetime) -> list[tuple[str, Any]]:
    """Sweep, and return who is told of which rung."""
    list(kit.sweep(at))
    return [(message.to, message.body["rung"]) for message in kit.outbox()]


def emergency(found: RuleBook) -> Kit:
    """Return a kit in which somebody has reported a fault."""
    kit = Kit.open("memory:", rules=found)
    branch = Branch(
        "B-1",
        time_zone="Asia/Shanghai",
        unit="U-1",
        staff=(StaffMember("T-1"), StaffMember("T-2")),
        posts=tuple(Post(f"P-{n}", kind="maintenance_team", holder=f"T-{n}") for n in (1, 2)),
    )
    kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=NINE))
    kit.do(RegisterBranch(branch, by=CLERK, at=NINE))
    kit.do(OpenCase("C-1", procedure="emergency-repair", branch="B-1", by=TEAM, at=NINE))
    return kit


def test_the_team_on_duty_is_told_at_once_and_the_chain_when_it_is_late() -> None:
    """It is the third day of daily turns, so the first one's; with nobody in the command, the unit above hears."""
    kit = emergency(rules('[plugin.settings]\nstep = "PT10M"\n' + LAYERS))

    assert [("T-1", "alert-team")] == told(kit, NINE)
    assert [("T-1", "alert-team")] == told(kit, NINE)
    chain = [("U-1", "late-office"), ("U-1", "late-command"), ("U-1", "late-superior")]
    assert [("T-1", "alert-team"), *chain] == told(kit, NINE + 60 * MINUTE)
    assert kit.verify().ok


def test_the_journal_says_which_policy_decided() -> None:
    """Each rung is on record with the policy that stands in and its version."""
    kit = emergency(rules(""))
    list(kit.sweep(NINE))

    (reached,) = (one.event for one in kit.events() if one.event.KIND == "rung_reached")
    assert ("oncall.emergency-command", "1") == (reached.ladder, reached.version)


def test_a_ladder_of_the_catalog_is_told_to_who_is_on_duty() -> None:
    """`emergency-verify` tells the whole team; run by the roster it tells the one whose turn it is."""
    uses = USES.replace("oncall.emergency-command", "oncall.emergency-verify")
    found = rules('[plugin.settings]\nladders = ["emergency-verify"]\n' + LAYERS, uses)

    assert [("T-1", "at-once")] == told(emergency(found), NINE)
    assert [("T-1", "at-once"), ("T-2", "at-once")] == told(emergency(rules("", "")), NINE)


def test_the_roster_may_be_a_document_of_its_own(tmp_path: Path) -> None:
    """Settings name a file, and what stands in it is the roster."""
    path = tmp_path / "roster.toml"
    path.write_text('schema = "oncall.roster/1"\n' + LAYERS.replace("plugin.settings.", ""), encoding="utf-8")
    kit = emergency(rules(f"settings = {{ document = '{path}' }}"))

    assert [("T-1", "alert-team")] == told(kit, NINE)
    assert 1 == len(OnCall.from_toml(path.read_bytes()).layers)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("settings = { ladders = ['nowhere'] }", "No ladder 'nowhere'"),
        ("settings = { ladders = ['overdue', 'overdue'] }", "Expected each ladder once"),
        ("settings = { ladders = ['emergency-command'] }", "is a policy of its own"),
        ("settings = { document = 'nowhere.toml' }", "Expected a file that can be read"),
        ("settings = { step = 'PT0S' }", "Expected a duration above zero"),
        ("settings = { superior_report_from_grade = 'grave' }", "Expected one of"),
        ("settings = { rota = [] }", "Unknown key 'rota'"),
        ("[plugin.settings]\ndocument = 'a.toml'\n" + LAYERS, "in the document or here, not in both"),
        ("[plugin.settings]\n" + LAYERS + LAYERS, "Expected each layer once"),
        ("[plugin.settings]\n" + LAYERS.replace("Shanghai", "Nowhere"), "$.layers[0].rotation.zone"),
    ],
)
def test_settings_that_are_wrong_stop_the_plug_in_with_the_reason(settings: str, message: str) -> None:
    """A roster with a mistake in it is found when the plug-in is loaded, and not at night."""
    with pytest.raises(PluginError) as caught:
        rules(settings, "")

    assert message in str(caught.value)
