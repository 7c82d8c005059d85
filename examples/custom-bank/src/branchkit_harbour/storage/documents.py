"""Documents: versioned, found by index fields, guarded by unique keys."""

# ruff: noqa: D102 - the methods are documented in branchkit.storage.Transaction

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from branchkit.errors import Conflict, StorageError
from branchkit.storage import NewDocument, Page, Plain, Replaced, Scalar, Stored
from branchkit.storage.plain import body_text
from branchkit.storage.rules import check_limit, key_taken, keys_of, not_at_version
from branchkit_harbour.storage.state import Base

__all__ = ["Documents"]

Pairs: TypeAlias = Sequence[Sequence[str]]


class _Row(NamedTuple):
    """A document, or, without text, the place of one that was deleted: its version goes on counting."""

    version: int = 0
    text: str | None = None
    fields: Pairs = ()
    keys: Pairs = ()

    @property
    def found_by(self) -> set[tuple[str, str]]:
        return {(name, value) for name, value in self.fields}

    @property
    def held(self) -> set[tuple[str, str]]:
        return {(name, value) for name, value in self.keys}


class Documents(Base):
    """The part of a transaction that keeps documents."""

    def get(self, kind: str, id: str) -> Stored | None:
        row = self._row(kind, id)
        return None if row.text is None else Stored(kind, id, row.version, row.text)

    def find(self, kind: str, where: Mapping[str, Scalar], *, after: str | None = None, limit: int = 500) -> Page:
        check_limit(self.where, limit)
        wanted, _ = keys_of(where, {})
        found: list[Stored] = []
        for id in sorted(self.reading("documents").get(kind, {})):
            row = self._row(kind, id)
            if (after is None or id > after) and row.text is not None and wanted <= row.found_by:
                found.append(Stored(kind, id, row.version, row.text))
        return Page(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)

    def kinds(self) -> tuple[str, ...]:
        documents = self.reading("documents")
        return tuple(
            sorted(kind for kind, rows in documents.items() if any(row[1] is not None for row in rows.values()))
        )

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
        rows = self.writing("documents").setdefault(kind, {})
        text = body_text(self.where, f"{kind} {id!r}", body)
        fields, keys = keys_of(index, unique)
        if expect is not None:
            self.expect(kind, id, expect)
        for other in rows:
            taken = keys & self._row(kind, other).held
            if taken and other != id:
                raise key_taken(self.where, kind, id, min(taken)[0], other)
        version = self._row(kind, id).version + 1
        rows[id] = [version, text, sorted(map(list, fields)), sorted(map(list, keys))]
        return version

    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        rows = self.writing("documents").get(kind, {})
        if expect is not None:
            self.expect(kind, id, expect)
        if id in rows:
            rows[id] = [rows[id][0], None, [], []]

    def expect(self, kind: str, id: str, version: int) -> None:
        row = self._row(kind, id)
        now = 0 if row.text is None else row.version
        if version != now:
            raise not_at_version(self.where, kind, id, version, now)

    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Collection[str] | None = None) -> Replaced:
        chosen = set(self.kinds() if kinds is None else kinds)
        tables = self.writing("documents")
        # What stops half-way must never be committed, whoever catches the error.
        self.doomed = True
        before = {(kind, id): self._row(kind, id) for kind in chosen for id in tables.get(kind, {})}
        for kind, id in before:
            self.delete(kind, id)
        outcome: dict[tuple[str, str], str] = {}
        for new in documents:
            if kinds is not None and new.kind not in chosen:
                raise StorageError(self.where, f"{new.kind!r} is not among the kinds to replace", "name it there")
            if (new.kind, new.id) in outcome:
                raise Conflict(self.where, f"{new.kind} {new.id!r} comes twice", "give each document once")
            self.put(new.kind, new.id, new.body, index=new.index, unique=new.unique)
            old, row = before.get((new.kind, new.id), _Row()), self._row(new.kind, new.id)
            same = row[1:] == old[1:]
            if same:
                tables[new.kind][new.id][0] = old.version
            outcome[new.kind, new.id] = "kept" if same else "added" if old.text is None else "changed"
        self.doomed = False
        counted = list(outcome.values())
        return Replaced(
            kept=counted.count("kept"),
            changed=counted.count("changed"),
            added=counted.count("added"),
            removed=sum(row.text is not None and name not in outcome for name, row in before.items()),
        )

    def _row(self, kind: str, id: str) -> _Row:
        return _Row(*self.reading("documents").get(kind, {}).get(id, ()))
