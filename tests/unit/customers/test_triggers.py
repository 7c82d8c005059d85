"""Triggers are hit by what is observed, compared with limits that the bank sets, and with nothing else."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.codec import structure, unstructure
from branchkit.customers import (
    Codes,
    Count,
    Lasting,
    Money,
    NotConfigured,
    Trigger,
    TriggerList,
    peer_card,
    peer_cards,
    spot,
)
from branchkit.errors import InputError
from branchkit.values import FrozenMap, Text, Unknown
from tests.unit.customers.tiers import trigger_list

PACKAGED = trigger_list()
LARGE = Money(Decimal(100_000), "CNY")
LIMITS: dict[str, Any] = {
    "large_cash_or_remittance": LARGE,
    "sizeable_fx_transfer": Money(Decimal(20_000), "USD"),
    "large_deposit_loss_report": LARGE,
    "large_loan_or_repayment": Money(Decimal(500_000), "CNY"),
    "large_deposit_certificate": LARGE,
    "large_spending_points": Count(Decimal(50_000)),
    "large_consumer_credit": LARGE,
    "upmarket_address": Codes(("riverside",)),
    "lingers_at_product_rack": Lasting(dt.timedelta(minutes=3)),
    "large_fund_movement": LARGE,
}
STATED = PACKAGED.stating(LIMITS, own_issuer="BOC")


def seen(**facts: Any) -> dict[str, Any]:
    """Return an observation; whole numbers are amounts."""
    return {name: Decimal(value) if type(value) is int else value for name, value in facts.items()}


CNY: dict[str, Any] = {"currency": "CNY"}


@pytest.mark.parametrize(
    ("facts", "code", "rule"),
    [
        (seen(business="cash_deposit", amount=100_000, **CNY), "large_cash_or_remittance", "customers:TRG-01"),
        (seen(business="cash_withdrawal", amount=100_000, **CNY), "large_cash_or_remittance", "customers:TRG-01"),
        (seen(business="remittance", amount=100_000, **CNY), "large_cash_or_remittance", "service:TRG-01"),
        (seen(business="fx_transfer", amount=20_000, currency="USD"), "sizeable_fx_transfer", "customers:TRG-02"),
        (seen(business="deposit_loss_report", amount=900_000, **CNY), "large_deposit_loss_report", "customers:TRG-03"),
        (seen(business="loan_repayment", amount=500_000, **CNY), "large_loan_or_repayment", "customers:TRG-04"),
        (seen(business="deposit_certificate", amount=100_000, **CNY), "large_deposit_certificate", "customers:TRG-05"),
        (seen(business="spending_points", points=50_000), "large_spending_points", "customers:TRG-06"),
        (seen(business="consumer_credit", amount=100_000, **CNY), "large_consumer_credit", "customers:TRG-07"),
        (seen(products=frozenset({"insurance"})), "buys_investment", "customers:TRG-08"),
        (seen(products=frozenset({"tea", "large_treasury_bond"})), "buys_investment", "service:TRG-08"),
        (seen(opens="gold_trading"), "opens_trading_account", "customers:TRG-09"),
        (seen(business="safe_deposit_box_used"), "safe_deposit_box", "customers:TRG-10"),
        (seen(card_kind="gold_credit_card"), "gold_or_peer_vip_card", "customers:TRG-11"),
        (seen(enquiry="high_end_business"), "wealth_enquiry", "customers:TRG-12"),
        (seen(area="riverside"), "upmarket_address", "customers:TRG-13"),
        (seen(place="product_rack", dwell=dt.timedelta(minutes=3)), "lingers_at_product_rack", "customers:TRG-14"),
        (seen(fund_movement=True, amount=100_000, **CNY), "large_fund_movement", "customers:TRG-19"),
        (seen(taken=frozenset({"credit_card"})), "takes_prospect_product", "customers:TIER-08"),
    ],
)
def test_each_trigger_is_hit_by_what_it_names(facts: dict[str, Any], code: str, rule: str) -> None:
    """customers:TRG-01 … customers:TRG-14, customers:TRG-19, customers:TIER-08, service:TRG-01 … service:TRG-14: what
    is observed hits its trigger, at the limit itself, and the trace names the rule.
    """
    told = spot(STATED, facts)

    assert (code,) == told.value.codes
    assert rule in {rule for step in told.trace.steps for rule in step.rules}
    assert ("quality-customer", STATED.version) == (told.trace.policy, told.trace.version)


@pytest.mark.parametrize(
    "facts",
    [
        {},
        seen(business="cash_deposit", amount=99_999, **CNY),
        seen(business="balance_enquiry", amount=900_000, **CNY),
        seen(business="spending_points", points=49_999),
        seen(products=frozenset()),
        seen(area="old-town"),
        seen(place="product_rack", dwell=dt.timedelta(minutes=2, seconds=59)),
        seen(place="entrance", dwell=dt.timedelta(hours=1)),
        seen(card="no_such_card"),
        seen(card=Unknown("not seen"), business=Unknown("not asked")),
    ],
)
def test_what_falls_short_hits_nothing(facts: dict[str, Any]) -> None:
    """Below a limit, elsewhere, or not known: no trigger, and nothing to configure."""
    told = spot(STATED, facts).value

    assert ((), (), ()) == (told.codes, told.not_configured, told.untold)
    assert "no trigger" == told.say()


def test_several_triggers_are_all_kept() -> None:
    """customers:TRG-16: one hit is enough to look further, and every hit is named, in the order of the list."""
    facts = seen(business="remittance", amount=300_000, enquiry="wealth_management", card="golden_sunflower", **CNY)
    told = spot(STATED, facts).value

    assert ("large_cash_or_remittance", "gold_or_peer_vip_card", "wealth_enquiry") == told.codes
    assert "大额现金存取或汇款、出示信用卡金卡或他行贵宾卡、咨询理财或高端业务" == told.say("zh")


def test_the_limit_may_be_left_to_what_lies_below_it() -> None:
    """Where a limit is not reached by being just as large, a cent more is needed."""
    exclusive = structure(TriggerList, {**unstructure(STATED), "boundary": "exclusive"}, source="list")
    amounts = (Decimal(100_000), Decimal("100000.01"))

    assert [0, 1] == [
        len(spot(exclusive, {"business": "remittance", "amount": amount, **CNY}).value.hits) for amount in amounts
    ]


# -- limits


def test_no_limit_is_packaged() -> None:
    """customers:TRG-01 … customers:TRG-07, customers:TRG-13, customers:TRG-14: no source gives a figure, so none is
    there, neither a hidden default nor one of the limits that reports of large transactions have.
    """
    limits = [one.compared.limit for one in PACKAGED.all_triggers if one.compared is not None]

    assert [NotConfigured()] * 10 == limits
    assert 11 == len(PACKAGED.not_configured)
    assert () == STATED.not_configured


def test_a_trigger_without_a_limit_is_neither_hit_nor_missed() -> None:
    """However large the amount is, the decision names the setting that nobody has made."""
    told = spot(PACKAGED, seen(business="cash_deposit", amount=10**9, **CNY))

    assert () == told.value.codes
    assert (NotConfigured(("quality-customer.large_cash_or_remittance.limit",)),) == told.value.not_configured
    assert "not configured" in told.trace.steps[0].what.en
    assert "尚未设定" in told.trace.steps[0].what.zh


@pytest.mark.parametrize(
    "facts",
    [
        seen(business="cash_deposit"),
        seen(business="cash_deposit", amount=900_000),
        seen(business="cash_deposit", amount=900_000, currency="USD"),
        {"business": "cash_deposit", "amount": Decimal("NaN"), **CNY},
        {"business": "cash_deposit", "amount": Unknown("not seen"), **CNY},
        {"business": "spending_points", "points": "many"},
        {"place": "product_rack"},
    ],
)
def test_what_cannot_be_compared_is_told(facts: dict[str, Any]) -> None:
    """An amount that is missing, in another currency or no amount is no miss: the trigger is named as untold."""
    told = spot(STATED, facts)

    assert () == told.value.codes
    assert 1 == len(told.value.untold)
    assert "cannot be compared" in told.trace.steps[0].what.en


def test_amounts_are_not_told() -> None:
    """The trace says what was looked at and never what it was."""
    told = spot(STATED, {"business": "remittance", "amount": Decimal("731905.42"), **CNY})

    assert "731905" not in repr(told)


def test_limits_are_set_for_triggers_that_have_one() -> None:
    """A limit for a trigger that needs none, of another kind, or not above zero is refused; the version says which."""
    with pytest.raises(InputError, match="large_cash_or_remittance"):
        PACKAGED.stating({"wealth_enquiry": LARGE})
    for wrong in (Count(Decimal(3)), Money(Decimal(0), "CNY")):
        with pytest.raises(InputError):
            PACKAGED.stating({"large_cash_or_remittance": wrong})
    assert "quality-customer 1" == str(PACKAGED)
    assert "1+large_cash_or_remittance=100000 CNY" == PACKAGED.stating({"large_cash_or_remittance": LARGE}).version


# -- cards


def test_a_card_of_another_bank_hits_and_is_named() -> None:
    """customers:S-1, customers:CARD-09, customers:TRG-11, service:REF-17: the Golden Sunflower card is trigger 11, and
    the hit names the card and its rule.
    """
    told = spot(STATED, {"card": "golden_sunflower"})
    (hit,) = told.value.hits

    assert ("gold_or_peer_vip_card", "golden_sunflower") == (hit.code, hit.card)
    assert "customers:CARD-09" in hit.rules
    assert 11 == next(one.number for one in PACKAGED.triggers if one.code == hit.code)


def test_the_list_holds_the_nine_cards() -> None:
    """customers:CARD-01, customers:CARD-02, customers:CARD-03, customers:CARD-04, customers:CARD-05, customers:CARD-06,
    customers:CARD-07, customers:CARD-08, customers:CARD-09: nine cards of eight banks, each with its rule.
    """
    assert [f"customers:CARD-{number:02}" for number in range(1, 10)] == [card.rules[0] for card in PACKAGED.cards]
    assert ["ABC", "BOC", "BOCOM", "CCB", "CITIC", "CMB", "HXB", "ICBC"] == sorted({c.issuer for c in PACKAGED.cards})


def test_the_banks_own_card_is_no_other_banks() -> None:
    """customers:CARD-10: at the bank that issues it the card is left out, and a gold credit card still counts."""
    own = PACKAGED.stating(own_issuer="CMB")

    assert () == spot(own, {"card": "golden_sunflower"}).value.codes
    assert ("gold_or_peer_vip_card",) == spot(own, {"card": "boc_wealth_vip"}).value.codes
    assert ("gold_or_peer_vip_card",) == spot(
        own, {"card": "golden_sunflower", "card_kind": "gold_credit_card"}
    ).value.codes
    assert 8 == len(peer_cards(PACKAGED.cards, "CMB"))


def test_which_bank_this_is_has_to_be_stated() -> None:
    """customers:CARD-10: until then a listed card is neither another bank's nor the bank's own."""
    told = spot(PACKAGED, {"card": "golden_sunflower"}).value

    assert (NotConfigured(("quality-customer.own_issuer",)),) == told.not_configured
    assert NotConfigured(("own_issuer",)) == peer_card(PACKAGED.cards, "golden_sunflower", None)
    assert peer_card(PACKAGED.cards, "no_such_card", None) is None


# -- the open entry


def test_fourteen_are_named_and_the_fifteenth_is_open() -> None:
    """customers:TRG-15, service:REF-16, service:TRG-99: the list numbers fourteen, and the open entry holds nothing."""
    assert list(range(1, 15)) == [one.number for one in PACKAGED.triggers if one.number is not None]
    assert PACKAGED.open_entry is not None
    assert (15, ()) == (PACKAGED.open_entry.number, PACKAGED.local)


def test_an_outlet_adds_triggers_of_its_own() -> None:
    """customers:TRG-15: a local trigger is spotted as any other, after those of the list."""
    local = Trigger(
        "school_fees",
        title=Text(zh="缴国际学校学费", en="Pays an international school"),
        when=(FrozenMap({"business": _equals("school_fees")}),),
    )
    extended = structure(TriggerList, {**unstructure(PACKAGED), "local": [unstructure(local)]}, source="list")

    assert ("school_fees",) == spot(extended, {"business": "school_fees"}).value.codes


def _equals(code: str) -> Any:
    from branchkit.conditions import Equals

    return Equals(code)


# -- what is refused


def changed(**changes: Any) -> dict[str, Any]:
    """Return the packaged list as it is written, with some things otherwise."""
    return {**unstructure(PACKAGED), **changes}


MOOD = {"name": "mood", "type": "code"}
NOT_SET = {"kind": "not_configured"}
FIRST = unstructure(PACKAGED.triggers[0])


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"id": " "}, "$.id", "Expected an id"),
        ({"version": ""}, "$.version", "Expected a version"),
        ({"triggers": [FIRST, FIRST]}, "$.triggers[1].code", "each trigger once"),
        ({"triggers": [{**FIRST, "when": []}]}, "$.triggers[0].when", "what is observed"),
        ({"triggers": [{**FIRST, "when": [{}]}]}, "$.triggers[0].when[0]", "every observation"),
        ({"triggers": [{**FIRST, "when": [{"mood": "good"}]}]}, "$.triggers[0].when[0].mood", "Unknown fact"),
        ({"triggers": [{**FIRST, "when": [{"amount": "x"}]}]}, "$.triggers[0].when[0].amount", "Type clash"),
        ({"triggers": [{**FIRST, "code": " "}]}, "$.triggers[0].code", "Expected an id"),
        ({"triggers": [{**FIRST, "rules": ["TRG-01"]}]}, "$.triggers[0].rules[0]", "with its area"),
        (
            {"triggers": [{**FIRST, "compared": {"fact": "mood", "by": "money"}}]},
            "$.triggers[0].compared.fact",
            "Unknown",
        ),
        (
            {"triggers": [{**FIRST, "compared": {"fact": "dwell", "by": "money"}}]},
            "$.triggers[0].compared.fact",
            "number",
        ),
        (
            {"triggers": [{**FIRST, "compared": {**FIRST["compared"], "limit": {"kind": "count", "number": 3}}}]},
            "$.triggers[0].compared.limit",
            "of the kind 'money'",
        ),
        (
            {"triggers": [{**FIRST, "compared": {**FIRST["compared"], "limit": {**NOT_SET, "settings": ["x"]}}}]},
            "$.triggers[0].compared.limit.settings",
            "Has no effect",
        ),
        ({"facts": [*unstructure(PACKAGED)["facts"], {**MOOD, "low": 1}]}, "$.facts[14].low", "takes no bounds"),
        ({"open_entry": None, "local": [{**FIRST, "code": "own"}]}, "$.local", "Expected `open_entry`"),
        ({"cards": [*unstructure(PACKAGED)["cards"], unstructure(PACKAGED.cards[0])]}, "$.cards[9]", "each once"),
        (
            {"facts": [*unstructure(PACKAGED)["facts"], {"name": "mood", "type": "code"}]},
            "$.facts[14]",
            "no trigger asks",
        ),
        ({"facts": [one for one in unstructure(PACKAGED)["facts"] if one["name"] != "card"]}, "$.facts", "'card'"),
    ],
)
def test_a_list_that_does_not_hold_together_is_refused(changes: dict[str, Any], path: str, message: str) -> None:
    """What has no effect, is unknown or of the wrong kind is told with its place."""
    with pytest.raises(InputError) as caught:
        structure(TriggerList, changed(**changes), source="list")

    found = [(one.path, one.message) for one in caught.value.problems]
    assert any(where == path and message in what for where, what in found), found
