"""Random days as the kit keeps them: bound to before a period, told and drawn again after it."""

from __future__ import annotations

import datetime as dt
from typing import Any, Protocol, TypeAlias
from zoneinfo import ZoneInfo

import attrs

from branchkit.checklists import SchedulePlan
from branchkit.checklists.drawing import (
    CommitSeed,
    Drawing,
    RevealSeed,
    SeedCommitted,
    SeedRevealed,
    draw_days,
    drawing_id,
    plan_of,
)
from branchkit.errors import CatalogError, InputError, NotFound
from branchkit.kit.floor import Change, Current, Floor, Kind, needed
from branchkit.kit.floors.estate import EstateWorld, known_branch, refuse
from branchkit.messages import Event
from branchkit.temporal import Random, commitment
from branchkit.temporal.months import named_period

__all__ = ["DRAWS", "DrawCommand", "DrawEvent"]

DrawCommand: TypeAlias = CommitSeed | RevealSeed
DrawEvent: TypeAlias = SeedCommitted | SeedRevealed


class DrawWorld(EstateWorld, Protocol):
    """What a decision about random days may read."""

    def plan(self, id: str) -> SchedulePlan:
        """Return the plan in force; raises `NotFound`."""
        ...

    def drawing(self, id: str) -> Drawing | None:
        """Return a drawing, sealed or revealed."""
        ...


def _commit(command: CommitSeed, world: DrawWorld) -> tuple[Event, ...]:
    branch = known_branch(command, world, command.branch)
    try:
        plan = world.plan(command.plan)
    except (NotFound, CatalogError) as error:
        raise refuse(command, str(error)) from error
    random = {one.id: one.cycle for one in plan.entries if isinstance(one.cycle, Random)}
    cycle = random.get(command.entry)
    if cycle is None:
        listed = ", ".join(random) or "none"
        reason = f"the plan {plan.id!r} has no entry {command.entry!r} with random days; there are: {listed}"
        raise refuse(command, reason)
    try:
        first, _ = named_period(command.period, cycle.period)
    except ValueError as error:
        raise refuse(command, f"the period {command.period!r} is none of the entry's: {error}") from error
    known = world.drawing(drawing_id(branch.id, plan.id, command.entry, command.period))
    if known is not None:
        if known.commitment == command.commitment:
            return ()
        raise refuse(command, f"for {known.id} another seed is committed to already")
    if not isinstance(branch.time_zone, str):
        raise refuse(command, f"the time zone of branch {branch.id!r} is not known, so nobody knows when it begins")
    # Told late is too late, whenever it is said to have been.
    if _day(command.recorded_at, branch.time_zone) >= first:
        raise refuse(command, f"the period {command.period} has begun on {first}; who commits now may know its days")
    return (
        SeedCommitted(
            branch=branch.id,
            plan=plan_of(plan, command.entry),
            period=command.period,
            zone=branch.time_zone,
            commitment=command.commitment,
            by=command.by.id,
            at=command.at,
        ),
    )


def _reveal(command: RevealSeed, world: DrawWorld) -> tuple[Event, ...]:
    branch = known_branch(command, world, command.branch)
    id = drawing_id(branch.id, command.plan, command.entry, command.period)
    known = world.drawing(id)
    if known is None:
        raise refuse(command, f"for {id} no seed was committed to; what is told only afterwards proves nothing")
    reasons: list[str] = []
    _, last = known.days
    if _day(command.at, known.zone) <= last:
        reasons.append(f"the period {command.period} lasts through {last}; its seed may be told when it is over")
    if commitment(bytes.fromhex(command.seed)) != known.commitment:
        reasons.append(f"the seed is not the one that was committed to for {id}")
    if reasons:
        raise refuse(command, *reasons)
    if known.seed is not None:
        return ()
    calendar = world.calendar(branch.calendar) if isinstance(branch.calendar, str) else None
    try:
        among, drawn = draw_days(known, command.seed, branch, calendar, command.facts)
    except InputError as error:
        raise refuse(command, *(str(problem.message) for problem in error.problems)) from error
    return (SeedRevealed(drawing=id, seed=command.seed, among=among, drawn=drawn, by=command.by.id, at=command.at),)


def _day(at: dt.datetime, zone: str) -> dt.date:
    return at.astimezone(ZoneInfo(zone)).date()


def _committed(event: SeedCommitted, current: Current) -> tuple[Change, ...]:
    drawing = Drawing(
        branch=event.branch,
        plan=event.plan,
        period=event.period,
        zone=event.zone,
        commitment=event.commitment,
        committed_by=event.by,
        committed_at=event.at,
    )
    return (Change("drawing", drawing.id, drawing),)


def _revealed(event: SeedRevealed, current: Current) -> tuple[Change, ...]:
    drawing = attrs.evolve(
        needed(current, "drawing", event.drawing),
        seed=event.seed,
        among=event.among,
        drawn=event.drawn,
        revealed_by=event.by,
        revealed_at=event.at,
    )
    return (Change("drawing", drawing.id, drawing),)


def _told(event: SeedRevealed) -> dict[str, Any]:
    return {"drawn": {"/".join(map(str, one.place)): [day.isoformat() for day in one.days] for one in event.drawn}}


DRAWS = Floor(
    decide={CommitSeed: _commit, RevealSeed: _reveal},
    fold={SeedCommitted: _committed, SeedRevealed: _revealed},
    kinds=(
        Kind(
            "drawing",
            Drawing,
            ("branch", "plan", "state"),
            lambda one: {"branch": one.branch, "plan": one.plan.id, "state": one.state},
        ),
    ),
    details={SeedRevealed: _told},
)
