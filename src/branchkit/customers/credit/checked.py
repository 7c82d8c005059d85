"""Asks a credit policy, and checks its answer: what a plug-in gets wrong is never booked."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from branchkit.customers.credit.model import CreditPolicy, CreditShare, Deal, NotShared, Shared, Sharing
from branchkit.customers.credit.scheme import CreditScheme
from branchkit.errors import BranchkitError, PluginFailed
from branchkit.personal import raised
from branchkit.scoring.exact import decimal_sum
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision

__all__ = ["share_checked"]


def share_checked(policy: CreditPolicy, deal: Deal) -> Decision[Sharing]:
    """Ask a policy to share a deal, and check what it answers.

    Raises:
        PluginFailed: the policy raised something, or answered with what is no decision, with shares that are not the
            whole, with somebody who has no such role, with an approver among the payees, or with shares of a deal
            that has none: the third case, below the standard, without a referral before the sale. It names the policy
            and what is wrong.
    """
    try:
        decision: Any = policy.share(deal)
    except BranchkitError:
        raise
    except Exception as error:  # noqa: BLE001 - it is told, without its own words
        raise _failed(policy, raised(error)) from None
    if not isinstance(decision, Decision) or not isinstance(decision.value, Shared | NotShared):
        raise _failed(policy, "answered with something else than a Decision of Shared or NotShared")
    trace = decision.trace
    if (trace.policy, trace.version) != (policy.id, policy.version):
        raise _failed(policy, f"answered with the trace of {trace.policy!r} {trace.version!r}")
    if isinstance(decision.value, Shared):
        wrong = _wrong_types(decision.value) or next(_faults(decision.value, deal, _approvers(policy, deal)), None)
        if wrong is not None:
            raise _failed(policy, wrong)
    return Decision(decision.value, trace)


def _wrong_types(shared: Shared) -> str | None:
    given: tuple[Any, ...] = shared.shares  # Types alone do not hold a plug-in to what it puts there.
    if all(isinstance(one, CreditShare) and type(one.amount) is Decimal for one in given):
        return None
    return "answered with shares that are no CreditShare, or not in decimals"


def _approvers(policy: CreditPolicy, deal: Deal) -> frozenset[str]:
    """Return who approves a deal, and, where the policy is a table, who approved that."""
    return policy.approvers(deal) if isinstance(policy, CreditScheme) else frozenset(deal.approved_by)


def _faults(shared: Shared, deal: Deal, approvers: frozenset[str]) -> Iterator[str]:
    if deal.case == 3 or deal.meets_standard is False or deal.lead_at is None or deal.lead_at > deal.sold_at:
        yield "shared a deal that has no share: see its case, its standard, and when its referral was recorded"
    if (shared.deal, shared.at, shared.currency) != (deal.id, deal.sold_at, deal.currency):
        yield "answered with the shares of another deal, moment or currency"
    if not deal.amount == shared.amount == decimal_sum(one.amount for one in shared.shares):
        yield "answered with shares that do not add up to the whole"
    roles = [(one.staff, one.role) for one in shared.shares]
    if len(set(roles)) != len(roles):
        yield "credited somebody twice for one role"
    if not all(staff in deal.parts.get(role, ()) for staff, role in roles):
        yield "credited somebody for a role that they do not have in the deal"
    if any(one.amount and (one.amount < 0) != (deal.amount < 0) for one in shared.shares):
        yield "took from somebody to give to others"
    if not {*deal.acted_for, *(one.staff for one in shared.shares)}.isdisjoint(approvers):
        yield "credited whoever approves it"


def _failed(policy: CreditPolicy, what: str) -> PluginFailed:
    return PluginFailed(plugin_of(policy.id), f"the credit policy {policy.id!r} {what}")
