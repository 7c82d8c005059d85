"""The store: connections, transactions, and the caller's own transaction."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, nullcontext
from types import TracebackType
from typing import Literal

from sqlalchemy import URL, Connection, create_engine, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from branchkit.errors import ConfigError, StorageError, Unsupported
from branchkit.storage.algorithms import HashAlgorithm, algorithm_map
from branchkit_sql.address import Address
from branchkit_sql.errors import connecting, is_lost, translate
from branchkit_sql.schema import migrate, schema_version, tables_of
from branchkit_sql.transaction import PostgresTransaction

__all__ = ["PostgresStore"]

_Isolation = Literal["READ COMMITTED", "REPEATABLE READ"]


class PostgresStore:
    """A store in a schema of a PostgreSQL database; made by `branchkit_sql.open_postgresql`.

    Threads and processes may share it. Readers see one state and hold nobody up. Writers read and decide side by side;
    from its first write to its commit one writer is in turn, and who read what another one has changed since is told
    so by a `branchkit.errors.Conflict` when its turn comes. After a fork the child opens the store anew.
    """

    capabilities: frozenset[str] = frozenset({"durable", "shared", "caller_transaction"})

    def __init__(
        self,
        address: Address,
        *,
        checkpoint_every: int,
        algorithms: Iterable[HashAlgorithm],
        patience: float,
        connections: int,
        create: bool,
    ) -> None:
        if checkpoint_every < 1:
            raise ConfigError("checkpoint_every", "Expected 1 or more")
        if connections < 2:
            raise ConfigError("connections", "Expected 2 or more: a writer may read another state beside its own")
        if patience <= 0:
            raise ConfigError("patience", "Expected more than 0 seconds")
        self.where = address.where
        self.algorithms: Mapping[str, HashAlgorithm] = algorithm_map(algorithms)
        self._algorithm = next(iter(self.algorithms.values()))
        self._patience = patience
        self._pid = os.getpid()
        self._tables = tables_of(address.schema)
        self._writers: set[int] = set()
        self._open = True
        try:
            self._engine = create_engine(
                _url(address),
                # Whatever SQLAlchemy logs or raises, it leaves out what is stored.
                hide_parameters=True,
                pool_size=connections,
                max_overflow=0,
                pool_timeout=patience,
                pool_pre_ping=True,
            )
        except ImportError as error:
            raise ConfigError("psycopg", "It finds no libpq; pip install 'psycopg[binary]'") from error
        try:
            with self._borrowed() as connection:
                self._prepare(connection, checkpoint_every, create=create)
        except BaseException:
            self.close()
            raise

    # -- transactions

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[PostgresTransaction, None, None]:
        """Begin a transaction; see `branchkit.storage.Store.transaction`."""
        with self._writer() if write else nullcontext(), self._borrowed() as connection:
            self._begin(connection, "REPEATABLE READ", write=write)
            tx = self._transaction_on(connection, write=write)
            try:
                yield tx
                if write:
                    tx.before_commit()
                    self._commit(connection)
            finally:
                tx.end()

    @contextmanager
    def adopt(self, connection: Connection) -> Generator[PostgresTransaction, None, None]:
        """Work inside a transaction of the caller's own, on the caller's connection to the same database.

        It takes its turn at once and keeps it until the caller commits, and other writers wait for that. When the block
        raises, what it did is undone and the rest of the caller's transaction stands. The caller commits or rolls back;
        where no transaction is open yet, one is begun and left open.

        Args:
            connection: SQLAlchemy's, by any of its drivers, at READ COMMITTED, which is PostgreSQL's default. At a
                stricter level it would go on seeing the store as it was before its turn.

        Raises:
            StorageError: the connection is to another database, or at another level.
        """
        if connection.dialect.name != "postgresql":
            raise StorageError(self.where, "the connection is not to PostgreSQL", "connect to the store's database")
        try:
            savepoint = connection.begin_nested()
        except SQLAlchemyError as error:
            raise translate(error, self.where) from None
        tx = None
        try:
            try:
                self._check_adopted(connection)
            except SQLAlchemyError as error:
                raise translate(error, self.where) from None
            tx = self._transaction_on(connection, write=True)
            tx.adopted()
            yield tx
            tx.before_commit()
        except BaseException:
            if savepoint.is_active:
                savepoint.rollback()
            raise
        else:
            savepoint.commit()
        finally:
            if tx is not None:
                tx.end()

    def check(self) -> tuple[str, ...]:
        """Return what PostgreSQL itself counts as broken: pages that failed their checksum, invalid indexes."""
        found: list[str] = []
        failures = text(
            "SELECT coalesce(max(checksum_failures), 0) FROM pg_stat_database WHERE datname = current_database()"
        )
        invalid = text(
            "SELECT c.relname FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid "
            "JOIN pg_namespace AS n ON n.oid = c.relnamespace "
            "WHERE n.nspname = :schema AND c.relname LIKE 'branchkit%' AND NOT i.indisvalid ORDER BY c.relname"
        )
        with self._borrowed() as connection:
            try:
                count: int = connection.execute(failures).scalar_one()
                found += [f"the server met {count} damaged pages in the database"] if count else []
                rows = connection.execute(invalid, {"schema": self._tables.schema})
                found += [f"the index {row[0]} is not valid" for row in rows]
            except SQLAlchemyError as error:
                return (str(translate(error, self.where)),)
        return tuple(found)

    def backup(self, target: str) -> None:
        """Refuse: a server's data are backed up with the server's own tools.

        Raises:
            Unsupported: always.
        """
        raise Unsupported("backup", self.where, "use pg_dump, or the backup of your server")

    def close(self) -> None:
        """Give the connections back; a transaction that is open in another thread ends on its own."""
        self._open = False
        self._engine.dispose()

    def __enter__(self) -> PostgresStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- opening

    def _prepare(self, connection: Connection, checkpoint_every: int, *, create: bool) -> None:
        meta = self._tables.meta
        try:
            connection.execution_options(isolation_level="READ COMMITTED")
            encoding = connection.exec_driver_sql("SHOW server_encoding").scalar_one()
            if encoding != "UTF8":
                raise StorageError(self.where, f"the database keeps texts as {encoding}", "make one with UTF8")
            migrate(connection, self._tables.schema, self.where, create=create)
            # Another process may be faster.
            setting = insert(meta).values(key="checkpoint_every", value=checkpoint_every)
            if not connection.execute(select(meta.c.value).where(meta.c.key == "checkpoint_every")).all():
                connection.execute(setting.on_conflict_do_nothing())
            rows = connection.execute(select(meta.c.key, meta.c.value)).all()
            stored = {row[0]: row[1] for row in rows}
            connection.commit()
        except SQLAlchemyError as error:
            raise translate(error, self.where) from None
        self.checkpoint_every: int = stored["checkpoint_every"]
        self._identity: int = stored["identity"]

    def _check_adopted(self, connection: Connection) -> None:
        level = connection.exec_driver_sql("SHOW transaction_isolation").scalar_one()
        if level != "read committed":
            hint = "begin yours at READ COMMITTED"
            raise StorageError(self.where, f"the caller's transaction is at {level.upper()}", hint)
        meta = self._tables.meta
        there = schema_version(connection, self._tables.schema)
        identity = connection.execute(select(meta.c.value).where(meta.c.key == "identity")).scalar() if there else None
        if identity != self._identity:
            raise StorageError(self.where, "the connection is to another database", "connect to the store's own")

    # -- connections

    @contextmanager
    def _borrowed(self) -> Generator[Connection, None, None]:
        if not self._open:
            raise StorageError(self.where, "the store is closed", "open it anew")
        if os.getpid() != self._pid:
            raise StorageError(self.where, "the store was opened before this process forked", "open it anew here")
        try:
            connection = self._engine.connect()
        except (SQLAlchemyError, UnicodeEncodeError) as error:
            raise connecting(error, self.where) from None
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _give_back(self, connection: Connection) -> None:
        try:
            connection.rollback()
        except SQLAlchemyError:
            # The server takes back whatever a connection that is gone has left open.
            connection.invalidate()
        if not self._open and not connection.invalidated:
            connection.detach()
        connection.close()

    @contextmanager
    def _writer(self) -> Generator[None, None, None]:
        me = threading.get_ident()
        if me in self._writers:
            raise StorageError(self.where, "this thread is already writing", "use the transaction that is open")
        self._writers.add(me)
        try:
            yield
        finally:
            self._writers.discard(me)

    def _begin(self, connection: Connection, isolation: _Isolation, *, write: bool) -> None:
        try:
            connection.execution_options(isolation_level=isolation, postgresql_readonly=not write)
            if not write:
                # A transaction sees its state from its first statement on, so a reader makes one at once.
                connection.exec_driver_sql("SELECT 1")
        except SQLAlchemyError as error:
            raise translate(error, self.where) from None

    def _commit(self, connection: Connection) -> None:
        try:
            connection.commit()
        except SQLAlchemyError as error:
            if is_lost(error):
                what = "the connection was lost during the commit, so whether it was written is not known"
                raise StorageError(self.where, what, "send the same command again: it is done once") from None
            raise translate(error, self.where) from None

    def _transaction_on(self, connection: Connection, *, write: bool) -> PostgresTransaction:
        return PostgresTransaction(
            connection,
            self._tables,
            where=self.where,
            write=write,
            patience=self._patience,
            algorithm=self._algorithm,
            checkpoint_every=self.checkpoint_every,
        )


def _url(address: Address) -> URL:
    options = {"connect_timeout": "10", "application_name": "branchkit", **address.options, "client_encoding": "utf8"}
    host = address.host
    if host is not None and host.startswith("/"):
        options["host"], host = host, None
    return URL.create(
        "postgresql+psycopg",
        username=address.user,
        password=address.password,
        host=host,
        port=address.port,
        database=address.database,
        query=options,
    )
