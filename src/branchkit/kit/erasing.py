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
    for (stream, data), keeps in _by_stream(gone).items():
        for entry in entries_of(tx, stream, keeps):
            refs = list(_refs(tx, entry, data, upcasters, where))
            if refs or data is None:
                refs.append(retry_ref(entry.command))
            count += sum(map(tx.erase, refs))
    return count


def _by_stream(gone: Iterable[Gone]) -> dict[tuple[str, frozenset[str] | None], list[Keep]]:
    """Put together what lies in one stream, which may be long: it is read once."""
    found: dict[tuple[str, frozenset[str] | None], list[Keep]] = {}
    for one in gone:
        found.setdefault((one.keep.stream, one.data), []).append(one.keep)
    return found


def entries_of(tx: Transaction, stream: str, keeps: Collection[Keep]) -> Iterator[Entry]:
    """Yield the entries of a stream that are about one of some documents in it, in order."""
    whole = any(keep.whole for keep in keeps)
    after = 0
    while entries := tx.read(stream=stream, after=after, limit=_PAGE):
        for entry in entries:
            # A stream that is shared is long, and nearly all of it is about something else.
            named = () if whole else [keep for keep in keeps if keep.named in entry.text]
            if whole or (named and _names_any(entry.body.get("data"), named)):
                yield entry
        after = entries[-1].version


def _names_any(data: Any, keeps: Iterable[Keep]) -> bool:
    return any(_names(data, keep) for keep in keeps)


def _names(data: Any, keep: Keep) -> bool:
    named = data.get(keep.kind) if isinstance(data, dict) else None
    return named == keep.named or (isinstance(named, dict) and named.get("id") == keep.named)


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
