"""A transaction of the SQLite store: the contract, written in SQL."""

# ruff: noqa: D102, S608 - the methods are documented in the contract; statements are put together from constants only

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping, Sequence
from operator import attrgetter, itemgetter
from typing import Any

from branchkit.errors import StorageError
from branchkit.storage.algorithms import HashAlgorithm
from branchkit.storage.chain import journal_head, link, seal_window
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
from branchkit.storage.sqlite_replace import Replacing
from branchkit.storage.sqlite_statements import find_sql, keys_text

__all__ = ["SqliteTransaction"]

_Known = tuple[int, str | None, str]
"""Version, text and keys of a document's row; no text where it was deleted."""
_ABSENT: _Known = (0, None, "")
_Pairs = frozenset[tuple[str, str]]
_NO_PAIRS: _Pairs = frozenset()
_UPDATE = "UPDATE branchkit_document SET version = ?, text = ?, keys = ? WHERE kind = ? AND id = ?"
_INSERT = "INSERT INTO branchkit_document (version, text, keys, kind, id) VALUES (?, ?, ?, ?, ?)"

_ENTRY = "seq, stream, version, kind, text, command, at, recorded_at, algorithm, previous, hash"
_entry_row = attrgetter(*_ENTRY.split(", "))
_INSERT_ENTRY = f"INSERT INTO branchkit_journal ({_ENTRY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_CHECKPOINT = "number, seq, streams, root, algorithm, previous, hash"
_checkpoint_row = attrgetter(*_CHECKPOINT.split(", "))


class SqliteTransaction(Replacing):
    """See `branchkit.storage.Transaction` for what each method does."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        *,
        where: str,
        algorithm: HashAlgorithm,
        checkpoint_every: int,
        write: bool,
    ) -> None:
        super().__init__(connection, where=where, write=write)
        self._algorithm = algorithm
        self._every = checkpoint_every
        self._known: dict[tuple[str, str], _Known] = {}
        self._heads: dict[str, tuple[int, str]] = {}
        self._seq: int | None = None
        self._stored_seq: int | None = None
        self._moves: dict[str, tuple[int, str] | None] = {}
        self._told: dict[str, int] = {}
        self.erased: list[str] = []
        """The values that were erased, so that they can be looked for in the file."""
        """Whether a sealed value was destroyed, so that its traces are to be cleared after the commit."""

    def flush(self) -> None:
        """Write what is still held back, before the commit."""
        if self._doomed:
            raise StorageError(self._where, "a step of this transaction failed", "begin a new one")
        self._flush_due()
        if self._seq != self._stored_seq:
            self._run("UPDATE branchkit_meta SET value = ? WHERE key = 'tip'", (self._seq,))
            self._stored_seq = self._seq

    # -- documents

    def get(self, kind: str, id: str) -> Stored | None:
        version, text, _ = self._document(kind, id)
        return None if text is None else Stored(kind, id, version, text)

    def find(self, kind: str, where: Mapping[str, Scalar], *, after: str | None = None, limit: int = 500) -> Page:
        check_limit(self._where, limit)
        values: list[object] = [kind, after or ""]
        for name, value in where.items():
            values += (name, index_text(value))
        rows = self._all(find_sql(len(where)), (*values, limit + 1))
        items = tuple(Stored(kind, *row) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def kinds(self) -> tuple[str, ...]:
        found: list[str] = []
        sql = "SELECT kind FROM branchkit_document WHERE kind > ? AND text IS NOT NULL ORDER BY kind LIMIT 1"
        while rows := self._all(sql, (found[-1] if found else "",)):
            found.append(rows[0][0])
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
        old = self._document(kind, id)
        self._check_version(kind, id, old, expect)
        self._writes()
        fields, taken = keys_of(index, unique)
        keys = keys_text(fields, taken)
        if keys != old[2]:
            before = _pairs(old[2], 1)
            self._check_unique(kind, id, taken - before)
            self._run_many(
                "DELETE FROM branchkit_unique WHERE kind = ? AND name = ? AND value = ?",
                [(kind, *pair) for pair in before - taken],
            )
            self._run_many(
                "INSERT INTO branchkit_unique VALUES (?, ?, ?, ?)", [(kind, *pair, id) for pair in taken - before]
            )
            self._move_index(kind, id, _pairs(old[2], 0), fields)
        version = old[0] + 1
        self._run(_UPDATE if old[0] else _INSERT, (version, text, keys, kind, id))
        self._known[kind, id] = (version, text, keys)
        return version

    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        old = self._document(kind, id)
        self._check_version(kind, id, old, expect)
        self._writes()
        if old[1] is not None:
            self._run_many(
                "DELETE FROM branchkit_unique WHERE kind = ? AND name = ? AND value = ?",
                [(kind, *pair) for pair in _pairs(old[2], 1)],
            )
            self._delete_row(kind, id, old)

    def expect(self, kind: str, id: str, version: int) -> None:
        self._check_version(kind, id, self._document(kind, id), version)

    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Collection[str] | None = None) -> Replaced:
        self._writes()
        self._doomed = True
        self._known.clear()
        done = self._replace(documents, kinds)
        self._doomed = False
        return done

    # -- journal

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        head = self._head(stream)
        if expect is not None and expect != head[0]:
            raise stream_not_at_version(self._where, stream, expect, head[0])
        self._writes()
        seq = self._last_seq()
        entries = link(self._where, self._algorithm, stream, head, seq, events)
        if not entries:
            return ()
        self._run_many(_INSERT_ENTRY, list(map(_entry_row, entries)))
        last = entries[-1]
        self._heads[stream] = (last.version, last.hash)
        self._seq = last.seq
        for boundary in range(seq - seq % self._every + self._every, last.seq + 1, self._every):
            self._seal(boundary)
        return entries

    def _seal(self, seq: int) -> None:
        previous = self._last_checkpoint()
        # SQLite takes the hash from the row that has the highest version.
        rows = self._all(
            "SELECT stream, max(version), hash FROM branchkit_journal WHERE seq > ? AND seq <= ? GROUP BY stream",
            (previous.seq if previous else 0, seq),
        )
        heads = {stream: (version, digest) for stream, version, digest in rows}
        checkpoint = seal_window(previous, seq, heads, self._algorithm)
        self._run(
            f"INSERT INTO branchkit_checkpoint ({_CHECKPOINT}) VALUES (?, ?, ?, ?, ?, ?, ?)",
            _checkpoint_row(checkpoint),
        )

    def read(self, *, stream: str | None = None, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        check_limit(self._where, limit)
        if stream is None:
            sql = f"SELECT {_ENTRY} FROM branchkit_journal WHERE seq > ? ORDER BY seq LIMIT ?"
            rows = self._lenient(sql, (after, limit))
        else:
            sql = f"SELECT {_ENTRY} FROM branchkit_journal WHERE stream = ? AND version > ? ORDER BY version LIMIT ?"
            rows = self._lenient(sql, (stream, after, limit))
        return tuple(
            Entry(
                seq=seq,
                stream=of,
                version=version,
                kind=kind,
                text=text,
                command=command,
                at=at,
                recorded_at=recorded_at,
                algorithm=algorithm,
                previous=previous,
                hash=digest,
            )
            for seq, of, version, kind, text, command, at, recorded_at, algorithm, previous, digest in rows
        )

    def stream_version(self, stream: str) -> int:
        return self._head(stream)[0]

    def tip(self) -> Tip:
        return Tip(self._last_seq(), self._last_checkpoint())

    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> tuple[Checkpoint, ...]:
        check_limit(self._where, limit)
        sql = f"SELECT {_CHECKPOINT} FROM branchkit_checkpoint WHERE number > ? ORDER BY number LIMIT ?"
        return tuple(map(_checkpoint, self._lenient(sql, (after, limit))))

    def head(self) -> str:
        return journal_head(self._where, self, self.tip(), self._algorithm)

    # -- outcomes of commands

    def outcome(self, command: str) -> Remembered | None:
        rows = self._all("SELECT digest, text FROM branchkit_outcome WHERE command = ?", (command,))
        return Remembered(command, *rows[0]) if rows else None

    def remember(self, command: str, digest: str, outcome: Plain) -> None:
        text = body_text(self._where, f"the outcome of {command!r}", outcome)
        self._writes()
        self._run("INSERT OR IGNORE INTO branchkit_outcome VALUES (?, ?, ?)", (command, digest, text))
        if not self._cursor.rowcount and self.outcome(command) != Remembered(command, digest, text):
            raise outcome_differs(self._where, command)

    # -- due index

    def due_set(self, key: str, at: dt.datetime, body: Plain) -> None:
        row = (micros(self._where, at), body_text(self._where, f"due key {key!r}", body))
        self._writes()
        self._moves[key] = row

    def due_clear(self, key: str) -> None:
        self._writes()
        self._moves[key] = None

    def due(self, until: dt.datetime, *, limit: int = 1000) -> tuple[DueRow, ...]:
        check_limit(self._where, limit)
        self._flush_due()
        sql = "SELECT key, at, text FROM branchkit_due WHERE at <= ? ORDER BY at, key LIMIT ?"
        rows = self._made(DueRow, sql, (micros(self._where, until), limit))
        if self._write:
            self._told |= {key: at for key, at, _ in rows}
        return rows

    def _flush_due(self) -> None:
        if not self._moves:
            return
        moves, self._moves = self._moves, {}
        told, self._told = self._told, {}
        if told and told.keys() <= moves.keys():
            # What was told is the beginning of the index, so all of it goes in one stroke.
            last = max((at, key) for key, at in told.items())
            self._run("DELETE FROM branchkit_due WHERE (at, key) <= (?, ?)", last)
        else:
            told = {}
        self._run_many(
            "DELETE FROM branchkit_due WHERE key = ?1 AND at = (SELECT at FROM branchkit_due_key WHERE key = ?1)",
            sorted((key,) for key in moves if key not in told),
        )
        # In the order of the keys and of the times: neighbours share pages.
        rows = sorted((key, *row) for key, row in moves.items() if row is not None)
        self._run_many("DELETE FROM branchkit_due_key WHERE key = ?", [(k,) for k, row in moves.items() if row is None])
        self._run_many("REPLACE INTO branchkit_due_key (key, at) VALUES (?, ?)", [row[:2] for row in rows])
        by_time = sorted(rows, key=itemgetter(1))
        self._run_many("INSERT INTO branchkit_due (key, at, text) VALUES (?, ?, ?)", by_time)

    # -- outbox

    def outbox_put(self, key: str, body: Plain) -> bool:
        text = body_text(self._where, f"outbox key {key!r}", body)
        self._writes()
        self._run("INSERT OR IGNORE INTO branchkit_outbox (key, text) VALUES (?, ?)", (key, text))
        return self._cursor.rowcount == 1

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[OutboxRow, ...]:
        check_limit(self._where, limit)
        sql = "SELECT seq, key, text FROM branchkit_outbox WHERE text IS NOT NULL AND seq > ? ORDER BY seq LIMIT ?"
        return tuple(OutboxRow(*row) for row in self._all(sql, (after, limit)))

    def outbox_done(self, key: str) -> bool:
        self._writes()
        self._run("UPDATE branchkit_outbox SET text = NULL WHERE key = ? AND text IS NOT NULL", (key,))
        return self._cursor.rowcount == 1

    # -- sealed values

    def seal(self, ref: str, value: str, key: bytes) -> str:
        self._writes()
        mac = self._algorithm.mac(key, value_bytes(self._where, ref, value))
        row = (value, key, self._algorithm.name, mac)
        self._run("INSERT OR IGNORE INTO branchkit_sealed VALUES (?, ?, ?, ?, ?)", (ref, *row))
        if not self._cursor.rowcount:
            old = self._all("SELECT value, key, algorithm, mac FROM branchkit_sealed WHERE ref = ?", (ref,))[0]
            if old != row:
                raise seal_differs(self._where, ref, erased=old[0] is None)
        return mac

    def unseal(self, ref: str) -> str | None:
        rows = self._all("SELECT value FROM branchkit_sealed WHERE ref = ?", (ref,))
        return rows[0][0] if rows else None

    def erase(self, ref: str) -> bool:
        self._writes()
        # The bytes themselves are overwritten, not only the row.
        self._run("PRAGMA secure_delete = ON")
        values = self._lenient("SELECT value FROM branchkit_sealed WHERE ref = ? AND value NOT NULL", (ref,))
        if not values:
            return False
        self._run("UPDATE branchkit_sealed SET value = NULL, key = NULL WHERE ref = ?", (ref,))
        if not self.erased:
            # Whoever opens the file next sees to it, should this process end before the bytes are gone.
            self._run("INSERT OR IGNORE INTO branchkit_meta VALUES ('traces', 1)")
        self.erased.append(values[0][0])
        return True

    def sealed(self, *, after: str = "", limit: int = 1000) -> tuple[Sealed, ...]:
        check_limit(self._where, limit)
        sql = "SELECT ref, value, key, algorithm, mac FROM branchkit_sealed WHERE ref > ? ORDER BY ref LIMIT ?"
        return tuple(
            Sealed(ref=ref, value=value, key=key, algorithm=algorithm, mac=mac)
            for ref, value, key, algorithm, mac in self._lenient(sql, (after, limit))
        )

    # -- rows

    def _document(self, kind: str, id: str) -> _Known:
        known = self._known.get((kind, id))
        if known is None or self._over:
            sql = "SELECT version, text, keys FROM branchkit_document WHERE kind = ? AND id = ?"
            rows = self._all(sql, (kind, id))
            known = self._known[kind, id] = rows[0] if rows else _ABSENT
        return known

    def _check_version(self, kind: str, id: str, row: _Known, version: int | None) -> None:
        now = row[0] if row[1] is not None else 0
        if version is not None and version != now:
            raise not_at_version(self._where, kind, id, version, now)

    def _check_unique(self, kind: str, id: str, pairs: _Pairs) -> None:
        for name, value in pairs:
            sql = "SELECT id FROM branchkit_unique WHERE kind = ? AND name = ? AND value = ?"
            if rows := self._all(sql, (kind, name, value)):
                raise key_taken(self._where, kind, id, name, rows[0][0])

    def _delete_row(self, kind: str, id: str, old: _Known) -> None:
        # The row stays with its version: a document put anew goes on counting, so that no stale reader mistakes it.
        sql = "UPDATE branchkit_document SET text = NULL, keys = '' WHERE kind = ? AND id = ?"
        self._run(sql, (kind, id))
        self._move_index(kind, id, _pairs(old[2], 0), _NO_PAIRS)
        self._known[kind, id] = (old[0], None, "")

    def _move_index(self, kind: str, id: str, before: _Pairs, after: _Pairs) -> None:
        self._run_many(
            "DELETE FROM branchkit_index WHERE kind = ? AND name = ? AND value = ? AND id = ?",
            [(kind, *pair, id) for pair in before - after],
        )
        self._run_many(
            "INSERT INTO branchkit_index VALUES (?, ?, ?, ?)", [(kind, *pair, id) for pair in after - before]
        )

    def _head(self, stream: str) -> tuple[int, str]:
        head = self._heads.get(stream)
        if head is None or self._over:
            sql = "SELECT version, hash FROM branchkit_journal WHERE stream = ? ORDER BY version DESC LIMIT 1"
            rows = self._all(sql, (stream,))
            head = self._heads[stream] = rows[0] if rows else (0, "")
        return head

    def _last_seq(self) -> int:
        if self._seq is None or self._over:
            self._seq = self._stored_seq = self._all("SELECT value FROM branchkit_meta WHERE key = 'tip'")[0][0]
        assert self._seq is not None
        return self._seq

    def _last_checkpoint(self) -> Checkpoint | None:
        rows = self._lenient(f"SELECT {_CHECKPOINT} FROM branchkit_checkpoint ORDER BY number DESC LIMIT 1", ())
        return _checkpoint(rows[0]) if rows else None


def _pairs(keys: str, place: int) -> _Pairs:
    return frozenset((name, value) for name, value in json.loads(keys)[place]) if keys else _NO_PAIRS


def _checkpoint(row: Sequence[Any]) -> Checkpoint:
    number, seq, streams, root, algorithm, previous, digest = row
    return Checkpoint(
        number=number,
        seq=seq,
        streams=streams,
        root=root,
        algorithm=algorithm,
        previous=previous,
        hash=digest,
    )
