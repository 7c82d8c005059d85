"""A ladder, a clock without calendar and a person to tell: what the tests of escalation share."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from branchkit.escalation import (
    AfterDue,
    AtShare,
    EscalationLadder,
    Rung,
    RungReached,
    Watch,
    Watched,
    evolve_watch,
)
from branchkit.estate import ByPost, ByRelation, Standing
from branchkit.values import FrozenMap, Text

NINE = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
HOUR = dt.timedelta(hours=1)
WORDS = Text(zh="超时", en="late")
MANAGER = ByPost(post="lobby_manager")
SUPERIOR = ByRelation(relation="superior_unit")
STANDING = Standing(
    posts=FrozenMap({"lobby_manager": ("S-1", "S-2")}), relations=FrozenMap({"superior_unit": ("U-1",)})
)


@attrs.frozen(kw_only=True)
class PlainTimeline:
    """A clock that runs round the clock: its budget begins at the start and ends at the deadline."""

    started: dt.datetime = NINE
    due: dt.datetime | None = NINE + 4 * HOUR
    stopped: dt.datetime | None = None

    def at_share(self, share: object) -> dt.datetime | None:
        assert isinstance(share, Decimal)
        return None if self.due is None else self.started + (self.due - self.started) * float(share)

    def beside_due(self, by: dt.timedelta, *, own_time: bool) -> dt.datetime | None:
        return None if self.due is None else self.due + by


def rung(id: str, at: object = None, **more: object) -> Rung:
    """Return a rung that tells the lobby manager once the deadline is missed, unless told otherwise."""
    fields = {"tell": (MANAGER,), "message": WORDS, **more}
    return Rung(id, at=AfterDue() if at is None else at, **fields)  # type: ignore[arg-type]


HALF = rung("half", AtShare(share=Decimal("0.5")))
LATE = rung("late", tell=(SUPERIOR,))


def ladder(*rungs: Rung, **more: object) -> EscalationLadder:
    """Return a ladder that an acknowledgement does nothing to, unless told otherwise."""
    fields = {"acknowledgement": "nothing", **more}
    return EscalationLadder("reply", version="1", title=WORDS, rungs=rungs, **fields)  # type: ignore[arg-type]


def watched(of: EscalationLadder, **more: object) -> Watched:
    """Return what a ladder looks at when nothing has happened yet."""
    fields = {"timeline": PlainTimeline(), "standing": STANDING, "watch": Watch("reply", ladder=of.id, version="1")}
    return Watched(case="C-1", branch="B-1", **{**fields, **more})  # type: ignore[arg-type]


def sweep(policy: EscalationLadder, seen: Watched, at: dt.datetime) -> tuple[Watched, tuple[tuple[str, int, str], ...]]:
    """Let everything happen that has to by a moment; return what is then so, and the rungs with what came of them."""
    reached = policy.reached(seen, at).value
    watch = seen.watch
    for one in reached:
        event = RungReached(case=seen.case, clock="reply", entry=1, ladder=policy.id, version="1", reached=one)
        watch = evolve_watch(watch, event)
    return attrs.evolve(seen, watch=watch), tuple((r.rung, r.round, r.outcome.value) for r in reached)
