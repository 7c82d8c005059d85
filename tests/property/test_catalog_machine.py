"""Every procedure of the catalog in a kit, run by people who hold a post or two, over deadlines, sweeps and crashes."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections import Counter
from decimal import Decimal
from functools import cache
from random import Random
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from branchkit.catalog import Catalog
from branchkit.checklists import Sheet, SubmitSheet
from branchkit.checklists.binding import raw_fact
from branchkit.conditions import FactSpec, FactType
from branchkit.errors import BranchkitError, NotPermitted, Refused
from branchkit.escalation import EscalationLadder
from branchkit.estate import (
    ActorSpec,
    Branch,
    ByGroup,
    ByPost,
    ByRelation,
    ByRole,
    BySystem,
    Entry,
    Equipment,
    OrgUnit,
    Post,
    PublishCalendar,
    RecordEntry,
    RegisterBranch,
    RegisterUnit,
    StaffMember,
    Zone,
)
from branchkit.kit import Kit, RuleBook, load_plugins
from branchkit.messages import Actor, Command
from branchkit.plugins.config import Config
from branchkit.procedures import (
    AcknowledgeEscalation,
    CancelCase,
    CancelClock,
    Case,
    CompleteStage,
    LinkCases,
    OpenCase,
    PauseClock,
    Procedure,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    ResetClock,
    ResumeClock,
    SignStage,
    Stage,
    WaiveStage,
)
from branchkit.temporal import Calendar, Hours, TimeFrame
from branchkit.testing.filling import answers_by_chance, some_facts
from branchkit.values import FrozenMap, Ref, Text, Unknown
from tests.property.catalog_model import Around, owed, retold, settled, was_suspended

ZONE = ZoneInfo("Asia/Shanghai")
START = dt.datetime(2026, 3, 2, 9, tzinfo=ZONE)
FIRST = 40
"""How often something is tried in the first case before anything else is."""
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
CLERK = Actor("C-1", posts=("estate_administrator",))
TELLER = Actor("S-teller", posts=("teller",))
CATALOG = Catalog()
NAMES = sorted(CATALOG.index.ids("procedure"))
FEW = settings(max_examples=30, stateful_step_count=18, deadline=None, suppress_health_check=list(HealthCheck))
MANY = settings(FEW, max_examples=15, stateful_step_count=50)
HOURS = Hours.from_week({"mon tue wed thu fri": "09:00-17:30"})
DAYS = Calendar(
    "works", version="1", title=Text(zh="日历", en="Days"), confirmed_from=dt.date(2026, 1, 1),
    confirmed_through=dt.date(2030, 12, 31),
)  # fmt: skip
PLACES = ((), (Ref("branch", "B-1"), Ref("equipment", "ATM-1")), (Ref("branch", "B-1"), Ref("zone", "self")))


@cache
def rules() -> RuleBook:
    """Return core's rules as they are shipped."""
    return RuleBook(CATALOG, load_plugins(Config(), entry_points=False))


@cache
def procedure(name: str) -> Procedure:
    """Return a procedure of the catalog."""
    return CATALOG.procedure(name)


def _all_specs() -> list[ActorSpec]:
    found: list[ActorSpec] = []
    for one in map(procedure, NAMES):
        found += [*one.opens, *one.manages]
        for stage in one.stages:
            found += stage.actors
            found += () if stage.signatures is None else stage.signatures.actors
            found += () if stage.waiver is None else stage.waiver.actors
            found += [spec for way in stage.transitions for spec in way.actors]
    return found


@cache
def cast() -> tuple[tuple[Actor, ...], Around]:
    """Return everybody, none of whom holds more than two posts, and who is who beside posts."""
    specs = _all_specs()
    posts = sorted({spec.post for spec in specs if isinstance(spec, ByPost)})
    people = [Actor(f"S-{post}", posts=(post,)) for post in posts]
    people += [Actor(f"T-{a}", posts=(a, b)) for a, b in itertools.pairwise(posts)]
    people += [Actor("S-nobody"), Actor("S-stand-in", posts=(posts[0],), acting_for=f"S-{posts[1]}")]
    groups = {group: (f"G-{group}", f"S-{posts[0]}") for group in {s.group for s in specs if isinstance(s, ByGroup)}}
    people += [Actor(f"G-{group}", posts=(group,)) for group in sorted(groups)]
    people += [Actor(spec.party) for spec in specs if spec.KIND == "outsider"]
    systems = {spec.system.replace("*", "x") for spec in specs if isinstance(spec, BySystem)}
    people += [Actor(system, system=True) for system in sorted(systems)]
    relations = {"superior_unit": ("U-1",), "superior_units": ("U-1",)}
    people += [Actor("U-1")] if any(isinstance(spec, ByRelation) for spec in specs) else []
    return tuple(dict.fromkeys(people)), Around(groups=groups, relations=relations)


class CatalogCases(RuleBasedStateMachine):
    """Drives a kit with the catalog's procedures; its journal is retold and held against them."""

    ADDRESS: ClassVar[str] = "memory:"
    ONLY: ClassVar[tuple[str, ...]] = tuple(NAMES)

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.numbers = itertools.count(1)
        self.now = START
        self.kit: Kit | None = None
        self.ladders = cache(CATALOG.ladder)

    # -- the scene

    @initialize(name=st.data(), vacant=st.sets(st.integers(0, 40), max_size=4), seed=st.integers(0, 2**32))
    def begin(self, name: Any, vacant: set[int], seed: int) -> None:
        """Open a kit with one branch, some posts of which are vacant, and a first case."""
        self.people, self.around = cast()
        self.address = self.ADDRESS.format(self.folder.name)
        self.kit = kit = Kit.open(self.address, rules=rules())
        holders = [one for one in self.people if one.posts and one.acting_for is None]
        posts = [
            Post(f"P-{number}-{post}", kind=post, holder=None if number in vacant else one.id)
            for number, one in enumerate(holders)
            for post in one.posts
        ]
        branch = Branch(
            "B-1", kind="basic_outlet", traits=frozenset(), services=frozenset(), time_zone="Asia/Shanghai",
            hours=HOURS, calendar="works", unit="U-1", zones=(Zone("self", kind="self_service_zone"),),
            equipment=(Equipment("ATM-1", kind="atm", zone="self"),),
            staff=tuple(StaffMember(one.id) for one in holders), posts=tuple(posts),
        )  # fmt: skip
        when = START - DAY
        kit.do(RegisterUnit(OrgUnit("U-1", level="head_office"), by=CLERK, at=when))
        kit.do(PublishCalendar(DAYS, by=CLERK, at=when))
        kit.do(RegisterBranch(branch, by=CLERK, at=when))
        for group, members in self.around.groups.items():
            for member in members:
                values = FrozenMap({"group": group, "member": member})
                entry = Entry(f"{group}-{member}", register="groups", branch="B-1", values=values)
                kit.do(RecordEntry(entry, by=CLERK, at=when))
        self.open_one(name.draw(st.sampled_from(self.ONLY)), Random(seed))
        self.push(0, seed, FIRST)

    def do(self, command: Command) -> bool:
        """Ask for something under a name of its own; says whether it was done."""
        assert self.kit is not None
        try:
            self.kit.do(attrs.evolve(command, id=f"c-{next(self.numbers)}"))
        except (Refused, NotPermitted):
            return False
        return True

    def who(self, chance: Random, specs: tuple[ActorSpec, ...], case: Case | None) -> Actor:
        """Return anybody, or more often somebody who may."""
        if chance.random() < 0.7:
            roles = {} if case is None else dict(case.roles)
            held = {one.role for one in specs if isinstance(one, ByRole)}
            fitting = [one for one in self.people if self.around.may(specs, one, roles)]
            fitting += [Actor(roles[role]) for role in held & roles.keys()]
            if fitting:
                return chance.choice(fitting)
        return chance.choice(self.people)

    def some(self, chance: Random, specs: list[FactSpec]) -> FrozenMap[Any]:
        """Return something for some facts."""
        found = some_facts(chance, specs)
        if chance.random() < 0.3:
            found |= {one.name: one.low or Decimal(0) for one in specs if one.type is FactType.NUMBER}
        return FrozenMap({name: raw_fact(one) for name, one in found.items() if not isinstance(one, Unknown)})

    def case(self, number: int) -> Case | None:
        """Return one of the cases, those that nobody meant to open among them."""
        assert self.kit is not None
        found = sorted(self.kit.find(Case), key=lambda one: one.id)
        return found[number % len(found)] if found else None

    # -- what people do

    @rule(name=st.data(), seed=st.integers(0, 2**32))
    def open(self, name: Any, seed: int) -> None:
        """Open a case of anything."""
        self.open_one(name.draw(st.sampled_from(self.ONLY)), Random(seed))

    def open_one(self, name: str, chance: Random) -> None:
        """Open a case, trying a few times."""
        of = procedure(name)
        specs = [spec for spec in of.facts if not spec.name.startswith("form.")]
        for _ in range(6):
            facts = self.some(chance, specs)
            roles = {role.id: chance.choice(self.people).id for role in of.roles if chance.random() < 0.8}
            more = {"procedure": name, "branch": "B-1", "facts": facts, "roles": FrozenMap(roles)}
            priority = chance.choice((None, *of.priorities))
            by = self.who(chance, of.opens, None)
            place = chance.choice(PLACES)
            if self.do(OpenCase(f"K-{next(self.numbers)}", priority=priority, place=place, by=by, at=self.now, **more)):
                return

    @rule(number=st.integers(0, 9), seed=st.integers(0, 2**32), tries=st.integers(5, 30))
    def push(self, number: int, seed: int, tries: int) -> None:
        """Act in the open stages of a case, some times over, whoever may or may not."""
        chance = Random(seed)
        for _ in range(tries):
            case = self.case(number)
            if case is None or not case.open_stages:
                return
            stage = procedure(case.procedure).stage(chance.choice(case.open_stages))
            assert stage is not None
            self.now += chance.randint(0, 3) * MINUTE
            self.act(case, stage, chance)

    def act(self, case: Case, stage: Stage, chance: Random) -> None:
        """Sign, waive, state facts or complete."""
        if case.stages[stage.id].signed:
            specs = stage.actors if stage.signatures is None else stage.signatures.actors or stage.actors
            decision = chance.choice(("approve", "approve", "approve", "return"))
            by = self.who(chance, specs, case)
            self.do(SignStage(case.id, stage.id, decision=decision, reason="seen", by=by, at=self.now))  # type: ignore[arg-type]
            return
        of = procedure(case.procedure)
        facts = self.some(chance, [spec for spec in of.facts if not spec.name.startswith("form.")])
        if chance.random() < 0.08:
            by = self.who(chance, () if stage.waiver is None else stage.waiver.actors, case)
            self.do(WaiveStage(case.id, stage.id, reason="because", by=by, at=self.now))
            return
        way = chance.choice(stage.transitions)
        by = self.who(chance, way.actors or stage.actors, case)
        if chance.random() < 0.05:
            self.do(RecordFacts(case.id, facts, by=by, at=self.now))
            return
        sheet = self.file(stage, by, chance)
        said = CompleteStage(case.id, stage.id, way.id, sheet=sheet, facts=facts, reason="seen", by=by, at=self.now)
        _ = self.do(said) or self.do(attrs.evolve(said, facts=FrozenMap()))

    def file(self, stage: Stage, by: Actor, chance: Random) -> str | None:
        """Hand in the form of a stage, with anything in it; ``None`` where there is none, or it is not taken."""
        assert self.kit is not None
        if stage.form is None or chance.random() < 0.1:
            return None
        checklist = CATALOG.checklist(stage.form)
        bound = checklist.bind(self.kit.get(Branch, "B-1"), at=self.now)
        answers = answers_by_chance(chance, bound, oddness=chance.choice((0.0, 0.0, 0.1)))
        name = f"F-{next(self.numbers)}"
        if not self.kit.grants.allows(by, SubmitSheet.KIND):
            by = TELLER  # Somebody else hands it in.
        filled = tuple(one if one.value is None else attrs.evolve(one, note="as seen") for one in answers)
        sheet = Sheet(
            name, checklist=checklist.id, version=checklist.version, branch="B-1", at=self.now, by=by.id, answers=filled
        )
        try:
            done = self.do(SubmitSheet(sheet, by=by, at=self.now))
        except BranchkitError:
            return None
        return name if done else None

    @rule(number=st.integers(0, 9), seed=st.integers(0, 2**32))
    def manage(self, number: int, seed: int) -> None:
        """Touch a clock, give another priority, link, cancel or open again; mostly somebody who may not."""
        case, chance = self.case(number), Random(seed)
        if case is None:
            return
        of = procedure(case.procedure)
        more: dict[str, Any] = {"by": self.who(chance, of.manages, case), "at": self.now}
        clock = chance.choice(case.clocks).id if case.clocks else "none"
        reasons = [one.code for one in of.pause_reasons] or ["none"]
        wanted: list[Command] = [
            PauseClock(case.id, clock, reason=chance.choice(reasons), **more),
            ResumeClock(case.id, clock, **more),
            ResetClock(case.id, clock, reason="anew", **more),
            AcknowledgeEscalation(case.id, clock, **more),
            Reprioritise(case.id, chance.choice(of.priorities or ("none",)), **more),
        ]
        if not case.is_open:
            wanted.append(ReopenCase(case.id, (chance.choice(of.stages).id,), reason="again", **more))
        elif chance.random() < 0.1:
            other = self.case(chance.randint(0, 9))
            assert other is not None
            kind = chance.choice(("follow_up", "duplicate", "blocks", "caused_by"))
            wanted = [
                CancelCase(case.id, reason="told twice", **more),
                CancelClock(case.id, clock, reason="gone", **more),
                LinkCases(case.id, other.id, kind, **more),  # type: ignore[arg-type]
            ]
        self.do(chance.choice(wanted))

    # -- what time and power do

    @rule(pass_by=st.one_of(st.integers(0, 90), st.integers(0, 40).map(lambda n: n * 1440)))
    def wait(self, pass_by: int) -> None:
        """Let time pass, now and then far over a deadline."""
        self.now += pass_by * MINUTE

    @rule(stop=st.none() | st.integers(0, 2))
    def sweep(self, stop: int | None) -> None:
        """Sweep, to the end or only so far."""
        assert self.kit is not None
        for swept in itertools.islice(self.kit.sweep(self.now), stop):
            assert swept.failed is None, swept
        if stop is None:
            assert [] == list(self.kit.sweep(self.now))

    @rule()
    def crash(self) -> None:
        """Begin anew with what is stored, or make every document anew from the journal."""
        assert self.kit is not None
        assert 0 == self.kit.rebuild().changed

    def teardown(self) -> None:
        if self.kit is None:
            return
        last = self.now + 5 * DAY
        for swept in self.kit.sweep(last):
            assert swept.failed is None, swept
        journal = list(self.kit.events())
        steps = list(retold(journal, procedure, self.around))
        stored = {case.id: case for case in self.kit.find(Case)}
        assert stored == {after.id: after for _, _, after in steps}
        decided, waiting = settled(journal)
        assert [] == [key for key, count in Counter(decided).items() if count > 1]
        if not was_suspended(journal):
            done = {key[:4] for key in decided}
            frame = TimeFrame(zone=ZONE, hours=HOURS, calendar=DAYS)
            for one in owed(steps, self._ladder, frame, last):
                assert attrs.astuple(one) in done or one in waiting, one
        found = self.kit.verify()
        assert found.ok, found.problems
        assert 0 == self.kit.rebuild().changed
        self.kit.close()
        self.folder.cleanup()

    def _ladder(self, name: str) -> EscalationLadder:
        return self.ladders(name)


class StoredCatalogCases(CatalogCases):
    """The same on a file, which is closed and opened as after a crash."""

    ADDRESS = "sqlite:///{}/branch.db?sync=normal"

    @rule()
    def crash(self) -> None:
        """Close the file and open it anew."""
        assert self.kit is not None
        self.kit.close()
        self.kit = Kit.open(self.address, rules=rules())


class TestCatalogCases(CatalogCases.TestCase):
    """No case leaves its procedure, nobody acts without the right, no rung is missed or comes twice."""

    settings = FEW


class TestStoredCatalogCases(StoredCatalogCases.TestCase):
    """Nor on a file, whoever closes it."""

    settings = settings(FEW, max_examples=12)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_each_procedure_of_the_catalog_by_itself(name: str) -> None:
    """The same for every procedure in turn, longer."""
    machine = type(f"Cases of {name}", (StoredCatalogCases,), {"ONLY": (name,)})

    run_state_machine_as_test(machine, settings=MANY)
