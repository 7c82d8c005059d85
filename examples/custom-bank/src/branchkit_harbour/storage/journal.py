"""The journal: entries are only ever added, each linked to the one before it in its stream."""

# ruff: noqa: D102 - the methods are documented in branchkit.storage.Transaction

from __future__ import annotations

from collections.abc import Sequence

import attrs

from branchkit.storage import SHA256, Checkpoint, Entry, NewEntry, Tip
from branchkit.storage.chain import heads_of, link, seal_window
from branchkit.storage.rules import check_limit, stream_not_at_version
from branchkit_harbour.storage.state import Base

__all__ = ["Journal"]


class Journal(Base):
    """The part of a transaction that keeps the journal; hashes are made by branchkit, the same in every store."""

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> tuple[Entry, ...]:
        rows = self.writing("entries")
        own = [row for row in rows if row["stream"] == stream]
        if expect is not None and expect != len(own):
            raise stream_not_at_version(self.where, stream, expect, len(own))
        head = (len(own), own[-1]["hash"]) if own else (0, "")
        entries = link(self.where, SHA256, stream, head, len(rows), events)
        for entry in entries:
            rows.append(attrs.asdict(entry))
            if entry.seq % self.state["every"] == 0:
                self._seal(entry.seq)
        return entries

    def read(self, *, stream: str | None = None, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        check_limit(self.where, limit)
        rows = self.reading("entries")
        if stream is None:
            found = rows[after : after + limit]
        else:
            found = [row for row in rows if row["stream"] == stream and row["version"] > after][:limit]
        return tuple(Entry(**row) for row in found)

    def stream_version(self, stream: str) -> int:
        return sum(row["stream"] == stream for row in self.reading("entries"))

    def tip(self) -> Tip:
        last = self.reading("checkpoints")[-1:]
        return Tip(len(self.reading("entries")), Checkpoint(**last[0]) if last else None)

    def checkpoints(self, *, after: int = 0, limit: int = 1000) -> tuple[Checkpoint, ...]:
        check_limit(self.where, limit)
        return tuple(Checkpoint(**row) for row in self.reading("checkpoints")[after : after + limit])

    def _seal(self, seq: int) -> None:
        last = self.tip().checkpoint
        since = self.reading("entries")[last.seq if last else 0 : seq]
        sealed = seal_window(last, seq, heads_of(Entry(**row) for row in since), SHA256)
        self.writing("checkpoints").append(attrs.asdict(sealed))
