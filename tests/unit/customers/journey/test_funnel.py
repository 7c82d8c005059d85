"""The funnel: what came of a period, by post, by case and in all."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from branchkit.customers.journey import (
    REASONS,
    AllocateLead,
    ConvertLead,
    FunnelRow,
    RefusalCount,
    ReviewForm,
    funnel,
)
from branchkit.customers.journey.refusing import against
from branchkit.values import is_rule_id
from tests.unit.customers.journey.desk import (
    HEAD,
    OFFICER,
    TELLER,
    WEALTH,
    Desk,
    accepted,
    at,
    attached,
    customer,
    entered,
    filled,
    opened,
    referred,
    willing,
)

MARCH = (dt.date(2026, 3, 1), dt.date(2026, 3, 31))


def busy() -> Desk:
    """Return a desk after a day: two by form, of which one is below standard, and one handed over and sold."""
    one = Desk(customers={f"C-{number}": customer(f"C-{number}") for number in range(1, 4)})
    one.do(*willing(by=TELLER), attached(by=TELLER), referred(by=TELLER), accepted())
    one.do(AllocateLead("V-1", "L-1", by=HEAD, at=at(5)))
    one.do(ConvertLead("V-1", "L-1", sale="D-1", product="card", by=WEALTH, at=at(6)))
    for number, fine in ((2, True), (3, False)):
        journey, referral = f"V-{number}", f"R-{number}"
        one.do(*willing(journey), attached(journey, f"C-{number}"), filled(journey, referral))
        one.do(ReviewForm(journey, referral, adviser="S-3", meets_standard=fine, by=WEALTH, at=at(20)))
    one.do(entered("V-2", "L-2", referral="R-2", by=OFFICER, minutes=24 * 60))
    one.do(opened("V-4"))
    return one


def counted(one: Desk, first: dt.date = MARCH[0], last: dt.date = MARCH[1]):  # type: ignore[no-untyped-def]
    return funnel(
        first,
        last,
        visits=one.found("visit", {}),
        referrals=one.found("referral", {}),
        leads=one.found("lead", {}),
        refusals=[RefusalCount(branch="B-1", day=dt.date(2026, 3, 2), count=2)],
        day_of=lambda moment: moment.astimezone(ZoneInfo("Asia/Shanghai")).date(),
    )


def test_a_funnel_counts_by_post_and_in_all() -> None:
    """customers:REF-27, customers:FRM-12: visits, referrals, cases, forms, leads and sales are counted by post."""
    found = counted(busy())

    teller = FunnelRow(
        post="teller", visits=1, quality=1, willing=1, referred=1, handed_over=1, leads=1, allocated=1, converted=1
    )
    officer = FunnelRow(
        post="customer_service_officer", visits=3, quality=2, willing=2, referred=2, by_form=2, reviewed=2,
        met_standard=1, leads=1, late=1,
    )  # fmt: skip
    assert (officer, teller) == found.rows
    assert (4, 3, 2, 2) == (found.total.visits, found.total.referred, found.total.leads, found.refused)


def test_rates_are_told_to_four_places_or_not_at_all() -> None:
    """customers:REF-27, customers:FRM-12: conversion and standard rates; where nothing was counted there is no rate."""
    found = counted(busy())

    assert (Decimal("0.5"), Decimal("0.5")) == (found.total.conversion_rate, found.total.standard_rate)
    assert ((1, Decimal("0.2")), (2, Decimal("0.4")), (3, Decimal("0.4"))) == found.case_share
    empty = funnel(*MARCH)
    assert (None, None) == (empty.total.conversion_rate, empty.total.standard_rate)
    assert ((1, None), (2, None), (3, None)) == empty.case_share
    assert Decimal("0.6667") == FunnelRow(post=None, leads=3, converted=2).conversion_rate


@pytest.mark.parametrize(("first", "last", "visits"), [(2, 2, 4), (1, 1, 0), (3, 31, 0)])
def test_a_period_has_its_first_and_its_last_day(first: int, last: int, visits: int) -> None:
    """Both bounds count, by the day at the branch."""
    found = counted(busy(), dt.date(2026, 3, first), dt.date(2026, 3, last))

    assert visits == found.total.visits
    assert (2 if first <= 2 <= last else 0) == found.refused
    assert (1 if first <= 3 <= last else 0) == found.total.late


def test_every_reason_names_rules_that_are_ids() -> None:
    """Every code of the ledger has its rules, each qualified by its area, and makes a reason with them."""
    assert [] == [rule for one in REASONS.values() for rule in one.rules if not is_rule_id(rule)]
    assert [(code, one.rules, one.zh) for code, one in REASONS.items()] == [
        (one.code, one.rules, one.say("zh")) for one in (against(code, "because") for code in REASONS)
    ]
    assert len(REASONS) == len({one.zh for one in REASONS.values()})
    assert sorted(REASONS) == list(REASONS)
