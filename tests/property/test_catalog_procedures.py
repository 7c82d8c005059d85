"""Every procedure of the catalog, driven at random by people who know nothing of it: each case comes to an end."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from random import Random
from typing import Any

import attrs
import pytest

from branchkit.catalog import Catalog
from branchkit.checklists.binding import raw_fact
from branchkit.codec import structure, unstructure
from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.errors import Refused
from branchkit.estate import ActorSpec, ByGroup, ByPost, ByRelation, BySystem, Standing
from branchkit.messages import Actor, Event
from branchkit.procedures import (
    Case,
    CaseCommand,
    CaseFacts,
    CompleteStage,
    FormReading,
    OpenCase,
    Procedure,
    SignStage,
    WaiveStage,
    evolve,
    handle,
)
from branchkit.procedures.staging import complete
from branchkit.testing.filling import some_facts
from branchkit.values import FrozenMap, Unknown

CATALOG = Catalog()
NAMES = sorted(CATALOG.index.ids("procedure"))
AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
STEPS = 3000


class Drive:
    """One case, pushed on by chance."""

    def __init__(self, procedure: Procedure, chance: Random) -> None:
        self.procedure, self.chance = procedure, chance
        self.case: Case | None = None
        self.events: list[Event] = []
        self.number = 0
        self.even = False
        """Whether every number is the same, as of a form that says what a register says."""
        self.ladders = {name: CATALOG.ladder(name) for name in procedure.ladders.values()}
        stages = procedure.stages
        specs: list[ActorSpec] = [*procedure.opens, *procedure.manages]
        for stage in stages:
            specs += stage.actors
            specs += () if stage.signatures is None else stage.signatures.actors
            specs += () if stage.waiver is None else stage.waiver.actors
            specs += [spec for one in stage.transitions for spec in one.actors]
        self.posts = tuple(sorted({spec.post for spec in specs if isinstance(spec, ByPost)}))
        self.groups = sorted({spec.group for spec in specs if isinstance(spec, ByGroup)})
        self.relations = sorted({spec.relation for spec in specs if isinstance(spec, ByRelation)})
        self.systems = sorted({spec.system.replace("*", "x") for spec in specs if isinstance(spec, BySystem)})

    def ask(self, command: CaseCommand, facts: CaseFacts) -> bool:
        """Ask for something; say whether it happened."""
        try:
            events = handle(self.procedure, self.case, command, facts)
        except Refused:
            return False
        if isinstance(command, CompleteStage) and self.case is not None:
            assert events == complete(self.procedure.prepared, self.case, command, facts)
        for event in events:
            self.case = evolve(self.case, event)
            self.events.append(structure(type(event), unstructure(event)))
        return True

    def who(self) -> Actor:
        """Return somebody new, the holder of a role, or a system."""
        held = () if self.case is None else tuple(self.case.roles.values())
        if self.systems and self.chance.random() < 0.2:
            return Actor(self.chance.choice(self.systems), system=True)
        if held and self.chance.random() < 0.5:
            return Actor(self.chance.choice(held), posts=self.posts)
        return Actor(f"S-{self.number}", posts=self.posts)

    def stated(self, specs: list[FactSpec]) -> FrozenMap[Any]:
        """Return something for some facts."""
        found = self.some(specs)
        return FrozenMap({name: raw_fact(one) for name, one in found.items() if not isinstance(one, Unknown)})

    def some(self, specs: list[FactSpec]) -> dict[str, FactValue | Unknown]:
        """Return something for some facts, or the same number for all of them that are numbers."""
        found = some_facts(self.chance, specs)
        if self.even:
            found |= {spec.name: spec.low or Decimal(0) for spec in specs if spec.type is FactType.NUMBER}
        return found

    def step(self) -> None:
        """Do anything."""
        self.number += 1
        self.even = self.chance.random() < 0.3
        by, at = self.who(), AT + self.number * MINUTE
        forms = [spec for spec in self.procedure.facts if spec.name.startswith("form.")]
        rest = [spec for spec in self.procedure.facts if not spec.name.startswith("form.")]
        standing = Standing(
            groups=FrozenMap(dict.fromkeys(self.groups, (by.id,))),
            relations=FrozenMap(dict.fromkeys(self.relations, (by.id,))),
        )
        facts = CaseFacts(ladders=self.ladders, standing=standing, records=self.records(), facts={"at.date": at.date()})
        if self.case is None:
            self.open(rest, by, at, facts)
            return
        case = self.case
        stage = self.procedure.stage(self.chance.choice(case.open_stages))
        assert stage is not None
        if case.stages[stage.id].signed:
            decision = self.chance.choice(("approve", "approve", "approve", "return"))
            self.ask(SignStage(case.id, stage.id, decision=decision, reason="seen", by=by, at=at), facts)  # type: ignore[arg-type]
            return
        if self.chance.random() < 0.05:
            self.ask(WaiveStage(case.id, stage.id, reason="because", by=by, at=at), facts)
            return
        sheet = None
        if stage.form is not None and self.chance.random() < 0.9:
            sheet = f"F-{self.number}"
            answers = {name.removeprefix("form."): raw for name, raw in self.stated(forms).items()}
            if self.chance.random() < 0.5:  # Figures that have to be those of other records are, now and then.
                answers |= {one.name.removeprefix("form."): "3" for one in forms if one.type is FactType.NUMBER}
                alike = {name: Decimal(3) if isinstance(one, Decimal) else one for name, one in facts.records.items()}
                facts = attrs.evolve(facts, records=alike)
            reading = FormReading(sheet=sheet, checklist=stage.form, branch=case.branch, by=by.id, answers=answers)
            facts = attrs.evolve(facts, forms={sheet: reading})
        way = self.chance.choice(stage.transitions).id
        said = self.stated(rest)
        command = CompleteStage(case.id, stage.id, way, sheet=sheet, facts=said, reason="seen", by=by, at=at)
        # What is stated may be what no case may hold; without it the step may still be taken.
        _ = self.ask(command, facts) or self.ask(attrs.evolve(command, facts=FrozenMap()), facts)

    def open(self, specs: list[FactSpec], by: Actor, at: dt.datetime, facts: CaseFacts) -> None:
        """Open the case."""
        priority = self.chance.choice((None, *self.procedure.priorities))
        said = {**self.stated(specs)}
        more = {"procedure": self.procedure.id, "branch": "B-1", "priority": priority, "by": by, "at": at}
        roles = FrozenMap({role.id: f"R-{role.id}" for role in self.procedure.roles})
        self.ask(OpenCase("C", facts=FrozenMap(said), roles=roles, **more), facts)  # type: ignore[arg-type]

    def records(self) -> dict[str, Any]:
        """Return something for the facts over other records."""
        specs = [FactSpec(one.name, one.type) for one in self.procedure.record_facts]
        return dict(self.some(specs))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_a_procedure_of_the_catalog_comes_to_an_end(name: str, seed: int) -> None:
    """Whoever does whatever in whatever order, the case ends as its procedure says, and folds to what it is."""
    drive = Drive(CATALOG.procedure(name), Random(f"{name}/{seed}"))

    for _ in range(STEPS):
        drive.step()
        if drive.case is not None and not drive.case.is_open:
            break

    case = drive.case
    assert case is not None, "nobody could open it"
    assert "closed" == case.status, f"open: {case.open_stages}"
    assert case.outcome in {outcome.code for outcome in drive.procedure.outcomes}
    assert case.stages.keys() <= {stage.id for stage in drive.procedure.stages}
    assert all(clock.state.is_over for clock in case.clocks)
    folded: Case | None = None
    for event in drive.events:
        folded = evolve(folded, event)
    assert folded == case == structure(Case, unstructure(case))
