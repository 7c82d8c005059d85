"""How the SQLite store makes documents anew, whatever state their rows, index rows and unique keys are in."""

# ruff: noqa: S608 - statements are put together from constants only

from __future__ import annotations

from collections.abc import Collection, Iterable

from branchkit.errors import Conflict, StorageError
from branchkit.storage.contract import NewDocument, Replaced
from branchkit.storage.plain import body_text
from branchkit.storage.rules import key_taken, keys_of
from branchkit.storage.sqlite_statements import Statements, keys_text

__all__ = ["Replacing"]

_BEGIN = (
    "CREATE TEMP TABLE branchkit_chosen (kind PRIMARY KEY) WITHOUT ROWID",
    "CREATE TEMP TABLE branchkit_seen (kind, id, same, PRIMARY KEY (kind, id)) WITHOUT ROWID",
    "CREATE TEMP TABLE branchkit_was (place, kind, name, value, id)",
    "CREATE TEMP TABLE branchkit_wrong (kind, id, PRIMARY KEY (kind, id)) WITHOUT ROWID",
)
_ALL_KINDS = (
    "INSERT INTO branchkit_chosen SELECT kind FROM branchkit_document UNION SELECT kind FROM branchkit_index "
    "UNION SELECT kind FROM branchkit_unique"
)
_CHOSEN = "kind IN (SELECT kind FROM branchkit_chosen)"
_ROWS = (
    f"SELECT 0, kind, name, value, id FROM branchkit_index WHERE {_CHOSEN} "
    f"UNION ALL SELECT 1, kind, name, value, id FROM branchkit_unique WHERE {_CHOSEN}"
)
_CLEAR = (
    f"INSERT INTO branchkit_was {_ROWS}",
    f"DELETE FROM branchkit_index WHERE {_CHOSEN}",
    f"DELETE FROM branchkit_unique WHERE {_CHOSEN}",
)
# `IS` compares bytes and types, so that a text that is no UTF-8 can be replaced without being read.
_COMPARE = "SELECT version, typeof(version), text IS NULL, text IS ? AND keys IS ? FROM branchkit_document "
_PUT = (
    "INSERT INTO branchkit_document (version, text, keys, kind, id) VALUES (?1, ?2, ?3, ?4, ?5) "
    "ON CONFLICT (kind, id) DO UPDATE SET version = ?1, text = ?2, keys = ?3"
)
_NOT_SEEN = "NOT EXISTS (SELECT 1 FROM branchkit_seen AS s WHERE s.kind = d.kind AND s.id = d.id)"
_NEITHER = (
    f"SELECT * FROM branchkit_was EXCEPT SELECT * FROM ({_ROWS})",
    f"SELECT * FROM ({_ROWS}) EXCEPT SELECT * FROM branchkit_was",
)
_FIND_WRONG = (
    "INSERT OR IGNORE INTO branchkit_chosen SELECT kind FROM branchkit_seen",
    *(f"INSERT OR IGNORE INTO branchkit_wrong SELECT kind, id FROM ({rows})" for rows in _NEITHER),
)
_WRONG_BUT_SAME = (
    "SELECT count(*) FROM branchkit_wrong AS w JOIN branchkit_seen AS s ON s.kind = w.kind AND s.id = w.id AND s.same"
)
_REMOVED = (
    "SELECT count(*) FROM (SELECT kind, id FROM branchkit_document AS d "
    f"WHERE {_CHOSEN} AND text IS NOT NULL AND {_NOT_SEEN} "
    f"UNION SELECT kind, id FROM branchkit_wrong AS d WHERE {_NOT_SEEN})"
)
_REMOVE = f"UPDATE branchkit_document AS d SET text = NULL, keys = '' WHERE {_CHOSEN} AND {_NOT_SEEN}"
_END = tuple(f"DROP TABLE temp.branchkit_{name}" for name in ("chosen", "seen", "was", "wrong"))
_MOST = 1 << 62


class Replacing(Statements):
    """Makes documents anew by statements that read nothing of what is there but what they need to compare."""

    def _replace(self, documents: Iterable[NewDocument], kinds: Collection[str] | None) -> Replaced:
        for sql in _BEGIN:
            self._run(sql)
        if kinds is None:
            self._run(_ALL_KINDS)
        else:
            self._run_many("INSERT OR IGNORE INTO branchkit_chosen VALUES (?)", [(kind,) for kind in kinds])
        for sql in _CLEAR:
            self._run(sql)
        kept = changed = added = 0
        for new in documents:
            if kinds is not None and new.kind not in kinds:
                raise StorageError(self._where, f"{new.kind!r} is not among the kinds to replace", "name it there")
            was, same = self._replace_one(new)
            kept += same
            added += not was
            changed += was and not same
        for sql in _FIND_WRONG:
            self._run(sql)
        wrong = self._all(_WRONG_BUT_SAME)[0][0]
        removed = self._all(_REMOVED)[0][0]
        self._run(_REMOVE)
        for sql in _END:
            self._run(sql)
        return Replaced(kept=kept - wrong, changed=changed + wrong, added=added, removed=removed)

    def _replace_one(self, new: NewDocument) -> tuple[bool, bool]:
        """Put a document; says whether there was one, and whether it was the same."""
        text = body_text(self._where, f"{new.kind} {new.id!r}", new.body)
        fields, unique = keys_of(new.index, new.unique)
        keys = keys_text(fields, unique)
        rows = self._all(f"{_COMPARE} WHERE kind = ? AND id = ?", (text, keys, new.kind, new.id))
        version, kind, gone, same = rows[0] if rows else (0, "integer", True, False)
        sound = kind == "integer" and 0 <= version < _MOST
        same = bool(same and sound and version)
        self._run("INSERT OR IGNORE INTO branchkit_seen VALUES (?, ?, ?)", (new.kind, new.id, same))
        if not self._cursor.rowcount:
            raise Conflict(self._where, f"{new.kind} {new.id!r} comes twice", "give each document once")
        for name, value in unique:
            sql = "SELECT id FROM branchkit_unique WHERE kind = ? AND name = ? AND value = ?"
            if holders := self._all(sql, (new.kind, name, value)):
                raise key_taken(self._where, new.kind, new.id, name, holders[0][0])
        for table, pairs in (("index", fields), ("unique", unique)):
            self._run_many(
                f"INSERT INTO branchkit_{table} VALUES (?, ?, ?, ?)", [(new.kind, *pair, new.id) for pair in pairs]
            )
        if not same:
            self._run(_PUT, (version + 1 if sound else 1, text, keys, new.kind, new.id))
        return not gone, same
