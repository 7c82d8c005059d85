"""What is asked of branchkit, by whom, and what came of it: actors, commands, events, outcomes."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar

import attrs

from branchkit.errors import Problem
from branchkit.values import FrozenMap, is_identifier

__all__ = ["Actor", "Command", "Event", "Outcome", "Refusal"]


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

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the actor."""
        if is_identifier(self.id):
            return ()
        return (Problem("$.id", "Expected an id of 1 to 200 printable characters without spaces at its ends"),)


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


@attrs.frozen
class Refusal:
    """One reason why a command was refused."""

    reason: str
    rules: tuple[str, ...] = ()
    """Qualified ids of the rules that refuse it."""

    def __str__(self) -> str:
        rules = f" ({', '.join(self.rules)})" if self.rules else ""
        return self.reason + rules


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
