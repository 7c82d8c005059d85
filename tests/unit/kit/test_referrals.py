"""The ledger of journeys in a kit: stored, watched, found, guarded, erased, and nothing of who refused contact."""

from __future__ import annotations

import datetime as dt
from functools import cache
from pathlib import Path
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.customers.commands import EraseCustomer, RegisterCustomer, WithdrawConsent
from branchkit.customers.journey import (
    AllocateLead,
    ConvertLead,
    CustomerLedger,
    EndVisit,
    Lead,
    RecordContact,
    Referral,
    RefusalCount,
    RefuseContact,
    ReviewForm,
    Visit,
)
from branchkit.customers.model import Contact, Customer, Particulars
from branchkit.errors import NotPermitted, Refused
from branchkit.estate import Branch, RegisterBranch
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor, FollowUpRefused
from branchkit.plugins.config import Config, Use
from branchkit.procedures import Case, CompleteStage
from tests.unit.customers.journey.desk import (
    BRANCH,
    HANDED,
    HEAD,
    LOBBY,
    MONDAY,
    OFFICER,
    SECOND,
    TELLER,
    WEALTH,
    accepted,
    agreed,
    at,
    attached,
    entered,
    filled,
    referred,
    willing,
)
from tests.unit.customers.journey.test_leads import CALL, campaign
from tests.unit.kit.house import CLERK

FOLDER = Path(__file__).parent / "journeys"
MARKS = ("Zhang-Ping-marker", "marker-phone-7788", "marker-reason-funds", "marker-note-after-lunch", "marker-evening")


@cache
def rules(config: Config = Config()) -> RuleBook:  # noqa: B008
    """Return branchkit's own rules, with terms and procedures of a house."""
    return RuleBook(Catalog((CatalogRoot("journeys", FOLDER),)), load_plugins(entry_points=False), config)


def ledger(store: str = "memory:", **more: Any) -> Kit:
    """Return a kit with a branch, and a customer who agreed."""
    kit = Kit.open(store, **{"rules": rules(), **more})
    kit.do(RegisterBranch(BRANCH, by=CLERK, at=at()))
    kit.do(registered())
    return kit


def registered(id: str = "C-1", **more: Any) -> RegisterCustomer:
    particulars = Particulars(name=MARKS[0], contacts=(Contact(kind="phone", value=MARKS[1]),))
    given = {"particulars": particulars, "consents": (agreed(),), "by": OFFICER, "at": at(), **more}
    return RegisterCustomer(id, **given)


def form(**more: Any) -> Any:
    return filled(
        customer_name=MARKS[0], contact=MARKS[1], reason=MARKS[2], preferred_time=MARKS[4], triggers=("TRG-11",), **more
    )


def do(kit: Kit, *commands: Any) -> None:
    for command in commands:
        kit.do(command)


def test_a_journey_is_stored_as_it_was_decided() -> None:
    """From visit to contact everything is found by its fields, folds from the journal, and verifies."""
    with ledger() as kit:
        do(kit, *willing(), attached(), referred(), accepted(), AllocateLead("V-1", "L-1", by=HEAD, at=at(5)))
        contact = RecordContact(
            "V-1", "L-1", method="phone_follow_up", outcome="reached", next=CALL, by=WEALTH, at=at(9)
        )
        do(kit, contact)

        assert ["L-1"] == [lead.id for lead in kit.find(Lead, branch="B-1", owner="S-3", status="contacted")]
        assert ["R-1"] == [one.id for one in kit.find(Referral, by="S-2", receiver="S-3", state="accepted")]
        assert ["V-1"] == [one.id for one in kit.find(Visit, customer="C-1")]
        assert ("V-1",) == kit.get(CustomerLedger, "C-1").journeys
        assert kit.verify().ok
        assert (0, 0, 0) == attrs.astuple(kit.rebuild())[1:]


def test_a_customer_is_introduced_by_somebody_who_is_known() -> None:
    """customers:DEV-03: a new customer is introduced by a customer on record or by staff, and by nobody who was brought
    by that same customer, be it for a record or for a lead; a branch that names no staff rules nobody out.
    """

    def codes(command: Any) -> list[str]:
        with pytest.raises(Refused) as caught:
            kit.do(command)
        return [one.code for one in caught.value.refusals]

    with ledger() as kit:
        assert ["unknown_introducer"] == codes(registered("C-2", introduced_by="C-9"))
        assert ["unknown_introducer"] == codes(registered("C-2", introduced_by="S-6"))
        do(kit, registered("C-2", introduced_by="C-1"), registered("C-3", introduced_by="S-6", home_branch="B-1"))
        do(kit, registered("C-4", introduced_by="S-2"))
        do(kit, RegisterBranch(Branch("B-2", time_zone="Asia/Shanghai"), by=CLERK, at=at()))
        do(kit, registered("C-5", introduced_by="S-77", home_branch="B-2"))
        do(kit, campaign(customer="C-4", introduced_by="C-2", minutes=5))
        do(kit, EraseCustomer("C-1", reason="customer_request", by=HEAD, at=at(6)))
        again = registered(at=at(7), consents=(agreed(at(7)),))
        for introducer in ("C-2", "C-4"):
            assert ["circular"] == codes(attrs.evolve(again, introduced_by=introducer))
        kit.do(attrs.evolve(again, introduced_by="C-3"))
        assert "C-3" == kit.get(Customer, "C-1").introduced_by
        assert kit.verify().ok


def test_the_consent_of_an_erased_customer_holds_no_longer() -> None:
    """customers:PRV-06: once erased, a customer is neither referred nor contacted by a consent given before, and
    nothing that is told of them is kept; registered anew with consent, they may be.
    """
    with ledger() as kit:
        do(kit, *willing(), attached(), EraseCustomer("C-1", reason="customer_request", by=HEAD, at=at(2)))
        for command in (form(minutes=3), referred(minutes=3), campaign(minutes=3)):
            with pytest.raises(Refused) as caught:
                kit.do(command)
            assert "attach_before_consent" in [one.code for one in caught.value.refusals]
        assert [] == [*kit.find(Referral), *kit.find(Lead)]
        do(kit, registered(at=at(4), consents=(agreed(at(4)),)), form(minutes=5))
        assert kit.verify().ok


def test_a_lead_opens_a_case_that_asks_the_ledger() -> None:
    """customers:FUP-01: a lead opens the case that the terms name, whose guard is the state of the lead itself."""
    with ledger() as kit:
        do(
            kit,
            *willing(),
            attached(),
            referred(),
            accepted(),
            AllocateLead("V-1", "L-1", owner="S-3", by=HEAD, at=at(5)),
        )
        (case,) = kit.find(Case, procedure="journeys.lead")
        done = CompleteStage(case.id, "contact", "done", by=WEALTH, at=at(30))
        assert {"lead": "L-1", "source": "lobby_referral"} == dict(case.facts)
        assert ["branch:B-1", "customer:C-1", "lead:L-1"] == [str(ref) for ref in case.place]

        with pytest.raises(Refused):
            kit.do(done)
        contact = RecordContact(
            "V-1", "L-1", method="phone_follow_up", outcome="reached", next=CALL, by=WEALTH, at=at(9)
        )
        do(kit, contact, done)
        assert "followed" == kit.get(Case, case.id).outcome


def test_a_form_opens_the_case_of_its_review() -> None:
    """customers:FRM-07: a form opens the case in which it is reviewed, and the review closes it."""
    with ledger() as kit:
        do(kit, *willing(), attached(), form())
        (case,) = kit.find(Case, procedure="journeys.form")
        do(kit, ReviewForm("V-1", "R-1", adviser="S-3", meets_standard=False, by=WEALTH, at=at(20)))
        do(kit, CompleteStage(case.id, "review", "done", by=SECOND, at=at(30)))

        assert "reviewed" == kit.get(Case, case.id).outcome


def test_a_first_sale_begins_the_relationship() -> None:
    """customers:FUP-05, customers:SOP-02: a converted lead establishes a prospect, with an owner, and does so once."""
    with ledger() as kit:
        do(kit, *willing(), attached(), referred(), accepted())
        for minutes, sale in ((10, "D-1"), (20, "D-2")):
            do(kit, ConvertLead("V-1", "L-1", sale=sale, product="card", by=SECOND, at=at(minutes)))
        known = kit.get(Customer, "C-1")
        kinds = [one.event.KIND for one in kit.events()]

    assert ("established", "S-3") == (known.stage, known.owner)
    assert (2, 1, 1) == tuple(map(kinds.count, ("lead_converted", "customer_moved", "owner_assigned")))


def test_a_banks_own_terms_are_in_force() -> None:
    """customers:FUP-06: where a bank's catalog sets how long a referral counts, it expires then."""
    with ledger() as kit:
        do(kit, *willing(), attached(), referred())

        assert at(2 + 120) == kit.get(Referral, "R-1").expires_at
        with pytest.raises(Refused) as caught:
            kit.do(accepted(minutes=122))
        assert ["expired"] == [one.code for one in caught.value.refusals]


def test_what_the_configuration_assigns_allocates() -> None:
    """The assignment policy of leads is the one that the configuration names for them."""
    config = Config(use=(Use(what="assignment_policy", key="round-robin", purpose="lead"),))
    with ledger(rules=rules(config)) as kit:
        do(kit, *willing(), attached(), referred(), accepted())
        outcome = kit.do(AllocateLead("V-1", "L-1", by=HEAD, at=at(5)))

        assert "S-3" == outcome.details["owner"]
        assert "round-robin" == kit.get(Lead, "L-1").allocated.policy  # type: ignore[union-attr]


def test_the_ledger_denies_by_default() -> None:
    """Somebody without a post may do nothing to a journey, and only a terminal counts refusals."""
    with ledger() as kit:
        for command in (willing()[0], AllocateLead("V-1", "L-1", by=HEAD, at=at(5))):
            with pytest.raises(NotPermitted):
                kit.do(attrs.evolve(command, by=Actor("S-9")))
        with pytest.raises(NotPermitted):
            kit.do(refusal(by=Actor("S-2", posts=("customer_service_officer",))))


def test_a_case_that_cannot_be_opened_is_on_record() -> None:
    """Where the catalog has no such procedure the lead stands, and the refusal to open its case is in the journal."""
    with ledger(
        rules=RuleBook(Catalog((CatalogRoot("bare", FOLDER / "bare"),)), load_plugins(entry_points=False))
    ) as kit:
        do(kit, *willing(), attached(), referred(), accepted())

        assert ["lead_entered"] == [one.event.because for one in kit.events() if isinstance(one.event, FollowUpRefused)]
        assert "new" == kit.get(Lead, "L-1").status


# -- what is personal


def test_what_leaves_the_kit_says_nothing_personal() -> None:
    """A form is given out without name, contact, reason and time; events, lists and the journal do not hold them."""
    with ledger() as kit:
        do(
            kit,
            *willing(),
            attached(),
            form(),
            entered(minutes=30),
            AllocateLead("V-1", "L-1", owner="S-3", by=HEAD, at=at(35)),
        )
        note = attrs.evolve(CALL, note=MARKS[3])
        told = RecordContact(
            "V-1", "L-1", method="phone_follow_up", outcome="reached", next=note, note=MARKS[3], by=WEALTH, at=at(40)
        )
        do(kit, told)

        given = kit.get(Referral, "R-1")
        assert given.form is not None
        assert (None, None, None, None) == (
            given.form.customer_name, given.form.contact, given.form.reason, given.form.preferred_time
        )  # fmt: skip
        assert ("TRG-11",) == given.form.triggers
        out = [str(attrs.asdict(one)) for one in (*kit.find(Referral), *kit.find(Lead), *kit.events())]
        with kit.store.transaction(write=False) as tx:
            out += [entry.text for entry in tx.read()]
        assert [] == [mark for mark in MARKS for text in out if mark in text]


def test_who_may_see_a_customer_sees_the_form() -> None:
    """Seen for a purpose, a form has the name and the contact that the purpose uses, and not the words it does not."""
    with ledger() as kit:
        do(kit, *willing(), attached(), form(), entered(minutes=30))
        seen = kit.see("C-1", purpose="fraud_protection", by=WEALTH, at=at(40))

    (one,) = seen.referrals
    assert one.form is not None
    assert (MARKS[0], MARKS[1], MARKS[4], None) == (
        one.form.customer_name, one.form.contact, one.form.preferred_time, one.form.reason
    )  # fmt: skip
    assert ["L-1"] == [lead.id for lead in seen.leads]


def test_erasing_a_customer_erases_their_journeys(tmp_path: Path) -> None:
    """Erased, a customer leaves no word on any form, lead, note or case, in no byte of the store; and all verifies."""
    path = tmp_path / "branch.db"
    with ledger(f"sqlite:///{path}") as kit:
        do(
            kit,
            *willing(),
            attached(),
            form(),
            entered(minutes=30),
            AllocateLead("V-1", "L-1", owner="S-3", by=HEAD, at=at(35)),
        )
        told = RecordContact(
            "V-1", "L-1", method="phone_follow_up", outcome="declined", note=MARKS[3], by=WEALTH, at=at(40)
        )
        do(kit, told, EraseCustomer("C-1", reason="customer_request", by=HEAD, at=at(60)))

        proof = kit.verify()
        assert (True, ()) == (proof.ok, proof.problems)
        assert proof.erased > 5
        assert (0, 0, 0) == attrs.astuple(kit.rebuild())[1:]
        assert "R-1" == kit.get(Referral, "R-1").id
    left = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert [] == [mark for mark in MARKS if mark.encode() in left]


def test_a_contact_after_consent_is_withdrawn_is_refused() -> None:
    """customers:PRV-22: consent that the customer withdrew in their record stops the ledger too."""
    with ledger() as kit:
        do(kit, *willing(), attached(), referred())
        do(kit, WithdrawConsent("C-1", "contact", by=OFFICER, at=at(2.5)))

        with pytest.raises(Refused) as caught:
            kit.do(accepted())
        assert ["attach_before_consent"] == [one.code for one in caught.value.refusals]


# -- case 3


def refusal(token: str = "0123456789abcdef" * 2, **more: Any) -> RefuseContact:
    gave = (*HANDED, "contact_us_any_time")
    return RefuseContact("B-1", **{"token": token, "gave": gave, "by": LOBBY, "at": MONDAY.replace(hour=0), **more})


def test_who_refuses_contact_leaves_a_number_and_nothing_else(tmp_path: Path) -> None:
    """customers:REF-22, customers:S-5: the bytes of the journal tell a branch and a day of a refusal, and neither a
    time of day, nor a person, nor a visit.
    """
    path = tmp_path / "branch.db"
    with ledger(f"sqlite:///{path}") as kit:
        do(kit, *willing("V-refused-marker", by=TELLER, minutes=7)[:2])
        do(kit, EndVisit("V-refused-marker", "ended", by=TELLER, at=at(9)))
        with kit.store.transaction(write=False) as tx:
            before = tx.read()[-1].seq
        do(kit, refusal(), refusal("f" * 32))
        with kit.store.transaction(write=False) as tx:
            entries = tx.read(after=before)

        assert 2 == len(entries)
        for entry in entries:
            assert {
                "by": {"id": "lobby:T-1", "system": True},
                "data": {"kind": "contact_refused", "branch": "B-1", "day": "2026-03-02"},
            } == entry.body
            assert "refusals:B-1" == entry.stream
            assert {"2026-03-02T00:00:00+08:00"} == {entry.at, entry.recorded_at}
            whole = f"{entry.text} {entry.at} {entry.recorded_at} {entry.command} {entry.stream}"
            assert [] == [word for word in ("V-refused-marker", "S-1", "C-1", "T09", "teller") if word in whole]
        assert [2] == [one.count for one in kit.find(RefusalCount, branch="B-1")]
        assert dt.date(2026, 3, 2) == kit.get(RefusalCount, "B-1/2026-03-02").day
        visit = kit.get(Visit, "V-refused-marker")
        assert (None, None, "ended") == (visit.customer, visit.willingness, visit.outcome)


def test_a_refusal_told_twice_counts_once() -> None:
    """The token makes a refusal that is told again the same refusal."""
    with ledger() as kit:
        first, again = kit.do(refusal()), kit.do(refusal())

        assert (False, True) == (first.repeated, again.repeated)
        assert 1 == kit.get(RefusalCount, "B-1/2026-03-02").count
