"""Referrals: handed over on the spot or by the form; never to oneself, never back, never too late."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.codec import misfits
from branchkit.customers import Erasure
from branchkit.customers.journey import DeclineReferral, ReviewForm
from tests.unit.customers.journey.desk import (
    ASSISTANT,
    HEAD,
    OFFICER,
    SECOND,
    TELLER,
    WEALTH,
    Desk,
    accepted,
    agreed,
    at,
    attached,
    customer,
    desk,
    entered,
    filled,
    referred,
    willing,
)

DAY = 24 * 60
FOR_WEALTH = attrs.evolve(OFFICER, acting_for="S-3")
FOR_TELLER = attrs.evolve(OFFICER, acting_for="S-1")


def test_the_receiver_enters_the_lead_and_nobody_else() -> None:
    """customers:S-3: handed over on the spot, the receiver enters the lead; one by the referrer is refused."""
    one = desk()
    one.do(*willing(), attached(), referred())

    found = one.refused(entered(by=OFFICER, minutes=3))
    assert {"customers:REF-24", "customers:REF-18"} <= set(found["wrong_recorder"].rules)
    assert {"wrong_recorder", "self_referral", "wrong_post"} == one.refused(accepted(by=OFFICER)).keys()
    assert {"wrong_recorder"} == one.refused(accepted(by=SECOND)).keys()
    one.do(accepted())
    lead, referral = one.lead("L-1"), one.referral("R-1")
    assert ("S-3", "S-2", "S-3", "new") == (lead.by, lead.referrer, lead.receiver, lead.status)
    assert ("accepted", "handed_over_on_site", "L-1") == (referral.state, referral.case, referral.lead)


def test_whoever_holds_the_post_takes_over_where_nobody_was_named() -> None:
    """customers:REF-25: a referral to a room is taken over by one of its people, who is then its receiver."""
    one = desk()
    one.do(*willing(), attached(), referred(target="vip_wealth_room", receiver=None))

    assert {"wrong_post"} == one.refused(accepted(by=TELLER)).keys()
    one.do(accepted(by=ASSISTANT))
    assert "S-4" == one.referral("R-1").receiver


def test_an_assistant_does_not_take_over_what_is_for_the_wealth_manager() -> None:
    """Each target has its posts, as the table says."""
    one = desk()
    one.do(*willing(), attached(), referred(receiver=None))

    assert {"wrong_post"} == one.refused(accepted(by=ASSISTANT)).keys()


def test_the_form_is_entered_by_the_supervisor_at_close_of_business() -> None:
    """customers:S-4: with the wealth manager away, part A is filled in, card and materials are given, and the
    supervisor enters the lead the same day; entered the next day it is late (customers:REF-19, customers:REF-20).
    """
    one, late = desk(), desk()
    for each in (one, late):
        each.do(*willing(by=TELLER), attached(by=TELLER), filled(by=TELLER))

    assert "wrong_recorder" in one.refused(entered(by=TELLER))
    assert "wrong_recorder" in one.refused(entered(by=WEALTH))
    one.do(entered(minutes=8 * 60))
    late.do(entered(minutes=DAY))
    assert (False, True) == (one.lead("L-1").late, late.lead("L-1").late)
    assert ("interested_not_handed_over", "entered") == (one.referral("R-1").case, one.referral("R-1").state)
    assert ("business_card", "materials") == one.referral("R-1").form.gave


def test_the_day_of_a_form_is_the_branchs_day() -> None:
    """Whether a lead is late goes by the day at the branch, not by the zone in which it was told."""
    one = desk()
    one.do(*willing(), attached(), filled(minutes=2))
    utc = at(14 * 60).astimezone(dt.UTC)
    one.do(attrs.evolve(entered(), at=utc, recorded_at=utc))

    assert not one.lead("L-1").late


def test_a_form_without_card_and_materials_is_refused() -> None:
    """customers:REF-19: whoever is not handed over gets the wealth manager's card and materials."""
    one = desk()
    one.do(*willing(), attached())

    assert {"handouts_missing"} == one.refused(filled(gave=("materials",))).keys()


def test_a_form_needs_the_customers_name_and_a_reason() -> None:
    """customers:FRM-04, customers:FRM-05: a form without a name or without a reason is none."""
    assert ["$.customer_name", "$.reason"] == [one.path for one in misfits(filled(customer_name=None, reason=None))]


def test_a_form_comes_after_consent() -> None:
    """customers:PRV-06: the form holds a name and contact details, so nobody fills it in before there is consent."""
    one = desk()
    one.do(*willing())

    assert {"attach_before_consent"} == one.refused(filled()).keys()


def test_a_referral_that_failed_on_the_spot_becomes_a_form() -> None:
    """Where the receiver does not come, the referrer fills in the form of the same referral; then it is no handover."""
    one = desk()
    one.do(*willing(), attached(), referred())

    assert "wrong_recorder" in one.refused(filled(by=TELLER, minutes=9))
    one.do(filled(minutes=9))
    assert ("form", "interested_not_handed_over") == (one.referral("R-1").state, one.referral("R-1").case)
    assert {"referral_settled"} == one.refused(accepted(minutes=10)).keys()


def test_nobody_refers_to_themselves() -> None:
    """A referral whose receiver is the referrer, or whose customer is, is refused as such."""
    one = Desk(customers={"S-2": customer("S-2")})
    one.do(*willing())

    found = one.refused(referred(receiver="S-2"))
    assert {"self_referral"} == found.keys()
    assert ("customers:ROLE-13", "customers:REF-25") == found["self_referral"].rules
    one.do(attached(customer="S-2"))
    assert {"self_referral"} == one.refused(referred()).keys()


def test_a_customer_is_not_passed_back() -> None:
    """Passed from A to B, and from B to C, a customer goes back to neither A nor B (customers:ROLE-13)."""
    one = desk()
    one.do(*willing(), attached(), referred(target="low_counter", receiver="S-1"), accepted(by=TELLER))
    one.do(referred(referral="R-2", by=TELLER, minutes=5), accepted(referral="R-2", lead="L-2", minutes=6))

    found = one.refused(referred(referral="R-3", by=WEALTH, receiver="S-2", target="low_counter", minutes=7))
    assert {"circular"} == found.keys()
    one.do(referred(referral="R-4", by=WEALTH, receiver=None, target="low_counter", minutes=8))
    found = one.refused(accepted(referral="R-4", lead="L-4", by=TELLER, minutes=9))
    assert {"circular"} == found.keys()


def test_a_delegate_refers_to_no_one_for_whom_they_act() -> None:
    """What a delegate refers is the principal's referral too: neither takes it over, now or later, and a customer is
    not attached to a referral of their own (customers:ROLE-13).
    """
    one = Desk(customers={"C-1": customer(), "S-3": customer("S-3")})
    one.do(*willing(by=FOR_WEALTH))
    assert {"self_referral"} == one.refused(referred(by=FOR_WEALTH)).keys()
    one.do(referred(by=FOR_WEALTH, receiver=None))
    assert {"self_referral"} == one.refused(attached(customer="S-3")).keys()
    one.do(attached())

    assert {"wrong_recorder", "self_referral"} == one.refused(accepted()).keys()
    one.do(accepted(by=SECOND))
    assert ("S-2", "S-3") == one.visit("V-1").hands
    assert ("S-2", ("S-3",)) == (one.lead("L-1").referrer, one.lead("L-1").acted_for)
    assert {"circular"} == one.refused(referred(referral="R-2", by=SECOND, minutes=5)).keys()
    one.do(referred(referral="R-2", by=SECOND, receiver=None, minutes=5))
    assert {"circular"} == one.refused(accepted(referral="R-2", lead="L-2", minutes=6)).keys()


def test_a_form_is_not_reviewed_by_whoever_it_was_filled_in_for() -> None:
    """customers:FRM-11: part B is for nobody who referred or filled in part A, nor for whom they acted."""
    one = desk()
    one.do(*willing(), attached(), referred(receiver="S-6"))
    review = ReviewForm("V-1", "R-1", adviser="S-6", meets_standard=True, by=WEALTH, at=at(60))
    one.do(filled(by=FOR_WEALTH, minutes=9))

    assert ("S-2", "S-3") == one.referral("R-1").persons
    assert {"same_author"} == one.refused(review).keys()
    assert {"same_author"} == one.refused(attrs.evolve(review, by=SECOND, adviser="S-3")).keys()
    one.do(attrs.evolve(review, by=SECOND))


def test_a_principal_settles_what_a_delegate_referred() -> None:
    """Whoever a delegate referred for may decline the referral, or fill in its form, as the delegate may."""
    one = desk()
    one.do(*willing(by=FOR_TELLER), attached(), referred(by=FOR_TELLER))

    assert "wrong_recorder" in one.refused(filled(by=WEALTH, minutes=5))
    one.do(filled(by=TELLER, minutes=5))
    one.do(DeclineReferral("V-1", "R-1", reason_code="gone", by=TELLER, at=at(6)))
    assert "declined" == one.referral("R-1").state


def test_a_referral_counts_for_as_long_as_the_terms_say() -> None:
    """customers:FUP-06: no time is stated, so none expires; where a bank sets one, it is over at its last moment."""
    free, timed = desk(), desk(valid=dt.timedelta(hours=1))
    for each in (free, timed):
        each.do(*willing(), attached(), referred())

    assert None is free.referral("R-1").expires_at
    free.do(accepted(minutes=9 * DAY))
    assert {"expired"} == timed.refused(accepted(minutes=62)).keys()
    timed.do(accepted(minutes=61))


def test_a_form_that_has_expired_is_not_entered() -> None:
    """An expired form leads to no lead, and stands in nobody's way."""
    one = desk(valid=dt.timedelta(hours=1))
    one.do(*willing(), attached(), filled())

    assert {"expired"} == one.refused(entered(minutes=90)).keys()
    one.do(referred(referral="R-2", minutes=90))


def test_a_customer_is_referred_once_at_a_time() -> None:
    """customers:REF-28: a customer with an open referral or lead is not referred a second time, in this visit or
    another one.
    """
    one = desk()
    one.do(*willing(), attached(), referred())
    one.do(*willing("V-2"), attached("V-2", minutes=2))

    found = one.refused(referred("V-2", "R-2"))
    assert {"conflict"} == found.keys()
    assert "'R-1'" in found["conflict"].reason
    assert {"conflict"} == one.refused(referred("V-1", "R-2")).keys()
    assert {"conflict"} == one.refused(filled("V-2", "R-2")).keys()
    one.do(accepted())
    assert "'L-1'" in one.refused(referred("V-2", "R-2"))["conflict"].reason


def test_a_customer_who_is_known_late_is_referred_once_too() -> None:
    """customers:REF-28: of two visits that were referred before anybody knew whose they were, the customer is attached
    to one; to the other one, only once the first, or the lead that came of it, is settled.
    """
    one, timed = desk(), desk(valid=dt.timedelta(hours=1))
    for each in (one, timed):
        each.do(*willing(), referred(), *willing("V-2"), referred("V-2", "R-2"), attached(minutes=3))

    assert "'R-1'" in one.refused(attached("V-2", minutes=4))["conflict"].reason
    assert "R-1" == one.customer_ledger("C-1").referral.id
    timed.do(attached("V-2", minutes=62))
    one.do(accepted(minutes=5))
    assert "'L-1'" in one.refused(attached("V-2", minutes=6))["conflict"].reason
    one.do(DeclineReferral("V-2", "R-2", reason_code="known", by=OFFICER, at=at(7)), attached("V-2", minutes=8))
    assert "C-1" == one.visit("V-2").customer


def test_a_referral_that_was_declined_stands_in_nobodys_way() -> None:
    """Declined by its receiver, a referral is settled; the customer may be referred to somebody else."""
    one = desk()
    one.do(*willing(), attached(), referred())

    assert "wrong_post" in one.refused(DeclineReferral("V-1", "R-1", reason_code="busy", by=HEAD, at=at(3)))
    one.do(DeclineReferral("V-1", "R-1", reason_code="busy", by=WEALTH, at=at(3)))
    assert ("declined", at(3)) == (one.referral("R-1").state, one.referral("R-1").settled_at)
    assert {"referral_settled"} == one.refused(accepted(minutes=4)).keys()
    one.do(referred(referral="R-2", receiver="S-6", minutes=5))


def test_a_complex_product_is_for_staff_outside_the_counter() -> None:
    """customers:S-8, customers:REF-16: asked about a structured product, the teller passes the customer on, and not to
    a counter.
    """
    one = desk()
    one.do(*willing(by=TELLER), attached(by=TELLER))

    counter = {"target": "low_counter", "receiver": "S-2", "complexity": "complex"}
    found = one.refused(referred(by=TELLER, **counter))
    assert ("customers:REF-16", "customers:SLS-11") == found["complex_product"].rules
    one.do(referred(by=TELLER, complexity="complex"))


def test_nobody_is_referred_who_is_not_willing_or_not_that_interested() -> None:
    """customers:REF-10, customers:REF-18, customers:REF-23: the answer and the interest have to fit the case."""
    one = desk()
    one.do(*willing(interest="medium"), attached())
    one.do(*willing("V-2")[:2])

    assert {"interest_case"} == one.refused(referred()).keys()
    assert {"not_willing"} == one.refused(referred("V-2", "R-2")).keys()
    assert {"not_quality", "not_willing", "unknown_target"} <= {
        code
        for command in (willing("V-3")[0],)
        for _ in [one.do(command)]
        for code in one.refused(referred("V-3", "R-3", target="roof"))
    }
    one.do(filled())


def test_a_customer_who_withdrew_is_not_referred() -> None:
    """Consent is looked at when somebody is referred and taken over, not only when the customer was attached."""
    one = desk()
    one.do(*willing(), attached(), referred())
    one.customers["C-1"] = customer("C-1", agreed(withdrawn_at=at(2)), do_not_contact=True)

    assert {"attach_before_consent", "contact_not_wanted"} == one.refused(accepted()).keys()


def test_the_consent_of_an_erased_customer_counts_no_more() -> None:
    """customers:PRV-06: what a customer agreed to before everything of them was erased lets nobody take them over."""
    one = desk()
    one.do(*willing(), attached(), referred())
    one.customers["C-1"] = customer("C-1", agreed(), erased=Erasure(at=at(2), reason="customer_request", by="S-9"))

    assert {"attach_before_consent"} == one.refused(accepted()).keys()


def test_an_unknown_customer_is_not_taken_over() -> None:
    """A lead is about a known customer, so a handover waits until there is consent; a handover may come first."""
    one = desk()
    one.do(*willing(), referred())

    assert {"no_customer"} == one.refused(accepted()).keys()
    one.do(attached(by=WEALTH, minutes=3), accepted(minutes=4))
    assert "C-1" == one.referral("R-1").customer


def test_part_b_is_not_the_referrers() -> None:
    """customers:FRM-11: part B is filled in once, by the wealth room, and by nobody who filled in part A."""
    one = desk()
    one.do(*willing(by=WEALTH), attached(by=WEALTH), filled(by=WEALTH))
    review = ReviewForm("V-1", "R-1", adviser="S-6", meets_standard=True, by=WEALTH, at=at(60))

    assert ("customers:FRM-11",) == one.refused(review)["same_author"].rules
    assert {"same_author"} == one.refused(attrs.evolve(review, by=SECOND, adviser="S-3")).keys()
    assert {"wrong_post"} == one.refused(attrs.evolve(review, by=OFFICER)).keys()
    one.do(attrs.evolve(review, by=SECOND))
    assert "part_b_done" == one.referral("R-1").form_status
    assert {"already_reviewed"} == one.refused(attrs.evolve(review, by=SECOND)).keys()


def test_a_form_below_standard_is_closed_and_leads_nowhere() -> None:
    """customers:S-7, customers:FRM-09: judged below standard the form is closed, and no lead is entered of it."""
    one = desk()
    one.do(*willing(), attached(), filled())
    one.do(ReviewForm("V-1", "R-1", adviser="S-3", meets_standard=False, by=WEALTH, at=at(60)))

    referral = one.referral("R-1")
    assert ("closed", "closed", False) == (referral.state, referral.form_status, referral.review.meets_standard)
    assert {"below_standard"} == one.refused(entered()).keys()
    assert None is one.customer_ledger("C-1").referral


def test_a_review_after_the_lead_closes_the_lead_too() -> None:
    """A form that is judged below standard only after its lead was entered takes the lead with it."""
    one = desk()
    one.do(*willing(), attached(), filled(), entered(minutes=30))
    one.do(ReviewForm("V-1", "R-1", adviser="S-3", meets_standard=False, by=WEALTH, at=at(60)))

    assert ("closed", "below_standard", False) == (
        one.lead("L-1").status,
        one.lead("L-1").reason,
        one.lead("L-1").meets_standard,
    )
    assert None is one.customer_ledger("C-1").lead


def test_a_review_needs_a_form_of_this_journey() -> None:
    """What is no form, or another journey's, is not reviewed."""
    one = desk()
    one.do(*willing(), attached(), referred())
    review = ReviewForm("V-1", "R-1", adviser="S-6", meets_standard=True, by=WEALTH, at=at(60))

    assert {"no_form"} == one.refused(review).keys()
    assert {"unknown_referral"} == one.refused(attrs.evolve(review, referral="R-9")).keys()
    assert "unknown_referral" in one.refused(accepted(referral="R-9"))


def test_a_name_never_shows() -> None:
    """The name, the contact and the reason on a form are masked wherever the form is printed."""
    one = desk()
    one.do(*willing(), attached(), filled())

    shown = repr(filled()) + repr(one.referral("R-1")) + repr(one.events)
    assert "Ping" not in shown
    assert "a number" not in shown
    assert "funds" not in shown
