"""Scores values as they come, without sheets: a policy and a bound checklist made ready for many of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from operator import getitem

from branchkit.checklists import Answer, BoundChecklist, Cell, Sheet, read
from branchkit.checklists.digests import head_of
from branchkit.checklists.layout import Irregular, layout_of
from branchkit.checklists.reading import cells_of
from branchkit.checklists.sheet import RawFact
from branchkit.codec import child
from branchkit.conditions import FactValue
from branchkit.errors import InputError, Problem, Unsupported
from branchkit.scoring.deciding import NOTHING_APPLIED, by_facts, unfit_facts
from branchkit.scoring.effects import Effect
from branchkit.scoring.evidence import Evidence, scope_of
from branchkit.scoring.lens import View, core_of, lens_of
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.scored import Scored, Value
from branchkit.scoring.sums import add_effects
from branchkit.values import FrozenMap, Ref, Unknown

__all__ = ["Scorer"]

_PLAIN = (tuple, list)
_Facts = Mapping[str, "FactValue | int | Unknown"]


class Scorer:
    """A policy made ready for one bound checklist; from `RubricPolicy.scorer`.

    What each answer does to the score is worked out when it is first met and looked up from then on, in whole numbers.
    It comes to exactly what `RubricPolicy.score` comes to for a sheet with the same answers. May be shared by threads.

    Args:
        policy: the policy.
        bound: the bound checklist that the values are answers to.

    Raises:
        Unsupported: the checklist has sections answered in rows, so it has no fixed places; or the policy does not
            score it.
        InputError: the policy does not hold together.
    """

    __slots__ = (
        "_at", "_effects", "_given", "_is_open", "_lens", "base", "bound", "cells", "core", "head", "layout", "place",
        "policy",
    )  # fmt: skip

    def __init__(self, policy: RubricPolicy, bound: BoundChecklist) -> None:
        policy.proved()
        checklist = bound.checklist
        layout = layout_of(bound)
        if layout is None:
            why = "sections answered in rows have as many places as a sheet has rows; score its sheets one by one"
            raise Unsupported(f"a scorer for checklist {checklist.id!r}", f"policy {policy.id!r}", why)
        if checklist.id not in policy.checklists:
            why = f"it scores: {', '.join(policy.checklists) or 'none'}"
            raise Unsupported(f"checklist {checklist.id!r}", f"policy {policy.id!r}", why)
        self.policy = policy
        """The policy."""
        self.bound = bound
        """The bound checklist."""
        self.cells: tuple[str, ...] = layout.names
        """What the values are answers to, in the checklist's order, as in ``clean@equipment:ATM-1``."""
        self.layout = layout
        self.core = core_of(policy, [checklist])
        self._lens = lens_of(self.core, layout, checklist)
        self.base = self._lens.base
        self._effects = self._lens.effects
        own = {spec.name: bound.pin.facts.get(spec.name) for spec in checklist.facts}
        # What was not given is left out, as on a sheet that somebody filled in.
        known = {name: value for name, value in own.items() if value is not None and not isinstance(value, Unknown)}
        self._given: FrozenMap[RawFact] = FrozenMap(known)
        self._at = frozenset(layout.names)
        self.place = (Ref("branch", bound.pin.branch),)
        self.head = head_of(self.sheet("sheet", (), by="by", at=None))
        # Facts and open places ask for the cells themselves; nobody else needs them made.
        self._is_open = bool(layout.open or policy.conditions or policy.scored_test is not None)

    def score(self, values: Mapping[str, Value] | Sequence[Value], *, facts: _Facts | None = None) -> Scored:
        """Score the values of one sheet.

        Args:
            values: what is answered: by cell, with nothing for what is not answered, or all in the order of `cells`,
                with ``None`` for what is not answered. A value is text as a sheet holds it (or a tuple of codes), or
                an `branchkit.checklists.Answer` where there is more to say, as that an item does not apply.
            facts: facts beside the sheet, by name.

        Raises:
            InputError: for cells that are not there, for values that an item does not accept, for facts that nobody
                declares: each with its place.
        """
        row = tuple(values) if values.__class__ in _PLAIN else self._row(values)
        if len(row) != len(self.cells):
            what = f"Expected {len(self.cells)} values, one for each of `cells`; got {len(row)}"
            raise InputError("values", (Problem("$", what),))
        if facts or self._is_open:
            return self._score_open(row, facts or {})
        try:
            effects = list(filter(None, map(getitem, self._effects, row)))
        except (Irregular, KeyError, TypeError):
            return self._score_open(row, {})
        lens = self._lens
        result = add_effects(lens.core, lens.base, lens.basis, lens.counts, effects)
        if result is None or result.lacks:
            return self._score_open(row, {})
        return Scored(self, row, effects, result)

    def score_all(
        self, rows: Iterable[Mapping[str, Value] | Sequence[Value]], *, facts: _Facts | None = None
    ) -> Iterator[Scored]:
        """Score the values of many sheets, one after the other: nothing is kept of those that went by.

        Args:
            rows: the values of each sheet; see `score`. It may be a stream without end.
            facts: facts beside the sheets, the same for all of them.

        Raises:
            InputError: as `score` does, with the place of the row, when its turn comes.
        """
        for at, row in enumerate(rows):
            try:
                scored = self.score(row, facts=facts)
            except InputError as error:
                problems = (Problem(f"$[{at}]{one.path[1:]}", one.message) for one in error.problems)
                raise InputError("rows", tuple(problems)) from error
            yield scored

    def _row(self, values: Mapping[str, Value] | Sequence[Value]) -> tuple[Value, ...]:
        if isinstance(values, str) or not isinstance(values, Mapping):
            return tuple(values)
        cells = self.cells
        if tuple(values) == cells:
            return tuple(values.values())
        unknown = [name for name in values if name not in self._at]
        if unknown:
            what = f"Unknown cell; there are: {', '.join(cells)}"
            raise InputError("values", tuple(Problem(child("$", name), what) for name in unknown))
        return tuple(map(values.get, cells))

    def _score_open(self, row: tuple[Value, ...], facts: _Facts) -> Scored:
        lens = self._lens
        held = Evidence.of(facts=facts)
        problems = tuple(unfit_facts(self.policy, held.facts, (self.bound.checklist,)))
        if problems:
            raise InputError(f"facts for policy {self.policy.id!r}", problems)
        try:
            cells: Sequence[Cell] = cells_of(self.bound, self.layout, row)
            effects = lens.seen(row, cells)
        except (Irregular, KeyError, TypeError):
            cells, effects = self._read(row)
        view = View("", self.bound.checklist.id, cells, effects, lens.base, lens.counts)
        source = (self.bound.checklist.id, self.bound.facts, cells)
        reachable = scope_of((source,), held.facts, self.policy.reads)
        given, reason = by_facts(self.policy, reachable, (view,))
        result = None
        if reason is None:
            result = add_effects(lens.core, lens.base, lens.basis, lens.counts, effects, given)
        return Scored(self, row, effects, result, reason or NOTHING_APPLIED, cells, held)

    def _read(self, row: Sequence[Value]) -> tuple[Sequence[Cell], list[Effect]]:
        """Read the values as a sheet, which says what is wrong with them."""
        strange = [name for name, value in zip(self.cells, row, strict=True) if not _is_value(value)]
        if strange:
            what = "Expected text as a sheet holds it, a tuple of codes, an Answer, or None"
            raise InputError("values", tuple(Problem(child("$", name), what) for name in strange))
        try:
            reading = read(self.sheet("values", row, by="values", at=None), self.bound)
        except InputError as error:
            answered = [at for at, value in enumerate(row) if value is not None]
            raise InputError("values", tuple(self._at_values(error, answered))) from error
        found = (self._lens.effect(cell) for cell in reading.cells)
        return reading.cells, list(filter(None, found))

    def _at_values(self, error: InputError, answered: Sequence[int]) -> Iterator[Problem]:
        for problem in error.problems:
            start, _, rest = problem.path.removeprefix("$.answers[").partition("]")
            name = self.cells[answered[int(start)]] if start.isdigit() else None
            yield problem if name is None else Problem(child("$", name) + rest, problem.message)

    def sheet(self, name: str, row: Sequence[Value], *, by: str, at: dt.datetime | None) -> Sheet:
        """Return values as a sheet; see `Scored.sheet`."""
        pin = self.bound.pin
        pairs = zip(self.layout.places, row, strict=False)
        answers = (place.answer(value) for place, value in pairs if value is not None)
        return Sheet(
            name,
            checklist=pin.checklist,
            version=pin.version,
            branch=pin.branch,
            at=at or pin.at,
            by=by,
            answers=tuple(answers),
            facts=self._given,
        )


def _is_value(value: object) -> bool:
    if isinstance(value, tuple):
        return all(isinstance(code, str) for code in value)
    return value is None or isinstance(value, str | Answer)
