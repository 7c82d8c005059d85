"""From plain data to objects: strict, driven by annotations, every problem with its path.

Reading goes twice if it must: first with the fastest functions cattrs can generate, which stop at the first
problem; and only if there is one, again with readers that go on and collect all. Both use the same readers for
single values, so they accept the same data; a property test holds that.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import threading
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar, overload

import attrs

from branchkit.codec.classes import build, check, explain_class
from branchkit.codec.plan import is_lexical, map_values, members, plan, schema_name, shapes, tag_of
from branchkit.codec.problems import MISSING, Wrong, words
from branchkit.codec.scalars import MEANS_UNKNOWN, READERS, means_unknown, read_lexical, read_plain
from branchkit.codec.text import MAX_DEPTH
from branchkit.errors import DecodeError, InputError, Problem, Unsupported
from branchkit.values import FrozenMap, Unknown

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["Readers", "make_converter", "readers", "structure"]

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
    if isinstance(data, Mapping) and not isinstance(data, dict):
        data = dict(data)
    try:
        if (schema := schema_name(cls)) is not None and isinstance(data, dict):
            found, go_on = _check_schema(schema, data)
            if not go_on:
                raise DecodeError(source, found)
            data = {key: value for key, value in data.items() if key != "schema"}
        if not found:
            try:
                return readers(detailed=False).reader(cls)(data, cls)
            except (ValueError, KeyError, TypeError, InputError):
                pass  # the second reading says what is wrong, and where
        value = readers(detailed=True).reader(cls)(data, cls)
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


def make_converter() -> Converter:
    """Compose the cattrs converter whose generated functions the fast readers are made of."""
    import cattrs

    return cattrs.Converter(detailed_validation=False, forbid_extra_keys=False, use_alias=True)


@functools.cache
def readers(*, detailed: bool) -> Readers:
    """Return the readers that stop at the first problem, or those that collect all."""
    return Readers(None if detailed else make_converter())


class Readers:
    """Builds one reader per annotation, when it is first asked for.

    Args:
        converter: Generates the functions for classes; without one, the readers collect every problem.
    """

    def __init__(self, converter: Converter | None) -> None:
        self._converter = converter
        self._known: dict[Any, Reader] = {}
        self._building = threading.RLock()
        self._late: set[Any] = set()

    def reader(self, annotation: Any) -> Reader:
        """Return the function that reads data of an annotation; raises `Wrong`."""
        known = self._known.get(annotation)
        if known is not None:
            return known
        with self._building:
            if annotation in self._late:
                # a class that holds itself: its reader is looked up when it is called
                return lambda value, _: self.reader(annotation)(value, annotation)
            self._late.add(annotation)
            try:
                self._known[annotation] = self._build(annotation)
            finally:
                self._late.discard(annotation)
            return self._known[annotation]

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
                return self._class(annotation)
        raise Unsupported(
            f"the annotation {annotation!r}", "The codec", "it has no strict plain form; see the reference"
        )

    def _class(self, cls: type[Any]) -> Reader:
        known = plan(cls)
        if self._converter is None or _mixes_arguments(cls):
            return explain_class(known, self.reader)
        from cattrs.gen import make_dict_structure_fn, override

        hooks = {field.name: override(struct_hook=self.reader(field.annotation)) for field in known.fields}
        generated = make_dict_structure_fn(cls, self._converter, **hooks)  # type: ignore[arg-type]  # mypy takes the hooks for flags
        keys, tag = known.keys, known.tag
        validated = hasattr(cls, "validate")

        def read(value: object, _: object) -> object:
            if not isinstance(value, dict) or value.__class__ is not dict or not value.keys() <= keys:
                raise Wrong(())
            if tag is not None and value.get("kind") != tag:
                raise Wrong(())
            built = generated(value, cls)
            if validated:
                check(built)
            return built

        return read

    def _list(self, inner: Any) -> Reader:
        read = self.reader(inner)

        def fast(value: object, _: object) -> tuple[object, ...]:
            if not isinstance(value, list):
                raise Wrong.expected("a list", value)
            return tuple([read(item, inner) for item in value])

        def detailed(value: object, _: object) -> tuple[object, ...]:
            if not isinstance(value, list):
                raise Wrong.expected("a list", value)
            return build(
                ((index, item, read, inner) for index, item in enumerate(value)), lambda items: tuple(items.values())
            )

        return fast if self._converter is not None else detailed

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
        read = self.reader(inner)

        def fast(value: object, _: object) -> FrozenMap[object]:
            if not isinstance(value, dict):
                raise Wrong.expected("an object", value)
            if not all(key.__class__ is str for key in value):
                raise Wrong(())
            if means_unknown(value):
                raise Wrong(())
            return FrozenMap({key: read(item, inner) for key, item in value.items()})

        def detailed(value: object, _: object) -> FrozenMap[object]:
            if not isinstance(value, dict):
                raise Wrong.expected("an object", value)
            odd = [
                Problem("$", f"Expected keys that are text, got {words(key)}") for key in value if type(key) is not str
            ]
            parts = ((key, item, read, inner) for key, item in value.items() if type(key) is str)
            if means_unknown(value):
                odd.append(Problem("$", MEANS_UNKNOWN))
            return build(parts, FrozenMap, odd)

        return fast if self._converter is not None else detailed

    def _union(self, annotation: Any, union: tuple[Any, ...]) -> Reader:
        objects = [member for member in union if "object" in shapes(member) and member is not Unknown]
        others = [member for member in union if member not in objects and member is not Unknown]
        claims = [shape for member in others for shape in shapes(member)]
        tags = [tag_of(member) for member in objects]
        if len(set(claims)) != len(claims) or (len(objects) > 1 and (None in tags or len(set(tags)) != len(tags))):
            raise Unsupported(
                f"the annotation {annotation!r}",
                "The codec",
                "its members look alike; give each class its own KIND, or use one class that reads all of them",
            )
        if Unknown in union and any(attrs.has(member) and "unknown" in plan(member).keys for member in objects):
            raise Unsupported(
                f"the annotation {annotation!r}", "The codec", "a class beside Unknown has a key 'unknown'"
            )
        read_object: Reader | None = None
        if objects:
            tagged = {tag: self.reader(member) for tag, member in zip(tags, objects, strict=True) if tag is not None}
            read_object = _tagged(tagged, Unknown in union) if tagged else self.reader(objects[0])
        read_unknown = READERS[Unknown] if Unknown in union else None
        by_shape = {shape: self.reader(member) for member in others for shape in shapes(member)}
        if Decimal in others:
            by_shape.setdefault("int", READERS[Decimal])
        if "text" in by_shape:
            by_shape["native"] = by_shape["text"]
        meant = [member for member in union if member is not type(None) and member is not Unknown]
        otherwise = self.reader(meant[0]) if len(meant) == 1 else read_object if _reads_anything(objects) else None
        expected = _expected(union)
        by_class = {cls: by_shape[shape] for cls, shape in _SHAPES.items() if shape in by_shape and cls is not dict}

        def read(value: object, _: object) -> object:
            kind: Any = value.__class__  # mypy asks the instances whether the class can be hashed
            quick = by_class.get(kind)
            if quick is not None:
                return quick(value, None)
            if isinstance(value, dict):
                if read_unknown is not None and value.keys() == {"unknown"}:
                    return read_unknown(value, Unknown)
                if read_object is not None:
                    return read_object(value, None)
            chosen = by_shape.get(_SHAPES.get(value.__class__, ""), otherwise)
            if chosen is None:
                raise Wrong.expected(expected, value)
            return chosen(value, None)

        return read


def _reads_anything(objects: list[Any]) -> bool:
    return len(objects) == 1 and shapes(objects[0]) != {"object"}


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


_SHAPES: Final[Mapping[type[Any], str]] = {
    type(None): "null",
    bool: "bool",
    int: "int",
    str: "text",
    list: "list",
    dict: "object",
    Decimal: "native",
    dt.date: "native",
    dt.time: "native",
    dt.datetime: "native",
}


def _expected(union: tuple[Any, ...]) -> str:
    names = {
        "null": "null",
        "bool": "true/false",
        "int": "a whole number",
        "text": "text",
        "list": "a list",
        "object": "an object",
    }
    seen = frozenset().union(*(shapes(member) for member in union))
    listed = [name for shape, name in names.items() if shape in seen]
    return " or ".join(listed)


def _mixes_arguments(cls: type[Any]) -> bool:
    """Say whether a positional field follows a keyword-only one, as in a subclass: cattrs makes no code for that."""
    kinds = [field.kw_only for field in attrs.fields(cls) if field.init]
    return kinds != sorted(kinds)
