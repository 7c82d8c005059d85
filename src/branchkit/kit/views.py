"""What is worked out of the documents of one stream, and kept from one transaction to the next.

A view only says where to look: what it names is read again. It is as old as the journal entry that it is anchored to.
Entries are chained, so an anchor that is still in the journal, with nothing after it that concerns the view, proves
that the view is whole, whoever wrote meanwhile; a transaction that was rolled back takes the anchor with it.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

if TYPE_CHECKING:
    from branchkit.kit.documents import Documents
    from branchkit.storage import Entry, Transaction

__all__ = ["Pool", "View"]

_BEHIND = 50
_MOST = 50_000


class View:
    """Something worked out of the documents of one stream: no event of another stream may change any of them."""

    KIND: ClassVar[str]
    """The kind of document it follows."""
    FIELD: ClassVar[str]
    """The index field of such a document that names the owner of the view it belongs to."""
    STREAM: ClassVar[str]
    """What stands before the owner in the name of the stream."""
    EVENTS: ClassVar[frozenset[str]]
    """The kinds of events that change it, of whatever version."""

    def __init__(self, owner: str) -> None:
        self.owner = owner
        self.anchor: tuple[int, str] | None = None

    @property
    def stream(self) -> str:
        """The stream it is worked out of."""
        return f"{self.STREAM}:{self.owner}"

    def start(self, documents: Documents) -> None:
        """Work it out of the documents."""
        raise NotImplementedError

    def keep(self, value: Any) -> None:
        """Follow a document that was written."""
        raise NotImplementedError

    def __len__(self) -> int:
        """How much it holds."""
        raise NotImplementedError

    def anchored(self, entry: Entry) -> None:
        """Note the entry up to which it is whole."""
        self.anchor = (entry.version, entry.hash)

    def is_whole(self, tx: Transaction) -> bool:
        """Say whether it is as a transaction would work it out."""
        if self.anchor is None:
            return False
        version, digest = self.anchor
        entries = tx.read(stream=self.stream, after=version - 1, limit=_BEHIND)
        if not entries or (entries[0].version, entries[0].hash) != (version, digest) or len(entries) == _BEHIND:
            return False
        if any(entry.kind.rpartition("/")[0] in self.EVENTS for entry in entries[1:]):
            return False
        self.anchored(entries[-1])
        return True


_Key: TypeAlias = tuple[type[View], str]


class Pool:
    """The views of a kit that no transaction has in its hands. Safe to share between threads."""

    def __init__(self) -> None:
        self._views: dict[_Key, View] = {}
        self._size = 0
        self._lock = threading.Lock()

    def take(self, key: _Key) -> View | None:
        """Return a view and forget it, so that nobody else has it."""
        with self._lock:
            view = self._views.pop(key, None)
            if view is not None:
                self._size -= len(view) + 1
            return view

    def give(self, views: Iterable[View]) -> None:
        """Keep views, the latest ones where they become too many."""
        with self._lock:
            for view in views:
                key = (type(view), view.owner)
                if view.anchor is None or key in self._views:
                    continue
                self._views[key] = view
                self._size += len(view) + 1
            while self._size > _MOST:
                self._size -= len(self._views.pop(next(iter(self._views)))) + 1

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._views.clear()
            self._size = 0
