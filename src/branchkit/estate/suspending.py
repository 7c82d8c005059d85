"""Suspending the service of a branch and taking it up again: what may be asked, and what then has happened."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

import attrs

from branchkit.messages import Command, Event
from branchkit.temporal import Due, NotConfigured, Suspension
from branchkit.values import Unknown

__all__ = ["DeadlineMoved", "DeadlinesMoved", "ResumeService", "ServiceResumed", "ServiceSuspended", "SuspendService"]


@attrs.frozen
class SuspendService(Command):
    """Suspend the service of a branch or of one of its zones: its hours are shorter and its clocks paused alike.

    Carries out estate:RUR-15 for the maintenance of a rural outlet.
    """

    KIND: ClassVar[str] = "suspend_service"

    suspension: Suspension

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.suspension.branch}"


@attrs.frozen
class ResumeService(Command):
    """Say that a suspended service goes on."""

    KIND: ClassVar[str] = "resume_service"

    branch: str
    suspension: str
    """The id of the suspension."""

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch}"


@attrs.frozen(kw_only=True)
class ServiceSuspended(Event):
    """Service was suspended."""

    KIND: ClassVar[str] = "service_suspended"

    suspension: Suspension


@attrs.frozen(kw_only=True)
class ServiceResumed(Event):
    """A suspended service goes on."""

    KIND: ClassVar[str] = "service_resumed"

    branch: str
    suspension: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class DeadlineMoved:
    """One deadline that another calendar, other hours or a suspension moved."""

    case: str
    clock: str
    old: Due | NotConfigured | Unknown
    new: Due | NotConfigured | Unknown


@attrs.frozen(kw_only=True)
class DeadlinesMoved(Event):
    """Deadlines of open cases are other ones now: which, from when to when, and why. Rungs that fired stay fired."""

    KIND: ClassVar[str] = "deadlines_moved"

    because: str
    """What moved them: ``calendar:<id>@<version>``, ``branch:<id>`` or ``suspension:<id>``."""
    moved: tuple[DeadlineMoved, ...]
