"""Facts, roles, priority, clocks and escalation of a case: what does not move its position."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from typing import Literal

from branchkit.errors import Refusal, Refused
from branchkit.escalation import Acknowledgement, WatchAcknowledged
from branchkit.messages import Event
from branchkit.procedures.case import Case, StageStatus, items_of
from branchkit.procedures.clocking import calendar_of, ladders_of, retargeted, told_anew
from branchkit.procedures.commands import (
    AcknowledgeEscalation,
    AssignRole,
    CancelClock,
    CaseCommand,
    PauseClock,
    RecordFacts,
    Reprioritise,
    ResetClock,
    ResumeClock,
)
from branchkit.procedures.events import ClockChanged, FactsRecorded, Reprioritised, RoleAssigned
from branchkit.procedures.facts import CaseFacts, moment_of, stated
from branchkit.procedures.going import refuse_actor
from branchkit.procedures.opening import unknown_priority
from branchkit.procedures.prepared import Prepared
from branchkit.temporal import (
    Clock,
    cancel_clock,
    pause_clock,
    reset_clock,
    resume_clock,
)

__all__ = ["acknowledge", "assign", "change_clock", "record", "reprioritise"]

_CODE = "by_hand"
"""Why a clock was changed, where no code is given."""


def record(prepared: Prepared, case: Case, command: RecordFacts, facts: CaseFacts) -> tuple[Event, ...]:
    """State facts of a case."""
    refusals = _open(case)
    steps = [prepared.steps[name] for name, state in items_of(case.stages).items() if state.status is StageStatus.OPEN]
    roles = items_of(case.roles)
    if not any(step.permit.allows(command.by, roles, facts.standing) for step in steps):
        _manager(prepared, case, command, facts, "state facts of the case", refusals)
    stated(prepared, command.facts, refusals)
    _refuse(command, refusals)
    held = items_of(case.facts)
    if all(held.get(name) == raw for name, raw in items_of(command.facts).items()):
        return ()
    at = moment_of(case, command.at)
    clocks = told_anew(prepared, case, items_of(command.facts), facts, at, command.by.id)
    return (FactsRecorded(case=case.id, at=at, by=command.by.persons, facts=command.facts, clocks=clocks),)


def assign(prepared: Prepared, case: Case, command: AssignRole, facts: CaseFacts) -> tuple[Event, ...]:
    """Give a role in a case to somebody."""
    refusals = _open(case)
    _manager(prepared, case, command, facts, "assign roles", refusals)
    known = [role.id for role in prepared.procedure.roles]
    if command.role not in known:
        reason = f"the procedure has no role {command.role!r}; there are: {', '.join(sorted(known)) or 'none'}"
        refusals.append(Refusal("unknown_role", reason, path="$.role"))
    _refuse(command, refusals)
    if case.roles.get(command.role) == command.actor:
        return ()
    at = moment_of(case, command.at)
    return (RoleAssigned(case=case.id, at=at, by=command.by.persons, role=command.role, actor=command.actor),)


def reprioritise(prepared: Prepared, case: Case, command: Reprioritise, facts: CaseFacts) -> tuple[Event, ...]:
    """Give a case another priority; what its clocks have used up stays used up."""
    refusals = _open(case)
    _manager(prepared, case, command, facts, "change the priority", refusals)
    if command.priority not in prepared.priorities:
        refusals.append(unknown_priority(prepared, command.priority))
    _refuse(command, refusals)
    if command.priority == case.priority:
        return ()
    ranks, at = prepared.priorities, moment_of(case, command.at)
    raised = case.priority is not None and ranks[command.priority] < ranks[case.priority]
    clocks = retargeted(prepared, case, facts, at, command.by.id, raised=raised)
    return (
        Reprioritised(
            case=case.id,
            at=at,
            by=command.by.persons,
            priority=command.priority,
            clocks=clocks,
            calendar=calendar_of(facts) if clocks else None,
            reason=command.reason,
        ),
    )


def change_clock(
    prepared: Prepared,
    case: Case,
    command: PauseClock | ResumeClock | ResetClock | CancelClock,
    facts: CaseFacts,
) -> tuple[Event, ...]:
    """Pause, resume, reset or cancel a clock."""
    refusals = _open(case)
    _manager(prepared, case, command, facts, "change a clock", refusals)
    clock, at, by = case.clock(command.clock), moment_of(case, command.at), command.by.id
    if clock is None:
        known = ", ".join(one.id for one in case.clocks) or "none"
        reason = f"the case has no clock {command.clock!r}; there are: {known}"
        refusals.append(Refusal("unknown_clock", reason, path="$.clock"))
        raise Refused.because(type(command).__name__, refusals)
    rules = prepared.clocks[clock.id].rules if clock.id in prepared.clocks else ()
    written = None if isinstance(command, PauseClock | ResumeClock) else command.reason
    if isinstance(command, ResetClock | CancelClock) and not (written or "").strip():
        refusals.append(Refusal("reason_missing", "it takes a reason", rules=rules, path="$.reason"))
    if isinstance(command, PauseClock) and command.reason not in prepared.reasons:
        listed = ", ".join(sorted(prepared.reasons)) or "none"
        reason = f"the procedure knows no reason {command.reason!r}; there are: {listed}"
        refusals.append(Refusal("unknown_reason", reason, path="$.reason"))
    changed = _try(lambda: _change(command, clock, at, by), rules, refusals)
    _refuse(command, refusals)
    assert changed is not None
    guarded = [changed] if isinstance(command, ResetClock) else []
    ladders = ladders_of(prepared, guarded, facts, refusals)
    _refuse(command, refusals)
    return (
        ClockChanged(
            case=case.id,
            at=at,
            by=command.by.persons,
            what=_WHAT[type(command)],
            clock=changed,
            ladders=ladders,
            reason_code=command.reason if isinstance(command, PauseClock) else None,
            reason=written,
            calendar=calendar_of(facts),
        ),
    )


_WHAT: Mapping[type[CaseCommand], Literal["paused", "resumed", "reset", "cancelled"]] = {
    PauseClock: "paused",
    ResumeClock: "resumed",
    ResetClock: "reset",
    CancelClock: "cancelled",
}


def _change(
    command: PauseClock | ResumeClock | ResetClock | CancelClock, clock: Clock, at: dt.datetime, by: str
) -> Clock:
    match command:
        case PauseClock(reason=reason):
            return pause_clock(clock, at, reason=reason, by=by)
        case ResumeClock():
            return resume_clock(clock, at, by=by)
        case ResetClock():
            return reset_clock(clock, at, reason=_CODE, by=by)
        case _:
            return cancel_clock(clock, at, reason=_CODE, by=by)


def _try(change: Callable[[], Clock], rules: tuple[str, ...], refusals: list[Refusal]) -> Clock | None:
    try:
        return change()
    except Refused as refused:
        refusals += (Refusal("clock_state", reason, rules=rules, path="$.clock") for reason in refused.reasons)
        return None


def acknowledge(prepared: Prepared, case: Case, command: AcknowledgeEscalation, facts: CaseFacts) -> tuple[Event, ...]:
    """Note that somebody sees to a clock that escalates."""
    refusals = _open(case)
    watch = case.rungs.get(command.clock)
    ladder = None if watch is None else facts.ladders.get(watch.ladder)
    if watch is None:
        refusals.append(Refusal("unknown_clock", f"no ladder guards the clock {command.clock!r}", path="$.clock"))
    elif ladder is None:
        refusals.append(Refusal("unknown_ladder", f"the ladder {watch.ladder!r} is not there"))
    elif ladder.acknowledgement == "nothing":
        reason = f"the ladder {ladder.id!r} takes no acknowledgement"
        refusals.append(Refusal("not_acknowledged", reason, path="$.clock"))
    roles = items_of(case.roles)
    steps = prepared.steps.values()
    if command.by.system or not any(step.permit.allows(command.by, roles, facts.standing) for step in steps):
        _manager(prepared, case, command, facts, "acknowledge an escalation", refusals)
    _refuse(command, refusals)
    assert watch is not None
    assert ladder is not None
    at = moment_of(case, command.at)
    until = None if ladder.hold is None else at + ladder.hold
    known = Acknowledgement(command.by.id, at=at, until=until)
    return (WatchAcknowledged(case=case.id, clock=command.clock, entry=watch.entry, acknowledgement=known),)


def _open(case: Case) -> list[Refusal]:
    return [] if case.is_open else [Refusal("case_not_open", f"the case {case.id!r} is {case.status}")]


def _manager(
    prepared: Prepared, case: Case, command: CaseCommand, facts: CaseFacts, what: str, refusals: list[Refusal]
) -> None:
    refusal = refuse_actor(command.by, prepared.manages, items_of(case.roles), facts, what)
    refusals += () if refusal is None else (refusal,)


def _refuse(command: CaseCommand, refusals: Iterable[Refusal]) -> None:
    found = list(refusals)
    if found:
        raise Refused.because(type(command).__name__, found)
