"""The cells of a decision table: what a row asks of one fact.

In a document: a literal (equal to it), a list (one of them), ``{not = […]}`` (known, and none of them),
``{from = 2, below = 5}`` (a range; ``from`` and ``to`` belong to it, ``above`` and ``below`` do not),
``{has = "x", lacks = "y"}`` (a set of codes), ``{unknown = true}`` (not known).
A fact that a row leaves out is not asked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs
from attrs.converters import optional

from branchkit.codec.problems import child, words
from branchkit.conditions.check import bind_literal
from branchkit.conditions.facts import FactSpec, FactType, FactValue
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

__all__ = ["Cell", "Equals", "Holding", "IsUnknown", "NoneOf", "OneOf", "Within"]


class Cell:
    """What a row asks of one fact; the common base of all kinds."""

    __slots__ = ()

    def to_plain(self) -> Any:
        """Return the canonical plain form."""
        raise NotImplementedError

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Return the cell with its literals as values of the fact's type; adds to the problems what clashes."""
        raise NotImplementedError

    def accepts(self, value: FactValue) -> bool:
        """Say whether a known value fits the cell; only of a bound cell."""
        raise NotImplementedError

    def literals(self) -> tuple[Scalar, ...]:
        """Return the literals at which the answer may change."""
        return ()

    @classmethod
    def from_plain(cls, data: object) -> Cell:
        """Read any cell from plain data; raises `InputError` that lists every problem with its path.

        >>> Cell.from_plain({"from": 2, "below": 5}).to_plain()
        {'from': 2, 'below': 5}
        """
        problems: list[Problem] = []
        cell = _read(data, problems)
        if cell is None or problems:
            raise InputError("<cell>", tuple(problems))
        return cell

    @classmethod
    def plain_schema(cls) -> dict[str, Any]:
        """Return a JSON Schema (draft 2020-12) of the plain form."""
        literal = {"type": ["boolean", "integer", "number", "string"]}
        several = {"type": "array", "items": literal, "minItems": 1}
        codes = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}

        def form(required: list[str], properties: dict[str, Any]) -> dict[str, Any]:
            closed = {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
            return closed if required else {**closed, "minProperties": 1}

        ranges: dict[str, Any] = dict.fromkeys(_RANGE, literal)
        return {
            "anyOf": [
                literal,
                several,
                form(["not"], {"not": several}),
                form(["unknown"], {"unknown": {"const": True}}),
                form([], ranges),
                form([], {"has": codes, "lacks": codes}),
            ]
        }


@attrs.frozen
class Equals(Cell):
    """The fact is this value."""

    value: Scalar = attrs.field(converter=as_scalar, eq=scalar_key)

    def to_plain(self) -> Any:
        """Return the literal."""
        return plain_scalar(self.value)

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Type the literal."""
        values = _bind_values((self.value,), spec, (path,), problems)
        return Equals(*values) if values else self

    def accepts(self, value: FactValue) -> bool:
        """Compare."""
        return value == self.value

    def literals(self) -> tuple[Scalar, ...]:
        """Return the value."""
        return (self.value,)


@attrs.frozen
class OneOf(Cell):
    """The fact is one of these values."""

    values: tuple[Scalar, ...] = attrs.field(converter=as_scalars, eq=scalar_keys)

    def to_plain(self) -> Any:
        """Return the list."""
        return [plain_scalar(value) for value in self.values]

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Type the literals; each stands once."""
        return OneOf(_bind_list(self.values, spec, path, problems))

    def accepts(self, value: FactValue) -> bool:
        """Look it up."""
        return value in self.values

    def literals(self) -> tuple[Scalar, ...]:
        """Return the values."""
        return self.values


@attrs.frozen
class NoneOf(Cell):
    """The fact is known, and none of these values."""

    values: tuple[Scalar, ...] = attrs.field(converter=as_scalars, eq=scalar_keys)

    def to_plain(self) -> Any:
        """Return the object with the list."""
        return {"not": [plain_scalar(value) for value in self.values]}

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Type the literals; each stands once."""
        return NoneOf(_bind_list(self.values, spec, child(path, "not"), problems))

    def accepts(self, value: FactValue) -> bool:
        """Look it up."""
        return value not in self.values

    def literals(self) -> tuple[Scalar, ...]:
        """Return the values."""
        return self.values


@attrs.frozen(kw_only=True)
class Within(Cell):
    """The fact lies in a range; a side that is left out is open."""

    start: Scalar | None = attrs.field(default=None, converter=optional(as_scalar), eq=scalar_key)
    """``from``: the smallest value in it."""
    above: Scalar | None = attrs.field(default=None, converter=optional(as_scalar), eq=scalar_key)
    """The largest value below it."""
    below: Scalar | None = attrs.field(default=None, converter=optional(as_scalar), eq=scalar_key)
    """The smallest value above it."""
    to: Scalar | None = attrs.field(default=None, converter=optional(as_scalar), eq=scalar_key)
    """The largest value in it."""

    def _sides(self) -> dict[str, Scalar]:
        sides = {"from": self.start, "above": self.above, "below": self.below, "to": self.to}
        return {key: value for key, value in sides.items() if value is not None}

    def to_plain(self) -> Any:
        """Return the object with the bounds."""
        return {key: plain_scalar(value) for key, value in self._sides().items()}

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Type the bounds; at most one a side, and something between them."""
        before, sides = len(problems), self._sides()
        if not spec.type.is_ordered:
            problems.append(Problem(path, f"Type clash: {spec.name!r} is {spec.type.words}, which has no order"))
            return self
        if not sides:
            problems.append(Problem(path, "Has no effect: expected a bound"))
        for one, other in (("from", "above"), ("below", "to")):
            if one in sides and other in sides:
                problems.append(Problem(path, f"Expected only one of {one} and {other}"))
        bound: dict[str, Any] = {
            key: bind_literal(value, spec, child(path, key), problems) for key, value in sides.items()
        }
        if len(problems) > before:
            return self
        low, high = bound.get("from", bound.get("above")), bound.get("to", bound.get("below"))
        if (
            low is not None
            and high is not None
            and (low > high or (low == high and not {"from", "to"} <= bound.keys()))
        ):
            problems.append(Problem(path, "Expected a range with something in it"))
        start = bound.pop("from", None)
        return Within(start=start, **bound)

    def accepts(self, value: Any) -> bool:
        """Compare with each bound."""
        start: Any = self.start
        above: Any = self.above
        below: Any = self.below
        to: Any = self.to
        return bool(
            (start is None or value >= start)
            and (above is None or value > above)
            and (below is None or value < below)
            and (to is None or value <= to)
        )

    def literals(self) -> tuple[Scalar, ...]:
        """Return the bounds."""
        return tuple(self._sides().values())


@attrs.frozen(kw_only=True)
class Holding(Cell):
    """The set of codes holds all of some, and none of others."""

    has: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()

    def to_plain(self) -> Any:
        """Return the object; a single code stands without a list."""
        sides = {"has": self.has, "lacks": self.lacks}
        return {key: codes[0] if len(codes) == 1 else list(codes) for key, codes in sides.items() if codes}

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Check that the codes are choices, and that no code is both held and lacked."""
        if spec.type is not FactType.CODES:
            problems.append(Problem(path, f"Type clash: {spec.name!r} is {spec.type.words}; has asks a set of codes"))
            return self
        for key, codes in (("has", self.has), ("lacks", self.lacks)):
            problems.extend(spec.problems_of(frozenset(codes), child(path, key)))
        if not self.has and not self.lacks:
            problems.append(Problem(path, "Has no effect: expected a code"))
        if len({*self.has, *self.lacks}) < len(self.has) + len(self.lacks):
            problems.append(Problem(path, "Expected each code once"))
        return self

    def accepts(self, value: FactValue) -> bool:
        """Look the codes up."""
        return isinstance(value, frozenset) and value.issuperset(self.has) and value.isdisjoint(self.lacks)

    def literals(self) -> tuple[Scalar, ...]:
        """Return the codes."""
        return self.has + self.lacks


@attrs.frozen
class IsUnknown(Cell):
    """The fact is not known."""

    def to_plain(self) -> Any:
        """Return ``{"unknown": True}``."""
        return {"unknown": True}

    def bind(self, spec: FactSpec, path: str, problems: list[Problem]) -> Cell:
        """Ask that the fact may be unknown."""
        if not spec.may_be_unknown:
            problems.append(Problem(path, f"Has no effect: {spec.name!r} is not declared with may_be_unknown"))
        return self

    def accepts(self, value: FactValue) -> bool:
        """No known value fits."""
        return False


def _bind_values(
    literals: tuple[Scalar, ...], spec: FactSpec, paths: tuple[str, ...], problems: list[Problem]
) -> tuple[Scalar, ...]:
    if spec.type is FactType.CODES:
        problems.append(
            Problem(paths[0] if paths else "$", f"Type clash: {spec.name!r} is a set of codes; ask it with has")
        )
        return ()
    values = (bind_literal(literal, spec, path, problems) for literal, path in zip(literals, paths, strict=True))
    return tuple(value for value in values if value is not None and not isinstance(value, frozenset))


def _bind_list(literals: tuple[Scalar, ...], spec: FactSpec, path: str, problems: list[Problem]) -> tuple[Scalar, ...]:
    if not literals:
        problems.append(Problem(path, "Has no effect: expected at least one value"))
    values = _bind_values(literals, spec, tuple(child(path, index) for index in range(len(literals))), problems)
    if len(set(values)) < len(values):
        problems.append(Problem(path, "Expected each value once"))
    return values


_RANGE = {"from": "start", "above": "above", "below": "below", "to": "to"}
_KEYS = "not, from, above, below, to, has, lacks, unknown"


def _read(data: object, problems: list[Problem]) -> Cell | None:
    if isinstance(data, (list, tuple)):
        return OneOf(_read_values(data, "$", problems))
    if not isinstance(data, Mapping):
        value = read_scalar(data, "$")
        if isinstance(value, Problem):
            problems.append(value)
            return None
        return Equals(value)
    keys = {str(key) for key in data}
    if keys == {"not"}:
        values = data["not"]
        if isinstance(values, (list, tuple)):
            return NoneOf(_read_values(values, "$.not", problems))
        problems.append(Problem("$.not", f"Expected a list, got {words(values)}"))
        return None
    if keys == {"unknown"}:
        if data["unknown"] is True:
            return IsUnknown()
        problems.append(Problem("$.unknown", "Expected true; leave the cell out where it does not matter"))
        return None
    if keys and keys <= _RANGE.keys():
        bounds = {key: read_scalar(data[key], child("$", key)) for key in data}
        problems.extend(bound for bound in bounds.values() if isinstance(bound, Problem))
        sides = {_RANGE[key]: bound for key, bound in bounds.items() if not isinstance(bound, Problem)}
        return Within(**sides)
    if keys and keys <= {"has", "lacks"}:
        return Holding(**{key: _read_codes(data[key], child("$", key), problems) for key in data})
    problems.append(
        Problem("$", f"Expected a cell with one of the keys: {_KEYS}; only bounds, and has and lacks, go together")
    )
    return None


def _read_values(items: list[object] | tuple[object, ...], path: str, problems: list[Problem]) -> tuple[Scalar, ...]:
    values = [read_scalar(item, child(path, index)) for index, item in enumerate(items)]
    problems.extend(value for value in values if isinstance(value, Problem))
    return tuple(value for value in values if not isinstance(value, Problem))


def _read_codes(data: object, path: str, problems: list[Problem]) -> tuple[str, ...]:
    if isinstance(data, str):
        return (data,)
    if not isinstance(data, (list, tuple)):
        problems.append(Problem(path, f"Expected a code or a list of codes, got {words(data)}"))
        return ()
    for index, code in enumerate(data):
        if not isinstance(code, str):
            problems.append(Problem(child(path, index), f"Expected a code (text), got {words(code)}"))
    return tuple(code for code in data if isinstance(code, str))
