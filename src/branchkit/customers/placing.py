"""Where a fact's value lies among the cells that ask for it, as a number that is quick to find.

The values of a fact fall into regions that every cell treats alike (see `branchkit.conditions.columns`). Each region
has a number, and all values that a decision cannot tell apart lead to the same one, so what was decided once for
these numbers holds for them always.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Sequence
from decimal import Context, Decimal
from itertools import repeat
from typing import Any, TypeAlias, cast

import attrs

from branchkit.conditions import Cell, FactSpec, FactType, FactValue
from branchkit.conditions.columns import Column, build_column
from branchkit.values import Unknown

__all__ = ["Piece", "Place", "place_of"]

Values: TypeAlias = Sequence["FactValue | Unknown | None"]


@attrs.frozen
class Piece:
    """A stretch of numbers, or a single one, that every row treats alike."""

    low: Decimal | None
    """Where it begins; ``None`` for without end."""
    high: Decimal | None
    rows: int
    """The rows that fit, one bit each."""

    def distance(self, other: Piece) -> Decimal:
        """Return how close a number of one comes to a number of the other; zero where they meet."""
        gaps = [
            right.low - left.high
            for left, right in ((self, other), (other, self))
            if left.high is not None and right.low is not None
        ]
        return max((gap for gap in gaps if gap > 0), default=Decimal(0))


@attrs.frozen(kw_only=True)
class Place:
    """A fact, and the numbers of the regions its values lie in."""

    spec: FactSpec
    rows: tuple[int, ...]
    """The rows that fit each region, by its number."""
    examples: tuple[FactValue | None, ...]
    """A value of each region, by its number; ``None`` for what is not known."""
    pieces: tuple[Piece, ...]
    """What a number falls into, from the smallest; empty for facts that are no numbers."""
    index: Callable[[object], int] = attrs.field(eq=False, repr=False)
    """Returns the number of the region of a value."""
    many: Callable[[Values], Iterable[int]] = attrs.field(eq=False, repr=False)
    """Returns the numbers for a column of values."""
    unknown: int = 0
    """The number of what is not known, or not as declared."""


def place_of(spec: FactSpec, cells: Sequence[Cell | None]) -> Place:
    """Return where the values of a fact lie among bound cells, one a row; ``None`` where a row does not ask.

    Raises:
        TooManyRegions: a set of codes falls into too many regions.
    """
    column = build_column(spec, cells)
    if spec.type is FactType.BOOL:
        return _truths(column)
    rows = [column.unknown]
    # Known values that fit the same rows as an unknown one still differ from it: what is not known may be otherwise.
    known: dict[int, int] = {}
    examples: list[FactValue | None] = [None]
    for region in column.regions:
        if isinstance(region.example, Unknown) or region.rows in known:
            continue
        known[region.rows] = len(rows)
        rows.append(region.rows)
        examples.append(region.example)

    def plain(value: object) -> int:
        if value is None or isinstance(value, Unknown) or spec.problems_of(value):
            return 0
        return known.get(column.locate(value), 0)

    pieces: tuple[Piece, ...] = ()
    index: Callable[[object], int] = plain
    many: Callable[[Values], Iterable[int]] = _singly(plain)
    if spec.type is FactType.NUMBER:
        pieces, index, many = _numbers(column, cells, plain)
    elif spec.type in (FactType.CODE, FactType.TEXT):
        index, many = _codes(spec, cells, plain)
    return Place(spec=spec, rows=tuple(rows), examples=tuple(examples), pieces=pieces, index=index, many=many)


_Way = tuple[Callable[[object], int], Callable[[Values], Iterable[int]]]


def _singly(index: Callable[[object], int]) -> Callable[[Values], Iterable[int]]:
    return lambda values: map(index, values)


def _truths(column: Column) -> Place:
    # False is 0 and true is 1, so that a column of them is its own numbers.
    def index(value: object) -> int:
        return 1 if value is True else 0 if value is False else 2

    def many(values: Values) -> Iterable[int]:
        return cast("Sequence[bool]", values) if set(map(type, values)) == {bool} else map(index, values)

    rows = (column.locate(False), column.locate(True), column.unknown)
    examples = (False, True, None)
    return Place(spec=column.spec, rows=rows, examples=examples, pieces=(), index=index, many=many, unknown=2)


def _codes(spec: FactSpec, cells: Sequence[Cell | None], plain: Callable[[object], int]) -> _Way:
    named = {literal for cell in cells if cell is not None for literal in cell.literals()} | set(spec.choices)
    numbers = {code: plain(code) for code in named}
    other = 0 if spec.choices else plain(_other_than(named))

    def index(value: object) -> int:
        return numbers.get(value, other) if isinstance(value, str) else plain(value)

    def many(values: Values) -> Iterable[int]:
        kinds = set(map(type, values))
        if kinds != {str}:
            return map(index, values)
        found: dict[Any, int] = {value: index(value) for value in set(values)}
        return map(found.__getitem__, values)

    return index, many


def _other_than(named: set[Any]) -> str:
    other = "other"
    while other in named:
        other += "-"
    return other


def _numbers(
    column: Column, cells: Sequence[Cell | None], plain: Callable[[object], int]
) -> tuple[tuple[Piece, ...], Callable[[object], int], Callable[[Values], Iterable[int]]]:
    spec = column.spec
    bounds = [bound for bound in (spec.low, spec.high) if bound is not None]
    literals = [literal for cell in cells if cell is not None for literal in cell.literals()]
    points: list[Any] = sorted({*literals, *bounds})
    pieces: list[Piece] = []
    numbers: list[int] = []
    for left, right in zip([None, *points], [*points, None], strict=True):
        stretch = _between(left, right)
        numbers.append(plain(stretch))
        if numbers[-1]:
            pieces.append(Piece(left, right, column.locate(stretch)))
        if right is not None:
            numbers.append(plain(right))
            if numbers[-1]:
                pieces.append(Piece(right, right, column.locate(right)))
    # A point that goes with the stretch beside it, as each does where all bounds are of one kind, needs no second look.
    if all(numbers[at] == numbers[at + 1] for at in range(1, len(numbers), 2)):
        merged, look = numbers[::2], bisect_right
    elif all(numbers[at] == numbers[at - 1] for at in range(1, len(numbers), 2)):
        merged, look = numbers[::2], bisect_left
    else:
        return tuple(pieces), plain, _singly(plain)
    finite = Decimal.is_finite

    def index(value: object) -> int:
        if isinstance(value, Decimal) and finite(value):
            return merged[look(points, value)]
        return plain(value)

    def many(values: Values) -> Iterable[int]:
        if set(map(type, values)) != {Decimal} or not all(map(finite, values)):  # type: ignore[arg-type]
            return map(index, values)
        return map(merged.__getitem__, map(look, repeat(points), values))

    return tuple(pieces), index, many


def _between(left: Decimal | None, right: Decimal | None) -> Decimal:
    exact = Context(prec=100)
    if left is None:
        return Decimal(0) if right is None else exact.subtract(right, Decimal(1))
    if right is None:
        return exact.add(left, Decimal(1))
    return exact.divide(exact.add(left, right), Decimal(2))
