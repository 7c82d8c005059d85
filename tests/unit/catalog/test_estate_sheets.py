"""The shipped sheets and standard of the estate: what each asks, how bad it is, and what its answers come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, Checklist, Sheet, bind, judge
from branchkit.checklists.sheet import RawFact
from branchkit.estate import Branch, Equipment, StaffMember, Zone, judge_register
from branchkit.estate.registers import Entry
from branchkit.findings import Finding
from branchkit.values import FrozenMap, Ref, Severity

AT = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
CATALOG = Catalog()
"""Reads nothing before a test asks for something."""
SHEETS = (
    "accessibility",
    "cleaning-log",
    "convenience-area",
    "indoor",
    "outdoor",
    "outlet-governance",
    "self-service-zone",
    "signs-and-screens",
    "zones-and-layout",
)
FAMILIES = ("ORG", "ZON", "OUT", "PARK", "ACC", "SIG", "DSP", "IN", "AMB", "CONV", "SELF")
ITEMS = [(name, item.id) for name in SHEETS for _, item in CATALOG.checklist(name).items()]

SMART = Branch(
    "B-1",
    kind="smart_outlet",
    traits=frozenset({"smart"}),
    time_zone="Asia/Shanghai",
    services=frozenset({"currency_exchange"}),
    zones=(
        Zone("lobby", kind="lobby_zone"),
        Zone("wait", kind="waiting_zone"),
        Zone("self", kind="self_service_zone"),
        Zone("high", kind="high_counter_zone"),
        Zone("low", kind="low_counter_zone"),
    ),
    equipment=(
        Equipment("ATM-1", kind="atm", zone="self"),
        Equipment("NC-1", kind="note_counter", zone="wait"),
        Equipment("SCREEN-1", kind="outdoor_screen", zone=None),
        Equipment("WINDOW-1", kind="display_window", zone=None),
    ),
    staff=(StaffMember("P-1"),),
)


def find(
    name: str, *answers: Answer, facts: Mapping[str, RawFact] | None = None, branch: Branch = SMART
) -> tuple[Finding, ...]:
    checklist = CATALOG.checklist(name)
    bound = bind(checklist, branch, at=AT, facts=facts)
    sheet = Sheet("S-1", checklist=name, version=checklist.version, branch=branch.id, at=AT, by="P-1", answers=answers)
    return judge(sheet, bound)


def on(*refs: str) -> tuple[Ref, ...]:
    return tuple(Ref.parse(ref) for ref in refs)


def a(item: str, value: str, *refs: str) -> Answer:
    return Answer(item, value=value, on=on(*refs))


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


def test_every_rule_of_the_sections_is_named() -> None:
    """Every rule of the digest's sections on places, signs, ambience and self-service is in a shipped document."""
    wanted = {rule.id for rule in CATALOG.rules() if rule.id.startswith(tuple(f"estate:EST-{f}-" for f in FAMILIES))}

    named = {rule for entry in CATALOG.entries() for rule in entry.rules}

    assert set() == wanted - named


def failing(checklist: Checklist, item: str) -> str | None:
    """Return an answer that fails by itself, where there is one."""
    one = checklist.item(item)
    assert one is not None
    answer = one.answer
    return {"PassFail": "fail"}.get(type(answer).__name__)


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_in_which_everything_fails(name: str) -> None:
    """Every yes-or-no item that fails gives one finding for each thing it is asked of, with the item's own rules."""
    checklist = CATALOG.checklist(name)
    bound = bind(checklist, SMART, at=AT)
    asked = [
        (item, one)
        for section, item in checklist.items()
        if section.rows is None and section.when is None and item.when is None and failing(checklist, item.id)
        for subjects in (bound.subjects(section, item),)
        if isinstance(subjects, tuple)
        for one in subjects
    ]

    found = find(name, *(Answer(item.id, value="fail", on=where) for item, where in asked))

    expected = [(f"{name}/{item.id}", item.rules, (Ref("branch", "B-1"), *where)) for item, where in asked]
    assert asked
    assert [one for one in expected if one not in {(f.item, f.rules, f.place) for f in found}] == []


SCREEN = "equipment:ATM-1"
CASES = [
    # (what, sheet, answers that keep the rule, answers that break it, rules of the finding)
    ("estate:EST-ORG-03", "outlet-governance", "rules-at-level", "pass", "fail", "level:head_office"),
    ("estate:EST-ORG-06", "outlet-governance", "demand-shown", "pass", "fail", ""),
    ("estate:EST-ORG-11", "outlet-governance", "counter-mix", "pass", "fail", "input:customer_structure"),
    ("service:TEL-08", "outlet-governance", "counter-mix", "pass", "fail", "input:business_structure"),
    ("estate:EST-ORG-15", "outlet-governance", "outlet-heads", "1", "2", ""),
    ("estate:EST-ORG-18", "outlet-governance", "environment-standard", "pass", "fail", ""),
    ("estate:EST-ORG-20", "outlet-governance", "regulator-findings", "settled", "open", ""),
    ("estate:EST-ORG-21", "outlet-governance", "report-to", "pass", "fail", "addressee:regulator"),
    ("estate:EST-ORG-22", "outlet-governance", "law-followed", "pass", "fail", ""),
    ("estate:EST-ORG-23", "outlet-governance", "bound-by-rules", "pass", "fail", "person:guard"),
    ("estate:EST-ORG-24", "outlet-governance", "support-joined-up", "pass", "fail", "service:vehicles"),
    ("estate:EST-ZON-02", "zones-and-layout", "planned-from", "pass", "fail", "input:footfall"),
    ("estate:EST-ZON-06", "zones-and-layout", "lobby-business", "only", "partly", "zone:lobby"),
    ("estate:EST-ZON-07", "zones-and-layout", "high-counter-business", "only", "other", "zone:high"),
    ("estate:EST-ZON-08", "zones-and-layout", "low-counter-business", "only", "other", "zone:low"),
    ("estate:EST-ZON-22", "zones-and-layout", "seats-planned", "pass", "fail", "input:footfall"),
    ("estate:EST-ZON-23", "zones-and-layout", "seat-distance", "0.6", "0.59", ""),
    ("estate:EST-ZON-29", "zones-and-layout", "windows-to-demand", "pass", "fail", "input:demand"),
    ("estate:EST-OUT-27", "outdoor", "last-walk-round", "2026-05-25", "2026-05-24", ""),
    ("estate:EST-PARK-03", "outdoor", "accessible-bays", "1", "0", ""),
    ("estate:EST-PARK-07", "outdoor", "vip-car-notice", "pass", "fail", ""),
    ("estate:EST-ACC-02", "accessibility", "route-slope", "8.33", "8.34", "way:inside"),
    ("estate:EST-ACC-03", "accessibility", "call-point", "button", "neither", ""),
    ("estate:EST-ACC-10", "accessibility", "help-to-enter", "pass", "fail", ""),
    ("estate:EST-IN-12", "indoor", "order-kept-by", "pass", "fail", ""),
    ("estate:EST-AMB-01", "indoor", "temperature", "26", "26.1", "zone:lobby"),
    ("estate:EST-AMB-02", "indoor", "co2", "1000", "1001", ""),
    ("estate:EST-AMB-03", "indoor", "light-at-counter", "300", "299", "zone:high"),
    ("estate:EST-AMB-04", "indoor", "climate-adjusted", "pass", "fail", ""),
    ("estate:EST-SELF-05", "self-service-zone", "used-alone", "pass", "fail", SCREEN),
    ("estate:EST-SELF-06", "self-service-zone", "last-check", "2026-05-31", "2026-05-30", SCREEN),
    ("estate:EST-SELF-06", "self-service-zone", "last-service", "2026-05-01", "2026-04-30", SCREEN),
    ("estate:EST-SELF-08", "self-service-zone", "explained-first", "demonstrated", "operated", ""),
    ("estate:CLN-01", "cleaning-log", "cleaned-at-set-times", "pass", "fail", "time:midday"),
    ("estate:CLN-05", "cleaning-log", "disinfected", "pass", "fail", ""),
]


@pytest.mark.parametrize(("rule", "name", "item", "good", "bad", "where"), CASES)
def test_rule_is_kept_or_broken(rule: str, name: str, item: str, good: str, bad: str, where: str) -> None:
    """The good answer, up to its limit, gives no finding, and the bad one gives one that names the rule."""
    refs = (where,) if where else ()

    kept = find(name, a(item, good, *refs))
    (broken,) = find(name, a(item, bad, *refs))

    assert () == kept
    assert rule in broken.rules
    assert (Ref("branch", "B-1"), *on(*refs)) == broken.place


def test_nothing_opens_before_it_is_approved() -> None:
    """estate:EST-ORG-05: an outlet that opened before the day of its approval, or without one is a critical finding."""
    approved = (a("approval-on-file", "pass"), a("approved-on", "2026-03-01"))

    early = find("outlet-governance", *approved, a("opened-on", "2026-02-28"))
    never = find("outlet-governance", a("approval-on-file", "fail"), a("opened-on", "2026-02-28"))

    assert () == find("outlet-governance", *approved, a("opened-on", "2026-03-01"))
    assert [(("estate:EST-ORG-05",), Severity.CRITICAL)] == [(one.rules, one.severity) for one in early]
    assert ["approval-on-file", "opened-on"] == [str(one.item).partition("/")[2] for one in never]


@pytest.mark.parametrize(("occasion", "expected"), [("opening", 3), ("relocation", 3), ("regular", 0)])
def test_site_is_studied_where_an_outlet_is_set_up(occasion: str, expected: int) -> None:
    """estate:EST-ORG-25, estate:EST-ORG-26, estate:EST-ORG-27: choice of site is asked on opening and relocation."""
    found = find(
        "outlet-governance",
        a("occasion", occasion),
        a("site-weighed", "fail", "interest:comfort"),
        a("market-studied", "fail", "subject:culture"),
        a("not-crowded", "fail"),
    )

    assert expected == len(found)
    assert {rule for one in found for rule in one.rules} <= {f"estate:EST-ORG-{at}" for at in (25, 26, 27)}


@pytest.mark.parametrize(
    ("cause", "items", "rule"),
    [
        ("power-cut", ("power-cut-placard", "power-cut-told"), "estate:EST-SIG-07"),
        ("machine-down", ("machine-placard", "machine-told"), "estate:EST-SIG-08"),
    ],
)
def test_outage_is_told(cause: str, items: tuple[str, str], rule: str) -> None:
    """estate:EST-SIG-07, estate:EST-SIG-08: a placard and a word to customers are asked for only during an outage."""
    answers = [a(item, "fail") for item in items]

    assert [(rule,), (rule,)] == [one.rules for one in find("signs-and-screens", a(cause, "yes"), *answers)]
    assert () == find("signs-and-screens", a(cause, "no"), *answers)


@pytest.mark.parametrize(
    ("name", "asked", "item", "rule", "where"),
    [
        ("signs-and-screens", "works-closure", "works-notice", "estate:EST-SIG-14", ("data:area",)),
        ("outdoor", "works-at-access", "works-agreed", "estate:EST-PARK-08", ()),
    ],
)
def test_works_are_told_and_agreed(name: str, asked: str, item: str, rule: str, where: tuple[str, ...]) -> None:
    """estate:EST-SIG-14, estate:EST-PARK-08: works call for a notice where they close, for consent where they touch."""
    assert [(rule,)] == [one.rules for one in find(name, a(asked, "yes"), a(item, "fail", *where))]
    assert () == find(name, a(asked, "no"))


@pytest.mark.parametrize(("seconds", "broken"), [("60", 0), ("61", 1)])
def test_call_point_is_answered_in_time(seconds: str, broken: int) -> None:
    """estate:EST-ACC-08: a test call that takes longer than 60 seconds, which is suggested, is a critical finding."""
    found = find("accessibility", a("call-point", "phone"), a("call-answer-time", seconds))

    assert broken == len(found)
    assert {(("estate:EST-ACC-08",), Severity.CRITICAL)} >= {(one.rules, one.severity) for one in found}


@pytest.mark.parametrize(("day", "broken"), [("2026-05-25", 0), ("2026-05-24", 1)])
def test_call_point_is_tested_weekly(day: str, broken: int) -> None:
    """estate:EST-ACC-08: more than 7 days between test calls, which is suggested, is a finding."""
    assert broken == len(find("accessibility", a("call-point", "both"), a("last-test-call", day)))


@pytest.mark.parametrize(
    ("both", "answer", "broken"), [(None, "phone", 0), (False, "button", 0), (True, "phone", 1), (True, "both", 0)]
)
def test_bank_may_require_both_ways_to_call(both: bool | None, answer: str, broken: int) -> None:
    """estate:EST-ACC-03: a help number or a button is enough by default; a bank may require both."""
    facts: dict[str, RawFact] = {} if both is None else {"call_point.both_required": both}

    assert broken == len(find("accessibility", a("call-point", answer), facts=facts))


def test_sound_has_two_limits() -> None:
    """estate:EST-AMB-07, estate:EST-AMB-08: too loud fails, too low warns, and between them is right."""
    checklist = CATALOG.checklist("indoor")
    item = checklist.item("sound-level")
    assert item is not None
    always = Branch("B-1", time_zone="Asia/Shanghai")

    results = {level: find("indoor", a("sound-level", level), branch=always) for level in ("44", "45", "60", "61")}

    assert {"44": [Severity.WARNING], "45": [], "60": [], "61": [Severity.MINOR]} == {
        level: [one.severity for one in found] for level, found in results.items()
    }
    assert ("estate:EST-AMB-07", "estate:EST-AMB-08") == results["44"][0].rules


@pytest.mark.parametrize(
    ("changed", "answer", "severities"),
    [
        ("2026-05-02", "not_yet", []),
        ("2026-05-01", "not_yet", [Severity.WARNING]),
        ("2026-05-01", "yes", []),
    ],
)
def test_customers_are_asked_after_a_change(changed: str, answer: str, severities: list[Severity]) -> None:
    """estate:EST-AMB-16: a change more than 30 days old about which nobody was asked warns, and is advice."""
    found = find("indoor", a("changed-on", changed), a("survey-done", answer))

    assert severities == [one.severity for one in found]


@pytest.mark.parametrize(
    ("minutes", "police", "rules"),
    [
        ("10", "not_needed", []),
        ("11", "called", [("estate:EST-SELF-17",)]),
        ("5", "undecided", [("estate:EST-SELF-18",)]),
    ],
)
def test_damage_is_reported_and_decided(minutes: str, police: str, rules: list[tuple[str, ...]]) -> None:
    """estate:EST-SELF-17, estate:EST-SELF-18: damage is a finding, reported in 10 minutes, the police decided on."""
    answers = (
        a("damage-found", "yes", SCREEN),
        a("damage-reported-after", minutes, SCREEN),
        Answer("police", value=police, on=on(SCREEN), note="scratches on the card slot"),
    )

    assert [("governance:INC-OUT-25",), *rules] == [one.rules for one in find("self-service-zone", *answers)]


@pytest.mark.parametrize(("day", "severity"), [("2026-05-31", "major"), ("2026-07-01", "warning"), ("2026-07-02", "")])
def test_added_medicine_is_judged_by_its_date(day: str, severity: str) -> None:
    """estate:EST-CONV-16, estate:EST-CONV-17: what a bank adds to the box is in a row of its own, dated as the rest."""
    row = ("row:1",)

    found = find(
        "convenience-area",
        a("medicine", "defibrillator_pads", *row),
        a("medicine-there", "pass", *row),
        a("medicine-expiry", day, *row),
    )

    assert ([severity] if severity else []) == [one.severity.value for one in found]


def test_box_on_record_expires() -> None:
    """estate:EST-CONV-17: the register of the medicine box finds what is past its last good day."""
    register = CATALOG.register("medicine-box")
    entries = [
        Entry(
            f"M-{at}",
            register="medicine-box",
            branch="B-1",
            values=FrozenMap({"medicine": "iodine"}),
            valid_until=dt.date(2026, 6, at),
        )
        for at in (1, 2)
    ]

    found = judge_register(register, "B-1", entries, day=dt.date(2026, 6, 2))

    assert [(Ref("branch", "B-1"), Ref("register", "medicine-box"), Ref("entry", "M-1"))] == [f.place for f in found]


@pytest.mark.parametrize(("services", "expected"), [({"currency_exchange"}, 1), (set[str](), 0)])
def test_exchange_sign_is_asked_where_exchange_is_offered(services: set[str], expected: int) -> None:
    """estate:EST-OUT-09: a missing exchange sign is a finding only where currency exchange is offered."""
    branch = Branch("B-1", services=frozenset(services))

    assert expected == len(find("outdoor", a("exchange-sign", "fail"), branch=branch))


def test_zone_kinds_of_the_standard_do_their_business() -> None:
    """estate:EST-ZON-05 to estate:EST-ZON-08: the standard lists 20 zone kinds and the business of three of them."""
    kinds = {kind.code: kind.business for kind in CATALOG.standard().zones}

    assert 20 == len(kinds)
    assert ("enquiry", "smart_machine", "self_service_machine") == kinds["lobby_zone"]
    assert ("cash", "account_opening", "special") == kinds["high_counter_zone"]
    assert ("corporate_non_cash", "personal_non_cash") == kinds["low_counter_zone"]
