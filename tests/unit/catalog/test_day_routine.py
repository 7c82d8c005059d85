"""The shipped plans of the day, of cash and credentials, and of staffing: what is due when, for whom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import Due, due, due_key
from branchkit.checklists.sheet import RawFact
from branchkit.estate import Branch, Post, StaffMember
from branchkit.temporal import Calendar, Hours
from branchkit.values import Ref, Severity, Text

CATALOG = Catalog()
FRIDAY, SATURDAY, SUNDAY = (dt.date(2026, 6, day) for day in (5, 6, 7))
MONDAY = dt.date(2026, 6, 8)
T1, T2, L1 = (Ref("staff", name) for name in ("T-1", "T-2", "L-1"))
BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}),
    staff=(StaffMember("T-1"), StaffMember("T-2"), StaffMember("L-1")),
    posts=(
        Post("p-1", kind="teller", holder="T-1"),
        Post("p-2", kind="teller", holder="T-2"),
        Post("p-3", kind="teller", holder=None),
        Post("p-4", kind="lobby_manager", holder="L-1"),
    ),
)
WORKDAYS = Calendar(
    "plain",
    version="1",
    title=Text(zh="日历", en="Calendar"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)
CURRENCIES: dict[str, RawFact] = {"cash.currencies": ("CNY", "USD")}


def lines(
    plan: str,
    entry: str,
    first: dt.date,
    last: dt.date,
    *,
    done: Mapping[str, Sequence[dt.date]] | None = None,
    calendar: Calendar | None = None,
) -> list[Due]:
    facts = CURRENCIES if plan == "cash-and-credentials" else None
    every = due(CATALOG.schedule(plan), BRANCH, first, last, done=done, facts=facts, calendar=calendar)
    return [one for one in every if one.entry.id == entry]


def clock(line: Due) -> str:
    return "" if line.at is None else f"{line.at:%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("entry", "rule", "by", "when"),
    [
        ("noon-cover", "service:STF-04", "outlet_head", ["06-05 12:00", "06-08 12:00"]),
        ("evening-boxes", "service:STF-10", None, ["06-05 17:30", "06-08 17:30"]),
        ("leads", "service:OPN-18", "customer_service_officer", ["06-05 17:30", "06-08 17:30"]),
        ("leads", "service:ROL-23", "customer_service_officer", ["06-05 17:30", "06-08 17:30"]),
        ("work-log", "service:OPN-19", "lobby_manager", ["06-05 17:30", "06-08 17:30"]),
    ],
)
def test_duty_is_due_on_open_days_alone(entry: str, rule: str, by: str | None, when: list[str]) -> None:
    """service:STF-04, service:STF-10, service:OPN-18, service:OPN-19, service:ROL-23: due on Friday and on Monday, at
    noon or from closing on, and never on the weekend between.
    """
    found = lines("day-routine", entry, FRIDAY, MONDAY)

    assert when == [clock(one) for one in found]
    assert {(by, True)} == {(one.entry.by, rule in one.entry.rules) for one in found}


def test_tellers_are_ready_before_opening() -> None:
    """service:OPN-01: every teller who holds the post is due before opening, on open days, and nobody else is."""
    found = lines("day-routine", "tellers-ready", FRIDAY, MONDAY)

    assert [(FRIDAY, T1), (FRIDAY, T2), (MONDAY, T1), (MONDAY, T2)] == [(one.day, one.place[-1]) for one in found]
    assert {"before_opening"} == {one.time for one in found}


def test_attendance_is_reported_monthly() -> None:
    """service:OPN-28: attendance is reported once in each month."""
    found = lines("day-routine", "attendance-report", dt.date(2026, 1, 1), dt.date(2026, 3, 31))

    assert [1, 2, 3] == [one.day.month for one in found if one.day is not None]


def test_planned_maintenance_has_no_day_of_its_own() -> None:
    """service:OPN-26: maintenance is arranged whenever it is planned; the plan names no day for it."""
    (found,) = lines("day-routine", "planned-maintenance", FRIDAY, MONDAY)

    assert ("on_event", None) == (found.state, found.day)


def test_cash_is_balanced_twice_a_day_by_teller_and_currency() -> None:
    """service:OPN-10, governance:RSK-CASH-03: two tellers with two currencies balance at noon and in the evening of
    each open day, eight times in all.
    """
    found = lines("cash-and-credentials", "balancing", FRIDAY, SUNDAY)

    expected = [
        (time, teller, currency)
        for time in ("06-05 12:00", "06-05 17:30")
        for teller in (T1, T2)
        for currency in (Ref("currency", "CNY"), Ref("currency", "USD"))
    ]
    assert expected == [(clock(one), one.place[1], one.place[2]) for one in found]
    assert {Severity.CRITICAL} == {one.entry.severity for one in found}


def test_currencies_have_to_be_told() -> None:
    """service:OPN-10: where nobody says which currencies a branch holds, the plan says so instead of nothing."""
    plan = CATALOG.schedule("cash-and-credentials")

    found = [one for one in due(plan, BRANCH, FRIDAY, FRIDAY) if one.entry.id == "balancing"]

    assert ["unknown"] == [one.state for one in found]


PASSWORD = due_key("cash-and-credentials", "password", (T1,))


@pytest.mark.parametrize(
    ("changed", "today", "state"),
    [
        (dt.date(2026, 5, 21), dt.date(2026, 6, 10), []),
        (dt.date(2026, 5, 6), dt.date(2026, 6, 10), ["overdue"]),
        (dt.date(2026, 5, 11), dt.date(2026, 6, 10), ["due"]),
    ],
)
def test_password_is_changed_within_the_month(changed: dt.date, today: dt.date, state: list[str]) -> None:
    """service:TEL-15, governance:RSK-CRD-02, estate:SEC-PWD-01: 20 days after a change nothing is due; on the last day
    of the month that follows it is due; after 35 days it is overdue.
    """
    found = lines("cash-and-credentials", "password", today, today, done={PASSWORD: (changed,)})

    assert state == [one.state for one in found if one.place[-1] == T1 and one.state != "unknown"]
    assert {Severity.CRITICAL} == {one.entry.severity for one in found}


def test_password_of_unknown_age_is_told() -> None:
    """service:TEL-15: a teller of whom nobody knows when the password was changed is listed, not left out."""
    found = lines("cash-and-credentials", "password", FRIDAY, FRIDAY, done={PASSWORD: (FRIDAY,)})

    assert [("unknown", T2)] == [(one.state, one.place[-1]) for one in found]


def test_password_is_not_changed_on_the_same_day_each_month() -> None:
    """service:TEL-15: the latest day is never the same day of the month again; changes that fell on it are noted."""
    days = (dt.date(2026, 4, 5), dt.date(2026, 5, 5))

    (found,) = (
        one
        for one in lines(
            "cash-and-credentials", "password", dt.date(2026, 6, 1), dt.date(2026, 6, 30), done={PASSWORD: days}
        )
        if one.place[-1] == T1
    )

    assert dt.date(2026, 6, 4) == found.day
    assert found.note is not None
    assert found.note.en.startswith("regular days: 2026-05-05")


def test_leaving_the_counter_has_no_day() -> None:
    """service:OPN-12, service:OPN-13, estate:EQP-CLS-04: the sheet on absences is due whenever a teller leaves."""
    (found,) = lines("cash-and-credentials", "counter-absence", FRIDAY, MONDAY)

    assert ("on_event", "vouchers-and-handover") == (found.state, found.entry.checklist)


@pytest.mark.parametrize(("entry", "count"), [("funds-count", 6), ("funds-audit", 2)])
def test_funds_are_counted_and_audited(entry: str, count: int) -> None:
    """governance:RSK-CASH-09: in half a year six counts and two audits are due, both periods suggested."""
    found = lines("cash-and-credentials", entry, dt.date(2026, 1, 1), dt.date(2026, 6, 30))

    assert [("due", "suggested")] * count == [(one.state, one.entry.basis) for one in found]


@pytest.mark.parametrize(
    ("entry", "rule"), [("fill-in-list", "service:STF-02"), ("labour-combination", "service:STF-03")]
)
def test_roster_stands_before_opening(entry: str, rule: str) -> None:
    """service:STF-02, service:STF-03: fill-in list and labour combination are due before opening on each open day."""
    found = lines("staffing", entry, FRIDAY, MONDAY)

    assert [FRIDAY, MONDAY] == [one.day for one in found]
    assert {("before_opening", "advice", (rule,))} == {(one.time, one.entry.basis, one.entry.rules) for one in found}


@pytest.mark.parametrize(
    ("today", "state"), [(dt.date(2026, 5, 31), []), (dt.date(2026, 6, 1), ["due"]), (dt.date(2026, 6, 2), ["overdue"])]
)
def test_rotation_is_due_after_two_years(today: dt.date, state: list[str]) -> None:
    """service:STF-08: two years after a post was taken, which is suggested, rotation is due, and then overdue."""
    key = due_key("staffing", "rotation", (T1,))

    found = lines("staffing", "rotation", today, today, done={key: (dt.date(2024, 6, 1),)})

    assert state == [one.state for one in found if one.place[-1] == T1]
    assert {"suggested"} >= {one.entry.basis for one in found}


def test_self_check_has_no_period_before_the_bank_sets_one() -> None:
    """service:OPQ-16: no source says how often a branch checks its own business, so the plan says not configured."""
    (found,) = lines("staffing", "self-check", dt.date(2026, 1, 1), dt.date(2026, 12, 31))

    assert ("not_configured", None) == (found.state, found.day)


def test_vip_figures_are_compiled_monthly() -> None:
    """service:ROL-24: figures on VIP movement and closure are due from the customer service officer each month."""
    found = lines("staffing", "vip-figures", dt.date(2026, 1, 1), dt.date(2026, 3, 31), calendar=WORKDAYS)

    assert [dt.date(2026, 1, 7), dt.date(2026, 2, 6), dt.date(2026, 3, 6)] == [one.day for one in found]
    assert {("customer_service_officer", "suggested")} == {(one.entry.by, one.entry.basis) for one in found}
