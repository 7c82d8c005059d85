"""Conditions as data: a small tree of `All`, `AnyOf`, `Not`, `Compare`, `Member`, `Has` and `Exists`.

In a document a condition is nested plain data, one key telling which it is::

    {all = [
        {fact = "fault.grade", in = ["serious", "major"]},
        {fact = "repair.due", op = "<", fact2 = "at.date", offset = "P3D"},
        {not = {exists = "repair.vendor"}},
    ]}

Two conditions are equal when their plain forms are.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from typing import Any

import attrs
from attrs.converters import optional

from branchkit.codec.problems import child, words
from branchkit.codec.scalars import duration_text, parse_duration
from branchkit.conditions.facts import check_fact_name, is_fact_name
from branchkit.conditions.scalars import (
    Scalar,
    as_scalar,
    as_scalars,
    plain_scalar,
    read_scalar,
    scalar_key,
    scalar_keys,
)
from branchkit.errors import InputError, Problem

__all__ = ["All", "AnyOf", "Compare", "Condition", "Exists", "Has", "Member", "Not", "Op", "parse_condition"]

_DEEPEST = 40


class Op(enum.Enum):
    """How two values are compared; only ``==`` and ``!=`` where they have no order."""

    EQ = "=="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="

    @property
    def needs_order(self) -> bool:
        """Whether it asks which of the two comes first."""
        return self not in {Op.EQ, Op.NE}


class Condition:
    """A question about facts with the answer yes, no, or unknown; the common base of all kinds."""

    __slots__ = ()

    @property
    def depth(self) -> int:
        """How many conditions are nested in one another, itself included."""
        return 1

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        raise NotImplementedError

    @classmethod
    def from_plain(cls, data: object) -> Condition:
        """Read any condition from plain data; raises `InputError` that lists every problem with its path.

        >>> Condition.from_plain({"fact": "grade", "op": "==", "value": "major"}).to_plain()
        {'fact': 'grade', 'is': 'major'}
        """
        return parse_condition(data)

    @classmethod
    def plain_schema(cls) -> dict[str, Any]:
        """Return a JSON Schema (draft 2020-12) of the plain form; nested conditions are left open."""
        literal = {"type": ["boolean", "integer", "number", "string"]}
        name = {"type": "string", "maxLength": 200}
        nested = {"type": "object"}
        several = {"type": "array", "items": nested, "minItems": 1}
        pair = {"fact": name, "op": {"enum": [op.value for op in Op]}}

        def form(required: list[str], **properties: Any) -> dict[str, Any]:
            return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}

        return {
            "oneOf": [
                form(["all"], all=several),
                form(["any"], any=several),
                form(["not"], **{"not": nested}),
                form(["exists"], exists=name),
                form(["fact", "is"], fact=name, **{"is": literal}),
                form(["fact", "in"], fact=name, **{"in": {"type": "array", "items": literal, "minItems": 1}}),
                form(["fact", "has"], fact=name, has={"type": "string"}),
                form(["fact", "op", "value"], **pair, value=literal),
                form(["fact", "op", "fact2"], **pair, fact2=name, offset={"type": "string"}),
            ]
        }


def _check_depth(condition: Condition, _: object, __: Any) -> None:
    if condition.depth > _DEEPEST:
        raise ValueError(f"Expected at most {_DEEPEST} conditions nested in one another")


@attrs.frozen
class All(Condition):
    """Yes if every part is yes; no if one is no, whatever is unknown. Without parts: yes."""

    parts: tuple[Condition, ...] = attrs.field(validator=_check_depth)

    @property
    def depth(self) -> int:
        """One more than the deepest part."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        return {"all": [part.to_plain() for part in self.parts]}


@attrs.frozen
class AnyOf(Condition):
    """Yes if one part is yes, whatever is unknown; no if every part is no. Without parts: no."""

    parts: tuple[Condition, ...] = attrs.field(validator=_check_depth)

    @property
    def depth(self) -> int:
        """One more than the deepest part."""
        return 1 + max((part.depth for part in self.parts), default=0)

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        return {"any": [part.to_plain() for part in self.parts]}


@attrs.frozen
class Not(Condition):
    """Yes if the part is no, and the other way round; unknown stays unknown."""

    part: Condition = attrs.field(validator=_check_depth)

    @property
    def depth(self) -> int:
        """One more than the deepest part."""
        return 1 + self.part.depth

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        return {"not": self.part.to_plain()}


@attrs.frozen
class Compare(Condition):
    """Compares a fact with a value, or with another fact that may be moved in time by an offset.

    >>> due = Compare("repair.due", Op.LE, fact2="at.date", offset=dt.timedelta(days=3))
    >>> due.to_plain()
    {'fact': 'repair.due', 'op': '<=', 'fact2': 'at.date', 'offset': 'P3D'}
    """

    fact: str = attrs.field(validator=check_fact_name)
    op: Op
    value: Scalar | None = attrs.field(default=None, converter=optional(as_scalar), eq=scalar_key)
    """The literal to compare with; it takes the type of the fact."""
    fact2: str | None = attrs.field(default=None, kw_only=True, validator=check_fact_name)
    """The fact to compare with; of the same type."""
    offset: dt.timedelta | None = attrs.field(default=None, kw_only=True)
    """Is added to ``fact2``: whole days for a DATE, elapsed time for a MOMENT."""

    def __attrs_post_init__(self) -> None:
        if (self.value is None) == (self.fact2 is None):
            raise ValueError("Expected either a value or a second fact to compare with")
        if self.offset is not None and self.fact2 is None:
            raise ValueError("Expected an offset only with a second fact; write the moved value instead")

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        if self.value is not None:
            value = plain_scalar(self.value)
            if self.op is Op.EQ:
                return {"fact": self.fact, "is": value}
            return {"fact": self.fact, "op": self.op.value, "value": value}
        plain = {"fact": self.fact, "op": self.op.value, "fact2": self.fact2}
        return plain if self.offset is None else {**plain, "offset": duration_text(self.offset)}


@attrs.frozen
class Member(Condition):
    """Yes if the fact is one of the values; without values: no."""

    fact: str = attrs.field(validator=check_fact_name)
    values: tuple[Scalar, ...] = attrs.field(converter=as_scalars, eq=scalar_keys)

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        return {"fact": self.fact, "in": [plain_scalar(value) for value in self.values]}


@attrs.frozen
class Has(Condition):
    """Yes if the set of codes contains the code."""

    fact: str = attrs.field(validator=check_fact_name)
    code: str

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        return {"fact": self.fact, "has": self.code}


@attrs.frozen
class Exists(Condition):
    """Yes if the fact is known, no if it is not; itself never unknown."""

    fact: str = attrs.field(validator=check_fact_name)

    def to_plain(self) -> dict[str, Any]:
        """Return the canonical plain form."""
        return {"exists": self.fact}


def parse_condition(data: object, *, source: str = "<condition>") -> Condition:
    """Read a condition from plain data.

    Raises:
        InputError: lists every problem, each with its path from ``$``.

    >>> parse_condition({"fact": "grade", "is": "major"})
    Compare(fact='grade', op=<Op.EQ: '=='>, value='major', fact2=None, offset=None)
    >>> parse_condition({"all": [{"fact": "grade"}, {"exists": 3}]})
    Traceback (most recent call last):
    branchkit.errors.InputError: <condition>: 2 problems
      Expected one of: is, in, has, op - at `$.all[0]`
      Expected a fact name, got a whole number - at `$.all[1].exists`
    """
    problems: list[Problem] = []
    condition = _read(data, "$", problems, 1)
    if condition is None or problems:
        raise InputError(source, tuple(problems))
    return condition


_TESTS = {
    "is": frozenset({"fact", "is"}),
    "in": frozenset({"fact", "in"}),
    "has": frozenset({"fact", "has"}),
    "op": frozenset({"fact", "op", "value", "fact2", "offset"}),
}


def _read(data: object, path: str, problems: list[Problem], depth: int) -> Condition | None:
    if not isinstance(data, Mapping):
        problems.append(Problem(path, f"Expected a condition (an object), got {words(data)}"))
        return None
    if depth > _DEEPEST:
        problems.append(Problem(path, f"Expected at most {_DEEPEST} conditions nested in one another"))
        return None
    if "fact" in data:
        return _read_test(data, path, problems)
    kinds = [key for key in ("all", "any", "not", "exists") if key in data]
    if len(kinds) != 1:
        problems.append(Problem(path, "Expected exactly one of: all, any, not, exists, fact"))
        return None
    (kind,) = kinds
    _refuse_others(data, frozenset({kind}), path, problems)
    inner, below = data[kind], child(path, kind)
    if kind == "exists":
        name = _read_name(inner, below, problems)
        return None if name is None else Exists(name)
    if kind == "not":
        part = _read(inner, below, problems, depth + 1)
        return None if part is None else Not(part)
    parts = _read_list(inner, below, problems)
    read = [_read(part, child(below, index), problems, depth + 1) for index, part in enumerate(parts)]
    conditions = tuple(part for part in read if part is not None)
    if len(conditions) != len(read):
        return None
    return All(conditions) if kind == "all" else AnyOf(conditions)


def _read_test(data: Mapping[Any, object], path: str, problems: list[Problem]) -> Condition | None:
    tests = [key for key in _TESTS if key in data]
    if len(tests) != 1:
        problems.append(Problem(path, f"Expected {'only ' if tests else ''}one of: is, in, has, op"))
        return None
    (test,) = tests
    before = len(problems)
    _refuse_others(data, _TESTS[test], path, problems)
    fact = _read_name(data["fact"], child(path, "fact"), problems)
    below = child(path, test)
    if test == "op":
        return _read_comparison(data, fact, path, problems)
    if test == "is":
        value = _read_value(data["is"], below, problems)
        return None if fact is None or value is None else Compare(fact, Op.EQ, value)
    if test == "has":
        code = data["has"]
        if not isinstance(code, str):
            problems.append(Problem(below, f"Expected a code (text), got {words(code)}"))
            return None
        return None if fact is None else Has(fact, code)
    items = enumerate(_read_list(data["in"], below, problems))
    values = tuple(_read_value(item, child(below, index), problems) for index, item in items)
    if fact is None or len(problems) > before:
        return None
    return Member(fact, tuple(value for value in values if value is not None))


def _read_comparison(
    data: Mapping[Any, object], fact: str | None, path: str, problems: list[Problem]
) -> Condition | None:
    op = next((op for op in Op if op.value == data["op"]), None)
    if op is None:
        expected = " ".join(op.value for op in Op)
        problems.append(Problem(child(path, "op"), f"Expected one of: {expected}"))
    if ("value" in data) == ("fact2" in data):
        problems.append(Problem(path, "Expected either a value or a fact2 to compare with"))
        return None
    if "value" in data:
        if "offset" in data:
            problems.append(Problem(child(path, "offset"), "Has no effect without fact2"))
        value = _read_value(data["value"], child(path, "value"), problems)
        return None if fact is None or op is None or value is None else Compare(fact, op, value)
    fact2 = _read_name(data["fact2"], child(path, "fact2"), problems)
    offset = None
    if "offset" in data:
        given = data["offset"]
        offset = _read_offset(given)
        if offset is None:
            message = "Expected a span of days, hours, minutes or seconds, as in P30D or PT30M"
            problems.append(Problem(child(path, "offset"), message))
            return None
    return None if fact is None or op is None or fact2 is None else Compare(fact, op, fact2=fact2, offset=offset)


def _refuse_others(data: Mapping[Any, object], known: frozenset[str], path: str, problems: list[Problem]) -> None:
    expected = ", ".join(sorted(known))
    for key in data:
        if key not in known:
            problems.append(Problem(child(path, str(key)), f"Unknown key; here are known: {expected}"))


def _read_name(data: object, path: str, problems: list[Problem]) -> str | None:
    if not isinstance(data, str):
        problems.append(Problem(path, f"Expected a fact name, got {words(data)}"))
        return None
    if not is_fact_name(data):
        message = "Expected a fact name: letters, digits, - and _ joined by dots, as in branch.kind"
        problems.append(Problem(path, message))
        return None
    return data


def _read_value(data: object, path: str, problems: list[Problem]) -> Scalar | None:
    value = read_scalar(data, path)
    if isinstance(value, Problem):
        problems.append(value)
        return None
    return value


def _read_list(data: object, path: str, problems: list[Problem]) -> list[object] | tuple[object, ...]:
    if isinstance(data, (list, tuple)):
        return data
    problems.append(Problem(path, f"Expected a list, got {words(data)}"))
    return ()


def _read_offset(data: object) -> dt.timedelta | None:
    if isinstance(data, dt.timedelta):
        return data
    try:
        return parse_duration(data) if isinstance(data, str) else None
    except ValueError:
        return None
