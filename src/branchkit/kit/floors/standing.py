"""Which findings of a branch are open."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from branchkit.findings import Finding, FindingState
from branchkit.kit.views import View
from branchkit.storage import Entry

if TYPE_CHECKING:
    from branchkit.kit.documents import Documents

__all__ = ["Standing"]


class Standing(View):
    """The open findings of a branch, in the order of their ids.

    It ends with its transaction: one query finds them anew, where many would have to read what it names.
    """

    KIND: ClassVar[str] = "finding"
    FIELD: ClassVar[str] = "branch"
    STREAM: ClassVar[str] = "branch"
    EVENTS: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, owner: str) -> None:
        super().__init__(owner)
        self._open: dict[str, Finding] = {}
        self._sorted = True

    def start(self, documents: Documents) -> None:
        """Find them."""
        found = documents.found("finding", {"branch": self.owner, "state": FindingState.OPEN.value})
        self._open = {finding.id: finding for finding in found}

    def keep(self, value: Finding) -> None:
        """Take a finding in, or out where it is closed."""
        if value.state is not FindingState.OPEN:
            self._open.pop(value.id, None)
        else:
            self._sorted = self._sorted and value.id in self._open
            self._open[value.id] = value

    def __len__(self) -> int:
        return len(self._open)

    def __iter__(self) -> Iterator[Finding]:
        if not self._sorted:
            self._open = dict(sorted(self._open.items()))
            self._sorted = True
        return iter(tuple(self._open.values()))

    def anchored(self, entry: Entry) -> None:
        """Stay without an anchor."""
