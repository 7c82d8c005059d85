"""Visits: what is asked and decided at the outlet, and who the customer is only once they agree."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.codec import misfits
from branchkit.customers.journey import (
    AskWillingness,
    AttachCustomer,
    EndVisit,
    JudgeVisit,
    LookUpVisit,
    ObserveTriggers,
    RefuseContact,
    TriggerHit,
)
from branchkit.messages import Actor
from tests.unit.customers.journey.desk import (
    HEAD,
    LOBBY,
    MONDAY,
    OFFICER,
    PURPOSE,
    TELLER,
    Desk,
    agreed,
    at,
    attached,
    customer,
    desk,
    filled,
    opened,
    referred,
    willing,
)

MIDNIGHT = MONDAY.replace(hour=0)
TOKEN = "0123456789abcdef" * 2
TOLD = ("business_card", "materials", "contact_us_any_time")


def refusal(**more: object) -> RefuseContact:
    return RefuseContact("B-1", **{"token": TOKEN, "gave": TOLD, "by": LOBBY, "at": MIDNIGHT, **more})  # type: ignore[arg-type]


def test_a_visit_begins_with_the_business_and_knows_nobody() -> None:
    """A visit says where and by which post it was opened and for which business (customers:REF-01, customers:REF-03,
    customers:REF-04), and names no customer.
    """
    one = desk()
    one.do(opened(by=TELLER), opened("V-2", triage_round=2))

    first, second = one.visit("V-1"), one.visit("V-2")
    assert ("counter", "teller", "deposit", None) == (first.identified_at, first.post, first.business_type, None)
    assert ("lobby", "customer_service_officer", 2) == (second.identified_at, second.post, second.triage_round)
    assert (None, None) == (first.customer, second.customer)


def test_a_visit_is_opened_once_at_a_known_branch_by_a_post_that_identifies() -> None:
    """customers:REF-02: all reasons against opening a visit are told at once, each with its code."""
    one = desk()
    one.do(opened())

    found = one.refused(opened(branch="B-9", by=HEAD))
    assert {"visit_exists", "unknown_branch", "wrong_post"} == found.keys()
    assert ("customers:REF-02",) == found["wrong_post"].rules


def test_triggers_are_kept_once_each() -> None:
    """A trigger that was seen twice stands there once, and a hit decides nothing (customers:TRG-15)."""
    one = desk()
    card = TriggerHit("TRG-11", "CARD-09")
    one.do(opened(), ObserveTriggers("V-1", (card, TriggerHit("TRG-01"), card), by=OFFICER, at=at(1)))

    assert () == one.do(ObserveTriggers("V-1", (card,), by=OFFICER, at=at(2)))
    assert (card, TriggerHit("TRG-01")) == one.visit("V-1").hits
    assert not one.visit("V-1").is_quality


def test_who_cannot_be_judged_is_looked_up() -> None:
    """customers:REF-08, customers:REF-09: the look-up comes after an unclear judgement, and its class alone is kept."""
    one = desk()
    one.do(opened())

    assert "look_up_not_needed" in one.refused(LookUpVisit("V-1", "reached", by=OFFICER, at=at(1)))
    one.do(JudgeVisit("V-1", "unclear", by=OFFICER, at=at(1)), LookUpVisit("V-1", "reached", by=OFFICER, at=at(2)))
    assert one.visit("V-1").is_quality


def test_nobody_below_the_threshold_is_asked() -> None:
    """customers:S-2: looked up below the threshold, the customer gets the ordinary service and is asked nothing."""
    one = desk()
    one.do(
        opened(by=TELLER),
        JudgeVisit("V-1", "unclear", by=TELLER, at=at(1)),
        LookUpVisit("V-1", "below", by=TELLER, at=at(2)),
    )

    found = one.refused(AskWillingness("V-1", "yes", interest="high", by=TELLER, at=at(3)))
    assert ("customers:REF-09",) == found["not_quality"].rules
    one.do(EndVisit("V-1", "ordinary", by=TELLER, at=at(4)))
    assert "visit_ended" in one.refused(JudgeVisit("V-1", "reached", by=TELLER, at=at(5)))


def test_a_customer_is_attached_after_consent_and_never_before() -> None:
    """customers:REF-22, customers:PRV-06: without consent in force at the moment nobody is attached to a visit."""
    one = Desk(
        customers={
            "C-1": customer("C-1", agreed(at(10))),
            "C-2": customer("C-2", agreed(withdrawn_at=at(1))),
            "C-3": customer("C-3", agreed(expires_at=at(2))),
            "C-4": customer("C-4", attrs.evolve(agreed(), purpose="marketing")),
            "C-5": customer("C-5", do_not_contact=True),
        }
    )
    one.do(*willing())

    for name in ("C-1", "C-2", "C-3", "C-4"):
        found = one.refused(attached(customer=name, minutes=3))
        assert ("customers:PRV-06", "customers:REF-22") == found["attach_before_consent"].rules
        assert PURPOSE in found["attach_before_consent"].reason
    assert {"contact_not_wanted"} == one.refused(attached(customer="C-5", minutes=3)).keys()
    assert {"unknown_customer"} == one.refused(attached(customer="C-9", minutes=3)).keys()
    one.do(attached(minutes=10))
    assert ("C-1", at(10)) == (one.visit("V-1").customer, one.visit("V-1").attached_at)


def test_a_visit_is_one_customers() -> None:
    """customers:PRV-21: a second customer is not attached to a visit, and the same one again changes nothing."""
    one = Desk(customers={"C-1": customer(), "C-2": customer("C-2")})
    one.do(*willing(), attached())

    assert () == one.do(attached(minutes=2))
    assert {"other_customer"} == one.refused(attached(customer="C-2", minutes=2)).keys()


def test_a_customer_who_is_the_referrer_is_not_attached() -> None:
    """A member of staff who has referred somebody is not that somebody."""
    one = Desk(customers={"S-2": customer("S-2")})
    one.do(*willing(), referred())

    assert {"self_referral"} == one.refused(attached(customer="S-2", minutes=3)).keys()


def test_a_refusal_is_counted_by_branch_and_day_and_nothing_else() -> None:
    """customers:S-5, customers:REF-22: a refusal leaves one document, which holds the branch, the day and a number."""
    one = desk()
    one.do(*willing()[:2])
    before = dict(one.documents)
    one.do(EndVisit("V-1", "ended", by=OFFICER, at=at(3)))
    one.do(refusal(), refusal(token="f" * 32))

    new = {key: value for key, value in one.documents.items() if key not in before}
    assert [("refusal_count", "B-1/2026-03-02")] == list(new)
    count = one.current("refusal_count", "B-1/2026-03-02")
    assert {"branch": "B-1", "day": dt.date(2026, 3, 2), "count": 2} == attrs.asdict(count)
    assert ["branch", "day"] == [field.name for field in attrs.fields(type(one.events[-1]))]


def test_a_refusal_with_anything_more_is_refused() -> None:
    """customers:REF-22: a refusal that says a moment, an id or a person is refused, and every such thing is named."""
    told = refusal(at=at(), id="V-1", by=Actor("S-2", posts=("customer_service_officer",)))

    found = desk().reasons(told)
    assert {("case_3_with_data", ("customers:REF-22", "customers:PRV-05"))} == {(one.code, one.rules) for one in found}
    assert ["$.at", "$.recorded_at", "$.id", "$.by"] == [one.path for one in found]


def test_an_answer_that_refuses_contact_is_not_put_on_the_visit() -> None:
    """customers:REF-11, customers:REF-22: no visit ever says that its customer refused contact."""
    one = desk()
    one.do(opened(), JudgeVisit("V-1", "reached", by=OFFICER, at=at(1)))

    found = one.refused(AskWillingness("V-1", "refused", interest="low_or_none", by=OFFICER, at=at(2)))
    assert {"case_3_with_data"} == found.keys()
    assert one.visit("V-1").willingness is None


def test_who_refuses_contact_is_given_card_and_materials() -> None:
    """customers:REF-21: card, materials and the word that contact is always welcome go with every refusal."""
    found = desk().refused(refusal(gave=("materials",)))

    assert "business_card, contact_us_any_time" in found["handouts_missing"].reason


def test_a_token_that_could_say_something_is_no_token() -> None:
    """The token of a refusal is 32 hexadecimal digits: no name and no number fits in."""
    assert ["$.token"] == [one.path for one in misfits(refusal(token="Ping of the second floor"))]


def test_ids_that_look_personal_are_refused() -> None:
    """A journey or a customer is not named by a telephone number, since ids stay on record."""
    for command in (opened("138 0013 8000"), AttachCustomer("V-1", "13800138000", by=OFFICER, at=at())):
        assert ["telephone" in one.message for one in misfits(command)] == [True]


def test_codes_hold_no_words() -> None:
    """What somebody types freely does not fit into a field for a code."""
    told = opened(business_type="wants to buy a fund for her son")

    assert ["$.business_type"] == [one.path for one in misfits(told)]


def test_a_visit_with_an_open_referral_does_not_end() -> None:
    """A visit ends only when its referral is settled, and nothing happens on it before it began."""
    one = desk()
    one.do(*willing(), attached(), filled())

    assert {"conflict"} == one.refused(EndVisit("V-1", "ended", by=OFFICER, at=at(5))).keys()
    assert "out_of_order" in one.refused(JudgeVisit("V-1", "unclear", by=OFFICER, at=at(-5)))
    assert "unknown_visit" in one.refused(EndVisit("V-9", "ended", by=OFFICER, at=at(5)))
