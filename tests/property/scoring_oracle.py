"""Scoring written a second time, as plainly as can be: no preparation, no caches, fractions throughout.

Knows the documents, not the implementation: it reads a policy's parts and a reading's cells and follows their words.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs

from branchkit.checklists import Cell, CellState, Scale
from branchkit.scoring import Deduction, Evidence, Gate, Limits, Points, RubricPolicy, Veto


@attrs.define
class Seen:
    """One cell, with what may be changed about it."""

    key: tuple[str, str]
    checklist: str
    cell: Cell
    fixed: bool = False

    def state(self, policy: RubricPolicy) -> str:
        """Return passed, failed or neutral."""
        state = self.cell.state
        if state is CellState.FAILED:
            return "passed" if self.fixed else "failed"
        if state in {CellState.PASSED, CellState.WARNED}:
            return "passed"
        if state in {CellState.MISSING, CellState.UNKNOWN}:
            rule = policy.unanswered if state is CellState.MISSING else policy.unknown
            return "passed" if rule == "failed" and self.fixed else rule
        return "neutral"

    def credit(self, policy: RubricPolicy) -> Fraction | None:
        """Return the share of full marks, or nothing where it does not count."""
        answer, value = self.cell.item.answer, self.cell.value
        if (
            policy.ratings == "proportional"
            and isinstance(answer, Scale)
            and isinstance(value, Decimal)
            and self.cell.judgement is None
        ):
            return Fraction(1) if self.fixed else Fraction(int(value) - answer.low, answer.high - answer.low)
        return {"passed": Fraction(1), "failed": Fraction(0), "neutral": None}[self.state(policy)]

    def code(self) -> str | None:
        """Return the code answered, unless that was put right."""
        coded = self.cell.item.answer.KIND in {"choice", "pass_fail"} and isinstance(self.cell.value, str)
        return str(self.cell.value) if coded and not self.fixed else None

    def is_in(self, part: Any, *, judged: bool) -> bool:
        """Say whether a part selects the cell, by the severity it was judged with or by its item's."""
        item, judgement = self.cell.item, self.cell.judgement
        severity = (judgement.severity if judged and judgement else None) or item.severity
        select = part.select
        return all(
            not wanted or have in wanted
            for wanted, have in (
                (select.checklists, self.checklist),
                (select.sections, self.cell.section.id),
                (select.items, item.id),
                (select.severities, severity),
                (select.bases, item.basis),
            )
        )


def cells_of(policy: RubricPolicy, evidence: Evidence) -> list[Seen]:
    """Return the cells that a policy looks at."""
    return [
        Seen((reading.sheet.id, cell.key), reading.sheet.checklist, cell)
        for reading in evidence.readings
        if reading.sheet.checklist in policy.checklists
        for cell in reading.cells
    ]


def weight(part: Points, seen: Seen) -> Fraction:
    """Return what a cell weighs in a part."""
    item = seen.cell.item
    base = part.by_severity.get(item.severity.value, Decimal(1)) if item.severity else Decimal(1)
    return Fraction(part.weights.get(item.id, base)) * Fraction(part.by_basis.get(item.basis, Decimal(1)))


def added(numbers: Iterable[Fraction]) -> Fraction:
    """Return the sum."""
    return sum(numbers, Fraction(0))


def rounded(number: Fraction, places: int) -> Fraction:
    """Round halves away from zero."""
    unit = Fraction(1, 10**places)
    steps = abs(number) / unit
    whole = steps.numerator // steps.denominator
    whole += steps - whole >= Fraction(1, 2)
    return whole * unit * (1 if number >= 0 else -1)


def score(policy: RubricPolicy, cells: Iterable[Seen]) -> tuple[Fraction, str, dict[str, Fraction]] | None:
    """Return the rounded points, the band and the rounded aggregates; ``None`` where nothing applied."""
    cells = list(cells)
    points = [part for part in policy.parts if isinstance(part, Points)]
    shares: dict[str, Fraction] = {}
    singles: list[Fraction] = []
    for part in points:
        counted = [
            (weight(part, one), credit)
            for one in cells
            if one.is_in(part, judged=False) and (credit := one.credit(policy)) is not None and weight(part, one)
        ]
        singles += [credit * 100 for _, credit in counted]
        if counted:
            shares[part.id] = added(w * c for w, c in counted) * 100 / added(w for w, _ in counted)
    if points and not shares:
        return None
    worth = {part.id: Fraction(part.worth) for part in points}
    total = Fraction(policy.start)
    if points:
        total += (
            added(shares[name] * worth[name] for name in shares)
            / added(worth[name] for name in shares)
            * added(worth.values())
            / 100
        )
    hits: list[Fraction] = []
    for other in policy.parts:
        if isinstance(other, Deduction):
            mine = [lost for one in cells if (lost := loss(policy, other, one))]
            hits += mine
            total -= min(added(mine), Fraction(other.cap)) if other.cap is not None else added(mine)
    total = max(Fraction(policy.floor), min(Fraction(policy.ceiling), total))
    holding = [part for part in policy.parts if isinstance(part, Gate | Veto) and limits(policy, part, cells, shares)]
    total = min([total, *(Fraction(one.points_at_most) for one in holding if one.points_at_most is not None)])
    numbers = {"total": total}
    for name, aggregate in policy.aggregates.items():
        pairs = {
            "parts": [(share, worth[part]) for part, share in shares.items()],
            "items": [(one, Fraction(1)) for one in singles],
            "deductions": [(one, Fraction(1)) for one in hits],
        }[aggregate.over]
        assert not aggregate.ids
        numbers[name] = combined(aggregate.of, pairs, empty=0 if aggregate.over == "deductions" else 100)
    shown = {name: rounded(number, policy.places) for name, number in numbers.items()}
    codes = [band.code for band in policy.bands]
    fits = [all(within(one, shown[name]) for name, one in band.limits.items()) for band in policy.bands]
    rank = max([fits.index(True), *(codes.index(one.band_at_most) for one in holding if one.band_at_most is not None)])
    return shown["total"], codes[rank], shown


def loss(policy: RubricPolicy, part: Deduction, one: Seen) -> Fraction:
    """Return what a deduction takes away for a cell."""
    if not one.is_in(part, judged=True):
        return Fraction(0)
    if part.by_value:
        return Fraction(part.by_value.get(one.code() or "", Decimal(0)))
    if one.state(policy) != "failed":
        return Fraction(0)
    if part.points is not None:
        return Fraction(part.points)
    judgement = one.cell.judgement
    severity = (judgement.severity if judgement else None) or one.cell.item.severity
    return Fraction(part.by_severity.get(severity.value, Decimal(0))) if severity else Fraction(0)


def limits(policy: RubricPolicy, part: Gate | Veto, cells: Sequence[Seen], shares: dict[str, Fraction]) -> bool:
    """Say whether a veto or gate holds."""
    if isinstance(part, Gate):
        return part.part in shares and shares[part.part] < Fraction(part.percent_at_least)
    return any(one.state(policy) == "failed" and one.is_in(part, judged=True) for one in cells)


def combined(of: str, pairs: Sequence[tuple[Fraction, Fraction]], *, empty: int) -> Fraction:
    """Return one number made of many."""
    values = [value for value, _ in pairs]
    if of == "sum":
        return sum(values, Fraction(0))
    if not values:
        return Fraction(empty)
    if of == "weighted_mean":
        return added(v * w for v, w in pairs) / added(w for _, w in pairs)
    return min(values) if of == "minimum" else max(values)


def within(bounds: Limits, number: Fraction) -> bool:
    """Say whether a number lies within limits."""
    return (
        (bounds.at_least is None or number >= Fraction(bounds.at_least))
        and (bounds.above is None or number > Fraction(bounds.above))
        and (bounds.at_most is None or number <= Fraction(bounds.at_most))
        and (bounds.below is None or number < Fraction(bounds.below))
    )


def cheapest(
    policy: RubricPolicy, cells: Sequence[Seen], to: str, costs: dict[tuple[str, str], Decimal]
) -> Decimal | None:
    """Return the least cost of any set of cells that reaches a band when fixed, by trying every set."""
    codes = [band.code for band in policy.bands]
    movable = [
        one
        for one in cells
        if one.state(policy) == "failed"
        or (one.credit(policy) not in {None, Fraction(1)})
        or any(isinstance(p, Deduction) and p.by_value and loss(policy, p, one) for p in policy.parts)
    ]
    best: Decimal | None = None
    for size in range(len(movable) + 1):
        for chosen in itertools.combinations(movable, size):
            price = sum((costs[one.key] for one in chosen), Decimal(0))
            if best is None or price < best:
                keys = {one.key for one in chosen}
                result = score(policy, [attrs.evolve(one, fixed=one.key in keys) for one in cells])
                if result is not None and codes.index(result[1]) <= codes.index(to):
                    best = price
    return best
