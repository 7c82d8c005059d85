"""Plug-ins: the hooks a plug-in implements, the records it offers, and the host that loads it."""

from __future__ import annotations

from branchkit.plugins.config import Config, Disable, PluginSettings, State, Use
from branchkit.plugins.hooks import (
    API_VERSION,
    DEPRECATED,
    GROUP,
    HOOKS,
    BranchkitHooks,
    Deprecation,
    EventContext,
    HookContext,
)
from branchkit.plugins.host import Plugins
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
    ImportContext,
    ImporterRecord,
    Message,
    NotifierRecord,
    NotifyContext,
    PortRecord,
    Record,
    RenderContext,
    RendererRecord,
    SourceFile,
    StoreContext,
    StoreRecord,
)
from branchkit.plugins.registry import Registry
from branchkit.plugins.status import (
    DeprecatedHook,
    MissingCommand,
    ObserverFailure,
    Origin,
    PluginStatus,
    disabled_from_environment,
)

__all__ = [
    "API_VERSION",
    "DEPRECATED",
    "GROUP",
    "HOOKS",
    "AssignmentPolicyRecord",
    "BranchkitHooks",
    "CalendarRecord",
    "CatalogRecord",
    "CliCommandRecord",
    "Config",
    "CreditPolicyRecord",
    "DeprecatedHook",
    "Deprecation",
    "Disable",
    "EscalationPolicyRecord",
    "EventContext",
    "HookContext",
    "ImportContext",
    "ImporterRecord",
    "Message",
    "MissingCommand",
    "NotifierRecord",
    "NotifyContext",
    "ObserverFailure",
    "Origin",
    "PluginSettings",
    "PluginStatus",
    "Plugins",
    "PortRecord",
    "Record",
    "Registry",
    "RenderContext",
    "RendererRecord",
    "ScoringPolicyRecord",
    "SourceFile",
    "State",
    "StoreContext",
    "StoreRecord",
    "TierPolicyRecord",
    "Use",
    "disabled_from_environment",
]
