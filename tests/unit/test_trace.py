"""Decisions explain themselves."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

WHAT = Text(zh="扣分", en="deducted")


@attrs.frozen
class Points:
    """A value that can say itself."""

    number: int

    def say(self, lang: str = "en") -> str:
        return f"{self.number} {'分' if lang == 'zh' else 'points'}"


def test_a_step_says_its_effect_its_places_and_its_rules() -> None:
    """What moved a decision is one line: by how much, what, where, and by which rules."""
    step = Step(what=WHAT, rules=("estate:EST-OUT-01", "estate:EST-OUT-02"), refs=(Ref("zone", "a"), Ref("zone", "b")))

    assert "deducted [zone:a, zone:b] (estate:EST-OUT-01, estate:EST-OUT-02)" == step.say()
    assert "-2.5  扣分" == Step(what=WHAT, effect=Decimal("-2.50")).say("zh")
    assert "+1  deducted" == Step(what=WHAT, effect=Decimal(1)).say()
    assert "0  deducted" == Step(what=WHAT, effect=Decimal(0)).say()


def test_steps_and_traces_take_names_only() -> None:
    """A policy and its version are not told apart by their order."""
    with pytest.raises(TypeError):
        Step(WHAT)  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        Trace("p", "1")  # type: ignore[call-arg]  # wrong on purpose


def test_a_trace_names_the_plug_in_that_decided() -> None:
    """The first line has policy, version and inputs, and the distribution where it is not branchkit itself."""
    own = Trace(policy="additive", version="1", inputs=(Ref("sheet", "S-1"), Ref("sheet", "S-2")))
    brought = Trace(policy="acme.model", version="2", plugin="branchkit-acme", steps=(Step(what=WHAT),))

    assert ["additive 1: sheet:S-1, sheet:S-2"] == list(own.lines())
    assert ["acme.model 2 (branchkit-acme): ", "  扣分"] == list(brought.lines("zh"))


def test_a_decision_says_its_value_in_the_language_asked_for() -> None:
    """A value that can say itself does; any other is shown as it is."""
    trace = Trace(policy="p", version="1")

    assert "7 points\np 1: " == Decision(Points(7), trace).why()
    assert "7 分\np 1: " == Decision(Points(7), trace).why("zh")
    assert "7\np 1: " == Decision(7, trace).why()
