"""What other records say of a case: cases, findings, sheets, entries, referrals and leads, as its facts see them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from branchkit.checklists import RawFact
from branchkit.checklists.binding import typed_fact
from branchkit.conditions import Facts, FactValue
from branchkit.customers.journey import Lead, Referral
from branchkit.estate import Entry
from branchkit.findings import Finding
from branchkit.kit.floors.filed import Filed
from branchkit.procedures import Case, Procedure, Record, RecordFact, resolve
from branchkit.procedures.facts import PLACE
from branchkit.values import Ref, Unknown

__all__ = ["RecordWorld", "place_facts", "resolved", "typed_facts"]

_FOUND_BY: Mapping[str, tuple[str, ...]] = {
    "case": ("branch", "procedure", "status", "key", "parent"),
    "finding": ("branch", "state", "severity", "item", "sheet"),
    "sheet": ("branch", "checklist", "state"),
    "entry": ("register", "branch"),
    "referral": ("id", "branch", "journey", "state", "case", "by", "receiver", "target", "customer"),
    "lead": ("id", "branch", "journey", "status", "source", "owner", "referrer", "referral", "customer"),
}


class RecordWorld(Protocol):
    """Where records are found."""

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the documents of a kind with these field values."""
        ...


def place_facts(place: Iterable[Ref]) -> Facts:
    """Return which zone and which device a case is about, where it is about one."""
    named = {f"case.{ref.kind}": ref.id for ref in place}
    return {name: named[name] for name in PLACE if name in named}


def typed_facts(procedure: Procedure, held: Mapping[str, RawFact]) -> dict[str, FactValue | Unknown]:
    """Return what a case holds, typed as its procedure declares it."""
    found: dict[str, FactValue | Unknown] = {}
    for spec in procedure.facts:
        if spec.name not in held:
            continue
        try:
            found[spec.name] = typed_fact(spec, held[spec.name])
        except ValueError:
            # The decision itself refuses it, with its place.
            found[spec.name] = Unknown("not readable")
    return found


_Recorded: TypeAlias = Case | Finding | Filed | Entry | Referral | Lead


def resolved(fact: RecordFact, branch: str, at: dt.datetime, facts: Facts, world: RecordWorld) -> FactValue | Unknown:
    """Return what a fact over records is worth for a case of a branch at a moment."""
    where: dict[str, str] = {}
    for name, value in fact.where.items():
        given = facts.get(value[1:]) if value.startswith("$") else value
        if name in _FOUND_BY[fact.of] and isinstance(given, str):
            where[name] = given
    if not where:
        where["branch"] = branch
    return resolve(fact, map(_record, world.found(fact.of, where)), at, facts)


def _record(value: _Recorded) -> Record:
    of, at, said = _said(value)
    return Record(of=of, at=at, values={name: one for name, one in said.items() if one is not None})


def _said(value: _Recorded) -> tuple[str, dt.datetime, dict[str, FactValue | None]]:
    """Return what kind of record it is, when it came to be, and what can be asked of it."""
    said: dict[str, FactValue | None] = {}
    match value:
        case Case():
            said |= {"id": value.id, "branch": value.branch, "procedure": value.procedure, "status": value.status}
            said |= {"outcome": value.outcome, "priority": value.priority, "key": value.key, "parent": value.parent}
            said |= {f"role.{role}": holder for role, holder in value.roles.items()}
            said |= {name: fact for name, fact in value.facts.items() if isinstance(fact, str | bool)}
            said |= {ref.kind: ref.id for ref in value.place}
            return "case", value.opened, said
        case Finding():
            said |= {"branch": value.branch, "state": value.state.value, "severity": value.severity.value}
            said |= {"item": value.item, "sheet": value.sheet}
            said |= {ref.kind: ref.id for ref in value.place}
            return "finding", value.at or _BEGINNING, said
        case Filed():
            sheet = value.sheet
            said |= {"branch": sheet.branch, "checklist": sheet.checklist, "state": value.state, "by": sheet.by}
            return "sheet", sheet.at, said
        case Entry():
            since = value.valid_from
            at = _BEGINNING if since is None else dt.datetime.combine(since, dt.time(), dt.UTC)
            said |= {"register": value.register, "branch": value.branch, **value.values, "quantity": value.quantity}
            return "entry", at, said
        case Referral():
            return "referral", value.at, _of_referral(value)
        case Lead():
            return "lead", value.at, _of_lead(value)


def _of_referral(one: Referral) -> dict[str, FactValue | None]:
    names = ("id", "branch", "journey", "state", "case", "by", "post", "receiver", "target", "complexity")
    said: dict[str, FactValue | None] = {name: getattr(one, name) for name in names}
    said |= {"interest": one.interest, "customer": one.customer, "lead": one.lead, "form": one.form_status}
    said |= {"expires_at": one.expires_at, "settled_at": one.settled_at}
    return said | {"meets_standard": None if one.review is None else one.review.meets_standard}


def _of_lead(one: Lead) -> dict[str, FactValue | None]:
    names = ("id", "branch", "journey", "status", "source", "owner", "referral", "referrer", "customer", "interest")
    said: dict[str, FactValue | None] = {name: getattr(one, name) for name in names}
    said |= {"late": one.late, "meets_standard": one.meets_standard, "reason": one.reason, "closed_at": one.closed_at}
    contacted = one.contacts[-1].at if one.contacts else None
    said |= {"contacts": Decimal(len(one.contacts)), "contacted_at": contacted, "sales": Decimal(len(one.sales))}
    return said | {"next.on": None if one.next is None else one.next.on}


_BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
