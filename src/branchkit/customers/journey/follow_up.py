"""Leads, what became of them, and what the ledger keeps by customer, by branch and by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import Literal, TypeAlias

import attrs

from branchkit.customers.credit import Deal, Shared
from branchkit.customers.journey.model import Complexity, Interest
from branchkit.customers.model import Customer
from branchkit.errors import Problem
from branchkit.personal import Guarded, mask, personal
from branchkit.values import is_identifier

__all__ = [
    "FOLLOW_UP_METHODS",
    "LEAD_SOURCES",
    "OPEN_LEAD",
    "Allocated",
    "Contacted",
    "Credit",
    "CustomerLedger",
    "Given",
    "Lead",
    "LeadStatus",
    "Merged",
    "NextAction",
    "OpenLead",
    "OpenReferral",
    "RefusalCount",
    "Sale",
    "SaleLead",
    "Workload",
    "introduced_by",
    "refusal_count_id",
    "sale_lead_id",
    "work_list",
]

LeadStatus: TypeAlias = Literal["new", "allocated", "contacted", "booked", "converted", "declined", "closed"]
OPEN_LEAD: frozenset[str] = frozenset({"new", "allocated", "contacted", "booked"})
"""The states in which a lead is still worked on."""
LEAD_SOURCES = (
    "lobby_referral",
    "system_screening",
    "customer_introduction",
    "outside_development",
    "interdepartmental",
    "campaign",
    "other",
)
"""Where leads come from; the list is open (customers:DEV-01, customers:DEV-02)."""
FOLLOW_UP_METHODS = ("phone_follow_up", "experience_marketing", "product_marketing", "consultative_marketing")
"""How a lead is followed up (customers:FUP-03)."""


@attrs.frozen(kw_only=True)
class NextAction:
    """What is to be done about a lead next, and on which day."""

    method: str
    """One of `FOLLOW_UP_METHODS`, or a code of the bank's own."""
    on: dt.date
    note: str | None = attrs.field(default=None, repr=mask, metadata=personal("profile"))


@attrs.frozen(kw_only=True)
class Contacted:
    """One contact with the customer of a lead."""

    at: dt.datetime
    by: str
    method: str
    outcome: Literal["reached", "not_reached", "booked", "declined"]
    note: str | None = attrs.field(default=None, repr=mask, metadata=personal("profile"))


@attrs.frozen(kw_only=True)
class Allocated:
    """Who follows a lead up, and what decided it."""

    owner: str
    at: dt.datetime
    by: str
    policy: str | None = None
    """The key of the policy that chose; ``None`` where whoever allocates named the owner."""
    version: str | None = None
    rules: tuple[str, ...] = ()


@attrs.frozen
class Sale:
    """What was sold to the customer of a lead."""

    id: str
    product: str = attrs.field(kw_only=True)
    """The product's code."""
    complexity: Complexity = attrs.field(default="simple", kw_only=True)
    at: dt.datetime = attrs.field(kw_only=True)
    by: str = attrs.field(kw_only=True)
    """The closer."""
    acting_for: str | None = attrs.field(default=None, kw_only=True)
    """In whose place, where a delegate sold it."""
    post: str | None = attrs.field(default=None, kw_only=True)
    card: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("assets"))
    """The reference of the card that was opened."""


@attrs.frozen(kw_only=True)
class SaleLead:
    """To which lead of a branch a sale was written back; to no other one is it written after that."""

    branch: str
    sale: str
    lead: str

    @property
    def id(self) -> str:
        """Names the branch and the sale."""
        return sale_lead_id(self.branch, self.sale)


def sale_lead_id(branch: str, sale: str) -> str:
    """Return what the lead of a sale of a branch is kept under.

    >>> sale_lead_id("B-1", "D-1")
    'B-1/D-1'
    """
    return f"{branch}/{sale}"


@attrs.frozen(kw_only=True)
class Merged:
    """A second lead for the same customer, which became part of the one that was open."""

    journey: str
    referral: str | None
    source: str
    by: str
    at: dt.datetime
    introduced_by: str | None = None


@attrs.frozen
class Lead(Guarded):
    """A sales opportunity with a known customer."""

    id: str
    journey: str = attrs.field(kw_only=True)
    branch: str = attrs.field(kw_only=True)
    customer: str = attrs.field(kw_only=True)
    source: str = attrs.field(kw_only=True)
    """One of `LEAD_SOURCES`, or a code of the bank's own."""
    introduced_by: str | None = attrs.field(default=None, kw_only=True)
    """The customer who introduced this one."""
    referral: str | None = attrs.field(default=None, kw_only=True)
    referrer: str | None = attrs.field(default=None, kw_only=True)
    """The referrer of whose referral the ledger was told first, of all that were merged into it."""
    referred_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    referral_told_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When the ledger was told of the referral of the referrer: no earlier sale is shared by it."""
    receiver: str | None = attrs.field(default=None, kw_only=True)
    """Who took the customer over on the spot."""
    identifier: str | None = attrs.field(default=None, kw_only=True)
    """Who identified the customer."""
    acted_for: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """In whose place a delegate identified, referred or took over; none of them approves what is shared of it."""
    triggers: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    interest: Interest | None = attrs.field(default=None, kw_only=True)
    by: str = attrs.field(kw_only=True)
    """Who entered it."""
    post: str | None = attrs.field(default=None, kw_only=True)
    at: dt.datetime = attrs.field(kw_only=True)
    registered_at: dt.datetime = attrs.field(kw_only=True)
    """When the ledger was first told of the referral or else of the lead: no earlier sale is its own."""
    late: bool = attrs.field(default=False, kw_only=True)
    """Entered on a later day than the form was filled in."""
    status: LeadStatus = attrs.field(default="new", kw_only=True)
    allocated: Allocated | None = attrs.field(default=None, kw_only=True)
    next: NextAction | None = attrs.field(default=None, kw_only=True)
    contacts: tuple[Contacted, ...] = attrs.field(default=(), kw_only=True)
    sales: tuple[Sale, ...] = attrs.field(default=(), kw_only=True)
    merged: tuple[Merged, ...] = attrs.field(default=(), kw_only=True)
    meets_standard: bool | None = attrs.field(default=None, kw_only=True)
    """What the review of the form said; ``None`` before it, and where there is no form."""
    closed_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    reason: str | None = attrs.field(default=None, kw_only=True)
    """The code of why it was closed."""

    @property
    def is_open(self) -> bool:
        """Whether it is still worked on."""
        return self.status in OPEN_LEAD

    @property
    def owner(self) -> str | None:
        """Who follows it up."""
        return None if self.allocated is None else self.allocated.owner


@attrs.frozen(kw_only=True)
class Credit:
    """What was shared of a sale, by whose decision, and whether it was taken back."""

    lead: str
    sale: str
    journey: str
    branch: str
    deal: Deal
    shared: Shared
    policy: str
    version: str
    plugin: str
    rules: tuple[str, ...] = ()
    at: dt.datetime
    by: str
    taken_back: Shared | None = None
    """The same the other way round, where the product was cancelled."""
    reason: str | None = None
    """The code of why it was taken back."""

    @property
    def id(self) -> str:
        """Names the lead and the sale."""
        return f"{self.lead}/{self.sale}"

    @property
    def state(self) -> Literal["shared", "taken_back"]:
        """Whether it still counts."""
        return "shared" if self.taken_back is None else "taken_back"


@attrs.frozen(kw_only=True)
class Given:
    """What one member of staff was given to follow up."""

    staff: str
    load: int = 0
    """How many leads are still open."""
    count: int = 0
    """How many there ever were."""
    last: int = 0
    """The number of the last of them among all allocations of the branch."""


@attrs.frozen
class Workload:
    """Who at a branch has how many leads: what the assignment policy goes by."""

    branch: str
    turn: int = attrs.field(default=0, kw_only=True)
    """How many leads were allocated."""
    people: tuple[Given, ...] = attrs.field(default=(), kw_only=True)
    """By id."""


@attrs.frozen(kw_only=True)
class OpenReferral:
    """A referral of a customer that is not settled yet."""

    id: str
    journey: str
    expires_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class OpenLead:
    """The one lead of a customer that is open."""

    id: str
    journey: str


@attrs.frozen
class CustomerLedger:
    """What the journeys of one customer come to: every journey, and what of them is open.

    Everybody who refers this customer or enters a lead reads and writes it, so that two at once cannot both win.
    """

    customer: str
    journeys: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    referral: OpenReferral | None = attrs.field(default=None, kw_only=True)
    lead: OpenLead | None = attrs.field(default=None, kw_only=True)
    introduced_by: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Who introduced the customer for a lead, in order."""
    told_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When it was last told of something: what it is told next was not told before that."""


def introduced_by(customer: Customer, ledger: CustomerLedger | None) -> tuple[str, ...]:
    """Return everybody who introduced a customer: for the record, or for a lead."""
    for_record = () if customer.introduced_by is None else (customer.introduced_by,)
    return for_record if ledger is None else (*for_record, *ledger.introduced_by)


@attrs.frozen(kw_only=True)
class RefusalCount:
    """How many customers of a branch refused contact on a day; nothing else is kept of them (customers:REF-22)."""

    branch: str
    day: dt.date
    count: int

    @property
    def id(self) -> str:
        """Names the branch and the day."""
        return refusal_count_id(self.branch, self.day)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with it."""
        if self.count < 1:
            yield Problem("$.count", "Expected a number from 1")
        if not is_identifier(self.branch):
            yield Problem("$.branch", "Expected the id of a branch")


def refusal_count_id(branch: str, day: dt.date) -> str:
    """Return what the count of a branch and a day is kept under.

    >>> refusal_count_id("B-1", dt.date(2026, 3, 2))
    'B-1/2026-03-02'
    """
    return f"{branch}/{day.isoformat()}"


def work_list(leads: Iterable[Lead], owner: str) -> tuple[Lead, ...]:
    """Return what somebody has to see to: open leads who are booked or were referred, the next action first.

    Carries out customers:FUP-12; those without a next action, who wait for the first contact, come before all others.
    """
    ours = (lead for lead in leads if lead.is_open and lead.owner == owner)
    listed = (lead for lead in ours if lead.status == "booked" or lead.referral is not None)
    first = dt.date.min
    return tuple(sorted(listed, key=lambda lead: (first if lead.next is None else lead.next.on, lead.id)))
