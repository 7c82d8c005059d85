"""Marks for personal data."""

from __future__ import annotations

import attrs

from branchkit.personal import FREE_TEXT, kind_of, marked_fields, mask, personal


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
