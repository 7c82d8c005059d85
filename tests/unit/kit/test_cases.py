"""A case runs through the kit: opened, watched, swept once, told once, and moved by what happens around it."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import get_args

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Answer, Sheet, SubmitSheet
from branchkit.errors import NotFound, Refused
from branchkit.escalation import EndQuiet, KeepQuiet, QuietWindow, RungReached
from branchkit.estate import (
    Branch,
    DeadlinesMoved,
    Equipment,
    OrgUnit,
    Post,
    PublishCalendar,
    RegisterBranch,
    RegisterUnit,
    ResumeService,
    ReviseBranch,
    StaffMember,
    SuspendService,
)
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor, Command, FollowUpRefused
from branchkit.plugins.config import Config
from branchkit.procedures import (
    AcknowledgeEscalation,
    CancelCase,
    Case,
    CompleteStage,
    Link,
    LinkCases,
    LinkKind,
    OpenCase,
    PauseClock,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResumeClock,
)
from branchkit.temporal import Calendar, CalendarDay, ClockState, Due, Hours, Suspension
from branchkit.values import FrozenMap, Ref, Text

ZONE = dt.timezone(dt.timedelta(hours=8))
MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZONE)
MINUTE = dt.timedelta(minutes=1)
HOUR = 60 * MINUTE
CLERK = Actor("C-17", posts=("estate_administrator",))
DESK = Actor("S-1", posts=("fault_desk",))
FITTER = Actor("S-2", posts=("engineer",))
HEAD = Actor("S-3", posts=("outlet_head",))
INSPECTOR = Actor("S-4", posts=("inspector",))

LADDER = """
schema = "branchkit.escalation_ladder/1"
id = "house.reply"
version = "1"
title = { zh = "答复", en = "Reply" }
acknowledgement = "holds"
hold = "PT1H"

[[rungs]]
id = "late"
at = { kind = "after" }
tell = [{ kind = "post", post = "lobby_manager" }]
message = { zh = "答复超时", en = "The reply is late" }
do = [{ kind = "raise_priority", to = "high" }]

[[rungs]]
id = "later"
at = { kind = "after", lag = "PT1H" }
tell = [{ kind = "relation", relation = "superior_unit" }]
message = { zh = "仍未答复", en = "Still no reply" }
do = [{ kind = "open_case", procedure = "house.complaint" }]
"""
FAULT = """
schema = "branchkit.procedure/1"
id = "house.fault"
version = "1"
title = { zh = "故障", en = "Fault" }
starts = ["receive"]
opens = [{ kind = "post", post = "fault_desk" }, { kind = "system", system = "branchkit:*" }]
manages = [{ kind = "post", post = "outlet_head" }, { kind = "system", system = "branchkit:*" }]
priorities = ["critical", "high", "normal"]
targets = "house.targets"

[ladders]
reply = "house.reply"

[[outcomes]]
code = "solved"
title = { zh = "解决", en = "Solved" }

[[pause_reasons]]
code = "part"
title = { zh = "待件", en = "Waits for a part" }

[[clocks]]
id = "reply"
title = { zh = "答复", en = "Reply" }
stops = ["stage:receive"]
deadline = { kind = "after", time = "PT30M" }

[[clocks]]
id = "repair"
title = { zh = "修复", en = "Repair" }
deadline = { kind = "target", output = "repair" }
counting = "business"
pauses_on = ["part"]

[[stages]]
id = "receive"
title = { zh = "受理", en = "Receive" }
actors = [{ kind = "post", post = "fault_desk" }]
transitions = [{ id = "take", title = { zh = "派修", en = "Take it" }, to = ["repair"] }]

[[stages]]
id = "repair"
title = { zh = "修复", en = "Repair" }
actors = [{ kind = "post", post = "engineer" }]
transitions = [{ id = "done", title = { zh = "修好", en = "Repaired" }, ends = "solved" }]
"""
COMPLAINT = """
schema = "branchkit.procedure/1"
id = "house.complaint"
version = "1"
title = { zh = "投诉", en = "Complaint" }
starts = ["answer"]
opens = [{ kind = "system", system = "branchkit:*" }]

[[outcomes]]
code = "answered"
title = { zh = "已答复", en = "Answered" }

[[stages]]
id = "answer"
title = { zh = "答复", en = "Answer" }
actors = [{ kind = "post", post = "lobby_manager" }]
transitions = [{ id = "done", title = { zh = "完成", en = "Done" }, ends = "answered" }]
"""
TARGETS = """
schema = "branchkit.decision_table/1"
id = "house.targets"
version = "1"
hit = "unique"
facts = [{ name = "priority", type = "code", choices = ["critical", "high", "normal"], may_be_unknown = true }]
outputs = [{ name = "repair", type = "duration", may_be_unknown = true }]

[[rows]]
when = { priority = "critical" }
then = { repair = "PT1H" }

[[rows]]
when = { priority = "high" }
then = { repair = "PT2H" }

[[rows]]
when = { priority = "normal" }
then = { repair = "PT8H" }

[[rows]]
when = { priority = { unknown = true } }
then = {}
"""
CHECKLIST = """
schema = "branchkit.checklist/1"
id = "house.round"
version = "1"
title = { zh = "巡检", en = "Round" }

[[sections]]
id = "devices"
title = { zh = "设备", en = "Devices" }

[[sections.items]]
id = "works"
text = { zh = "能用", en = "It works" }
severity = "major"
opens = "house.fault"
for_each = [{ kind = "equipment", kinds = ["atm"] }]
"""


@cache
def rules() -> RuleBook:
    """Return core's rules with a small house of procedures beside them."""
    import tempfile

    root = Path(tempfile.mkdtemp(prefix="house-"))
    documents = {
        "escalation_ladders/reply": LADDER,
        "procedures/fault": FAULT,
        "procedures/complaint": COMPLAINT,
        "decision_tables/targets": TARGETS,
        "checklists/round": CHECKLIST,
    }
    for name, text in documents.items():
        path = root / f"{name}.toml"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return RuleBook(Catalog([CatalogRoot("house", root)]), load_plugins(Config(), entry_points=False))


BRANCH = Branch(
    "B-1",
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"workday": "09:00-12:00, 13:00-17:00"}),
    calendar="works",
    unit="U-1",
    staff=(StaffMember("S-9"),),
    posts=(Post("P-1", kind="lobby_manager", holder="S-9"),),
    equipment=(Equipment("ATM-1", kind="atm", zone=None), Equipment("ATM-2", kind="atm", zone=None)),
)
CALENDAR = Calendar(
    "works",
    version="1",
    title=Text(zh="日历", en="Calendar"),
    confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2026, 12, 31),
)


@pytest.fixture
def kit() -> Kit:
    """Return a kit with one branch and its calendar."""
    kit = Kit.open("memory:", rules=rules())
    when = MONDAY - 24 * HOUR
    kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=when))
    kit.do(PublishCalendar(CALENDAR, by=CLERK, at=when))
    kit.do(RegisterBranch(BRANCH, by=CLERK, at=when))
    return kit


def _open(kit: Kit, case: str = "C-1", **more: object) -> None:
    fields = {"procedure": "house.fault", "branch": "B-1", "priority": "normal", "by": DESK, "at": MONDAY, **more}
    kit.do(OpenCase(case, **fields))  # type: ignore[arg-type]


def _take(kit: Kit, at: dt.datetime, case: str = "C-1") -> None:
    kit.do(CompleteStage(case, "receive", "take", by=DESK, at=at))


def _due(kit: Kit, at: dt.datetime, clock: str = "repair", case: str = "C-1") -> dt.datetime | None:
    (found,) = (one for one in kit.story(case, at).clocks if one.clock.id == clock)
    assert found.reading is not None
    return found.reading.due.at if isinstance(found.reading.due, Due) else None


def _rungs(kit: Kit, at: dt.datetime) -> list[str]:
    return [event.reached.rung for swept in kit.sweep(at) for event in swept.reached]


def test_a_case_is_opened_with_its_clocks_and_pins_its_procedure(kit: Kit) -> None:
    """An open case has its stages and clocks, runs by the version it began with, and waits to be swept."""
    _open(kit)

    case = kit.get(Case, "C-1")
    assert (("receive",), "1") == (case.open_stages, case.version)
    assert [(MONDAY + 30 * MINUTE + dt.timedelta(microseconds=1), "C-1")] == list(kit.due(MONDAY + HOUR))
    assert MONDAY + 30 * MINUTE == _due(kit, MONDAY, "reply")


def test_a_target_is_of_the_priority_and_counts_open_time(kit: Kit) -> None:
    """Eight open hours from nine end tomorrow at ten, because of lunch and the night."""
    _open(kit)

    assert MONDAY + 25 * HOUR == _due(kit, MONDAY)


def test_no_target_is_an_answer(kit: Kit) -> None:
    """Without a priority the table tells nothing, and the clock has no deadline."""
    _open(kit, priority=None)

    assert _due(kit, MONDAY) is None


def test_a_missed_reply_is_told_once_however_often_somebody_sweeps(kit: Kit) -> None:
    """The rung fires in the first sweep after the deadline, raises the priority, and tells the lobby manager once."""
    _open(kit)

    assert [] == _rungs(kit, MONDAY + 30 * MINUTE)
    assert ["late"] == _rungs(kit, MONDAY + 31 * MINUTE)
    assert [] == _rungs(kit, MONDAY + 32 * MINUTE)
    assert ["S-9"] == [message.to for message in kit.outbox()]
    assert "high" == kit.get(Case, "C-1").priority


def test_raising_the_priority_never_moves_a_deadline_later(kit: Kit) -> None:
    """After the rise, two hours from the beginning count; the eight that were promised still bind."""
    _open(kit)
    _rungs(kit, MONDAY + 31 * MINUTE)

    assert MONDAY + 2 * HOUR == _due(kit, MONDAY + HOUR)


def test_a_rung_that_raises_to_a_priority_never_lowers_a_higher_one(kit: Kit) -> None:
    """A case that is critical already stays so when a rung raises to high: its deadline stays, and nothing is told."""
    _open(kit, priority="critical")
    assert ["late"] == _rungs(kit, MONDAY + 31 * MINUTE)

    assert ("critical", MONDAY + HOUR) == (kit.get(Case, "C-1").priority, _due(kit, MONDAY + 40 * MINUTE))
    assert [] == [one for one in kit.events() if isinstance(one.event, Reprioritised | FollowUpRefused)]


def test_a_rung_gives_a_case_without_a_priority_its_own(kit: Kit) -> None:
    """Where nobody has said how urgent a case is, a rung that raises the priority says so."""
    _open(kit, priority=None)
    _rungs(kit, MONDAY + 31 * MINUTE)

    assert "high" == kit.get(Case, "C-1").priority


def test_what_was_due_before_a_step_happens_before_it(kit: Kit) -> None:
    """Nobody swept, and yet the reply that came late was late: the step itself lets the rung happen first."""
    _open(kit)
    _take(kit, MONDAY + 40 * MINUTE)

    kinds = [told.kind for told in kit.story("C-1", MONDAY + HOUR).told]

    assert ["procedure_adopted", "case_opened", "rung_reached", "stage_completed", "reprioritised"] == kinds
    assert [] == _rungs(kit, MONDAY + 41 * MINUTE)


def test_a_reply_in_time_escalates_nothing(kit: Kit) -> None:
    """At the very moment of the deadline it is in time (estate:S-1)."""
    _open(kit)
    _take(kit, MONDAY + 30 * MINUTE)

    assert ([], []) == (list(kit.due(MONDAY + 99 * HOUR)), _rungs(kit, MONDAY + 9 * HOUR))


def test_a_rung_opens_a_case_that_is_linked_to_its_cause(kit: Kit) -> None:
    """What a ladder opens stands beside the case, about the same place, and says what caused it."""
    _open(kit)
    _rungs(kit, MONDAY + 2 * HOUR)

    (opened,) = kit.find(Case, procedure="house.complaint")
    assert ("caused_by", "C-1") == (opened.links[0].kind, opened.links[0].case)
    assert ["S-9", "U-1"] == sorted(message.to for message in kit.outbox())


def test_a_refused_consequence_is_on_record_and_holds_nothing_up(kit: Kit) -> None:
    """A second complaint about the same place is refused; the rung has fired all the same, and both stand there."""
    _open(kit)
    _open(kit, "C-2", at=MONDAY + MINUTE)
    for _ in range(2):
        _rungs(kit, MONDAY + 2 * HOUR)

    refused = [one.event for one in kit.events() if isinstance(one.event, FollowUpRefused)]
    assert ["open_case"] == [one.command for one in refused]
    assert kit.verify().ok


def test_an_acknowledgement_holds_the_ladder(kit: Kit) -> None:
    """While somebody looks after it, nobody else is told; the journal says why."""
    _open(kit)
    _rungs(kit, MONDAY + 31 * MINUTE)
    kit.do(AcknowledgeEscalation("C-1", "reply", by=HEAD, at=MONDAY + 60 * MINUTE))

    assert ["later"] == _rungs(kit, MONDAY + 91 * MINUTE)
    assert "acknowledged" in kit.story("C-1", MONDAY + 95 * MINUTE).told[-1].words.say()
    assert [] == _rungs(kit, MONDAY + 92 * MINUTE)
    assert ["later"] == _rungs(kit, MONDAY + 120 * MINUTE)


def test_a_quiet_window_holds_and_its_end_lets_go(kit: Kit) -> None:
    """What falls into a quiet window is told when it ends, and earlier where it is ended earlier."""
    _open(kit)
    window = QuietWindow(id="Q-1", since=MONDAY, until=MONDAY + 9 * HOUR, reason="works")
    kit.do(KeepQuiet(window, by=HEAD, at=MONDAY))

    assert ["late"] == _rungs(kit, MONDAY + 40 * MINUTE)
    assert [] == list(kit.outbox())
    kit.do(EndQuiet("Q-1", by=HEAD, at=MONDAY + 50 * MINUTE))
    assert ["late"] == _rungs(kit, MONDAY + 50 * MINUTE)
    assert ["S-9"] == [message.to for message in kit.outbox()]


def test_a_pause_moves_the_deadline_and_a_resumed_clock_runs_on(kit: Kit) -> None:
    """Two open hours of waiting for a part move the deadline by two open hours."""
    _open(kit)
    _take(kit, MONDAY + 10 * MINUTE)
    kit.do(PauseClock("C-1", "repair", "part", by=HEAD, at=MONDAY + HOUR))
    assert ClockState.PAUSED is kit.story("C-1", MONDAY + 2 * HOUR).clocks[0].clock.state
    kit.do(ResumeClock("C-1", "repair", by=HEAD, at=MONDAY + 3 * HOUR))

    assert MONDAY + 27 * HOUR == _due(kit, MONDAY + 4 * HOUR)


def test_a_suspension_moves_deadlines_and_its_end_moves_them_back(kit: Kit) -> None:
    """One suspension takes its time out of the repair, the journal says from when to when, and ending it gives back."""
    _open(kit)
    cut = Suspension(id="SUS-1", branch="B-1", since=MONDAY, until=MONDAY + 2 * HOUR, reason="power_cut")
    kit.do(SuspendService(cut, by=HEAD, at=MONDAY))

    assert MONDAY + 27 * HOUR == _due(kit, MONDAY)
    assert MONDAY + 150 * MINUTE == _due(kit, MONDAY, "reply")
    kit.do(ResumeService("B-1", "SUS-1", by=HEAD, at=MONDAY + HOUR))
    assert MONDAY + 26 * HOUR == _due(kit, MONDAY + HOUR)
    assert ["late"] == _rungs(kit, MONDAY + 91 * MINUTE)
    moved = [one.event for one in kit.events() if isinstance(one.event, DeadlinesMoved)]
    assert ["suspension:SUS-1", "suspension:SUS-1"] == [one.because for one in moved]


def test_an_emergency_holiday_moves_open_deadlines_and_says_so(kit: Kit) -> None:
    """A calendar that takes tomorrow away moves the repair to the day after; the story names the calendar."""
    _open(kit)
    holiday = attrs.evolve(CALENDAR, version="2", days=(CalendarDay(dt.date(2026, 3, 3), working=False),))
    kit.do(PublishCalendar(holiday, by=CLERK, at=MONDAY + HOUR))

    assert MONDAY + 49 * HOUR == _due(kit, MONDAY + HOUR)
    assert "calendar:works@2" in kit.story("C-1", MONDAY + HOUR).told[-1].words.say()


def test_hours_that_are_revised_move_open_deadlines(kit: Kit) -> None:
    """A branch that opens through lunch repairs an hour earlier."""
    _open(kit)
    through = attrs.evolve(BRANCH, hours=Hours.from_week({"workday": "09:00-17:00"}))
    kit.do(ReviseBranch(through, by=CLERK, at=MONDAY + HOUR))

    assert MONDAY + 8 * HOUR == _due(kit, MONDAY + HOUR)


def test_a_failed_device_opens_a_case_and_fails_into_the_same_one_again(kit: Kit) -> None:
    """The item names the procedure; a second sheet that fails the same machine joins the case that is open for it."""
    for number, at in enumerate((MONDAY, MONDAY + HOUR)):
        answers = tuple(Answer("works", value="fail", on=(Ref("equipment", f"ATM-{n}"),)) for n in (1, 2))
        sheet = Sheet(
            f"S{number}", checklist="house.round", version="1", branch="B-1", at=at, by="S-4", answers=answers
        )
        kit.do(SubmitSheet(sheet, by=INSPECTOR, at=at))

    cases = list(kit.find(Case, procedure="house.fault"))
    assert ["ATM-1", "ATM-2"] == sorted(case.place[-1].id for case in cases)
    assert 2 == sum(one.event.KIND == "case_joined" for one in kit.events())


def _codes(kit: Kit, command: Command) -> list[str]:
    with pytest.raises(Refused) as caught:
        kit.do(command)
    return [one.code for one in caught.value.refusals]


@pytest.mark.parametrize("kind", get_args(LinkKind))
def test_nothing_is_linked_to_a_case_that_is_not_there(kit: Kit, kind: LinkKind) -> None:
    """A link to an unknown case, or to itself, is refused afterwards and at opening, and leaves nothing behind."""
    _open(kit)
    for other, code in (("C-9", "unknown_case"), ("C-1", "same_case")):
        assert [code] == _codes(kit, LinkCases("C-1", other=other, link=kind, by=HEAD, at=MONDAY))
    opening = OpenCase("C-2", procedure="house.fault", branch="B-1", by=DESK, at=MONDAY)
    for other, code in (("C-9", "unknown_case"), ("C-2", "same_case")):
        assert [code] == _codes(kit, attrs.evolve(opening, links=(Link(kind, other),)))
        assert [code] == _codes(kit, attrs.evolve(opening, parent=other))

    assert [("C-1", "open", ())] == [(case.id, case.status, case.links) for case in kit.find(Case)]


def test_two_cases_never_end_each_other_as_duplicates(kit: Kit) -> None:
    """Once the one is cancelled in favour of the other, the other cannot be cancelled in favour of it."""
    _open(kit)
    _open(kit, "C-2")
    kit.do(LinkCases("C-1", other="C-2", link="duplicate", by=HEAD, at=MONDAY))

    assert ["case_not_open"] == _codes(kit, LinkCases("C-2", other="C-1", link="duplicate", by=HEAD, at=MONDAY))
    assert ["cancelled", "open"] == [case.status for case in kit.find(Case)]


def test_cases_never_wait_for_each_other(kit: Kit) -> None:
    """Blocking, being a part, and both together never go round, however long the way is."""
    _open(kit)
    _open(kit, "C-2", parent="C-1")
    _open(kit, "C-3", links=(Link("blocks", "C-2"),))

    for case, other in (("C-1", "C-2"), ("C-1", "C-3"), ("C-2", "C-3")):
        assert ["circular"] == _codes(kit, LinkCases(case, other=other, link="blocks", by=HEAD, at=MONDAY))
    kit.do(LinkCases("C-3", other="C-1", link="blocks", by=HEAD, at=MONDAY))
    kit.do(LinkCases("C-1", other="C-3", link="follow_up", by=HEAD, at=MONDAY))
    assert "held_by_cases" in _finish(kit, "C-1")
    assert ([], [], []) == (_finish(kit, "C-3"), _finish(kit, "C-2"), _finish(kit, "C-1"))


def test_a_case_is_not_cancelled_over_the_heads_of_its_parts(kit: Kit) -> None:
    """Neither by hand nor as a duplicate while a part of it is open; what blocks it keeps it from its end alone."""
    _open(kit)
    _open(kit, "C-2", parent="C-1")
    _open(kit, "C-3", links=(Link("blocks", "C-1"),))
    cancel = CancelCase("C-1", reason="told twice", by=HEAD, at=MONDAY)
    double = LinkCases("C-1", other="C-3", link="duplicate", by=HEAD, at=MONDAY)

    assert [["held_by_cases"], ["held_by_cases"]] == [_codes(kit, cancel), _codes(kit, double)]
    kit.do(CancelCase("C-2", reason="not needed", by=HEAD, at=MONDAY))
    kit.do(double)
    assert ["cancelled", "cancelled", "open"] == [kit.get(Case, name).status for name in ("C-1", "C-2", "C-3")]
    assert "case_not_open" in _codes(kit, attrs.evolve(cancel, id="again"))
    kit.do(LinkCases("C-1", other="C-2", link="follow_up", by=HEAD, at=MONDAY))


def test_a_part_is_opened_again_only_in_an_open_case(kit: Kit) -> None:
    """What has ended with all its parts has no open one afterwards, unless it is opened again itself."""
    _open(kit)
    _open(kit, "C-2", parent="C-1")
    assert ([], []) == (_finish(kit, "C-2"), _finish(kit, "C-1"))
    again = ReopenCase("C-2", to=("receive",), reason="it broke again", by=HEAD, at=MONDAY)

    assert ["case_not_open"] == _codes(kit, again)
    kit.do(ReopenCase("C-1", to=("receive",), reason="it broke again", by=HEAD, at=MONDAY))
    kit.do(again)
    assert ["open", "open"] == [kit.get(Case, name).status for name in ("C-1", "C-2")]


def _finish(kit: Kit, case: str) -> list[str]:
    """Bring a case to its end as far as it goes, and return why it does not."""
    if "receive" in kit.get(Case, case).open_stages:
        _take(kit, MONDAY, case)
    try:
        kit.do(CompleteStage(case, "repair", "done", by=FITTER, at=MONDAY))
    except Refused as error:
        return [one.code for one in error.refusals]
    return []


def test_a_case_that_is_opened_again_is_watched_again(kit: Kit) -> None:
    """Its reply was stopped in time and stays so; its repair runs on with the hour it had used up, and is due again."""
    _open(kit)
    assert [] == _finish_at(kit, MONDAY + HOUR)
    assert ([], None) == (list(kit.due(MONDAY + 99 * HOUR)), kit.get(Case, "C-1").clocks[0].caps or None)
    kit.do(ReopenCase("C-1", to=("receive",), reason="it broke again", by=HEAD, at=MONDAY + 25 * HOUR))

    assert MONDAY + 49 * HOUR == _due(kit, MONDAY + 25 * HOUR)
    states = {clock.id: clock.state for clock in kit.get(Case, "C-1").clocks}
    assert {"repair": ClockState.RUNNING, "reply": ClockState.RUNNING} == states
    reply = MONDAY + 25 * HOUR + 20 * MINUTE
    assert [(reply + dt.timedelta(microseconds=1), "C-1")] == list(kit.due(MONDAY + 99 * HOUR))
    assert ["late"] == _rungs(kit, reply + MINUTE)
    assert kit.verify().ok
    assert 0 == kit.rebuild().changed


def _finish_at(kit: Kit, at: dt.datetime) -> list[str]:
    _take(kit, MONDAY + 10 * MINUTE)
    kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=at))
    return _rungs(kit, at + 9 * HOUR)


def test_nothing_becomes_a_part_of_a_case_that_is_over(kit: Kit) -> None:
    """Its end has waited for all its parts; a later one follows up instead."""
    _open(kit)
    assert [] == _finish(kit, "C-1")
    opening = OpenCase("C-2", procedure="house.fault", branch="B-1", by=DESK, at=MONDAY)

    assert ["case_not_open"] == _codes(kit, attrs.evolve(opening, parent="C-1"))
    kit.do(attrs.evolve(opening, links=(Link("follow_up", "C-1"),)))
    assert "open" == kit.get(Case, "C-2").status


def test_a_duplicate_is_cancelled_and_tells_nobody(kit: Kit) -> None:
    """A case that turns out to be a duplicate ends in favour of the other, and its ladder with it."""
    _open(kit)
    _open(kit, "C-2", at=MONDAY + MINUTE)
    kit.do(LinkCases("C-2", "C-1", "duplicate", by=HEAD, at=MONDAY + 2 * MINUTE))

    assert "cancelled" == kit.get(Case, "C-2").status
    assert ["C-1"] == [swept.case for swept in kit.sweep(MONDAY + 40 * MINUTE) if swept.reached]


def test_of_a_duplicate_the_story_says_why_nobody_was_told(kit: Kit) -> None:
    """Each rung that was to come has its line, once, and nothing goes out for it; what had come before stays so."""
    _open(kit)
    _open(kit, "C-2")
    link = LinkCases("C-2", "C-1", "duplicate", by=HEAD, at=MONDAY + 40 * MINUTE)
    kit.do(link)

    reached = [one.event.reached for one in kit.events() if isinstance(one.event, RungReached)]
    assert [("late", "fired"), ("later", "suppressed")] == [(one.rung, one.outcome.value) for one in reached]
    assert any("与事项C-1重复" in line.words.say("zh") for line in kit.story("C-2", MONDAY + HOUR).told)
    assert ["S-9"] == [message.to for message in kit.outbox()]
    assert ["C-1"] == [swept.case for swept in kit.sweep(MONDAY + 9 * HOUR)]
    assert 0 == kit.rebuild().changed


def test_a_case_opened_as_a_duplicate_speaks_once_the_other_is_over(kit: Kit) -> None:
    """While the other is open its own ladder speaks for both; after that there is no one else to speak."""
    _open(kit)
    _open(kit, "C-2", links=(Link("duplicate", "C-1"),), at=MONDAY)
    _open(kit, "C-3", links=(Link("duplicate", "C-2"),), at=MONDAY + 30 * MINUTE)
    outcomes = [
        (swept.case, one.reached.rung, one.reached.outcome.value)
        for swept in kit.sweep(MONDAY + 31 * MINUTE)
        for one in swept.reached
    ]
    kit.do(CancelCase("C-2", reason="told twice", by=HEAD, at=MONDAY + 40 * MINUTE))

    assert [("C-1", "late", "fired"), ("C-2", "late", "suppressed")] == outcomes
    assert ["fired"] == [
        one.reached.outcome.value for swept in kit.sweep(MONDAY + 61 * MINUTE) for one in swept.reached
    ]


def test_a_case_that_is_not_there_is_named(kit: Kit) -> None:
    """Acting in a case that nobody opened is refused with what would be right."""
    with pytest.raises(Refused, match="there is no case 'C-9'; open it first"):
        _take(kit, MONDAY, "C-9")
    with pytest.raises(Refused, match=r"procedure 'house\.x'"):
        _open(kit, procedure="house.x")


def test_everything_folds_to_what_is_stored(kit: Kit) -> None:
    """After a busy morning the journal still makes the documents, byte by byte."""
    _open(kit)
    kit.do(Reprioritise("C-1", "high", by=HEAD, at=MONDAY + 5 * MINUTE))
    _take(kit, MONDAY + 6 * MINUTE)
    kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=MONDAY + HOUR))

    assert kit.verify().ok
    assert 0 == kit.rebuild().changed
    assert ("closed", "solved") == (kit.get(Case, "C-1").status, kit.get(Case, "C-1").outcome)
    assert FrozenMap() == kit.get(Case, "C-1").facts


def test_a_consequence_that_cannot_even_be_worked_out_is_on_record_in_a_batch(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a document is missing for what should follow, what it follows from stands whole, and both are told."""
    command = OpenCase("C-9", procedure="house.fault", branch="B-1", by=DESK, at=MONDAY)

    def missing(self: object, id: str) -> object:
        raise NotFound("table", id)

    _open(kit)
    monkeypatch.setattr("branchkit.kit.world.StoreWorld.table", missing)
    (swept,) = kit.sweep(MONDAY + 31 * MINUTE)
    (refused,) = kit.do_all([command])

    assert ["late"] == [event.reached.rung for event in swept.reached]
    assert isinstance(refused, NotFound)
    assert [(str(NotFound("table", "house.targets")),)] == [
        one.event.reasons for one in kit.events() if isinstance(one.event, FollowUpRefused)
    ]
    assert kit.verify().ok
