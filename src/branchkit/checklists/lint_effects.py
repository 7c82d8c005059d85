"""Finds conditions of a checklist that can never hold or change nothing, and limits that rows can never reach."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from branchkit.checklists.answers import AnswerKind, Choice, Number, Outcome, PassFail, Scale
from branchkit.checklists.model import Constraint, Count, Covers, Distinct, Item, Judgement, Rows, Section, Total
from branchkit.conditions import All, Condition, Exists, FactSpec, FactType, Scalar, reads
from branchkit.conditions.cases import Case, cases
from branchkit.errors import Problem
from branchkit.values import Unknown, decimal_text

__all__ = ["lint_applies", "lint_counted", "lint_deciding", "lint_limits", "lint_needs"]

_Specs = Mapping[str, FactSpec]
_NEVER = "Can never hold"


def lint_applies(when: Condition, within: Condition | None, specs: _Specs, path: str) -> Iterator[Problem]:
    """Yield what is wrong with when a section applies, or an item within a section's own condition."""
    alone = cases([when], specs)
    if alone is not None and not any(case.answer(when) for case in alone):
        yield Problem(path, _NEVER)
    elif alone is not None and all(case.answer(when) for case in alone):
        yield Problem(path, "Has no effect: it always holds")
    elif within == when:
        yield Problem(path, "Has no effect: the section has the same condition")
    elif within is not None:
        both = cases([when, within], specs) or ()
        if both and not any(case.answer(when) and case.answer(within) for case in both):
            yield Problem(path, f"{_NEVER} where the section applies")
        elif both and reads(when) <= reads(within) and all(_both(case, when, within) for case in both):
            yield Problem(path, "Has no effect: the section's condition says as much")


def _both(case: Case, when: Condition, within: Condition) -> bool:
    """Say whether an item's condition changes nothing beside its section's."""
    answers = {case.answer(when), case.answer(within)}
    together = False if False in answers else None if None in answers else True
    return together is case.answer(within)


def lint_counted(when: Condition, specs: _Specs, path: str) -> Iterator[Problem]:
    """Yield what is wrong with the rows that are counted."""
    found = cases([when], specs)
    if found is not None and not any(case.answer(when) for case in found):
        yield Problem(path, _NEVER)
    elif found is not None and all(case.answer(when) for case in found):
        yield Problem(path, "Has no effect: it always holds, and all rows are counted without it")


def lint_needs(item: Item, path: str) -> Iterator[Problem]:
    """Yield evidence that another rule of the item asks for anyway."""
    for at, rule in enumerate(item.evidence):
        told = {need for one in item.evidence[:at] if one.on == rule.on for need in one.needs}
        if rule.on != "any":
            told |= {need for one in item.evidence if one.on == "any" for need in one.needs}
        again = [number for number, need in enumerate(rule.needs) if need in told]
        if again and len(again) == len(rule.needs):
            yield Problem(f"{path}.evidence[{at}]", "Has no effect: another rule asks for the same")
        else:
            for number in again:
                yield Problem(f"{path}.evidence[{at}].needs[{number}]", "Has no effect: another rule asks for the same")


def lint_deciding(item: Item, specs: _Specs, path: str) -> Iterator[Problem]:
    """Yield judgements that never get a turn, and those that come to what the answer alone comes to."""
    judgements = item.judgements
    if not judgements:
        return
    deciding = [_deciding(judgement) for judgement in judgements]
    points = {"answer": _points(item.answer)}
    exact = cases(deciding, specs, points=points)
    found = exact if exact is not None else cases(deciding, specs)
    for at, judgement in enumerate(judgements):
        place = f"{path}.judgements[{at}]"
        same = _same(judgement, judgements[:at])
        if same is not None:
            yield Problem(f"{place}.when", f"Has no effect: `judgements[{same}]` with the same condition decides first")
            continue
        alone = found if found is not None else cases(deciding[at : at + 1], specs)
        if alone is None:
            continue
        if not any(case.answer(deciding[at]) for case in alone if _can_be(item.answer, case)):
            yield Problem(f"{place}.when", _NEVER)
            continue
        if found is None:
            continue
        turns = [
            case
            for case in found
            if case.answer(deciding[at])
            and not any(case.answer(one) for one in deciding[:at])
            and _can_be(item.answer, case)
        ]
        if not turns:
            yield Problem(f"{place}.when", "Has no effect: the judgements above decide whatever it decides")
        elif (
            exact is not None
            and _says_nothing(judgement, item)
            and all(_is_own(item, judgement, case, deciding[at + 1 :]) for case in turns)
        ):
            yield Problem(place, "Has no effect: the answer alone comes to the same")


def _deciding(judgement: Judgement) -> Condition:
    # A warning is no judgement of what nobody answered.
    return All((Exists("answer"), judgement.when)) if judgement.outcome == "warning" else judgement.when


def _same(judgement: Judgement, above: tuple[Judgement, ...]) -> int | None:
    for at, other in enumerate(above):
        if other.when == judgement.when and (other.outcome != "warning" or judgement.outcome == "warning"):
            return at
    return None


def _says_nothing(judgement: Judgement, item: Item) -> bool:
    """Say whether a judgement tells nothing but its outcome; of a scale, it also takes the place of the rating."""
    return (
        not isinstance(item.answer, Scale)
        and judgement.severity in {None, item.severity}
        and judgement.message is None
        and set(judgement.rules) <= set(item.rules)
    )


def _is_own(item: Item, judgement: Judgement, case: Case, below: list[Condition]) -> bool:
    value = case.facts["answer"]
    if isinstance(value, Unknown) or any(case.answer(one) for one in below):
        return False
    return item.answer.outcome(value) is {"pass": Outcome.PASS, "fail": Outcome.FAIL}.get(judgement.outcome)


def _points(answer: AnswerKind) -> tuple[Scalar, ...]:
    """Return the values at which what an answer means may change."""
    if isinstance(answer, PassFail):
        return ("pass", "fail")
    if isinstance(answer, Choice):
        return tuple(option.code for option in answer.options)
    if isinstance(answer, Scale):
        return () if answer.pass_from is None else (Decimal(answer.pass_from),)
    if isinstance(answer, Number):
        return tuple(limit for limit in (answer.pass_low, answer.pass_high) if limit is not None)
    return ()


def _can_be(answer: AnswerKind, case: Case) -> bool:
    """Say whether a case's answer can be given."""
    value = case.facts.get("answer", Unknown("not asked"))
    if isinstance(value, Decimal) and (isinstance(answer, Scale) or (isinstance(answer, Number) and answer.whole)):
        return value == value.to_integral_value()
    return value != frozenset()


def lint_limits(constraint: Constraint, section: Section, rows: Rows, path: str) -> Iterator[Problem]:
    """Yield limits that rows keep or break anyway, by how many there may be and what they may answer."""
    least, most = rows.least, rows.most
    answers = {item.id: item.answer for item in section.items}
    if isinstance(constraint, Distinct) and most == 1:
        yield Problem(path, "Has no effect: there is never more than one row")
    elif isinstance(constraint, Count):
        low = Decimal(least) if constraint.when is None else Decimal(0)
        yield from _within(constraint, low, None if most is None else Decimal(most), path)
    elif isinstance(constraint, Total) and isinstance(answers.get(constraint.item), Number | Scale):
        lowest, highest = answers[constraint.item].spec("answer").bounds
        yield from _within(constraint, _reach(lowest, most, up=False), _reach(highest, most, up=True), path)
    elif isinstance(constraint, Covers) and constraint.item in answers and most is not None:
        several = answers[constraint.item].spec("answer").type is FactType.CODES
        if not several and len(constraint.values) > most:
            yield Problem(f"{path}.values", f"Can never be kept: there are at most {most} rows, each with one value")


def _reach(bound: object, most: int | None, *, up: bool) -> Decimal | None:
    """Return how far a sum over the rows goes to one side; a row without the number adds nothing."""
    if not isinstance(bound, Decimal):
        return None
    if (bound <= 0) if up else (bound >= 0):
        return Decimal(0)
    return None if most is None else bound * most


def _within(constraint: Count | Total, least: Decimal | None, most: Decimal | None, path: str) -> Iterator[Problem]:
    low, high = constraint.low, constraint.high
    if low is not None and high is not None and low > high:
        return
    what = "rows" if isinstance(constraint, Count) else "in sum"
    if low is not None and most is not None and low > most:
        yield Problem(f"{path}.low", f"Can never be kept: there are at most {decimal_text(most)} {what}")
    elif low is not None and least is not None and least >= low > 0:
        yield Problem(f"{path}.low", f"Has no effect: there are at least {decimal_text(least)} {what}")
    if high is not None and least is not None and 0 <= high < least:
        yield Problem(f"{path}.high", f"Can never be kept: there are at least {decimal_text(least)} {what}")
    elif high is not None and most is not None and high >= most:
        yield Problem(f"{path}.high", f"Has no effect: there are at most {decimal_text(most)} {what}")
