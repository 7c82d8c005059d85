"""The world as it was believed to be once: what had been told by a moment, and nothing that was told later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from branchkit.escalation import QuietWindow
from branchkit.kit.feed import Happened, happened
from branchkit.kit.floors import FOLD
from branchkit.kit.floors.cases import CASES
from branchkit.kit.floors.endings import key_of
from branchkit.kit.floors.estate import ESTATE
from branchkit.kit.floors.waiting import WAITING
from branchkit.kit.wire import EVENTS, Upcaster
from branchkit.kit.world import StoreWorld
from branchkit.messages import Event
from branchkit.storage import Entry, Transaction
from branchkit.temporal import Suspension

if TYPE_CHECKING:
    from branchkit.kit.rules import RuleBook

__all__ = ["BelievedWorld", "stream_of"]

_PAGE = 1000
_T = TypeVar("_T", Suspension, QuietWindow)
_AROUND = frozenset({"case", "branch", "calendar", "suspension", "quiet"})
"""A case and what bears on its clocks: folded as it was told."""


def stream_of(
    tx: Transaction, stream: str, upcasters: Mapping[str, Upcaster], where: str, *, told_by: dt.datetime | None = None
) -> Iterator[Happened]:
    """Yield a stream in the order of telling; with `told_by`, up to the first entry that was told after that moment."""
    for entry in _entries(tx, stream):
        one = happened(tx, entry, upcasters, where)
        if told_by is not None and one.recorded_at > told_by:
            return
        yield one


def _entries(tx: Transaction, stream: str) -> Iterator[Entry]:
    after = 0
    while True:
        entries = tx.read(stream=stream, after=after, limit=_PAGE)
        yield from entries
        if len(entries) < _PAGE:
            return
        after = entries[-1].version


class BelievedWorld(StoreWorld):
    """A world that knows a case, its branch, its calendar, suspensions and quiet windows as they were told by a moment.

    A version of a procedure that a case runs by never changes, and ladders are those in force: neither is asked as of.
    """

    def __init__(
        self, tx: Transaction, rules: RuleBook, *, where: str, upcasters: Mapping[str, Upcaster], told_by: dt.datetime
    ) -> None:
        super().__init__(tx, rules, where=where)
        self._upcasters, self._told_by = upcasters, told_by
        self._known: dict[str, dict[tuple[str, str], Any]] = {}

    def current(self, kind: str, id: str) -> Any:
        """Return a document as it was by then: a case, or what lies around one; all else as it is."""
        match kind:
            case "branch" | "calendar" | "case":
                return self._folded(f"{kind}:{id}").get((kind, id))
            case "quiet":
                return self._folded("quiet").get((kind, id))
            case _:
                return super().current(kind, id)

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield suspensions and quiet windows as they were by then; all else as it is."""
        if kind == "suspension":
            held = self._folded(f"branch:{where['branch']}")
        elif kind == "quiet":
            held = self._folded("quiet")
        else:
            yield from super().found(kind, where)
            return
        yield from (held[key] for key in sorted(held) if key[0] == kind)

    def suspensions(self, branch: str, since: dt.datetime) -> Iterator[Suspension]:
        """Yield the suspensions of a branch that were not over by a moment, as they were by then."""
        return _lasting(self.found("suspension", {"branch": branch}), since)

    def quiet(self, since: dt.datetime) -> Iterator[QuietWindow]:
        """Yield the quiet windows that were not over by a moment, as they were by then."""
        return _lasting(self.found("quiet", {}), since)

    def _folded(self, stream: str) -> dict[tuple[str, str], Any]:
        known = self._known.get(stream)
        if known is None:
            known = self._known[stream] = {}
            for entry in _entries(self._tx, stream):
                if not _concerns(entry.kind, self._upcasters):
                    continue
                one = happened(self._tx, entry, self._upcasters, self._where)
                if one.recorded_at > self._told_by:
                    break
                if type(one.event) in _FOLDED:
                    for change in FOLD[type(one.event)](one.event, lambda kind, id: known.get((kind, id))):
                        if change.kind in _AROUND:
                            known[change.kind, change.id] = change.value
        return known


_FOLDED: frozenset[type[Event]] = frozenset({*ESTATE.fold, *CASES.fold, *WAITING.fold})


def _concerns(kind: str, upcasters: Mapping[str, Upcaster]) -> bool:
    """Say whether an entry has to be read: an upcaster may make anything of it."""
    event = EVENTS.get(kind.rpartition("/")[0])
    return kind in upcasters or event is None or event in _FOLDED


def _lasting(found: Iterable[_T], since: dt.datetime) -> Iterator[_T]:
    return (one for one in found if key_of(one.until) >= key_of(since))
