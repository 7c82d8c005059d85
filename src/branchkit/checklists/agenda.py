"""From schedules to cases: what is due within a horizon is opened, and what nobody opened in time is on record."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import ClassVar

import attrs

from branchkit.checklists.due import due_key
from branchkit.checklists.schedules import Due
from branchkit.messages import Command, Event
from branchkit.values import Ref

__all__ = ["Agenda", "AgendaOpened", "Occasion", "OccasionMissed", "OpenScheduled", "occasions"]


@attrs.frozen
class OpenScheduled(Command):
    """Open a case for everything that a plan has due at a branch through a day, where its entry names a procedure.

    What was opened before is not opened again, so it may be asked every day with a horizon of a week.
    """

    KIND: ClassVar[str] = "open_scheduled"

    branch: str
    plan: str
    through: dt.date
    """The last day, by the branch's clock."""

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch}"


@attrs.frozen(kw_only=True)
class Occasion:
    """One time that something is due, for one thing."""

    entry: str
    place: tuple[Ref, ...]
    procedure: str
    day: dt.date
    time: str | None = None
    until: dt.datetime
    """By when: what is due on a day is due by its end."""

    def case(self, branch: str, plan: str) -> str:
        """Return the id of the case that is opened for it."""
        time = f"T{self.time}" if self.time else ""
        return f"{branch}/{due_key(plan, self.entry, self.place[1:])}/{self.day}{time}"


@attrs.frozen(kw_only=True)
class AgendaOpened(Event):
    """What a plan has due through a day was opened."""

    KIND: ClassVar[str] = "agenda_opened"

    branch: str
    plan: str
    version: str
    through: dt.date
    occasions: tuple[Occasion, ...] = ()
    missed: int = 0
    """How many occasions had passed before anybody opened them; each is an event of its own."""
    untold: tuple[str, ...] = ()
    """The entries of which nobody can tell when they are due, as of random days before their seed is told."""


@attrs.frozen(kw_only=True)
class OccasionMissed(Event):
    """Something was due, and its time passed before anybody opened it."""

    KIND: ClassVar[str] = "occasion_missed"

    branch: str
    plan: str
    occasion: Occasion


@attrs.frozen(kw_only=True)
class Agenda:
    """How far the cases of a plan have been opened at a branch."""

    branch: str
    plan: str
    through: dt.date

    @property
    def id(self) -> str:
        """Names it: the branch and the plan."""
        return f"{self.branch}/{self.plan}"


def occasions(lines: Iterable[Due], zone: dt.tzinfo) -> tuple[Occasion, ...]:
    """Return what is to be opened of what is due: the lines with a day whose entry names a procedure."""
    found: list[Occasion] = []
    for line in lines:
        procedure = line.entry.opens
        if procedure is None or line.day is None or line.state not in ("due", "overdue"):
            continue
        found.append(
            Occasion(
                entry=line.entry.id,
                place=line.place,
                procedure=procedure,
                day=line.day,
                time=line.time,
                until=_until(line, line.day, zone),
            )
        )
    return tuple(found)


def _until(line: Due, day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    until = line.until or line.at or day
    if isinstance(until, dt.datetime):
        return until
    return dt.datetime.combine(until + dt.timedelta(days=1), dt.time(), zone)
