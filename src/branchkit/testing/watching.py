"""Sees whether code asks a clock or chance: by the calls it makes, not by what comes of them.

What a clock or chance gave need not show in the outcome of two runs that follow each other closely.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["clock_and_chance"]

_NOW = frozenset({"now", "today", "utcnow"})
_TIME = frozenset({time.time, time.time_ns, time.localtime, time.gmtime, time.ctime, time.asctime, time.strftime})
_CHANCE = frozenset({os.urandom})


@contextmanager
def clock_and_chance() -> Generator[list[str]]:
    """Give a list that fills with the name of every clock and source of chance that is asked within the block.

    Clocks that only measure (``time.monotonic``, ``time.perf_counter``) are free to use, for progress.

    >>> with clock_and_chance() as asked:
    ...     _ = dt.datetime.now(dt.UTC)
    >>> asked
    ['datetime.now in branchkit.testing.watching']
    """
    asked: list[str] = []
    before = sys.getprofile()

    def watch(frame: FrameType, event: str, called: Any) -> None:
        if event == "c_call" and (name := _asks(called)) is not None:
            asked.append(f"{name} in {frame.f_globals.get('__name__', '?')}")

    sys.setprofile(watch)
    try:
        yield asked
    finally:
        sys.setprofile(before)


def _asks(called: Any) -> str | None:
    owner, name = getattr(called, "__self__", None), getattr(called, "__name__", "")
    if isinstance(owner, type) and issubclass(owner, dt.date) and name in _NOW:
        return f"{owner.__name__}.{name}"
    if owner is getattr(random, "_inst", None) or called in _CHANCE:
        return f"chance ({name})"
    return f"time.{name}" if called in _TIME else None
