"""By what a report looks at tiers from outside: bands of amounts, and the yearly loss that others publish."""

from __future__ import annotations

from decimal import Decimal
from typing import Literal

import attrs

from branchkit.values import Text

__all__ = ["AssetBand", "ChurnBenchmark", "Concentration", "LoyaltyCase"]


@attrs.frozen
class AssetBand:
    """Customers whose amount is at least this, and less than the next band above."""

    code: str
    title: Text = attrs.field(kw_only=True)
    at_least: Decimal = attrs.field(default=Decimal(0), kw_only=True)
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


def _check_percent(_: object, __: object, value: Decimal) -> None:
    if not 0 <= value <= 100:
        raise ValueError("Expected a percentage from 0 to 100")


@attrs.frozen(kw_only=True)
class ChurnBenchmark:
    """The share of customers lost within twelve months, in percent: the best bank, the average and the worst."""

    best: Decimal = attrs.field(validator=_check_percent)
    average: Decimal = attrs.field(validator=_check_percent)
    worst: Decimal = attrs.field(validator=_check_percent)
    rules: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not self.best <= self.average <= self.worst:
            raise ValueError("Expected the best at most the average, and the average at most the worst")


@attrs.frozen(kw_only=True)
class Concentration:
    """How much of all profit the best customers are taken to bring, in percent."""

    top_percent: int = attrs.field(validator=[attrs.validators.ge(1), attrs.validators.le(100)])
    """How many customers count as the best, in percent of all."""
    share: Decimal = attrs.field(validator=_check_percent)
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class LoyaltyCase:
    """By how much profit is said to grow where loyalty grows, in percent."""

    gain: Decimal = attrs.field(validator=_check_percent)
    """By how much loyalty grows."""
    least: Decimal = attrs.field(validator=_check_percent)
    most: Decimal = attrs.field(validator=_check_percent)
    rules: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if self.least > self.most:
            raise ValueError("Expected the least at most the most")
