"""Opening hours as a table: what is stated, what is closed, and what is different on some dates."""

from __future__ import annotations

import datetime as dt

from branchkit_html.week import special_days, week_of

from branchkit.temporal import Hours, HoursEffect, HoursException, Interval
from branchkit.values import Text


def exception(first: int, last: int, *intervals: str, effect: str = "replace") -> HoursException:
    return HoursException(
        first=dt.date(2026, 5, first),
        last=dt.date(2026, 5, last),
        effect=HoursEffect(effect),
        intervals=tuple(map(Interval.parse, intervals)),
        reason=Text(zh="劳动节", en="Labour Day"),
    )


def test_weekdays_are_seven_columns() -> None:
    """Hours by weekday have seven columns, and a day without a rule is closed."""
    week = week_of(Hours.from_week({"mon tue wed thu fri": "09:00-17:00", "sat": "09:30-12:00"}))

    assert ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] == [day.en for day in week.days]
    assert [("09:00-17:00",)] * 5 + [("09:30-12:00",), ()] == list(week.rows[0].cells)
    assert not week.has_lines


def test_day_types_are_their_own_columns() -> None:
    """Hours by kind of day show workdays and rest days, and holidays only where there is a rule for them."""
    week = week_of(Hours.from_week({"workday": "09:00-17:00", "holiday": "10:00-15:00"}))

    assert ["Workday", "Rest day", "Holiday"] == [day.en for day in week.days]
    assert (("09:00-17:00",), (), ("10:00-15:00",)) == week.rows[0].cells


def test_a_line_falls_back_to_the_rule_for_all() -> None:
    """A line of business without a rule for a day has the hours that hold for every line; those come last."""
    common = Hours.from_week({"mon tue": "09:00-17:00"})
    lines = Hours.from_week({"mon": "10:00-12:00"}, line="vault")
    week = week_of(Hours(week=(*common.week, *lines.week)))

    assert ["vault", "Other business"] == [row.line.en for row in week.rows]
    assert (("10:00-12:00",), ("09:00-17:00",)) == week.rows[0].cells[:2]
    assert week.has_lines


def test_special_dates_are_those_to_come() -> None:
    """Dates that are over are left out; the others say what is different, in order."""
    hours = Hours(
        exceptions=(
            exception(20, 20, "12:00-13:30", effect="subtract"),
            exception(10, 11, "10:00-15:00"),
            exception(1, 5),
            exception(9, 9),
        )
    )

    found = [(day.dates, day.what.en) for day in special_days(hours, dt.date(2026, 5, 5))]
    assert [
        ("2026-05-01 – 2026-05-05", "closed"),
        ("2026-05-09", "closed"),
        ("2026-05-10 – 2026-05-11", "10:00-15:00"),
        ("2026-05-20", "closed 12:00-13:30"),
    ] == found
