"""Documents: versioned, found by their fields, guarded by their keys."""

# ruff: noqa: D102 - the methods are documented in the contract

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import and_, delete, exists, select, text
from sqlalchemy.dialects.postgresql import insert

from branchkit.errors import Conflict, StorageError
from branchkit.storage.contract import NewDocument, Page, Plain, Replaced, Scalar, Stored
from branchkit.storage.plain import body_text, canonical, index_text
from branchkit.storage.rules import check_limit, key_taken, keys_of, not_at_version
from branchkit_sql.read_set import ABSENT, Known, ReadSet
from branchkit_sql.statements import batched

__all__ = ["Documents"]

_Pairs = set[tuple[str, str]]

_SEEN = """CREATE TEMPORARY TABLE branchkit_seen (
    kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, PRIMARY KEY (kind, id)) ON COMMIT DROP"""


class Documents(ReadSet):
    """The part of a transaction that keeps documents."""

    def get(self, kind: str, id: str) -> Stored | None:
        known = self._document(kind, id)
        return None if known.text is None else Stored(kind, id, known.version, known.text)

    def find(self, kind: str, where: Mapping[str, Scalar], *, after: str | None = None, limit: int = 500) -> Page:
        check_limit(self._where, limit)
        d = self._tables.document
        query = select(d.c.id, d.c.version, d.c.text).where(d.c.kind == kind, d.c.text.is_not(None))
        for name, value in where.items():
            i = self._tables.index.alias()
            same = and_(i.c.kind == d.c.kind, i.c.id == d.c.id)
            query = query.join(i, same).where(i.c.kind == kind, i.c.name == name, i.c.value == index_text(value))
        if after is not None:
            query = query.where(d.c.id > after)
        rows = self._all(query.order_by(d.c.id).limit(limit + 1))
        for id, version, _ in rows[:limit]:
            self._see(kind, id, version, live=True)
        items = tuple(Stored(kind, *row) for row in rows[:limit])
        return Page(items, items[-1].id if len(rows) > limit else None)

    def kinds(self) -> tuple[str, ...]:
        self._settle()
        d = self._tables.document
        found: list[str] = []
        query = select(d.c.kind).where(d.c.text.is_not(None)).order_by(d.c.kind).limit(1)
        # From kind to kind, and not through all documents.
        while rows := self._all(query.where(d.c.kind > found[-1]) if found else query):
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
        body_as_text = body_text(self._where, f"{kind} {id!r}", body)
        self._writes()
        old = self._document(kind, id)
        self._check_version(kind, id, old, expect)
        keys = _keys_text(index, unique)
        if keys != old.keys:
            before, after = _pairs(old.keys, 1), _pairs(keys, 1)
            self._check_unique(kind, id, after - before)
            self._free(kind, before - after)
            self._claim(kind, id, after - before)
        return self._put_row(kind, id, old, body_as_text, keys)

    def delete(self, kind: str, id: str, *, expect: int | None = None) -> None:
        self._writes()
        old = self._document(kind, id)
        self._check_version(kind, id, old, expect)
        if old.text is not None:
            self._free(kind, _pairs(old.keys, 1))
            self._delete_row(kind, id, old)

    def expect(self, kind: str, id: str, version: int) -> None:
        self._check_version(kind, id, self._document(kind, id), version)

    # -- all of them anew

    def replace_documents(self, documents: Iterable[NewDocument], *, kinds: Collection[str] | None = None) -> Replaced:
        self._writes()
        self._doomed = True
        chosen = tuple(self.kinds() if kinds is None else kinds)
        u, d, seen = self._tables.unique, self._tables.document, self._tables.seen
        self._run(delete(u).where(u.c.kind.in_(chosen)))
        self._known.clear()
        self._run(text(_SEEN))
        counts = [0, 0, 0]
        for some in batched(documents):
            self._replace(some, None if kinds is None else set(chosen), counts)
        met = exists().where(seen.c.kind == d.c.kind, seen.c.id == d.c.id)
        removed = 0
        for kind in chosen:
            gone = (
                select(d.c.id, d.c.version, d.c.declared)
                .where(d.c.kind == kind, d.c.text.is_not(None), ~met)
                .limit(500)
            )
            while rows := self._all(gone):
                for id, version, keys in rows:
                    self._delete_row(kind, id, Known(version, "", keys))
                removed += len(rows)
                self._known.clear()
        self._run(text("DROP TABLE pg_temp.branchkit_seen"))
        self._doomed = False
        kept, changed, added = counts
        return Replaced(kept=kept, changed=changed, added=added, removed=removed)

    def _replace(self, documents: list[NewDocument], kinds: set[str] | None, counts: list[int]) -> None:
        for new in documents:
            if kinds is not None and new.kind not in kinds:
                raise StorageError(self._where, f"{new.kind!r} is not among the kinds to replace", "name it there")
            once = insert(self._tables.seen).values(kind=new.kind, id=new.id).on_conflict_do_nothing()
            if not self._run(once):
                raise Conflict(self._where, f"{new.kind} {new.id!r} comes twice", "give each document once")
            body_as_text = body_text(self._where, f"{new.kind} {new.id!r}", new.body)
            keys = _keys_text(new.index, new.unique)
            old = self._document(new.kind, new.id)
            pairs = _pairs(keys, 1)
            self._check_unique(new.kind, new.id, pairs)
            self._claim(new.kind, new.id, pairs)
            same = (old.text, old.keys) == (body_as_text, keys)
            counts[0] += same
            counts[1] += not same and old.text is not None
            counts[2] += old.text is None
            if not same:
                self._put_row(new.kind, new.id, old, body_as_text, keys)
        self._known.clear()

    # -- rows

    def _check_version(self, kind: str, id: str, known: Known, version: int | None) -> None:
        now = known.version if known.text is not None else 0
        if version is not None and version != now:
            raise not_at_version(self._where, kind, id, version, now)

    def _check_unique(self, kind: str, id: str, pairs: _Pairs) -> None:
        u = self._tables.unique
        for name, value in sorted(pairs):
            rows = self._all(select(u.c.id).where(u.c.kind == kind, u.c.name == name, u.c.value == value))
            if rows:
                raise key_taken(self._where, kind, id, name, rows[0][0])

    def _free(self, kind: str, pairs: _Pairs) -> None:
        u = self._tables.unique
        for name, value in pairs:
            self._run(delete(u).where(u.c.kind == kind, u.c.name == name, u.c.value == value))

    def _claim(self, kind: str, id: str, pairs: _Pairs) -> None:
        rows = ({"kind": kind, "name": name, "value": value, "id": id} for name, value in pairs)
        self._run_many(insert(self._tables.unique), rows)

    def _put_row(self, kind: str, id: str, old: Known, body_as_text: str, keys: str) -> int:
        new = Known(old.version + 1, body_as_text, keys)
        row = {"version": new.version, "text": new.text, "declared": keys}
        d = self._tables.document
        if old.version:
            self._run(d.update().where(d.c.kind == kind, d.c.id == id).values(row))
        else:
            self._run(insert(d).values(kind=kind, id=id, **row))
        self._move_index(kind, id, old.keys, keys)
        self._known[kind, id] = new
        return new.version

    def _delete_row(self, kind: str, id: str, old: Known) -> None:
        # The row stays with its version: a document put anew goes on counting, so that no stale reader mistakes it.
        d = self._tables.document
        self._run(d.update().where(d.c.kind == kind, d.c.id == id).values(text=None, declared=""))
        self._move_index(kind, id, old.keys, "")
        self._known[kind, id] = Known(old.version, None, ABSENT.keys)

    def _move_index(self, kind: str, id: str, old: str, new: str) -> None:
        if old == new:
            return
        before, after = _pairs(old, 0), _pairs(new, 0)
        i = self._tables.index
        for name, value in before - after:
            same = and_(i.c.kind == kind, i.c.name == name, i.c.value == value, i.c.id == id)
            self._run(delete(i).where(same))
        rows = ({"kind": kind, "name": name, "value": value, "id": id} for name, value in after - before)
        self._run_many(insert(i), rows)


def _keys_text(index: Mapping[str, Scalar], unique: Mapping[str, str]) -> str:
    if not index and not unique:
        return ""
    return canonical([sorted(each) for each in keys_of(index, unique)])


def _pairs(keys: str, place: int) -> _Pairs:
    return {(name, value) for name, value in json.loads(keys)[place]} if keys else set()
