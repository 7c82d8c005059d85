"""Marks for personal data."""

from __future__ import annotations

import attrs
import pytest

from branchkit.personal import FREE_TEXT, kind_of, leaves_a_word, marked_fields, mask, personal, place_of


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
