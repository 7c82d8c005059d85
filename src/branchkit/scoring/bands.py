"""Bands: which one numbers fall into, and whether better numbers can ever mean a worse band."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from branchkit.scoring.exact import round_to
from branchkit.scoring.rubric import Band, Gate, Limits, Veto
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["band_of", "better", "is_monotone", "limits_of"]

_MOST_CASES = 50_000


def band_of(policy: RubricPolicy, aggregates: Mapping[str, Fraction], limits: Sequence[Veto | Gate]) -> str:
    """Return the band of exact aggregates under the vetoes and gates that hold.

    Bands look at what people see: the rounded numbers.
    """
    facts = {name: round_to(value, policy.places) for name, value in aggregates.items()}
    row = policy.band_table.decide(facts).value
    assert row is not None, "proved at load: every result has a band"
    rank = policy.band_rank(str(row["band"]))
    for limit in limits:
        if limit.band_at_most is not None:
            rank = max(rank, policy.band_rank(limit.band_at_most))
    return policy.bands[rank].code


def better(policy: RubricPolicy, name: str) -> int:
    """Return 1 where fixes only raise an aggregate, -1 where they only lower it, 0 where they may do either."""
    aggregate = policy.aggregates.get(name)
    if aggregate is None or aggregate.over != "deductions":
        return 1
    return -1 if aggregate.of in {"sum", "maximum"} else 0


def limits_of(policy: RubricPolicy, band: Band) -> dict[str, Limits]:
    """Return the limits of a band without those that only keep better numbers out of it."""
    found: dict[str, Limits] = {}
    for name, limits in band.limits.items():
        keep = Limits(at_most=limits.at_most, below=limits.below)
        if better(policy, name) == 1:
            keep = Limits(at_least=limits.at_least, above=limits.above)
        if keep != Limits():
            found[name] = keep
    return found


def is_monotone(policy: RubricPolicy) -> bool:
    """Say whether better numbers never mean a worse band: proved, not assumed.

    Limits that keep better numbers out, as the upper end of a range, are harmless where the bands above take those.
    """
    names = sorted({name for band in policy.bands for name in band.limits})
    if any(better(policy, name) == 0 for name in names):
        return False
    oriented = [attrs.evolve(band, limits=FrozenMap(limits_of(policy, band))) for band in policy.bands]
    if all(dict(band.limits) == dict(one.limits) for band, one in zip(policy.bands, oriented, strict=True)):
        return True
    samples = [list(_samples(policy, name)) for name in names]
    cases = 1
    for values in samples:
        cases *= len(values)
    if cases > _MOST_CASES:
        return False
    return all(
        _first(policy.bands, names, case) == _first(oriented, names, case) for case in itertools.product(*samples)
    )


def _samples(policy: RubricPolicy, name: str) -> Iterator[Fraction]:
    """Yield every limit of an aggregate, and a number on each side of it, as far as the aggregate goes."""
    cuts = sorted(
        {
            Fraction(value)
            for band in policy.bands
            if name in band.limits
            for value in attrs.astuple(band.limits[name])
            if value is not None
        }
    )
    low, high = _span(policy, name)
    inner = [(one + two) / 2 for one, two in itertools.pairwise(cuts)]
    outer = [cuts[0] - 1, cuts[-1] + 1] if cuts else [Fraction(0)]
    for value in (*cuts, *inner, *outer, low, high):
        if value is not None and (low is None or value >= low) and (high is None or value <= high):
            yield value


def _span(policy: RubricPolicy, name: str) -> tuple[Fraction | None, Fraction | None]:
    spec = policy.aggregate_spec(name)
    low, high = spec.low, spec.high
    return (None if low is None else Fraction(low), None if high is None else Fraction(high))


def _first(bands: Sequence[Band], names: Sequence[str], case: Sequence[Fraction]) -> int | None:
    numbers = dict(zip(names, case, strict=True))
    for at, band in enumerate(bands):
        if all(_within(limits, numbers[name]) for name, limits in band.limits.items()):
            return at
    return None


def _within(limits: Limits, number: Fraction) -> bool:
    def is_over(bound: Decimal | None, *, inside: bool) -> bool:
        return bound is None or number > Fraction(bound) or (inside and number == Fraction(bound))

    def is_under(bound: Decimal | None, *, inside: bool) -> bool:
        return bound is None or number < Fraction(bound) or (inside and number == Fraction(bound))

    return (
        is_over(limits.at_least, inside=True)
        and is_over(limits.above, inside=False)
        and is_under(limits.at_most, inside=True)
        and is_under(limits.below, inside=False)
    )
