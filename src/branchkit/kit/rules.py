"""The rules in force: catalog, plug-ins and configuration together answer which document or policy is meant."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypedDict

import attrs

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Checklist
from branchkit.errors import ConfigError, DuplicateKey, PluginError
from branchkit.estate import Branch, OrgUnit, Register
from branchkit.kit.core import CorePlugin
from branchkit.plugins import CatalogRecord, Plugins, Registry, disabled_from_environment
from branchkit.plugins.config import STATABLE, Config
from branchkit.scoring import ScoringPolicy
from branchkit.scoring.score import plugin_of
from branchkit.values import FrozenMap, Text

if TYPE_CHECKING:
    from branchkit.customers import AssignmentPolicy, CreditPolicy, PrivacyPolicy, TierPolicy, TierScheme, TriggerList
    from branchkit.escalation import EscalationPolicy
    from branchkit.temporal import Calendar

__all__ = ["RuleBook", "load_plugins"]

_LEAST_LOADED = "least-loaded"


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
            found = self._known[key] = self._stated(kind, self.catalog.get(kind, id, version))
        return found

    def _stated(self, kind: str, document: Any) -> Any:
        if kind not in STATABLE or not self.config.state:
            return document
        from branchkit.kit.stating import stated

        return stated(self.config, kind, document)

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
        found: EscalationPolicy = self._either("ladder", key, self.plugins.escalation_policies)
        return found

    def tier_policy(self, key: str) -> TierPolicy:
        """Return a tier policy by its key: a scheme of the catalog, or one that a plug-in brings in code.

        Raises as `ladder`.
        """
        found: TierPolicy = self._either("tier_scheme", key, self.plugins.tier_policies)
        return found

    def tier_scheme(self, id: str) -> TierScheme | None:
        """Return a scheme of the catalog; ``None`` where there is no such document."""
        if id not in self.catalog.index.ids("tier_scheme"):
            return None
        found: TierScheme = self._found("tier_scheme", id)
        return found

    def credit_policy(self, key: str) -> CreditPolicy:
        """Return a credit policy by its key: a scheme of the catalog, or one that a plug-in brings in code.

        Raises as `ladder`.
        """
        found: CreditPolicy = self._either("credit_scheme", key, self.plugins.credit_policies)
        return found

    def _either(self, kind: str, key: str, in_code: Registry[Any]) -> Any:
        known = self._known.get((kind, key))
        if known is None:
            if key not in self.catalog.index.ids(kind):
                known = in_code.find(key).policy
            elif key in in_code:
                raise DuplicateKey(plugin_of(key), f"the key {key!r} is a catalog document and a policy in code")
            else:
                known = self._stated(kind, self.catalog.get(kind, key))
            self._known[kind, key] = known
        return known

    @property
    def post_titles(self) -> FrozenMap[Text]:
        """What posts are called, by the estate standard."""
        known: FrozenMap[Text] | None = self._known.get(("post titles",))
        if known is None:
            known = self._known[("post titles",)] = self.catalog.standard().post_titles
        return known

    def trigger_list(self, id: str = "quality-customer") -> TriggerList:
        """Return a list of trigger points."""
        found: TriggerList = self._found("trigger_list", id)
        return found

    def privacy_policy(self, id: str = "standard") -> PrivacyPolicy:
        """Return what the bank holds about personal data: who sees what, for which purpose, and for how long."""
        found: PrivacyPolicy = self._found("privacy_policy", id)
        return found

    def ladder_for(self, name: str, branch: Branch, unit: Callable[[str], OrgUnit | None]) -> EscalationPolicy:
        """Return what watches at a branch where a procedure names a ladder: what the configuration puts in its place,
        or else the ladder itself.

        Raises:
            MissingKey: nobody brings it; says who should have.
            DuplicateKey: a document and a plug-in's code have the same key.
        """
        return self.ladder(self._assigned("escalation_policy", branch, unit, name) or name)

    def tier_policy_for(self, scheme: str, branch: Branch, unit: Callable[[str], OrgUnit | None]) -> TierPolicy:
        """Return what tiers customers of a branch where a scheme is meant: what the configuration puts in its place,
        or else the scheme itself. Raises as `ladder_for`.
        """
        return self.tier_policy(self._assigned("tier_policy", branch, unit, scheme) or scheme)

    def assignment_policy_for(
        self, purpose: str, branch: Branch, unit: Callable[[str], OrgUnit | None]
    ) -> AssignmentPolicy:
        """Return what chooses somebody at a branch for a purpose, as ``lead``; where nothing is named, who has least.

        Raises:
            MissingKey: nobody brings it; says who should have.
        """
        key = self._assigned("assignment_policy", branch, unit, purpose) or _LEAST_LOADED
        return self.plugins.assignment_policy(key).policy

    def credit_policy_for(self, branch: Branch, unit: Callable[[str], OrgUnit | None]) -> CreditPolicy:
        """Return what shares credit at a branch; where nothing is named, the catalog's scheme, which is switched off.

        Raises as `ladder_for`.
        """
        return self.credit_policy(self._assigned("credit_policy", branch, unit) or "standard")

    def port_for(self, port: str, branch: Branch, unit: Callable[[str], OrgUnit | None]) -> Any:
        """Return what answers at a port of a branch, as ``core-bank``; ``None`` where none is named.

        Raises:
            MissingKey: nobody brings it; says who should have.
            ConfigError: what is named stands at another port.
        """
        key = self._assigned("port", branch, unit, port)
        if key is None:
            return None
        known = self._known.get(("port", key))
        if known is None:
            record = self.plugins.port(key)
            if record.port != port:
                raise ConfigError("use", f"{key!r} stands at the port {record.port!r}, and is named for {port!r}")
            settings = self.config.settings.get(self.plugins.origin(record).plugin, FrozenMap[object]())
            known = self._known["port", key] = record.load(settings)
        return known

    def _assigned(
        self, what: str, branch: Branch, unit: Callable[[str], OrgUnit | None], document: str | None = None
    ) -> str | None:
        if not self.config.assigns(what):
            return None
        choice = self.config.resolve(what, document=document, **_scope(branch, unit))
        return None if choice is None else choice.key

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
