"""Conditions that hold at first sight: a yes that is beyond doubt, told by looking at the case's own codes and texts.

`branchkit.conditions` answers everything, with reasons; a step that is simply allowed needs none of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from branchkit.checklists import RawFact
from branchkit.conditions import All, Compare, Condition, FactSpec, FactType, Member, Op
from branchkit.conditions.facts import coerce
from branchkit.conditions.scalars import Scalar

__all__ = ["Certain", "certain"]

Certain = Callable[[Mapping[str, RawFact]], bool]
"""Says whether a condition surely holds of a case's facts; where it says no, it may hold all the same."""

_PLAIN = frozenset({FactType.BOOL, FactType.CODE, FactType.TEXT})
"""The types whose values are what a document holds, and compare as they are."""


def certain(condition: Condition, specs: Mapping[str, FactSpec]) -> Certain | None:
    """Return what tells at first sight that a condition holds, or ``None`` where that takes a closer look.

    Args:
        condition: the condition.
        specs: the facts that a case may hold, by name.

    >>> grade = FactSpec("grade", FactType.CODE, choices=("general", "major"))
    >>> is_major = certain(Compare("grade", Op.EQ, "major"), {"grade": grade})
    >>> is_major({"grade": "major"}), is_major({})
    (True, False)
    """
    match condition:
        case Compare(fact, Op.EQ, value) if value is not None:
            return _any_of(specs.get(fact), (value,))
        case Member(fact, values):
            return _any_of(specs.get(fact), values)
        case All(parts):
            tests = tuple(test for part in parts if (test := certain(part, specs)) is not None)
            return None if len(tests) < len(parts) else lambda held: all(test(held) for test in tests)
        case _:
            return None


def _any_of(spec: FactSpec | None, literals: tuple[Scalar, ...]) -> Certain | None:
    if spec is None or spec.type not in _PLAIN:
        return None
    name, typed = spec.name, frozenset(coerce(literal, spec.type) for literal in literals)
    return None if None in typed else lambda held: held.get(name) in typed
