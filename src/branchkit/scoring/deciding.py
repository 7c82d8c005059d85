"""Decides a score: from evidence to a number and a band, with the reason for every step, or why there is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from branchkit.checklists import CellState, Checklist
from branchkit.codec import child
from branchkit.conditions import Facts, FactValue, reads
from branchkit.errors import InputError, Problem
from branchkit.scoring.core import Core
from branchkit.scoring.effects import LACKS
from branchkit.scoring.evidence import Evidence, brought_by
from branchkit.scoring.lens import View, core_of, view_of
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.score import Deducted, Mark, Score, plugin_of
from branchkit.scoring.sums import Sum, add_effects
from branchkit.scoring.telling import steps
from branchkit.scoring.weighing import mark_of
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown

__all__ = ["NOTHING_APPLIED", "by_facts", "decide", "lacking", "score_of", "trace_of", "unfit_facts"]

NOTHING_APPLIED = Text(zh="没有适用的检查项", en="nothing in it applied")


def decide(policy: RubricPolicy, evidence: Evidence) -> Decision[Score]:
    """Score evidence by a policy; see `RubricPolicy.score`."""
    policy.proved()
    forms = [reading.bound.checklist for reading in evidence.readings]
    problems = tuple(unfit_facts(policy, evidence.facts, forms))
    if problems:
        raise InputError(f"facts for policy {policy.id!r}", problems)
    readings = [reading for reading in evidence.readings if reading.sheet.checklist in policy.checklists]
    core = core_of(policy, [reading.bound.checklist for reading in readings])
    views = [view_of(core, reading) for reading in readings]
    given, reason = _by_sheets(policy, evidence, views)
    result = None if reason is not None else _add(core, views, given)
    score = score_of(core, views, result, reason or NOTHING_APPLIED)
    told = () if result is None else steps(core, result, views)
    return Decision(score, trace_of(policy, evidence.refs, evidence.digests, told))


def trace_of(policy: RubricPolicy, inputs: tuple[Ref, ...], digests: tuple[str, ...], told: tuple[Step, ...]) -> Trace:
    """Return the trace of a policy's decision."""
    return Trace(
        policy=policy.id,
        version=policy.version,
        plugin=plugin_of(policy.id),
        inputs=inputs,
        digests=digests,
        steps=told,
    )


def _add(core: Core, views: Sequence[View], given: Sequence[Deducted]) -> Sum | None:
    if len(views) == 1:
        view = views[0]
        return add_effects(core, view.base, core.basis(view.base), view.counts, view.effects, given)
    base = tuple(map(sum, zip(core.nothing, *(view.base for view in views), strict=True)))
    counts = list(map(sum, zip(core.nothing, *(view.counts for view in views), strict=True)))
    effects = [effect for view in views for effect in view.effects]
    return add_effects(core, base, core.basis(base), counts, effects, given)


def score_of(core: Core, views: Sequence[View], result: Sum | None, reason: Text) -> Score:
    """Return what effects add up to as a score, or one that says why there is none; marks are made when asked for."""
    policy = core.policy

    def marks() -> tuple[Mark, ...]:
        return tuple(mark_of(policy, view.sheet, view.checklist, cell) for view in views for cell in view.cells)

    if result is None:
        return Score.later(marks, points=None, band=None, reason=reason)
    points = core.number(result.points)
    numbers = {name: core.number(number) for name, number in result.aggregates.items()}
    return Score.later(
        marks,
        points=points,
        band=None if result.rank < 0 else policy.bands[result.rank].code,
        aggregates=FrozenMap({"total": points, **numbers}),
        parts=result.basis.parts(result.lost),
        deductions=() if result.taken is None else tuple(_deducted(core, result, views)),
        vetoes=result.limited.ids,
    )


def _deducted(core: Core, result: Sum, views: Sequence[View]) -> Iterator[Deducted]:
    for at, deduction in enumerate(core.policy.deductions):
        for view in views:
            for effect in view.effects:
                for hit in effect.hits:
                    if hit.at == at:
                        yield Deducted(
                            deduction=deduction.id,
                            sheet=view.sheet,
                            key=effect.key,
                            points=hit.points,
                            reason=deduction.reason,
                            rules=hit.rules,
                        )
        yield from (one for one in result.given if one.deduction == deduction.id)


def unfit_facts(
    policy: RubricPolicy, facts: Mapping[str, FactValue | Unknown], checklists: Sequence[Checklist]
) -> Iterator[Problem]:
    """Yield the facts given that nobody declares, and those that are not what was declared."""
    if not facts:
        return
    specs = {name: spec for checklist in checklists for name, spec in brought_by(checklist).items()}
    own = {spec.name: spec for spec in policy.facts}
    specs |= own
    for name, value in facts.items():
        path = child("$.facts", name)
        if name in specs:
            yield from specs[name].problems_of(value, path)
        else:
            sheets = ", or a fact that a sheet in the evidence brings" if checklists else ""
            yield Problem(path, f"Unknown fact; the policy declares: {', '.join(own) or 'none'}{sheets}")


def _by_sheets(
    policy: RubricPolicy, evidence: Evidence, views: Sequence[View]
) -> tuple[tuple[Deducted, ...], Text | None]:
    if policy.checklists and not views:
        return (), Text(zh="没有本策略评分的检查表", en=f"no sheet of: {', '.join(policy.checklists)}")
    asks = policy.conditions or policy.scored_test is not None
    return by_facts(policy, evidence.scope(policy.reads) if asks else {}, views)


def by_facts(policy: RubricPolicy, facts: Facts, views: Sequence[View]) -> tuple[tuple[Deducted, ...], Text | None]:
    """Return the deductions that facts give, and why the sheets cannot be scored, where they cannot."""
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
    lacks = lacking(views)
    if lacks is not None:
        return (), lacks
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


def lacking(views: Sequence[View]) -> Text | None:
    """Return what keeps sheets from being scored, or ``None``."""
    for state, zh, en in (
        (CellState.MISSING, "未作答", "not answered"),
        (CellState.UNKNOWN, "情况未知", "not known"),
    ):
        lacks = [effect.cell.key for view in views for effect in view.effects if effect.lacks & LACKS[state]]
        if lacks:
            more = f" (+{len(lacks) - 5})" if len(lacks) > 5 else ""
            listed = ", ".join(lacks[:5]) + more
            return Text(zh=f"{zh}：{listed}", en=f"{en}: {listed}")
    return None
