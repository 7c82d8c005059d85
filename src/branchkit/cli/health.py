"""How every plug-in fares: what it brings, what is wrong with it, whom it collides with, what it uses that will go."""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import attrs

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.catalog.index import Index, Source
from branchkit.cli.app import State
from branchkit.errors import CatalogError
from branchkit.plugins import DeprecatedHook, Plugins, PluginStatus
from branchkit.plugins.registry import CORE

__all__ = ["Health", "examine"]


@attrs.frozen(kw_only=True)
class Health:
    """What is told about one plug-in, or about the configuration."""

    name: str
    distribution: str | None
    version: str
    status: str
    keys: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    deprecated: tuple[str, ...] = ()

    @property
    def origin(self) -> str:
        """The distribution with its version, or that the application gave it."""
        return f"{self.distribution} {self.version}".rstrip() if self.distribution else "given by the application"

    @property
    def place(self) -> str:
        """The origin in brackets, where the name alone does not tell it."""
        return "" if self.name == "configuration" else f" ({self.origin})"

    @property
    def fields(self) -> dict[str, object]:
        """What ``--json`` prints."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in attrs.asdict(self).items()}


def examine(state: State, *, configuration: bool = False) -> tuple[Health, ...]:
    """Load all plug-ins leniently and say how each fares, sorted by name.

    Args:
        state: What is configured.
        configuration: Whether the configuration comes last, where it is at fault.
    """
    deprecated: dict[str, list[str]] = defaultdict(list)
    with warnings.catch_warnings():
        warnings.simplefilter("always", DeprecatedHook)
        pass_on = warnings.showwarning

        def take(message: Warning | str, *given: Any, **more: Any) -> None:
            if isinstance(message, DeprecatedHook):
                deprecated[message.plugin].append(message.what)
            else:
                pass_on(message, *given, **more)

        warnings.showwarning = take
        plugins = state.plugins(strict=False)
    contested = _contested(plugins)
    found = [
        _health(status, contested.get(status.name, []), sorted(deprecated[status.name])) for status in plugins.status()
    ]
    faults: tuple[str, ...] = ()
    if configuration:
        faults = tuple(str(fault) for fault in state.config.check(plugins, _documents(plugins)))
    if faults:
        found.append(Health(name="configuration", distribution=None, version="", status="failed", problems=faults))
    return tuple(found)


def _health(status: PluginStatus, contested: list[str], deprecated: list[str]) -> Health:
    return Health(
        name=status.name,
        distribution=status.distribution,
        # Core's own comes with the host, which does not look itself up.
        version=status.version or (version("branchkit") if status.name == CORE else ""),
        status=status.status,
        keys=status.keys,
        problems=(*status.problems, *contested),
        deprecated=tuple(deprecated),
    )


_KINDS = {
    "calendar": "calendar",
    "credit_policy": "credit_scheme",
    "escalation_policy": "ladder",
    "scoring_policy": "policy",
    "tier_policy": "tier_scheme",
}
"""What a configuration may assign that may be a document of a catalog, and the kind of those."""


def _documents(plugins: Plugins) -> dict[str, frozenset[str]]:
    """Return the keys that catalogs bring, by what they may be assigned as, told by file names alone."""
    roots = [CatalogRoot(plugins.origin(record).plugin, record.root) for record in plugins.catalogs()]
    try:
        index = Catalog(roots).index
    except CatalogError:
        index = Catalog().index  # What is wrong with a catalog is told with the plug-in that brings it.
    return {what: frozenset(index.ids(kind)) for what, kind in _KINDS.items()}


def _contested(plugins: Plugins) -> dict[str, list[str]]:
    """Return, by plug-in, what its catalog shares with that of another one, told by file names alone."""
    told: dict[str, list[str]] = defaultdict(list)
    claims: dict[tuple[str, str, str | None], dict[str, Source]] = defaultdict(dict)
    for record in plugins.catalogs():
        name = plugins.origin(record).plugin
        for source in _sources(CatalogRoot(name, record.root), told[name]):
            if source.override:
                claims[source.kind, source.id, source.version][name] = source
    for (kind, id, _), owners in claims.items():
        for name, source in owners.items():
            others = " and ".join(repr(other) for other in sorted(set(owners) - {name}))
            if others:
                told[name].append(f"{source.place} overrides the {kind} {id!r}, which {others} overrides too")
    return told


def _sources(root: CatalogRoot, faults: list[str]) -> Iterator[Source]:
    try:
        yield from Index.of((root,)).sources
    except CatalogError as error:
        faults.append(f"its catalog cannot be listed: {error}")
