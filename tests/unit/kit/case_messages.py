"""One of every command and event about cases, escalation and suspended service."""

from __future__ import annotations

import datetime as dt
from typing import Any

from branchkit.checklists import AgendaOpened, Occasion, OccasionMissed, OpenScheduled
from branchkit.escalation import (
    Acknowledgement,
    ClockUnreadable,
    EndQuiet,
    KeepQuiet,
    QuietEnded,
    QuietKept,
    QuietWindow,
    Reached,
    RungOutcome,
    RungReached,
    SweepCase,
    WatchAcknowledged,
)
from branchkit.estate import (
    ByPost,
    DeadlineMoved,
    DeadlinesMoved,
    ResumeService,
    ServiceResumed,
    ServiceSuspended,
    SuspendService,
)
from branchkit.kit.floors.cases import ProcedureAdopted
from branchkit.messages import Actor, Command, Event, FollowUpRefused
from branchkit.procedures import (
    AcknowledgeEscalation,
    AssignRole,
    CancelCase,
    CancelClock,
    CaseCancelled,
    CaseJoined,
    CaseLinked,
    CaseMigrated,
    CaseOpened,
    CaseOutcome,
    CaseReopened,
    ClockChanged,
    CompleteStage,
    FactsRecorded,
    JoinCase,
    Link,
    LinkCases,
    MigrateCase,
    OpenCase,
    PauseClock,
    Procedure,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    Reprioritised,
    ResetClock,
    ResumeClock,
    RoleAssigned,
    SignStage,
    Stage,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageWaived,
    Transition,
    WaiveStage,
)
from branchkit.temporal import After, ClockSpec, Due, Suspension, start_clock
from branchkit.values import FrozenMap, Ref, Text, Unknown

AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
LATER = AT + dt.timedelta(hours=2)
DESK = ByPost(post="fault_desk")
WORDS = Text(zh="故障", en="Fault")
CLOCK = ClockSpec("reply", title=WORDS, deadline=After(time=dt.timedelta(minutes=30)), pauses_on=("part",))
FAULT = Procedure(
    "fault",
    version="1",
    title=WORDS,
    starts=("receive",),
    opens=(DESK,),
    outcomes=(CaseOutcome("solved", title=WORDS),),
    stages=(
        Stage(
            "receive",
            title=WORDS,
            actors=(DESK,),
            transitions=(Transition("done", title=WORDS, ends="solved"),),
        ),
    ),
)
CUT = Suspension(id="SUS-1", branch="B-1", since=AT, until=LATER, reason="maintenance")
WINDOW = QuietWindow(id="Q-1", since=AT, until=LATER, reason="works")
OCCASION = Occasion(
    entry="machines", place=(Ref("branch", "B-1"),), procedure="fault", day=AT.date(), time="08:45", until=LATER
)
STARTED = start_clock(CLOCK, AT, by="S-1")
BY: dict[str, Any] = {"by": Actor("S-1", posts=("fault_desk",)), "at": AT}
SAID: dict[str, Any] = {"case": "C-1", "by": ("S-1",), "at": AT}

CASE_COMMANDS: tuple[Command, ...] = (
    OpenCase(
        "C-1",
        procedure="fault",
        branch="B-1",
        place=(Ref("branch", "B-1"),),
        facts=FrozenMap({"grade": "major"}),
        note="a caller said so",
        **BY,
    ),
    JoinCase("C-1", finding="F-1", **BY),
    CompleteStage("C-1", "receive", "done", reason="it works again", **BY),
    SignStage("C-1", "receive", decision="return", reason="a page is missing", **BY),
    WaiveStage("C-1", "receive", reason="nobody was there", **BY),
    RecordFacts("C-1", FrozenMap({"grade": "general"}), **BY),
    AssignRole("C-1", "owner", "S-2", **BY),
    Reprioritise("C-1", "high", reason="the line is long", **BY),
    PauseClock("C-1", "reply", "part", **BY),
    ResumeClock("C-1", "reply", **BY),
    ResetClock("C-1", "reply", reason="wrong branch", **BY),
    CancelClock("C-1", "reply", reason="told in person", **BY),
    LinkCases("C-1", "C-2", "follow_up", **BY),
    ReopenCase("C-1", ("receive",), reason="it broke again", **BY),
    CancelCase("C-1", reason="a mistake", **BY),
    AcknowledgeEscalation("C-1", "reply", **BY),
    MigrateCase("C-1", "2", reason="the new rules", **BY),
    SweepCase("C-1", **BY),
    SuspendService(CUT, **BY),
    ResumeService("B-1", "SUS-1", **BY),
    KeepQuiet(WINDOW, **BY),
    EndQuiet("Q-1", **BY),
    OpenScheduled("B-1", "house.routine", AT.date(), **BY),
)
CASE_EVENTS: tuple[Event, ...] = (
    CaseOpened(
        **SAID,
        procedure="fault",
        version="1",
        branch="B-1",
        place=(Ref("branch", "B-1"),),
        opened=("receive",),
        clocks=(STARTED,),
        ladders=FrozenMap({"reply": "reply@1"}),
        note="a caller said so",
    ),
    StageCompleted(**SAID, stage="receive", transition="done", outcome="solved", closes=True, reason="it works again"),
    StageWaived(**SAID, stage="receive", transition="done", reason="nobody was there"),
    CaseReopened(**SAID, opened=("receive",), reason="it broke again"),
    StageProposed(**SAID, stage="receive", transition="done", duties=(("sheet:round", ("S-1",)),), reason="as agreed"),
    StageSigned(**SAID, stage="receive", duties=(("sign:receive", ("S-2", "S-3")),)),
    StageReturned(**SAID, stage="receive", reason="a page is missing"),
    FactsRecorded(**SAID, facts=FrozenMap({"grade": "major", "cause": Unknown("not found yet")})),
    RoleAssigned(**SAID, role="owner", actor="S-2"),
    Reprioritised(**SAID, priority="high", clocks=(STARTED,), reason="the line is long"),
    ClockChanged(**SAID, what="paused", clock=STARTED, reason_code="part"),
    CaseLinked(**SAID, link=Link("follow_up", "C-2")),
    CaseJoined(**SAID, finding="F-1"),
    CaseCancelled(**SAID, clocks=(STARTED,), reason="a mistake"),
    CaseMigrated(**SAID, version="2", reason="the new rules"),
    RungReached(
        case="C-1",
        clock="reply",
        entry=1,
        ladder="reply",
        version="1",
        reached=Reached(rung="late", due=LATER, outcome=RungOutcome.FIRED, told=("S-9",), message=WORDS),
    ),
    WatchAcknowledged(case="C-1", clock="reply", entry=1, acknowledgement=Acknowledgement("S-9", at=AT, until=LATER)),
    ClockUnreadable(case="C-1", clock="reply", entry=1, code="hours_missing", why=WORDS, told=("S-9",)),
    ProcedureAdopted(procedure=FAULT),
    ServiceSuspended(suspension=CUT),
    ServiceResumed(branch="B-1", suspension="SUS-1", at=LATER),
    QuietKept(window=WINDOW),
    QuietEnded(window="Q-1", at=LATER),
    DeadlinesMoved(
        because="calendar:cn@2",
        moved=(DeadlineMoved(case="C-1", clock="reply", old=Due(AT), new=Unknown("not published")),),
    ),
    AgendaOpened(branch="B-1", plan="house.routine", version="1", through=AT.date(), occasions=(OCCASION,), missed=1),
    OccasionMissed(branch="B-1", plan="house.routine", occasion=OCCASION),
    FollowUpRefused(because="rung_reached", command="open_case", reasons=("no such procedure",)),
)
