"""Literals in a document: how a plain text or number becomes a typed value, and how it is written back.

A document's text may be a code, a date or a span of time; which one, only the fact it is compared with can say.
So a literal stays as it was read until the fact's type is known. Nothing here guesses and nothing evaluates text.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

from branchkit.codec.problems import words
from branchkit.codec.scalars import duration_text
from branchkit.errors import Problem
from branchkit.values import decimal_text

__all__ = [
    "Scalar",
    "as_scalar",
    "as_scalars",
    "plain_scalar",
    "read_date",
    "read_moment",
    "read_number",
    "read_scalar",
    "scalar_key",
    "scalar_keys",
]

Scalar: TypeAlias = bool | Decimal | str | dt.date | dt.datetime | dt.timedelta
"""One literal: as read (true/false, a number, text) or typed (also a date, a moment, a span of time)."""

_LONGEST_TEXT = 1000
_MOST_DIGITS = 40
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})"
)


def read_scalar(data: object, path: str) -> Scalar | Problem:
    """Read one literal, or say what is wrong with it.

    >>> read_scalar(3, "$"), read_scalar("P3D", "$")
    (Decimal('3'), 'P3D')
    >>> print(read_scalar(None, "$.value"))
    Expected text, a number or true/false, got null - at `$.value`
    """
    if isinstance(data, bool):
        return data
    if isinstance(data, str):
        if len(data) > _LONGEST_TEXT:
            return Problem(path, f"Expected at most {_LONGEST_TEXT} characters")
        return data
    if isinstance(data, (int, Decimal)):
        number = data if isinstance(data, Decimal) else Decimal(data)
        return (
            number if _is_sane(number) else Problem(path, f"Expected a finite number of at most {_MOST_DIGITS} digits")
        )
    if isinstance(data, dt.datetime):
        return (
            data if data.utcoffset() is not None else Problem(path, "Expected a moment with its zone, got one without")
        )
    if isinstance(data, (dt.date, dt.timedelta)):
        return data
    if isinstance(data, float):
        return Problem(path, "Expected an exact number, got a binary float; write it as text or as a Decimal")
    return Problem(path, f"Expected text, a number or true/false, got {words(data)}")


def as_scalar(value: Scalar | int) -> Scalar:
    """Return a literal that Python code gave; a whole number becomes a `Decimal`. Raises `ValueError` for none.

    >>> as_scalar(3), as_scalar("P3D")
    (Decimal('3'), 'P3D')
    """
    scalar = read_scalar(value, "$")
    if isinstance(scalar, Problem):
        raise ValueError(scalar.message)
    return scalar


def as_scalars(values: Iterable[Scalar | int]) -> tuple[Scalar, ...]:
    """Return `as_scalar` of each."""
    return tuple(map(as_scalar, values))


def plain_scalar(value: Scalar) -> bool | int | str:
    """Write a literal as JSON-compatible data: whole numbers as they are, everything else but true/false as text.

    >>> plain_scalar(Decimal("2.50")), plain_scalar(Decimal(3)), plain_scalar(dt.timedelta(days=3))
    ('2.5', 3, 'P3D')
    """
    if isinstance(value, (bool, str)):
        return value
    if isinstance(value, Decimal):
        if not _is_sane(value):
            return str(value)
        return int(value) if value == value.to_integral_value() else decimal_text(value)
    if isinstance(value, dt.timedelta):
        return duration_text(value)
    return value.isoformat()


def read_number(text: str) -> Decimal | None:
    """Read a decimal number written in plain digits; ``None`` for anything else.

    >>> read_number("2.50"), read_number("1e5"), read_number("NaN")
    (Decimal('2.50'), None, None)
    """
    if len(text) > 2 * _MOST_DIGITS or not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text)
    return number if _is_sane(number) else None


def read_date(text: str) -> dt.date | None:
    """Read ``YYYY-MM-DD``; ``None`` for anything else."""
    if not _DATE.fullmatch(text):
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def read_moment(text: str) -> dt.datetime | None:
    """Read an ISO date and time with its offset; ``None`` for anything else, so also for one without an offset."""
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _is_sane(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and number.adjusted() <= _MOST_DIGITS


def scalar_key(value: Scalar | None) -> tuple[str, object]:
    """Return by what literals are equal: their plain forms, in which ``true`` is not 1."""
    plain = None if value is None else plain_scalar(value)
    return (type(plain).__name__, plain)


def scalar_keys(values: tuple[Scalar, ...]) -> tuple[tuple[str, object], ...]:
    """Return `scalar_key` of each."""
    return tuple(map(scalar_key, values))
