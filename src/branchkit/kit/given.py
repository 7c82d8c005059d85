"""What leaves the kit: a guarded object without its personal values, and errors without the frames that hold such."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import ParamSpec, TypeVar

from branchkit.codec import blanked
from branchkit.errors import BranchkitError
from branchkit.personal import Guarded, bare

__all__ = ["bared", "bared_each", "given_out"]

P = ParamSpec("P")
T = TypeVar("T")


def given_out(value: T) -> T:
    """Return an object as it leaves the kit: a guarded one without its personal values."""
    return blanked(value) if isinstance(value, Guarded) else value


def bared(step: Callable[P, T]) -> Callable[P, T]:
    """Have a function raise its errors without the frames in which stored values lie; see `branchkit.personal.bare`."""

    @functools.wraps(step)
    def taken(*args: P.args, **more: P.kwargs) -> T:
        try:
            return step(*args, **more)
        except BranchkitError as error:
            raise bare(error) from None

    return taken


def bared_each(step: Callable[P, Iterator[T]]) -> Callable[P, Iterator[T]]:
    """Have a generator raise its errors so, whenever it is gone on with."""

    @functools.wraps(step)
    def taken(*args: P.args, **more: P.kwargs) -> Iterator[T]:
        try:
            yield from step(*args, **more)
        except BranchkitError as error:
            raise bare(error) from None

    return taken
