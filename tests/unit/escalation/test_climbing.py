"""A ladder tells the right people at the right time, once, and says why where it does not."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.escalation import (
    Acknowledgement,
    AfterDue,
    AtShare,
    BeforeDue,
    ClockUnreadable,
    EscalationLadder,
    EscalationPolicy,
    QuietWindow,
    RaisePriority,
    Reassign,
    Repeat,
    Watch,
    WatchAcknowledged,
    Watched,
    evolve_watch,
)
from branchkit.escalation.climbing import Planned, planned, suppressed
from branchkit.estate import ByRole, Standing
from branchkit.values import FrozenMap, Text
from tests.unit.escalation.ladders import HALF, HOUR, LATE, MANAGER, NINE, PlainTimeline, ladder, rung, sweep, watched

_DUE = NINE + 4 * HOUR
_TICK = dt.timedelta(microseconds=1)
_STORM = Compare("storm", Op.EQ, value=True)
_FACTS = (FactSpec("storm", FactType.BOOL),)


def _climb(policy: EscalationLadder, seen: Watched, *moments: dt.datetime) -> list[tuple[str, int, str]]:
    came = []
    for at in moments:
        seen, reached = sweep(policy, seen, at)
        came += reached
    return came


def test_the_core_ladder_is_an_escalation_policy() -> None:
    """Core's own ladder offers what every policy offers."""
    policy = ladder(LATE)

    assert isinstance(policy, EscalationPolicy)
    assert (policy.id, policy.version) == ("reply", "1")


def test_rungs_fire_once_each_at_their_time() -> None:
    """Every rung fires when its time has come, and never again."""
    policy = ladder(LATE, HALF)

    came = _climb(policy, watched(policy), NINE, NINE + 2 * HOUR, _DUE, _DUE + _TICK, _DUE + HOUR)

    assert [("half", 0, "fired"), ("late", 0, "fired")] == came


def test_at_the_deadline_itself_it_is_not_late() -> None:
    """At the moment of the deadline nothing is late; the smallest moment after it, it is (estate:S-1)."""
    policy = ladder(LATE)

    assert [] == _climb(policy, watched(policy), _DUE)
    assert [("late", 0, "fired")] == _climb(policy, watched(policy), _DUE + _TICK)


def test_those_meant_are_told_each_once() -> None:
    """Whoever fits two specs is told once, in the words of the rung."""
    policy = ladder(rung("late", tell=(MANAGER, ByRole(role="owner"))))
    seen = watched(policy)
    seen = attrs.evolve(seen, standing=attrs.evolve(seen.standing, roles=FrozenMap({"owner": "S-2"})))

    (reached,) = policy.reached(seen, _DUE + HOUR).value

    assert (("S-1", "S-2"), "late") == (reached.told, reached.message and reached.message.say())


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (AtShare(share=Decimal("0.25")), NINE + HOUR),
        (AtShare(share=Decimal(1)), _DUE),
        (BeforeDue(lead=HOUR), _DUE - HOUR),
        (AfterDue(lag=HOUR, time="elapsed"), _DUE + HOUR + _TICK),
    ],
)
def test_a_rung_is_timed_by_share_or_by_distance(at: object, expected: dt.datetime) -> None:
    """A share of the budget, a lead before the deadline and a lag after it are the three times of a rung."""
    policy = ladder(rung("one", at))

    assert expected == policy.next_look(watched(policy), NINE)


def test_a_clock_without_deadline_escalates_nothing() -> None:
    """What is not configured cannot be late."""
    policy = ladder(LATE, HALF)
    seen = watched(policy, timeline=PlainTimeline(due=None))

    assert (None, []) == (policy.next_look(seen, NINE), _climb(policy, seen, NINE + 1000 * HOUR))


def test_a_rung_that_was_due_before_the_clock_stopped_still_fires() -> None:
    """A late sweeper changes nothing: what was due before the stop fires, what came after it does not."""
    policy = ladder(HALF, LATE)
    seen = watched(policy, timeline=PlainTimeline(stopped=NINE + 3 * HOUR))

    assert [("half", 0, "fired")] == _climb(policy, seen, _DUE + 9 * HOUR)


def test_a_condition_that_does_not_hold_passes_the_rung_by() -> None:
    """A rung whose condition does not hold is passed by, with that reason."""
    policy = ladder(rung("late", when=_STORM), facts=_FACTS)
    seen = watched(policy, facts={"storm": False})

    (reached,) = policy.reached(seen, _DUE + HOUR).value

    assert ("passed", "condition") == (reached.outcome.value, reached.code)
    assert "condition" in policy.reached(seen, _DUE + HOUR).why()


def test_a_condition_that_cannot_be_told_does_not_keep_silent() -> None:
    """Where nobody knows whether the condition holds, the rung fires."""
    policy = ladder(rung("late", when=_STORM), facts=_FACTS)

    assert [("late", 0, "fired")] == _climb(policy, watched(policy), _DUE + HOUR)


def test_a_record_only_rung_tells_nobody() -> None:
    """A rung for the record is recorded, quiet window or not, and nobody is told."""
    policy = ladder(HALF, rung("noted", tell=(), message=None, record_only=True))
    quiet = QuietWindow(id="Q", since=NINE, until=NINE + 99 * HOUR, reason="works")
    seen = watched(policy, quiet=(quiet,))

    assert [("half", 0, "held"), ("noted", 0, "recorded")] == _climb(policy, seen, _DUE + HOUR)


def test_a_duplicate_is_suppressed_by_name() -> None:
    """The ladder of a duplicate tells nobody, and says which case it is a duplicate of."""
    policy = ladder(LATE)

    (reached,) = policy.reached(watched(policy, duplicate_of="C-0"), _DUE + HOUR).value

    assert ("suppressed", "duplicate of case C-0") == (reached.outcome.value, reached.why and reached.why.say())


def test_a_larger_matter_inhibits_a_smaller_one() -> None:
    """While the inhibiting condition holds, rungs are put on record as inhibited."""
    policy = ladder(LATE, inhibited_when=_STORM, facts=_FACTS)

    assert [("late", 0, "suppressed")] == _climb(policy, watched(policy, facts={"storm": True}), _DUE + HOUR)
    assert [("late", 0, "fired")] == _climb(policy, watched(policy, facts={"storm": False}), _DUE + HOUR)


def test_a_quiet_window_holds_and_then_it_is_told() -> None:
    """What falls into a quiet window is held once on record with its reason, and told when the window ends."""
    policy = ladder(LATE)
    quiet = QuietWindow(id="Q", since=_DUE, until=_DUE + 2 * HOUR, reason="works")
    seen = watched(policy, quiet=(quiet,))

    came = _climb(policy, seen, _DUE + _TICK, _DUE + HOUR, _DUE + 2 * HOUR, _DUE + 3 * HOUR)

    assert [("late", 0, "held"), ("late", 0, "fired")] == came
    held, _ = sweep(policy, seen, _DUE + _TICK)
    assert (_DUE + _TICK, _DUE + 2 * HOUR) == (policy.next_look(seen, _DUE), policy.next_look(held, _DUE + HOUR))


def test_what_was_put_off_beyond_the_end_is_over() -> None:
    """A rung that was held until after the clock stopped never fires: what it would have said is over."""
    policy = ladder(LATE)
    quiet = QuietWindow(id="Q", since=_DUE, until=_DUE + 3 * HOUR, reason="works")
    seen = watched(policy, quiet=(quiet,), timeline=PlainTimeline(stopped=_DUE + 2 * HOUR))

    assert ([], None) == (_climb(policy, seen, _DUE + HOUR, _DUE + 9 * HOUR), policy.next_look(seen, _DUE))


def test_windows_without_end_put_a_rung_off_only_so_often() -> None:
    """After a hundred windows in a row a rung is held until the last that was seen, and looked at again then."""
    policy = ladder(LATE)
    windows = [
        QuietWindow(id=f"Q-{at}", since=_DUE + at * HOUR, until=_DUE + (at + 1) * HOUR, reason="works")
        for at in reversed(range(150))
    ]
    seen = watched(policy, quiet=tuple(windows))

    held, came = sweep(policy, seen, _DUE + HOUR)

    assert (("late", 0, "held"),) == came
    assert _DUE + 100 * HOUR == policy.next_look(held, _DUE + HOUR)


def test_a_rung_in_working_hours_fires_where_nobody_keeps_hours() -> None:
    """Where nothing is known of opening hours, a branch counts as open."""
    policy = ladder(rung("late", working_hours=True))

    assert [("late", 0, "fired")] == _climb(policy, watched(policy), _DUE + HOUR)


def test_what_comes_next_can_be_told_beforehand() -> None:
    """Of each rung it is told when it comes next, what holds it until when, and that it comes no more."""
    policy = ladder(HALF, LATE)
    quiet = QuietWindow(id="Q", since=_DUE, until=_DUE + HOUR, reason="works")
    seen, _ = sweep(policy, watched(policy, quiet=(quiet,)), NINE + 2 * HOUR)

    half, late = planned(policy, seen)

    assert Planned(rung="half", round=1, at=None) == half
    assert ("late", 0, _DUE + _TICK, _DUE + HOUR, "quiet") == (late.rung, late.round, late.at, late.free, late.held_by)
    assert late.why is not None
    assert "quiet: works" == late.why.en


def test_a_rung_waits_for_the_branch_to_open() -> None:
    """A rung in working hours that comes at night is told at opening, and one without any opening stays held."""
    policy = ladder(rung("late", working_hours=True))
    night = watched(policy, opens=lambda at: max(at, NINE + 24 * HOUR))
    closed = watched(policy, opens=lambda at: None)

    assert [("late", 0, "held"), ("late", 0, "fired")] == _climb(policy, night, _DUE + HOUR, NINE + 24 * HOUR)
    assert [("late", 0, "held")] == _climb(policy, closed, _DUE + HOUR, NINE + 999 * HOUR)
    held, _ = sweep(policy, closed, _DUE + HOUR)
    assert (_DUE + _TICK, None) == (policy.next_look(closed, NINE), policy.next_look(held, _DUE + HOUR))


class _Nights:
    """A roster with nobody on it before a moment."""

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        return ids[-1:] if at >= _DUE + 2 * HOUR else ()


def test_where_nobody_is_available_the_rung_is_passed_by_or_waits() -> None:
    """The journal says that nobody was available; a rung that waits tells the first who then is."""
    skips, waits = ladder(rung("late")), ladder(rung("late", if_nobody="wait"))
    moments = (_DUE + HOUR, _DUE + HOUR + dt.timedelta(minutes=5), _DUE + 2 * HOUR)

    assert [("late", 0, "passed")] == _climb(skips, watched(skips, roster=_Nights()), *moments)
    assert [("late", 0, "held"), ("late", 0, "fired")] == _climb(waits, watched(waits, roster=_Nights()), *moments)


def test_a_rung_that_waits_for_somebody_is_looked_at_again() -> None:
    """Nobody can tell when somebody will be there, so it looks again after a while."""
    policy = ladder(rung("late", if_nobody="wait"))
    seen, _ = sweep(policy, watched(policy, roster=_Nights()), _DUE + HOUR)

    assert _DUE + HOUR + dt.timedelta(minutes=5) == policy.next_look(seen, _DUE + HOUR)


def test_a_window_that_is_over_holds_nothing_any_more() -> None:
    """After a quiet window a rung that waits for somebody is looked at again after a while, never in the past."""
    policy = ladder(rung("late", if_nobody="wait"))
    quiet = QuietWindow(id="Q", since=_DUE, until=_DUE + HOUR, reason="works")
    nobody = watched(policy, standing=Standing(), quiet=(quiet,))
    at = _DUE + 2 * HOUR

    held, came = sweep(policy, nobody, at)

    assert [("late", 0, "held")] == list(came)
    assert at + policy.retry == policy.next_look(held, at)


def _acknowledged(seen: Watched, at: dt.datetime, until: dt.datetime | None) -> Watched:
    word = Acknowledgement("S-1", at=at, until=until)
    event = WatchAcknowledged(case="C-1", clock="reply", entry=1, acknowledgement=word)
    return attrs.evolve(seen, watch=evolve_watch(seen.watch, event))


def test_of_a_duplicate_every_rung_to_come_says_why_nothing_comes_of_it() -> None:
    """What was decided is not said again, and a rung whose time cannot be told is left out."""
    policy = ladder(HALF, LATE, repeat=Repeat(start="late", every=HOUR, times=1))
    seen, _ = sweep(policy, watched(policy), _DUE - HOUR)
    found = list(suppressed(policy, seen, _DUE - HOUR, "C-0"))

    assert [("late", 0, "duplicate", _DUE - HOUR)] == [(one.rung, one.round, one.code, one.due) for one in found]
    assert "与事项C-0重复" == found[0].why.say("zh")  # type: ignore[union-attr]


def test_a_clock_that_cannot_be_read_is_noted_beside_what_is_decided() -> None:
    """The watch holds why, and all that was decided stays decided."""
    seen, _ = sweep(ladder(HALF, LATE), watched(ladder(HALF, LATE)), NINE + 3 * HOUR)
    event = ClockUnreadable(case="C-1", clock="reply", entry=1, code="calendar_unknown", why=Text(en="next year"))

    assert attrs.evolve(seen.watch, unreadable="calendar_unknown") == evolve_watch(seen.watch, event)


def test_an_acknowledgement_that_stops_ends_the_ladder() -> None:
    """After it nothing fires but what was due before it, and rungs that act all the same."""
    policy = ladder(HALF, LATE, rung("board", AfterDue(lag=HOUR), despite_acknowledgement=True))
    seen = _acknowledged(watched(policy), NINE + 3 * HOUR, None)

    assert [("half", 0, "fired"), ("board", 0, "fired")] == _climb(policy, seen, _DUE + 9 * HOUR)


def test_an_acknowledgement_that_holds_puts_rungs_off() -> None:
    """While somebody looks after it, rungs are held; when the word runs out, they fire."""
    policy = ladder(LATE)
    seen = _acknowledged(watched(policy), _DUE, _DUE + 2 * HOUR)

    came = _climb(policy, seen, _DUE + HOUR, _DUE + 2 * HOUR)

    assert [("late", 0, "held"), ("late", 0, "fired")] == came


def test_rounds_come_again_and_end() -> None:
    """A repeated rung fires in each further round, and not in more than there are."""
    policy = ladder(HALF, LATE, repeat=Repeat(start="late", every=2 * HOUR, times=2))

    came = _climb(policy, watched(policy), *(NINE + n * HOUR + _TICK for n in range(20)))

    assert [("half", 0, "fired"), ("late", 0, "fired"), ("late", 1, "fired"), ("late", 2, "fired")] == came


def test_rounds_that_were_slept_through_are_told_once() -> None:
    """After a long silence only the latest round tells anybody; the others are on record as overtaken."""
    policy = ladder(LATE, repeat=Repeat(start="late", every=HOUR))

    came = _climb(policy, watched(policy), _DUE + 3 * HOUR + _TICK)

    assert [("late", 0, "passed"), ("late", 1, "passed"), ("late", 2, "passed"), ("late", 3, "fired")] == came


def test_a_deadline_that_moves_leaves_what_has_fired() -> None:
    """Rungs that fired stay fired when the deadline moves; the others move with it, earlier too."""
    policy = ladder(HALF, LATE)
    seen, _ = sweep(policy, watched(policy), NINE + 2 * HOUR)
    later = attrs.evolve(seen, timeline=PlainTimeline(due=NINE + 8 * HOUR))
    sooner = attrs.evolve(seen, timeline=PlainTimeline(due=NINE + 2 * HOUR))

    assert NINE + 8 * HOUR + _TICK == policy.next_look(later, NINE + 2 * HOUR)
    assert [("late", 0, "fired")] == _climb(policy, sooner, NINE + 3 * HOUR)


def test_what_a_rung_does_stands_in_what_it_says() -> None:
    """Reassignment names the first who is available; other actions are handed on."""
    do = (Reassign(role="owner", to=MANAGER), RaisePriority(to="high"))
    policy = ladder(rung("late", do=do))

    (reached,) = policy.reached(watched(policy), _DUE + HOUR).value

    assert ({"owner": "S-1"}, do) == (dict(reached.assign), reached.do)


def test_a_reassignment_to_nobody_assigns_nobody() -> None:
    """Where nobody meant is available, the role stays with whoever has it."""
    do = (Reassign(role="owner", to=ByRole(role="nobody")),)
    policy = ladder(rung("late", tell=(), message=None, do=do))

    (reached,) = policy.reached(watched(policy), _DUE + HOUR).value

    assert ("fired", {}) == (reached.outcome.value, dict(reached.assign))


def test_a_second_entry_has_a_ladder_of_its_own() -> None:
    """A watch of a later entry starts at the lowest rung."""
    policy = ladder(LATE)
    again = Watch("reply", ladder="reply", version="1", entry=2)

    assert [("late", 0, "fired")] == _climb(policy, watched(policy, watch=again), _DUE + HOUR)
