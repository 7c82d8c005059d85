"""Looks records up by key, and says who should have brought a key that is not there."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Generic, TypeVar

from branchkit.errors import DuplicateKey, MissingKey
from branchkit.plugins.records import Record
from branchkit.plugins.status import ALL, PluginStatus

__all__ = ["CORE", "Registry", "Roster"]

CORE = "branchkit"
"""What brings the keys without a dot, and the distribution of core's own plug-ins."""

R = TypeVar("R", bound=Record)


class Roster:
    """All plug-ins that were found, asked why something is missing."""

    __slots__ = ("_disabled", "_statuses")

    def __init__(self, statuses: Iterable[PluginStatus], disabled: Iterable[str] = ()) -> None:
        self._statuses = tuple(statuses)
        self._disabled = frozenset(disabled)

    def absence(self, plugin: str) -> str | None:
        """Say why a plug-in brings nothing; ``None`` where it is there and fine."""
        known = [status for status in self._statuses if status.name == plugin]
        for status in known:
            if status.status == "failed":
                return f"failed: {'; '.join(status.problems)}"
        if any(status.status == "ok" for status in known):
            return None
        if known or plugin in self._disabled:
            return "is disabled"
        switch = f" (all plug-ins are off: {ALL!r} is disabled)" if ALL in self._disabled else ""
        return f"is not installed{switch}"

    def absent(self) -> tuple[str, ...]:
        """List the plug-ins that failed or are disabled, with the word for it."""
        words = {f"{status.name} ({status.status})" for status in self._statuses if status.status != "ok"}
        return tuple(sorted(words))


class Registry(Mapping[str, R], Generic[R]):
    """The records of one kind by key, from all plug-ins; filled once, never changed.

    As a mapping it knows full keys only; `find` also takes the part after the dot where one plug-in alone offers it.
    """

    __slots__ = ("_records", "_roster", "_short", "kind")

    def __init__(self, kind: str, records: Iterable[R], roster: Roster) -> None:
        self.kind = kind
        self._roster = roster
        self._records = {record.key: record for record in sorted(records, key=lambda record: record.key)}
        short: dict[str, list[str]] = {}
        for key in self._records:
            _, dot, word = key.partition(".")
            if dot:
                short.setdefault(word, []).append(key)
        self._short = short

    def __getitem__(self, key: str) -> R:
        return self._records[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._records)

    def __len__(self) -> int:
        return len(self._records)

    def find(self, key: str) -> R:
        """Return the record for a key, whole or, where only one plug-in offers it, without the plug-in's name.

        Core's own keys have no dot and come first.

        Raises:
            MissingKey: No loaded plug-in brings it; names the one that should have.
            DuplicateKey: Several plug-ins offer the part after the dot; names them.
        """
        record = self._records.get(key)
        if record is not None:
            return record
        offers = self._short.get(key, [])
        if len(offers) == 1:
            return self._records[offers[0]]
        if offers:
            raise DuplicateKey(
                offers[0].partition(".")[0], f"{self.kind} {key!r} may be {' or '.join(offers)}; write the whole key"
            )
        raise self._missing(key)

    def _missing(self, key: str) -> MissingKey:
        plugin, dot, _ = key.partition(".")
        near = difflib.get_close_matches(key, [*self._records, *self._short], n=3)
        advice = f"; did you mean {' or '.join(near)}?" if near else ""
        if dot:
            absence = self._roster.absence(plugin)
            if absence:
                return MissingKey(plugin, f"{absence}; it should have brought the {self.kind} {key!r}{advice}")
            return MissingKey(plugin, f"brings no {self.kind} {key!r}{advice or self._choice()}")
        return MissingKey(CORE, f"no plug-in brings a {self.kind} {key!r}{advice or self._choice()}{self._suspects()}")

    def _choice(self) -> str:
        return f"; there are: {', '.join(self._records)}" if self._records else ""

    def _suspects(self) -> str:
        absent = self._roster.absent()
        return f"; not loaded: {', '.join(absent)}" if absent else ""
