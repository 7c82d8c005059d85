"""An escalation policy in code: people are told one after the other, for as long as nobody says that they act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from branchkit.conditions import FactSpec
from branchkit.escalation import Reached, RungOutcome, Watched
from branchkit.estate import ByPost, holders
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text
from branchkit_harbour.settings import Settings

__all__ = ["InTurn"]

_NOBODY = Text(zh="无人在岗", en="nobody is available")
_LATE = Text(zh="已超时，请接手处理", en="It is late: take it over")
_MISSED = dt.timedelta(microseconds=1)


@attrs.frozen
class InTurn:
    """Tells the first post once a deadline is missed, and the next one when its minutes have gone by."""

    minutes: FrozenMap[int] = Settings().minutes
    """How long each post has before the next one is told, in the order of the posts."""
    id: str = attrs.field(default="harbour.in-turn", init=False)
    facts: tuple[FactSpec, ...] = attrs.field(default=(), init=False)
    acknowledgement: str = attrs.field(default="stops", init=False)
    hold: dt.timedelta | None = attrs.field(default=None, init=False)

    @property
    def version(self) -> str:
        """Its version, with the minutes in it: what would answer otherwise is another version."""
        return "+".join(("1", *(f"{post}={minutes}" for post, minutes in self.minutes.items())))

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        """Return when the next post is to be told; ``None`` where nobody is any more."""
        return min((due for _, due in self._open(watched)), default=None)

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        """Return which posts should have been told by a moment and were not."""
        found = tuple(_rung(watched, post, due, at) for post, due in self._open(watched) if due <= at)
        steps = tuple(Step(what=one.why or _LATE, refs=(Ref("rung", one.rung),)) for one in found)
        inputs = (Ref("case", watched.case),)
        return Decision(
            found, Trace(policy=self.id, version=self.version, plugin="harbour", inputs=inputs, steps=steps)
        )

    def _open(self, watched: Watched) -> Iterator[tuple[str, dt.datetime]]:
        """Yield the posts whose turn is not decided yet, and when it comes."""
        missed = watched.timeline.due
        if missed is None:
            return
        acknowledged = watched.watch.acknowledged
        ends = [one for one in (watched.timeline.stopped, acknowledged.at if acknowledged else None) if one]
        moment = missed + _MISSED
        for post, minutes in self.minutes.items():
            if post not in watched.watch.rounds and all(moment <= end for end in ends):
                yield post, moment
            moment += dt.timedelta(minutes=minutes)


def _rung(watched: Watched, post: str, due: dt.datetime, at: dt.datetime) -> Reached:
    told = watched.roster.available(holders(ByPost(post=post), watched.standing), at)
    if not told:
        return Reached(rung=post, due=due, outcome=RungOutcome.PASSED, code="nobody", why=_NOBODY)
    return Reached(rung=post, due=due, outcome=RungOutcome.FIRED, told=told, message=_LATE)
