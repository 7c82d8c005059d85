"""The state that a transaction sees and changes: plain data, as the file holds it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from branchkit.errors import StorageError

__all__ = ["FORMAT", "Base", "empty", "read_state", "write_state"]

FORMAT = "branchkit-harbour/1"
_TABLES: Mapping[str, type] = {
    "documents": dict,
    "entries": list,
    "checkpoints": list,
    "outcomes": dict,
    "due": dict,
    "outbox": list,
    "sealed": dict,
}


def empty(checkpoint_every: int) -> str:
    """Return the text of a store that holds nothing yet."""
    return write_state(
        {"format": FORMAT, "every": checkpoint_every, **{name: kind() for name, kind in _TABLES.items()}}
    )


def write_state(state: Mapping[str, Any]) -> str:
    """Return the text of a state."""
    return json.dumps(state, ensure_ascii=False, separators=(",", ":"))


def read_state(where: str, text: str) -> dict[str, Any]:
    """Return the state of a text.

    Raises:
        StorageError: it is none of this store's.
    """
    try:
        state = json.loads(text)
    except ValueError as error:
        raise StorageError(where, "the file is not whole", "put a copy of it in its place") from error
    whole = isinstance(state, dict) and all(isinstance(state.get(name), kind) for name, kind in _TABLES.items())
    if not whole or state.get("format") != FORMAT:
        raise StorageError(where, f"the file is no store of the format {FORMAT}", "name the file of such a store")
    found: dict[str, Any] = state
    return found


class Base:
    """What all parts of a transaction share: its state, and whether it may still read and write."""

    def __init__(self, where: str, state: dict[str, Any], *, write: bool) -> None:
        self.where = where
        self.state = state
        self.doomed = False
        """True while the documents are being replaced, and after that failed."""
        self.over = False
        self._write = write

    def reading(self, table: str) -> Any:
        """Return a table to look into.

        Raises:
            StorageError: the transaction has ended.
        """
        if self.over:
            raise StorageError(self.where, "this transaction has ended", "begin a new one")
        return self.state[table]

    def writing(self, table: str) -> Any:
        """Return a table to change.

        Raises:
            StorageError: the transaction has ended, or only reads.
        """
        found = self.reading(table)
        if not self._write:
            raise StorageError(self.where, "this transaction only reads", "begin one with write=True")
        return found
