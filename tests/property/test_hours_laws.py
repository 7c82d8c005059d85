"""Laws of opening hours, held against a model that looks at the clock every quarter of an hour."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.temporal import WEEKDAYS, Calendar, CalendarDay, Hours, HoursException, HoursRule, Interval
from branchkit.temporal.zones import local
from branchkit.values import Text

QUARTER = dt.timedelta(minutes=15)
DAY = dt.timedelta(days=1)
JUMPS = (
    ("Europe/London", dt.date(2026, 3, 29)),
    ("Europe/London", dt.date(2026, 10, 25)),
    ("America/New_York", dt.date(2026, 3, 8)),
    ("America/New_York", dt.date(2026, 11, 1)),
    ("Asia/Shanghai", dt.date(1986, 5, 4)),
    ("Asia/Shanghai", dt.date(1991, 9, 15)),
    ("Asia/Shanghai", dt.date(2026, 3, 29)),
    ("Australia/Lord_Howe", dt.date(2026, 10, 4)),
    ("Australia/Lord_Howe", dt.date(2026, 4, 5)),
    ("America/Sao_Paulo", dt.date(2018, 11, 4)),
    ("America/Sao_Paulo", dt.date(2018, 2, 18)),
    ("Pacific/Apia", dt.date(2011, 12, 31)),
)
"""Zones and days on which their clock jumps: by an hour, by half, at midnight, over a whole day, or not at all."""


@attrs.frozen
class Place:
    """A clock, the day around which it is looked at, and a calendar of these days."""

    zone: ZoneInfo
    day: dt.date

    @property
    def calendar(self) -> Calendar:
        """Two days off and a make-up day, confirmed for decades either way."""
        offs = {self.day - 2 * DAY: False, self.day: True, self.day + DAY: False}
        return Calendar(
            "model",
            version="1",
            title=Text(en="Model"),
            confirmed_from=self.day - 20_000 * DAY,
            confirmed_through=self.day + 20_000 * DAY,
            days=tuple(CalendarDay(day, working=working, source="notice") for day, working in offs.items()),
        )


places = st.sampled_from(JUMPS).map(lambda jump: Place(ZoneInfo(jump[0]), jump[1]))


@st.composite
def intervals(draw: st.DrawFn) -> tuple[Interval, ...]:
    """Draw up to three intervals in order, on quarters of an hour; the last may end past midnight."""
    cuts = sorted(draw(st.sets(st.integers(0, 95), max_size=6)))
    pairs = list(zip(cuts[::2], cuts[1::2], strict=False))
    if len(cuts) % 2:
        pairs.append((cuts[-1], cuts[-1] + draw(st.integers(1, 95))))
    return tuple(Interval(start * 900, end * 900) for start, end in pairs)


@st.composite
def hours_near(draw: st.DrawFn, place: Place) -> Hours:
    """Draw hours by weekday or by day type for two lines, with exceptions around the day."""
    base = draw(st.sampled_from((WEEKDAYS, ("workday", "rest_day"), (*WEEKDAYS, "holiday", "makeup_day"))))
    week = [
        HoursRule(days=(key,), intervals=draw(intervals()), line=line)
        for line in (None, "corporate")
        for key in base
        if line is None or draw(st.booleans())
    ]
    dates = draw(st.lists(st.integers(-2, 2), unique=True, max_size=2))
    replaced = [
        HoursException(first=place.day + n * DAY, last=place.day + n * DAY, intervals=draw(intervals())) for n in dates
    ]
    closed = [
        HoursException(
            first=place.day + (n - 1) * DAY,
            last=place.day + n * DAY,
            effect="subtract",
            intervals=cut,
            line=draw(st.sampled_from((None, "corporate"))),
        )
        for n in draw(st.lists(st.integers(-1, 2), max_size=2))
        if (cut := draw(intervals()))
    ]
    return Hours(week=tuple(week), exceptions=(*replaced, *closed))


situations = places.flatmap(lambda place: st.tuples(st.just(place), hours_near(place)))
lines = st.sampled_from((None, "corporate", "personal"))
quarters = st.integers(-96, 192)


def _moment(place: Place, quarter: int) -> dt.datetime:
    return dt.datetime.combine(place.day, dt.time(), tzinfo=dt.UTC) + quarter * QUARTER


def _asked(place: Place, line: str | None) -> dict[str, object]:
    return {"zone": place.zone, "calendar": place.calendar, "line": line}


def _rule_of(hours: Hours, place: Place, day: dt.date, line: str) -> tuple[Interval, ...]:
    for exception in hours.exceptions:
        if exception.effect.value == "replace" and exception.first == day:
            return exception.intervals
    calendar = place.calendar
    listed = {entry.date: entry.working for entry in calendar.days}
    works = listed.get(day, day.weekday() < 5)
    names = [WEEKDAYS[day.weekday()], "workday" if works else "rest_day"]
    if day in listed and not works:
        names.insert(0, "holiday")
    if works and day.weekday() >= 5:
        names.insert(0, "makeup_day")
    found = [
        rule.intervals
        for name in names
        for of in (line, None)
        for rule in hours.week
        if (rule.line, *rule.days) == (of, name)
    ]
    return found[0] if found else ()


def _model(hours: Hours, place: Place, line: str | None) -> set[dt.datetime]:
    """Return the open quarters of the days around: those between the first and last that show a time within."""
    grid = [_moment(place, quarter) for quarter in range(-6 * 96, 7 * 96)]
    clocks = [moment.astimezone(place.zone).replace(tzinfo=None) for moment in grid]

    def hull(day: dt.date, interval: Interval) -> set[dt.datetime]:
        midnight = dt.datetime.combine(day, dt.time())
        start, end = (midnight + dt.timedelta(seconds=s) for s in (interval.opens, interval.closes))
        shown = [index for index, clock in enumerate(clocks) if start <= clock < end]
        return set(grid[shown[0] : shown[-1] + 1]) if shown else set()

    days = [place.day + n * DAY for n in range(-4, 5)]
    open_: set[dt.datetime] = set()
    for one in ("corporate", "personal") if line is None else (line,):
        mine = {q for day in days for interval in _rule_of(hours, place, day, one) for q in hull(day, interval)}
        cuts = {
            q
            for exception in hours.exceptions
            if exception.effect.value == "subtract" and exception.line in (None, one)
            for day in days
            if exception.first <= day <= exception.last
            for interval in exception.intervals
            for q in hull(day, interval)
        }
        open_ |= mine - cuts
    return open_


@given(situations, lines, st.lists(quarters, min_size=1, max_size=8))
def test_open_is_what_the_clock_on_the_wall_says(
    situation: tuple[Place, Hours], line: str | None, at: list[int]
) -> None:
    """Open-at and open spans agree with a model that looks at the clock every quarter of an hour, jumps included."""
    place, hours = situation
    model = _model(hours, place, line)
    spans = list(hours.open_spans(place.day - DAY, place.day + DAY, **_asked(place, line)))
    covered = {_moment(place, q) for q in range(-96 * 4, 96 * 5)} & {
        moment
        for start, end in spans
        for k in range((end - start) // QUARTER)
        if (moment := start.astimezone(dt.UTC) + k * QUARTER)
    }
    dates = {place.day - DAY, place.day, place.day + DAY}

    assert {q for q in model if q.astimezone(place.zone).date() in dates} == covered
    assert [_moment(place, q) in model for q in at] == [
        hours.is_open(_moment(place, q), **_asked(place, line)) for q in at
    ]


@given(situations, lines)
def test_open_spans_never_overlap_or_touch(situation: tuple[Place, Hours], line: str | None) -> None:
    """Open spans come in order, each of some length and with some time closed before the next."""
    place, hours = situation
    spans = list(hours.open_spans(place.day - DAY, place.day + DAY, **_asked(place, line)))
    bounds = [moment for span in spans for moment in span]

    assert sorted(set(bounds)) == bounds


@given(situations, lines, quarters, st.integers(0, 200_000))
def test_adding_and_measuring_open_time_are_inverse(
    situation: tuple[Place, Hours], line: str | None, start: int, seconds: int
) -> None:
    """From the start to where a budget of open time ends, exactly that budget passes, and no earlier moment will do."""
    place, hours = situation
    asked, since, budget = _asked(place, line), _moment(place, start), dt.timedelta(seconds=seconds)
    if hours.weekly_minutes(line) == 0:
        return
    due = hours.add_open_time(since, budget, **asked)

    assert budget == hours.open_time_between(since, due, **asked)
    if budget:
        just_before = due - dt.timedelta(microseconds=1)
        assert budget > hours.open_time_between(since, just_before, **asked)


@given(situations, lines, st.tuples(quarters, quarters), st.tuples(st.integers(0, 90_000), st.integers(0, 90_000)))
def test_adding_open_time_is_monotone_and_adds_up(
    situation: tuple[Place, Hours], line: str | None, starts: tuple[int, int], budgets: tuple[int, int]
) -> None:
    """A later start or a longer budget never ends earlier, and two budgets one after the other are their sum."""
    place, hours = situation
    asked = _asked(place, line)
    early, late = (_moment(place, quarter) for quarter in sorted(starts))
    first, second = (dt.timedelta(seconds=seconds) for seconds in budgets)
    if hours.weekly_minutes(line) == 0:
        return
    due = hours.add_open_time(early, first, **asked)

    assert due <= hours.add_open_time(late, first, **asked)
    assert due <= hours.add_open_time(early, first + second, **asked)
    assert hours.add_open_time(due, second, **asked) == hours.add_open_time(early, first + second, **asked)


@given(situations, lines, st.tuples(quarters, quarters, quarters))
def test_open_time_adds_up_and_never_exceeds_the_time(
    situation: tuple[Place, Hours], line: str | None, at: tuple[int, int, int]
) -> None:
    """Open time between two moments is that up to a third between them and from there on, and no more than elapsed."""
    place, hours = situation
    asked = _asked(place, line)
    a, b, c = (_moment(place, quarter) for quarter in sorted(at))
    whole = hours.open_time_between(a, c, **asked)

    assert whole == hours.open_time_between(a, b, **asked) + hours.open_time_between(b, c, **asked)
    assert dt.timedelta() <= whole <= c - a


@given(situations, lines, quarters)
def test_the_next_opening_is_the_first(situation: tuple[Place, Hours], line: str | None, at: int) -> None:
    """At the next opening it is open, before it nothing is, and until closing nothing else."""
    place, hours = situation
    asked, moment = _asked(place, line), _moment(place, at)
    if hours.weekly_minutes(line) == 0:
        return
    opening = hours.next_open(moment, **asked)
    assert opening is not None
    closing = hours.open_until(opening, **asked)

    assert dt.timedelta() == hours.open_time_between(moment, opening, **asked)
    assert hours.is_open(opening, **asked)
    assert (opening == moment) is hours.is_open(moment, **asked)
    if closing is not None:
        assert closing - opening == hours.open_time_between(opening, closing, **asked)
        assert not hours.is_open(closing, **asked)


@given(st.dictionaries(st.sampled_from(WEEKDAYS), intervals()))
def test_a_plain_week_is_as_long_as_it_is_open(week: dict[str, tuple[Interval, ...]]) -> None:
    """The weekly open time by the clock is the open time that passes in a week without jumps."""
    hours = Hours(week=tuple(HoursRule(days=(day,), intervals=parts) for day, parts in week.items()))
    monday = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    passed = hours.open_time_between(monday, monday + 7 * DAY, ZoneInfo("UTC"))

    assert passed == dt.timedelta(minutes=hours.weekly_minutes())


@given(places, quarters, quarters)
def test_local_moments_differ_by_what_elapsed(place: Place, a: int, b: int) -> None:
    """Shown by the local clock, moments keep their distance and their order, and show what the zone shows."""
    first, second = _moment(place, a), _moment(place, b)
    shown = local(first, place.zone)

    assert second - first == local(second, place.zone) - shown
    assert first.astimezone(place.zone).isoformat() == shown.isoformat()
