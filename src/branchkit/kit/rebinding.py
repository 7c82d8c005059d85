"""Reads a filed sheet by another checklist than it was filled in against, as far as what was kept of it tells."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from branchkit.checklists import CellState, Checklist, Each, EachValue, Pin, Reading, Sheet, read, rebind
from branchkit.checklists.binding import BRANCH_FACTS, BoundChecklist, Subjects, expand, typed_fact
from branchkit.errors import InputError
from branchkit.estate import Branch
from branchkit.kit.floors.filed import Filed
from branchkit.values import FrozenMap, Text, Unknown

__all__ = ["reread"]

_MOST = 5


def reread(filed: Filed, checklist: Checklist, pinned: Reading) -> tuple[Reading, tuple[Text, ...]] | Text:
    """Return a filed sheet read by another checklist, with what is to be said about that; or why it cannot be.

    The branch as it was then is gone: what its devices, zones and people were is known only as far as the checklist
    it was filled in against asked for the same things. What the other checklist asks beside that was not asked then,
    and no answer is made up for it.

    Args:
        filed: the sheet with its pin.
        checklist: the checklist to read it by.
        pinned: the sheet as it reads by the checklist it was filled in against.
    """
    pin = _pin(filed.pin, checklist, pinned.bound.checklist)
    if isinstance(pin, Text):
        return pin
    sheet, unasked = _sheet(filed.sheet, checklist)
    try:
        reading = read(sheet, rebind(checklist, pin))
    except InputError as error:
        told = [problem.message for problem in error.problems]
        return Text(
            zh=f"作答不适用于该检查表：{_some(told)}", en=f"its answers do not fit that checklist: {_some(told)}"
        )
    before = {cell.key for cell in pinned.cells if cell.state is CellState.MISSING}
    missing = [cell.key for cell in reading.cells if cell.state is CellState.MISSING and cell.key not in before]
    if missing:
        return Text(zh=f"当时没有问：{_some(missing)}", en=f"it was not asked then: {_some(missing)}")
    return reading, tuple(_notes(unasked, pinned, reading))


def _notes(unasked: list[str], pinned: Reading, reading: Reading) -> Iterator[Text]:
    if unasked:
        yield Text(zh=f"不再询问：{_some(unasked)}", en=f"not asked any more: {_some(unasked)}")
    known = {problem.message for problem in pinned.problems}
    lacking = [problem.message for problem in reading.problems if problem.message not in known]
    if lacking:
        yield Text(zh=f"按该检查表不会被接受：{_some(lacking)}", en=f"handed in today it would lack: {_some(lacking)}")


def _sheet(sheet: Sheet, checklist: Checklist) -> tuple[Sheet, list[str]]:
    """Return the sheet as one of the other checklist, and the items it answers that are not asked there."""
    asked = {item.id for _, item in checklist.items()}
    own = {spec.name for spec in checklist.facts}
    unasked = dict.fromkeys(answer.item for answer in sheet.answers if answer.item not in asked)
    made = attrs.evolve(
        sheet,
        version=checklist.version,
        answers=tuple(answer for answer in sheet.answers if answer.item in asked),
        facts=FrozenMap({name: value for name, value in sheet.facts.items() if name in own}),
        bound=None,
    )
    return made, list(unasked)


def _pin(pin: Pin, checklist: Checklist, pinned: Checklist) -> Pin | Text:
    """Return what the other checklist would have been bound to, where the pin tells."""
    specs = {spec.name: spec for spec in (*BRANCH_FACTS, *checklist.facts)}
    facts = {name: value for name, value in pin.facts.items() if name in specs}
    misfits = []
    for name, value in facts.items():
        try:
            typed_fact(specs[name], value)
        except ValueError:
            misfits.append(name)
    if misfits:
        return Text(
            zh=f"事实不适用于该检查表：{_some(misfits)}", en=f"its facts do not fit that checklist: {_some(misfits)}"
        )
    made = attrs.evolve(
        pin,
        version=checklist.version,
        checklist_digest=checklist.digest(),
        facts=FrozenMap(facts),
        expansions=FrozenMap(),
    )
    known = {each: pin.expansions[key] for key, each in _asked_of(pinned) if key in pin.expansions}
    bare = rebind(checklist, made)
    expansions = {key: known[each] if each in known else _by_values(each, bare) for key, each in _asked_of(checklist)}
    lost = [key for key, subjects in expansions.items() if subjects is None]
    if lost:
        en = f"what the branch had then is not kept, so it is not known what is asked of: {_some(lost)}"
        return Text(zh=f"当时网点的情况没有保留，无法确定检查对象：{_some(lost)}", en=en)
    return attrs.evolve(made, expansions=FrozenMap({k: v for k, v in expansions.items() if v is not None}))


def _asked_of(checklist: Checklist) -> Iterator[tuple[str, tuple[Each, ...]]]:
    """Yield what sections and items are asked for, by the names that a pin gives it."""
    for section in checklist.sections:
        if section.for_each:
            yield section.id, section.for_each
        for item in section.items:
            if item.for_each:
                yield f"{section.id}/{item.id}", item.for_each


def _by_values(each: tuple[Each, ...], bound: BoundChecklist) -> Subjects | Unknown | None:
    """Return what is asked for where values and facts alone tell it; ``None`` where the branch would have to."""
    if not all(isinstance(one, EachValue) for one in each):
        return None
    return expand(each, Branch(bound.pin.branch), bound.facts)


def _some(names: list[str]) -> str:
    more = len(names) - _MOST
    return ", ".join(names[:_MOST]) + (f" (+{more})" if more > 0 else "")
