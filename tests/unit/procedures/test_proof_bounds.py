"""Where the proof of a procedure draws its lines: what just is an error beside what just is none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import Checklist, Item, Section
from branchkit.conditions import AnyOf, Compare, Condition, FactSpec, FactType, Member, Op
from branchkit.estate import ByRole
from branchkit.procedures import (
    CaseOutcome,
    Procedure,
    Reason,
    Record,
    RecordFact,
    RoleSpec,
    Separation,
    Surroundings,
    Suspends,
    Waiver,
    prove,
    resolve,
)
from branchkit.temporal import After, Before, ClockSpec
from branchkit.values import FrozenMap, Severity, Text
from tests.unit.procedures.family import AT, DESK, HEAD, MINUTE, T, ends, procedure, stage, way

GRADE = FactSpec("grade", FactType.CODE, choices=("general", "serious", "major"))
MAJOR, GENERAL = Compare("grade", Op.EQ, "major"), Compare("grade", Op.EQ, "general")
LESS = Member("grade", ("general", "serious"))
WAIVER = Waiver(actors=(HEAD,))


def attempt(op: Op, number: int) -> Compare:
    return Compare("stage.attempt", op, Decimal(number))


def clock(name: str = "reply", **settings: Any) -> ClockSpec:
    return ClockSpec(name, **{"title": T, "deadline": After(time=MINUTE), **settings})


def two(*first: Any, **settings: Any) -> tuple[Any, Any]:
    return stage("a", *(first or (way("done", "b"),)), **settings), stage("b", ends())


SOUND = procedure(*two())
ENGLISH = Text(en="Words")
AGAIN = way("again", "a", returns=True)


def said(of: Procedure, around: Surroundings | None = None) -> list[str]:
    return [str(one) for one in (prove(of) if around is None else prove(of, around))]


@pytest.mark.parametrize(
    "of",
    [
        # A stage may be tried once, and what it leads to may have attempts of its own.
        procedure(*two(way("done", "b"), AGAIN, attempts=1)),
        procedure(
            stage("a", way("done", "b", when=MAJOR), way("fine", "b", when=LESS)),
            stage("b", ends(), way("back", "b", returns=True), attempts=2),
            facts=(GRADE,),
        ),
        # A way back is open as long as attempts are left, also where the stage leads on.
        procedure(
            *two(
                way("done", "b", when=MAJOR),
                way("again", "a", returns=True, when=attempt(Op.LT, 2)),
                ends("stop", "stopped", when=attempt(Op.GE, 2)),
                attempts=2,
            ),
            facts=(GRADE,),
        ),
        procedure(
            *two(way("done", "b"), ends("stop", "stopped"), waiver=WAIVER, onward="done"),
            separations=(Separation("s", title=T, duties=("open", "waive")),),
        ),
        attrs.evolve(SOUND, suspends=Suspends(reason="flood", after="a", rules=("estate:RUR-15",))),
        attrs.evolve(SOUND, suspends=Suspends(reason="flood", after="a", until="b")),
        attrs.evolve(SOUND, suspends=Suspends(reason="flood", until="b")),
        attrs.evolve(SOUND, suspends=Suspends(reason="flood")),
    ],
)
def test_what_just_holds_together_is_sound(of: Procedure) -> None:
    """What lies on the right side of a line is no problem."""
    assert said(of) == []


@pytest.mark.parametrize(
    ("of", "paths"),
    [
        (attrs.evolve(SOUND, outcomes=(CaseOutcome("solved", title=ENGLISH),)), ["$.outcomes[0].title.zh"]),
        (
            attrs.evolve(SOUND, outcomes=(*SOUND.outcomes, CaseOutcome("No", title=T))),
            ["$.outcomes[1].code", "$.outcomes[1]"],
        ),
        (
            procedure(
                *two(),
                clocks=(clock(pauses_on=("b",)),),
                pause_reasons=(Reason("b", title=T), Reason("b", title=ENGLISH)),
            ),
            ["$.pause_reasons[1].code", "$.pause_reasons[1].title.zh"],
        ),
        (
            procedure(
                *two(actors=(ByRole(role="r"),)),
                roles=(RoleSpec("r", title=ENGLISH),),
                separations=(Separation("s", title=ENGLISH, duties=("open", "stage:a")),),
            ),
            ["$.roles[0].title.zh", "$.separations[0].title.zh"],
        ),
        # A way onward is said only where there are several and the stage may be left undone.
        (procedure(*two(waiver=WAIVER, onward="done")), ["$.stages[0].onward"]),
        (procedure(*two(way("done", "b"), ends("out"), onward="done")), ["$.stages[0].onward"]),
        (
            procedure(*two(way("done", "b", actors=(ByRole(role="odd"),)), actors=(DESK, ByRole(role="odd")))),
            ["$.stages[0].actors[1].role", "$.stages[0].transitions[0].actors[0].role"],
        ),
        (
            procedure(*two(), separations=(Separation("s", title=T, duties=("open", "waive")),)),
            ["$.separations[0].duties[1]"],
        ),
        (procedure(*two(way("done", "b"), AGAIN, attempts=0)), ["$.stages[0].attempts"]),
        # While a condition is wrong, no gap is looked for anywhere.
        (
            procedure(
                *two(way("done", "b", when=Compare("odd", Op.EQ, "x")), ends("out")),
                stage("c", ends(when=MAJOR)),
                starts=("a", "c"),
                facts=(GRADE,),
            ),
            ["$.stages[0].transitions[0].when.fact"],
        ),
        # A way back that may be used up is no way out, with a condition or without.
        (
            procedure(*two(way("done", "b", when=GENERAL), AGAIN, attempts=2), facts=(GRADE,)),
            ["$.stages[0].transitions"],
        ),
        # Used up at the second attempt, and open after it only.
        (
            procedure(
                *two(
                    way("again", "a", returns=True, when=attempt(Op.LE, 2)),
                    way("done", "b", when=attempt(Op.GT, 2)),
                    attempts=2,
                )
            ),
            ["$.stages[0].transitions"],
        ),
        # What may be tried again for one grade leaves the gap of another.
        (
            procedure(
                *two(
                    way("again", "a", returns=True, when=attempt(Op.LT, 2)),
                    way("done", "b", when=MAJOR),
                    attempts=2,
                ),
                facts=(GRADE,),
            ),
            ["$.stages[0].transitions"],
        ),
        (
            attrs.evolve(SOUND, suspends=Suspends(reason=" ", after="odd", until="none", rules=("x",))),
            ["$.suspends.rules[0]", "$.suspends.reason", "$.suspends.after", "$.suspends.until"],
        ),
        (attrs.evolve(SOUND, suspends=Suspends(reason="flood", after="a", until="a")), ["$.suspends.until"]),
        (attrs.evolve(SOUND, suspends=Suspends(reason="f", clocks=("x",), mode="business")), ["$.suspends.clocks"]),
    ],
)
def test_what_just_does_not_hold_together_is_told_at_its_place(of: Procedure, paths: list[str]) -> None:
    """What lies on the wrong side of a line is one problem, at its place."""
    assert [one.path for one in prove(of)] == paths


def test_a_gap_says_whether_attempts_are_used_up() -> None:
    """An example that a limited way back would take says so, and one that no way takes does not."""
    (used,) = said(procedure(*two(way("done", "b", when=GENERAL), AGAIN, attempts=2), facts=(GRADE,)))
    (plain,) = said(procedure(*two(way("done", "b", when=GENERAL)), facts=(GRADE,)))

    assert "its attempts used up" in used
    assert "attempts" not in plain


@pytest.mark.parametrize(
    "condition",
    [
        Member("case.priority", ("high", "low")),
        AnyOf((Compare("case.zone", Op.EQ, "lobby"), Compare("case.zone", Op.NE, "lobby"))),
        AnyOf((Compare("case.equipment", Op.EQ, "ATM-1"), Compare("case.equipment", Op.NE, "ATM-1"))),
    ],
)
def test_what_a_case_may_not_have_is_worth_asking_for(condition: Condition) -> None:
    """A case may be without priority, zone and device, so that to ask whether there is one has an effect."""
    of = procedure(*two(way("done", "b", when=condition), ends("end")), priorities=("high", "low"))

    assert said(of) == []


def test_every_stage_and_fact_is_held_against_its_form() -> None:
    """A stage without a form, an unknown checklist and a fact of no form hide no mistake after them."""
    section = Section("s", title=T, items=(Item("ok", text=T, severity=Severity.MINOR),))
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", way("done", "c"), form="odd"),
        stage("c", way("done", "d"), form="slip"),
        stage("d", ends(), form="gone"),
        facts=(GRADE, FactSpec("form.ok", FactType.BOOL), FactSpec("form.words", FactType.CODE)),
    )
    found = prove(of, Surroundings(checklists={"slip": Checklist("slip", version="1", title=T, sections=(section,))}))

    assert [one.path for one in found] == ["$.stages[1].form", "$.stages[3].form", "$.facts[1].type", "$.facts[2].name"]


@pytest.mark.parametrize(
    ("of", "none", "some"),
    [
        ({"clocks": (clock(pauses_on=("odd",)),)}, "none", {"pause_reasons": (Reason("late", title=T),)}),
        (
            {"clocks": (clock(deadline=Before(lead=MINUTE, anchor="cut")),)},
            "none",
            {"facts": (FactSpec("late", FactType.MOMENT),)},
        ),
        ({"ladders": FrozenMap({"odd": "up"})}, "none", {"clocks": (clock("late"),)}),
        ({"opens": (DESK, ByRole(role="odd"))}, "none", {"roles": (RoleSpec("late", title=T),)}),
        (
            {"stages": two(assigns=FrozenMap({"odd": "actor"}))},
            "none",
            {"roles": (RoleSpec("late", title=T),)},
        ),
    ],
)
def test_what_is_unknown_is_told_with_what_there_is(of: dict[str, Any], none: str, some: dict[str, Any]) -> None:
    """Whoever names what is not there reads what is, or that there is none."""
    bare, rich = attrs.evolve(SOUND, **of), attrs.evolve(SOUND, **of, **some)

    assert f"there are: {none} - at" in said(bare)[0]
    assert any("there are: late - at" in one for one in said(rich))


# -- facts over records


def test_a_fact_over_records_may_be_unknown_and_reads_what_it_asks_with() -> None:
    """The branch's own id is always there, what has no sign before it is a value, and the rest are facts."""
    fact = RecordFact(
        "found",
        type=FactType.NUMBER,
        of="finding",
        take="count",
        where=FrozenMap({"by": "$who", "branch": "$branch.id", "kind": "cash"}),
    )

    assert fact.reads == {"who"}
    assert fact.spec == FactSpec("found", FactType.NUMBER, may_be_unknown=True)


def test_a_record_of_this_very_moment_counts() -> None:
    """What is on record at the moment of asking is none of the future."""
    fact = RecordFact("found", type=FactType.NUMBER, of="finding", take="count", where=FrozenMap())

    assert resolve(fact, [Record(of="finding", at=AT, values={})], AT, {}) == Decimal(1)
