"""Turns many objects of one class into columns, so that writers can loop over them in C."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter
from typing import Any, TypeAlias

from branchkit.codec.plan import Field
from branchkit.codec.problems import MISSING

__all__ = ["Column", "getter", "table"]

Column: TypeAlias = tuple[int, Sequence[Any], set[type[Any]], Sequence[bool] | None]
"""The position of a field, its values that are written, their classes, and which objects have one; ``None`` for all."""

_EMPTIES = frozenset({str, tuple, frozenset})
"""Classes whose one false value is their empty default."""


def getter(fields: Sequence[Field]) -> Callable[[Any], tuple[Any, ...]]:
    """Return what takes the values of the fields from an object."""
    names = [field.name for field in fields]
    if len(names) > 1:
        return attrgetter(*names)
    return lambda one: tuple(getattr(one, name) for name in names)


def table(fields: Sequence[Field]) -> Callable[[Sequence[Any]], list[Column]]:
    """Return what splits objects of a class, of which there is at least one, into the columns that are written."""
    known = [(at, field.blank, field.blank.__class__) for at, field in enumerate(fields)]
    get = getter(fields)

    def split(objects: Sequence[Any]) -> list[Column]:
        found: list[Column] = []
        count = len(objects)
        for (at, blank, blank_class), values in zip(known, zip(*map(get, objects), strict=True), strict=True):
            if values[0] is None is blank and values.count(None) == count:
                continue  # nothing else equals None
            kinds = set(map(type, values))
            full = blank_class in _EMPTIES and len(kinds) == 1 and all(values)
            if full or blank is MISSING or blank_class not in kinds:
                found.append((at, values, kinds, None))
            elif len(kinds) > 1 or values.count(blank) != count:
                stated = [
                    value is not blank and (value.__class__ is not blank_class or value != blank) for value in values
                ]
                some = tuple([value for value, said in zip(values, stated, strict=True) if said])
                found.append((at, some, set(map(type, some)), stated))
        return found

    return split
