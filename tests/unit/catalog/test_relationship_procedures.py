"""The shipped procedures around a VIP's visit and relationship: proved, and run from opening to every end."""

from __future__ import annotations

from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.customers import Codes, Count, Money, spot
from branchkit.messages import Actor
from branchkit.procedures import CompleteStage, OpenCase, Procedure, Surroundings, prove
from branchkit.temporal import NotConfigured
from tests.unit.catalog.counter import DAY, HEAD, LOBBY, MINUTE, MORNING, QUALITY, SECOND, TELLER, WEALTH
from tests.unit.catalog.lobby import ASSISTANT, Lobby, about

CATALOG = Catalog()
NAMES = ("vip-reception", "relationship-care", "anomaly-care", "closure-retention")
GATE = Actor("recognition:car-park", system=True)


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people and no case yet."""
    return Lobby()


def loaded(name: str) -> Procedure:
    return CATALOG.procedure(name)


@pytest.mark.parametrize("name", NAMES)
def test_procedure_is_proved(name: str) -> None:
    """Every stage is reached, ends, and can be acted in; ladders and both languages are there."""
    ladders = {id: CATALOG.ladder(id) for id in loaded(name).ladders.values()}

    assert () == prove(loaded(name), Surroundings(ladders=ladders))


@pytest.mark.parametrize("name", NAMES)
def test_every_clock_is_guarded_and_nothing_made_up(name: str) -> None:
    """No source states a time here: every clock is suggested or not configured, and a ladder guards it."""
    every = [clock for _, clock in loaded(name).all_clocks()]

    assert all(clock.basis == "suggested" or isinstance(clock.deadline, NotConfigured) for clock in every)
    assert {clock.id for clock in every} == set(loaded(name).ladders)


# A VIP arrives


def arrived(lobby: Lobby, source: str = "vehicle", consent: str = "given", by: Actor = GATE) -> None:
    facts = {"recognition.source": source, "recognition.consent": consent}
    # Who it is belongs into the case only where they agreed to be recognised.
    place = about() if consent == "given" else ()
    lobby.open("vip-reception", by, facts=facts, place=place)


BY_CAR = {"alert.payload": ("name", "tier", "owner"), "alert.recipients": ("lobby_manager_terminal",)}


def test_a_vip_by_car_is_greeted(lobby: Lobby) -> None:
    """customers:S-12, customers:VIP-01, customers:VIP-03, customers:VIP-05, customers:TIER-17, service:VIP-15: plate
    known and consent given: the lobby manager's terminal is told, and the greeting is recorded.
    """
    arrived(lobby)
    lobby.do("recognise", "recognised", GATE, facts={"customer.known": True})
    teller_only = {**BY_CAR, "alert.recipients": ("teller_terminal",)}
    assert ["guard_false"] == lobby.no("alert", "alerted", GATE, facts=teller_only)
    lobby.do("alert", "alerted", GATE, facts=BY_CAR)

    assert ["not_permitted"] == lobby.no("greet", "greeted", TELLER, facts={"greeting": ("welcomed",)})
    lobby.do("greet", "greeted", LOBBY, facts={"greeting": ("welcomed", "asked", "guided")})
    (clock,) = (one for one in lobby.case().clocks if one.id == "greet")
    assert (lobby.at, "L-1", "L-1") == (clock.stopped, clock.by, lobby.case().roles["host"])


@pytest.mark.parametrize("consent", ["refused", "withdrawn"])
@pytest.mark.parametrize("source", ["vehicle", "driver_face", "lobby_face"])
def test_without_consent_nobody_is_recognised(lobby: Lobby, source: str, consent: str) -> None:
    """customers:S-12, customers:VIP-08, customers:PRV-10: without consent a plate or a face is not recognised, and
    nobody waives it; the case ends, and nobody is alerted.
    """
    arrived(lobby, source, consent)

    assert ["guard_false"] == lobby.no("recognise", "recognised", GATE, facts={"customer.known": True})
    assert ("customers:VIP-08", "customers:PRV-10") == lobby.waive("recognise", HEAD, "an old friend")[0].rules
    lobby.do("recognise", "not_recognised", GATE)
    assert ("not_recognised", False) == (lobby.ended(), "alert" in lobby.case().stages)


def test_consent_is_not_taken_for_granted(lobby: Lobby) -> None:
    """customers:VIP-08: a recognition that says nothing of consent is no event at all."""
    facts = {"recognition.source": "vehicle"}

    found = lobby.refused(
        OpenCase("C-1", procedure="vip-reception", branch="B-1", facts=facts, by=GATE, at=MORNING)  # type: ignore[arg-type]
    )
    assert [("fact_missing", True)] == [(one.code, "recognition.consent" in one.reason) for one in found]


def test_an_unknown_person_is_no_event(lobby: Lobby) -> None:
    """customers:VIP-01: a car or a face that is not on the list of VIPs leads to no alert."""
    arrived(lobby)

    assert ["guard_false"] == lobby.no("recognise", "recognised", GATE, facts={"customer.known": False})
    lobby.do("recognise", "not_recognised", GATE)
    assert "not_recognised" == lobby.ended()


@pytest.mark.parametrize("recipient", ["lobby_manager_terminal", "teller_terminal"])
def test_recognised_in_the_lobby_either_terminal_is_told(lobby: Lobby, recipient: str) -> None:
    """customers:VIP-02, customers:VIP-04: recognised by the queue ticket, the customer's name reaches the lobby
    manager's or the teller's terminal.
    """
    arrived(lobby, "queue_ticket")
    lobby.do("recognise", "recognised", GATE, facts={"customer.known": True})
    lobby.do("alert", "alerted", GATE, facts={"alert.payload": ("name",), "alert.recipients": (recipient,)})

    assert ("greet",) == lobby.case().open_stages


@pytest.mark.parametrize("more", ["balance", "phone", "identity_number", "address"])
def test_an_alert_holds_no_more_than_a_greeting_needs(lobby: Lobby, more: str) -> None:
    """customers:VIP-07: name, tier and owner; anything else has no place in an alert."""
    arrived(lobby)
    lobby.do("recognise", "recognised", GATE, facts={"customer.known": True})

    assert "bad_fact" in lobby.no("alert", "alerted", GATE, facts={**BY_CAR, "alert.payload": ("name", more)})


def alerted(lobby: Lobby) -> None:
    arrived(lobby)
    lobby.do("recognise", "recognised", GATE, facts={"customer.known": True})
    lobby.do("alert", "alerted", GATE, facts=BY_CAR)


def test_a_missed_greeting_is_told(lobby: Lobby) -> None:
    """customers:VIP-05: by suggestion within 60 seconds of the alert; a second later the lobby manager and the head
    hear that nobody did.
    """
    alerted(lobby)

    assert lobby.at + MINUTE == lobby.due("greet")
    assert [] == lobby.rungs(lobby.at + MINUTE)
    assert [("missed", ("L-1", "H-1"))] == lobby.rungs(lobby.at + MINUTE + MINUTE / 60)


def test_the_four_stages_come_in_order(lobby: Lobby) -> None:
    """customers:VIP-06, service:VIP-01: greeted, talked with, accompanied, seen off, and in no other order."""
    alerted(lobby)
    assert "stage_not_open" in lobby.no("see_off", "gone", LOBBY)
    lobby.do("greet", "greeted", LOBBY, facts={"greeting": ("welcomed",)})
    talk = {"place": "vip_wealth_room", "need": "asset_allocation", "offers": "welcome"}
    lobby.do("talk", "talked", WEALTH, facts=talk)
    assert ["guard_false"] == lobby.no("accompany", "accompanied", LOBBY)
    lobby.do("accompany", "accompanied", LOBBY, facts={"accompanied": ("business_done", "priority_lane_used")})
    assert ["guard_unknown"] == lobby.no("see_off", "seen_off", LOBBY)
    lobby.do("see_off", "seen_off", LOBBY, facts={"next_appointment": "none_wanted", "survey": "declined"})

    assert "seen_off" == lobby.ended()


def test_bookings_are_on_record_beforehand(lobby: Lobby) -> None:
    """customers:VIP-12: a VIP who comes by appointment is found by its number, with time and host; the next one that is
    made is on record before the customer goes.
    """
    facts = {"recognition.source": "booking", "recognition.consent": "refused", "customer.known": True}
    lobby.open("vip-reception", LOBBY, facts={**facts, "booking": "A-1"})
    assert ["guard_false"] == lobby.no("recognise", "recognised", LOBBY)
    lobby.booking("A-1")
    lobby.do("recognise", "recognised", LOBBY)
    lobby.do("alert", "alerted", LOBBY, facts=BY_CAR)
    lobby.do("greet", "greeted", LOBBY, facts={"greeting": ("welcomed",)})
    lobby.do("talk", "no_talk", LOBBY)
    lobby.do("accompany", "accompanied", LOBBY, facts={"accompanied": ("business_done",)})
    made = {"next_appointment": "made", "next_booking": "A-2"}

    assert ["guard_false"] == lobby.no("see_off", "seen_off", LOBBY, facts=made)
    lobby.booking("A-2")
    lobby.do("see_off", "seen_off", LOBBY, facts=made)
    assert "seen_off" == lobby.ended()


def test_a_talk_is_private(lobby: Lobby) -> None:
    """customers:VIP-11, customers:PRV-16: in a private place, where others cannot hear; not in the open hall."""
    alerted(lobby)
    lobby.do("greet", "greeted", LOBBY, facts={"greeting": ("welcomed",)})
    talk = {"need": "asset_allocation", "offers": "welcome"}

    assert ["guard_false"] == lobby.no("talk", "talked", WEALTH, facts={**talk, "place": "open_hall"})
    assert ["guard_unknown"] == lobby.no("talk", "talked", WEALTH, facts=talk)
    for place in ("vip_zone", "private_meeting_room"):
        assert ["guard_false"] == lobby.no(
            "talk", "talked", WEALTH, facts={**talk, "place": place, "offers": "not_welcome"}
        )
    lobby.do("talk", "talked", WEALTH, facts={**talk, "place": "vip_zone"})
    assert ("accompany",) == lobby.case().open_stages


def test_whoever_wants_no_offers_is_served_all_the_same(lobby: Lobby) -> None:
    """customers:PRV-22, customers:SLS-01: where offers are not welcome the business is done without a talk."""
    alerted(lobby)
    lobby.do("greet", "greeted", LOBBY, facts={"greeting": ("welcomed",)})
    lobby.do("talk", "no_talk", LOBBY)

    assert ("accompany",) == lobby.case().open_stages


# Keeping up a relationship


CARED = {
    "care.occasion": "birthday", "care.channel": "phone", "contact.topic": "greeting", "contact.outcome": "answered",
}  # fmt: skip


def cared_for(lobby: Lobby) -> None:
    lobby.open("relationship-care", WEALTH, place=about())
    lobby.do("assign_owner", "named", HEAD, facts={"owner": "W-1"})
    lobby.do("maintain_information", "maintained", WEALTH, facts={"information": "updated"})


def test_somebody_keeps_the_relationship_up(lobby: Lobby) -> None:
    """customers:MNT-01: the branch's head names the owner, and without one nothing goes on; nobody else acts as it."""
    lobby.open("relationship-care", WEALTH, place=about())

    assert "guard_false" in lobby.no("assign_owner", "named", HEAD)
    assert ["not_permitted"] == lobby.no("assign_owner", "named", WEALTH, facts={"owner": "W-1"})
    lobby.do("assign_owner", "named", HEAD, facts={"owner": "W-1"})
    other = Actor("W-3", posts=("wealth_manager",))
    current = {"information": "still_right"}
    assert ["not_permitted"] == lobby.no("maintain_information", "maintained", other, facts=current)


def test_a_round_of_care(lobby: Lobby) -> None:
    """customers:MNT-02, customers:MNT-03, customers:MNT-04, customers:SOP-03, service:VIP-06: the data are gone
    through, the customer is cared for, and a related offer, for a need and where it is welcome, leads back to care.
    """
    lobby.open("relationship-care", WEALTH, place=about())
    lobby.do("assign_owner", "named", HEAD, facts={"owner": "W-1"})
    assert ["guard_false"] == lobby.no("maintain_information", "maintained", WEALTH)
    lobby.do("maintain_information", "maintained", WEALTH, facts={"information": "updated"})
    lobby.do("care", "cared", WEALTH, facts=CARED)
    assert ["guard_unknown"] == lobby.no("offer", "offered", WEALTH, facts={"need": "protection"})
    unwelcome = {"need": "protection", "offers": "not_welcome"}
    assert ["guard_false"] == lobby.no("offer", "offered", WEALTH, facts=unwelcome)
    lobby.do("offer", "offered", WEALTH, facts={"need": "protection", "offers": "welcome"})
    lobby.do("care_again", "care_again", WEALTH)

    assert ("care",) == lobby.case().open_stages
    lobby.do("care", "cared", ASSISTANT, facts=CARED)
    lobby.do("offer", "nothing_to_offer", WEALTH)
    assert "kept_up" == lobby.ended()


@pytest.mark.parametrize("occasion", ["special_event", "product_maturity", "regular_contact"])
def test_care_has_an_occasion(lobby: Lobby, occasion: str) -> None:
    """customers:MNT-05: special events of the customer are occasions of care; without one there is no contact."""
    cared_for(lobby)
    without = {name: value for name, value in CARED.items() if name != "care.occasion"}

    assert ["guard_false"] == lobby.no("care", "cared", WEALTH, facts=without)
    assert "bad_fact" in lobby.no("care", "cared", WEALTH, facts={**CARED, "care.occasion": "whim"})
    lobby.do("care", "cared", WEALTH, facts={**CARED, "care.occasion": occasion})
    assert ("offer",) == lobby.case().open_stages


def test_what_customers_ask_is_answered(lobby: Lobby) -> None:
    """customers:MNT-06: an opinion or question that is not answered yet keeps the contact open."""
    cared_for(lobby)
    owed = {**CARED, "contact.topic": "opinion", "contact.outcome": "answer_owed"}

    assert ["guard_false"] == lobby.no("care", "cared", WEALTH, facts=owed)
    lobby.do("care", "once_more", WEALTH, facts=owed)
    lobby.do("care", "cared", WEALTH, facts={**owed, "contact.outcome": "answered"})
    assert ("offer",) == lobby.case().open_stages


def test_who_wants_no_contact_is_left_alone(lobby: Lobby) -> None:
    """customers:PRV-22: a customer who does not want to be contacted ends the round, and nothing is offered."""
    cared_for(lobby)
    assert ["guard_unknown"] == lobby.no("care", "not_wanted", WEALTH)
    lobby.do("care", "not_wanted", WEALTH, facts={"contact.outcome": "contact_not_wanted"})

    assert "contact_stopped" == lobby.ended()


def test_wealth_is_planned_by_wealth_posts(lobby: Lobby) -> None:
    """customers:SLS-05: wealth planning is the wealth manager's or the assistant's, and there is a plan at its end."""
    cared_for(lobby)
    lobby.do("care", "cared", WEALTH, facts=CARED)
    lobby.do("offer", "plan_wealth", WEALTH, facts={"need": "asset_allocation", "offers": "welcome"})

    for other in (TELLER, QUALITY, LOBBY):
        assert "not_permitted" in lobby.no("plan_wealth", "planned", other, facts={"wealth_plan": "reviewed"})
    assert ["guard_false"] == lobby.no("plan_wealth", "planned", ASSISTANT)
    lobby.do("plan_wealth", "planned", ASSISTANT, facts={"wealth_plan": "made_and_explained"})
    assert ("care_again",) == lobby.case().open_stages


def test_ordinary_customers_are_cared_for_too(lobby: Lobby) -> None:
    """customers:MNT-11: a round of care asks for no tier: an ordinary customer is cared for in the same way."""
    cared_for(lobby)
    lobby.do("care", "cared", WEALTH, facts={**CARED, "care.occasion": "regular_contact", "care.channel": "message"})
    lobby.do("offer", "nothing_to_offer", WEALTH)

    one = loaded("relationship-care")
    assert ("kept_up", None, ()) == (lobby.ended(), one.applies, one.required_facts)


@pytest.mark.parametrize("name", [*NAMES, "on-site-opening"])
def test_management_oversees_and_does_not_act(name: str) -> None:
    """customers:SOP-10: by suggestion the sales director and the accounting manager steer every flow of VIPs beside the
    head, and neither acts in any of its stages.
    """
    one = loaded(name)
    overseers = {"outlet_head", "sales_director", "accounting_manager"}
    acting = {getattr(spec, "post", None) for stage in one.stages for spec in stage.actors}

    assert overseers == {getattr(spec, "post", None) for spec in one.manages}
    assert not acting & {"sales_director", "accounting_manager"}


# Movements


OBSERVED = {
    "large_outflow": {"movement": "outflow", "amount": Decimal(500_000), "currency": "CNY"},
    "balance_drop": {"movement": "balance", "fall": Decimal(60)},
    "product_maturity": {"movement": "maturity", "product": "deposit"},
    "service_cancellation": {"movement": "cancellation", "product": "message_service"},
    "complaint": {"movement": "complaint", "theme": "selling"},
}
LIMITS = {
    "large_outflow": Money(Decimal(300_000), "CNY"), "balance_drop": Count(Decimal(50)),
    "product_maturity": Codes(("deposit",)), "service_cancellation": Codes(("message_service",)),
    "complaint": Codes(("selling",)),
}  # fmt: skip


@pytest.mark.parametrize("kind", OBSERVED)
def test_nothing_is_an_anomaly_before_the_bank_says_so(kind: str) -> None:
    """customers:ANM-03: each of the five kinds is configurable and without a limit hits nothing, and says which setting
    is missing; with the bank's limit it is a hit, and none below it is.
    """
    shipped = CATALOG.trigger_list("vip-anomalies")

    found = spot(shipped, OBSERVED[kind]).value
    assert ((), 1) == (found.codes, len(found.not_configured))
    set_by_bank = shipped.stating({kind: LIMITS[kind]})
    assert (kind,) == spot(set_by_bank, OBSERVED[kind]).value.codes
    small = {"fall": Decimal(1), "amount": Decimal(1), "product": "other", "theme": "other"}
    below = {name: small.get(name, value) for name, value in OBSERVED[kind].items()}
    assert () == spot(set_by_bank, below).value.codes


MOVED = {"anomaly": "large_outflow", "movement": "M-1", "owner": "W-1"}


def test_a_movement_is_on_record_before_anybody_calls(lobby: Lobby) -> None:
    """customers:ANM-01, service:VIP-09: the movement stands in the record form first; another branch's number, or that
    of a closure, does not do.
    """
    lobby.open("anomaly-care", TELLER, facts=MOVED, place=about())

    assert ["guard_unknown"] == lobby.no("record", "recorded", TELLER)
    lobby.movement("M-2", "closure")
    assert ["guard_false"] == lobby.no("record", "recorded", TELLER, facts={"movement": "M-2"})
    lobby.movement("M-1", "anomaly", type="large_outflow")
    lobby.do("record", "recorded", TELLER)
    assert (("care",), "W-1") == (lobby.case().open_stages, lobby.case().roles["owner"])


def test_the_owner_gets_in_touch_within_a_business_day(lobby: Lobby) -> None:
    """customers:ANM-02, customers:ANM-04: a movement seen in the lobby is the owner's to care about, by suggestion
    within one business day; a late one is told to the owner and the head, and what is settled has a cause.
    """
    lobby.movement("M-1", "anomaly")
    lobby.open("anomaly-care", LOBBY, facts=MOVED, place=about())
    lobby.do("record", "recorded", LOBBY)

    due = MORNING.replace(hour=0) + 2 * DAY
    assert due == lobby.due("care")
    assert [] == lobby.rungs(due)
    assert [("late", ("W-1", "H-1"))] == lobby.rungs(due + DAY / 2)
    assert ["not_permitted"] == lobby.no("care", "settled", LOBBY, facts={"cause": "service", "action": "listened"})
    assert ["guard_false"] == lobby.no("care", "settled", WEALTH, facts={"cause": "service"})
    lobby.do("care", "settled", WEALTH, facts={"cause": "service", "action": "remedied"})
    assert "settled" == lobby.ended()


def test_who_wants_to_close_goes_over_into_the_retention(lobby: Lobby) -> None:
    """customers:RET-01, customers:RET-02, service:RET-01: out of care a wish to close leads into a retention that
    names the movement, which has to be open first.
    """
    lobby.movement("M-1", "anomaly")
    lobby.open("anomaly-care", LOBBY, facts=MOVED, place=about())
    lobby.do("record", "recorded", LOBBY)
    assert ["guard_false"] == lobby.no("care", "wants_to_close", WEALTH)
    asked = {"customer.class": "vip", "movement": "M-2", "after_movement": "M-1"}
    lobby.open("closure-retention", WEALTH, "C-2", facts=asked, place=about())
    lobby.do("care", "wants_to_close", WEALTH)

    assert ("wants_to_close", ("notice",)) == (lobby.ended(), lobby.case("C-2").open_stages)


# Closing


def wants_to_close(lobby: Lobby, class_: str = "vip") -> None:
    lobby.open("closure-retention", TELLER, facts={"customer.class": class_, "movement": "M-1"}, place=about())


def test_a_retention_starts_for_important_customers(lobby: Lobby) -> None:
    """customers:RET-01, service:RET-01: it starts where a VIP or a customer of quality asks; others are served."""
    wants_to_close(lobby, "ordinary")
    assert ["guard_false"] == lobby.no("notice", "important", TELLER)
    lobby.do("notice", "close_now", TELLER)

    assert ("close_account",) == lobby.case().open_stages


def test_a_retention_asks_offers_and_records(lobby: Lobby) -> None:
    """customers:RET-02, customers:RET-03, customers:RET-04, service:RET-02, service:RET-03: asked why, offered a
    remedy by the wealth manager, and the result stands in the record form before the case ends.
    """
    wants_to_close(lobby)
    lobby.do("notice", "important", TELLER)
    assert ["guard_false"] == lobby.no("bring_in_owner", "asked", WEALTH)
    assert ["not_permitted"] == lobby.no("bring_in_owner", "asked", TELLER, facts={"reason.asked": "price"})
    lobby.do("bring_in_owner", "asked", WEALTH, facts={"reason.asked": "price"})
    assert ["guard_false"] == lobby.no("offer", "offered", WEALTH)
    lobby.do("offer", "offered", WEALTH, facts={"proposal": ("product_alternative",)})
    assert ["guard_unknown"] == lobby.no("result", "retained", WEALTH)
    lobby.do("result", "retained", WEALTH, facts={"retention": "retained"})
    assert ["guard_unknown"] == lobby.no("record_retained", "retained", QUALITY)
    lobby.movement("M-1", "anomaly", result="retained")
    lobby.do("record_retained", "retained", QUALITY)

    assert "retained" == lobby.ended()


def test_part_of_a_customers_accounts_may_stay(lobby: Lobby) -> None:
    """customers:RET-04: partly retained is a result of its own, and is on record as that."""
    wants_to_close(lobby)
    lobby.do("notice", "important", TELLER)
    lobby.do("bring_in_owner", "asked", QUALITY, facts={"reason.asked": "moved_away"})
    lobby.do("offer", "offered", QUALITY, facts={"proposal": ("partial_closure",)})
    lobby.do("result", "retained", QUALITY, facts={"retention": "partly_retained"})
    lobby.movement("M-1", "anomaly", result="partly_retained")
    assert ["guard_false"] == lobby.no("record_retained", "retained", QUALITY)
    lobby.do("record_retained", "partly_retained", QUALITY)

    assert "partly_retained" == lobby.ended()


WAY_TO = (
    ("notice", "important", TELLER, {}),
    ("bring_in_owner", "asked", WEALTH, {"reason.asked": "price"}),
    ("offer", "offered", WEALTH, {"proposal": ("service_remedy",)}),
    ("result", "retained", WEALTH, {"retention": "retained"}),
)


@pytest.mark.parametrize("steps", range(len(WAY_TO) + 1))
def test_a_closure_is_never_held_up(lobby: Lobby, steps: int) -> None:
    """customers:RET-03, service:RET-04: at every step the customer may close, through the teller, without a condition,
    a reason or anybody's leave; and the account is closed before anything is recorded.
    """
    wants_to_close(lobby)
    for stage, way, who, facts in WAY_TO[:steps]:
        lobby.do(stage, way, who, facts=facts)
    (stage,) = lobby.case().open_stages
    lobby.do(stage, "close_now", TELLER)
    lobby.do("close_account", "closed", TELLER)

    assert ("record_closed",) == lobby.case().open_stages
    model = loaded("closure-retention")
    way = next(one for one in model.stage(stage).transitions if one.id == "close_now")
    assert (("close_account",), None, (), False) == (way.to, way.when, way.actors, way.reason_required)
    closing = next(one for one in model.stage("close_account").transitions if one.id == "closed")
    assert (None, ()) == (closing.when, closing.actors)


def test_a_closure_is_on_record(lobby: Lobby) -> None:
    """customers:ANM-01, customers:RET-04, service:RET-03, service:VIP-09: what was closed stands in the record form,
    with whether contact is welcome later; by suggestion the same day.
    """
    wants_to_close(lobby)
    lobby.do("notice", "close_now", TELLER)
    lobby.do("close_account", "closed", TELLER)

    assert MORNING.replace(hour=0) + DAY == lobby.due("record")
    lobby.movement("M-1", "closure", result="closed")
    assert ["guard_false"] == lobby.no("record_closed", "recorded", SECOND)
    lobby.do("record_closed", "recorded", SECOND, facts={"win_back": "not_wanted"})
    assert "closed" == lobby.ended()


def test_somebody_else_may_act_for_a_teller_who_is_away(lobby: Lobby) -> None:
    """A closure is not held up by who is there: the wealth manager and the supervisor close as well."""
    wants_to_close(lobby)
    lobby.do("notice", "close_now", QUALITY)
    command = CompleteStage("C-1", "close_account", "closed", by=WEALTH, at=lobby.at + MINUTE)
    lobby.kit.do(command)

    assert ("record_closed",) == lobby.case().open_stages
