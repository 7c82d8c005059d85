"""A customer as the bank knows them: who they are, what they agreed to, and what they are to the bank."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Literal

import attrs

from branchkit.customers.consent import Consent, in_force
from branchkit.errors import Problem
from branchkit.personal import Guarded, looks_personal, mask, personal
from branchkit.values import is_identifier

__all__ = [
    "DATA_KINDS",
    "Checks",
    "Contact",
    "Customer",
    "CustomerKind",
    "CustomerStage",
    "Erasure",
    "Hold",
    "Identity",
    "Label",
    "Mark",
    "Particulars",
    "ProfileNote",
    "ServiceClass",
    "Special",
    "TierHeld",
    "id_problems",
]

CustomerKind = Literal["person", "organisation"]
CustomerStage = Literal["prospect", "established", "maintained", "closed"]
ServiceClass = Literal["unclassified", "ordinary", "potential", "vip"]
"""customers:TIER-01: exactly one of them at a time, the lowest first; unclassified before anybody has looked."""

DATA_KINDS = (
    "name", "contact", "identity", "birth", "address", "care", "profile", "biometric", "special", "assets",
)  # fmt: skip
"""The kinds of personal data that the fields of a customer are marked with."""

_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"
_NOT_ANYBODYS = "Expected the bank's own number of the customer, not a telephone or identity number: ids stay on record"


def id_problems(id: str, path: str = "$.customer") -> Iterator[Problem]:
    """Yield what is wrong with a customer's id: what looks like somebody's telephone or identity number is none."""
    if not is_identifier(id):
        yield Problem(path, _ID)
    elif looks_personal(id):
        yield Problem(path, _NOT_ANYBODYS)


@attrs.frozen(kw_only=True)
class Contact:
    """A way to reach the customer."""

    kind: Literal["phone", "email", "message", "post"]
    value: str | None = attrs.field(default=None, repr=mask, metadata=personal("contact"))
    """The number or address; ``None`` where it is withheld or was erased."""


@attrs.frozen(kw_only=True)
class Identity:
    """A document that says who the customer is."""

    document: str
    """The code of its kind, as in ``resident_identity_card``."""
    number: str | None = attrs.field(default=None, repr=mask, metadata=personal("identity"))


@attrs.frozen(kw_only=True)
class ProfileNote:
    """One thing the profile says (customers:PRF-02)."""

    section: str
    """The code of the section, as in ``interest_preference``."""
    words: str | None = attrs.field(default=None, repr=mask, metadata=personal("profile"))


@attrs.frozen(kw_only=True)
class Mark:
    """Something by which the customer is recognised without saying who they are (customers:PRV-10, VIP-01)."""

    kind: Literal["plate", "face", "voice"]
    value: str | None = attrs.field(default=None, repr=mask, metadata=personal("biometric"))


@attrs.frozen(kw_only=True)
class Particulars:
    """Everything personal that is told of a customer. Each of its values can be erased, and none is ever printed."""

    name: str | None = attrs.field(default=None, repr=mask, metadata=personal("name"))
    contacts: tuple[Contact, ...] = ()
    identity: Identity | None = None
    born: dt.date | None = attrs.field(default=None, repr=mask, metadata=personal("birth"))
    address: str | None = attrs.field(default=None, repr=mask, metadata=personal("address"))
    special_care: tuple[str, ...] = attrs.field(default=(), repr=mask, metadata=personal("care"))
    """The codes of reasons for more care, whatever the tier (customers:TIER-20), as in ``("pregnant",)``."""
    profile: tuple[ProfileNote, ...] = ()
    recognition: tuple[Mark, ...] = ()


@attrs.frozen(kw_only=True)
class TierHeld:
    """The tier that a customer has by one scheme, since when and why (customers:TIER-33)."""

    scheme: str
    tier: str
    since: dt.datetime
    policy: str
    """The key of the policy that decided."""
    version: str
    reason: str
    """A code, as in ``monthly_review``."""
    approved_by: str | None = None
    service_class: ServiceClass | None = None
    """The service class that the tier means; ``None`` where it means none."""
    decided_at: dt.datetime | None = None
    """When it was last decided, as it may be for other reasons than at first; ``None`` stands for `since`."""

    @property
    def last_decided(self) -> dt.datetime:
        """The moment of the last decision on record; nothing that is told of a moment before it changes it."""
        return self.since if self.decided_at is None else self.decided_at


@attrs.frozen(kw_only=True)
class Label:
    """A tag that was derived from the profile (customers:PRF-11)."""

    code: str
    source: str
    """The code of what it was derived from."""
    updated_at: dt.datetime
    expires_at: dt.datetime | None = None


@attrs.frozen(kw_only=True)
class Special:
    """Treatment outside the standard for this one customer (customers:TIER-19)."""

    reason: str | None = attrs.field(default=None, repr=mask, metadata=personal("special"))
    """Why, in words."""
    approved_by: str
    since: dt.datetime


@attrs.frozen(kw_only=True)
class Checks:
    """When the checks were passed that come before any tier with services of its own (customers:TIER-24)."""

    identity_verified: dt.datetime | None = None
    aml_checked: dt.datetime | None = None
    """Against money laundering."""
    cft_checked: dt.datetime | None = None
    """Against the financing of terrorism."""

    @property
    def passed(self) -> frozenset[str]:
        """The names of those that were passed; see `TierScheme.entitled`."""
        return frozenset(field.name for field in attrs.fields(Checks) if getattr(self, field.name) is not None)


@attrs.frozen(kw_only=True)
class Hold:
    """A reason in law why nothing of the customer may be erased for now."""

    code: str
    """As the privacy policy names it, as in ``aml_report``."""
    since: dt.datetime
    by: str


@attrs.frozen(kw_only=True)
class Erasure:
    """That what was personal was erased, when and why."""

    at: dt.datetime
    reason: str
    """The code of the reason, as the privacy policy names it."""
    by: str


@attrs.frozen
class Customer(Particulars, Guarded):
    """One customer, as they stand; how it came about is in the journal.

    A kit gives it without its personal values, except where somebody sees it for a purpose.

    >>> ping = Customer("C-204417", kind="person", since=dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC), name="Ping")
    >>> ping.service_class, "Ping" in repr(ping)
    ('unclassified', False)
    """

    id: str = attrs.field(kw_only=False)
    """The bank's own number of the customer."""
    kind: CustomerKind = attrs.field(kw_only=True)
    since: dt.datetime = attrs.field(kw_only=True)
    """When the record was opened."""
    home_branch: str | None = attrs.field(default=None, kw_only=True)
    stage: CustomerStage = attrs.field(default="prospect", kw_only=True)
    stage_since: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When the stage was last changed."""
    touched_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When the relationship last moved: a particular, a consent, a tier, a stage. Looking moves nothing."""
    service_class: ServiceClass = attrs.field(default="unclassified", kw_only=True)
    """The highest of those that the tiers held mean, in whatever order the schemes were asked."""
    tiers: tuple[TierHeld, ...] = attrs.field(default=(), kw_only=True)
    """The tier by each scheme, one for a scheme."""
    owner: str | None = attrs.field(default=None, kw_only=True)
    """The member of staff who keeps up the relationship."""
    owner_since: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When the owner was last changed."""
    risk_grade: str | None = attrs.field(default=None, kw_only=True)
    """What compliance says, whatever the tier is (customers:TIER-23)."""
    risk_since: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When the grade was last changed."""
    special: Special | None = attrs.field(default=None, kw_only=True)
    introduced_by: str | None = attrs.field(default=None, kw_only=True)
    """The id of the customer or member of staff who brought them."""
    labels: tuple[Label, ...] = attrs.field(default=(), kw_only=True)
    do_not_contact: bool = attrs.field(default=False, kw_only=True)
    """True where the customer has said that offers are not welcome (customers:PRV-22)."""
    checks: Checks = attrs.field(default=Checks(), kw_only=True)
    consents: tuple[Consent, ...] = attrs.field(default=(), kw_only=True)
    """Every consent ever given, withdrawn or not, the oldest first."""
    holds: tuple[Hold, ...] = attrs.field(default=(), kw_only=True)
    erased: Erasure | None = attrs.field(default=None, kw_only=True)

    @property
    def particulars(self) -> Particulars:
        """What is personal of them."""
        return Particulars(**{field.name: getattr(self, field.name) for field in attrs.fields(Particulars)})

    def with_particulars(self, particulars: Particulars) -> Customer:
        """Return the customer with other particulars."""
        return attrs.evolve(
            self, **{field.name: getattr(particulars, field.name) for field in attrs.fields(Particulars)}
        )

    def consent(self, purpose: str, at: dt.datetime) -> Consent | None:
        """Return the consent to a purpose that holds at a moment."""
        return in_force(self.consents, purpose, at)

    def tier(self, scheme: str) -> TierHeld | None:
        """Return the tier by a scheme; ``None`` before anybody has looked."""
        return next((one for one in self.tiers if one.scheme == scheme), None)

    def current_labels(self, at: dt.datetime) -> tuple[Label, ...]:
        """Return the labels that have not expired at a moment."""
        return tuple(one for one in self.labels if one.expires_at is None or at < one.expires_at)

    def validate(self) -> Iterator[Problem]:
        """Yield a malformed id, two tiers by one scheme, and labels that stand there twice."""
        yield from id_problems(self.id, "$.id")
        for name, codes in (
            ("tiers", [one.scheme for one in self.tiers]),
            ("labels", [one.code for one in self.labels]),
            ("holds", [one.code for one in self.holds]),
        ):
            for at, code in enumerate(codes):
                if code in codes[:at]:
                    yield Problem(f"$.{name}[{at}]", f"Expected each once; {code!r} stands there again")
