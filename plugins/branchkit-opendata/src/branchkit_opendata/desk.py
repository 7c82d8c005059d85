"""What the importers share: where problems and notices are gathered, and how commands get their ids."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import TypeVar

import attrs

from branchkit.codec import digest, unstructure
from branchkit.errors import InputError, Problem
from branchkit.messages import Actor, Command
from branchkit.plugins import ImportContext
from branchkit.values import is_identifier

__all__ = ["MAX_CODE", "Desk", "Numbering", "actor", "checked_options", "code_problem", "progress", "tell", "told_at"]

MAX_CODE = 120
"""The longest code taken from a source, so that ids made of it stay within an identifier's 200 characters."""

_NOT_CONTENT = ("by", "recorded_at", "id")
_TOLD_EACH = 200

C = TypeVar("C", bound=Command)


class Desk:
    """Gathers what one file has wrong, and what in it is odd and was kept."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.problems: list[Problem] = []
        self._notices: dict[str, list[str]] = {}

    def wrong(self, path: str, message: str) -> None:
        """Note what cannot be read."""
        self.problems.append(Problem(path, message))

    def odd(self, path: str, message: str) -> None:
        """Note what was kept though it is odd; the same message about several places is told once."""
        self._notices.setdefault(message, []).append(path)

    def settle(self) -> None:
        """Raise `InputError` with everything that was wrong, if anything was."""
        if self.problems:
            raise InputError(self.file, tuple(self.problems))

    def notices(self) -> Iterator[Problem]:
        """Yield the notices, each with its first place and how many more there are."""
        for message, paths in self._notices.items():
            more = f" (and at {len(paths) - 1} more places)" if len(paths) > 1 else ""
            yield Problem(f"{self.file}:{paths[0]}", message + more)


def tell(context: ImportContext, desks: Sequence[Desk]) -> None:
    """Hand the notices of all files to whoever asked for the import."""
    for desk in desks:
        for notice in desk.notices():
            context.notice(notice)


def actor(format_: str) -> Actor:
    """Return the named system actor under which an importer acts."""
    return Actor(f"import:{format_}", system=True)


def code_problem(code: object) -> str | None:
    """Say why something cannot serve as a record's code; ``None`` where it can.

    >>> code_problem("400832") is None, code_problem(" x")
    (True, 'Expected a code of 1 to 120 printable characters without spaces at its ends')
    """
    if isinstance(code, str) and is_identifier(code) and len(code) <= MAX_CODE:
        return None
    return f"Expected a code of 1 to {MAX_CODE} printable characters without spaces at its ends"


def checked_options(context: ImportContext, format_: str, known: Collection[str]) -> None:
    """Refuse an import without files, and options that the importer does not have.

    Raises:
        InputError: Says which options there are.
    """
    problems = [
        Problem(f"$.options.{name}", f"Unknown option; {format_} has: {', '.join(sorted(known)) or 'none'}")
        for name in context.options
        if name not in known
    ]
    if not context.files:
        problems.append(Problem("$.files", "Expected at least one file"))
    if problems:
        raise InputError(format_, tuple(problems))


class Numbering:
    """Gives every command its id: format, record key, ordinal under that key, and a digest of what the source says.

    The digest leaves out who asks and when it was told, so an import told again later asks for the same and happens
    once.
    """

    def __init__(self, format_: str) -> None:
        self._format = format_
        self._ordinals: Counter[str] = Counter()

    def number(self, command: C, key: str) -> C:
        """Return the command with its id, given the record's key in its source."""
        self._ordinals[key] += 1
        content = {name: value for name, value in unstructure(command).items() if name not in _NOT_CONTENT}
        short = digest(content).removeprefix("sha256:")[:12]
        return attrs.evolve(command, id=f"{self._format}:{key}:{self._ordinals[key]}:{short}")


def told_at(at: dt.datetime, context: ImportContext) -> dt.datetime:
    """Return when something that happened at a moment was told: as the caller says, but never before it happened."""
    return max(at, context.at)


def progress(context: ImportContext, done: int, total: int) -> None:
    """Say how far the import is, now and then."""
    if done % _TOLD_EACH == 0 or done == total:
        context.progress(done, total)
