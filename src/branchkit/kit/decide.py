"""Decides what a command leads to: the events, or every reason why it is refused. Pure, given what it may read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

import attrs

from branchkit.checklists import (
    Checklist,
    CloseFinding,
    FindingClosed,
    Reading,
    Sheet,
    SheetSubmitted,
    SubmitSheet,
    bind,
    closings,
    judge_reading,
    read,
    rebind,
)
from branchkit.errors import BranchkitError, InputError, NotFound, Refused, StorageError
from branchkit.estate import (
    Branch,
    BranchRegistered,
    BranchRevised,
    CalendarPublished,
    Entry,
    EntryRecorded,
    EquipmentInstalled,
    EquipmentStateChanged,
    InstallEquipment,
    OrgUnit,
    PublishCalendar,
    RecordEntry,
    Register,
    RegisterBranch,
    RegisterUnit,
    ReviseBranch,
    SetEquipmentState,
    UnitRegistered,
    check_entries,
    evolve_branch,
    find_device,
)
from branchkit.findings import Closure, Finding, FindingState
from branchkit.kit.fold import Filed
from branchkit.kit.scored import ScoreRecord, SheetScored, scored
from branchkit.messages import Command, Event
from branchkit.scoring import Evidence, ScoringPolicy
from branchkit.temporal import Calendar
from branchkit.values import Unknown

__all__ = ["World", "decide"]


class World(Protocol):
    """What a decision may read; everything read is expected unchanged when it is written."""

    def unit(self, id: str) -> OrgUnit | None:
        """Return a unit."""
        ...

    def branch(self, id: str) -> Branch | None:
        """Return a branch."""
        ...

    def filed(self, sheet: str) -> Filed | None:
        """Return a sheet as it is kept."""
        ...

    def finding(self, id: str) -> Finding | None:
        """Return a finding, open or closed."""
        ...

    def open_findings(self, branch: str) -> Iterable[Finding]:
        """Return the open findings of a branch."""
        ...

    def closed_by(self, sheet: str) -> Iterable[Finding]:
        """Return the findings that a sheet closed."""
        ...

    def calendar(self, id: str) -> Calendar | None:
        """Return a calendar of working days."""
        ...

    def later_sheets(self, sheet: Sheet) -> Iterable[Filed]:
        """Return the final sheets of the same branch and checklist that count and are not dated before it, in order."""
        ...

    def entries(self, register: str) -> Iterable[Entry]:
        """Return the entries of a register."""
        ...

    def checklist(self, id: str, version: str) -> Checklist:
        """Return a checklist; raises `NotFound`."""
        ...

    def register(self, id: str) -> Register:
        """Return a register's declaration; raises `NotFound`."""
        ...

    def policy_for(self, checklist: Checklist, branch: Branch) -> ScoringPolicy | None:
        """Return the policy in force, ``None`` where none is named."""
        ...


def decide(command: Command, world: World) -> tuple[Event, ...]:
    """Return what a command leads to; nothing where it asks for what is so already.

    Raises:
        Refused: with every reason.
    """
    handler = _HANDLERS.get(type(command))
    if handler is None:
        raise Refused(type(command).__name__, ("the kit knows no such command",))
    return handler(command, world)


def _refuse(command: Command, *reasons: str) -> Refused:
    return Refused(type(command).__name__, reasons)


def _known_branch(command: Command, world: World, id: str) -> Branch:
    branch = world.branch(id)
    if branch is None:
        raise _refuse(command, f"the branch {id!r} is not registered; register it first")
    return branch


def _register_unit(command: RegisterUnit, world: World) -> tuple[Event, ...]:
    unit = command.unit
    above = unit.parent
    while above is not None:
        if above == unit.id:
            raise _refuse(command, f"the unit {unit.id!r} would stand below itself")
        superior = world.unit(above)
        if superior is None:
            raise _refuse(command, f"the superior unit {above!r} is not registered; register it first")
        above = superior.parent
    return () if world.unit(unit.id) == unit else (UnitRegistered(unit),)


def _check_branch(command: RegisterBranch | ReviseBranch, world: World) -> None:
    unit = command.branch.unit
    if isinstance(unit, str) and world.unit(unit) is None:
        raise _refuse(command, f"the unit {unit!r} is not registered; register it first")


def _register_branch(command: RegisterBranch, world: World) -> tuple[Event, ...]:
    _check_branch(command, world)
    known = world.branch(command.branch.id)
    if known is None:
        return (BranchRegistered(command.branch),)
    if command.if_known == "keep" or known == command.branch:
        return ()
    raise _refuse(command, f"the branch {command.branch.id!r} is registered already; revise it instead")


def _revise_branch(command: ReviseBranch, world: World) -> tuple[Event, ...]:
    _check_branch(command, world)
    known = _known_branch(command, world, command.branch.id)
    if known == command.branch:
        return ()
    if command.before is not None and command.before != known.digest():
        raise _refuse(command, f"the branch {known.id!r} has changed since; read it again, change that and try again")
    return (BranchRevised(command.branch),)


def _install_equipment(command: InstallEquipment, world: World) -> tuple[Event, ...]:
    branch, device = _known_branch(command, world, command.branch), command.equipment
    known = find_device(branch, device.id)
    if known == device:
        return ()
    reasons = [
        f"the branch {branch.id!r} already has equipment {part.id!r}"
        for part in device.walk()
        if find_device(branch, part.id) is not None
    ]
    zones = () if isinstance(branch.zones, Unknown) else [zone.id for zone in branch.zones]
    if isinstance(device.zone, str) and not isinstance(branch.zones, Unknown) and device.zone not in zones:
        reasons.append(f"the branch {branch.id!r} has no zone {device.zone!r}; there are: {', '.join(zones)}")
    event = EquipmentInstalled(branch.id, device)
    reasons = reasons or [str(problem) for problem in evolve_branch(branch, event).validate()]
    if reasons:
        raise _refuse(command, *reasons)
    return (event,)


def _set_equipment_state(command: SetEquipmentState, world: World) -> tuple[Event, ...]:
    branch = _known_branch(command, world, command.branch)
    device = find_device(branch, command.equipment)
    if device is None:
        raise _refuse(command, f"the branch {branch.id!r} has no equipment {command.equipment!r}")
    if device.state == command.state:
        return ()
    if not isinstance(device.state, Unknown) and device.state.is_gone:
        raise _refuse(command, f"the equipment {device.id!r} is retired; install it anew")
    return (
        EquipmentStateChanged(branch.id, device.id, before=device.state, after=command.state, reason=command.reason),
    )


def _record_entry(command: RecordEntry, world: World) -> tuple[Event, ...]:
    entry = command.entry
    _known_branch(command, world, entry.branch)
    try:
        register = world.register(entry.register)
    except NotFound as error:
        raise _refuse(command, str(error)) from error
    standing = list(world.entries(register.id))
    if entry in standing:
        return ()
    for one in standing:
        if one.id == entry.id and one.branch != entry.branch:
            reason = f"the entry {entry.id!r} belongs to the branch {one.branch!r}; give this one another id"
            raise _refuse(command, reason)
    held = [one for one in standing if one.id != entry.id]
    before = {str(problem) for problem in check_entries(register, held)}
    problems = [str(problem) for problem in check_entries(register, [*held, entry]) if str(problem) not in before]
    if problems:
        raise _refuse(command, *problems)
    return (EntryRecorded(entry),)


def _publish_calendar(command: PublishCalendar, world: World) -> tuple[Event, ...]:
    known = world.calendar(command.calendar.id)
    return () if known == command.calendar else (CalendarPublished(command.calendar),)


def _submit_sheet(command: SubmitSheet, world: World) -> tuple[Event, ...]:
    sheet = command.sheet
    branch = _known_branch(command, world, sheet.branch)
    reasons = list(_not_fileable(command, world))
    if reasons:
        raise _refuse(command, *reasons)
    calendar = world.calendar(branch.calendar) if isinstance(branch.calendar, str) else None
    try:
        checklist = world.checklist(sheet.checklist, sheet.version)
        bound = bind(checklist, branch, at=sheet.at, facts=sheet.facts, calendar=calendar)
        reading = read(sheet, bound)
    except InputError as error:
        raise _refuse(command, *map(str, error.problems)) from error
    except NotFound as error:
        raise _refuse(command, str(error)) from error
    if sheet.state == "draft":
        return (SheetSubmitted(sheet, bound.pin),)
    if reading.problems:
        raise _refuse(command, *map(str, reading.problems))
    return (*_findings(command, reading, world), *_score(command, reading, checklist, branch, world))


def _not_fileable(command: SubmitSheet, world: World) -> Iterator[str]:
    sheet = command.sheet
    if world.filed(sheet.id) is not None:
        yield f"a sheet {sheet.id!r} is filed already; a revision has an id of its own and names what it supersedes"
    if sheet.at > command.recorded_at:
        yield "the sheet is dated after it was told"
    if sheet.supersedes is None:
        return
    before = world.filed(sheet.supersedes)
    if before is None:
        yield f"the sheet {sheet.supersedes!r} that it supersedes is not filed"
    elif before.superseded_by is not None:
        yield f"the sheet {sheet.supersedes!r} is superseded already, by {before.superseded_by!r}; supersede that one"
    elif (before.sheet.branch, before.sheet.checklist) != (sheet.branch, sheet.checklist):
        yield f"the sheet {sheet.supersedes!r} is of another branch or checklist"
    elif before.sheet.state == "final" and sheet.state == "draft":
        yield f"the sheet {sheet.supersedes!r} is final; a draft cannot supersede it"


def _findings(command: SubmitSheet, reading: Reading, world: World) -> Iterator[SheetSubmitted | FindingClosed]:
    sheet = command.sheet
    revived = tuple(_revived(sheet.supersedes, world))
    standing = (*world.open_findings(sheet.branch), *revived)
    again, closed = closings(reading, standing)
    about = {(finding.item, finding.place) for finding in again}
    opened: dict[str, Finding] = {}
    for finding in judge_reading(reading):
        if (finding.item, finding.place) not in about:
            about.add((finding.item, finding.place))
            if finding.id in opened or world.finding(finding.id) is not None:
                raise _refuse(command, f"a finding {finding.id!r} is there already; give the sheet another id")
            opened[finding.id] = finding
    # What a sheet that is now superseded raised, and the revision does not, was never so.
    withdrawn = [f.id for f in standing if f.sheet == sheet.supersedes is not None and (f.item, f.place) not in about]
    gone = dict.fromkeys((*closed, *withdrawn))
    # A sheet may be told after sheets that are dated after it; what they say of an item then stands.
    later = tuple(_later(sheet, world)) if opened or revived or gone else ()
    leaving = [finding for finding in standing if finding.id in gone]
    for one in later:
        if one.sheet.at > sheet.at:
            for finding in closings(one, leaving)[0]:
                gone.pop(finding.id, None)
    reopened = [finding for finding in revived if finding.id not in gone]
    yield SheetSubmitted(
        sheet,
        reading.bound.pin,
        opened=tuple(opened.values()),
        closed=tuple(gone),
        closure=Closure(at=sheet.at, by=command.by.id, sheet=sheet.id) if gone else None,
        reopened=tuple(finding.id for finding in reopened),
    )
    still_open = [*opened.values(), *reopened]
    for one in later:
        passed = closings(one, still_open)[1]
        still_open = [finding for finding in still_open if finding.id not in passed]
        closure = Closure(at=one.sheet.at, by=one.sheet.by, sheet=one.sheet.id)
        yield from (FindingClosed(sheet.branch, id, closure) for id in passed)


def _later(sheet: Sheet, world: World) -> Iterator[Reading]:
    """Yield the sheets that are told already and not dated before this one, read, in the order of their dates."""
    for filed in world.later_sheets(sheet):
        if filed.sheet.id == sheet.supersedes:
            continue
        try:
            checklist = world.checklist(filed.sheet.checklist, filed.sheet.version)
            yield read(filed.sheet, rebind(checklist, filed.pin))
        except (InputError, NotFound):
            # Its checklist is gone or another one by now, so it tells nothing: what is open stays open.
            continue


def _revived(supersedes: str | None, world: World) -> Iterator[Finding]:
    """Yield what a sheet closed that no longer counts, as it was before; but not what never counted itself."""
    for finding in () if supersedes is None else world.closed_by(supersedes):
        raised_by = None if finding.sheet is None else world.filed(finding.sheet)
        if raised_by is None or raised_by.superseded_by is None:
            yield attrs.evolve(finding, state=FindingState.OPEN, closure=None)


def _score(
    command: SubmitSheet, reading: Reading, checklist: Checklist, branch: Branch, world: World
) -> tuple[SheetScored, ...]:
    sheet = command.sheet
    try:
        policy = world.policy_for(checklist, branch)
        if policy is None:
            return ()
        record = ScoreRecord.of(
            scored(policy, Evidence.of(reading)), sheet=sheet.id, branch=branch.id, checklist=checklist.id, at=sheet.at
        )
    except StorageError:
        raise
    except BranchkitError as error:
        raise _refuse(command, f"it cannot be scored: {error}") from error
    return (SheetScored(record),)


def _close_finding(command: CloseFinding, world: World) -> tuple[Event, ...]:
    finding = world.finding(command.finding)
    if finding is None or finding.branch != command.branch:
        raise _refuse(command, f"the branch {command.branch!r} has no finding {command.finding!r}")
    if finding.state is FindingState.CLOSED:
        raise _refuse(command, f"the finding {command.finding!r} is closed already")
    if not command.reason.strip():
        raise _refuse(command, "a finding is closed by hand only with a reason")
    if finding.at is not None and finding.at > command.at:
        raise _refuse(command, f"the finding {command.finding!r} was seen only after that")
    closure = Closure(at=command.at, by=command.by.id, reason=command.reason)
    return (FindingClosed(command.branch, finding.id, closure),)


_HANDLERS: dict[type, Callable[..., tuple[Event, ...]]] = {
    RegisterUnit: _register_unit,
    RegisterBranch: _register_branch,
    ReviseBranch: _revise_branch,
    InstallEquipment: _install_equipment,
    SetEquipmentState: _set_equipment_state,
    RecordEntry: _record_entry,
    PublishCalendar: _publish_calendar,
    SubmitSheet: _submit_sheet,
    CloseFinding: _close_finding,
}
