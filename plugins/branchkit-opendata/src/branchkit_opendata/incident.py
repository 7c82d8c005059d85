"""One incident of a service desk's log: from each of its updates to the commands that carry it in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import attrs

from branchkit.checklists import RawFact
from branchkit.messages import Actor, Command
from branchkit.procedures import (
    AssignRole,
    CancelCase,
    CompleteStage,
    OpenCase,
    PauseClock,
    RecordFacts,
    ReopenCase,
    Reprioritise,
    ResumeClock,
)
from branchkit.values import FrozenMap, Unknown, is_identifier
from branchkit_opendata.desk import Desk
from branchkit_opendata.lines import Line

__all__ = ["FACTS", "PROCEDURE", "Incident", "Update", "digit", "stage_of", "stated"]

PROCEDURE = "opendata.servicenow-incident"
FACTS = (
    "incident_state", "sys_mod_count", "sys_updated_by", "reassignment_count", "reopen_count", "impact", "urgency",
    "category", "subcategory", "u_symptom", "cmdb_ci", "location", "contact_type", "opened_by", "sys_created_by",
    "sys_created_at", "knowledge", "u_priority_confirmation", "notify", "problem_id", "rfc", "vendor", "caused_by",
)  # fmt: skip
"""The facts of a case, by the source's own names."""

CLOSED, CANCELLED = "closed", "cancelled"
_WAITING = ("awaiting_user_info", "awaiting_problem", "awaiting_vendor", "awaiting_evidence", "awaiting_other")
_PAUSED = frozenset({*_WAITING, "resolved"})
_STAGES = {
    "new": "new",
    "active": "active", "in progress": "active", "work in progress": "active", "assigned": "active", "open": "active",
    "awaiting user info": "awaiting_user_info", "awaiting caller": "awaiting_user_info",
    "awaiting problem": "awaiting_problem",
    "awaiting vendor": "awaiting_vendor",
    "awaiting evidence": "awaiting_evidence",
    "resolved": "resolved",
    "closed": CLOSED,
    "canceled": CANCELLED, "cancelled": CANCELLED,
}  # fmt: skip
_OTHER_WAITING = re.compile(r"(awaiting|pending|on[ -]?hold|suspended)\b.*")
_DIGIT = re.compile(r"[pP]?([0-9])(?:\D.*)?")
_BLANK = frozenset({"", "?", "null", "n/a", "undefined"})
_PRIORITIES = frozenset("12345")
_NOT_STATED = Unknown("the source no longer states it")
_AGAIN = "the source states an update after it was closed"
_REOPENED = "the source states it as under way again"
_CANCELLED_BY = "the source states it as cancelled"


def stated(text: str) -> bool:
    """Say whether a cell says anything: the source writes ``?`` where it does not.

    >>> stated("Group 56"), stated("?"), stated("")
    (True, False, False)
    """
    return text.lower() not in _BLANK


def digit(text: str) -> str | None:
    """Return the digit with which a grade begins, as in ``3 - Moderate``.

    >>> digit("3 - Moderate"), digit("P2"), digit("Moderate")
    ('3', '2', None)
    """
    match = _DIGIT.fullmatch(text)
    return match[1] if match else None


def stage_of(state: str) -> str | None:
    """Return the stage that a state is, ``closed`` or ``cancelled``; ``None`` where nobody can tell.

    >>> stage_of("Awaiting User Info"), stage_of("Pending change"), stage_of("-100")
    ('awaiting_user_info', 'awaiting_other', None)
    """
    words = " ".join(state.lower().replace("_", " ").split())
    found = _STAGES.get(words)
    return "awaiting_other" if found is None and _OTHER_WAITING.fullmatch(words) else found


@attrs.frozen(kw_only=True)
class Update:
    """One row of the log, as far as it is read."""

    number: str = attrs.field(kw_only=False)
    at: dt.datetime
    opened: dt.datetime | None
    cells: dict[str, str | Unknown | None]
    """The facts it states; ``None`` where it states nothing."""
    line: Line
    desk: Desk

    def cell(self, column: str) -> str | None:
        """Return what stands in another column."""
        text = self.line.cells.get(column, "")
        return text if stated(text) else None

    def odd(self, column: str, message: str) -> None:
        """Tell what is odd in a column and was kept."""
        self.desk.odd(self.line.path(column), message)


class Incident:
    """An incident as far as its rows have been read: what has to be known to say what the next one changes."""

    def __init__(self, number: str, *, branch: str) -> None:
        self._number = number
        self._branch = branch
        self._stage: str | None = None
        self._held: dict[str, RawFact | None] = {}
        self._group: str | None = None
        self._assignee: str | None = None
        self._priority: str | None = None
        self._paused: str | None = None
        self._left = "new"
        """Where it goes back to from its end: what is cancelled stands where it stood, what is closed was resolved."""
        self._has_ended = False
        """Whether it was closed before: then its clocks have stopped for good."""

    def follow(self, update: Update, *, by: Actor, told: dt.datetime) -> Iterator[Command]:
        """Yield what an update changes, in an order in which a case can take it.

        Args:
            update: the next row.
            by: who carries it in.
            told: the moment of the import; nothing is told before it happened.
        """
        common: dict[str, Any] = {"by": by, "at": update.at, "recorded_at": max(update.at, told)}
        state = update.cell("incident_state")
        target = None if state is None else stage_of(state)
        if target is None:
            update.odd("incident_state", "Is no state that is known here; it is noted, and the case stays where it is")
        self._compare_active(update, target)
        if self._stage is None:
            yield self._open(update, common)
            changes: dict[str, RawFact] = {}
        else:
            changes = dict(self._changes(update))
        move = target or self._stage
        assert move is not None
        if self._stage in (CLOSED, CANCELLED):
            reason = _AGAIN if move in (CLOSED, CANCELLED) else _REOPENED
            yield ReopenCase(self._number, (self._left,), reason=reason, **common)
            self._stage = self._left
        yield from self._assign(update, common)
        yield from self._prioritise(update, common)
        yield from self._move(move, changes, common)

    def _open(self, update: Update, common: dict[str, Any]) -> Command:
        opened = update.opened
        if opened is None:
            opened = update.at
            update.odd("opened_at", "States no opening; the moment of the first row is taken")
        elif opened > update.at:
            update.odd("opened_at", "Lies after the first update; what happened before counts as at the opening")
        self._held = dict(update.cells)
        self._stage = "new"
        self._group, self._assignee = self._person(update, "assignment_group"), self._person(update, "assigned_to")
        self._priority = _priority(update)
        roles = {"group": self._group or self._branch}
        if self._assignee is not None:
            roles["assignee"] = self._assignee
        caller = update.cell("caller_id")
        return OpenCase(
            self._number,
            procedure=PROCEDURE,
            branch=self._branch,
            facts=FrozenMap({name: value for name, value in self._held.items() if value is not None}),
            roles=FrozenMap(roles),
            priority=self._priority,
            note=None if caller is None else f"caller: {caller}",
            by=common["by"],
            at=opened,
            # Nobody heard of it before its first row.
            recorded_at=max(opened, common["recorded_at"]),
        )

    def _changes(self, update: Update) -> Iterator[tuple[str, RawFact]]:
        for name, value in update.cells.items():
            if value != self._held[name]:
                self._held[name] = value
                yield name, _NOT_STATED if value is None else value

    def _assign(self, update: Update, common: dict[str, Any]) -> Iterator[Command]:
        group, assignee = self._person(update, "assignment_group"), self._person(update, "assigned_to")
        if group != self._group:
            self._group = group
            yield AssignRole(self._number, "group", group or self._branch, **common)
        if assignee != self._assignee:
            self._assignee = assignee
            yield AssignRole(self._number, "assignee", assignee or self._branch, **common)

    def _person(self, update: Update, column: str) -> str | None:
        """Return whom a column names, as an id."""
        name = update.cell(column)
        if name is None or is_identifier(name):
            return name
        update.odd(column, "Is no name of at most 200 printable characters, so the desk itself has it")
        return None

    def _prioritise(self, update: Update, common: dict[str, Any]) -> Iterator[Command]:
        priority = _priority(update)
        if priority is not None and priority != self._priority:
            self._priority = priority
            yield Reprioritise(self._number, priority, **common)

    def _move(self, move: str, changes: dict[str, RawFact], common: dict[str, Any]) -> Iterator[Command]:
        stage = self._stage
        assert stage is not None
        facts = FrozenMap(changes)
        moves = move not in (stage, CANCELLED)
        if moves:
            yield CompleteStage(self._number, stage, move, facts=facts, **common)
        elif changes:
            yield RecordFacts(self._number, facts, **common)
        if move == CANCELLED:
            yield CancelCase(self._number, reason=_CANCELLED_BY, **common)
        self._stage = move
        if move in (CLOSED, CANCELLED):
            self._left, self._has_ended = "resolved" if move == CLOSED else stage, True
        elif not self._has_ended:
            yield from self._pause(move if move in _PAUSED else None, common)

    def _pause(self, reason: str | None, common: dict[str, Any]) -> Iterator[Command]:
        """Let the desk's own clock rest while the incident waits for somebody else."""
        if reason == self._paused:
            return
        if self._paused is not None:
            yield ResumeClock(self._number, "handling", **common)
        if reason is not None:
            yield PauseClock(self._number, "handling", reason, **common)
        self._paused = reason

    def _compare_active(self, update: Update, target: str | None) -> None:
        active = (update.cell("active") or "").lower()
        over = target in (CLOSED, CANCELLED)
        if target is not None and active in (("true", "1", "yes") if over else ("false", "0", "no")):
            update.odd("active", "Contradicts the state; the state counts")


def _priority(update: Update) -> str | None:
    text = update.cell("priority")
    if text is None:
        return None
    found = digit(text)
    if found in _PRIORITIES:
        return found
    update.odd("priority", "Begins with no digit from 1 to 5, so it is no priority here; the one before it stays")
    return None
