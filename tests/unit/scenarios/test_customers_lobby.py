"""Worked scenarios of the customers' digest from the counter to the credit: seen, looked up, shared, and fair."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Answer, Sheet, bind, judge
from branchkit.customers import (
    CreditEdition,
    CreditScheme,
    Customer,
    Found,
    Money,
    PassCheck,
    churn_rate,
    compare_churn,
    looked_up,
)
from branchkit.customers.journey import (
    AskWillingness,
    ConvertLead,
    Credit,
    CreditSale,
    EnterLead,
    JudgeVisit,
    Lead,
    LookUpVisit,
    ObserveTriggers,
    OpenVisit,
    RefusalCount,
    TriggerHit,
    Visit,
)
from branchkit.errors import DecodeError
from branchkit.kit import Kit, RuleBook
from branchkit.kit.core import CorePlugin
from branchkit.plugins.config import Config
from branchkit.plugins.host import Plugins
from branchkit.testing.ports import CoreBankDouble
from branchkit.values import FrozenMap, Ref
from tests.unit.catalog.counter import BRANCH, HEAD, QUALITY, TELLER, WEALTH
from tests.unit.catalog.lobby import ASSISTANT, CUSTOMER, TALK, TOLD, Lobby
from tests.unit.customers.tiers import scheme_of, trigger_list

CATALOG = Catalog()
WAIT = dt.timedelta(seconds=2)


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people, and no case and no journey yet."""
    return Lobby()


# -- a card is shown


@pytest.mark.parametrize("target", ["low_counter", "wealth_manager"])
def test_another_banks_card_is_shown_at_the_counter(lobby: Lobby, target: str) -> None:
    """customers:S-1: a walk-in shows the Golden Sunflower card: trigger 11 with card CARD-09 is on record, it is enough
    for the direct judgement, willingness is asked, and the willing customer goes to the low counter or the wealth
    manager.
    """
    spotted = trigger_list().stating(own_issuer="ICBC").spot({"card": "golden_sunflower"}).value
    (hit,) = spotted.hits
    assert {"customers:TRG-11", "customers:CARD-09"} <= set(hit.rules)

    lobby.open("lobby-referral", TELLER, facts={"journey": "V-1"})
    lobby.do("receive", "at_the_counter", TELLER, facts={"business_type": "deposit"})
    lobby.tell(OpenVisit, "V-1", branch="B-1", identified_at="counter", business_type="deposit", by=TELLER)
    lobby.tell(ObserveTriggers, "V-1", (TriggerHit(hit.code, card=hit.card),), by=TELLER)
    lobby.do("observe", "observed", TELLER, facts={"observation": "triggers_seen"})
    lobby.tell(JudgeVisit, "V-1", "reached", basis="card", by=TELLER)
    lobby.do("judge", "reached", TELLER, facts={"judgement.basis": "card"})
    assert ("ask_willingness",) == lobby.case().open_stages

    lobby.do(
        "ask_willingness", "willing_at_the_counter", TELLER, facts={"talk.preconditions": TALK, "interest": "high"}
    )
    lobby.do("guide", "success", TELLER)
    lobby.tell(AskWillingness, "V-1", "yes", interest="high", by=TELLER)
    lobby.attach(TELLER)
    lobby.refer(TELLER, target=target, receiver=WEALTH.id if target == "wealth_manager" else QUALITY.id)
    lobby.do("route", "offer", TELLER)

    visit = lobby.kit.get(Visit, "V-1")
    assert (TriggerHit("gold_or_peer_vip_card", card="golden_sunflower"),) == visit.hits
    assert (True, target) == (visit.is_quality, lobby.referral().target)


# -- a look-up


@pytest.mark.parametrize(("holds", "reached"), [("100000", True), ("99999", False)])
def test_who_shows_nothing_is_looked_up(lobby: Lobby, holds: str, reached: bool) -> None:
    """customers:S-2: with no visible sign and no judgement the look-up decides: at 100,000 exactly willingness is
    asked; at 99,999 the customer is served as anybody, and there is no lead.
    """
    found = Found(measure="financial_assets", total=Money(Decimal(holds), "CNY"))
    bank = CoreBankDouble(holdings={CUSTOMER: found})
    told = bank.look_up(CUSTOMER, at=lobby.at, wait=WAIT)
    result = looked_up(told, scheme_of("lobby-identification"), at=lobby.at).value
    assert ("reached" if reached else "below") == result

    lobby.open("lobby-referral", TELLER, facts={"journey": "V-1"})
    lobby.do("receive", "at_the_counter", TELLER, facts={"business_type": "deposit"})
    lobby.do("observe", "observed", TELLER, facts={"observation": "nothing_seen"})
    lobby.do("judge", "unclear", TELLER)
    lobby.tell(OpenVisit, "V-1", branch="B-1", identified_at="counter", business_type="deposit", by=TELLER)
    lobby.tell(JudgeVisit, "V-1", "unclear", by=TELLER)
    lobby.tell(LookUpVisit, "V-1", result, by=TELLER)
    way = "reached" if reached else "ordinary_route"
    other = "ordinary_route" if reached else "reached"
    assert ["guard_false"] == lobby.no("look_up", other, TELLER, facts={"look_up.result": result})
    lobby.do("look_up", way, TELLER, facts={"look_up.result": result})

    assert ("ask_willingness" if reached else "serve_ordinary",) == lobby.case().open_stages
    assert reached == lobby.kit.get(Visit, "V-1").is_quality
    if not reached:
        served = {
            "ordinary.services": ("triage", "processing", "product_marketing"),
            "farewell": ("thanked", "other_services_mentioned"),
        }
        lobby.do("serve_ordinary", "served", TELLER, facts=served)
        assert "ordinary" == lobby.ended()
        assert lobby.against(AskWillingness, "V-1", "yes", interest="high", by=TELLER)
        assert [] == list(lobby.kit.find(Lead, branch="B-1"))


# -- the three cases


def willing(lobby: Lobby, interest: str) -> None:
    """Bring the flow and the ledger to a customer who is willing."""
    lobby.open("lobby-referral", QUALITY, facts={"journey": "V-1"})
    lobby.do("receive", "in_the_lobby", QUALITY, facts={"business_type": "deposit"})
    lobby.do("observe", "observed", QUALITY, facts={"observation": "triggers_seen"})
    lobby.do("judge", "reached", QUALITY, facts={"judgement.basis": "trigger"})
    lobby.do("ask_willingness", "willing", QUALITY, facts={"talk.preconditions": TALK, "interest": interest})
    lobby.visit(interest=interest)
    lobby.attach()


def test_the_receiver_enters_the_lead(lobby: Lobby) -> None:
    """customers:S-3: led to the wealth manager on site: case 1; the lead is the receiver's, and one that the referrer
    enters is rejected.
    """
    willing(lobby, "high")
    lobby.refer()
    lobby.do("route", "offer", QUALITY)

    assert "wrong_recorder" in lobby.against(EnterLead, "V-1", "LD-1", branch="B-1", referral="R-1", by=QUALITY)
    lobby.accept()
    lobby.do("take_over", "taken_over", WEALTH)
    assert ("handed_over_on_site", "W-1", "Q-1") == (lobby.referral().case, lobby.lead().by, lobby.lead().referrer)


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, True)])
def test_nobody_is_there_to_take_over(lobby: Lobby, days: int, late: bool) -> None:
    """customers:S-4: interested, and the wealth manager is absent: case 2; part A, card and materials; the supervisor
    enters the lead by close of business, and on the next day it is late.
    """
    willing(lobby, "medium")
    lobby.do("route", "nobody_there", QUALITY)
    lobby.form()
    lobby.do("fill_form", "filled", QUALITY)
    assert "wrong_recorder" in lobby.against(EnterLead, "V-1", "LD-1", branch="B-1", referral="R-1", by=WEALTH)
    lobby.at = lobby.at.replace(hour=17, minute=10) + dt.timedelta(days=days)
    lobby.enter()

    referral = lobby.referral()
    assert ("interested_not_handed_over", late, "Q-1") == (referral.case, lobby.lead().late, lobby.lead().by)
    assert referral.form is not None
    assert ({"business_card", "materials"}, "part_a_done") == (set(referral.form.gave), referral.form_status)


def test_a_refusal_leaves_a_number(lobby: Lobby) -> None:
    """customers:S-5: contact refused: case 3; card and materials are given and the word that contact is possible at any
    time; no lead, no form and nothing of the person.
    """
    lobby.open("lobby-referral", QUALITY, facts={"journey": "V-1"})
    lobby.do("receive", "in_the_lobby", QUALITY, facts={"business_type": "deposit"})
    lobby.do("observe", "observed", QUALITY, facts={"observation": "triggers_seen"})
    lobby.do("judge", "reached", QUALITY, facts={"judgement.basis": "trigger"})
    lobby.do("ask_willingness", "no_further", QUALITY)
    without = {"given": tuple(one for one in TOLD if one != "contact_us_any_time")}
    assert ["guard_false"] == lobby.no("give_card", "given", QUALITY, facts=without)
    lobby.do("give_card", "given", QUALITY, facts={"given": TOLD})
    lobby.kit.do(lobby.refusal())

    (count,) = lobby.kit.find(RefusalCount, branch="B-1")
    assert (1, "ended") == (count.count, lobby.ended())
    assert [] == [*lobby.kit.find(Lead, branch="B-1"), *lobby.kit.find(Visit, branch="B-1")]


# -- the split


def filled_in(**ratios: str) -> CreditScheme:
    """Return the table of shares as a bank fills it in and switches it on."""
    core = CATALOG.get("credit_scheme", "standard")
    assert isinstance(core, CreditScheme)
    edition = CreditEdition(
        valid_from=dt.date(2026, 1, 1),
        measure="profit",
        currency="CNY",
        ratios=FrozenMap({role: Decimal(share) for role, share in ratios.items()}),
        remainder="receiver",
        approved_by="S-90",
        approved_on=dt.date(2025, 12, 20),
    )
    return attrs.evolve(core, version="house-1", enabled=True, editions=(edition,))


def sharing(lobby: Lobby, root: Path) -> None:
    """Put the filled table in the place of core's."""
    folder = root / "overrides" / "credit_schemes"
    folder.mkdir(parents=True)
    filled = filled_in(referrer="0.3", receiver="0.6", processor="0.1")
    (folder / "standard.toml").write_text(filled.to_toml(), encoding="utf-8")
    rules = RuleBook(
        Catalog((CatalogRoot("house", root),)),
        Plugins.load(builtin=(CorePlugin(),), entry_points=False),
        Config(),
    )
    lobby.kit = Kit(lobby.kit.store, rules, grants=lobby.kit.grants)


def test_a_form_below_standard_shares_nothing(lobby: Lobby, tmp_path: Path) -> None:
    """customers:S-7: (a) the wealth room marks the form as not up to standard: it is closed, makes no lead, and what
    was sold before shares nothing.
    """
    sharing(lobby, tmp_path)
    willing(lobby, "medium")
    lobby.form()
    lobby.enter()
    lobby.convert()
    lobby.review(meets=False)
    lobby.at += dt.timedelta(days=20)

    given = {"sale": "SALE-1", "amount": Decimal(1000), "currency": "CNY", "processors": ("T-1",)}
    assert {"below_standard"} == lobby.against(CreditSale, "V-1", "LD-1", by=HEAD, **given).keys()
    referral = lobby.referral()
    assert referral.review is not None
    assert (False, "closed") == (referral.review.meets_standard, referral.form_status)


def test_a_thousand_is_shared_by_three(lobby: Lobby, tmp_path: Path) -> None:
    """customers:S-7: (b) of a profit of 1,000 at 30, 60 and 10 percent the referrer gets 300, the receiver 600 and who
    processed it 100.
    """
    sharing(lobby, tmp_path)
    willing(lobby, "high")
    lobby.refer()
    lobby.accept()
    lobby.convert()
    lobby.at += dt.timedelta(days=20)
    given = {"sale": "SALE-1", "amount": Decimal(1000), "currency": "CNY", "processors": ("T-1",)}
    lobby.tell(CreditSale, "V-1", "LD-1", by=HEAD, cooling_off_until=lobby.at, **given)

    (credit,) = lobby.kit.find(Credit, lead="LD-1")
    shares = {(one.staff, one.role): one.amount for one in credit.shared.shares}
    assert {("Q-1", "referrer"): 300, ("W-1", "receiver"): 600, ("T-1", "processor"): 100} == shares


def test_shares_that_make_more_than_the_whole_are_no_table() -> None:
    """customers:S-7: (b) 30, 60 and 20 are a wrong configuration, which is told with the sum when the table is read."""
    wrong = filled_in(referrer="0.3", receiver="0.6", processor="0.2").to_toml()

    with pytest.raises(DecodeError, match=r"add up to 100 %, got 110 %") as caught:
        CreditScheme.from_toml(wrong)
    assert ["$.editions[0].ratios"] == [one.path for one in caught.value.problems]


# -- the structured product


def test_a_teller_is_asked_about_a_structured_product(lobby: Lobby) -> None:
    """customers:S-8: the teller raises interest and passes on to staff off the counter; a sale of the teller's is
    refused, the wealth manager's is not.
    """
    duty = CATALOG.table("post-duties").decide({"post": "teller", "duty": "raise_interest", "trained_in_norms": True})
    lobby.visit(TELLER)
    lobby.attach(TELLER)
    assert "complex_product" in lobby.against_target("low_counter", complexity="complex", by=TELLER)
    lobby.refer(TELLER, complexity="complex")
    lobby.accept()
    sale = {"sale": "SALE-1", "product": "structured", "complexity": "complex"}

    assert duty.value is not None
    assert duty.value["may"] is True
    assert {"complex_product"} == lobby.against(ConvertLead, "V-1", "LD-1", by=TELLER, **sale).keys()
    lobby.convert(ASSISTANT, product="structured", complexity="complex")
    assert "W-2" == lobby.lead().sales[0].by


# -- the loss of a year


def test_the_loss_of_a_year_is_the_average(lobby: Lobby) -> None:
    """customers:S-10: 164 of 1,000 VIPs lost in twelve months are 16.4 %, as many as the average, more than the best
    bank's 10.8 % and fewer than the worst bank's 23.3 %; so the report says.
    """
    benchmark = scheme_of("vip-admission").churn
    rate = churn_rate(164, 1000)
    assert benchmark is not None
    assert isinstance(rate, Decimal)
    found = compare_churn(rate, benchmark)
    assert (Decimal("16.4"), "equal", "above", "below") == (rate, found.average, found.best, found.worst)

    compared = {"below": "up_to_average", "equal": "up_to_average", "above": "above_average"}[found.average]
    lobby.open("vip-movement-report", QUALITY)
    nothing = dict.fromkeys(("anomalies", "closures", "retained", "customers", "assets-lost"), "0")
    sheet = lobby.sheet("vip-movement-report", QUALITY, {**nothing, "churn-rate": str(rate)})
    lobby.do("collect", "drafted", QUALITY, sheet=sheet, facts={"report.month": "2026-02"})
    lobby.sign("collect", WEALTH)
    lobby.do("check", "complete", WEALTH, facts={"churn.compared": compared})
    assert "up_to_average" == lobby.case().facts["churn.compared"]


# -- fair to all


def conduct(*answers: Answer) -> list[tuple[str, ...]]:
    """Return the rules of what is found on a sheet about etiquette."""
    checklist = CATALOG.checklist("etiquette")
    sheet = Sheet(
        "S-1", checklist="etiquette", version=checklist.version, branch="B-1",
        at=dt.datetime(2026, 3, 2, 11, tzinfo=dt.UTC), by="L-1", answers=answers,
    )  # fmt: skip
    return [one.rules for one in judge(sheet, bind(checklist, BRANCH, at=sheet.at))]


@pytest.mark.parametrize("alike", ["amount", "denomination", "busy_idle"])
def test_a_small_depositor_and_a_vip_come_at_peak_time(lobby: Lobby, alike: str) -> None:
    """customers:S-13: (a) coins or notes, much or little, peak time or not: a teller who is less courteous to one is
    found; the VIP may take the priority lane, and keeps, as the depositor does, all that everybody has.
    """
    lobby.known()
    for check in ("identity_verified", "aml_checked", "cft_checked"):
        lobby.tell(PassCheck, CUSTOMER, check, by=TELLER if check == "identity_verified" else WEALTH)
    vip = scheme_of("vip-admission")
    small, rich = (
        vip.entitled("standard").value,
        vip.entitled("vip", checked=lobby.kit.get(Customer, CUSTOMER).checks.passed).value,
    )

    unequal = Answer("five-alikes", value="fail", on=(Ref("staff", "T-1"), Ref("alike", alike)))
    assert [("service:ETQ-17",)] == conduct(unequal)
    assert set(vip.baseline) == set(small.codes) < set(rich.codes)
    ways = {who: served(priority_lane="priority_lane" in one.codes) for who, one in (("small", small), ("rich", rich))}
    assert {"small": "own_turn", "rich": "priority_lane"} == ways


def served(*, priority_lane: bool = False, in_a_hurry: bool = False, others_consented: bool = False) -> object:
    """Return in which way a customer is served."""
    facts = {"priority_lane": priority_lane, "in_a_hurry": in_a_hurry, "others_consented": others_consented}
    found = CATALOG.table("earlier-service").decide(facts).value
    assert found is not None
    return found["way"]


def test_a_customer_in_a_hurry_asks_to_jump_the_queue() -> None:
    """customers:S-13: (b) while the others were not asked it is not allowed, and a teller who does it is found; once
    they agree it is.
    """
    assert "own_turn" == served(in_a_hurry=True)
    assert "ahead_of_others" == served(in_a_hurry=True, others_consented=True)
    unasked = Answer("urgent-asked", value="fail", on=(Ref("staff", "T-1"),))
    (rules,) = conduct(unasked)
    assert {"service:ETQ-19", "customers:TIER-22"} < set(rules)
