"""What must not type-check: every line marked ``error: <code>`` gives that error, and no other line gives any."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import branchkit as bk
from branchkit.plugins import CalendarRecord, HookContext


def values_are_frozen(branch: bk.Branch, sheet: bk.Sheet) -> None:
    branch.id = "B-2"  # error: misc
    sheet.answers = ()  # error: misc


def fields_have_names(at: dt.datetime) -> None:
    bk.Sheet("S-1", "outdoor", "1", "B-1", at, "I-7")  # error: call-arg
    bk.Branch("B-1", colour="red")  # error: call-arg


def unknown_is_no_default(branch: bk.Branch) -> int:
    branch.hours.weekly_minutes()  # error: union-attr
    return len(branch.zones)  # error: arg-type


def a_score_may_be_missing(decision: bk.Decision[bk.Score]) -> Decimal:
    return decision.value.points  # error: return-value


def moments_are_moments(checklist: bk.Checklist, branch: bk.Branch) -> None:
    checklist.bind(branch, at="2026-03-01")  # error: arg-type
    checklist.bind(branch)  # error: call-arg


def commands_say_who_and_when(branch: bk.Branch, kit: bk.Kit) -> None:
    bk.RegisterBranch(branch)  # error: call-arg
    kit.do(branch)  # error: arg-type


def collections_are_tuples(at: dt.datetime) -> None:
    bk.Branch("B-1", zones=[bk.Zone("Z-1", kind="lobby")])  # error: arg-type
    bk.Answer("clean", value=3)  # error: arg-type


class Hooks(bk.BranchkitHooks):
    name = "hooks"

    def branchkit_calendars(self, context: HookContext) -> list[CalendarRecord]:  # error: override
        return []

    def branchkit_stores(self, context: str) -> tuple[()]:  # error: override
        return ()


class NoPolicy:
    id = "none"
    version = "1"


def a_policy_has_to_score() -> bk.ScoringPolicy:
    return NoPolicy()  # error: return-value
