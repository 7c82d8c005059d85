"""Who is on duty, and who hears of an emergency: rotations, overrides and the emergency command of a bank."""

from __future__ import annotations

from branchkit.plugins import BranchkitHooks, EscalationPolicyRecord, HookContext
from branchkit_oncall.command import EmergencyCommand
from branchkit_oncall.roster import Layer, OnCall, Override, Rotation
from branchkit_oncall.rostered import Rostered

__all__ = ["EmergencyCommand", "Layer", "OnCall", "OnCallPlugin", "Override", "Rostered", "Rotation", "plugin"]


class OnCallPlugin(BranchkitHooks):
    """Offers the policies; what it is told about duty comes with its settings.

    >>> [record.key for record in plugin.branchkit_escalation_policies(HookContext())]
    ['oncall.emergency-command']
    """

    name = "oncall"
    api = 1

    def branchkit_escalation_policies(self, context: HookContext) -> tuple[EscalationPolicyRecord, ...]:
        """Offer ``oncall.emergency-command``, and ``oncall.<ladder>`` for each ladder that the settings name."""
        from branchkit_oncall.settings import Settings

        settings = Settings.read(context.settings)
        return tuple(map(EscalationPolicyRecord.of, settings.policies()))


plugin = OnCallPlugin()
