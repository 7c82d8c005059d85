"""The memory store keeps the laws."""

from __future__ import annotations

import threading

import pytest

from branchkit.errors import ConfigError, StorageError, Unsupported
from branchkit.storage import SHA256, MemoryStore, Store
from branchkit.testing.stores import StoreLaws


class TestMemoryStore(StoreLaws):
    """Every law, in memory."""

    def make_store(self, *, checkpoint_every: int = 1000) -> Store:
        """Return a new store in memory."""
        return MemoryStore(checkpoint_every=checkpoint_every)


def test_a_thread_that_writes_cannot_begin_to_write_again() -> None:
    """A second write transaction in the same thread is refused at once and not waited for."""
    store = MemoryStore()

    with store.transaction(), pytest.raises(StorageError, match="already writing"), store.transaction():
        pass


def test_a_writer_waits_only_so_long() -> None:
    """A thread that waits for another writer gives up after the stated time, and says so."""
    store = MemoryStore(patience=0.05)
    failed: list[StorageError] = []

    def write() -> None:
        try:
            with store.transaction():
                pass
        except StorageError as error:
            failed.append(error)

    with store.transaction():
        thread = threading.Thread(target=write)
        thread.start()
        thread.join()

    assert ["memory: another writer kept it for 0.05 seconds; try again later"] == [str(each) for each in failed]


def test_what_memory_cannot_do_is_said() -> None:
    """It declares no capability, refuses a backup, refuses settings without sense, and refuses all once closed."""
    with MemoryStore() as store:
        assert frozenset() == store.capabilities
        assert () == store.check()
        with pytest.raises(Unsupported):
            store.backup("copy.db")
    with pytest.raises(StorageError, match="closed"), store.transaction():
        pass
    with pytest.raises(StorageError):
        MemoryStore(checkpoint_every=0)
    with pytest.raises(ConfigError):
        MemoryStore(algorithms=())
    with pytest.raises(ConfigError):
        MemoryStore(algorithms=(SHA256, SHA256))


@pytest.mark.parametrize("question", ["find", "read", "checkpoints", "due", "outbox", "sealed"])
def test_a_page_of_nothing_is_refused(question: str) -> None:
    """A limit below one is an error and not an empty answer."""
    import datetime as dt

    given = {"find": ("case", {}), "due": (dt.datetime.now(dt.UTC),)}.get(question, ())

    with MemoryStore().transaction() as tx, pytest.raises(StorageError, match="limit"):
        getattr(tx, question)(*given, limit=0)
