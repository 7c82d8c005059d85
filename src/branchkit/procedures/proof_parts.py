"""Proves the parts of a procedure: its facts, conditions, clocks and separations."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from decimal import Decimal

from branchkit.checklists import BRANCH_FACTS, Checklist
from branchkit.checklists.lint_effects import lint_applies
from branchkit.checklists.lint_items import lint_both, lint_once, lint_rules
from branchkit.conditions import Condition, FactSpec, FactType, check, reads
from branchkit.conditions.analysis import in_words
from branchkit.conditions.cases import Case, cases
from branchkit.errors import Problem
from branchkit.escalation import EscalationLadder
from branchkit.estate import Register
from branchkit.procedures.facts import ATTEMPT, PLACE, PRIORITY
from branchkit.procedures.graph import Edges, onward_edges, reached_from
from branchkit.procedures.model import Procedure, Stage, Suspends, Transition
from branchkit.procedures.separation import ENTRY
from branchkit.temporal import Before, ByTarget, ClockSpec, Counting, Named
from branchkit.values import Unknown, is_identifier

__all__ = ["prove_clocks", "prove_duties", "prove_facts", "prove_guards"]

_Specs = Mapping[str, FactSpec]
_DUTY = re.compile(r"(stage|sign|sheet):.+")
_TAKEN = frozenset({"branch", "at", "case", "stage"})


def specs_of(procedure: Procedure) -> dict[str, FactSpec]:
    """Return every fact that the conditions of a procedure may look at, but for ``stage.attempt``."""
    every = (*BRANCH_FACTS, *procedure.facts, *(fact.spec for fact in procedure.record_facts))
    known = {spec.name: spec for spec in every}
    known.update((name, FactSpec(name, FactType.CODE, may_be_unknown=True)) for name in PLACE)
    if procedure.priorities:
        known[PRIORITY] = FactSpec(PRIORITY, FactType.CODE, choices=procedure.priorities, may_be_unknown=True)
    return known


def prove_facts(
    procedure: Procedure,
    checklists: Mapping[str, Checklist] | None,
    ladders: Mapping[str, EscalationLadder] | None = None,
) -> Iterator[Problem]:
    """Yield facts that are doubled, misnamed, of another type than the form's, or that nothing looks at."""
    seen: set[str] = set()
    forms = {stage.form for stage in procedure.stages if stage.form is not None}
    named = {"facts": [spec.name for spec in procedure.facts], "record_facts": [f.name for f in procedure.record_facts]}
    for key, names_of in named.items():
        for at, name in enumerate(names_of):
            path = f"$.{key}[{at}]"
            if name in seen:
                yield Problem(f"{path}.name", f"Expected each fact once; {name!r} stands there again")
            elif name.partition(".")[0] in _TAKEN or (key == "record_facts" and name.startswith("form.")):
                yield Problem(f"{path}.name", "Expected a name of its own, outside branch, at, case and stage")
            elif name.startswith("form.") and not forms:
                yield Problem(path, "Has no effect: no stage has a form")
            seen.add(name)
    known = specs_of(procedure)
    looked_at = {name for _, condition in _conditions(procedure) for name in reads(condition)}
    guards = [(ladders or {}).get(name) for name in procedure.ladders.values()]
    looked_at |= {spec.name for ladder in guards if ladder is not None for spec in ladder.facts}
    all_told = None not in guards  # What a policy in code looks at nobody can tell here.
    for at, record in enumerate(procedure.record_facts):
        for name in sorted(record.reads - known.keys()):
            yield Problem(f"$.record_facts[{at}].where", f"Unknown fact {name!r}")
        if all_told and record.name not in looked_at:
            yield Problem(f"$.record_facts[{at}]", f"Has no effect: no condition looks at {record.name!r}")
    names = {spec.name for spec in procedure.facts}
    for at, name in enumerate(procedure.required_facts):
        if name not in names or name.startswith("form."):
            yield Problem(
                f"$.required_facts[{at}]", f"Expected a fact that whoever opens a case can state, not {name!r}"
            )
    if checklists is not None:
        yield from _forms(procedure, checklists)


def _forms(procedure: Procedure, checklists: Mapping[str, Checklist]) -> Iterator[Problem]:
    asked: dict[str, FactType] = {}
    for at, stage in enumerate(procedure.stages):
        if stage.form is None:
            continue
        checklist = checklists.get(stage.form)
        if checklist is None:
            yield Problem(f"$.stages[{at}].form", f"Unknown checklist {stage.form!r}")
            continue
        for section, item in checklist.items():
            if section.rows is None and not section.for_each and not item.for_each:
                asked[f"form.{item.id}"] = item.answer.spec("form").type
    for at, spec in enumerate(procedure.facts):
        if not spec.name.startswith("form."):
            continue
        kind = asked.get(spec.name)
        if kind is None or kind is FactType.TEXT:
            yield Problem(f"$.facts[{at}].name", "Expected an item that a form asks once, not for words of one's own")
        elif kind is not spec.type:
            yield Problem(f"$.facts[{at}].type", f"Expected {kind.value}, as the item answers")


def _conditions(procedure: Procedure) -> Iterator[tuple[str, Condition]]:
    if procedure.applies is not None:
        yield "$.applies", procedure.applies
    for at, stage in enumerate(procedure.stages):
        if stage.when is not None:
            yield f"$.stages[{at}].when", stage.when
        for number, one in enumerate(stage.transitions):
            if one.when is not None:
                yield f"$.stages[{at}].transitions[{number}].when", one.when


def prove_guards(procedure: Procedure) -> Iterator[Problem]:
    """Yield conditions that can never hold or always do, and answers for which a stage has no way out."""
    known = specs_of(procedure)
    tried = {**known, ATTEMPT: FactSpec(ATTEMPT, FactType.NUMBER, low=Decimal(1))}
    branch = {spec.name: spec for spec in BRANCH_FACTS}
    sound = True
    for path, condition in _conditions(procedure):
        specs = branch if path == "$.applies" else tried if ".transitions[" in path else known
        wrong = check(condition, specs, path)
        sound = sound and not wrong
        yield from wrong
        if not wrong:
            yield from lint_applies(condition, None, specs, path)
    edges = onward_edges(procedure)
    returns = (to for stage in procedure.stages for one in stage.transitions if one.returns for to in one.to)
    again = reached_from(edges, returns)
    limits = {stage.id: stage.attempts for stage in procedure.stages if stage.attempts is not None}
    for at, stage in enumerate(procedure.stages):
        path = f"$.stages[{at}]"
        if stage.attempts is not None:
            if stage.attempts < 1:
                yield Problem(f"{path}.attempts", "Expected 1 or more")
            elif stage.id not in again:
                yield Problem(f"{path}.attempts", "Has no effect: nothing goes back to before it")
        if sound and not any(one.when is None and not one.returns for one in stage.transitions):
            yield from _gaps(stage, tried, limits, edges, f"{path}.transitions")


def _gaps(stage: Stage, specs: _Specs, limits: Mapping[str, int], edges: Edges, path: str) -> Iterator[Problem]:
    """Yield an example of facts for which no transition is open, or only a way back that may be used up."""
    limited: list[tuple[Transition, frozenset[str]]] = []
    free: list[Transition] = []
    for one in stage.transitions:
        again = limits.keys() & reached_from(edges, one.to) if one.returns and limits else frozenset()
        if again:
            limited.append((one, frozenset(again)))
        else:
            free.append(one)
    guards = [one.when for one in stage.transitions if one.when is not None]
    for case in cases(guards, specs) or ():
        if any(isinstance(value, Unknown) for value in case.facts.values()) or any(_open(case, one) for one in free):
            continue
        back = [again for one, again in limited if _open(case, one)]
        # Surely open only where nothing but this stage is limited, and the case says that it may be tried again.
        tried = case.facts.get(ATTEMPT)
        if frozenset({stage.id}) in back and isinstance(tried, Decimal) and tried < limits[stage.id]:
            continue
        used_up = ", its attempts used up" if back else ""
        yield Problem(path, f"No way out for: {in_words(dict(case.facts))}{used_up}")
        return


def _open(case: Case, one: Transition) -> bool:
    return one.when is None or case.answer(one.when) is True


def _counts_hours(spec: ClockSpec) -> bool:
    named = isinstance(spec.deadline, Named) and spec.deadline.moment in ("opening", "close_of_business")
    return named or spec.counting is Counting.BUSINESS


def prove_clocks(
    procedure: Procedure, ladders: Mapping[str, EscalationLadder] | None, targets: frozenset[str] | None
) -> Iterator[Problem]:
    """Yield clocks that start or stop at nothing, deadlines from nowhere, ladders of nothing."""
    stages = {stage.id for stage in procedure.stages}
    reasons = [reason.code for reason in procedure.pause_reasons]
    moments = {spec.name for spec in procedure.facts if spec.type is FactType.MOMENT}
    used: set[str] = set()
    ids: set[str] = set()
    by_target = False
    for path, stage, spec in _clock_paths(procedure):
        if spec.id in ids:
            yield Problem(f"{path}.id", f"Expected each clock once; {spec.id!r} stands there again")
        ids.add(spec.id)
        yield from lint_both(spec.title, f"{path}.title")
        yield from lint_rules(spec.rules, f"{path}.rules")
        if stage is not None and spec.starts != "opened":
            yield Problem(f"{path}.starts", "Has no effect: the clock of a stage starts with it")
        if spec.line is not None and not _counts_hours(spec):
            yield Problem(f"{path}.line", "Has no effect: the clock counts no hours, and names no opening or closing")
        for key, words in (("starts", (spec.starts,)), ("stops", spec.stops)):
            for word in words:
                if word.startswith("stage:") and word.removeprefix("stage:") not in stages:
                    yield Problem(f"{path}.{key}", f"Unknown stage {word.removeprefix('stage:')!r}")
        for at, reason in enumerate(spec.pauses_on):
            used.add(reason)
            if reason not in reasons:
                listed = ", ".join(reasons) or "none"
                yield Problem(f"{path}.pauses_on[{at}]", f"Unknown reason {reason!r}; there are: {listed}")
        if isinstance(spec.deadline, ByTarget):
            by_target = True
            if procedure.targets is None:
                yield Problem(f"{path}.deadline", "Expected `targets`, the table that tells it")
        elif isinstance(spec.deadline, Before) and spec.deadline.anchor not in moments:
            listed = ", ".join(sorted(moments)) or "none"
            yield Problem(f"{path}.deadline.anchor", f"Expected a fact that is a moment; there are: {listed}")
    if procedure.targets is not None and not by_target:
        yield Problem("$.targets", "Has no effect: no clock leaves its deadline to it")
    elif procedure.targets is not None and targets is not None and procedure.targets not in targets:
        yield Problem("$.targets", f"Unknown table {procedure.targets!r}")
    for at, code in enumerate(reasons):
        if code not in used:
            yield Problem(f"$.pause_reasons[{at}]", f"Has no effect: no clock is paused for {code!r}")
    if procedure.suspends is not None:
        yield from _suspends(procedure.suspends, stages)
    for clock, ladder in procedure.ladders.items():
        if clock not in ids:
            listed = ", ".join(sorted(ids)) or "none"
            yield Problem(f"$.ladders.{clock}", f"Unknown clock {clock!r}; there are: {listed}")
        elif ladders is not None and ladder not in ladders:
            yield Problem(f"$.ladders.{clock}", f"Unknown ladder {ladder!r}")


def _suspends(meant: Suspends, stages: set[str]) -> Iterator[Problem]:
    yield from lint_rules(meant.rules, "$.suspends.rules")
    if not is_identifier(meant.reason):
        yield Problem("$.suspends.reason", "Expected the code of a reason, as in power_cut")
    for key, stage in (("after", meant.after), ("until", meant.until)):
        if stage is not None and stage not in stages:
            yield Problem(f"$.suspends.{key}", f"Unknown stage {stage!r}; there are: {', '.join(sorted(stages))}")
    if meant.clocks and meant.mode != "pauses":
        yield Problem("$.suspends.clocks", f"Has no effect: by mode {meant.mode!r} no clock is paused by its name")
    if meant.until is not None and meant.until == meant.after:
        yield Problem("$.suspends.until", "Has no effect: it would end with the stage by which it begins")


def _clock_paths(procedure: Procedure) -> Iterator[tuple[str, Stage | None, ClockSpec]]:
    for at, spec in enumerate(procedure.clocks):
        yield f"$.clocks[{at}]", None, spec
    for number, stage in enumerate(procedure.stages):
        for at, spec in enumerate(stage.clocks):
            yield f"$.stages[{number}].clocks[{at}]", stage, spec


def prove_duties(
    procedure: Procedure, procedures: Mapping[str, Procedure] | None, registers: Mapping[str, Register] | None
) -> Iterator[Problem]:
    """Yield separations of less than two duties, duties that there are not, and roles given to nobody's fact."""
    known = duties_of(procedure)
    for at, separation in enumerate(procedure.separations):
        path = f"$.separations[{at}]"
        yield from lint_rules(separation.rules, f"{path}.rules")
        yield from lint_once(separation.duties, f"{path}.duties")
        if len(separation.duties) < 2:
            yield Problem(f"{path}.duties", "Expected two duties or more: one alone is kept apart from nothing")
        for number, duty in enumerate(separation.duties):
            if duty in known:
                continue
            what = f"Unknown duty {duty!r}; there are: {', '.join(sorted(known))}"
            if separation.within == "linked":
                what = next(_elsewhere(duty, procedures, registers), "")
            if what:
                yield Problem(f"{path}.duties[{number}]", what)
        if separation.within == "linked" and known.isdisjoint(separation.duties):
            yield Problem(f"{path}.duties", "Has no effect: none of them is a duty of this procedure")
    roles = {role.id for role in procedure.roles}
    people = {spec.name for spec in procedure.facts if spec.type in (FactType.CODE, FactType.TEXT)}
    for at, stage in enumerate(procedure.stages):
        for role, source in stage.assigns.items():
            if role not in roles:
                listed = ", ".join(sorted(roles)) or "none"
                yield Problem(f"$.stages[{at}].assigns", f"Unknown role {role!r}; there are: {listed}")
            if source != "actor" and source not in people:
                yield Problem(f"$.stages[{at}].assigns.{role}", "Expected `actor`, or a fact that is a code or text")


def duties_of(procedure: Procedure) -> set[str]:
    """Return every duty that somebody can hold in a case of a procedure."""
    known = {"open"} | {f"stage:{stage.id}" for stage in procedure.stages}
    for stage in procedure.stages:
        if stage.signatures is not None and stage.signatures.mode == "approval":
            known.add(f"sign:{stage.id}")
        if stage.form is not None:
            known.add(f"sheet:{stage.form}")
        if stage.waiver is not None:
            known.add("waive")
    return known


def _elsewhere(
    duty: str, procedures: Mapping[str, Procedure] | None, registers: Mapping[str, Register] | None
) -> Iterator[str]:
    """Yield what keeps a duty from being one of another procedure or of a register."""
    if duty.startswith(ENTRY):
        register, _, field = duty.removeprefix(ENTRY).rpartition("/")
        if not register or not field:
            yield "Expected a register and its field that names who it is, as in entry:seals/keeper"
        elif registers is not None and register not in registers:
            yield f"Unknown register {register!r}; there are: {', '.join(sorted(registers)) or 'none'}"
        elif registers is not None and field not in {one.name for one in registers[register].fields}:
            listed = ", ".join(one.name for one in registers[register].fields)
            yield f"Unknown field {field!r} of the register {register!r}; there are: {listed}"
        return
    of, _, local = duty.rpartition("/")
    if local not in ("open", "waive") and not _DUTY.fullmatch(local):
        yield f"Unknown duty {duty!r}; expected open, waive, stage:<id>, sign:<stage>, sheet:<checklist>"
    elif procedures is not None and of and of not in procedures:
        yield f"Unknown procedure {of!r}; there are: {', '.join(sorted(procedures)) or 'none'}"
    elif procedures is not None:
        there = procedures.values() if not of else (procedures[of],)
        if not any(local in duties_of(one) for one in there):
            yield f"Unknown duty {local!r} of {repr(of) if of else 'any procedure'}: nobody ever holds it"
