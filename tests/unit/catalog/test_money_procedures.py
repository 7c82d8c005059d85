"""The shipped procedures around money and customers' rights: proved, and run from opening to every end."""

from __future__ import annotations

import pytest

from branchkit.catalog import Catalog
from branchkit.escalation import EscalationLadder
from branchkit.estate import ByPost, ByRelation
from branchkit.procedures import CompleteStage, LinkCases, Procedure, Reprioritise, Surroundings, prove
from branchkit.temporal import NotConfigured
from tests.unit.catalog.counter import (
    CUSTODIAN,
    DAY,
    EVENING,
    EVENING_TOO,
    HEAD,
    LOBBY,
    MINUTE,
    MORNING,
    OFFICER,
    QUALITY,
    RECORDER,
    SECOND,
    STAND_IN,
    SUPERVISOR,
    TEAM,
    TEAM_TOO,
    TELLER,
    WEALTH,
    Counter,
)

CATALOG = Catalog()
NAMES = (
    "account-theft", "aml-review", "authorised-transaction", "cash-box-day", "complaint", "counterfeit",
    "credential-rotation", "dual-recording", "error-search", "leave-counter", "over-limit-cash", "scam-call",
)  # fmt: skip
GOOD = {
    "voucher-authentic": "pass", "voucher-legal": "pass", "voucher-complete": "pass", "account-matches-name": "pass",
    "identity-verified": "pass",
}  # fmt: skip
ASIDE = {"operator_stepped_aside": "left_the_counter", "authorisation.reason": "amount"}
POSTED = {"checked_with_customer": "agrees", "receipt": "given_and_explained"}
CNY = {"facts": {"cash.currencies": ("CNY",)}}
LEARNT = {"root_cause": "process", "measure": "process_change"}


@pytest.fixture
def counter() -> Counter:
    """Return a branch with its people and no case yet."""
    return Counter()


def loaded(name: str) -> Procedure:
    return CATALOG.procedure(name)


def surroundings(procedure: Procedure) -> Surroundings:
    forms = {stage.form: CATALOG.checklist(stage.form) for stage in procedure.stages if stage.form is not None}
    ladders: dict[str, EscalationLadder] = {id: CATALOG.ladder(id) for id in procedure.ladders.values()}
    targets = frozenset({procedure.targets} if procedure.targets else ())
    return Surroundings(checklists=forms, ladders=ladders, targets=targets)


@pytest.mark.parametrize("name", NAMES)
def test_procedure_is_proved(name: str) -> None:
    """Every stage is reached, ends, and can be acted in; forms, ladders, tables and both languages are there."""
    assert () == prove(loaded(name), surroundings(loaded(name)))


@pytest.mark.parametrize("name", NAMES)
def test_clocks_say_what_no_source_states(name: str) -> None:
    """A figure that no source states is marked as suggested, or left to be configured."""
    sourced = {"release"}
    procedure = loaded(name)

    every = [*procedure.clocks, *(clock for stage in procedure.stages for clock in stage.clocks)]

    plain = {clock.id for clock in every if clock.basis == "sourced" and not isinstance(clock.deadline, NotConfigured)}
    by_table = {clock.id for clock in every if clock.deadline.KIND == "target"}
    assert plain - by_table <= sourced


# Authorised transaction


def accepted(counter: Counter, **facts: object) -> None:
    counter.open("authorised-transaction", TELLER, facts=facts)
    sheet = counter.sheet("voucher-acceptance", TELLER, GOOD)
    counter.do("accept", "valid", TELLER, sheet=sheet)


def test_three_people_post_a_transaction(counter: Counter) -> None:
    """governance:P-19, governance:RSK-AUT-02, service:P-19: acceptance, re-check and authorisation are three people's,
    and the operator posts what was approved.
    """
    accepted(counter, needs_authorisation=True)
    counter.do("recheck", "right", SECOND)
    counter.do("authorise", "approve", SUPERVISOR, facts=ASIDE)
    counter.do("post_and_return", "posted", TELLER, facts=POSTED)

    assert "posted" == counter.ended()
    assert "skipped" == counter.case().stages["review_later"].status.value


@pytest.mark.parametrize("stage", ["recheck", "authorise"])
def test_nobody_holds_two_of_the_three_duties(counter: Counter, stage: str) -> None:
    """governance:RSK-AUT-01, service:SVC-13, service:ROL-31: neither the operator nor a delegate of theirs re-checks or
    authorises; the refusal names the rule.
    """
    accepted(counter, needs_authorisation=True)
    if stage == "authorise":
        counter.do("recheck", "right", SECOND)
    way = {"recheck": "right", "authorise": "approve"}[stage]
    command = CompleteStage("C-1", stage, way, by=STAND_IN, at=counter.at + MINUTE)

    (refusal,) = (one for one in counter.refused(command) if one.code == "separation")

    assert "governance:RSK-AUT-02" in refusal.rules


def test_the_same_teller_does_not_recheck(counter: Counter) -> None:
    """service:TEL-19, governance:RSK-AUT-05: with two at the counter, the operator is not the one who re-checks, and
    the re-check is never waived.
    """
    accepted(counter)

    assert ["separation"] == counter.no("recheck", "right", TELLER)
    assert ("governance:RSK-AUT-05", "service:TEL-19") == counter.waive("recheck", HEAD, "busy")[0].rules


def test_the_operator_stands_aside(counter: Counter) -> None:
    """governance:RSK-AUT-01, service:TEL-14: without the operator's stepping aside nothing is authorised."""
    accepted(counter, needs_authorisation=True)
    counter.do("recheck", "right", SECOND)

    found = counter.no("authorise", "approve", SUPERVISOR, facts={"authorisation.reason": "amount"})

    assert ["guard_false"] == found


def test_a_declined_transaction_is_explained(counter: Counter) -> None:
    """A supervisor declines with the reason, and the operator tells the customer."""
    accepted(counter, needs_authorisation=True)
    counter.do("recheck", "right", SECOND)
    counter.do("authorise", "decline", SUPERVISOR, reason="papers do not suffice")
    counter.do("inform_customer", "told", TELLER)

    assert "declined" == counter.ended()


def test_nothing_is_posted_unchecked(counter: Counter) -> None:
    """governance:RSK-ID-07, governance:RSK-DOC-05: what is done is checked with the customer, and the receipt is given
    and explained, else the case stays open.
    """
    accepted(counter, needs_authorisation=False)
    counter.do("recheck", "right", SECOND)

    assert ["guard_false"] == counter.no("post_and_return", "posted", TELLER)
    assert ["guard_false"] == counter.no("post_and_return", "posted", TELLER, facts={"receipt": "none_due"})


def test_an_error_goes_back_to_the_operator(counter: Counter) -> None:
    """What the re-check finds wrong is accepted once more, and then goes on."""
    accepted(counter, needs_authorisation=False)
    counter.do("recheck", "wrong", SECOND, reason="amount in words differs")
    sheet = counter.sheet("voucher-acceptance", TELLER, GOOD)
    counter.do("accept", "valid", TELLER, sheet=sheet)
    counter.do("recheck", "right", SECOND)

    assert ("post_and_return",) == counter.case().open_stages


@pytest.mark.parametrize("item", GOOD)
def test_a_voucher_that_fails_a_test_is_not_entered(counter: Counter, item: str) -> None:
    """governance:RSK-DOC-01, governance:RSK-DOC-02, governance:RSK-ID-01, governance:RSK-AUT-04:
    one failed test rejects the voucher.
    """
    counter.open("authorised-transaction", TELLER)
    sheet = counter.sheet("voucher-acceptance", TELLER, {**GOOD, item: "fail"})

    assert ["guard_false"] == counter.no("accept", "valid", TELLER, sheet=sheet)
    counter.do("accept", "reject", TELLER, sheet=sheet, reason="does not stand the tests")
    assert "rejected" == counter.ended()


def test_one_teller_alone_is_reviewed_later(counter: Counter) -> None:
    """service:TEL-21: in the comprehensive way of working nobody re-checks, and somebody else reviews afterwards."""
    accepted(counter, needs_authorisation=False, **{"counter.control_mode": "comprehensive"})
    counter.do("post_and_return", "posted", TELLER, facts=POSTED)

    assert ("review_later",) == counter.case().open_stages
    counter.do("review_later", "reviewed", SUPERVISOR)
    assert "posted" == counter.ended()


def test_a_voucher_held_back_overnight_is_told(counter: Counter) -> None:
    """governance:RSK-OPEN-01, service:OPN-09: what came in today and is not processed by the end of the day is told."""
    accepted(counter)

    assert MORNING.replace(hour=0) + DAY == counter.due("delay")
    assert [] == counter.rungs(MORNING.replace(hour=0) + DAY)
    assert [("held_back", ("S-1", "H-1"))] == counter.rungs(MORNING.replace(hour=0) + DAY + MINUTE)


# Cash box, day by day


def released(counter: Counter, listed: str = "5", out: str = "5") -> None:
    counter.open("cash-box-day", TELLER)
    sheet = counter.sheet(
        "cash-box-release", CUSTODIAN,
        {"boxes-on-list": listed, "boxes-released": out, "numbers-and-seals-right": "pass"},
    )  # fmt: skip
    counter.do("release_from_vault", "agree", CUSTODIAN, sheet=sheet)
    counter.sign("release_from_vault", TELLER)


def counted(counter: Counter, books: str = "100", cash: str = "100", balanced: str = "pass") -> str:
    answers = {"in-the-books/currency:CNY": books, "counted/currency:CNY": cash, "within-limit/currency:CNY": "pass"}
    return counter.sheet("cash-count", TELLER, {**answers, "balanced": balanced}, **CNY)


def evening(counter: Counter, presented: str = "5") -> str:
    counter.do("noon_balancing", "equal", TELLER, sheet=counted(counter))
    counter.do("evening_balancing", "equal", TELLER, sheet=counted(counter))
    return counter.sheet("cash-box-return", EVENING, {"boxes-presented": presented, "seals-whole": "pass"})


def test_a_cash_box_day(counter: Counter) -> None:
    """governance:P-16, governance:RSK-CASH-01, governance:RSK-CASH-06: released by two, balanced at noon
    and in the evening, counted back, carried by two, devices off.
    """
    released(counter)
    sheet = evening(counter)
    counter.do("verify_boxes", "agree", EVENING, sheet=sheet)
    counter.do("deliver_by_two", "delivered", EVENING, facts={"vault_receipt": "R-7"})
    counter.sign("deliver_by_two", EVENING_TOO)
    off = counter.sheet(
        "switch-off", TELLER, {f"device-off/device:{one}": "pass" for one in ("terminal", "printer", "note_counter")}
    )
    counter.do("switch_off", "off", TELLER, sheet=off)

    assert "day_closed" == counter.ended()


def test_the_release_is_handed_over_between_two(counter: Counter) -> None:
    """governance:RSK-CASH-01, service:OPN-03: who handed the boxes out does not receive them, nor does a delegate, and
    without the teller's signature nothing is balanced.
    """
    counter.open("cash-box-day", TELLER)
    sheet = counter.sheet(
        "cash-box-release", CUSTODIAN, {"boxes-on-list": "5", "boxes-released": "5", "numbers-and-seals-right": "pass"}
    )
    counter.do("release_from_vault", "agree", CUSTODIAN, sheet=sheet)
    same = CUSTODIAN.__class__("V-1", posts=("teller",))
    delegate = CUSTODIAN.__class__("T-9", posts=("teller",), acting_for="V-1")

    assert ["not_distinct"] == counter.no_signature("release_from_vault", same)
    assert ["not_distinct"] == counter.no_signature("release_from_vault", delegate)
    assert ("release_from_vault",) == counter.case().open_stages


def test_boxes_that_are_not_those_of_the_list_are_not_released(counter: Counter) -> None:
    """service:OPN-03: five on the list and four at hand: the release is refused, and ends so."""
    counter.open("cash-box-day", TELLER)
    sheet = counter.sheet(
        "cash-box-release", CUSTODIAN, {"boxes-on-list": "5", "boxes-released": "4", "numbers-and-seals-right": "pass"}
    )

    assert ["guard_false"] == counter.no("release_from_vault", "agree", CUSTODIAN, sheet=sheet)
    counter.do("release_from_vault", "mismatch", CUSTODIAN, sheet=sheet, reason="one box is missing")
    counter.sign("release_from_vault", TELLER)
    assert "release_refused" == counter.ended()


def test_a_missing_count_is_no_balancing(counter: Counter) -> None:
    """governance:RSK-CASH-03, service:OPN-10: without a sheet, or with one that is not final, noon is not balanced, and
    nobody waives it.
    """
    released(counter)
    draft = counter.sheet("cash-count", TELLER, {"balanced": "pass"}, state="draft", **CNY)

    assert ["form_missing", "guard_unknown"] == counter.no("noon_balancing", "equal", TELLER)
    assert ["form_not_final", "guard_unknown"] == counter.no("noon_balancing", "equal", TELLER, sheet=draft)
    assert "service:OPN-10" in counter.waive("noon_balancing", HEAD, "busy")[0].rules


def test_a_difference_is_told_and_searched_for(counter: Counter) -> None:
    """governance:RSK-CASH-14, governance:RSK-DOC-08: a difference needs a supervisor told, and its sheet opens the
    search for the error, about that currency.
    """
    released(counter)
    sheet = counted(counter, cash="90", balanced="fail")

    assert ["guard_false"] == counter.no("noon_balancing", "equal", TELLER, sheet=sheet)
    assert ["guard_false"] == counter.no("noon_balancing", "difference", TELLER, sheet=sheet)
    counter.do("noon_balancing", "difference", TELLER, sheet=sheet, facts={"supervisor_told": "at_once"})
    (search,) = counter.opened("error-search")
    assert ("currency", "CNY") == (search.place[-1].kind, search.place[-1].id)


def test_a_late_count_is_told(counter: Counter) -> None:
    """governance:RSK-CASH-03: a noon count that has not come is told to the supervisor."""
    released(counter)

    assert MORNING.replace(hour=13) == counter.due("noon")
    assert [("late", ("S-1",))] == counter.rungs(MORNING.replace(hour=13) + MINUTE)


def test_a_box_is_out_before_opening(counter: Counter) -> None:
    """governance:RSK-CASH-01: released at nine sharp is in time, a minute later is told."""
    counter.open("cash-box-day", TELLER)

    assert MORNING.replace(hour=9) == counter.due("release")
    assert [] == counter.rungs(MORNING.replace(hour=9))
    assert [("late", ("S-1",))] == counter.rungs(MORNING.replace(hour=9) + MINUTE)


def test_found_boxes_are_counted_again(counter: Counter) -> None:
    """A box that turns up leads back to the count; one that does not ends the day as missing."""
    released(counter)
    counter.do("verify_boxes", "mismatch", EVENING, sheet=evening(counter, "4"))
    counter.do("report_missing", "found", SUPERVISOR, reason="it stood at the low counter")
    assert ("verify_boxes",) == counter.case().open_stages
    sheet = counter.sheet("cash-box-return", EVENING, {"boxes-presented": "4", "seals-whole": "pass"})
    counter.do("verify_boxes", "mismatch", EVENING, sheet=sheet)
    counter.do("report_missing", "missing", HEAD, reason="not found")

    assert "boxes_missing" == counter.ended()


# Cash above the limit


def test_cash_above_the_limit_goes_to_the_vault(counter: Counter) -> None:
    """governance:P-17, governance:RSK-CASH-02, service:OPN-11: what is above the limit of the register is bundled by
    two and delivered with the custodian; the clock runs to the close of business.
    """
    counter.limit("cash-limits", 500, currency="CNY")
    counter.open("over-limit-cash", TELLER, facts={"cash.currency": "CNY", "cash.held": "501"})
    assert MORNING.replace(hour=17, minute=30) == counter.due("deliver")
    counter.do("detect", "over", TELLER)
    counter.do("bundle", "bundled", TELLER, facts={"bundles": "1"})
    assert ["not_distinct"] == counter.no_signature("bundle", STAND_IN)
    counter.sign("bundle", SECOND)
    counter.do("deliver_to_vault", "delivered", TELLER, facts={"amount_delivered": "1"})
    counter.sign("deliver_to_vault", CUSTODIAN)

    assert "delivered" == counter.ended()


def test_cash_at_the_limit_stays(counter: Counter) -> None:
    """service:OPN-11: exactly the limit is within it."""
    counter.limit("cash-limits", 500, currency="CNY")
    counter.open("over-limit-cash", TELLER, facts={"cash.currency": "CNY", "cash.held": "500"})

    assert ["guard_false"] == counter.no("detect", "over", TELLER)
    counter.do("detect", "within", TELLER)
    assert "within_limit" == counter.ended()


def test_without_a_limit_nothing_is_judged(counter: Counter) -> None:
    """governance:RSK-CASH-02: where no limit is set, nobody can tell what is above it, and that is said."""
    counter.open("over-limit-cash", TELLER, facts={"cash.currency": "USD", "cash.held": "500"})

    assert ["guard_unknown"] == counter.no("detect", "over", TELLER)
    assert ["guard_unknown"] == counter.no("detect", "within", TELLER)


def test_the_limit_of_another_branch_does_not_count(counter: Counter) -> None:
    """governance:RSK-CASH-02: a limit is the branch's own, and another branch's tells nothing here."""
    counter.limit("cash-limits", 500, branch="B-2", currency="CNY")
    counter.open("over-limit-cash", TELLER, facts={"cash.currency": "CNY", "cash.held": "501"})

    assert ["guard_unknown"] == counter.no("detect", "over", TELLER)


def test_a_count_above_the_limit_opens_the_delivery_once(counter: Counter) -> None:
    """governance:RSK-CASH-02: two counts that find the same currency above its limit open one case."""
    released(counter)
    for _ in range(2):
        answers = {"in-the-books/currency:CNY": "9", "counted/currency:CNY": "9", "within-limit/currency:CNY": "fail"}
        counter.sheet("cash-count", TELLER, {**answers, "balanced": "pass"}, **CNY)

    assert 1 == len(list(counter.opened("over-limit-cash")))


# Leaving the counter


def locked(counter: Counter, absence: str, seals: str = "pass") -> str:
    counter.open("leave-counter", TELLER, facts={"absence": absence})
    counter.do("sign_off_terminal", "signed_off", TELLER)
    return counter.sheet("counter-locked", TELLER, {"cash-locked": "pass", "seals-locked": seals})


def handed_over(counter: Counter, agrees: str = "pass", way: str = "agrees") -> None:
    counter.do("lock_cash_and_seals", "absent", TELLER, sheet=locked(counter, "rest"))
    named = {"handover.receiver": "T-2", "handover.witness": "S-1"}
    counter.do("name_receiver", "named", TELLER, facts=named)
    answers = {"handed-over/currency:CNY": "100", "seals-handed-over": "2", "handed-over-at": "10:00"}
    sheet = counter.sheet("counter-handover", TELLER, {**answers, "handover-agrees": agrees}, **CNY)
    counter.do("hand_over", way, TELLER, sheet=sheet)


def test_a_rest_takes_a_handover_of_three(counter: Counter) -> None:
    """governance:P-18, service:P-18, governance:RSK-CASH-05, governance:RSK-DOC-10, service:STF-11: giver, receiver and
    witness sign, each themselves, and the box is verified on return.
    """
    handed_over(counter)
    assert ["not_permitted"] == counter.no_signature("hand_over", CUSTODIAN)
    assert ["not_permitted", "not_distinct"] == counter.no_signature("hand_over", TELLER)
    counter.sign("hand_over", SECOND)
    assert ["not_distinct"] == counter.no_signature("hand_over", SECOND)
    counter.sign("hand_over", SUPERVISOR)
    back = counter.sheet("counter-return", TELLER, {"box-as-left": "pass", "signed-on-again-at": "10:20"})
    counter.do("return_and_verify", "as_left", TELLER, sheet=back)

    assert "back_at_work" == counter.ended()
    assert {"giver": "T-1", "receiver": "T-2", "witness": "S-1"} == dict(counter.case().roles)


def test_a_delegate_of_the_giver_does_not_receive(counter: Counter) -> None:
    """governance:RSK-CASH-05: the receiver's stand-in may sign for them, the giver's may not."""
    handed_over(counter)
    both = TELLER.__class__("T-2", posts=("teller",), acting_for="T-1")

    assert ["not_distinct"] == counter.no_signature("hand_over", both)


def test_a_moment_away_takes_no_handover_but_a_locked_box(counter: Counter) -> None:
    """governance:RSK-CASH-04, service:OPN-12: cash and seals are in the box, else nobody leaves."""
    sheet = locked(counter, "step_away", seals="fail")
    assert ["guard_false"] == counter.no("lock_cash_and_seals", "step_away", TELLER, sheet=sheet)
    counter.do("lock_cash_and_seals", "stay", TELLER, sheet=sheet)
    counter.do("sign_off_terminal", "signed_off", TELLER)
    again = counter.sheet("counter-locked", TELLER, {"cash-locked": "pass", "seals-locked": "pass"})
    counter.do("lock_cash_and_seals", "step_away", TELLER, sheet=again)

    assert ("return_and_verify",) == counter.case().open_stages


def test_a_rest_without_handover_is_refused(counter: Counter) -> None:
    """governance:RSK-CASH-05, service:OPN-13: a rest is no moment away, and the handover is never waived."""
    sheet = locked(counter, "rest")

    assert ["guard_false"] == counter.no("lock_cash_and_seals", "step_away", TELLER, sheet=sheet)
    counter.do("lock_cash_and_seals", "absent", TELLER, sheet=sheet)
    counter.do("name_receiver", "named", TELLER, facts={"handover.receiver": "T-2", "handover.witness": "S-1"})
    assert ("governance:RSK-CASH-05", "service:OPN-13", "service:STF-11") == counter.waive(
        "hand_over", SUPERVISOR, "nobody is free"
    )[0].rules


def test_a_handover_that_does_not_agree_stops(counter: Counter) -> None:
    """governance:P-18: what does not agree is looked into by the supervisor and ends as a difference."""
    handed_over(counter, agrees="fail", way="mismatch")
    counter.sign("hand_over", SECOND)
    counter.sign("hand_over", SUPERVISOR)
    counter.do("look_into_difference", "settled", SUPERVISOR, reason="a bundle was miscounted")

    assert "difference" == counter.ended()


def test_a_supervisor_takes_over_from_a_teller_who_is_called_away(counter: Counter) -> None:
    """governance:P-18: the teller does not leave so of their own accord; the supervisor says why."""
    sheet = locked(counter, "short_absence", seals="fail")

    assert ["not_permitted"] == counter.no("lock_cash_and_seals", "called_away", TELLER, sheet=sheet, reason="ill")
    assert ["reason_missing"] == counter.no("lock_cash_and_seals", "called_away", SUPERVISOR, sheet=sheet)
    counter.do("lock_cash_and_seals", "called_away", SUPERVISOR, sheet=sheet, reason="taken ill")
    back = counter.sheet("counter-return", TELLER, {"box-as-left": "fail", "signed-on-again-at": "15:00"})
    counter.do("return_and_verify", "difference", TELLER, sheet=back)
    assert ("look_into_difference",) == counter.case().open_stages


# Credentials


def credential(counter: Counter, days: int, case: str = "C-1") -> None:
    """Open a case for a password changed so many days ago."""
    day = (counter.at - days * DAY).date().isoformat()
    facts = {"credential.holder": "T-1", "credential.changed_on": day}
    counter.open("credential-rotation", SUPERVISOR, case, facts=facts, roles={"holder": "T-1"})


def change(counter: Counter, way: str, case: str = "C-1", day: str = "02") -> None:
    counter.do("change", way, TELLER, case, facts={"credential.day_of_month": day})


def test_a_password_of_twenty_days_is_fine_and_of_thirty_five_overdue(counter: Counter) -> None:
    """governance:S-9, governance:P-20, governance:RSK-CRD-02, service:TEL-15: 20 and 31 days are in time, 32 and 35 are
    overdue, and an overdue one is noted by the supervisor, not by the holder.
    """
    for days in (20, 31):
        credential(counter, days, f"C-{days}")
        assert ["guard_false"] == counter.no("change", "changed_late", TELLER, f"C-{days}")
        change(counter, "changed", f"C-{days}", str(days))
        assert "changed" == counter.ended(f"C-{days}")
    for days in (32, 35):
        credential(counter, days, f"C-{days}")
        facts = {"credential.day_of_month": "09"}
        assert ["guard_false"] == counter.no("change", "changed", TELLER, f"C-{days}", facts=facts)
        change(counter, "changed_late", f"C-{days}")
        assert ["separation"] == counter.no("overdue", "noted", STAND_IN, f"C-{days}", facts={"sign_on": "blocked"})
        counter.do("overdue", "noted", SUPERVISOR, f"C-{days}", facts={"sign_on": "blocked"})
        assert "changed_late" == counter.ended(f"C-{days}")


def test_the_same_day_every_month_is_not_irregular(counter: Counter) -> None:
    """governance:S-9, governance:RSK-CRD-02: the third change in a row on one day of the month ends with that warning;
    another day does not.
    """
    for number in (1, 2):
        credential(counter, 30, f"C-{number}")
        change(counter, "changed", f"C-{number}")
        counter.at += 30 * DAY
    credential(counter, 30, "C-3")
    facts = {"credential.day_of_month": "02"}

    assert ["guard_false"] == counter.no("change", "changed", TELLER, "C-3", facts=facts)
    assert ["guard_false"] == counter.no("change", "changed_on_fixed_day", TELLER, "C-3", facts={
        "credential.day_of_month": "03"})  # fmt: skip
    change(counter, "changed_on_fixed_day", "C-3")
    assert "changed_on_fixed_day" == counter.ended("C-3")


def test_the_third_lateness_in_a_year_is_referred(counter: Counter) -> None:
    """governance:P-20: two late changes within twelve months are noted, the third is referred; those of another
    teller do not count.
    """
    for number in (1, 2):
        credential(counter, 40, f"C-{number}")
        change(counter, "changed_late", f"C-{number}", f"1{number}")
        counter.do("overdue", "noted", SUPERVISOR, f"C-{number}", facts={"sign_on": "left_open"})
        counter.at += 60 * DAY
    credential(counter, 40, "C-3")
    change(counter, "changed_late", "C-3", "15")

    assert ["guard_false"] == counter.no("overdue", "noted", SUPERVISOR, "C-3", facts={"sign_on": "blocked"})
    counter.do("overdue", "refer", SUPERVISOR, "C-3")
    assert "referred" == counter.ended("C-3")


def test_a_password_is_reminded_of_and_then_told(counter: Counter) -> None:
    """governance:RSK-CRD-02: five days before the end the holder is reminded, after it the supervisor hears of it."""
    credential(counter, 0)

    assert [] == counter.rungs(MORNING + 26 * DAY - MINUTE)
    assert [("remind", ("T-1",))] == counter.rungs(MORNING + 26 * DAY)
    assert [("overdue", ("T-1", "S-1"))] == counter.rungs(MORNING + 31 * DAY + MINUTE)


def test_nobody_changes_anothers_password(counter: Counter) -> None:
    """governance:RSK-CRD-01: only the holder changes it."""
    credential(counter, 10)

    assert ["not_permitted"] == counter.no("change", "changed", SECOND, facts={"credential.day_of_month": "03"})


# Large and suspicious transactions


def flagged(counter: Counter, flag: str = "large", result: str = "in_order") -> None:
    counter.open("aml-review", TELLER, facts={"transaction.currency": "CNY", "transaction.amount": "60000"})
    counter.do("flag", "flagged", TELLER, facts={"flag": flag})
    counter.do("check_identity", "checked", TELLER, facts={"identity": "verified"})
    answers = {"customer-identified": "pass", "source-of-funds-lawful": "pass", "review-result": result}
    counter.do("review_contents", "reviewed", TELLER, sheet=counter.sheet("large-transaction-review", TELLER, answers))


def analysed(counter: Counter) -> None:
    flagged(counter, "suspicious")
    counter.do("copy_and_file", "suspicious", TELLER, facts={"file_number": "A-2026-1"})
    counter.do("analyse_suspicious", "analysed", TELLER, facts={"suspicious.features": ("structured",)})


def test_a_large_transaction_is_reviewed_and_filed(counter: Counter) -> None:
    """governance:P-21, service:P-21, governance:RSK-AML-01, governance:RSK-AML-02, service:TEL-17, customers:PRV-14:
    reviewed, copied and filed; without the number of the file it does not end.
    """
    flagged(counter)

    assert ["guard_false"] == counter.no("copy_and_file", "filed", TELLER)
    counter.do("copy_and_file", "filed", TELLER, facts={"file_number": "A-2026-1"})
    assert "filed" == counter.ended()


@pytest.mark.parametrize(("flag", "result"), [("suspicious", "in_order"), ("large", "doubtful")])
def test_what_is_doubtful_is_analysed(counter: Counter, flag: str, result: str) -> None:
    """service:TEL-18, governance:RSK-AML-03: what is suspicious, or proves doubtful, is never only filed."""
    flagged(counter, flag, result)

    assert ["guard_false"] == counter.no("copy_and_file", "filed", TELLER, facts={"file_number": "A-1"})


@pytest.mark.parametrize(("way", "end"), [("upward", "reported_up"), ("close", "closed_by_officer")])
def test_a_suspicion_goes_to_the_officer(counter: Counter, way: str, end: str) -> None:
    """governance:P-21, governance:RSK-AML-03, service:TEL-18, governance:RSK-ID-05: analysed, reported the same day,
    decided by the officer with a new grade of the customer.
    """
    analysed(counter)
    assert MORNING.replace(hour=0) + DAY == counter.due("report")
    counter.do("report_to_officer", "reported", TELLER, facts={"customer.knows": False})
    assert ["guard_false"] == counter.no("decide", way, OFFICER, reason="grounds")
    counter.do("decide", way, OFFICER, facts={"customer.rating": "high"}, reason="grounds")

    assert end == counter.ended()


def test_an_identity_check_is_never_waived(counter: Counter) -> None:
    """governance:S-15, governance:RSK-CMP-01, governance:RSK-CMP-03, governance:RSK-ID-03: whoever asks and for
    whatever reason, the waiver is refused by the rule that compliance outranks business.
    """
    counter.open("aml-review", TELLER)
    counter.do("flag", "flagged", TELLER, facts={"flag": "large"})

    for who in (TELLER, HEAD, OFFICER):
        (refusal,) = counter.waive("check_identity", who, "a campaign wants faster service")
        assert "waiver_refused" == refusal.code
        assert "governance:RSK-CMP-01" == refusal.rules[0]


def test_the_customer_is_not_tipped_off(counter: Counter) -> None:
    """governance:RSK-AML-03: a report goes on only where the customer does not know, or with the reason why they do;
    and its ladder tells the officer and who is above, nobody else.
    """
    analysed(counter)

    assert ["guard_false"] == counter.no("report_to_officer", "reported", TELLER, facts={"customer.knows": True})
    assert ["reason_missing"] == counter.no("report_to_officer", "reported_though_known", TELLER, facts={
        "customer.knows": True})  # fmt: skip
    counter.do("report_to_officer", "reported_though_known", TELLER, facts={"customer.knows": True}, reason="overheard")
    told = {spec for rung in CATALOG.ladder("suspicious-report-late").rungs for spec in rung.tell}
    assert {ByPost(post="aml_officer"), ByRelation(relation="superior_unit")} == told
    assert (ByPost(post="aml_officer"),) == loaded("aml-review").manages


def test_a_doubtful_identity_is_suspicious(counter: Counter) -> None:
    """customers:PRV-21: who is not who they say goes to the analysis, not on to the review."""
    counter.open("aml-review", TELLER)
    counter.do("flag", "flagged", TELLER, facts={"flag": "large"})
    counter.do("check_identity", "in_doubt", TELLER, facts={"identity": "in_doubt"})

    assert ("analyse_suspicious",) == counter.case().open_stages


def test_funds_of_unlawful_source_are_not_only_filed(counter: Counter) -> None:
    """governance:RSK-AML-06, governance:RSK-ID-03: where the source is not lawful, copies alone do not end it."""
    counter.open("aml-review", TELLER)
    counter.do("flag", "flagged", TELLER, facts={"flag": "large"})
    counter.do("check_identity", "checked", TELLER, facts={"identity": "verified"})
    answers = {"customer-identified": "pass", "source-of-funds-lawful": "fail", "review-result": "in_order"}
    counter.do("review_contents", "reviewed", TELLER, sheet=counter.sheet("large-transaction-review", TELLER, answers))

    assert ["guard_false"] == counter.no("copy_and_file", "filed", TELLER, facts={"file_number": "A-1"})
    counter.do("copy_and_file", "suspicious", TELLER, facts={"file_number": "A-1"})
    assert ("analyse_suspicious",) == counter.case().open_stages


def test_what_is_below_the_threshold_is_let_go(counter: Counter) -> None:
    """governance:RSK-AML-01: below the threshold of the register it ends; at it, or without one, it does not."""
    facts = {"transaction.currency": "CNY", "transaction.amount": "50000"}
    counter.open("aml-review", TELLER, facts=facts)
    assert ["guard_unknown"] == counter.no("flag", "below", TELLER)
    counter.limit("large-value-thresholds", 50000, currency="CNY")
    assert ["guard_false"] == counter.no("flag", "below", TELLER)
    counter.do("flag", "below", TELLER, facts={"transaction.amount": "49999"})

    assert "below_threshold" == counter.ended()


# Counterfeit


def suspected(counter: Counter, verdict: str, way: str) -> None:
    counter.open("counterfeit", TELLER)
    answers = {"note-currency": "CNY", "note-denomination": "100", "note-serial": "AB12345678"}
    counter.do("suspect", "suspected", TELLER, sheet=counter.sheet("counterfeit-note", TELLER, answers))
    seen = {"verdict": verdict, "verified_in_sight": "in_sight_of_customer"}
    counter.do("verify_by_two", way, TELLER, facts=seen)
    assert ["not_distinct"] == counter.no_signature("verify_by_two", STAND_IN)
    counter.sign("verify_by_two", SECOND)


def withheld(counter: Counter, agrees: str = "pass") -> None:
    suspected(counter, "counterfeit", "counterfeit")
    answers = {"receipt-given": "pass", "customer-agrees": agrees}
    counter.do("withhold", "withheld", TELLER, sheet=counter.sheet("counterfeit-withholding", TELLER, answers))
    counter.sign("withhold", SECOND)


def test_a_counterfeit_is_withheld_by_two_and_handed_over(counter: Counter) -> None:
    """governance:P-22, governance:RSK-CNF-01, governance:RSK-CNF-03: verified and withheld by two, kept by a third."""
    withheld(counter)
    counter.do("register_and_hand_over", "handed_over", CUSTODIAN, facts={"register_number": "CF-1"})

    assert "handed_over" == counter.ended()
    assert [] == list(counter.opened("complaint"))


def test_a_genuine_note_goes_back(counter: Counter) -> None:
    """governance:P-22: what two find genuine is returned."""
    suspected(counter, "genuine", "genuine")

    assert "genuine" == counter.ended()


def test_a_counterfeit_does_not_go_out(counter: Counter) -> None:
    """governance:RSK-CNF-01, service:OPQ-06: a note found counterfeit is not returned, and nobody waives it."""
    counter.open("counterfeit", TELLER)
    answers = {"note-currency": "USD", "note-denomination": "100", "note-serial": "AB12345678"}
    counter.do("suspect", "suspected", TELLER, sheet=counter.sheet("counterfeit-note", TELLER, answers))
    seen = {"verdict": "counterfeit", "verified_in_sight": "in_sight_of_customer"}

    assert ["guard_false"] == counter.no("verify_by_two", "genuine", TELLER, facts=seen)
    assert "service:OPQ-06" in counter.waive("verify_by_two", HEAD, "queue")[0].rules


def test_a_disputed_counterfeit_is_a_complaint(counter: Counter) -> None:
    """governance:RSK-CNF-03: a customer who disputes it has a complaint opened by the sheet."""
    withheld(counter, agrees="fail")

    assert 1 == len(list(counter.opened("complaint")))


# Recording of a sale


CHECKS = {f"recorded-in-order/check:{one}": "pass" for one in ("action", "script", "semantic", "other")} | {
    f"recognised/recognition:{one}": "pass" for one in ("face", "expression", "action", "other")
}


def take(counter: Counter, blocking: str, way: str, number: int = 1) -> None:
    counter.do("record", "recorded", WEALTH, facts={"media.reference": f"M-{number}"})
    checks = CHECKS if blocking == "none" else CHECKS | {f"recorded-in-order/check:{blocking}": "fail"}
    sheet = counter.sheet("dual-recording-check", RECORDER, {**checks, "blocking": blocking})
    counter.do("check_live", way, RECORDER, sheet=sheet)


def recording(counter: Counter) -> None:
    counter.open("dual-recording", WEALTH)
    seen = {"recording.consent": "given", "face": "customer_and_seller"}
    counter.do("authenticate", "recognised", WEALTH, facts=seen)


def test_a_clean_recording_is_archived(counter: Counter) -> None:
    """governance:P-24, service:P-22, governance:RSK-REC-01, customers:SLS-06, customers:SLS-09: faces, recording, live
    check, archive with its digest and until when it is kept.
    """
    recording(counter)
    assert "customers:SLS-06" in counter.waive("record", HEAD, "no time")[0].rules
    take(counter, "none", "clean")
    assert ["guard_false"] == counter.no("archive", "archived", RECORDER, facts={"media.digest": "sha256:1"})
    counter.do("archive", "archived", RECORDER, facts={"media.digest": "sha256:1", "media.kept_until": "2036-03-02"})

    assert "archived" == counter.ended()


def test_a_fourth_take_is_refused(counter: Counter) -> None:
    """governance:P-24, customers:SLS-08: after three takes that do not pass a fourth is refused, and so is the sale."""
    recording(counter)
    for number in (1, 2, 3):
        take(counter, "script", "non_compliant", number)
        if number < 3:
            counter.do("re_record", "again", WEALTH)

    assert ["attempts_used_up"] == counter.no("re_record", "again", WEALTH)
    counter.do("re_record", "refuse_sale", WEALTH, reason="the script was not kept three times")
    assert "sale_refused" == counter.ended()


def test_a_finding_does_not_pass(counter: Counter) -> None:
    """governance:RSK-REC-02, customers:SLS-07: what the check finds keeps the recording from the archive, and the check
    is neither waived nor done by the seller.
    """
    recording(counter)
    counter.do("record", "recorded", WEALTH, facts={"media.reference": "M-1"})
    answers = {**CHECKS, "recorded-in-order/check:semantic": "fail", "blocking": "semantic"}
    sheet = counter.sheet("dual-recording-check", QUALITY, answers)
    seller = WEALTH.__class__("W-1", posts=("customer_service_officer",))

    assert ["guard_false"] == counter.no("check_live", "clean", QUALITY, sheet=sheet)
    assert ["separation"] == counter.no("check_live", "non_compliant", seller, sheet=sheet)
    assert "governance:RSK-REC-01" in counter.waive("check_live", HEAD, "the customer is in a hurry")[0].rules


def test_no_recording_without_consent(counter: Counter) -> None:
    """customers:PRV-10: a refused consent stops it before any face is compared."""
    counter.open("dual-recording", WEALTH)
    seen = {"recording.consent": "refused", "face": "customer_and_seller"}

    assert ["guard_false"] == counter.no("authenticate", "recognised", WEALTH, facts=seen)
    counter.do("authenticate", "stop", WEALTH, reason="no consent")
    assert "stopped" == counter.ended()


# Search for an error


@pytest.mark.parametrize(("cause", "asked"), [("entry", True), ("counting", False)])
def test_an_error_found_inside(counter: Counter, cause: str, asked: bool) -> None:
    """governance:P-23, governance:RSK-DOC-08, service:OPN-30, service:OPQ-12, service:CMP-16, customers:FBK-15: inside
    first; the customer who asked is answered after it, and only then.
    """
    counter.open("error-search", TELLER, facts={"customer.asked": asked})
    assert ["stage_not_open"] == counter.no("answer_customer", "answered", TELLER)
    assert ["stage_not_open"] == counter.no("search_outside", "not_found", HEAD)
    counter.do("search_inside", "found", TELLER, facts={"difference.cause": cause})
    if asked:
        counter.do("answer_customer", "answered", LOBBY)

    assert "corrected" == counter.ended()


def test_an_error_that_stays_unexplained(counter: Counter) -> None:
    """governance:P-23: with a clean inside the outside is searched, and what stays unexplained is said to be so."""
    counter.open("error-search", TELLER, facts={"customer.asked": True})
    counter.do("search_inside", "clean", TELLER)
    assert ["guard_false"] == counter.no("search_outside", "found", HEAD, facts={"difference.cause": "not_found"})
    counter.do("search_outside", "not_found", HEAD)
    counter.do("answer_unexplained", "answered", LOBBY)

    assert "unexplained" == counter.ended()


# Complaints


def received(counter: Counter) -> None:
    counter.open("complaint", LOBBY)
    counter.do("receive", "register", LOBBY, facts={"customer.heard_out": True})
    counter.do("accept", "take_on", TEAM, facts={"complaint.owner": "K-1"})


def answered(counter: Counter, way: str = "accepted") -> None:
    counter.do("investigate", "facts_known", TEAM, facts={"money.disputed": False, "footage": "viewed"})
    offer = {"solution.kind": "alternative", "settlement.tactics": ("cushioned",), "compensation.proposed": False}
    counter.do("design_solution", "offer", TEAM, facts=offer)
    counter.do("reply", way, TEAM, facts={"reply.tone": "apology"})


def test_a_complaint_is_settled(counter: Counter) -> None:
    """governance:P-11, service:P-9, governance:CPL-03, service:CMP-15, governance:CPL-26: received, taken on by one
    owner, looked into, answered, tracked, learnt from.
    """
    received(counter)
    assert "governance:CPL-03" in counter.waive("investigate", HEAD, "a trifle")[0].rules
    answered(counter)
    counter.do("track", "kept", TEAM, facts={"promises_kept": True})
    counter.do("learn", "close", TEAM, facts=LEARNT)

    assert "settled" == counter.ended()
    assert {"owner": "K-1"} == dict(counter.case().roles)


def test_no_complaint_closes_without_its_root_cause(counter: Counter) -> None:
    """governance:CPL-09, service:CMP-14, customers:FBK-05: a cause without a measure does not do, nor does a waiver."""
    received(counter)
    answered(counter)
    counter.do("track", "kept", TEAM, facts={"promises_kept": True})

    assert ["guard_false"] == counter.no("learn", "close", TEAM, facts={"root_cause": "conduct"})
    assert "governance:CPL-09" in counter.waive("learn", HEAD, "it is old")[0].rules


def test_a_complaint_settled_on_the_spot(counter: Counter) -> None:
    """service:CMP-01, service:CMP-02, service:CMP-17, governance:CPL-16: the lobby manager offers a solution or an
    alternative at once; a teller registers it, and even then the cause is learnt.
    """
    counter.open("complaint", TELLER)
    facts = {"customer.heard_out": True, "solution.kind": "alternative"}
    assert ["not_permitted"] == counter.no("receive", "solve", TELLER, facts=facts)
    assert ["guard_false"] == counter.no("receive", "solve", LOBBY, facts={**facts, "customer.heard_out": False})
    counter.do("receive", "solve", LOBBY, facts=facts)
    counter.do("learn_on_the_spot", "close", LOBBY, facts=LEARNT)

    assert "settled_on_the_spot" == counter.ended()


def test_nobody_argues(counter: Counter) -> None:
    """governance:CPL-14, governance:CPL-15, service:CMP-08, service:CMP-09: a complaint is
    registered as heard out only where the customer was.
    """
    counter.open("complaint", LOBBY)

    assert ["guard_false"] == counter.no("receive", "register", LOBBY, facts={"customer.heard_out": False})
    counter.do("receive", "break_off", LOBBY, reason="the customer left", facts={"customer.heard_out": False})
    assert ("accept",) == counter.case().open_stages


def test_nobody_is_passed_around(counter: Counter) -> None:
    """service:CMP-05, governance:CPL-16: a transfer tells the customer, gives its reason, and names who owns it."""
    counter.open("complaint", LOBBY)
    counter.do("receive", "register", LOBBY, facts={"customer.heard_out": True})

    assert ["guard_false", "role_unknown"] == counter.no(
        "accept", "transfer", TEAM, facts={"customer.told_of_transfer": False}, reason="other unit"
    )
    counter.do(
        "accept", "transfer", TEAM, facts={"customer.told_of_transfer": True, "complaint.owner": "K-2"},
        reason="it concerns another unit",
    )  # fmt: skip
    assert {"owner": "K-2"} == dict(counter.case().roles)
    assert ("accept",) == counter.case().open_stages


def test_complaints_are_taken_on_by_those_appointed(counter: Counter) -> None:
    """customers:FBK-03, governance:CPL-03: whoever may receive a complaint does not yet take it on."""
    counter.open("complaint", LOBBY)
    counter.do("receive", "register", LOBBY, facts={"customer.heard_out": True})

    for who in (LOBBY, TELLER, HEAD):
        assert ["not_permitted"] == counter.no("accept", "take_on", who, facts={"complaint.owner": "L-1"})


def test_disputed_money_is_checked_inside_first(counter: Counter) -> None:
    """service:CMP-16, customers:FBK-15: no solution before the inside is checked where money is disputed."""
    received(counter)

    assert ["guard_false"] == counter.no(
        "investigate", "facts_known", TEAM, facts={"money.disputed": True, "footage": "viewed"}
    )
    facts = {"money.disputed": True, "inside_check": "bank_right", "footage": "not_available"}
    counter.do("investigate", "facts_known", TEAM, facts=facts)
    assert ("design_solution",) == counter.case().open_stages


def test_a_solution_says_how_it_is_put(counter: Counter) -> None:
    """service:CMP-02, service:CMP-03, service:CMP-04, service:CMP-20: whether the recordings were looked at, what is
    offered, and whether expectations were lowered or time was given to cool down: each is asked for.
    """
    received(counter)
    assert ["guard_false"] == counter.no("investigate", "facts_known", TEAM, facts={"money.disputed": False})
    counter.do("investigate", "facts_known", TEAM, facts={"money.disputed": False, "footage": "viewed"})

    offer = {"solution.kind": "solution", "compensation.proposed": False}
    assert ["guard_false"] == counter.no("design_solution", "offer", TEAM, facts=offer)
    tactics = {"settlement.tactics": ("lowered_expectations", "cushioned"), "compensation.proposed": False}
    assert ["guard_unknown"] == counter.no("design_solution", "offer", TEAM, facts=tactics)


def test_a_reply_apologises_or_thanks(counter: Counter) -> None:
    """governance:CPL-13, service:CMP-10, customers:FBK-14: without an apology or thanks it is no reply."""
    received(counter)
    counter.do("investigate", "facts_known", TEAM, facts={"money.disputed": False, "footage": "viewed"})
    offer = {"solution.kind": "solution", "settlement.tactics": ("not_needed",), "compensation.proposed": False}
    counter.do("design_solution", "offer", TEAM, facts=offer)

    assert ["guard_unknown"] == counter.no("reply", "accepted", TEAM)
    assert ["bad_fact", "guard_false"] == counter.no("reply", "accepted", TEAM, facts={"reply.tone": "regret"})


def test_every_channel_leads_into_one_queue(counter: Counter) -> None:
    """governance:CPL-11, governance:CPL-02, service:CMP-12: each of the nine channels opens the same procedure."""
    channels = next(spec.choices for spec in loaded("complaint").facts if spec.name == "complaint.channel")

    for number, channel in enumerate(channels):
        counter.open("complaint", LOBBY, f"C-{number}", facts={"complaint.channel": channel})
    assert (9, 9) == (len(channels), len(list(counter.opened("complaint"))))


def test_compensation_is_authorised_by_somebody_else(counter: Counter) -> None:
    """governance:CPL-27: the head of the branch approves or declines; a head who proposed it does not."""
    received(counter)
    counter.do("investigate", "facts_known", TEAM, facts={"money.disputed": False, "footage": "viewed"})
    offer = {"solution.kind": "solution", "settlement.tactics": ("not_needed",), "compensation.proposed": True}
    counter.do("design_solution", "offer", TEAM, facts=offer)
    own = HEAD.__class__("H-2", posts=("outlet_head",), acting_for="K-1")

    assert ["separation"] == counter.no("authorise_compensation", "approve", own)
    counter.do("authorise_compensation", "decline", HEAD, reason="no loss is shown")
    assert ("design_solution",) == counter.case().open_stages


def test_a_promise_not_kept_reopens_the_investigation(counter: Counter) -> None:
    """governance:CPL-25: what was promised and not done leads back; the head may say that it cannot be done."""
    received(counter)
    answered(counter)
    assert ["guard_false"] == counter.no("track", "kept", TEAM, facts={"promises_kept": False})
    counter.do("track", "not_kept", TEAM, facts={"promises_kept": False})

    assert ("investigate",) == counter.case().open_stages
    answered(counter)
    counter.do("track", "cannot_be_kept", HEAD, reason="the product is withdrawn")
    assert ("learn",) == counter.case().open_stages


def test_a_complaint_has_no_deadline_until_one_is_chosen(counter: Counter) -> None:
    """governance:CPL-08, service:CMP-13: the sources give no figure: nothing is due until a bank chooses."""
    counter.open("complaint", LOBBY, priority="ordinary")

    assert (None, None) == (counter.due("accept"), counter.due("reply"))
    assert [] == counter.rungs(MORNING + 400 * DAY)


@pytest.mark.parametrize(("priority", "days"), [("ordinary", 15), ("complex", 30), ("exceptional", 60)])
def test_suggested_deadlines_of_complaints(counter: Counter, priority: str, days: int) -> None:
    """governance:CPL-01, governance:CPL-24, service:CMP-11, customers:FBK-04: by explicit choice 15, 30 or
    60 days, and one working day to take it on; a missed one is told.
    """
    counter.open("complaint", LOBBY, priority=priority, facts={"complaint.deadlines": "suggested"})

    assert MORNING + days * DAY == counter.due("reply")
    assert MORNING.replace(hour=0) + 2 * DAY == counter.due("accept")
    assert ("late", ("K-1", "K-2", "H-1")) in counter.rungs(MORNING.replace(hour=0) + 2 * DAY + MINUTE)


def test_a_duplicate_complaint_ends_in_the_first(counter: Counter) -> None:
    """governance:CPL-02: many channels, one queue: the same complaint by another channel is joined to the first."""
    counter.open("complaint", LOBBY, facts={"complaint.channel": "counter_or_lobby"})
    counter.open("complaint", TEAM, "C-2", facts={"complaint.channel": "website"})
    counter.kit.do(LinkCases("C-2", "C-1", "duplicate", by=TEAM_TOO, at=counter.at + MINUTE))

    assert ("open", "cancelled") == (counter.case().status, counter.case("C-2").status)


# Scam calls


def suspect_scam(counter: Counter, way: str = "explain_honestly", **facts: object) -> None:
    counter.open("scam-call", TELLER)
    counter.do("recognise", "suspected", TELLER, facts={"scam.indicators": ("secretive_on_phone",)})
    counter.do("delay", way, TELLER, facts=facts)
    counter.do("separate_and_calm", "calmer", LOBBY)
    counter.do("learn_the_story", "told", LOBBY, facts={"story": ("posed_as_police",)})


COMING = {"family.contact": "given_by_customer", "family.coming": True, "disclosure.purpose": "fraud_protection"}


def test_a_scam_is_prevented_with_the_family(counter: Counter) -> None:
    """governance:P-3, service:P-24, service:EMG-13, governance:INC-SCAM-01, governance:INC-SCAM-04,
    governance:INC-SCAM-05, governance:INC-SCAM-06, governance:INC-SCAM-07: recognised, delayed, family by a colleague,
    calmed, story learnt, explained; the thanks are on record.
    """
    suspect_scam(counter)
    assert ("contact_family",) == counter.case().open_stages
    counter.do("contact_family", "family_comes", SECOND, facts=COMING)
    counter.do("explain_with_family", "convinced", LOBBY)
    assert ["guard_false"] == counter.no("close_prevented", "close", LOBBY)
    counter.do("close_prevented", "close", LOBBY, facts={"commendation": "pennant"})

    assert ("prevented", "pennant") == (counter.ended(), counter.case().facts["commendation"])


def test_a_colleague_reaches_the_family(counter: Counter) -> None:
    """governance:INC-SCAM-03, customers:PRV-13: not the first handler, only by what the customer gave, and the purpose
    is on record.
    """
    suspect_scam(counter)

    assert ["separation"] == counter.no("contact_family", "family_comes", TELLER, facts=COMING)
    refused = {**COMING, "family.contact": "refused"}
    assert ["guard_false"] == counter.no("contact_family", "family_comes", SECOND, facts=refused)


def test_a_pretext_is_of_the_list_and_seen_by_a_supervisor(counter: Counter) -> None:
    """governance:INC-SCAM-02: another pretext is refused; one of the two is looked at, and holds nothing up."""
    counter.open("scam-call", TELLER)
    counter.do("recognise", "suspected", TELLER, facts={"scam.indicators": ("distressed",)})

    assert "bad_fact" in counter.no("delay", "delay_by_pretext", TELLER, facts={"pretext": "system_upgrade"})
    assert ["guard_unknown"] == counter.no("delay", "delay_by_pretext", TELLER)
    counter.do("delay", "delay_by_pretext", TELLER, facts={"pretext": "documents_incomplete"})
    assert "review_pretext" in counter.case().open_stages
    counter.do("review_pretext", "seen", HEAD)


def test_a_family_called_without_the_customer_is_the_heads_to_answer_for(counter: Counter) -> None:
    """customers:PRV-13: a call on a contact that the customer did not give is told by the head, with the reason."""
    suspect_scam(counter)
    facts = {"family.contact": "refused", "family.coming": True}

    assert ["not_permitted"] == counter.no("contact_family", "told_in_vain", SECOND, facts=facts, reason="danger")
    counter.do("contact_family", "told_in_vain", HEAD, facts=facts, reason="the customer was in danger")
    assert ("explain_with_family",) == counter.case().open_stages


@pytest.mark.parametrize(
    ("steps", "end"),
    [
        ([("explain_with_family", "already_paid"), ("stop_payment", "partly")], "partly_lost"),
        ([("explain_with_family", "already_paid"), ("stop_payment", "gone")], "not_prevented"),
        ([("explain_with_family", "not_convinced"), ("supervisor_decides", "customer_insists")], "not_prevented"),
    ],
)
def test_other_ends_of_a_scam(counter: Counter, steps: list[tuple[str, str]], end: str) -> None:
    """governance:INC-SCAM-08: money already sent has a way to stop it, and an unconvinced customer a supervisor."""
    suspect_scam(counter)
    counter.do("contact_family", "family_comes", SECOND, facts=COMING)
    people = {"explain_with_family": LOBBY, "stop_payment": TELLER, "supervisor_decides": HEAD}
    for stage, way in steps:
        counter.do(stage, way, people[stage], reason="as it went")

    assert end == counter.ended()


def test_no_scam_after_all(counter: Counter) -> None:
    """A suspicion that is cleared ends at once, with the reason."""
    counter.open("scam-call", LOBBY)
    counter.do("recognise", "cleared", LOBBY, reason="the payee is the customer's daughter")

    assert "cleared" == counter.ended()


# Stolen papers and funds


def reported(counter: Counter, *keys: str) -> None:
    counter.open("account-theft", LOBBY, priority="major")
    counter.do("receive_report", "received", LOBBY)
    counter.do("obtain_key", "found_by_key", LOBBY, facts={"identification.keys": keys})


def proven(counter: Counter, stage: str) -> None:
    counter.do(stage, "proven", TELLER, facts={"identity": "proven"})
    counter.sign(stage, SUPERVISOR)


def test_accounts_are_frozen_and_released(counter: Counter) -> None:
    """governance:P-5, service:EMG-14, governance:INC-THEFT-01, governance:INC-THEFT-02: all accounts of the holder are
    frozen by the number; the release needs proof of identity and a supervisor.
    """
    reported(counter, "id_number")
    assert ["guard_false"] == counter.no("protective_freeze", "frozen", TELLER, facts={"accounts": "some_not_found"})
    counter.do("protective_freeze", "frozen", TELLER, facts={"accounts": "all_frozen"})
    counter.do("check_outflow", "none", TELLER, facts={"outflow": False})
    assert ["guard_false"] == counter.no("full_identification", "proven", TELLER, facts={"identity": "not_proven"})
    assert "customers:PRV-20" in counter.waive("full_identification", HEAD, "known to us")[0].rules
    proven(counter, "full_identification")
    counter.do("follow_up", "answered", LOBBY, facts={"reply_to_customer": "released"})

    assert "protected" == counter.ended()


def test_whoever_identifies_does_not_authorise_the_release(counter: Counter) -> None:
    """customers:PRV-20, customers:PRV-21: a delegate of the teller does not approve the teller's proof."""
    reported(counter, "id_number")
    counter.do("protective_freeze", "frozen", TELLER, facts={"accounts": "all_frozen"})
    counter.do("check_outflow", "none", TELLER, facts={"outflow": False})
    counter.do("full_identification", "proven", TELLER, facts={"identity": "proven"})

    assert ["not_distinct"] == counter.no_signature("full_identification", STAND_IN)


@pytest.mark.parametrize("keys", [("name",), ("mobile",), ("hotline_pin",)])
def test_one_other_key_is_not_enough(counter: Counter, keys: tuple[str, ...]) -> None:
    """governance:INC-THEFT-04: a name alone finds nothing; the hotline stays as a way."""
    counter.open("account-theft", LOBBY, priority="major")
    counter.do("receive_report", "received", LOBBY)

    facts = {"identification.keys": keys}
    assert ["guard_false"] == counter.no("obtain_key", "found_by_key", LOBBY, facts=facts)
    counter.do("obtain_key", "hotline", LOBBY, facts=facts, reason="the hotline identifies the customer")
    assert ("protective_freeze",) == counter.case().open_stages


def test_a_late_freeze_is_raised(counter: Counter) -> None:
    """governance:INC-THEFT-03: after five minutes without a freeze it is critical, and the head knows."""
    counter.open("account-theft", LOBBY, priority="major")

    assert [("late", ("H-1", "S-1")), ("raise", ())] == counter.rungs(MORNING + 6 * MINUTE)
    assert "critical" == counter.case().priority


def test_a_loss_is_answered(counter: Counter) -> None:
    """governance:INC-THEFT-06: money that has left takes a critical case, the recordings and the superior."""
    reported(counter, "name", "mobile")
    counter.do("protective_freeze", "frozen", TELLER, facts={"accounts": "all_frozen"})
    counter.do("check_outflow", "money_has_left", TELLER, facts={"outflow": True})
    kept = {"footage": "locked", "superior": "told"}
    assert ["guard_false"] == counter.no("loss_response", "secured", HEAD, facts=kept)
    counter.at += MINUTE
    counter.kit.do(Reprioritise("C-1", "critical", reason="money has left", by=HEAD, at=counter.at))
    counter.do("loss_response", "secured", HEAD, facts=kept)
    proven(counter, "full_identification_after_loss")
    counter.do("follow_up_loss", "answered", LOBBY, facts={"reply_to_customer": "claim"})

    assert "loss" == counter.ended()
