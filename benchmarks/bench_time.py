"""How long arithmetic with opening hours takes, beside the packages for it and a loop over the days.

All contenders have the same hours, days off and moments, and give the same answers; what differs is said on stderr.
Peers that know no zones get their moments without one, outside the time that is taken; ours is held against them with
moments in UTC, and told beside that for moments of any zone.
"""

from __future__ import annotations

import datetime as dt
import random
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Literal
from zoneinfo import ZoneInfo

from harness import Bar, Contender, Figure, main, take_turns

from branchkit.temporal import (
    After,
    Calendar,
    CalendarDay,
    ClockSpec,
    Counting,
    Hours,
    Suspension,
    TimeFrame,
    Worktime,
    pause_clock,
    read_clock,
    resume_clock,
    start_clock,
)
from branchkit.values import Text

OURS = "Worktime, moments in UTC"
HOURS = "Hours, moments in any zone"
FLOOR = "loop over the days"
ZONE = ZoneInfo("UTC")
UTC = dt.UTC
OPENS, CLOSES = dt.time(9), dt.time(17, 30)
DAY, MINUTE = dt.timedelta(days=1), dt.timedelta(minutes=1)
YEARS = range(2026, 2039)
OFF = frozenset(dt.date(year, month, day) for year in YEARS for month, day in ((1, 1), (5, 1), (10, 1), (10, 2)))
START = dt.datetime(2026, 3, 2, 9, tzinfo=UTC)
OPEN_DAY = dt.timedelta(hours=8, minutes=30)
LENGTHS = (30 * MINUTE, 240 * MINUTE, *(days * OPEN_DAY for days in (1, 3, 5, 15, 30, 60)))
"""How long deadlines are, in open time: from half an hour to sixty working days."""
Role = Literal["ours", "floor", "peer"]
Between = Callable[[dt.datetime, dt.datetime], dt.timedelta]
Add = Callable[[dt.datetime, dt.timedelta], dt.datetime]


def calendar() -> Calendar:
    """Return the weekdays without the days off."""
    weekdays = sorted(day for day in OFF if day.weekday() < 5)
    return Calendar(
        "bench",
        version="1",
        title=Text(en="Bench"),
        confirmed_from=dt.date(YEARS[0], 1, 1),
        confirmed_through=dt.date(YEARS[-1], 12, 31),
        days=tuple(CalendarDay(day, working=False) for day in weekdays),
    )


def hours() -> Hours:
    """Return fresh hours, which remember nothing yet."""
    return Hours.from_week({"workday": f"{OPENS:%H:%M}-{CLOSES:%H:%M}"})


def walked(start: dt.datetime, end: dt.datetime) -> dt.timedelta:
    """Measure by a loop over the days, as one writes it for this one purpose."""
    total, day = dt.timedelta(), start.date()
    while day <= end.date():
        if day.weekday() < 5 and day not in OFF:
            opens = dt.datetime.combine(day, OPENS, tzinfo=UTC)
            closes = dt.datetime.combine(day, CLOSES, tzinfo=UTC)
            total += max(dt.timedelta(), min(closes, end) - max(opens, start))
        day += DAY
    return total


def stepped(start: dt.datetime, budget: dt.timedelta) -> dt.datetime:
    """Add by a loop over the days."""
    day = start.date()
    while True:
        if day.weekday() < 5 and day not in OFF:
            opens = max(start, dt.datetime.combine(day, OPENS, tzinfo=UTC))
            closes = dt.datetime.combine(day, CLOSES, tzinfo=UTC)
            if opens < closes:
                if closes - opens >= budget:
                    return opens + budget
                budget -= closes - opens
        day += DAY


def peers_that_measure() -> Iterator[tuple[str, Between]]:
    """Yield the packages that are installed and tell the open time between two moments."""
    try:
        import businesstimedelta as btd
    except ImportError:
        sys.stderr.write("businesstimedelta: not installed, left out\n")
    else:
        rules = _btd_rules(btd)
        yield "businesstimedelta", lambda a, b: dt.timedelta(seconds=_btd_seconds(rules.difference(a, b)))
    try:
        import businesstime
    except ImportError:
        sys.stderr.write("businesstime: not installed, left out\n")
    else:
        # This one counts a day as 24 hours; what it calls days are whole business days.
        one = businesstime.BusinessTime(business_hours=(OPENS, CLOSES), holidays=sorted(OFF))
        length = one.open_hours

        def between(a: dt.datetime, b: dt.datetime) -> dt.timedelta:
            found = one.businesstimedelta(a, b)
            result: dt.timedelta = found.days * length + (found - found.days * DAY)
            return result

        yield "businesstime", between
    try:
        from business_duration import businessDuration
    except ImportError:
        sys.stderr.write("business-duration: not installed, left out\n")
    else:
        days_off = sorted(OFF)

        def minutes(a: dt.datetime, b: dt.datetime) -> dt.timedelta:
            found = businessDuration(a, b, OPENS, CLOSES, holidaylist=days_off, unit="min")
            return dt.timedelta(minutes=float(found))

        yield "business-duration", minutes


def peers_that_add() -> Iterator[tuple[str, Add]]:
    """Yield the packages that are installed and add open time to a moment."""
    try:
        import businesstimedelta as btd
    except ImportError:
        return
    rules = _btd_rules(btd)
    yield "businesstimedelta", lambda a, budget: a + btd.BusinessTimeDelta(rules, timedelta=budget)


def _btd_rules(btd: Any) -> Any:
    week = btd.WorkDayRule(start_time=OPENS, end_time=CLOSES, working_days=[0, 1, 2, 3, 4], tz=btd.pytz.utc)
    return btd.Rules([week, btd.HolidayRule(dict.fromkeys(OFF, "off"), tz=btd.pytz.utc)])


def _btd_seconds(found: Any) -> float:
    return float(found.hours) * 3600 + float(found.seconds)


def work(call: Callable[..., Any], vectors: Sequence[tuple[Any, ...]]) -> Callable[[], None]:
    """Return one turn: every vector once."""

    def turn() -> None:
        for vector in vectors:
            call(*vector)

    return turn


def naive(value: Any) -> Any:
    """Return a moment without its zone, for packages that know none; anything else as it is."""
    return value.replace(tzinfo=None) if isinstance(value, dt.datetime) else value


def compared(
    name: str,
    ours: Mapping[str, Callable[..., Any]],
    floor: Callable[..., Any],
    peers: Mapping[str, Callable[..., Any]],
    vectors: Sequence[tuple[Any, Any]],
    rounds: int,
) -> Figure:
    """Return the figure of one work on the same vectors; say on stderr where a peer gives another answer."""
    calls = {**ours, FLOOR: floor, **peers}
    given = dict.fromkeys(calls, vectors)
    for label in set(peers) - {"businesstimedelta"}:
        given[label] = [(naive(a), naive(b)) for a, b in vectors]
    expected = [floor(*vector) for vector in vectors]
    for label, call in calls.items():
        found = [call(*vector) for vector in given[label]]
        pairs = zip(found, expected, strict=True)
        if odd := sum(abs(one - other) > dt.timedelta(seconds=1) for one, other in pairs):
            sys.stderr.write(f"{name}, {label}: {odd} of {len(vectors)} answers differ\n")
    times = take_turns(
        {label: work(call, given[label]) for label, call in calls.items()},
        units=len(vectors),
        rounds=rounds,
        clock=time.process_time,
    )
    roles: dict[str, Role] = {**dict.fromkeys(ours, "ours"), FLOOR: "floor"}
    bars = (Bar(OURS, min(peers, key=times.__getitem__), 0.05),) if peers else ()
    made = tuple(Contender(label, roles.get(label, "peer"), seconds) for label, seconds in times.items())
    return Figure(work=name, unit="answer", contenders=made, bars=bars)


def distance(quick: bool) -> Figure:
    """Return what a deadline far away costs beside one near."""
    asked, days_off = hours(), calendar()
    budgets = {"a day away": OPEN_DAY * 1.5, "a year away": OPEN_DAY * 250, "ten years away": OPEN_DAY * 2500}
    calls = {
        label: work(asked.add_open_time, [(START, budget, ZONE, days_off)] * 50) for label, budget in budgets.items()
    }
    times = take_turns(calls, units=50, rounds=5 if quick else 25, clock=time.process_time)
    return Figure(
        work="add open time, near and far",
        unit="answer",
        contenders=tuple(Contender(label, "ours", seconds) for label, seconds in times.items()),
        bars=(Bar("ten years away", "a day away", 2),),
    )


def fresh(quick: bool) -> Figure:
    """Return what the first question costs, when no day has been looked up yet."""
    days_off, budget = calendar(), dt.timedelta(hours=12)

    def ask(length: dt.timedelta) -> Callable[[], object]:
        return lambda: hours().add_open_time(START, length, ZONE, days_off)

    times = take_turns(
        {"first question, a day away": ask(budget), "first question, a year away": ask(budget * 170)},
        rounds=5 if quick else 15,
        clock=time.process_time,
    )
    return Figure(
        work="add open time to hours that remember nothing",
        unit="answer",
        contenders=tuple(Contender(label, "ours", seconds) for label, seconds in times.items()),
    )


def reading(quick: bool) -> Figure:
    """Return what reading a clock with pauses and a suspension costs, beside the additions alone that it takes."""
    frame = TimeFrame(zone=ZONE, hours=hours(), calendar=calendar())
    spec = ClockSpec(
        "reply",
        title=Text(en="Reply"),
        deadline=After(time=dt.timedelta(hours=20)),
        counting=Counting.BUSINESS,
        pauses_on=("customer",),
    )
    clock = start_clock(spec, START)
    for n in range(1, 4):
        clock = pause_clock(clock, START + n * 150 * MINUTE, reason="customer")
        clock = resume_clock(clock, START + (n * 150 + 45) * MINUTE)
    cut = Suspension(
        id="SUS-1", branch="B-1", since=START + 30 * MINUTE, until=START + 90 * MINUTE, reason="power_cut"
    )  # fmt: skip
    at = START + DAY
    assert frame.hours is not None
    alone: Worktime = frame.hours.worktime(ZONE, frame.calendar)
    times = take_turns(
        {
            "read_clock, three pauses and a suspension": lambda: read_clock(clock, at, frame, suspensions=(cut,)),
            "one addition and one measure alone": lambda: (
                alone.add(START, dt.timedelta(hours=20)),
                alone.between(START, at),
            ),
        },
        rounds=5 if quick else 25,
        clock=time.process_time,
    )
    names = tuple(times)
    return Figure(
        work="read a clock",
        unit="reading",
        contenders=(Contender(names[0], "ours", times[names[0]]), Contender(names[1], "floor", times[names[1]])),
    )


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what measuring and adding open time cost."""
    drawn, rounds = random.Random(4), 3 if quick else 11
    asked, days_off = hours(), calendar()
    alone = asked.worktime(ZONE, days_off)
    spans, budgets = list[tuple[Any, Any]](), list[tuple[Any, Any]]()
    for _ in range(40 if quick else 200):
        # Within the hours of a working day, since not every peer knows what to do outside them.
        day = START + drawn.randrange(0, 300) * DAY
        while day.weekday() > 4 or day.date() in OFF:
            day += DAY
        start = day + drawn.randrange(0, 500) * MINUTE
        budget = LENGTHS[drawn.randrange(len(LENGTHS))] + drawn.randrange(0, 60) * MINUTE
        budgets.append((start, budget))
        spans.append((start, asked.add_open_time(start, budget, ZONE, days_off).astimezone(UTC)))

    yield compared(
        "measure open time between two moments",
        {OURS: alone.between, HOURS: lambda a, b: asked.open_time_between(a, b, ZONE, days_off)},
        walked,
        dict(peers_that_measure()),
        spans,
        rounds,
    )
    yield compared(
        "add open time to a moment",
        {OURS: alone.add, HOURS: lambda a, budget: asked.add_open_time(a, budget, ZONE, days_off)},
        stepped,
        dict(peers_that_add()),
        budgets,
        rounds,
    )
    yield distance(quick)
    yield fresh(quick)
    yield reading(quick)


if __name__ == "__main__":
    main(__doc__, figures)
