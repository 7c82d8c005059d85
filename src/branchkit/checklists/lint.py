"""Checks a checklist as it is loaded: nothing doubled, nothing unknown, no setting without effect, no circle."""

from __future__ import annotations

import re
from collections.abc import Iterator

from branchkit.checklists.answers import Choice, Number, Scale
from branchkit.checklists.binding import BRANCH_FACTS
from branchkit.checklists.model import (
    Checklist,
    Constraint,
    Count,
    Covers,
    Distinct,
    Each,
    EachEquipment,
    EachStaff,
    EachValue,
    EachZone,
    Item,
    Section,
    Total,
)
from branchkit.conditions import Condition, FactSpec, FactType, check, find_cycle, reads
from branchkit.errors import Problem
from branchkit.values import Text, is_rule_id

__all__ = ["lint"]

_SLUG = re.compile(r"[a-z0-9][a-z0-9_-]*")
_Bound = tuple[tuple[Each, ...], bool, tuple[Each, ...]]
_ONCE: _Bound = ((), False, ())


def lint(checklist: Checklist) -> Iterator[Problem]:
    """Yield every problem of a checklist, each with its place."""
    yield from _names(checklist)
    base = {spec.name: spec for spec in (*BRANCH_FACTS, *checklist.facts)}
    answers = {item.id: item for _, item in checklist.items()}
    bounds = {item.id: (section.for_each, section.rows is not None, item.for_each) for section, item in checklist.items()}
    answer_specs = {name: item.answer.spec(f"answer.{name}") for name, item in answers.items()}
    for at, rule in enumerate(checklist.rules):
        yield from _rule(rule, f"$.rules[{at}]")
    for s, section in enumerate(checklist.sections):
        path = f"$.sections[{s}]"
        yield from _both(section.title, f"{path}.title")
        if not section.items:
            yield Problem(f"{path}.items", "Expected at least one item")
            continue
        yield from _each(section.for_each, f"{path}.for_each", base)
        if section.when is not None:
            alone = {name for name, bound in bounds.items() if bound == _ONCE}
            yield from check(section.when, base | {f"answer.{n}": answer_specs[n] for n in alone}, f"{path}.when")
        if section.constraints and section.rows is None:
            yield Problem(f"{path}.constraints", "Has no effect: constraints judge rows, and the section has none")
        if section.rows is not None:
            if section.rows.least < 0 or (section.rows.most is not None and section.rows.most < max(1, section.rows.least)):
                yield Problem(f"{path}.rows", "Expected `least` of 0 or more and `most` not below it")
            for c, constraint in enumerate(section.constraints):
                yield from _constraint(constraint, section, answer_specs, base, f"{path}.constraints[{c}]")
        for i, item in enumerate(section.items):
            in_reach = base | {
                f"answer.{name}": spec
                for name, spec in answer_specs.items()
                if bounds[name] in {bounds[item.id], _ONCE}
            }
            yield from _item(item, section, in_reach, base, f"{path}.items[{i}]")
    yield from _circles(checklist)


def _names(checklist: Checklist) -> Iterator[Problem]:
    yield from _both(checklist.title, "$.title")
    if not _SLUG.fullmatch(checklist.id.rpartition(".")[2]):
        yield Problem("$.id", "Expected lower-case letters, digits, - and _, after a plug-in's name and a dot if any")
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
        if not _SLUG.fullmatch(section.id):
            yield Problem(f"$.sections[{s}].id", "Expected lower-case letters, digits, - and _")
        if section.id in sections:
            yield Problem(f"$.sections[{s}].id", f"Expected each section once; {section.id!r} stands there again")
        sections.add(section.id)
        for i, item in enumerate(section.items):
            if not _SLUG.fullmatch(item.id):
                yield Problem(f"$.sections[{s}].items[{i}].id", "Expected lower-case letters, digits, - and _")
            if item.id in items:
                yield Problem(f"$.sections[{s}].items[{i}].id", f"Expected each item once; {item.id!r} stands there again")
            items.add(item.id)


def _item(
    item: Item, section: Section, in_reach: dict[str, FactSpec], base: dict[str, FactSpec], path: str
) -> Iterator[Problem]:
    yield from _both(item.text, f"{path}.text")
    for at, rule in enumerate(item.rules):
        yield from _rule(rule, f"{path}.rules[{at}]")
    if item.can_fail and item.severity is None and not _judgements_are_severe(item):
        yield Problem(f"{path}.severity", "Expected a severity: the item can fail")
    if not item.can_fail and item.severity is not None:
        yield Problem(f"{path}.severity", "Has no effect: no answer to this item fails")
    if item.for_each and section.rows is not None:
        yield Problem(f"{path}.for_each", "Has no effect in a section answered in rows: bind the section instead")
    yield from _each(item.for_each, f"{path}.for_each", base)
    if item.when is not None:
        own = f"answer.{item.id}"
        yield from check(item.when, {n: spec for n, spec in in_reach.items() if n != own}, f"{path}.when")
    for at, evidence in enumerate(item.evidence):
        if not evidence.needs:
            yield Problem(f"{path}.evidence[{at}].needs", "Has no effect: nothing is needed")
        if evidence.on == "fail" and not item.can_fail:
            yield Problem(f"{path}.evidence[{at}].on", "Has no effect: no answer to this item fails")
        if evidence.on == "pass" and not item.can_fail and not any(j.outcome == "pass" for j in item.judgements):
            yield Problem(f"{path}.evidence[{at}].on", "Has no effect: no answer to this item passes")
    scope = in_reach | {"answer": item.answer.spec("answer")}
    for at, judgement in enumerate(item.judgements):
        place = f"{path}.judgements[{at}]"
        yield from check(judgement.when, scope, f"{place}.when")
        if judgement.message is not None:
            yield from _both(judgement.message, f"{place}.message")
        if judgement.outcome != "fail" and judgement.severity is not None:
            yield Problem(f"{place}.severity", f"Has no effect on the outcome {judgement.outcome}")
        if judgement.outcome == "pass" and judgement.message is not None:
            yield Problem(f"{place}.message", "Has no effect: a pass gives no finding")
        for r, rule in enumerate(judgement.rules):
            yield from _rule(rule, f"{place}.rules[{r}]")
    if item.hint is not None:
        yield from _both(item.hint, f"{path}.hint")
    if isinstance(item.answer, Choice):
        for at, option in enumerate(item.answer.options):
            yield from _both(option.text, f"{path}.answer.options[{at}].text")
    if isinstance(item.answer, Number) and not item.answer.unit.strip():
        yield Problem(f"{path}.answer.unit", "Expected the unit, as in °C or pieces")


def _judgements_are_severe(item: Item) -> bool:
    if item.answer.can_fail:
        return False
    return all(judgement.severity is not None for judgement in item.judgements if judgement.outcome == "fail")


def _each(each: tuple[Each, ...], path: str, base: dict[str, FactSpec]) -> Iterator[Problem]:
    for at, one in enumerate(each):
        place = f"{path}[{at}]"
        if isinstance(one, EachEquipment | EachZone) and not one.kinds:
            yield Problem(f"{place}.kinds", "Expected at least one kind")
        elif isinstance(one, EachStaff) and not one.posts:
            yield Problem(f"{place}.posts", "Expected at least one post")
        elif isinstance(one, EachValue):
            if bool(one.values) == (one.fact is not None):
                yield Problem(place, "Expected either `values` or `fact`, and not both")
            if len(set(one.values)) != len(one.values):
                yield Problem(f"{place}.values", "Expected each value once")
            if one.fact is not None and (one.fact not in base or base[one.fact].type is not FactType.CODES):
                sets = sorted(name for name, spec in base.items() if spec.type is FactType.CODES)
                yield Problem(f"{place}.fact", f"Expected a fact that is a set of codes: {', '.join(sets)}")
            if not re.fullmatch(r"[a-z][a-z0-9_]*", one.name) or one.name == "row":
                yield Problem(f"{place}.name", "Expected lower-case letters, digits and _, and not row")


def _constraint(
    constraint: Constraint, section: Section, specs: dict[str, FactSpec], base: dict[str, FactSpec], path: str
) -> Iterator[Problem]:
    items = {item.id: item for item in section.items}
    names = constraint.items if isinstance(constraint, Distinct) else ()
    names = (constraint.item,) if isinstance(constraint, Total | Covers) else names
    for name in names:
        if name not in items:
            yield Problem(path, f"Unknown item {name!r}; the section has: {', '.join(items)}")
    if isinstance(constraint, Distinct) and not names:
        yield Problem(f"{path}.items", "Expected at least one item")
    if isinstance(constraint, Count | Total):
        if constraint.low is None and constraint.high is None:
            yield Problem(path, "Expected `low` or `high`: without them it has no effect")
        if constraint.low is not None and constraint.high is not None and constraint.low > constraint.high:
            yield Problem(f"{path}.high", "Expected a number not below `low`")
    if isinstance(constraint, Count) and constraint.when is not None:
        reach = base | {f"answer.{name}": specs[name] for name in items}
        yield from check(constraint.when, reach, f"{path}.when")
    if isinstance(constraint, Total) and constraint.item in items:
        if not isinstance(items[constraint.item].answer, Number | Scale):
            yield Problem(f"{path}.item", "Expected an item that asks for a number")
    if isinstance(constraint, Covers) and constraint.item in items:
        answer = items[constraint.item].answer
        codes = {option.code for option in answer.options} if isinstance(answer, Choice) else set()
        if not constraint.values or (isinstance(answer, Choice) and not answer.open and not codes.issuperset(constraint.values)):
            yield Problem(f"{path}.values", f"Expected values of the item: {', '.join(sorted(codes))}")
    yield from _both(constraint.message, f"{path}.message")
    for at, rule in enumerate(constraint.rules):
        yield from _rule(rule, f"{path}.rules[{at}]")


def _circles(checklist: Checklist) -> Iterator[Problem]:
    graph: dict[str, set[str]] = {}
    for section, item in checklist.items():
        waits: set[str] = set()
        for condition in (section.when, item.when):
            waits |= _asked(condition)
        graph[item.id] = waits
    circle = find_cycle(graph)
    if circle is not None:
        yield Problem("$.sections", f"Items wait for each other in a circle: {' -> '.join(circle)}")


def _asked(condition: Condition | None) -> set[str]:
    if condition is None:
        return set()
    return {name.removeprefix("answer.") for name in reads(condition) if name.startswith("answer.")}


def _both(text: Text, path: str) -> Iterator[Problem]:
    for lang in ("zh", "en"):
        if not getattr(text, lang).strip():
            yield Problem(f"{path}.{lang}", "Expected words in both languages")


def _rule(rule: str, path: str) -> Iterator[Problem]:
    if not is_rule_id(rule):
        yield Problem(path, f"Expected a rule id with its area, as in estate:EST-OUT-01, not {rule!r}")
