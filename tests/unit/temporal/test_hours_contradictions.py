"""Facts about hours that have no one meaning."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from branchkit.errors import InputError
from branchkit.temporal import Hours, HoursException, HoursRule, Interval

NINE, TEN = Interval.parse("09:00-12:00"), Interval.parse("10:00-13:00")


def _rule(*days: str, line: str | None = None, intervals: tuple[Interval, ...] = (NINE,)) -> HoursRule:
    return HoursRule(days=days, intervals=intervals, line=line)


def _exception(first: int, last: int, *intervals: Interval, **more: object) -> HoursException:
    return HoursException(first=dt.date(2026, 3, first), last=dt.date(2026, 3, last), intervals=intervals, **more)


@pytest.mark.parametrize(
    ("hours", "path", "message"),
    [
        (Hours(week=(_rule("mon", "Tuesday"),)), "$.week[0].days[1]", "Expected one of: mon, tue, "),
        (Hours(week=(_rule(),)), "$.week[0].days", "Expected at least one of: mon, "),
        (Hours(week=(_rule("mon"), _rule("tue", "mon"))), "$.week[1].days[1]", "one rule for mon and line"),
        (Hours(week=(_rule("mon", "mon"),)), "$.week[0].days[1]", "one rule for mon"),
        (Hours(week=(_rule("sat"), _rule("workday"))), "$.week", "a make-up Saturday would be under both"),
        (Hours(week=(_rule("mon", line=" x"),)), "$.week[0].line", "Expected a code"),
        (Hours(week=(_rule("mon", intervals=(NINE, TEN)),)), "$.week[0].intervals[1]", "in order and without overlap"),
        (Hours(week=(_rule("mon", intervals=(TEN, NINE)),)), "$.week[0].intervals[1]", "in order and without overlap"),
        (Hours(exceptions=(_exception(2, 1),)), "$.exceptions[0].last", "Expected a day not before first"),
        (Hours(exceptions=(_exception(1, 1, TEN, NINE),)), "$.exceptions[0].intervals[1]", "in order"),
        (
            Hours(exceptions=(_exception(1, 1, effect="subtract"),)),
            "$.exceptions[0].intervals",
            "00:00-24:00 closes the whole day",
        ),
        (Hours(exceptions=(_exception(1, 3), _exception(2, 4))), "$.exceptions[1]", "those of $.exceptions[0]"),
        (Hours(exceptions=(_exception(2, 4), _exception(1, 3))), "$.exceptions[1]", "those of $.exceptions[0]"),
        (Hours(exceptions=(_exception(1, 3), _exception(1, 3, NINE))), "$.exceptions[1]", "those of $.exceptions[0]"),
        (Hours(exceptions=(_exception(1, 3), _exception(3, 4, line="a"))), "$.exceptions[1]", "$.exceptions[0]"),
    ],
)
def test_what_has_no_one_meaning_is_refused(hours: Hours, path: str, message: str) -> None:
    """Hours that contradict themselves say where, and refuse to answer."""
    (problem,) = hours.validate()

    assert path == problem.path
    assert message in problem.message
    with pytest.raises(InputError):
        hours.is_open(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), ZoneInfo("UTC"))


@pytest.mark.parametrize(
    "hours",
    [
        Hours(week=(_rule("mon"), _rule("mon", line="a"), _rule("mon", line="b"))),
        Hours(week=(_rule("mon"), _rule("holiday"), _rule("makeup_day"))),
        Hours(week=(_rule("mon", intervals=(NINE, Interval.parse("12:00-13:00"))),)),
        Hours(exceptions=(_exception(1, 9), _exception(1, 3), _exception(3, 3, NINE), _exception(9, 9))),
        Hours(exceptions=(_exception(1, 3, line="a"), _exception(2, 4, line="b"))),
        Hours(exceptions=(_exception(1, 3, line="a"), _exception(1, 3))),
        Hours(exceptions=(_exception(1, 3), _exception(2, 4, NINE, effect="subtract"))),
        Hours(exceptions=(_exception(1, 3, NINE, effect="subtract"), _exception(2, 4, TEN, effect="subtract"))),
    ],
)
def test_what_has_one_meaning_is_accepted(hours: Hours) -> None:
    """Rules of different lines, narrower dates and overlapping closures are no contradiction."""
    assert [] == list(hours.validate())


def test_an_unknown_effect_is_refused() -> None:
    """An exception either replaces or subtracts."""
    with pytest.raises(ValueError, match="extend"):
        _exception(1, 1, effect="extend")


def test_reading_a_week_lists_every_problem() -> None:
    """Building hours from text names every day that cannot be read, and what contradicts itself."""
    with pytest.raises(InputError) as caught:
        Hours.from_week({"mon": "9-5", "tue": "00:00-00:00", "sat workday": "09:00-12:00"})

    assert ["$['mon']", "$['tue']", "$.week"] == [problem.path for problem in caught.value.problems]
