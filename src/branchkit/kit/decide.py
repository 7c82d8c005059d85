"""Decides what a command leads to: the events, or every reason why it is refused. Pure, given what it may read."""

from __future__ import annotations

from typing import Protocol

from branchkit.errors import Refused
from branchkit.kit.floors import BESIDE, DECIDE
from branchkit.kit.floors.customers import CustomersWorld
from branchkit.kit.floors.gathering import GatheringWorld
from branchkit.kit.floors.sheets import SheetWorld
from branchkit.messages import Command, Event

__all__ = ["World", "decide"]


class World(SheetWorld, GatheringWorld, CustomersWorld, Protocol):
    """What a decision may read, of whichever floor; everything read is expected unchanged when it is written."""


def decide(command: Command, world: World) -> tuple[Event, ...]:
    """Return what a command leads to; nothing where it asks for what is so already.

    Raises:
        Refused: with every reason.
    """
    decided = DECIDE.get(type(command))
    if decided is None:
        raise Refused(type(command).__name__, ("the kit knows no such command",))
    events = decided(command, world)
    for beside in BESIDE[type(command)]:
        events += beside(command, events, world)
    return events
