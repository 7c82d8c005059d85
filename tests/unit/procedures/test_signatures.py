"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.procedures import (
    AcknowledgeEscalation,
    AssignRole,
    CancelCase,
    CancelClock,
    Case,
    CaseCancelled,
    CaseCommand,
    CaseEvent,
    CaseFacts,
    CaseJoined,
    CaseLinked,
    CaseMigrated,
    CaseMoved,
    CaseOpened,
    CaseOutcome,
    CaseReopened,
    ClockChanged,
    CompleteStage,
    FactsRecorded,
    FormReading,
    JoinCase,
    Link,
    LinkCases,
    MigrateCase,
    Migration,
    OpenCase,
    OpenedBy,
    PauseClock,
    Procedure,
    Reason,
    Record,
    RecordFact,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResetClock,
    ResumeClock,
    RoleAssigned,
    RoleSpec,
    Separation,
    Signatures,
    SignStage,
    Stage,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageState,
    StageWaived,
    Surroundings,
    Suspends,
    Transition,
    Waiver,
    WaiveStage,
)

TAKES = {
    AcknowledgeEscalation: "case, clock, *, by, at, recorded_at=NOTHING, id=None",
    AssignRole: "case, role, actor, *, by, at, recorded_at=NOTHING, id=None",
    CancelCase: "case, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    CancelClock: "case, clock, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    Case: (
        "id, procedure, version, branch, place, status, outcome, opened, latest, stages, facts=FrozenMap({}), "
        "roles=FrozenMap({}), actors=FrozenMap({}), clocks=(), rungs=FrozenMap({}), links=(), parent=None, "
        "key=None, priority=None"
    ),
    CaseCancelled: "*, case, at, by, clocks=(), reason=None",
    CaseCommand: "case, *, by, at, recorded_at=NOTHING, id=None",
    CaseEvent: "*, case, at, by",
    CaseFacts: (
        "*, frame=None, standing=NOTHING, facts=NOTHING, records=NOTHING, forms=NOTHING, duties=NOTHING, "
        "apart=(), targets=NOTHING, target_facts=frozenset(), ladders=NOTHING, others=None, same_key=None, "
        "blocked_by=(), parts=()"
    ),
    CaseJoined: "*, case, at, by, finding=None, sheet=None",
    CaseLinked: "*, case, at, by, link",
    CaseMigrated: (
        "*, case, at, by, version, stages=FrozenMap({}), transitions=FrozenMap({}), dropped=(), clocks=(), reason=None"
    ),
    CaseMoved: (
        "*, case, at, by, opened=(), waiting=(), skipped=FrozenMap({}), clocks=(), ladders=FrozenMap({}), "
        "facts=FrozenMap({}), roles=FrozenMap({}), duties=(), outcome=None, closes=False, read=FrozenMap({}), "
        "calendar=None"
    ),
    CaseOpened: (
        "*, case, at, by, opened=(), waiting=(), skipped=FrozenMap({}), clocks=(), ladders=FrozenMap({}), "
        "facts=FrozenMap({}), roles=FrozenMap({}), duties=(), outcome=None, closes=False, read=FrozenMap({}), "
        "calendar=None, procedure, version, branch, place, priority=None, key=None, links=(), parent=None, "
        "note=None"
    ),
    CaseOutcome: "code, *, title",
    CaseReopened: (
        "*, case, at, by, opened=(), waiting=(), skipped=FrozenMap({}), clocks=(), ladders=FrozenMap({}), "
        "facts=FrozenMap({}), roles=FrozenMap({}), duties=(), outcome=None, closes=False, read=FrozenMap({}), "
        "calendar=None, reason=None"
    ),
    ClockChanged: "*, case, at, by, what, clock, ladders=FrozenMap({}), reason_code=None, calendar=None, reason=None",
    CompleteStage: (
        "case, stage, transition, *, by, at, recorded_at=NOTHING, id=None, sheet=None, facts=FrozenMap({}), "
        "reason=None, note=None"
    ),
    FactsRecorded: "*, case, at, by, facts, clocks=()",
    FormReading: "*, sheet, checklist, branch, by, state='final', complete=True, answers=NOTHING",
    JoinCase: "case, *, by, at, recorded_at=NOTHING, id=None, finding=None, sheet=None",
    Link: "kind, case",
    LinkCases: "case, other, link, *, by, at, recorded_at=NOTHING, id=None",
    MigrateCase: (
        "case, to_version, *, by, at, recorded_at=NOTHING, id=None, stages=FrozenMap({}), "
        "transitions=FrozenMap({}), reason=None"
    ),
    Migration: "*, case, before, after, open_stages, dropped, stopped, obstacles",
    OpenCase: (
        "case, *, by, at, recorded_at=NOTHING, id=None, procedure, branch, place=(), facts=FrozenMap({}), "
        "roles=FrozenMap({}), priority=None, key=None, links=(), parent=None, note=None"
    ),
    OpenedBy: "*, procedure, item, place",
    PauseClock: "case, clock, reason, *, by, at, recorded_at=NOTHING, id=None",
    Procedure: (
        "id, *, version, title, purpose=None, starts, stages, opens, manages=(), outcomes, facts=(), "
        "record_facts=(), required_facts=(), applies=None, roles=(), priorities=(), targets=None, clocks=(), "
        "ladders=FrozenMap({}), pause_reasons=(), suspends=None, separations=(), rules=(), basis='sourced'"
    ),
    Reason: "code, *, title",
    Record: "*, of, at, values=NOTHING",
    RecordFact: "name, *, type, of, take, where=FrozenMap({}), field=None, window=None",
    RecordFacts: "case, facts, *, by, at, recorded_at=NOTHING, id=None",
    ReopenCase: "case, to, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    Reprioritise: "case, priority, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    Reprioritised: "*, case, at, by, priority, clocks=(), calendar=None, reason=None",
    ResetClock: "case, clock, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    ResumeClock: "case, clock, *, by, at, recorded_at=NOTHING, id=None",
    RoleAssigned: "*, case, at, by, role, actor",
    RoleSpec: "id, *, title",
    Separation: "id, *, title, duties, within='case', rules=()",
    SignStage: "case, stage, *, by, at, recorded_at=NOTHING, id=None, decision='approve', reason=None",
    Signatures: "*, count=2, mode='joint', actors=(), distinct=True",
    Stage: (
        "id, *, title, actors, transitions, form=None, form_required=True, needs=(), when=None, optional=False, "
        "onward=None, assigns=FrozenMap({}), signatures=None, attempts=None, waiver=None, no_waiver_rules=(), "
        "clocks=(), rules=(), basis='sourced'"
    ),
    StageCompleted: (
        "*, case, at, by, opened=(), waiting=(), skipped=FrozenMap({}), clocks=(), ladders=FrozenMap({}), "
        "facts=FrozenMap({}), roles=FrozenMap({}), duties=(), outcome=None, closes=False, read=FrozenMap({}), "
        "calendar=None, stage, transition, sheet=None, reason=None, note=None"
    ),
    StageProposed: (
        "*, case, at, by, stage, transition, sheet=None, facts=FrozenMap({}), clocks=(), duties=(), "
        "read=FrozenMap({}), reason=None, note=None"
    ),
    StageReturned: "*, case, at, by, stage, duties=(), reason=None",
    StageSigned: "*, case, at, by, stage, duties=()",
    StageState: "status, entry, since, by=(), sheet=None, transition=None, signed=()",
    StageWaived: (
        "*, case, at, by, opened=(), waiting=(), skipped=FrozenMap({}), clocks=(), ladders=FrozenMap({}), "
        "facts=FrozenMap({}), roles=FrozenMap({}), duties=(), outcome=None, closes=False, read=FrozenMap({}), "
        "calendar=None, stage, transition, rules=(), reason=None"
    ),
    Surroundings: "*, checklists=None, ladders=None, posts=None, targets=None, procedures=None, registers=None",
    Suspends: "*, reason, scope='branch', after=None, until=None, clocks=(), mode='pauses', rules=()",
    Transition: (
        "id, *, title, to=(), ends=None, withdraws=False, returns=False, when=None, else_reason=None, actors=(), "
        "reason_required=False, opens=None, rules=()"
    ),
    WaiveStage: "case, stage, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    Waiver: "*, actors, rules=()",
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
        setattr(object.__new__(kind), attrs.fields(kind)[0].name, None)
