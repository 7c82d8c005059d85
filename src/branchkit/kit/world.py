"""What a decision reads and a commit writes, inside one transaction of a store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from branchkit.checklists import Checklist
from branchkit.codec import structure, unstructure
from branchkit.errors import MissingKey, NotFound
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
    """Return the object that a stored document holds."""
    return structure(KINDS[stored.kind].cls, stored.body, source=f"{where} {stored.kind} {stored.id!r}")


class StoreWorld:
    """The documents of one transaction, and the rules; what has been read or written once is not read again."""

    def __init__(self, tx: Transaction, rules: RuleBook, *, where: str) -> None:
        self._tx = tx
        self._rules = rules
        self._where = where
        self._held: dict[tuple[str, str], Any] = {}

    def current(self, kind: str, id: str) -> Any:
        """Return a document of the store, or ``None``."""
        key = (kind, id)
        if key not in self._held:
            stored = self._tx.get(kind, id)
            self._held[key] = None if stored is None else loaded(stored, where=self._where)
        return self._held[key]

    def write(self, change: Change) -> None:
        """Write a document with the fields it can be found by."""
        index = KINDS[change.kind].index(change.value)
        self._tx.put(change.kind, change.id, unstructure(change.value), index=index)
        self._held[change.kind, change.id] = change.value

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the documents of a kind with these field values."""
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
        return self._typed("unit", id)

    def branch(self, id: str) -> Branch | None:
        return self._typed("branch", id)

    def filed(self, sheet: str) -> Filed | None:
        return self._typed("sheet", sheet)

    def finding(self, id: str) -> Finding | None:
        return self._typed("finding", id)

    def open_findings(self, branch: str) -> Iterator[Finding]:
        return self.found("finding", {"branch": branch, "state": FindingState.OPEN.value})

    def entries(self, register: str) -> Iterator[Entry]:
        return self.found("entry", {"register": register})

    def calendar(self, id: str) -> Calendar | None:
        known: Calendar | None = self.current("calendar", id)
        if known is not None:
            return known
        try:
            return self._rules.calendar(id)
        except (NotFound, MissingKey):
            return None

    def checklist(self, id: str, version: str) -> Checklist:
        return self._rules.checklist(id, version)

    def register(self, id: str) -> Register:
        return self._rules.register(id)

    def policy_for(self, checklist: Checklist, branch: Branch) -> ScoringPolicy | None:
        return self._rules.policy_for(checklist, branch, self.unit)

    def _typed(self, kind: str, id: str) -> Any:
        return self.current(kind, id)


