"""Facts about suspended service: hours and clocks by one statement."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from branchkit.codec import structure, unstructure
from branchkit.temporal import ALL_CLOCKS, Hours, Suspension, concerning, hours_under, spans_of

SHANGHAI, LONDON = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/London")
RURAL = Hours.from_week({"mon tue wed thu fri": "08:30-12:00, 13:30-16:30"})


def _at(day: int, clock: str = "12:00", zone: ZoneInfo = SHANGHAI) -> dt.datetime:
    """A moment of March 2026, whose second day is a Monday."""
    return dt.datetime.combine(dt.date(2026, 3, day), dt.time.fromisoformat(clock), tzinfo=zone)


def _suspension(since: dt.datetime, until: dt.datetime | None = None, **more: object) -> Suspension:
    given = {"id": "SUS-1", "branch": "B-0417", "reason": "maintenance", **more}
    return Suspension(since=since, until=until, **given)  # type: ignore[arg-type]


def _left(hours: Hours, first: int, last: int) -> list[str]:
    spans = hours.open_spans(dt.date(2026, 3, first), dt.date(2026, 3, last), SHANGHAI)
    return [f"{a:%d %H:%M:%S}-{b:%d %H:%M:%S}" for a, b in spans]


def test_maintenance_closes_a_rural_branch_while_it_lasts() -> None:
    """estate:RUR-15: with maintenance on Tuesday from 09:00 to 11:00 the branch serves before and after it."""
    hours = hours_under(RURAL, [_suspension(_at(3, "09:00"), _at(3, "11:00"))], SHANGHAI)

    assert ["03 08:30:00-03 09:00:00", "03 11:00:00-03 12:00:00", "03 13:30:00-03 16:30:00"] == _left(hours, 3, 3)
    assert ["04 08:30:00-04 12:00:00", "04 13:30:00-04 16:30:00"] == _left(hours, 4, 4)


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        # Over one midnight, over several, and ending at midnight.
        (_at(2, "16:00"), _at(3, "09:00"), ["02 13:30:00-02 16:00:00", "03 09:00:00-03 12:00:00"]),
        (_at(2, "16:00"), _at(5, "09:00"), ["02 13:30:00-02 16:00:00", "05 09:00:00-05 12:00:00"]),
        (_at(2, "16:00"), _at(4, "00:00"), ["02 13:30:00-02 16:00:00", "04 08:30:00-04 12:00:00"]),
        # To the second, widened.
        (
            _at(2, "16:00:00.500000"),
            _at(3, "08:59:59.500000"),
            ["02 13:30:00-02 16:00:00", "03 09:00:00-03 12:00:00"],
        ),
    ],
)
def test_a_suspension_may_last_over_midnight(since: dt.datetime, until: dt.datetime, expected: list[str]) -> None:
    """Of the days it begins and ends on the rest is left, and of those between nothing."""
    hours = hours_under(RURAL, [_suspension(since, until)], SHANGHAI)

    assert expected == _left(hours, 2, 5)[1:3]


def test_without_an_end_it_closes_for_good() -> None:
    """A suspension nobody knows the end of leaves no hours after it began."""
    hours = hours_under(RURAL, [_suspension(_at(2, "10:00"))], SHANGHAI)

    assert ["02 08:30:00-02 10:00:00"] == _left(hours, 2, 31)
    assert hours.next_open(_at(2, "10:00"), SHANGHAI) is None


def test_no_suspension_leaves_the_hours_as_they_are() -> None:
    """Hours under nothing are the same hours."""
    assert hours_under(RURAL, [], SHANGHAI) is RURAL


@pytest.mark.parametrize(
    ("since", "minutes", "left"),
    [
        # The clock shows 01:00 to 02:00 twice, first at 00:00 UTC and then at 01:00 UTC.
        ("2026-10-25T00:15:00+00:00", 30, ["00:00-01:15", "01:45-03:00"]),
        ("2026-10-25T00:45:00+00:00", 30, ["00:00-01:15", "01:45-03:00"]),
        ("2026-10-25T00:30:00+00:00", 60, ["00:00-01:30", "01:30-03:00"]),
    ],
)
def test_within_the_hour_shown_twice_hours_close_both_times(since: str, minutes: int, left: list[str]) -> None:
    """Hours go by the clock on the wall: what is closed the first time it shows an hour is closed the second time."""
    night = Hours.from_week({"sun": "00:00-03:00"})
    start = dt.datetime.fromisoformat(since)
    hours = hours_under(night, [_suspension(start, start + dt.timedelta(minutes=minutes))], LONDON)
    day = dt.date(2026, 10, 25)

    assert left == [f"{a:%H:%M}-{b:%H:%M}" for a, b in hours.of_day(day, LONDON)]


def test_only_what_concerns_a_place_is_chosen() -> None:
    """A zone is concerned by what suspends it and what suspends its whole branch, and by no other branch or zone."""
    whole = _suspension(_at(2))
    lobby = _suspension(_at(2), id="SUS-2", zone="lobby")
    vault = _suspension(_at(2), id="SUS-3", zone="vault")
    other = _suspension(_at(2), id="SUS-4", branch="B-9")
    every = (lobby, whole, vault, other)

    assert (lobby, whole) == concerning(every, "B-0417", "lobby")
    assert (whole,) == concerning(every, "B-0417")


def test_a_statutory_clock_is_paused_by_its_own_name_only() -> None:
    """A suspension of all clocks leaves out what the law sets, unless it names that very clock."""
    every = _suspension(_at(2))
    named = _suspension(_at(2), pauses=frozenset({"reply"}))

    assert frozenset({ALL_CLOCKS}) == every.pauses
    assert (True, False) == (every.stops("reply"), every.stops("reply", statutory=True))
    assert (True, True) == (named.stops("reply"), named.stops("reply", statutory=True))
    assert not named.stops("repair")


def test_spans_are_told_once() -> None:
    """What overlaps is one span; one that lasts ends at the moment it is looked at, or has not begun by then."""
    power = _suspension(_at(2, "10:00"), _at(2, "12:00"), pauses=frozenset({"repair"}))
    flood = _suspension(_at(2, "11:00"), id="SUS-2")

    assert ((_at(2, "10:00"), _at(2, "13:00")),) == spans_of([flood, power], _at(2, "13:00"))
    assert ((_at(2, "11:00"), _at(2, "13:00")),) == spans_of([flood, power], _at(2, "13:00"), clock="reply")
    assert ((_at(2, "10:00"), _at(2, "12:00")),) == spans_of([flood, power], _at(2, "11:00"))
    assert () == spans_of([flood, power], _at(2, "13:00"), clock="reply", statutory=True)


def test_at_its_end_service_goes_on() -> None:
    """A suspension is on from its first moment up to, and without, its last."""
    one = _suspension(_at(2, "10:00"), _at(2, "11:00"))
    asked = [_at(2, clock) for clock in ("09:59", "10:00", "10:59", "11:00")]

    assert [False, True, True, False] == [one.is_on(at) for at in asked]
    assert _suspension(_at(2, "10:00")).is_on(_at(31))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"id": ""}, "Expected `id`, `branch` and `reason`"),
        ({"reason": " x"}, "Expected `id`, `branch` and `reason`"),
        ({"branch": ""}, "Expected `id`, `branch` and `reason`"),
        ({"since": _at(2).replace(tzinfo=None)}, "Expected moments with their zone"),
        ({"until": _at(3).replace(tzinfo=None)}, "Expected moments with their zone"),
        ({"until": _at(2)}, "Expected `until` after `since`"),
        ({"rules": ("RUR-15",)}, "Expected qualified ids of rules"),
    ],
)
def test_what_makes_no_sense_is_refused(wrong: dict[str, object], message: str) -> None:
    """A suspension has ids, moments with their zones in order, and qualified rules."""
    with pytest.raises(ValueError, match=message):
        _suspension(**{"since": _at(2), **wrong})  # type: ignore[arg-type]


@pytest.mark.parametrize("pauses", [frozenset(), frozenset({ALL_CLOCKS}), frozenset({"reply", "repair"})])
def test_a_suspension_is_plain_data(pauses: frozenset[str]) -> None:
    """Written as plain data and read again it is the same, also where it pauses nothing."""
    one = _suspension(_at(2), _at(3), zone="lobby", rules=("estate:RUR-15",), pauses=pauses)

    assert one == structure(Suspension, unstructure(one))


def test_where_service_goes_on_nothing_is_closed_or_paused() -> None:
    """A suspension that only marks shortens no hours and stops no clock, not even one that it names."""
    marks = _suspension(_at(3, "09:00"), _at(3, "11:00"), serves=True, pauses=frozenset({ALL_CLOCKS, "reply"}))

    assert RURAL == hours_under(RURAL, [marks], SHANGHAI)
    assert (False, ()) == (marks.stops("reply"), spans_of([marks], _at(4)))
