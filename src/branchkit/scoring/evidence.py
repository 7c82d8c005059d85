"""What a policy judges: one or more sheets with what they were bound to, or facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from decimal import Decimal
from typing import cast

from branchkit.checklists import BRANCH_FACTS, BoundChecklist, Cell, Checklist, Reading, Sheet, read
from branchkit.checklists.binding import raw_fact
from branchkit.codec import child, digest, unstructure
from branchkit.conditions import FactSpec, FactValue
from branchkit.conditions.facts import is_fact_name, settle
from branchkit.errors import InputError, Problem
from branchkit.values import Ref, Unknown

__all__ = ["Evidence", "answer_names", "brought_by", "scope_of"]


class Evidence:
    """Everything a score rests on; whoever holds the same evidence computes the same score.

    All sheets are of one branch. Several go through `of`, as do facts without a sheet.

    Args:
        sheet: a sheet.
        bound: the checklist it was bound to.
        facts: facts beside the sheet, by name; a whole number is taken as a `Decimal`.

    Raises:
        InputError: for sheets that cannot be read, for drafts, for sheets of two branches, for the same sheet twice,
            for a sheet together with its revision, for facts whose names are none, and for values that are no fact's.
    """

    __slots__ = ("facts", "readings")

    readings: tuple[Reading, ...]
    """The sheets, read, in order of their ids, so that the order they are given in decides nothing."""
    facts: Mapping[str, FactValue | Unknown]

    def __init__(
        self, sheet: Sheet, bound: BoundChecklist, *, facts: Mapping[str, FactValue | int | Unknown] | None = None
    ) -> None:
        self._set((read(sheet, bound),), facts)

    @classmethod
    def of(cls, *readings: Reading, facts: Mapping[str, FactValue | int | Unknown] | None = None) -> Evidence:
        """Return evidence of sheets that have been read already, of facts, or of both.

        >>> sorted(Evidence.of(facts={"complaints": 3}).facts.items())
        [('complaints', Decimal('3'))]
        """
        evidence = cls.__new__(cls)
        evidence._set(readings, facts)
        return evidence

    def _set(self, readings: tuple[Reading, ...], facts: Mapping[str, FactValue | int | Unknown] | None) -> None:
        given = {name: _settled(value) for name, value in (facts or {}).items()}
        problems = (*_unfit(readings), *_no_facts(given))
        if problems:
            raise InputError("evidence", problems)
        self.readings = tuple(sorted(readings, key=lambda reading: reading.sheet.id))
        self.facts = dict(sorted(given.items()))

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The sheets and the facts by reference."""
        sheets = (Ref("sheet", reading.sheet.id) for reading in self.readings)
        return (*sheets, *(Ref("fact", name) for name in self.facts))

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the sheets, of what they were bound to, and last of the facts where some are given.

        By them a third party checks that it holds the same.
        """
        found = [one for reading in self.readings for one in (reading.digest, reading.bound.digest)]
        if self.facts:
            found.append(digest({name: unstructure(raw_fact(value)) for name, value in self.facts.items()}))
        return tuple(found)

    def scope(self, wanted: Set[str] | None = None) -> dict[str, FactValue | Unknown]:
        """Return the facts in a policy's reach: those given, those bound, and the answers to items asked once.

        An answer goes by ``answer.<item>`` and by ``<checklist>.answer.<item>``. A fact that the sheets tell
        differently is unknown, unless it is given.

        Args:
            wanted: the only facts to look for; all of them if left out.
        """
        sheets = ((reading.sheet.checklist, reading.bound.facts, reading.cells) for reading in self.readings)
        return scope_of(sheets, self.facts, wanted)


def scope_of(
    sheets: Iterable[tuple[str, Mapping[str, FactValue | Unknown], Iterable[Cell]]],
    given: Mapping[str, FactValue | Unknown],
    wanted: Set[str] | None = None,
) -> dict[str, FactValue | Unknown]:
    """Return the facts in reach of a policy; see `Evidence.scope`.

    Args:
        sheets: for each its checklist, the facts it was bound with, and its cells.
        given: the facts given beside them.
        wanted: the only facts to look for; all of them if left out.
    """
    found: dict[str, FactValue | Unknown] = {}
    for checklist, facts, cells in sheets:
        here = dict(facts)
        for cell in cells:
            if not cell.on:
                here |= dict.fromkeys(answer_names(checklist, cell.item.id), cell.value)
        for name, value in here.items():
            if wanted is not None and name not in wanted:
                continue
            before = found.get(name, value)
            if isinstance(before, Unknown) and before != _DIFFERS:
                found[name] = value
            elif before != value and not isinstance(value, Unknown):
                found[name] = _DIFFERS
            else:
                found[name] = before
    return found | dict(given)


def answer_names(checklist: str, item: str) -> tuple[str, str]:
    """Return the facts that an answer is to a policy: by the item alone, and with the checklist before it.

    >>> answer_names("outdoor", "doors")
    ('answer.doors', 'outdoor.answer.doors')
    """
    return f"answer.{item}", f"{checklist}.answer.{item}"


def brought_by(checklist: Checklist) -> dict[str, FactSpec]:
    """Return what sheets of a checklist bring to a policy beside what the policy declares, by name."""
    found = {spec.name: spec for spec in (*BRANCH_FACTS, *checklist.facts)}
    for asked in checklist.prepared.asked.values():
        if not asked.repeated:
            for name in answer_names(checklist.id, asked.item.id):
                if is_fact_name(name):
                    found[name] = asked.item.answer.spec(name)
    return found


_DIFFERS = Unknown("the sheets tell it differently")


def _unfit(readings: tuple[Reading, ...]) -> Iterator[Problem]:
    ids = [reading.sheet.id for reading in readings]
    for at, reading in enumerate(readings):
        sheet = reading.sheet
        if sheet.id in ids[:at]:
            yield Problem(f"$[{at}]", f"Expected each sheet once; {sheet.id!r} is there again")
        if sheet.state == "draft":
            yield Problem(f"$[{at}]", f"Expected a final sheet; {sheet.id!r} is a draft")
        if sheet.branch != readings[0].sheet.branch:
            what = f"Expected sheets of one branch; {sheet.id!r} is of another one than {readings[0].sheet.id!r}"
            yield Problem(f"$[{at}]", what)
        if sheet.supersedes in ids:
            yield Problem(f"$[{at}]", f"Expected a sheet or its revision; {sheet.id!r} supersedes {sheet.supersedes!r}")


def _settled(value: FactValue | int | Unknown) -> FactValue | Unknown:
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _no_facts(facts: Mapping[str, FactValue | Unknown]) -> Iterator[Problem]:
    for name, value in facts.items():
        path = child("$.facts", name)
        if not is_fact_name(name):
            yield Problem(path, "Expected a fact name: letters, digits, - and _ joined by dots")
        if isinstance(value, Unknown):
            continue
        codes = isinstance(value, frozenset) and not all(isinstance(code, str) for code in cast("set[object]", value))
        if codes or settle(value) is None:
            yield Problem(path, f"{_NO_FACT}, got {type(value).__name__}")


_NO_FACT = (
    "Expected true/false, a Decimal that is finite, text, a frozenset of text, a date, a date and time with its "
    "offset, a timedelta, or Unknown"
)
