"""Ordered tables with layers, from which the memory store is made."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterator
from typing import Any, Generic, TypeAlias, TypeVar

__all__ = ["GONE", "Gone", "Layer", "Table", "View"]

V = TypeVar("V")
Key: TypeAlias = tuple[Any, ...]
"""A row's key; the keys of one table compare with one another."""

_BUCKET = 1024


class Gone:
    """The type of `GONE`."""

    __slots__ = ()


GONE = Gone()
"""What a layer holds for a row that is not there."""


class Table(Generic[V]):
    """A mapping that yields its keys in order from any point on.

    The keys lie in short sorted buckets, so that adding one among a million moves a thousand and not the million.
    New ones are put into their places when the keys are next asked for: most tables are hardly ever.
    """

    __slots__ = ("_buckets", "_firsts", "_new", "rows")

    def __init__(self) -> None:
        self.rows: dict[Key, V] = {}
        self._new: dict[Key, None] = {}
        self._buckets: list[list[Key]] = []
        self._firsts: list[Key] = []

    def set(self, key: Key, value: V) -> None:
        """Put a row."""
        if key not in self.rows:
            self._new[key] = None
        self.rows[key] = value

    def remove(self, key: Key) -> None:
        """Remove a row that is there."""
        del self.rows[key]
        if key in self._new:
            del self._new[key]
            return
        place = self._bucket(key)
        bucket = self._buckets[place]
        del bucket[bisect_left(bucket, key)]
        if bucket:
            self._firsts[place] = bucket[0]
        else:
            del self._buckets[place], self._firsts[place]

    def keys(self, start: Key) -> Iterator[Key]:
        """Yield the keys from ``start`` on, which is included."""
        if self._new:
            for key in sorted(self._new):
                self._insert(key)
            self._new.clear()
        if not self._buckets:
            return
        place = self._bucket(start)
        bucket = self._buckets[place]
        yield from bucket[bisect_left(bucket, start) :]
        for bucket in self._buckets[place + 1 :]:
            yield from bucket

    def _bucket(self, key: Key) -> int:
        place = bisect_left(self._firsts, key)
        return place if place < len(self._firsts) and self._firsts[place] == key else max(0, place - 1)

    def _insert(self, key: Key) -> None:
        if not self._buckets:
            self._buckets.append([key])
            self._firsts.append(key)
            return
        place = self._bucket(key)
        bucket = self._buckets[place]
        insort(bucket, key)
        self._firsts[place] = bucket[0]
        if len(bucket) > 2 * _BUCKET:
            self._buckets[place : place + 1] = [bucket[:_BUCKET], bucket[_BUCKET:]]
            self._firsts[place : place + 1] = [bucket[0], bucket[_BUCKET]]


Layer: TypeAlias = dict[str, Table[Any]]
"""Tables by name."""


class View:
    """Tables seen through a layer that lies over them: a writer's own rows, or the older rows a reader still sees."""

    __slots__ = ("_base", "over")

    def __init__(self, base: Layer) -> None:
        self._base = base
        self.over: Layer = {}

    def get(self, table: str, key: Key) -> Any:
        """Return a row's value, or ``None``."""
        layer = self.over.get(table)
        if layer is not None:
            value = layer.rows.get(key, layer)
            if value is not layer:
                return None if value is GONE else value
        base = self._base.get(table)
        return base.rows.get(key) if base is not None else None

    def set(self, table: str, key: Key, value: Any) -> None:
        """Put a row into the layer; ``GONE`` hides the one below."""
        layer = self.over.get(table)
        if layer is None:
            layer = self.over[table] = Table()
        layer.set(key, value)

    def scan(self, table: str, start: Key) -> Iterator[tuple[Key, Any]]:
        """Yield the rows from a key on, in order."""
        base = self._base.get(table)
        layer = self.over.get(table)
        if layer is None:
            if base is not None:
                rows = base.rows
                yield from ((key, rows[key]) for key in base.keys(start))
            return
        below = base.keys(start) if base is not None else iter(())
        above = layer.keys(start)
        low, high = next(below, None), next(above, None)
        while low is not None or high is not None:
            if high is None or (low is not None and low < high):
                assert base is not None
                assert low is not None
                yield low, base.rows[low]
                low = next(below, None)
                continue
            if low == high:
                low = next(below, None)
            value = layer.rows[high]
            if value is not GONE:
                yield high, value
            high = next(above, None)
