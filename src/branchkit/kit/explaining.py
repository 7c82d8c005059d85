"""Why a case is as it is: why this deadline, why this rung, and why a step is or is not open to somebody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

import attrs

from branchkit.checklists.binding import branch_facts, typed_fact
from branchkit.conditions import FactValue
from branchkit.errors import CalendarUnknown, ConfigError, NotFound, Refusal, Refused
from branchkit.escalation import EscalationLadder, EscalationPolicy, Reached, Rung, RungReached, Watched
from branchkit.escalation.climbing import Planned, planned
from branchkit.estate import ActorSpec, Branch
from branchkit.kit.feed import happened
from branchkit.kit.floors.around import frame_of, suspensions_of, watches
from branchkit.kit.floors.asking import look_of
from branchkit.kit.floors.gathering import gather
from branchkit.kit.floors.unreadable import trouble_in
from branchkit.kit.world import StoreWorld
from branchkit.messages import Actor
from branchkit.procedures import (
    Case,
    CompleteStage,
    Procedure,
    SignStage,
    Stage,
    StageStatus,
    WaiveStage,
    handle,
)
from branchkit.temporal import (
    Bound,
    ByTarget,
    Clock,
    ClockReading,
    ClockSpec,
    Due,
    Suspension,
    TimeFrame,
    due,
    read_clock,
)
from branchkit.temporal.cycles import NotConfigured
from branchkit.temporal.reading import concerned, pauses_of
from branchkit.temporal.zones import utc
from branchkit.values import FrozenMap, Text, Unknown

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit
    from branchkit.kit.wire import Upcaster
    from branchkit.storage import Transaction

__all__ = [
    "CaseReasons",
    "ClockReasons",
    "MovedDay",
    "Promise",
    "RungReasons",
    "StageReasons",
    "Stretch",
    "TargetRow",
    "WayReasons",
    "explain",
]

_BRINGS = frozenset({"form_missing", "reason_missing"})
"""What whoever acts can bring along, and so does not close a way."""
_SOMEBODY = Actor("?")
_ZERO = dt.timedelta()
_PAGE = 1000


@attrs.frozen(kw_only=True)
class Promise:
    """One deadline that binds a clock: the present one, or an earlier one that a raised priority left standing."""

    bound: Bound
    due: Due | NotConfigured | Unknown
    binds: bool
    """Whether it is the one that counts: of all, the earliest."""


@attrs.frozen(kw_only=True)
class Stretch:
    """A pause or a suspension, and how much of the clock's own time it took."""

    since: dt.datetime
    until: dt.datetime | None
    reason: str
    """The code."""
    title: Text
    by: str | None = None
    suspension: str | None = None
    """The id, where it is a suspension of the branch."""
    share: dt.timedelta = _ZERO
    """What it took that no earlier one had taken; the shares add up to all that was left out."""


@attrs.frozen(kw_only=True)
class MovedDay:
    """A day that a deadline was moved past, and what the calendar calls it."""

    date: dt.date
    name: Text | None


@attrs.frozen(kw_only=True)
class TargetRow:
    """The row of the table of targets that fits the case as it is now."""

    table: str
    version: str
    row: str | None
    """``row:2``, ``otherwise``, or ``None`` where none fits."""
    facts: FrozenMap[str]
    """What was asked, in words."""
    answer: str
    note: Text | None = None
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class RungReasons:
    """One rung of a ladder: when it came or comes, and what came of it."""

    rung: Rung | None
    """``None`` where the ladder is a policy in code, which tells only when it looks again."""
    id: str
    planned: Planned | None
    reached: tuple[Reached, ...]
    """What has been decided of it, the earliest first."""
    state: str
    """``ahead``; ``due`` where its time has come and nobody has swept; ``waits`` where something holds it; ``silent``
    where it does not come, or that cannot be told; or what came of it last."""


@attrs.frozen(kw_only=True)
class ClockReasons:
    """Why a clock says what it says."""

    clock: Clock
    title: Text
    spec: ClockSpec | None
    """As the pinned version of the procedure declares it."""
    reading: ClockReading | None
    lacking: Text | None
    """Why it cannot be read."""
    promises: tuple[Promise, ...]
    calendar: str | None
    """The calendar with its version."""
    confirmed: tuple[dt.date, dt.date] | None
    """From which day to which the calendar is confirmed."""
    has_hours: bool
    moved: tuple[MovedDay, ...]
    stretches: tuple[Stretch, ...]
    target: TargetRow | None
    ladder: str | None
    """The ladder that guards it, with its version."""
    next_look: dt.datetime | None
    rungs: tuple[RungReasons, ...]


@attrs.frozen(kw_only=True)
class WayReasons:
    """Whether one thing can be done in a stage, and every reason why not."""

    kind: str
    """``complete``, ``sign`` or ``waive``."""
    transition: str | None
    title: Text
    who: tuple[ActorSpec, ...]
    """Who may."""
    brings: tuple[Refusal, ...]
    """What whoever does it has to bring: a sheet, a reason."""
    refusals: tuple[Refusal, ...]
    """Why it is not open; nothing where it is."""

    @property
    def is_open(self) -> bool:
        """Whether nothing refuses it."""
        return not self.refusals


@attrs.frozen(kw_only=True)
class StageReasons:
    """One stage in which something is under way."""

    stage: Stage
    status: StageStatus
    since: dt.datetime
    entry: int
    waits_for: tuple[str, ...]
    """The stages that may still have to come first, where it waits."""
    ways: tuple[WayReasons, ...]


@attrs.frozen(kw_only=True)
class CaseReasons:
    """Why a case is as it is at a moment."""

    case: Case
    procedure: Procedure
    at: dt.datetime
    asked_for: Actor | None
    """For whom the ways were tried; ``None``: for whoever may."""
    posts: FrozenMap[Text]
    """What posts are called."""
    clocks: tuple[ClockReasons, ...]
    stages: tuple[StageReasons, ...]


def explain(kit: Kit, case: str, at: dt.datetime, *, actor: Actor | None = None) -> CaseReasons:
    """Say why a case is as it is; nothing is changed.

    Args:
        kit: the kit.
        case: the id.
        at: the moment that is asked about; what is told of the case is as it is known now.
        actor: for whom each way is tried. Where nobody is named, a way is open if somebody may take it.

    Raises:
        NotFound: there is no such case.
    """
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        known = world.case(case)
        if known is None:
            raise NotFound("case", case)
        procedure = world.procedure(known.procedure, known.version)
        climbing = {watched.watch.clock: (policy, watched) for policy, watched in watches(known, world, at)}
        reached = _reached(tx, known, kit.upcasters, kit.store.where)
        return CaseReasons(
            case=known,
            procedure=procedure,
            at=at,
            asked_for=actor,
            posts=kit.rules.post_titles,
            clocks=tuple(
                _clock(known, procedure, clock, at, world, climbing.get(clock.id), reached) for clock in known.clocks
            ),
            stages=tuple(_stages(known, procedure, at, world, actor)),
        )


# -- why this deadline


def _clock(
    case: Case,
    procedure: Procedure,
    clock: Clock,
    at: dt.datetime,
    world: StoreWorld,
    climbing: tuple[EscalationPolicy, Watched] | None,
    reached: Iterable[RungReached],
) -> ClockReasons:
    spec = procedure.prepared.clocks.get(clock.id)
    frame = frame_of(world.branch(case.branch) or Branch(case.branch), world, clock.calendar, clock.line)
    cuts = suspensions_of(case, world)
    reading, lacking = None, None
    promises: tuple[Promise, ...] = ()
    stretches: tuple[Stretch, ...] = ()
    try:
        reading = read_clock(clock, at, frame, suspensions=cuts)
        promises = tuple(_promises(clock, at, frame, cuts, reading))
        stretches = tuple(_stretches(clock, procedure, at, frame, cuts))
    except (CalendarUnknown, ConfigError) as error:
        reading, lacking = None, trouble_in(error).why
    calendar = frame.calendar
    policy, watched = (None, None) if climbing is None else climbing
    return ClockReasons(
        clock=clock,
        title=Text(en=clock.id) if spec is None else spec.title,
        spec=spec,
        reading=reading,
        lacking=lacking,
        promises=promises,
        calendar=None if calendar is None else f"{calendar.id}@{calendar.version}",
        confirmed=None if calendar is None else (calendar.confirmed_from, calendar.confirmed_through),
        has_hours=frame.hours is not None,
        moved=() if reading is None else tuple(_moved(reading, frame)),
        stretches=stretches,
        target=_target(case, procedure, spec, at, world, frame),
        ladder=None if policy is None else f"{policy.id}@{policy.version}",
        next_look=None if policy is None or watched is None else look_of(policy, watched, at),
        rungs=tuple(_rungs(clock, policy, watched, reached, at)),
    )


def _end(clock: Clock, at: dt.datetime) -> dt.datetime:
    """Return up to when a clock is read, as `read_clock` does."""
    over = clock.stopped is not None and utc(clock.stopped) <= utc(at)
    return max(utc(clock.stopped) if over and clock.stopped is not None else utc(at), utc(clock.started))


def _promises(
    clock: Clock, at: dt.datetime, frame: TimeFrame, cuts: tuple[Suspension, ...], reading: ClockReading
) -> Iterator[Promise]:
    end, binding = _end(clock, at), reading.due
    for bound in (clock.bound, *clock.caps):
        found = due(
            bound.deadline,
            bound.since,
            bound.counting,
            frame,
            pauses=pauses_of(clock, end, concerned(clock, cuts, bound.counting)),
            anchors=clock.anchors,
            used=bound.carried,
        )
        yield Promise(bound=bound, due=found, binds=found == binding)


def _stretches(
    clock: Clock, procedure: Procedure, at: dt.datetime, frame: TimeFrame, cuts: tuple[Suspension, ...]
) -> Iterator[Stretch]:
    end, since, counting = _end(clock, at), utc(clock.bound.since), clock.counting
    titles = {one.code: one.title for one in procedure.pause_reasons}
    found = [
        Stretch(
            since=one.since, until=one.until, reason=one.reason, title=titles.get(one.reason, Text(en=one.reason)),
            by=one.by,
        )
        for one in clock.pauses
    ]  # fmt: skip
    found += [
        Stretch(since=one.since, until=one.until, reason=one.reason, title=Text(en=one.reason), suspension=one.id)
        for one in concerned(clock, cuts)
        if utc(one.since) < end and (one.until is None or utc(one.until) > since)
    ]
    before: list[tuple[dt.datetime, dt.datetime]] = []
    for one in sorted(found, key=lambda one: (utc(one.since), one.suspension or "")):
        first = max(utc(one.since), since)
        last = end if one.until is None else min(utc(one.until), end)
        share = frame.between(counting, first, last, before) if first < last else _ZERO
        before.append((first, max(first, last)))
        yield attrs.evolve(one, share=share)


def _moved(reading: ClockReading, frame: TimeFrame) -> Iterator[MovedDay]:
    if not isinstance(reading.due, Due):
        return
    calendar = frame.calendar
    names = {} if calendar is None else {day.date: day.name for day in calendar.days}
    for change in () if calendar is None else calendar.changes:
        names |= {day.date: day.name or change.reason for day in change.days}
    for day in reading.due.moved_by:
        yield MovedDay(date=day, name=names.get(day))


def _target(
    case: Case, procedure: Procedure, spec: ClockSpec | None, at: dt.datetime, world: StoreWorld, frame: TimeFrame
) -> TargetRow | None:
    if procedure.targets is None or spec is None or not isinstance(spec.deadline, ByTarget):
        return None
    table = world.table(procedure.targets)
    branch = world.branch(case.branch) or Branch(case.branch)
    asked: dict[str, FactValue | Unknown] = {**branch_facts(branch, at, frame.calendar)}
    asked |= {f"case.{ref.kind}": ref.id for ref in case.place}
    for fact in procedure.facts:
        if fact.name in case.facts:
            asked[fact.name] = typed_fact(fact, case.facts[fact.name])
    if case.priority is not None:
        asked["priority"] = case.priority
    decision = table.decide(asked)
    row = next((str(ref) for step in decision.trace.steps for ref in step.refs if ref.kind == "row"), None)
    number = int(row.removeprefix("row:")) - 1 if row is not None else None
    answer = None if decision.value is None else decision.value.get(spec.deadline.output)
    return TargetRow(
        table=table.id,
        version=table.version,
        row=row if row is not None or decision.value is None else "otherwise",
        facts=FrozenMap({one.name: _said(asked.get(one.name)) for one in table.facts}),
        answer="–" if answer is None else str(answer),
        note=None if number is None else table.rows[number].note,
        rules=() if number is None else table.rows[number].rules,
    )


def _said(value: FactValue | Unknown | None) -> str:
    if value is None or isinstance(value, Unknown):
        return "?"
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


# -- why this rung


def _reached(tx: Transaction, case: Case, upcasters: Mapping[str, Upcaster], where: str) -> tuple[RungReached, ...]:
    """Return what the ladders of a case have decided so far."""
    found: list[RungReached] = []
    after = 0
    while True:
        entries = tx.read(stream=f"case:{case.id}", after=after, limit=_PAGE)
        for entry in entries:
            if entry.kind.startswith(f"{RungReached.KIND}/"):
                event = happened(tx, entry, upcasters, where).event
                if isinstance(event, RungReached) and event.case == case.id:
                    found.append(event)
        if len(entries) < _PAGE:
            return tuple(found)
        after = entries[-1].version


def _rungs(
    clock: Clock,
    policy: EscalationPolicy | None,
    watched: Watched | None,
    reached: Iterable[RungReached],
    at: dt.datetime,
) -> Iterator[RungReasons]:
    if policy is None or watched is None:
        return
    own = [one.reached for one in reached if one.clock == clock.id and one.entry == watched.watch.entry]
    if not isinstance(policy, EscalationLadder):
        for name in dict.fromkeys(one.rung for one in own):
            mine = tuple(one for one in own if one.rung == name)
            yield RungReasons(rung=None, id=name, planned=None, reached=mine, state=_state(None, mine, at))
        return
    coming = {one.rung: one for one in planned(policy, watched)}
    for rung in policy.rungs:
        mine = tuple(one for one in own if one.rung == rung.id)
        plan = coming[rung.id]
        yield RungReasons(rung=rung, id=rung.id, planned=plan, reached=mine, state=_state(plan, mine, at))


def _state(plan: Planned | None, reached: tuple[Reached, ...], at: dt.datetime) -> str:
    if plan is None or plan.at is None:
        return reached[-1].outcome.value if reached else "silent"
    if plan.held_by is not None:
        return "waits"
    return "ahead" if plan.at > at else "due"


# -- why this refusal


def _stages(
    case: Case, procedure: Procedure, at: dt.datetime, world: StoreWorld, actor: Actor | None
) -> Iterator[StageReasons]:
    prepared = procedure.prepared
    for name in sorted(case.stages):
        state = case.stages[name]
        if not state.status.is_active:
            continue
        step = prepared.steps[name]
        active = {other for other, one in case.stages.items() if one.status.is_active and other != name}
        waits = tuple(sorted(step.awaits & active)) if state.status is StageStatus.WAITING else ()
        ways = () if waits or not case.is_open else tuple(_ways(case, procedure, step.stage, at, world, actor))
        yield StageReasons(
            stage=step.stage, status=state.status, since=state.since, entry=state.entry, waits_for=waits, ways=ways
        )


def _ways(
    case: Case, procedure: Procedure, stage: Stage, at: dt.datetime, world: StoreWorld, actor: Actor | None
) -> Iterator[WayReasons]:
    by = actor or _SOMEBODY

    def tried(command: CompleteStage | SignStage | WaiveStage, title: Text, who: tuple[ActorSpec, ...]) -> WayReasons:
        facts = gather(procedure, case, command, world)
        refusals: tuple[Refusal, ...] = ()
        try:
            handle(procedure, case, command, facts)
        except Refused as error:
            refusals = error.refusals
        if actor is None:
            refusals = tuple(one for one in refusals if one.code != "not_permitted")
        return WayReasons(
            kind=command.KIND.partition("_")[0],
            transition=command.transition if isinstance(command, CompleteStage) else None,
            title=title,
            who=who,
            brings=tuple(one for one in refusals if one.code in _BRINGS),
            refusals=tuple(one for one in refusals if one.code not in _BRINGS),
        )

    if stage.signatures is not None and case.stages[stage.id].transition is not None:
        signing = stage.signatures.actors or stage.actors
        yield tried(SignStage(case.id, stage.id, by=by, at=at), Text(zh="签署", en="Sign"), signing)
    for one in stage.transitions:
        command = CompleteStage(case.id, stage.id, one.id, by=by, at=at)
        yield tried(command, one.title, one.actors or stage.actors)
    if stage.waiver is not None or stage.no_waiver_rules:
        who = () if stage.waiver is None else stage.waiver.actors
        yield tried(WaiveStage(case.id, stage.id, by=by, at=at), Text(zh="豁免", en="Waive"), who)
