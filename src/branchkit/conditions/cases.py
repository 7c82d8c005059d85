"""The cases that conditions tell apart: finitely many, so that what can never hold is found before anything runs.

The values of a fact fall into stretches within which every condition answers alike, as in the columns of a decision
table; one value stands for each, and one case for the fact being unknown. How two facts compare is a question of its
own: it may come out either way whatever they are worth, so a case may be listed that cannot occur, but none that can
is left out.
"""

from __future__ import annotations

import datetime as dt
import itertools
import math
from collections.abc import Iterable, Iterator, Mapping

import attrs

from branchkit.conditions.cells import Cell, Holding, OneOf, Within
from branchkit.conditions.check import bind
from branchkit.conditions.columns import TooManyRegions, build_column
from branchkit.conditions.evaluation import evaluate, reads
from branchkit.conditions.facts import FactSpec, FactType, FactValue
from branchkit.conditions.scalars import Scalar
from branchkit.conditions.tree import All, AnyOf, Compare, Condition, Has, Member, Not, Op
from branchkit.errors import InputError
from branchkit.values import Unknown

__all__ = ["Case", "cases"]

_MOST_CASES = 4096
_UNKNOWN = Unknown("not stated")
_Pair = tuple[str, str, dt.timedelta]
_HOLDS: Mapping[Op, frozenset[str]] = {
    Op.EQ: frozenset("="),
    Op.NE: frozenset("<>"),
    Op.LT: frozenset("<"),
    Op.LE: frozenset("<="),
    Op.GT: frozenset(">"),
    Op.GE: frozenset(">="),
}


@attrs.frozen(eq=False)
class Case:
    """One way the facts may be."""

    facts: Mapping[str, FactValue | Unknown]
    """The facts that are looked at, one value for all that make no difference."""
    orders: Mapping[_Pair, str]
    """How two facts compare: ``<``, ``=`` or ``>``."""

    def answer(self, condition: Condition) -> bool | None:
        """Answer one of the conditions; ``None`` where it is unknown."""
        match condition:
            case All(parts):
                answers = [self.answer(part) for part in parts]
                return False if False in answers else None if None in answers else True
            case AnyOf(parts):
                answers = [self.answer(part) for part in parts]
                return True if True in answers else None if None in answers else False
            case Not(part):
                answer = self.answer(part)
                return None if answer is None else not answer
            case Compare(fact, op, fact2=str(fact2)):
                if isinstance(self.facts[fact], Unknown) or isinstance(self.facts[fact2], Unknown):
                    return None
                return self.orders[_pair(condition, fact2)] in _HOLDS[op]
            case _:
                answered = evaluate(condition, self.facts)
                return None if isinstance(answered, Unknown) else answered


def cases(
    conditions: Iterable[Condition],
    specs: Mapping[str, FactSpec],
    *,
    points: Mapping[str, Iterable[Scalar]] | None = None,
) -> tuple[Case, ...] | None:
    """Return every case that the conditions tell apart, or ``None`` where they are not sound or the cases too many.

    Args:
        conditions: what is asked.
        specs: what is agreed about the facts.
        points: further values at which the caller tells cases apart, by fact; such facts are in every case.

    >>> from decimal import Decimal
    >>> specs = {"age": FactSpec("age", FactType.NUMBER, low=Decimal(0))}
    >>> never = All((Compare("age", Op.LT, Decimal(3)), Compare("age", Op.GT, Decimal(5))))
    >>> any(case.answer(never) for case in cases([never], specs))
    False
    """
    try:
        bound = [bind(condition, specs) for condition in conditions]
        literals: dict[str, list[Scalar]] = {name: [] for one in bound for name in sorted(reads(one))}
        orders: dict[_Pair, str] = {}
        for leaf in itertools.chain.from_iterable(map(_leaves, bound)):
            if isinstance(leaf, Compare) and leaf.fact2 is not None:
                orders[_pair(leaf, leaf.fact2)] = "<=>" if specs[leaf.fact].type.is_ordered else "<="
            elif isinstance(leaf, Compare) and leaf.value is not None:
                literals[leaf.fact].append(leaf.value)
            elif isinstance(leaf, Member):
                literals[leaf.fact].extend(leaf.values)
            elif isinstance(leaf, Has):
                literals[leaf.fact].append(leaf.code)
        for name, more in (points or {}).items():
            literals.setdefault(name, []).extend(more)
        values = {name: _values(specs[name], known) for name, known in literals.items()}
    except (InputError, TooManyRegions):
        return None
    if math.prod(map(len, (*values.values(), *orders.values()))) > _MOST_CASES:
        return None
    return tuple(
        Case(dict(zip(values, facts, strict=True)), dict(zip(orders, compared, strict=True)))
        for facts in itertools.product(*values.values())
        for compared in itertools.product(*orders.values())
    )


def _leaves(condition: Condition) -> Iterator[Condition]:
    match condition:
        case All(parts) | AnyOf(parts):
            for part in parts:
                yield from _leaves(part)
        case Not(part):
            yield from _leaves(part)
        case _:
            yield condition


def _pair(condition: Compare, fact2: str) -> _Pair:
    return condition.fact, fact2, condition.offset or dt.timedelta(0)


def _values(spec: FactSpec, literals: Iterable[Scalar]) -> tuple[FactValue | Unknown, ...]:
    """Return one value for each stretch between literals, each literal, and the unknown."""
    cells: list[Cell] = []
    for literal in dict.fromkeys(literals):
        if spec.type.is_ordered:
            cells += [Within(start=literal), Within(above=literal)]
        else:
            cells.append(Holding(has=(str(literal),)) if spec.type is FactType.CODES else OneOf((literal,)))
    column = build_column(attrs.evolve(spec, may_be_unknown=False), cells)
    return (*(region.example for region in column.regions), _UNKNOWN)
