"""What is to be opened of what a plan has due."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.checklists import Due, EachEquipment, Schedule, SchedulePlan, due
from branchkit.checklists.agenda import Agenda, Occasion, OpenScheduled, occasions
from branchkit.messages import Actor
from branchkit.temporal import AtMost, Continuous, Daily
from tests.unit.checklists.test_schedules import BRANCH, WORDS, YEAR
from tests.unit.checklists.tours import AT, refs

DAY = dt.date(2026, 3, 3)
ZONE = dt.timezone(dt.timedelta(hours=8))
WALK = Schedule("walk", title=WORDS, cycle=Daily(), opens="round", for_each=(EachEquipment(kinds=("atm",)),))
PLAN = SchedulePlan(
    "trial",
    version="1",
    title=WORDS,
    entries=(
        WALK,
        Schedule("lights", title=WORDS, cycle=Daily(times=("before_opening",)), opens="switch"),
        Schedule("notes", title=WORDS, cycle=Daily()),
        Schedule("guard", title=WORDS, cycle=Continuous(), opens="watch"),
    ),
)


def found(plan: SchedulePlan = PLAN, day: dt.date = DAY) -> list[tuple[str, str, str | None, dt.datetime]]:
    lines = due(plan, BRANCH, day, day, calendar=YEAR)
    return [(one.entry, str(one.place[-1]), one.time, one.until) for one in occasions(lines, ZONE)]


def test_what_names_a_procedure_and_has_a_day_is_opened() -> None:
    """One occasion for each thing and time: of a day by its end, of a moment by that; nothing else is opened."""
    evening = dt.datetime(2026, 3, 4, tzinfo=ZONE)
    opening = dt.datetime(2026, 3, 3, 9, tzinfo=ZONE)

    assert {
        ("walk", "equipment:ATM-1", None, evening),
        ("walk", "equipment:ATM-2", None, evening),
        ("lights", "branch:B-1", "before_opening", opening),
    } == set(found())
    assert {"round", "switch"} == {one.procedure for one in occasions(due(PLAN, BRANCH, DAY, DAY, calendar=YEAR), ZONE)}


def test_what_is_overdue_is_opened_too() -> None:
    """What should have been done before the day is opened on it; what is not known when it is due is not."""
    rare = SchedulePlan(
        "trial", version="1", title=WORDS, entries=(Schedule("rare", title=WORDS, cycle=AtMost(span="P5D"), opens="x"),)
    )
    lines = due(rare, BRANCH, DAY, DAY, calendar=YEAR, done={"trial/rare": (dt.date(2026, 2, 1),)})
    never = due(rare, BRANCH, DAY, DAY, calendar=YEAR)

    assert [("overdue", dt.date(2026, 2, 6))] == [(line.state, line.day) for line in lines]
    assert [dt.date(2026, 2, 6)] == [one.day for one in occasions(lines, ZONE)]
    assert (["unknown"], ()) == ([line.state for line in never], occasions(never, ZONE))


@pytest.mark.parametrize(
    ("until", "expected"),
    [
        (None, dt.datetime(2026, 3, 4, tzinfo=ZONE)),
        (dt.date(2026, 3, 31), dt.datetime(2026, 4, 1, tzinfo=ZONE)),
        (dt.datetime(2026, 3, 3, 17, tzinfo=ZONE), dt.datetime(2026, 3, 3, 17, tzinfo=ZONE)),
    ],
)
def test_by_when(until: dt.date | None, expected: dt.datetime) -> None:
    """A line is due by its own end: a moment, the end of a last day, or that of its day."""
    line = Due(plan="trial", entry=WALK, place=refs("branch:B-1"), state="due", day=DAY, until=until)

    assert [expected] == [one.until for one in occasions([line], ZONE)]
    assert () == occasions([attrs.evolve(line, day=None)], ZONE)
    assert () == occasions([attrs.evolve(line, state="unknown")], ZONE)


def test_cases_have_names_of_their_own() -> None:
    """The case of an occasion is named by branch, plan, entry, thing, day and time."""
    end = dt.datetime(2026, 3, 4, tzinfo=ZONE)
    whole = Occasion(entry="walk", place=refs("branch:B-1"), procedure="round", day=DAY, until=end)
    one = attrs.evolve(whole, place=refs("branch:B-1", "equipment:ATM-1"), time="noon")

    assert "B-1/trial/walk/2026-03-03" == whole.case("B-1", "trial")
    assert "B-1/trial/walk@equipment:ATM-1/2026-03-03Tnoon" == one.case("B-1", "trial")


def test_an_agenda_is_one_of_a_branch_and_a_plan() -> None:
    """How far the cases of a plan were opened is kept by branch and plan, in the branch's stream."""
    command = OpenScheduled("B-1", "trial", DAY, by=Actor("S-1"), at=AT)

    assert "B-1/trial" == Agenda(branch="B-1", plan="trial", through=DAY).id
    assert "branch:B-1" == command.stream
