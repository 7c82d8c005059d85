"""What a report says of cases: how many, what is late in its own time, what comes next, and the days."""

from __future__ import annotations

import pytest

from branchkit.kit import Kit
from branchkit.procedures import CancelCase, CompleteStage, PauseClock
from branchkit.temporal import Counting
from tests.unit.kit.guarded import fired, guarded_kit, open_fault
from tests.unit.kit.test_cases import DESK, FITTER, HEAD, HOUR, MINUTE, MONDAY


@pytest.fixture
def kit() -> Kit:
    """Return a kit with three faults: one repaired late, one cancelled, one that still runs."""
    kit = guarded_kit()
    open_fault(kit, "C-1", priority="high")
    open_fault(kit, "C-2", at=MONDAY + HOUR, key="two")
    open_fault(kit, "C-3", at=MONDAY + 24 * HOUR, key="three")
    for case, when in (("C-1", 5), ("C-3", 24 * 60 + 5)):
        kit.do(CompleteStage(case, "receive", "take", by=DESK, at=MONDAY + when * MINUTE))
    kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=MONDAY + 6 * HOUR))
    kit.do(CancelCase("C-2", reason="x", by=HEAD, at=MONDAY + 2 * HOUR))
    return kit


def test_a_branch_without_cases_says_nothing_of_them() -> None:
    """Before the first case there is nothing to show."""
    kit = guarded_kit()

    assert kit.report("B-1", at=MONDAY).cases is None


def test_a_branch_with_cases_alone_has_a_report(kit: Kit) -> None:
    """Where no moment is named, it speaks of the last thing that happened in a case."""
    assert MONDAY + 24 * HOUR + 5 * MINUTE == kit.report("B-1").at


def test_cases_are_counted_by_procedure(kit: Kit) -> None:
    """Open, closed, late now, and closed too late."""
    found = kit.report("B-1", at=MONDAY + 72 * HOUR).cases

    assert found is not None
    assert [("house.fault", 1, 2, 1, 2)] == [
        (one.procedure, one.open, one.closed, one.late, one.closed_late) for one in found.procedures
    ]


def test_lateness_is_told_in_the_clocks_own_time(kit: Kit) -> None:
    """Eight open hours from Tuesday nine end on Wednesday at ten; on Thursday at nine it is six open hours late."""
    found = kit.report("B-1", at=MONDAY + 72 * HOUR).cases

    assert found is not None
    (late,) = found.late
    assert ("C-3", "repair", Counting.BUSINESS, 6 * HOUR) == (late.case, late.clock, late.counting, late.late)
    assert (1, MONDAY + 49 * HOUR, False) == (found.late_clocks, late.due, late.paused)


def test_what_is_paused_and_late_says_so(kit: Kit) -> None:
    """A late clock that is paused is late all the same."""
    kit.do(PauseClock("C-3", "repair", reason="part", by=HEAD, at=MONDAY + 50 * HOUR))
    found = kit.report("B-1", at=MONDAY + 72 * HOUR).cases

    assert found is not None
    assert [(True, HOUR)] == [(one.paused, one.late) for one in found.late]


def test_a_case_is_shown_as_it_was(kit: Kit) -> None:
    """As of Monday at ten the first fault was open, the second was just opened, and the third not there."""
    found = kit.report("B-1", at=MONDAY + HOUR).cases

    assert found is not None
    assert [(2, 0)] == [(one.open, one.closed) for one in found.procedures]


def test_next_rungs_are_named(kit: Kit) -> None:
    """The earliest rung of every ladder that watches an open case, with its moment."""
    found = kit.report("B-1", at=MONDAY + 25 * HOUR).cases

    assert found is not None
    assert [("C-3", "house.repair", "middle")] == [(one.case, one.ladder, one.rung) for one in found.next_rungs]
    assert MONDAY + 29 * HOUR == found.next_rungs[0].at


def test_days_are_those_of_the_branch(kit: Kit) -> None:
    """What was opened, due and missed on each day, from whole weeks before to whole weeks after."""
    found = kit.report("B-1", at=MONDAY + 72 * HOUR).cases

    assert found is not None
    assert (0, 6) == (found.first.weekday(), found.last.weekday())
    told = {(one.day - MONDAY.date()).days: (one.opened, one.due, one.late) for one in found.days}
    # Monday: both replies and the repair of the first; the repair of the second was promised for Tuesday.
    assert (2, 3, 2) == told[0]
    assert 1 == told[1][0]
    assert (0, 1, 1) == told[2]


def test_a_clock_that_cannot_be_read_is_named(kit: Kit) -> None:
    """Beyond the calendar's days a case is told apart, and the report is made all the same."""
    found = kit.report("B-1", at=MONDAY + 366 * 24 * HOUR).cases

    assert found is not None
    assert ("C-3",) == found.unreadable


def test_nobody_is_named(kit: Kit) -> None:
    """Who opened, took or repaired anything is not in it."""
    fired(kit, MONDAY + 72 * HOUR)
    told = repr(kit.report("B-1", at=MONDAY + 72 * HOUR).cases)

    assert "S-1" not in told
    assert "S-2" not in told
