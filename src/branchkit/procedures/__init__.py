"""Procedures and cases: the only workflow system of the house. Pure: a command in, events out, a case folded of them.

A fault in three stages; whoever repaired it may not be the one who confirms it:

>>> import datetime as dt
>>> from branchkit.estate import ByPost
>>> from branchkit.messages import Actor
>>> from branchkit.procedures import (
...     CaseOutcome, CompleteStage, OpenCase, Procedure, Separation, Stage, Transition, evolve, handle, prove)
>>> from branchkit.temporal import After, ClockSpec
>>> from branchkit.values import Text
>>> desk, engineer = ByPost(post="fault_desk"), ByPost(post="engineer")
>>> fault = Procedure("fault", version="1", title=Text(zh="故障", en="Fault"), starts=("receive",), opens=(desk,),
...     outcomes=(CaseOutcome("solved", title=Text(zh="解决", en="Solved")),),
...     stages=(
...         Stage("receive", title=Text(zh="受理", en="Receive"), actors=(desk,), transitions=(
...             Transition("take", title=Text(zh="派修", en="Take it"), to=("repair",)),)),
...         Stage("repair", title=Text(zh="修复", en="Repair"), actors=(engineer,), transitions=(
...             Transition("repaired", title=Text(zh="修好", en="Repaired"), to=("confirm",)),)),
...         Stage("confirm", title=Text(zh="确认", en="Confirm"), actors=(desk, engineer), transitions=(
...             Transition("close", title=Text(zh="关闭", en="Close"), ends="solved"),
...             Transition("again", title=Text(zh="返修", en="Again"), to=("repair",), returns=True))),
...     ),
...     clocks=(ClockSpec("reply", title=Text(zh="答复", en="Reply"), stops=("stage:receive",),
...         deadline=After(time=dt.timedelta(minutes=30))),),
...     separations=(Separation("own-work", title=Text(zh="不得自验", en="Nobody confirms their own repair"),
...         duties=("stage:repair", "stage:confirm")),))
>>> prove(fault)
()
>>> at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
>>> clerk, fitter = Actor("S-1", posts=("fault_desk",)), Actor("S-2", posts=("engineer",))
>>> def do(case, command):
...     for event in handle(fault, case, command):
...         case = evolve(case, event)
...     return case
>>> case = do(None, OpenCase("C-1", procedure="fault", branch="B-1", by=clerk, at=at))
>>> case.open_stages
('receive',)
>>> case = do(case, CompleteStage("C-1", "receive", "take", by=clerk, at=at + dt.timedelta(minutes=5)))
>>> case.open_stages, case.clocks[0].state.value
(('repair',), 'stopped')
>>> case = do(case, CompleteStage("C-1", "repair", "repaired", by=fitter, at=at + dt.timedelta(hours=1)))
>>> handle(fault, case, CompleteStage("C-1", "confirm", "close", by=fitter, at=at + dt.timedelta(hours=2)))
Traceback (most recent call last):
branchkit.errors.Refused: CompleteStage refused: Nobody confirms their own repair: 'S-2' already holds 'stage:repair'
and may not hold 'stage:confirm'
>>> case = do(case, CompleteStage("C-1", "confirm", "close", by=clerk, at=at + dt.timedelta(hours=2)))
>>> case.status, case.outcome
('closed', 'solved')
"""

from branchkit.procedures.case import Case, CaseStatus, Link, LinkKind, StageState, StageStatus
from branchkit.procedures.commands import (
    AcknowledgeEscalation,
    AssignRole,
    CancelCase,
    CancelClock,
    CaseCommand,
    CompleteStage,
    JoinCase,
    LinkCases,
    MigrateCase,
    OpenCase,
    PauseClock,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    ResetClock,
    ResumeClock,
    SignStage,
    WaiveStage,
)
from branchkit.procedures.drawing import to_svg
from branchkit.procedures.events import (
    CaseCancelled,
    CaseEvent,
    CaseJoined,
    CaseLinked,
    CaseMigrated,
    CaseMoved,
    CaseOpened,
    CaseReopened,
    ClockChanged,
    FactsRecorded,
    Reprioritised,
    RoleAssigned,
    StageCompleted,
    StageProposed,
    StageReturned,
    StageSigned,
    StageWaived,
)
from branchkit.procedures.evolve import evolve
from branchkit.procedures.facts import Apart, CaseFacts, FormReading, OpenedBy, case_key, opened_by
from branchkit.procedures.handling import handle
from branchkit.procedures.migrate import Migration, plan_migration
from branchkit.procedures.model import (
    CaseOutcome,
    Procedure,
    Reason,
    RoleSpec,
    Separation,
    Signatures,
    Stage,
    Suspends,
    Transition,
    Waiver,
)
from branchkit.procedures.proof import Surroundings, prove
from branchkit.procedures.records import Record, RecordFact, resolve
from branchkit.procedures.seeing import to_mermaid, to_rows

__all__ = [
    "AcknowledgeEscalation",
    "Apart",
    "AssignRole",
    "CancelCase",
    "CancelClock",
    "Case",
    "CaseCancelled",
    "CaseCommand",
    "CaseEvent",
    "CaseFacts",
    "CaseJoined",
    "CaseLinked",
    "CaseMigrated",
    "CaseMoved",
    "CaseOpened",
    "CaseOutcome",
    "CaseReopened",
    "CaseStatus",
    "ClockChanged",
    "CompleteStage",
    "FactsRecorded",
    "FormReading",
    "JoinCase",
    "Link",
    "LinkCases",
    "LinkKind",
    "MigrateCase",
    "Migration",
    "OpenCase",
    "OpenedBy",
    "PauseClock",
    "Procedure",
    "Reason",
    "Record",
    "RecordFact",
    "RecordFacts",
    "ReopenCase",
    "Reprioritise",
    "Reprioritised",
    "ResetClock",
    "ResumeClock",
    "RoleAssigned",
    "RoleSpec",
    "Separation",
    "SignStage",
    "Signatures",
    "Stage",
    "StageCompleted",
    "StageProposed",
    "StageReturned",
    "StageSigned",
    "StageState",
    "StageStatus",
    "StageWaived",
    "Surroundings",
    "Suspends",
    "Transition",
    "WaiveStage",
    "Waiver",
    "case_key",
    "evolve",
    "handle",
    "opened_by",
    "plan_migration",
    "prove",
    "resolve",
    "to_mermaid",
    "to_rows",
    "to_svg",
]
