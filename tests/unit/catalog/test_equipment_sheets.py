"""The shipped sheets, tables and registers for equipment, security, rural outlets and portable devices."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, CellState, Checklist, EachEquipment, Sheet, bind, judge, read
from branchkit.checklists.sheet import RawFact
from branchkit.conditions.facts import FactValue
from branchkit.estate import Branch, Equipment, EquipmentState, Zone, check_entries, judge_register
from branchkit.estate.registers import Entry
from branchkit.findings import Finding
from branchkit.values import FrozenMap, Ref, Severity, Unknown

AT = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
CATALOG = Catalog()
SHEETS = (
    "building-services",
    "closing-walk",
    "disinfection",
    "equipment-upkeep",
    "it-and-network",
    "opening-walk",
    "portable-devices",
    "refurbishment",
    "rural-plan",
    "rural-round",
    "security-and-safety",
    "vehicles",
)
ITEMS = [(name, item.id) for name in SHEETS for _, item in CATALOG.checklist(name).items()]
ZONES = {"server": "room", "hvac": "room", "pc": "high", "note_counter": "high"}
KINDS = sorted(
    {
        kind
        for name in SHEETS
        for section, item in CATALOG.checklist(name).items()
        for each in (*section.for_each, *item.for_each)
        if isinstance(each, EachEquipment)
        for kind in each.kinds
    }
)
BRANCH = Branch(
    "B-1",
    kind="rural_outlet",
    traits=frozenset({"smart"}),
    time_zone="Asia/Shanghai",
    zones=(
        Zone("room", kind="equipment_room"),
        Zone("high", kind="high_counter_zone"),
        Zone("lobby", kind="lobby_zone"),
    ),
    equipment=(
        *(
            Equipment(
                kind,
                kind=kind,
                zone=ZONES.get(kind),
                state=EquipmentState.IN_SERVICE,
                capabilities=frozenset({"cooling", "ventilation", "heating"}) if kind == "hvac" else frozenset(),
            )
            for kind in KINDS
        ),
        Equipment("gone", kind="atm", zone=None, state=EquipmentState.RETIRED),
    ),
)
FACTS: Mapping[str, Mapping[str, RawFact]] = {
    "equipment-upkeep": {"sales.recorded": True},
    "it-and-network": {"databases": ("accounts",)},
}


def find(name: str, *answers: Answer, branch: Branch = BRANCH) -> tuple[Finding, ...]:
    checklist = CATALOG.checklist(name)
    bound = bind(checklist, branch, at=AT, facts=FACTS.get(name))
    return judge(sheet_of(checklist, *answers), bound)


def sheet_of(checklist: Checklist, *answers: Answer) -> Sheet:
    return Sheet(
        "S-1", checklist=checklist.id, version=checklist.version, branch="B-1", at=AT, by="P-1", answers=answers
    )


def a(item: str, value: str, where: str = "") -> Answer:
    return Answer(item, value=value, on=tuple(Ref.parse(one) for one in where.split()))


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_item_is_as_bad_as_its_rules(name: str, item: str) -> None:
    """An item is as severe as the worst rule it carries out, and is advice, never required, where all of them are."""
    one = CATALOG.checklist(name).item(item)
    assert one is not None
    rules = [CATALOG.rule(rule) for rule in one.rules]
    severities = [rule.severity for rule in rules if rule.severity is not None]

    assert one.severity in {None, max(severities, key=lambda severity: severity.rank, default=Severity.MINOR)}
    assert (bool(rules) and all(rule.basis == "advice" for rule in rules)) <= (one.basis == "advice")
    assert (one.basis == "advice") <= (not one.required)
    assert any(rule.basis == "suggested" for rule in rules) <= (one.basis == "suggested")


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_in_which_everything_fails(name: str) -> None:
    """Every yes-or-no item gives one finding for each thing it is asked of, retired devices never among them."""
    checklist = CATALOG.checklist(name)
    bound = bind(checklist, BRANCH, at=AT, facts=FACTS.get(name))
    asked = []
    for section, item in checklist.items():
        things = bound.subjects(section, item)
        assert not isinstance(things, Unknown)
        assert Ref("equipment", "gone") not in {ref for thing in things for ref in thing}
        if section.rows is None and item.answer.KIND == "pass_fail":
            asked += [(item, thing) for thing in things]

    found = find(name, *(Answer(item.id, value="fail", on=on) for item, on in asked))

    expected = {(f"{name}/{item.id}", item.rules, (Ref("branch", "B-1"), *on)) for item, on in asked}
    assert set() == expected - {(f.item, f.rules, f.place) for f in found}


CASES = [
    # (rule, sheet, item, an answer that keeps it, one that breaks it, what it is about)
    ("estate:EQP-ATM-02", "equipment-upkeep", "cash-level", "20.1", "20", "equipment:atm"),
    ("governance:RSK-CASH-11", "equipment-upkeep", "cash-level", "21", "0", "equipment:cash_recycler"),
    ("estate:EQP-ATM-02", "equipment-upkeep", "cash-days", "1", "0.9", "equipment:atm"),
    ("estate:EQP-ATM-03", "equipment-upkeep", "no-trouble", "pass", "fail", "equipment:atm fault_kind:note_jam"),
    ("estate:EQP-ATM-03", "equipment-upkeep", "no-trouble", "pass", "fail", "equipment:atm fault_kind:hardware"),
    ("estate:EQP-ATM-04", "equipment-upkeep", "casing-clean", "pass", "fail", "equipment:atm"),
    ("estate:EQP-ATM-05", "equipment-upkeep", "cabling-sound", "pass", "fail", "equipment:pc"),
    ("estate:EQP-ATM-06", "equipment-upkeep", "software-updated", "pass", "fail", "equipment:printer"),
    ("estate:MNT-15", "equipment-upkeep", "software-updated", "pass", "fail", "equipment:self_service_terminal"),
    ("estate:MNT-16", "equipment-upkeep", "work-result", "hardware_replaced", "fault_open", "equipment:atm"),
    (
        "estate:EQP-VOI-01",
        "equipment-upkeep",
        "voice-function",
        "pass",
        "fail",
        "equipment:voice_assistant function:query",
    ),
    ("estate:EQP-REC-01", "equipment-upkeep", "recorder-on-record", "pass", "fail", ""),
    ("estate:EQP-FUR-01", "equipment-upkeep", "furniture-sound", "pass", "fail", "equipment:furniture"),
    ("estate:EQP-HVAC-04", "building-services", "room-temperature", "26", "26.1", "zone:lobby"),
    ("estate:EQP-HVAC-04", "building-services", "room-temperature", "18", "17.9", "zone:high"),
    ("estate:EQP-HVAC-04", "building-services", "staff-comfortable", "pass", "fail", "zone:lobby"),
    ("estate:EQP-SRV-02", "it-and-network", "disk-health", "good", "faulty", "equipment:server"),
    ("estate:EQP-SRV-03", "it-and-network", "memory-health", "good", "faulty", "equipment:server"),
    ("estate:EQP-SRV-04", "it-and-network", "cpu-health", "good", "faulty", "equipment:server"),
    ("estate:EQP-SRV-05", "it-and-network", "disk-health", "ageing_planned", "ageing", "equipment:server"),
    ("estate:EQP-DC-04", "it-and-network", "ups-takes-over", "pass", "fail", "equipment:ups"),
    ("estate:EQP-DC-05", "it-and-network", "inlet-temperature", "27", "27.1", "zone:room"),
    ("estate:EQP-DC-06", "it-and-network", "data-exchanged", "pass", "fail", "equipment:server"),
    ("estate:SW-DB-01", "it-and-network", "backed-up", "2026-05-31", "2026-05-30", "database:accounts"),
    ("estate:SW-DB-02", "it-and-network", "restore-tried", "2026-03-01", "2026-02-28", "database:accounts"),
    ("estate:SW-DB-03", "it-and-network", "backup-verified", "pass", "fail", "database:accounts"),
    ("estate:EQP-CCTV-01", "security-and-safety", "cctv-installed", "pass", "fail", ""),
    ("governance:SUP-18", "security-and-safety", "cctv-installed", "pass", "fail", ""),
    ("estate:EQP-ALM-01", "security-and-safety", "alarm-installed", "pass", "fail", ""),
    ("estate:EQP-CCTV-03", "security-and-safety", "recordings-kept", "30", "29", "equipment:cctv"),
    ("estate:EQP-CCTV-03", "security-and-safety", "incident-held", "pass", "fail", ""),
    ("estate:EQP-CCTV-04", "security-and-safety", "viewing-logged", "pass", "fail", ""),
    ("estate:EQP-EMG-01", "security-and-safety", "emergency-item", "pass", "fail", "thing:torch"),
    ("governance:INC-PLAN-03", "security-and-safety", "emergency-means", "pass", "fail", ""),
    ("governance:INC-PLAN-03", "security-and-safety", "plan-at-hand", "pass", "fail", ""),
    ("estate:SAF-02", "security-and-safety", "interest-covered", "pass", "fail", "whose:customers what:property"),
    ("estate:SAF-03", "security-and-safety", "guards-present", "pass", "fail", ""),
    ("estate:SAF-04", "security-and-safety", "measure-in-use", "pass", "fail", "measure:access_control"),
    ("governance:SUP-21", "security-and-safety", "measure-in-use", "pass", "fail", "measure:alarm"),
    ("estate:SAF-05", "security-and-safety", "security-arranged", "pass", "fail", "arrangement:rules"),
    ("governance:RSK-SEC-01", "security-and-safety", "security-arranged", "pass", "fail", "arrangement:equipment"),
    ("estate:SAF-06", "security-and-safety", "watched", "pass", "fail", ""),
    ("estate:SAF-07", "security-and-safety", "archives-are", "pass", "fail", "quality:safe"),
    ("governance:RSK-DOC-07", "security-and-safety", "archives-are", "pass", "fail", "quality:correct"),
    ("estate:SEC-BEH-01", "security-and-safety", "safeguard-works", "pass", "fail", "safeguard:identity_verification"),
    ("estate:EQP-QUE-01", "opening-walk", "call-system-runs", "pass", "fail", "equipment:call_system"),
    ("service:OPN-23", "opening-walk", "queue-machine-runs", "pass", "fail", "equipment:queue_machine"),
    ("service:OPN-04", "opening-walk", "all-complete", "pass", "fail", "group:publicity"),
    ("estate:EQP-CLS-01", "closing-walk", "terminal-off", "pass", "fail", "equipment:counter_system"),
    ("estate:EQP-CLS-02", "closing-walk", "printer-off", "pass", "fail", "equipment:printer"),
    ("estate:EQP-CLS-03", "closing-walk", "note-counter-off", "pass", "fail", "equipment:note_counter"),
    ("estate:EQP-VEH-03", "vehicles", "defect", "parked", "driven", "equipment:vehicle"),
    ("estate:EQP-VEH-05", "vehicles", "fit-to-drive", "pass", "fail", "state:after_alcohol"),
    ("estate:EQP-VEH-06", "vehicles", "use-coordinated", "pass", "fail", ""),
    ("governance:GOV-14", "vehicles", "drivers-taught", "pass", "fail", ""),
    ("estate:RUR-03", "rural-round", "device-state", "replaced", "fault_open", "equipment:atm"),
    ("estate:RUR-05", "rural-round", "link-open", "pass", "fail", ""),
    ("estate:RUR-07", "rural-round", "rural-cctv", "pass", "fail", ""),
    ("estate:RUR-08", "rural-round", "rural-alarm", "pass", "fail", ""),
    ("estate:RUR-19", "rural-round", "improved", "pass", "fail", "line:training"),
    ("estate:CLN-06", "disinfection", "air-fresh", "pass", "fail", ""),
    ("estate:MOB-01", "portable-devices", "centrally-managed", "pass", "fail", ""),
    ("estate:MOB-02", "portable-devices", "managed-area", "pass", "fail", "area:interfaces"),
    ("estate:MOB-08", "portable-devices", "device-function", "pass", "fail", "equipment:tablet function:sign_out"),
    ("estate:MOB-09", "portable-devices", "no-weakness", "pass", "fail", "equipment:tablet weakness:only_3g"),
    ("estate:MOB-11", "portable-devices", "device-interface", "pass", "fail", "equipment:tablet interface:nfc"),
    ("estate:PRJ-06", "refurbishment", "asset-protected", "pass", "fail", "asset:funds"),
    ("estate:PRJ-07", "refurbishment", "hall-aspect", "pass", "fail", "aspect:music"),
]


@pytest.mark.parametrize(("rule", "name", "item", "good", "bad", "where"), CASES)
def test_rule_is_kept_or_broken(rule: str, name: str, item: str, good: str, bad: str, where: str) -> None:
    """The good answer, up to its limit, gives no finding, and the bad one gives one that names the rule."""
    rows = tuple(a("application", one, f"row:{at}") for at, one in enumerate(("core_banking", "account_management"), 1))
    always = rows if name == "it-and-network" else ()

    kept = find(name, *always, a(item, good, where))
    (broken,) = find(name, *always, a(item, bad, where))

    assert () == kept
    assert rule in broken.rules
    assert (Ref("branch", "B-1"), *(Ref.parse(one) for one in where.split())) == broken.place


def test_core_applications_are_looked_at() -> None:
    """estate:SW-APP-01, estate:SW-APP-03: core banking and accounts are both looked at, and old versions found."""
    one = a("application", "core_banking", "row:1")
    two = a("application", "account_management", "row:2")

    missing = find("it-and-network", one, a("application", "voice_software", "row:2"))
    (old,) = find("it-and-network", one, two, a("application-current", "fail", "row:2"))
    (down,) = find("it-and-network", one, two, a("application-runs", "fail", "row:1"))

    assert [("estate:SW-APP-01",)] == [found.rules for found in missing]
    assert (("estate:SW-APP-03",), "row:account_management") == (old.rules, str(old.place[-1]))
    assert (("estate:SW-APP-01",), Severity.CRITICAL) == (down.rules, down.severity)


@pytest.mark.parametrize("left_on", ["counter_system", "printer", "note_counter"])
def test_each_device_is_switched_off(left_on: str) -> None:
    """service:OPN-17, governance:RSK-CASH-07: each of the three is asked of; one left on is told."""
    items = {"counter_system": "terminal-off", "printer": "printer-off", "note_counter": "note-counter-off"}

    (found,) = find("closing-walk", *(
        a(item, "fail" if kind == left_on else "pass", f"equipment:{kind}") for kind, item in items.items()
    ))  # fmt: skip

    assert {"service:OPN-17", "governance:RSK-CASH-07"} <= set(found.rules)
    assert Ref("equipment", left_on) == found.place[-1]


def test_rural_round_has_four_parts() -> None:
    """estate:RUR-01: hardware, software, link and watch are asked at a rural outlet, and nothing of them elsewhere."""
    checklist = CATALOG.checklist("rural-round")
    elsewhere = attrs.evolve(BRANCH, kind="basic_outlet", traits=frozenset())

    def asked(branch: Branch) -> list[str]:
        cells = read(sheet_of(checklist), bind(checklist, branch, at=AT)).cells
        return list(dict.fromkeys(cell.section.id for cell in cells if cell.state is CellState.MISSING))

    assert ["hardware", "software", "link", "watch", "improvement"] == asked(BRANCH)
    assert [] == asked(elsewhere)
    assert ("estate:RUR-01",) == checklist.rules


@pytest.mark.parametrize(
    ("rule", "left_out"),
    [
        ("estate:RUR-11", "plan-start"),
        ("estate:RUR-11", "plan-end"),
        ("estate:RUR-12", "plan-content"),
        ("estate:RUR-13", "plan-people"),
    ],
)
def test_plan_without_one_element_is_incomplete(rule: str, left_out: str) -> None:
    """A line of a rural plan without its time, content or people lacks exactly that; materials are not demanded."""
    checklist = CATALOG.checklist("rural-plan")
    row = (Ref("row", "1"),)
    answers = {
        "plan-start": Answer("plan-start", value="2026-06-02T09:00+08:00", on=row),
        "plan-end": Answer("plan-end", value="2026-06-02T11:00+08:00", on=row),
        "plan-content": Answer("plan-content", value=("hardware", "link"), on=row),
        "plan-people": Answer("plan-people", words="the engineer of the county", on=row),
    }

    reading = read(
        sheet_of(checklist, *(one for name, one in answers.items() if name != left_out)), bind(checklist, BRANCH, at=AT)
    )
    whole = read(sheet_of(checklist, *answers.values()), bind(checklist, BRANCH, at=AT))

    missing = [cell for cell in reading.cells if cell.state is CellState.MISSING and cell.item.required]
    assert [(left_out, (rule,))] == [(cell.item.id, cell.item.rules) for cell in missing]
    assert [] == [cell for cell in whole.cells if cell.state is CellState.MISSING and cell.item.required]


@pytest.mark.parametrize(("kind", "warned"), [("tablet_with_clip", 0), ("all_in_one", 1), ("dock", 1)])
def test_dear_kinds_are_pointed_out(kind: str, warned: int) -> None:
    """estate:MOB-10: an all-in-one device or a dock warns with its price; an ordinary tablet with a clip does not."""
    found = find("portable-devices", a("to-buy", kind, "row:1"))

    assert [Severity.WARNING] * warned == [one.severity for one in found]


# -- tables


def decide(table: str, **facts: FactValue) -> tuple[object, tuple[str, ...]]:
    """Return whether it is allowed, and the rules of the row that says so."""
    decision = CATALOG.table(table).decide(facts)
    assert decision.value is not None
    return decision.value["allowed"], decision.trace.steps[0].rules


@pytest.mark.parametrize("table", ["recording-access", "tablet-use", "vehicle-dispatch"])
def test_table_is_complete(table: str) -> None:
    """No case is without a row, and no row without a case."""
    assert () == CATALOG.table(table).analyse()


FIT: Mapping[str, FactValue] = {
    "defect_open": False,
    "driver_tired": False,
    "driver_after_alcohol": False,
    "driver_emotional": False,
}


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        ("defect_open", "estate:EQP-VEH-03"),
        ("driver_tired", "estate:EQP-VEH-05"),
        ("driver_after_alcohol", "estate:EQP-VEH-05"),
        ("driver_emotional", "estate:EQP-VEH-05"),
    ],
)
def test_vehicle_stays_in(wrong: str, rule: str) -> None:
    """governance:GOV-14: a defect, or a driver tired, after alcohol or upset, each alone keeps the vehicle in."""
    allowed, rules = decide("vehicle-dispatch", **{**FIT, wrong: True})

    assert allowed is False
    assert rule in rules
    assert decide("vehicle-dispatch", **FIT)[0] is True


READY: Mapping[str, FactValue] = {
    "managed": True,
    "location_reported": True,
    "user_verified": True,
    "post_entitled": True,
    "transit_protected": True,
}


@pytest.mark.parametrize(
    ("wrong", "expected"),
    [
        ("managed", {"estate:MOB-01", "customers:PRV-19", "governance:RSK-DEV-01"}),
        ("location_reported", {"customers:PRV-19", "governance:RSK-DEV-01"}),
        ("user_verified", {"estate:MOB-06", "governance:RSK-DEV-02"}),
        ("post_entitled", {"estate:MOB-05", "governance:RSK-DEV-02"}),
        ("transit_protected", {"estate:MOB-07", "governance:RSK-DEV-02"}),
    ],
)
def test_portable_device_is_refused(wrong: str, expected: set[str]) -> None:
    """Each condition alone bars the device, by its own rules; what is not known never allows it."""
    allowed, rules = decide("tablet-use", **{**READY, wrong: False})

    assert (False, expected) == (allowed, set(rules))
    assert decide("tablet-use", **READY)[0] is True
    assert CATALOG.table("tablet-use").decide({**READY, wrong: Unknown("not stated")}).value is None


@pytest.mark.parametrize(
    ("viewer", "purpose", "expected"),
    [
        ("supervision_group", "staff_conduct", {"allowed": True, "logged": True}),
        ("supervision_group", "other", {"logged": True}),
        ("other", "staff_conduct", {"logged": True}),
    ],
)
def test_who_may_view_recordings(viewer: str, purpose: str, expected: dict[str, bool]) -> None:
    """estate:EQP-CCTV-04: the supervision group may look at conduct; of all else nothing is stated but the log."""
    decision = CATALOG.table("recording-access").decide({"viewer": viewer, "purpose": purpose})

    assert expected == dict(decision.value or {})


# -- registers and the standard


def on_record(register: str, id: str, values: Mapping[str, str], until: dt.date | None = None) -> Entry:
    return Entry(id, register=register, branch="B-1", values=FrozenMap(values), valid_until=until)


def test_vehicle_past_its_service() -> None:
    """estate:EQP-VEH-02: a vehicle whose service was due yesterday is found, one due today is not."""
    register = CATALOG.register("vehicles")
    entries = [
        on_record("vehicles", name, {"plate": name, "model": "van", "service_interval": "10000 km"}, until)
        for name, until in (("V-1", dt.date(2026, 5, 31)), ("V-2", dt.date(2026, 6, 1)))
    ]

    found = judge_register(register, "B-1", entries, day=dt.date(2026, 6, 1))

    assert () == check_entries(register, entries)
    assert [("V-1", ("estate:EQP-VEH-02",))] == [(one.place[-1].id, one.rules) for one in found]


def test_portable_devices_are_on_record_once() -> None:
    """estate:MOB-01: the register refuses a device twice, an unknown kind and one whose management is not told."""
    register = CATALOG.register("portable-devices")
    good = {"device": "PAD-1", "kind": "tablet_with_clip", "system": "Android 14", "management": "enrolled"}

    twice = check_entries(register, [on_record("portable-devices", name, good) for name in ("E-1", "E-2")])
    wrong = check_entries(
        register, [on_record("portable-devices", "E-1", {"device": "PAD-1", "kind": "phone", "system": "x"})]
    )

    assert () == check_entries(register, [on_record("portable-devices", "E-1", good)])
    assert ['$["E-2"].values.device'] == [problem.path for problem in twice]
    assert {'$["E-1"]', '$["E-1"].values.kind'} == {problem.path for problem in wrong}


def test_applications_are_on_record() -> None:
    """estate:SW-APP-04: the register takes self-service, counter and voice software, and any other kind."""
    register = CATALOG.register("applications")
    entries = [
        on_record(
            "applications",
            f"E-{at}",
            {"application": f"A-{at}", "kind": kind, "approved_version": "2", "installed_version": "1"},
        )
        for at, kind in enumerate(("self_service_software", "counter_software", "voice_software", "queue_software"))
    ]

    assert () == check_entries(register, entries)


@pytest.mark.parametrize(
    ("rule", "kinds"),
    [
        ("estate:EQP-PER-01", "counter_system fingerprint_reader id_reader printer signature_pad"),
        ("service:MOB-06", "counter_system fingerprint_reader id_reader printer signature_pad"),
        ("estate:EQP-SSD-01", "atm cash_recycler queue_machine self_service_terminal"),
        ("estate:EQP-BIO-01", "biometric_device"),
        ("estate:EQP-REC-01", "dual_recorder"),
        ("estate:EQP-DC-06", "data_centre server"),
        ("estate:EQP-FUR-01", "furniture"),
    ],
)
def test_standard_lists_the_kinds(rule: str, kinds: str) -> None:
    """The estate standard knows exactly these kinds of equipment under the rule."""
    assert kinds.split() == sorted(kind.code for kind in CATALOG.standard().equipment if rule in kind.rules)


@pytest.mark.parametrize(
    ("kind", "rule", "functions"),
    [
        ("biometric_device", "estate:EQP-BIO-01", "face fingerprint voice"),
        ("voice_assistant", "estate:EQP-VOI-01", "answer query transfer_to_staff"),
        ("mdm", "estate:MOB-02", "devices applications users content interfaces"),
        ("tablet", "estate:MOB-08", "password sign_out bluetooth nfc cloud_id_decoding"),
    ],
)
def test_standard_lists_the_functions(kind: str, rule: str, functions: str) -> None:
    """A kind of device may offer exactly these functions, by its rule."""
    (one,) = (device for device in CATALOG.standard().equipment if device.code == kind)

    assert tuple(functions.split()) == one.functions
    assert rule in one.rules


def test_cameras_at_every_outlet_and_alarms_at_rural_ones() -> None:
    """estate:EQP-CCTV-01, estate:RUR-07, estate:RUR-08: cameras everywhere, an alarm at rural outlets."""
    wanted = {
        kind.code: {one.kind: set(one.rules) for one in kind.equipment if one.kind in {"cctv", "alarm"}}
        for kind in CATALOG.standard().branches
    }

    assert {True} == {"estate:EQP-CCTV-01" in of["cctv"] for of in wanted.values()}
    assert "estate:RUR-07" in wanted["rural_outlet"]["cctv"]
    assert ["rural_outlet"] == [code for code, of in wanted.items() if "estate:RUR-08" in of.get("alarm", set())]
