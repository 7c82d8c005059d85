"""Who may do what: grants as data, and the gate that asks them."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.errors import NotPermitted
from branchkit.estate import Entry, RecordEntry
from branchkit.kit.authorise import Gate, Grant, Grants, default_grants
from branchkit.messages import Actor
from branchkit.values import FrozenMap

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
WEALTH = Actor("S-1", posts=("wealth_manager",))


def record(register: str, by: Actor = WEALTH) -> RecordEntry:
    """Return the wish to put an entry into a register."""
    entry = Entry("E-1", register=register, branch="B-1", values=FrozenMap({"number": "1"}))
    return RecordEntry(entry, by=by, at=AT)


def test_a_right_to_one_register_is_none_to_another() -> None:
    """Who may keep the record form of movements may write nothing into the register of seals, and is told where."""
    gate = Gate(default_grants())

    gate.demand(record("vip-movements"))
    with pytest.raises(NotPermitted, match="record_entry in the register 'seals'; it takes one of the posts: est"):
        gate.demand(record("seals"))
    gate.demand(record("vip-movements"))


def test_a_right_to_all_registers_names_none() -> None:
    """Where no register is named the right holds for every one."""
    clerk = Actor("C-1", posts=("estate_administrator",))
    gate = Gate(default_grants())

    for register in ("vip-movements", "seals"):
        gate.demand(record(register, clerk))


def test_registers_without_entries_have_no_effect() -> None:
    """A grant that names registers and lets nobody record entries is refused."""
    grants = Grants((Grant(post="inspector", may=("submit_sheet",), registers=("seals",)),))

    assert ["$.grants[0].registers"] == [problem.path for problem in grants.validate()]
