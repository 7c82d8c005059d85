"""Adds up: from marks to a total, a band and everything that limited it, exact throughout."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from branchkit.scoring.bands import band_of
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.rubric import Aggregate, Gate, Veto
from branchkit.scoring.score import Deducted, Mark, MarkState
from branchkit.scoring.weighing import Weighed, see_mark

__all__ = ["Tally", "add_up", "capped", "tally"]


@attrs.frozen(kw_only=True)
class Tally:
    """What marks add up to, exact."""

    total: Fraction
    """Limited by floor, ceiling, vetoes and gates; not yet rounded."""
    raw: Fraction
    """Before anything limited it."""
    band: str | None
    aggregates: Mapping[str, Fraction]
    percents: tuple[Fraction | None, ...]
    """The percentage of each part of points; ``None`` where nothing in it applied."""
    weights: tuple[Fraction, ...]
    """The weight that counts in each part of points."""
    factor: Fraction
    """What the worth of a part is multiplied with, because parts in which nothing applied give theirs away."""
    deducted: tuple[Deducted, ...]
    limits: tuple[Veto | Gate, ...]
    """The vetoes and gates that limited it."""


def tally(policy: RubricPolicy, marks: Iterable[Mark], given: Sequence[Deducted] = ()) -> Tally | None:
    """Add marks up, with the deductions that facts gave; ``None`` where nothing applied that could give points."""
    return add_up(policy, [(mark, see_mark(policy, mark)) for mark in marks], given)


def add_up(policy: RubricPolicy, weighed: Iterable[Weighed], given: Sequence[Deducted] = ()) -> Tally | None:
    """Add up marks that have been weighed already; see `tally`."""
    parts, deductions = policy.points, policy.deductions
    weights: list[Fraction | int] = [0] * len(parts)
    passed: list[Fraction | int] = [0] * len(parts)
    credits: list[tuple[int, Fraction | int]] = []
    hits: list[list[Deducted]] = [[] for _ in deductions]
    vetoed: set[int] = set()
    by_items = policy.looks_at_items
    for mark, seen in weighed:
        failed = mark.state is MarkState.FAILED
        credit: Fraction | int | None = None
        if mark.credit is not None:
            credit = Fraction(*mark.credit)
        elif mark.state is not MarkState.NEUTRAL:
            credit = 0 if failed else 1
        if credit is not None:
            for at, weight in seen.points:
                weights[at] += weight
                if credit:
                    passed[at] += weight * credit
                if by_items:
                    credits.append((at, credit))
        if failed:
            vetoed.update(seen.vetoes)
            for at, points in seen.on_failure:
                hits[at].append(_hit(policy, at, mark, points))
        if mark.value is not None:
            for at in seen.by_value:
                taken = deductions[at].by_value.get(mark.value)
                if taken:
                    hits[at].append(_hit(policy, at, mark, taken))
    percents = tuple(
        Fraction(100 * have) / Fraction(all_) if all_ else None for have, all_ in zip(passed, weights, strict=True)
    )
    applicable = sum((Fraction(p.worth) for p, s in zip(parts, percents, strict=True) if s is not None), Fraction(0))
    if parts and not applicable:
        return None
    factor = sum((Fraction(part.worth) for part in parts), Fraction(0)) / applicable if parts else Fraction(1)
    earned = sum((Fraction(p.worth) * s for p, s in zip(parts, percents, strict=True) if s is not None), Fraction(0))
    for hit in given:
        hits[[one.id for one in deductions].index(hit.deduction)].append(hit)
    raw = Fraction(policy.start) + earned * factor / 100
    raw -= sum((capped(one.cap, lost) for one, lost in zip(deductions, hits, strict=True)), Fraction(0))
    total = max(Fraction(policy.floor), min(Fraction(policy.ceiling), raw))
    limits: tuple[Veto | Gate, ...] = (
        *(veto for at, veto in enumerate(policy.vetoes) if at in vetoed),
        *(gate for gate in policy.gates if _is_below(gate, policy, percents)),
    )
    for limit in limits:
        if limit.points_at_most is not None:
            total = min(total, Fraction(limit.points_at_most))
    deducted = tuple(hit for one in hits for hit in one)
    aggregates = {"total": total}
    for name, aggregate in policy.aggregates.items():
        aggregates[name] = _aggregate(aggregate, policy, percents, credits, deducted)
    return Tally(
        total=total,
        raw=raw,
        band=band_of(policy, aggregates, limits) if policy.bands else None,
        aggregates=aggregates,
        percents=percents,
        weights=tuple(map(Fraction, weights)),
        factor=factor,
        deducted=deducted,
        limits=limits,
    )


def capped(cap: Decimal | None, hits: Iterable[Deducted]) -> Fraction:
    """Return what hits of one deduction take away."""
    lost = sum((Fraction(hit.points) for hit in hits), Fraction(0))
    return lost if cap is None else min(lost, Fraction(cap))


def _hit(policy: RubricPolicy, at: int, mark: Mark, points: Decimal) -> Deducted:
    deduction = policy.deductions[at]
    rules = (*deduction.rules, *(rule for rule in mark.rules if rule not in deduction.rules))
    return Deducted(
        deduction=deduction.id, sheet=mark.sheet, key=mark.key, points=points, reason=deduction.reason, rules=rules
    )


def _is_below(gate: Gate, policy: RubricPolicy, percents: Sequence[Fraction | None]) -> bool:
    percent = next(share for part, share in zip(policy.points, percents, strict=True) if part.id == gate.part)
    return percent is not None and percent < Fraction(gate.percent_at_least)


def _aggregate(
    aggregate: Aggregate,
    policy: RubricPolicy,
    percents: Sequence[Fraction | None],
    credits: Sequence[tuple[int, Fraction | int]],
    deducted: Sequence[Deducted],
) -> Fraction:
    wanted = set(aggregate.ids)
    one = Fraction(1)
    pairs: list[tuple[Fraction, Fraction]]
    if aggregate.over == "parts":
        pairs = [
            (share, Fraction(part.worth))
            for part, share in zip(policy.points, percents, strict=True)
            if share is not None and (not wanted or part.id in wanted)
        ]
    elif aggregate.over == "items":
        names = [part.id for part in policy.points]
        pairs = [(Fraction(credit * 100), one) for at, credit in credits if not wanted or names[at] in wanted]
    else:
        pairs = [(Fraction(hit.points), one) for hit in deducted if not wanted or hit.deduction in wanted]
    values = [value for value, _ in pairs]
    if aggregate.of == "sum":
        return sum(values, Fraction(0))
    if not values:
        return Fraction(0 if aggregate.over == "deductions" else 100)
    if aggregate.of == "minimum":
        return min(values)
    if aggregate.of == "maximum":
        return max(values)
    weight = sum((weight for _, weight in pairs), Fraction(0))
    return sum((value * weight for value, weight in pairs), Fraction(0)) / weight
