"""Visits and referrals, as the ledger of journeys keeps them.

A visit knows no person until there is consent. A customer who refuses contact leaves nothing but a number for the
branch and the day.
"""

from __future__ import annotations

import datetime as dt
from typing import Literal, TypeAlias

import attrs

from branchkit.personal import Guarded, mask, personal

__all__ = [
    "CASE_1",
    "CASE_2",
    "HANDOUTS",
    "TARGETS",
    "Complexity",
    "Handout",
    "IdentifiedAt",
    "Interest",
    "Judgement",
    "LookedUp",
    "PartA",
    "PartB",
    "Referral",
    "ReferralState",
    "TriggerHit",
    "Visit",
    "Willingness",
]

IdentifiedAt: TypeAlias = Literal["lobby", "counter"]
Interest: TypeAlias = Literal["high", "medium", "low_or_none"]
ReferralState: TypeAlias = Literal["offered", "form", "accepted", "declined", "entered", "closed"]
Complexity: TypeAlias = Literal["simple", "complex"]
Handout: TypeAlias = Literal["business_card", "materials", "contact_us_any_time"]

CASE_1: Literal["handed_over_on_site"] = "handed_over_on_site"
"""The receiver took the customer over on the spot."""
CASE_2: Literal["interested_not_handed_over"] = "interested_not_handed_over"
"""Nobody could take the customer over, so the form was filled in."""
TARGETS = ("vip_wealth_room", "wealth_manager", "wealth_manager_assistant", "low_counter")
"""To whom a customer may be referred (customers:REF-25)."""
HANDOUTS: frozenset[Handout] = frozenset({"business_card", "materials"})
"""What whoever is not handed over is given (customers:REF-19, customers:REF-21)."""


@attrs.frozen
class TriggerHit:
    """A trigger point that was seen; evidence of value, not a verdict."""

    trigger: str
    """The code of the trigger."""
    card: str | None = None
    """The code of the other bank's card, where one was shown."""


@attrs.frozen(kw_only=True)
class Judgement:
    """Decision A: whether the assets reach the threshold at sight."""

    verdict: Literal["reached", "unclear"]
    basis: str | None = None
    """What it rests on, as in ``trigger`` or ``card``."""
    by: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class LookedUp:
    """Decision B: what the quick look-up said. The class alone is kept, never the balance."""

    result: Literal["reached", "below", "unknown"]
    by: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class Willingness:
    """Decision C: whether further contact is welcome."""

    answer: Literal["yes", "not_now"]
    interest: Interest
    at: dt.datetime


@attrs.frozen
class Visit:
    """Somebody at the outlet, from the first question on; anonymous until consent is on record."""

    id: str
    branch: str = attrs.field(kw_only=True)
    at: dt.datetime = attrs.field(kw_only=True)
    by: str = attrs.field(kw_only=True)
    """Who identified the customer."""
    acting_for: str | None = attrs.field(default=None, kw_only=True)
    """In whose place, where a delegate did."""
    post: str | None = attrs.field(default=None, kw_only=True)
    """In which post."""
    identified_at: IdentifiedAt = attrs.field(kw_only=True)
    business_type: str = attrs.field(kw_only=True)
    """Which business the customer came for, as a code."""
    triage_round: Literal[1, 2] | None = attrs.field(default=None, kw_only=True)
    hits: tuple[TriggerHit, ...] = attrs.field(default=(), kw_only=True)
    judgement: Judgement | None = attrs.field(default=None, kw_only=True)
    look_up: LookedUp | None = attrs.field(default=None, kw_only=True)
    willingness: Willingness | None = attrs.field(default=None, kw_only=True)
    customer: str | None = attrs.field(default=None, kw_only=True)
    """The bank's number of the customer; only after consent."""
    attached_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    referral: str | None = attrs.field(default=None, kw_only=True)
    """The referral that is not settled yet."""
    hands: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Everybody who has passed the customer on, in order; nobody gets the customer back."""
    outcome: Literal["ordinary", "ended"] | None = attrs.field(default=None, kw_only=True)
    """How the visit ended without a referral; ``None`` while it goes on."""

    @property
    def is_quality(self) -> bool:
        """Whether the customer was judged or found to reach the threshold (customers:REF-07, customers:REF-09)."""
        judged = self.judgement is not None and self.judgement.verdict == "reached"
        return judged or (self.look_up is not None and self.look_up.result == "reached")


@attrs.frozen(kw_only=True)
class PartA:
    """The referrer's part of the form of recommendation (customers:FRM-01 to customers:FRM-06)."""

    at: dt.datetime
    by: str
    acting_for: str | None = None
    """In whose place, where a delegate filled it in."""
    customer_name: str | None = attrs.field(repr=mask, metadata=personal("name"))
    reason: str | None = attrs.field(default=None, repr=mask, metadata=personal("profile"))
    """In words; the triggers say it in codes."""
    triggers: tuple[str, ...] = ()
    contact: str | None = attrs.field(default=None, repr=mask, metadata=personal("contact"))
    preferred_time: str | None = attrs.field(default=None, repr=mask, metadata=personal("contact"))
    gave: tuple[Handout, ...] = ()


@attrs.frozen(kw_only=True)
class PartB:
    """The wealth room's part of the form (customers:FRM-07 to customers:FRM-09)."""

    at: dt.datetime
    by: str
    adviser: str
    """The id of the wealth manager or adviser."""
    meets_standard: bool
    note: str | None = attrs.field(default=None, repr=mask, metadata=personal("profile"))


@attrs.frozen
class Referral(Guarded):
    """One attempt to hand a customer to another post."""

    id: str
    journey: str = attrs.field(kw_only=True)
    branch: str = attrs.field(kw_only=True)
    at: dt.datetime = attrs.field(kw_only=True)
    recorded_at: dt.datetime = attrs.field(kw_only=True)
    """When the ledger was told: what a sale has to come after."""
    by: str = attrs.field(kw_only=True)
    """The referrer."""
    acting_for: str | None = attrs.field(default=None, kw_only=True)
    """In whose place, where a delegate refers; what one may not do, the other may not."""
    post: str | None = attrs.field(default=None, kw_only=True)
    """The post in which the referrer acts."""
    target: str = attrs.field(kw_only=True)
    receiver: str | None = attrs.field(default=None, kw_only=True)
    """Who is to take over, where that is known."""
    complexity: Complexity = attrs.field(default="simple", kw_only=True)
    """Of the product that the customer is interested in."""
    interest: Interest = attrs.field(kw_only=True)
    customer: str | None = attrs.field(default=None, kw_only=True)
    expires_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """From when on it counts no more; ``None`` where the bank has set no time."""
    state: ReferralState = attrs.field(default="offered", kw_only=True)
    case: Literal["handed_over_on_site", "interested_not_handed_over"] | None = attrs.field(default=None, kw_only=True)
    """Which of the three cases it is; the third leaves no referral."""
    form: PartA | None = attrs.field(default=None, kw_only=True)
    review: PartB | None = attrs.field(default=None, kw_only=True)
    lead: str | None = attrs.field(default=None, kw_only=True)
    """The lead that came of it, or that it was merged into."""
    settled_at: dt.datetime | None = attrs.field(default=None, kw_only=True)

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody whose referral it is: who refers or fills in the form, and who is acted for in it."""
        deeds = (self,) if self.form is None else (self, self.form)
        found = (person for deed in deeds for person in (deed.by, deed.acting_for) if person is not None)
        return tuple(dict.fromkeys(found))

    @property
    def is_open(self) -> bool:
        """Whether it waits to be taken over or to be entered as a lead."""
        return self.state in ("offered", "form")

    def has_expired(self, at: dt.datetime) -> bool:
        """Say whether its time was over at a moment; the moment itself is over."""
        return self.expires_at is not None and self.expires_at <= at

    @property
    def form_status(self) -> Literal["part_a_done", "part_b_done", "closed"] | None:
        """How far the form is filled in; ``None`` where there is none (customers:FRM-11)."""
        if self.form is None:
            return None
        if self.review is None:
            return "part_a_done"
        return "part_b_done" if self.review.meets_standard else "closed"
