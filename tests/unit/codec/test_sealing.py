"""Personal values out of plain data and back."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import attrs
import pytest

from branchkit.codec import join_personal, split_personal, unstructure
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
