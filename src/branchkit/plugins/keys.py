"""What a record's key and words must be."""

from __future__ import annotations

import re
from typing import Any

import attrs

__all__ = ["check_key", "check_words", "is_key"]

_KEY = re.compile(r"([a-z][a-z0-9_]*\.)?[a-z0-9][a-z0-9_-]*")


def is_key(text: str) -> bool:
    """Say whether this may be a record's key: a lower-case word, with the plug-in's name and a dot before it or not.

    >>> is_key("acme.stars"), is_key("obie-atms"), is_key("Acme.Stars"), is_key("a.b.c")
    (True, True, False, False)
    """
    return _KEY.fullmatch(text) is not None


def check_key(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Raise `ValueError` for what is no key."""
    if not isinstance(value, str) or not is_key(value):
        raise ValueError(f"Expected a key of lower-case letters, digits, _ and - as in 'acme.stars', got {value!r}")


def check_words(record: object, attribute: attrs.Attribute[Any], value: Any) -> None:
    """Raise `ValueError` for what says nothing."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError(f"Expected words for {attribute.name}, got {value!r}")
