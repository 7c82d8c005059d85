"""Reads a sheet against what it was bound to: every answer becomes a cell that says what it means."""

from __future__ import annotations

from collections.abc import Sequence
from operator import getitem

from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.cells import Cell, CellState, Filled, Reading
from branchkit.checklists.layout import Irregular, Layout, layout_of
from branchkit.checklists.reader import Reader
from branchkit.checklists.sheet import Answer, Sheet
from branchkit.errors import Problem
from branchkit.values import is_identifier

__all__ = ["Cell", "CellState", "Reading", "cells_of", "read"]


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
        reader = Reader(sheet, bound)
        answers = sheet.answers
        found = [None if position is None else (position, answers[position]) for position in where]
        cells, problems = _finish(reader, layout, cells, found)
    return Reading(sheet, bound, cells, problems, {}, Filled(layout, tuple(values), where == layout.straight))


def cells_of(bound: BoundChecklist, layout: Layout, values: Sequence[object]) -> tuple[Cell, ...]:
    """Return what values come to, given in the order of the places.

    Args:
        bound: what they answer.
        layout: its layout.
        values: a value as a sheet holds it, an answer that says more, or ``None`` for no answer.

    Raises:
        Irregular, TypeError: a value is none that its place takes.
    """
    cells = tuple(map(getitem, layout.places, values))
    if not layout.open:
        return cells
    pin = bound.pin
    sheet = Sheet("values", checklist=pin.checklist, version=pin.version, branch=pin.branch, at=pin.at, by="values")
    pairs = enumerate(zip(layout.places, values, strict=True))
    given = [None if value is None else (at, place.answer(value)) for at, (place, value) in pairs]
    return _finish(Reader(sheet, bound), layout, cells, given)[0]


def _finish(
    reader: Reader, layout: Layout, cells: tuple[Cell, ...], given: Sequence[tuple[int, Answer] | None]
) -> tuple[tuple[Cell, ...], tuple[Problem, ...]]:
    """Read the open places the long way, and note in the checklist's order what is lacking."""
    places = layout.places
    for at in layout.watched:
        answer = given[at]
        if answer is not None:
            reader.answers[places[at].key] = answer
            reader.values[places[at].key] = cells[at].value
    reader.apply(places[at].key for at in layout.waiting)
    missing = [at for at, answer in enumerate(given) if answer is None]
    done = list(cells)
    for at in sorted({*layout.open, *layout.shown, *missing}):
        place = places[at]
        if place.is_open:
            done[at] = reader.cell(place.asked, place.on)
        elif place.nothing is None and cells[at].state is not CellState.NOT_APPLICABLE:
            reader.shown(cells[at], given[at])
    return tuple(done), tuple(reader.lacking)
