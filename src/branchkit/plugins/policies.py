"""The records by which plug-ins offer policies: each under the policy's own key and version."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import attrs

from branchkit.plugins.keys import check_key, check_words

if TYPE_CHECKING:
    from branchkit.customers import AssignmentPolicy, CreditPolicy, TierPolicy
    from branchkit.escalation import EscalationPolicy
    from branchkit.scoring import ScoringPolicy

__all__ = [
    "AssignmentPolicyRecord",
    "CreditPolicyRecord",
    "EscalationPolicyRecord",
    "ScoringPolicyRecord",
    "TierPolicyRecord",
]


def _demand(key: str, version: str, policy: object, *, calls: tuple[str, ...], says: tuple[str, ...] = ()) -> None:
    """Raise `ValueError` where a policy lacks something, or goes by another key or version than its record."""
    lacking = [name for name in calls if not callable(getattr(policy, name, None))]
    lacking += [name for name in says if not hasattr(policy, name)]
    if lacking:
        raise ValueError(f"Expected a policy with {' and '.join(lacking)}, got {type(policy).__name__}")
    own = (getattr(policy, "id", None), getattr(policy, "version", None))
    if own != (key, version):
        raise ValueError(f"Expected a policy with id {key!r} and version {version!r}, got {own[0]!r} and {own[1]!r}")


@attrs.frozen
class ScoringPolicyRecord:
    """A scoring policy on offer.

    Raises `ValueError` where the policy's own id or version differs, since a trace quotes the policy's.
    """

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    policy: ScoringPolicy = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        _demand(self.key, self.version, self.policy, calls=("score",))

    @classmethod
    def of(cls, policy: ScoringPolicy) -> ScoringPolicyRecord:
        """Offer a policy under its own key and version."""
        return cls(policy.id, version=policy.version, policy=policy)


@attrs.frozen
class EscalationPolicyRecord:
    """An escalation policy on offer.

    Raises `ValueError` where the policy's own id or version differs, since the journal quotes the policy's.
    """

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    policy: EscalationPolicy = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        calls, says = ("next_look", "reached"), ("facts", "acknowledgement", "hold")
        _demand(self.key, self.version, self.policy, calls=calls, says=says)
        given = self.policy.acknowledgement
        if given not in ("stops", "holds", "nothing"):
            raise ValueError(f"Expected 'stops', 'holds' or 'nothing' as acknowledgement, got {given!r}")
        if (given == "holds") != isinstance(self.policy.hold, dt.timedelta):
            raise ValueError("Expected a duration as hold where acknowledgement is 'holds', and None elsewhere")

    @classmethod
    def of(cls, policy: EscalationPolicy) -> EscalationPolicyRecord:
        """Offer a policy under its own key and version."""
        return cls(policy.id, version=policy.version, policy=policy)


@attrs.frozen
class TierPolicyRecord:
    """A tier policy on offer.

    Raises `ValueError` where the policy's own id or version differs, since the journal quotes the policy's.
    """

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    policy: TierPolicy = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        _demand(self.key, self.version, self.policy, calls=("tier",), says=("scheme", "facts", "tiers", "swing"))

    @classmethod
    def of(cls, policy: TierPolicy) -> TierPolicyRecord:
        """Offer a policy under its own key and version."""
        return cls(policy.id, version=policy.version, policy=policy)


@attrs.frozen
class AssignmentPolicyRecord:
    """An assignment policy on offer.

    Raises `ValueError` where the policy's own id or version differs, since the journal quotes the policy's.
    """

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    policy: AssignmentPolicy = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        _demand(self.key, self.version, self.policy, calls=("assign",))

    @classmethod
    def of(cls, policy: AssignmentPolicy) -> AssignmentPolicyRecord:
        """Offer a policy under its own key and version."""
        return cls(policy.id, version=policy.version, policy=policy)


@attrs.frozen
class CreditPolicyRecord:
    """A credit policy on offer.

    Raises `ValueError` where the policy's own id or version differs, since the journal quotes the policy's.
    """

    key: str = attrs.field(validator=check_key)
    version: str = attrs.field(validator=check_words, kw_only=True)
    policy: CreditPolicy = attrs.field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        _demand(self.key, self.version, self.policy, calls=("share",))

    @classmethod
    def of(cls, policy: CreditPolicy) -> CreditPolicyRecord:
        """Offer a policy under its own key and version."""
        return cls(policy.id, version=policy.version, policy=policy)
