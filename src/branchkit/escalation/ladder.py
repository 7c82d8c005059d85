"""An escalation ladder as data: who hears of a clock, when, how, and what happens then."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar, Literal

import attrs

from branchkit.codec import Document
from branchkit.conditions import Condition, FactSpec, check
from branchkit.errors import Problem
from branchkit.estate import ActorSpec
from branchkit.trace import Decision
from branchkit.values import Text, is_identifier, is_rule_id

if TYPE_CHECKING:
    from branchkit.escalation.watch import Reached, Watched

__all__ = [
    "Action",
    "AfterDue",
    "AtShare",
    "BeforeDue",
    "EscalationLadder",
    "OpenCaseFor",
    "QuietWindow",
    "RaisePriority",
    "Reassign",
    "Repeat",
    "Rung",
    "RungTime",
]

_ZERO = dt.timedelta()
_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"
Time = Literal["clock", "elapsed"]


def _not_negative(_: object, __: object, value: dt.timedelta) -> None:
    if value < _ZERO:
        raise ValueError("Expected a duration of zero or more")


def _positive(_: object, __: object, value: dt.timedelta) -> None:
    if value <= _ZERO:
        raise ValueError("Expected a duration above zero")


def _above_zero(_: object, __: object, value: Decimal) -> None:
    if not 0 < value <= 100:
        raise ValueError("Expected a share above 0, as in 0.5, and at most 100")


@attrs.frozen(kw_only=True)
class AtShare:
    """When a share of the clock's budget has passed; 1 is the deadline itself, 1.5 half as much again after it."""

    KIND: ClassVar[str] = "share"

    share: Decimal = attrs.field(validator=_above_zero)

    def __str__(self) -> str:
        return f"{self.share.normalize():f} × budget"


@attrs.frozen(kw_only=True)
class BeforeDue:
    """So long before the deadline; by the clock's own time, or elapsed time (24 × 7)."""

    KIND: ClassVar[str] = "before"

    lead: dt.timedelta = attrs.field(validator=_not_negative)
    time: Time = "clock"

    def __str__(self) -> str:
        return f"{self.lead} before"


@attrs.frozen(kw_only=True)
class AfterDue:
    """So long after the deadline; by the clock's own time, or elapsed time (24 × 7). Zero is once it is missed."""

    KIND: ClassVar[str] = "after"

    lag: dt.timedelta = attrs.field(default=_ZERO, validator=_not_negative)
    time: Time = "clock"

    def __str__(self) -> str:
        return f"{self.lag} after"


RungTime = AtShare | BeforeDue | AfterDue


@attrs.frozen(kw_only=True)
class Reassign:
    """Give a role in the case to the first of those meant who is available."""

    KIND: ClassVar[str] = "reassign"

    role: str
    to: ActorSpec


@attrs.frozen(kw_only=True)
class RaisePriority:
    """Give the case a higher priority; one that is as high already stays."""

    KIND: ClassVar[str] = "raise_priority"

    to: str


@attrs.frozen(kw_only=True)
class OpenCaseFor:
    """Open a case of another procedure about the same place, linked as caused by this one."""

    KIND: ClassVar[str] = "open_case"

    procedure: str


Action = Reassign | RaisePriority | OpenCaseFor


@attrs.frozen
class Rung:
    """One step of the ladder.

    When its time comes it tells somebody, does something, or is only put on record. Where its `when` does not hold,
    it is passed by with that reason; where `when` cannot be told, it acts: silence must never come of not knowing.
    """

    id: str
    at: RungTime = attrs.field(kw_only=True)
    when: Condition | None = attrs.field(default=None, kw_only=True)
    tell: tuple[ActorSpec, ...] = attrs.field(default=(), kw_only=True)
    """Who is told; each person once, whatever specs they fit."""
    message: Text | None = attrs.field(default=None, kw_only=True)
    """What they are told, in the catalog's words."""
    do: tuple[Action, ...] = attrs.field(default=(), kw_only=True)
    record_only: bool = attrs.field(default=False, kw_only=True)
    """True for a rung that tells nobody: that it was reached stands in the journal, and that is all."""
    if_nobody: Literal["skip", "wait"] = attrs.field(default="skip", kw_only=True)
    """What happens while none of those meant is available: the rung is passed by, or waits until somebody is."""
    working_hours: bool = attrs.field(default=False, kw_only=True)
    """True where it waits for the branch to open, by the branch's own hours and zone."""
    despite_acknowledgement: bool = attrs.field(default=False, kw_only=True)
    """True for a rung that acts though somebody has said that they look after it."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)


@attrs.frozen(kw_only=True)
class Repeat:
    """Goes up some rungs again, round after round, while the clock runs on."""

    start: str
    """The rung each further round begins with; those after it in time follow at the same distances."""
    every: dt.timedelta = attrs.field(validator=_positive)
    """From one round to the next, in elapsed time."""
    times: int | None = None
    """How many further rounds there are; ``None`` for no end."""


@attrs.frozen
class EscalationLadder(Document):
    """A ladder: its rungs, and what an acknowledgement does.

    The order of the rungs in the document decides nothing: each has its time.
    """

    SCHEMA: ClassVar[str] = "escalation_ladder/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    rungs: tuple[Rung, ...] = attrs.field(kw_only=True)
    facts: tuple[FactSpec, ...] = attrs.field(default=(), kw_only=True)
    """The facts that its conditions look at."""
    repeat: Repeat | None = attrs.field(default=None, kw_only=True)
    acknowledgement: Literal["stops", "holds", "nothing"] = attrs.field(default="holds", kw_only=True)
    """What it does when somebody says that they look after it: end the ladder, hold it for `hold`, or nothing."""
    hold: dt.timedelta | None = attrs.field(default=None, kw_only=True, validator=attrs.validators.optional(_positive))
    """How long an acknowledgement holds the rungs, in elapsed time; needed where it holds them."""
    inhibited_when: Condition | None = attrs.field(default=None, kw_only=True)
    """While this holds, rungs are put on record as inhibited and tell nobody: a larger matter covers this one."""
    group_by: Literal["branch", "place"] | None = attrs.field(default=None, kw_only=True)
    """What rungs of several cases are told together by, where they fire in one sweep for the same people."""
    retry: dt.timedelta = attrs.field(default=dt.timedelta(minutes=5), kw_only=True, validator=_positive)
    """How soon a rung that waits for somebody looks again."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        """Return when the next rung may act; a rung that waits for somebody is looked at again after `retry`."""
        from branchkit.escalation.climbing import next_look

        return next_look(self, watched, at)

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        """Decide every rung whose time has come, in the order of time; of the same moment, by id."""
        from branchkit.escalation.climbing import reached

        return reached(self, watched, at)

    def rung(self, id: str) -> Rung:
        """Return a rung by its id; raises `KeyError`."""
        return next((rung for rung in self.rungs if rung.id == id), None) or _no_rung(id)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: doubled ids, rungs without effect, a ladder that ends at nobody, unknown facts."""
        yield from self._own_fields()
        specs = {spec.name: spec for spec in self.facts}
        seen: set[str] = set()
        for at, rung in enumerate(self.rungs):
            path = f"$.rungs[{at}]"
            if rung.id in seen:
                yield Problem(f"{path}.id", f"Expected each rung once; {rung.id!r} stands there again")
            seen.add(rung.id)
            yield from _of_rung(rung, path)
            if rung.when is not None:
                yield from check(rung.when, specs, f"{path}.when")
        if self.inhibited_when is not None:
            yield from check(self.inhibited_when, specs, "$.inhibited_when")
        if self.repeat is not None and self.repeat.start not in seen:
            listed = ", ".join(rung.id for rung in self.rungs)
            yield Problem("$.repeat.start", f"Unknown rung {self.repeat.start!r}; there are: {listed}")
        if self.repeat is not None and self.repeat.times is not None and self.repeat.times < 1:
            yield Problem("$.repeat.times", "Expected 1 or more further rounds; leave `repeat` out for none")
        if not any(rung.tell for rung in self.rungs):
            yield Problem("$.rungs", "Expected a ladder that ends at someone: no rung tells anybody")

    def _own_fields(self) -> Iterator[Problem]:
        if not is_identifier(self.id):
            yield Problem("$.id", _ID)
        if not self.version.strip():
            yield Problem("$.version", "Expected a version")
        for at, rule in enumerate(self.rules):
            if not is_rule_id(rule):
                yield Problem(f"$.rules[{at}]", f"Expected a rule id with its area, not {rule!r}")
        if (self.acknowledgement == "holds") != (self.hold is not None):
            what = "Expected how long an acknowledgement holds" if self.hold is None else "Has no effect"
            yield Problem("$.hold", f"{what}: `hold` and acknowledgement = 'holds' go together")


def _no_rung(id: str) -> Rung:
    raise KeyError(id)


def _of_rung(rung: Rung, path: str) -> Iterator[Problem]:
    if not is_identifier(rung.id):
        yield Problem(f"{path}.id", _ID)
    for at, rule in enumerate(rung.rules):
        if not is_rule_id(rule):
            yield Problem(f"{path}.rules[{at}]", f"Expected a rule id with its area, not {rule!r}")
    if rung.record_only and (rung.tell or rung.do or rung.working_hours):
        yield Problem(f"{path}.record_only", "Expected nobody to tell and nothing to do: it is only put on record")
    if not rung.record_only and not rung.tell and not rung.do:
        yield Problem(path, "Has no effect: it tells nobody and does nothing; say `record_only` if that is meant")
    if bool(rung.tell) != (rung.message is not None):
        yield Problem(f"{path}.message", "Expected `tell` and `message` together: one alone has no effect")
    if rung.if_nobody == "wait" and not rung.tell:
        yield Problem(f"{path}.if_nobody", "Has no effect: the rung tells nobody")


@attrs.frozen(kw_only=True)
class QuietWindow:
    """A window in which rungs keep quiet: it always has an end and a reason, and what fell into it is told after it."""

    id: str
    since: dt.datetime
    until: dt.datetime
    reason: str
    """A code, as in ``maintenance_window``."""
    branch: str | None = None
    """The branch; ``None`` for all."""
    ladder: str | None = None
    """The ladder; ``None`` for all."""

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong with the window."""
        if self.since.tzinfo is None or self.until.tzinfo is None:
            yield Problem("$.since", "Expected moments with their zone")
        elif self.until <= self.since:
            yield Problem("$.until", "Expected a moment after `since`: a quiet window has an end")
        if not self.reason.strip():
            yield Problem("$.reason", "Expected a reason: rungs never keep quiet without one")

    def covers(self, at: dt.datetime, *, branch: str, ladder: str) -> bool:
        """Say whether it keeps a ladder at a branch quiet at a moment; the end is outside."""
        return self.since <= at < self.until and self.branch in (None, branch) and self.ladder in (None, ladder)
