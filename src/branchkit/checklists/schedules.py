"""Schedules (周期任务): what a branch has to do how often, as data, for what is really there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

import attrs

from branchkit.checklists.binding import BRANCH_FACTS
from branchkit.checklists.lint_effects import lint_applies
from branchkit.checklists.lint_items import SLUG, lint_both, lint_each, lint_rules
from branchkit.checklists.model import Each, EachValue
from branchkit.codec import Document
from branchkit.conditions import Condition, FactSpec, check, reads
from branchkit.errors import Problem
from branchkit.temporal import Cycle, NotConfigured, Roll, roll_problem
from branchkit.values import Ref, Severity, Text, is_identifier

__all__ = ["PLAN_FACTS", "Due", "DueState", "Schedule", "SchedulePlan"]

_LASTING = {"branch.kind", "branch.traits", "branch.services", "branch.segments"}

PLAN_FACTS = tuple(spec for spec in BRANCH_FACTS if spec.name in _LASTING)
"""The facts every plan has: those of a branch that do not change from day to day."""

DueState = Literal["due", "overdue", "on_event", "continuous", "not_configured", "unknown"]


@attrs.frozen
class Schedule:
    """One duty and how often it is due."""

    id: str
    title: Text = attrs.field(kw_only=True)
    """What is to be done, in both languages."""
    cycle: Cycle = attrs.field(kw_only=True)
    checklist: str | None = attrs.field(default=None, kw_only=True)
    """The id of the checklist that is filled in."""
    for_each: tuple[Each, ...] = attrs.field(default=(), kw_only=True)
    """What it is done for; several mean every combination. Nothing retired is ever among it."""
    when: Condition | None = attrs.field(default=None, kw_only=True)
    """Which branches it is for, by their facts and the plan's; the days are the cycle's affair."""
    by: str | None = attrs.field(default=None, kw_only=True)
    """The post that does it, as in ``lobby_manager``; ``None`` where nobody is named."""
    roll: Roll = attrs.field(default=Roll.NONE, kw_only=True)
    """Where a day goes that is not a working day."""
    basis: Literal["sourced", "suggested", "advice"] = attrs.field(default="sourced", kw_only=True)
    """Whether the source says how often, or it is our suggestion, which a bank may change."""
    severity: Severity | None = attrs.field(default=None, kw_only=True)
    """How bad it is to leave it undone."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The qualified ids of the rules that it carries out."""
    note: Text | None = attrs.field(default=None, kw_only=True)
    """What else whoever does it should know."""
    opens: str | None = attrs.field(default=None, kw_only=True)
    """The id of the procedure of which a case is opened for each time that it is due."""


@attrs.frozen
class SchedulePlan(Document):
    """Schedules that belong together (周期计划); ask it with `branchkit.checklists.due`.

    >>> from branchkit.temporal import Weekly
    >>> walk = Schedule("walk", title=Text(zh="巡查", en="Walk-round"), cycle=Weekly(weekdays=("mon",)))
    >>> SchedulePlan("round", version="1", title=Text(zh="巡查", en="Rounds"), entries=(walk,)).validate()
    ()
    """

    SCHEMA: ClassVar[str] = "schedule_plan/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    entries: tuple[Schedule, ...] = attrs.field(kw_only=True)
    facts: tuple[FactSpec, ...] = attrs.field(default=(), kw_only=True)
    """Facts that whoever asks the plan may give, beside `PLAN_FACTS`."""

    def specs(self) -> Mapping[str, FactSpec]:
        """Return every fact that its entries may look at, by name."""
        return {spec.name: spec for spec in (*PLAN_FACTS, *self.facts)}

    def validate(self) -> tuple[Problem, ...]:
        """Return every problem: doubled ids, missing words, unknown facts, settings without effect."""
        return tuple(_lint(self))


@attrs.frozen(kw_only=True)
class Due:
    """One line of what is due when: a duty, for one thing, at one time; or why there is no time."""

    plan: str
    """The id of the plan."""
    entry: Schedule = attrs.field(repr=lambda entry: entry.id)
    place: tuple[Ref, ...]
    """From the branch down to what it is done for."""
    state: DueState
    """``due``; ``overdue`` where its latest day lies before the range; without a time: ``on_event``, ``continuous``,
    ``not_configured``, and ``unknown`` where what decides is not known."""
    day: dt.date | None = None
    time: str | None = None
    """Which time of the day, as the cycle names it."""
    at: dt.datetime | None = None
    until: dt.datetime | dt.date | None = None
    """By when: a moment, or the end of a day."""
    moved: tuple[dt.date, ...] = ()
    """The days passed over because they are not working days."""
    note: Text | None = None
    """Why there is no time, since when it is overdue, and what the entry notes."""

    @property
    def order(self) -> tuple[dt.date, dt.datetime]:
        """What lines are sorted by: day and moment, a day without a moment first; what has no day comes last."""
        return self.day or dt.date.max, self.at or dt.datetime.min.replace(tzinfo=dt.UTC)


def _lint(plan: SchedulePlan) -> Iterator[Problem]:
    yield from lint_both(plan.title, "$.title")
    if not SLUG.fullmatch(plan.id.rpartition(".")[2]):
        yield Problem("$.id", "Expected lower-case letters, digits, - and _, after a plug-in's name and a dot if any")
    if not is_identifier(plan.version):
        yield Problem("$.version", "Expected a version, as in 1 or 2026.1")
    if not plan.entries:
        yield Problem("$.entries", "Expected at least one entry")
    read = {name for entry in plan.entries if entry.when is not None for name in reads(entry.when)}
    read |= {one.fact for entry in plan.entries for one in entry.for_each if isinstance(one, EachValue) and one.fact}
    taken = {spec.name for spec in BRANCH_FACTS}
    for at, spec in enumerate(plan.facts):
        if spec.name in taken or spec.name.partition(".")[0] in {"branch", "at"}:
            yield Problem(f"$.facts[{at}].name", "Expected a name of its own, outside branch and at")
        elif spec.name not in read:
            yield Problem(f"$.facts[{at}]", f"Has no effect: no entry looks at {spec.name!r}")
        taken.add(spec.name)
    seen: set[str] = set()
    for at, entry in enumerate(plan.entries):
        path = f"$.entries[{at}]"
        if not SLUG.fullmatch(entry.id):
            yield Problem(f"{path}.id", "Expected at most 100 lower-case letters, digits, - and _")
        if entry.id in seen:
            yield Problem(f"{path}.id", f"Expected each entry once; {entry.id!r} stands there again")
        seen.add(entry.id)
        yield from _lint_entry(entry, plan.specs(), path)


def _lint_entry(entry: Schedule, specs: Mapping[str, FactSpec], path: str) -> Iterator[Problem]:
    yield from lint_both(entry.title, f"{path}.title")
    if entry.note is not None:
        yield from lint_both(entry.note, f"{path}.note")
    yield from lint_rules(entry.rules, f"{path}.rules")
    yield from lint_each(entry.for_each, f"{path}.for_each", specs)
    if entry.when is not None:
        yield from check(entry.when, specs, f"{path}.when")
        yield from lint_applies(entry.when, None, specs, f"{path}.when")
    for field, value in (("by", entry.by), ("checklist", entry.checklist), ("opens", entry.opens)):
        if value is not None and not is_identifier(value):
            yield Problem(f"{path}.{field}", "Expected a code of printable characters without spaces at its ends")
    problem = roll_problem(entry.cycle, entry.roll)
    if problem is not None:
        yield Problem(f"{path}.roll", problem)
    if isinstance(entry.cycle, NotConfigured) and entry.basis != "sourced":
        yield Problem(f"{path}.basis", "Has no effect on the cycle not_configured: nothing is suggested")
