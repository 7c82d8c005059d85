"""Objects whose keys come in many ways, and small ones that come often, are read as if each were the first."""

from __future__ import annotations

import json
from itertools import combinations, permutations
from typing import ClassVar

import attrs
import pytest

from branchkit.codec import structure
from branchkit.errors import DecodeError
from branchkit.temporal import After, Deadline, Named
from branchkit.values import FrozenMap


@attrs.frozen(kw_only=True)
class Many:
    a: str = "a"
    b: str | None = None
    c: int = 3
    d: tuple[str, ...] = ()
    e: bool = False
    f: str = "f"


@attrs.frozen
class Shared:
    id: str
    names: tuple[str, ...] = ()
    counts: FrozenMap[int] = FrozenMap()


@attrs.frozen(init=False)
class Own:
    """A class that is made in a way of its own."""

    KIND: ClassVar[str] = "own"

    name: str

    def __init__(self, name: str) -> None:
        self.__attrs_init__(name.upper())


def test_keys_may_come_in_any_order_and_number() -> None:
    """However the keys are ordered, and whichever are left out, the same object comes of the same data."""
    data = {"a": "x", "b": "y", "c": 4, "d": ["z"], "e": True, "f": "w"}
    expected = Many(a="x", b="y", c=4, d=("z",), e=True, f="w")

    for keys in permutations(data):
        assert expected == structure(Many, {key: data[key] for key in keys})
    for count in range(len(data)):
        for keys in combinations(data, count):
            read = structure(Many, {key: data[key] for key in keys})
            assert attrs.evolve(Many(), **{key: getattr(expected, key) for key in keys}) == read


def test_texts_that_many_documents_have_are_kept_once() -> None:
    """Equal ids, keys and items of documents that were read one by one are one text; what is none is refused."""
    first, second = (structure(Shared, json.loads('{"id":"B 1","names":["N 1"],"counts":{"k 1":2}}')) for _ in range(2))
    pairs = [(one.id, one.names[0], next(iter(one.counts))) for one in (first, second)]

    assert first == second
    assert all(mine is theirs for mine, theirs in zip(*pairs, strict=True))
    for wrong in ({"id": 1}, {"id": "x", "names": [1]}, {"id": "x", "counts": {1: 2}}):
        with pytest.raises(DecodeError):
            structure(Shared, wrong)


def test_a_class_that_makes_itself_is_asked_to() -> None:
    """What has an ``__init__`` of its own is made by it; its kind has to be said and right."""
    assert Own("desk") == structure(Own, {"kind": "own", "name": "desk"})
    for wrong in ({"name": "desk"}, {"kind": "other", "name": "desk"}, {"kind": "own"}):
        with pytest.raises(DecodeError):
            structure(Own, wrong)


def test_small_objects_are_read_as_often_as_they_come() -> None:
    """An object of nothing but texts is the same each time, and one that is wrong is refused each time."""
    noon = {"kind": "named", "moment": "noon"}
    for _ in range(2):
        assert Named(moment="noon") == structure(Deadline, noon)
        with pytest.raises(DecodeError, match=r"\$\.moment"):
            structure(Deadline, {"kind": "named", "moment": 12})
        with pytest.raises(DecodeError):
            structure(Deadline, {"kind": "named", "moment": "tea"})


def test_no_more_small_objects_are_remembered_than_is_said() -> None:
    """However many come, each is read right."""
    for seconds in range(1, 5000):
        after = structure(Deadline, {"kind": "after", "time": f"PT{seconds}S"})
        assert isinstance(after, After)
        assert after.time is not None
        assert seconds == after.time.total_seconds()
