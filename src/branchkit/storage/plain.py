"""The forms in which stores keep bodies, index values and moments, the same in every store."""

from __future__ import annotations

import datetime as dt
import json
import json.encoder
from collections.abc import Callable, Mapping
from typing import Any

from branchkit.errors import StorageError
from branchkit.storage.contract import Scalar

__all__ = ["body_text", "canonical", "index_text", "micros", "value_bytes"]

_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _encoding() -> Callable[[Any], str]:
    make: Any = getattr(json.encoder, "c_make_encoder", None)
    if make is None:
        return _ENCODER.encode
    # What JSONEncoder makes anew for each text, and without its search for circles, which end in a RecursionError.
    whole = make(None, _ENCODER.default, json.encoder.encode_basestring, None, ":", ",", True, False, False)
    return lambda plain: "".join(whole(plain, 0))


_encode = _encoding()
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)


def canonical(plain: Any) -> str:
    """Write plain data as JSON with sorted keys and no spaces.

    >>> canonical({"b": [1, None], "a": "网点"})
    '{"a":"网点","b":[1,null]}'
    """
    return _encode(plain)


def body_text(where: str, what: str, body: Mapping[str, Any]) -> str:
    """Write a body as canonical JSON.

    Raises:
        StorageError: it holds something that JSON or UTF-8 cannot say; names what the body is of, not what it says.
    """
    try:
        text = _encode(body)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise StorageError(where, f"the body of {what} is not plain JSON data", "unstructure it first") from error
    return text


def value_bytes(where: str, ref: str, value: str) -> bytes:
    """Return the bytes of a value to be sealed.

    Raises:
        StorageError: it cannot be written as UTF-8; names the reference only.
    """
    try:
        return value.encode()
    except UnicodeEncodeError:
        raise StorageError(where, f"the value for {ref!r} is not UTF-8 text", "remove its lone surrogates") from None


def index_text(value: Scalar) -> str:
    """Write an index value so that equal texts mean equal values of the same type.

    >>> index_text(True), index_text(1), index_text("1"), index_text(None)
    ('b1', 'i1', 's1', 'n')
    """
    if isinstance(value, str):
        return "s" + value
    if value is None:
        return "n"
    if isinstance(value, bool):
        return "b1" if value else "b0"
    return f"i{value}"


def micros(where: str, at: dt.datetime) -> int:
    """Return an aware moment as microseconds since 1970 in UTC.

    Raises:
        StorageError: it has no zone.

    >>> micros("memory", dt.datetime(1970, 1, 1, 8, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    0
    """
    if at.tzinfo is None:
        raise StorageError(where, "a due time has no zone", "pass an aware datetime")
    return (at - _EPOCH) // _MICROSECOND
