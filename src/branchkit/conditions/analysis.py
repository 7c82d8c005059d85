"""What the proofs about a decision table find, told as problems with their places."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from branchkit.codec.problems import child
from branchkit.conditions.columns import Column
from branchkit.conditions.coverage import Budget, BudgetSpent, Example, is_reachable, never_fits, overlaps, uncovered
from branchkit.conditions.facts import FactValue
from branchkit.conditions.scalars import plain_scalar
from branchkit.errors import Problem
from branchkit.values import Unknown

__all__ = ["MOST_STEPS", "analyse_coverage", "in_words"]

MOST_STEPS = 300_000
"""How many steps the proofs about one table take at most; each adds one region of a fact to a search."""
_MOST_GAPS = 3
_MOST_OVERLAPS = 20


def analyse_coverage(
    columns: Sequence[Column], count: int, *, unique: bool, complete: bool, steps: int = MOST_STEPS
) -> Iterator[Problem]:
    """Yield dead rows, overlaps (where rows must be unique) and gaps (where the rows must be complete).

    What cannot be proved within the steps is reported as too large, and never passed.
    """
    dead: set[int] = set()
    for row in range(count):
        for name in never_fits(columns, row):
            dead.add(row)
            yield Problem(child("$.rows", row, "when", name), "Unreachable: no value that the fact can take fits")
    if unique:
        yield from _overlaps(columns, count)
    budget = Budget(steps)
    try:
        if not unique:
            for row in range(count):
                if row not in dead and not is_reachable(columns, row, budget):
                    yield Problem(child("$.rows", row), "Unreachable: the rows above fit whatever this row fits")
        if complete:
            for example in islice(uncovered(columns, (1 << count) - 1, budget), _MOST_GAPS):
                yield Problem("$.rows", f"No row for: {in_words(example)}")
    except BudgetSpent:
        message = f"Too large to prove: took more than {steps} steps; split the table, or ask fewer facts at once"
        yield Problem("$.rows", message)


def _overlaps(columns: Sequence[Column], count: int) -> Iterator[Problem]:
    found = overlaps(columns, count)
    for upper, lower, example in islice(found, _MOST_OVERLAPS):
        yield Problem(child("$.rows", lower), f"Overlaps `$.rows[{upper}]`: both fit {in_words(example)}")
    if next(found, None) is not None:
        yield Problem("$.rows", f"More than {_MOST_OVERLAPS} pairs of rows overlap; the rest is not listed")


def in_words(example: Example) -> str:
    """Write facts in one line.

    >>> in_words({"grade": "major", "open": True, "tags": frozenset({"b", "a"}), "due": Unknown("not stated")})
    'grade = major, open = true, tags = {a, b}, due is unknown'
    """
    return ", ".join(f"{name} {_say(value)}" for name, value in example.items()) or "any facts"


def _say(value: FactValue | Unknown) -> str:
    if isinstance(value, Unknown):
        return "is unknown"
    if isinstance(value, bool):
        return f"= {str(value).lower()}"
    if isinstance(value, frozenset):
        return f"= {{{', '.join(sorted(value))}}}"
    return f"= {plain_scalar(value)}"
