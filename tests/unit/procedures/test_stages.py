"""Completing, signing and waiving stages."""

from __future__ import annotations

from decimal import Decimal

import attrs
import pytest

from branchkit.conditions import Compare, FactSpec, FactType, Has, Member, Op
from branchkit.errors import Refused
from branchkit.estate import ByRelation, ByRole, BySystem, Standing
from branchkit.messages import Actor
from branchkit.procedures import (
    CaseFacts,
    CaseOpened,
    FormReading,
    RoleSpec,
    Separation,
    Signatures,
    SignStage,
    StageCompleted,
    StageStatus,
    Waiver,
    WaiveStage,
    handle,
    prove,
)
from branchkit.procedures.opening import open_case
from branchkit.procedures.prepared import prepare
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

GRADE = FactSpec("grade", FactType.CODE, choices=("general", "serious", "major"))


def test_parallel_stages_join() -> None:
    """A stage that needs two others opens once both are settled, in whichever order (estate:P-6)."""
    of = procedure(
        stage("grade", way("done", "report", "support")),
        stage("report", way("done", "restore")),
        stage("support", way("done", "restore")),
        stage("restore", ends(), needs=("report", "support")),
    )
    started = run(of, opening(), completing("grade"))
    first = run(of, completing("report"), case=started)
    second = run(of, completing("support"), case=started)

    assert prove(of) == ()
    assert (started.open_stages, first.open_stages, second.open_stages) == (
        ("report", "support"),
        ("support",),
        ("report",),
    )
    assert first.stages["restore"].status is StageStatus.WAITING
    assert (of.stage("restore"), of.stage("odd")) == (of.stages[3], None)
    assert run(of, completing("support"), case=first).open_stages == ("restore",)
    assert run(of, completing("report"), case=second).open_stages == ("restore",)


def test_a_join_passes_by_what_the_ways_taken_leave_out() -> None:
    """A false alarm closes without the repair that closing needs otherwise; it is skipped by rule (estate:P-6)."""
    of = procedure(
        stage("verify", way("real", "repair", "close"), way("false", "close")),
        stage("repair", way("done", "close")),
        stage("close", ends(), needs=("repair",)),
    )
    case = run(of, opening(), completing("verify", way="false"))

    assert prove(of) == ()
    assert case.open_stages == ("close",)
    assert case.stages["repair"].status is StageStatus.SKIPPED


def test_stage_that_does_not_apply_is_skipped_and_passed() -> None:
    """A stage whose condition is no is skipped by its way onward; one that cannot be told applies."""
    of = procedure(
        stage("receive", way("done", "notify")),
        stage("notify", way("told", "close"), ends("stop", "dropped"), when=Member("grade", ("major",)), onward="told"),
        stage("close", ends()),
        facts=(GRADE,),
    )

    assert prove(of) == ()
    assert run(of, opening(facts={"grade": "general"}), completing("receive")).open_stages == ("close",)
    assert run(of, opening(), completing("receive")).open_stages == ("notify",)
    skipped = handle(of, run(of, opening(facts={"grade": "general"})), completing("receive"))[0]
    assert isinstance(skipped, StageCompleted)
    assert (skipped.skipped, skipped.read) == ({"notify": "condition"}, {"grade": "general"})


def test_optional_stages_hold_up_nothing() -> None:
    """The case ends without its optional stage, which is then skipped; done in time, it stays done."""
    of = procedure(
        stage("receive", way("done", "thank", "close")),
        stage("thank", way("done"), optional=True),
        stage("close", ends()),
    )
    started = run(of, opening(), completing("receive"))
    without, with_it = run(of, completing("close"), case=started), run(of, completing("thank"), case=started)

    assert prove(of) == ()
    assert (without.status, without.stages["thank"].status) == ("closed", StageStatus.SKIPPED)
    assert (with_it.status, with_it.stages["thank"].status) == ("open", StageStatus.DONE)


def test_ways_end_together_with_the_weightiest_outcome() -> None:
    """A case closes when its last way ends; of different outcomes the one listed first counts, whatever came last."""
    of = procedure(
        stage("a", ends(code="rejected"), ends("fine", "accepted")),
        stage("b", ends("fine", "accepted")),
        starts=("a", "b"),
    )
    case = run(of, opening(), completing("a"))

    assert (case.status, case.outcome) == ("open", "rejected")
    assert run(of, completing("b", way="fine"), case=case).outcome == "rejected"


def test_an_end_may_withdraw_what_is_open() -> None:
    """A withdrawing end closes the case at once; what is still open is skipped."""
    of = procedure(
        stage("a", ends(code="false_alarm", withdraws=True)), stage("b", ends("fine", "solved")), starts=("a", "b")
    )
    case = run(of, opening(), completing("a"))

    assert (case.status, case.outcome, case.stages["b"].status) == ("closed", "false_alarm", StageStatus.SKIPPED)


def test_every_refusal_is_told() -> None:
    """Who, what, which form, why not: all reasons come at once, each with its code and rules."""
    of = procedure(
        stage(
            "grade",
            ends(when=Member("grade", ("general",)), else_reason=T, reason_required=True, rules=("estate:EMG-12",)),
            way("back", "grade", returns=True),
            form="fault-report",
            rules=("estate:EMG-11",),
        ),
        facts=(GRADE,),
    )
    case = run(of, opening(facts={"grade": "major"}))
    command = completing("grade", by=NOBODY, facts={"odd": "x", "grade": "awful", "form.x": "1"})

    assert refused(of, case, command) == [
        "not_permitted",
        "unknown_fact",
        "bad_fact",
        "unknown_fact",
        "form_missing",
        "reason_missing",
        "guard_false",
    ]
    with pytest.raises(Refused) as caught:
        handle(of, case, completing("grade", reason="r", sheet="SH-1"), CaseFacts(forms={"SH-1": form()}))
    assert caught.value.refusals[0].rules == ("estate:EMG-12",)
    assert caught.value.refusals[0].reason == "words"
    assert refused(of, case, completing("grade", way="odd")) == ["unknown_transition"]
    assert refused(of, case, completing("odd")) == ["unknown_stage"]


def form(**changes: object) -> FormReading:
    given = {"sheet": "SH-1", "checklist": "fault-report", "branch": "B-1", "by": "S-7", "answers": {"ok": "pass"}}
    return FormReading(**{**given, **changes})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("forms", "code"),
    [
        ({}, "form_unknown"),
        ({"SH-1": form(checklist="other")}, "form_other"),
        ({"SH-1": form(branch="B-2")}, "form_other"),
        ({"SH-1": form(state="draft")}, "form_not_final"),
        ({"SH-1": form(state="superseded")}, "form_not_final"),
        ({"SH-1": form(complete=False)}, "form_incomplete"),
        ({"SH-1": form(answers={"ok": "perhaps"})}, "bad_fact"),
    ],
)
def test_a_stage_takes_its_own_form(forms: dict[str, FormReading], code: str) -> None:
    """A sheet that is not filed, of another kind or branch, no final one or not whole is refused."""
    of = procedure(
        stage("receive", ends(), form="fault-report"),
        facts=(FactSpec("form.ok", FactType.CODE, choices=("pass", "fail")),),
    )

    assert refused(of, run(of, opening()), completing("receive", sheet="SH-1"), CaseFacts(forms=forms)) == [code]


def test_answers_of_a_form_become_facts() -> None:
    """A declared answer decides the same step; who filled the sheet holds its duty; a stage without one refuses it."""
    of = procedure(
        stage(
            "receive",
            way("done", "next", when=Compare("form.ok", Op.EQ, "pass")),
            ends("fail", when=Compare("form.ok", Op.EQ, "fail")),
            form="fault-report",
        ),
        stage("next", ends()),
        facts=(FactSpec("form.ok", FactType.CODE, choices=("pass", "fail")), FactSpec("form.other", FactType.BOOL)),
    )
    facts = CaseFacts(forms={"SH-1": form()})
    case = run(of, opening(), completing("receive", sheet="SH-1"), facts=facts)

    assert (case.open_stages, case.facts["form.ok"], case.actors["sheet:fault-report"]) == (("next",), "pass", ("S-7",))
    assert case.stages["receive"].sheet == "SH-1"
    assert refused(of, case, completing("next", sheet="SH-1"), facts) == ["form_not_asked"]
    assert refused(of, None, opening(facts={"form.ok": "pass"})) == ["fact_of_form"]
    blank = CaseFacts(forms={"SH-1": form(answers={})})
    assert refused(of, run(of, opening()), completing("receive", sheet="SH-1"), blank) == ["guard_unknown"]
    free = procedure(stage("receive", ends(), form="fault-report", form_required=False))
    assert run(free, opening(), completing("receive")).status == "closed"
    assert run(free, opening(), completing("receive", sheet="SH-1"), facts=facts).facts == {}


def test_facts_of_every_type_are_asked() -> None:
    """Numbers, sets of codes, yes or no, other records, the priority and the attempt may guard a transition."""
    hot = Compare("heat", Op.GT, Decimal(40))
    of = procedure(
        stage(
            "look",
            way("done", "look", returns=True, when=Compare("stage.attempt", Op.LT, Decimal(2))),
            ends("hot", when=hot),
            ends("urgent", when=Compare("case.priority", Op.EQ, "high")),
            ends("again", when=Compare("repeats", Op.GE, Decimal(3))),
            ends("tagged", when=Has("tags", "a")),
            ends("measured", when=Compare("odd", Op.GE, Decimal(0))),
            ends("calm"),
        ),
        facts=(FactSpec("heat", FactType.NUMBER), FactSpec("tags", FactType.CODES), FactSpec("odd", FactType.NUMBER)),
        priorities=("high", "low"),
    )
    of = attrs.evolve(of, record_facts=(record(),))
    case = run(of, opening(facts={"heat": "41.5", "tags": ("a", "b"), "odd": Unknown("not measured")}))
    assert run(of, completing("look", way="tagged"), case=case).status == "closed"
    assert refused(of, case, completing("look", way="measured")) == ["guard_unknown"]
    records = CaseFacts(records={"repeats": Decimal(3)})

    assert run(of, completing("look", way="hot"), case=case).status == "closed"
    assert run(of, completing("look"), case=case).stages["look"].entry == 2
    assert refused(of, run(of, completing("look"), case=case), completing("look")) == ["guard_false"]
    assert refused(of, case, completing("look", way="urgent")) == ["guard_unknown"]
    assert run(of, completing("look", way="again"), case=case, facts=records).status == "closed"
    event = handle(of, case, completing("look", way="again"), records)[0]
    assert isinstance(event, StageCompleted)
    assert event.read == {"repeats": "3"}
    urgent = run(of, opening(priority="high"))
    assert run(of, completing("look", way="urgent"), case=urgent).status == "closed"


def record() -> object:
    from branchkit.procedures import RecordFact

    return RecordFact("repeats", type=FactType.NUMBER, of="case", take="count")


def test_attempts_are_counted() -> None:
    """Going back is refused once a stage has been tried as often as it may be (governance:P-24)."""
    of = procedure(
        stage("record", way("done", "check"), attempts=2),
        stage("check", ends(), way("again", "record", returns=True)),
    )
    case = run(of, opening(), completing("record"), completing("check", way="again"), completing("record"))

    assert prove(of) == ()
    assert refused(of, case, completing("check", way="again")) == ["attempts_used_up"]
    assert case.stages["record"].entry == 2
    assert run(of, completing("check"), case=case).status == "closed"


def test_two_who_act_together_are_two() -> None:
    """Two deliver the boxes: the first proposes, somebody else signs, and neither alone ends it (governance:P-16)."""
    of = procedure(
        stage("deliver", ends(), signatures=Signatures(count=2), assigns=FrozenMap({"carrier": "actor"})),
        roles=(RoleSpec("carrier", title=T),),
    )
    case = run(of, opening(), completing("deliver"))
    other = Actor("S-5", posts=("desk",))
    delegate = Actor("S-6", posts=("desk",), acting_for="S-1")
    done = run(of, SignStage("C-1", "deliver", by=other, at=AT + MINUTE), case=case)

    assert prove(of) == ()
    assert case.status == "open"
    assert refused(of, case, completing("deliver")) == ["waits_for_signatures"]
    assert refused(of, case, SignStage("C-1", "deliver", by=CLERK, at=AT)) == ["not_distinct"]
    assert refused(of, case, SignStage("C-1", "deliver", by=delegate, at=AT)) == ["not_distinct"]
    assert refused(of, case, SignStage("C-1", "deliver", by=NOBODY, at=AT)) == ["not_permitted"]
    assert (done.status, done.stages["deliver"].by, done.roles["carrier"]) == ("closed", ("S-1", "S-5"), "S-1")
    assert refused(of, done, SignStage("C-1", "deliver", by=other, at=AT)) == ["case_not_open", "nothing_to_sign"]


def test_a_checker_approves_or_sends_back() -> None:
    """Two approve what one did; sent back with a reason, it is done anew; whoever did it approves nothing."""
    of = procedure(stage("pay", ends(), signatures=Signatures(mode="approval", actors=(HEAD, DESK))))
    case = run(of, opening(), completing("pay"))
    second = Actor("S-4", posts=("head",))
    approved = run(of, SignStage("C-1", "pay", by=CHIEF, at=AT), case=case)
    back = run(of, SignStage("C-1", "pay", decision="return", reason="no", by=CHIEF, at=AT), case=case)

    assert prove(of) == ()
    assert refused(of, case, SignStage("C-1", "pay", by=CLERK, at=AT)) == ["not_distinct"]
    assert (approved.status, approved.actors["sign:pay"]) == ("open", ("S-3",))
    assert refused(of, approved, SignStage("C-1", "pay", by=CHIEF, at=AT)) == ["not_distinct"]
    assert run(of, SignStage("C-1", "pay", by=second, at=AT), case=approved).status == "closed"
    assert refused(of, case, SignStage("C-1", "pay", decision="return", by=CHIEF, at=AT)) == ["reason_missing"]
    assert (back.open_stages, back.stages["pay"].signed) == (("pay",), ())
    assert run(of, completing("pay"), case=back).stages["pay"].signed == (("S-1",),)
    again = attrs.evolve(
        of,
        stages=(
            attrs.evolve(of.stages[0], signatures=Signatures(mode="approval", count=1, actors=(DESK,), distinct=False)),
        ),
    )
    assert run(again, opening(), completing("pay"), SignStage("C-1", "pay", by=CLERK, at=AT)).status == "closed"


def test_signing_and_proposing_are_refused_as_completing_is() -> None:
    """A proposal without the right and a last signature that would end a held case are refused."""
    apart = Separation("apart", title=T, duties=("open", "sign:pay"))
    of = procedure(
        stage("pay", ends(), signatures=Signatures(mode="approval", actors=(HEAD, DESK))), separations=(apart,)
    )
    case = run(of, opening(), completing("pay", by=Actor("S-8", posts=("desk",))))

    assert refused(of, run(of, opening()), completing("pay", by=NOBODY)) == ["not_permitted"]
    assert refused(of, case, SignStage("C-1", "pay", by=CLERK, at=AT)) == ["separation"]
    signed = run(of, SignStage("C-1", "pay", by=CHIEF, at=AT), case=case)
    last = SignStage("C-1", "pay", by=Actor("S-4", posts=("head",)), at=AT)
    assert refused(of, signed, last, CaseFacts(blocked_by=("C-2",))) == ["held_by_cases"]


def test_waiving_needs_a_reason_and_an_actor_who_may() -> None:
    """A stage is waived only by whom the procedure names, with a reason; the case goes on by its way onward."""
    of = procedure(
        stage(
            "inform",
            way("told", "close"),
            ends("stop", "dropped"),
            onward="told",
            waiver=Waiver(actors=(HEAD,), rules=("estate:NTF-01",)),
        ),
        stage("close", ends()),
    )
    case = run(of, opening())
    waived = run(of, WaiveStage("C-1", "inform", reason="nobody near", by=CHIEF, at=AT), case=case)

    assert prove(of) == ()
    assert refused(of, case, WaiveStage("C-1", "inform", by=CLERK, at=AT)) == ["not_permitted", "reason_missing"]
    assert (waived.stages["inform"].status, waived.open_stages) == (StageStatus.WAIVED, ("close",))
    assert waived.actors["waive"] == ("S-3",)
    assert refused(of, waived, WaiveStage("C-1", "close", reason="r", by=CHIEF, at=AT)) == ["waiver_refused"]
    assert refused(of, waived, WaiveStage("C-1", "inform", reason="r", by=CHIEF, at=AT)) == ["stage_not_open"]


def test_compliance_outranks_business() -> None:
    """Waiving an identity check is refused with the id of the rule that forbids it."""
    of = procedure(stage("identify", ends(), no_waiver_rules=("governance:RSK-ID-01",)))
    with pytest.raises(Refused, match=r"never waived \(governance:RSK-ID-01\)") as caught:
        handle(of, run(of, opening()), WaiveStage("C-1", "identify", reason="in a hurry", by=CHIEF, at=AT))

    assert [(one.code, one.rules) for one in caught.value.refusals] == [("waiver_refused", ("governance:RSK-ID-01",))]


def test_nobody_holds_two_duties_that_are_kept_apart() -> None:
    """Posting and authorising take two people, delegates included; also across linked cases (governance:P-19)."""
    of = procedure(
        stage("accept", way("done", "authorise"), actors=(DESK, ENGINEER), form="slip", form_required=False),
        stage("authorise", ends(), actors=(DESK, ENGINEER, HEAD)),
        separations=(
            Separation(
                "own", title=T, duties=("stage:accept", "stage:authorise", "sheet:slip"), rules=("governance:GOV-01",)
            ),
            Separation("linked", title=T, duties=("refund/stage:pay", "stage:authorise"), within="linked"),
            Separation("opened", title=T, duties=("open", "stage:authorise")),
        ),
    )
    case = run(of, opening(), completing("accept", by=FITTER))
    linked = CaseFacts(duties={"refund/stage:pay": frozenset({"S-3"})})
    slip = CaseFacts(forms={"SH-1": form(checklist="slip", by="S-2")})

    assert refused(of, case, completing("authorise", by=FITTER)) == ["separation"]
    assert refused(of, case, completing("authorise", by=CLERK)) == ["separation"]
    assert refused(of, case, completing("authorise", by=Actor("S-4", posts=("head",), acting_for="S-2"))) == [
        "separation"
    ]
    assert refused(of, case, completing("authorise", by=CHIEF), linked) == ["separation"]
    assert run(of, completing("authorise", by=CHIEF), case=case).status == "closed"
    assert refused(of, run(of, opening()), completing("accept", by=FITTER, sheet="SH-1"), slip) == ["separation"]


def test_actors_are_found_as_the_design_names_them() -> None:
    """Posts, roles of the case, relations and systems act where the stage names them; a narrower transition holds."""
    of = procedure(
        stage("a", way("done", "b"), assigns=FrozenMap({"owner": "actor", "receiver": "who"})),
        stage("b", way("done", "c"), actors=(ByRole(role="owner"), ByRole(role="receiver"))),
        stage("c", way("done", "d"), actors=(ByRelation(relation="superior_unit"),)),
        stage(
            "d", ends(actors=(HEAD,)), way("back", "a", returns=True), actors=(BySystem(system="core:*"), DESK, HEAD)
        ),
        roles=(RoleSpec("owner", title=T), RoleSpec("receiver", title=T)),
        facts=(FactSpec("who", FactType.CODE),),
    )
    started = run(of, opening())
    case = run(of, completing("a", facts={"who": "S-6"}), case=started)
    above = CaseFacts(standing=Standing(relations=FrozenMap({"superior_unit": ("S-7",)})))
    third = run(of, completing("b", by=Actor("S-5", acting_for="S-6")), case=case)
    last = run(of, completing("c", by=Actor("S-7")), case=third, facts=above)

    assert prove(of) == ()
    assert refused(of, started, completing("a")) == ["role_unknown"]
    assert case.roles == {"owner": "S-1", "receiver": "S-6"}
    assert refused(of, case, completing("b", by=CHIEF)) == ["not_permitted"]
    assert refused(of, third, completing("c", by=Actor("S-7"))) == ["not_permitted"]
    assert refused(of, last, completing("d", by=CLERK)) == ["not_permitted"]
    assert run(of, completing("d", by=Actor("core:ledger", system=True), way="back"), case=last).open_stages == ("a",)
    assert run(of, completing("d", by=CHIEF), case=last).status == "closed"


def test_what_is_told_late_comes_after_what_is_decided() -> None:
    """A step dated before the last one counts from the last one."""
    of = procedure(stage("a", way("done", "b")), stage("b", ends()))
    case = run(of, opening(at=AT + MINUTE), completing("a", at=AT))

    assert case.latest == AT + MINUTE
    assert case.stages["b"].since == AT + MINUTE


def test_ways_that_meet_without_needing_each_other_do_the_stage_twice() -> None:
    """A stage that two ways lead to merges while it is open, and is done again where it was settled before."""
    of = procedure(stage("a", way("done", "c")), stage("b", way("done", "c")), stage("c", ends()), starts=("a", "b"))
    merged = run(of, opening(), completing("a"), completing("b"))
    twice = run(of, opening(), completing("a"), completing("c"), completing("b"))

    assert (merged.open_stages, merged.stages["c"].entry) == (("c",), 1)
    assert (twice.status, twice.open_stages, twice.stages["c"].entry) == ("open", ("c",), 2)


def test_a_skipped_stage_may_withdraw_the_case() -> None:
    """What a way does that is taken by rule is what it does when somebody takes it."""
    of = procedure(
        stage("a", ends(code="none", withdraws=True), when=Member("grade", ("major",))),
        stage("b", ends("fine", "solved")),
        starts=("a", "b"),
        facts=(GRADE,),
    )

    assert run(of, opening(facts={"grade": "general"})).outcome == "none"


def test_a_step_to_one_stage_leaves_alone_what_waits() -> None:
    """While a join waits, a step that leads to a plain stage opens that one and nothing else."""
    of = procedure(
        stage("a", way("done", "d")),
        stage("b", way("done", "c")),
        stage("c", way("done", "d")),
        stage("d", ends(), needs=("a", "c")),
        starts=("a", "b"),
    )
    case = run(of, opening(), completing("a"), completing("b"))

    assert prove(of) == ()
    assert (case.open_stages, case.stages["d"].status) == (("c",), StageStatus.WAITING)
    assert run(of, completing("c"), case=case).open_stages == ("d",)


def test_a_stage_without_a_way_onward_ends_nowhere() -> None:
    """What the proof refuses may still be walked through by who looks for dead ends: a case that ends as nothing."""
    of = procedure(stage("a", way("done", "a", returns=True), when=Member("grade", ("major",))), facts=(GRADE,))
    (event,) = open_case(prepare(of), None, opening(facts={"grade": "general"}), CaseFacts())
    assert isinstance(event, CaseOpened)

    assert prove(of) != ()
    assert (event.closes, event.outcome) == (True, None)
