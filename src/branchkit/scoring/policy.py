"""The scoring policy of core: a document composed from parts, proved when it is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import ClassVar, Literal

import attrs

from branchkit.codec import Document
from branchkit.conditions import Condition, DecisionTable, FactSpec, FactType
from branchkit.conditions.cells import Cell, Within
from branchkit.conditions.table import Hit, Outputs, Row
from branchkit.errors import Problem
from branchkit.scoring.evidence import Evidence
from branchkit.scoring.rubric import Aggregate, Band, Deduction, Gate, Limits, Part, Points, Veto
from branchkit.scoring.score import FixPlan, Score
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Severity, Text, is_rule_id

__all__ = ["RubricPolicy"]

CAPABILITIES = frozenset({"explainable", "monotone", "na_neutral", "order_independent"})


@attrs.frozen(slots=False)
class RubricPolicy(Document):
    """A scoring policy as data: where points start, what gives and takes them, what limits them, and the bands.

    The number is ``start`` + the points of weighted parts − deductions, kept between `floor` and `ceiling`, limited by
    vetoes and gates, and rounded once, at the end.

    Bands are read from the first; each may limit several aggregates at once. That every result falls into a band, and
    that every band can be reached, is proved when the policy is loaded.
    """

    SCHEMA: ClassVar[str] = "scoring_policy/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    checklists: tuple[str, ...] = attrs.field(kw_only=True)
    """The checklists it scores."""
    start: Decimal = attrs.field(default=Decimal(0), kw_only=True)
    floor: Decimal = attrs.field(default=Decimal(0), kw_only=True)
    ceiling: Decimal = attrs.field(kw_only=True)
    parts: tuple[Part, ...] = attrs.field(kw_only=True)
    aggregates: FrozenMap[Aggregate] = attrs.field(factory=FrozenMap, kw_only=True)
    """Further numbers by name; ``total`` is always there."""
    bands: tuple[Band, ...] = attrs.field(default=(), kw_only=True)
    """From the best to the worst."""
    scored_when: Condition | None = attrs.field(default=None, kw_only=True)
    """What must hold for evidence to be scored at all: over the bound facts and ``answer.<item>`` of items asked once."""
    not_scored_reason: Text | None = attrs.field(default=None, kw_only=True)
    """The reason given when `scored_when` does not hold."""
    unanswered: Literal["not_scored", "failed", "neutral"] = attrs.field(default="not_scored", kw_only=True)
    """What a required item without an answer counts as."""
    unknown: Literal["not_scored", "failed", "neutral"] = attrs.field(default="neutral", kw_only=True)
    """What an answer that is said to be unknown counts as, and an item asked of what nobody knows."""
    ratings: Literal["pass_fail", "proportional"] = attrs.field(default="pass_fail", kw_only=True)
    """Whether a scale counts by its threshold or in proportion."""
    places: int = attrs.field(default=2, kw_only=True)
    """Digits after the point of the result; halves are rounded away from zero."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def capabilities(self) -> frozenset[str]:
        """What the policy declares."""
        return CAPABILITIES

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Score the evidence: a number and a band with every step that led there, or why there is none.

        Returns:
            A decision whose value is a `Score` and whose trace names the policy, the sheets and their digests.
        """
        from branchkit.scoring.tally import decide

        return decide(self, evidence)

    def cheapest_fixes(
        self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None
    ) -> FixPlan:
        """Return the cheapest set of fixes that reaches a band or a better one.

        Args:
            score: a decision of this policy.
            to: the code of the band.
            cost: what a fix costs, by the cell's key (``checklist/item@device``) or by the item's (``checklist/item``);
                1 for what is not named. Each at or above zero.

        Raises:
            Unsupported: if the score is not this policy's, there is none, the band cannot be reached by fixes, or the
                search would exceed its stated bound.
            NotFound: if the policy has no such band.
        """
        from branchkit.scoring.fixes import cheapest

        return cheapest(self, score, to, cost or {})

    @cached_property
    def points(self) -> tuple[Points, ...]:
        """The parts of weighted points."""
        return tuple(part for part in self.parts if isinstance(part, Points))

    @cached_property
    def deductions(self) -> tuple[Deduction, ...]:
        """The deductions."""
        return tuple(part for part in self.parts if isinstance(part, Deduction))

    @cached_property
    def vetoes(self) -> tuple[Veto, ...]:
        """The veto items."""
        return tuple(part for part in self.parts if isinstance(part, Veto))

    @cached_property
    def gates(self) -> tuple[Gate, ...]:
        """The gates."""
        return tuple(part for part in self.parts if isinstance(part, Gate))

    @cached_property
    def band_table(self) -> DecisionTable:
        """The bands as a decision table over the aggregates."""
        return DecisionTable(
            id=f"{self.id}.bands",
            version=self.version,
            facts=tuple(self._aggregate_specs()),
            outputs=(FactSpec("band", FactType.CODE, choices=tuple(band.code for band in self.bands)),),
            hit=Hit.FIRST,
            rows=tuple(
                Row(
                    when=FrozenMap({name: _cell(limits) for name, limits in band.limits.items()}),
                    then=Outputs({"band": band.code}),
                )
                for band in self.bands
            ),
        )

    def band_rank(self, code: str) -> int:
        """Return the place of a band, 0 for the best."""
        return [band.code for band in self.bands].index(code)

    def _aggregate_specs(self) -> Iterator[FactSpec]:
        yield FactSpec("total", FactType.NUMBER, low=self.floor, high=self.ceiling)
        for name, aggregate in self.aggregates.items():
            percent = aggregate.over != "deductions" and aggregate.of != "sum"
            yield FactSpec(name, FactType.NUMBER, low=Decimal(0), high=Decimal(100) if percent else None)

    def validate(self) -> Iterator[Problem]:
        """Yield every problem: doubled or unknown names, settings without effect, bands with gaps or out of reach."""
        yield from self._numbers()
        seen: set[str] = set()
        for at, part in enumerate(self.parts):
            path = f"$.parts[{at}]"
            if part.id in seen:
                yield Problem(f"{path}.id", f"Expected each part once; {part.id!r} stands there again")
            seen.add(part.id)
            yield from self._part(part, path)
        ids = {
            "parts": {part.id for part in self.points},
            "items": {part.id for part in self.points},
            "deductions": {part.id for part in self.deductions},
        }
        for name, aggregate in self.aggregates.items():
            path = f"$.aggregates.{name}"
            if name == "total":
                yield Problem(path, "Expected another name: `total` is always there")
            if not ids[aggregate.over]:
                yield Problem(f"{path}.over", "Has no effect: the policy has nothing of the kind")
            for one in aggregate.ids:
                if one not in ids[aggregate.over]:
                    yield Problem(f"{path}.ids", f"Unknown part {one!r}; there are: {', '.join(sorted(ids[aggregate.over]))}")
        if (self.scored_when is None) != (self.not_scored_reason is None):
            yield Problem("$.not_scored_reason", "Expected `scored_when` and `not_scored_reason` together")
        for at, rule in enumerate(self.rules):
            if not is_rule_id(rule):
                yield Problem(f"$.rules[{at}]", f"Expected a rule id with its area, not {rule!r}")
        if self.bands:
            yield from self._bands()

    def _numbers(self) -> Iterator[Problem]:
        if self.floor >= self.ceiling:
            yield Problem("$.ceiling", "Expected a number above `floor`")
        elif not self.floor <= self.start <= self.ceiling:
            yield Problem("$.start", "Expected a number from `floor` to `ceiling`")
        if not 0 <= self.places <= 9:
            yield Problem("$.places", "Expected 0 to 9 digits")
        if not self.checklists:
            yield Problem("$.checklists", "Expected at least one checklist")
        if not self.points and not self.deductions:
            yield Problem("$.parts", "Expected at least one part that gives or takes points")
        for lang in ("zh", "en"):
            if not getattr(self.title, lang).strip():
                yield Problem(f"$.title.{lang}", "Expected words in both languages")

    def _part(self, part: Part, path: str) -> Iterator[Problem]:
        for name in part.select.checklists if not isinstance(part, Gate) else ():
            if name not in self.checklists:
                yield Problem(f"{path}.select.checklists", f"Unknown checklist {name!r}; there are: {', '.join(self.checklists)}")
        if isinstance(part, Points):
            if part.worth <= 0:
                yield Problem(f"{path}.worth", "Expected a number above 0")
            for field in ("weights", "by_severity", "by_basis"):
                for name, weight in getattr(part, field).items():
                    if weight < 0:
                        yield Problem(f"{path}.{field}.{name}", "Expected a weight of 0 or more")
            yield from _severities(part.by_severity, f"{path}.by_severity")
        elif isinstance(part, Deduction):
            given = [part.points is not None, bool(part.by_severity), bool(part.by_value)]
            if sum(given) != 1:
                yield Problem(path, "Expected exactly one of points, by_severity, by_value")
            amounts = [*(() if part.points is None else (part.points,)), *part.by_severity.values(), *part.by_value.values()]
            if any(amount < 0 for amount in amounts):
                yield Problem(path, "Expected points to take away as numbers of 0 or more")
            if part.cap is not None and (part.cap <= 0 or part.cap <= min(amounts, default=Decimal(0))):
                yield Problem(f"{path}.cap", "Expected a cap above the points of a single deduction")
            yield from _severities(part.by_severity, f"{path}.by_severity")
        else:
            codes = [band.code for band in self.bands]
            if part.points_at_most is None and part.band_at_most is None:
                yield Problem(path, "Has no effect: expected points_at_most or band_at_most")
            if part.points_at_most is not None and not self.floor <= part.points_at_most < self.ceiling:
                yield Problem(f"{path}.points_at_most", "Expected a number from `floor` up to, not reaching, `ceiling`")
            if part.band_at_most is not None and part.band_at_most not in codes:
                yield Problem(f"{path}.band_at_most", f"Unknown band {part.band_at_most!r}; there are: {', '.join(codes)}")
            elif part.band_at_most is not None and part.band_at_most == codes[0]:
                yield Problem(f"{path}.band_at_most", "Has no effect: it is the best band")
            if isinstance(part, Gate):
                if part.part not in {one.id for one in self.points}:
                    known = ", ".join(one.id for one in self.points)
                    yield Problem(f"{path}.part", f"Expected a part of points: {known or 'there is none'}")
                if not 0 < part.percent_at_least <= 100:
                    yield Problem(f"{path}.percent_at_least", "Expected a percentage above 0 and not above 100")

    def _bands(self) -> Iterator[Problem]:
        codes = [band.code for band in self.bands]
        for at, code in enumerate(codes):
            if code in codes[:at]:
                yield Problem(f"$.bands[{at}].code", f"Expected each band once; {code!r} stands there again")
        names = {"total", *self.aggregates}
        unknown = False
        for at, band in enumerate(self.bands):
            for name, limits in band.limits.items():
                if name not in names:
                    unknown = True
                    yield Problem(f"$.bands[{at}].limits", f"Unknown aggregate {name!r}; there are: {', '.join(sorted(names))}")
                elif limits == Limits():
                    unknown = True
                    yield Problem(f"$.bands[{at}].limits.{name}", "Has no effect: expected a limit")
        if unknown or self.floor >= self.ceiling or len(set(codes)) < len(codes):
            return
        for problem in self.band_table.analyse():
            path = problem.path.replace("$.rows", "$.bands").replace(".when", ".limits")
            yield Problem(path, problem.message.replace("No row for", "No band for").replace("Row", "Band"))

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


def _severities(weights: Mapping[str, Decimal], path: str) -> Iterator[Problem]:
    known = [severity.value for severity in Severity]
    for name in weights:
        if name not in known:
            yield Problem(f"{path}.{name}", f"Unknown severity; there are: {', '.join(known)}")


def _cell(limits: Limits) -> Cell:
    return Within(start=limits.at_least, above=limits.above, below=limits.below, to=limits.at_most)


