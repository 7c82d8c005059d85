"""The stores of the core, driven in step with a model."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import settings

from branchkit.storage import MemoryStore, SqliteStore, Store, open_sqlite
from branchkit.testing.store_machine import StoreMachine


class Machine(StoreMachine):
    """Memory and SQLite, with checkpoints close enough to be met."""

    def __init__(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        super().__init__()

    def make_stores(self) -> list[Store]:
        path = Path(self.directory.name) / "store.db"
        return [MemoryStore(checkpoint_every=3), open_sqlite(path, checkpoint_every=3, sync="normal")]

    def reopen(self, store: Store) -> Store:
        if not isinstance(store, SqliteStore):
            return store
        store.close()
        return open_sqlite(store.path, sync="normal")

    def teardown(self) -> None:
        super().teardown()
        self.directory.cleanup()


class TestStores(Machine.TestCase):
    """Memory and SQLite do what a dictionary would do, and end with the same head."""

    settings = settings(max_examples=30, stateful_step_count=15, deadline=None)
