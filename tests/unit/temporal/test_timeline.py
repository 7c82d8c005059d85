"""What comes about on a clock is told in its own time, and not told where a pause that lasts lies before it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from branchkit.escalation import Timeline
from branchkit.temporal import (
    After,
    Before,
    Bound,
    Calendar,
    Clock,
    ClockTimeline,
    Counting,
    Deadline,
    Hours,
    Named,
    NotConfigured,
    Suspension,
    TimeFrame,
    cancel_clock,
    pause_clock,
    read_clock,
    resume_clock,
    retarget_clock,
)
from branchkit.values import FrozenMap, Text

ZONE = ZoneInfo("Asia/Shanghai")
NINE = dt.datetime(2026, 3, 2, 9, tzinfo=ZONE)
HOUR = dt.timedelta(hours=1)
HOURS = Hours.from_week({"mon tue wed thu fri": "09:00-12:00, 13:00-17:00"})
FRAME = TimeFrame(zone=ZONE, hours=HOURS)


def _clock(deadline: Deadline, counting: Counting = Counting.BUSINESS, **more: object) -> Clock:
    bound = Bound(deadline=deadline, counting=counting, since=NINE)
    fields = {"started": NINE, "latest": NINE, "pauses_on": ("part",), **more}
    return Clock("repair", bound=bound, **fields)  # type: ignore[arg-type]


def _line(clock: Clock, at: dt.datetime = NINE, frame: TimeFrame = FRAME, *cuts: Suspension) -> ClockTimeline:
    return ClockTimeline(clock=clock, at=at, frame=frame, suspensions=cuts)


def test_it_is_what_ladders_climb_by() -> None:
    """A ladder climbs by a clock's timeline."""
    assert isinstance(_line(_clock(After(time=HOUR))), Timeline)


def test_shares_and_leads_are_in_the_clocks_own_time() -> None:
    """Four open hours from nine end at two, because of lunch; half of them is eleven."""
    line = _line(_clock(After(time=4 * HOUR)))

    assert (NINE, NINE + 5 * HOUR) == (line.started, line.due)
    assert NINE + 2 * HOUR == line.at_share(Decimal("0.5"))
    assert NINE + 3 * HOUR == line.beside_due(-HOUR, own_time=True)
    assert NINE + 4 * HOUR == line.beside_due(-HOUR, own_time=False)
    assert NINE + 25 * HOUR == line.beside_due(4 * HOUR, own_time=True)
    assert NINE + 8 * HOUR == line.beside_due(3 * HOUR, own_time=False)


def test_no_moment_of_its_own_time_lies_before_the_start() -> None:
    """A lead longer than the budget comes at the start."""
    assert NINE == _line(_clock(After(time=HOUR))).beside_due(-9 * HOUR, own_time=True)


def test_what_lies_behind_a_pause_that_lasts_cannot_be_told() -> None:
    """While it is paused, what came before the pause stays, and nothing can be said of the rest."""
    clock = pause_clock(_clock(After(time=4 * HOUR)), NINE + 2 * HOUR, reason="part")
    line = _line(clock, NINE + 6 * HOUR)

    assert line.due is None
    assert NINE + HOUR == line.at_share(Decimal("0.25"))
    assert (None, None, None) == (
        line.at_share(Decimal("0.75")),
        line.beside_due(HOUR, own_time=True),
        line.beside_due(HOUR, own_time=False),
    )


def test_a_pause_that_is_over_moves_the_deadline() -> None:
    """After the pause the deadline is later by what it took of open time."""
    paused = pause_clock(_clock(After(time=4 * HOUR)), NINE + HOUR, reason="part")

    assert NINE + 6 * HOUR == _line(resume_clock(paused, NINE + 2 * HOUR), NINE + 2 * HOUR).due


def test_a_moment_with_a_name_stays_through_a_pause() -> None:
    """A pause does not move the close of business."""
    clock = pause_clock(_clock(Named(moment="close_of_business")), NINE + HOUR, reason="part")

    assert NINE + 8 * HOUR == _line(clock, NINE + 2 * HOUR).due


def test_a_suspension_without_an_end_hides_what_comes_after_it() -> None:
    """While nobody knows when service goes on, nobody knows when the repair is due."""
    cut = Suspension(id="S-1", branch="B-1", since=NINE + HOUR, reason="power_cut")

    assert _line(_clock(After(time=4 * HOUR)), NINE, FRAME, cut).due == NINE + 5 * HOUR
    assert _line(_clock(After(time=4 * HOUR)), NINE + 2 * HOUR, FRAME, cut).due is None


def test_a_suspension_whose_end_is_known_moves_the_deadline() -> None:
    """Known beforehand, it is counted beforehand."""
    cut = Suspension(id="S-1", branch="B-1", since=NINE + HOUR, until=NINE + 2 * HOUR, reason="maintenance")

    assert NINE + 6 * HOUR == _line(_clock(After(time=4 * HOUR)), NINE, FRAME, cut).due


@pytest.mark.parametrize(
    "deadline", [NotConfigured(), Before(lead=HOUR, anchor="suspension")], ids=["not configured", "anchor not told"]
)
def test_without_a_deadline_nothing_can_be_told(deadline: Deadline) -> None:
    """No share and no distance, where there is no deadline."""
    line = _line(_clock(deadline))

    assert (None, None, None) == (
        line.due,
        line.at_share(Decimal(1)),
        line.beside_due(HOUR, own_time=False),
    )


def test_beyond_a_confirmed_calendar_nothing_can_be_told() -> None:
    """A deadline in a year whose days off are not published is not told; what comes before it is."""
    last = dt.date(2026, 3, 2)
    words = Text(zh="日历", en="Calendar")
    calendar = Calendar("works", version="1", title=words, confirmed_from=last, confirmed_through=last)
    frame = TimeFrame(zone=ZONE, calendar=calendar)
    short, long = (_line(_clock(After(time=n * HOUR), Counting.WORKING_DAYS), NINE, frame) for n in (9, 99))

    assert (NINE + 9 * HOUR, None) == (short.due, long.due)
    assert (None, None) == (long.at_share(Decimal("0.1")), short.beside_due(99 * HOUR, own_time=True))
    assert short.at_share(Decimal(9)) is None


def test_a_cancelled_clock_tells_when_it_ended() -> None:
    """A ladder stops where its clock did."""
    clock = cancel_clock(_clock(After(time=HOUR)), NINE + dt.timedelta(minutes=5), reason="mistake")

    assert NINE + dt.timedelta(minutes=5) == _line(clock).stopped


def test_time_carried_over_counts_from_the_start() -> None:
    """Half of a budget that was used up before is reached at once."""
    clock = _clock(After(time=4 * HOUR))
    at = NINE + 3 * HOUR
    changed = retarget_clock(clock, After(time=4 * HOUR), at, raised=False, counting=Counting.ELAPSED, elapsed=3 * HOUR)
    line = _line(changed, at)

    assert (at + HOUR, at) == (line.due, line.at_share(Decimal("0.5")))
    assert FrozenMap() == changed.anchors


@pytest.mark.parametrize("share", ["0.1", "0.5", "1", "1.5"])
def test_at_a_share_so_much_has_been_used_up(share: str) -> None:
    """The moment of a share is the one at which the clock reads that share of its budget."""
    clock = resume_clock(pause_clock(_clock(After(time=10 * HOUR)), NINE + HOUR, reason="part"), NINE + 3 * HOUR)
    at = NINE + 4 * HOUR

    moment = _line(clock, at).at_share(Decimal(share))

    assert moment is not None
    assert 10 * HOUR * float(share) == read_clock(clock, moment, FRAME).elapsed
