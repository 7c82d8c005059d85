"""Gathers what a decision about a case may look at: time, people, forms, other records, targets and ladders."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Protocol

import attrs

from branchkit.checklists import Checklist, RawFact, read, rebind
from branchkit.checklists.binding import branch_facts
from branchkit.conditions import DecisionTable, Facts, FactValue
from branchkit.escalation import EscalationPolicy
from branchkit.estate import Branch
from branchkit.kit.floors.around import CaseWorld, frame_of, standing_of
from branchkit.kit.floors.filed import Filed
from branchkit.kit.floors.recorded import place_facts, resolved, typed_facts
from branchkit.procedures import (
    Apart,
    Case,
    CaseCommand,
    CaseFacts,
    CompleteStage,
    FormReading,
    LinkCases,
    LinkKind,
    OpenCase,
    Procedure,
    ReopenCase,
    Reprioritise,
)
from branchkit.procedures.records import OWN_BRANCH
from branchkit.procedures.separation import ENTRY, held_duties
from branchkit.temporal import After, Deadline, NotConfigured, TimeFrame

__all__ = ["GatheringWorld", "gather"]


class GatheringWorld(CaseWorld, Protocol):
    """What gathering reads beside what lies around a case."""

    def sheets_named(self, stream: str) -> Iterator[str]:
        """Yield the ids of the sheets that the entries of a stream name."""
        ...

    def filed(self, sheet: str) -> Filed | None:
        """Return a sheet as it is kept."""
        ...

    def checklist(self, id: str, version: str) -> Checklist:
        """Return a checklist; raises `NotFound`."""
        ...

    def table(self, id: str) -> DecisionTable:
        """Return a decision table; raises `NotFound`."""
        ...


def gather(procedure: Procedure, case: Case | None, command: CaseCommand, world: GatheringWorld) -> CaseFacts:
    """Return everything that deciding a command may look at, as it is in the transaction."""
    branch_id = command.branch if isinstance(command, OpenCase) else "" if case is None else case.branch
    branch = world.branch(branch_id) or Branch(branch_id)
    frame = frame_of(branch, world)
    held: dict[str, RawFact] = {} if case is None else dict(case.facts)
    stated = getattr(command, "facts", None)
    forms = _forms(command, world)
    held |= stated or {}
    for form in forms.values():
        held |= {name: form.answers[item] for item, name in procedure.prepared.forms.items() if item in form.answers}
    place = command.place if isinstance(command, OpenCase) else () if case is None else case.place
    facts = {**branch_facts(branch, command.at, frame.calendar), **place_facts(place)}
    typed = {**facts, **typed_facts(procedure, held), OWN_BRANCH: branch_id}
    priority = _priority(case, command)
    table = None if procedure.targets is None else world.table(procedure.targets)
    kin = _kin_of(case, command, world)
    return CaseFacts(
        frame=frame,
        standing=standing_of(branch, world, frame.today(command.at), case),
        facts=facts,
        records={one.name: resolved(one, branch_id, command.at, typed, world) for one in procedure.record_facts},
        forms=forms,
        duties=_duties(procedure, branch, command, kin, frame, world),
        apart=tuple(_apart(procedure, kin, world)),
        targets=_targets(table, typed, priority),
        target_facts=frozenset() if table is None else frozenset(spec.name for spec in table.facts),
        ladders=_ladders(procedure, branch, world),
        others=_Others(world) if isinstance(command, OpenCase | LinkCases | ReopenCase) else None,
        same_key=_same_key(command, case, world),
        blocked_by=tuple(_blocking(case, kin)),
        parts=tuple(part.id for part in kin.parts if part.is_open),
    )


def _priority(case: Case | None, command: CaseCommand) -> str | None:
    if isinstance(command, OpenCase | Reprioritise):
        return command.priority
    return None if case is None else case.priority


# -- forms, targets, ladders, other cases


def _forms(command: CaseCommand, world: GatheringWorld) -> dict[str, FormReading]:
    if not isinstance(command, CompleteStage) or command.sheet is None:
        return {}
    filed = world.filed(command.sheet)
    if filed is None:
        return {}
    checklist = world.checklist(filed.sheet.checklist, filed.sheet.version)
    reading = read(filed.sheet, rebind(checklist, filed.pin))
    return {command.sheet: FormReading.of(reading, superseded=filed.superseded_by is not None)}


def _targets(table: DecisionTable | None, facts: Facts, priority: str | None) -> dict[str, Deadline]:
    if table is None:
        return {}
    asked = facts if priority is None else {**facts, "priority": priority}
    row = table.decide(asked).value
    if row is None:
        return {spec.name: NotConfigured() for spec in table.outputs}
    return {spec.name: _deadline(row.get(spec.name)) for spec in table.outputs}


def _deadline(value: FactValue | None) -> Deadline:
    if isinstance(value, dt.timedelta):
        return After(time=value)
    if isinstance(value, Decimal) and value == value.to_integral_value() and value > 0:
        return After(working_days=int(value))
    return NotConfigured()


@attrs.frozen(eq=False)
class _Ladders(Mapping[str, EscalationPolicy]):
    """The ladders that a procedure names, each looked up when a decision needs it.

    One that nobody brings raises `MissingKey`, which names the plug-in, and only where a clock starts that it guards.
    """

    _names: Collection[str]
    _branch: Branch
    _world: GatheringWorld

    def __getitem__(self, name: str) -> EscalationPolicy:
        if name not in self._names:
            raise KeyError(name)
        return self._world.ladder(name, self._branch)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _ladders(procedure: Procedure, branch: Branch, world: GatheringWorld) -> _Ladders:
    return _Ladders(frozenset(procedure.ladders.values()), branch, world)


@attrs.frozen(eq=False)
class _Others(Mapping[str, Case]):
    """The cases that there are, each looked up when a decision needs it."""

    _world: GatheringWorld

    def __getitem__(self, id: str) -> Case:
        found = self._world.case(id)
        if found is None:
            raise KeyError(id)
        return found

    def __iter__(self) -> Iterator[str]:
        return (case.id for case in self._world.found("case", {}))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _same_key(command: CaseCommand, case: Case | None, world: GatheringWorld) -> str | None:
    key = command.key if isinstance(command, OpenCase) else None if case is None else case.key
    if key is None:
        return None
    found = (one.id for one in world.found("case", {"key": key, "status": "open"}))
    return next((id for id in found if case is None or id != case.id), None)


@attrs.frozen
class _Kin:
    """The cases around one."""

    parts: tuple[Case, ...] = ()
    linking: tuple[tuple[LinkKind, Case], ...] = ()
    """Those that are linked to it, each with how it is."""
    linked: tuple[Case, ...] = ()
    """Those between which duties are kept apart: linked to it or by it, its parts, and what it is a part of."""


def _kin_of(case: Case | None, command: CaseCommand, world: GatheringWorld) -> _Kin:
    if isinstance(command, OpenCase):
        named = [link.case for link in command.links]
        return _Kin(linked=tuple(_known([*named, *_one(command.parent)], command.case, world)))
    if case is None:
        return _Kin()
    found = [(link.link, world.case(link.case)) for link in world.found("link", {"other": case.id})]
    linking = tuple((kind, other) for kind, other in found if other is not None)
    parts = tuple(world.found("case", {"parent": case.id}))
    if isinstance(command, LinkCases):
        # What is apart from the others has been looked at already.
        return _Kin(parts, linking, tuple(_known([command.other], case.id, world)))
    named = [link.case for link in case.links]
    linked = _known([*named, *(other.id for _, other in linking), *_one(case.parent)], case.id, world)
    return _Kin(parts, linking, (*linked, *parts))


def _one(id: str | None) -> tuple[str, ...]:
    return () if id is None else (id,)


def _known(ids: Iterable[str], own: str, world: GatheringWorld) -> Iterator[Case]:
    for id in dict.fromkeys(ids):
        other = None if id == own else world.case(id)
        if other is not None:
            yield other


def _blocking(case: Case | None, kin: _Kin) -> Iterator[str]:
    if case is not None:
        yield from (other.id for kind, other in kin.linking if kind == "blocks" and other.is_open)
        yield from (part.id for part in kin.parts if part.is_open)


def _duties(
    procedure: Procedure, branch: Branch, command: CaseCommand, kin: _Kin, frame: TimeFrame, world: GatheringWorld
) -> dict[str, frozenset[str]]:
    """Return who holds which duty in linked cases, with the procedure's name and without, and in registers."""
    asked = {duty for one in procedure.separations if one.within == "linked" for duty in one.duties}
    if not asked:
        return {}
    found: dict[str, set[str]] = {}
    for other in kin.linked:
        for duty, persons in held_duties(other).items():
            for name in (duty, f"{other.procedure}/{duty}"):
                found.setdefault(name, set()).update(persons)
    for duty in () if isinstance(command, LinkCases) else asked:
        if duty.startswith(ENTRY):
            register, _, field = duty.removeprefix(ENTRY).rpartition("/")
            day = frame.today(command.at)
            current = (entry for entry in world.entries(register, branch.id) if entry.is_current(day))
            found[duty] = {entry.values[field] for entry in current if field in entry.values}
    return {duty: frozenset(persons) for duty, persons in found.items()}


def _apart(procedure: Procedure, kin: _Kin, world: GatheringWorld) -> Iterator[Apart]:
    """Yield what the procedures of linked cases keep apart from duties of this one."""
    for other in kin.linked:
        theirs = world.procedure(other.procedure, other.version)
        held: dict[str, tuple[str, ...]] | None = None
        for one in theirs.separations:
            if one.within != "linked":
                continue
            held = held_duties(other) if held is None else held
            for mine, other_duty in itertools.permutations(one.duties, 2):
                here, there = _local(mine, procedure.id), _local(other_duty, theirs.id)
                persons = held.get(there or "", ())
                # What the procedure itself says, without naming any, it says of both.
                if here is not None and persons and not (procedure.id == theirs.id and mine == here):
                    name = f"{theirs.id}/{there}"
                    yield Apart(separation=one, duty=here, held=name, persons=frozenset(persons))


def _local(duty: str, procedure: str) -> str | None:
    """Return what a duty is called in a procedure; nothing where it is one of another, or of a register."""
    if duty.startswith(ENTRY):
        return None
    return duty.removeprefix(f"{procedure}/") if "/" not in duty or duty.startswith(f"{procedure}/") else None
