"""How a transaction of the SQLite store runs its statements, and what becomes of it when one fails."""

# ruff: noqa: S608 - statements are put together from constants only

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from branchkit.errors import StorageError
from branchkit.storage.plain import canonical
from branchkit.storage.sqlite_errors import is_undecodable, translate

__all__ = ["Statements", "find_sql", "keys_text"]


_T = TypeVar("_T")


class Statements:
    """A cursor of its own on a connection, until the transaction ends."""

    def __init__(self, connection: sqlite3.Connection, *, where: str, write: bool) -> None:
        self._connection = connection
        self._cursor = connection.cursor()
        # A connection of the caller's may make rows its own way.
        self._cursor.row_factory = None
        self._where = where
        self._write = write
        self._over = False
        self._doomed = False

    def end(self) -> None:
        """Refuse every further use."""
        self._over = True
        self._cursor.close()

    def _writes(self) -> None:
        if self._over:
            raise self._ended()
        if not self._write:
            raise StorageError(self._where, "this transaction only reads", "begin one with write=True")

    def _run(self, sql: str, values: Sequence[object] = ()) -> None:
        try:
            self._cursor.execute(sql, values)
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._failed(error) from None

    def _run_many(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        if rows:
            try:
                self._cursor.executemany(sql, rows)
            except (sqlite3.Error, ValueError, OverflowError) as error:
                raise self._failed(error) from None

    def _all(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        try:
            return self._cursor.execute(sql, values).fetchall()
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._failed(error) from None

    def _made(self, kind: Callable[[tuple[Any, ...]], _T], sql: str, values: Sequence[object]) -> tuple[_T, ...]:
        """Read rows and make something of each, while the next one is not yet read: many at once would cost more."""
        try:
            return tuple(map(kind, self._cursor.execute(sql, values)))
        except (sqlite3.Error, ValueError, OverflowError) as error:
            raise self._failed(error) from None

    def _lenient(self, sql: str, values: Sequence[object]) -> list[Any]:
        """Read rows to be verified: bytes that are no UTF-8 come as lone surrogates, so that they are named."""
        try:
            return self._cursor.execute(sql, values).fetchall()
        except (sqlite3.Error, ValueError, OverflowError) as error:
            if not is_undecodable(error):
                raise self._failed(error) from None
        factory = self._connection.text_factory
        self._connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        try:
            return self._all(sql, values)
        finally:
            self._connection.text_factory = factory

    def _failed(self, error: Exception) -> StorageError:
        if self._over:
            return self._ended()
        # SQLite may have rolled back by itself: whatever follows must not be committed without what came before.
        self._doomed = True
        return translate(error, self._where)

    def _ended(self) -> StorageError:
        return StorageError(self._where, "this transaction has ended", "begin a new one")


@lru_cache(maxsize=16)
def find_sql(fields: int) -> str:
    """Return the query for documents by a number of index fields."""
    if not fields:
        return (
            "SELECT id, version, text FROM branchkit_document "
            "WHERE kind = ?1 AND id > ?2 AND text IS NOT NULL ORDER BY id LIMIT ?3"
        )
    # CROSS JOIN keeps SQLite to the order given: the first field leads, in the order of ids.
    others = "".join(
        f" CROSS JOIN branchkit_index AS i{n} ON i{n}.kind = ?1 AND i{n}.name = ?{2 * n + 3} "
        f"AND i{n}.value = ?{2 * n + 4} AND i{n}.id = i0.id"
        for n in range(1, fields)
    )
    return (
        f"SELECT d.id, d.version, d.text FROM branchkit_index AS i0{others} "
        "CROSS JOIN branchkit_document AS d ON d.kind = ?1 AND d.id = i0.id AND d.text IS NOT NULL "
        f"WHERE i0.kind = ?1 AND i0.name = ?3 AND i0.value = ?4 AND i0.id > ?2 ORDER BY i0.id LIMIT ?{2 * fields + 3}"
    )


def keys_text(fields: frozenset[tuple[str, str]], unique: frozenset[tuple[str, str]]) -> str:
    """Write index fields and unique keys as a document's row keeps them."""
    return canonical([sorted(fields), sorted(unique)]) if fields or unique else ""
