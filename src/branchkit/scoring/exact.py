"""Exact arithmetic: fractions inside, decimals at the edges, rounded once; no context of a thread decides anything."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction

__all__ = ["decimal_sum", "exact_decimal", "round_to"]


def round_to(number: Fraction | int, places: int) -> Decimal:
    """Round once, exactly: halves go away from zero.

    >>> round_to(Fraction(1, 8), 2), round_to(Fraction(-1, 8), 2), round_to(Fraction(2, 3), 0)
    (Decimal('0.13'), Decimal('-0.13'), Decimal('1'))
    """
    scaled = abs(number) * 10**places
    digits = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(f"{'-' if number < 0 and digits else ''}{digits}E-{places}")


def exact_decimal(number: Fraction) -> Decimal:
    """Return a fraction that is a decimal number as one, without rounding.

    >>> exact_decimal(Fraction(5, 4))
    Decimal('1.25')
    """
    places = 0
    while number.denominator != 1:
        number, places = number * 10, places + 1
        if places > 1000:
            raise ValueError("Expected a fraction that is a decimal number")
    return Decimal(f"{number.numerator}E-{places}")


def decimal_sum(numbers: Iterable[Decimal]) -> Decimal:
    """Add decimals up without rounding."""
    return exact_decimal(sum(map(Fraction, numbers), Fraction(0)))
