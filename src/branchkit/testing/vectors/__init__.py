"""Scores worked out by hand: evidence and policy as JSON, and the score that has to come of them.

A second implementation of core's policies, in whatever language, reads the files of this folder and compares. Each
``<id>.json`` holds the policy, the sheets with the pins and checklists they were bound by, the facts beside them, and
what is expected: points and band (``null`` together where there is no score), every aggregate, the vetoes and gates
that limited it, and the cheapest fixes to some bands.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from importlib.resources import files
from typing import ClassVar

import attrs

from branchkit.checklists import Checklist, Pin, RawFact, Sheet, read, rebind
from branchkit.checklists.binding import typed_fact
from branchkit.codec import Document
from branchkit.conditions import FactValue
from branchkit.scoring import Evidence, RubricPolicy, ScoringPolicy
from branchkit.values import FrozenMap, Text, Unknown

__all__ = ["Vector", "VectorFixes", "VectorSheet", "differences", "vectors"]


@attrs.frozen(kw_only=True)
class VectorSheet:
    """One sheet and all it takes to read it."""

    checklist: Checklist
    pin: Pin
    sheet: Sheet


@attrs.frozen(kw_only=True)
class VectorFixes:
    """The cheapest fixes to a band, each at a cost of 1 unless `cost` says otherwise."""

    to: str
    cost: FrozenMap[Decimal] = FrozenMap()
    fixes: tuple[str, ...]
    """The keys of what is put right, sorted."""
    total: Decimal
    """What the fixes cost together."""


@attrs.frozen
class Vector(Document):
    """Evidence, a policy, and what has to come of them."""

    SCHEMA: ClassVar[str] = "scoring_vector/1"

    id: str
    title: Text = attrs.field(kw_only=True)
    """What it is about."""
    policy: RubricPolicy = attrs.field(kw_only=True)
    sheets: tuple[VectorSheet, ...] = attrs.field(default=(), kw_only=True)
    facts: FrozenMap[RawFact] = attrs.field(default=FrozenMap(), kw_only=True)
    """Facts beside the sheets, by name."""
    points: Decimal | None = attrs.field(kw_only=True)
    band: str | None = attrs.field(kw_only=True)
    aggregates: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    vetoes: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    fixes: tuple[VectorFixes, ...] = attrs.field(default=(), kw_only=True)

    def evidence(self) -> Evidence:
        """Return the evidence, bound as it was pinned."""
        readings = [read(one.sheet, rebind(one.checklist, one.pin)) for one in self.sheets]
        specs = {spec.name: spec for spec in self.policy.facts}
        facts: dict[str, FactValue | Unknown] = {name: typed_fact(specs[name], raw) for name, raw in self.facts.items()}
        return Evidence.of(*readings, facts=facts)


def vectors() -> Iterator[Vector]:
    """Yield every vector that ships with branchkit, sorted by id.

    >>> [vector.id for vector in vectors()][:3]
    ['deductions-by-code', 'deductions-capped', 'deductions-to-the-floor']
    """
    folder = files("branchkit.testing.vectors")
    for name in sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".json")):
        yield Vector.from_json(folder.joinpath(name).read_bytes(), source=name)


def differences(vector: Vector, policy: ScoringPolicy | None = None) -> tuple[str, ...]:
    """Say in what a policy's score differs from what a vector expects; in nothing where the two agree.

    Args:
        vector: The vector.
        policy: The policy to try; core's own, made of the vector's document, where it is left out.

    >>> [differences(vector) for vector in vectors() if differences(vector)]
    []
    """
    return tuple(_differences(vector, policy or vector.policy))


def _differences(vector: Vector, policy: ScoringPolicy | RubricPolicy) -> Iterator[str]:
    decision = policy.score(vector.evidence())
    score = decision.value
    for name in ("points", "band", "vetoes", "aggregates"):
        expected, actual = getattr(vector, name), getattr(score, name)
        if expected != actual:
            yield f"{vector.id}: Expected {name} {expected}, got {actual}"
    for wanted in vector.fixes:
        plan = policy.cheapest_fixes(decision, to=wanted.to, cost=wanted.cost)
        found = tuple(sorted(fix.key for fix in plan.fixes))
        if (wanted.fixes, wanted.total) != (found, plan.cost):
            told = f"{', '.join(wanted.fixes)} for {wanted.total}, got {', '.join(found)} for {plan.cost}"
            yield f"{vector.id}: Expected fixes to {wanted.to} {told}"
