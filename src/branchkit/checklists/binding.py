"""Binds a checklist to a real branch: items are expanded over what is there, and what that rested on is pinned."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Mapping
from functools import cached_property
from typing import ClassVar, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from branchkit.checklists.model import Checklist, Each, EachEquipment, EachStaff, EachZone, Item, Section
from branchkit.checklists.sheet import RawFact
from branchkit.codec import Document, child
from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.conditions.facts import coerce
from branchkit.conditions.scalars import plain_scalar
from branchkit.errors import CalendarUnknown, InputError, Problem
from branchkit.estate import Branch
from branchkit.personal import looks_personal
from branchkit.temporal import Calendar, Hours
from branchkit.temporal.zones import within
from branchkit.values import FrozenMap, Ref, Unknown, is_identifier

__all__ = [
    "BRANCH_FACTS",
    "BoundChecklist",
    "Pin",
    "bind",
    "branch_facts",
    "expand",
    "raw_fact",
    "rebind",
    "typed_fact",
]

BRANCH_FACTS = (
    FactSpec("branch.kind", type=FactType.CODE),
    FactSpec("branch.traits", type=FactType.CODES),
    FactSpec("branch.services", type=FactType.CODES),
    FactSpec("branch.segments", type=FactType.CODES),
    FactSpec("branch.open", type=FactType.BOOL),
    FactSpec("branch.day_type", type=FactType.CODE, choices=("workday", "rest_day", "holiday")),
    FactSpec("at.date", type=FactType.DATE),
    FactSpec("at.moment", type=FactType.MOMENT),
)
"""The facts that every bound checklist has; `at.date` is the day at the branch, unknown as its time zone is."""

Subjects = tuple[tuple[Ref, ...], ...]
_MOMENT = "at.moment"


@attrs.frozen(kw_only=True)
class Pin(Document):
    """What binding rested on: enough to bind the same way again, without the branch as it was then."""

    SCHEMA: ClassVar[str] = "pin/1"

    checklist: str
    version: str
    checklist_digest: str
    branch: str
    at: dt.datetime
    """The moment, and with it the fact ``at.moment``."""
    facts: FrozenMap[RawFact] = attrs.field(default=FrozenMap())
    """The facts that were known, and of the others those that the checklist looks at, with the reason."""
    expansions: FrozenMap[Subjects | Unknown] = attrs.field(default=FrozenMap())
    """For each section and item asked for several things (``section`` or ``section/item``): those things."""


@attrs.frozen(eq=False)
class BoundChecklist:
    """A checklist made ready for one branch at one moment."""

    checklist: Checklist
    pin: Pin
    facts: Mapping[str, FactValue | Unknown]
    """The facts, typed; the same after `rebind`."""

    @cached_property
    def digest(self) -> str:
        """The digest of the pin: two bound checklists with the same digest ask the same of the same things."""
        return self.pin.digest()

    def subjects(self, section: Section, item: Item) -> Subjects | Unknown:
        """Return what an item is asked for: one empty tuple where it is asked once, nothing where the kind is absent.

        In a section answered in rows this is what each row is about, without the row itself.
        """
        return self._subjects[item.id]

    @cached_property
    def _subjects(self) -> Mapping[str, Subjects | Unknown]:
        return {item.id: self._product(section, item) for section, item in self.checklist.items()}

    def _product(self, section: Section, item: Item) -> Subjects | Unknown:
        outer = self.pin.expansions[section.id] if section.for_each else ((),)
        inner = self.pin.expansions[f"{section.id}/{item.id}"] if item.for_each else ((),)
        if isinstance(outer, Unknown):
            return outer
        if isinstance(inner, Unknown):
            return inner
        return tuple((*one, *two) for one in outer for two in inner)


def bind(
    checklist: Checklist,
    branch: Branch,
    *,
    at: dt.datetime,
    facts: Mapping[str, RawFact] | None = None,
    calendar: Calendar | None = None,
) -> BoundChecklist:
    """Bind a checklist to a branch as it is at a moment.

    Args:
        checklist: what is asked.
        branch: where; what it does not know stays unknown and is asked of nobody.
        at: when, with its zone.
        facts: the checklist's own facts, as a sheet holds them.
        calendar: the working days the branch follows, where `branch.open` or `branch.day_type` matter.

    Raises:
        InputError: for facts that the checklist does not declare or that do not fit, all of them at once; for a moment
            without a zone, a branch whose time zone is none, and a checklist that does not hold together.
    """
    if at.utcoffset() is None:
        raise InputError("at", (Problem("$", "Expected a moment with its zone, as in 2026-03-01T09:00:00+08:00"),))
    within(at, "at")
    wanted = checklist.prepared.reads
    given = dict(facts or {})
    own = {spec.name: spec for spec in checklist.facts}
    problems = [
        Problem(child("$.facts", name), f"Unknown fact; the checklist declares: {', '.join(own) or 'none'}")
        for name in given
        if name not in own
    ]
    found = branch_facts(branch, at, calendar)
    for name, spec in own.items():
        try:
            found[name] = typed_fact(spec, given.get(name, Unknown(f"{name} is not given")))
        except ValueError as error:
            problems.append(Problem(child("$.facts", name), str(error)))
    if problems:
        raise InputError(f"facts for checklist {checklist.id!r}", tuple(problems))
    expansions: dict[str, Subjects | Unknown] = {}
    for section in checklist.sections:
        if section.for_each:
            expansions[section.id] = expand(section.for_each, branch, found)
        for item in section.items:
            if item.for_each:
                expansions[f"{section.id}/{item.id}"] = expand(item.for_each, branch, found)
    kept = {
        name: raw_fact(value)
        for name, value in found.items()
        if name != _MOMENT and (name in wanted or not isinstance(value, Unknown))
    }
    pin = Pin(
        checklist=checklist.id,
        version=checklist.version,
        checklist_digest=checklist.digest(),
        branch=branch.id,
        at=at,
        facts=FrozenMap(kept),
        expansions=FrozenMap(expansions),
    )
    return BoundChecklist(checklist, pin, _facts(checklist, pin))


def rebind(checklist: Checklist, pin: Pin) -> BoundChecklist:
    """Bind a checklist from a pin, exactly as it was bound then.

    Raises:
        InputError: if it is not the checklist that was pinned, or the pin's facts are not the checklist's; for a
            checklist that does not hold together.
    """
    _ = checklist.prepared
    if checklist.digest() != pin.checklist_digest:
        what = f"Expected the checklist {pin.checklist!r} {pin.version!r} with digest {pin.checklist_digest}"
        raise InputError(f"checklist {checklist.id!r}", (Problem("$", what),))
    return BoundChecklist(checklist, pin, _facts(checklist, pin))


def _facts(checklist: Checklist, pin: Pin) -> Mapping[str, FactValue | Unknown]:
    found: dict[str, FactValue | Unknown] = {_MOMENT: pin.at.astimezone(dt.UTC)}
    problems: list[Problem] = []
    for spec in (*BRANCH_FACTS, *checklist.facts):
        if spec.name != _MOMENT:
            try:
                found[spec.name] = typed_fact(spec, pin.facts.get(spec.name, Unknown()))
            except ValueError as error:
                problems.append(Problem(child("$.facts", spec.name), str(error)))
    if problems:
        raise InputError(f"pin of checklist {pin.checklist!r}", tuple(problems))
    return found


def branch_facts(branch: Branch, at: dt.datetime, calendar: Calendar | None) -> dict[str, FactValue | Unknown]:
    """Return the facts of `BRANCH_FACTS` for a branch at a moment; what cannot be known says why."""
    no_zone = Unknown("the time zone of the branch is not known")
    found: dict[str, FactValue | Unknown] = {
        "branch.kind": branch.kind,
        "branch.traits": branch.traits,
        "branch.services": branch.services,
        "branch.segments": branch.segments,
        _MOMENT: at,
    }
    if isinstance(branch.time_zone, Unknown):
        return found | {"at.date": no_zone, "branch.open": no_zone, "branch.day_type": no_zone}
    zone = _zone(branch.id, branch.time_zone)
    day = at.astimezone(zone).date()
    found["at.date"] = day
    if calendar is None:
        found["branch.day_type"] = Unknown("no calendar is given")
    elif not calendar.confirmed_from <= day <= calendar.confirmed_through:
        found["branch.day_type"] = Unknown(f"calendar {calendar.id} is not confirmed for that day")
    else:
        found["branch.day_type"] = calendar.day_type(day)
    found["branch.open"] = _open(branch.hours, at, zone, calendar)
    return found


def _zone(branch: str, name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        what = "Expected the IANA name of a time zone, as in Asia/Shanghai"
        raise InputError(f"branch {branch!r}", (Problem("$.time_zone", what),)) from error


def _open(hours: Hours | Unknown, at: dt.datetime, zone: ZoneInfo, calendar: Calendar | None) -> bool | Unknown:
    if isinstance(hours, Unknown):
        return Unknown("the hours of the branch are not known")
    if hours.needs_calendar and calendar is None:
        return Unknown("no calendar is given")
    try:
        return hours.is_open(at, zone=zone, calendar=calendar)
    except CalendarUnknown as error:
        # Also on a confirmed day: hours that reach past midnight ask the calendar of the day before.
        return Unknown(f"calendar {error.calendar} is not confirmed for {error.day}")


def raw_fact(value: FactValue | Unknown) -> RawFact:
    """Write a fact as a document holds it."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, frozenset):
        return tuple(sorted(value))
    plain = plain_scalar(value)
    return plain if isinstance(plain, bool) else str(plain)


def typed_fact(spec: FactSpec, raw: RawFact) -> FactValue | Unknown:
    """Read a fact from a document; raises `ValueError` that says what would be right."""
    if isinstance(raw, Unknown):
        return raw
    if isinstance(raw, tuple):
        codes = spec.type is FactType.CODES and all(isinstance(code, str) for code in raw)
        value: FactValue | None = frozenset(raw) if codes else None
    elif isinstance(raw, bool | str):
        value = None if spec.type is FactType.CODES else coerce(raw, spec.type)
    else:  # no RawFact at all: the border function says so instead of failing somewhere inside
        value = None  # type: ignore[unreachable]
    if value is None:
        raise ValueError(f"Expected {spec.type.words}")
    for problem in spec.problems_of(value):
        raise ValueError(problem.message)
    if spec.type in (FactType.CODE, FactType.CODES) and not spec.choices:
        # Facts stand in the journal as they are told.
        told = cast("list[str]", value if isinstance(value, frozenset) else [value])
        if not all(is_identifier(code) and not looks_personal(code) for code in told):
            raise ValueError("Expected a code or an id that says nothing, not a telephone or identity number")
    return value


def expand(each: tuple[Each, ...], branch: Branch, facts: Mapping[str, FactValue | Unknown]) -> Subjects | Unknown:
    """Return every combination of the things asked for; one empty one where nothing is asked for."""
    dimensions: list[tuple[Ref, ...]] = []
    for one in each:
        found = _dimension(one, branch, facts)
        if isinstance(found, Unknown):
            return found
        dimensions.append(tuple(dict.fromkeys(found)))
    return tuple(itertools.product(*dimensions))


def _dimension(each: Each, branch: Branch, facts: Mapping[str, FactValue | Unknown]) -> tuple[Ref, ...] | Unknown:
    if isinstance(each, EachEquipment):
        return _devices(each, branch)
    if isinstance(each, EachZone):
        if isinstance(branch.zones, Unknown):
            return Unknown(f"the zones of the branch are not known: {branch.zones.reason}")
        return tuple(Ref("zone", zone.id) for zone in branch.zones if zone.kind in each.kinds)
    if isinstance(each, EachStaff):
        if isinstance(branch.posts, Unknown):
            return Unknown(f"the posts of the branch are not known: {branch.posts.reason}")
        holders = [post.holder for post in branch.posts if post.kind in each.posts]
        if any(isinstance(holder, Unknown) for holder in holders):
            return Unknown(f"who holds the posts {', '.join(each.posts)} is not known")
        names = dict.fromkeys(holder for holder in holders if isinstance(holder, str))
        return tuple(Ref("staff", name) for name in names)
    if each.fact is None:
        return tuple(Ref(each.name, value) for value in each.values)
    value = facts[each.fact]
    if isinstance(value, Unknown):
        return value
    return tuple(Ref(each.name, code) for code in sorted(cast("frozenset[str]", value)))


def _devices(each: EachEquipment, branch: Branch) -> tuple[Ref, ...] | Unknown:
    if isinstance(branch.equipment, Unknown):
        return Unknown(f"the equipment of the branch is not known: {branch.equipment.reason}")
    zones: set[str] = set()
    if each.zone_kinds:
        if isinstance(branch.zones, Unknown):
            return Unknown(f"the zones of the branch are not known: {branch.zones.reason}")
        zones = {zone.id for zone in branch.zones if zone.kind in each.zone_kinds}
    found: list[Ref] = []
    for device in branch.devices():
        if device.kind not in each.kinds:
            continue
        if each.zone_kinds:
            if isinstance(device.zone, Unknown):
                return Unknown(f"the zone of {device.id} is not known: {device.zone.reason}")
            if device.zone not in zones:
                continue
        if each.working:
            if isinstance(device.state, Unknown):
                return Unknown(f"the state of {device.id} is not known: {device.state.reason}")
            if not device.state.is_up:
                continue
        if each.capability is not None:
            if isinstance(device.capabilities, Unknown):
                return Unknown(f"what {device.id} can do is not known: {device.capabilities.reason}")
            if each.capability not in device.capabilities:
                continue
        found.append(Ref("equipment", device.id))
    return tuple(found)
