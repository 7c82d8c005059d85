"""Outcomes of commands, the due index, the outbox and sealed values."""

# ruff: noqa: D102 - the methods are documented in branchkit.storage.Transaction

from __future__ import annotations

import datetime as dt

from branchkit.storage import SHA256, DueRow, OutboxRow, Plain, Remembered, Sealed
from branchkit.storage.plain import body_text, micros, value_bytes
from branchkit.storage.rules import check_limit, outcome_differs, seal_differs
from branchkit_harbour.storage.state import Base

__all__ = ["Rest"]


class Rest(Base):
    """The part of a transaction that keeps everything beside documents and journal."""

    def outcome(self, command: str) -> Remembered | None:
        found = self.reading("outcomes").get(command)
        return None if found is None else Remembered(command, *found)

    def remember(self, command: str, digest: str, outcome: Plain) -> None:
        new = [digest, body_text(self.where, f"the outcome of {command!r}", outcome)]
        if self.writing("outcomes").setdefault(command, new) != new:
            raise outcome_differs(self.where, command)

    def due_set(self, key: str, at: dt.datetime, body: Plain) -> None:
        self.writing("due")[key] = [micros(self.where, at), body_text(self.where, f"due key {key!r}", body)]

    def due_clear(self, key: str) -> None:
        self.writing("due").pop(key, None)

    def due(self, until: dt.datetime, *, limit: int = 1000) -> tuple[DueRow, ...]:
        check_limit(self.where, limit)
        last = micros(self.where, until)
        rows = [DueRow((key, at, text)) for key, (at, text) in self.reading("due").items() if at <= last]
        return tuple(sorted(rows, key=lambda row: (row.micros, row.key))[:limit])

    def outbox_put(self, key: str, body: Plain) -> bool:
        text = body_text(self.where, f"outbox key {key!r}", body)
        rows = self.writing("outbox")
        new = all(row[0] != key for row in rows)
        if new:
            rows.append([key, text])
        return new

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[OutboxRow, ...]:
        check_limit(self.where, limit)
        rows = enumerate(self.reading("outbox"), start=1)
        waiting = [OutboxRow(seq, key, text) for seq, (key, text) in rows if seq > after and text is not None]
        return tuple(waiting[:limit])

    def outbox_done(self, key: str) -> bool:
        waiting = [row for row in self.writing("outbox") if row[0] == key and row[1] is not None]
        for row in waiting:
            row[1] = None
        return bool(waiting)

    def seal(self, ref: str, value: str, key: bytes) -> str:
        mac = SHA256.mac(key, value_bytes(self.where, ref, value))
        new = {"value": value, "key": key.hex(), "algorithm": SHA256.name, "mac": mac}
        old = self.writing("sealed").setdefault(ref, new)
        if old != new:
            raise seal_differs(self.where, ref, erased=old["value"] is None)
        return mac

    def unseal(self, ref: str) -> str | None:
        found: str | None = self.reading("sealed").get(ref, {}).get("value")
        return found

    def erase(self, ref: str) -> bool:
        row = self.writing("sealed").get(ref)
        if row is None or row["value"] is None:
            return False
        row.update(value=None, key=None)
        return True

    def sealed(self, *, after: str = "", limit: int = 1000) -> tuple[Sealed, ...]:
        check_limit(self.where, limit)
        rows = [(ref, row) for ref, row in sorted(self.reading("sealed").items()) if ref > after]
        return tuple(
            Sealed(
                ref=ref,
                value=row["value"],
                key=None if row["key"] is None else bytes.fromhex(row["key"]),
                algorithm=row["algorithm"],
                mac=row["mac"],
            )
            for ref, row in rows[:limit]
        )
