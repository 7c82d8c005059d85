"""How branchkit's own ladder is climbed: when each rung's time comes, and what then happens. Pure."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterator

import attrs

from branchkit.conditions import evaluate
from branchkit.escalation.ladder import AtShare, BeforeDue, EscalationLadder, Reassign, Rung
from branchkit.escalation.watch import Reached, RungOutcome, Watched
from branchkit.estate import ActorSpec, holders
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text

__all__ = ["Planned", "next_look", "planned", "reached", "suppressed"]

_SETTLING = 100
"""How many windows, acknowledgements and closings one rung may be put off by in a row."""
_MISSED = dt.timedelta(microseconds=1)
"""At the deadline itself it is still in time (estate:S-1)."""
_CLOSED = Text(zh="网点在可预见期内不营业", en="the branch does not open in sight")
_NOBODY = Text(zh="无人在岗", en="nobody is available")
_OVERTAKEN = Text(zh="下一轮已到", en="a later round has come already")
_CONDITION = Text(zh="条件不成立", en="its condition does not hold")
_INHIBITED = Text(zh="更大的事项已涵盖此事项", en="a larger matter covers it")


@attrs.frozen
class _Step:
    """One rung in one round, with its own time and the moment it is free to act."""

    own: dt.datetime
    free: dt.datetime | None
    round: int
    rung: Rung
    held_by: str | None
    why: Text | None


@attrs.frozen(kw_only=True)
class Planned:
    """When a rung comes next, as far as that can be told."""

    rung: str
    round: int
    """0 for the first time."""
    at: dt.datetime | None
    """When its own time comes; ``None`` where it has no further round, or that cannot be told."""
    free: dt.datetime | None = None
    """From when on nothing holds it."""
    held_by: str | None = None
    """What holds it, as a code: ``acknowledged``, ``quiet`` or ``closed``."""
    why: Text | None = None


def planned(ladder: EscalationLadder, watched: Watched) -> Iterator[Planned]:
    """Yield when each rung comes next, in the order of the document."""
    climb = _Climb(ladder, watched)
    for rung in ladder.rungs:
        round = watched.watch.rounds.get(rung.id, 0)
        step = climb.step(rung, round)
        if step is None:
            yield Planned(rung=rung.id, round=round, at=None)
        else:
            free, held = step.free, step.held_by
            yield Planned(rung=rung.id, round=round, at=step.own, free=free, held_by=held, why=step.why)


def suppressed(ladder: EscalationLadder, watched: Watched, at: dt.datetime, other: str) -> Iterator[Reached]:
    """Yield for each rung that is still to come that nothing comes of it, since the case is a duplicate of another."""
    for one in planned(ladder, watched):
        if one.at is not None:
            yield Reached(
                rung=one.rung,
                round=one.round,
                due=at,
                outcome=RungOutcome.SUPPRESSED,
                code="duplicate",
                why=_duplicate(other),
                rules=ladder.rung(one.rung).rules,
            )


def _duplicate(other: str) -> Text:
    return Text(zh=f"与事项{other}重复", en=f"duplicate of case {other}")


def next_look(ladder: EscalationLadder, watched: Watched, at: dt.datetime) -> dt.datetime | None:
    """Return when the next rung may act; a rung that waits for somebody is looked at again after a while."""
    climb = _Climb(ladder, watched)
    moments: list[dt.datetime] = []
    for rung in ladder.rungs:
        step = climb.step(rung, watched.watch.rounds.get(rung.id, 0))
        if step is None:
            continue
        held = step.held_by is not None and (step.free is None or step.free > at)
        if held and watched.watch.held.get(rung.id) != step.held_by:
            moments.append(step.own)  # That it waits, and why, is put on record when its own time comes.
            continue
        if step.free is None:
            continue
        waits = watched.watch.held.get(rung.id) == "nobody" and step.free <= at
        moments.append(at + ladder.retry if waits else step.free)
    return min(moments, default=None)


def reached(ladder: EscalationLadder, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
    """Decide every rung whose time has come, in the order of time; of the same moment, by id."""
    found = tuple(_Climb(ladder, watched).decide(at))
    steps = tuple(
        Step(
            what=one.why or _FIRED[one.outcome],
            rules=one.rules,
            refs=(Ref("rung", f"{one.rung}#{one.round}" if one.round else one.rung),),
        )
        for one in found
    )
    inputs = (Ref("case", watched.case), Ref("clock", watched.watch.clock))
    return Decision(found, Trace(policy=ladder.id, version=ladder.version, inputs=inputs, steps=steps))


_FIRED = {
    RungOutcome.FIRED: Text(zh="已触发", en="fired"),
    RungOutcome.RECORDED: Text(zh="已记录", en="recorded"),
}


@attrs.frozen
class _Climb:
    """One ladder, on what it watches."""

    ladder: EscalationLadder
    watched: Watched
    times: dict[str, dt.datetime | None] = attrs.field(factory=dict, init=False)
    """When the first round of each rung comes, once that was worked out."""

    def decide(self, at: dt.datetime) -> Iterator[Reached]:
        heap: list[tuple[dt.datetime, str, _Step]] = []
        for rung in self.ladder.rungs:
            self._push(heap, rung, self.watched.watch.rounds.get(rung.id, 0), at)
        while heap:
            _, _, step = heapq.heappop(heap)
            reached = self._at(step, at)
            if reached is None:
                continue
            yield reached
            if reached.outcome is not RungOutcome.HELD:
                self._push(heap, step.rung, step.round + 1, at)

    def _push(self, heap: list[tuple[dt.datetime, str, _Step]], rung: Rung, round: int, at: dt.datetime) -> None:
        step = self.step(rung, round)
        if step is not None and step.own <= at:
            heapq.heappush(heap, (step.own, rung.id, step))

    def _at(self, step: _Step, at: dt.datetime) -> Reached | None:
        rung = step.rung

        def outcome(of: RungOutcome, code: str | None = None, why: Text | None = None) -> Reached:
            return Reached(
                rung=rung.id, round=step.round, due=step.own, outcome=of, code=code, why=why, rules=rung.rules
            )

        def held(code: str, why: Text | None, until: dt.datetime | None) -> Reached | None:
            watch = self.watched.watch
            if watch.held.get(rung.id) == code and step.round == watch.rounds.get(rung.id, 0):
                return None  # It is on record already why it waits.
            return attrs.evolve(outcome(RungOutcome.HELD, code, why), until=until)

        if rung.when is not None and evaluate(rung.when, self.watched.facts) is False:
            return outcome(RungOutcome.PASSED, "condition", _CONDITION)
        if self.watched.duplicate_of is not None:
            return outcome(RungOutcome.SUPPRESSED, "duplicate", _duplicate(self.watched.duplicate_of))
        inhibited = self.ladder.inhibited_when
        if inhibited is not None and evaluate(inhibited, self.watched.facts) is True:
            return outcome(RungOutcome.SUPPRESSED, "inhibited", _INHIBITED)
        if rung.record_only:
            return outcome(RungOutcome.RECORDED)
        if step.held_by is not None and (step.free is None or step.free > at):
            return held(step.held_by, step.why, step.free)
        following = self.step(rung, step.round + 1)
        if following is not None and following.own <= at:
            return outcome(RungOutcome.PASSED, "overtaken", _OVERTAKEN)
        told = self._available(rung.tell, at)
        if rung.tell and not told:
            if rung.if_nobody == "wait":
                return held("nobody", _NOBODY, at + self.ladder.retry)
            return outcome(RungOutcome.PASSED, "nobody", _NOBODY)
        return attrs.evolve(
            outcome(RungOutcome.FIRED),
            told=told,
            message=rung.message,
            group_by=self.ladder.group_by if told else None,
            do=rung.do,
            assign=FrozenMap(dict(self._assigned(rung, at))),
        )

    def _available(self, specs: tuple[ActorSpec, ...], at: dt.datetime) -> tuple[str, ...]:
        told: dict[str, None] = {}
        for spec in specs:
            told |= dict.fromkeys(self.watched.roster.available(holders(spec, self.watched.standing), at))
        return tuple(told)

    def _assigned(self, rung: Rung, at: dt.datetime) -> Iterator[tuple[str, str]]:
        for action in rung.do:
            if isinstance(action, Reassign):
                found = self._available((action.to,), at)
                if found:
                    yield action.role, found[0]

    # -- when

    def step(self, rung: Rung, round: int) -> _Step | None:
        """Return a rung in a round, where it has one and its time can be told."""
        own = self._time(rung)
        if own is None:
            return None
        if round:
            repeat = self.ladder.repeat
            if repeat is None or (repeat.times is not None and round > repeat.times):
                return None
            start = self._time(self.ladder.rung(repeat.start))
            if start is None or own < start:
                return None
            own += repeat.every * round
        stopped = self.watched.timeline.stopped
        if stopped is not None and own > stopped:
            return None
        free, held_by, why = self._free(rung, own)
        gone = self.watched.watch.acknowledged
        ends = gone is not None and gone.until is None and not rung.despite_acknowledgement
        if ends and gone is not None and own > gone.at:
            return None
        if stopped is not None and free is not None and free > stopped:
            return None  # It was put off beyond the end, and what it would have said is over.
        return _Step(own, free, round, rung, held_by, why)

    def _time(self, rung: Rung) -> dt.datetime | None:
        if rung.id not in self.times:
            self.times[rung.id] = self._worked_out(rung)
        return self.times[rung.id]

    def _worked_out(self, rung: Rung) -> dt.datetime | None:
        time, timeline = rung.at, self.watched.timeline
        if isinstance(time, AtShare):
            return timeline.at_share(time.share)
        if isinstance(time, BeforeDue):
            return timeline.beside_due(-time.lead, own_time=time.time == "clock")
        missed = timeline.beside_due(time.lag, own_time=time.time == "clock")
        return None if missed is None else missed + _MISSED

    def _free(self, rung: Rung, own: dt.datetime) -> tuple[dt.datetime | None, str | None, Text | None]:
        """Return the first moment from its own time on at which nothing holds the rung, and what held it last."""
        free, code, why = own, None, None
        if rung.record_only:
            return free, code, why
        for _ in range(_SETTLING):
            before = free
            known = self.watched.watch.acknowledged
            if (
                known is not None
                and known.until is not None
                and known.at <= free < known.until
                and not rung.despite_acknowledgement
            ):
                free, code = known.until, "acknowledged"
                why = Text(zh=f"{known.by}已确认处理", en=f"acknowledged by {known.by}")
            for window in self.watched.quiet:
                if window.covers(free, branch=self.watched.branch, ladder=self.watched.watch.ladder):
                    free, code = window.until, "quiet"
                    why = Text(zh=f"静默：{window.reason}", en=f"quiet: {window.reason}")
            if rung.working_hours:
                opens = self.watched.opens(free)
                if opens is None:
                    return None, "closed", _CLOSED
                if opens > free:
                    free, code = opens, "closed"
                    why = Text(zh="等待网点营业", en="waits for the branch to open")
            if free == before:
                break
        return free, code, why
