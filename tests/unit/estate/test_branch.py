"""A branch as a document: what it may say, what it does not know, and how events change it."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from branchkit.errors import DecodeError, Refused
from branchkit.estate import (
    Assignment,
    Branch,
    BranchRegistered,
    BranchRevised,
    CalendarPublished,
    Entry,
    EntryRecorded,
    Equipment,
    EquipmentInstalled,
    EquipmentState,
    EquipmentStateChanged,
    InstallEquipment,
    OrgUnit,
    Post,
    PublishCalendar,
    RecordEntry,
    RegisterBranch,
    RegisterUnit,
    ResumeService,
    ReviseBranch,
    SetEquipmentState,
    StaffMember,
    SuspendService,
    Zone,
    evolve_branch,
    find_device,
)
from branchkit.messages import Actor, Command, Event
from branchkit.temporal import Calendar, Suspension
from branchkit.values import Text, Unknown

READER = Equipment("ATM-1-R", kind="id_reader", state=EquipmentState.IN_SERVICE)
ATM = Equipment("ATM-1", kind="atm", zone="self", state=EquipmentState.IN_SERVICE, parts=(READER,))
BRANCH = Branch(
    "B-1",
    zones=(Zone("self", kind="self_service_zone"),),
    equipment=(ATM,),
    staff=(StaffMember("P-1", teller_level=2),),
    posts=(Post("head", kind="outlet_head", holder="P-1"),),
    counters=(Assignment("P-1", counter="L-1", protection="open"),),
)


def test_what_is_not_stated_is_unknown() -> None:
    """A branch that is known by its id alone knows nothing else, and is valid."""
    branch = Branch("B-1")
    unknown = {field.name for field in attrs.fields(Branch) if isinstance(getattr(branch, field.name), Unknown)}

    assert {"id", "attributes"} == {field.name for field in attrs.fields(Branch)} - unknown
    assert [] == list(branch.validate())


def test_branch_survives_its_document() -> None:
    """What a branch says is the same after it was written to JSON and TOML and read again."""
    known = attrs.evolve(BRANCH, name=Text(zh="第一支行", en="First"), traits=frozenset({"rural"}))

    assert (known, known) == (Branch.from_json(known.to_json()), Branch.from_toml(known.to_toml()))


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        pytest.param({"id": " B-1"}, "$.id", id="id with a space"),
        pytest.param({"equipment": (attrs.evolve(ATM, zone="hall"),)}, "$.equipment[0].zone", id="zone not there"),
        pytest.param({"posts": (Post("head", kind="x", holder="P-9"),)}, "$.posts[0].holder", id="holder not there"),
        pytest.param(
            {"counters": (Assignment("P-9", counter="L-1", protection="open"),)}, "$.counters[0].staff", id="nobody"
        ),
        pytest.param(
            {"counters": (Assignment("P-1", counter="L-1", protection="ajar"),)},
            "$.counters[0].protection",
            id="neither open nor closed",
        ),
        pytest.param({"equipment": (ATM, attrs.evolve(READER, zone="self"))}, "$.equipment", id="part twice"),
        pytest.param({"zones": (Zone("self", kind="a"), Zone("self", kind="b"))}, "$.zones", id="zone twice"),
        pytest.param({"staff": (StaffMember("P-1"), StaffMember("P-1"))}, "$.staff", id="person twice"),
        pytest.param({"staff": (StaffMember("P-1"), StaffMember(""))}, "$.staff", id="person without an id"),
    ],
)
def test_branch_that_contradicts_itself_is_refused(wrong: dict[str, object], path: str) -> None:
    """A branch whose parts contradict each other has a problem at the place, and its document is refused."""
    branch = attrs.evolve(BRANCH, **wrong)  # type: ignore[arg-type]  # one field of several types at a time

    with pytest.raises(DecodeError) as raised:
        Branch.from_json(branch.to_json())

    assert [path] == [problem.path for problem in branch.validate()]
    assert path in [problem.path for problem in raised.value.problems]


def test_a_part_in_no_zone_of_the_branch_is_told_with_its_place() -> None:
    """Parts are looked at like devices, and the message lists the zones that there are."""
    lost = attrs.evolve(ATM, parts=(READER, attrs.evolve(READER, id="R-2", zone="hall")))
    nowhere = attrs.evolve(BRANCH, zones=())

    assert ["Expected one of the branch's zones: self - at `$.equipment[0].parts[1].zone`"] == [
        str(problem) for problem in attrs.evolve(BRANCH, equipment=(lost,)).validate()
    ]
    assert ["Expected one of the branch's zones: there are none - at `$.equipment[0].zone`"] == [
        str(problem) for problem in nowhere.validate()
    ]


def test_a_device_without_the_part_is_left_as_it_is() -> None:
    """A new state of one device's part leaves every other device the very same value."""
    other = Equipment("ATM-2", kind="atm", parts=(Equipment("ATM-2-R", kind="id_reader"),))
    event = EquipmentStateChanged(
        branch="B-1", equipment="ATM-1-R", before=EquipmentState.IN_SERVICE, after=EquipmentState.SUSPENDED
    )

    after = evolve_branch(attrs.evolve(BRANCH, equipment=(ATM, other)), event).equipment

    assert not isinstance(after, Unknown)
    assert other is after[1]
    assert EquipmentState.SUSPENDED is after[0].parts[0].state


def test_one_person_staffs_one_counter() -> None:
    """The same person at two counters is a contradiction."""
    seats = (*BRANCH.counters, Assignment("P-1", counter="L-2", protection="open"))  # type: ignore[misc]  # known here

    assert ["$.counters"] == [problem.path for problem in attrs.evolve(BRANCH, counters=seats).validate()]


def test_devices_are_those_that_still_belong() -> None:
    """Devices are walked with their parts, without what is retired; none where equipment is unknown."""
    gone = attrs.evolve(BRANCH, equipment=(ATM, Equipment("OLD", kind="atm", state=EquipmentState.RETIRED)))

    assert ["ATM-1", "ATM-1-R"] == [device.id for device in gone.devices()]
    assert [] == list(Branch("B-1").devices())


@pytest.mark.parametrize(
    ("state", "up", "gone"),
    [
        (EquipmentState.IN_SERVICE, True, False),
        (EquipmentState.DEGRADED, True, False),
        (EquipmentState.OUT_OF_SERVICE, False, False),
        (EquipmentState.UNDER_REPAIR, False, False),
        (EquipmentState.SUSPENDED, False, False),
        (EquipmentState.RETIRED, False, True),
    ],
)
def test_every_state_is_up_down_or_gone(state: EquipmentState, up: bool, gone: bool) -> None:
    """Each state of a device is up, down or gone."""
    assert (up, gone) == (state.is_up, state.is_gone)


def test_device_is_found_by_its_id() -> None:
    """A device or a part of one is found by its id, even a retired one; nothing is found where nothing is known."""
    assert (READER, ATM, None, None) == (
        find_device(BRANCH, "ATM-1-R"),
        find_device(BRANCH, "ATM-1"),
        find_device(BRANCH, "ATM-9"),
        find_device(Branch("B-1"), "ATM-1"),
    )


def test_branch_is_stated_and_stated_anew() -> None:
    """Registering and revising put the stated branch in place of the old one."""
    other = attrs.evolve(BRANCH, kind="basic_outlet")

    assert (other, other) == (
        evolve_branch(BRANCH, BranchRegistered(branch=other)),
        evolve_branch(BRANCH, BranchRevised(branch=other)),
    )


def test_device_is_installed() -> None:
    """An installed device is added; where equipment was unknown, it is the first that is known."""
    new = Equipment("Q-1", kind="queue_machine")

    assert (ATM, new) == evolve_branch(BRANCH, EquipmentInstalled(branch="B-1", equipment=new)).equipment
    assert (new,) == evolve_branch(Branch("B-1"), EquipmentInstalled(branch="B-1", equipment=new)).equipment


def test_half_known_branch_is_valid() -> None:
    """What is known is not held against what is unknown: posts without staff, devices without zones."""
    halves = [
        attrs.evolve(BRANCH, zones=Unknown()),
        attrs.evolve(BRANCH, staff=Unknown()),
        attrs.evolve(BRANCH, posts=Unknown()),
        attrs.evolve(BRANCH, counters=Unknown()),
        attrs.evolve(BRANCH, equipment=Unknown()),
    ]

    assert [[]] * 5 == [list(branch.validate()) for branch in halves]


def test_other_devices_keep_their_state() -> None:
    """A new state of one device leaves the others as they are."""
    other = Equipment("Q-1", kind="queue_machine", state=EquipmentState.DEGRADED)
    branch = attrs.evolve(BRANCH, equipment=(ATM, other))
    event = EquipmentStateChanged(
        branch="B-1", equipment="ATM-1", before=EquipmentState.IN_SERVICE, after=EquipmentState.SUSPENDED
    )

    assert (attrs.evolve(ATM, state=EquipmentState.SUSPENDED), other) == evolve_branch(branch, event).equipment


def test_part_changes_state() -> None:
    """A new state reaches a part inside a device and leaves everything else as it is."""
    event = EquipmentStateChanged(
        branch="B-1", equipment="ATM-1-R", before=EquipmentState.IN_SERVICE, after=EquipmentState.UNDER_REPAIR
    )

    after = evolve_branch(BRANCH, event)

    assert EquipmentState.UNDER_REPAIR is getattr(find_device(after, "ATM-1-R"), "state", None)
    assert EquipmentState.IN_SERVICE is getattr(find_device(after, "ATM-1"), "state", None)
    assert BRANCH == attrs.evolve(after, equipment=BRANCH.equipment)
    assert () == evolve_branch(Branch("B-1"), event).equipment


@pytest.mark.parametrize(
    "event",
    [
        EntryRecorded(entry=Entry("E-1", register="keys", branch="B-1")),
        CalendarPublished(
            calendar=Calendar(
                "cn",
                version="1",
                title=Text(en="Days"),
                confirmed_from=dt.date(2026, 1, 1),
                confirmed_through=dt.date(2026, 12, 31),
            )
        ),
    ],
)
def test_event_that_is_not_about_a_branch_is_refused(event: Event) -> None:
    """Folding an event that does not change a branch is refused by its name."""
    with pytest.raises(Refused, match=type(event).__name__):
        evolve_branch(BRANCH, event)


SUSPENSION = Suspension(id="S-1", branch="B-1", since=dt.datetime(2026, 6, 1, tzinfo=dt.UTC), reason="maintenance")


def commands() -> list[tuple[Command, str]]:
    at, by = dt.datetime(2026, 6, 1, tzinfo=dt.UTC), Actor("P-1")
    calendar = Calendar(
        "cn",
        version="1",
        title=Text(en="Days"),
        confirmed_from=dt.date(2026, 1, 1),
        confirmed_through=dt.date(2026, 12, 31),
    )
    return [
        (RegisterUnit(OrgUnit("U-1", level="sub_branch"), by=by, at=at), "unit:U-1"),
        (RegisterBranch(BRANCH, by=by, at=at), "branch:B-1"),
        (ReviseBranch(BRANCH, by=by, at=at), "branch:B-1"),
        (InstallEquipment("B-1", ATM, by=by, at=at), "branch:B-1"),
        (SetEquipmentState("B-1", "ATM-1", EquipmentState.SUSPENDED, by=by, at=at), "branch:B-1"),
        (RecordEntry(Entry("E-1", register="keys", branch="B-1"), by=by, at=at), "register:keys"),
        (PublishCalendar(calendar, by=by, at=at), "calendar:cn"),
        (SuspendService(SUSPENSION, by=by, at=at), "branch:B-1"),
        (ResumeService("B-1", "S-1", by=by, at=at), "branch:B-1"),
    ]


@pytest.mark.parametrize(("command", "stream"), commands(), ids=lambda one: getattr(one, "KIND", ""))
def test_command_names_its_stream(command: Command, stream: str) -> None:
    """Every command on the estate says which stream of the journal it writes to."""
    assert stream == command.stream


def test_names_of_people_are_masked() -> None:
    """The name of a member of staff, and why a device changed state, never show in a `repr`."""
    changed = EquipmentStateChanged(
        branch="B-1", equipment="A", before=Unknown(), after=EquipmentState.DEGRADED, reason="spilt tea"
    )

    assert "Zhou" not in repr(StaffMember("P-1", name="Zhou"))
    assert "tea" not in repr(changed)


def test_a_time_zone_of_the_world_is_right() -> None:
    """A name that the IANA database knows is no problem."""
    assert [] == list(Branch("B-1", time_zone="Asia/Shanghai").validate())


@pytest.mark.parametrize("name", ["Mars/Base", "../x", ""])
def test_a_time_zone_is_one_of_the_world(name: str) -> None:
    """A branch in no time zone of the IANA database is refused, with the place."""
    assert ["$.time_zone"] == [problem.path for problem in Branch("B-1", time_zone=name).validate()]


def test_what_is_retired_is_gone_with_its_parts() -> None:
    """A part without a state of its own leaves with the device that it is built into."""
    reader = Equipment("READER", kind="id_reader")
    machine = Equipment("ATM-1", kind="atm", state=EquipmentState.RETIRED, parts=(reader,))
    other = Equipment("ATM-2", kind="atm", parts=(Equipment("SCREEN", kind="screen"),))

    assert ["ATM-2", "SCREEN"] == [device.id for device in Branch("B-1", equipment=(machine, other)).devices()]
