from __future__ import annotations

from collections.abc import Iterator

import pytest

from branchkit.codec import split_personal, unstructure
from branchkit.estate import (
    Entry,
    Equipment,
    EquipmentState,
    InstallEquipment,
    RecordEntry,
    RegisterBranch,
    SetEquipmentState,
)
from branchkit.kit.carry import _plain_outcome
from branchkit.kit.decide import decide
from branchkit.kit.fold import fold
from branchkit.kit.sharing import parts_of, plain_of, split_of
from branchkit.kit.world import StoreWorld
from branchkit.messages import Command, Outcome
from branchkit.values import FrozenMap
from tests.unit.kit.house import HEAD, at, open_kit, register, sheet, submit


def commands() -> Iterator[Command]:
    """Yield commands of every form: whose subject is kept as it is, becomes a part, or is only named."""
    yield register()
    yield submit(sheet("S1", 1, floor="fail", screens=("ATM-1",)))
    yield submit(sheet("S2", 2, remark="seen by everybody"))
    yield SetEquipmentState("B-1", "ATM-1", EquipmentState.DEGRADED, reason="the screen flickers", by=HEAD, at=at(2.5))
    values = FrozenMap({"reference": "A-1", "authority": "the regulator", "approved_on": "2026-01-05"})
    yield RecordEntry(Entry("E-1", register="outlet-approvals", branch="B-1", values=values), by=HEAD, at=at(2.6))
    yield InstallEquipment("B-1", Equipment("ATM-3", kind="atm"), by=HEAD, at=at(3))


def test_shared_plain_data_is_what_it_would_be_alone() -> None:
    """Events made from the parts of commands, and documents from those of events, are as `unstructure` makes them."""
    with open_kit() as kit:
        for command in commands():
            with kit.store.transaction(write=False) as tx:
                world = StoreWorld(tx, kit.rules, where="memory")
                given = parts_of(command, unstructure(command))
                for event in decide(command, world):
                    plain = plain_of(event, type(command), given)
                    assert unstructure(event) == plain
                    assert split_personal(event) == split_of(event, plain, command, split_personal(command))
                    for change in fold(event, world.current):
                        world.hold(change)
                        assert unstructure(change.value) == plain_of(change.value, type(event), parts_of(event, plain))
            kit.do(command)


def test_what_is_in_common_is_the_same_object() -> None:
    """The branch that a command states is written once, and stands in the event as it is."""
    command = register()
    plain = unstructure(command)
    with open_kit() as kit, kit.store.transaction(write=False) as tx:
        (event,) = decide(command, StoreWorld(tx, kit.rules, where="memory"))

    assert plain["branch"] is plain_of(event, RegisterBranch, parts_of(command, plain))["branch"]


@pytest.mark.parametrize(
    "outcome",
    [
        Outcome(command="c-1"),
        Outcome(command="c-1", events=("sheet_submitted", "sheet_scored"), seq=7),
        Outcome(command="c-1", details=FrozenMap({"points": "80", "band": None, "opened": 0, "late": "PT2H"})),
    ],
)
def test_an_outcome_is_written_as_any_object(outcome: Outcome) -> None:
    """The short way to write an outcome gives what `unstructure` gives."""
    assert unstructure(outcome) == _plain_outcome(outcome)
