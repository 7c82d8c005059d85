"""What may be asked of customers' records."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import attrs

from branchkit.checklists import RawFact
from branchkit.customers.consent import Consent
from branchkit.customers.model import CustomerKind, CustomerStage, Label, Particulars
from branchkit.customers.naming import naming_problems
from branchkit.errors import Problem
from branchkit.messages import Command
from branchkit.personal import Guarded, mask, personal
from branchkit.values import FrozenMap

__all__ = [
    "ApplyRetention",
    "AskDisclosure",
    "AssignOwner",
    "ClassifyCustomer",
    "CustomerCommand",
    "EraseCustomer",
    "GiveConsent",
    "GradeRisk",
    "HoldCustomer",
    "LabelCustomer",
    "MoveCustomer",
    "PassCheck",
    "RegisterCustomer",
    "ReleaseCustomer",
    "ReviseCustomer",
    "SeeCustomer",
    "StopOffers",
    "TreatSpecially",
    "WithdrawConsent",
]


@attrs.frozen
class CustomerCommand(Command, Guarded):
    """Something asked of one customer's record."""

    customer: str
    """The bank's number of the customer."""

    @property
    def stream(self) -> str:
        """The customer's stream."""
        return f"customer:{self.customer}"

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the times, the ids and the codes, those of what is told with it among them."""
        return (*Command.validate(self), *naming_problems(self))


@attrs.frozen
class RegisterCustomer(CustomerCommand):
    """Open a customer's record, with the consents that were given for what is in it."""

    KIND: ClassVar[str] = "register_customer"

    customer_kind: CustomerKind = attrs.field(default="person", kw_only=True)
    home_branch: str | None = attrs.field(default=None, kw_only=True)
    particulars: Particulars = attrs.field(default=Particulars(), kw_only=True)
    consents: tuple[Consent, ...] = attrs.field(default=(), kw_only=True)
    stage: CustomerStage = attrs.field(default="prospect", kw_only=True)
    introduced_by: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class ReviseCustomer(CustomerCommand):
    """Put other particulars in the place of those on record."""

    KIND: ClassVar[str] = "revise_customer"

    particulars: Particulars = attrs.field(kw_only=True)


@attrs.frozen
class MoveCustomer(CustomerCommand):
    """Say that the relationship has come to another stage."""

    KIND: ClassVar[str] = "move_customer"

    stage: CustomerStage
    reason: str = attrs.field(kw_only=True)
    """A code, as in ``account_opened``."""


@attrs.frozen
class PassCheck(CustomerCommand):
    """Say that a check was passed: identity, or where the money comes from."""

    KIND: ClassVar[str] = "pass_check"

    check: Literal["identity_verified", "aml_checked", "cft_checked"]


@attrs.frozen
class GradeRisk(CustomerCommand):
    """Give the customer a compliance risk grade; the tier stays what it is."""

    KIND: ClassVar[str] = "grade_risk"

    grade: str
    reason: str = attrs.field(kw_only=True)
    """A code, as in ``periodic_review``."""


@attrs.frozen
class ClassifyCustomer(CustomerCommand):
    """Ask the tier policy in force which tier the customer has by a scheme."""

    KIND: ClassVar[str] = "classify_customer"

    scheme: str
    facts: FrozenMap[RawFact] = attrs.field(default=FrozenMap(), kw_only=True, repr=mask, metadata=personal("assets"))
    """The facts that the policy asks for; what somebody owns is personal."""
    reason: str = attrs.field(kw_only=True)
    """A code, as in ``monthly_review``."""
    approved_by: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class GiveConsent(CustomerCommand):
    """Put on record that the customer agreed to a use of their data."""

    KIND: ClassVar[str] = "give_consent"

    purpose: str
    items: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The kinds of data agreed to; all that the purpose may use where left out."""
    expires_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """The policy's own term where left out."""
    evidence: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class WithdrawConsent(CustomerCommand):
    """Put on record that the customer does not agree any more; what was kept on that account alone is erased."""

    KIND: ClassVar[str] = "withdraw_consent"

    purpose: str


@attrs.frozen
class StopOffers(CustomerCommand):
    """Put on record that offers are not welcome, or that they are again."""

    KIND: ClassVar[str] = "stop_offers"

    stop: bool = attrs.field(default=True, kw_only=True)


@attrs.frozen
class SeeCustomer(CustomerCommand):
    """Ask to see personal data for a purpose. Whether it is granted or not, that it was asked is put on record."""

    KIND: ClassVar[str] = "see_customer"

    purpose: str
    data: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The kinds of data to be seen; all that the purpose may use where left out."""


@attrs.frozen
class AskDisclosure(CustomerCommand):
    """Put on record that somebody outside asks to be told something of the customer, and decide it."""

    KIND: ClassVar[str] = "ask_disclosure"

    recipient: str
    """The code of who asks, as in ``spouse``."""
    purpose: str
    data: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The kinds of data asked for."""


@attrs.frozen
class AssignOwner(CustomerCommand):
    """Give the relationship to a member of staff, or to nobody."""

    KIND: ClassVar[str] = "assign_owner"

    owner: str | None


@attrs.frozen
class LabelCustomer(CustomerCommand):
    """Put labels on the customer in place of those of the same codes, and take others off."""

    KIND: ClassVar[str] = "label_customer"

    labels: tuple[Label, ...] = attrs.field(default=(), kw_only=True)
    remove: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class TreatSpecially(CustomerCommand):
    """Treat the customer outside the standard, approved by somebody else than who asks; or end it."""

    KIND: ClassVar[str] = "treat_specially"

    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("special"))
    approved_by: str | None = attrs.field(default=None, kw_only=True)
    """``None`` ends it."""


@attrs.frozen
class HoldCustomer(CustomerCommand):
    """Keep everything of the customer from being erased, for a reason in law."""

    KIND: ClassVar[str] = "hold_customer"

    code: str


@attrs.frozen
class ReleaseCustomer(CustomerCommand):
    """End a hold."""

    KIND: ClassVar[str] = "release_customer"

    code: str


@attrs.frozen
class EraseCustomer(CustomerCommand):
    """Erase everything personal of the customer, wherever the kit keeps it."""

    KIND: ClassVar[str] = "erase_customer"

    reason: str
    """The code of the reason, as the privacy policy names it."""


@attrs.frozen
class ApplyRetention(CustomerCommand):
    """Erase what may not be kept any longer."""

    KIND: ClassVar[str] = "apply_retention"
