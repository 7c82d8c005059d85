"""Small sums over customers: bands, the loss of a year, and how much the best bring."""

from __future__ import annotations

from decimal import Decimal

import pytest

from branchkit.customers import (
    AssetBand,
    BandCount,
    ChurnBenchmark,
    ChurnCompared,
    Concentration,
    LoyaltyCase,
    asset_band,
    churn_rate,
    compare_churn,
    count_by_band,
    loyalty_gain,
    profit_share,
)
from branchkit.values import Text, Unknown
from tests.unit.customers.tiers import scheme_of

VIP = scheme_of("vip-admission")
BENCHMARK = VIP.churn
assert BENCHMARK is not None


def test_the_loss_of_a_year_stands_beside_the_benchmarks() -> None:
    """customers:S-10, customers:TIER-27, service:VIP-13: 164 of 1,000 lost is 16.4 %, equal to the average, above the
    best bank's 10.8 % and below the worst bank's 23.3 %.
    """
    rate = churn_rate(164, 1000)
    assert isinstance(rate, Decimal)

    assert BENCHMARK is not None
    found = compare_churn(rate, BENCHMARK)
    assert ChurnCompared(rate=Decimal("16.4"), average="equal", best="above", worst="below") == found


@pytest.mark.parametrize(("lost", "at_start"), [(0, 0), (1, 0), (-1, 5), (6, 5)])
def test_a_loss_of_nobody_is_no_rate(lost: int, at_start: int) -> None:
    """Where nobody was there, or more are lost than were there, there is a reason and no number."""
    assert isinstance(churn_rate(lost, at_start), Unknown)


@pytest.mark.parametrize(
    ("amount", "band"),
    [
        ("0", "below-100k"),
        ("99999.99", "below-100k"),
        ("100000", "100k-1m"),
        ("999999.99", "100k-1m"),
        ("1000000", "1m-3m"),
        ("3000000", "from-3m"),
    ],
)
def test_amounts_fall_into_bands(amount: str, band: str) -> None:
    """customers:TIER-04: each amount lies in one band, the limit in the one above it."""
    assert band == asset_band(Decimal(amount), VIP.bands)


def test_a_lower_admission_shows_in_the_bands() -> None:
    """customers:TIER-04, service:VIP-14: who stays a VIP customer with less is counted a band lower, and the average
    says by how much; heads alone would hide it.
    """
    before = count_by_band([Decimal(3_000_000), Decimal(3_500_000)], VIP.bands)
    after = count_by_band([Decimal(1_200_000), Decimal(3_100_000)], VIP.bands)

    assert BandCount("from-3m", count=2, average=Decimal("3250000.00")) == before[3]
    assert [0, 0, 1, 1] == [one.count for one in after]
    assert [None, None, Decimal("1200000.00"), Decimal("3100000.00")] == [one.average for one in after]


def test_amounts_below_all_bands_are_counted_nowhere() -> None:
    """A band without a lower end is the bank's to add."""
    bands = (AssetBand("rich", title=Text(en="rich", zh="富"), at_least=Decimal(10)),)

    assert asset_band(Decimal(9), bands) is None
    assert (BandCount("rich", count=0),) == count_by_band([Decimal(9)], bands)


def test_the_best_fifth_is_counted_in_whole_customers() -> None:
    """customers:TIER-25: of five customers one is the best fifth, of six two; losses count as they are."""
    six = {f"C-{number}": Decimal(profit) for number, profit in enumerate((50, 30, 10, 10, 10, -10))}

    assert VIP.concentration is not None
    assert Decimal("80.0") == profit_share(six, top_percent=VIP.concentration.top_percent)
    assert (20, Decimal(80)) == (VIP.concentration.top_percent, VIP.concentration.share)


@pytest.mark.parametrize("profits", [{}, {"C-1": Decimal(0)}, {"C-1": Decimal(-3)}])
def test_without_a_profit_there_is_no_share(profits: dict[str, Decimal]) -> None:
    """Nobody brings a share of nothing."""
    assert isinstance(profit_share(profits, top_percent=20), Unknown)


def test_loyalty_has_its_case() -> None:
    """customers:TIER-26: five percent more loyalty is said to bring 25 to 95 percent more profit."""
    assert VIP.loyalty is not None
    assert (Decimal("0.25"), Decimal("0.95")) == loyalty_gain(Decimal(1), VIP.loyalty)
    assert Decimal(5) == VIP.loyalty.gain


@pytest.mark.parametrize(
    "make",
    [
        lambda: ChurnBenchmark(best=Decimal(20), average=Decimal(10), worst=Decimal(30)),
        lambda: ChurnBenchmark(best=Decimal(-1), average=Decimal(10), worst=Decimal(30)),
        lambda: ChurnBenchmark(best=Decimal(1), average=Decimal(10), worst=Decimal(300)),
        lambda: Concentration(top_percent=0, share=Decimal(80)),
        lambda: Concentration(top_percent=20, share=Decimal(101)),
        lambda: LoyaltyCase(gain=Decimal(5), least=Decimal(95), most=Decimal(25)),
    ],
)
def test_figures_that_contradict_themselves_are_refused(make: object) -> None:
    """A benchmark whose best is worse than its average is none."""
    assert callable(make)
    with pytest.raises(ValueError, match=r"Expected|must be"):
        make()
