"""Single values and their plain forms, each with one strict reader."""

from __future__ import annotations

import datetime as dt
import functools
import re
import zoneinfo
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from branchkit.codec.problems import Wrong
from branchkit.codec.text import is_plain, plain_problems
from branchkit.errors import InputError, Problem
from branchkit.values import Ref, Unknown, decimal_text

__all__ = [
    "MEANS_UNKNOWN",
    "READERS",
    "WRITERS",
    "duration_text",
    "means_unknown",
    "parse_duration",
    "read_lexical",
    "read_plain",
]

MEANS_UNKNOWN = "Expected a map, got an unknown value; a map cannot have text under the one key 'unknown'"
"""Why a map is refused that would read as an `Unknown`."""

_DECIMAL = re.compile(r"-?[0-9]{1,100}(\.[0-9]{1,100})?")
_SANE_EXPONENT = 100
_SANE_INT = 10**_SANE_EXPONENT
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_TIME = re.compile(r"[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?")
_MOMENT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?"
    r"(Z|[+-][0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?)"
)
_REPEATED = 4096
"""How many texts are remembered with what they say: a document says the same moments and durations again and again."""
_DURATION = re.compile(
    r"(?P<sign>-?)P(?:(?P<weeks>[0-9]{1,9})W|"
    r"(?=[0-9T])(?:(?P<days>[0-9]{1,9})D)?"
    r"(?:T(?=[0-9])(?:(?P<hours>[0-9]{1,9})H)?(?:(?P<minutes>[0-9]{1,9})M)?"
    r"(?:(?P<seconds>[0-9]{1,12})(?:\.(?P<fraction>[0-9]{1,6}))?S)?)?)"
)
_ZERO = dt.timedelta(0)


def duration_text(duration: dt.timedelta) -> str:
    """Write a duration the ISO 8601 way, in days, hours, minutes and seconds.

    >>> duration_text(dt.timedelta(minutes=30)), duration_text(dt.timedelta(days=3, hours=1))
    ('PT30M', 'P3DT1H')
    """
    sign, rest = ("-", -duration) if duration < _ZERO else ("", duration)
    hours, seconds = divmod(rest.seconds, 3600)
    minutes, seconds = divmod(seconds, 60)
    fraction = f".{rest.microseconds:06}".rstrip("0") if rest.microseconds else ""
    clock = "".join(f"{count}{unit}" for count, unit in ((hours, "H"), (minutes, "M")) if count)
    clock += f"{seconds}{fraction}S" if seconds or fraction else ""
    days = f"{rest.days}D" if rest.days else ""
    return f"{sign}P{days}{'T' if clock else ''}{clock}" if days or clock else "PT0S"


@functools.lru_cache(maxsize=_REPEATED)
def parse_duration(text: str) -> dt.timedelta:
    """Read an ISO 8601 duration of weeks, or of days, hours, minutes and seconds; months and years have no length.

    Raises:
        ValueError: The text is no such duration.

    >>> parse_duration("P1DT30M"), parse_duration("-PT5M") == dt.timedelta(minutes=-5)
    (datetime.timedelta(days=1, seconds=1800), True)
    """
    found = _DURATION.fullmatch(text)
    if found is None:
        raise ValueError("Expected an ISO 8601 duration, as in P3D or PT30M")
    parts = {name: int(found[name] or 0) for name in ("weeks", "days", "hours", "minutes", "seconds")}
    try:
        length = dt.timedelta(**parts, microseconds=int((found["fraction"] or "").ljust(6, "0")))
        return -length if found["sign"] else length
    except OverflowError:
        raise ValueError("Expected an ISO 8601 duration below a thousand million days") from None


def _read_str(value: Any, _: object = None) -> str:
    if value.__class__ is str:
        return value
    raise Wrong.expected("text", value)


def _read_int(value: Any, _: object = None) -> int:
    if value.__class__ is int:
        return value
    raise Wrong.expected("a whole number", value)


def _read_bool(value: object, _: object = None) -> bool:
    if value is True or value is False:
        return value
    raise Wrong.expected("true/false", value)


def _read_none(value: object, _: object = None) -> None:
    if value is not None:
        raise Wrong.expected("null", value)


def _read_decimal(value: object, _: object = None) -> Decimal:
    if isinstance(value, str) and _DECIMAL.fullmatch(value):
        return Decimal(value)
    match value:
        case bool():
            pass
        case str():
            raise Wrong.saying('Expected a number, or a number written as text, as in "12.50"')
        case int():
            if -_SANE_INT < value < _SANE_INT:
                return Decimal(value)
            raise Wrong.saying(f"Expected a number of at most {_SANE_EXPONENT} digits")
        case Decimal():
            if _sane_text(value) is not None:
                return value
            raise Wrong.saying(f"Expected a finite number of at most {_SANE_EXPONENT} digits either side of the point")
        case _:
            pass
    raise Wrong.expected("a number", value)


def _sane_text(number: Decimal) -> str | None:
    # the size is compared first: written out, 1E+999999999 would fill the memory
    if not number.is_finite() or not -_SANE_EXPONENT <= number.adjusted() < _SANE_EXPONENT:
        return None
    text = decimal_text(number)
    return text if _DECIMAL.fullmatch(text) else None


def _read_date(value: Any, _: object = None) -> dt.date:
    if value.__class__ is dt.date:
        return value  # exactly a date: a datetime is one too, and not meant
    if isinstance(value, str):
        if _DATE.fullmatch(value):
            try:
                return dt.date.fromisoformat(value)
            except ValueError:
                pass  # falls to the message below: the shape is right, the day does not exist
        raise Wrong.saying("Expected a date that exists, as in 2026-03-09")
    raise Wrong.expected("a date", value)


def _read_time(value: object, _: object = None) -> dt.time:
    if isinstance(value, dt.time) and value.tzinfo is None:
        return value
    if isinstance(value, str):
        if _TIME.fullmatch(value):
            try:
                return dt.time.fromisoformat(value)
            except ValueError:
                pass  # falls to the message below
        raise Wrong.saying("Expected a time of day without a zone, as in 09:30")
    raise Wrong.expected("a time of day", value)


def _read_moment(value: object, _: object = None) -> dt.datetime:
    if isinstance(value, str):
        return _moment_of(value)
    if isinstance(value, dt.datetime):
        if value.utcoffset() is not None:
            return value
        raise Wrong.saying("Expected a date and time with its offset, as in 2026-03-09T09:30:00+08:00")
    raise Wrong.expected("a date and time", value)


@functools.lru_cache(maxsize=_REPEATED)
def _moment_of(text: str) -> dt.datetime:
    if _MOMENT.fullmatch(text):
        try:
            return dt.datetime.fromisoformat(text)
        except ValueError:
            pass  # falls to the message below
    raise Wrong.saying("Expected a date and time with its offset, as in 2026-03-09T09:30:00+08:00")


def _read_duration(value: object, _: object = None) -> dt.timedelta:
    if not isinstance(value, str):
        raise Wrong.expected("a duration", value)
    try:
        return parse_duration(value)
    except ValueError as error:
        raise Wrong.saying(str(error)) from None


def _read_zone(value: object, _: object = None) -> zoneinfo.ZoneInfo:
    if not isinstance(value, str):
        raise Wrong.expected("the name of a time zone", value)
    try:
        return zoneinfo.ZoneInfo(value)
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        raise Wrong.saying("Expected the IANA name of a time zone, as in Asia/Shanghai") from None


def _read_ref(value: object, _: object = None) -> Ref:
    if not isinstance(value, str):
        raise Wrong.expected("text of the form kind:id", value)
    try:
        return Ref.parse(value)
    except ValueError as error:
        raise Wrong.saying(str(error)) from None


def _read_unknown(value: object, _: object = None) -> Unknown:
    if isinstance(value, dict) and value.keys() == {"unknown"}:
        try:
            return Unknown(_read_str(value["unknown"]))
        except Wrong as wrong:
            raise wrong.below("unknown") from None
    if isinstance(value, dict):
        raise Wrong.saying('Expected an object with the one key "unknown" that holds the reason')
    raise Wrong.expected('an object {"unknown": reason}', value)


def means_unknown(value: Mapping[Any, object]) -> bool:
    """Say whether an object is the plain form of an `Unknown`, which therefore no map may take.

    >>> means_unknown({"unknown": "not asked"}), means_unknown({"unknown": 3})
    (True, False)
    """
    return len(value) == 1 and isinstance(value.get("unknown"), str)


def read_plain(value: object, _: object = None) -> object:
    """Let plain data through as it is; the reader of ``Any``."""
    if is_plain(value):
        return value
    raise Wrong(plain_problems(value))


READERS: Mapping[type[Any], Callable[[object, object], object]] = {
    str: _read_str,
    int: _read_int,
    bool: _read_bool,
    type(None): _read_none,
    Decimal: _read_decimal,
    dt.date: _read_date,
    dt.time: _read_time,
    dt.datetime: _read_moment,
    dt.timedelta: _read_duration,
    zoneinfo.ZoneInfo: _read_zone,
    Ref: _read_ref,
    Unknown: _read_unknown,
}
"""The reader of each class that stands for a single value."""


def _same(value: object) -> object:
    return value


def _write_decimal(value: Decimal) -> str:
    text = _sane_text(value)
    if text is None:
        raise Wrong.saying(f"Expected a finite number of at most {_SANE_EXPONENT} digits either side of the point")
    return text


def _write_time(value: dt.time) -> str:
    if value.tzinfo is not None:
        raise Wrong.saying("Expected a time of day without a zone")
    return value.isoformat() if value.second or value.microsecond else value.isoformat("minutes")


def _write_moment(value: dt.datetime) -> str:
    if value.utcoffset() is None:
        raise Wrong.saying("Expected a date and time with its offset, got one without")
    return value.isoformat()


def _write_zone(value: zoneinfo.ZoneInfo) -> str:
    if value.key is None:
        raise Wrong.saying("Expected a time zone with an IANA name, got one without")
    return value.key


def _write_unknown(value: Unknown) -> dict[str, str]:
    return {"unknown": value.reason}


WRITERS: Mapping[type[Any], Callable[[Any], object]] = {
    str: _same,
    int: _same,
    bool: _same,
    type(None): _same,
    Decimal: _write_decimal,
    dt.date: dt.date.isoformat,
    dt.time: _write_time,
    dt.datetime: _write_moment,
    dt.timedelta: duration_text,
    zoneinfo.ZoneInfo: _write_zone,
    Ref: str,
    Unknown: _write_unknown,
}
"""The writer of each class that stands for a single value."""


def read_lexical(cls: Any) -> Callable[[object, object], object]:
    """Return the reader of a class that brings its own ``from_plain``."""

    def read(value: object, _: object = None) -> object:
        try:
            return cls.from_plain(value)
        except InputError as error:
            raise Wrong(error.problems) from None
        except ValueError as error:
            raise Wrong((Problem("$", str(error)),)) from None

    return read
