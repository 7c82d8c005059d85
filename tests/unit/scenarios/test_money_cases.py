"""Worked scenarios of money, identity and customers' rights, each run as a case through the kit."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.messages import Actor
from branchkit.procedures import CompleteStage, Reprioritise
from tests.unit.catalog.counter import (
    CUSTODIAN,
    DAY,
    EVENING,
    EVENING_TOO,
    HEAD,
    LOBBY,
    MINUTE,
    MORNING,
    RECORDER,
    SECOND,
    SUPERVISOR,
    TEAM,
    TELLER,
    WEALTH,
    Counter,
)

CNY = {"facts": {"cash.currencies": ("CNY",)}}


@pytest.fixture
def counter() -> Counter:
    """Return a branch with its people and no case yet."""
    return Counter()


def test_a_customer_wires_money_after_a_call_and_nobody_can_be_reached(counter: Counter) -> None:
    """governance:S-3: a delay by a pretext takes one of the two named; without family the case is the supervisor's, who
    calls the police; the outcome is on record.
    """
    counter.open("scam-call", TELLER)
    counter.do("recognise", "suspected", TELLER, facts={"scam.indicators": ("urgent_unknown_account",)})
    assert "bad_fact" in counter.no("delay", "delay_by_pretext", TELLER, facts={"pretext": "manager_away"})
    counter.do("delay", "delay_by_pretext", TELLER, facts={"pretext": "service_unavailable"})
    counter.do("contact_family", "nobody_comes", SECOND, facts={"family.contact": "none", "family.coming": False})
    counter.do("separate_and_calm", "calmer", LOBBY)
    counter.do("learn_the_story", "told", LOBBY, facts={"story": ("posed_as_bank",)})

    assert ("review_pretext", "supervisor_decides") == counter.case().open_stages
    assert "skipped" == counter.case().stages["explain_with_family"].status.value
    counter.do("supervisor_decides", "police_called", HEAD)
    counter.do("close_prevented", "close", LOBBY, facts={"commendation": "none"})
    assert "prevented" == counter.ended()


def test_a_forgotten_number_does_not_hold_up_the_freeze(counter: Counter) -> None:
    """governance:S-4: name and mobile stand in for the number; the seconds to the freeze are told; money that has left
    makes it critical and locks the recordings.
    """
    counter.open("account-theft", LOBBY, priority="major")
    counter.do("receive_report", "received", LOBBY)
    counter.do("obtain_key", "found_by_key", LOBBY, facts={"identification.keys": ("name", "mobile")})
    counter.do("protective_freeze", "frozen", TELLER, facts={"accounts": "all_frozen"})

    (clock,) = (one for one in counter.kit.story("C-1", counter.at + DAY).clocks if one.clock.id == "freeze")
    assert clock.reading is not None
    assert (dt.timedelta(seconds=180), False) == (clock.reading.elapsed, clock.reading.is_breached)
    counter.do("check_outflow", "money_has_left", TELLER, facts={"outflow": True})
    assert ["guard_false"] == counter.no("loss_response", "secured", HEAD, facts={"footage": "locked"})
    counter.at += MINUTE
    counter.kit.do(Reprioritise("C-1", "critical", reason="a withdrawal message came", by=HEAD, at=counter.at))
    counter.do("loss_response", "secured", HEAD, facts={"footage": "locked", "superior": "told"})
    assert ("critical", "locked") == (counter.case().priority, counter.case().facts["footage"])


def test_one_teller_does_not_accept_recheck_and_authorise(counter: Counter) -> None:
    """governance:S-10, service:S-7: who accepted does not re-check, and not authorise even as a supervisor; refused by
    the rule of separation.
    """
    everything = Actor("T-1", posts=("teller", "authorising_supervisor"))
    counter.open("authorised-transaction", everything, facts={"needs_authorisation": True})
    answers = dict.fromkeys(
        ("voucher-authentic", "voucher-legal", "voucher-complete", "account-matches-name", "identity-verified"), "pass"
    )
    sheet = counter.sheet("voucher-acceptance", everything, answers)
    counter.do("accept", "valid", everything, sheet=sheet)

    assert ["separation"] == counter.no("recheck", "right", everything)
    counter.do("recheck", "right", SECOND)
    aside = {"operator_stepped_aside": "turned_away", "authorisation.reason": "amount"}
    command = CompleteStage("C-1", "authorise", "approve", by=everything, at=counter.at + MINUTE)
    refusals = {one.code: one.rules for one in counter.refused(command)}
    assert "governance:RSK-AUT-02" in refusals["separation"]
    counter.do("authorise", "approve", SUPERVISOR, facts=aside)


def test_four_of_five_boxes_and_one_carrier(counter: Counter) -> None:
    """governance:S-11, service:S-11: with four of five boxes the return is refused and goes to the supervisor; with all
    five, one carrier alone delivers nothing.
    """
    counter.open("cash-box-day", TELLER)
    out = counter.sheet(
        "cash-box-release", CUSTODIAN, {"boxes-on-list": "5", "boxes-released": "5", "numbers-and-seals-right": "pass"}
    )
    counter.do("release_from_vault", "agree", CUSTODIAN, sheet=out)
    counter.sign("release_from_vault", TELLER)
    counts = {"in-the-books/currency:CNY": "9", "counted/currency:CNY": "9", "within-limit/currency:CNY": "pass"}
    for stage in ("noon_balancing", "evening_balancing"):
        sheet = counter.sheet("cash-count", TELLER, {**counts, "balanced": "pass"}, **CNY)
        counter.do(stage, "equal", TELLER, sheet=sheet)
    four = counter.sheet("cash-box-return", EVENING, {"boxes-presented": "4", "seals-whole": "pass"})

    assert ["guard_false"] == counter.no("verify_boxes", "agree", EVENING, sheet=four)
    counter.do("verify_boxes", "mismatch", EVENING, sheet=four)
    assert ("report_missing",) == counter.case().open_stages
    counter.do("report_missing", "found", SUPERVISOR, reason="left at the counter")
    five = counter.sheet("cash-box-return", EVENING, {"boxes-presented": "5", "seals-whole": "pass"})
    counter.do("verify_boxes", "agree", EVENING, sheet=five)
    counter.do("deliver_by_two", "delivered", EVENING, facts={"vault_receipt": "R-1"})
    assert ["not_distinct"] == counter.no_signature("deliver_by_two", EVENING)
    assert ("deliver_by_two",) == counter.case().open_stages
    counter.sign("deliver_by_two", EVENING_TOO)
    assert ("switch_off",) == counter.case().open_stages


def test_a_blocking_finding_and_then_a_clean_take(counter: Counter) -> None:
    """governance:S-12: recorded, found not in order, recorded again, passed, archived; both takes stay on record."""
    counter.open("dual-recording", WEALTH)
    counter.do("authenticate", "recognised", WEALTH, facts={
        "recording.consent": "given", "face": "customer_and_seller"})  # fmt: skip
    checks = {f"recorded-in-order/check:{one}": "pass" for one in ("action", "script", "semantic", "other")}
    checks |= {f"recognised/recognition:{one}": "pass" for one in ("face", "expression", "action", "other")}
    for number, (blocking, way) in enumerate([("script", "non_compliant"), ("none", "clean")], start=1):
        counter.do("record", "recorded", WEALTH, facts={"media.reference": f"M-{number}"})
        verdict = "pass" if blocking == "none" else "fail"
        answers = {**checks, "recorded-in-order/check:script": verdict, "blocking": blocking}
        counter.do("check_live", way, RECORDER, sheet=counter.sheet("dual-recording-check", RECORDER, answers))
        if way == "non_compliant":
            counter.do("re_record", "again", WEALTH)
    counter.do("archive", "archived", RECORDER, facts={"media.digest": "sha256:2", "media.kept_until": "2036-03-02"})

    moved = [one.event for one in counter.kit.events() if one.event.KIND == "stage_completed"]
    steps = [(event.stage, event.transition) for event in moved]  # type: ignore[attr-defined]
    assert [
        ("authenticate", "recognised"), ("record", "recorded"), ("check_live", "non_compliant"),
        ("re_record", "again"), ("record", "recorded"), ("check_live", "clean"), ("archive", "archived"),
    ] == steps  # fmt: skip
    references = [event.facts["media.reference"] for event in moved if event.stage == "record"]  # type: ignore[attr-defined]
    assert (["M-1", "M-2"], "archived") == (references, counter.ended())


def test_a_late_complaint_of_an_unhappy_customer(counter: Counter) -> None:
    """governance:S-15, governance:CPL-04, governance:CPL-12, service:CMP-18, service:CMP-19, customers:FBK-13,
    customers:FBK-18: filed by the mobile platform, it escalates when late; the customer who is not content is told of
    bank and regulator; and it does not close without its root cause.
    """
    mobile = Actor("import:mobile", system=True)
    facts = {"complaint.channel": "mobile_service", "complaint.deadlines": "suggested"}
    counter.open("complaint", mobile, facts=facts, priority="ordinary")
    counter.do("receive", "register", LOBBY, facts={"customer.heard_out": True})
    counter.do("accept", "take_on", TEAM, facts={"complaint.owner": "K-1"})

    late = [rung for rung, _ in counter.rungs(MORNING + 15 * DAY + MINUTE)]
    assert ["half", "near", "late"] == late
    assert [("take_over", ()), ("still_late", ("U-1",))] == counter.rungs(MORNING + 18 * DAY + MINUTE)
    counter.at = MORNING + 19 * DAY
    counter.do("investigate", "facts_known", TEAM, facts={"money.disputed": False, "footage": "not_needed"})
    offer = {"solution.kind": "explanation", "settlement.tactics": ("cushioned",), "compensation.proposed": False}
    counter.do("design_solution", "offer", TEAM, facts=offer)
    # Its owner let it lie for a day, so it is the head's by now.
    counter.do("reply", "refused", HEAD, facts={"reply.tone": "apology"})
    assert ["guard_false"] == counter.no("offer_further", "taken_further", HEAD)
    assert "governance:CPL-12" in counter.waive("offer_further", HEAD, "not asked for")[0].rules
    counter.do("offer_further", "taken_further", HEAD, facts={"rights_told": "in_writing"})
    assert ["guard_false"] == counter.no("learn_taken_further", "close", TEAM)
    counter.do("learn_taken_further", "close", TEAM, facts={"root_cause": "process", "measure": "process_change"})
    assert "taken_further" == counter.ended()
