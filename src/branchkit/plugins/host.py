"""The host: loads plug-ins once, keeps what they offer in registries, and answers in types.

Everything is resolved while loading. A look-up afterwards is one dictionary access, and what it returns is called
directly, so a policy brought by a plug-in costs what a policy of one's own costs.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter, deque
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, TypeVar

import attrs

from branchkit.errors import MissingKey, PluginError
from branchkit.personal import place_of
from branchkit.plugins.discovery import FoundEntry, discover, load_entry
from branchkit.plugins.hooks import BranchkitHooks, EventContext
from branchkit.plugins.loading import KINDS, Candidate, Loaded, load_all
from branchkit.plugins.policies import (
    AssignmentPolicyRecord,
    CreditPolicyRecord,
    EscalationPolicyRecord,
    ScoringPolicyRecord,
    TierPolicyRecord,
)
from branchkit.plugins.records import (
    CalendarRecord,
    CatalogRecord,
    CliCommandRecord,
    ImporterRecord,
    NotifierRecord,
    PortRecord,
    Record,
    RendererRecord,
    StoreRecord,
)
from branchkit.plugins.registry import CORE, Registry, Roster
from branchkit.plugins.status import ALL, MissingCommand, ObserverFailure, Origin, PluginStatus
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.messages import Event

__all__ = ["Plugins"]

R = TypeVar("R", bound=Record)
_NO_SETTINGS: Mapping[str, Mapping[str, object]] = FrozenMap()
_KEPT_FAILURES = 100
_log = logging.getLogger(__name__)


class Plugins:
    """What all plug-ins offer, by kind and key. Safe to share between threads.

    >>> Plugins.load(entry_points=False).calendar("acme.works")
    Traceback (most recent call last):
        ...
    branchkit.errors.MissingKey: Plug-in 'acme': is not installed; it should have brought the calendar 'acme.works'
    """

    scoring_policies: Registry[ScoringPolicyRecord]
    escalation_policies: Registry[EscalationPolicyRecord]
    tier_policies: Registry[TierPolicyRecord]
    assignment_policies: Registry[AssignmentPolicyRecord]
    credit_policies: Registry[CreditPolicyRecord]
    ports: Registry[PortRecord]
    notifiers: Registry[NotifierRecord]
    stores: Registry[StoreRecord]
    calendars: Registry[CalendarRecord]
    importers: Registry[ImporterRecord]
    renderers: Registry[RendererRecord]

    def __init__(self, results: Iterable[Loaded], *, disabled: Collection[str], settings: _Settings) -> None:
        """Use `load`."""
        self._results = tuple(sorted(results, key=lambda r: (r.candidate.name, str(r.candidate.origin))))
        self._settings = settings
        self._failures: deque[ObserverFailure] = deque(maxlen=_KEPT_FAILURES)
        self._counts: Counter[Origin] = Counter()
        self._lock = threading.Lock()
        self._roster = Roster(self.status(), disabled)
        ok = [result for result in self._results if result.ok]
        self._origins = {
            (type(record), record.key): result.candidate.origin for result in ok for record in result.records
        }
        self.scoring_policies = self._registry("branchkit_scoring_policies", ScoringPolicyRecord)
        self.escalation_policies = self._registry("branchkit_escalation_policies", EscalationPolicyRecord)
        self.tier_policies = self._registry("branchkit_tier_policies", TierPolicyRecord)
        self.assignment_policies = self._registry("branchkit_assignment_policies", AssignmentPolicyRecord)
        self.credit_policies = self._registry("branchkit_credit_policies", CreditPolicyRecord)
        self.ports = self._registry("branchkit_ports", PortRecord)
        self.notifiers = self._registry("branchkit_notifiers", NotifierRecord)
        self.stores = self._registry("branchkit_stores", StoreRecord)
        self.calendars = self._registry("branchkit_calendars", CalendarRecord)
        self.importers = self._registry("branchkit_importers", ImporterRecord)
        self.renderers = self._registry("branchkit_renderers", RendererRecord)
        self._catalogs = self._registry("branchkit_catalogs", CatalogRecord)
        self._schemes = {scheme: record for record in self.stores.values() for scheme in record.schemes}
        self._commands = tuple(sorted((c for r in ok for c in r.commands), key=lambda command: command.name))
        self._observers: tuple[_Observer, ...] = tuple(
            _Observer(result.candidate.origin, result.observer, FrozenMap(settings.get(result.candidate.name)))
            for result in ok
            if result.observer is not None
        )

    @classmethod
    def load(
        cls,
        *,
        builtin: Iterable[BranchkitHooks] = (),
        extra: Iterable[BranchkitHooks] = (),
        disabled: Collection[str] = (),
        strict: bool = True,
        entry_points: bool = True,
        settings: Mapping[str, Mapping[str, object]] = _NO_SETTINGS,
        commands_taken: Collection[str] = (),
    ) -> Plugins:
        """Find, check and load plug-ins; each in isolation, in no order that matters.

        Args:
            builtin: Core's own plug-ins; their keys have no dot, and they cannot be turned off.
            extra: Plug-ins that the application hands over, beside the installed ones.
            disabled: Names (or distributions) of plug-ins that are turned off, ``"*"`` for all; none of them is
                imported. See `disabled_from_environment`.
            strict: Refuse to load where any plug-in fails. Only diagnostics should load leniently: a bank must not
                score with a rule missing.
            entry_points: Whether to load what installed distributions announce.
            settings: What the configuration assigns to each plug-in, by its name.
            commands_taken: The names of core's own commands.

        Raises:
            PluginError: Strict, and something is wrong; lists all of it. Besides failed plug-ins that is a name in
                ``disabled`` or ``settings`` that no plug-in has, since it would have no effect.
        """
        candidates = [_candidate(plugin, Origin(_name(plugin), distribution=CORE), True) for plugin in builtin]
        candidates += [_candidate(plugin, Origin(_name(plugin)), False) for plugin in extra]
        if entry_points:
            candidates += _installed(discover())
        results = load_all(candidates, disabled=disabled, settings=settings, commands_taken=commands_taken)
        plugins = cls(results, disabled=disabled, settings=settings)
        if strict:
            known = {c.name for c in candidates} | {c.origin.distribution for c in candidates} | {ALL}
            plugins._refuse(sorted(set(disabled) - known) if entry_points else [], sorted(set(settings) - known))
        return plugins

    def scoring_policy(self, key: str) -> ScoringPolicyRecord:
        """Return the scoring policy with a key; see `Registry.find` for short keys and errors."""
        return self.scoring_policies.find(key)

    def escalation_policy(self, key: str) -> EscalationPolicyRecord:
        """Return the escalation policy with a key."""
        return self.escalation_policies.find(key)

    def tier_policy(self, key: str) -> TierPolicyRecord:
        """Return the tier policy with a key."""
        return self.tier_policies.find(key)

    def assignment_policy(self, key: str) -> AssignmentPolicyRecord:
        """Return the assignment policy with a key."""
        return self.assignment_policies.find(key)

    def credit_policy(self, key: str) -> CreditPolicyRecord:
        """Return the credit policy with a key."""
        return self.credit_policies.find(key)

    def port(self, key: str) -> PortRecord:
        """Return the port with a key."""
        return self.ports.find(key)

    def notifier(self, key: str) -> NotifierRecord:
        """Return the notifier with a key."""
        return self.notifiers.find(key)

    def calendar(self, key: str) -> CalendarRecord:
        """Return the calendar with a key."""
        return self.calendars.find(key)

    def importer(self, key: str) -> ImporterRecord:
        """Return the importer with a key."""
        return self.importers.find(key)

    def renderer(self, key: str) -> RendererRecord:
        """Return the renderer with a key."""
        return self.renderers.find(key)

    def store_for(self, scheme: str) -> StoreRecord:
        """Return the store that opens addresses of a scheme, as in ``sqlite``; raises `MissingKey` for no such."""
        record = self._schemes.get(scheme)
        if record is None:
            absent = self._roster.absent()
            missing = f"; not loaded: {', '.join(absent)}" if absent else ""
            known = ", ".join(sorted(self._schemes)) or "none"
            raise MissingKey(CORE, f"no plug-in opens stores of scheme {scheme!r}; schemes: {known}{missing}")
        return record

    def catalogs(self) -> tuple[CatalogRecord, ...]:
        """Return all catalogs on offer, sorted by key."""
        return tuple(self._catalogs.values())

    def cli_commands(self) -> tuple[CliCommandRecord, ...]:
        """Return all commands on offer, sorted by name."""
        return self._commands

    def missing_commands(self) -> tuple[MissingCommand, ...]:
        """Say which commands plug-ins would have brought and did not, and why."""
        return tuple(
            MissingCommand(name=name, origin=result.candidate.origin, reason=reason)
            for result in self._results
            for name, reason in result.command_problems
        )

    def origin(self, record: Record) -> Origin:
        """Say who brought a record; raises `MissingKey` for one that is not from here."""
        try:
            return self._origins[type(record), record.key]
        except KeyError:
            raise MissingKey(CORE, f"no loaded plug-in brought {type(record).__name__} {record.key!r}") from None

    def tell(self, events: Iterable[Event]) -> tuple[ObserverFailure, ...]:
        """Tell every observer of events that have been committed: event by event, plug-ins in order of their names.

        What an observer raises is counted, logged and returned; it never comes out of here.
        """
        if not self._observers:
            return ()
        failures = []
        for event in events:
            for observer in self._observers:
                try:
                    observer.function(EventContext(settings=observer.settings, event=event))
                except Exception as error:  # noqa: BLE001 (it is reported)
                    failure = ObserverFailure(
                        origin=observer.origin,
                        event=event.KIND,
                        error=f"{type(error).__name__}{place_of(error)}",
                    )
                    _log.error("%s", failure)
                    failures.append(failure)
        if failures:
            with self._lock:
                self._failures.extend(failures)
                self._counts.update(failure.origin for failure in failures)
        return tuple(failures)

    @property
    def failures(self) -> tuple[ObserverFailure, ...]:
        """The latest hundred failures of observers; `status` counts all of them."""
        with self._lock:
            return tuple(self._failures)

    def status(self) -> tuple[PluginStatus, ...]:
        """Say how every plug-in that was found fares, sorted by name."""
        with self._lock:
            counts = dict(self._counts)
        return tuple(_status(result, counts.get(result.candidate.origin, 0)) for result in self._results)

    def _registry(self, hook: str, record: type[R]) -> Registry[R]:
        records = (r for result in self._results if result.ok for r in result.records if isinstance(r, record))
        return Registry(KINDS[hook][1], records, self._roster)

    def _refuse(self, no_switch: list[str], no_settings: list[str]) -> None:
        faults = [
            (status.name, f"({status.origin}) {problem}")
            for status in self.status()
            if status.status == "failed"
            for problem in status.problems
        ]
        faults += [(name, "is turned off, and no such plug-in is installed") for name in no_switch]
        faults += [(name, "has settings, and no such plug-in is installed") for name in no_settings]
        if len(faults) == 1:
            raise PluginError(*faults[0])
        if faults:
            lines = "".join(f"\n  {name}: {fault}" for name, fault in faults)
            raise PluginError(", ".join(dict.fromkeys(name for name, _ in faults)), f"{len(faults)} problems{lines}")


_Settings = Mapping[str, Mapping[str, object]]


@attrs.frozen
class _Observer:
    origin: Origin
    function: Callable[..., object]
    settings: FrozenMap[object]


def _name(plugin: object) -> str:
    name = getattr(plugin, "name", None)
    return name if isinstance(name, str) else getattr(plugin, "__qualname__", type(plugin).__qualname__)


def _candidate(plugin: object, origin: Origin, builtin: bool) -> Candidate:
    return Candidate(name=origin.plugin, origin=origin, fetch=lambda: plugin, builtin=builtin)


def _installed(entries: Collection[FoundEntry]) -> list[Candidate]:
    per_distribution = Counter(entry.distribution for entry in entries)
    candidates = []
    for entry in entries:
        count = per_distribution[entry.distribution]
        fault = f"{entry.distribution} announces {count} plug-ins; one a distribution" if count > 1 else None
        origin = Origin(entry.name, distribution=entry.distribution, version=entry.version)
        candidates.append(Candidate(name=entry.name, origin=origin, fetch=_fetcher(entry), fault=fault))
    return candidates


def _fetcher(entry: FoundEntry) -> Callable[[], object]:
    return lambda: load_entry(entry)


def _status(result: Loaded, observer_failures: int) -> PluginStatus:
    origin = result.candidate.origin
    keys = sorted({record.key for record in result.records})
    keys += [f"branchkit {command.name}" for command in sorted(result.commands, key=lambda command: command.name)]
    commands = [f"command {name or 'list'}: {reason}" for name, reason in result.command_problems]
    return PluginStatus(
        origin.plugin,
        distribution=origin.distribution,
        version=origin.version,
        status="disabled" if result.disabled else "ok" if result.ok else "failed",
        keys=tuple(keys) if result.ok else (),
        problems=tuple(result.problems or commands),
        observer_failures=observer_failures,
    )
