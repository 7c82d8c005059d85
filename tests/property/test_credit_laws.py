"""How a scheme shares, held against counting least amounts one by one."""

from __future__ import annotations

import datetime as dt
from decimal import Context, Decimal, localcontext
from fractions import Fraction

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.codec import structure, unstructure
from branchkit.customers import (
    CREDIT_ROLES,
    CreditScheme,
    Deal,
    Shared,
    claw_back,
    credit_report,
    mirrored,
    share_checked,
)
from branchkit.scoring.exact import exact_decimal
from branchkit.values import FrozenMap
from tests.unit.customers.schemes import HOUR, SOLD, deal, edition, scheme

STAFF = tuple(f"S-{number}" for number in range(1, 6))


@st.composite
def schemes(draw: st.DrawFn) -> CreditScheme:
    """Draw a scheme whose ratios are the whole."""
    roles = draw(st.lists(st.sampled_from(CREDIT_ROLES), min_size=1, max_size=4, unique=True))
    cuts = sorted(draw(st.sets(st.integers(1, 999), min_size=len(roles) - 1, max_size=len(roles) - 1)))
    parts = [end - start for start, end in zip([0, *cuts], [*cuts, 1000], strict=True)]
    return scheme(
        edition(
            ratios=FrozenMap({role: Decimal(part) / 1000 for role, part in zip(roles, parts, strict=True)}),
            remainder=draw(st.sampled_from(roles)),
            quantum=draw(
                st.sampled_from((Decimal("0.01"), Decimal("0.05"), Decimal(1), Decimal(50), Decimal("0.001")))
            ),
            unfilled=draw(st.sampled_from(("refuse", "remainder"))),
        )
    )


@st.composite
def deals(draw: st.DrawFn) -> tuple[CreditScheme, Deal]:
    """Draw a scheme, and a deal that may be shared by it."""
    drawn = draw(schemes())
    count = draw(st.integers(-(10**30), 10**30) | st.integers(-40, 40))
    roles = draw(st.sets(st.sampled_from(CREDIT_ROLES))) | set(draw(st.permutations(list(drawn.editions[0].ratios))))
    gone = draw(st.sets(st.sampled_from(CREDIT_ROLES), max_size=1))
    holders = st.lists(st.sampled_from(STAFF), min_size=1, max_size=4, unique=True).map(tuple)
    amount = exact_decimal(count * Fraction(drawn.editions[0].quantum))
    parts = FrozenMap({role: draw(holders) for role in sorted(roles - gone)})
    return drawn, deal(amount=amount, parts=parts)


def counted(drawn: CreditScheme, one: Deal) -> dict[tuple[str, str], Fraction] | None:
    """Return who gets what, handing out what is left one least amount at a time."""
    edition_ = drawn.editions[0]
    quantum, rest = Fraction(edition_.quantum), edition_.remainder
    shares: dict[str, Fraction] = {}
    for role, ratio in edition_.ratios.items():
        if not one.parts.get(role):
            if edition_.unfilled == "refuse" or not one.parts.get(rest):
                return None
            role = rest
        shares[role] = shares.get(role, Fraction(0)) + Fraction(ratio)
    sign = -1 if one.amount < 0 else 1
    amount = abs(Fraction(one.amount))
    result = {
        (staff, role): (amount * ratio / len(one.parts[role]) // quantum) * quantum
        for role, ratio in shares.items()
        for staff in one.parts[role]
    }
    left = amount - sum(result.values())
    while left:
        for staff in sorted(one.parts[rest]):
            if left:
                result[staff, rest] += quantum
                left -= quantum
    return {place: sign * given_ for place, given_ in result.items()}


@given(deals())
def test_shares_are_what_counting_gives(case: tuple[CreditScheme, Deal]) -> None:
    """Each gets the ratio's part rounded towards zero, and what is left goes round in one role (customers:SPLIT-05)."""
    drawn, one = case
    expected = counted(drawn, one)
    value = share_checked(drawn, one).value

    if expected is None:
        assert not isinstance(value, Shared)
        assert "role_unfilled" == value.code
    else:
        assert isinstance(value, Shared)
        assert expected == {(share.staff, share.role): Fraction(share.amount) for share in value.shares}


@given(deals(), st.integers(1, 9))
def test_no_context_of_a_thread_moves_a_share(case: tuple[CreditScheme, Deal], digits: int) -> None:
    """With however few digits a thread reckons, shares and what takes them back are the same, to the last digit."""
    drawn, one = case
    expected = drawn.share(one).value

    with localcontext(Context(prec=digits)):
        value = drawn.share(one).value
        assert expected == value
        if isinstance(value, Shared):
            back = mirrored(value, at=one.sold_at)
            assert [-Fraction(share.amount) for share in value.shares] == [Fraction(two.amount) for two in back.shares]


@given(deals(), st.timedeltas(dt.timedelta(), dt.timedelta(days=30)))
def test_what_was_taken_back_leaves_nothing(case: tuple[CreditScheme, Deal], later: dt.timedelta) -> None:
    """Shares and what takes them back add up to nothing for each person, whatever was shared (customers:SPLIT-09)."""
    drawn, one = case
    booked = drawn.share(one).value
    if not isinstance(booked, Shared):
        return
    cancelled = attrs.evolve(one, cooling_off_until=SOLD + later)

    back = claw_back(booked, cancelled, at=SOLD + later).value

    assert isinstance(back, Shared)
    assert back == structure(Shared, unstructure(back), source="<back>")
    report = credit_report((booked, back), since=SOLD, until=SOLD + later + HOUR)
    assert all(total == 0 for people in report.totals.values() for total in people.values())
    assert 2 * len(booked.shares) == len(report.rows)


@given(st.lists(st.integers(-50, 150), min_size=1, max_size=5))
def test_only_ratios_that_are_the_whole_are_read(percents: list[int]) -> None:
    """A table is read where its ratios are above nothing and add up to 100 %, and only there (customers:SPLIT-04)."""
    ratios = FrozenMap({role: Decimal(one) / 100 for role, one in zip(CREDIT_ROLES, percents, strict=False)})
    drawn = scheme(edition(ratios=ratios, remainder=CREDIT_ROLES[0]))

    sound = sum(percents) == 100 and min(percents) > 0

    assert sound == (tuple(drawn.validate()) == ())
