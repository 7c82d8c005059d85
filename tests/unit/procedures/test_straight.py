"""The short way through a step makes what the long way makes, and whatever is in doubt goes that way."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.checklists import RawFact
from branchkit.conditions import All, AnyOf, Compare, Exists, FactSpec, FactType, Member, Op
from branchkit.errors import Refused
from branchkit.escalation import AtShare, EscalationLadder, Rung
from branchkit.messages import Actor
from branchkit.procedures import (
    CancelCase,
    Case,
    CaseFacts,
    CompleteStage,
    PauseClock,
    Procedure,
    Reason,
    RoleSpec,
    Separation,
    Signatures,
    Waiver,
    WaiveStage,
    handle,
)
from branchkit.procedures.certain import certain
from branchkit.procedures.facts import Apart
from branchkit.procedures.making import loose
from branchkit.procedures.prepared import prepare
from branchkit.procedures.staging import complete
from branchkit.temporal import After, Before, Bound, ByTarget, Calendar, ClockSpec, Counting, NotConfigured, TimeFrame
from branchkit.values import FrozenMap, Unknown
from tests.unit.procedures.family import (
    AT,
    CHIEF,
    DESK,
    ENGINEER,
    FITTER,
    HEAD,
    MINUTE,
    T,
    completing,
    ends,
    opening,
    procedure,
    run,
    stage,
    way,
)

OK, SIZE = FactSpec("ok", FactType.BOOL), FactSpec("size", FactType.NUMBER)
GRADE = FactSpec("grade", FactType.CODE, choices=("general", "major"))
SPECS = {spec.name: spec for spec in (OK, SIZE, GRADE)}
IS_OK, IS_MAJOR = Compare("ok", Op.EQ, True), Member("grade", ("major",))
LATER = AT + 5 * MINUTE
LADDER = EscalationLadder(
    "up",
    version="3",
    title=T,
    acknowledgement="nothing",
    rungs=(Rung("tell", at=AtShare(share=Decimal(1)), tell=(HEAD,), message=T),),
)
CALENDAR = Calendar(
    "cn", version="2026", title=T, confirmed_from=dt.date(2026, 1, 1), confirmed_through=dt.date(2026, 12, 31)
)
FRAMED = CaseFacts(frame=TimeFrame(zone=ZoneInfo("Asia/Shanghai"), calendar=CALENDAR), ladders={"up": LADDER})


def clock(name: str, **settings: Any) -> ClockSpec:
    return ClockSpec(name, **{"title": T, "deadline": After(time=30 * MINUTE), **settings})


def faults(*separations: Separation, **settings: Any) -> Procedure:
    """Return a fault that is received, repaired and confirmed, and may come back."""
    return procedure(
        stage("receive", way("done", "repair"), clocks=(clock("reply", pauses_on=("customer",)),)),
        stage(
            "repair",
            way("done", "confirm", when=IS_OK),
            way("back", "receive", returns=True),
            actors=(ENGINEER,),
            clocks=(clock("fix"),),
        ),
        stage("confirm", ends(), way("again", "repair", returns=True), actors=(HEAD,)),
        **{
            "facts": (OK, GRADE),
            "clocks": (clock("whole"),),
            "separations": separations,
            "pause_reasons": (Reason("customer", title=T),),
            **settings,
        },
    )


def apart(*duties: str, **settings: Any) -> Separation:
    return Separation("apart", title=T, duties=duties, **settings)


def outcome(of: Procedure, case: Case, command: CompleteStage, facts: CaseFacts, *, long: bool) -> tuple[Any, ...]:
    """Return the events of a command, or the reasons why it is refused."""
    try:
        events = complete(of.prepared, case, command, facts) if long else handle(of, case, command, facts)
    except Refused as refused:
        return refused.refusals
    return events


def agreed(of: Procedure, case: Case, command: CompleteStage, facts: CaseFacts | None = None) -> tuple[Any, ...]:
    """Return what both ways make of a command."""
    found = outcome(of, case, command, facts or FRAMED, long=False)
    assert found == outcome(of, case, command, facts or FRAMED, long=True)
    return found


def test_a_plain_step_is_made_the_same_in_a_hurry() -> None:
    """A step that nothing stands against equals the long way's: guarded, clocked, apart, watched and by a calendar."""
    of = faults(apart("stage:repair", "stage:confirm", "open"), ladders=FrozenMap({"fix": "up", "reply": "up"}))
    case = run(of, opening(facts={"ok": True}), facts=FRAMED)
    short = {("receive", "done"), ("repair", "done"), ("repair", "back"), ("confirm", "again")}
    assert of.prepared.shortcuts.keys() == short

    for command in (
        completing("receive", at=LATER, reason="why", note="so"),
        completing("repair", FITTER, at=LATER),  # at the moment of the step before
        completing("confirm", CHIEF, "again", at=LATER - MINUTE),  # told late
        completing("repair", FITTER, at=LATER + MINUTE),
    ):
        events = agreed(of, case, command)
        assert [type(event).__name__ for event in events] == ["StageCompleted"]
        case = run(of, command, case=case, facts=FRAMED)
    assert [one.id for one in case.clocks] == ["fix", "reply", "whole"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param(completing("receive", FITTER), id="another post"),
        pytest.param(completing("receive", Actor("S-1", posts=("desk",), acting_for="S-7")), id="a delegate"),
        pytest.param(completing("receive", Actor("S-1", posts=("desk",), system=True)), id="a system"),
        pytest.param(completing("receive", sheet="SH-1"), id="a sheet"),
        pytest.param(completing("receive", facts={"grade": "major"}), id="facts"),
        pytest.param(completing("receive", way="nowhere"), id="an unknown transition"),
        pytest.param(completing("confirm", CHIEF), id="a stage not reached"),
        pytest.param(completing("repair", FITTER), id="a stage that waits for another"),
    ],
)
def test_what_is_in_doubt_goes_the_long_way(command: CompleteStage) -> None:
    """Whatever is not plain is decided, or refused with its reasons, as the long way does."""
    case = run(faults(), opening())

    assert agreed(faults(), case, command) == outcome(faults(), case, command, FRAMED, long=True)


def test_a_condition_that_does_not_hold_is_explained_the_long_way() -> None:
    """A guard that is false or unknown is refused with its reason."""
    for given in ({}, {"ok": False}):
        case = run(faults(), opening(facts=given), completing("receive"))
        assert "guard_" in str(agreed(faults(), case, completing("repair", FITTER)))


def test_what_is_over_is_refused_the_long_way() -> None:
    """Neither a stage that is done nor one of a case that was cancelled is completed in a hurry."""
    done = run(faults(), opening(facts={"ok": True}), completing("receive"), completing("repair", FITTER))
    assert "stage_not_open" in str(agreed(faults(), done, completing("receive", Actor("S-5", posts=("desk",)))))
    cancelled = run(faults(), opening(), CancelCase("C-1", reason="twice", by=CHIEF, at=AT))

    assert "case_not_open" in str(agreed(faults(), cancelled, completing("receive")))


def test_a_waiver_that_ends_a_case_gives_it_its_outcome() -> None:
    """How a case ends is told by the way that is waived, or else by those that have ended before."""
    of = procedure(
        stage("a", ends(), waiver=Waiver(actors=(HEAD,))),
        stage("b", ends("done", "void"), waiver=Waiver(actors=(HEAD,))),
        starts=("a", "b"),
    )
    waived = run(of, opening(), WaiveStage("C-1", "a", reason="why", by=CHIEF, at=AT))
    both = run(of, WaiveStage("C-1", "b", reason="why", by=CHIEF, at=AT), case=waived)

    assert (waived.outcome, waived.status) == ("solved", "open")
    assert (both.outcome, both.status) == ("solved", "closed")


def test_who_holds_another_duty_is_refused_the_long_way() -> None:
    """Nobody gets through in a hurry: neither by a stage, nor by another duty, nor by one in a linked case."""
    chief = Actor("S-2", posts=("head",))
    by_stage = faults(apart("stage:repair", "stage:confirm"))
    case = run(by_stage, opening(facts={"ok": True}), completing("receive"), completing("repair", FITTER))
    assert "separation" in str(agreed(by_stage, case, completing("confirm", chief, "again")))
    by_duty = faults(apart("open", "stage:receive"))
    case = run(by_duty, opening(facts={"ok": True}))
    assert "separation" in str(agreed(by_duty, case, completing("receive")))
    linked = faults(apart("refund/stage:pay", "stage:receive", within="linked"))
    case, held = run(linked, opening()), CaseFacts(duties={"refund/stage:pay": frozenset({"S-1"})})

    assert "separation" in str(agreed(linked, case, completing("receive"), held))
    there = apart("stage:receive", "refund/stage:pay", within="linked")
    told = Apart(separation=there, duty="stage:receive", held="refund/stage:pay", persons=frozenset({"S-1"}))
    case = run(faults(), opening())

    assert "separation" in str(agreed(faults(), case, completing("receive"), CaseFacts(apart=(told,))))


def test_clocks_that_are_paused_over_or_without_a_ladder_come_out_alike() -> None:
    """A paused clock is stopped, one that is over is left alone, and a ladder that is not there is refused."""
    of = faults()
    paused = run(of, opening(), PauseClock("C-1", "reply", "customer", by=CHIEF, at=AT))
    assert "paused" in str(paused.clocks)
    agreed(of, paused, completing("receive", at=LATER))
    over = attrs.evolve(paused, clocks=run(of, opening(), completing("receive")).clocks)
    agreed(of, over, completing("receive", at=LATER))
    watched = faults(ladders=FrozenMap({"fix": "up"}))
    case = run(watched, opening(), facts=FRAMED)

    assert "unknown_ladder" in str(agreed(watched, case, completing("receive"), CaseFacts()))


def test_a_deadline_by_target_is_the_one_that_the_table_gives() -> None:
    """A clock that starts in a hurry has the deadline of the targets, or none that is configured."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", ends(), clocks=(clock("fix", deadline=ByTarget(output="limit")),)),
        targets="limits",
    )
    case = run(of, opening())
    targets = CaseFacts(targets={"limit": After(time=MINUTE)})

    (event,) = agreed(of, case, completing("a"), targets)
    (without,) = agreed(of, case, completing("a"))

    assert event.clocks[0].deadline == After(time=MINUTE)
    assert without.clocks[0].deadline == NotConfigured()


def test_a_join_that_waits_and_a_stage_that_is_open_are_worked_out() -> None:
    """A step beside a stage that waits, or to one that is open already, is worked out the long way."""
    of = procedure(
        stage("a", way("done", "c"), way("on", "d")),
        stage("b", way("done", "d")),
        stage("c", ends()),
        stage("d", way("done", "e")),
        stage("e", ends(), needs=("c",)),
        starts=("a", "b"),
    )
    case = run(of, opening())
    assert ("a", "done") in of.prepared.shortcuts
    agreed(of, case, completing("a"))
    merging = run(of, opening(), completing("b"))
    agreed(of, merging, completing("a", way="on"))
    waiting = run(of, opening(), completing("b"), completing("d"))
    assert "WAITING" in str(waiting.stages)

    assert agreed(of, waiting, completing("a"))


def test_only_what_asks_for_nothing_more_has_a_short_way() -> None:
    """Signatures, roles, forms, reasons, narrower posts, attempts and doubtful guards all take the long way."""
    asks: tuple[tuple[dict[str, Any], dict[str, Any]], ...] = (
        ({"signatures": Signatures(mode="approval", count=1, actors=(HEAD,))}, {}),
        ({"assigns": FrozenMap({"owner": "actor"})}, {}),
        ({"form": "check"}, {}),
        ({}, {"reason_required": True}),
        ({}, {"actors": (DESK,)}),
        ({}, {"when": Compare("size", Op.GT, Decimal(3))}),
    )
    for of_stage, of_way in asks:
        of = procedure(
            stage("a", way("done", "b", **of_way), **of_stage),
            stage("b", ends()),
            facts=(SIZE,),
            roles=(RoleSpec("owner", title=T),),
        )
        assert prepare(of).shortcuts == {}
    anchored = procedure(
        stage("a", way("done", "b")),
        stage("b", ends()),
        facts=(FactSpec("cut", FactType.MOMENT),),
        clocks=(clock("notify", deadline=Before(lead=MINUTE, anchor="cut")),),
    )
    tried = procedure(
        stage("a", way("done", "b"), attempts=2), stage("b", ends(), way("again", "a", returns=True)), starts=("a",)
    )

    assert prepare(anchored).shortcuts == {}
    assert prepare(tried).shortcuts.keys() == {("a", "done")}


def test_a_condition_is_certain_only_by_codes_texts_and_yes_or_no() -> None:
    """What compares a number, asks for more, or names what is not declared or fits no value, is not certain."""
    held: dict[str, RawFact] = {"ok": True, "grade": "major"}
    for sure in (IS_OK, IS_MAJOR, All((IS_OK, IS_MAJOR)), Compare("grade", Op.EQ, "major")):
        test = certain(sure, SPECS)
        assert test is not None
        assert test(held) is True
        assert test({"ok": False, "grade": Unknown()}) is False
        assert test({}) is False

    for doubtful in (
        Compare("ok", Op.NE, True),
        Compare("size", Op.EQ, Decimal(3)),
        Compare("ok", Op.EQ, fact2="grade"),
        Compare("other", Op.EQ, True),
        Compare("ok", Op.EQ, "yes"),
        Member("grade", ("major", True)),
        All((IS_OK, Exists("size"))),
        AnyOf((IS_OK, IS_MAJOR)),
    ):
        assert certain(doubtful, SPECS) is None


def test_values_made_in_a_hurry_are_frozen() -> None:
    """A value made fast is of the class itself: equal, hashable and frozen."""
    made = loose(Bound)()
    made.deadline = After(time=MINUTE)
    made.counting = Counting.ELAPSED
    made.since = AT
    made.carried = dt.timedelta()
    made.__class__ = Bound

    assert (made, type(made)) == (Bound(deadline=After(time=MINUTE), counting=Counting.ELAPSED, since=AT), Bound)
    assert hash(made) == hash(Bound(deadline=After(time=MINUTE), counting=Counting.ELAPSED, since=AT))
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.since = LATER
