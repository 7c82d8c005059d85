"""The shipped tables on customers: proved complete, and what each says of posts, channels, sources and offers."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

import pytest

from branchkit.catalog import Catalog
from branchkit.conditions import FactValue
from branchkit.customers import Codes, Count, Customer, Label, Money
from branchkit.values import Unknown
from tests.unit.customers.tiers import trigger_list

CATALOG = Catalog()
TABLES = (
    "earlier-service",
    "lead-sources",
    "lobby-channels",
    "location-offers",
    "post-strengths",
    "product-offers",
    "risk-warnings",
    "sales-methods",
    "service-scene",
)
NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
WEALTH = ("wealth_manager", "wealth_manager_assistant")
LOBBY = ("customer_service_officer", "lobby_manager")


def facts_of(given: dict[str, Any]) -> dict[str, FactValue | Unknown]:
    """Return facts by their names, whose dots are written as two underscores; whole numbers as they come."""
    return {name.replace("__", "."): Decimal(value) if type(value) is int else value for name, value in given.items()}


def answer(table: str, **given: Any) -> dict[str, FactValue]:
    """Return what a table answers."""
    found = CATALOG.table(table).decide(facts_of(given)).value
    assert found is not None
    return dict(found)


def rules(table: str, **given: Any) -> tuple[str, ...]:
    """Return the rules of the row that answers."""
    return CATALOG.table(table).decide(facts_of(given)).trace.steps[0].rules


def choices(table: str, fact: str) -> tuple[str, ...]:
    """Return the codes that a fact of a table can take."""
    return next(spec.choices for spec in CATALOG.table(table).facts if spec.name == fact)


@pytest.mark.parametrize("name", TABLES)
def test_table_is_proved(name: str) -> None:
    """Every table answers all facts that can come, no row is dead, and no two rows of a unique table overlap."""
    assert () == CATALOG.table(name).analyse()


@pytest.mark.parametrize("name", TABLES)
def test_every_row_names_its_rules(name: str) -> None:
    """Whatever a table answers, it says by which rules; what no row answers is a refusal or nothing stated."""
    table = CATALOG.table(name)

    assert [] == [at for at, row in enumerate(table.rows) if not row.rules]
    assert table.otherwise is None or set(table.otherwise.values()) <= {False, "not_stated"}


# Posts


STRENGTHS = {
    "teller": ({"opportunities", "customer_trust"}, {"talk_environment", "talk_time"}),
    "customer_service_officer": ({"opportunities", "smooth_communication"}, {"talk_time"}),
    "wealth_manager": ({"expertise", "talk_environment"}, {"opportunities"}),
    "wealth_manager_assistant": ({"expertise", "talk_environment"}, {"opportunities"}),
}


@pytest.mark.parametrize("post", STRENGTHS)
def test_each_post_has_its_strengths_and_weaknesses(post: str) -> None:
    """customers:ROLE-01, customers:ROLE-02, customers:ROLE-05, customers:ROLE-06, customers:ROLE-09,
    customers:ROLE-10: each post is as strong and as weak as its sources say, and of the rest nothing is stated.
    """
    found = {aspect: answer("post-strengths", post=post, aspect=aspect)["is"] for aspect in aspects()}

    strong, weak = STRENGTHS[post]
    assert strong == {aspect for aspect, what in found.items() if what == "strength"}
    assert weak == {aspect for aspect, what in found.items() if what == "weakness"}


def aspects() -> tuple[str, ...]:
    """Return what the table looks at."""
    return choices("post-strengths", "aspect")


def test_customers_go_from_who_meets_many_to_who_has_a_place_to_talk() -> None:
    """customers:ROLE-13: the posts that referrals start from are strong where the receiving posts are weak, and weak
    where these are strong: opportunities on one side, time or a place to talk on the other.
    """
    posts = CATALOG.table("referral-posts")
    sending = {
        post
        for post in STRENGTHS
        for step in ("identify_lobby", "identify_counter")
        if (row := posts.decide({"step": step, "who": post}).value) and row["may"] is True
    } - set(WEALTH)
    receiving = {
        post
        for post in STRENGTHS
        if (row := posts.decide({"step": "receive_complex", "who": post}).value) and row["may"] is True
    }

    assert ({"teller", "customer_service_officer"}, set(WEALTH)) == (sending, receiving)
    for post in sending:
        assert "strength" == answer("post-strengths", post=post, aspect="opportunities")["is"]
        assert "weakness" == answer("post-strengths", post=post, aspect="talk_time")["is"]
    for post in receiving:
        assert "weakness" == answer("post-strengths", post=post, aspect="opportunities")["is"]
        assert "strength" == answer("post-strengths", post=post, aspect="talk_environment")["is"]


GRANTED = {
    **{("teller", "transacting", method): "overcome_fear_of_refusal" for method in ("cross_selling", "volume")},
    **{
        (post, "waiting", method): "initiative"
        for post in LOBBY
        for method in ("service_before_selling", "one_to_many_selling")
    },
    **{
        (post, customer, method): "expertise_and_planning"
        for post in WEALTH
        for customer in ("booked", "referred")
        for method in ("consultative_selling", "wealth_planning")
    },
}
"""Who sells to whom by what, and what it comes down to; everything else is refused."""


def test_each_post_sells_to_its_customers_by_its_methods() -> None:
    """customers:ROLE-04, customers:ROLE-08, customers:ROLE-12, customers:SLS-01, customers:SLS-03, customers:SLS-05:
    all combinations of post, customer and method are granted with their key, or refused, as listed.
    """
    names = ("post", "customer", "method")
    every = itertools.product(*(choices("sales-methods", name) for name in names))

    found = {
        one: row["key"]
        for one in every
        if (row := answer("sales-methods", **dict(zip(names, one, strict=True)), personal_data_mentioned=False))["may"]
    }
    assert GRANTED == found


@pytest.mark.parametrize("post", LOBBY)
def test_several_are_told_at_once_and_nothing_of_anybody(post: str) -> None:
    """customers:SLS-04: to those who wait one may talk all at once; with something personal it is refused, by name."""
    talk = {"post": post, "customer": "waiting", "method": "one_to_many_selling"}

    assert answer("sales-methods", **talk, personal_data_mentioned=False)["may"]
    assert {"may": False} == answer("sales-methods", **talk, personal_data_mentioned=True)
    assert ("customers:SLS-04",) == rules("sales-methods", **talk, personal_data_mentioned=True)


def test_the_lobby_managers_duties_are_the_six() -> None:
    """customers:SOP-14: a lobby manager identifies and guides, keeps relations, promotes, advises, handles incidents
    and keeps order.
    """
    duties = {
        "identify_and_guide", "maintain_relations", "promote_products", "advise_on_business", "handle_emergency",
        "keep_order",
    }  # fmt: skip

    found = {
        duty: CATALOG.table("post-duties").decide({"post": "lobby_manager", "duty": duty, "trained_in_norms": False})
        for duty in duties
    }
    assert dict.fromkeys(duties, True) == {duty: one.value["may"] for duty, one in found.items() if one.value}
    assert all("customers:SOP-14" in one.trace.steps[0].rules for one in found.values())


# Channels and order


@pytest.mark.parametrize("kind", ["potential", "vip"])
def test_customers_of_value_go_to_the_wealth_manager_or_the_low_counter(kind: str) -> None:
    """customers:REF-05, customers:REF-10: by suggestion to the wealth manager where one is free, else to the low
    counter, in either round of triage.
    """
    found = {
        (free, triage): answer(
            "lobby-channels",
            customer__class=kind,
            wealth_manager__free=free,
            triage__round=triage,
            self_service__fits=True,
        )["channel"]
        for free in (True, False)
        for triage in ("entrance", "waiting")
    }

    assert {"wealth_manager", "low_counter"} == set(found.values())
    assert all((channel == "wealth_manager") is free for (free, _), channel in found.items())


@pytest.mark.parametrize(("fits", "channel"), [(True, "self_service"), (False, "window")])
def test_who_was_not_classified_is_looked_at_again_while_waiting(fits: bool, channel: str) -> None:
    """customers:REF-26: triage happens at the entrance and again while customers wait: whoever is not classified at
    the entrance is guided as an ordinary customer and looked at a second time.
    """
    given = {"wealth_manager__free": True, "self_service__fits": fits}

    first, second, known = (
        answer("lobby-channels", customer__class=kind, triage__round=triage, **given)
        for kind, triage in (("unclassified", "entrance"), ("unclassified", "waiting"), ("ordinary", "entrance"))
    )
    assert {"channel": channel, "look_again": True} == first
    assert {"channel": channel, "look_again": False} == second == known


@pytest.mark.parametrize(
    ("consented", "way"), [(True, "ahead_of_others"), (False, "own_turn"), (Unknown("nobody was asked"), "own_turn")]
)
def test_who_is_in_a_hurry_asks_the_others(consented: bool | Unknown, way: str) -> None:
    """customers:TIER-22: earlier only where the others who wait were asked and agree."""
    given = {"priority_lane": False, "in_a_hurry": True, "others_consented": consented}

    assert {"way": way} == answer("earlier-service", **given)
    assert "customers:TIER-22" in rules("earlier-service", **given)


@pytest.mark.parametrize("hurry", [True, False])
@pytest.mark.parametrize("consented", [True, False])
def test_the_priority_lane_needs_nobodys_leave(hurry: bool, consented: bool) -> None:
    """customers:TIER-13: whoever is entitled to the lane takes it; the common queue has nothing to do with it."""
    found = answer("earlier-service", priority_lane=True, in_a_hurry=hurry, others_consented=consented)

    assert {"way": "priority_lane"} == found


# Sources


SOURCES = {
    "lobby_referral": "visit",
    "customer_introduction": "introducer",
    "outside_development": "activity",
    "interdepartmental": "activity",
    "campaign": "activity",
    "system_screening": "nothing",
    "other": "nothing",
}


@pytest.mark.parametrize("place", ["lobby", "smart_device", "outside_mobile"])
def test_customers_are_won_in_and_outside_the_lobby(place: str) -> None:
    """customers:DEV-01, customers:DEV-03, customers:DEV-08: in the lobby, at a device or outside by mobile, each source
    says what goes on record with it; a referral of the lobby comes from the lobby alone.
    """
    found = {source: answer("lead-sources", source=source, place=place) for source in SOURCES}

    assert SOURCES == {source: one["with"] for source, one in found.items()}
    refused = {source for source, one in found.items() if not one["may"]}
    assert (set() if place == "lobby" else {"lobby_referral"}) == refused


def test_the_list_of_sources_is_open() -> None:
    """customers:DEV-02: a source that the list does not have is taken, and says by which rule."""
    assert {"may": True, "with": "nothing"} == answer("lead-sources", source="trade_fair", place="outside_mobile")
    assert ("customers:DEV-02",) == rules("lead-sources", source="trade_fair", place="lobby")


def test_the_offer_follows_the_place() -> None:
    """customers:DEV-10: local services in townships, wealth and private banking in upmarket districts, nothing of the
    kind elsewhere.
    """
    found = {
        (location, offer)
        for location in choices("location-offers", "location")
        for offer in choices("location-offers", "offer")
        if answer("location-offers", location=location, offer=offer)["put_first"]
    }

    assert {
        ("township", "local_services"),
        ("upmarket_district", "wealth_management"),
        ("upmarket_district", "private_banking"),
    } == found


# Offers


NEEDS = {
    "everyday_payments": ("mobile_banking", "convenience"),
    "saving": ("time_deposit", "asset_allocation"),
    "investment": ("wealth_product", "asset_allocation"),
    "protection": ("insurance", "asset_allocation"),
    "borrowing": ("consumer_credit", "convenience"),
}


@pytest.mark.parametrize("need", NEEDS)
def test_a_need_leads_to_an_offer_for_the_customers_gain(need: str) -> None:
    """customers:PRF-04, customers:SLS-02, customers:SLS-16: what is offered meets the need, and says what the customer
    gains: convenience, or an allocation of assets.
    """
    product, benefit = NEEDS[need]
    given = {"offers__allowed": True, "need": need, "labels": frozenset()}

    assert {"may": True, "product": product, "benefit": benefit} == answer("product-offers", **given)
    assert {"customers:SLS-02", "customers:SLS-16"} < set(rules("product-offers", **given))


LABELS = {
    "idle_balance": ("wealth_product", "asset_allocation"),
    "regular_investing": ("wealth_product", "asset_allocation"),
    "card_spending": ("credit_card", "convenience"),
    "frequent_transfers": ("mobile_banking", "convenience"),
}


@pytest.mark.parametrize("label", LABELS)
def test_a_label_leads_to_a_product_while_it_is_good(label: str) -> None:
    """customers:PRF-03, customers:PRF-04, customers:SLS-10: where no need was found out, a label of how the customer
    spends, moves or holds money leads to the product; on the day it expires it leads to nothing.
    """
    tag = Label(code=label, source="transactions", updated_at=NINE, expires_at=NINE + DAY)
    ping = Customer("C-204417", kind="person", since=NINE, labels=(tag,))

    def offered(at: dt.datetime) -> dict[str, FactValue]:
        current = frozenset(one.code for one in ping.current_labels(at))
        return answer("product-offers", offers__allowed=True, need=Unknown("not asked"), labels=current)

    product, benefit = LABELS[label]
    assert {"may": True, "product": product, "benefit": benefit} == offered(NINE)
    assert {"may": False} == offered(NINE + DAY)


def test_a_need_comes_before_a_label() -> None:
    """customers:SLS-02: what the customer said counts for more than what the data suggest."""
    found = answer("product-offers", offers__allowed=True, need="saving", labels=frozenset({"card_spending"}))

    assert "time_deposit" == found["product"]


@pytest.mark.parametrize("need", ["investment", Unknown("not asked")])
def test_nothing_is_offered_without_leave(need: str | Unknown) -> None:
    """customers:PRV-22: without consent in force, or where the customer has stopped offers, there is none."""
    given = {"offers__allowed": False, "need": need, "labels": frozenset({"idle_balance"})}

    assert {"may": False} == answer("product-offers", **given)
    assert ("customers:PRV-22",) == rules("product-offers", **given)


# Warnings and scenes


@pytest.mark.parametrize(
    ("signal", "told", "stops"),
    [
        ("identity_mismatch", "teller", True),
        ("large_fund_movement", "lobby_manager", False),
        ("suspicious_transaction", "aml_officer", False),
        ("data_conflict", "customer_manager", False),
    ],
)
def test_signals_of_risk_raise_warnings(signal: str, told: str, stops: bool) -> None:
    """customers:PRF-10: each signal warns somebody; that a person is not who they say stops the business besides."""
    assert {"warn": True, "stop": stops, "tell": told} == answer("risk-warnings", signal=signal)
    assert "customers:PRF-10" in rules("risk-warnings", signal=signal)


def test_without_a_signal_nobody_is_warned() -> None:
    """customers:PRF-10: what is no signal raises nothing."""
    assert {"warn": False, "stop": False} == answer("risk-warnings", signal=Unknown("no signal"))


@pytest.mark.parametrize(
    ("staff", "customers", "missed", "expected"),
    [
        (0, 2, 0, {"serving": False}),
        (2, 0, 0, {"serving": False}),
        (1, 1, 0, {"serving": True, "service_compliant": True}),
        (1, 3, 1, {"serving": True, "service_compliant": False}),
    ],
)
def test_a_scene_says_whether_somebody_serves_by_the_standard(
    staff: int, customers: int, missed: int, expected: dict[str, bool]
) -> None:
    """customers:VIP-09, customers:VIP-10: staff and customers are told apart; with both in the picture somebody is
    serving, and the service from start to end keeps to the standard or misses a step.
    """
    given = {"scene__staff": staff, "scene__customers": customers, "session__steps_missed": missed}

    assert expected == answer("service-scene", recognition__allowed=True, **given)
    assert {} == answer("service-scene", recognition__allowed=False, **given)


# Triggers


LARGE = Money(Decimal(100_000), "CNY")
LIMITS: dict[str, Any] = {
    "sizeable_fx_transfer": Money(Decimal(20_000), "USD"),
    "large_deposit_loss_report": LARGE,
    "large_loan_or_repayment": LARGE,
    "large_deposit_certificate": LARGE,
    "large_spending_points": Count(Decimal(50_000)),
    "large_consumer_credit": LARGE,
    "upmarket_address": Codes(("riverside",)),
}


@pytest.mark.parametrize(
    ("number", "seen"),
    [
        (2, {"business": "fx_transfer", "amount": 20_000, "currency": "USD"}),
        (3, {"business": "deposit_loss_report", "amount": 100_000, "currency": "CNY"}),
        (4, {"business": "loan_repayment", "amount": 100_000, "currency": "CNY"}),
        (5, {"business": "deposit_certificate", "amount": 100_000, "currency": "CNY"}),
        (6, {"business": "spending_points", "points": 50_000}),
        (7, {"business": "consumer_credit", "amount": 100_000, "currency": "CNY"}),
        (9, {"opens": "gold_trading"}),
        (10, {"business": "safe_deposit_box_used"}),
        (11, {"card_kind": "gold_credit_card"}),
        (12, {"enquiry": "wealth_management"}),
        (13, {"area": "riverside"}),
    ],
)
def test_what_is_seen_hits_the_trigger_of_either_digest(number: int, seen: dict[str, Any]) -> None:
    """service:TRG-02, service:TRG-03, service:TRG-04, service:TRG-05, service:TRG-06, service:TRG-07, service:TRG-09,
    service:TRG-10, service:TRG-11, service:TRG-12, service:TRG-13: with the limits that a bank sets, each observation
    hits the trigger of its number and names the rule of both digests.
    """
    (hit,) = trigger_list().stating(LIMITS, own_issuer="BOC").spot(facts_of(seen)).value.hits

    assert {f"customers:TRG-{number:02}", f"service:TRG-{number:02}"} <= set(hit.rules)
    assert () == trigger_list().stating(LIMITS).spot({}).value.hits
