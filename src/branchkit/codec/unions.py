"""Which member of a union is meant, told by nothing but the shape of the data and the key ``kind``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from branchkit.codec.plan import plan, shapes, tag_of
from branchkit.errors import Unsupported
from branchkit.values import Unknown

__all__ = ["SHAPES", "Union", "union_of"]

SHAPES: Final[Mapping[type[Any], str]] = {
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
"""The shape of what JSON and TOML hold, by class."""

_NAMES: Final[Mapping[str, str]] = {
    "null": "null",
    "bool": "true/false",
    "int": "a whole number",
    "text": "text",
    "list": "a list",
    "object": "an object",
}


@attrs.frozen(kw_only=True)
class Union:
    """The members of a union, sorted by how their values are written."""

    by_shape: Mapping[str, Any]
    """The member that is meant by each shape but an object."""
    by_tag: Mapping[str, Any]
    """The members that are told by their ``kind``."""
    object: Any
    """The one member that is meant by an object where none has a ``kind``; ``None`` if there is none."""
    unknown: bool
    """Whether the value may be unknown."""
    otherwise: Any
    """The member that is meant by what has none of the shapes; ``None`` if that is not certain."""
    expected: str
    """The shapes in words."""


def union_of(annotation: Any, members: tuple[Any, ...]) -> Union:
    """Sort the members of a union.

    Raises:
        Unsupported: Two members look alike.
    """
    objects = [member for member in members if "object" in shapes(member) and member is not Unknown]
    others = [member for member in members if member not in objects and member is not Unknown]
    claims = [shape for member in others for shape in shapes(member)]
    tags = [tag_of(member) for member in objects]
    if len(set(claims)) != len(claims) or (len(objects) > 1 and (None in tags or len(set(tags)) != len(tags))):
        raise Unsupported(
            f"the annotation {annotation!r}",
            "The codec",
            "its members look alike; give each class its own KIND, or use one class that reads all of them",
        )
    if Unknown in members and any(attrs.has(member) and "unknown" in plan(member).keys for member in objects):
        raise Unsupported(f"the annotation {annotation!r}", "The codec", "a class beside Unknown has a key 'unknown'")
    by_tag = {tag: member for tag, member in zip(tags, objects, strict=True) if tag is not None}
    by_shape = {shape: member for member in others for shape in shapes(member)}
    if Decimal in others:
        by_shape.setdefault("int", Decimal)
    if "text" in by_shape:
        by_shape["native"] = by_shape["text"]
    meant = [member for member in members if member is not type(None) and member is not Unknown]
    anything = len(objects) == 1 and not by_tag and shapes(objects[0]) != {"object"}
    seen = frozenset().union(*(shapes(member) for member in members))
    return Union(
        by_shape=by_shape,
        by_tag=by_tag,
        object=objects[0] if objects and not by_tag else None,
        unknown=Unknown in members,
        otherwise=meant[0] if len(meant) == 1 else objects[0] if anything else None,
        expected=" or ".join(name for shape, name in _NAMES.items() if shape in seen),
    )
