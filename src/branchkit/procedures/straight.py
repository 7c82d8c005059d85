"""The short way through a step, which most steps take: a stage is left for another one, and nothing is to be explained.

Whatever is not certain at first sight goes the long way, `branchkit.procedures.staging.complete`, which decides all and
gives every reason; tests hold the two equal.
"""

from __future__ import annotations

from typing import cast

from branchkit.errors import Refusal
from branchkit.messages import Event
from branchkit.procedures.case import NOTHING, Case, StageStatus, items_of
from branchkit.procedures.clocking import calendar_of, ladders_of, start, stop
from branchkit.procedures.commands import CompleteStage
from branchkit.procedures.events import StageCompleted
from branchkit.procedures.facts import CaseFacts
from branchkit.procedures.making import loose
from branchkit.procedures.prepared import Prepared
from branchkit.procedures.staging import complete
from branchkit.temporal import Clock, ClockState

__all__ = ["straight_or_not"]

_OPEN, _WAITING = StageStatus.OPEN, StageStatus.WAITING
_RUNNING = ClockState.RUNNING
_LooseCompleted = loose(StageCompleted)


def straight_or_not(prepared: Prepared, case: Case, command: CompleteStage, facts: CaseFacts) -> tuple[Event, ...]:
    """Complete a stage: at once where nothing stands against it and nothing is to be worked out, else the long way."""
    shortcut = prepared.shortcuts.get((command.stage, command.transition))
    if shortcut is None or facts.apart or command.sheet is not None or command.facts is not NOTHING:
        return complete(prepared, case, command, facts)
    stages, actor = items_of(case.stages), command.by
    left, entered = stages.get(command.stage), stages.get(shortcut.to)
    if (
        left is None
        or left.status is not _OPEN
        or (entered is not None and entered.status is _OPEN)
        or case.status != "open"
        or actor.acting_for is not None
        or actor.system
        or shortcut.posts.isdisjoint(actor.posts)
        or (shortcut.test is not None and not shortcut.test(items_of(case.facts)))
        or (prepared.joins and any(state.status is _WAITING for state in stages.values()))
    ):
        return complete(prepared, case, command, facts)
    at, person = command.at, actor.id
    if at <= case.latest:
        at = case.latest
    for other in shortcut.stages_apart:
        if (state := stages.get(other)) is not None and person in state.by:
            return complete(prepared, case, command, facts)
    for duty in shortcut.duties_apart:
        if person in items_of(case.actors).get(duty, ()):
            return complete(prepared, case, command, facts)
    clocks: list[Clock] = []
    stops = shortcut.stops
    for clock in case.clocks:
        if clock.id in stops and (clock.state is _RUNNING or not clock.state.is_over):
            clocks.append(stop(clock, at, person))
    ladders, already = NOTHING, len(clocks)
    for spec in shortcut.starts:
        clocks.append(start(spec, facts, NOTHING, at, person))
    if prepared.ladders:
        refusals: list[Refusal] = []
        ladders = ladders_of(prepared, clocks[already:], facts, refusals)
        if refusals:
            return complete(prepared, case, command, facts)
    event = _LooseCompleted()
    event.case = case.id
    event.at = at
    event.by = (person,)
    event.stage = command.stage
    event.transition = command.transition
    event.sheet = None
    event.reason = command.reason
    event.note = command.note
    event.opened = shortcut.opens
    event.waiting = event.duties = ()
    event.skipped = event.facts = event.roles = event.read = NOTHING
    event.clocks = tuple(clocks)
    event.ladders = ladders
    event.outcome = case.outcome
    event.closes = False
    event.calendar = calendar_of(facts) if clocks and facts.frame is not None else None
    event.__class__ = StageCompleted
    return (cast("StageCompleted", event),)
