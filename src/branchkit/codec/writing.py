"""Writes objects as JSON text without the plain data in between, column by column.

What it writes is byte for byte what `dump_json` or `canonical_json` make of `unstructure`; a property test holds that.
Where it is not certain to, it gives up, and these find the problem or, where the doubt was unfounded, the text.
"""

from __future__ import annotations

import enum
import functools
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain, islice, repeat
from json.encoder import encode_basestring
from operator import itemgetter
from typing import Any, TypeAlias

import attrs

from branchkit.codec.columns import WORTH_IT
from branchkit.codec.plan import Plan, plan, schema_name
from branchkit.codec.problems import Wrong
from branchkit.codec.scalars import WRITERS, means_unknown
from branchkit.codec.tables import getter, table
from branchkit.codec.text import MAX_DEPTH, encoder, is_plain
from branchkit.codec.unstructure import plain_of
from branchkit.errors import InputError, Unsupported
from branchkit.values import FrozenMap, Ref, Unknown

__all__ = ["written"]

One = Callable[[Any, int], str]
"""Writes a value with so many levels left for lists and objects; raises one of `_GIVES_UP`."""
Many = Callable[[Sequence[Any], int], Sequence[str]]
"""Writes values of one class, of which there is at least one."""

_GIVES_UP = (ValueError, TypeError, KeyError, InputError, Unsupported, RecursionError)


def written(obj: object, *, sort: bool = False) -> bytes | None:
    """Return an object's JSON on one line, with sorted keys for the canonical one; ``None`` if in doubt."""
    try:
        return _texts(sort).root(obj).encode()
    except _GIVES_UP:
        return None


@functools.cache
def _texts(sort: bool) -> _Texts:
    return _Texts(sort)


class _Texts:
    """Builds one writer of single values, and one of columns, per class, when a value of it is first written."""

    def __init__(self, sort: bool) -> None:
        self._sort = sort
        self._ones: dict[Any, One] = dict(_SCALARS)
        self._manys: dict[Any, Many] = {str: lambda values, _: list(map(encode_basestring, values)), Ref: _refs}
        self._roots: dict[Any, One] = {}
        self._encode = encoder(None, sort).encode

    def root(self, obj: Any) -> str:
        kind = obj.__class__
        one = self._roots.get(kind)
        if one is None:
            schema = schema_name(kind)
            if schema is not None and hasattr(kind, "to_plain"):
                raise Wrong(())
            one = self._one(kind) if schema is None else self._object(plan(kind), {"schema": schema})
            self._roots[kind] = one
        return one(obj, MAX_DEPTH)

    def _one(self, kind: Any) -> One:
        one = self._ones.get(kind)
        if one is None:
            one = self._ones[kind] = self._built(kind)
        return one

    def _many(self, kind: Any) -> Many:
        many = self._manys.get(kind)
        if many is None:
            if self._one(kind) == self._list:
                many = self._lists
            elif kind not in WRITERS and attrs.has(kind) and not hasattr(kind, "to_plain"):
                many = self._objects(plan(kind))
            else:
                many = _singly(self._one(kind))
            self._manys[kind] = many
        return many

    def _column(self, values: Sequence[Any], kinds: set[type[Any]], depth: int) -> Sequence[str]:
        if len(values) >= WORTH_IT and len(kinds) == 1:
            (kind,) = kinds
            return self._many(kind)(values, depth)
        ones = {kind: self._one(kind) for kind in kinds}
        return [ones[value.__class__](value, depth) for value in values]

    def _built(self, kind: Any) -> One:
        if kind in WRITERS:
            return _scalar(WRITERS[kind])
        if hasattr(kind, "to_plain"):
            return self._plain
        if issubclass(kind, enum.Enum):
            return _member(kind)
        if issubclass(kind, tuple):
            return self._list
        if issubclass(kind, frozenset):
            return self._set
        if attrs.has(kind):
            known = plan(kind)
            return self._object(known, {} if known.tag is None else {"kind": known.tag})
        if issubclass(kind, Mapping) and not issubclass(kind, dict):
            return self._map
        return self._plain

    def _plain(self, value: Any, depth: int) -> str:
        plain = plain_of(value)
        if not is_plain(plain, depth):
            raise Wrong(())
        return self._encode(plain)

    def _list(self, value: tuple[Any, ...], depth: int) -> str:
        if not depth:
            raise Wrong(())
        return f"[{','.join(self._column(value, set(map(type, value)), depth - 1))}]"

    def _lists(self, values: Sequence[tuple[Any, ...]], depth: int) -> Sequence[str]:
        if not depth:
            raise Wrong(())
        items = list(chain.from_iterable(values))
        if not items:
            return ["[]"] * len(values)
        texts = self._column(items, set(map(type, items)), depth - 1)
        lengths = list(map(len, values))
        if set(lengths) == {1}:
            return [f"[{text}]" for text in texts]
        rest = iter(texts)
        return [f"[{','.join(islice(rest, length))}]" for length in lengths]

    def _set(self, value: frozenset[Any], depth: int) -> str:
        if set(map(type, value)) != {str} or not depth:
            return self._plain(value, depth)
        return f"[{','.join(map(encode_basestring, sorted(value)))}]"

    def _map(self, value: Any, depth: int) -> str:
        items = value._items if value.__class__ is FrozenMap else dict(value)
        if not depth or means_unknown(items) or any(key.__class__ is not str for key in items):
            raise Wrong(())
        pairs = [
            f"{encode_basestring(key)}:{self._one(item.__class__)(item, depth - 1)}"
            for key, item in (sorted(items.items(), key=itemgetter(0)) if self._sort else items.items())
        ]
        return f"{{{','.join(pairs)}}}"

    def _object(self, known: Plan, constant: Mapping[str, str]) -> One:
        fixed = _fixed(known, constant)
        specs = [(f'"{field.key}":', field.blank, field.blank.__class__) for field in known.fields]
        get, sort = getter(known.fields), self._sort

        def write(value: Any, depth: int) -> str:
            if not depth:
                raise Wrong(())
            parts = fixed.copy()
            for (label, blank, blank_class), item in zip(specs, get(value)):  # noqa: B905 - "strict" costs as much as a field
                kind: Any = item.__class__
                if item is blank or (kind is blank_class and item == blank):
                    continue
                if kind is str:
                    parts.append(label + encode_basestring(item))
                else:
                    parts.append(label + self._one(kind)(item, depth - 1))
            if sort:
                parts.sort()  # keys are identifiers: no label begins another, and a quote comes before any letter
            return f"{{{','.join(parts)}}}"

        return write

    def _objects(self, known: Plan) -> Many:
        fixed = _fixed(known, {} if known.tag is None else {"kind": known.tag})
        labels = [f'"{field.key}":' for field in known.fields]
        split, sort = table(known.fields), self._sort

        def write(values: Sequence[Any], depth: int) -> Sequence[str]:
            if not depth:
                raise Wrong(())
            parts: list[_Part] = [(text, None, None) for text in fixed]
            for at, column, kinds, stated in split(values):
                parts.append((labels[at], self._column(column, kinds, depth - 1), stated))
            if sort:
                parts.sort(key=itemgetter(0))
            return _rows(parts, len(values))

        return write


_Part: TypeAlias = tuple[str, Sequence[str] | None, Sequence[bool] | None]
"""A label, what stands behind it in each row where it is not always the same, and which of the rows have it."""


def _fixed(known: Plan, constant: Mapping[str, str]) -> list[str]:
    if any(key in known.by_key for key in constant):
        raise Wrong(())
    return [f'"{key}":{encode_basestring(text)}' for key, text in constant.items()]


def _rows(parts: Sequence[_Part], count: int) -> list[str]:
    if not parts:
        return ["{}"] * count
    loose = parts[0][2] is not None  # then any part may come first, and the first comma is taken away again
    before = "," if loose else "{"
    pieces: list[Iterable[str]] = []
    for label, texts, stated in parts:
        if texts is not None and stated is not None:
            rest = iter(texts)
            pieces.append([f",{label}{next(rest)}" if said else "" for said in stated])
        else:
            pieces.append(repeat(before + label, count))
            if texts is not None:
                pieces.append(texts)
        before = ","
    if loose:
        return [f"{{{row[1:]}}}" for row in map("".join, zip(*pieces, strict=True))]
    return list(map("".join, zip(*pieces, repeat("}", count), strict=True)))


def _singly(one: One) -> Many:
    return lambda values, depth: [one(value, depth) for value in values]


def _scalar(write: Callable[[Any], Any]) -> One:
    return lambda value, _: encode_basestring(write(value))


def _member(kind: type[enum.Enum]) -> One:
    texts: dict[Any, str] = {}
    for member in kind:
        if member.value.__class__ is not str and member.value.__class__ is not int:
            raise Wrong(())
        texts[member] = json.dumps(member.value, ensure_ascii=False)
    return lambda value, _: texts[value]


def _unknown(value: Unknown, depth: int) -> str:
    if not depth or value.reason.__class__ is not str:
        raise Wrong(())
    return f'{{"unknown":{encode_basestring(value.reason)}}}'


def _refs(values: Sequence[Ref], _: int) -> Sequence[str]:
    return list(map(encode_basestring, [f"{ref.kind}:{ref.id}" for ref in values]))


_SCALARS: Mapping[Any, One] = {
    str: lambda value, _: encode_basestring(value),
    int: lambda value, _: int.__repr__(value),
    bool: lambda value, _: "true" if value else "false",
    type(None): lambda _, __: "null",
    Unknown: _unknown,
}
