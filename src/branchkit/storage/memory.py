"""The store in memory: for tests, for trying things out, and as the readable example of the contract."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager
from types import TracebackType
from typing import Any

from branchkit.errors import StorageError, Unsupported
from branchkit.storage.algorithms import SHA256, HashAlgorithm, algorithm_map
from branchkit.storage.memory_transaction import MemoryTransaction
from branchkit.storage.ordered import GONE, Layer, Table, View

__all__ = ["MemoryStore"]


class MemoryStore:
    """A store that ends with the process.

    Writers follow one another; readers see the state at which they began and hold nobody up.

    >>> store = MemoryStore()
    >>> with store.transaction() as tx:
    ...     tx.put("branch", "B-1", {"name": "Riverside"})
    1
    >>> with store.transaction(write=False) as tx:
    ...     tx.get("branch", "B-1")
    Stored(kind='branch', id='B-1', version=1)
    """

    where = "memory"
    capabilities: frozenset[str] = frozenset()

    def __init__(
        self, *, checkpoint_every: int = 1000, algorithms: Iterable[HashAlgorithm] = (SHA256,), patience: float = 5.0
    ) -> None:
        """Make an empty store.

        Args:
            checkpoint_every: how many journal entries go under one checkpoint.
            algorithms: the first one hashes what is written.
            patience: how many seconds a writer waits for another one.
        """
        if checkpoint_every < 1:
            raise StorageError(self.where, "checkpoint_every is below 1", "pass 1 or more")
        self.checkpoint_every = checkpoint_every
        self.algorithms: Mapping[str, HashAlgorithm] = algorithm_map(algorithms)
        self._patience = patience
        self._base: Layer = {}
        self._readers: list[View] = []
        self._mutex = threading.RLock()
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._open = True

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[MemoryTransaction, None, None]:
        """Begin a transaction; see `branchkit.storage.Store.transaction`."""
        if not self._open:
            raise StorageError(self.where, "the store is closed", "make a new one")
        with self._write() if write else self._read() as tx:
            yield tx

    def check(self) -> tuple[str, ...]:
        """Return nothing: memory has no medium of its own to look at."""
        return ()

    def backup(self, target: str) -> None:
        """Refuse: there is nothing to copy from a store that ends with the process.

        Raises:
            Unsupported: always.
        """
        raise Unsupported("backup", self.where, "it does not declare 'backup'")

    def close(self) -> None:
        """Forget everything."""
        self._open = False
        self._base = {}

    def __enter__(self) -> MemoryStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _write(self) -> Generator[MemoryTransaction, None, None]:
        me = threading.get_ident()
        if self._writer == me:
            raise StorageError(self.where, "this thread is already writing", "use the transaction that is open")
        if not self._writing.acquire(timeout=self._patience):
            raise StorageError(self.where, f"another writer kept it for {self._patience:g} seconds", "try again later")
        self._writer = me
        try:
            view = View(self._base)
            tx = MemoryTransaction(self, view, self._mutex, write=True)
            try:
                yield tx
                tx.before_commit()
            finally:
                tx.end()
            self._commit(view)
        finally:
            self._writer = None
            self._writing.release()

    @contextmanager
    def _read(self) -> Generator[MemoryTransaction, None, None]:
        view = View(self._base)
        with self._mutex:
            self._readers.append(view)
        tx = MemoryTransaction(self, view, self._mutex, write=False)
        try:
            yield tx
        finally:
            tx.end()
            with self._mutex:
                self._readers = [each for each in self._readers if each is not view]

    def _commit(self, view: View) -> None:
        with self._mutex:
            for name, layer in view.over.items():
                base = self._base.setdefault(name, Table())
                for key, value in layer.rows.items():
                    self._keep_for_readers(name, key, base.rows.get(key, GONE))
                    if value is not GONE:
                        base.set(key, value)
                    elif key in base.rows:
                        base.remove(key)

    def _keep_for_readers(self, name: str, key: tuple[Any, ...], older: object) -> None:
        for reader in self._readers:
            layer = reader.over.get(name)
            if layer is None or key not in layer.rows:
                reader.set(name, key, older)
