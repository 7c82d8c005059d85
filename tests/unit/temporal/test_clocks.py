"""Facts about clocks: what may be told of them, and what a reading derives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import attrs
import pytest

from branchkit.codec import structure, unstructure
from branchkit.errors import CalendarUnknown, InputError, Refused
from branchkit.temporal import (
    ALL_CLOCKS,
    After,
    Before,
    ByTarget,
    Calendar,
    CalendarChange,
    CalendarDay,
    Clock,
    ClockReading,
    ClockSpec,
    ClockState,
    Counting,
    Deadline,
    Due,
    Hours,
    Named,
    NotConfigured,
    Pause,
    Reprojection,
    Suspension,
    TimeFrame,
    cancel_clock,
    pause_clock,
    read_clock,
    reopen_clock,
    reproject,
    reset_clock,
    resume_clock,
    retarget_clock,
    start_clock,
    stop_clock,
)
from branchkit.values import Text, Unknown

SHANGHAI = ZoneInfo("Asia/Shanghai")
CALENDAR = Calendar(
    "demo",
    version="1",
    title=Text(en="Demo"),
    confirmed_from=dt.date(2026, 3, 1),
    confirmed_through=dt.date(2026, 3, 31),
)
FRAME = TimeFrame(
    zone=SHANGHAI, hours=Hours.from_week({"workday": "09:00-12:00, 13:00-17:30"}), calendar=CALENDAR
)  # fmt: skip
MINUTE, HOUR, NONE = dt.timedelta(minutes=1), dt.timedelta(hours=1), dt.timedelta()


def _at(day: int, clock: str = "12:00") -> dt.datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time.fromisoformat(clock), tzinfo=SHANGHAI)


def _spec(deadline: Deadline | ByTarget, counting: Counting = Counting.ELAPSED, **more: object) -> ClockSpec:
    given = {"title": Text(zh="答复", en="Reply"), "pauses_on": ("customer", "supplier"), **more}
    return ClockSpec("reply", deadline=deadline, counting=counting, **given)  # type: ignore[arg-type]


def _clock(time: dt.timedelta = HOUR, counting: Counting = Counting.ELAPSED, at: dt.datetime | None = None) -> Clock:
    return start_clock(_spec(After(time=time), counting), at or _at(2, "10:00"))


def _read(clock: Clock, at: dt.datetime, *suspensions: Suspension) -> ClockReading:
    return read_clock(clock, at, FRAME, suspensions=suspensions)


def _due(clock: Clock, at: dt.datetime, *suspensions: Suspension) -> dt.datetime:
    found = _read(clock, at, *suspensions).due
    assert isinstance(found, Due)
    return found.at


def _suspension(since: dt.datetime, until: dt.datetime | None = None, *pauses: str) -> Suspension:
    paused = frozenset(pauses or (ALL_CLOCKS,))
    return Suspension(id="SUS-1", branch="B-0417", since=since, until=until, reason="power_cut", pauses=paused)


# -- reading


@pytest.mark.parametrize(
    ("answered", "late"),
    [("18:19", None), ("18:20", None), ("18:20:00.000001", dt.timedelta(microseconds=1)), ("18:20:01", MINUTE / 60)],
)
def test_a_telephone_fault_is_answered_in_time_up_to_the_very_moment(answered: str, late: dt.timedelta | None) -> None:
    """estate:S-1: reported at 17:50, a fault is in time when it is answered at 18:20:00, and late a moment after."""
    clock = _clock(HOUR / 2, at=_at(2, "17:50"))
    running, stopped = _read(clock, _at(2, answered)), _read(stop_clock(clock, _at(2, answered)), _at(9))

    assert _at(2, "18:20") == _due(clock, _at(2, answered))
    assert (late, late) == (running.late, stopped.late)
    assert (late is not None) is running.is_breached is stopped.is_breached


def test_a_fault_before_closing_by_the_wall_clock_and_by_the_counter() -> None:
    """estate:S-2: at 17:40 twenty minutes of thirty are used by the wall clock, and ten in business time."""
    wall, counter = (_clock(HOUR / 2, counting, _at(2, "17:20")) for counting in (Counting.ELAPSED, Counting.BUSINESS))
    at = _at(2, "17:40")

    assert (20 * MINUTE, 10 * MINUTE, _at(2, "17:50")) == (
        _read(wall, at).elapsed,
        _read(wall, at).remaining,
        _due(wall, at),
    )
    assert (10 * MINUTE, 20 * MINUTE, _at(3, "09:20")) == (
        _read(counter, at).elapsed,
        _read(counter, at).remaining,
        _due(counter, at),
    )


def test_lateness_is_told_in_the_clock_s_own_time() -> None:
    """Due at 17:00 and looked at next day at 10:00, a business clock is one and a half hours late and not seventeen."""
    business = _clock(6 * HOUR, Counting.BUSINESS)
    elapsed = _clock(7 * HOUR)

    assert (_at(2, "17:00"), _at(2, "17:00")) == (_due(business, _at(2)), _due(elapsed, _at(2)))
    assert 1.5 * HOUR == _read(business, _at(3, "10:00")).late
    assert 17 * HOUR == _read(elapsed, _at(3, "10:00")).late
    assert (NONE, NONE) == (_read(business, _at(3)).remaining, _read(elapsed, _at(3)).remaining)


def test_breached_at_closing_is_late_by_nothing_until_the_next_opening() -> None:
    """Due at closing and not done, a business clock is breached, and its own lateness begins at the next opening."""
    clock = _clock(6.5 * HOUR, Counting.BUSINESS)
    night = _read(clock, _at(2, "20:00"))

    assert (_at(2, "17:30"), True, NONE) == (_due(clock, _at(2)), night.is_breached, night.late)
    assert HOUR == _read(clock, _at(3, "10:00")).late


def test_a_clock_counts_from_its_start() -> None:
    """Looked at before it started, nothing has been used up; looked at before it was stopped, it ran."""
    clock = stop_clock(_clock(), _at(2, "10:30"))
    early, middle, after = (_read(clock, at) for at in (_at(1), _at(2, "10:20"), _at(3)))

    assert (ClockState.RUNNING, NONE, HOUR) == (early.state, early.elapsed, early.remaining)
    assert (ClockState.RUNNING, 20 * MINUTE, 40 * MINUTE) == (middle.state, middle.elapsed, middle.remaining)
    assert (ClockState.STOPPED, 30 * MINUTE, 30 * MINUTE) == (after.state, after.elapsed, after.remaining)


def test_what_is_not_configured_or_not_told_is_never_late() -> None:
    """Without a deadline there is nothing left and nothing late; what has been used up is told all the same."""
    bare = start_clock(_spec(NotConfigured()), _at(2, "10:00"))
    waiting = start_clock(_spec(Before(lead=HOUR, anchor="work")), _at(2, "10:00"))
    told = start_clock(_spec(Before(lead=HOUR, anchor="work")), _at(2, "10:00"), anchors={"work": _at(2, "11:00")})

    for clock, found in ((bare, NotConfigured()), (waiting, Unknown("when work will be is not told"))):
        reading = _read(clock, _at(9, "10:00"))
        assert (found, None, None, False) == (reading.due, reading.remaining, reading.late, reading.is_breached)
        assert 7 * 24 * HOUR == reading.elapsed
    assert HOUR == _read(told, _at(2, "11:00")).late


def test_beyond_the_calendar_a_clock_cannot_be_read() -> None:
    """A deadline that leaves the confirmed days is an error and not a guess."""
    with pytest.raises(CalendarUnknown, match="2026-04-01 is beyond it"):
        _read(_clock(HOUR, Counting.BUSINESS, _at(31, "17:00")), _at(31, "17:10"))


# -- pauses


def test_a_pause_moves_the_deadline_by_what_it_takes() -> None:
    """Paused from 11:30 to 13:30, a business clock loses one hour, since lunch was no time of its own."""
    clock = pause_clock(_clock(3 * HOUR, Counting.BUSINESS), _at(2, "11:30"), reason="customer", by="S-17")
    resumed = resume_clock(clock, _at(2, "13:30"), by="S-17")
    reading = _read(resumed, _at(2, "14:00"))

    assert (_at(2, "14:00"), _at(2, "15:00")) == (_due(_clock(3 * HOUR, Counting.BUSINESS), _at(2)), reading.due.at)  # type: ignore[union-attr]
    assert (2 * HOUR, HOUR, HOUR) == (reading.elapsed, reading.remaining, reading.paused_for)
    assert (Pause(since=_at(2, "11:30"), until=_at(2, "13:30"), reason="customer", by="S-17"),) == resumed.pauses


def test_while_paused_the_deadline_waits() -> None:
    """A paused clock is due as if it were resumed at the moment it is looked at, and is not late meanwhile."""
    clock = pause_clock(_clock(), _at(2, "10:40"), reason="customer")
    first, second = _read(clock, _at(2, "10:40")), _read(clock, _at(5))

    assert (ClockState.PAUSED, ClockState.PAUSED) == (first.state, second.state)
    assert (20 * MINUTE, 20 * MINUTE) == (first.remaining, second.remaining)
    assert (_at(2, "11:00"), _at(5, "12:20")) == (_due(clock, _at(2, "10:40")), _due(clock, _at(5)))
    assert not second.is_breached


def test_a_breach_is_not_undone_by_a_pause() -> None:
    """Paused after its deadline, a clock stays late by what had passed till then."""
    clock = pause_clock(_clock(), _at(2, "11:10"), reason="customer")

    assert (10 * MINUTE, 10 * MINUTE) == (_read(clock, _at(2, "11:10")).late, _read(clock, _at(5)).late)


def test_a_paused_clock_may_be_stopped() -> None:
    """Closed while it waited, a clock needs no resuming, and its pause ends with it."""
    paused = pause_clock(_clock(), _at(2, "10:40"), reason="customer")
    clock = stop_clock(paused, _at(4), reason="solved", by="S-3")
    reading = _read(clock, _at(9))

    assert (ClockState.STOPPED, 40 * MINUTE, None) == (reading.state, reading.elapsed, reading.late)
    assert (_at(4), _at(4), "solved", "S-3") == (clock.stopped, clock.pauses[0].until, clock.reason, clock.by)
    assert _at(4) - _at(2, "10:40") == reading.paused_for


def test_a_past_pause_is_seen_where_it_was() -> None:
    """Looked at within a pause that has ended since, a clock was paused; at the moment of resuming it ran."""
    clock = resume_clock(pause_clock(_clock(), _at(2, "10:20"), reason="customer"), _at(2, "10:30"))
    asked = [_read(clock, _at(2, minute)).state for minute in ("10:19", "10:20", "10:29", "10:30")]
    running, paused = ClockState.RUNNING, ClockState.PAUSED

    assert [running, paused, paused, running] == asked


# -- suspensions


def test_a_power_cut_pauses_every_clock_and_shortens_the_hours_once() -> None:
    """A power cut from 11:00 to 14:00 takes three hours of a 24-hour clock and two of business time, not more."""
    cut = _suspension(_at(2, "11:00"), _at(2, "14:00"))

    assert _at(2, "15:00") == _due(_clock(2 * HOUR), _at(2, "10:00"), cut)
    assert _at(2, "15:00") == _due(_clock(2 * HOUR, Counting.BUSINESS), _at(2, "10:00"), cut)
    assert 2 * HOUR == _read(_clock(2 * HOUR, Counting.BUSINESS), _at(2, "14:00"), cut).paused_for
    assert (ClockState.PAUSED, ClockState.RUNNING) == (
        _read(_clock(), _at(2, "11:00"), cut).state,
        _read(_clock(), _at(2, "14:00"), cut).state,
    )


def test_a_suspension_without_an_end_pauses_as_long_as_it_lasts() -> None:
    """While nobody knows when power comes back, the deadline is told as if it came back now."""
    cut, clock = _suspension(_at(2, "10:30")), _clock()

    assert (_at(2, "12:30"), _at(3, "12:30")) == (_due(clock, _at(2), cut), _due(clock, _at(3), cut))
    assert ClockState.PAUSED is _read(clock, _at(3), cut).state


def test_pauses_and_suspensions_that_overlap_count_once() -> None:
    """A clock paused from 10:30 to 11:30 under a suspension from 11:00 to 12:00 loses an hour and a half."""
    clock = resume_clock(pause_clock(_clock(2 * HOUR), _at(2, "10:30"), reason="supplier"), _at(2, "11:30"))

    assert _at(2, "13:30") == _due(clock, _at(2, "13:00"), _suspension(_at(2, "11:00"), _at(2, "12:00")))


def test_a_suspension_stops_only_the_clocks_it_names_and_business_time() -> None:
    """A suspension that names repairs leaves a 24-hour clock of replies alone, and stops business time all the same."""
    work = _suspension(_at(2, "10:00"), _at(2, "11:00"), "repair")

    assert _at(2, "11:00") == _due(_clock(), _at(2, "10:00"), work)
    assert _at(2, "12:00") == _due(_clock(HOUR, Counting.BUSINESS), _at(2, "10:00"), work)


def test_a_statutory_clock_runs_on() -> None:
    """What the law sets is suspended by no power cut, in whatever time it counts, unless that names it."""
    cut, named = (_suspension(_at(2, "10:00"), _at(2, "11:00"), *names) for names in ((), ("reply",)))
    clocks = [
        start_clock(_spec(After(time=HOUR), counting, statutory=True), _at(2, "10:00"))
        for counting in (Counting.ELAPSED, Counting.BUSINESS)
    ]

    assert [_at(2, "11:00")] * 2 == [_due(clock, _at(2, "10:00"), cut) for clock in clocks]
    assert [_at(2, "12:00")] * 2 == [_due(clock, _at(2, "10:00"), named) for clock in clocks]


# -- starting, resetting, cancelling


def test_a_clock_of_a_procedure_s_targets_takes_its_deadline_when_it_starts() -> None:
    """A spec whose deadline is in a table needs it told, and one that has a deadline takes none."""
    table, own = _spec(ByTarget(output="reply")), _spec(After(time=HOUR))

    assert After(time=2 * HOUR) == start_clock(table, _at(2), deadline=After(time=2 * HOUR)).deadline
    with pytest.raises(InputError, match="Expected the deadline that the targets give"):
        start_clock(table, _at(2))
    with pytest.raises(InputError, match="Expected none: the clock 'reply' has one of its own"):
        start_clock(own, _at(2), deadline=After(time=HOUR))
    with pytest.raises(InputError, match="Expected a date and time with its zone"):
        start_clock(own, _at(2).replace(tzinfo=None))


def test_a_clock_takes_from_its_spec_what_it_needs() -> None:
    """A clock keeps its calendar, its reasons and that it is statutory, with who started it and why."""
    spec = _spec(Named(moment="noon"), Counting.BUSINESS, calendar="supplier", statutory=True)
    clock = start_clock(spec, _at(2), by="system:kit", reason="opened")

    assert ("supplier", True, ("customer", "supplier")) == (clock.calendar, clock.statutory, clock.pauses_on)
    assert (Counting.BUSINESS, "system:kit", "opened", _at(2), _at(2)) == (
        clock.counting,
        clock.by,
        clock.reason,
        clock.started,
        clock.latest,
    )


def test_a_reset_begins_anew() -> None:
    """Reset, also after it was stopped, a clock has used up nothing, knows no pause, and keeps its deadline."""
    paused = pause_clock(_clock(), _at(2, "10:40"), reason="customer")
    retargeted = retarget_clock(_clock(), After(time=HOUR), _at(2), raised=True)

    for clock in (paused, stop_clock(paused, _at(2, "11:00")), retargeted):
        again = reset_clock(clock, _at(3), reason="reopened", by="S-3")
        reading = _read(again, _at(3, "12:30"))

        assert (ClockState.RUNNING, 30 * MINUTE, NONE) == (reading.state, reading.elapsed, reading.paused_for)
        assert (_at(3, "13:00"), (), (), None) == (_due(again, _at(3)), again.caps, again.pauses, again.stopped)
        assert (_at(3), "reopened", "S-3") == (again.started, again.reason, again.by)


def test_a_cancelled_clock_is_never_late() -> None:
    """Cancelled after its deadline, a clock has nothing left and is not late; before, it was."""
    clock = cancel_clock(_clock(), _at(2, "12:00"), reason="duplicate", by="S-3")
    reading = _read(clock, _at(3))

    assert (ClockState.CANCELLED, 2 * HOUR) == (reading.state, reading.elapsed)
    assert (None, None, False) == (reading.remaining, reading.late, reading.is_breached)
    assert (_at(2, "11:00"), 30 * MINUTE) == (_due(clock, _at(3)), _read(clock, _at(2, "11:30")).late)


PAUSED = pause_clock(_clock(), _at(2, "10:40"), reason="customer")
STOPPED, CANCELLED = stop_clock(_clock(), _at(2)), cancel_clock(_clock(), _at(2), reason="duplicate")


@pytest.mark.parametrize(
    ("step", "command", "reasons"),
    [
        (lambda: pause_clock(PAUSED, _at(3), reason="customer"), "PauseClock", ["the clock 'reply' is paused already"]),
        (
            lambda: pause_clock(STOPPED, _at(3), reason="weather"),
            "PauseClock",
            [
                "the clock 'reply' is stopped",
                "the clock 'reply' is not paused for 'weather'; reasons are: customer, supplier",
            ],
        ),
        (
            lambda: pause_clock(start_clock(_spec(NotConfigured(), pauses_on=()), _at(2)), _at(3), reason="customer"),
            "PauseClock",
            ["the clock 'reply' is not paused for 'customer'; reasons are: none"],
        ),
        (lambda: resume_clock(_clock(), _at(3)), "ResumeClock", ["the clock 'reply' is not paused"]),
        (lambda: resume_clock(CANCELLED, _at(3)), "ResumeClock", ["the clock 'reply' is cancelled"]),
        (lambda: stop_clock(STOPPED, _at(3)), "StopClock", ["the clock 'reply' is stopped"]),
        (lambda: cancel_clock(STOPPED, _at(3), reason="x"), "CancelClock", ["the clock 'reply' is stopped"]),
        (lambda: reopen_clock(CANCELLED, _at(3), reason="x"), "ReopenClock", ["the clock 'reply' is cancelled"]),
        (lambda: reset_clock(CANCELLED, _at(3), reason="x"), "ResetClock", ["the clock 'reply' is cancelled"]),
        (
            lambda: retarget_clock(STOPPED, After(time=HOUR), _at(3), raised=True),
            "RetargetClock",
            ["the clock 'reply' is stopped"],
        ),
    ],
)
def test_what_makes_no_sense_is_refused_with_every_reason(
    step: Callable[[], object], command: str, reasons: list[str]
) -> None:
    """A command that does not fit the clock's state is refused, and says all that speaks against it."""
    with pytest.raises(Refused) as caught:
        step()

    assert (command, tuple(reasons)) == (caught.value.command, caught.value.reasons)


# -- priorities


def test_a_new_priority_keeps_what_has_been_used_up() -> None:
    """Lowered after 40 minutes to four hours, a clock has used 40 minutes and is due four hours after it began."""
    clock = retarget_clock(_clock(), After(time=4 * HOUR), _at(2, "10:40"), raised=False, reason="lowered", by="S-3")
    reading = _read(clock, _at(2, "10:40"))

    assert (40 * MINUTE, _at(2, "14:00")) == (reading.elapsed, _due(clock, _at(2)))
    assert ("lowered", "S-3", _at(2, "10:40")) == (clock.reason, clock.by, clock.latest)


@pytest.mark.parametrize(
    ("deadline", "expected"),
    [
        (After(time=HOUR / 2), "10:30"),
        (After(time=9 * HOUR), "11:00"),
        (Named(moment="noon"), "11:00"),
        (NotConfigured(), "11:00"),
    ],
)
def test_a_raised_priority_never_moves_a_deadline_later(deadline: Deadline, expected: str) -> None:
    """Raised, a clock is due by the earlier of its old and its new deadline."""
    clock = retarget_clock(_clock(), deadline, _at(2, "10:20"), raised=True)

    assert _at(2, expected) == _due(clock, _at(2, "10:20"))


def test_lowering_forgets_what_was_promised_before() -> None:
    """A clock that was raised and then lowered is bound by the last deadline alone, and a raise binds it again."""
    raised = retarget_clock(_clock(), After(time=HOUR / 2), _at(2, "10:10"), raised=True)
    lowered = retarget_clock(raised, After(time=8 * HOUR), _at(2, "10:20"), raised=False)
    again = retarget_clock(lowered, After(time=9 * HOUR), _at(2, "10:30"), raised=True)

    assert ["10:30", "18:00", "18:00"] == [f"{_due(one, _at(2)):%H:%M}" for one in (raised, lowered, again)]


def test_a_priority_may_count_other_time() -> None:
    """Three business hours used up are taken off the five elapsed hours that the new priority gives."""
    clock, at = _clock(6 * HOUR, Counting.BUSINESS), _at(2, "14:00")
    elapsed = _read(clock, at).elapsed
    fast = retarget_clock(clock, After(time=5 * HOUR), at, raised=False, counting=Counting.ELAPSED, elapsed=elapsed)
    gone = retarget_clock(clock, After(time=HOUR), at, raised=False, counting=Counting.ELAPSED, elapsed=elapsed)

    assert (3 * HOUR, 4 * HOUR) == (elapsed, _read(fast, _at(2, "15:00")).elapsed)
    assert (_at(2, "16:00"), at) == (_due(fast, at), _due(gone, at))
    with pytest.raises(InputError, match="Expected the time used up so far, since what counts changes"):
        retarget_clock(clock, After(time=HOUR), at, raised=False, counting=Counting.ELAPSED)


def test_a_promise_in_other_time_heeds_what_stops_that_time() -> None:
    """Raised from business to elapsed time, a clock's old deadline still waits for the counter, and binds."""
    clock, at = _clock(2 * HOUR, Counting.BUSINESS), _at(2, "10:30")
    work = _suspension(_at(2, "10:00"), _at(2, "11:00"), "repair")
    used = _read(clock, at, work).elapsed
    raised = retarget_clock(clock, After(time=9 * HOUR), at, raised=True, counting=Counting.ELAPSED, elapsed=used)
    back = retarget_clock(raised, After(time=9 * HOUR), at, raised=True, counting=Counting.BUSINESS, elapsed=used)

    assert [_at(2, "14:00")] * 3 == [_due(one, at, work) for one in (clock, raised, back)]


def test_the_same_counting_needs_no_time_told() -> None:
    """Saying again what counts changes nothing about it."""
    clock = retarget_clock(_clock(), After(time=2 * HOUR), _at(2), raised=False, counting=Counting.ELAPSED)

    assert (_at(2, "10:00"), NONE) == (clock.bound.since, clock.bound.carried)


def test_what_is_told_late_counts_from_the_last_thing_told() -> None:
    """A pause of 10:30 that is told after the clock was resumed at 11:00 begins at 11:00."""
    clock = resume_clock(pause_clock(_clock(3 * HOUR), _at(2, "10:10"), reason="customer"), _at(2, "11:00"))
    late = pause_clock(clock, _at(2, "10:30"), reason="supplier")
    back = resume_clock(late, _at(2, "10:00"))

    assert (_at(2, "11:00"), _at(2, "11:00")) == (late.pauses[1].since, late.latest)
    assert _due(clock, _at(2)) == _due(back, _at(2))
    assert _at(2, "11:00") == stop_clock(clock, _at(1)).stopped


# -- calendars that change


def test_an_emergency_holiday_says_which_deadlines_it_moves() -> None:
    """A Wednesday that becomes a day off moves the clocks of business time and of working days, from when to when."""
    holiday = CalendarChange(announced=dt.date(2026, 3, 2), days=(CalendarDay(dt.date(2026, 3, 4), working=False),))
    after = attrs.evolve(FRAME, calendar=attrs.evolve(CALENDAR, changes=(holiday,)))
    clocks = [
        start_clock(_spec(deadline, counting), _at(3, "17:00"))
        for deadline, counting in (
            (After(time=HOUR), Counting.BUSINESS),
            (After(working_days=1), Counting.WORKING_DAYS),
            (After(time=HOUR), Counting.ELAPSED),
            (NotConfigured(), Counting.BUSINESS),
        )
    ]
    found = reproject([*clocks, stop_clock(clocks[0], _at(3, "17:10"))], _at(3, "17:10"), FRAME, after)

    assert (
        Reprojection(clock="reply", old=Due(_at(4, "09:30")), new=Due(_at(5, "09:30"))),
        Reprojection(clock="reply", old=Due(_at(5, "00:00")), new=Due(_at(6, "00:00"))),
    ) == found


def test_the_next_year_s_notice_tells_what_was_unknown() -> None:
    """A deadline beyond the confirmed days is unknown before, and known after the calendar was extended."""
    longer = attrs.evolve(FRAME, calendar=attrs.evolve(CALENDAR, confirmed_through=dt.date(2026, 4, 30)))
    clock = _clock(HOUR, Counting.BUSINESS, _at(31, "17:00"))
    (found,) = reproject([clock], _at(31, "17:10"), FRAME, longer)

    assert isinstance(found.old, Unknown)
    assert "2026-04-01 is beyond it" in found.old.reason
    assert Due(dt.datetime(2026, 4, 1, 9, 30, tzinfo=SHANGHAI)) == found.new


def test_reprojecting_heeds_suspensions() -> None:
    """A deadline that a suspension moved is moved in both calendars."""
    cut = _suspension(_at(2, "10:00"), _at(2, "11:00"))
    shorter = attrs.evolve(FRAME, hours=Hours.from_week({"workday": "11:30-17:30"}))
    (found,) = reproject([_clock(HOUR, Counting.BUSINESS)], _at(2), FRAME, shorter, suspensions=[cut])

    assert (Due(_at(2, "12:00")), Due(_at(2, "12:30"))) == (found.old, found.new)


# -- plain data


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"id": " "}, "Expected `id` of 1 to 200"),
        ({"line": " "}, "Expected `line` of 1 to 200"),
        ({"starts": "closed"}, "Expected `starts`, opened or stage:<id>"),
        ({"starts": "stage:"}, "Expected `starts`, opened or stage:<id>"),
        ({"stops": ()}, "Expected `stops`, at least one of"),
        ({"stops": ("opened",)}, "Expected `stops`, at least one of"),
        ({"stops": ("closed", "closed")}, "Expected `stops` and `pauses_on` each once"),
        ({"pauses_on": ("customer", "customer")}, "Expected `stops` and `pauses_on` each once"),
        ({"pauses_on": ("",)}, "Expected `pauses_on`, codes of 1 to 200"),
        ({"rules": ("P-1",)}, "Expected qualified ids of rules"),
    ],
)
def test_a_spec_says_only_what_there_is(wrong: dict[str, object], message: str) -> None:
    """A clock starts and stops at moments a case has, for reasons with codes, by qualified rules."""
    good = _spec(
        After(time=HOUR),
        line="corporate",
        starts="stage:repair",
        stops=("stage:test", "closed"),
        rules=("estate:SRV-16",),
    )

    with pytest.raises(ValueError, match=message):
        attrs.evolve(good, **wrong)  # type: ignore[arg-type]


def test_a_target_has_a_name() -> None:
    """The column of a table of targets is named."""
    with pytest.raises(ValueError, match="Expected `output`, a name"):
        ByTarget(output="")


@pytest.mark.parametrize("deadline", [After(time=HOUR), Before(lead=HOUR, anchor="work"), ByTarget(output="reply")])
def test_specs_and_clocks_are_plain_data(deadline: Deadline | ByTarget) -> None:
    """Written as plain data and read again, a spec and a clock with a long story are the same."""
    spec = _spec(deadline, Counting.BUSINESS, calendar="supplier", stops=("stage:test",), rules=("estate:SRV-16",))
    told = After(time=HOUR) if isinstance(deadline, ByTarget) else None
    clock = pause_clock(start_clock(spec, _at(2), deadline=told, anchors={"work": _at(4)}), _at(3), reason="customer")
    clock = retarget_clock(clock, Named(moment="noon"), _at(4), raised=True)

    assert spec == structure(ClockSpec, unstructure(spec))
    assert clock == structure(Clock, unstructure(clock))


def test_a_stopped_clock_that_runs_again_was_paused_meanwhile() -> None:
    """Ten minutes were used up, so fifty are left, whenever it is opened again; stopping it ended its pause."""
    clock = pause_clock(_clock(), _at(2, "10:10"), reason="customer")
    stopped = stop_clock(clock, _at(2, "10:30"))
    again = reopen_clock(stopped, _at(3, "09:00"), reason="closed", by="S-3")

    assert (ClockState.RUNNING, None, "S-3") == (again.state, again.stopped, again.by)
    assert 10 * MINUTE == _read(again, _at(3, "09:00")).elapsed
    assert _at(3, "09:50") == _due(again, _at(3, "09:00"))
    assert "closed" == again.pauses[-1].reason


def test_a_clock_that_runs_again_at_once_was_not_paused() -> None:
    """Told late, it runs on from where it stopped."""
    stopped = stop_clock(_clock(), _at(2, "10:30"))
    again = reopen_clock(stopped, _at(2, "10:20"), reason="closed")

    assert ((), _at(2, "10:30"), _at(2, "11:00")) == (again.pauses, again.latest, _due(again, _at(2, "10:30")))
    with pytest.raises(Refused, match="ReopenClock"):
        reopen_clock(again, _at(2, "10:40"), reason="closed")


def test_a_clock_is_marked_with_what_hinders_it_and_does_not_pause_it() -> None:
    """What pauses it is a pause; what does not, or lets service go on, is named, if it fell into the clock's time."""
    since, until = _at(2, "10:10"), _at(2, "10:20")
    paused = _suspension(since, until, "reply")
    cuts = (
        attrs.evolve(paused, id="other", pauses=frozenset({"repair"})),
        attrs.evolve(paused, id="marks", serves=True),
        attrs.evolve(paused, id="still", serves=True, until=None),
        attrs.evolve(paused, id="before", serves=True, since=_at(2, "09:00"), until=_at(2, "10:00")),
        attrs.evolve(paused, id="after", serves=True, since=_at(2, "10:30"), until=None),
    )
    reading = _read(_clock(), _at(2, "10:25"), paused, *cuts)

    assert ("marks", "other", "still") == reading.because
    assert (15 * MINUTE, 10 * MINUTE, ClockState.RUNNING) == (reading.elapsed, reading.paused_for, reading.state)
    business = _clock(counting=Counting.BUSINESS)
    assert ("marks", "still") == _read(business, _at(2, "10:25"), paused, *cuts).because
