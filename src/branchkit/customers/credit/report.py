"""What was credited in a period: deals, roles, people, ratios and amounts (customers:SPLIT-10)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

import attrs

from branchkit.customers.credit.model import CreditShare, Shared
from branchkit.scoring.exact import decimal_sum
from branchkit.values import FrozenMap

__all__ = ["CreditReport", "CreditRow", "credit_report"]


@attrs.frozen(kw_only=True)
class CreditRow:
    """One share of one deal; below zero where it was taken back."""

    deal: str
    at: dt.datetime
    currency: str
    share: CreditShare


@attrs.frozen(kw_only=True)
class CreditReport:
    """Everything that was credited in a period."""

    since: dt.datetime
    until: dt.datetime
    rows: tuple[CreditRow, ...]
    """By moment, deal, role and person."""
    totals: FrozenMap[FrozenMap[Decimal]]
    """What each person was credited with in all, by currency and then by person."""


def credit_report(booked: Iterable[Shared], *, since: dt.datetime, until: dt.datetime) -> CreditReport:
    """Report what was credited from a moment on and before another one, to the last digit (customers:SPLIT-10).

    Args:
        booked: what was shared and what was taken back.
        since: the first moment that counts.
        until: the first that does not.
    """
    rows = sorted(
        (
            CreditRow(deal=one.deal, at=one.at, currency=one.currency, share=share)
            for one in booked
            if since <= one.at < until
            for share in one.shares
        ),
        key=lambda row: (row.at, row.deal, row.share.role, row.share.staff),
    )
    amounts: dict[str, dict[str, list[Decimal]]] = {}
    for row in rows:
        amounts.setdefault(row.currency, {}).setdefault(row.share.staff, []).append(row.share.amount)
    totals = {
        currency: FrozenMap({staff: decimal_sum(people[staff]) for staff in sorted(people)})
        for currency, people in sorted(amounts.items())
    }
    return CreditReport(since=since, until=until, rows=tuple(rows), totals=FrozenMap(totals))
