"""Checks a checklist as it is loaded: nothing doubled, nothing unknown, no setting without effect, no circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from branchkit.checklists.answers import AnswerKind, Choice, Number, Scale, Signature, TextAnswer
from branchkit.checklists.binding import BRANCH_FACTS
from branchkit.checklists.lint_effects import lint_applies, lint_counted, lint_limits
from branchkit.checklists.lint_items import SLUG, lint_both, lint_each, lint_item, lint_once, lint_rules
from branchkit.checklists.model import Checklist, Constraint, Count, Covers, Distinct, Rows, Section, Total
from branchkit.checklists.prepared import Scope, other_items, scope_of
from branchkit.conditions import FactSpec, FactType, check, find_cycle
from branchkit.errors import Problem
from branchkit.values import is_identifier

__all__ = ["lint"]

_Specs = Mapping[str, FactSpec]
_ONCE: Scope = ((), None)
_SLUG_WORDS = "Expected at most 100 lower-case letters, digits, - and _, not beginning with - or _"


def lint(checklist: Checklist) -> Iterator[Problem]:
    """Yield every problem of a checklist, each with its place."""
    yield from _names(checklist)
    base = {spec.name: spec for spec in (*BRANCH_FACTS, *checklist.facts)}
    # An id that is none, or doubled, is told already; nothing can refer to it.
    named = [(section, item) for section, item in checklist.items() if SLUG.fullmatch(item.id)]
    scopes = {item.id: scope_of(section, item) for section, item in named}
    answers = {item.id: item.answer.spec(f"answer.{item.id}") for _, item in named}
    alone = base | {f"answer.{name}": answers[name] for name, scope in scopes.items() if scope == _ONCE}
    yield from lint_rules(checklist.rules, "$.rules")
    for s, section in enumerate(checklist.sections):
        path = f"$.sections[{s}]"
        yield from lint_both(section.title, f"{path}.title")
        if not section.items:
            yield Problem(f"{path}.items", "Expected at least one item")
            continue
        yield from lint_each(section.for_each, f"{path}.for_each", base)
        if section.when is not None:
            yield from check(section.when, alone, f"{path}.when")
            yield from lint_applies(section.when, None, alone, f"{path}.when")
        if section.rows is not None:
            yield from _rows(section.rows, section, f"{path}.rows")
            reach = base | {f"answer.{item.id}": answers[item.id] for item in section.items if item.id in answers}
            for c, constraint in enumerate(section.constraints):
                yield from _constraint(constraint, section, reach, f"{path}.constraints[{c}]")
        elif section.constraints:
            yield Problem(f"{path}.constraints", "Has no effect: constraints judge rows, and the section has none")
        for i, item in enumerate(section.items):
            place = f"{path}.items[{i}]"
            scope = scope_of(section, item)
            near = {f"answer.{name}": answers[name] for name, other in scopes.items() if other == scope}
            yield from lint_item(item, section, alone | near, base, place)
            twice = [at for at, one in enumerate(item.for_each) if one in section.for_each]
            yield from (Problem(f"{place}.for_each[{at}]", "Expected each dimension once") for at in twice)
    yield from _circles(checklist)


def _names(checklist: Checklist) -> Iterator[Problem]:
    yield from lint_both(checklist.title, "$.title")
    if not SLUG.fullmatch(checklist.id.rpartition(".")[2]):
        yield Problem("$.id", f"{_SLUG_WORDS}, after a plug-in's name and a dot if any")
    if not is_identifier(checklist.version):
        yield Problem("$.version", "Expected a version, as in 1 or 2026.1")
    if not checklist.sections:
        yield Problem("$.sections", "Expected at least one section")
    known = {spec.name for spec in BRANCH_FACTS}
    for at, spec in enumerate(checklist.facts):
        if spec.name in known or spec.name.partition(".")[0] in {"answer", "branch", "at"}:
            yield Problem(f"$.facts[{at}].name", "Expected a name of its own, outside answer, branch and at")
        known.add(spec.name)
    sections: set[str] = set()
    items: set[str] = set()
    for s, section in enumerate(checklist.sections):
        if not SLUG.fullmatch(section.id):
            yield Problem(f"$.sections[{s}].id", _SLUG_WORDS)
        if section.id in sections:
            yield Problem(f"$.sections[{s}].id", f"Expected each section once; {section.id!r} stands there again")
        sections.add(section.id)
        for i, item in enumerate(section.items):
            path = f"$.sections[{s}].items[{i}].id"
            if not SLUG.fullmatch(item.id):
                yield Problem(path, _SLUG_WORDS)
            if item.id in items:
                yield Problem(path, f"Expected each item once; {item.id!r} stands there again")
            items.add(item.id)


def _rows(rows: Rows, section: Section, path: str) -> Iterator[Problem]:
    if not _are_sound(rows):
        yield Problem(path, "Expected `least` of 0 or more and `most` of at least 1 and not below it")
    if rows.key is None:
        return
    items = {item.id: item for item in section.items}
    item = items.get(rows.key)
    if item is None:
        yield Problem(f"{path}.key", f"Unknown item {rows.key!r}; the section has: {', '.join(items)}")
    elif not item.required or item.when is not None or not _names_rows(item.answer):
        what = "a choice of one, public words or a signature, required and without a condition"
        yield Problem(f"{path}.key", f"Expected an item that can name every row: {what}")


def _are_sound(rows: Rows) -> bool:
    return rows.least >= 0 and (rows.most is None or rows.most >= max(1, rows.least))


def _names_rows(answer: AnswerKind) -> bool:
    if isinstance(answer, Choice):
        return not answer.several
    return isinstance(answer, Signature) or (isinstance(answer, TextAnswer) and answer.public)


def _constraint(constraint: Constraint, section: Section, reach: _Specs, path: str) -> Iterator[Problem]:
    items = {item.id: item for item in section.items}
    names = constraint.items if isinstance(constraint, Distinct) else ()
    names = (constraint.item,) if isinstance(constraint, Total | Covers) else names
    for name in names:
        if name not in items:
            field = "items" if isinstance(constraint, Distinct) else "item"
            yield Problem(f"{path}.{field}", f"Unknown item {name!r}; the section has: {', '.join(items)}")
    if isinstance(constraint, Distinct):
        if not names:
            yield Problem(f"{path}.items", "Expected at least one item")
        yield from lint_once(names, f"{path}.items")
    elif isinstance(constraint, Count | Total):
        if constraint.low is None and constraint.high is None:
            yield Problem(path, "Expected `low` or `high`: without them it has no effect")
        if constraint.low is not None and constraint.high is not None and constraint.low > constraint.high:
            yield Problem(f"{path}.high", "Expected a number not below `low`")
    if isinstance(constraint, Count):
        if constraint.low is not None and constraint.low < 1:
            yield Problem(f"{path}.low", "Has no effect: there are never fewer than 0 rows")
        if constraint.high is not None and constraint.high < 0:
            yield Problem(f"{path}.high", "Expected 0 or more: there are never fewer rows")
        if constraint.when is not None:
            yield from check(constraint.when, reach, f"{path}.when")
            yield from lint_counted(constraint.when, reach, f"{path}.when")
    elif isinstance(constraint, Total) and constraint.item in items:
        if not isinstance(items[constraint.item].answer, Number | Scale):
            yield Problem(f"{path}.item", "Expected an item that asks for a number")
    elif isinstance(constraint, Covers):
        yield from _covers(constraint, items[constraint.item].answer if constraint.item in items else None, path)
    if section.rows is not None and _are_sound(section.rows):
        yield from lint_limits(constraint, section, section.rows, path)
    yield from lint_both(constraint.message, f"{path}.message")
    yield from lint_rules(constraint.rules, f"{path}.rules")


def _covers(constraint: Covers, answer: AnswerKind | None, path: str) -> Iterator[Problem]:
    if not constraint.values:
        yield Problem(f"{path}.values", "Has no effect: expected at least one value")
    yield from lint_once(constraint.values, f"{path}.values")
    if answer is None:
        return
    spec = answer.spec("answer")
    if spec.type not in {FactType.CODE, FactType.CODES, FactType.TEXT}:
        yield Problem(f"{path}.item", "Expected an item that asks for codes or words")
    for at, value in enumerate(constraint.values):
        if spec.choices and value not in spec.choices:
            yield Problem(f"{path}.values[{at}]", f"Expected a code of the item: {', '.join(spec.choices)}")


def _circles(checklist: Checklist) -> Iterator[Problem]:
    graph = {item.id: other_items(section.when) | other_items(item.when) for section, item in checklist.items()}
    circle = find_cycle({name: sorted(others) for name, others in graph.items()})
    if circle is not None:
        yield Problem("$.sections", f"Items wait for each other in a circle: {' -> '.join(circle)}")
