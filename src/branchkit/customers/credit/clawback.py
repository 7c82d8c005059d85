"""Takes shares back: exactly what was booked, whatever the ratios are by now."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.customers.credit.model import Deal, NotShared, Shared, Sharing, deal_ref
from branchkit.errors import InputError, Problem
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

__all__ = ["claw_back", "mirrored"]

_RULES = ("customers:SPLIT-09",)


def mirrored(shared: Shared, *, at: dt.datetime) -> Shared:
    """Return the same shares the other way round; both together come to nothing, for each person and role.

    >>> from decimal import Decimal
    >>> from branchkit.customers import CreditShare
    >>> march = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
    >>> one = CreditShare(staff="S-1", role="referrer", ratio=Decimal(1), amount=Decimal("10.00"))
    >>> booked = Shared(deal="D-1", at=march, amount=Decimal("10.00"), currency="CNY", shares=(one,))
    >>> mirrored(booked, at=march).shares[0].amount
    Decimal('-10.00')
    """
    # copy_negate never rounds, whatever the context of the thread says.
    shares = tuple(attrs.evolve(share, amount=share.amount.copy_negate()) for share in shared.shares)
    return attrs.evolve(shared, at=at, amount=shared.amount.copy_negate(), shares=shares)


def claw_back(shared: Shared, deal: Deal, *, at: dt.datetime) -> Decision[Sharing]:
    """Take back what a deal was credited with, because the product was cancelled (customers:SPLIT-09).

    Args:
        shared: what was booked.
        deal: the deal; until when it may be cancelled is its `cooling_off_until`.
        at: when it was cancelled; the last moment of the time counts.

    Returns:
        What was booked the other way round; or that it was cancelled too late, or that nobody has said until when.

    Raises:
        InputError: the shares are those of another deal, or were taken back already; or the moment has no zone, or
            is before the sale.
    """
    problems = [] if shared.deal == deal.id else [Problem("$.deal", f"Expected shares of {deal.id!r}")]
    if (shared.at, shared.amount, shared.currency) != (deal.sold_at, deal.amount, deal.currency):
        what = "Expected the shares as they were booked, and not those that were taken back, or another amount's"
        problems.append(Problem("$.shared", what))
    if at.utcoffset() is None:
        problems.append(Problem("$.at", "Expected a moment with its zone, as in 2026-03-01T09:00:00+08:00"))
    elif at < deal.sold_at:
        problems.append(Problem("$.at", f"Expected a moment not before the sale, which was {deal.sold_at.isoformat()}"))
    if problems:
        raise InputError(f"deal {deal.id!r}", tuple(problems))
    value: Sharing
    if deal.cooling_off_until is None:
        words = Text(zh="尚未设定：产品冷静期", en="not configured: until when the product may be cancelled")
        value = NotShared(code="not_configured", why=words, rules=_RULES, settings=("deal.cooling_off_until",))
        steps = [Step(what=words, rules=_RULES)]
    elif at > deal.cooling_off_until:
        words = Text(zh="已过冷静期，不再冲回", en="it was cancelled after the time in which shares are taken back")
        value = NotShared(code="after_cooling_off", why=words, rules=_RULES)
        steps = [Step(what=words, rules=_RULES)]
    else:
        value = mirrored(shared, at=at)
        words = Text(zh="产品撤销，冲回分润", en="the product was cancelled: the share is taken back")
        steps = [
            Step(what=words, refs=(Ref("staff", one.staff),), effect=one.amount, rules=_RULES) for one in value.shares
        ]
    trace = Trace(policy="claw-back", version="1", inputs=(deal_ref(deal),), steps=tuple(steps))
    return Decision(value, trace)
