"""Adds effects up: from what differs on some sheets to a total, a band and everything that limited it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from operator import mul

from branchkit.scoring.core import Basis, Core, Limited, half_up
from branchkit.scoring.effects import Effect
from branchkit.scoring.rubric import Aggregate
from branchkit.scoring.score import Deducted

__all__ = ["Sum", "add_effects"]


class Sum:
    """What effects add up to, exact."""

    __slots__ = (
        "aggregates",
        "basis",
        "effects",
        "given",
        "lacks",
        "limited",
        "lost",
        "points",
        "rank",
        "raw",
        "taken",
    )

    basis: Basis
    effects: Sequence[Effect]
    """In the order of the cells."""
    given: Sequence[Deducted]
    """What facts took away."""
    lacks: int
    """What is lacking to be scored, as bits; 0 for nothing."""
    lost: list[int]
    """The weight that each part lost of what applies."""
    taken: list[int] | None
    """What each deduction took away before its cap, in the policy's unit; ``None`` for nothing at all."""
    raw: int
    """Before anything limited it; one point is ``basis.over``."""
    limited: Limited
    points: int
    """The rounded total, in its last digit."""
    rank: int
    """The place of the band, 0 for the best; -1 where the policy has no bands."""
    aggregates: dict[str, int]
    """Every aggregate but the total, rounded, in its last digit."""


_NONE: dict[str, int] = {}


def add_effects(
    core: Core,
    base: tuple[int, ...],
    basis: Basis | None,
    counts: Sequence[int],
    effects: Sequence[Effect],
    given: Sequence[Deducted] = (),
) -> Sum | None:
    """Add effects up; ``None`` where nothing applied that could give points.

    Args:
        core: the policy.
        base: the weight in each part if everything passed.
        basis: `Core.basis` of that.
        counts: for each part, how many cells it counts; only asked where aggregates look at single cells.
        effects: what differs, in the order of the cells.
        given: what facts took away.
    """
    lost = list(core.nothing)
    bits = lacks = 0
    taken: list[int] | None = None
    gone: list[int] | None = None
    for effect in effects:
        for at, weight in effect.lost:
            lost[at] += weight
        bits |= effect.vetoes
        if not effect.is_plain:
            lacks |= effect.lacks
            if effect.gone:
                gone = gone or list(base)
                for at, weight in effect.gone:
                    gone[at] -= weight
            for hit in effect.hits:
                taken = taken or [0] * len(core.caps)
                taken[hit.at] += hit.units
    for one in given:
        taken = taken or [0] * len(core.caps)
        taken[core.places[one.deduction]] += core.units(one.points)
    if gone is not None:
        basis = core.basis(tuple(gone))
    if basis is None:
        return None
    found = Sum()
    found.lacks = lacks
    found.basis, found.effects, found.given, found.lost, found.taken = basis, effects, given, lost, taken
    total = basis.full - sum(map(mul, basis.each, lost))
    if taken is not None:
        total -= basis.unit * sum(
            one if cap is None or one < cap else cap for one, cap in zip(taken, core.caps, strict=True)
        )
    found.raw = total
    if total < basis.floor:
        total = basis.floor
    elif total > basis.ceiling:
        total = basis.ceiling
    for bit, at, most in basis.gates:
        if lost[at] > most:
            bits |= bit
    limited = found.limited = core.limits(bits)
    if limited.points is not None:
        total = min(total, limited.points * basis.unit)
    points = found.points = half_up(total * core.grid, basis.over)
    found.aggregates = _NONE
    found.rank = -1
    if core.policy.aggregates:
        found.aggregates = {
            name: core.rounded(_aggregate(one, found, core, counts)) for name, one in core.policy.aggregates.items()
        }
        if core.bands:
            found.rank = max(limited.rank, core.rank_of({"total": points, **found.aggregates}))
    elif core.bands:
        found.rank = max(limited.rank, core.rank(points))
    return found


def _aggregate(aggregate: Aggregate, found: Sum, core: Core, counts: Sequence[int]) -> Fraction:
    wanted = set(aggregate.ids)
    pairs: list[tuple[Fraction, Fraction]]
    if aggregate.over == "deductions":
        pairs = [(Fraction(points), Fraction(1)) for name, points in _hits(found, core) if not wanted or name in wanted]
    else:
        parts = [at for at, part in enumerate(core.policy.points) if not wanted or part.id in wanted]
        pairs = _shares(parts, found, core) if aggregate.over == "parts" else _credits(parts, found, counts)
    if aggregate.of == "sum":
        return sum((value * many for value, many in _many(aggregate, pairs)), Fraction(0))
    if not pairs:
        return Fraction(0 if aggregate.over == "deductions" else 100)
    if aggregate.of == "minimum":
        return min(value for value, _ in pairs)
    if aggregate.of == "maximum":
        return max(value for value, _ in pairs)
    weight = sum((weight for _, weight in pairs), Fraction(0))
    return sum((value * weight for value, weight in pairs), Fraction(0)) / weight


def _many(aggregate: Aggregate, pairs: Iterable[tuple[Fraction, Fraction]]) -> Iterable[tuple[Fraction, Fraction]]:
    """Yield values with how many there are: the worth of a part is no number of parts."""
    return ((value, Fraction(1) if aggregate.over == "parts" else weight) for value, weight in pairs)


def _hits(found: Sum, core: Core) -> Iterable[tuple[str, Decimal]]:
    names = core.policy.deductions
    yield from ((names[hit.at].id, hit.points) for effect in found.effects for hit in effect.hits)
    yield from ((one.deduction, one.points) for one in found.given)


def _shares(parts: Sequence[int], found: Sum, core: Core) -> list[tuple[Fraction, Fraction]]:
    shares = ((found.basis.percent(at, found.lost[at]), core.policy.points[at].worth) for at in parts)
    return [(share, Fraction(worth)) for share, worth in shares if share is not None]


def _credits(parts: Sequence[int], found: Sum, counts: Sequence[int]) -> list[tuple[Fraction, Fraction]]:
    """Return the percentages of single cells, each with how many have it."""
    full = sum(counts[at] for at in parts)
    pairs: list[tuple[Fraction, Fraction]] = []
    for effect in found.effects:
        many = sum(at in parts for at in effect.parts)
        full -= many
        if many and effect.credit is not None:
            pairs.append((Fraction(effect.credit * 100), Fraction(many)))
    return [(Fraction(100), Fraction(full)), *pairs] if full else pairs
