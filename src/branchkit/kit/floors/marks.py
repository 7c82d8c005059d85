"""Which entries of a register have a value that must be an entry's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from branchkit.estate import Entry, Register
from branchkit.kit.views import View

if TYPE_CHECKING:
    from branchkit.kit.documents import Documents

__all__ = ["Marks"]


class Marks(View):
    """The ids of a register's entries by the values of its unique fields.

    Values may be personal, so that only their hashes are held; and an entry that has another value by now is still
    found by the one before.
    """

    KIND: ClassVar[str] = "entry"
    FIELD: ClassVar[str] = "register"
    STREAM: ClassVar[str] = "register"
    EVENTS: ClassVar[frozenset[str]] = frozenset({"entry_recorded"})

    def __init__(self, owner: str) -> None:
        super().__init__(owner)
        self._unique: tuple[str, ...] = ()
        self._ids: dict[int, set[str]] = {}
        self._size = 0

    def start(self, documents: Documents) -> None:
        """Look at every entry of the register."""
        self._unique = _unique(documents.rules.register(self.owner))
        if self._unique:
            for stored in documents.stored("entry", {"register": self.owner}):
                self.keep(documents.read(stored))

    def keep(self, value: Entry) -> None:
        """Mark what must be the entry's own."""
        for mark in self._marks(value):
            self._ids.setdefault(mark, set()).add(value.id)
            self._size += 1

    def __len__(self) -> int:
        return self._size

    def rivals(self, entry: Entry) -> list[str]:
        """Return the ids of other entries that may share a value with this one, sorted."""
        return sorted({id for mark in self._marks(entry) for id in self._ids.get(mark, ())} - {entry.id})

    def _marks(self, entry: Entry) -> Iterator[int]:
        return (hash((name, entry.values[name])) for name in self._unique if name in entry.values)


def _unique(register: Register) -> tuple[str, ...]:
    return tuple(field.name for field in register.fields if field.unique)
