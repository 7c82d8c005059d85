"""Worked scenarios about who staffs which counter, carried out on the shipped estate standard."""

from __future__ import annotations

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.estate import Assignment, Branch, EstateStandard, StaffMember, judge_estate, open_tellers, with_loan
from branchkit.findings import Finding
from branchkit.values import Ref, Severity


@pytest.fixture(scope="module")
def standard() -> EstateStandard:
    return Catalog().standard()


def outlet(kind: str, *levels: int) -> Branch:
    """Return a branch whose tellers of these levels sit at open counters."""
    return Branch(
        "B-1",
        kind=kind,
        staff=tuple(StaffMember(f"T-{at}", teller_level=level) for at, level in enumerate(levels, 1)),
        counters=tuple(Assignment(f"T-{at}", counter=f"L-{at}", protection="open") for at in range(1, len(levels) + 1)),
    )


def rules(found: tuple[Finding, ...]) -> list[tuple[str, ...]]:
    return [one.rules for one in found]


BASIC = ("estate:EST-ORG-08", "service:TEL-09", "governance:RSK-AUT-09", "customers:TIER-30")
PREMIUM = ("estate:EST-ORG-09", "service:TEL-10", "governance:RSK-AUT-09", "customers:TIER-30")
WEALTH = ("estate:EST-ORG-10", "service:TEL-11", "governance:RSK-AUT-09", "customers:TIER-30")
OPEN = ("estate:EST-ORG-12", "service:TEL-03", "service:TEL-04", "governance:RSK-AUT-08")


@pytest.mark.parametrize(
    ("branch", "expected"),
    [
        pytest.param(outlet("basic_outlet", 2), [BASIC], id="basic with 1"),
        pytest.param(outlet("wealth_outlet", 2, 3), [WEALTH], id="wealth with 2"),
        pytest.param(outlet("premium_outlet", 2, 3, 1), [PREMIUM, OPEN], id="premium with 3, one of level 1"),
    ],
)
def test_too_few_open_counter_tellers(
    standard: EstateStandard, branch: Branch, expected: list[tuple[str, ...]]
) -> None:
    """estate:S-11: basic with 1, wealth with 2 and premium with 3 of whom one does not count all fail."""
    assert expected == rules(judge_estate(branch, standard))


def test_level_1_teller_does_not_count(standard: EstateStandard) -> None:
    """estate:S-11: the level-1 teller of the premium outlet leaves two who count."""
    assert ("T-1", "T-2") == open_tellers(outlet("premium_outlet", 2, 3, 1), standard)


def test_level_1_teller_on_an_open_counter(standard: EstateStandard) -> None:
    """service:S-3: a level-1 teller on an open counter is a critical finding; on a closed one there is none."""
    wrong = outlet("rural_outlet", 1)
    right = attrs.evolve(wrong, counters=(Assignment("T-1", counter="H-1", protection="closed"),))

    (found,) = judge_estate(wrong, standard)

    assert (OPEN, Severity.CRITICAL) == (found.rules, found.severity)
    assert (Ref("branch", "B-1"), Ref("counter", "L-1"), Ref("staff", "T-1")) == found.place
    assert () == judge_estate(right, standard)


def test_teller_is_lent_to_a_closed_counter(standard: EstateStandard) -> None:
    """service:S-4: a level-3 teller may be lent for a time, and then counts no longer (service:STF-12)."""
    before = outlet("premium_outlet", 2, 3, 4, 2)

    after = with_loan(before, "T-2", "H-1")

    assert ("T-1", "T-2", "T-3", "T-4") == open_tellers(before, standard)
    assert ("T-1", "T-3", "T-4") == open_tellers(after, standard)
    assert () == judge_estate(after, standard)


def test_loan_has_to_be_marked_temporary(standard: EstateStandard) -> None:
    """service:S-4: the same seat without the mark of a loan is refused by service:TEL-07."""
    seat = Assignment("T-1", counter="H-1", protection="closed")
    branch = attrs.evolve(outlet("rural_outlet", 3), counters=(seat,))

    (found,) = judge_estate(branch, standard)

    assert ("estate:EST-ORG-12", "service:TEL-07", "governance:RSK-AUT-08") == found.rules


@pytest.mark.parametrize(
    ("kind", "tellers", "expected"),
    [
        pytest.param("basic_outlet", 2, [], id="basic with 2"),
        pytest.param("premium_outlet", 3, [], id="premium with 3"),
        pytest.param("wealth_outlet", 2, [WEALTH], id="wealth with 2"),
    ],
)
def test_least_tellers_by_kind(
    standard: EstateStandard, kind: str, tellers: int, expected: list[tuple[str, ...]]
) -> None:
    """service:S-5: basic 2 and premium 3 keep the minimum; wealth 2 is short of 3."""
    branch = outlet(kind, *([2] * tellers))

    assert expected == rules(judge_estate(branch, standard))


def test_loan_may_break_the_minimum(standard: EstateStandard) -> None:
    """service:S-5 with service:S-4: a premium branch with 3 that lends one has 2, which is too few."""
    branch = with_loan(outlet("premium_outlet", 2, 3, 4), "T-3", "H-1")

    (found,) = judge_estate(branch, standard)

    assert PREMIUM == found.rules
    assert "a premium outlet has at least 3 open-counter tellers; here count 2" == found.message.en
