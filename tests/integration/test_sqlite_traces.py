"""What was erased is gone from every byte of a SQLite store, whatever was in the way."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from branchkit.errors import StorageError
from branchkit.storage import SqliteStore, open_sqlite, sqlite_traces

_COUNT = """
import sys
from pathlib import Path
path, words = Path(sys.argv[1]), sys.stdin.buffer.read()
print(sum(each.read_bytes().count(words) for each in path.parent.glob(f"{path.name}*")))
"""
_PUT = """
import sys
from branchkit.storage import open_sqlite
with open_sqlite(sys.argv[1]) as store, store.transaction() as tx:
    tx.put("branch", sys.argv[2], {})
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.db"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with open_sqlite(path, sync="normal") as store:
        yield store


def elsewhere(program: str, *given: str, words: bytes = b"") -> str:
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run([sys.executable, "-c", program, *given], input=words, capture_output=True, check=True)
    return done.stdout.decode()


def found(path: Path, words: bytes = b"MARK") -> int:
    """Return how often the words stand in the file, its log and its index.

    Another process looks: one that closes a file drops the locks that SQLite holds on it.
    """
    return int(elsewhere(_COUNT, str(path), words=words))


def crowd(store: SqliteStore, count: int = 150) -> None:
    """Fill a store with documents and sealed values of many lengths, so that SQLite moves rows between pages."""
    dice = random.Random(7)
    for number in range(count):
        value = f"MARK{number}MARK" + "x" * dice.choice([1, 50, 300, 900, 3000, 9000])
        with store.transaction() as tx:
            tx.put("person", f"{dice.random()}", {"words": value, "number": number})
            tx.seal(f"{dice.random()}-{number}", f'"{value}"', bytes(32))


def test_values_that_moved_between_pages_are_gone(store: SqliteStore, path: Path) -> None:
    """Rows that were moved leave bytes in free room, and those are gone as well once everything is erased."""
    crowd(store)
    with store.transaction() as tx:
        refs = [one.ref for one in tx.sealed()]
        people = tx.find("person", {}).items
    assert found(path)

    for ref, person in zip(refs, people, strict=True):
        with store.transaction() as tx:
            tx.erase(ref)
            tx.put("person", person.id, {"words": None, "number": 0})
    assert 0 == found(path)
    assert () == store.check()


def test_a_reader_that_is_in_the_way_only_puts_it_off(store: SqliteStore, path: Path) -> None:
    """While somebody reads an older state the bytes stay, and the next transaction that writes clears them away."""
    with store.transaction() as tx:
        tx.seal("r", '"UNMISTAKABLE"', bytes(32))
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM branchkit_sealed").fetchall()
        with store.transaction() as tx:
            tx.erase("r")
        assert found(path, b"UNMISTAKABLE")
        assert store.traces
    with store.transaction() as tx:
        tx.put("branch", "B-1", {})

    assert not store.traces
    assert 0 == found(path, b"UNMISTAKABLE")


def test_a_process_that_ended_before_leaves_it_to_the_next_one(store: SqliteStore, path: Path) -> None:
    """Whoever opens the file anew and writes clears away what somebody else erased."""
    with store.transaction() as tx:
        tx.seal("r", '"UNMISTAKABLE"', bytes(32))
    with closing(sqlite3.connect(path)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT * FROM branchkit_sealed").fetchall()
        with store.transaction() as tx:
            tx.erase("r")
        with open_sqlite(path) as other:
            reader.rollback()
            with other.transaction() as tx:
                tx.put("branch", "B-1", {})

    assert 0 == found(path, b"UNMISTAKABLE")


def test_an_erasure_in_a_transaction_of_the_callers_own_is_cleared_later(store: SqliteStore, path: Path) -> None:
    """What the caller's own transaction erased is gone after the next transaction of the store's own, or its end."""
    with store.transaction() as tx:
        tx.seal("r", '"UNMISTAKABLE"', bytes(32))
    with closing(sqlite3.connect(path, isolation_level=None)) as mine:
        with store.adopt(mine) as tx:
            tx.erase("r")
        mine.execute("COMMIT")
    store.close()

    assert 0 == found(path, b"UNMISTAKABLE")


def test_a_file_that_was_written_carelessly_before_is_cleared_too(store: SqliteStore, path: Path) -> None:
    """Bytes that an earlier program left in unused pages are gone once the same value is erased."""
    with store.transaction() as tx:
        tx.seal("r", '"UNMISTAKABLE"', bytes(32))
    with closing(sqlite3.connect(path, isolation_level=None)) as careless:
        careless.execute("PRAGMA secure_delete = OFF")
        careless.execute("CREATE TABLE other (text)")
        careless.executemany("INSERT INTO other VALUES (?)", [('"UNMISTAKABLE"' + "x" * 5000,)] * 9)
        careless.execute("DROP TABLE other")
    assert found(path, b"UNMISTAKABLE") > 1
    with store.transaction() as tx:
        tx.erase("r")

    assert 0 == found(path, b"UNMISTAKABLE")


def test_very_many_values_at_once(store: SqliteStore, path: Path) -> None:
    """Where more is erased at once than can be looked for, the file is written anew in any case."""
    with store.transaction() as tx:
        for number in range(1200):
            tx.seal(f"r{number}", f'"MARK {number}"', bytes(32))
    with store.transaction() as tx:
        assert all(tx.erase(f"r{number}") for number in range(1200))

    assert 0 == found(path)


def test_what_cannot_be_asked_is_an_error_of_the_store(store: SqliteStore, path: Path) -> None:
    """Whether traces are left is no guess: a file that lost its table is damaged."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("DROP TABLE branchkit_meta")

    with pytest.raises(StorageError):
        assert store.traces


def test_nothing_is_erased_twice(store: SqliteStore, path: Path) -> None:
    """What is gone, or never was, is not erased again, and leaves nothing to be done."""
    with store.transaction() as tx:
        tx.seal("r", '"UNMISTAKABLE"', bytes(32))
        assert tx.erase("r")
    with store.transaction() as tx:
        assert not tx.erase("r")
        assert not tx.erase("never")
    with closing(sqlite3.connect(path)) as look:
        assert [] == look.execute("SELECT * FROM branchkit_meta WHERE key = 'traces'").fetchall()


@pytest.mark.parametrize("largest", [None, 0])
def test_other_processes_lose_nothing_after_an_erasure(
    store: SqliteStore, path: Path, monkeypatch: pytest.MonkeyPatch, largest: int | None
) -> None:
    """customers:PRV-02: what is committed after an erasure stays, when processes open and close the same file between:
    none of them takes itself for the last one and deletes a log that is in use.
    """
    if largest is not None:
        monkeypatch.setattr(sqlite_traces, "_LARGEST", largest)
    with store.transaction() as tx:
        tx.seal("r", '"UNMISTAKABLE"', bytes(32))
    with store.transaction() as tx:
        tx.erase("r")

    for number in range(2):
        elsewhere(_PUT, str(path), f"O-{number}")
        with store.transaction() as tx:
            tx.put("branch", f"M-{number}", {})
    elsewhere(_PUT, str(path), "O-9")
    with store.transaction(write=False) as tx:
        mine = [one.id for one in tx.find("branch", {}).items]
    store.close()
    with open_sqlite(path) as anew, anew.transaction(write=False) as tx:
        left = [one.id for one in tx.find("branch", {}).items]

    assert ["M-0", "M-1", "O-0", "O-1", "O-9"] == mine == left
    assert 0 == found(path, b"UNMISTAKABLE")
