"""What the tests of the procedures around customers share: the counter's branch, with its ledger of journeys."""

from __future__ import annotations

import datetime as dt
import secrets
from decimal import Decimal
from typing import Any

import pytest

from branchkit.customers import Consent, RegisterCustomer
from branchkit.customers.journey import (
    AcceptReferral,
    AllocateLead,
    AskWillingness,
    AttachCustomer,
    ConvertLead,
    EnterLead,
    FillReferralForm,
    JudgeVisit,
    Lead,
    NextAction,
    OpenVisit,
    RecordContact,
    ReferCustomer,
    Referral,
    RefuseContact,
    ReviewForm,
)
from branchkit.errors import Refusal, Refused
from branchkit.estate import Entry, RecordEntry
from branchkit.messages import Actor, Command
from branchkit.procedures import Case
from branchkit.values import FrozenMap, Ref
from tests.unit.catalog.counter import CLERK, HEAD, MINUTE, QUALITY, TELLER, WEALTH, Counter

ASSISTANT = Actor("W-2", posts=("wealth_manager_assistant",))
OTHER_WEALTH = Actor("W-3", posts=("wealth_manager",))
TERMINAL = Actor("lobby:T-1", system=True)
HANDED = ("business_card", "materials")
TOLD = (*HANDED, "contact_us_any_time")
CUSTOMER = "CIF-1001"
TALK = ("good_service", "present_need_met", "waiting_time_told")


class Lobby(Counter):
    """A branch whose lobby identifies customers: commands of the ledger beside the steps of cases."""

    def tell(self, cls: type[Command], *given: Any, by: Actor, **more: Any) -> None:
        """Carry out a command of the ledger, a minute later."""
        self.at += MINUTE
        self.kit.do(cls(*given, by=by, at=self.at, **more))  # type: ignore[call-arg]

    def against(self, cls: type[Command], *given: Any, by: Actor, **more: Any) -> dict[str, Refusal]:
        """Return why the ledger refuses a command, by code."""
        with pytest.raises(Refused) as error:
            self.kit.do(cls(*given, by=by, at=self.at + MINUTE, **more))  # type: ignore[call-arg]
        return {one.code: one for one in error.value.refusals}

    def known(self, customer: str = CUSTOMER, **more: Any) -> None:
        """Register a customer who agreed to be contacted."""
        consent = Consent("contact", items=("name", "contact"), given_at=self.at, by=QUALITY.id)
        self.kit.do(RegisterCustomer(customer, consents=(consent,), by=QUALITY, at=self.at, **more))

    # -- the ledger's side of a visit

    def visit(self, by: Actor = QUALITY, *, interest: str = "high", willing: str = "yes") -> None:
        """Bring the ledger's visit to a customer who was asked."""
        place = "counter" if by is TELLER else "lobby"
        self.tell(OpenVisit, "V-1", branch="B-1", identified_at=place, business_type="deposit", by=by)
        self.tell(JudgeVisit, "V-1", "reached", basis="trigger", by=by)
        self.tell(AskWillingness, "V-1", willing, interest=interest, by=by)

    def attach(self, by: Actor = QUALITY) -> None:
        """Say who the customer of the visit is, with consent."""
        self.known()
        self.tell(AttachCustomer, "V-1", CUSTOMER, by=by)

    def refer(self, by: Actor = QUALITY, **more: Any) -> None:
        """Refer the customer on the spot."""
        given = {"target": "wealth_manager", "receiver": WEALTH.id, **more}
        self.tell(ReferCustomer, "V-1", "R-1", by=by, **given)

    def against_target(self, target: str, *, by: Actor = QUALITY, **more: Any) -> dict[str, Refusal]:
        """Return why the customer is not referred to a target."""
        return self.against(ReferCustomer, "V-1", "R-1", target=target, by=by, **more)

    def accept(self, by: Actor = WEALTH) -> None:
        """Take the customer over, which enters the lead."""
        self.tell(AcceptReferral, "V-1", "R-1", "LD-1", by=by)

    def form(self, by: Actor = QUALITY, **more: Any) -> None:
        """Fill in part A of the form."""
        given = {"target": "vip_wealth_room", "customer_name": "Ping", "triggers": ("TRG-11",), "gave": HANDED, **more}
        self.tell(FillReferralForm, "V-1", "R-1", by=by, **given)

    def enter(self, by: Actor = QUALITY, **more: Any) -> None:
        """Enter the lead of the form."""
        self.tell(EnterLead, "V-1", "LD-1", by=by, branch="B-1", **{"referral": "R-1", **more})

    def review(self, by: Actor = WEALTH, *, meets: bool = True) -> None:
        """Fill in part B of the form."""
        self.tell(ReviewForm, "V-1", "R-1", adviser=by.id, meets_standard=meets, by=by)

    def allocate(self, owner: str = WEALTH.id) -> None:
        """Give the lead to somebody."""
        self.tell(AllocateLead, "V-1", "LD-1", owner=owner, by=HEAD)

    def contact(self, outcome: str, by: Actor = WEALTH) -> None:
        """Record a contact, with a next step a day later."""
        on = self.at.date() + dt.timedelta(days=1)
        step = None if outcome == "declined" else NextAction(method="phone_follow_up", on=on)
        self.tell(RecordContact, "V-1", "LD-1", method="phone_follow_up", outcome=outcome, next=step, by=by)

    def convert(self, by: Actor = WEALTH, **more: Any) -> None:
        """Write a sale back."""
        given = {"sale": "SALE-1", "product": "debit_card", **more}
        self.tell(ConvertLead, "V-1", "LD-1", by=by, **given)

    def refusal(self) -> RefuseContact:
        """Return the terminal's count of somebody who refused contact today."""
        day = self.at.replace(hour=0, minute=0)
        return RefuseContact("B-1", token=secrets.token_hex(16), gave=TOLD, by=TERMINAL, at=day)

    # -- what is there

    def lead(self) -> Lead:
        """Return the lead."""
        return self.kit.get(Lead, "LD-1")

    def referral(self) -> Referral:
        """Return the referral."""
        return self.kit.get(Referral, "R-1")

    def only(self, procedure: str) -> Case:
        """Return the one case of a procedure that was opened."""
        (case,) = self.opened(procedure)
        return case

    def movement(
        self, number: str, kind: str, month: str = "2026-03", *, amount: int = 0, customer: str = CUSTOMER, **more: str
    ) -> None:
        """Enter a movement or a closure into the record form."""
        values = {"number": number, "kind": kind, "month": month, "customer": customer, "action": "contacted", **more}
        entry = Entry(
            f"vip-movements-{number}", register="vip-movements", branch="B-1", values=FrozenMap(values),
            quantity=Decimal(amount), valid_from=self.at.date(),
        )  # fmt: skip
        self.kit.do(RecordEntry(entry, by=CLERK, at=self.at))

    def booking(self, number: str) -> None:
        """Put a VIP's booking on record."""
        values = {"number": number, "customer": CUSTOMER, "at": "2026-03-02T10:00", "owner": WEALTH.id}
        entry = Entry(f"vip-bookings-{number}", register="vip-bookings", branch="B-1", values=FrozenMap(values))
        self.kit.do(RecordEntry(entry, by=CLERK, at=self.at))


def about(customer: str = CUSTOMER) -> tuple[Ref, ...]:
    """Return the place of a case about a customer of the branch."""
    return (Ref("branch", "B-1"), Ref("customer", customer))
