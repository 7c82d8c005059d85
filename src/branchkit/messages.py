"""What is asked of branchkit, by whom, and what came of it: actors, commands, events, outcomes."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs

from branchkit.errors import Problem
from branchkit.values import FrozenMap, is_identifier

__all__ = ["Actor", "Command", "Event", "FollowUpRefused", "Outcome"]


@attrs.frozen
class Actor:
    """Who acts: a member of staff with the posts held at that moment, or a named system.

    >>> Actor("S-017", posts=("inspector",)).posts
    ('inspector',)
    """

    id: str
    posts: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Canonical codes of the posts held, as in ``("lobby_manager",)``."""
    system: bool = attrs.field(default=False, kw_only=True)
    """True for an importer or another program acting under a name of its own."""
    acting_for: str | None = attrs.field(default=None, kw_only=True)
    """The id of the person in whose place a delegate or substitute acts; what one may not do, the other may not."""

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody whose deed this is: who acts and, where it is a delegate, who is acted for.

        >>> Actor("S-018", acting_for="S-017").persons
        ('S-018', 'S-017')
        """
        return (self.id,) if self.acting_for is None else (self.id, self.acting_for)

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the actor."""
        what = "Expected an id of 1 to 200 printable characters without spaces at its ends"
        problems = [] if is_identifier(self.id) else [Problem("$.id", what)]
        if self.acting_for is not None and not is_identifier(self.acting_for):
            problems.append(Problem("$.acting_for", what))
        elif self.acting_for == self.id:
            problems.append(Problem("$.acting_for", "Expected somebody else: nobody is one's own delegate"))
        return tuple(problems)


@attrs.frozen(kw_only=True)
class Command:
    """Something asked of the kit. Every command has two times, both given by the caller.

    A subclass adds what is asked and names itself by ``KIND``.
    """

    KIND: ClassVar[str]

    by: Actor
    """Who asks."""
    at: dt.datetime
    """When it happened, with its zone."""
    recorded_at: dt.datetime = attrs.field(default=attrs.Factory(lambda self: self.at, takes_self=True))
    """When it was told; `at` where not given. Never before `at`."""
    id: str | None = None
    """Makes retries exactly-once: the same id gives the same outcome and happens once.
    Where it is not given, the kit derives it from the content."""

    @property
    def stream(self) -> str:
        """The stream of the journal that this command writes to, as in ``branch:B-0417``."""
        raise AttributeError(f"{type(self).__name__} names no stream")

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the times."""
        problems = [
            Problem(f"$.{name}", "Expected a moment with its zone, as in 2026-03-01T09:00:00+08:00")
            for name, moment in (("at", self.at), ("recorded_at", self.recorded_at))
            if moment.tzinfo is None
        ]
        if not problems and self.recorded_at < self.at:
            problems.append(
                Problem("$.recorded_at", "Expected a moment not before `at`: nothing is told before it happens")
            )
        return tuple(problems)


@attrs.frozen(kw_only=True)
class Event:
    """Something that happened. What deciding it needed is in it, so that folding never has to ask again."""

    KIND: ClassVar[str]


@attrs.frozen(kw_only=True)
class FollowUpRefused(Event):
    """Something that should have followed of itself was refused: what it followed from stands all the same."""

    KIND: ClassVar[str] = "follow_up_refused"

    because: str
    """The kind of the event that it should have followed."""
    command: str
    """The kind of the command that was refused."""
    reasons: tuple[str, ...]


@attrs.frozen(kw_only=True)
class Outcome:
    """What came of a command that was accepted."""

    command: str
    """The id of the command."""
    events: tuple[str, ...] = ()
    """The kinds of the events it gave, in order."""
    seq: int | None = None
    """The journal number of its last event; ``None`` if it changed nothing."""
    repeated: bool = False
    """True when the command had been carried out before, and this is what came of it then."""
    details: FrozenMap[Any] = FrozenMap()
    """What the caller may want to know at once, as the score that a sheet got."""
