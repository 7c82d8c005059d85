"""What a branch consists of: zones, equipment, posts, people, counters, and the units above it.

What an import does not know is `Unknown` with a reason, never a default.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator
from typing import ClassVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from branchkit.codec import Document
from branchkit.errors import Problem
from branchkit.personal import mask, personal
from branchkit.temporal import Hours
from branchkit.values import FrozenMap, Text, Unknown, is_identifier

__all__ = [
    "Address",
    "Assignment",
    "Branch",
    "Contact",
    "Equipment",
    "EquipmentState",
    "OrgUnit",
    "Post",
    "StaffMember",
    "Zone",
]

_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"


class EquipmentState(enum.Enum):
    """The state of a device, each mapped to up, down or gone."""

    IN_SERVICE = "in_service"
    DEGRADED = "degraded"
    OUT_OF_SERVICE = "out_of_service"
    UNDER_REPAIR = "under_repair"
    SUSPENDED = "suspended"
    RETIRED = "retired"

    @property
    def is_up(self) -> bool:
        """True while customers or staff can use it, even if not for everything."""
        return self in {EquipmentState.IN_SERVICE, EquipmentState.DEGRADED}

    @property
    def is_gone(self) -> bool:
        """True once it no longer belongs to the branch."""
        return self is EquipmentState.RETIRED


@attrs.frozen
class Zone:
    """A part of a branch with one function (功能区)."""

    id: str
    kind: str = attrs.field(kw_only=True)
    """Canonical code, as in ``self_service_zone``; the estate standard lists them (estate:EST-ZON-05)."""
    name: Text | None = attrs.field(default=None, kw_only=True)
    business: frozenset[str] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """The classes of business done there, as in ``cash`` or ``corporate_non_cash``."""


@attrs.frozen
class Equipment:
    """A device, with the devices it is built of."""

    id: str
    kind: str = attrs.field(kw_only=True)
    """Canonical code, as in ``atm``, ``cash_recycler`` or ``queue_machine``."""
    zone: str | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    """The id of the zone it stands in; ``None`` for one that stands in no zone, such as a line or a fibre."""
    state: EquipmentState | Unknown = attrs.field(default=Unknown(), kw_only=True)
    capabilities: frozenset[str] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """What it can do, in the codes of whoever said so (the list is open), as in ``identity_recognition``."""
    name: Text | None = attrs.field(default=None, kw_only=True)
    supplier: str | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    warranty_until: dt.date | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    """The last day of the warranty; ``None`` where there is none."""
    parts: tuple[Equipment, ...] = attrs.field(default=(), kw_only=True)
    attributes: FrozenMap[str | tuple[str, ...]] = attrs.field(default=FrozenMap(), kw_only=True)
    """What the source said beyond this model, with the source's own names and values."""

    def walk(self) -> Iterator[Equipment]:
        """Yield the device and every part of it, outermost first."""
        yield self
        for part in self.parts:
            yield from part.walk()


@attrs.frozen
class Post:
    """A position that somebody holds, and whose rights and duties go with it."""

    id: str
    kind: str = attrs.field(kw_only=True)
    """Canonical code, as in ``lobby_manager``, ``teller`` or ``outlet_head``."""
    holder: str | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    """The id of the member of staff who holds it; ``None`` while it is vacant."""


@attrs.frozen
class StaffMember:
    """Somebody who works at the branch."""

    id: str
    name: str | None = attrs.field(default=None, kw_only=True, repr=mask, metadata=personal("name"))
    teller_level: int | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    """1 (savings teller) to 4; ``None`` for somebody who is no teller."""


@attrs.frozen
class Assignment:
    """Who staffs a counter: an entry of the roster as it stands.

    A teller of the open counters who is lent to a closed one keeps the open assignment off this list for as long
    as the loan lasts: one person staffs one counter.
    """

    staff: str
    counter: str = attrs.field(kw_only=True)
    """The id of the counter."""
    protection: str = attrs.field(kw_only=True)
    """``open`` or ``closed``; by default a low counter is open and a high counter closed."""
    temporary: bool = attrs.field(default=False, kw_only=True)
    """True for a loan."""


@attrs.frozen(kw_only=True)
class Address:
    """Where a branch is, as the source writes it."""

    lines: tuple[str, ...] = ()
    town: str | None = None
    region: str | None = None
    postcode: str | None = None
    country: str | None = None
    """ISO 3166-1 alpha-2."""
    latitude: str | None = None
    """Decimal degrees as text, as published."""
    longitude: str | None = None


@attrs.frozen(kw_only=True)
class Contact:
    """A way to reach the branch: an institution's number, not a person's."""

    kind: str
    """``phone``, ``fax``, ``email`` or another code of the source."""
    value: str


@attrs.frozen
class OrgUnit:
    """A unit of the bank above its branches, as in 省分行; never itself a `Branch`.

    Carries out estate:EST-ORG-01 together with `check_tree`.
    """

    id: str
    level: str = attrs.field(kw_only=True)
    """``head_office``, ``tier1_branch``, ``tier2_branch``, ``sub_branch`` or ``sub_office``."""
    name: Text | None = attrs.field(default=None, kw_only=True)
    parent: str | None = attrs.field(default=None, kw_only=True)
    """The id of the superior unit; ``None`` for head office alone."""
    public_facing: bool = attrs.field(default=False, kw_only=True)
    """False for an administrative office that serves no customers (estate:EST-ORG-02)."""


@attrs.frozen
class Branch(Document):
    """An outlet that serves the public (网点).

    Only the id is needed; a branch known by its code alone is a branch about which everything else is unknown.

    >>> Branch("400832").equipment
    Unknown(reason='not stated')
    """

    SCHEMA: ClassVar[str] = "branch/1"

    id: str
    name: Text | Unknown = attrs.field(default=Unknown(), kw_only=True)
    kind: str | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """``basic_outlet``, ``premium_outlet``, ``wealth_outlet``, ``rural_outlet`` or ``smart_outlet``."""
    traits: frozenset[str] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """What it is beside its kind, as in ``rural``, ``smart`` or ``mobile``."""
    unit: str | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    """The id of the unit it hangs under."""
    time_zone: str | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """IANA name, as in ``Asia/Shanghai``."""
    hours: Hours | Unknown = attrs.field(default=Unknown(), kw_only=True)
    calendar: str | Unknown | None = attrs.field(default=Unknown(), kw_only=True)
    """The id of the calendar of working days it follows."""
    services: frozenset[str] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """What it offers, as in ``currency_exchange``."""
    accessibility: frozenset[str] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    segments: frozenset[str] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """The customers it serves, as in ``personal`` and ``corporate``."""
    address: Address | Unknown = attrs.field(default=Unknown(), kw_only=True)
    contacts: tuple[Contact, ...] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    zones: tuple[Zone, ...] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    equipment: tuple[Equipment, ...] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    posts: tuple[Post, ...] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    staff: tuple[StaffMember, ...] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    counters: tuple[Assignment, ...] | Unknown = attrs.field(default=Unknown(), kw_only=True)
    """Who staffs which counter now."""
    attributes: FrozenMap[str | tuple[str, ...]] = attrs.field(default=FrozenMap(), kw_only=True)
    """What the source said beyond this model, with the source's own names and values."""

    def devices(self) -> Iterator[Equipment]:
        """Yield every device and part that still belongs to the branch; nothing where equipment is unknown.

        What is retired is gone with all its parts.
        """
        waiting = [] if isinstance(self.equipment, Unknown) else list(reversed(self.equipment))
        while waiting:
            device = waiting.pop()
            if isinstance(device.state, Unknown) or not device.state.is_gone:
                yield device
                waiting.extend(reversed(device.parts))

    def validate(self) -> Iterator[Problem]:
        """Yield what contradicts itself: doubled ids, devices in zones and posts with holders that are not there."""
        if not is_identifier(self.id):
            yield Problem("$.id", _ID)
        if isinstance(self.time_zone, str) and not _is_time_zone(self.time_zone):
            yield Problem("$.time_zone", "Expected the IANA name of a time zone, as in Asia/Shanghai")
        yield from self._doubled()
        if isinstance(self.zones, tuple) and isinstance(self.equipment, tuple):
            zones = {zone.id for zone in self.zones}
            for at, device in enumerate(self.equipment):
                for path, part in _placed(device, f"$.equipment[{at}]"):
                    if isinstance(part.zone, str) and part.zone not in zones:
                        yield Problem(f"{path}.zone", f"Expected one of the branch's zones: {_listed(zones)}")
        if isinstance(self.staff, tuple):
            people = {member.id for member in self.staff}
            if isinstance(self.posts, tuple):
                for at, post in enumerate(self.posts):
                    if isinstance(post.holder, str) and post.holder not in people:
                        yield Problem(f"$.posts[{at}].holder", f"Expected one of the branch's staff: {_listed(people)}")
            if isinstance(self.counters, tuple):
                for at, seat in enumerate(self.counters):
                    if seat.staff not in people:
                        yield Problem(
                            f"$.counters[{at}].staff", f"Expected one of the branch's staff: {_listed(people)}"
                        )
        if isinstance(self.counters, tuple):
            for at, seat in enumerate(self.counters):
                if seat.protection not in {"open", "closed"}:
                    yield Problem(f"$.counters[{at}].protection", "Expected open or closed")

    def _doubled(self) -> Iterator[Problem]:
        groups: tuple[tuple[str, list[str]], ...] = (
            ("zones", [zone.id for zone in self.zones] if isinstance(self.zones, tuple) else []),
            ("staff", [member.id for member in self.staff] if isinstance(self.staff, tuple) else []),
            ("posts", [post.id for post in self.posts] if isinstance(self.posts, tuple) else []),
            ("counters", [seat.staff for seat in self.counters] if isinstance(self.counters, tuple) else []),
            ("equipment", [part.id for device in self.equipment for part in device.walk()]
             if isinstance(self.equipment, tuple) else []),
        )  # fmt: skip
        for name, ids in groups:
            seen: set[str] = set()
            for one in ids:
                if not is_identifier(one):
                    yield Problem(f"$.{name}", _ID)
                elif one in seen:
                    yield Problem(f"$.{name}", f"Expected each id once; {one!r} stands there again")
                seen.add(one)


def _placed(device: Equipment, path: str) -> Iterator[tuple[str, Equipment]]:
    yield path, device
    for at, part in enumerate(device.parts):
        yield from _placed(part, f"{path}.parts[{at}]")


def _is_time_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return True


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names)) or "there are none"
