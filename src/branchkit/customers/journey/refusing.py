"""Why the ledger refuses: every reason has a code of its own, and the rules that it carries out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from branchkit.errors import Refusal, Refused
from branchkit.messages import Command
from branchkit.values import FrozenMap

__all__ = ["REASONS", "against", "refuse"]

REASONS: Mapping[str, tuple[str, ...]] = FrozenMap(
    {
        "after_the_fact": ("customers:SPLIT-06",),
        "already_allocated": ("customers:FUP-02", "customers:REF-15"),
        "already_credited": ("customers:SPLIT-04",),
        "already_reversed": ("customers:SPLIT-09",),
        "already_reviewed": ("customers:FRM-11",),
        "approver_is_paid": ("customers:SPLIT-02",),
        "attach_before_consent": ("customers:PRV-06", "customers:REF-22"),
        "below_standard": ("customers:FRM-09", "customers:SPLIT-07"),
        "case_3_with_data": ("customers:REF-22", "customers:PRV-05"),
        "circular": ("customers:ROLE-13", "customers:DEV-03"),
        "complex_product": ("customers:REF-16", "customers:SLS-11"),
        "conflict": ("customers:REF-28",),
        "contact_not_wanted": ("customers:PRV-22",),
        "credit_not_configured": ("customers:SPLIT-02", "customers:SPLIT-03"),
        "expired": ("customers:FUP-06",),
        "handouts_missing": ("customers:REF-19", "customers:REF-21"),
        "interest_case": ("customers:REF-23", "customers:REF-18", "customers:REF-19"),
        "lead_exists": (),
        "lead_over": ("customers:FUP-07",),
        "look_up_not_needed": ("customers:REF-08",),
        "next_action_missing": ("customers:FUP-07",),
        "no_customer": ("customers:REF-06",),
        "no_form": ("customers:FRM-11",),
        "no_referral": ("customers:SPLIT-06", "customers:SPLIT-08"),
        "nobody_fits": ("customers:REF-15",),
        "not_allocated": ("customers:FUP-02",),
        "not_handed_over": ("customers:REF-18",),
        "not_owner": ("customers:FUP-04",),
        "not_quality": ("customers:REF-09",),
        "not_shared": ("customers:SPLIT-01",),
        "not_willing": ("customers:REF-11",),
        "other_branch": (),
        "other_customer": ("customers:PRV-21",),
        "out_of_order": (),
        "referral_exists": (),
        "referral_settled": ("customers:REF-17",),
        "sale_exists": (),
        "same_author": ("customers:FRM-11",),
        "self_referral": ("customers:ROLE-13", "customers:REF-25"),
        "unfit_owner": ("customers:FUP-02",),
        "unknown_branch": (),
        "unknown_credit": (),
        "unknown_customer": ("customers:PRV-06",),
        "unknown_lead": (),
        "unknown_referral": (),
        "unknown_sale": (),
        "unknown_target": ("customers:REF-25",),
        "unknown_visit": (),
        "visit_ended": (),
        "visit_exists": (),
        "wrong_post": ("customers:REF-02",),
        "wrong_recorder": ("customers:REF-24", "customers:REF-18", "customers:REF-20"),
    }
)
"""Every reason for which the ledger of journeys refuses, by code, and the rules behind it."""


def against(code: str, reason: str, path: str = "$") -> Refusal:
    """Return a reason to refuse, with the rules of its code.

    >>> print(against("same_author", "part B is not for S-1, who filled in part A"))
    part B is not for S-1, who filled in part A (customers:FRM-11)
    """
    return Refusal(code, reason, rules=REASONS[code], path=path)


def refuse(command: Command, reasons: Iterable[Refusal]) -> None:
    """Raise `Refused` with every reason, where there is one."""
    found = tuple(reasons)
    if found:
        raise Refused.because(type(command).__name__, found)
