"""Completing, signing and waiving the stages of a case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from branchkit.checklists import RawFact
from branchkit.errors import Refusal, Refused
from branchkit.messages import Actor, Event
from branchkit.procedures.case import NOTHING, Case, StageState, StageStatus, items_of
from branchkit.procedures.commands import CompleteStage, SignStage, WaiveStage
from branchkit.procedures.events import Duty, StageCompleted, StageProposed, StageReturned, StageSigned, StageWaived
from branchkit.procedures.facts import CaseFacts, FormReading, check_fact, moment_of, stated
from branchkit.procedures.going import Going, check_way, go_on, refuse_actor
from branchkit.procedures.prepared import Permit, Prepared, Step, Way
from branchkit.procedures.separation import keep_apart
from branchkit.values import FrozenMap

__all__ = ["complete", "sign", "waive"]

_OPEN = StageStatus.OPEN


def complete(prepared: Prepared, case: Case, command: CompleteStage, facts: CaseFacts) -> tuple[Event, ...]:
    """Complete a stage, or propose it where others have to sign."""
    refusals: list[Refusal] = []
    step, state = _stage(prepared, case, command.stage, refusals, command)
    way = step.ways.get(command.transition)
    if way is None:
        known = ", ".join(step.ways)
        reason = f"the stage {command.stage!r} has no transition {command.transition!r}; there are: {known}"
        refusals.append(Refusal("unknown_transition", reason, path="$.transition"))
        raise Refused.because(type(command).__name__, refusals)
    if state is not None and state.transition is not None and state.status is _OPEN:
        refusals.append(Refusal("waits_for_signatures", f"the stage {command.stage!r} waits for signatures already"))
    actor = command.by
    _permit(prepared, step, way, case, actor, facts, refusals)
    one, changes = way.transition, items_of(command.facts)
    duties: tuple[Duty, ...] = ()
    if changes:
        stated(prepared, command.facts, refusals)
    form = _form(step, case, command, facts, refusals)
    if form is not None:
        changes = {**_answers(prepared, form, refusals), **changes}
        duties = ((f"sheet:{form.checklist}", (form.by,)),)
    if one.reason_required and not _said(command.reason):
        reason = f"the transition {one.id!r} is taken only with a reason"
        refusals.append(Refusal("reason_missing", reason, rules=one.rules, path="$.reason"))
    persons = actor.persons
    keep_apart(prepared, case, ((step.duty, persons), *duties), facts, refusals)
    at = moment_of(case, command.at)
    held = {**items_of(case.facts), **changes} if changes else items_of(case.facts)
    going = _going(prepared, case, facts, held, at, actor, refusals)
    check_way(going, way, 1 if state is None else state.entry)
    noted = FrozenMap(changes) if changes else NOTHING
    if step.signers is not None:
        if refusals:
            raise Refused.because(type(command).__name__, refusals)
        return (
            StageProposed(
                case=case.id,
                at=at,
                by=persons,
                stage=command.stage,
                transition=command.transition,
                sheet=command.sheet,
                facts=noted,
                duties=duties,
                read=FrozenMap(going.read),
                reason=command.reason,
                note=command.note,
            ),
        )
    moved = go_on(going, command.stage, (one,), case.outcome)
    roles = _assigned(step, actor, held, refusals)
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    return (
        StageCompleted(
            case=case.id,
            at=at,
            by=persons,
            stage=command.stage,
            transition=command.transition,
            sheet=command.sheet,
            facts=noted,
            roles=roles,
            duties=duties,
            read=FrozenMap(going.read) if going.read else NOTHING,
            reason=command.reason,
            note=command.note,
            **moved,
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
        refusals.append(Refusal("not_distinct", reason, rules=step.stage.rules, path="$.by"))
    duties = () if joint else ((step.sign_duty, persons),)
    keep_apart(prepared, case, duties or ((step.duty, persons),), facts, refusals)
    if command.decision == "return":
        if not _said(command.reason):
            refusals.append(Refusal("reason_missing", "it is sent back only with a reason", path="$.reason"))
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
    roles = _assigned(step, Actor(did[0]), held, refusals)
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
        refusals.append(Refusal("waiver_refused", reason, rules=stage.no_waiver_rules, path="$.stage"))
    elif stage.waiver is None:
        reason = f"the procedure lets nobody waive the stage {stage.id!r}"
        refusals.append(Refusal("waiver_refused", reason, path="$.stage"))
    else:
        permit = Permit.of(stage.waiver.actors)
        _permit_by(permit, case, actor, facts, f"waive the stage {stage.id!r}", stage.waiver.rules, refusals)
    if not _said(command.reason):
        refusals.append(Refusal("reason_missing", "a stage is waived only with a reason", path="$.reason"))
    keep_apart(prepared, case, (("waive", actor.persons),), facts, refusals)
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
        refusals.append(Refusal("case_not_open", f"the case {case.id!r} is {case.status}"))
    elif state is None or state.status is not _OPEN:
        now = ", ".join(case.open_stages) or "none"
        how = "has not been reached" if state is None else f"is {state.status.value}"
        reason = f"the stage {name!r} {how}; open stages: {now}"
        refusals.append(Refusal("stage_not_open", reason, path="$.stage"))
    return step, state


def _permit(
    prepared: Prepared, step: Step, way: Way, case: Case, actor: Actor, facts: CaseFacts, refusals: list[Refusal]
) -> None:
    roles, stage = items_of(case.roles), step.stage
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
) -> Going:
    return Going(
        prepared,
        items_of(case.stages),
        case.clocks,
        held,
        facts,
        case.priority,
        at,
        actor,
        refusals,
    )


def _form(
    step: Step, case: Case, command: CompleteStage, facts: CaseFacts, refusals: list[Refusal]
) -> FormReading | None:
    wanted, sheet = step.stage.form, command.sheet
    if sheet is None:
        if wanted is not None and step.stage.form_required:
            reason = f"the stage {step.stage.id!r} takes a sheet of the checklist {wanted!r}"
            refusals.append(Refusal("form_missing", reason, rules=step.stage.rules, path="$.sheet"))
        return None
    form = facts.forms.get(sheet)
    if wanted is None:
        code, reason = "form_not_asked", f"the stage {step.stage.id!r} takes no sheet"
    elif form is None:
        code, reason = "form_unknown", f"the sheet {sheet!r} is not filed"
    elif form.checklist != wanted:
        code, reason = "form_other", f"the sheet {sheet!r} is of the checklist {form.checklist!r}, not of {wanted!r}"
    elif form.branch != case.branch:
        code, reason = "form_other", f"the sheet {sheet!r} is of another branch"
    elif form.state != "final":
        code, reason = "form_not_final", f"the sheet {sheet!r} is {form.state}"
    elif not form.complete:
        code, reason = "form_incomplete", f"the sheet {sheet!r} lacks answers"
    else:
        return form
    refusals.append(Refusal(code, reason, rules=step.stage.rules, path="$.sheet"))
    return None


def _answers(prepared: Prepared, form: FormReading, refusals: list[Refusal]) -> dict[str, RawFact]:
    found: dict[str, RawFact] = {}
    for item, name in prepared.forms.items():
        raw = form.answers.get(item)
        if raw is not None:
            check_fact(prepared.specs[name], raw, "$.sheet", refusals)
            found[name] = raw
    return found


def _assigned(step: Step, actor: Actor, held: Mapping[str, RawFact], refusals: list[Refusal]) -> FrozenMap[str]:
    assigns = step.stage.assigns
    if not assigns:
        return NOTHING
    roles: dict[str, str] = {}
    for role, source in assigns.items():
        who = actor.id if source == "actor" else held.get(source)
        if isinstance(who, str) and who:
            roles[role] = who
        else:
            reason = f"the fact {source!r} does not say who is {role!r}"
            refusals.append(Refusal("role_unknown", reason, rules=step.stage.rules, path=f"$.facts.{source}"))
    return FrozenMap(roles)


def _said(reason: str | None) -> bool:
    return reason is not None and bool(reason.strip())
