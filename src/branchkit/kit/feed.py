"""Reads the journal as events."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

import attrs

from branchkit.errors import StoreCorrupt
from branchkit.kit.wire import Upcaster, unpack
from branchkit.messages import Actor, Event
from branchkit.storage import Entry, Transaction

__all__ = ["Happened", "all_happened", "happened"]


@attrs.frozen(kw_only=True)
class Happened:
    """One event of the feed, with when and by whom."""

    seq: int
    """Its number in the whole journal; the cursor to go on from."""
    stream: str
    version: int
    """Its number in its stream."""
    at: dt.datetime
    """When it happened."""
    recorded_at: dt.datetime
    """When it was told."""
    by: Actor
    command: str
    """The id of the command that led to it."""
    event: Event

    @property
    def late(self) -> dt.timedelta:
        """How long after it happened it was told. The journal is in the order of telling, whatever this says."""
        return self.recorded_at - self.at


def happened(tx: Transaction, entry: Entry, upcasters: Mapping[str, Upcaster], where: str) -> Happened:
    """Return a journal entry as an event; raises `StoreCorrupt` that names the entry where it is not readable."""
    place = f"{where} entry {entry.seq} ({entry.stream}, version {entry.version})"
    try:
        entry.text.encode()  # a damaged store may hold bytes that are no text
        body = entry.body
        at, recorded_at = dt.datetime.fromisoformat(entry.at), dt.datetime.fromisoformat(entry.recorded_at)
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreCorrupt(place, "it is not readable", "verify the store") from error
    event, by = unpack(entry.kind, body, tx.unseal, upcasters, where=place)
    return Happened(
        seq=entry.seq,
        stream=entry.stream,
        version=entry.version,
        at=at,
        recorded_at=recorded_at,
        by=by,
        command=entry.command,
        event=event,
    )


def all_happened(tx: Transaction, upcasters: Mapping[str, Upcaster], where: str) -> Iterator[Happened]:
    """Yield the whole journal as events, in order, a page at a time."""
    after = 0
    while entries := tx.read(after=after):
        for entry in entries:
            yield happened(tx, entry, upcasters, where)
        after = entries[-1].seq
