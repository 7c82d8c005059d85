"""A replay that is killed anywhere, again and again, ends as one that nobody disturbed.

Run as a module, this file is the process that does the killing: it has everything imported, so that it can fork a
replay, kill it and fork the next within some hundredths of a second.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from branchkit.estate import Equipment as Device
from branchkit.estate import EquipmentState, InstallEquipment, SetEquipmentState
from branchkit.kit import Kit, command_line, default_grants, replay
from branchkit.kit.replay import ReplayReport
from branchkit.messages import Command
from branchkit.storage import MemoryStore, open_sqlite
from tests.unit.kit.house import BRANCH, CLERK, at, register, rules, sheet, submit

ROOT = Path(__file__).parents[2]
TABLES = ("journal", "checkpoint", "document", "index", "unique", "outcome", "meta")
KILLS = 200
OPENINGS = 8
"""How many kills fall at once, while the store is being made or opened."""
COMMANDS = 300


def commands(seed: int) -> list[Command]:
    """Return commands that open and close findings, install devices and change branches; none has personal text."""
    chance = random.Random(seed)
    names = [f"B-{number}" for number in range(12)]
    found: list[Command] = []
    machines = {name: ["ATM-1", "ATM-2"] for name in names}
    for number, name in enumerate(names):
        found.append(register(attrs.evolve(BRANCH, id=name), hours=number / 100))
    while len(found) < COMMANDS:
        number = len(found)
        name, hours = chance.choice(names), number / 10
        own = {"by": CLERK, "at": at(hours), "id": f"c-{seed}-{number}" if chance.random() < 0.5 else None}
        draw = chance.random()
        if draw < 0.05:
            device = f"ATM-{len(machines[name]) + 1}"
            machines[name].append(device)
            found.append(InstallEquipment(name, Device(device, kind="atm", zone="Z-1"), **own))
        elif draw < 0.15:
            state = chance.choice([one for one in EquipmentState if one is not EquipmentState.RETIRED])
            found.append(SetEquipmentState(name, chance.choice(machines[name]), state, **own))
        else:
            screens = tuple(one for one in machines[name] if chance.random() < 0.3)
            floor = chance.choice(["pass", "fail"])
            one = sheet(f"S-{number}", hours, branch=name, machines=tuple(machines[name]), floor=floor, screens=screens)
            found.append(submit(one, id=own["id"]))
    return found


def dump(path: Path, tables: tuple[str, ...] = TABLES) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of a store as they are, byte for byte."""
    with closing(sqlite3.connect(path)) as connection:
        return {name: sorted(connection.execute(f"SELECT * FROM branchkit_{name}"), key=repr) for name in tables}  # noqa: S608


def journal(path: Path) -> list[tuple[object, ...]]:
    """Return the rows of the journal in order; nothing for a store that was not made yet."""
    if not has_store(path):
        return []
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute("SELECT * FROM branchkit_journal ORDER BY seq").fetchall()


def has_store(path: Path) -> bool:
    """Say whether the making of a store came to its end."""
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        sql = "SELECT 1 FROM sqlite_master WHERE name = 'branchkit_journal'"
        return connection.execute(sql).fetchone() is not None


def open_at(path: Path) -> Kit:
    """Open a store with checkpoints close enough to be met; a kill is no power cut, so nothing waits for the disk."""
    return Kit(open_sqlite(path, checkpoint_every=50, sync="normal"), rules(), grants=default_grants())


def replay_into(path: Path, file: Path, *, batch: int, progress: Callable[[int], object] | None = None) -> ReplayReport:
    """Replay a file into a store, few commands to a commit."""
    with open_at(path) as kit, file.open("rb") as lines:
        return replay(kit, lines, source=file.name, batch=batch, progress=progress)


def child(path: Path, file: Path, batch: int, done: int, writer: int) -> None:
    """Replay a file; write a dot after every commit of something new and, at the end, what came of it."""
    through = 0

    def tell(more: int) -> None:
        nonlocal through
        through += more
        if through > done:
            os.write(writer, b".")

    report = replay_into(path, file, batch=batch, progress=tell)
    plain = {name: getattr(report, name) for name in ("commands", "accepted", "repeated", "events")}
    os.write(writer, json.dumps(plain | {"refused": len(report.refused)}).encode())


def main(file: Path, path: Path, calm: Path, seed: int, batch: int) -> None:
    """Replay a file, killed at random points, until it is through; write what came of it to standard output.

    A kill comes some commits after the child's first new one and then some moments later, so that every replay but
    the few that are killed while they open the store gets on, however busy the machine is.
    """
    chance = random.Random(seed)
    right = journal(calm)
    # Once through in memory: whatever is loaded or compiled when it is first needed is there in every child.
    with Kit(MemoryStore(), rules(), grants=default_grants()) as kit, file.open("rb") as lines:
        replay(kit, lines, source=file.name)
    kills = 0
    while True:
        done = len(dump(path, ("outcome",))["outcome"]) if has_store(path) else 0
        reader, writer = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(reader)
            signal.alarm(30)  # a replay that hangs is killed too, and the next one has to get on
            child(path, file, batch, done, writer)
            os._exit(0)
        os.close(writer)
        told = b""
        if kills < OPENINGS or chance.random() < 0.1:
            time.sleep(chance.uniform(0, 0.03))
        else:
            commits = chance.randint(1, 4)
            while told.count(b".") < commits and (more := os.read(reader, commits - told.count(b"."))):
                told += more
            time.sleep(chance.uniform(0, 0.006))
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
        with os.fdopen(reader, "rb") as pipe:
            told += pipe.read()
        rows = journal(path)
        assert right[: len(rows)] == rows, f"after {kills} kills the journal is none of the calm run's beginnings"
        if not os.WIFSIGNALED(status):
            assert os.WEXITSTATUS(status) == 0, f"a replay failed after {kills} kills"
            break
        kills += 1
        if rows:
            with open_at(path) as kit:
                found = kit.verify()
            assert found.ok, found.problems
    sys.stdout.write(json.dumps({"kills": kills, "last": json.loads(told.lstrip(b"."))}))


@pytest.mark.slow
def test_a_killed_replay_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    """SIGKILL at more than 200 random points leaves, once the file is through, what an undisturbed run leaves."""
    kills = run = 0
    while kills < KILLS:
        run += 1
        batch = 1 + run % 3
        file, calm, path = (tmp_path / f"{run}.{end}" for end in ("jsonl", "calm.db", "db"))
        file.write_bytes(b"".join(command_line(command) + b"\n" for command in commands(run)))
        undisturbed = replay_into(calm, file, batch=200)
        args = [sys.executable, "-m", "tests.integration.test_kill_replay", file, path, calm, str(run), str(batch)]
        done = subprocess.run(args, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        told = json.loads(done.stdout)
        kills += told["kills"]

        assert (COMMANDS, 0, ()) == (undisturbed.accepted, undisturbed.repeated, undisturbed.refused)
        assert COMMANDS == told["last"]["accepted"] + told["last"]["repeated"] == told["last"]["commands"]
        assert told["last"]["refused"] == 0
        assert dump(calm) == dump(path)
        with open_at(path) as kit, open_at(calm) as other:
            found = kit.verify()
            assert (True, ()) == (found.ok, found.problems)
            assert other.verify().head == found.head
        again = replay_into(path, file, batch=batch)
        assert (0, COMMANDS, 0) == (again.accepted, again.repeated, again.events)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]), *map(int, sys.argv[4:]))
