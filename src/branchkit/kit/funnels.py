"""Counts the funnel of a branch: what came of the visits, referrals and leads of a period."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from branchkit.codec import unstructure
from branchkit.customers.journey import Funnel, FunnelRow, funnel
from branchkit.errors import NotFound
from branchkit.estate import Branch
from branchkit.kit.documents import Documents
from branchkit.kit.world import StoreWorld
from branchkit.values import decimal_text

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["branch_funnel", "funnel_of", "plain_funnel"]


def branch_funnel(kit: Kit, branch: str, first: dt.date, last: dt.date) -> Funnel:
    """Count a period of a branch, from its first day to its last one, by the days at the branch.

    Raises:
        NotFound: the branch is not registered.
    """
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        known = world.branch(branch)
        if known is None:
            raise NotFound("branch", branch)
        return funnel_of(world, known, first, last)


def funnel_of(world: Documents, branch: Branch, first: dt.date, last: dt.date) -> Funnel:
    """Count a period of a branch from the documents of a transaction."""
    zone = ZoneInfo(branch.time_zone) if isinstance(branch.time_zone, str) else None
    ours = {"branch": branch.id}
    return funnel(
        first,
        last,
        visits=world.found("visit", ours),
        referrals=world.found("referral", ours),
        leads=world.found("lead", ours),
        refusals=world.found("refusal_count", ours),
        day_of=lambda moment: (moment if zone is None else moment.astimezone(zone)).date(),
    )


def plain_funnel(found: Funnel) -> dict[str, Any]:
    """Return a funnel as plain data, with its rates."""
    return {
        "first": found.first.isoformat(),
        "last": found.last.isoformat(),
        "refused": found.refused,
        "case_share": {str(case): _rate(share) for case, share in found.case_share},
        "total": _plain_row(found.total),
        "posts": [_plain_row(row) for row in found.rows],
    }


def _plain_row(row: FunnelRow) -> dict[str, Any]:
    rates = {"conversion_rate": _rate(row.conversion_rate), "standard_rate": _rate(row.standard_rate)}
    return {**unstructure(row), **rates}


def _rate(rate: Any) -> str | None:
    return None if rate is None else decimal_text(rate)
