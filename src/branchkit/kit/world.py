"""What a decision reads and a commit writes, inside one transaction of a store."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from branchkit.checklists import Checklist, Sheet
from branchkit.codec import structure
from branchkit.errors import DecodeError, MissingKey, NotFound, StoreCorrupt
from branchkit.estate import Branch, Entry, OrgUnit, Register
from branchkit.findings import Finding, FindingState
from branchkit.kit.fold import KINDS, Change, Filed
from branchkit.scoring import ScoringPolicy
from branchkit.storage import Stored, Transaction
from branchkit.temporal import Calendar

if TYPE_CHECKING:
    from branchkit.kit.rules import RuleBook

__all__ = ["StoreWorld", "loaded"]


def loaded(stored: Stored, *, where: str) -> Any:
    """Return the object that a stored document holds; raises `StoreCorrupt` that names it where it is not readable."""
    place = f"{where} {stored.kind} {stored.id!r}"
    try:
        return structure(KINDS[stored.kind].cls, stored.body, source=place)
    except DecodeError as error:
        raise StoreCorrupt(place, f"the document is not readable: {error}", "rebuild it from the journal") from error
    except (ValueError, RecursionError) as error:
        raise StoreCorrupt(place, "the document is no JSON", "rebuild it from the journal") from error


class StoreWorld:
    """The documents of one transaction, and the rules.

    What has been read or written once is not read again: the transaction holds it still.
    """

    def __init__(self, tx: Transaction, rules: RuleBook, *, where: str) -> None:
        self._tx = tx
        self._rules = rules
        self._where = where
        self._held: dict[tuple[str, str], Any] = {}
        self._open: dict[str, dict[str, Finding]] = {}
        self._dated: dict[tuple[str, str], dict[str, dt.datetime]] = {}

    def current(self, kind: str, id: str) -> Any:
        """Return a document of the store, or ``None``."""
        key = (kind, id)
        if key not in self._held:
            stored = self._tx.get(kind, id)
            self._held[key] = None if stored is None else loaded(stored, where=self._where)
        return self._held[key]

    def write(self, change: Change, plain: Any) -> None:
        """Write a document, given its plain data too, with the fields it can be found by."""
        self._tx.put(change.kind, change.id, plain, index=KINDS[change.kind].index(change.value))
        self._held[change.kind, change.id] = change.value
        if isinstance(change.value, Filed):
            sheet = change.value.sheet
            self._dated.get((sheet.branch, sheet.checklist), {})[sheet.id] = sheet.at
        if isinstance(change.value, Finding) and change.value.branch in self._open:
            standing = self._open[change.value.branch]
            if change.value.state is FindingState.OPEN:
                standing[change.id] = change.value
            else:
                standing.pop(change.id, None)

    def hold(self, change: Change) -> None:
        """Take a document to be so for as long as the transaction lasts, without writing it."""
        self._held[change.kind, change.id] = change.value

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the documents of a kind with these field values, in the order of their ids."""
        after: str | None = None
        while True:
            page = self._tx.find(kind, where, after=after)
            for stored in page.items:
                key = (kind, stored.id)
                if key not in self._held:
                    self._held[key] = loaded(stored, where=self._where)
                yield self._held[key]
            if page.next is None:
                return
            after = page.next

    def unit(self, id: str) -> OrgUnit | None:
        """Return a unit."""
        unit: OrgUnit | None = self.current("unit", id)
        return unit

    def branch(self, id: str) -> Branch | None:
        """Return a branch."""
        branch: Branch | None = self.current("branch", id)
        return branch

    def filed(self, sheet: str) -> Filed | None:
        """Return a sheet as it is kept."""
        filed: Filed | None = self.current("sheet", sheet)
        return filed

    def finding(self, id: str) -> Finding | None:
        """Return a finding, open or closed."""
        finding: Finding | None = self.current("finding", id)
        return finding

    def closed_by(self, sheet: str) -> Iterator[Finding]:
        """Yield the findings that a sheet closed, in the order of their ids."""
        return self.found("finding", {"closed_by": sheet})

    def open_findings(self, branch: str) -> Iterator[Finding]:
        """Yield the open findings of a branch, in the order of their ids; they are looked for once."""
        if branch not in self._open:
            found = self.found("finding", {"branch": branch, "state": FindingState.OPEN.value})
            self._open[branch] = {finding.id: finding for finding in found}
        standing = self._open[branch]
        return (standing[id] for id in sorted(standing))

    def later_sheets(self, sheet: Sheet) -> list[Filed]:
        """Return the final sheets of its branch and checklist that count and are not dated before it, in order.

        Their moments are looked up once and held; only those that are returned are made into objects.
        """
        about = (sheet.branch, sheet.checklist)
        if about not in self._dated:
            self._dated[about] = dict(self._moments(*about))
        later = sorted((at, id) for id, at in self._dated[about].items() if at >= sheet.at and id != sheet.id)
        found = (self.filed(id) for _, id in later)
        return [filed for filed in found if filed is not None and filed.state == "final"]

    def _moments(self, branch: str, checklist: str) -> Iterator[tuple[str, dt.datetime]]:
        where = {"branch": branch, "checklist": checklist, "state": "final"}
        after: str | None = None
        while True:
            page = self._tx.find("sheet", where, after=after)
            for stored in page.items:
                held = self._held.get(("sheet", stored.id))
                # Of many sheets nearly all are older, and to make one into an object takes ten times as long.
                at = structure(dt.datetime, stored.body["sheet"]["at"]) if held is None else held.sheet.at
                yield stored.id, at
            if page.next is None:
                return
            after = page.next

    def entries(self, register: str) -> Iterator[Entry]:
        """Yield the entries of a register."""
        return self.found("entry", {"register": register})

    def calendar(self, id: str) -> Calendar | None:
        """Return a calendar: one that was published, or else one of the catalog or of a plug-in."""
        known: Calendar | None = self.current("calendar", id)
        if known is not None:
            return known
        try:
            return self._rules.calendar(id)
        except (NotFound, MissingKey):
            return None

    def checklist(self, id: str, version: str) -> Checklist:
        """Return a checklist; raises `NotFound`."""
        return self._rules.checklist(id, version)

    def register(self, id: str) -> Register:
        """Return a register's declaration; raises `NotFound`."""
        return self._rules.register(id)

    def policy_for(self, checklist: Checklist, branch: Branch) -> ScoringPolicy | None:
        """Return the policy in force for a checklist at a branch, ``None`` where none is named."""
        return self._rules.policy_for(checklist, branch, self.unit)
