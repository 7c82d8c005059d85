"""A policy in whole numbers: scaled once so that no digit is lost, then added up without a fraction.

Weights of a part are counted in the part's own unit, points in the policy's. What a sheet earns is a fraction only in
its last step, whose denominator is known from what applies: a `Basis`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from operator import getitem, mul
from typing import TYPE_CHECKING

from branchkit.checklists import CellState
from branchkit.scoring.bands import grid_limits
from branchkit.scoring.effects import LACKS
from branchkit.scoring.rubric import ONE, Gate, Limits, Points, Veto
from branchkit.scoring.score import PartScore
from branchkit.trace import Step
from branchkit.values import Text, decimal_text

if TYPE_CHECKING:
    from branchkit.checklists.layout import Layout
    from branchkit.scoring.lens import Lens
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["Basis", "Core", "Limited", "half_up"]

_MOST = 4096


def _denominators(numbers: Iterable[Decimal | None]) -> int:
    return math.lcm(*(Fraction(number).denominator for number in numbers if number is not None))


class Limited:
    """Some vetoes and gates together: what they leave."""

    __slots__ = ("ids", "limits", "points", "rank", "steps")

    def __init__(self, core: Core, limits: tuple[Veto | Gate, ...]) -> None:
        policy = core.policy
        self.limits = limits
        self.ids = tuple(limit.id for limit in limits)
        points = [core.units(limit.points_at_most) for limit in limits if limit.points_at_most is not None]
        self.points = min(points) if points else None
        """The most points, in the policy's unit."""
        self.rank = max(
            (policy.band_rank(limit.band_at_most) for limit in limits if limit.band_at_most is not None), default=0
        )
        """The best band, by its place."""
        self.steps: tuple[Step, ...] | None = None
        """What a trace says of them; ``None`` until it is asked."""


class Core:
    """A policy's numbers as whole numbers.

    Args:
        policy: the policy; it holds together.
        fine: what the widths of all scales that count in proportion divide.
    """

    def __init__(self, policy: RubricPolicy, fine: int) -> None:
        self.policy = policy
        self.grid: int = 10**policy.places
        self.refuses = (LACKS[CellState.MISSING] if policy.unanswered == "not_scored" else 0) | (
            LACKS[CellState.UNKNOWN] if policy.unknown == "not_scored" else 0
        )
        """What keeps a sheet from being scored, as bits."""
        self.counts_items = policy.looks_at_items
        self.scales = tuple(_weight_unit(part) * fine for part in policy.points)
        self.worth_scale = _denominators(part.worth for part in policy.points)
        self.worths = tuple(int(part.worth * self.worth_scale) for part in policy.points)
        self.scale = _denominators(
            (
                policy.start,
                policy.floor,
                policy.ceiling,
                *(number for one in policy.deductions for number in (one.points, one.cap)),
                *(
                    points
                    for one in policy.deductions
                    for points in (*one.by_severity.values(), *one.by_value.values())
                ),
                *(veto.points_at_most for veto in policy.vetoes),
                *(gate.points_at_most for gate in policy.gates),
            )
        )
        start = Step(what=Text(zh="起始分", en="start"), effect=policy.start)
        self.first = (start,) if policy.start else ()
        """The step that every trace begins with."""
        self.start, self.floor, self.ceiling = map(self.units, (policy.start, policy.floor, policy.ceiling))
        self.caps = tuple(None if one.cap is None else self.units(one.cap) for one in policy.deductions)
        self.gates = tuple(
            (
                1 << len(policy.vetoes) + bit,
                next(at for at, part in enumerate(policy.points) if part.id == gate.part),
                Fraction(gate.percent_at_least),
            )
            for bit, gate in enumerate(policy.gates)
        )
        self.bands = tuple(_tests(band.limits, policy.places) for band in policy.bands)
        self.places = {one.id: at for at, one in enumerate(policy.deductions)}
        self.nothing: tuple[int, ...] = (0,) * len(policy.points)
        self.bases: dict[tuple[int, ...], Basis | None] = {}
        self.limited: dict[int, Limited] = {}
        self.numbers: dict[int, Decimal] = {}
        self.ranks: dict[int, int] = {}
        self.lenses: dict[Layout, Lens] = {}
        """What layouts look like to the policy, by the layout itself: nothing else may have its place."""

    def units(self, points: Decimal) -> int:
        """Return points in the policy's unit."""
        return int(Fraction(points) * self.scale)

    def weight(self, at: int, weight: Fraction | int) -> int:
        """Return the weight of an item in the unit of a part."""
        return int(weight * self.scales[at])

    def basis(self, weights: tuple[int, ...]) -> Basis | None:
        """Return what is earned where so much weight applies, or ``None`` where nothing does."""
        try:
            return self.bases[weights]
        except KeyError:
            if len(self.bases) >= _MOST:
                self.bases.clear()
            found = None
            if not self.worths or any(worth for worth, weight in zip(self.worths, weights, strict=True) if weight):
                found = Basis(self, weights)
            self.bases[weights] = found
            return found

    def limits(self, bits: int) -> Limited:
        """Return the vetoes and gates of a set of bits together."""
        found = self.limited.get(bits)
        if found is None:
            if len(self.limited) >= _MOST:
                self.limited.clear()
            all_: tuple[Veto | Gate, ...] = (*self.policy.vetoes, *self.policy.gates)
            found = Limited(self, tuple(limit for at, limit in enumerate(all_) if bits >> at & 1))
            self.limited[bits] = found
        return found

    def number(self, steps: int) -> Decimal:
        """Return a rounded number, given in its last digit, as a decimal with the policy's places."""
        found = self.numbers.get(steps)
        if found is None:
            if len(self.numbers) >= _MOST:
                self.numbers.clear()
            found = self.numbers[steps] = Decimal(f"{steps}E-{self.policy.places}")
        return found

    def rounded(self, number: Fraction) -> int:
        """Round a number to the policy's places, in its last digit."""
        return half_up(number.numerator * self.grid, number.denominator)

    def rank(self, total: int) -> int:
        """Return the place of the band for a rounded total, where bands ask for nothing else."""
        found = self.ranks.get(total)
        if found is None:
            if len(self.ranks) >= _MOST:
                self.ranks.clear()
            found = self.ranks[total] = self.rank_of({"total": total})
        return found

    def rank_of(self, shown: dict[str, int]) -> int:
        """Return the place of the first band whose limits all hold for rounded aggregates."""
        last = len(self.bands) - 1
        for rank in range(last):
            for name, least, below in self.bands[rank]:
                number = shown[name]
                if (least is not None and number < least) or (below is not None and number >= below):
                    break
            else:
                return rank
        return last  # proved at load: it takes whatever the bands above leave


def half_up(number: int, by: int) -> int:
    """Divide and round to a whole number; halves go away from zero.

    >>> half_up(5, 2), half_up(-5, 2), half_up(7, 3)
    (3, -3, 2)
    """
    return (2 * number + by) // (2 * by) if number >= 0 else -((by - 2 * number) // (2 * by))


class Basis:
    """What weight applies, and what everything is worth then, over one denominator."""

    __slots__ = (
        "_scores", "_steps", "ceiling", "core", "each", "floor", "full", "gates", "over", "unit", "weights",
    )  # fmt: skip

    def __init__(self, core: Core, weights: tuple[int, ...]) -> None:
        applied = [(worth, weight) for worth, weight in zip(core.worths, weights, strict=True) if weight]
        common = math.lcm(*(weight for _, weight in applied))
        worth = sum(worth for worth, _ in applied) or 1
        all_ = sum(core.worths)
        self.core = core
        self.weights = weights
        self.unit = worth * core.worth_scale * common
        """How much one of the policy's unit is."""
        self.over = self.unit * core.scale
        """How much one point is."""
        self.each = tuple(
            all_ * worth * (common // weight) * core.scale if weight else 0
            for worth, weight in zip(core.worths, weights, strict=True)
        )
        """How much one of weight in each part is."""
        self.full = core.start * self.unit + sum(map(mul, self.each, weights))
        """What is earned where everything passed."""
        self.floor, self.ceiling = core.floor * self.unit, core.ceiling * self.unit
        self.gates = tuple(
            (bit, at, math.floor(weights[at] * (100 - least) / 100)) for bit, at, least in core.gates if weights[at]
        )
        """For each gate its bit, its part, and how much weight may be lost."""
        self._scores = tuple(Shares(self, at) for at in range(len(weights)))
        self._steps: tuple[dict[int, Step], ...] = tuple({} for _ in weights)

    def percent(self, at: int, lost: int) -> Fraction | None:
        """Return the percentage of a part that lost so much weight, ``None`` where nothing in it applied."""
        weight = self.weights[at]
        return Fraction(100 * (weight - lost), weight) if weight else None

    def parts(self, lost: Sequence[int]) -> tuple[PartScore, ...]:
        """Return what each part came to, that lost so much weight."""
        return tuple(map(getitem, self._scores, lost))

    def step(self, at: int, lost: int) -> Step:
        """Return the step that tells what a part came to."""
        found = self._steps[at].get(lost)
        if found is None:
            found = self._step(at, lost)
            if len(self._steps[at]) < _MOST:
                self._steps[at][lost] = found
        return found

    def _step(self, at: int, lost: int) -> Step:
        part, core = self.core.policy.points[at], self.core
        percent = self._scores[at][lost].percent
        if percent is None:
            en = f"{part.title.en}: nothing applied; the other parts take its worth"
            return Step(what=Text(zh=f"{part.title.zh}：不适用，分值由其他部分承担", en=en))
        share = decimal_text(percent)
        earned = self.each[at] * (self.weights[at] - lost)
        return Step(
            what=Text(zh=f"{part.title.zh}：{share}%", en=f"{part.title.en}: {share} %"),
            effect=core.number(half_up(earned * core.grid, self.over)),
        )


class Shares(dict[int, PartScore]):
    """What one part came to, by the weight that it lost; worked out when it is first met."""

    __slots__ = ("at", "basis")

    def __init__(self, basis: Basis, at: int) -> None:
        super().__init__()
        self.basis = basis
        self.at = at

    def __missing__(self, lost: int) -> PartScore:
        core, weight = self.basis.core, self.basis.weights[self.at]
        part = core.policy.points[self.at]
        percent = core.number(half_up(100 * (weight - lost) * core.grid, weight)) if weight else None
        found = PartScore(part=part.id, worth=part.worth, percent=percent)
        if len(self) < _MOST:
            self[lost] = found
        return found


def _weight_unit(part: Points) -> int:
    weights = _denominators((*part.weights.values(), *part.by_severity.values(), ONE))
    return weights * _denominators((*part.by_basis.values(), ONE))


_Tests = tuple[tuple[str, int | None, int | None], ...]


def _tests(limits: Mapping[str, Limits], places: int) -> _Tests:
    """Return the limits of a band by aggregate, in the last digit: from which number on, and below which."""

    def steps(bound: Decimal | None) -> int | None:
        return None if bound is None else int(Fraction(bound) * 10**places)

    stretches = {name: grid_limits(one, places) for name, one in limits.items()}
    return tuple((name, steps(one.at_least), steps(one.below)) for name, one in stretches.items())
