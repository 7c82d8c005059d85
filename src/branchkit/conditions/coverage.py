"""Proofs about a decision table, exact over the regions of its columns: gaps, overlaps, rows that never get a turn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs

from branchkit.conditions.columns import Column, Region
from branchkit.conditions.facts import FactValue
from branchkit.values import Unknown

__all__ = ["Budget", "BudgetSpent", "Example", "is_reachable", "never_fits", "overlaps", "uncovered"]

Example = dict[str, FactValue | Unknown]
"""Facts that show what a proof found."""


class BudgetSpent(Exception):
    """A proof would take more steps than it may; never leaves the floor."""


@attrs.define
class Budget:
    """How many steps the proofs about one table may still take."""

    steps: int

    def take(self) -> None:
        """Take one step; raises `BudgetSpent` when there is none left."""
        if self.steps <= 0:
            raise BudgetSpent
        self.steps -= 1


def uncovered(columns: Sequence[Column], rows: int, budget: Budget) -> Iterator[Example]:
    """Yield facts that none of the rows fits, one example for each way the search finds.

    Raises:
        BudgetSpent: the table is too large to prove.
    """
    yield from _search([(column, column.regions) for column in columns], rows, budget)


def is_reachable(columns: Sequence[Column], row: int, budget: Budget) -> bool:
    """Say whether some facts fit a row and no row above it.

    Raises:
        BudgetSpent: the table is too large to prove.
    """
    bit = 1 << row
    narrowed = [(column, tuple(region for region in column.regions if region.rows & bit)) for column in columns]
    if any(not regions for _, regions in narrowed):
        return False
    return next(_search(narrowed, bit - 1, budget), None) is not None


def never_fits(columns: Sequence[Column], row: int) -> tuple[str, ...]:
    """Return the facts no value of which fits the row."""
    bit = 1 << row
    return tuple(column.spec.name for column in columns if not any(region.rows & bit for region in column.regions))


def overlaps(columns: Sequence[Column], count: int) -> Iterator[tuple[int, int, Example]]:
    """Yield each pair of rows that fit the same facts, the upper one first, with an example of such facts."""
    for row in range(count):
        bit = 1 << row
        shared = bit - 1
        for column in columns:
            reached = 0
            for region in column.regions:
                if region.rows & bit:
                    reached |= region.rows
            shared &= reached
        while shared:
            upper = (shared & -shared).bit_length() - 1
            shared &= shared - 1
            pair = bit | 1 << upper
            yield (
                upper,
                row,
                {
                    column.spec.name: next(region.example for region in column.regions if region.rows & pair == pair)
                    for column in columns
                },
            )


def _search(columns: Sequence[tuple[Column, tuple[Region, ...]]], rows: int, budget: Budget) -> Iterator[Example]:
    # Columns that most rows ask come first: they decide soonest.
    narrowed = sorted(
        ((column, _distinct(regions, rows)) for column, regions in columns),
        key=lambda pair: (_everywhere(pair[1], rows).bit_count(), len(pair[1])),
    )
    # The rows that no column from here on can rule out any more.
    safe = [rows] * (len(narrowed) + 1)
    for index in range(len(narrowed) - 1, -1, -1):
        safe[index] = safe[index + 1] & _everywhere(narrowed[index][1], rows)
    seen: set[tuple[int, int]] = set()
    stack: list[tuple[int, tuple[FactValue | Unknown, ...]]] = [(rows, ())]
    while stack:
        left, chosen = stack.pop()
        depth = len(chosen)
        if not left:
            rest = tuple(regions[0].example for _, regions in narrowed[depth:])
            names = (column.spec.name for column, _ in narrowed)
            yield dict(zip(names, chosen + rest, strict=True))
            continue
        if left & safe[depth]:
            continue
        for region in reversed(narrowed[depth][1]):
            following = left & region.rows
            if (depth, following) not in seen:
                budget.take()
                seen.add((depth, following))
                stack.append((following, (*chosen, region.example)))


def _distinct(regions: Sequence[Region], rows: int) -> tuple[Region, ...]:
    return tuple({region.rows & rows: region for region in reversed(regions)}.values())[::-1]


def _everywhere(regions: Sequence[Region], rows: int) -> int:
    for region in regions:
        rows &= region.rows
    return rows
