"""What is long over is not read again: suspensions and quiet windows are found in the order of their ends."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.escalation import EndQuiet, KeepQuiet, QuietWindow
from branchkit.estate import ResumeService, SuspendService
from branchkit.kit import Kit
from branchkit.kit.world import StoreWorld
from branchkit.temporal import Suspension
from tests.unit.kit.guarded import fired, guarded_kit, open_fault
from tests.unit.kit.test_cases import HEAD, HOUR, MINUTE, MONDAY

DAY = 24 * HOUR


@pytest.fixture
def kit() -> Kit:
    """Return a kit with forty suspensions and quiet windows of the days before, and one of each that lasts."""
    kit = guarded_kit()
    for number in range(40):
        since = MONDAY - DAY - number * HOUR
        suspend(kit, f"U-{number}", since, since + 30 * MINUTE)
        keep(kit, f"Q-{number}", since, since + 30 * MINUTE)
    suspend(kit, "open", MONDAY - HOUR, None)
    suspend(kit, "to-come", MONDAY + DAY, MONDAY + 2 * DAY)
    keep(kit, "now", MONDAY - HOUR, MONDAY + 9 * HOUR)
    return kit


def suspend(kit: Kit, id: str, since: dt.datetime, until: dt.datetime | None) -> None:
    """Suspend service."""
    cut = Suspension(id=id, branch="B-1", since=since, until=until, reason="works", pauses=frozenset({"repair"}))
    kit.do(SuspendService(cut, by=HEAD, at=min(since, MONDAY)))


def keep(kit: Kit, id: str, since: dt.datetime, until: dt.datetime) -> None:
    """Keep quiet."""
    kit.do(KeepQuiet(QuietWindow(id=id, since=since, until=until, reason="works"), by=HEAD, at=since))


def lasting(kit: Kit, since: dt.datetime) -> tuple[list[str], list[str], int]:
    """Return the suspensions and windows that were not over by a moment, and how many documents were read for it."""
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where="here")
        cuts, quiet = ([one.id for one in found] for found in (world.suspensions("B-1", since), world.quiet(since)))
        return cuts, quiet, len(world._held)


def test_only_what_was_not_over_is_read(kit: Kit) -> None:
    """Of eighty that are past none is read; what ends at that very moment, later or nobody knows when, is."""
    assert (["to-come", "open"], ["now"], 3) == lasting(kit, MONDAY)
    cuts, quiet, _ = lasting(kit, MONDAY - DAY + 30 * MINUTE)
    assert (["U-0", "to-come", "open"], ["Q-0", "now"]) == (cuts, quiet)


def test_what_ends_at_another_moment_is_found_by_that(kit: Kit) -> None:
    """A suspension that is over, and a window that is ended earlier, are found while they matter, and no longer."""
    kit.do(ResumeService("B-1", "open", by=HEAD, at=MONDAY + HOUR))
    kit.do(EndQuiet("now", by=HEAD, at=MONDAY + HOUR))
    kit.do(ResumeService("B-1", "to-come", by=HEAD, at=MONDAY + HOUR))

    assert (["open", "to-come"], ["now"], 3) == lasting(kit, MONDAY + HOUR)
    assert (["to-come"], [], 1) == lasting(kit, MONDAY + 2 * HOUR)
    assert 0 == kit.rebuild().changed
    assert kit.verify().ok


def test_a_case_is_watched_by_what_lasted_while_it_was_open(kit: Kit) -> None:
    """The window that lasts holds its rung until it ends, and those before it do not matter."""
    open_fault(kit)

    assert ["half recorded", "late held"] == fired(kit, MONDAY + 31 * MINUTE)
    kit.do(EndQuiet("now", by=HEAD, at=MONDAY + 35 * MINUTE))
    assert ["late fired", "open fired"] == fired(kit, MONDAY + 35 * MINUTE)
