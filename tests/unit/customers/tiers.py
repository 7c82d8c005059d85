"""Tier schemes to try things with, and those of the catalog with their settings stated."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from branchkit.catalog import Catalog
from branchkit.codec import structure
from branchkit.customers import TierScheme, TriggerList

ZONE = dt.timezone(dt.timedelta(hours=8))
AT = dt.datetime(2026, 3, 2, 9, tzinfo=ZONE)


def scheme_of(name: str, **settings: Any) -> TierScheme:
    """Return a scheme of the catalog, its settings stated unless something else is said."""
    found = Catalog().get("tier_scheme", name)
    assert isinstance(found, TierScheme)
    return found.stating(**({"measure": "financial_assets", "currency": "CNY"} | settings))


def trigger_list() -> TriggerList:
    """Return the list of the catalog as it is packaged."""
    found = Catalog().get("trigger_list", "quality-customer")
    assert isinstance(found, TriggerList)
    return found


def holding(amount: int | str, **facts: Any) -> dict[str, Any]:
    """Return facts of somebody who holds so much."""
    return {"financial_assets": Decimal(amount), "currency": "CNY", **facts}


def row(tier: str | None, **when: Any) -> dict[str, Any]:
    """Return a row as it is written."""
    return {"when": when} if tier is None else {"when": when, "tier": tier}


def plain(**changes: Any) -> dict[str, Any]:
    """Return a scheme with two tiers as it is written, with some things otherwise."""
    unknown = row(None, amount={"unknown": True})
    edition = {
        "enter": [row("high", amount={"from": 100}), row("low", amount={"below": 100}), unknown],
        "keep": [row("high", amount={"from": 80}), row("low", amount={"below": 80}), unknown],
    }
    written: dict[str, Any] = {
        "schema": "branchkit.tier_scheme/1",
        "id": "plain",
        "version": "1",
        "title": {"zh": "简单", "en": "Plain"},
        "tiers": [
            {"code": "low", "title": {"zh": "低", "en": "Low"}},
            {"code": "high", "title": {"zh": "高", "en": "High"}},
        ],
        "measures": [{"fact": "assets", "title": {"zh": "资产", "en": "assets"}}],
        "measure": "assets",
        "currency": "CNY",
        "swing": {"amount": 20},
        "editions": [edition],
    }
    return {key: value for key, value in (written | changes).items() if value is not None}


def read(**changes: Any) -> TierScheme:
    """Read it."""
    return structure(TierScheme, plain(**changes), source="plain")
