"""The journal: entries that are only ever added, one chain a stream, sealed by checkpoints."""

# ruff: noqa: D102 - the methods are documented in the contract

from __future__ import annotations

from collections.abc import Sequence
from operator import attrgetter

import attrs
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from branchkit.storage.algorithms import HashAlgorithm
from branchkit.storage.chain import link, seal_window
from branchkit.storage.contract import Checkpoint, Entry, NewEntry, Tip
from branchkit.storage.rules import check_limit, stream_not_at_version
from branchkit_sql.read_set import ReadSet
from branchkit_sql.schema import Tables

__all__ = ["Journal"]

_ENTRY = tuple(field.name for field in attrs.fields(Entry))
_CHECKPOINT = tuple(field.name for field in attrs.fields(Checkpoint))
_entry_row = attrgetter(*_ENTRY)
_checkpoint_row = attrgetter(*_CHECKPOINT)


class Journal(ReadSet):
    """The part of a transaction that keeps the journal."""

    def __init__(
        self,
        connection: Connection,
        tables: Tables,
        *,
        where: str,
        write: bool,
        patience: float,
        algorithm: HashAlgorithm,
        checkpoint_every: int,
    ) -> None:
        super().__init__(connection, tables, where=where, write=write, patience=patience)
        self._algorithm = algorithm
        self._every = checkpoint_every

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        self._writes()
        head = self._head(stream)
        if expect is not None and expect != head[0]:
            raise stream_not_at_version(self._where, stream, expect, head[0])
        seq = self._last_seq()
        entries = link(self._where, self._algorithm, stream, head, seq, events)
        if not entries:
            return ()
        rows = (dict(zip(_ENTRY, _entry_row(entry), strict=True)) for entry in entries)
        self._run_many(insert(self._tables.journal), rows)
        last = entries[-1]
        self._heads[stream] = (last.version, last.hash)
        self._seq = last.seq
        for boundary in range(seq - seq % self._every + self._every, last.seq + 1, self._every):
            self._seal_heads(boundary)
        return entries

    def _seal_heads(self, seq: int) -> None:
        previous = self._last_checkpoint()
        j = self._tables.journal
        window = (
            select(j.c.stream, j.c.version, j.c.hash)
            .where(j.c.seq > (previous.seq if previous else 0), j.c.seq <= seq)
            .order_by(j.c.seq)
        )
        heads = {stream: (version, digest) for stream, version, digest in self._all(window)}
        checkpoint = seal_window(previous, seq, heads, self._algorithm)
        row = dict(zip(_CHECKPOINT, _checkpoint_row(checkpoint), strict=True))
        self._run(insert(self._tables.checkpoint).values(row))

    def read(self, *, stream: str | None = None, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        check_limit(self._where, limit)
        self._settle()
        j = self._tables.journal
        query = select(*(j.c[name] for name in _ENTRY)).limit(limit)
        if stream is None:
            query = query.where(j.c.seq > after).order_by(j.c.seq)
        else:
            query = query.where(j.c.stream == stream, j.c.version > after).order_by(j.c.version)
        return tuple(Entry(**dict(zip(_ENTRY, row, strict=True))) for row in self._all(query))

    def stream_version(self, stream: str) -> int:
        return self._head(stream)[0]

    def tip(self) -> Tip:
        self._settle()
        return Tip(self._last_seq(), self._last_checkpoint())

    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> tuple[Checkpoint, ...]:
        check_limit(self._where, limit)
        self._settle()
        c = self._tables.checkpoint
        query = select(*(c.c[name] for name in _CHECKPOINT)).where(c.c.number > after).order_by(c.c.number)
        return tuple(map(_checkpoint, self._all(query.limit(limit))))

    def _last_seq(self) -> int:
        if self._seq is None or self._over:
            meta = self._tables.meta
            self._seq = self._stored_seq = self._all(select(meta.c.value).where(meta.c.key == "tip"))[0][0]
        assert self._seq is not None
        return self._seq

    def _last_checkpoint(self) -> Checkpoint | None:
        c = self._tables.checkpoint
        rows = self._all(select(*(c.c[name] for name in _CHECKPOINT)).order_by(c.c.number.desc()).limit(1))
        return _checkpoint(rows[0]) if rows else None


def _checkpoint(row: Sequence[object]) -> Checkpoint:
    return Checkpoint(**dict(zip(_CHECKPOINT, row, strict=True)))  # type: ignore[arg-type] # rows are typed by the server
