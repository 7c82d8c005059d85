"""A ledger without a kit or a store: its decisions and folds over a dictionary, and the people of one branch."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.conditions import DecisionTable, Row
from branchkit.conditions.table import Outputs
from branchkit.customers import (
    ASSIGNMENT_SCHEMES,
    AssignmentPolicy,
    CreditEdition,
    CreditPolicy,
    CreditRole,
    CreditScheme,
)
from branchkit.customers.consent import Consent
from branchkit.customers.journey import (
    TERMS_TABLE,
    AcceptReferral,
    AskWillingness,
    AttachCustomer,
    EnterLead,
    FillReferralForm,
    JudgeVisit,
    OpenVisit,
    ReferCustomer,
    decide_journey,
    fold_journey,
    gather_journey,
    sale_lead_id,
)
from branchkit.customers.model import Customer
from branchkit.errors import Refusal, Refused
from branchkit.estate import Branch, Post, StaffMember
from branchkit.messages import Actor, Command, Event
from branchkit.values import FrozenMap, Text

MONDAY = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
TELLER = Actor("S-1", posts=("teller",))
OFFICER = Actor("S-2", posts=("customer_service_officer",))
WEALTH = Actor("S-3", posts=("wealth_manager",))
ASSISTANT = Actor("S-4", posts=("wealth_manager_assistant",))
HEAD = Actor("S-5", posts=("outlet_head",))
SECOND = Actor("S-6", posts=("wealth_manager",))
LOBBY = Actor("lobby:T-1", system=True)
HANDED = ("business_card", "materials")
BRANCH = Branch(
    "B-1",
    time_zone="Asia/Shanghai",
    posts=(
        Post("P-1", kind="teller", holder="S-1"),
        Post("P-2", kind="customer_service_officer", holder="S-2"),
        Post("P-3", kind="wealth_manager", holder="S-3"),
        Post("P-4", kind="wealth_manager_assistant", holder="S-4"),
        Post("P-5", kind="outlet_head", holder="S-5"),
        Post("P-6", kind="wealth_manager", holder="S-6"),
    ),
    staff=tuple(StaffMember(f"S-{number}") for number in range(1, 7)),
)
PURPOSE = "contact"


def at(minutes: float = 0) -> dt.datetime:
    """Return a moment some minutes after nine on a Monday."""
    return MONDAY + dt.timedelta(minutes=minutes)


def agreed(since: dt.datetime = MONDAY, **more: Any) -> Consent:
    """Return a consent to be referred."""
    return Consent(PURPOSE, items=("name", "contact"), given_at=since, by="S-2", **more)


def customer(id: str = "C-1", *consents: Consent, **more: Any) -> Customer:
    """Return a customer, who agreed at nine unless told otherwise."""
    return Customer(id, kind="person", since=MONDAY, consents=consents or (agreed(),), **more)


@cache
def catalog() -> Catalog:
    """Return branchkit's own catalog."""
    return Catalog()


def scheme(**more: Any) -> CreditScheme:
    """Return a table of shares that is filled in: 30, 60 and 10 percent."""
    ratios = {"referrer": "0.3", "receiver": "0.6", "processor": "0.1"}
    edition = CreditEdition(
        valid_from=dt.date(2026, 1, 1),
        ratios=FrozenMap({role: Decimal(ratio) for role, ratio in ratios.items()}),
        remainder="receiver",
        quantum=Decimal("0.01"),
        measure="profit",
        currency="CNY",
        approved_by="S-9",
        approved_on=dt.date(2025, 12, 1),
    )
    roles = tuple(CreditRole(role, title=Text(zh=role, en=role)) for role in ratios)
    return CreditScheme(
        **{"id": "house", "version": "1", "title": Text(zh="分", en="shares"), "enabled": True, "roles": roles,
           "editions": (edition,), **more}
    )  # fmt: skip


@attrs.define
class Desk:
    """Decides and folds, as a kit does; holds documents by kind and id."""

    customers: dict[str, Customer] = attrs.field(factory=dict)
    documents: dict[tuple[str, str], Any] = attrs.field(factory=dict)
    events: list[Event] = attrs.field(factory=list)
    branch_known: Branch = BRANCH
    valid: dt.timedelta | None = None
    """How long a referral counts."""
    policy: AssignmentPolicy = ASSIGNMENT_SCHEMES["least-loaded"]
    shares: CreditPolicy = attrs.field(factory=scheme)

    # -- what a decision may read

    def current(self, kind: str, id: str) -> Any:
        return self.documents.get((kind, id))

    def branch(self, id: str) -> Branch | None:
        return self.branch_known if id == self.branch_known.id else None

    def customer(self, id: str) -> Customer | None:
        return self.customers.get(id)

    def visit(self, id: str) -> Any:
        return self.current("visit", id)

    def referral(self, id: str) -> Any:
        return self.current("referral", id)

    def lead(self, id: str) -> Any:
        return self.current("lead", id)

    def credit(self, id: str) -> Any:
        return self.current("credit", id)

    def sale_lead(self, branch: str, sale: str) -> Any:
        return self.current("sale_lead", sale_lead_id(branch, sale))

    def customer_ledger(self, customer: str) -> Any:
        return self.current("customer_ledger", customer)

    def workload(self, branch: str) -> Any:
        return self.current("workload", branch)

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        for (name, _), value in sorted(self.documents.items(), key=lambda item: item[0]):
            if name == kind and all(getattr(value, field) == wanted for field, wanted in where.items()):
                yield value

    def assignment_policy(self, purpose: str, branch: Branch) -> AssignmentPolicy:
        return self.policy

    def credit_policy(self, branch: Branch) -> CreditPolicy:
        return self.shares

    def table(self, id: str) -> DecisionTable:
        found = catalog().table(id)
        if id != TERMS_TABLE or self.valid is None:
            return found
        rows = tuple(map(self._timed, found.rows))
        return attrs.evolve(found, rows=rows)

    def _timed(self, row: Row) -> Row:
        if "refer_customer" not in str(row.when):
            return row
        return attrs.evolve(row, then=Outputs({**row.then, "valid": self.valid}))

    # -- carrying out

    def do(self, *commands: Command) -> tuple[Event, ...]:
        """Carry commands out, and return what the last one led to."""
        events: tuple[Event, ...] = ()
        for command in commands:
            events = decide_journey(command, gather_journey(command, self))
            for event in events:
                for kind, id, document in fold_journey(event, self.current):
                    self.documents[kind, id] = document
            self.events += events
        return events

    def refused(self, command: Command) -> dict[str, Refusal]:
        """Return why a command is refused, by code; nothing may have changed."""
        return {one.code: one for one in self.reasons(command)}

    def reasons(self, command: Command) -> tuple[Refusal, ...]:
        """Return every reason why a command is refused, in order."""
        before = dict(self.documents)
        with pytest.raises(Refused) as caught:
            self.do(command)
        assert before == self.documents
        assert caught.value.refusals, "every reason has a code"
        return caught.value.refusals


# -- a journey, step by step


def opened(journey: str = "V-1", *, by: Actor = OFFICER, minutes: float = 0, **more: Any) -> OpenVisit:
    """Return the command that receives somebody."""
    place = "counter" if "teller" in by.posts else "lobby"
    given = {"branch": "B-1", "identified_at": place, "business_type": "deposit", "by": by, "at": at(minutes), **more}
    return OpenVisit(journey, **given)


def willing(
    journey: str = "V-1", *, by: Actor = OFFICER, minutes: float = 0, interest: str = "high"
) -> tuple[Command, ...]:
    """Return the commands up to a customer who welcomes contact."""
    return (
        opened(journey, by=by, minutes=minutes),
        JudgeVisit(journey, "reached", basis="trigger", by=by, at=at(minutes)),
        AskWillingness(journey, "yes", interest=interest, by=by, at=at(minutes)),  # type: ignore[arg-type]
    )


def attached(journey: str = "V-1", customer: str = "C-1", *, by: Actor = OFFICER, minutes: float = 1) -> AttachCustomer:
    """Return the command that says who the customer is."""
    return AttachCustomer(journey, customer, by=by, at=at(minutes))


def referred(
    journey: str = "V-1", referral: str = "R-1", *, by: Actor = OFFICER, minutes: float = 2, **more: Any
) -> ReferCustomer:
    """Return the command that hands a customer on."""
    given = {"target": "wealth_manager", "receiver": "S-3", "by": by, "at": at(minutes), **more}
    return ReferCustomer(journey, referral, **given)


def accepted(
    journey: str = "V-1", referral: str = "R-1", lead: str = "L-1", *, by: Actor = WEALTH, minutes: float = 3
) -> AcceptReferral:
    """Return the command that takes a customer over."""
    return AcceptReferral(journey, referral, lead, by=by, at=at(minutes))


def filled(
    journey: str = "V-1", referral: str = "R-1", *, by: Actor = OFFICER, minutes: float = 2, **more: Any
) -> FillReferralForm:
    """Return the command that fills in part A."""
    given = {
        "target": "wealth_manager",
        "customer_name": "Ping",
        "reason": "asked about funds",
        "contact": "a number",
        "gave": HANDED,
        "by": by,
        "at": at(minutes),
        **more,
    }
    return FillReferralForm(journey, referral, **given)


def entered(
    journey: str = "V-1", lead: str = "L-1", *, by: Actor = OFFICER, minutes: float = 480, **more: Any
) -> EnterLead:
    """Return the command that enters the lead of a form at close of business."""
    return EnterLead(journey, lead, **{"branch": "B-1", "referral": "R-1", "by": by, "at": at(minutes), **more})


def desk(**more: Any) -> Desk:
    """Return a desk with one customer who agreed."""
    return Desk(customers={"C-1": customer()}, **more)


def desk_with_lead(**more: Any) -> Desk:
    """Return a desk with a customer who was handed over on the spot."""
    one = desk(**more)
    one.do(*willing(), attached(), referred(), accepted())
    return one
