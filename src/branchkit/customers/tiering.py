"""A tier scheme made ready to decide: each answer is worked out once for all facts that lead to it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any, TypeAlias

from branchkit.conditions import DecisionTable, Facts, FactValue
from branchkit.customers.tier_tables import TIER, Tables, tables_of
from branchkit.customers.tiers import AMOUNT, CURRENCY, TierAnswer, TierPolicy, TierRow, TierScheme
from branchkit.errors import InputError, Problem
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text, Unknown

__all__ = ["Tiering", "tier_all"]

_Key: TypeAlias = tuple[Any, ...]
_Rank: TypeAlias = "int | None"
_MOST_KEPT = 100_000


class _InForce(dict[_Key, Decision[TierAnswer]]):
    """The decisions of one edition by the tier a customer is in and the regions their facts lie in."""

    __slots__ = ("answers", "indexes", "names", "scheme", "tables")

    def __init__(self, scheme: TierScheme, tables: Tables) -> None:
        super().__init__()
        self.scheme = scheme
        self.tables = tables
        self.answers = _Answers(self)
        measure = scheme.measure if isinstance(scheme.measure, str) else AMOUNT
        self.names = [measure if place.spec.name == AMOUNT else place.spec.name for place in tables.places]
        self.indexes = [(name, place.index) for name, place in zip(self.names, tables.places, strict=True)]

    def __missing__(self, key: _Key) -> Decision[TierAnswer]:
        decision = self._decide(*key)
        if len(self) < _MOST_KEPT and (key[0] is None or key[0] in self.scheme.tiers):
            self[key] = decision
        return decision

    def _decide(self, current: str | None, *regions: int) -> Decision[TierAnswer]:
        facts: dict[str, FactValue] = {}
        for place, region in zip(self.tables.places, regions, strict=True):
            example = place.examples[region]
            if example is not None:
                facts[place.spec.name] = example
        entered, found = self._look_up(self.tables.enter, facts)
        steps = [_in_force(self.tables), *found]
        if entered is None:
            return self._told(_why_not(found[-1], self.tables.edition.enter), steps)
        tiers = self.scheme.tiers
        if current is not None and current not in tiers:
            steps.append(Step(what=_NO_SUCH_TIER, refs=(Ref("tier", tiers[entered]),)))
            return self._told(tiers[entered], steps)
        rank = -1 if current is None else tiers.index(current)
        if rank <= entered:
            return self._told(tiers[entered], steps)
        kept = entered
        if self.tables.keep is not None:
            keeps, found = self._look_up(self.tables.keep, facts)
            steps += found
            if keeps is None:
                return self._told(_why_not(found[-1], self.tables.edition.keep), steps)
            kept = keeps
        # Keeping may hold back, and never lifts above the tier a customer is in.
        result = max(entered, min(rank, kept))
        if result < min(rank, self._most_kept(regions)):
            return self._hangs_on(regions, steps)
        if self.tables.keep is None:
            return self._told(tiers[result], steps)
        steps.append(Step(what=_KEPT if result == rank else _FALLS, refs=(Ref("tier", tiers[result]),)))
        return self._told(tiers[result], steps)

    def _most_kept(self, regions: Sequence[int]) -> int:
        """Return the highest tier that may be kept, whatever those facts are that nobody knows."""
        fits = {-1}
        for place, region in zip(self.tables.places, regions, strict=True):
            known = (rows for number, rows in enumerate(place.rows) if number != place.unknown)
            may_be = set(known) if region == place.unknown else {place.rows[region]}
            fits = {rows & one for rows in fits for one in may_be}
        enter, keep = self.tables.enter, self.tables.keep
        table, above = (enter, 0) if keep is None else (keep, len(enter.rows))
        ranks = {tier: rank for rank, tier in enumerate(self.scheme.tiers)}
        # The uppermost row is the lowest bit.
        uppermost = ((rows >> above & -(rows >> above)).bit_length() - 1 for rows in fits)
        return max(ranks.get(str(table.rows[row].then.get(TIER)), -1) for row in uppermost)

    def _hangs_on(self, regions: Sequence[int], steps: Sequence[Step]) -> Decision[TierAnswer]:
        asked = zip(self.names, self.tables.places, regions, strict=True)
        untold = [name for name, place, region in asked if region == place.unknown]
        en = f"Whether the tier is kept hangs on what is not known: {', '.join(untold)}"
        zh = f"能否保留层级，取决于未知的情况：{'、'.join(untold)}"
        why = Step(what=Text(zh=zh, en=en), refs=tuple(Ref("fact", name) for name in untold))
        return self._told(Unknown(en), [*steps, why])

    def _look_up(self, table: DecisionTable, facts: Facts) -> tuple[_Rank, tuple[Step, ...]]:
        decision = table.decide(facts)
        tier = None if decision.value is None else decision.value.get(TIER)
        return (None if tier is None else self.scheme.tiers.index(str(tier))), decision.trace.steps

    def _told(self, answer: TierAnswer, steps: Sequence[Step]) -> Decision[TierAnswer]:
        inputs = tuple(Ref("fact", name) for name in self.names)
        return Decision(answer, _trace(self.scheme, inputs, *steps))


class _Answers(dict[_Key, TierAnswer]):
    """The answers of one edition without their reasons, for whoever asks for many."""

    __slots__ = ("decisions",)

    def __init__(self, decisions: _InForce) -> None:
        super().__init__()
        self.decisions = decisions

    def __missing__(self, key: _Key) -> TierAnswer:
        answer = self.decisions[key].value
        if key in self.decisions:
            self[key] = answer
        return answer


class Tiering:
    """A tier scheme made ready; from `TierScheme.tiering`. May be shared by threads."""

    __slots__ = ("_currency", "_in_force", "_measure", "_scheme", "_starts", "_unset")

    def __init__(self, scheme: TierScheme) -> None:
        self._scheme = scheme
        self._unset = _unset(scheme)
        self._measure = scheme.measure if scheme.measures and isinstance(scheme.measure, str) else None
        self._currency = scheme.currency
        self._starts: list[dt.date] = []
        self._in_force: list[_InForce | None] = [None]
        if self._unset is None:
            self._arrange(scheme)

    def _arrange(self, scheme: TierScheme) -> None:
        for edition in scheme.editions:
            ready = _InForce(scheme, tables_of(scheme, edition))
            if edition.valid_from is None:
                self._in_force[-1] = ready
            else:
                self._starts.append(edition.valid_from)
                self._in_force.append(ready)
        last = scheme.editions[-1].valid_until
        if last is not None:
            self._starts.append(last)
            self._in_force.append(None)

    def tier(self, facts: Facts, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        """Decide one customer's tier."""
        ready = self._ready(at)
        if not isinstance(ready, _InForce):
            return ready
        get = facts.get
        if self._measure is not None and get(CURRENCY) != self._currency and _is_told(get(self._measure)):
            return self._another_currency(get(CURRENCY))
        return ready[(current, *[index(get(name)) for name, index in ready.indexes])]

    def many(
        self,
        columns: Mapping[str, Sequence[FactValue | Unknown | None]],
        same: Facts,
        current: Sequence[str | None],
        at: dt.datetime,
    ) -> list[TierAnswer]:
        """Answer many customers at once; see `tier_all`."""
        ready = self._ready(at)
        if not isinstance(ready, _InForce):
            return [ready.value] * len(current)
        if (
            self._measure is not None
            and self._measure in {*columns, *same}
            and not self._is_one_currency(columns, same)
        ):
            rows = zip(*columns.values(), strict=True)
            return [
                self.tier(_facts(same, columns, row), now, at).value for row, now in zip(rows, current, strict=True)
            ]
        regions = [
            place.many(columns[name]) if name in columns else repeat(place.index(same.get(name)))
            for name, place in zip(ready.names, ready.tables.places, strict=True)
        ]
        return list(map(ready.answers.__getitem__, zip(current, *regions, strict=False)))

    def _ready(self, at: dt.datetime) -> _InForce | Decision[TierAnswer]:
        if at.tzinfo is None:
            raise InputError("tier", (Problem("$.at", "Expected a moment with its zone"),))
        if self._unset is not None:
            return self._unset
        found = self._in_force[bisect_right(self._starts, at.date())]
        return self._not_in_force() if found is None else found

    def _is_one_currency(self, columns: Mapping[str, Sequence[object]], same: Facts) -> bool:
        if CURRENCY not in columns:
            return same.get(CURRENCY) == self._currency
        return set(columns[CURRENCY]) == {self._currency}

    def _not_in_force(self) -> Decision[TierAnswer]:
        step = Step(what=Text(zh="当日没有生效的版本", en="No edition is in force on that day"))
        return Decision(Unknown("no edition is in force on that day"), _trace(self._scheme, (), step))

    def _another_currency(self, given: object) -> Decision[TierAnswer]:
        en = f"The amount is in another currency than {self._currency}"
        zh = f"金额币种不是{self._currency}，无法比较"
        if not _is_told(given):
            en, zh = "The currency of the amount is not given", "未给出金额的币种"
        inputs = tuple(Ref("fact", name) for name in (self._measure or AMOUNT, CURRENCY))
        return Decision(Unknown(en), _trace(self._scheme, inputs, Step(what=Text(zh=zh, en=en))))


_NO_SUCH_TIER = Text(
    zh="原层级不在本方案中，不作保留", en="The tier the customer was in is none of this scheme; it is not kept"
)
_KEPT = Text(
    zh="未达进入标准，但仍在保留标准以上，层级不变", en="Below what enters the tier, and not below what keeps it"
)
_FALLS = Text(zh="低于保留标准，降至此层级", en="Below what keeps the tier: falls to this one")


def _trace(scheme: TierScheme, inputs: tuple[Ref, ...], *steps: Step) -> Trace:
    plugin, dot, _ = scheme.id.partition(".")
    return Trace(
        policy=scheme.id,
        version=scheme.version,
        plugin=plugin if dot else "branchkit",
        inputs=inputs,
        steps=steps,
    )


def _unset(scheme: TierScheme) -> Decision[TierAnswer] | None:
    missing = scheme.not_configured
    if missing is None:
        return None
    what = Text(zh=missing.say("zh"), en=missing.say())
    refs = tuple(Ref("setting", name) for name in missing.settings)
    return Decision(missing, _trace(scheme, (), Step(what=what, refs=refs, rules=scheme.rules)))


def _in_force(tables: Tables) -> Step:
    edition = tables.edition
    since = "the beginning" if edition.valid_from is None else edition.valid_from.isoformat()
    zh = "自始适用的版本" if edition.valid_from is None else f"自 {since} 起的版本"
    en = f"The edition in force since {since}"
    if edition.basis == "suggested":
        zh, en = f"{zh}（生效日为建议值）", f"{en} (the day is suggested)"
    return Step(what=Text(zh=zh, en=en), rules=edition.rules)


def _why_not(step: Step, rows: Sequence[TierRow]) -> Unknown:
    """Return why there is no tier: what the row notes that says so, or which facts the table lacks."""
    for ref in step.refs:
        note = rows[int(ref.id) - 1].note if ref.kind == "row" else None
        if note is not None:
            return Unknown(note.say())
    return Unknown(step.what.say())


def _is_told(value: object) -> bool:
    return value is not None and not isinstance(value, Unknown)


def _facts(same: Facts, names: Iterable[str], row: Iterable[FactValue | Unknown | None]) -> Facts:
    told = {name: value for name, value in zip(names, row, strict=True) if value is not None}
    return {**same, **told}


def tier_all(
    policy: TierPolicy,
    columns: Mapping[str, Sequence[FactValue | Unknown | None]],
    *,
    at: dt.datetime,
    current: Sequence[str | None] | None = None,
    same: Facts | None = None,
) -> list[TierAnswer]:
    """Return the tiers of many customers, without their traces; each is what `TierPolicy.tier` answers.

    Args:
        policy: any tier policy; a `TierScheme` goes over columns, others customer by customer.
        columns: values by fact, one for each customer.
        at: the moment, with its zone.
        current: the tiers that the customers are in; left out where all are new.
        same: facts that all have in common, as the currency.

    Raises:
        InputError: the columns differ in length, there are none, or the moment has no zone.
    """
    lengths = {len(column) for column in columns.values()} | ({len(current)} if current is not None else set())
    if len(lengths) != 1:
        raise InputError("tier_all", (Problem("$.columns", "Expected one or more columns of the same length"),))
    before: Sequence[str | None] = current if current is not None else [None] * lengths.pop()
    common: Facts = same if same is not None else {}
    if isinstance(policy, TierScheme):
        return policy.tiering.many(columns, common, before, at)
    rows = zip(*columns.values(), strict=True)
    return [
        policy.tier(_facts(common, columns, row), current=now, at=at).value
        for row, now in zip(rows, before, strict=True)
    ]
