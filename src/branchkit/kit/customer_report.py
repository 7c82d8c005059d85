"""Gathers what a report shows of a branch's customers: the funnel of the month, and who moved between tiers."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import attrs

from branchkit.customers.events import CustomerClassified
from branchkit.customers.journey import Funnel
from branchkit.customers.model import Customer
from branchkit.customers.tiers import TierScheme
from branchkit.errors import CatalogError, NotFound
from branchkit.estate import Branch
from branchkit.kit.believed import stream_of
from branchkit.kit.funnels import funnel_of
from branchkit.kit.rules import RuleBook
from branchkit.kit.wire import Upcaster
from branchkit.kit.world import StoreWorld
from branchkit.storage import Transaction
from branchkit.values import FrozenMap, Text

__all__ = ["CustomerReport", "TierMove", "gather_customers"]


@attrs.frozen(kw_only=True)
class TierMove:
    """How many customers moved from one tier to another by a scheme; nobody is named."""

    scheme: str
    scheme_title: Text
    before: str | None
    """``None`` where nobody had looked before."""
    before_title: Text | None
    after: str
    after_title: Text
    count: int


@attrs.frozen(kw_only=True)
class CustomerReport:
    """What a report shows of a branch's customers: numbers, and nobody."""

    funnel: Funnel
    posts: FrozenMap[Text]
    """The titles of the posts in it, by code, as far as the catalog has them."""
    moves: tuple[TierMove, ...]
    """By scheme, from the most frequent."""


def gather_customers(
    tx: Transaction, world: StoreWorld, branch: Branch, at: dt.datetime, upcasters: Mapping[str, Upcaster], where: str
) -> CustomerReport | None:
    """Count the month up to a day (customers:REF-27); ``None`` where nothing happened in it."""
    zone = ZoneInfo(branch.time_zone) if isinstance(branch.time_zone, str) else at.tzinfo
    last = at.astimezone(zone).date()
    first = last.replace(day=1)
    found = funnel_of(world, branch, first, last)
    counted: Counter[tuple[str, str | None, str]] = Counter()
    for customer in world.found("customer", {"home_branch": branch.id}):
        counted.update(_moves(tx, customer, first, last, zone, upcasters, where))
    if not (found.rows or found.refused or counted):
        return None
    ordered = sorted(counted.items(), key=lambda item: (item[0][0], -item[1], item[0][1] or "", item[0][2]))
    return CustomerReport(
        funnel=found,
        posts=FrozenMap(dict(_posts(world.rules, found))),
        moves=tuple(_told(world.rules, *move, count) for move, count in ordered),
    )


def _moves(
    tx: Transaction,
    customer: Customer,
    first: dt.date,
    last: dt.date,
    zone: dt.tzinfo | None,
    upcasters: Mapping[str, Upcaster],
    where: str,
) -> Iterator[tuple[str, str | None, str]]:
    # Whoever moved in the period has a tier that began in it, or later.
    if all(held.since.astimezone(zone).date() < first for held in customer.tiers):
        return
    for one in stream_of(tx, f"customer:{customer.id}", upcasters, where):
        event = one.event
        if not isinstance(event, CustomerClassified) or event.before == event.held.tier:
            continue
        if first <= event.held.since.astimezone(zone).date() <= last:
            yield event.held.scheme, event.before, event.held.tier


def _posts(rules: RuleBook, found: Funnel) -> Iterator[tuple[str, Text]]:
    named = {row.post for row in found.rows}
    return ((post.code, post.title) for post in rules.catalog.standard().posts if post.code in named)


def _told(rules: RuleBook, scheme: str, before: str | None, after: str, count: int) -> TierMove:
    title, tiers = _titles(rules, scheme)
    return TierMove(
        scheme=scheme,
        scheme_title=title,
        before=before,
        before_title=None if before is None else tiers.get(before, Text(en=before)),
        after=after,
        after_title=tiers.get(after, Text(en=after)),
        count=count,
    )


def _titles(rules: RuleBook, scheme: str) -> tuple[Text, Mapping[str, Text]]:
    """Return the words of a scheme of the catalog; its codes where a plug-in brings it."""
    try:
        known = rules.catalog.get("tier_scheme", scheme)
    except (NotFound, CatalogError):
        known = None
    if not isinstance(known, TierScheme):
        return Text(en=scheme), {}
    return known.title, {tier.code: tier.title for tier in known.declared}
