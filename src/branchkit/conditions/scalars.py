"""Literals in a document: how a plain text or number becomes a typed value, and how it is written back.

A document's text may be a code, a date or a span of time; which one, only the fact it is compared with can say.
So a literal stays as it was read until the fact's type is known. Nothing here guesses and nothing evaluates text.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal, InvalidOperation
from typing import TypeAlias

from branchkit.errors import Problem
from branchkit.values import decimal_text

__all__ = [
    "Scalar",
    "duration_text",
    "in_words",
    "path_to",
    "plain_scalar",
    "read_date",
    "read_duration",
    "read_moment",
    "read_number",
    "read_scalar",
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
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>[0-9]{1,6})W)?(?:(?P<days>[0-9]{1,7})D)?"
    r"(?:T(?:(?P<hours>[0-9]{1,8})H)?(?:(?P<minutes>[0-9]{1,9})M)?"
    r"(?:(?P<seconds>[0-9]{1,10})(?:\.(?P<fraction>[0-9]{1,6}))?S)?)?"
)
_SIMPLE_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")


def path_to(path: str, key: object) -> str:
    """Return the path of a key below a path.

    >>> path_to("$.rows[0].when", "grade"), path_to("$.when", "answer.pens"), path_to("$.all", 2)
    ('$.rows[0].when.grade', '$.when["answer.pens"]', '$.all[2]')
    """
    if isinstance(key, int):
        return f"{path}[{key}]"
    text = str(key)[:80]
    if _SIMPLE_KEY.fullmatch(text):
        return f"{path}.{text}"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'{path}["{escaped}"]'


def in_words(data: object) -> str:
    """Name the type of plain data in words; never its value.

    >>> in_words("x"), in_words(True), in_words(3), in_words({})
    ('text', 'true/false', 'a whole number', 'an object')
    """
    for kinds, words in _WORDS:
        if isinstance(data, kinds):
            return words
    return "null" if data is None else "something that is no plain data"


_WORDS: tuple[tuple[tuple[type, ...], str], ...] = (
    ((bool,), "true/false"),
    ((int,), "a whole number"),
    ((Decimal, float), "a number"),
    ((str,), "text"),
    ((dt.datetime,), "a moment"),
    ((dt.date,), "a date"),
    ((dt.timedelta,), "a span of time"),
    ((list, tuple), "a list"),
    ((dict,), "an object"),
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
    return Problem(path, f"Expected text, a number or true/false, got {in_words(data)}")


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
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
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


def read_duration(text: str) -> dt.timedelta | None:
    """Read an ISO 8601 span of weeks, days, hours, minutes and seconds; ``None`` for anything else.

    Months and years have no fixed length and are therefore no span.

    >>> read_duration("PT30M"), read_duration("-P3D"), read_duration("P1M")
    (datetime.timedelta(seconds=1800), datetime.timedelta(days=-3), None)
    """
    match = _DURATION.fullmatch(text)
    if match is None or text.endswith(("P", "T")):
        return None
    parts = {
        name: int(digits) for name, digits in match.groupdict(default="0").items() if name not in {"sign", "fraction"}
    }
    fraction = int((match["fraction"] or "").ljust(6, "0"))
    try:
        span = dt.timedelta(**parts, microseconds=fraction)
    except OverflowError:
        return None
    return -span if match["sign"] else span


def duration_text(span: dt.timedelta) -> str:
    """Write a span of time in ISO 8601, in days, hours, minutes and seconds.

    >>> duration_text(dt.timedelta(days=1, minutes=90)), duration_text(dt.timedelta(0))
    ('P1DT1H30M', 'PT0S')
    """
    sign = "-" if span < dt.timedelta(0) else ""
    # abs() of the longest negative span has one day too many for a timedelta.
    micros = abs(span.days * 86_400_000_000 + span.seconds * 1_000_000 + span.microseconds)
    seconds, micros = divmod(micros, 1_000_000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    fraction = f".{micros:06d}".rstrip("0") if micros else ""
    clock = "".join(
        (
            f"{hours}H" if hours else "",
            f"{minutes}M" if minutes else "",
            f"{seconds}{fraction}S" if seconds or micros else "",
        )
    )
    date = f"{days}D" if days else ""
    return f"{sign}P{date}{'T' + clock if clock else ''}" if date or clock else "PT0S"


def _is_sane(number: Decimal) -> bool:
    if not number.is_finite():
        return False
    exponent = number.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_MOST_DIGITS and number.adjusted() <= _MOST_DIGITS
