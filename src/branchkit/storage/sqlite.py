"""The embedded default: a store in one SQLite file, by the standard library, in WAL mode."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Generator, Iterable, Mapping
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path
from types import TracebackType

from branchkit.errors import ConfigError, StorageError, StoreCorrupt, StoreTooNew
from branchkit.storage.algorithms import SHA256, HashAlgorithm, algorithm_map
from branchkit.storage.sqlite_errors import translate
from branchkit.storage.sqlite_schema import MIGRATIONS, migrate, schema_version
from branchkit.storage.sqlite_strays import strays
from branchkit.storage.sqlite_traces import Traces
from branchkit.storage.sqlite_transaction import SqliteTransaction

__all__ = ["SqliteStore", "open_sqlite", "restore_sqlite"]

_SYNC = {"full": "FULL", "normal": "NORMAL"}
_SCHEME = "sqlite:///"


class SqliteStore:
    """A store in one file; made by `open_sqlite`.

    Threads may share it: each transaction has a connection of its own, writers follow one another, and readers see one
    state and hold nobody up. Processes may share the file on a local disk. After a fork the child opens it anew.
    """

    capabilities: frozenset[str] = frozenset({"durable", "backup", "shared", "caller_transaction"})

    def __init__(
        self,
        path: str,
        *,
        checkpoint_every: int,
        algorithms: Iterable[HashAlgorithm],
        sync: str,
        patience: float,
        create: bool,
    ) -> None:
        self.path = path
        self.where = path
        self.algorithms: Mapping[str, HashAlgorithm] = algorithm_map(algorithms)
        self._algorithm = next(iter(self.algorithms.values()))
        self._sync = sync
        self._patience = patience
        self._pid = os.getpid()
        self._idle: list[sqlite3.Connection] = []
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._open = True
        self._traces = Traces()
        _check_file(path, create=create)
        connection = self._connect()
        try:
            if not create and not schema_version(connection):
                raise StorageError(path, "it holds no store", "check the path")
            migrate(connection, path)
            self.checkpoint_every = _setting(connection, "checkpoint_every", checkpoint_every)
            self._traces.resume(connection)
        except sqlite3.Error as error:
            connection.close()
            raise translate(error, path) from error
        except StorageError:
            connection.close()
            raise
        self._idle.append(connection)

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[SqliteTransaction, None, None]:
        """Begin a transaction; see `branchkit.storage.Store.transaction`."""
        with self._turn() if write else nullcontext(), self._borrowed() as connection:
            self._begin(connection, write=write)
            tx = self._transaction_on(connection, write=write)
            try:
                yield tx
                if write:
                    tx.flush()
                    self._execute(connection, "COMMIT")
            finally:
                tx.end()
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
            self._traces.note(tx.erased)
            if write and self._traces.waiting:
                self._clear(connection)

    @contextmanager
    def adopt(self, connection: sqlite3.Connection) -> Generator[SqliteTransaction, None, None]:
        """Work inside a transaction of the caller's own, on the caller's connection to the same file.

        When the block raises, what it did is undone and the rest of the caller's transaction stands. The caller commits
        or rolls back; where no transaction is open yet, one is begun and left open.

        Raises:
            StorageError: the connection is to another file.
        """
        if connection.text_factory is not str:
            raise StorageError(self.where, "the connection has a text_factory of its own", "leave it as str")
        files = [row[2] for row in connection.cursor().execute("PRAGMA database_list") if row[1] == "main"]
        if not files or os.path.realpath(files[0]) != os.path.realpath(self.path):
            raise StorageError(self.where, "the connection is to another file", "connect to the store's own file")
        if not connection.in_transaction:
            self._execute(connection, "BEGIN IMMEDIATE")
        self._execute(connection, "SAVEPOINT branchkit")
        tx = self._transaction_on(connection, write=True)
        try:
            yield tx
            tx.flush()
            # The caller has yet to commit: it is cleared away after the next transaction of the store's own.
            self._traces.note(tx.erased)
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK TO branchkit")
            raise
        finally:
            tx.end()
            if connection.in_transaction:
                connection.execute("RELEASE branchkit")

    def check(self) -> tuple[str, ...]:
        """Return what SQLite finds broken in the file, and index rows and unique keys that are not their document's."""
        with self._borrowed() as connection:
            try:
                found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
                return tuple(strays(connection)) if found == ["ok"] else tuple(found)
            except sqlite3.DatabaseError as error:
                return (str(translate(error, self.where)),)

    @property
    def traces(self) -> bool:
        """Whether bytes of erased values may still lie in the file, because somebody was in the way.

        The next transaction that writes tries again, and so do `close` and whoever opens the file anew and writes.
        """
        with self._borrowed() as connection:
            try:
                row = connection.execute("SELECT 1 FROM branchkit_meta WHERE key = 'traces'").fetchone()
            except sqlite3.Error as error:
                raise translate(error, self.where) from error
        return row is not None

    def backup(self, target: str) -> None:
        """Write a copy of one state to a new file, while others go on writing.

        Raises:
            StorageError: the target exists or cannot be written.
        """
        with self._borrowed() as connection:
            _copy(connection, target)

    def close(self) -> None:
        """Close the file; a transaction that is open in another thread ends on its own."""
        if self._open and self._traces.waiting and self._idle and self._pid == os.getpid():
            self._clear(self._idle[-1])
        self._open = False
        while self._idle:
            self._idle.pop().close()

    def __enter__(self) -> SqliteStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- connections

    def _connect(self) -> sqlite3.Connection:
        connection = None
        try:
            connection = sqlite3.connect(
                self.path, timeout=self._patience, isolation_level=None, check_same_thread=False
            )
            mode = _wal(connection, self._patience)
            connection.execute(f"PRAGMA synchronous = {_SYNC[self._sync]}")
            connection.execute("PRAGMA cache_size = -16000")
            # Rows that are changed leave nothing behind in the pages that are written anyhow.
            connection.execute("PRAGMA secure_delete = FAST")
        except sqlite3.Error as error:
            if connection is not None:
                connection.close()
            raise translate(error, self.where) from error
        if mode != "wal":
            connection.close()
            raise StorageError(self.where, "the file system does not allow WAL mode", "put the file on a local disk")
        return connection

    def _take(self) -> sqlite3.Connection:
        if not self._open:
            raise StorageError(self.where, "the store is closed", "open it anew")
        if os.getpid() != self._pid:
            raise StorageError(self.where, "the store was opened before this process forked", "open it anew here")
        try:
            return self._idle.pop()
        except IndexError:
            return self._connect()

    def _give_back(self, connection: sqlite3.Connection) -> None:
        if self._open:
            self._idle.append(connection)
        else:
            connection.close()

    @contextmanager
    def _borrowed(self) -> Generator[sqlite3.Connection, None, None]:
        connection = self._take()
        try:
            yield connection
        finally:
            self._give_back(connection)

    def _clear(self, connection: sqlite3.Connection) -> None:
        try:
            self._traces.clear(connection)
        except sqlite3.Error as error:
            raise translate(error, self.where) from error

    # -- transactions

    @contextmanager
    def _turn(self) -> Generator[None, None, None]:
        # Threads queue here and not at the file, where a waiting writer sleeps up to a tenth of a second at a time.
        me = threading.get_ident()
        if self._writer == me:
            raise StorageError(self.where, "this thread is already writing", "use the transaction that is open")
        if not self._writing.acquire(timeout=self._patience):
            raise StorageError(self.where, f"another writer kept it for {self._patience:g} seconds", "try again later")
        self._writer = me
        try:
            yield
        finally:
            self._writer = None
            self._writing.release()

    def _begin(self, connection: sqlite3.Connection, *, write: bool) -> None:
        if write:
            self._execute(connection, "BEGIN IMMEDIATE")
        else:
            # A deferred transaction sees its state from its first read on, so it reads at once.
            self._execute(connection, "BEGIN")
            self._execute(connection, "SELECT value FROM branchkit_meta WHERE key = 'tip'")

    def _execute(self, connection: sqlite3.Connection, sql: str) -> None:
        try:
            connection.execute(sql)
        except sqlite3.Error as error:
            raise translate(error, self.where) from error

    def _transaction_on(self, connection: sqlite3.Connection, *, write: bool) -> SqliteTransaction:
        return SqliteTransaction(
            connection,
            where=self.where,
            algorithm=self._algorithm,
            checkpoint_every=self.checkpoint_every,
            write=write,
        )


def open_sqlite(
    location: str | os.PathLike[str],
    *,
    checkpoint_every: int = 1000,
    algorithms: Iterable[HashAlgorithm] = (SHA256,),
    sync: str = "full",
    patience: float = 5.0,
    create: bool = True,
) -> SqliteStore:
    """Open the store in a file, bring its schema up to date, or make a new one.

    Args:
        location: a path, or an address: ``sqlite:///branch.db``, ``sqlite:////var/lib/branch.db?sync=normal``.
        checkpoint_every: for a new store, how many journal entries go under one checkpoint; an old one keeps its own.
        algorithms: the first one hashes what is written; the others are there to verify what is older.
        sync: ``"full"``: what is committed survives a power cut. ``"normal"``: it survives the end of the process,
            a power cut may take the last commits, and the file stays sound.
        patience: how many seconds to wait for another writer.
        create: whether to make a store where there is none, or in an empty file.

    Raises:
        StorageError: the file cannot be opened; says why.
        StoreCorrupt: it is no SQLite database, or damaged.
        StoreTooNew: it was written by a newer branchkit.
        ConfigError: an option is unknown.
    """
    path, options = _parse(os.fspath(location))
    sync = options.get("sync", sync)
    if sync not in _SYNC:
        raise ConfigError("sync", f"Expected one of {', '.join(_SYNC)}")
    if checkpoint_every < 1:
        raise ConfigError("checkpoint_every", "Expected 1 or more")
    return SqliteStore(
        path,
        checkpoint_every=checkpoint_every,
        algorithms=algorithms,
        sync=sync,
        patience=patience,
        create=create,
    )


def restore_sqlite(source: str | os.PathLike[str], target: str | os.PathLike[str]) -> None:
    """Make a store of a backup, after checking that it is whole; never overwrites one.

    Raises:
        StorageError: the source is no store, or the target exists.
        StoreCorrupt: the source is damaged.
        StoreTooNew: the source was written by a newer branchkit.
    """
    name = os.fspath(source)
    if not Path(name).is_file():
        raise StorageError(name, "there is no such file", "check the path")
    try:
        with closing(sqlite3.connect(name, isolation_level=None)) as connection:
            version = schema_version(connection)
            if not version:
                raise StorageError(name, "the database holds no branchkit store", "check the path")
            if version > len(MIGRATIONS):
                raise StoreTooNew(name, f"its schema is {version}, this branchkit knows {len(MIGRATIONS)}")
            if [row[0] for row in connection.execute("PRAGMA integrity_check")] != ["ok"]:
                raise StoreCorrupt(name, "the file is damaged", "take another backup")
            _copy(connection, os.fspath(target))
    except sqlite3.Error as error:
        raise translate(error, name) from error


def _copy(connection: sqlite3.Connection, target: str) -> None:
    partial = Path(f"{target}.partial")
    for path in (Path(target), partial):
        if path.exists():
            raise StorageError(str(path), "the file exists", "name a new one, or move this away")
    try:
        with closing(sqlite3.connect(partial, isolation_level=None)) as copy:
            # In one step: it reads one state, and writers do not make it begin anew.
            connection.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode = DELETE")
        partial.rename(target)
    except (sqlite3.Error, OSError) as error:
        partial.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise StorageError(target, f"the file cannot be written: {error.strerror}") from error
        raise translate(error, target) from error


def _parse(location: str) -> tuple[str, dict[str, str]]:
    if location in {":memory:", "", "sqlite://", "sqlite:///:memory:"}:
        raise ConfigError("location", "Expected the path of a file; a store in memory is branchkit.storage.MemoryStore")
    if not location.startswith("sqlite:"):
        return location, {}
    if not location.startswith(_SCHEME):
        raise ConfigError("location", "Expected sqlite:///relative/path or sqlite:////absolute/path")
    from urllib.parse import parse_qsl, unquote

    path, _, query = location.removeprefix(_SCHEME).partition("?")
    options = dict(parse_qsl(query, keep_blank_values=True))
    unknown = sorted(options.keys() - {"sync"})
    if unknown:
        raise ConfigError("location", f"Unknown option {unknown[0]!r}; there is: sync")
    return unquote(path), options


def _check_file(path: str, *, create: bool) -> None:
    file = Path(path)
    if not file.absolute().parent.is_dir():
        raise StorageError(path, "its directory does not exist", "make it first")
    if file.is_dir():
        raise StorageError(path, "it is a directory", "name a file in it")
    if file.exists() and not os.access(file, os.R_OK):
        raise StorageError(path, "this program may not read it", "give it the right to read and write the file")
    if not file.exists() and create and not os.access(file.absolute().parent, os.W_OK | os.X_OK):
        raise StorageError(path, "this program may not make files in its directory", "give it the right to")
    # An empty file is a store whose making was cut off before its first byte, or goes on at this moment.
    if not create and not (file.exists() and file.stat().st_size):
        raise StorageError(path, "it holds no store" if file.exists() else "there is no such file", "check the path")


def _wal(connection: sqlite3.Connection, patience: float) -> str:
    """Turn to WAL mode and return the mode; SQLite does not wait while another process turns to it, so this does."""
    until = time.monotonic() + patience
    while True:
        try:
            mode: str = connection.execute("PRAGMA journal_mode = WAL").fetchone()[0]
        except sqlite3.OperationalError as error:
            if not error.sqlite_errorname.startswith("SQLITE_BUSY") or time.monotonic() > until:
                raise
            time.sleep(0.005)
        else:
            return mode


def _setting(connection: sqlite3.Connection, key: str, value: int) -> int:
    sql = "SELECT value FROM branchkit_meta WHERE key = ?"
    row = connection.execute(sql, (key,)).fetchone()
    if row is None:
        # Another process may be faster.
        connection.execute("INSERT OR IGNORE INTO branchkit_meta VALUES (?, ?)", (key, value))
        row = connection.execute(sql, (key,)).fetchone()
    stored: int = row[0]
    return stored
