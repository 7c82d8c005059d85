"""What may be asked of sheets and findings, and what then has happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from branchkit.checklists.binding import Pin
from branchkit.checklists.reading import Cell, CellState, Reading
from branchkit.checklists.sheet import Sheet
from branchkit.findings import Closure, Finding, FindingState
from branchkit.messages import Command, Event
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.values import Ref

__all__ = [
    "CloseFinding",
    "FindingClosed",
    "SheetSubmitted",
    "SubmitSheet",
    "closings",
]


@attrs.frozen
class SubmitSheet(Command):
    """Hand in a sheet: it is bound, read, judged and scored; findings are opened and closed by it."""

    KIND: ClassVar[str] = "submit_sheet"

    sheet: Sheet

    @property
    def stream(self) -> str:
        return f"branch:{self.sheet.branch}"


@attrs.frozen
class CloseFinding(Command):
    """Close a finding by hand, with the reason why."""

    KIND: ClassVar[str] = "close_finding"

    branch: str
    finding: str
    reason: str = attrs.field(kw_only=True, repr=mask, metadata=personal(FREE_TEXT))

    @property
    def stream(self) -> str:
        return f"branch:{self.branch}"


@attrs.frozen
class SheetSubmitted(Event):
    """A sheet was handed in, with what it was bound to and what came of it."""

    KIND: ClassVar[str] = "sheet_submitted"

    sheet: Sheet
    pin: Pin
    opened: tuple[Finding, ...] = ()
    """The findings that are new."""
    closed: tuple[str, ...] = ()
    """The ids of the findings that the sheet closed by passing the same item on the same place."""
    closure: Closure | None = None


@attrs.frozen
class FindingClosed(Event):
    """A finding was closed by hand."""

    KIND: ClassVar[str] = "finding_closed"

    branch: str
    finding: str
    closure: Closure


def closings(reading: Reading, still_open: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Say what a sheet does to the findings that are open: which stay, and which it closes.

    A finding is closed by a sheet that passes the same item on the same place; one that fails it again leaves it open
    and opens no second one. A sheet older than the one that raised a finding closes nothing.

    Returns:
        The open findings whose item failed again, and the ids of those that are closed.
    """
    passed = {_about(reading, cell) for cell in reading.cells if cell.state is CellState.PASSED}
    failed = {_about(reading, cell) for cell in reading.cells if cell.state in {CellState.FAILED, CellState.WARNED}}
    again: list[Finding] = []
    closed: list[str] = []
    for finding in still_open:
        about = (finding.item, finding.place)
        if finding.state is not FindingState.OPEN or (finding.at is not None and finding.at > reading.sheet.at):
            continue
        if about in failed:
            again.append(finding)
        elif about in passed:
            closed.append(finding.id)
    return tuple(again), tuple(closed)


def _about(reading: Reading, cell: Cell) -> tuple[str, tuple[Ref, ...]]:
    sheet = reading.sheet
    return (f"{sheet.checklist}/{cell.item.id}", (Ref("branch", sheet.branch), *cell.on))
