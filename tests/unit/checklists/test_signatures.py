"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.checklists import (
    Agenda,
    AgendaOpened,
    Answer,
    BoundChecklist,
    Cell,
    Checklist,
    Choice,
    CloseFinding,
    CommitSeed,
    Count,
    Covers,
    DateAnswer,
    Distinct,
    Drawing,
    Drawn,
    Due,
    EachEquipment,
    EachStaff,
    EachValue,
    EachZone,
    EvidenceRule,
    FileAnswer,
    FindingClosed,
    Item,
    Judgement,
    MomentAnswer,
    Number,
    Occasion,
    OccasionMissed,
    OpenScheduled,
    Option,
    PassFail,
    Pin,
    Reading,
    RevealSeed,
    Rows,
    Scale,
    Schedule,
    SchedulePlan,
    Section,
    SeedCommitted,
    SeedRevealed,
    Sheet,
    SheetSubmitted,
    Signature,
    SubmitSheet,
    TextAnswer,
    TimeAnswer,
    Total,
    read,
)
from branchkit.checklists.cells import Filled
from branchkit.checklists.information import _Informative
from branchkit.checklists.layout import Layout, layout_of
from branchkit.checklists.prepared import Asked, Prepared
from tests.unit.checklists.tours import asks, bound, item, ok, sheet

TAKES = {
    Agenda: "*, branch, plan, through",
    AgendaOpened: "*, branch, plan, version, through, occasions=(), missed=0, untold=()",
    Answer: "item, *, value=None, words=None, not_applicable=None, unknown=None, on=(), note=None, photos=(), files=()",
    Asked: "section, item, repeated, conditions, looks_at, judgements",
    BoundChecklist: "checklist, pin, facts",
    Cell: "*, section, item, on=(), state, value=Unknown(reason='not answered'), reason=None, judgement=None",
    Checklist: "id, *, version, title, sections, facts=(), policy=None, rules=()",
    Choice: "*, options, several=False, open=False",
    CloseFinding: "branch, finding, *, by, at, recorded_at=NOTHING, id=None, reason",
    CommitSeed: "branch, plan, entry, period, commitment, *, by, at, recorded_at=NOTHING, id=None",
    Count: "*, when=None, low=None, high=None, message, severity, rules=()",
    Covers: "*, item, values, message, severity, rules=()",
    DateAnswer: "",
    Distinct: "*, items, message, severity, rules=()",
    Drawing: (
        "*, branch, plan, period, zone, commitment, committed_by, committed_at, seed=None, among=(), "
        "drawn=(), revealed_by=None, revealed_at=None"
    ),
    Drawn: "place, days",
    Due: "*, plan, entry, place, state, day=None, time=None, at=None, until=None, moved=(), note=None",
    EachEquipment: "*, kinds, zone_kinds=(), working=False, capability=None",
    EachStaff: "*, posts",
    EachValue: "*, name, values=(), fact=None",
    EachZone: "*, kinds",
    EvidenceRule: "*, on, needs",
    FileAnswer: "*, photo=False",
    Filled: "layout, values, is_straight",
    FindingClosed: "branch, finding, closure",
    Item: (
        "id, *, text, answer=NOTHING, rules=(), severity=None, basis='sourced', required=True, when=None, "
        "for_each=(), not_applicable='never', evidence=(), judgements=(), hint=None, opens=None"
    ),
    Judgement: "*, when, outcome, severity=None, message=None, rules=()",
    Layout: "places, texts, straight, names, index, open, watched, waiting, shown, words",
    MomentAnswer: "",
    Number: "*, unit, low=None, high=None, pass_low=None, pass_high=None, whole=False",
    Occasion: "*, entry, place, procedure, day, time=None, until",
    OccasionMissed: "*, branch, plan, occasion",
    OpenScheduled: "branch, plan, through, *, by, at, recorded_at=NOTHING, id=None",
    Option: "code, *, text, outcome=<Outcome.NEUTRAL: 'neutral'>",
    PassFail: "",
    Pin: "*, checklist, version, checklist_digest, branch, at, facts=FrozenMap({}), expansions=FrozenMap({})",
    Prepared: "asked, waiting, reads, counts, expanded, has_rows, layouts=NOTHING",
    Reading: "sheet, bound, cells, problems, sets=NOTHING, filled=None",
    RevealSeed: "branch, plan, entry, period, seed, *, by, at, recorded_at=NOTHING, id=None, facts=FrozenMap({})",
    Rows: "*, least=0, most=None, key=None",
    Scale: "*, low, high, pass_from=None",
    Schedule: (
        "id, *, title, cycle, checklist=None, for_each=(), when=None, by=None, roll=<Roll.NONE: 'none'>, "
        "basis='sourced', severity=None, rules=(), note=None, opens=None"
    ),
    SchedulePlan: "id, *, version, title, entries, facts=()",
    Section: "id, *, title, items, for_each=(), rows=None, when=None, constraints=()",
    SeedCommitted: "*, branch, plan, period, zone, commitment, by, at",
    SeedRevealed: "*, drawing, seed, among, drawn, by, at",
    Sheet: (
        "id, *, checklist, version, branch, at, by, answers=(), state='final', supersedes=None, "
        "facts=FrozenMap({}), bound=None"
    ),
    SheetSubmitted: "sheet, pin, opened=(), closed=(), closure=None, reopened=()",
    Signature: "*, post=None",
    SubmitSheet: "sheet, *, by, at, recorded_at=NOTHING, id=None",
    TextAnswer: "*, max_length=2000, public=False",
    TimeAnswer: "",
    Total: "*, item, low=None, high=None, message, severity, rules=()",
    _Informative: "",
}
"""What stands before the star may be given by position; renaming or reordering it breaks whoever calls it."""


def takes(kind: type) -> str:
    """Write a signature without its types."""
    words, star = [], False
    for one in inspect.signature(kind).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            words.append("*")
        words.append(one.name if one.default is one.empty else f"{one.name}={one.default!r}")
    return ", ".join(words)


@pytest.mark.parametrize("kind", TAKES, ids=lambda kind: kind.__name__)
def test_what_a_class_takes_and_that_it_is_frozen(kind: type) -> None:
    """A class takes what it always took, with the same defaults, and does not change once it is made."""
    assert TAKES[kind] == takes(kind)
    assert "__attrs_attrs__" in vars(kind)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(kind), next((one.name for one in attrs.fields(kind)), "anything"), None)


def test_what_is_worked_out_is_compared_by_nothing_but_itself() -> None:
    """What is worked out from documents equals itself alone and can be a key, however much it holds."""
    one = asks(item("a"))
    known = bound(one)
    found = read(sheet(ok("a")), known)
    worked_out = (one.prepared, one.prepared.asked["a"], layout_of(known), known, found, found.filled)

    for each in worked_out:
        assert each is not None
        assert attrs.evolve(each) != each
        assert each in {each}


def test_a_repr_is_short() -> None:
    """A cell's repr tells its place and its state and no answer; a reading's leaves out how it was looked up."""
    found = read(sheet(ok("a")), bound(asks(item("a"))))

    assert "Cell(section=s, item=a, on=(), state=<CellState.PASSED: 'passed'>, reason=None)" == repr(found.cells[0])
    assert "filled" not in repr(found)
