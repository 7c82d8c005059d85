"""Laws of deadlines: their order, their rolls, their pauses, and working days counted one by one."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from branchkit.temporal import After, Before, Counting, Deadline, Due, Named, Roll, Span, TimeFrame, Within, due
from tests.property.time_frames import DAY, MINUTE, NONE, budgets, countings, frames, minutes

rolls = st.sampled_from(Roll)


@st.composite
def afters(draw: st.DrawFn) -> After:
    """Draw a time or working days, with every kind of end."""
    if draw(st.booleans()):
        ends = ("close_of_business", "end_of_day", "same_time", None)
        return After(working_days=draw(st.integers(1, 9)), end=draw(st.sampled_from(ends)))
    time = draw(budgets.filter(bool))
    if end := draw(st.sampled_from(("close_of_business", "end_of_day", None))):
        return After(time=time, end=end, roll=draw(rolls))
    return After(time=time)


named = st.builds(
    Named,
    moment=st.sampled_from(("opening", "noon", "close_of_business", "end_of_day", "02:30")),
    days=st.none() | st.integers(0, 9),
    roll=rolls,
)
withins = st.builds(
    Within, period=st.sampled_from(("day", "week", "month", "quarter", "half_year", "year")), roll=rolls
)
befores = st.builds(Before, lead=budgets.filter(bool), anchor=st.just("work"), roll=rolls)
from_a_start = st.one_of(afters(), named, withins)


@st.composite
def spans(draw: st.DrawFn, midnight: dt.datetime) -> list[Span]:
    """Draw pauses of some minutes to some days around a midnight."""
    lengths = st.one_of(st.integers(0, 600), st.integers(0, 9000))
    starts = draw(st.lists(st.tuples(minutes, lengths), max_size=3))
    return [(midnight + a * MINUTE, midnight + (a + length) * MINUTE) for a, length in starts]


@st.composite
def situations(draw: st.DrawFn) -> tuple[TimeFrame, dt.datetime, Counting, list[Span]]:
    """Draw a frame, a start near the jump of its clock, what counts, and pauses."""
    frame, midnight = draw(frames())
    return frame, midnight + draw(minutes) * MINUTE, draw(countings), draw(spans(midnight))


def _due(deadline: Deadline, start: dt.datetime, counting: Counting, frame: TimeFrame, pauses: list[Span]) -> Due:
    found = due(deadline, start, counting, frame, pauses=pauses, anchors={"work": start + 3000 * MINUTE})
    assert isinstance(found, Due)
    return found


def _nights(frame: TimeFrame) -> bool:
    assert frame.hours is not None
    return any(interval.past_midnight for rule in frame.hours.week for interval in rule.intervals)


def _shown_twice(frame: TimeFrame, at: dt.datetime) -> bool:
    return at.astimezone(frame.zone).fold == 1


@given(situations(), from_a_start, st.integers(0, 5000))
def test_a_later_start_is_never_due_earlier(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]], deadline: Deadline, later: int
) -> None:
    """What starts later is due later or at the same time.

    But for "same time" in an hour that the clock shows twice, and for closings where one day's hours end after those
    of the next.
    """
    frame, start, counting, pauses = situation
    other = start + later * MINUTE
    if isinstance(deadline, After) and deadline.end == "same_time" and _shown_twice(frame, other):
        return
    if "close_of_business" in {getattr(deadline, "end", None), getattr(deadline, "moment", None)} and _nights(frame):
        return
    first, second = (_due(deadline, moment, counting, frame, pauses) for moment in (start, other))

    assert first.at <= second.at


@given(situations(), from_a_start)
def test_no_deadline_lies_before_its_start(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]], deadline: Deadline
) -> None:
    """Nothing is due before it starts, whatever way it rolls, but for a moment of the very day that has passed."""
    frame, start, counting, pauses = situation
    if isinstance(deadline, Named) and deadline.days == 0:
        return

    assert start <= _due(deadline, start, counting, frame, pauses).at


@given(situations(), budgets.filter(bool), budgets, st.sampled_from(("close_of_business", "end_of_day", None)), rolls)
def test_a_longer_time_is_never_due_earlier(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]],
    time: dt.timedelta,
    more: dt.timedelta,
    end: str | None,
    roll: Roll,
) -> None:
    """More time never ends earlier, nor does it when it ends with its day or rolls."""
    frame, start, counting, pauses = situation
    if end == "close_of_business" and _nights(frame):
        return
    chosen = Roll.NONE if end is None or roll is Roll.MODIFIED else roll
    short, long = (After(time=one, end=end, roll=chosen) for one in (time, time + more))  # type: ignore[arg-type]

    assert _due(short, start, counting, frame, pauses).at <= _due(long, start, counting, frame, pauses).at


@given(situations(), st.one_of(afters(), named, withins, befores), minutes, st.integers(0, 9000))
def test_a_pause_never_brings_a_deadline_forward(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]], deadline: Deadline, since: int, length: int
) -> None:
    """One more pause moves an `After` later or not at all, and no other form."""
    frame, start, counting, pauses = situation
    another = (start + since * MINUTE, start + (since + length) * MINUTE)
    before = _due(deadline, start, counting, frame, pauses)
    after = _due(deadline, start, counting, frame, [*pauses, another])

    if not isinstance(deadline, After):
        assert before == after
    elif deadline.roll is not Roll.MODIFIED and not (deadline.end == "close_of_business" and _nights(frame)):
        assert before.at <= after.at


@given(situations(), st.integers(1, 9))
def test_working_days_are_counted_one_by_one(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]], count: int
) -> None:
    """The n-th working day is found by walking: days off and days paused as a whole are passed over."""
    frame, start, counting, pauses = situation
    found = _due(After(working_days=count, end="end_of_day"), start, counting, frame, pauses)
    day, left = frame.today(start), count
    while left:
        day += DAY
        left -= frame.days_off().is_working(day) and not _whole_paused(day, frame, pauses)

    assert day == frame.today(found.at - dt.timedelta(microseconds=1))


def _whole_paused(day: dt.date, frame: TimeFrame, pauses: list[Span]) -> bool:
    """Say whether every half hour by the clock of a day lies in a pause, and the day has any."""
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
    around = (noon + n * 30 * MINUTE for n in range(-60, 60))
    shown = [at for at in around if at.astimezone(frame.zone).date() == day]
    ends = [at + 30 * MINUTE - MINUTE / 60 for at in shown]
    return all(
        any(a <= at < b for a, b in pauses)
        for at in (*shown, *ends, *(at + n * MINUTE for at in shown for n in range(30)))
    )


@given(situations(), from_a_start)
def test_what_moved_a_deadline_is_named(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]], deadline: Deadline
) -> None:
    """A deadline was moved if and only if days are named; the first is where it was, and each is off or closed."""
    frame, start, counting, pauses = situation
    found = _due(deadline, start, counting, frame, pauses)
    calendar = frame.days_off()

    assert found.rolled_from == (found.moved_by[0] if found.moved_by else None)
    assert len(set(found.moved_by)) == len(found.moved_by)
    assert all(not calendar.is_working(day) or not frame.opening(day) for day in found.moved_by)


@given(situations(), budgets)
def test_what_was_used_up_is_taken_off(
    situation: tuple[TimeFrame, dt.datetime, Counting, list[Span]], used: dt.timedelta
) -> None:
    """A time of which a part was used up ends where the rest of it ends, or at the start if nothing is left."""
    frame, start, counting, pauses = situation
    time = 2000 * MINUTE
    found = due(After(time=time), start, counting, frame, pauses=pauses, used=used)

    assert Due(frame.add(counting, start, max(NONE, time - used), pauses)) == found
