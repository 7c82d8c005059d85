"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.temporal import (
    After,
    Around,
    AtMost,
    Before,
    Bound,
    ByTarget,
    Calendar,
    CalendarChange,
    CalendarDay,
    Clock,
    ClockReading,
    ClockSpec,
    ClockTimeline,
    Continuous,
    Daily,
    Due,
    EveryDays,
    HalfYearly,
    Hours,
    HoursException,
    HoursRule,
    Interval,
    Monthly,
    Named,
    NotConfigured,
    Occurrence,
    OnEvent,
    Pause,
    Quarterly,
    Random,
    Reprojection,
    Suspension,
    TimeFrame,
    Weekly,
    Within,
    Yearly,
)
from branchkit.values import Unknown

TAKES = {
    After: "*, time=None, working_days=None, end=None, roll=<Roll.NONE: 'none'>",
    Around: "*, zone=None, hours=None, calendar=None, seed=None, told=NOTHING, label='', done=()",
    AtMost: "*, span, irregular=False",
    Before: "*, lead=None, working_days=None, anchor, roll=<Roll.NONE: 'none'>",
    Bound: "*, deadline, counting, since, carried=datetime.timedelta(0)",
    ByTarget: "*, output",
    Calendar: (
        "id, *, version, title, confirmed_from, confirmed_through, weekly=('mon', 'tue', 'wed', 'thu', "
        "'fri'), days=(), changes=()"
    ),
    CalendarChange: "*, announced, days, reason=None, source=None",
    CalendarDay: "date, *, working, name=None, source=None",
    Clock: (
        "id, *, bound, caps=(), started, latest, state=<ClockState.RUNNING: 'running'>, pauses=(), stopped=None, "
        "reason=None, by=None, calendar=None, line=None, pauses_on=(), statutory=False, anchors=FrozenMap({})"
    ),
    ClockReading: "*, state, elapsed, remaining, due, late, paused_for, because=()",
    ClockSpec: (
        "id, *, title, deadline, counting=<Counting.ELAPSED: 'elapsed'>, calendar=None, line=None, starts='opened', "
        "stops=('closed',), pauses_on=(), statutory=False, basis='sourced', rules=()"
    ),
    ClockTimeline: "*, clock, at, frame, suspensions=()",
    Continuous: "",
    Daily: "*, times=(), on='every_day'",
    Due: "at, *, moved_by=(), rolled_from=None",
    EveryDays: "*, every, since",
    HalfYearly: "*, day=None, weekday=None, nth=None, working_day=None, month=6",
    Hours: "*, week=(), exceptions=()",
    HoursException: "*, first, last, effect=<HoursEffect.REPLACE: 'replace'>, intervals, line=None, reason=None",
    HoursRule: "*, days, intervals, line=None",
    Interval: "opens, closes",
    Monthly: "*, day=None, weekday=None, nth=None, working_day=None",
    Named: "*, moment, days=None, roll=<Roll.NONE: 'none'>",
    NotConfigured: "",
    Occurrence: "*, day, time=None, at=None, until, moved=()",
    OnEvent: "*, event",
    Pause: "*, since, until=None, reason, by=None",
    Quarterly: "*, day=None, weekday=None, nth=None, working_day=None, month=3",
    Random: "*, period, count=1, on='every_day'",
    Reprojection: "*, clock, old, new",
    Suspension: (
        "*, id, branch, since, until=None, reason, zone=None, pauses=frozenset({'all'}), serves=False, rules=()"
    ),
    TimeFrame: "*, zone, hours=None, calendar=None, line=None, working_only=False",
    Weekly: "*, weekdays, every=1, since=None, times=()",
    Within: "*, period, roll=<Roll.NONE: 'none'>",
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
        setattr(object.__new__(kind), next((one.name for one in attrs.fields(kind)), "anything"), None)
