"""A case for people: where it stands, what its clocks say, what happened and why, and why nothing happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from branchkit.errors import CalendarUnknown, ConfigError, NotFound
from branchkit.escalation import EscalationPolicy, Watched
from branchkit.estate import Branch, DeadlineMoved, DeadlinesMoved
from branchkit.kit.believed import BelievedWorld, stream_of
from branchkit.kit.feed import Happened
from branchkit.kit.floors.around import frame_of, suspensions_of, watches
from branchkit.kit.floors.asking import look_of
from branchkit.kit.floors.unreadable import trouble_in
from branchkit.kit.wording import words_of
from branchkit.kit.world import StoreWorld
from branchkit.procedures import Case, Procedure
from branchkit.temporal import Clock, ClockReading, read_clock
from branchkit.values import Text

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["CaseStory", "ClockStory", "NextRung", "Told", "story"]


@attrs.frozen(kw_only=True)
class NextRung:
    """What a ladder does next, if nothing happens before."""

    ladder: str
    version: str
    at: dt.datetime | None
    """When it looks again; ``None`` where nothing can come any more, or cannot be told."""
    held: tuple[tuple[str, str], ...] = ()
    """The rungs that wait, each with the code of why."""
    rounds: tuple[tuple[str, int], ...] = ()
    """The rungs that have been decided, and how often."""


@attrs.frozen(kw_only=True)
class ClockStory:
    """One clock of a case at a moment."""

    clock: Clock
    title: Text
    reading: ClockReading | None
    """What it says; ``None`` where that cannot be told."""
    lacking: Text | None = None
    """Why it cannot be told."""
    ladder: NextRung | None = None


@attrs.frozen(kw_only=True)
class Told:
    """One thing that happened to a case."""

    seq: int
    at: dt.datetime
    recorded_at: dt.datetime
    by: str
    kind: str
    """The kind of the event."""
    words: Text


@attrs.frozen(kw_only=True)
class CaseStory:
    """A case at a moment, with its procedure and everything that was told of it."""

    case: Case
    procedure: Procedure
    at: dt.datetime
    as_of: dt.datetime | None = None
    """By when it had been told all that is said here; ``None`` for all that is known."""
    clocks: tuple[ClockStory, ...]
    told: tuple[Told, ...]


def story(kit: Kit, case: str, at: dt.datetime, as_of: dt.datetime | None = None) -> CaseStory:
    """Gather what can be said of a case at a moment, by all that is known or by what had been told as of another.

    Raises:
        NotFound: there is no such case, or there was none yet.
    """
    with kit.store.transaction(write=False) as tx:
        where = kit.store.where
        world = StoreWorld(tx, kit.rules, where=where)
        if as_of is not None:
            world = BelievedWorld(tx, kit.rules, where=where, upcasters=kit.upcasters, told_by=as_of)
        known = world.case(case)
        if known is None:
            raise NotFound("case" if as_of is None else f"case as of {as_of.isoformat()}", case)
        procedure = world.procedure(known.procedure, known.version)
        climbing = {watched.watch.clock: (policy, watched) for policy, watched in watches(known, world, at)}
        titles = {spec.id: spec.title for _, spec in procedure.all_clocks()}
        clocks = tuple(
            _clock(known, clock, titles.get(clock.id, Text(en=clock.id)), at, world, climbing.get(clock.id))
            for clock in known.clocks
        )
        streams = (f"case:{case}", *_outer_streams(known, world))
        found = [one for name in streams for one in stream_of(tx, name, kit.upcasters, where, told_by=as_of)]
    return CaseStory(
        case=known, procedure=procedure, at=at, as_of=as_of, clocks=clocks, told=tuple(_told(found, known, procedure))
    )


def _clock(
    case: Case,
    clock: Clock,
    title: Text,
    at: dt.datetime,
    world: StoreWorld,
    climbing: tuple[EscalationPolicy, Watched] | None,
) -> ClockStory:
    branch = world.branch(case.branch) or Branch(case.branch)
    ladder = None
    if climbing is not None:
        policy, watched = climbing
        ladder = NextRung(
            ladder=policy.id,
            version=policy.version,
            at=look_of(policy, watched, at),
            held=tuple(sorted(watched.watch.held.items())),
            rounds=tuple(sorted(watched.watch.rounds.items())),
        )
    try:
        frame = frame_of(branch, world, clock.calendar, clock.line)
        reading = read_clock(clock, at, frame, suspensions=suspensions_of(case, world))
    except (CalendarUnknown, ConfigError) as error:
        return ClockStory(clock=clock, title=title, reading=None, lacking=trouble_in(error).why, ladder=ladder)
    return ClockStory(clock=clock, title=title, reading=reading, ladder=ladder)


def _told(found: Iterable[Happened], case: Case, procedure: Procedure) -> Iterator[Told]:
    for one in sorted(_of_case(found, case), key=lambda one: one.seq):
        yield Told(
            seq=one.seq,
            at=one.at,
            recorded_at=one.recorded_at,
            by=one.by.id,
            kind=one.event.KIND,
            words=words_of(one.event, case, procedure),
        )


def _of_case(found: Iterable[Happened], case: Case) -> Iterator[Happened]:
    """Yield what is of the case itself, and what an edited calendar, hours or a suspension did to its deadlines."""
    for one in found:
        if one.stream == f"case:{case.id}":
            yield one
        elif isinstance(one.event, DeadlinesMoved):
            own: tuple[DeadlineMoved, ...] = tuple(move for move in one.event.moved if move.case == case.id)
            if own:
                yield attrs.evolve(one, event=attrs.evolve(one.event, moved=own))


def _outer_streams(case: Case, world: StoreWorld) -> Iterator[str]:
    yield f"branch:{case.branch}"
    branch = world.branch(case.branch)
    named = {clock.calendar for clock in case.clocks}
    if branch is not None:
        named.add(branch.calendar if isinstance(branch.calendar, str) else None)
    yield from (f"calendar:{name}" for name in sorted(name for name in named if name is not None))
