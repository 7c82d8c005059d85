"""The corners of the ledger: what is malformed, not there, too early, or touches nothing."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from branchkit.conditions import DecisionTable
from branchkit.customers.journey import (
    AllocateLead,
    CloseLead,
    ConvertLead,
    DeclineReferral,
    ObserveTriggers,
    PartA,
    RefusalCount,
    RefuseContact,
    ReverseCredit,
    ReviewForm,
    Terms,
    TriggerHit,
    VisitEnded,
    VisitOpened,
    Workload,
    evolve_lead,
    evolve_referral,
    evolve_visit,
    evolve_workload,
    fold_journey,
    funnel,
)
from branchkit.errors import NotFound, Problem, Refused, StoreCorrupt
from tests.unit.customers.journey.desk import (
    HEAD,
    LOBBY,
    MONDAY,
    OFFICER,
    SECOND,
    TELLER,
    WEALTH,
    Desk,
    accepted,
    at,
    attached,
    catalog,
    desk,
    desk_with_lead,
    entered,
    filled,
    opened,
    referred,
    willing,
)
from tests.unit.customers.journey.test_credit import credit
from tests.unit.customers.journey.test_leads import allocate, campaign, contact, convert

MIDNIGHT = MONDAY.replace(hour=0)


def paths(command: Any) -> list[str]:
    return [problem.path for problem in command.validate()]


# -- what is malformed


def test_a_command_says_what_is_malformed_and_where() -> None:
    """Ids, codes, triggers and tokens that are none are each named by their place."""
    hits = (TriggerHit("two words"), TriggerHit("TRG-11", "a card"))

    assert ["$.journey"] == paths(opened(" V"))
    assert ["$.hits"] == paths(ObserveTriggers("V-1", (), by=OFFICER, at=at()))
    assert ["$.hits[0].trigger", "$.hits[1].card"] == paths(ObserveTriggers("V-1", hits, by=OFFICER, at=at()))
    assert ["$.triggers[0]"] == paths(filled(triggers=("she said so",)))
    assert [] == paths(filled(triggers=("TRG-01",), reason=None))
    token = RefuseContact("B-1", token="f" * 32, gave=(), by=LOBBY, at=MIDNIGHT)
    assert ([], ["$.token"]) == (paths(token), paths(attrs.evolve(token, token="F" * 32)))


def test_commands_write_to_the_stream_of_their_journey() -> None:
    """A journey has one stream; refusals have the branch's, where no journey is named."""
    token = RefuseContact("B-1", token="f" * 32, gave=(), by=LOBBY, at=MIDNIGHT)

    assert ("journey:V-1", "refusals:B-1") == (opened().stream, token.stream)


def test_a_count_of_refusals_is_of_a_branch_and_above_nought() -> None:
    """A count is kept under the branch and the day, and there is none of nobody."""
    day = dt.date(2026, 3, 2)

    assert "B-1/2026-03-02" == RefusalCount(branch="B-1", day=day, count=1).id
    assert [] == list(RefusalCount(branch="B-1", day=day, count=1).validate())
    assert [
        Problem("$.count", "Expected a number from 1"),
        Problem("$.branch", "Expected the id of a branch"),
    ] == list(RefusalCount(branch="", day=day, count=0).validate())


# -- what is not there


def test_what_is_not_there_is_named() -> None:
    """Each kind of thing that a command speaks of, and that is not there, has its own code."""
    one = desk()
    closing = CloseLead("V-1", "L-1", reason_code="x", by=HEAD, at=at())
    back = ReverseCredit("V-1", "L-1", sale="D-1", reason_code="x", by=HEAD, at=at())

    for command in (allocate(), allocate(owner="S-3"), contact(), convert(), closing, credit()):
        assert "unknown_lead" in one.refused(command)
    assert {"unknown_lead", "unknown_credit"} == one.refused(back).keys()
    assert {"unknown_visit", "not_handed_over"}.isdisjoint(one.refused(entered()))
    assert "unknown_referral" in one.refused(entered())
    assert {"unknown_visit"} == one.refused(referred()).keys()
    assert "unknown_visit" in one.refused(attached())
    assert "unknown_referral" in one.refused(DeclineReferral("V-1", "R-9", reason_code="x", by=OFFICER, at=at()))
    token = RefuseContact("B-9", token="f" * 32, gave=("business_card", "materials", "contact_us_any_time"), by=LOBBY,
                          at=MIDNIGHT)  # fmt: skip
    assert {"unknown_branch"} == one.refused(token).keys()


def test_what_is_there_is_not_made_again() -> None:
    """A referral has an id of its own, also where another one of the visit is settled."""
    one = desk()
    one.do(*willing(), attached(), referred())
    one.do(DeclineReferral("V-1", "R-1", reason_code="busy", by=OFFICER, at=at(3)))

    assert {"referral_exists"} == one.refused(referred(minutes=4)).keys()


def test_an_event_about_nothing_is_damage() -> None:
    """An event that speaks of a document that no event made is reported as such."""
    with pytest.raises(StoreCorrupt, match="visit 'V-1'"):
        fold_journey(VisitEnded(visit="V-1", outcome="ended"), lambda kind, id: None)


def test_an_event_of_something_else_touches_nothing() -> None:
    """Folding into a document what is not about it gives the same document."""
    one = desk_with_lead()
    event = VisitOpened(visit=one.visit("V-1"))

    assert one.visit("V-1") is evolve_visit(one.visit("V-1"), event)
    assert one.referral("R-1") is evolve_referral(one.referral("R-1"), event)
    assert one.lead("L-1") is evolve_lead(one.lead("L-1"), event)
    empty = Workload("B-1")
    assert empty is evolve_workload(empty, event)


# -- what comes too early


def test_nothing_happens_before_what_it_rests_on() -> None:
    """Each step is refused at a moment before the one that it follows."""
    one = desk()
    one.do(*willing(), attached(), filled(minutes=20))

    review = ReviewForm("V-1", "R-1", adviser="S-6", meets_standard=True, by=WEALTH, at=at(10))
    assert {"out_of_order"} == one.refused(review).keys()
    assert {"out_of_order"} == one.refused(entered(minutes=10, recorded_at=at(20))).keys()
    declining = DeclineReferral("V-1", "R-1", reason_code="x", by=OFFICER, at=at(10))
    assert {"out_of_order"} == one.refused(declining).keys()
    one.do(entered(minutes=30))
    assert {"out_of_order"} == one.refused(allocate(minutes=25)).keys()


# -- what is settled already


def test_a_form_is_entered_once_and_reviewed_unless_declined() -> None:
    """A form that was entered is not entered again, and one that was declined is not reviewed."""
    one = desk()
    one.do(*willing(), attached(), filled(), entered(minutes=30))
    assert {"referral_settled"} == one.refused(entered(lead="L-2", minutes=40)).keys()

    two = desk()
    two.do(*willing(), attached(), filled())
    two.do(DeclineReferral("V-1", "R-1", reason_code="no_need", by=OFFICER, at=at(30)))
    review = ReviewForm("V-1", "R-1", adviser="S-6", meets_standard=True, by=WEALTH, at=at(40))
    assert {"referral_settled"} == two.refused(review).keys()


def test_a_referral_that_has_expired_may_still_be_declined() -> None:
    """What is over by time is settled by declining it, also where a newer referral stands, which stays."""
    one = desk(valid=dt.timedelta(hours=1))
    one.do(*willing(), referred(), referred(referral="R-2", minutes=90))
    one.do(DeclineReferral("V-1", "R-1", reason_code="nobody_came", by=OFFICER, at=at(95)))

    assert ("declined", "R-2") == (one.referral("R-1").state, one.visit("V-1").referral)
    assert None is one.referral("R-1").form_status


def test_an_expired_referral_is_not_the_customers_open_one() -> None:
    """A customer who becomes known after the referral expired has none open; the ledger and the referral agree."""
    one = desk(valid=dt.timedelta(hours=1))
    one.do(*willing(), referred(), attached(minutes=90))

    assert None is one.customer_ledger("C-1").referral
    assert "C-1" == one.referral("R-1").customer


def test_form_status_follows_the_parts() -> None:
    """customers:FRM-11: no form, part A, and both parts, of which the second may close it."""
    one = desk()
    one.do(*willing(), attached(), filled())

    assert "part_a_done" == one.referral("R-1").form_status
    assert None is attrs.evolve(one.referral("R-1"), form=None).form_status
    assert isinstance(one.referral("R-1").form, PartA)


# -- terms


class Untabled(Desk):
    """A desk whose catalog has no terms."""

    def table(self, id: str) -> DecisionTable:
        raise NotFound("decision table", id)


class Purposeless(Desk):
    """A desk whose terms name no purpose."""

    def table(self, id: str) -> DecisionTable:
        found = catalog().table(id)
        return found if id == "referral-posts" else attrs.evolve(found, rows=found.rows[1:])


def test_without_terms_nothing_goes() -> None:
    """Where the catalog has no terms every step is refused, and says which table is missing."""
    with pytest.raises(Refused, match="referral-posts"):
        Untabled().do(opened())


def test_without_a_purpose_nobody_is_attached() -> None:
    """Where the terms name no purpose there is no consent that could be for it."""
    one = Purposeless(customers=desk().customers)
    one.do(*willing())

    assert "purpose" in one.refused(attached())["attach_before_consent"].reason


def test_terms_name_procedures() -> None:
    """The shipped terms open a case for a form and for a lead, and none for anything else."""
    terms = Terms(catalog().table("referral-posts"), catalog().table("referral-terms"))

    assert ("referral-form-review", "lead-follow-up", None) == tuple(
        terms.procedure(step) for step in ("fill_referral_form", "enter_lead", "refer_customer")
    )


# -- numbers


def test_merged_leads_are_counted_where_they_came_from() -> None:
    """customers:REF-27, customers:REF-28: a lead that became part of another counts by its own referrer's post."""
    one = desk()
    one.do(*willing(by=TELLER), attached(by=TELLER), referred(by=TELLER), campaign(minutes=3))
    one.do(accepted(lead="L-2", minutes=5))
    march = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))
    found = {"referrals": list(one.found("referral", {})), "leads": list(one.found("lead", {}))}

    assert [("teller", 1)] == [(row.post, row.merged) for row in funnel(*march, **found).rows if row.merged]
    april = (dt.date(2026, 4, 1), dt.date(2026, 4, 30))
    assert 0 == funnel(*april, **found).total.merged


def test_a_long_chain_of_introductions_ends() -> None:
    """However many introduced one another in a row, whoever is at its end is found without going on for ever."""
    one = desk()
    for number in range(2, 70):
        one.customers[f"C-{number}"] = attrs.evolve(
            one.customers["C-1"], id=f"C-{number}", introduced_by=f"C-{number + 1}"
        )
    one.customers["C-70"] = attrs.evolve(one.customers["C-1"], id="C-70", introduced_by="C-2")

    one.do(campaign(introduced_by="C-2"))
    assert "C-2" == one.lead("L-7").introduced_by
    one.customers["C-70"] = attrs.evolve(one.customers["C-1"], id="C-70", introduced_by="C-1")
    assert {"circular"} == one.refused(campaign(lead="L-8", introduced_by="C-2")).keys()


def test_a_lead_of_a_merged_referral_has_no_case_of_its_own() -> None:
    """Credit for a lead of a campaign into which a referral was merged knows the referrer, and no case."""
    one = desk()
    one.do(*willing(by=TELLER), attached(by=TELLER), referred(by=TELLER), campaign(lead="L-1", minutes=3))
    one.do(accepted(lead="L-2", minutes=5))
    one.do(AllocateLead("J-7", "L-1", owner="S-3", by=HEAD, at=at(6)))
    one.do(ConvertLead("J-7", "L-1", sale="D-1", product="fund", by=SECOND, at=at(9)))
    one.do(attrs.evolve(credit(), journey="J-7"))

    deal = one.credit("L-1/D-1").deal
    assert (None, ("S-1",), ("S-3",)) == (deal.case, deal.parts["referrer"], deal.parts["receiver"])


def test_a_form_becomes_part_of_a_lead_that_was_entered_meanwhile() -> None:
    """customers:REF-28: the lead of a form is merged into one that a campaign brought in before close of business."""
    one = desk()
    one.do(*willing(), attached(), filled(), campaign(minutes=30), entered(minutes=40))

    assert ("entered", "L-7") == (one.referral("R-1").state, one.referral("R-1").lead)
    assert [("R-1", "S-2")] == [(part.referral, part.by) for part in one.lead("L-7").merged]
    assert ("S-2", None) == (one.lead("L-7").referrer, one.customer_ledger("C-1").referral)
