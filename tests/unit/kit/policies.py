"""Escalation policies in code for the tests of the kit, and rules in which a configuration puts them to use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import attrs

from branchkit.conditions import FactSpec
from branchkit.escalation import EscalationPolicy, Reached, RungOutcome, Watched
from branchkit.kit import RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins import BranchkitHooks, EscalationPolicyRecord, HookContext, Plugins
from branchkit.plugins.config import Config, Use
from branchkit.trace import Decision, Trace
from branchkit.values import Text

WORDS = Text(zh="文", en="words")
TRACE = Trace(policy="acme.ring", version="1")
WHY = Text(zh="因", en="because")


@attrs.frozen
class Ringing:
    """Rings at the start of the clock, once; what it answers and when it looks can be changed."""

    id: str = "acme.ring"
    changes: Callable[[Reached], Any] = lambda one: one
    answers: Callable[[tuple[Reached, ...]], Any] = lambda found: Decision(
        found, Trace(policy="acme.ring", version="1")
    )
    looks: Callable[[dt.datetime | None], Any] = lambda moment: moment
    version: str = "1"
    facts: tuple[FactSpec, ...] = ()
    acknowledgement: str = "nothing"
    hold: dt.timedelta | None = None

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        moment: dt.datetime | None = self.looks(None if watched.watch.rounds else watched.timeline.started)
        return moment

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        rung = Reached(
            rung="ring", due=watched.timeline.started, outcome=RungOutcome.FIRED, told=("S-9",), message=WORDS
        )
        found = () if watched.watch.rounds else (self.changes(rung),)
        decision: Decision[tuple[Reached, ...]] = self.answers(found)
        return decision


def with_policies(rules: RuleBook, policies: tuple[EscalationPolicy, ...], *uses: Use) -> RuleBook:
    """Return the rules with a plug-in that brings some policies, and what the configuration says of them."""

    class Acme(BranchkitHooks):
        name = "acme"

        def branchkit_escalation_policies(self, context: HookContext) -> tuple[EscalationPolicyRecord, ...]:
            return tuple(map(EscalationPolicyRecord.of, policies))

    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(Acme(),), entry_points=False)
    return RuleBook(rules.catalog, plugins, Config(use=uses))


def stands_in(key: str, **scope: str) -> Use:
    """Return the assignment of an escalation policy."""
    return Use(what="escalation_policy", key=key, **scope)
