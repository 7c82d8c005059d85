"""What a case suspends at its branch while it is open: begun and ended with it, or with its stages, by themselves.

A case that is opened again suspends anew, under an id of its own: where it stands when it is opened, or as it comes
there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from branchkit.estate import ResumeService, SuspendService
from branchkit.kit.floor import Floor
from branchkit.kit.floors.around import suspension_id
from branchkit.kit.floors.gathering import GatheringWorld
from branchkit.messages import Actor, Command
from branchkit.procedures import (
    Case,
    CaseCancelled,
    CaseOpened,
    CaseReopened,
    StageCompleted,
    StageStatus,
    StageWaived,
    Suspends,
)
from branchkit.temporal import Suspension

__all__ = ["INCIDENTS"]

SUSPENDER = Actor("branchkit:incidents", system=True)
"""Who suspends a service because a case stands for it."""
_ALL = frozenset({"all"})


def _opened(event: CaseOpened, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is not None and meant is not None and meant.after is None and case.is_open:
        yield from _begin(case, meant, command, world)


def _reopened(event: CaseReopened, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is None or meant is None or not case.is_open:
        return
    after, until = case.stages.get(meant.after or ""), case.stages.get(meant.until or "")
    begun = meant.after is None or (after is not None and after.status is StageStatus.DONE)
    if begun and (until is None or until.status.is_active):
        yield from _begin(case, meant, command, world)


def _moved(event: StageCompleted | StageWaived, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is None or meant is None:
        return
    if not case.is_open or event.stage == meant.until:
        yield from _end(case, command, world)
    elif isinstance(event, StageCompleted) and event.stage == meant.after:
        yield from _begin(case, meant, command, world)


def _cancelled(event: CaseCancelled, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is not None and meant is not None:
        yield from _end(case, command, world)


def _begin(case: Case, meant: Suspends, command: Command, world: GatheringWorld) -> Iterator[Command]:
    number, last = _last(case, world)
    if last is None or last.until is not None:
        yield _suspend(case, meant, command, number)


def _end(case: Case, command: Command, world: GatheringWorld) -> Iterator[Command]:
    _, last = _last(case, world)
    if last is not None and last.until is None:
        yield ResumeService(case.branch, last.id, **_when(command))


def _last(case: Case, world: GatheringWorld) -> tuple[int, Suspension | None]:
    """Return what the case suspended last, and the number that comes next."""
    number, last = 1, None
    while (known := world.suspension(suspension_id(case.id, number))) is not None:
        number, last = number + 1, known
    return number, last


def _meant(id: str, world: GatheringWorld) -> tuple[Case | None, Suspends | None]:
    case = world.case(id)
    if case is None:
        return None, None
    return case, world.procedure(case.procedure, case.version).suspends


def _suspend(case: Case, meant: Suspends, command: Command, number: int) -> SuspendService:
    zone = next((ref.id for ref in case.place if ref.kind == "zone"), None) if meant.scope == "zone" else None
    return SuspendService(
        Suspension(
            id=suspension_id(case.id, number),
            branch=case.branch,
            since=case.latest,
            reason=meant.reason,
            zone=zone,
            pauses=frozenset(meant.clocks) or (_ALL if meant.mode == "pauses" else frozenset()),
            serves=meant.mode == "marks",
            rules=meant.rules,
        ),
        **_when(command),
    )


def _when(command: Command) -> dict[str, Any]:
    return {"by": SUSPENDER, "at": command.at, "recorded_at": command.recorded_at}


INCIDENTS = Floor(
    decide={},
    fold={},
    kinds=(),
    follow={
        CaseOpened: _opened,
        CaseReopened: _reopened,
        StageCompleted: _moved,
        StageWaived: _moved,
        CaseCancelled: _cancelled,
    },
)
