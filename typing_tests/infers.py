"""What an editor infers from the public names; checked by mypy, never run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import assert_type

import branchkit as bk
from branchkit.checklists import Item
from branchkit.conditions import Condition, FactValue, Row, evaluate
from branchkit.plugins import HookContext, Plugins, ScoringPolicyRecord
from branchkit.temporal import Hours


def values(text: bk.Text, numbers: bk.FrozenMap[Decimal]) -> None:
    assert_type(text.say("zh"), str)
    assert_type(numbers["total"], Decimal)
    assert_type(bk.Severity.MINOR < bk.Severity.MAJOR, bool)


def what_is_not_known_has_to_be_asked(branch: bk.Branch) -> None:
    assert_type(branch.kind, str | bk.Unknown)
    assert_type(branch.hours, Hours | bk.Unknown)
    if not isinstance(branch.hours, bk.Unknown):
        assert_type(branch.hours.weekly_minutes(), int)
    assert_type(bk.Branch.from_toml("", source="a.toml"), bk.Branch)


def forms(checklist: bk.Checklist, branch: bk.Branch, sheet: bk.Sheet, at: dt.datetime) -> None:
    bound = checklist.bind(branch, at=at)
    assert_type(bk.judge(sheet, bound), tuple[bk.Finding, ...])
    assert_type(checklist.item("clean"), Item | None)
    assert_type(bk.RubricPolicy.from_json(b"").score(bk.Evidence(sheet, bound)), bk.Decision[bk.Score])


def decisions(decision: bk.Decision[bk.Score], table: bk.DecisionTable) -> None:
    assert_type(decision.value.points, Decimal | None)
    assert_type(decision.value.band, str | None)
    assert_type(decision.trace.policy, str)
    assert_type(table.decide({}), bk.Decision[bk.FrozenMap[FactValue] | None])
    assert_type(table.rows, tuple[Row, ...])


def conditions(condition: Condition) -> None:
    assert_type(bk.parse_condition({}), Condition)
    assert_type(evaluate(condition, {"grade": "major", "waiting": Decimal(3)}), bool | bk.Unknown)


def kit(kit: bk.Kit, command: bk.Command) -> None:
    assert_type(kit.do(command), bk.Outcome)
    assert_type(kit.do_all([command]), Iterator[bk.Outcome | bk.BranchkitError])
    assert_type(kit.get(bk.Branch, "B-1"), bk.Branch)
    assert_type(kit.find(bk.Finding, branch="B-1"), Iterator[bk.Finding])
    assert_type(kit.score("S-1"), bk.Decision[bk.Score])
    with bk.Kit.open("memory:") as opened:
        assert_type(opened, bk.Kit)


def plugins(plugins: Plugins) -> None:
    assert_type(plugins.scoring_policy("acme.stars"), ScoringPolicyRecord)
    assert_type(plugins.scoring_policy("acme.stars").policy, bk.ScoringPolicy)


def a_rubric_is_a_policy(policy: bk.RubricPolicy) -> bk.ScoringPolicy:
    return policy


class Stars(bk.BranchkitHooks):
    name = "stars"

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        return ()
