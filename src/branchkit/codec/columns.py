"""Reads many values of one annotation at a time.

Sixty answers are sixty objects with the same few keys. Turned into columns, what is done for each value is done by
``map``, ``zip`` and ``set``, which loop in C. Readers of columns give up as those of single values do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, islice
from operator import itemgetter
from typing import Any, Final

from branchkit.codec.makers import Maker
from branchkit.codec.plan import Plan
from branchkit.codec.problems import Wrong

__all__ = ["WORTH_IT", "Many", "as_it_is", "choices", "exactly", "lists", "objects", "repeated", "singly", "uniform"]

One = Callable[[Any], Any]
Many = Callable[[Sequence[Any]], Sequence[Any]]
"""Reads a column, which is never empty."""

WORTH_IT: Final = 4
"""From how many values on a column is faster than one after the other."""


def as_it_is(column: Sequence[Any]) -> Sequence[Any]:
    """Let a column through that is known to be right."""
    return column


def singly(one: One) -> Many:
    """Read one value after the other."""

    def read(column: Sequence[Any]) -> Sequence[Any]:
        return [one(value) for value in column]

    return read


def exactly(kind: type[Any]) -> Many:
    """Let through values of exactly this class."""
    meant = {kind}

    def read(column: Sequence[Any]) -> Sequence[Any]:
        if set(map(type, column)) != meant:
            raise Wrong(())
        return column

    return read


def repeated(one: One) -> Many:
    """Read texts of which many are alike, as references are: each text once."""

    def read(column: Sequence[Any]) -> Sequence[Any]:
        read_once = {value: one(value) for value in set(column)}
        return list(map(read_once.__getitem__, column))

    return read


def choices(options: Mapping[Any, Any]) -> Many:
    """Read texts or numbers that stand for something."""
    kinds = frozenset(type(option) for option in options)

    def read(column: Sequence[Any]) -> Sequence[Any]:
        if not kinds.issuperset(map(type, column)):
            raise Wrong(())
        return [options[value] for value in column]

    return read


def uniform(by_class: Mapping[type[Any], Many], one: One) -> Many:
    """Read values of a union: as a column if all are of one class, otherwise one after the other."""

    def read(column: Sequence[Any]) -> Sequence[Any]:
        kinds = set(map(type, column))
        many = by_class.get(kinds.pop()) if len(kinds) == 1 else None
        return [one(value) for value in column] if many is None else many(column)

    return read


def lists(many: Many) -> Many:
    """Read lists, the items of all as one column."""

    def read(column: Sequence[Any]) -> Sequence[Any]:
        if set(map(type, column)) != {list}:
            raise Wrong(())
        items = list(chain.from_iterable(column))
        if not items:
            return [()] * len(column)
        values = many(items)
        if set(map(len, column)) == {1}:
            return list(zip(values, strict=True))
        rest = iter(values)
        return [tuple(islice(rest, length)) for length in map(len, column)]

    return read


def objects(plan: Plan, by_key: Mapping[str, Many], make: Maker, one: One) -> Many:
    """Read objects of a class, all with the same keys in the same order as one table."""
    validate, tag = getattr(plan.cls, "validate", _nothing), plan.tag

    def read_table(keys: tuple[str, ...], rows: Sequence[dict[str, Any]]) -> list[Any]:
        # rows of one length that all have these keys have no others
        table: dict[str, Sequence[Any]] = {}
        if len(keys) > 1:
            table = dict(zip(keys, zip(*map(itemgetter(*keys), rows), strict=True), strict=True))
        elif keys:
            table = {keys[0]: list(map(itemgetter(*keys), rows))}
        if tag is not None and set(table.pop("kind")) != {tag}:
            raise Wrong(())
        built = make.many({key: by_key[key](column) for key, column in table.items()}, len(rows))
        if any(map(tuple, map(validate, built))):
            raise Wrong(())
        return built

    def read(column: Sequence[Any]) -> Sequence[Any]:
        if set(map(type, column)) != {dict}:
            raise Wrong(())
        if len(set(map(len, column))) == 1:
            try:
                return read_table(tuple(column[0]), column)
            except KeyError:
                pass  # as many keys, but others
        tables: dict[frozenset[str], list[int]] = {}
        for place, row in enumerate(column):
            tables.setdefault(frozenset(row), []).append(place)
        built: list[Any] = [None] * len(column)
        for keys, places in tables.items():
            if len(places) < WORTH_IT:
                values = [one(column[place]) for place in places]
            else:
                values = read_table(tuple(keys), [column[place] for place in places])
            for place, value in zip(places, values, strict=True):
                built[place] = value
        return built

    return read


def _nothing(_: object) -> tuple[()]:
    return ()
