"""The picture of a calendar: a column a week, a field a day, and in it what was opened, due and missed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from branchkit.kit import CaseDay
from branchkit_html.drawing import element, label, picture, shape
from branchkit_html.words import DAYS, WORDS

__all__ = ["LEVELS", "heat_legend", "heat_map"]

LEVELS = (1, 3, 6, 10)
"""From how many due on a field is tinted more strongly."""
_LEFT, _TOP = 58, 24
_WIDE, _HIGH = 30, 25
_FIELD, _TALL = 27, 22
_DAY = dt.timedelta(days=1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def heat_map(ident: str, first: dt.date, last: dt.date, days: Sequence[CaseDay], today: dt.date) -> str:
    """Draw the days from a Monday to a Sunday.

    How many were due is the number in a field and its tint, what was missed has a corner of another colour, what was
    opened a dot; today has a frame. Nothing is told by colour alone, and the description has every number.
    """
    known = {one.day: one for one in days}
    weeks = ((last - first).days + 1) // 7
    content = ""
    for number, name in enumerate(_WEEKDAYS):
        y = _TOP + number * _HIGH + 15
        content += label(0, y, DAYS[name].zh, "tick still zh", lang="zh-CN")
        content += label(28, y, DAYS[name].en, "tick still en", lang="en")
    for number in range((last - first).days + 1):
        day = first + number * _DAY
        x, y = _LEFT + number // 7 * _WIDE, _TOP + number % 7 * _HIGH
        if day.day == 1 or number == 0:
            content += _month(day, number, x, last)
        content += _field(x, y, known.get(day), is_today=day == today)
    said = [_said(one) for one in days] or [str(WORDS["no_days"])]
    width, height = _LEFT + weeks * _WIDE + 4, _TOP + 7 * _HIGH + 2
    return picture(ident, width, height, WORDS["case_days"], "; ".join(said), content)


def heat_legend(kind: str) -> str:
    """Draw the sample of one kind for the legend: ``opened``, ``due``, ``late`` or ``today``."""
    day = dt.date(2000, 1, 3)
    sample = {
        "opened": CaseDay(day=day, opened=1, due=0, late=0),
        "due": CaseDay(day=day, opened=0, due=LEVELS[1], late=0),
        "late": CaseDay(day=day, opened=0, due=LEVELS[0], late=1),
    }.get(kind)
    return element(
        "svg",
        _field(1, 1, sample, is_today=kind == "today"),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {_FIELD + 2} {_TALL + 2}",
        width=_FIELD + 2,
        height=_TALL + 2,
        aria_hidden="true",
    )


def level(due: int) -> int:
    """Return how strongly a field is tinted, from 0 to 4.

    >>> level(0), level(1), level(5), level(99)
    (0, 1, 2, 4)
    """
    return sum(due >= least for least in LEVELS)


def _month(day: dt.date, number: int, x: int, last: dt.date) -> str:
    # The first column names its month only where the next month's name leaves it the room.
    if number == 0 and any((day + n * _DAY).day == 1 for n in range(1, 21)):
        return ""
    return label(x, 14, f"{day:%Y-%m}", "tick") if (last - day).days >= 7 else ""


def _field(x: int, y: int, day: CaseDay | None, *, is_today: bool) -> str:
    due, late, opened = (day.due, day.late, day.opened) if day is not None else (0, 0, 0)
    kind = f"day heat-{level(due)}{' today' if is_today else ''}"
    drawn = element("rect", x=x, y=y, width=_FIELD, height=_TALL, rx=3, class_=kind)
    if opened:
        drawn += element("circle", cx=x + 6, cy=y + 6, r=3, class_="opened")
    if late:
        drawn += shape("missed", (x + _FIELD - 11, y), (x + _FIELD, y), (x + _FIELD, y + 11))
    if due:
        drawn += label(x + 14, y + 17, str(due) if due < 1000 else "999+", f"due middle on-{level(due)}")
    return drawn


def _said(one: CaseDay) -> str:
    told = ((WORDS["case_opened"], one.opened), (WORDS["case_due"], one.due), (WORDS["case_missed"], one.late))
    return f"{one.day.isoformat()}: " + ", ".join(f"{words} {count}" for words, count in told if count)
