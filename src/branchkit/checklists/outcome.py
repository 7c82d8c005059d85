"""What an answer holds on a sheet, and what it means for its item."""

from __future__ import annotations

import enum

__all__ = ["Outcome", "RawValue"]

RawValue = str | tuple[str, ...]
"""What an answer holds on a sheet."""


class Outcome(enum.Enum):
    """What an answer means for its item."""

    PASS = "pass"
    FAIL = "fail"
    NEUTRAL = "neutral"
    """Information that is neither good nor bad."""
