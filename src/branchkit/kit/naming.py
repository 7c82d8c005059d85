"""Names that the kit makes out of others."""

from __future__ import annotations

import hashlib

__all__ = ["short"]

_MOST = 160
"""Leaves room for what is added to a name: identifiers have 200 characters."""
_DIGEST = 32


def short(name: str) -> str:
    """Return a name that may serve as an id; what is too long keeps its beginning, and a digest tells it from others.

    >>> short("C-1.reply.1.late.0")
    'C-1.reply.1.late.0'
    >>> len(short("C" * 500))
    160
    """
    if len(name) <= _MOST:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: _MOST - _DIGEST - 1].rstrip()}~{digest}"
