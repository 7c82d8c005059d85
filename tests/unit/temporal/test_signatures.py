"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.temporal import (
    Around,
    AtMost,
    Calendar,
    CalendarChange,
    CalendarDay,
    Daily,
    EveryDays,
    HalfYearly,
    Hours,
    HoursException,
    HoursRule,
    Interval,
    Monthly,
    Occurrence,
    OnEvent,
    Quarterly,
    Random,
    Weekly,
    Yearly,
)
from branchkit.values import Unknown

TAKES = {
    Around: "*, zone=None, hours=None, calendar=None, seed=None, told=NOTHING, label='', done=()",
    AtMost: "*, span, irregular=False",
    Calendar: (
        "id, *, version, title, confirmed_from, confirmed_through, weekly=('mon', 'tue', 'wed', 'thu', "
        "'fri'), days=(), changes=()"
    ),
    CalendarChange: "*, announced, days, reason=None, source=None",
    CalendarDay: "date, *, working, name=None, source=None",
    Daily: "*, times=(), on='every_day'",
    EveryDays: "*, every, since",
    HalfYearly: "*, day=None, weekday=None, nth=None, working_day=None, month=6",
    Hours: "*, week=(), exceptions=()",
    HoursException: "*, first, last, effect=<HoursEffect.REPLACE: 'replace'>, intervals, line=None, reason=None",
    HoursRule: "*, days, intervals, line=None",
    Interval: "opens, closes",
    Monthly: "*, day=None, weekday=None, nth=None, working_day=None",
    Occurrence: "*, day, time=None, at=None, until, moved=()",
    OnEvent: "*, event",
    Quarterly: "*, day=None, weekday=None, nth=None, working_day=None, month=3",
    Random: "*, period, count=1, on='every_day'",
    Weekly: "*, weekdays, every=1, since=None, times=()",
    Yearly: "*, dates",
}
"""What stands before the star may be given by position; renaming or reordering it breaks whoever calls it."""


def takes(kind: type) -> str:
    """Write a signature without its types."""
    words, star = [], False
    for one in inspect.signature(kind).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            words.append("*")
        default = "unknown" if one.default == Unknown() else repr(one.default)
        words.append(one.name if one.default is one.empty else f"{one.name}={default}")
    return ", ".join(words)


@pytest.mark.parametrize("kind", TAKES, ids=lambda kind: kind.__name__)
def test_what_a_class_takes_and_that_it_is_frozen(kind: type) -> None:
    """A class takes what it always took, with the same defaults, and does not change once it is made."""
    assert TAKES[kind] == takes(kind)
    assert "__attrs_attrs__" in vars(kind)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(kind), attrs.fields(kind)[0].name, None)
