"""How a case changes by what happens to it: from the case and the event alone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, cast

import attrs

from branchkit.errors import Refused
from branchkit.escalation import ClockUnreadable, RungReached, Watch, WatchAcknowledged, evolve_watch
from branchkit.messages import Event
from branchkit.procedures.case import (
    NOTHING,
    Case,
    StageState,
    StageStatus,
    items_of,
    map_of,
    with_items,
)
from branchkit.procedures.events import (
    CaseCancelled,
    CaseJoined,
    CaseLinked,
    CaseMigrated,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    ClockChanged,
    Duty,
    FactsRecorded,
    Reprioritised,
    RoleAssigned,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageWaived,
)
from branchkit.procedures.making import loose
from branchkit.temporal import Clock
from branchkit.values import FrozenMap

__all__ = ["evolve"]

_DONE, _OPEN, _SKIPPED = StageStatus.DONE, StageStatus.OPEN, StageStatus.SKIPPED
_WAITING, _WAIVED = StageStatus.WAITING, StageStatus.WAIVED
_LooseCase, _LooseState = loose(Case), loose(StageState)


def evolve(case: Case | None, event: Event) -> Case:
    """Return the case as it is after an event; it asks nobody and never looks at the procedure.

    Raises:
        Refused: the event is not about a case, or opens one that is there, or changes one that is not.
    """
    handler = _HANDLERS.get(event.__class__)
    if handler is not None and case is not None:
        return handler(case, event)
    if isinstance(event, CaseOpened) and case is None:
        return _opened(event)
    if case is None or isinstance(event, CaseOpened):
        raise Refused(type(event).__name__, ("a case begins by being opened, once",))
    raise Refused(type(event).__name__, ("it does not change a case",))


def _opened(event: CaseOpened) -> Case:
    states: dict[str, StageState] = {}
    _place(states, event.opened, event.waiting, event.skipped, event.at)
    return Case(
        event.case,
        event.procedure,
        event.version,
        event.branch,
        event.place,
        "closed" if event.closes else "open",
        event.outcome,
        event.at,
        event.at,
        map_of(states),
        event.facts,
        event.roles,
        map_of({"open": event.by}),
        _clocks((), event.clocks),
        _watched(NOTHING, event.ladders),
        event.links,
        event.parent,
        event.key,
        event.priority,
    )


def _completed(case: Case, event: StageCompleted) -> Case:
    """Most of what happens to cases, so written out: a call costs as much as a value."""
    at, name = event.at, event.stage
    states = items_of(case.stages).copy()
    held = states[name]
    state = _LooseState()
    state.status = _DONE
    state.entry = held.entry
    state.since = held.since
    state.by = _joined(held.by, event.by) if held.by else event.by
    state.sheet = event.sheet or held.sheet
    state.transition = event.transition
    state.signed = held.signed
    state.__class__ = StageState
    states[name] = state
    for name in event.opened:
        past = states.get(name)
        state = _LooseState()
        state.status = _OPEN
        # What has waited goes on with the entry that it began.
        state.entry = 1 if past is None else past.entry if past.status is _WAITING else past.entry + 1
        state.since = at
        state.by = () if past is None else past.by
        state.sheet = state.transition = None
        state.signed = ()
        state.__class__ = StageState
        states[name] = state
    if event.waiting or event.skipped is not NOTHING:
        _place(states, (), event.waiting, event.skipped, at)
    made = _LooseCase()
    made.id = case.id
    made.procedure = case.procedure
    made.version = case.version
    made.branch = case.branch
    made.place = case.place
    made.status = "closed" if event.closes else case.status
    made.outcome = event.outcome or case.outcome
    made.opened = case.opened
    made.latest = at
    made.stages = map_of(states)
    made.facts = case.facts if event.facts is NOTHING else with_items(case.facts, event.facts)
    made.roles = case.roles if event.roles is NOTHING else with_items(case.roles, event.roles)
    made.actors = _with_duties(case.actors, event.duties) if event.duties else case.actors
    made.clocks = _clocks(case.clocks, event.clocks) if event.clocks else case.clocks
    made.rungs = case.rungs if event.ladders is NOTHING else _watched(case.rungs, event.ladders)
    made.links = case.links
    made.parent = case.parent
    made.key = case.key
    made.priority = case.priority
    made.__class__ = Case
    return cast("Case", made)


def _place(
    states: dict[str, StageState],
    opened: tuple[str, ...],
    waiting: tuple[str, ...],
    skipped: Mapping[str, str],
    at: dt.datetime,
) -> None:
    """Enter what opened, waits, or was skipped."""
    for name in opened:
        states[name] = _entered(states.get(name), _OPEN, at)
    for name in waiting:
        states[name] = _entered(states.get(name), _WAITING, at)
    for name in skipped:
        past = states.get(name)
        if past is None:
            states[name] = StageState(_SKIPPED, 0, at)
        else:
            states[name] = StageState(_SKIPPED, past.entry, past.since, past.by, past.sheet)


def _entered(past: StageState | None, status: StageStatus, at: dt.datetime) -> StageState:
    if past is None:
        return StageState(status, 1, at)
    entry = past.entry if past.status is _WAITING else past.entry + 1
    return StageState(status, entry, at, past.by)


def _joined(held: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return new if held == new else tuple(dict.fromkeys((*held, *new)))


def _with_duties(held: FrozenMap[tuple[str, ...]], duties: tuple[Duty, ...]) -> FrozenMap[tuple[str, ...]]:
    if not duties:
        return held
    changed = dict(items_of(held))
    for duty, persons in duties:
        changed[duty] = _joined(changed.get(duty, ()), persons)
    return map_of(changed)


def _clocks(held: tuple[Clock, ...], changed: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """Put clocks in the place of those of the same id; the order is that of their ids, whatever came first."""
    if not changed:
        return held
    found = list(held)
    for clock in changed:
        name, place = clock.id, 0
        for one in found:
            if one.id >= name:
                break
            place += 1
        if place < len(found) and found[place].id == name:
            found[place] = clock
        else:
            found.insert(place, clock)
    return tuple(found)


def _watched(held: FrozenMap[Watch], ladders: FrozenMap[str]) -> FrozenMap[Watch]:
    if not ladders:
        return held
    started: dict[str, Watch] = {}
    for clock, ladder in ladders.items():
        id, _, version = ladder.rpartition("@")
        before = held.get(clock)
        started[clock] = Watch(clock, ladder=id, version=version, entry=1 if before is None else before.entry + 1)
    return with_items(held, started)


# -- what happens seldom, so the plain way


def _waived(case: Case, event: StageWaived) -> Case:
    held = case.stages[event.stage]
    state = StageState(_WAIVED, held.entry, held.since, held.by, held.sheet, event.transition)
    return _moved(
        case,
        event,
        {**case.stages, event.stage: state},
        (("waive", event.by), *event.duties),
        status="closed" if event.closes else case.status,
        outcome=event.outcome or case.outcome,
    )


def _reopened(case: Case, event: CaseReopened) -> Case:
    # How it ended no longer counts.
    again = _moved(case, event, dict(case.stages), event.duties, status="open", outcome=event.outcome)
    if not any(one.kind == "duplicate" for one in case.links):
        return again
    # Nor that another case had it in hand: what was kept quiet for that, somebody is to hear of by a ladder of its own.
    running = {clock.id for clock in event.clocks} & items_of(again.rungs).keys()
    watches = {id: again.rungs[id] for id in sorted(running)}
    fresh = {id: Watch(id, ladder=of.ladder, version=of.version, entry=of.entry + 1) for id, of in watches.items()}
    return attrs.evolve(
        again,
        links=tuple(one for one in case.links if one.kind != "duplicate"),
        rungs=with_items(again.rungs, fresh),
    )


def _moved(
    case: Case, event: CaseMoved, states: dict[str, StageState], duties: tuple[Duty, ...], **changes: Any
) -> Case:
    """Return the case after its position has changed; takes the stages, which nobody else holds."""
    _place(states, event.opened, event.waiting, event.skipped, event.at)
    return _changed(
        case,
        event.at,
        stages=map_of(states),
        facts=with_items(case.facts, event.facts),
        roles=with_items(case.roles, event.roles),
        actors=_with_duties(case.actors, duties),
        clocks=_clocks(case.clocks, event.clocks),
        rungs=_watched(case.rungs, event.ladders),
        **changes,
    )


def _changed(case: Case, at: dt.datetime, **changes: Any) -> Case:
    return attrs.evolve(case, latest=at, **changes)


def _with_stage(case: Case, name: str, at: dt.datetime, **changes: Any) -> Case:
    state = attrs.evolve(case.stages[name], **changes)
    return _changed(case, at, stages=with_items(case.stages, {name: state}))


def _proposed(case: Case, event: StageProposed) -> Case:
    state = case.stages[event.stage]
    changed = _with_stage(
        case,
        event.stage,
        event.at,
        by=_joined(state.by, event.by),
        sheet=event.sheet or state.sheet,
        transition=event.transition,
        signed=(event.by,),
    )
    return attrs.evolve(
        changed,
        facts=with_items(case.facts, event.facts),
        clocks=_clocks(case.clocks, event.clocks),
        actors=_with_duties(case.actors, event.duties),
    )


def _signed(case: Case, event: StageSigned) -> Case:
    state = case.stages[event.stage]
    # Without a duty of its own the signature is of those who do it together.
    by = state.by if event.duties else _joined(state.by, event.by)
    changed = _with_stage(case, event.stage, event.at, by=by, signed=(*state.signed, event.by))
    return attrs.evolve(changed, actors=_with_duties(case.actors, event.duties))


def _returned(case: Case, event: StageReturned) -> Case:
    changed = _with_stage(case, event.stage, event.at, transition=None, signed=(), sheet=None)
    return attrs.evolve(changed, actors=_with_duties(case.actors, event.duties))


def _facts(case: Case, event: FactsRecorded) -> Case:
    return _changed(
        case, event.at, facts=with_items(case.facts, event.facts), clocks=_clocks(case.clocks, event.clocks)
    )


def _assigned(case: Case, event: RoleAssigned) -> Case:
    return _changed(case, event.at, roles=with_items(case.roles, {event.role: event.actor}))


def _reprioritised(case: Case, event: Reprioritised) -> Case:
    return _changed(case, event.at, priority=event.priority, clocks=_clocks(case.clocks, event.clocks))


def _clock_changed(case: Case, event: ClockChanged) -> Case:
    changed = _changed(case, event.at, clocks=_clocks(case.clocks, (event.clock,)))
    return attrs.evolve(changed, rungs=_watched(case.rungs, event.ladders))


def _linked(case: Case, event: CaseLinked) -> Case:
    return _changed(case, event.at, links=(*case.links, event.link))


def _joined_by(case: Case, event: CaseJoined) -> Case:
    return _changed(case, event.at)


def _cancelled(case: Case, event: CaseCancelled) -> Case:
    return _changed(case, event.at, status="cancelled", clocks=_clocks(case.clocks, event.clocks))


def _migrated(case: Case, event: CaseMigrated) -> Case:
    states: dict[str, StageState] = {}
    for old, state in case.stages.items():
        name = event.stages.get(old, old)
        if name not in event.dropped:
            new = event.transitions.get(state.transition or "", state.transition)
            states[name] = attrs.evolve(state, transition=new)
    return _changed(
        case,
        event.at,
        version=event.version,
        stages=FrozenMap(states),
        actors=FrozenMap({_renamed(duty, event.stages): held for duty, held in case.actors.items()}),
        clocks=_clocks(case.clocks, event.clocks),
    )


def _renamed(duty: str, names: Mapping[str, str]) -> str:
    kind, _, stage = duty.partition(":")
    return f"{kind}:{names[stage]}" if kind == "sign" and stage in names else duty


def _rung(case: Case, event: RungReached) -> Case:
    watch = case.rungs.get(event.clock)
    if watch is None:
        raise Refused(type(event).__name__, (f"no ladder guards the clock {event.clock!r}",))
    reached = event.reached
    return attrs.evolve(
        case,
        rungs=with_items(case.rungs, {event.clock: evolve_watch(watch, event)}),
        roles=with_items(case.roles, reached.assign),
    )


def _acknowledged(case: Case, event: WatchAcknowledged | ClockUnreadable) -> Case:
    watch = case.rungs.get(event.clock)
    if watch is None:
        raise Refused(type(event).__name__, (f"no ladder guards the clock {event.clock!r}",))
    return attrs.evolve(case, rungs=with_items(case.rungs, {event.clock: evolve_watch(watch, event)}))


_HANDLERS: Mapping[type[Event], Callable[..., Case]] = {
    StageCompleted: _completed,
    StageWaived: _waived,
    CaseReopened: _reopened,
    StageProposed: _proposed,
    StageSigned: _signed,
    StageReturned: _returned,
    FactsRecorded: _facts,
    RoleAssigned: _assigned,
    Reprioritised: _reprioritised,
    ClockChanged: _clock_changed,
    CaseLinked: _linked,
    CaseJoined: _joined_by,
    CaseCancelled: _cancelled,
    CaseMigrated: _migrated,
    RungReached: _rung,
    WatchAcknowledged: _acknowledged,
    ClockUnreadable: _acknowledged,
}
