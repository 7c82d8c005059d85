"""Settings that no source states: a value with its unit, or the plain answer that nobody has set it."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import ClassVar, TypeAlias

import attrs

from branchkit.values import decimal_text, is_identifier

__all__ = ["Codes", "Count", "Lasting", "Limit", "Money", "NotConfigured"]

_CURRENCY = re.compile(r"[A-Z]{3}")
_LARGEST = Decimal(10) ** 18


def _check_number(_: object, __: object, value: Decimal) -> None:
    if not value.is_finite() or abs(value) > _LARGEST:
        raise ValueError("Expected a finite number of a sensible size")


def _check_positive(_: object, __: object, value: Decimal) -> None:
    if not (value.is_finite() and 0 < value <= _LARGEST):
        raise ValueError("Expected a finite number above zero")


def _check_currency(_: object, __: object, value: str) -> None:
    if not _CURRENCY.fullmatch(value):
        raise ValueError("Expected a currency of three capital letters, as in CNY")


def _check_duration(_: object, __: object, value: dt.timedelta) -> None:
    if value <= dt.timedelta():
        raise ValueError("Expected a duration above zero")


def _check_codes(_: object, __: object, value: tuple[str, ...]) -> None:
    if not value or len(set(value)) < len(value) or not all(map(is_identifier, value)):
        raise ValueError("Expected one or more codes, each once")


@attrs.frozen
class Money:
    """An exact amount in a currency; amounts in two currencies don't compare.

    >>> str(Money(Decimal("100000.00"), "CNY"))
    '100000 CNY'
    """

    KIND: ClassVar[str] = "money"

    amount: Decimal = attrs.field(validator=_check_number)
    currency: str = attrs.field(validator=_check_currency)
    """Three capital letters (ISO 4217)."""

    def __str__(self) -> str:
        return f"{decimal_text(self.amount)} {self.currency}"


@attrs.frozen
class Count:
    """A number without a unit, as of points."""

    KIND: ClassVar[str] = "count"

    number: Decimal = attrs.field(validator=_check_positive)

    def __str__(self) -> str:
        return decimal_text(self.number)


@attrs.frozen
class Lasting:
    """How long something lasts."""

    KIND: ClassVar[str] = "lasting"

    duration: dt.timedelta = attrs.field(validator=_check_duration)

    def __str__(self) -> str:
        return str(self.duration)


@attrs.frozen
class Codes:
    """Which codes count, as of residential areas."""

    KIND: ClassVar[str] = "codes"

    codes: tuple[str, ...] = attrs.field(validator=_check_codes)

    def __str__(self) -> str:
        return ", ".join(self.codes)


@attrs.frozen
class NotConfigured:
    """Nobody has set it, and nothing is taken in its place: an answer, not zero and not "no".

    >>> str(NotConfigured(("lobby-identification.currency",)))
    'not configured: lobby-identification.currency'
    """

    KIND: ClassVar[str] = "not_configured"

    settings: tuple[str, ...] = ()
    """Which settings are missing, as ``<document>.<setting>``; empty where it stands in place of the setting."""

    def __str__(self) -> str:
        return f"not configured: {', '.join(self.settings)}" if self.settings else "not configured"

    def say(self, lang: str = "en") -> str:
        """Say it in a language."""
        words = "尚未设定" if lang == "zh" else "not configured"
        return f"{words}: {', '.join(self.settings)}" if self.settings else words


Limit: TypeAlias = Money | Count | Lasting | Codes | NotConfigured
"""What a bank may set as the limit of something."""
