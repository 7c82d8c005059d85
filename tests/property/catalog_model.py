"""What a journal of catalog procedures must hold to, worked out anew: rights, ways, and the rungs that ladders owe."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase

import attrs

from branchkit.errors import BranchkitError
from branchkit.escalation import AfterDue, BeforeDue, EscalationLadder, RungOutcome, RungReached, WatchAcknowledged
from branchkit.estate import ActorSpec, ByGroup, ByPost, ByRelation, ByRole, BySystem, ServiceSuspended
from branchkit.kit.feed import Happened
from branchkit.kit.floors.cases import LADDERS
from branchkit.messages import Actor
from branchkit.procedures import (
    Case,
    CaseCancelled,
    CaseEvent,
    CaseLinked,
    CaseOpened,
    CaseReopened,
    ClockChanged,
    Procedure,
    Reprioritised,
    RoleAssigned,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageStatus,
    StageWaived,
    evolve,
)
from branchkit.temporal import Clock, Counting, Due, TimeFrame, read_clock

MICROSECOND = dt.timedelta(microseconds=1)


@attrs.frozen(kw_only=True)
class Around:
    """Who is who, beside the posts that actors hold."""

    groups: Mapping[str, tuple[str, ...]]
    relations: Mapping[str, tuple[str, ...]]

    def may(self, specs: Iterable[ActorSpec], actor: Actor, roles: Mapping[str, str]) -> bool:
        """Say whether an actor is one of those meant."""
        return any(self._is(spec, actor, roles) for spec in specs)

    def _is(self, spec: ActorSpec, actor: Actor, roles: Mapping[str, str]) -> bool:
        if isinstance(spec, BySystem):
            return actor.system and fnmatchcase(actor.id, spec.system)
        if actor.system:
            return False
        persons = {actor.id, actor.acting_for}
        if isinstance(spec, ByPost):
            return spec.post in actor.posts
        if isinstance(spec, ByRole):
            return roles.get(spec.role) in persons
        if isinstance(spec, ByGroup):
            return not persons.isdisjoint(self.groups.get(spec.group, ()))
        if isinstance(spec, ByRelation):
            return not persons.isdisjoint(self.relations.get(spec.relation, ()))
        return not persons.isdisjoint(self.groups.get(spec.party, (spec.party,)))


def retold(
    journal: Iterable[Happened], procedures: Callable[[str], Procedure], around: Around
) -> Iterator[tuple[Happened, Case | None, Case]]:
    """Yield each event of a case with the case before and after, having held it against what its procedure allows."""
    cases: dict[str, Case] = {}
    for one in journal:
        event = one.event
        name = getattr(event, "case", None)
        if not isinstance(event, CaseEvent | RungReached | WatchAcknowledged) or name is None:
            continue
        before = cases.get(name)
        procedure = procedures(event.procedure if isinstance(event, CaseOpened) else before.procedure)  # type: ignore[union-attr]
        if isinstance(event, CaseEvent):
            _has_the_right(event, one.by, before, procedure, around)
            _keeps_to(event, before, procedure)
        after = cases[name] = evolve(before, event)
        _stands(after, procedure)
        yield one, before, after


def _has_the_right(event: CaseEvent, actor: Actor, case: Case | None, procedure: Procedure, around: Around) -> None:
    roles = dict(event.roles) if isinstance(event, CaseOpened) else dict(case.roles) if case is not None else {}
    asked: list[tuple[ActorSpec, ...]] = []
    stage = procedure.stage(getattr(event, "stage", ""))
    signed = stage is not None and stage.signatures is not None
    match event:
        case CaseOpened():
            asked.append(procedure.opens)
        case StageProposed(transition=way) | StageCompleted(transition=way) if (
            isinstance(event, StageProposed) or not signed
        ):
            assert stage is not None
            asked.append(stage.actors)
            (own,) = (one.actors for one in stage.transitions if one.id == way)
            asked += [own] if own else []
        case StageSigned() | StageReturned():
            assert stage is not None
            assert stage.signatures is not None
            asked.append(stage.signatures.actors or stage.actors)
        case StageWaived():
            assert stage is not None
            assert stage.waiver is not None
            assert not stage.no_waiver_rules
            asked.append(stage.waiver.actors)
        case CaseCancelled() | CaseReopened() | CaseLinked() | ClockChanged():
            asked.append(procedure.manages)
        case Reprioritised() | RoleAssigned() if event.by != (LADDERS.id,):
            asked.append(procedure.manages)
        case _:
            pass
    for specs in asked:
        assert around.may(specs, actor, roles), (event, actor)


def _keeps_to(event: CaseEvent, case: Case | None, procedure: Procedure) -> None:
    if not isinstance(event, StageCompleted | StageWaived | StageProposed | StageSigned | StageReturned):
        return
    assert case is not None
    assert case.is_open
    assert case.stages[event.stage].status is StageStatus.OPEN
    if isinstance(event, StageCompleted | StageWaived):
        stage = procedure.stage(event.stage)
        assert stage is not None
        (way,) = (one for one in stage.transitions if one.id == event.transition)
        ahead = {*way.to, *_beyond(procedure, way.to)}
        waited = {name for name, state in case.stages.items() if state.status is StageStatus.WAITING}
        assert {*event.opened} <= ahead | waited | _beyond(procedure, waited)
        assert {*event.waiting} <= ahead | waited
        assert {*way.to} <= {*event.opened, *event.waiting, *event.skipped, *case.stages}


def _beyond(procedure: Procedure, stages: Iterable[str]) -> set[str]:
    """Return the stages to which any way leads from some."""
    found, waiting = set[str](), list(stages)
    while waiting:
        stage = procedure.stage(waiting.pop())
        assert stage is not None
        for way in stage.transitions:
            waiting += [name for name in way.to if name not in found]
            found.update(way.to)
    return found


def _stands(case: Case, procedure: Procedure) -> None:
    """Hold where a case stands against its procedure."""
    assert case.stages.keys() <= {stage.id for stage in procedure.stages}
    assert case.outcome in {None, *(outcome.code for outcome in procedure.outcomes)}
    assert {clock.id for clock in case.clocks} <= {spec.id for _, spec in procedure.all_clocks()}
    if case.status == "open":
        assert case.open_stages
    else:
        assert all(clock.state.is_over for clock in case.clocks)
        assert case.status == "cancelled" or case.outcome is not None
    for one in procedure.separations:
        held = [set(case.actors.get(duty, ())) | set(_did(case, duty)) for duty in one.duties if "/" not in duty]
        for number, persons in enumerate(held):
            for others in held[number + 1 :]:
                assert persons.isdisjoint(others), (case.id, one.id)


def _did(case: Case, duty: str) -> tuple[str, ...]:
    state = case.stages.get(duty.removeprefix("stage:")) if duty.startswith("stage:") else None
    return () if state is None or state.status is not StageStatus.DONE else tuple(state.by)


@attrs.frozen
class Owed:
    """A rung whose time came while its clock ran."""

    case: str
    clock: str
    entry: int
    rung: str


def owed(
    steps: Iterable[tuple[Happened, Case | None, Case]],
    ladders: Callable[[str], EscalationLadder],
    frame: TimeFrame,
    last: dt.datetime,
) -> Iterator[Owed]:
    """Yield every rung whose time came before its clock stopped, was started anew or, if it runs still, in the end.

    What an acknowledgement or the branch's hours may have put off is left out, and so are clocks that were paused.
    """
    ends: dict[str, Case] = {}
    for _, before, after in steps:
        ends[after.id] = after
        for clock in () if before is None else before.clocks:
            if clock.state.is_over or clock.id not in before.rungs:  # type: ignore[union-attr]
                continue
            now = after.clock(clock.id)
            assert now is not None
            if now.state.is_over:
                assert now.stopped is not None
                # What the very step that stops it states of its deadline comes too late for anybody to hear of it.
                yield from _rungs(before, clock, now.stopped, ladders, frame)  # type: ignore[arg-type]
            elif now.started != clock.started:
                yield from _rungs(before, clock, now.started, ladders, frame)  # type: ignore[arg-type]
    for case in ends.values():
        for clock in case.clocks:
            if not clock.state.is_over and clock.id in case.rungs:
                yield from _rungs(case, clock, last, ladders, frame)


def _rungs(
    case: Case, clock: Clock, end: dt.datetime, ladders: Callable[[str], EscalationLadder], frame: TimeFrame
) -> Iterator[Owed]:
    watch = case.rungs[clock.id]
    if clock.pauses or clock.counting is not Counting.ELAPSED or watch.acknowledged is not None:
        return
    try:
        due = read_clock(clock, end, frame).due
    except BranchkitError:
        return
    for rung in ladders(watch.ladder).rungs:
        if not isinstance(due, Due) or rung.working_hours:
            continue
        if isinstance(rung.at, BeforeDue):
            at = max(due.at - rung.at.lead, clock.started)
        elif isinstance(rung.at, AfterDue):
            at = due.at + rung.at.lag + MICROSECOND
        else:
            continue
        if at <= end:
            yield Owed(case.id, clock.id, watch.entry, rung.id)


def settled(journal: Iterable[Happened]) -> tuple[list[tuple[str, str, int, str, int]], set[Owed]]:
    """Return every decision about a rung, doubled ones too, and the rungs of which it is on record why they wait."""
    decided: list[tuple[str, str, int, str, int]] = []
    waiting: set[Owed] = set()
    for event in (one.event for one in journal):
        if isinstance(event, RungReached):
            at = event.reached
            if at.outcome is RungOutcome.HELD:
                waiting.add(Owed(event.case, event.clock, event.entry, at.rung))
            else:
                decided.append((event.case, event.clock, event.entry, at.rung, at.round))
    return decided, waiting


def was_suspended(journal: Iterable[Happened]) -> bool:
    """Say whether service was suspended at some time, so that clocks stood."""
    return any(isinstance(one.event, ServiceSuspended) for one in journal)
