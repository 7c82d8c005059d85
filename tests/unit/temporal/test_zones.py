"""Facts about clocks that jump."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from branchkit.errors import InputError
from branchkit.temporal.zones import closing_moment, local, opening_moment, utc, within

LONDON = ZoneInfo("Europe/London")
SPRING, AUTUMN = dt.date(2026, 3, 29), dt.date(2026, 10, 25)


def _utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


def _clock(hour: int, minute: int = 0) -> int:
    return hour * 3600 + minute * 60


@pytest.mark.parametrize("minute", [0, 1, 30, 59])
def test_a_skipped_time_is_the_end_of_the_gap(minute: int) -> None:
    """Opening or closing at a time that the clock skips happens when the gap ends."""
    gap_end = _utc("2026-03-29T01:00")

    assert gap_end == opening_moment(SPRING, _clock(1, minute), LONDON)
    assert gap_end == closing_moment(SPRING, _clock(1, minute), LONDON)


def test_a_time_shown_twice_opens_first_and_closes_second() -> None:
    """Of a time that the clock shows twice, an opening takes the first and a closing the second."""
    assert _utc("2026-10-25T00:30") == opening_moment(AUTUMN, _clock(1, 30), LONDON)
    assert _utc("2026-10-25T01:30") == closing_moment(AUTUMN, _clock(1, 30), LONDON)


def test_closing_when_the_fold_begins_is_not_delayed() -> None:
    """Who closes at the very time to which the clock will jump back closes the first time it is shown."""
    assert _utc("2026-10-25T00:00") == closing_moment(AUTUMN, _clock(1), LONDON)
    assert _utc("2026-10-25T02:00") == closing_moment(AUTUMN, _clock(2), LONDON)


def test_a_skipped_day_is_a_moment() -> None:
    """The whole of the day that Samoa skipped is one moment: its end."""
    apia, skipped = ZoneInfo("Pacific/Apia"), dt.date(2011, 12, 30)

    assert opening_moment(skipped, 0, apia) == closing_moment(skipped, _clock(24), apia)


def test_a_gap_at_midnight_begins_the_day_late() -> None:
    """Where the clock skips midnight, the day begins at one."""
    begins = opening_moment(dt.date(2018, 11, 4), 0, ZoneInfo("America/Sao_Paulo"))

    assert "2018-11-04T01:00:00-02:00" == local(begins, ZoneInfo("America/Sao_Paulo")).isoformat()


def test_half_hour_jumps_are_half_an_hour() -> None:
    """On Lord Howe the clock jumps by half an hour, and an opening in the gap waits for that only."""
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    opens = opening_moment(dt.date(2026, 10, 4), _clock(2, 15), lord_howe)

    assert "2026-10-04T02:30:00+11:00" == local(opens, lord_howe).isoformat()


def test_local_moments_subtract_as_elapsed_time() -> None:
    """Two local moments on either side of a jump differ by the time that passed."""
    before, after = local(_utc("2026-03-29T00:30"), LONDON), local(_utc("2026-03-29T01:30"), LONDON)

    assert dt.timedelta(hours=1) == after - before
    assert ("00:30", "02:30") == (f"{before:%H:%M}", f"{after:%H:%M}")


def test_a_moment_without_a_zone_is_refused() -> None:
    """A moment without a zone is refused rather than taken for local time."""
    with pytest.raises(InputError, match="Expected a date and time with its zone"):
        utc(dt.datetime(2026, 1, 1))  # noqa: DTZ001 - what must be refused


@pytest.mark.parametrize("year", [1, 9999])
def test_the_ends_of_the_calendar_are_refused(year: int) -> None:
    """Years without room around them are refused rather than overflowing."""
    with pytest.raises(InputError, match="Expected a year from 2 to 9989"):
        utc(dt.datetime(year, 6, 1, tzinfo=dt.UTC))


def test_days_can_be_counted_from_the_second_year_on() -> None:
    """The first year with room before it is the second, the last with room after it 9989."""
    first, last = dt.date(2, 1, 1), dt.date(9989, 12, 31)

    assert (first, last) == (within(first), within(last))
    for day in (dt.date(1, 12, 31), dt.date(9990, 1, 1)):
        with pytest.raises(InputError):
            within(day)
