"""Reads plain JSON data as a source wrote it: as texts, as lists of texts, and as flat names with unaltered values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any

from branchkit.codec import canonical_json
from branchkit.values import FrozenMap

__all__ = ["attributes", "has_key", "items", "one_text", "texts", "whole"]

Kept = str | tuple[str, ...]


def one_text(value: object) -> str | None:
    """Return a text or number as text, unaltered; ``None`` for anything else and for a blank text.

    >>> one_text("10"), one_text(10), one_text(Decimal("51.10")), one_text(" "), one_text(["10"])
    ('10', '10', '51.10', None, None)
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return str(value)
    return value if isinstance(value, str) and value.strip() else None


def items(value: object) -> list[Any]:
    """Return a list as it is, nothing for null, and anything else as a list of one: sources write both.

    >>> items(["a", "b"]), items("a"), items(None)
    (['a', 'b'], ['a'], [])
    """
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts(value: object) -> tuple[str, ...] | None:
    """Return a list of texts, or one text as a list of one; ``None`` where something in it is no text.

    >>> texts(["en", "fr"]), texts("en"), texts([]), texts([1, {}]) is None
    (('en', 'fr'), ('en',), (), True)
    """
    found = [one_text(item) for item in items(value)]
    return None if None in found else tuple(item for item in found if item is not None)


def has_key(value: object, key: str) -> bool:
    """Say whether some object in this data has a key.

    >>> has_key({"Day": [{"Notes": "x"}]}, "Notes"), has_key("Notes", "Notes")
    (True, False)
    """
    if isinstance(value, dict):
        return key in value or any(has_key(item, key) for item in value.values())
    return isinstance(value, list) and any(has_key(item, key) for item in value)


def attributes(record: Mapping[str, Any], *, without: Collection[str] = ()) -> FrozenMap[Kept]:
    """Return everything a record says under the source's own names, joined by dots; null says nothing.

    >>> dict(attributes({"A": {"B": "1"}, "C": ["x", "y"], "D": True, "E": [{"F": 1}], "G": None}, without={"A.B"}))
    {'C': ('x', 'y'), 'D': 'true', 'E': ('{"F":1}',)}
    """
    return FrozenMap(dict(_flat(record, "", frozenset(without))))


def whole(value: object) -> str:
    """Return any data as one text, as the source wrote it."""
    return _leaf(value)


def _flat(record: Mapping[str, Any], prefix: str, without: frozenset[str]) -> Iterator[tuple[str, Kept]]:
    for name, value in record.items():
        path = prefix + name
        if path in without or value is None:
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{path}.", without)
        elif isinstance(value, list):
            yield path, tuple(_leaf(item) for item in value)
        else:
            yield path, _leaf(value)


def _leaf(value: object) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, Decimal):
        return str(value)
    return canonical_json(_exact(value)).decode()


def _exact(value: object) -> object:
    """Return the value with numbers that have a point as text, the only form that keeps their digits."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, list):
        return [_exact(item) for item in value]
    if isinstance(value, dict):
        return {name: _exact(item) for name, item in value.items()}
    return value
