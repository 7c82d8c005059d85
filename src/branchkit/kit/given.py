"""What leaves the kit: a guarded object without its personal values."""

from __future__ import annotations

from typing import TypeVar

from branchkit.codec import blanked
from branchkit.personal import Guarded

__all__ = ["given_out"]

T = TypeVar("T")


def given_out(value: T) -> T:
    """Return an object as it leaves the kit: a guarded one without its personal values."""
    return blanked(value) if isinstance(value, Guarded) else value
