"""Judges a sheet: what failed, exactly where, and how bad it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction

from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.cells import Cell, CellState, Reading, cell_key
from branchkit.checklists.model import Constraint, Count, Distinct, Section, Total
from branchkit.checklists.prepared import Test
from branchkit.checklists.reading import read
from branchkit.checklists.sheet import Sheet
from branchkit.conditions import Facts, FactValue
from branchkit.findings import Finding
from branchkit.values import Ref, Unknown

__all__ = ["constraint_item", "finding_of", "judge", "judge_reading"]

_On = tuple[Ref, ...]


def judge(sheet: Sheet, bound: BoundChecklist) -> tuple[Finding, ...]:
    """Return the findings of a sheet, in the checklist's order.

    Every failed item gives a finding at the exact device, person or row it was asked of; a judgement that only warns
    gives one of severity `Severity.WARNING`; a set of rows that breaks a constraint gives one for the set, or for each
    row that repeats another. A row goes by its name where its section names rows.
    What is missing or unknown is no finding: `read` tells it.

    Raises:
        InputError: for answers that cannot be read; see `read`.
    """
    return judge_reading(read(sheet, bound))


def judge_reading(reading: Reading) -> tuple[Finding, ...]:
    """Return the findings of a sheet that has been read.

    No two are of one item at one place: of rows that have the same name, the worst is told.
    """
    sheet = reading.sheet
    found = [
        finding_of(cell, sheet.id, sheet.checklist, reading.place(cell.section, cell.on), sheet.at)
        for cell in reading.cells
        if cell.state is CellState.FAILED or cell.state is CellState.WARNED
    ]
    for section in reading.bound.checklist.sections:
        found.extend(_constraints(reading, section))
    worst: dict[tuple[str | None, tuple[Ref, ...]], Finding] = {}
    for finding in found:
        about = (finding.item, finding.place)
        if about not in worst or worst[about].severity < finding.severity:
            worst[about] = finding
    return tuple(worst.values())


def constraint_item(checklist: str, section: Section, at: int) -> str:
    """Return what a finding of a constraint names as its item: ``checklist/section.count1``; no item is called so."""
    return f"{checklist}/{section.id}.{section.constraints[at].KIND}{at + 1}"


def finding_of(cell: Cell, sheet: str, checklist: str, place: tuple[Ref, ...], at: dt.datetime) -> Finding:
    """Return the finding of a cell that failed or warned, at its place from the branch down."""
    judgement = cell.judgement
    return Finding(
        id=f"{sheet}/{cell.key}",
        branch=place[0].id,
        place=place,
        severity=cell.severity,
        message=judgement.message if judgement and judgement.message else cell.item.text,
        rules=cell.rules,
        item=f"{checklist}/{cell.item.id}",
        sheet=sheet,
        at=at,
    )


def _constraints(reading: Reading, section: Section) -> Iterator[Finding]:
    if not section.constraints:
        return
    sets: dict[_On, dict[Ref, dict[str, Cell]]] = {subject: {} for subject in reading.sets.get(section.id, ())}
    for cell in reading.cells:
        if cell.section.id == section.id and cell.on and cell.on[:-1] in sets:
            sets[cell.on[:-1]].setdefault(cell.on[-1], {})[cell.item.id] = cell
    sheet = reading.sheet
    for at, constraint in enumerate(section.constraints):
        test = reading.bound.checklist.prepared.counts.get((section.id, at))
        for subject, rows in sets.items():
            for row in _broken(constraint, rows, test, reading):
                on = (*subject, *((row,) if row else ()))
                yield Finding(
                    id=f"{sheet.id}/{cell_key(f'{section.id}.{constraint.KIND}{at + 1}', on)}",
                    branch=sheet.branch,
                    place=reading.place(section, on),
                    severity=constraint.severity,
                    message=constraint.message,
                    rules=constraint.rules,
                    item=constraint_item(sheet.checklist, section, at),
                    sheet=sheet.id,
                    at=sheet.at,
                )


def _broken(
    constraint: Constraint, rows: dict[Ref, dict[str, Cell]], test: Test | None, reading: Reading
) -> Iterator[Ref | None]:
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
        return
    if isinstance(constraint, Count):
        count = sum(test is None or test(_in_reach(cells, reading)) is True for cells in rows.values())
        broken = _outside(Fraction(count), constraint.low, constraint.high)
    elif isinstance(constraint, Total):
        numbers = [cells[constraint.item].value for cells in rows.values()]
        total = sum((Fraction(number) for number in numbers if isinstance(number, Decimal)), Fraction(0))
        broken = _outside(total, constraint.low, constraint.high)
    else:
        given: set[object] = set()
        for cells in rows.values():
            value = cells[constraint.item].value
            given |= value if isinstance(value, frozenset) else {value}
        broken = not given.issuperset(constraint.values)
    if broken:
        yield None


def _outside(number: Fraction, low: Decimal | int | None, high: Decimal | int | None) -> bool:
    return (low is not None and number < Fraction(low)) or (high is not None and number > Fraction(high))


def _in_reach(cells: Mapping[str, Cell], reading: Reading) -> Facts:
    """Return the facts that a constraint can reach about one row."""
    return {**reading.bound.facts, **{f"answer.{name}": cell.value for name, cell in cells.items()}}
