"""Laws of the rules that judge an estate, on the shipped standard and any branch."""

from __future__ import annotations

import random

import attrs
from hypothesis import given
from hypothesis import strategies as st

from branchkit.catalog import Catalog
from branchkit.estate import (
    Assignment,
    Branch,
    Equipment,
    EquipmentState,
    StaffMember,
    Zone,
    judge_estate,
    open_tellers,
    with_loan,
)
from branchkit.findings import Finding
from branchkit.values import Unknown

STANDARD = Catalog().standard()
KINDS = [kind.code for kind in STANDARD.branches]
ZONES = [zone.code for zone in STANDARD.zones]
DEVICES = [device.code for device in STANDARD.equipment]
UNKNOWN = Unknown("nobody said")
KIND: st.SearchStrategy[str | Unknown] = st.sampled_from([UNKNOWN, "boat", *KINDS])


@st.composite
def branches(draw: st.DrawFn) -> Branch:
    """Draw a branch that does not contradict itself, of which anything may be unknown."""
    zones = tuple(
        Zone(f"Z-{at}", kind=kind) for at, kind in enumerate(draw(st.lists(st.sampled_from(ZONES), max_size=5)))
    )
    places = st.sampled_from([None, UNKNOWN, *(zone.id for zone in zones)])
    devices = tuple(
        Equipment(f"D-{at}", kind=kind, zone=draw(places), state=draw(st.sampled_from([UNKNOWN, *EquipmentState])))
        for at, kind in enumerate(draw(st.lists(st.sampled_from(DEVICES), max_size=5)))
    )
    levels = draw(st.lists(st.sampled_from([1, 2, 3, 4, None, UNKNOWN]), max_size=6))
    staff = tuple(StaffMember(f"P-{at}", teller_level=level) for at, level in enumerate(levels))
    seats = tuple(
        Assignment(
            member.id,
            counter=f"C-{member.id}",
            protection=draw(st.sampled_from(["open", "closed"])),
            temporary=draw(st.booleans()),
        )
        for member in staff
        if draw(st.booleans())
    )
    return Branch(
        "B-1",
        kind=draw(KIND),
        zones=zones,
        equipment=devices,
        staff=staff,
        counters=seats,
    )


def ids(found: tuple[Finding, ...]) -> set[str]:
    return {one.id for one in found}


@given(branch=branches(), data=st.data())
def test_removing_a_teller_mends_no_shortage(branch: Branch, data: st.DataObject) -> None:
    """Taking a teller who counts off the roster never makes the shortage of tellers go away."""
    counting = open_tellers(branch, STANDARD)
    if isinstance(counting, Unknown) or not counting or isinstance(branch.counters, Unknown):
        return
    leaver = data.draw(st.sampled_from(counting))
    without = attrs.evolve(branch, counters=tuple(seat for seat in branch.counters if seat.staff != leaver))

    shortage = "estate/B-1/open-tellers"
    assert (shortage in ids(judge_estate(branch, STANDARD))) <= (shortage in ids(judge_estate(without, STANDARD)))


@given(branch=branches(), data=st.data())
def test_lending_takes_at_most_one(branch: Branch, data: st.DataObject) -> None:
    """Lending somebody to a closed counter takes one from the count if they counted, and else none."""
    before = open_tellers(branch, STANDARD)
    if isinstance(before, Unknown) or isinstance(branch.staff, Unknown) or not branch.staff:
        return
    lent = data.draw(st.sampled_from(branch.staff)).id

    after = open_tellers(with_loan(branch, lent, "H-1"), STANDARD)

    assert tuple(one for one in before if one != lent) == after


@given(branch=branches(), field=st.sampled_from(["kind", "zones", "equipment", "staff", "counters"]))
def test_unknown_gives_no_finding(branch: Branch, field: str) -> None:
    """Forgetting what is known of a branch never brings a finding that was not there."""
    forgetful = attrs.evolve(branch, **{field: UNKNOWN})  # type: ignore[arg-type]  # any of these fields may be unknown

    assert ids(judge_estate(forgetful, STANDARD)) <= ids(judge_estate(branch, STANDARD))


@given(branch=branches())
def test_nothing_known_gives_nothing(branch: Branch) -> None:
    """A branch of which only id and kind are known gives no finding."""
    assert () == judge_estate(Branch("B-1", kind=branch.kind), STANDARD)


@given(branch=branches(), seed=st.integers(0, 1000))
def test_order_decides_nothing(branch: Branch, seed: int) -> None:
    """The findings are the same, in the same order, whatever order zones, devices, staff and seats are listed in."""
    shuffle = random.Random(seed)

    def mixed(name: str) -> object:
        return tuple(shuffle.sample(getattr(branch, name), len(getattr(branch, name))))

    names = ("zones", "equipment", "staff", "counters")
    other = attrs.evolve(branch, **{name: mixed(name) for name in names})  # type: ignore[arg-type]  # the same values

    assert judge_estate(branch, STANDARD) == judge_estate(other, STANDARD)


@given(branch=branches(), kind=st.sampled_from(DEVICES), data=st.data())
def test_one_more_device_brings_no_finding(branch: Branch, kind: str, data: st.DataObject) -> None:
    """A device more, wherever it stands, never brings a finding."""
    if isinstance(branch.equipment, Unknown) or isinstance(branch.zones, Unknown):
        return
    place = data.draw(st.sampled_from([None, UNKNOWN, *(zone.id for zone in branch.zones)]))
    more = attrs.evolve(branch, equipment=(*branch.equipment, Equipment("NEW", kind=kind, zone=place)))

    assert ids(judge_estate(more, STANDARD)) <= ids(judge_estate(branch, STANDARD))


@given(branch=branches())
def test_every_finding_says_what_and_why(branch: Branch) -> None:
    """Every finding has an id of its own, a place that begins at the branch, both languages, and rules."""
    found = judge_estate(branch, STANDARD)

    assert len(found) == len(ids(found))
    assert all(one.place[0].id == "B-1" and one.rules and one.message.zh and one.message.en for one in found)
