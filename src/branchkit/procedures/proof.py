"""Proves a procedure as it is loaded: everything can be reached, everything comes to an end, somebody may act.

What goes back says so (`Transition.returns`), so the ways onward have no circle; every stage has a way onward, so every
case comes to an end; and no join waits for what waits for it. All of it takes one walk over stages and transitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from branchkit.checklists import Checklist
from branchkit.checklists.lint_items import SLUG, lint_both, lint_once, lint_rules
from branchkit.errors import Problem
from branchkit.escalation import EscalationLadder
from branchkit.estate import ActorSpec, ByPost, ByRole, Register
from branchkit.procedures.graph import circle, onward_edges, ordered_edges, ranks
from branchkit.procedures.model import Procedure, Stage, Transition
from branchkit.procedures.prepared import onward_of
from branchkit.procedures.proof_parts import prove_clocks, prove_duties, prove_facts, prove_guards
from branchkit.values import is_identifier

__all__ = ["Surroundings", "prove"]


@attrs.frozen(kw_only=True)
class Surroundings:
    """What a procedure refers to; what is left out is not looked at."""

    checklists: Mapping[str, Checklist] | None = None
    ladders: Mapping[str, EscalationLadder] | None = None
    posts: Mapping[str, frozenset[str]] | None = None
    """The posts that there are at each kind of branch."""
    targets: frozenset[str] | None = None
    """The ids of the decision tables that there are."""
    procedures: Mapping[str, Procedure] | None = None
    """The other procedures, whose duties a separation between linked cases may name."""
    registers: Mapping[str, Register] | None = None
    """The registers that such a separation may name."""


_ALONE = Surroundings()


def prove(procedure: Procedure, around: Surroundings = _ALONE) -> tuple[Problem, ...]:
    """Return everything that is wrong with a procedure, each with its place; nothing where it is sound.

    Sound means: every stage can be reached, an end can be reached from every stage, no join waits for ever, for every
    answer some transition is open, in every stage somebody may act, at every kind of branch; both languages are there,
    everything referred to is, and every setting has an effect.
    """
    return tuple(_prove(procedure, around))


def _prove(procedure: Procedure, around: Surroundings) -> Iterator[Problem]:
    yield from _names(procedure)
    yield from _position(procedure)
    stages = {stage.id: stage for stage in procedure.stages}
    for at, stage in enumerate(procedure.stages):
        yield from _stage(stages, stage, f"$.stages[{at}]")
    yield from prove_facts(procedure, around.checklists, around.ladders)
    yield from prove_guards(procedure)
    yield from prove_clocks(procedure, around.ladders, around.targets)
    yield from prove_duties(procedure, around.procedures, around.registers)
    yield from _actors(procedure, around.posts)
    yield from _outcomes(procedure)


def _names(procedure: Procedure) -> Iterator[Problem]:
    yield from lint_both(procedure.title, "$.title")
    if procedure.purpose is not None:
        yield from lint_both(procedure.purpose, "$.purpose")
    if not SLUG.fullmatch(procedure.id.rpartition(".")[2]):
        yield Problem("$.id", "Expected lower-case letters, digits, - and _, after a plug-in's name and a dot if any")
    if not is_identifier(procedure.version) or "@" in procedure.version:
        yield Problem("$.version", "Expected a version, as in 1 or 2026.1")
    yield from lint_rules(procedure.rules, "$.rules")
    for name in ("stages", "roles", "separations"):
        yield from _ids([one.id for one in getattr(procedure, name)], f"$.{name}", "id")
    for name in ("outcomes", "pause_reasons"):
        yield from _ids([one.code for one in getattr(procedure, name)], f"$.{name}", "code")
    for name in ("roles", "outcomes", "pause_reasons", "separations"):
        for at, one in enumerate(getattr(procedure, name)):
            yield from lint_both(one.title, f"$.{name}[{at}].title")
    yield from lint_once(procedure.priorities, "$.priorities")


def _ids(names: list[str], path: str, key: str) -> Iterator[Problem]:
    seen: set[str] = set()
    for at, name in enumerate(names):
        if not SLUG.fullmatch(name):
            yield Problem(f"{path}[{at}].{key}", "Expected at most 100 lower-case letters, digits, - and _")
        elif name in seen:
            yield Problem(f"{path}[{at}].{key}", f"Expected each once; {name!r} stands there again")
        seen.add(name)


def _position(procedure: Procedure) -> Iterator[Problem]:
    """Prove that everything can be reached and that nothing goes round without saying so."""
    stages = {stage.id: stage for stage in procedure.stages}
    listed = ", ".join(sorted(stages))
    yield from lint_once(procedure.starts, "$.starts")
    for at, name in enumerate(procedure.starts):
        if name not in stages:
            yield Problem(f"$.starts[{at}]", f"Unknown stage {name!r}; there are: {listed}")
    if not any(name in stages and not stages[name].optional for name in procedure.starts):
        yield Problem("$.starts", "Expected at least one stage that is not optional: else nothing carries the case")
    reached = _reached(procedure, stages)
    looping = set(circle(onward_edges(procedure)))
    waiting = set(circle(ordered_edges(procedure))) - looping
    order = ranks(procedure)
    for at, stage in enumerate(procedure.stages):
        path = f"$.stages[{at}]"
        if stage.id not in reached:
            yield Problem(path, "Unreachable: no way from a start leads here")
        if stage.id in looping:
            what = "Expected an end: the ways onward go round here; what goes back says so by `returns`"
            yield Problem(f"{path}.transitions", what)
        elif stage.id in waiting and stage.needs:
            yield Problem(f"{path}.needs", "Can never be met: what it needs comes only after it, or waits for it")
        for number, one in enumerate(stage.transitions):
            back = [name for name in one.to if name in order and order[name] <= order[stage.id]]
            if one.returns and one.to and not back and stage.id not in looping:
                yield Problem(f"{path}.transitions[{number}].returns", "Has no effect: it leads onward")


def _reached(procedure: Procedure, stages: Mapping[str, Stage]) -> set[str]:
    stack = [name for name in procedure.starts if name in stages]
    found = set(stack)
    while stack:
        for one in stages[stack.pop()].transitions:
            for name in one.to:
                if name in stages and name not in found:
                    found.add(name)
                    stack.append(name)
    return found


def _stage(stages: Mapping[str, Stage], stage: Stage, path: str) -> Iterator[Problem]:
    yield from lint_both(stage.title, f"{path}.title")
    yield from lint_rules(stage.rules, f"{path}.rules")
    yield from _ids([one.id for one in stage.transitions], f"{path}.transitions", "id")
    if not any(not one.returns for one in stage.transitions):
        yield Problem(f"{path}.transitions", "Expected a way onward: no end can be reached from here")
    yield from lint_once(stage.needs, f"{path}.needs")
    for at, name in enumerate(stage.needs):
        if name not in stages or name == stage.id:
            listed = ", ".join(sorted(stages.keys() - {stage.id}))
            yield Problem(f"{path}.needs[{at}]", f"Unknown stage {name!r}; there are: {listed}")
        elif stages[name].optional:
            yield Problem(f"{path}.needs[{at}]", "Has no effect: nothing waits for an optional stage")
    yield from _left_undone(stage, path)
    if stage.form is None and not stage.form_required:
        yield Problem(f"{path}.form_required", "Has no effect without `form`")
    if stage.signatures is not None:
        yield from _signatures(stage, path)


def _left_undone(stage: Stage, path: str) -> Iterator[Problem]:
    """Prove that a case goes on where a stage is skipped or waived, and that what forbids it is not allowed."""
    onward = [one for one in stage.transitions if not one.returns]
    chosen = onward_of(stage)
    can_be = stage.when is not None or stage.waiver is not None
    if stage.onward is not None and not (can_be and len(onward) > 1):
        yield Problem(f"{path}.onward", "Has no effect: it is never left undone, or has one way onward anyway")
    elif can_be and chosen is None and onward:
        listed = ", ".join(one.id for one in onward)
        yield Problem(f"{path}.onward", f"Expected the transition to go on by where it is left undone, of: {listed}")
    elif can_be and chosen is not None and chosen.when is not None:
        yield Problem(f"{path}.onward", "Expected a transition without a condition: it is taken where nobody acts")
    yield from lint_rules(stage.no_waiver_rules, f"{path}.no_waiver_rules")
    if stage.waiver is not None:
        yield from lint_rules(stage.waiver.rules, f"{path}.waiver.rules")
        if stage.no_waiver_rules:
            yield Problem(f"{path}.waiver", "Has no effect: `no_waiver_rules` refuse every waiver")
        if not stage.waiver.actors:
            yield Problem(f"{path}.waiver.actors", "Expected somebody who may waive it")


def _signatures(stage: Stage, path: str) -> Iterator[Problem]:
    rule = stage.signatures
    assert rule is not None
    if rule.count < (2 if rule.mode == "joint" else 1):
        yield Problem(f"{path}.signatures.count", "Expected 2 or more who act together, or 1 or more who approve")
    if rule.mode == "approval" and not rule.actors:
        yield Problem(f"{path}.signatures.actors", "Expected somebody who may approve")
    if rule.mode == "joint" and not rule.distinct:
        yield Problem(f"{path}.signatures.distinct", "Has no effect: nobody acts together with themselves")


def _outcomes(procedure: Procedure) -> Iterator[Problem]:
    known = [outcome.code for outcome in procedure.outcomes]
    names = {stage.id: stage.optional for stage in procedure.stages}
    used: set[str] = set()
    for at, stage in enumerate(procedure.stages):
        for number, one in enumerate(stage.transitions):
            path = f"$.stages[{at}].transitions[{number}]"
            yield from _transition(stage, one, names, path)
            if one.ends is not None:
                used.add(one.ends)
                if one.ends not in known:
                    yield Problem(f"{path}.ends", f"Unknown outcome {one.ends!r}; there are: {', '.join(known)}")
    for at, code in enumerate(known):
        if code not in used:
            yield Problem(f"$.outcomes[{at}]", f"Has no effect: no transition ends as {code!r}")


def _transition(stage: Stage, one: Transition, optional: Mapping[str, bool], path: str) -> Iterator[Problem]:
    yield from lint_both(one.title, f"{path}.title")
    yield from lint_rules(one.rules, f"{path}.rules")
    yield from lint_once(one.to, f"{path}.to")
    unknown = [at for at, name in enumerate(one.to) if name not in optional]
    for at in unknown:
        yield Problem(f"{path}.to[{at}]", f"Unknown stage {one.to[at]!r}; there are: {', '.join(sorted(optional))}")
    if one.to and one.ends is not None:
        yield Problem(path, "Expected either `to` or `ends`, and not both")
    elif one.returns and not one.to:
        yield Problem(f"{path}.returns", "Expected `to`, the stages to go back to")
    elif not one.to and one.ends is None and not stage.optional:
        yield Problem(path, "Expected `to` or `ends`: the case would stand still here")
    elif one.to and not unknown and not stage.optional and all(optional[name] for name in one.to):
        yield Problem(f"{path}.to", "Expected a stage that is not optional: else nothing carries the case on")
    if one.withdraws and one.ends is None:
        yield Problem(f"{path}.withdraws", "Has no effect without `ends`")
    for at, spec in enumerate(one.actors):
        # The way onward is taken where the stage is skipped or waived; it may be kept from everybody's hands.
        if spec not in stage.actors and one.id != stage.onward:
            listed = ", ".join(map(str, stage.actors)) or "nobody"
            yield Problem(f"{path}.actors[{at}]", f"Expected some of those who may act in the stage: {listed}")
    if one.else_reason is not None:
        yield from lint_both(one.else_reason, f"{path}.else_reason")
        if one.when is None:
            yield Problem(f"{path}.else_reason", "Has no effect without `when`")


def _actors(procedure: Procedure, posts: Mapping[str, frozenset[str]] | None) -> Iterator[Problem]:
    """Prove that somebody may act everywhere, and that every role is one."""
    roles = {role.id for role in procedure.roles}
    used: set[str] = set()
    for path, specs in _specs(procedure):
        if not specs and not path.endswith("signatures.actors"):
            yield Problem(path, "Expected somebody: nobody may act here")
        for at, spec in enumerate(specs):
            if isinstance(spec, ByRole):
                used.add(spec.role)
                if spec.role not in roles:
                    listed = ", ".join(sorted(roles)) or "none"
                    yield Problem(f"{path}[{at}].role", f"Unknown role {spec.role!r}; there are: {listed}")
            if spec in specs[:at]:
                yield Problem(f"{path}[{at}]", "Expected each once; it stands there again")
        for kind, there in () if posts is None else posts.items():
            if specs and all(isinstance(spec, ByPost) and spec.post not in there for spec in specs):
                yield Problem(path, f"Nobody at a {kind} may act here: it has none of these posts")
    for stage in procedure.stages:
        used |= stage.assigns.keys()
    for at, role in enumerate(procedure.roles):
        if role.id not in used:
            yield Problem(f"$.roles[{at}]", f"Has no effect: nobody acts as {role.id!r}, and nothing assigns it")


def _specs(procedure: Procedure) -> Iterator[tuple[str, tuple[ActorSpec, ...]]]:
    yield "$.opens", procedure.opens
    if procedure.manages:
        yield "$.manages", procedure.manages
    for at, stage in enumerate(procedure.stages):
        path = f"$.stages[{at}]"
        yield f"{path}.actors", stage.actors
        if stage.signatures is not None:
            yield f"{path}.signatures.actors", stage.signatures.actors
        if stage.waiver is not None and stage.waiver.actors:
            yield f"{path}.waiver.actors", stage.waiver.actors
        for number, one in enumerate(stage.transitions):
            if one.actors:
                yield f"{path}.transitions[{number}].actors", one.actors
