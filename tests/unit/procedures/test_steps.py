"""What a step leaves on record, what it leaves alone, and what each refusal names."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.conditions import All, Compare, FactSpec, FactType, Member, Op
from branchkit.errors import Refusal, Refused
from branchkit.escalation import AtShare, EscalationLadder, Rung
from branchkit.messages import Actor, Event
from branchkit.procedures import (
    Apart,
    AssignRole,
    CancelCase,
    CancelClock,
    Case,
    CaseCommand,
    CaseFacts,
    CaseMigrated,
    CaseOpened,
    ClockChanged,
    FactsRecorded,
    FormReading,
    LinkCases,
    MigrateCase,
    PauseClock,
    Procedure,
    Reason,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResetClock,
    RoleSpec,
    Separation,
    Signatures,
    SignStage,
    StageCompleted,
    StageProposed,
    StageStatus,
    StageWaived,
    Waiver,
    WaiveStage,
    evolve,
    handle,
    plan_migration,
    prove,
)
from branchkit.temporal import After, Before, ByTarget, Calendar, ClockSpec, TimeFrame
from branchkit.values import FrozenMap, Unknown
from tests.unit.procedures.family import (
    AT,
    CHIEF,
    CLERK,
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
    refused,
    run,
    stage,
    way,
)

GRADE = FactSpec("grade", FactType.CODE, choices=("general", "major"))
MAJOR, GENERAL = Member("grade", ("major",)), Member("grade", ("general",))
CALENDAR = Calendar(
    "cn", version="2026", title=T, confirmed_from=dt.date(2026, 1, 1), confirmed_through=dt.date(2026, 12, 31)
)
FRAMED = CaseFacts(frame=TimeFrame(zone=ZoneInfo("Asia/Shanghai"), calendar=CALENDAR))
LADDER = EscalationLadder(
    "up",
    version="3",
    title=T,
    acknowledgement="nothing",
    rungs=(Rung("tell", at=AtShare(share=Decimal(1)), tell=(HEAD,), message=T),),
)


def clock(name: str, deadline: Any = None, **settings: Any) -> ClockSpec:
    return ClockSpec(name, title=T, deadline=deadline or After(time=30 * MINUTE), **settings)


def form(checklist: str, by: str = "S-7") -> FormReading:
    return FormReading(sheet="SH-1", checklist=checklist, branch="B-1", by=by)


def refusal(of: Procedure, case: Case | None, command: CaseCommand, facts: CaseFacts | None = None) -> Refusal:
    """Return the one refusal of a command."""
    with pytest.raises(Refused) as caught:
        handle(of, case, command, facts or CaseFacts())
    (one,) = caught.value.refusals
    return one


def only(of: Procedure, case: Case | None, command: CaseCommand, facts: CaseFacts | None = None) -> Event:
    """Return the one event of a command."""
    (event,) = handle(of, case, command, facts or CaseFacts())
    return event


# -- where a case stands


def test_a_step_lets_go_on_what_need_not_wait_any_longer() -> None:
    """A join that waits opens with the step by which what it needs cannot come any more, and skips that."""
    of = procedure(
        stage("a", way("done", "d")),
        stage("b", way("done", "c"), way("other", "e")),
        stage("c", way("done", "d")),
        stage("d", ends(), needs=("a", "c")),
        stage("e", ends("end")),
        starts=("a", "b"),
    )
    case = run(of, opening(), completing("a"))
    event = only(of, case, completing("b", way="other"))
    assert isinstance(event, StageCompleted)

    assert prove(of) == ()
    assert case.stages["d"].status is StageStatus.WAITING
    assert (event.opened, event.skipped) == (("d", "e"), {"c": "passed_by"})
    assert evolve(case, event).stages["c"].entry == 0


def test_what_was_done_is_not_skipped_when_a_join_opens() -> None:
    """A need that is settled stays settled, and one that opened in this very step is under way."""
    of = procedure(
        stage("a", way("done", "b", "c")), stage("b", way("done", "c")), stage("c", ends(), needs=("a", "b"))
    )
    case = run(of, opening(), completing("a"))
    event = only(of, case, completing("b"))
    assert isinstance(event, StageCompleted)

    assert (event.opened, event.skipped) == (("c",), {})
    assert {name: one.status for name, one in evolve(case, event).stages.items()} == {
        "a": StageStatus.DONE,
        "b": StageStatus.DONE,
        "c": StageStatus.OPEN,
    }


def test_an_end_says_why_it_skips_what_is_left() -> None:
    """What is left of a case is optional, or was withdrawn."""
    of = procedure(
        stage("a", ends(), ends("false", "false_alarm", withdraws=True)),
        stage("thank", way("done"), optional=True),
        stage("b", ends()),
        starts=("a", "thank", "b"),
    )
    case = run(of, opening())
    withdrawn = only(of, case, completing("a", way="false"))
    done = only(of, run(of, completing("a"), case=case), completing("b"))
    assert isinstance(withdrawn, StageCompleted)
    assert isinstance(done, StageCompleted)

    assert withdrawn.skipped == {"b": "withdrawn", "thank": "optional"}
    assert done.skipped == {"thank": "optional"}


def test_a_case_begins_by_being_opened_once() -> None:
    """Nothing changes a case that is not there, and nothing opens one that is."""
    of = procedure(stage("a", ends()))
    opened = only(of, None, opening())
    told = FactsRecorded(case="C-1", at=AT, by=("S-1",), facts=FrozenMap())

    for case, event in ((evolve(None, opened), opened), (None, told)):
        with pytest.raises(Refused, match="a case begins by being opened, once"):
            evolve(case, event)


# -- what is on record


def test_the_calendar_is_on_record_with_the_clocks_that_change() -> None:
    """An event names the calendar where clocks start, stop or change by it, and no calendar where none does."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", way("done", "c"), clocks=(clock("fix"),)),
        stage("c", ends()),
        priorities=("high", "low"),
        clocks=(clock("solve", ByTarget(output="solve")),),
        targets="table",
    )
    plain = procedure(stage("a", way("done", "b")), stage("b", ends()))
    case, bare = run(of, opening(priority="low")), run(plain, opening())
    fast = attrs.evolve(FRAMED, targets={"solve": After(time=MINUTE)})
    raised = Reprioritise("C-1", "high", by=CHIEF, at=AT)

    assert [event.calendar for event in (  # type: ignore[attr-defined]
        only(of, None, opening(), FRAMED),
        only(plain, None, opening(), FRAMED),
        only(of, case, completing("a"), FRAMED),
        only(plain, bare, completing("a"), FRAMED),
        only(plain, run(plain, completing("a"), case=bare), completing("b"), FRAMED),
        only(of, case, raised, fast),
        only(of, case, raised, FRAMED),
    )] == ["cn@2026", None, "cn@2026", None, None, "cn@2026", None]  # fmt: skip


def test_clocks_that_a_fact_does_not_move_stay_out_of_the_event() -> None:
    """A fact that no deadline counts back from changes no clock, whichever way it is told."""
    of = procedure(
        stage("a", way("done", "b"), signatures=Signatures(count=2)),
        stage("b", ends()),
        facts=(GRADE, FactSpec("cut", FactType.MOMENT)),
        clocks=(clock("notify", Before(lead=MINUTE, anchor="cut")),),
        starts=("a", "b"),
    )
    case = run(of, opening())
    recorded = only(of, case, RecordFacts("C-1", FrozenMap({"grade": "major"}), by=CLERK, at=AT))
    proposed = only(of, case, completing("a", facts={"grade": "major"}))
    completed = only(of, case, completing("b", facts={"grade": "major"}))
    assert isinstance(recorded, FactsRecorded)
    assert isinstance(proposed, StageProposed)
    assert isinstance(completed, StageCompleted)

    assert (recorded.clocks, proposed.clocks, completed.clocks) == ((), (), ())


def test_a_clock_without_a_ladder_is_guarded_by_none() -> None:
    """To reset a clock of a procedure without ladders names no ladder."""
    of = procedure(stage("a", ends()), clocks=(clock("reply"),))
    event = only(of, run(of, opening()), ResetClock("C-1", "reply", reason="r", by=CHIEF, at=AT))
    assert isinstance(event, ClockChanged)

    assert event.ladders == FrozenMap()


def test_a_clock_that_starts_later_is_watched_from_then() -> None:
    """The clock of a second stage has its watch once that stage is open."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", way("done", "c"), clocks=(clock("fix"),)),
        stage("c", ends()),
        ladders=FrozenMap({"fix": "up"}),
    )
    guarded = CaseFacts(ladders={"up": LADDER})
    first = run(of, opening(), facts=guarded)
    second = run(of, completing("a"), case=first, facts=guarded)

    assert ([*first.rungs], [*second.rungs], [*run(of, completing("b"), case=second).rungs]) == ([], ["fix"], ["fix"])


def test_a_migration_stops_the_lost_clocks_and_drops_the_lost_stages_only() -> None:
    """Settled stages that the new version knows stay, and so do running clocks that it has."""
    of = procedure(stage("a", way("done", "b")), stage("b", ends()), clocks=(clock("solve"), clock("notify")))
    case = run(of, opening(), completing("a"))
    after = attrs.evolve(of, version="2", clocks=of.clocks[:1])
    event = only(after, case, MigrateCase("C-1", "2", by=CHIEF, at=AT + MINUTE))
    assert isinstance(event, CaseMigrated)
    moved = evolve(case, event)

    assert plan_migration(after, case).dropped == event.dropped == ()
    assert [one.id for one in event.clocks] == ["notify"]
    assert {one.id: one.state.value for one in moved.clocks} == {"notify": "stopped", "solve": "running"}
    assert tuple(moved.stages) == ("a", "b")


def test_only_signatures_are_renamed_with_their_stage() -> None:
    """The sheet of a checklist keeps its name, though a stage of that name has another one, as do other signatures."""
    sign = Signatures(mode="approval", actors=(HEAD,))
    of = procedure(
        stage("slip", way("done", "b"), form="slip"), stage("b", way("done", "c"), signatures=sign), stage("c", ends())
    )
    facts = CaseFacts(forms={"SH-1": form("slip")})
    case = run(of, opening(), completing("slip", sheet="SH-1"), facts=facts)
    case = run(of, completing("b"), SignStage("C-1", "b", by=CHIEF, at=AT), case=case)
    after = attrs.evolve(
        of,
        version="2",
        starts=("form",),
        stages=(attrs.evolve(of.stages[0], id="form"), *of.stages[1:]),
    )
    moved = run(after, MigrateCase("C-1", "2", stages=FrozenMap({"slip": "form"}), by=CHIEF, at=AT), case=case)

    assert moved.actors == {"open": ("S-1",), "sheet:slip": ("S-7",), "sign:b": ("S-3",)}


def test_a_proposal_keeps_its_sheet() -> None:
    """What waits for signatures has the sheet that it was proposed with, and so has what comes of it."""
    of = procedure(stage("pay", ends(), form="slip", signatures=Signatures(mode="approval", actors=(HEAD,))))
    facts = CaseFacts(forms={"SH-1": form("slip")})
    second = Actor("S-4", posts=("head",))
    waits = run(of, opening(), completing("pay", sheet="SH-1"), facts=facts)
    paid = run(of, SignStage("C-1", "pay", by=CHIEF, at=AT), SignStage("C-1", "pay", by=second, at=AT), case=waits)

    assert (waits.stages["pay"].sheet, paid.stages["pay"].sheet) == ("SH-1", "SH-1")


# -- facts


def test_a_fact_that_is_no_is_no_beside_other_facts() -> None:
    """What is stated as no is not unknown, and what is stated as unknown is, with its reason."""
    urgent = All((Compare("urgent", Op.EQ, value=True), Compare("case.priority", Op.EQ, value="high")))
    of = procedure(
        stage("a", ends("fast", when=urgent), ends()),
        facts=(FactSpec("urgent", FactType.BOOL, may_be_unknown=True),),
        priorities=("high", "low"),
    )
    no = run(of, opening(priority="high", facts={"urgent": False}))
    unknown = run(of, opening(priority="high", facts={"urgent": Unknown("nobody looked")}))
    yes = run(of, opening(priority="high", facts={"urgent": True}))

    assert refused(of, no, completing("a", way="fast")) == ["guard_false"]
    assert refusal(of, unknown, completing("a", way="fast")).reason.endswith("nobody looked")
    assert run(of, completing("a", way="fast"), case=yes).status == "closed"


def test_facts_of_a_stage_without_a_form_are_looked_at() -> None:
    """What is stated by hand is checked where no sheet is asked for, too."""
    of = procedure(stage("a", ends()), facts=(GRADE,))

    assert refused(of, run(of, opening()), completing("a", facts={"odd": "x"})) == ["unknown_fact"]
    assert refused(of, run(of, opening()), completing("a", facts={"grade": "x"})) == ["bad_fact"]


@pytest.mark.parametrize(("op", "attempts"), [(Op.LT, 2), (Op.GE, 1)])
def test_a_stage_nothing_led_to_would_be_tried_for_the_first_time(op: Op, attempts: int) -> None:
    """Why a transition of it cannot be taken is told as of its first entry."""
    guard = Compare("stage.attempt", op, Decimal(attempts))
    of = procedure(stage("a", way("done", "b")), stage("b", way("again", "b", returns=True, when=guard), ends()))

    assert refused(of, run(of, opening()), completing("b", way="again")) == ["stage_not_open"]


# -- signatures


def test_what_was_never_proposed_waits_for_no_signature() -> None:
    """A stage that nothing led to, one where nothing was proposed and one without signatures have nothing to sign."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", way("done", "c"), signatures=Signatures(count=2)),
        stage("c", ends()),
    )
    first = run(of, opening())
    second = run(of, completing("a"), case=first)

    assert refused(of, first, SignStage("C-1", "b", by=CLERK, at=AT)) == ["stage_not_open", "nothing_to_sign"]
    assert refused(of, second, SignStage("C-1", "b", by=CLERK, at=AT)) == ["nothing_to_sign"]
    assert refused(of, first, SignStage("C-1", "a", by=CLERK, at=AT)) == ["nothing_to_sign"]


def test_three_who_act_together_are_three_and_it_is_the_first_ones_deed() -> None:
    """Two of three do not end it; who proposed it did it and gets the role, not whom they act for or who signs last."""
    of = procedure(
        stage("deliver", ends(), signatures=Signatures(count=3), assigns=FrozenMap({"carrier": "actor"})),
        roles=(RoleSpec("carrier", title=T),),
    )
    first = Actor("S-1", posts=("desk",), acting_for="S-8")
    second, third = (SignStage("C-1", "deliver", by=Actor(one, posts=("desk",)), at=AT) for one in ("S-5", "S-6"))
    two = run(of, opening(), completing("deliver", by=first), second)
    events = handle(of, two, third)
    done = run(of, third, case=two)

    assert two.status == "open"
    assert [(type(one).__name__, one.by) for one in events] == [  # type: ignore[attr-defined]
        ("StageSigned", ("S-6",)),
        ("StageCompleted", ("S-1", "S-8")),
    ]
    assert (done.status, done.roles) == ("closed", {"carrier": "S-1"})


def test_whoever_may_approve_their_own_approves_once() -> None:
    """Where people need not be distinct from who did it, the approvals still come from different ones."""
    rule = Signatures(mode="approval", count=2, actors=(DESK, HEAD), distinct=False)
    of = procedure(stage("pay", ends(), signatures=rule))
    case = run(of, opening(), completing("pay"), SignStage("C-1", "pay", by=CLERK, at=AT))

    assert refused(of, case, SignStage("C-1", "pay", by=CLERK, at=AT)) == ["not_distinct"]
    assert run(of, SignStage("C-1", "pay", by=CHIEF, at=AT), case=case).status == "closed"


def test_the_last_signature_asks_again_whether_it_may_be() -> None:
    """What held when it was proposed and holds no longer is refused when it is signed."""
    of = procedure(
        stage("pay", ends(when=GENERAL), ends("stop", "stopped"), signatures=Signatures(count=2)), facts=(GRADE,)
    )
    case = run(of, opening(facts={"grade": "general"}), completing("pay"))
    worse = run(of, RecordFacts("C-1", FrozenMap({"grade": "major"}), by=CLERK, at=AT), case=case)
    sign = SignStage("C-1", "pay", by=Actor("S-5", posts=("desk",)), at=AT)

    assert refused(of, worse, sign) == ["guard_false"]
    assert run(of, sign, case=case).status == "closed"


# -- targets


GRADE = FactSpec("grade", FactType.CODE, choices=("general", "major"))
BY_GRADE = ClockSpec("repair", title=T, deadline=ByTarget(output="repair"), stops=("stage:b",))


def graded(**more: Any) -> Procedure:
    """Return a procedure whose repair is due by the grade."""
    first = stage("a", way("done", "b"), **more)
    return procedure(
        first, stage("b", ends()), facts=(GRADE,), clocks=(BY_GRADE,), targets="t", priorities=("high", "low")
    )


def aiming(hours: int | None, *names: str) -> CaseFacts:
    """Return what a table says that looks at some facts."""
    told = {} if hours is None else {"repair": After(time=dt.timedelta(hours=hours))}
    return CaseFacts(targets=told, target_facts=frozenset(names))


def test_a_fact_that_the_table_looks_at_retargets_the_clock() -> None:
    """Stated by hand, by a step or by a proposal: the deadline is new, the start and what was used up are not."""
    later = AT + dt.timedelta(minutes=30)
    of, signed = graded(), graded(signatures=Signatures(count=1, mode="approval", actors=(HEAD,)))
    two = After(time=dt.timedelta(hours=2))
    facts = FrozenMap({"grade": "major"})
    for of_, command in (
        (of, RecordFacts("C-1", facts, by=CHIEF, at=later)),
        (of, completing("a", facts=facts, at=later)),
        (signed, completing("a", facts=facts, at=later)),
    ):
        (clock,) = run(of_, command, case=run(of_, opening()), facts=aiming(2, "grade")).clocks

        assert (two, AT, later, ()) == (clock.deadline, clock.bound.since, clock.latest, clock.caps)


def test_a_fact_that_changes_nothing_moves_no_deadline() -> None:
    """The same again, one that the table does not look at, and a clock that is over stay as they are."""
    of = graded()
    case = run(of, opening(facts={"grade": "major"}), facts=aiming(8, "grade"))
    same, other = (
        RecordFacts("C-1", FrozenMap({"grade": "major"}), by=CHIEF, at=AT),
        completing("a", facts={"grade": "general"}),
    )

    assert () == handle(of, case, same, aiming(2, "grade"))
    assert case.clocks == run(of, completing("a", facts={"grade": "major"}), case=case, facts=aiming(2, "grade")).clocks
    assert case.clocks == run(of, other, case=case, facts=aiming(2, "priority")).clocks
    assert case.clocks == run(of, other, case=case, facts=aiming(8, "grade")).clocks
    over = run(of, CancelClock("C-1", "repair", reason="r", by=CHIEF, at=AT), case=case)
    assert over.clocks == run(of, other, case=over, facts=aiming(2, "grade")).clocks


def test_what_was_promised_before_the_priority_rose_still_binds() -> None:
    """A fact learned afterwards gives the clock another deadline beside it, and never a later one than was promised."""
    of = graded()
    case = run(of, opening(priority="low"), facts=aiming(8))
    case = run(of, Reprioritise("C-1", "high", by=CHIEF, at=AT), case=case, facts=aiming(4))
    (clock,) = run(of, completing("a", facts={"grade": "general"}), case=case, facts=aiming(24, "grade")).clocks

    assert dt.timedelta(hours=24) == clock.deadline.time  # type: ignore[union-attr]
    assert [8] == [cap.deadline.time / dt.timedelta(hours=1) for cap in clock.caps]  # type: ignore[union-attr]


def test_a_clock_that_a_step_aims_and_stops_is_stopped_with_its_new_deadline() -> None:
    """What the step states counts for the clock that it stops, so that its lateness is told by what is known."""
    of = graded()
    case = run(of, opening(), completing("a"), facts=aiming(None, "grade"))
    (clock,) = run(of, completing("b", facts={"grade": "major"}), case=case, facts=aiming(2, "grade")).clocks

    assert (After(time=dt.timedelta(hours=2)), AT) == (clock.deadline, clock.stopped)


# -- duties that are kept apart


def test_a_sheet_of_ones_own_keeps_apart_only_what_the_separation_names() -> None:
    """Who fills in a slip may not take its stage where that is said, and may where only other duties are named."""
    first = stage("accept", way("done", "pay"), actors=(DESK, ENGINEER), form="slip")
    apart, other = (
        procedure(first, stage("pay", ends()), separations=(Separation("s", title=T, duties=duties),))
        for duties in (("stage:accept", "sheet:slip"), ("stage:accept", "stage:pay"))
    )
    slip = CaseFacts(forms={"SH-1": form("slip", by="S-2")})
    command = completing("accept", by=FITTER, sheet="SH-1")

    assert refused(apart, run(apart, opening()), command, slip) == ["separation"]
    assert run(other, command, case=run(other, opening()), facts=slip).open_stages == ("pay",)


def test_whoever_filled_in_a_sheet_may_not_have_opened_the_case() -> None:
    """The duty of the sheet is that of who filled it in, whoever hands it in."""
    of = procedure(
        stage("accept", ends(), actors=(ENGINEER,), form="slip"),
        separations=(Separation("s", title=T, duties=("open", "sheet:slip")),),
    )
    own, others = (CaseFacts(forms={"SH-1": form("slip", by=by)}) for by in ("S-1", "S-7"))
    case, command = run(of, opening()), completing("accept", by=FITTER, sheet="SH-1")

    assert refused(of, case, command, own) == ["separation"]
    assert run(of, command, case=case, facts=others).status == "closed"


def test_opening_and_waiving_are_duties_too() -> None:
    """Who holds a duty in a linked case may not open this one, and who opened it may not waive."""
    of = procedure(
        stage("a", ends(), actors=(DESK, HEAD), waiver=Waiver(actors=(DESK, HEAD))),
        opens=(DESK, HEAD),
        separations=(
            Separation("linked", title=T, duties=("open", "refund/stage:pay"), within="linked"),
            Separation("own", title=T, duties=("open", "waive")),
        ),
    )
    linked = CaseFacts(duties={"refund/stage:pay": frozenset({"S-1"})})
    waive = WaiveStage("C-1", "a", reason="nobody near", by=CLERK, at=AT)

    assert prove(of) == ()
    assert refused(of, None, opening(), linked) == ["separation"]
    assert run(of, opening(by=CHIEF), facts=linked).status == "open"
    assert refused(of, run(of, opening()), waive) == ["separation"]
    assert run(of, waive, case=run(of, opening(by=CHIEF))).status == "closed"


def test_what_a_linked_case_keeps_apart_holds_here_too() -> None:
    """A separation that only the other procedure declares keeps its people from opening, doing and signing here."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", ends(), signatures=Signatures(count=1, mode="approval", actors=(HEAD,))),
    )
    theirs = Separation("s", title=T, duties=("x", "y"), within="linked", rules=("governance:RSK-SEAL-01",))

    def apart(duty: str, *persons: str) -> CaseFacts:
        return CaseFacts(apart=(Apart(separation=theirs, duty=duty, held="refund/open", persons=frozenset(persons)),))

    case = run(of, opening(), completing("a"), completing("b"))
    sign = SignStage("C-1", "b", by=CHIEF, at=AT)
    assert refused(of, None, opening(), apart("open", "S-1")) == ["separation"]
    assert refused(of, run(of, opening()), completing("a"), apart("stage:a", "S-1")) == ["separation"]
    assert refused(of, case, sign, apart("sign:b", "S-3")) == ["separation"]
    assert run(of, sign, case=case, facts=apart("stage:b", "S-3")).status == "closed"
    with pytest.raises(Refused, match=r"'S-1' already holds 'refund/open'.*'stage:a' \(governance:RSK-SEAL-01\)"):
        handle(of, run(of, opening()), completing("a"), apart("stage:a", "S-1"))


def test_two_cases_are_not_linked_where_somebody_would_hold_two_duties() -> None:
    """Linking looks at what is done already: what either procedure keeps apart between linked cases forbids it."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", ends()),
        separations=(
            Separation("s", title=T, duties=("stage:a", "refund/stage:pay"), within="linked"),
            Separation("t", title=T, duties=("stage:a", "stage:b")),
        ),
    )
    theirs = Separation("u", title=T, duties=("open", "fault/open"), within="linked")
    case = run(of, opening(), completing("a"))
    link = LinkCases("C-1", other="C-2", link="follow_up", by=CHIEF, at=AT)
    paid, others = (CaseFacts(duties={"refund/stage:pay": frozenset({who})}) for who in ("S-1", "S-7"))
    opened = CaseFacts(apart=(Apart(separation=theirs, duty="open", held="refund/open", persons=frozenset({"S-1"})),))
    both = CaseFacts(duties={"stage:b": frozenset({"S-1"})})

    assert refused(of, case, link, paid) == ["separation"]
    assert refused(of, case, link, opened) == ["separation"]
    assert ("follow_up", "C-2") == attrs.astuple(run(of, link, case=case, facts=others).links[0])
    assert ("follow_up", "C-2") == attrs.astuple(run(of, link, case=case, facts=both).links[0])
    assert () == handle(of, run(of, link, case=case), link, paid)


def test_a_waiver_names_its_rules_and_what_was_read() -> None:
    """The event says which rules allow it, and the facts that decided where the case went on."""
    of = procedure(
        stage("a", way("done", "b"), waiver=Waiver(actors=(HEAD,), rules=("estate:NTF-01",))),
        stage("b", way("done", "c"), when=MAJOR),
        stage("c", ends()),
        facts=(GRADE,),
    )
    case = run(of, opening(facts={"grade": "general"}))
    event = only(of, case, WaiveStage("C-1", "a", reason="r", by=CHIEF, at=AT))
    assert isinstance(event, StageWaived)

    assert (event.rules, event.read) == (("estate:NTF-01",), {"grade": "general"})


# -- what a refusal names


def _cases() -> list[tuple[Procedure, Case | None, CaseCommand, str]]:
    bare = procedure(stage("a", way("done", "b")), stage("b", ends()))
    rich = procedure(
        stage("a", way("done", "b"), assigns=FrozenMap({"owner": "actor"})),
        stage("b", ends()),
        facts=(GRADE,),
        roles=(RoleSpec("owner", title=T),),
        priorities=("high", "low"),
        clocks=(clock("reply"),),
    )
    empty, full = run(bare, opening()), run(rich, opening())
    fact = FrozenMap({"odd": "x"})
    return [
        (bare, None, opening(priority="odd"), "no priority 'odd'; there are: none"),
        (rich, None, opening(priority="odd"), "no priority 'odd'; there are: high, low"),
        (bare, None, opening(roles={"odd": "S-1"}), "no role 'odd'; there are: none"),
        (rich, None, opening(roles={"odd": "S-1"}), "no role 'odd'; there are: owner"),
        (bare, empty, AssignRole("C-1", "odd", "S-1", by=CHIEF, at=AT), "no role 'odd'; there are: none"),
        (rich, full, AssignRole("C-1", "odd", "S-1", by=CHIEF, at=AT), "no role 'odd'; there are: owner"),
        (bare, empty, RecordFacts("C-1", fact, by=CHIEF, at=AT), "'odd' is not declared; there are: none"),
        (rich, full, RecordFacts("C-1", fact, by=CHIEF, at=AT), "'odd' is not declared; there are: grade"),
        (bare, empty, ResetClock("C-1", "odd", reason="r", by=CHIEF, at=AT), "no clock 'odd'; there are: none"),
        (rich, full, ResetClock("C-1", "odd", reason="r", by=CHIEF, at=AT), "no clock 'odd'; there are: reply"),
        (bare, empty, completing("b"), "the stage 'b' has not been reached; open stages: a"),
        (bare, run(bare, completing("a"), case=empty), completing("a"), "the stage 'a' is done; open stages: b"),
    ]


@pytest.mark.parametrize(("of", "case", "command", "says"), _cases())
def test_a_refusal_names_what_there_is(of: Procedure, case: Case | None, command: CaseCommand, says: str) -> None:
    """Who asks for what is not there is told what is, or that there is none."""
    assert refusal(of, case, command).reason.endswith(says)


@pytest.mark.parametrize(("reasons", "says"), [((), "there are: none"), (("other",), "there are: other")])
def test_a_pause_for_no_reason_names_the_reasons(reasons: tuple[str, ...], says: str) -> None:
    """A clock is paused only for the reasons that the procedure knows."""
    of = procedure(
        stage("a", ends()),
        clocks=(clock("reply", pauses_on=reasons),),
        pause_reasons=tuple(Reason(code, title=T) for code in reasons),
    )
    with pytest.raises(Refused) as caught:
        handle(of, run(of, opening()), PauseClock("C-1", "reply", "odd", by=CHIEF, at=AT))

    assert caught.value.refusals[0].reason.endswith(f"no reason 'odd'; {says}")


def test_what_is_refused_of_a_clock_names_the_clocks_rules() -> None:
    """The rules by which a clock runs stand with what is refused of it."""
    of = procedure(stage("a", ends()), clocks=(clock("reply", rules=("estate:SRV-16",)),))

    assert refusal(of, run(of, opening()), ResetClock("C-1", "reply", by=CHIEF, at=AT)).rules == ("estate:SRV-16",)


def test_a_case_opened_at_a_stage_again_counts_its_entries() -> None:
    """A stage that was skipped has never been entered, and is entered for the first time then."""
    of = procedure(stage("a", way("done", "b"), ends("stop")), stage("b", ends(), when=MAJOR), facts=(GRADE,))
    skipped = run(of, opening(facts={"grade": "general"}), completing("a"))
    known = attrs.evolve(skipped, facts=FrozenMap({"grade": "major"}))
    again = run(of, ReopenCase("C-1", ("b",), reason="it is worse", by=CHIEF, at=AT), case=known)

    assert (skipped.stages["b"].status, skipped.stages["b"].entry) == (StageStatus.SKIPPED, 0)
    assert (again.stages["b"].status, again.stages["b"].entry) == (StageStatus.OPEN, 1)


def test_opening_reads_what_decides_where_it_begins() -> None:
    """The facts that decided whether the first stages apply are on record with the opening."""
    of = procedure(stage("a", way("done", "b"), when=MAJOR), stage("b", ends()), facts=(GRADE,))
    event = only(of, None, opening(facts={"grade": "general"}))
    assert isinstance(event, CaseOpened)

    assert (event.opened, event.skipped, event.read) == (("b",), {"a": "condition"}, {"grade": "general"})
    assert isinstance(only(of, None, opening(facts={"grade": "major"})), CaseOpened)


def test_lowering_a_priority_is_told_as_it_is() -> None:
    """The event names the new priority and, where no target changes, no clock."""
    of = procedure(stage("a", ends()), priorities=("high", "low"))
    event = only(of, run(of, opening(priority="high")), Reprioritise("C-1", "low", by=CHIEF, at=AT))
    assert isinstance(event, Reprioritised)

    assert (event.priority, event.clocks) == ("low", ())


# -- what leads where


def test_a_join_waits_for_what_lies_several_steps_before_it() -> None:
    """While a stage is open from which a need can still be reached by way of others, the join waits."""
    of = procedure(
        stage("a", way("done", "b")),
        stage("b", way("done", "c")),
        stage("c", way("done", "d")),
        stage("d", ends(), needs=("c", "x")),
        stage("x", way("done", "d")),
        starts=("a", "x"),
    )
    case = run(of, opening(), completing("x"))

    assert prove(of) == ()
    assert (case.open_stages, case.stages["d"].status) == (("a",), StageStatus.WAITING)


def test_only_going_back_counts_as_trying_again() -> None:
    """A stage that two ways onward lead to is done twice, though it may be tried only once."""
    of = procedure(
        stage("a", way("done", "c")),
        stage("b", way("done", "c")),
        stage("c", ends(), way("again", "c", returns=True), attempts=1),
        starts=("a", "b"),
    )
    case = run(of, opening(), completing("a"), completing("c"), completing("b"))

    assert prove(of) == ()
    assert case.stages["c"].entry == 2
    assert refused(of, case, completing("c", way="again")) == ["attempts_used_up"]


def test_going_back_tries_again_only_what_lies_behind() -> None:
    """What has been tried as often as it may be, and is not gone back to, keeps nobody from going back."""
    of = procedure(
        stage("a", way("done", "b"), attempts=1),
        stage("b", way("done", "c"), attempts=2),
        stage("c", ends(), way("again", "b", returns=True), way("back", "a", returns=True)),
    )
    case = run(of, opening(), completing("a"), completing("b"))

    assert prove(of) == ()
    assert run(of, completing("c", way="again"), case=case).stages["b"].entry == 2
    assert refused(of, case, completing("c", way="back")) == ["attempts_used_up"]


def test_a_role_is_given_to_somebody_who_is_known() -> None:
    """A fact that is stated as unknown gives its role to nobody."""
    of = procedure(
        stage("a", ends(), assigns=FrozenMap({"owner": "who"})),
        roles=(RoleSpec("owner", title=T),),
        facts=(FactSpec("who", FactType.CODE, may_be_unknown=True),),
    )

    assert refused(of, run(of, opening()), completing("a", facts={"who": Unknown("nobody said")})) == ["role_unknown"]


@pytest.mark.parametrize(("manages", "says"), [((), "nobody"), ((HEAD, ENGINEER), "post head, post engineer")])
def test_who_may_not_is_told_who_may(manages: tuple[Any, ...], says: str) -> None:
    """The refusal names those who may, or that nobody may."""
    of = procedure(stage("a", ends()), manages=manages)

    assert refusal(of, run(of, opening()), CancelCase("C-1", reason="r", by=CLERK, at=AT)).reason.endswith(
        f"it is for: {says}"
    )


def test_what_the_case_itself_holds_as_text_is_not_put_on_record_again() -> None:
    """A condition on its codes alone leaves nothing to read on record; one on a number tells what it was."""
    of = procedure(
        stage("a", ends("code", when=MAJOR), ends("number", when=Compare("heat", Op.GT, Decimal(40))), ends()),
        facts=(GRADE, FactSpec("heat", FactType.NUMBER)),
    )
    case = run(of, opening(facts={"grade": "major", "heat": "41.5"}))
    read = [event.read for one in ("code", "number") for event in handle(of, case, completing("a", way=one))]  # type: ignore[attr-defined]

    assert read == [{}, {"heat": "41.5"}]
