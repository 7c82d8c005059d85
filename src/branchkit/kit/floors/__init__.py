"""The floors that the kit is made of. A floor that is added here is decided, folded, kept, found and told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

from branchkit.kit.floor import Decide, Details, Floor, Fold, Kind
from branchkit.kit.floors.estate import ESTATE, EstateCommand, EstateEvent
from branchkit.kit.floors.sheets import SHEETS, SheetCommand, SheetEvent
from branchkit.kit.views import View
from branchkit.messages import Command, Event

__all__ = ["DECIDE", "DETAILS", "FLOORS", "FOLD", "KINDS", "VIEWS", "AnyCommand", "AnyEvent"]

AnyCommand: TypeAlias = EstateCommand | SheetCommand
AnyEvent: TypeAlias = EstateEvent | SheetEvent

FLOORS: tuple[Floor, ...] = (ESTATE, SHEETS)
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
