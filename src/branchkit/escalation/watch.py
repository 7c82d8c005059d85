"""What a ladder has done so far about one clock, what it may look at, and what it says has happened."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import ClassVar, Literal, Protocol, runtime_checkable

import attrs

from branchkit.conditions import Facts, FactSpec
from branchkit.escalation.ladder import Action, QuietWindow
from branchkit.estate import Standing
from branchkit.messages import Event
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Ref, Text

__all__ = [
    "Acknowledgement",
    "ClockUnreadable",
    "EscalationPolicy",
    "Everybody",
    "Reached",
    "Roster",
    "RungOutcome",
    "RungReached",
    "Timeline",
    "Watch",
    "WatchAcknowledged",
    "Watched",
    "evolve_watch",
]


class RungOutcome(enum.Enum):
    """What came of a rung whose time had come."""

    FIRED = "fired"
    """Somebody was told, or something was done."""
    RECORDED = "recorded"
    """It is on record, as the rung asks, and nobody was told."""
    PASSED = "passed"
    """Nothing was to be done: its condition did not hold, nobody was available, or a later round overtook it."""
    SUPPRESSED = "suppressed"
    """A larger matter or another case of the same thing covers it."""
    HELD = "held"
    """It waits: for the end of a quiet window, for opening, for somebody to be available, or while acknowledged."""


@attrs.frozen
class Acknowledgement:
    """Somebody said that they look after it."""

    by: str
    at: dt.datetime = attrs.field(kw_only=True)
    until: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """How long it holds the ladder; ``None`` where it ends it."""


@attrs.frozen
class Watch:
    """One ladder watching one clock of one case, for one entry into its stage. What is decided stays decided."""

    clock: str
    ladder: str = attrs.field(kw_only=True)
    version: str = attrs.field(kw_only=True)
    entry: int = attrs.field(default=1, kw_only=True)
    """Which time the clock was started, from 1: each time has a ladder of its own."""
    rounds: FrozenMap[int] = attrs.field(default=FrozenMap(), kw_only=True)
    """How often each rung has been decided: once, and again for each further round."""
    held: FrozenMap[str] = attrs.field(default=FrozenMap(), kw_only=True)
    """Why a rung waits, where that has been put on record."""
    acknowledged: Acknowledgement | None = attrs.field(default=None, kw_only=True)
    unreadable: str | None = attrs.field(default=None, kw_only=True)
    """Why its clock could not be read when that was last put on record, as a code."""


@runtime_checkable
class Timeline(Protocol):
    """When things come about on a clock, with its pauses, calendar and suspensions in it.

    A moment that cannot be told, because the clock is paused before it or has no deadline, is ``None``.
    """

    @property
    def started(self) -> dt.datetime:
        """When the clock was started."""
        ...

    @property
    def stopped(self) -> dt.datetime | None:
        """When it was stopped or cancelled."""
        ...

    @property
    def due(self) -> dt.datetime | None:
        """The deadline."""
        ...

    def at_share(self, share: Decimal) -> dt.datetime | None:
        """Return when a share of the budget has passed, in the clock's own time."""
        ...

    def beside_due(self, by: dt.timedelta, *, own_time: bool) -> dt.datetime | None:
        """Return the moment so long after the deadline, or before it where `by` is negative."""
        ...


class Roster(Protocol):
    """Who is available when."""

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        """Return those of some people who are available at a moment, in the order in which they are to be asked.

        Whoever stands in for one of them may be among them; asked about the answer, it answers the same.
        """
        ...


class Everybody:
    """A roster that holds everybody available, where nobody keeps one."""

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        """Return all of them."""
        return ids


class _Opens(Protocol):
    def __call__(self, at: dt.datetime, /) -> dt.datetime | None: ...


def _always(at: dt.datetime) -> dt.datetime:
    return at


@attrs.frozen(kw_only=True)
class Watched:
    """All that an escalation policy may look at: it asks no clock, no store and no other plug-in."""

    case: str
    branch: str
    place: tuple[Ref, ...] = ()
    watch: Watch
    timeline: Timeline
    facts: Facts = attrs.field(factory=dict)
    standing: Standing = attrs.field(factory=Standing)
    roster: Roster = attrs.field(factory=Everybody)
    quiet: tuple[QuietWindow, ...] = ()
    opens: _Opens = _always
    """Returns the first moment from a given one on at which the branch is open, ``None`` if there is none in sight."""
    duplicate_of: str | None = None
    """The open case that this one is a duplicate of; that one's ladder speaks for both."""


@attrs.frozen(kw_only=True)
class Reached:
    """What is to happen at one rung."""

    rung: str
    round: int = 0
    """0 for the first time, and then the number of the further round."""
    due: dt.datetime
    """When its time had come, whenever somebody looked."""
    outcome: RungOutcome
    told: tuple[str, ...] = ()
    """The ids of those who are told."""
    message: Text | None = None
    do: tuple[Action, ...] = ()
    assign: FrozenMap[str] = FrozenMap()
    """Who gets which role by it."""
    why: Text | None = None
    """Why it came out so, where it did not simply fire."""
    code: str | None = None
    """The same as a code: ``condition``, ``nobody``, ``overtaken``, ``duplicate``, ``inhibited``, ``acknowledged``,
    ``quiet`` or ``closed``."""
    until: dt.datetime | None = None
    """When a rung that is held is looked at again."""
    rules: tuple[str, ...] = ()
    group_by: Literal["branch", "place"] | None = None
    """What several cases are told together by, where this tells somebody; see `EscalationLadder.group_by`."""


@runtime_checkable
class EscalationPolicy(Protocol):
    """What an escalation policy offers; `EscalationLadder` is branchkit's own.

    The laws (`branchkit.testing.escalation.EscalationPolicyLaws`): each rung and round is decided once; nothing is
    decided before its time; `next_look` is never later than the next decision; looking more often changes nothing that
    is decided.
    """

    @property
    def id(self) -> str:
        """The key."""
        ...

    @property
    def version(self) -> str:
        """The version, as the trace quotes it."""
        ...

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """The facts that it looks at; `Watched.facts` holds those that are known."""
        ...

    @property
    def acknowledgement(self) -> str:
        """What it does when somebody says that they look after it: ``stops``, ``holds`` or ``nothing``."""
        ...

    @property
    def hold(self) -> dt.timedelta | None:
        """How long an acknowledgement holds it, where it does."""
        ...

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        """Return when to look next, as far as is known at a moment; ``None`` where nothing can come any more."""
        ...

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        """Return what has to happen by a moment and has not happened yet, in the order of time."""
        ...


@attrs.frozen(kw_only=True)
class RungReached(Event):
    """A rung's time came: what came of it, or why nothing did."""

    KIND: ClassVar[str] = "rung_reached"

    case: str
    clock: str
    entry: int
    ladder: str
    version: str
    reached: Reached


@attrs.frozen(kw_only=True)
class WatchAcknowledged(Event):
    """Somebody said that they look after what a ladder watches."""

    KIND: ClassVar[str] = "watch_acknowledged"

    case: str
    clock: str
    entry: int
    acknowledgement: Acknowledgement


@attrs.frozen(kw_only=True)
class ClockUnreadable(Event):
    """A guarded clock could not be read, so that nothing on it can escalate; it is told once, and not in silence."""

    KIND: ClassVar[str] = "clock_unreadable"

    case: str
    clock: str
    entry: int
    code: str
    """``calendar_unknown`` where a day is needed that no calendar has confirmed, ``hours_missing`` where the branch's
    hours or calendar are not known."""
    why: Text
    told: tuple[str, ...] = ()
    """The ids of those who are told."""


def evolve_watch(watch: Watch, event: RungReached | WatchAcknowledged | ClockUnreadable) -> Watch:
    """Return the watch as it is after an event about it."""
    if isinstance(event, ClockUnreadable):
        return attrs.evolve(watch, unreadable=event.code)
    if isinstance(event, WatchAcknowledged):
        return attrs.evolve(watch, acknowledged=event.acknowledgement)
    reached = event.reached
    if reached.outcome is RungOutcome.HELD:
        return attrs.evolve(watch, held=FrozenMap({**watch.held, reached.rung: reached.code or ""}))
    held: Mapping[str, str] = watch.held
    if reached.rung in held:
        held = {rung: why for rung, why in held.items() if rung != reached.rung}
    rounds = {**watch.rounds, reached.rung: reached.round + 1}
    return attrs.evolve(watch, rounds=FrozenMap(rounds), held=FrozenMap(held))
