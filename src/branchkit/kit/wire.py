"""Commands as lines and events as journal bodies."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from branchkit.checklists import CloseFinding, FindingClosed, SheetSubmitted, SubmitSheet
from branchkit.codec import canonical_json, dump_json, join_personal, parse_json, split_personal, structure, unstructure
from branchkit.errors import DecodeError, Problem, StoreCorrupt
from branchkit.estate import (
    BranchRegistered,
    BranchRevised,
    CalendarPublished,
    EntryRecorded,
    EquipmentInstalled,
    EquipmentStateChanged,
    InstallEquipment,
    PublishCalendar,
    RecordEntry,
    RegisterBranch,
    RegisterUnit,
    ReviseBranch,
    SetEquipmentState,
    UnitRegistered,
)
from branchkit.kit.scored import SheetScored
from branchkit.messages import Actor, Command, Event

__all__ = [
    "COMMANDS",
    "EVENTS",
    "AnyCommand",
    "AnyEvent",
    "Upcaster",
    "command_line",
    "identify",
    "pack",
    "read_command",
    "unpack",
]

AnyCommand = (
    RegisterUnit
    | RegisterBranch
    | ReviseBranch
    | InstallEquipment
    | SetEquipmentState
    | RecordEntry
    | PublishCalendar
    | SubmitSheet
    | CloseFinding
)
AnyEvent = (
    UnitRegistered
    | BranchRegistered
    | BranchRevised
    | EquipmentInstalled
    | EquipmentStateChanged
    | EntryRecorded
    | CalendarPublished
    | SheetSubmitted
    | SheetScored
    | FindingClosed
)
COMMANDS: tuple[type[Command], ...] = AnyCommand.__args__
EVENTS: Mapping[str, type[Event]] = {event.KIND: event for event in AnyEvent.__args__}
EVENT_VERSION = 1
"""The version of all event bodies; a later one comes with upcasters for those before it."""

Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]
"""Turns the plain data of an old event into the kind (``name/version``) and data of a newer one."""

_SCHEMA = "branchkit.command/1"


def identify(command: Command) -> tuple[str, str, dict[str, Any]]:
    """Return the command's id, the digest of its content, and its plain data.

    The id is the command's own or, where it has none, made of its kind and content; the content leaves the id out,
    so the same request is the same whichever way it is named.
    """
    plain = unstructure(command)
    content = {key: value for key, value in plain.items() if key != "id"}
    digest = hashlib.sha256(canonical_json(content)).hexdigest()
    return command.id or f"{command.KIND}:{digest[:32]}", f"sha256:{digest}", plain


def command_line(command: Command) -> bytes:
    """Write a command as one line of JSON, without the line's end."""
    return dump_json({"schema": _SCHEMA, **unstructure(command)})


def read_command(data: bytes | str, *, source: str = "<command>") -> Command:
    """Read a command from one line of JSON.

    Raises:
        DecodeError: it is no command; lists every problem with its path.
    """
    plain = parse_json(data, source=source)
    if not isinstance(plain, dict) or plain.get("schema") != _SCHEMA:
        what = f"Expected an object with \"schema\": \"{_SCHEMA}\""
        raise DecodeError(source, (Problem("$", what),))
    command: Command = structure(AnyCommand, {k: v for k, v in plain.items() if k != "schema"}, source=source)
    return command


def pack(event: Event, by: Actor, under: str, seal: Callable[[str, str], str]) -> dict[str, Any]:
    """Return an event as a journal body: who, what, and commitments in place of personal values.

    Args:
        event: what happened.
        by: who caused it.
        under: what the references of its personal values begin with; unique to the event.
        seal: keeps a value outside the journal, given its reference and JSON, and returns the commitment to it.
    """
    plain, values = split_personal(event)
    body: dict[str, Any] = {"by": unstructure(by), "data": plain}
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

    Args:
        kind: ``name/version`` as journaled.
        body: the journal body.
        unseal: returns the JSON kept under a reference, ``None`` for one that was erased.
        upcasters: by the kind they take.
        where: names the entry in errors.

    Raises:
        StoreCorrupt: the kind is not known, or the data are not such an event.
    """
    sealed = body.get("sealed", {"under": "", "macs": {}})
    data = join_personal(body["data"], {path: unseal(sealed["under"] + path) for path in sealed["macs"]})
    while kind in upcasters:
        kind, data = upcasters[kind](data)
    name, _, version = kind.rpartition("/")
    event_class = EVENTS.get(name)
    if event_class is None or version != str(EVENT_VERSION):
        raise StoreCorrupt(where, f"event kind {kind!r} is not known", "open it with the branchkit that wrote it")
    try:
        return structure(event_class, data, source=where), structure(Actor, body["by"], source=where)
    except DecodeError as error:
        raise StoreCorrupt(where, f"the event is not readable: {error}") from error
