"""Random days whose seed is bound to before a period and told after it, so that anybody can draw them again."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import ClassVar, Literal

import attrs

from branchkit.checklists.due import due, due_key
from branchkit.checklists.model import EachValue
from branchkit.checklists.schedules import SchedulePlan
from branchkit.checklists.sheet import RawFact
from branchkit.conditions import reads
from branchkit.errors import InputError, Problem
from branchkit.estate import Branch
from branchkit.messages import Command, Event
from branchkit.temporal import Calendar, Random, commitment
from branchkit.temporal.chance import draw
from branchkit.temporal.months import named_period
from branchkit.values import FrozenMap, Ref

__all__ = [
    "CommitSeed",
    "Drawing",
    "Drawn",
    "RevealSeed",
    "SeedCommitted",
    "SeedRevealed",
    "check_drawing",
    "draw_days",
    "drawing_id",
    "plan_of",
    "told_seeds",
]

_COMMITMENT = re.compile(r"sha256:[0-9a-f]{64}")
_SEED = re.compile(r"[0-9a-f]{64}")


def drawing_id(branch: str, plan: str, entry: str, period: str) -> str:
    """Return what a drawing is kept under.

    >>> drawing_id("B-1", "bank.counter", "patrol", "2026-03")
    'bank.counter/patrol/2026-03/B-1'
    """
    return f"{plan}/{entry}/{period}/{branch}"


@attrs.frozen
class CommitSeed(Command):
    """Bind oneself, before a period begins, to the seed that its random days will be drawn by."""

    KIND: ClassVar[str] = "commit_seed"

    branch: str
    plan: str
    """The id of the plan."""
    entry: str
    """The id of one of its entries, whose days are random."""
    period: str
    """As in ``2026-W10``, ``2026-03``, ``2026-Q1``, ``2026-H1`` or ``2026``."""
    commitment: str
    """As `branchkit.temporal.commitment` gives it; it tells nothing of the seed."""

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch}"

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the command."""
        problems = Command.validate(self)
        if not _COMMITMENT.fullmatch(self.commitment):
            problems += (Problem("$.commitment", "Expected sha256: and 64 hexadecimal digits in lower case"),)
        return problems


@attrs.frozen
class RevealSeed(Command):
    """Tell the seed of a period that is over: the days are drawn by it once more, for all to see."""

    KIND: ClassVar[str] = "reveal_seed"

    branch: str
    plan: str
    entry: str
    period: str
    seed: str
    """The period's own seed, in hexadecimal digits; never the secret that it was made of."""
    facts: FrozenMap[RawFact] = attrs.field(default=FrozenMap(), kw_only=True)
    """The facts that the plan declares, where the entry looks at any."""

    @property
    def stream(self) -> str:
        """The branch's stream."""
        return f"branch:{self.branch}"

    def validate(self) -> tuple[Problem, ...]:
        """Return what is wrong with the command."""
        problems = Command.validate(self)
        if not _SEED.fullmatch(self.seed):
            problems += (Problem("$.seed", "Expected the 64 hexadecimal digits of a period's seed, in lower case"),)
        return problems


@attrs.frozen
class Drawn:
    """The days that were drawn for one thing."""

    place: tuple[Ref, ...]
    """From the branch down to what it is done for."""
    days: tuple[dt.date, ...]


@attrs.frozen(kw_only=True)
class SeedCommitted(Event):
    """A seed was bound to, with all that its days will be drawn by: a catalog that changes later changes nothing."""

    KIND: ClassVar[str] = "seed_committed"

    branch: str
    plan: SchedulePlan
    """With the one entry that is drawn for, and the facts that it looks at."""
    period: str
    zone: str
    """The time zone that the period is counted in."""
    commitment: str
    by: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class SeedRevealed(Event):
    """A seed was told, and the days were drawn by it."""

    KIND: ClassVar[str] = "seed_revealed"

    drawing: str
    seed: str
    among: tuple[dt.date, ...]
    """The days of the period that could be drawn."""
    drawn: tuple[Drawn, ...]
    by: str
    at: dt.datetime


@attrs.frozen(kw_only=True)
class Drawing:
    """The random days of one entry at one branch in one period: sealed, and once the period is over, revealed."""

    branch: str
    plan: SchedulePlan
    period: str
    zone: str
    commitment: str
    committed_by: str
    committed_at: dt.datetime
    seed: str | None = None
    among: tuple[dt.date, ...] = ()
    drawn: tuple[Drawn, ...] = ()
    revealed_by: str | None = None
    revealed_at: dt.datetime | None = None

    @property
    def id(self) -> str:
        """What it is kept under."""
        return drawing_id(self.branch, self.plan.id, self.plan.entries[0].id, self.period)

    @property
    def state(self) -> Literal["sealed", "revealed"]:
        """``revealed`` once its seed was told."""
        return "sealed" if self.seed is None else "revealed"

    @property
    def cycle(self) -> Random:
        """How often days are drawn, and among which."""
        cycle = self.plan.entries[0].cycle
        if not isinstance(cycle, Random):
            raise InputError(f"drawing {self.id!r}", (Problem("$.plan.entries[0].cycle", "Expected the cycle random"),))
        return cycle

    @property
    def days(self) -> tuple[dt.date, dt.date]:
        """The first and the last day of its period."""
        return named_period(self.period, self.cycle.period)


def plan_of(plan: SchedulePlan, entry: str) -> SchedulePlan:
    """Return a plan with one of its entries, and with the facts that this one looks at."""
    (kept,) = (one for one in plan.entries if one.id == entry)
    looked = set(() if kept.when is None else reads(kept.when))
    looked |= {one.fact for one in kept.for_each if isinstance(one, EachValue) and one.fact}
    return attrs.evolve(plan, entries=(kept,), facts=tuple(spec for spec in plan.facts if spec.name in looked))


def draw_days(
    drawing: Drawing, seed: str, branch: Branch, calendar: Calendar | None, facts: Mapping[str, RawFact]
) -> tuple[tuple[dt.date, ...], tuple[Drawn, ...]]:
    """Return the days that can be drawn, and those that are, for each thing that is there.

    Raises:
        InputError: something that decides is not known; lists each reason.
    """
    entry, (first, last) = drawing.plan.entries[0], drawing.days
    seeds = {due_key(drawing.plan.id, entry.id): {drawing.period: bytes.fromhex(seed)}}
    lines = due(drawing.plan, branch, first, last, calendar=calendar, seeds=seeds, facts=facts)
    if problems := [Problem("$", str(line.note)) for line in lines if line.state != "due"]:
        raise InputError(f"drawing {drawing.id!r}", tuple(problems))
    places: dict[tuple[Ref, ...], list[dt.date]] = {}
    for line in lines:
        assert line.day is not None, "what is due by chance has a day"
        places.setdefault(line.place, []).append(line.day)
    # Whatever is drawn when all days are: those that count.
    every = attrs.evolve(entry, cycle=attrs.evolve(drawing.cycle, count=366))
    lines = due(
        attrs.evolve(drawing.plan, entries=(every,)), branch, first, last, calendar=calendar, seeds=seeds, facts=facts
    )
    among = sorted({line.day for line in lines if line.day is not None})
    return tuple(among), tuple(Drawn(place, tuple(days)) for place, days in places.items())


def check_drawing(drawing: Drawing) -> tuple[str, ...]:
    """Return what is wrong with a revealed drawing, after drawing it again; nothing for one that is still sealed.

    It asks nobody: neither the catalog, nor the calendar, nor the branch as it is now.
    """
    return tuple(_wrong(drawing))


def _wrong(drawing: Drawing) -> Iterator[str]:
    if drawing.seed is None:
        return
    seed, cycle, (first, last) = bytes.fromhex(drawing.seed), drawing.cycle, drawing.days
    if commitment(seed) != drawing.commitment:
        yield f"{drawing.id}: the seed is not the one that was committed to"
    period = [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]
    fits = drawing.among == tuple(period) if cycle.on == "every_day" else set(drawing.among) <= set(period)
    if not fits or sorted(set(drawing.among)) != list(drawing.among):
        yield f"{drawing.id}: the days that could be drawn are not those of {drawing.period}"
    for one in drawing.drawn:
        label = f"{drawing.branch}\0{due_key(drawing.plan.id, drawing.plan.entries[0].id, one.place[1:])}"
        days = tuple(drawing.among[at] for at in draw(seed, label, cycle.count, len(drawing.among)))
        if days != one.days:
            place, right = "/".join(map(str, one.place)), ", ".join(map(str, days))
            yield f"{drawing.id}: the seed draws other days for {place}: {right}"


def told_seeds(drawings: Iterable[Drawing]) -> Mapping[str, Mapping[str, bytes]]:
    """Return the seeds that were told, by `due_key` of the entry and by period, as `due` takes them."""
    found: dict[str, dict[str, bytes]] = {}
    for one in drawings:
        if one.seed is not None:
            key = due_key(one.plan.id, one.plan.entries[0].id)
            found.setdefault(key, {})[one.period] = bytes.fromhex(one.seed)
    return found
