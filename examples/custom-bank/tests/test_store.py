"""What only this store does: a file that is torn, foreign, or written by somebody else."""

from __future__ import annotations

from pathlib import Path

import pytest
from branchkit_harbour.storage import FileStore

from branchkit.errors import Conflict, StorageError


def filled(path: Path) -> FileStore:
    """Return a store with one document."""
    store = FileStore(path)
    with store.transaction() as tx:
        tx.put("branch", "B-1", {"name": "网点"})
    return store


def test_a_file_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    """Half a file is told as such, by the store that is open and by whoever opens it."""
    path = tmp_path / "x.json"
    store = filled(path)
    path.write_text(path.read_text(encoding="utf-8")[:-9], encoding="utf-8")

    assert "not whole" in store.check()[0]
    with pytest.raises(StorageError, match="not whole"):
        FileStore(path)


def test_a_foreign_file_is_refused(tmp_path: Path) -> None:
    """A file of another kind is not taken for an empty store."""
    path = tmp_path / "x.json"
    path.write_text('{"documents": {}}', encoding="utf-8")

    with pytest.raises(StorageError, match="no store of the format"):
        FileStore(path)
    assert '{"documents": {}}' == path.read_text(encoding="utf-8")


def test_what_another_process_wrote_is_not_overwritten(tmp_path: Path) -> None:
    """Of two that have the file open, the second one is told that it is late."""
    one = filled(tmp_path / "x.json")
    other = FileStore(tmp_path / "x.json")
    with other.transaction() as tx:
        tx.put("branch", "B-2", {})

    with pytest.raises(Conflict, match="another process"), one.transaction() as tx:
        tx.put("branch", "B-3", {})
    with FileStore(tmp_path / "x.json") as again, again.transaction(write=False) as tx:
        assert ["B-1", "B-2"] == [found.id for found in tx.find("branch", {}).items]


def test_a_commit_that_cannot_be_written_changes_nothing(tmp_path: Path) -> None:
    """Where the new file cannot be made, the old one stays, and so does what the store gives."""
    store = filled(tmp_path / "x.json")
    (tmp_path / "x.json.new").mkdir()

    with pytest.raises(StorageError, match="cannot be written"), store.transaction() as tx:
        tx.put("branch", "B-2", {})
    with store.transaction(write=False) as tx:
        assert ["B-1"] == [found.id for found in tx.find("branch", {}).items]
    (tmp_path / "x.json.new").rmdir()
    with store.transaction() as tx:
        assert 1 == tx.put("branch", "B-2", {})


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    """An address that names a folder is refused when it is opened."""
    with pytest.raises(StorageError, match="cannot be read"):
        FileStore(tmp_path)
