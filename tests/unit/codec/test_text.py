"""JSON and TOML as text."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from branchkit.codec import canonical_json, dump_json, dump_toml, parse_json, parse_toml
from branchkit.codec.text import MAX_DEPTH
from branchkit.errors import DecodeError, InputError


def _problems(read: Any, data: Any) -> list[str]:
    with pytest.raises(InputError) as caught:
        read(data)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"", "Expected JSON, got nothing - at `$`"),
        (b"  ", "Expected JSON, got nothing - at `$`"),
        (b"{]", "Expected JSON, got something else at line 1, column 2 - at `$`"),
        (b"[1] 2", "Expected JSON, got something else at line 1, column 5 - at `$`"),
        (b'"\xff"', "Expected UTF-8, got another byte at position 1 - at `$`"),
        ("\ud800", "Expected Unicode text, got half a surrogate pair at position 0 - at `$`"),
        (b'{"a": ["\\ud800"]}', "Expected Unicode text, got text with half a surrogate pair - at `$.a[0]`"),
        (b'{"\\ud800": 1}', "Expected keys of Unicode text, got half a surrogate pair - at `$`"),
        (b'{"a": {"b": 1, "b": 2, "b": 3}}', "Expected each key once, got 'b' twice - at `$.a`"),
        (b'{"a": [1, NaN]}', "Expected a finite number, got NaN or Infinity - at `$.a[1]`"),
        (b'{"a": -Infinity}', "Expected a finite number, got NaN or Infinity - at `$.a`"),
        (b"9" * 5000, "Expected numbers of a sane size, got one with far too many digits - at `$`"),
        (b"1e99999999999999999999", "Expected numbers of a sane size, got one with far too many digits - at `$`"),
        (b"[" * 100_000, "Expected at most 100 lists and objects inside each other - at `$`"),
        (b"[" * 101 + b"]" * 101, "Expected at most 100 lists and objects inside each other - at `$`"),
    ],
)
def test_json_refused(data: bytes | str, problem: str) -> None:
    """Each way of being no strict JSON has its own message and path."""
    assert [problem] == _problems(parse_json, data)


def test_json_accepted() -> None:
    """A byte order mark, escaped pairs, many brackets in one list and the deepest nesting are fine."""
    deepest = b"[" * MAX_DEPTH + b"]" * MAX_DEPTH

    assert [1] == parse_json(b"\xef\xbb\xbf[1]")
    assert "😀" == parse_json(b'"\\ud83d\\ude00"')
    assert [[]] * 200 == parse_json("[" + ",".join(["[]"] * 200) + "]")
    assert deepest == dump_json(parse_json(deepest))
    assert Decimal("1E+3") == parse_json("1e3")
    assert {'a"b': ["\\\n"]} == parse_json('{"a\\"b": ["\\\\\\n"]}')
    assert [":", ":a"] == parse_json('[":", ":a"]')


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        ("a = ", "Expected TOML, got something else at end of document - at `$`"),
        ("a = x\n", "Expected TOML, got something else at line 1, column 5 - at `$`"),
        ("a = [1, nan]", "Expected a finite number, got NaN or Infinity - at `$.a[1]`"),
        ("a = 2026-02-31", "Expected TOML, got something else at line 1, column 5 - at `$`"),
        ("a = " + "9" * 5000, "Expected numbers, dates and times that exist, got one that does not - at `$`"),
        ("a = " + "[" * 100_000, "Expected at most 100 lists and objects inside each other - at `$`"),
        (".".join("a" * 102) + " = 1", "Expected at most 100 lists and objects inside each other - at `$`"),
    ],
)
def test_toml_refused(data: str, problem: str) -> None:
    """Each way of being no strict TOML has its own message and path."""
    assert [problem] == _problems(parse_toml, data)


@pytest.mark.parametrize(
    ("plain", "problem"),
    [
        ({"a": [1, 1.5]}, "Expected plain data (a number with a point is written as text), got a number - at `$.a[1]`"),
        ({"a": (1,)}, "Expected plain data (a number with a point is written as text), got a Python tuple - at `$.a`"),
        ({1: 2}, "Expected keys that are text, got a whole number - at `$`"),
        ({"a": "\ud800"}, "Expected Unicode text, got text with half a surrogate pair - at `$.a`"),
    ],
)
def test_json_is_not_written(plain: object, problem: str) -> None:
    """What is no plain data isn't written, and the message says where."""
    assert [problem] == _problems(dump_json, plain)


def test_data_that_holds_itself_is_not_written() -> None:
    """A list in itself is refused as too deep, and not followed for ever."""
    endless: list[object] = []
    endless.append(endless)

    assert all("inside each other" in problem for problem in _problems(canonical_json, endless))


def test_toml_has_no_null() -> None:
    """A null is refused with its path when TOML is written, and so is anything but an object."""
    assert ["TOML has no null; leave it out, or write JSON - at `$.a[1].b`"] == _problems(
        dump_toml, {"a": [1, {"b": None}]}
    )
    assert ["Expected an object, got a list - at `$`"] == _problems(dump_toml, [])


def test_decode_error_names_the_source() -> None:
    """The error carries what the data was said to be."""
    with pytest.raises(DecodeError) as caught:
        parse_json("{", source="branch.json")

    assert "branch.json" == caught.value.source


def test_huge_numbers_are_not_written() -> None:
    """A number that Python itself won't write as text is refused."""
    problem = "Expected numbers of a sane size, got one with far too many digits - at `$`"

    assert [problem] == _problems(dump_json, 10**5000)
