"""Cases as the kit keeps them: decided by their procedure, watched by its ladders, found by branch, key and state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, ClassVar, TypeAlias, get_args

import attrs

from branchkit.checklists import SheetSubmitted, read, rebind
from branchkit.errors import NotFound, Refusal, Refused
from branchkit.escalation import (
    ClockUnreadable,
    EscalationLadder,
    EscalationPolicy,
    OpenCaseFor,
    RaisePriority,
    Reached,
    RungOutcome,
    RungReached,
    SweepCase,
    WatchAcknowledged,
    Watched,
)
from branchkit.escalation.climbing import suppressed
from branchkit.kit.floor import Change, Current, Floor, Intent, Keep, Kind, needed
from branchkit.kit.floors.about import customer_named, customers_named, misnamed
from branchkit.kit.floors.around import running
from branchkit.kit.floors.asking import reached_of
from branchkit.kit.floors.estate import known_branch, refuse
from branchkit.kit.floors.gathering import GatheringWorld, gather
from branchkit.kit.floors.sheets import kept_sheet
from branchkit.kit.floors.unreadable import messages_of, unreadable
from branchkit.kit.naming import short
from branchkit.messages import Actor, Command, Event
from branchkit.procedures import (
    AcknowledgeEscalation,
    AssignRole,
    CancelCase,
    CancelClock,
    Case,
    CaseCancelled,
    CaseCommand,
    CaseJoined,
    CaseLinked,
    CaseMigrated,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    ClockChanged,
    CompleteStage,
    FactsRecorded,
    JoinCase,
    Link,
    LinkCases,
    LinkKind,
    MigrateCase,
    OpenCase,
    PauseClock,
    Procedure,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResetClock,
    ResumeClock,
    RoleAssigned,
    SignStage,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageWaived,
    WaiveStage,
    case_key,
    evolve,
    handle,
    opened_by,
)

__all__ = ["CASES", "LADDERS", "CaseEvent", "CaseFloorCommand", "CaseLink", "ProcedureAdopted", "kept_with"]

CaseFloorCommand: TypeAlias = (
    OpenCase
    | JoinCase
    | CompleteStage
    | SignStage
    | WaiveStage
    | RecordFacts
    | AssignRole
    | Reprioritise
    | PauseClock
    | ResumeClock
    | ResetClock
    | CancelClock
    | LinkCases
    | ReopenCase
    | CancelCase
    | AcknowledgeEscalation
    | MigrateCase
    | SweepCase
)

LADDERS = Actor("branchkit:escalation", system=True)
"""Who does what a ladder does."""
CHECKLISTS = Actor("branchkit:checklists", system=True)
"""Who opens a case because an item failed."""
PROCEDURES = Actor("branchkit:procedures", system=True)
"""Who opens a case because a transition of another one says so."""


@attrs.frozen(kw_only=True)
class CaseLink:
    """That one case is linked to another, to be found from the other."""

    case: str
    link: LinkKind
    other: str

    @property
    def id(self) -> str:
        """Names the link."""
        return f"{self.link}/{self.case}/{self.other}"


@attrs.frozen(kw_only=True)
class ProcedureAdopted(Event):
    """A version of a procedure was taken into use: it is kept, whatever the catalog says later."""

    KIND: ClassVar[str] = "procedure_adopted"

    procedure: Procedure


CaseEvent: TypeAlias = (
    CaseOpened
    | StageCompleted
    | StageWaived
    | CaseReopened
    | StageProposed
    | StageSigned
    | StageReturned
    | FactsRecorded
    | RoleAssigned
    | Reprioritised
    | ClockChanged
    | CaseLinked
    | CaseJoined
    | CaseCancelled
    | CaseMigrated
    | RungReached
    | WatchAcknowledged
    | ClockUnreadable
    | ProcedureAdopted
)


# -- deciding


def _open(command: OpenCase, world: GatheringWorld) -> tuple[Event, ...]:
    known_branch(command, world, command.branch)
    procedure = _procedure(command, world, command.procedure, None)
    events = handle(procedure, world.case(command.case), command, gather(procedure, None, command, world))
    _check_customers(command, events, None)
    return (*_adopted(command, procedure, world), *events)


def _act(command: CaseCommand, world: GatheringWorld) -> tuple[Event, ...]:
    case = world.case(command.case)
    if case is None:
        unknown = Refusal("unknown_case", f"there is no case {command.case!r}; open it first", path="$.case")
        raise Refused.because(type(command).__name__, [unknown])
    at = max(command.at, case.latest)
    due = tuple(_reached(case, world, at))
    for event in due:
        case = evolve(case, event)
    migrates = isinstance(command, MigrateCase)
    version = command.to_version if isinstance(command, MigrateCase) else case.version
    procedure = _procedure(command, world, case.procedure, version)
    events = handle(procedure, case, command, gather(procedure, case, command, world))
    _check_customers(command, events, case)
    adopted = _adopted(command, procedure, world) if migrates else ()
    if events and isinstance(command, LinkCases) and command.link == "duplicate":
        return (*due, *_suppressed(case, command.other, world, at), *events)
    return (*due, *adopted, *events)


def _check_customers(command: CaseCommand, events: Iterable[Event], case: Case | None) -> None:
    """Refuse what would make a case name two customers, or one by what is no number of the bank's."""
    named: list[str] = []
    for event in events:
        if isinstance(event, CaseOpened):
            named += customers_named(event.place, event.facts)
        elif isinstance(event, CaseMoved | StageProposed | FactsRecorded) and event.facts:
            named += customers_named((), event.facts)
    if named and (wrong := list(misnamed(named, None if case is None else customer_named(case.place, case.facts)))):
        raise refuse(command, *wrong)


def _sweep(command: SweepCase, world: GatheringWorld) -> tuple[Event, ...]:
    case = world.case(command.case)
    if case is None:
        raise refuse(command, f"there is no case {command.case!r}")
    return tuple(_reached(case, world, command.at))


def _reached(case: Case, world: GatheringWorld, at: Any) -> Iterator[RungReached | ClockUnreadable]:
    """Yield what the ladders of a case say has to happen by a moment, ladder by ladder in the order of their clocks.

    A clock of which they cannot tell anything, since it cannot be read, is told of instead.
    """
    for policy, watched in running(case, world, at):
        for reached in reached_of(policy, watched, at):
            yield _event(case, policy, watched, reached)
        if watched.timeline.due is None:
            told = unreadable(case, world.procedure(case.procedure, case.version), watched, at)
            if told is not None:
                yield told


def _suppressed(case: Case, other: str, world: GatheringWorld, at: Any) -> Iterator[RungReached]:
    """Yield, for each rung that was still to come, that nothing comes of it: the case ends as a duplicate."""
    for policy, watched in running(case, world, at):
        if isinstance(policy, EscalationLadder):
            for reached in suppressed(policy, watched, at, other):
                yield _event(case, policy, watched, reached)


def _event(case: Case, policy: EscalationPolicy, watched: Watched, reached: Reached) -> RungReached:
    return RungReached(
        case=case.id,
        clock=watched.watch.clock,
        entry=watched.watch.entry,
        ladder=policy.id,
        version=policy.version,
        reached=reached,
    )


def _procedure(command: Command, world: GatheringWorld, id: str, version: str | None) -> Procedure:
    try:
        return world.procedure(id, version)
    except NotFound as error:
        raise refuse(command, str(error)) from error


def _adopted(command: Command, procedure: Procedure, world: GatheringWorld) -> tuple[ProcedureAdopted, ...]:
    kept = world.adopted(procedure.id, procedure.version)
    if kept is None:
        return (ProcedureAdopted(procedure=procedure),)
    if kept != procedure:
        name = f"{procedure.id!r} {procedure.version}"
        raise refuse(command, f"another procedure {name} is in use; give the changed one a new version")
    return ()


# -- keeping


def _fold_case(event: Any, current: Current) -> tuple[Change, ...]:
    before = None if isinstance(event, CaseOpened) else needed(current, "case", event.case)
    case = evolve(before, event)
    links = event.links if isinstance(event, CaseOpened) else (event.link,) if isinstance(event, CaseLinked) else ()
    return (Change("case", case.id, case), *map(_link_change, _links(case.id, links)), *_touched(event, current))


def _touched(event: Any, current: Current) -> Iterator[Change]:
    """Yield the cases that are linked to, as they are: who acts in one of them meanwhile has not seen the link."""
    named: tuple[str, ...] = ()
    if isinstance(event, CaseOpened):
        named = (*(link.case for link in event.links), *(() if event.parent is None else (event.parent,)))
    elif isinstance(event, CaseLinked):
        named = (event.link.case,)
    for id in dict.fromkeys(named):
        other = None if id == event.case else current("case", id)
        if isinstance(other, Case):
            yield Change("case", id, other)


def _links(case: str, links: Iterable[Link]) -> Iterator[CaseLink]:
    return (CaseLink(case=case, link=one.kind, other=one.case) for one in links)


def _link_change(link: CaseLink) -> Change:
    return Change("link", link.id, link)


def _fold_adopted(event: ProcedureAdopted, current: Current) -> tuple[Change, ...]:
    procedure = event.procedure
    return (Change("procedure", f"{procedure.id}@{procedure.version}", procedure),)


# -- what follows


def _told(event: RungReached, world: GatheringWorld) -> Iterator[Intent]:
    """Yield one message for each person that a rung tells; its key makes it go out once, whoever retries."""
    reached, case = event.reached, world.case(event.case)
    if reached.outcome is not RungOutcome.FIRED or reached.message is None or case is None:
        return
    grouped = _group(event, case)
    for person in reached.told:
        key = f"{event.case}/{event.clock}/{event.entry}/{reached.rung}/{reached.round}/{person}"
        yield Intent(
            key=key,
            body={
                "kind": "rung",
                "to": person,
                "message": {"zh": reached.message.zh, "en": reached.message.en},
                "case": event.case,
                "procedure": case.procedure,
                "branch": case.branch,
                "place": [str(ref) for ref in case.place],
                "clock": event.clock,
                "ladder": event.ladder,
                "rung": reached.rung,
                "due": reached.due.isoformat(),
                **grouped,
            },
        )


def _told_of_clock(event: ClockUnreadable, world: GatheringWorld) -> Iterator[Intent]:
    case = world.case(event.case)
    if case is not None:
        yield from messages_of(event, case, world.procedure(case.procedure, case.version))


def _group(event: RungReached, case: Case) -> dict[str, str]:
    """Return what messages of one ladder about several cases are told together by, where its rungs ask for it."""
    match event.reached.group_by:
        case "branch":
            return {"group": f"{event.ladder}/{case.branch}"}
        case "place":
            return {"group": "/".join((event.ladder, case.branch, *map(str, case.place)))}
        case _:
            return {}


def _follow(event: RungReached, command: Command, world: GatheringWorld) -> Iterator[Command]:
    """Yield what a rung does beside telling: it raises the priority, it opens a case of its own kind."""
    for action in event.reached.do:
        case = world.case(event.case)
        if case is None:
            return
        if isinstance(action, RaisePriority):
            if case.is_open and _rises(case, action.to, world):
                when: dict[str, Any] = {"at": command.at, "recorded_at": command.recorded_at}
                yield Reprioritise(case.id, priority=action.to, by=LADDERS, **when)
        elif isinstance(action, OpenCaseFor):
            key = case_key(action.procedure, case.place)
            rung = f"{event.clock}.{event.entry}.{event.reached.rung}.{event.reached.round}"
            yield OpenCase(
                short(f"{case.id}.{rung}"),
                procedure=action.procedure,
                branch=case.branch,
                place=case.place,
                key=key,
                links=(Link("caused_by", case.id),),
                by=LADDERS,
                at=command.at,
                recorded_at=command.recorded_at,
            )


def _opened_by_way(event: StageCompleted, command: Command, world: GatheringWorld) -> Iterator[Command]:
    """Yield, for a transition that names a procedure, the case to open, or the open one about the same to join."""
    case = world.case(event.case)
    if case is None:
        return
    stage = world.procedure(case.procedure, case.version).stage(event.stage)
    ways = () if stage is None else stage.transitions
    for name in (one.opens for one in ways if one.id == event.transition and one.opens is not None):
        key = case_key(name, case.place)
        when: dict[str, Any] = {"by": PROCEDURES, "at": command.at, "recorded_at": command.recorded_at}
        standing = next(world.found("case", {"key": key, "status": "open"}), None)
        if standing is not None:
            yield JoinCase(standing.id, **when)
        else:
            entry = case.stages[event.stage].entry
            yield OpenCase(
                short(f"{case.id}.{event.stage}.{entry}.{event.transition}"),
                procedure=name,
                branch=case.branch,
                place=case.place,
                key=key,
                links=(Link("caused_by", case.id),),
                **when,
            )


def _rises(case: Case, to: str, world: GatheringWorld) -> bool:
    """Say whether a priority is above the case's; one that the procedure does not have is for the command to refuse."""
    ranks = world.procedure(case.procedure, case.version).priorities
    if case.priority not in ranks or to not in ranks:
        return True
    return ranks.index(to) < ranks.index(case.priority)


def _failed(event: SheetSubmitted, command: Command, world: GatheringWorld) -> Iterator[Command]:
    """Yield, for each failed item that names a procedure, the case to open, or the open one to join."""
    sheet = event.sheet
    if sheet.state == "draft":
        return
    checklist = world.checklist(sheet.checklist, sheet.version)
    named = {item.id: item.opens for _, item in checklist.items() if item.opens is not None}
    if not named:
        return
    when: dict[str, Any] = {"by": CHECKLISTS, "at": command.at, "recorded_at": command.recorded_at}
    findings = {(finding.item, finding.place): finding.id for finding in event.opened}
    for one in opened_by(read(sheet, rebind(checklist, event.pin)), named):
        finding = findings.get((f"{checklist.id}/{one.item}", one.place))
        standing = next(world.found("case", {"key": one.key, "status": "open"}), None)
        if standing is not None:
            yield JoinCase(standing.id, finding=finding, sheet=sheet.id, **when)
        else:
            yield OpenCase(
                short(f"{sheet.id}/{one.key}"),
                procedure=one.procedure,
                branch=sheet.branch,
                place=one.place,
                key=one.key,
                **when,
            )


def _kept(customer: str, world: GatheringWorld) -> Iterator[Keep]:
    """Yield the cases that are about a customer, and the sheets that were filled in for them."""
    for case in list(world.found("case", {"customer": customer})):
        yield from kept_with(case.id, world)


def kept_with(case: str, world: GatheringWorld) -> Iterator[Keep]:
    """Yield a case and the sheets that were filled in for it, whichever entry of its stages they belong to."""
    stream = f"case:{case}"
    yield Keep("case", case, stream)
    for sheet in world.sheets_named(stream):
        yield from kept_sheet(sheet, world)


def _index(case: Case) -> Mapping[str, str | None]:
    customer = customer_named(case.place, case.facts)
    about = {} if customer is None else {"customer": customer}
    return about | {
        "branch": case.branch,
        "procedure": case.procedure,
        "status": case.status,
        "key": case.key,
        "parent": case.parent,
        "priority": case.priority,
    }


_ACTS = tuple(kind for kind in get_args(CaseFloorCommand) if kind not in (OpenCase, SweepCase))
_EVOLVES = tuple(kind for kind in get_args(CaseEvent) if kind is not ProcedureAdopted)

CASES = Floor(
    decide={OpenCase: _open, SweepCase: _sweep, **dict.fromkeys(_ACTS, _act)},
    fold={**dict.fromkeys(_EVOLVES, _fold_case), ProcedureAdopted: _fold_adopted},
    kinds=(
        Kind("case", Case, ("branch", "procedure", "status", "key", "parent", "priority", "customer"), _index),
        Kind(
            "link",
            CaseLink,
            ("case", "link", "other"),
            lambda one: {"case": one.case, "link": one.link, "other": one.other},
        ),
        Kind("procedure", Procedure, (), lambda one: {}),
    ),
    rearm=dict.fromkeys(_EVOLVES, lambda event, world: (event.case,)),
    tell={RungReached: _told, ClockUnreadable: _told_of_clock},
    keeps=_kept,
    follow={RungReached: _follow, SheetSubmitted: _failed, StageCompleted: _opened_by_way},
    details={RungReached: lambda event: {"rungs": 1}},
)
