"""The kinds of answer an item can ask for, and how each is read and judged.

An answer travels as text (or a list of texts), the one form that JSON, TOML and a paper form share; each kind says
which texts it accepts and what they mean.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

import attrs

from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.conditions.scalars import read_date, read_moment
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

RawValue = str | tuple[str, ...]
"""What an answer holds on a sheet."""

_NUMBER = re.compile(r"-?[0-9]{1,30}(\.[0-9]{1,30})?")
_WHOLE = re.compile(r"-?[0-9]{1,9}")
_WIDEST = 10**9
_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


class Outcome(enum.Enum):
    """What an answer means for its item."""

    PASS = "pass"
    FAIL = "fail"
    NEUTRAL = "neutral"
    """Information that is neither good nor bad."""


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


@attrs.frozen
class _Informative:
    """An answer that is information unless a judgement of its item says otherwise."""

    can_fail: ClassVar[bool] = False
    can_pass: ClassVar[bool] = False

    def outcome(self, value: FactValue) -> Outcome:
        """Return neutral: only a judgement of the item can say more."""
        return Outcome.NEUTRAL

    def validate(self) -> Iterator[Problem]:
        """Yield nothing unless a subclass has something to set."""
        yield from ()


@attrs.frozen
class DateAnswer(_Informative):
    """A day, written ``2026-03-01``."""

    KIND: ClassVar[str] = "date"

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.DATE)

    def read(self, raw: RawValue) -> FactValue:
        """Return the day."""
        day = read_date(raw) if isinstance(raw, str) else None
        if day is None:
            raise ValueError("Expected a day written 2026-03-01")
        return day


@attrs.frozen
class TimeAnswer(_Informative):
    """A time of day, written ``09:30``."""

    KIND: ClassVar[str] = "time"

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.NUMBER, low=Decimal(0), high=Decimal(24 * 60 - 1))

    def read(self, raw: RawValue) -> FactValue:
        """Return the minutes since midnight, so that conditions can compare times."""
        if not isinstance(raw, str) or not _TIME.fullmatch(raw):
            raise ValueError("Expected a time of day written 09:30")
        return Decimal(int(raw[:2]) * 60 + int(raw[3:]))


@attrs.frozen
class MomentAnswer(_Informative):
    """A day and time with its zone, written ``2026-03-01T09:30+08:00``."""

    KIND: ClassVar[str] = "moment"

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.MOMENT)

    def read(self, raw: RawValue) -> FactValue:
        """Return the moment."""
        moment = read_moment(raw) if isinstance(raw, str) else None
        if moment is None:
            raise ValueError("Expected a day and time with its zone, written 2026-03-01T09:30+08:00")
        return moment


@attrs.frozen(kw_only=True)
class TextAnswer(_Informative):
    """Words."""

    KIND: ClassVar[str] = "text"

    max_length: int = 2000
    public: bool = False
    """True for words of a catalog or code list, which nobody typed: they may stand in the journal.
    All other words are kept beside it, where they can be erased."""

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.TEXT)

    def read(self, raw: RawValue) -> FactValue:
        """Return the words."""
        if not isinstance(raw, str) or not raw.strip() or len(raw) > self.max_length:
            raise ValueError(f"Expected 1 to {self.max_length} characters")
        return raw

    def validate(self) -> Iterator[Problem]:
        """Yield a length that nothing fits in."""
        if self.max_length < 1:
            yield Problem("$.max_length", "Expected at least 1")


@attrs.frozen(kw_only=True)
class FileAnswer(_Informative):
    """A reference to a photo or file that is kept elsewhere: its address and, after a ``#``, its SHA-256."""

    KIND: ClassVar[str] = "file"

    photo: bool = False
    """True where only a picture will do."""

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.TEXT)

    def read(self, raw: RawValue) -> FactValue:
        """Return the reference."""
        if not isinstance(raw, str) or not raw.isprintable() or not raw.strip() or len(raw) > 500:
            raise ValueError(f"Expected a reference to a {'photo' if self.photo else 'file'}")
        name = raw.partition("#")[0].lower()
        if self.photo and not name.endswith((".jpg", ".jpeg", ".png", ".heic", ".webp")):
            raise ValueError("Expected a reference to a photo (.jpg, .jpeg, .png, .heic or .webp)")
        return raw


@attrs.frozen(kw_only=True)
class Signature(_Informative):
    """The id of whoever signs."""

    KIND: ClassVar[str] = "signature"

    post: str | None = None
    """The post that signs, where one is named."""

    def spec(self, name: str) -> FactSpec:
        """Return the fact that the answer is."""
        return FactSpec(name, type=FactType.TEXT)

    def read(self, raw: RawValue) -> FactValue:
        """Return the id."""
        if not isinstance(raw, str) or not raw.strip() or len(raw) > 200:
            raise ValueError("Expected the id of whoever signs")
        return raw


AnswerKind = (
    PassFail | Choice | Scale | Number | DateAnswer | TimeAnswer | MomentAnswer | TextAnswer | FileAnswer | Signature
)


def _limits(low: Decimal | None, high: Decimal | None) -> str:
    if low is not None and high is not None:
        return f"from {decimal_text(low)} to {decimal_text(high)}"
    return f"of at least {decimal_text(low)}" if low is not None else f"of at most {decimal_text(high or Decimal())}"
