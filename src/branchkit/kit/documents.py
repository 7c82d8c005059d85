"""The documents of one transaction as objects: read once, written with what they are found by."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from branchkit.codec import structure
from branchkit.errors import DecodeError, StoreCorrupt
from branchkit.kit.floor import Change
from branchkit.kit.floors import KINDS, VIEWS
from branchkit.kit.views import Pool, View
from branchkit.storage import Entry, Stored, Transaction

if TYPE_CHECKING:
    from branchkit.kit.rules import RuleBook

__all__ = ["Decoded", "Documents", "loaded"]

V = TypeVar("V", bound=View)
_MOST = 2000


def loaded(stored: Stored, *, where: str) -> Any:
    """Return the object that a stored document holds; raises `StoreCorrupt` that names it where it is not readable."""
    try:
        return structure(KINDS[stored.kind].cls, stored.body)
    except DecodeError as error:
        place = f"{where} {stored.kind} {stored.id!r}"
        what = f"the document is not readable: {DecodeError(place, error.problems)}"
        raise StoreCorrupt(place, what, "rebuild it from the journal") from error
    except (ValueError, RecursionError) as error:
        place = f"{where} {stored.kind} {stored.id!r}"
        raise StoreCorrupt(place, "the document is no JSON", "rebuild it from the journal") from error


class Decoded:
    """The objects of documents that were read lately, with their texts: only an equal text gives the same object.

    Safe to share between threads: each step is one of a dictionary's own.
    """

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[str, Any]] = {}

    def of(self, stored: Stored, *, where: str) -> Any:
        """Return the object that a stored document holds. Raises as `loaded`."""
        key = (stored.kind, stored.id)
        known = self._known.get(key)
        if known is not None and known[0] == stored.text:
            return known[1]
        value = loaded(stored, where=where)
        if len(self._known) >= _MOST:
            self._known.clear()
        self._known[key] = (stored.text, value)
        return value


class Documents:
    """The documents of one transaction. What has been read or written once is not read again: it holds it still.

    Args:
        tx: the transaction.
        rules: the rules in force.
        where: the store, for messages.
        decoded: objects that other transactions read.
        pool: views that other transactions worked out.
    """

    def __init__(
        self,
        tx: Transaction,
        rules: RuleBook,
        *,
        where: str,
        decoded: Decoded | None = None,
        pool: Pool | None = None,
    ) -> None:
        self.rules = rules
        self._tx = tx
        self._where = where
        self._decoded = decoded or Decoded()
        self._pool = pool or Pool()
        self._held: dict[tuple[str, str], Any] = {}
        self._views: dict[tuple[type[View], str], View] = {}
        self._by_stream: dict[str, list[View]] = {}

    def current(self, kind: str, id: str) -> Any:
        """Return a document of the store, or ``None``."""
        key = (kind, id)
        held = self._held
        if key not in held:
            stored = self._tx.get(kind, id)
            held[key] = None if stored is None else self.read(stored)
        return held[key]

    def write(self, change: Change, plain: Any) -> None:
        """Write a document, given its plain data too, with the fields it can be found by."""
        index = KINDS[change.kind].index(change.value)
        self._tx.put(change.kind, change.id, plain, index=index)
        self._hold(change, index)

    def hold(self, change: Change) -> None:
        """Take a document to be so for as long as the transaction lasts, without writing it."""
        self._hold(change, KINDS[change.kind].index(change.value))

    def _hold(self, change: Change, index: Mapping[str, Any]) -> None:
        self._held[change.kind, change.id] = change.value
        for cls in VIEWS.get(change.kind, ()):
            view = self._views.get((cls, index[cls.FIELD]))
            if view is not None:
                view.keep(change.value)

    def read(self, stored: Stored) -> Any:
        """Return the object that a stored document holds, without holding it. Raises as `loaded`."""
        return self._decoded.of(stored, where=self._where)

    def held(self, kind: str, id: str) -> Any:
        """Return a document that was read or written already, or ``None``."""
        return self._held.get((kind, id))

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the documents of a kind with these field values, in the order of their ids."""
        for stored in self.stored(kind, where):
            key = (kind, stored.id)
            if key not in self._held:
                self._held[key] = self.read(stored)
            yield self._held[key]

    def stored(self, kind: str, where: Mapping[str, Any], after: str | None = None) -> Iterator[Stored]:
        """Yield the documents of a kind with these field values as they are stored, in the order of their ids.

        With `after` only those whose id comes after that text.
        """
        while True:
            page = self._tx.find(kind, where, after=after)
            yield from page.items
            if page.next is None:
                return
            after = page.next

    def view(self, cls: type[V], owner: str) -> V:
        """Return what is worked out of an owner's documents."""
        key = (cls, owner)
        view = self._views.get(key)
        if view is None:
            view = self._pool.take(key)
            if view is None or not view.is_whole(self._tx):
                view = cls(owner)
                view.start(self)
            self._views[key] = view
            self._by_stream.setdefault(view.stream, []).append(view)
        return cast(V, view)

    def appended(self, entry: Entry) -> None:
        """Note the last entry of a stream, written after the documents that it speaks of."""
        for view in self._by_stream.get(entry.stream, ()):
            view.anchored(entry)

    def release(self) -> None:
        """Give the views back for the next transaction. Not after an exception: they may be ahead of the journal."""
        self._pool.give(self._views.values())
        self._views.clear()
        self._by_stream.clear()
