"""The tables of the SQLite store, and how an older file becomes a newer one.

Every table's name begins with ``branchkit_``, so that they can lie in a database beside the caller's own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from branchkit.errors import StoreTooNew

__all__ = ["MIGRATIONS", "Step", "migrate", "schema_version"]

Step = tuple[str, ...]
"""The statements that lead from one schema to the next."""

MIGRATIONS: tuple[Step, ...] = (
    (
        # Documents carry long bodies, so they lie in a rowid table and only their keys in an index.
        """CREATE TABLE branchkit_document (
            kind TEXT NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, text TEXT, keys TEXT NOT NULL,
            UNIQUE (kind, id))""",
        """CREATE TABLE branchkit_index (
            kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (kind, name, value, id)) WITHOUT ROWID""",
        """CREATE TABLE branchkit_unique (
            kind TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL, id TEXT NOT NULL,
            PRIMARY KEY (kind, name, value)) WITHOUT ROWID""",
        """CREATE TABLE branchkit_journal (
            seq INTEGER PRIMARY KEY, stream TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL,
            text TEXT NOT NULL, command TEXT NOT NULL, at TEXT NOT NULL, recorded_at TEXT NOT NULL,
            algorithm TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
        "CREATE UNIQUE INDEX branchkit_journal_stream ON branchkit_journal (stream, version)",
        """CREATE TABLE branchkit_checkpoint (
            number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, streams INTEGER NOT NULL, root TEXT NOT NULL,
            algorithm TEXT NOT NULL, previous TEXT NOT NULL, hash TEXT NOT NULL)""",
        """CREATE TABLE branchkit_outcome (
            command TEXT PRIMARY KEY, digest TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID""",
        # Narrow and clustered by time: what is due next lies together, however much is waiting.
        """CREATE TABLE branchkit_due (
            at INTEGER NOT NULL, key TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (at, key)) WITHOUT ROWID""",
        "CREATE TABLE branchkit_due_key (key TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID",
        "CREATE TABLE branchkit_outbox (seq INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, text TEXT)",
        "CREATE INDEX branchkit_outbox_waiting ON branchkit_outbox (seq) WHERE text IS NOT NULL",
        """CREATE TABLE branchkit_sealed (
            ref TEXT PRIMARY KEY, value TEXT, key BLOB, algorithm TEXT NOT NULL, mac TEXT NOT NULL) WITHOUT ROWID""",
        "CREATE TABLE branchkit_meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) WITHOUT ROWID",
        "INSERT INTO branchkit_meta VALUES ('schema', 0), ('tip', 0)",
    ),
)
"""Step n leads to schema n. A step that has been released never changes."""


def schema_version(connection: sqlite3.Connection) -> int:
    """Return the schema of a database; 0 when it holds no store."""
    found = connection.execute(
        "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'branchkit_meta'"
    ).fetchone()
    if found is None:
        return 0
    version: int = connection.execute("SELECT value FROM branchkit_meta WHERE key = 'schema'").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, where: str, steps: Sequence[Step] = MIGRATIONS) -> int:
    """Bring a database to the newest schema in one transaction and return the schema it had.

    Raises:
        StoreTooNew: it was written by a newer branchkit.
    """
    if schema_version(connection) == len(steps):
        return len(steps)
    connection.execute("BEGIN IMMEDIATE")
    try:
        # Another process may have been faster.
        had = schema_version(connection)
        if had > len(steps):
            raise StoreTooNew(where, f"its schema is {had}, this branchkit knows {len(steps)}", "install a newer one")
        for step in steps[had:]:
            for statement in step:
                connection.execute(statement)
        connection.execute("UPDATE branchkit_meta SET value = ? WHERE key = 'schema'", (len(steps),))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    return had
