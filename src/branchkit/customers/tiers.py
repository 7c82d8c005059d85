"""Tier schemes as data: which tier a customer is in, by dated tables over typed facts, and what each tier may use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Set
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, TypeAlias, cast, runtime_checkable

import attrs

from branchkit.codec import Document, misfits
from branchkit.conditions import Cell, Facts, FactSpec, FactType
from branchkit.customers.bands import AssetBand, ChurnBenchmark, Concentration, LoyaltyCase
from branchkit.customers.entitling import Entitled, Entitlement, entitle
from branchkit.customers.settings import NotConfigured
from branchkit.errors import InputError, NotFound, Problem
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Text, Unknown

if TYPE_CHECKING:
    from branchkit.customers.tiering import Tiering

__all__ = [
    "AMOUNT",
    "CURRENCY",
    "ByTier",
    "Edition",
    "Measure",
    "Tier",
    "TierAnswer",
    "TierPolicy",
    "TierRow",
    "TierScheme",
]

TierAnswer: TypeAlias = str | NotConfigured | Unknown
"""The code of a tier; or that a setting is missing; or that it cannot be told, with the reason."""

AMOUNT = "amount"
"""What rows of a scheme call the measured quantity, whichever measure the bank has chosen."""
CURRENCY = "currency"
"""The fact that says in which currency amounts are given."""

Basis: TypeAlias = Literal["sourced", "suggested"]


@runtime_checkable
class TierPolicy(Protocol):
    """Whatever puts customers into tiers: a `TierScheme`, or a class that a plug-in offers.

    It is given all that it may look at: it asks no clock, no store and no chance.
    """

    @property
    def id(self) -> str:
        """Its key; a plug-in's carries the plug-in's name before the dot."""
        ...

    @property
    def version(self) -> str:
        """Its version; another one wherever it might answer otherwise."""
        ...

    @property
    def scheme(self) -> str:
        """Under which scheme the customer holds the tier."""
        ...

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """The facts it looks at."""
        ...

    @property
    def tiers(self) -> tuple[str, ...]:
        """The codes of its tiers, the lowest first."""
        ...

    @property
    def swing(self) -> Mapping[str, Decimal]:
        """By how much each number it looks at may go up and down, at most, while nobody returns to a tier they left."""
        ...

    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        """Return the tier of a customer at a moment.

        Args:
            facts: what is known of the customer; one that is missing is as unknown as one that says so.
            current: the tier the customer is in, by the same scheme; ``None`` for a new one.
            at: the moment, with its zone; its own day decides which edition is in force.

        Raises:
            InputError: the moment has no zone.
        """
        ...


@attrs.frozen
class Measure:
    """A quantity that amounts may be measured by, of which a bank chooses one."""

    fact: str
    """The fact that holds it, a number."""
    title: Text = attrs.field(kw_only=True)
    suggested: bool = attrs.field(default=False, kw_only=True)
    """True for the one that is suggested where no source says; it is never taken by itself."""


@attrs.frozen(kw_only=True)
class ByTier:
    """What a fact follows from that nobody tells: whether the customer holds one of some tiers by another scheme."""

    scheme: str
    tiers: tuple[str, ...]
    """With any of them the fact is true; with another one, or before anybody has looked, it is false."""


@attrs.frozen
class Tier:
    """One tier."""

    code: str
    title: Text = attrs.field(kw_only=True)
    service_class: Literal["ordinary", "potential", "vip"] | None = attrs.field(default=None, kw_only=True)
    """Into which of the three classes of service it puts a customer; ``None`` where the scheme does not say."""
    entitlements: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """What this tier adds to the tiers below it, by codes; nothing that a lower tier has is ever taken away."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen(kw_only=True)
class TierRow:
    """One row: when every cell fits, this is the tier. The uppermost row that fits counts."""

    when: FrozenMap[Cell] = FrozenMap()
    """What is asked, by fact; a fact that is left out is not asked."""
    tier: str | None = None
    """The tier; ``None`` where these facts do not suffice to tell one."""
    rules: tuple[str, ...] = ()
    note: Text | None = None
    """Why the row is there."""


@attrs.frozen(kw_only=True)
class Edition:
    """The tables of a scheme while they are in force."""

    valid_from: dt.date | None = None
    """The first day; ``None``, for the first edition alone, as far back as anything goes."""
    valid_until: dt.date | None = None
    """The day from which it no longer holds; ``None`` until the next edition begins, or without end."""
    enter: tuple[TierRow, ...]
    """Which tier the facts alone lead to."""
    keep: tuple[TierRow, ...] = ()
    """The highest tier that somebody who is in it keeps; none means that nothing is kept that is not entered."""
    basis: Basis = "sourced"
    """``suggested`` where no source states the day from which it holds."""
    note: Text | None = None
    rules: tuple[str, ...] = ()


@attrs.frozen
class TierScheme(Document):
    """A tier policy as data: tiers, dated tables that lead to them, and what each tier is entitled to.

    The tier is the higher of the one that the facts lead to (`Edition.enter`) and of the one the customer is in, as
    far as it may be kept (`Edition.keep`). Keeping is never harder than entering, so deciding again changes nothing,
    and a number that goes up and down by less than `swing` never leads back to a tier that was left. Both are proved
    when the scheme is read, and so is that the tables answer whatever the facts are, and that editions neither
    overlap nor leave a gap. What is not known lowers nobody: where a fact that is missing might keep somebody in
    their tier, the answer is that it cannot be told.

    By what is measured, and in which currency, is for the bank to state. Until it has, the answer is `NotConfigured`.
    """

    SCHEMA: ClassVar[str] = "tier_scheme/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    declared: tuple[Tier, ...] = attrs.field(alias="tiers", kw_only=True)
    """The tiers, the lowest first."""
    measures: tuple[Measure, ...] = attrs.field(default=(), kw_only=True)
    """The quantities of which the bank chooses one as its `measure`; none where no row asks an amount."""
    measure: str | NotConfigured = attrs.field(default=NotConfigured(), kw_only=True)
    """The fact that amounts are taken from."""
    currency: str | NotConfigured = attrs.field(default=NotConfigured(), kw_only=True)
    """The currency that amounts in the tables are in; customers' amounts in another one cannot be compared."""
    boundary: Literal["inclusive", "exclusive"] = attrs.field(default="inclusive", kw_only=True)
    """Whether the amount ``from`` which a tier begins belongs to it."""
    asked: tuple[FactSpec, ...] = attrs.field(default=(), alias="facts", kw_only=True)
    """The facts that rows ask beside the amount."""
    by_tier: FrozenMap[ByTier] = attrs.field(default=FrozenMap(), kw_only=True)
    """Which of these facts follow from the tier held by another scheme; a kit finds them, and nobody tells them."""
    editions: tuple[Edition, ...] = attrs.field(kw_only=True)
    """In the order of time."""
    steady: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), alias="swing", kw_only=True)
    """By how much the amount, or another number, may go up and down without leading back to a tier that was left."""
    entitlements: tuple[Entitlement, ...] = attrs.field(default=(), kw_only=True)
    """What tiers can be entitled to."""
    baseline: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """What every customer has, whatever their tier."""
    checked_first: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """What has to be checked about a customer before a tier gives more than the baseline."""
    bands: tuple[AssetBand, ...] = attrs.field(default=(), kw_only=True)
    """By which amounts a report counts customers, so that it shows what tiers hide."""
    churn: ChurnBenchmark | None = attrs.field(default=None, kw_only=True)
    """What the share of customers lost within a year is compared with."""
    concentration: Concentration | None = attrs.field(default=None, kw_only=True)
    """What is taken for granted about the best customers' share of profit."""
    loyalty: LoyaltyCase | None = attrs.field(default=None, kw_only=True)
    """What the business case for keeping customers says."""
    basis: Basis = attrs.field(default="sourced", kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def scheme(self) -> str:
        """Its own id."""
        return self.id

    @property
    def tiers(self) -> tuple[str, ...]:
        """The codes of the tiers, the lowest first."""
        return tuple(tier.code for tier in self.declared)

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """The measure with its currency, or all there are to choose from, and the facts that rows ask beside it."""
        chosen = [
            one.fact for one in self.measures if isinstance(self.measure, NotConfigured) or one.fact == self.measure
        ]
        amounts = [FactSpec(fact, FactType.NUMBER, low=Decimal(0), may_be_unknown=True) for fact in chosen]
        currency = [FactSpec(CURRENCY, FactType.CODE, may_be_unknown=True)] if amounts else []
        return (*amounts, *currency, *self.asked)

    @property
    def swing(self) -> Mapping[str, Decimal]:
        """`steady`, with the chosen measure for the amount."""
        measure = AMOUNT if isinstance(self.measure, NotConfigured) else self.measure
        return FrozenMap({measure if name == AMOUNT else name: width for name, width in self.steady.items()})

    @cached_property
    def not_configured(self) -> NotConfigured | None:
        """Which settings the bank has still to state; ``None`` when there is nothing missing."""
        if not self.measures:
            return None
        made = {"measure": self.measure, "currency": self.currency}
        missing = tuple(f"{self.id}.{name}" for name, value in made.items() if isinstance(value, NotConfigured))
        return NotConfigured(missing) if missing else None

    def stating(
        self,
        *,
        measure: str | None = None,
        currency: str | None = None,
        boundary: Literal["inclusive", "exclusive"] | None = None,
    ) -> TierScheme:
        """Return the scheme with settings stated; its version names them, since it answers otherwise than before.

        Raises:
            InputError: a setting is none that the scheme takes, with every problem.
        """
        said = {"measure": measure, "currency": currency, "boundary": boundary}
        made = {name: value for name, value in said.items() if value is not None}
        version = "+".join((self.version, *(f"{name}={value}" for name, value in made.items())))
        scheme: TierScheme = attrs.evolve(self, version=version, **made)  # type: ignore[arg-type]  # the fields' types
        if problems := misfits(scheme):
            raise InputError(f"tier scheme {self.id!r}", problems)
        return scheme

    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        """Return the tier of a customer at a moment; see `TierPolicy.tier`.

        A `NotConfigured` names the settings that the bank has still to state. An `Unknown` says which facts are
        missing, that amounts are in another currency, or that no edition is in force.
        """
        return self.tiering.tier(facts, current, at)

    @property
    def tiering(self) -> Tiering:
        """The scheme made ready: worked out once, never decides otherwise."""
        return cast("Tiering", self._ready)

    @cached_property
    def _ready(self) -> object:
        from branchkit.customers.tiering import Tiering

        return Tiering(self)

    def edition(self, day: dt.date) -> Edition | None:
        """Return the edition in force on a day; ``None`` where there is none."""
        for edition in reversed(self.editions):
            if edition.valid_from is None or edition.valid_from <= day:
                return edition if edition.valid_until is None or day < edition.valid_until else None
        return None

    def entitled(
        self, tier: str, *, checked: Set[str] = frozenset(), has: Set[str] = frozenset()
    ) -> Decision[Entitled]:
        """Return what a customer of a tier may use, and what is withheld for now, with the reason.

        Args:
            tier: the code of the tier.
            checked: what has been checked about the customer, of `checked_first`.
            has: what the customer has that single entitlements need or open to everybody, as ``phone_booking``.

        Raises:
            NotFound: there is no such tier.
        """
        if tier not in self.tiers:
            raise NotFound("tier", tier, self.tiers)
        return entitle(self, self.tiers.index(tier), checked, has)

    def validate(self) -> Iterator[Problem]:
        """Yield everything that keeps the scheme from being sound; see the class for what is proved."""
        from branchkit.customers.tier_proof import prove

        yield from prove(self)

    def __str__(self) -> str:
        return f"{self.id} {self.version}"
