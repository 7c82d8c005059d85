"""What the codec knows of a class: its keys, their types, and its union tag."""

from __future__ import annotations

import enum
import functools
import types
import typing
from collections.abc import Mapping
from typing import Any

import attrs

from branchkit.codec.problems import MISSING
from branchkit.errors import Unsupported
from branchkit.personal import kind_of
from branchkit.values import FrozenMap, Ref, Unknown

__all__ = ["Field", "Plan", "map_values", "members", "plan", "schema_name", "tag_of"]

_EMPTY: tuple[object, ...] = (None, (), "", frozenset(), FrozenMap(), Unknown())
"""The defaults that are left out of documents: each means that nothing was stated."""


@attrs.frozen(kw_only=True)
class Field:
    """One key of a class's object."""

    key: str
    """The key, which is the argument of the constructor."""
    name: str
    """The attribute that holds the value."""
    annotation: Any
    required: bool
    blank: object = MISSING
    """The default, if it is an empty value, which isn't written; else `MISSING`."""
    default: object = MISSING
    """The default, where it can be told without an instance."""
    personal: bool = False
    """Whether the value is personal data or free text."""
    attribute: Any = attrs.field(repr=False, eq=False)
    """The attrs attribute itself."""


@attrs.frozen(kw_only=True)
class Plan:
    """The keys of an attrs class, in the order of its fields."""

    cls: type[Any]
    fields: tuple[Field, ...]
    by_key: Mapping[str, Field]
    tag: str | None
    """The value of the key ``kind`` that tells the class from the others of a union."""
    keys: frozenset[str]
    """Every key the object may have."""


def plan(cls: type[Any]) -> Plan:
    """Read an attrs class once.

    Raises:
        Unsupported: The class has no annotations that can be read, or uses a key the codec needs itself.
    """
    key: Any = cls  # mypy asks the instances whether the class can be hashed
    return _plan(key)


@functools.cache
def _plan(cls: type[Any]) -> Plan:
    attrs.resolve_types(cls)
    fields = tuple(_field(attribute) for attribute in attrs.fields(cls) if attribute.init)
    tag = tag_of(cls)
    keys = frozenset(field.key for field in fields)
    if tag is not None and "kind" in keys:
        raise Unsupported(
            f"the class {cls.__name__}", "The codec", "it has both KIND and a field 'kind'; rename the field"
        )
    by_key = {field.key: field for field in fields}
    return Plan(cls=cls, fields=fields, by_key=by_key, tag=tag, keys=keys | {"kind"} if tag is not None else keys)


def _field(attribute: Any) -> Field:
    default = attribute.default
    if isinstance(default, attrs.Factory):  # type: ignore[arg-type]  # the stubs say it is a function; it is a class
        default = MISSING if default.takes_self else default.factory()
        required = False
    else:
        required = default is attrs.NOTHING
        default = MISSING if required else default
    blank = any(default.__class__ is empty.__class__ and default == empty for empty in _EMPTY)
    return Field(
        key=attribute.alias,
        name=attribute.name,
        annotation=attribute.type,
        required=required,
        blank=default if blank else MISSING,
        default=default,
        personal=kind_of(attribute.metadata) is not None,
        attribute=attribute,
    )


def tag_of(cls: object) -> str | None:
    """Return the ``KIND`` of a class, or ``None`` if it has none."""
    tag = getattr(cls, "KIND", None)
    return tag if isinstance(tag, str) and isinstance(cls, type) else None


def schema_name(cls: object) -> str | None:
    """Return what the key ``schema`` of a document class holds, or ``None`` for a class that is no document."""
    schema = getattr(cls, "SCHEMA", None)
    if not isinstance(schema, str) or not isinstance(cls, type):
        return None
    return schema if "." in schema else f"branchkit.{schema}"


def members(annotation: Any) -> tuple[Any, ...] | None:
    """Return the members of a union, or ``None`` for anything else."""
    if isinstance(annotation, types.UnionType) or typing.get_origin(annotation) is typing.Union:
        return typing.get_args(annotation)
    return None


def map_values(annotation: Any) -> Any:
    """Return the annotation of a mapping's values, or `MISSING` for anything but a mapping from text."""
    origin, args = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is FrozenMap:
        return args[0]
    if isinstance(origin, type) and origin.__module__ == "collections.abc" and origin.__name__ == "Mapping":
        return args[1] if args[0] is str else MISSING
    return MISSING


def is_lexical(cls: object) -> bool:
    """Say whether a class reads its own plain form."""
    return isinstance(cls, type) and hasattr(cls, "from_plain")


def shapes(annotation: Any) -> frozenset[str]:
    """Return the plain shapes that a union's member is written in: null, bool, int, text, list, object."""
    origin = typing.get_origin(annotation)
    if annotation is types.NoneType:
        return frozenset({"null"})
    if annotation in (bool, int):
        return frozenset({annotation.__name__})
    if origin is tuple or origin is frozenset:
        return frozenset({"list"})
    if annotation is Ref:
        return frozenset({"text"})
    if annotation is Unknown or map_values(annotation) is not MISSING:
        return frozenset({"object"})
    if is_lexical(annotation) or annotation is Any or annotation is object:
        return frozenset({"null", "bool", "int", "text", "list", "object"})
    if isinstance(annotation, type) and attrs.has(annotation):
        return frozenset({"object"})
    if origin is typing.Literal:
        return frozenset("text" if isinstance(value, str) else type(value).__name__ for value in annotation.__args__)
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return frozenset("text" if isinstance(member.value, str) else "int" for member in annotation)
    return frozenset({"text"})
