"""Answering a condition: three-valued, total, and either by walking the tree or by closures built once.

The logic is Kleene's: no beats unknown in *all*, yes beats unknown in *any*. An unknown answer carries its reasons.
A fact that is missing, `Unknown`, or of a type that cannot be compared makes the test unknown; nothing here raises.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from branchkit.conditions.facts import Facts, FactType, FactValue, coerce, settle
from branchkit.conditions.scalars import Scalar
from branchkit.conditions.tree import All, AnyOf, Compare, Condition, Exists, Has, Member, Not, Op
from branchkit.values import Unknown

__all__ = ["compile_condition", "evaluate", "holds", "reads"]

_Answer: TypeAlias = bool | frozenset[str]
"""True, false, or the reasons why it is unknown."""
_Test: TypeAlias = Callable[[Facts], _Answer]

_OPERATORS: Mapping[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}
# What `settle` can answer; a CODE is a TEXT there.
_KINDS = tuple(kind for kind in FactType if kind is not FactType.CODE)
_MOST_REASONS = 5
_LONGEST_REASON = 200


def evaluate(condition: Condition, facts: Facts) -> bool | Unknown:
    """Answer a condition from facts: true, false, or `Unknown` with every reason.

    >>> from decimal import Decimal
    >>> due = Compare("pens", Op.GE, Decimal(2))
    >>> evaluate(due, {"pens": Decimal(3)}), evaluate(due, {})
    (True, Unknown(reason="'pens' is not given"))
    """
    return _conclude(_answer(condition, facts))


def holds(condition: Condition, facts: Facts, *, unknown: bool) -> bool:
    """Answer a condition with yes or no, where the caller says what an unknown answer counts as.

    >>> holds(Exists("vendor"), {}, unknown=True), holds(Has("tags", "vip"), {}, unknown=True)
    (False, True)
    """
    answer = _answer(condition, facts)
    return answer if isinstance(answer, bool) else unknown


def compile_condition(condition: Condition) -> Callable[[Facts], bool | Unknown]:
    """Return a function that answers the condition like `evaluate`, prepared once for many calls.

    >>> is_major = compile_condition(Member("grade", ("serious", "major")))
    >>> is_major({"grade": "major"})
    True
    """
    test = _compile(condition)
    return lambda facts: _conclude(test(facts))


def reads(condition: Condition) -> frozenset[str]:
    """Return the names of all facts a condition looks at.

    >>> sorted(reads(All((Exists("a"), Compare("b", Op.LT, fact2="c")))))
    ['a', 'b', 'c']
    """
    match condition:
        case All(parts) | AnyOf(parts):
            return frozenset().union(*map(reads, parts))
        case Not(part):
            return reads(part)
        case Compare(fact=fact, fact2=fact2) if fact2 is not None:
            return frozenset((fact, fact2))
        case Compare(fact=fact) | Member(fact=fact) | Has(fact=fact) | Exists(fact=fact):
            return frozenset((fact,))
        case _:
            return frozenset()


def _conclude(answer: _Answer) -> bool | Unknown:
    if isinstance(answer, bool):
        return answer
    reasons = sorted(answer)
    more = len(reasons) - _MOST_REASONS
    return Unknown("; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else ""))


def _answer(condition: Condition, facts: Facts) -> _Answer:
    match condition:
        case All(parts):
            return _combine((_answer(part, facts) for part in parts), decisive=False)
        case AnyOf(parts):
            return _combine((_answer(part, facts) for part in parts), decisive=True)
        case Not(part):
            answer = _answer(part, facts)
            return not answer if isinstance(answer, bool) else answer
        case Compare(fact=fact) | Member(fact=fact):
            # One call needs the literals in one type only.
            settled = settle(facts.get(fact))
            return _compile(condition, () if settled is None else settled[:1])(facts)
        case _:
            return _compile(condition)(facts)


def _combine(answers: Iterable[_Answer], *, decisive: bool) -> _Answer:
    reasons: frozenset[str] = frozenset()
    for answer in answers:
        if answer is decisive:
            return decisive
        if not isinstance(answer, bool):
            reasons |= answer
    return reasons or not decisive


def _compile(condition: Condition, kinds: Sequence[FactType] = _KINDS) -> _Test:
    match condition:
        case All(parts):
            return _junction(tuple(map(_compile, parts)), decisive=False)
        case AnyOf(parts):
            return _junction(tuple(map(_compile, parts)), decisive=True)
        case Not(part):
            return _negation(_compile(part))
        case Compare(fact, op, value) if value is not None:
            return _comparison(fact, op, value, kinds)
        case Compare(fact, op, fact2=fact2, offset=offset) if fact2 is not None:
            return _relation(fact, op, fact2, offset)
        case Member(fact, values):
            return _membership(fact, values, kinds)
        case Has(fact, code):
            return _containment(fact, code)
        case Exists(fact):
            return lambda facts: settle(facts.get(fact)) is not None
        case _:
            reason = frozenset((f"a condition of the kind {type(condition).__name__!r} is not known here",))
            return lambda _: reason


def _junction(tests: tuple[_Test, ...], *, decisive: bool) -> _Test:
    def run(facts: Facts) -> _Answer:
        reasons: frozenset[str] | None = None
        for test in tests:
            answer = test(facts)
            if answer is decisive:
                return decisive
            if not isinstance(answer, bool):
                reasons = answer if reasons is None else reasons | answer
        return (not decisive) if reasons is None else reasons

    return run


def _negation(test: _Test) -> _Test:
    def run(facts: Facts) -> _Answer:
        answer = test(facts)
        return not answer if isinstance(answer, bool) else answer

    return run


def _comparison(fact: str, op: Op, literal: Scalar, kinds: Sequence[FactType]) -> _Test:
    compare = _OPERATORS[op]
    typed: dict[FactType, FactValue] = {}
    for kind in kinds:
        value = coerce(literal, kind)
        if value is not None and (kind.is_ordered or not op.needs_order):
            typed[kind] = value

    def run(facts: Facts) -> _Answer:
        left = settle(facts.get(fact))
        if left is None:
            return _why(facts, fact)
        right = typed.get(left[0])
        return _clash(fact, left[0]) if right is None else compare(left[1], right)

    return run


def _relation(fact: str, op: Op, other: str, offset: dt.timedelta | None) -> _Test:
    compare = _OPERATORS[op]

    def run(facts: Facts) -> _Answer:
        left, right = settle(facts.get(fact)), settle(facts.get(other))
        if left is None or right is None:
            missing = [name for name, found in ((fact, left), (other, right)) if found is None]
            return frozenset().union(*(_why(facts, name) for name in missing))
        kind, second = right
        if left[0] is not kind or (op.needs_order and not kind.is_ordered):
            return _clash(fact, left[0], other, kind)
        if offset is not None:
            moved = _move(second, offset)
            if moved is None:
                return frozenset((f"{other!r} cannot be moved by the offset",))
            second = moved
        return compare(left[1], second)

    return run


def _move(value: FactValue, offset: dt.timedelta) -> FactValue | None:
    try:
        if isinstance(value, dt.datetime):
            return value + offset
        if isinstance(value, dt.date) and not offset % _DAY:
            return value + offset
    except OverflowError:
        return None
    return None


_DAY = dt.timedelta(days=1)


def _membership(fact: str, literals: tuple[Scalar, ...], kinds: Sequence[FactType]) -> _Test:
    typed: dict[FactType, frozenset[FactValue]] = {}
    for kind in kinds:
        values = [coerce(literal, kind) for literal in literals]
        if kind is not FactType.CODES and None not in values:
            typed[kind] = frozenset(value for value in values if value is not None)

    def run(facts: Facts) -> _Answer:
        left = settle(facts.get(fact))
        if left is None:
            return _why(facts, fact)
        values = typed.get(left[0])
        return _clash(fact, left[0]) if values is None else left[1] in values

    return run


def _containment(fact: str, code: str) -> _Test:
    def run(facts: Facts) -> _Answer:
        value = facts.get(fact)
        if isinstance(value, frozenset):
            return code in value
        left = settle(value)
        return _why(facts, fact) if left is None else _clash(fact, left[0])

    return run


def _why(facts: Facts, fact: str) -> frozenset[str]:
    value = facts.get(fact)
    if isinstance(value, Unknown):
        reason = f"{fact!r} is unknown: {value.reason}"
        return frozenset((reason if len(reason) <= _LONGEST_REASON else f"{reason[: _LONGEST_REASON - 1]}…",))
    return frozenset(
        (f"{fact!r} is not given" if fact not in facts else f"{fact!r} is not a value that facts can have",)
    )


def _clash(fact: str, kind: FactType, other: str | None = None, kind2: FactType | None = None) -> frozenset[str]:
    second = "" if other is None or kind2 is None else f" and {other!r} is {kind2.words}"
    return frozenset((f"type clash: {fact!r} is {kind.words}{second}, which this test does not compare",))
