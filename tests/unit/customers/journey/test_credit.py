"""Credit: what a sale is shared by, who approves it, and what is taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs

from branchkit.customers import CreditScheme
from branchkit.customers.journey import AllocateLead, ConvertLead, CreditSale, EnterLead, ReverseCredit, ReviewForm
from branchkit.values import Text
from tests.unit.customers.journey.desk import (
    ASSISTANT,
    HEAD,
    OFFICER,
    SECOND,
    WEALTH,
    Desk,
    accepted,
    at,
    attached,
    catalog,
    desk,
    desk_with_lead,
    entered,
    filled,
    referred,
    scheme,
    willing,
)

SECOND_HEAD = attrs.evolve(HEAD, id="S-8")


def sold(**more: Any) -> Desk:
    """Return a desk whose lead led to a sale."""
    one = desk_with_lead(**more)
    one.do(ConvertLead("V-1", "L-1", sale="D-1", product="fund", by=WEALTH, at=at(30)))
    return one


def credit(minutes: float = 60, **more: Any) -> CreditSale:
    given = {
        "sale": "D-1",
        "amount": Decimal(1000),
        "currency": "CNY",
        "processors": ("S-4",),
        "cooling_off_until": at(7 * 24 * 60),
        "by": HEAD,
        "at": at(minutes),
        **more,
    }
    return CreditSale("V-1", "L-1", **given)


def test_a_sale_is_shared_by_the_policy_in_force() -> None:
    """customers:S-7, customers:SPLIT-01: 1,000 at 30, 60 and 10 percent are 300, 600 and 100; what decided stands in
    the event with its version.
    """
    one = sold()
    one.do(credit())

    kept = one.credit("L-1/D-1")
    assert {("S-2", "referrer"): 300, ("S-3", "receiver"): 600, ("S-4", "processor"): 100} == {
        (share.staff, share.role): share.amount for share in kept.shared.shares
    }
    assert ("house", "1", "branchkit") == (kept.policy, kept.version, kept.plugin)
    assert "customers:SPLIT-03" in kept.rules
    assert (1, at(2), ("S-5",)) == (kept.deal.case, kept.deal.lead_at, kept.deal.approved_by)
    assert {"already_credited"} == one.refused(credit(minutes=61)).keys()


def test_nothing_is_shared_before_a_bank_has_said_how() -> None:
    """customers:SPLIT-03: the catalog's table is empty and switched off, which is an answer and names the setting."""
    one = sold(shares=catalog().get("credit_scheme", "standard"))

    found = one.refused(credit())
    assert {"credit_not_configured"} == found.keys()
    assert "enabled" in found["credit_not_configured"].reason


def test_who_approves_is_not_paid() -> None:
    """Whoever asks for a credit approves it, and so is none of those who are paid."""
    one = sold()

    assert {"approver_is_paid"} == one.refused(credit(processors=("S-5",))).keys()
    assert {"wrong_post"} == one.refused(credit(by=ASSISTANT)).keys()


def test_nobody_approves_for_whom_a_delegate_is_paid() -> None:
    """Whoever identified, referred, took over or sold in somebody's place is paid, and that somebody does not approve
    it; nor does a lead that was merged lose sight of them.
    """
    officer, wealth = (attrs.evolve(one, acting_for="S-5") for one in (OFFICER, WEALTH))
    steps = {"by": OFFICER}, {"by": OFFICER}, {"by": WEALTH}, {"by": WEALTH}
    for at_step in range(4):
        identify, refer, take, sell = (
            {"by": wealth if step["by"] is WEALTH else officer} if number == at_step else step
            for number, step in enumerate(steps)
        )
        for merged in (False, True):
            one = desk()
            one.do(*willing(**identify), attached(), referred(**refer))
            if merged:
                one.do(EnterLead("J-7", "L-1", branch="B-1", source="campaign", customer="C-1", by=SECOND, at=at(2)))
            journey = "J-7" if merged else "V-1"
            one.do(accepted(**take, lead="L-2" if merged else "L-1"))
            if merged:
                one.do(AllocateLead(journey, "L-1", owner="S-3", by=SECOND_HEAD, at=at(20)))
            one.do(ConvertLead(journey, "L-1", sale="D-1", product="fund", **sell, at=at(30)))

            approving = attrs.evolve(credit(), journey=journey)
            assert {"approver_is_paid"} == one.refused(approving).keys(), (at_step, merged)
            one.do(attrs.evolve(approving, by=SECOND_HEAD))


def test_a_lead_without_a_referral_is_not_shared() -> None:
    """customers:P-9, customers:SPLIT-06, customers:SPLIT-08: no earlier referral, no split."""
    one = desk()
    one.do(
        EnterLead("V-1", "L-1", branch="B-1", source="campaign", customer="C-1", by=WEALTH, at=at()),
        ConvertLead("V-1", "L-1", sale="D-1", product="fund", by=WEALTH, at=at(30)),
    )

    assert {"no_referral"} == one.refused(credit()).keys()


def test_a_referral_that_came_later_does_not_share_an_earlier_sale() -> None:
    """customers:SPLIT-06: a referral that was merged into a campaign's lead after a sale has no part in that sale."""
    one = desk()
    one.do(*willing(), attached())
    one.do(EnterLead("V-1", "L-1", branch="B-1", source="campaign", by=WEALTH, at=at(1)))
    one.do(referred(minutes=3), accepted(lead="L-2", minutes=5))
    early = ConvertLead("V-1", "L-1", sale="D-1", product="fund", by=WEALTH, at=at(2), recorded_at=at(6))
    one.do(early)
    assert ("S-2", at(3)) == (one.lead("L-1").referrer, one.lead("L-1").referral_told_at)

    command = CreditSale("V-1", "L-1", sale="D-1", amount=Decimal(10), currency="CNY", by=HEAD, at=at(9))
    assert {"after_the_fact"} == one.refused(command).keys()


def test_a_form_below_standard_is_not_shared() -> None:
    """customers:S-7, customers:SPLIT-07: judged below standard after the sale, the referral shares nothing."""
    one = desk()
    one.do(*willing(), attached(), filled(), entered(minutes=5))
    one.do(ConvertLead("V-1", "L-1", sale="D-1", product="fund", by=WEALTH, at=at(30)))
    one.do(ReviewForm("V-1", "R-1", adviser="S-3", meets_standard=False, by=WEALTH, at=at(40)))

    assert {"below_standard"} == one.refused(credit()).keys()
    assert "converted" == one.lead("L-1").status


def test_what_a_policy_of_its_own_does_not_share_is_told_with_its_rules() -> None:
    """A reason that only a policy knows is told in its words, under a code of the ledger's."""
    found = sold().refused(credit(measure="points"))

    assert {"not_shared"} == found.keys()
    assert "profit CNY" in found["not_shared"].reason


def test_a_cancelled_sale_takes_everything_back() -> None:
    """customers:SPLIT-09: cancelled within its time, every share is taken back exactly, once."""
    one = sold()
    back = ReverseCredit("V-1", "L-1", sale="D-1", reason_code="cancelled", by=HEAD, at=at(24 * 60))
    assert {"unknown_credit"} == one.refused(back).keys()
    one.do(credit(amount=Decimal("1000.01")), back)

    kept = one.credit("L-1/D-1")
    assert "taken_back" == kept.state
    for given, taken in zip(kept.shared.shares, kept.taken_back.shares, strict=True):
        assert (given.staff, given.amount) == (taken.staff, -taken.amount)
    assert {"already_reversed"} == one.refused(back).keys()


def test_what_is_cancelled_too_late_stays() -> None:
    """After the time in which the product may be cancelled nothing is taken back."""
    one = sold()
    one.do(credit())
    late = ReverseCredit("V-1", "L-1", sale="D-1", reason_code="cancelled", by=HEAD, at=at(8 * 24 * 60))

    assert {"not_shared"} == one.refused(late).keys()
    assert "out_of_order" in one.refused(
        ReverseCredit("V-1", "L-1", sale="D-1", reason_code="cancelled", by=HEAD, at=at(31))
    )


def test_a_sale_that_is_not_there_is_not_shared() -> None:
    """Only what was written back to the lead is shared."""
    assert {"unknown_sale"} == sold().refused(credit(sale="D-9")).keys()


def test_the_policy_of_the_test_is_one() -> None:
    """The table of the tests is a credit scheme that a bank might have."""
    assert isinstance(scheme(title=Text(zh="表", en="table")), CreditScheme)
    assert dt.date(2026, 1, 1) == scheme().editions[0].valid_from
