"""A transaction of the memory store: the contract, written over ordered tables."""

# ruff: noqa: D102 - the methods are documented in the contract

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import attrs

from branchkit.errors import Conflict, StorageError
from branchkit.storage.chain import heads_of, journal_head, link, seal_window
from branchkit.storage.contract import (
    Checkpoint,
    DueRow,
    Entry,
    NewDocument,
    NewEntry,
    OutboxRow,
    Page,
    Plain,
    Remembered,
    Replaced,
    Scalar,
    Sealed,
    Stored,
    Tip,
)
from branchkit.storage.ordered import GONE, View
from branchkit.storage.plain import body_text, index_text, micros, value_bytes
from branchkit.storage.rules import (
    check_limit,
    key_taken,
    keys_of,
    not_at_version,
    outcome_differs,
    seal_differs,
    stream_not_at_version,
)

if TYPE_CHECKING:
    from branchkit.storage.memory import MemoryStore

__all__ = ["MemoryTransaction"]


class _Row(NamedTuple):
    """A document, or, without text, the place of one that was deleted: its version goes on counting."""

    version: int
    text: str | None
    fields: frozenset[tuple[str, str]]
    keys: frozenset[tuple[str, str]]


_NONE = _Row(0, None, frozenset(), frozenset())


class MemoryTransaction:
    """See `branchkit.storage.Transaction` for what each method does."""

    def __init__(self, store: MemoryStore, view: View, mutex: threading.RLock, *, write: bool) -> None:
        self._store = store
        self._where = store.where
        self._algorithm = next(iter(store.algorithms.values()))
        self._view = view
        self._mutex = mutex
        self._write = write
        self._over = False
        self._doomed = False

    def end(self) -> None:
        """Refuse every further use."""
        self._over = True

    def before_commit(self) -> None:
        """Refuse to commit after a replacement that stopped half-way."""
        if self._doomed:
            raise StorageError(self._where, "replacing the documents failed in this transaction", "begin a new one")

    # -- documents

    def get(self, kind: str, id: str) -> Stored | None:
        row = self._document(kind, id)
        return None if row.text is None else Stored(kind, id, row.version, row.text)

    def find(self, kind: str, where: Mapping[str, Scalar], *, after: str | None = None, limit: int = 500) -> Page:
        check_limit(self._where, limit)
        wanted = [(name, index_text(value)) for name, value in where.items()]
        prefix: tuple[str, ...] = (kind, *wanted[0]) if wanted else (kind,)
        table = "index" if wanted else "live"
        found: list[Stored] = []
        with self._mutex:
            for key, _ in self._scan(table, (*prefix, after or "")):
                if key[:-1] != prefix or len(found) > limit:
                    break
                row = self._document(kind, key[-1])
                if key[-1] != after and row.text is not None and row.fields.issuperset(wanted):
                    found.append(Stored(kind, key[-1], row.version, row.text))
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def kinds(self) -> tuple[str, ...]:
        found: list[str] = []
        with self._mutex:
            start = next(self._scan("live", ("",)), None)
            while start is not None:
                found.append(start[0][0])
                start = next(self._scan("live", (found[-1] + "\0",)), None)
        return tuple(found)

    def put(
        self,
        kind: str,
        id: str,
        body: Plain,
        *,
        expect: int | None = None,
        index: Mapping[str, Scalar] = {},
        unique: Mapping[str, str] = {},
    ) -> int:
        text = body_text(self._where, f"{kind} {id!r}", body)
        fields, keys = keys_of(index, unique)
        old = self._document(kind, id)
        self._expect(kind, id, old, expect)
        if keys is not old.keys:
            for name, value in keys - old.keys:
                holder = self._get("unique", (kind, name, value))
                if holder is not None:
                    raise key_taken(self._where, kind, id, name, holder)
        new = _Row(old.version + 1, text, fields, keys)
        self._move(kind, id, old, new)
        return new.version

    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        old = self._document(kind, id)
        self._expect(kind, id, old, expect)
        self._writes()
        if old.text is not None:
            self._move(kind, id, old, _NONE._replace(version=old.version))

    def expect(self, kind: str, id: str, version: int) -> None:
        self._expect(kind, id, self._document(kind, id), version)

    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Collection[str] | None = None) -> Replaced:
        self._writes()
        self._doomed = True
        chosen = set(self.kinds() if kinds is None else kinds)
        with self._mutex:
            keyed = [key for key, _ in self._scan("unique", ("",))]
        for key in keyed:
            if kinds is None or key[0] in chosen:
                self._put("unique", key, GONE)
        seen: set[tuple[str, str]] = set()
        kept = changed = added = 0
        for new in documents:
            if kinds is not None and new.kind not in chosen:
                raise StorageError(self._where, f"{new.kind!r} is not among the kinds to replace", "name it there")
            if (new.kind, new.id) in seen:
                raise Conflict(self._where, f"{new.kind} {new.id!r} comes twice", "give each document once")
            seen.add((new.kind, new.id))
            text = body_text(self._where, f"{new.kind} {new.id!r}", new.body)
            fields, keys = keys_of(new.index, new.unique)
            old = self._document(new.kind, new.id)
            same = (old.text, old.fields, old.keys) == (text, fields, keys)
            for name, value in keys:
                holder = self._get("unique", (new.kind, name, value))
                if holder is not None:
                    raise key_taken(self._where, new.kind, new.id, name, holder)
                self._put("unique", (new.kind, name, value), new.id)
            kept += same
            added += old.text is None
            changed += not same and old.text is not None
            if not same:
                # The unique keys are written above: two documents may swap theirs.
                row = _Row(old.version + 1, text, fields, keys)
                self._move(new.kind, new.id, old._replace(keys=keys), row)
        with self._mutex:
            live = [key for key, _ in self._scan("live", ("",))]
        gone = [key for key in live if key not in seen and (kinds is None or key[0] in chosen)]
        for kind, id in gone:
            old = self._document(kind, id)
            self._move(kind, id, old._replace(keys=frozenset()), _NONE._replace(version=old.version))
        self._doomed = False
        return Replaced(kept=kept, changed=changed, added=added, removed=len(gone))

    # -- journal

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        head: tuple[int, str] = self._get("heads", (stream,)) or (0, "")
        if expect is not None and expect != head[0]:
            raise stream_not_at_version(self._where, stream, expect, head[0])
        tip = self.tip()
        self._writes()
        entries = link(self._where, self._algorithm, stream, head, tip.seq, events)
        for entry in entries:
            self._put("journal", (entry.seq,), entry)
            self._put("streams", (stream, entry.version), entry.seq)
            if entry.seq % self._store.checkpoint_every == 0:
                tip = Tip(entry.seq, self._seal(tip.checkpoint, entry.seq))
        if entries:
            self._put("heads", (stream,), (entries[-1].version, entries[-1].hash))
            self._put("tip", (), Tip(entries[-1].seq, tip.checkpoint))
        return entries

    def _seal(self, previous: Checkpoint | None, seq: int) -> Checkpoint:
        first = previous.seq + 1 if previous else 1
        heads = heads_of(self._get("journal", (each,)) for each in range(first, seq + 1))
        checkpoint = seal_window(previous, seq, heads, self._algorithm)
        self._put("checkpoints", (checkpoint.number,), checkpoint)
        return checkpoint

    def read(self, *, stream: str | None = None, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        check_limit(self._where, limit)
        if stream is None:
            return tuple(self._some("journal", (after + 1,), (), limit))
        return tuple(
            self._get("journal", (seq,)) for seq in self._some("streams", (stream, after + 1), (stream,), limit)
        )

    def stream_version(self, stream: str) -> int:
        head = self._get("heads", (stream,))
        return head[0] if head else 0

    def tip(self) -> Tip:
        return self._get("tip", ()) or Tip()

    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> tuple[Checkpoint, ...]:
        check_limit(self._where, limit)
        return tuple(self._some("checkpoints", (after + 1,), (), limit))

    def head(self) -> str:
        return journal_head(self._where, self, self.tip(), self._algorithm)

    # -- outcomes of commands

    def outcome(self, command: str) -> Remembered | None:
        found: Remembered | None = self._get("outcomes", (command,))
        return found

    def remember(self, command: str, digest: str, outcome: Plain) -> None:
        new = Remembered(command, digest, body_text(self._where, f"the outcome of {command!r}", outcome))
        old = self.outcome(command)
        self._writes()
        if old is not None and old != new:
            raise outcome_differs(self._where, command)
        self._put("outcomes", (command,), new)

    # -- due index

    def due_set(self, key: str, at: dt.datetime, body: Plain) -> None:
        row = DueRow((key, micros(self._where, at), body_text(self._where, f"due key {key!r}", body)))
        self.due_clear(key)
        self._put("due", (row.micros, key), row)
        self._put("due_key", (key,), row.micros)

    def due_clear(self, key: str) -> None:
        self._writes()
        old = self._get("due_key", (key,))
        if old is not None:
            self._put("due", (old, key), GONE)
            self._put("due_key", (key,), GONE)

    def due(self, until: dt.datetime, *, limit: int = 1000) -> tuple[DueRow, ...]:
        check_limit(self._where, limit)
        last = micros(self._where, until)
        rows: list[DueRow] = []
        with self._mutex:
            for key, row in self._scan("due", (-(10**30),)):
                if key[0] > last or len(rows) == limit:
                    break
                rows.append(row)
        return tuple(rows)

    # -- outbox

    def outbox_put(self, key: str, body: Plain) -> bool:
        text = body_text(self._where, f"outbox key {key!r}", body)
        known = self._get("outbox_key", (key,)) is not None
        self._writes()
        if known:
            return False
        seq: int = (self._get("outbox_seq", ()) or 0) + 1
        self._put("outbox_seq", (), seq)
        self._put("outbox_key", (key,), seq)
        self._put("outbox", (seq,), OutboxRow(seq, key, text))
        return True

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[OutboxRow, ...]:
        check_limit(self._where, limit)
        return tuple(self._some("outbox", (after + 1,), (), limit))

    def outbox_done(self, key: str) -> bool:
        seq = self._get("outbox_key", (key,))
        waiting = seq is not None and self._get("outbox", (seq,)) is not None
        self._writes()
        if waiting:
            self._put("outbox", (seq,), GONE)
        return waiting

    # -- sealed values

    def seal(self, ref: str, value: str, key: bytes) -> str:
        mac = self._algorithm.mac(key, value_bytes(self._where, ref, value))
        new = Sealed(ref=ref, value=value, key=key, algorithm=self._algorithm.name, mac=mac)
        old: Sealed | None = self._get("sealed", (ref,))
        self._writes()
        if old is not None and old != new:
            raise seal_differs(self._where, ref, erased=old.value is None)
        self._put("sealed", (ref,), new)
        return mac

    def unseal(self, ref: str) -> str | None:
        found: Sealed | None = self._get("sealed", (ref,))
        return found.value if found else None

    def erase(self, ref: str) -> bool:
        old: Sealed | None = self._get("sealed", (ref,))
        self._writes()
        if old is None or old.value is None:
            return False
        self._put("sealed", (ref,), attrs.evolve(old, value=None, key=None))
        return True

    def sealed(self, *, after: str = "", limit: int = 1000) -> tuple[Sealed, ...]:
        check_limit(self._where, limit)
        return tuple(row for row in self._some("sealed", (after,), (), limit + 1) if row.ref != after)[:limit]

    # -- rows

    def _document(self, kind: str, id: str) -> _Row:
        row: _Row = self._get("documents", (kind, id)) or _NONE
        return row

    def _expect(self, kind: str, id: str, row: _Row, version: int | None) -> None:
        now = row.version if row.text is not None else 0
        if version is not None and version != now:
            raise not_at_version(self._where, kind, id, version, now)

    def _move(self, kind: str, id: str, old: _Row, new: _Row) -> None:
        if old.fields != new.fields:
            for name, value in old.fields - new.fields:
                self._put("index", (kind, name, value, id), GONE)
            for name, value in new.fields - old.fields:
                self._put("index", (kind, name, value, id), True)
        if old.keys != new.keys:
            for name, value in old.keys - new.keys:
                self._put("unique", (kind, name, value), GONE)
            for name, value in new.keys - old.keys:
                self._put("unique", (kind, name, value), id)
        self._put("documents", (kind, id), new)
        if (old.text is None) is not (new.text is None):
            self._put("live", (kind, id), GONE if new.text is None else True)

    def _get(self, table: str, key: tuple[Any, ...]) -> Any:
        if self._over:
            self._alive()
        if self._write:  # nobody else changes what a writer sees
            return self._view.get(table, key)
        with self._mutex:
            return self._view.get(table, key)

    def _some(self, table: str, start: tuple[Any, ...], prefix: tuple[Any, ...], limit: int) -> list[Any]:
        rows: list[Any] = []
        with self._mutex:
            for key, row in self._scan(table, start):
                if len(rows) == limit or key[: len(prefix)] != prefix:
                    break
                rows.append(row)
        return rows

    def _scan(self, table: str, start: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
        self._alive()
        return self._view.scan(table, start)

    def _put(self, table: str, key: tuple[Any, ...], value: Any) -> None:
        if self._over or not self._write:
            self._writes()
        self._view.set(table, key, value)

    def _alive(self) -> None:
        if self._over:
            raise StorageError(self._where, "this transaction has ended", "begin a new one")

    def _writes(self) -> None:
        self._alive()
        if not self._write:
            raise StorageError(self._where, "this transaction only reads", "begin one with write=True")
