"""Typed facts: what a condition may ask, and which values answer it."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, TypeAlias, cast

import attrs

from branchkit.codec.scalars import parse_duration
from branchkit.conditions.scalars import (
    Scalar,
    plain_scalar,
    read_date,
    read_moment,
    read_number,
)
from branchkit.errors import Problem
from branchkit.values import Text, Unknown, decimal_text

__all__ = ["FactSpec", "FactType", "FactValue", "Facts", "check_fact_name", "coerce", "is_fact_name", "settle"]

FactValue: TypeAlias = bool | Decimal | str | frozenset[str] | dt.date | dt.datetime | dt.timedelta
"""What a fact may be worth."""
Facts: TypeAlias = Mapping[str, FactValue | Unknown]
"""The facts of one case by name; a name that is missing is as unknown as one that says so."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*(\.[A-Za-z0-9][A-Za-z0-9_-]*)*")


def is_fact_name(text: str) -> bool:
    """Say whether this may name a fact: identifiers of letters, digits, ``-`` and ``_``, joined by dots.

    >>> is_fact_name("answer.medicine-box"), is_fact_name("branch.kind"), is_fact_name("a b")
    (True, True, False)
    """
    return len(text) <= 200 and _NAME.fullmatch(text) is not None


def check_fact_name(_: object, __: object, name: Any) -> None:
    """Refuse, as an attrs validator, what may not name a fact; lets ``None`` pass."""
    if name is not None and not is_fact_name(name):
        raise ValueError("Expected a fact name: letters, digits, - and _ joined by dots, as in branch.kind")


class FactType(enum.Enum):
    """The type of a fact."""

    BOOL = "bool"
    NUMBER = "number"
    CODE = "code"
    CODES = "codes"
    """A set of codes."""
    TEXT = "text"
    DATE = "date"
    MOMENT = "moment"
    """A date and time with its zone."""
    DURATION = "duration"

    @property
    def words(self) -> str:
        """How messages call it."""
        return _WORDS[self]

    @property
    def is_ordered(self) -> bool:
        """Whether its values can be earlier, later, smaller or larger than one another."""
        return self in _ORDERED


_ORDERED = frozenset({FactType.NUMBER, FactType.DATE, FactType.MOMENT, FactType.DURATION})
_WORDS = {
    FactType.BOOL: "true/false",
    FactType.NUMBER: "a number",
    FactType.CODE: "a code",
    FactType.CODES: "a set of codes",
    FactType.TEXT: "text",
    FactType.DATE: "a date (YYYY-MM-DD)",
    FactType.MOMENT: "a date and time with its offset",
    FactType.DURATION: "a span of time (as in P3D or PT30M)",
}


@attrs.frozen
class FactSpec:
    """What is agreed about a fact: its name, its type, and which values it can take.

    >>> grade = FactSpec("fault.grade", FactType.CODE, choices=("general", "serious", "major"))
    >>> [str(problem) for problem in grade.problems_of("severe")]
    ['Expected one of: general, serious, major - at `$`']
    """

    name: str = attrs.field(validator=check_fact_name)
    type: FactType
    choices: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The codes a CODE or CODES fact can take; none listed means that any code can come."""
    low: Decimal | None = attrs.field(default=None, kw_only=True)
    """The smallest value of a NUMBER, or of a DURATION in seconds."""
    high: Decimal | None = attrs.field(default=None, kw_only=True)
    """The largest value of a NUMBER, or of a DURATION in seconds."""
    may_be_unknown: bool = attrs.field(default=False, kw_only=True)
    """Whether a table must have an answer for this fact being unknown."""
    title: Text | None = attrs.field(default=None, kw_only=True)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with the spec itself: choices or bounds that have no effect or contradict each other."""
        if self.choices and self.type not in {FactType.CODE, FactType.CODES}:
            yield Problem("$.choices", f"Has no effect: a fact that is {self.type.words} takes no choices")
        if len(set(self.choices)) != len(self.choices):
            yield Problem("$.choices", "Expected each choice once")
        for key, bound in (("low", self.low), ("high", self.high)):
            if bound is None:
                continue
            if self.type not in {FactType.NUMBER, FactType.DURATION}:
                yield Problem(f"$.{key}", f"Has no effect: a fact that is {self.type.words} takes no bounds")
            elif not bound.is_finite() or abs(bound) > _LARGEST_BOUND:
                yield Problem(f"$.{key}", "Expected a finite number of a sensible size")
        if self.low is not None and self.high is not None and not _at_most(self.low, self.high):
            yield Problem("$.high", "Expected no less than low")

    def problems_of(self, value: object, path: str = "$") -> tuple[Problem, ...]:
        """Return what keeps a value from being this fact's; nothing if it fits. An `Unknown` always fits."""
        if isinstance(value, Unknown):
            return ()
        settled = settle(value)
        expected = FactType.TEXT if self.type is FactType.CODE else self.type
        if settled is None or settled[0] is not expected:
            return (Problem(path, f"Expected {self.type.words}"),)
        if self.choices:
            codes = cast("frozenset[str]", value) if self.type is FactType.CODES else {value}
            if not codes <= set(self.choices):
                return (Problem(path, f"Expected one of: {', '.join(self.choices)}"),)
        if self.type is FactType.CODES and not all(isinstance(code, str) for code in cast("frozenset[object]", value)):
            return (Problem(path, f"Expected {self.type.words}"),)
        low, high = self.bounds
        if low is not None and cast("Decimal", settled[1]) < cast("Decimal", low):
            return (Problem(path, f"Expected at least {plain_scalar(low)}"),)
        if high is not None and cast("Decimal", settled[1]) > cast("Decimal", high):
            return (Problem(path, f"Expected at most {plain_scalar(high)}"),)
        return ()

    @property
    def bounds(self) -> tuple[Decimal | dt.timedelta | None, Decimal | dt.timedelta | None]:
        """The smallest and the largest value as a value of the fact's type; ``None`` where there is no bound."""
        return (self._bound(self.low), self._bound(self.high))

    def _bound(self, bound: Decimal | None) -> Decimal | dt.timedelta | None:
        if bound is None or not bound.is_finite() or abs(bound) > _LARGEST_BOUND:
            return None
        if self.type is FactType.NUMBER:
            return bound
        return dt.timedelta(microseconds=int(bound * 1_000_000)) if self.type is FactType.DURATION else None

    def describe(self) -> str:
        """Say in words what fits the spec.

        >>> FactSpec("stations", FactType.NUMBER, low=Decimal(0)).describe()
        'a number, at least 0'
        """
        parts = [self.type.words]
        if self.choices:
            parts.append(f"one of {', '.join(self.choices)}")
        if self.low is not None:
            parts.append(f"at least {decimal_text(self.low)}")
        if self.high is not None:
            parts.append(f"at most {decimal_text(self.high)}")
        return ", ".join(parts)


_LARGEST_BOUND = Decimal(10) ** 12


def _at_most(low: Decimal, high: Decimal) -> bool:
    return low.is_nan() or high.is_nan() or low <= high


def settle(value: object) -> tuple[FactType, FactValue] | None:
    """Return the type of a value and the form in which it compares, or ``None`` if it is no fact value.

    Codes and texts are both TEXT here; moments come back in UTC, because two clocks on one wall may show the same
    hour twice. A number that is not finite and a moment without a zone are no values.
    """
    if isinstance(value, str):
        return (FactType.TEXT, value)
    if isinstance(value, bool):
        return (FactType.BOOL, value)
    if isinstance(value, Decimal):
        return (FactType.NUMBER, value) if value.is_finite() else None
    if isinstance(value, dt.datetime):
        if value.tzinfo is dt.UTC:
            return (FactType.MOMENT, value)
        try:
            return (FactType.MOMENT, value.astimezone(dt.UTC)) if value.utcoffset() is not None else None
        except OverflowError:
            return None
    if isinstance(value, dt.date):
        return (FactType.DATE, value)
    if isinstance(value, dt.timedelta):
        return (FactType.DURATION, value)
    if isinstance(value, frozenset):
        return (FactType.CODES, value)
    return None


def coerce(literal: Scalar, type: FactType) -> FactValue | None:
    """Return a document's literal as a value of a type, or ``None`` if it is none.

    >>> coerce("2026-03-01", FactType.DATE), coerce("2026-03-01", FactType.CODE), coerce("soon", FactType.DATE)
    (datetime.date(2026, 3, 1), '2026-03-01', None)
    """
    # Through the plain form, so that a literal means the same before it is written and after it is read again.
    plain = plain_scalar(literal)
    if isinstance(plain, bool):
        return plain if type is FactType.BOOL else None
    if isinstance(plain, int):
        return Decimal(plain) if type is FactType.NUMBER else None
    match type:
        case FactType.CODE | FactType.TEXT:
            return plain
        case FactType.NUMBER:
            return read_number(plain)
        case FactType.DATE:
            return read_date(plain)
        case FactType.MOMENT:
            moment = read_moment(plain)
            settled = None if moment is None else settle(moment)
            return None if settled is None else settled[1]
        case FactType.DURATION:
            return _duration(plain)
        case _:
            return None


def _duration(text: str) -> dt.timedelta | None:
    try:
        return parse_duration(text)
    except ValueError:
        return None
