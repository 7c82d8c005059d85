"""Checks a scoring policy against the checklists it scores: every part must have something to look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from branchkit.checklists import Checklist, Choice, Item, PassFail, Scale, Section
from branchkit.codec import child
from branchkit.conditions import FactSpec, check, reads
from branchkit.errors import Problem
from branchkit.scoring.evidence import answer_names, brought_by
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.rubric import Deduction, Gate, Points, Select, Veto

__all__ = ["lint_policy"]


@attrs.frozen
class _Asked:
    """One item of a checklist that the policy scores."""

    checklist: Checklist
    section: Section
    item: Item


def lint_policy(policy: RubricPolicy, checklists: Mapping[str, Checklist]) -> tuple[Problem, ...]:
    """Return what does not fit between a policy and the checklists it scores.

    Reported are checklists that are not there, selections of sections and items that no checklist has, weights and
    codes without an item, conditions over unknown facts or over ``answer.<item>`` where several checklists have such
    an item, parts that no item can move, items that count in two parts of points, and proportional ratings
    where nothing is rated.

    Args:
        policy: the policy, proved by itself already.
        checklists: the checklists there are, by id.
    """
    return tuple(_lint(policy, checklists))


def _lint(policy: RubricPolicy, checklists: Mapping[str, Checklist]) -> Iterator[Problem]:
    for at, name in enumerate(policy.checklists):
        if name not in checklists:
            known = ", ".join(sorted(checklists)) or "none"
            yield Problem(f"$.checklists[{at}]", f"Unknown checklist {name!r}; there are: {known}")
    scored = [checklists[name] for name in policy.checklists if name in checklists]
    if len(scored) < len(policy.checklists):
        return
    asked = [_Asked(checklist, section, item) for checklist in scored for section, item in checklist.items()]
    if policy.ratings == "proportional" and not any(_is_rated(policy, one) for one in asked):
        yield Problem("$.ratings", "Has no effect: no item that gives points is a scale")
    counted: dict[tuple[str, str], str] = {}
    for at, part in enumerate(policy.parts):
        path = child("$.parts", at)
        if isinstance(part, Gate) or (isinstance(part, Deduction) and part.when is not None):
            continue
        yield from _names(part.select, scored, f"{path}.select")
        if isinstance(part, Points):
            yield from _points(policy, part, asked, counted, path)
        elif isinstance(part, Deduction) and part.by_value:
            yield from _by_value(part, asked, path)
        elif not any(_can_fail(policy, one.item) and _moves(part, one) for one in asked):
            yield Problem(f"{path}.select", "Has no effect: nothing that it selects can fail, or it costs nothing")
    yield from _conditions(policy, scored)


def _names(select: Select, scored: list[Checklist], path: str) -> Iterator[Problem]:
    within = [one for one in scored if not select.checklists or one.id in select.checklists]
    sections = [section.id for one in within for section in one.sections]
    items = [item.id for one in within for _, item in one.items()]
    for field, names, known in (("sections", select.sections, sections), ("items", select.items, items)):
        for at, name in enumerate(names):
            if name not in known:
                listed = ", ".join(sorted(set(known))[:20])
                yield Problem(f"{path}.{field}[{at}]", f"Unknown {field[:-1]} {name!r}; there are: {listed}")


def _points(
    policy: RubricPolicy, part: Points, asked: list[_Asked], counted: dict[tuple[str, str], str], path: str
) -> Iterator[Problem]:
    taken = [one for one in asked if _takes(part.select, one)]
    for name in part.weights:
        if name not in {one.item.id for one in taken}:
            yield Problem(child(path, "weights", name), "Has no effect: the part selects no such item")
    moving = [
        one
        for one in taken
        if _can_count(policy, one.item) and part.weight(one.item.id, one.item.severity, one.item.basis)
    ]
    if not moving:
        yield Problem(f"{path}.select", "Has no effect: nothing that it selects can pass or fail with a weight above 0")
    for one in moving:
        key = (one.checklist.id, one.item.id)
        other = counted.setdefault(key, part.id)
        if other != part.id:
            what = f"Expected each item to count once; {one.checklist.id}/{one.item.id} counts in {other!r} already"
            yield Problem(f"{path}.select", what)


def _by_value(part: Deduction, asked: list[_Asked], path: str) -> Iterator[Problem]:
    codes: set[str] = set()
    is_open = False
    for one in asked:
        # How bad it is depends on the answer, so a selection by severity is left open here.
        if _takes(attrs.evolve(part.select, severities=()), one):
            answer = one.item.answer
            if isinstance(answer, Choice) and not answer.several:
                codes |= {option.code for option in answer.options}
                is_open = is_open or answer.open
            elif isinstance(answer, PassFail):
                codes |= {"pass", "fail"}
    for code in part.by_value:
        if code not in codes and not is_open:
            known = ", ".join(sorted(codes)) or "none"
            what = f"Has no effect: no item it selects has this code; there are: {known}"
            yield Problem(child(path, "by_value", code), what)


def _takes(select: Select, one: _Asked) -> bool:
    return select.takes(one.checklist.id, one.section.id, one.item.id, one.item.severity, one.item.basis)


def _moves(part: Deduction | Veto, one: _Asked) -> bool:
    item = one.item
    worst = [item.severity, *(judgement.severity or item.severity for judgement in item.judgements)]
    return any(
        part.select.takes(one.checklist.id, one.section.id, item.id, severity, item.basis)
        and (
            isinstance(part, Veto)
            or bool(part.points)
            or (severity is not None and bool(part.by_severity.get(severity.value)))
        )
        for severity in worst
    )


def _can_fail(policy: RubricPolicy, item: Item) -> bool:
    return item.can_fail or policy.unknown == "failed" or (item.required and policy.unanswered == "failed")


def _can_count(policy: RubricPolicy, item: Item) -> bool:
    rated = policy.ratings == "proportional" and isinstance(item.answer, Scale)
    return rated or item.can_pass or _can_fail(policy, item)


def _is_rated(policy: RubricPolicy, one: _Asked) -> bool:
    return isinstance(one.item.answer, Scale) and any(
        _takes(part.select, one) and part.weight(one.item.id, one.item.severity, one.item.basis)
        for part in policy.points
    )


def _conditions(policy: RubricPolicy, scored: list[Checklist]) -> Iterator[Problem]:
    specs: dict[str, FactSpec] = {}
    asked: dict[str, list[str]] = {}
    for checklist in scored:
        specs |= brought_by(checklist)
        for one in checklist.prepared.asked.values():
            if not one.repeated:
                asked.setdefault(one.item.id, []).append(checklist.id)
    # Where two checklists ask items of one name, the name alone is nobody's answer.
    doubled = {answer_names("", item)[0]: (item, names) for item, names in asked.items() if len(names) > 1}
    specs |= {spec.name: spec for spec in policy.facts}
    conditions = [
        (part.when, f"$.parts[{at}].when")
        for at, part in enumerate(policy.parts)
        if isinstance(part, Deduction) and part.when is not None
    ]
    if policy.scored_when is not None:
        conditions.append((policy.scored_when, "$.scored_when"))
    for condition, path in conditions:
        for name in sorted(doubled.keys() & reads(condition)):
            item, names = doubled[name]
            clear = " or ".join(answer_names(checklist, item)[1] for checklist in names)
            yield Problem(path, f"Expected {clear}: several checklists answer {name!r}")
        yield from check(condition, specs, path)
