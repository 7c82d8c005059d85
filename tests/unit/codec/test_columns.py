"""Reading many values of one annotation at a time."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Literal

import attrs
import pytest

from branchkit.codec import Document, structure
from branchkit.errors import DecodeError, Problem, Unsupported
from branchkit.values import FrozenMap, Ref, Unknown


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


@attrs.frozen
class Bare:
    pass


@attrs.frozen
class Sized:
    size: int
    note: str = ""

    def validate(self) -> Iterable[Problem]:
        if self.size == 13:
            yield Problem("$.size", "Expected another size")


@attrs.frozen
class Single:
    word: str


@attrs.frozen
class Tagged:
    KIND: ClassVar[str] = "tagged"
    zone: str


@attrs.frozen
class Nest:
    """A class that holds itself."""

    id: str
    below: tuple[Nest, ...] = ()


@attrs.frozen
class Refused:
    """A class that refuses after it was made, and has no validators of fields."""

    size: int

    def __attrs_post_init__(self) -> None:
        raise ValueError("Expected another day")


@attrs.frozen(kw_only=True)
class Derived:
    """A class with a checked default that only an object can tell."""

    size: int = attrs.field(default=1, validator=attrs.validators.le(9))
    double: int = attrs.field(
        default=attrs.Factory(lambda self: self.size * 2, takes_self=True), validator=attrs.validators.ge(0)
    )


@attrs.frozen(kw_only=True)
class Odd(Document):
    SCHEMA: ClassVar[str] = "odd/1"
    share: float = 0.0
    data: bytes = b""
    marks: list[int] = attrs.field(factory=list)


class Listed(list[Any]):
    """A list of a class of its own, as some readers of files return it."""


class Moment(dt.datetime):
    """A moment of a class of its own, as some readers of files return it."""


MOMENT = Moment(2026, 3, 9, tzinfo=dt.UTC)
SIZES = [{"size": at} for at in range(6)]


@pytest.mark.parametrize(
    ("annotation", "data", "value"),
    [
        (tuple[int, ...], [1, 2, 3, 4], (1, 2, 3, 4)), (tuple[str, ...], [*"abcd"], tuple("abcd")),
        (tuple[bool, ...], [True, False] * 2, (True, False) * 2), (bool, True, True),
        (frozenset[str], [*"ab"], frozenset("ab")),
        (tuple[Ref, ...], ["a:1", "a:2"] * 2, (Ref("a", "1"), Ref("a", "2")) * 2),
        (tuple[Literal["a", 1], ...], ["a", 1, 1, "a"], ("a", 1, 1, "a")),
        (tuple[Colour, ...], ["red", "blue"] * 2, (Colour.RED, Colour.BLUE) * 2),
        (tuple[Decimal, ...], ["1", 2, "3", "4.5"], tuple(map(Decimal, ("1", "2", "3", "4.5")))),
        (tuple[tuple[int, ...], ...], [[1], [2], [3], [4]], ((1,), (2,), (3,), (4,))),
        (tuple[tuple[int, ...], ...], [[1, 2], [], [3], [4]], ((1, 2), (), (3,), (4,))),
        (tuple[tuple[int, ...], ...], [[]] * 4, ((),) * 4),
        (tuple[int | None, ...], [1, 2, 3, 4], (1, 2, 3, 4)),
        (tuple[int | None, ...], [1, None, 3, 4], (1, None, 3, 4)),
        (tuple[Decimal | None, ...], [Decimal(1)] * 4, (Decimal(1),) * 4),
        (tuple[Bare, ...], [{}] * 4, (Bare(),) * 4), (tuple[Single, ...], [{"word": "a"}] * 4, (Single("a"),) * 4),
        (tuple[Tagged, ...], [{"kind": "tagged", "zone": "z"}] * 4, (Tagged("z"),) * 4),
        (tuple[Sized, ...], SIZES, tuple(map(Sized, range(6)))),
        (tuple[Sized, ...], [*SIZES[:4], {"size": 8, "note": "x"}], (*map(Sized, range(4)), Sized(8, "x"))),
        (tuple[Nest, ...], [{"id": "a", "below": [{"id": "b"}] * 4}] * 4, (Nest("a", (Nest("b"),) * 4),) * 4),
        (Mapping[str, int], {"a": 1}, FrozenMap({"a": 1})), (FrozenMap[int], {"a": 1}, FrozenMap({"a": 1})),
        (Ref | int, "a:1", Ref("a", "1")), (Literal["a"] | int, 3, 3), (Colour | int, "red", Colour.RED),
        (dt.datetime | None, MOMENT, MOMENT), (tuple[int, ...], Listed([1]), (1,)),
    ],
)  # fmt: skip
def test_accepted(annotation: Any, data: object, value: object) -> None:
    """What each annotation reads, alone and in lists that are long enough for columns."""
    found = structure(annotation, data)

    assert value == found
    assert type(value) is type(found)


@pytest.mark.parametrize(
    ("annotation", "data", "problems"),
    [
        (tuple[int, ...], [1, 2, 3, True], ["Expected a whole number, got true/false - at `$[3]`"]),
        (tuple[Colour, ...], ["red", "blue", "red", 1], ["Expected one of: red, blue, got a whole number - at `$[3]`"]),
        (tuple[Colour, ...], ["red", "blue", "red", "grey"], ["Expected one of: red, blue - at `$[3]`"]),
        (tuple[tuple[int, ...], ...], [[1], [2], [3], 4], ["Expected a list, got a whole number - at `$[3]`"]),
        (tuple[Sized, ...], [*SIZES, 4], ["Expected an object, got a whole number - at `$[6]`"]),
        (tuple[Sized, ...], [*SIZES, {"size": 13}], ["Expected another size - at `$[6].size`"]),
        (
            tuple[Sized, ...], [{"size": 1}, {"note": "x"}, {"size": 3}, {"size": 4}], ["Missing 'size' - at `$[1]`"],
        ),
        (
            tuple[Sized, ...], [{"size": 1, "nose": ""}] * 4,
            [f"Unknown key 'nose'; there are: size, note - at `$[{at}]`" for at in range(4)],
        ),
        (
            tuple[Tagged, ...], [{"kind": "tagged", "zone": "z"}] * 3 + [{"kind": "other", "zone": "z"}],
            ["Unknown kind; there are: tagged - at `$[3].kind`"],
        ),
        (tuple[int, str], [1, 2], ["Expected text, got a whole number - at `$[1]`"]),
        (Annotated[int, "metres"], "x", ["Expected a whole number, got text - at `$`"]),
        (Decimal | Unknown, {"known": 1}, ["Expected a number, got an object - at `$`"]),
        (Tagged | None, {"kind": "tagged", "zone": 1}, ["Expected text, got a whole number - at `$.zone`"]),
        (
            tuple[frozenset[str], int | Unknown, int],
            [["a", "b"], {"unknown": "lost"}, "x"],
            ["Expected a whole number, got text - at `$[2]`"],
        ),
        (
            tuple[Sized | Unknown, int], [{"size": "1"}, 2], ["Expected a whole number, got text - at `$[0].size`"],
        ),
        (Derived, {"size": 10}, ["Not accepted: 'size' must be <= 9 - at `$.size`"]),
        (Refused, {"size": 1}, ["Expected another day - at `$`"]),
    ],
)  # fmt: skip
def test_refused(annotation: Any, data: object, problems: list[str]) -> None:
    """A value that doesn't fit is told with its place, however the rest of its column was read."""
    with pytest.raises(DecodeError) as caught:
        structure(annotation, data)

    assert problems == [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize(("key", "named"), [("share", "float"), ("data", "bytes"), ("marks", "list")])
def test_unsupported_in_a_document_without_its_schema(key: str, named: str) -> None:
    """A field that the codec cannot read is named even where the document is wrong for another reason."""
    with pytest.raises(Unsupported, match=named):
        structure(Odd, {key: "0.5"})
