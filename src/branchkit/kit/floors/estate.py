"""The estate as the kit keeps it: units, branches with their devices, registers and calendars."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Protocol, TypeAlias

import attrs

from branchkit.customers.model import id_problems
from branchkit.errors import NotFound, Refused
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
from branchkit.kit.floor import Change, Current, Floor, Keep, Kind, needed
from branchkit.kit.floors.marks import Marks
from branchkit.messages import Command, Event
from branchkit.temporal import Calendar
from branchkit.values import Unknown

__all__ = ["ESTATE", "EstateCommand", "EstateEvent", "EstateWorld", "known_branch", "refuse"]

EstateCommand: TypeAlias = (
    RegisterUnit | RegisterBranch | ReviseBranch | InstallEquipment | SetEquipmentState | RecordEntry | PublishCalendar
)
EstateEvent: TypeAlias = (
    UnitRegistered
    | BranchRegistered
    | BranchRevised
    | EquipmentInstalled
    | EquipmentStateChanged
    | EntryRecorded
    | CalendarPublished
)


class EstateWorld(Protocol):
    """What a decision about the estate may read; everything read is expected unchanged when it is written."""

    def unit(self, id: str) -> OrgUnit | None:
        """Return a unit."""
        ...

    def branch(self, id: str) -> Branch | None:
        """Return a branch."""
        ...

    def calendar(self, id: str) -> Calendar | None:
        """Return a calendar of working days."""
        ...

    def register(self, id: str) -> Register:
        """Return a register's declaration; raises `NotFound`."""
        ...

    def entry(self, register: str, id: str) -> Entry | None:
        """Return an entry of a register."""
        ...

    def rivals(self, register: Register, entry: Entry) -> Iterable[Entry]:
        """Return the other entries of a register that share a value with this one where values must be unique."""
        ...


def refuse(command: Command, *reasons: str) -> Refused:
    """Return what refuses a command."""
    return Refused(type(command).__name__, reasons)


def known_branch(command: Command, world: EstateWorld, id: str) -> Branch:
    """Return a branch; raises `Refused` where it is not registered."""
    branch = world.branch(id)
    if branch is None:
        raise refuse(command, f"the branch {id!r} is not registered; register it first")
    return branch


def _register_unit(command: RegisterUnit, world: EstateWorld) -> tuple[Event, ...]:
    unit = command.unit
    above = unit.parent
    while above is not None:
        if above == unit.id:
            raise refuse(command, f"the unit {unit.id!r} would stand below itself")
        superior = world.unit(above)
        if superior is None:
            raise refuse(command, f"the superior unit {above!r} is not registered; register it first")
        above = superior.parent
    return () if world.unit(unit.id) == unit else (UnitRegistered(unit),)


def _check_branch(command: RegisterBranch | ReviseBranch, world: EstateWorld) -> None:
    unit = command.branch.unit
    if isinstance(unit, str) and world.unit(unit) is None:
        raise refuse(command, f"the unit {unit!r} is not registered; register it first")


def _register_branch(command: RegisterBranch, world: EstateWorld) -> tuple[Event, ...]:
    _check_branch(command, world)
    known = world.branch(command.branch.id)
    if known is None:
        return (BranchRegistered(command.branch),)
    if command.if_known == "keep" or known == command.branch:
        return ()
    raise refuse(command, f"the branch {command.branch.id!r} is registered already; revise it instead")


def _revise_branch(command: ReviseBranch, world: EstateWorld) -> tuple[Event, ...]:
    _check_branch(command, world)
    known = known_branch(command, world, command.branch.id)
    if known == command.branch:
        return ()
    if command.before is not None and command.before != known.digest():
        raise refuse(command, f"the branch {known.id!r} has changed since; read it again, change that and try again")
    return (BranchRevised(command.branch),)


def _install_equipment(command: InstallEquipment, world: EstateWorld) -> tuple[Event, ...]:
    branch, device = known_branch(command, world, command.branch), command.equipment
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
        raise refuse(command, *reasons)
    return (event,)


def _set_equipment_state(command: SetEquipmentState, world: EstateWorld) -> tuple[Event, ...]:
    branch = known_branch(command, world, command.branch)
    device = find_device(branch, command.equipment)
    if device is None:
        raise refuse(command, f"the branch {branch.id!r} has no equipment {command.equipment!r}")
    if device.state == command.state:
        return ()
    if not isinstance(device.state, Unknown) and device.state.is_gone:
        raise refuse(command, f"the equipment {device.id!r} is retired; install it anew")
    return (
        EquipmentStateChanged(branch.id, device.id, before=device.state, after=command.state, reason=command.reason),
    )


def _record_entry(command: RecordEntry, world: EstateWorld) -> tuple[Event, ...]:
    entry = command.entry
    known_branch(command, world, entry.branch)
    try:
        register = world.register(entry.register)
    except NotFound as error:
        raise refuse(command, str(error)) from error
    entry = attrs.evolve(entry, customer=register.customer_of(entry))
    known = world.entry(register.id, entry.id)
    if known == entry:
        return ()
    if known is not None and known.branch != entry.branch:
        reason = f"the entry {entry.id!r} belongs to the branch {known.branch!r}; give this one another id"
        raise refuse(command, reason)
    if known is not None and known.customer not in (None, entry.customer):
        # What was told of the first customer would be found by nobody any more.
        raise refuse(command, f"the entry {entry.id!r} is about another customer; give this one another id")
    rivals = list(world.rivals(register, entry))
    before = {str(problem) for problem in check_entries(register, rivals)}
    problems = [str(problem) for problem in check_entries(register, [*rivals, entry]) if str(problem) not in before]
    if entry.customer is not None:
        problems += map(str, id_problems(entry.customer, "$.entry.values"))
    if problems:
        raise refuse(command, *problems)
    return (EntryRecorded(entry),)


def _publish_calendar(command: PublishCalendar, world: EstateWorld) -> tuple[Event, ...]:
    known = world.calendar(command.calendar.id)
    return () if known == command.calendar else (CalendarPublished(command.calendar),)


def _branch(event: BranchRegistered | BranchRevised, current: Current) -> tuple[Change, ...]:
    return (Change("branch", event.branch.id, event.branch),)


def _device(event: EquipmentInstalled | EquipmentStateChanged, current: Current) -> tuple[Change, ...]:
    return (Change("branch", event.branch, evolve_branch(needed(current, "branch", event.branch), event)),)


class _Kept(Protocol):
    """What it takes to find the entries about a customer."""

    def found(self, kind: str, where: Mapping[str, Any]) -> Iterator[Any]:
        """Yield the documents of a kind with these field values."""
        ...


def _keeps(customer: str, world: _Kept) -> Iterator[Keep]:
    for one in list(world.found("entry", {"customer": customer})):
        yield Keep("entry", f"{one.register}/{one.id}", f"register:{one.register}", whole=False, name=one.id)


def _index(one: Entry) -> Mapping[str, str]:
    about = {} if one.customer is None else {"customer": one.customer}
    return about | {"register": one.register, "branch": one.branch}


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


ESTATE = Floor(
    decide={
        RegisterUnit: _register_unit,
        RegisterBranch: _register_branch,
        ReviseBranch: _revise_branch,
        InstallEquipment: _install_equipment,
        SetEquipmentState: _set_equipment_state,
        RecordEntry: _record_entry,
        PublishCalendar: _publish_calendar,
    },
    fold={
        UnitRegistered: lambda event, _: (Change("unit", event.unit.id, event.unit),),
        BranchRegistered: _branch,
        BranchRevised: _branch,
        EquipmentInstalled: _device,
        EquipmentStateChanged: _device,
        EntryRecorded: lambda event, _: (Change("entry", f"{event.entry.register}/{event.entry.id}", event.entry),),
        CalendarPublished: lambda event, _: (Change("calendar", event.calendar.id, event.calendar),),
    },
    views=(Marks,),
    keeps=_keeps,
    kinds=(
        Kind("unit", OrgUnit, ("level", "parent"), lambda unit: {"level": unit.level, "parent": unit.parent}),
        Kind("branch", Branch, ("kind", "unit"), lambda one: {"kind": _text(one.kind), "unit": _text(one.unit)}),
        Kind("entry", Entry, ("register", "branch", "customer"), _index),
        Kind("calendar", Calendar, (), lambda calendar: {}),
    ),
)
