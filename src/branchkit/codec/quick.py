"""Reads what is right, fast; gives up at the first doubt and says nothing of why.

Each annotation becomes a chain of closures once. Lists of many are read in columns, see `branchkit.codec.columns`.
Whoever is given up on is read again by `branchkit.codec.structure`, which finds every problem or, where the doubt was
unfounded, the value.
"""

from __future__ import annotations

import enum
import functools
import threading
import typing
from collections.abc import Callable, Mapping
from operator import call
from sys import intern
from typing import Any

import attrs

from branchkit.codec import columns
from branchkit.codec.makers import Maker, made_map, maker
from branchkit.codec.plan import Plan, is_lexical, map_values, members, plan
from branchkit.codec.problems import MISSING, Wrong
from branchkit.codec.scalars import READERS, means_unknown, read_plain
from branchkit.codec.unions import SHAPES, union_of
from branchkit.errors import InputError, Unsupported
from branchkit.values import FrozenMap, Ref, Unknown

__all__ = ["GIVES_UP", "Quick", "quick"]

One = Callable[[Any], Any]
"""Reads one value."""
Many = columns.Many

_TEXT = frozenset({str})
_REPEATED = 4096
"""How many references, and small objects of nothing but texts, are remembered with what they say."""
_SMALL = 4
_SHAPES = 256
"""How many ways to leave keys out are remembered of a class."""

_call = typing.cast("Callable[[One, Any], Any]", call)

GIVES_UP = (ValueError, KeyError, TypeError, InputError)
"""What a quick reader raises where it gives up."""


@functools.cache
def quick(annotation: Any) -> One:
    """Return the function that reads plain data of an annotation; raises one of `GIVES_UP`.

    Raises:
        Unsupported: The codec doesn't know the annotation.
    """
    return _quicks().one(annotation)


@functools.cache
def _quicks() -> Quick:
    return Quick()


class Quick:
    """Builds one reader of single values, and one of columns, per annotation, when it is first asked for."""

    def __init__(self) -> None:
        self._ones: dict[Any, One] = {}
        self._manys: dict[Any, Many] = {}
        self._makers: dict[Any, Maker] = {}
        self._building = threading.RLock()
        self._late: set[Any] = set()

    def one(self, annotation: Any) -> One:
        """Return the reader of one value."""
        read: One = self._built(self._ones, annotation, self._one)
        return read

    def many(self, annotation: Any) -> Many:
        """Return the reader of a column."""
        read: Many = self._built(self._manys, annotation, self._many)
        return read

    def _built(self, known: dict[Any, Any], annotation: Any, build: Callable[[Any], Any]) -> Any:
        found = known.get(annotation)
        if found is not None:
            return found
        with self._building:
            key = (build.__name__, annotation)
            if key in self._late:
                # a class that holds itself: its reader is looked up when it is called
                return lambda value: self._built(known, annotation, build)(value)
            self._late.add(key)
            try:
                known[annotation] = build(annotation)
            finally:
                self._late.discard(key)
            return known[annotation]

    def _one(self, annotation: Any) -> One:
        if annotation is None:
            annotation = type(None)
        if annotation is Any or annotation is object:
            return read_plain
        if (union := members(annotation)) is not None:
            return self._union(annotation, union)
        if (value := map_values(annotation)) is not MISSING:
            return _map(self.one(value))
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
            return _list(intern if args[0] is str else self.one(args[0]), self.many(args[0]))
        if origin is tuple and args and Ellipsis not in args:
            return _row([self.one(item) for item in args])
        if origin is frozenset:
            return _set(_list(self.one(args[0]), self.many(args[0])))
        if origin is typing.Literal:
            return _choice({option: option for option in args})
        if origin is typing.Annotated:
            return self.one(args[0])
        if isinstance(annotation, type):
            if annotation is Ref:
                return _ref(self._maker(plan(Ref)))
            if annotation in READERS:
                return typing.cast(One, READERS[annotation])
            if is_lexical(annotation):
                return typing.cast(One, getattr(annotation, "from_plain"))  # noqa: B009 - no class promises to have it
            if issubclass(annotation, enum.Enum):
                return _choice({member.value: member for member in annotation})
            if attrs.has(annotation):
                return self._class(plan(annotation))
        raise Unsupported(
            f"the annotation {annotation!r}", "The codec", "it has no strict plain form; see the reference"
        )

    def _many(self, annotation: Any) -> Many:
        if (union := members(annotation)) is not None:
            known = union_of(annotation, union)
            by_class = {
                # a column of the very class that is meant needs no second look
                kind: columns.as_it_is if kind is member and kind in (str, int, bool) else self.many(member)
                for kind, shape in SHAPES.items()
                if (member := known.by_shape.get(shape)) is not None
            }
            return columns.uniform(by_class, self.one(annotation))
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
            return columns.lists(self.many(args[0]))
        if origin is typing.Literal:
            return columns.choices({option: option for option in args})
        if annotation in (str, int, bool):
            return columns.exactly(annotation)
        if annotation is Ref:
            return columns.repeated(self.one(Ref))
        if isinstance(annotation, type) and not is_lexical(annotation):
            if issubclass(annotation, enum.Enum):
                return columns.choices({member.value: member for member in annotation})
            if attrs.has(annotation) and annotation not in READERS:
                known_class = plan(annotation)
                by_key = {field.key: self.many(field.annotation) for field in known_class.fields}
                return columns.objects(known_class, by_key, self._maker(known_class), self.one(annotation))
        return columns.singly(self.one(annotation))

    def _maker(self, known: Plan) -> Maker:
        if known.cls not in self._makers:
            self._makers[known.cls] = maker(known)
        return self._makers[known.cls]

    def _class(self, known: Plan) -> One:
        shaped, validated = self._maker(known).shaped, hasattr(known.cls, "validate")
        by_key: dict[str, One] = {}
        for field in known.fields:
            one = self.one(field.annotation)
            if field.annotation is str and not field.personal:
                one = (
                    intern  # takes a text and nothing else; ids and codes are the same in many documents, and kept once
                )
            elif _takes_text(field.annotation):
                one = _text_or(one)
            by_key[field.key] = one
        if known.tag is not None:
            by_key["kind"] = _choice({known.tag: None})
        # Objects of a class have the same few keys in the same order again and again: what each key needs is looked up
        # once for all that are alike.
        shapes: dict[tuple[str, ...], tuple[list[One], Callable[[list[Any]], Any]]] = {}

        def shape_of(keys: tuple[str, ...]) -> tuple[list[One], Callable[[list[Any]], Any]]:
            if known.tag is not None and "kind" not in keys:
                raise Wrong(())
            if len(shapes) >= _SHAPES:
                shapes.clear()
            shapes[keys] = found = [by_key[key] for key in keys], shaped(keys)
            return found

        def read(value: Any) -> Any:
            if value.__class__ is not dict:
                raise Wrong(())
            keys = tuple(value)
            ones, build = shapes.get(keys) or shape_of(keys)
            built = build(list(map(_call, ones, value.values())))
            if validated and tuple(built.validate()):
                raise Wrong(())
            return built

        return read

    def _union(self, annotation: Any, union: tuple[Any, ...]) -> One:
        known = union_of(annotation, union)
        by_class: dict[type[Any], One] = {}
        for kind, shape in SHAPES.items():
            member = known.by_shape.get(shape, known.otherwise)
            if member is not None and kind is not dict:
                by_class[kind] = self.one(member)
        if known.by_tag:
            by_class[dict] = _tagged({tag: self.one(member) for tag, member in known.by_tag.items()})
        elif known.object is not None:
            by_class[dict] = self.one(known.object)
        if known.unknown:
            by_class[dict] = _or_unknown(by_class.get(dict, _give_up))

        def read(value: Any) -> Any:
            return by_class[value.__class__](value)

        return read


def _text_or(one: One) -> One:
    """Return what reads a text as itself, and everything else as given."""

    def read(value: Any) -> Any:
        return value if value.__class__ is str else one(value)

    return read


def _takes_text(annotation: Any) -> bool:
    """Say whether a text means itself here, whatever it says."""
    union = members(annotation)
    return annotation is str or (union is not None and union_of(annotation, union).by_shape.get("text") is str)


def _give_up(_: object) -> Any:
    raise Wrong(())


def _ref(make: Maker) -> One:
    one = make.one

    @functools.lru_cache(maxsize=_REPEATED)
    def read_once(value: str) -> Any:
        kind, _, name = value.partition(":")
        return one({"kind": kind, "id": name})  # without a colon there is no id, and that is refused

    def read(value: Any) -> Any:
        if value.__class__ is not str:
            raise Wrong(())
        return read_once(value)

    return read


def _list(one: One, many: Many) -> One:
    def read(value: Any) -> tuple[Any, ...]:
        if value.__class__ is not list:
            raise Wrong(())
        if len(value) < columns.WORTH_IT:
            return tuple([one(item) for item in value])
        return tuple(many(value))

    return read


def _row(ones: list[One]) -> One:
    def read(value: Any) -> tuple[Any, ...]:
        if value.__class__ is not list:
            raise Wrong(())
        return tuple([one(item) for one, item in zip(ones, value, strict=True)])

    return read


def _set(read_list: One) -> One:
    def read(value: Any) -> frozenset[Any]:
        items = read_list(value)
        unique = frozenset(items)
        if len(unique) != len(items):
            raise Wrong(())
        return unique

    return read


def _map(one: One) -> One:
    def read(value: Any) -> FrozenMap[Any]:
        if value.__class__ is not dict or (len(value) == 1 and means_unknown(value)):
            raise Wrong(())
        return made_map({intern(key): one(item) for key, item in value.items()})

    return read


def _choice(options: Mapping[Any, Any]) -> One:
    kinds = frozenset(type(option) for option in options)

    def read(value: Any) -> Any:
        if value.__class__ not in kinds:
            raise Wrong(())
        return options[value]

    return read


def _tagged(ones: Mapping[str, One]) -> One:
    remembered: dict[tuple[str, ...], Any] = {}

    def read(value: Any) -> Any:
        if len(value) > _SMALL or not _TEXT.issuperset(map(type, value.values())):
            return ones[value["kind"]](value)
        # Small objects of nothing but texts, as deadlines and posts are, come again and again; they never change.
        said = (*value, *value.values())
        known = remembered.get(said)
        if known is None:
            if len(remembered) >= _REPEATED:
                remembered.clear()
            known = remembered[said] = ones[value["kind"]](value)
        return known

    return read


def _or_unknown(one: One) -> One:
    read_unknown: Any = READERS[Unknown]

    def read(value: Any) -> Any:
        return read_unknown(value) if len(value) == 1 and "unknown" in value else one(value)

    return read
