"""Laws of procedures: nobody acts without the right, no case leaves its procedure or gets stuck, folding is exact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from branchkit.codec import structure, unstructure
from branchkit.errors import Refused
from branchkit.estate import ByPost, ByRole
from branchkit.messages import Actor, Event
from branchkit.procedures import (
    AssignRole,
    CancelCase,
    Case,
    CaseCommand,
    CaseOpened,
    CompleteStage,
    OpenCase,
    PauseClock,
    Procedure,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    ResumeClock,
    SignStage,
    StageCompleted,
    StageProposed,
    StageSigned,
    StageStatus,
    StageWaived,
    WaiveStage,
    evolve,
    handle,
    prove,
)
from branchkit.procedures.facts import NO_FACTS
from branchkit.procedures.staging import complete
from branchkit.values import FrozenMap
from tests.property.procedure_family import AT, POSTS, broken, finds_dead_end, mirrored, procedures

PEOPLE = tuple(f"S-{at}" for at in range(4))
actors = st.builds(
    lambda who, posts, other: Actor(who, posts=tuple(posts), acting_for=other if other != who else None),
    st.sampled_from(PEOPLE),
    st.lists(st.sampled_from(POSTS), unique=True, max_size=3),
    st.sampled_from((None, None, None, *PEOPLE)),
)
names = st.sampled_from([f"s{at}" for at in range(5)])
facts = st.fixed_dictionaries({}, optional={"ok": st.booleans(), "grade": st.sampled_from(("general", "major", "odd"))})


@given(procedures())
def test_drawn_procedures_are_sound(procedure: Procedure) -> None:
    """What the strategy draws, the proof accepts, also once it has been written and read."""
    assert prove(procedure) == ()
    assert Procedure.from_json(procedure.to_json()) == procedure


@given(broken())
def test_the_proof_accepts_what_has_no_dead_end(procedure: Procedure) -> None:
    """A procedure is proved exactly if walking through all that can be done finds no dead end (service:P-1)."""
    assert (prove(procedure) == ()) is not finds_dead_end(procedure)


def _the_long_way(procedure: Procedure, case: Case, command: CompleteStage) -> tuple[Event, ...]:
    return complete(procedure.prepared, case, command, NO_FACTS)


class CaseMachine(RuleBasedStateMachine):
    """Drives a case of a drawn procedure by anybody, with anything, at any time."""

    @initialize(procedure=procedures(), actor=actors, given=facts)
    def begin(self, procedure: Procedure, actor: Actor, given: dict[str, Any]) -> None:
        """Draw a procedure; open a case if the actor may."""
        self.procedure, self.other = procedure, mirrored(procedure)
        self.case: Case | None = None
        self.at = AT
        self.events: list[Event] = []
        self.did: dict[str, set[str]] = {}
        self.ask(OpenCase("C", procedure="drawn", branch="B", facts=FrozenMap(given), by=actor, at=AT))

    def ask(self, command: CaseCommand) -> None:
        """Ask for something; check what comes of it against what the procedure says."""
        events, refusals = self.answer(self.procedure, command)
        mirrored_events, mirrored_refusals = self.answer(self.other, command)
        assert refusals == mirrored_refusals, "the order in which stages are listed decided something"
        mirror = self.case
        for event in mirrored_events:
            mirror = evolve(mirror, event)
        for event in events:
            self.check_right(event, command)
            self.case = evolve(self.case, event)
            self.events.append(structure(type(event), unstructure(event)))
        assert mirror == self.case

    def answer(self, procedure: Procedure, command: CaseCommand) -> tuple[tuple[Event, ...], list[str]]:
        """Return what a command leads to, or the codes of why it is refused: the same in a hurry and the long way."""
        answer = self.refusing(handle, procedure, command)
        if isinstance(command, CompleteStage) and self.case is not None:
            assert answer == self.refusing(_the_long_way, procedure, command)
        return answer

    def refusing(
        self, decide: Callable[..., tuple[Event, ...]], procedure: Procedure, command: CaseCommand
    ) -> tuple[tuple[Event, ...], list[str]]:
        """Return what a command leads to, or the codes of the reasons why it is refused, decided in some way."""
        try:
            return decide(procedure, self.case, command), []
        except Refused as refused:
            codes = sorted(one.code for one in refused.refusals if one.reason)
        assert codes
        return (), codes

    def check_right(self, event: Event, command: CaseCommand) -> None:
        """Nobody acts without the right, and nobody holds what is kept apart."""
        by, persons = command.by, set(command.by.persons)
        if isinstance(event, CaseOpened):
            assert "desk" in by.posts
            self.hold("open", persons)
        elif isinstance(event, StageProposed | StageCompleted):
            stage = self.procedure.stage(event.stage)
            assert stage is not None
            if isinstance(command, CompleteStage):
                roles = {} if self.case is None else self.case.roles
                assert any(
                    (isinstance(spec, ByPost) and spec.post in by.posts)
                    or (isinstance(spec, ByRole) and roles.get(spec.role) in persons)
                    for spec in stage.actors
                )
            self.hold(f"stage:{event.stage}", set(event.by))
        elif isinstance(event, StageSigned):
            stage = self.procedure.stage(event.stage)
            assert stage is not None
            assert stage.signatures is not None
            assert set(by.posts) & {"head", "desk"}
            assert self.case is not None
            assert not any(persons & set(those) for those in self.case.stages[event.stage].signed)
            kind = "stage" if stage.signatures.mode == "joint" else "sign"
            self.hold(f"{kind}:{event.stage}", persons)
        elif isinstance(event, StageWaived):
            assert "head" in by.posts

    def hold(self, duty: str, persons: set[str]) -> None:
        """Note a duty; check it against those that are kept apart from it."""
        self.did.setdefault(duty, set()).update(persons)
        for separation in self.procedure.separations:
            if duty in separation.duties:
                for other in separation.duties:
                    assert other == duty or not persons & self.did.get(other, set())

    @rule(stage=names, way=st.sampled_from(("t0", "t1", "back")), actor=actors, given=facts, later=st.integers(-5, 60))
    def complete(self, stage: str, way: str, actor: Actor, given: dict[str, Any], later: int) -> None:
        """Complete a stage, one that is open more often than not."""
        if self.case is not None and self.case.open_stages and later % 2:
            stage = self.case.open_stages[later % len(self.case.open_stages)]
        self.at += dt.timedelta(minutes=max(later, 0))
        at = self.at + dt.timedelta(minutes=min(later, 0))
        self.ask(CompleteStage("C", stage, way, facts=FrozenMap(given), by=actor, at=at))

    @rule(stage=names, actor=actors, decision=st.sampled_from(("approve", "approve", "return")))
    def sign(self, stage: str, actor: Actor, decision: Any) -> None:
        """Sign, or send back."""
        waiting = [] if self.case is None else [n for n, s in self.case.stages.items() if s.signed]
        reason = "not whole"
        self.ask(SignStage("C", min([*waiting, stage]), decision=decision, reason=reason, by=actor, at=self.at))

    @rule(stage=names, actor=actors, reason=st.sampled_from((None, " ", "because")))
    def waive(self, stage: str, actor: Actor, reason: str | None) -> None:
        """Waive a stage."""
        self.ask(WaiveStage("C", stage, reason=reason, by=actor, at=self.at))

    @rule(actor=actors, given=facts, who=st.sampled_from(PEOPLE), priority=st.sampled_from(("high", "low", "odd")))
    def steer(self, actor: Actor, given: dict[str, Any], who: str, priority: str) -> None:
        """Do what does not move the position."""
        self.ask(RecordFacts("C", FrozenMap(given), by=actor, at=self.at))
        self.ask(AssignRole("C", "owner", who, by=actor, at=self.at))
        self.ask(Reprioritise("C", priority, by=actor, at=self.at))
        self.ask(PauseClock("C", "whole", "customer", by=actor, at=self.at))
        self.ask(ResumeClock("C", "whole", by=actor, at=self.at))

    @rule(actor=actors, stages=st.lists(names, max_size=2, unique=True), cancel=st.integers(0, 9))
    def end_and_begin(self, actor: Actor, stages: list[str], cancel: int) -> None:
        """Reopen a case that is closed; now and then cancel one."""
        self.ask(ReopenCase("C", tuple(stages), reason="it came back", by=actor, at=self.at))
        if cancel == 0:
            self.ask(CancelCase("C", reason="told twice", by=actor, at=self.at))

    @invariant()
    def stays_inside(self) -> None:
        """The case stands where its procedure lets it stand, and is what its events make it."""
        case = getattr(self, "case", None)
        if case is None:
            return
        stages = {stage.id: stage for stage in self.procedure.stages}
        assert case.stages.keys() <= stages.keys()
        firm = [name for name, s in case.stages.items() if s.status.is_active and not stages[name].optional]
        if case.status == "open":
            assert case.open_stages
            assert firm
        elif case.status == "closed":
            assert case.outcome in {outcome.code for outcome in self.procedure.outcomes}
            assert not any(state.status.is_active for state in case.stages.values())
            assert all(clock.state.is_over for clock in case.clocks)
        for name, state in case.stages.items():
            assert state.status is not StageStatus.WAITING or stages[name].needs
        folded: Case | None = None
        for event in self.events:
            folded = evolve(folded, event)
        assert folded == case
        assert structure(Case, unstructure(case)) == case


CaseMachine.TestCase.settings = settings(max_examples=30, stateful_step_count=20)
TestCases = CaseMachine.TestCase
