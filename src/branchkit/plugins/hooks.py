"""The hooks, and the class that plug-in authors inherit.

A plug-in is one instance of one class::

    class Acme(BranchkitHooks):
        name = "acme"

        def branchkit_calendars(self, context: HookContext) -> tuple[CalendarRecord, ...]:
            return (CalendarRecord("acme.works", version="1", load=works_calendar),)

    plugin = Acme()

which the distribution ``branchkit-acme`` announces in the entry-point group ``branchkit.plugins``::

    [project.entry-points."branchkit.plugins"]
    acme = "branchkit_acme:plugin"
"""

from __future__ import annotations

import difflib
import inspect
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

import attrs
import pluggy

from branchkit.errors import HookNameError, PluginError
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
    RendererRecord,
    StoreRecord,
)
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.messages import Event

__all__ = [
    "API_VERSION",
    "DEPRECATED",
    "GROUP",
    "HOOKS",
    "PROJECT",
    "BranchkitHooks",
    "Deprecation",
    "EventContext",
    "HookContext",
    "hook_problem",
    "mark_hooks",
]

PROJECT = "branchkit"
"""The project name that pluggy marks carry."""
GROUP = "branchkit.plugins"
"""The entry-point group."""
API_VERSION = 1
"""The version of the hook API that this host offers."""

_NAME = re.compile(r"[a-z][a-z0-9_]*")
_spec = pluggy.HookspecMarker(PROJECT)
_impl = pluggy.HookimplMarker(PROJECT)


@attrs.frozen(kw_only=True)
class Deprecation:
    """A hook that is still called, and will not be for ever."""

    since: str
    """The version of branchkit that deprecated it; it goes a year after that one at the earliest."""
    instead: str
    """The hook to override in its place, or a sentence that says what to do."""


@attrs.frozen(kw_only=True)
class HookContext:
    """What a hook is given. It grows by fields with defaults, so a plug-in written today runs tomorrow."""

    api_version: int = API_VERSION
    """The hook API version of the host."""
    settings: FrozenMap[object] = attrs.field(factory=lambda: FrozenMap[object]())
    """What the configuration assigns to this plug-in; plain data."""


@attrs.frozen(kw_only=True)
class EventContext(HookContext):
    """What an observer is given: one event that has been committed."""

    event: Event


class BranchkitHooks:
    """The base of every plug-in; override the hooks you need.

    The class is checked when it is created: a ``branchkit_*`` name that is no hook, or a hook with another signature,
    raises `branchkit.errors.HookNameError`. Overrides are marked for pluggy without a decorator.

    >>> class Acme(BranchkitHooks):
    ...     name = "acme"
    ...
    ...     def branchkit_store(self, context: HookContext) -> tuple[StoreRecord, ...]:
    ...         return ()
    Traceback (most recent call last):
        ...
    branchkit.errors.HookNameError: Plug-in 'acme': Acme.branchkit_store is no hook; did you mean branchkit_stores?
    """

    name: ClassVar[str]
    """The plug-in's name, equal to the name of its entry point: lower-case letters, digits and underscores.

    Its keys are ``<name>.<word>``, its distribution is ``branchkit-<name>``, its package ``branchkit_<name>``.
    """
    api: ClassVar[int] = 1
    """The hook API version the plug-in was written for. State it; the default stays 1 for ever."""

    def __init_subclass__(cls, **kwargs: object) -> None:
        super().__init_subclass__(**kwargs)
        name = getattr(cls, "name", None)
        if name is not None and (not isinstance(name, str) or not _NAME.fullmatch(name)):
            raise PluginError(
                str(name), f"Expected a name of lower-case letters, digits and underscores on {cls.__qualname__}"
            )
        mark_hooks(cls)

    @_spec
    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        """Offer scoring policies."""
        return ()

    @_spec
    def branchkit_escalation_policies(self, context: HookContext) -> tuple[EscalationPolicyRecord, ...]:
        """Offer escalation policies; a procedure names one for a clock as it names a ladder of the catalog."""
        return ()

    @_spec
    def branchkit_tier_policies(self, context: HookContext) -> tuple[TierPolicyRecord, ...]:
        """Offer tier policies; each stands in for a tier scheme where the configuration says so."""
        return ()

    @_spec
    def branchkit_assignment_policies(self, context: HookContext) -> tuple[AssignmentPolicyRecord, ...]:
        """Offer assignment policies."""
        return ()

    @_spec
    def branchkit_credit_policies(self, context: HookContext) -> tuple[CreditPolicyRecord, ...]:
        """Offer credit policies."""
        return ()

    @_spec
    def branchkit_ports(self, context: HookContext) -> tuple[PortRecord, ...]:
        """Offer ways to the bank's own systems, as its core bank."""
        return ()

    @_spec
    def branchkit_notifiers(self, context: HookContext) -> tuple[NotifierRecord, ...]:
        """Offer notifiers."""
        return ()

    @_spec
    def branchkit_stores(self, context: HookContext) -> tuple[StoreRecord, ...]:
        """Offer kinds of stores."""
        return ()

    @_spec
    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        """Offer catalogs."""
        return ()

    @_spec
    def branchkit_calendars(self, context: HookContext) -> tuple[CalendarRecord, ...]:
        """Offer calendars."""
        return ()

    @_spec
    def branchkit_importers(self, context: HookContext) -> tuple[ImporterRecord, ...]:
        """Offer importers."""
        return ()

    @_spec
    def branchkit_renderers(self, context: HookContext) -> tuple[RendererRecord, ...]:
        """Offer renderers."""
        return ()

    @_spec
    def branchkit_on_event(self, context: EventContext) -> None:
        """Hear of an event after it was committed.

        A convenience: when it raises, that is counted and reported and the command's outcome stands, and nothing is
        told twice. Who must not miss an event reads the journal from a cursor instead.
        """

    @_spec
    def branchkit_cli_commands(self, context: HookContext) -> tuple[CliCommandRecord, ...]:
        """Offer commands for the command line."""
        return ()


HOOKS: tuple[str, ...] = tuple(sorted(name for name in vars(BranchkitHooks) if name.startswith("branchkit_")))
"""The names of all hooks."""
DEPRECATED: Mapping[str, Deprecation] = FrozenMap[Deprecation]()
"""The deprecated ones among them."""


def mark_hooks(plugin: type[BranchkitHooks]) -> None:
    """Check all hooks of a plug-in class and mark them for pluggy; done when the class is created, and again at load.

    Raises:
        HookNameError: A ``branchkit_*`` name is no hook, or a hook has another signature.
    """
    for attribute in dir(plugin):
        problem = hook_problem(plugin, attribute)
        if problem:
            raise HookNameError(getattr(plugin, "name", plugin.__qualname__), problem)
        if attribute in HOOKS and getattr(plugin, attribute) is not getattr(BranchkitHooks, attribute):
            _impl(getattr(plugin, attribute))


def hook_problem(owner: type, attribute: str) -> str | None:
    """Say what is wrong with an attribute of a plug-in class, taken as a hook; ``None`` where nothing is.

    >>> hook_problem(BranchkitHooks, "branchkit_stores") is None
    True
    """
    where = f"{owner.__qualname__}.{attribute}"
    if attribute not in HOOKS:
        prefixed = attribute.startswith("branchkit_")
        words = {name.removeprefix("branchkit_") if prefixed else name: name for name in HOOKS}
        near = difflib.get_close_matches(
            attribute.removeprefix("branchkit_"), words, n=1, cutoff=0.6 if prefixed else 0.9
        )
        if not prefixed and (not near or attribute.startswith("_")):
            return None
        advice = f"did you mean {words[near[0]]}?" if near else f"hooks: {', '.join(HOOKS)}"
        return f"{where} is no hook; {advice}"
    function = inspect.getattr_static(owner, attribute)
    if not inspect.isfunction(function):
        return f"{where} is not a plain method; write def {attribute}(self, context)"
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        return f"{where} is a coroutine or generator; write a plain def that returns a tuple"
    parameters = list(inspect.signature(function).parameters.values())
    plain = all(parameter.kind is parameter.POSITIONAL_OR_KEYWORD for parameter in parameters)
    if not plain or len(parameters) != 2 or parameters[1].name != "context":
        given = ", ".join(str(parameter).partition(":")[0] for parameter in parameters)
        return f"{where} takes ({given}); a hook takes (self, context)"
    return None
