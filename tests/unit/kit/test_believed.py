"""What was believed then: the journal folded as far as it had been told."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.errors import NotFound
from branchkit.escalation import KeepQuiet, QuietWindow
from branchkit.estate import PublishCalendar, ReviseBranch, SuspendService
from branchkit.kit import Kit
from branchkit.procedures import CompleteStage, OpenCase
from branchkit.temporal import CalendarDay, Due, Hours, Suspension
from tests.unit.kit.guarded import fired, guarded_kit, open_fault
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, DESK, HEAD, HOUR, MINUTE, MONDAY

TOLD = MONDAY + 5 * HOUR
BEFORE = TOLD - MINUTE


def due(kit: Kit, clock: str = "repair", as_of: dt.datetime | None = None) -> dt.datetime | None:
    """Return the deadline of a clock, as far as it had been told."""
    (found,) = (one for one in kit.story("C-1", MONDAY + HOUR, as_of=as_of).clocks if one.clock.id == clock)
    assert found.reading is not None
    return found.reading.due.at if isinstance(found.reading.due, Due) else None


@pytest.fixture
def kit() -> Kit:
    """Return a kit in which a fault was opened and told at nine."""
    kit = guarded_kit()
    open_fault(kit)
    return kit


def test_a_holiday_told_later_was_not_believed_before(kit: Kit) -> None:
    """An emergency holiday moves the deadline in what is known, not in what was believed before it was told."""
    holiday = attrs.evolve(CALENDAR, version="2", days=(CalendarDay(dt.date(2026, 3, 3), working=False),))
    kit.do(PublishCalendar(holiday, by=CLERK, at=MONDAY, recorded_at=TOLD))

    assert MONDAY + 25 * HOUR == due(kit, as_of=BEFORE)
    assert MONDAY + 49 * HOUR == due(kit, as_of=TOLD) == due(kit)
    kinds = [told.kind for told in kit.story("C-1", MONDAY, as_of=BEFORE).told]
    assert ["procedure_adopted", "case_opened"] == kinds
    assert "deadlines_moved" == kit.story("C-1", MONDAY).told[-1].kind


def test_hours_told_later_were_not_believed_before(kit: Kit) -> None:
    """Hours that are revised as of earlier, told later."""
    through = attrs.evolve(BRANCH, hours=Hours.from_week({"workday": "09:00-17:00"}))
    kit.do(ReviseBranch(through, by=CLERK, at=MONDAY, recorded_at=TOLD))

    assert (MONDAY + 25 * HOUR, MONDAY + 8 * HOUR) == (due(kit, as_of=BEFORE), due(kit, as_of=TOLD))


def test_a_suspension_told_later_was_not_believed_before(kit: Kit) -> None:
    """A power cut that nobody had told of paused no clock, as far as was known."""
    cut = Suspension(id="SUS-1", branch="B-1", since=MONDAY, until=MONDAY + 10 * MINUTE, reason="power_cut")
    kit.do(SuspendService(cut, by=HEAD, at=MONDAY, recorded_at=TOLD))

    assert MONDAY + 30 * MINUTE == due(kit, "reply", as_of=BEFORE)
    assert MONDAY + 40 * MINUTE == due(kit, "reply", as_of=TOLD)


def test_a_step_told_later_had_not_been_taken(kit: Kit) -> None:
    """A stage that was completed in time and told late was open, and its rung had fired, in what was believed."""
    fired(kit, MONDAY + 31 * MINUTE)
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + 5 * MINUTE, recorded_at=TOLD))

    believed = kit.story("C-1", MONDAY + 32 * MINUTE, as_of=BEFORE)
    assert (("receive",), ("repair",)) == (believed.case.open_stages, kit.story("C-1", TOLD).case.open_stages)
    (reply,) = (one for one in believed.clocks if one.clock.id == "reply")
    assert reply.ladder is not None
    assert (("half", 1), ("late", 1)) == reply.ladder.rounds


def test_a_quiet_window_told_later_did_not_hold(kit: Kit) -> None:
    """When the ladder would look next is told by the quiet windows that were known."""
    window = QuietWindow(id="Q-1", since=MONDAY, until=MONDAY + 9 * HOUR, reason="works")
    fired(kit, MONDAY + 20 * MINUTE)
    kit.do(KeepQuiet(window, by=HEAD, at=MONDAY + 20 * MINUTE, recorded_at=TOLD))
    fired(kit, MONDAY + 2 * HOUR)

    looks = [kit.story("C-1", MONDAY + HOUR / 2, as_of=as_of).clocks[-1].ladder for as_of in (BEFORE, None)]
    assert [MONDAY + 30 * MINUTE + dt.timedelta(microseconds=1), MONDAY + 9 * HOUR] == [
        one.at for one in looks if one is not None
    ]


def test_a_case_that_had_not_been_told_of_was_not_there(kit: Kit) -> None:
    """Before it was told, nobody knew of the case."""
    late = {"procedure": "house.fault", "branch": "B-1", "by": DESK, "at": MONDAY, "recorded_at": TOLD}
    kit.do(OpenCase("C-2", **late))

    with pytest.raises(NotFound, match="case as of"):
        kit.story("C-2", MONDAY, as_of=BEFORE)
    assert "C-2" == kit.story("C-2", MONDAY, as_of=TOLD).case.id


def test_all_that_was_told_is_all_that_is_known(kit: Kit) -> None:
    """As of the last telling, the story is the one of today."""
    fired(kit, MONDAY + 2 * HOUR)
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + 3 * HOUR))

    now, then = kit.story("C-1", TOLD), kit.story("C-1", TOLD, as_of=TOLD)
    assert now == attrs.evolve(then, as_of=None)
