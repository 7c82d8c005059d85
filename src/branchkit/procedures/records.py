"""Facts over other records: how many, the latest, a sum, how many distinct, in a window; as data."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Literal

import attrs

from branchkit.conditions import Facts, FactSpec, FactType, FactValue
from branchkit.conditions.facts import check_fact_name, coerce
from branchkit.errors import Problem
from branchkit.values import FrozenMap, Unknown

__all__ = ["Record", "RecordFact", "resolve"]

Take = Literal["count", "exists", "sum", "latest", "distinct"]
OWN_BRANCH = "branch.id"
"""What `RecordFact.where` asks with, as ``$branch.id``, to look at records of the case's own branch alone."""
_COUNTS = frozenset({"count", "distinct", "sum"})


@attrs.frozen(kw_only=True)
class Record:
    """A finding, a case, a sheet, an entry, a referral or a lead as facts over records see it."""

    of: str
    """``finding``, ``case``, ``sheet``, ``entry``, ``referral`` or ``lead``."""
    at: dt.datetime
    """When it came to be."""
    values: Mapping[str, FactValue] = attrs.field(factory=dict)
    """What can be asked of it, as ``branch``, ``equipment``, ``procedure``, ``by``; a field that is missing is not
    known of it."""


@attrs.frozen
class RecordFact:
    """A fact worked out over other records, as "violations of this employee within twelve months".

    >>> again = RecordFact("fault.again", type=FactType.NUMBER, of="case", take="count", where=FrozenMap(
    ...     {"procedure": "fault", "equipment": "$device"}), window=dt.timedelta(days=90))
    >>> now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> old = Record(of="case", at=now - dt.timedelta(days=9), values={"procedure": "fault", "equipment": "ATM-1"})
    >>> resolve(again, [old], now, {"device": "ATM-1"})
    Decimal('1')
    """

    name: str = attrs.field(validator=check_fact_name)
    type: FactType = attrs.field(kw_only=True)
    of: Literal["finding", "case", "sheet", "entry", "referral", "lead"] = attrs.field(kw_only=True)
    take: Take = attrs.field(kw_only=True)
    where: FrozenMap[str] = attrs.field(default=FrozenMap(), kw_only=True)
    """What the records must have, by field; a value that begins with ``$`` is that fact's, and ``$branch.id`` the id
    of the case's branch. Records of every branch count where nothing names one."""
    field: str | None = attrs.field(default=None, kw_only=True)
    """What is added up, counted once each, or taken from the latest record."""
    window: dt.timedelta | None = attrs.field(default=None, kw_only=True)
    """How far back records count, the bound inside; all of them where it is left out. A later one never counts."""

    @property
    def spec(self) -> FactSpec:
        """What conditions know of the fact."""
        return FactSpec(self.name, self.type, may_be_unknown=True)

    @property
    def reads(self) -> frozenset[str]:
        """The facts that `where` asks for, the id of the branch left out."""
        return frozenset(value[1:] for value in self.where.values() if value.startswith("$")) - {OWN_BRANCH}

    def validate(self) -> Iterator[Problem]:
        """Yield settings without effect and types that cannot come of it."""
        if self.take in _COUNTS and self.type is not FactType.NUMBER:
            yield Problem("$.type", f"Expected number: {self.take} gives one")
        if self.take == "exists" and self.type is not FactType.BOOL:
            yield Problem("$.type", "Expected bool: exists gives true or false")
        if self.take in {"count", "exists"}:
            if self.field is not None:
                yield Problem("$.field", f"Has no effect: {self.take} looks at no field")
        elif self.field is None and self.take != "latest":
            yield Problem("$.field", f"Expected the field of which {self.take} is taken")
        elif self.field is None and self.type is not FactType.MOMENT:
            yield Problem("$.type", "Expected moment, the time of the latest record, or a field")
        if self.window is not None and self.window <= dt.timedelta():
            yield Problem("$.window", "Expected a span above zero")


def resolve(fact: RecordFact, records: Iterable[Record], at: dt.datetime, facts: Facts) -> FactValue | Unknown:
    """Return what a fact over records is worth at a moment; unknown where what it asks with is unknown."""
    wanted: list[tuple[str, FactValue]] = []
    for name, value in fact.where.items():
        given = facts.get(value[1:]) if value.startswith("$") else value
        if given is None or isinstance(given, Unknown):
            return Unknown(f"{value[1:]!r} is not known")
        wanted.append((name, given))
    since = None if fact.window is None else at - fact.window
    found = [
        record
        for record in records
        if record.of == fact.of
        and (since is None or record.at >= since)
        and record.at <= at
        and all(_has(record, name, value) for name, value in wanted)
    ]
    return _take(fact, found)


def _has(record: Record, name: str, value: FactValue) -> bool:
    held = record.values.get(name)
    if isinstance(held, frozenset):
        return value in held
    if isinstance(value, str) and held is not None and not isinstance(held, str):
        return held == coerce(value, _TYPES[type(held)])
    return held == value


_TYPES: Mapping[type, FactType] = {
    bool: FactType.BOOL,
    Decimal: FactType.NUMBER,
    dt.date: FactType.DATE,
    dt.datetime: FactType.MOMENT,
    dt.timedelta: FactType.DURATION,
}


def _take(fact: RecordFact, found: list[Record]) -> FactValue | Unknown:
    name = fact.field or ""
    match fact.take:
        case "count":
            return Decimal(len(found))
        case "exists":
            return bool(found)
        case "distinct":
            return Decimal(len({record.values[name] for record in found if name in record.values}))
        case "sum":
            numbers = [value for record in found if isinstance(value := record.values.get(name), Decimal)]
            return sum(numbers, Decimal(0))
        case _:
            latest = max(found, key=lambda record: record.at, default=None)
            if latest is None:
                return Unknown("there is no such record")
            value = latest.at if fact.field is None else latest.values.get(name)
            return Unknown(f"the latest record has no {name!r}") if value is None else value
