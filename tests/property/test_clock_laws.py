"""Laws of clocks: whatever is told of them, in whatever order, what they show fits together."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Literal

import attrs
from hypothesis import assume, given
from hypothesis import strategies as st

from branchkit.errors import Refused
from branchkit.temporal import (
    ALL_CLOCKS,
    After,
    Clock,
    ClockSpec,
    ClockState,
    Counting,
    Deadline,
    Due,
    Named,
    NotConfigured,
    Suspension,
    TimeFrame,
    Within,
    pause_clock,
    read_clock,
    reopen_clock,
    resume_clock,
    retarget_clock,
    start_clock,
    stop_clock,
)
from branchkit.values import Text
from tests.property.time_frames import MINUTE, NONE, budgets, countings, frames, minutes

Kind = Literal["pause", "resume", "stop", "raise", "lower"]
times = budgets.filter(bool).map(lambda time: After(time=time))
deadlines = st.one_of(
    times,
    st.integers(1, 4).map(lambda days: After(working_days=days)),
    st.sampled_from((Named(moment="noon"), Within(period="day"), NotConfigured())),
)


@attrs.frozen
class Told:
    """Something told of a clock."""

    kind: Kind
    at: dt.datetime
    deadline: Deadline


def _tell(clock: Clock, told: Told) -> Clock:
    """Return the clock after something was told, or as it was where that is refused."""
    try:
        if told.kind == "pause":
            return pause_clock(clock, told.at, reason="customer")
        if told.kind == "resume":
            return resume_clock(clock, told.at)
        if told.kind == "stop":
            return stop_clock(clock, told.at)
        return retarget_clock(clock, told.deadline, told.at, raised=told.kind == "raise")
    except Refused:
        return clock


@attrs.frozen
class Story:
    """A frame, a clock's start, what is told of it in the order of telling, and suspensions of its place."""

    frame: TimeFrame
    midnight: dt.datetime
    start: Clock
    told: tuple[Told, ...]
    suspensions: tuple[Suspension, ...]

    @property
    def clock(self) -> Clock:
        """The clock in the end."""
        clock = self.start
        for one in self.told:
            clock = _tell(clock, one)
        return clock


@st.composite
def stories(
    draw: st.DrawFn,
    *,
    kinds: tuple[Kind, ...] = ("pause", "resume", "stop", "raise", "lower"),
    promises: st.SearchStrategy[Deadline] = deadlines,
) -> Story:
    """Draw a story; some of it is told late."""
    frame, midnight = draw(frames())
    moments = minutes.map(lambda minute: midnight + minute * MINUTE)
    spec = ClockSpec(
        "reply",
        title=Text(zh="答复", en="Reply"),
        deadline=draw(promises),
        counting=draw(countings),
        pauses_on=("customer",),
        statutory=draw(st.booleans()),
    )
    told = draw(st.lists(st.builds(Told, st.sampled_from(kinds), moments, deadlines), max_size=6))
    cuts = draw(st.lists(st.tuples(moments, st.none() | st.integers(1, 900), st.sampled_from(WHOM)), max_size=3))
    suspensions = [
        Suspension(
            id=f"SUS-{number}",
            branch="B-0417",
            since=since,
            until=None if length is None else since + length * MINUTE,
            reason="power_cut",
            pauses=frozenset(whom),
        )
        for number, (since, length, whom) in enumerate(cuts)
    ]
    return Story(frame, midnight, start_clock(spec, draw(moments)), tuple(told), tuple(suspensions))


OPEN: tuple[Kind, ...] = ("pause", "resume", "raise", "lower")
WHOM = ((), ("reply",), ("repair",), (ALL_CLOCKS,))


@given(stories(), minutes)
def test_what_was_used_up_and_what_was_paused_is_all_that_passed(story: Story, minute: int) -> None:
    """Time used up and time paused are together the time that passed, in the time that the clock counts."""
    clock, at = story.clock, story.midnight + minute * MINUTE
    reading = read_clock(clock, at, story.frame, suspensions=story.suspensions)
    ends = (at, clock.stopped) if clock.stopped is not None else (at,)
    end = max(clock.started, min(ends))

    assert reading.elapsed + reading.paused_for == story.frame.between(clock.counting, clock.started, end)
    assert NONE <= reading.elapsed
    assert NONE <= reading.paused_for


@given(stories(kinds=("pause", "resume")), minutes)
def test_a_clock_counts_while_it_runs(story: Story, minute: int) -> None:
    """What has been used up is the sum of the stretches between one thing told and the next in which the clock ran."""
    clock, ran = story.start, NONE
    stretches: list[tuple[dt.datetime, dt.datetime, bool]] = []
    for one in story.told:
        after = _tell(clock, one)
        stretches.append((clock.latest, after.latest, clock.state is ClockState.RUNNING))
        clock = after
    at = clock.latest + abs(minute) * MINUTE
    stretches.append((clock.latest, at, clock.state is ClockState.RUNNING))
    for start, end, runs in stretches:
        ran += story.frame.between(clock.counting, start, end) if runs else NONE

    assert ran == read_clock(clock, at, story.frame).elapsed


@given(stories(), minutes, st.permutations(range(3)))
def test_the_order_of_suspensions_changes_nothing(story: Story, minute: int, order: list[int]) -> None:
    """Suspensions in another order, and told twice, give the same reading: what counts is their union."""
    at = story.midnight + minute * MINUTE
    mixed = [story.suspensions[n] for n in order if n < len(story.suspensions)]

    assert read_clock(story.clock, at, story.frame, suspensions=story.suspensions) == read_clock(
        story.clock, at, story.frame, suspensions=[*mixed, *story.suspensions]
    )


@given(stories(), st.tuples(minutes, minutes))
def test_time_only_passes(story: Story, asked: tuple[int, int]) -> None:
    """Looked at later, no less has been used up; what was late is late still."""
    early, late = (
        read_clock(story.clock, story.midnight + minute * MINUTE, story.frame, suspensions=story.suspensions)
        for minute in sorted(asked)
    )

    assert early.elapsed <= late.elapsed
    assert late.is_breached or not early.is_breached
    assert (early.late or NONE) <= (late.late or NONE)


@given(stories(kinds=("pause", "resume", "stop"), promises=times), minutes)
def test_what_is_left_and_what_was_used_up_is_the_budget(story: Story, minute: int) -> None:
    """Of a time after the start, what has been used up and what is left is the whole, or it is late by the excess."""
    clock, at = story.clock, story.midnight + minute * MINUTE
    reading = read_clock(clock, at, story.frame, suspensions=story.suspensions)
    assert isinstance(clock.deadline, After)
    assert clock.deadline.time is not None
    assert reading.remaining is not None

    assert clock.deadline.time == reading.elapsed + reading.remaining - (reading.late or NONE)
    assert NONE == reading.remaining or reading.late is None


@given(stories(kinds=OPEN), minutes, st.integers(0, 2000))
def test_a_pause_never_brings_a_deadline_forward(story: Story, minute: int, length: int) -> None:
    """Paused for a while and resumed, a clock is due no earlier than without."""
    clock, at = _tell(story.clock, Told("resume", story.midnight, NotConfigured())), story.midnight + minute * MINUTE
    paused = pause_clock(clock, at, reason="customer")
    resumed = resume_clock(paused, at + length * MINUTE)
    moment = resumed.latest
    before, meanwhile, after = (_due(one, moment, story) for one in (clock, paused, resumed))

    assert before is None or (meanwhile is not None and after is not None and before <= meanwhile == after)


@given(stories(kinds=OPEN), deadlines, minutes, minutes)
def test_raising_never_moves_a_deadline_later(story: Story, deadline: Deadline, minute: int, looked: int) -> None:
    """Raised, a clock is due no later than before, whenever it is looked at, and has used up what it had."""
    clock, at, moment = story.clock, story.midnight + minute * MINUTE, story.midnight + looked * MINUTE
    raised = retarget_clock(clock, deadline, at, raised=True)
    before, after = _due(clock, moment, story), _due(raised, moment, story)

    assert before is None or (after is not None and after <= before)
    assert _used(clock, moment, story) == _used(raised, moment, story)


@given(stories(kinds=OPEN), countings, deadlines, minutes, minutes)
def test_raising_into_other_time_never_moves_a_deadline_later(
    story: Story, counting: Counting, deadline: Deadline, minute: int, looked: int
) -> None:
    """Raised to a deadline that counts other time, a clock is due no later, and keeps what it had used up."""
    clock, moment = story.clock, story.midnight + looked * MINUTE
    at = max(clock.latest, story.midnight + minute * MINUTE)
    used = _used(clock, at, story)
    raised = retarget_clock(clock, deadline, at, raised=True, counting=counting, elapsed=used)
    before, after = _due(clock, moment, story), _due(raised, moment, story)

    assert before is None or (after is not None and after <= before)
    assert used == _used(raised, at, story)


@given(stories(kinds=OPEN), deadlines, minutes, minutes)
def test_lowering_keeps_what_was_used_up(story: Story, deadline: Deadline, minute: int, looked: int) -> None:
    """Lowered, a clock has used up what it had and is due as if its new deadline had been there from the start."""
    clock, at, moment = story.clock, story.midnight + minute * MINUTE, story.midnight + looked * MINUTE
    lowered = retarget_clock(clock, deadline, at, raised=False)
    fresh = attrs.evolve(clock, bound=attrs.evolve(clock.bound, deadline=deadline), caps=())

    assert _used(clock, moment, story) == _used(lowered, moment, story)
    assert _due(fresh, moment, story) == _due(lowered, moment, story)


@given(stories(), st.sampled_from(("pause", "resume", "stop")), minutes, st.integers(0, 99))
def test_what_is_told_late_changes_nothing_decided(story: Story, kind: Kind, earlier: int, looked: int) -> None:
    """A command of before the last one leaves all that the clock showed before that last one as it was."""
    clock = story.clock
    at, moment = clock.latest - abs(earlier) * MINUTE, clock.started + (clock.latest - clock.started) * looked // 100
    assume(moment < clock.latest)
    after = _tell(clock, Told(kind, at, NotConfigured()))
    one, other = (read_clock(c, moment, story.frame, suspensions=story.suspensions) for c in (clock, after))

    assert (one.state, one.elapsed, one.paused_for, one.late) == (
        other.state,
        other.elapsed,
        other.paused_for,
        other.late,
    )
    assert after.latest == clock.latest


@given(stories())
def test_a_clock_s_story_is_in_order(story: Story) -> None:
    """Whatever is told when, pauses come in order without overlap, only the last lasts, nothing follows the end."""
    clock = story.clock
    bounds = [moment for one in clock.pauses for moment in (one.since, one.until or clock.latest)]
    lasting = [one for one in clock.pauses if one.until is None]

    assert sorted(bounds) == bounds
    assert lasting == (list(clock.pauses[-1:]) if clock.state is ClockState.PAUSED else [])
    assert all(a <= b for a, b in itertools.pairwise((clock.started, *bounds, clock.stopped or clock.latest)))
    assert clock.state.is_over is (clock.stopped is not None)


def _due(clock: Clock, at: dt.datetime, story: Story) -> dt.datetime | None:
    found = read_clock(clock, at, story.frame, suspensions=story.suspensions).due
    return found.at if isinstance(found, Due) else None


def _used(clock: Clock, at: dt.datetime, story: Story) -> dt.timedelta:
    return read_clock(clock, at, story.frame, suspensions=story.suspensions).elapsed


@given(stories(kinds=OPEN), minutes, st.integers(0, 2000))
def test_a_clock_that_runs_again_keeps_what_it_had_used_up(story: Story, minute: int, gap: int) -> None:
    """Stopped and opened again, it has used up as much as when it stopped, and is due no earlier than it was."""
    stopped = stop_clock(story.clock, story.midnight + minute * MINUTE)
    assert stopped.stopped is not None
    at = stopped.stopped + gap * MINUTE
    again = reopen_clock(stopped, at, reason="closed")
    before, after = (read_clock(one, at, story.frame, suspensions=story.suspensions) for one in (stopped, again))

    assert before.elapsed == after.elapsed
    if isinstance(before.due, Due):
        assert isinstance(after.due, Due)
        assert before.due.at <= after.due.at
