"""Plain data that is made once: of a command, of the event it leads to, and of the documents after it."""

from __future__ import annotations

import functools
import types
import typing
from collections.abc import Iterator
from typing import Any, TypeAlias

import attrs

from branchkit.codec import child, split_personal, unstructure
from branchkit.personal import kind_of
from branchkit.values import Unknown

__all__ = ["Parts", "Split", "parts_of", "plain_of", "split_of"]

Parts: TypeAlias = dict[int, Any]
"""Plain data by the id of the object it was made of, which has to stay alive."""
_NO_PARTS: Parts = {}
Split: TypeAlias = tuple[dict[str, Any], dict[str, str]]
"""Plain data without its personal values, and those by their paths; see `branchkit.codec.split_personal`."""


def plain_of(obj: object, source: type[Any], parts: Parts) -> Any:
    """Return an object as plain data; what it has in common with its source is not made again.

    Args:
        obj: the object.
        source: the class of what the parts are of: where it can have nothing in common, nothing is looked for.
        parts: the parts of the source.
    """
    pair: Any = (type(obj), source)  # mypy asks the instances whether the classes can be hashed
    return unstructure(obj, parts) if parts and _shares(*pair) else unstructure(obj)


def split_of(obj: object, plain: dict[str, Any], source: object, split: Split) -> Split:
    """Split an object as `split_personal` does; what it has in common with its source is not split again.

    Args:
        obj: the object.
        plain: its plain data.
        source: what may have the same values in fields of the same names.
        split: the source's plain data and personal values.
    """
    pair: Any = (type(obj), type(source))
    same = [key for name, key in _common(*pair) if key in split[0] and getattr(obj, name) is getattr(source, name)]
    if not same:
        return split_personal(obj, plain)
    without, values = split_personal(obj, {key: item for key, item in plain.items() if key not in same})
    for key in same:
        without[key] = split[0][key]
        if split[1]:
            at = child("$", key)
            inside = (f"{at}.", f"{at}[")
            values |= {path: value for path, value in split[1].items() if path == at or path.startswith(inside)}
    return without, values


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
def _common(cls: type[Any], source: type[Any]) -> tuple[tuple[str, str], ...]:
    """Return the names and keys of fields that both classes have and that may hold objects, but are not personal."""
    classes: tuple[Any, Any] = (cls, source)  # mypy asks the instances whether the classes can be hashed
    marked = {field.name for each in classes for field in attrs.fields(each) if kind_of(field.metadata)}
    mine, theirs = (_fields(each) for each in classes)
    return tuple(field for field in mine if field in theirs and field[0] not in marked)


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
