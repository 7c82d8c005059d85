"""Finds the cheapest set of fixes that reaches a band: exact, by branch and bound.

Fixes that have the same effect and the same cost are interchangeable, so the search runs over how many of each such
class are made, not over which. Two bounds cut it: what fixing everything still open could reach, and what the missing
points must cost at the best price per point.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from branchkit.errors import InputError, NotFound, Problem, Unsupported
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.rubric import Deduction, Points, Veto
from branchkit.scoring.score import Fix, FixPlan, Mark, MarkState, Score
from branchkit.scoring.tally import round_to, tally, takes
from branchkit.trace import Decision

__all__ = ["cheapest"]

LIMIT = 20_000
"""How many sets are looked at before the search gives up and says so."""

_Signature = tuple[object, ...]


@attrs.frozen
class _Class:
    """Fixes that are interchangeable: each has the same cost and moves the score alike."""

    cost: Decimal
    marks: tuple[int, ...]
    """Where their marks stand."""


def cheapest(policy: RubricPolicy, score: Decision[Score], to: str, cost: Mapping[str, Decimal]) -> FixPlan:
    """Return the cheapest fixes of a score of this policy; see `RubricPolicy.cheapest_fixes`."""
    who = f"policy {policy.id!r}"
    if (score.trace.policy, score.trace.version) != (policy.id, policy.version):
        raise Unsupported("cheapest_fixes", who, f"the score is of {score.trace.policy!r} {score.trace.version!r}")
    if not score.value.is_scored:
        raise Unsupported("cheapest_fixes", who, f"there is no score: {score.value.reason}")
    codes = tuple(band.code for band in policy.bands)
    if to not in codes:
        raise NotFound("band", to, codes)
    problems = tuple(Problem(f"$.cost[{key!r}]", "Expected 0 or more") for key, one in cost.items() if one < 0)
    if problems:
        raise InputError("cost", problems)
    marks = score.value.marks
    classes = _classes(policy, marks, cost)
    search = _Search(policy, marks, classes, policy.band_rank(to))
    counts = search.run()
    if counts is None:
        raise Unsupported("cheapest_fixes", who, f"fixing everything does not reach {to!r}")
    fixed = [at for one, count in zip(classes, counts, strict=True) for at in one.marks[:count]]
    final = search.reach(counts)
    fixes = tuple(
        Fix(
            key=marks[at].key,
            sheet=marks[at].sheet,
            text=marks[at].text,
            cost=_cost(marks[at], cost),
            on=marks[at].on,
        )
        for at in sorted(fixed)
    )
    total = sum((fix.cost for fix in fixes), Decimal(0))
    return FixPlan(to=to, fixes=fixes, cost=total, points=round_to(final[1], policy.places), band=codes[final[0]])


def _cost(mark: Mark, cost: Mapping[str, Decimal]) -> Decimal:
    for key in (mark.key, f"{mark.checklist}/{mark.item}"):
        if key in cost:
            return cost[key]
    return Decimal(1)


def _classes(policy: RubricPolicy, marks: Sequence[Mark], cost: Mapping[str, Decimal]) -> list[_Class]:
    groups: dict[tuple[Decimal, _Signature], list[int]] = {}
    for at, mark in enumerate(marks):
        effect = _effect(policy, mark)
        if effect is not None:
            groups.setdefault((_cost(mark, cost), effect), []).append(at)
    found = [_Class(price, tuple(ats)) for (price, _), ats in groups.items()]
    return sorted(found, key=lambda one: (one.cost, one.marks))


def _effect(policy: RubricPolicy, mark: Mark) -> _Signature | None:
    """Return all that the score can tell of a mark, or ``None`` where putting it right would change nothing."""
    parts: list[object] = []
    for part in (*policy.points, *policy.deductions, *policy.vetoes):
        if not takes(part, mark):
            continue
        if isinstance(part, Points) and mark.state is MarkState.FAILED:
            weight = part.weight(mark.item, mark.severity, mark.basis)
            if weight:
                parts.append((part.id, weight, mark.credit))
        elif isinstance(part, Deduction):
            points = _deducted(part, mark)
            if points:
                parts.append((part.id, points))
        elif isinstance(part, Veto) and mark.state is MarkState.FAILED:
            parts.append(part.id)
    return tuple(parts) or None


def _deducted(part: Deduction, mark: Mark) -> Decimal | None:
    if part.by_value:
        return part.by_value.get(mark.value or "")
    if mark.state is not MarkState.FAILED:
        return None
    if part.points is not None:
        return part.points
    return part.by_severity.get(mark.severity.value) if mark.severity else None


class _Search:
    def __init__(self, policy: RubricPolicy, marks: Sequence[Mark], classes: Sequence[_Class], rank: int) -> None:
        self.policy = policy
        self.marks = marks
        self.classes = classes
        self.rank = rank
        self.seen: dict[tuple[int, ...], tuple[int, Fraction]] = {}

    def reach(self, counts: tuple[int, ...]) -> tuple[int, Fraction]:
        """Return the rank of the band and the total once so many of each class are fixed."""
        known = self.seen.get(counts)
        if known is None:
            if len(self.seen) >= LIMIT:
                why = f"more than {LIMIT} sets of fixes would have to be compared; fix the cheapest ones and ask again"
                raise Unsupported("cheapest_fixes", f"policy {self.policy.id!r}", why)
            fixed = {at for one, count in zip(self.classes, counts, strict=True) for at in one.marks[:count]}
            after = [
                attrs.evolve(mark, state=MarkState.PASSED, credit=None, value=None) if at in fixed else mark
                for at, mark in enumerate(self.marks)
            ]
            result = tally(self.policy, after)
            assert result is not None, "a fix never makes a part inapplicable"
            known = (self.policy.band_rank(result.band or ""), result.total)
            self.seen[counts] = known
        return known

    def run(self) -> tuple[int, ...] | None:
        """Return how many of each class to fix, or ``None`` where fixing everything is not enough."""
        most = tuple(len(one.marks) for one in self.classes)
        if self.reach(most)[0] > self.rank:
            return None
        least = tuple(self._needed(at, most) for at in range(len(most)))
        # Best first by cost: the first set that reaches the band is the cheapest, and every set is built one way only.
        start = (self._price(least), sum(least), least, 0)
        heap = [start]
        while heap:
            _, _, counts, first = heapq.heappop(heap)
            if self.reach(counts)[0] <= self.rank:
                return counts
            for at in range(first, len(counts)):
                if counts[at] < most[at]:
                    more = (*counts[:at], counts[at] + 1, *counts[at + 1 :])
                    rest = (*more[:at], *most[at:])
                    if self.reach(rest)[0] <= self.rank:
                        heapq.heappush(heap, (self._price(more), sum(more), more, at))
        raise AssertionError("fixing everything reaches the band, so the search ends before")

    def _needed(self, at: int, most: tuple[int, ...]) -> int:
        """Return how many of a class every solution fixes: those without which even all others are not enough."""
        for count in itertools.count():
            if self.reach((*most[:at], count, *most[at + 1 :]))[0] <= self.rank:
                return count
        raise AssertionError("unreachable")  # pragma: no cover - count() never ends

    def _price(self, counts: tuple[int, ...]) -> Decimal:
        return sum((one.cost * count for one, count in zip(self.classes, counts, strict=True)), Decimal(0))
