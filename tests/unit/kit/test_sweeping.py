"""Sweeping where it is hard: deadlines that nobody can tell, names that are long, rungs that bring others forward."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import attrs
import pytest
from click.testing import CliRunner

from branchkit.checklists import Answer, Sheet, SubmitSheet
from branchkit.cli.app import build
from branchkit.errors import MissingKey, NotPermitted
from branchkit.escalation import AtShare, EndQuiet, KeepQuiet, QuietWindow
from branchkit.estate import PublishCalendar, ReviseBranch
from branchkit.kit import Kit
from branchkit.messages import Actor
from branchkit.procedures import Case, CompleteStage
from branchkit.temporal import CalendarDay, Hours
from branchkit.values import Ref, Unknown
from tests.unit.catalog import outlets
from tests.unit.kit import test_cases
from tests.unit.kit.guarded import FAULT, REPAIR, REPLY, book, fired, guarded_kit, open_fault, telling, with_ladder
from tests.unit.kit.test_cases import BRANCH, CALENDAR, CLERK, DESK, FITTER, HEAD, HOUR, INSPECTOR, MINUTE, MONDAY

LONG = "C" * 200
NO_HOURS = attrs.evolve(BRANCH, hours=Unknown("not stated"))


def test_a_branch_without_hours_stops_no_command_and_no_sweep() -> None:
    """A clock that needs hours which are not known is looked at again every day, and everything else goes on."""
    kit = guarded_kit()
    open_fault(kit)
    kit.do(ReviseBranch(NO_HOURS, by=CLERK, at=MONDAY + MINUTE))

    assert ["half recorded", "late fired"] == fired(kit, MONDAY + 30 * MINUTE + MINUTE / 2)
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + 30 * MINUTE + MINUTE / 2))
    assert [MONDAY + 24 * HOUR + 30 * MINUTE + MINUTE / 2] == [at for at, _ in kit.due(MONDAY + 999 * HOUR)]
    assert [] == fired(kit, MONDAY + 90 * HOUR)
    kit.do(ReviseBranch(BRANCH, by=CLERK, at=MONDAY + 91 * HOUR))
    assert "middle fired" in fired(kit, MONDAY + 91 * HOUR)


def test_refused_commands_beside_others_leave_nothing_half_done() -> None:
    """Hours that are taken away while clocks count them are a command like any other, in a batch as alone."""
    kit = guarded_kit()
    open_fault(kit)

    (outcome,) = kit.do_all([ReviseBranch(NO_HOURS, by=CLERK, at=MONDAY)])

    assert "branch_revised" in outcome.events
    assert kit.verify().ok


def test_the_longest_names_are_swept_like_others() -> None:
    """A case whose id is as long as ids may be escalates, and opens a case whose name is cut and still its own."""
    kit = guarded_kit()
    open_fault(kit, LONG)

    assert "later fired" in fired(kit, MONDAY + 2 * HOUR)
    (opened,) = kit.find(Case, procedure="house.complaint")
    assert len(opened.id) <= 160
    assert kit.verify().ok


def test_a_sheet_with_a_long_name_opens_cases() -> None:
    """What a failed item opens is named after the sheet, however long its name."""
    kit = guarded_kit(rules_=test_cases.rules())
    answers = tuple(Answer("works", value="fail", on=(Ref("equipment", name),)) for name in ("ATM-1", "ATM-2"))
    sheet = Sheet("S" * 200, checklist="house.round", version="1", branch="B-1", at=MONDAY, by="S-4", answers=answers)
    kit.do(SubmitSheet(sheet, by=INSPECTOR, at=MONDAY))

    assert 2 == len({case.id for case in kit.find(Case, procedure="house.fault")})


def test_a_deadline_that_moves_earlier_is_met_in_the_same_breath() -> None:
    """A rung that raises the priority brings the repair forward; one sweep lets both happen."""
    kit = guarded_kit()
    open_fault(kit)

    assert "middle fired" in fired(kit, MONDAY + 65 * MINUTE)


def test_sweeping_again_at_the_same_moment_finds_what_has_moved() -> None:
    """A sweep that found nothing is no reason for the next one, at that very moment, not to look."""
    kit = guarded_kit()
    closed = attrs.evolve(CALENDAR, version="2", days=(CalendarDay(MONDAY.date(), working=False),))
    kit.do(PublishCalendar(closed, by=CLERK, at=MONDAY - HOUR))
    open_fault(kit, priority="high")
    later = MONDAY + 5 * HOUR
    fired(kit, later)
    open_again = attrs.evolve(CALENDAR, version="3")
    kit.do(PublishCalendar(open_again, by=CLERK, at=later))

    assert "middle fired" in fired(kit, later)


def test_the_end_of_a_quiet_window_is_heard_by_what_the_night_holds_too() -> None:
    """A rung held till the morning by a window that reaches into the night acts when the window is ended by day."""
    kit = guarded_kit()
    open_fault(kit)
    kit.do(KeepQuiet(QuietWindow(id="Q", since=MONDAY, until=MONDAY + 11 * HOUR, reason="works"), by=HEAD, at=MONDAY))
    fired(kit, MONDAY + 32 * MINUTE)
    kit.do(EndQuiet("Q", by=HEAD, at=MONDAY + 33 * MINUTE))

    assert {"late fired", "open fired"} <= set(fired(kit, MONDAY + 33 * MINUTE))


def test_nobody_is_waited_for_once_the_clock_has_stopped() -> None:
    """A rung that waits for somebody to be there waits no longer than its clock runs, and costs nothing after."""
    kit = guarded_kit()
    open_fault(kit, priority="high")
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + MINUTE))
    assert "nobody held" in fired(kit, MONDAY + 150 * MINUTE)
    assert [MONDAY + 155 * MINUTE] == [at for at, _ in kit.due(MONDAY + 3 * HOUR)]

    kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=MONDAY + 152 * MINUTE))
    assert [] == list(kit.due(MONDAY + 999 * HOUR))


def test_what_was_stopped_in_time_stays_in_time() -> None:
    """Hours that are revised afterwards do not make a clock late that had stopped."""
    kit = guarded_kit()
    open_fault(kit, priority="high")
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + MINUTE))
    kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=MONDAY + 59 * MINUTE))
    early = attrs.evolve(BRANCH, hours=Hours.from_week({"workday": "00:00-24:00"}))
    kit.do(ReviseBranch(early, by=CLERK, at=MONDAY + HOUR))

    assert [] == fired(kit, MONDAY + 99 * HOUR)


def test_a_case_without_its_ladder_holds_no_other_up() -> None:
    """A case whose ladder is gone is named as failed and stays due; the others are swept."""
    kit = guarded_kit()
    open_fault(kit)
    bare = book(REPAIR, FAULT)
    other = Kit(kit.store, bare, grants=kit.grants)

    (swept,) = other.sweep(MONDAY + 31 * MINUTE)

    assert isinstance(swept.failed, MissingKey)
    assert ["half recorded", "late fired"] == fired(kit, MONDAY + 31 * MINUTE)


def test_a_new_ladder_is_heard_of_once_cases_are_looked_at_anew() -> None:
    """A ladder with an earlier rung, brought by a new catalog, reaches the cases that are open."""
    kit = guarded_kit()
    open_fault(kit)
    earlier = with_ladder(REPLY, rungs=(telling("soon", AtShare(share=Decimal("0.1"))), *REPLY.rungs))
    newer = Kit(kit.store, book(earlier, REPAIR, FAULT), grants=kit.grants)

    assert 1 == newer.rearm()
    assert ["soon fired"] == fired(newer, MONDAY + 5 * MINUTE)


def test_rebuilding_finds_out_anew_when_to_look() -> None:
    """A store whose documents were made anew knows when to sweep, even where nothing said so any more."""
    kit = guarded_kit()
    open_fault(kit)
    with kit.store.transaction() as tx:
        tx.due_clear("case:C-1")
    kit.rebuild()

    assert ["half recorded"] == fired(kit, MONDAY + 20 * MINUTE)


def test_sweeping_takes_the_right_to_it() -> None:
    """Whoever may not sweep is told so, whether anything is due or not."""
    with pytest.raises(NotPermitted):
        list(guarded_kit().sweep(MONDAY, by=Actor("S-1")))


def test_a_store_is_rearmed_from_the_command_line(tmp_path: Path) -> None:
    """``branchkit rearm`` looks at every open case anew, after which one that nothing was due for is due again."""
    store = f"sqlite:///{tmp_path / 'b.db'}"
    with outlets.opened(store=store) as kit:
        outlets.Run(kit, "fault", "fault_desk", place=outlets.LINE)
        with kit.store.transaction() as tx:
            tx.due_clear("case:C-1")
        assert [] == list(kit.due(outlets.TUESDAY + outlets.HOUR))

    said = [CliRunner().invoke(build(), ["rearm", "--store", store, *more]).output for more in ((), ("--json",))]
    assert ["1 open cases looked at anew\n", '{"cases": 1}\n'] == said
    with Kit.open(store, rules=outlets.rules()) as kit:
        assert ["C-1"] == [case for _, case in kit.due(outlets.TUESDAY + outlets.HOUR)]
