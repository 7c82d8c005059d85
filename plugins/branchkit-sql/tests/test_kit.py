"""The kit over a server: the same journal as over a file and in memory, and processes that work side by side."""

from __future__ import annotations

import datetime as dt
import random
import subprocess
import sys
import time
from pathlib import Path

import attrs
import sqlalchemy
from branchkit_sql import open_postgresql
from branchkit_sql.schema import tables_of

import branchkit as bk
from branchkit.errors import BranchkitError, Conflict
from branchkit.estate import (
    Branch,
    Equipment,
    EquipmentState,
    InstallEquipment,
    RegisterBranch,
    ReviseBranch,
    SetEquipmentState,
    StaffMember,
    Zone,
)
from branchkit.kit import Kit
from branchkit.messages import Actor, Command
from branchkit.testing.stores import some_entries

START = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
CLERK = Actor("C-17", posts=("estate_administrator",))
COMMANDS = 500


def commands(seed: int, *, count: int = COMMANDS, branches: int = 20) -> list[Command]:
    """Return commands that register branches with named staff, install devices and change their state."""
    chance = random.Random(seed)
    made: list[Command] = []
    estate: dict[str, Branch] = {}
    while len(made) < count:
        own = {"by": CLERK, "at": START + dt.timedelta(minutes=len(made)), "id": f"c-{seed}-{len(made)}"}
        name = f"B-{seed}-{chance.randrange(branches)}"
        branch, draw = estate.get(name), chance.random()
        if branch is None:
            zones = (Zone("Z", kind="self_service_zone"),)
            branch = Branch(name, time_zone="Asia/Shanghai", zones=zones, equipment=(), staff=())
            made.append(RegisterBranch(branch, **own))
        elif draw < 0.2:
            staff = (*branch.staff, StaffMember(f"E-{len(branch.staff)}", name=f"员工 {len(made)}"))
            branch = attrs.evolve(branch, staff=staff)
            made.append(ReviseBranch(branch, **own))
        elif draw < 0.5 or not branch.equipment:
            device = Equipment(f"ATM-{len(branch.equipment)}", kind="atm", zone="Z")
            branch = attrs.evolve(branch, equipment=(*branch.equipment, device))
            made.append(InstallEquipment(name, device, **own))
        else:
            device = chance.choice(branch.equipment)
            works = device.state is EquipmentState.IN_SERVICE
            state = EquipmentState.OUT_OF_SERVICE if works else EquipmentState.IN_SERVICE
            devices = tuple(attrs.evolve(one, state=state) if one is device else one for one in branch.equipment)
            branch = attrs.evolve(branch, equipment=devices)
            made.append(SetEquipmentState(name, device.id, state, **own))
        estate[name] = branch
    return made


def key(ref: str) -> bytes:
    """Return the key of a personal value, the same in every store."""
    return ref.encode().ljust(32, b".")[:32]


def do_all(kit: Kit, asked: list[Command]) -> None:
    """Carry out commands one by one, each until no rival is faster."""
    for command in asked:
        while True:
            try:
                kit.do(command)
            except Conflict:
                continue
            break


def test_a_server_a_file_and_memory_end_with_the_same_head(address: str, tmp_path: Path) -> None:
    """The same commands give the same journal everywhere; it verifies, and the documents are what it says."""
    asked = commands(1)
    heads = set()
    for store in ("memory:", f"sqlite:///{tmp_path / 'branch.db'}?sync=normal", address):
        with Kit.open(store, entropy=key) as kit:
            done = list(kit.do_all(asked, batch=50))
            assert [] == [one for one in done if isinstance(one, BranchkitError)]
            found = kit.verify()
            assert (True, COMMANDS) == (found.ok, found.entries)
            heads.add(found.head)
    with Kit.open(address, entropy=key) as kit:
        again = list(kit.do_all(asked[:60]))
        rebuilt = kit.rebuild()
        heads.add(kit.verify().head)

        assert 1 == len(heads)
        assert all(isinstance(one, bk.Outcome) and one.repeated for one in again)
        assert (0, 0, 0) == attrs.astuple(rebuilt)[1:]


def test_a_changed_document_is_named_and_made_anew(address: str, server: str) -> None:
    """A document that was changed behind the store's back is found, and `rebuild` puts it right."""
    with Kit.open(address, entropy=key) as kit:
        do_all(kit, commands(2, count=20, branches=2))
        d = tables_of(address.rpartition("=")[2]).document
        engine = sqlalchemy.create_engine(server.replace(":", "+psycopg:", 1))
        with engine.begin() as connection:
            changed = d.update().where(d.c.id == "B-2-0").values(text=sqlalchemy.func.replace(d.c.text, "ATM", "ADM"))
            connection.execute(changed)
        engine.dispose()

        assert "branch 'B-2-0' is not what the journal says" in kit.verify().problems[0]
        assert 1 == kit.rebuild().changed
        assert kit.verify().ok


# -- processes


def spawn(role: str, *arguments: str) -> subprocess.Popen[str]:
    """Run a part of this file in a process of its own."""
    return subprocess.Popen([sys.executable, __file__, role, *arguments], text=True, stdout=subprocess.PIPE)


def end(process: subprocess.Popen[str]) -> int:
    """Wait for a process and return how it ended."""
    process.communicate(timeout=60)
    return process.returncode


def test_two_processes_count_without_losing_a_step(address: str) -> None:
    """Two processes that read a number and write the next one make every step once, in a journal without holes."""
    with open_postgresql(address, checkpoint_every=7) as store:
        with store.transaction() as tx:
            tx.put("count", "A", {"n": 0})
        both = [spawn("count", address, name) for name in ("one", "two")]
        assert [0, 0] == [end(process) for process in both]
        with store.transaction(write=False) as tx:
            entries = tx.read()
            last = tx.get("count", "A")

    assert list(range(1, 81)) == [each.seq for each in entries]
    assert list(range(1, 81)) == [each.body["n"] for each in entries]
    assert {"one": 40, "two": 40} == {name: sum(each.stream == name for each in entries) for name in ("one", "two")}
    assert last is not None
    assert {"n": 80} == last.body


def test_two_processes_with_the_same_commands_do_each_once(address: str) -> None:
    """Two kits that are told the same and more besides end with each command done once, and it verifies."""
    with Kit.open(address, entropy=key) as kit:
        both = [spawn("do", address, seed) for seed in ("5", "6")]
        assert [0, 0] == [end(process) for process in both]
        found = kit.verify()
        told = [happened.command for happened in kit.events()]

    assert (True, 120) == (found.ok, found.entries)
    assert {command.id for seed in (4, 5, 6) for command in commands(seed, count=40, branches=3)} == set(told)


def test_a_process_that_is_killed_in_its_turn_holds_nobody_up(address: str) -> None:
    """When a writer's process is killed between its first write and its commit, the server undoes it at once."""
    with open_postgresql(address) as store:
        with spawn("hang", address) as process:
            assert process.stdout is not None
            assert "in turn\n" == process.stdout.readline()
            process.kill()
        with store.transaction() as tx:
            assert 1 == tx.append("a", some_entries(1))[0].seq


def main(role: str, address: str, *arguments: str) -> None:
    """Do what a process of its own has to do."""
    if role == "do":
        with Kit.open(address, entropy=key) as kit:
            do_all(kit, commands(4, count=40, branches=3) + commands(int(arguments[0]), count=40, branches=3))
        return
    with open_postgresql(address) as store:
        if role == "hang":
            with store.transaction() as tx:
                tx.append("a", some_entries(2))
                print("in turn", flush=True)  # noqa: T201 - the process that waits for it reads it
                time.sleep(60)
        done = 0
        while done < 40:
            try:
                with store.transaction() as tx:
                    seen = tx.get("count", "A")
                    assert seen is not None
                    n = seen.body["n"] + 1
                    tx.put("count", "A", {"n": n})
                    tx.append(arguments[0], [attrs.evolve(some_entries(1)[0], body={"n": n})])
            except Conflict:
                continue
            done += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
