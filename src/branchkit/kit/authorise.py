"""Who may do what: grants as data, deny by default."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from importlib import resources
from typing import ClassVar

import attrs

from branchkit.codec import Document
from branchkit.errors import NotPermitted, Problem
from branchkit.estate import RecordEntry
from branchkit.kit.wire import COMMANDS
from branchkit.messages import Actor, Command
from branchkit.procedures import CaseCommand

__all__ = ["Gate", "Grant", "Grants", "default_grants"]

_MOST = 1000


@attrs.frozen(kw_only=True)
class Grant:
    """The commands that holders of a post, or a system, may give."""

    post: str | None = None
    """The post's canonical code, as in ``inspector``."""
    system: str | None = None
    """The system's id, or a pattern such as ``import:*``."""
    may: tuple[str, ...]
    """The kinds of the commands, as in ``submit_sheet``."""
    registers: tuple[str, ...] = ()
    """The registers whose entries may be recorded; empty for all."""


@attrs.frozen
class Grants(Document):
    """All that is granted; what is not here is denied.

    >>> grants = default_grants()
    >>> grants.allows(Actor("S-1", posts=("inspector",)), "submit_sheet")
    True
    >>> grants.allows(Actor("S-2"), "submit_sheet")
    False
    >>> grants.allows(Actor("S-3", posts=("wealth_manager",)), "record_entry", register="seals")
    False
    """

    SCHEMA: ClassVar[str] = "grants/1"

    grants: tuple[Grant, ...]

    def allows(self, actor: Actor, kind: str, *, register: str | None = None) -> bool:
        """Say whether an actor may give commands of a kind; about a register, where it is entries that they record."""
        return any(
            kind in grant.may
            and (not grant.registers or register in grant.registers)
            and (
                (actor.system and grant.system is not None and fnmatchcase(actor.id, grant.system))
                or (not actor.system and grant.post is not None and grant.post in actor.posts)
            )
            for grant in self.grants
        )

    def demand(self, command: Command) -> None:
        """Raise `NotPermitted` unless the actor may give the command."""
        register = _register(command)
        if not self.allows(command.by, command.KIND, register=register):
            system = command.by.system
            actor, who = ("system", "is for the systems") if system else ("actor", "takes one of the posts")
            fitting = (
                grant
                for grant in self.grants
                if command.KIND in grant.may and (not grant.registers or register in grant.registers)
            )
            names = sorted(filter(None, {grant.system if system else grant.post for grant in fitting}))
            listed = f"it {who}: {', '.join(names)}" if names else "nobody of that sort has it"
            where = "" if register is None else f" in the register {register!r}"
            reason = f"the {actor} {command.by.id!r} has no right to {command.KIND}{where}; {listed}"
            raise NotPermitted(type(command).__name__, (reason,))

    def validate(self) -> Iterator[Problem]:
        """Yield grants to nobody, of nothing, or of commands that are not there."""
        kinds = {command.KIND for command in COMMANDS}
        for at, grant in enumerate(self.grants):
            if (grant.post is None) == (grant.system is None):
                yield Problem(f"$.grants[{at}]", "Expected either a post or a system")
            if grant.registers and "record_entry" not in grant.may:
                yield Problem(f"$.grants[{at}].registers", "Has no effect: no entries may be recorded")
            if not grant.may:
                yield Problem(f"$.grants[{at}].may", "Has no effect: nothing is granted")
            for kind in grant.may:
                if kind not in kinds:
                    listed = ", ".join(sorted(kinds))
                    yield Problem(f"$.grants[{at}].may", f"Unknown command {kind!r}; there are: {listed}")


class Gate:
    """Lets commands through by the grants, which are searched once for each kind of command and each set of posts."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self._known: set[tuple[str, bool, str | tuple[str, ...], str | None]] = set()

    def demand(self, command: Command) -> None:
        """Raise `NotPermitted` unless the actor may give the command.

        Who may do what to a case is its procedure's to say, which denies by default as well.
        """
        if isinstance(command, CaseCommand):
            return
        by = command.by
        key = (command.KIND, by.system, by.id if by.system else by.posts, _register(command))
        if key not in self._known:
            self._grants.demand(command)
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known.add(key)


def _register(command: Command) -> str | None:
    return command.entry.register if isinstance(command, RecordEntry) else None


def default_grants() -> Grants:
    """Return the grants that come with branchkit; a bank puts its own in their place."""
    text = (resources.files("branchkit.kit") / "grants.toml").read_bytes()
    return Grants.from_toml(text, source="branchkit/kit/grants.toml")
