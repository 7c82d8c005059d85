"""Laws of counting time, held against a model that walks from half hour to half hour."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.temporal import WEEKDAYS, Calendar, Counting, Hours, Span, TimeFrame
from branchkit.values import Text
from tests.property.time_frames import DAY, MINUTE, NONE, budgets, countings, frames, minutes


@st.composite
def situations(draw: st.DrawFn) -> tuple[TimeFrame, Counting, dt.datetime, list[Span]]:
    """Draw a frame, what counts, a start near the jump, and pauses that may overlap, be empty or lie before it."""
    frame, midnight = draw(frames())
    pauses = [
        (midnight + start * MINUTE, midnight + (start + length) * MINUTE)
        for start, length in draw(st.lists(st.tuples(minutes, st.integers(0, 1000)), max_size=3))
    ]
    return frame, draw(countings), midnight + draw(minutes) * MINUTE, pauses


def _counts(frame: TimeFrame, counting: Counting, at: dt.datetime, pauses: list[Span]) -> bool:
    """Say whether the half hour that begins now counts, by looking at the clock and at the day."""
    if any(start <= at < end for start, end in pauses):
        return False
    if counting is Counting.BUSINESS:
        assert frame.hours is not None
        if not frame.working_only:
            return frame.hours.is_open(at, frame.zone, frame.calendar)
        near = (at.astimezone(frame.zone).date() - n * DAY for n in range(3))
        spans = (span for day in near if frame.days_off().is_working(day) for span in frame.opening(day))
        return any(start <= at < end for start, end in spans)
    return counting is Counting.ELAPSED or frame.days_off().is_working(at.astimezone(frame.zone).date())


@given(situations(), st.integers(0, 90))
def test_counting_is_what_walking_finds(
    situation: tuple[TimeFrame, Counting, dt.datetime, list[Span]], steps: int
) -> None:
    """Time between two moments is the sum of the half hours in it that count."""
    frame, counting, start, pauses = situation
    stride = 30 * MINUTE
    start = start.replace(minute=0)
    pauses = [(a.replace(minute=0), b.replace(minute=30)) for a, b in pauses]
    walked = sum((stride for n in range(steps) if _counts(frame, counting, start + n * stride, pauses)), NONE)

    assert walked == frame.between(counting, start, start + steps * stride, pauses)


@given(situations(), budgets)
def test_adding_and_measuring_are_inverse(
    situation: tuple[TimeFrame, Counting, dt.datetime, list[Span]], budget: dt.timedelta
) -> None:
    """Up to where a budget ends exactly that budget counts, and up to no earlier moment."""
    frame, counting, start, pauses = situation
    due = frame.add(counting, start, budget, pauses)

    assert budget == frame.between(counting, start, due, pauses)
    if budget:
        assert budget > frame.between(counting, start, due - dt.timedelta(microseconds=1), pauses)
    else:
        assert start == due


@given(situations(), budgets, budgets, st.integers(0, 3000))
def test_adding_is_monotone_and_adds_up(
    situation: tuple[TimeFrame, Counting, dt.datetime, list[Span]],
    first: dt.timedelta,
    second: dt.timedelta,
    later: int,
) -> None:
    """A longer budget or a later start never ends earlier, and two budgets in a row are their sum."""
    frame, counting, start, pauses = situation
    middle = frame.add(counting, start, first, pauses)
    whole = frame.add(counting, start, first + second, pauses)

    assert middle <= whole
    assert middle <= frame.add(counting, start + later * MINUTE, first, pauses)
    # Between a budget that ends when a pause begins, and the pause's end, no time counts: either is a start as good.
    assert whole == frame.add(counting, middle, second, pauses) if second else middle == whole


@given(situations(), st.tuples(st.integers(0, 3000), st.integers(0, 3000)))
def test_measured_time_adds_up(
    situation: tuple[TimeFrame, Counting, dt.datetime, list[Span]], cuts: tuple[int, int]
) -> None:
    """Time up to a third moment is that to the one between and from there on, and never more than elapses."""
    frame, counting, start, pauses = situation
    middle, end = (start + cut * MINUTE for cut in sorted(cuts))
    whole = frame.between(counting, start, end, pauses)

    assert whole == frame.between(counting, start, middle, pauses) + frame.between(counting, middle, end, pauses)
    assert NONE <= whole <= end - start


@given(situations(), budgets, st.tuples(minutes, st.integers(0, 1000)))
def test_a_pause_never_brings_a_deadline_forward(
    situation: tuple[TimeFrame, Counting, dt.datetime, list[Span]],
    budget: dt.timedelta,
    more: tuple[int, int],
) -> None:
    """One more pause never makes a budget end earlier, nor later than by as much as it lasts of time that counts."""
    frame, counting, start, pauses = situation
    since = start + more[0] * MINUTE
    another = (since, since + more[1] * MINUTE)
    before, after = (frame.add(counting, start, budget, chosen) for chosen in (pauses, [*pauses, another]))

    assert before <= after
    assert frame.between(counting, start, after, pauses) - budget <= another[1] - another[0]
    assert after == frame.add(counting, start, budget, [another, *reversed(pauses)])


@given(situations(), st.lists(st.tuples(st.integers(-400, 400), budgets), min_size=2, max_size=4))
def test_what_was_asked_before_changes_no_answer(
    situation: tuple[TimeFrame, Counting, dt.datetime, list[Span]], asked: list[tuple[int, dt.timedelta]]
) -> None:
    """A frame that has answered before, for days near and far, answers as a fresh one does."""
    frame, counting, start, pauses = situation
    fresh = [
        attrs.evolve(frame, hours=_fresh(frame.hours)).add(counting, start + days * DAY, budget, pauses)
        for days, budget in asked
    ]

    assert fresh == [frame.add(counting, start + days * DAY, budget, pauses) for days, budget in asked]


def _fresh(hours: Hours | None) -> Hours:
    assert hours is not None
    return Hours(week=hours.week, exceptions=hours.exceptions)


@given(st.sets(st.sampled_from(WEEKDAYS), min_size=1), minutes, budgets)
def test_weekly_hours_and_working_days_agree(days: set[str], start: int, budget: dt.timedelta) -> None:
    """Hours from midnight to midnight on the working weekdays count what the working days count."""
    week = tuple(day for day in WEEKDAYS if day in days)
    zone, since = ZoneInfo("Europe/London"), dt.datetime(2026, 3, 29, tzinfo=dt.UTC) + start * MINUTE
    calendar = Calendar(
        "week", version="1", title=Text(en="Week"), weekly=week,
        confirmed_from=dt.date(2026, 1, 1), confirmed_through=dt.date(2026, 12, 31),
    )  # fmt: skip
    frame = TimeFrame(zone=zone, calendar=calendar, hours=Hours.from_week({" ".join(week): "00:00-24:00"}))

    assert frame.add(Counting.BUSINESS, since, budget) == frame.add(Counting.WORKING_DAYS, since, budget)
