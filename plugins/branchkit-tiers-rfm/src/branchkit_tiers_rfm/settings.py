"""What the configuration tells the plug-in: limits, tiers, and the currency of what customers are worth."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

import attrs

from branchkit.codec import digest, structure, unstructure
from branchkit.errors import Problem
from branchkit.values import is_identifier

__all__ = ["Limits", "Quiet", "RfmSettings", "Step"]

_WHERE = "plugin tiers_rfm, settings"


def _numbers(*given: int) -> tuple[Decimal, ...]:
    return tuple(map(Decimal, given))


@attrs.frozen(kw_only=True)
class Limits:
    """The limits of one measure: each that is reached is a point, and each that is kept stays one.

    >>> limits = Limits(enter=(Decimal(2), Decimal(6)), keep=(Decimal(1), Decimal(4)))
    >>> limits.points(Decimal(5)), limits.points(Decimal(5), kept=True), limits.swing
    (1, 2, Decimal('1'))
    """

    enter: tuple[Decimal, ...]
    """From the smallest."""
    keep: tuple[Decimal, ...]
    """For each limit, how far it may be fallen short of by somebody who had reached it."""

    def points(self, number: Decimal, *, kept: bool = False) -> int:
        """Return how many limits a number reaches, or keeps; at the limit itself it is reached."""
        return bisect_right(self.keep if kept else self.enter, number)

    @property
    def swing(self) -> Decimal:
        """How far a number may go up and down without a point that comes and goes."""
        return min(enter - keep for enter, keep in zip(self.enter, self.keep, strict=True))

    def validate(self) -> Iterator[Problem]:
        """Yield limits that are out of order, or that are kept no more easily than reached."""
        if not self.enter or len(self.enter) != len(self.keep):
            yield Problem("$.keep", "Expected one or more limits in `enter`, and as many in `keep`")
            return
        yield from _in_order(self.enter, "$.enter")
        yield from _in_order(self.keep, "$.keep")
        for at, (enter, keep) in enumerate(zip(self.enter, self.keep, strict=True)):
            if not keep < enter:
                yield Problem(f"$.keep[{at}]", f"Expected less than $.enter[{at}], or customers go back and forth")


@attrs.frozen(kw_only=True)
class Quiet:
    """Days of quiet: there is a point for each limit that is not yet reached.

    >>> quiet = Quiet(enter=(20, 45), keep=(30, 60))
    >>> quiet.points(25), quiet.points(25, kept=True)
    (1, 2)
    """

    enter: tuple[int, ...]
    """Whole days, from the fewest."""
    keep: tuple[int, ...]
    """For each limit, how much longer somebody who is in a tier may stay away."""

    def points(self, days: int, *, kept: bool = False) -> int:
        """Return how many limits are not reached; at the limit itself the point is lost."""
        limits = self.keep if kept else self.enter
        return len(limits) - bisect_right(limits, days)

    def validate(self) -> Iterator[Problem]:
        """Yield limits that are out of order, or after which a tier is kept no longer than entered."""
        if not self.enter or len(self.enter) != len(self.keep):
            yield Problem("$.keep", "Expected one or more limits in `enter`, and as many in `keep`")
            return
        yield from _in_order(tuple(map(Decimal, self.enter)), "$.enter")
        yield from _in_order(tuple(map(Decimal, self.keep)), "$.keep")
        for at, (enter, keep) in enumerate(zip(self.enter, self.keep, strict=True)):
            if not keep > enter:
                yield Problem(f"$.keep[{at}]", f"Expected more than $.enter[{at}], or nothing is kept")


def _in_order(limits: Sequence[Decimal], path: str) -> Iterator[Problem]:
    if not all(limit.is_finite() and limit > 0 for limit in limits) or list(limits) != sorted(set(limits)):
        yield Problem(path, "Expected finite numbers above zero, from the smallest, each once")


@attrs.frozen
class Step:
    """A tier, and from how many points on."""

    code: str
    points: int = attrs.field(default=0, kw_only=True)


@attrs.frozen(kw_only=True)
class RfmSettings:
    """The plug-in's settings. The limits are examples: no source states any."""

    scheme: str = "tiers_rfm.points"
    """Under which scheme customers hold the tiers; that of the scheme the policy stands in for, where it does."""
    currency: str | None = None
    """The currency of `value`; until it is stated, the answer is "not configured"."""
    recency: Quiet = Quiet(enter=(20, 45, 150, 300), keep=(30, 60, 180, 360))
    """How long ago the last transaction was."""
    frequency: Limits = Limits(enter=_numbers(2, 6, 12, 24), keep=_numbers(1, 4, 9, 20))
    """How many transactions there were, in as many months as whoever gives the facts counts."""
    value: Limits = Limits(enter=_numbers(1_000, 10_000, 50_000, 200_000), keep=_numbers(900, 9_000, 45_000, 180_000))
    """What they brought in those months, in the currency."""
    tiers: tuple[Step, ...] = (
        Step("dormant"),
        Step("occasional", points=4),
        Step("regular", points=7),
        Step("core", points=10),
    )
    """The lowest first."""

    @classmethod
    def read(cls, settings: Mapping[str, object]) -> RfmSettings:
        """Return the settings, checked.

        Raises:
            DecodeError: They are none; lists every problem with its path.
        """
        return structure(cls, _plain(settings), source=_WHERE)

    @property
    def version(self) -> str:
        """A version that is another one wherever the settings differ, since the policy then answers otherwise."""
        return f"1+{digest(unstructure(self)).removeprefix('sha256:')[:12]}"

    @property
    def most(self) -> int:
        """The most points that anybody can have."""
        return len(self.recency.enter) + len(self.frequency.enter) + len(self.value.enter)

    def validate(self) -> Iterator[Problem]:
        """Yield tiers that nobody can reach, and a currency that is none."""
        if self.currency is not None and not (len(self.currency) == 3 and self.currency.isupper()):
            yield Problem("$.currency", "Expected three capital letters, as in CNY")
        if not is_identifier(self.scheme):
            yield Problem("$.scheme", "Expected the id of a scheme")
        codes, points = [tier.code for tier in self.tiers], [tier.points for tier in self.tiers]
        if len(codes) < 2 or len(set(codes)) < len(codes) or not all(map(is_identifier, codes)):
            yield Problem("$.tiers", "Expected two tiers or more, each with a code of its own")
        elif points[0] != 0 or points != sorted(set(points)):
            yield Problem("$.tiers", "Expected the lowest tier first, at 0 points, and each further at more")
        elif points[-1] > self.most:
            yield Problem(f"$.tiers[{len(codes) - 1}].points", f"Expected at most {self.most}: all there are")


def _plain(value: object) -> Any:
    """Return settings as the lists and objects that they were read from."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(one) for one in value]
    return value
