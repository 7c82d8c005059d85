"""Documents that were built in code and could not have been read."""

from __future__ import annotations

from typing import Any, ClassVar

import attrs

from branchkit.codec import Document, misfits
from branchkit.values import FrozenMap


@attrs.frozen
class Inner:
    number: Any = 1


@attrs.frozen(kw_only=True)
class Held(Document):
    SCHEMA: ClassVar[str] = "held/1"
    id: str
    names: tuple[str, ...] = ()
    inner: Inner = Inner()
    by_name: FrozenMap[tuple[Inner, ...]] = FrozenMap()
    anything: object = None


def _misfits(**fields: Any) -> list[str]:
    return [str(problem) for problem in misfits(Held(**{"id": "H", **fields}))]


def test_what_could_be_read_fits() -> None:
    """A document of values of the right classes has no misfits."""
    assert [] == _misfits(names=("a",), by_name=FrozenMap({"a b": (Inner(), Inner({"k": [1]}))}))


def test_another_class_than_is_meant() -> None:
    """A value that is written like another and would be read as that is told with its place."""
    assert ["Expected tuple, got frozenset - at `$.names`"] == _misfits(names=frozenset({"a"}))
    assert ["Expected Inner, got FrozenMap - at `$.inner`"] == _misfits(inner=FrozenMap({"number": 2}))
    assert ['Expected Inner, got FrozenMap - at `$.by_name["a b"][1]`'] == _misfits(
        by_name=FrozenMap({"a b": (Inner(), FrozenMap({"number": 2}))})
    )


def test_what_reading_says() -> None:
    """A value that could be written but not read is refused as in a file."""
    assert ["Expected text, got a whole number - at `$.id`"] == _misfits(id=3)


def test_what_cannot_be_written() -> None:
    """A value without a plain form is a misfit of the whole."""
    assert _misfits(anything=1.5)[0].endswith("- at `$`")
