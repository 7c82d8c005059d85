"""How a case goes on once a stage is settled or led to: the parts that every event of a moved case has."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from typing import TypedDict

import attrs

from branchkit.checklists import RawFact
from branchkit.conditions import Facts
from branchkit.errors import Refusal
from branchkit.estate import say_actors
from branchkit.messages import Actor
from branchkit.procedures.case import NOTHING, StageState, StageStatus
from branchkit.procedures.clocking import calendar_of, ladders_of, started, stop_all, stopped
from branchkit.procedures.facts import CaseFacts, look
from branchkit.procedures.model import Transition
from branchkit.procedures.moves import move
from branchkit.procedures.prepared import Permit, Prepared, Step, Way
from branchkit.temporal import Clock, ClockSpec
from branchkit.values import FrozenMap, Unknown

__all__ = ["Going", "Moved", "check_way", "go_on", "is_straight", "move_clocks", "refuse_actor"]

_OPEN, _WAITING = StageStatus.OPEN, StageStatus.WAITING


class Moved(TypedDict):
    """The fields of `CaseMoved` that the position decides."""

    opened: tuple[str, ...]
    waiting: tuple[str, ...]
    skipped: FrozenMap[str]
    clocks: tuple[Clock, ...]
    ladders: FrozenMap[str]
    outcome: str | None
    closes: bool
    calendar: str | None


@attrs.define(eq=False)
class Going:
    """What a step starts from, and what it has read and refused so far."""

    prepared: Prepared
    stages: Mapping[str, StageState]
    clocks: tuple[Clock, ...]
    held: Mapping[str, RawFact]
    """The case's facts, with those that the step states."""
    facts: CaseFacts
    priority: str | None
    at: dt.datetime
    actor: Actor
    refusals: list[Refusal]
    read: dict[str, RawFact] = attrs.field(factory=dict)

    def applies(self, step: Step) -> bool:
        """Say whether a stage applies; where that cannot be told, it does."""
        assert step.applies is not None
        answer = step.applies(self.look(step.reads))
        return answer is not False

    def look(self, names: tuple[str, ...], attempt: int | None = None) -> Facts:
        """Return facts by name, and remember what was read."""
        return look(
            self.prepared, names, self.held, self.facts, priority=self.priority, attempt=attempt, read=self.read
        )


def go_on(
    going: Going,
    settled: str | None,
    ways: tuple[Transition, ...],
    outcome: str | None,
    *,
    to: tuple[str, ...] = (),
    opening: bool = False,
) -> Moved:
    """Return what follows from a step; refuses it where the case would end and others still hold it."""
    prepared, facts, steps = going.prepared, going.facts, going.prepared.steps
    moves = move(prepared, going.stages, settled, ways, outcome, going.applies, to)
    skipped = moves.skipped
    left = [*skipped] if settled is None else [settled, *skipped]
    stops = [name for stage in left for name in steps[stage].stops]
    starts = [spec for stage in moves.opened for spec in steps[stage].starts]
    refusals, at, by = going.refusals, going.at, going.actor.id
    ladders: FrozenMap[str] = NOTHING
    if moves.closes:
        clocks = stop_all(going.clocks, at, by)
        if facts.blocked_by:
            others = ", ".join(facts.blocked_by)
            reason, zh = f"the case cannot end before these have: {others}", f"须待以下事项先结：{others}"
            refusals.append(Refusal("held_by_cases", reason, zh=zh))
    else:
        starting = prepared.starts + tuple(starts) if opening else tuple(starts)
        clocks, ladders = move_clocks(prepared, going.clocks, starting, stops, at, going.held, facts, by, refusals)
    return {
        "opened": moves.opened,
        "waiting": moves.waiting,
        "skipped": FrozenMap(skipped) if skipped else NOTHING,
        "clocks": clocks,
        "ladders": ladders,
        "outcome": moves.outcome,
        "closes": moves.closes,
        "calendar": calendar_of(facts) if clocks else None,
    }


def is_straight(prepared: Prepared, stages: Mapping[str, StageState], way: Way) -> bool:
    """Say whether the one stage that a transition leads to opens now, and nothing waits that it could let go on."""
    state = stages.get(way.transition.to[0])
    if state is not None and state.status is _OPEN:
        return False
    return not (prepared.joins and any(one.status is _WAITING for one in stages.values()))


def move_clocks(
    prepared: Prepared,
    clocks: tuple[Clock, ...],
    starts: tuple[ClockSpec, ...],
    stops: Collection[str],
    at: dt.datetime,
    held: Mapping[str, RawFact],
    facts: CaseFacts,
    by: str,
    refusals: list[Refusal],
) -> tuple[tuple[Clock, ...], FrozenMap[str]]:
    """Return the clocks that stop and start, as they then are, and the ladders that guard those that start."""
    changed = stopped(clocks, stops, at, by) if stops else ()
    if not starts:
        return changed, NOTHING
    new = started(prepared, starts, at, held, facts, by)
    ladders = ladders_of(prepared, new, facts, refusals) if prepared.ladders else NOTHING
    return changed + new, ladders


def check_way(going: Going, way: Way, entry: int) -> None:
    """Refuse a transition whose condition does not hold, or that would try again what may not be."""
    one = way.transition
    if way.test is not None:
        answer = way.test(going.look(way.reads, entry))
        if isinstance(answer, Unknown):
            reason = f"the transition {one.id!r} cannot be taken yet: {answer.reason}"
            zh = f"“{one.title.say('zh')}”的条件所需事实未知"
            going.refusals.append(Refusal("guard_unknown", reason, rules=one.rules, path="$.transition", zh=zh))
        elif not answer:
            said = f"the transition {one.id!r} is not open" if one.else_reason is None else one.else_reason.say()
            zh = f"“{one.title.say('zh')}”的条件不成立" if one.else_reason is None else one.else_reason.say("zh")
            going.refusals.append(Refusal("guard_false", said, rules=one.rules, path="$.transition", zh=zh))
    for name in way.again:
        state, limit = going.stages.get(name), going.prepared.steps[name].stage.attempts
        if state is not None and limit is not None and state.entry >= limit:
            stage = going.prepared.steps[name].stage
            reason = f"the stage {name!r} has been tried {limit} times already, which is all it may be"
            zh = f"“{stage.title.say('zh')}”最多办理{limit}次，次数已用完"
            going.refusals.append(Refusal("attempts_used_up", reason, rules=stage.rules, path="$.transition", zh=zh))


def refuse_actor(
    actor: Actor, permit: Permit, roles: Mapping[str, str], facts: CaseFacts, what: str, rules: Iterable[str] = ()
) -> Refusal | None:
    """Return why an actor may not do something, or nothing where they may."""
    if permit.allows(actor, roles, facts.standing):
        return None
    reason = f"{actor.id!r} may not {what}; it is for: {permit}"
    zh = f"{actor.id}无权办理；限于：{say_actors(permit.specs, 'zh') or '无人'}"
    return Refusal("not_permitted", reason, rules=tuple(rules), path="$.by", zh=zh)
