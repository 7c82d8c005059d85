"""Judges a sheet: what failed, exactly where, and how bad it is."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.model import Constraint, Count, Distinct, Section, Total
from branchkit.checklists.reading import Cell, CellState, Reading, read
from branchkit.checklists.sheet import Sheet
from branchkit.conditions import FactValue, evaluate
from branchkit.findings import Finding
from branchkit.values import Ref, Unknown

__all__ = ["judge", "judge_reading"]


def judge(sheet: Sheet, bound: BoundChecklist) -> tuple[Finding, ...]:
    """Return the findings of a sheet, in the checklist's order.

    Every failed item gives a finding at the exact device, person or row it was asked of; a judgement that only warns
    gives one of severity `Severity.WARNING`; a set of rows that breaks a constraint gives one for the set.
    What is missing or unknown is no finding: `read` tells it.

    Raises:
        InputError: for answers that cannot be read; see `read`.
    """
    return judge_reading(read(sheet, bound))


def judge_reading(reading: Reading) -> tuple[Finding, ...]:
    """Return the findings of a sheet that has been read."""
    found = [_finding(reading, cell) for cell in reading.cells if cell.state in {CellState.FAILED, CellState.WARNED}]
    for section in reading.bound.checklist.sections:
        found.extend(_constraints(reading, section))
    return tuple(found)


def _finding(reading: Reading, cell: Cell) -> Finding:
    sheet = reading.sheet
    judgement = cell.judgement
    return Finding(
        id=f"{sheet.id}/{cell.key}",
        branch=sheet.branch,
        place=(Ref("branch", sheet.branch), *cell.on),
        severity=cell.severity,
        message=judgement.message if judgement and judgement.message else cell.item.text,
        rules=cell.rules,
        item=f"{sheet.checklist}/{cell.item.id}",
        sheet=sheet.id,
        at=sheet.at,
    )


def _constraints(reading: Reading, section: Section) -> Iterator[Finding]:
    if not section.constraints:
        return
    sets: dict[tuple[Ref, ...], dict[Ref, dict[str, Cell]]] = {}
    outer = reading.bound.subjects(section, section.items[0])
    for subject in () if isinstance(outer, Unknown) else outer:
        sets[subject] = {}
    for cell in reading.cells:
        if cell.section.id == section.id and cell.on and cell.on[-1].kind == "row":
            sets[cell.on[:-1]].setdefault(cell.on[-1], {})[cell.item.id] = cell
    sheet = reading.sheet
    for at, constraint in enumerate(section.constraints):
        for subject, rows in sets.items():
            for row in _broken(constraint, rows, reading):
                place = (Ref("branch", sheet.branch), *subject, *((row,) if row else ()))
                name = "@".join((f"{section.id}.{constraint.KIND}{at + 1}", *map(str, place[1:])))
                yield Finding(
                    id=f"{sheet.id}/{name}",
                    branch=sheet.branch,
                    place=place,
                    severity=constraint.severity,
                    message=constraint.message,
                    rules=constraint.rules,
                    item=f"{sheet.checklist}/{section.id}",
                    sheet=sheet.id,
                    at=sheet.at,
                )


def _broken(constraint: Constraint, rows: dict[Ref, dict[str, Cell]], reading: Reading) -> Iterator[Ref | None]:
    """Yield the rows that break a constraint, or ``None`` once where the set as a whole does."""
    if isinstance(constraint, Distinct):
        seen: set[tuple[FactValue | Unknown, ...]] = set()
        for row, cells in rows.items():
            values = tuple(cells[name].value for name in constraint.items)
            if any(isinstance(value, Unknown) for value in values):
                continue
            if values in seen:
                yield row
            seen.add(values)
    elif isinstance(constraint, Count):
        count = sum(_holds(constraint, cells, reading) for cells in rows.values())
        if (constraint.low is not None and count < constraint.low) or (
            constraint.high is not None and count > constraint.high
        ):
            yield None
    elif isinstance(constraint, Total):
        total = sum((v for c in rows.values() if isinstance(v := c[constraint.item].value, Decimal)), Decimal(0))
        if (constraint.low is not None and total < constraint.low) or (
            constraint.high is not None and total > constraint.high
        ):
            yield None
    else:
        given: set[object] = set()
        for cells in rows.values():
            value = cells[constraint.item].value
            given |= value if isinstance(value, frozenset) else {value}
        if not given.issuperset(constraint.values):
            yield None


def _holds(constraint: Count, cells: dict[str, Cell], reading: Reading) -> bool:
    if constraint.when is None:
        return True
    facts = dict(reading.bound.facts)
    facts |= {f"answer.{name}": cell.value for name, cell in cells.items()}
    return evaluate(constraint.when, facts) is True
