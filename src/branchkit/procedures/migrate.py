"""Moving running cases to another version of their procedure: told first, done then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import attrs

from branchkit.errors import Refusal, Refused
from branchkit.messages import Event
from branchkit.procedures.case import NOTHING, Case, items_of
from branchkit.procedures.clocking import stop_all
from branchkit.procedures.commands import MigrateCase
from branchkit.procedures.events import CaseMigrated
from branchkit.procedures.facts import NO_FACTS, CaseFacts, check_fact, moment_of
from branchkit.procedures.going import refuse_actor
from branchkit.procedures.model import Procedure

__all__ = ["Migration", "migrate_case", "plan_migration"]


@attrs.frozen(kw_only=True)
class Migration:
    """What moving a case to another version would do."""

    case: str
    before: str
    after: str
    open_stages: tuple[str, ...]
    """Where it would stand."""
    dropped: tuple[str, ...]
    """The settled stages that the new version does not know; they stay in the journal."""
    stopped: tuple[str, ...]
    """The clocks that the new version does not have; they would stop."""
    obstacles: tuple[Refusal, ...]
    """Why it cannot be moved; nothing where it can."""

    @property
    def is_possible(self) -> bool:
        """Whether it can be moved so."""
        return not self.obstacles


def plan_migration(
    procedure: Procedure,
    case: Case,
    *,
    stages: Mapping[str, str] = NOTHING,
    transitions: Mapping[str, str] = NOTHING,
) -> Migration:
    """Tell what moving a case to another version would do, and do nothing.

    Args:
        procedure: the version to move to.
        case: the case.
        stages: new names of stages, by the old ones.
        transitions: new names of transitions, by the old ones.
    """
    steps = procedure.prepared.steps
    states = {stages.get(name, name): state for name, state in case.stages.items()}
    clocks = procedure.prepared.clocks
    return Migration(
        case=case.id,
        before=case.version,
        after=procedure.version,
        open_stages=tuple(sorted(name for name, state in states.items() if state.status.is_active)),
        dropped=tuple(
            sorted(name for name, state in states.items() if name not in steps and not state.status.is_active)
        ),
        stopped=tuple(clock.id for clock in case.clocks if clock.id not in clocks and not clock.state.is_over),
        obstacles=tuple(_obstacles(procedure, case, stages, transitions)),
    )


def migrate_case(
    procedure: Procedure, case: Case, command: MigrateCase, facts: CaseFacts = NO_FACTS
) -> tuple[Event, ...]:
    """Move a case to the version that is given, or tell every obstacle."""
    prepared, refusals = procedure.prepared, list[Refusal]()
    refusal = refuse_actor(command.by, prepared.manages, items_of(case.roles), facts, "migrate the case")
    refusals += () if refusal is None else (refusal,)
    if command.to_version != procedure.version:
        reason = f"asked for version {command.to_version}, got {procedure.version}"
        refusals.append(Refusal("other_procedure", reason, path="$.to_version"))
    plan = plan_migration(procedure, case, stages=command.stages, transitions=command.transitions)
    refusals += plan.obstacles
    if refusals:
        raise Refused.because(type(command).__name__, refusals)
    if case.version == procedure.version:
        return ()
    at = moment_of(case, command.at)
    going = tuple(clock for clock in case.clocks if clock.id in plan.stopped)
    return (
        CaseMigrated(
            case=case.id,
            at=at,
            by=command.by.persons,
            version=procedure.version,
            stages=command.stages,
            transitions=command.transitions,
            dropped=plan.dropped,
            clocks=stop_all(going, at, command.by.id),
            reason=command.reason,
        ),
    )


def _obstacles(
    procedure: Procedure, case: Case, stages: Mapping[str, str], transitions: Mapping[str, str]
) -> Iterator[Refusal]:
    prepared = procedure.prepared
    if case.procedure != procedure.id:
        yield Refusal("other_procedure", f"the case is of the procedure {case.procedure!r}")
    for name in stages:
        if name not in case.stages:
            yield Refusal("unknown_stage", f"the case has no stage {name!r}", path=f"$.stages.{name}")
    targets = [stages.get(name, name) for name in case.stages]
    for name in sorted({name for name in targets if targets.count(name) > 1}):
        yield Refusal("stages_merged", f"several stages would become {name!r}", path="$.stages")
    for name, state in case.stages.items():
        step = prepared.steps.get(stages.get(name, name))
        if step is None and state.status.is_active:
            reason = f"the stage {name!r} is {state.status.value} and version {procedure.version} has none such"
            yield Refusal("unknown_stage", reason, path=f"$.stages.{name}")
        elif step is not None and state.status.is_active and state.transition is not None:
            waits = transitions.get(state.transition, state.transition)
            if waits not in step.ways or step.signers is None:
                reason = f"what waits for signatures in the stage {name!r} has no counterpart; let it be signed first"
                yield Refusal("waits_for_signatures", reason, path=f"$.stages.{name}")
    if case.priority is not None and case.priority not in prepared.priorities:
        yield Refusal("unknown_priority", f"there is no priority {case.priority!r} any more")
    if case.outcome is not None and case.outcome not in prepared.outcomes:
        yield Refusal("unknown_outcome", f"there is no outcome {case.outcome!r} any more")
    found: list[Refusal] = []
    for name, raw in case.facts.items():
        spec = prepared.specs.get(name)
        if spec is not None:
            check_fact(spec, raw, f"$.facts.{name}", found)
    yield from found
    if not case.is_open:
        yield Refusal("case_not_open", f"the case {case.id!r} is {case.status}")
