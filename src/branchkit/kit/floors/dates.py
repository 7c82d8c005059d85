"""When the sheets of a branch were filled in."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, insort
from typing import TYPE_CHECKING, ClassVar

from branchkit.codec import structure
from branchkit.kit.floors.filed import Filed
from branchkit.kit.views import View

if TYPE_CHECKING:
    from branchkit.kit.documents import Documents

__all__ = ["Dates"]


class Dates(View):
    """The moments and ids of a branch's final sheets that count, in order, by checklist."""

    KIND: ClassVar[str] = "sheet"
    FIELD: ClassVar[str] = "branch"
    STREAM: ClassVar[str] = "branch"
    EVENTS: ClassVar[frozenset[str]] = frozenset({"sheet_submitted"})

    def __init__(self, owner: str) -> None:
        super().__init__(owner)
        self._of: dict[str, list[tuple[dt.datetime, str]]] = {}
        self._size = 0

    def start(self, documents: Documents) -> None:
        """Look at every sheet of the branch."""
        for stored in documents.stored("sheet", {"branch": self.owner, "state": "final"}):
            held: Filed | None = documents.held("sheet", stored.id)
            if held is not None:
                self.keep(held)
            else:
                # Of many sheets nearly all are older, and to make one into an object takes ten times as long.
                sheet = stored.body["sheet"]
                self._of.setdefault(sheet["checklist"], []).append((structure(dt.datetime, sheet["at"]), stored.id))
                self._size += 1
        for dated in self._of.values():
            dated.sort()

    def keep(self, value: Filed) -> None:
        """Put a sheet in its place; one that no longer counts is taken out."""
        one = (value.sheet.at, value.sheet.id)
        dated = self._of.setdefault(value.sheet.checklist, [])
        place = bisect_left(dated, one)
        known = place < len(dated) and dated[place] == one
        if value.state == "final" and not known:
            insort(dated, one)
            self._size += 1
        elif value.state != "final" and known:
            del dated[place]
            self._size -= 1

    def __len__(self) -> int:
        return self._size

    def since(self, checklist: str, at: dt.datetime) -> list[str]:
        """Return the ids of the sheets of a checklist that are not dated before a moment, in order."""
        dated = self._of.get(checklist, [])
        return [id for _, id in dated[bisect_left(dated, (at, "")) :]]
