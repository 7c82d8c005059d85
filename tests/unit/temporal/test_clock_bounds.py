"""Where deadlines, suspensions and clocks have their bounds: to the second, and at the very moment of a pause."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.errors import CalendarUnknown
from branchkit.temporal import (
    After,
    Before,
    Bound,
    Calendar,
    Clock,
    ClockState,
    ClockTimeline,
    Counting,
    Deadline,
    Due,
    Hours,
    Named,
    NotConfigured,
    Roll,
    Suspension,
    TimeFrame,
    Within,
    due,
    hours_under,
    pause_clock,
    read_clock,
    reproject,
    resume_clock,
    retarget_clock,
    stop_clock,
)
from branchkit.values import Text, Unknown

SHANGHAI, LONDON, UTC = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London"), ZoneInfo("UTC")
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(en="Demo"),
    confirmed_from=dt.date(2026, 3, 1),
    confirmed_through=dt.date(2026, 3, 31),
)
FRAME = TimeFrame(zone=SHANGHAI, hours=Hours.from_week({"workday": "09:00-17:00"}), calendar=CALENDAR)
HOUR, DAY, SECOND = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(seconds=1)


def _at(day: int, clock: str = "12:00", zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time.fromisoformat(clock), tzinfo=zone)


def _clock(deadline: Deadline, counting: Counting = Counting.BUSINESS, since: dt.datetime | None = None) -> Clock:
    start = since or _at(2, "09:00")
    bound = Bound(deadline=deadline, counting=counting, since=start)
    return Clock("reply", bound=bound, started=start, latest=start, pauses_on=("part",))


def _line(clock: Clock, at: dt.datetime) -> ClockTimeline:
    return ClockTimeline(clock=clock, at=at, frame=FRAME)


def _suspension(since: dt.datetime, until: dt.datetime | None = None) -> Suspension:
    return Suspension(id="SUS-1", branch="B-0417", since=since, until=until, reason="maintenance")


# -- deadlines


def test_a_clock_time_is_to_the_second() -> None:
    """A deadline at 16:45 is at 16:45:00."""
    assert Due(_at(2, "16:45")) == due(Named(moment="16:45"), _at(2), Counting.ELAPSED, FRAME)


def test_working_days_before_a_day_off_begin_at_midnight() -> None:
    """Two working days before a Sunday are to begin at the first moment of Thursday."""
    found = due(Before(working_days=2, anchor="work"), _at(2), Counting.ELAPSED, FRAME, anchors={"work": _at(8)})

    assert Due(_at(5, "00:00")) == found


@pytest.mark.parametrize(
    ("pauses", "day"),
    [
        # From Monday on, Tuesday is the first of two working days.
        ([], 11),
        # A day is paused only from midnight to midnight.
        ([(_at(10, "00:00"), _at(11, "00:00"))], 12),
        ([(_at(10, "00:00:01"), _at(11, "00:00"))], 11),
        ([(_at(10, "12:00"), _at(12, "00:00"))], 12),
        # The day of the start counts neither way; what comes later does.
        ([(_at(9, "00:00"), _at(10, "00:00")), (_at(11, "00:00"), _at(12, "00:00"))], 12),
    ],
)
def test_only_whole_days_are_paused_days(pauses: list[tuple[dt.datetime, dt.datetime]], day: int) -> None:
    """A deadline in working days moves by the days that a pause covers wholly, and by no other."""
    found = due(After(working_days=2), _at(9), Counting.ELAPSED, FRAME, pauses=pauses)

    assert Due(_at(day, "00:00") + DAY) == found


def test_a_roll_may_lead_to_the_very_start() -> None:
    """Rolled back from Saturday the deadline is the end of Friday, which is when it starts: it is not before it."""
    found = due(Within(period="day", roll=Roll.PREVIOUS), _at(7, "00:00"), Counting.ELAPSED, FRAME)

    assert Due(_at(7, "00:00"), moved_by=(dt.date(2026, 3, 7),), rolled_from=dt.date(2026, 3, 7)) == found


def test_pauses_after_the_deadline_need_no_calendar() -> None:
    """What lies behind the deadline is not looked at, though the calendar would not know of it."""
    later = [(_at(3), _at(4)), (_at(31) + 9 * DAY, _at(31) + 10 * DAY)]

    assert _at(2, "10:00") == FRAME.add(Counting.BUSINESS, _at(2, "09:00"), HOUR, later)
    with pytest.raises(CalendarUnknown):
        FRAME.add(Counting.BUSINESS, _at(2, "09:00"), 999 * HOUR, later)


def test_elapsed_time_may_end_with_the_last_second_of_the_era() -> None:
    """The last second of 9989 is the last deadline."""
    last = dt.datetime(9989, 12, 31, 23, 59, 59, tzinfo=dt.UTC)

    assert last == TimeFrame(zone=UTC).add(Counting.ELAPSED, _at(2), last - _at(2))


# -- suspensions


def test_a_suspension_has_no_span_at_the_moment_it_begins() -> None:
    """One that lasts covers nothing as long as no time has passed in it."""
    one = _suspension(_at(2))

    assert one.span(_at(2)) is None
    assert (_at(2), _at(2) + SECOND) == one.span(_at(2) + SECOND)


@pytest.mark.parametrize(
    ("since", "until", "left"),
    [
        (_at(2, "22:00"), _at(3, "02:00"), "00:00:00-22:00:00 02:00:00-00:00:00"),
        (_at(2, "22:00"), _at(3, "02:00:00.000001"), "00:00:00-22:00:00 02:00:01-00:00:00"),
        (_at(2, "22:00:00.9"), _at(2, "22:00:00.900001"), "00:00:00-22:00:00 22:00:01-00:00:00 00:00:00-00:00:00"),
    ],
)
def test_round_the_clock_a_suspension_is_cut_out_to_the_second(
    since: dt.datetime, until: dt.datetime, left: str
) -> None:
    """Seconds are widened to whole ones, and of the day that a suspension ends on its first second is cut out too."""
    hours = hours_under(Hours.from_week({"mon tue": "00:00-24:00"}), [_suspension(since, until)], SHANGHAI)
    spans = [*hours.of_day(_at(2).date(), SHANGHAI), *hours.of_day(_at(3).date(), SHANGHAI)]

    assert left == " ".join(f"{a:%H:%M:%S}-{b:%H:%M:%S}" for a, b in spans)


def test_from_half_past_one_to_half_past_one_closes_a_second_by_the_clock() -> None:
    """Where the clock shows the end as it showed the beginning, one second by the clock is closed both times."""
    since = dt.datetime(2026, 10, 25, 0, 30, tzinfo=dt.UTC)
    hours = hours_under(Hours.from_week({"sun": "00:00-03:00"}), [_suspension(since, since + HOUR)], LONDON)

    assert since + HOUR + SECOND == hours.next_open(since, LONDON)


# -- reading


def test_a_clock_is_stopped_at_the_moment_it_was_stopped() -> None:
    """At the very moment of the stop it does not run any more."""
    clock = stop_clock(_clock(After(time=4 * HOUR)), _at(2, "10:00"))
    states = [read_clock(clock, _at(2, time), FRAME).state for time in ("09:59", "10:00")]

    assert [ClockState.RUNNING, ClockState.STOPPED] == states


def test_a_clock_that_is_over_does_not_end_a_reprojection() -> None:
    """Only the clocks that are over are left out, and the ones after them are looked at."""
    over = stop_clock(_clock(After(time=HOUR)), _at(2, "10:00"))
    still = attrs.evolve(_clock(After(time=HOUR)), id="repair")
    shorter = attrs.evolve(FRAME, hours=Hours.from_week({"workday": "11:00-17:00"}))

    assert ["repair"] == [one.clock for one in reproject([over, still, over], _at(2, "09:00"), FRAME, shorter)]


def test_where_no_promise_can_be_told_the_present_one_says_why() -> None:
    """Of two promises without a moment the one that holds now is named."""
    waits = retarget_clock(_clock(NotConfigured()), Before(lead=HOUR, anchor="work"), _at(3), raised=True)
    unset = retarget_clock(_clock(Before(lead=HOUR, anchor="work")), NotConfigured(), _at(3), raised=True)

    assert isinstance(read_clock(waits, _at(3), FRAME).due, Unknown)
    assert NotConfigured() == read_clock(unset, _at(3), FRAME).due


# -- timeline


def test_what_falls_on_the_moment_of_a_pause_is_told_and_what_follows_is_not() -> None:
    """From the very moment of a pause nothing after it is known, and that moment is."""
    paused = pause_clock(_clock(After(time=4 * HOUR)), _at(2, "11:00"), reason="part")
    line = _line(paused, _at(2, "11:00"))

    assert (_at(2, "11:00"), None) == (line.at_share(Decimal("0.5")), line.due)


def test_no_time_beside_a_named_deadline_is_the_deadline() -> None:
    """A clock in business time that ends at midnight has its deadline at midnight, not at the last closing."""
    line = _line(_clock(Named(moment="end_of_day")), _at(2))

    assert (_at(3, "00:00"), _at(3, "00:00")) == (line.due, line.beside_due(dt.timedelta(), own_time=True))


def test_a_pause_over_the_weekend_hides_the_deadline_on_saturday_too() -> None:
    """A deadline in business time is not told while a pause lasts, though no business time passes at the weekend."""
    paused = pause_clock(_clock(After(time=99 * HOUR)), _at(6, "18:00"), reason="part")

    assert [None] * 4 == [_line(paused, _at(day)).due for day in (7, 8, 9, 10)]


def test_the_earlier_promise_with_a_name_is_told_through_a_pause() -> None:
    """Where the priority was raised from a named moment, that one still binds however long the pause lasts."""
    raised = retarget_clock(_clock(Named(moment="12:00", days=8)), After(time=49 * HOUR), _at(2, "10:00"), raised=True)
    paused = pause_clock(raised, _at(3, "10:00"), reason="part")

    assert None is _line(paused, _at(3, "11:00")).due
    assert _at(10) == _line(paused, _at(11)).due
    assert _at(10) == _line(resume_clock(paused, _at(11)), _at(11)).due
