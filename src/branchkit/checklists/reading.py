"""Reads a sheet against what it was bound to: every answer becomes a cell that says what it means."""

from __future__ import annotations

from operator import getitem

from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.cells import Cell, CellState, Filled, Reading
from branchkit.checklists.layout import Irregular, Layout, layout_of
from branchkit.checklists.reader import Reader
from branchkit.checklists.sheet import Answer, Sheet
from branchkit.errors import Problem
from branchkit.values import is_identifier

__all__ = ["Cell", "CellState", "Reading", "read"]


def read(sheet: Sheet, bound: BoundChecklist) -> Reading:
    """Read a sheet against the bound checklist it fills in.

    What is merely incomplete is listed in `Reading.problems`.

    Raises:
        InputError: for answers that cannot be read: of another checklist or branch, to items that are not there,
            about things it was not bound to, or with values that the item does not accept; all of them at once.
    """
    layout = layout_of(bound) if _belongs(sheet, bound) else None
    reading = None if layout is None else _look_up(sheet, bound, layout)
    return Reader(sheet, bound).run() if reading is None else reading


def _belongs(sheet: Sheet, bound: BoundChecklist) -> bool:
    checklist = bound.checklist
    return (
        sheet.checklist == checklist.id
        and sheet.version == checklist.version
        and sheet.branch == bound.pin.branch
        and (sheet.bound is None or sheet.bound == bound.digest)
        and is_identifier(sheet.id)
        and sheet.supersedes != sheet.id
        and sheet.at.utcoffset() is not None
    )


def _look_up(sheet: Sheet, bound: BoundChecklist, layout: Layout) -> Reading | None:
    """Return the reading, or ``None`` where something is irregular and the long way has to say what."""
    places, index = layout.places, layout.index
    values: list[object] = [None] * len(places)
    where: list[int | None] = [None] * len(places)
    try:
        for position, answer in enumerate(sheet.answers):
            at = index[(answer.item, answer.on) if answer.on else answer.item]
            if where[at] is not None:
                return None
            where[at] = position
            value: object = answer.value
            if (
                value is None
                or answer.words is not None
                or answer.not_applicable is not None
                or answer.unknown is not None
            ):
                value = places[at].said(answer)
            values[at] = value
        for at in layout.words:
            given = where[at]
            if given is not None and sheet.answers[given].value is not None:
                return None
        cells = tuple(map(getitem, places, values))
    except (Irregular, KeyError, TypeError):
        return None
    problems: tuple[Problem, ...] = ()
    if layout.open or layout.shown or None in values:
        cells, problems = _finish(sheet, bound, layout, cells, where)
    return Reading(sheet, bound, cells, problems, {}, Filled(layout, tuple(values)))


def _finish(
    sheet: Sheet, bound: BoundChecklist, layout: Layout, cells: tuple[Cell, ...], where: list[int | None]
) -> tuple[tuple[Cell, ...], tuple[Problem, ...]]:
    """Read the open places the long way, and note in the checklist's order what is lacking."""
    reader = Reader(sheet, bound)
    places, answers = layout.places, sheet.answers

    def found(at: int) -> tuple[int, Answer] | None:
        position = where[at]
        return None if position is None else (position, answers[position])

    for at in layout.watched:
        answer = found(at)
        if answer is not None:
            reader.answers[places[at].key] = answer
            reader.values[places[at].key] = cells[at].value
    reader.apply(places[at].key for at in layout.waiting)
    missing = [at for at, position in enumerate(where) if position is None]
    done = list(cells)
    for at in sorted({*layout.open, *layout.shown, *missing}):
        place = places[at]
        if place.is_open:
            done[at] = reader.cell(place.asked, place.on)
        elif place.nothing is None and cells[at].state is not CellState.NOT_APPLICABLE:
            reader.shown(cells[at], found(at))
    return tuple(done), tuple(reader.lacking)
