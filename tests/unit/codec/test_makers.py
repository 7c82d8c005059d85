"""Building objects past the frozen ``__init__``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest

from branchkit.codec import structure, unstructure
from branchkit.codec.makers import maker
from branchkit.codec.plan import plan
from branchkit.errors import DecodeError


@attrs.frozen
class Plain:
    a: int
    b: str = "b"


@attrs.frozen(kw_only=True)
class Base:
    first: int
    then: int = attrs.field(default=attrs.Factory(lambda self: self.first + 1, takes_self=True))


@attrs.frozen
class Mixed(Base):
    last: str
    _hidden: tuple[int, ...] = ()


@attrs.frozen
class Converted:
    word: str = attrs.field(converter=str.lower)
    size: int = attrs.field(default=3, validator=attrs.validators.ge(3))
    held: Any = attrs.field(factory=list)


@attrs.frozen
class After:
    a: int
    double: int = 0

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "double", self.a * 2)


@attrs.frozen(slots=False)
class Open:
    a: int


@attrs.frozen(cache_hash=True)
class Hashed:
    a: int


@attrs.frozen(init=False)
class Own:
    a: int

    def __init__(self, a: int) -> None:
        self.__attrs_init__(a + 1)  # type: ignore[attr-defined]  # attrs makes it


@attrs.define
class Loose:
    a: int


class Counting(type):
    """A metaclass that knows how many classes it made."""

    made = 0

    def __init__(cls, *arguments: Any) -> None:
        super().__init__(*arguments)
        Counting.made += 1


@attrs.frozen(slots=False)
class Counted(metaclass=Counting):
    a: int


@attrs.frozen
class Computed:
    a: int
    b: int = attrs.field(init=False, default=7)


@attrs.frozen(auto_exc=False)
class Failure(Exception):
    """An exception, of which no object is made without its own ways."""

    a: int


@attrs.frozen
class Empty:
    pass


CASES: list[tuple[type[Any], dict[str, Any]]] = [
    (Plain, {"a": 1}), (Plain, {"b": "x", "a": 1}), (Mixed, {"first": 1, "last": "x"}),
    (Mixed, {"first": 1, "last": "x", "then": 9, "hidden": (1,)}), (Converted, {"word": "WORD"}),
    (Converted, {"word": "W", "size": 5, "held": ()}), (After, {"a": 2}), (Open, {"a": 1}), (Hashed, {"a": 1}),
    (Own, {"a": 1}), (Loose, {"a": 1}), (Counted, {"a": 1}), (Computed, {"a": 1}), (Empty, {}),
    (Failure, {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize(("cls", "values"), CASES)
def test_as_the_class_itself(cls: type[Any], values: dict[str, Any]) -> None:
    """What is built is what calling the class gives: class, values, hash and words."""
    expected = cls(**values)
    make = maker(plan(cls))
    columns = {key: [value] * 3 for key, value in values.items()}

    for made in (make.one(values), *make.many(columns, 3)):
        assert cls is type(made)
        assert expected == made
        assert repr(expected) == repr(made)
        assert _hashed(expected) == _hashed(made)


def test_frozen_stays_frozen() -> None:
    """What is built can change no more than what the class builds."""
    made = maker(plan(Plain)).one({"a": 1})

    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        made.a = 2


def test_factories_make_each_their_own() -> None:
    """A default that is made is made for each object."""
    one, other = maker(plan(Converted)).many({"word": ["a", "b"]}, 2)

    assert one.held is not other.held


@pytest.mark.parametrize(
    ("cls", "values"),
    [(Plain, {}), (Plain, {"b": "x"}), (Converted, {"word": "w", "size": 1}), (Own, {})],
)
def test_refused_as_by_the_class(cls: type[Any], values: dict[str, Any]) -> None:
    """What the class refuses is refused."""
    make = maker(plan(cls))
    many: list[Callable[[], object]] = [
        lambda: make.one(values),
        lambda: make.many({key: [value] for key, value in values.items()}, 1),
    ]

    for build in many:
        with pytest.raises((TypeError, ValueError)):
            build()


def test_no_class_is_made_of_those_that_watch() -> None:
    """A class with a metaclass of its own is not derived from."""
    before = Counting.made
    maker(plan(Counted))

    assert before == Counting.made


@pytest.mark.parametrize("count", [1, 3, 4, 5])
def test_lists_long_and_short(count: int) -> None:
    """A list is read and written alike whether its items go one by one or as columns."""
    trees = tuple(Mixed(first=at, last="x") for at in range(count))
    plain = [{"first": at, "then": at + 1, "last": "x"} for at in range(count)]

    assert plain == unstructure(trees)
    assert trees == structure(tuple[Mixed, ...], plain)
    assert trees == structure(tuple[Mixed, ...], [{"first": at, "last": "x"} for at in range(count)])
    with pytest.raises(DecodeError) as caught:
        structure(tuple[Mixed, ...], [*plain, {"first": 1, "lost": "x"}])
    assert {f"$[{count}]"} == {problem.path for problem in caught.value.problems}


def _hashed(value: object) -> int | str:
    try:
        return hash(value)
    except TypeError:
        return "no hash"
