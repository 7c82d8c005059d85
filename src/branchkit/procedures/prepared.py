"""A procedure made ready for running many cases: who may, where to, and what conflicts, looked up once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

import attrs

from branchkit.conditions import Condition, Facts, FactSpec, FactType, compile_condition, reads
from branchkit.estate import ActorSpec, ByPost, ByRole, Standing, fits
from branchkit.messages import Actor
from branchkit.procedures.certain import Certain, certain
from branchkit.procedures.graph import Edges, onward_edges, ranks, reached_from, ways_to
from branchkit.procedures.model import Procedure, Separation, Stage, Transition
from branchkit.temporal import Before, ClockSpec
from branchkit.values import Unknown

__all__ = ["Permit", "Prepared", "Shortcut", "Step", "Test", "Way", "onward_of", "prepare"]

_PLAIN = frozenset({FactType.BOOL, FactType.CODE, FactType.TEXT})
"""The types whose values are what a document holds."""
Test = Callable[[Facts], bool | Unknown]


@attrs.frozen(eq=False)
class Permit:
    """Who may do one thing, with the posts looked up at once."""

    specs: tuple[ActorSpec, ...]
    posts: frozenset[str]
    roles: tuple[str, ...]
    others: tuple[ActorSpec, ...]

    @classmethod
    def of(cls, specs: tuple[ActorSpec, ...]) -> Permit:
        """Make actors ready."""
        return cls(
            specs,
            frozenset(spec.post for spec in specs if isinstance(spec, ByPost)),
            tuple(spec.role for spec in specs if isinstance(spec, ByRole)),
            tuple(spec for spec in specs if not isinstance(spec, ByPost | ByRole)),
        )

    def allows(self, actor: Actor, roles: Mapping[str, str], standing: Standing) -> bool:
        """Say whether an actor is among them, given who has which role in the case."""
        if not actor.system:
            if not self.posts.isdisjoint(actor.posts):
                return True
            for role in self.roles:
                holder = roles.get(role)
                if holder is not None and (holder == actor.id or holder == actor.acting_for):
                    return True
        return any(fits(spec, actor, standing) for spec in self.others)

    def __str__(self) -> str:
        return ", ".join(map(str, self.specs)) or "nobody"


@attrs.frozen(eq=False)
class Following:
    """The one stage that a transition leads to."""

    starts: tuple[ClockSpec, ...]


@attrs.frozen(eq=False)
class Way:
    """One transition, ready."""

    transition: Transition
    permit: Permit | None
    """Who may take it, where that is narrower than who may act."""
    test: Test | None
    reads: tuple[str, ...]
    is_plain: bool
    """Whether it looks at nothing but texts, codes and yes or no that the case itself holds."""
    again: tuple[str, ...]
    """The stages with limited attempts that it would try once more."""
    following: Following | None = None
    """What starts where it leads to one stage that simply opens, so that nothing else has to be worked out."""


@attrs.frozen(eq=False)
class Step:
    """One stage, ready."""

    stage: Stage
    permit: Permit
    signers: Permit | None
    ways: Mapping[str, Way]
    onward: Way | None
    """The way the case goes where the stage is skipped or waived."""
    applies: Test | None
    reads: tuple[str, ...]
    awaits: frozenset[str]
    """For a stage that `needs` others: every stage from which one of those can still be led to."""
    duty: str
    sign_duty: str
    starts: tuple[ClockSpec, ...]
    stops: tuple[str, ...]
    rank: int


@attrs.frozen(eq=False)
class Shortcut:
    """A transition that asks for nothing but a post and a plain condition, and leads to one stage that simply opens."""

    to: str
    opens: tuple[str, ...]
    posts: frozenset[str]
    test: Certain | None
    stages_apart: tuple[str, ...]
    """The stages that nobody may complete beside this one."""
    duties_apart: tuple[str, ...]
    starts: tuple[ClockSpec, ...]
    stops: tuple[str, ...]


@attrs.frozen(eq=False)
class Prepared:
    """A procedure, ready."""

    procedure: Procedure
    steps: Mapping[str, Step]
    opens: Permit
    manages: Permit
    applies: Test | None
    applies_reads: tuple[str, ...]
    specs: Mapping[str, FactSpec]
    """The facts a case may hold."""
    forms: Mapping[str, str]
    """The facts that sheets give, by item."""
    conflicts: Mapping[str, tuple[tuple[Separation, str, str | None], ...]]
    """For each duty those that whoever holds it may not hold, the separation that says so, and the stage it is of."""
    outcomes: Mapping[str, int]
    priorities: Mapping[str, int]
    clocks: Mapping[str, ClockSpec]
    starts: tuple[ClockSpec, ...]
    """The clocks that start with the case."""
    joins: bool
    """Whether a stage may have to wait for others."""
    ladders: Mapping[str, str]
    shortcuts: Mapping[tuple[str, str], Shortcut]
    """The short way, by stage and transition, where there is one."""
    anchored: frozenset[str]
    """The facts from which deadlines count back."""
    reasons: frozenset[str]


def prepare(procedure: Procedure) -> Prepared:
    """Make a procedure ready that holds together."""
    stages = {stage.id: stage for stage in procedure.stages}
    order, waits, edges = ranks(procedure), ways_to(procedure), onward_edges(procedure)
    limited = frozenset(name for name, stage in stages.items() if stage.attempts is not None)
    starts, stops = _by_stage(procedure)
    specs = {spec.name: spec for spec in procedure.facts}
    plain = frozenset(spec.name for spec in procedure.facts if spec.type in _PLAIN)
    steps: dict[str, Step] = {}
    for name, stage in stages.items():
        ways = {}
        for one in stage.transitions:
            simple = len(one.to) == 1 and not stage.optional and _simply_opens(stages[one.to[0]])
            following = Following(tuple(starts.get(one.to[0], ()))) if simple else None
            ways[one.id] = _way(edges, one, limited, plain, following)
        onward = onward_of(stage)
        steps[name] = Step(
            stage=stage,
            permit=Permit.of(stage.actors),
            signers=None if stage.signatures is None else Permit.of(stage.signatures.actors or stage.actors),
            ways=ways,
            onward=None if onward is None else ways[onward.id],
            applies=_test(stage.when),
            reads=_reads(stage.when),
            awaits=waits.get(name, frozenset()),
            duty=f"stage:{name}",
            sign_duty=f"sign:{name}",
            starts=tuple(starts.get(name, ())),
            stops=tuple(stops.get(name, ())),
            rank=order[name],
        )
    conflicts: dict[str, list[tuple[Separation, str, str | None]]] = {}
    for separation in procedure.separations:
        for duty in separation.duties:
            for other in separation.duties:
                if other != duty:
                    of = other.removeprefix("stage:") if other.startswith("stage:") else None
                    conflicts.setdefault(duty, []).append((separation, other, of))
    anchored = frozenset(
        spec.deadline.anchor for _, spec in procedure.all_clocks() if isinstance(spec.deadline, Before)
    )
    shortcuts = {
        (name, way): short
        for name, step in steps.items()
        for way, one in step.ways.items()
        if not anchored and (short := _shortcut(step, one, specs, conflicts.get(step.duty, ()))) is not None
    }
    return Prepared(
        procedure=procedure,
        steps=steps,
        opens=Permit.of(procedure.opens),
        manages=Permit.of(procedure.manages),
        applies=_test(procedure.applies),
        applies_reads=_reads(procedure.applies),
        specs=specs,
        forms={name.removeprefix("form."): name for name in _form_facts(procedure)},
        conflicts={duty: tuple(found) for duty, found in conflicts.items()},
        outcomes={outcome.code: at for at, outcome in enumerate(procedure.outcomes)},
        priorities={priority: at for at, priority in enumerate(procedure.priorities)},
        clocks={spec.id: spec for _, spec in procedure.all_clocks()},
        starts=tuple(spec for spec in procedure.clocks if spec.starts == "opened"),
        joins=bool(waits),
        ladders=dict(procedure.ladders),
        shortcuts=shortcuts,
        anchored=anchored,
        reasons=frozenset(reason.code for reason in procedure.pause_reasons),
    )


def onward_of(stage: Stage) -> Transition | None:
    """Return the transition by which the case goes on where the stage is left undone, if one is said."""
    onward = [one for one in stage.transitions if not one.returns]
    if stage.onward is not None:
        return next((one for one in onward if one.id == stage.onward), None)
    return onward[0] if len(onward) == 1 else None


def _simply_opens(stage: Stage) -> bool:
    return not stage.needs and stage.when is None and not stage.optional


def _way(
    edges: Edges, one: Transition, limited: frozenset[str], plain: frozenset[str], following: Following | None
) -> Way:
    again = reached_from(edges, one.to) & limited if one.returns and limited else frozenset()
    return Way(
        transition=one,
        permit=Permit.of(one.actors) if one.actors else None,
        test=_test(one.when),
        reads=_reads(one.when),
        is_plain=plain.issuperset(_reads(one.when)),
        again=tuple(sorted(again)),
        following=following,
    )


def _shortcut(
    step: Step, way: Way, specs: Mapping[str, FactSpec], apart: Iterable[tuple[Separation, str, str | None]]
) -> Shortcut | None:
    stage, one, following = step.stage, way.transition, way.following
    asks = (way.permit, step.signers, stage.form, *way.again, *stage.assigns, *(("reason",) * one.reason_required))
    if following is None or any(what is not None for what in asks):
        return None
    test = None if one.when is None else certain(one.when, specs)
    if (one.when is not None and test is None) or any(separation.within == "linked" for separation, _, _ in apart):
        return None
    return Shortcut(
        to=one.to[0],
        opens=one.to,
        posts=step.permit.posts,
        test=test,
        stages_apart=tuple(of for _, _, of in apart if of is not None),
        duties_apart=tuple(duty for _, duty, of in apart if of is None),
        starts=following.starts,
        stops=step.stops,
    )


def _by_stage(procedure: Procedure) -> tuple[dict[str, list[ClockSpec]], dict[str, list[str]]]:
    """Return which clocks start as a stage opens, and which stop as it is settled."""
    starts: dict[str, list[ClockSpec]] = {}
    stops: dict[str, list[str]] = {}
    for stage, spec in procedure.all_clocks():
        begin = f"stage:{stage.id}" if stage is not None else spec.starts
        if begin.startswith("stage:"):
            starts.setdefault(begin.removeprefix("stage:"), []).append(spec)
        # A stage's own clock stops with it at the latest.
        for end in dict.fromkeys((*spec.stops, begin) if stage is not None else spec.stops):
            if end.startswith("stage:"):
                stops.setdefault(end.removeprefix("stage:"), []).append(spec.id)
    return starts, stops


def _form_facts(procedure: Procedure) -> Iterator[str]:
    return (spec.name for spec in procedure.facts if spec.name.startswith("form."))


def _test(condition: Condition | None) -> Test | None:
    return None if condition is None else compile_condition(condition)


def _reads(condition: Condition | None) -> tuple[str, ...]:
    return () if condition is None else tuple(sorted(reads(condition)))
