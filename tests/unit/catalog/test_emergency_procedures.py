"""The shipped procedures for emergencies and incidents, run through a kit from their opening to their every outcome."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import due
from branchkit.errors import Refused
from branchkit.estate import Branch
from branchkit.kit import Kit
from branchkit.procedures import Case, WaiveStage
from branchkit.temporal import Calendar
from branchkit.values import Text
from tests.unit.catalog.outlets import ATM, COMMAND, MINUTE, TUESDAY, WHO, ZONE, Run, entry, opened, told

SEVEN = {
    "event-time": "2026-03-03T08:10:00+08:00", "event-place": "self_service_zone", "event-cause": "natural_disaster",
    "impact": "self_service", "persons": "none", "measures": "area_cleared", "next-plan": "repair_goes_on",
}  # fmt: skip
REVIEW = {"root-cause": "water", "plan-better": "changed", "spares-restocked": "pass"}


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a town outlet and a rural one."""
    return opened()


def graded(kit: Kit, grade: str, **more: Any) -> Run:
    run = Run(kit, "emergency-repair", "teller", place=ATM, **more)
    run.do("verify", "confirmed", "maintenance_team")
    return run.do("grade", grade, "maintenance_team", grade=grade, cause="equipment_failure")


def reported(run: Run) -> Run:
    run.do("final-report", "sent", "maintenance_team", SEVEN)
    return run.do("learn", "learned", "maintenance_team", REVIEW)


def test_a_general_fault_is_repaired_on_site_by_the_team(kit: Kit) -> None:
    """estate:P-6, governance:P-7, estate:EMG-10, estate:EMG-11, estate:EMG-13, governance:INC-OUT-05: the team alone
    acts and restores.
    """
    run = graded(kit, "general")
    assert ("initial-report", "repair-on-site") == run.case.open_stages
    run.do("repair-on-site", "repaired", "maintenance_team").do("initial-report", "sent", "maintenance_team", SEVEN)
    run.do("restore", "restored", "maintenance_team")

    assert ("closed", "restored") == reported(run).ended
    assert {"S-maintenance_team"} == {to for _, _, to in told(kit, run.at)}


def test_a_false_alarm_ends_it(kit: Kit) -> None:
    """estate:EMG-09, governance:INC-OUT-03, governance:INC-OUT-04: what is not confirmed is closed, with the reason."""
    run = Run(kit, "emergency-repair", "teller", place=ATM)

    with pytest.raises(Refused, match="only with a reason"):
        run.do("verify", "unconfirmed", "maintenance_team")
    assert ("closed", "false_alarm") == run.do("verify", "unconfirmed", "maintenance_team", reason="a plug").ended


def test_the_team_hears_at_once_and_verifies_within_a_quarter_hour(kit: Kit) -> None:
    """estate:EMG-08, estate:EMG-09, governance:INC-OUT-02, governance:INC-OUT-03: told as it is found; a quarter hour
    is suggested.
    """
    run = Run(kit, "emergency-repair", "teller", place=ATM)

    assert [("emergency-verify", "at-once", "S-maintenance_team")] == told(kit, TUESDAY)
    assert TUESDAY + 15 * MINUTE == run.due("verify")
    assert ("emergency-verify", "late", "S-outlet_head") not in told(kit, TUESDAY + 15 * MINUTE)
    assert ("emergency-verify", "late", "S-outlet_head") in told(kit, TUESDAY + 16 * MINUTE)


@pytest.mark.parametrize(("grade", "command", "superior"), [("general", 0, 0), ("serious", 1, 0), ("major", 1, 1)])
def test_who_is_alerted_goes_by_grade(kit: Kit, grade: str, command: int, superior: int) -> None:
    """estate:EMG-14, estate:EMG-16, estate:EMG-17, governance:INC-OUT-06, governance:INC-OUT-07: the command from
    serious, the superior unit of major.
    """
    run = graded(kit, grade)

    assert (
        command == ("alert-command" in run.case.open_stages) == (COMMAND.id in {to for _, _, to in told(kit, run.at)})
    )
    assert superior == ("alert-superior" in run.case.open_stages) == ("U-1" in {to for _, _, to in told(kit, run.at)})


@pytest.mark.parametrize(("grade", "level"), [("general", "III"), ("serious", "II"), ("major", "I")])
def test_the_level_of_the_response_follows_the_grade(kit: Kit, grade: str, level: str) -> None:
    """estate:EMG-12: the table gives each grade its level, and alerts whom the procedure alerts."""
    row = Catalog().table("emergency-response").decide({"grade": grade}).value
    stages = graded(kit, grade).case.open_stages

    assert row is not None
    assert level == row["level"]
    assert (row["alert_command"], row["alert_superior"]) == ("alert-command" in stages, "alert-superior" in stages)


def test_the_command_stands_down_what_is_more_than_general(kit: Kit) -> None:
    """estate:EMG-15, estate:EMG-16: departments are coordinated, and the command, not the team, says that it is over.
    estate:EMG-15, estate:EMG-16: departments are coordinated, and the command, not the team, says that it is over.
    """
    run = graded(kit, "major")
    run.do("alert-command", "reported", "maintenance_team").do("alert-superior", "reported", "maintenance_team")
    run.do("initial-report", "sent", "maintenance_team", SEVEN)
    with pytest.raises(Refused, match="Say which departments"):
        run.do("respond", "repaired", "maintenance_team")
    run.do("respond", "repaired", COMMAND, departments=("it", "security"))
    with pytest.raises(Refused):
        run.do("restore", "restored", "maintenance_team")
    run.do("restore", "stood-down", COMMAND)

    assert ("closed", "restored") == reported(run).ended


def test_a_fault_that_gets_worse_is_graded_anew(kit: Kit) -> None:
    """From general to serious to major: each grade brings its own alerts, once."""
    run = graded(kit, "general").do("repair-on-site", "regrade", "maintenance_team")
    run.do("grade", "serious", "maintenance_team", grade="serious")
    run.do("alert-command", "reported", "maintenance_team").do("respond", "regrade", "maintenance_team")
    run.do("grade", "major", "maintenance_team", grade="major")

    assert ("alert-command", "alert-superior", "initial-report", "respond") == run.case.open_stages


def test_the_first_report_says_what_is_known_and_the_last_all(kit: Kit) -> None:
    """estate:EMG-19, estate:EMG-20, estate:EMG-21, estate:EMG-22, estate:EMG-23, estate:EMG-24, estate:EMG-25,
    governance:INC-OUT-09: seven fields in the end.
    """
    run = graded(kit, "general").do("repair-on-site", "repaired", "maintenance_team")
    run.do("initial-report", "sent", "maintenance_team", {**dict.fromkeys(SEVEN), "event-place": "self_service_zone"})
    run.do("restore", "restored", "maintenance_team")

    for name in SEVEN.keys() - {"event-place"}:
        with pytest.raises(Refused, match="takes all seven fields"):
            run.do("final-report", "sent", "maintenance_team", {**SEVEN, name: None})
    assert ("closed", "restored") == reported(run).ended


@pytest.mark.parametrize("least", [None, "general", "serious", "major"])
@pytest.mark.parametrize("grade", ["general", "serious", "major"])
def test_from_which_grade_the_superior_unit_gets_a_report_is_a_setting(kit: Kit, least: str | None, grade: str) -> None:
    """estate:EMG-18, governance:INC-OUT-08: every event is reported, unless the bank has set a grade from which on."""
    if least is not None:
        values = {"setting": "superior_report_from_grade", "value": least}
        entry(kit, "SET-1", "procedure-settings", values, at=TUESDAY - MINUTE)
    grades = ("general", "serious", "major")

    stages = graded(kit, grade).case.open_stages
    assert (grades.index(grade) >= grades.index(least or "general")) is ("initial-report" in stages)


def test_where_no_report_is_asked_it_goes_on_without(kit: Kit) -> None:
    """A general fault at a bank that reports from serious on ends with the look back, and no report."""
    values = {"setting": "superior_report_from_grade", "value": "serious"}
    entry(kit, "SET-1", "procedure-settings", values, at=TUESDAY - MINUTE)
    run = graded(kit, "general").do("repair-on-site", "repaired", "maintenance_team")
    run.do("restore", "restored", "maintenance_team")

    assert ("learn",) == run.case.open_stages


def test_the_report_is_never_waived(kit: Kit) -> None:
    """estate:EMG-33, governance:INC-OUT-13: nobody may leave the report to the superior unit undone; the rules are
    named.
    """
    run = graded(kit, "serious")

    with pytest.raises(Refused, match="never waived") as raised:
        kit.do(WaiveStage(run.id, "initial-report", reason="busy", by=WHO["outlet_head"], at=run.at))
    assert ("estate:EMG-18", "governance:INC-OUT-08") == raised.value.refusals[0].rules


# -- drills

PARTS = {f"part-rehearsed@part:{part}": "pass" for part in ("response", "handling", "information_reporting")}


def drilled(kit: Kit) -> Run:
    run = Run(kit, "emergency-drill", "outlet_head").do("choose", "chosen", "outlet_head", scenario="power_cut")
    return run.do("run", "held", "security_guard", {**PARTS, "guards-took-part": "pass"})


def test_gaps_of_a_drill_improve_the_plan(kit: Kit) -> None:
    """estate:P-15, governance:P-29, estate:EMG-38, governance:INC-PLAN-10: a summary within ten working days, then a
    better plan.
    """
    run = drilled(kit)
    assert dt.datetime(2026, 3, 18, tzinfo=ZONE) == run.due("summary")
    form = {"strengths": "quick", "gaps": "yes", "gaps-named": "the list was old"}
    with pytest.raises(Refused, match="names gaps"):
        run.do("summarise", "no-gaps", "emergency_office", form)
    run.do("summarise", "gaps", "emergency_office", form)
    revision = {"plan-version": "2", "plan-from": "2026-04-01", "plan-told": "pass"}

    assert ("closed", "plan_improved") == run.do("revise", "revised", "outlet_head", revision).ended


def test_a_drill_without_gaps_confirms_the_plan(kit: Kit) -> None:
    """A summary that names no gaps ends it."""
    run = drilled(kit).do("summarise", "no-gaps", "emergency_office", {"strengths": "quick", "gaps": "no"})

    assert ("closed", "plan_confirmed") == run.ended


def test_a_drill_has_three_parts(kit: Kit) -> None:
    """estate:EMG-35, estate:EMG-36, estate:EMG-37, governance:INC-PLAN-09: a drill that leaves one out is not on
    record.
    """
    run = Run(kit, "emergency-drill", "outlet_head").do("choose", "chosen", "outlet_head", scenario="power_cut")

    for part in PARTS:
        form = {name: said for name, said in PARTS.items() if name != part}
        with pytest.raises(Refused, match="Expected an answer to item 'part-rehearsed'"):
            run.do("run", "held", "maintenance_team", {**form, "guards-took-part": "pass"})


def test_drills_and_training_come_every_half_year(kit: Kit) -> None:
    """estate:EMG-34, estate:EMG-41, estate:EMG-27, estate:EMG-30, estate:TRN-05, governance:INC-PLAN-02,
    governance:INC-PLAN-04, governance:INC-PLAN-11: half-yearly, tools quarterly, all suggested.
    """
    plan = Catalog().schedule("emergency")
    days = Calendar(
        "works", version="1", title=Text(zh="日历", en="Days"), confirmed_from=dt.date(2026, 1, 1),
        confirmed_through=dt.date(2027, 1, 31),
    )  # fmt: skip
    found = due(plan, kit.get(Branch, "B-1"), dt.date(2026, 1, 1), dt.date(2026, 12, 31), calendar=days)
    got: dict[str, list[dt.date]] = {}
    for one in found:
        assert one.day is not None
        got.setdefault(one.entry.id, []).append(one.day)

    halves = [dt.date(2026, 6, 30), dt.date(2026, 12, 31)]
    quarters = [dt.date(2026, 3, 31), halves[0], dt.date(2026, 9, 30), halves[1]]
    assert {"drill": halves, "team-training": halves, "tools": quarters} == got
    assert {"suggested"} == {one.basis for one in plan.entries}


# -- tampering

SECURED = {"out-of-service": "pass", "placard": "pass", "footage": "pass", "customers-warned": "pass"}
RETURN = {"tested": "pass", "hints-shown": "pass", "lines-shown": "pass"}


@pytest.mark.parametrize("police", ["call-police", "internal"])
def test_a_damaged_device_is_secured_and_comes_back_after_its_test(kit: Kit, police: str) -> None:
    """estate:P-13, governance:P-9, governance:INC-OUT-25: reported, decided with the reason, secured, repaired as a
    fault, tested.
    """
    run = Run(kit, "device-tampering", "security_guard", place=ATM).do("report", "reported", "security_guard")
    with pytest.raises(Refused, match="only with a reason"):
        run.do("decide-police", police, "outlet_head")
    run.do("decide-police", police, "outlet_head", reason="as it looks").do(
        "secure", "secured", "security_guard", SECURED
    )
    told(kit, run.at)
    assert [ATM] == [case.place for case in kit.find(Case, procedure="fault")]
    run.do("restore", "again", "engineer", {**RETURN, "tested": "fail"})

    assert ("closed", "returned_to_service") == run.do("restore", "returned", "engineer", RETURN).ended


def test_lost_footage_takes_the_head_and_a_reason(kit: Kit) -> None:
    """estate:EMG-42: nobody goes on without the recordings but the head of the outlet, with the reason; nobody waives
    it.
    """
    run = Run(kit, "device-tampering", "security_guard", place=ATM)

    with pytest.raises(Refused):
        run.do("secure", "secured", "security_guard", {**SECURED, "footage": "fail"})
    with pytest.raises(Refused, match="never waived"):
        kit.do(WaiveStage(run.id, "secure", reason="no time", by=WHO["outlet_head"], at=run.at))
    run.do("secure", "footage-lost", "outlet_head", {**SECURED, "footage": "fail"}, reason="the disk is broken")
    assert ("report",) == run.case.open_stages


# -- outages


@pytest.mark.parametrize(("outage", "emergencies"), [("power", 0), ("machine", 1)])
def test_an_outage_is_explained_announced_and_reported(kit: Kit, outage: str, emergencies: int) -> None:
    """governance:P-6, governance:INC-OUT-01, governance:INC-OUT-02: customers are told and see a notice; a machine
    that failed goes to the team at once.
    """
    run = Run(kit, "service-outage", "teller", place=ATM, facts={"outage": outage})
    told(kit, run.at)
    run.do("explain", "explained", "teller").do("place-notice", "placed", "lobby_manager")
    if outage == "machine":
        run.do("report-fault", "reported", "teller")
    kit.do(WaiveStage(run.id, "divert", reason="nobody waits", by=WHO["outlet_head"], at=run.at))
    run.do("resume", "resumed", "lobby_manager", {"notice-removed": "pass", "vouchers-processed": "pass"})

    assert ("closed", "resumed") == run.ended
    assert emergencies == len(list(kit.find(Case, procedure="emergency-repair")))


# -- a heart attack

CALLS = {
    "ambulance": "answered", "ambulance-at": "2026-03-03T09:00:30+08:00", "police": "answered",
    "police-at": "2026-03-03T09:00:40+08:00",
}  # fmt: skip
CARE = {"signs-watched": "pass", "clothing-loosened": "pass", "posture": "half_sitting", "quiet": "pass"}
FAMILY = {"customer-name": "-", "relative-phone": "-", "relative-reached": "pass"}
SIDE = ("clear-area", "inform-relatives", "keep-order", "medicine", "protect-property", "report-to-superior", "watch")


def cared_for(run: Run, way: str, own: str) -> Run:
    run.do("look-and-call", "called", "lobby_manager", CALLS)
    run.do("clear-area", "cleared", "security_guard").do("watch", "handed-over", "lobby_manager", CARE)
    run.do("medicine", way, "lobby_manager", {"own-medicine": own})
    run.do("inform-relatives", "informed", "teller", FAMILY).do("report-to-superior", "reported", "outlet_head")
    run.do("protect-property", "protected", "teller").do("keep-order", "kept", "lobby_manager")
    return run.do("preserve-cctv", "preserved", "outlet_head", {"footage-locked": "pass"})


@pytest.mark.parametrize(
    ("gaps", "way", "outcome"), [("no", "closed", "closed"), ("yes", "plan-to-revise", "closed_with_gaps")]
)
def test_a_heart_attack_goes_through_nine_steps_and_a_look_back(kit: Kit, gaps: str, way: str, outcome: str) -> None:
    """governance:P-1, governance:INC-HEART-11: nine steps, the middle ones side by side, then the inferred close."""
    run = cared_for(Run(kit, "heart-attack", "lobby_manager"), "own-medicine", "yes")
    run.do("close-and-learn", way, "outlet_head", {"summary": "as planned", "plan-gaps": gaps})

    assert ("closed", outcome) == run.ended
    assert 10 == len(Catalog().procedure("heart-attack").stages)


def test_both_numbers_are_called_and_dialled_again(kit: Kit) -> None:
    """governance:INC-HEART-01, governance:INC-HEART-02, governance:INC-PLAN-05: both are told at once, the head after
    a minute; no answer is dialled again.
    """
    run = Run(kit, "heart-attack", "lobby_manager")

    calls = {to for _, rung, to in told(kit, TUESDAY) if rung == "call"}
    assert {"medical_emergency", "police"} == calls
    assert ("heart-attack-calls", "late", "S-outlet_head") in told(kit, TUESDAY + 2 * MINUTE)
    run.do("look-and-call", "redial", "teller", {**CALLS, "police": "no_answer"})
    run.do("look-and-call", "called", "teller", CALLS)
    assert SIDE == run.case.open_stages


@pytest.mark.parametrize(
    ("step", "rule"),
    [
        ("clear-area", "governance:INC-HEART-03"), ("watch", "governance:INC-HEART-04"),
        ("medicine", "governance:INC-HEART-05"), ("inform-relatives", "governance:INC-HEART-06"),
        ("report-to-superior", "governance:INC-HEART-07"), ("protect-property", "governance:INC-HEART-08"),
        ("keep-order", "governance:INC-HEART-09"),
    ],
)  # fmt: skip
def test_no_step_is_left_out_but_by_a_waiver_with_the_reason(kit: Kit, step: str, rule: str) -> None:
    """governance:INC-HEART-10: the recordings and the close wait for every step; the head may waive one, and says why.
    governance:INC-HEART-10: the recordings and the close wait for every step; the head may waive one, and says why.
    """
    run = Run(kit, "heart-attack", "lobby_manager").do("look-and-call", "called", "lobby_manager", CALLS)
    for other in SIDE:
        if other != step:
            kit.do(WaiveStage(run.id, other, reason="medical staff are here", by=WHO["outlet_head"], at=run.at))

    assert (step,) == run.case.open_stages
    stage = Catalog().procedure("heart-attack").stage(step)
    assert stage is not None
    assert rule in stage.rules
    with pytest.raises(Refused, match="only with a reason"):
        kit.do(WaiveStage(run.id, step, by=WHO["outlet_head"], at=run.at))
    kit.do(WaiveStage(run.id, step, reason="medical staff are here", by=WHO["outlet_head"], at=run.at))
    assert ("preserve-cctv",) == run.case.open_stages


@pytest.mark.parametrize(("setting", "is_open"), [(None, True), ("buy", True), ("operator_advice", False)])
def test_buying_medicine_may_be_replaced_by_the_operators_advice(kit: Kit, setting: str | None, is_open: bool) -> None:
    """governance:INC-HEART-05: without medicine it is bought nearby, unless the bank follows the operator's advice."""
    if setting is not None:
        entry(kit, "SET-1", "procedure-settings", {"setting": "heart_medicine", "value": setting}, at=TUESDAY - MINUTE)
    run = Run(kit, "heart-attack", "lobby_manager").do("look-and-call", "called", "lobby_manager", CALLS)

    if is_open:
        run.do("medicine", "buy-nearby", "teller", {"own-medicine": "no"})
    else:
        with pytest.raises(Refused, match="operator's advice"):
            run.do("medicine", "buy-nearby", "teller", {"own-medicine": "no"})
        run.do("medicine", "operator-advice", "teller", {"own-medicine": "no"})
    assert "medicine" not in run.case.open_stages


def test_the_superior_unit_hears_where_the_head_is_silent(kit: Kit) -> None:
    """governance:INC-HEART-07: the head is told to report at once; after five minutes the superior unit hears of it."""
    run = Run(kit, "heart-attack", "lobby_manager").do("look-and-call", "called", "lobby_manager", CALLS)

    assert ("heart-attack-report", "at-once", "S-outlet_head") in told(kit, run.at)
    assert ("heart-attack-report", "late", "U-1") in told(kit, run.at + 6 * MINUTE)


def test_recordings_are_kept_the_same_day(kit: Kit) -> None:
    """governance:INC-HEART-10: by the end of the day the recordings are locked, or the head hears of it."""
    run = Run(kit, "heart-attack", "lobby_manager").do("look-and-call", "called", "lobby_manager", CALLS)
    for step in SIDE:
        kit.do(WaiveStage(run.id, step, reason="medical staff are here", by=WHO["outlet_head"], at=run.at))

    assert dt.datetime(2026, 3, 4, tzinfo=ZoneInfo("Asia/Shanghai")) == run.due("preserve")


def test_nobody_says_for_themselves_that_no_report_is_asked(kit: Kit) -> None:
    """estate:EMG-18: the way past the final report is the setting's alone; the team cannot take it."""
    run = graded(kit, "general").do("repair-on-site", "repaired", "maintenance_team")
    run.do("initial-report", "sent", "maintenance_team", SEVEN).do("restore", "restored", "maintenance_team")

    with pytest.raises(Refused, match="may not take the transition 'not-asked'"):
        run.do("final-report", "not-asked", "maintenance_team", SEVEN)
