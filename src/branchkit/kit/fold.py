"""Folds events into documents: what the store keeps is what the journal says, and nothing else."""

from __future__ import annotations

from branchkit.errors import StoreCorrupt
from branchkit.kit.floor import Change, Current, Kind
from branchkit.kit.floors import FOLD, KINDS
from branchkit.kit.floors.filed import Filed
from branchkit.messages import Event

__all__ = ["KINDS", "Change", "Filed", "Kind", "fold"]


def fold(event: Event, current: Current) -> tuple[Change, ...]:
    """Return the documents as they are after an event.

    Args:
        event: what happened; everything the decision needed is in it.
        current: returns the document of a kind and id as it is now, ``None`` where there is none.

    Raises:
        StoreCorrupt: if the event speaks of a document that the events before it did not make.
    """
    folded = FOLD.get(type(event))
    if folded is None:
        raise StoreCorrupt("journal", f"no rule folds the event {type(event).__name__}")
    return folded(event, current)
