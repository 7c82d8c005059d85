"""What a writing transaction has seen before its turn, and whether it is still so."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, tuple_

from branchkit.errors import Conflict, StorageError
from branchkit.storage.contract import Remembered
from branchkit_sql.schema import Tables
from branchkit_sql.statements import Statements, batched

__all__ = ["ABSENT", "Known", "ReadSet"]


class Known(NamedTuple):
    """A document's row; without text, the place of one that was deleted: its version goes on counting."""

    version: int
    text: str | None
    keys: str


ABSENT = Known(0, None, "")
"""What is known of a document that never was."""


class ReadSet(Statements):
    """Remembers rows that were read: to have them at hand, and to compare them when the turn comes."""

    def __init__(self, connection: Connection, tables: Tables, *, where: str, write: bool, patience: float) -> None:
        super().__init__(connection, tables, where=where, write=write, patience=patience)
        self._known: dict[tuple[str, str], Known] = {}
        self._heads: dict[str, tuple[int, str]] = {}
        self._seen: dict[tuple[str, str], tuple[int, bool]] = {}
        self._asked: dict[str, bool] = {}

    def before_commit(self) -> None:
        """Write the journal's end, or compare what a transaction saw that wrote nothing.

        Raises:
            Conflict: something it saw has changed.
            StorageError: a step of it failed.
        """
        if self._doomed:
            raise StorageError(self._where, "a step of this transaction failed", "begin a new one")
        if self._in_turn:
            meta = self._tables.meta
            if self._seq != self._stored_seq:
                self._run(meta.update().where(meta.c.key == "tip").values(value=self._seq))
                self._stored_seq = self._seq
        elif self._write and (self._seen or self._asked or self._heads):
            self._restart("REPEATABLE READ")
            self._check_read_set()

    # -- what is read

    def _document(self, kind: str, id: str) -> Known:
        known = self._known.get((kind, id))
        if known is None or self._over:
            d = self._tables.document
            rows = self._all(select(d.c.version, d.c.text, d.c.declared).where(d.c.kind == kind, d.c.id == id))
            known = self._known[kind, id] = Known(*rows[0]) if rows else ABSENT
            self._see(kind, id, known.version, live=known.text is not None)
        return known

    def _see(self, kind: str, id: str, version: int, *, live: bool) -> None:
        if self._write and not self._in_turn:
            self._seen[kind, id] = (version, live)

    def _head(self, stream: str) -> tuple[int, str]:
        head = self._heads.get(stream)
        if head is None or self._over:
            j = self._tables.journal
            newest = select(j.c.version, j.c.hash).where(j.c.stream == stream).order_by(j.c.version.desc()).limit(1)
            rows = self._all(newest)
            head = self._heads[stream] = (rows[0][0], rows[0][1]) if rows else (0, "")
        return head

    def _outcome(self, command: str) -> Remembered | None:
        o = self._tables.outcome
        rows = self._all(select(o.c.digest, o.c.text).where(o.c.command == command))
        if self._write and not self._in_turn:
            self._asked[command] = bool(rows)
        return Remembered(command, *rows[0]) if rows else None

    # -- whether it is still so

    def _check_read_set(self) -> None:
        for documents in batched(self._seen):
            d = self._tables.document
            wanted = tuple_(d.c.kind, d.c.id).in_(documents)
            rows: Any = self._all(select(d.c.kind, d.c.id, d.c.version, d.c.text.is_not(None)).where(wanted))
            now = {(kind, id): (version, live) for kind, id, version, live in rows}
            for kind, id in documents:
                if now.get((kind, id), (0, False)) != self._seen[kind, id]:
                    raise self._changed(f"{kind} {id!r}")
        for streams in batched(self._heads):
            j = self._tables.journal
            latest = select(j.c.stream, func.max(j.c.version)).where(j.c.stream.in_(streams)).group_by(j.c.stream)
            versions = dict[str, int]((row[0], row[1]) for row in self._all(latest))
            for stream in streams:
                if versions.get(stream, 0) != self._heads[stream][0]:
                    raise self._changed(f"stream {stream!r}")
        for commands in batched(self._asked):
            o = self._tables.outcome
            there = {row[0] for row in self._all(select(o.c.command).where(o.c.command.in_(commands)))}
            for command in commands:
                if (command in there) != self._asked[command]:
                    raise self._changed(f"the outcome of {command!r}")

    def _changed(self, what: str) -> Conflict:
        self._doomed = True
        return Conflict(self._where, f"{what} changed since this transaction read it", "load it again and retry")
