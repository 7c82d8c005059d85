"""The shipped procedures from the lead to the opened card: proved, and run with the ledger to every end."""

from __future__ import annotations

import pytest

from branchkit.catalog import Catalog
from branchkit.customers.journey import AllocateLead, CloseLead, ConvertLead, EnterLead, Lead, RecordContact
from branchkit.errors import NotPermitted
from branchkit.messages import Actor
from branchkit.procedures import LinkCases, Procedure, Surroundings, prove
from tests.unit.catalog.counter import DAY, HEAD, LOBBY, MINUTE, MORNING, QUALITY, RECORDER, TELLER, WEALTH
from tests.unit.catalog.lobby import ASSISTANT, CUSTOMER, OTHER_WEALTH, Lobby

CATALOG = Catalog()
NAMES = ("lead-follow-up", "on-site-opening")


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people and no case yet."""
    return Lobby()


def loaded(name: str) -> Procedure:
    return CATALOG.procedure(name)


@pytest.mark.parametrize("name", NAMES)
def test_procedure_is_proved(name: str) -> None:
    """Every stage is reached, ends, and can be acted in; forms, ladders, tables and both languages are there."""
    one = loaded(name)
    forms = {stage.form: CATALOG.checklist(stage.form) for stage in one.stages if stage.form is not None}
    ladders = {id: CATALOG.ladder(id) for id in one.ladders.values()}
    targets = frozenset({one.targets} if one.targets else ())

    assert () == prove(one, Surroundings(checklists=forms, ladders=ladders, targets=targets))


@pytest.mark.parametrize("name", NAMES)
def test_every_clock_is_guarded_and_suggested(name: str) -> None:
    """customers:FUP-06: no source states a time here, so every clock is marked as suggested, and a ladder guards it."""
    one = loaded(name)
    every = [clock for _, clock in one.all_clocks()]

    assert {"suggested"} == {clock.basis for clock in every}
    assert {clock.id for clock in every} == set(one.ladders)


# Following up


def followed(lobby: Lobby) -> str:
    lobby.visit()
    lobby.attach()
    lobby.refer()
    lobby.accept()
    return lobby.only("lead-follow-up").id


def allocated(lobby: Lobby) -> str:
    case = followed(lobby)
    lobby.allocate()
    lobby.do("allocate", "allocated", HEAD, case, facts={"owner": "W-1"})
    return case


PLAN = {"method": "phone_follow_up", "planned_on": "2026-03-03"}


def test_the_branchs_head_allocates_before_anybody_calls(lobby: Lobby) -> None:
    """customers:REF-15, customers:FUP-02: only the head allocates, the ledger and the flow to the same owner; before
    that neither takes a contact.
    """
    case = followed(lobby)
    contact = {"method": "phone_follow_up", "outcome": "declined"}

    assert "not_allocated" in lobby.against(RecordContact, "V-1", "LD-1", by=WEALTH, **contact)
    assert ["stage_not_open", "not_permitted"] == lobby.no("contact", "booked", WEALTH, case)[:2]
    with pytest.raises(NotPermitted):
        lobby.tell(AllocateLead, "V-1", "LD-1", owner="W-1", by=WEALTH)
    assert ["guard_unknown"] == lobby.no("allocate", "allocated", HEAD, case, facts={"owner": "W-1"})
    lobby.allocate()
    assert ["guard_false"] == lobby.no("allocate", "allocated", HEAD, case, facts={"owner": "W-3"})
    assert ["not_permitted"] == lobby.no("allocate", "allocated", WEALTH, case, facts={"owner": "W-1"})
    lobby.do("allocate", "allocated", HEAD, case, facts={"owner": "W-1"})
    assert ("plan",) == lobby.case(case).open_stages


@pytest.mark.parametrize(("interest", "days"), [("high", 1), ("medium", 2)])
def test_deadlines_of_follow_up_are_suggested(lobby: Lobby, interest: str, days: int) -> None:
    """customers:FUP-06, customers:REF-15: the next business day for the allocation, one to three for the first
    contact; closing of itself is not configured, and a late contact is told to the owner and the head.
    """
    if interest == "high":
        case = followed(lobby)
    else:
        lobby.visit(interest="medium")
        lobby.attach()
        lobby.form()
        lobby.enter()
        case = lobby.only("lead-follow-up").id

    midnight = MORNING.replace(hour=0)
    assert (midnight + 2 * DAY, None) == (lobby.due("allocated", case), lobby.due("close_after", case))
    lobby.allocate()
    lobby.do("allocate", "allocated", HEAD, case, facts={"owner": "W-1"})
    lobby.do("plan", "planned", WEALTH, case, facts=PLAN)
    due = midnight + (days + 1) * DAY
    assert due == lobby.due("first_contact", case)
    assert ("late", ("W-1", "H-1")) in lobby.rungs(due + 10 * 60 * MINUTE)
    assert {"suggested"} == {one.basis for _, one in loaded("lead-follow-up").all_clocks()}


@pytest.mark.parametrize(
    "method", ["phone_follow_up", "experience_marketing", "product_marketing", "consultative_marketing"]
)
def test_a_contact_is_planned_by_one_of_four_means(lobby: Lobby, method: str) -> None:
    """customers:FUP-03, customers:FUP-04, customers:SOP-09, service:VIP-04: a wealth manager, the assistant helping,
    says how and when; a fifth means is refused, and so is another post. Contact itself is the owner's.
    """
    case = allocated(lobby)

    assert "bad_fact" in lobby.no("plan", "planned", WEALTH, case, facts={**PLAN, "method": "doorstep"})
    assert ["guard_false"] == lobby.no("plan", "planned", WEALTH, case, facts={"method": method})
    for other in (TELLER, QUALITY, HEAD):
        assert ["not_permitted"] == lobby.no("plan", "planned", other, case, facts=PLAN)
    lobby.do("plan", "planned", ASSISTANT, case, facts={**PLAN, "method": method})
    assert ["not_permitted"] == lobby.no("contact", "came_back", OTHER_WEALTH, case)
    lobby.contact("reached", by=ASSISTANT)
    lobby.do("contact", "again", WEALTH, case)
    assert ("plan",) == lobby.case(case).open_stages


def test_contact_goes_on_without_a_sale(lobby: Lobby) -> None:
    """customers:FUP-11: not reached means planned again, and only once the ledger has the attempt."""
    case = allocated(lobby)
    lobby.do("plan", "planned", WEALTH, case, facts=PLAN)

    assert ["guard_false"] == lobby.no("contact", "again", WEALTH, case)
    lobby.contact("not_reached")
    lobby.do("contact", "again", WEALTH, case)
    assert ("plan",) == lobby.case(case).open_stages


def met(lobby: Lobby) -> str:
    case = allocated(lobby)
    lobby.do("plan", "planned", WEALTH, case, facts=PLAN)
    lobby.contact("booked")
    lobby.do("contact", "booked", WEALTH, case)
    return case


FOUND = {"discovery": ("listen", "ask"), "need": "asset_allocation"}


def test_booked_and_referred_customers_are_the_days_work(lobby: Lobby) -> None:
    """customers:FUP-12: what is the wealth manager's to do is found by owner: the booked and the referred alike."""
    met(lobby)
    lobby.known("CIF-1002")
    lobby.tell(EnterLead, "J-8", "LD-8", branch="B-1", source="campaign", customer="CIF-1002", by=WEALTH)

    mine = list(lobby.kit.find(Lead, branch="B-1", owner="W-1"))
    assert [("LD-1", "booked", "lobby_referral")] == [(one.id, one.status, one.source) for one in mine]


def test_a_booking_leads_to_a_meeting_about_a_need(lobby: Lobby) -> None:
    """customers:SLS-02, customers:SLS-14: the need is found by listening, observing and asking before anything comes
    of a meeting; without a sale the contact goes on.
    """
    case = met(lobby)

    assert ["guard_false"] == lobby.no("meet", "not_yet", WEALTH, case, facts={"need": "convenience"})
    assert ["bad_fact", "guard_false"] == lobby.no("meet", "not_yet", WEALTH, case, facts={"discovery": ("guess",)})
    lobby.do("meet", "not_yet", WEALTH, case, facts=FOUND)
    assert ("plan",) == lobby.case(case).open_stages


def test_follow_up_aims_at_a_card(lobby: Lobby) -> None:
    """customers:FUP-05, customers:SOP-01, customers:SOP-02: found in the lobby, allocated, followed up, a card opened:
    the case ends with the sale that the ledger has, and not before.
    """
    case = met(lobby)
    assert ["guard_false"] == lobby.no("meet", "opens_card", WEALTH, case, facts=FOUND)
    lobby.open("on-site-opening", WEALTH, "C-2", facts={"lead": "LD-1"})
    lobby.do("meet", "opens_card", WEALTH, case, facts=FOUND)

    assert ["guard_false"] == lobby.no("settle", "converted", WEALTH, case)
    lobby.convert()
    lobby.do("settle", "converted", WEALTH, case)
    assert ("converted", "converted") == (lobby.ended(case), lobby.lead().status)


def test_a_no_and_a_closing_end_the_follow_up(lobby: Lobby) -> None:
    """customers:PRV-22: a declined lead ends as declined, one that was closed as closed, and one that still runs goes
    on to be allocated; nobody is called again about either.
    """
    case = allocated(lobby)
    lobby.do("plan", "over", WEALTH, case)
    assert ["guard_false"] == lobby.no("settle", "declined", WEALTH, case)
    lobby.do("settle", "goes_on", WEALTH, case)
    lobby.do("allocate", "allocated", HEAD, case)
    lobby.contact("declined")
    lobby.do("plan", "over", WEALTH, case)
    lobby.do("settle", "declined", WEALTH, case)

    assert "declined" == lobby.ended(case)
    assert "lead_over" in lobby.against(RecordContact, "V-1", "LD-1", by=WEALTH, method="x", outcome="declined")


def test_a_closed_lead_closes_its_case(lobby: Lobby) -> None:
    """A lead that the head closes ends its case as closed."""
    case = followed(lobby)
    lobby.tell(CloseLead, "V-1", "LD-1", reason_code="moved_away", by=HEAD)
    lobby.do("allocate", "over", HEAD, case)
    lobby.do("settle", "closed", HEAD, case)

    assert "closed" == lobby.ended(case)


def test_a_teller_sells_nothing_complex(lobby: Lobby) -> None:
    """customers:S-8, customers:REF-16, customers:SLS-11: a teller raises interest in a structured product and passes
    on: it goes to no low counter, and a sale by the teller is refused.
    """
    lobby.visit(TELLER)
    lobby.attach(TELLER)
    assert "complex_product" in lobby.against_target("low_counter", by=TELLER, complexity="complex")
    lobby.refer(TELLER, complexity="complex")
    lobby.accept()

    sale = {"sale": "SALE-1", "product": "structured", "complexity": "complex"}
    assert "complex_product" in lobby.against(ConvertLead, "V-1", "LD-1", by=TELLER, **sale)
    lobby.convert(product="structured", complexity="complex")
    assert ("W-1", CUSTOMER) == (lobby.lead().sales[0].by, lobby.lead().customer)


def test_one_list_for_every_source(lobby: Lobby) -> None:
    """customers:FUP-08: a lead of a campaign stands in the same list as one from the lobby, with a case of its own."""
    lobby.known()
    lobby.tell(EnterLead, "J-7", "LD-7", branch="B-1", source="campaign", customer=CUSTOMER, by=WEALTH)
    lobby.known("CIF-1002")
    lobby.tell(EnterLead, "J-8", "LD-8", branch="B-1", source="interdepartmental", customer="CIF-1002", by=LOBBY)

    cases = sorted(lobby.opened("lead-follow-up"), key=lambda one: str(one.facts["lead"]))
    assert [("LD-7", "campaign"), ("LD-8", "interdepartmental")] == [
        (one.facts["lead"], one.facts["source"]) for one in cases
    ]


# Opening on site


VERIFIED = {"identity": "verified", "identity.method": "id_card_reader", "channel": "counter"}
COMPLETE = {"data-complete": "pass", "data-correct": "pass", "consents-asked": "pass", "signature": "electronic"}


def opening(lobby: Lobby, by: Actor = WEALTH) -> None:
    followed(lobby)
    lobby.open("on-site-opening", by, facts={"lead": "LD-1"})


def opened(lobby: Lobby, by: Actor = WEALTH) -> None:
    opening(lobby, by)
    lobby.do("verify_identity", "verified", by, facts=VERIFIED)
    lobby.do("capture_data", "complete", by, sheet=lobby.sheet("opening-data", by, COMPLETE))
    lobby.do("open_and_bundle", "opened", by, facts={"opening": "opened", "bundle": ("mobile_bank",)})


def test_identity_comes_first(lobby: Lobby) -> None:
    """customers:OPN-04, customers:TIER-24: without a verified identity nothing is opened, and nobody waives it; a
    failed check stops the opening.
    """
    opening(lobby)

    assert ["guard_false"] == lobby.no("verify_identity", "verified", WEALTH)
    assert ["guard_false"] == lobby.no("verify_identity", "verified", WEALTH, facts={**VERIFIED, "identity": "failed"})
    assert ["stage_not_open", "not_permitted"] == lobby.no("open_and_bundle", "break_off", WEALTH, reason="why")[:2]
    assert ("customers:OPN-04", "customers:TIER-24") == lobby.waive("verify_identity", HEAD, "known to us")[0].rules
    lobby.do("verify_identity", "stop", WEALTH, facts={"identity": "failed"})
    assert "not_verified" == lobby.ended()


def test_a_mismatch_is_verified_again(lobby: Lobby) -> None:
    """customers:PRV-21: where somebody is not who the document says, the check stops and is done once more."""
    opening(lobby)
    assert ["guard_false"] == lobby.no("verify_identity", "verify_again", WEALTH, facts=VERIFIED)
    lobby.do("verify_identity", "verify_again", WEALTH, facts={"identity": "mismatch"})

    assert (("verify_identity",), 2) == (lobby.case().open_stages, lobby.case().stages["verify_identity"].entry)


@pytest.mark.parametrize("method", ["face", "fingerprint"])
def test_biometrics_take_consent_of_their_own(lobby: Lobby, method: str) -> None:
    """customers:PRV-10, customers:OPN-04: a face or a fingerprint is compared with consent alone; without a word of it
    the answer is no.
    """
    opening(lobby)
    facts = {**VERIFIED, "identity.method": method}

    assert ["guard_unknown"] == lobby.no("verify_identity", "verified", WEALTH, facts=facts)
    for answer in ("refused", "withdrawn"):
        refused = {**facts, "biometric_consent": answer}
        assert ["guard_false"] == lobby.no("verify_identity", "verified", WEALTH, facts=refused)
    lobby.do("verify_identity", "verified", WEALTH, facts={**facts, "biometric_consent": "given"})
    assert ("capture_data",) == lobby.case().open_stages


@pytest.mark.parametrize("stage", ["verify_identity", "capture_data"])
def test_compliance_outranks_sales(lobby: Lobby, stage: str) -> None:
    """customers:SLS-13: no order from above and no wish of the customer lets a check of the opening be left out: the
    head's waiver is refused, with the rules of the check.
    """
    opening(lobby)
    if stage == "capture_data":
        lobby.do("verify_identity", "verified", WEALTH, facts=VERIFIED)

    for reason in ("orders from above", "the customer insists"):
        (refused,) = lobby.waive(stage, HEAD, reason)
        assert ("waiver_refused", loaded("on-site-opening").stage(stage).no_waiver_rules) == (
            refused.code, refused.rules,
        )  # fmt: skip


@pytest.mark.parametrize("channel", ["tablet", "mobile"])
def test_a_device_outside_the_counter_reads_documents(lobby: Lobby, channel: str) -> None:
    """customers:OPN-05: a card may be opened on a tablet outside the counter, if the device reads documents."""
    opening(lobby)
    facts = {**VERIFIED, "channel": channel}

    blind = {**facts, "device.reads_identity": False}
    assert ["guard_false"] == lobby.no("verify_identity", "verified", WEALTH, facts=blind)
    lobby.do("verify_identity", "verified", WEALTH, facts={**facts, "device.reads_identity": True})
    assert ("capture_data",) == lobby.case().open_stages


@pytest.mark.parametrize("item", ["data-complete", "data-correct"])
def test_data_are_complete_and_correct(lobby: Lobby, item: str) -> None:
    """customers:OPN-03: what is missing or wrong is put right before anything is opened, and nobody waives it."""
    opening(lobby)
    lobby.do("verify_identity", "verified", WEALTH, facts=VERIFIED)
    sheet = lobby.sheet("opening-data", WEALTH, {**COMPLETE, item: "fail"})

    assert ["guard_false"] == lobby.no("capture_data", "complete", WEALTH, sheet=sheet)
    assert ("customers:OPN-03",) == lobby.waive("capture_data", HEAD, "in a hurry")[0].rules
    lobby.do("capture_data", "correct_first", WEALTH, sheet=sheet)
    lobby.do("capture_data", "complete", WEALTH, sheet=lobby.sheet("opening-data", WEALTH, COMPLETE))
    assert ("open_and_bundle",) == lobby.case().open_stages


def test_an_opening_says_what_goes_with_it(lobby: Lobby) -> None:
    """customers:OPN-01, customers:OPN-02: the card is opened then and there, with the related sign-ups or word that
    none is wanted.
    """
    opening(lobby)
    lobby.do("verify_identity", "verified", WEALTH, facts=VERIFIED)
    lobby.do("capture_data", "complete", WEALTH, sheet=lobby.sheet("opening-data", WEALTH, COMPLETE))

    assert ["guard_false"] == lobby.no("open_and_bundle", "opened", WEALTH, facts={"opening": "opened"})
    lobby.do("open_and_bundle", "opened", WEALTH, facts={"opening": "opened", "bundle": ("none_wanted",)})
    assert ("cross_sell",) == lobby.case().open_stages


def test_of_a_credit_card_an_application_is_enough(lobby: Lobby) -> None:
    """customers:OPN-06: a credit card may be applied for on a mobile terminal; of a debit card that opens nothing."""
    opening(lobby)
    mobile = {**VERIFIED, "channel": "mobile", "device.reads_identity": True}
    lobby.do("verify_identity", "verified", WEALTH, facts=mobile)
    lobby.do("capture_data", "complete", WEALTH, sheet=lobby.sheet("opening-data", WEALTH, COMPLETE))
    taken = {"opening": "application_taken", "bundle": ("none_wanted",)}

    debit = {**taken, "application": "debit_card"}
    assert ["guard_false"] == lobby.no("open_and_bundle", "opened", WEALTH, facts=debit)
    lobby.do("open_and_bundle", "opened", WEALTH, facts={**taken, "application": "credit_card"})
    assert ("cross_sell",) == lobby.case().open_stages


SIMPLE = {"product.kind": "simple", "need": "convenience", "offers": "welcome"}


def test_an_offer_answers_a_need(lobby: Lobby) -> None:
    """customers:SLS-02, customers:SLS-03: a simple product goes with the business in hand, for a need, and where offers
    are welcome.
    """
    opened(lobby, TELLER)

    without = {name: value for name, value in SIMPLE.items() if name != "need"}
    assert ["guard_false"] == lobby.no("cross_sell", "sold_simple", TELLER, facts=without)
    unwelcome = {**SIMPLE, "offers": "not_welcome"}
    assert ["guard_false"] == lobby.no("cross_sell", "sold_simple", TELLER, facts=unwelcome)
    lobby.do("cross_sell", "sold_simple", TELLER, facts=SIMPLE)
    assert ("write_back",) == lobby.case().open_stages


@pytest.mark.parametrize("kind", ["complex", "wealth_product"])
def test_a_teller_passes_complex_products_on(lobby: Lobby, kind: str) -> None:
    """customers:S-8, customers:REF-16, customers:ROLE-03, customers:SLS-05, customers:SLS-11: asked about a structured
    product, the teller raises interest and passes on; a sale by the teller is refused, at the counter and beside it.
    """
    opened(lobby, TELLER)
    facts = {**SIMPLE, "product.kind": kind}

    assert ["guard_false"] == lobby.no("cross_sell", "sold_simple", TELLER, facts=facts)
    lobby.do("cross_sell", "off_counter", TELLER, facts=facts)
    assert "not_permitted" in lobby.no("sell_off_counter", "sold", TELLER)
    lobby.do("sell_off_counter", "not_sold", WEALTH)
    assert ("write_back",) == lobby.case().open_stages


def recorded(lobby: Lobby, reference: str) -> None:
    """Record a sale by sound and picture, and check it live, up to the archive."""
    lobby.open("dual-recording", WEALTH, "REC-1")
    seen = {"recording.consent": "given", "face": "customer_and_seller"}
    lobby.do("authenticate", "recognised", WEALTH, "REC-1", facts=seen)
    lobby.do("record", "recorded", WEALTH, "REC-1", facts={"media.reference": reference})
    checks = {f"recorded-in-order/check:{one}": "pass" for one in ("action", "script", "semantic", "other")}
    seen_by = {f"recognised/recognition:{one}": "pass" for one in ("face", "expression", "action", "other")}
    sheet = lobby.sheet("dual-recording-check", RECORDER, {**checks, **seen_by, "blocking": "none"})
    lobby.do("check_live", "clean", RECORDER, "REC-1", sheet=sheet)


def test_a_wealth_product_takes_its_recording(lobby: Lobby) -> None:
    """customers:SLS-06: a wealth product is sold once its recording is checked and archived; a recording that is not
    archived yet does not do, nor does a reference that no recording has.
    """
    opened(lobby)
    facts = {**SIMPLE, "product.kind": "wealth_product"}
    lobby.do("cross_sell", "off_counter", WEALTH, facts=facts)
    assert ["guard_unknown"] == lobby.no("sell_off_counter", "sold", WEALTH, facts={"recording": "V-77"})
    recorded(lobby, "V-77")
    lobby.kit.do(LinkCases("REC-1", "C-1", "follow_up", by=HEAD, at=lobby.at + MINUTE))
    assert ["guard_unknown"] == lobby.no("sell_off_counter", "sold", WEALTH, facts={"recording": "V-77"})

    kept = {"media.digest": "sha256:ab", "media.kept_until": "2031-03-02"}
    lobby.do("archive", "archived", RECORDER, "REC-1", facts=kept)
    assert ["guard_unknown"] == lobby.no("sell_off_counter", "sold", WEALTH, facts={"recording": "V-78"})
    lobby.do("sell_off_counter", "sold", WEALTH, facts={"recording": "V-77"})
    assert ("write_back",) == lobby.case().open_stages


def test_the_result_is_written_back_the_same_day(lobby: Lobby) -> None:
    """customers:OPN-08, customers:SOP-02, customers:MNT-01: the relationship is established once the ledger has the
    sale and somebody keeps the relationship up; by suggestion by the end of the day, which the head hears of.
    """
    opened(lobby)
    lobby.do("cross_sell", "nothing_more", WEALTH)

    midnight = MORNING.replace(hour=0) + DAY
    assert midnight == lobby.due("write_back")
    assert ("late", ("H-1",)) in lobby.rungs(midnight + MINUTE)
    owned = {"relationship_owner": "W-1"}
    assert ["guard_false"] == lobby.no("write_back", "established", WEALTH, facts=owned)
    lobby.convert()
    assert ["guard_false"] == lobby.no("write_back", "established", WEALTH)
    lobby.do("write_back", "established", WEALTH, facts=owned)
    assert ("established", "debit_card") == (lobby.ended(), lobby.lead().sales[0].product)
