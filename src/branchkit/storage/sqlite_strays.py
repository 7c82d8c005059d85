"""Finds index rows and unique keys of the SQLite store that are not their document's."""

# ruff: noqa: S608 - statements are put together from constants only

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator

__all__ = ["strays"]

_SAID = (
    "SELECT d.kind, s.name, s.value, d.id FROM temp.branchkit_said AS s "
    "JOIN branchkit_document AS d ON d.rowid = s.row WHERE s.place = {place}"
)
_FILED = "SELECT kind, name, value, id FROM branchkit_{table}"
_LACKING = "is not filed under a field or key it has"
_TOO_MUCH = "is filed under a field or key it does not have"


def strays(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield the documents whose index rows or unique keys are not what their own row says; some thousand at most."""
    connection.execute("BEGIN")
    try:
        connection.execute("CREATE TEMP TABLE branchkit_said (place, row, name, value)")
        connection.executemany("INSERT INTO branchkit_said VALUES (?, ?, ?, ?)", _said(connection))
        for place, table in enumerate(("index", "unique")):
            said, filed = _SAID.format(place=place), _FILED.format(table=table)
            for what, rows in ((_LACKING, f"{said} EXCEPT {filed}"), (_TOO_MUCH, f"{filed} EXCEPT {said}")):
                # In hexadecimal digits: what is damaged may be no text.
                for names in connection.execute(f"SELECT DISTINCT hex(kind), hex(id) FROM ({rows}) LIMIT 1000"):
                    kind, id = (bytes.fromhex(name).decode("utf-8", "backslashreplace") for name in names)
                    yield f"{kind} {id!r} {what}; `rebuild` files it anew"
    finally:
        connection.execute("ROLLBACK")


def _said(connection: sqlite3.Connection) -> Iterator[tuple[int, int, str, str]]:
    """Yield what documents say they are filed under; keys that cannot be read say nothing."""
    sql = "SELECT rowid, CAST(keys AS BLOB) FROM branchkit_document WHERE text IS NOT NULL AND keys != ''"
    for row, keys in connection.execute(sql):
        try:
            fields, unique = json.loads(keys)
            found = [(0, row, name, value) for name, value in fields]
            found += [(1, row, name, value) for name, value in unique]
            for _, _, name, value in found:
                (name + value).encode()
        except (ValueError, TypeError, AttributeError, RecursionError):
            continue
        yield from found
