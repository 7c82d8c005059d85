"""The shipped procedures for faults and upkeep, run through a kit from their opening to their every outcome."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, CellState, Sheet, SubmitSheet, bind, read
from branchkit.errors import Refused
from branchkit.estate import Branch, judge_register
from branchkit.findings import Finding
from branchkit.kit import Kit
from branchkit.messages import Actor
from branchkit.procedures import Case, OpenCase, SignStage, Surroundings, prove
from branchkit.temporal import Suspension
from branchkit.values import Ref
from tests.unit.catalog.outlets import ATM, DAY, HOUR, LINE, MINUTE, TUESDAY, WHO, ZONE, Run, entry, opened, told

NAMES = (
    "fault", "repair-service", "emergency-repair", "emergency-drill", "device-tampering", "service-outage",
    "heart-attack", "planned-maintenance", "phone-number", "neighbour-notice",
)  # fmt: skip
REPORT = {
    "channel": "phone",
    "reporter-kind": "customer",
    "described": "no tone",
    "handled-by": "17",
    "contact-phone": "1",
}
PARTS = {"parts": "phone_set", "out-from": "2026-03-03T09:00:00+08:00", "out-until": "2026-03-03T10:00:00+08:00"}
CAUSE = {"analysis": "worn", "prevention": "renew", "prevention-owner": "the desk", "prevention-due": "2026-04-01"}
WORK = {
    "step-done@step:clean": "pass",
    "step-done@step:inspect": "pass",
    "step-done@step:repair": "pass",
    "tested-after": "pass",
}
RECORD = {
    "done-from": "2026-03-03T09:00:00+08:00", "done-until": "2026-03-03T11:00:00+08:00", "done-work": "cleaned",
    "done-by": "two fitters", "equipment@row:1": "ATM-1", "result@row:1": "ok",
}  # fmt: skip
PLAN = {
    "plan-from": "2026-03-03T18:00:00+08:00", "plan-until": "2026-03-03T20:00:00+08:00", "hours": "outside",
    "plan-work": "clean the machine", "plan-material": "cloth", "plan-staff": "two fitters",
}  # fmt: skip
FEEDBACK = {"meets-requirements": "pass", "rating": "5"}
RURAL_PLAN = {
    "plan-start@row:1": "2026-03-10T09:00:00+08:00", "plan-end@row:1": "2026-03-10T11:00:00+08:00",
    "plan-content@row:1": "hardware", "plan-people@row:1": "two fitters",
}  # fmt: skip


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a town outlet and a rural one."""
    return opened()


def contained(run: Run, grade: str = "general") -> Run:
    run.do("receive", "taken", "fault_desk", REPORT).do("reply", "replied", "fault_desk")
    run.do("grade", "graded", "maintenance_team", grade=grade)
    return run.do("contain", "contained", "maintenance_team", measures=("spare_installed",))


def closed(run: Run, cause: str = "device") -> Run:
    run.do("tell", "told", "fault_desk")
    run.do("root-cause", "found", "department_head", CAUSE, cause=cause, attributed_to="bank")
    if "prevent-again" in run.case.open_stages:
        run.do("prevent-again", "revised", "department_head", reason="it happened again")
    return run.do("close", "closed", "fault_desk")


@pytest.mark.parametrize("name", NAMES)
def test_every_procedure_proves(name: str) -> None:
    """A shipped procedure holds together with the forms, ladders and tables it names."""
    catalog = Catalog()
    around = Surroundings(
        checklists={one.id: catalog.checklist(one.id) for one in catalog.entries("checklist")},
        ladders={one.id: catalog.ladder(one.id) for one in catalog.entries("ladder")},
        targets=frozenset(one.id for one in catalog.entries("table")),
    )

    assert () == prove(catalog.procedure(name), around)


def test_only_the_half_hour_is_stated() -> None:
    """estate:FLT-06: of all deadlines of these procedures the half hour alone has a source; the others say so."""
    stated = {
        clock.id
        for name in NAMES
        for _, clock in Catalog().procedure(name).all_clocks()
        if clock.basis == "sourced" and clock.deadline.KIND not in ("not_configured", "target")
    }

    assert {"reply"} == stated


# -- faults


def test_a_fault_goes_from_the_report_to_its_close(kit: Kit) -> None:
    """estate:P-5, governance:P-8, estate:FLT-15, estate:FLT-07, estate:FLT-08, governance:INC-OUT-17: every stage is
    done.
    """
    run = contained(Run(kit, "fault", "fault_desk", place=LINE))
    run.do("repair", "repaired", "engineer", PARTS)

    assert ("closed", "solved") == closed(run).ended
    assert {"cause": "device", "grade": "general"}.items() <= run.case.facts.items()


def test_a_customer_reports_through_whoever_takes_the_call(kit: Kit) -> None:
    """estate:FLT-01, governance:INC-OUT-15: a customer may report, by a member of staff who acts for them."""
    clerk = Actor("S-9", acting_for="customer")
    kit.do(OpenCase("C-1", procedure="fault", branch="B-1", place=LINE, by=clerk, at=TUESDAY))

    assert ("receive", "reply") == kit.get(Case, "C-1").open_stages


def test_a_fault_closes_only_with_cause_and_words_to_the_reporter(kit: Kit) -> None:
    """estate:FLT-17, estate:FLT-09, governance:INC-OUT-18: the close waits for the reporter and for the cause."""
    run = contained(Run(kit, "fault", "fault_desk", place=LINE)).do("repair", "repaired", "engineer", PARTS)
    run.do("tell", "told", "fault_desk")

    with pytest.raises(Refused, match="is waiting"):
        run.do("close", "closed", "fault_desk")
    with pytest.raises(Refused, match="State the cause and whose it is"):
        run.do("root-cause", "found", "department_head", CAUSE, cause="device")


def test_what_the_bank_cannot_solve_goes_to_a_third_party(kit: Kit) -> None:
    """estate:FLT-11, governance:INC-OUT-19: who was asked is on record, a quarter of an hour is suggested, repair goes
    on.
    """
    run = contained(Run(kit, "fault", "fault_desk", place=LINE)).do("repair", "unsolved", "engineer")
    since = run.at

    assert since + 15 * MINUTE == run.due("third-party")
    with pytest.raises(Refused, match="Say who was asked"):
        run.do("third-party", "asked", "fault_desk")
    run.do("third-party", "asked", "fault_desk", third_party="telecom_operator")
    run.do("repair", "unsolved", "engineer").do("third-party", "back", "engineer", reason="it came back")
    run.do("repair", "unsolved", "engineer").do("third-party", "solved", "engineer", third_party="equipment_vendor")
    assert ("root-cause", "tell") == run.case.open_stages
    assert ("overdue", "late", "S-outlet_head") not in told(kit, since + 30 * MINUTE)


def test_a_serious_fault_is_an_emergency_as_well(kit: Kit) -> None:
    """A fault graded serious opens emergency repair of the same device, linked to it; a general one does not."""
    run = contained(Run(kit, "fault", "fault_desk", place=ATM), grade="serious")
    contained(Run(kit, "fault", "fault_desk", id="C-2", place=LINE))
    run.do("call-emergency", "called", "fault_desk")

    (emergency,) = kit.find(Case, procedure="emergency-repair")
    assert (ATM, [("caused_by", "C-1")]) == (emergency.place, [(one.kind, one.case) for one in emergency.links])
    run.do("repair", "repaired", "engineer", PARTS)
    assert ("closed", "solved") == closed(run).ended


def test_emergency_repair_that_nobody_calls_begins_by_itself(kit: Kit) -> None:
    """Once the time to call it has passed it is opened; whoever calls it then joins the one that is under way."""
    run = contained(Run(kit, "fault", "fault_desk", place=ATM), grade="major")
    assert [] == list(kit.find(Case, procedure="emergency-repair"))
    told(kit, run.at + 10 * MINUTE)
    run.at += 10 * MINUTE
    run.do("call-emergency", "called", "fault_desk")

    (emergency,) = kit.find(Case, procedure="emergency-repair")
    kinds = [one.event.KIND for one in kit.events() if getattr(one.event, "case", None) == emergency.id]
    assert ("case_opened", "case_joined") == (kinds[0], kinds[-1])


def test_the_same_cause_at_the_same_device_asks_for_prevention_again(kit: Kit) -> None:
    """estate:FLT-18, estate:FLT-10: a cause that comes back within 90 days opens the prevention again, another does
    not.
    """
    for number, (cause, days) in enumerate((("device", 0), ("device", 20), ("line", 21), ("device", 200))):
        run = Run(kit, "fault", "fault_desk", id=f"C-{number}", place=LINE, at=TUESDAY + days * DAY)
        contained(run).do("repair", "repaired", "engineer", PARTS).do("tell", "told", "fault_desk")
        run.do("root-cause", "found", "department_head", CAUSE, cause=cause, attributed_to="bank")

        assert (cause == "device" and days == 20) is ("prevent-again" in run.case.open_stages)


def test_the_reporter_hears_how_it_stands_every_two_hours(kit: Kit) -> None:
    """estate:FLT-16, governance:INC-OUT-20: the desk is reminded round after round until the reporter is told of the
    end.
    """
    run = Run(kit, "fault", "fault_desk", place=LINE)
    run.do("receive", "taken", "fault_desk", REPORT).do("grade", "graded", "fault_desk", grade="general")
    since = run.at

    reminders = [("fault-progress", "tell", "S-fault_desk")]
    assert [] == [one for one in told(kit, since + 2 * HOUR) if one[0] == "fault-progress"]
    assert reminders == [one for one in told(kit, since + 2 * HOUR + MINUTE) if one[0] == "fault-progress"]
    assert reminders * 2 == [one for one in told(kit, since + 4 * HOUR + MINUTE) if one[0] == "fault-progress"]


def test_an_outage_of_the_hall_covers_the_faults_in_it(kit: Kit) -> None:
    """While the hall is out of service a fault's reminders are put on record as inhibited; afterwards they come again.

    The outage is another case: the ladder looks at it through the fact that the fault's procedure declares.
    """
    run = Run(kit, "fault", "fault_desk", place=LINE)
    run.do("receive", "taken", "fault_desk", REPORT).do("grade", "graded", "fault_desk", grade="general")
    since = run.at
    cut = Run(kit, "service-outage", "lobby_manager", id="C-2", at=since + MINUTE, facts={"outage": "power"})

    assert [] == [one for one in told(kit, since + 2 * HOUR + MINUTE) if one[0] == "fault-progress"]
    assert "larger matter" in str([one.words.say() for one in kit.story("C-1", since + 3 * HOUR).told])

    cut.at = since + 3 * HOUR
    cut.do("explain", "explained", "teller").do("place-notice", "placed", "lobby_manager")
    cut.do("divert", "diverted", "lobby_manager")
    cut.do("resume", "resumed", "lobby_manager", {"notice-removed": "pass", "vouchers-processed": "pass"})
    assert ("closed", "resumed") == cut.ended
    assert [("fault-progress", "tell", "S-fault_desk")] == [
        one for one in told(kit, since + 4 * HOUR + MINUTE) if one[0] == "fault-progress"
    ]


def test_failed_devices_and_damage_open_their_procedures(kit: Kit) -> None:
    """governance:INC-OUT-25: a dead line opens a fault, damage that looks deliberate opens what is for tampering."""
    for name, failed in (
        ("it-and-network", Answer("phone-line-works", value="fail", on=LINE[1:], note="dead")),
        ("self-service-zone", Answer("damage-found", value="yes", on=ATM[1:])),
    ):
        inspected(kit, name, failed)

    cases = sorted((case.procedure, case.place[-1].id) for case in kit.find(Case))
    assert [("device-tampering", "ATM-1"), ("fault", "LINE-1")] == cases


def inspected(kit: Kit, name: str, failed: Answer) -> None:
    """Hand in a sheet on which one answer fails and the rest is said to be unknown."""
    checklist, by = Catalog().checklist(name), Actor("S-4", posts=("inspector",))
    fields: dict[str, Any] = {
        "checklist": name,
        "version": checklist.version,
        "branch": "B-1",
        "at": TUESDAY,
        "by": "S-4",
    }
    draft = Sheet(f"X-{name}", answers=(failed,), state="draft", **fields)
    reading = read(draft, bind(checklist, kit.get(Branch, "B-1"), at=TUESDAY))
    open = [cell for cell in reading.cells if cell.state is CellState.MISSING]
    answers = (failed, *(Answer(cell.item.id, unknown="not looked at", on=cell.on) for cell in open))
    kit.do(SubmitSheet(attrs.evolve(draft, answers=answers, state="final"), by=by, at=TUESDAY))


# -- repair service


def booked(run: Run) -> Run:
    run.do(
        "appointment",
        "booked",
        "lobby_manager",
        {"wanted-at": "2026-03-04T09:00:00+08:00", "families": "devices", "symptom": "slow"},
    )
    run.at += MINUTE
    run.kit.do(SignStage(run.id, "appointment", by=WHO["engineer"], at=run.at))
    return run


def assessed(run: Run) -> Run:
    return booked(run).do(
        "assessment", "work-needed", "engineer", {"condition": "worn", "scope": "one", "work-content": "clean"}
    )


def rated(run: Run, way: str = "accepted") -> Run:
    run.do("record", "recorded", "engineer", RECORD)
    run.do("feedback", way, "outlet_head", FEEDBACK)
    run.at += MINUTE
    run.kit.do(SignStage(run.id, "feedback", by=WHO["department_head"], at=run.at))
    return run


def test_upkeep_has_seven_stages_in_order(kit: Kit) -> None:
    """estate:P-4, estate:SRV-01, estate:SRV-04, estate:SRV-09, estate:SRV-10, governance:INC-OUT-31: seven, a fault
    repaired on the way.
    """
    run = assessed(Run(kit, "repair-service", "lobby_manager"))
    run.do("plan", "planned", "maintenance_coordinator", PLAN)
    run.do("execution", "fault-found", "engineer", {**WORK, "fault-found": "yes"}).do(
        "fault-repair", "solved", "engineer"
    )

    assert ("closed", "done") == rated(run).ended
    seven = ["appointment", "assessment", "plan", "execution", "fault-repair", "record", "feedback"]
    assert seven == [stage.id for stage in Catalog().procedure("repair-service").stages]
    assert seven == sorted(run.case.stages, key=lambda name: run.case.stages[name].since)


def test_nothing_to_do_is_recorded_and_rated(kit: Kit) -> None:
    """An assessment that finds nothing to do goes on with the record."""
    run = booked(Run(kit, "repair-service", "lobby_manager"))
    form = {"condition": "good", "scope": "one", "work-content": "none"}
    run.do("assessment", "nothing-to-do", "engineer", form, reason="in order")

    assert ("closed", "done") == rated(run).ended


def test_work_begins_only_with_a_whole_plan(kit: Kit) -> None:
    """estate:SRV-03, estate:SRV-05, estate:SRV-06, estate:SRV-07, estate:SRV-08: a plan without materials is no plan.
    estate:SRV-03, estate:SRV-05, estate:SRV-06, estate:SRV-07, estate:SRV-08: a plan without materials is no plan.
    """
    run = assessed(Run(kit, "repair-service", "lobby_manager"))

    for lacking in ("plan-from", "plan-work", "plan-material", "plan-staff"):
        with pytest.raises(Refused, match=f"Expected an answer to item {lacking!r}"):
            run.do("plan", "planned", "engineer", {name: said for name, said in PLAN.items() if name != lacking})


def test_a_fault_that_stays_open_is_left_to_its_own_procedure(kit: Kit) -> None:
    """estate:SRV-11, estate:SRV-12: every upkeep is recorded; what is still broken is a fault of its own, of the same
    device.
    """
    run = assessed(Run(kit, "repair-service", "lobby_manager", place=ATM)).do("plan", "planned", "engineer", PLAN)
    run.do("execution", "fault-found", "engineer", {**WORK, "fault-found": "yes"})
    run.do("fault-repair", "not-solved", "engineer", unsolved=True)
    run.do("record", "recorded", "engineer", {**RECORD, "result@row:1": "fault_open"})
    run.do("feedback", "left-open", "outlet_head", FEEDBACK)
    kit.do(SignStage(run.id, "feedback", by=WHO["department_head"], at=run.at + MINUTE))

    assert ("closed", "fault_open") == run.ended
    assert [ATM] == [case.place for case in kit.find(Case, procedure="fault")]


@pytest.mark.parametrize(("branch", "hours"), [("B-1", 4), ("B-2", 8)])
def test_engineers_respond_sooner_in_town(kit: Kit, branch: str, hours: int) -> None:
    """estate:SRV-16, governance:INC-OUT-32: half an hour to accept, four hours to be there, eight to a rural outlet."""
    run = Run(kit, "repair-service", "lobby_manager", branch=branch)

    assert TUESDAY + 30 * MINUTE == run.due("accept")
    booked(run)
    assert run.at + hours * HOUR == run.due("on-site")
    assert ("overdue", "late", "S-outlet_head") in told(kit, run.at + 9 * HOUR)


def test_feedback_is_signed_by_who_answers_for_the_service(kit: Kit) -> None:
    """estate:SRV-13, estate:SRV-14: the outlet rates, and it ends only when the service's owner has signed."""
    run = booked(Run(kit, "repair-service", "lobby_manager"))
    run.do(
        "assessment", "nothing-to-do", "engineer", {"condition": "a", "scope": "b", "work-content": "c"}, reason="fine"
    )
    run.do("record", "recorded", "engineer", RECORD).do("feedback", "accepted", "outlet_head", FEEDBACK)

    assert ("open", None) == run.ended


# -- planned maintenance


def test_a_rural_outlet_suspends_service_once_and_feeds_back(kit: Kit) -> None:
    """estate:P-8, governance:P-10, estate:RUR-15, estate:RUR-17, estate:RUR-18, governance:INC-OUT-29,
    governance:INC-OUT-30: one suspension, from stop to resume.
    """
    run = Run(kit, "planned-maintenance", "maintenance_team", branch="B-2")
    start, end = "2026-03-10T09:00:00+08:00", "2026-03-10T11:00:00+08:00"
    run.do("plan-rural", "planned", "maintenance_team", RURAL_PLAN, window__start=start, window__end=end)
    begins = dt.datetime(2026, 3, 10, 9, tzinfo=ZONE)
    assert begins - 3 * DAY == run.due("notice")
    notice = {"audience": "customers", "alternative": "the next town", "customers-told": "pass"}
    run.do("announce", "announced", "outlet_head", notice)
    run.do("suspend", "suspended", "outlet_head", at=begins)
    (cut,) = kit.find(Suspension)
    assert ("maintenance", begins, None) == (cut.reason, cut.since, cut.until)
    run.do("maintain", "tested", "maintenance_team", {**WORK, "fault-found": "no"}, at=begins + 2 * HOUR)
    run.do("resume", "resumed", "outlet_head", at=begins + 2 * HOUR)
    (cut,) = kit.find(Suspension)

    assert begins + 2 * HOUR == cut.until
    run.do("record", "recorded", "maintenance_team", RECORD).do("evaluate", "rated", "outlet_head", FEEDBACK)
    late = ("maintenance-feedback", "late", "S-department_head")
    assert (False, True) == (late in told(kit, begins + 3 * HOUR), late in told(kit, begins + 20 * HOUR))
    assert ("closed", "done") == run.do("feed-back", "fed-back", "maintenance_team", at=begins + 21 * HOUR).ended


def test_a_town_outlet_does_not_suspend_service(kit: Kit) -> None:
    """estate:MNT-18: elsewhere the work is planned outside hours, and nothing is suspended; it may take longer."""
    run = Run(kit, "planned-maintenance", "maintenance_team")
    window: Any = {"window__start": "2026-03-10T18:00:00+08:00", "window__end": "2026-03-10T20:00:00+08:00"}
    run.do("plan", "planned", "maintenance_team", PLAN, **window)
    run.do("announce", "announced", "outlet_head", {"audience": "merchants"})
    run.do("maintain", "overrun", "engineer", {**WORK, "fault-found": "no"}, reason="a part is missing")
    run.do("announce", "announced", "outlet_head", {"audience": "merchants"})
    run.do("maintain", "tested", "engineer", {**WORK, "fault-found": "no"}).do("record", "recorded", "engineer", RECORD)
    run.do("feed-back", "fed-back", "maintenance_team").do("evaluate", "rated", "outlet_head", FEEDBACK)

    assert ("closed", "done") == run.ended
    assert [] == list(kit.find(Suspension))


def test_work_that_is_not_finished_the_same_day_is_told(kit: Kit) -> None:
    """estate:RUR-14: maintenance that goes on past the day on which it began is late."""
    run = Run(kit, "planned-maintenance", "maintenance_team")
    window: Any = {"window__start": "2026-03-10T18:00:00+08:00", "window__end": "2026-03-10T20:00:00+08:00"}
    run.do("plan", "planned", "maintenance_team", PLAN, **window)
    run.do("announce", "announced", "outlet_head", {"audience": "merchants"})

    assert dt.datetime(2026, 3, 4, tzinfo=ZONE) == run.due("on-time")
    assert ("overdue", "late", "S-outlet_head") in told(kit, TUESDAY + DAY)


def test_notice_of_a_suspension_that_comes_late_is_told(kit: Kit) -> None:
    """estate:RUR-16: customers hear three days before; without that the head of the outlet is told."""
    run = Run(kit, "planned-maintenance", "maintenance_team", branch="B-2")
    start, end = "2026-03-07T09:00:00+08:00", "2026-03-07T11:00:00+08:00"
    run.do("plan-rural", "planned", "maintenance_team", RURAL_PLAN, window__start=start, window__end=end)

    assert TUESDAY + DAY == run.due("notice")
    assert ("overdue", "late", "S-outlet_head") in told(kit, TUESDAY + DAY + MINUTE)


# -- telephone numbers

NUMBER = {"number": "8001", "post": "fault_desk", "use": "fault_reports"}
ACTIVE = {"bound": "pass", "published": "pass", "fallback-defined": "pass"}


def test_a_number_lives_from_its_approval_to_its_end(kit: Kit) -> None:
    """estate:P-11, estate:TEL-12, estate:TEL-13, estate:TEL-14, governance:INC-OUT-21: opened, verified, changed,
    cancelled.
    """
    run = Run(kit, "phone-number", "department_head", facts=NUMBER)
    run.do("approve", "approved", "number_manager").do("activate", "activated", "number_manager", ACTIVE)
    run.do("verify", "wrong", "internal_audit", reason="it rings elsewhere").do(
        "activate", "activated", "number_manager", ACTIVE
    )
    run.do("verify", "correct", "internal_audit").do("in-use", "change", "number_manager", reason="new use")
    run.do("activate", "activated", "number_manager", ACTIVE).do("verify", "correct", "internal_audit")
    run.do("in-use", "verify-again", "number_manager").do("verify", "correct", "internal_audit")
    run.do("in-use", "cancel", "number_manager", reason="the post is gone")
    run.do("cancel", "cancelled", "number_manager", {"directory-cleared": "pass", "signs-updated": "pass"})

    assert ("closed", "cancelled") == run.ended


@pytest.mark.parametrize(("number", "post"), [("8001", "teller"), ("8002", "fault_desk")])
def test_a_bound_number_or_post_is_not_bound_again(kit: Kit, number: str, post: str) -> None:
    """estate:TEL-08: a number that another post has, or a post that has a number, is refused."""
    entry(kit, "N-1", "telephone-numbers", {**NUMBER, "fallback": "mobile", "state": "active"})
    run = Run(kit, "phone-number", "department_head", facts={"number": number, "post": post, "use": "calls"})

    with pytest.raises(Refused, match="bound already"):
        run.do("approve", "approved", "number_manager")
    assert ("closed", "refused") == run.do("approve", "refused", "number_manager", reason="taken").ended


def test_who_activates_a_number_does_not_verify_it(kit: Kit) -> None:
    """estate:TEL-07, governance:INC-OUT-22: a number is verified by somebody else, as by internal audit."""
    both = Actor("S-both", posts=("number_manager", "internal_audit"))
    run = Run(kit, "phone-number", "department_head", facts=NUMBER).do("approve", "approved", "number_manager")
    run.do("activate", "activated", both, ACTIVE)

    with pytest.raises(Refused, match="Whoever activates a number does not verify it"):
        run.do("verify", "correct", both)


def test_spares_below_the_least_are_found() -> None:
    """estate:TEL-02, estate:TEL-06: without a spare of a kind there is nothing to replace a broken part with."""
    register = Catalog().register("spares")

    found: tuple[Finding, ...] = judge_register(register, "B-1", (), day=TUESDAY.date())
    assert [Ref("value", f"phone_{kind}") for kind in ("set", "base", "cable")] == [one.place[-1] for one in found]
