"""What happens on a journey. What deciding it needed is in the event, so that folding never has to ask again."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import attrs

from branchkit.customers.credit import Shared
from branchkit.customers.journey.follow_up import (
    Allocated,
    Contacted,
    Credit,
    Lead,
    Merged,
    NextAction,
    OpenReferral,
    Sale,
)
from branchkit.customers.journey.model import Judgement, LookedUp, PartB, Referral, TriggerHit, Visit, Willingness
from branchkit.messages import Event
from branchkit.personal import Guarded

__all__ = [
    "ContactRecorded",
    "ContactRefused",
    "CreditTakenBack",
    "CustomerAttached",
    "CustomerReferred",
    "JourneyEvent",
    "LeadAllocated",
    "LeadClosed",
    "LeadConverted",
    "LeadEntered",
    "LeadMerged",
    "ReferralAccepted",
    "ReferralDeclined",
    "ReferralFormFilled",
    "ReferralFormReviewed",
    "SaleCredited",
    "ToldEvent",
    "TriggersObserved",
    "VisitEnded",
    "VisitJudged",
    "VisitLookedUp",
    "VisitOpened",
    "WillingnessAsked",
]


@attrs.frozen(kw_only=True)
class JourneyEvent(Event, Guarded):
    """Something that happened on a journey; its personal values are given out for a purpose only."""


@attrs.frozen(kw_only=True)
class ToldEvent(JourneyEvent):
    """Something that happened with a customer, and when the ledger was told of it."""

    told_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class VisitOpened(JourneyEvent):
    """Somebody was received at the outlet."""

    KIND: ClassVar[str] = "visit_opened"

    visit: Visit


@attrs.frozen(kw_only=True)
class TriggersObserved(JourneyEvent):
    """Trigger points were seen."""

    KIND: ClassVar[str] = "triggers_observed"

    visit: str
    hits: tuple[TriggerHit, ...]
    """Those that were not on record yet."""


@attrs.frozen(kw_only=True)
class VisitJudged(JourneyEvent):
    """The customer was judged at sight."""

    KIND: ClassVar[str] = "visit_judged"

    visit: str
    judgement: Judgement


@attrs.frozen(kw_only=True)
class VisitLookedUp(JourneyEvent):
    """The quick look-up gave a class."""

    KIND: ClassVar[str] = "visit_looked_up"

    visit: str
    look_up: LookedUp


@attrs.frozen(kw_only=True)
class WillingnessAsked(JourneyEvent):
    """The customer said whether further contact is welcome."""

    KIND: ClassVar[str] = "willingness_asked"

    visit: str
    willingness: Willingness


@attrs.frozen(kw_only=True)
class CustomerAttached(ToldEvent):
    """It became known, with consent, who the customer of a visit is."""

    KIND: ClassVar[str] = "customer_attached"

    visit: str
    customer: str
    purpose: str
    """What the consent is for."""
    at: dt.datetime
    referral: OpenReferral | None = None
    """The referral of the visit that was open then."""


@attrs.frozen(kw_only=True)
class VisitEnded(JourneyEvent):
    """A visit ended without a referral."""

    KIND: ClassVar[str] = "visit_ended"

    visit: str
    outcome: Literal["ordinary", "ended"]


@attrs.frozen(kw_only=True)
class ContactRefused(JourneyEvent):
    """Somebody did not want to leave contact details: one more at the branch on the day."""

    KIND: ClassVar[str] = "contact_refused"

    branch: str
    day: dt.date


@attrs.frozen(kw_only=True)
class CustomerReferred(ToldEvent):
    """A customer is being handed to another post."""

    KIND: ClassVar[str] = "customer_referred"

    referral: Referral


@attrs.frozen(kw_only=True)
class ReferralAccepted(ToldEvent):
    """The receiver took the customer over."""

    KIND: ClassVar[str] = "referral_accepted"

    referral: str
    visit: str
    customer: str
    receiver: str
    lead: str
    """The lead that was entered, or that it became part of."""
    at: dt.datetime


@attrs.frozen(kw_only=True)
class ReferralDeclined(ToldEvent):
    """A referral came to nothing."""

    KIND: ClassVar[str] = "referral_declined"

    referral: str
    visit: str
    customer: str | None
    reason: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class ReferralFormFilled(ToldEvent):
    """Part A of the form was filled in, because nobody could take the customer over."""

    KIND: ClassVar[str] = "referral_form_filled"

    referral: Referral
    """With the form."""


@attrs.frozen(kw_only=True)
class ReferralFormReviewed(ToldEvent):
    """Part B of the form was filled in."""

    KIND: ClassVar[str] = "referral_form_reviewed"

    referral: str
    visit: str
    customer: str | None
    review: PartB
    lead: str | None = None
    """The lead that it is on, where that was entered before the review."""
    settles: bool = False
    """Whether the referral is over with it: it is below standard, and no lead was entered."""


@attrs.frozen(kw_only=True)
class LeadEntered(ToldEvent):
    """A lead was entered."""

    KIND: ClassVar[str] = "lead_entered"

    lead: Lead


@attrs.frozen(kw_only=True)
class LeadMerged(ToldEvent):
    """A lead was to be entered for a customer who has an open one: it became part of that."""

    KIND: ClassVar[str] = "lead_merged"

    lead: str
    """The lead that is open."""
    merged: Merged
    referrer: str | None
    """The referrer of whose referral the ledger was told first."""
    referred_at: dt.datetime | None
    referral_told_at: dt.datetime | None
    registered_at: dt.datetime
    acted_for: tuple[str, ...] = ()
    """In whose place a delegate had a part in what was merged."""


@attrs.frozen(kw_only=True)
class LeadAllocated(JourneyEvent):
    """Somebody is to follow a lead up."""

    KIND: ClassVar[str] = "lead_allocated"

    lead: str
    branch: str
    allocated: Allocated
    before: str | None = None
    """Who had it before."""


@attrs.frozen(kw_only=True)
class ContactRecorded(ToldEvent):
    """The customer of a lead was contacted, or was not reached."""

    KIND: ClassVar[str] = "contact_recorded"

    lead: str
    branch: str
    customer: str
    owner: str
    contact: Contacted
    next: NextAction | None = None


@attrs.frozen(kw_only=True)
class LeadConverted(ToldEvent):
    """A sale was made to the customer of a lead."""

    KIND: ClassVar[str] = "lead_converted"

    lead: str
    branch: str
    customer: str
    owner: str | None
    sale: Sale


@attrs.frozen(kw_only=True)
class LeadClosed(ToldEvent):
    """A lead came to nothing."""

    KIND: ClassVar[str] = "lead_closed"

    lead: str
    branch: str
    customer: str
    owner: str | None
    reason: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class SaleCredited(JourneyEvent):
    """A sale was shared among those who had a part in it."""

    KIND: ClassVar[str] = "sale_credited"

    credit: Credit


@attrs.frozen(kw_only=True)
class CreditTakenBack(JourneyEvent):
    """What a sale was credited with was taken back, exactly."""

    KIND: ClassVar[str] = "credit_taken_back"

    lead: str
    sale: str
    branch: str
    taken_back: Shared
    reason: str
