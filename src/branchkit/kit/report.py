"""Gathers what a report on a branch shows; renderers turn it into pages and change nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import attrs

from branchkit.checklists import Cell, CellState, read, rebind
from branchkit.errors import NotFound, Unsupported
from branchkit.estate import Branch, Entry, judge_estate, judge_register
from branchkit.findings import Finding, FindingState
from branchkit.kit.caseload import Caseload, gather_cases
from branchkit.kit.customer_report import CustomerReport, gather_customers
from branchkit.kit.floors.filed import Filed
from branchkit.kit.scored import ScoreRecord, scored
from branchkit.kit.world import StoreWorld
from branchkit.scoring import Evidence, FixPlan, RubricPolicy, Score, ScoringPolicy
from branchkit.trace import Decision
from branchkit.values import Severity, Text, Unknown

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit
    from branchkit.kit.rules import RuleBook

__all__ = ["BranchReport", "ChecklistReport", "SectionResult", "TrendPoint", "ZoneFindings", "gather"]


@attrs.frozen(kw_only=True)
class TrendPoint:
    """One scored sheet of a checklist."""

    at: dt.datetime
    sheet: str
    points: Decimal | None
    band: str | None


@attrs.frozen(kw_only=True)
class SectionResult:
    """How the items of one section came out on the latest sheet."""

    title: Text
    passed: int
    failed: int
    not_applicable: int
    unknown: int
    """Said to be unknown, or asked of what nobody knows, or not answered."""

    @property
    def percent(self) -> Decimal | None:
        """Passed of passed and failed, in whole percent; ``None`` where nothing was judged."""
        judged = self.passed + self.failed
        return Decimal((200 * self.passed + judged) // (2 * judged)) if judged else None


@attrs.frozen(kw_only=True)
class ChecklistReport:
    """One checklist at the branch: its latest sheet, the score with the reasons, the trend, what to fix first."""

    checklist: str
    version: str
    title: Text
    sheet: str
    at: dt.datetime
    by: str
    sections: tuple[SectionResult, ...]
    decision: Decision[Score] | None
    """The score of the latest sheet with its trace; ``None`` where no policy is named for the checklist."""
    bands: tuple[tuple[str, Text], ...] = ()
    """The bands of the policy from the best, by code and title, where it says them."""
    ceiling: Decimal | None = None
    """The most points there are, where the policy says it."""
    trend: tuple[TrendPoint, ...] = ()
    """Every scored sheet of the checklist, the oldest first."""
    fixes: FixPlan | None = None
    """The cheapest set of fixes that reaches the next better band; ``None`` where there is none to reach or to ask."""


@attrs.frozen(kw_only=True)
class ZoneFindings:
    """The open findings of one zone; or of the branch as a whole."""

    zone: str | None
    title: Text
    findings: tuple[Finding, ...]
    """The worst first."""


@attrs.frozen(kw_only=True)
class BranchReport:
    """Everything a report on a branch shows; personal values are not in it."""

    branch: Branch
    """The branch without its people."""
    at: dt.datetime
    """The moment the report speaks of."""
    checklists: tuple[ChecklistReport, ...]
    zones: tuple[ZoneFindings, ...]
    open_findings: int
    closed_findings: int
    worst: Severity | None
    """The worst severity among the open findings."""
    head: str
    """The hash over the journal the report was made from, so that it can be told which state it shows."""
    cases: Caseload | None = None
    """The cases of the branch; ``None`` where it has had none."""
    customers: CustomerReport | None = None
    """What came of the month up to the moment: referrals, leads, tiers; ``None`` where nothing did."""


def gather(kit: Kit, branch: str, *, at: dt.datetime | None = None) -> BranchReport:
    """Gather a report from a kit, as of a moment or of the latest there is; raises `NotFound` where there is none.

    As of a moment, sheets, findings and cases dated later are left out, and what was closed later is open.
    The branch itself is shown as it is known now. All of it is read in one transaction: what it shows is the state
    that its `BranchReport.head` names.
    """
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        known = world.branch(branch)
        if known is None:
            raise NotFound("branch", branch)
        filed = list(world.found("sheet", {"branch": branch, "state": "final"}))
        findings = list(world.found("finding", {"branch": branch}))
        moments = [*(one.sheet.at for one in filed), *(one.closure.at for one in findings if one.closure)]
        moments += [case.latest for case in world.found("case", {"branch": branch})]
        if at is None and not moments:
            moments += [one.at for kind in ("visit", "lead") for one in world.found(kind, {"branch": branch})]
        at = at or max(moments, default=None)
        if at is None:
            raise NotFound("sheet, case or visit of branch", branch)
        latest = _latest(filed, at)
        still_open, closed = _as_of(findings, at)
        standing = (
            *still_open,
            *judge_estate(known, kit.rules.catalog.standard()),
            *_registers(kit.rules, known, world.found("entry", {"branch": branch}), at),
        )
        return BranchReport(
            branch=attrs.evolve(known, staff=Unknown("left out of reports")),
            at=at,
            checklists=tuple(_checklist(kit.rules, world, known, latest[name], at) for name in sorted(latest)),
            zones=_zones(known, standing),
            open_findings=len(standing),
            closed_findings=closed,
            worst=max((finding.severity for finding in standing), key=lambda one: one.rank, default=None),
            head=tx.head(),
            cases=gather_cases(tx, world, known, at, kit.upcasters, kit.store.where),
            customers=gather_customers(tx, world, known, at, kit.upcasters, kit.store.where),
        )


def _latest(filed: Iterable[Filed], at: dt.datetime) -> dict[str, Filed]:
    """Return the latest sheet of each checklist at a moment."""
    found: dict[str, Filed] = {}
    for one in filed:
        before = found.get(one.sheet.checklist)
        newer = before is None or (before.sheet.at, before.sheet.id) < (one.sheet.at, one.sheet.id)
        if one.sheet.at <= at and newer:
            found[one.sheet.checklist] = one
    return found


def _as_of(findings: Iterable[Finding], at: dt.datetime) -> tuple[tuple[Finding, ...], int]:
    """Return the findings that were open at a moment, and how many had been closed by then."""
    still_open: list[Finding] = []
    closed = 0
    for finding in findings:
        if finding.at is not None and finding.at > at:
            continue
        if finding.closure is None or finding.closure.at > at:
            still_open.append(attrs.evolve(finding, state=FindingState.OPEN, closure=None))
        else:
            closed += 1
    return tuple(still_open), closed


def _registers(rules: RuleBook, branch: Branch, entries: Iterable[Entry], at: dt.datetime) -> Iterator[Finding]:
    """Yield what has expired or run short in the registers that the branch keeps, on the day at the branch."""
    day = (at.astimezone(ZoneInfo(branch.time_zone)) if isinstance(branch.time_zone, str) else at).date()
    kept: dict[str, list[Entry]] = {}
    for entry in entries:
        kept.setdefault(entry.register, []).append(entry)
    for name, held in sorted(kept.items()):
        yield from judge_register(rules.register(name), branch.id, held, day=day)


def _checklist(rules: RuleBook, world: StoreWorld, branch: Branch, filed: Filed, at: dt.datetime) -> ChecklistReport:
    sheet = filed.sheet
    bound = rebind(rules.checklist(sheet.checklist, sheet.version), filed.pin)
    reading = read(sheet, bound)
    ours = {"branch": branch.id, "checklist": sheet.checklist}
    superseded = {filed.sheet.id for filed in world.found("sheet", {**ours, "state": "superseded"})}
    scores: list[ScoreRecord] = [
        one for one in world.found("score", ours) if one.sheet not in superseded and one.at <= at
    ]
    policy = world.policy_for(bound.checklist, branch)
    decision = scored(policy, Evidence.of(reading)) if policy is not None else None
    return ChecklistReport(
        checklist=sheet.checklist,
        version=sheet.version,
        title=bound.checklist.title,
        sheet=sheet.id,
        at=sheet.at,
        by=sheet.by,
        sections=tuple(
            _section(section.title, (cell for cell in reading.cells if cell.section.id == section.id))
            for section in bound.checklist.sections
        ),
        decision=decision,
        bands=tuple((b.code, b.title) for b in policy.bands) if isinstance(policy, RubricPolicy) else (),
        ceiling=policy.ceiling if isinstance(policy, RubricPolicy) else None,
        trend=tuple(
            TrendPoint(at=record.at, sheet=record.sheet, points=record.points, band=record.band)
            for record in sorted(scores, key=lambda one: (one.at, one.sheet))
        ),
        fixes=_fixes(policy, decision),
    )


def _section(title: Text, cells: Iterable[Cell]) -> SectionResult:
    states = [cell.state for cell in cells]
    return SectionResult(
        title=title,
        passed=sum(state in {CellState.PASSED, CellState.WARNED} for state in states),
        failed=states.count(CellState.FAILED),
        not_applicable=states.count(CellState.NOT_APPLICABLE),
        unknown=sum(state in {CellState.UNKNOWN, CellState.MISSING} for state in states),
    )


def _fixes(policy: ScoringPolicy | None, decision: Decision[Score] | None) -> FixPlan | None:
    """Return the fixes to the next better band that fixes can reach."""
    if not isinstance(policy, RubricPolicy) or decision is None or decision.value.band is None:
        return None
    better = policy.bands[: policy.band_rank(decision.value.band)]
    for band in reversed(better):
        try:
            return policy.cheapest_fixes(decision, to=band.code)
        except Unsupported:
            continue  # a veto that no fix lifts, say: the next better band may still be out of reach, or in it
    return None


def _zones(branch: Branch, findings: Iterable[Finding]) -> tuple[ZoneFindings, ...]:
    zones = {} if isinstance(branch.zones, Unknown) else {zone.id: zone for zone in branch.zones}
    of_device = {device.id: device.zone for device in branch.devices() if isinstance(device.zone, str)}
    groups: dict[str | None, list[Finding]] = {}
    for finding in findings:
        zone: str | None = None
        for ref in finding.place:
            if ref.kind == "zone":
                zone = ref.id
            elif ref.kind == "equipment":
                zone = of_device.get(ref.id, zone)
        groups.setdefault(zone, []).append(finding)
    whole = Text(zh="网点整体", en="The branch as a whole")
    found: list[ZoneFindings] = []
    for zone, group in sorted(groups.items(), key=lambda item: (item[0] is not None, item[0] or "")):
        title = whole if zone is None else (zones[zone].name if zone in zones else None) or Text(en=zone)
        worst_first = sorted(group, key=lambda one: (-one.severity.rank, one.id))
        found.append(ZoneFindings(zone=zone, title=title, findings=tuple(worst_first)))
    return tuple(found)
