"""Destroys the sealed values of a customer, wherever the journal refers to them; the journal itself stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from branchkit.codec import personal_paths
from branchkit.kit.floor import Gone, Keep
from branchkit.kit.wire import Upcaster, retry_ref, unpack
from branchkit.storage import Entry, Transaction

__all__ = ["destroy", "entries_of"]

_PAGE = 1000


def destroy(tx: Transaction, gone: Iterable[Gone], upcasters: Mapping[str, Upcaster], where: str) -> int:
    """Destroy the values that the entries about some documents refer to, with their keys; say how many there were.

    What tells a command that is given again from another one goes with them: it is a digest of those values.
    """
    count = 0
    for one in gone:
        for entry in entries_of(tx, one.keep):
            refs = list(_refs(tx, entry, one.data, upcasters, where))
            if refs or one.data is None:
                refs.append(retry_ref(entry.command))
            count += sum(map(tx.erase, refs))
    return count


def entries_of(tx: Transaction, keep: Keep) -> Iterator[Entry]:
    """Yield the entries of a document's stream that are about the document, in order."""
    after = 0
    while entries := tx.read(stream=keep.stream, after=after, limit=_PAGE):
        for entry in entries:
            # A stream that is shared is long, and nearly all of it is about something else.
            if keep.whole or (keep.id in entry.text and _names(entry.body.get("data"), keep)):
                yield entry
        after = entries[-1].version


def _names(data: Any, keep: Keep) -> bool:
    named = data.get(keep.kind) if isinstance(data, dict) else None
    return named == keep.id or (isinstance(named, dict) and named.get("id") == keep.id)


def _refs(
    tx: Transaction, entry: Entry, data: Collection[str] | None, upcasters: Mapping[str, Upcaster], where: str
) -> Iterator[str]:
    """Yield the references of an entry's personal values, or of those of some kinds."""
    body = entry.body
    sealed = body.get("sealed")
    if sealed is None:
        return
    macs: Iterable[str] = sealed["macs"]
    if data is not None:
        event, _ = unpack(entry.kind, body, tx.unseal, upcasters, where=f"{where} entry {entry.seq}")
        kinds = personal_paths(event)
        macs = [path for path in macs if kinds.get(path) in data]
    yield from (sealed["under"] + path for path in macs)
