"""What may be asked of the estate, what then has happened, and how a branch changes by it."""

from __future__ import annotations

from typing import ClassVar, Literal

import attrs

from branchkit.errors import Refused
from branchkit.estate.model import Branch, Equipment, EquipmentState, OrgUnit
from branchkit.estate.registers import Entry
from branchkit.messages import Command, Event
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.temporal import Calendar
from branchkit.values import Unknown

__all__ = [
    "BranchRegistered",
    "BranchRevised",
    "CalendarPublished",
    "EntryRecorded",
    "EquipmentInstalled",
    "EquipmentStateChanged",
    "InstallEquipment",
    "PublishCalendar",
    "RecordEntry",
    "RegisterBranch",
    "RegisterUnit",
    "ReviseBranch",
    "SetEquipmentState",
    "UnitRegistered",
    "evolve_branch",
    "find_device",
]


@attrs.frozen
class RegisterUnit(Command):
    """Enter a unit of the bank, or put a new statement of it in place of the old one."""

    KIND: ClassVar[str] = "register_unit"

    unit: OrgUnit

    @property
    def stream(self) -> str:
        """The unit's stream."""
        return f"unit:{self.unit.id}"


@attrs.frozen
class RegisterBranch(Command):
    """Enter a branch.

    `if_known` says what happens when the branch is there already: ``refuse`` (the default), or ``keep`` what is
    known, as an import does that knows the branch by its code alone.
    """

    KIND: ClassVar[str] = "register_branch"

    branch: Branch
    if_known: Literal["refuse", "keep"] = attrs.field(default="refuse", kw_only=True)

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch.id}"


@attrs.frozen
class ReviseBranch(Command):
    """Put a new statement of a branch in place of the old one; equipment, staff and all.

    `before` is the digest of the statement that was read and changed (``branch.digest()``): where it is given and
    somebody has revised the branch since, the command is refused and nobody's work is written over.
    """

    KIND: ClassVar[str] = "revise_branch"

    branch: Branch
    before: str | None = attrs.field(default=None, kw_only=True)

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch.id}"


@attrs.frozen
class InstallEquipment(Command):
    """Add a device to a branch; its id must be new there."""

    KIND: ClassVar[str] = "install_equipment"

    branch: str
    equipment: Equipment

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch}"


@attrs.frozen
class SetEquipmentState(Command):
    """State that a device, or a part of one, has come into another state."""

    KIND: ClassVar[str] = "set_equipment_state"

    branch: str
    equipment: str
    state: EquipmentState
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch}"


@attrs.frozen
class RecordEntry(Command):
    """Put an entry into a register, or a new statement of it in place of the old one."""

    KIND: ClassVar[str] = "record_entry"

    entry: Entry

    @property
    def stream(self) -> str:
        """The register's stream."""
        return f"register:{self.entry.register}"


@attrs.frozen
class PublishCalendar(Command):
    """Make a calendar of working days known; a calendar of the same id is replaced."""

    KIND: ClassVar[str] = "publish_calendar"

    calendar: Calendar

    @property
    def stream(self) -> str:
        """The calendar's stream."""
        return f"calendar:{self.calendar.id}"


@attrs.frozen
class UnitRegistered(Event):
    """A unit was entered."""

    KIND: ClassVar[str] = "unit_registered"

    unit: OrgUnit


@attrs.frozen
class BranchRegistered(Event):
    """A branch was entered."""

    KIND: ClassVar[str] = "branch_registered"

    branch: Branch


@attrs.frozen
class BranchRevised(Event):
    """A branch was stated anew."""

    KIND: ClassVar[str] = "branch_revised"

    branch: Branch


@attrs.frozen
class EquipmentInstalled(Event):
    """A device was added to a branch."""

    KIND: ClassVar[str] = "equipment_installed"

    branch: str
    equipment: Equipment


@attrs.frozen
class EquipmentStateChanged(Event):
    """A device came into another state."""

    KIND: ClassVar[str] = "equipment_state_changed"

    branch: str
    equipment: str
    before: EquipmentState | Unknown
    after: EquipmentState
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class EntryRecorded(Event):
    """An entry was put into a register."""

    KIND: ClassVar[str] = "entry_recorded"

    entry: Entry


@attrs.frozen
class CalendarPublished(Event):
    """A calendar became known."""

    KIND: ClassVar[str] = "calendar_published"

    calendar: Calendar


def find_device(branch: Branch, equipment: str) -> Equipment | None:
    """Return a device or part of a branch by its id, retired or not; ``None`` where there is none."""
    if isinstance(branch.equipment, Unknown):
        return None
    return next((part for device in branch.equipment for part in device.walk() if part.id == equipment), None)


def evolve_branch(branch: Branch, event: Event) -> Branch:
    """Return the branch as it is after an event; raises `Refused` for an event that is not about a branch."""
    if isinstance(event, BranchRegistered | BranchRevised):
        return event.branch
    if isinstance(event, EquipmentInstalled):
        held = () if isinstance(branch.equipment, Unknown) else branch.equipment
        return attrs.evolve(branch, equipment=(*held, event.equipment))
    if isinstance(event, EquipmentStateChanged):
        held = () if isinstance(branch.equipment, Unknown) else branch.equipment
        return attrs.evolve(branch, equipment=tuple(_with_state(d, event.equipment, event.after) for d in held))
    raise Refused(type(event).__name__, ("it does not change a branch",))


def _with_state(device: Equipment, equipment: str, state: EquipmentState) -> Equipment:
    if device.id == equipment:
        return attrs.evolve(device, state=state)
    if not any(part.id == equipment for part in device.walk()):
        return device
    return attrs.evolve(device, parts=tuple(_with_state(part, equipment, state) for part in device.parts))
