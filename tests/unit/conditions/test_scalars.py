"""Literals: read strictly, written back, equal by what is written."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.conditions.scalars import (
    as_scalar,
    as_scalars,
    plain_scalar,
    read_date,
    read_moment,
    read_number,
    read_scalar,
    scalar_key,
    scalar_keys,
)
from branchkit.errors import Problem

MOMENT = dt.datetime(2026, 3, 1, 9, 30, tzinfo=dt.timezone(dt.timedelta(hours=8)))
DAY = dt.date(2026, 3, 1)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (True, True),
        (3, Decimal(3)),
        (Decimal("2.50"), Decimal("2.5")),
        (Decimal("9" * 41), Decimal("9" * 41)),
        (Decimal("1E-40"), Decimal("1E-40")),
        ("x" * 1000, "x" * 1000),
        (MOMENT, MOMENT),
        (DAY, DAY),
        (dt.timedelta(days=3), dt.timedelta(days=3)),
    ],
)
def test_a_literal_is_kept_as_it_is_read(data: object, expected: object) -> None:
    """What a document or Python gives stays what it is; a whole number becomes exact, and the limits belong to it."""
    read = read_scalar(data, "$")

    assert (type(expected), expected) == (type(read), read)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("x" * 1001, "Expected at most 1000 characters"),
        (Decimal("1E41"), "Expected a finite number of at most 40 digits"),
        (Decimal("1E-41"), "Expected a finite number of at most 40 digits"),
        (Decimal("NaN"), "Expected a finite number of at most 40 digits"),
        (Decimal("-Infinity"), "Expected a finite number of at most 40 digits"),
        (MOMENT.replace(tzinfo=None), "Expected a moment with its zone, got one without"),
        (1.5, "Expected an exact number, got a binary float; write it as text or as a Decimal"),
        (None, "Expected text, a number or true/false, got null"),
        ([], "Expected text, a number or true/false, got a list"),
    ],
)
def test_what_is_no_literal_is_a_problem_in_its_place(data: object, message: str) -> None:
    """What cannot be a literal is told with what would be right, and Python code gets it as an error."""
    value: Any = data

    assert Problem("$.x", message) == read_scalar(data, "$.x")
    with pytest.raises(ValueError, match=message):
        as_scalar(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (False, False),
        ("P3D", "P3D"),
        (Decimal("3.00"), 3),
        (Decimal("-2.50"), "-2.5"),
        (Decimal("Infinity"), "Infinity"),
        (Decimal("1E+50"), "1E+50"),
        (dt.timedelta(hours=36), "P1DT12H"),
        (DAY, "2026-03-01"),
        (MOMENT, "2026-03-01T09:30:00+08:00"),
    ],
)
def test_a_literal_is_written_as_plain_data(value: Any, plain: object) -> None:
    """Whole numbers stand as numbers, true and false as they are, and everything else as text."""
    written = plain_scalar(value)

    assert (type(plain), plain) == (type(written), written)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", "0"),
        ("-12.50", "-12.50"),
        ("007", "7"),
        ("0." + "0" * 39 + "1", "1E-40"),
        ("0" * 79 + "1", "1"),
    ],
)
def test_a_number_is_read_from_plain_digits(text: str, number: str) -> None:
    """Digits with at most one point are a number, up to 80 characters."""
    assert Decimal(number) == read_number(text)


@pytest.mark.parametrize(
    "text",
    ["", "1e5", "+1", ".5", "1.", "1,5", " 1", "1\n", "٣", "NaN", "9" * 42, "0" * 80 + "1", "0." + "0" * 40 + "1"],
)
def test_what_is_no_plain_number_is_none(text: str) -> None:
    """Exponents, signs, other digits and what is too long are no number."""
    assert None is read_number(text)


@pytest.mark.parametrize(
    ("text", "day"),
    [("2026-03-01", DAY), ("2026-02-29", None), ("20260301", None), ("2026-3-1", None), ("2026-03-01 ", None)],
)
def test_a_date_is_read_in_one_form_only(text: str, day: dt.date | None) -> None:
    """A date has four, two and two digits, and is in the calendar."""
    assert day == read_date(text)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T09:30+08:00", MOMENT),
        ("2026-03-01 01:30:00Z", MOMENT),
        ("2026-03-01T01:30:00.250000Z", MOMENT + dt.timedelta(milliseconds=250)),
        ("2026-03-01T09:30", None),
        ("2026-03-01T24:30Z", None),
        ("2026-02-30T09:30Z", None),
        ("2026-03-01", None),
    ],
)
def test_a_moment_is_read_with_its_offset_only(text: str, moment: dt.datetime | None) -> None:
    """A moment has a date, a time and an offset, and is in the calendar."""
    assert moment == read_moment(text)


def test_literals_are_equal_by_what_is_written() -> None:
    """A number and its other spelling are one literal; true is not 1, nothing is not the text of nothing."""
    assert scalar_key(Decimal("2.50")) == scalar_key(Decimal("2.5"))
    assert scalar_key(DAY) == scalar_key("2026-03-01")
    assert len({scalar_key(True), scalar_key(Decimal(1)), scalar_key("1"), scalar_key(None), scalar_key("None")}) == 5
    assert (scalar_key("a"), scalar_key(True)) == scalar_keys(("a", True))
    assert (Decimal(1), "a") == as_scalars([1, "a"])
