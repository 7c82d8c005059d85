"""What decisions may read inside one transaction of a store: its documents, and the rules in force."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from branchkit.checklists import Checklist, Drawing, SchedulePlan, Sheet
from branchkit.checklists.agenda import Agenda
from branchkit.conditions import DecisionTable
from branchkit.customers.assigning import AssignmentPolicy
from branchkit.customers.credit import CreditPolicy
from branchkit.customers.journey import Credit, CustomerLedger, Lead, Referral, SaleLead, Visit, Workload, sale_lead_id
from branchkit.customers.model import Customer
from branchkit.customers.privacy import PrivacyPolicy
from branchkit.customers.tiers import TierPolicy, TierScheme
from branchkit.errors import MissingKey, NotFound
from branchkit.escalation import EscalationPolicy, QuietWindow
from branchkit.estate import Branch, Entry, OrgUnit, Register
from branchkit.findings import Finding
from branchkit.kit.documents import Documents
from branchkit.kit.floor import Keep
from branchkit.kit.floors.around import next_look
from branchkit.kit.floors.dates import Dates
from branchkit.kit.floors.endings import QUIET, key_of, owner_of
from branchkit.kit.floors.filed import Filed
from branchkit.kit.floors.marks import Marks
from branchkit.kit.floors.standing import Standing
from branchkit.procedures import Case, Procedure
from branchkit.scoring import ScoringPolicy
from branchkit.temporal import Calendar, Suspension

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

    def entries(self, register: str, branch: str) -> Iterator[Entry]:
        """Yield the entries of a register at a branch."""
        return self.found("entry", {"register": register, "branch": branch})

    def plan(self, id: str) -> SchedulePlan:
        """Return a plan of schedules; raises `NotFound`."""
        return self.rules.catalog.schedule(id)

    def drawing(self, id: str) -> Drawing | None:
        """Return the random days of an entry in a period, sealed or revealed."""
        drawing: Drawing | None = self.current("drawing", id)
        return drawing

    # -- customers

    def customer(self, id: str) -> Customer | None:
        """Return a customer's record, with its personal values."""
        customer: Customer | None = self.current("customer", id)
        return customer

    def privacy(self) -> PrivacyPolicy:
        """Return what the bank lays down about personal data; raises `NotFound`."""
        return self.rules.privacy_policy()

    def tier_policy(self, scheme: str, branch: Branch) -> TierPolicy:
        """Return the tier policy in force at a branch where a scheme is meant; raises `NotFound` or `MissingKey`."""
        return self.rules.tier_policy_for(scheme, branch, self.unit)

    def tier_scheme(self, id: str) -> TierScheme | None:
        """Return a scheme of the catalog; ``None`` where the id is that of a policy in code."""
        return self.rules.tier_scheme(id)

    def kept(self, customer: str) -> Iterator[Keep]:
        """Yield every document, of whichever floor, in which something of a customer stands, each once."""
        from branchkit.kit.floors import KEEPS

        seen: set[tuple[str, str]] = set()
        for keeps in KEEPS:
            for one in keeps(customer, self):
                if (one.kind, one.id) not in seen:
                    seen.add((one.kind, one.id))
                    yield one

    # -- journeys

    def visit(self, id: str) -> Visit | None:
        """Return a visit, over or not."""
        visit: Visit | None = self.current("visit", id)
        return visit

    def referral(self, id: str) -> Referral | None:
        """Return a referral, settled or not."""
        referral: Referral | None = self.current("referral", id)
        return referral

    def lead(self, id: str) -> Lead | None:
        """Return a lead, open or not."""
        lead: Lead | None = self.current("lead", id)
        return lead

    def credit(self, id: str) -> Credit | None:
        """Return what a sale was credited with."""
        credit: Credit | None = self.current("credit", id)
        return credit

    def sale_lead(self, branch: str, sale: str) -> SaleLead | None:
        """Return to which lead of a branch a sale was written back."""
        found: SaleLead | None = self.current("sale_lead", sale_lead_id(branch, sale))
        return found

    def customer_ledger(self, customer: str) -> CustomerLedger | None:
        """Return what the journeys of a customer come to."""
        ledger: CustomerLedger | None = self.current("customer_ledger", customer)
        return ledger

    def workload(self, branch: str) -> Workload | None:
        """Return who at a branch has how many leads."""
        workload: Workload | None = self.current("workload", branch)
        return workload

    def assignment_policy(self, purpose: str, branch: Branch) -> AssignmentPolicy:
        """Return what chooses somebody at a branch for a purpose; raises `MissingKey`."""
        return self.rules.assignment_policy_for(purpose, branch, self.unit)

    def credit_policy(self, branch: Branch) -> CreditPolicy:
        """Return what shares credit at a branch; raises `NotFound` or `MissingKey`."""
        return self.rules.credit_policy_for(branch, self.unit)

    def sheets_named(self, stream: str) -> Iterator[str]:
        """Yield the ids of the sheets that the entries of a stream name, each once."""
        after, seen = 0, set[str]()
        while entries := self._tx.read(stream=stream, after=after):
            for entry in entries:
                sheet = entry.body["data"].get("sheet") if '"sheet"' in entry.text else None
                if isinstance(sheet, str) and sheet not in seen:
                    seen.add(sheet)
                    yield sheet
            after = entries[-1].version

    # -- cases

    def case(self, id: str) -> Case | None:
        """Return a case, open or not."""
        case: Case | None = self.current("case", id)
        return case

    def procedure(self, id: str, version: str | None = None) -> Procedure:
        """Return the version in force or, where one is named, the one that cases are pinned to; raises `NotFound`."""
        kept = None if version is None else self.adopted(id, version)
        return self.rules.catalog.procedure(id, version) if kept is None else kept

    def adopted(self, id: str, version: str) -> Procedure | None:
        """Return a version of a procedure that cases run by, as it was when it was taken into use."""
        procedure: Procedure | None = self.current("procedure", f"{id}@{version}")
        return procedure

    def ladder(self, id: str, branch: Branch) -> EscalationPolicy:
        """Return what watches at a branch where a procedure names a ladder; raises `MissingKey`."""
        return self.rules.ladder_for(id, branch, self.unit)

    def table(self, id: str) -> DecisionTable:
        """Return a decision table; raises `NotFound`."""
        return self.rules.catalog.table(id)

    def suspension(self, id: str) -> Suspension | None:
        """Return a suspension, over or not."""
        suspension: Suspension | None = self.current("suspension", id)
        return suspension

    def suspensions(self, branch: str, since: dt.datetime) -> Iterator[Suspension]:
        """Yield the suspensions of a branch that were not over by a moment, in the order of their ends."""
        return (one for id in self._ending(owner_of(branch), since) if (one := self.suspension(id)) is not None)

    def quiet_window(self, id: str) -> QuietWindow | None:
        """Return a quiet window, over or not."""
        window: QuietWindow | None = self.current("quiet", id)
        return window

    def quiet(self, since: dt.datetime) -> Iterator[QuietWindow]:
        """Yield the quiet windows that were not over by a moment, in the order of their ends."""
        return (one for id in self._ending(QUIET, since) if (one := self.quiet_window(id)) is not None)

    def _ending(self, owner: str, since: dt.datetime) -> Iterator[str]:
        return (one.body["of"] for one in self.stored("ending", {"owner": owner}, key_of(since)))

    def agenda(self, id: str) -> Agenda | None:
        """Return how far a plan has been opened at a branch."""
        agenda: Agenda | None = self.current("agenda", id)
        return agenda

    def rearm(self, case: str, at: dt.datetime) -> dt.datetime | None:
        """Put a case where the sweep finds it when its next rung comes, or take it away where none can; say when."""
        known = self.case(case)
        look = None if known is None else next_look(known, self, at)
        if look is None:
            self._tx.due_clear(f"case:{case}")
        else:
            self._tx.due_set(f"case:{case}", look, {})
        return look
