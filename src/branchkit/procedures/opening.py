"""Opening, reopening, cancelling and linking cases."""

from __future__ import annotations

from collections.abc import Iterable

from branchkit.errors import Refusal, Refused
from branchkit.messages import Event
from branchkit.procedures.case import Case, Link, items_of
from branchkit.procedures.clocking import calendar_of, latest, reopened, stop_all
from branchkit.procedures.commands import CancelCase, JoinCase, LinkCases, OpenCase, ReopenCase
from branchkit.procedures.events import CaseCancelled, CaseJoined, CaseLinked, CaseOpened, CaseReopened
from branchkit.procedures.facts import CaseFacts, moment_of, stated
from branchkit.procedures.going import Going, go_on, refuse_actor
from branchkit.procedures.linking import check_link, check_parent
from branchkit.procedures.prepared import Prepared
from branchkit.procedures.separation import keep_apart, keep_linked_apart
from branchkit.values import FrozenMap, Ref

__all__ = ["cancel", "join", "link", "open_case", "reopen"]


def open_case(prepared: Prepared, case: Case | None, command: OpenCase, facts: CaseFacts) -> tuple[Event, ...]:
    """Open a case, with its first stages and clocks."""
    procedure, actor, refusals = prepared.procedure, command.by, list[Refusal]()
    if case is not None:
        refusals.append(Refusal("case_exists", f"a case {command.case!r} is there already", path="$.case"))
    if command.procedure != procedure.id:
        reason = f"it is of the procedure {command.procedure!r}, not of {procedure.id!r}"
        refusals.append(Refusal("other_procedure", reason, path="$.procedure"))
    if facts.same_key is not None:
        reason = f"the case {facts.same_key!r} is open for the same; join that one"
        refusals.append(Refusal("already_open", reason, path="$.key"))
    refusal = refuse_actor(actor, prepared.opens, command.roles, facts, "open a case", procedure.rules)
    refusals += () if refusal is None else (refusal,)
    stated(prepared, command.facts, refusals)
    for name in procedure.required_facts:
        if name not in command.facts:
            refusals.append(Refusal("fact_missing", f"the fact {name!r} is needed", path=f"$.facts.{name}"))
    _roles(prepared, command.roles, refusals)
    if command.priority is not None and command.priority not in prepared.priorities:
        refusals.append(unknown_priority(prepared, command.priority))
    for number, one in enumerate(command.links):
        check_link(command.case, one, facts.others, f"$.links[{number}].case", refusals)
    if command.parent is not None:
        check_parent(command.case, command.parent, facts.others, refusals)
    keep_apart(prepared, None, "open", actor.persons, facts, refusals)
    going = Going(prepared, {}, (), items_of(command.facts), facts, command.priority, command.at, actor, refusals)
    if prepared.applies is not None and prepared.applies(going.look(prepared.applies_reads)) is False:
        refusals.append(Refusal("not_applicable", "the procedure is not for this branch", path="$.branch"))
    moved = go_on(going, None, (), None, to=procedure.starts, opening=True)
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    return (
        CaseOpened(
            case=command.case,
            at=command.at,
            by=actor.persons,
            procedure=procedure.id,
            version=procedure.version,
            branch=command.branch,
            place=command.place or (Ref("branch", command.branch),),
            facts=command.facts,
            roles=command.roles,
            priority=command.priority,
            key=command.key,
            links=command.links,
            parent=command.parent,
            note=command.note,
            read=FrozenMap(going.read),
            **moved,
        ),
    )


def reopen(prepared: Prepared, case: Case, command: ReopenCase, facts: CaseFacts) -> tuple[Event, ...]:
    """Open a closed case again at some of its stages; its clocks that these lead back into run on."""
    refusals: list[Refusal] = []
    _manager(prepared, case, command, facts, "reopen the case", refusals)
    _reason(command.reason, "a case is reopened only with a reason", refusals)
    if case.is_open:
        refusals.append(Refusal("case_open", f"the case {case.id!r} is open"))
    if facts.same_key is not None and facts.same_key != case.id:
        refusals.append(Refusal("already_open", f"the case {facts.same_key!r} is open for the same by now"))
    whole = None if case.parent is None or facts.others is None else facts.others.get(case.parent)
    if whole is not None and not whole.is_open:
        reason = f"it is a part of the case {whole.id!r}, which is {whole.status}; open that one again first"
        refusals.append(Refusal("case_not_open", reason, zh=f"所属事项{whole.id}已结，须先重新开立"))
    known = [name for name in command.to if name in prepared.steps]
    if not command.to or len(known) < len(command.to):
        listed = ", ".join(sorted(prepared.steps))
        refusals.append(Refusal("unknown_stage", f"expected stages of the procedure: {listed}", path="$.to"))
    at = moment_of(case, command.at)
    again = reopened(prepared, case, known, at, command.by.id)
    going = Going(
        prepared, items_of(case.stages), latest(case.clocks, again), items_of(case.facts), facts, case.priority, at,
        command.by, refusals,
    )  # fmt: skip
    moved = go_on(going, None, (), None, to=tuple(known))
    if again:
        moved["clocks"], moved["calendar"] = latest(again, moved["clocks"]), calendar_of(facts)
    if moved["closes"] and not refusals:
        refusals.append(Refusal("nothing_to_do", "none of these stages applies, so there is nothing to reopen for"))
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    return (
        CaseReopened(
            case=case.id, at=at, by=command.by.persons, reason=command.reason, read=FrozenMap(going.read), **moved
        ),
    )


def cancel(prepared: Prepared, case: Case, command: CancelCase, facts: CaseFacts) -> tuple[Event, ...]:
    """End a case before its time."""
    refusals: list[Refusal] = []
    _manager(prepared, case, command, facts, "cancel the case", refusals)
    _open(case, refusals)
    _whole(case, facts, refusals)
    _reason(command.reason, "a case is cancelled only with a reason", refusals)
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    return (_cancelled(case, command, command.reason),)


def link(prepared: Prepared, case: Case, command: LinkCases, facts: CaseFacts) -> tuple[Event, ...]:
    """Link a case to another one; a duplicate ends in favour of the other."""
    refusals: list[Refusal] = []
    wanted = Link(command.link, command.other)
    _manager(prepared, case, command, facts, "link the case", refusals)
    if wanted not in case.links:
        check_link(case.id, wanted, facts.others, "$.other", refusals)
        keep_linked_apart(prepared, case, facts, refusals)
    if command.link == "duplicate":
        _open(case, refusals)
        if wanted not in case.links:
            _whole(case, facts, refusals)
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    if wanted in case.links:
        return ()
    linked = CaseLinked(case=case.id, at=moment_of(case, command.at), by=command.by.persons, link=wanted)
    return (linked, _cancelled(case, command, None)) if command.link == "duplicate" else (linked,)


def join(prepared: Prepared, case: Case, command: JoinCase, facts: CaseFacts) -> tuple[Event, ...]:
    """Add one more sighting to a case."""
    refusals: list[Refusal] = []
    _open(case, refusals)
    refusal = refuse_actor(command.by, prepared.opens, items_of(case.roles), facts, "add to the case")
    refusals += () if refusal is None else (refusal,)
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    at = moment_of(case, command.at)
    return (CaseJoined(case=case.id, at=at, by=command.by.persons, finding=command.finding, sheet=command.sheet),)


def unknown_priority(prepared: Prepared, priority: str) -> Refusal:
    """Return the refusal of a priority that the procedure does not have."""
    known = ", ".join(prepared.priorities) or "none"
    return Refusal("unknown_priority", f"no priority {priority!r}; there are: {known}", path="$.priority")


def _cancelled(case: Case, command: CancelCase | LinkCases, reason: str | None) -> CaseCancelled:
    at = moment_of(case, command.at)
    return CaseCancelled(
        case=case.id, at=at, by=command.by.persons, clocks=stop_all(case.clocks, at, command.by.id), reason=reason
    )


def _manager(
    prepared: Prepared,
    case: Case,
    command: CancelCase | LinkCases | ReopenCase,
    facts: CaseFacts,
    what: str,
    refusals: list[Refusal],
) -> None:
    refusal = refuse_actor(command.by, prepared.manages, items_of(case.roles), facts, what)
    refusals += () if refusal is None else (refusal,)


def _roles(prepared: Prepared, roles: Iterable[str], refusals: list[Refusal]) -> None:
    known = {role.id for role in prepared.procedure.roles}
    for role in roles:
        if role not in known:
            listed = ", ".join(sorted(known)) or "none"
            reason = f"the procedure has no role {role!r}; there are: {listed}"
            refusals.append(Refusal("unknown_role", reason, path=f"$.roles.{role}"))


def _open(case: Case, refusals: list[Refusal]) -> None:
    if not case.is_open:
        refusals.append(Refusal("case_not_open", f"the case {case.id!r} is {case.status}"))


def _whole(case: Case, facts: CaseFacts, refusals: list[Refusal]) -> None:
    """Refuse to cancel a case whose parts are open: nothing would wait for them, and nobody would hear of it."""
    if facts.parts:
        listed = ", ".join(facts.parts)
        reason = f"parts of the case {case.id!r} are open, so end or cancel them first: {listed}"
        refusals.append(Refusal("held_by_cases", reason, zh=f"子事项尚未办结，须先办结或取消：{listed}"))


def _reason(reason: str | None, what: str, refusals: list[Refusal]) -> None:
    if reason is None or not reason.strip():
        refusals.append(Refusal("reason_missing", what, path="$.reason"))
