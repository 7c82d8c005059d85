"""The ledger over memory and over SQLite, through two kits on one file, driven in step with a plain model."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from branchkit.customers.commands import GiveConsent, WithdrawConsent
from branchkit.customers.journey import (
    AcceptReferral,
    AllocateLead,
    AttachCustomer,
    CloseLead,
    ConvertLead,
    CustomerLedger,
    DeclineReferral,
    EnterLead,
    Lead,
    NextAction,
    RecordContact,
    ReferCustomer,
    Referral,
    RefusalCount,
    RefuseContact,
    ReviewForm,
    Visit,
    Workload,
)
from branchkit.errors import Refused
from branchkit.estate import RegisterBranch
from branchkit.kit import Kit
from branchkit.kit.fold import KINDS
from branchkit.kit.given import given_out
from branchkit.messages import Actor, Command, Outcome
from tests.property.journey_model import COUNTER, Journeys
from tests.property.test_kit_machine import folded
from tests.unit.customers.journey.desk import BRANCH, HEAD, LOBBY, MONDAY, OFFICER, filled, willing
from tests.unit.kit.house import CLERK
from tests.unit.kit.test_referrals import registered, rules

_POSTS = {"S-1": "teller", "S-2": "customer_service_officer", "S-3": "wealth_manager", "S-6": "wealth_manager"}
_staff = st.sampled_from(sorted(_POSTS))
_principals = st.none() | _staff
"""In whose place a member of staff acts, if in anybody's."""
_receivers = st.sampled_from(["S-1", "S-3", "S-6"])
_customers = st.sampled_from(["C-1", "C-2"])
_minutes = st.integers(1, 50)
_pick = st.integers(0, 99)


def who(staff: str, principal: str | None = None) -> Actor:
    return Actor(staff, posts=(_POSTS[staff],), acting_for=None if principal == staff else principal)


class Machine(RuleBasedStateMachine):
    """Every command goes to a kit in memory and to one of two kits on the same file."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.url = f"sqlite:///{Path(self.folder.name)}/branch.db?sync=normal"
        self.memory = Kit.open("memory:", rules=rules(), entropy=_entropy)
        self.files = [Kit.open(self.url, rules=rules(), entropy=_entropy) for _ in range(2)]
        self.model = Journeys()
        self.given: list[tuple[Command, Outcome]] = []
        self.minutes = 0
        self.turn = 0

    # -- carrying out

    @property
    def kits(self) -> tuple[Kit, ...]:
        return (self.memory, *self.files)

    def at(self, back: int = 0) -> dt.datetime:
        return MONDAY + dt.timedelta(minutes=self.minutes - back)

    def later(self, minutes: int) -> None:
        self.minutes += minutes

    def accepted(self, command: Command) -> Outcome:
        self.turn += 1
        outcomes = [kit.do(command) for kit in (self.memory, self.files[self.turn % 2])]
        assert outcomes[0] == outcomes[1]
        self.given.append((command, outcomes[0]))
        return outcomes[0]

    def tried(self, command: Command, against: set[str], then: Callable[[], object]) -> None:
        """Carry out a command where nothing stands against it; else see it refused for exactly that."""
        if not against:
            self.accepted(command)
            then()
            return
        for kit in self.kits:
            with pytest.raises(Refused) as caught:
                kit.do(command)
            assert against == {one.code for one in caught.value.refusals}, command

    def one_of(self, held: dict[str, Any], pick: int) -> str:
        names = sorted(held)
        return names[pick % len(names)]

    # -- what may happen

    @initialize()
    def begin(self) -> None:
        """Begin with a branch and two customers who agreed."""
        self.accepted(RegisterBranch(BRANCH, by=CLERK, at=self.at()))
        for name in ("C-1", "C-2"):
            self.accepted(registered(name))
            self.model.consent[name] = True

    @rule(by=_staff, principal=_principals, minutes=_minutes)
    def receive(self, by: str, principal: str | None, minutes: int) -> None:
        """Receive somebody who is judged to be a quality customer and welcomes contact."""
        self.later(minutes)
        actor = who(by, principal)
        journey = f"V-{len(self.model.visits)}"
        for command in willing(journey, by=actor, minutes=self.minutes):
            self.accepted(command)
        self.model.visit(journey)

    @precondition(lambda self: bool(self.model.visits))
    @rule(pick=_pick, customer=_customers, minutes=_minutes)
    def attach(self, pick: int, customer: str, minutes: int) -> None:
        """Say who the customer of a visit is."""
        self.later(minutes)
        journey = self.one_of(self.model.visits, pick)
        command = AttachCustomer(journey, customer, by=OFFICER, at=self.at())
        self.tried(
            command,
            self.model.may_attach(journey, customer, self.minutes),
            lambda: self.model.attach(journey, customer, self.minutes),
        )

    @rule(customer=_customers, minutes=_minutes)
    def change_consent(self, customer: str, minutes: int) -> None:
        """Withdraw consent, or give it anew."""
        self.later(minutes)
        given = self.model.consent[customer]
        if given:
            self.accepted(WithdrawConsent(customer, "contact", by=OFFICER, at=self.at()))
        else:
            self.accepted(GiveConsent(customer, "contact", items=("name", "contact"), by=OFFICER, at=self.at()))
        self.model.consent[customer] = not given

    @precondition(lambda self: bool(self.model.visits))
    @rule(pick=_pick, by=_staff, principal=_principals, receiver=_receivers, minutes=_minutes)
    def refer(self, pick: int, by: str, principal: str | None, receiver: str, minutes: int) -> None:
        """Hand a customer on."""
        self.later(minutes)
        actor = who(by, principal)
        journey, referral = self.one_of(self.model.visits, pick), f"R-{len(self.model.referrals)}"
        target = "low_counter" if receiver in COUNTER else "wealth_manager"
        command = ReferCustomer(journey, referral, target=target, receiver=receiver, by=actor, at=self.at())
        self.tried(
            command,
            self.model.may_refer(journey, actor.persons, receiver, self.minutes),
            lambda: self.model.refer(journey, referral, actor.persons, receiver, self.minutes, form=False),
        )

    @precondition(lambda self: bool(self.model.visits))
    @rule(pick=_pick, by=_staff, principal=_principals, minutes=_minutes)
    def fill(self, pick: int, by: str, principal: str | None, minutes: int) -> None:
        """Fill in the form, since nobody is there."""
        self.later(minutes)
        actor = who(by, principal)
        journey, referral = self.one_of(self.model.visits, pick), f"R-{len(self.model.referrals)}"
        command = filled(journey, referral, by=actor, minutes=self.minutes)
        self.tried(
            command,
            self.model.may_fill(journey, self.minutes),
            lambda: self.model.refer(journey, referral, actor.persons, None, self.minutes, form=True),
        )

    @precondition(lambda self: bool(self.model.referrals))
    @rule(pick=_pick, by=_staff, principal=_principals, minutes=_minutes)
    def accept(self, pick: int, by: str, principal: str | None, minutes: int) -> None:
        """Take a customer over."""
        self.later(minutes)
        actor = who(by, principal)
        referral, lead = self.one_of(self.model.referrals, pick), f"L-{len(self.given)}"
        journey = self.model.referrals[referral]["journey"]
        self.tried(
            AcceptReferral(journey, referral, lead, by=actor, at=self.at()),
            self.model.may_accept(referral, actor.persons, self.minutes),
            lambda: self.model.accept(referral, lead, by, self.minutes),
        )

    @precondition(lambda self: bool(self.model.referrals))
    @rule(pick=_pick, minutes=_minutes)
    def decline(self, pick: int, minutes: int) -> None:
        """Settle a referral that comes to nothing."""
        self.later(minutes)
        referral = self.one_of(self.model.referrals, pick)
        one = self.model.referrals[referral]
        command = DeclineReferral(one["journey"], referral, reason_code="busy", by=who(one["by"][0]), at=self.at())
        self.tried(command, self.model.may_decline(referral), lambda: self.model.decline(referral))

    @precondition(lambda self: bool(self.model.referrals))
    @rule(pick=_pick, by=_staff, principal=_principals, fine=st.booleans(), minutes=_minutes)
    def review(self, pick: int, by: str, principal: str | None, fine: bool, minutes: int) -> None:
        """Judge a form."""
        self.later(minutes)
        actor = who(by, principal)
        referral = self.one_of(self.model.referrals, pick)
        journey = self.model.referrals[referral]["journey"]
        command = ReviewForm(journey, referral, adviser="S-9", meets_standard=fine, by=actor, at=self.at())
        self.tried(command, self.model.may_review(referral, actor.persons), lambda: self.model.review(referral, fine))

    @precondition(lambda self: bool(self.model.referrals))
    @rule(pick=_pick, minutes=_minutes)
    def enter(self, pick: int, minutes: int) -> None:
        """Enter the lead of a form."""
        self.later(minutes)
        referral, lead = self.one_of(self.model.referrals, pick), f"L-{len(self.given)}"
        journey = self.model.referrals[referral]["journey"]
        self.tried(
            EnterLead(journey, lead, branch="B-1", referral=referral, by=OFFICER, at=self.at()),
            self.model.may_enter(referral, self.minutes),
            lambda: self.model.enter(referral, lead, self.minutes),
        )

    @precondition(lambda self: bool(self.model.leads))
    @rule(pick=_pick)
    def allocate(self, pick: int) -> None:
        """Give a lead to whoever has least."""
        lead = self.one_of(self.model.leads, pick)
        command = AllocateLead(
            self.model.leads[lead]["journey"], lead, by=HEAD, at=self.at(), id=f"a-{len(self.given)}"
        )
        self.tried(command, self.model.may_allocate(lead), lambda: self._allocated(lead))

    def _allocated(self, lead: str) -> None:
        assert self.given[-1][1].details["owner"] == self.model.allocate(lead)

    @precondition(lambda self: bool(self.model.leads))
    @rule(pick=_pick, outcome=st.sampled_from(["reached", "not_reached", "booked", "declined"]), minutes=_minutes)
    def contact(self, pick: int, outcome: Any, minutes: int) -> None:
        """Call the customer of a lead."""
        self.later(minutes)
        lead = self.one_of(self.model.leads, pick)
        one = self.model.leads[lead]
        by = Actor(one["owner"] or "S-3", posts=("wealth_manager",))
        then = NextAction(method="phone_follow_up", on=dt.date(2030, 1, 1), note="in the evening")
        command = RecordContact(
            one["journey"], lead, method="phone_follow_up", outcome=outcome, next=then, by=by, at=self.at()
        )
        self.tried(command, self.model.may_contact(lead), lambda: self.model.contact(lead, outcome))

    @precondition(lambda self: bool(self.model.leads))
    @rule(pick=_pick, number=st.integers(0, 9), back=st.integers(0, 200))
    def convert(self, pick: int, number: int, back: int) -> None:
        """Write a sale back, which may be there already, or made before anybody was told of the referral."""
        self.later(1)
        lead, sale = self.one_of(self.model.leads, pick), f"D-{number}"
        command = ConvertLead(
            self.model.leads[lead]["journey"], lead, sale=sale, product="card", by=who("S-3"),
            at=self.at(back), recorded_at=self.at(),
        )  # fmt: skip
        against = self.model.may_convert(lead, sale, self.minutes - back)
        self.tried(command, against, lambda: self.model.convert(lead, sale))

    @precondition(lambda self: bool(self.model.leads))
    @rule(pick=_pick, minutes=_minutes)
    def close(self, pick: int, minutes: int) -> None:
        """Close a lead."""
        self.later(minutes)
        lead = self.one_of(self.model.leads, pick)
        command = CloseLead(self.model.leads[lead]["journey"], lead, reason_code="moved", by=HEAD, at=self.at())
        self.tried(command, self.model.may_close(lead), lambda: self.model.close(lead))

    @rule()
    def refuse(self) -> None:
        """Count somebody who refused contact."""
        self.model.refusals += 1
        gave = ("business_card", "materials", "contact_us_any_time")
        token = f"{self.model.refusals:032x}"
        self.accepted(RefuseContact("B-1", token=token, gave=gave, by=LOBBY, at=MONDAY.replace(hour=0)))

    @precondition(lambda self: bool(self.given))
    @rule(pick=_pick)
    def repeat(self, pick: int) -> None:
        """Give a command a second time: the same outcome, nothing twice."""
        command, outcome = self.given[pick % len(self.given)]
        for kit in self.kits:
            assert attrs.evolve(outcome, repeated=True) == kit.do(command)

    @rule(which=st.integers(0, 1))
    def reopen(self, which: int) -> None:
        """Close one of the kits on the file and open it anew."""
        self.files[which].close()
        self.files[which] = Kit.open(self.url, rules=rules(), entropy=_entropy)

    # -- what is so

    @invariant()
    def documents_are_those_of_the_model(self) -> None:
        """Every kit holds what the model holds."""
        model = self.model
        for kit in self.kits:
            visits = {
                one.id: {"customer": one.customer, "referral": one.referral, "hands": list(one.hands)}
                for one in kit.find(Visit)
            }
            assert model.visits == visits
            referrals = {one.id: (one.state, one.customer, one.lead) for one in kit.find(Referral)}
            assert {
                id: (one["state"], one["customer"], one["lead"]) for id, one in model.referrals.items()
            } == referrals
            leads = {
                one.id: (one.status, one.owner, one.referrer, len(one.merged), len(one.sales), one.meets_standard)
                for one in kit.find(Lead)
            }
            assert {
                id: (one["status"], one["owner"], one["referrer"], one["merged"], one["sales"], one["fine"])
                for id, one in model.leads.items()
            } == leads
            self._ledgers(kit)
            assert model.refusals == sum(one.count for one in kit.find(RefusalCount))

    def _ledgers(self, kit: Kit) -> None:
        for one in kit.find(CustomerLedger):
            referral, lead = (None if part is None else part.id for part in (one.referral, one.lead))
            assert self.model.open_referral.get(one.customer) == referral
            assert self.model.open_lead.get(one.customer) == lead
        for book in kit.find(Workload):
            assert self.model.loads == {each.staff: [each.load, each.count, each.last] for each in book.people}

    def teardown(self) -> None:
        for kit in self.kits:
            found = kit.verify()
            assert found.ok, found.problems
            assert (0, 0, 0) == attrs.astuple(kit.rebuild())[1:]
            documents = folded(kit)
            for (name, id), value in documents.items():
                assert given_out(value) == kit.get(KINDS[name].cls, id)
            kit.close()
        self.folder.cleanup()


def _entropy(ref: str) -> bytes:
    return ref.encode().ljust(32, b".")[:32]


class TestJourneys(Machine.TestCase):
    """The ledger does what a few dictionaries would do, over every store, whoever else writes."""

    settings = settings(max_examples=20, stateful_step_count=40, deadline=None)
