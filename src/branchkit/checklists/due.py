"""Says what is due when: a plan of schedules, expanded over a branch as it is and over a range of days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from branchkit.checklists.binding import expand, typed_fact
from branchkit.checklists.cells import cell_key
from branchkit.checklists.schedules import PLAN_FACTS, Due, DueState, Schedule, SchedulePlan
from branchkit.checklists.sheet import RawFact
from branchkit.codec import child
from branchkit.conditions import FactValue, evaluate
from branchkit.errors import CalendarUnknown, InputError, Problem
from branchkit.estate import Branch, Equipment
from branchkit.temporal import (
    Around,
    AtMost,
    Calendar,
    Continuous,
    NotConfigured,
    Occurrence,
    OnEvent,
    Random,
    Roll,
    lacking,
    occurrences,
)
from branchkit.temporal.months import periods
from branchkit.values import Ref, Text, Unknown

__all__ = ["due", "due_key"]

_Facts = Mapping[str, FactValue | Unknown]
_Found = tuple[list[Occurrence], CalendarUnknown | None]
_NEVER = Text(zh="从未完成过", en="never done so far")
_NO_ZONE = "the time zone of the branch is not known"
_LACKING = {
    "calendar": Text(zh="未提供工作日日历", en="no calendar of working days is given"),
    "done": Text(zh="未提供上次完成日期", en="when it was last done is not given"),
    "seed": Text(zh="未提供随机种子", en="the secret that the days are drawn by is not given"),
}


def due_key(plan: str, entry: str, on: Sequence[Ref] = ()) -> str:
    """Return how what was done is told: the plan, the entry and what it was done for.

    >>> due_key("tellers", "password", (Ref("staff", "T-1"),))
    'tellers/password@staff:T-1'
    """
    return cell_key(f"{plan}/{entry}", on)


def due(
    plan: SchedulePlan,
    branch: Branch,
    first: dt.date,
    last: dt.date,
    *,
    calendar: Calendar | None = None,
    seed: bytes | None = None,
    seeds: Mapping[str, Mapping[str, bytes]] | None = None,
    done: Mapping[str, Sequence[dt.date]] | None = None,
    facts: Mapping[str, RawFact] | None = None,
    never_done: Literal["unknown", "first"] = "unknown",
) -> tuple[Due, ...]:
    """Say what is due at a branch from ``first`` through ``last``, sorted by time; what has no time comes last.

    Nothing is left out in silence: an entry of which the branch, the calendar or the caller does not tell enough is
    there once, as ``unknown``, with the reason. Devices that are retired, and the parts of such, are never there.

    Args:
        plan: what is due how often.
        branch: where, as it is now.
        first: the first day, by the branch's clock.
        last: the last day.
        calendar: the working days the branch follows.
        seed: the secret that random days are drawn by.
        seeds: where the secret is not given, the seeds of periods that were told, by `due_key` of the entry and by
            the name of the period.
        done: on which days it was done, in order, by `due_key`; for what is due at most so far apart.
        facts: the plan's own facts.
        never_done: what is due at most so far apart and was never done is ``unknown``, since nobody told; or it is due
            on the ``first`` day, for a caller who knows that it never was.

    Raises:
        InputError: for facts that the plan does not declare or that do not fit, days done that are not in order, and
            a plan that is wrong in itself; all of each at once.
    """
    if problems := plan.validate():
        raise InputError(f"plan {plan.id!r}", problems)
    known = _facts(plan, branch, facts or {})
    around = _around(branch, calendar, seed)
    if not isinstance(branch.equipment, Unknown):
        branch = attrs.evolve(branch, equipment=_standing(branch.equipment))
    lines = [
        line
        for entry in plan.entries
        for line in _entry(
            plan,
            entry,
            branch,
            first,
            last,
            attrs.evolve(around, told=(seeds or {}).get(due_key(plan.id, entry.id), {})),
            known,
            done or {},
            first_time=never_done == "first",
        )
    ]
    return tuple(sorted(lines, key=lambda line: line.order))


def _facts(plan: SchedulePlan, branch: Branch, given: Mapping[str, RawFact]) -> _Facts:
    own = {spec.name: spec for spec in plan.facts}
    problems = [
        Problem(child("$.facts", name), f"Unknown fact; the plan declares: {', '.join(own) or 'none'}")
        for name in given
        if name not in own
    ]
    found: dict[str, FactValue | Unknown] = {
        spec.name: getattr(branch, spec.name.removeprefix("branch.")) for spec in PLAN_FACTS
    }
    for name, spec in own.items():
        try:
            found[name] = typed_fact(spec, given.get(name, Unknown(f"{name} is not given")))
        except ValueError as error:
            problems.append(Problem(child("$.facts", name), str(error)))
    if problems:
        raise InputError(f"facts for plan {plan.id!r}", tuple(problems))
    return found


def _around(branch: Branch, calendar: Calendar | None, seed: bytes | None) -> Around:
    zone: ZoneInfo | None = None
    if isinstance(branch.time_zone, str):
        try:
            zone = ZoneInfo(branch.time_zone)
        except (ValueError, OSError, ZoneInfoNotFoundError):
            zone = None  # the entries that need it say so
    hours = None if isinstance(branch.hours, Unknown) else branch.hours
    return Around(zone=zone, hours=hours, calendar=calendar, seed=seed)


def _standing(devices: tuple[Equipment, ...]) -> tuple[Equipment, ...]:
    """Return the devices without those that are retired and all that such are built of."""
    left = (device for device in devices if isinstance(device.state, Unknown) or not device.state.is_gone)
    return tuple(attrs.evolve(one, parts=_standing(one.parts)) if one.parts else one for one in left)


def _entry(
    plan: SchedulePlan,
    entry: Schedule,
    branch: Branch,
    first: dt.date,
    last: dt.date,
    around: Around,
    facts: _Facts,
    done: Mapping[str, Sequence[dt.date]],
    *,
    first_time: bool,
) -> Iterator[Due]:
    whole = Due(plan=plan.id, entry=entry, place=(Ref("branch", branch.id),), state="due", note=entry.note)
    applies = True if entry.when is None else evaluate(entry.when, facts)
    if applies is False:
        return
    if isinstance(applies, Unknown):
        yield _without(whole, "unknown", _reason(applies))
        return
    subjects = expand(entry.for_each, branch, facts)
    if isinstance(subjects, Unknown):
        yield _without(whole, "unknown", _reason(subjects))
        return
    if not subjects:
        return
    state, note = _undated(entry)
    if state is not None:
        yield _without(whole, state, note)
        return
    unknown: dict[Text, None] = {}
    alike: _Found | None = None
    for on in subjects:
        line = attrs.evolve(whole, place=(*whole.place, *on))
        key = due_key(plan.id, entry.id, on)
        here = attrs.evolve(around, label=f"{branch.id}\0{key}", done=tuple(done.get(key, ())))
        if first_time and isinstance(entry.cycle, AtMost) and not here.done:
            yield attrs.evolve(line, day=first, until=first, note=_joined([_NEVER, line.note]))
            continue
        if missing := lacking(entry.cycle, entry.roll, here):
            reason = _joined([_why(name, branch) for name in missing])
            # What is lacking for one of several things is said of that one.
            if "done" in missing and on:
                yield _without(line, "unknown", reason)
            else:
                unknown[reason] = None
            continue
        if isinstance(entry.cycle, AtMost):
            found, noted = _next(entry.cycle, line, first, last, here)
            line = noted
        elif isinstance(entry.cycle, Random) or alike is None:
            found = alike = _found(entry, first, last, here)
        else:
            found = alike
        for one in found[0]:
            yield attrs.evolve(line, day=one.day, time=one.time, at=one.at, until=one.until, moved=one.moved)
        if found[1] is not None:
            unknown[Text(zh=f"日历未确认：{found[1]}", en=str(found[1]))] = None
    if isinstance(entry.cycle, Random) and around.seed is None and around.told:
        untold = [name for name, _ in periods(first, last, entry.cycle.period) if name not in around.told]
        if untold:
            names = ", ".join(untold)
            unknown[Text(zh=f"随机种子尚未公布：{names}", en=f"the seed is not told yet: {names}")] = None
    for reason in unknown:
        yield _without(whole, "unknown", reason)


def _found(entry: Schedule, first: dt.date, last: dt.date, around: Around) -> _Found:
    """Return when it falls, as far as the calendar reaches, and what the calendar says beyond."""
    found: list[Occurrence] = []
    try:
        found.extend(occurrences(entry.cycle, first, last, roll=entry.roll, around=around))
    except CalendarUnknown as error:
        return found, error
    return found, None


def _next(cycle: AtMost, line: Due, first: dt.date, last: dt.date, around: Around) -> tuple[_Found, Due]:
    """Return its latest day where that lies in the range or before it, and the line with what is to be said of it."""
    latest, before = cycle.latest(around.done), around.done[-1]
    if repeated := cycle.repeated(around.done):
        days = ", ".join(map(str, repeated))
        line = attrs.evolve(line, note=_joined([Text(zh=f"日期有规律：{days}", en=f"regular days: {days}"), line.note]))
    moved: tuple[dt.date, ...] = ()
    if line.entry.roll is not Roll.NONE and first <= latest:
        try:
            target, moved = around.days_off().roll(latest, line.entry.roll)
        except CalendarUnknown as error:
            return ([], error if latest <= last else None), line
        # Where every day since it was done is off, the latest day itself is the only one left.
        latest, moved = (target, moved) if target > before else (latest, ())
    if latest > last:
        return ([], None), line
    if latest < first:
        words = Text(zh=f"已逾期：最迟应于 {latest} 完成", en=f"overdue since {latest}")
        line = attrs.evolve(line, state="overdue", note=_joined([words, line.note]))
    return ([Occurrence(day=latest, until=latest, moved=moved)], None), line


def _undated(entry: Schedule) -> tuple[DueState | None, Text]:
    """Return the state of what has no days."""
    if isinstance(entry.cycle, OnEvent):
        event = entry.cycle.event
        return "on_event", Text(zh=f"发生时：{event}", en=f"whenever this happens: {event}")
    if isinstance(entry.cycle, Continuous):
        return "continuous", Text(zh="持续进行", en="all the time")
    if isinstance(entry.cycle, NotConfigured):
        return "not_configured", Text(zh="未配置周期", en="how often is not configured")
    return None, entry.title


def _without(line: Due, state: DueState, reason: Text) -> Due:
    return attrs.evolve(line, state=state, note=_joined([reason, line.note]))


def _why(name: str, branch: Branch) -> Text:
    if name == "zone":
        return Text(zh="网点时区未知或无效", en=_NO_ZONE if isinstance(branch.time_zone, Unknown) else
                    "the time zone of the branch is none that this system knows")  # fmt: skip
    if name == "hours":
        reason = branch.hours.reason if isinstance(branch.hours, Unknown) else "not stated"
        return Text(zh=f"网点营业时间未知：{reason}", en=f"the hours of the branch are not known: {reason}")
    return _LACKING[name]


def _reason(unknown: Unknown) -> Text:
    return Text(zh=f"无法确定：{unknown.reason}", en=unknown.reason)


def _joined(texts: Sequence[Text | None]) -> Text:
    found = [text for text in texts if text is not None]
    return Text(zh="；".join(text.zh for text in found), en="; ".join(text.en for text in found))
