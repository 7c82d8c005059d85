"""Registers (台账): state that outlives any case, declared by the catalog: spares, numbers, seals, certificates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import ClassVar

import attrs

from branchkit.codec import Document, child
from branchkit.errors import Problem
from branchkit.findings import Finding
from branchkit.personal import mask, personal
from branchkit.values import FrozenMap, Ref, Severity, Text, decimal_text, is_identifier, is_rule_id

__all__ = ["Entry", "Register", "RegisterField", "check_entries", "judge_register"]


@attrs.frozen
class RegisterField:
    """One column of a register."""

    name: str
    title: Text = attrs.field(kw_only=True)
    required: bool = attrs.field(default=True, kw_only=True)
    choices: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The values allowed; empty for any text."""
    unique: bool = attrs.field(default=False, kw_only=True)
    """True where no two current entries may share the value, as a telephone number and its post (estate:TEL-08)."""
    customer: bool = attrs.field(default=False, kw_only=True)
    """True where the value is the bank's number of the customer that the entry is about, who may have to be erased."""


@attrs.frozen
class Register(Document):
    """What is kept on a kind of thing: its columns, what is unique, whether it expires and how many there must be."""

    SCHEMA: ClassVar[str] = "register/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    fields: tuple[RegisterField, ...] = attrs.field(kw_only=True)
    expires: bool = attrs.field(default=False, kw_only=True)
    """True where an entry has a last day it is good for."""
    least: FrozenMap[Decimal] = attrs.field(default=FrozenMap(), kw_only=True)
    """The least quantity to hold, by the value of the field named in `least_by`."""
    least_by: str | None = attrs.field(default=None, kw_only=True)
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def customer_of(self, entry: Entry) -> str | None:
        """Return the number of the customer that an entry is about; ``None`` where it names nobody."""
        name = next((field.name for field in self.fields if field.customer), None)
        return None if name is None else entry.values.get(name)

    def validate(self) -> Iterator[Problem]:
        """Yield doubled fields, choices and rules, and settings without effect."""
        if not is_identifier(self.id):
            yield Problem("$.id", "Expected an id of 1 to 200 printable characters without spaces at its ends")
        if not self.version.strip():
            yield Problem("$.version", "Expected a version")
        for at, rule in enumerate(self.rules):
            if not is_rule_id(rule):
                yield Problem(f"$.rules[{at}]", f"Expected a rule id with its area, not {rule!r}")
            elif rule in self.rules[:at]:
                yield Problem(f"$.rules[{at}]", f"Expected each rule once; {rule!r} stands there again")
        for value, quantity in self.least.items():
            if quantity <= 0:
                yield Problem(child("$.least", value), "Expected a quantity above 0: else it has no effect")
        names = [field.name for field in self.fields]
        if not names:
            yield Problem("$.fields", "Expected at least one field")
        for at, field in enumerate(self.fields):
            if not is_identifier(field.name):
                what = "Expected a name of 1 to 200 printable characters without spaces at its ends"
                yield Problem(f"$.fields[{at}].name", what)
            elif field.name in names[:at]:
                yield Problem(f"$.fields[{at}].name", f"Expected each field once; {field.name!r} stands there again")
            yield from _choices(field, f"$.fields[{at}].choices")
        if len(about := [field.name for field in self.fields if field.customer]) > 1:
            yield Problem("$.fields", f"Expected one field at most that names the customer, not {', '.join(about)}")
        if bool(self.least) != (self.least_by is not None):
            yield Problem("$.least_by", "Expected `least` and `least_by` together: one alone has no effect")
        elif self.least_by is not None and self.least_by not in names:
            yield Problem("$.least_by", f"Unknown field {self.least_by!r}; there are: {', '.join(names)}")
        elif self.least_by is not None:
            choices = self.fields[names.index(self.least_by)].choices
            for value in self.least:
                if choices and value not in choices:
                    what = f"Has no effect: no entry can have it; {self.least_by!r} is one of: {', '.join(choices)}"
                    yield Problem(child("$.least", value), what)


@attrs.frozen
class Entry:
    """One entry of a register at a branch."""

    id: str
    register: str = attrs.field(kw_only=True)
    branch: str = attrs.field(kw_only=True)
    values: FrozenMap[str] = attrs.field(
        default=FrozenMap(), kw_only=True, repr=mask, metadata=personal("register_values")
    )
    """What the entry says, by field. A register may hold anything, people's names among it, so all of it is masked
    and kept beside the journal."""
    quantity: Decimal = attrs.field(default=Decimal(1), kw_only=True)
    valid_from: dt.date | None = attrs.field(default=None, kw_only=True)
    valid_until: dt.date | None = attrs.field(default=None, kw_only=True)
    """The last day it is good for."""
    customer: str | None = attrs.field(default=None, kw_only=True)
    """The bank's number of the customer that it is about, by which it is found to be erased; never told by hand: what
    records an entry takes it from the field that the register says it by."""

    def is_current(self, day: dt.date) -> bool:
        """Say whether the entry holds on a day; both bounds are inside."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


def check_entries(register: Register, entries: Iterable[Entry]) -> tuple[Problem, ...]:
    """Return what is wrong with entries as data: missing or unknown fields, values not allowed, doubled uniques."""
    problems: list[Problem] = []
    known = {field.name: field for field in register.fields}
    taken: dict[tuple[str, str], list[Entry]] = {}
    for entry in entries:
        path = child("$", entry.id)
        problems += [Problem(path, f"Missing {n!r}") for n, f in known.items() if f.required and n not in entry.values]
        for name, value in entry.values.items():
            field = known.get(name)
            if field is None:
                problems.append(Problem(f"{path}.values", f"Unknown field; there are: {', '.join(known)}"))
            elif field.choices and value not in field.choices:
                problems.append(Problem(f"{path}.values.{name}", f"Expected one of {', '.join(field.choices)}"))
            elif field.unique:
                others = taken.setdefault((name, value), [])
                problems += [
                    Problem(f"{path}.values.{name}", f"Expected a value of its own; entry {other.id!r} has the same")
                    for other in others
                    if _overlap(entry, other)
                ]
                others.append(entry)
        if entry.quantity < 0:
            problems.append(Problem(f"{path}.quantity", "Expected a quantity of 0 or more"))
        if register.expires and entry.valid_until is None:
            problems.append(
                Problem(f"{path}.valid_until", "Expected the last day it is good for: this register expires")
            )
        if entry.valid_from and entry.valid_until and entry.valid_until < entry.valid_from:
            problems.append(Problem(f"{path}.valid_until", "Expected a day not before `valid_from`"))
    return tuple(problems)


def judge_register(register: Register, branch: str, entries: Iterable[Entry], *, day: dt.date) -> tuple[Finding, ...]:
    """Judge what a branch holds on a day: what has expired, and what is below the least quantity."""
    held = [entry for entry in entries if entry.branch == branch and entry.register == register.id]
    found: list[Finding] = []

    def add(name: str, place: Ref, message: Text) -> None:
        found.append(
            Finding(
                id=f"register/{branch}/{register.id}/{name}",
                branch=branch,
                place=(Ref("branch", branch), Ref("register", register.id), place),
                severity=Severity.MAJOR,
                message=message,
                rules=register.rules,
            )
        )

    for entry in held:
        if entry.valid_until is not None and entry.valid_until < day:
            until = entry.valid_until.isoformat()
            add(f"expired/{entry.id}", Ref("entry", entry.id), Text(zh=f"已于{until}到期", en=f"expired after {until}"))
    for value, least in register.least.items():
        have = sum((e.quantity for e in held if e.is_current(day) and e.values.get(register.least_by or "") == value),
                   Decimal(0))  # fmt: skip
        if have < least:
            message = Text(
                zh=f"{value}库存{decimal_text(have)}，低于最低{decimal_text(least)}",
                en=f"{decimal_text(have)} × {value} in stock; the least is {decimal_text(least)}",
            )
            add(f"short/{value}", Ref("value", value), message)
    return tuple(found)


def _choices(field: RegisterField, path: str) -> Iterator[Problem]:
    for at, choice in enumerate(field.choices):
        if not choice.strip():
            yield Problem(f"{path}[{at}]", "Expected a value, not an empty text")
        elif choice in field.choices[:at]:
            yield Problem(f"{path}[{at}]", f"Expected each value once; {choice!r} stands there again")


def _overlap(one: Entry, other: Entry) -> bool:
    starts = max(one.valid_from or dt.date.min, other.valid_from or dt.date.min)
    ends = min(one.valid_until or dt.date.max, other.valid_until or dt.date.max)
    return starts <= ends
