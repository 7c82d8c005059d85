"""Worked scenarios of the digests on faults, emergencies and maintenance, carried out on the shipped procedures."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, Sheet, bind, judge, read
from branchkit.errors import Refused
from branchkit.estate import Branch, Entry, judge_register
from branchkit.kit import Kit
from branchkit.procedures import Case
from branchkit.temporal import After, Counting, Due, Hours, Suspension, TimeFrame
from branchkit.temporal import due as due_of
from branchkit.values import FrozenMap, Ref, Severity
from tests.unit.catalog.outlets import ATM, COMMAND, LINE, MINUTE, TUESDAY, ZONE, Run, opened, told
from tests.unit.catalog.test_emergency_procedures import CALLS, CARE, FAMILY, RETURN, SECURED, SEVEN
from tests.unit.catalog.test_fault_procedures import CAUSE, PARTS, PLAN, RECORD, REPORT, RURAL_PLAN, WORK, contained

SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a town outlet and a rural one."""
    return opened()


def at(hour: int, minute: int = 0, day: int = 3) -> dt.datetime:
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("answered", "late"),
    [(at(18, 19), False), (at(18, 20), False), (at(18, 20) + SECOND, True)],
)
def test_a_telephone_fault_is_answered_within_half_an_hour(kit: Kit, answered: dt.datetime, late: bool) -> None:
    """estate:S-1, estate:FLT-06: reported at 17:50, due at 18:20 the same day, in time at 18:20:00 and late a second
    after.
    """
    run = Run(kit, "fault", "fault_desk", place=LINE, at=at(17, 50))

    assert at(18, 20) == run.due("reply")
    run.do("reply", "replied", "fault_desk", at=answered)
    assert late is run.is_late("reply")
    assert late is (("fault-reply", "late", "S-outlet_head") in told(kit, at(20)))


@pytest.mark.parametrize("lacking", ["described", "handled-by", "contact-phone"])
def test_the_clock_runs_though_the_record_is_incomplete(kit: Kit, lacking: str) -> None:
    """estate:S-1, estate:FLT-03, estate:FLT-04, estate:FLT-05: without one of the three the record is not taken; the
    reply is due all the same.
    """
    run = Run(kit, "fault", "fault_desk", place=LINE, at=at(17, 50))

    with pytest.raises(Refused, match=f"Expected an answer to item {lacking!r}"):
        run.do("receive", "taken", "fault_desk", {name: said for name, said in REPORT.items() if name != lacking})
    assert at(18, 20) == run.due("reply")
    run.do("reply", "replied", "fault_desk", at=at(18, 19))
    assert ("receive",) == run.case.open_stages


def test_the_reply_counts_every_minute_unless_a_bank_counts_open_ones(kit: Kit) -> None:
    """estate:S-2: reported at 17:20, due at 17:50 by the shipped clock; by open minutes at 09:20 the next working day.
    estate:S-2: reported at 17:20, due at 17:50 by the shipped clock; by open minutes at 09:20 the next working day.
    """
    run = Run(kit, "fault", "fault_desk", place=LINE, at=at(17, 20))
    assert at(17, 50) == run.due("reply")

    frame = TimeFrame(zone=ZONE, hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}))
    found = due_of(After(time=30 * MINUTE), at(17, 20), Counting.BUSINESS, frame)
    assert isinstance(found, Due)
    assert at(9, 20, day=4) == found.at
    clock = next(one for one in Catalog().procedure("fault").clocks if one.id == "reply")
    assert Counting.ELAPSED is clock.counting


def test_half_an_hour_is_in_time_and_a_minute_more_is_not(kit: Kit) -> None:
    """governance:S-6, governance:INC-OUT-16: reported at nine, 09:30 is in time; 09:31 is a minute late and escalates.
    governance:S-6, governance:INC-OUT-16: reported at nine, 09:30 is in time; 09:31 is a minute late and escalates.
    """
    for case, replied, late in (("C-1", at(9, 30), None), ("C-2", at(9, 31), MINUTE)):
        run = Run(kit, "fault", "fault_desk", id=case, place=LINE, at=at(9))
        run.do("reply", "replied", "fault_desk", at=replied)

        (clock,) = (one for one in kit.story(case, replied).clocks if one.clock.id == "reply")
        assert clock.reading is not None
        assert late == clock.reading.late
    late_ones = [one for one in told(kit, at(12)) if one == ("fault-reply", "late", "S-outlet_head")]
    assert 1 == len(late_ones)


def test_a_storm_is_told_to_command_and_superior_at_once(kit: Kit) -> None:
    """estate:S-7: graded major at 08:20, command and superior unit hear at 08:20; six of seven fields are no final
    report.
    """
    run = Run(kit, "emergency-repair", "security_guard", at=at(8, 10))
    run.do("verify", "confirmed", "maintenance_team", at=at(8, 15))
    run.do("grade", "major", "maintenance_team", at=at(8, 20), grade="major", cause="natural_disaster")

    alerts = {(ladder, to) for ladder, rung, to in told(kit, at(8, 20)) if rung == "at-once"}
    assert {("emergency-command", COMMAND.id), ("emergency-superior", "U-1")} <= alerts
    assert {"alert-command", "alert-superior", "respond"} <= set(run.case.open_stages)
    six = {**SEVEN, "next-plan": None}
    run.do("initial-report", "sent", "maintenance_team", six).do("alert-command", "reported", "maintenance_team")
    run.do("alert-superior", "reported", "maintenance_team")
    run.do("respond", "repaired", COMMAND, departments=("it",)).do("restore", "stood-down", COMMAND)
    with pytest.raises(Refused, match="takes all seven fields"):
        run.do("final-report", "sent", "maintenance_team", six)
    run.do("final-report", "sent", "maintenance_team", SEVEN)


def test_one_serious_and_one_major_fault(kit: Kit) -> None:
    """estate:S-7, governance:S-5: of a serious one the command alone is alerted, of a major one the superior too; both
    report.
    """
    heard: dict[str, set[str]] = {}
    for grade in ("serious", "major"):
        run = Run(kit, "emergency-repair", "teller", id=grade, at=at(10))
        run.do("verify", "confirmed", "maintenance_team").do("grade", grade, "maintenance_team", grade=grade)
        list(kit.sweep(run.at))
        heard[grade] = {one.to for one in kit.outbox() if one.body["case"] == grade}
        assert "initial-report" in run.case.open_stages

    assert ({COMMAND.id}, {COMMAND.id, "U-1"}) == tuple(heard[grade] & {COMMAND.id, "U-1"} for grade in heard)


def test_a_rural_plan_names_who_comes_and_service_is_suspended(kit: Kit) -> None:
    """estate:S-8: without a person the plan is refused; service is suspended from nine to eleven, recorded and fed
    back.
    """
    run = Run(kit, "planned-maintenance", "maintenance_team", branch="B-2", at=at(9))
    nobody = {name: said for name, said in RURAL_PLAN.items() if not name.startswith("plan-people")}
    with pytest.raises(Refused, match="Expected an answer to item 'plan-people'"):
        run.do("plan-rural", "planned", "maintenance_team", nobody)

    window = {"window__start": "2026-03-10T09:00:00+08:00", "window__end": "2026-03-10T11:00:00+08:00"}
    run.do("plan-rural", "planned", "maintenance_team", RURAL_PLAN, **window)
    run.do(
        "announce",
        "announced",
        "outlet_head",
        {"audience": "customers", "alternative": "B-1", "customers-told": "pass"},
    )
    run.do("suspend", "suspended", "outlet_head", at=at(9, day=10))
    run.do("maintain", "tested", "maintenance_team", {**WORK, "fault-found": "no"}, at=at(10, 50, day=10))
    run.do("resume", "resumed", "outlet_head", at=at(11, day=10))
    assert [(at(9, day=10), at(11, day=10))] == [(cut.since, cut.until) for cut in kit.find(Suspension)]
    for name in ("done-from", "done-work"):
        with pytest.raises(Refused, match=f"Expected an answer to item {name!r}"):
            run.do("record", "recorded", "maintenance_team", {key: said for key, said in RECORD.items() if key != name})
    run.do("record", "recorded", "maintenance_team", RECORD)
    assert "feed-back" in run.case.open_stages


@pytest.mark.parametrize(("branch", "found"), [("B-1", [Severity.WARNING]), ("B-2", [])])
def test_work_inside_hours_is_a_warning_in_town(kit: Kit, branch: str, found: list[Severity]) -> None:
    """estate:S-8, estate:MNT-18, governance:INC-OUT-28: in town a window inside business hours warns and forbids
    nothing; in the country it is not asked.
    """
    checklist = Catalog().checklist("service-plan")
    answers = {**PLAN, "hours": "inside", "hours-reason": "the machine is down"}
    if branch == "B-2":
        answers = {name: said for name, said in answers.items() if not name.startswith("hours")}
    words = {"plan-work", "plan-material", "plan-staff", "hours-reason"}
    sheet = Sheet(
        "S-1", checklist="service-plan", version="1", branch=branch, at=TUESDAY, by="S-1",
        answers=tuple(Answer(k, **({"words": v} if k in words else {"value": v})) for k, v in answers.items()),
    )  # fmt: skip
    bound = bind(checklist, kit.get(Branch, branch), at=TUESDAY)

    assert found == [one.severity for one in judge(sheet, bound)]
    assert () == read(sheet, bound).problems


NOTICE = {"contact-named": "pass", "hours-preferred": "pass"}


def test_works_wait_for_the_merchants_whose_entrance_they_close(kit: Kit) -> None:
    """estate:S-9, estate:P-7, estate:NTF-01, estate:NTF-07, estate:NTF-12: no agreement, no works; afterwards the
    neighbours are thanked.
    """
    run = Run(kit, "neighbour-notice", "outlet_head", facts={"works.start": "2026-03-14T08:00:00+08:00"})
    assert at(0, day=11) == run.due("first-notice")
    run.do("classify", "classified", "outlet_head", work_kind="security_upgrade")
    run.do("first-notice", "sent", "outlet_head", {"nuisances": "entrance_changed", **NOTICE})
    assert ("consult",) == run.case.open_stages
    no = {"merchant@row:1": "the shop next door", "agrees@row:1": "no", "all-agree": "no"}
    with pytest.raises(Refused, match="the works may not begin"):
        run.do("consult", "agreed", "outlet_head", no)
    run.do("consult", "re-plan", "outlet_head", no).do("classify", "classified", "outlet_head")
    run.do("first-notice", "sent", "outlet_head", {"nuisances": "entrance_changed", **NOTICE})
    run.do("consult", "agreed", "outlet_head", {**no, "agrees@row:1": "yes", "all-agree": "yes"})
    run.do("detail-notice", "sent", "lobby_manager").do("works", "accepted", "outlet_head")
    assert ("appreciation",) == run.case.open_stages

    run.do("appreciation", "held", "outlet_head", {"event-day": "2026-03-20", "gift-given": "pass"})
    assert ("closed", "done") == run.ended


def test_dust_asks_for_advice_and_nothing_else_for_consent(kit: Kit) -> None:
    """estate:S-9, estate:NTF-03: works that make dust need the advice in the notice; entrances untouched, nobody is
    asked.
    """
    run = Run(kit, "neighbour-notice", "outlet_head", facts={"works.start": "2026-03-14T08:00:00+08:00"})
    run.do("classify", "classified", "outlet_head", work_kind="equipment_maintenance")

    with pytest.raises(Refused, match="Expected an answer to item 'protection-advised'"):
        run.do("first-notice", "sent", "outlet_head", {"nuisances": "dust", **NOTICE})
    run.do("first-notice", "sent", "outlet_head", {"nuisances": "dust", "protection-advised": "pass", **NOTICE})
    assert ("detail-notice",) == run.case.open_stages


def test_spares_fall_short_and_the_operator_is_asked(kit: Kit) -> None:
    """estate:S-10, estate:FLT-12, estate:TEL-02: two sets used leave one of three; the operator is asked at once; no
    close without the cause.
    """
    least = FrozenMap({"phone_set": Decimal(3), "phone_base": Decimal(2), "phone_cable": Decimal(5)})
    register = attrs.evolve(Catalog().register("spares"), least=least)

    def short(sets: int) -> list[Ref]:
        held = (("phone_set", sets), ("phone_base", 2), ("phone_cable", 5))
        entries = [
            Entry(name, register="spares", branch="B-1", values=FrozenMap({"spare": name}), quantity=Decimal(count))
            for name, count in held
        ]
        return [one.place[-1] for one in judge_register(register, "B-1", entries, day=TUESDAY.date())]

    assert ([], [Ref("value", "phone_set")]) == (short(3), short(1))
    run = contained(Run(kit, "fault", "fault_desk", place=LINE)).do("repair", "unsolved", "engineer")
    assert run.at + 15 * MINUTE == run.due("third-party")
    run.do("third-party", "solved", "engineer", third_party="telecom_operator").do("tell", "told", "fault_desk")
    with pytest.raises(Refused):
        run.do("close", "closed", "fault_desk")
    run.do("root-cause", "found", "department_head", CAUSE, cause="operator_line", attributed_to="telecom_operator")
    assert ("closed", "solved") == run.do("close", "closed", "fault_desk").ended


def test_a_cash_machine_pried_open_at_night(kit: Kit) -> None:
    """estate:S-12: reported at once, the police decided on, out of service with a placard, recordings on hold, a
    graded fault.
    """
    night = at(23, 10)
    run = Run(kit, "device-tampering", "security_guard", place=ATM, at=night)

    assert night + 5 * MINUTE == run.due("report")
    assert ("tampering-report", "at-once", "S-outlet_head") in told(kit, night)
    run.do("report", "reported", "security_guard")
    run.do("decide-police", "call-police", "outlet_head", reason="pried open")
    run.do("secure", "secured", "security_guard", SECURED)
    told(kit, run.at)
    (fault,) = kit.find(Case, procedure="fault")
    assert ATM == fault.place
    repair = Run.of(kit, fault, run.at)
    contained(repair, grade="serious").do("repair", "repaired", "engineer", PARTS)
    assert "serious" == repair.case.facts["grade"]
    assert "open" == run.case.status
    assert ("closed", "returned_to_service") == run.do("restore", "returned", "engineer", RETURN).ended


def test_a_customer_clutches_the_chest_and_has_no_medicine(kit: Kit) -> None:
    """governance:S-1: both numbers are told, medicine is bought nearby, relatives, superior and recordings are seen
    to; no close before.
    """
    run = Run(kit, "heart-attack", "lobby_manager")
    assert {"medical_emergency", "police"} <= {to for _, _, to in told(kit, TUESDAY)}
    run.do("look-and-call", "called", "lobby_manager", CALLS).do(
        "medicine", "buy-nearby", "teller", {"own-medicine": "no"}
    )
    lessons = {"summary": "as planned", "plan-gaps": "no"}
    run.do("clear-area", "cleared", "security_guard").do("watch", "handed-over", "lobby_manager", CARE)
    run.do("inform-relatives", "informed", "teller", FAMILY).do("report-to-superior", "reported", "outlet_head")
    run.do("keep-order", "kept", "teller")
    for stage, way in (("preserve-cctv", "preserved"), ("close-and-learn", "closed")):
        form = {"footage-locked": "pass"} if stage == "preserve-cctv" else lessons
        with pytest.raises(Refused):
            run.do(stage, way, "outlet_head", form)
    run.do("protect-property", "protected", "teller")
    run.do("preserve-cctv", "preserved", "outlet_head", {"footage-locked": "pass"})

    assert ("closed", "closed") == run.do("close-and-learn", "closed", "outlet_head", lessons).ended
    nine = Catalog().procedure("heart-attack").stages[:9]
    assert set(run.case.stages) == {stage.id for stage in nine} | {"close-and-learn"}
