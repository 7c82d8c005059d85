"""Completing, signing and waiving the stages of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from branchkit.checklists import RawFact
from branchkit.errors import Refusal, Refused
from branchkit.messages import Actor, Event
from branchkit.procedures.case import NOTHING, Case, StageState, StageStatus, items_of
from branchkit.procedures.clocking import calendar_of, latest, told_anew
from branchkit.procedures.commands import CompleteStage, SignStage, WaiveStage
from branchkit.procedures.events import (
    Duty,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageWaived,
)
from branchkit.procedures.facts import CaseFacts, moment_of, stated
from branchkit.procedures.filling import NO_DUTIES, assigned, said, with_form
from branchkit.procedures.going import Going, check_way, go_on, is_straight, move_clocks, refuse_actor
from branchkit.procedures.prepared import Permit, Prepared, Step, Way
from branchkit.procedures.separation import keep_apart
from branchkit.temporal import Clock
from branchkit.values import FrozenMap

__all__ = ["complete", "sign", "waive"]

_OPEN = StageStatus.OPEN
_NO_CLOCKS: tuple[Clock, ...] = ()


def complete(prepared: Prepared, case: Case, command: CompleteStage, facts: CaseFacts) -> tuple[Event, ...]:
    """Complete a stage, or propose it where others have to sign."""
    refusals: list[Refusal] = []
    step, state = _stage(prepared, case, command.stage, refusals, command)
    way = step.ways.get(command.transition)
    if way is None:
        known = ", ".join(step.ways)
        reason = f"the stage {command.stage!r} has no transition {command.transition!r}; there are: {known}"
        zh = f"环节{command.stage}没有流转{command.transition}；可选：{known}"
        refusals.append(Refusal("unknown_transition", reason, path="$.transition", zh=zh))
        raise Refused.because(type(command).__name__, refusals)
    actor, at, changes = command.by, moment_of(case, command.at), command.facts
    persons, duties = actor.persons, NO_DUTIES
    _permit(step, way, case, actor, facts, refusals)
    if command.sheet is not None or step.stage.form is not None:
        changes, duties = with_form(prepared, step, case, command, facts, refusals)
    elif changes is not NOTHING:
        stated(prepared, changes, refusals)
    held = items_of(case.facts) if changes is NOTHING else {**items_of(case.facts), **items_of(changes)}
    told = _NO_CLOCKS if changes is NOTHING else told_anew(prepared, case, changes, facts, at, actor.id)
    before = latest(case.clocks, told) if told else case.clocks
    if way.transition.reason_required and not said(command.reason):
        reason = f"the transition {way.transition.id!r} is taken only with a reason"
        zh = f"“{way.transition.title.say('zh')}”须写明理由"
        refusals.append(Refusal("reason_missing", reason, rules=way.transition.rules, path="$.reason", zh=zh))
    if prepared.conflicts or facts.apart:
        keep_apart(prepared, case, step.duty, persons, facts, refusals, duties)
        for duty, those in duties:
            keep_apart(prepared, case, duty, those, facts, refusals)
    # Most steps: texts of the case guard them, which conditions take as they are, and one stage simply opens.
    going = None
    if (way.test is not None and not (way.is_plain and way.test(held) is True)) or way.again:  # type: ignore[arg-type]
        going = _going(prepared, case, facts, held, at, actor, refusals, before)
        check_way(going, way, 1 if state is None else state.entry)
    if step.signers is not None:
        going = going or _going(prepared, case, facts, held, at, actor, refusals, before)
        return _propose(command, case, going, state, changes, duties, told)
    fields: dict[str, Any] = {
        "case": case.id,
        "at": at,
        "by": persons,
        "stage": command.stage,
        "transition": command.transition,
        "sheet": command.sheet,
        "facts": changes,
        "roles": assigned(step, actor.id, held, refusals) if step.stage.assigns else NOTHING,
        "duties": duties,
        "reason": command.reason,
        "note": command.note,
    }
    if way.following is not None and is_straight(prepared, items_of(case.stages), way):
        clocks, ladders = move_clocks(
            prepared, before, way.following.starts, step.stops, at, held, facts, actor.id, refusals
        )
        fields["opened"] = way.transition.to
        fields["waiting"], fields["skipped"], fields["outcome"], fields["closes"] = (), NOTHING, case.outcome, False
        fields["clocks"], fields["ladders"] = clocks, ladders
        fields["calendar"] = calendar_of(facts) if clocks and facts.frame is not None else None
    else:
        going = going or _going(prepared, case, facts, held, at, actor, refusals, before)
        fields |= go_on(going, command.stage, (way.transition,), case.outcome)
    fields["read"] = FrozenMap(going.read) if going is not None and going.read else NOTHING
    if told:
        fields["clocks"], fields["calendar"] = latest(told, fields["clocks"]), calendar_of(facts)
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    return (StageCompleted(**fields),)


def _propose(
    command: CompleteStage,
    case: Case,
    going: Going,
    state: StageState | None,
    changes: FrozenMap[RawFact],
    duties: tuple[Duty, ...],
    clocks: tuple[Clock, ...],
) -> tuple[Event, ...]:
    if state is not None and state.status is _OPEN and state.transition is not None:
        reason = f"the stage {command.stage!r} waits for signatures already"
        going.refusals.append(Refusal("waits_for_signatures", reason, path="$.stage", zh="正等待签署"))
    if going.refusals:
        raise Refused.because(type(command).__name__, going.refusals)
    return (
        StageProposed(
            case=case.id,
            at=going.at,
            by=command.by.persons,
            stage=command.stage,
            transition=command.transition,
            sheet=command.sheet,
            facts=changes,
            clocks=clocks,
            duties=duties,
            read=FrozenMap(going.read),
            reason=command.reason,
            note=command.note,
        ),
    )


def sign(prepared: Prepared, case: Case, command: SignStage, facts: CaseFacts) -> tuple[Event, ...]:
    """Sign what waits in a stage; with the last signature it is completed. Or send it back."""
    refusals: list[Refusal] = []
    step, state = _stage(prepared, case, command.stage, refusals, command)
    rule, permit = step.stage.signatures, step.signers
    if rule is None or permit is None or state is None or state.transition is None or state.status is not _OPEN:
        refusals.append(Refusal("nothing_to_sign", f"nothing waits for signatures in the stage {command.stage!r}"))
        raise Refused.because(type(command).__name__, refusals)
    actor, persons, at = command.by, command.by.persons, moment_of(case, command.at)
    joint = rule.mode == "joint"
    _permit_by(permit, case, actor, facts, f"sign in the stage {command.stage!r}", step.stage.rules, refusals)
    # Whoever proposed it may be among those who approve only where the procedure says so.
    before = state.signed if joint or rule.distinct else state.signed[1:]
    doubled = [person for person in persons if any(person in those for those in before)]
    if doubled and command.decision == "approve":
        who = ", ".join(map(repr, doubled))
        reason = f"{who} has a part in it already; it takes distinct people"
        zh = f"{'、'.join(doubled)}已参与此环节，须由不同的人签署"
        refusals.append(Refusal("not_distinct", reason, rules=step.stage.rules, path="$.by", zh=zh))
    duties = () if joint else ((step.sign_duty, persons),)
    keep_apart(prepared, case, step.duty if joint else step.sign_duty, persons, facts, refusals)
    if command.decision == "return":
        if not said(command.reason):
            sent_back = "it is sent back only with a reason"
            refusals.append(Refusal("reason_missing", sent_back, path="$.reason", zh="退回须写明理由"))
        if refusals:
            raise Refused.because(type(command).__name__, refusals)
        return (
            StageReturned(case=case.id, at=at, by=persons, stage=command.stage, duties=duties, reason=command.reason),
        )
    signed = StageSigned(case=case.id, at=at, by=persons, stage=command.stage, duties=duties)
    if len(state.signed) + 1 < rule.count + (0 if joint else 1):
        if refusals:
            raise Refused.because(type(command).__name__, refusals)
        return (signed,)
    held = items_of(case.facts)
    way = step.ways[state.transition]
    going = _going(prepared, case, facts, held, at, actor, refusals)
    check_way(going, way, state.entry)
    moved = go_on(going, command.stage, (way.transition,), case.outcome)
    did = state.signed[0]
    roles = assigned(step, did[0], held, refusals) if step.stage.assigns else NOTHING
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    completed = StageCompleted(
        case=case.id,
        at=at,
        by=did,
        stage=command.stage,
        transition=state.transition,
        sheet=state.sheet,
        roles=roles,
        read=FrozenMap(going.read),
        **moved,
    )
    return (signed, completed)


def waive(prepared: Prepared, case: Case, command: WaiveStage, facts: CaseFacts) -> tuple[Event, ...]:
    """Settle a stage undone; what compliance asks for is never waived."""
    refusals: list[Refusal] = []
    step, _ = _stage(prepared, case, command.stage, refusals, command)
    stage, actor = step.stage, command.by
    if stage.no_waiver_rules:
        reason = f"the stage {stage.id!r} is never waived"
        zh = f"“{stage.title.say('zh')}”不得豁免"
        refusals.append(Refusal("waiver_refused", reason, rules=stage.no_waiver_rules, path="$.stage", zh=zh))
    elif stage.waiver is None:
        reason = f"the procedure lets nobody waive the stage {stage.id!r}"
        zh = f"流程未规定谁可豁免“{stage.title.say('zh')}”"
        refusals.append(Refusal("waiver_refused", reason, path="$.stage", zh=zh))
    else:
        permit = Permit.of(stage.waiver.actors)
        _permit_by(permit, case, actor, facts, f"waive the stage {stage.id!r}", stage.waiver.rules, refusals)
    if not said(command.reason):
        waived = "a stage is waived only with a reason"
        refusals.append(Refusal("reason_missing", waived, path="$.reason", zh="豁免须写明理由"))
    keep_apart(prepared, case, "waive", actor.persons, facts, refusals)
    at = moment_of(case, command.at)
    going = _going(prepared, case, facts, items_of(case.facts), at, actor, refusals)
    onward = step.onward
    moved = None if onward is None else go_on(going, stage.id, (onward.transition,), case.outcome)
    if refusals or onward is None or moved is None:
        raise Refused.because(type(command).__name__, refusals)
    return (
        StageWaived(
            case=case.id,
            at=at,
            by=actor.persons,
            stage=stage.id,
            transition=onward.transition.id,
            rules=() if stage.waiver is None else stage.waiver.rules,
            read=FrozenMap(going.read) if going.read else NOTHING,
            reason=command.reason,
            **moved,
        ),
    )


def _stage(
    prepared: Prepared,
    case: Case,
    name: str,
    refusals: list[Refusal],
    command: CompleteStage | SignStage | WaiveStage,
) -> tuple[Step, StageState | None]:
    step = prepared.steps.get(name)
    if step is None:
        known = ", ".join(sorted(prepared.steps))
        reason = f"the procedure has no stage {name!r}; there are: {known}"
        raise Refused.because(type(command).__name__, [Refusal("unknown_stage", reason, path="$.stage")])
    state = items_of(case.stages).get(name)
    if case.status != "open":
        refusals.append(Refusal("case_not_open", f"the case {case.id!r} is {case.status}", zh="事项未开立或已结"))
    elif state is None or state.status is not _OPEN:
        now = ", ".join(case.open_stages) or "none"
        how = "has not been reached" if state is None else f"is {state.status.value}"
        reason = f"the stage {name!r} {how}; open stages: {now}"
        refusals.append(Refusal("stage_not_open", reason, path="$.stage", zh=f"环节{name}未在办理中"))
    return step, state


def _permit(step: Step, way: Way, case: Case, actor: Actor, facts: CaseFacts, refusals: list[Refusal]) -> None:
    stage, roles = step.stage, items_of(case.roles)
    if not step.permit.allows(actor, roles, facts.standing):
        _permit_by(step.permit, case, actor, facts, f"act in the stage {stage.id!r}", stage.rules, refusals)
    elif way.permit is not None:
        one = way.transition
        _permit_by(way.permit, case, actor, facts, f"take the transition {one.id!r}", one.rules, refusals)


def _permit_by(
    permit: Permit,
    case: Case,
    actor: Actor,
    facts: CaseFacts,
    what: str,
    rules: tuple[str, ...],
    refusals: list[Refusal],
) -> None:
    refusal = refuse_actor(actor, permit, items_of(case.roles), facts, what, rules)
    if refusal is not None:
        refusals.append(refusal)


def _going(
    prepared: Prepared,
    case: Case,
    facts: CaseFacts,
    held: Mapping[str, RawFact],
    at: dt.datetime,
    actor: Actor,
    refusals: list[Refusal],
    clocks: tuple[Clock, ...] | None = None,
) -> Going:
    return Going(
        prepared,
        items_of(case.stages),
        case.clocks if clocks is None else clocks,
        held,
        facts,
        case.priority,
        at,
        actor,
        refusals,
    )
