"""The proof of a procedure finds what is wrong with it, each with its place."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import Checklist, Item, Rows, Section, TextAnswer
from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.errors import InputError
from branchkit.escalation import AfterDue, EscalationLadder, Rung
from branchkit.estate import ByPost, ByRole, Register, RegisterField
from branchkit.procedures import (
    CaseOutcome,
    Procedure,
    Reason,
    RecordFact,
    RoleSpec,
    Separation,
    Signatures,
    Stage,
    Surroundings,
    Waiver,
    handle,
    prove,
    to_mermaid,
    to_rows,
)
from branchkit.temporal import After, Before, ByTarget, ClockSpec, Counting, Named
from branchkit.values import FrozenMap, Severity, Text
from tests.unit.procedures.family import DESK, HEAD, T, ends, opening, procedure, stage, way

MAJOR = Compare("grade", Op.EQ, "major")
GENERAL = Compare("grade", Op.EQ, "general")
GRADE = FactSpec("grade", FactType.CODE, choices=("general", "major"))
LATE = Compare("stage.attempt", Op.GE, Decimal(2))
HALF_HOUR = After(time=dt.timedelta(minutes=30))
NEVER = Compare("stage.attempt", Op.LT, Decimal(1))
EARLY = Compare("stage.attempt", Op.LT, Decimal(2))


def clock(name: str = "reply", deadline: Any = HALF_HOUR, **settings: Any) -> ClockSpec:
    return ClockSpec(name, title=T, deadline=deadline, **settings)


def two(*first: Any, **settings: Any) -> tuple[Stage, Stage]:
    """Return a stage with some ways, or one on, and a last stage."""
    return stage("a", *(first or (way("done", "b"),)), **settings), stage("b", ends())


SOUND = procedure(*two())
WRONG: dict[str, tuple[Procedure, list[str]]] = {
    "words": (attrs.evolve(SOUND, title=Text(en="Fault"), purpose=Text(zh="文")), ["$.title.zh", "$.purpose.en"]),
    "names": (attrs.evolve(SOUND, id="A b", version="1@2"), ["$.id", "$.version"]),
    "rules": (attrs.evolve(SOUND, rules=("x",)), ["$.rules[0]"]),
    "stage ids": (
        procedure(stage("a", way("done", "b")), stage("b", ends()), stage("b", ends()), stage("B", ends())),
        ["$.stages[2].id", "$.stages[3].id", "$.stages[3]"],
    ),
    "no start": (attrs.evolve(SOUND, starts=()), ["$.starts", "$.stages[0]", "$.stages[1]"]),
    "unknown start": (attrs.evolve(SOUND, starts=("a", "c")), ["$.starts[1]"]),
    "optional start": (procedure(*two(optional=True)), ["$.starts"]),
    "circle": (
        procedure(stage("a", way("done", "b"), ends("out")), stage("b", way("done", "a"), ends("out"))),
        ["$.stages[0].transitions", "$.stages[1].transitions"],
    ),
    "waits for itself": (
        procedure(stage("a", way("done", "b"), needs=("b",)), stage("b", ends())),
        ["$.stages[0].needs"],
    ),
    "unknown need": (
        procedure(stage("a", ends(), needs=("a", "c"))),
        ["$.stages[0].needs", "$.stages[0].needs[0]", "$.stages[0].needs[1]"],
    ),
    "optional need": (
        procedure(
            stage("a", way("done", "b", "c")), stage("b", way("done"), optional=True), stage("c", ends(), needs=("b",))
        ),
        ["$.stages[2].needs[0]"],
    ),
    "returns onward": (
        procedure(*two(way("done", "b"), way("on", "b", returns=True))),
        ["$.stages[0].transitions[1].returns"],
    ),
    "no way out": (procedure(*two(way("done", "a", returns=True)), starts=("a", "b")), ["$.stages[0].transitions"]),
    "standing still": (procedure(*two(way("done")), starts=("a", "b")), ["$.stages[0].transitions[0]"]),
    "nowhere": (procedure(*two(way("done", "b"), way("on", "c"))), ["$.stages[0].transitions[1].to[0]"]),
    "both": (procedure(*two(way("done", "b", ends="solved"))), ["$.stages[0].transitions[0]"]),
    "back to nothing": (
        procedure(*two(way("done", "b"), way("on", returns=True))),
        ["$.stages[0].transitions[1].returns"],
    ),
    "withdraws": (procedure(*two(way("done", "b", withdraws=True))), ["$.stages[0].transitions[0].withdraws"]),
    "nothing carries": (
        procedure(stage("a", way("done", "b")), stage("b", ends(), optional=True)),
        ["$.stages[0].transitions[0].to"],
    ),
    "else": (procedure(*two(way("done", "b", else_reason=T))), ["$.stages[0].transitions[0].else_reason"]),
    "onward needless": (procedure(*two(onward="done")), ["$.stages[0].onward"]),
    "onward missing": (
        procedure(*two(way("done", "b"), ends("out"), waiver=Waiver(actors=(HEAD,)))),
        ["$.stages[0].onward"],
    ),
    "onward guarded": (
        procedure(
            *two(way("done", "b", when=MAJOR), ends("out"), waiver=Waiver(actors=(HEAD,)), onward="done"),
            facts=(GRADE,),
        ),
        ["$.stages[0].onward"],
    ),
    "onward unknown": (
        procedure(*two(way("done", "b"), ends("out"), waiver=Waiver(actors=(HEAD,)), onward="odd")),
        ["$.stages[0].onward"],
    ),
    "waiver": (
        procedure(*two(waiver=Waiver(actors=()), no_waiver_rules=("estate:FLT-03",))),
        ["$.stages[0].waiver", "$.stages[0].waiver.actors"],
    ),
    "form": (procedure(*two(form_required=False)), ["$.stages[0].form_required"]),
    "signatures": (
        procedure(
            stage("a", way("done", "b"), signatures=Signatures(count=1, distinct=False)),
            stage("b", ends(), signatures=Signatures(mode="approval", count=0)),
        ),
        [
            "$.stages[0].signatures.count",
            "$.stages[0].signatures.distinct",
            "$.stages[1].signatures.count",
            "$.stages[1].signatures.actors",
        ],
    ),
    "outcomes": (
        attrs.evolve(SOUND, outcomes=(CaseOutcome("odd", title=T),)),
        ["$.stages[1].transitions[0].ends", "$.outcomes[0]"],
    ),
    "actors": (
        procedure(*two(actors=(ByRole(role="odd"), DESK, DESK)), opens=()),
        ["$.opens", "$.stages[0].actors[0].role", "$.stages[0].actors[2]"],
    ),
    "roles": (attrs.evolve(SOUND, roles=(RoleSpec("owner", title=T),)), ["$.roles[0]"]),
    "assigns": (
        procedure(*two(assigns=FrozenMap({"odd": "nobody"}))),
        ["$.stages[0].assigns", "$.stages[0].assigns.odd"],
    ),
    "facts": (
        attrs.evolve(
            SOUND, facts=(GRADE, GRADE, FactSpec("branch.x", FactType.BOOL), FactSpec("form.x", FactType.BOOL))
        ),
        ["$.facts[1].name", "$.facts[2].name", "$.facts[3]"],
    ),
    "required": (attrs.evolve(SOUND, required_facts=("grade",)), ["$.required_facts[0]"]),
    "record facts": (
        attrs.evolve(
            SOUND,
            record_facts=(
                RecordFact(
                    "n", type=FactType.NUMBER, of="case", take="count", where=FrozenMap({"by": "$who", "of": "x"})
                ),
            ),
        ),
        ["$.record_facts[0].where", "$.record_facts[0]"],
    ),
    "guards": (
        procedure(
            *two(way("done", "b", when=NEVER), ends("out", when=Compare("odd", Op.EQ, "x"))),
            facts=(GRADE,),
        ),
        ["$.stages[0].transitions[0].when", "$.stages[0].transitions[1].when.fact"],
    ),
    "gap": (procedure(*two(way("done", "b", when=MAJOR)), facts=(GRADE,)), ["$.stages[0].transitions"]),
    "applies": (attrs.evolve(SOUND, facts=(GRADE,), applies=MAJOR), ["$.applies.fact"]),
    "attempts": (
        procedure(stage("a", ends(), attempts=1), stage("b", ends(), attempts=0), starts=("a", "b")),
        ["$.stages[0].attempts", "$.stages[1].attempts"],
    ),
    "used up": (
        procedure(
            *two(way("done", "b", when=GENERAL), way("again", "a", returns=True, when=MAJOR), attempts=2),
            facts=(GRADE,),
        ),
        ["$.stages[0].transitions"],
    ),
    "clocks": (
        procedure(
            *two(clocks=(clock(starts="stage:b"), clock())),
            clocks=(
                clock("x", starts="stage:c", stops=("stage:d", "closed")),
                clock("y", ByTarget(output="y")),
                clock("z", Before(lead=dt.timedelta(days=1), anchor="cut"), pauses_on=("odd",)),
            ),
            pause_reasons=(Reason("customer", title=T),),
            ladders=FrozenMap({"odd": "x"}),
        ),
        [
            "$.clocks[0].starts",
            "$.clocks[0].stops",
            "$.clocks[1].deadline",
            "$.clocks[2].pauses_on[0]",
            "$.clocks[2].deadline.anchor",
            "$.stages[0].clocks[0].starts",
            "$.stages[0].clocks[1].id",
            "$.pause_reasons[0]",
            "$.ladders.odd",
        ],
    ),
    "targets": (attrs.evolve(SOUND, targets="x"), ["$.targets"]),
    "separations": (
        attrs.evolve(
            SOUND,
            separations=(
                Separation("a", title=T, duties=("open",)),
                Separation("b", title=T, duties=("open", "odd")),
                Separation("c", title=T, duties=("x", "y"), within="linked"),
            ),
        ),
        [
            "$.separations[0].duties",
            "$.separations[1].duties[1]",
            "$.separations[2].duties[0]",
            "$.separations[2].duties[1]",
            "$.separations[2].duties",
        ],
    ),
    "priorities": (attrs.evolve(SOUND, priorities=("high", "high")), ["$.priorities[1]"]),
}


def test_a_sound_procedure_has_no_problems() -> None:
    """Nothing is found where nothing is wrong."""
    assert prove(SOUND) == ()
    assert prove(attrs.evolve(SOUND, manages=()), Surroundings(checklists={})) == ()


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_found_at_its_place(name: str) -> None:
    """Each fault is told at its place, and no other place is blamed."""
    broken, paths = WRONG[name]

    assert [problem.path for problem in prove(broken)] == paths


def test_a_broken_procedure_runs_nothing() -> None:
    """A procedure that does not hold together is refused before anything is decided."""
    with pytest.raises(InputError, match="No way out for: grade = general"):
        handle(WRONG["gap"][0], None, opening())


def test_limited_attempts_need_another_way_out() -> None:
    """Going back as long as attempts are left, and out once they are not, is sound (governance:P-24)."""
    again = way("again", "a", returns=True, when=attrs.evolve(EARLY))
    of = procedure(
        *two(again, ends("refuse", "refused", when=LATE), way("back", "a", returns=True, when=MAJOR), attempts=2),
        facts=(GRADE,),
        starts=("a", "b"),
    )
    free = procedure(*two(way("done", "b", when=GENERAL), way("again", "a", returns=True)), facts=(GRADE,))

    assert prove(of) == ()
    assert prove(free) == ()


def test_what_a_procedure_refers_to_is_there() -> None:
    """With a catalog at hand: forms and their items, ladders, tables, and posts at every kind of branch."""
    asked = Checklist(
        "slip",
        version="1",
        title=T,
        sections=(
            Section(
                "s",
                title=T,
                items=(
                    Item("ok", text=T, severity=Severity.MINOR),
                    Item("good", text=T, severity=Severity.MINOR),
                    Item("words", text=T, answer=TextAnswer(public=True)),
                ),
            ),
        ),
    )
    facts = (
        FactSpec("form.ok", FactType.BOOL),
        FactSpec("form.words", FactType.TEXT),
        FactSpec("form.odd", FactType.BOOL),
        FactSpec("grade", FactType.CODE),
        FactSpec("form.good", FactType.CODE),
    )
    of = procedure(
        stage("a", way("done", "b"), form="slip"),
        stage("b", ends(), form="odd", actors=(ByPost(post="teller"),)),
        facts=facts,
        targets="table",
        clocks=(clock("x", ByTarget(output="x")),),
        ladders=FrozenMap({"x": "up"}),
    )
    rows = attrs.evolve(
        asked.sections[0], id="rows", rows=Rows(), items=(attrs.evolve(asked.sections[0].items[0], id="odd"),)
    )
    asked = attrs.evolve(asked, sections=(*asked.sections, rows))
    around = Surroundings(
        checklists={"slip": asked},
        ladders={},
        targets=frozenset(),
        posts={
            "rural_outlet": frozenset({"desk", "head"}),
            "basic_outlet": frozenset({"teller", "desk", "head"}),
        },
    )

    assert prove(of) == ()
    assert [str(problem).rpartition(" - at ")[2] for problem in prove(of, around)] == [
        "`$.stages[1].form`",
        "`$.facts[0].type`",
        "`$.facts[1].name`",
        "`$.facts[2].name`",
        "`$.targets`",
        "`$.ladders.x`",
        "`$.stages[1].actors`",
    ]


def test_a_procedure_is_seen() -> None:
    """The flowchart shows stages, ends and ways back, whatever the order of stages; the table has a row a stage."""
    of = procedure(
        stage("a", way("done", "b", "c"), clocks=(clock(),)),
        stage("b", way("done"), optional=True),
        stage("c", ends(), way("again", "a", returns=True), needs=("a",), form="slip"),
    )
    chart = to_mermaid(of)

    assert chart == to_mermaid(attrs.evolve(of, stages=of.stages[::-1]))
    assert chart.splitlines() == [
        "flowchart TD",
        "  start((●))",
        '  s0["words<br/><small>post desk</small>"]',
        '  s1(["words<br/><small>post desk</small>"])',
        '  s2{{"words<br/><small>post desk</small>"}}',
        '  e0((("words")))',
        "  start --> s0",
        '  s0 -->|"words"| s1',
        '  s0 -->|"words"| s2',
        '  s2 -->|"words"| e0',
        '  s2 -.->|"words"| s0',
    ]
    assert to_rows(of, "zh") == (
        ("stage", "title", "actors", "form", "clocks", "leads to"),
        ("a", "文", "岗位desk", "", "文", "文 → b, c"),
        ("b", "文", "岗位desk", "", "", "文 → –"),
        ("c", "文", "岗位desk", "slip", "", "文 → [solved]; 文 → a"),
    )


@pytest.mark.parametrize(
    ("duty", "alone", "among"),
    [
        ("open", True, True),
        ("waive", True, False),
        ("stage:pay", True, True),
        ("stage:fly", True, False),
        ("refund/stage:pay", True, True),
        ("refund/sign:pay", True, True),
        ("refund/sheet:slip", True, True),
        ("refund/waive", True, False),
        ("refund/stage:fly", True, False),
        ("other/stage:pay", True, False),
        ("refund/pay", False, False),
        ("stage:", False, False),
        ("entry:seals/keeper", True, True),
        ("entry:seals/colour", True, False),
        ("entry:keys/keeper", True, False),
        ("entry:seals", False, False),
        ("entry:/keeper", False, False),
        ("entry:seals/", False, False),
    ],
)
def test_a_duty_between_linked_cases_is_one_that_somebody_can_hold(duty: str, alone: bool, among: bool) -> None:
    """What nobody can ever hold is refused: at once where it is none, with a catalog where it holds no such thing."""
    pay = stage("pay", ends(), form="slip", signatures=Signatures(mode="approval", actors=(HEAD,)))
    refund = attrs.evolve(procedure(pay), id="refund")
    seals = Register("seals", version="1", title=T, fields=(RegisterField("keeper", title=T),))
    apart = Separation("s", title=T, duties=("stage:a", duty), within="linked")
    of = attrs.evolve(SOUND, separations=(apart,))
    around = Surroundings(procedures={"refund": refund}, registers={"seals": seals})

    said = [problem.path for problem in prove(of)], [problem.path for problem in prove(of, around)]
    assert ([] if alone else ["$.separations[0].duties[1]"], [] if among else ["$.separations[0].duties[1]"]) == said


def test_a_duty_of_nobody_is_told_with_what_there_is() -> None:
    """Where a catalog has neither procedures nor registers, the proof says that there are none."""
    duties = ("stage:a", "refund/open", "entry:seals/keeper")
    of = attrs.evolve(SOUND, separations=(Separation("s", title=T, duties=duties, within="linked"),))

    found = [problem.message for problem in prove(of, Surroundings(procedures={}, registers={}))]
    assert ["Unknown procedure 'refund'; there are: none", "Unknown register 'seals'; there are: none"] == found


def test_a_ladder_may_be_what_looks_at_a_record_fact() -> None:
    """A fact over records that only a guarding ladder looks at has an effect; what code looks at nobody can tell."""
    again = RecordFact("again", type=FactType.NUMBER, of="case", take="count", where=FrozenMap({"procedure": "x"}))
    guarded = attrs.evolve(
        SOUND, record_facts=(again,), clocks=(clock(),), ladders=FrozenMap({"reply": "late"}), outcomes=SOUND.outcomes
    )
    rung = Rung("late", at=AfterDue(), tell=(DESK,), message=T)
    blind = EscalationLadder("late", version="1", title=T, rungs=(rung,), acknowledgement="nothing")
    looking = attrs.evolve(blind, facts=(FactSpec("again", FactType.NUMBER),))

    def idle(ladders: dict[str, EscalationLadder] | None) -> bool:
        found = prove(guarded, Surroundings(ladders=ladders))
        return any(problem.path == "$.record_facts[0]" for problem in found)

    assert [True, False, False, False] == [idle({"late": blind}), idle({"late": looking}), idle({}), idle(None)]


@pytest.mark.parametrize(
    ("spec", "paths"),
    [
        (clock(line="corporate"), ["$.clocks[0].line"]),
        (clock(deadline=Named(moment="noon"), line="corporate"), ["$.clocks[0].line"]),
        (clock(deadline=Named(moment="close_of_business"), line="corporate"), []),
        (clock(line="corporate", counting=Counting.BUSINESS), []),
    ],
)
def test_a_business_line_is_named_only_where_hours_count(spec: ClockSpec, paths: list[str]) -> None:
    """A clock that runs day and night, or till noon, looks at nobody's hours."""
    assert paths == [problem.path for problem in prove(attrs.evolve(SOUND, clocks=(spec,)))]
