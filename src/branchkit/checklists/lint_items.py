"""Checks the items of a checklist as it is loaded: severities, evidence, judgements, and what they are asked for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from branchkit.checklists.answers import Choice, Number
from branchkit.checklists.lint_effects import lint_applies, lint_deciding, lint_needs
from branchkit.checklists.model import Each, EachEquipment, EachStaff, EachValue, Item, Section
from branchkit.conditions import FactSpec, FactType, check
from branchkit.errors import Problem
from branchkit.values import Text, is_rule_id

__all__ = ["SLUG", "lint_both", "lint_each", "lint_item", "lint_once", "lint_rules"]

SLUG = re.compile(r"[a-z0-9][a-z0-9_-]{0,99}")
_DIMENSION = re.compile(r"[a-z][a-z0-9_]*")
_TAKEN = {"branch", "equipment", "row", "staff", "unnamed_row", "zone"}
_Specs = Mapping[str, FactSpec]


def lint_item(item: Item, section: Section, in_reach: _Specs, base: _Specs, path: str) -> Iterator[Problem]:
    """Yield the problems of one item; the facts in its reach hold its own answer too."""
    yield from lint_both(item.text, f"{path}.text")
    yield from lint_rules(item.rules, f"{path}.rules")
    if item.can_fail and item.severity is None and not _judgements_are_severe(item):
        yield Problem(f"{path}.severity", "Expected a severity: the item can fail")
    if not item.can_fail and item.severity is not None:
        yield Problem(f"{path}.severity", "Has no effect: no answer to this item fails")
    if item.for_each and section.rows is not None:
        yield Problem(f"{path}.for_each", "Has no effect in a section answered in rows: bind the section instead")
    yield from lint_each(item.for_each, f"{path}.for_each", base)
    if item.when is not None:
        own = f"answer.{item.id}"
        others = {name: spec for name, spec in in_reach.items() if name != own}
        yield from check(item.when, others, f"{path}.when")
        yield from lint_applies(item.when, section.when, others, f"{path}.when")
    yield from _evidence(item, path)
    yield from _judgements(item, in_reach, path)
    if item.hint is not None:
        yield from lint_both(item.hint, f"{path}.hint")
    if item.opens is not None and not item.can_fail:
        yield Problem(f"{path}.opens", "Has no effect: no answer to this item fails")
    if isinstance(item.answer, Choice):
        for at, option in enumerate(item.answer.options):
            yield from lint_both(option.text, f"{path}.answer.options[{at}].text")
    if isinstance(item.answer, Number) and not item.answer.unit.strip():
        yield Problem(f"{path}.answer.unit", "Expected the unit, as in °C or pieces")


def _judgements_are_severe(item: Item) -> bool:
    if item.answer.can_fail:
        return False
    return all(judgement.severity is not None for judgement in item.judgements if judgement.outcome == "fail")


def _evidence(item: Item, path: str) -> Iterator[Problem]:
    for at, evidence in enumerate(item.evidence):
        place = f"{path}.evidence[{at}]"
        if not evidence.needs:
            yield Problem(f"{place}.needs", "Has no effect: nothing is needed")
        yield from lint_once(evidence.needs, f"{place}.needs")
        if evidence.on == "fail" and not item.can_fail:
            yield Problem(f"{place}.on", "Has no effect: no answer to this item fails")
        if evidence.on == "pass" and not item.can_pass:
            yield Problem(f"{place}.on", "Has no effect: no answer to this item passes")
    yield from lint_needs(item, path)


def _judgements(item: Item, in_reach: _Specs, path: str) -> Iterator[Problem]:
    scope = {**in_reach, "answer": item.answer.spec("answer")}
    for at, judgement in enumerate(item.judgements):
        place = f"{path}.judgements[{at}]"
        yield from check(judgement.when, scope, f"{place}.when")
        if judgement.message is not None:
            yield from lint_both(judgement.message, f"{place}.message")
        if judgement.outcome != "fail" and judgement.severity is not None:
            yield Problem(f"{place}.severity", f"Has no effect on the outcome {judgement.outcome}")
        if judgement.outcome == "pass" and judgement.message is not None:
            yield Problem(f"{place}.message", "Has no effect: a pass gives no finding")
        yield from lint_rules(judgement.rules, f"{place}.rules")
    yield from lint_deciding(item, scope, path)


def lint_each(each: tuple[Each, ...], path: str, base: _Specs) -> Iterator[Problem]:
    """Yield the problems of what a section or an item is asked for."""
    for at, one in enumerate(each):
        place = f"{path}[{at}]"
        if one in each[:at]:
            yield Problem(place, "Expected each dimension once")
        if isinstance(one, EachValue):
            yield from _value(one, place, base)
            continue
        field = "posts" if isinstance(one, EachStaff) else "kinds"
        codes = one.posts if isinstance(one, EachStaff) else one.kinds
        if not codes:
            yield Problem(f"{place}.{field}", f"Expected at least one {field[:-1]}")
        yield from lint_once(codes, f"{place}.{field}")
        if isinstance(one, EachEquipment):
            yield from lint_once(one.zone_kinds, f"{place}.zone_kinds")


def _value(one: EachValue, place: str, base: _Specs) -> Iterator[Problem]:
    if bool(one.values) == (one.fact is not None):
        yield Problem(place, "Expected either `values` or `fact`, and not both")
    yield from lint_once(one.values, f"{place}.values")
    if one.fact is not None and (one.fact not in base or base[one.fact].type is not FactType.CODES):
        sets = sorted(name for name, spec in base.items() if spec.type is FactType.CODES)
        yield Problem(f"{place}.fact", f"Expected a fact that is a set of codes: {', '.join(sets)}")
    if not _DIMENSION.fullmatch(one.name) or one.name in _TAKEN:
        taken = ", ".join(sorted(_TAKEN))
        yield Problem(f"{place}.name", f"Expected a name of lower-case letters, digits and _ other than: {taken}")


def lint_both(text: Text, path: str) -> Iterator[Problem]:
    """Yield a problem for each language that is missing."""
    for lang in ("zh", "en"):
        if not getattr(text, lang).strip():
            yield Problem(f"{path}.{lang}", "Expected words in both languages")


def lint_rules(rules: Iterable[str], path: str) -> Iterator[Problem]:
    """Yield the rule ids that are none, or listed again."""
    listed = tuple(rules)
    for at, rule in enumerate(listed):
        if not is_rule_id(rule):
            yield Problem(f"{path}[{at}]", f"Expected a rule id with its area, as in estate:EST-OUT-01, not {rule!r}")
        elif rule in listed[:at]:
            yield Problem(f"{path}[{at}]", f"Expected each rule once; {rule!r} stands there again")


def lint_once(values: tuple[str, ...], path: str) -> Iterator[Problem]:
    """Yield what is listed again."""
    for at, value in enumerate(values):
        if value in values[:at]:
            yield Problem(f"{path}[{at}]", f"Expected each value once; {value!r} stands there again")
