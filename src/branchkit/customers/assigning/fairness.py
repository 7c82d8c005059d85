"""How evenly things were given out: exact figures to look at, not a judgement."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import attrs

from branchkit.errors import InputError, Problem
from branchkit.scoring.exact import round_to
from branchkit.values import Text, decimal_text

__all__ = ["Fairness", "fairness"]

_PLACES = 4


@attrs.frozen(kw_only=True)
class Fairness:
    """How evenly things were given out, by weight; figures are rounded to four places."""

    given: int
    """How many things were given out."""
    people: int
    """Among how many people."""
    gini: Decimal
    """The Gini coefficient of what each has by weight: 0 where all have their share, close to 1 where one has all."""
    over: Decimal
    """The most that anybody has beyond their share, in things."""
    under: Decimal
    """The most that anybody lacks of their share, in things."""
    ratio: Decimal | None
    """How many times as much by weight the first has as the last; ``None`` where somebody has nothing."""

    def say(self, lang: str = "en") -> str:
        """Write the figures as one line."""
        numbers = [decimal_text(number) for number in (self.gini, self.over, self.under)]
        return Text(
            zh=f"{self.people} 人共 {self.given} 件：基尼系数 {numbers[0]}，至多超 {numbers[1]}、欠 {numbers[2]} 件",
            en=f"{self.given} among {self.people}: Gini {numbers[0]}, at most {numbers[1]} over and {numbers[2]} under",
        ).say(lang)


def fairness(counts: Mapping[str, int], weights: Mapping[str, int] | None = None) -> Fairness:
    """Measure how evenly things were given out.

    Args:
        counts: how many each was given; everybody who might have been, so with 0 for who got none.
        weights: how much of the work is whose; 1 for whoever is not named.

    Raises:
        InputError: there is nobody, a count is below 0 or a weight below 1.

    >>> fairness({"S-1": 3, "S-2": 3}).gini, fairness({"S-1": 4, "S-2": 2}, {"S-1": 2}).over
    (Decimal('0.0000'), Decimal('0.0000'))
    >>> print(fairness({"S-1": 6, "S-2": 0}).say())
    6 among 2: Gini 0.5, at most 3 over and 3 under
    """
    shares = {staff: (weights or {}).get(staff, 1) for staff in counts}
    problems = [Problem(f"$.counts.{one}", "Expected 0 or more") for one, count in counts.items() if count < 0]
    problems += [Problem(f"$.weights.{one}", "Expected 1 or more") for one, weight in shares.items() if weight < 1]
    if not counts:
        problems.append(Problem("$.counts", "Expected one person or more"))
    if problems:
        raise InputError("<counts>", tuple(problems))
    given, whole = sum(counts.values()), sum(shares.values())
    beyond = [counts[one] - Fraction(given * weight, whole) for one, weight in shares.items()]
    each = sorted((Fraction(counts[one], weight), weight) for one, weight in shares.items())
    least, most = each[0][0], each[-1][0]
    return Fairness(
        given=given,
        people=len(counts),
        gini=round_to(_gini(each, given, whole), _PLACES),
        over=round_to(max(beyond), _PLACES),
        under=round_to(-min(beyond), _PLACES),
        ratio=round_to(most / least, _PLACES) if least else None,
    )


def _gini(each: list[tuple[Fraction, int]], given: int, whole: int) -> Fraction:
    """Return the coefficient of what each has by weight, from the least: twice the area that the curve leaves."""
    if not given:
        return Fraction(0)
    below = Fraction(0)
    area = Fraction(0)
    for has, weight in each:
        area += weight * (2 * below + has * weight)
        below += has * weight
    return 1 - area / (whole * given)
