"""The SQLite store keeps the laws, and says clearly what is wrong with a file."""

from __future__ import annotations

import datetime as dt
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from branchkit.errors import ConfigError, Conflict, StorageError, StoreCorrupt, StoreTooNew
from branchkit.storage import DueRow, MemoryStore, SqliteStore, Store, hash_algorithm, open_sqlite, verify_chains
from branchkit.storage.algorithms import SHA256
from branchkit.storage.sqlite_schema import MIGRATIONS, migrate, schema_version
from branchkit.testing.store_hammer import Opener
from branchkit.testing.stores import StoreLaws, some_entries


class TestSqliteStore(StoreLaws):
    """Every law, in a file."""

    @pytest.fixture(autouse=True)
    def _directory(self, tmp_path: Path) -> Iterator[None]:
        self.directory = tmp_path
        self.made: list[SqliteStore] = []
        yield
        for store in self.made:
            store.close()

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        path = self.directory / f"{len(self.made)}.db"
        self.made.append(open_sqlite(path, checkpoint_every=checkpoint_every, sync="normal"))
        return self.made[-1]

    def reopen(self, store: Store) -> Store:
        assert isinstance(store, SqliteStore)
        store.close()
        self.made.append(open_sqlite(store.path, sync="normal"))
        return self.made[-1]

    def opener(self, store: Store) -> Opener:
        return partial(open_sqlite, store.where, sync="normal", patience=60)


@pytest.fixture(scope="module")
def store_and_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteStore, MemoryStore]]:
    with open_sqlite(tmp_path_factory.mktemp("due") / "s.db", sync="normal") as made, MemoryStore() as memory:
        yield made, memory


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    with open_sqlite(tmp_path / "store.db", checkpoint_every=5) as opened:
        yield opened


# -- opening


def test_an_address_names_a_file_and_how_it_is_synced(tmp_path: Path) -> None:
    """An address leads to the same file as its path, and takes the option it knows."""
    with open_sqlite(f"sqlite:///{tmp_path}/a%20b.db?sync=normal") as opened:
        assert str(tmp_path / "a b.db") == opened.where
    with open_sqlite(tmp_path / "a b.db", create=False) as opened:
        assert 1000 == opened.checkpoint_every


@pytest.mark.parametrize(
    ("location", "words"),
    [
        (":memory:", "MemoryStore"),
        ("sqlite://host/x.db", "sqlite:///relative"),
        ("sqlite:///x.db?fast=1", "Unknown option 'fast'; there is: sync"),
        ("sqlite:///x.db?sync=off", "full, normal"),
    ],
)
def test_an_address_that_makes_no_sense_is_refused(location: str, words: str) -> None:
    """What an address asks for and cannot have is named, with what there is instead."""
    with pytest.raises(ConfigError, match=words):
        open_sqlite(location)


def test_a_store_keeps_where_its_checkpoints_stand(tmp_path: Path) -> None:
    """The distance of checkpoints is fixed when the store is made, whatever is said later."""
    open_sqlite(tmp_path / "s.db", checkpoint_every=7).close()

    with open_sqlite(tmp_path / "s.db", checkpoint_every=9) as opened:
        assert 7 == opened.checkpoint_every
    with pytest.raises(ConfigError):
        open_sqlite(tmp_path / "t.db", checkpoint_every=0)


def test_a_file_that_cannot_be_a_store_is_named_with_the_reason(tmp_path: Path) -> None:
    """Each way in which a path is no store has a message of its own."""
    (tmp_path / "empty.db").touch()
    with closing(sqlite3.connect(tmp_path / "other.db")) as connection:
        connection.execute("CREATE TABLE mine (x)")
    (tmp_path / "text.db").write_bytes(b"not a database at all, " * 100)

    with pytest.raises(StorageError, match="directory does not exist"):
        open_sqlite(tmp_path / "none" / "s.db")
    with pytest.raises(StorageError, match="is a directory"):
        open_sqlite(tmp_path)
    with pytest.raises(StorageError, match="no such file"):
        open_sqlite(tmp_path / "none.db", create=False)
    for name in ("empty.db", "other.db"):
        with pytest.raises(StorageError, match="holds no store"):
            open_sqlite(tmp_path / name, create=False)
    with pytest.raises(StoreCorrupt, match="not a SQLite database"):
        open_sqlite(tmp_path / "text.db")


def test_a_store_whose_making_was_cut_off_is_made_anew(tmp_path: Path) -> None:
    """However far the making of a store came, whoever opens the file next has a whole one."""
    (tmp_path / "0.db").touch()
    for far in (1, 2):
        with closing(sqlite3.connect(tmp_path / f"{far}.db", isolation_level=None)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
            if far == 2:
                migrate(connection, "here")

    for far in range(3):
        with open_sqlite(tmp_path / f"{far}.db", checkpoint_every=7) as store:
            assert 7 == store.checkpoint_every
            with store.transaction() as tx:
                tx.append("s", some_entries(9))
            report = verify_chains(store)
            assert (True, 9, 1) == (report.ok, report.entries, report.checkpoints)


def test_many_programs_may_make_one_store_at_once(tmp_path: Path) -> None:
    """Threads that find no file, or an empty one, make one store together, and none is turned away."""
    for turn in range(20):
        path = tmp_path / f"{turn}.db"
        if turn % 2:
            path.touch()
        start = threading.Barrier(4)
        wrong: list[Exception] = []

        def make(path: Path = path, start: threading.Barrier = start, wrong: list[Exception] = wrong) -> None:
            start.wait()
            try:
                with open_sqlite(path, sync="normal") as store, store.transaction() as tx:
                    tx.append("s", some_entries(1))
            except StorageError as error:
                wrong.append(error)

        threads = [threading.Thread(target=make) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert [] == wrong
        with open_sqlite(path, create=False) as store:
            assert 4 == verify_chains(store).entries


def test_a_file_that_was_cut_off_is_corrupt(tmp_path: Path) -> None:
    """A store whose file lost its second half is not opened, or says so as soon as it is verified."""
    path = tmp_path / "s.db"
    with open_sqlite(path) as opened, opened.transaction() as tx:
        tx.append("s", some_entries(2000))
    os.truncate(path, path.stat().st_size // 2)

    with pytest.raises(StoreCorrupt, match=r"damaged|cut off"), open_sqlite(path) as opened, opened.transaction() as tx:
        tx.read(limit=5000)


def test_a_page_that_was_overwritten_is_found(tmp_path: Path) -> None:
    """Noise in the middle of the file is reported by the verification, not raised from it."""
    path = tmp_path / "s.db"
    with open_sqlite(path) as opened, opened.transaction() as tx:
        tx.append("s", some_entries(2000))
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 // 4096 * 4096)
        file.write(b"\xff" * 4096)

    with open_sqlite(path) as opened:
        report = verify_chains(opened)

    assert not report.ok


def test_a_newer_schema_is_refused(tmp_path: Path) -> None:
    """A store that a newer branchkit wrote is left alone."""
    open_sqlite(tmp_path / "s.db").close()
    with closing(sqlite3.connect(tmp_path / "s.db")) as connection, connection:
        connection.execute("UPDATE branchkit_meta SET value = 99 WHERE key = 'schema'")

    with pytest.raises(StoreTooNew, match="its schema is 99"):
        open_sqlite(tmp_path / "s.db")


def test_an_older_schema_is_migrated_in_one_transaction(tmp_path: Path) -> None:
    """A further step is applied once; one that fails leaves the store as it was."""
    open_sqlite(tmp_path / "s.db").close()
    step = ("ALTER TABLE branchkit_outcome ADD COLUMN note TEXT", "UPDATE branchkit_outcome SET note = ''")

    with closing(sqlite3.connect(tmp_path / "s.db", isolation_level=None)) as connection:
        with pytest.raises(sqlite3.OperationalError):
            migrate(connection, "s.db", (*MIGRATIONS, (*step, "DROP TABLE nonsense")))
        assert len(MIGRATIONS) == schema_version(connection)
        assert len(MIGRATIONS) == migrate(connection, "s.db", (*MIGRATIONS, step))
        assert len(MIGRATIONS) + 1 == migrate(connection, "s.db", (*MIGRATIONS, step))
        connection.execute("SELECT note FROM branchkit_outcome")
    with pytest.raises(StoreTooNew):
        open_sqlite(tmp_path / "s.db")


def test_an_entry_says_by_which_algorithm_it_is_hashed(tmp_path: Path) -> None:
    """A bank that changes its algorithm writes on in the same chain and still verifies what is older."""
    other = hash_algorithm("sha3_256")
    with open_sqlite(tmp_path / "s.db", checkpoint_every=2) as opened, opened.transaction() as tx:
        tx.append("s", some_entries(3))
        tx.seal("r1", "value", b"key")
    with open_sqlite(tmp_path / "s.db", algorithms=(other, SHA256)) as opened:
        with opened.transaction() as tx:
            tx.append("s", some_entries(3))
            tx.seal("r2", "value", b"key")
            names = [each.algorithm for each in tx.read()]
        report = verify_chains(opened)

    assert ["sha256"] * 3 + ["sha3_256"] * 3 == names
    assert (True, 2) == (report.ok, report.sealed)
    with open_sqlite(tmp_path / "s.db", algorithms=(other,)) as opened:
        assert [1, 2, 3] == [each.seq for each in verify_chains(opened).problems if each.seq]


@given(
    st.lists(st.tuples(st.integers(1, 12), st.sets(st.integers(0, 9)), st.booleans(), st.integers(0, 9)), max_size=6),
    st.integers(0, 9),
)
@settings(max_examples=80)
def test_what_is_due_moves_after_it_was_told(
    store_and_memory: tuple[SqliteStore, MemoryStore], turns: list[tuple[int, set[int], bool, int]], start: int
) -> None:
    """Whether all that was told is armed anew or a part of it, and whatever else moves with it, the index is right."""
    zero = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    seen = []
    for each in store_and_memory:
        told: list[tuple[DueRow, ...]] = []
        with each.transaction() as tx:
            for n in range(10):
                tx.due_set(f"k{n}", zero + dt.timedelta(hours=(n * 7 + start) % 10), {})
        for limit, others, forgets, hours in turns:
            with each.transaction() as tx:
                told.append(tx.due(zero + dt.timedelta(hours=9), limit=limit))
                for key in (*(row.key for row in told[-1][: 20 if forgets else 2]), *(f"k{n}" for n in others)):
                    if forgets and hours % 3 == 0:
                        tx.due_clear(key)
                    else:
                        tx.due_set(key, zero + dt.timedelta(hours=hours), {"n": hours})
                told.append(tx.due(zero + dt.timedelta(days=1)))
        with each.transaction(write=False) as tx:
            seen.append((told, tx.due(zero + dt.timedelta(days=1))))

    assert seen[1] == seen[0]


# -- who else is there


def test_a_file_that_another_program_keeps_is_named_as_locked(store: SqliteStore) -> None:
    """A writer waits as long as it was told to, and then says that another program has the file."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with (
            open_sqlite(store.path, patience=0.05) as hasty,
            pytest.raises(StorageError, match="locked by another program"),
            hasty.transaction(),
        ):
            pass


def test_a_thread_that_writes_cannot_begin_to_write_again(store: SqliteStore) -> None:
    """A second write transaction in the same thread is refused at once; a reading one is welcome."""
    with store.transaction() as tx:
        tx.put("branch", "B", {})
        with store.transaction(write=False) as reading:
            assert reading.get("branch", "B") is None
        with pytest.raises(StorageError, match="already writing"), store.transaction():
            pass


def test_a_writer_waits_for_another_thread_only_so_long(tmp_path: Path) -> None:
    """A thread that waits for another writer gives up after the stated time, and says so."""
    failed: list[str] = []
    with open_sqlite(tmp_path / "s.db", patience=0.05) as store:

        def write() -> None:
            try:
                with store.transaction():
                    pass
            except StorageError as error:
                failed.append(error.what)

        with store.transaction():
            thread = threading.Thread(target=write)
            thread.start()
            thread.join()

    assert ["another writer kept it for 0.05 seconds"] == failed


def test_a_closed_store_refuses(store: SqliteStore) -> None:
    """After closing, nothing can be begun."""
    store.close()

    with pytest.raises(StorageError, match="closed"), store.transaction():
        pass


# -- the caller's own transaction


def test_the_caller_owns_the_transaction(store: SqliteStore) -> None:
    """What is written on the caller's connection is committed or rolled back with the caller's own rows."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as mine:
        mine.execute("CREATE TABLE mine (x)")
        mine.row_factory = sqlite3.Row
        for end in ("ROLLBACK", "COMMIT"):
            mine.execute("BEGIN IMMEDIATE")
            mine.execute("INSERT INTO mine VALUES (1)")
            with store.adopt(mine) as tx:
                tx.put("branch", "B", {"n": 1})
                tx.append("s", some_entries(1))
            assert mine.in_transaction
            mine.execute(end)
        rows = mine.execute("SELECT count(*) FROM mine").fetchone()[0]
    with store.transaction(write=False) as tx:
        seen = (tx.get("branch", "B"), len(tx.read()), tx.tip().seq)

    assert 1 == rows
    assert seen[0] is not None
    assert (1, 1, 1) == (seen[0].version, *seen[1:])


def test_what_fails_inside_the_callers_transaction_is_undone_alone(store: SqliteStore) -> None:
    """A conflict undoes what branchkit did and leaves the caller's rows to the caller."""
    with closing(sqlite3.connect(store.path)) as mine:
        mine.execute("CREATE TABLE mine (x)")
        mine.execute("INSERT INTO mine VALUES (1)")
        with pytest.raises(Conflict), store.adopt(mine) as tx:  # noqa: PT012 - the block is what is tested
            tx.put("branch", "B", {})
            tx.expect("branch", "B", 9)
        mine.commit()
        rows = mine.execute("SELECT count(*) FROM mine").fetchone()[0]
    with store.transaction(write=False) as tx:
        assert tx.get("branch", "B") is None

    assert 1 == rows


def test_a_connection_to_another_file_is_refused(store: SqliteStore, tmp_path: Path) -> None:
    """A transaction on another file would be another transaction; a connection with odd texts would be misread."""
    with closing(sqlite3.connect(tmp_path / "other.db")) as other, closing(sqlite3.connect(store.path)) as odd:
        odd.text_factory = bytes

        with pytest.raises(StorageError, match="another file"), store.adopt(other):
            pass
        with pytest.raises(StorageError, match="text_factory"), store.adopt(odd):
            pass


def test_a_transaction_that_read_an_older_state_is_a_conflict(store: SqliteStore) -> None:
    """A caller who read before somebody else wrote cannot write on what was read."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as mine:
        mine.execute("BEGIN")
        mine.execute("SELECT * FROM branchkit_meta").fetchall()
        with store.transaction() as tx:
            tx.put("branch", "B", {})
        with pytest.raises(Conflict), store.adopt(mine) as tx:
            tx.put("branch", "B", {})
        mine.execute("ROLLBACK")


def test_a_full_disk_writes_nothing(store: SqliteStore) -> None:
    """When there is no room, the error says so, and what fitted is not left behind."""
    with closing(sqlite3.connect(store.path, isolation_level=None)) as mine:
        pages = mine.execute("PRAGMA page_count").fetchone()[0]
        mine.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StorageError, match="disk is full"), store.adopt(mine) as tx:  # noqa: PT012 - as above
            tx.put("branch", "small", {})
            tx.put("branch", "big", {"x": "y" * 100_000})
        if mine.in_transaction:
            mine.execute("ROLLBACK")
    with store.transaction(write=False) as tx:
        assert () == tx.find("branch", {}).items


def test_a_failed_statement_cannot_be_swallowed(store: SqliteStore) -> None:
    """After SQLite refused something, the transaction no longer commits, even if the error is caught."""
    with pytest.raises(StorageError, match="a step of this"), store.transaction() as tx:  # noqa: PT012 - as above
        tx.put("branch", "B", {})
        with pytest.raises(StorageError, match="64 bits"):
            tx.read(after=2**70)


def test_what_was_erased_is_gone_from_the_files(store: SqliteStore) -> None:
    """After erasing, the bytes of the value are neither in the file nor in its log."""
    with store.transaction() as tx:
        tx.seal("r", "UNMISTAKABLE-VALUE", b"UNMISTAKABLE-KEY")
    with store.transaction() as tx:
        tx.erase("r")

    store.close()
    for path in Path(store.path).parent.glob("store.db*"):
        assert b"UNMISTAKABLE" not in path.read_bytes()


def test_a_connection_that_may_not_write_is_named(store: SqliteStore) -> None:
    """Writing through a connection that only reads says that the file is read-only."""
    with closing(sqlite3.connect(f"file:{store.path}?mode=ro", uri=True, isolation_level=None)) as mine:
        mine.execute("BEGIN")
        with pytest.raises(StorageError, match="read-only"), store.adopt(mine) as tx:
            tx.put("branch", "B", {})
