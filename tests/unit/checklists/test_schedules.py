"""Facts about schedules: what is due at a branch when, and what is said where that is not known."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Due, EachEquipment, EachStaff, EachValue, Schedule, SchedulePlan, due, due_key
from branchkit.conditions import FactSpec, FactType, parse_condition
from branchkit.errors import InputError
from branchkit.estate import Branch, Equipment, EquipmentState, Post, StaffMember, Zone
from branchkit.temporal import (
    AtMost,
    Calendar,
    CalendarDay,
    Continuous,
    Cycle,
    Daily,
    Hours,
    Monthly,
    NotConfigured,
    OnEvent,
    Random,
    Roll,
    Weekly,
)
from branchkit.values import Ref, Severity, Text, Unknown

WORDS = Text(zh="任务", en="task")
YEAR = Calendar(
    "trial",
    version="2026",
    title=WORDS,
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
    days=(CalendarDay(dt.date(2026, 3, 2), working=False),),
)
SECRET = b"a secret of at least sixteen bytes"
BRANCH = Branch(
    "B-1",
    kind="basic_outlet",
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:00"}),
    zones=(Zone("Z-1", kind="self_service_zone"), Zone("Z-2", kind="lobby_zone")),
    staff=(StaffMember("T-1"), StaffMember("T-2")),
    posts=(Post("P-1", kind="teller", holder="T-1"), Post("P-2", kind="teller", holder="T-2")),
    equipment=(
        Equipment("ATM-1", kind="atm", zone="Z-1", state=EquipmentState.IN_SERVICE),
        Equipment("ATM-2", kind="atm", zone="Z-1", state=EquipmentState.UNDER_REPAIR),
        Equipment(
            "ATM-0",
            kind="atm",
            state=EquipmentState.RETIRED,
            parts=(Equipment("ATM-0-B", kind="atm"),),
        ),
    ),
)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(f"2026-{text}")


def entry(cycle: Cycle, id: str = "task", **more: Any) -> Schedule:
    return Schedule(id, title=WORDS, cycle=cycle, **more)


def plan(*entries: Schedule, **more: Any) -> SchedulePlan:
    return SchedulePlan("trial", version="1", title=WORDS, entries=entries, **more)


def ask(*entries: Schedule, first: str = "03-02", last: str = "03-02", branch: Branch = BRANCH, **more: Any) -> Any:
    return due(plan(*entries), branch, day(first), day(last), **more)


def said(lines: tuple[Due, ...]) -> list[tuple[str, str, str]]:
    return [(line.state, str(line.place[-1]), line.note.en if line.note else "") for line in lines]


# -- what is due


def test_tills_are_balanced_per_teller_and_currency() -> None:
    """service:OPN-10: at noon and in the evening of an open day, once for each teller and each currency."""
    balance = entry(
        Daily(times=("noon", "after_closing"), on="open_day"),
        for_each=(EachStaff(posts=("teller",)), EachValue(name="currency", fact="currencies")),
        severity=Severity.CRITICAL,
        rules=("service:OPN-10",),
    )
    tills = plan(balance, facts=(FactSpec("currencies", type=FactType.CODES),))

    lines = due(tills, BRANCH, day("03-02"), day("03-02"), facts={"currencies": ("CNY", "USD")})

    at = ["2026-03-02T12:00:00+08:00"] * 4 + ["2026-03-02T17:00:00+08:00"] * 4
    on = [f"branch:B-1/staff:{who}/currency:{what}" for who in ("T-1", "T-2") for what in ("CNY", "USD")]
    assert at == [line.at.isoformat() for line in lines if line.at]
    assert on * 2 == ["/".join(map(str, line.place)) for line in lines]


def test_retired_devices_and_their_parts_are_never_there() -> None:
    """A device that is retired is not due, nor is what it is built of, whose own zone need not even be known."""
    each = (EachEquipment(kinds=("atm",), zone_kinds=("self_service_zone",)),)

    assert ["ATM-1", "ATM-2"] == [line.place[-1].id for line in ask(entry(Daily(), for_each=each))]
    working = (EachEquipment(kinds=("atm",), working=True),)
    assert ["ATM-1"] == [line.place[-1].id for line in ask(entry(Daily(), for_each=working))]


def test_what_a_retired_part_is_built_of_is_not_due() -> None:
    """A device that is in service stands without those of its parts that are retired, and all that is in them."""
    lens = Equipment("ATM-1-L", kind="camera", state=EquipmentState.IN_SERVICE)
    parts = (
        Equipment("ATM-1-A", kind="card_reader", state=EquipmentState.IN_SERVICE),
        Equipment("ATM-1-B", kind="card_reader", state=EquipmentState.RETIRED, parts=(lens,)),
    )
    branch = Branch("B-1", equipment=(Equipment("ATM-1", kind="atm", parts=parts),))

    lines = ask(entry(Daily(), for_each=(EachEquipment(kinds=("atm", "card_reader", "camera")),)), branch=branch)

    assert ["ATM-1", "ATM-1-A"] == [line.place[-1].id for line in lines]


def test_what_is_not_there_is_not_due() -> None:
    """Where a branch has none of a kind, or a condition is not met, nothing is due and nothing is said."""
    none = entry(Daily(), for_each=(EachEquipment(kinds=("generator",)),))
    rural = entry(Daily(), "rural", when=parse_condition({"fact": "branch.kind", "is": "rural_outlet"}))

    assert () == ask(none, rural)


def test_lines_come_sorted_by_time() -> None:
    """Lines are sorted by day and moment, a whole day first; what has no day comes last."""
    lines = ask(
        entry(OnEvent(event="incident"), "incident"),
        entry(Daily(times=("noon",)), "noon"),
        entry(Daily(times=("before_opening",)), "early"),
        entry(Daily(), "day"),
        first="03-02",
        last="03-03",
    )

    assert ["day", "early", "noon", "day", "early", "noon", "incident"] == [line.entry.id for line in lines]


def test_rolled_lines_name_the_days_passed() -> None:
    """A Monday off rolls to the Tuesday and says so."""
    (line,) = ask(entry(Weekly(weekdays=("mon",)), roll=Roll.NEXT), last="03-06", calendar=YEAR)

    assert (day("03-03"), (day("03-02"),), day("03-03")) == (line.day, line.moved, line.until)


# -- at most so far apart, and by chance

PASSWORD = entry(
    AtMost(span="P1M", irregular=True), for_each=(EachStaff(posts=("teller",)),), rules=("estate:SEC-PWD-01",)
)  # fmt: skip


def test_passwords_are_due_a_month_after_the_last_change() -> None:
    """estate:SEC-PWD-01: each teller's latest day follows from the teller's own last change; who has none is named."""
    changed = {due_key("trial", "task", (Ref("staff", "T-1"),)): (day("02-05"),)}

    lines = ask(PASSWORD, first="03-01", last="03-31", done=changed)

    assert [(day("03-04"), "staff:T-1"), (None, "staff:T-2")] == [(line.day, str(line.place[-1])) for line in lines]
    assert ("unknown", "staff:T-2", "when it was last done is not given") == said(lines)[1]


def test_one_without_a_last_time_keeps_no_other_from_being_due() -> None:
    """estate:SEC-PWD-01: a teller after one of whom nothing is known is due all the same."""
    lines = ask(PASSWORD, first="03-01", last="03-31", done={"trial/task@staff:T-2": (day("02-05"),)})

    assert [(day("03-04"), "staff:T-2"), (None, "staff:T-1")] == [(line.day, str(line.place[-1])) for line in lines]


def test_what_is_overdue_is_told_first() -> None:
    """A latest day before the range is overdue and stays on the list; one after it is not on it yet."""
    days = {
        due_key("trial", "task", (Ref("staff", who),)): (day(at),) for who, at in (("T-1", "01-05"), ("T-2", "03-20"))
    }

    (line,) = ask(PASSWORD, first="03-01", last="03-31", done=days)

    assert ("overdue", day("02-04"), "overdue since 2026-02-04") == (line.state, line.day, line.note and line.note.en)
    (line,) = ask(PASSWORD, first="02-04", last="02-28", done=days)[:1]
    assert ("due", day("02-04")) == (line.state, line.day)
    (line,) = ask(PASSWORD, first="02-01", last="02-04", done=days)
    assert ("due", day("02-04")) == (line.state, line.day)


def test_regular_days_are_pointed_out() -> None:
    """A history on the same day of each month is told with the next latest day."""
    only = entry(AtMost(span="P1M", irregular=True), roll=Roll.PREVIOUS)
    history = {"trial/task": (day("01-10"), day("02-10"))}

    (line,) = ask(only, first="03-01", last="03-31", done=history, calendar=YEAR)

    assert (day("03-09"), "regular days: 2026-02-10") == (line.day, line.note and line.note.en)


def test_a_latest_day_off_comes_earlier_or_not_at_all() -> None:
    """A latest day off moves back to a working day, unless every day since the last time is off."""
    short = entry(AtMost(span="P2D"), roll=Roll.PREVIOUS)

    (moved,) = ask(short, first="02-26", last="03-05", done={"trial/task": (day("02-26"),)}, calendar=YEAR)
    (stays,) = ask(short, first="02-26", last="03-05", done={"trial/task": (day("02-28"),)}, calendar=YEAR)

    assert (day("02-27"), (day("02-28"),)) == (moved.day, moved.moved)
    assert (day("03-02"), ()) == (stays.day, stays.moved)
    (same,) = ask(short, first="02-26", last="03-05", done={"trial/task": (day("02-27"),)}, calendar=YEAR)
    assert (day("03-01"), ()) == (same.day, same.moved)
    history = {"trial/task": (day("02-20"), day("02-28"))}
    (last,) = ask(short, first="02-26", last="03-05", done=history, calendar=YEAR)
    assert (day("03-02"), ()) == (last.day, last.moved)


def test_a_latest_day_off_on_the_first_day_is_overdue() -> None:
    """Where the range begins on a latest day that is off, the working day before it is over."""
    five = entry(AtMost(span="P5D"), roll=Roll.PREVIOUS)

    (line,) = ask(five, first="03-02", last="03-05", done={"trial/task": (day("02-25"),)}, calendar=YEAR)

    assert ("overdue", day("02-27")) == (line.state, line.day)


def test_a_latest_day_beyond_the_calendar_is_told() -> None:
    """Whether a latest day past the calendar's end is a working day is not known; before its time nothing is said."""
    only = plan(entry(AtMost(span="P1M"), roll=Roll.PREVIOUS))
    told = {"calendar": YEAR, "done": {"trial/task": (day("12-10"),)}}

    assert () == due(only, BRANCH, day("12-01"), day("12-31"), **told)
    for last in (dt.date(2027, 1, 31), dt.date(2027, 1, 10)):
        (line,) = due(only, BRANCH, day("12-01"), last, **told)
        assert "2027-01-10 is beyond it" in said((line,))[0][2]


def test_what_was_never_done_is_due_at_once_where_that_is_known() -> None:
    """Whoever knows that it never was done has it due on the first day; what was done is due by its span."""
    only = entry(AtMost(span="P1M"), roll=Roll.PREVIOUS, for_each=(EachStaff(posts=("teller",)),))
    done = {"trial/task@staff:T-1": (day("02-20"),)}

    lines = ask(only, last="03-31", done=done, calendar=YEAR, never_done="first")
    assert [("due", "staff:T-2", "never done so far"), ("due", "staff:T-1", "")] == said(lines)
    assert [day("03-02"), day("03-20")] == [line.day for line in lines]
    done = {"trial/task@staff:T-2": (day("02-20"),)}
    lines = ask(only, last="03-31", done=done, calendar=YEAR, never_done="first")
    assert [("due", "staff:T-1", "never done so far"), ("due", "staff:T-2", "")] == said(lines)
    daily = ask(entry(Daily()), never_done="first")
    assert ask(entry(Daily())) == daily


def test_random_days_need_the_secret_and_differ() -> None:
    """Without the secret random days are not known; with it two branches have days of their own."""
    patrol = entry(Random(period="year", count=9))
    asked = {"first": "01-01", "last": "12-31"}

    assert [("unknown", "branch:B-1", "the secret that the days are drawn by is not given")] == said(
        ask(patrol, **asked)
    )
    here, there = (ask(patrol, **asked, branch=Branch(name), seed=SECRET) for name in ("B-1", "B-2"))
    assert (9, 9) == (len(here), len(there))
    assert [line.day for line in here] != [line.day for line in there]


# -- what is not known


@pytest.mark.parametrize(
    ("cycle", "state", "note"),
    [
        (OnEvent(event="weather_change"), "on_event", "whenever this happens: weather_change"),
        (Continuous(), "continuous", "all the time"),
        (NotConfigured(), "not_configured", "how often is not configured"),
    ],
)
def test_what_has_no_days_is_listed_as_such(cycle: Cycle, state: str, note: str) -> None:
    """What waits for an event, goes on all the time or is not configured is listed once, whatever it is for."""
    lines = ask(entry(cycle, for_each=(EachEquipment(kinds=("atm",)),)), last="12-31")

    assert [(state, "branch:B-1", note)] == said(lines)


@pytest.mark.parametrize(
    ("branch", "made", "note"),
    [
        (
            Branch("B-1"),
            entry(Daily(), for_each=(EachEquipment(kinds=("atm",)),)),
            "the equipment of the branch is not known: not stated",
        ),
        (
            Branch("B-1", hours=Unknown("no survey"), time_zone="Asia/Shanghai"),
            entry(Daily(times=("before_opening",))),
            "the hours of the branch are not known: no survey",
        ),
        (Branch("B-1"), entry(Daily(times=("noon",))), "the time zone of the branch is not known"),
        (
            Branch("B-1", time_zone="Asia/Nowhere"),
            entry(Daily(times=("noon",))),
            "the time zone of the branch is none that this system knows",
        ),
        (BRANCH, entry(Monthly(), roll=Roll.NEXT), "no calendar of working days is given"),
        (
            BRANCH,
            entry(Monthly(), roll=Roll.NEXT, for_each=(EachEquipment(kinds=("atm",)),)),
            "no calendar of working days is given",
        ),
        (
            Branch("B-1", time_zone="Asia/Shanghai", hours=Hours.from_week({"workday": "09:00-17:00"})),
            entry(Daily(on="open_day")),
            "no calendar of working days is given",
        ),
        (
            Branch("B-1"),
            entry(Daily(), when=parse_condition({"fact": "branch.kind", "is": "rural_outlet"})),
            "'branch.kind' is unknown: not stated",
        ),
    ],
)
def test_what_is_not_known_is_listed_once_with_the_reason(branch: Branch, made: Schedule, note: str) -> None:
    """An entry of which not enough is known is listed once, as unknown, with the reason, and never left out."""
    lines = ask(made, branch=branch, first="03-01", last="12-31")

    assert ["unknown"] == [line.state for line in lines]
    assert note in (lines[0].note or WORDS).en


def test_days_beyond_the_calendar_are_told_after_those_within() -> None:
    """What the calendar confirms is listed; that it ends is listed too, once for all devices."""
    monthly = entry(Monthly(day=15), roll=Roll.NEXT, for_each=(EachEquipment(kinds=("atm",)),))

    lines = due(plan(monthly), BRANCH, day("12-01"), dt.date(2027, 2, 28), calendar=YEAR)

    assert [day("12-15"), day("12-15"), None] == [line.day for line in lines]
    assert "2027-01-15 is beyond it" in said(lines)[-1][2]
    assert "2027-01-15 is beyond it" in (lines[-1].note or WORDS).zh


def test_notes_of_an_entry_stay() -> None:
    """What an entry notes is on each line, after the reason where there is one."""
    note = Text(zh="注意", en="Mind the step")

    assert [("due", "branch:B-1", "Mind the step")] == said(ask(entry(Daily(), note=note)))
    assert [("continuous", "branch:B-1", "all the time; Mind the step")] == said(ask(entry(Continuous(), note=note)))


# -- what is refused


@pytest.mark.parametrize(
    ("made", "path", "message"),
    [
        (plan(), "$.entries", "at least one entry"),
        (plan(entry(Daily()), entry(Daily())), "$.entries[1].id", "each entry once"),
        (plan(entry(Daily(), "A task")), "$.entries[0].id", "lower-case"),
        (plan(entry(Daily(), rules=("OPN-10",))), "$.entries[0].rules[0]", "rule id with its area"),
        (plan(entry(Daily(), roll=Roll.NEXT)), "$.entries[0].roll", "Has no effect on the cycle daily"),
        (plan(entry(NotConfigured(), basis="suggested")), "$.entries[0].basis", "nothing is suggested"),
        (plan(entry(Daily(), by=" teller")), "$.entries[0].by", "without spaces"),
        (plan(entry(Daily(), for_each=(EachStaff(posts=()),))), "$.entries[0].for_each[0].posts", "at least one post"),
        (
            plan(entry(Daily(), when=parse_condition({"fact": "branch.open", "is": True}))),
            "$.entries[0].when.fact",
            "Unknown fact 'branch.open'",
        ),
        (plan(entry(Daily(), note=Text(en="Mind"))), "$.entries[0].note.zh", "both languages"),
        (plan(entry(Daily()), facts=(FactSpec("branch.size", type=FactType.NUMBER),)), "$.facts[0].name", "its own"),
        (plan(entry(Daily()), facts=(FactSpec("peak", type=FactType.BOOL),)), "$.facts[0]", "Has no effect: no entry"),
        (
            plan(
                entry(Daily(), when=parse_condition({"fact": "peak", "is": True})),
                facts=(FactSpec("peak", type=FactType.BOOL),) * 2,
            ),
            "$.facts[1].name",
            "its own",
        ),
        (
            plan(
                entry(
                    Daily(),
                    when=parse_condition(
                        {"all": [{"exists": "branch.kind"}, {"not": {"exists": "branch.kind"}}]},
                    ),
                )
            ),
            "$.entries[0].when",
            "Can never hold",
        ),
        (SchedulePlan("Trial", version="1", title=WORDS, entries=(entry(Daily()),)), "$.id", "lower-case"),
        (SchedulePlan("trial", version="", title=WORDS, entries=(entry(Daily()),)), "$.version", "Expected a version"),
    ],
)
def test_plans_that_are_wrong_are_refused(made: SchedulePlan, path: str, message: str) -> None:
    """A plan that is wrong says where and what would be right, and is refused when it is asked."""
    problems = [(problem.path, problem.message) for problem in made.validate()]

    assert [path] == [where for where, _ in problems]
    assert message in problems[0][1]
    with pytest.raises(InputError):
        due(made, BRANCH, day("03-01"), day("03-02"))


def test_facts_are_checked() -> None:
    """Facts that the plan does not declare, or that do not fit, are refused, all at once."""
    each = (EachValue(name="currency", fact="currencies"),)
    made = plan(entry(Daily(), for_each=each), facts=(FactSpec("currencies", type=FactType.CODES),))

    with pytest.raises(InputError) as caught:
        due(made, BRANCH, day("03-01"), day("03-02"), facts={"currencies": "CNY", "tills": "4"})

    assert ["$.facts.tills", "$.facts.currencies"] == [problem.path for problem in caught.value.problems]
    assert "Unknown fact; the plan declares: currencies" == caught.value.problems[0].message
    with pytest.raises(InputError, match="the plan declares: none"):
        ask(entry(Daily()), facts={"tills": "4"})


def test_plans_are_documents() -> None:
    """A plan is written and read back the same, as TOML and as JSON."""
    password = Schedule("password", title=WORDS, cycle=AtMost(span="P1M", irregular=True), checklist="outdoor")
    made = plan(
        entry(Monthly(day=31), roll=Roll.MODIFIED, by="teller", severity=Severity.MAJOR, basis="suggested"),
        password,
    )

    assert made == SchedulePlan.from_toml(made.to_toml()) == SchedulePlan.from_json(made.to_json())


def test_a_plan_names_what_the_catalog_has(tmp_path: Path) -> None:
    """The check of a catalog finds checklists, rules and kinds of devices that a plan names and that are not there."""
    text = """
schema = "branchkit.schedule_plan/1"
id = "acme.rounds"
version = "1"
title = { zh = "巡查", en = "Rounds" }
[[entries]]
id = "walk"
title = { zh = "巡查", en = "Walk" }
cycle = { kind = "daily" }
checklist = "outdor"
rules = ["estate:%s"]
for_each = [{ kind = "equipment", kinds = ["amt"] }]
"""
    (tmp_path / "schedules").mkdir()
    (tmp_path / "schedules" / "rounds.toml").write_text(text % "EST-OUT-9999", encoding="utf-8")

    problems = Catalog([CatalogRoot("acme", tmp_path)]).check()

    assert {"acme/schedules/rounds.toml"} == {place for place, _ in problems}
    assert ["$.entries[0].checklist", "$.entries[0].for_each[0].kinds", "$.entries[0].rules[0]"] == sorted(
        problem.path for _, problem in problems
    )


# -- the packaged plan


def test_rounds_of_a_branch_by_the_packaged_plan() -> None:
    """estate:EST-SELF-06, estate:EST-OUT-27: devices are due daily and monthly, a walk round the premises weekly."""
    rounds = Catalog().schedule("self-service")

    lines = due(rounds, BRANCH, day("03-02"), day("03-31"), calendar=YEAR)

    found: dict[str, list[str]] = {}
    for line in lines:
        found.setdefault(line.entry.id, []).append(f"{line.day or line.state} {line.place[-1]}")
    assert 60 == len(found["device-check"])
    assert ["2026-03-31 equipment:ATM-1", "2026-03-31 equipment:ATM-2"] == found["device-service"]
    assert ["2026-03-03 branch:B-1", "2026-03-09 branch:B-1"] == found["surroundings-walk-round"][:2]
    assert ["on_event branch:B-1"] == found["climate-adjust"]
    assert 22 == len(found["surroundings-look"])
    assert "call-point-test" not in found
