"""A ladder is refused where it has no one meaning, with the place and what would be right."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.codec import structure
from branchkit.conditions import Compare, Op
from branchkit.errors import DecodeError
from branchkit.escalation import (
    AfterDue,
    AtShare,
    BeforeDue,
    EndQuiet,
    EscalationLadder,
    KeepQuiet,
    QuietWindow,
    Repeat,
    Rung,
    SweepCase,
)
from branchkit.messages import Actor
from tests.unit.escalation.ladders import HALF, HOUR, LATE, NINE, ladder, rung


def test_a_ladder_is_written_and_read_again() -> None:
    """A ladder is the same after it has been written as TOML and read."""
    whole = ladder(HALF, LATE, repeat=Repeat(start="late", every=HOUR, times=2), acknowledgement="holds", hold=HOUR)

    assert whole == EscalationLadder.from_toml(whole.to_toml())
    assert [] == list(whole.validate())
    assert HALF == whole.rung("half")


@pytest.mark.parametrize(
    ("broken", "path", "says"),
    [
        (ladder(HALF, HALF), "$.rungs[1].id", "each rung once"),
        (ladder(rung(" x")), "$.rungs[0].id", "Expected an id"),
        (ladder(rung("x", rules=("FLT-06",))), "$.rungs[0].rules[0]", "rule id with its area"),
        (ladder(LATE, rung("x", tell=(), message=None)), "$.rungs[1]", "tells nobody and does nothing"),
        (ladder(rung("x", record_only=True)), "$.rungs[0].record_only", "nobody to tell"),
        (ladder(LATE, rung("x", message=None)), "$.rungs[1].message", "together"),
        (
            ladder(LATE, rung("x", tell=(), message=None, record_only=True, if_nobody="wait")),
            "$.rungs[1].if_nobody",
            "no effect",
        ),
        (ladder(rung("x", when=Compare("y", Op.EQ, value=True))), "$.rungs[0].when.fact", "'y'"),
        (ladder(LATE, inhibited_when=Compare("y", Op.EQ, value=True)), "$.inhibited_when.fact", "'y'"),
        (ladder(LATE, repeat=Repeat(start="x", every=HOUR)), "$.repeat.start", "there are: late"),
        (ladder(LATE, repeat=Repeat(start="late", every=HOUR, times=0)), "$.repeat.times", "1 or more"),
        (ladder(rung("x", tell=(), message=None, record_only=True)), "$.rungs", "ends at someone"),
        (ladder(LATE, acknowledgement="holds"), "$.hold", "how long"),
        (ladder(LATE, hold=HOUR), "$.hold", "no effect"),
        (ladder(LATE, rules=("x",)), "$.rules[0]", "rule id with its area"),
    ],
)
def test_what_has_no_meaning_is_refused(broken: EscalationLadder, path: str, says: str) -> None:
    """Each fault is told with its place and what would be right."""
    found = [problem for problem in broken.validate() if problem.path == path]

    assert found
    assert says in found[0].message


def test_a_ladder_needs_an_id_and_a_version() -> None:
    """Without id and version no trace could quote it."""
    nameless = EscalationLadder("", version=" ", title=ladder(LATE).title, rungs=(LATE,), acknowledgement="nothing")

    assert ["$.id", "$.version"] == [problem.path for problem in nameless.validate()]


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "share", "share": "0"},
        {"kind": "share", "share": "101"},
        {"kind": "before", "lead": "-PT1H"},
        {"kind": "after", "lag": "-PT1H"},
        {"kind": "someday"},
    ],
)
def test_times_that_cannot_be_are_refused(wrong: dict[str, str]) -> None:
    """A share is above zero, and a distance is not negative."""
    with pytest.raises(DecodeError):
        structure(Rung, {"id": "x", "at": wrong, "record_only": True})


def test_rounds_are_some_time_apart() -> None:
    """Rounds without any time between them would never end."""
    with pytest.raises(ValueError, match="Expected a duration above zero"):
        Repeat(start="late", every=0 * HOUR)


def test_rule_ids_with_their_areas_are_accepted() -> None:
    """A ladder and its rungs may name the rules that they follow."""
    assert [] == list(ladder(rung("late", rules=("estate:FLT-06",)), rules=("estate:FLT-06",)).validate())


def test_each_command_has_its_stream() -> None:
    """A sweep goes to its case; windows of quiet have a stream of their own."""
    window = QuietWindow(id="Q", since=NINE, until=NINE + HOUR, reason="works")
    who: dict[str, Any] = {"by": Actor("S-1"), "at": NINE}

    assert "case:C-1" == SweepCase("C-1", **who).stream
    assert "quiet" == KeepQuiet(window, **who).stream == EndQuiet("Q", **who).stream


def test_a_rung_that_is_not_there_is_no_rung() -> None:
    """A ladder knows its own rungs only."""
    with pytest.raises(KeyError):
        ladder(LATE).rung("other")


def test_times_read_as_people_say_them() -> None:
    """A rung's time can be printed."""
    times = (AtShare(share=Decimal("0.50")), BeforeDue(lead=HOUR), AfterDue())

    assert ["0.5 × budget", "1:00:00 before", "0:00:00 after"] == [str(time) for time in times]


@pytest.mark.parametrize(
    ("fields", "path"),
    [
        ({"until": NINE}, "$.until"),
        ({"reason": " "}, "$.reason"),
        ({"since": NINE.replace(tzinfo=None)}, "$.since"),
    ],
)
def test_a_quiet_window_has_an_end_and_a_reason(fields: dict[str, object], path: str) -> None:
    """Nothing keeps quiet for ever or for no reason."""
    whole = {"id": "Q", "since": NINE, "until": NINE + HOUR, "reason": "works", **fields}
    window = QuietWindow(**whole)  # type: ignore[arg-type]

    assert [path] == [problem.path for problem in window.validate()]


def test_a_quiet_window_covers_its_branch_and_ladder_only() -> None:
    """A window of one branch or ladder leaves others alone; its end is outside."""
    window = QuietWindow(id="Q", since=NINE, until=NINE + HOUR, reason="works", branch="B-1", ladder="reply")

    assert [] == list(window.validate())
    assert window.covers(NINE, branch="B-1", ladder="reply")
    assert not window.covers(NINE + HOUR, branch="B-1", ladder="reply")
    assert not window.covers(NINE - dt.timedelta(seconds=1), branch="B-1", ladder="reply")
    assert not window.covers(NINE, branch="B-2", ladder="reply")
    assert not window.covers(NINE, branch="B-1", ladder="other")
