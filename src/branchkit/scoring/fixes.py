"""Finds the cheapest set of fixes that reaches a band, exactly.

Better numbers never mean a worse band (the policy proves that about itself), so what a band asks can be said as
demands: cells that have to be fixed in any case, and sums of gains that have to be reached. Each band that is good
enough gives such demands; the cheapest set that meets those of one of them is the answer. `covering` searches it.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from branchkit.codec import child
from branchkit.errors import InputError, NotFound, Problem, Unsupported
from branchkit.scoring.bands import limits_of
from branchkit.scoring.covering import Offer, TooMany, cover
from branchkit.scoring.exact import decimal_sum, exact_decimal, round_to
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.rubric import Band, Gate, Limits, Veto
from branchkit.scoring.score import Fix, FixPlan, Mark, MarkState, Score
from branchkit.scoring.tally import Tally, add_up
from branchkit.scoring.weighing import Weighed, see_mark
from branchkit.trace import Decision

__all__ = ["cheapest", "mended"]

_MOST_NAMES = 12
_Found = tuple[int, tuple[int, ...]]
"""A price, and the cells fixed for it."""


def cheapest(policy: RubricPolicy, score: Decision[Score], to: str, cost: Mapping[str, Decimal | int]) -> FixPlan:
    """Return the cheapest fixes of a score of this policy; see `RubricPolicy.cheapest_fixes`."""
    policy.proved()
    who = f"policy {policy.id!r}"
    if (score.trace.policy, score.trace.version) != (policy.id, policy.version):
        raise Unsupported("cheapest_fixes", who, f"the score is of {score.trace.policy!r} {score.trace.version!r}")
    if not score.value.is_scored:
        raise Unsupported("cheapest_fixes", who, f"there is no score: {score.value.reason}")
    codes = tuple(band.code for band in policy.bands)
    if to not in codes:
        raise NotFound("band", to, codes)
    if "explainable" not in policy.capabilities:
        raise Unsupported("cheapest_fixes", who, "by its bands, putting something right may mean a worse band")
    problems = tuple(_misstated(score.value.marks, cost))
    if problems:
        raise InputError("cost", problems)
    search = _Search(policy, score.value, {key: Decimal(one) for key, one in cost.items()})
    try:
        chosen = search.run(policy.band_rank(to))
    except TooMany as error:
        raise Unsupported("cheapest_fixes", who, f"{error}; fix the cheapest ones and ask again") from error
    if chosen is None:
        raise Unsupported("cheapest_fixes", who, f"fixing everything does not reach {to!r}")
    return search.plan(to, chosen)


def _misstated(marks: Sequence[Mark], cost: Mapping[str, Decimal | int]) -> Iterator[Problem]:
    """Yield the costs that are none, and those of what was not scored."""
    known = dict.fromkeys(name for mark in marks for name in (f"{mark.checklist}/{mark.item}", mark.key))
    for key, one in cost.items():
        path = child("$.cost", key)
        number: object = one
        if isinstance(number, bool) or not isinstance(number, Decimal | int):
            yield Problem(path, "Expected a Decimal or a whole number")
        elif not Decimal(number).is_finite() or number < 0:
            yield Problem(path, "Expected a number of 0 or more")
        if key not in known:
            more = len(known) - _MOST_NAMES
            listed = ", ".join(list(known)[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
            yield Problem(path, f"Unknown item; the score has: {listed or 'none'}")


def mended(mark: Mark) -> Mark:
    """Return a mark as it is once its cell is fixed."""
    state = MarkState.PASSED if mark.state is MarkState.FAILED else mark.state
    credit = None if mark.credit is None else (mark.credit[1], mark.credit[1])
    return attrs.evolve(mark, state=state, credit=credit, value=None)


@attrs.frozen
class _Effect:
    """What fixing one cell changes."""

    weight: tuple[tuple[int, Fraction], ...]
    """Weight gained in parts of points."""
    points: tuple[tuple[int, Fraction], ...]
    """Points given back by deductions."""
    vetoes: tuple[int, ...]
    credit: Fraction | None
    """What it is worth among single items, from 0 to 1, if it counts there."""


@attrs.frozen
class _Demand:
    """The sum of these gains, by cell, has to reach an amount."""

    gains: Mapping[int, Fraction]
    need: Fraction
    strictly: bool = False
    capped: tuple[int, ...] = ()
    """The deductions whose points count only below their caps."""


class _Search:
    def __init__(self, policy: RubricPolicy, score: Score, cost: Mapping[str, Decimal]) -> None:
        self.policy = policy
        self.marks = score.marks
        self.weighed: list[Weighed] = [(mark, see_mark(policy, mark)) for mark in score.marks]
        self.given = tuple(hit for hit in score.deductions if hit.sheet is None)
        result = add_up(policy, self.weighed, self.given)
        assert result is not None, "it was scored"
        self.now: Tally = result
        self.effects: dict[int, _Effect] = {}
        for at, one in enumerate(self.weighed):
            effect = _effect(policy, one)
            if effect is not None:
                self.effects[at] = effect
        self.costs = {at: Fraction(_cost(self.marks[at], cost)) for at in self.effects}
        self.lost = [Fraction(0)] * len(policy.deductions)
        places = {one.id: at for at, one in enumerate(policy.deductions)}
        for hit in self.now.deducted:
            self.lost[places[hit.deduction]] += Fraction(hit.points)

    def run(self, rank: int) -> tuple[int, ...] | None:
        """Return the cells to fix, or ``None`` where fixing everything is not enough."""
        best: _Found | None = None
        for band in self.policy.bands[: rank + 1]:
            for forced, demands in self._demands(band, rank):
                best = self._cheapest(forced, demands, best) or best
        return None if best is None else best[1]

    def plan(self, to: str, chosen: Sequence[int]) -> FixPlan:
        """Return the plan of fixing these cells."""
        fixed = set(chosen)
        after = [(mended(mark), seen) if at in fixed else (mark, seen) for at, (mark, seen) in enumerate(self.weighed)]
        result = add_up(self.policy, after, self.given)
        assert result is not None, "a fix never makes a part inapplicable"
        assert result.band is not None, "there is a band to reach"
        assert self.policy.band_rank(result.band) <= self.policy.band_rank(to), "the demands are those of the band"
        fixes = tuple(
            Fix(key=mark.key, sheet=mark.sheet, text=mark.text, cost=exact_decimal(self.costs[at]), on=mark.on)
            for at, mark in ((at, self.marks[at]) for at in sorted(fixed))
        )
        points = round_to(result.total, self.policy.places)
        return FixPlan(to=to, fixes=fixes, cost=decimal_sum(fix.cost for fix in fixes), points=points, band=result.band)

    def _demands(self, band: Band, rank: int) -> Iterator[tuple[frozenset[int], list[_Demand]]]:
        """Yield what reaches a band: cells fixed in any case and gains to reach; any one of what is yielded will do."""
        policy = self.policy
        limits = limits_of(policy, band)
        forced: set[int] = set()
        options: list[list[tuple[_Demand, ...]]] = []
        for limit in self.now.limits:
            if self._is_in_the_way(limit, limits.get("total"), rank):
                if isinstance(limit, Veto):
                    at = policy.vetoes.index(limit)
                    forced |= {cell for cell, effect in self.effects.items() if at in effect.vetoes}
                else:
                    place = [part.id for part in policy.points].index(limit.part)
                    options.append([(self._share(place, Fraction(limit.percent_at_least)),)])
        for name, bounds in limits.items():
            if name == "total":
                options.append([(self._total(*_least(bounds, policy.places)),)])
            else:
                more, choices = self._aggregate(name, bounds)
                forced |= more
                options.append(choices)
        for picked in itertools.product(*options):
            yield frozenset(forced), [demand for demands in picked for demand in demands]

    def _is_in_the_way(self, limit: Veto | Gate, total: Limits | None, rank: int) -> bool:
        if limit.band_at_most is not None and self.policy.band_rank(limit.band_at_most) > rank:
            return True
        if limit.points_at_most is None or total is None:
            return False
        need, strictly = _least(total, self.policy.places)
        most = Fraction(limit.points_at_most)
        return most < need or (strictly and most == need)

    def _total(self, need: Fraction, strictly: bool) -> _Demand:
        policy, now = self.policy, self.now
        floor = Fraction(policy.floor)
        if floor > need or (floor == need and not strictly):
            return _Demand({}, Fraction(0))
        over = tuple(
            at for at, one in enumerate(policy.deductions) if one.cap is not None and self.lost[at] > Fraction(one.cap)
        )
        gains: dict[int, Fraction] = {}
        for cell, effect in self.effects.items():
            gain = sum((self._worth(at) * weight for at, weight in effect.weight), Fraction(0))
            gain += sum((points for at, points in effect.points if at not in over), Fraction(0))
            gains[cell] = gain
        return _Demand(gains, need - now.raw, strictly, over)

    def _worth(self, at: int) -> Fraction:
        """Return the points that one of weight in a part is worth."""
        return Fraction(self.policy.points[at].worth) * self.now.factor / self.now.weights[at]

    def _share(self, at: int, percent: Fraction, strictly: bool = False) -> _Demand:
        gains = {
            cell: weight * 100 / self.now.weights[at]
            for cell, effect in self.effects.items()
            for place, weight in effect.weight
            if place == at
        }
        return _Demand(gains, percent - (self.now.percents[at] or 0), strictly)

    def _aggregate(self, name: str, bounds: Limits) -> tuple[set[int], list[tuple[_Demand, ...]]]:
        """Return cells fixed in any case, and the choices of demands of which one has to be met; none is impossible."""
        aggregate, places = self.policy.aggregates[name], self.policy.places
        value = self.now.aggregates[name]
        lost = aggregate.over == "deductions"
        need, strictly = _least(_negative(bounds) if lost else bounds, places)
        if _reaches(-value if lost else value, need, strictly):
            return set(), [()]  # A fix makes it only better.
        if lost:
            ids = [at for at, one in enumerate(self.policy.deductions) if not aggregate.ids or one.id in aggregate.ids]
            return self._losses(ids, aggregate.of, need, strictly)
        parts = [at for at, one in enumerate(self.policy.points) if not aggregate.ids or one.id in aggregate.ids]
        parts = [at for at in parts if self.now.percents[at] is not None]
        if not parts or (aggregate.of != "sum" and not _reaches(Fraction(100), need, strictly)):
            return set(), []
        if aggregate.over == "items":
            return self._items(parts, aggregate.of, need, strictly, value)
        if aggregate.of == "maximum":
            return set(), [(self._share(at, need, strictly),) for at in parts]
        if aggregate.of == "minimum":
            return set(), [tuple(self._share(at, need, strictly) for at in parts)]
        worth = {at: Fraction(self.policy.points[at].worth if aggregate.of == "weighted_mean" else 1) for at in parts}
        whole = sum(worth.values(), Fraction(0)) if aggregate.of == "weighted_mean" else Fraction(1)
        gains: dict[int, Fraction] = {}
        for at, factor in worth.items():
            for cell, gain in self._share(at, Fraction(0)).gains.items():
                gains[cell] = gains.get(cell, Fraction(0)) + gain * factor / whole
        return set(), [(_Demand(gains, need - value, strictly),)]

    def _losses(
        self, ids: Sequence[int], of: str, need: Fraction, strictly: bool
    ) -> tuple[set[int], list[tuple[_Demand, ...]]]:
        if of == "sum":
            gains = {
                cell: sum((points for at, points in effect.points if at in ids), Fraction(0))
                for cell, effect in self.effects.items()
            }
            lost = sum((self.lost[at] for at in ids), Fraction(0))
            return set(), [(_Demand(gains, need + lost, strictly),)]
        names = {self.policy.deductions[at].id for at in ids}
        by_facts = [-Fraction(hit.points) for hit in self.given if hit.deduction in names]
        if not all(_reaches(one, need, strictly) for one in (Fraction(0), *by_facts)):
            return set(), []
        return {
            cell
            for cell, effect in self.effects.items()
            if any(at in ids and not _reaches(-points, need, strictly) for at, points in effect.points)
        }, [()]

    def _items(
        self, parts: Sequence[int], of: str, need: Fraction, strictly: bool, value: Fraction
    ) -> tuple[set[int], list[tuple[_Demand, ...]]]:
        times = {
            cell: sum(place in parts for place, _ in effect.weight)
            for cell, effect in self.effects.items()
            if effect.credit is not None
        }
        credits = {cell: (self.effects[cell].credit or Fraction(0)) * 100 for cell, count in times.items() if count}
        if of == "minimum":
            return {cell for cell, credit in credits.items() if not _reaches(credit, need, strictly)}, [()]
        if of == "maximum":
            return set(), [(_Demand({cell: Fraction(1) for cell in credits}, Fraction(1)),)]
        count = sum(
            sum(place in parts for place, _ in seen.points)
            for mark, seen in self.weighed
            if mark.credit is not None or mark.state is not MarkState.NEUTRAL
        )
        whole = Fraction(count if of == "weighted_mean" else 1)
        gains = {cell: (100 - one) * times[cell] / whole for cell, one in credits.items()}
        return set(), [(_Demand(gains, need - value, strictly),)]

    def _cheapest(self, forced: frozenset[int], demands: Sequence[_Demand], best: _Found | None) -> _Found | None:
        scale = math.lcm(*(cost.denominator for cost in self.costs.values()))
        step = len(self.effects) + 1

        def price(cell: int) -> int:
            """Return the cost, and next to it the number of fixes, as one number."""
            return int(self.costs[cell] * scale) * step + 1

        paid = sum(map(price, forced))
        free = [cell for cell in sorted(self.effects) if cell not in forced]
        spilling = next((demand for demand in demands if demand.capped), None)
        demands = sorted(demands, key=lambda demand: demand is not spilling)
        over = () if spilling is None else spilling.capped
        stores = [self.lost[at] - Fraction(self.policy.deductions[at].cap or 0) for at in over]
        held = [self._given_back(forced, at) for at in over]
        spilt = sum((max(Fraction(0), have - room) for have, room in zip(held, stores, strict=True)), Fraction(0))
        stores = [max(Fraction(0), room - have) for have, room in zip(held, stores, strict=True)]
        needs: list[int] = []
        gains: list[dict[int, int]] = []
        unit = 1
        for demand in demands:
            need = demand.need - sum((demand.gains.get(cell, Fraction(0)) for cell in forced), Fraction(0))
            need -= spilt if demand is spilling else 0
            numbers = [need, *demand.gains.values()]
            if demand is spilling:
                numbers += [*stores, *(points for effect in self.effects.values() for _, points in effect.points)]
            fine = math.lcm(*(number.denominator for number in numbers))
            unit = fine if demand is spilling else unit
            needs.append(int(need * fine) + demand.strictly)
            gains.append({cell: int(gain * fine) for cell, gain in demand.gains.items()})
        offers = [
            Offer(
                price(cell),
                tuple(gain.get(cell, 0) for gain in gains),
                tuple(int(self._given_back((cell,), at) * unit) for at in over),
            )
            for cell in free
        ]
        below = None if best is None else best[0] - paid
        found = cover(offers, needs, [int(room * unit) for room in stores], below=below)
        if found is None:
            return None
        return (paid + found[0], tuple(sorted((*forced, *(free[at] for at in found[1])))))

    def _given_back(self, cells: Iterable[int], at: int) -> Fraction:
        """Return the points of one deduction that fixing these cells gives back, caps aside."""
        return sum(
            (points for cell in cells for place, points in self.effects[cell].points if place == at), Fraction(0)
        )


def _effect(policy: RubricPolicy, weighed: Weighed) -> _Effect | None:
    """Return what fixing a cell changes, or ``None`` where it changes nothing."""
    mark, seen = weighed
    failed = mark.state is MarkState.FAILED
    credit: Fraction | None = None
    if mark.credit is not None and mark.credit[0] < mark.credit[1]:
        credit = Fraction(*mark.credit)
    elif mark.credit is None and failed:
        credit = Fraction(0)
    weight = () if credit is None else tuple((at, Fraction(one) * (1 - credit)) for at, one in seen.points)
    points = [(at, Fraction(one)) for at, one in seen.on_failure if failed]
    if mark.value is not None:
        by_value = ((at, policy.deductions[at].by_value.get(mark.value)) for at in seen.by_value)
        points += [(at, Fraction(one)) for at, one in by_value if one]
    vetoes = seen.vetoes if failed else ()
    if not (weight or points or vetoes):
        return None
    return _Effect(weight, tuple(points), vetoes, credit if weight else None)


def _cost(mark: Mark, cost: Mapping[str, Decimal]) -> Decimal:
    for key in (mark.key, f"{mark.checklist}/{mark.item}"):
        if key in cost:
            return cost[key]
    return Decimal(1)


def _negative(limits: Limits) -> Limits:
    """Return limits from above as limits from below of the number with its sign changed."""
    return Limits(
        at_least=None if limits.at_most is None else limits.at_most.copy_negate(),
        above=None if limits.below is None else limits.below.copy_negate(),
    )


def _least(limits: Limits, places: int) -> tuple[Fraction, bool]:
    """Return the least exact number that is rounded to one within the limits, and whether it has to be exceeded.

    Halves are rounded away from zero: 89.995 makes 90.00, and -89.995 makes -90.00.
    """
    found: list[tuple[Fraction, bool]] = []
    for bound, inside in ((limits.at_least, True), (limits.above, False)):
        if bound is not None:
            scaled = Fraction(bound) * 10**places
            step = math.ceil(scaled) if inside else math.floor(scaled) + 1
            found.append(((step - Fraction(1, 2)) / 10**places, step <= 0))
    return max(found)


def _reaches(number: Fraction, need: Fraction, strictly: bool) -> bool:
    return number > need or (number == need and not strictly)
