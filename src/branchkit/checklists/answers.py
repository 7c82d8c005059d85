"""The kinds of answer an item can ask for, and how each is read and judged.

An answer travels as text (or a list of texts), the one form that JSON, TOML and a paper form share; each kind says
which texts it accepts and what they mean.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

import attrs

from branchkit.checklists.information import DateAnswer, FileAnswer, MomentAnswer, Signature, TextAnswer, TimeAnswer
from branchkit.checklists.outcome import Outcome, RawValue
from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.errors import Problem
from branchkit.values import Text, decimal_text, is_identifier

__all__ = [
    "AnswerKind",
    "Choice",
    "DateAnswer",
    "FileAnswer",
    "MomentAnswer",
    "Number",
    "Option",
    "Outcome",
    "PassFail",
    "RawValue",
    "Scale",
    "Signature",
    "TextAnswer",
    "TimeAnswer",
]

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_WIDEST = 10**9


@attrs.frozen
class PassFail:
    """Yes or no: ``pass`` or ``fail``."""

    KIND: ClassVar[str] = "pass_fail"

    can_fail: ClassVar[bool] = True
    can_pass: ClassVar[bool] = True

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.CODE, choices=("pass", "fail"))

    def read(self, raw: RawValue) -> FactValue:
        """Return the value, or raise `ValueError` that says what would be right."""
        if raw not in {"pass", "fail"}:
            raise ValueError("Expected pass or fail")
        return "pass" if raw == "pass" else "fail"

    def outcome(self, value: FactValue) -> Outcome:
        """Return what the value means."""
        return Outcome.PASS if value == "pass" else Outcome.FAIL

    def validate(self) -> Iterator[Problem]:
        """Yield nothing: there is nothing to set."""
        yield from ()


@attrs.frozen
class Option:
    """One thing to choose."""

    code: str
    text: Text = attrs.field(kw_only=True)
    outcome: Outcome = attrs.field(default=Outcome.NEUTRAL, kw_only=True)


@attrs.frozen(kw_only=True)
class Choice:
    """One option of a list, or several."""

    KIND: ClassVar[str] = "choice"

    options: tuple[Option, ...]
    several: bool = False
    """True where any number may be chosen; the worst of them decides."""
    open: bool = False
    """True where codes that are not listed are kept, as information."""

    @property
    def can_fail(self) -> bool:
        """True where an option fails."""
        return any(option.outcome is Outcome.FAIL for option in self.options)

    @property
    def can_pass(self) -> bool:
        """True where an option passes."""
        return any(option.outcome is Outcome.PASS for option in self.options)

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        choices = () if self.open else tuple(option.code for option in self.options)
        return FactSpec(name, type=FactType.CODES if self.several else FactType.CODE, choices=choices)

    def read(self, raw: RawValue) -> FactValue:
        """Return the code, or the set of codes where several may be chosen."""
        codes = (raw,) if isinstance(raw, str) else raw
        if isinstance(raw, str) == self.several:
            raise ValueError("Expected a list of codes" if self.several else "Expected one code")
        if not codes:
            what = "Expected at least one code; that nothing applies is an option of its own, such as `none`"
            raise ValueError(f"{what}: there are {', '.join(option.code for option in self.options)}")
        known = {option.code for option in self.options}
        if not self.open and not known.issuperset(codes):
            raise ValueError(f"Expected {'codes' if self.several else 'a code'} of: {', '.join(sorted(known))}")
        if len(set(codes)) != len(codes):
            raise ValueError("Expected each code once")
        return frozenset(codes) if self.several else codes[0]

    def outcome(self, value: FactValue) -> Outcome:
        """Return the worst outcome among the codes chosen."""
        chosen = value if isinstance(value, frozenset) else {value}
        outcomes = {option.outcome for option in self.options if option.code in chosen}
        for outcome in (Outcome.FAIL, Outcome.PASS):
            if outcome in outcomes:
                return outcome
        return Outcome.NEUTRAL

    def validate(self) -> Iterator[Problem]:
        """Yield doubled codes and a list with nothing to choose."""
        codes = [option.code for option in self.options]
        if len(codes) < (1 if self.open else 2):
            yield Problem("$.options", "Expected at least two options: with fewer there is nothing to choose")
        for at, code in enumerate(codes):
            if not is_identifier(code):
                what = "Expected a code of 1 to 200 printable characters without spaces at its ends"
                yield Problem(f"$.options[{at}].code", what)
            if code in codes[:at]:
                yield Problem(f"$.options[{at}].code", f"Expected each code once; {code!r} stands there again")


@attrs.frozen(kw_only=True)
class Scale:
    """A whole number between two ends, as a rating from 1 to 5."""

    KIND: ClassVar[str] = "scale"

    low: int
    high: int
    pass_from: int | None = None
    """The lowest rating that passes; ``None`` where a rating is information alone."""

    @property
    def can_fail(self) -> bool:
        """True where some ratings fail."""
        return self.pass_from is not None

    @property
    def can_pass(self) -> bool:
        """True where some ratings pass."""
        return self.pass_from is not None

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.NUMBER, low=Decimal(self.low), high=Decimal(self.high))

    def read(self, raw: RawValue) -> FactValue:
        """Return the rating."""
        if not (isinstance(raw, str) and _WHOLE.fullmatch(raw) and self.low <= int(raw) <= self.high):
            raise ValueError(f"Expected a whole number from {self.low} to {self.high}")
        return Decimal(raw)

    def outcome(self, value: FactValue) -> Outcome:
        """Return whether the rating reaches `pass_from`."""
        if self.pass_from is None or not isinstance(value, Decimal):
            return Outcome.NEUTRAL
        return Outcome.PASS if value >= self.pass_from else Outcome.FAIL

    def validate(self) -> Iterator[Problem]:
        """Yield ends in the wrong order and a threshold without effect."""
        if not -_WIDEST < self.low < self.high < _WIDEST:
            yield Problem("$.high", "Expected a number above `low`, both of at most 9 digits")
        elif self.pass_from is not None and not self.low < self.pass_from <= self.high:
            yield Problem("$.pass_from", "Expected a rating above `low` and not above `high`: else it has no effect")


@attrs.frozen(kw_only=True)
class Number:
    """A number with its unit, with the limits of what can be and the limits of what is right."""

    KIND: ClassVar[str] = "number"

    unit: str
    """The unit, as in ``°C``, ``dB(A)`` or ``pieces``."""
    low: Decimal | None = None
    """What is below this cannot be, and is refused as input."""
    high: Decimal | None = None
    pass_low: Decimal | None = None
    """What is below this is judged to fail."""
    pass_high: Decimal | None = None
    whole: bool = False

    @property
    def can_fail(self) -> bool:
        """True where limits of what is right are set."""
        return self.pass_low is not None or self.pass_high is not None

    @property
    def can_pass(self) -> bool:
        """True where limits of what is right are set."""
        return self.can_fail

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.NUMBER, low=self.low, high=self.high)

    def read(self, raw: RawValue) -> FactValue:
        """Return the number."""
        if not isinstance(raw, str) or not _NUMBER.fullmatch(raw):
            raise ValueError(f"Expected a {'whole ' if self.whole else ''}number in {self.unit}")
        number = Decimal(raw)
        if self.whole and number != number.to_integral_value():
            raise ValueError(f"Expected a whole number in {self.unit}")
        if (self.low is not None and number < self.low) or (self.high is not None and number > self.high):
            raise ValueError(f"Expected a number {_limits(self.low, self.high)} {self.unit}")
        return number

    def outcome(self, value: FactValue) -> Outcome:
        """Return whether the number lies within the limits of what is right; both limits are inside."""
        if not self.can_fail or not isinstance(value, Decimal):
            return Outcome.NEUTRAL
        below = self.pass_low is not None and value < self.pass_low
        above = self.pass_high is not None and value > self.pass_high
        return Outcome.FAIL if below or above else Outcome.PASS

    def validate(self) -> Iterator[Problem]:
        """Yield limits in the wrong order and limits without effect."""
        if self.low is not None and self.high is not None and self.low >= self.high:
            yield Problem("$.high", "Expected a number above `low`")
        if self.pass_low is not None and self.pass_high is not None and self.pass_low > self.pass_high:
            yield Problem("$.pass_high", "Expected a number not below `pass_low`: else nothing can pass")
        if self.pass_low is not None and self.low is not None and self.pass_low <= self.low:
            yield Problem("$.pass_low", "Expected a number above `low`: else it has no effect")
        if self.pass_high is not None and self.high is not None and self.pass_high >= self.high:
            yield Problem("$.pass_high", "Expected a number below `high`: else it has no effect")
        if self.pass_low is not None and self.high is not None and self.pass_low > self.high:
            yield Problem("$.pass_low", "Expected a number not above `high`: else nothing can pass")
        if self.pass_high is not None and self.low is not None and self.pass_high < self.low:
            yield Problem("$.pass_high", "Expected a number not below `low`: else nothing can pass")


AnswerKind = (
    PassFail | Choice | Scale | Number | DateAnswer | TimeAnswer | MomentAnswer | TextAnswer | FileAnswer | Signature
)


def _limits(low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and high is not None:
        return f"from {decimal_text(low)} to {decimal_text(high)}"
    return f"of at least {decimal_text(low)}" if low is not None else f"of at most {decimal_text(high or Decimal())}"
