"""Many customers at once are answered as each would be alone, wherever limits and codes lie."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from branchkit.customers import TierScheme, tier_all
from branchkit.errors import InputError
from branchkit.values import Unknown
from tests.unit.customers.tiers import AT, read, row, scheme_of

NO_AMOUNT: dict[str, Any] = {"measures": None, "measure": None, "currency": None}


def alone(scheme: TierScheme, fact: str, values: Sequence[Any]) -> list[Any]:
    """Return the answers of customers who are asked about one by one."""
    return [scheme.tier({fact: value}, current=None, at=AT).value for value in values]


def by_ratio(*rows: dict[str, Any], **bounds: int) -> TierScheme:
    """Return a scheme that asks one number of whoever enters, and keeps everybody."""
    facts = [{"name": "ratio", "type": "number", **bounds}]
    edition = {"enter": list(rows), "keep": [row("high")]}
    return read(**NO_AMOUNT, swing={"ratio": 1}, facts=facts, editions=[edition])


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([row("high", ratio={"from": 5}), row("low", ratio={"below": 5})], ["low", "low", "high", "high"]),
        ([row("high", ratio={"above": 5}), row("low", ratio={"to": 5})], ["low", "low", "low", "high"]),
        ([row("high", ratio=5), row("low")], ["low", "low", "high", "low"]),
        ([row("high", ratio={"above": 4, "to": 5}), row("low")], ["low", "low", "high", "low"]),
        ([row("high", ratio={"from": 4, "to": 5}), row("low")], ["low", "high", "high", "low"]),
    ],
    ids=["below", "above", "exactly", "half-open", "closed"],
)
def test_a_limit_belongs_where_the_rows_say(rows: list[dict[str, Any]], found: list[str]) -> None:
    """A value on the limit falls on the side that the row names, among many as alone."""
    values = [Decimal(number) for number in ("3.9", "4", "5", "5.1")]
    scheme = by_ratio(*rows)

    assert found == tier_all(scheme, {"ratio": values}, at=AT) == alone(scheme, "ratio", values)


@pytest.mark.parametrize("odd", [None, Decimal("NaN"), Decimal("Infinity"), Unknown("not asked")], ids=repr)
def test_one_number_that_is_none_spoils_no_other(odd: Any) -> None:
    """Among many numbers one that is unknown, or none, is answered by itself."""
    scheme = by_ratio(row("high", ratio={"from": 5}), row("low", ratio={"below": 5}))
    high, spoilt, low = tier_all(scheme, {"ratio": [Decimal(7), odd, Decimal(2)]}, at=AT)

    assert ("high", "low") == (high, low)
    assert isinstance(spoilt, Unknown)
    assert [spoilt] == alone(scheme, "ratio", [odd])


def test_a_limit_outside_the_fact_is_refused() -> None:
    """A limit that the fact cannot reach has no effect and is named with its place."""
    with pytest.raises(InputError) as caught:
        by_ratio(row("high", ratio={"from": 5}), row("low", ratio={"below": 5}), high=4)

    assert ["$.editions[0].enter[0].when.ratio.from", "$.editions[0].enter[1].when.ratio.below"] == [
        problem.path for problem in caught.value.problems
    ]


def test_codes_are_told_apart_among_many() -> None:
    """Codes that rows name, a code that none names, one that is not known and what is no code at all are each
    answered by themselves.
    """
    facts = [{"name": "kind", "type": "code", "may_be_unknown": True}]
    rows = [row("high", kind="gold"), row("low", kind={"not": ["gold"]}), row(None, kind={"unknown": True})]
    scheme = read(**NO_AMOUNT, swing=None, facts=facts, editions=[{"enter": rows}])
    told: list[Any] = ["gold", "tin", "gold"]
    odd = [*told, None, ["gold"], 3]

    assert ["high", "low", "high"] == tier_all(scheme, {"kind": told}, at=AT)
    assert alone(scheme, "kind", odd) == tier_all(scheme, {"kind": odd}, at=AT)


def test_a_tier_of_another_scheme_is_not_kept_among_many() -> None:
    """A current tier that the scheme does not have counts as none in the batch form too."""
    vip = scheme_of("vip-admission")
    columns = {"financial_assets": [Decimal(950_000)] * 2}

    assert ["standard", "vip"] == tier_all(vip, columns, same={"currency": "CNY"}, current=["platinum", "vip"], at=AT)
