"""Whole flows of customers, from procedure to procedure, with the ledger beside them."""

from __future__ import annotations

import pytest

from branchkit.customers.journey import Lead, RefusalCount, Visit
from branchkit.messages import Actor
from tests.unit.catalog.counter import HEAD, LOBBY, QUALITY, TELLER, WEALTH
from tests.unit.catalog.lobby import CUSTOMER, TALK, TOLD, Lobby, about

GATE = Actor("recognition:car-park", system=True)
VERIFIED = {"identity": "verified", "identity.method": "id_card_reader", "channel": "low_counter"}
COMPLETE = {"data-complete": "pass", "data-correct": "pass", "consents-asked": "pass", "signature": "paper"}


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people and no case yet."""
    return Lobby()


def judged(lobby: Lobby, by: Actor = QUALITY) -> None:
    """Ask the business, observe, and judge: a customer of value."""
    lobby.open("lobby-referral", by, facts={"journey": "V-1"})
    way = "at_the_counter" if by is TELLER else "in_the_lobby"
    lobby.do("receive", way, by, facts={"business_type": "deposit"})
    lobby.do("observe", "observed", by, facts={"observation": "triggers_seen"})
    lobby.do("judge", "reached", by, facts={"judgement.basis": "card"})


def willing(lobby: Lobby, interest: str = "high") -> None:
    judged(lobby)
    lobby.do("ask_willingness", "willing", QUALITY, facts={"talk.preconditions": TALK, "interest": interest})
    lobby.visit(interest=interest)
    lobby.attach()


def card_opened(lobby: Lobby, case: str) -> None:
    """Open the card, by the wealth manager, from the check of identity to the sale in the ledger."""
    lobby.do("verify_identity", "verified", WEALTH, case, facts=VERIFIED)
    lobby.do("capture_data", "complete", WEALTH, case, sheet=lobby.sheet("opening-data", WEALTH, COMPLETE))
    opened = {"opening": "opened", "bundle": ("mobile_bank", "message_service")}
    lobby.do("open_and_bundle", "opened", WEALTH, case, facts=opened)
    offer = {"product.kind": "simple", "need": "convenience", "offers": "welcome"}
    lobby.do("cross_sell", "sold_simple", WEALTH, case, facts=offer)
    lobby.convert()
    lobby.do("write_back", "established", WEALTH, case, facts={"relationship_owner": "W-1"})


def test_from_the_lobby_to_the_opened_card(lobby: Lobby) -> None:
    """customers:P-1, customers:P-4, customers:S-6, customers:REF-05, service:P-7, service:REF-02: the business asked,
    the class judged and the channel chosen, the lead entered by who received; willing to open a card, the customer
    goes on into opening and cross-selling; the lead is converted and the relationship established.
    """
    willing(lobby)
    lobby.refer()
    lobby.do("route", "offer", QUALITY)
    lobby.accept()
    lobby.do("take_over", "taken_over", WEALTH)
    lobby.open("on-site-opening", WEALTH, "C-2", facts={"journey": "V-1", "lead": "LD-1"})
    lobby.do("ask_card", "yes", WEALTH)
    card_opened(lobby, "C-2")

    assert ("card_on_site", "established", "converted") == (lobby.ended(), lobby.ended("C-2"), lobby.lead().status)
    assert ("wealth_manager", "W-1", "Q-1") == (lobby.referral().target, lobby.lead().by, lobby.lead().referrer)
    assert lobby.kit.verify().ok


def test_from_the_form_to_the_relationship(lobby: Lobby) -> None:
    """customers:P-2, customers:P-3, customers:S-4, customers:S-6: interested, and nobody there: the form, its lead by
    the supervisor at close of business, its review by the wealth room; allocated by the head, called, booked, met, and
    a card opened at last.
    """
    willing(lobby, "medium")
    lobby.do("route", "nobody_there", QUALITY)
    lobby.form()
    lobby.do("fill_form", "filled", QUALITY)
    form = lobby.only("referral-form-review").id
    lobby.at = lobby.at.replace(hour=17, minute=10)
    lobby.do("hand_over", "received", WEALTH, form, facts={"receipt": "received_in_person"})
    lobby.enter()
    lobby.do("enter_lead", "entered", QUALITY)
    lobby.review()
    lobby.do("review", "meets", WEALTH, form)
    followed = lobby.only("lead-follow-up").id
    lobby.allocate()
    lobby.do("allocate", "allocated", HEAD, followed, facts={"owner": "W-1"})
    lobby.do("plan", "planned", WEALTH, followed, facts={"method": "phone_follow_up", "planned_on": "2026-03-03"})
    lobby.contact("booked")
    lobby.do("contact", "booked", WEALTH, followed)
    lobby.open("on-site-opening", WEALTH, "C-2", facts={"lead": "LD-1"})
    lobby.do("meet", "opens_card", WEALTH, followed, facts={"discovery": ("ask",), "need": "convenience"})
    card_opened(lobby, "C-2")
    lobby.do("settle", "converted", WEALTH, followed)

    ends = [lobby.ended(case) for case in ("C-1", form, followed, "C-2")]
    assert ["follow_up", "meets_standard", "converted", "established"] == ends
    assert (False, True, "Q-1") == (lobby.lead().late, lobby.lead().meets_standard, lobby.lead().by)
    assert lobby.kit.verify().ok


def test_whoever_refuses_is_counted_and_forgotten(lobby: Lobby) -> None:
    """customers:S-5, service:P-7: card and materials, a word that contact is welcome any time, and a number for the
    day; nothing the bank holds names the customer, and no visit says who refused.
    """
    judged(lobby)
    lobby.do("ask_willingness", "no_further", QUALITY)
    lobby.do("give_card", "given", QUALITY, facts={"given": TOLD})
    for _ in range(2):
        lobby.kit.do(lobby.refusal())

    (count,) = lobby.kit.find(RefusalCount, branch="B-1")
    assert 2 == count.count
    assert ([], []) == (list(lobby.kit.find(Lead, branch="B-1")), list(lobby.kit.find(Visit, branch="B-1")))
    assert ("ended", {"journey", "business_type", "observation", "judgement.basis", "given"}) == (
        lobby.ended(), set(lobby.case().facts),
    )  # fmt: skip


def test_an_ordinary_customer_is_guided_served_and_told(lobby: Lobby) -> None:
    """service:P-14: triage, processing, a word about products, and nobody is asked for anything."""
    lobby.open("lobby-referral", LOBBY, facts={"journey": "V-1"})
    lobby.do("receive", "in_the_lobby", LOBBY, facts={"business_type": "deposit"})
    lobby.do("observe", "observed", LOBBY, facts={"observation": "nothing_seen"})
    lobby.do("judge", "unclear", LOBBY)
    lobby.do("look_up", "ordinary_route", LOBBY, facts={"look_up.result": "below"})
    services = ("triage", "processing", "product_marketing")
    said = {"ordinary.services": services, "farewell": ("thanked", "other_services_mentioned")}
    lobby.do("serve_ordinary", "served", TELLER, facts=said)

    assert ("ordinary", False) == (lobby.ended(), "ask_willingness" in lobby.case().stages)


def test_a_vip_is_received_and_cared_for(lobby: Lobby) -> None:
    """customers:P-5, customers:P-6, customers:S-12, service:P-13, service:VIP-03: recognised with consent, greeted,
    heard in private, accompanied and seen off; then cared for by the owner, with a wealth plan.
    """
    facts = {"recognition.source": "vehicle", "recognition.consent": "given", "customer.known": True}
    lobby.open("vip-reception", GATE, facts=facts, place=about())
    lobby.do("recognise", "recognised", GATE)
    told = {"alert.payload": ("name", "tier", "owner"), "alert.recipients": ("lobby_manager_terminal",)}
    lobby.do("alert", "alerted", GATE, facts=told)
    lobby.do("greet", "greeted", LOBBY, facts={"greeting": ("welcomed", "asked", "guided")})
    talk = {"place": "vip_wealth_room", "need": "asset_allocation", "offers": "welcome"}
    lobby.do("talk", "talked", WEALTH, facts=talk)
    lobby.do("accompany", "accompanied", WEALTH, facts={"accompanied": ("business_done",)})
    lobby.do("see_off", "seen_off", WEALTH, facts={"next_appointment": "none_wanted"})
    lobby.open("relationship-care", WEALTH, "C-2", place=about())
    lobby.do("assign_owner", "named", HEAD, "C-2", facts={"owner": "W-1"})
    lobby.do("maintain_information", "maintained", WEALTH, "C-2", facts={"information": "updated"})
    cared = {"care.occasion": "festival", "care.channel": "phone", "contact.topic": "need"}
    lobby.do("care", "cared", WEALTH, "C-2", facts={**cared, "contact.outcome": "answered"})
    lobby.do("offer", "plan_wealth", WEALTH, "C-2", facts={"need": "asset_allocation", "offers": "welcome"})
    lobby.do("plan_wealth", "planned", WEALTH, "C-2", facts={"wealth_plan": "made_and_explained"})
    lobby.do("care_again", "done", WEALTH, "C-2")

    assert ("seen_off", "kept_up", "L-1") == (lobby.ended(), lobby.ended("C-2"), lobby.case().roles["host"])


def test_from_a_movement_to_the_signed_report(lobby: Lobby) -> None:
    """customers:P-6, customers:P-7, customers:P-8, customers:S-9, service:P-10: two movements and a closure in a month,
    each on record; the customer who insists is served without delay; the report counts two and one and is complete
    with the head's signature.
    """
    for number in ("M-1", "M-2"):
        case = f"A-{number}"
        lobby.movement(number, "anomaly", type="large_outflow")
        moved = {"anomaly": "large_outflow", "movement": number, "owner": "W-1"}
        lobby.open("anomaly-care", TELLER, case, facts=moved, place=about())
        lobby.do("record", "recorded", TELLER, case)
    lobby.do("care", "settled", WEALTH, "A-M-1", facts={"cause": "family_need", "action": "listened"})
    asked = {"customer.class": "vip", "movement": "M-3", "after_movement": "M-2"}
    lobby.open("closure-retention", WEALTH, "R-1", facts=asked, place=about())
    lobby.do("care", "wants_to_close", WEALTH, "A-M-2")
    lobby.do("notice", "important", TELLER, "R-1")
    lobby.do("bring_in_owner", "asked", WEALTH, "R-1", facts={"reason.asked": "moved_away"})
    lobby.do("offer", "offered", WEALTH, "R-1", facts={"proposal": ("none_wanted",)})
    lobby.do("result", "close_now", TELLER, "R-1")
    lobby.do("close_account", "closed", TELLER, "R-1")
    lobby.movement("M-3", "closure", amount=1_200_000, result="closed")
    lobby.do("record_closed", "recorded", QUALITY, "R-1", facts={"win_back": "not_wanted"})

    lobby.open("vip-movement-report", QUALITY, "REP-1")
    figures = {"anomalies": "2", "closures": "1", "retained": "0", "customers": "1", "assets-lost": "1200000"}
    sheet = lobby.sheet("vip-movement-report", QUALITY, figures)
    lobby.do("collect", "drafted", QUALITY, "REP-1", sheet=sheet, facts={"report.month": "2026-03"})
    lobby.sign("collect", WEALTH, "REP-1")
    lobby.do("check", "complete", WEALTH, "REP-1", facts={"churn.compared": "up_to_average"})
    lobby.do("submit", "submitted", QUALITY, "REP-1", facts={"submitted_to": ("outlet_head",)})
    assert (None, "settled", "wants_to_close", "closed") == (
        lobby.ended("REP-1"), lobby.ended("A-M-1"), lobby.ended("A-M-2"), lobby.ended("R-1"),
    )  # fmt: skip
    lobby.do("sign", "signed", HEAD, "REP-1")
    lobby.do("act", "filed", WEALTH, "REP-1", facts={"measures": ("retention_measures",)})

    assert "signed" == lobby.ended("REP-1")
    assert CUSTOMER not in str(lobby.case("REP-1").facts)


def test_consent_from_the_question_to_its_end(lobby: Lobby) -> None:
    """customers:P-19: asked with its purpose, stored, used for it, told to nobody without a basis, withdrawn, blocked
    and erased.
    """
    lobby.open("consent-handling", QUALITY, facts={"purpose": "marketing"})
    lobby.do("ask", "given", QUALITY, facts={"items": ("name", "contact")})
    lobby.do("store", "stored", QUALITY, facts={"kept": "on_record_encrypted"})
    lobby.do("in_force", "use", WEALTH, facts={"use.purpose": "marketing"})
    spouse = {"recipient": "spouse", "legal_basis": "none"}
    assert ["guard_false"] == lobby.no("in_force", "tell_others", TELLER, facts=spouse, reason="a spouse asks")
    lobby.do("in_force", "withdrawn", LOBBY)
    lobby.do("block", "blocked", QUALITY, facts={"blocked": ("marketing", "recognition", "group_chat")})
    lobby.do("erase", "erased", HEAD, facts={"kept": "nothing_kept"})

    assert "erased" == lobby.ended()
