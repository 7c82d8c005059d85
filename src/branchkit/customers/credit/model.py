"""A deal, what each of those who had a part in it is credited with, and why nobody is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar, Literal, Protocol, TypeAlias, runtime_checkable

import attrs

from branchkit.errors import Problem
from branchkit.scoring.exact import decimal_sum
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Ref, Text, decimal_text, is_identifier

__all__ = ["CREDIT_ROLES", "CreditPolicy", "CreditShare", "Deal", "NotShared", "Shared", "Sharing"]

CREDIT_ROLES = ("identifier", "referrer", "receiver", "closer", "processor", "maintainer")
"""The suggested roles in a referral (customers:SPLIT-02); a bank may name others."""
_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"


def _finite(_: object, __: object, value: Decimal) -> None:
    if not value.is_finite():
        raise ValueError("Expected a finite number")


@attrs.frozen
class Deal:
    """A sale whose profit, or whatever else the bank shares, is to be credited."""

    id: str
    """The id of the sale or of its lead."""
    amount: Decimal = attrs.field(kw_only=True, validator=_finite)
    """What is shared; below zero for a loss."""
    currency: str = attrs.field(kw_only=True)
    """Its currency (ISO 4217), or ``points``."""
    measure: str = attrs.field(default="profit", kw_only=True)
    """What the amount is: ``profit``, ``fee``, ``points`` or another code of the bank's (customers:SPLIT-01)."""
    sold_at: dt.datetime = attrs.field(kw_only=True)
    lead_at: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """When its referral was first recorded, by form or lead; ``None`` for a sale without any."""
    case: Literal[1, 2, 3] | None = attrs.field(default=None, kw_only=True)
    """Which of the three cases the referral was (customers:REF-17)."""
    meets_standard: bool | None = attrs.field(default=None, kw_only=True)
    """What the review of the form said; ``None`` where there was none."""
    parts: FrozenMap[tuple[str, ...]] = attrs.field(default=FrozenMap(), kw_only=True)
    """Who had which role in it, by role: ids of staff, each once in a role."""
    acted_for: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """In whose place a delegate had a role in it: they are not paid, and do not approve it either."""
    approved_by: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """Who approves this one sharing: who acts and, for a delegate, who is acted for. Whoever approved the table
    is paid by it no more than they are."""
    measures: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """What a payout may be made to hang on beside the sale, as in ``standard_rate`` (customers:INC-07)."""
    cooling_off_until: dt.datetime | None = attrs.field(default=None, kw_only=True)
    """Until when the product may be cancelled; ``None`` where nobody has said."""

    @property
    def payees(self) -> frozenset[str]:
        """Everybody who has a role in it."""
        return frozenset(staff for holders in self.parts.values() for staff in holders)

    @property
    def interested(self) -> frozenset[str]:
        """Everybody who may not approve it: who has a role in it, and in whose place somebody has one."""
        return self.payees.union(self.acted_for)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: moments without a zone, ids, somebody twice in a role."""
        for name in ("id", "currency", "measure"):
            if not is_identifier(getattr(self, name)):
                yield Problem(f"$.{name}", _ID)
        for name in ("sold_at", "lead_at", "cooling_off_until"):
            moment: dt.datetime | None = getattr(self, name)
            if moment is not None and moment.utcoffset() is None:
                yield Problem(f"$.{name}", "Expected a moment with its zone, as in 2026-03-01T09:00:00+08:00")
        for name, reached in self.measures.items():
            if not reached.is_finite():
                yield Problem(f"$.measures.{name}", "Expected a finite number")
        for role, holders in self.parts.items():
            for at, staff in enumerate(holders):
                if not is_identifier(staff):
                    yield Problem(f"$.parts.{role}[{at}]", _ID)
                elif staff in holders[:at]:
                    yield Problem(f"$.parts.{role}[{at}]", "Expected each person once in a role")


@attrs.frozen(kw_only=True)
class CreditShare:
    """What one person is credited with for one role."""

    staff: str
    role: str
    ratio: Decimal
    """What the role's holders have of the whole together: 0.3 is 30 %."""
    amount: Decimal = attrs.field(validator=_finite)

    def __str__(self) -> str:
        return f"{self.staff} ({self.role}) {decimal_text(self.amount)}"


@attrs.frozen(kw_only=True)
class Shared:
    """A deal's amount in shares. One whose shares do not add up to the amount cannot be made.

    >>> one = CreditShare(staff="S-1", role="referrer", ratio=Decimal(1), amount=Decimal(9))
    >>> Shared(deal="D-1", at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), amount=Decimal(10), currency="CNY", shares=(one,))
    Traceback (most recent call last):
        ...
    ValueError: Expected shares that add up to 10, got 9
    """

    KIND: ClassVar[str] = "shared"

    deal: str
    at: dt.datetime
    """When it was sold or, where shares are taken back, cancelled."""
    amount: Decimal = attrs.field(validator=_finite)
    currency: str
    shares: tuple[CreditShare, ...]

    def __attrs_post_init__(self) -> None:
        whole = decimal_sum(share.amount for share in self.shares)
        if whole != self.amount:
            told = decimal_text(self.amount), decimal_text(whole)
            raise ValueError(f"Expected shares that add up to {told[0]}, got {told[1]}")

    def say(self, lang: str = "en") -> str:
        """Write who gets what, as one line."""
        joint = "；" if lang == "zh" else "; "
        return f"{decimal_text(self.amount)} {self.currency}: {joint.join(map(str, self.shares))}"


@attrs.frozen(kw_only=True)
class NotShared:
    """Nobody is credited with anything, and why: an answer, not an error and not a share of zero without a word."""

    KIND: ClassVar[str] = "not_shared"

    code: str
    """``not_configured``, ``contact_refused``, ``below_standard``, ``no_referral``, ``after_the_fact``,
    ``other_measure``, ``check_unknown``, ``check_failed``, ``role_unfilled``, ``approver_is_paid``, ``too_fine``,
    ``after_cooling_off``, or another one of a plug-in's."""
    why: Text
    rules: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    """Where nobody has set something: what, as ``<document>.<setting>``."""

    def say(self, lang: str = "en") -> str:
        """Say why, in words."""
        return self.why.say(lang)


Sharing: TypeAlias = Shared | NotShared
"""What comes of a deal."""


@runtime_checkable
class CreditPolicy(Protocol):
    """What a credit policy offers; `branchkit.customers.CreditScheme` is branchkit's own.

    The laws (`branchkit.testing.credit.CreditPolicyLaws`): shares add up to the whole, exactly; a loss is shared as the
    same profit would be; only those who have a role are credited, in it; who approves is no payee; below the standard,
    in the third case and without a referral before the sale there is nothing.
    """

    @property
    def id(self) -> str:
        """The key."""
        ...

    @property
    def version(self) -> str:
        """The version, as the trace quotes it."""
        ...

    def share(self, deal: Deal) -> Decision[Sharing]:
        """Return what each is credited with, or why nobody is."""
        ...


def deal_ref(deal: Deal) -> Ref:
    """Return a deal as what a decision was about."""
    return Ref("deal", deal.id)
