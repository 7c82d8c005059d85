"""What the host says about plug-ins: where each came from, how it fares, and what an observer did wrong."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import attrs

__all__ = [
    "ALL",
    "DeprecatedHook",
    "MissingCommand",
    "ObserverFailure",
    "Origin",
    "PluginStatus",
    "disabled_from_environment",
]

ALL = "*"
"""Stands for every plug-in that is not part of core, where names of plug-ins to turn off are listed."""


@attrs.frozen
class Origin:
    """Who brought something."""

    plugin: str
    distribution: str | None = attrs.field(default=None, kw_only=True)
    """The installed distribution; ``None`` where the application handed the plug-in over itself."""
    version: str = attrs.field(default="", kw_only=True)

    def __str__(self) -> str:
        if self.distribution is None:
            return "given by the application"
        return f"{self.distribution} {self.version}".rstrip()


@attrs.frozen
class PluginStatus:
    """How one plug-in fares."""

    name: str
    distribution: str | None = attrs.field(kw_only=True)
    version: str = attrs.field(kw_only=True)
    status: Literal["ok", "failed", "disabled"] = attrs.field(kw_only=True)
    keys: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The keys it brings, sorted; commands as ``branchkit <name>``; none unless it is ok."""
    problems: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Why it failed; or, where it is ok, which of its commands are missing and why."""
    observer_failures: int = attrs.field(default=0, kw_only=True)
    """How often it raised when it was told of an event."""

    @property
    def origin(self) -> Origin:
        """Where it came from."""
        return Origin(self.name, distribution=self.distribution, version=self.version)


@attrs.frozen(kw_only=True)
class MissingCommand:
    """A command-line command that a plug-in would have brought, and why it did not."""

    name: str | None
    """``None`` where the plug-in failed before it said which commands it has."""
    origin: Origin
    reason: str


@attrs.frozen(kw_only=True)
class ObserverFailure:
    """A plug-in raised when it was told of an event; what the command did stands."""

    origin: Origin
    event: str
    """The event's kind."""
    error: str
    """The error's type and place; never its message, which may quote what a person typed."""

    def __str__(self) -> str:
        return f"Plug-in {self.origin.plugin!r} ({self.origin}) failed on {self.event}: {self.error}"


class DeprecatedHook(DeprecationWarning):
    """A plug-in overrides a hook that will go; warned of when the plug-in is loaded.

    Python shows it where it shows any `DeprecationWarning`, as pytest does; ``branchkit plugins doctor`` always does.

    >>> print(DeprecatedHook("acme", hook="branchkit_policies", since="0.4", instead="branchkit_scoring_policies"))
    Plug-in 'acme': branchkit_policies is deprecated since branchkit 0.4; use branchkit_scoring_policies
    """

    def __init__(self, plugin: str, *, hook: str, since: str, instead: str) -> None:
        self.plugin = plugin
        """The plug-in's name."""
        self.hook = hook
        """The deprecated hook."""
        self.since = since
        """The version of branchkit that deprecated it."""
        self.instead = instead
        """What to use."""
        super().__init__(f"Plug-in {plugin!r}: {self.what}")

    @property
    def what(self) -> str:
        """Say it without the plug-in's name."""
        advice = f"use {self.instead}" if self.instead.startswith("branchkit_") else self.instead
        return f"{self.hook} is deprecated since branchkit {self.since}; {advice}"


def disabled_from_environment(environ: Mapping[str, str]) -> frozenset[str]:
    """Read the off switch: the names of the plug-ins that environment variables turn off.

    ``BRANCHKIT_NO_PLUGINS`` set to anything but nothing, ``0``, ``no`` or ``false`` turns all off, and
    ``BRANCHKIT_DISABLE`` lists names with commas between.

    >>> sorted(disabled_from_environment({"BRANCHKIT_DISABLE": "acme, stars"}))
    ['acme', 'stars']
    >>> disabled_from_environment({"BRANCHKIT_NO_PLUGINS": "1"})
    frozenset({'*'})
    """
    names = {name.strip() for name in environ.get("BRANCHKIT_DISABLE", "").split(",")} - {""}
    if environ.get("BRANCHKIT_NO_PLUGINS", "").strip().lower() not in ("", "0", "no", "false"):
        names.add(ALL)
    return frozenset(names)
