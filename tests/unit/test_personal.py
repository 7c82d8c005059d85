"""Marks for personal data."""

from __future__ import annotations

import attrs
import pytest

from branchkit.personal import (
    FREE_TEXT,
    kind_of,
    leaves_a_word,
    looks_personal,
    marked_fields,
    mask,
    personal,
    place_of,
    raised,
)


@attrs.frozen
class Caller:
    id: str
    phone: str = attrs.field(repr=mask, metadata=personal("phone"))
    wish: str | None = attrs.field(default=None, repr=mask, metadata=personal(FREE_TEXT))
    desk: str = attrs.field(default="", metadata={"unit": "desk"})


def test_marked_fields_are_told_with_their_kinds() -> None:
    """A field is marked by its kind, and other metadata is no mark."""
    assert {"phone": "phone", "wish": "free_text"} == marked_fields(Caller)


def test_a_mark_is_a_word() -> None:
    """Metadata under the same key that is no text does not count as a mark."""
    (key,) = personal("name")

    assert ("name", None, None) == (kind_of({key: "name"}), kind_of({key: 3}), kind_of({}))


def test_a_masked_value_shows_only_whether_it_is_there() -> None:
    """The repr tells a value from none, and an empty text is a value."""
    assert "Caller(id='C-1', phone=•••, wish=None, desk='')" == repr(Caller("C-1", ""))


def test_some_values_leave_a_word_behind() -> None:
    """Only a field that is marked so keeps the word once its value is gone, and the mark is personal all the same."""
    assert [True, False, False] == [leaves_a_word(mark) for mark in (personal("code", word=True), personal("code"), {})]
    assert "code" == kind_of(personal("code", word=True))


def test_an_error_is_placed_where_it_was_raised() -> None:
    """The module and line are those of the innermost call, no path is told, and an error that was never raised has
    no place.
    """

    def fail() -> None:
        raise LookupError

    def call() -> None:
        fail()

    with pytest.raises(LookupError) as caught:
        call()

    assert f" in {__name__}, line {fail.__code__.co_firstlineno + 1}" == place_of(caught.value)
    assert "" == place_of(LookupError())
    assert "raised LookupError" == raised(LookupError("Zhang"))


@pytest.mark.parametrize(
    "text",
    [
        "C-13800138000",
        "C13800138000",
        "tel:138 0013 8000",
        "0086 138 0013 8000",
        "+86-138-0013-8000",
        "１３８００１３８０００",
        "1-3-8-0-0-1-3-8-0-0-0",
        "110105491231002",
        "C-11010519491231002x",
        "021-62345678",
        "tel:(021) 62345678",
        "0571-8765432",
        "+86 21 62345678",
        "ping＠example.org",
    ],
)
def test_somebodys_number_is_found_wherever_it_stands(text: str) -> None:
    """customers:PRV-01: mobile, fixed and identity numbers old and new are found with whatever stands around them,
    with their country's code, in groups, and in digits of any width.
    """
    assert looks_personal(text)


@pytest.mark.parametrize(
    "text",
    [
        "B-0417",
        "LD-1",
        "网点-17",
        "V-17-20260302-1",
        "0417-20260302",
        "021-20260302",
        "SH-20260302120000",
        "20260302090000123",
        "2026-03-02T09:00:00+08:00",
        "6217000012345",
        "1772413200000",
        "550e8400-e29b-41d4-a716-a13800138000",
        "0a13800138000fffbbbb13900139000c",
    ],
)
def test_ids_of_a_bank_are_nobodys_number(text: str) -> None:
    """Numbers with dates in them, other long numbers and tokens drawn by chance are ids."""
    assert not looks_personal(text)
