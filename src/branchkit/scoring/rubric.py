"""The parts that core's scoring policies are composed from, as data."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import ClassVar, Literal

import attrs

from branchkit.conditions import Condition
from branchkit.values import FrozenMap, Severity, Text

__all__ = ["Aggregate", "Band", "Deduction", "Gate", "Limits", "Part", "Points", "Select", "Veto"]

ONE = Decimal(1)


@attrs.frozen(kw_only=True)
class Select:
    """Which cells a part looks at; an empty list does not restrict."""

    checklists: tuple[str, ...] = ()
    sections: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    severities: tuple[Severity, ...] = ()
    bases: tuple[str, ...] = ()

    def takes(self, checklist: str, section: str, item: str, severity: Severity | None, basis: str) -> bool:
        """Say whether a cell belongs to the selection."""
        return (
            (not self.checklists or checklist in self.checklists)
            and (not self.sections or section in self.sections)
            and (not self.items or item in self.items)
            and (not self.severities or severity in self.severities)
            and (not self.bases or basis in self.bases)
        )


@attrs.frozen
class Points:
    """Weighted points: the share of weight that passed, times what the part is worth.

    What does not apply counts neither for nor against; a part in which nothing applies gives its worth to the others
    in proportion. An item counts in one part at most: `lint_policy` refuses parts that overlap.
    """

    KIND: ClassVar[str] = "points"

    id: str
    title: Text = attrs.field(kw_only=True)
    worth: Decimal = attrs.field(kw_only=True)
    select: Select = attrs.field(factory=Select, kw_only=True)
    weights: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """The weight of an item by its id; comes first."""
    by_severity: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """The weight of an item by its own severity, for items that `weights` does not name."""
    by_basis: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """A factor by the item's basis, as ``{advice = 0}`` so that advice is shown and not counted."""

    def weight(self, item: str, severity: Severity | None, basis: str) -> Fraction:
        """Return what an item weighs, exact: 1 where nothing is said."""
        weight = self.weights.get(item)
        if weight is None:
            weight = self.by_severity.get(severity.value, ONE) if severity else ONE
        return Fraction(weight) * Fraction(self.by_basis.get(basis, ONE))


@attrs.frozen
class Deduction:
    """Points taken away for every failed cell, for every answer of a certain value, or once for what facts say.

    Exactly one of `points`, `by_severity` and `by_value` says how many; `cap` limits what several cells take away.
    """

    KIND: ClassVar[str] = "deduction"

    id: str
    reason: Text = attrs.field(kw_only=True)
    select: Select = attrs.field(factory=Select, kw_only=True)
    points: Decimal | None = attrs.field(default=None, kw_only=True)
    """For every failed cell; with `when`, once."""
    by_severity: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """For every failed cell, by how bad the failure is; a severity that is not named costs nothing."""
    by_value: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """For every answer, by the code answered; a code that is not named costs nothing."""
    when: Condition | None = attrs.field(default=None, kw_only=True)
    """What takes the `points` once, where it holds, over the facts in the policy's reach; no cell is looked at.
    Where that is not known, the policy's `unknown` says what it counts as."""
    cap: Decimal | None = attrs.field(default=None, kw_only=True)
    """The most that this deduction takes away in all."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Veto:
    """One failed cell of the selection limits the whole: to a number of points, to a band, or both."""

    KIND: ClassVar[str] = "veto"

    id: str
    reason: Text = attrs.field(kw_only=True)
    select: Select = attrs.field(kw_only=True)
    points_at_most: Decimal | None = attrs.field(default=None, kw_only=True)
    band_at_most: str | None = attrs.field(default=None, kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen
class Gate:
    """A part of points below a percentage limits the whole."""

    KIND: ClassVar[str] = "gate"

    id: str
    reason: Text = attrs.field(kw_only=True)
    part: str = attrs.field(kw_only=True)
    percent_at_least: Decimal = attrs.field(kw_only=True)
    points_at_most: Decimal | None = attrs.field(default=None, kw_only=True)
    band_at_most: str | None = attrs.field(default=None, kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


Part = Points | Deduction | Veto | Gate


@attrs.frozen(kw_only=True)
class Aggregate:
    """One number made of many.

    Over ``parts`` it takes the percentage of each part of points, over ``items`` the percentage of each cell in them,
    over ``deductions`` the points of each single deduction, before caps. Where there is nothing to take, a sum is 0,
    and the others are 100 over parts and items and 0 over deductions.
    """

    of: Literal["sum", "minimum", "maximum", "weighted_mean"]
    over: Literal["parts", "items", "deductions"]
    ids: tuple[str, ...] = ()
    """The parts, items or deductions meant; empty for all."""


@attrs.frozen(kw_only=True)
class Limits:
    """Limits of one aggregate."""

    at_least: Decimal | None = None
    above: Decimal | None = None
    at_most: Decimal | None = None
    below: Decimal | None = None


@attrs.frozen
class Band:
    """One grade of the result; the first band whose limits all hold is given."""

    code: str
    title: Text = attrs.field(kw_only=True)
    limits: FrozenMap[Limits] = attrs.field(default=FrozenMap(), kw_only=True)
    """Limits by aggregate, ``total`` among them; all have to hold. None on the last band means whatever is left."""
