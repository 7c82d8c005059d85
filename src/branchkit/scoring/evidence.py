"""What a policy judges: one or more sheets with what they were bound to, or facts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from branchkit.checklists import BoundChecklist, Reading, Sheet, read
from branchkit.conditions import FactValue
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
        InputError: for sheets that cannot be read, for drafts, and for the same sheet twice.
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
        ids = [reading.sheet.id for reading in readings]
        problems = [
            Problem(f"$[{at}]", f"Expected each sheet once; {one!r} is there again")
            for at, one in enumerate(ids)
            if one in ids[:at]
        ]
        problems += [
            Problem(f"$[{at}]", f"Expected a final sheet; {reading.sheet.id!r} is a draft")
            for at, reading in enumerate(readings)
            if reading.sheet.state == "draft"
        ]
        if problems:
            raise InputError("evidence", tuple(problems))
        self.readings = tuple(sorted(readings, key=lambda reading: reading.sheet.id))
        self.facts = dict(facts or {})

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The sheets by reference."""
        return tuple(Ref("sheet", reading.sheet.id) for reading in self.readings)

    @property
    def digests(self) -> tuple[str, ...]:
        """The digests of the sheets and of what they were bound to: a third party checks that it holds the same."""
        return tuple(d for reading in self.readings for d in (reading.sheet.digest(), reading.bound.digest))

    def scope(self) -> dict[str, FactValue | Unknown]:
        """Return the facts in a policy's reach: those given, those bound, and the answers to items asked once."""
        found: dict[str, FactValue | Unknown] = {}
        for reading in self.readings:
            for name, value in reading.bound.facts.items():
                found.setdefault(name, value)
            for cell in reading.cells:
                if not cell.on:
                    found.setdefault(f"answer.{cell.item.id}", cell.value)
        return found | dict(self.facts)
