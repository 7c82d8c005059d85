"""What PostgreSQL's errors mean to the people who run a store.

The server's own words are never passed on: they, and SQLAlchemy's, may repeat what was to be stored.
"""

from __future__ import annotations

from sqlalchemy.exc import DBAPIError, TimeoutError

from branchkit.errors import Conflict, StorageError

__all__ = ["connecting", "is_lost", "translate"]

_AGAIN = "begin a new one and retry"
_LOST = "the connection to the server was lost; nothing was written"
_RETRY = "retry; if it happens again, look whether the server runs"
_MEANINGS: tuple[tuple[str, type[StorageError], str, str], ...] = (
    ("40001", Conflict, "the store changed since this transaction read it", _AGAIN),
    ("40P01", Conflict, "this transaction and another one waited for each other", _AGAIN),
    ("23505", Conflict, "another writer was faster", _AGAIN),
    ("25P02", StorageError, "a step of this transaction failed", "begin a new one"),
    ("25P01", StorageError, "the connection commits every statement by itself", "begin a transaction on it"),
    ("25006", StorageError, "the server only reads", "name the primary server and not a standby"),
    (
        "25P03",
        StorageError,
        "the server ended the transaction because it stood still",
        "retry with less between its steps",
    ),
    ("55P03", StorageError, "another writer kept it too long", "try again later"),
    ("57014", StorageError, "the server cancelled the statement", "look at its statement_timeout"),
    ("57P", StorageError, _LOST, _RETRY),
    ("08", StorageError, _LOST, _RETRY),
    ("28", StorageError, "the server refused the user or the password", "check them, and pg_hba.conf"),
    ("3D000", StorageError, "the database does not exist", "make it first"),
    ("3F000", StorageError, "the schema is gone", "restore it"),
    ("42P01", StorageError, "a table of the store is gone", "restore it"),
    ("42501", StorageError, "the user has not the right to do this", "grant it; see the README of branchkit-sql"),
    ("53100", StorageError, "the server's disk is full; nothing was written", "make room and retry"),
    ("53300", StorageError, "the server takes no more connections", "set max_connections or connections"),
    ("54000", StorageError, "an id, a field or a key is too long for the server's index", "pass a shorter one"),
    ("XX001", StorageError, "the server found damaged data", "restore a backup"),
    ("XX002", StorageError, "the server found a damaged index", "rebuild it, or restore a backup"),
)


def is_lost(error: Exception) -> bool:
    """Say whether the connection is gone."""
    return isinstance(error, DBAPIError) and error.connection_invalidated


def translate(error: Exception, where: str) -> StorageError:
    """Return what an error of SQLAlchemy, its driver, or Python's text coding means."""
    if isinstance(error, UnicodeEncodeError):
        return StorageError(where, "a text cannot be written as UTF-8", "remove its lone surrogates")
    if isinstance(error, TimeoutError):
        return StorageError(where, "all connections are in use", "set connections higher, or end transactions sooner")
    state = _state(error)
    for prefix, kind, what, hint in _MEANINGS:
        if state.startswith(prefix):
            return kind(where, what, hint)
    if is_lost(error):
        return StorageError(where, _LOST, _RETRY)
    name = type(getattr(error, "orig", None) or error).__name__
    return StorageError(where, f"PostgreSQL refused: {name}" + (f" ({state})" if state else ""))


def connecting(error: Exception, where: str) -> StorageError:
    """Return what it means that no connection could be made; libpq says it in words only."""
    told = str(getattr(error, "orig", error))
    if "authentication failed" in told or "no password supplied" in told:
        return StorageError(where, "the server refused the user or the password", "check them, and pg_hba.conf")
    if "does not exist" in told:
        return StorageError(where, "the server knows no such database or user", "make it first, or check the address")
    if "too many clients" in told or "remaining connection slots" in told:
        return StorageError(where, "the server takes no more connections", "set max_connections or connections")
    if _state(error) or isinstance(error, (TimeoutError, UnicodeEncodeError)):
        return translate(error, where)
    return StorageError(where, "the server cannot be reached", "check host and port, and whether it runs")


def _state(error: Exception) -> str:
    origin = getattr(error, "orig", None)
    # psycopg 2, which a caller's own connection may use, has another name for it.
    return getattr(origin, "sqlstate", None) or getattr(origin, "pgcode", None) or ""
