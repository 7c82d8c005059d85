"""Commands as lines and events as journal bodies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import attrs

from branchkit.codec import canonical_json, dump_json, join_personal, parse_json, split_personal, structure, unstructure
from branchkit.errors import DecodeError, InputError, Problem, Refused, StoreCorrupt, Unsupported
from branchkit.kit.floors import DECIDE, FOLD, AnyCommand, AnyEvent
from branchkit.kit.sharing import Split
from branchkit.messages import Actor, Command, Event
from branchkit.personal import bare
from branchkit.storage.plain import canonical
from branchkit.values import is_identifier

__all__ = [
    "COMMANDS",
    "EVENTS",
    "AnyCommand",
    "AnyEvent",
    "Request",
    "Upcaster",
    "command_line",
    "pack",
    "read_command",
    "retry_ref",
    "unpack",
]

COMMANDS: tuple[type[Command], ...] = tuple(DECIDE)
EVENTS: Mapping[str, type[Event]] = {event.KIND: event for event in FOLD}
EVENT_VERSION = 1
"""The version of all event bodies; a later one comes with upcasters for those before it."""

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
"""Turns the plain data of an old event into the kind (``name/version``) and data of a newer one."""

_SCHEMA = "branchkit.command/1"
_NOT_CONTENT = frozenset({"id", "recorded_at"})
"""What is no part of a request: told again later, or under another id, it is still the same content."""
_ERASED = '"erased"'


@attrs.frozen(kw_only=True)
class Request:
    """A command that has been checked, and what it is known by."""

    command: Command
    name: str
    """The command's own id or, where it has none, one made of its kind and content."""
    digest: str
    """Of the content without personal values; the id, and when it was told, are no part of it."""
    plain: dict[str, Any] = attrs.field(repr=False, eq=False)
    """The command as plain data, so that what it leads to need not write it again; not to be changed."""
    split: Split = attrs.field(repr=False, eq=False)
    """The same without its personal values, and those by their paths; not to be changed."""
    personal: str | None = attrs.field(repr=False)
    """The digest of its personal values, ``None`` where it has none. An open digest of a short text tells the text to
    whoever guesses it: it is kept only among the sealed values, which can be erased."""

    @classmethod
    def of(cls, command: Command) -> Request:
        """Check a command that was built in Python as strictly as one that was read from a file.

        Raises:
            Refused: the kit knows no such command.
            DecodeError: the command contradicts itself; lists every problem with its path.
        """
        name = type(command).__name__
        if type(command) not in COMMANDS:
            known = ", ".join(one.__name__ for one in COMMANDS)
            raise Refused(name, (f"the kit knows no such command; there are: {known}",))
        source = f"command {name}"
        try:
            plain = unstructure(command)
        except InputError as error:
            raise DecodeError(source, error.problems) from None
        except Unsupported as error:
            what = f"Expected values of the declared types, got {error.operation}"
            raise DecodeError(source, (Problem("$", what),)) from None
        return cls._of(structure(AnyCommand, plain, source=source), source)

    @classmethod
    def read(cls, data: bytes | str, *, source: str) -> Request:
        """Read a command from one line of JSON. Raises as `read_command`."""
        try:
            return cls._of(_read(data, source), source)
        except DecodeError as error:
            problem = bare(error)
        del data  # a traceback may be printed with the variables of its frames
        raise problem

    @classmethod
    def _of(cls, command: Command, source: str) -> Request:
        if command.id is not None and not is_identifier(command.id):
            what = "Expected an id of 1 to 200 printable characters without spaces at its ends"
            raise DecodeError(source, (Problem("$.id", what),))
        plain = unstructure(command)
        split = content, values = split_personal(command, plain)
        told = {key: value for key, value in content.items() if key not in _NOT_CONTENT}
        digest = _digest(told)
        return cls(
            command=command,
            name=command.id or f"{command.KIND}:{digest[:32]}",
            digest=f"sha256:{digest}",
            plain=plain,
            split=split,
            personal=f"sha256:{_digest(values)}" if values else None,
        )


def retry_ref(command: str) -> str:
    """Return the reference under which the digest of a command's personal values is sealed."""
    return f"{command}#retry"


def _digest(plain: dict[str, Any]) -> str:
    try:
        data = canonical(plain).encode()
    except ValueError:  # what is no text or number that can be written: the slower way says where
        data = canonical_json(plain)
    return hashlib.sha256(data).hexdigest()


def command_line(command: Command) -> bytes:
    """Write a command as one line of JSON, without the line's end."""
    return dump_json({"schema": _SCHEMA, **unstructure(command)})


def read_command(data: bytes | str, *, source: str = "<command>") -> Command:
    """Read a command from one line of JSON.

    Raises:
        DecodeError: it is no command; lists every problem with its path.
    """
    try:
        return _read(data, source)
    except DecodeError as error:
        problem = bare(error)
    del data  # a traceback may be printed with the variables of its frames
    raise problem


def _read(data: bytes | str, source: str) -> Command:
    plain = parse_json(data, source=source)
    if not isinstance(plain, dict) or plain.get("schema") != _SCHEMA:
        what = f'Expected an object with "schema": "{_SCHEMA}"'
        raise DecodeError(source, (Problem("$", what),))
    command: Command = structure(AnyCommand, {k: v for k, v in plain.items() if k != "schema"}, source=source)
    return command


def pack(plain: Any, values: Mapping[str, str], by: Any, under: str, seal: Callable[[str, str], str]) -> dict[str, Any]:
    """Return an event as a journal body: who, what, and commitments in place of personal values.

    Args:
        plain: what happened, without its personal values.
        values: the personal values as JSON, by path; see `branchkit.codec.split_personal`.
        by: who caused it, as plain data.
        under: what the references of its personal values begin with; unique to the event.
        seal: keeps a value outside the journal, given its reference and JSON, and returns the commitment to it.
    """
    body: dict[str, Any] = {"by": by, "data": plain}
    if values:
        body["sealed"] = {"under": under, "macs": {path: seal(under + path, text) for path, text in values.items()}}
    return body


def unpack(
    kind: str,
    body: Mapping[str, Any],
    unseal: Callable[[str], str | None],
    upcasters: Mapping[str, Upcaster],
    *,
    where: str,
) -> tuple[Event, Actor]:
    """Return an event and who caused it from a journal body.

    A personal value that was erased is left out; where nothing can be without it, the word ``erased`` stands there.

    Args:
        kind: ``name/version`` as journaled.
        body: the journal body.
        unseal: returns the JSON kept under a reference, ``None`` for one that was erased.
        upcasters: by the kind they take.
        where: names the entry in errors.

    Raises:
        StoreCorrupt: the kind is not known, or the data are not such an event.
    """
    try:
        sealed = body.get("sealed", {"under": "", "macs": {}})
        values = {path: unseal(sealed["under"] + path) for path in sealed["macs"]}
        name, data = _upcast(kind, join_personal(body["data"], values), upcasters, where)
        by = structure(Actor, body["by"], source=where)
        try:
            return structure(EVENTS[name], data, source=where), by
        except DecodeError:
            if None not in values.values():
                raise
            return _with_words(kind, body["data"], values, upcasters, where), by
    except DecodeError as error:
        raise StoreCorrupt(where, f"the event is not readable: {error}") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        # Bytes that were damaged may still be JSON, of any form.
        raise StoreCorrupt(where, f"the event is not readable: {type(error).__name__}") from error


def _with_words(
    kind: str, data: Any, values: Mapping[str, str | None], upcasters: Mapping[str, Upcaster], where: str
) -> Event:
    """Return an event with the word ``erased`` wherever a value was erased and text may stand; else without."""
    bare = {path for path in _bare(data) if path in values and values[path] is None}
    while True:
        whole = {path: _ERASED if path in bare else value for path, value in values.items()}
        name, joined = _upcast(kind, join_personal(data, whole), upcasters, where)
        try:
            return structure(EVENTS[name], joined, source=where)
        except DecodeError as error:
            # Where something else than text is expected, as a list of photos, the problem stands at that very path.
            no_text = bare.intersection(problem.path for problem in error.problems)
            if not no_text:
                raise
            bare -= no_text


def _bare(plain: Any) -> Iterator[str]:
    """Yield the paths of sealed values whose field says nothing of what stands there once they are erased."""
    if isinstance(plain, dict):
        if plain.keys() == {"sealed"} and isinstance(plain["sealed"], str):
            yield plain["sealed"]
        for item in plain.values():
            yield from _bare(item)
    elif isinstance(plain, list):
        for item in plain:
            yield from _bare(item)


def _upcast(kind: str, data: Any, upcasters: Mapping[str, Upcaster], where: str) -> tuple[str, Any]:
    seen = {kind}
    while kind in upcasters:
        kind, data = upcasters[kind](data)
        if kind in seen:
            raise StoreCorrupt(where, f"the upcasters turn {kind!r} in a circle", "let each lead to a newer kind")
        seen.add(kind)
    name, _, version = kind.rpartition("/")
    if name not in EVENTS or version != str(EVENT_VERSION):
        raise StoreCorrupt(where, f"event kind {kind!r} is not known", "open it with the branchkit that wrote it")
    return name, data
