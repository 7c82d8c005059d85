"""What has happened to cases. Each event carries what deciding it needed, so that folding never has to ask."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar, Literal

import attrs

from branchkit.checklists import RawFact
from branchkit.messages import Event
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.procedures.case import NOTHING, Link
from branchkit.temporal import Clock
from branchkit.values import FrozenMap, Ref

__all__ = [
    "CaseCancelled",
    "CaseEvent",
    "CaseJoined",
    "CaseLinked",
    "CaseMigrated",
    "CaseMoved",
    "CaseOpened",
    "CaseReopened",
    "ClockChanged",
    "Duty",
    "FactsRecorded",
    "Reprioritised",
    "RoleAssigned",
    "StageCompleted",
    "StageProposed",
    "StageReturned",
    "StageSigned",
    "StageWaived",
]

Duty = tuple[str, tuple[str, ...]]
"""A duty and who holds it by this event."""


@attrs.frozen(kw_only=True)
class CaseEvent(Event):
    """Something that happened to one case."""

    case: str
    at: dt.datetime
    by: tuple[str, ...]
    """Who did it, and whom they acted for."""


@attrs.frozen(kw_only=True)
class CaseMoved(CaseEvent):
    """The case's position changed."""

    opened: tuple[str, ...] = ()
    """The stages that opened, by id."""
    waiting: tuple[str, ...] = ()
    """The stages that were led to and wait for what they need."""
    skipped: FrozenMap[str] = NOTHING
    """The stages skipped by rule: ``condition``, ``passed_by`` on the ways taken, or left at the end as ``optional`` or
    ``withdrawn``."""
    clocks: tuple[Clock, ...] = ()
    """The clocks that started or stopped, as they are now."""
    ladders: FrozenMap[str] = NOTHING
    """The ladder and its version, as ``<id>@<version>``, of every clock that started guarded."""
    facts: FrozenMap[RawFact] = NOTHING
    """What the case knows beside what it knew."""
    roles: FrozenMap[str] = NOTHING
    duties: tuple[Duty, ...] = ()
    outcome: str | None = None
    """The outcome where a way ended; it stands against those that ended before."""
    closes: bool = False
    """Whether the case ended by it."""
    read: FrozenMap[RawFact] = NOTHING
    """What the conditions looked at, facts over other records among it; nothing where the case's own codes and texts
    alone let the step go."""
    calendar: str | None = None
    """The calendar of the branch's working days with its version, as ``<id>@<version>``, where clocks moved."""


@attrs.frozen(kw_only=True)
class CaseOpened(CaseMoved):
    """A case was opened."""

    KIND: ClassVar[str] = "case_opened"

    procedure: str
    version: str
    branch: str
    place: tuple[Ref, ...]
    priority: str | None = None
    key: str | None = None
    links: tuple[Link, ...] = ()
    parent: str | None = None
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class StageCompleted(CaseMoved):
    """A stage was completed, and the case went on."""

    KIND: ClassVar[str] = "stage_completed"

    stage: str
    transition: str
    sheet: str | None = None
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class StageWaived(CaseMoved):
    """A stage was settled undone."""

    KIND: ClassVar[str] = "stage_waived"

    stage: str
    transition: str
    rules: tuple[str, ...] = ()
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class CaseReopened(CaseMoved):
    """A closed case was opened again; its clocks run on, paused for as long as it was closed.

    What its ladders have told stays told; `ResetClock` begins anew. One that ended as a duplicate is none any more, and
    its ladders begin anew of themselves.
    """

    KIND: ClassVar[str] = "case_reopened"

    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class StageProposed(CaseEvent):
    """A stage was done by somebody and waits for more signatures."""

    KIND: ClassVar[str] = "stage_proposed"

    stage: str
    transition: str
    sheet: str | None = None
    facts: FrozenMap[RawFact] = NOTHING
    clocks: tuple[Clock, ...] = ()
    """The clocks whose deadlines count back from one of the facts, or to which the table of targets gives another one
    for them, as they are now."""
    duties: tuple[Duty, ...] = ()
    read: FrozenMap[RawFact] = NOTHING
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class StageSigned(CaseEvent):
    """Somebody signed what waits in a stage."""

    KIND: ClassVar[str] = "stage_signed"

    stage: str
    duties: tuple[Duty, ...] = ()


@attrs.frozen(kw_only=True)
class StageReturned(CaseEvent):
    """Somebody sent back what waited for signatures."""

    KIND: ClassVar[str] = "stage_returned"

    stage: str
    duties: tuple[Duty, ...] = ()
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class FactsRecorded(CaseEvent):
    """Facts of the case were stated."""

    KIND: ClassVar[str] = "facts_recorded"

    facts: FrozenMap[RawFact]
    clocks: tuple[Clock, ...] = ()
    """The clocks whose deadlines count back from one of the facts, or to which the table of targets gives another one
    for them, as they are now."""


@attrs.frozen(kw_only=True)
class RoleAssigned(CaseEvent):
    """A role in the case was given to somebody."""

    KIND: ClassVar[str] = "role_assigned"

    role: str
    actor: str


@attrs.frozen(kw_only=True)
class Reprioritised(CaseEvent):
    """The case was given another priority."""

    KIND: ClassVar[str] = "reprioritised"

    priority: str
    clocks: tuple[Clock, ...] = ()
    calendar: str | None = None
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class ClockChanged(CaseEvent):
    """A clock was paused, resumed, started anew or taken away."""

    KIND: ClassVar[str] = "clock_changed"

    what: Literal["paused", "resumed", "reset", "cancelled"]
    clock: Clock
    """The clock as it is now."""
    ladders: FrozenMap[str] = NOTHING
    """The ladder with its version, where a guarded clock starts anew."""
    reason_code: str | None = None
    calendar: str | None = None
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class CaseLinked(CaseEvent):
    """The case was linked to another one."""

    KIND: ClassVar[str] = "case_linked"

    link: Link


@attrs.frozen(kw_only=True)
class CaseJoined(CaseEvent):
    """One more sighting was added to the case."""

    KIND: ClassVar[str] = "case_joined"

    finding: str | None = None
    sheet: str | None = None


@attrs.frozen(kw_only=True)
class CaseCancelled(CaseEvent):
    """The case ended before its time."""

    KIND: ClassVar[str] = "case_cancelled"

    clocks: tuple[Clock, ...] = ()
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen(kw_only=True)
class CaseMigrated(CaseEvent):
    """The case runs by another version of its procedure."""

    KIND: ClassVar[str] = "case_migrated"

    version: str
    stages: FrozenMap[str] = NOTHING
    """New names of stages, by the old ones."""
    transitions: FrozenMap[str] = NOTHING
    """New names of transitions, by the old ones."""
    dropped: tuple[str, ...] = ()
    """Settled stages that the new version does not know."""
    clocks: tuple[Clock, ...] = ()
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
