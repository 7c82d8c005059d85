"""Where ladders have their bounds: at the very moment of a stop, of a word or of an opening, and in the last round."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from branchkit.codec import structure
from branchkit.errors import DecodeError
from branchkit.escalation import (
    Acknowledgement,
    AfterDue,
    AtShare,
    BeforeDue,
    EscalationLadder,
    QuietWindow,
    RaisePriority,
    Repeat,
    Rung,
    Watch,
    Watched,
)
from branchkit.escalation.climbing import planned
from branchkit.values import FrozenMap
from tests.unit.escalation.ladders import HALF, HOUR, LATE, NINE, PlainTimeline, ladder, rung, sweep, watched

_DUE = NINE + 4 * HOUR
_TICK = dt.timedelta(microseconds=1)


def _fired(policy: EscalationLadder, seen: Watched, at: dt.datetime) -> list[str]:
    return [one.rung for one in policy.reached(seen, at).value if one.outcome.value == "fired"]


def _quiet(since: dt.datetime, until: dt.datetime) -> tuple[QuietWindow, ...]:
    return (QuietWindow(id="Q", since=since, until=until, reason="works"),)


@attrs.frozen(kw_only=True)
class _TwoTimes(PlainTimeline):
    """A clock whose own time runs half as fast as the wall clock."""

    def beside_due(self, by: dt.timedelta, *, own_time: bool) -> dt.datetime | None:
        return super().beside_due(2 * by if own_time else by, own_time=own_time)


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (BeforeDue(lead=HOUR), _DUE - 2 * HOUR),
        (BeforeDue(lead=HOUR, time="elapsed"), _DUE - HOUR),
        (AfterDue(lag=HOUR), _DUE + 2 * HOUR + _TICK),
        (AfterDue(lag=HOUR, time="elapsed"), _DUE + HOUR + _TICK),
    ],
)
def test_a_distance_is_in_the_clocks_own_time_or_elapsed(at: object, expected: dt.datetime) -> None:
    """An hour beside the deadline is one of the clock's own time unless the rung says elapsed."""
    policy = ladder(rung("one", at))

    assert expected == policy.next_look(watched(policy, timeline=_TwoTimes()), NINE)


# -- the next look


def test_rungs_that_are_over_or_held_hide_no_later_one() -> None:
    """A rung without a time, and one that waits, on record or not, each leave the next one to be seen."""
    over = rung("over", AtShare(share=Decimal("0.1")))
    closed = rung("closed", AtShare(share=Decimal("0.2")), working_hours=True)
    policy = ladder(over, closed, HALF)
    seen = watched(policy, opens=lambda at: None)
    decided = Watch("reply", ladder="reply", version="1", rounds=FrozenMap({"over": 1}))
    recorded = attrs.evolve(decided, held=FrozenMap({"closed": "closed"}))
    quiet = attrs.evolve(seen, quiet=_quiet(_DUE - HOUR, _DUE + HOUR))

    assert NINE + 0.8 * HOUR == policy.next_look(attrs.evolve(seen, watch=decided), NINE)
    assert NINE + 2 * HOUR == policy.next_look(attrs.evolve(seen, watch=recorded), NINE)
    assert NINE + 2 * HOUR == ladder(LATE, HALF).next_look(quiet, NINE)


def test_only_one_that_waits_for_somebody_is_looked_at_again_after_a_while() -> None:
    """A rung nobody looked for in time is due since its own time; one that waits for somebody, a while from now."""
    policy = ladder(rung("late", if_nobody="wait"))
    waits = attrs.evolve(watched(policy).watch, held=FrozenMap({"late": "nobody"}))
    late, while_ = _DUE + HOUR, dt.timedelta(minutes=5)

    assert _DUE + _TICK == policy.next_look(watched(policy), late)
    assert late + while_ == policy.next_look(watched(policy, watch=waits), late)
    assert _DUE + _TICK + while_ == policy.next_look(watched(policy, watch=waits), _DUE + _TICK)
    assert _DUE + _TICK == policy.next_look(watched(policy, watch=waits), _DUE)


# -- what is said


def test_the_trace_names_a_rung_and_each_further_round() -> None:
    """The first time is the rung's own id; further rounds have their number."""
    policy = ladder(LATE, repeat=Repeat(start="late", every=HOUR, times=1))

    steps = policy.reached(watched(policy), _DUE + HOUR + _TICK).trace.steps

    assert ["late", "late#1"] == [ref.id for step in steps for ref in step.refs]


def test_a_rung_that_waits_says_when_it_is_looked_at_again() -> None:
    """Where nobody is there, that is a while after now."""

    class Nobody:
        def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
            return ()

    policy = ladder(rung("late", if_nobody="wait"), retry=HOUR)
    (held,) = policy.reached(watched(policy, roster=Nobody()), _DUE + HOUR).value

    assert ("nobody", _DUE + 2 * HOUR) == (held.code, held.until)


def test_a_rung_on_record_as_waiting_leaves_the_later_ones() -> None:
    """What is held and said already hides no rung whose time came after it."""
    policy = ladder(rung("first", AtShare(share=Decimal("0.1")), working_hours=True), LATE)
    seen, _ = sweep(policy, watched(policy, opens=lambda at: None), NINE + HOUR)

    assert ["late"] == _fired(policy, seen, _DUE + HOUR)


def test_a_rung_that_fires_waits_for_nothing_any_more() -> None:
    """Why a rung waited is forgotten when it fires, and why others wait is not."""
    policy = ladder(rung("half", AtShare(share=Decimal("0.5")), if_nobody="wait"), rung("late", working_hours=True))
    waits = Watch("reply", ladder="reply", version="1", held=FrozenMap({"half": "nobody", "late": "closed"}))
    seen = watched(policy, watch=waits, opens=lambda at: None)

    after, came = sweep(policy, seen, _DUE + HOUR)

    assert ((("half", 0, "fired"),), {"late": "closed"}) == (came, dict(after.watch.held))


# -- at the very moment


def test_a_rung_at_the_moment_of_the_stop_still_fires() -> None:
    """What is due, or free to act, at the very moment that the clock stops happens; a moment later it does not."""
    policy = ladder(HALF)
    stops = [PlainTimeline(stopped=NINE + 2 * HOUR - less) for less in (dt.timedelta(), _TICK)]
    held = [PlainTimeline(stopped=NINE + 3 * HOUR - less) for less in (dt.timedelta(), _TICK)]
    quiet = _quiet(NINE, NINE + 3 * HOUR)

    assert [["half"], []] == [_fired(policy, watched(policy, timeline=one), _DUE) for one in stops]
    assert [["half"], []] == [_fired(policy, watched(policy, timeline=one, quiet=quiet), _DUE) for one in held]


def test_a_stopped_clock_keeps_what_never_opens_held() -> None:
    """Where the branch does not open in sight, the rung that was due before the stop stays held."""
    policy = ladder(rung("half", AtShare(share=Decimal("0.5")), working_hours=True))
    seen = watched(policy, timeline=PlainTimeline(stopped=_DUE), opens=lambda at: None)

    assert (("half", 0, "held"),) == sweep(policy, seen, _DUE)[1]


@pytest.mark.parametrize(("late", "expected"), [(dt.timedelta(), ["half"]), (_TICK, [])])
def test_a_word_that_ends_the_ladder_leaves_what_is_due_at_that_moment(late: dt.timedelta, expected: list[str]) -> None:
    """A rung due at the very moment of the acknowledgement fires; one due after it does not."""
    policy = ladder(HALF)
    word = Acknowledgement("S-1", at=NINE + 2 * HOUR - late)
    seen = watched(policy, watch=Watch("reply", ladder="reply", version="1", acknowledged=word))

    assert expected == _fired(policy, seen, _DUE)


def test_a_word_holds_from_its_moment_to_before_its_end() -> None:
    """A rung due at the moment of the word is held by it; one due when it ends is not."""
    policy = ladder(HALF)
    from_, until = (
        Watch("reply", ladder="reply", version="1", acknowledged=Acknowledgement("S-1", at=at, until=at + HOUR))
        for at in (NINE + 2 * HOUR, NINE + HOUR)
    )

    assert (("half", 0, "held"),) == sweep(policy, watched(policy, watch=from_), NINE + 2 * HOUR)[1]
    assert (("half", 0, "fired"),) == sweep(policy, watched(policy, watch=until), NINE + 2 * HOUR)[1]


def test_a_branch_that_is_open_holds_nothing() -> None:
    """In working hours a rung fires at its own time, as nobody's wait."""
    policy = ladder(rung("half", AtShare(share=Decimal("0.5")), working_hours=True))
    seen = watched(policy, opens=lambda at: at)

    assert (("half", 0, "fired"),) == sweep(policy, seen, NINE + 2 * HOUR)[1]
    assert NINE + 2 * HOUR == policy.next_look(seen, NINE)


def test_what_holds_a_rung_may_follow_on_each_other() -> None:
    """A word that ends in a quiet window, which ends at night, puts a rung off to the morning."""
    policy = ladder(rung("half", AtShare(share=Decimal("0.5")), working_hours=True))
    word = Acknowledgement("S-1", at=NINE, until=NINE + 3 * HOUR)
    watch = Watch("reply", ladder="reply", version="1", acknowledged=word, held=FrozenMap({"half": "closed"}))
    quiet = _quiet(NINE + 3 * HOUR, NINE + 9 * HOUR)
    seen = watched(policy, watch=watch, quiet=quiet, opens=lambda at: max(at, NINE + 24 * HOUR))

    assert NINE + 24 * HOUR == policy.next_look(seen, NINE)


def test_what_holds_a_rung_is_named_while_it_does_and_no_longer() -> None:
    """Neither a word that ends when the rung is due, nor a branch that is open then, holds it."""
    half = rung("half", AtShare(share=Decimal("0.5")), working_hours=True)
    policy = ladder(half, rung("never", AtShare(share=Decimal(2))), repeat=Repeat(start="half", every=HOUR, times=1))
    word = Acknowledgement("S-1", at=NINE, until=NINE + 2 * HOUR)
    watch = Watch("reply", ladder="reply", version="1", acknowledged=word, rounds=FrozenMap({"never": 2}))
    free, never = planned(policy, watched(policy, watch=watch, opens=lambda at: at))
    closed, _ = planned(policy, watched(policy, watch=watch, opens=lambda at: NINE + 24 * HOUR))

    assert (NINE + 2 * HOUR, NINE + 2 * HOUR, None, None) == (free.at, free.free, free.held_by, free.why)
    assert (NINE + 2 * HOUR, NINE + 24 * HOUR, "closed") == (closed.at, closed.free, closed.held_by)
    assert ("never", 2, None, None, None) == (never.rung, never.round, never.at, never.free, never.held_by)


def test_only_what_is_told_is_told_together() -> None:
    """A rung that tells somebody says by what several cases are told together; one that tells nobody does not."""
    policy = ladder(LATE, rung("raise", tell=(), message=None, do=(RaisePriority(to="high"),)), group_by="branch")

    assert {"late": "branch", "raise": None} == {
        one.rung: one.group_by for one in policy.reached(watched(policy), _DUE + HOUR).value
    }


# -- what a ladder may say


def test_a_share_goes_up_to_a_hundred() -> None:
    """A hundred budgets are the last share that can be asked for."""
    one = structure(Rung, {"id": "x", "at": {"kind": "share", "share": "100"}, "record_only": True})

    assert AtShare(share=Decimal(100)) == one.at
    with pytest.raises(DecodeError):
        structure(Rung, {"id": "x", "at": {"kind": "share", "share": "100.01"}, "record_only": True})


@pytest.mark.parametrize(
    ("good", "rungs"),
    [
        ({"repeat": Repeat(start="late", every=HOUR, times=1)}, (LATE,)),
        ({"repeat": Repeat(start="late", every=_TICK)}, (LATE,)),
        ({}, (rung("late", if_nobody="wait"),)),
    ],
)
def test_the_least_that_has_a_meaning_is_accepted(good: dict[str, object], rungs: tuple[Rung, ...]) -> None:
    """One further round, rounds a moment apart and a rung that waits for those it tells are right."""
    assert [] == list(ladder(*rungs, **good).validate())


@pytest.mark.parametrize("more", [{"working_hours": True}, {"tell": LATE.tell, "message": LATE.message}])
def test_a_rung_for_the_record_waits_for_nothing_and_tells_nobody(more: dict[str, object]) -> None:
    """What would tell somebody, or wait for the branch to open, is more than a record."""
    fields = {"tell": (), "message": None, "record_only": True, **more}
    found = [problem.path for problem in ladder(LATE, rung("noted", **fields)).validate()]

    assert ["$.rungs[1].record_only"] == found
