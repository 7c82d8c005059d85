"""Keeps every text as it is, also the one character that PostgreSQL does not take."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

__all__ = ["KeptText", "from_sql", "to_sql"]

_AWAY = {"\x00": "\x01\x01", "\x01": "\x01\x02"}
_BACK = {away: text for text, away in _AWAY.items()}
_to = re.compile("[\x00\x01]")
_from = re.compile("\x01[\x01\x02]")


def to_sql(text: str) -> str:
    r"""Write U+0000 and U+0001 as two characters each; other texts stay as they are, and all keep their order.

    >>> to_sql("网点"), to_sql("a\0b")
    ('网点', 'a\x01\x01b')
    """
    return _to.sub(lambda found: _AWAY[found[0]], text) if "\x00" in text or "\x01" in text else text


def from_sql(text: str) -> str:
    r"""Undo `to_sql`.

    >>> from_sql(to_sql("\0\1\2")) == "\0\1\2"
    True
    """
    return _from.sub(lambda found: _BACK[found[0]], text) if "\x01" in text else text


class KeptText(TypeDecorator[str]):
    """A text column that gives back what it was given."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Write a value for the server."""
        return None if value is None else to_sql(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> str | None:
        """Read a value of the server."""
        return None if value is None else from_sql(value)
