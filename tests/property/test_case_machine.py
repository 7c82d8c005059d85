"""Cases of drawn procedures, guarded by ladders, whatever is asked, edited, told late, swept, retried or cut off."""

from __future__ import annotations

import datetime as dt
import itertools
import tempfile
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import attrs
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from branchkit.errors import Refused
from branchkit.escalation import (
    AfterDue,
    AtShare,
    BeforeDue,
    EndQuiet,
    EscalationLadder,
    KeepQuiet,
    OpenCaseFor,
    QuietWindow,
    RaisePriority,
    Repeat,
    RungOutcome,
    RungReached,
)
from branchkit.estate import (
    Branch,
    BySystem,
    Post,
    PublishCalendar,
    RegisterBranch,
    ResumeService,
    ReviseBranch,
    StaffMember,
    SuspendService,
)
from branchkit.kit import Kit, RuleBook
from branchkit.kit.floors.around import running
from branchkit.kit.floors.cases import LADDERS
from branchkit.kit.world import StoreWorld
from branchkit.messages import Actor, Command, Outcome
from branchkit.procedures import (
    AcknowledgeEscalation,
    CancelCase,
    CancelClock,
    Case,
    CaseOpened,
    CompleteStage,
    OpenCase,
    PauseClock,
    Procedure,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResetClock,
    ResumeClock,
    SignStage,
    WaiveStage,
)
from branchkit.temporal import ALL_CLOCKS, ByTarget, CalendarDay, Counting, Suspension
from branchkit.values import FrozenMap
from tests.property.case_model import HOURS, decided, excused, hours, owed
from tests.property.procedure_family import POSTS, procedures
from tests.unit.kit.guarded import SUPERIOR, WORDS, book, telling
from tests.unit.kit.test_cases import CALENDAR, HOUR, MINUTE, MONDAY

DAY = 24 * HOUR
BRANCHES = ("B-1", "B-2")
PEOPLE = tuple(Actor(f"S-{at}", posts=(*POSTS, "outlet_head", "estate_administrator")) for at in range(3))
ALL = PEOPLE[0]
SWEEPER = Actor("branchkit:sweeper", system=True)

branches = st.sampled_from(BRANCHES)
people = st.sampled_from(PEOPLE)
some_minutes = st.integers(0, 90)
late = st.sampled_from((0, 0, 0, 5, 45))
RANKS = ("critical", "high", "normal")
priorities = st.sampled_from(RANKS)
seldom = st.sampled_from((False, False, True))


@st.composite
def ladders(draw: st.DrawFn, name: str) -> EscalationLadder:
    """Draw a ladder: rungs before, at and after the deadline, that wait, repeat, raise or open."""
    lags = st.integers(0, 12).map(lambda n: n * 10 * MINUTE)
    spans = st.sampled_from(("clock", "elapsed"))
    times = st.one_of(
        st.sampled_from(("0.5", "1", "1.5")).map(lambda share: AtShare(share=Decimal(share))),
        st.builds(BeforeDue, lead=st.integers(0, 3).map(lambda n: n * 10 * MINUTE), time=spans),
        st.builds(AfterDue, lag=lags, time=spans),
    )
    rungs = [telling("missed", AfterDue())]
    for at in range(draw(st.integers(1, 3))):
        more: dict[str, Any] = draw(
            st.sampled_from(
                (
                    {},
                    {"tell": (SUPERIOR,)},
                    {"tell": (), "message": None, "record_only": True},
                    {"working_hours": True},
                    {"despite_acknowledgement": True},
                    {"do": (RaisePriority(to="high"),)},
                    {"do": (OpenCaseFor(procedure="house.complaint"),)},
                )
            )
        )
        rungs.append(telling(f"r{at}", draw(times), **more))
    says = draw(st.sampled_from(("holds", "stops", "nothing")))
    return EscalationLadder(
        f"house.{name}",
        version="1",
        title=WORDS,
        rungs=tuple(rungs),
        acknowledgement=says,
        hold=HOUR if says == "holds" else None,
        repeat=Repeat(start="missed", every=2 * HOUR, times=2) if draw(st.booleans()) else None,
    )


@st.composite
def guarded(draw: st.DrawFn) -> tuple[Procedure, tuple[EscalationLadder, ...]]:
    """Draw a procedure whose clocks count different time and are guarded by one of two ladders."""
    of, both = draw(procedures()), (draw(ladders("one")), draw(ladders("two")))
    system = BySystem(system="branchkit:*")
    whole = attrs.evolve(of.clocks[0], counting=Counting.BUSINESS)
    if draw(st.booleans()):
        whole = attrs.evolve(whole, deadline=ByTarget(output="repair"))
    names = [spec.id for _, spec in of.all_clocks()]
    return (
        attrs.evolve(
            of,
            id="house.drawn",
            clocks=(whole,),
            targets="house.targets" if isinstance(whole.deadline, ByTarget) else None,
            priorities=RANKS,
            opens=(*of.opens, system),
            manages=(*of.manages, system),
            ladders=FrozenMap({name: draw(st.sampled_from(both)).id for name in names}),
        ),
        both,
    )


class _Cut(Exception):
    """The power goes."""


class GuardedCases(RuleBasedStateMachine):
    """Drives a kit with a drawn procedure; holds what it leaves against what its journal says was owed."""

    ADDRESS: ClassVar[str] = "memory:"

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.numbers = itertools.count(1)
        self.given: list[tuple[Command, Outcome]] = []
        self.now = MONDAY
        self.calendar = CALENDAR
        self.cases: list[str] = []
        self.kit: Kit | None = None

    # -- the scene

    @initialize(drawn=guarded())
    def begin(self, drawn: tuple[Procedure, tuple[EscalationLadder, ...]]) -> None:
        """Open a kit with two branches that keep different hours in different zones."""
        self.procedure, both = drawn
        self.ladders = {one.id: one for one in both}
        self.rules: RuleBook = book(self.procedure, *both)
        self.address = self.ADDRESS.format(self.folder.name)
        self.kit = Kit.open(self.address, rules=self.rules)
        when = MONDAY - DAY
        self.do(PublishCalendar(self.calendar, by=ALL, at=when))
        staff = {"staff": (StaffMember("S-9"),), "posts": (Post("P-1", kind="lobby_manager", holder="S-9"),)}
        self.branches = {
            "B-1": Branch("B-1", time_zone="Asia/Shanghai", hours=hours("split"), calendar="works", **staff),
            "B-2": Branch("B-2", time_zone="Asia/Tokyo", hours=hours("through"), calendar="works", **staff),
        }
        for branch in self.branches.values():
            self.do(RegisterBranch(branch, by=ALL, at=when))
        for name in BRANCHES:
            self.open_case(name, "normal", True, 0)

    def do(self, command: Command) -> bool:
        """Ask for something under a name of its own; says whether it was done."""
        assert self.kit is not None
        command = attrs.evolve(command, id=f"c-{next(self.numbers)}", recorded_at=max(command.at, self.now))
        try:
            self.given.append((command, self.kit.do(command)))
        except Refused:
            return False
        return True

    def at(self, late: int) -> dict[str, Any]:
        """Return who asks, and when it happened."""
        return {"by": ALL, "at": self.now - late * MINUTE}

    def case(self, number: int) -> Case | None:
        """Return one of the cases."""
        assert self.kit is not None
        return self.kit.get(Case, self.cases[number % len(self.cases)]) if self.cases else None

    # -- what people do

    @rule(pass_by=some_minutes)
    def wait(self, pass_by: int) -> None:
        """Let time pass."""
        self.now += pass_by * MINUTE

    @rule(branch=branches, priority=priorities, ok=st.booleans(), late=late)
    def open(self, branch: str, priority: str, ok: bool, late: int) -> None:
        """Open a case."""
        self.open_case(branch, priority, ok, late)

    def open_case(self, branch: str, priority: str, ok: bool, late: int) -> None:
        """Open a case under a name of its own."""
        name = f"C-{len(self.cases)}"
        facts = FrozenMap({"ok": ok, "grade": "major"})
        more = {"procedure": "house.drawn", "branch": branch, "priority": priority, "facts": facts}
        if self.do(OpenCase(name, **more, **self.at(late))):
            self.cases.append(name)

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), way=st.sampled_from(("t0", "t1", "back")), who=people, ok=st.booleans(), late=late)
    def complete(self, number: int, way: str, who: Actor, ok: bool, late: int) -> None:
        """Complete a stage that is open, or sign what waits there."""
        case = self.case(number)
        if case is None or not case.open_stages:
            return
        stage = case.open_stages[number % len(case.open_stages)]
        when = {**self.at(late), "by": who}
        if case.stages[stage].signed:
            self.do(SignStage(case.id, stage, **when))
        else:
            self.do(CompleteStage(case.id, stage, way, facts=FrozenMap({"ok": ok}), **when))

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), late=late)
    def waive(self, number: int, late: int) -> None:
        """Waive a stage that is open."""
        case = self.case(number)
        if case is not None and case.open_stages:
            self.do(WaiveStage(case.id, case.open_stages[0], reason="because", **self.at(late)))

    @precondition(lambda self: self.cases)
    @rule(
        number=st.integers(0, 9),
        kind=st.sampled_from((PauseClock, ResumeClock, ResumeClock, ResetClock, CancelClock, AcknowledgeEscalation)),
        which=st.integers(0, 9),
        late=late,
    )
    def touch_a_clock(self, number: int, kind: Any, which: int, late: int) -> None:
        """Pause, resume, reset or cancel a clock, or say that one sees to it."""
        case = self.case(number)
        if case is None or not case.clocks:
            return
        clock = case.clocks[which % len(case.clocks)].id
        more = {PauseClock: {"reason": "customer"}, ResetClock: {"reason": "anew"}, CancelClock: {"reason": "gone"}}
        self.do(kind(case.id, clock, **more.get(kind, {}), **self.at(late)))

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9), priority=priorities, late=late, end=st.integers(0, 11))
    def steer(self, number: int, priority: str, late: int, end: int) -> None:
        """Give another priority; now and then cancel a case, or open a closed one again."""
        case = self.case(number)
        assert case is not None
        if not case.is_open:
            self.do(ReopenCase(case.id, self.procedure.starts, reason="again", **self.at(late)))
        elif end == 0:
            self.do(CancelCase(case.id, reason="told twice", **self.at(late)))
        else:
            self.do(Reprioritise(case.id, priority, **self.at(late)))

    # -- what happens around them

    @rule(branch=branches, since=st.integers(-60, 90), length=st.none() | st.integers(10, 300), all=st.booleans(),
          back=st.none() | some_minutes)  # fmt: skip
    def suspend(self, branch: str, since: int, length: int | None, all: bool, back: int | None) -> None:
        """Suspend service, from before or later, for a while or nobody knows how long; or only till a little later."""
        start = self.now + since * MINUTE
        until = None if length is None else start + length * MINUTE
        pauses = frozenset({ALL_CLOCKS} if all else {"whole"})
        cut = Suspension(
            id=f"U-{len(self.given)}", branch=branch, since=start, until=until, reason="power_cut", pauses=pauses
        )
        self.do(SuspendService(cut, **self.at(0)))
        if back is not None:
            self.now += back * MINUTE
            self.do(ResumeService(branch, cut.id, **self.at(0)))

    @rule(branch=branches, late=late)
    def resume(self, branch: str, late: int) -> None:
        """Resume service."""
        assert self.kit is not None
        for cut in list(self.kit.find(Suspension, branch=branch)):
            if cut.until is None:
                self.do(ResumeService(branch, cut.id, **self.at(late)))

    @rule(day=st.integers(0, 6), usual=seldom, back=st.none() | some_minutes)
    def edit_the_calendar(self, day: int, usual: bool, back: int | None) -> None:
        """Publish a calendar with one day's work taken or given, or as it usually is, or for a while only."""
        self.edit(day, usual)
        if back is not None:
            self.now += back * MINUTE
            self.edit(day, True)

    def edit(self, day: int, usual: bool) -> None:
        """Publish a calendar with one day made otherwise."""
        date = MONDAY.date() + dt.timedelta(days=day)
        kept = tuple(one for one in self.calendar.days if one.date != date)
        edited = () if usual else (CalendarDay(date, working=date.weekday() > 4),)
        days = tuple(sorted((*kept, *edited), key=lambda one: one.date))
        new = attrs.evolve(self.calendar, version=str(len(self.given)), days=days)
        if self.do(PublishCalendar(new, **self.at(0))):
            self.calendar = new

    @rule(branch=branches, name=st.sampled_from(sorted(HOURS)), late=late)
    def revise_hours(self, branch: str, name: str, late: int) -> None:
        """Give a branch other hours."""
        self.now += 5 * MINUTE
        self.branches[branch] = attrs.evolve(self.branches[branch], hours=hours(name))
        self.do(ReviseBranch(self.branches[branch], **self.at(late)))

    @rule(branch=st.none() | branches, since=st.integers(-30, 30), length=st.integers(10, 240), end=st.booleans())
    def keep_quiet(self, branch: str | None, since: int, length: int, end: bool) -> None:
        """Keep quiet for a while, or end that before its time."""
        start = self.now + since * MINUTE
        window = QuietWindow(
            id=f"Q-{len(self.given)}", since=start, until=start + length * MINUTE, reason="works", branch=branch
        )
        self.do(KeepQuiet(window, **self.at(0)))
        if end:
            self.now += 35 * MINUTE
            self.sweep(0, None)
            self.do(EndQuiet(window.id, **self.at(0)))

    # -- sweeping, and what may come between

    @rule(back=st.sampled_from((0, 0, 0, 20)), stop=st.none() | st.integers(0, 3))
    def sweep(self, back: int, stop: int | None) -> None:
        """Sweep, now or as of a while ago, to the end or only so far."""
        assert self.kit is not None
        for swept in itertools.islice(self.kit.sweep(self.now - back * MINUTE), stop):
            assert swept.failed is None
        if stop is None and not back:
            with self.kit.store.transaction(write=False) as tx:
                assert () == tx.due(self.now)
            assert [] == list(self.kit.sweep(self.now))

    @precondition(lambda self: self.given)
    @rule(number=st.integers(0, 999))
    def retry(self, number: int) -> None:
        """Ask for the same once more: it is not done twice."""
        assert self.kit is not None
        command, outcome = self.given[number % len(self.given)]
        before = self.head()
        assert attrs.evolve(outcome, repeated=True) == self.kit.do(command)
        assert before == self.head()

    @precondition(lambda self: self.cases)
    @rule(number=st.integers(0, 9))
    def cut_off(self, number: int) -> None:
        """Stop in the middle of a command and of a sweep: nothing of either is there."""
        assert self.kit is not None
        before, rows = self.head(), self.rows()
        case = self.cases[number % len(self.cases)]
        try:
            with self.kit.store.transaction() as tx:
                self.kit.do(Reprioritise(case, "high", id="cut-off", **self.at(0)), within=tx)
                raise _Cut
        except (_Cut, Refused):
            pass
        assert (before, rows) == (self.head(), self.rows())
        self.crash()
        assert (before, rows) == (self.head(), self.rows())

    def crash(self) -> None:
        """Begin anew with what is stored, where something is."""

    def head(self) -> str:
        """Return what stands for the whole journal."""
        assert self.kit is not None
        with self.kit.store.transaction(write=False) as tx:
            return tx.head()

    def rows(self) -> dict[str, dt.datetime]:
        """Return when each case is to be looked at."""
        assert self.kit is not None
        with self.kit.store.transaction(write=False) as tx:
            return {row.key: row.at for row in tx.due(self.now + 9999 * DAY, limit=9999)}

    # -- what always holds

    @invariant()
    def the_index_is_never_late(self) -> None:
        """Before the moment at which a case is to be looked at, no ladder has anything to say."""
        if self.kit is None:
            return
        rows = self.rows()
        with self.kit.store.transaction(write=False) as tx:
            world = StoreWorld(tx, self.rules, where="here")
            for case in world.found("case", {"status": "open"}):
                look = rows.get(f"case:{case.id}", self.now + 20 * DAY)
                before = look - dt.timedelta(microseconds=1)
                for policy, watched in running(case, world, before):
                    assert () == policy.reached(watched, before).value, (case.id, watched.watch.clock, look)

    @invariant()
    def nothing_is_decided_twice(self) -> None:
        """Each rung of each round of each entry is decided once, and goes out once to each person."""
        if self.kit is None:
            return
        journal = list(self.kit.events())
        assert [] == [key for key, count in Counter(decided(journal)).items() if count > 1]
        told = [
            f"{e.case}/{e.clock}/{e.entry}/{e.reached.rung}/{e.reached.round}/{person}"
            for e in (one.event for one in journal)
            if isinstance(e, RungReached) and e.reached.outcome is RungOutcome.FIRED
            for person in e.reached.told
        ]
        assert sorted(told) == sorted(message.key for message in self.kit.outbox())
        for one in journal:
            if isinstance(one.event, RungReached):
                latest = max(one.at, self._latest_before(one.event.case))
                assert one.event.reached.due <= latest

    @invariant()
    def a_ladder_never_lowers_a_priority(self) -> None:
        """What a rung does to a priority is to raise it."""
        if self.kit is None:
            return
        held: dict[str, str] = {}
        for event in (one.event for one in self.kit.events()):
            if isinstance(event, CaseOpened) and event.priority is not None:
                held[event.case] = event.priority
            elif isinstance(event, Reprioritised):
                before, held[event.case] = held[event.case], event.priority
                assert event.by != (LADDERS.id,) or RANKS.index(event.priority) < RANKS.index(before)

    def _latest_before(self, case: str) -> dt.datetime:
        assert self.kit is not None
        return self.kit.get(Case, case).latest

    def teardown(self) -> None:
        if self.kit is None:
            return
        last = self.now + 6 * DAY
        other = self.twin()
        for swept in self.kit.sweep(last):
            assert swept.failed is None
        journal = list(self.kit.events())
        done, waits = {key[:4] for key in decided(journal)}, excused(journal)
        for one in owed(journal, self.ladders, last):
            key = (one.case, one.clock, one.entry, one.rung)
            assert key in done or key in waits, one
        if other is not None:
            self.sweep_by_and_by(other, last)
            mine, theirs = (self.decided_of_mine(kit) for kit in (self.kit, other))
            assert mine == theirs
            other.close()
        found = self.kit.verify()
        assert found.ok, found.problems
        rows = self.rows()
        assert 0 == self.kit.rebuild().changed
        assert {key: at for key, at in rows.items() if at > last}.keys() <= self.rows().keys()
        self.kit.close()
        self.folder.cleanup()

    def twin(self) -> Kit | None:
        """Return a kit on a copy of what is stored, where there is a file to copy."""
        return None

    def sweep_by_and_by(self, other: Kit, last: dt.datetime) -> None:
        """Sweep many times, each time a little further."""
        at = self.now
        while at < last:
            list(other.sweep(at))
            at += 7 * HOUR
        list(other.sweep(last))

    def decided_of_mine(self, kit: Kit) -> set[tuple[str, str, int, str, int]]:
        """Return what was decided of the cases that people opened; what ladders open begins when they are swept."""
        return {key for key in decided(kit.events()) if key[0] in self.cases}


class StoredCases(GuardedCases):
    """The same on a file, which is closed and opened as after a crash, and swept in another order in a copy."""

    ADDRESS = "sqlite:///{}/branch.db?sync=normal"

    def crash(self) -> None:
        """Close the file and open it anew."""
        assert self.kit is not None
        self.kit.close()
        self.kit = Kit.open(self.address, rules=self.rules)

    def twin(self) -> Kit | None:
        """Return a kit on a copy of the file."""
        assert self.kit is not None
        copy = Path(self.folder.name) / "copy.db"
        self.kit.store.backup(str(copy))
        return Kit.open(copy, rules=self.rules)


class TestGuardedCases(GuardedCases.TestCase):
    """No rung is missed, none comes twice."""

    settings = settings(max_examples=12, stateful_step_count=20, deadline=None)


class TestStoredCases(StoredCases.TestCase):
    """Nor on a file, whoever closes it and whatever order it is swept in."""

    settings = settings(max_examples=8, stateful_step_count=20, deadline=None)
