"""The shipped plans of upkeep, network, security, rural outlets, cleaning and vehicles: what is due when, for what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Due, EachEquipment, due
from branchkit.checklists.sheet import RawFact
from branchkit.estate import Branch, Equipment, EquipmentState, Zone
from branchkit.temporal import Calendar, CalendarDay, Hours
from branchkit.values import Text

CATALOG = Catalog()
PLANS = ("building", "cleaning", "equipment-upkeep", "it-and-network", "rural", "security", "vehicles")
YEAR = Calendar(
    "trial",
    version="2026",
    title=Text(zh="试用", en="trial"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
    days=(CalendarDay(dt.date(2026, 6, 15), working=False),),
)
"""Monday 15 June is off."""
ZONES = {"hvac": "room", "switch": "room", "pc": "high", "note_counter": "low"}
KINDS = sorted(
    {
        kind
        for name in PLANS
        for entry in CATALOG.schedule(name).entries
        for each in entry.for_each
        if isinstance(each, EachEquipment)
        for kind in each.kinds
    }
)
"""Every kind that some entry is for."""


def devices(kind: str) -> tuple[Equipment, Equipment]:
    """Return one device of a kind that stands, named as the kind, and one that is retired."""
    stands = Equipment(
        kind,
        kind=kind,
        zone=ZONES.get(kind),
        state=EquipmentState.IN_SERVICE,
        capabilities=frozenset({"cooling", "ventilation", "heating"}) if kind == "hvac" else frozenset(),
    )
    return stands, attrs.evolve(stands, id=f"{kind}-gone", state=EquipmentState.RETIRED)


BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    traits=frozenset(),
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:00"}),
    zones=(
        Zone("high", kind="high_counter_zone"),
        Zone("low", kind="low_counter_zone"),
        Zone("wait", kind="waiting_zone"),
        Zone("room", kind="equipment_room"),
    ),
    equipment=(
        *(device for kind in KINDS for device in devices(kind)),
        Equipment("customers-note-counter", kind="note_counter", zone="wait", state=EquipmentState.IN_SERVICE),
        Equipment("office-pc", kind="pc", zone=None, state=EquipmentState.IN_SERVICE),
        Equipment(
            "lobby-hvac",
            kind="hvac",
            zone="wait",
            state=EquipmentState.IN_SERVICE,
            capabilities=frozenset({"cooling"}),
        ),
    ),
)
RURAL = attrs.evolve(BRANCH, kind="rural_outlet")
FACTS: Mapping[str, Mapping[str, RawFact]] = {"it-and-network": {"databases": ("accounts",)}}

MONDAYS = ("05-04", "05-11", "05-18", "05-25", "06-01", "06-08", "06-16", "06-22", "06-29")
MONTH_ENDS = ("05-29", "06-30")
QUARTER_END = ("06-30",)
WEEKDAYS = tuple(
    f"{day:%m-%d}" for n in range(61) for day in (dt.date(2026, 5, 1) + n * dt.timedelta(days=1),) if day.weekday() < 5
)
EVERY_DAY = tuple(f"{dt.date(2026, 5, 1) + n * dt.timedelta(days=1):%m-%d}" for n in range(61))

CASES = [
    # (plan, entry, rules, days of May and June 2026, what it is done for)
    ("equipment-upkeep", "cash-machines", "estate:EQP-ATM-01 estate:MNT-07 governance:RSK-CASH-11", MONDAYS, "atm"),
    ("equipment-upkeep", "cash-recyclers", "estate:EQP-CRS-01 estate:MNT-07", MONDAYS, "cash_recycler"),
    (
        "equipment-upkeep",
        "smart-machines",
        "estate:EQP-STM-01",
        MONDAYS,
        "smart_teller_machine biometric_device voice_assistant dual_recorder",
    ),
    (
        "equipment-upkeep",
        "terminals",
        "estate:EQP-SST-01 governance:INC-OUT-24",
        MONTH_ENDS,
        "self_service_terminal",
    ),
    ("equipment-upkeep", "computers", "estate:EQP-PC-01", QUARTER_END, "pc office-pc"),
    ("equipment-upkeep", "printers", "estate:EQP-PRN-01", MONTH_ENDS, "printer"),
    ("equipment-upkeep", "tellers-computers", "estate:EQP-PC-02 service:OPN-25", WEEKDAYS, "pc"),
    ("equipment-upkeep", "tellers-note-counters", "estate:EQP-NCT-01 service:OPN-25", WEEKDAYS, "note_counter"),
    ("equipment-upkeep", "fittings", "estate:EQP-CNT-01 estate:EQP-FUR-01", MONTH_ENDS, "counter_fitting furniture"),
    ("building", "generator", "estate:EQP-GEN-01", MONTH_ENDS, "generator"),
    ("building", "power-supply", "estate:EQP-PWR-01", QUARTER_END, "power_supply"),
    (
        "building",
        "circuits",
        "estate:EQP-PWR-02 estate:MNT-04 governance:INC-PLAN-14",
        QUARTER_END,
        "electrical_circuit",
    ),
    ("building", "lighting-look", "estate:EQP-LGT-01 estate:MNT-04", MONDAYS, "lighting"),
    ("building", "lighting-service", "estate:EQP-LGT-01 estate:MNT-04", QUARTER_END, "lighting"),
    ("building", "cooling", "estate:EQP-HVAC-01 estate:MNT-03", ("05-15",), "hvac lobby-hvac"),
    ("building", "ventilation", "estate:EQP-HVAC-02 estate:MNT-03", ("06-30",), "hvac"),
    ("building", "heating", "estate:EQP-HVAC-03 estate:MNT-03", (), ""),
    ("building", "water-supply", "estate:EQP-WAT-01", ("06-30",), "water_supply"),
    ("building", "drainage", "estate:EQP-WAT-02", ("06-30",), "drainage"),
    ("building", "heat-line", "estate:EQP-WAT-03", (), ""),
    ("building", "fire", "estate:EQP-FIRE-01 estate:MNT-05 governance:INC-PLAN-14", MONTH_ENDS, "fire_equipment"),
    ("building", "doors", "estate:EQP-DOOR-01 estate:MNT-06 governance:INC-PLAN-14", MONDAYS, "door"),
    ("building", "windows", "estate:EQP-DOOR-02 estate:MNT-06 governance:INC-PLAN-14", MONDAYS, "window"),
    ("building", "locks", "estate:EQP-DOOR-03 estate:MNT-06 governance:INC-PLAN-14", MONDAYS, "lock"),
    ("it-and-network", "servers", "estate:EQP-SRV-01 governance:INC-OUT-33", QUARTER_END, "server"),
    ("it-and-network", "ups", "estate:EQP-DC-02 governance:INC-OUT-33", MONTH_ENDS, "ups"),
    ("it-and-network", "room-cooling", "estate:EQP-DC-03 governance:INC-OUT-33", MONTH_ENDS, "hvac"),
    ("it-and-network", "switches", "estate:EQP-NET-01 estate:EQP-DC-01", MONTH_ENDS, "switch"),
    ("it-and-network", "routers", "estate:EQP-NET-02 estate:EQP-DC-01", MONTH_ENDS, "router"),
    ("it-and-network", "firewalls", "estate:EQP-NET-03 estate:EQP-DC-01", MONTH_ENDS, "firewall"),
    ("it-and-network", "phone-lines", "estate:EQP-TEL-01 estate:TEL-01", MONTH_ENDS, "phone_line"),
    ("it-and-network", "phone-bases", "estate:EQP-TEL-02 estate:TEL-01", MONTH_ENDS, "phone_base"),
    ("it-and-network", "phone-cables", "estate:EQP-TEL-03 estate:TEL-01", MONTH_ENDS, "phone_cable"),
    (
        "it-and-network",
        "versions",
        "estate:SW-SYS-01 governance:INC-OUT-33",
        MONTH_ENDS,
        "server pc office-pc atm cash_recycler smart_teller_machine self_service_terminal",
    ),
    ("it-and-network", "backups", "estate:SW-DB-01 governance:INC-OUT-33", EVERY_DAY, "database:accounts"),
    ("it-and-network", "trial-restores", "estate:SW-DB-02 governance:INC-OUT-33", QUARTER_END, "database:accounts"),
    ("it-and-network", "scan", "estate:SW-SEC-01 governance:INC-OUT-33", MONTH_ENDS, "branch:B-1"),
    ("it-and-network", "policies", "estate:SW-SEC-02", QUARTER_END, "branch:B-1"),
    ("security", "opening-walk", "estate:SAF-01 governance:SUP-09", WEEKDAYS, "branch:B-1"),
    (
        "security",
        "closing-walk",
        "estate:SAF-01 governance:SUP-09 estate:EQP-DOOR-01 estate:EQP-DOOR-02 estate:EQP-DOOR-03",
        WEEKDAYS,
        "branch:B-1",
    ),
    (
        "security",
        "full-inspection",
        "estate:SAF-01 estate:SEC-PHY-01 governance:RSK-SEC-02",
        MONTH_ENDS,
        "branch:B-1",
    ),
    ("security", "pictures", "estate:EQP-CCTV-02 estate:SEC-PHY-03 governance:SUP-20", WEEKDAYS, "cctv"),
    ("security", "cameras", "estate:EQP-CCTV-02 estate:SEC-PHY-03 governance:RSK-SEC-02", MONTH_ENDS, "cctv"),
    (
        "security",
        "access-control",
        "estate:EQP-ACS-01 estate:SEC-PHY-02 governance:RSK-SEC-02 governance:INC-OUT-33",
        MONTH_ENDS,
        "access_control",
    ),
    ("security", "alarms", "estate:EQP-ALM-02 governance:SUP-20", MONTH_ENDS, "alarm"),
    ("security", "guard-drill", "service:ROL-30 service:TRN-20", QUARTER_END, "branch:B-1"),
    ("rural", "plan", "estate:RUR-10", ("05-01", "06-01"), "branch:B-1"),
    (
        "rural",
        "hardware",
        "estate:RUR-02",
        MONTH_ENDS,
        "atm cash_recycler smart_teller_machine self_service_terminal printer pc office-pc",
    ),
    (
        "rural",
        "software",
        "estate:RUR-04",
        MONTH_ENDS,
        "server pc office-pc atm cash_recycler smart_teller_machine self_service_terminal",
    ),
    ("rural", "links", "estate:RUR-06", MONTH_ENDS, "router switch fibre_link"),
    ("rural", "security-devices", "estate:RUR-09 governance:SUP-20", MONTH_ENDS, "cctv alarm access_control"),
    ("cleaning", "daily", "estate:CLN-01 service:OPN-20", WEEKDAYS, "branch:B-1"),
    ("cleaning", "touched", "estate:CLN-05", WEEKDAYS, "branch:B-1"),
    ("cleaning", "everywhere", "estate:CLN-05 estate:MNT-02", MONDAYS, "branch:B-1"),
]
UNDATED = [
    # (plan, entry, rules, state): the duty stands, and there is no day to tell
    ("it-and-network", "fibre", "estate:EQP-NET-04", "not_configured"),
    ("it-and-network", "applications", "estate:SW-APP-01", "not_configured"),
    ("it-and-network", "watch", "estate:EQP-NET-05", "continuous"),
    ("security", "watch", "estate:SAF-06", "continuous"),
    ("vehicles", "inspection", "estate:EQP-VEH-01", "on_event"),
    ("vehicles", "service", "estate:EQP-VEH-02", "not_configured"),
    ("vehicles", "safety-education", "estate:EQP-VEH-04", "not_configured"),
]


def ask(plan: str, entry: str, *, branch: Branch = BRANCH, first: str = "05-01", last: str = "06-30") -> list[Due]:
    lines = due(
        CATALOG.schedule(plan),
        branch,
        dt.date.fromisoformat(f"2026-{first}"),
        dt.date.fromisoformat(f"2026-{last}"),
        calendar=YEAR,
        facts=FACTS.get(plan),
    )
    return [line for line in lines if line.entry.id == entry]


def subjects(names: str) -> set[str]:
    return {name if ":" in name else f"equipment:{name}" for name in names.split()}


@pytest.mark.parametrize(("plan", "entry", "rules", "days", "on"), CASES)
def test_due_on_these_days_for_these(plan: str, entry: str, rules: str, days: tuple[str, ...], on: str) -> None:
    """It is due on exactly these days for exactly what stands there, never a retired device, and names its rules."""
    lines = ask(plan, entry, branch=RURAL if plan == "rural" else BRANCH)

    assert {("due", day, one) for day in days for one in subjects(on)} == {
        (line.state, f"{line.day:%m-%d}", str(line.place[-1])) for line in lines
    }
    assert {True} >= {set(rules.split()) <= set(line.entry.rules) for line in lines}


@pytest.mark.parametrize(("plan", "entry", "rules", "state"), UNDATED)
def test_duty_without_a_day(plan: str, entry: str, rules: str, state: str) -> None:
    """A duty whose interval nobody states is told as not configured, one that goes on always or waits as such."""
    (line,) = ask(plan, entry)

    assert (state, None) == (line.state, line.day)
    assert set(rules.split()) <= set(line.entry.rules)


def test_every_entry_is_tried() -> None:
    """No entry of these plans goes without a case."""
    tried = {(plan, entry) for plan, entry, *_ in (*CASES, *UNDATED)}

    assert {(plan, entry.id) for plan in PLANS for entry in CATALOG.schedule(plan).entries} == tried


@pytest.mark.parametrize(
    ("plan", "entry", "rule", "days", "on"),
    [
        ("building", "cooling", "estate:EQP-HVAC-01", ["05-15", "10-15"], "hvac lobby-hvac"),
        ("building", "heating", "estate:EQP-HVAC-03", ["10-15"], "hvac"),
        ("building", "heat-line", "estate:EQP-WAT-03", ["09-15"], "heat_supply"),
        ("building", "ventilation", "estate:EQP-HVAC-02", ["06-30", "12-31"], "hvac"),
        ("building", "water-supply", "estate:EQP-WAT-01", ["06-30", "12-31"], "water_supply"),
        ("building", "drainage", "estate:EQP-WAT-02", ["06-30", "12-31"], "drainage"),
        ("building", "power-supply", "estate:EQP-PWR-01", ["03-31", "06-30", "09-30", "12-31"], "power_supply"),
        ("it-and-network", "servers", "estate:EQP-SRV-01", ["03-31", "06-30", "09-30", "12-31"], "server"),
    ],
)
def test_seasons_of_a_year(plan: str, entry: str, rule: str, days: list[str], on: str) -> None:
    """Climate before its season, lines once or twice, supplies and servers by the quarter: the days of a whole year."""
    lines = ask(plan, entry, first="01-01", last="12-31")

    assert {(day, one) for day in days for one in subjects(on)} == {
        (f"{line.day:%m-%d}", str(line.place[-1])) for line in lines
    }
    assert {True} == {rule in line.entry.rules for line in lines}


def test_times_of_the_day() -> None:
    """estate:CLN-01, service:OPN-20, estate:SAF-01: cleaned twice, before opening and at noon; walked at both ends."""
    cleaned = [line.time for line in ask("cleaning", "daily", first="06-01", last="06-01")]
    walks = ("opening-walk", "closing-walk")
    walked = [line.time for name in walks for line in ask("security", name, first="06-01", last="06-01")]

    assert ["before_opening", "noon"] == cleaned
    assert ["before_opening", "after_closing"] == walked


@pytest.mark.parametrize("trait", [frozenset[str](), frozenset({"rural"})])
def test_rural_plan_is_for_rural_outlets(trait: frozenset[str]) -> None:
    """estate:RUR-02, estate:RUR-10: the rural plan is for rural outlets, be it by kind or by trait."""
    branch = attrs.evolve(BRANCH, traits=trait)

    assert bool(trait) is bool(ask("rural", "hardware", branch=branch)) is bool(ask("rural", "plan", branch=branch))


def test_every_kind_under_upkeep_has_a_cycle() -> None:
    """estate:MNT-12: each kind that the upkeep sheets ask of stands in an entry of a plan, cycle or none."""
    sheets = (
        "equipment-upkeep",
        "building-services",
        "it-and-network",
        "security-and-safety",
        "vehicles",
        "rural-round",
    )
    bound = [
        each for name in sheets for section, item in CATALOG.checklist(name).items()
        for each in (*section.for_each, *item.for_each)
    ]  # fmt: skip
    planned = [each for name in PLANS for entry in CATALOG.schedule(name).entries for each in entry.for_each]

    def kinds(found: list[object]) -> set[str]:
        return {kind for each in found if isinstance(each, EachEquipment) for kind in each.kinds}

    assert set() == kinds([*bound]) - kinds([*planned])
