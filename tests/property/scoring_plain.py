"""Deciding a score step by step: every cell a mark, every number a fraction, nothing kept from one to the next.

What `branchkit.scoring` works out once and looks up must come to this, in every field of score and trace.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from branchkit.checklists import Cell, CellState, Reading, Scale
from branchkit.checklists.binding import raw_fact
from branchkit.codec import child, digest, unstructure
from branchkit.conditions import reads
from branchkit.errors import InputError, Problem
from branchkit.scoring import Deduction, Evidence, Gate, RubricPolicy, Veto
from branchkit.scoring.evidence import brought_by
from branchkit.scoring.exact import exact_decimal, round_to
from branchkit.scoring.score import Deducted, Mark, MarkState, PartScore, Score, plugin_of
from branchkit.scoring.tally import Tally, add_up, capped
from branchkit.scoring.weighing import Weighed, see
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown, decimal_text

__all__ = ["decide"]

_FIXED = {
    CellState.PASSED: MarkState.PASSED,
    CellState.WARNED: MarkState.PASSED,
    CellState.FAILED: MarkState.FAILED,
    CellState.NEUTRAL: MarkState.NEUTRAL,
    CellState.NOT_APPLICABLE: MarkState.NEUTRAL,
    CellState.SKIPPED: MarkState.NEUTRAL,
}
_COUNTS = {"failed": MarkState.FAILED, "neutral": MarkState.NEUTRAL, "not_scored": MarkState.NEUTRAL}
_CODES = {"choice", "pass_fail"}


def weigh(policy: RubricPolicy, readings: Iterable[Reading]) -> Iterator[Weighed]:
    """Yield the cells of the sheets that a policy scores, as it sees them."""
    proportional = policy.ratings == "proportional"
    for reading in readings:
        sheet = reading.sheet
        if sheet.checklist not in policy.checklists:
            continue
        for cell in reading.cells:
            item, judgement, value = cell.item, cell.judgement, cell.value
            severity = item.severity if judgement is None else judgement.severity or item.severity
            seen = see(policy, sheet.checklist, cell.section.id, item.id, item.severity, severity, item.basis)
            state = _FIXED.get(cell.state)
            if state is None:
                state = _COUNTS[policy.unanswered if cell.state is CellState.MISSING else policy.unknown]
            yield (
                Mark(
                    sheet=sheet.id,
                    checklist=sheet.checklist,
                    section=cell.section.id,
                    item=item.id,
                    on=cell.on,
                    state=state,
                    value=value if isinstance(value, str) and item.answer.KIND in _CODES else None,
                    severity=severity,
                    item_severity=item.severity,
                    basis=item.basis,
                    credit=_credit(cell) if proportional else None,
                    text=item.text,
                    rules=cell.rules,
                ),
                seen,
            )


def _credit(cell: Cell) -> tuple[int, int] | None:
    scale = cell.item.answer
    if isinstance(scale, Scale) and isinstance(cell.value, Decimal) and cell.judgement is None:
        return (int(cell.value) - scale.low, scale.high - scale.low)
    return None


def decide(policy: RubricPolicy, evidence: Evidence) -> Decision[Score]:
    """Score evidence by a policy."""
    policy.proved()
    problems = tuple(_unfit_facts(policy, evidence))
    if problems:
        raise InputError(f"facts for policy {policy.id!r}", problems)
    readings = tuple(reading for reading in evidence.readings if reading.sheet.checklist in policy.checklists)
    weighed = tuple(weigh(policy, readings))
    marks = tuple(mark for mark, _ in weighed)
    given, reason = _by_facts(policy, evidence, readings)
    result = None if reason is not None else add_up(policy, weighed, given)
    if result is None:
        reason = reason or Text(zh="没有适用的检查项", en="nothing in it applied")
        return _decision(policy, evidence, Score(points=None, band=None, reason=reason, marks=marks), ())
    places = policy.places
    score = Score(
        points=round_to(result.total, places),
        band=result.band,
        aggregates=FrozenMap({name: round_to(value, places) for name, value in result.aggregates.items()}),
        parts=tuple(
            PartScore(part=part.id, worth=part.worth, percent=None if share is None else round_to(share, places))
            for part, share in zip(policy.points, result.percents, strict=True)
        ),
        deductions=result.deducted,
        vetoes=tuple(limit.id for limit in result.limits),
        marks=marks,
    )
    return _decision(policy, evidence, score, tuple(_steps(policy, weighed, result)))


def _unfit_facts(policy: RubricPolicy, evidence: Evidence) -> Iterator[Problem]:
    """Yield the facts given that nobody declares, and those that are not what was declared."""
    if not evidence.facts:
        return
    specs = {name: spec for reading in evidence.readings for name, spec in brought_by(reading.bound.checklist).items()}
    own = {spec.name: spec for spec in policy.facts}
    specs |= own
    for name, value in evidence.facts.items():
        path = child("$.facts", name)
        if name in specs:
            yield from specs[name].problems_of(value, path)
        else:
            sheets = ", or a fact that a sheet in the evidence brings" if evidence.readings else ""
            yield Problem(path, f"Unknown fact; the policy declares: {', '.join(own) or 'none'}{sheets}")


def _by_facts(
    policy: RubricPolicy, evidence: Evidence, readings: tuple[Reading, ...]
) -> tuple[tuple[Deducted, ...], Text | None]:
    """Return the deductions that facts give, and why the evidence cannot be scored, where it cannot."""
    if policy.checklists and not readings:
        return (), Text(zh="没有本策略评分的检查表", en=f"no sheet of: {', '.join(policy.checklists)}")
    facts = evidence.scope() if policy.conditions or policy.scored_test is not None else {}
    if policy.scored_test is not None:
        scored = policy.scored_test(facts)
        if scored is False:
            return (), policy.not_scored_reason
        if isinstance(scored, Unknown):
            assert policy.scored_when is not None
            unknown = [
                name for name in sorted(reads(policy.scored_when)) if isinstance(facts.get(name, scored), Unknown)
            ]
            names = ", ".join(unknown)
            en = f"whether it is scored depends on what is not known: {names}"
            return (), Text(zh=f"无法判定是否评分，情况未知：{names}", en=en)
    lacking = _lacking(policy, readings)
    if lacking is not None:
        return (), lacking
    hits: list[Deducted] = []
    for deduction, test in policy.conditions:
        holds = test(facts)
        if isinstance(holds, Unknown) and policy.unknown == "not_scored":
            return (), Text(zh=f"{deduction.reason.zh}：情况未知", en=f"{deduction.reason.en}: not known")
        if holds is True or (isinstance(holds, Unknown) and policy.unknown == "failed"):
            assert deduction.points is not None
            assert deduction.when is not None
            hits.append(
                Deducted(
                    deduction=deduction.id,
                    sheet=None,
                    key=f"facts:{','.join(sorted(reads(deduction.when)))}",
                    points=deduction.points,
                    reason=deduction.reason,
                    rules=deduction.rules,
                )
            )
    return tuple(hits), None


def _lacking(policy: RubricPolicy, readings: tuple[Reading, ...]) -> Text | None:
    for state, rule, zh, en in (
        (CellState.MISSING, policy.unanswered, "未作答", "not answered"),
        (CellState.UNKNOWN, policy.unknown, "情况未知", "not known"),
    ):
        if rule == "not_scored":
            lacking = [cell.key for reading in readings for cell in reading.cells if cell.state is state]
            if lacking:
                more = f" (+{len(lacking) - 5})" if len(lacking) > 5 else ""
                listed = ", ".join(lacking[:5]) + more
                return Text(zh=f"{zh}：{listed}", en=f"{en}: {listed}")
    return None


def _steps(policy: RubricPolicy, weighed: tuple[Weighed, ...], result: Tally) -> Iterator[Step]:
    """Yield what moved the score; the effects add up to it, but for rounding and for what is limited at the end."""
    if policy.start:
        yield Step(what=Text(zh="起始分", en="start"), effect=policy.start)
    failed: list[list[Mark]] = [[] for _ in policy.points]
    for mark, seen in weighed:
        if mark.state is MarkState.FAILED or (mark.credit is not None and mark.credit[0] < mark.credit[1]):
            for at, _ in seen.points:
                failed[at].append(mark)
    given = {mark.checklist for mark, _ in weighed}
    for at, (part, percent) in enumerate(zip(policy.points, result.percents, strict=True)):
        if percent is None:
            if part.select.checklists and given.isdisjoint(part.select.checklists):
                continue  # its checklist was not handed in: nobody expects to read of it
            en = f"{part.title.en}: nothing applied; the other parts take its worth"
            yield Step(what=Text(zh=f"{part.title.zh}：不适用，分值由其他部分承担", en=en))
            continue
        share = decimal_text(round_to(percent, policy.places))
        what = Text(zh=f"{part.title.zh}：{share}%", en=f"{part.title.en}: {share} %")
        yield Step(what=what, effect=round_to(percent * Fraction(part.worth) * result.factor / 100, policy.places))
        yield from map(_failure, failed[at])
    refs = {(mark.sheet, mark.key): _refs(mark) for mark, seen in weighed if seen.on_failure or seen.by_value}
    for deduction in policy.deductions:
        hits = [hit for hit in result.deducted if hit.deduction == deduction.id]
        for hit in hits:
            here = _fact_refs(deduction) if hit.sheet is None else refs[hit.sheet, hit.key]
            yield Step(what=hit.reason, rules=hit.rules, refs=here, effect=hit.points.copy_negate())
        spared = capped(None, hits) - capped(deduction.cap, hits)
        if spared:
            what = Text(zh=f"{deduction.reason.zh}：扣分上限", en=f"{deduction.reason.en}: capped")
            yield Step(what=what, effect=exact_decimal(spared))
    if result.raw < policy.floor:
        least = decimal_text(policy.floor)
        yield Step(what=Text(zh=f"不低于{least}", en=f"not below {least}"))
    if result.raw > policy.ceiling:
        most = decimal_text(policy.ceiling)
        yield Step(what=Text(zh=f"不高于{most}", en=f"not above {most}"))
    yield from map(_limit, result.limits)


def _failure(mark: Mark) -> Step:
    zh, en = "未通过", "failed"
    if mark.credit is not None:
        zh, en = f"得分比例{mark.credit[0]}/{mark.credit[1]}", f"rated {mark.credit[0]}/{mark.credit[1]}"
    what = Text(zh=f"{zh}：{mark.text.say('zh')}", en=f"{en}: {mark.text.say('en')}")
    return Step(what=what, rules=mark.rules, refs=_refs(mark))


def _limit(limit: Veto | Gate) -> Step:
    most = [] if limit.points_at_most is None else [decimal_text(limit.points_at_most)]
    most += [] if limit.band_at_most is None else [limit.band_at_most]
    what = Text(zh=f"{limit.reason.zh}：不高于{'、'.join(most)}", en=f"{limit.reason.en}: at most {' and '.join(most)}")
    return Step(what=what, rules=limit.rules)


def _refs(mark: Mark) -> tuple[Ref, ...]:
    return (Ref("item", f"{mark.checklist}/{mark.item}"), *mark.on)


def _fact_refs(deduction: Deduction) -> tuple[Ref, ...]:
    return () if deduction.when is None else tuple(Ref("fact", name) for name in sorted(reads(deduction.when)))


def _decision(policy: RubricPolicy, evidence: Evidence, score: Score, steps: tuple[Step, ...]) -> Decision[Score]:
    return Decision(
        score,
        Trace(
            policy=policy.id,
            version=policy.version,
            plugin=plugin_of(policy.id),
            inputs=evidence.refs,
            digests=tuple(one for held in evidence.readings for one in (held.sheet.digest(), held.bound.pin.digest()))
            + (
                (digest({name: unstructure(raw_fact(value)) for name, value in evidence.facts.items()}),)
                if evidence.facts
                else ()
            ),
            steps=steps,
        ),
    )
