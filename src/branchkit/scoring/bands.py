"""Bands: which one numbers fall into, and whether better numbers can ever mean a worse band."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from branchkit.conditions import Cell, DecisionTable, Hit, Outputs, Row, Within
from branchkit.scoring.exact import exact_decimal, round_to
from branchkit.scoring.rubric import Band, Gate, Limits, Veto
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["band_of", "better", "grid_limits", "grid_table", "is_monotone", "limits_of"]

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
    if math.prod(map(len, samples)) > _MOST_CASES:
        return False
    return all(
        _first(policy.bands, names, case) == _first(oriented, names, case) for case in itertools.product(*samples)
    )


def _samples(policy: RubricPolicy, name: str) -> Iterator[Fraction]:
    """Yield the number that can be shown at which each stretch between the limits of an aggregate begins."""
    bounds = (grid_limits(band.limits[name], policy.places) for band in policy.bands if name in band.limits)
    cuts = {Fraction(value) for one in bounds for value in (one.at_least, one.below) if value is not None}
    spec = policy.aggregate_spec(name)
    low = Fraction(spec.low or 0)
    for value in {low, *cuts}:
        if value >= low and (spec.high is None or value <= spec.high):
            yield value


def grid_limits(limits: Limits, places: int) -> Limits:
    """Return limits in terms of the numbers that can be shown, those with at most so many digits after the point.

    The lower one belongs to the band and the upper one does not; both are such numbers themselves. Where nothing that
    can be shown lies between them, the upper one is not above the lower one.

    >>> grid_limits(Limits(above=Decimal("89.1"), at_most=Decimal("94.5")), 0)
    Limits(at_least=Decimal('90'), above=None, at_most=None, below=Decimal('95'))
    """
    scale: int = 10**places

    def edges(reached: Decimal | None, passed: Decimal | None) -> list[int]:
        found = [] if reached is None else [math.ceil(Fraction(reached) * scale)]
        return found if passed is None else [*found, math.floor(Fraction(passed) * scale) + 1]

    starts, ends = edges(limits.at_least, limits.above), edges(limits.below, limits.at_most)
    return Limits(
        at_least=exact_decimal(Fraction(max(starts), scale)) if starts else None,
        below=exact_decimal(Fraction(min(ends), scale)) if ends else None,
    )


def grid_table(policy: RubricPolicy) -> DecisionTable:
    """Return the bands as a table of stretches that begin and end at numbers that can be shown.

    It decides on those as `RubricPolicy.band_table` does. Whatever lies between two of them belongs to the lower one,
    so what the table leaves out, doubles or never reaches is a number that can be shown.
    """
    rows: list[Row] = []
    for band in policy.bands:
        when: dict[str, Cell] = {}
        for name, limits in band.limits.items():
            high = policy.aggregate_spec(name).high
            stretch = grid_limits(limits, policy.places)
            # Nothing lies above the highest number, so an end above it is none.
            below = None if high is not None and stretch.below is not None and stretch.below > high else stretch.below
            if stretch.at_least is not None or below is not None:
                when[name] = Within(start=stretch.at_least, below=below)
        rows.append(Row(when=FrozenMap(when), then=Outputs({"band": band.code})))
    asked = {name for row in rows for name in row.when}
    return DecisionTable(
        id=f"{policy.id}.bands",
        version=policy.version,
        facts=tuple(policy.aggregate_spec(name) for name in ("total", *policy.aggregates) if name in asked),
        outputs=policy.band_table.outputs,
        hit=Hit.FIRST,
        rows=tuple(rows),
    )


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
