"""What each answer does to a score, in whole numbers: looked up where an answer was met before.

An effect says how a cell differs from one that passed and does nothing else, so whatever passed costs nothing to add.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING

from branchkit.checklists import Cell, CellState, Item, Section
from branchkit.scoring.score import MarkState
from branchkit.scoring.weighing import Seen, code_of, credit_of, see, severity_of, state_of
from branchkit.trace import Step
from branchkit.values import Ref, Severity, Text

if TYPE_CHECKING:
    from branchkit.scoring.core import Core

__all__ = ["LACKS", "Effect", "Hit", "Known", "base_of", "effect_of", "refs_of"]

_Finding = tuple[str, tuple[Ref, ...], Severity, Text, tuple[str, ...], str]
Known = dict[tuple[str, Severity | None], Seen]
_WRONG = (CellState.FAILED, CellState.WARNED)
LACKS = {CellState.MISSING: 1, CellState.UNKNOWN: 2}
"""What keeps a sheet from being scored, where the policy says so."""


class Hit:
    """Points that one cell takes away by one deduction."""

    __slots__ = ("at", "points", "rules", "step", "units")

    def __init__(self, core: Core, at: int, cell: Cell, checklist: str, points: Decimal) -> None:
        deduction = core.policy.deductions[at]
        self.at = at
        self.points = points
        self.units = core.units(points)
        self.rules = (*deduction.rules, *(rule for rule in cell.rules if rule not in deduction.rules))
        self.step = Step(
            what=deduction.reason, rules=self.rules, refs=refs_of(checklist, cell), effect=self.points.copy_negate()
        )


class Effect:
    """What a cell does to a score."""

    __slots__ = (
        "cell", "checklist", "credit", "finding", "gone", "hits", "is_plain", "is_wrong", "key", "lacks", "lost",
        "parts", "step", "vetoes",
    )  # fmt: skip

    cell: Cell
    checklist: str
    key: str
    """The cell as a fix and a cost are told by."""
    parts: tuple[int, ...]
    """The parts of points that count it."""
    credit: Fraction | int | None
    """The share of full marks, ``None`` where it does not count."""
    lost: tuple[tuple[int, int], ...]
    """For each part, the weight that it did not earn."""
    gone: tuple[tuple[int, int], ...]
    """For each part, the weight that does not count."""
    hits: tuple[Hit, ...]
    vetoes: int
    """The vetoes that it trips, as bits."""
    lacks: int
    """What is lacking to be scored, as in `LACKS`; 0 for nothing."""
    is_wrong: bool
    """True where it gives a finding."""
    finding: _Finding
    """What a finding of the cell says: key, ``on``, severity, message, rules and item."""
    is_plain: bool
    """True where it does no more than to lose weight and to trip vetoes."""
    step: Step | None
    """What a trace says of it, where it did not earn full marks."""


def effect_of(core: Core, checklist: str, known: Known, cell: Cell) -> Effect | None:
    """Return what a cell does, or ``None`` where it passed and does nothing else."""
    policy, item = core.policy, cell.item
    severity = severity_of(cell)
    seen = known.get((item.id, severity))
    if seen is None:
        seen = see(policy, checklist, cell.section.id, item.id, item.severity, severity, item.basis)
        known[item.id, severity] = seen
    state, rated = state_of(policy, cell), credit_of(policy, cell)
    failed = state is MarkState.FAILED
    effect = Effect()
    effect.credit = None if state is MarkState.NEUTRAL else 0 if failed else 1
    if rated is not None:
        effect.credit = Fraction(*rated)
    effect.cell, effect.checklist = cell, checklist
    effect.parts = tuple(at for at, _ in seen.points)
    weights = [(at, core.weight(at, weight)) for at, weight in seen.points]
    effect.gone = tuple(weights) if effect.credit is None else ()
    effect.lost = ()
    if effect.credit is not None and effect.credit != 1:
        share = 1 - effect.credit
        effect.lost = tuple((at, int(weight * share)) for at, weight in weights)
    effect.vetoes = sum(1 << at for at in seen.vetoes) if failed else 0
    effect.lacks = LACKS.get(cell.state, 0) & core.refuses
    effect.is_wrong = cell.state in _WRONG
    effect.hits = tuple(_hits(core, checklist, cell, seen, failed=failed))
    if not (effect.lost or effect.gone or effect.vetoes or effect.lacks or effect.is_wrong or effect.hits):
        return None
    effect.is_plain = not (effect.gone or effect.hits or effect.lacks or core.counts_items)
    effect.key = f"{checklist}/{cell.key}"
    message = cell.judgement.message if cell.judgement and cell.judgement.message else item.text
    effect.finding = (cell.key, cell.on, cell.severity, message, cell.rules, f"{checklist}/{item.id}")
    effect.step = None
    if failed or (rated is not None and rated[0] < rated[1]):
        zh, en = ("未通过", "failed") if rated is None else _rating(*rated)
        what = Text(zh=f"{zh}：{item.text.say('zh')}", en=f"{en}: {item.text.say('en')}")
        effect.step = Step(what=what, rules=cell.rules, refs=refs_of(checklist, cell))
    return effect


def _rating(have: int, most: int) -> tuple[str, str]:
    return f"得分比例{have}/{most}", f"rated {have}/{most}"


def _hits(core: Core, checklist: str, cell: Cell, seen: Seen, *, failed: bool) -> list[Hit]:
    found: list[Hit] = []
    if failed:
        found += [Hit(core, at, cell, checklist, points) for at, points in seen.on_failure]
    code = code_of(cell)
    if code is not None:
        for at in seen.by_value:
            points = core.policy.deductions[at].by_value.get(code)
            if points:
                found.append(Hit(core, at, cell, checklist, points))
    return found


def refs_of(checklist: str, cell: Cell) -> tuple[Ref, ...]:
    """Return what a cell is, by reference."""
    return (Ref("item", f"{checklist}/{cell.item.id}"), *cell.on)


def base_of(
    core: Core, checklist: str, known: Known, items: Iterable[tuple[Section, Item]]
) -> tuple[tuple[int, ...], list[int]]:
    """Return the weight in each part of points if all of these items passed, and how many cells each counts."""
    weights = list(core.nothing)
    counts = list(core.nothing)
    for section, item in items:
        seen = known.get((item.id, item.severity))
        if seen is None:
            seen = see(core.policy, checklist, section.id, item.id, item.severity, item.severity, item.basis)
            known[item.id, item.severity] = seen
        for at, weight in seen.points:
            weights[at] += core.weight(at, weight)
            counts[at] += 1
    return tuple(weights), counts
