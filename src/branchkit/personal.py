"""Marks personal data and free text in a class, so that everything that prints or stores can tell.

A field is marked where it is declared::

    name: str = attrs.field(repr=mask, metadata=personal("name"))

Its value never shows in a ``repr``, an error, a trace or a report, and never enters the journal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

__all__ = ["FREE_TEXT", "MASK", "kind_of", "marked_fields", "mask", "personal"]

MASK = "•••"
"""What stands where a personal value would."""
FREE_TEXT = "free_text"
"""The mark of text that somebody typed: it may hold anything, so it is treated as personal."""

_KEY = "branchkit.personal"


def personal(kind: str) -> dict[str, str]:
    """Return the attrs metadata that marks a field as personal data of a kind, as in ``"name"``.

    >>> personal("phone")
    {'branchkit.personal': 'phone'}
    """
    return {_KEY: kind}


def mask(value: object) -> str:
    """Stand in for ``repr`` on a marked field; shows whether there is a value, and nothing else.

    >>> mask("Zhang"), mask(None)
    ('•••', 'None')
    """
    return "None" if value is None else MASK


def kind_of(metadata: Mapping[Any, Any]) -> str | None:
    """Return the kind a field is marked with, or ``None`` if it is not marked."""
    kind = metadata.get(_KEY)
    return kind if isinstance(kind, str) else None


def marked_fields(cls: type[Any]) -> dict[str, str]:
    """Return the marked fields of an attrs class with their kinds.

    >>> @attrs.frozen
    ... class Visitor:
    ...     id: str
    ...     name: str = attrs.field(repr=mask, metadata=personal("name"))
    >>> marked_fields(Visitor), Visitor("V-1", "Zhang")
    ({'name': 'name'}, Visitor(id='V-1', name=•••))
    """
    return {field.name: kind for field in attrs.fields(cls) if (kind := kind_of(field.metadata))}
