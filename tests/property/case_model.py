"""What ladders owe, worked out from the journal minute by minute: no sums, no look-up tables, no index."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from branchkit.escalation import (
    AfterDue,
    AtShare,
    BeforeDue,
    EscalationLadder,
    RungOutcome,
    RungReached,
    WatchAcknowledged,
)
from branchkit.estate import BranchRegistered, BranchRevised, CalendarPublished, ServiceResumed, ServiceSuspended
from branchkit.kit.feed import Happened
from branchkit.procedures import Case, CaseOpened, evolve
from branchkit.temporal import ALL_CLOCKS, After, Bound, Clock, Counting, Hours

MINUTE = dt.timedelta(minutes=1)
HOURS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "split": ((540, 720), (780, 1020)),
    "through": ((540, 1020),),
    "short": ((600, 660),),
}
"""When a branch is open on a working day, in minutes after midnight."""


def hours(name: str) -> Hours:
    """Return the hours of that name."""
    spans = ", ".join(f"{a // 60:02}:{a % 60:02}-{b // 60:02}:{b % 60:02}" for a, b in HOURS[name])
    return Hours.from_week({"workday": spans})


@attrs.define
class Around:
    """What was known of branches, calendars and suspensions when something was told."""

    open: dict[str, tuple[ZoneInfo, tuple[tuple[int, int], ...], str | None]] = attrs.field(factory=dict)
    days: dict[str, dict[dt.date, bool]] = attrs.field(factory=dict)
    cuts: dict[str, Any] = attrs.field(factory=dict)

    def hear(self, event: Any) -> None:
        """Take in an event."""
        if isinstance(event, BranchRegistered | BranchRevised):
            one = event.branch
            spans = next((HOURS[name] for name in HOURS if hours(name) == one.hours), ())
            self.open[one.id] = (ZoneInfo(one.time_zone), spans, one.calendar)
        elif isinstance(event, CalendarPublished):
            self.days[event.calendar.id] = {day.date: day.working for day in event.calendar.days}
        elif isinstance(event, ServiceSuspended):
            self.cuts[event.suspension.id] = event.suspension
        elif isinstance(event, ServiceResumed):
            self.cuts[event.suspension] = attrs.evolve(self.cuts[event.suspension], until=event.at)

    def copy(self) -> Around:
        """Return what is known now, whatever is heard later."""
        return Around(dict(self.open), dict(self.days), dict(self.cuts))

    def counts(self, case: Case, clock: Clock, counting: Counting, at: dt.datetime) -> bool:
        """Say whether the minute that begins at a moment counts on a clock."""
        if any(one.since <= at and (one.until is None or at < one.until) for one in clock.pauses):
            return False
        for cut in self.cuts.values():
            here = cut.branch == case.branch and cut.since <= at and (cut.until is None or at < cut.until)
            if here and (counting is Counting.BUSINESS or ALL_CLOCKS in cut.pauses or clock.id in cut.pauses):
                return False
        if counting is Counting.ELAPSED:
            return True
        zone, spans, calendar = self.open[case.branch]
        there = at.astimezone(zone)
        working = self.days.get(calendar or "", {}).get(there.date(), there.weekday() < 5)
        minute = there.hour * 60 + there.minute
        return working and any(a <= minute < b for a, b in spans)


@attrs.frozen
class Owed:
    """A rung of a clock that ran till its time."""

    case: str
    clock: str
    entry: int
    rung: str
    at: dt.datetime
    by: dt.datetime
    """When the clock stopped, or the last sweep was."""


def decided(journal: Iterable[Happened]) -> list[tuple[str, str, int, str, int]]:
    """Return every decision about a rung, doubled ones too."""
    return [
        (one.event.case, one.event.clock, one.event.entry, one.event.reached.rung, one.event.reached.round)
        for one in journal
        if isinstance(one.event, RungReached) and one.event.reached.outcome is not RungOutcome.HELD
    ]


def excused(journal: Iterable[Happened]) -> set[tuple[str, str, int, str]]:
    """Return the rungs of which it is on record why they wait."""
    return {
        (one.event.case, one.event.clock, one.event.entry, one.event.reached.rung)
        for one in journal
        if isinstance(one.event, RungReached) and one.event.reached.outcome is RungOutcome.HELD
    }


def owed(journal: Iterable[Happened], ladders: Mapping[str, EscalationLadder], last: dt.datetime) -> Iterator[Owed]:
    """Yield every rung whose time came, by what was known as its clock stopped or, if it runs still, in the end."""
    around, cases = Around(), dict[str, Case]()
    ended: dict[str, dt.datetime] = {}
    for one in journal:
        event = one.event
        around.hear(event)
        name = getattr(event, "case", None)
        if name is None or not (isinstance(event, CaseOpened) or name in cases):
            continue
        before = cases.get(name)
        if isinstance(event, WatchAcknowledged) and event.acknowledgement.until is None:
            ended.setdefault(f"{name}/{event.clock}/{event.entry}", event.acknowledgement.at)
        after = cases[name] = evolve(before, event)
        if before is not None:
            yield from _over(before, after, around, ladders, ended)
    for case in cases.values():
        for clock in case.clocks:
            if clock.id in case.rungs and not clock.state.is_over:
                yield from _rungs(case, clock, around, ladders, last, ended)


def _over(
    before: Case, after: Case, around: Around, ladders: Mapping[str, EscalationLadder], ended: Mapping[str, dt.datetime]
) -> Iterator[Owed]:
    """Yield what was owed on the clocks that an event stopped or started anew."""
    for clock in before.clocks:
        if clock.id not in before.rungs or clock.state.is_over:
            continue
        now = after.clock(clock.id)
        assert now is not None
        if now.state.is_over:
            assert now.stopped is not None
            yield from _rungs(before, now, around, ladders, now.stopped, ended)
        elif now.started != clock.started:
            yield from _rungs(before, clock, around, ladders, now.started, ended)


def _rungs(
    case: Case,
    clock: Clock,
    around: Around,
    ladders: Mapping[str, EscalationLadder],
    by: dt.datetime,
    ended: Mapping[str, dt.datetime],
) -> Iterator[Owed]:
    watch = case.rungs[clock.id]
    due = min((at for one in (clock.bound, *clock.caps) if (at := _due(case, clock, one, around, by))), default=None)
    if due is None:
        return
    walk = _Walk(case, clock, around, by)
    budget = walk.used(due)
    for rung in ladders[watch.ladder].rungs:
        at = walk.time(rung.at, due, budget)
        gone = ended.get(f"{case.id}/{clock.id}/{watch.entry}")
        if at is None or (gone is not None and not rung.despite_acknowledgement and at > gone):
            continue
        # A minute is as fine as the walk goes.
        if at + MINUTE <= by:
            yield Owed(case.id, clock.id, watch.entry, rung.id, at, by)


def _due(case: Case, clock: Clock, bound: Bound, around: Around, by: dt.datetime) -> dt.datetime | None:
    if not isinstance(bound.deadline, After) or bound.deadline.time is None:
        return None
    return _Walk(case, attrs.evolve(clock, bound=bound), around, by).after(bound.deadline.time - bound.carried)


class _Walk:
    """Walks along a clock, minute by minute."""

    def __init__(self, case: Case, clock: Clock, around: Around, until: dt.datetime) -> None:
        self.case, self.clock, self.around, self.until = case, clock, around, until

    def after(self, budget: dt.timedelta) -> dt.datetime | None:
        """Return when so much time has counted since the clock's beginning."""
        at, left = self.clock.bound.since, budget
        while left > dt.timedelta():
            if at > self.until:
                return None
            if self.around.counts(self.case, self.clock, self.clock.counting, at):
                left -= MINUTE
            at += MINUTE
        return at

    def used(self, at: dt.datetime) -> dt.timedelta:
        """Return how much has counted up to a moment."""
        moment, used = self.clock.bound.since, dt.timedelta()
        while moment < at:
            if self.around.counts(self.case, self.clock, self.clock.counting, moment):
                used += MINUTE
            moment += MINUTE
        return used

    def time(self, when: AtShare | BeforeDue | AfterDue, due: dt.datetime, budget: dt.timedelta) -> dt.datetime | None:
        """Return when a rung's time comes."""
        match when:
            case AtShare(share=share):
                return self.after(budget * float(share) if share != 1 else budget)
            case BeforeDue(lead=lead, time="elapsed"):
                return due - lead
            case BeforeDue(lead=lead):
                return self.after(budget - lead)
            case AfterDue(lag=lag, time="elapsed"):
                return due + lag
            case AfterDue(lag=lag):
                return self.after(budget + lag)
