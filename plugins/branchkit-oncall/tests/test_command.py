"""Who hears of an emergency: by grade at once, by lateness afterwards, and whoever is there."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from branchkit_oncall import EmergencyCommand, Layer, OnCall, Rotation

from branchkit.escalation import Acknowledgement, Reached, RungOutcome, RungReached, Watch, Watched, evolve_watch
from branchkit.estate import Standing
from branchkit.testing.escalation import PlainTimeline
from branchkit.values import FrozenMap

ZONE = dt.timezone(dt.timedelta(hours=8))
START = dt.datetime(2026, 7, 1, 8, 20, tzinfo=ZONE)
MINUTE = dt.timedelta(minutes=1)
TICK = dt.timedelta(microseconds=1)
STANDING = Standing(
    posts=FrozenMap({"maintenance_team": ("T-1", "T-2")}),
    groups=FrozenMap({"emergency_office": ("O-1",), "emergency_command": ("K-1", "K-2")}),
    relations=FrozenMap({"superior_unit": ("U-1",)}),
)
POLICY = EmergencyCommand()


def watched(grade: str | None = None, standing: Standing = STANDING, **more: Any) -> Watched:
    """Return a clock of fifteen minutes that began at twenty past eight."""
    facts = {} if grade is None else {"grade": grade}
    return Watched(
        case="C-1",
        branch="B-1",
        watch=Watch("verify", ladder="emergency-verify", version="1"),
        timeline=PlainTimeline(started=START, due=START + 15 * MINUTE),
        facts={**facts, **more.pop("facts", {})},
        standing=standing,
        **more,
    )


def climb(seen: Watched, *moments: dt.datetime, policy: EmergencyCommand = POLICY) -> tuple[Watched, list[Reached]]:
    """Look at some moments; return what is so then, and what came of it."""
    found: list[Reached] = []
    for at in moments:
        for one in policy.reached(seen, at).value:
            event = RungReached(case="C-1", clock="verify", entry=1, ladder=policy.id, version="1", reached=one)
            seen = attrs.evolve(seen, watch=evolve_watch(seen.watch, event))
            found.append(one)
    return seen, found


def told(found: list[Reached]) -> dict[str, tuple[str, ...]]:
    """Return who was told at which rung."""
    return {one.rung: one.told for one in found}


@pytest.mark.parametrize(
    ("grade", "expected"),
    [
        (None, {"alert-team": ("T-1", "T-2")}),
        ("general", {"alert-team": ("T-1", "T-2")}),
        ("serious", {"alert-team": ("T-1", "T-2"), "alert-command": ("K-1", "K-2")}),
        ("major", {"alert-team": ("T-1", "T-2"), "alert-command": ("K-1", "K-2"), "alert-superior": ("U-1",)}),
    ],
    ids=str,
)
def test_the_grade_says_who_is_alerted_at_once(grade: str | None, expected: dict[str, Any]) -> None:
    """A storm floods an outlet: graded major, command and superior unit hear of it in that moment; graded serious, the
    command alone (estate:S-7, estate:EMG-13, estate:EMG-14, estate:EMG-16, estate:EMG-17).
    """
    _, found = climb(watched(grade), START)

    assert expected == told(found)
    assert {START} == {one.due for one in found}


def test_who_is_alerted_is_told_by_which_rule() -> None:
    """Each alert names the rules that it carries out."""
    rules = {(grade, one.rung): one.rules for grade in ("general", "major") for one in climb(watched(grade), START)[1]}

    assert ("estate:EMG-08", "estate:EMG-13") == rules["general", "alert-team"]
    assert ("estate:EMG-17",) == rules["major", "alert-superior"]


def test_a_fault_that_is_graded_later_alerts_then() -> None:
    """Until the grade is known nothing is decided about it; once it is, whom it asks for is alerted, and once only."""
    seen, first = climb(watched(), START)
    seen, second = climb(attrs.evolve(seen, facts={"grade": "serious"}), START + 4 * MINUTE, START + 5 * MINUTE)
    _, third = climb(attrs.evolve(seen, facts={"grade": "major"}), START + 6 * MINUTE)

    assert [["alert-team"], ["alert-command"], ["alert-superior"]] == [
        list(told(one)) for one in (first, second, third)
    ]


def test_it_climbs_while_nobody_acts() -> None:
    """The deadline is missed: the office, a quarter of an hour later the command, and then the superior unit."""
    seen, _ = climb(watched("general"), START)
    due = START + 15 * MINUTE
    assert due + TICK == POLICY.next_look(seen, START)

    _, found = climb(seen, due, due + TICK, due + 15 * MINUTE + TICK, due + 30 * MINUTE + TICK)

    assert [("late-office", ("O-1",)), ("late-command", ("K-1", "K-2")), ("late-superior", ("U-1",))] == [
        (one.rung, one.told) for one in found
    ]


@pytest.mark.parametrize("least", ["general", "serious", "major"])
@pytest.mark.parametrize("grade", [None, "general", "serious", "major"])
@pytest.mark.parametrize("by", ["settings", "fact"])
def test_from_which_grade_the_superior_unit_hears_of_what_is_late(least: Any, grade: str | None, by: str) -> None:
    """The setting says so for the plug-in, a fact for the case; a grade that nobody said is no reason for silence."""
    policy = EmergencyCommand(superior_report_from_grade=least if by == "settings" else "major")
    facts = {"superior_report_from_grade": least} if by == "fact" else {}
    order = ["general", "serious", "major"]

    _, found = climb(watched(grade, facts=facts), START + 99 * MINUTE, policy=policy)

    assert (grade is None or order.index(grade) >= order.index(least)) == ("late-superior" in told(found))


def test_whoever_is_next_above_is_told_where_nobody_is_on_duty() -> None:
    """Nobody of the team and of the office is there: the command is alerted in the team's place, and told why."""
    empty = attrs.evolve(
        STANDING, posts=FrozenMap(), groups=FrozenMap({"emergency_command": ("K-1",), "emergency_office": ()})
    )

    _, (alert,) = climb(watched("general", empty), START)

    assert ("alert-team", ("K-1",)) == (alert.rung, alert.told)
    assert alert.message is not None
    assert "网点维修保障小组无人在岗" in alert.message.zh
    assert "nobody of the outlet's maintenance team is on duty" in alert.message.en


def test_where_nobody_is_on_duty_anywhere_it_waits_and_says_so() -> None:
    """The rung is held for want of anybody, on record once, looked at again after a while, and then told."""
    seen, found = climb(watched("general", Standing()), START, START + MINUTE)
    assert [(RungOutcome.HELD, "nobody")] == [(one.outcome, one.code) for one in found]
    assert START + 6 * MINUTE == POLICY.next_look(seen, START + MINUTE)

    _, found = climb(attrs.evolve(seen, standing=STANDING), START + 6 * MINUTE)
    assert {"alert-team": ("T-1", "T-2")} == told(found)


def test_the_roster_says_who_of_the_team_is_told() -> None:
    """Of the two in the rotation the one on duty is alerted."""
    turns = Rotation(people=("T-2", "T-1"), handover=dt.time(8), zone="Asia/Shanghai", since=START.date())
    policy = EmergencyCommand(roster=OnCall(layers=(Layer("team", rotation=turns),)))

    _, found = climb(watched(), START, policy=policy)

    assert {"alert-team": ("T-2",)} == told(found)


def test_an_acknowledgement_holds_the_climb_and_no_alert() -> None:
    """Somebody looks after it: what is late waits for a step, and an alert that the grade asks for does not."""
    at = START + 14 * MINUTE
    known = Acknowledgement("T-1", at=at, until=at + POLICY.hold)
    seen, _ = climb(watched(), START)
    seen = attrs.evolve(seen, watch=attrs.evolve(seen.watch, acknowledged=known), facts={"grade": "major"})

    _, found = climb(seen, START + 16 * MINUTE, START + 29 * MINUTE + TICK)

    assert [
        ("alert-command", "fired"),
        ("alert-superior", "fired"),
        ("late-office", "held"),
        ("late-office", "fired"),
    ] == [(one.rung, one.outcome.value) for one in found]


def test_a_clock_that_was_stopped_in_time_climbs_no_further() -> None:
    """Verified within the quarter of an hour, nobody else is told."""
    line = PlainTimeline(started=START, due=START + 15 * MINUTE, stopped=START + 9 * MINUTE)
    seen, _ = climb(watched("general"), START)

    assert [] == climb(attrs.evolve(seen, timeline=line), START + 99 * MINUTE)[1]


def test_a_step_that_is_none_is_refused() -> None:
    """From one level to the next takes time."""
    with pytest.raises(ValueError, match="above zero"):
        EmergencyCommand(step=dt.timedelta())
