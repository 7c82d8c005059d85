"""Two people's hands at once: one person never gets two duties that are kept apart, however the writers interleave."""

from __future__ import annotations

import threading
from pathlib import Path

import attrs
import pytest

from branchkit.errors import Conflict, Refused
from branchkit.kit import Kit
from branchkit.messages import Command
from branchkit.procedures import Case, CompleteStage, Link, LinkCases, OpenCase
from branchkit.procedures.separation import held_duties
from tests.unit.kit.guarded import guarded_kit, open_fault
from tests.unit.kit.test_cases import DESK, HEAD, MINUTE, MONDAY
from tests.unit.kit.test_duties import rules

ROUNDS = 25


def _race(path: Path, *commands: Command) -> list[str]:
    """Let each command be asked for by a writer of its own, all at once; return why those refused were."""
    refused: list[str] = []
    barrier = threading.Barrier(len(commands))

    def write(command: Command) -> None:
        with Kit.open(f"sqlite:///{path}", rules=rules()) as kit:
            barrier.wait()
            for _ in range(50):
                try:
                    kit.do(command)
                except Conflict:
                    continue
                except Refused as error:
                    refused.extend(one.code for one in error.refusals)
                return

    threads = [threading.Thread(target=write, args=(command,)) for command in commands]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return refused


@pytest.mark.parametrize("linked", ["opened", "afterwards"])
def test_one_of_two_writers_is_refused(tmp_path: Path, linked: str) -> None:
    """Of receiving a fault and linking it to one's own refund, done at once, exactly one is done (governance:P-19)."""
    path = tmp_path / "branch.db"
    kit = guarded_kit(f"sqlite:///{path}", rules())
    when = MONDAY + MINUTE
    for number in range(ROUNDS):
        fault, refund = f"C-{number}", f"R-{number}"
        open_fault(kit, fault)
        opening = OpenCase(refund, procedure="house.refund", branch="B-1", by=DESK, at=when)
        second: Command = attrs.evolve(opening, links=(Link("follow_up", fault),))
        if linked == "afterwards":
            kit.do(opening)
            second = LinkCases(refund, other=fault, link="follow_up", by=HEAD, at=when)

        assert ["separation"] == _race(path, CompleteStage(fault, "receive", "take", by=DESK, at=when), second)
        received = "S-1" in held_duties(kit.get(Case, fault)).get("stage:receive", ())
        assert received != any(one.links for one in kit.find(Case, procedure="house.refund") if one.id == refund)
    assert kit.verify().ok
    kit.close()
