"""How a policy sees a checklist: what every answer at every place does, worked out when it is first met."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from operator import getitem
from typing import TYPE_CHECKING, cast

from branchkit.checklists import Cell, Checklist, Reading, Scale
from branchkit.checklists.layout import Layout, Place
from branchkit.scoring.core import Basis, Core
from branchkit.scoring.effects import Effect, Known, base_of, effect_of

if TYPE_CHECKING:
    from branchkit.scoring.policy import RubricPolicy

__all__ = ["Lens", "View", "core_of", "known_of", "lens_of", "view_of"]

_MOST = 64


class Effects(dict[object, "Effect | None"]):
    """What each answer at one place does, by what the answer holds; ``None`` for what passed."""

    __slots__ = ("lens", "place")

    def __init__(self, lens: Lens, place: Place) -> None:
        super().__init__()
        self.lens = lens
        self.place = place

    def __missing__(self, value: object) -> Effect | None:
        cell = self.place[value]
        if self.place.is_open:
            return None
        effect = self.lens.effect(cell)
        if value in self.place:
            self[value] = effect
        return effect


class Lens:
    """What the places of a layout do to a policy's score."""

    __slots__ = ("base", "basis", "checklist", "core", "counts", "effects", "known", "layout")

    def __init__(self, core: Core, layout: Layout, checklist: Checklist) -> None:
        self.core = core
        self.layout = layout
        self.checklist = checklist.id
        self.known = known_of(core.policy, checklist)
        items = [(place.asked.section, place.asked.item) for place in layout.places]
        self.base, self.counts = base_of(core, self.checklist, self.known, items)
        self.basis: Basis | None = core.basis(self.base)
        self.effects = tuple(Effects(self, place) for place in layout.places)

    def effect(self, cell: Cell) -> Effect | None:
        """Return what a cell does."""
        return effect_of(self.core, self.checklist, self.known, cell)

    def seen(self, values: Sequence[object], cells: Sequence[Cell] | None) -> list[Effect]:
        """Return what differs on a sheet, in order; the cells are only looked at where a place is open.

        Raises:
            Irregular: a value is none that its place takes.
        """
        if not self.layout.open:
            return list(filter(None, map(getitem, self.effects, values)))
        assert cells is not None
        found = list(map(getitem, self.effects, values))
        for at in self.layout.open:
            found[at] = self.effect(cells[at])
        return list(filter(None, found))


class View:
    """A sheet as a policy sees it."""

    __slots__ = ("base", "cells", "checklist", "counts", "effects", "sheet")

    def __init__(
        self,
        sheet: str,
        checklist: str,
        cells: Sequence[Cell],
        effects: Sequence[Effect],
        base: tuple[int, ...],
        counts: Sequence[int],
    ) -> None:
        self.sheet = sheet
        self.checklist = checklist
        self.cells = cells
        self.effects = effects
        self.base = base
        self.counts = counts


def view_of(core: Core, reading: Reading) -> View:
    """Return a sheet that has been read as a policy sees it."""
    checklist = reading.bound.checklist
    if reading.filled is not None:
        lens = lens_of(core, reading.filled.layout, checklist)
        effects = lens.seen(reading.filled.values, reading.cells)
        return View(reading.sheet.id, checklist.id, reading.cells, effects, lens.base, lens.counts)
    known = known_of(core.policy, checklist)
    base, counts = base_of(core, checklist.id, known, ((cell.section, cell.item) for cell in reading.cells))
    found = (effect_of(core, checklist.id, known, cell) for cell in reading.cells)
    return View(reading.sheet.id, checklist.id, reading.cells, list(filter(None, found)), base, counts)


def lens_of(core: Core, layout: Layout, checklist: Checklist) -> Lens:
    """Return the lens for a layout."""
    lens = core.lenses.get(layout)
    if lens is None:
        if len(core.lenses) >= _MOST:
            core.lenses.clear()
        lens = core.lenses[layout] = Lens(core, layout, checklist)
    return lens


def core_of(policy: RubricPolicy, checklists: Iterable[Checklist]) -> Core:
    """Return the policy's numbers, fine enough for every scale of some checklists that counts in proportion."""
    fine = 1
    if policy.ratings == "proportional":
        fine = math.lcm(
            *(
                asked.item.answer.high - asked.item.answer.low
                for checklist in checklists
                for asked in checklist.prepared.asked.values()
                if isinstance(asked.item.answer, Scale)
            )
        )
    core = cast("Core | None", policy.cores.get(fine))
    if core is None:
        if len(policy.cores) >= _MOST:
            policy.cores.clear()
        core = policy.cores[fine] = Core(policy, fine)
    return core


def known_of(policy: RubricPolicy, checklist: Checklist) -> Known:
    """Return what the parts see in the items of a checklist: it depends on checklist and policy alone."""
    if len(policy.seen) > _MOST:
        policy.seen.clear()
    return policy.seen.setdefault(checklist.digest(), {})
