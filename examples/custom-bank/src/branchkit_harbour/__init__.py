"""What one bank puts in the place of branchkit's own, in one distribution."""

from __future__ import annotations

from importlib.resources import files

from branchkit.plugins import (
    BranchkitHooks,
    CatalogRecord,
    EscalationPolicyRecord,
    HookContext,
    ScoringPolicyRecord,
    StoreRecord,
    TierPolicyRecord,
)

__all__ = ["Harbour", "plugin"]


class Harbour(BranchkitHooks):
    """Offers a score, an escalation, tiers, a store and a catalog; where they are used, the configuration says.

    >>> [record.key for record in plugin.branchkit_tier_policies(HookContext())]
    ['harbour.by-products']
    """

    name = "harbour"
    api = 1

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        """Offer ``harbour.weakest-section``."""
        from branchkit_harbour.scoring import WeakestSection

        return (ScoringPolicyRecord.of(WeakestSection()),)

    def branchkit_escalation_policies(self, context: HookContext) -> tuple[EscalationPolicyRecord, ...]:
        """Offer ``harbour.in-turn``, with the minutes of the settings."""
        from branchkit_harbour.escalation import InTurn
        from branchkit_harbour.settings import Settings

        return (EscalationPolicyRecord.of(InTurn(Settings.read(context.settings).minutes)),)

    def branchkit_tier_policies(self, context: HookContext) -> tuple[TierPolicyRecord, ...]:
        """Offer ``harbour.by-products``."""
        from branchkit_harbour.tiers import ByProducts

        return (TierPolicyRecord.of(ByProducts()),)

    def branchkit_stores(self, context: HookContext) -> tuple[StoreRecord, ...]:
        """Offer ``harbour.file``, for addresses as ``harbour:outlet.json``."""
        from branchkit_harbour.storage import open_file

        return (StoreRecord("harbour.file", version="1", schemes=("harbour",), open=open_file),)

    def branchkit_catalogs(self, context: HookContext) -> tuple[CatalogRecord, ...]:
        """Offer the bank's own documents."""
        return (CatalogRecord("harbour.catalog", version="1", root=files("branchkit_harbour").joinpath("catalog")),)


plugin = Harbour()
