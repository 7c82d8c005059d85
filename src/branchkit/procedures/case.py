"""A case (事项): one running instance of a procedure, as it stands now. Its history is the journal's affair."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any, Literal, TypeVar, cast

import attrs

from branchkit.checklists import RawFact
from branchkit.escalation import Watch
from branchkit.procedures.making import loose
from branchkit.temporal import Clock
from branchkit.values import FrozenMap, Ref

__all__ = [
    "NOTHING",
    "Case",
    "CaseStatus",
    "Link",
    "LinkKind",
    "StageState",
    "StageStatus",
    "items_of",
    "map_of",
    "with_items",
]

T = TypeVar("T")

LinkKind = Literal["follow_up", "duplicate", "split", "blocks", "caused_by"]
CaseStatus = Literal["open", "closed", "cancelled"]

_LooseMap = loose(FrozenMap)

NOTHING: FrozenMap[Any] = FrozenMap()
"""One empty map for all, so that a case costs little."""


class StageStatus(enum.Enum):
    """Where a stage of a case stands; one that nothing has led to yet has no status."""

    WAITING = "waiting"
    """Led to, and waits for what it needs."""
    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"
    SKIPPED = "skipped"
    """Skipped by rule: it does not apply, the ways taken passed it by, or the case ended without it."""

    @property
    def is_active(self) -> bool:
        """Whether something is still under way here."""
        return self is StageStatus.OPEN or self is StageStatus.WAITING


@attrs.frozen(slots=True, weakref_slot=False)
class StageState:
    """One stage of a case."""

    status: StageStatus
    entry: int
    """How often it was entered; 1 for the first time."""
    since: dt.datetime
    """Since when it has been entered, or waits."""
    by: tuple[str, ...] = ()
    """Everybody who has acted in it, in whichever entry; who was acted for, too."""
    sheet: str | None = None
    """The sheet that was filled in."""
    transition: str | None = None
    """The transition by which it was left; of an open stage, the one that waits for signatures."""
    signed: tuple[tuple[str, ...], ...] = ()
    """Who has signed what waits, each with whom they act for; whoever proposed it comes first."""


@attrs.frozen(slots=True, weakref_slot=False)
class Link:
    """How a case hangs together with another one."""

    kind: LinkKind
    case: str


@attrs.frozen(slots=True, weakref_slot=False)
class Case:
    """One running instance of a procedure: what stands open, what is known, who is who. Folded from its events."""

    id: str
    procedure: str
    version: str
    """The version of the procedure, pinned until it is migrated."""
    branch: str
    place: tuple[Ref, ...]
    """What it is about, from the branch down."""
    status: CaseStatus
    outcome: str | None
    """How it ended; of an open case, how those of its ways that have ended did."""
    opened: dt.datetime
    latest: dt.datetime
    """When something last happened."""
    stages: FrozenMap[StageState]
    """The position: every stage that something has led to."""
    facts: FrozenMap[RawFact] = NOTHING
    roles: FrozenMap[str] = NOTHING
    """Who has each role."""
    actors: FrozenMap[tuple[str, ...]] = NOTHING
    """Who has held each duty beside those of completing stages: ``open``, ``waive``, ``sign:<stage>``,
    ``sheet:<checklist>``."""
    clocks: tuple[Clock, ...] = ()
    rungs: FrozenMap[Watch] = NOTHING
    """How far up its ladder each guarded clock has come, by the clock's id."""
    links: tuple[Link, ...] = ()
    parent: str | None = None
    """The case of which it is a part."""
    key: str | None = None
    """What it is the only open case of, as in ``fault/equipment:ATM-1``."""
    priority: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether anything can still be done in it."""
        return self.status == "open"

    @property
    def open_stages(self) -> tuple[str, ...]:
        """The stages in which somebody can act now, by id."""
        states = items_of(self.stages)
        return tuple(sorted(name for name, state in states.items() if state.status is StageStatus.OPEN))

    def clock(self, name: str) -> Clock | None:
        """Return the clock of that id, running or not."""
        return next((clock for clock in self.clocks if clock.id == name), None)


def items_of(map: FrozenMap[T]) -> dict[str, T]:
    """Return the dictionary inside a map, to be read and never to be changed: a step looks into several maps."""
    return map._items  # its own way in costs a call and a guarded lookup each time


def map_of(items: dict[str, T]) -> FrozenMap[T]:
    """Return a map of a dictionary that nobody else holds."""
    made = _LooseMap()
    made._items = items
    made.__class__ = FrozenMap
    return cast("FrozenMap[T]", made)


def with_items(map: FrozenMap[T], changes: Mapping[str, T]) -> FrozenMap[T]:
    """Return a map with some items put in the place of others."""
    return map_of({**items_of(map), **changes}) if changes else map
