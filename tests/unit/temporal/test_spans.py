"""Facts about sets of time."""

from __future__ import annotations

from branchkit.temporal.spans import merge, subtract


def test_merging_joins_what_overlaps_or_touches() -> None:
    """Spans that overlap, touch or lie within each other become one; empty ones vanish."""
    assert [(1, 5), (7, 8)] == merge([(7, 8), (3, 5), (1, 3), (2, 3), (6, 6)])


def test_subtracting_cuts_splits_and_removes() -> None:
    """A hole may split a span, trim it, remove it, or miss it."""
    assert [(0, 2), (3, 4)] == subtract([(0, 5), (6, 8)], [(2, 3), (4, 9), (20, 21)])


def test_nothing_less_anything_is_nothing() -> None:
    """Empty sets stay empty."""
    assert [] == subtract([], [(1, 2)]) == merge([])
