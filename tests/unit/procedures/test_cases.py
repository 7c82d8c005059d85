"""Opening, reopening, linking and steering cases, and moving them to another version."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.codec import structure, unstructure
from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.errors import Refused
from branchkit.escalation import AtShare, EscalationLadder, Reached, Rung, RungOutcome, RungReached, WatchAcknowledged
from branchkit.estate import ByPost, ByRole
from branchkit.messages import Event
from branchkit.procedures import (
    AcknowledgeEscalation,
    AssignRole,
    CancelCase,
    CancelClock,
    Case,
    CaseFacts,
    CaseJoined,
    ClockChanged,
    CompleteStage,
    FactsRecorded,
    JoinCase,
    Link,
    LinkCases,
    MigrateCase,
    OpenCase,
    PauseClock,
    Procedure,
    Reason,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResetClock,
    ResumeClock,
    RoleSpec,
    Signatures,
    evolve,
    handle,
    plan_migration,
    prove,
)
from branchkit.procedures.clocking import started, stopped
from branchkit.temporal import (
    After,
    Before,
    ByTarget,
    Calendar,
    Clock,
    ClockSpec,
    ClockState,
    NotConfigured,
    TimeFrame,
    pause_clock,
    start_clock,
    stop_clock,
)
from branchkit.values import FrozenMap, Ref
from tests.unit.procedures.family import (
    AT,
    CHIEF,
    CLERK,
    DESK,
    FITTER,
    MINUTE,
    NOBODY,
    T,
    completing,
    ends,
    opening,
    procedure,
    refused,
    run,
    stage,
    way,
)

HALF_HOUR = After(time=30 * MINUTE)
LADDER = EscalationLadder(
    "desk-ladder",
    version="3",
    title=T,
    hold=dt.timedelta(hours=1),
    rungs=(Rung("tell", at=AtShare(share=1), tell=(ByPost(post="head"),), message=T),),
)
LADDERS = CaseFacts(ladders={"desk-ladder": LADDER})


def clock(name: str, deadline: Any = HALF_HOUR, **settings: Any) -> ClockSpec:
    return ClockSpec(name, title=T, deadline=deadline, **settings)


def faults(**settings: Any) -> Procedure:
    given: dict[str, Any] = {
        "facts": (FactSpec("grade", FactType.CODE), FactSpec("cut", FactType.MOMENT)),
        "roles": (RoleSpec("owner", title=T),),
        "priorities": ("high", "low"),
        "pause_reasons": (Reason("customer", title=T),),
        "clocks": (
            clock("solve", ByTarget(output="solve"), pauses_on=("customer",)),
            clock("notify", Before(lead=dt.timedelta(days=1), anchor="cut")),
        ),
        "targets": "fault-targets",
    }
    repair = stage("repair", ends(), actors=(DESK, ByRole(role="owner")), clocks=(clock("fix"),))
    return procedure(stage("receive", way("done", "repair"), clocks=(clock("reply"),)), repair, **{**given, **settings})


def test_a_case_opens_with_its_stages_and_clocks() -> None:
    """Opening starts the case's own clocks and those of its first stages, and keeps what it was told."""
    command = opening(
        facts={"grade": "major"},
        priority="low",
        key="fault/branch:B-1",
        links=(Link("caused_by", "C-0"),),
        parent="C-9",
    )
    case = run(faults(), command)

    assert prove(faults()) == ()
    assert [(one.id, one.state) for one in case.clocks] == [
        (name, ClockState.RUNNING) for name in ("notify", "reply", "solve")
    ]
    assert case.clocks[2].deadline == NotConfigured()
    assert (case.place, case.key, case.parent, case.priority) == (
        (Ref("branch", "B-1"),),
        "fault/branch:B-1",
        "C-9",
        "low",
    )
    assert (case.links, case.actors, case.opened) == ((Link("caused_by", "C-0"),), {"open": ("S-1",)}, AT)
    assert structure(Case, unstructure(case)) == case
    assert case.clock("reply") == case.clocks[1]
    assert case.clock("odd") is None


def test_opening_is_refused_with_every_reason() -> None:
    """Right, key, facts, roles, priority and branch are all looked at."""
    of = faults(required_facts=("grade",), applies=Compare("branch.kind", Op.EQ, "basic_outlet"))
    facts = CaseFacts(same_key="C-7", facts={"branch.kind": "rural_outlet"})
    command = opening(by=NOBODY, roles={"odd": "S-1"}, priority="odd", procedure="other")

    assert refused(of, run(faults(), opening()), command, facts) == [
        "case_exists",
        "other_procedure",
        "already_open",
        "not_permitted",
        "fact_missing",
        "unknown_role",
        "unknown_priority",
        "not_applicable",
    ]
    assert refused(faults(), None, completing("receive")) == ["unknown_case"]
    assert run(attrs.evolve(of, applies=None), opening(facts={"grade": "x"}, roles={"owner": "S-2"})).roles == {
        "owner": "S-2"
    }
    assert refused(attrs.evolve(faults(), version="2"), run(faults(), opening()), completing("receive")) == [
        "other_procedure"
    ]


def test_unknown_commands_and_events_are_refused() -> None:
    """What is no command of a case, and what is no event of one, changes nothing."""
    case = run(faults(), opening())
    (opened,) = handle(faults(), None, opening())
    odd = LinkCases.__mro__[1]("C-1", by=CLERK, at=AT)  # the base of all commands
    reached = Reached(rung="tell", due=AT, outcome=RungOutcome.FIRED)

    assert refused(faults(), case, odd) == ["unknown_command"]
    for one, event in (
        (case, opened),
        (None, Event()),
        (case, Event()),
        (case, RungReached(case="C-1", clock="reply", entry=1, ladder="x", version="1", reached=reached)),
        (case, WatchAcknowledged(case="C-1", clock="reply", entry=1, acknowledgement=None)),  # type: ignore[arg-type]
    ):
        with pytest.raises(Refused):
            evolve(one, event)


def test_clocks_stop_with_their_stage_and_with_the_case() -> None:
    """A stage's clock stops as it is settled, the case's as it closes, and the calendar they count by is on record."""
    of = faults()
    calendar = Calendar(
        "cn", version="2026", title=T, confirmed_from=dt.date(2026, 1, 1), confirmed_through=dt.date(2026, 12, 31)
    )
    facts = CaseFacts(frame=TimeFrame(zone=ZoneInfo("Asia/Shanghai"), calendar=calendar))
    case = run(of, opening())
    (event,) = handle(of, case, completing("receive", at=AT + MINUTE), facts)
    case = evolve(case, event)
    closed = run(of, completing("repair", at=AT + 2 * MINUTE), case=case)

    assert event.calendar == "cn@2026"  # type: ignore[attr-defined]
    assert {one.id: one.state.value for one in case.clocks} == {
        "fix": "running",
        "notify": "running",
        "reply": "stopped",
        "solve": "running",
    }
    assert all(one.state is ClockState.STOPPED for one in closed.clocks)


def test_clocks_are_made_as_the_floor_of_time_makes_them() -> None:
    """What a step makes of clocks in a hurry equals what `start_clock` and `stop_clock` make."""
    of = faults()
    specs = (of.stages[0].clocks[0], of.clocks[1])
    held = {"cut": "2026-03-09T00:00:00+00:00"}
    anchors = {"cut": dt.datetime(2026, 3, 9, tzinfo=dt.UTC)}
    made = started(of.prepared, specs, AT, held, CaseFacts(), "S-1")
    told = (start_clock(specs[0], AT, anchors=anchors, by="S-1"), start_clock(specs[1], AT, anchors=anchors, by="S-1"))
    paused = pause_clock(start_clock(clock("p", pauses_on=("customer",)), AT), AT, reason="customer")
    later = AT + MINUTE

    assert made == told
    assert stopped((*made, paused), ["reply", "p"], later, "S-1") == (
        stop_clock(told[0], later, by="S-1"),
        stop_clock(paused, later, by="S-1"),
    )
    assert stopped(made, ["reply"], AT - MINUTE, "S-1") == (stop_clock(told[0], AT - MINUTE, by="S-1"),)
    assert stopped(stopped(made, ["reply"], later, "S-1"), ["reply"], later, "S-1") == ()


def test_a_closed_case_is_reopened() -> None:
    """A closed case opens again at a stage, with a reason; the stage is entered anew."""
    of = faults()
    closed = run(of, opening(), completing("receive"), completing("repair"))
    again = run(of, ReopenCase("C-1", ("repair",), reason="it came back", by=CHIEF, at=AT + MINUTE), case=closed)
    odd = ReopenCase("C-1", ("odd",), by=CLERK, at=AT)

    assert (again.status, again.outcome, again.open_stages) == ("open", None, ("repair",))
    assert again.stages["repair"].entry == 2
    assert refused(of, again, odd, CaseFacts(same_key="C-2")) == [
        "not_permitted",
        "reason_missing",
        "case_open",
        "already_open",
        "unknown_stage",
    ]
    skipping = procedure(
        stage("a", ends(), when=Compare("grade", Op.EQ, "major")), facts=(FactSpec("grade", FactType.CODE),)
    )
    done = run(skipping, opening(facts={"grade": "general"}))
    assert (done.status, done.outcome) == ("closed", "solved")
    assert refused(skipping, done, ReopenCase("C-1", ("a",), reason="r", by=CHIEF, at=AT)) == ["nothing_to_do"]


def test_the_clocks_that_a_reopened_case_leads_back_into_run_on() -> None:
    """Those of the whole case, unless what stops them stays settled, what starts them is to come, or they are gone."""
    hour = After(time=60 * MINUTE)
    of = procedure(
        stage("a", way("done", "b"), clocks=(ClockSpec("own", title=T, deadline=hour),)),
        stage("b", way("done", "c")),
        stage("c", ends()),
        clocks=tuple(
            ClockSpec(name, title=T, deadline=hour, **more)
            for name, more in (
                ("whole", {}),
                ("to-a", {"stops": ("stage:a", "closed")}),
                ("to-b", {"stops": ("stage:b",)}),
                ("from-b", {"starts": "stage:b"}),
                ("from-c", {"starts": "stage:c", "stops": ("stage:c",)}),
                ("gone", {}),
            )
        ),
    )
    gone = CancelClock("C-1", "gone", reason="r", by=CHIEF, at=AT)
    steps = [completing(name, at=AT + at * MINUTE) for at, name in enumerate("abc", 10)]
    closed = run(of, opening(), gone, *steps)

    def running(*to: str) -> list[str]:
        again = ReopenCase("C-1", to, reason="r", by=CHIEF, at=AT + 60 * MINUTE)
        return [clock.id for clock in run(of, again, case=closed).clocks if clock.state is ClockState.RUNNING]

    assert ["own", "to-a", "to-b", "whole"] == running("a")
    assert ["from-b", "to-b", "whole"] == running("b")
    assert ["from-b", "from-c", "whole"] == running("c")
    again = ReopenCase("C-1", ("c",), reason="r", by=CHIEF, at=AT + 60 * MINUTE)
    whole = run(of, again, case=closed).clock("whole")
    assert whole is not None
    (pause,) = whole.pauses
    assert (AT + 12 * MINUTE, AT + 60 * MINUTE, "closed") == (pause.since, pause.until, pause.reason)


def test_a_reopened_duplicate_is_none_any_more() -> None:
    """What ended as a duplicate and is opened again has no such link, and keeps the others."""
    of = faults()
    linked = run(of, opening(), LinkCases("C-1", "C-3", "follow_up", by=CHIEF, at=AT))
    twice = run(of, LinkCases("C-1", "C-2", "duplicate", by=CHIEF, at=AT), case=linked)
    again = run(of, ReopenCase("C-1", ("receive",), reason="another", by=CHIEF, at=AT + MINUTE), case=twice)

    assert ("open", (Link("follow_up", "C-3"),)) == (again.status, again.links)


def test_cases_are_cancelled_joined_and_linked() -> None:
    """A duplicate ends in favour of the other; a link is made once; a sighting is added to an open case."""
    of = faults()
    case = run(of, opening())
    twice = run(of, LinkCases("C-1", "C-2", "duplicate", by=CHIEF, at=AT), case=case)
    blocks = LinkCases("C-1", "C-2", "blocks", by=CHIEF, at=AT)
    linked = run(of, blocks, case=case)
    (joined,) = handle(of, case, JoinCase("C-1", finding="F-1", sheet="SH-1", by=CLERK, at=AT))

    assert (twice.status, twice.links) == ("cancelled", (Link("duplicate", "C-2"),))
    assert all(one.state.is_over for one in twice.clocks)
    assert linked.links == (Link("blocks", "C-2"),)
    assert handle(of, linked, blocks) == ()
    assert isinstance(joined, CaseJoined)
    assert evolve(case, joined).latest == AT
    assert refused(of, twice, JoinCase("C-1", by=NOBODY, at=AT)) == ["case_not_open", "not_permitted"]
    assert refused(of, twice, LinkCases("C-1", "C-1", "duplicate", by=NOBODY, at=AT)) == [
        "not_permitted",
        "same_case",
        "case_not_open",
    ]
    assert run(of, CancelCase("C-1", reason="told twice", by=CHIEF, at=AT), case=case).status == "cancelled"
    assert refused(of, twice, CancelCase("C-1", by=NOBODY, at=AT)) == [
        "not_permitted",
        "case_not_open",
        "reason_missing",
    ]


def test_a_case_that_others_hold_does_not_end() -> None:
    """While a case that blocks it, or a part of it, is open, a case is not closed; its other steps go on."""
    of, held = faults(), CaseFacts(blocked_by=("C-2", "C-3"))
    case = run(of, opening(), completing("receive"), facts=held)

    assert refused(of, case, completing("repair"), held) == ["held_by_cases"]


def test_facts_are_recorded_by_whoever_may_act() -> None:
    """Facts are stated by those who may act in an open stage, or manage; told again they change nothing."""
    of = faults()
    case = run(of, opening())
    command = RecordFacts("C-1", FrozenMap({"cut": "2026-03-09T00:00:00+00:00"}), by=CLERK, at=AT)
    (event,) = handle(of, case, command)
    known = evolve(case, event)
    assert isinstance(event, FactsRecorded)

    assert [one.id for one in event.clocks] == ["notify"]
    assert known.clocks[0].anchors == {"cut": dt.datetime(2026, 3, 9, tzinfo=dt.UTC)}
    assert handle(of, known, command) == ()
    assert refused(of, case, RecordFacts("C-1", FrozenMap({"odd": True}), by=NOBODY, at=AT)) == [
        "not_permitted",
        "unknown_fact",
    ]
    assert run(of, RecordFacts("C-1", FrozenMap({"grade": "major"}), by=CHIEF, at=AT), case=case).facts == {
        "grade": "major"
    }
    told = run(of, completing("receive", facts={"cut": "2026-03-09T00:00:00+00:00"}), case=case)
    assert told.clocks[1].anchors == known.clocks[0].anchors


def test_roles_and_priorities_are_given() -> None:
    """Managers give roles; raising the priority keeps the earlier promise, lowering it does not."""
    of = faults()
    fast, slow = (CaseFacts(targets={"solve": After(time=n * MINUTE)}) for n in (10, 90))
    case = run(of, opening(priority="low"), facts=slow)
    raised = run(of, Reprioritise("C-1", "high", reason="a queue", by=CHIEF, at=AT), case=case, facts=fast)
    lowered = run(of, Reprioritise("C-1", "low", by=CHIEF, at=AT), case=raised, facts=slow)
    (same,) = handle(of, case, Reprioritise("C-1", "high", by=CHIEF, at=AT), slow)
    assert isinstance(same, Reprioritised)
    owner = AssignRole("C-1", "owner", "S-8", by=CHIEF, at=AT)

    assert (raised.priority, raised.clock("solve").deadline) == ("high", After(time=10 * MINUTE))  # type: ignore[union-attr]
    assert [one.deadline for one in raised.clock("solve").caps] == [After(time=90 * MINUTE)]  # type: ignore[union-attr]
    assert lowered.clock("solve").caps == ()  # type: ignore[union-attr]
    assert (same.clocks, same.calendar) == ((), None)
    assert handle(of, raised, Reprioritise("C-1", "high", by=CHIEF, at=AT)) == ()
    assert refused(of, case, Reprioritise("C-1", "odd", by=CLERK, at=AT)) == ["not_permitted", "unknown_priority"]
    assert run(of, owner, case=case).roles == {"owner": "S-8"}
    assert handle(of, run(of, owner, case=case), owner) == ()
    assert refused(of, case, AssignRole("C-1", "odd", "S-8", by=CLERK, at=AT)) == ["not_permitted", "unknown_role"]


def test_clocks_are_paused_resumed_reset_and_cancelled() -> None:
    """A clock is changed by managers, for the reasons there are, in the states that allow it."""
    of = faults()
    case = run(of, opening())
    pause = PauseClock("C-1", "solve", "customer", by=CHIEF, at=AT + MINUTE)
    paused = run(of, pause, case=case)
    reset = ResetClock("C-1", "reply", reason="misread", by=CHIEF, at=AT + MINUTE)

    assert paused.clock("solve").state is ClockState.PAUSED  # type: ignore[union-attr]
    resumed = run(of, ResumeClock("C-1", "solve", by=CHIEF, at=AT + 2 * MINUTE), case=paused)
    assert resumed.clock("solve").state is ClockState.RUNNING  # type: ignore[union-attr]
    assert run(of, reset, case=case).clock("reply").started == AT + MINUTE  # type: ignore[union-attr]
    gone = run(of, CancelClock("C-1", "reply", reason="not wanted", by=CHIEF, at=AT), case=case)
    assert gone.clock("reply").state is ClockState.CANCELLED  # type: ignore[union-attr]
    assert refused(of, paused, pause) == ["clock_state"]
    assert refused(of, case, PauseClock("C-1", "reply", "odd", by=CLERK, at=AT)) == [
        "not_permitted",
        "unknown_reason",
        "clock_state",
    ]
    assert refused(of, case, ResetClock("C-1", "reply", by=CHIEF, at=AT)) == ["reason_missing"]
    assert refused(of, case, CancelClock("C-1", "odd", reason="r", by=CHIEF, at=AT)) == ["unknown_clock"]


def test_guarded_clocks_are_watched() -> None:
    """A guarded clock has a watch from its start; each new start is watched anew; somebody may acknowledge it."""
    of = faults(ladders=FrozenMap({"reply": "desk-ladder"}))
    case = run(of, opening(), facts=LADDERS)
    again = run(of, ResetClock("C-1", "reply", reason="r", by=CHIEF, at=AT), case=case, facts=LADDERS)
    seen = run(of, AcknowledgeEscalation("C-1", "reply", by=CLERK, at=AT), case=case, facts=LADDERS)
    reached = Reached(rung="tell", due=AT, outcome=RungOutcome.FIRED, assign=FrozenMap({"owner": "S-3"}))
    fired = RungReached(case="C-1", clock="reply", entry=1, ladder="desk-ladder", version="3", reached=reached)
    watch, noticed = case.rungs["reply"], seen.rungs["reply"].acknowledged
    assert noticed is not None

    assert (watch.ladder, watch.version, watch.entry, again.rungs["reply"].entry) == ("desk-ladder", "3", 1, 2)
    assert (noticed.by, noticed.until) == ("S-1", AT + dt.timedelta(hours=1))
    assert (evolve(case, fired).rungs["reply"].rounds, evolve(case, fired).roles) == ({"tell": 1}, {"owner": "S-3"})
    assert refused(of, None, opening()) == ["unknown_ladder"]
    assert refused(of, case, ResetClock("C-1", "reply", reason="r", by=CHIEF, at=AT)) == ["unknown_ladder"]
    assert refused(of, case, AcknowledgeEscalation("C-1", "reply", by=NOBODY, at=AT)) == [
        "unknown_ladder",
        "not_permitted",
    ]
    assert refused(of, case, AcknowledgeEscalation("C-1", "solve", by=CLERK, at=AT), LADDERS) == ["unknown_clock"]
    deaf = attrs.evolve(LADDER, acknowledgement="nothing", hold=None)
    heard = CaseFacts(ladders={"desk-ladder": deaf})
    assert refused(of, case, AcknowledgeEscalation("C-1", "reply", by=CLERK, at=AT), heard) == ["not_acknowledged"]
    ending = CaseFacts(ladders={"desk-ladder": attrs.evolve(LADDER, acknowledgement="stops", hold=None)})
    (ended,) = handle(of, case, AcknowledgeEscalation("C-1", "reply", by=CHIEF, at=AT), ending)
    assert isinstance(ended, WatchAcknowledged)
    assert ended.acknowledgement.until is None


def test_a_case_is_moved_to_a_version_after_it_was_told() -> None:
    """A migration is told first; stages take new names, lost clocks stop, and what cannot move is refused."""
    of = faults()
    case = run(of, opening(), completing("receive"))
    mend = stage("mend", ends(), actors=(DESK, ByRole(role="owner")))
    after = attrs.evolve(
        of,
        version="2",
        starts=("mend",),
        stages=(mend,),
        clocks=(of.clocks[0],),
        facts=of.facts[:1],
        priorities=("high",),
    )
    command = MigrateCase(
        "C-1", "2", stages=FrozenMap({"repair": "mend"}), reason="new rules", by=CHIEF, at=AT + MINUTE
    )
    plan = plan_migration(after, case, stages=command.stages)
    moved = run(after, command, case=case)

    assert (plan.is_possible, plan.open_stages, plan.dropped, plan.stopped) == (
        True,
        ("mend",),
        ("receive",),
        ("fix", "notify"),
    )
    assert (moved.version, moved.open_stages, tuple(moved.stages)) == ("2", ("mend",), ("mend",))
    assert run(after, completing("mend"), case=moved).status == "closed"
    assert handle(of, case, MigrateCase("C-1", "1", by=CHIEF, at=AT)) == ()
    low = run(of, opening(priority="low", facts={"grade": "odd", "cut": "2026-03-09T00:00:00+00:00"}))
    strict = attrs.evolve(after, facts=(FactSpec("grade", FactType.CODE, choices=("general",)),))
    odd = MigrateCase("C-1", "3", stages=FrozenMap({"odd": "mend"}), by=CLERK, at=AT)
    assert refused(strict, low, odd) == [
        "not_permitted",
        "other_procedure",
        "unknown_stage",
        "unknown_stage",
        "unknown_priority",
        "bad_fact",
    ]


def test_what_waits_or_has_ended_is_moved_only_where_it_can_be() -> None:
    """What waits for signatures needs its transition; outcomes, procedures and open cases must be there."""
    of = procedure(
        stage("pay", ends("pay"), signatures=Signatures()), stage("log", ends("done", "logged")), starts=("pay", "log")
    )
    waiting = run(of, opening(), completing("pay", way="pay"))
    after = attrs.evolve(
        of, version="2", stages=(attrs.evolve(of.stages[0], transitions=(ends("paid"),)), of.stages[1])
    )
    logged = run(of, opening(), completing("log"))
    both = FrozenMap({"log": "pay"})
    unlogged = attrs.evolve(after, stages=after.stages[:1], starts=("pay",), outcomes=after.outcomes[:1])
    renamed = run(after, MigrateCase("C-1", "2", transitions=FrozenMap({"pay": "paid"}), by=CHIEF, at=AT), case=waiting)

    assert refused(after, waiting, MigrateCase("C-1", "2", by=CHIEF, at=AT)) == ["waits_for_signatures"]
    assert renamed.stages["pay"].transition == "paid"
    assert [one.code for one in plan_migration(after, waiting, stages=both).obstacles] == [
        "stages_merged",
        "waits_for_signatures",
        "waits_for_signatures",
    ][:2]
    assert [one.code for one in plan_migration(unlogged, logged).obstacles] == ["unknown_outcome"]
    gone = run(of, CancelCase("C-1", reason="r", by=CHIEF, at=AT), case=waiting)
    other = attrs.evolve(after, id="other")
    assert [one.code for one in plan_migration(other, gone, transitions={"pay": "paid"}).obstacles] == [
        "other_procedure",
        "case_not_open",
    ]


def test_duties_keep_their_people_when_stages_are_renamed() -> None:
    """Who has signed a stage has signed it under its new name."""
    approval = Signatures(mode="approval", count=2, actors=(ByPost(post="head"),))
    of = procedure(stage("pay", ends(), signatures=approval))
    from branchkit.procedures import SignStage

    case = run(of, opening(), completing("pay"), SignStage("C-1", "pay", by=CHIEF, at=AT))
    after = procedure(stage("refund", ends(), signatures=approval), version="2")
    moved = run(after, MigrateCase("C-1", "2", stages=FrozenMap({"pay": "refund"}), by=CHIEF, at=AT), case=case)

    assert moved.actors == {"open": ("S-1",), "sign:refund": ("S-3",)}


def test_commands_name_their_stream_and_check_their_ids() -> None:
    """A command of a case goes to the case's stream; ids that are none are told."""
    command = LinkCases(" ", " x", "blocks", by=FITTER, at=AT)

    assert CompleteStage("C-1", "a", "b", by=CLERK, at=AT).stream == "case:C-1"
    assert [problem.path for problem in command.validate()] == ["$.case", "$.other"]
    assert OpenCase("C-1", procedure="p", branch="B", by=CLERK, at=AT).validate() == ()


def test_what_people_write_is_masked() -> None:
    """Reasons and notes never show in what is printed."""
    command = CompleteStage("C-1", "a", "b", reason="Mr Wang complained", note="call him", by=CLERK, at=AT)
    changed = ClockChanged(case="C", at=AT, by=("S",), what="reset", clock=_any_clock(), reason="Mr Wang")

    assert "Wang" not in f"{command!r}{changed!r}"


def _any_clock() -> Clock:
    return start_clock(clock("x"), AT)
