"""Looking at a guarded case at a branch with thousands of suspensions and quiet windows that are over, and with none.

What is over before a case was opened is not read for it, so both should take the same.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from harness import Bar, Contender, Figure, main, take_turns

from branchkit import Kit
from branchkit.escalation import KeepQuiet, QuietWindow
from branchkit.estate import Branch, Post, RegisterBranch, StaffMember, SuspendService
from branchkit.kit.floors.around import next_look
from branchkit.kit.world import StoreWorld
from branchkit.messages import Actor, Command
from branchkit.procedures import Case, OpenCase
from branchkit.temporal import Hours, Suspension

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
HOUR = dt.timedelta(hours=1)
HEAD = Actor("S-1", posts=("outlet_head", "estate_administrator", "fault_desk"))
BRANCH = Branch(
    "B-1",
    time_zone="Asia/Shanghai",
    hours=Hours.from_week({"mon tue wed thu fri": "09:00-17:00"}),
    staff=(StaffMember("S-1"),),
    posts=(Post("P-1", kind="outlet_head", holder="S-1"),),
)


def over(first: dt.datetime, past: int) -> Iterator[Command]:
    """Yield so many suspensions and quiet windows, one of each an hour and each for half of it."""
    for number in range(past):
        since = first + number * HOUR
        until = since + HOUR / 2
        cut = Suspension(id=f"U-{number}", branch="B-1", since=since, until=until, reason="works")
        yield SuspendService(cut, by=HEAD, at=since)
        yield KeepQuiet(QuietWindow(id=f"Q-{number}", since=since, until=until, reason="works"), by=HEAD, at=since)


def opened(path: Path, past: int) -> Kit:
    """Return a kit with one open fault, at a branch where so much is over."""
    kit = Kit.open(path)
    first = AT - (past + 1) * HOUR
    kit.do(RegisterBranch(BRANCH, by=HEAD, at=first))
    for outcome in kit.do_all(over(first, past)):
        if isinstance(outcome, Exception):
            raise outcome
    kit.do(OpenCase("C-1", procedure="fault", branch="B-1", by=HEAD, at=AT))
    return kit


def looking(kit: Kit) -> Callable[[], object]:
    """Return what looks at the case in a transaction of its own."""

    def look() -> object:
        with kit.store.transaction(write=False) as tx:
            world = StoreWorld(tx, kit.rules, where="here")
            case: Case | None = world.case("C-1")
            assert case is not None
            return next_look(case, world, AT)

    return look


def figures(quick: bool) -> Iterator[Figure]:
    """Look at the case beside so much that is over, and beside none."""
    past = 500 if quick else 10_000
    with tempfile.TemporaryDirectory() as folder:
        kits = {count: opened(Path(folder) / f"{count}.db", count) for count in (0, past)}
        none, many = "branchkit: nothing is over", f"branchkit: {past:,} suspensions and windows are over"
        calls = {none: looking(kits[0]), many: looking(kits[past])}
        taken = take_turns(calls, rounds=5 if quick else 15, clock=time.process_time)
        contenders = (Contender(many, "ours", taken[many]), Contender(none, "floor", taken[none]))
        bars = (Bar(many, none, 1.5),)
        yield Figure(work="look at a guarded case", unit="case", contenders=contenders, bars=bars)
        for kit in kits.values():
            kit.close()


if __name__ == "__main__":
    main(__doc__, figures)
