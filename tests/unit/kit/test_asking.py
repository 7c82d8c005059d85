"""What an escalation policy in code answers is checked before anything of it gets into the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from branchkit.errors import NotFound, PluginFailed
from branchkit.escalation import Reached, RungOutcome
from branchkit.kit import Kit
from branchkit.plugins import EscalationPolicyRecord
from branchkit.trace import Decision
from branchkit.values import Text
from tests.unit.kit.guarded import fired, guarded_kit, open_fault, rules
from tests.unit.kit.policies import TRACE, WHY, Ringing, stands_in, with_policies
from tests.unit.kit.test_cases import HOUR, MONDAY


def changed(**fields: Any) -> Callable[[Reached], Any]:
    """Return what changes something about a rung that was reached, whatever its type."""

    def change(one: Reached) -> Any:
        other = attrs.evolve(one)
        for name, value in fields.items():
            object.__setattr__(other, name, value)
        return other

    return change


def raising(error: Exception) -> Callable[[Any], Any]:
    """Return what raises."""

    def fail(_: Any) -> Any:
        raise error

    return fail


def kit_with(policy: Ringing) -> Kit:
    """Return a kit in which a policy stands in for the ladder of the reply."""
    return guarded_kit(rules_=with_policies(rules(), (policy,), stands_in("acme.ring", ladder="house.reply")))


NAIVE = dt.datetime(2026, 3, 2, 9)  # noqa: DTZ001 - the zone is what is missing
SILENT = {"told": (), "message": None, "outcome": RungOutcome.PASSED}
WRONG: dict[str, tuple[Callable[[Reached], Any], str]] = {
    "rung": (changed(rung=7), "with int as its rung; expected an id"),
    "round": (changed(round=True), "with bool as its round; expected a number from 0"),
    "naive": (changed(due=NAIVE), "with datetime as its due; expected a moment with its zone"),
    "outcome": (changed(outcome="fired"), "with str as its outcome; expected a RungOutcome"),
    "told": (changed(told=["S-9"]), "with list as its told; expected a tuple of ids, each once"),
    "told twice": (changed(told=("S-9", "S-9")), "with tuple as its told; expected a tuple of ids, each once"),
    "message": (changed(message="late"), "with str as its message; expected a Text or None"),
    "do": (changed(do=("ring",)), "with tuple as its do; expected a tuple of actions"),
    "assign": (changed(assign={"owner": "S-9"}), "with dict as its assign; expected a FrozenMap of ids"),
    "why": (changed(why="because"), "with str as its why; expected a Text or None"),
    "code": (changed(code=""), "with str as its code; expected a code or None"),
    "until": (changed(until=NAIVE), "with datetime as its until; expected a moment with its zone, or None"),
    "rules": (changed(rules=("EMG-13",)), "with tuple as its rules; expected a tuple of rule ids"),
    "group": (changed(group_by="city"), "with str as its group_by; expected 'branch', 'place' or None"),
    "early": (changed(due=MONDAY + HOUR), "before its time: `due` lies after the moment that was asked about"),
    "no words": (changed(message=None), "to tell somebody without words in both languages"),
    "one language": (changed(message=Text(en="late")), "to tell somebody without words in both languages"),
    "told in passing": (
        changed(outcome=RungOutcome.PASSED, code="nobody", why=WHY),
        "to tell somebody, and that it is passed",
    ),
    "silence": (changed(**SILENT), "that nothing happens, without a code and words that say why"),
}


def failure(kit: Kit) -> PluginFailed:
    """Return how the sweep of the one case failed; nothing of it is on record, and the case stays due."""
    before = len(list(kit.events()))

    (swept,) = kit.sweep(MONDAY)

    assert isinstance(swept.failed, PluginFailed)
    assert before == len(list(kit.events()))
    assert [] == list(kit.outbox())
    assert [(MONDAY, "C-1")] == list(kit.due(MONDAY))
    return swept.failed


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_stays_outside_and_names_the_plug_in(name: str) -> None:
    """A sweep reports what is wrong with which rung of whose policy, and puts nothing on record."""
    change, what = WRONG[name]
    kit = kit_with(Ringing(changes=change))
    open_fault(kit)

    failed = failure(kit)

    rung = "int" if name == "rung" else "ring"
    assert ("acme", f"the escalation policy 'acme.ring' decided the rung '{rung}' {what}") == (
        failed.plugin,
        failed.what,
    )


@pytest.mark.parametrize(
    ("answers", "what"),
    [
        (lambda found: found, "answered reached with tuple; expected a Decision"),
        (lambda found: Decision(list(found), TRACE), "something else than a tuple of Reached"),
        (lambda found: Decision(("ring",), TRACE), "something else than a tuple of Reached"),
        (lambda found: Decision(found * 2, TRACE), "decided the rung 'ring' in round 0, which is decided already"),
        (raising(KeyError("S-9 is ill")), "raised KeyError"),
    ],
    ids=["tuple", "list", "text", "twice", "raises"],
)
def test_a_wrong_decision_stays_outside(answers: Callable[[Any], Any], what: str) -> None:
    """What is no decision, decides twice or raises is reported; what the policy said in raising is not."""
    kit = kit_with(Ringing(answers=answers))
    open_fault(kit)

    failed = failure(kit)

    assert what in failed.what
    assert "ill" not in str(failed)


@pytest.mark.parametrize(
    ("looks", "what"),
    [
        (lambda moment: "tomorrow", "answered next_look with str; expected a moment with its zone, or None"),
        (lambda moment: NAIVE, "answered next_look with datetime; expected"),
        (raising(ZeroDivisionError()), "raised ZeroDivisionError"),
    ],
    ids=["text", "naive", "raises"],
)
def test_a_wrong_look_stops_the_command(looks: Callable[[Any], Any], what: str) -> None:
    """A case that nobody could say when to look at again is not opened."""
    kit = kit_with(Ringing(looks=looks))

    with pytest.raises(PluginFailed, match="'acme'.*" + what):
        open_fault(kit)


def test_an_error_of_branchkit_is_passed_on_as_it_is() -> None:
    """A policy that looks for what is not there says so in branchkit's own words."""
    kit = kit_with(Ringing(answers=raising(NotFound("rota", "night"))))
    open_fault(kit)

    (swept,) = kit.sweep(MONDAY)
    assert isinstance(swept.failed, NotFound)


def test_a_right_answer_is_taken() -> None:
    """What fires, is passed by with its reason, or is only recorded goes on record."""
    passed = changed(**SILENT, code="nobody", why=WHY)
    recorded = changed(told=(), message=None, outcome=RungOutcome.RECORDED)
    said = []
    for change in (changed(), passed, recorded):
        kit = kit_with(Ringing(changes=change))
        open_fault(kit)
        said += fired(kit, MONDAY)

    assert ["ring fired", "ring passed", "ring recorded"] == said


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"acknowledgement": "waits"}, "as acknowledgement, got 'waits'"),
        ({"acknowledgement": "holds"}, "a duration as hold"),
        ({"hold": HOUR}, "None elsewhere"),
    ],
    ids=["unknown", "without", "idle"],
)
def test_a_record_is_refused_where_the_policy_contradicts_itself(fields: dict[str, Any], what: str) -> None:
    """What an acknowledgement does is checked when the policy is offered."""
    with pytest.raises(ValueError, match=what):
        EscalationPolicyRecord.of(Ringing(**fields))
