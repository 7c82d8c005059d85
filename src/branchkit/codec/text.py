"""JSON and TOML as text: read strictly, written one way."""

from __future__ import annotations

import functools
import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Final, NoReturn

from branchkit.codec.problems import child, words
from branchkit.errors import DecodeError, InputError, Problem

__all__ = [
    "MAX_DEPTH",
    "canonical_json",
    "digest",
    "digest_of",
    "dump_json",
    "dump_toml",
    "encoder",
    "is_plain",
    "parse_json",
    "parse_toml",
]

MAX_DEPTH = 100
"""How many lists and objects may lie inside each other."""

_TOO_DEEP = f"Expected at most {MAX_DEPTH} lists and objects inside each other"
_SURROGATE = re.compile("[\ud800-\udfff]")
_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_TOML_PLACE = re.compile(r"\(at (line \d+, column \d+|end of document)\)")

_DOUBT: Final = object()


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


_NO_BRACKETS: Final = bytes(code for code in range(256) if code not in b'[]{}"')


class _Doubled(dict[str, Any]):
    """An object in which a key stands twice; kept until its path is known."""

    repeated: tuple[str, ...] = ()


def parse_json(data: bytes | str, *, source: str = "<json>") -> Any:
    """Read JSON strictly.

    A byte order mark is accepted. Refused are: bytes that are no UTF-8, a key that stands twice, ``NaN`` and
    ``Infinity``, halves of surrogate pairs, and nesting deeper than `MAX_DEPTH`.

    Args:
        data: The document.
        source: What to call it in errors, as in a file's path.

    Returns:
        Plain data, in which a number with a point or an exponent is a `Decimal`.

    Raises:
        DecodeError: The data is not such JSON; says where.

    >>> parse_json('{"depth": 3.50}')
    {'depth': Decimal('3.50')}
    """
    text = _decode(data, source)
    parsed = _parse_quickly(text)
    return _parse_slowly(text, source) if parsed is _DOUBT else parsed


def _parse_quickly(text: str) -> Any:
    """Return what C made of the text if that is beyond doubt, else `_DOUBT`.

    Of a key that stands twice only one is read: so no key stands twice if as many were read as there are ends of texts
    with a colon behind. There are more of these where a text begins with a colon, and then the doubt is unfounded.
    """
    read = 0

    def count(found: dict[str, Any]) -> dict[str, Any]:
        nonlocal read
        read += len(found)
        return found

    decoder = json.JSONDecoder(object_hook=count, parse_float=Decimal, parse_constant=_refuse_constant)
    try:
        parsed, end = decoder.raw_decode(text)
    except (ValueError, ArithmeticError, RecursionError):
        return _DOUBT
    if end != len(text) and text[end:].strip(" \t\n\r"):
        return _DOUBT
    if "\\" in text:
        if _SURROGATE_ESCAPE.search(text):
            return _DOUBT
        text = text.replace("\\\\", "").replace('\\"', "")
    dense = text.encode()
    if " " in text or "\n" in text or "\r" in text or "\t" in text:
        dense = dense.translate(None, b" \t\n\r")
    return parsed if dense.count(b'":') == read and _is_shallow(dense) else _DOUBT


def _is_shallow(dense: bytes) -> bool:
    """Say whether it is certain that JSON without spaces and escaped quotes nests no deeper than `MAX_DEPTH`.

    Once all but quotes and brackets is gone, texts without brackets are pairs of quotes. Without these as well, one
    replacement takes away at most one level.
    """
    if len(dense) <= 2 * MAX_DEPTH:
        return True
    brackets = dense.translate(None, _NO_BRACKETS).replace(b'""', b"")
    for _ in range(MAX_DEPTH // 2):
        if not brackets:
            return True
        brackets = brackets.replace(b"[]", b"").replace(b"{}", b"")
    return False


def _parse_slowly(text: str, source: str) -> Any:
    suspicious: list[object] = []

    def build(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        built = dict(pairs)
        if len(built) == len(pairs):
            return built
        doubled = _Doubled(built)
        keys = [key for key, _ in pairs]
        doubled.repeated = tuple(dict.fromkeys(key for key in keys if keys.count(key) > 1))
        suspicious.append(doubled)
        return doubled

    def constant(name: str) -> Decimal:
        suspicious.append(name)
        return Decimal("NaN")

    try:
        parsed = json.loads(text, object_pairs_hook=build, parse_float=Decimal, parse_constant=constant)
    except json.JSONDecodeError as error:
        place = "nothing" if not text.strip() else f"something else at line {error.lineno}, column {error.colno}"
        raise _refuse(source, f"Expected JSON, got {place}") from None
    except RecursionError:
        raise _refuse(source, _TOO_DEEP) from None
    except (ValueError, ArithmeticError):
        raise _refuse(source, "Expected numbers of a sane size, got one with far too many digits") from None
    if text.count("[") + text.count("{") > MAX_DEPTH and _too_deep(parsed):
        raise _refuse(source, _TOO_DEEP)
    if suspicious or _SURROGATE_ESCAPE.search(text):
        _raise_if(source, _json_problems(parsed, "$"))
    return parsed


def parse_toml(data: bytes | str, *, source: str = "<toml>") -> Any:
    """Read TOML strictly; numbers with a point become `Decimal`, ``nan`` and ``inf`` are refused.

    Args:
        data: The document.
        source: What to call it in errors, as in a file's path.

    Returns:
        The document as an object; TOML's own dates and times are `datetime` values.

    Raises:
        DecodeError: The data is not such TOML; says where.

    >>> parse_toml('share = 0.25')
    {'share': Decimal('0.25')}
    """
    text = _decode(data, source)
    suspicious: list[str] = []

    def number(literal: str) -> Decimal:
        value = Decimal(literal)
        if not value.is_finite():
            suspicious.append(literal)
        return value

    try:
        parsed = tomllib.loads(text, parse_float=number)
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.search(str(error))
        raise _refuse(source, f"Expected TOML, got something else at {place[1] if place else 'some place'}") from None
    except RecursionError:
        raise _refuse(source, _TOO_DEEP) from None
    except (ValueError, ArithmeticError):
        # tomllib lets through what int(), Decimal() and date() say of a literal of the right shape
        raise _refuse(source, "Expected numbers, dates and times that exist, got one that does not") from None
    if _too_deep(parsed):
        raise _refuse(source, _TOO_DEEP)
    if suspicious:
        _raise_if(source, _json_problems(parsed, "$"))
    return parsed


def is_plain(value: object, depth: int = MAX_DEPTH) -> bool:
    """Say whether this is plain data: text, whole numbers, true/false, null, lists and objects of these.

    >>> is_plain({"a": [1, None, "x"]}), is_plain(1.5), is_plain({1: "x"})
    (True, False, False)
    """
    kind = value.__class__
    if kind is str or kind is int or kind is bool or value is None:
        return True
    if depth == 0:
        return False
    if isinstance(value, list) and kind is list:
        for item in value:
            kind = item.__class__
            if kind is not str and kind is not int and not is_plain(item, depth - 1):
                return False
        return True
    if isinstance(value, dict) and kind is dict:
        for key, item in value.items():
            if key.__class__ is not str:
                return False
            kind = item.__class__
            if kind is not str and kind is not int and not is_plain(item, depth - 1):
                return False
        return True
    return False


def plain_problems(value: object, path: str = "$", depth: int = MAX_DEPTH) -> Iterator[Problem]:
    """Yield what keeps a value from being plain data, with paths."""
    if is_plain(value, depth):
        return
    if isinstance(value, list) and depth:
        for index, item in enumerate(value):
            yield from plain_problems(item, child(path, index), depth - 1)
    elif isinstance(value, dict) and depth:
        for key, item in value.items():
            if isinstance(key, str):
                yield from plain_problems(item, child(path, key), depth - 1)
            else:
                yield Problem(path, f"Expected keys that are text, got {words(key)}")
    elif isinstance(value, list | dict):
        yield Problem(path, _TOO_DEEP)
    else:
        yield Problem(path, f"Expected plain data (a number with a point is written as text), got {words(value)}")


def dump_json(plain: object, *, indent: int | None = None) -> bytes:
    """Write plain data as JSON in UTF-8, keys in the order given.

    Args:
        plain: Text, whole numbers, true/false, ``None``, lists and dicts.
        indent: Spaces a level; ``None`` writes one line.

    Raises:
        InputError: Something in it is no plain data (a float, a tuple, half a surrogate pair); says where.

    >>> dump_json({"id": "B-1", "open": True})
    b'{"id":"B-1","open":true}'
    """
    return _encode(plain, indent=indent, sort=False)


def canonical_json(plain: object) -> bytes:
    """Write plain data as the one JSON that equal data always has: keys sorted, no spaces, UTF-8.

    >>> canonical_json({"b": 1, "a": "网点"}) == '{"a":"网点","b":1}'.encode()
    True
    """
    return _encode(plain, indent=None, sort=True)


def digest(plain: object) -> str:
    """Return ``sha256:`` and the hexadecimal SHA-256 of the canonical JSON.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1})
    True
    """
    return digest_of(canonical_json(plain))


def digest_of(data: bytes) -> str:
    """Return the digest of canonical JSON that was written before."""
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def dump_toml(plain: object) -> str:
    """Write a plain object as TOML.

    Raises:
        InputError: It is no object, or holds what TOML cannot say, such as null; says where.

    >>> print(dump_toml({"id": "B-1", "tags": ["a"]}), end="")
    id = "B-1"
    tags = [
        "a",
    ]
    """
    import tomli_w

    if not isinstance(plain, dict):
        raise InputError("<data>", (Problem("$", f"Expected an object, got {words(plain)}"),))
    _encode(plain, indent=None, sort=False)
    nulls = tuple(_nulls(plain, "$"))
    if nulls:
        raise InputError("<data>", nulls)
    return tomli_w.dumps(plain)


def _encode(plain: object, *, indent: int | None, sort: bool) -> bytes:
    if not is_plain(plain):
        raise InputError("<data>", tuple(plain_problems(plain)))
    try:
        return encoder(indent, sort).encode(plain).encode()
    except UnicodeEncodeError:
        raise InputError("<data>", tuple(_json_problems(plain, "$"))) from None
    except ValueError:
        problem = Problem("$", "Expected numbers of a sane size, got one with far too many digits")
        raise InputError("<data>", (problem,)) from None


@functools.lru_cache(maxsize=16)
def encoder(indent: int | None, sort: bool) -> json.JSONEncoder:
    """Return what writes plain data, without asking whether it is."""
    separators = (",", ":") if indent is None else (",", ": ")
    return json.JSONEncoder(ensure_ascii=False, indent=indent, separators=separators, sort_keys=sort)


def _decode(data: bytes | str, source: str) -> str:
    try:
        text = data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _refuse(source, f"Expected UTF-8, got another byte at position {error.start}") from None
    if isinstance(data, str) and (half := _SURROGATE.search(text)):
        raise _refuse(source, f"Expected Unicode text, got half a surrogate pair at position {half.start()}")
    return text.removeprefix("\ufeff")


def _refuse(source: str, message: str) -> DecodeError:
    return DecodeError(source, (Problem("$", message),))


def _raise_if(source: str, found: Iterator[Problem]) -> None:
    problems = tuple(found)
    if problems:
        raise DecodeError(source, problems)


def _too_deep(parsed: object) -> bool:
    level: list[Any] = [parsed] if isinstance(parsed, list | dict) else []
    for _ in range(MAX_DEPTH):
        if not level:
            return False
        level = [
            item
            for holder in level
            for item in (holder.values() if isinstance(holder, dict) else holder)
            if isinstance(item, list | dict)
        ]
    return bool(level)


def _json_problems(value: object, path: str) -> Iterator[Problem]:
    match value:
        case str() if _SURROGATE.search(value):
            yield Problem(path, "Expected Unicode text, got text with half a surrogate pair")
        case Decimal() if not value.is_finite():
            yield Problem(path, "Expected a finite number, got NaN or Infinity")
        case list():
            for index, item in enumerate(value):
                yield from _json_problems(item, child(path, index))
        case dict():
            if isinstance(value, _Doubled):
                yield from (Problem(path, f"Expected each key once, got {key!r} twice") for key in value.repeated)
            for key, item in value.items():
                if _SURROGATE.search(key):
                    yield Problem(path, "Expected keys of Unicode text, got half a surrogate pair")
                else:
                    yield from _json_problems(item, child(path, key))
        case _:
            return


def _nulls(value: object, path: str) -> Iterator[Problem]:
    if value is None:
        yield Problem(path, "TOML has no null; leave it out, or write JSON")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _nulls(item, child(path, index))
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from _nulls(item, child(path, key))
