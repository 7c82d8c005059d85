"""Credit shares as data: roles, their ratios from a day on, and who approved them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

import attrs

from branchkit.codec import Document
from branchkit.customers.credit.model import Deal, Sharing
from branchkit.errors import Problem
from branchkit.scoring.exact import decimal_sum, exact_decimal
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Text, decimal_text, is_identifier, is_rule_id

__all__ = ["CreditEdition", "CreditRole", "CreditScheme"]

_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"
_CENT = Decimal("0.01")


@attrs.frozen
class CreditRole:
    """A role in a referral that may be credited."""

    code: str
    title: Text = attrs.field(kw_only=True)
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)


@attrs.frozen(kw_only=True)
class CreditEdition:
    """The ratios that hold for sales from a day on, as somebody approved them."""

    valid_from: dt.date
    """The first day on which a sale is shared by it, by the sale's own zone."""
    valid_until: dt.date | None = None
    """The last such day; ``None`` for no end."""
    measure: str
    """What is shared: ``profit``, ``fee``, ``points`` or another code of the bank's."""
    currency: str
    """In which currency (ISO 4217), or ``points``."""
    ratios: FrozenMap[Decimal]
    """What the holders of each role get together: 0.3 is 30 %. They add up to exactly 1 (customers:SPLIT-04)."""
    remainder: str
    """The role that gets what is left when all are rounded towards zero (customers:SPLIT-05)."""
    quantum: Decimal = _CENT
    """The least amount that can be paid."""
    unfilled: Literal["refuse", "remainder"] = "refuse"
    """Where nobody had a role in a deal: nothing is shared until somebody is named, or its part goes to `remainder`."""
    at_least: FrozenMap[Decimal] = FrozenMap()
    """What has to be reached before anything is paid, by measure, as in ``standard_rate`` (customers:INC-07)."""
    approved_by: str | None = None
    """Who approved it: the id of somebody who gets no share by it. Until then it is a draft, and shares nothing."""
    approved_on: dt.date | None = None

    def holds_on(self, day: dt.date) -> bool:
        """Say whether sales of a day are shared by it."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@attrs.frozen
class CreditScheme(Document):
    """A credit policy as data.

    People with one role share its part equally. Everything is rounded towards zero, and what is left goes to the
    holders of one role, so that the shares add up to the whole in whatever number of digits (customers:SPLIT-05).

    It shares nothing until it is enabled and somebody has approved an edition: the sources give no ratios.

    >>> scheme = CreditScheme("acme", version="1", title=Text(en="Referrals", zh="转介"))
    >>> deal = Deal("D-1", amount=Decimal(1000), currency="CNY", sold_at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    >>> print(scheme.share(deal).value.say())
    not configured: acme.enabled
    """

    SCHEMA: ClassVar[str] = "credit_scheme/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    enabled: bool = attrs.field(default=False, kw_only=True)
    roles: tuple[CreditRole, ...] = attrs.field(default=(), kw_only=True)
    """The roles, which stand before any ratio does (customers:SPLIT-02)."""
    editions: tuple[CreditEdition, ...] = attrs.field(default=(), kw_only=True)
    """From the first to the last; no day has two."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)

    def share(self, deal: Deal) -> Decision[Sharing]:
        """Return what each is credited with, or why nobody is.

        The edition is that of the day of the sale, so what was shared once comes out the same ever after.

        Raises:
            InputError: the deal is none; with every problem.
        """
        from branchkit.customers.credit.sharing import share

        return share(self, deal)

    def edition_on(self, day: dt.date) -> CreditEdition | None:
        """Return the edition by which sales of a day are shared."""
        return next((edition for edition in self.editions if edition.holds_on(day)), None)

    def approvers(self, deal: Deal) -> frozenset[str]:
        """Return who may not be paid for a deal: who approves it, and who approved the edition it is shared by."""
        edition = self.edition_on(deal.sold_at.date())
        table = () if edition is None or edition.approved_by is None else (edition.approved_by,)
        return frozenset((*deal.approved_by, *table))

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: ratios that are not the whole, roles that are none, and editions that overlap."""
        if not is_identifier(self.id):
            yield Problem("$.id", _ID)
        if not self.version.strip():
            yield Problem("$.version", "Expected a version")
        for at, rule in enumerate(self.rules):
            if not is_rule_id(rule):
                yield Problem(f"$.rules[{at}]", f"Expected a rule id with its area, not {rule!r}")
        codes: list[str] = []
        for at, role in enumerate(self.roles):
            if not is_identifier(role.code):
                yield Problem(f"$.roles[{at}].code", _ID)
            elif role.code in codes:
                yield Problem(f"$.roles[{at}].code", f"Expected each role once; {role.code!r} stands there again")
            codes.append(role.code)
        for at, edition in enumerate(self.editions):
            yield from _of_edition(edition, codes, f"$.editions[{at}]")
            if at and not _follows(self.editions[at - 1], edition):
                what = "Expected a day after the last one of the edition before it"
                yield Problem(f"$.editions[{at}].valid_from", what)
        if self.enabled and all(edition.approved_by is None for edition in self.editions):
            yield Problem("$.enabled", "Expected an edition that somebody has approved before it is switched on")

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


def _follows(one: CreditEdition, other: CreditEdition) -> bool:
    return one.valid_until is not None and one.valid_until < other.valid_from


def _of_edition(edition: CreditEdition, roles: list[str], path: str) -> Iterator[Problem]:
    if edition.valid_until is not None and edition.valid_until < edition.valid_from:
        yield Problem(f"{path}.valid_until", "Expected a day not before `valid_from`")
    for name in ("measure", "currency"):
        if not is_identifier(getattr(edition, name)):
            yield Problem(f"{path}.{name}", _ID)
    yield from _of_ratios(edition, roles, path)
    if not (edition.quantum.is_finite() and edition.quantum > 0):
        yield Problem(f"{path}.quantum", "Expected a number above zero, as in 0.01")
    for name, least in edition.at_least.items():
        if not least.is_finite():
            yield Problem(f"{path}.at_least.{name}", "Expected a finite number")
    if (edition.approved_by is None) != (edition.approved_on is None):
        yield Problem(f"{path}.approved_on", "Expected `approved_by` and `approved_on` together")
    elif edition.approved_by is not None and not is_identifier(edition.approved_by):
        yield Problem(f"{path}.approved_by", _ID)


def _of_ratios(edition: CreditEdition, roles: list[str], path: str) -> Iterator[Problem]:
    ratios = edition.ratios
    for role, ratio in ratios.items():
        if role not in roles:
            listed = ", ".join(roles) or "none"
            yield Problem(f"{path}.ratios.{role}", f"Expected one of the scheme's roles: {listed}")
        if not (ratio.is_finite() and 0 < ratio <= 1):
            yield Problem(f"{path}.ratios.{role}", "Expected a part of the whole above 0, as in 0.3, and at most 1")
    if edition.remainder not in ratios:
        yield Problem(f"{path}.remainder", f"Expected one of the roles with a ratio: {', '.join(ratios) or 'none'}")
    whole = decimal_sum(ratio for ratio in ratios.values() if ratio.is_finite())
    if whole != 1:
        percent = decimal_text(exact_decimal(Fraction(whole) * 100))
        yield Problem(f"{path}.ratios", f"Expected ratios that add up to 100 %, got {percent} %")
