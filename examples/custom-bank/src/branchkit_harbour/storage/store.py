"""The store itself: one file, which every commit replaces as a whole."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from branchkit.errors import Conflict, StorageError, Unsupported
from branchkit.storage import SHA256, HashAlgorithm
from branchkit.storage.chain import journal_head
from branchkit_harbour.storage.documents import Documents
from branchkit_harbour.storage.journal import Journal
from branchkit_harbour.storage.rest import Rest
from branchkit_harbour.storage.state import empty, read_state, write_state

__all__ = ["FileStore", "FileTransaction"]


class FileTransaction(Documents, Journal, Rest):
    """Everything read and written here is one state and one step."""

    def head(self) -> str:
        """Return one hash over the whole journal."""
        return journal_head(self.where, self, self.tip(), SHA256)


class FileStore:
    """Keeps what one outlet knows in one file; for thousands of records, not for millions.

    Writers follow one another, so no write is lost and nothing is compared at the commit. After a crash the file holds
    the state before or the state after. It is for one process: what another one wrote meanwhile is not overwritten,
    and the commit is refused.
    """

    capabilities: frozenset[str] = frozenset({"durable"})
    algorithms: Mapping[str, HashAlgorithm] = {SHA256.name: SHA256}

    def __init__(self, path: str | Path, *, checkpoint_every: int = 1000, patience: float = 5.0) -> None:
        """Open the file, or begin a new one.

        Args:
            path: the file.
            checkpoint_every: how many journal entries go under one checkpoint, for a new file.
            patience: how many seconds a writer waits for another one.

        Raises:
            StorageError: it cannot be read, or is no such store.
        """
        self.path = Path(path)
        self.where = str(self.path)
        self._patience = patience
        self._seen = self._stamp()
        try:
            self._text = empty(checkpoint_every) if self._seen is None else self.path.read_text(encoding="utf-8")
        except (OSError, UnicodeError) as error:
            raise StorageError(self.where, "it cannot be read", "look at its name and rights") from error
        self.checkpoint_every: int = read_state(self.where, self._text)["every"]
        self._writing = threading.Lock()
        self._writer: int | None = None
        self._open = True

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[FileTransaction, None, None]:
        """Begin a transaction; see `branchkit.storage.Store.transaction`."""
        if not self._open:
            raise StorageError(self.where, "the store is closed", "open it again")
        if not write:
            with self._run(write=False) as tx:
                yield tx
            return
        if self._writer == threading.get_ident():
            raise StorageError(self.where, "this thread is already writing", "use the transaction that is open")
        if not self._writing.acquire(timeout=self._patience):
            raise StorageError(self.where, f"another writer kept it for {self._patience:g} seconds", "try again later")
        self._writer = threading.get_ident()
        try:
            with self._run(write=True) as tx:
                yield tx
            self._save(write_state(tx.state))
        finally:
            self._writer = None
            self._writing.release()

    def check(self) -> tuple[str, ...]:
        """Return what is wrong with the file; empty where it is sound."""
        try:
            found = self.path.read_text(encoding="utf-8") if self._seen is not None else self._text
            read_state(self.where, found)
        except (OSError, UnicodeError, StorageError) as error:
            return (str(error),)
        return ()

    def backup(self, target: str) -> None:
        """Refuse: whoever needs a copy copies the file.

        Raises:
            Unsupported: always.
        """
        raise Unsupported("backup", self.where, "it does not declare 'backup'; copy the file")

    def close(self) -> None:
        """Give nothing away any more."""
        self._open = False

    def __enter__(self) -> FileStore:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _run(self, *, write: bool) -> Generator[FileTransaction, None, None]:
        tx = FileTransaction(self.where, read_state(self.where, self._text), write=write)
        try:
            yield tx
        finally:
            tx.over = True
        if tx.doomed:
            raise StorageError(self.where, "replacing the documents failed in this transaction", "begin a new one")

    def _save(self, text: str) -> None:
        """Put a new file into the place of the old one, on the disk before this returns."""
        if self._stamp() != self._seen:
            raise Conflict(self.where, "another process has written the file meanwhile", "open it again")
        new = self.path.with_name(f"{self.path.name}.new")
        try:
            with new.open("w", encoding="utf-8", newline="") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except (OSError, UnicodeError) as error:
            raise StorageError(self.where, "it cannot be written", "look at the disk and the rights") from error
        self._text, self._seen = text, self._stamp()

    def _stamp(self) -> tuple[int, int, int] | None:
        """Return what another file in this place would have otherwise; ``None`` where there is none."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StorageError(self.where, "it cannot be read", "look at its name and rights") from error
        return found.st_ino, found.st_mtime_ns, found.st_size
