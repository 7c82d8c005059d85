"""The rules in force: catalog, plug-ins and configuration together answer which document or policy is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import attrs

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Checklist
from branchkit.errors import DuplicateKey, PluginError
from branchkit.estate import Branch, OrgUnit, Register
from branchkit.kit.core import CorePlugin
from branchkit.plugins import CatalogRecord, Plugins, disabled_from_environment
from branchkit.plugins.config import Config
from branchkit.scoring import ScoringPolicy
from branchkit.scoring.score import plugin_of

if TYPE_CHECKING:
    from branchkit.escalation import EscalationPolicy
    from branchkit.temporal import Calendar

__all__ = ["RuleBook", "load_plugins"]


def load_plugins(
    config: Config | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    strict: bool = True,
    entry_points: bool = True,
    commands_taken: tuple[str, ...] = (),
) -> Plugins:
    """Load core's plug-in and the installed ones, but for those that the configuration or environment turns off."""
    config = config or Config()
    disabled = config.disabled | disabled_from_environment(environ or {})
    return Plugins.load(
        builtin=(CorePlugin(),),
        disabled=disabled,
        strict=strict,
        entry_points=entry_points,
        settings=config.settings,
        commands_taken=commands_taken,
    )


@attrs.frozen(eq=False)
class RuleBook:
    """Catalog, plug-ins and configuration, asked as one; holds no store."""

    catalog: Catalog
    plugins: Plugins
    config: Config = attrs.field(factory=Config)
    _known: dict[tuple[str, ...], Any] = attrs.field(factory=dict, init=False, repr=False)
    """What was asked for and found; none of it ever changes, and there is no more of it than there are documents."""

    @classmethod
    def load(cls, config: Config | None = None, *, plugins: Plugins | None = None) -> RuleBook:
        """Return the rules of core and of the installed plug-ins; no catalog document is read yet.

        Raises:
            PluginError: a plug-in does not load, or offers several catalogs: the ids of its documents begin with its
                name, so that it has one.
        """
        plugins = plugins or load_plugins(config)
        offered: dict[str, list[CatalogRecord]] = {}
        for record in plugins.catalogs():
            offered.setdefault(plugins.origin(record).plugin, []).append(record)
        for plugin, records in offered.items():
            if len(records) > 1:
                keys = ", ".join(record.key for record in records)
                raise PluginError(
                    plugin, f"offers {len(records)} catalogs ({keys}); expected one folder with all of its documents"
                )
        return cls(
            Catalog(CatalogRoot(plugin, record.root) for plugin, (record,) in offered.items()),
            plugins,
            config or Config(),
        )

    def checklist(self, id: str, version: str | None = None) -> Checklist:
        """Return a checklist; raises `NotFound` that names what there is."""
        found: Checklist = self._found("checklist", id, version)
        return found

    def register(self, id: str) -> Register:
        """Return a register's declaration."""
        found: Register = self._found("register", id)
        return found

    def _found(self, kind: str, id: str, version: str | None = None) -> Any:
        key = (kind, id) if version is None else (kind, id, version)
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self.catalog.get(kind, id, version)
        return found

    def calendar(self, id: str) -> Calendar:
        """Return a calendar of the catalog or of a plug-in."""
        if id in self.catalog.index.ids("calendar"):
            return self.catalog.calendar(id)
        return self.plugins.calendar(id).load()

    def policy(self, key: str) -> ScoringPolicy:
        """Return a scoring policy by its key: one of the catalog's documents, or one that a plug-in brings in code.

        Raises:
            MissingKey: nobody brings it; says who should have.
            DuplicateKey: a document and a plug-in's code have the same key.
        """
        known: ScoringPolicy | None = self._known.get(("policy", key))
        if known is None:
            known = self._known["policy", key] = self._policy(key)
        return known

    def _policy(self, key: str) -> ScoringPolicy:
        in_catalog = key in self.catalog.index.ids("policy")
        if not in_catalog:
            short = [one for one in self.catalog.index.ids("policy") if one.rpartition(".")[2] == key]
            if len(short) == 1 and key not in self.plugins.scoring_policies:
                return self.catalog.policy(short[0])
        if in_catalog and key in self.plugins.scoring_policies:
            raise DuplicateKey(plugin_of(key), f"the key {key!r} is a catalog document and a policy in code")
        if in_catalog:
            return self.catalog.policy(key)
        return self.plugins.scoring_policy(key).policy

    def ladder(self, key: str) -> EscalationPolicy:
        """Return an escalation policy by its key: a ladder of the catalog, or one that a plug-in brings in code.

        Raises:
            MissingKey: nobody brings it; says who should have.
            DuplicateKey: a document and a plug-in's code have the same key.
        """
        known: EscalationPolicy | None = self._known.get(("ladder", key))
        if known is None:
            known = self._known["ladder", key] = self._ladder(key)
        return known

    def _ladder(self, key: str) -> EscalationPolicy:
        if key not in self.catalog.index.ids("ladder"):
            return self.plugins.escalation_policy(key).policy
        if key in self.plugins.escalation_policies:
            raise DuplicateKey(plugin_of(key), f"the key {key!r} is a catalog document and a policy in code")
        return self.catalog.ladder(key)

    def ladder_for(self, name: str, branch: Branch, unit: Callable[[str], OrgUnit | None]) -> EscalationPolicy:
        """Return what watches at a branch where a procedure names a ladder: what the configuration puts in its place,
        or else the ladder itself.

        Raises:
            MissingKey: nobody brings it; says who should have.
            DuplicateKey: a document and a plug-in's code have the same key.
        """
        choice = None
        if self.config.assigns("escalation_policy"):
            choice = self.config.resolve("escalation_policy", document=name, **_scope(branch, unit))
        return self.ladder(name if choice is None else choice.key)

    def policy_for(
        self, checklist: Checklist, branch: Branch, unit: Callable[[str], OrgUnit | None]
    ) -> ScoringPolicy | None:
        """Return the policy that the configuration or else the checklist names; ``None`` where neither does."""
        choice = self.config.resolve("scoring_policy", document=checklist.id, **_scope(branch, unit))
        key = choice.key if choice else checklist.policy
        return None if key is None else self.policy(key)


class _Scope(TypedDict):
    branch: str
    kind: str | None
    regions: tuple[str, ...]


def _scope(branch: Branch, unit: Callable[[str], OrgUnit | None]) -> _Scope:
    kind = branch.kind if isinstance(branch.kind, str) else None
    return _Scope(branch=branch.id, kind=kind, regions=_regions(branch, unit))


def _regions(branch: Branch, unit: Callable[[str], OrgUnit | None]) -> tuple[str, ...]:
    """Return the units above a branch, the nearest first."""
    found: list[str] = []
    above = branch.unit if isinstance(branch.unit, str) else None
    while above is not None and above not in found:
        found.append(above)
        upper = unit(above)
        above = upper.parent if upper is not None else None
    return tuple(found)
