"""What every store refuses, in the same words."""

from __future__ import annotations

from collections.abc import Mapping

from branchkit.errors import Conflict, StorageError
from branchkit.storage.contract import Scalar
from branchkit.storage.plain import index_text

__all__ = [
    "check_limit",
    "key_taken",
    "keys_of",
    "not_at_version",
    "outcome_differs",
    "seal_differs",
    "stream_not_at_version",
]

_NO_KEYS: frozenset[tuple[str, str]] = frozenset()
_AGAIN = "load it again and retry"


def keys_of(
    index: Mapping[str, Scalar], unique: Mapping[str, str]
) -> tuple[frozenset[tuple[str, str]], frozenset[tuple[str, str]]]:
    """Return the index fields and the unique keys of a document as pairs of texts."""
    fields = frozenset([(name, index_text(value)) for name, value in index.items()])
    return fields, frozenset(unique.items()) if unique else _NO_KEYS


def check_limit(where: str, limit: int) -> None:
    """Refuse a page of less than one row."""
    if limit < 1:
        raise StorageError(where, f"a limit of {limit} returns nothing", "pass 1 or more")


def not_at_version(where: str, kind: str, id: str, expected: int, now: int) -> Conflict:
    """Say that a document has another version than expected."""
    state = f"is at version {now}" if now else "does not exist"
    wish = f"not at {expected}" if expected else "and should not exist"
    return Conflict(where, f"{kind} {id!r} {state}, {wish}", _AGAIN)


def stream_not_at_version(where: str, stream: str, expected: int, now: int) -> Conflict:
    """Say that a stream has another version than expected."""
    return Conflict(where, f"stream {stream!r} is at version {now}, not at {expected}", _AGAIN)


def key_taken(where: str, kind: str, id: str, name: str, holder: str) -> Conflict:
    """Say that another document has a unique key; names the holder, not the value, which may be personal."""
    return Conflict(where, f"{kind} {id!r}: its {name} is taken by {kind} {holder!r}", "give another one")


def outcome_differs(where: str, command: str) -> Conflict:
    """Say that a command is remembered with another content or outcome."""
    return Conflict(where, f"command {command!r} is remembered with another outcome", "give a new command a new id")


def seal_differs(where: str, ref: str, *, erased: bool) -> Conflict:
    """Say that a reference is used up."""
    what = "was erased" if erased else "holds another value"
    return Conflict(where, f"sealed value {ref!r} {what}", "give a new value a new reference")
