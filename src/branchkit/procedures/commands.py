"""What may be asked of cases."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar, Literal

import attrs

from branchkit.checklists import RawFact
from branchkit.errors import Problem
from branchkit.messages import Command
from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.procedures.case import NOTHING, Link, LinkKind
from branchkit.values import FrozenMap, Ref, is_identifier

__all__ = [
    "AcknowledgeEscalation",
    "AssignRole",
    "CancelCase",
    "CancelClock",
    "CaseCommand",
    "CompleteStage",
    "JoinCase",
    "LinkCases",
    "MigrateCase",
    "OpenCase",
    "PauseClock",
    "RecordFacts",
    "ReopenCase",
    "Reprioritise",
    "ResetClock",
    "ResumeClock",
    "SignStage",
    "WaiveStage",
]


@attrs.frozen
class CaseCommand(Command):
    """Something asked of one case."""

    case: str
    """The id of the case."""

    @property
    def stream(self) -> str:
        """The case's stream."""
        return f"case:{self.case}"

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the times and the ids."""
        return (*Command.validate(self), *self._ids())

    def _ids(self) -> Iterator[Problem]:
        for name in ("case", "other"):
            id = getattr(self, name, "x")
            if not is_identifier(id):
                yield Problem(f"$.{name}", "Expected an id of 1 to 200 printable characters without spaces at its ends")


@attrs.frozen
class OpenCase(CaseCommand):
    """Open a case of a procedure, about a branch or something in it."""

    KIND: ClassVar[str] = "open_case"

    procedure: str = attrs.field(kw_only=True)
    branch: str = attrs.field(kw_only=True)
    place: tuple[Ref, ...] = attrs.field(default=(), kw_only=True)
    """What it is about, from the branch down; the branch itself where nothing is said."""
    facts: FrozenMap[RawFact] = attrs.field(default=NOTHING, kw_only=True)
    roles: FrozenMap[str] = attrs.field(default=NOTHING, kw_only=True)
    priority: str | None = attrs.field(default=None, kw_only=True)
    key: str | None = attrs.field(default=None, kw_only=True)
    """What it is to be the only open case of; see `case_key`."""
    links: tuple[Link, ...] = attrs.field(default=(), kw_only=True)
    parent: str | None = attrs.field(default=None, kw_only=True)
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class JoinCase(CaseCommand):
    """Add one more sighting to a case that is open already, as a second sheet that fails the same device."""

    KIND: ClassVar[str] = "join_case"

    finding: str | None = attrs.field(default=None, kw_only=True)
    sheet: str | None = attrs.field(default=None, kw_only=True)


@attrs.frozen
class CompleteStage(CaseCommand):
    """Complete a stage by one of its transitions."""

    KIND: ClassVar[str] = "complete_stage"

    stage: str
    transition: str
    sheet: str | None = attrs.field(default=None, kw_only=True)
    """The filled-in form, where the stage has one."""
    facts: FrozenMap[RawFact] = attrs.field(default=NOTHING, kw_only=True)
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
    note: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class SignStage(CaseCommand):
    """Sign what somebody has proposed in a stage, or send it back."""

    KIND: ClassVar[str] = "sign_stage"

    stage: str
    decision: Literal["approve", "return"] = attrs.field(default="approve", kw_only=True)
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class WaiveStage(CaseCommand):
    """Settle a stage undone, with the reason why."""

    KIND: ClassVar[str] = "waive_stage"

    stage: str
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class RecordFacts(CaseCommand):
    """State facts of the case without completing anything."""

    KIND: ClassVar[str] = "record_facts"

    facts: FrozenMap[RawFact]


@attrs.frozen
class AssignRole(CaseCommand):
    """Give a role in the case to somebody."""

    KIND: ClassVar[str] = "assign_role"

    role: str
    actor: str


@attrs.frozen
class Reprioritise(CaseCommand):
    """Give the case another priority; its clocks keep the time that has passed."""

    KIND: ClassVar[str] = "reprioritise"

    priority: str
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class PauseClock(CaseCommand):
    """Pause a clock for one of the procedure's reasons."""

    KIND: ClassVar[str] = "pause_clock"

    clock: str
    reason: str
    """The code of the reason."""


@attrs.frozen
class ResumeClock(CaseCommand):
    """Let a paused clock run on."""

    KIND: ClassVar[str] = "resume_clock"

    clock: str


@attrs.frozen
class ResetClock(CaseCommand):
    """Start a clock anew."""

    KIND: ClassVar[str] = "reset_clock"

    clock: str
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class CancelClock(CaseCommand):
    """Take a clock away."""

    KIND: ClassVar[str] = "cancel_clock"

    clock: str
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class LinkCases(CaseCommand):
    """Link the case to another one that is there. A duplicate is cancelled by it, in favour of the other."""

    KIND: ClassVar[str] = "link_cases"

    other: str
    link: LinkKind


@attrs.frozen
class ReopenCase(CaseCommand):
    """Open a closed case again, at some of its stages.

    The clocks of the case as a whole that these stages lead back into run on with what they had used up: the time for
    which it was closed was a pause. A part is opened again only while the case of which it is one is open.
    """

    KIND: ClassVar[str] = "reopen_case"

    to: tuple[str, ...]
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class CancelCase(CaseCommand):
    """End a case that should not go on, with the reason why.

    It is refused while parts of the case are open: each is ended or cancelled for itself, by whoever may and with its
    own reason, so that none is left over and nobody's work goes away unseen. What the case blocks is free by it; the
    cases that block it do not keep it from being cancelled.
    """

    KIND: ClassVar[str] = "cancel_case"

    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))


@attrs.frozen
class AcknowledgeEscalation(CaseCommand):
    """Say that one sees to a clock that escalates."""

    KIND: ClassVar[str] = "acknowledge_escalation"

    clock: str


@attrs.frozen
class MigrateCase(CaseCommand):
    """Move a running case to another version of its procedure."""

    KIND: ClassVar[str] = "migrate_case"

    to_version: str
    stages: FrozenMap[str] = attrs.field(default=NOTHING, kw_only=True)
    """New names of stages, by the old ones; a stage not named keeps its own."""
    transitions: FrozenMap[str] = attrs.field(default=NOTHING, kw_only=True)
    """New names of transitions, by the old ones."""
    reason: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal(FREE_TEXT))
