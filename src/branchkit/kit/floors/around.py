"""What lies around a case: the time its clocks count in, who is who at its branch, and what keeps it quiet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator
from typing import Protocol
from zoneinfo import ZoneInfo

from branchkit.checklists.binding import branch_facts, typed_fact
from branchkit.conditions import Facts, FactValue
from branchkit.errors import CalendarUnknown, ConfigError
from branchkit.escalation import EscalationPolicy, QuietWindow, Watched
from branchkit.estate import Branch, Entry, Standing
from branchkit.kit.floors.asking import look_of
from branchkit.kit.floors.estate import EstateWorld
from branchkit.kit.floors.recorded import RecordWorld, place_facts, resolved, typed_facts
from branchkit.kit.floors.unreadable import trouble_of
from branchkit.procedures import Case, Procedure
from branchkit.procedures.case import items_of
from branchkit.procedures.records import OWN_BRANCH
from branchkit.temporal import ClockTimeline, Suspension, TimeFrame, concerning
from branchkit.values import FrozenMap, Unknown

__all__ = [
    "CaseWorld",
    "frame_of",
    "is_own",
    "next_look",
    "running",
    "standing_of",
    "suspension_id",
    "suspensions_of",
    "watches",
]

_UTC = ZoneInfo("UTC")
_AGAIN = dt.timedelta(days=1)
"""How soon a clock that cannot be read is looked at again."""
GROUPS = "groups"
"""The register that says who belongs to which group of a branch."""


class CaseWorld(EstateWorld, RecordWorld, Protocol):
    """What a decision about a case may read."""

    def case(self, id: str) -> Case | None:
        """Return a case, open or not."""
        ...

    def procedure(self, id: str, version: str | None = None) -> Procedure:
        """Return the version in force, or the one that cases are pinned to; raises `NotFound`."""
        ...

    def ladder(self, id: str, branch: Branch) -> EscalationPolicy:
        """Return what watches at a branch where a procedure names a ladder; raises `MissingKey`."""
        ...

    def adopted(self, id: str, version: str) -> Procedure | None:
        """Return a version of a procedure that cases run by, as it was when it was taken into use."""
        ...

    def suspension(self, id: str) -> Suspension | None:
        """Return a suspension, over or not."""
        ...

    def quiet_window(self, id: str) -> QuietWindow | None:
        """Return a quiet window, over or not."""
        ...

    def suspensions(self, branch: str, since: dt.datetime) -> Iterable[Suspension]:
        """Return the suspensions of a branch that were not over by a moment."""
        ...

    def quiet(self, since: dt.datetime) -> Iterable[QuietWindow]:
        """Return the quiet windows that were not over by a moment."""
        ...

    def entries(self, register: str, branch: str) -> Iterable[Entry]:
        """Return the entries of a register at a branch."""
        ...


def frame_of(branch: Branch, world: EstateWorld, calendar: str | None = None, line: str | None = None) -> TimeFrame:
    """Return what the clocks of a branch count in, or those that go by another calendar or by a business line.

    Another calendar has no hours of its own: the branch's count, on the working days of that calendar. Where the branch
    keeps no hours for the line, there are none.
    """
    zone = ZoneInfo(branch.time_zone) if isinstance(branch.time_zone, str) else _UTC
    hours = None if isinstance(branch.hours, Unknown) else branch.hours
    if hours is not None and line is not None and not hours.tells(line):
        hours = None
    if calendar is not None:
        return TimeFrame(zone=zone, hours=hours, calendar=world.calendar(calendar), line=line, working_only=True)
    return TimeFrame(
        zone=zone,
        hours=hours,
        line=line,
        calendar=world.calendar(branch.calendar) if isinstance(branch.calendar, str) else None,
    )


def suspension_id(case: str, number: int = 1) -> str:
    """Return the id of what a case suspends, for the first time or, once it has ended, for another time.

    >>> suspension_id("C-1"), suspension_id("C-1", 2)
    ('case:C-1', 'case#2:C-1')
    """
    return f"case:{case}" if number == 1 else f"case#{number}:{case}"


def is_own(suspension: str, case: str) -> bool:
    """Say whether a suspension is what a case itself stands for.

    >>> is_own("case#2:C-1", "C-1"), is_own("case:C-1", "C-2"), is_own("works", "C-1")
    (True, False, False)
    """
    kind, _, of = suspension.partition(":")
    return of == case and kind.partition("#")[0] == "case"


def suspensions_of(case: Case, world: CaseWorld) -> tuple[Suspension, ...]:
    """Return the suspensions that concern the place of a case; not the one that it stands for itself."""
    zone = next((ref.id for ref in case.place if ref.kind == "zone"), None)
    cuts = concerning(world.suspensions(case.branch, case.opened), case.branch, zone)
    return tuple(one for one in cuts if not is_own(one.id, case.id))


def standing_of(branch: Branch, world: CaseWorld, day: dt.date, case: Case | None = None) -> Standing:
    """Return who is who around a branch on a day, and in a case."""
    posts: dict[str, tuple[str, ...]] = {}
    for post in () if isinstance(branch.posts, Unknown) else branch.posts:
        if isinstance(post.holder, str):
            posts[post.kind] = (*posts.get(post.kind, ()), post.holder)
    groups: dict[str, tuple[str, ...]] = {}
    for entry in world.entries(GROUPS, branch.id):
        group, member = entry.values.get("group"), entry.values.get("member")
        if group is not None and member is not None and entry.is_current(day):
            groups[group] = (*groups.get(group, ()), member)
    above = tuple(_above(branch, world))
    relations = {"superior_unit": above[:1], "superior_units": above} if above else {}
    return Standing(
        posts=FrozenMap(posts),
        groups=FrozenMap(groups),
        relations=FrozenMap(relations),
        roles=FrozenMap() if case is None else case.roles,
    )


def _above(branch: Branch, world: EstateWorld) -> Iterator[str]:
    above = branch.unit if isinstance(branch.unit, str) else None
    while above is not None:
        yield above
        unit = world.unit(above)
        above = None if unit is None else unit.parent


def watches(case: Case, world: CaseWorld, at: dt.datetime) -> Iterator[tuple[EscalationPolicy, Watched]]:
    """Yield every ladder that watches a clock of the case, with all that it may look at."""
    if not case.rungs:
        return
    branch = world.branch(case.branch) or Branch(case.branch)
    cuts, quiet = suspensions_of(case, world), tuple(world.quiet(case.opened))
    standing: Standing | None = None
    for clock in case.clocks:
        watch = case.rungs.get(clock.id)
        if watch is None:
            continue
        frame = frame_of(branch, world, clock.calendar, clock.line)
        if standing is None:
            standing = standing_of(branch, world, frame.today(at), case)
        ladder = world.ladder(watch.ladder, branch)
        timeline = ClockTimeline(clock=clock, at=at, frame=frame, suspensions=cuts)
        yield (
            ladder,
            Watched(
                case=case.id,
                branch=case.branch,
                place=case.place,
                watch=watch,
                # A cached property reads as the property that the protocol asks for.
                timeline=timeline,  # pyright: ignore[reportArgumentType]
                facts=_facts(case, ladder, branch, frame, world, at),
                standing=standing,
                quiet=quiet,
                opens=_opens(frame_of(branch, world)),
                duplicate_of=next(_doubled(case, world), None),
            ),
        )


def _doubled(case: Case, world: CaseWorld) -> Iterator[str]:
    """Yield the open cases that this one is a duplicate of; one that is over covers nothing any more."""
    for link in case.links:
        if link.kind == "duplicate":
            other = world.case(link.case)
            if other is not None and other.is_open:
                yield other.id


def running(case: Case, world: CaseWorld, at: dt.datetime) -> Iterator[tuple[EscalationPolicy, Watched]]:
    """Yield the ladders whose clocks are not over.

    What a step stops has had everything happen that was due before it: that is decided, whatever calendar is edited
    afterwards, and whoever was to be told and was not there.
    """
    over = {clock.id for clock in case.clocks if clock.state.is_over}
    if case.rungs and over.issuperset(items_of(case.rungs)):
        return iter(())
    return (found for found in watches(case, world, at) if found[1].watch.clock not in over)


def next_look(case: Case, world: CaseWorld, at: dt.datetime) -> dt.datetime | None:
    """Return when the case has to be swept next; ``None`` where nothing can come that nobody does.

    A clock that cannot be read, for want of a calendar or of hours, is looked at again after a day: the calendar may
    come with a new catalog, of which no event tells.
    """
    moments = []
    for policy, watched in running(case, world, at):
        moment = look_of(policy, watched, at)
        if moment is None and (trouble := trouble_of(watched.timeline, at)) is not None:
            # Why it cannot be read is put on record at once, and then not again.
            moment = at if watched.watch.unreadable != trouble.code else at + _AGAIN
        if moment is not None:
            moments.append(moment)
    return min(moments, default=None)


def _facts(
    case: Case, policy: EscalationPolicy, branch: Branch, frame: TimeFrame, world: CaseWorld, at: dt.datetime
) -> Facts:
    """Return what a policy asks for: of the case, its branch and place, and of other records its procedure looks at."""
    wanted = {spec.name for spec in policy.facts}
    if not wanted:
        return {}
    around: Facts = {**branch_facts(branch, at, frame.calendar), **place_facts(case.place)}
    found: dict[str, FactValue | Unknown] = {name: around[name] for name in wanted & around.keys()}
    for spec in policy.facts:
        raw = case.priority if spec.name == "case.priority" else case.facts.get(spec.name)
        if raw is None:
            continue
        try:
            found[spec.name] = typed_fact(spec, raw)
        except ValueError:
            # Its procedure declares the fact otherwise than the ladder, so the ladder cannot tell.
            found[spec.name] = Unknown("not readable")
    if wanted - found.keys():
        procedure = world.procedure(case.procedure, case.version)
        held: Facts = {**around, **typed_facts(procedure, case.facts), OWN_BRANCH: case.branch}
        for fact in procedure.record_facts:
            if fact.name in wanted:
                found[fact.name] = resolved(fact, case.branch, at, held, world)
    return found


def _opens(frame: TimeFrame) -> Callable[[dt.datetime], dt.datetime | None]:
    def opens(at: dt.datetime) -> dt.datetime | None:
        if frame.hours is None:
            return at
        try:
            return frame.hours.next_open(at, frame.zone, frame.calendar, frame.line)
        except (CalendarUnknown, ConfigError):
            # Nobody can tell when it opens, and to tell too early is better than never.
            return at

    return opens
