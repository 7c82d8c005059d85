"""What comes back from the core bank leads to a class, and only the class is kept."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from branchkit.catalog import Catalog
from branchkit.codec import structure, unstructure
from branchkit.customers import (
    Codes,
    Count,
    Found,
    Lasting,
    LookUp,
    Money,
    NotConfigured,
    NotTold,
    looked_up,
    result_class,
)
from branchkit.errors import NotFound
from branchkit.personal import marked_fields
from branchkit.testing.ports import CoreBankDouble
from branchkit.values import Unknown
from tests.unit.customers.tiers import AT, scheme_of

LOBBY = scheme_of("lobby-identification")
WAIT = dt.timedelta(seconds=2)


def found(amount: str, currency: str = "CNY") -> Found:
    """Return what a look-up finds."""
    return Found(measure="financial_assets", total=Money(Decimal(amount), currency))


@pytest.mark.parametrize(("amount", "tier"), [("100000", "quality"), ("99999", "ordinary")])
def test_a_look_up_comes_to_a_class(amount: str, tier: str) -> None:
    """customers:S-2, customers:REF-08, customers:REF-09, service:REF-05: what the quick look-up finds is judged by the
    threshold of the lobby, and the decision does not hold the total.
    """
    bank = CoreBankDouble(holdings={"C-1": found(amount)})
    answer = bank.look_up("C-1", at=AT, wait=WAIT)
    assert isinstance(answer, Found)

    told = result_class(answer, LOBBY, at=AT)
    assert tier == told.value
    assert amount not in repr(told).replace("100,000", "")


def test_a_total_that_cannot_be_judged_is_unknown() -> None:
    """In another currency, or by another measure, the total leads to no class."""
    other = Found(measure="shoe_size", total=Money(Decimal(46), "CNY"))

    assert isinstance(result_class(found("500000", "USD"), LOBBY, at=AT).value, Unknown)
    assert isinstance(result_class(other, LOBBY, at=AT).value, Unknown)
    assert "quality" == result_class(found("95000"), LOBBY, at=AT, current="quality").value


@pytest.mark.parametrize(
    ("answer", "result", "why"),
    [
        (found("100000"), "reached", "threshold of 100,000"),
        (found("99999"), "below", "ordinary service"),
        (found("500000", "USD"), "unknown", "another currency"),
        (Found(measure="shoe_size", total=Money(Decimal(46), "CNY")), "unknown", "nor are the holdings known"),
        (NotTold("timed_out"), "unknown", "did not answer in time"),
        (NotTold("unknown_customer"), "unknown", "does not know the customer"),
    ],
)
def test_a_look_up_is_the_second_judgement(answer: LookUp, result: str, why: str) -> None:
    """customers:REF-08, customers:REF-09: what the core bank answers reaches the threshold, is below it, or tells
    nothing; the trace says why, and holds no total.
    """
    told = looked_up(answer, LOBBY, at=AT)

    assert (result, LOBBY.id, LOBBY.version) == (told.value, told.trace.policy, told.trace.version)
    assert why in told.why()


def test_a_look_up_without_settings_is_unknown() -> None:
    """customers:TIER-02: where nobody has stated by what is measured, no look-up says that somebody is below."""
    packaged = Catalog().tier_scheme("lobby-identification")

    assert "unknown" == looked_up(found("500000"), packaged, at=AT).value


def test_the_threshold_may_be_another_tier() -> None:
    """A bank with more tiers says which one reaches the threshold; one that is none is refused."""
    assert "below" == looked_up(found("100000"), LOBBY, at=AT, threshold="vip").value
    assert "reached" == looked_up(found("100000"), LOBBY, at=AT, threshold="quality").value
    with pytest.raises(NotFound, match="ordinary, potential, quality, vip"):
        looked_up(found("100000"), LOBBY, at=AT, threshold="gold")


def test_what_somebody_holds_is_marked_and_masked() -> None:
    """A total is personal: it is marked, and never printed."""
    assert {"total": "holdings"} == marked_fields(Found)
    assert "95000" not in repr(found("95000"))


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("code", ["unknown_customer", "timed_out", "unavailable", "refused"])
def test_why_there_is_no_answer_is_said_in_both_languages(code: str, lang: str) -> None:
    """Each way a look-up can fail has words of its own."""
    told = structure(NotTold, {"kind": "not_told", "code": code}, source="answer")

    assert told.say(lang).strip()
    assert "核心" in NotTold("refused").say("zh")


@pytest.mark.parametrize(
    ("limit", "said"),
    [
        (Money(Decimal("1000.50"), "CNY"), "1000.5 CNY"),
        (Count(Decimal(3)), "3"),
        (Lasting(dt.timedelta(minutes=3)), "0:03:00"),
        (Codes(("a", "b")), "a, b"),
        (NotConfigured(), "not configured"),
    ],
)
def test_limits_are_written_and_read(limit: object, said: str) -> None:
    """Each kind of limit says itself, and comes back from its plain form."""
    assert said == str(limit)
    assert limit == structure(type(limit), unstructure(limit), source="limit")


def test_not_configured_says_what_in_both_languages() -> None:
    """The settings are named; where none is, it stands for itself."""
    missing = NotConfigured(("list.limit",))

    assert ["not configured: list.limit", "尚未设定: list.limit"] == [missing.say(), missing.say("zh")]
    assert ["not configured", "尚未设定"] == [NotConfigured().say(), NotConfigured().say("zh")]


@pytest.mark.parametrize(
    "make",
    [
        lambda: Money(Decimal("NaN"), "CNY"),
        lambda: Money(Decimal(10) ** 19, "CNY"),
        lambda: Money(Decimal(1), "cny"),
        lambda: Count(Decimal(0)),
        lambda: Count(Decimal("Infinity")),
        lambda: Lasting(dt.timedelta()),
        lambda: Codes(()),
        lambda: Codes(("a", "a")),
    ],
)
def test_limits_that_are_none_are_refused(make: object) -> None:
    """Nothing, not a number, and a currency that is none are no limits."""
    assert callable(make)
    with pytest.raises(ValueError, match="Expected"):
        make()
