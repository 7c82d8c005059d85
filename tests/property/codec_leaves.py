"""The law that a wrong type in any leaf of a document is refused with the path of that leaf.

Feed it any document class: ``check_wrong_leaves(Branch, branch)``.
"""

from __future__ import annotations

import copy
import datetime as dt
import typing
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.codec import child, structure, unstructure
from branchkit.codec.plan import is_lexical, map_values, members, plan, schema_name, shapes
from branchkit.codec.problems import MISSING
from branchkit.errors import DecodeError
from branchkit.values import Unknown

Steps = tuple[str | int, ...]

_WRONG: dict[str, Any] = {
    "null": None,
    "bool": True,
    "int": 7,
    "float": 3.5,
    "number": Decimal("3.5"),
    "text": "?",
    "list": [],
    "object": {},
    "date": dt.date(2026, 3, 9),
    "tuple": ("x",),
}


def check_wrong_leaves(cls: type[Any], document: object) -> int:
    """Put each wrong type into each leaf of a document, and require the problem's path; return how often."""
    plain = unstructure(document)
    tried = 0
    for steps, meant in leaves(cls, plain):
        for name, wrong in _WRONG.items():
            if name in _allowed(meant):
                continue
            broken = replaced(plain, steps, wrong)
            with pytest.raises(DecodeError) as caught:
                structure(cls, broken)
            path = child("$", *steps)
            paths = [problem.path for problem in caught.value.problems]
            assert path in paths, f"{name} at {path} was told as {paths}"
            tried += 1
    return tried


def replaced(plain: Any, steps: Steps, value: object) -> Any:
    """Return plain data with one value replaced."""
    if not steps:
        return value
    copied = copy.copy(plain)
    copied[steps[0]] = replaced(plain[steps[0]], steps[1:], value)
    return copied


def leaves(cls: Any, plain: Any) -> Iterator[tuple[Steps, tuple[Any, ...]]]:
    """Yield every leaf of plain data, with what may stand there."""
    if schema_name(cls) is not None:
        yield ("schema",), (str,)
        plain = {key: value for key, value in plain.items() if key != "schema"}
    yield from _leaves((cls,), plain, ())


def _leaves(annotations: tuple[Any, ...], plain: Any, steps: Steps) -> Iterator[tuple[Steps, tuple[Any, ...]]]:
    flat = tuple(inner for annotation in annotations for inner in (members(annotation) or (annotation,)))
    if any(annotation is Any or annotation is object or is_lexical(annotation) for annotation in flat):
        return
    if isinstance(plain, dict) and plain.keys() == {"unknown"} and Unknown in flat:
        yield (*steps, "unknown"), (str,)
    elif isinstance(plain, dict):
        for annotation in flat:
            yield from _object_leaves(annotation, plain, steps)
    elif isinstance(plain, list):
        inner = next(a for a in flat if typing.get_origin(a) in (tuple, frozenset))
        args = typing.get_args(inner)
        for index, item in enumerate(plain):
            each = args[0] if typing.get_origin(inner) is frozenset or args[-1] is Ellipsis else args[index]
            yield from _leaves((each,), item, (*steps, index))
    else:
        yield steps, flat


def _object_leaves(annotation: Any, plain: dict[str, Any], steps: Steps) -> Iterator[tuple[Steps, tuple[Any, ...]]]:
    if (value := map_values(annotation)) is not MISSING:
        for key, item in plain.items():
            yield from _leaves((value,), item, (*steps, key))
    elif isinstance(annotation, type) and attrs.has(annotation) and annotation is not Unknown:
        known = plan(annotation)
        if known.tag is not None:
            if plain["kind"] != known.tag:
                return
            yield (*steps, "kind"), (str,)
        for field in known.fields:
            if field.key in plain:
                yield from _leaves((field.annotation,), plain[field.key], (*steps, field.key))


def _allowed(annotations: tuple[Any, ...]) -> frozenset[str]:
    """Return the names of the types that aren't wrong here."""
    allowed = frozenset().union(*(shapes(annotation) for annotation in annotations))
    if Decimal in annotations:
        allowed |= {"int", "number"}
    if dt.date in annotations:
        allowed |= {"date"}
    # "?" is no date and no number, but its type is right where text is meant; an empty text or list may be fine
    special = {Decimal, dt.date, dt.time, dt.datetime, dt.timedelta}
    if not any(annotation is str for annotation in annotations) and special & set(annotations):
        allowed -= {"text"}
    return allowed
