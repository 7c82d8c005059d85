"""Two sweepers on one file, killed again and again: every rung is decided once, and goes out once.

Run as a module, this file is the process that does the killing: it has everything imported, so that it can fork a
sweeper, kill it and fork the next within some hundredths of a second.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from branchkit.errors import Conflict
from branchkit.escalation import RungOutcome, RungReached
from branchkit.kit import Kit, default_grants
from branchkit.procedures import OpenCase
from branchkit.storage import open_sqlite
from tests.property.case_model import decided
from tests.unit.kit.guarded import guarded_kit, rules
from tests.unit.kit.test_cases import DESK, HOUR, MONDAY

ROOT = Path(__file__).parents[2]
CASES = 200
KILLS = 200


def open_at(path: Path) -> Kit:
    """Open the store; a kill is no power cut, so nothing waits for the disk."""
    return Kit(open_sqlite(path, checkpoint_every=100, sync="normal"), rules(), grants=default_grants())


def open_cases(path: Path) -> None:
    """Make a store with hundreds of cases whose rungs all come due within the day."""
    guarded_kit(f"sqlite:///{path}?sync=normal").close()
    fields = {"procedure": "house.fault", "branch": "B-1", "by": DESK}
    commands = [
        OpenCase(f"C-{n}", priority="high", at=MONDAY + n * dt.timedelta(seconds=15), **fields) for n in range(CASES)
    ]
    with open_at(path) as kit:
        for _ in kit.do_all(commands):
            continue


def sweeper(path: Path, at: dt.datetime, writer: int) -> None:
    """Sweep to the end; write a dot for every case."""
    with open_at(path) as kit:
        while True:
            try:
                for swept in kit.sweep(at):
                    if swept.failed is not None:
                        raise SystemExit(f"{swept.case}: {swept.failed}")
                    os.write(writer, b".")
            except Conflict:
                continue
            break


class Runner:
    """One sweeper at a time, killed and started anew."""

    def __init__(self, path: Path, at: dt.datetime, chance: random.Random) -> None:
        self.path, self.at, self.chance = path, at, chance
        self.kills = 0
        self.over = False
        self.start()

    def start(self) -> None:
        """Fork a sweeper, which lives on until it has swept some cases."""
        self.reader, writer = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                os.close(self.reader)
                signal.alarm(30)  # one that hangs ends too, and not as one that was killed here
                sweeper(self.path, self.at, writer)
                status = 0
            finally:
                os._exit(status)
        os.close(writer)

    def step(self) -> None:
        """Let it get on by a case or none, and kill it; start the next unless it had come to its end."""
        if self.chance.random() < 0.3:
            os.read(self.reader, 1)
        time.sleep(self.chance.uniform(0, 0.008))
        os.kill(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        os.close(self.reader)
        if os.WIFSIGNALED(status):
            assert os.WTERMSIG(status) == signal.SIGKILL, "a sweeper hung"
            self.kills += 1
            self.start()
        else:
            assert os.WEXITSTATUS(status) == 0, "a sweeper failed"
            self.over = True


def main(path: Path, seed: int) -> None:
    """Sweep with two sweepers, both killed at random points, until nothing is due; say how often they were."""
    chance = random.Random(seed)
    with Kit.open("memory:", rules=rules()):
        pass
    kills = hours = 0
    # Hour after hour, as time goes by, so that cases come due again and again.
    while kills < KILLS:
        hours += 1
        runners = [Runner(path, MONDAY + hours * HOUR, chance) for _ in range(2)]
        while running := [one for one in runners if not one.over]:
            chance.choice(running).step()
        kills += sum(one.kills for one in runners)
    sys.stdout.write(json.dumps({"kills": kills, "hours": hours}))


@pytest.mark.slow
def test_killed_sweepers_lose_nothing_and_repeat_nothing(tmp_path: Path) -> None:
    """SIGKILL at 200 random points of two sweepers and more leaves what one undisturbed sweep an hour leaves."""
    path, calm = tmp_path / "killed.db", tmp_path / "calm.db"
    open_cases(path)
    with open_at(path) as kit:
        kit.store.backup(str(calm))

    args = [sys.executable, "-m", "tests.integration.test_kill_sweeps", path, "7"]
    done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, check=False, timeout=200)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    with open_at(calm) as kit:
        for hour in range(1, told["hours"] + 1):
            for _ in kit.sweep(MONDAY + hour * HOUR):
                continue

    assert told["kills"] >= KILLS
    with open_at(path) as kit, open_at(calm) as other:
        assert [] == list(kit.sweep(MONDAY + told["hours"] * HOUR))
        fired = decided(kit.events())
        assert [] == [key for key, count in Counter(fired).items() if count > 1]
        assert set(decided(other.events())) == set(fired)
        assert sorted(one.key for one in other.outbox()) == sorted(one.key for one in kit.outbox())
        people = {
            (one.event.case, one.event.clock, one.event.reached.rung, person)
            for one in kit.events()
            if isinstance(one.event, RungReached) and one.event.reached.outcome is RungOutcome.FIRED
            for person in one.event.reached.told
        }
        assert len(people) > CASES
        found = kit.verify()
        assert (True, ()) == (found.ok, found.problems)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
