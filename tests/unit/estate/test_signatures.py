"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.estate import (
    Address,
    Assignment,
    Branch,
    BranchKind,
    BranchRegistered,
    BranchRevised,
    ByGroup,
    ByPost,
    ByRelation,
    ByRole,
    BySystem,
    CalendarPublished,
    Contact,
    CounterRule,
    DeadlineMoved,
    DeadlinesMoved,
    Entry,
    EntryRecorded,
    Equipment,
    EquipmentInstalled,
    EquipmentKind,
    EquipmentStateChanged,
    EstateStandard,
    InstallEquipment,
    OrgUnit,
    Outsider,
    Post,
    PostKind,
    PublishCalendar,
    RecordEntry,
    Register,
    RegisterBranch,
    RegisterField,
    RegisterUnit,
    Required,
    ResumeService,
    ReviseBranch,
    ServiceResumed,
    ServiceSuspended,
    SetEquipmentState,
    StaffMember,
    Standing,
    SuspendService,
    UnitLevel,
    UnitRegistered,
    Zone,
    ZoneKind,
)
from branchkit.values import Unknown

TAKES = {
    Address: "*, lines=(), town=None, region=None, postcode=None, country=None, latitude=None, longitude=None",
    Assignment: "staff, *, counter, protection, temporary=False",
    Branch: (
        "id, *, name=unknown, kind=unknown, traits=unknown, unit=unknown, time_zone=unknown, hours=unknown, "
        "calendar=unknown, services=unknown, accessibility=unknown, segments=unknown, address=unknown, "
        "contacts=unknown, zones=unknown, equipment=unknown, posts=unknown, staff=unknown, counters=unknown, "
        "attributes=FrozenMap({})"
    ),
    BranchKind: "code, *, title, min_open_tellers=None, min_open_tellers_rules=(), zones=(), equipment=(), rules=()",
    BranchRegistered: "branch",
    BranchRevised: "branch",
    ByGroup: "*, group",
    ByPost: "*, post",
    ByRelation: "*, relation",
    ByRole: "*, role",
    BySystem: "*, system",
    CalendarPublished: "calendar",
    Contact: "*, kind, value",
    CounterRule: "protection, *, levels, loan_levels=(), rules=(), loan_rules=()",
    DeadlineMoved: "*, case, clock, old, new",
    DeadlinesMoved: "*, because, moved",
    Entry: "id, *, register, branch, values=FrozenMap({}), quantity=Decimal('1'), valid_from=None, valid_until=None, "
    "customer=None",
    EntryRecorded: "entry",
    Equipment: (
        "id, *, kind, zone=unknown, state=unknown, capabilities=unknown, name=None, supplier=unknown, "
        "warranty_until=unknown, parts=(), attributes=FrozenMap({})"
    ),
    EquipmentInstalled: "branch, equipment",
    EquipmentKind: "code, *, title, functions=(), rules=()",
    EquipmentStateChanged: "branch, equipment, before, after, *, reason=None",
    EstateStandard: "id, *, version, title, branches, zones, equipment, counters, units=(), posts=(), rules=()",
    InstallEquipment: "branch, equipment, *, by, at, recorded_at=NOTHING, id=None",
    OrgUnit: "id, *, level, name=None, parent=None, public_facing=False",
    Outsider: "*, party",
    Post: "id, *, kind, holder=unknown",
    PublishCalendar: "calendar, *, by, at, recorded_at=NOTHING, id=None",
    RecordEntry: "entry, *, by, at, recorded_at=NOTHING, id=None",
    Register: "id, *, version, title, fields, expires=False, least=FrozenMap({}), least_by=None, rules=()",
    RegisterBranch: "branch, *, by, at, recorded_at=NOTHING, id=None, if_known='refuse'",
    RegisterField: "name, *, title, required=True, choices=(), unique=False, customer=False",
    RegisterUnit: "unit, *, by, at, recorded_at=NOTHING, id=None",
    Required: "*, kind, count=1, rules=(), severity=<Severity.MAJOR: 'major'>, basis='sourced'",
    ResumeService: "branch, suspension, *, by, at, recorded_at=NOTHING, id=None",
    ReviseBranch: "branch, *, by, at, recorded_at=NOTHING, id=None, before=None",
    ServiceResumed: "*, branch, suspension, at",
    ServiceSuspended: "*, suspension",
    SetEquipmentState: "branch, equipment, state, *, by, at, recorded_at=NOTHING, id=None, reason=None",
    StaffMember: "id, *, name=None, teller_level=unknown",
    Standing: "*, posts=FrozenMap({}), roles=FrozenMap({}), relations=FrozenMap({}), groups=FrozenMap({})",
    SuspendService: "suspension, *, by, at, recorded_at=NOTHING, id=None",
    PostKind: "code, *, title, aliases=(), branches=(), rules=()",
    UnitLevel: "code, *, title, parents=()",
    UnitRegistered: "unit",
    Zone: "id, *, kind, name=None, business=unknown",
    ZoneKind: "code, *, title, business=(), equipment=(), rules=()",
}
"""What stands before the star may be given by position; renaming or reordering it breaks whoever calls it."""


def takes(kind: type) -> str:
    """Write a signature without its types."""
    words, star = [], False
    for one in inspect.signature(kind).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            words.append("*")
        default = "unknown" if one.default == Unknown() else repr(one.default)
        words.append(one.name if one.default is one.empty else f"{one.name}={default}")
    return ", ".join(words)


@pytest.mark.parametrize("kind", TAKES, ids=lambda kind: kind.__name__)
def test_what_a_class_takes_and_that_it_is_frozen(kind: type) -> None:
    """A class takes what it always took, with the same defaults, and does not change once it is made."""
    assert TAKES[kind] == takes(kind)
    assert "__attrs_attrs__" in vars(kind)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(kind), attrs.fields(kind)[0].name, None)
