"""What may be asked of the ledger of journeys."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import ClassVar, Literal

import attrs

from branchkit.customers.assigning import ConflictOfInterest
from branchkit.customers.journey.follow_up import NextAction
from branchkit.customers.journey.model import Complexity, Handout, IdentifiedAt, Interest, TriggerHit
from branchkit.customers.naming import naming_problems
from branchkit.errors import Problem
from branchkit.messages import Command
from branchkit.personal import Guarded, mask, personal
from branchkit.values import FrozenMap

__all__ = [
    "AcceptReferral",
    "AllocateLead",
    "AskWillingness",
    "AttachCustomer",
    "CloseLead",
    "ConvertLead",
    "CreditSale",
    "DeclineReferral",
    "EndVisit",
    "EnterLead",
    "FillReferralForm",
    "JourneyCommand",
    "JudgeVisit",
    "LeadCommand",
    "LookUpVisit",
    "ObserveTriggers",
    "OpenVisit",
    "RecordContact",
    "ReferCustomer",
    "ReferralCommand",
    "RefuseContact",
    "ReverseCredit",
    "ReviewForm",
]

_TOKEN = re.compile(r"[0-9a-f]{32}")


@attrs.frozen
class JourneyCommand(Command, Guarded):
    """Something asked of one journey: that of a visit, or of a lead that came another way."""

    journey: str
    """The id of the visit, or one of the bank's own where nobody came to the outlet."""

    @property
    def stream(self) -> str:
        """The journey's stream."""
        return f"journey:{self.journey}"

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the times, the ids and the codes."""
        return (*Command.validate(self), *naming_problems(self))


@attrs.frozen
class OpenVisit(JourneyCommand):
    """Receive somebody at the outlet and ask which business it is about."""

    KIND: ClassVar[str] = "open_visit"

    branch: str = attrs.field(kw_only=True)
    identified_at: IdentifiedAt = attrs.field(kw_only=True)
    business_type: str = attrs.field(kw_only=True)
    triage_round: Literal[1, 2] | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class ObserveTriggers(JourneyCommand):
    """Record trigger points that were seen, and cards that were shown."""

    KIND: ClassVar[str] = "observe_triggers"

    hits: tuple[TriggerHit, ...]

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the command."""
        found = list(JourneyCommand.validate(self))
        if not self.hits:
            found.append(Problem("$.hits", "Expected at least one trigger"))
        return tuple(found)


@attrs.frozen
class JudgeVisit(JourneyCommand):
    """Decision A: say whether the assets reach the threshold at sight."""

    KIND: ClassVar[str] = "judge_visit"

    verdict: Literal["reached", "unclear"]
    basis: str | None = attrs.field(default=None, kw_only=True)
    """What it rests on, as in ``trigger`` or ``card``."""


@attrs.frozen
class LookUpVisit(JourneyCommand):
    """Decision B: say which class the quick look-up gave; the balance has no place here."""

    KIND: ClassVar[str] = "look_up_visit"

    result: Literal["reached", "below", "unknown"]


@attrs.frozen
class AskWillingness(JourneyCommand):
    """Decision C: say whether the customer welcomes further contact. ``refused`` is for `RefuseContact` to count."""

    KIND: ClassVar[str] = "ask_willingness"

    answer: Literal["yes", "not_now", "refused"]
    interest: Interest = attrs.field(kw_only=True)


@attrs.frozen
class AttachCustomer(JourneyCommand):
    """Say who the customer of a visit is, which takes the customer's consent."""

    KIND: ClassVar[str] = "attach_customer"

    customer: str


@attrs.frozen
class EndVisit(JourneyCommand):
    """End a visit that led to no referral: to the ordinary service, or without another word."""

    KIND: ClassVar[str] = "end_visit"

    outcome: Literal["ordinary", "ended"]


@attrs.frozen
class RefuseContact(Command):
    """Count a customer who does not want to leave contact details: case 3, of which nothing else is kept.

    It names no visit, no person and no moment: `at` is the first moment of the day, a system tells it, and the token
    is drawn by chance, so that it can be told again without being counted twice.
    """

    KIND: ClassVar[str] = "refuse_contact"

    branch: str
    token: str = attrs.field(kw_only=True)
    """32 hexadecimal digits drawn by chance; made of nothing that is known of the customer."""
    gave: tuple[Handout, ...] = attrs.field(kw_only=True)
    """What the customer was given and told all the same: card, materials, and that contact is always welcome."""

    @property
    def stream(self) -> str:
        """The stream of the branch's refusals."""
        return f"refusals:{self.branch}"

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the command."""
        problems = (*Command.validate(self), *naming_problems(self))
        if not _TOKEN.fullmatch(self.token):
            problems += (Problem("$.token", "Expected 32 hexadecimal digits in lower case, drawn by chance"),)
        return problems


@attrs.frozen
class ReferralCommand(JourneyCommand):
    """Something asked of one referral of a journey."""

    referral: str


@attrs.frozen
class ReferCustomer(ReferralCommand):
    """Hand a willing customer to a more specialised post, on the spot."""

    KIND: ClassVar[str] = "refer_customer"

    target: str = attrs.field(kw_only=True)
    receiver: str | None = attrs.field(default=None, kw_only=True)
    complexity: Complexity = attrs.field(default="simple", kw_only=True)


@attrs.frozen
class AcceptReferral(ReferralCommand):
    """Take over a customer on the spot, and enter the lead: case 1."""

    KIND: ClassVar[str] = "accept_referral"

    lead: str
    next: NextAction | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class DeclineReferral(ReferralCommand):
    """Settle a referral that nobody takes over and for which no form is filled in."""

    KIND: ClassVar[str] = "decline_referral"

    reason_code: str = attrs.field(kw_only=True)


@attrs.frozen
class FillReferralForm(ReferralCommand):
    """Fill in part A of the form, where the customer could not be handed over: case 2."""

    KIND: ClassVar[str] = "fill_referral_form"

    target: str = attrs.field(kw_only=True)
    complexity: Complexity = attrs.field(default="simple", kw_only=True)
    customer_name: str | None = attrs.field(kw_only=True, repr=mask, metadata=personal("name"))
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("profile"))
    triggers: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    contact: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("contact"))
    preferred_time: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("contact"))
    gave: tuple[Handout, ...] = attrs.field(default=(), kw_only=True)

    def validate(self) -> tuple[Problem, ...]:
        """Return what is missing in the form."""
        problems = list(JourneyCommand.validate(self))
        if self.customer_name is None or not self.customer_name.strip():
            problems.append(Problem("$.customer_name", "Expected the customer's name: the form asks for it"))
        if not self.triggers and (self.reason is None or not self.reason.strip()):
            problems.append(
                Problem("$.reason", "Expected why the customer is referred, in codes of triggers or in words")
            )
        return tuple(problems)


@attrs.frozen
class ReviewForm(ReferralCommand):
    """Fill in part B of the form: who advises, and whether the referral met the standard."""

    KIND: ClassVar[str] = "review_form"

    adviser: str = attrs.field(kw_only=True)
    meets_standard: bool = attrs.field(kw_only=True)
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("profile"))


@attrs.frozen
class LeadCommand(JourneyCommand):
    """Something asked of one lead of a journey."""

    lead: str


@attrs.frozen
class EnterLead(LeadCommand):
    """Enter a lead: of a form, at close of business; or of a customer who came another way."""

    KIND: ClassVar[str] = "enter_lead"

    branch: str = attrs.field(kw_only=True)
    source: str = attrs.field(default="lobby_referral", kw_only=True)
    referral: str | None = attrs.field(default=None, kw_only=True)
    customer: str | None = attrs.field(default=None, kw_only=True)
    """Left out where the referral says it."""
    introduced_by: str | None = attrs.field(default=None, kw_only=True)
    next: NextAction | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class AllocateLead(LeadCommand):
    """Give a lead to somebody to follow up: to a named person, or to whom the policy in force chooses."""

    KIND: ClassVar[str] = "allocate_lead"

    owner: str | None = attrs.field(default=None, kw_only=True)
    instead_of: str | None = attrs.field(default=None, kw_only=True)
    """Who has it now, where it is taken from somebody."""
    absent: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Who is not there."""
    conflicts: tuple[ConflictOfInterest, ...] = attrs.field(default=(), kw_only=True)
    """Who must not have this lead, and why."""
    skills: frozenset[str] = attrs.field(default=frozenset(), kw_only=True)
    """What the lead asks for."""
    fields: FrozenMap[str] = attrs.field(default=FrozenMap(), kw_only=True)
    """What the lead is like, as in ``{"district": "north"}``, for a policy to go by."""


@attrs.frozen
class RecordContact(LeadCommand):
    """Record a contact with the customer of a lead, and what is to be done next."""

    KIND: ClassVar[str] = "record_contact"

    method: str = attrs.field(kw_only=True)
    outcome: Literal["reached", "not_reached", "booked", "declined"] = attrs.field(kw_only=True)
    next: NextAction | None = attrs.field(default=None, kw_only=True)
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("profile"))


@attrs.frozen
class ConvertLead(LeadCommand):
    """Write a sale back to its lead; `at` is when it was made, and whoever asks made it."""

    KIND: ClassVar[str] = "convert_lead"

    sale: str = attrs.field(kw_only=True)
    product: str = attrs.field(kw_only=True)
    complexity: Complexity = attrs.field(default="simple", kw_only=True)
    card: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("assets"))


@attrs.frozen
class CloseLead(LeadCommand):
    """Close a lead that comes to nothing."""

    KIND: ClassVar[str] = "close_lead"

    reason_code: str = attrs.field(kw_only=True)


@attrs.frozen
class CreditSale(LeadCommand):
    """Share what a sale earned among those who had a part in it, by the credit policy in force.

    Whoever asks approves it, and so is none of those who are paid.
    """

    KIND: ClassVar[str] = "credit_sale"

    sale: str = attrs.field(kw_only=True)
    amount: Decimal = attrs.field(kw_only=True)
    """What is shared."""
    currency: str = attrs.field(kw_only=True)
    measure: str = attrs.field(default="profit", kw_only=True)
    """What the amount is, as in ``profit`` or ``points``."""
    processors: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Who carried the business out."""
    maintainers: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Who looks after the customer."""
    measures: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """What a payout may be made to hang on beside the sale, as in ``standard_rate``."""
    cooling_off_until: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """Until when the product may be cancelled; ``None`` where nobody has said."""


@attrs.frozen
class ReverseCredit(LeadCommand):
    """Take credit back, because the product was cancelled within its time."""

    KIND: ClassVar[str] = "reverse_credit"

    sale: str = attrs.field(kw_only=True)
    reason_code: str = attrs.field(kw_only=True)
