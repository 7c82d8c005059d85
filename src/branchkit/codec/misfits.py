"""Asks of a document that was built in code what reading it from a file would have asked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from branchkit.codec.document import Document
from branchkit.codec.plan import is_lexical, plan
from branchkit.codec.problems import child
from branchkit.codec.structure import structure
from branchkit.codec.unstructure import unstructure
from branchkit.errors import InputError, Problem, Unsupported

__all__ = ["misfits"]


def misfits(document: Document) -> tuple[Problem, ...]:
    """Return everything that keeps a document from being one: wrong types, and what its ``validate`` yields.

    Costs what reading the document costs, so whoever asks keeps the answer.

    >>> import datetime as dt
    >>> from branchkit.temporal import Calendar
    >>> from branchkit.values import Text
    >>> new_year = dt.date(2026, 1, 1)
    >>> odd = Calendar("cn", version="1", title=Text(en="x"), confirmed_from=new_year, confirmed_through="2026-12-31")
    >>> print(*misfits(odd))
    Expected date, got str - at `$.confirmed_through`
    """
    try:
        meant = structure(type(document), unstructure(document))
    except InputError as error:
        return error.problems
    except Unsupported as error:
        return (Problem("$", str(error)),)
    return tuple(_differences(document, meant, "$"))


def _differences(value: Any, meant: Any, path: str) -> Iterator[Problem]:
    """Yield where a value is of another class than what it is written as would be read as."""
    if not isinstance(value, type(meant)):
        yield Problem(path, f"Expected {type(meant).__name__}, got {type(value).__name__}")
    elif isinstance(meant, tuple):
        for at, (one, other) in enumerate(zip(value, meant, strict=True)):
            yield from _differences(one, other, child(path, at))
    elif attrs.has(type(meant)) and not is_lexical(type(meant)):
        for field in plan(type(meant)).fields:
            yield from _differences(getattr(value, field.name), getattr(meant, field.name), child(path, field.key))
    elif hasattr(meant, "items"):
        for key in meant:
            yield from _differences(value[key], meant[key], child(path, key))
