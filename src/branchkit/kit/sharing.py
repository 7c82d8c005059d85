"""Plain data that is made once: of a command, of the event it leads to, and of the documents after it."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterator
from typing import Any, TypeAlias

import attrs

from branchkit.codec import unstructure
from branchkit.values import Unknown

__all__ = ["Parts", "parts_of", "plain_of"]

Parts: TypeAlias = dict[int, Any]
"""Plain data by the id of the object it was made of, which has to stay alive."""
_NO_PARTS: Parts = {}


def plain_of(obj: object, source: type[Any], parts: Parts) -> Any:
    """Return an object as plain data; what it has in common with its source is not made again.

    Args:
        obj: the object.
        source: the class of what the parts are of: where it can have nothing in common, nothing is looked for.
        parts: the parts of the source.
    """
    pair: Any = (type(obj), source)  # mypy asks the instances whether the classes can be hashed
    return unstructure(obj, parts) if parts and _shares(*pair) else unstructure(obj)


def parts_of(obj: Any, plain: dict[str, Any]) -> Parts:
    """Return the plain data of an object's fields, and of those of its tuples."""
    kind: Any = type(obj)
    fields = _fields(kind)
    return dict(_parts(obj, plain, fields)) if fields else _NO_PARTS


def _parts(obj: Any, plain: dict[str, Any], fields: tuple[tuple[str, str], ...]) -> Iterator[tuple[int, Any]]:
    for name, key in fields:
        item = plain.get(key)
        if item is None:
            continue
        value = getattr(obj, name)
        if isinstance(value, tuple):
            yield from ((id(one), each) for one, each in zip(value, item, strict=True) if attrs.has(type(one)))
        elif attrs.has(type(value)):
            yield id(value), item


@functools.cache
def _fields(cls: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the names and keys of the fields that may hold objects."""
    attrs.resolve_types(cls)
    return tuple((field.name, field.alias or field.name) for field in attrs.fields(cls) if _classes(field.type))


@functools.cache
def _shares(cls: type[Any], source: type[Any]) -> bool:
    """Say whether an object of a class can be, or have as a field's value, an object that a source has or lists."""
    attrs.resolve_types(cls)
    attrs.resolve_types(source)
    held = frozenset[Any]().union(*(_classes(field.type) for field in attrs.fields(source)))
    return cls in held or any(_classes(field.type, lists=False) & held for field in attrs.fields(cls))


def _classes(annotation: Any, *, lists: bool = True) -> frozenset[Any]:
    """Return the attrs classes that an annotation names, within its tuples too."""
    origin = typing.get_origin(annotation)
    if origin is types.UnionType or origin is typing.Union or (lists and origin is tuple):
        return frozenset[Any]().union(*(_classes(one, lists=lists) for one in typing.get_args(annotation)))
    is_class = isinstance(annotation, type) and attrs.has(annotation) and annotation is not Unknown
    return frozenset({annotation}) if is_class else frozenset()
