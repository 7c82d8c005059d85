"""What the records of customers carry of the catalog's rules: posts, triggers, sources, contacts, tasks, statistics."""

from __future__ import annotations

from collections import Counter as Tally

import pytest

from branchkit.catalog import Catalog
from branchkit.customers import Customer, RegisterCustomer
from branchkit.customers.journey import (
    LEAD_SOURCES,
    AllocateLead,
    AttachCustomer,
    EndVisit,
    EnterLead,
    JudgeVisit,
    LeadAllocated,
    LeadEntered,
    LookUpVisit,
    ObserveTriggers,
    OpenVisit,
    TriggerHit,
    TriggersObserved,
    Visit,
)
from branchkit.errors import InputError, Refused
from branchkit.estate import ByPost
from branchkit.kit import Kit, RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.kit.funnels import branch_funnel
from branchkit.messages import Actor, Event
from branchkit.plugins import BranchkitHooks, EventContext
from branchkit.plugins.config import Config
from branchkit.plugins.host import Plugins
from branchkit.procedures import CaseOpened
from branchkit.values import Severity
from tests.unit.catalog.counter import HEAD, QUALITY, TELLER, WEALTH
from tests.unit.catalog.lobby import ASSISTANT, CUSTOMER, Lobby, about
from tests.unit.customers.tiers import AT, holding, scheme_of

CATALOG = Catalog()
PROCEDURES = (
    "anomaly-care",
    "closure-retention",
    "lead-follow-up",
    "lobby-referral",
    "on-site-opening",
    "referral-form-review",
    "relationship-care",
    "vip-movement-report",
    "vip-reception",
)
CHECKED = frozenset({"identity_verified", "aml_checked", "cft_checked"})


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people, and no case and no journey yet."""
    return Lobby()


# Posts


def test_eight_posts_take_part() -> None:
    """customers:SOP-07: the eight posts of the SOP are posts of the estate, each found by the name that the SOP gives
    it.
    """
    posts = {name: one.code for one in CATALOG.standard().posts for name in (one.code, *one.aliases)}
    sop = {
        "branch_president": "outlet_head",
        "sales_director": "sales_director",
        "accounting_manager": "accounting_manager",
        "customer_service_supervisor": "customer_service_officer",
        "wealth_manager": "wealth_manager",
        "sales_manager": "sales_manager",
        "wealth_manager_assistant": "wealth_manager_assistant",
        "teller": "teller",
    }

    assert sop == {name: posts.get(name) for name in sop}
    marked = [one.code for one in CATALOG.standard().posts if "customers:SOP-07" in one.rules]
    assert sorted(sop.values()) == sorted(marked)


@pytest.mark.parametrize("name", PROCEDURES)
def test_each_process_names_who_acts_and_who_manages(name: str) -> None:
    """customers:SOP-08: the posts that carry a process out and those that manage it are named apart, and every process
    has both; none is carried out by who manages it alone.
    """
    one = CATALOG.procedure(name)
    executing = {spec.post for stage in one.stages for spec in stage.actors if isinstance(spec, ByPost)}
    managing = {spec.post for spec in one.manages if isinstance(spec, ByPost)}

    assert "outlet_head" in managing
    assert executing - managing


# Tiers


def test_a_bundle_for_one_customer_is_the_tiers() -> None:
    """customers:TIER-29: a bundle of products composed for one customer belongs to the VIP tier, and follows who the
    customer is, not a product.
    """
    vip = scheme_of("vip-admission")

    assert "custom_bundle" in vip.entitled("vip", checked=CHECKED).value.codes
    assert "custom_bundle" not in vip.entitled("standard", checked=CHECKED).value.codes


def test_customers_get_services_by_value_and_need() -> None:
    """service:VIP-12: the same value with another need is another grade, the same need with another value too, and the
    higher tier has services that the lower has not.
    """
    grades = scheme_of("value-and-need", measure=None, currency=None)
    vip = scheme_of("vip-admission")

    def grade(value: str, need: str) -> object:
        return grades.tier({"value": value, "need": need}, current=None, at=AT).value

    assert grade("high", "simple") != grade("high", "planning")
    assert grade("low", "planning") != grade("high", "planning")
    assert vip.entitled("standard").value.codes < vip.entitled("vip", checked=CHECKED).value.codes


@pytest.mark.parametrize("amount", [0, 50_000, 100_000, 2_000_000])
def test_an_address_never_lowers_anybody(amount: int) -> None:
    """customers:PRV-17: with or without the trigger of an upmarket address the tier is never lower, and what everybody
    is entitled to does not ask for one.
    """
    lobby = scheme_of("lobby-identification")
    rank = {code: at for at, code in enumerate(lobby.tiers)}
    without, seen = (lobby.tier(holding(amount, triggered=hit), current=None, at=AT).value for hit in (False, True))

    assert isinstance(without, str)
    assert isinstance(seen, str)
    assert rank[without] <= rank[seen]
    vip = scheme_of("vip-admission")
    assert set(vip.baseline) <= set(vip.entitled("standard").value.codes)


# Triggers


def test_a_trigger_is_on_record_with_who_saw_it_and_by_what(lobby: Lobby) -> None:
    """customers:TRG-17: the journal keeps the trigger, the card that was shown for it, who saw it and when; seen again
    it is not recorded twice.
    """
    lobby.tell(OpenVisit, "V-1", branch="B-1", identified_at="counter", business_type="deposit", by=TELLER)
    hit = TriggerHit("gold_or_peer_vip_card", card="golden_sunflower")
    lobby.tell(ObserveTriggers, "V-1", (hit,), by=TELLER)
    seen_at = lobby.at
    lobby.tell(ObserveTriggers, "V-1", (hit, TriggerHit("wealth_enquiry")), by=TELLER)

    first, second = (one for one in lobby.kit.events() if type(one.event) is TriggersObserved)
    assert ("T-1", seen_at) == (first.by.id, first.at)
    assert isinstance(first.event, TriggersObserved)
    assert isinstance(second.event, TriggersObserved)
    assert ((hit,), (TriggerHit("wealth_enquiry"),)) == (first.event.hits, second.event.hits)
    assert (hit, TriggerHit("wealth_enquiry")) == lobby.kit.get(Visit, "V-1").hits


@pytest.mark.parametrize("triage", [1, 2])
def test_identification_happens_in_either_round(lobby: Lobby, triage: int) -> None:
    """customers:REF-26: at the entrance or while waiting, the round is on record and the customer is found to be of
    value in both.
    """
    more = {"branch": "B-1", "identified_at": "lobby", "business_type": "deposit", "triage_round": triage}
    lobby.tell(OpenVisit, "V-1", by=QUALITY, **more)
    lobby.tell(JudgeVisit, "V-1", "reached", basis="trigger", by=QUALITY)

    visit = lobby.kit.get(Visit, "V-1")
    assert (triage, True) == (visit.triage_round, visit.is_quality)


# Leads


@pytest.mark.parametrize("source", [*(one for one in LEAD_SOURCES if one != "lobby_referral"), "trade_fair"])
def test_leads_come_from_any_source(lobby: Lobby, source: str) -> None:
    """customers:DEV-01, customers:DEV-02, service:REF-14: screening, introduction, going out, another department, a
    campaign and others each make a lead that says where it comes from, and so does a source of the bank's own.
    """
    lobby.known()
    lobby.tell(EnterLead, "J-1", "LD-1", branch="B-1", source=source, customer=CUSTOMER, by=WEALTH)

    assert source == lobby.lead().source


def test_a_lead_of_the_lobby_comes_from_a_visit(lobby: Lobby) -> None:
    """customers:DEV-01, service:REF-14: a lead of the lobby without a visit is refused; out of a visit it is one."""
    lobby.known()
    found = lobby.against(EnterLead, "J-1", "LD-1", branch="B-1", customer=CUSTOMER, by=QUALITY)
    lobby.visit()
    lobby.tell(AttachCustomer, "V-1", CUSTOMER, by=QUALITY)
    lobby.tell(EnterLead, "V-1", "LD-1", branch="B-1", by=QUALITY)

    assert {"no_referral"} == found.keys()
    assert ("lobby_referral", "Q-1") == (lobby.lead().source, lobby.lead().identifier)


def test_contacts_are_kept_with_who_when_how_and_what_came_of_it(lobby: Lobby) -> None:
    """customers:MNT-07, customers:PRF-05: every contact stands in the lead's history, the earlier before the later."""
    lobby.known()
    lobby.tell(EnterLead, "V-1", "LD-1", branch="B-1", source="campaign", customer=CUSTOMER, by=WEALTH)
    lobby.allocate()
    lobby.contact("not_reached")
    first = lobby.at
    lobby.contact("booked", ASSISTANT)

    history = [(one.at, one.by, one.method, one.outcome) for one in lobby.lead().contacts]
    assert [
        (first, "W-1", "phone_follow_up", "not_reached"),
        (lobby.at, "W-2", "phone_follow_up", "booked"),
    ] == history


# Tasks and data, at once


class Terminal(BranchkitHooks):
    """A mobile terminal: keeps what it is told."""

    name = "terminal"

    def __init__(self) -> None:
        self.heard: list[Event] = []

    def branchkit_on_event(self, context: EventContext) -> None:
        """Keep it."""
        self.heard.append(context.event)


def beside(kit: Kit, terminal: Terminal) -> Kit:
    """Return the same store, opened with a terminal that listens."""
    plugins = Plugins.load(builtin=(CorePlugin(),), extra=(terminal,), entry_points=False)
    return Kit(kit.store, RuleBook(CATALOG, plugins, Config()), grants=kit.grants)


def test_a_task_is_pushed_as_it_arises(lobby: Lobby) -> None:
    """customers:FUP-09: when the lead is entered the terminal has been told of it and of its case before the call
    returns, and of the allocation likewise; nothing waits for a round of somebody's.
    """
    lobby.known()
    terminal = Terminal()
    kit = beside(lobby.kit, terminal)

    kit.do(EnterLead("V-1", "LD-1", branch="B-1", source="campaign", customer=CUSTOMER, by=WEALTH, at=lobby.at))
    entered = {type(one) for one in terminal.heard}
    terminal.heard.clear()
    kit.do(AllocateLead("V-1", "LD-1", owner=WEALTH.id, by=HEAD, at=lobby.at))

    assert {LeadEntered, CaseOpened} <= entered
    (told,) = (one for one in terminal.heard if isinstance(one, LeadAllocated))
    assert ("LD-1", WEALTH.id) == (told.lead, told.allocated.owner)


@pytest.mark.parametrize("by", [QUALITY, WEALTH])
def test_what_is_entered_at_a_terminal_is_there_at_once(lobby: Lobby, by: Actor) -> None:
    """customers:FUP-10: the entry of a customer by the supervisor of the lobby or by a wealth manager, and a large
    movement of funds that was seen, are in the store and with whoever listens when the call returns.
    """
    terminal = Terminal()
    kit = beside(lobby.kit, terminal)
    kit.do(RegisterCustomer("CIF-7", home_branch="B-1", by=by, at=lobby.at))
    kit.do(OpenVisit("V-7", branch="B-1", identified_at="lobby", business_type="cash", by=by, at=lobby.at))
    kit.do(ObserveTriggers("V-7", (TriggerHit("large_fund_movement"),), by=by, at=lobby.at))

    assert "B-1" == lobby.kit.get(Customer, "CIF-7").home_branch
    assert ("large_fund_movement",) == tuple(hit.trigger for hit in lobby.kit.get(Visit, "V-7").hits)
    assert ["CustomerRegistered", "VisitOpened", "TriggersObserved"] == [type(one).__name__ for one in terminal.heard]
    assert {(lobby.at, lobby.at)} == {(one.at, one.recorded_at) for one in list(lobby.kit.events())[-3:]}


# Statistics


def test_visits_are_counted_by_business_and_by_post(lobby: Lobby) -> None:
    """customers:PRF-09: how many came for which business, and how many each post identified, come out of the ledger
    without anybody's name.
    """
    business = ("deposit", "deposit", "remittance")
    for number, (kind, by) in enumerate(zip(business, (QUALITY, TELLER, TELLER), strict=True)):
        place = "counter" if by is TELLER else "lobby"
        lobby.tell(OpenVisit, f"V-{number}", branch="B-1", identified_at=place, business_type=kind, by=by)
        lobby.tell(JudgeVisit, f"V-{number}", "unclear", by=by)
        lobby.tell(LookUpVisit, f"V-{number}", "below", by=by)
        lobby.tell(EndVisit, f"V-{number}", "ordinary", by=by)

    visits = list(lobby.kit.find(Visit, branch="B-1"))
    counted = branch_funnel(lobby.kit, "B-1", lobby.at.date(), lobby.at.date())
    assert {"deposit": 2, "remittance": 1} == Tally(one.business_type for one in visits)
    assert {"customer_service_officer": 1, "teller": 2} == {row.post: row.visits for row in counted.rows}
    assert (3, {None}) == (counted.total.visits, {one.customer for one in visits})


# Care and opening


@pytest.mark.parametrize("service", ["wealth_advice", "second_analysis"])
@pytest.mark.parametrize("channel", ["phone", "email", "message", "app_push"])
def test_care_goes_by_several_channels_and_adds_services(lobby: Lobby, channel: str, service: str) -> None:
    """customers:MNT-10, customers:MNT-12: by telephone, e-mail, message or push, and with advice or a second analysis
    added where it is welcome; a channel or a service that is none is refused.
    """
    cared = {
        "care.occasion": "regular_contact",
        "care.channel": channel,
        "contact.topic": "need",
        "contact.outcome": "answered",
    }
    lobby.open("relationship-care", WEALTH, place=about())
    lobby.do("assign_owner", "named", HEAD, facts={"owner": "W-1"})
    lobby.do("maintain_information", "maintained", WEALTH, facts={"information": "updated"})
    assert "bad_fact" in lobby.no("care", "cared", WEALTH, facts={**cared, "care.channel": "loudspeaker"})
    lobby.do("care", "cared", WEALTH, facts=cared)
    offered = {"offers": "welcome", "need": "asset_allocation", "value_added_service": service}
    assert "bad_fact" in lobby.no("offer", "offered", WEALTH, facts={**offered, "value_added_service": "gift"})
    lobby.do("offer", "offered", WEALTH, facts=offered)

    assert (channel, service) == (lobby.case().facts["care.channel"], lobby.case().facts["value_added_service"])


@pytest.mark.parametrize("signature", ["paper", "electronic"])
def test_an_opening_may_be_signed_electronically(lobby: Lobby, signature: str) -> None:
    """customers:OPN-07: an electronic signature serves as paper does; another way of signing is no answer."""
    sheet = {"data-complete": "pass", "data-correct": "pass", "consents-asked": "pass"}
    verified = {"identity": "verified", "identity.method": "id_card_reader", "channel": "low_counter"}
    lobby.open("on-site-opening", WEALTH, facts={"journey": "V-1", "lead": "LD-1"})
    lobby.do("verify_identity", "verified", WEALTH, facts=verified)
    with pytest.raises((InputError, Refused)):
        lobby.sheet("opening-data", WEALTH, {**sheet, "signature": "by_word"})
    filled = lobby.sheet("opening-data", WEALTH, {**sheet, "signature": signature})
    lobby.do("capture_data", "complete", WEALTH, sheet=filled)

    assert ("open_and_bundle",) == lobby.case().open_stages


def test_a_sheet_of_the_opening_is_all_major() -> None:
    """customers:OPN-03: data that are incomplete or wrong are a major matter."""
    severities = {item.id: item.severity for _, item in CATALOG.checklist("opening-data").items()}

    assert {Severity.MAJOR} == {severities["data-complete"], severities["data-correct"]}
