"""Checking a condition against what is agreed about the facts, before any case runs through it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

import attrs

from branchkit.codec.problems import child
from branchkit.conditions.facts import FactSpec, FactType, FactValue, coerce
from branchkit.conditions.scalars import Scalar
from branchkit.conditions.tree import All, AnyOf, Compare, Condition, Exists, Has, Member, Not
from branchkit.errors import InputError, Problem

__all__ = ["bind", "bind_literal", "check", "unknown_fact"]

_MOST_NAMES = 12


def check(condition: Condition, specs: Mapping[str, FactSpec], path: str = "$") -> tuple[Problem, ...]:
    """Return everything that is wrong with a condition: unknown facts, type clashes, codes that are no choices,
    and settings without effect (empty lists, a fact compared with itself).

    >>> specs = {"grade": FactSpec("grade", FactType.CODE, choices=("general", "major"))}
    >>> for problem in check(All((Member("grade", ("severe",)), Exists("grad"))), specs): print(problem)
    Expected one of: general, major - at `$.all[0].in[0]`
    Unknown fact 'grad'; there are: grade - at `$.all[1].exists`
    """
    problems: list[Problem] = []
    _bind(condition, specs, path, problems)
    return tuple(problems)


def bind(condition: Condition, specs: Mapping[str, FactSpec], *, source: str = "<condition>") -> Condition:
    """Return the condition with every literal as a value of its fact's type.

    Raises:
        InputError: lists every problem that `check` would report.

    >>> from branchkit.conditions.tree import Op
    >>> specs = {"due": FactSpec("due", FactType.DATE)}
    >>> bind(Compare("due", Op.LT, "2026-03-01"), specs).value
    datetime.date(2026, 3, 1)
    """
    problems: list[Problem] = []
    bound = _bind(condition, specs, "$", problems)
    if problems:
        raise InputError(source, tuple(problems))
    return bound


def bind_literal(literal: Scalar, spec: FactSpec, path: str, problems: list[Problem]) -> FactValue | None:
    """Return a literal as a value of the fact's type, or add to the problems what keeps it from being one."""
    value = coerce(literal, spec.type)
    if value is None:
        problems.append(Problem(path, f"Type clash: expected {spec.type.words}, as {spec.name!r} is one"))
        return None
    wrong = spec.problems_of(value, path)
    problems.extend(wrong)
    return None if wrong else value


def unknown_fact(name: str, specs: Mapping[str, FactSpec], path: str) -> Problem:
    """Return the problem that a fact is not declared, with what there is instead."""
    names = sorted(specs)
    more = len(names) - _MOST_NAMES
    listed = ", ".join(names[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
    return Problem(path, f"Unknown fact {name!r}; there are: {listed or 'none'}")


def _bind(condition: Condition, specs: Mapping[str, FactSpec], path: str, problems: list[Problem]) -> Condition:
    match condition:
        case All(parts):
            return All(_bind_parts(parts, specs, child(path, "all"), problems))
        case AnyOf(parts):
            return AnyOf(_bind_parts(parts, specs, child(path, "any"), problems))
        case Not(part):
            return Not(_bind(part, specs, child(path, "not"), problems))
        case Compare():
            return _bind_comparison(condition, specs, path, problems)
        case Member():
            return _bind_membership(condition, specs, path, problems)
        case Has(fact, code):
            spec = _spec(fact, specs, child(path, "fact"), problems)
            if spec is not None and spec.type is not FactType.CODES:
                problems.append(Problem(path, f"Type clash: {fact!r} is {spec.type.words}; has asks a set of codes"))
            elif spec is not None:
                problems.extend(spec.problems_of(frozenset((code,)), child(path, "has")))
            return condition
        case Exists(fact):
            _spec(fact, specs, child(path, "exists"), problems)
            return condition
        case _:
            problems.append(Problem(path, "Expected one of branchkit's own kinds of condition"))
            return condition


def _bind_parts(
    parts: Sequence[Condition], specs: Mapping[str, FactSpec], path: str, problems: list[Problem]
) -> tuple[Condition, ...]:
    if not parts:
        problems.append(Problem(path, "Has no effect: expected at least one condition"))
    return tuple(_bind(part, specs, child(path, index), problems) for index, part in enumerate(parts))


def _bind_comparison(
    condition: Compare, specs: Mapping[str, FactSpec], path: str, problems: list[Problem]
) -> Condition:
    spec = _spec(condition.fact, specs, child(path, "fact"), problems)
    if condition.fact2 is not None:
        _check_relation(condition, condition.fact2, spec, specs, path, problems)
        return condition
    if spec is None or condition.value is None:
        return condition
    if condition.op.needs_order and not spec.type.is_ordered:
        problems.append(_no_order(spec, path))
        return condition
    if spec.type is FactType.CODES:
        problems.append(Problem(path, f"Type clash: {spec.name!r} is {spec.type.words}; ask it with has"))
        return condition
    key = "value" if "value" in condition.to_plain() else "is"
    value = bind_literal(condition.value, spec, child(path, key), problems)
    if value is None or isinstance(value, frozenset):
        return condition
    return attrs.evolve(condition, value=value)


def _check_relation(
    condition: Compare,
    fact2: str,
    spec: FactSpec | None,
    specs: Mapping[str, FactSpec],
    path: str,
    problems: list[Problem],
) -> None:
    second = _spec(fact2, specs, child(path, "fact2"), problems)
    if condition.fact == fact2:
        problems.append(Problem(child(path, "fact2"), "Has no effect: compares a fact with itself"))
    if spec is None or second is None:
        return
    if spec.type is not second.type:
        message = f"Type clash: {spec.name!r} is {spec.type.words}, {second.name!r} is {second.type.words}"
        problems.append(Problem(child(path, "fact2"), message))
    elif condition.op.needs_order and not spec.type.is_ordered:
        problems.append(_no_order(spec, path))
    if condition.offset is None:
        return
    offset_path = child(path, "offset")
    if second.type not in {FactType.DATE, FactType.MOMENT}:
        problems.append(
            Problem(offset_path, f"Type clash: {fact2!r} is {second.type.words}; offsets move dates and moments")
        )
    elif second.type is FactType.DATE and condition.offset % dt.timedelta(days=1):
        problems.append(Problem(offset_path, f"Expected whole days, as {fact2!r} is a date"))
    if not condition.offset:
        problems.append(Problem(offset_path, "Has no effect: an offset of nothing"))


def _bind_membership(condition: Member, specs: Mapping[str, FactSpec], path: str, problems: list[Problem]) -> Condition:
    below = child(path, "in")
    if not condition.values:
        problems.append(Problem(below, "Has no effect: expected at least one value"))
    spec = _spec(condition.fact, specs, child(path, "fact"), problems)
    if spec is None:
        return condition
    if spec.type is FactType.CODES:
        problems.append(Problem(path, f"Type clash: {spec.name!r} is {spec.type.words}; ask it with has"))
        return condition
    values: list[Scalar] = []
    for index, literal in enumerate(condition.values):
        value = bind_literal(literal, spec, child(below, index), problems)
        if value is None or isinstance(value, frozenset):
            continue
        if value in values:
            problems.append(Problem(child(below, index), "Has no effect: the value is already listed"))
        values.append(value)
    return attrs.evolve(condition, values=tuple(values)) if len(values) == len(condition.values) else condition


def _spec(name: str, specs: Mapping[str, FactSpec], path: str, problems: list[Problem]) -> FactSpec | None:
    spec = specs.get(name)
    if spec is None:
        problems.append(unknown_fact(name, specs, path))
    return spec


def _no_order(spec: FactSpec, path: str) -> Problem:
    return Problem(child(path, "op"), f"Type clash: {spec.name!r} is {spec.type.words}, which has no order")
