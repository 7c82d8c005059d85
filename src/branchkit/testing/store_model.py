"""What a store must do, as plainly as it can be said: dictionaries and lists, without a thought for speed."""

# ruff: noqa: D102 - the methods are documented in the contract

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import attrs

from branchkit.errors import Conflict
from branchkit.storage import (
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
    Stored,
)
from branchkit.storage.plain import canonical, micros

__all__ = ["StoreModel", "essence"]

_WHERE = "model"


@attrs.define
class _Document:
    version: int
    text: str
    index: dict[str, Scalar]
    unique: dict[str, str]

    def matches(self, where: Mapping[str, Scalar]) -> bool:
        missing = object()
        return all(
            type(self.index.get(name, missing)) is type(value) and self.index.get(name, missing) == value
            for name, value in where.items()
        )


class StoreModel:
    """A transaction on a model; copy it to have something to roll back to."""

    def __init__(self) -> None:
        self.documents: dict[tuple[str, str], _Document] = {}
        self.last_versions: dict[tuple[str, str], int] = {}
        self.journal: list[tuple[str, int, str, dict[str, Any]]] = []
        self.outcomes: dict[str, Remembered] = {}
        self.due_rows: dict[str, tuple[int, str]] = {}
        self.messages: dict[str, str | None] = {}
        self.values: dict[str, tuple[str, bytes] | None] = {}

    # -- documents

    def get(self, kind: str, id: str) -> Stored | None:
        found = self.documents.get((kind, id))
        return Stored(kind, id, found.version, found.text) if found else None

    def find(self, kind: str, where: Mapping[str, Scalar], *, after: str | None = None, limit: int = 500) -> Page:
        ids = sorted(id for (k, id), each in self.documents.items() if k == kind and each.matches(where))
        rest = [id for id in ids if after is None or id > after]
        items = [Stored(kind, id, self.documents[kind, id].version, self.documents[kind, id].text) for id in rest]
        return Page(tuple(items[:limit]), rest[limit - 1] if len(rest) > limit else None)

    def kinds(self) -> tuple[str, ...]:
        return tuple(sorted({kind for kind, _ in self.documents}))

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
        self._expect(kind, id, expect)
        for (k, other), document in self.documents.items():
            if k == kind and other != id and document.unique.items() & unique.items():
                raise Conflict(_WHERE, "a key is taken")
        version = self.last_versions.get((kind, id), 0) + 1
        self.last_versions[kind, id] = version
        self.documents[kind, id] = _Document(version, canonical(body), dict(index), dict(unique))
        return version

    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        self._expect(kind, id, expect)
        self.documents.pop((kind, id), None)

    def expect(self, kind: str, id: str, version: int) -> None:
        self._expect(kind, id, version)

    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Collection[str] | None = None) -> Replaced:
        before = {key: old for key, old in self.documents.items() if kinds is None or key[0] in kinds}
        for key in before:
            del self.documents[key]
        kept = changed = added = 0
        for new in documents:
            key = (new.kind, new.id)
            old = before.get(key)
            if key in self.documents:
                raise Conflict(_WHERE, "a document comes twice")
            if old and (old.text, old.unique) == (canonical(new.body), new.unique) and old.index == new.index:
                self.last_versions[key] -= 1
                kept += 1
            elif old:
                changed += 1
            else:
                added += 1
            self.put(new.kind, new.id, new.body, index=new.index, unique=new.unique)
        removed = len(before.keys() - self.documents.keys())
        return Replaced(kept=kept, changed=changed, added=added, removed=removed)

    def _expect(self, kind: str, id: str, version: int | None) -> None:
        found = self.documents.get((kind, id))
        if version is not None and version != (found.version if found else 0):
            raise Conflict(_WHERE, "another version")

    # -- journal

    def append(self, stream: str, events: Sequence[NewEntry], *, expect: int | None = None) -> object:
        version = self.stream_version(stream)
        if expect is not None and expect != version:
            raise Conflict(_WHERE, "another version")
        first = len(self.journal)
        for event in events:
            version += 1
            self.journal.append((stream, version, event.kind, dict(event.body)))
        return self._entries()[first:]

    def read(self, *, stream: str | None = None, after: int = 0, limit: int = 1000) -> object:
        rows = self._entries()
        if stream is None:
            return rows[after : after + limit]
        return [row for row in rows if row[0] == stream and row[1] > after][:limit]

    def stream_version(self, stream: str) -> int:
        return sum(each == stream for each, *_ in self.journal)

    def _entries(self) -> list[tuple[str, int, int, str, dict[str, Any]]]:
        return [(row[0], row[1], seq, row[2], row[3]) for seq, row in enumerate(self.journal, start=1)]

    # -- the rest

    def outcome(self, command: str) -> Remembered | None:
        return self.outcomes.get(command)

    def remember(self, command: str, digest: str, outcome: Plain) -> None:
        new = Remembered(command, digest, canonical(outcome))
        if self.outcomes.setdefault(command, new) != new:
            raise Conflict(_WHERE, "another outcome")

    def due_set(self, key: str, at: dt.datetime, body: Plain) -> None:
        self.due_rows[key] = (micros(_WHERE, at), canonical(body))

    def due_clear(self, key: str) -> None:
        self.due_rows.pop(key, None)

    def due(self, until: dt.datetime, *, limit: int = 1000) -> tuple[DueRow, ...]:
        last = micros(_WHERE, until)
        rows = sorted((at, key, text) for key, (at, text) in self.due_rows.items() if at <= last)
        return tuple(DueRow((key, at, text)) for at, key, text in rows[:limit])

    def outbox_put(self, key: str, body: Plain) -> bool:
        if key in self.messages:
            return False
        self.messages[key] = canonical(body)
        return True

    def outbox(self, *, after: int = 0, limit: int = 1000) -> tuple[OutboxRow, ...]:
        rows = [(seq, key, text) for seq, (key, text) in enumerate(self.messages.items(), start=1)]
        return tuple(OutboxRow(seq, key, text) for seq, key, text in rows if text is not None and seq > after)[:limit]

    def outbox_done(self, key: str) -> bool:
        waiting = self.messages.get(key) is not None
        if waiting:
            self.messages[key] = None
        return waiting

    def seal(self, ref: str, value: str, key: bytes) -> None:
        if self.values.setdefault(ref, (value, key)) != (value, key):
            raise Conflict(_WHERE, "another value")

    def unseal(self, ref: str) -> str | None:
        found = self.values.get(ref)
        return found[0] if found else None

    def erase(self, ref: str) -> bool:
        if self.values.get(ref) is None:
            return False
        self.values[ref] = None
        return True


def essence(answer: object) -> object:
    """Return of an answer what a model can know: an entry without its hashes."""
    if isinstance(answer, tuple) and answer and all(isinstance(each, Entry) for each in answer):
        return [(each.stream, each.version, each.seq, each.kind, each.body) for each in answer]
    return list(answer) if isinstance(answer, tuple) else answer
