"""A checklist made ready for reading many sheets: conditions compiled, items looked up and put in order, once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from branchkit.checklists.model import Checklist, Count, Each, EachValue, Item, Judgement, Section
from branchkit.conditions import Condition, Facts, compile_condition, reads
from branchkit.values import Unknown

if TYPE_CHECKING:
    from branchkit.checklists.layout import Layout

__all__ = ["Asked", "Prepared", "Scope", "Test", "other_items", "prepare", "scope_of"]

Test = Callable[[Facts], bool | Unknown]
Scope = tuple[tuple[Each, ...], str | None]
"""What an item is asked for, and the section whose rows it is asked for: answers with the same scope see each other."""


@attrs.frozen(eq=False)
class Asked:
    """One item, ready to be asked."""

    section: Section
    item: Item
    repeated: bool
    """True where it is asked for several things or in rows."""
    conditions: tuple[Test, ...]
    """When it applies: all of them."""
    looks_at: tuple[str, ...]
    """The facts that those look at."""
    judgements: tuple[tuple[Test, Judgement], ...]


@attrs.frozen(eq=False)
class Prepared:
    """A checklist, ready."""

    asked: Mapping[str, Asked]
    """Every item by its id, in the checklist's order."""
    waiting: tuple[str, ...]
    """The items with conditions, each after those it waits for."""
    reads: frozenset[str]
    """The facts beside the answers that the checklist looks at."""
    counts: Mapping[tuple[str, int], Test]
    """The conditions of counted rows, by section and place of the constraint."""
    expanded: tuple[str, ...]
    """What is asked for each of something, as a pin names it: ``section`` or ``section/item``."""
    has_rows: bool
    """True where some section is answered in rows."""
    layouts: dict[object, Layout] = attrs.field(factory=dict)
    """The layouts met so far, by what the items are asked for: worked out once, never decides."""


def scope_of(section: Section, item: Item) -> Scope:
    """Return what an item is asked for."""
    return ((*section.for_each, *item.for_each), section.id if section.rows is not None else None)


def other_items(condition: Condition | None) -> frozenset[str]:
    """Return the items whose answers a condition looks at."""
    if condition is None:
        return frozenset()
    return frozenset(name.removeprefix("answer.") for name in reads(condition) if name.startswith("answer."))


def prepare(checklist: Checklist) -> Prepared:
    """Make a checklist ready."""
    asked: dict[str, Asked] = {}
    for section, item in checklist.items():
        conditions = tuple(one for one in (section.when, item.when) if one is not None)
        asked[item.id] = Asked(
            section=section,
            item=item,
            repeated=scope_of(section, item) != ((), None),
            conditions=tuple(compile_condition(one) for one in conditions),
            looks_at=tuple(sorted(frozenset().union(*map(reads, conditions)))),
            judgements=tuple((compile_condition(one.when), one) for one in item.judgements),
        )
    counts = {
        (section.id, at): compile_condition(constraint.when)
        for section in checklist.sections
        for at, constraint in enumerate(section.constraints)
        if isinstance(constraint, Count) and constraint.when is not None
    }
    facts = frozenset(name for name in _read(checklist) if name != "answer" and not name.startswith("answer."))
    return Prepared(
        asked,
        tuple(_in_order(asked)),
        facts,
        counts,
        tuple(_expanded(checklist)),
        any(section.rows is not None for section in checklist.sections),
    )


def _expanded(checklist: Checklist) -> Iterator[str]:
    for section in checklist.sections:
        if section.for_each:
            yield section.id
        yield from (f"{section.id}/{item.id}" for item in section.items if item.for_each)


def _in_order(asked: Mapping[str, Asked]) -> Iterator[str]:
    # With a stack of our own: a chain of conditions may be longer than Python's.
    done: set[str] = set()
    for start in asked:
        stack = [(start, iter(_waits_for(asked[start])))]
        while stack:
            name, rest = stack[-1]
            other = next((one for one in rest if one in asked and one not in done), None)
            if other is None or any(other == one for one, _ in stack):
                stack.pop()
                if name not in done and asked[name].conditions:
                    yield name
                done.add(name)
            else:
                stack.append((other, iter(_waits_for(asked[other]))))


def _waits_for(asked: Asked) -> tuple[str, ...]:
    return tuple(name.removeprefix("answer.") for name in asked.looks_at if name.startswith("answer."))


def _read(checklist: Checklist) -> Iterator[str]:
    for section in checklist.sections:
        for each in (*section.for_each, *(one for item in section.items for one in item.for_each)):
            if isinstance(each, EachValue) and each.fact is not None:
                yield each.fact
        conditions = [section.when]
        conditions += [one.when for one in section.constraints if isinstance(one, Count)]
        for item in section.items:
            conditions += [item.when, *(judgement.when for judgement in item.judgements)]
        for condition in conditions:
            yield from () if condition is None else reads(condition)
