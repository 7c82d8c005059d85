"""What recency, frequency and value come to, worked out by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from branchkit_tiers_rfm import Limits, Quiet, RecencyFrequencyValue, RfmSettings, Step
from branchkit_tiers_rfm.policy import _number

from branchkit.codec import structure, unstructure
from branchkit.customers import NotConfigured, tier_all
from branchkit.errors import InputError
from branchkit.values import Unknown

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
POLICY = RecencyFrequencyValue(RfmSettings(currency="CNY"))


def facts(days: int, count: int, brought: int, **more: Any) -> dict[str, Any]:
    """Return what is known of a customer who came so many days ago."""
    last = AT.date() - dt.timedelta(days=days)
    known = {"last_transaction": last, "transactions": Decimal(count), "value": Decimal(brought), "currency": "CNY"}
    return known | more


@pytest.mark.parametrize(
    ("days", "count", "value", "tier"),
    [
        (400, 0, 0, "dormant"),
        (19, 0, 0, "occasional"),
        (20, 0, 0, "dormant"),
        (100, 6, 1_000, "occasional"),
        (100, 12, 10_000, "regular"),
        (10, 11, 9_999, "regular"),
        (5, 24, 50_000, "core"),
        (0, 24, 200_000, "core"),
    ],
)
def test_points_add_up_to_a_tier(days: int, count: int, value: int, tier: str) -> None:
    """Points for each measure lead to a tier; at a limit it is reached, or, of quiet, lost."""
    assert tier == POLICY.tier(facts(days, count, value), current=None, at=AT).value


def test_a_tier_is_kept_down_to_the_limit_for_keeping() -> None:
    """With 20 transactions nobody becomes a core customer, and whoever is one stays; with 19 no longer."""
    assert ["regular", "core", "regular"] == [
        POLICY.tier(facts(10, count, 10_000), current=current, at=AT).value
        for count, current in ((20, None), (20, "core"), (19, "core"))
    ]


def test_quiet_days_are_forgiven_for_a_while() -> None:
    """Whoever has the tier may stay away until the longer limit; a new customer may not."""
    assert ["occasional", "regular", "occasional"] == [
        POLICY.tier(facts(days, 12, 500), current=current, at=AT).value
        for days, current in ((20, None), (29, "regular"), (30, "regular"))
    ]


def test_the_trace_adds_up() -> None:
    """The steps give the points of each measure, and no number of the customer."""
    told = POLICY.tier(facts(10, 13, 12_345), current=None, at=AT)

    assert [Decimal(4), Decimal(3), Decimal(2), None] == [step.effect for step in told.trace.steps]
    assert "12345" not in told.why()
    assert "regular" == told.why().splitlines()[0]


@pytest.mark.parametrize("name", ["last_transaction", "transactions", "value", "currency"])
@pytest.mark.parametrize("value", [None, Unknown("not asked"), "EUR", Decimal("NaN"), dt.date(2026, 3, 3)])
def test_what_is_not_known_is_no_zero(name: str, value: Any) -> None:
    """A fact that is missing, unknown, of another kind, in the future or in another currency gives no tier."""
    told = POLICY.tier(facts(10, 13, 12_345, **{name: value}), current="core", at=AT).value

    assert isinstance(told, Unknown)
    assert name in told.reason


def test_a_currency_that_nobody_stated_is_an_answer() -> None:
    """Without a currency in the settings nothing is compared, and the answer names the setting."""
    told = RecencyFrequencyValue().tier(facts(10, 13, 12_345), current=None, at=AT)

    assert NotConfigured(("tiers_rfm.points.currency",)) == told.value


def test_many_at_once_are_the_same() -> None:
    """The batch form gives what single decisions give."""
    rows = [facts(10, count, 10_000) for count in range(30)]
    columns = {name: [row[name] for row in rows] for name in rows[0]}

    expected = [POLICY.tier(row, current="core", at=AT).value for row in rows]
    assert expected == tier_all(POLICY, columns, current=["core"] * 30, at=AT)


def test_other_settings_are_another_version() -> None:
    """What would answer otherwise can be told apart by its version."""
    other = RecencyFrequencyValue(RfmSettings(currency="EUR"))
    versions = {POLICY.version, RecencyFrequencyValue().version, other.version}

    assert 3 == len(versions)


@pytest.mark.parametrize(
    ("settings", "path"),
    [
        (RfmSettings(currency="yuan"), "$.currency"),
        (RfmSettings(recency=Quiet(enter=(9,), keep=(9,))), "$.recency.keep[0]"),
        (RfmSettings(recency=Quiet(enter=(), keep=())), "$.recency.keep"),
        (RfmSettings(recency=Quiet(enter=(9, 8), keep=(19, 20))), "$.recency.enter"),
        (RfmSettings(scheme=" "), "$.scheme"),
        (RfmSettings(tiers=(Step("one"),)), "$.tiers"),
        (RfmSettings(tiers=(Step("one"), Step("one", points=2))), "$.tiers"),
        (RfmSettings(tiers=(Step("one", points=1), Step("two", points=2))), "$.tiers"),
        (RfmSettings(tiers=(Step("one"), Step("two", points=13))), "$.tiers[1].points"),
        (RfmSettings(value=Limits(enter=(Decimal(2),), keep=(Decimal(2),))), "$.value.keep[0]"),
        (RfmSettings(value=Limits(enter=(Decimal(2),), keep=())), "$.value.keep"),
        (RfmSettings(value=Limits(enter=(Decimal(2), Decimal(1)), keep=(Decimal(1), Decimal(2)))), "$.value.enter"),
        (RfmSettings(value=Limits(enter=(Decimal(2),), keep=(Decimal(0),))), "$.value.keep"),
    ],
)
def test_settings_that_are_wrong_are_told_with_their_place(settings: RfmSettings, path: str) -> None:
    """Limits out of order, tiers that nobody reaches and a currency that is none are found when they are read."""
    with pytest.raises(InputError) as caught:
        structure(RfmSettings, unstructure(settings), source="settings")

    assert path in {problem.path for problem in caught.value.problems}


def test_points_are_given_to_numbers_alone() -> None:
    """A fact that is no number is told with its place wherever it is reckoned with, also where Python skips asserts."""
    with pytest.raises(InputError, match=r"Expected a number - at `\$\.transactions`"):
        _number({"transactions": "many"}, "transactions")
