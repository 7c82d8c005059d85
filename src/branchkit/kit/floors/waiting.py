"""What moves the deadlines of open cases from outside: suspensions, quiet windows, edited calendars and hours."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import attrs

from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.escalation import EndQuiet, KeepQuiet, QuietEnded, QuietKept, QuietWindow
from branchkit.estate import (
    Branch,
    BranchRevised,
    CalendarPublished,
    DeadlineMoved,
    DeadlinesMoved,
    PublishCalendar,
    ResumeService,
    ReviseBranch,
    ServiceResumed,
    ServiceSuspended,
    SuspendService,
)
from branchkit.kit.floor import Change, Current, Floor, Kind, needed
from branchkit.kit.floors.around import CaseWorld, frame_of, is_own
from branchkit.kit.floors.endings import ENDINGS, changes_of
from branchkit.kit.floors.estate import known_branch, refuse
from branchkit.kit.floors.gathering import GatheringWorld
from branchkit.messages import Command, Event, FollowUpRefused
from branchkit.procedures import Case
from branchkit.temporal import Calendar, Clock, Due, NotConfigured, Suspension, TimeFrame, concerning, read_clock
from branchkit.values import Unknown

__all__ = ["WAITING", "WaitingCommand", "WaitingEvent"]

WaitingCommand: TypeAlias = SuspendService | ResumeService | KeepQuiet | EndQuiet
WaitingEvent: TypeAlias = ServiceSuspended | ServiceResumed | QuietKept | QuietEnded | DeadlinesMoved | FollowUpRefused


# -- deciding


def _suspend(command: SuspendService, world: GatheringWorld) -> tuple[Event, ...]:
    wanted = command.suspension
    known_branch(command, world, wanted.branch)
    known = world.suspension(wanted.id)
    if known == wanted:
        return ()
    if known is not None:
        raise refuse(command, f"a suspension {wanted.id!r} is there already; resume it, or give this one its own id")
    return (ServiceSuspended(suspension=wanted),)


def _resume(command: ResumeService, world: GatheringWorld) -> tuple[Event, ...]:
    known = world.suspension(command.suspension)
    if known is None or known.branch != command.branch:
        raise refuse(command, f"the branch {command.branch!r} has no suspension {command.suspension!r}")
    if known.until is not None and known.until <= command.at:
        return ()
    # What never began ends as soon as it can: a moment after it would have.
    at = max(command.at, known.since + dt.timedelta(microseconds=1))
    return (ServiceResumed(branch=command.branch, suspension=known.id, at=at),)


def _keep_quiet(command: KeepQuiet, world: GatheringWorld) -> tuple[Event, ...]:
    known = world.quiet_window(command.window.id)
    if known == command.window:
        return ()
    if known is not None:
        raise refuse(command, f"a quiet window {known.id!r} is there already; give this one an id of its own")
    return (QuietKept(window=command.window),)


def _end_quiet(command: EndQuiet, world: GatheringWorld) -> tuple[Event, ...]:
    known = world.quiet_window(command.window)
    if known is None:
        raise refuse(command, f"there is no quiet window {command.window!r}")
    if known.until <= command.at:
        return ()
    at = max(command.at, known.since + dt.timedelta(microseconds=1))
    return (QuietEnded(window=known.id, at=at),)


# -- keeping


def _suspended(event: ServiceSuspended, current: Current) -> tuple[Change, ...]:
    return (Change("suspension", event.suspension.id, event.suspension), *changes_of(event.suspension))


def _resumed(event: ServiceResumed, current: Current) -> tuple[Change, ...]:
    known: Suspension = needed(current, "suspension", event.suspension)
    changed = attrs.evolve(known, until=event.at)
    return (Change("suspension", known.id, changed), *changes_of(changed, known))


def _quiet(event: QuietKept, current: Current) -> tuple[Change, ...]:
    return (Change("quiet", event.window.id, event.window), *changes_of(event.window))


def _loud(event: QuietEnded, current: Current) -> tuple[Change, ...]:
    known: QuietWindow = needed(current, "quiet", event.window)
    changed = attrs.evolve(known, until=event.at)
    return (Change("quiet", known.id, changed), *changes_of(changed, known))


# -- deadlines that move


@attrs.frozen(eq=False)
class _Around:
    """What the clocks of one branch are read by."""

    branch: Branch
    calendar: Callable[[str], Calendar | None]
    suspensions: tuple[Suspension, ...]

    def frame(self, clock: Clock) -> TimeFrame:
        return frame_of(self.branch, self, clock.calendar, clock.line)  # type: ignore[arg-type]  # only its calendars are asked

    def due(self, case: Case, clock: Clock, at: dt.datetime) -> Due | NotConfigured | Unknown:
        zone = next((ref.id for ref in case.place if ref.kind == "zone"), None)
        cuts = tuple(one for one in concerning(self.suspensions, case.branch, zone) if not is_own(one.id, case.id))
        try:
            return read_clock(clock, at, self.frame(clock), suspensions=cuts).due
        except (CalendarUnknown, ConfigError) as error:
            return Unknown(str(error))


def _moved(
    cases: Iterable[Case], at: dt.datetime, because: str, before: _Around, after: _Around
) -> tuple[DeadlinesMoved, ...]:
    moved = [
        DeadlineMoved(case=case.id, clock=clock.id, old=old, new=new)
        for case in cases
        for clock in case.clocks
        if not clock.state.is_over and (old := before.due(case, clock, at)) != (new := after.due(case, clock, at))
    ]
    return (DeadlinesMoved(because=because, moved=tuple(moved)),) if moved else ()


def _now(branch: Branch, world: CaseWorld, cases: Iterable[Case]) -> _Around:
    opened = min((case.opened for case in cases), default=None)
    cuts = () if opened is None else tuple(world.suspensions(branch.id, opened))
    return _Around(branch, world.calendar, cuts)


def _beside_calendar(command: PublishCalendar, events: tuple[Event, ...], world: GatheringWorld) -> tuple[Event, ...]:
    new = command.calendar
    if not events:
        return ()

    def edited(id: str) -> Calendar | None:
        return new if id == new.id else world.calendar(id)

    moved: list[DeadlineMoved] = []
    because = f"calendar:{new.id}@{new.version}"
    branches: dict[str, list[Case]] = {}
    for case in world.found("case", {"status": "open"}):
        branches.setdefault(case.branch, []).append(case)
    for name, cases in branches.items():
        branch = world.branch(name)
        if branch is None or not (branch.calendar == new.id or any(_goes_by(case, new.id) for case in cases)):
            continue
        before = _now(branch, world, cases)
        for event in _moved(cases, command.at, because, before, attrs.evolve(before, calendar=edited)):
            moved += event.moved
    return (DeadlinesMoved(because=because, moved=tuple(moved)),) if moved else ()


def _goes_by(case: Case, calendar: str) -> bool:
    return any(clock.calendar == calendar for clock in case.clocks)


def _beside_branch(command: ReviseBranch, events: tuple[Event, ...], world: GatheringWorld) -> tuple[Event, ...]:
    known = world.branch(command.branch.id)
    if not events or known is None:
        return ()
    cases = list(_open_at(known.id, world))
    before = _now(known, world, cases)
    after = attrs.evolve(before, branch=command.branch)
    return _moved(cases, command.at, f"branch:{known.id}", before, after)


def _beside_suspension(
    command: SuspendService | ResumeService, events: tuple[Event, ...], world: GatheringWorld
) -> tuple[Event, ...]:
    name = command.suspension.branch if isinstance(command, SuspendService) else command.branch
    branch = world.branch(name)
    if not events or branch is None:
        return ()
    cases = list(_open_at(name, world))
    if not cases:
        return ()
    before = _now(branch, world, cases)
    changed = {one.id: one for one in before.suspensions}
    for event in events:
        if isinstance(event, ServiceSuspended):
            changed[event.suspension.id] = event.suspension
        elif isinstance(event, ServiceResumed):
            ended = changed.get(event.suspension)
            # What was over before any of them was opened moves none of them.
            if ended is not None:
                changed[ended.id] = attrs.evolve(ended, until=event.at)
    id = command.suspension.id if isinstance(command, SuspendService) else command.suspension
    after = attrs.evolve(before, suspensions=tuple(changed.values()))
    return _moved(cases, command.at, f"suspension:{id}", before, after)


def _open_at(branch: str, world: GatheringWorld) -> Iterator[Case]:
    return world.found("case", {"branch": branch, "status": "open"})


# -- which cases are to be looked at again


def _of_branch(event: Any, world: GatheringWorld) -> Iterator[str]:
    branch = event.suspension.branch if isinstance(event, ServiceSuspended) else event.branch
    name = branch.id if isinstance(branch, Branch) else branch
    return (case.id for case in _open_at(name, world))


def _of_calendar(event: CalendarPublished, world: GatheringWorld) -> Iterator[str]:
    for case in world.found("case", {"status": "open"}):
        branch = world.branch(case.branch)
        if _goes_by(case, event.calendar.id) or (branch is not None and branch.calendar == event.calendar.id):
            yield case.id


def _held(event: QuietEnded, world: GatheringWorld) -> Iterator[str]:
    for case in world.found("case", {"status": "open"}):
        # Held by several things, a rung is on record with the last of them alone.
        if any(watch.held for watch in case.rungs.values()):
            yield case.id


_BESIDE: Mapping[type[Command], Callable[[Any, tuple[Event, ...], Any], tuple[Event, ...]]] = {
    PublishCalendar: _beside_calendar,
    ReviseBranch: _beside_branch,
    SuspendService: _beside_suspension,
    ResumeService: _beside_suspension,
}

WAITING = Floor(
    decide={SuspendService: _suspend, ResumeService: _resume, KeepQuiet: _keep_quiet, EndQuiet: _end_quiet},
    fold={
        ServiceSuspended: _suspended,
        ServiceResumed: _resumed,
        QuietKept: _quiet,
        QuietEnded: _loud,
        DeadlinesMoved: lambda event, current: (),
        FollowUpRefused: lambda event, current: (),
    },
    kinds=(
        Kind("suspension", Suspension, ("branch",), lambda one: {"branch": one.branch}),
        Kind("quiet", QuietWindow, (), lambda one: {}),
        ENDINGS,
    ),
    beside=_BESIDE,
    rearm={
        ServiceSuspended: _of_branch,
        ServiceResumed: _of_branch,
        BranchRevised: _of_branch,
        CalendarPublished: _of_calendar,
        QuietEnded: _held,
    },
    details={DeadlinesMoved: lambda event: {"deadlines_moved": len(event.moved)}},
)
