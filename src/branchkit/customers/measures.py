"""Small sums over customers and their amounts: bands, the loss of a year, and how much the best customers bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Context, Decimal
from typing import Literal

import attrs

from branchkit.customers.bands import AssetBand, ChurnBenchmark, LoyaltyCase
from branchkit.values import Unknown

__all__ = [
    "BandCount",
    "ChurnCompared",
    "asset_band",
    "churn_rate",
    "compare_churn",
    "count_by_band",
    "loyalty_gain",
    "profit_share",
]

_EXACT = Context(prec=50)
_HUNDRED = Decimal(100)
_TENTH = Decimal("0.1")


@attrs.frozen
class BandCount:
    """How many customers a band holds, and what they hold on average."""

    band: str
    count: int = attrs.field(kw_only=True)
    average: Decimal | None = attrs.field(default=None, kw_only=True)
    """To the hundredth; ``None`` of nobody."""


@attrs.frozen(kw_only=True)
class ChurnCompared:
    """The share of customers lost, beside what others publish."""

    rate: Decimal
    """In percent, to the tenth."""
    average: Literal["below", "equal", "above"]
    """Where it lies beside the average."""
    best: Literal["below", "equal", "above"]
    worst: Literal["below", "equal", "above"]


def asset_band(amount: Decimal, bands: Sequence[AssetBand]) -> str | None:
    """Return the code of the band an amount lies in; ``None`` below the lowest (customers:TIER-04).

    Args:
        amount: in the currency of the bands.
        bands: from the lowest, as `TierScheme.bands`.
    """
    return next((band.code for band in reversed(bands) if amount >= band.at_least), None)


def count_by_band(amounts: Iterable[Decimal], bands: Sequence[AssetBand]) -> tuple[BandCount, ...]:
    """Return how many amounts lie in each band with their average, from the lowest (customers:TIER-04).

    Heads alone would hide that customers who keep their tier hold less than before, so both are there.
    """
    found: dict[str, list[Decimal]] = {band.code: [] for band in bands}
    for amount in amounts:
        band = asset_band(amount, bands)
        if band is not None:
            found[band].append(amount)
    return tuple(BandCount(code, count=len(held), average=_average(held)) for code, held in found.items())


def _average(held: Sequence[Decimal]) -> Decimal | None:
    if not held:
        return None
    total = Decimal(0)
    for amount in held:
        total = _EXACT.add(total, amount)
    return _EXACT.quantize(_EXACT.divide(total, Decimal(len(held))), Decimal("0.01"))


def churn_rate(lost: int, at_start: int) -> Decimal | Unknown:
    """Return the share of customers lost in a period, in percent to the tenth (customers:TIER-27).

    Of those who were there at its start; who came and went within it is no part of either number.

    >>> churn_rate(164, 1000)
    Decimal('16.4')
    """
    if at_start <= 0:
        return Unknown("there was nobody at the start of the period")
    if not 0 <= lost <= at_start:
        return Unknown("more are lost than there were at the start of the period")
    return _EXACT.quantize(_EXACT.divide(Decimal(lost) * _HUNDRED, Decimal(at_start)), _TENTH)


def compare_churn(rate: Decimal, benchmark: ChurnBenchmark) -> ChurnCompared:
    """Return where a loss lies beside what others publish (customers:TIER-27, service:VIP-13)."""
    return ChurnCompared(
        rate=rate,
        average=_beside(rate, benchmark.average),
        best=_beside(rate, benchmark.best),
        worst=_beside(rate, benchmark.worst),
    )


def _beside(rate: Decimal, other: Decimal) -> Literal["below", "equal", "above"]:
    return "equal" if rate == other else "below" if rate < other else "above"


def profit_share(profits: Mapping[str, Decimal], *, top_percent: int) -> Decimal | Unknown:
    """Return which percentage of all profit the best customers bring, to the tenth (customers:TIER-25).

    Args:
        profits: the profit by customer; losses count as they are.
        top_percent: how many customers count as the best, in percent of all, rounded up to whole customers; as
            `Concentration.top_percent`.

    >>> profits = {f"C-{number}": Decimal(profit) for number, profit in enumerate((80, 10, 5, 3, 2))}
    >>> profit_share(profits, top_percent=20)
    Decimal('80.0')
    """
    total = sum(profits.values(), Decimal(0))
    if total <= 0:
        return Unknown("there is no profit to share")
    count = -(-len(profits) * top_percent // 100)
    best = sum(sorted(profits.values(), reverse=True)[:count], Decimal(0))
    return _EXACT.quantize(_EXACT.divide(best * _HUNDRED, total), _TENTH)


def loyalty_gain(profit: Decimal, case: LoyaltyCase) -> tuple[Decimal, Decimal]:
    """Return the least and the most that more loyalty is said to add to a profit (customers:TIER-26).

    >>> loyalty_gain(Decimal(1000), LoyaltyCase(gain=Decimal(5), least=Decimal(25), most=Decimal(95)))
    (Decimal('250'), Decimal('950'))
    """
    least, most = (_EXACT.divide(_EXACT.multiply(profit, share), _HUNDRED) for share in (case.least, case.most))
    return least, most
