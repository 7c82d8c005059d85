"""The shipped procedures from the lobby to the lead and of the form: proved, and run with the ledger to every end."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.catalog import Catalog
from branchkit.customers.journey import (
    AcceptReferral,
    EnterLead,
    Lead,
    RefusalCount,
    ReviewForm,
)
from branchkit.messages import Actor
from branchkit.procedures import Case, Procedure, Surroundings, prove
from branchkit.temporal import NotConfigured
from tests.unit.catalog.counter import DAY, HEAD, LOBBY, MINUTE, MORNING, QUALITY, TELLER, WEALTH
from tests.unit.catalog.lobby import ASSISTANT, HANDED, TALK, TOLD, Lobby

CATALOG = Catalog()
NAMES = ("lobby-referral", "referral-form-review")
CLOSE = dt.time(17, 30)


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people and no case yet."""
    return Lobby()


def loaded(name: str) -> Procedure:
    return CATALOG.procedure(name)


@pytest.mark.parametrize("name", NAMES)
def test_procedure_is_proved(name: str) -> None:
    """Every stage is reached, ends, and can be acted in; ladders, tables and both languages are there."""
    one = loaded(name)
    ladders = {id: CATALOG.ladder(id) for id in one.ladders.values()}
    targets = frozenset({one.targets} if one.targets else ())

    assert () == prove(one, Surroundings(ladders=ladders, targets=targets))


@pytest.mark.parametrize("name", NAMES)
def test_every_clock_has_a_ladder_and_says_what_no_source_states(name: str) -> None:
    """Only the close of business of forms is sourced; every other figure is marked as suggested."""
    one = loaded(name)
    every = [*one.clocks, *(clock for stage in one.stages for clock in stage.clocks)]

    plain = {each.id for each in every if each.basis == "sourced" and not isinstance(each.deadline, NotConfigured)}
    assert plain <= {"form_lead", "hand_over"}
    assert {each.id for each in every} == set(one.ladders)


# The lobby: from the question to the willingness


def received(lobby: Lobby, by: Actor = QUALITY, seen: str = "triggers_seen") -> None:
    lobby.open("lobby-referral", by, facts={"journey": "V-1"})
    way = "at_the_counter" if by is TELLER else "in_the_lobby"
    lobby.do("receive", way, by, facts={"business_type": "deposit"})
    lobby.do("observe", "observed", by, facts={"observation": seen})


def judged(lobby: Lobby, by: Actor = QUALITY) -> None:
    received(lobby, by)
    lobby.do("judge", "reached", by, facts={"judgement.basis": "trigger"})


def willing(lobby: Lobby, by: Actor = QUALITY, interest: str = "high") -> None:
    judged(lobby, by)
    way = "willing_at_the_counter" if by is TELLER else "willing"
    lobby.do("ask_willingness", way, by, facts={"talk.preconditions": TALK, "interest": interest})


def test_identification_starts_in_the_lobby_and_at_the_counter(lobby: Lobby) -> None:
    """customers:REF-01, customers:REF-02, customers:REF-03, customers:REF-04, service:REF-01: the supervisor in the
    lobby, the cash teller at the counter, each by their own way and never without asking the business; nobody else.
    """
    lobby.open("lobby-referral", QUALITY, facts={"journey": "V-1"})

    assert ["guard_false"] == lobby.no("receive", "in_the_lobby", QUALITY)
    assert ["not_permitted"] == lobby.no("receive", "at_the_counter", QUALITY, facts={"business_type": "deposit"})
    assert ["not_permitted"] == lobby.no("receive", "in_the_lobby", TELLER, facts={"business_type": "deposit"})
    assert ["not_permitted"] == lobby.no("receive", "in_the_lobby", HEAD, facts={"business_type": "deposit"})
    lobby.do("receive", "at_the_counter", TELLER, facts={"business_type": "deposit"})
    assert ("observe",) == lobby.case().open_stages


@pytest.mark.parametrize("round", ["entrance", "while_waiting"])
def test_identification_occurs_in_either_round_of_triage(lobby: Lobby, round: str) -> None:
    """customers:REF-26: at the entrance and again while customers wait: whoever was missed first is found then."""
    lobby.open("lobby-referral", LOBBY, facts={"journey": "V-1"})
    lobby.do("receive", "in_the_lobby", LOBBY, facts={"business_type": "deposit", "triage_round": round})

    assert (("observe",), round) == (lobby.case().open_stages, lobby.case().facts["triage_round"])


@pytest.mark.parametrize("seen", ["triggers_seen", "nothing_seen"])
def test_a_trigger_is_evidence_and_no_verdict(lobby: Lobby, seen: str) -> None:
    """customers:REF-07: whatever was seen, the judgement comes next, and it says what it rests on."""
    received(lobby, seen=seen)

    assert ("judge",) == lobby.case().open_stages
    assert ["guard_false"] == lobby.no("judge", "reached", QUALITY)
    lobby.do("judge", "reached", QUALITY, facts={"judgement.basis": "known_holdings"})
    assert ("ask_willingness",) == lobby.case().open_stages


def test_who_cannot_be_judged_is_looked_up(lobby: Lobby) -> None:
    """customers:REF-08, customers:REF-09, service:REF-05: where it cannot be told at sight, the look-up decides, and a
    result that reaches the threshold leads to the question.
    """
    received(lobby)
    lobby.do("judge", "unclear", QUALITY)

    assert ["guard_unknown"] == lobby.no("look_up", "reached", QUALITY)
    assert ["guard_false"] == lobby.no("look_up", "ordinary_route", QUALITY, facts={"look_up.result": "reached"})
    lobby.do("look_up", "reached", QUALITY, facts={"look_up.result": "reached"})
    assert ("ask_willingness",) == lobby.case().open_stages


@pytest.mark.parametrize("result", ["below", "unknown"])
def test_below_the_threshold_the_ordinary_route_applies(lobby: Lobby, result: str) -> None:
    """customers:REF-09, customers:SOP-11, customers:TIER-05, customers:SLS-15, service:VIP-07: below it, or where it
    cannot be told, the customer is guided, served, told of products and thanked as anybody; no lead comes of it.
    """
    received(lobby)
    lobby.do("judge", "unclear", QUALITY)
    assert ["guard_false"] == lobby.no("look_up", "reached", QUALITY, facts={"look_up.result": result})
    lobby.do("look_up", "ordinary_route", QUALITY, facts={"look_up.result": result})
    services, words = ("triage", "processing", "product_marketing"), ("thanked", "other_services_mentioned")
    for one in services:
        lacking = {"ordinary.services": tuple(each for each in services if each != one), "farewell": words}
        assert ["guard_false"] == lobby.no("serve_ordinary", "served", QUALITY, facts=lacking)
    for word in words:
        lacking = {"ordinary.services": services, "farewell": (word,)}
        assert ["guard_false"] == lobby.no("serve_ordinary", "served", QUALITY, facts=lacking)
    lobby.do("serve_ordinary", "served", QUALITY, facts={"ordinary.services": services, "farewell": words})

    assert ("ordinary", []) == (lobby.ended(), list(lobby.kit.find(Lead, branch="B-1")))


def test_signs_of_value_keep_a_potential_customer(lobby: Lobby) -> None:
    """customers:TIER-07, service:REF-06: below the threshold a trigger is enough to keep a customer as potential, and
    nothing less is.
    """
    received(lobby, seen="nothing_seen")
    lobby.do("judge", "unclear", QUALITY)
    lobby.do("look_up", "ordinary_route", QUALITY, facts={"look_up.result": "below"})
    assert ["guard_false"] == lobby.no("serve_ordinary", "keep_as_potential", QUALITY)

    seen = {"observation": "triggers_seen"}
    lobby.do("serve_ordinary", "keep_as_potential", QUALITY, facts=seen)
    assert "potential" == lobby.ended()


@pytest.mark.parametrize("missing", TALK)
def test_a_talk_is_prepared_before_the_question(lobby: Lobby, missing: str) -> None:
    """customers:TRG-20, customers:SLS-01: good service, the present need and the waiting time come first; without one
    of them nobody is asked.
    """
    judged(lobby)
    facts = {"talk.preconditions": tuple(one for one in TALK if one != missing), "interest": "high"}

    assert ["guard_false"] == lobby.no("ask_willingness", "willing", QUALITY, facts=facts)


def test_willingness_takes_interest(lobby: Lobby) -> None:
    """customers:REF-10, customers:REF-23: the level of interest is on record, and without interest nobody is routed."""
    judged(lobby)
    facts = {"talk.preconditions": TALK, "interest": "low_or_none"}

    assert ["guard_false"] == lobby.no("ask_willingness", "willing", QUALITY, facts=facts)
    lobby.do("ask_willingness", "willing", QUALITY, facts={**facts, "interest": "medium"})
    assert (("route",), "medium") == (lobby.case().open_stages, lobby.case().facts["interest"])


# A teller's own guidance


def test_a_tellers_guidance_succeeds(lobby: Lobby) -> None:
    """customers:REF-14, customers:ROLE-03, customers:TRG-18: the customer comes along, and the teller hands them over
    at once, while they are there.
    """
    willing(lobby, TELLER)
    lobby.do("guide", "success", TELLER)
    lobby.visit(TELLER)
    lobby.attach(TELLER)
    lobby.refer(TELLER)
    lobby.do("route", "offer", TELLER)

    assert (("take_over",), "T-1") == (lobby.case().open_stages, lobby.case().roles["referrer"])


def test_a_tellers_guidance_fails(lobby: Lobby) -> None:
    """customers:REF-14: the customer does not come along, and is put on the follow-up list by the supervisor."""
    willing(lobby, TELLER)
    lobby.do("guide", "failure", TELLER)

    assert ["not_permitted", "guard_false"] == lobby.no("list_customer", "listed", TELLER)
    lobby.visit(TELLER)
    lobby.attach(TELLER)
    lobby.enter(referral=None)
    lobby.do("list_customer", "listed", QUALITY)
    assert ("follow_up", "new") == (lobby.ended(), lobby.lead().status)


# Case 1


def handed_over(lobby: Lobby) -> None:
    willing(lobby)
    lobby.visit()
    lobby.attach()
    lobby.refer()
    lobby.do("route", "offer", QUALITY)


def test_a_referral_is_the_ledgers_before_it_is_the_flows(lobby: Lobby) -> None:
    """customers:REF-25: without a referral in the ledger, which names to whom it goes, nothing is offered."""
    willing(lobby)
    assert ["guard_unknown"] == lobby.no("route", "offer", QUALITY)
    lobby.visit()
    lobby.attach()

    assert "unknown_target" in lobby.against_target("front_door")
    lobby.refer()
    lobby.do("route", "offer", QUALITY)
    assert ("wealth_manager", ("take_over",)) == (lobby.referral().target, lobby.case().open_stages)


def test_the_receiver_takes_over_and_enters_the_lead(lobby: Lobby) -> None:
    """customers:S-3, customers:REF-18, customers:REF-24, customers:REF-06, service:REF-08: case 1: the lead is the
    wealth manager's who received; the referrer's own is rejected, and the flow waits for the receiver's.
    """
    handed_over(lobby)

    assert ["guard_false"] == lobby.no("take_over", "taken_over", WEALTH)
    assert "wrong_recorder" in lobby.against(AcceptReferral, "V-1", "R-1", "LD-1", by=QUALITY)
    assert "wrong_recorder" in lobby.against(EnterLead, "V-1", "LD-1", branch="B-1", referral="R-1", by=QUALITY)
    lobby.accept()
    lobby.do("take_over", "taken_over", WEALTH)
    assert ("W-1", "handed_over_on_site") == (lobby.lead().by, lobby.referral().case)
    assert ("ask_card",) == lobby.case().open_stages


def test_the_receivers_lead_is_due_the_same_day(lobby: Lobby) -> None:
    """customers:REF-18: no source says by when; by suggestion it is the close of business, and a late one is told."""
    handed_over(lobby)

    due = dt.datetime.combine(MORNING.date(), CLOSE, MORNING.tzinfo)
    assert due == lobby.due("receiver_lead")
    assert [] == lobby.rungs(due)
    assert [("late", ("Q-1",))] == lobby.rungs(due + MINUTE)
    assert "suggested" == next(one.basis for one in loaded("lobby-referral").stage("take_over").clocks)


def test_a_card_on_site_opens_the_opening(lobby: Lobby) -> None:
    """customers:S-6, customers:REF-12, customers:OPN-01, service:REF-07: (a) a willing customer goes over into the
    opening of the same visit, and not without its case; (b) with no card today the lead waits to be allocated.
    """
    handed_over(lobby)
    lobby.accept()
    lobby.do("take_over", "taken_over", WEALTH)

    assert ["guard_false"] == lobby.no("ask_card", "yes", WEALTH)
    lobby.open("on-site-opening", WEALTH, "C-2", facts={"journey": "V-1", "lead": "LD-1"})
    lobby.do("ask_card", "yes", WEALTH)
    assert ("card_on_site", ("verify_identity",)) == (lobby.ended(), lobby.case("C-2").open_stages)


def test_no_card_today_means_the_follow_up_list(lobby: Lobby) -> None:
    """customers:S-6, customers:REF-13, customers:FUP-01, service:REF-07: the lead stands on the list, and its case
    waits for the branch's head to allocate it; the wealth manager follows up.
    """
    handed_over(lobby)
    lobby.accept()
    lobby.do("take_over", "taken_over", WEALTH)
    lobby.do("ask_card", "no", WEALTH)

    followed = lobby.only("lead-follow-up")
    assert ("follow_up", "new", ("allocate",)) == (lobby.ended(), lobby.lead().status, followed.open_stages)
    lobby.allocate()
    lobby.do("allocate", "allocated", HEAD, followed.id, facts={"owner": "W-1"})
    lobby.do("plan", "planned", WEALTH, followed.id, facts={"method": "phone_follow_up", "planned_on": "2026-03-03"})
    assert "W-1" == lobby.case(followed.id).roles["owner"]


# Case 2


def test_a_customer_nobody_takes_over_fills_a_form(lobby: Lobby) -> None:
    """customers:S-4, customers:REF-19, customers:REF-20, customers:PRD-10, service:REF-09: interested, and the wealth
    manager is away: part A by the referrer, card and materials given, the lead by the supervisor at close of business.
    """
    willing(lobby, interest="medium")
    lobby.visit(interest="medium")
    lobby.attach()
    lobby.do("route", "nobody_there", QUALITY)

    assert ["guard_unknown"] == lobby.no("fill_form", "filled", QUALITY)
    assert ["not_permitted", "guard_unknown"] == lobby.no("fill_form", "filled", TELLER)
    lobby.form()
    lobby.do("fill_form", "filled", QUALITY)
    assert ["guard_false"] == lobby.no("enter_lead", "entered", QUALITY)
    assert ["not_permitted", "guard_false"] == lobby.no("enter_lead", "entered", WEALTH)
    lobby.enter()
    lobby.do("enter_lead", "entered", QUALITY)
    assert ("follow_up", False, HANDED) == (lobby.ended(), lobby.lead().late, lobby.referral().form.gave)


def test_a_form_entered_the_next_day_is_late(lobby: Lobby) -> None:
    """customers:S-4, customers:REF-20, service:REF-09: by close of business; after it the referrer and the supervisor
    hear of it, the head on the next day, and the lead is marked as late.
    """
    willing(lobby)
    lobby.visit()
    lobby.attach()
    lobby.do("route", "nobody_there", QUALITY)
    lobby.form()
    lobby.do("fill_form", "filled", QUALITY)

    due = dt.datetime.combine(MORNING.date(), CLOSE, MORNING.tzinfo)
    assert due == lobby.due("form_lead")
    assert [] == [one for one in lobby.rungs(due) if one[0] == "late"]
    assert ("late", ("Q-1",)) in lobby.rungs(due + MINUTE)
    assert ("next_day", ("H-1",)) in lobby.rungs(due + DAY / 2 + MINUTE)
    lobby.at += DAY
    lobby.enter()
    lobby.do("enter_lead", "entered", QUALITY)
    assert lobby.lead().late


def test_a_handover_that_fails_becomes_a_form(lobby: Lobby) -> None:
    """customers:REF-17, customers:REF-19: offered on the spot and not taken over, it is case 2 and no longer case 1."""
    handed_over(lobby)
    lobby.do("take_over", "not_taken_over", QUALITY)
    lobby.form()
    lobby.do("fill_form", "filled", QUALITY)

    assert "interested_not_handed_over" == lobby.referral().case
    assert "referral_settled" in lobby.against(AcceptReferral, "V-1", "R-1", "LD-1", by=WEALTH)


def test_a_form_below_standard_is_not_entered(lobby: Lobby) -> None:
    """customers:FRM-09: a form that was judged below standard before closing makes no lead."""
    willing(lobby)
    lobby.visit()
    lobby.attach()
    lobby.do("route", "nobody_there", QUALITY)
    lobby.form()
    lobby.do("fill_form", "filled", QUALITY)
    lobby.review(meets=False)

    assert ["guard_false"] == lobby.no("enter_lead", "entered", QUALITY)
    lobby.do("enter_lead", "not_to_be_entered", QUALITY)
    assert ("ended", []) == (lobby.ended(), list(lobby.kit.find(Lead, branch="B-1")))


# Case 3


def test_who_refuses_contact_leaves_nothing(lobby: Lobby) -> None:
    """customers:S-5, customers:REF-21, customers:REF-22, customers:PRV-05, service:REF-03, service:REF-10: card and
    materials and a word that contact is welcome any time; no form, no lead, no person, only the count of the day.
    """
    judged(lobby)
    lobby.do("ask_willingness", "no_further", QUALITY)
    for lacking in TOLD:
        given = tuple(one for one in TOLD if one != lacking)
        assert ["guard_false"] == lobby.no("give_card", "given", QUALITY, facts={"given": given})
    lobby.do("give_card", "given", QUALITY, facts={"given": TOLD})
    lobby.kit.do(lobby.refusal())

    (count,) = lobby.kit.find(RefusalCount, branch="B-1")
    assert (1, "ended", ["branch:B-1"]) == (count.count, lobby.ended(), [str(ref) for ref in lobby.case().place])
    assert ([], []) == (list(lobby.kit.find(Lead, branch="B-1")), list(lobby.opened("referral-form-review")))


def test_a_refusal_looks_like_anybody_who_goes_no_further(lobby: Lobby) -> None:
    """customers:REF-22: a customer who hurries away ends with the same way, stage and outcome as one who refuses, so
    that nothing in the case says who did.
    """
    ways = [
        next(one for one in stage.transitions if one.id == "no_further")
        for stage in loaded("lobby-referral").stages
        if stage.id not in ("take_over", "ask_card", "enter_lead", "give_card")
    ]

    assert {(("give_card",), None, False)} == {(one.to, one.when, one.reason_required) for one in ways}
    assert {"到此为止"} == {one.title.zh for one in ways}
    outcomes = {one.code for one in loaded("lobby-referral").outcomes}
    assert {"card_on_site", "follow_up", "potential", "ordinary", "ended"} == outcomes


def test_not_now_with_contact_given_is_listed(lobby: Lobby) -> None:
    """customers:REF-11, service:REF-06: not now, but contact is given: the customer goes on the list, once the ledger
    has the lead.
    """
    judged(lobby)
    lobby.do("ask_willingness", "not_now", QUALITY)
    assert ["guard_false"] == lobby.no("list_customer", "listed", QUALITY)
    lobby.visit(willing="not_now", interest="medium")
    lobby.attach()
    lobby.enter(referral=None)
    lobby.do("list_customer", "listed", QUALITY)

    assert ("follow_up", "new") == (lobby.ended(), lobby.lead().status)


# The form's own way


def formed(lobby: Lobby) -> Case:
    lobby.visit()
    lobby.attach()
    lobby.form()
    return lobby.only("referral-form-review")


def test_a_form_is_handed_over_by_close_of_business(lobby: Lobby) -> None:
    """customers:REF-20: the form is at the wealth room or the supervisor's by the close of the same day; a late one is
    told to both.
    """
    case = formed(lobby)

    due = dt.datetime.combine(MORNING.date(), CLOSE, MORNING.tzinfo)
    assert due == lobby.due("hand_over", case.id)
    assert ("late", ("W-1", "Q-1")) in lobby.rungs(due + MINUTE)


def test_somebody_else_judges_the_form(lobby: Lobby) -> None:
    """customers:FRM-01, customers:FRM-07, customers:FRM-11, service:REF-12, service:REF-13: part A is the referrer's,
    part B the wealth room's; whoever filled in part A does not, and the case waits for part B.
    """
    lobby.visit(WEALTH)
    lobby.attach()
    lobby.form(WEALTH)
    case = lobby.only("referral-form-review")
    lobby.do("hand_over", "received", ASSISTANT, case.id, facts={"receipt": "received_in_person"})

    assert ["guard_unknown"] == lobby.no("review", "meets", ASSISTANT, case.id)
    own = {"adviser": "W-1", "meets_standard": True}
    assert {"same_author"} == lobby.against(ReviewForm, "V-1", "R-1", by=WEALTH, **own).keys()
    assert "wrong_post" in lobby.against(ReviewForm, "V-1", "R-1", by=QUALITY, **own)
    lobby.review(ASSISTANT)
    lobby.do("review", "meets", ASSISTANT, case.id)
    assert "meets_standard" == lobby.ended(case.id)
    assert "customers:FRM-11" in loaded("referral-form-review").stage("review").no_waiver_rules


def test_a_form_below_standard_is_told_to_the_referrer(lobby: Lobby) -> None:
    """customers:S-7, customers:FRM-09, service:REF-13: a no closes the form in the ledger, and the referrer hears of
    it before the case ends.
    """
    case = formed(lobby)
    lobby.do("hand_over", "received", QUALITY, case.id, facts={"receipt": "collected_at_close"})
    lobby.review(meets=False)

    assert ["guard_false"] == lobby.no("review", "meets", WEALTH, case.id)
    lobby.do("review", "below", WEALTH, case.id)
    assert ["guard_false"] == lobby.no("tell_referrer", "told", WEALTH, case.id)
    lobby.do("tell_referrer", "told", WEALTH, case.id, facts={"feedback": "told_in_person"})
    assert ("below_standard", "closed") == (lobby.ended(case.id), lobby.referral().form_status)


def test_a_form_is_judged_the_next_business_day(lobby: Lobby) -> None:
    """By suggestion a form is judged by the end of the next business day; the head hears of one that lies about."""
    case = formed(lobby)
    lobby.do("hand_over", "received", QUALITY, case.id, facts={"receipt": "collected_at_close"})

    due = MORNING.replace(hour=0) + 2 * DAY
    assert due == lobby.due("review", case.id)
    assert ("still_late", ("H-1",)) in lobby.rungs(due + DAY + MINUTE)
