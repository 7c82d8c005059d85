"""Reports to try renderers with: one with something of everything, and one with next to nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import attrs

from branchkit.customers.journey import Funnel, FunnelRow
from branchkit.estate import Address, Branch, Contact, Equipment, StaffMember, Zone
from branchkit.findings import Closure, Finding, FindingState
from branchkit.kit import BranchReport, ChecklistReport, SectionResult, TrendPoint, ZoneFindings
from branchkit.kit.caseload import CaseDay, Caseload, LateClock, NextRungDue, ProcedureLoad
from branchkit.kit.customer_report import CustomerReport, TierMove
from branchkit.scoring import Deducted, Fix, FixPlan, PartScore, Score
from branchkit.temporal import Counting, Hours
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown

__all__ = ["SECRETS", "bare_report", "full_report"]

SECRETS: Mapping[str, str] = FrozenMap({"name": "林秘密某某", "free_text": "a reason that somebody typed"})
"""The personal values in `full_report` by their kind; no renderer may show them."""

_AT = dt.datetime(2026, 3, 16, 17, 45, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_BANDS = (("good", "良好", "Good"), ("fair", "一般", "Fair"), ("poor", "差", "Poor"))


def bare_report() -> BranchReport:
    """Return a report on a branch of which nothing is known but its code."""
    return BranchReport(
        branch=Branch("400832", hours=Unknown("the source has no field for it")),
        at=_AT,
        checklists=(),
        zones=(),
        open_findings=0,
        closed_findings=0,
        worst=None,
        head="sha256:0",
    )


def full_report(mark: str = "") -> BranchReport:
    """Return a report with a score, its reasons, a trend, fixes, findings and a checklist that is not scored.

    Args:
        mark: Put into every text, id and code that comes from outside, to see what a renderer makes of it.
    """

    def text(zh: str, en: str) -> Text:
        return Text(zh=zh + mark, en=en + mark)

    zones = (
        ZoneFindings(zone=None, title=text("网点整体", "The branch as a whole"), findings=(_finding(1, mark),)),
        ZoneFindings(
            zone=f"Z-1{mark}",
            title=text("自助服务区", "Self-service zone"),
            findings=(_finding(2, mark, Ref("equipment", f"ATM-1{mark}")), _finding(3, mark, closed=True)),
        ),
    )
    return BranchReport(
        branch=Branch(
            f"B-0417{mark}",
            name=text("滨河路支行", "Binhe Road outlet"),
            kind="wealth_outlet",
            time_zone="Asia/Shanghai",
            hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:00", "sat sun": ""}),
            address=Address(lines=(f"滨河路 88 号{mark}",), town=f"示例市{mark}", country="CN"),
            contacts=(Contact(kind="phone", value=f"000-0000{mark}"),),
            zones=(Zone(f"Z-1{mark}", kind="self_service_zone", name=text("自助服务区", "Self-service zone")),),
            equipment=(Equipment(f"ATM-1{mark}", kind="atm", zone=f"Z-1{mark}", name=text("1号机", "Machine 1")),),
            staff=(StaffMember("E-1", name=SECRETS["name"]),),
            attributes=FrozenMap({"Note": f"as the source has it{mark}"}),
        ),
        at=_AT,
        checklists=(_scored(mark), _not_scored(mark)),
        zones=zones,
        open_findings=2,
        closed_findings=1,
        worst=Severity.CRITICAL,
        head="sha256:5f0c1e0c4a5b8f6d2f3f7a5f9a6e1e0b7c2d9a4e8f1b3c6d7e9f0a1b2c3d4e5f",
        cases=_cases(mark),
        customers=_customers(mark),
    )


def _customers(mark: str) -> CustomerReport:
    post, other = f"teller{mark}", f"lobby_manager{mark}"
    row = FunnelRow(
        post=post, visits=9, quality=6, willing=5, referred=4, handed_over=2, by_form=2, reviewed=2, met_standard=1,
        leads=4, merged=1, late=1, allocated=3, contacted=3, converted=1, declined=1, closed=1,
    )  # fmt: skip
    rest = FunnelRow(post=other, visits=1)
    funnel = Funnel(
        first=dt.date(2026, 3, 1),
        last=dt.date(2026, 3, 16),
        rows=(rest, row),
        total=attrs.evolve(row, post=None, visits=10),
        refused=2,
    )
    return CustomerReport(
        funnel=funnel,
        posts=FrozenMap({post: Text(zh=f"柜员{mark}", en=f"Teller{mark}")}),
        moves=(
            TierMove(scheme=f"lobby{mark}", scheme_title=Text(zh=f"识别{mark}", en=f"Lobby{mark}"), before=None,
                     before_title=None, after="vip", after_title=Text(zh=f"贵宾{mark}", en=f"VIP{mark}"), count=3),
        ),
    )  # fmt: skip


def _cases(mark: str) -> Caseload:
    fault = Text(zh=f"故障{mark}", en=f"Fault{mark}")
    reply = Text(zh=f"答复{mark}", en=f"Reply{mark}")
    day = dt.timedelta(days=1)
    return Caseload(
        procedures=(ProcedureLoad(procedure="fault", title=fault, open=2, closed=1, late=1, closed_late=1),),
        late=(LateClock(case=f"C-1{mark}", procedure="fault", procedure_title=fault,
                        place=(Ref("branch", f"B-0417{mark}"), Ref("equipment", f"ATM-1{mark}")), priority="high",
                        clock="reply", clock_title=reply, due=_AT - day, late=dt.timedelta(hours=8),
                        counting=Counting.BUSINESS, paused=False),),
        late_clocks=1,
        unreadable=(f"C-9{mark}",),
        next_rungs=(NextRungDue(case=f"C-2{mark}", procedure_title=fault, clock_title=reply, ladder="fault-reply",
                                rung="late", at=_AT + day),),
        first=dt.date(2026, 3, 9),
        last=dt.date(2026, 3, 22),
        days=(CaseDay(day=_AT.date() - day, opened=2, due=1, late=1), CaseDay(day=_AT.date(), opened=1, due=0, late=0)),
    )  # fmt: skip


def _finding(number: int, mark: str, *place: Ref, closed: bool = False) -> Finding:
    return Finding(
        id=f"S-1/item-{number}{mark}",
        branch=f"B-0417{mark}",
        place=(Ref("branch", f"B-0417{mark}"), *place),
        severity=(Severity.CRITICAL, Severity.MINOR, Severity.WARNING)[number - 1],
        message=Text(zh=f"线路裸露{mark}", en=f"A cable is bare{mark}"),
        rules=("estate:EST-IN-08",),
        item="indoor/cabling-safe",
        sheet=f"S-1{mark}",
        at=_AT,
        state=FindingState.CLOSED if closed else FindingState.OPEN,
        closure=Closure(at=_AT, by=f"E-1{mark}", reason=SECRETS["free_text"]) if closed else None,
    )


def _scored(mark: str) -> ChecklistReport:
    title = Text(zh=f"室内环境{mark}", en=f"Indoors{mark}")
    device = Ref("equipment", f"ATM-1{mark}")
    score = Score(
        points=Decimal("78.5"),
        band="fair",
        aggregates=FrozenMap({"total": Decimal("78.5")}),
        parts=(PartScore(part="order", worth=Decimal(80), percent=Decimal(84)),
               PartScore(part="sound", worth=Decimal(20), percent=None)),
        deductions=(Deducted(deduction="again", sheet=f"S-1{mark}", key="indoor/no-dust", points=Decimal("5.5"),
                             reason=Text(zh="重复问题", en="found again")),),
        vetoes=("critical-item",),
    )  # fmt: skip
    steps = (
        Step(what=Text(zh="秩序：84%", en="Order: 84 %"), effect=Decimal("84")),
        Step(what=Text(zh=f"未通过{mark}", en=f"failed{mark}"), rules=("estate:EST-IN-08",), refs=(device,)),
        Step(what=Text(zh="重复问题", en="found again"), effect=Decimal("-5.5")),
    )
    fix = Fix(key=f"indoor/cabling-safe@{device}", sheet=f"S-1{mark}", text=title, cost=Decimal("1.5"), on=(device,))
    return ChecklistReport(
        checklist="indoor",
        version="1",
        title=title,
        sheet=f"S-1{mark}",
        at=_AT,
        by=f"E-1{mark}",
        sections=(SectionResult(title=title, passed=14, failed=2, not_applicable=0, unknown=1),
                  SectionResult(title=title, passed=0, failed=0, not_applicable=3, unknown=0)),
        decision=Decision(score, Trace(policy="acme.indoor", version="2", plugin="acme", steps=steps)),
        bands=tuple((code, Text(zh=zh + mark, en=en + mark)) for code, zh, en in _BANDS),
        ceiling=Decimal(100),
        trend=(TrendPoint(at=_AT - dt.timedelta(days=60), sheet=f"S-0{mark}", points=Decimal(88), band="fair"),
               TrendPoint(at=_AT - dt.timedelta(days=30), sheet="S-0b", points=None, band=None),
               TrendPoint(at=_AT, sheet=f"S-1{mark}", points=Decimal("78.5"), band="fair")),
        fixes=FixPlan(to="good", fixes=(fix,), cost=Decimal("1.5"), points=Decimal("91.5"), band="good"),
    )  # fmt: skip


def _not_scored(mark: str) -> ChecklistReport:
    title = Text(zh=f"便民服务区{mark}", en=f"Convenience area{mark}")
    reason = Text(zh=f"未作答：aids{mark}", en=f"not answered: aids{mark}")
    return ChecklistReport(
        checklist="convenience-area",
        version="1",
        title=title,
        sheet=f"S-2{mark}",
        at=_AT,
        by=f"E-1{mark}",
        sections=(SectionResult(title=title, passed=5, failed=0, not_applicable=0, unknown=2),),
        decision=Decision(Score(points=None, band=None, reason=reason), Trace(policy="acme.convenience", version="1")),
    )
