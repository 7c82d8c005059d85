"""Whole journeys as the digest's procedures tell them: what each step records, and where it leads."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from branchkit.customers.journey import (
    HANDOUTS,
    TARGETS,
    AllocateLead,
    AskWillingness,
    ConvertLead,
    CreditSale,
    EndVisit,
    JudgeVisit,
    LookUpVisit,
    NextAction,
    ObserveTriggers,
    RecordContact,
    ReviewForm,
    TriggerHit,
    work_list,
)
from tests.unit.customers.journey.desk import (
    HEAD,
    OFFICER,
    SECOND,
    TELLER,
    WEALTH,
    Desk,
    accepted,
    at,
    attached,
    customer,
    desk,
    entered,
    filled,
    opened,
    referred,
    willing,
)

TUESDAY = NextAction(method="phone_follow_up", on=dt.date(2026, 3, 3))


def test_from_the_question_to_the_handover() -> None:
    """customers:P-1, service:REF-02: asked, observed, judged, looked up, asked whether contact is welcome, and handed
    over; every step records what it is about.
    """
    one = desk()
    one.do(opened(by=TELLER, business_type="remittance"))
    one.do(ObserveTriggers("V-1", (TriggerHit("TRG-11", "CARD-09"),), by=TELLER, at=at(1)))
    one.do(JudgeVisit("V-1", "unclear", by=TELLER, at=at(2)), LookUpVisit("V-1", "reached", by=TELLER, at=at(3)))
    one.do(AskWillingness("V-1", "yes", interest="high", by=TELLER, at=at(4)))
    one.do(attached(by=TELLER, minutes=5), referred(by=TELLER, minutes=6), accepted(minutes=7))

    visit = one.visit("V-1")
    assert ("counter", "remittance", "S-1") == (visit.identified_at, visit.business_type, visit.by)
    assert (at(3), "S-1", "reached") == (visit.look_up.at, visit.look_up.by, visit.look_up.result)
    assert ("yes", "high") == (visit.willingness.answer, visit.willingness.interest)
    assert (("TRG-11",), "high", "S-1") == (
        one.lead("L-1").triggers,
        one.lead("L-1").interest,
        one.lead("L-1").identifier,
    )
    assert ["S-1"] == list(visit.hands)


def test_the_class_decides_where_a_customer_is_guided() -> None:
    """customers:REF-05, customers:REF-26: below the threshold the ordinary service applies, else a target for quality
    customers; either round of triage may identify.
    """
    one = desk()
    one.do(opened("V-1", triage_round=1), JudgeVisit("V-1", "unclear", by=OFFICER, at=at(1)))
    one.do(LookUpVisit("V-1", "below", by=OFFICER, at=at(2)), EndVisit("V-1", "ordinary", by=OFFICER, at=at(3)))
    one.do(opened("V-2", triage_round=2), *willing("V-2")[1:], attached("V-2"), referred("V-2"))

    assert ("ordinary", 1) == (one.visit("V-1").outcome, one.visit("V-1").triage_round)
    assert one.referral("R-1").target in TARGETS
    assert 2 == one.visit("V-2").triage_round


def test_the_form_has_the_fields_of_the_paper() -> None:
    """customers:P-2, customers:FRM-02, customers:FRM-03, customers:FRM-06, customers:FRM-08, customers:FRM-10,
    service:REF-11: part A says when, who, whom, why, to whom and how to reach them; part B the adviser and the verdict.
    """
    one = desk()
    one.do(*willing(), attached(), filled(triggers=("TRG-12",), preferred_time="evenings"))
    one.do(ReviewForm("V-1", "R-1", adviser="S-6", meets_standard=True, by=WEALTH, at=at(60)))

    referral = one.referral("R-1")
    form, review = referral.form, referral.review
    assert (dt.date(2026, 3, 2), "S-2", "Ping", "wealth_manager") == (
        form.at.date(), form.by, form.customer_name, referral.target
    )  # fmt: skip
    assert ("asked about funds", ("TRG-12",), "a number", "evenings") == (
        form.reason, form.triggers, form.contact, form.preferred_time
    )  # fmt: skip
    assert HANDOUTS <= set(form.gave)
    assert ("S-6", True, "S-3", at(60)) == (review.adviser, review.meets_standard, review.by, review.at)


def test_a_lead_is_collected_allocated_planned_contacted_and_met() -> None:
    """customers:P-3: a form's lead is allocated by the outlet head, contacted, booked, met, and converted."""
    one = desk()
    one.do(
        *willing(),
        attached(),
        filled(),
        entered(minutes=30),
        AllocateLead("V-1", "L-1", owner="S-3", by=HEAD, at=at(40)),
    )
    for minutes, outcome in ((50, "not_reached"), (60, "booked"), (90, "reached")):
        told = {"method": "phone_follow_up", "outcome": outcome, "next": TUESDAY, "by": WEALTH, "at": at(minutes)}
        one.do(RecordContact("V-1", "L-1", **told))  # type: ignore[arg-type]
    one.do(ConvertLead("V-1", "L-1", sale="D-1", product="card", by=WEALTH, at=at(100)))

    lead = one.lead("L-1")
    assert ["not_reached", "booked", "reached"] == [contact.outcome for contact in lead.contacts]
    assert ("converted", at(100), None) == (lead.status, lead.closed_at, lead.next)


def test_a_referred_sale_is_shared_among_its_roles() -> None:
    """customers:P-9, service:REF-15: a deal with an earlier referral is linked to those who had a part in it, computed
    and reviewed by somebody who is not paid.
    """
    one = desk()
    one.do(*willing(by=TELLER), attached(by=TELLER), referred(by=TELLER), accepted())
    one.do(ConvertLead("V-1", "L-1", sale="D-1", product="fund", by=SECOND, at=at(30)))
    shared = {"amount": Decimal(90), "currency": "CNY", "processors": ("S-4",), "maintainers": ("S-6",)}
    one.do(CreditSale("V-1", "L-1", sale="D-1", by=HEAD, at=at(60), **shared))  # type: ignore[arg-type]

    kept = one.credit("L-1/D-1")
    assert {
        "identifier": ("S-1",), "referrer": ("S-1",), "receiver": ("S-3",), "closer": ("S-6",), "processor": ("S-4",),
        "maintainer": ("S-6",),
    } == dict(kept.deal.parts)  # fmt: skip
    assert Decimal(90) == sum(share.amount for share in kept.shared.shares)
    assert ("S-5", "shared") == (kept.by, kept.state)


def test_the_work_list_holds_who_was_referred_and_who_has_booked() -> None:
    """customers:FUP-12: a wealth manager's day is what was referred and what is booked, the next action first."""
    one = Desk(customers={f"C-{number}": customer(f"C-{number}") for number in range(1, 5)})
    for number, day in ((1, 9), (2, 4)):
        journey, referral, lead = f"V-{number}", f"R-{number}", f"L-{number}"
        one.do(*willing(journey), attached(journey, f"C-{number}"), referred(journey, referral))
        one.do(accepted(journey, referral, lead), AllocateLead(journey, lead, owner="S-3", by=HEAD, at=at(5)))
        then = attrs.evolve(TUESDAY, on=dt.date(2026, 3, day))
        one.do(
            RecordContact(journey, lead, method="phone_follow_up", outcome="reached", next=then, by=WEALTH, at=at(9))
        )
    for number in (3, 4):
        given = {"branch": "B-1", "source": "campaign", "customer": f"C-{number}", "by": WEALTH, "at": at()}
        one.do(
            attrs.evolve(entered(), journey=f"J-{number}", lead=f"L-{number}", referral=None, recorded_at=at(), **given)
        )
        one.do(AllocateLead(f"J-{number}", f"L-{number}", owner="S-3", by=HEAD, at=at(5)))
    booked = {"method": "phone_follow_up", "outcome": "booked", "next": TUESDAY, "by": WEALTH, "at": at(9)}
    one.do(RecordContact("J-4", "L-4", **booked))  # type: ignore[arg-type]

    leads = list(one.found("lead", {}))
    assert ["L-4", "L-2", "L-1"] == [lead.id for lead in work_list(leads, "S-3")]
    assert () == work_list(leads, "S-6")
