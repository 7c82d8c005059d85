"""Credit schemes to try things with."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from branchkit.customers import CREDIT_ROLES, CreditEdition, CreditRole, CreditScheme, Deal
from branchkit.values import FrozenMap, Text

ZONE = dt.timezone(dt.timedelta(hours=8))
SOLD = dt.datetime(2026, 3, 2, 15, tzinfo=ZONE)
HOUR = dt.timedelta(hours=1)
RATIOS = FrozenMap({"referrer": Decimal("0.3"), "receiver": Decimal("0.6"), "processor": Decimal("0.1")})


def edition(**changes: Any) -> CreditEdition:
    """Return an approved edition of the suggested ratios, with some things otherwise."""
    fields: dict[str, Any] = {
        "valid_from": dt.date(2026, 1, 1),
        "measure": "profit",
        "currency": "CNY",
        "ratios": RATIOS,
        "remainder": "receiver",
        "approved_by": "S-90",
        "approved_on": dt.date(2025, 12, 20),
    }
    return CreditEdition(**(fields | changes))


def scheme(*editions: CreditEdition, **changes: Any) -> CreditScheme:
    """Return a scheme that is switched on, with some things otherwise."""
    fields: dict[str, Any] = {
        "version": "3",
        "title": Text(zh="分润", en="Shares"),
        "enabled": True,
        "roles": tuple(CreditRole(role, title=Text(zh=role, en=role)) for role in CREDIT_ROLES),
        "editions": editions or (edition(),),
        "rules": ("customers:SPLIT-01",),
    }
    return CreditScheme("referral-credit", **(fields | changes))


APPROVED = scheme()


def deal(**changes: Any) -> Deal:
    """Return a deal of 1,000 with one person in each role, with some things otherwise."""
    fields: dict[str, Any] = {
        "amount": Decimal(1000),
        "currency": "CNY",
        "sold_at": SOLD,
        "lead_at": SOLD - HOUR,
        "case": 1,
        "parts": FrozenMap({"referrer": ("S-1",), "receiver": ("S-2",), "processor": ("S-3",)}),
    }
    return Deal("D-1", **(fields | changes))
