"""Where arithmetic with time has its bounds: at closing, at midnight, at 400 days, at the first day not known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest

from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.temporal import HORIZON, Hours, Span, Worktime

UTC, ST_JOHNS = ZoneInfo("UTC"), ZoneInfo("America/St_Johns")
HOUR, DAY, SECOND, NONE = dt.timedelta(hours=1), dt.timedelta(days=1), dt.timedelta(seconds=1), dt.timedelta()
NO_END = dt.date(9999, 1, 1)


def _at(day: dt.date | int, hour: int = 9) -> dt.datetime:
    date = day if isinstance(day, dt.date) else dt.date(2026, 3, day)
    return dt.datetime.combine(date, dt.time(hour), tzinfo=dt.UTC)


def _open(
    opens: int, closes: int, *, first: dt.date = dt.date.min, last: dt.date = NO_END, again: dt.date = NO_END,
    unknown: frozenset[dt.date] = frozenset(),
) -> Callable[[dt.date], list[Span]]:  # fmt: skip
    """Return days open between two hours, from a first day through a last one and then again, some not known."""

    def spans(day: dt.date) -> list[Span]:
        if day in unknown:
            raise CalendarUnknown("days", day, day - DAY)
        midnight, is_open = _at(day, 0), first <= day <= last or day >= again
        return [(midnight + opens * HOUR, midnight + closes * HOUR)] if is_open else []

    return spans


def test_a_later_question_is_answered_as_a_first_one_is() -> None:
    """What was looked up for an earlier question does not end what a later one counts."""
    work = Worktime(_open(9, 17), UTC)
    work.between(_at(2), _at(3))

    assert 8 * HOUR * 60 == work.between(_at(2), _at(2) + 60 * DAY)


def test_round_the_clock_no_second_is_lost_at_any_midnight() -> None:
    """Where it is always open all time counts, wherever the days that were looked up together end."""
    spans = _open(0, 24)
    forth, back = Worktime(spans, UTC), Worktime(spans, UTC)
    back.between(_at(2), _at(3))

    for n in range(1, 60):
        just_past, before = _at(2, 0) + n * DAY + SECOND, _at(2, 0) - n * DAY
        assert just_past - _at(2) == Worktime(spans, UTC).between(_at(2), just_past)
        assert just_past - _at(2) == forth.between(_at(2), just_past)
        assert _at(2) - before == back.between(before, _at(2))


def test_what_reaches_into_the_second_day_counts() -> None:
    """Where the clock shows the last hour of a day again after midnight, Friday's night may reach into Sunday."""
    hours = Hours.from_week({"fri": "23:45-23:30"})
    friday, monday = (dt.datetime(2010, 11, day, tzinfo=ST_JOHNS) for day in (5, 8))
    midnight = dt.datetime(2010, 11, 7, 2, 30, tzinfo=dt.UTC)
    work = hours.worktime(ST_JOHNS)

    assert NONE == work.between(monday.astimezone(dt.UTC), monday.astimezone(dt.UTC) + HOUR)
    assert 24.75 * HOUR == work.between(friday.astimezone(dt.UTC), monday.astimezone(dt.UTC))
    assert hours.is_open(midnight + 30 * SECOND, ST_JOHNS)
    assert midnight + HOUR / 2 == hours.open_until(midnight + 30 * SECOND, ST_JOHNS)


@pytest.mark.parametrize("closed_days", [100, 398])
def test_starting_in_a_long_closure_waits_for_its_end(closed_days: int) -> None:
    """Less than 400 days without open time are waited for, when nothing before was asked."""
    again = dt.date(2026, 3, 3) + closed_days * DAY
    spans = _open(9, 17, last=dt.date(2026, 3, 2), again=again)

    assert _at(again, 10) == Worktime(spans, UTC).add(_at(2, 17), HOUR)
    assert _at(again, 10) == Worktime(spans, UTC).add(_at(2, 16), 2 * HOUR)


def test_exactly_four_hundred_days_to_the_next_opening_are_too_long() -> None:
    """What opens 400 days after the start is not waited for, and what opens a second sooner is."""
    again = dt.date(2026, 3, 2) + HORIZON
    work = Worktime(_open(9, 17, again=again, last=dt.date(2026, 2, 1)), UTC)

    assert _at(again, 10) == work.add(_at(2) + SECOND, HOUR)
    with pytest.raises(ConfigError, match="in the 400 days from 2026-03-02, got none"):
        work.add(_at(2), HOUR)


@pytest.mark.parametrize("seconds", [0, 1])
def test_exactly_four_hundred_days_on_the_way_are_too_long(seconds: int) -> None:
    """From a closing to the next opening 400 days are too long, and a second less is not."""
    first, again = (_at(2, 9), _at(2, 17)), _at(2, 17) + HORIZON - seconds * SECOND
    days = {first[0].date(): [first], again.date(): [(again, again + HOUR)]}
    work = Worktime(lambda day: days.get(day, []), UTC)

    if seconds:
        assert again + HOUR == work.add(_at(2, 16), 2 * HOUR)
    else:
        with pytest.raises(ConfigError, match="in the 400 days from 2026-03-02, got none"):
            work.add(_at(2, 16), 2 * HOUR)


def test_a_closure_for_good_is_told_with_the_day_of_the_last_closing() -> None:
    """Where nothing ever opens again the search ends, and says since when."""
    spans = _open(9, 17, last=dt.date(2026, 3, 5))

    with pytest.raises(ConfigError, match="in the 400 days from 2026-03-05, got none"):
        Worktime(spans, UTC).add(_at(3, 16), 99 * HOUR)


def test_a_gap_after_the_only_open_day_is_not_crossed() -> None:
    """One open day, and then none for 450 days: the gap counts though time was open before it."""
    spans = _open(9, 17, first=dt.date(2026, 3, 2), last=dt.date(2026, 3, 2), again=dt.date(2026, 3, 3) + 450 * DAY)

    with pytest.raises(ConfigError, match="in the 400 days from 2026-03-02, got none"):
        Worktime(spans, UTC).add(_at(2), 9 * HOUR)


@pytest.mark.parametrize(("days", "error"), [(399, CalendarUnknown), (401, ConfigError)])
def test_an_unknown_day_comes_before_the_verdict_that_nothing_opens(days: int, error: type[Exception]) -> None:
    """A day among the 400 that is not known may be the open one; one after them changes nothing."""
    unknown = frozenset({dt.date(2026, 3, 2) + days * DAY})
    spans = _open(9, 17, last=dt.date(2026, 3, 2), unknown=unknown)

    with pytest.raises(error):
        Worktime(spans, UTC).add(_at(2), 9 * HOUR)


def test_an_unknown_day_begins_at_its_midnight() -> None:
    """Time up to the midnight that begins an unknown day is told, and a second more is not."""
    unknown = frozenset({dt.date(2026, 3, 20)})
    work = Worktime(_open(9, 17, unknown=unknown), UTC)

    assert 16 * HOUR == work.between(_at(18), _at(20, 0))
    for end in (_at(20, 0) + SECOND, _at(28)):
        with pytest.raises(CalendarUnknown):
            work.between(_at(18), end)
    assert 16 * HOUR == work.between(_at(18), _at(20, 0))


def test_from_a_moment_to_itself_no_time_counts_on_any_day() -> None:
    """Between a moment and itself there is no day that would have to be known."""
    work = Worktime(_open(9, 17, unknown=frozenset({dt.date(2026, 3, 20)})), UTC)

    assert NONE == work.between(_at(20), _at(20))


def test_a_day_that_is_not_known_is_doubted_up_to_its_midnight() -> None:
    """Until the very midnight a day may have time; from it on the next one is asked."""
    work = Worktime(_open(9, 17, unknown=frozenset({dt.date(2026, 3, 2)})), UTC)

    assert _at(3, 10) == work.add(_at(3, 0), HOUR)
    with pytest.raises(CalendarUnknown):
        work.add(_at(3, 0) - SECOND / 2, HOUR)
