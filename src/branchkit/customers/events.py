"""What has happened to customers' records."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from branchkit.checklists import RawFact
from branchkit.customers.consent import Consent
from branchkit.customers.model import CustomerKind, CustomerStage, Label, Particulars, ServiceClass, TierHeld
from branchkit.messages import Event
from branchkit.personal import Guarded, mask, personal
from branchkit.values import FrozenMap, Ref

__all__ = [
    "CheckPassed",
    "ConsentGiven",
    "ConsentWithdrawn",
    "CustomerClassified",
    "CustomerErased",
    "CustomerEvent",
    "CustomerHeld",
    "CustomerLabelled",
    "CustomerMoved",
    "CustomerRegistered",
    "CustomerReleased",
    "CustomerRevised",
    "CustomerSeen",
    "DataForgotten",
    "DisclosureDecided",
    "OffersStopped",
    "OwnerAssigned",
    "RiskGraded",
    "SightRefused",
    "TreatedSpecially",
]


@attrs.frozen(kw_only=True)
class CustomerEvent(Event, Guarded):
    """Something that happened to one customer's record."""

    customer: str
    at: dt.datetime
    by: str


@attrs.frozen(kw_only=True)
class CustomerRegistered(CustomerEvent):
    """A customer's record was opened."""

    KIND: ClassVar[str] = "customer_registered"

    customer_kind: CustomerKind
    home_branch: str | None = None
    particulars: Particulars = attrs.field(default=Particulars())
    consents: tuple[Consent, ...] = ()
    stage: CustomerStage = "prospect"
    introduced_by: str | None = None


@attrs.frozen(kw_only=True)
class CustomerRevised(CustomerEvent):
    """Other particulars were put in the place of those on record."""

    KIND: ClassVar[str] = "customer_revised"

    particulars: Particulars


@attrs.frozen(kw_only=True)
class CustomerMoved(CustomerEvent):
    """The relationship came to another stage."""

    KIND: ClassVar[str] = "customer_moved"

    before: CustomerStage
    after: CustomerStage
    reason: str


@attrs.frozen(kw_only=True)
class CheckPassed(CustomerEvent):
    """A check was passed."""

    KIND: ClassVar[str] = "check_passed"

    check: str


@attrs.frozen(kw_only=True)
class RiskGraded(CustomerEvent):
    """The customer was given a compliance risk grade."""

    KIND: ClassVar[str] = "risk_graded"

    before: str | None = None
    after: str
    reason: str


@attrs.frozen(kw_only=True)
class CustomerClassified(CustomerEvent):
    """The tier policy in force was asked (customers:TIER-33)."""

    KIND: ClassVar[str] = "customer_classified"

    before: str | None = None
    """The tier by that scheme before."""
    held: TierHeld
    """The tier, and by which policy and version."""
    service_class: ServiceClass | None = None
    """The service class of the customer from then on; ``None`` where no tier that they hold means one."""
    facts: FrozenMap[RawFact] = attrs.field(default=FrozenMap(), repr=mask, metadata=personal("assets"))
    """What the policy was told, and what follows from tiers held by other schemes."""
    plugin: str = "branchkit"
    """The distribution that brought the policy."""
    rules: tuple[str, ...] = ()
    """The rules behind the decision."""


@attrs.frozen(kw_only=True)
class ConsentGiven(CustomerEvent):
    """The customer agreed to a use of their data."""

    KIND: ClassVar[str] = "consent_given"

    consent: Consent


@attrs.frozen(kw_only=True)
class ConsentWithdrawn(CustomerEvent):
    """The customer does not agree any more."""

    KIND: ClassVar[str] = "consent_withdrawn"

    purpose: str
    forgets: tuple[str, ...] = ()
    """The kinds of data that were kept on that account alone, and are erased with it."""
    documents: tuple[Ref, ...] = ()
    """The other documents in which such data stood."""


@attrs.frozen(kw_only=True)
class DataForgotten(CustomerEvent):
    """Data of some kinds were erased because nothing allows them to be kept any longer."""

    KIND: ClassVar[str] = "data_forgotten"

    forgets: tuple[str, ...]
    documents: tuple[Ref, ...] = ()
    """The other documents in which such data stood."""
    reason: str
    rules: tuple[str, ...] = ()
    policy: str
    version: str


@attrs.frozen(kw_only=True)
class OffersStopped(CustomerEvent):
    """Offers are not welcome, or are again."""

    KIND: ClassVar[str] = "offers_stopped"

    stop: bool


@attrs.frozen(kw_only=True)
class CustomerSeen(CustomerEvent):
    """Somebody saw personal data; which kinds, never what they said."""

    KIND: ClassVar[str] = "customer_seen"

    purpose: str
    data: tuple[str, ...]
    policy: str
    version: str


@attrs.frozen(kw_only=True)
class SightRefused(CustomerEvent):
    """Somebody asked to see personal data and was refused."""

    KIND: ClassVar[str] = "sight_refused"

    purpose: str
    data: tuple[str, ...] = ()
    codes: tuple[str, ...]
    """Why, as the codes of the refusals."""
    policy: str
    version: str


@attrs.frozen(kw_only=True)
class DisclosureDecided(CustomerEvent):
    """Somebody outside asked to be told something, and it was decided."""

    KIND: ClassVar[str] = "disclosure_decided"

    recipient: str
    purpose: str
    data: tuple[str, ...] = ()
    granted: bool
    codes: tuple[str, ...] = ()
    """Why not, as the codes of the refusals."""
    rules: tuple[str, ...] = ()
    policy: str
    version: str


@attrs.frozen(kw_only=True)
class OwnerAssigned(CustomerEvent):
    """The relationship was given to a member of staff, or to nobody."""

    KIND: ClassVar[str] = "owner_assigned"

    before: str | None = None
    after: str | None = None


@attrs.frozen(kw_only=True)
class CustomerLabelled(CustomerEvent):
    """Labels were put on or taken off."""

    KIND: ClassVar[str] = "customer_labelled"

    labels: tuple[Label, ...] = ()
    removed: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class TreatedSpecially(CustomerEvent):
    """The customer is treated outside the standard, or is not any more."""

    KIND: ClassVar[str] = "treated_specially"

    reason: str | None = attrs.field(default=None, repr=mask, metadata=personal("special"))
    approved_by: str | None = None


@attrs.frozen(kw_only=True)
class CustomerHeld(CustomerEvent):
    """Nothing may be erased for now."""

    KIND: ClassVar[str] = "customer_held"

    code: str


@attrs.frozen(kw_only=True)
class CustomerReleased(CustomerEvent):
    """A hold ended."""

    KIND: ClassVar[str] = "customer_released"

    code: str


@attrs.frozen(kw_only=True)
class CustomerErased(CustomerEvent):
    """What was personal of the customer was erased, in the documents that it names; the journal keeps its chain."""

    KIND: ClassVar[str] = "customer_erased"

    reason: str
    rules: tuple[str, ...] = ()
    documents: tuple[Ref, ...] = ()
    """Every document that held something of the customer beside the record itself, as ``sheet:SH-1``."""
    policy: str
    version: str
