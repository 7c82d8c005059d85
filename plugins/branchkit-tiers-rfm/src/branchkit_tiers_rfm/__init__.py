"""Customer tiers by recency, frequency and value: how lately somebody came, how often, and what for."""

from __future__ import annotations

from branchkit.plugins import BranchkitHooks, HookContext, TierPolicyRecord
from branchkit_tiers_rfm.policy import RecencyFrequencyValue
from branchkit_tiers_rfm.settings import Limits, Quiet, RfmSettings, Step

__all__ = ["Limits", "Quiet", "RecencyFrequencyValue", "RfmSettings", "Step", "TiersRfm", "plugin"]


class TiersRfm(BranchkitHooks):
    """Offers the policy; its limits and tiers come with the settings.

    >>> [record.key for record in plugin.branchkit_tier_policies(HookContext())]
    ['tiers_rfm.points']
    """

    name = "tiers_rfm"
    api = 1

    def branchkit_tier_policies(self, context: HookContext) -> tuple[TierPolicyRecord, ...]:
        """Offer ``tiers_rfm.points``."""
        return (TierPolicyRecord.of(RecencyFrequencyValue(RfmSettings.read(context.settings))),)


plugin = TiersRfm()
