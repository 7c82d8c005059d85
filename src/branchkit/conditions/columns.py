"""One column of a decision table: which rows fit which values of a fact.

A fact's values fall into regions in which every cell of the column answers alike: a code, the codes nobody lists,
a bound, what lies between two bounds. A set of rows is an int with one bit a row. The same regions serve the proof
that a table is complete and the look-up when it decides, so the two cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from decimal import Context, Decimal
from typing import Any

import attrs

from branchkit.conditions.cells import Cell, IsUnknown
from branchkit.conditions.facts import FactSpec, FactType, FactValue, settle
from branchkit.values import Unknown

__all__ = ["Column", "Region", "TooManyRegions", "build_column"]

_MOST_REGIONS = 4096


class TooManyRegions(Exception):
    """A set of codes falls into more regions than can be proved; never leaves the floor."""


@attrs.frozen
class Region:
    """Values of one fact that every row treats alike."""

    rows: int
    """The rows that fit, one bit each."""
    example: FactValue | Unknown
    """One value that lies in it."""


@attrs.frozen
class Column:
    """A fact and the rows that fit its values."""

    spec: FactSpec
    regions: tuple[Region, ...]
    """All regions that can occur, one for each set of rows."""
    unknown: int
    """The rows that fit a fact that is not known."""
    locate: Callable[[object], int] = attrs.field(eq=False, repr=False)
    """Returns the rows that fit a value; one that the spec does not allow counts as unknown."""


def build_column(spec: FactSpec, cells: Sequence[Cell | None]) -> Column:
    """Return the column of bound cells, one a row; ``None`` where a row does not ask.

    Raises:
        TooManyRegions: a set of codes falls into too many regions.
    """
    unknown = _bits(cell is None or isinstance(cell, IsUnknown) for cell in cells)
    match spec.type:
        case FactType.BOOL | FactType.CODE | FactType.TEXT:
            regions, locate = _discrete(spec, cells, unknown)
        case FactType.CODES:
            regions, locate = _sets(spec, cells, unknown)
        case _:
            regions, locate = _ordered(spec, cells, unknown)
    if spec.may_be_unknown:
        regions.append(Region(unknown, Unknown("not stated")))
    distinct = {region.rows: region for region in reversed(regions)}
    return Column(spec, tuple(reversed(distinct.values())), unknown, locate)


def _bits(fits: Iterator[bool] | Sequence[bool]) -> int:
    return sum(1 << row for row, fit in enumerate(fits) if fit)


def _rows(cells: Sequence[Cell | None], value: FactValue) -> int:
    return _bits([cell is None or cell.accepts(value) for cell in cells])


def _literals(cells: Sequence[Cell | None]) -> list[Any]:
    return list(dict.fromkeys(literal for cell in cells if cell is not None for literal in cell.literals()))


_Built = tuple[list[Region], Callable[[object], int]]


def _discrete(spec: FactSpec, cells: Sequence[Cell | None], unknown: int) -> _Built:
    values: list[Any]
    expected: type
    if spec.type is FactType.BOOL:
        expected, values = bool, [True, False]
    else:
        expected, values = str, list(spec.choices) or _literals(cells)
    rows: dict[Any, int] = {value: _rows(cells, value) for value in values}
    regions = [Region(fits, value) for value, fits in rows.items()]
    other = unknown
    if spec.type is not FactType.BOOL and not spec.choices:
        example = _other_than(values)
        other = _rows(cells, example)
        regions.append(Region(other, example))

    def locate(value: object) -> int:
        return rows.get(value, other) if isinstance(value, expected) else unknown

    return regions, locate


def _other_than(values: list[Any]) -> str:
    example, number = "other", 1
    while example in values:
        number += 1
        example = f"other-{number}"
    return example


def _sets(spec: FactSpec, cells: Sequence[Cell | None], unknown: int) -> _Built:
    anywhere = _bits([not isinstance(cell, IsUnknown) for cell in cells])
    choices = frozenset(spec.choices)
    splits = [
        (
            code,
            _bits([cell is None or code not in getattr(cell, "lacks", ()) for cell in cells]),
            _bits([cell is None or code not in getattr(cell, "has", ()) for cell in cells]),
        )
        for code in _literals(cells)
    ]
    found: dict[int, frozenset[str]] = {anywhere: frozenset()}
    for code, present, absent in splits:
        following: dict[int, frozenset[str]] = {}
        for fits, example in found.items():
            following.setdefault(fits & absent, example)
            following.setdefault(fits & present, example | {code})
        found = following
        if len(found) > _MOST_REGIONS:
            raise TooManyRegions(spec.name)

    def locate(value: object) -> int:
        if not isinstance(value, frozenset) or (choices and not value <= choices):
            return unknown
        fits = anywhere
        for code, present, absent in splits:
            fits &= present if code in value else absent
        return fits

    return [Region(fits, example) for fits, example in found.items()], locate


def _ordered(spec: FactSpec, cells: Sequence[Cell | None], unknown: int) -> _Built:
    low, high = spec.bounds
    points: list[Any] = sorted({*_literals(cells), *(bound for bound in (low, high) if bound is not None)})
    kind = spec.type
    # Between, before and after n points lie n + 1 stretches: stretch, point, stretch, point, ..., stretch, nothing.
    examples: list[Any] = []
    for left, right in zip([None, *points], [*points, None], strict=True):
        examples += [_between(kind, left, right), right]
    allowed = [
        example is not None and (low is None or example >= low) and (high is None or example <= high)
        for example in examples
    ]
    rows = [_rows(cells, example) if fits else unknown for example, fits in zip(examples, allowed, strict=True)]
    regions = [Region(fits, example) for fits, example, inside in zip(rows, examples, allowed, strict=True) if inside]
    count = len(points)

    def locate(value: object) -> int:
        settled = settle(value)
        if settled is None or settled[0] is not kind:
            return unknown
        found: Any = settled[1]
        index = bisect_left(points, found)
        return rows[2 * index + (index < count and points[index] == found)]

    return regions, locate


_STEPS: dict[FactType, tuple[Any, Any]] = {
    FactType.DATE: (dt.date(2000, 1, 1), dt.timedelta(days=1)),
    FactType.MOMENT: (dt.datetime(2000, 1, 1, tzinfo=dt.UTC), dt.timedelta(microseconds=1)),
    FactType.DURATION: (dt.timedelta(0), dt.timedelta(microseconds=1)),
}


def _between(kind: FactType, left: Any, right: Any) -> Any:
    """Return a value strictly between two, as plain as can be, or ``None`` if there is none."""
    if kind is FactType.NUMBER:
        return _number_between(left, right)
    middle, step = _STEPS[kind]
    if left is None and right is None:
        return middle
    try:
        value = right - step if left is None else left + step
    except OverflowError:
        return None
    return value if right is None or value < right else None


def _number_between(left: Decimal | None, right: Decimal | None) -> Decimal:
    exact = Context(prec=400)
    if left is None:
        return Decimal(0) if right is None else exact.subtract(right, Decimal(1))
    following = exact.add(left, Decimal(1))
    if right is None:
        return following
    whole = exact.to_integral_value(following)
    return whole if whole < right else exact.divide(exact.add(left, right), Decimal(2))
