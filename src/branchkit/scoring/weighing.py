"""Turns cells into marks: what each counts as, and what each part of a policy sees in it."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

import attrs

from branchkit.checklists import Cell, CellState, Scale
from branchkit.scoring.rubric import Deduction
from branchkit.scoring.score import Mark, MarkState
from branchkit.values import Severity

if TYPE_CHECKING:
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["Seen", "Weighed", "code_of", "credit_of", "mark_of", "see", "see_mark", "severity_of", "state_of"]

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


def severity_of(cell: Cell) -> Severity | None:
    """Return how bad a failure of a cell is: as judged, or as its item says."""
    return cell.item.severity if cell.judgement is None else cell.judgement.severity or cell.item.severity


def state_of(policy: RubricPolicy, cell: Cell) -> MarkState:
    """Return what a cell counts as."""
    state = _FIXED.get(cell.state)
    if state is None:
        state = _COUNTS[policy.unanswered if cell.state is CellState.MISSING else policy.unknown]
    return state


def credit_of(policy: RubricPolicy, cell: Cell) -> tuple[int, int] | None:
    """Return how far a rating is above its lowest, and how far it can be, where it counts in proportion."""
    scale = cell.item.answer
    if (
        policy.ratings == "proportional"
        and isinstance(scale, Scale)
        and isinstance(cell.value, Decimal)
        and cell.judgement is None
    ):
        return (int(cell.value) - scale.low, scale.high - scale.low)
    return None


def code_of(cell: Cell) -> str | None:
    """Return the code answered, where the answer is one."""
    return cell.value if isinstance(cell.value, str) and cell.item.answer.KIND in _CODES else None


def mark_of(policy: RubricPolicy, sheet: str, checklist: str, cell: Cell) -> Mark:
    """Return a cell as a policy sees it."""
    item = cell.item
    return Mark(
        sheet=sheet,
        checklist=checklist,
        section=cell.section.id,
        item=item.id,
        on=cell.on,
        state=state_of(policy, cell),
        value=code_of(cell),
        severity=severity_of(cell),
        item_severity=item.severity,
        basis=item.basis,
        credit=credit_of(policy, cell),
        text=item.text,
        rules=cell.rules,
    )


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
