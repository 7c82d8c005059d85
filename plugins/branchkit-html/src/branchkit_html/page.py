"""What the page shows, worked out from a report before anything is written; pure, and free of personal values."""

from __future__ import annotations

import attrs

from branchkit.estate import Address, Branch
from branchkit.findings import Finding
from branchkit.kit import BranchReport, ZoneFindings
from branchkit.temporal import Hours
from branchkit.values import Severity, Text, Unknown
from branchkit_html.cases import CasesView
from branchkit_html.checklist import ChecklistView
from branchkit_html.customers import CustomersView
from branchkit_html.moments import Clock
from branchkit_html.places import Place, Places
from branchkit_html.week import SpecialDay, Week, special_days, week_of
from branchkit_html.words import BRANCH_KINDS, SEVERITIES, titled

__all__ = ["FindingRow", "Page", "Tile", "ZoneView"]


@attrs.frozen(kw_only=True)
class Tile:
    """How many findings of one severity are open."""

    severity: Severity
    title: Text
    count: int


@attrs.frozen(kw_only=True)
class FindingRow:
    """One finding."""

    finding: Finding
    severity: Text
    places: tuple[Place, ...]
    """From the outermost inwards; empty for the branch as a whole."""
    since: str | None
    """The date; ``None`` for what a rule sees as it stands."""
    days: int | None
    """For how many days it has been open; ``None`` on the first."""


@attrs.frozen(kw_only=True)
class ZoneView:
    """The findings of one zone."""

    zone: str | None
    title: Text
    rows: tuple[FindingRow, ...]


@attrs.frozen(kw_only=True)
class Page:
    """Everything the templates write down."""

    id: str
    name: Text | Unknown
    kind: Text | Unknown
    address: str | Unknown
    week: Week | Unknown
    special: tuple[SpecialDay, ...]
    time_zone: str | Unknown
    as_of: str
    head: str
    open_findings: int
    closed_findings: int
    tiles: tuple[Tile, ...]
    """One a severity, the worst first."""
    checklists: tuple[ChecklistView, ...]
    zones: tuple[ZoneView, ...]
    cases: CasesView | None
    """``None`` where the branch has had no case."""
    customers: CustomersView | None
    """``None`` where nothing was to do with customers in the month."""

    @classmethod
    def of(cls, report: BranchReport) -> Page:
        """Work a page out.

        Raises:
            InputError: A moment in the report has no zone.
        """
        branch = report.branch
        clock, places = Clock.of(branch.time_zone), Places.of(branch)
        findings = [finding for zone in report.zones for finding in zone.findings]
        week, special = _hours(branch, report, clock)
        return cls(
            id=branch.id,
            name=branch.name,
            kind=branch.kind if isinstance(branch.kind, Unknown) else titled(BRANCH_KINDS, branch.kind),
            address=branch.address if isinstance(branch.address, Unknown) else _address(branch.address),
            week=week,
            special=special,
            time_zone=branch.time_zone,
            as_of=clock.minute(report.at),
            head=report.head,
            open_findings=report.open_findings,
            closed_findings=report.closed_findings,
            tiles=tuple(
                Tile(severity=severity, title=title, count=sum(one.severity is severity for one in findings))
                for severity, title in SEVERITIES.items()
            ),
            checklists=tuple(
                ChecklistView.of(one, number, clock, places) for number, one in enumerate(report.checklists, start=1)
            ),
            zones=tuple(_zone(zone, report, clock, places) for zone in report.zones),
            cases=None
            if report.cases is None
            else CasesView.of(report.cases, clock.local(report.at).date(), clock, places),
            customers=None if report.customers is None else CustomersView.of(report.customers),
        )

    @property
    def title(self) -> str:
        """The branch by its name, or by its code where nobody knows the name."""
        return self.id if isinstance(self.name, Unknown) else f"{self.name} ({self.id})"


def _hours(branch: Branch, report: BranchReport, clock: Clock) -> tuple[Week | Unknown, tuple[SpecialDay, ...]]:
    hours: Hours | Unknown = branch.hours
    if isinstance(hours, Unknown):
        return hours, ()
    return week_of(hours), special_days(hours, clock.local(report.at).date())


def _address(address: Address) -> str | Unknown:
    """Write an address on one line, from street to country, without its coordinates."""
    parts = (*address.lines, address.town, address.region, address.postcode, address.country)
    return ", ".join(part for part in parts if part) or Unknown("the source gives no line of it")


def _zone(zone: ZoneFindings, report: BranchReport, clock: Clock, places: Places) -> ZoneView:
    today = clock.local(report.at).date()
    rows: list[FindingRow] = []
    for finding in zone.findings:
        day = None if finding.at is None else clock.local(finding.at).date()
        rows.append(
            FindingRow(
                finding=finding,
                severity=SEVERITIES[finding.severity],
                places=places.tell(finding.place),
                since=None if day is None else day.isoformat(),
                days=None if day is None or day >= today else (today - day).days,
            )
        )
    return ZoneView(zone=zone.zone, title=zone.title, rows=tuple(rows))
