"""Tells what moved a score, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from branchkit.conditions import reads
from branchkit.scoring.core import Core
from branchkit.scoring.exact import exact_decimal
from branchkit.scoring.lens import View
from branchkit.scoring.rubric import Deduction, Gate, Veto
from branchkit.scoring.sums import Sum
from branchkit.trace import Step
from branchkit.values import Ref, Text, decimal_text

__all__ = ["steps"]


def steps(core: Core, result: Sum, views: Sequence[View]) -> tuple[Step, ...]:
    """Return what moved the score; the effects add up to it, but for rounding and for what is limited at the end."""
    policy, basis = core.policy, result.basis
    told: list[Step] = [*core.first]
    missed: list[list[Step] | None] = [None] * len(result.lost)
    for effect in result.effects:
        if effect.step is not None:
            for at in effect.parts:
                here = missed[at]
                if here is None:
                    missed[at] = [effect.step]
                else:
                    here.append(effect.step)
    given = {view.checklist for view in views if view.cells}
    for at, lost in enumerate(result.lost):
        if not basis.weights[at]:
            wanted = policy.points[at].select.checklists
            if wanted and given.isdisjoint(wanted):
                continue  # its checklist was not handed in: nobody expects to read of it
        told.append(basis.step(at, lost))
        told += missed[at] or ()
    if result.taken is not None:
        told += _deductions(core, result, result.taken)
    if result.raw < basis.floor:
        told.append(_bound(policy.floor, "不低于", "not below"))
    if result.raw > basis.ceiling:
        told.append(_bound(policy.ceiling, "不高于", "not above"))
    limited = result.limited
    if limited.steps is None:
        limited.steps = tuple(map(_limit, limited.limits))
    return (*told, *limited.steps)


def _deductions(core: Core, result: Sum, taken: Sequence[int]) -> Iterator[Step]:
    hitting = [effect for effect in result.effects if effect.hits]
    for at, deduction in enumerate(core.policy.deductions):
        yield from (hit.step for effect in hitting for hit in effect.hits if hit.at == at)
        for one in result.given:
            if one.deduction == deduction.id:
                refs = _fact_refs(deduction)
                yield Step(what=one.reason, rules=one.rules, refs=refs, effect=one.points.copy_negate())
        cap = core.caps[at]
        if cap is not None and taken[at] > cap:
            what = Text(zh=f"{deduction.reason.zh}：扣分上限", en=f"{deduction.reason.en}: capped")
            yield Step(what=what, effect=exact_decimal(Fraction(taken[at] - cap, core.scale)))


def _bound(points: Decimal, zh: str, en: str) -> Step:
    most = decimal_text(points)
    return Step(what=Text(zh=f"{zh}{most}", en=f"{en} {most}"))


def _limit(limit: Veto | Gate) -> Step:
    most = [] if limit.points_at_most is None else [decimal_text(limit.points_at_most)]
    most += [] if limit.band_at_most is None else [limit.band_at_most]
    what = Text(zh=f"{limit.reason.zh}：不高于{'、'.join(most)}", en=f"{limit.reason.en}: at most {' and '.join(most)}")
    return Step(what=what, rules=limit.rules)


def _fact_refs(deduction: Deduction) -> tuple[Ref, ...]:
    return () if deduction.when is None else tuple(Ref("fact", name) for name in sorted(reads(deduction.when)))
