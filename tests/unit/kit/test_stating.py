"""What a bank states in its configuration of settings that no source states."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.customers import Money, NotConfigured
from branchkit.errors import ConfigError, DecodeError
from branchkit.estate import Branch
from branchkit.kit import RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins import Config, Plugins

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
STATED = """
schema = "branchkit.config/1"

[[state]]
document = "tier_scheme:lobby-identification"
settings = { measure = "financial_assets", currency = "CNY" }

[[state]]
document = "trigger_list:quality-customer"
[state.settings]
own_issuer = "ICBC"
limits = { large_consumer_credit = { kind = "money", amount = "300000", currency = "CNY" } }
"""


def book(text: str = STATED) -> RuleBook:
    """Return core's rules under a configuration."""
    plugins = Plugins.load(builtin=(CorePlugin(),), entry_points=False)
    return RuleBook(Catalog(), plugins, Config.from_toml(text, source="bank.toml"))


def test_a_currency_is_stated_and_never_assumed() -> None:
    """customers:TIER-02: without measure and currency the answer is that nobody has set them; once stated, it is a
    tier.
    """
    silent = book('schema = "branchkit.config/1"\n')
    of = Branch("B-1")
    facts = {"financial_assets": Decimal(100_000), "currency": "CNY"}

    unset = silent.tier_policy_for("lobby-identification", of, lambda id: None).tier(facts, current=None, at=AT)
    stated = book().tier_policy_for("lobby-identification", of, lambda id: None)

    assert isinstance(unset.value, NotConfigured)
    assert {"lobby-identification.measure", "lobby-identification.currency"} == set(unset.value.settings)
    assert stated.version.endswith("+measure=financial_assets+currency=CNY")
    assert "quality" == stated.tier(facts, current=None, at=AT).value


def test_limits_are_stated_one_by_one() -> None:
    """What is stated of one trigger leaves the others open, and the list says in its version what was stated."""
    triggers = book().trigger_list()
    limits = {one.code: one.compared.limit for one in triggers.all_triggers if one.compared is not None}

    assert Money(Decimal(300_000), "CNY") == limits.pop("large_consumer_credit")
    assert all(isinstance(limit, NotConfigured) for limit in limits.values())
    assert "ICBC" == triggers.own_issuer


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('currency = "CNY" }\n', 'colour = "red" }\n', "colour"),
        ('measure = "financial_assets"', 'measure = "weight"', "measure"),
        ("large_consumer_credit =", "large_smile =", "large_smile"),
        ('amount = "300000"', 'amount = "much"', "amount"),
    ],
)
def test_what_cannot_be_stated_is_refused_with_its_place(old: str, new: str, says: str) -> None:
    """A setting that the document does not have, or of another kind, is an error at the place where it stands."""
    rules = book(STATED.replace(old, new, 1))

    with pytest.raises(ConfigError, match=says) as caught:
        [rules.tier_policy("lobby-identification"), rules.trigger_list()]

    assert caught.value.where.startswith("$.state[")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        ("tier_scheme:lobby", "checklist:lobby", "$.state[0].document"),
        ("tier_scheme:lobby-identification", "tier_scheme", "$.state[0].document"),
        ('{ measure = "financial_assets", currency = "CNY" }', "{}", "$.state[0].settings"),
        ("trigger_list:quality-customer", "tier_scheme:lobby-identification", "$.state[1].document"),
    ],
)
def test_a_statement_without_effect_is_refused_at_load(old: str, new: str, path: str) -> None:
    """Of what is not open nothing is stated, and nothing twice."""
    with pytest.raises(DecodeError) as caught:
        Config.from_toml(STATED.replace(old, new, 1), source="bank.toml")

    assert [path] == [problem.path for problem in caught.value.problems]
