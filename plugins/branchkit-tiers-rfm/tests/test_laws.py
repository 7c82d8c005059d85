"""The policy keeps the laws of tier policies, whatever its settings are."""

from __future__ import annotations

from decimal import Decimal

from branchkit_tiers_rfm import Limits, RecencyFrequencyValue, RfmSettings, Step

from branchkit.customers import TierPolicy
from branchkit.testing.tiers import TierPolicyLaws


class TestPoints(TierPolicyLaws):
    """As it comes, in a currency."""

    def make_policy(self) -> TierPolicy:
        return RecencyFrequencyValue(RfmSettings(currency="XTS"))


class TestTwoTiers(TierPolicyLaws):
    """In the place of a scheme with two tiers, and with limits that lie close together."""

    def make_policy(self) -> TierPolicy:
        close = Limits(enter=(Decimal(3), Decimal(4)), keep=(Decimal("2.5"), Decimal("3.75")))
        tiers = (Step("standard"), Step("vip", points=5))
        return RecencyFrequencyValue(
            RfmSettings(currency="XTS", scheme="vip-admission", frequency=close, value=close, tiers=tiers)
        )
