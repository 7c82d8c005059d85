"""Entries of registers that name a customer: found from the customer, and erased with them."""

from __future__ import annotations

from collections.abc import Iterator

import attrs
import pytest

from branchkit.customers import Customer, CustomerErased
from branchkit.errors import Refused
from branchkit.estate import Entry, EntryRecorded, RecordEntry
from branchkit.kit import Kit
from branchkit.values import FrozenMap, Ref
from tests.unit.kit import people
from tests.unit.kit.people import HEAD, at

MARKS = ("UNMISTAKABLE-1", "UNMISTAKABLE-2")


@pytest.fixture
def kit() -> Iterator[Kit]:
    with people.open_kit() as kit:
        kit.do(people.register("C-1"))
        kit.do(people.register("C-2"))
        yield kit


def booked(id: str, customer: str, owner: str, hours: float = 1) -> RecordEntry:
    values = FrozenMap({"number": id, "customer": customer, "at": "monday", "owner": owner})
    return RecordEntry(Entry(id, register="vip-bookings", branch="B-1", values=values), by=HEAD, at=at(hours))


def words(kit: Kit) -> str:
    with kit.store.transaction(write=False) as tx:
        documents = [one.text for kind in tx.kinds() for one in tx.find(kind, {}).items]
        return "".join([one.value or "" for one in tx.sealed()] + documents + [one.text for one in tx.read()])


def test_entries_go_with_the_customer(kit: Kit) -> None:
    """customers:PRV-02: every statement of an entry about an erased customer is destroyed, the entries of others in
    the same register stand, and the journal folds to the same documents.
    """
    for told in (booked("E-1", "C-1", MARKS[0]), booked("E-1", "C-1", MARKS[1], 2), booked("E-2", "C-2", "S-9")):
        kit.do(told)
    assert all(mark in words(kit) for mark in MARKS)
    kit.do(people.erase("C-1"))
    gone = next(one.event for one in kit.events() if isinstance(one.event, CustomerErased))
    found = {one.id: (one.customer, dict(one.values)) for one in kit.find(Entry)}

    assert (Ref("entry", "vip-bookings/E-1"),) == gone.documents
    assert not any(mark in words(kit) for mark in MARKS)
    assert ("C-1", {}) == found["E-1"]
    assert ("C-2", "S-9") == (found["E-2"][0], found["E-2"][1]["owner"])
    assert (True, 0) == (kit.verify().ok, kit.rebuild().changed)


def test_whom_an_entry_is_about_comes_from_its_column(kit: Kit) -> None:
    """What is told by hand as the customer of an entry does not count; told twice, it is one entry."""
    command = booked("E-1", "C-1", "S-9")
    by_hand = attrs.evolve(command, entry=attrs.evolve(command.entry, customer="C-2"))
    first, second = kit.do(by_hand), kit.do(command)
    told = [one.event.entry.customer for one in kit.events() if isinstance(one.event, EntryRecorded)]

    assert (("entry_recorded",), ()) == (first.events, second.events)
    assert ["C-1"] == told


def test_an_entry_stays_with_its_customer(kit: Kit) -> None:
    """An entry takes no other customer's number: what was told of the first would be found by nobody any more."""
    kit.do(booked("E-1", "C-1", "S-9"))

    with pytest.raises(Refused, match="about another customer"):
        kit.do(booked("E-1", "C-2", "S-9", 2))


def test_a_telephone_number_is_nobodys_number(kit: Kit) -> None:
    """Where the bank's number of the customer is due, somebody's telephone number is refused, and not repeated."""
    with pytest.raises(Refused, match="not a telephone or identity number") as refused:
        kit.do(booked("E-1", "13800138000", "S-9"))

    assert "13800138000" not in str(refused.value)


def test_whoever_has_no_record_is_erased_too(kit: Kit) -> None:
    """customers:PRV-02: what cases and registers say of a customer whose record is kept elsewhere is erased as well; no
    record is made, and whoever nothing names is still unknown.
    """
    kit.do(people.care("X-1", "C-9", note=MARKS[0], place=True))
    kit.do(booked("E-1", "C-9", MARKS[1]))
    kit.do(people.erase("C-9"))
    gone = next(one.event for one in kit.events() if isinstance(one.event, CustomerErased))

    assert [Ref("case", "X-1"), Ref("entry", "vip-bookings/E-1")] == sorted(gone.documents)
    assert not any(mark in words(kit) for mark in MARKS)
    assert {"C-1", "C-2"} == {one.id for one in kit.find(Customer)}
    assert (True, 0) == (kit.verify().ok, kit.rebuild().changed)
    with pytest.raises(Refused, match="there is no customer"):
        kit.do(people.erase("C-8"))


def test_a_record_may_begin_after_an_erasure(kit: Kit) -> None:
    """Somebody without a record who was erased can become a customer, and be erased again."""
    kit.do(people.care("X-1", "C-9", note=MARKS[0], place=True))
    kit.do(people.erase("C-9"))
    kit.do(people.register("C-9", people.particulars(MARKS[1]), hours=51))
    kit.do(people.erase("C-9", hours=60))

    assert kit.get(Customer, "C-9").erased is not None
    assert not any(mark in words(kit) for mark in MARKS)
    assert (True, 0) == (kit.verify().ok, kit.rebuild().changed)
