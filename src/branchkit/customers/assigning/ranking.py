"""Rows that are changed by copying a path: a vector, and a tournament that knows its winner at every moment.

Both are values. To change one place copies the few short tuples above it, so ten thousand people cost three or four
steps, and whoever holds the older value still sees what it was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from operator import itemgetter
from typing import Any, Generic, TypeAlias, TypeVar

__all__ = ["OUT", "Tournament", "Vector"]

T = TypeVar("T")
Node: TypeAlias = "tuple[Any, ...]"
"""At the bottom a tuple of what is kept; above it a tuple of nodes."""
Entry: TypeAlias = "tuple[Any, ...]"

_BITS = 4
_WIDTH = 1 << _BITS
_MASK = _WIDTH - 1
OUT: Entry = (1,)
"""The entry of a place that cannot win; every other entry is ``(0, …)`` and so comes before it."""
_best: Callable[[Node], Entry] = itemgetter(0)


def _replaced(node: Node, at: int, new: object) -> Node:
    return (*node[:at], new, *node[at + 1 :])


class Vector(Generic[T]):
    """A row of things by their place, changed by copying.

    >>> row = Vector(["a", "b", "c"])
    >>> row.replace(1, "x")[1], row[1], list(row)
    ('x', 'b', ['a', 'b', 'c'])
    """

    __slots__ = ("_height", "_length", "_root")

    def __init__(self, items: Iterable[T] = ()) -> None:
        level: list[Any] = list(items)
        self._length = len(level)
        self._height = 0
        while len(level) > _WIDTH:
            level = [tuple(level[at : at + _WIDTH]) for at in range(0, len(level), _WIDTH)]
            self._height += 1
        self._root: Node = tuple(level)

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, place: int) -> T:
        node: Any = self._root
        for level in range(self._height, -1, -1):
            node = node[place >> (_BITS * level) & _MASK]
        found: T = node
        return found

    def __iter__(self) -> Iterator[T]:
        return (self[place] for place in range(self._length))

    def replace(self, place: int, item: T) -> Vector[T]:
        """Return the row with another thing at a place."""
        changed = Vector[T].__new__(Vector)
        changed._length, changed._height = self._length, self._height
        changed._root = self._with(self._root, self._height, place, item)
        return changed

    def _with(self, node: Node, level: int, place: int, item: T) -> Node:
        at = place >> (_BITS * level) & _MASK
        return _replaced(node, at, item if level == 0 else self._with(node[at], level - 1, place, item))


class Tournament:
    """Entries by their place, of which the least is always known; changed by copying.

    An entry is `OUT`, or a tuple that begins with 0 and compares with the others.

    >>> row = Tournament([(0, 3, "S-1"), OUT, (0, 2, "S-3")])
    >>> row.winner, row.replace(2, OUT).winner, row.replace(1, (0, 1, "S-2")).winner
    ((0, 2, 'S-3'), (0, 3, 'S-1'), (0, 1, 'S-2'))
    """

    __slots__ = ("_height", "_root")

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        # Every node is (its least entry, its children); at the bottom the children are the entries themselves.
        row = list(entries)
        level: list[Node] = [_leaf(tuple(row[at : at + _WIDTH])) for at in range(0, len(row), _WIDTH)]
        self._height = 0
        while len(level) > 1:
            level = [_node(tuple(level[at : at + _WIDTH])) for at in range(0, len(level), _WIDTH)]
            self._height += 1
        self._root: Node = level[0] if level else (OUT, ())

    @property
    def winner(self) -> Entry:
        """The least entry; `OUT` where nobody is in."""
        found: Entry = self._root[0]
        return found

    def replace(self, place: int, entry: Entry) -> Tournament:
        """Return the tournament with another entry at a place."""
        changed = Tournament.__new__(Tournament)
        changed._height = self._height
        changed._root = self._with(self._root, self._height, place, entry)
        return changed

    def _with(self, node: Node, level: int, place: int, entry: Entry) -> Node:
        at = place >> (_BITS * level) & _MASK
        children: Node = node[1]
        if level == 0:
            return _leaf(_replaced(children, at, entry))
        return _node(_replaced(children, at, self._with(children[at], level - 1, place, entry)))


def _leaf(entries: Node) -> Node:
    return (min(entries), entries)


def _node(children: Node) -> Node:
    return (min(map(_best, children)), children)
