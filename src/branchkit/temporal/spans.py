"""Sets of time as sorted spans that do not touch; on moments and on plain numbers alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

__all__ = ["merge", "subtract"]


class _Ordered(Protocol):
    def __lt__(self, other: Any, /) -> bool: ...
    def __le__(self, other: Any, /) -> bool: ...


T = TypeVar("T", bound=_Ordered)


def merge(spans: Iterable[tuple[T, T]]) -> list[tuple[T, T]]:
    """Return the union as sorted spans that neither overlap nor touch; empty spans vanish.

    >>> merge([(13, 17), (9, 12), (11, 13), (20, 20)])
    [(9, 17)]
    """
    merged: list[tuple[T, T]] = []
    for start, end in sorted(spans):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def subtract(spans: Iterable[tuple[T, T]], holes: Iterable[tuple[T, T]]) -> list[tuple[T, T]]:
    """Return what is left of the spans outside the holes.

    >>> subtract([(9, 17)], [(12, 13), (16, 20)])
    [(9, 12), (13, 16)]
    """
    left = merge(spans)
    for hole_start, hole_end in merge(holes):
        left = [
            piece
            for start, end in left
            for piece in ((start, min(end, hole_start)), (max(start, hole_end), end))
            if piece[0] < piece[1]
        ]
    return left
