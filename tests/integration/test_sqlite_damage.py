"""Whatever is changed behind the store's back is found and named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from branchkit.storage import ChainReport, open_sqlite, verify_chains
from branchkit.testing.stores import some_entries


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a store of 23 entries in 3 streams with 4 checkpoints and 3 sealed values, one of them erased."""
    path = tmp_path / "store.db"
    with open_sqlite(path, checkpoint_every=5, sync="normal") as store, store.transaction() as tx:
        for n, event in enumerate(some_entries(23)):
            tx.append(f"case:{n % 3}", [event])
        for ref in ("r1", "r2", "r3"):
            tx.seal(ref, f"value of {ref}", b"key")
        tx.erase("r3")
    return path


def _damaged(path: Path, *statements: str) -> ChainReport:
    with closing(sqlite3.connect(path)) as connection, connection:
        for statement in statements:
            connection.execute(statement)
    with open_sqlite(path, sync="normal") as store:
        return verify_chains(store)


def _flip(table: str, key: str, column: str, bit: int) -> Callable[[Path], None]:
    def flip(path: Path) -> None:
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.text_factory = bytes
            (value,) = connection.execute(f"SELECT {column} FROM {table} WHERE {key}").fetchone()  # noqa: S608
            if isinstance(value, int):
                new: object = value ^ (64 << bit)
            else:
                new = bytes([value[0] ^ (1 << bit)]) + value[1:]
            kind = "INTEGER" if isinstance(value, int) else "BLOB" if column == "key" else "TEXT"
            connection.execute(f"UPDATE {table} SET {column} = CAST(? AS {kind}) WHERE {key}", (new,))  # noqa: S608

    return flip


def test_a_store_nobody_touched_verifies(path: Path) -> None:
    """The example is sound before anything is done to it."""
    with open_sqlite(path) as store:
        told: list[int] = []
        report = verify_chains(store, progress=told.append)

    assert report.ok
    assert (23, 4, 2, 1) == (report.entries, report.checkpoints, report.sealed, report.erased)
    assert [23] == told


_TEXTS = ["stream", "kind", "text", "command", "at", "recorded_at", "algorithm", "previous", "hash"]


@pytest.mark.parametrize("bit", [0, 5, 7])
@pytest.mark.parametrize("column", [*_TEXTS, "version"])
def test_a_flipped_bit_in_an_entry_is_named(path: Path, column: str, bit: int) -> None:
    """One bit in any column of an entry is found, and the entry is named by seq, stream and version."""
    _flip("branchkit_journal", "seq = 12", column, bit)(path)

    with open_sqlite(path) as store:
        report = verify_chains(store)

    assert not report.ok
    named = [each for each in report.problems if each.seq == 12]
    assert named, report.problems
    if column not in ("stream", "version"):
        assert ("case:2", 4) == (named[0].stream, named[0].version)
        assert {12} == {each.seq for each in report.problems if each.seq is not None}
    assert "entry 12 (" in str(named[0])


@pytest.mark.parametrize("bit", [0, 5, 7])
@pytest.mark.parametrize("column", ["seq", "streams", "root", "algorithm", "previous", "hash"])
def test_a_flipped_bit_in_a_checkpoint_is_named(path: Path, column: str, bit: int) -> None:
    """One bit in any column of a checkpoint is found, and the checkpoint is named."""
    _flip("branchkit_checkpoint", "number = 2", column, bit)(path)

    with open_sqlite(path) as store:
        report = verify_chains(store)

    assert [2] == [each.checkpoint for each in report.problems]


@pytest.mark.parametrize("column", ["value", "key", "algorithm", "mac"])
def test_a_flipped_bit_in_a_sealed_value_is_named(path: Path, column: str) -> None:
    """One bit in a sealed value, its key or its commitment is found, and its reference is named."""
    _flip("branchkit_sealed", "ref = 'r1'", column, 0)(path)

    with open_sqlite(path) as store:
        report = verify_chains(store)

    assert ["r1"] == [each.sealed for each in report.problems]
    assert "value of" not in str(report.problems)


def test_a_value_erased_by_half_is_named(path: Path) -> None:
    """A sealed value whose key is gone and whose text is not was not erased by the store."""
    report = _damaged(path, "UPDATE branchkit_sealed SET key = NULL WHERE ref = 'r1'")

    assert ["sealed value r1: it is erased by half"] == [str(each) for each in report.problems]


@pytest.mark.parametrize("seq", [1, 10, 11, 12, 20])
def test_a_missing_entry_is_named(path: Path, seq: int) -> None:
    """An entry that was removed leaves a hole with its number."""
    report = _damaged(path, f"DELETE FROM branchkit_journal WHERE seq = {seq}")  # noqa: S608

    assert seq in [each.seq for each in report.problems]
    assert any("missing" in each.what for each in report.problems if each.seq == seq)


@pytest.mark.parametrize("last", [22, 20, 18, 9, 0])
def test_a_journal_that_was_cut_off_is_found(path: Path, last: int) -> None:
    """Entries that are missing at the end are found, before the last checkpoint and after it."""
    report = _damaged(path, f"DELETE FROM branchkit_journal WHERE seq > {last}")  # noqa: S608

    assert f"entry {last + 1}: the entries up to 23 are missing at the end" in [str(each) for each in report.problems]


def test_a_cut_that_was_covered_up_is_found_by_the_checkpoint(path: Path) -> None:
    """Who also moves the recorded end still leaves checkpoints over what is missing."""
    report = _damaged(
        path, "DELETE FROM branchkit_journal WHERE seq > 18", "UPDATE branchkit_meta SET value = 18 WHERE key = 'tip'"
    )

    assert [4] == [each.checkpoint for each in report.problems]


def test_entries_that_changed_places_are_named(path: Path) -> None:
    """Two entries that were exchanged are both named."""
    report = _damaged(
        path,
        "UPDATE branchkit_journal SET seq = -1 WHERE seq = 7",
        "UPDATE branchkit_journal SET seq = 7 WHERE seq = 12",
        "UPDATE branchkit_journal SET seq = 12 WHERE seq = -1",
    )

    assert {7, 12} <= {each.seq for each in report.problems}


def test_an_entry_added_behind_the_end_is_found(path: Path) -> None:
    """An entry that did not come through the store is found even when its own link is right."""
    report = _damaged(
        path,
        "INSERT INTO branchkit_journal SELECT 24, stream, version + 1, kind, text, command, at, recorded_at, "
        "algorithm, hash, hash FROM branchkit_journal WHERE seq = 23",
    )

    assert 24 in [each.seq for each in report.problems]


@pytest.mark.parametrize("number", [1, 2, 4])
def test_a_missing_checkpoint_is_named(path: Path, number: int) -> None:
    """A checkpoint that was removed is named, wherever it stood."""
    report = _damaged(path, f"DELETE FROM branchkit_checkpoint WHERE number = {number}")  # noqa: S608

    assert number in [each.checkpoint for each in report.problems]


def test_a_stream_that_was_written_anew_is_found_by_its_checkpoint(path: Path) -> None:
    """Content that was changed together with its hash and all that follow in the stream breaks the seal."""
    import attrs

    from branchkit.storage.algorithms import SHA256
    from branchkit.storage.chain import entry_hash

    with open_sqlite(path) as store, store.transaction(write=False) as tx:
        entries = list(tx.read(stream="case:1"))
    previous = entries[0].hash
    with closing(sqlite3.connect(path)) as connection, connection:
        for entry in entries[1:]:
            forged = attrs.evolve(entry, previous=previous, text='{"n":99}' if entry.version == 2 else entry.text)
            forged = attrs.evolve(forged, hash=entry_hash(forged, SHA256))
            previous = forged.hash
            connection.execute(
                "UPDATE branchkit_journal SET text = ?, previous = ?, hash = ? WHERE seq = ?",
                (forged.text, forged.previous, forged.hash, forged.seq),
            )

    with open_sqlite(path) as store:
        report = verify_chains(store)

    assert [1, 2, 3, 4] == [each.checkpoint for each in report.problems]


def test_memory_stays_flat_over_many_streams(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A verification that may remember few heads looks the others up, and finds the same."""
    monkeypatch.setattr("branchkit.storage.verify._MOST_HEADS", 1)

    with open_sqlite(path) as store:
        assert verify_chains(store).ok
    for column in ("stream", "text", "previous"):
        _flip("branchkit_journal", "seq = 12", column, 7)(path)
    with open_sqlite(path) as store:
        assert 12 in [each.seq for each in verify_chains(store).problems]
