"""The tables of an edition as decision tables, with limits on the side that the bank has chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

import attrs

from branchkit.codec import child
from branchkit.conditions import Cell, DecisionTable, FactSpec, FactType, Outputs, Row, Within
from branchkit.conditions.table import Hit
from branchkit.customers.placing import Place, place_of
from branchkit.customers.tiers import AMOUNT, Edition, TierRow
from branchkit.errors import Problem
from branchkit.values import FrozenMap

if TYPE_CHECKING:
    from branchkit.customers.tiers import TierScheme

__all__ = ["TIER", "Tables", "amount_problems", "tables_of"]

TIER = "tier"


@attrs.frozen(kw_only=True)
class Tables:
    """What an edition asks, and its two tables; without rows of its own, what is kept is what is entered."""

    edition: Edition
    enter: DecisionTable
    keep: DecisionTable | None
    places: tuple[Place, ...]
    """The facts that either table asks; a region's rows are those of the first table and, above them, the second's."""


def tables_of(scheme: TierScheme, edition: Edition) -> Tables:
    """Return the tables of an edition.

    Raises:
        TooManyRegions: a set of codes falls into too many regions.
    """
    specs = (FactSpec(AMOUNT, FactType.NUMBER, low=Decimal(0), may_be_unknown=True), *scheme.asked)
    enter = _table(scheme, specs, edition.enter, "enter")
    keep = _table(scheme, specs, edition.keep, "keep") if edition.keep else None
    rows = [*enter.rows, *(keep.rows if keep is not None else ())]
    asked = {name for row in rows for name in row.when}
    places = tuple(place_of(spec, [_bound(row.when, spec) for row in rows]) for spec in specs if spec.name in asked)
    return Tables(edition=edition, enter=enter, keep=keep, places=places)


def _bound(when: Mapping[str, Cell], spec: FactSpec) -> Cell | None:
    cell = when.get(spec.name)
    return None if cell is None else cell.bind(spec, "$", [])


def _table(scheme: TierScheme, specs: Sequence[FactSpec], rows: tuple[TierRow, ...], name: str) -> DecisionTable:
    asked = {fact for row in rows for fact in row.when}
    return DecisionTable(
        id=f"{scheme.id}.{name}",
        version=scheme.version,
        # Facts that nobody declared are left out, and the table says of each that it is unknown.
        facts=tuple(spec for spec in specs if spec.name in asked),
        outputs=(FactSpec(TIER, FactType.CODE, choices=scheme.tiers, may_be_unknown=True),),
        hit=Hit.FIRST,
        rows=tuple(
            Row(
                when=FrozenMap({fact: _cell(scheme, fact, cell) for fact, cell in row.when.items()}),
                then=Outputs({} if row.tier is None else {TIER: row.tier}),
                rules=row.rules,
                note=row.note,
            )
            for row in rows
        ),
    )


def _cell(scheme: TierScheme, fact: str, cell: Cell) -> Cell:
    if fact != AMOUNT or scheme.boundary == "inclusive" or not isinstance(cell, Within):
        return cell
    return Within(above=cell.start, to=cell.below)


def amount_problems(scheme: TierScheme, rows: Sequence[TierRow], path: str) -> list[Problem]:
    """Return cells on the amount that say themselves what `TierScheme.boundary` is there to say."""
    problems: list[Problem] = []
    for at, row in enumerate(rows):
        cell = row.when.get(AMOUNT)
        where = child(path, at, "when", AMOUNT)
        if cell is not None and not scheme.measures:
            problems.append(Problem(where, "Expected `measures`, of which the bank chooses one, where rows ask it"))
        if isinstance(cell, Within) and (cell.above is not None or cell.to is not None):
            problems.append(Problem(where, "Expected from and below; which side the limit is on, `boundary` says"))
    return problems
