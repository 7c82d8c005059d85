from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pytest

from branchkit.errors import Refused
from branchkit.estate import Branch, Entry, RecordEntry
from branchkit.findings import Finding
from branchkit.kit import Kit
from branchkit.kit.floors.dates import Dates
from branchkit.kit.floors.filed import Filed
from branchkit.kit.floors.marks import Marks
from branchkit.kit.views import Pool
from branchkit.kit.world import StoreWorld
from branchkit.messages import Command
from branchkit.storage.contract import Page, Scalar
from branchkit.values import FrozenMap
from tests.unit.kit.house import CLERK, at, open_kit, register, sheet, submit


def vehicle(id: str, plate: str, hours: float = 1) -> Command:
    values = FrozenMap({"plate": plate, "model": "van", "service_interval": "P1Y"})
    one = Entry(id, register="vehicles", branch="B-1", values=values, valid_until=dt.date(2027, 1, 1))
    return RecordEntry(one, by=CLERK, at=at(hours))


def stumble(kit: Kit, command: Command) -> None:
    with kit.store.transaction() as tx:
        kit.do(command, within=tx)
        raise RuntimeError


@pytest.fixture
def kits(tmp_path: Path) -> Iterator[tuple[Kit, Kit]]:
    """Give two kits, as two processes have them, on one store that knows the branch of the house."""
    address = f"sqlite:///{tmp_path / 'house.db'}"
    with open_kit(address) as one, open_kit(address) as other:
        one.do(register())
        yield one, other


def test_another_kits_entry_is_a_rival(kits: tuple[Kit, Kit]) -> None:
    """A value that somebody else took since the last look is refused, and one that was given up is free."""
    one, other = kits
    one.do(vehicle("V-1", "A"))
    other.do(vehicle("V-2", "B"))

    with pytest.raises(Refused, match="entry 'V-2' has the same"):
        one.do(vehicle("V-3", "B"))
    one.do(vehicle("V-2", "C", 2))
    assert other.do(vehicle("V-3", "B", 3)).events == ("entry_recorded",)


def test_another_kits_sheet_is_later(kits: tuple[Kit, Kit]) -> None:
    """A sheet that is told late finds the later one that another kit has filed since the last look."""
    one, other = kits
    one.do(submit(sheet("S1", 1, floor="fail")))
    other.do(submit(sheet("S3", 3)))
    one.do(submit(sheet("S2", 2, lights="fail"), recorded_at=at(4)))

    assert [] == list(one.find(Finding, state="open"))


def test_what_was_rolled_back_is_forgotten() -> None:
    """Entries of a transaction that did not commit are no rivals afterwards, and those before it still are."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(vehicle("V-1", "A"))
        with pytest.raises(RuntimeError):
            stumble(kit, vehicle("V-2", "B"))

        assert kit.do(vehicle("V-3", "B")).events == ("entry_recorded",)
        with pytest.raises(Refused, match="entry 'V-1' has the same"):
            kit.do(vehicle("V-4", "A"))


def test_a_view_is_kept_while_it_is_whole() -> None:
    """A view is taken from the pool where nothing that concerns it was written since, and else worked out anew."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", 1, floor="fail")))
        pool = kit._carrier.pool
        before = pool.take((Dates, "B-1"))
        assert before is not None
        pool.give([before])
        kit.do(submit(sheet("S2", 2, lights="fail")))
        after = pool.take((Dates, "B-1"))

        assert before is after
        assert isinstance(after, Dates)
        assert ["S2"] == after.since("house.round", at(2))
        kit.do(submit(sheet("S3", 3, floor="fail")))
        with kit.store.transaction(write=False) as tx:
            assert not after.is_whole(tx)
            world = StoreWorld(tx, kit.rules, where="memory")
            assert ["S2", "S3"] == world.view(Dates, "B-1").since("house.round", at(2))


def test_a_superseded_sheet_is_taken_out() -> None:
    """Only sheets that count are dated; each has its own checklist."""
    dates = Dates("B-1")
    with open_kit() as kit:
        kit.do(register())
        kit.do(submit(sheet("S1", 1)))
        filed = kit.get(Filed, "S1")
    for one in (filed, filed, attrs.evolve(filed, superseded_by="S2"), attrs.evolve(filed, superseded_by="S2")):
        dates.keep(one)

    assert [] == dates.since("house.round", at(0))
    assert 0 == len(dates)
    dates.keep(filed)
    assert (["S1"], []) == (dates.since("house.round", at(1)), dates.since("house.walk", at(1)))


def test_a_pool_forgets_the_oldest(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pool holds so much and no more, and nothing that is not anchored."""
    monkeypatch.setattr("branchkit.kit.views._MOST", 3)
    pool = Pool()
    views = [Marks(f"R-{number}") for number in range(5)]
    for view in views[:4]:
        view.anchor = (1, "")
    pool.give(views)

    assert [False, True, True, True, False] == [pool.take((Marks, view.owner)) is view for view in views]


def test_the_registers_of_many_entries_are_not_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """A second entry of a register asks the store for no other entry."""
    with open_kit() as kit:
        kit.do(register())
        kit.do(register(Branch("B-2"), hours=0.5))
        for number in range(5):
            kit.do(vehicle(f"V-{number}", f"P-{number}"))
        asked: list[str] = []
        with kit.store.transaction() as tx:
            found = tx.find

            def find(kind: str, where: Mapping[str, Scalar]) -> Page:
                asked.append(kind)
                return found(kind, where)

            monkeypatch.setattr(tx, "find", find)
            kit.do(vehicle("V-9", "P-9"), within=tx)

        assert [] == asked
