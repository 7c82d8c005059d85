"""The kinds of answer that are information: days, times, words, references, signatures."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

import attrs

from branchkit.checklists.outcome import Outcome, RawValue
from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.conditions.scalars import read_date, read_moment
from branchkit.errors import Problem
from branchkit.personal import ERASED_WORD

__all__ = ["DateAnswer", "FileAnswer", "MomentAnswer", "Signature", "TextAnswer", "TimeAnswer"]

_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")


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
        # What was erased leaves a word of its own, however few characters could be said.
        if not isinstance(raw, str) or not raw.strip() or (len(raw) > self.max_length and raw != ERASED_WORD):
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
