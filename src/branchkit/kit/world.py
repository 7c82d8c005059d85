"""What decisions may read inside one transaction of a store: its documents, and the rules in force."""

from __future__ import annotations

from collections.abc import Iterator

from branchkit.checklists import Checklist, Sheet
from branchkit.errors import MissingKey, NotFound
from branchkit.estate import Branch, Entry, OrgUnit, Register
from branchkit.findings import Finding
from branchkit.kit.documents import Documents
from branchkit.kit.floors.dates import Dates
from branchkit.kit.floors.filed import Filed
from branchkit.kit.floors.marks import Marks
from branchkit.kit.floors.standing import Standing
from branchkit.scoring import ScoringPolicy
from branchkit.temporal import Calendar

__all__ = ["StoreWorld"]


class StoreWorld(Documents):
    """The documents of one transaction, and the rules; see `Documents` for what it takes."""

    def unit(self, id: str) -> OrgUnit | None:
        """Return a unit."""
        unit: OrgUnit | None = self.current("unit", id)
        return unit

    def branch(self, id: str) -> Branch | None:
        """Return a branch."""
        branch: Branch | None = self.current("branch", id)
        return branch

    def calendar(self, id: str) -> Calendar | None:
        """Return a calendar: one that was published, or else one of the catalog or of a plug-in."""
        known: Calendar | None = self.current("calendar", id)
        if known is not None:
            return known
        try:
            return self.rules.calendar(id)
        except (NotFound, MissingKey):
            return None

    def register(self, id: str) -> Register:
        """Return a register's declaration; raises `NotFound`."""
        return self.rules.register(id)

    def entry(self, register: str, id: str) -> Entry | None:
        """Return an entry of a register."""
        entry: Entry | None = self.current("entry", f"{register}/{id}")
        return entry

    def rivals(self, register: Register, entry: Entry) -> Iterator[Entry]:
        """Yield the other entries of a register that share a value with this one where values must be unique."""
        for id in self.view(Marks, register.id).rivals(entry):
            rival = self.entry(register.id, id)
            if rival is not None:
                yield rival

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
        """Yield the open findings of a branch, in the order of their ids."""
        return iter(self.view(Standing, branch))

    def later_sheets(self, sheet: Sheet) -> list[Filed]:
        """Return the final sheets of its branch and checklist that count and are not dated before it, in order."""
        ids = self.view(Dates, sheet.branch).since(sheet.checklist, sheet.at)
        found = (self.filed(id) for id in ids if id != sheet.id)
        return [filed for filed in found if filed is not None and filed.state == "final"]

    def checklist(self, id: str, version: str) -> Checklist:
        """Return a checklist; raises `NotFound`."""
        return self.rules.checklist(id, version)

    def policy_for(self, checklist: Checklist, branch: Branch) -> ScoringPolicy | None:
        """Return the policy in force for a checklist at a branch, ``None`` where none is named."""
        return self.rules.policy_for(checklist, branch, self.unit)
