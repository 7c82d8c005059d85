"""A transaction: documents and journal, and what lies beside them."""

# ruff: noqa: D102 - the methods are documented in the contract

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from branchkit.storage.chain import journal_head
from branchkit.storage.contract import DueRow, OutboxRow, Plain, Remembered, Sealed
from branchkit.storage.plain import body_text, micros, value_bytes
from branchkit.storage.rules import check_limit, outcome_differs, seal_differs
from branchkit_sql.documents import Documents
from branchkit_sql.journal import Journal

__all__ = ["PostgresTransaction"]


class PostgresTransaction(Journal, Documents):
    """See `branchkit.storage.Transaction` for what each method does."""

    def head(self) -> str:
        return journal_head(self._where, self, self.tip(), self._algorithm)

    # -- outcomes of commands

    def outcome(self, command: str) -> Remembered | None:
        return self._outcome(command)

    def remember(self, command: str, digest: str, outcome: Plain) -> None:
        text = body_text(self._where, f"the outcome of {command!r}", outcome)
        self._writes()
        new = insert(self._tables.outcome).values(command=command, digest=digest, text=text)
        if not self._run(new.on_conflict_do_nothing()) and self.outcome(command) != Remembered(command, digest, text):
            raise outcome_differs(self._where, command)

    # -- due index

    def due_set(self, key: str, at: dt.datetime, body: Plain) -> None:
        row = {"at": micros(self._where, at), "text": body_text(self._where, f"due key {key!r}", body)}
        self._writes()
        d = self._tables.due
        self._run(insert(d).values(key=key, **row).on_conflict_do_update(index_elements=[d.c.key], set_=row))

    def due_clear(self, key: str) -> None:
        self._writes()
        d = self._tables.due
        self._run(d.delete().where(d.c.key == key))

    def due(self, until: dt.datetime, *, limit: int = 1000) -> tuple[DueRow, ...]:
        check_limit(self._where, limit)
        last = micros(self._where, until)
        self._settle()
        d = self._tables.due
        query = select(d.c.key, d.c.at, d.c.text).where(d.c.at <= last).order_by(d.c.at, d.c.key).limit(limit)
        return tuple(map(DueRow, self._all(query)))

    # -- outbox

    def outbox_put(self, key: str, body: Plain) -> bool:
        text = body_text(self._where, f"outbox key {key!r}", body)
        self._writes()
        o = self._tables.outbox
        # Only one writer is in turn, so the next number is free; a sequence of the server's would leave holes.
        following = select(func.coalesce(func.max(o.c.seq), 0) + 1).scalar_subquery()
        return self._run(insert(o).values(seq=following, key=key, text=text).on_conflict_do_nothing()) == 1

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[OutboxRow, ...]:
        check_limit(self._where, limit)
        self._settle()
        o = self._tables.outbox
        query = select(o.c.seq, o.c.key, o.c.text).where(o.c.text.is_not(None), o.c.seq > after)
        return tuple(OutboxRow(*row) for row in self._all(query.order_by(o.c.seq).limit(limit)))

    def outbox_done(self, key: str) -> bool:
        self._writes()
        o = self._tables.outbox
        return self._run(o.update().where(o.c.key == key, o.c.text.is_not(None)).values(text=None)) == 1

    # -- sealed values

    def seal(self, ref: str, value: str, key: bytes) -> str:
        self._writes()
        mac = self._algorithm.mac(key, value_bytes(self._where, ref, value))
        row = (value, key, self._algorithm.name, mac)
        s = self._tables.sealed
        new = insert(s).values(ref=ref, value=value, key=key, algorithm=self._algorithm.name, mac=mac)
        if not self._run(new.on_conflict_do_nothing()):
            old = self._all(select(s.c.value, s.c.key, s.c.algorithm, s.c.mac).where(s.c.ref == ref))[0]
            if tuple(old) != row:
                raise seal_differs(self._where, ref, erased=old[0] is None)
        return mac

    def unseal(self, ref: str) -> str | None:
        self._settle()
        s = self._tables.sealed
        rows = self._all(select(s.c.value).where(s.c.ref == ref))
        return rows[0][0] if rows else None

    def erase(self, ref: str) -> bool:
        self._writes()
        s = self._tables.sealed
        return self._run(s.update().where(s.c.ref == ref, s.c.value.is_not(None)).values(value=None, key=None)) == 1

    def sealed(self, *, after: str = "", limit: int = 1000) -> tuple[Sealed, ...]:
        check_limit(self._where, limit)
        self._settle()
        s = self._tables.sealed
        query = select(s.c.ref, s.c.value, s.c.key, s.c.algorithm, s.c.mac).where(s.c.ref > after)
        return tuple(
            Sealed(ref=ref, value=value, key=key, algorithm=algorithm, mac=mac)
            for ref, value, key, algorithm, mac in self._all(query.order_by(s.c.ref).limit(limit))
        )
