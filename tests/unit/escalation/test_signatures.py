"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.escalation import (
    Acknowledgement,
    AfterDue,
    AtShare,
    BeforeDue,
    EndQuiet,
    EscalationLadder,
    KeepQuiet,
    OpenCaseFor,
    QuietEnded,
    QuietKept,
    QuietWindow,
    RaisePriority,
    Reached,
    Reassign,
    Repeat,
    Rung,
    RungReached,
    SweepCase,
    Watch,
    WatchAcknowledged,
    Watched,
)

TAKES = {
    Acknowledgement: "by, *, at, until=None",
    AfterDue: "*, lag=datetime.timedelta(0), time='clock'",
    AtShare: "*, share",
    BeforeDue: "*, lead, time='clock'",
    EndQuiet: "window, *, by, at, recorded_at=NOTHING, id=None",
    EscalationLadder: (
        "id, *, version, title, rungs, facts=(), repeat=None, acknowledgement='holds', hold=None, "
        "inhibited_when=None, group_by=None, retry=datetime.timedelta(seconds=300), rules=(), basis='sourced'"
    ),
    KeepQuiet: "window, *, by, at, recorded_at=NOTHING, id=None",
    OpenCaseFor: "*, procedure",
    QuietEnded: "*, window, at",
    QuietKept: "*, window",
    QuietWindow: "*, id, since, until, reason, branch=None, ladder=None",
    RaisePriority: "*, to",
    Reached: (
        "*, rung, round=0, due, outcome, told=(), message=None, do=(), assign=FrozenMap({}), why=None, "
        "code=None, until=None, rules=(), group_by=None"
    ),
    Reassign: "*, role, to",
    Repeat: "*, start, every, times=None",
    Rung: (
        "id, *, at, when=None, tell=(), message=None, do=(), record_only=False, if_nobody='skip', "
        "working_hours=False, despite_acknowledgement=False, rules=()"
    ),
    RungReached: "*, case, clock, entry, ladder, version, reached",
    SweepCase: "case, *, by, at, recorded_at=NOTHING, id=None",
    Watch: (
        "clock, *, ladder, version, entry=1, rounds=FrozenMap({}), held=FrozenMap({}), acknowledged=None, "
        "unreadable=None"
    ),
    WatchAcknowledged: "*, case, clock, entry, acknowledgement",
    Watched: (
        "*, case, branch, place=(), watch, timeline, facts=NOTHING, standing=NOTHING, roster=NOTHING, quiet=(), "
        "opens=_always, duplicate_of=None"
    ),
}
"""What stands before the star may be given by position; renaming or reordering it breaks whoever calls it."""


def takes(kind: type) -> str:
    """Write a signature without its types."""
    words, star = [], False
    for one in inspect.signature(kind).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            words.append("*")
        default = one.default.__name__ if inspect.isfunction(one.default) else repr(one.default)
        words.append(one.name if one.default is one.empty else f"{one.name}={default}")
    return ", ".join(words)


@pytest.mark.parametrize("kind", TAKES, ids=lambda kind: kind.__name__)
def test_what_a_class_takes_and_that_it_is_frozen(kind: type) -> None:
    """A class takes what it always took, with the same defaults, and does not change once it is made."""
    assert TAKES[kind] == takes(kind)
    assert "__attrs_attrs__" in vars(kind)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(kind), attrs.fields(kind)[0].name, None)
