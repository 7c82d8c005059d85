"""The shipped report of VIPs' movements and the handling of consent: proved, and run from opening to every end."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.catalog import Catalog
from branchkit.checklists import OpenScheduled
from branchkit.messages import Actor
from branchkit.procedures import CompleteStage, Procedure, Surroundings, prove
from tests.unit.catalog.counter import DAY, HEAD, LOBBY, MINUTE, MORNING, QUALITY, TELLER, WEALTH
from tests.unit.catalog.lobby import ASSISTANT, Lobby

CATALOG = Catalog()
NAMES = ("vip-movement-report", "consent-handling")
SCHEDULER = Actor("branchkit:scheduler", system=True)


@pytest.fixture
def lobby() -> Lobby:
    """Return a branch with its people and no case yet."""
    return Lobby()


def loaded(name: str) -> Procedure:
    return CATALOG.procedure(name)


@pytest.mark.parametrize("name", NAMES)
def test_procedure_is_proved(name: str) -> None:
    """Every stage is reached, ends, and can be acted in; forms, ladders and both languages are there."""
    one = loaded(name)
    forms = {stage.form: CATALOG.checklist(stage.form) for stage in one.stages if stage.form is not None}
    ladders = {id: CATALOG.ladder(id) for id in one.ladders.values()}

    assert () == prove(one, Surroundings(checklists=forms, ladders=ladders))
    assert {"suggested"} == {clock.basis for _, clock in one.all_clocks()}
    assert {clock.id for _, clock in one.all_clocks()} == set(one.ladders)


# The report


MARCH = {"report.month": "2026-03"}


def month_of_movements(lobby: Lobby) -> None:
    """Two movements and a closure in March, and one of another month."""
    lobby.movement("M-1", "anomaly", amount=500_000, result="retained")
    lobby.movement("M-2", "anomaly", amount=20_000, result="settled")
    lobby.movement("M-3", "closure", amount=1_200_000, customer="K-9", result="closed")
    lobby.movement("M-4", "closure", month="2026-02", amount=3, customer="K-8", result="closed")


def figures(lobby: Lobby, **other: str) -> str:
    right = {"anomalies": "2", "closures": "1", "retained": "1", "customers": "2", "assets-lost": "1200000"}
    answers = {**right, "churn-rate": "16.4", **{name.replace("_", "-"): value for name, value in other.items()}}
    return lobby.sheet("vip-movement-report", QUALITY, answers)


def drafted(lobby: Lobby) -> None:
    month_of_movements(lobby)
    lobby.open("vip-movement-report", QUALITY)
    lobby.do("collect", "drafted", QUALITY, facts=MARCH, sheet=figures(lobby))
    lobby.sign("collect", WEALTH)


def submitted(lobby: Lobby) -> None:
    drafted(lobby)
    lobby.do("check", "complete", QUALITY, facts={"churn.compared": "up_to_average"})
    lobby.do("submit", "submitted", WEALTH, facts={"submitted_to": ("outlet_head", "sales_director")})


def test_a_month_with_two_movements_and_a_closure(lobby: Lobby) -> None:
    """customers:S-9, customers:RPT-03, customers:RPT-04, customers:RPT-05, service:VIP-10, service:VIP-11: drafted by
    the supervisor and the wealth manager it counts two and one; it is complete once the branch's head has signed.
    """
    submitted(lobby)

    assert (None, "open") == (lobby.ended(), lobby.case().status)
    assert ("2", "1") == tuple(str(lobby.case().facts[f"form.{one}"]) for one in ("anomalies", "closures"))
    for who in (QUALITY, WEALTH, LOBBY):
        assert "not_permitted" in lobby.no("sign", "signed", who)
    lobby.do("sign", "signed", HEAD)
    lobby.do("act", "filed", WEALTH, facts={"measures": ("contact_lost_customers",)})
    assert "signed" == lobby.ended()


@pytest.mark.parametrize(
    "wrong",
    [{"anomalies": "3"}, {"closures": "2"}, {"retained": "2"}, {"customers": "3"}, {"assets_lost": "1720000"}],
)
def test_figures_come_from_the_record_form_alone(lobby: Lobby, wrong: dict[str, str]) -> None:
    """customers:RPT-02, customers:RPT-06, service:VIP-09: a draft whose figures are not those of the record form of
    that month is not accepted.
    """
    month_of_movements(lobby)
    lobby.open("vip-movement-report", QUALITY)
    sheet = figures(lobby, **wrong)

    assert ["guard_false"] == lobby.no("collect", "drafted", QUALITY, facts=MARCH, sheet=sheet)


def test_two_posts_prepare_the_report(lobby: Lobby) -> None:
    """customers:RPT-03, service:ROL-24: the supervisor counts and the wealth manager confirms; one alone prepares
    nothing, and nobody else does.
    """
    month_of_movements(lobby)
    lobby.open("vip-movement-report", QUALITY)
    sheet = figures(lobby)
    assert "not_permitted" in lobby.no("collect", "drafted", HEAD, facts=MARCH, sheet=sheet)
    lobby.do("collect", "drafted", QUALITY, facts=MARCH, sheet=sheet)

    assert ("collect",) == lobby.case().open_stages
    assert ["not_permitted"] == lobby.no_signature("collect", TELLER)
    both = Actor("Q-1", posts=("customer_service_officer", "wealth_manager"))
    assert ["not_distinct", "separation"] == lobby.no_signature("collect", both)
    lobby.sign("collect", WEALTH)
    assert ("check",) == lobby.case().open_stages


def test_whoever_prepared_a_report_does_not_sign_it(lobby: Lobby) -> None:
    """customers:RPT-03, customers:RPT-05, service:VIP-11: a head who acts for the wealth manager does not sign, and the
    signature is never waived.
    """
    submitted(lobby)
    own = Actor("H-2", posts=("outlet_head",), acting_for="W-1")

    command = CompleteStage("C-1", "sign", "signed", by=own, at=lobby.at + MINUTE)
    assert ["separation"] == [one.code for one in lobby.refused(command)]
    assert ("customers:RPT-05", "service:VIP-11") == lobby.waive("sign", HEAD, "on leave")[0].rules


def test_a_report_goes_back_with_a_reason(lobby: Lobby) -> None:
    """customers:RPT-04: the head returns a report with the reason, and it is counted again."""
    submitted(lobby)
    assert ["reason_missing"] == lobby.no("sign", "returned", HEAD)
    lobby.do("sign", "returned", HEAD, reason="February's closures are missing")

    assert ("collect",) == lobby.case().open_stages


def test_churn_is_compared_and_the_report_goes_to_the_head(lobby: Lobby) -> None:
    """customers:RPT-04, customers:RPT-06: churn is held against the benchmarks before it is submitted, and it is
    submitted to the branch's head at the least.
    """
    drafted(lobby)
    assert ["guard_false"] == lobby.no("check", "complete", QUALITY)
    lobby.do("check", "complete", QUALITY, facts={"churn.compared": "cannot_be_told"})

    elsewhere = {"submitted_to": ("sales_director",)}
    assert ["guard_false"] == lobby.no("submit", "submitted", QUALITY, facts=elsewhere)
    lobby.do("submit", "submitted", QUALITY, facts={"submitted_to": ("outlet_head",)})
    assert ("sign",) == lobby.case().open_stages


def test_the_report_is_due_every_month(lobby: Lobby) -> None:
    """customers:RPT-01, service:VIP-10: the plan opens one case a month, due on the fifth working day; not signed by
    then it is told to those who prepare it, and two days later to the head.
    """
    through = dt.date(2026, 4, 30)
    for _ in range(2):
        lobby.kit.do(OpenScheduled("B-1", "staffing", through, by=SCHEDULER, at=lobby.at))

    cases = sorted(lobby.opened("vip-movement-report"), key=lambda one: str(one.facts["due"]))
    ends = [dt.datetime.fromisoformat(str(one.facts["due"])).date() - dt.timedelta(days=1) for one in cases]
    assert [dt.date(2026, 3, 6), dt.date(2026, 4, 7)] == ends
    due = MORNING.replace(day=7, hour=0)
    assert due - MINUTE / 60 == lobby.due("signed", cases[0].id)
    assert ("late", ("Q-1", "W-1")) in lobby.rungs(due)
    assert ("still_late", ("H-1",)) in lobby.rungs(due + 2 * DAY)


# Consent


def consented(lobby: Lobby, purpose: str = "marketing") -> None:
    lobby.open("consent-handling", QUALITY, facts={"purpose": purpose})
    lobby.do("ask", "given", QUALITY, facts={"items": ("name", "contact")})
    lobby.do("store", "stored", QUALITY, facts={"kept": "on_record_encrypted"})


def test_consent_is_asked_with_a_purpose_and_for_kinds_of_data(lobby: Lobby) -> None:
    """customers:PRV-06: it is for a stated purpose and for stated kinds of data, and asking is never waived."""
    lobby.open("consent-handling", TELLER, facts={"purpose": "contact"})

    assert ["guard_false"] == lobby.no("ask", "given", TELLER)
    assert ("customers:PRV-06",) == lobby.waive("ask", HEAD, "known to us")[0].rules
    lobby.do("ask", "given", TELLER, facts={"items": ("name", "contact")})
    assert ("store",) == lobby.case().open_stages


def test_a_refusal_costs_nobody_their_service(lobby: Lobby) -> None:
    """customers:PRV-05: whoever refuses is served all the same, and nothing is kept: both, or the case stays open."""
    lobby.open("consent-handling", LOBBY, facts={"purpose": "contact"})

    for service, kept in (("denied", "nothing_kept"), ("continues", "on_record_encrypted")):
        facts = {"service": service, "kept": kept}
        assert ["guard_false"] == lobby.no("ask", "refused", LOBBY, facts=facts)
    lobby.do("ask", "refused", LOBBY, facts={"service": "continues", "kept": "nothing_kept"})
    assert "refused" == lobby.ended()


def test_data_serve_their_purpose_alone(lobby: Lobby) -> None:
    """customers:PRV-22: a use for another purpose is blocked; the customer may stop it at any time."""
    consented(lobby)

    assert ["guard_false"] == lobby.no("in_force", "use", WEALTH, facts={"use.purpose": "group_chat"})
    lobby.do("in_force", "use", WEALTH, facts={"use.purpose": "marketing"})
    lobby.do("in_force", "withdrawn", TELLER)
    assert ("block",) == lobby.case().open_stages


@pytest.mark.parametrize("recipient", ["spouse", "family", "partner", "other"])
def test_nobody_is_told_without_a_basis(lobby: Lobby, recipient: str) -> None:
    """customers:PRV-01, customers:PRV-04: without the customer's leave nobody is told, spouse and family included, and
    the law is no basis but towards an authority.
    """
    consented(lobby)

    for basis in ("none", "required_by_law"):
        facts = {"recipient": recipient, "legal_basis": basis}
        assert ["guard_false"] == lobby.no("in_force", "tell_others", WEALTH, facts=facts, reason="they ask")
    agreed = {"recipient": recipient, "legal_basis": "authorised_by_customer"}
    lobby.do("in_force", "tell_others", WEALTH, facts=agreed, reason="the customer wishes it")
    assert ("in_force",) == lobby.case().open_stages


@pytest.mark.parametrize("basis", ["emergency", "fraud_protection"])
def test_dangers_are_told_with_their_purpose(lobby: Lobby, basis: str) -> None:
    """customers:PRV-12, customers:PRV-13: in an emergency or against a fraud the family is told, with the purpose and
    the reason on record.
    """
    consented(lobby)
    facts = {"recipient": "family", "legal_basis": basis}

    assert ["reason_missing"] == lobby.no("in_force", "tell_others", LOBBY, facts=facts)
    lobby.do("in_force", "tell_others", LOBBY, facts=facts, reason="the customer fainted")
    assert basis == lobby.case().facts["legal_basis"]


@pytest.mark.parametrize("way", ["withdrawn", "expired"])
@pytest.mark.parametrize("left", ["marketing", "recognition", "group_chat"])
def test_what_ends_is_blocked_everywhere(lobby: Lobby, way: str, left: str) -> None:
    """customers:PRV-10, customers:PRV-15, customers:PRV-22: withdrawn or expired, it ends marketing, recognition and
    group chat alike; one that runs on keeps the case open, by suggestion till the end of the day.
    """
    consented(lobby)
    lobby.do("in_force", way, QUALITY)
    every = ("marketing", "recognition", "group_chat")

    facts = {"blocked": tuple(one for one in every if one != left)}
    assert ["guard_false"] == lobby.no("block", "blocked", QUALITY, facts=facts)
    assert MORNING.replace(hour=0) + DAY == lobby.due("block")
    lobby.do("block", "blocked", QUALITY, facts={"blocked": every})
    assert ("erase",) == lobby.case().open_stages


def test_data_are_erased_as_the_law_allows(lobby: Lobby) -> None:
    """customers:PRV-14, customers:PRV-22: the head has the data erased, or says which law keeps them."""
    consented(lobby)
    lobby.do("in_force", "withdrawn", QUALITY)
    lobby.do("block", "blocked", QUALITY, facts={"blocked": ("marketing", "recognition", "group_chat")})

    assert ["not_permitted", "guard_false"] == lobby.no("erase", "erased", ASSISTANT)
    assert ["guard_false"] == lobby.no("erase", "erased", HEAD)
    kept = {"kept_because": "anti_money_laundering"}
    assert ["guard_false", "reason_missing"] == sorted(lobby.no("erase", "kept_by_law", HEAD))
    lobby.do("erase", "kept_by_law", HEAD, facts=kept, reason="a large transaction was reported")
    assert "kept_by_law" == lobby.ended()
