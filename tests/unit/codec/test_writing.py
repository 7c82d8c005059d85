"""From objects to JSON text and to plain data, one by one and in columns."""

from __future__ import annotations

import datetime as dt
import enum
import json
import zoneinfo
from collections.abc import Callable
from decimal import Decimal
from types import MappingProxyType
from typing import Any, ClassVar

import attrs
import pytest

from branchkit.codec import Document, canonical_json, digest, dump_json, unstructure
from branchkit.codec.text import MAX_DEPTH
from branchkit.codec.writing import written
from branchkit.errors import InputError
from branchkit.values import FrozenMap, Ref, Unknown


class Colour(enum.Enum):
    """Words and numbers that stand for something."""

    RED = "red"
    SEVENTH = 7


class Share(enum.Enum):
    """An enumeration that has no JSON, for its value is a float."""

    HALF = 0.5


@attrs.frozen
class Bare:
    pass


@attrs.frozen
class Tagged:
    KIND: ClassVar[str] = "tagged"
    zone: str = ""
    at: dt.date | None = None
    below: tuple[Tagged, ...] = ()


@attrs.frozen
class Held:
    by_name: FrozenMap[int] = FrozenMap()


@attrs.frozen
class Sized:
    size: int
    note: str = ""
    parts: tuple[int, ...] = ()


@attrs.frozen
class Loose:
    """The first field may be missing, so that no part of a row is certain to come first."""

    note: str = ""
    held: Any = None


@attrs.frozen
class Own:
    """A class with its own plain form."""

    inside: Any

    def to_plain(self) -> object:
        return {"own": self.inside}


@attrs.frozen
class OwnDocument(Document):
    SCHEMA: ClassVar[str] = "own/1"
    id: str

    def to_plain(self) -> object:
        return {"id": self.id}


@attrs.frozen
class Twice(Document):
    """A document with a field that is written where its schema stands."""

    SCHEMA: ClassVar[str] = "twice/1"
    schema: str


@attrs.frozen(kw_only=True)
class Noted(Document):
    SCHEMA: ClassVar[str] = "noted/1"
    id: str
    lines: tuple[Sized, ...] = ()


DAY = dt.date(2026, 3, 9)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a\"网", '"a\\"网"'), (7, "7"), (True, "true"), (False, "false"), (None, "null"), (Decimal("1.50"), '"1.5"'),
        (DAY, '"2026-03-09"'), (Ref("zone", "Z"), '"zone:Z"'), (Unknown("lost"), '{"unknown":"lost"}'),
        (Colour.RED, '"red"'), (Colour.SEVENTH, "7"), (dt.time(9, 30), '"09:30"'),
        (dt.timedelta(minutes=5), '"PT5M"'), ((), "[]"), ((1, "x"), '[1,"x"]'), (frozenset("ba"), '["a","b"]'),
        (frozenset({2, "b"}), '[2,"b"]'), (frozenset(), "[]"), (FrozenMap({"b": 1, "a": "x"}), '{"b":1,"a":"x"}'),
        (MappingProxyType({"b": (1,)}), '{"b":[1]}'), ([1, {"a": None}], '[1,{"a":null}]'), (Own([1]), '{"own":[1]}'),
        (Bare(), "{}"), (Held(FrozenMap()), "{}"), (zoneinfo.ZoneInfo("Asia/Shanghai"), '"Asia/Shanghai"'),
        (Tagged("z", DAY), '{"kind":"tagged","zone":"z","at":"2026-03-09"}'),
        ((1, 2, 3, 4), "[1,2,3,4]"), ((True, 1, None, "x"), '[true,1,null,"x"]'),
        ((Ref("a", "1"),) * 4, '["a:1","a:1","a:1","a:1"]'), ((DAY,) * 4, "[" + ",".join(['"2026-03-09"'] * 4) + "]"),
        ((Own(1),) * 4, "[" + ",".join(['{"own":1}'] * 4) + "]"), (((), (), (), ()), "[[],[],[],[]]"),
        (((1,), (2,), (3,), (4,)), "[[1],[2],[3],[4]]"), (((1, 2), (), ("x",), (4,)), '[[1,2],[],["x"],[4]]'),
        ((Bare(),) * 4, "[{},{},{},{}]"),
    ],
)  # fmt: skip
def test_each_kind_of_value(value: object, text: str) -> None:
    """A value is written as its JSON, at once as through plain data."""
    assert text == (written(value) or b"").decode()
    assert text == dump_json(unstructure(value)).decode()


ROWS: dict[str, tuple[tuple[Any, ...], list[dict[str, Any]]]] = {
    "what every object states": (
        tuple(map(Sized, range(4))), [{"size": 0}, {"size": 1}, {"size": 2}, {"size": 3}],
    ),
    "what some state": (
        (Sized(1, "x"), Sized(2), Sized(3, "y", (1, 2)), Sized(4)),
        [{"size": 1, "note": "x"}, {"size": 2}, {"size": 3, "note": "y", "parts": [1, 2]}, {"size": 4}],
    ),
    "nothing that every one states": (
        (Loose("x"), Loose(), Loose("y", 1), Loose("", 2)),
        [{"note": "x"}, {}, {"note": "y", "held": 1}, {"held": 2}],
    ),
    "what none states": ((Loose(),) * 4, [{}, {}, {}, {}]),
    "defaults that look like others": (
        (Loose("", 0), Loose("", False), Loose("", ""), Loose("", "x")),
        [{"held": 0}, {"held": False}, {"held": ""}, {"held": "x"}],
    ),
    "kinds": (
        (Tagged("a"), Tagged("b", DAY), Tagged(), Tagged("", None, (Tagged(),))),
        [
            {"kind": "tagged", "zone": "a"}, {"kind": "tagged", "zone": "b", "at": "2026-03-09"}, {"kind": "tagged"},
            {"kind": "tagged", "below": [{"kind": "tagged"}]},
        ],
    ),
    "only a kind": ((Tagged(),) * 4, [{"kind": "tagged"}] * 4),
    "lists of one": (
        tuple(Sized(0, "", (at,)) for at in range(4)), [{"size": 0, "parts": [at]} for at in range(4)],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", ROWS)
def test_columns(name: str) -> None:
    """Objects of one class are written in columns as they would be one by one, with their keys sorted if asked for."""
    objects, plain = ROWS[name]

    assert plain == unstructure(objects)
    assert plain == [unstructure(one) for one in objects]
    assert dump_json(plain) == written(objects)
    assert canonical_json(plain) == written(objects, sort=True)


@pytest.mark.parametrize(
    "value",
    [
        1.5, Own(1.5), OwnDocument("x"), Twice("x"), Share.HALF, FrozenMap({"unknown": "x"}), Decimal("NaN"),
        MappingProxyType({1: 2}), "\ud800", {"a": 1.5}, (Unknown(3),), # type: ignore[arg-type]  # that it is none is the point
    ],
)  # fmt: skip
def test_in_doubt_nothing_is_written_at_once(value: object) -> None:
    """What may be no JSON, or is written in a way of its own, is left to the writers that tell what is wrong."""
    assert written(value) is None


INNERMOST: list[Callable[[], Any]] = [
    lambda: (), lambda: frozenset("a"), lambda: FrozenMap({"a": 1}), Bare, Unknown, lambda: Own(1), lambda: [1],
]  # fmt: skip


@pytest.mark.parametrize("innermost", INNERMOST)
@pytest.mark.parametrize("count", [1, 4])
def test_too_deep(innermost: Callable[[], Any], count: int) -> None:
    """A hundred levels are written and one more is not, whatever the last level is and however many stand there."""
    holders: Any = tuple(innermost() for _ in range(count))
    for _ in range(MAX_DEPTH - 2):
        holders = (holders,)

    assert dump_json(unstructure(holders)) == written(holders)
    assert written((holders,)) is None
    with pytest.raises(InputError, match="inside each other"):
        dump_json(unstructure((holders,)))


def test_documents_begin_with_their_schema() -> None:
    """A document has its schema first, at once as indented; its digest is that of its canonical JSON."""
    noted = Noted(id="N-1", lines=(Sized(1),))
    plain = {"schema": "branchkit.noted/1", "id": "N-1", "lines": [{"size": 1}]}

    assert b'{"schema":"branchkit.noted/1","id":"N-1","lines":[{"size":1}]}' == noted.to_json()
    assert list(plain) == list(json.loads(noted.to_json(indent=2)))
    assert b'{\n  "schema"' == noted.to_json(indent=2)[:12]
    assert digest(plain) == noted.digest()
    assert noted == Noted.from_json(noted.to_json())
    assert noted == Noted.from_toml(noted.to_toml())


def test_documents_that_are_not_written_at_once() -> None:
    """A document with its own plain form is written and digested as any other."""
    own = OwnDocument("x")

    assert b'{"schema":"branchkit.own/1","id":"x"}' == own.to_json()
    assert digest({"schema": "branchkit.own/1", "id": "x"}) == own.digest()


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ((1, Decimal("NaN")), "$[1]"), ((Own(1.5),), "$[0].own"), (Loose("", (DAY, Decimal("NaN"))), "$.held[1]"),
        ((Loose(), Loose("", Decimal("NaN")), Loose(), Loose()), "$[1].held"),
        (((1,), (), (Decimal("NaN"),), ()), "$[2][0]"),
        (FrozenMap({"a": FrozenMap({"unknown": "x"})}), "$.a"),
    ],
)  # fmt: skip
def test_what_has_no_plain_form_is_told_with_its_place(value: object, path: str) -> None:
    """The path leads to the very value, in columns as well."""
    with pytest.raises(InputError) as caught:
        unstructure(value)

    assert [path] == [problem.path for problem in caught.value.problems]
