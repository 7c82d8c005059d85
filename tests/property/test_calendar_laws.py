"""Laws of calendars, held against a list of days."""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.errors import CalendarUnknown
from branchkit.temporal import WEEKDAYS, Calendar, CalendarChange, CalendarDay, Roll
from branchkit.values import Text

FIRST, LENGTH = dt.date(2019, 11, 27), 120
DAYS = [FIRST + dt.timedelta(days=n) for n in range(LENGTH)]

places = st.integers(0, LENGTH - 1)
listed = st.dictionaries(st.integers(-10, LENGTH + 10), st.booleans(), max_size=30)


def _entries(days: dict[int, bool]) -> tuple[CalendarDay, ...]:
    return tuple(
        CalendarDay(FIRST + dt.timedelta(days=n), working=working, source="notice") for n, working in days.items()
    )


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Draw a calendar of four months with days off, make-up days and emergency changes."""
    changes = [
        CalendarChange(announced=FIRST + dt.timedelta(days=day), days=_entries(days))
        for day, days in sorted(draw(st.dictionaries(places, listed.filter(bool), max_size=3)).items())
    ]
    return Calendar(
        "model",
        version="1",
        title=Text(en="Model"),
        confirmed_from=DAYS[0],
        confirmed_through=DAYS[-1],
        weekly=tuple(sorted(draw(st.sets(st.sampled_from(WEEKDAYS), min_size=1)), key=WEEKDAYS.index)),
        days=_entries(draw(listed)),
        changes=tuple(changes),
    )


def _works(calendar: Calendar, day: dt.date) -> bool:
    """Read the calendar the slow way: the last change that lists the day, the regular notice, the weekday."""
    for days in (*(change.days for change in reversed(calendar.changes)), calendar.days):
        for entry in days:
            if entry.date == day:
                return entry.working
    return WEEKDAYS[day.weekday()] in calendar.weekly


@given(calendars())
def test_every_day_is_what_the_list_says(calendar: Calendar) -> None:
    """A day works as the last notice that lists it says, and otherwise by its weekday."""
    expected = [_works(calendar, day) for day in DAYS]

    assert expected == [calendar.is_working(day) for day in DAYS]
    assert expected == [calendar.day_type(day) == "workday" for day in DAYS]


@given(calendars(), places, places)
def test_counting_is_looking_at_every_day(calendar: Calendar, a: int, b: int) -> None:
    """The number of working days is what one gets by looking at each day, both ends included."""
    assert sum(_works(calendar, day) for day in DAYS[a : b + 1]) == calendar.working_days(DAYS[a], DAYS[b])


@given(calendars(), places, st.integers(-130, 130))
def test_adding_is_walking(calendar: Calendar, start: int, n: int) -> None:
    """The n-th working day is where one arrives by walking day by day, or outside what is confirmed."""
    ahead = [day for day in DAYS[start + 1 :] if _works(calendar, day)]
    behind = [day for day in reversed(DAYS[:start]) if _works(calendar, day)]
    way = ahead if n > 0 else behind
    expected = DAYS[start] if n == 0 else (way[abs(n) - 1] if abs(n) <= len(way) else None)
    try:
        result = calendar.add_working_days(DAYS[start], n)
    except CalendarUnknown:
        result = None

    assert expected == result


@given(calendars(), places, places)
def test_adding_and_counting_are_inverse(calendar: Calendar, a: int, b: int) -> None:
    """Walking as many working days as lie between leads to the other day, if that is a working day."""
    steps = calendar.working_days_between(DAYS[a], DAYS[b])
    expected = DAYS[b] if _works(calendar, DAYS[b]) or a == b else None

    if expected is not None:
        assert expected == calendar.add_working_days(DAYS[a], steps)
    try:
        reached = calendar.add_working_days(DAYS[a], steps)
    except CalendarUnknown:
        raise AssertionError("steps between two confirmed days stay among them") from None
    assert steps == calendar.working_days_between(DAYS[a], reached)


@given(calendars(), places, places, st.integers(-20, 20))
def test_adding_is_monotone(calendar: Calendar, a: int, b: int, n: int) -> None:
    """From a later day one never arrives earlier, and more steps never lead to an earlier day."""
    early, late = DAYS[min(a, b)], DAYS[max(a, b)]
    try:
        first, second = calendar.add_working_days(early, n), calendar.add_working_days(late, n)
        further = calendar.add_working_days(early, n + 1)
    except CalendarUnknown:
        return

    assert first <= second
    assert first <= further


@given(calendars(), places, st.sampled_from(Roll))
def test_rolling_passes_days_off_only(calendar: Calendar, start: int, way: Roll) -> None:
    """Rolling ends on a working day and passes nothing but days off, the first of them the day itself."""
    day = DAYS[start]
    try:
        target, passed = calendar.roll(day, way)
    except CalendarUnknown:
        assert not _works(calendar, day)
        return

    assert way is Roll.NONE or calendar.is_working(target)
    assert not any(calendar.is_working(one) for one in passed)
    assert abs((target - day).days) == len(passed)
    assert passed[:1] == (() if target == day else (day,))


@given(calendars(), st.integers(1, LENGTH - 1))
def test_parts_join_to_the_whole(calendar: Calendar, cut: int) -> None:
    """A calendar cut in two by its confirmed span and joined again answers as before."""
    head = attrs.evolve(calendar, confirmed_through=DAYS[cut - 1])
    tail = attrs.evolve(calendar, confirmed_from=DAYS[cut], version="2")
    joined = Calendar.merge(tail, head)

    assert [calendar.is_working(day) for day in DAYS] == [joined.is_working(day) for day in DAYS]


@given(calendars(), places)
def test_knowing_later_is_knowing_more_changes(calendar: Calendar, when: int) -> None:
    """As of a day, only the changes announced by then count."""
    known = calendar.as_of(DAYS[when])

    assert calendar == calendar.as_of(dt.date.max)
    assert all(change.announced <= DAYS[when] for change in known.changes)
    assert [_works(known, day) for day in DAYS] == [known.is_working(day) for day in DAYS]
