"""The scoring policy of core: a document composed from parts, proved when it is loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, Literal

import attrs

from branchkit.codec import Document, misfits
from branchkit.conditions import Condition, DecisionTable, Facts, FactSpec, FactType, compile_condition, reads
from branchkit.conditions.cells import Cell, Within
from branchkit.conditions.table import Hit, Outputs, Row
from branchkit.errors import InputError, Problem
from branchkit.scoring.evidence import Evidence
from branchkit.scoring.rubric import Aggregate, Band, Deduction, Gate, Limits, Part, Points, Veto
from branchkit.scoring.score import FixPlan, Score
from branchkit.scoring.weighing import Seen
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Severity, Text, Unknown

if TYPE_CHECKING:
    from branchkit.checklists import BoundChecklist
    from branchkit.scoring.scorer import Scorer

__all__ = ["RubricPolicy"]


@attrs.frozen
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
    checklists: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The checklists it scores; none where it judges facts alone."""
    facts: tuple[FactSpec, ...] = attrs.field(default=(), kw_only=True)
    """The facts it looks at that evidence gives beside the sheets."""
    start: Decimal = attrs.field(default=Decimal(0), kw_only=True)
    floor: Decimal = attrs.field(default=Decimal(0), kw_only=True)
    ceiling: Decimal = attrs.field(kw_only=True)
    parts: tuple[Part, ...] = attrs.field(kw_only=True)
    aggregates: FrozenMap[Aggregate] = attrs.field(default=FrozenMap(), kw_only=True)
    """Further numbers by name; ``total`` is always there."""
    bands: tuple[Band, ...] = attrs.field(default=(), kw_only=True)
    """From the best to the worst."""
    scored_when: Condition | None = attrs.field(default=None, kw_only=True)
    """What must hold for evidence to be scored at all: over the policy's own facts, those that sheets were bound with,
    and the answers to items asked once, ``answer.<item>`` or, where several checklists have such an item,
    ``<checklist>.answer.<item>``."""
    not_scored_reason: Text | None = attrs.field(default=None, kw_only=True)
    """The reason given when `scored_when` does not hold."""
    unanswered: Literal["not_scored", "failed", "neutral"] = attrs.field(default="not_scored", kw_only=True)
    """What a required item without an answer counts as."""
    unknown: Literal["not_scored", "failed", "neutral"] = attrs.field(default="neutral", kw_only=True)
    """What an answer that is said to be unknown counts as, an item asked of what nobody knows, and a deduction whose
    condition cannot be told."""
    ratings: Literal["pass_fail", "proportional"] = attrs.field(default="pass_fail", kw_only=True)
    """Whether a scale counts by its threshold or in proportion."""
    places: int = attrs.field(default=2, kw_only=True)
    """Digits after the point of the result; halves are rounded away from zero."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def capabilities(self) -> frozenset[str]:
        """What the policy declares: `ScoringPolicy.capabilities` lists the codes.

        A policy whose bands could fall by a fix is neither ``explainable`` nor ``monotone``.
        """
        return self._capabilities

    @cached_property
    def _capabilities(self) -> frozenset[str]:
        from branchkit.scoring.bands import is_monotone

        always = frozenset({"na_neutral", "order_independent"})
        return always | {"explainable", "monotone"} if is_monotone(self) else always

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Score the evidence: a number and a band with every step that led there, or why there is none.

        Returns:
            A decision whose value is a `Score` and whose trace names the policy, the sheets and their digests.

        Raises:
            InputError: facts are given that neither the policy nor a sheet's checklist declares, or that are not what
                they declare; or the policy itself does not hold together, which one read from a file always does.
        """
        from branchkit.scoring.deciding import decide

        return decide(self, evidence)

    def scorer(self, bound: BoundChecklist) -> Scorer:
        """Return the policy made ready for one bound checklist, to score values as they come, without sheets.

        Raises:
            Unsupported: the checklist is answered in rows, or the policy does not score it.
            InputError: the policy does not hold together.
        """
        from branchkit.scoring.scorer import Scorer

        return Scorer(self, bound)

    def cheapest_fixes(
        self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal | int] | None = None
    ) -> FixPlan:
        """Return the cheapest set of fixes that reaches a band or a better one; of equally cheap ones, the smallest.

        To fix a cell is to make it pass with full marks, or to have no answer that takes points away.

        Args:
            score: a decision of this policy.
            to: the code of the band.
            cost: what a fix costs, by the cell's key (``checklist/item@device``) or by the item's (``checklist/item``);
                1 for what is not named. Each at or above zero.

        Raises:
            InputError: if a cost is below zero or of a cell that the score does not have.
            Unsupported: if the score is not this policy's, there is none, the band cannot be reached by fixes, bands
                could fall by a fix, or the search would exceed its stated bound.
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
        """The bands as a decision table over the aggregates they limit."""
        asked = {name for band in self.bands for name in band.limits}
        return DecisionTable(
            id=f"{self.id}.bands",
            version=self.version,
            facts=tuple(self.aggregate_spec(name) for name in ("total", *self.aggregates) if name in asked),
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

    def aggregate_spec(self, name: str) -> FactSpec:
        """Return an aggregate as a fact that bands ask: a number within what it can be."""
        if name == "total":
            return FactSpec(name, FactType.NUMBER, low=self.floor, high=self.ceiling)
        aggregate = self.aggregates[name]
        percent = aggregate.over != "deductions" and aggregate.of != "sum"
        return FactSpec(name, FactType.NUMBER, low=Decimal(0), high=Decimal(100) if percent else None)

    @cached_property
    def looks_at_items(self) -> bool:
        """True where an aggregate is made of single cells."""
        return any(aggregate.over == "items" for aggregate in self.aggregates.values())

    @cached_property
    def scored_test(self) -> Callable[[Facts], bool | Unknown] | None:
        """`scored_when`, compiled."""
        return None if self.scored_when is None else compile_condition(self.scored_when)

    @cached_property
    def conditions(self) -> tuple[tuple[Deduction, Callable[[Facts], bool | Unknown]], ...]:
        """The deductions that facts decide, with their conditions compiled."""
        return tuple((one, compile_condition(one.when)) for one in self.deductions if one.when is not None)

    @cached_property
    def reads(self) -> frozenset[str]:
        """The facts that the policy looks at."""
        found = [one.when for one in self.deductions if one.when is not None]
        found += [] if self.scored_when is None else [self.scored_when]
        return frozenset().union(*map(reads, found))

    @cached_property
    def seen(self) -> dict[str, dict[tuple[str, Severity | None], Seen]]:
        """What the parts see in the items of checklists met so far, by digest: worked out once, never decides."""
        return {}

    @cached_property
    def cores(self) -> dict[int, object]:
        """The policy in whole numbers (`branchkit.scoring.core.Core`), by how fine: worked out once, never decides."""
        return {}

    def validate(self) -> Iterator[Problem]:
        """Yield every problem: doubled or unknown names, settings without effect, bands with gaps or out of reach."""
        from branchkit.scoring.proof import prove

        yield from prove(self)

    def proved(self) -> None:
        """Make sure that the policy holds together, once; one that was read from a file does.

        Raises:
            InputError: with every problem, those of `validate` and those of values of a wrong type.
        """
        if self._problems:
            raise InputError(f"policy {self.id!r}", self._problems)

    @cached_property
    def _problems(self) -> tuple[Problem, ...]:
        return misfits(self)

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


def _cell(limits: Limits) -> Cell:
    return Within(start=limits.at_least, above=limits.above, below=limits.below, to=limits.at_most)
