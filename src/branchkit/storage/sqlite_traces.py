"""Makes sure that what was erased is gone from the bytes of a SQLite database, and not from its rows alone.

An overwritten row may live on in three places: in the write-ahead log; in pages that nothing uses any more; and in the
free room of pages whose rows SQLite moved to others, which no setting makes it overwrite. The log is folded in and cut
off; then the pages are searched, and the file is written anew where anything is found, or where it is large.

The file itself is never opened here. A process that closes a file drops every lock that it holds on it, SQLite's own
among them; another process that closes the database then takes itself for the last one and deletes a log that is in
use, with all that was committed to it. So SQLite is asked for the pages.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

__all__ = ["Traces"]

_SHORTEST = 5
"""The length in bytes from which a value is looked for; a shorter one is found in any file."""
_MOST = 1000
_LARGEST = 64 * 1024 * 1024
"""The size in bytes up to which a file is searched, since its pages lie in memory for that."""


class Traces:
    """What of erased values may still lie in a file. Not safe to share between threads: only the writer uses it."""

    def __init__(self) -> None:
        self._values: list[bytes] = []
        self._any = False
        self._unknown = False

    @property
    def waiting(self) -> bool:
        """Whether anything was erased since the file was last known to be clean."""
        return self._any

    def resume(self, connection: sqlite3.Connection) -> None:
        """Go on with what a process before this one left: which values it was, nobody knows any more."""
        if connection.execute("SELECT 1 FROM branchkit_meta WHERE key = 'traces'").fetchone() is not None:
            self._any = self._unknown = True

    def note(self, values: Sequence[str]) -> None:
        """Note that values were erased in a transaction that may be committed by now, or will be."""
        self._any = self._any or bool(values)
        self._values += (value.encode("utf-8", "surrogateescape") for value in values)
        if len(self._values) > _MOST:
            self._unknown = True
            self._values.clear()

    def clear(self, connection: sqlite3.Connection) -> bool:
        """Try to clear them away, and say whether the file is clean.

        It cannot be done while somebody reads the log, or writes: then it has to be tried again later.
        """
        (patience,) = connection.execute("PRAGMA busy_timeout").fetchone()
        connection.execute("PRAGMA busy_timeout = 50")
        try:
            if not _fold_in(connection):
                return False
            if self._found(connection):
                connection.execute("VACUUM")
                if not _fold_in(connection):
                    return False
            connection.execute("DELETE FROM branchkit_meta WHERE key = 'traces'")
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith(("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL")):
                raise
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout = {int(patience)}")
        self._values.clear()
        self._any = self._unknown = False
        return True

    def _found(self, connection: sqlite3.Connection) -> bool:
        """Say whether any value may still be somewhere in the file."""
        if self._unknown or not hasattr(connection, "serialize") or _size(connection) > _LARGEST:
            return True
        pages = connection.serialize()
        return any(value in pages for value in self._values if len(value) >= _SHORTEST)


def _size(connection: sqlite3.Connection) -> int:
    (count,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    return int(count) * int(size)


def _fold_in(connection: sqlite3.Connection) -> bool:
    """Fold the log into the file and cut it off; says whether nobody was in the way."""
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
