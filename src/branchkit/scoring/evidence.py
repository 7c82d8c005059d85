"""What a policy judges: one or more sheets with what they were bound to, or facts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from branchkit.checklists import BoundChecklist, Reading, Sheet, read
from branchkit.checklists.binding import raw_fact
from branchkit.codec import child, digest, unstructure
from branchkit.conditions import FactValue
from branchkit.conditions.facts import is_fact_name
from branchkit.errors import InputError, Problem
from branchkit.values import Ref, Unknown

__all__ = ["Evidence"]


class Evidence:
    """Everything a score rests on; whoever holds the same evidence computes the same score.

    Args:
        sheet: a sheet.
        bound: the checklist it was bound to.
        more: further pairs of a sheet and what it was bound to.
        facts: facts beside the sheets, by name.

    Raises:
        InputError: for sheets that cannot be read, for drafts, for the same sheet twice, for a sheet together with its
            revision, and for facts whose names are none.
    """

    __slots__ = ("facts", "readings")

    readings: tuple[Reading, ...]
    """The sheets, read, in order of their ids, so that the order they are given in decides nothing."""
    facts: Mapping[str, FactValue | Unknown]

    def __init__(
        self,
        sheet: Sheet | None = None,
        bound: BoundChecklist | None = None,
        *,
        more: Iterable[tuple[Sheet, BoundChecklist]] = (),
        facts: Mapping[str, FactValue | Unknown] | None = None,
    ) -> None:
        if (sheet is None) != (bound is None):
            raise InputError("evidence", (Problem("$", "Expected a sheet together with what it was bound to"),))
        first = () if sheet is None or bound is None else ((sheet, bound),)
        self._set(tuple(read(one, two) for one, two in (*first, *more)), facts)

    @classmethod
    def of(cls, *readings: Reading, facts: Mapping[str, FactValue | Unknown] | None = None) -> Evidence:
        """Return evidence of sheets that have been read already."""
        evidence = cls.__new__(cls)
        evidence._set(readings, facts)
        return evidence

    def _set(self, readings: tuple[Reading, ...], facts: Mapping[str, FactValue | Unknown] | None) -> None:
        given = dict(facts or {})
        problems = (*_unfit(readings), *_misnamed(given))
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

    def scope(self) -> dict[str, FactValue | Unknown]:
        """Return the facts in a policy's reach: those given, those bound, and the answers to items asked once.

        A fact that the sheets tell differently is unknown, unless it is given.
        """
        found: dict[str, FactValue | Unknown] = {}
        for reading in self.readings:
            here = dict(reading.bound.facts)
            here |= {f"answer.{cell.item.id}": cell.value for cell in reading.cells if not cell.on}
            for name, value in here.items():
                before = found.get(name, value)
                if isinstance(before, Unknown) and before != _DIFFERS:
                    found[name] = value
                elif before != value and not isinstance(value, Unknown):
                    found[name] = _DIFFERS
                else:
                    found[name] = before
        return found | dict(self.facts)


_DIFFERS = Unknown("the sheets tell it differently")


def _unfit(readings: tuple[Reading, ...]) -> Iterator[Problem]:
    ids = [reading.sheet.id for reading in readings]
    for at, reading in enumerate(readings):
        sheet = reading.sheet
        if sheet.id in ids[:at]:
            yield Problem(f"$[{at}]", f"Expected each sheet once; {sheet.id!r} is there again")
        if sheet.state == "draft":
            yield Problem(f"$[{at}]", f"Expected a final sheet; {sheet.id!r} is a draft")
        if sheet.supersedes in ids:
            yield Problem(f"$[{at}]", f"Expected a sheet or its revision; {sheet.id!r} supersedes {sheet.supersedes!r}")


def _misnamed(facts: Mapping[str, FactValue | Unknown]) -> Iterator[Problem]:
    for name in facts:
        if not is_fact_name(name):
            yield Problem(child("$.facts", name), "Expected a fact name: letters, digits, - and _ joined by dots")
