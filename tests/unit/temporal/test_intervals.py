"""Facts about intervals by the clock."""

from __future__ import annotations

import re

import pytest

from branchkit.temporal import Interval


@pytest.mark.parametrize(
    ("text", "opens", "closes"),
    [
        ("09:00-17:30", 9 * 3600, 17 * 3600 + 1800),
        ("09:00–17:30", 9 * 3600, 17 * 3600 + 1800),
        (" 09:00 - 17:30 ", 9 * 3600, 17 * 3600 + 1800),
        ("09:00:00-17:30:15", 9 * 3600, 17 * 3600 + 1815),
        ("00:00-24:00", 0, 86_400),
        ("22:00-24:00", 22 * 3600, 86_400),
        ("22:00-00:00", 22 * 3600, 86_400),
        ("22:00-02:00", 22 * 3600, 26 * 3600),
    ],
)
def test_reads_what_stands_on_the_door(text: str, opens: int, closes: int) -> None:
    """Two clock times with a hyphen or an en dash are an interval; closing at or before opening is tomorrow."""
    assert Interval(opens, closes) == Interval.parse(text)


@pytest.mark.parametrize("text", ["09:00-17:30", "22:00-02:00", "09:00:05-24:00", "00:00-24:00"])
def test_writes_what_it_reads(text: str) -> None:
    """The lexical form survives reading and writing."""
    assert text == Interval.from_plain(text).to_plain()


@pytest.mark.parametrize("text", ["00:00-00:00", "24:00-24:00", "09:00-09:00", "00:00:00-00:00:00"])
def test_equal_ends_are_refused(text: str) -> None:
    """Equal ends are refused, because sources mean all day or closed by them; 24:00 does not open a day."""
    with pytest.raises(ValueError, match=r"00:00-24:00 for all day|Expected an opening time"):
        Interval.parse(text)


def test_midnight_to_midnight_says_what_to_write() -> None:
    """The message on 00:00-00:00 says what to write for all day and for closed."""
    with pytest.raises(ValueError, match="write 00:00-24:00 for all day, and leave the interval out for closed"):
        Interval.parse("00:00-00:00")


@pytest.mark.parametrize(
    "text", ["", "9-17", "9:00-17:00", "25:00-26:00", "09:60-10:00", "09:00", "09:00-24:30", "closed"]
)
def test_anything_else_is_refused(text: str) -> None:
    """What is no pair of clock times is refused, never repaired."""
    with pytest.raises(ValueError, match="Expected"):
        Interval.parse(text)


def test_a_single_clock_time_is_read_as_strictly() -> None:
    """A clock time without its leading zero is refused on its own as well."""
    with pytest.raises(ValueError, match="Expected a clock time from 00:00 to 24:00"):
        Interval.between("9:00", "17:00")


@pytest.mark.parametrize("data", [None, 900, ["09:00", "17:00"], {"opens": "09:00"}])
def test_only_text_is_an_interval(data: object) -> None:
    """Data other than text is refused."""
    with pytest.raises(ValueError, match="Expected opening and closing times as in 09:00-17:30"):
        Interval.from_plain(data)


@pytest.mark.parametrize(("opens", "closes"), [(-1, 5), (86_400, 90_000), (3600, 0), (3600, 100_000), (3600, 90_000)])
def test_impossible_seconds_are_refused(opens: int, closes: int) -> None:
    """An interval opens within its day and closes after that, in less than 24 hours unless it is the whole day."""
    with pytest.raises(ValueError, match="Expected"):
        Interval(opens, closes)


def test_knows_its_length_and_day() -> None:
    """An interval past midnight says so and counts through; one until 24:00 is not past midnight."""
    night, evening = Interval.between("22:00", "02:00"), Interval.between("22:00", "24:00")

    assert (True, 4 * 3600) == (night.past_midnight, night.seconds)
    assert (False, 2 * 3600) == (evening.past_midnight, evening.seconds)


def test_schema_accepts_the_lexical_form() -> None:
    """The JSON Schema of an interval is a pattern that its lexical form matches."""
    assert re.search(Interval.plain_schema()["pattern"], str(Interval.parse("09:00–17:30:10")))
