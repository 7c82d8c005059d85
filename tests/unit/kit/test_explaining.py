"""Why a case is as it is: what binds, what was not counted, which rung comes, and every reason of every refusal."""

from __future__ import annotations

import datetime as dt
import json

import attrs
import pytest

from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.errors import NotFound
from branchkit.escalation import BeforeDue
from branchkit.estate import ByPost, ResumeService, SuspendService
from branchkit.kit import Kit
from branchkit.kit.explaining import CaseReasons, ClockReasons, WayReasons, explain
from branchkit.kit.reasons import plain_reasons, reason_lines
from branchkit.procedures import (
    AcknowledgeEscalation,
    Case,
    CompleteStage,
    PauseClock,
    ResumeClock,
    Separation,
    Signatures,
    Stage,
    Transition,
    Waiver,
)
from branchkit.temporal import Due, Named, Roll, Suspension
from branchkit.values import FrozenMap, Text
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, book, fired, guarded_kit, open_fault
from tests.unit.kit.test_cases import CLERK, DESK, FITTER, HEAD, HOUR, MINUTE, MONDAY


@pytest.fixture
def kit() -> Kit:
    """Return a kit with one open fault of normal priority."""
    kit = guarded_kit()
    open_fault(kit)
    return kit


def clock(reasons: CaseReasons, name: str) -> ClockReasons:
    return next(one for one in reasons.clocks if one.clock.id == name)


def lines(reasons: CaseReasons, lang: str = "en") -> str:
    return "\n".join(reason_lines(reasons, lang))


def take(kit: Kit, minutes: int) -> None:
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + minutes * MINUTE))


def test_a_case_that_is_not_there(kit: Kit) -> None:
    """It is refused by its id."""
    with pytest.raises(NotFound, match="C-9"):
        explain(kit, "C-9", MONDAY)


def test_nothing_is_changed(kit: Kit) -> None:
    """Asking leaves the journal as it was."""
    before = len(list(kit.events()))
    explain(kit, "C-1", MONDAY + 5 * HOUR, actor=DESK)

    assert before == len(list(kit.events()))


def test_a_target_names_its_row_and_what_was_asked(kit: Kit) -> None:
    """The table, its version, the row, the facts it looked at and its answer."""
    target = clock(explain(kit, "C-1", MONDAY), "repair").target

    assert target is not None
    assert ("house.targets", "1", "row:3", {"priority": "normal"}, "8:00:00") == (
        target.table, target.version, target.row, dict(target.facts), target.answer,
    )  # fmt: skip


def test_a_raised_priority_leaves_the_earlier_promise_beside(kit: Kit) -> None:
    """Both promises are told with what they mean; the earlier one binds."""
    fired(kit, MONDAY + 31 * MINUTE)
    found = clock(explain(kit, "C-1", MONDAY + HOUR), "repair").promises

    assert [(True, MONDAY + 2 * HOUR), (False, MONDAY + 25 * HOUR)] == [
        (one.binds, one.due.at) for one in found if isinstance(one.due, Due)
    ]
    said = lines(explain(kit, "C-1", MONDAY + HOUR))
    assert "within 2 h of open time, from 2026-03-02 09:00 → 2026-03-02 11:00:00 (this binds)" in said
    assert "within 8 h of open time, from 2026-03-02 09:00 → 2026-03-03 10:00:00 (later)" in said


def test_shares_of_pauses_and_suspensions_add_up(kit: Kit) -> None:
    """What overlaps is told once: the shares of all stretches are what the clock was paused for."""
    take(kit, 5)
    kit.do(PauseClock("C-1", "repair", reason="part", by=HEAD, at=MONDAY + HOUR))
    cut = Suspension(id="SUS-1", branch="B-1", since=MONDAY + 1.5 * HOUR, until=MONDAY + 2.5 * HOUR, reason="power_cut")
    kit.do(SuspendService(cut, by=CLERK, at=MONDAY + 1.5 * HOUR))
    kit.do(ResumeClock("C-1", "repair", by=HEAD, at=MONDAY + 2 * HOUR))
    found = clock(explain(kit, "C-1", MONDAY + 5 * HOUR), "repair")

    assert found.reading is not None
    assert [("part", HOUR), ("power_cut", 30 * MINUTE)] == [(one.reason, one.share) for one in found.stretches]
    assert found.reading.paused_for == sum((one.share for one in found.stretches), dt.timedelta())
    assert "30 min not counted" in lines(explain(kit, "C-1", MONDAY + 5 * HOUR))
    assert ("SUS-1", None) == (found.stretches[1].suspension, found.stretches[1].by)


def test_a_pause_that_lasts_is_told_up_to_now(kit: Kit) -> None:
    """Its end is open, and its share is what it has taken so far."""
    take(kit, 5)
    kit.do(PauseClock("C-1", "repair", reason="part", by=HEAD, at=MONDAY + HOUR))
    found = clock(explain(kit, "C-1", MONDAY + 2 * HOUR), "repair")

    assert [(None, HOUR)] == [(one.until, one.share) for one in found.stretches]


def test_every_rung_says_when_it_comes_and_what_came_of_it(kit: Kit) -> None:
    """What has fired tells whom it told; what is ahead tells when; what nobody has swept is due."""
    fired(kit, MONDAY + 20 * MINUTE)
    found = {one.id: one for one in clock(explain(kit, "C-1", MONDAY + 45 * MINUTE), "reply").rungs}

    assert {"half": "recorded", "late": "due", "later": "ahead", "open": "due"} == {
        name: one.state for name, one in found.items()
    }
    assert (MONDAY + 15 * MINUTE, ()) == (found["half"].reached[0].due, found["half"].reached[0].told)
    assert found["later"].planned is not None
    assert MONDAY + 90 * MINUTE + dt.timedelta(microseconds=1) == found["later"].planned.at


def test_a_rung_that_is_held_says_by_what_and_until_when(kit: Kit) -> None:
    """An acknowledgement holds the ladder for an hour; the rung's own time and that of its release are told."""
    kit.do(AcknowledgeEscalation("C-1", "reply", by=DESK, at=MONDAY + 20 * MINUTE))
    found = {one.id: one for one in clock(explain(kit, "C-1", MONDAY + 25 * MINUTE), "reply").rungs}

    late = found["late"]
    assert late.planned is not None
    assert ("waits", "acknowledged", MONDAY + 80 * MINUTE) == (late.state, late.planned.held_by, late.planned.free)
    assert "acknowledged by S-1" in lines(explain(kit, "C-1", MONDAY + 25 * MINUTE))


def test_a_stopped_clock_has_no_rung_ahead(kit: Kit) -> None:
    """Once the stage is done, what has not come does not come."""
    take(kit, 10)
    found = clock(explain(kit, "C-1", MONDAY + HOUR), "reply")

    assert {"silent"} == {one.state for one in found.rungs}
    assert found.next_look is None


def test_a_clock_that_nothing_tells_says_why(kit: Kit) -> None:
    """Beyond the confirmed days of the calendar there is no deadline, and the words name the calendar."""
    found = clock(explain(kit, "C-1", MONDAY.replace(year=2027)), "repair")

    assert found.reading is None
    assert found.lacking is not None
    assert "works" in found.lacking.say()
    assert "日历works未确认2027-01-01" == found.lacking.say("zh")
    assert "cannot be told" in lines(explain(kit, "C-1", MONDAY.replace(year=2027)))


# -- ways

GUARDED = attrs.evolve(
    FAULT,
    version="2",
    facts=(FactSpec("part", FactType.CODE),),
    separations=(
        Separation("own", title=Text(zh="不得自修", en="Not whoever took it"), duties=("stage:receive", "stage:repair"),
                   rules=("estate:FLT-06",)),
    ),
    stages=(
        FAULT.stages[0],
        Stage(
            "repair",
            title=Text(zh="修复", en="Repair"),
            actors=(ByPost(post="engineer"),),
            no_waiver_rules=("estate:FLT-05",),
            rules=("estate:FLT-02",),
            transitions=(
                Transition(
                    "done",
                    title=Text(zh="修好", en="Repaired"),
                    to=("confirm",),
                    when=Compare(fact="part", op=Op.EQ, value="fan"),
                    else_reason=Text(zh="先写明换了什么", en="Say what was put in"),
                ),
                Transition("drop", title=Text(zh="放弃", en="Give up"), ends="solved", reason_required=True),
            ),
        ),
        Stage(
            "confirm",
            title=Text(zh="确认", en="Confirm"),
            actors=(ByPost(post="fault_desk"),),
            form="outdoor",
            waiver=Waiver(actors=(ByPost(post="outlet_head"),)),
            signatures=Signatures(mode="approval", count=1, actors=(ByPost(post="outlet_head"),)),
            transitions=(Transition("close", title=Text(zh="关闭", en="Close"), ends="solved"),),
        ),
    ),
)  # fmt: skip


@pytest.fixture
def guarded() -> Kit:
    """Return a kit with a fault whose repair is guarded, already taken by the desk."""
    kit = guarded_kit(rules_=book(REPLY, REPAIR, GUARDED))
    open_fault(kit)
    take(kit, 5)
    return kit


def ways(reasons: CaseReasons, stage: str) -> dict[str, WayReasons]:
    (found,) = (one for one in reasons.stages if one.stage.id == stage)
    return {one.transition or one.kind: one for one in found.ways}


def test_a_way_that_is_closed_gives_all_reasons_with_codes_and_rules(guarded: Kit) -> None:
    """The desk may not act in the repair, has taken the case, and has not said what was put in."""
    found = ways(explain(guarded, "C-1", MONDAY + HOUR, actor=DESK), "repair")

    assert ["not_permitted", "separation", "guard_unknown"] == [one.code for one in found["done"].refusals]
    assert [("estate:FLT-02",), ("estate:FLT-06",)] == [one.rules for one in found["done"].refusals[:2]]
    assert ["waiver_refused"] == [one.code for one in found["waive"].refusals]
    assert ("estate:FLT-05",) == found["waive"].refusals[0].rules


def test_what_one_brings_along_closes_no_way(guarded: Kit) -> None:
    """A way that asks for a reason is open, and says that it takes one."""
    found = ways(explain(guarded, "C-1", MONDAY + HOUR, actor=FITTER), "repair")

    assert found["drop"].is_open
    assert ["reason_missing"] == [one.code for one in found["drop"].brings]
    assert not found["done"].is_open


def test_for_nobody_in_particular_permits_close_nothing(guarded: Kit) -> None:
    """Without an actor a way is open where somebody may take it, and says who."""
    found = ways(explain(guarded, "C-1", MONDAY + HOUR), "repair")

    assert (True, (ByPost(post="engineer"),)) == (found["drop"].is_open, found["drop"].who)
    assert ["guard_unknown"] == [one.code for one in found["done"].refusals]


def test_words_are_in_the_language_asked_for(guarded: Kit) -> None:
    """In Chinese what the procedure says instead is said in Chinese, and each reason keeps its code."""
    reasons = explain(guarded, "C-1", MONDAY + HOUR, actor=FITTER)

    assert "的条件所需事实未知" in lines(reasons, "zh")
    assert "✓ 放弃 (drop): 工程师, 须写明理由" in lines(reasons, "zh")
    assert "✗ Waive (waive): –, with a reason" in lines(reasons, "en")


def test_a_condition_that_fails_is_told_in_the_procedures_words(guarded: Kit) -> None:
    """What is said where the condition does not hold stands in both languages."""
    guarded.do(CompleteStage("C-1", "repair", "done", facts={"part": "fan"}, by=FITTER, at=MONDAY + HOUR))  # type: ignore[arg-type]
    found = explain(guarded, "C-1", MONDAY + 2 * HOUR)

    assert ["confirm"] == [one.stage.id for one in found.stages]
    assert ["form_missing"] == [one.code for one in ways(found, "confirm")["close"].brings]
    assert ways(found, "confirm")["waive"].is_open


def test_it_is_plain_data_too(guarded: Kit) -> None:
    """The same as JSON, with the shares, the rungs and the refusals."""
    plain = json.loads(json.dumps(plain_reasons(explain(guarded, "C-1", MONDAY + HOUR, actor=DESK))))

    (stage,) = plain["stages"]
    assert ("C-1", "house.fault", "2", "open") == (plain["case"], plain["procedure"], plain["version"], plain["status"])
    assert ["done", "drop", None] == [way["transition"] for way in stage["ways"]]
    assert "not_permitted" == stage["ways"][0]["refusals"][0]["code"]
    assert {"reply", "repair"} == {one["id"] for one in plain["clocks"]}


def test_a_closed_case_has_no_way_left(guarded: Kit) -> None:
    """Its clocks are explained still, and no stage is under way."""
    guarded.do(CompleteStage("C-1", "repair", "drop", reason="x", by=FITTER, at=MONDAY + HOUR))
    found = explain(guarded, "C-1", MONDAY + 2 * HOUR)

    assert "closed" == guarded.get(Case, "C-1").status
    assert ((), 2) == (found.stages, len(found.clocks))


def test_service_goes_on_and_the_share_stays(kit: Kit) -> None:
    """A suspension that was ended early takes what it took until then."""
    cut = Suspension(id="SUS-1", branch="B-1", since=MONDAY, reason="power_cut")
    kit.do(SuspendService(cut, by=CLERK, at=MONDAY))
    kit.do(ResumeService("B-1", "SUS-1", by=CLERK, at=MONDAY + HOUR))
    found = clock(explain(kit, "C-1", MONDAY + 2 * HOUR), "repair")

    assert [HOUR] == [one.share for one in found.stretches]


# -- joins, signatures, days that move, rungs before and round after round

GO = Transition("go", title=Text(zh="去", en="Go"), to=("end",))
JOINED = attrs.evolve(
    GUARDED,
    version="3",
    separations=(),
    starts=("receive", "side"),
    ladders=FrozenMap({"reply": "house.reply", "report": "house.repair"}),
    clocks=(
        FAULT.clocks[0],
        attrs.evolve(FAULT.clocks[1], id="report", deadline=Named(moment="noon", days=5, roll=Roll.NEXT)),
    ),
    targets=None,
    stages=(
        attrs.evolve(
            GUARDED.stages[2], id="receive", form=None, transitions=(GO,)
        ),
        attrs.evolve(FAULT.stages[0], id="side", transitions=(GO,)),
        attrs.evolve(FAULT.stages[1], id="end", needs=("receive", "side")),
    ),
)  # fmt: skip
EARLY = attrs.evolve(
    REPAIR,
    version="2",
    rungs=(*REPAIR.rungs, attrs.evolve(REPAIR.rungs[0], id="soon", at=BeforeDue(lead=HOUR, time="elapsed"))),
)


@pytest.fixture
def joined() -> Kit:
    """Return a kit with a case of two ways that join."""
    kit = guarded_kit(rules_=book(REPLY, EARLY, JOINED))
    open_fault(kit)
    return kit


def test_what_waits_says_for_what(joined: Kit) -> None:
    """A join that is led to waits for the other way, and has no way of its own until then."""
    joined.do(CompleteStage("C-1", "side", "go", by=DESK, at=MONDAY + MINUTE))
    found = {one.stage.id: one for one in explain(joined, "C-1", MONDAY + HOUR).stages}

    assert (("receive",), ()) == (found["end"].waits_for, found["end"].ways)
    assert "may still come first: " in lines(explain(joined, "C-1", MONDAY + HOUR))


def test_what_waits_for_a_signature_may_be_signed(joined: Kit) -> None:
    """Once it is proposed, signing is a way, and proposing it again is refused."""
    joined.do(CompleteStage("C-1", "receive", "go", by=DESK, at=MONDAY + MINUTE))
    found = ways(explain(joined, "C-1", MONDAY + HOUR, actor=HEAD), "receive")

    assert found["sign"].is_open
    assert {"not_permitted", "waits_for_signatures"} <= {one.code for one in found["go"].refusals}


def test_days_that_move_a_deadline_are_named(joined: Kit) -> None:
    """Five days after Monday is a Saturday, so that Saturday and Sunday are told."""
    found = clock(explain(joined, "C-1", MONDAY), "report")

    assert ["2026-03-07", "2026-03-08"] == [one.date.isoformat() for one in found.moved]
    assert "moved past: 2026-03-07" in lines(explain(joined, "C-1", MONDAY))
    assert "(instead of 2026-03-07)" in lines(explain(joined, "C-1", MONDAY))


def test_rungs_before_the_deadline_and_round_after_round(joined: Kit) -> None:
    """A rung an hour before it, and the further rounds after it, are told with their number."""
    late = MONDAY + 7 * 24 * HOUR + 6 * HOUR
    fired(joined, late)
    said = lines(explain(joined, "C-1", late))

    assert "soon (1 h before it is due): fired 2026-03-09 11:00:00" in said
    assert "#1" in said
