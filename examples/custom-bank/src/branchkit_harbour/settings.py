"""What the configuration tells the plug-in: one table, whatever of the plug-in it is for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from branchkit.codec import structure
from branchkit.errors import Problem
from branchkit.values import FrozenMap

__all__ = ["Settings"]

_EXAMPLE = FrozenMap({"fault_desk": 10, "outlet_head": 20, "lobby_manager": 30})


@attrs.frozen(kw_only=True)
class Settings:
    """The plug-in's settings; the minutes are examples."""

    minutes: FrozenMap[int] = _EXAMPLE
    """For the escalation: how long each post has before the next one is told, in the order of the posts."""
    checkpoint_every: int = 1000
    """For the store: how many journal entries go under one checkpoint, where it is new."""
    patience: int = 5
    """For the store: how many seconds a writer waits for another one."""

    @classmethod
    def read(cls, settings: Mapping[str, object]) -> Settings:
        """Return the settings, checked.

        Raises:
            DecodeError: they are none; lists every problem with its path.
        """
        return structure(cls, _plain(settings), source="plugin harbour, settings")

    def validate(self) -> Iterator[Problem]:
        """Yield numbers that mean nothing."""
        if not self.minutes:
            yield Problem("$.minutes", "Expected at least one post, as in { outlet_head = 20 }")
        for post, number in self.minutes.items():
            if number < 1:
                yield Problem(f"$.minutes.{post}", "Expected whole minutes above zero")
        if self.checkpoint_every < 1:
            yield Problem("$.checkpoint_every", "Expected a number above zero")
        if self.patience < 0:
            yield Problem("$.patience", "Expected a number that is not below zero")


def _plain(value: object) -> Any:
    """Return settings as plain data: what is read from a configuration comes frozen."""
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
