"""Worked scenarios of the counter's day: levels, authorisation, passwords, balancing, absences and cash boxes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, CellState, Sheet, bind, due, due_key, judge, read
from branchkit.checklists.sheet import RawFact
from branchkit.conditions import FactValue
from branchkit.estate import Branch, Post, StaffMember
from branchkit.findings import Finding
from branchkit.temporal import Hours
from branchkit.values import Ref, Severity

AT = dt.datetime(2026, 4, 2, 18, tzinfo=dt.UTC)
CURRENCIES: dict[str, RawFact] = {"cash.currencies": ("CNY", "USD")}
T1 = Ref("staff", "T-1")
BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}),
    staff=(StaffMember("T-1", teller_level=2),),
    posts=(Post("p-1", kind="teller", holder="T-1"),),
)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog()


def sheet_of(catalog: Catalog, name: str, *answers: Answer) -> Sheet:
    version = catalog.checklist(name).version
    return Sheet("S-1", checklist=name, version=version, branch="B-1", at=AT, by="T-1", answers=answers)


def found_on(
    catalog: Catalog, name: str, *answers: Answer, facts: Mapping[str, RawFact] | None = None
) -> tuple[Finding, ...]:
    bound = bind(catalog.checklist(name), BRANCH, at=AT, facts=facts)
    return judge(sheet_of(catalog, name, *answers), bound)


def shown(findings: tuple[Finding, ...]) -> list[tuple[str, str, Severity]]:
    return [(str(one.item).partition("/")[2], one.rules[0], one.severity) for one in findings]


@pytest.mark.parametrize(("on_duty", "who"), [(True, "level_4_teller"), (False, "receiver_coordinates")])
def test_complex_case_leaves_a_level_2_teller(catalog: Catalog, on_duty: bool, who: str) -> None:
    """service:S-6: a level-2 teller's complex case goes to level 4; without one on duty whoever received the customer
    coordinates; the customer is told steps and time.
    """
    facts: dict[str, FactValue] = {
        "beyond_lower_levels": True, "teller.level": Decimal(2), "level_4_on_duty": on_duty,
    }  # fmt: skip

    decision = catalog.table("complex-cases").decide(facts)

    assert decision.value is not None
    assert {"handled_by": who, "tell_steps_and_time": True} == dict(decision.value)
    assert "service:TEL-06" in decision.trace.steps[0].rules


def roles(operator: str, checker: str | None, authoriser: str | None, supervisors: set[str]) -> dict[str, FactValue]:
    """Say who is who in a transaction, in the codes of the table."""
    who = "nobody" if authoriser is None else "supervisor" if authoriser in supervisors else "other"
    if authoriser is not None and authoriser in {operator, checker}:
        who = "operator" if authoriser == operator else "checker"
    return {
        "counter.control_mode": "dual_person",
        "needs_authorisation": True,
        "checker": "nobody" if checker is None else "operator" if checker == operator else "other",
        "authoriser": who,
        "operator_stepped_aside": True,
        "later_review": False,
    }


@pytest.mark.parametrize(
    ("operator", "checker", "authoriser", "reason"),
    [
        pytest.param("A", "B", "A", "authorised_by_operator", id="own card"),
        pytest.param("S", "B", "S", "authorised_by_operator", id="own card of a supervisor"),
        pytest.param("A", "B", "C", "not_a_supervisor", id="a colleague"),
        pytest.param("A", "B", "S", None, id="a supervisor"),
    ],
)
def test_nobody_authorises_their_own_operation(
    catalog: Catalog, operator: str, checker: str, authoriser: str, reason: str | None
) -> None:
    """service:S-7: what the operator's own card approves is refused, with rules that are critical; only a supervisor
    other than the operator authorises.
    """
    decision = catalog.table("authorisation").decide(roles(operator, checker, authoriser, {"S"}))

    assert decision.value is not None
    assert (reason is None, reason) == (decision.value["allowed"], decision.value.get("reason"))
    assert {"service:TEL-14", "service:ROL-31"} <= set(decision.trace.steps[0].rules)
    assert {Severity.CRITICAL} == {catalog.rule(rule).severity for rule in decision.trace.steps[0].rules}


@pytest.mark.parametrize(
    ("checker", "authoriser", "reason"),
    [
        ("A", "A", "checked_by_operator"),
        ("A", "S", "checked_by_operator"),
        ("B", "A", "authorised_by_operator"),
        ("S", "S", "authorised_by_checker"),
        ("B", "S", None),
    ],
)
def test_three_roles_need_three_people(catalog: Catalog, checker: str, authoriser: str, reason: str | None) -> None:
    """governance:S-10: teller A who accepts, re-checks and authorises is refused, and so is anybody in two roles."""
    decision = catalog.table("authorisation").decide(roles("A", checker, authoriser, {"S"}))

    assert decision.value is not None
    assert reason == decision.value.get("reason")


def test_teller_stays_in_the_way(catalog: Catalog) -> None:
    """governance:S-10: while the supervisor authorises, the teller has to step aside."""
    decision = catalog.table("authorisation").decide(roles("A", "B", "S", {"S"}) | {"operator_stepped_aside": False})

    assert decision.value is not None
    assert "operator_did_not_step_aside" == decision.value["reason"]


def password(catalog: Catalog, today: dt.date, *changed: dt.date) -> list[tuple[str, Severity | None]]:
    key = due_key("cash-and-credentials", "password", (T1,))
    plan = catalog.schedule("cash-and-credentials")
    lines = due(plan, BRANCH, today, today, done={key: changed}, facts=CURRENCIES)
    return [(one.state, one.entry.severity) for one in lines if one.entry.id == "password"]


def test_password_of_1_march(catalog: Catalog) -> None:
    """service:S-8: changed on 1 March it is not overdue on 31 March, and critically overdue on 2 April."""
    changed = dt.date(2026, 3, 1)

    assert [] == password(catalog, dt.date(2026, 3, 30), changed)
    assert [("due", Severity.CRITICAL)] == password(catalog, dt.date(2026, 3, 31), changed)
    assert [("overdue", Severity.CRITICAL)] == password(catalog, dt.date(2026, 4, 2), changed)


def test_passwords_of_20_and_35_days(catalog: Catalog) -> None:
    """governance:S-9: 20 days is fine, 35 days is overdue, and the same day of every month is warned of."""
    today = dt.date(2026, 6, 20)
    monthly = tuple(dt.date(2026, month, 5) for month in (3, 4, 5, 6))
    key = due_key("cash-and-credentials", "password", (T1,))
    plan = catalog.schedule("cash-and-credentials")

    notes = [
        one.note.en
        for one in due(plan, BRANCH, today, dt.date(2026, 7, 31), done={key: monthly}, facts=CURRENCIES)
        if one.entry.id == "password" and one.note is not None
    ]

    assert [] == password(catalog, today, today - dt.timedelta(days=20))
    assert [("overdue", Severity.CRITICAL)] == password(catalog, today, today - dt.timedelta(days=35))
    assert ["regular days: 2026-04-05, 2026-05-05, 2026-06-05"] == [note.partition(";")[0] for note in notes]


def balanced(currency: str, *, noon: str | None, evening: str) -> tuple[Answer, ...]:
    where = (T1, Ref("currency", currency))
    answers = [Answer("evening-balanced-at", value=evening, on=where)]
    if noon is not None:
        answers.append(Answer("noon-balanced-at", value=noon, on=where))
    return tuple(answers)


def test_one_currency_misses_noon(catalog: Catalog) -> None:
    """service:S-9: CNY balanced at 12:05 and 17:40 is in order; USD balanced only at 17:45 lacks the noon balancing."""
    cny, usd = balanced("CNY", noon="12:05", evening="17:40"), balanced("USD", noon=None, evening="17:45")

    (found,) = found_on(catalog, "cash-balancing", *cny, *usd, facts=CURRENCIES)

    assert (("service:OPN-10", "governance:RSK-CASH-03"), Severity.CRITICAL) == (found.rules, found.severity)
    assert (Ref("branch", "B-1"), T1, Ref("currency", "USD")) == found.place
    assert "cash-balancing/noon-balanced-at" == found.item


def test_two_currencies_miss_noon(catalog: Catalog) -> None:
    """governance:S-8: two currencies balanced in the evening alone are two missing noon checks, one for each."""
    late = (*balanced("CNY", noon=None, evening="17:40"), *balanced("USD", noon=None, evening="17:45"))

    found = found_on(catalog, "cash-balancing", *late, facts=CURRENCIES)

    assert ["noon-balanced-at", "noon-balanced-at"] == [item for item, _, _ in shown(found)]
    assert ["CNY", "USD"] == [one.place[-1].id for one in found]


def test_evening_balancing_told_twice_is_none_at_noon(catalog: Catalog) -> None:
    """service:OPN-10: a noon balancing that is no earlier than the evening one is a finding."""
    found = found_on(catalog, "cash-balancing", *balanced("CNY", noon="17:45", evening="17:45"), facts=CURRENCIES)

    assert ["noon-balanced-at"] == [item for item, _, _ in shown(found)]


def absence(kind: str, *, terminal: str, cash: str, seals: str, handover: str | None) -> tuple[Answer, ...]:
    row = (Ref("row", "1"),)
    given = {
        "who-left": "T-1",
        "absence": kind,
        "terminal-signed-off": terminal,
        "cash-locked": cash,
        "seals-locked": seals,
    } | ({} if handover is None else {"handover-recorded": handover})
    return tuple(Answer(item, value=value, on=row, note="seen on the round") for item, value in given.items())


def test_short_break_leaves_the_seal_on_the_desk(catalog: Catalog) -> None:
    """service:S-10: a short break with the seal on the desk and no handover record gives exactly these two findings."""
    left = absence("short_absence", terminal="pass", cash="pass", seals="fail", handover="fail")

    found = found_on(catalog, "vouchers-and-handover", *left)

    assert [
        ("seals-locked", "service:OPN-12", Severity.CRITICAL),
        ("handover-recorded", "service:OPN-13", Severity.CRITICAL),
    ] == shown(found)
    assert {"service:STF-11", "governance:RSK-CASH-05"} <= set(found[1].rules)


def test_handover_of_an_absence_says_to_whom_what_and_when(catalog: Catalog) -> None:
    """service:OPN-13, service:STF-11, governance:RSK-CASH-05: a handover on record lacks something until receiver,
    items and time are told.
    """
    left = absence("rest", terminal="pass", cash="pass", seals="pass", handover="pass")
    bound = bind(catalog.checklist("vouchers-and-handover"), BRANCH, at=AT)

    reading = read(sheet_of(catalog, "vouchers-and-handover", *left), bound)

    missing = {item for item in ("handed-to", "handed-items", "handed-at") for cell in reading.by_item[item]
               if cell.state is CellState.MISSING}  # fmt: skip
    assert {"handed-to", "handed-items", "handed-at"} == missing


@pytest.mark.parametrize(
    ("kind", "handover", "expected"),
    [
        ("step_away", None, ["terminal-signed-off", "seals-locked"]),
        ("rest", "fail", ["terminal-signed-off", "seals-locked", "handover-recorded"]),
    ],
)
def test_teller_leaves_signed_on(catalog: Catalog, kind: str, handover: str | None, expected: list[str]) -> None:
    """governance:S-7: signed on and the seal on the desk are two findings; a rest break without handover is a third."""
    left = absence(kind, terminal="fail", cash="pass", seals="fail", handover=handover)

    found = found_on(catalog, "vouchers-and-handover", *left)

    assert expected == [item for item, _, _ in shown(found)]
    assert {"governance:RSK-CASH-04", "governance:RSK-SEAL-01"} <= {rule for one in found for rule in one.rules}


def test_one_person_carries_four_of_five_boxes(catalog: Catalog) -> None:
    """service:S-11, governance:S-11: four boxes of five carried by one employee are two critical findings, the count
    and the missing second carrier, and the boxes may not go.
    """
    answers = (
        Answer("boxes-listed", value="5"),
        Answer("boxes-counted", value="4"),
        Answer("carrier", value="T-1"),
    )

    found = found_on(catalog, "cash-and-vault", *answers, facts=CURRENCIES)
    run = catalog.table("vault-run").decide({"carriers": Decimal(1), "boxes_agree": False})

    assert [
        ("boxes-counted", "service:OPN-14", Severity.CRITICAL),
        ("second-carrier", "service:OPN-16", Severity.CRITICAL),
    ] == shown(found)
    assert run.value is not None
    assert {"may": False, "reason": "both"} == dict(run.value)


def test_two_people_carry_all_boxes(catalog: Catalog) -> None:
    """service:S-11: five of five boxes and two different carriers are no finding."""
    answers = (
        Answer("boxes-listed", value="5"),
        Answer("boxes-counted", value="5"),
        Answer("carrier", value="T-1"),
        Answer("second-carrier", value="T-2"),
    )

    assert () == found_on(catalog, "cash-and-vault", *answers, facts=CURRENCIES)
