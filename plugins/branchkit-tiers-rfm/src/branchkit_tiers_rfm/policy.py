"""A tier policy that adds up points: for how lately a customer came, how often, and what they brought."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from decimal import Decimal

import attrs

from branchkit.conditions import Facts, FactSpec, FactType
from branchkit.customers import NotConfigured, TierAnswer
from branchkit.errors import InputError, Problem
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown
from branchkit_tiers_rfm.settings import RfmSettings

__all__ = ["RecencyFrequencyValue"]

KEY = "tiers_rfm.points"
LAST = "last_transaction"
COUNT = "transactions"
VALUE = "value"
CURRENCY = "currency"
_ZERO = Decimal(0)
_WORDS = {
    LAST: Text(zh="最近一次交易", en="how lately the customer came"),
    COUNT: Text(zh="交易次数", en="how often the customer came"),
    VALUE: Text(zh="贡献", en="what the customer brought"),
}


@attrs.frozen
class RecencyFrequencyValue:
    """Tiers by points for three measures. It looks at none of what a customer owns.

    Limits that a number reaches are points, and so are limits of quiet that are not reached yet. For somebody who is
    in a tier the limits for keeping count, so that nobody goes back and forth.
    """

    settings: RfmSettings = attrs.field(factory=RfmSettings)

    @property
    def id(self) -> str:
        """Its key."""
        return KEY

    @property
    def version(self) -> str:
        """Its version, with the settings in it."""
        return self.settings.version

    @property
    def scheme(self) -> str:
        """Under which scheme customers hold the tiers."""
        return self.settings.scheme

    @property
    def tiers(self) -> tuple[str, ...]:
        """The codes of the tiers, the lowest first."""
        return tuple(tier.code for tier in self.settings.tiers)

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """The facts it looks at."""
        return (
            FactSpec(LAST, FactType.DATE, may_be_unknown=True, title=_WORDS[LAST]),
            FactSpec(COUNT, FactType.NUMBER, low=_ZERO, may_be_unknown=True, title=_WORDS[COUNT]),
            FactSpec(VALUE, FactType.NUMBER, may_be_unknown=True, title=_WORDS[VALUE]),
            FactSpec(CURRENCY, FactType.CODE, may_be_unknown=True),
        )

    @property
    def swing(self) -> Mapping[str, Decimal]:
        """How far the two numbers may go up and down without anybody returning to a tier they left."""
        return FrozenMap({COUNT: self.settings.frequency.swing, VALUE: self.settings.value.swing})

    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        """Return the tier of a customer on the day of a moment.

        Raises:
            InputError: the moment has no zone.
        """
        if at.tzinfo is None:
            raise InputError(KEY, (Problem("$.at", "Expected a moment with its zone"),))
        if self.settings.currency is None:
            missing = NotConfigured((f"{KEY}.currency",))
            step = Step(what=Text(zh=missing.say("zh"), en=missing.say()), refs=(Ref("setting", "currency"),))
            return self._told(missing, step)
        quiet, untold = self._read(facts, at.date())
        if untold:
            names = ", ".join(untold)
            what = Text(zh=f"以下情况未知：{names}", en=f"Not known, or not as declared: {names}")
            return self._told(Unknown(what.say()), Step(what=what, refs=tuple(Ref("fact", name) for name in untold)))
        return self._decide(quiet, facts, current)

    def _read(self, facts: Facts, day: dt.date) -> tuple[int, tuple[str, ...]]:
        """Return how many days of quiet there were, and which facts cannot be used."""
        untold = [spec.name for spec in self.facts if not _is_known(facts.get(spec.name), spec)]
        if facts.get(CURRENCY) != self.settings.currency and CURRENCY not in untold:
            untold.append(CURRENCY)
        last = facts.get(LAST)
        if not isinstance(last, dt.date) or isinstance(last, dt.datetime) or last > day:
            return 0, tuple(dict.fromkeys((LAST, *untold)))
        return (day - last).days, tuple(untold)

    def _decide(self, quiet: int, facts: Facts, current: str | None) -> Decision[TierAnswer]:
        entered = self._points(quiet, facts, kept=False)
        tiers = self.tiers
        rank = self._rank(sum(entered.values()))
        steps = [*_steps(entered)]
        if current in tiers and tiers.index(current) > rank:
            held = self._points(quiet, facts, kept=True)
            rank = max(rank, min(tiers.index(current), self._rank(sum(held.values()))))
            kept = Text(zh="按保留标准计分", en="Points by the limits for keeping")
            steps.append(Step(what=kept, effect=Decimal(sum(held.values()) - sum(entered.values()))))
        result = tiers[rank]
        least = self.settings.tiers[rank].points
        words = Text(zh=f"{least} 分起为此层级", en=f"This tier begins at {least} points")
        return self._told(result, *steps, Step(what=words, refs=(Ref("tier", result),)))

    def _points(self, quiet: int, facts: Facts, *, kept: bool) -> dict[str, int]:
        settings = self.settings
        return {
            LAST: settings.recency.points(quiet, kept=kept),
            COUNT: settings.frequency.points(_number(facts, COUNT), kept=kept),
            VALUE: settings.value.points(_number(facts, VALUE), kept=kept),
        }

    def _rank(self, points: int) -> int:
        return bisect_right([tier.points for tier in self.settings.tiers], points) - 1

    def _told(self, answer: TierAnswer, *steps: Step) -> Decision[TierAnswer]:
        inputs = tuple(Ref("fact", spec.name) for spec in self.facts)
        trace = Trace(policy=self.id, version=self.version, plugin="tiers_rfm", inputs=inputs, steps=steps)
        return Decision(answer, trace)


def _steps(points: Mapping[str, int]) -> Iterator[Step]:
    for name, count in points.items():
        yield Step(what=_WORDS[name], refs=(Ref("fact", name),), effect=Decimal(count))


def _is_known(value: object, spec: FactSpec) -> bool:
    return value is not None and not isinstance(value, Unknown) and not spec.problems_of(value)


def _number(facts: Facts, name: str) -> Decimal:
    value = facts.get(name)
    if not isinstance(value, Decimal):
        raise InputError("facts", (Problem(f"$.{name}", "Expected a number"),))
    return value
