"""Personal values out of plain data and back."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import attrs
import pytest

from branchkit.codec import blanked, join_personal, personal_paths, split_personal, structure, unstructure
from branchkit.errors import DecodeError, InputError
from branchkit.personal import mask, personal
from branchkit.values import FrozenMap, Ref, Unknown


@attrs.frozen(kw_only=True)
class Person:
    id: str
    name: str | None = attrs.field(repr=mask, metadata=personal("name"))
    phone: str | Unknown = attrs.field(default=Unknown(), repr=mask, metadata=personal("phone"))
    note: str = attrs.field(default="none", repr=mask, metadata=personal("free_text"))


@attrs.frozen
class Room:
    people: FrozenMap[tuple[Person, ...]]


@attrs.frozen
class Couple:
    KIND: ClassVar[str] = "couple"

    first: Person
    second: Person | dt.datetime = attrs.field(alias="at")
    third: Person | None = None


@attrs.frozen
class Family:
    """A class that holds itself, with a marked field and without."""

    head: Person
    size: Literal["small", "large"] = "small"
    below: tuple[Family, ...] = ()


@attrs.frozen
class Tree:
    """A class that holds itself and nothing that is marked."""

    id: str
    size: Literal["small", "large"] = "small"
    below: tuple[Tree, ...] = ()


@attrs.frozen
class Withdrawal:
    """A class whose marked fields must say something although their values are gone."""

    reason: str = attrs.field(repr=mask, metadata=personal("free_text"))
    code: str | None = attrs.field(default=None, repr=mask, metadata=personal("code", word=True))
    heard: str | None = attrs.field(default=None, repr=mask, metadata=personal("name"))


ROOM = Room(FrozenMap({"the hall": (Person(id="1", name="Li", phone="13", note="late"), Person(id="2", name=None))}))
SEALED = {
    '$.people["the hall"][0].name': '"Li"',
    '$.people["the hall"][0].phone': '"13"',
    '$.people["the hall"][0].note': '"late"',
}


def test_marked_values_are_taken_out_anywhere() -> None:
    """Marked values leave below maps and lists; null and defaults stay."""
    plain, values = split_personal(ROOM)
    first, second = plain["people"]["the hall"]

    assert SEALED == values
    assert {"sealed": '$.people["the hall"][0].phone', "erased": "unknown"} == first["phone"]
    assert {"id": "2", "name": None, "note": "none"} == second


def test_marked_values_of_classes_that_hold_themselves() -> None:
    """Marked values leave at every level; a class that can hold none is shared as it is."""
    family = Family(Person(id="1", name="Li"), "large", (Family(Person(id="2", name="Wu")),))
    forest = unstructure((Tree("a", "large", (Tree("b"),)),))

    assert {"$.head.name": '"Li"', "$.below[0].head.name": '"Wu"'} == split_personal(family)[1]
    assert split_personal((Tree("a", "large", (Tree("b"),)),), forest)[0][0] is forest[0]


def test_plain_data_that_is_there_already_is_taken_and_left_as_it_is() -> None:
    """Whoever has the plain data gives it; it is not changed, and what has no marks below it is shared."""
    whole = unstructure(ROOM)

    assert split_personal(ROOM) == split_personal(ROOM, whole)
    assert unstructure(ROOM) == whole
    assert join_personal(whole, {}) is whole


def test_plain_data_of_parts_is_not_made_again() -> None:
    """An object, or one that a field holds, is written as the plain data given for it; the rest is written as ever."""
    person = Person(id="1", name="Li")
    couple = Couple(person, Person(id="2", name=None))
    parts = {id(person): {"id": "one"}}

    assert {"id": "one"} == unstructure(person, parts)
    assert {**unstructure(couple), "first": {"id": "one"}} == unstructure(couple, parts)
    assert "kind:id" == unstructure(Ref("kind", "id"), parts)
    assert unstructure(ROOM) == unstructure(ROOM, parts)
    with pytest.raises(InputError, match=r"\$\.at"):
        unstructure(Couple(person, dt.datetime(2026, 3, 2)), parts)  # noqa: DTZ001 - no zone is what is refused


def test_erased_values() -> None:
    """An erased value becomes unknown or null where the field allows it, and is left out elsewhere."""
    plain, values = split_personal(ROOM)

    joined = join_personal(plain, dict.fromkeys(values))

    assert {"id": "1", "name": None, "phone": {"unknown": "erased"}} == joined["people"]["the hall"][0]


def test_what_was_erased_is_not_sealed_again() -> None:
    """An erased value holds nothing to seal."""
    assert {} == split_personal(Person(id="1", name=None, phone=Unknown("erased")))[1]


def test_without_an_entry_it_stays_sealed() -> None:
    """What has no value at hand stays as it is."""
    plain, _ = split_personal(ROOM)

    assert plain == join_personal(plain, {})


def test_a_broken_value_is_refused() -> None:
    """A sealed value that is no JSON is refused with its path."""
    with pytest.raises(DecodeError) as caught:
        join_personal({"a": {"sealed": "$.a"}}, {"$.a": "{"})

    assert "$.a" == caught.value.problems[0].path


def test_personal_values_are_found_with_their_kinds() -> None:
    """Every marked value below maps, lists and classes is named as it is sealed, with its kind; what stays is not."""
    found = personal_paths(ROOM)

    assert dict(zip(SEALED, ("name", "phone", "free_text"), strict=True)) == found
    assert {"$[0].first.name": "name"} == personal_paths(
        (Couple(Person(id="1", name="Li"), dt.datetime(2026, 3, 2, tzinfo=dt.UTC)),)
    )
    assert {} == personal_paths(Tree("a"))


def test_blanking_is_erasing_and_reading_again() -> None:
    """What is blanked is what reading gives once every value is erased; whom it does not concern stays as they are."""
    plain, values = split_personal(ROOM)
    blank = blanked(ROOM)

    assert structure(Room, join_personal(plain, dict.fromkeys(values))) == blank
    assert {} == personal_paths(blank)
    assert blank is blanked(blank)
    assert ROOM.people["the hall"][1] is blank.people["the hall"][1]


def test_values_of_some_kinds_are_blanked_alone() -> None:
    """Only values of the kinds named go; a kind that nobody has changes nothing."""
    without_phones = blanked(ROOM, {"phone"})
    first = without_phones.people["the hall"][0]

    assert ("Li", Unknown("erased"), "late") == (first.name, first.phone, first.note)
    assert ROOM is blanked(ROOM, {"biometric"})


def test_what_must_say_something_becomes_a_word() -> None:
    """Text without a default and what is marked so leave the word `erased`; the rest its default."""
    blank = blanked(Withdrawal("moved away", code="W-3", heard="Li"))

    assert Withdrawal("erased", code="erased", heard=None) == blank
    assert Withdrawal("erased") == blanked(Withdrawal("moved away"))
