"""Credit is shared exactly, by what somebody approved, and taken back exactly."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.customers import (
    CREDIT_ROLES,
    CreditScheme,
    CreditShare,
    Deal,
    NotShared,
    Shared,
    claw_back,
    credit_report,
    share_checked,
)
from branchkit.errors import InputError, PluginFailed, Refused
from branchkit.trace import Decision, Trace
from branchkit.values import FrozenMap, Text
from tests.unit.customers.schemes import APPROVED, HOUR, RATIOS, SOLD, deal, edition, scheme

DAY = dt.timedelta(days=1)
TODAY = SOLD.date()


def shared(one: CreditScheme, what: Deal) -> Shared:
    value = share_checked(one, what).value
    assert isinstance(value, Shared), value
    return value


def code(one: CreditScheme, what: Deal) -> str:
    value = share_checked(one, what).value
    assert isinstance(value, NotShared), value
    return value.code


def amounts(value: Shared) -> list[tuple[str, str]]:
    return [(one.staff, str(one.amount)) for one in value.shares]


def test_a_thousand_is_shared_by_30_60_10() -> None:
    """Of 1,000 the referrer gets 300, the receiver 600 and the processor 100 (customers:S-7, customers:SPLIT-05)."""
    assert [("S-1", "300.00"), ("S-2", "600.00"), ("S-3", "100.00")] == amounts(shared(APPROVED, deal()))


def test_ratios_of_110_percent_are_refused() -> None:
    """A table of 30, 60 and 20 is a wrong configuration, and the sum is named (customers:S-7, customers:SPLIT-04)."""
    text = APPROVED.to_toml().replace('processor = "0.1"', 'processor = "0.2"')
    with pytest.raises(InputError) as caught:
        CreditScheme.from_toml(text, source="referral-credit.toml")

    assert "Expected ratios that add up to 100 %, got 110 % - at `$.editions[0].ratios`" in str(caught.value)


def test_the_shipped_scheme_is_switched_off_and_empty() -> None:
    """The catalog's scheme has roles, no ratio, and shares nothing until a bank says so (customers:SPLIT-02)."""
    shipped = Catalog().get("credit_scheme", "standard")
    assert isinstance(shipped, CreditScheme)
    value = shipped.share(deal()).value

    assert (False, (), CREDIT_ROLES) == (shipped.enabled, shipped.editions, tuple(role.code for role in shipped.roles))
    assert {"suggested"} == {role.basis for role in shipped.roles} | {shipped.basis}
    assert isinstance(value, NotShared)
    assert ("not_configured", ("standard.enabled",)) == (value.code, value.settings)
    assert "尚未设定：standard.enabled" == value.say("zh")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"case": 3}, "contact_refused"),
        ({"case": 2, "meets_standard": False}, "below_standard"),
        ({"lead_at": None}, "no_referral"),
        ({"lead_at": SOLD + HOUR}, "after_the_fact"),
        ({"sold_at": SOLD - 365 * DAY, "lead_at": SOLD - 366 * DAY}, "not_configured"),
        ({"measure": "fee"}, "other_measure"),
        ({"currency": "USD"}, "other_measure"),
        ({"amount": Decimal("10.005")}, "too_fine"),
        ({"parts": FrozenMap({"referrer": ("S-1",), "receiver": ("S-2",)})}, "role_unfilled"),
        ({"approved_by": ("S-80", "S-2")}, "approver_is_paid"),
    ],
    ids=str,
)
def test_what_has_no_share_is_told_why(changes: dict[str, Any], expected: str) -> None:
    """The third case, a referral below standard, none, or one after the sale, have no share; each has its reason
    (customers:SPLIT-06, customers:SPLIT-07, customers:SPLIT-08).
    """
    assert expected == code(APPROVED, deal(**changes))


def test_a_referral_of_the_same_moment_is_before_the_sale() -> None:
    """A referral that was recorded not later than the sale counts (customers:SPLIT-06)."""
    assert Decimal(1000) == shared(APPROVED, deal(lead_at=SOLD)).amount


def test_a_table_that_nobody_approved_shares_nothing() -> None:
    """A draft is not in force, and a scheme with nothing but drafts cannot be switched on."""
    approved = edition(valid_until=dt.date(2026, 2, 28))
    draft = edition(valid_from=dt.date(2026, 3, 1), approved_by=None, approved_on=None)
    value = scheme(approved, draft).share(deal()).value

    assert isinstance(value, NotShared)
    assert ("referral-credit.editions.2026-03-01.approved_by",) == value.settings
    assert ["$.enabled"] == [problem.path for problem in scheme(draft).validate()]


def test_who_approved_the_table_is_not_paid_by_it() -> None:
    """customers:SPLIT-02: whoever approved the table, and whoever approves a deal, has no part in that deal, and nobody
    has one in their place.
    """
    own = deal(parts=FrozenMap({"referrer": ("S-90",), "receiver": ("S-2",), "processor": ("S-3",)}))

    assert "approver_is_paid" == code(APPROVED, own)
    assert "approver_is_paid" == code(APPROVED, attrs.evolve(own, approved_by=("S-91",)))
    value = APPROVED.share(own).value
    assert isinstance(value, NotShared)
    assert ("customers:SPLIT-02",) == value.rules
    for person in ("S-90", "S-91"):
        assert "approver_is_paid" == code(APPROVED, deal(acted_for=(person,), approved_by=("S-91",)))
    assert Decimal(1000) == shared(APPROVED, deal(acted_for=("S-92",), approved_by=("S-91",))).amount
    assert frozenset({"S-91"}) == APPROVED.approvers(deal(sold_at=SOLD - 365 * DAY, approved_by=("S-91",)))
    assert "approver_is_paid" == code(APPROVED, attrs.evolve(own, approved_by=("S-3",)))


def test_what_rounding_leaves_goes_to_one_role() -> None:
    """Several in a role share alike; what is left goes to the receivers, cent by cent (customers:SPLIT-05)."""
    parts = FrozenMap({"referrer": ("S-1", "S-4", "S-5"), "receiver": ("S-6", "S-2"), "processor": ("S-3",)})

    assert [
        ("S-1", "10.00"), ("S-4", "10.00"), ("S-5", "10.00"), ("S-2", "30.03"), ("S-6", "30.02"), ("S-3", "10.00"),
    ] == amounts(shared(APPROVED, deal(amount=Decimal("100.05"), parts=parts)))  # fmt: skip
    assert Decimal("-100.05") == shared(APPROVED, deal(amount=Decimal("-100.05"), parts=parts)).amount


def test_a_role_that_nobody_had_may_go_to_the_remainder() -> None:
    """Where the bank says so, the part of a role that nobody had is the remainder role's; never another way round."""
    lenient = scheme(edition(unfilled="remainder"))
    parts = FrozenMap({"receiver": ("S-2",), "processor": ("S-3",)})

    assert [("S-2", "900.00"), ("S-3", "100.00")] == amounts(shared(lenient, deal(parts=parts)))
    assert "role_unfilled" == code(lenient, deal(parts=FrozenMap({"processor": ("S-3",)})))


def test_a_count_of_referrals_alone_pays_nobody() -> None:
    """Where the bank sets a least rate, nothing is paid below it or while it is not known (customers:INC-07)."""
    checked = scheme(edition(at_least=FrozenMap({"standard_rate": Decimal("0.8")})))

    assert () == tuple(checked.validate())
    assert "check_unknown" == code(checked, deal())
    assert "check_failed" == code(checked, deal(measures=FrozenMap({"standard_rate": Decimal("0.79")})))
    assert Decimal(1000) == shared(checked, deal(measures=FrozenMap({"standard_rate": Decimal("0.8")}))).amount


def test_the_table_of_the_day_of_the_sale_holds() -> None:
    """A sale is shared by the edition of its day, whatever came later; the last day counts."""
    other = FrozenMap({"referrer": Decimal("0.5"), "receiver": Decimal("0.4"), "processor": Decimal("0.1")})
    dated = scheme(edition(valid_until=SOLD.date()), edition(valid_from=SOLD.date() + DAY, ratios=other))

    assert [("S-1", "300.00")] == amounts(shared(dated, deal()))[:1]
    assert [("S-1", "500.00")] == amounts(shared(dated, deal(sold_at=SOLD + DAY)))[:1]


def test_the_decision_says_who_gets_what_and_why() -> None:
    """The trace names the version, each share with its ratio, and the rules."""
    assert (
        "1000 CNY: S-1 (referrer) 300; S-2 (receiver) 600; S-3 (processor) 100\n"
        "referral-credit 3: deal:D-1\n"
        "  +300  referrer: 30 % of it [staff:S-1] (customers:SPLIT-03, customers:SPLIT-05)\n"
        "  +600  receiver: 60 % of it, and what rounding leaves [staff:S-2] (customers:SPLIT-03, customers:SPLIT-05)\n"
        "  +100  processor: 10 % of it [staff:S-3] (customers:SPLIT-03, customers:SPLIT-05)"
    ) == APPROVED.share(deal()).why()


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"valid_until": dt.date(2025, 12, 31)}, "$.editions[0].valid_until"),
        ({"measure": ""}, "$.editions[0].measure"),
        ({"currency": " "}, "$.editions[0].currency"),
        ({"remainder": "closer"}, "$.editions[0].remainder"),
        ({"quantum": Decimal(0)}, "$.editions[0].quantum"),
        ({"at_least": FrozenMap({"standard_rate": Decimal("NaN")})}, "$.editions[0].at_least.standard_rate"),
        ({"approved_on": None}, "$.editions[0].approved_on"),
        ({"approved_by": " "}, "$.editions[0].approved_by"),
        ({"ratios": FrozenMap({**RATIOS, "friend": Decimal(0)})}, "$.editions[0].ratios.friend"),
    ],
    ids=str,
)
def test_a_table_that_does_not_hold_together_is_refused(changes: dict[str, Any], path: str) -> None:
    """What contradicts itself in an edition is told with its place."""
    assert {path} == {problem.path for problem in scheme(edition(**changes)).validate()}


@pytest.mark.parametrize(
    ("changes", "paths"),
    [
        ({"id": ""}, ["$.id"]),
        ({"version": " "}, ["$.version"]),
        ({"rules": ("SPLIT-01",)}, ["$.rules[0]"]),
        ({"roles": (*APPROVED.roles, APPROVED.roles[0])}, ["$.roles[6].code"]),
        ({"roles": (*APPROVED.roles, attrs.evolve(APPROVED.roles[0], code=""))}, ["$.roles[6].code"]),
        ({"editions": (edition(), edition(valid_from=dt.date(2026, 2, 1)))}, ["$.editions[1].valid_from"]),
        ({"editions": (edition(valid_until=TODAY), edition(valid_from=TODAY))}, ["$.editions[1].valid_from"]),
        ({"editions": ()}, ["$.enabled"]),
        ({"editions": (edition(ratios=FrozenMap()),)}, ["$.editions[0].remainder", "$.editions[0].ratios"]),
    ],
)  # fmt: skip
def test_a_scheme_that_does_not_hold_together_is_refused(changes: dict[str, Any], paths: list[str]) -> None:
    """What contradicts itself in a scheme is told with its place; no day has two tables."""
    built = attrs.evolve(APPROVED, **changes)

    assert paths == [problem.path for problem in built.validate()]
    assert "referral-credit 3" == str(APPROVED)


def test_what_is_wrong_with_a_deal_is_all_told() -> None:
    """Moments without a zone, ids that are none, people named twice and numbers that are none are told together."""
    naive = SOLD.replace(tzinfo=None)
    odd = deal(
        currency="",
        lead_at=naive,
        parts=FrozenMap({"referrer": ("S-1", "S-1"), "receiver": ("",)}),
        measures=FrozenMap({"standard_rate": Decimal("NaN")}),
    )
    with pytest.raises(InputError) as caught:
        APPROVED.share(odd)

    assert [
        "$.currency", "$.lead_at", "$.measures.standard_rate", "$.parts.referrer[1]", "$.parts.receiver[0]",
    ] == [problem.path for problem in caught.value.problems]  # fmt: skip
    with pytest.raises(ValueError, match="finite"):
        deal(amount=Decimal("Infinity"))


def test_what_is_cancelled_in_time_is_taken_back() -> None:
    """Within the time in which the product may be cancelled each gives back what they got (customers:SPLIT-09)."""
    sold = deal(cooling_off_until=SOLD + 10 * DAY)
    booked = shared(APPROVED, sold)
    decision = claw_back(booked, sold, at=SOLD + 10 * DAY)
    back = decision.value

    assert isinstance(back, Shared)
    assert [("S-1", "-300.00"), ("S-2", "-600.00"), ("S-3", "-100.00")] == amounts(back)
    assert (Decimal(-1000), SOLD + 10 * DAY) == (back.amount, back.at)
    assert ("customers:SPLIT-09",) == decision.trace.steps[0].rules


def test_what_is_cancelled_too_late_stays() -> None:
    """After that time nothing is taken back, and where nobody has stated it that is told (customers:SPLIT-09)."""
    sold = deal(cooling_off_until=SOLD + DAY)
    booked = shared(APPROVED, sold)
    late = claw_back(booked, sold, at=SOLD + DAY + HOUR).value
    unknown = claw_back(booked, deal(), at=SOLD + DAY).value

    assert isinstance(late, NotShared)
    assert isinstance(unknown, NotShared)
    assert ("after_cooling_off", "not_configured") == (late.code, unknown.code)
    with pytest.raises(InputError) as caught:
        claw_back(booked, attrs.evolve(sold, id="D-2"), at=SOLD.replace(tzinfo=None))
    assert ["$.deal", "$.at"] == [problem.path for problem in caught.value.problems]


def test_what_was_taken_back_is_not_taken_back_again() -> None:
    """customers:SPLIT-09: only what was booked is taken back, and not before it was sold."""
    sold = deal(cooling_off_until=SOLD + DAY)
    booked = shared(APPROVED, sold)
    back = claw_back(booked, sold, at=SOLD).value
    assert isinstance(back, Shared)

    for what, moment, path in ((back, SOLD + HOUR, "$.shared"), (booked, SOLD - HOUR, "$.at")):
        with pytest.raises(InputError) as caught:
            claw_back(what, sold, at=moment)
        assert [path] == [problem.path for problem in caught.value.problems]
    with pytest.raises(InputError):
        claw_back(booked, attrs.evolve(sold, amount=Decimal(1001)), at=SOLD)


def test_a_period_is_reported_with_what_was_taken_back() -> None:
    """Deals, roles, people, ratios and amounts of a period are listed, and each person's total (customers:SPLIT-10)."""
    first = shared(APPROVED, deal(cooling_off_until=SOLD + DAY))
    back = claw_back(first, deal(cooling_off_until=SOLD + DAY), at=SOLD + DAY).value
    assert isinstance(back, Shared)
    second = attrs.evolve(shared(APPROVED, deal()), deal="D-2", currency="USD")
    later = attrs.evolve(first, deal="D-3", at=SOLD + 40 * DAY)
    report = credit_report((later, back, second, first), since=SOLD, until=SOLD + 40 * DAY)

    assert ["D-1", "D-1", "D-1", "D-2", "D-2", "D-2", "D-1", "D-1", "D-1"] == [row.deal for row in report.rows]
    assert ["processor", "receiver", "referrer"] == [row.share.role for row in report.rows[:3]]
    assert {"CNY": {"S-1": 0, "S-2": 0, "S-3": 0}, "USD": {"S-1": 300, "S-2": 600, "S-3": 100}} == report.totals


class Stubborn:
    """A plug-in's policy that answers what it was told to."""

    id = "acme.stubborn"
    version = "1"

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def share(self, deal: Deal) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        if not isinstance(self.answer, Shared | NotShared):
            return self.answer
        return Decision(self.answer, Trace(policy=self.id, version=self.version, plugin="acme"))


GOOD = APPROVED.share(deal()).value
assert isinstance(GOOD, Shared)
FIRST, SECOND, THIRD = GOOD.shares


def _with(*shares: CreditShare) -> Shared:
    assert isinstance(GOOD, Shared)
    return attrs.evolve(GOOD, shares=shares)


@pytest.mark.parametrize(
    ("answer", "changes", "told"),
    [
        (7, {}, "something else than a Decision"),
        (Decision(GOOD, Trace(policy="acme.other", version="1")), {}, "the trace of 'acme.other' '1'"),
        (KeyError("Zhang"), {}, "raised KeyError"),
        (GOOD, {"case": 3}, "shared a deal that has no share"),
        (GOOD, {"lead_at": None}, "shared a deal that has no share"),
        (GOOD, {"currency": "USD"}, "the shares of another deal, moment or currency"),
        (GOOD, {"amount": Decimal(999)}, "do not add up to the whole"),
        (_with(FIRST, attrs.evolve(FIRST, amount=Decimal(700))), {}, "credited somebody twice for one role"),
        (_with(FIRST, attrs.evolve(SECOND, staff="S-9"), THIRD), {}, "for a role that they do not have"),
        (_with(attrs.evolve(FIRST, amount=Decimal(-300)), attrs.evolve(SECOND, amount=Decimal(1200)), THIRD), {},
         "took from somebody to give to others"),
        (GOOD, {"approved_by": ("S-3",)}, "credited whoever approves it"),
    ],
    ids=str,
)  # fmt: skip
def test_what_a_plug_in_answers_is_checked(answer: Any, changes: dict[str, Any], told: str) -> None:
    """Whatever a plug-in answers, nothing is booked that is not the whole, or goes to whom it must not."""
    with pytest.raises(PluginFailed, match=r"Plug-in 'acme': the credit policy 'acme\.stubborn'") as caught:
        share_checked(Stubborn(answer), deal(**changes))

    assert told in caught.value.what


def test_amounts_that_are_no_decimals_are_seen() -> None:
    """An int among the shares is not exact money as the journal keeps it, and is refused."""
    whole: Any = attrs.evolve(FIRST)
    object.__setattr__(whole, "amount", 300)

    with pytest.raises(PluginFailed, match="not in decimals"):
        share_checked(Stubborn(_with(whole, SECOND, THIRD)), deal())


def test_a_sound_answer_of_a_plug_in_stands() -> None:
    """What a plug-in shares rightly is shared; what it does not share, or refuses, is told as it tells it."""
    nothing = NotShared(code="not_this_month", why=Text(zh="本月暂停", en="not this month"))

    assert GOOD == share_checked(Stubborn(GOOD), deal()).value
    assert nothing == share_checked(Stubborn(nothing), deal()).value
    with pytest.raises(Refused):
        share_checked(Stubborn(Refused("CreditSale", ("no",))), deal())


def test_shares_that_are_not_the_whole_cannot_be_made() -> None:
    """Shares add up to their amount, or there are none."""
    booked = shared(APPROVED, deal())

    with pytest.raises(ValueError, match="Expected shares that add up to 999, got 1000"):
        attrs.evolve(booked, amount=Decimal(999))
