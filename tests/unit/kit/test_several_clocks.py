"""Several clocks of one case, each with its own deadline, reasons to be paused, calendar and business line."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.errors import Refused
from branchkit.estate import Branch, DeadlinesMoved, PublishCalendar, RegisterBranch, ReviseBranch
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.kit.casebook import ClockStory
from branchkit.messages import Actor
from branchkit.plugins.config import Config
from branchkit.procedures import CompleteStage, OpenCase, PauseClock, ResumeClock
from branchkit.temporal import Calendar, CalendarDay, ClockState, Due, Hours
from branchkit.values import Text
from tests.unit.catalog import counter as money
from tests.unit.catalog import outlets
from tests.unit.catalog.test_fault_procedures import contained

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=ZONE)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
CLERK = Actor("C-1", posts=("estate_administrator",))
DESK = Actor("S-1", posts=("fault_desk",))
REQUEST = """
schema = "branchkit.procedure/1"
id = "house.request"
version = "1"
title = { zh = "请求", en = "Request" }
starts = ["work"]
opens = [{ kind = "post", post = "fault_desk" }]
manages = [{ kind = "post", post = "fault_desk" }]
outcomes = [{ code = "done", title = { zh = "完成", en = "Done" } }]
pause_reasons = [
  { code = "customer", title = { zh = "等客户", en = "waits for the customer" } },
  { code = "access", title = { zh = "等进场", en = "waits to be let in" } },
]

[[clocks]]
id = "first"
title = { zh = "首次响应", en = "First response" }
deadline = { kind = "after", time = "PT2H" }

[[clocks]]
id = "corporate"
title = { zh = "对公", en = "Corporate business" }
counting = "business"
line = "corporate"
deadline = { kind = "after", time = "PT4H" }
pauses_on = ["customer"]

[[clocks]]
id = "personal"
title = { zh = "对私", en = "Personal business" }
counting = "business"
line = "personal"
deadline = { kind = "after", time = "PT4H" }
pauses_on = ["customer"]

[[clocks]]
id = "supplier"
title = { zh = "供应商", en = "Supplier" }
counting = "business"
line = "personal"
calendar = "supplier"
deadline = { kind = "after", time = "PT4H" }
pauses_on = ["access"]

[[stages]]
id = "work"
title = { zh = "办理", en = "Work" }
actors = [{ kind = "post", post = "fault_desk" }]
transitions = [{ id = "done", title = { zh = "完成", en = "Done" }, ends = "done" }]
"""
CORPORATE = Hours.from_week({"mon tue wed thu fri": "09:00-12:00"}, line="corporate")
PERSONAL = Hours.from_week({"mon tue wed thu fri": "09:00-17:00"}, line="personal")
BRANCH = Branch("B-1", time_zone="Asia/Shanghai", hours=Hours(week=(*CORPORATE.week, *PERSONAL.week)))


@pytest.fixture
def kit(tmp_path: Path) -> Kit:
    """Return a kit with an open request: its branch keeps hours by business line, its supplier a day off more."""
    path = tmp_path / "procedures" / "request.toml"
    path.parent.mkdir()
    path.write_text(REQUEST, encoding="utf-8")
    rules = RuleBook(Catalog([CatalogRoot("house", tmp_path)]), load_plugins(Config(), entry_points=False))
    kit = Kit.open("memory:", rules=rules)
    off = Calendar(
        "supplier", version="1", title=Text(zh="供应商", en="Supplier"), confirmed_from=dt.date(2026, 1, 1),
        confirmed_through=dt.date(2026, 12, 31), days=(CalendarDay(MONDAY.date(), working=False),),
    )  # fmt: skip
    kit.do(PublishCalendar(off, by=CLERK, at=MONDAY - DAY))
    kit.do(RegisterBranch(BRANCH, by=CLERK, at=MONDAY - DAY))
    kit.do(OpenCase("C-1", procedure="house.request", branch="B-1", by=DESK, at=MONDAY))
    return kit


def clocks(kit: Kit, at: dt.datetime = MONDAY) -> dict[str, ClockStory]:
    return {one.clock.id: one for one in kit.story("C-1", at).clocks}


def due(kit: Kit, clock: str, at: dt.datetime = MONDAY) -> dt.datetime | None:
    reading = clocks(kit, at)[clock].reading
    assert reading is not None
    return reading.due.at if isinstance(reading.due, Due) else None


def test_each_clock_counts_the_hours_of_its_line(kit: Kit) -> None:
    """Four hours are over in the afternoon, the next morning where the line closes at noon, and a day later where the
    supplier's calendar has the Monday off.
    """
    assert MONDAY + 2 * HOUR == due(kit, "first")
    assert MONDAY + DAY + HOUR == due(kit, "corporate")
    assert MONDAY + 4 * HOUR == due(kit, "personal")
    assert MONDAY + DAY + 4 * HOUR == due(kit, "supplier")


def test_each_clock_is_paused_for_its_own_reasons(kit: Kit) -> None:
    """What waits for the customer does not hold the supplier, nor the other way round, and the first is never held."""
    at = MONDAY + HOUR
    for clock, reason in (("first", "customer"), ("supplier", "customer"), ("personal", "access")):
        with pytest.raises(Refused, match=f"is not paused for '{reason}'"):
            kit.do(PauseClock("C-1", clock, reason=reason, by=DESK, at=at))
    kit.do(PauseClock("C-1", "personal", reason="customer", by=DESK, at=at))
    kit.do(PauseClock("C-1", "supplier", reason="access", by=DESK, at=at))
    kit.do(ResumeClock("C-1", "personal", by=DESK, at=at + 2 * HOUR))

    held = {name: one.clock.state for name, one in clocks(kit, at + 2 * HOUR).items()}
    assert ClockState.PAUSED is held.pop("supplier")
    assert {ClockState.RUNNING} == set(held.values())
    assert (MONDAY + 6 * HOUR, MONDAY + DAY + HOUR) == (due(kit, "personal", at + 2 * HOUR), due(kit, "corporate"))


def test_a_stopped_clock_keeps_its_line(kit: Kit) -> None:
    """As the case ends, each clock is told in the time of its own line."""
    kit.do(CompleteStage("C-1", "work", "done", by=DESK, at=MONDAY + 5 * HOUR))

    used = {name: one.reading.elapsed for name, one in clocks(kit, MONDAY + DAY).items() if one.reading is not None}
    assert (3 * HOUR, 5 * HOUR) == (used["corporate"], used["personal"])
    assert {"corporate", "personal"} == {clock.line for clock in kit.story("C-1", MONDAY).case.clocks if clock.line}


def test_other_hours_of_a_line_move_its_clocks_alone(kit: Kit) -> None:
    """As the corporate counter gives up its Tuesday, its clock alone is told to have moved."""
    later = Hours.from_week({"mon wed thu fri": "09:00-12:00"}, line="corporate")
    revised = attrs.evolve(BRANCH, hours=Hours(week=(*later.week, *PERSONAL.week)))
    kit.do(ReviseBranch(revised, by=CLERK, at=MONDAY))

    (moved,) = (one.event for one in kit.events() if isinstance(one.event, DeadlinesMoved))
    assert ["corporate"] == [one.clock for one in moved.moved]
    assert MONDAY + 2 * DAY + HOUR == due(kit, "corporate")


def test_a_branch_without_the_line_is_told(kit: Kit) -> None:
    """Where a branch keeps no hours for the line, the clock cannot be read, and says what is lacking."""
    kit.do(ReviseBranch(attrs.evolve(BRANCH, hours=PERSONAL), by=CLERK, at=MONDAY))

    told = clocks(kit)["corporate"]
    assert told.reading is None
    assert told.lacking is not None
    assert "Expected opening hours" in told.lacking.say()
    assert MONDAY + 4 * HOUR == due(kit, "personal")


def test_whoever_asks_again_has_another_answer_coming() -> None:
    """customers:FBK-04, governance:CPL-12: the clock of the next response starts as the customer is not content, is
    paused for the customer alone, and stops with the next answer.
    """
    counter = money.Counter()
    facts = {"complaint.deadlines": "suggested"}
    counter.open("complaint", money.LOBBY, facts=facts, priority="ordinary")
    counter.do("receive", "register", money.LOBBY, facts={"customer.heard_out": True})
    counter.do("accept", "take_on", money.TEAM, facts={"complaint.owner": money.TEAM.id})
    looked = {"money.disputed": False, "footage": "viewed"}
    offer = {"solution.kind": "solution", "settlement.tactics": ("cushioned",), "compensation.proposed": False}

    def answer(way: str) -> None:
        counter.do("investigate", "facts_known", money.TEAM, facts=looked)
        counter.do("design_solution", "offer", money.TEAM, facts=offer)
        counter.do("reply", way, money.TEAM, facts={"reply.tone": "apology"})

    answer("refused")
    states = {clock.id: clock.state for clock in counter.case().clocks}
    assert (ClockState.STOPPED, ClockState.RUNNING) == (states["reply"], states["next-reply"])
    asked = counter.at
    assert asked.replace(hour=0, minute=0) + 4 * DAY == counter.due("next-reply")
    waits = "waiting_for_customer"
    counter.kit.do(PauseClock("C-1", "next-reply", reason=waits, by=money.HEAD, at=asked))
    counter.kit.do(ResumeClock("C-1", "next-reply", by=money.HEAD, at=asked + DAY))
    counter.at = asked + DAY
    counter.do("offer_further", "again", money.TEAM, facts={"rights_told": "in_words"})
    answer("accepted")
    assert {"accept", "reply", "next-reply"} <= {
        clock.id for clock in counter.case().clocks if clock.state is ClockState.STOPPED
    }


def test_the_suppliers_clock_waits_for_access_and_the_repair_for_the_supplier() -> None:
    """estate:FLT-11, governance:INC-OUT-19: while a third party is asked, both clocks run, each held by reasons of its
    own; how long the third party may take is for its contract to say.
    """
    kit = outlets.opened()
    run = contained(outlets.Run(kit, "fault", "fault_desk", place=outlets.ATM))
    run.do("repair", "unsolved", "engineer")
    head = outlets.WHO["outlet_head"]
    for clock, reason in (("repair", "waiting_for_access"), ("supplier", "waiting_for_third_party")):
        with pytest.raises(Refused, match="is not paused for"):
            kit.do(PauseClock(run.id, clock, reason=reason, by=head, at=run.at))
    kit.do(PauseClock(run.id, "repair", reason="waiting_for_third_party", by=head, at=run.at))
    kit.do(PauseClock(run.id, "supplier", reason="waiting_for_access", by=head, at=run.at))

    assert run.due("supplier") is None
    run.do("third-party", "solved", "engineer", third_party="equipment_vendor").do("tell", "told", "fault_desk")
    states = {clock.id: clock.state for clock in run.case.clocks}
    assert (ClockState.STOPPED, ClockState.STOPPED) == (states["repair"], states["supplier"])
