"""The tables, and how an older schema becomes a newer one.

They lie in a schema of their own choice, and every name begins with ``branchkit_``, so that they can also lie beside
the caller's own. All texts compare by code point (``COLLATE "C"``), whatever the database's own language is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import attrs
from sqlalchemy import BigInteger, Column, Connection, LargeBinary, MetaData, Table, Text, text

from branchkit.errors import StorageError, StoreTooNew
from branchkit_sql.texts import KeptText

__all__ = ["MIGRATIONS", "Step", "Tables", "migrate", "schema_version", "tables_of"]

Step = tuple[str, ...]
"""The statements that lead from one schema to the next; ``{schema}`` stands for its name, quoted."""

MIGRATIONS: tuple[Step, ...] = (
    (
        """CREATE TABLE {schema}.branchkit_document (
            kind text COLLATE "C" NOT NULL, id text COLLATE "C" NOT NULL, version bigint NOT NULL, text text,
            declared text NOT NULL, PRIMARY KEY (kind, id))""",
        """CREATE TABLE {schema}.branchkit_index (
            kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL, PRIMARY KEY (kind, name, value, id))""",
        """CREATE TABLE {schema}.branchkit_unique (
            kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
            id text COLLATE "C" NOT NULL, PRIMARY KEY (kind, name, value))""",
        """CREATE TABLE {schema}.branchkit_journal (
            seq bigint PRIMARY KEY, stream text COLLATE "C" NOT NULL, version bigint NOT NULL, kind text NOT NULL,
            text text NOT NULL, command text NOT NULL, at text NOT NULL, recorded_at text NOT NULL,
            algorithm text NOT NULL, previous text NOT NULL, hash text NOT NULL, UNIQUE (stream, version))""",
        """CREATE TABLE {schema}.branchkit_checkpoint (
            number bigint PRIMARY KEY, seq bigint NOT NULL, streams bigint NOT NULL, root text NOT NULL,
            algorithm text NOT NULL, previous text NOT NULL, hash text NOT NULL)""",
        """CREATE TABLE {schema}.branchkit_outcome (
            command text COLLATE "C" PRIMARY KEY, digest text NOT NULL, text text NOT NULL)""",
        """CREATE TABLE {schema}.branchkit_due (
            key text COLLATE "C" NOT NULL UNIQUE, at bigint NOT NULL, text text NOT NULL, PRIMARY KEY (at, key))""",
        """CREATE TABLE {schema}.branchkit_outbox (
            seq bigint PRIMARY KEY, key text COLLATE "C" NOT NULL UNIQUE, text text)""",
        "CREATE INDEX branchkit_outbox_waiting ON {schema}.branchkit_outbox (seq) WHERE text IS NOT NULL",
        """CREATE TABLE {schema}.branchkit_sealed (
            ref text COLLATE "C" PRIMARY KEY, value text, key bytea, algorithm text NOT NULL, mac text NOT NULL)""",
        # One row is updated by every writer: room beside it keeps the new versions on the same page.
        """CREATE TABLE {schema}.branchkit_meta (key text PRIMARY KEY, value bigint NOT NULL) WITH (fillfactor = 10)""",
        """INSERT INTO {schema}.branchkit_meta VALUES ('schema', 0), ('tip', 0),
            ('identity', hashtextextended(gen_random_uuid()::text, 0))""",
    ),
)
"""Step n leads to schema n. A step that has been released never changes."""


@attrs.frozen
class Tables:
    """The tables of one schema as SQLAlchemy knows them."""

    schema: str
    document: Table
    index: Table
    unique: Table
    journal: Table
    checkpoint: Table
    outcome: Table
    due: Table
    outbox: Table
    sealed: Table
    meta: Table
    seen: Table
    """What `replace_documents` has met; temporary, one connection's own."""


def _plain(name: str) -> Column[str]:
    return Column(name, Text)


def _kept(name: str) -> Column[str]:
    return Column(name, KeptText)


def _number(name: str) -> Column[int]:
    return Column(name, BigInteger)


@lru_cache(maxsize=16)
def tables_of(schema: str) -> Tables:
    """Return the tables of a schema."""
    metadata = MetaData(schema=schema)

    def table(name: str, *columns: Column[str] | Column[int] | Column[bytes]) -> Table:
        return Table(f"branchkit_{name}", metadata, *columns)

    # JSON escapes control characters, so bodies need no care; neither do hashes. All else comes from the caller.
    return Tables(
        schema,
        document=table("document", _kept("kind"), _kept("id"), _number("version"), _plain("text"), _plain("declared")),
        index=table("index", _kept("kind"), _kept("name"), _kept("value"), _kept("id")),
        unique=table("unique", _kept("kind"), _kept("name"), _kept("value"), _kept("id")),
        journal=table(
            "journal",
            _number("seq"),
            _kept("stream"),
            _number("version"),
            _kept("kind"),
            _plain("text"),
            _kept("command"),
            _kept("at"),
            _kept("recorded_at"),
            _kept("algorithm"),
            _plain("previous"),
            _plain("hash"),
        ),
        checkpoint=table(
            "checkpoint",
            _number("number"),
            _number("seq"),
            _number("streams"),
            _plain("root"),
            _kept("algorithm"),
            _plain("previous"),
            _plain("hash"),
        ),
        outcome=table("outcome", _kept("command"), _kept("digest"), _plain("text")),
        due=table("due", _kept("key"), _number("at"), _plain("text")),
        outbox=table("outbox", _number("seq"), _kept("key"), _plain("text")),
        sealed=table(
            "sealed", _kept("ref"), _kept("value"), Column("key", LargeBinary), _kept("algorithm"), _plain("mac")
        ),
        meta=table("meta", _plain("key"), _number("value")),
        seen=Table("branchkit_seen", MetaData(schema="pg_temp"), _kept("kind"), _kept("id")),
    )


def schema_version(connection: Connection, schema: str) -> int:
    """Return the version of a store's tables; 0 when the schema holds no store."""
    name = f'"{schema}".branchkit_meta'
    # to_regclass would answer from what this connection remembers, and miss a table that was made a moment ago.
    there = text("SELECT 1 FROM pg_tables WHERE schemaname = :schema AND tablename = 'branchkit_meta'")
    if connection.execute(there, {"schema": schema}).first() is None:
        return 0
    version: int = connection.exec_driver_sql(f"SELECT value FROM {name} WHERE key = 'schema'").scalar_one()  # noqa: S608 - the name is checked
    return version


def migrate(
    connection: Connection, schema: str, where: str, steps: Sequence[Step] = MIGRATIONS, *, create: bool = True
) -> int:
    """Bring the tables of a schema up to date inside the caller's transaction and return the version they had.

    Whoever else does the same at the same time waits, and finds it done.

    Raises:
        StorageError: there is no store, and none is to be made.
        StoreTooNew: it was written by a newer branchkit-sql.
    """
    lock = text("SELECT pg_advisory_xact_lock(hashtext('branchkit'), hashtext(:schema))")
    had = schema_version(connection, schema)
    if had < len(steps):
        connection.execute(lock, {"schema": schema})
        had = schema_version(connection, schema)
    if had > len(steps):
        raise StoreTooNew(where, f"its schema is {had}, this branchkit-sql knows {len(steps)}", "install a newer one")
    if not had and not create:
        raise StorageError(where, "the schema holds no branchkit store", "check the address")
    if had == len(steps):
        return had
    # Who may not make schemas may still use one, so it is asked for first.
    there = text("SELECT 1 FROM pg_namespace WHERE nspname = :schema")
    if connection.execute(there, {"schema": schema}).first() is None:
        connection.exec_driver_sql(f'CREATE SCHEMA "{schema}"')
    for step in steps[had:]:
        for statement in step:
            connection.exec_driver_sql(statement.replace("{schema}", f'"{schema}"'))
    connection.execute(tables_of(schema).meta.update().where(text("key = 'schema'")).values(value=len(steps)))
    return had
