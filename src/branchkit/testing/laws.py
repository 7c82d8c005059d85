"""What all laws share: how hard they try, and how one says that it has nothing to try."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NoReturn, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

__all__ = ["Laws", "law_names"]

T = TypeVar("T")
_PATIENT = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much)


class Laws:
    """A class of laws; each law is a method ``test_…`` without arguments, whose docstring states it in one sentence.

    pytest runs them where a class ``Test…`` inherits this one; ``branchkit plugins check`` runs them without pytest.
    A law that asks for what was not declared, or that found nothing to try, is skipped with the reason.
    """

    examples = 25
    """How many cases a law draws."""
    phases: tuple[Phase, ...] = (Phase.generate, Phase.shrink)
    """Without `Phase.shrink` a failure is shown sooner and longer."""
    derandomize = False
    """Whether every run draws the same cases."""

    def for_all(self, strategy: st.SearchStrategy[T], fact: Callable[[T], bool | None], *, what: str) -> None:
        """Try a fact on what a strategy draws.

        Args:
            strategy: Where the cases come from.
            fact: Raises where the law is broken; returns False where the case tells nothing about it.
            what: What the cases have to be, for the reason given when not one of them is.
        """
        told = 0

        @settings(
            max_examples=self.examples,
            deadline=None,
            database=None,
            phases=self.phases,
            derandomize=self.derandomize,
            report_multiple_bugs=False,
            suppress_health_check=_PATIENT,
        )
        @given(strategy)
        def law(case: T) -> None:
            nonlocal told
            told += fact(case) is not False

        law()
        if not told:
            self.nothing(f"nothing that was drawn is {what}")

    def finish(self) -> None:
        """Give back what a law has opened; ``branchkit plugins check`` calls it after every law."""

    def nothing(self, reason: str) -> NoReturn:
        """Skip a law, with the reason."""
        pytest.skip(reason)


def law_names(laws: type) -> Iterator[str]:
    """Yield the laws of a class, in the order they are written in."""
    seen: dict[str, None] = {}
    for owner in reversed(laws.__mro__):
        seen |= {name: None for name in vars(owner) if name.startswith("test_")}
    yield from seen
