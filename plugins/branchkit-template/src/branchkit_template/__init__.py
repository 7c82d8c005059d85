"""The smallest real plug-in of branchkit: one scoring policy."""

from branchkit.plugins import BranchkitHooks, HookContext, ScoringPolicyRecord

__all__ = ["Template", "plugin"]


class Template(BranchkitHooks):
    """Offers the policy ``template.share``."""

    name = "template"
    api = 1

    def branchkit_scoring_policies(self, context: HookContext) -> tuple[ScoringPolicyRecord, ...]:
        """Offer the policy; it is imported when it is asked for."""
        from branchkit_template.share import Share

        return (ScoringPolicyRecord.of(Share()),)


plugin = Template()
