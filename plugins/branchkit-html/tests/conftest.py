"""A branch report with something of everything, made of synthetic data."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.customers.journey import Funnel, FunnelRow
from branchkit.estate import Address, Branch, Equipment, StaffMember, Zone
from branchkit.findings import Closure, Finding, FindingState
from branchkit.kit import (
    BranchReport,
    CaseDay,
    Caseload,
    ChecklistReport,
    CustomerReport,
    LateClock,
    NextRungDue,
    ProcedureLoad,
    SectionResult,
    TierMove,
    TrendPoint,
    ZoneFindings,
)
from branchkit.scoring import Fix, FixPlan, PartScore, Score
from branchkit.temporal import Counting, Hours, HoursException
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = dt.datetime(2026, 3, 16, 17, 45, tzinfo=SHANGHAI)
BANDS = (
    ("excellent", Text(zh="优秀", en="Excellent")),
    ("good", Text(zh="良好", en="Good")),
    ("adequate", Text(zh="合格", en="Adequate")),
    ("poor", Text(zh="不合格", en="Not adequate")),
)
SECRETS = ("王小明秘密", "Secret Name Person", "a note that somebody typed", "the reason somebody typed")
"""What is marked as personal in the report; it must never be shown."""


def day(month: int, number: int) -> dt.datetime:
    return dt.datetime(2025 if month > 6 else 2026, month, number, 9, 30, tzinfo=SHANGHAI)


def make_branch() -> Branch:
    return Branch(
        "B-0417",
        name=Text(zh="滨江路支行营业部", en="Binjiang Road Outlet"),
        kind="premium_outlet",
        time_zone="Asia/Shanghai",
        hours=attrs.evolve(
            Hours(
                week=(
                    *Hours.from_week(
                        {"mon tue wed thu fri": "09:00-17:00", "sat sun": "09:30-16:00"}, line="personal"
                    ).week,
                    *Hours.from_week(
                        {"mon tue wed thu fri": "09:00-12:00, 13:30-17:00", "sat sun": ""}, line="corporate"
                    ).week,
                )
            ),
            exceptions=(
                HoursException(
                    first=dt.date(2026, 4, 4),
                    last=dt.date(2026, 4, 6),
                    intervals=(),
                    line="corporate",
                    reason=Text(zh="清明节", en="Qingming"),
                ),
            ),
        ),
        address=Address(lines=("滨江路 88 号",), town="示例市", country="CN"),
        zones=(
            Zone("Z-LOBBY", kind="lobby_zone", name=Text(zh="大堂引导区", en="Lobby and guidance")),
            Zone("Z-SELF", kind="self_service_zone", name=Text(zh="自助服务区", en="Self-service zone")),
            Zone("Z-CONV", kind="convenience_zone", name=Text(zh="便民服务区", en="Convenience area")),
            Zone("Z-LOW", kind="low_counter_zone", name=Text(zh="低柜区", en="Low counters")),
        ),
        equipment=(
            Equipment("ATM-1", kind="atm", zone="Z-SELF", name=Text(zh="1号取款机", en="Cash machine 1")),
            Equipment(
                "CRS-2", kind="cash_recycler", zone="Z-SELF", name=Text(zh="2号存取款一体机", en="Cash recycler 2")
            ),
            Equipment("QM-1", kind="queue_machine", zone="Z-LOBBY", name=Text(zh="排队叫号机", en="Queue machine")),
            Equipment("MED-1", kind="medicine_box", zone="Z-CONV", name=Text(zh="医药箱", en="Medicine box")),
        ),
        staff=(StaffMember("E-2087", name=SECRETS[0], teller_level=4), StaffMember("E-3110", name=SECRETS[1])),
    )


def make_finding(
    name: str, severity: Severity, zh: str, en: str, rules: tuple[str, ...], *place: Ref, **more: object
) -> Finding:
    return Finding(
        id=name,
        branch="B-0417",
        place=(Ref("branch", "B-0417"), *place),
        severity=severity,
        message=Text(zh=zh, en=en),
        rules=rules,
        **more,  # type: ignore[arg-type]  # the fields of a finding that a test wants to set
    )


def make_zones() -> tuple[ZoneFindings, ...]:
    atm, recycler = Ref("equipment", "ATM-1"), Ref("equipment", "CRS-2")
    indoor = {"sheet": "S-2026-0316-IN", "at": day(3, 16)}
    return (
        ZoneFindings(
            zone=None,
            title=Text(zh="网点整体", en="The branch as a whole"),
            findings=(
                make_finding(
                    "estate/B-0417/staffing/E-2087",
                    Severity.CRITICAL,
                    "4级柜员不可任职",
                    "level 4 may not staff it",
                    ("estate:EST-ORG-12", "service:TEL-05"),
                    Ref("counter", "C-3"),
                    Ref("staff", "E-2087"),
                ),
                make_finding(
                    "estate/B-0417/open-tellers",
                    Severity.MAJOR,
                    "精品网点开放柜员不少于3人，现有2人",
                    "a premium outlet has at least 3 open-counter tellers; here count 2",
                    ("estate:EST-ORG-09",),
                ),
            ),
        ),
        ZoneFindings(
            zone="Z-CONV",
            title=Text(zh="便民服务区", en="Convenience area"),
            findings=(
                make_finding(
                    "S-2026-0316-CV/medicine/row-4",
                    Severity.MAJOR,
                    "医药箱内药品均在有效期内",
                    "Everything in the medicine box is within its date",
                    ("estate:EST-CONV-11",),
                    Ref("zone", "Z-CONV"),
                    Ref("equipment", "MED-1"),
                    Ref("row", "4"),
                    sheet="S-2026-0316-CV",
                    at=day(3, 2),
                ),
            ),
        ),
        ZoneFindings(
            zone="Z-LOBBY",
            title=Text(zh="大堂引导区", en="Lobby and guidance"),
            findings=(
                make_finding(
                    "S-2026-0316-IN/cabling-safe",
                    Severity.CRITICAL,
                    "机具走线安全：无裸露、绊脚、过载",
                    "Cables are safe: none bare, overloaded or to trip over",
                    ("estate:EST-IN-08",),
                    Ref("zone", "Z-LOBBY"),
                    Ref("equipment", "QM-1"),
                    **indoor,
                ),
                make_finding(
                    "S-2026-0316-IN/no-dust",
                    Severity.MINOR,
                    "没有积尘",
                    "There is no dust",
                    ("estate:EST-IN-04",),
                    Ref("zone", "Z-LOBBY"),
                    **indoor,
                ),
            ),
        ),
        ZoneFindings(
            zone="Z-SELF",
            title=Text(zh="自助服务区", en="Self-service zone"),
            findings=(
                make_finding(
                    "S-2026-0316-IN/temperature/Z-SELF",
                    Severity.MINOR,
                    "该区域温度",
                    "Temperature in the zone",
                    ("estate:EST-AMB-01",),
                    Ref("zone", "Z-SELF"),
                    **indoor,
                ),
                make_finding(
                    "S-2026-0212-SS/screen/CRS-2",
                    Severity.MINOR,
                    "机具屏幕清洁、显示正常",
                    "The screen is clean and shows properly",
                    ("estate:EST-SELF-07",),
                    Ref("zone", "Z-SELF"),
                    recycler,
                    sheet="S-2026-0212-SS",
                    at=day(2, 12),
                    state=FindingState.OPEN,
                    closure=Closure(at=AT, by="E-3110", reason=SECRETS[3]),
                ),
                make_finding(
                    "S-2026-0212-SS/hint/ATM-1",
                    Severity.WARNING,
                    "防诈骗提示张贴醒目",
                    "The fraud warning is easy to see",
                    ("estate:EST-SELF-12",),
                    Ref("zone", "Z-SELF"),
                    atm,
                    sheet="S-2026-0212-SS",
                    at=day(2, 12),
                ),
            ),
        ),
    )


def failed(zh: str, en: str, item: str, rule: str, *on: Ref, effect: Decimal | None = None) -> Step:
    return Step(what=Text(zh=zh, en=en), rules=(rule,), refs=(Ref("item", f"indoor/{item}"), *on), effect=effect)


def make_decision() -> Decision[Score]:
    lobby, machine, self_service = Ref("zone", "Z-LOBBY"), Ref("equipment", "QM-1"), Ref("zone", "Z-SELF")
    steps = (
        Step(what=Text(zh="整洁与秩序：84%", en="Cleanliness and order: 84 %"), effect=Decimal("42")),
        failed("未通过：没有积尘", "failed: There is no dust", "no-dust", "estate:EST-IN-04", lobby),
        failed(
            "未通过：机具走线安全：无裸露、绊脚、过载",
            "failed: Cables are safe: none bare, overloaded or to trip over",
            "cabling-safe",
            "estate:EST-IN-08",
            lobby,
            machine,
        ),
        Step(what=Text(zh="温度、空气与照明：90%", en="Temperature, air and light: 90 %"), effect=Decimal("27")),
        failed(
            "未通过：该区域温度", "failed: Temperature in the zone", "temperature", "estate:EST-AMB-01", self_service
        ),
        Step(what=Text(zh="设施与物品：80%", en="Furniture and supplies: 80 %"), effect=Decimal("16")),
        Step(what=Text(zh="声音与气味：不适用", en="Sound and smell: nothing applied")),
        failed(
            "危急项未通过",
            "a critical item failed",
            "cabling-safe",
            "estate:EST-IN-08",
            lobby,
            machine,
            effect=Decimal("-5"),
        ),
        failed("重复问题", "found again", "no-dust", "governance:SCO-07", lobby, effect=Decimal("-1.5")),
    )
    score = Score(
        points=Decimal("78.5"),
        band="adequate",
        parts=(
            PartScore(part="order", worth=Decimal(50), percent=Decimal(84)),
            PartScore(part="climate", worth=Decimal(30), percent=Decimal(90)),
            PartScore(part="supplies", worth=Decimal(20), percent=Decimal(80)),
        ),
    )
    trace = Trace(
        policy="example.indoor", version="2", plugin="example", inputs=(Ref("sheet", "S-2026-0316-IN"),), steps=steps
    )
    return Decision(score, trace)


def make_trend() -> tuple[TrendPoint, ...]:
    rows = (
        (day(9, 15), "72", "adequate"),
        (day(10, 20), "81.5", "good"),
        (day(11, 17), None, None),
        (day(12, 15), "85", "good"),
        (day(1, 12), "88", "good"),
        (day(2, 12), "83", "good"),
        (day(3, 16), "78.5", "adequate"),
    )
    return tuple(
        TrendPoint(at=at, sheet=f"S-{at:%Y-%m%d}-IN", points=None if points is None else Decimal(points), band=band)
        for at, points, band in rows
    )


def make_indoor() -> ChecklistReport:
    def section(zh: str, en: str, *counts: int) -> SectionResult:
        passed, wrong, na, unknown = counts
        return SectionResult(title=Text(zh=zh, en=en), passed=passed, failed=wrong, not_applicable=na, unknown=unknown)

    return ChecklistReport(
        checklist="indoor",
        version="1",
        title=Text(zh="室内环境与氛围检查表", en="Indoor environment and ambience"),
        sheet="S-2026-0316-IN",
        at=day(3, 16),
        by="E-3110",
        sections=(
            section("整洁与秩序", "Cleanliness and order", 14, 2, 0, 1),
            section("温度、空气与照明", "Temperature, air and light", 9, 1, 2, 0),
            section("设施与物品", "Furniture and supplies", 8, 2, 1, 0),
            section("声音与气味", "Sound and smell", 0, 0, 3, 0),
        ),
        decision=make_decision(),
        bands=BANDS,
        ceiling=Decimal(100),
        trend=make_trend(),
        fixes=FixPlan(
            to="good",
            fixes=(
                Fix(
                    key="indoor/cabling-safe@equipment:QM-1",
                    sheet="S-2026-0316-IN",
                    text=Text(
                        zh="机具走线安全：无裸露、绊脚、过载",
                        en="Cables are safe: none bare, overloaded or to trip over",
                    ),
                    cost=Decimal("1"),
                    on=(Ref("zone", "Z-LOBBY"), Ref("equipment", "QM-1")),
                ),
                Fix(
                    key="indoor/no-dust@zone:Z-LOBBY",
                    sheet="S-2026-0316-IN",
                    text=Text(zh="没有积尘", en="There is no dust"),
                    cost=Decimal("0.5"),
                    on=(Ref("zone", "Z-LOBBY"),),
                ),
            ),
            cost=Decimal("1.5"),
            points=Decimal("91.5"),
            band="good",
        ),
    )


def make_unscored() -> ChecklistReport:
    reason = Text(zh="未作答：convenience/aids", en="not answered: convenience/aids")
    trace = Trace(policy="example.convenience", version="1", inputs=(Ref("sheet", "S-2026-0316-CV"),))
    return ChecklistReport(
        checklist="convenience-area",
        version="1",
        title=Text(zh="便民服务区检查表", en="Convenience area"),
        sheet="S-2026-0316-CV",
        at=day(3, 16),
        by="E-3110",
        sections=(
            SectionResult(title=Text(zh="便民设施", en="Aids"), passed=5, failed=0, not_applicable=0, unknown=2),
            SectionResult(title=Text(zh="医药箱", en="Medicine box"), passed=6, failed=1, not_applicable=0, unknown=0),
        ),
        decision=Decision(Score(points=None, band=None, reason=reason), trace),
        bands=BANDS,
        ceiling=Decimal(100),
        trend=(TrendPoint(at=day(2, 12), sheet="S-2026-0212-CV", points=Decimal("94"), band="excellent"),),
    )


def make_cases() -> Caseload:
    fault, place = Text(zh="故障受理与处置", en="Fault"), (Ref("branch", "B-0417"), Ref("equipment", "ATM-1"))
    return Caseload(
        procedures=(ProcedureLoad(procedure="fault", title=fault, open=2, closed=5, late=1, closed_late=1),),
        late=(
            LateClock(
                case="C-2026-07",
                procedure="fault",
                procedure_title=fault,
                place=place,
                priority="high",
                clock="repair",
                clock_title=Text(zh="修复", en="Repair"),
                due=day(3, 12),
                late=dt.timedelta(hours=30),
                counting=Counting.BUSINESS,
                paused=True,
                because=("case:O-2026-01",),
            ),
        ),
        late_clocks=3,
        unreadable=("C-2026-09",),
        next_rungs=(
            NextRungDue(
                case="C-2026-07",
                procedure_title=fault,
                clock_title=Text(zh="修复", en="Repair"),
                ladder="overdue",
                rung="superior",
                at=day(3, 17),
            ),
        ),
        first=dt.date(2025, 9, 15),
        last=dt.date(2026, 4, 19),
        days=(
            CaseDay(day=dt.date(2026, 3, 2), opened=2, due=0, late=0),
            CaseDay(day=dt.date(2026, 3, 12), opened=0, due=4, late=1),
            CaseDay(day=dt.date(2026, 3, 16), opened=1, due=1200, late=0),
        ),
    )


def make_customers() -> CustomerReport:
    """Return a month with referrals of two posts, a refusal, and moves between tiers."""
    teller = FunnelRow(post="teller", visits=8, quality=5, willing=4, referred=4, handed_over=3, leads=3, converted=2)
    other = FunnelRow(post="acme<post>", visits=4, quality=2, willing=1, referred=1, by_form=1, reviewed=1, leads=1)
    total = FunnelRow(
        post=None, visits=12, quality=7, willing=5, referred=5, handed_over=3, by_form=1, reviewed=1, leads=4,
        converted=2,
    )  # fmt: skip
    moved = {"scheme": "vip", "scheme_title": Text(zh="贵宾准入", en="VIP admission"), "count": 3}
    titles = {"before_title": Text(zh="优质", en="quality"), "after_title": Text(zh="贵宾", en="VIP")}
    return CustomerReport(
        funnel=Funnel(
            first=dt.date(2026, 3, 1), last=dt.date(2026, 3, 16), rows=(other, teller), total=total, refused=6
        ),
        posts=FrozenMap({"teller": Text(zh="柜员", en="teller")}),
        moves=(
            TierMove(before="quality", after="vip", **titles, **moved),
            TierMove(before=None, after="vip", **{**titles, "before_title": None}, **moved),
        ),
    )


def make_report() -> BranchReport:
    zones = make_zones()
    return BranchReport(
        branch=make_branch(),
        at=AT,
        checklists=(make_indoor(), make_unscored()),
        zones=zones,
        open_findings=sum(len(zone.findings) for zone in zones),
        closed_findings=23,
        worst=Severity.CRITICAL,
        cases=make_cases(),
        customers=make_customers(),
        head="sha256:5f0c1e0c4a5b8f6d2f3f7a5f9a6e1e0b7c2d9a4e8f1b3c6d7e9f0a1b2c3d4e5f",
    )


@pytest.fixture
def report() -> BranchReport:
    return make_report()


@pytest.fixture
def bare_report() -> BranchReport:
    """Return what there is to say of a branch known by its code alone."""
    return BranchReport(
        branch=Branch("400832", hours=Unknown("the import has no field for it")),
        at=AT,
        checklists=(),
        zones=(),
        open_findings=0,
        closed_findings=0,
        worst=None,
        head="sha256:0",
    )


@pytest.fixture
def secrets() -> tuple[str, ...]:
    return SECRETS
