"""From plain data to objects: strict, driven by annotations, every problem with its path.

Reading goes twice if it must: first with the readers of `branchkit.codec.quick`, which give up at the first doubt; and
only if they do, again with readers that go on and collect all problems. Both use the same readers for single values, so
they accept the same data; a property test holds that.
"""

from __future__ import annotations

import enum
import functools
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar, overload

import attrs

from branchkit.codec.classes import build, explain_class
from branchkit.codec.plan import is_lexical, map_values, members, plan, schema_name
from branchkit.codec.problems import MISSING, Wrong, words
from branchkit.codec.quick import GIVES_UP, quick
from branchkit.codec.scalars import MEANS_UNKNOWN, READERS, means_unknown, read_lexical, read_plain
from branchkit.codec.text import MAX_DEPTH
from branchkit.codec.unions import SHAPES, union_of
from branchkit.errors import DecodeError, Problem, Unsupported
from branchkit.values import FrozenMap, Unknown

__all__ = ["Readers", "readers", "structure"]

T = TypeVar("T")
Reader = Callable[[Any, Any], Any]


@overload
def structure(cls: type[T], data: object, *, source: str = "<data>") -> T: ...
@overload
def structure(cls: Any, data: object, *, source: str = "<data>") -> Any: ...
def structure(cls: Any, data: object, *, source: str = "<data>") -> Any:
    """Build an object from plain data.

    Nothing is guessed: ``True`` is no number, ``3.0`` no whole number, a text no list; a float is never accepted.

    Args:
        cls: An attrs class, or another annotation such as ``tuple[Branch, ...]``.
        data: Plain data, as `parse_json` and `parse_toml` return it.
        source: What to call the data in errors.

    Raises:
        DecodeError: The data is not such an object; lists every problem with its path.
        Unsupported: The class has a field whose annotation the codec doesn't know.

    >>> from branchkit.values import Text
    >>> structure(Text, {"zh": "网点", "en": "Branch"}).say("en")
    'Branch'
    >>> structure(Text, {"zh": 1, "fr": "succursale"})
    Traceback (most recent call last):
    ...
    branchkit.errors.DecodeError: <data>: 2 problems
      Unknown key 'fr'; there are: zh, en - at `$`
      Expected text, got a whole number - at `$.zh`
    """
    found: tuple[Problem, ...] = ()
    if not isinstance(data, dict) and isinstance(data, Mapping):
        data = dict(data)
    try:
        if (schema := schema_name(cls)) is not None and isinstance(data, dict):
            found, go_on = _check_schema(schema, data)
            if not go_on:
                raise DecodeError(source, found)
            data = {key: value for key, value in data.items() if key != "schema"}
        if not found:
            try:
                return quick(cls)(data)
            except GIVES_UP:
                pass  # the second reading says what is wrong, and where
        value = readers().reader(cls)(data, cls)
    except Wrong as wrong:
        raise DecodeError(source, tuple(dict.fromkeys((*found, *wrong.problems)))) from None
    except RecursionError:
        problem = Problem("$", f"Expected at most {MAX_DEPTH} lists and objects inside each other")
        raise DecodeError(source, (problem,)) from None
    if found:
        raise DecodeError(source, found)
    return value


def _check_schema(schema: str, data: dict[str, Any]) -> tuple[tuple[Problem, ...], bool]:
    """Return what is wrong with the key ``schema``, and whether reading the rest makes sense."""
    if "schema" not in data:
        return (Problem("$", f"Missing 'schema'; expected {schema!r}"),), True
    stated = data["schema"]
    if stated == schema:
        return (), True
    if not isinstance(stated, str):
        return (Problem("$.schema", f"Expected {schema!r}, got {words(stated)}"),), True
    name, _, version = schema.rpartition("/")
    stated_name, _, stated_version = stated.rpartition("/")
    if stated_name != name or not (stated_version.isascii() and stated_version.isdecimal()):
        return (Problem("$.schema", f"Expected {schema!r}, got another kind of document"),), False
    # compared as text of equal length: int() of a long text is slow
    ours, theirs = version.lstrip("0"), stated_version.lstrip("0")
    if (len(theirs), theirs) > (len(ours), ours):
        message = f"Expected {schema!r}, got a newer version of it; install a newer version of what reads it"
    else:
        message = f"Expected {schema!r}, got an older version of it; migrate it first"
    return (Problem("$.schema", message),), False


@functools.cache
def readers() -> Readers:
    """Return the readers that collect every problem."""
    return Readers()


class Readers:
    """Builds one reader per annotation, when it is first asked for; each collects every problem."""

    def __init__(self) -> None:
        self._known: dict[Any, Reader] = {}

    def reader(self, annotation: Any) -> Reader:
        """Return the function that reads data of an annotation; raises `Wrong`."""
        known = self._known.get(annotation)
        if known is None:
            # of a class that holds itself, the readers of its fields are built when it is read
            known = self._known[annotation] = self._build(annotation)
        return known

    def _build(self, annotation: Any) -> Reader:
        if annotation is None:
            annotation = type(None)
        if annotation is Any or annotation is object:
            return read_plain
        if (union := members(annotation)) is not None:
            return self._union(annotation, union)
        if (value := map_values(annotation)) is not MISSING:
            return self._map(value)
        origin, args = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
            return self._list(args[0])
        if origin is tuple and args and Ellipsis not in args:
            return self._row(args)
        if origin is frozenset:
            return self._set(args[0])
        if origin is typing.Literal:
            return _choice({option: option for option in args})
        if origin is typing.Annotated:
            return self.reader(args[0])
        if isinstance(annotation, type):
            if annotation in READERS:
                return READERS[annotation]
            if is_lexical(annotation):
                return read_lexical(annotation)
            if issubclass(annotation, enum.Enum):
                return _choice({member.value: member for member in annotation})
            if attrs.has(annotation):
                return explain_class(plan(annotation), self.reader)
        raise Unsupported(
            f"the annotation {annotation!r}", "The codec", "it has no strict plain form; see the reference"
        )

    def _list(self, inner: Any) -> Reader:
        read_item = self.reader(inner)

        def read(value: object, _: object) -> tuple[object, ...]:
            if not isinstance(value, list):
                raise Wrong.expected("a list", value)
            parts = ((index, item, read_item, inner) for index, item in enumerate(value))
            return build(parts, lambda items: tuple(items.values()))

        return read

    def _row(self, inner: tuple[Any, ...]) -> Reader:
        reads = [self.reader(item) for item in inner]

        def read(value: object, _: object) -> tuple[object, ...]:
            if not isinstance(value, list):
                raise Wrong.expected("a list", value)
            if len(value) != len(reads):
                raise Wrong.saying(f"Expected a list of {len(reads)}, got one of {len(value)}")
            parts = zip(range(len(reads)), value, reads, inner, strict=True)
            return build(parts, lambda items: tuple(items.values()))

        return read

    def _set(self, inner: Any) -> Reader:
        read_list = self._list(inner)

        def read(value: object, _: object) -> frozenset[object]:
            items = read_list(value, inner)
            if len(unique := frozenset(items)) == len(items):
                return unique
            seen: set[object] = set()
            repeats = [index for index, item in enumerate(items) if item in seen or seen.add(item)]  # type: ignore[func-returns-value]  # add() returns None, which is what the "or" needs
            raise Wrong(Problem(f"$[{index}]", "Expected each value once, got it again") for index in repeats)

        return read

    def _map(self, inner: Any) -> Reader:
        read_item = self.reader(inner)

        def read(value: object, _: object) -> FrozenMap[object]:
            if not isinstance(value, dict):
                raise Wrong.expected("an object", value)
            odd = [
                Problem("$", f"Expected keys that are text, got {words(key)}") for key in value if type(key) is not str
            ]
            parts = ((key, item, read_item, inner) for key, item in value.items() if type(key) is str)
            if means_unknown(value):
                odd.append(Problem("$", MEANS_UNKNOWN))
            return build(parts, FrozenMap, odd)

        return read

    def _union(self, annotation: Any, union: tuple[Any, ...]) -> Reader:
        known = union_of(annotation, union)
        by_shape = {shape: self.reader(member) for shape, member in known.by_shape.items()}
        read_object: Reader | None = None
        if known.by_tag:
            read_object = _tagged({tag: self.reader(one) for tag, one in known.by_tag.items()}, known.unknown)
        elif known.object is not None:
            read_object = self.reader(known.object)
        read_unknown = READERS[Unknown] if known.unknown else None
        otherwise = None if known.otherwise is None else self.reader(known.otherwise)

        def read(value: object, _: object) -> object:
            if isinstance(value, dict):
                if read_unknown is not None and value.keys() == {"unknown"}:
                    return read_unknown(value, Unknown)
                if read_object is not None:
                    return read_object(value, None)
            chosen = by_shape.get(SHAPES.get(value.__class__, ""), otherwise)
            if chosen is None:
                raise Wrong.expected(known.expected, value)
            return chosen(value, None)

        return read


def _tagged(readers: Mapping[str, Reader], or_unknown: bool) -> Reader:
    names = ", ".join(readers) + (", or an object {unknown: reason}" if or_unknown else "")

    def read(value: dict[str, Any], _: object) -> object:
        if "kind" not in value:
            raise Wrong.saying(f"Missing 'kind'; there are: {names}")
        tag = value["kind"]
        if not isinstance(tag, str):
            raise Wrong.expected("text", tag).below("kind")
        chosen = readers.get(tag)
        if chosen is None:
            raise Wrong.saying(f"Unknown kind; there are: {names}").below("kind")
        return chosen(value, None)

    return read


def _choice(options: Mapping[Any, Any]) -> Reader:
    kinds = frozenset(type(option) for option in options)
    names = ", ".join(map(str, options))

    def read(value: object, _: object) -> object:
        if value.__class__ in kinds:
            try:
                return options[value]
            except KeyError:
                raise Wrong.saying(f"Expected one of: {names}") from None
        raise Wrong.expected(f"one of: {names}", value)

    return read
