"""What is kept of sheets: the documents, what they are found by, and how events change them."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from branchkit.checklists import FindingClosed, Pin, Sheet, SheetSubmitted
from branchkit.findings import Closure, Finding, FindingState
from branchkit.kit.floor import Change, Current, Kind, needed
from branchkit.kit.floors.about import customer_named
from branchkit.kit.scored import ScoreRecord, SheetScored

__all__ = ["SHEET_KINDS", "Filed", "fold_closed", "fold_scored", "fold_sheet"]


@attrs.frozen(kw_only=True)
class Filed:
    """A sheet as it is kept: with what it was bound to, and whether it still counts."""

    sheet: Sheet
    pin: Pin
    superseded_by: str | None = None

    @property
    def state(self) -> str:
        """``draft``, ``final`` or ``superseded``."""
        return "superseded" if self.superseded_by else self.sheet.state


def _index(one: Filed) -> Mapping[str, str]:
    customer = customer_named((), one.sheet.facts)
    about = {} if customer is None else {"customer": customer}
    return about | {"branch": one.sheet.branch, "checklist": one.sheet.checklist, "state": one.state}


SHEET_KINDS: tuple[Kind, ...] = (
    Kind(
        "sheet",
        Filed,
        ("branch", "checklist", "state", "customer"),
        _index,
    ),
    Kind(
        "finding",
        Finding,
        ("branch", "state", "severity", "item", "sheet", "closed_by"),
        lambda one: {
            "branch": one.branch,
            "state": one.state.value,
            "severity": one.severity.value,
            "item": one.item,
            "sheet": one.sheet,
            "closed_by": one.closure.sheet if one.closure else None,
        },
    ),
    Kind(
        "score",
        ScoreRecord,
        ("branch", "checklist", "policy", "band"),
        lambda one: {"branch": one.branch, "checklist": one.checklist, "policy": one.policy, "band": one.band},
    ),
)


def fold_sheet(event: SheetSubmitted, current: Current) -> tuple[Change, ...]:
    """Return a sheet that was handed in, the one that it supersedes, and the findings it opens, reopens and closes."""
    sheet = event.sheet
    changes = [Change("sheet", sheet.id, Filed(sheet=sheet, pin=event.pin))]
    if sheet.supersedes is not None:
        before: Filed = needed(current, "sheet", sheet.supersedes)
        changes.append(Change("sheet", sheet.supersedes, attrs.evolve(before, superseded_by=sheet.id)))
    changes += [Change("finding", finding.id, finding) for finding in event.opened]
    changes += [_reopened(current, finding) for finding in event.reopened]
    if event.closure is not None:
        changes += [_closed(current, finding, event.closure) for finding in event.closed]
    return tuple(changes)


def fold_scored(event: SheetScored, current: Current) -> tuple[Change, ...]:
    """Return the score of a sheet."""
    return (Change("score", event.score.sheet, event.score),)


def fold_closed(event: FindingClosed, current: Current) -> tuple[Change, ...]:
    """Return a finding that was closed."""
    return (_closed(current, event.finding, event.closure),)


def _reopened(current: Current, finding: str) -> Change:
    before: Finding = needed(current, "finding", finding)
    return Change("finding", finding, attrs.evolve(before, state=FindingState.OPEN, closure=None))


def _closed(current: Current, finding: str, closure: Closure) -> Change:
    before: Finding = needed(current, "finding", finding)
    return Change("finding", finding, attrs.evolve(before, state=FindingState.CLOSED, closure=closure))
