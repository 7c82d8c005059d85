"""Turns cells into marks: what each counts as, and what each part of a policy sees in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from branchkit.checklists import Cell, CellState, Reading, Scale
from branchkit.scoring.rubric import Deduction
from branchkit.scoring.score import Mark, MarkState
from branchkit.values import Severity

if TYPE_CHECKING:
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["Seen", "Weighed", "see", "see_mark", "weigh"]

_FIXED = {
    CellState.PASSED: MarkState.PASSED,
    CellState.WARNED: MarkState.PASSED,
    CellState.FAILED: MarkState.FAILED,
    CellState.NEUTRAL: MarkState.NEUTRAL,
    CellState.NOT_APPLICABLE: MarkState.NEUTRAL,
    CellState.SKIPPED: MarkState.NEUTRAL,
}
_COUNTS = {"failed": MarkState.FAILED, "neutral": MarkState.NEUTRAL, "not_scored": MarkState.NEUTRAL}
_CODES = {"choice", "pass_fail"}
_MOST_CHECKLISTS = 64


@attrs.frozen
class Seen:
    """What the parts of a policy see in a cell, whatever it is answered; parts go by their place among their kind."""

    points: tuple[tuple[int, Fraction | int], ...]
    """The parts of points that count it, each with its weight; none of 0."""
    on_failure: tuple[tuple[int, Decimal], ...]
    """The deductions that take points away if it fails."""
    by_value: tuple[int, ...]
    """The deductions that look at the code answered."""
    vetoes: tuple[int, ...]


Weighed = tuple[Mark, Seen]


def weigh(policy: RubricPolicy, readings: Iterable[Reading]) -> Iterator[Weighed]:
    """Yield the cells of the sheets that a policy scores, as it sees them."""
    proportional = policy.ratings == "proportional"
    for reading in readings:
        sheet = reading.sheet
        if sheet.checklist not in policy.checklists:
            continue
        # What is seen depends on the checklist and the policy alone, so it is worked out once for both.
        if len(policy.seen) > _MOST_CHECKLISTS:
            policy.seen.clear()
        known = policy.seen.setdefault(reading.bound.pin.checklist_digest, {})
        for cell in reading.cells:
            item, judgement, value = cell.item, cell.judgement, cell.value
            severity = item.severity if judgement is None else judgement.severity or item.severity
            seen = known.get((item.id, severity))
            if seen is None:
                seen = see(policy, sheet.checklist, cell.section.id, item.id, item.severity, severity, item.basis)
                known[item.id, severity] = seen
            state = _FIXED.get(cell.state)
            if state is None:
                state = _COUNTS[policy.unanswered if cell.state is CellState.MISSING else policy.unknown]
            yield (
                Mark(
                    sheet=sheet.id,
                    checklist=sheet.checklist,
                    section=cell.section.id,
                    item=item.id,
                    on=cell.on,
                    state=state,
                    value=value if isinstance(value, str) and item.answer.KIND in _CODES else None,
                    severity=severity,
                    item_severity=item.severity,
                    basis=item.basis,
                    credit=_credit(cell) if proportional else None,
                    text=item.text,
                    rules=cell.rules,
                ),
                seen,
            )


def _credit(cell: Cell) -> tuple[int, int] | None:
    scale = cell.item.answer
    if isinstance(scale, Scale) and isinstance(cell.value, Decimal) and cell.judgement is None:
        return (int(cell.value) - scale.low, scale.high - scale.low)
    return None


def see_mark(policy: RubricPolicy, mark: Mark) -> Seen:
    """Return what the parts of a policy see in a mark."""
    return see(policy, mark.checklist, mark.section, mark.item, mark.item_severity, mark.severity, mark.basis)


def see(
    policy: RubricPolicy,
    checklist: str,
    section: str,
    item: str,
    item_severity: Severity | None,
    severity: Severity | None,
    basis: str,
) -> Seen:
    """Return what the parts of a policy see in a cell.

    Points select and weigh by the item's own severity, deductions and vetoes by how bad the failure is.
    """
    points: list[tuple[int, Fraction | int]] = []
    for at, part in enumerate(policy.points):
        if part.select.takes(checklist, section, item, item_severity, basis):
            weight = part.weight(item, item_severity, basis)
            if weight:
                points.append((at, weight.numerator if weight.denominator == 1 else weight))
    on_failure: list[tuple[int, Decimal]] = []
    by_value: list[int] = []
    for at, deduction in enumerate(policy.deductions):
        if deduction.when is None and deduction.select.takes(checklist, section, item, severity, basis):
            if deduction.by_value:
                by_value.append(at)
            else:
                lost = _lost(deduction, severity)
                if lost:
                    on_failure.append((at, lost))
    vetoes = tuple(
        at for at, veto in enumerate(policy.vetoes) if veto.select.takes(checklist, section, item, severity, basis)
    )
    return Seen(tuple(points), tuple(on_failure), tuple(by_value), vetoes)


def _lost(deduction: Deduction, severity: Severity | None) -> Decimal | None:
    if deduction.points is not None:
        return deduction.points
    return deduction.by_severity.get(severity.value) if severity else None
