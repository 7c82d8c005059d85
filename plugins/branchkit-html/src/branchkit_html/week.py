"""Opening hours as a table: the kinds of days across, the lines of business down."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.temporal import DAY_TYPES, WEEKDAYS, Hours, HoursEffect, HoursException
from branchkit.values import Text
from branchkit_html.words import DAYS, LINES, WORDS, titled

__all__ = ["SpecialDay", "Week", "WeekRow", "special_days", "week_of"]

_SHOWN = 12
"""How many special dates are shown; more are for a calendar, not for a report."""


@attrs.frozen(kw_only=True)
class WeekRow:
    """The hours of one line of business."""

    line: Text
    cells: tuple[tuple[str, ...], ...]
    """The intervals of each day, empty for closed."""


@attrs.frozen(kw_only=True)
class Week:
    """The hours of a plain week."""

    days: tuple[Text, ...]
    rows: tuple[WeekRow, ...]
    has_lines: bool
    """Whether lines of business differ, so that the rows need their names."""


@attrs.frozen(kw_only=True)
class SpecialDay:
    """Other hours on dates."""

    dates: str
    what: Text
    reason: Text | None
    line: Text | None


def week_of(hours: Hours) -> Week:
    """Lay hours out as a table.

    >>> week_of(Hours.from_week({"mon tue": "09:00-12:00, 13:00-17:00", "sat": ""})).rows[0].cells[:3]
    (('09:00-12:00', '13:00-17:00'), ('09:00-12:00', '13:00-17:00'), ())
    """
    rules = {(rule.line, day): rule.intervals for rule in hours.week for day in rule.days}
    used = {day for _, day in rules}
    base = ("workday", "rest_day") if used & {"workday", "rest_day"} else WEEKDAYS
    days = (*base, *(day for day in DAY_TYPES if day in used and day not in base))
    lines = sorted({line for line, _ in rules}, key=lambda line: (line is None, line or ""))
    rows = tuple(
        WeekRow(
            line=WORDS["hours_other"] if line is None else titled(LINES, line),
            cells=tuple(tuple(map(str, rules.get((line, day), rules.get((None, day), ())))) for day in days),
        )
        for line in lines
    )
    return Week(days=tuple(DAYS[day] for day in days), rows=rows, has_lines=any(line is not None for line in lines))


def special_days(hours: Hours, today: dt.date) -> tuple[SpecialDay, ...]:
    """Return the next dates with other hours, the earliest first."""
    coming = sorted(
        (one for one in hours.exceptions if one.last >= today), key=lambda one: (one.first, one.last, one.line or "")
    )
    return tuple(_special(one) for one in coming[:_SHOWN])


def _special(exception: HoursException) -> SpecialDay:
    first, last = exception.first.isoformat(), exception.last.isoformat()
    spans = ", ".join(map(str, exception.intervals))
    if not spans:
        what = Text(zh="休息", en="closed")
    elif exception.effect is HoursEffect.SUBTRACT:
        what = Text(zh=f"{spans} 休息", en=f"closed {spans}")
    else:
        what = Text(zh=spans, en=spans)
    dates = first if first == last else f"{first} – {last}"
    return SpecialDay(
        dates=dates,
        what=what,
        reason=exception.reason,
        line=None if exception.line is None else titled(LINES, exception.line),
    )
