"""The records that plug-ins offer: frozen, keyed, versioned; and the contexts their callables are given.

A hook returns records and does nothing else. Configuration, never the order of hooks, says which record is used where.
A plug-in's keys are ``<its name>.<word>``; keys without a dot belong to core.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from branchkit.errors import Problem
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.plugins.keys import check_key, check_words
from branchkit.plugins.policies import (
    AssignmentPolicyRecord,
    CreditPolicyRecord,
    EscalationPolicyRecord,
    ScoringPolicyRecord,
    TierPolicyRecord,
)
from branchkit.values import FrozenMap, Text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    import click

    from branchkit.messages import Command
    from branchkit.storage.contract import Store
    from branchkit.temporal import Calendar

__all__ = [
    "CalendarRecord",
    "CatalogRecord",
    "CliCommandRecord",
    "ImportContext",
    "ImporterRecord",
    "Message",
    "NotifierRecord",
    "NotifyContext",
    "PortRecord",
    "Record",
    "RenderContext",
    "RendererRecord",
    "SourceFile",
    "StoreContext",
    "StoreRecord",
]

_SCHEME = re.compile(r"[a-z][a-z0-9+-]*")


def _check_callable(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not callable(value):
        raise ValueError(f"Expected something to call for {attribute.name}, got {type(value).__name__}")


def _check_schemes(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, tuple) or not value or not all(isinstance(s, str) and _SCHEME.fullmatch(s) for s in value):
        raise ValueError(f"Expected a tuple of one or more lower-case schemes as in ('postgresql',), got {value!r}")


def _check_root(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not callable(getattr(value, "joinpath", None)) or not callable(getattr(value, "iterdir", None)):
        raise ValueError(f"Expected a folder for root (importlib.resources.files or a Path), got {value!r}")


def _check_at(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if value.tzinfo is None:
        raise ValueError("Expected a moment with a zone for at")


def _check_name(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    if not isinstance(value, str) or not re.fullmatch(r"[a-z][a-z0-9-]*", value):
        raise ValueError(f"Expected a name of lower-case letters, digits and -, got {value!r}")


def _no_progress(done: int, total: int | None) -> None:
    """Tell nobody."""


def _no_notice(problem: Problem) -> None:
    """Tell nobody."""


@attrs.frozen(kw_only=True)
class Message:
    """One message that goes out."""

    key: str
    """The same for every try, so that whoever takes it twice can tell."""
    to: str
    """The id of whom it is for."""
    body: FrozenMap[Any] = attrs.field(factory=lambda: FrozenMap[Any]())
    """Plain data: what happened to which case, in both languages; no personal values."""


@attrs.frozen(kw_only=True)
class NotifyContext:
    """What a notifier is given: messages for one person that are told together."""

    to: str
    messages: tuple[Message, ...]
    settings: FrozenMap[object] = attrs.field(factory=lambda: FrozenMap[object]())
    """What the configuration assigns to the plug-in that brings the notifier."""


@attrs.frozen
class NotifierRecord:
    """A notifier on offer: it hands messages on, or raises, and then they wait and are tried again."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    title: Text = attrs.field(validator=attrs.validators.instance_of(Text), kw_only=True)
    deliver: Callable[[NotifyContext], None] = attrs.field(validator=_check_callable, kw_only=True)


@attrs.frozen
class StoreContext:
    """What a store is opened with."""

    url: str = attrs.field(repr=mask, metadata=personal(FREE_TEXT))
    """The whole address, scheme included; masked because it may hold a password."""
    settings: FrozenMap[object] = attrs.field(factory=lambda: FrozenMap[object](), kw_only=True)
    """What the configuration assigns to the plug-in that brings the store."""


@attrs.frozen
class StoreRecord:
    """A kind of store on offer, chosen by the scheme of an address."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    schemes: tuple[str, ...] = attrs.field(validator=_check_schemes, kw_only=True)
    """What stands before ``:`` in the addresses it opens, as in ``("postgresql",)``."""
    open: Callable[[StoreContext], Store] = attrs.field(validator=_check_callable, kw_only=True)


@attrs.frozen
class CatalogRecord:
    """A catalog on offer: a folder of documents, in a package or on disk."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    root: Traversable | Path = attrs.field(validator=_check_root, kw_only=True)
    """The folder; nothing in it is read before the catalog is used."""


@attrs.frozen
class CalendarRecord:
    """A calendar on offer, built when it is used."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    load: Callable[[], Calendar] = attrs.field(validator=_check_callable, kw_only=True)


@attrs.frozen
class PortRecord:
    """A way to a system of the bank's own, as its core bank: what answers is made when it is first asked."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    port: str = attrs.field(validator=_check_name, kw_only=True)
    """Which port it stands at, as in ``core-bank``; every port has a protocol of its own."""
    load: Callable[[FrozenMap[object]], object] = attrs.field(validator=_check_callable, kw_only=True)
    """Makes what answers, from the settings that the configuration assigns to the plug-in."""


@attrs.frozen
class SourceFile:
    """One file handed to an importer; the caller has read it, so importers need no access to disk or network."""

    name: str
    data: bytes = attrs.field(repr=mask, metadata=personal(FREE_TEXT), kw_only=True)


@attrs.frozen(kw_only=True)
class ImportContext:
    """What an importer is given."""

    files: tuple[SourceFile, ...]
    at: dt.datetime = attrs.field(validator=_check_at)
    """The moment the data speaks of; aware."""
    options: FrozenMap[str] = attrs.field(factory=lambda: FrozenMap[str]())
    """The importer's own options by name, as in ``zone`` or ``bank``."""
    progress: Callable[[int, int | None], None] = _no_progress
    """To be called with how many records are done, and of how many where that is known."""
    notice: Callable[[Problem], None] = _no_notice
    """To be called with what is odd and was kept nevertheless; the path begins with the file's name."""


@attrs.frozen
class ImporterRecord:
    """An importer on offer: it reads files of one format and yields the commands that carry them in."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    title: Text = attrs.field(validator=attrs.validators.instance_of(Text), kw_only=True)
    read: Callable[[ImportContext], Iterator[Command]] = attrs.field(validator=_check_callable, kw_only=True)
    """Lazily; raises `branchkit.errors.InputError` with the file and path of what it cannot read."""


@attrs.frozen(kw_only=True)
class RenderContext:
    """What a renderer is given."""

    report: object
    """The report, as plain data or a report object; personal values are masked in it already."""
    lang: str = "en"
    """``"zh"`` or ``"en"``."""


@attrs.frozen
class RendererRecord:
    """A renderer on offer: it turns a report into a file."""

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    title: Text = attrs.field(validator=attrs.validators.instance_of(Text), kw_only=True)
    media_type: str = attrs.field(validator=check_words, kw_only=True)
    """As in ``text/html``."""
    render: Callable[[RenderContext], bytes] = attrs.field(validator=_check_callable, kw_only=True)


@attrs.frozen
class CliCommandRecord:
    """A command on offer for ``branchkit``'s command line."""

    name: str = attrs.field(validator=_check_name)
    """The word after ``branchkit``; one of core's own commands, or one that two plug-ins want, is refused."""
    load: Callable[[], click.Command] = attrs.field(validator=_check_callable, kw_only=True)
    """Called when the command is used or its help is shown, so that listing commands imports nothing."""


Record: TypeAlias = (
    ScoringPolicyRecord
    | EscalationPolicyRecord
    | TierPolicyRecord
    | AssignmentPolicyRecord
    | CreditPolicyRecord
    | NotifierRecord
    | StoreRecord
    | CatalogRecord
    | CalendarRecord
    | ImporterRecord
    | RendererRecord
    | PortRecord
)
"""A record that has a key."""
