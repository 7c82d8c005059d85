"""What SQLite's errors mean to the people who run a store."""

from __future__ import annotations

import sqlite3

from branchkit.errors import Conflict, StorageError, StoreCorrupt
from branchkit.storage.sqlite_locks import holders

__all__ = ["is_undecodable", "translate"]

_LOCKED = "the file stayed locked by another program"
_MEANINGS: tuple[tuple[str, type[StorageError], str, str], ...] = (
    ("SQLITE_BUSY_SNAPSHOT", Conflict, "the store changed since this transaction read it", "begin a new one and retry"),
    ("SQLITE_BUSY", StorageError, _LOCKED, "close it there, or try again later"),
    ("SQLITE_LOCKED", StorageError, _LOCKED, "close it there, or try again later"),
    ("SQLITE_READONLY_DIRECTORY", StorageError, "its directory is read-only", "let the program write there"),
    ("SQLITE_READONLY", StorageError, "the file is read-only", "give the program the right to write to it"),
    ("SQLITE_FULL", StorageError, "the disk is full; nothing was written", "make room and retry"),
    ("SQLITE_NOTADB", StoreCorrupt, "the file is not a SQLite database", "check the path, or restore a backup"),
    ("SQLITE_CORRUPT", StoreCorrupt, "the file is damaged", "restore a backup"),
    ("SQLITE_IOERR_SHORT_READ", StoreCorrupt, "the file is cut off", "restore a backup"),
    ("SQLITE_IOERR", StorageError, "the disk reported an error", "check the disk and retry"),
    ("SQLITE_CANTOPEN", StorageError, "the file cannot be opened", "check that its directory is there and writable"),
    ("SQLITE_PERM", StorageError, "access was denied", "give the program the right to the file"),
    ("SQLITE_AUTH", StorageError, "access was denied", "give the program the right to the file"),
    ("SQLITE_TOOBIG", StorageError, "a value is too big for SQLite", "store it elsewhere and keep a reference"),
)


def is_undecodable(error: Exception) -> bool:
    """Say whether SQLite met a text that is not UTF-8; the message repeats the text, so it is never passed on."""
    return isinstance(error, sqlite3.OperationalError) and str(error).startswith("Could not decode to UTF-8")


def translate(error: Exception, where: str) -> StorageError:
    """Return what an error of the ``sqlite3`` module means."""
    if is_undecodable(error):
        return StoreCorrupt(where, "a stored text is not UTF-8", "verify the store, then restore a backup")
    if isinstance(error, UnicodeEncodeError):
        return StorageError(where, "a text cannot be written as UTF-8", "remove its lone surrogates")
    if isinstance(error, OverflowError):
        return StorageError(where, "a number is beyond 64 bits", "pass a smaller one")
    name: str = getattr(error, "sqlite_errorname", "")
    for prefix, kind, what, hint in _MEANINGS:
        if name.startswith(prefix):
            if what == _LOCKED and (found := holders(where)):
                numbers = ", ".join(map(str, found))
                return kind(where, f"{what} (process {numbers})", "let it finish, or end it, and try again")
            return kind(where, what, hint)
    if isinstance(error, sqlite3.ProgrammingError) and "closed" in str(error):
        return StorageError(where, "the store is closed", "open it anew")
    return StorageError(where, f"SQLite refused: {error}" + (f" ({name})" if name else ""))
