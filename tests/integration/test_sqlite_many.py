"""Several programs and threads on one SQLite store, copies taken meanwhile, and programs that are killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from branchkit.errors import StorageError, StoreCorrupt
from branchkit.storage import open_sqlite, restore_sqlite, verify_chains
from branchkit.testing.stores import some_entries

_WRITE = """
import sys
from branchkit.storage import open_sqlite
from branchkit.testing.stores import some_entries

path, name, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
with open_sqlite(path, sync="normal", patience=60) as store:
    for event in some_entries(count):
        with store.transaction() as tx:
            seen = tx.get("counter", "all")
            tx.put("counter", "all", {"n": (seen.body["n"] if seen else 0) + 1}, expect=seen.version if seen else 0)
            tx.append(name, [event])
            tx.append("all", [event])
            tx.remember(f"{name}-{event.command}", "digest", {})
"""

_HANG = """
import sys
from branchkit.storage import open_sqlite
from branchkit.testing.stores import some_entries

with open_sqlite(sys.argv[1]) as store:
    with store.transaction() as tx:
        tx.put("branch", "kept", {})
        tx.append("s", some_entries(3))
    with store.transaction() as tx:
        tx.put("branch", "lost", {"x": "y" * 5_000_000})
        tx.append("s", some_entries(5000))
        print("in the middle", flush=True)
        sys.stdin.read()
"""


def test_two_programs_lose_nothing(tmp_path: Path) -> None:
    """Two processes that write one store at once count every command, in one chain without holes."""
    path = tmp_path / "s.db"
    names = ("left", "right")
    programs = [subprocess.Popen([sys.executable, "-c", _WRITE, str(path), name, "150"]) for name in names]
    codes = [program.wait(timeout=120) for program in programs]

    with open_sqlite(path) as store:
        report = verify_chains(store)
        with store.transaction(write=False) as tx:
            counter = tx.get("counter", "all")
            versions = [tx.stream_version(stream) for stream in ("left", "right", "all")]
            remembered = [tx.outcome(f"{name}-c-{n}") for name in names for n in range(150)]

    assert [0, 0] == codes
    assert counter is not None
    assert ({"n": 300}, 300) == (counter.body, counter.version)
    assert [150, 150, 300] == versions
    assert None not in remembered
    assert (True, 600) == (report.ok, report.entries)


def test_a_killed_program_leaves_whole_transactions(tmp_path: Path) -> None:
    """What was committed before a kill is there, and nothing of what was not."""
    path = tmp_path / "s.db"
    with subprocess.Popen(
        [sys.executable, "-c", _HANG, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert "in the middle\n" == program.stdout.readline()
        os.kill(program.pid, signal.SIGKILL)
        program.wait()

    with open_sqlite(path) as store:
        report = verify_chains(store)
        with store.transaction() as tx:
            ids = [each.id for each in tx.find("branch", {}).items]
            (entry,) = tx.append("s", some_entries(1))

    assert (True, 3) == (report.ok, report.entries)
    assert ["kept"] == ids
    assert (4, 4) == (entry.seq, entry.version)


def test_a_backup_is_one_state_while_others_write(tmp_path: Path) -> None:
    """Copies that are taken while a thread writes verify, and hold whole transactions only."""
    done = threading.Event()
    with open_sqlite(tmp_path / "s.db", sync="normal") as store:

        def write() -> None:
            n = 0
            while not done.is_set():
                n += 1
                with store.transaction() as tx:
                    tx.put("branch", "B", {"n": n})
                    tx.append("s", some_entries(3))

        writer = threading.Thread(target=write)
        writer.start()
        try:
            for n in range(5):
                store.backup(str(tmp_path / f"copy{n}.db"))
        finally:
            done.set()
            writer.join()

    entries = []
    for n in range(5):
        restore_sqlite(tmp_path / f"copy{n}.db", tmp_path / f"restored{n}.db")
        with open_sqlite(tmp_path / f"restored{n}.db") as copy, copy.transaction(write=False) as tx:
            report = verify_chains(copy)
            branch = tx.get("branch", "B")
            assert report.ok
            assert report.entries == (3 * branch.version if branch else 0)
            entries.append(report.entries)
    assert sorted(entries) == entries


def test_a_copy_overwrites_nothing(tmp_path: Path) -> None:
    """Neither a backup nor a restoration touches a file that exists, nor makes one of a source that is no store."""
    (tmp_path / "text.db").write_bytes(b"not a database at all, " * 100)
    (tmp_path / "empty.db").touch()
    with open_sqlite(tmp_path / "s.db") as store:
        with store.transaction() as tx:
            tx.put("branch", "B", {})
        with pytest.raises(StorageError, match="exists"):
            store.backup(str(tmp_path / "text.db"))
        with pytest.raises(StorageError, match="cannot be opened"):
            store.backup(str(tmp_path / "none" / "copy.db"))
        store.backup(str(tmp_path / "copy.db"))

    with pytest.raises(StorageError, match="exists"):
        restore_sqlite(tmp_path / "copy.db", tmp_path / "s.db")
    with pytest.raises(StorageError, match="no such file"):
        restore_sqlite(tmp_path / "none.db", tmp_path / "new.db")
    with pytest.raises(StoreCorrupt, match="not a SQLite database"):
        restore_sqlite(tmp_path / "text.db", tmp_path / "new.db")
    with pytest.raises(StorageError, match="holds no branchkit store"):
        restore_sqlite(tmp_path / "empty.db", tmp_path / "new.db")
    assert not (tmp_path / "new.db").exists()


def test_a_forked_child_is_told_to_open_anew(tmp_path: Path) -> None:
    """A store that was opened before a fork refuses in the child, where its connections would do harm."""
    code = """
import os, sys
from branchkit.errors import StorageError
from branchkit.storage import open_sqlite

store = open_sqlite(sys.argv[1])
if os.fork() == 0:
    try:
        with store.transaction():
            os._exit(1)
    except StorageError as error:
        os._exit(0 if "forked" in str(error) else 2)
sys.exit(os.waitstatus_to_exitcode(os.wait()[1]))
"""

    assert 0 == subprocess.run([sys.executable, "-c", code, str(tmp_path / "s.db")], check=False).returncode
