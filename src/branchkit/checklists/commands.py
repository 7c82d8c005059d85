"""What may be asked of sheets and findings, and what then has happened."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import attrs

from branchkit.checklists.binding import Pin
from branchkit.checklists.cells import CellState, Reading
from branchkit.checklists.judge import constraint_item, judge_reading
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
        """The branch's stream."""
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
        """The branch's stream."""
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
    reopened: tuple[str, ...] = ()
    """The ids of the findings that the sheet it supersedes had closed, and that it does not close."""


@attrs.frozen
class FindingClosed(Event):
    """A finding was closed: by hand, or because a sheet told before passes what a sheet told after it had failed."""

    KIND: ClassVar[str] = "finding_closed"

    branch: str
    finding: str
    closure: Closure


def closings(reading: Reading, still_open: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[str, ...]]:
    """Say what a sheet does to the findings that are open: which stay, and which it closes.

    A finding is closed by a sheet that passes the same item on the same place, or that judges the same set of rows
    and finds nothing wrong with it; one that fails it again leaves it open and opens no second one.
    A sheet older than the one that raised a finding closes nothing, and neither does a draft. Rows without a name
    are the same only on the sheet that a revision takes the place of.

    Returns:
        The open findings whose item failed again, and the ids of those that are closed.
    """
    sheet = reading.sheet
    if sheet.state == "draft":
        return (), ()
    failed = {(finding.item, finding.place) for finding in judge_reading(reading)}
    passed, fleeting = _passed(reading)
    again: list[Finding] = []
    closed: list[str] = []
    for finding in still_open:
        about = (finding.item, finding.place)
        same_rows = finding.sheet is not None and finding.sheet in (sheet.id, sheet.supersedes)
        other_row = finding.item in fleeting and finding.place[-1].kind == "row" and not same_rows
        if finding.state is not FindingState.OPEN or other_row:
            continue
        if about in failed:
            again.append(finding)
        elif (about in passed or _is_set(finding, passed)) and (finding.at is None or finding.at <= sheet.at):
            closed.append(finding.id)
    return tuple(again), tuple(closed)


_About = tuple[str | None, tuple[Ref, ...]]


def _passed(reading: Reading) -> tuple[set[_About], set[str | None]]:
    """Return what the sheet passes, with the sets of rows it judges, and the items whose rows have no name."""
    passed: set[_About] = set()
    fleeting: set[str | None] = set()
    name = reading.sheet.checklist
    for cell in reading.cells:
        if cell.state is CellState.PASSED:
            passed.add((f"{name}/{cell.item.id}", reading.place(cell.section, cell.on)))
    for section in reading.bound.checklist.sections:
        sets = [constraint_item(name, section, at) for at in range(len(section.constraints))]
        for subject in reading.sets.get(section.id, ()):
            passed |= {(one, reading.place(section, subject)) for one in sets}
        if not reading.is_lasting(section):
            fleeting |= {*sets, *(f"{name}/{item.id}" for item in section.items)}
    return passed, fleeting


def _is_set(finding: Finding, passed: set[_About]) -> bool:
    """Say whether the finding is of one row of a set that is judged again."""
    is_row = finding.place[-1].kind in {"row", "unnamed_row"} and "." in (finding.item or "").rpartition("/")[2]
    return is_row and (finding.item, finding.place[:-1]) in passed
