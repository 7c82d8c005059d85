"""What a case suspends at its branch while it is open: begun and ended with it, or with its stages, by themselves.

A case that is opened again suspends nothing a second time: what it stood for is over.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from branchkit.estate import ResumeService, SuspendService
from branchkit.kit.floor import Floor
from branchkit.kit.floors.around import suspension_id
from branchkit.kit.floors.gathering import GatheringWorld
from branchkit.messages import Actor, Command
from branchkit.procedures import Case, CaseCancelled, CaseOpened, StageCompleted, StageWaived, Suspends
from branchkit.temporal import Suspension

__all__ = ["INCIDENTS"]

SUSPENDER = Actor("branchkit:incidents", system=True)
"""Who suspends a service because a case stands for it."""
_ALL = frozenset({"all"})


def _opened(event: CaseOpened, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is not None and meant is not None and meant.after is None and case.is_open:
        yield _suspend(case, meant, command)


def _moved(event: StageCompleted | StageWaived, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is None or meant is None:
        return
    known = world.suspension(suspension_id(case.id))
    if not case.is_open or event.stage == meant.until:
        if known is not None and known.until is None:
            yield _resume(case, command)
    elif known is None and isinstance(event, StageCompleted) and event.stage == meant.after:
        yield _suspend(case, meant, command)


def _cancelled(event: CaseCancelled, command: Command, world: GatheringWorld) -> Iterator[Command]:
    case, meant = _meant(event.case, world)
    if case is None or meant is None:
        return
    known = world.suspension(suspension_id(case.id))
    if known is not None and known.until is None:
        yield _resume(case, command)


def _meant(id: str, world: GatheringWorld) -> tuple[Case | None, Suspends | None]:
    case = world.case(id)
    if case is None:
        return None, None
    return case, world.procedure(case.procedure, case.version).suspends


def _suspend(case: Case, meant: Suspends, command: Command) -> SuspendService:
    zone = next((ref.id for ref in case.place if ref.kind == "zone"), None) if meant.scope == "zone" else None
    return SuspendService(
        Suspension(
            id=suspension_id(case.id),
            branch=case.branch,
            since=case.latest,
            reason=meant.reason,
            zone=zone,
            pauses=frozenset(meant.clocks) or _ALL,
            rules=meant.rules,
        ),
        **_when(command),
    )


def _resume(case: Case, command: Command) -> ResumeService:
    return ResumeService(case.branch, suspension_id(case.id), **_when(command))


def _when(command: Command) -> dict[str, Any]:
    return {"by": SUSPENDER, "at": command.at, "recorded_at": command.recorded_at}


INCIDENTS = Floor(
    decide={},
    fold={},
    kinds=(),
    follow={
        CaseOpened: _opened,
        StageCompleted: _moved,
        StageWaived: _moved,
        CaseCancelled: _cancelled,
    },
)
