"""What a report shows of customers: the funnel of the month, who moved between tiers, and nobody by name."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.customers.commands import ClassifyCustomer
from branchkit.estate import Branch, RegisterBranch
from branchkit.values import FrozenMap, Text
from tests.unit.customers.journey.desk import OFFICER, TELLER, accepted, at, attached, referred, willing
from tests.unit.kit.house import CLERK
from tests.unit.kit.test_referrals import MARKS, do, ledger, refusal, registered


def test_a_report_shows_the_funnel_of_the_month() -> None:
    """customers:REF-27: a branch's report counts the month so far, posts by their titles, and names nobody."""
    with ledger() as kit:
        do(kit, *willing(by=TELLER), attached(by=TELLER), referred(by=TELLER), accepted(), refusal())
        found = kit.report("B-1").customers

    assert found is not None
    assert (dt.date(2026, 3, 1), dt.date(2026, 3, 2)) == (found.funnel.first, found.funnel.last)
    assert ({"teller": Text(zh="柜员", en="teller")}, 1) == (dict(found.posts), found.funnel.refused)
    assert () == found.moves
    assert [] == [mark for mark in MARKS if mark in str(attrs.asdict(found))]


def test_a_branch_without_customers_has_no_such_part() -> None:
    """Where nothing happened in the month, a report says nothing of customers."""
    with ledger() as kit:
        do(kit, RegisterBranch(Branch("B-2"), by=CLERK, at=at()))

        assert None is kit.report("B-2", at=at()).customers
        do(kit, *willing())
        assert None is kit.report("B-1", at=at() + dt.timedelta(days=40)).customers


def test_moves_between_tiers_are_counted() -> None:
    """customers:TIER-33: who moved in the month is counted by scheme, from which tier and to which, in words."""
    with ledger() as kit:
        for name in ("C-2", "C-3"):
            do(kit, registered(name, home_branch="B-1"), classified(name, "200"), classified(name, "100000", minutes=5))
        do(kit, classified("C-3", "100000", minutes=6))
        found = kit.report("B-1", at=at(60)).customers
        earlier = kit.report("B-1", at=at() - dt.timedelta(days=3)).customers

    assert None is earlier
    assert found is not None
    assert [(None, "ordinary", 2), ("ordinary", "quality", 2)] == [
        (move.before, move.after, move.count) for move in found.moves
    ]
    told = found.moves[1]
    assert ("优质客户识别", "普通客户", "优质客户") == (
        told.scheme_title.zh, told.before_title.zh if told.before_title else "", told.after_title.zh
    )  # fmt: skip
    assert [] == [name for name in ("C-2", "C-3", *MARKS) if name in str(attrs.asdict(found))]


def classified(name: str, amount: str, *, minutes: float = 1) -> ClassifyCustomer:
    facts = FrozenMap({"financial_assets": amount, "currency": "CNY", "vip": False, "directly_judged": False,
                       "triggered": False})  # fmt: skip
    return ClassifyCustomer(name, "lobby-identification", facts=facts, reason="review", by=OFFICER, at=at(minutes))
