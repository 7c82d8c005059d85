"""Folds events into documents: what the store keeps is what the journal says, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from branchkit.checklists import FindingClosed, Pin, Sheet, SheetSubmitted
from branchkit.errors import StoreCorrupt
from branchkit.estate import (
    Branch,
    BranchRegistered,
    BranchRevised,
    CalendarPublished,
    Entry,
    EntryRecorded,
    EquipmentInstalled,
    EquipmentStateChanged,
    OrgUnit,
    UnitRegistered,
    evolve_branch,
)
from branchkit.findings import Closure, Finding, FindingState
from branchkit.kit.scored import ScoreRecord, SheetScored
from branchkit.messages import Event
from branchkit.temporal import Calendar
from branchkit.values import Unknown

__all__ = ["KINDS", "Change", "Filed", "Kind", "fold"]

Scalar = str | int | bool | None


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


@attrs.frozen
class Kind:
    """One kind of document: its class and the fields it can be found by."""

    name: str
    cls: type[Any]
    fields: tuple[str, ...]
    """The names of the fields it can be found by."""
    index: Callable[[Any], Mapping[str, Scalar]]
    """Gives the values of those fields."""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind("unit", OrgUnit, ("level", "parent"), lambda unit: {"level": unit.level, "parent": unit.parent}),
        Kind("branch", Branch, ("kind", "unit"), lambda one: {"kind": _text(one.kind), "unit": _text(one.unit)}),
        Kind("entry", Entry, ("register", "branch"), lambda one: {"register": one.register, "branch": one.branch}),
        Kind("calendar", Calendar, (), lambda calendar: {}),
        Kind(
            "sheet",
            Filed,
            ("branch", "checklist", "state"),
            lambda one: {"branch": one.sheet.branch, "checklist": one.sheet.checklist, "state": one.state},
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
}
"""Every kind of document the kit keeps, by name."""


@attrs.frozen
class Change:
    """A document to write."""

    kind: str
    id: str
    value: Any


def fold(event: Event, current: Callable[[str, str], Any]) -> tuple[Change, ...]:
    """Return the documents as they are after an event.

    Args:
        event: what happened; everything the decision needed is in it.
        current: returns the document of a kind and id as it is now; raises if there is none.

    Raises:
        StoreCorrupt: if the event speaks of a document that the events before it did not make.
    """
    match event:
        case UnitRegistered():
            return (Change("unit", event.unit.id, event.unit),)
        case BranchRegistered() | BranchRevised():
            return (Change("branch", event.branch.id, event.branch),)
        case EquipmentInstalled() | EquipmentStateChanged():
            return (Change("branch", event.branch, evolve_branch(_needed(current, "branch", event.branch), event)),)
        case EntryRecorded():
            return (Change("entry", f"{event.entry.register}/{event.entry.id}", event.entry),)
        case CalendarPublished():
            return (Change("calendar", event.calendar.id, event.calendar),)
        case SheetSubmitted():
            return _sheet(event, current)
        case SheetScored():
            return (Change("score", event.score.sheet, event.score),)
        case FindingClosed():
            return (_closed(current, event.finding, event.closure),)
        case _:
            raise StoreCorrupt("journal", f"no rule folds the event {type(event).__name__}")


def _sheet(event: SheetSubmitted, current: Callable[[str, str], Any]) -> tuple[Change, ...]:
    sheet = event.sheet
    changes = [Change("sheet", sheet.id, Filed(sheet=sheet, pin=event.pin))]
    if sheet.supersedes is not None:
        before: Filed = _needed(current, "sheet", sheet.supersedes)
        changes.append(Change("sheet", sheet.supersedes, attrs.evolve(before, superseded_by=sheet.id)))
    changes += [Change("finding", finding.id, finding) for finding in event.opened]
    changes += [_reopened(current, finding) for finding in event.reopened]
    if event.closure is not None:
        changes += [_closed(current, finding, event.closure) for finding in event.closed]
    return tuple(changes)


def _reopened(current: Callable[[str, str], Any], finding: str) -> Change:
    before: Finding = _needed(current, "finding", finding)
    return Change("finding", finding, attrs.evolve(before, state=FindingState.OPEN, closure=None))


def _closed(current: Callable[[str, str], Any], finding: str, closure: Closure) -> Change:
    before: Finding = _needed(current, "finding", finding)
    return Change("finding", finding, attrs.evolve(before, state=FindingState.CLOSED, closure=closure))


def _needed(current: Callable[[str, str], Any], kind: str, name: str) -> Any:
    found = current(kind, name)
    if found is None or isinstance(found, Unknown):
        raise StoreCorrupt("journal", f"an event speaks of {kind} {name!r}, which no event before it made")
    return found
