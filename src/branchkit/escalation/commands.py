"""What may be asked of escalation: to look at a case now, and to keep quiet for a while."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from branchkit.escalation.ladder import QuietWindow
from branchkit.messages import Command, Event

__all__ = ["EndQuiet", "KeepQuiet", "QuietEnded", "QuietKept", "SweepCase"]


@attrs.frozen
class SweepCase(Command):
    """Let everything happen in a case whose time has come."""

    KIND: ClassVar[str] = "sweep_case"

    case: str

    @property
    def stream(self) -> str:
        """The case's stream."""
        return f"case:{self.case}"


@attrs.frozen
class KeepQuiet(Command):
    """Keep rungs quiet for a window of time, with a reason; what falls into it is told after it."""

    KIND: ClassVar[str] = "keep_quiet"

    window: QuietWindow

    @property
    def stream(self) -> str:
        """The stream of quiet windows."""
        return "quiet"


@attrs.frozen
class EndQuiet(Command):
    """End a quiet window before its time."""

    KIND: ClassVar[str] = "end_quiet"

    window: str
    """The id of the window."""

    @property
    def stream(self) -> str:
        """The stream of quiet windows."""
        return "quiet"


@attrs.frozen(kw_only=True)
class QuietKept(Event):
    """Rungs are to keep quiet."""

    KIND: ClassVar[str] = "quiet_kept"

    window: QuietWindow


@attrs.frozen(kw_only=True)
class QuietEnded(Event):
    """A quiet window ended before its time."""

    KIND: ClassVar[str] = "quiet_ended"

    window: str
    at: dt.datetime
