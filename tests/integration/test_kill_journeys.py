"""A writer of the ledger, killed again and again: after each kill everything verifies, and nothing is there twice.

Run as a module, this file is the process that does the killing: it has everything imported, so that it can fork a
writer, kill it and fork the next within some hundredths of a second.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from branchkit.customers.journey import (
    AllocateLead,
    ConvertLead,
    CustomerLedger,
    Lead,
    RecordContact,
    Referral,
    RefusalCount,
    Visit,
    Workload,
)
from branchkit.kit import Kit, default_grants
from branchkit.messages import Command
from branchkit.storage import open_sqlite
from tests.unit.customers.journey.desk import HEAD, WEALTH, accepted, at, attached, entered, filled, referred, willing
from tests.unit.customers.journey.test_leads import CALL
from tests.unit.kit.test_referrals import ledger, refusal, registered, rules

ROOT = Path(__file__).parents[2]
JOURNEYS = 150
KILLS = 40


def commands() -> Iterator[Command]:
    """Yield the commands of many journeys, from the visit to the sale, every third by form."""
    for number in range(JOURNEYS):
        customer, journey, referral, lead = (f"{letter}-{number}x" for letter in "CVRL")
        yield registered(customer)
        yield from willing(journey)
        yield attached(journey, customer)
        if number % 3:
            yield referred(journey, referral)
            yield accepted(journey, referral, lead)
        else:
            yield filled(journey, referral)
            yield entered(journey, lead, referral=referral, minutes=3)
        yield AllocateLead(journey, lead, by=HEAD, at=at(5))
        if number % 2:
            called = {"method": "phone_follow_up", "outcome": "reached", "next": CALL, "by": WEALTH, "at": at(6)}
            # Whoever it was given to may not be this one: then it is refused, each time alike.
            yield RecordContact(journey, lead, **called)  # type: ignore[arg-type]
            yield ConvertLead(journey, lead, sale=f"D-{number}", product="card", by=WEALTH, at=at(7))
        yield refusal(f"{number:032x}")


def open_at(path: Path) -> Kit:
    """Open the store; a kill is no power cut, so nothing waits for the disk."""
    return Kit(open_sqlite(path, checkpoint_every=50, sync="normal"), rules(), grants=default_grants())


def writer(path: Path, out: int) -> None:
    """Give every command, from the first one on; write a dot for each."""
    with open_at(path) as kit:
        for _ in kit.do_all(commands(), batch=3):
            os.write(out, b".")


def main(path: Path, seed: int) -> None:
    """Kill writers at random points until they were killed often enough, and let the last one come to its end."""
    chance = random.Random(seed)
    done = list(commands())
    kills = 0
    while True:
        reader, out = os.pipe()
        pid = os.fork()
        if pid == 0:
            status = 1
            try:
                os.close(reader)
                signal.alarm(120)  # one that hangs ends too, and not as one that was killed here
                writer(path, out)
                status = 0
            finally:
                os._exit(status)
        os.close(out)
        if kills < KILLS:
            # Each one gets about as much further as is left to do for all the others.
            for _ in range(chance.randint(0, 2 * len(done) * (kills + 1) // KILLS // 2)):
                if not os.read(reader, 1):
                    break
            time.sleep(chance.uniform(0, 0.01))
            os.kill(pid, signal.SIGKILL)
        while os.read(reader, 4096):
            continue
        os.close(reader)
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, "a writer hung"
            kills += 1
            with open_at(path) as kit:
                found = kit.verify()
                assert found.ok, found.problems
        else:
            assert os.WEXITSTATUS(status) == 0, "a writer failed"
            if kills >= KILLS:
                break
    sys.stdout.write(json.dumps({"kills": kills}))


def held(kit: Kit) -> dict[str, Any]:
    """Return every document of the ledger by its kind and id."""
    kinds = (Visit, Referral, Lead, CustomerLedger, Workload, RefusalCount)
    return {f"{type(one).__name__} {getattr(one, 'id', None) or attrs.astuple(one)[0]}": one for kind in kinds
            for one in kit.find(kind)}  # fmt: skip


@pytest.mark.slow
def test_killed_writers_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    """SIGKILL at 40 random points of a stream of commands, each verified, leaves what one undisturbed writer leaves."""
    path, calm = tmp_path / "killed.db", tmp_path / "calm.db"
    for each in (path, calm):
        ledger(f"sqlite:///{each}?sync=normal").close()

    args = [sys.executable, "-m", "tests.integration.test_kill_journeys", path, "7"]
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, check=False, timeout=500)
    assert done.returncode == 0, done.stderr
    with open_at(calm) as kit:
        for _ in kit.do_all(commands()):
            continue

    assert KILLS <= json.loads(done.stdout)["kills"]
    with open_at(path) as kit, open_at(calm) as other:
        assert held(other) == held(kit)
        assert [one.event for one in other.events()] == [one.event for one in kit.events()]
        assert JOURNEYS == kit.get(RefusalCount, "B-1/2026-03-02").count
        found = kit.verify()
        assert (True, ()) == (found.ok, found.problems)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
