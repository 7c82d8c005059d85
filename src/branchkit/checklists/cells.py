"""Cells: what every item of a bound sheet comes to, on every thing it was asked of."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import attrs

from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.model import Item, Judgement, Section
from branchkit.checklists.sheet import Sheet
from branchkit.conditions import FactValue
from branchkit.errors import Problem
from branchkit.values import Ref, Severity, Text, Unknown

if TYPE_CHECKING:
    from branchkit.checklists.layout import Layout

__all__ = ["NOT_ANSWERED", "Cell", "CellState", "Filled", "Reading", "cell_key"]

NOT_ANSWERED = Unknown("not answered")


def cell_key(name: str, on: Iterable[Ref]) -> str:
    """Return how a cell is told: its item and what it was asked of; an ``@`` within an id is doubled.

    >>> cell_key("clean", (Ref("equipment", "ATM-1"),)), cell_key("badge", (Ref("staff", "li@bank"),))
    ('clean@equipment:ATM-1', 'badge@staff:li@@bank')
    """
    return "@".join((name, *(str(ref).replace("@", "@@") for ref in on)))


class CellState(enum.Enum):
    """What a cell of a bound sheet comes to."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    """Passed, with a warning."""
    NEUTRAL = "neutral"
    """Answered with information that is neither good nor bad."""
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    """Said to be unknown, or asked of something that nobody knows."""
    MISSING = "missing"
    """Required and not answered."""
    SKIPPED = "skipped"
    """Optional and not answered."""


@attrs.frozen(kw_only=True)
class Cell:
    """One item, asked of one thing, as it was answered."""

    section: Section = attrs.field(repr=lambda section: section.id)
    item: Item = attrs.field(repr=lambda item: item.id)
    on: tuple[Ref, ...] = ()
    """What it was asked of, as on the sheet."""
    state: CellState
    value: FactValue | Unknown = attrs.field(default=NOT_ANSWERED, repr=False)
    """The answer, typed."""
    reason: Text | None = None
    """Why it is not applicable or unknown, where the checklist itself says so."""
    judgement: Judgement | None = attrs.field(default=None, repr=False)
    """The judgement that decided, where one did."""

    @property
    def key(self) -> str:
        """The item and what it was asked of, as in ``clean@equipment:ATM-1``; the same on every sheet."""
        return cell_key(self.item.id, self.on) if self.on else self.item.id

    @property
    def severity(self) -> Severity:
        """How bad it is that the cell failed or warned."""
        if self.state is CellState.WARNED:
            return Severity.WARNING
        chosen = self.judgement.severity if self.judgement else None
        return chosen or self.item.severity or Severity.MINOR

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of the item, and those of the judgement that decided."""
        if self.judgement is None:
            return self.item.rules
        return (*self.item.rules, *(rule for rule in self.judgement.rules if rule not in self.item.rules))


@attrs.frozen(eq=False)
class Filled:
    """The places of a sheet as they were filled in, where its checklist has places."""

    layout: Layout
    values: tuple[object, ...]
    """For each place what the answer holds, as `branchkit.checklists.layout.Place` goes by it."""
    is_straight: bool
    """True where the sheet answers every place, in this order."""


@attrs.frozen(eq=False)
class Reading:
    """A sheet read against its bound checklist."""

    sheet: Sheet
    bound: BoundChecklist
    cells: tuple[Cell, ...]
    """Every cell, in the checklist's order; rows in the sheet's order."""
    problems: tuple[Problem, ...]
    """What makes the sheet incomplete, with the path of the answer or the item that is missing."""
    sets: Mapping[str, tuple[tuple[Ref, ...], ...]] = attrs.field(factory=dict)
    """For each section answered in rows: the things it is asked of and applies to, each with a set of rows."""
    filled: Filled | None = attrs.field(default=None, repr=False)
    """The cells as places that were filled in; ``None`` where the sheet was read the long way."""

    @cached_property
    def digest(self) -> str:
        """The digest of the sheet."""
        if self.filled is None:
            return self.sheet.digest()
        from branchkit.checklists.digests import digest_of

        return digest_of(self.sheet, self.filled)

    @cached_property
    def by_item(self) -> Mapping[str, tuple[Cell, ...]]:
        """The cells of each item."""
        found: dict[str, list[Cell]] = {item.id: [] for _, item in self.bound.checklist.items()}
        for cell in self.cells:
            found[cell.item.id].append(cell)
        return {name: tuple(cells) for name, cells in found.items()}

    @cached_property
    def row_names(self) -> Mapping[tuple[str, tuple[Ref, ...]], Ref]:
        """What each row is called in findings, where its section names rows: by section and `Cell.on`."""
        return {
            (cell.section.id, cell.on): Ref("row", cell.value)
            for cell in self.cells
            if cell.section.rows is not None
            and cell.section.rows.key == cell.item.id
            and cell.on
            and isinstance(cell.value, str)
        }

    def place(self, section: Section, on: tuple[Ref, ...]) -> tuple[Ref, ...]:
        """Return the place of a finding, from the branch down; a row that has a name goes by it.

        In a section that names its rows, one whose name is not known goes by ``unnamed_row``.
        """
        if on and section.rows is not None and section.rows.key is not None and on[-1].kind == "row":
            on = (*on[:-1], self.row_names.get((section.id, on)) or Ref("unnamed_row", on[-1].id))
        return (Ref("branch", self.sheet.branch), *on)

    def is_lasting(self, section: Section) -> bool:
        """Say whether places in the section mean the same on every sheet; rows without a name do not."""
        return section.rows is None or section.rows.key is not None
