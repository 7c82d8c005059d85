"""The shipped sheets on the day, cash, vouchers, conduct and staffing: what each asks and what its answers come to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, CellState, PassFail, Sheet, bind, judge, read
from branchkit.checklists.sheet import RawFact
from branchkit.estate import Branch, Equipment, Post, StaffMember, Zone, check_entries, judge_register
from branchkit.estate.registers import Entry
from branchkit.findings import Finding
from branchkit.values import FrozenMap, Ref, Severity

AT = dt.datetime(2026, 6, 1, 2, tzinfo=dt.UTC)
CATALOG = Catalog()
SHEETS = (
    "cash-and-vault",
    "cash-balancing",
    "closing-round",
    "counter-quality",
    "credentials-and-seals",
    "etiquette",
    "opening-round",
    "posts-and-staffing",
    "running-the-day",
    "vouchers-and-handover",
)
FAMILIES = (
    *(f"service:{family}-" for family in ("ETQ", "OPQ", "ROL", "STF", "TEL")),
    *(f"governance:RSK-{family}-" for family in ("CASH", "CNF", "CRD", "DOC", "SEAL")),
)
ITEMS = [(name, item.id) for name in SHEETS for _, item in CATALOG.checklist(name).items()]
FACTS: dict[str, dict[str, RawFact]] = {
    "cash-and-vault": {"cash.currencies": ("CNY", "USD")},
    "cash-balancing": {"cash.currencies": ("CNY", "USD")},
    "posts-and-staffing": {"lobby.bands": ("morning",)},
}
BRANCH = Branch(
    "B-1",
    kind="rural_outlet",
    traits=frozenset({"rural"}),
    time_zone="Asia/Shanghai",
    zones=(Zone("wait", kind="waiting_zone"), Zone("high", kind="high_counter_zone")),
    equipment=(
        Equipment("NC-1", kind="note_counter", zone="wait"),
        Equipment("NC-2", kind="note_counter", zone="high"),
        Equipment("SCREEN-1", kind="outdoor_screen", zone=None),
        Equipment("BOX-1", kind="cash_box", zone="high"),
    ),
    staff=(StaffMember("T-1", teller_level=2), StaffMember("L-1")),
    posts=(Post("p-1", kind="teller", holder="T-1"), Post("p-2", kind="lobby_manager", holder="L-1")),
)


def sheet_of(name: str, *answers: Answer, branch: Branch = BRANCH) -> Sheet:
    version = CATALOG.checklist(name).version
    return Sheet("S-1", checklist=name, version=version, branch=branch.id, at=AT, by="L-1", answers=answers)


def find(
    name: str, *answers: Answer, facts: Mapping[str, RawFact] | None = None, branch: Branch = BRANCH
) -> tuple[Finding, ...]:
    given = FACTS.get(name, {}) if facts is None else facts
    return judge(sheet_of(name, *answers, branch=branch), bind(CATALOG.checklist(name), branch, at=AT, facts=given))


def on(*refs: str) -> tuple[Ref, ...]:
    return tuple(Ref.parse(ref) for ref in refs)


def a(item: str, value: str, *refs: str) -> Answer:
    return Answer(item, value=value, on=on(*refs))


@pytest.mark.parametrize(("name", "item"), ITEMS)
def test_item_is_as_bad_as_its_rules(name: str, item: str) -> None:
    """An item is as severe as the worst rule it carries out, and is advice, never required, where all of them are."""
    one = CATALOG.checklist(name).item(item)
    assert one is not None
    known = [CATALOG.rule(rule) for rule in one.rules]
    severities = [rule.severity for rule in known if rule.severity is not None]

    assert one.severity in {None, max(severities, key=lambda severity: severity.rank, default=Severity.MINOR)}
    assert (bool(known) and all(rule.basis == "advice" for rule in known)) <= (one.basis == "advice")
    assert (one.basis == "advice") <= (not one.required)
    assert any(rule.basis == "suggested" for rule in known) <= (one.basis == "suggested")


@pytest.mark.parametrize("name", SHEETS)
def test_whatever_fails_is_found_where_it_fails(name: str) -> None:
    """Every yes-or-no item that fails gives one finding for each thing it is asked of, with the item's own rules."""
    checklist = CATALOG.checklist(name)
    bound = bind(checklist, BRANCH, at=AT, facts=FACTS.get(name))
    asked = [
        (item, one)
        for section, item in checklist.items()
        if section.rows is None and item.when is None and isinstance(item.answer, PassFail)
        for subjects in (bound.subjects(section, item),)
        if isinstance(subjects, tuple)
        for one in subjects
    ]

    found = find(name, *(Answer(item.id, value="fail", on=where) for item, where in asked))

    expected = {(f"{name}/{item.id}", item.rules, (Ref("branch", "B-1"), *where)) for item, where in asked}
    assert expected <= {(one.item, one.rules, one.place) for one in found}
    assert asked or name == "cash-balancing"


def test_every_rule_of_the_sections_is_named() -> None:
    """Every rule on posts, levels, staffing, conduct and custody is named, but for stages and deadlines of a case."""
    wanted = {
        rule.id
        for rule in CATALOG.rules()
        if rule.id.startswith(FAMILIES) and rule.kind not in {"procedure_stage", "sla"}
    }

    named = {rule for entry in CATALOG.entries() for rule in entry.rules}

    assert set() == wanted - named


TELLER, LOBBY, BOX = "staff:T-1", "staff:L-1", "equipment:BOX-1"
CNY = "currency:CNY"
CASES = [
    # (rule, sheet, item, answer that keeps it, answer that breaks it, where)
    ("service:STF-16", "opening-round", "sober", "pass", "fail", (LOBBY,)),
    ("service:ETQ-08", "opening-round", "even-tempered", "pass", "fail", (TELLER,)),
    ("service:STF-04", "running-the-day", "windows-at-noon", "pass", "fail", ()),
    ("service:STF-06", "running-the-day", "windows-to-demand", "pass", "fail", ()),
    ("service:STF-07", "running-the-day", "moved-to-peaks", "pass", "fail", ()),
    ("service:STF-18", "running-the-day", "step-manned", "pass", "fail", ("step:door",)),
    ("service:OPN-18", "closing-round", "leads-entered", "pass", "fail", ()),
    ("service:OPN-19", "closing-round", "work-log", "pass", "fail", ("log_field:defects",)),
    ("governance:RSK-CASH-01", "cash-and-vault", "box-out", "pass", "fail", (BOX,)),
    ("service:OPN-15", "cash-and-vault", "boxes-handed-over", "pass", "fail", ()),
    ("estate:EQP-VLT-01", "cash-and-vault", "box-out", "pass", "fail", (BOX,)),
    ("estate:EQP-VLT-02", "cash-and-vault", "boxes-handed-over", "pass", "fail", ()),
    ("governance:RSK-CASH-06", "cash-and-vault", "watched-on-the-way", "pass", "fail", ()),
    ("governance:RSK-CASH-08", "cash-and-vault", "cash-supervised", "pass", "fail", ("test:safe",)),
    ("governance:RSK-CASH-14", "cash-balancing", "difference-told", "pass", "fail", ()),
    ("service:TEL-01", "credentials-and-seals", "teller-number-own", "pass", "fail", (TELLER,)),
    ("governance:RSK-CRD-01", "credentials-and-seals", "card-and-password-safe", "pass", "fail", (TELLER,)),
    ("governance:RSK-CRD-03", "credentials-and-seals", "app-protected", "pass", "fail", ("function:sign_out",)),
    ("governance:RSK-AML-01", "vouchers-and-handover", "large-review-known", "pass", "fail", (TELLER,)),
    ("governance:RSK-AML-02", "vouchers-and-handover", "large-copies-kept", "pass", "fail", ()),
    ("governance:RSK-DOC-07", "vouchers-and-handover", "archive-sound", "pass", "fail", ("test:safe",)),
    ("governance:RSK-DOC-11", "vouchers-and-handover", "evidence-kept", "pass", "fail", ("evidence:footage",)),
    ("governance:RSK-DOC-12", "vouchers-and-handover", "needs-recorded", "pass", "fail", ("test:timely",)),
    ("governance:RSK-AUT-07", "counter-quality", "done-twice", "pass", "fail", ("subject:cash_counted",)),
    ("governance:RSK-CNF-01", "counter-quality", "no-counterfeit", "pass", "fail", ("note:foreign", "direction:in")),
    ("service:OPQ-10", "counter-quality", "customers-first", "pass", "fail", ()),
    ("governance:RSK-DOC-09", "counter-quality", "customers-first", "pass", "fail", ()),
    ("service:TRI-35", "counter-quality", "customers-first", "pass", "fail", ()),
    ("service:TEL-23", "counter-quality", "rules-obeyed", "pass", "fail", ("source:core_system_rules",)),
    ("governance:RSK-ID-01", "counter-quality", "identity-verified", "pass", "fail", ()),
    ("governance:RSK-ID-06", "counter-quality", "opening-data", "pass", "fail", ("test:complete",)),
    ("service:TEL-24", "counter-quality", "does-all-business", "pass", "fail", (TELLER,)),
    ("service:TEL-19", "counter-quality", "two-at-counter", "pass", "fail", ()),
    ("governance:RSK-AUT-05", "counter-quality", "two-at-counter", "pass", "fail", ()),
    ("service:ETQ-01", "etiquette", "law-and-rules", "pass", "fail", (TELLER,)),
    ("service:ETQ-02", "etiquette", "duty-and-word", "pass", "fail", (TELLER,)),
    ("service:ETQ-03", "etiquette", "principle", "pass", "fail", (TELLER,)),
    ("service:ETQ-16", "etiquette", "special-care", "pass", "fail", (TELLER, "customer:special_group")),
    ("service:ETQ-29", "etiquette", "neither-cold-nor-shirking", "pass", "fail", (TELLER, "conduct:shirking")),
    ("service:ETQ-05", "etiquette", "make-up", "light", "heavy", (TELLER,)),
    ("service:ETQ-09", "etiquette", "badge-place", "left_upper_chest", "none", (TELLER,)),
    ("service:ROL-04", "posts-and-staffing", "head-suitable", "pass", "fail", ("quality:qualification",)),
    ("service:ROL-32", "posts-and-staffing", "aml-officers", "1", "0", ()),
    ("service:ROL-35", "posts-and-staffing", "supervision-groups", "1", "0", ()),
    ("service:ROL-36", "posts-and-staffing", "gate-passed", "pass", "fail", (TELLER, "gate:training_passed")),
    ("service:ROL-37", "posts-and-staffing", "placed-by-ability", "pass", "fail", (TELLER,)),
    ("service:ROL-38", "posts-and-staffing", "best-at-counter", "pass", "fail", ()),
    ("service:ROL-19", "posts-and-staffing", "one-responsible", "pass", "fail", ("band:morning",)),
    ("service:ROL-20", "posts-and-staffing", "risk-duties", "pass", "fail", ()),
    ("service:STF-01", "posts-and-staffing", "lobby-manager-on-duty", "pass", "fail", ("band:morning",)),
    ("service:STF-02", "posts-and-staffing", "fill-in-names", "2", "1", ()),
    ("service:STF-03", "posts-and-staffing", "mix-on-duty", "pass", "fail", ("band:morning", "part:authoriser")),
    ("service:STF-09", "posts-and-staffing", "teamwork", "pass", "fail", ()),
    ("service:STF-13", "posts-and-staffing", "structure-follows-work", "pass", "fail", ()),
    ("service:OPN-28", "posts-and-staffing", "leave-by-procedure", "pass", "fail", ()),
]


@pytest.mark.parametrize(("rule", "name", "item", "good", "bad", "where"), CASES)
def test_rule_is_kept_or_broken(rule: str, name: str, item: str, good: str, bad: str, where: tuple[str, ...]) -> None:
    """The good answer, up to its limit, gives no finding, and the bad one gives one that names the rule."""
    kept = find(name, a(item, good, *where))
    (broken,) = find(name, a(item, bad, *where))

    assert () == kept
    assert rule in broken.rules
    assert (Ref("branch", "B-1"), *on(*where)) == broken.place


@pytest.mark.parametrize(
    ("name", "first", "second", "where", "rule"),
    [
        ("credentials-and-seals", "cash-keeper", "books-keeper", (), "service:TEL-20"),
        ("credentials-and-seals", "cash-keeper", "books-keeper", (), "governance:RSK-AUT-06"),
        ("credentials-and-seals", "seal-keeper", "certificate-keeper", (), "service:TEL-20"),
        ("credentials-and-seals", "seal-keeper", "certificate-keeper", (), "governance:RSK-SEAL-01"),
        ("cash-and-vault", "vault-key-first", "vault-key-second", (), "governance:RSK-CASH-15"),
        ("cash-and-vault", "box-from", "box-to", (BOX,), "service:OPN-03"),
        ("cash-and-vault", "boxes-from", "boxes-to", (), "service:OPN-15"),
        ("cash-and-vault", "carrier", "second-carrier", (), "service:OPN-16"),
        ("vouchers-and-handover", "handover-from", "handover-to", ("row:1",), "governance:RSK-DOC-10"),
    ],
)
def test_two_different_people(name: str, first: str, second: str, where: tuple[str, ...], rule: str) -> None:
    """service:TEL-20, governance:RSK-AUT-06, governance:RSK-CASH-15, governance:RSK-DOC-10: one person on both sides
    is a finding, two different people are none.
    """
    two = find(name, a(first, "P-1", *where), a(second, "P-2", *where))
    (one,) = find(name, a(first, "P-1", *where), a(second, "P-1", *where))

    assert () == two
    assert rule in one.rules
    assert f"{name}/{second}" == one.item


@pytest.mark.parametrize(("at", "broken"), [("08:59", 0), ("09:00", 1)])
def test_boxes_are_out_before_opening(at: str, broken: int) -> None:
    """service:OPN-03, governance:RSK-CASH-01: a box handed over at opening time or later is a finding."""
    found = find("cash-and-vault", a("counters-open-at", "09:00"), a("box-at", at, BOX))

    assert broken == len(found)


@pytest.mark.parametrize(
    ("limit", "held", "sent", "broken"),
    [("5000", "5000", None, 0), ("5000", "5001", "pass", 0), ("5000", "5001", "fail", 1)],
)
def test_cash_above_the_limit_goes_to_the_vault(limit: str, held: str, sent: str | None, broken: int) -> None:
    """service:OPN-11, governance:RSK-CASH-02: what is above the limit of a teller and currency and stays at the
    counter is a finding.
    """
    where = (TELLER, CNY)
    given = () if sent is None else (a("excess-sent", sent, *where),)

    found = find("cash-and-vault", a("cash-limit", limit, *where), a("cash-held", held, *where), *given)

    assert broken == len(found)
    assert {rule for one in found for rule in one.rules} <= {
        "service:OPN-11", "governance:RSK-CASH-02", "estate:EQP-VLT-04",
    }  # fmt: skip


@pytest.mark.parametrize(("held", "asked"), [("5000", False), ("5000.01", True)])
def test_the_limit_itself_may_be_held(held: str, asked: bool) -> None:
    """service:OPN-11, governance:RSK-CASH-02: only above the limit is it asked whether the excess was sent up."""
    name, where = "cash-and-vault", (TELLER, CNY)
    sheet = sheet_of(name, a("cash-limit", "5000", *where), a("cash-held", held, *where))

    reading = read(sheet, bind(CATALOG.checklist(name), BRANCH, at=AT, facts=FACTS[name]))

    state = CellState.MISSING if asked else CellState.NOT_APPLICABLE
    assert [state] == [cell.state for cell in reading.by_item["excess-sent"] if cell.on == on(*where)]


def test_without_a_limit_nothing_is_compared() -> None:
    """service:OPN-11: no source states the limit, so where the bank sets none the cell is unknown, not passed."""
    name = "cash-and-vault"
    sheet = sheet_of(name, a("cash-held", "90000", TELLER, CNY))

    reading = read(sheet, bind(CATALOG.checklist(name), BRANCH, at=AT, facts=FACTS[name]))

    assert {CellState.UNKNOWN} == {cell.state for cell in reading.by_item["excess-sent"] if cell.on == on(TELLER, CNY)}


@pytest.mark.parametrize(("difference", "broken"), [("0", 0), ("0.01", 1), ("-0.01", 1)])
def test_no_difference_is_tolerated(difference: str, broken: int) -> None:
    """governance:RSK-CASH-14: any difference, over or short, is a finding; that the tolerance is zero is suggested."""
    where = (TELLER, CNY)

    found = find("cash-balancing", a("noon-balanced-at", "12:05", *where), a("noon-difference", difference, *where))

    assert broken == len(found)
    assert {("governance:RSK-CASH-14",)} >= {one.rules for one in found}


@pytest.mark.parametrize(("kind", "expected"), [("rural_outlet", ["service:OPN-27"]), ("basic_outlet", [])])
def test_rural_branch_suspends_service_for_works(kind: str, expected: list[str]) -> None:
    """service:OPN-27: during maintenance the rural branch has to have suspended service; others are not asked."""
    branch = Branch("B-1", kind=kind, traits=frozenset())
    asked = (a("rural-service-suspended", "fail"),) if expected else ()

    found = find("running-the-day", a("works-today", "yes"), *asked, branch=branch)

    assert expected == [rule for one in found for rule in one.rules]
    assert () == find("running-the-day", a("works-today", "no"), *asked, branch=branch)


@pytest.mark.parametrize("item", ["works-outside-hours", "neighbours-told"])
def test_works_are_placed_and_told(item: str) -> None:
    """service:OPN-26: works within hours without need, or untold, are a finding on the day of works alone."""
    (found,) = find("running-the-day", a("works-today", "yes"), a(item, "fail"))

    assert ("service:OPN-26",) == found.rules
    assert () == find("running-the-day", a("works-today", "no"), a(item, "fail"))


def test_one_teller_counters_are_reviewed_later() -> None:
    """service:TEL-21, service:TEL-19: a one-teller counter is not asked for two people but for a later review; two
    people are the default.
    """
    name = "counter-quality"
    comprehensive: dict[str, RawFact] = {"counter.control_mode": "comprehensive"}

    (alone,) = find(name, a("two-at-counter", "fail"), a("reviewed-later", "fail"), facts=comprehensive)
    (default,) = find(name, a("two-at-counter", "fail"))

    assert ("service:TEL-21",) == alone.rules
    assert ("service:TEL-19", "governance:RSK-AUT-05") == default.rules


def test_dedicated_lobby_post_is_better() -> None:
    """service:ROL-18, customers:SOP-19: a dedicated lobby post passes and a rotating one is a warning."""
    (warned,) = find("posts-and-staffing", a("lobby-mode", "rotating"))

    assert () == find("posts-and-staffing", a("lobby-mode", "dedicated"))
    assert (Severity.WARNING, ("service:ROL-18", "customers:SOP-19")) == (warned.severity, warned.rules)


def test_use_of_resources_is_reported() -> None:
    """service:STF-17: the sheet is incomplete without the use of people and equipment and the operating cost."""
    name = "posts-and-staffing"
    bound = bind(CATALOG.checklist(name), BRANCH, at=AT, facts=FACTS[name])

    empty = {problem.message for problem in read(sheet_of(name), bound).problems}
    told = read(sheet_of(name, a("resources-used", "71.5"), a("operating-cost", "380000")), bound)

    lacking = {f"Expected an answer to item {item!r}" for item in ("resources-used", "operating-cost")}
    assert lacking <= empty
    assert lacking.isdisjoint(problem.message for problem in told.problems)


def test_courtesy_never_depends_on_the_customer() -> None:
    """No fact and no condition of the etiquette sheet asks whom somebody serves: service:ETQ-17 holds for everybody."""
    checklist = CATALOG.checklist("etiquette")

    assert () == checklist.facts
    assert all(item.when is None for section, item in checklist.items() if section.id == "five-alikes")


def test_five_alikes_and_five_initiatives_item_by_item() -> None:
    """service:ETQ-17 to service:ETQ-22: five alikes are five questions, and each of the five initiatives is an item."""
    alike = CATALOG.checklist("etiquette").item("five-alikes")
    assert alike is not None
    found = find("etiquette", *(a("five-alikes", "fail", TELLER, f"alike:{code}") for code in (
        "deposit_withdrawal", "amount", "denomination", "busy_idle", "stranger_acquaintance")))  # fmt: skip

    initiatives = [
        item.rules[0] for _, item in CATALOG.checklist("etiquette").items() if "service:OPQ-11" in item.rules
    ]

    assert 5 == len(found)
    assert {f"service:ETQ-{number}" for number in range(18, 23)} == set(initiatives)


# Registers


def entry(register: str, id: str, **values: str) -> Entry:
    return Entry(id, register=register, branch="B-1", values=FrozenMap(values))


def test_teller_numbers_are_unique_and_levels_known() -> None:
    """service:TEL-01, service:TEL-02, service:TEL-03: two tellers with one number, a fifth level and a third kind are
    refused.
    """
    register = CATALOG.register("tellers")
    good = entry("tellers", "E-1", number="1001", holder="T-1", level="1", kind="closed_counter")
    twin = entry("tellers", "E-2", number="1001", holder="T-2", level="5", kind="standing")

    problems = check_entries(register, (good, twin))

    assert () == check_entries(register, (good,))
    assert ["number", "level", "kind"] == [problem.path.rpartition(".")[2] for problem in problems]


def test_posts_have_duties_permissions_and_a_number_of_their_own() -> None:
    """service:ROL-03, service:ROL-39, service:ROL-40: a post of the bank's own is welcome, and none may lack duties,
    permissions, the scope of its telephone or what to do when that fails.
    """
    register = CATALOG.register("posts")
    full = {
        "duties": "d", "permissions": "p", "telephone": "1", "telephone_scope": "s", "telephone_fallback": "f",
    }  # fmt: skip

    own = entry("posts", "E-1", post="admin_assistant", **full)
    bare = entry("posts", "E-2", post="greeter")

    assert () == check_entries(register, (own,))
    assert 5 == len(check_entries(register, (bare,)))


def test_old_password_is_found_in_the_register() -> None:
    """service:TEL-15, governance:RSK-CRD-02: an entry of the credentials that is past its last day is a finding."""
    register = CATALOG.register("credentials")
    made = entry("credentials", "E-1", card="C-1", holder="T-1", changed_on="2026-03-01")
    held = attrs.evolve(made, valid_until=dt.date(2026, 3, 31))

    (found,) = judge_register(register, "B-1", (held,), day=dt.date(2026, 4, 1))

    assert () == judge_register(register, "B-1", (held,), day=dt.date(2026, 3, 31))
    assert "service:TEL-15" in found.rules


@pytest.mark.parametrize(
    ("register", "rule", "values", "key"),
    [
        ("seals", "governance:RSK-SEAL-01", {"seal": "S-1", "keeper": "T-1", "box": "BOX-1"}, "seal"),
        ("cash-boxes", "service:OPN-03", {"number": "7", "keeper": "T-1"}, "number"),
        ("controlled-vouchers", "governance:RSK-AUT-06", {"kind": "k", "numbers": "1-50", "keeper": "T-2"}, "numbers"),
        ("vault-keys", "governance:RSK-CASH-15", {"key": "A", "keeper": "T-1"}, "key"),
    ],
)
def test_custody_is_on_record_once(register: str, rule: str, values: dict[str, str], key: str) -> None:
    """governance:RSK-SEAL-01, governance:RSK-CASH-15, governance:RSK-AUT-06: each seal, box, voucher and key has one
    entry with its keeper.
    """
    document = CATALOG.register(register)
    other = values | {"keeper": "T-9"}

    (doubled,) = check_entries(document, (entry(register, "E-1", **values), entry(register, "E-2", **other)))
    (nobody,) = check_entries(document, (entry(register, "E-1", **{k: v for k, v in values.items() if k != "keeper"}),))

    assert rule in document.rules
    assert doubled.path.endswith(f".{key}")
    assert "Missing 'keeper'" == nobody.message


def test_one_person_keeps_one_vault_key() -> None:
    """governance:RSK-CASH-15: the register refuses a second key with the same keeper; dual custody is suggested."""
    keys = [entry("vault-keys", f"E-{key}", key=key, keeper="T-1") for key in ("A", "B")]

    (problem,) = check_entries(CATALOG.register("vault-keys"), keys)

    assert problem.path.endswith(".keeper")
