"""Loads plug-ins one by one, each in isolation, and finds out what is wrong with it.

Nothing here depends on the order in which plug-ins are given: of two that claim the same thing both fail.
"""

from __future__ import annotations

import inspect
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import TypeAlias, TypeVar

import attrs
import pluggy

from branchkit.errors import PluginError
from branchkit.plugins.hooks import API_VERSION, DEPRECATED, PROJECT, BranchkitHooks, HookContext, mark_hooks
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
from branchkit.plugins.status import ALL, DeprecatedHook, Origin
from branchkit.values import FrozenMap

__all__ = ["KINDS", "Candidate", "Loaded", "load_all"]

T = TypeVar("T")
_Answer: TypeAlias = tuple[tuple[T, ...], str | None]

KINDS: Mapping[str, tuple[type[Record], str]] = {
    "branchkit_scoring_policies": (ScoringPolicyRecord, "scoring policy"),
    "branchkit_escalation_policies": (EscalationPolicyRecord, "escalation policy"),
    "branchkit_tier_policies": (TierPolicyRecord, "tier policy"),
    "branchkit_assignment_policies": (AssignmentPolicyRecord, "assignment policy"),
    "branchkit_credit_policies": (CreditPolicyRecord, "credit policy"),
    "branchkit_ports": (PortRecord, "port"),
    "branchkit_notifiers": (NotifierRecord, "notifier"),
    "branchkit_stores": (StoreRecord, "store"),
    "branchkit_catalogs": (CatalogRecord, "catalog"),
    "branchkit_calendars": (CalendarRecord, "calendar"),
    "branchkit_importers": (ImporterRecord, "importer"),
    "branchkit_renderers": (RendererRecord, "renderer"),
}
"""The registry hooks: the record each returns, and the word for it."""


@attrs.frozen(kw_only=True)
class Candidate:
    """A plug-in that was found, before anything of it is imported."""

    name: str
    origin: Origin
    fetch: Callable[[], object]
    """Imports it."""
    builtin: bool = False
    """Part of core: its keys have no dot, and it wins where a plug-in claims what is core's."""
    fault: str | None = None
    """What is wrong with it already."""


@attrs.define(kw_only=True)
class Loaded:
    """What came of one candidate."""

    candidate: Candidate
    disabled: bool = False
    problems: list[str] = attrs.field(factory=list)
    records: list[Record] = attrs.field(factory=list)
    commands: list[CliCommandRecord] = attrs.field(factory=list)
    command_problems: list[tuple[str | None, str]] = attrs.field(factory=list)
    observer: Callable[..., object] | None = None

    @property
    def ok(self) -> bool:
        """Whether it is loaded and nothing failed."""
        return not self.disabled and not self.problems


def load_all(
    candidates: Iterable[Candidate],
    *,
    disabled: Collection[str],
    settings: Mapping[str, Mapping[str, object]],
    commands_taken: Collection[str],
) -> tuple[Loaded, ...]:
    """Load every candidate that is not turned off, and settle who may keep what."""
    results = [Loaded(candidate=candidate) for candidate in candidates]
    for result in results:
        candidate = result.candidate
        off = {ALL, candidate.name, candidate.origin.distribution} & set(disabled)
        result.disabled = bool(off) and not candidate.builtin
    _settle_names(results)
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(BranchkitHooks)
    for result in results:
        if result.ok:
            _load_one(result, manager, settings.get(result.candidate.name, {}))
    _settle_keys(results)
    _settle_schemes(results)
    _settle_commands(results, commands_taken)
    return tuple(results)


def _load_one(result: Loaded, manager: pluggy.PluginManager, settings: Mapping[str, object]) -> None:
    candidate = result.candidate
    if candidate.fault:
        result.problems.append(candidate.fault)
        return
    try:
        plugin = candidate.fetch()
    except (Exception, SystemExit) as error:  # noqa: BLE001 (it is reported)
        result.problems.append(f"could not be imported: {_tell(error)}")
        return
    try:
        _take_over(result, plugin, manager, HookContext(settings=FrozenMap(settings)))
    except (Exception, SystemExit) as error:  # noqa: BLE001 (it is reported)
        result.problems.append(f"could not be registered: {_tell(error)}")


def _take_over(result: Loaded, plugin: object, manager: pluggy.PluginManager, context: HookContext) -> None:
    name = result.candidate.name
    result.problems += _wrong(plugin, name)
    if result.problems or not isinstance(plugin, BranchkitHooks):
        return
    mark_hooks(type(plugin))  # once more: a hook may have been set on the class since it was created
    manager.register(plugin, name=name)
    own = {
        caller.name: implementation.function
        for caller in manager.get_hookcallers(plugin) or ()
        for implementation in caller.get_hookimpls()
        if implementation.plugin is plugin
    }
    for hook, function in own.items():
        _warn(name, hook, function, own)
        _run(result, hook, function, context)
    # Between plug-ins the prefix keeps keys apart; inside one, nothing else does.
    counts = Counter((type(record).__name__, record.key) for record in result.records)
    result.problems += (f"brings the {kind} {key!r} twice" for (kind, key), count in counts.items() if count > 1)
    if result.problems:
        manager.unregister(plugin)


def _wrong(plugin: object, name: str) -> Iterator[str]:
    """Say what is wrong with the object that an entry points to."""
    if isinstance(plugin, type):
        advice = f"; write plugin = {plugin.__name__}()" if issubclass(plugin, BranchkitHooks) else ""
        yield f"Expected an instance of a BranchkitHooks subclass, got the class {plugin.__qualname__}{advice}"
    elif not isinstance(plugin, BranchkitHooks):
        yield f"Expected an instance of a BranchkitHooks subclass, got {type(plugin).__qualname__}"
    elif not isinstance(getattr(plugin, "name", None), str):
        yield f"{type(plugin).__qualname__} states no name"
    elif plugin.name != name:
        yield f"the entry point is called {name!r}, and the plug-in {plugin.name!r}; give both one name"
    elif type(plugin.api) is not int or plugin.api != API_VERSION:
        yield f"was written for hook API {plugin.api!r}; this branchkit offers {API_VERSION}"
    else:
        for attribute in vars(plugin):
            if attribute.startswith("branchkit_"):
                yield f"{attribute} is set on the instance; define hooks in the class"


def _warn(name: str, hook: str, function: Callable[..., object], own: Collection[str]) -> None:
    """Warn of a deprecated hook, unless the plug-in has the new one beside it, for hosts older and newer."""
    told = DEPRECATED.get(hook)
    if told is not None and told.instead not in own:
        code = inspect.unwrap(function).__code__
        warnings.warn_explicit(
            DeprecatedHook(name, hook=hook, since=told.since, instead=told.instead),
            category=DeprecatedHook,
            filename=code.co_filename,
            lineno=code.co_firstlineno,
            module=function.__module__,
        )


def _run(result: Loaded, hook: str, function: Callable[..., object], context: HookContext) -> None:
    """Call one hook and take over its records, or say why not."""
    if hook == "branchkit_on_event":
        result.observer = function
    elif hook == "branchkit_cli_commands":
        commands, problem = _ask(hook, function, CliCommandRecord, context)
        result.commands += commands
        result.command_problems += [(None, problem)] if problem else []
    else:
        records, problem = _ask(hook, function, KINDS[hook][0], context)
        result.records += records
        result.problems += [problem] if problem else []
        result.problems += filter(None, (_foreign_key(record.key, result.candidate) for record in records))


def _ask(hook: str, function: Callable[..., object], expected: type[T], context: HookContext) -> _Answer[T]:
    """Call a hook that offers records; return them, or none and what is wrong."""
    try:
        answer = function(context)
    except (Exception, SystemExit) as error:  # noqa: BLE001 (it is reported)
        return (), f"{hook} raised {_tell(error)}"
    if not isinstance(answer, tuple):
        return (), f"{hook}: Expected a tuple of {expected.__name__}, got {type(answer).__name__}"
    records = tuple(record for record in answer if isinstance(record, expected))
    if len(records) < len(answer):
        wrong = ", ".join(type(record).__name__ for record in answer if not isinstance(record, expected))
        return (), f"{hook}: Expected a tuple of {expected.__name__}, got one with {wrong}"
    return records, None


def _foreign_key(key: str, candidate: Candidate) -> str | None:
    prefix, dot, _ = key.rpartition(".")
    if candidate.builtin:
        return f"key {key!r} has a dot; core's own keys have none" if dot else None
    if prefix != candidate.name:
        word = key.rpartition(".")[2]
        return f"key {key!r} is not the plug-in's own; write {candidate.name + '.' + word!r}"
    return None


def _settle_names(results: Iterable[Loaded]) -> None:
    groups: dict[str, list[Loaded]] = defaultdict(list)
    for result in results:
        if not result.disabled:
            groups[result.candidate.name].append(result)
    for name, group in groups.items():
        for result, others in _claims(group):
            result.problems.append(f"the name {name!r} is also claimed by {_origins(others)}")


def _settle_keys(results: Iterable[Loaded]) -> None:
    """Where a plug-in offers a key of another one, say whose it is; the owner keeps it."""
    offers: dict[tuple[type[Record], str], list[Loaded]] = defaultdict(list)
    for result in results:
        for kind, key in dict.fromkeys((type(record), record.key) for record in result.records):
            offers[kind, key].append(result)
    words = dict(KINDS.values())
    for (kind, key), group in offers.items():
        for result, others in _claims(group):
            if _foreign_key(key, result.candidate):
                result.problems.append(f"the {words[kind]} {key!r} is also offered by {_origins(others)}")


def _settle_schemes(results: Iterable[Loaded]) -> None:
    claims: dict[str, list[Loaded]] = defaultdict(list)
    for result in results:
        if result.ok:
            for record in result.records:
                if isinstance(record, StoreRecord):
                    for scheme in dict.fromkeys(record.schemes):
                        claims[scheme].append(result)
    for scheme, group in sorted(claims.items()):
        for result, others in _claims(group):
            result.problems.append(f"the store scheme {scheme!r} is also claimed by {_origins(others)}")


def _settle_commands(results: Iterable[Loaded], taken: Collection[str]) -> None:
    claims: dict[str, list[Loaded]] = defaultdict(list)
    for result in results:
        if result.ok:
            for command in result.commands:
                claims[command.name].append(result)
    for name, group in sorted(claims.items()):
        losers = (
            [(result, "core has a command of that name") for result in group]
            if name in taken
            else [(result, f"it is also claimed by {_origins(others)}") for result, others in _claims(group)]
        )
        for result, reason in losers:
            result.commands = [command for command in result.commands if command.name != name]
            if (name, reason) not in result.command_problems:
                result.command_problems.append((name, reason))


def _claims(group: list[Loaded]) -> Iterator[tuple[Loaded, list[Loaded]]]:
    """Yield those of a group that lose what the group claims, each with who else claims it: all but core itself."""
    if len(group) > 1:
        for index, result in enumerate(group):
            others = group[:index] + group[index + 1 :]
            if not result.candidate.builtin or any(other.candidate.builtin for other in others):
                yield result, others


def _origins(results: Iterable[Loaded]) -> str:
    return " and ".join(sorted({f"{r.candidate.name!r} ({r.candidate.origin})" for r in results}))


def _tell(error: BaseException) -> str:
    what = error.what if isinstance(error, PluginError) else str(error)
    return f"{type(error).__name__}: {what}" if what else type(error).__name__
