"""Two writers at one ledger: exactly one referral of a customer wins, and exactly one allocation of a lead."""

from __future__ import annotations

import threading
from collections import Counter
from pathlib import Path

from branchkit.customers.journey import AllocateLead, CustomerLedger, Lead, Referral, RefusalCount
from branchkit.errors import BranchkitError, Conflict, Refused
from branchkit.kit import Kit
from branchkit.messages import Command
from tests.unit.customers.journey.desk import HEAD, accepted, at, attached, referred, willing
from tests.unit.kit.test_referrals import do, ledger, refusal, rules

ROUNDS = 12


def raced(path: Path, commands: list[Command]) -> Counter[str]:
    """Carry commands out at once, each through a kit of its own; say how often what came of them."""
    together = threading.Barrier(len(commands))
    found: list[str] = []

    def carry_out(command: Command) -> None:
        with Kit.open(f"sqlite:///{path}?sync=normal", rules=rules()) as kit:
            together.wait()
            while True:
                try:
                    kit.do(command)
                    found.append("done")
                except Conflict:
                    continue
                except Refused as error:
                    found.append(error.refusals[0].code)
                except BranchkitError as error:
                    found.append(type(error).__name__)
                return

    threads = [threading.Thread(target=carry_out, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Counter(found)


def test_of_two_referrals_of_a_customer_one_wins(tmp_path: Path) -> None:
    """Two posts refer the same customer from two visits at once: one does, the other is told of the conflict."""
    path = tmp_path / "branch.db"
    ledger(f"sqlite:///{path}?sync=normal").close()
    for number in range(ROUNDS):
        minutes = number * 200
        visits = [f"V-{number}-{which}" for which in range(2)]
        with Kit.open(f"sqlite:///{path}?sync=normal", rules=rules()) as kit:
            for visit in visits:
                do(kit, *willing(visit, minutes=minutes), attached(visit, minutes=minutes + 1))

        found = raced(path, [referred(visit, f"R-{visit}", minutes=minutes + 2) for visit in visits])

        assert Counter(done=1, conflict=1) == found
    with Kit.open(f"sqlite:///{path}", rules=rules()) as kit:
        assert ROUNDS == len(list(kit.find(Referral)))
        assert 2 * ROUNDS == len(kit.get(CustomerLedger, "C-1").journeys)
        assert kit.verify().ok


def test_of_two_allocations_of_a_lead_one_wins(tmp_path: Path) -> None:
    """Two people allocate the same lead to two others at once: one does, the other is told who has it."""
    path = tmp_path / "branch.db"
    with ledger(f"sqlite:///{path}?sync=normal") as kit:
        do(kit, *willing(), attached(), referred(), accepted())
    commands: list[Command] = [
        AllocateLead("V-1", "L-1", owner=owner, by=HEAD, at=at(10)) for owner in ("S-3", "S-4", "S-6")
    ]

    found = raced(path, commands)

    assert Counter(done=1, already_allocated=2) == found
    with Kit.open(f"sqlite:///{path}", rules=rules()) as kit:
        assert kit.get(Lead, "L-1").owner in ("S-3", "S-4", "S-6")
        assert kit.verify().ok


def test_refusals_that_come_at_once_are_all_counted(tmp_path: Path) -> None:
    """Terminals that count at the same moment lose no refusal, and one that repeats itself adds none."""
    path = tmp_path / "branch.db"
    ledger(f"sqlite:///{path}?sync=normal").close()
    commands: list[Command] = [refusal(f"{number // 2:032x}") for number in range(8)]

    found = raced(path, commands)

    assert Counter(done=8) == found
    with Kit.open(f"sqlite:///{path}", rules=rules()) as kit:
        assert 4 == kit.get(RefusalCount, "B-1/2026-03-02").count
