"""Schedules that open cases: within a horizon, each occasion once, and what was missed stands in the journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal, Protocol, TypeAlias
from zoneinfo import ZoneInfo

from branchkit.checklists import RawFact, SchedulePlan, due, due_key
from branchkit.checklists.agenda import Agenda, AgendaOpened, OccasionMissed, OpenScheduled, occasions
from branchkit.conditions import FactType
from branchkit.errors import CatalogError, InputError, NotFound
from branchkit.kit.floor import Change, Current, Floor, Kind
from branchkit.kit.floors.estate import known_branch, refuse
from branchkit.kit.floors.gathering import GatheringWorld
from branchkit.messages import Actor, Command, Event
from branchkit.procedures import OpenCase
from branchkit.temporal import AtMost
from branchkit.values import FrozenMap

__all__ = ["AGENDA", "AgendaCommand", "AgendaEvent"]

AgendaCommand: TypeAlias = OpenScheduled
AgendaEvent: TypeAlias = AgendaOpened | OccasionMissed

SCHEDULER = Actor("branchkit:scheduler", system=True)
"""Who opens what is due."""
_DAY = dt.timedelta(days=1)


class AgendaWorld(GatheringWorld, Protocol):
    """What a decision about an agenda may read."""

    def plan(self, id: str) -> SchedulePlan:
        """Return the plan in force; raises `NotFound`."""
        ...

    def agenda(self, id: str) -> Agenda | None:
        """Return how far a plan has been opened at a branch."""
        ...


def _open(command: OpenScheduled, world: AgendaWorld) -> tuple[Event, ...]:
    branch = known_branch(command, world, command.branch)
    if not isinstance(branch.time_zone, str):
        raise refuse(command, f"the time zone of branch {branch.id!r} is not known, so nobody knows its days")
    zone = ZoneInfo(branch.time_zone)
    try:
        plan = world.plan(command.plan)
    except (NotFound, CatalogError) as error:
        raise refuse(command, str(error)) from error
    known = world.agenda(f"{branch.id}/{plan.id}")
    first = command.at.astimezone(zone).date() if known is None else known.through + _DAY
    if command.through < first:
        return ()
    calendar = world.calendar(branch.calendar) if isinstance(branch.calendar, str) else None
    if calendar is not None and command.through > calendar.confirmed_through:
        told = calendar.confirmed_through
        raise refuse(
            command, f"the calendar {calendar.id!r} is confirmed through {told}; open through that day at most"
        )
    try:
        done = _days(plan, branch.id, "closed", world)
        lines = due(plan, branch, first, command.through, calendar=calendar, done=done, never_done="first")
    except InputError as error:
        raise refuse(command, *map(str, error.problems)) from error
    under_way = _days(plan, branch.id, "open", world)
    found = tuple(one for one in occasions(lines, zone) if due_key(plan.id, one.entry, one.place[1:]) not in under_way)
    # What is due at most so far apart stays to be done until it is, so it is late, and never missed.
    apart = {entry.id for entry in plan.entries if isinstance(entry.cycle, AtMost)}
    missed = tuple(one for one in found if one.until < command.at and one.entry not in apart)
    opened = tuple(one for one in found if one not in missed)
    return (
        *(OccasionMissed(branch=branch.id, plan=plan.id, occasion=one) for one in missed),
        AgendaOpened(
            branch=branch.id,
            plan=plan.id,
            version=plan.version,
            through=command.through,
            occasions=opened,
            missed=len(missed),
            untold=tuple(one.entry.id for one in lines if one.entry.opens is not None and one.state == "unknown"),
        ),
    )


def _days(
    plan: SchedulePlan, branch: str, status: Literal["open", "closed"], world: AgendaWorld
) -> dict[str, list[dt.date]]:
    """Return of what is due at most so far apart on which days its own cases were closed, or those open last moved."""
    found: dict[str, list[dt.date]] = {}
    for entry in plan.entries:
        if entry.opens is None or not isinstance(entry.cycle, AtMost):
            continue
        for case in world.found("case", {"branch": branch, "procedure": entry.opens, "status": status}):
            key = due_key(plan.id, entry.id, case.place[1:])
            if case.id.startswith(f"{branch}/{key}/"):
                found.setdefault(key, []).append(case.latest.date())
    return {key: sorted(set(days)) for key, days in found.items()}


def _opened(event: AgendaOpened, current: Current) -> tuple[Change, ...]:
    agenda = Agenda(branch=event.branch, plan=event.plan, through=event.through)
    return (Change("agenda", agenda.id, agenda),)


def _follow(event: AgendaOpened, command: Command, world: AgendaWorld) -> Iterator[Command]:
    for one in event.occasions:
        yield OpenCase(
            one.case(event.branch, event.plan),
            procedure=one.procedure,
            branch=event.branch,
            place=one.place,
            facts=FrozenMap(_facts(event.plan, one.entry, one.procedure, one.until, world)),
            by=SCHEDULER,
            at=command.at,
            recorded_at=command.recorded_at,
        )


def _facts(plan: str, entry: str, procedure: str, until: dt.datetime, world: AgendaWorld) -> dict[str, RawFact]:
    """Return ``due`` and ``schedule`` where the procedure declares them: the moment, and which schedule it was."""
    try:
        specs = {spec.name: spec.type for spec in world.procedure(procedure).facts}
    except NotFound:
        return {}  # Opening the case refuses it, and says which procedure is missing.
    given: dict[str, RawFact] = {}
    if specs.get("due") is FactType.MOMENT:
        given["due"] = until.isoformat()
    if specs.get("schedule") in (FactType.CODE, FactType.TEXT):
        given["schedule"] = f"{plan}/{entry}"
    return given


AGENDA = Floor(
    decide={OpenScheduled: _open},
    fold={AgendaOpened: _opened, OccasionMissed: lambda event, current: ()},
    kinds=(Kind("agenda", Agenda, ("branch", "plan"), lambda one: {"branch": one.branch, "plan": one.plan}),),
    follow={AgendaOpened: _follow},
    details={
        AgendaOpened: lambda event: {"opened": len(event.occasions), "missed": event.missed},
    },
)
