"""What a schedule has due is opened as cases within a horizon, once; what passed unopened is on record."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Agenda, OccasionMissed, OpenScheduled
from branchkit.errors import NotPermitted, Refused
from branchkit.estate import EquipmentState, PublishCalendar, RegisterBranch, SetEquipmentState
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor, FollowUpRefused
from branchkit.plugins.config import Config
from branchkit.procedures import Case, CompleteStage, OpenCase
from branchkit.temporal import Due
from branchkit.values import Unknown
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, HOUR, MONDAY

SCHEDULER = Actor("branchkit:scheduler", system=True)
DAY = 24 * HOUR
CHECK = """
schema = "branchkit.procedure/1"
id = "house.opening"
version = "1"
title = { zh = "开门检查", en = "Opening check" }
starts = ["check"]
opens = [{ kind = "system", system = "branchkit:*" }]
facts = [
  { name = "due", type = "moment" },
  { name = "schedule", type = "text" },
]

[[outcomes]]
code = "done"
title = { zh = "完成", en = "Done" }

[[clocks]]
id = "check"
title = { zh = "完成检查", en = "Checked" }
deadline = { kind = "before", lead = "PT1M", anchor = "due" }

[[stages]]
id = "check"
title = { zh = "检查", en = "Check" }
actors = [{ kind = "post", post = "lobby_manager" }]
transitions = [{ id = "done", title = { zh = "完成", en = "Done" }, ends = "done" }]
"""
PLAN = """
schema = "branchkit.schedule_plan/1"
id = "house.routine"
version = "1"
title = { zh = "日常", en = "Routine" }

[[entries]]
id = "machines"
title = { zh = "开机检查", en = "Check the machines" }
cycle = { kind = "daily", times = ["08:45"], on = "workday" }
for_each = [{ kind = "equipment", kinds = ["atm"] }]
opens = "house.opening"

[[entries]]
id = "gone"
title = { zh = "已取消", en = "Given up" }
cycle = { kind = "weekly", weekdays = ["wed"] }
opens = "house.nothing"

[[entries]]
id = "paper"
title = { zh = "纸张", en = "Paper" }
cycle = { kind = "daily" }
"""


@cache
def rules() -> RuleBook:
    """Return core's rules with a plan that opens cases."""
    import tempfile

    root = Path(tempfile.mkdtemp(prefix="agenda-"))
    for name, text in (("procedures/opening", CHECK), ("schedules/routine", PLAN)):
        path = root / f"{name}.toml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    return RuleBook(Catalog([CatalogRoot("house", root)]), load_plugins(Config(), entry_points=False))


@pytest.fixture
def kit() -> Kit:
    """Return a kit with a branch of two machines."""
    kit = Kit.open("memory:", rules=rules())
    kit.do(PublishCalendar(CALENDAR, by=CLERK, at=MONDAY - DAY))
    kit.do(RegisterBranch(attrs.evolve(BRANCH, unit=None), by=CLERK, at=MONDAY - DAY))
    return kit


def _open(kit: Kit, at: dt.datetime, days: int, plan: str = "house.routine") -> dict[str, object]:
    through = at.date() + dt.timedelta(days=days)
    return dict(kit.do(OpenScheduled("B-1", plan, through, by=SCHEDULER, at=at)).details)


def test_what_is_due_within_the_horizon_is_opened(kit: Kit) -> None:
    """Two machines on two working days are four cases, each about its machine and due at its own time."""
    told = _open(kit, MONDAY - 2 * HOUR, 1)

    cases = list(kit.find(Case, procedure="house.opening"))
    assert (4, 0) == (told["opened"], told["missed"])
    assert "B-1/house.routine/machines@equipment:ATM-1/2026-03-02T08:45" in {case.id for case in cases}
    reading = kit.story(cases[0].id, MONDAY).clocks[0].reading
    assert reading is not None
    assert isinstance(reading.due, Due)


def test_asked_again_only_what_is_new_is_opened(kit: Kit) -> None:
    """The next day opens one more day, a Wednesday with one entry more, and the same day opens nothing."""
    _open(kit, MONDAY - 2 * HOUR, 1)

    assert {} == _open(kit, MONDAY - HOUR, 1)
    assert 3 == _open(kit, MONDAY - HOUR + DAY, 1)["opened"]
    assert dt.date(2026, 3, 4) == kit.get(Agenda, "B-1/house.routine").through


def test_what_passed_before_anybody_opened_it_is_an_event(kit: Kit) -> None:
    """A scheduler that slept for two days tells what was missed, and opens what is still to come."""
    _open(kit, MONDAY - 2 * HOUR, 0)
    told = _open(kit, MONDAY + 2 * DAY - HOUR, 1)

    missed = [one.event for one in kit.events() if isinstance(one.event, OccasionMissed)]
    assert {(dt.date(2026, 3, 3), "machines")} == {(one.occasion.day, one.occasion.entry) for one in missed}
    assert 2 == told["missed"]


def test_a_retired_machine_opens_nothing(kit: Kit) -> None:
    """What is gone is not checked."""
    kit.do(SetEquipmentState("B-1", "ATM-2", EquipmentState.RETIRED, by=CLERK, at=MONDAY - 3 * HOUR))

    assert 1 == _open(kit, MONDAY - 2 * HOUR, 0)["opened"]


def test_a_procedure_that_is_not_there_is_told(kit: Kit) -> None:
    """An entry that opens cases of a procedure nobody has is refused on record; the others are opened."""
    _open(kit, MONDAY - 2 * HOUR, 2)

    refused = [one.event for one in kit.events() if isinstance(one.event, FollowUpRefused)]
    assert ["house.nothing" in one.reasons[0] for one in refused] == [True]
    assert kit.verify().ok


def test_beyond_a_confirmed_calendar_nothing_is_opened(kit: Kit) -> None:
    """Days that nobody knows to be working days are not passed over in silence."""
    with pytest.raises(Refused, match="confirmed through 2026-12-31"):
        _open(kit, MONDAY, 365)


def test_a_plan_or_branch_that_is_not_known_is_named(kit: Kit) -> None:
    """A plan that is not there, a branch without a zone and somebody without the right are refused."""
    with pytest.raises(Refused, match=r"house\.other"):
        _open(kit, MONDAY, 1, "house.other")
    blank = attrs.evolve(BRANCH, id="B-2", unit=None, time_zone=Unknown())
    kit.do(RegisterBranch(blank, by=CLERK, at=MONDAY))
    with pytest.raises(Refused, match="time zone"):
        kit.do(OpenScheduled("B-2", "house.routine", MONDAY.date(), by=SCHEDULER, at=MONDAY))
    with pytest.raises(NotPermitted):
        kit.do(OpenScheduled("B-1", "house.routine", MONDAY.date(), by=CLERK, at=MONDAY))


APART = """
schema = "branchkit.schedule_plan/1"
id = "house.apart"
version = "1"
title = { zh = "间隔", en = "Apart" }

[[entries]]
id = "service"
title = { zh = "保养", en = "Service" }
cycle = { kind = "at_most", span = "P10D" }
for_each = [{ kind = "equipment", kinds = ["atm"] }]
opens = "house.opening"

[[entries]]
id = "other"
title = { zh = "另一项", en = "Another" }
cycle = { kind = "at_most", span = "P10D" }
for_each = [{ kind = "equipment", kinds = ["atm"] }]
opens = "house.opening"
"""


@pytest.fixture
def apart(tmp_path: Path) -> Kit:
    """Return a kit with two duties that are due at most ten days apart, for each of two machines."""
    for name, text in (("procedures/opening", CHECK), ("schedules/apart", APART)):
        path = tmp_path / f"{name}.toml"
        path.parent.mkdir()
        path.write_text(text, encoding="utf-8")
    rules = RuleBook(Catalog([CatalogRoot("house", tmp_path)]), load_plugins(Config(), entry_points=False))
    kit = Kit.open("memory:", rules=rules)
    kit.do(PublishCalendar(CALENDAR, by=CLERK, at=MONDAY - DAY))
    kit.do(RegisterBranch(attrs.evolve(BRANCH, unit=None), by=CLERK, at=MONDAY - DAY))
    return kit


def _done(kit: Kit, case: str, at: dt.datetime) -> None:
    kit.do(CompleteStage(case, "check", "done", by=Actor("S-9", posts=("lobby_manager",)), at=at))


def _services(kit: Kit) -> list[str]:
    return [case.id.rpartition("routine/")[2].removeprefix("B-1/house.apart/") for case in kit.find(Case)]


def test_what_was_never_done_is_opened_at_the_start_of_the_horizon(apart: Kit) -> None:
    """Each of the four is due on the first day, once: while its case is open no other one is opened or missed."""
    first = {f"{entry}@equipment:ATM-{n}/2026-03-02" for entry in ("service", "other") for n in (1, 2)}

    assert (4, 0) == (_open(apart, MONDAY, 5, "house.apart")["opened"], len(_missed(apart)))
    assert first == set(_services(apart))
    for days in (6, 20, 30):
        assert (0, 0) == (_open(apart, MONDAY + DAY, days, "house.apart")["opened"], len(_missed(apart)))
    assert [] == [one for one in apart.events() if isinstance(one.event, FollowUpRefused)]


def test_only_what_an_entry_opened_counts_as_done(apart: Kit) -> None:
    """Ten days after the one service the next is due; the same procedure for another entry, or by hand, is none."""
    _open(apart, MONDAY, 1, "house.apart")
    _done(apart, "B-1/house.apart/service@equipment:ATM-1/2026-03-02", MONDAY + DAY)
    by_hand = {"procedure": "house.opening", "branch": "B-1", "place": apart.get(Case, _first(apart)).place}
    apart.do(OpenCase("by-hand", by=SCHEDULER, at=MONDAY, **by_hand))
    _done(apart, "by-hand", MONDAY + 3 * DAY)

    assert 1 == _open(apart, MONDAY + 4 * DAY, 20, "house.apart")["opened"]
    assert "service@equipment:ATM-1/2026-03-13" in _services(apart)


def test_what_is_overdue_is_opened_late_and_not_missed(apart: Kit) -> None:
    """Nobody asked for three weeks: the duty stands, so its case is opened for the day it was due."""
    _open(apart, MONDAY, 1, "house.apart")
    for case in list(apart.find(Case)):
        _done(apart, case.id, MONDAY + DAY)

    assert 4 == _open(apart, MONDAY + 30 * DAY, 40, "house.apart")["opened"]
    assert ([], 4) == (_missed(apart), sum("2026-03-13" in case.id for case in apart.find(Case)))


def _first(kit: Kit) -> str:
    return next(case.id for case in kit.find(Case))


def _missed(kit: Kit) -> list[OccasionMissed]:
    return [one.event for one in kit.events() if isinstance(one.event, OccasionMissed)]
