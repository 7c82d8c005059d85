"""What a floor brings to the kit: what may be asked of it, how that is decided, and what is then kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

import attrs

from branchkit.errors import StoreCorrupt
from branchkit.kit.views import View
from branchkit.messages import Command, Event
from branchkit.values import Unknown

__all__ = [
    "Beside",
    "Change",
    "Current",
    "Decide",
    "Details",
    "Erases",
    "Floor",
    "Fold",
    "Follow",
    "Gone",
    "Intent",
    "Keep",
    "Keeps",
    "Kind",
    "Rearm",
    "Scalar",
    "Tell",
    "needed",
]

Scalar: TypeAlias = str | int | bool | None


@attrs.frozen
class Kind:
    """One kind of document: its class and the fields it can be found by."""

    name: str
    cls: type[Any]
    fields: tuple[str, ...]
    """The names of the fields it can be found by."""
    index: Callable[[Any], Mapping[str, Scalar]]
    """Gives the values of those fields."""


@attrs.frozen
class Change:
    """A document to write."""

    kind: str
    id: str
    value: Any


@attrs.frozen
class Intent:
    """A message that is to go out once, whoever tries again: it waits in the outbox."""

    key: str
    """Put again under the same key, it is the same message."""
    body: Mapping[str, Any]
    """Plain data."""


@attrs.frozen
class Keep:
    """A document in which something of a customer stands, and the stream that it is folded from."""

    kind: str
    id: str
    stream: str
    whole: bool = True
    """True where the stream is about this document alone; else only those entries count that name it, in the key of
    its kind: ``{"sheet": {"id": …}}`` or ``{"finding": …}``."""
    name: str | None = None
    """What those entries name it by, where that is not its id."""

    @property
    def named(self) -> str:
        """What the entries about it name it by."""
        return self.id if self.name is None else self.name


@attrs.frozen(kw_only=True)
class Gone:
    """Personal values that an event destroys, beside what it says of the documents."""

    keep: Keep
    data: frozenset[str] | None = None
    """The kinds of data, as fields are marked with; all where left out."""


Current: TypeAlias = Callable[[str, str], Any]
"""Returns the document of a kind and id as it is now, ``None`` where there is none."""
Decide: TypeAlias = Callable[[Any, Any], tuple[Event, ...]]
"""From a command and the world it may read to what it leads to; raises `Refused` with every reason."""
Fold: TypeAlias = Callable[[Any, Current], tuple[Change, ...]]
"""From an event and the documents as they are to the documents as they are after it."""
Details: TypeAlias = Callable[[Any], Mapping[str, Any]]
"""From an event to what the caller may want to know of it at once, as plain data."""
Beside: TypeAlias = Callable[[Any, tuple[Event, ...], Any], tuple[Event, ...]]
"""From a command of another floor, what it leads to and the world before it, to what that means for this floor."""
Rearm: TypeAlias = Callable[[Any, Any], Iterable[str]]
"""From an event and the world after it to the ids of the cases that are to be looked at another time now."""
Tell: TypeAlias = Callable[[Any, Any], Iterable[Intent]]
"""From an event and the world after it to the messages that go out."""
Follow: TypeAlias = Callable[[Any, Command, Any], Iterable[Command]]
"""From an event, its command and the world after it to the commands that follow of themselves."""
Keeps: TypeAlias = Callable[[str, Any], Iterable[Keep]]
"""From a customer's id and the world to the documents of a floor in which something of the customer stands."""
Erases: TypeAlias = Callable[[Any, Any], Iterable[Gone]]
"""From an event and the world after it to the personal values that are destroyed with it, whatever entry holds them."""


@attrs.frozen(kw_only=True)
class Floor:
    """Everything the kit knows of one floor; it asks for no class by name anywhere else."""

    decide: Mapping[type[Command], Decide]
    fold: Mapping[type[Event], Fold]
    kinds: tuple[Kind, ...]
    views: tuple[type[View], ...] = ()
    """What is worked out of its documents, so that a decision need not look at all of them."""
    details: Mapping[type[Event], Details] = attrs.field(factory=dict)
    """For the events whose outcome says more than their kind."""
    beside: Mapping[type[Command], Beside] = attrs.field(factory=dict)
    rearm: Mapping[type[Event], Rearm] = attrs.field(factory=dict)
    tell: Mapping[type[Event], Tell] = attrs.field(factory=dict)
    follow: Mapping[type[Event], Follow] = attrs.field(factory=dict)
    keeps: Keeps | None = None
    """For a floor in whose documents something of a customer may stand."""
    erases: Mapping[type[Event], Erases] = attrs.field(factory=dict)


def needed(current: Current, kind: str, name: str) -> Any:
    """Return a document that an event changes.

    Raises:
        StoreCorrupt: the events before it did not make one.
    """
    found = current(kind, name)
    if found is None or isinstance(found, Unknown):
        raise StoreCorrupt("journal", f"an event speaks of {kind} {name!r}, which no event before it made")
    return found
