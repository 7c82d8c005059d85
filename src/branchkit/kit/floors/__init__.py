"""The floors that the kit is made of. A floor that is added here is decided, folded, kept, found and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from branchkit.kit.floor import Beside, Decide, Details, Erases, Floor, Fold, Follow, Keeps, Kind, Rearm, Tell
from branchkit.kit.floors.agenda import AGENDA, AgendaCommand, AgendaEvent
from branchkit.kit.floors.cases import CASES, CaseEvent, CaseFloorCommand
from branchkit.kit.floors.customers import CUSTOMERS, CustomersCommand, CustomersEvent
from branchkit.kit.floors.draws import DRAWS, DrawCommand, DrawEvent
from branchkit.kit.floors.estate import ESTATE, EstateCommand, EstateEvent
from branchkit.kit.floors.incidents import INCIDENTS
from branchkit.kit.floors.referrals import REFERRALS, ReferralsCommand, ReferralsEvent
from branchkit.kit.floors.sheets import SHEETS, SheetCommand, SheetEvent
from branchkit.kit.floors.waiting import WAITING, WaitingCommand, WaitingEvent
from branchkit.kit.views import View
from branchkit.messages import Command, Event

__all__ = [
    "BESIDE",
    "DECIDE",
    "DETAILS",
    "ERASES",
    "FLOORS",
    "FOLD",
    "FOLLOW",
    "KEEPS",
    "KINDS",
    "REARM",
    "TELL",
    "VIEWS",
    "AnyCommand",
    "AnyEvent",
]

AnyCommand: TypeAlias = (
    EstateCommand
    | SheetCommand
    | DrawCommand
    | CaseFloorCommand
    | WaitingCommand
    | AgendaCommand
    | CustomersCommand
    | ReferralsCommand
)
AnyEvent: TypeAlias = (
    EstateEvent | SheetEvent | DrawEvent | CaseEvent | WaitingEvent | AgendaEvent | CustomersEvent | ReferralsEvent
)

FLOORS: tuple[Floor, ...] = (ESTATE, SHEETS, DRAWS, CASES, WAITING, INCIDENTS, AGENDA, CUSTOMERS, REFERRALS)
DECIDE: Mapping[type[Command], Decide] = {
    command: decide for floor in FLOORS for command, decide in floor.decide.items()
}
"""How each command is decided."""
FOLD: Mapping[type[Event], Fold] = {kind: fold for floor in FLOORS for kind, fold in floor.fold.items()}
"""How each event changes the documents."""
DETAILS: Mapping[type[Event], Details] = {kind: tell for floor in FLOORS for kind, tell in floor.details.items()}
"""What the outcome says of an event beside its kind."""
KINDS: Mapping[str, Kind] = {kind.name: kind for floor in FLOORS for kind in floor.kinds}
"""Every kind of document the kit keeps, by name."""
VIEWS: Mapping[str, tuple[type[View], ...]] = {
    kind: tuple(view for floor in FLOORS for view in floor.views if kind == view.KIND) for kind in KINDS
}
"""What follows the documents of each kind."""
BESIDE: Mapping[type[Command], tuple[Beside, ...]] = {
    command: tuple(floor.beside[command] for floor in FLOORS if command in floor.beside) for command in DECIDE
}
"""What a command means for other floors than its own."""
REARM: Mapping[type[Event], Rearm] = {kind: rearm for floor in FLOORS for kind, rearm in floor.rearm.items()}
"""Which cases are to be looked at another time after an event."""
TELL: Mapping[type[Event], Tell] = {kind: tell for floor in FLOORS for kind, tell in floor.tell.items()}
"""Which messages go out after an event."""
FOLLOW: Mapping[type[Event], tuple[Follow, ...]] = {
    kind: tuple(floor.follow[kind] for floor in FLOORS if kind in floor.follow)
    for kind in dict.fromkeys(kind for floor in FLOORS for kind in floor.follow)
}
"""Which commands follow of themselves, floor by floor."""
KEEPS: tuple[Keeps, ...] = tuple(floor.keeps for floor in FLOORS if floor.keeps is not None)
"""Which documents something of a customer stands in."""
ERASES: Mapping[type[Event], Erases] = {kind: erases for floor in FLOORS for kind, erases in floor.erases.items()}
"""Which personal values are destroyed with an event."""
