"""Every error branchkit raises.

The tree (a test holds it equal to the classes, and the reference page shows the same one)::

    BranchkitError
    ├── InputError
    │   ├── DecodeError
    │   └── CatalogError
    ├── NotFound
    ├── Refused
    │   └── NotPermitted
    ├── Unsupported
    ├── CalendarUnknown
    ├── ConfigError
    ├── PluginError
    │   ├── HookNameError
    │   ├── DuplicateKey
    │   ├── MissingKey
    │   └── PluginFailed
    └── StorageError
        ├── Conflict
        ├── StoreCorrupt
        └── StoreTooNew

An error keeps what it knows as attributes, builds its own message from them, and pickles.
Messages say what was wrong, where, and what would be right; they never repeat text that a person may have typed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Self

import attrs

__all__ = [
    "BranchkitError",
    "CalendarUnknown",
    "CatalogError",
    "ConfigError",
    "Conflict",
    "DecodeError",
    "DuplicateKey",
    "HookNameError",
    "InputError",
    "MissingKey",
    "NotFound",
    "NotPermitted",
    "PluginError",
    "PluginFailed",
    "Problem",
    "Refusal",
    "Refused",
    "StorageError",
    "StoreCorrupt",
    "StoreTooNew",
    "Unsupported",
]


@attrs.frozen
class Problem:
    """One thing that is wrong in a document, and where.

    >>> str(Problem("$.zones[2].name", "Expected text, got a whole number"))
    'Expected text, got a whole number - at `$.zones[2].name`'
    """

    path: str
    """Where, from the root ``$`` of the document, as in ``$.zones[2].name``."""
    message: str
    """What is wrong and what would be right."""

    def __str__(self) -> str:
        return f"{self.message} - at `{self.path}`"


class BranchkitError(Exception):
    """The root of every error that branchkit raises on purpose."""


@attrs.define
class InputError(BranchkitError):
    """Something handed in from outside is wrong; lists **every** problem, each with its path.

    >>> print(InputError("branch.json", (Problem("$.id", "Expected text, got null"),)))
    branch.json: 1 problem
      Expected text, got null - at `$.id`
    """

    source: str
    """The document: a file's path, or what the data was said to be."""
    problems: tuple[Problem, ...]
    """All problems, in document order; never empty."""

    def __str__(self) -> str:
        count = len(self.problems)
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        return f"{self.source}: {count} problem{'s' if count != 1 else ''}{lines}"


class DecodeError(InputError):
    """The data is not JSON or TOML, or not of the class it should be."""


class CatalogError(InputError):
    """A catalog document does not pass the lint."""


@attrs.define
class NotFound(BranchkitError):
    """Nothing of that kind has that key.

    >>> print(NotFound("checklist", "outdor", ("indoor", "outdoor")))
    No checklist 'outdor'; there are: indoor, outdoor
    """

    kind: str
    key: str
    available: tuple[str, ...] = ()
    """What there is instead, sorted; empty when listing it would not help."""

    def __str__(self) -> str:
        known = f"; there are: {', '.join(self.available)}" if self.available else ""
        return f"No {self.kind} {self.key!r}{known}"


@attrs.frozen
class Refusal:
    """One reason why a command was refused, in a form that programs can tell apart.

    >>> print(Refusal("not_permitted", "the stage is for a lobby manager", rules=("service:ROL-02",)))
    the stage is for a lobby manager (service:ROL-02)
    """

    code: str
    """What kind of reason it is, as in ``not_permitted`` or ``guard``."""
    reason: str
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Qualified ids of the rules that refuse it."""
    path: str = attrs.field(default="$", kw_only=True)
    """Where in the command, or in the procedure, it lies."""
    zh: str | None = attrs.field(default=None, kw_only=True)
    """The reason in Chinese, where a member of staff may be shown it."""

    def say(self, lang: str) -> str:
        """Return the reason in a language: in English, unless there is Chinese and that is asked for."""
        return self.zh if lang == "zh" and self.zh is not None else self.reason

    def __str__(self) -> str:
        rules = f" ({', '.join(self.rules)})" if self.rules else ""
        return self.reason + rules


@attrs.define
class Refused(BranchkitError):
    """A command was refused; nothing was changed.

    >>> print(Refused("SubmitSheet", ("the branch 'B-9' is not registered",)))
    SubmitSheet refused: the branch 'B-9' is not registered
    """

    command: str
    reasons: tuple[str, ...]
    """Every reason, not only the first."""
    refusals: tuple[Refusal, ...] = ()
    """The same reasons with their codes and rules, where a procedure refuses."""

    @classmethod
    def because(cls, command: str, refusals: Iterable[Refusal]) -> Self:
        """Build the error of typed reasons."""
        typed = tuple(refusals)
        return cls(command, tuple(map(str, typed)), typed)

    def __str__(self) -> str:
        return f"{self.command} refused: {'; '.join(self.reasons)}"


class NotPermitted(Refused):
    """The actor has no right to this command; nothing was changed."""


@attrs.define
class Unsupported(BranchkitError):
    """The thing asked for is outside what this policy, store or plug-in declares it can do.

    >>> print(Unsupported("cheapest_fixes", "policy 'acme.model'", "it does not declare 'explainable'"))
    policy 'acme.model' does not support cheapest_fixes: it does not declare 'explainable'
    """

    operation: str
    by: str
    reason: str

    def __str__(self) -> str:
        return f"{self.by} does not support {self.operation}: {self.reason}"


@attrs.define
class CalendarUnknown(BranchkitError):
    """A day lies outside what the calendar has confirmed, so whether it is a working day is not known.

    >>> import datetime as dt
    >>> print(CalendarUnknown("cn", dt.date(2027, 1, 4), dt.date(2026, 12, 31)))
    Calendar 'cn' is confirmed through 2026-12-31; 2027-01-04 is beyond it: load the next year's notice
    """

    calendar: str
    day: dt.date
    confirmed_through: dt.date

    def __str__(self) -> str:
        if self.day > self.confirmed_through:
            return (
                f"Calendar {self.calendar!r} is confirmed through {self.confirmed_through}; "
                f"{self.day} is beyond it: load the next year's notice"
            )
        return f"Calendar {self.calendar!r} does not reach back to {self.day}: load the earlier years' notices"


@attrs.define
class ConfigError(BranchkitError):
    """A configuration is wrong: an unknown setting, one without effect, or two that contradict each other."""

    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.what} - at `{self.where}`"


@attrs.define
class PluginError(BranchkitError):
    """Something is wrong with a plug-in; says which."""

    plugin: str
    what: str

    def __str__(self) -> str:
        return f"Plug-in {self.plugin!r}: {self.what}"


class HookNameError(PluginError):
    """A class defines a ``branchkit_*`` name that is no hook; raised when the class is created."""


class DuplicateKey(PluginError):
    """Two plug-ins bring the same key; names both."""


class MissingKey(PluginError):
    """A key is used that no loaded plug-in brings; names the plug-in that should have brought it."""


class PluginFailed(PluginError):
    """A plug-in raised while it was loaded or called."""


@attrs.define
class StorageError(BranchkitError):
    """The store cannot do what it was asked; nothing was half-written.

    >>> print(StorageError("branch.db", "the file is read-only", "open a copy that you may write to"))
    branch.db: the file is read-only; open a copy that you may write to
    """

    where: str
    what: str
    hint: str = ""
    """What to do next."""

    def __str__(self) -> str:
        return f"{self.where}: {self.what}" + (f"; {self.hint}" if self.hint else "")


class Conflict(StorageError):
    """What a command read has changed since, or a unique key is taken; load again and retry."""


class StoreCorrupt(StorageError):
    """What is stored does not verify: a chain is broken, or a page cannot be read."""


class StoreTooNew(StorageError):
    """The store was written by a newer branchkit than this one."""
