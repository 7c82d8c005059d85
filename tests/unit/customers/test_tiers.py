"""Tier schemes decide by the day, keep what is held for a while, and say what they cannot tell."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.codec import structure, unstructure
from branchkit.customers import NotConfigured, TierScheme, tier_all
from branchkit.errors import InputError, NotFound
from branchkit.values import Ref, Unknown
from tests.unit.customers.tiers import AT, ZONE, holding, plain, read, row, scheme_of

LOBBY = scheme_of("lobby-identification")
VIP = scheme_of("vip-admission")
NOTHING_SEEN: dict[str, Any] = {"vip": False, "directly_judged": False, "triggered": False}
CHECKED = {"identity_verified", "aml_checked", "cft_checked"}


def tier(scheme: TierScheme, facts: dict[str, Any], current: str | None = None, at: dt.datetime = AT) -> Any:
    """Return the answer."""
    return scheme.tier(facts, current=current, at=at).value


# -- the lobby


@pytest.mark.parametrize(("amount", "found"), [("100000", "quality"), ("99999.99", "ordinary"), ("99999", "ordinary")])
def test_the_threshold_belongs_to_what_lies_above_it(amount: str, found: str) -> None:
    """customers:S-2, customers:TIER-02, customers:REF-08, customers:REF-09, service:REF-04, service:REF-05,
    service:REF-06: 100,000 exactly is a quality customer; a cent or a unit less is served as an ordinary one.
    """
    told = LOBBY.tier(holding(amount), current=None, at=AT)

    assert found == told.value
    assert any("customers:REF-09" in step.rules for step in told.trace.steps)


def test_the_boundary_may_be_switched() -> None:
    """Where "at least" does not include the limit, 100,000 is ordinary and a cent more is not; the version says so."""
    exclusive = LOBBY.stating(boundary="exclusive")

    assert ["ordinary", "quality"] == [tier(exclusive, holding(amount)) for amount in ("100000", "100000.01")]
    assert "quality" == tier(exclusive, holding("90000.01"), "quality")
    assert "ordinary" == tier(exclusive, holding("90000", **NOTHING_SEEN), "quality")
    assert exclusive.version.endswith("+boundary=exclusive")


@pytest.mark.parametrize(
    ("facts", "found", "rule"),
    [
        ({"vip": True}, "vip", "customers:TIER-01"),
        ({"directly_judged": True}, "quality", "customers:REF-07"),
        ({"triggered": True}, "potential", "customers:TIER-07"),
        (holding(5, triggered=True), "potential", "customers:TRG-16"),
        (holding(5), "ordinary", "customers:TIER-05"),
        (holding(5_000_000, vip=False), "quality", "customers:TIER-02"),
    ],
)
def test_signs_and_holdings_lead_to_one_class(facts: dict[str, Any], found: str, rule: str) -> None:
    """customers:TIER-01, customers:TIER-05, customers:TIER-07, customers:REF-07: each customer has exactly one class,
    and the trace names the rule that led to it.
    """
    told = LOBBY.tier(facts, current=None, at=AT)

    assert found == told.value
    assert rule in {rule for step in told.trace.steps for rule in step.rules}
    assert ["ordinary", "potential", "potential", None] == [one.service_class for one in LOBBY.declared]


def test_nothing_known_is_not_ordinary() -> None:
    """customers:TIER-01: before anything is known or judged there is no class, and the reason says what to do."""
    told = tier(LOBBY, {})

    assert Unknown("It can neither be judged directly, nor are the holdings known") == told


@pytest.mark.parametrize("amount", [Decimal("NaN"), Decimal(-1), "100000", True, Unknown("not asked"), None])
def test_an_amount_that_is_none_is_unknown(amount: Any) -> None:
    """What is no amount is neither zero nor an error."""
    assert isinstance(tier(LOBBY, {"financial_assets": amount, "currency": "CNY"}), Unknown)


def test_amounts_in_another_currency_are_not_compared() -> None:
    """An amount counts in the stated currency alone; without a currency, or in another, nothing is guessed."""
    assert "another currency" in tier(LOBBY, holding(500_000, currency="USD")).reason
    assert "not given" in tier(LOBBY, {"financial_assets": Decimal(500_000)}).reason
    assert "potential" == tier(LOBBY, {"triggered": True})


def test_what_is_not_stated_is_told_by_name() -> None:
    """customers:TIER-02: measure and currency are never assumed, whatever is known of the customer."""
    packaged = structure(TierScheme, {**unstructure(LOBBY), "measure": NOTHING, "currency": NOTHING}, source="lobby")

    assert NotConfigured(("lobby-identification.measure", "lobby-identification.currency")) == tier(
        packaged, holding(500_000, vip=True)
    )
    half = packaged.stating(currency="CNY")
    assert NotConfigured(("lobby-identification.measure",)) == tier(half, holding(500_000))
    assert {"financial_assets", "average_assets", "balance"} <= {spec.name for spec in half.facts}


NOTHING = {"kind": "not_configured"}


def test_another_measure_reads_another_fact() -> None:
    """The bank chooses what is measured, and only that is looked at."""
    monthly = scheme_of("lobby-identification", measure="average_assets")
    facts = holding(500_000, average_assets=Decimal(4))

    assert "ordinary" == tier(monthly, facts)
    assert {"average_assets": Decimal(10_000)} == dict(monthly.swing)
    assert "financial_assets" not in {spec.name for spec in monthly.facts}


def test_a_setting_that_is_none_is_refused() -> None:
    """A measure that the scheme does not offer, and a currency that is none, are refused with their place."""
    with pytest.raises(InputError) as caught:
        LOBBY.stating(measure="shoe_size", currency="yuan")

    assert {"$.measure", "$.currency"} == {problem.path for problem in caught.value.problems}


# -- editions


@pytest.mark.parametrize(
    ("at", "found"),
    [
        (dt.datetime(2018, 12, 31, 23, 59, 59, tzinfo=ZONE), "standard"),
        (dt.datetime(2019, 1, 1, tzinfo=ZONE), "vip"),
        (dt.datetime(1999, 1, 1, tzinfo=ZONE), "standard"),
        (dt.datetime(2018, 12, 31, 16, tzinfo=dt.UTC), "standard"),
        (dt.datetime(2019, 1, 1, tzinfo=dt.UTC), "vip"),
    ],
)
def test_the_edition_of_the_day_decides(at: dt.datetime, found: str) -> None:
    """customers:TIER-03: three million until the last day before the change, one million from its first moment, by the
    clock of whoever asks; and the trace says that the day is suggested.
    """
    told = VIP.tier(holding(1_000_000), current=None, at=at)

    assert found == told.value
    assert ("suggested" in told.trace.steps[0].what.en) == (found == "vip")


def test_what_was_decided_by_an_earlier_edition_stays_so() -> None:
    """Asked again about a day of old, the scheme answers by the edition of that day."""
    old, new = dt.datetime(2018, 6, 1, tzinfo=ZONE), AT

    assert ["standard", "vip", "standard"] == [tier(VIP, holding(2_000_000), at=at) for at in (old, new, old)]


def test_outside_all_editions_nothing_is_in_force() -> None:
    """Before the first edition and after the last, the answer says so, on the very days at both ends."""
    edition = plain()["editions"][0]
    dated = read(editions=[{**edition, "valid_from": "2026-01-01", "valid_until": "2026-04-01"}])
    days = [dt.datetime(2025, 12, 31, tzinfo=ZONE), dt.datetime(2026, 1, 1, tzinfo=ZONE)]
    days += [dt.datetime(2026, 3, 31, tzinfo=ZONE), dt.datetime(2026, 4, 1, tzinfo=ZONE)]
    facts = {"assets": Decimal(100), "currency": "CNY"}
    nothing = Unknown("no edition is in force on that day")

    assert [nothing, "high", "high", nothing] == [tier(dated, facts, at=at) for at in days]
    assert [None, *[dated.editions[0]] * 2, None] == [dated.edition(at.date()) for at in days]
    assert VIP.editions[0] == VIP.edition(dt.date(2018, 12, 31))
    assert [nothing] * 2 == tier_all(dated, {"assets": [Decimal(1), Decimal(2)]}, same={"currency": "CNY"}, at=days[0])


def test_a_moment_without_a_zone_is_refused() -> None:
    """Which day it is would be a guess."""
    with pytest.raises(InputError, match="zone"):
        tier(VIP, holding(1), at=AT.replace(tzinfo=None))


# -- keeping


def test_a_tier_is_kept_until_it_is_clearly_lost() -> None:
    """customers:TIER-33: who is admitted at a million stays while it is 900,000, and at a cent less is not; a new
    customer with as much is not admitted; the step says why.
    """
    kept = VIP.tier(holding(900_000), current="vip", at=AT)

    assert ["vip", "standard", "standard"] == [
        kept.value,
        tier(VIP, holding("899999.99"), "vip"),
        tier(VIP, holding(900_000)),
    ]
    assert "not below what keeps it" in kept.trace.steps[-1].what.en
    assert (Ref("tier", "vip"),) == kept.trace.steps[-1].refs


def test_nobody_falls_below_what_they_enter() -> None:
    """Falling ends at what the facts lead to: out of VIP with a triggered sign is potential, not ordinary."""
    seen = {**NOTHING_SEEN, "triggered": True}

    assert "quality" == tier(LOBBY, holding(95_000, **seen), "vip")
    assert "potential" == tier(LOBBY, holding(5, **seen), "vip")


@pytest.mark.parametrize(
    ("facts", "current", "hangs_on"),
    [
        ({**NOTHING_SEEN, "triggered": True}, "quality", "financial_assets"),
        (holding(1_000), "vip", "vip, directly_judged, triggered"),
        (holding(1_000, vip=False, triggered=False), "quality", "directly_judged"),
        (holding(1_000, vip=False, directly_judged=False), "potential", "triggered"),
        (holding(95_000), "vip", "vip, directly_judged, triggered"),
    ],
)
def test_what_is_not_known_lowers_nobody(facts: dict[str, Any], current: str, hangs_on: str) -> None:
    """customers:TIER-33: a quality customer of whom no amount is known any more is not made a potential one for a
    trigger, nor a VIP one ordinary because nobody said they are: it cannot be told, and the reason names what is
    missing. What keeps the tier whatever the rest is keeps it.
    """
    told = LOBBY.tier(facts, current=current, at=AT)

    assert Unknown(f"Whether the tier is kept hangs on what is not known: {hangs_on}") == told.value
    assert hangs_on.split(", ") == [ref.id for ref in told.trace.steps[-1].refs]
    assert "quality" == tier(LOBBY, holding(95_000), "quality")


def test_without_rows_for_keeping_what_is_not_known_lowers_nobody() -> None:
    """A scheme that keeps what is entered alone lets nobody fall for want of a fact, even where a row would."""
    facts = [{"name": "member", "type": "bool", "may_be_unknown": True}]
    rows = [row("high", member=True), row("low", member=False), row("low", member={"unknown": True})]
    scheme = read(measures=None, measure=None, currency=None, swing=None, facts=facts, editions=[{"enter": rows}])

    assert ["low", "low"] == [tier(scheme, {}), tier(scheme, {"member": False}, "high")]
    assert isinstance(tier(scheme, {}, "high"), Unknown)


def test_a_tier_of_another_scheme_is_not_kept() -> None:
    """A current tier that the scheme does not have counts as none, and the trace says so."""
    told = VIP.tier(holding(950_000), current="platinum", at=AT)

    assert "standard" == told.value
    assert "none of this scheme" in told.trace.steps[-1].what.en


def test_what_cannot_be_kept_for_want_of_facts_is_told() -> None:
    """Where keeping needs what is not known, there is no answer for somebody who has more than they would enter."""
    edition = plain()["editions"][0]
    keep = [row("high", vip=True), *edition["keep"]]
    scheme = read(facts=[{"name": "vip", "type": "bool"}], editions=[{**edition, "keep": keep}])
    facts = {"assets": Decimal(50), "currency": "CNY"}

    assert ["low", "high"] == [tier(scheme, {**facts, "vip": vip}, "high") for vip in (False, True)]
    assert "low" == tier(scheme, facts)
    assert isinstance(tier(scheme, facts, "high"), Unknown)


# -- value and need


def test_grades_go_by_value_and_need() -> None:
    """customers:TIER-09, customers:TIER-10, customers:TIER-32: both dimensions lead to one of four grades, and needs
    that nobody has asked for are no grade.
    """
    grades = scheme_of_grades()
    pairs = [(value, need) for value in ("low", "middle", "high") for need in ("simple", "advice", "planning")]

    found = [tier(grades, {"value": value, "need": need}) for value, need in pairs]
    expected = ["basic", "basic", "active", "active", "active", "advised", "active", "advised", "dedicated"]
    assert expected == found
    assert "ask" in tier(grades, {"value": "high"}).reason


def scheme_of_grades() -> TierScheme:
    """Return the scheme of the catalog."""
    return scheme_of("value-and-need", measure=None, currency=None)


# -- entitlements


def test_entitlements_only_add() -> None:
    """customers:TIER-11, customers:TIER-12, customers:TIER-14, customers:TIER-15, customers:TIER-17, customers:TIER-18,
    customers:TIER-21: a VIP customer has everything that everybody has, and more; nobody loses the baseline.
    """
    standard = VIP.entitled("standard", checked=CHECKED).value
    vip = VIP.entitled("vip", checked=CHECKED).value

    assert VIP.baseline == standard.codes
    assert set(standard.codes) < set(vip.codes)
    assert {"vip_zone", "exclusive_deposit", "exclusive_investment", "mobile_fast_lane", "arrival_greeting"} <= set(
        vip.codes
    )


def test_services_of_each_tier_are_those_of_the_sop() -> None:
    """customers:TIER-05, customers:TIER-06, service:VIP-03, service:VIP-07: three services for ordinary customers, the
    full chain of five for VIP customers.
    """
    ordinary = {"triage", "processing", "product_marketing"}
    chain = {"identify_guide", "contact_marketing", "processing", "care_maintenance", "wealth_planning"}

    assert ordinary <= set(VIP.entitled("standard").value.codes)
    assert chain <= set(VIP.entitled("vip", checked=CHECKED).value.codes)


def test_checks_come_before_what_a_tier_gives() -> None:
    """customers:TIER-24: without the checks of identity and funds a VIP customer has the baseline, and is told why."""
    told = VIP.entitled("vip", checked=CHECKED - {"cft_checked"})

    assert VIP.baseline == told.value.codes
    assert {("cft_checked",), ("cft_checked", "phone_booking")} == {held.lacks for held in told.value.withheld}
    assert "waits for: cft_checked" in told.why()


def test_a_parking_space_needs_a_booking_by_phone() -> None:
    """customers:TIER-16: whoever books by phone may have one, of whatever tier; a VIP without a booking waits."""
    vip = VIP.entitled("vip", checked=CHECKED).value

    assert [("reserved_parking", ("phone_booking",))] == [(held.code, held.lacks) for held in vip.withheld]
    assert "reserved_parking" in VIP.entitled("standard", has={"phone_booking"}).value.codes


@pytest.mark.parametrize(
    ("has", "code"),
    [
        ("designated_group", "priority_lane"),
        ("special_needs", "mobile_fast_lane"),
        ("pregnant", "extra_care"),
        ("large_deposit_withdrawal", "extra_care"),
        ("special_treatment", "individual_treatment"),
        ("existing_customer", "preferential_measure"),
    ],
)
def test_some_services_are_for_groups_of_any_tier(has: str, code: str) -> None:
    """customers:TIER-13, customers:TIER-15, customers:TIER-19, customers:TIER-20, customers:TIER-28: who belongs to
    the group has the service whatever the tier, and nobody else of that tier.
    """
    assert code in VIP.entitled("standard", has={has}).value.codes
    assert code not in VIP.entitled("standard").value.codes


def test_an_unknown_tier_is_refused() -> None:
    """Asked about a tier that is none, the scheme says which there are."""
    with pytest.raises(NotFound, match="standard, vip"):
        VIP.entitled("platinum")


# -- batch


def test_columns_of_different_lengths_are_refused() -> None:
    """Customers are rows: every column has one value of each."""
    with pytest.raises(InputError, match="same length"):
        tier_all(LOBBY, {"financial_assets": [Decimal(1)], "vip": []}, at=AT)
    with pytest.raises(InputError, match="one or more"):
        tier_all(LOBBY, {}, at=AT)


def test_any_policy_may_be_asked_about_many() -> None:
    """What is no scheme is asked customer by customer, and answers the same."""

    class Outside:
        """The lobby's scheme, behind a wall."""

        id, version, scheme, facts, tiers = LOBBY.id, LOBBY.version, LOBBY.scheme, LOBBY.facts, LOBBY.tiers
        swing = LOBBY.swing

        def tier(self, facts: Any, *, current: str | None, at: dt.datetime) -> Any:
            return LOBBY.tier(facts, current=current, at=at)

    columns = {"financial_assets": [Decimal(95_000), Decimal(100_000)], "vip": [None, True]}
    same = {"currency": "CNY"}
    told = tier_all(Outside(), columns, same=same, current=["quality", None], at=AT)

    assert ["quality", "vip"] == told == tier_all(LOBBY, columns, same=same, current=["quality", None], at=AT)


def test_a_code_may_be_called_other() -> None:
    """Codes that no row names are told from one that is called as the library would call them."""
    facts = [{"name": "kind", "type": "code", "may_be_unknown": True}]
    rows = [row("high", kind="other"), row("low", kind={"not": ["other"]}), row(None, kind={"unknown": True})]
    scheme = read(measures=None, measure=None, currency=None, swing=None, facts=facts, editions=[{"enter": rows}])

    assert ["high", "low", "low"] == [tier(scheme, {"kind": kind}) for kind in ("other", "other-", "x")]


def test_customers_may_be_in_several_currencies() -> None:
    """Where currencies differ, each customer is answered by their own."""
    columns = {"financial_assets": [Decimal(500_000)] * 3, "currency": ["CNY", "USD", None]}

    quality, dollars, nothing = tier_all(LOBBY, columns, at=AT)
    assert "quality" == quality
    assert isinstance(dollars, Unknown)
    assert isinstance(nothing, Unknown)


def test_what_is_not_stated_is_told_to_everybody() -> None:
    """Without settings the batch form gives the same answer as a single decision."""
    packaged = structure(TierScheme, {**unstructure(LOBBY), "currency": NOTHING}, source="lobby")

    assert [NotConfigured(("lobby-identification.currency",))] * 2 == tier_all(
        packaged, {"financial_assets": [Decimal(1)] * 2}, at=AT
    )
