"""Holds the documents while a journal is folded: in memory what was used last, the rest in a file of its own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import Any, Self

from branchkit.codec import canonical_json, structure, unstructure
from branchkit.kit.floor import Change
from branchkit.kit.floors import KINDS

__all__ = ["Scratch"]


class Scratch:
    """A map from kind and id to a document; memory stays flat however many there are.

    Args:
        most: how many documents to hold in memory.
    """

    def __init__(self, most: int = 5000) -> None:
        self._most = most
        self._recent: dict[tuple[str, str], Any] = {}
        self._changed: set[tuple[str, str]] = set()
        # A database without a name is SQLite's own temporary file; it goes when it is closed.
        self._file = sqlite3.connect("", isolation_level=None)
        self._file.execute("PRAGMA journal_mode = OFF")
        self._file.execute("CREATE TABLE document (kind, id, text, PRIMARY KEY (kind, id)) WITHOUT ROWID")
        self._file.execute("CREATE TABLE field (kind, id, name, value, PRIMARY KEY (kind, id, name)) WITHOUT ROWID")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def current(self, kind: str, id: str) -> Any:
        """Return a document, or ``None``."""
        key = (kind, id)
        found = self._recent.get(key)
        if found is None and (text := self._text(kind, id)) is not None:
            found = structure(KINDS[kind].cls, json.loads(text), source=f"{kind} {id!r} as it was folded")
            self._hold(key, found)
        return found

    def put(self, change: Change) -> None:
        """Put a document in place of what was there."""
        key = (change.kind, change.id)
        self._hold(key, change.value)
        self._changed.add(key)

    def take(self, kind: str, id: str) -> str | None:
        """Return a document as canonical JSON and forget it; ``None`` if there is none."""
        self.flush()
        text = self._text(kind, id)
        if text is not None:
            self._file.execute("DELETE FROM document WHERE kind = ? AND id = ?", (kind, id))
        return text

    def items(self) -> Iterator[tuple[str, str, Any]]:
        """Yield the kind, id and object of every document, sorted."""
        self.flush()
        rows = self._file.execute("SELECT kind, id, text FROM document ORDER BY kind, id")
        for kind, id, text in rows:
            yield kind, id, structure(KINDS[kind].cls, json.loads(text), source=f"{kind} {id!r} as it was folded")

    def left(self) -> Iterator[tuple[str, str]]:
        """Yield the kind and id of every document that was not taken, sorted."""
        self.flush()
        yield from self._file.execute("SELECT kind, id FROM document ORDER BY kind, id")

    def fields(self, kind: str) -> Iterator[tuple[str, str | None, str]]:
        """Yield what the documents of a kind that were taken are found by: name, value and id, sorted."""
        self.flush()
        yield from self._file.execute(
            "SELECT name, value, id FROM field AS f WHERE kind = ? AND NOT EXISTS "
            "(SELECT 1 FROM document AS d WHERE d.kind = f.kind AND d.id = f.id) ORDER BY name, value, id",
            (kind,),
        )

    def _hold(self, key: tuple[str, str], value: Any) -> None:
        if len(self._recent) >= self._most:
            self.flush()
        self._recent[key] = value

    def flush(self) -> None:
        """Move everything into the file; raises `InputError` for what cannot be written as JSON."""
        if not self._changed:
            self._recent.clear()
            return
        keys = sorted(self._changed)
        rows = [(*key, canonical_json(unstructure(self._recent[key])).decode()) for key in keys]
        fields = [(*key, *field) for key in keys for field in KINDS[key[0]].index(self._recent[key]).items()]
        self._file.executemany("INSERT OR REPLACE INTO document VALUES (?, ?, ?)", rows)
        self._file.executemany("INSERT OR REPLACE INTO field VALUES (?, ?, ?, ?)", fields)
        self._recent.clear()
        self._changed.clear()

    def _text(self, kind: str, id: str) -> str | None:
        row = self._file.execute("SELECT text FROM document WHERE kind = ? AND id = ?", (kind, id)).fetchone()
        return None if row is None else str(row[0])
