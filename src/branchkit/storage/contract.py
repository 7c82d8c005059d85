"""What a store is: the contract that branchkit calls and that a bank's engineer implements.

A store keeps six things, and changes them together in one transaction:

- **documents**: plain JSON under ``(kind, id)``, versioned, found by declared index fields, guarded by unique keys;
- **journal**: entries that are only ever added, one hash chain a stream, sealed by checkpoints;
- **outcomes** of commands, so that a retry is answered and not done again;
- **due index**: what has to be looked at when; a hint, never the truth;
- **outbox**: what has to be told to others after the commit;
- **sealed values**: personal data and free text outside the journal, which can be erased.

To write a store for another database, implement `Store` and `Transaction`, keep every text you are given as it is,
build journal entries with `branchkit.storage.chain.link` and checkpoints with `branchkit.storage.chain.seal_window`,
and inherit `branchkit.testing.stores.StoreLaws` in your tests.

**Bodies** are plain JSON data: text, whole numbers, true, false, null, lists, and objects with text keys. They are
kept as canonical JSON text, and a record gives that ``text`` beside the parsed ``body``.

**Texts** are any that UTF-8 can write, and come back as they were given, control characters included; where they are
put in order, it is the order of code points. Kinds, ids, names of fields and of keys, index values, unique keys,
streams, commands, references, and the keys of the due index and the outbox are kept up to 600 bytes of UTF-8 each; a
store may refuse a longer one with `StorageError`. An id, a kind, a key or a reference is not empty.

**Isolation.** A write transaction that commits has seen nothing that changed meanwhile. Each document it got, found or
expected, each outcome it asked for and each stream whose version it asked for is in its read set, also where there was
none, and the transaction fails with `Conflict` if one is not the same by then. Everything else that it asks for stays
as it was until it ends. A store may hold writers one after the other (memory and SQLite do, so a conflict shows at the
call itself), or let them overlap (then it shows at a later call, or at the commit). A document that did not exist yet
when `Transaction.find` looked is not in the read set: where that matters, let both writers expect a document or a
stream they share, or use a unique key. A read transaction sees one state throughout: the latest when it began, whoever
committed it and from which process. A writer that raises may have decided on a state that is past, and never on a
mixture of two.

**Capabilities** a store may declare: ``"durable"`` (a commit survives the process and the machine), ``"backup"``
(`Store.backup` works while others write), ``"shared"`` (several processes may use it at once),
``"caller_transaction"`` (the caller may own the transaction, see ``adopt`` of the store).

**Traces.** A store that may be hindered in overwriting what was erased has a property ``traces``: whether bytes of it
may still lie where somebody could read them. One without it leaves none.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

import attrs

from branchkit.storage.algorithms import HashAlgorithm

__all__ = [
    "Checkpoint",
    "DueRow",
    "Entry",
    "NewDocument",
    "NewEntry",
    "OutboxRow",
    "Page",
    "Plain",
    "Remembered",
    "Replaced",
    "Scalar",
    "Sealed",
    "Store",
    "Stored",
    "Tip",
    "Transaction",
]

Scalar: TypeAlias = str | int | bool | None
"""What an index field may hold. Types are told apart: ``True`` is not ``1``."""
Plain: TypeAlias = Mapping[str, Any]
"""A body: an object of plain JSON data."""

_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


@attrs.frozen
class Stored:
    """A document as it is stored.

    >>> Stored("branch", "B-1", 3, '{"name":"Riverside"}').body
    {'name': 'Riverside'}
    """

    kind: str
    id: str
    version: int
    """1 for the first; each put adds one, and a document put anew after a delete goes on counting."""
    text: str = attrs.field(repr=False)
    """The body as canonical JSON, exactly as stored."""

    @property
    def body(self) -> dict[str, Any]:
        """The body, parsed anew at each access: keep it in a variable."""
        body: dict[str, Any] = json.loads(self.text)
        return body


@attrs.frozen
class Page:
    """Some documents in the order of their ids, and where to go on."""

    items: tuple[Stored, ...]
    next: str | None = None
    """What to pass as ``after`` for the next page; ``None`` when this is the last."""


@attrs.frozen(kw_only=True)
class NewDocument:
    """A document to be put by `Transaction.replace_documents`."""

    kind: str
    id: str
    body: Plain = attrs.field(repr=False)
    index: Mapping[str, Scalar] = attrs.field(factory=dict)
    unique: Mapping[str, str] = attrs.field(factory=dict)


@attrs.frozen(kw_only=True)
class Replaced:
    """What `Transaction.replace_documents` found; all zero but ``kept`` when the documents were right."""

    kept: int = 0
    changed: int = 0
    """How many were there with another content, or were to be found by other fields or keys."""
    added: int = 0
    removed: int = 0
    """How many were there, or left index fields or keys behind, and should not be."""


@attrs.frozen
class NewEntry:
    """Something that happened, to be added to a stream."""

    kind: str
    """The type of the event, as in ``SheetSubmitted``."""
    body: Plain = attrs.field(kw_only=True, repr=False)
    command: str = attrs.field(kw_only=True)
    """The id of the command that caused it."""
    at: str = attrs.field(kw_only=True)
    """When it happened: ISO 8601 with its offset, kept as given."""
    recorded_at: str = attrs.field(kw_only=True)
    """When it was told: ISO 8601 with its offset, kept as given."""


@attrs.frozen(kw_only=True)
class Entry:
    """A journal entry: what happened, and its link in the chain of its stream."""

    stream: str
    version: int
    """Its place in the stream: 1, 2, 3, …"""
    seq: int
    """Its place in the whole journal: 1, 2, 3, … without holes."""
    kind: str
    text: str = attrs.field(repr=False)
    """The body as canonical JSON, exactly as stored."""
    command: str
    at: str
    recorded_at: str
    algorithm: str
    """The name of the hash algorithm of this entry."""
    previous: str
    """The hash of the entry before it in the stream; empty for the first."""
    hash: str

    @property
    def body(self) -> dict[str, Any]:
        """The body, parsed anew at each access: keep it in a variable."""
        body: dict[str, Any] = json.loads(self.text)
        return body


@attrs.frozen(kw_only=True)
class Checkpoint:
    """A seal under the heads of all streams that changed since the checkpoint before it."""

    number: int
    """1, 2, 3, …"""
    seq: int
    """The last journal entry it covers."""
    streams: int
    """How many streams changed since the checkpoint before."""
    root: str
    """The hash over their heads."""
    algorithm: str
    previous: str
    """The hash of the checkpoint before it; empty for the first."""
    hash: str


@attrs.frozen
class Tip:
    """The end of the journal."""

    seq: int = 0
    """The last number that was given to an entry; 0 for an empty journal."""
    checkpoint: Checkpoint | None = None
    """The last checkpoint."""


@attrs.frozen
class Remembered:
    """What came of a command.

    The store keeps the digest of the command's content and compares nothing: whoever asks says what it means
    when the same id comes with another content.
    """

    command: str
    digest: str
    text: str = attrs.field(repr=False)

    @property
    def outcome(self) -> dict[str, Any]:
        """The outcome, parsed anew at each access."""
        outcome: dict[str, Any] = json.loads(self.text)
        return outcome


class DueRow(tuple[str, int, str]):
    """Something that has to be looked at; made of one row: its key, its moment in microseconds, its text.

    A bare tuple and neither an attrs class nor a named tuple: they are read by the thousand, straight from a database's
    rows, and making them would then cost more than reading them.

    >>> DueRow(("case:C-1", 0, '{"rung":1}'))
    DueRow(('case:C-1', 0, '{"rung":1}'))
    """

    __slots__ = ()

    @property
    def key(self) -> str:
        """What has to be looked at."""
        return self[0]

    @property
    def micros(self) -> int:
        """When, in microseconds since 1970-01-01T00:00Z."""
        return self[1]

    @property
    def text(self) -> str:
        """The body as canonical JSON, exactly as stored."""
        return self[2]

    @property
    def at(self) -> dt.datetime:
        """When, in UTC."""
        return _EPOCH + _MICROSECOND * self[1]

    @property
    def body(self) -> dict[str, Any]:
        """What was said about it, parsed anew at each access."""
        body: dict[str, Any] = json.loads(self[2])
        return body

    def __repr__(self) -> str:
        return f"DueRow({super().__repr__()})"


@attrs.frozen
class OutboxRow:
    """Something that still has to be told."""

    seq: int
    key: str
    text: str = attrs.field(repr=False)

    @property
    def body(self) -> dict[str, Any]:
        """The message, parsed anew at each access."""
        body: dict[str, Any] = json.loads(self.text)
        return body


@attrs.frozen(kw_only=True)
class Sealed:
    """A sealed value as it is stored; shows neither the value nor its key."""

    ref: str
    value: str | None = attrs.field(repr=False)
    """``None`` once erased."""
    key: bytes | None = attrs.field(repr=False)
    """``None`` once erased."""
    algorithm: str
    mac: str


class Transaction(Protocol):
    """Everything read and written here is one state and one step; ends with the ``with`` block that gave it.

    Every method raises `StorageError` when the transaction has ended, and the writing ones when it only reads.
    """

    # -- documents

    def get(self, kind: str, id: str) -> Stored | None:
        """Return a document, or ``None``; what was seen joins the read set."""
        ...

    def find(self, kind: str, where: Mapping[str, Scalar], *, after: str | None = None, limit: int = 500) -> Page:
        """Return documents of a kind whose declared index fields have these values, in the order of their ids.

        An empty ``where`` finds all of the kind. Put the field that narrows most first. A document is found by the
        fields it was put with; one that was put without a field is not found by ``None``.
        """
        ...

    def kinds(self) -> tuple[str, ...]:
        """Return the kinds that have a document, sorted."""
        ...

    def put(
        self,
        kind: str,
        id: str,
        body: Plain,
        *,
        expect: int | None = None,
        index: Mapping[str, Scalar] = ...,
        unique: Mapping[str, str] = ...,
    ) -> int:
        """Write a document and return its new version.

        Args:
            expect: the version it must have now, 0 for none.
            index: all fields it can be found by; those of the version before are forgotten.
            unique: all keys that no other document of its kind may have, by name.

        Raises:
            Conflict: it has another version, or a key is taken; names the holder.
        """
        ...

    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        """Remove a document with its index fields and keys; one that is not there stays so.

        Raises:
            Conflict: it has another version than expected.
        """
        ...

    def expect(self, kind: str, id: str, version: int) -> None:
        """Put a document into the read set at a version seen earlier; 0 for one that was not there.

        Raises:
            Conflict: it has another version.
        """
        ...

    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Collection[str] | None = None) -> Replaced:
        """Leave exactly these documents, of these kinds or of all; one that is as it was keeps its version.

        ``rebuild`` calls it with what the journal folds to. It reads the documents one by one, so memory stays flat.

        Raises:
            Conflict: two of them have the same id or unique key; the transaction can then no longer commit.
        """
        ...

    # -- journal

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        """Add entries to a stream, and checkpoints where they are due.

        Raises:
            Conflict: the stream has another version than expected.
        """
        ...

    def read(self, *, stream: str | None = None, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        """Return entries of a stream after a version, or of the whole journal after a seq, in order."""
        ...

    def stream_version(self, stream: str) -> int:
        """Return the version of the last entry of a stream; 0 when it has none."""
        ...

    def tip(self) -> Tip:
        """Return the end of the journal."""
        ...

    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> tuple[Checkpoint, ...]:
        """Return the checkpoints after a number, in order."""
        ...

    def head(self) -> str:
        """Return one hash over the whole journal: equal heads mean equal journals."""
        ...

    # -- outcomes of commands

    def outcome(self, command: str) -> Remembered | None:
        """Return what came of a command, or ``None`` when it was never done."""
        ...

    def remember(self, command: str, digest: str, outcome: Plain) -> None:
        """Keep what came of a command.

        Raises:
            Conflict: something else was remembered for this id.
        """
        ...

    # -- due index

    def due_set(self, key: str, at: dt.datetime, body: Plain) -> None:
        """Say when a key is due; moves it when it has a time already. ``at`` is aware."""
        ...

    def due_clear(self, key: str) -> None:
        """Forget when a key is due."""
        ...

    def due(self, until: dt.datetime, *, limit: int = 1000) -> tuple[DueRow, ...]:
        """Return what is due up to and including a moment, the earliest first, then by key."""
        ...

    # -- outbox

    def outbox_put(self, key: str, body: Plain) -> bool:
        """Put a message; says ``False`` and changes nothing when the key was ever put before."""
        ...

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[OutboxRow, ...]:
        """Return the messages that are not done, in the order they were put."""
        ...

    def outbox_done(self, key: str) -> bool:
        """Mark a message as told and drop its body; says ``False`` when it was not waiting."""
        ...

    # -- sealed values

    def seal(self, ref: str, value: str, key: bytes) -> str:
        """Keep a personal value outside the journal and return its keyed commitment, in hexadecimal digits.

        Raises:
            Conflict: the reference holds another value, or was erased.
        """
        ...

    def unseal(self, ref: str) -> str | None:
        """Return a sealed value, or ``None`` when it was erased or never sealed."""
        ...

    def erase(self, ref: str) -> bool:
        """Destroy a sealed value and its key, leaving a tombstone; says ``False`` when there was nothing to destroy."""
        ...

    def sealed(self, *, after: str = "", limit: int = 1000) -> tuple[Sealed, ...]:
        """Return sealed values and tombstones after a reference, in the order of their references."""
        ...


class Store(Protocol):
    """Where branchkit keeps what it knows; safe to share between threads."""

    @property
    def where(self) -> str:
        """The store in words, for messages: a path or an address without secrets."""
        ...

    @property
    def capabilities(self) -> frozenset[str]:
        """What it can do beyond the contract; see the module's text."""
        ...

    @property
    def algorithms(self) -> Mapping[str, HashAlgorithm]:
        """The hash algorithms it knows, by name; the first one is used for what is written."""
        ...

    @property
    def checkpoint_every(self) -> int:
        """How many journal entries go under one checkpoint; fixed when the store is made."""
        ...

    def transaction(self, *, write: bool = True) -> AbstractContextManager[Transaction]:
        """Begin a transaction: it commits when the block ends and rolls back on any exception.

        Raises:
            StorageError: the store cannot be reached, or this thread is already writing.
            Conflict: what was read has changed; nothing was written.
        """
        ...

    def check(self) -> tuple[str, ...]:
        """Return what the medium itself finds broken, in words; empty when it is sound."""
        ...

    def backup(self, target: str) -> None:
        """Write a copy of one state to a new file, while others go on writing.

        Raises:
            Unsupported: the store does not declare ``"backup"``.
            StorageError: the target exists or cannot be written.
        """
        ...

    def close(self) -> None:
        """Give back what the store holds; it cannot be used afterwards."""
        ...
