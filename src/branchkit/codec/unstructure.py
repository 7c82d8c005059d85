"""From objects to plain data."""

from __future__ import annotations

import enum
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice, repeat
from typing import Any

import attrs

from branchkit.codec.columns import WORTH_IT
from branchkit.codec.plan import Field, plan, schema_name
from branchkit.codec.problems import MISSING, Wrong
from branchkit.codec.scalars import MEANS_UNKNOWN, WRITERS, means_unknown, read_plain
from branchkit.codec.tables import getter, table
from branchkit.codec.text import MAX_DEPTH
from branchkit.errors import InputError, Problem, Unsupported
from branchkit.values import FrozenMap

__all__ = ["is_blank", "plain_of", "unstructure"]

Writer = Callable[[Any], Any]

_THEMSELVES = frozenset({str, int, bool, type(None)})
"""Classes whose values are plain data."""


def unstructure(obj: object, parts: Mapping[int, Any] | None = None) -> Any:
    """Write an object as plain data: text, whole numbers, true/false, ``None``, lists and dicts.

    A field that holds its empty default (``None``, ``()``, ``""``, an empty map) is left out.
    A document begins with its ``schema``.

    Args:
        obj: The object.
        parts: Plain data of objects that are alive and may be, or be a field's value of, this one, by their ``id()``;
            it is taken as it is and not made again.

    Raises:
        InputError: A value in it has no plain form, as a date and time without an offset; says where.
        Unsupported: A value is of a class the codec doesn't know.

    >>> from branchkit.values import Ref, Text
    >>> unstructure((Text(en="Branch"), Ref("zone", "lobby")))
    [{'en': 'Branch'}, 'zone:lobby']
    """
    try:
        plain = plain_of(obj) if parts is None else _write_sharing(obj, parts)
    except Wrong as wrong:
        raise InputError("<data>", wrong.problems) from None
    except RecursionError:
        problem = Problem("$", f"Expected at most {MAX_DEPTH} lists and objects inside each other")
        raise InputError("<data>", (problem,)) from None
    schema = schema_name(obj.__class__)
    return plain if schema is None else {"schema": schema, **plain}


def plain_of(obj: object) -> Any:
    """Write a value of any class; raises `Wrong`."""
    kind: Any = obj.__class__  # mypy asks the instances whether the class can be hashed
    return _writer(kind)(obj)


def _write_sharing(obj: Any, parts: Mapping[int, Any]) -> Any:
    if id(obj) in parts:
        return parts[id(obj)]
    if obj.__class__ in WRITERS or hasattr(obj, "to_plain") or not attrs.has(obj.__class__):
        return plain_of(obj)
    known = plan(obj.__class__)
    plain: dict[str, Any] = {} if known.tag is None else {"kind": known.tag}
    for field in known.fields:
        value = getattr(obj, field.name)
        if id(value) in parts:
            plain[field.key] = parts[id(value)]
        elif not is_blank(field, value):
            plain[field.key] = _plain_at(field.key, value)
    return plain


def _plain_at(step: str | int, value: object) -> Any:
    try:
        return plain_of(value)
    except Wrong as wrong:
        raise wrong.below(step) from None


def is_blank(field: Field, value: object) -> bool:
    """Say whether a field's value is the empty default that isn't written."""
    return value.__class__ is field.blank.__class__ and value == field.blank


@functools.cache
def _writer(cls: type[Any]) -> Writer:
    if cls in WRITERS:
        return WRITERS[cls]
    if hasattr(cls, "to_plain"):
        return _write_lexical
    if issubclass(cls, enum.Enum):
        return _write_enum
    if issubclass(cls, tuple):
        return _write_list
    if issubclass(cls, frozenset):
        return _write_set
    if attrs.has(cls):
        return _class_writer(cls)
    if issubclass(cls, list | dict):
        return _write_plain
    if issubclass(cls, Mapping):
        return _write_map
    for base in cls.__mro__:
        # a subclass, as of datetime, is written as the nearest class it stands for; one of text is no plain data
        if base in WRITERS and base not in (str, int, bool):
            return WRITERS[base]
    raise Unsupported(f"a Python {cls.__name__}", "The codec", "it has no strict plain form; see the reference")


def _class_writer(cls: type[Any]) -> Writer:
    known = plan(cls)
    keys = [(field.key, field.blank, field.blank.__class__) for field in known.fields]
    get = getter(known.fields)
    tag = known.tag
    writers: dict[type[Any], Writer] = {}

    def write(obj: object) -> dict[str, Any]:
        plain: dict[str, Any] = {} if tag is None else {"kind": tag}
        for (key, blank, blank_class), value in zip(keys, get(obj)):  # noqa: B905 - "strict" costs as much as a field
            if value is blank:
                continue
            kind: Any = value.__class__
            if kind is blank_class and value == blank:
                continue
            if kind is str or kind is int or kind is bool:
                plain[key] = value
                continue
            writer = writers.get(kind)
            if writer is None:
                writer = writers[kind] = _writer(kind)
            try:
                plain[key] = writer(value)
            except Wrong as wrong:
                raise wrong.below(key) from None
        return plain

    return write


def _write_list(items: tuple[Any, ...]) -> list[Any]:
    try:
        return list(_column(items, set(map(type, items))))
    except Wrong:
        return [_plain_at(index, item) for index, item in enumerate(items)]  # says it again, with its place


def _column(values: Sequence[Any], kinds: set[type[Any]]) -> Sequence[Any]:
    """Write many values, those of one class at once; what is wrong is told without its place."""
    if _THEMSELVES.issuperset(kinds):
        return values
    if len(kinds) == 1 and len(values) >= WORTH_IT:
        kind: Any = next(iter(kinds))  # mypy asks the instances whether the class can be hashed
        return _column_writer(kind)(values)
    return [plain_of(value) for value in values]


@functools.cache
def _column_writer(cls: Any) -> Callable[[Sequence[Any]], Sequence[Any]]:
    write = _writer(cls)
    if write is _write_list:
        return _write_lists
    if cls not in WRITERS and attrs.has(cls) and not hasattr(cls, "to_plain"):
        return _class_column_writer(cls)
    return lambda values: list(map(write, values))


def _write_lists(values: Sequence[tuple[Any, ...]]) -> Sequence[list[Any]]:
    items = list(chain.from_iterable(values))
    plain = _column(items, set(map(type, items)))
    if set(map(len, values)) == {1}:
        return [[item] for item in plain]
    rest = iter(plain)
    return [list(islice(rest, length)) for length in map(len, values)]


def _class_column_writer(cls: type[Any]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    known = plan(cls)
    split = table(known.fields)

    def write(values: Sequence[Any]) -> Sequence[Any]:
        columns: dict[str, Iterable[Any]] = {} if known.tag is None else {"kind": repeat(known.tag, len(values))}
        whole = True
        for at, column, kinds, stated in split(values):
            plain = _column(column, kinds)
            if stated is not None:
                whole, rest = False, iter(plain)
                plain = [next(rest) if said else MISSING for said in stated]
            columns[known.fields[at].key] = plain
        if not columns:
            return [{} for _ in values]
        rows = zip(*columns.values(), strict=True)
        if whole:
            return list(map(dict, map(zip, repeat(tuple(columns)), rows)))
        return [{key: item for key, item in zip(columns, row, strict=True) if item is not MISSING} for row in rows]

    return write


def _write_set(items: frozenset[Any]) -> list[Any]:
    # texts before numbers, so that mixed sets have one order as well
    return sorted((plain_of(item) for item in items), key=lambda plain: (str(type(plain)), plain))


def _write_map(items: Mapping[str, Any]) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    for key, item in (items._items if isinstance(items, FrozenMap) else items).items():
        try:
            plain[key] = plain_of(item)
        except Wrong as wrong:
            raise wrong.below(key) from None
    if means_unknown(plain):
        raise Wrong.saying(MEANS_UNKNOWN)
    return plain


def _write_lexical(obj: Any) -> Any:
    return read_plain(obj.to_plain())


def _write_enum(member: enum.Enum) -> Any:
    return member.value


def _write_plain(value: object) -> Any:
    return read_plain(value)
