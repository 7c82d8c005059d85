"""Adds up: from cells to marks, from marks to a score, with the reason for every step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction

import attrs

from branchkit.checklists import Cell, CellState, Reading, Scale
from branchkit.conditions import evaluate
from branchkit.scoring.evidence import Evidence
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.rubric import Aggregate, Deduction, Gate, Points, Veto
from branchkit.scoring.score import Deducted, Mark, MarkState, PartScore, Score
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text

__all__ = ["Tally", "decide", "marks_of", "round_to", "takes", "tally"]

_FIXED = {
    CellState.PASSED: MarkState.PASSED,
    CellState.WARNED: MarkState.PASSED,
    CellState.FAILED: MarkState.FAILED,
    CellState.NEUTRAL: MarkState.NEUTRAL,
    CellState.NOT_APPLICABLE: MarkState.NEUTRAL,
    CellState.SKIPPED: MarkState.NEUTRAL,
}
_COUNTS = {"failed": MarkState.FAILED, "neutral": MarkState.NEUTRAL}


@attrs.frozen(kw_only=True)
class Tally:
    """What marks add up to, exact."""

    total: Fraction
    """Limited by floor, ceiling, vetoes and gates; not yet rounded."""
    band: str | None
    aggregates: Mapping[str, Fraction]
    percents: Mapping[str, Fraction | None]
    """The percentage of each part of points; ``None`` where nothing in it applied."""
    deducted: tuple[Deducted, ...]
    limits: tuple[Veto | Gate, ...]
    """The vetoes and gates that limited it."""


def decide(policy: RubricPolicy, evidence: Evidence) -> Decision[Score]:
    """Score evidence by a policy."""
    reason = _not_scored(policy, evidence)
    marks = marks_of(policy, evidence.readings)
    result = None if reason is not None else tally(policy, marks)
    if result is None:
        reason = reason or Text(zh="没有适用的检查项", en="nothing in it applied")
        return _decision(policy, evidence, Score(points=None, band=None, reason=reason, marks=marks), ())
    score = Score(
        points=round_to(result.total, policy.places),
        band=result.band,
        aggregates=FrozenMap({name: round_to(value, policy.places) for name, value in result.aggregates.items()}),
        parts=tuple(
            PartScore(part=p.id, worth=p.worth, percent=None if (s := result.percents[p.id]) is None else round_to(s, policy.places))
            for p in policy.points
        ),
        deductions=result.deducted,
        vetoes=tuple(limit.id for limit in result.limits),
        marks=marks,
    )
    return _decision(policy, evidence, score, _steps(policy, marks, result))


def marks_of(policy: RubricPolicy, readings: Iterable[Reading]) -> tuple[Mark, ...]:
    """Return the cells of the sheets a policy scores as it sees them."""
    return tuple(
        _mark(policy, reading, cell)
        for reading in readings
        if reading.sheet.checklist in policy.checklists
        for cell in reading.cells
    )


def tally(policy: RubricPolicy, marks: Sequence[Mark]) -> Tally | None:
    """Add marks up; ``None`` where the policy gives points and none of them applied."""
    percents: dict[str, Fraction | None] = {}
    credits: list[tuple[str, Fraction]] = []
    earned = applicable = all_worth = Fraction(0)
    for part in policy.points:
        share, items = _share(part, marks)
        percents[part.id] = None if share is None else share * 100
        credits += items
        all_worth += Fraction(part.worth)
        if share is not None:
            applicable += Fraction(part.worth)
            earned += Fraction(part.worth) * share
    if policy.points and not applicable:
        return None
    deducted = tuple(hit for deduction in policy.deductions for hit in _hits(deduction, marks))
    total = Fraction(policy.start) + (earned * all_worth / applicable if policy.points else 0)
    for deduction in policy.deductions:
        lost = sum((hit.points for hit in deducted if hit.deduction == deduction.id), Decimal(0))
        total -= Fraction(lost if deduction.cap is None else min(lost, deduction.cap))
    total = max(Fraction(policy.floor), min(Fraction(policy.ceiling), total))
    limits = tuple(limit for limit in (*policy.vetoes, *policy.gates) if _limits(limit, marks, percents))
    for limit in limits:
        if limit.points_at_most is not None:
            total = min(total, Fraction(limit.points_at_most))
    aggregates = {"total": total}
    for name, aggregate in policy.aggregates.items():
        aggregates[name] = _aggregate(aggregate, policy, percents, credits, deducted)
    band = _band(policy, aggregates, limits) if policy.bands else None
    return Tally(
        total=total, band=band, aggregates=aggregates, percents=percents, deducted=deducted, limits=limits
    )


def _mark(policy: RubricPolicy, reading: Reading, cell: Cell) -> Mark:
    state = _FIXED.get(cell.state)
    if state is None:
        rule = policy.unanswered if cell.state is CellState.MISSING else policy.unknown
        state = _COUNTS.get(rule, MarkState.NEUTRAL)
    credit = None
    scale = cell.item.answer
    if policy.ratings == "proportional" and isinstance(scale, Scale) and isinstance(cell.value, Decimal):
        if state is not MarkState.NEUTRAL or cell.state is CellState.NEUTRAL:
            credit = (cell.value - scale.low) / (scale.high - scale.low)
            state = MarkState.PASSED if credit == 1 else MarkState.FAILED
    return Mark(
        sheet=reading.sheet.id,
        checklist=reading.sheet.checklist,
        section=cell.section.id,
        item=cell.item.id,
        on=cell.on,
        state=state,
        value=cell.value if isinstance(cell.value, str) and cell.item.answer.KIND in {"choice", "pass_fail"} else None,
        severity=cell.item.severity if cell.judgement is None else cell.judgement.severity or cell.item.severity,
        basis=cell.item.basis,
        credit=credit,
        text=cell.item.text,
        rules=cell.rules,
    )


def _share(part: Points, marks: Sequence[Mark]) -> tuple[Fraction | None, list[tuple[str, Fraction]]]:
    weights = passed = Fraction(0)
    items: list[tuple[str, Fraction]] = []
    for mark in marks:
        if mark.state is MarkState.NEUTRAL or not takes(part, mark):
            continue
        weight = Fraction(part.weight(mark.item, mark.severity, mark.basis))
        credit = Fraction(mark.state is MarkState.PASSED) if mark.credit is None else Fraction(mark.credit)
        if weight:
            items.append((part.id, credit))
        weights += weight
        passed += weight * credit
    return (passed / weights if weights else None), items


def takes(part: Points | Deduction | Veto, mark: Mark) -> bool:
    """Say whether a part looks at a mark."""
    return part.select.takes(mark.checklist, mark.section, mark.item, mark.severity, mark.basis)


def _hits(deduction: Deduction, marks: Sequence[Mark]) -> Iterable[Deducted]:
    for mark in marks:
        if deduction.by_value:
            points = deduction.by_value.get(mark.value or "")
        elif mark.state is not MarkState.FAILED:
            points = None
        elif deduction.points is not None:
            points = deduction.points
        else:
            points = deduction.by_severity.get(mark.severity.value) if mark.severity else None
        if points and takes(deduction, mark):
            rules = (*deduction.rules, *(rule for rule in mark.rules if rule not in deduction.rules))
            yield Deducted(
                deduction=deduction.id, sheet=mark.sheet, key=mark.key, points=points, reason=deduction.reason, rules=rules
            )


def _limits(limit: Veto | Gate, marks: Sequence[Mark], percents: Mapping[str, Fraction | None]) -> bool:
    if isinstance(limit, Veto):
        return any(mark.state is MarkState.FAILED and takes(limit, mark) for mark in marks)
    percent = percents[limit.part]
    return percent is not None and percent < Fraction(limit.percent_at_least)


def _aggregate(
    aggregate: Aggregate,
    policy: RubricPolicy,
    percents: Mapping[str, Fraction | None],
    credits: Sequence[tuple[str, Fraction]],
    deducted: Sequence[Deducted],
) -> Fraction:
    worth = {part.id: Fraction(part.worth) for part in policy.points}
    wanted = set(aggregate.ids)
    if aggregate.over == "parts":
        pairs = [(p, worth[n]) for n, p in percents.items() if p is not None and (not wanted or n in wanted)]
    elif aggregate.over == "items":
        pairs = [(credit * 100, Fraction(1)) for name, credit in credits if not wanted or name in wanted]
    else:
        pairs = [(Fraction(hit.points), Fraction(1)) for hit in deducted if not wanted or hit.deduction in wanted]
    empty = Fraction(0 if aggregate.over == "deductions" else 100)
    values = [value for value, _ in pairs]
    if aggregate.of == "sum":
        return sum(values, Fraction(0))
    if not values:
        return empty
    if aggregate.of == "minimum":
        return min(values)
    if aggregate.of == "maximum":
        return max(values)
    return sum((value * weight for value, weight in pairs), Fraction(0)) / sum((weight for _, weight in pairs), Fraction(0))


def _band(policy: RubricPolicy, aggregates: Mapping[str, Fraction], limits: Sequence[Veto | Gate]) -> str:
    # Bands look at what people see: the rounded numbers.
    facts = {name: round_to(value, policy.places) for name, value in aggregates.items()}
    row = policy.band_table.decide(facts).value
    assert row is not None, "proved at load: every result has a band"
    rank = policy.band_rank(str(row["band"]))
    for limit in limits:
        if limit.band_at_most is not None:
            rank = max(rank, policy.band_rank(limit.band_at_most))
    return policy.bands[rank].code


def _not_scored(policy: RubricPolicy, evidence: Evidence) -> Text | None:
    readings = [reading for reading in evidence.readings if reading.sheet.checklist in policy.checklists]
    if not readings:
        return Text(zh="没有本策略评分的检查表", en=f"no sheet of: {', '.join(policy.checklists)}")
    if policy.scored_when is not None and evaluate(policy.scored_when, evidence.scope()) is not True:
        return policy.not_scored_reason
    for state, rule, zh, en in (
        (CellState.MISSING, policy.unanswered, "未作答", "not answered"),
        (CellState.UNKNOWN, policy.unknown, "情况未知", "not known"),
    ):
        if rule == "not_scored":
            lacking = [cell.key for reading in readings for cell in reading.cells if cell.state is state]
            if lacking:
                more = f" (+{len(lacking) - 5})" if len(lacking) > 5 else ""
                listed = ", ".join(lacking[:5]) + more
                return Text(zh=f"{zh}:{listed}", en=f"{en}: {listed}")
    return None


def _steps(policy: RubricPolicy, marks: Sequence[Mark], result: Tally) -> tuple[Step, ...]:
    steps: list[Step] = []
    if policy.start:
        steps.append(Step(what=Text(zh="起始分", en="start"), effect=policy.start))
    by_key = {(mark.sheet, mark.key): mark for mark in marks}
    for part in policy.points:
        percent = result.percents[part.id]
        if percent is None:
            steps.append(Step(what=Text(zh=f"{part.title.zh}:不适用", en=f"{part.title.en}: nothing applied")))
            continue
        share = round_to(percent, policy.places)
        what = Text(zh=f"{part.title.zh}:{share}%", en=f"{part.title.en}: {share} %")
        steps.append(Step(what=what, effect=round_to(percent * Fraction(part.worth) / 100, policy.places)))
        steps += [
            Step(what=Text(zh=f"未通过:{mark.text.zh}", en=f"failed: {mark.text.en}"), rules=mark.rules, refs=_refs(mark))
            for mark in by_key.values()
            if mark.state is MarkState.FAILED and takes(part, mark)
        ]
    steps += [
        Step(what=hit.reason, rules=hit.rules, refs=_refs(by_key[hit.sheet, hit.key]), effect=-hit.points)
        for hit in result.deducted
    ]
    for deduction in policy.deductions:
        lost = sum((hit.points for hit in result.deducted if hit.deduction == deduction.id), Decimal(0))
        if deduction.cap is not None and lost > deduction.cap:
            what = Text(zh=f"{deduction.reason.zh}:扣分上限", en=f"{deduction.reason.en}: capped")
            steps.append(Step(what=what, effect=lost - deduction.cap))
    for limit in result.limits:
        at_most = limit.points_at_most if limit.points_at_most is not None else limit.band_at_most
        what = Text(zh=f"{limit.reason.zh}:不高于{at_most}", en=f"{limit.reason.en}: at most {at_most}")
        steps.append(Step(what=what, rules=limit.rules))
    return tuple(steps)


def _refs(mark: Mark) -> tuple[Ref, ...]:
    return (Ref("item", f"{mark.checklist}/{mark.item}"), *mark.on)


def _decision(policy: RubricPolicy, evidence: Evidence, score: Score, steps: tuple[Step, ...]) -> Decision[Score]:
    plugin, dot, _ = policy.id.rpartition(".")
    return Decision(
        score,
        Trace(
            policy=policy.id,
            version=policy.version,
            plugin=plugin if dot else "branchkit",
            inputs=evidence.refs,
            digests=evidence.digests,
            steps=steps,
        ),
    )


def round_to(number: Fraction, places: int) -> Decimal:
    """Round once, exactly: halves go away from zero."""
    scaled = abs(number) * 10**places
    digits = (2 * scaled.numerator + scaled.denominator) // (2 * scaled.denominator)
    return Decimal(digits if number >= 0 else -digits).scaleb(-places)
