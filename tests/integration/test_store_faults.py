"""A full disk, a file that may not be written, a file that another program keeps: clear words, and nothing is lost."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from branchkit.errors import StorageError
from branchkit.storage import SqliteStore, open_sqlite, verify_chains
from branchkit.testing.stores import some_entries

NOBODY = 65534


def write(store: SqliteStore, count: int) -> None:
    """Write commands that each say how many there are."""
    for _ in range(count):
        with store.transaction() as tx:
            seen = tx.get("counter", "all")
            tx.put("counter", "all", {"n": (seen.body["n"] if seen else 0) + 1})
            tx.append("s", some_entries(1))


def count(store: SqliteStore) -> int:
    """Return how many commands there are, after holding journal and documents against each other."""
    report = verify_chains(store)
    with store.transaction(write=False) as tx:
        seen = tx.get("counter", "all")
    assert (True, ()) == (report.ok, store.check()), report.problems
    assert report.entries == (seen.body["n"] if seen else 0)
    return report.entries


# -- what may not be written

_AS_SOMEBODY = """
import json, os, sys
from pathlib import Path
from branchkit.errors import BranchkitError
from branchkit.storage import MemoryStore, open_sqlite, verify_chains
from tests.integration.test_store_faults import NOBODY, count, write

path, warm = sys.argv[1:]
with open_sqlite(warm) as store:
    # Whatever is imported when it is first needed is there before the rights are gone.
    write(store, 1), count(store)
if os.geteuid() == 0:
    os.setgid(NOBODY)
    os.setuid(NOBODY)
if not os.access(Path(path).parent, os.X_OK):
    sys.exit(77)
told = {}
for name, work in {"read": count, "write": lambda store: write(store, 1)}.items():
    try:
        with open_sqlite(path) as store:
            told[name] = work(store)
    except BranchkitError as error:
        told[name] = str(error).removeprefix(path)
print(json.dumps(told))
"""


@pytest.fixture
def folder() -> Iterator[Path]:
    """Make a folder that another user can get to, which those of pytest are not."""
    made = Path(tempfile.mkdtemp())
    made.chmod(0o755)
    yield made
    made.chmod(0o755)
    shutil.rmtree(made)


_MAY_NOT_READ = ": this program may not read it; give it the right to read and write the file"
_READ_ONLY_FILE = ": the file is read-only; give the program the right to write to it"
_READ_ONLY_FOLDER = ": its directory is read-only; let the program write there"
_NO_NEW_FILE = ": this program may not make files in its directory; give it the right to"


@pytest.mark.parametrize(
    ("file", "around", "told"),
    [
        (0o444, 0o755, {"read": 3, "write": _READ_ONLY_FILE}),
        (0o644, 0o555, {"read": _READ_ONLY_FOLDER, "write": _READ_ONLY_FOLDER}),
        (0o000, 0o755, {"read": _MAY_NOT_READ, "write": _MAY_NOT_READ}),
        (None, 0o555, {"read": _NO_NEW_FILE, "write": _NO_NEW_FILE}),
    ],
    ids=["file", "folder", "unreadable", "new"],
)
def test_what_may_not_be_written_is_named_and_left_as_it_was(
    folder: Path, tmp_path: Path, file: int | None, around: int, told: dict[str, Any]
) -> None:
    """A user without rights is told which right is missing, also where tests run as root; the store is as before."""
    path = folder / "s.db"
    if file is not None:
        with open_sqlite(path) as store:
            write(store, 3)
        path.chmod(file)
        if os.geteuid() == 0:
            os.chown(path, NOBODY, NOBODY)
            os.chown(folder, NOBODY, NOBODY)
        before = path.stat().st_size
    folder.chmod(around)

    args = [sys.executable, "-c", _AS_SOMEBODY, path, tmp_path / "warm.db"]
    done = subprocess.run(args, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)
    if done.returncode == 77:
        pytest.skip("the folder for temporary files is closed to other users")
    folder.chmod(0o755)

    assert 0 == done.returncode, done.stderr
    assert told == json.loads(done.stdout)
    if file is None:
        assert not path.exists()
        return
    path.chmod(0o644)
    assert before == path.stat().st_size
    with open_sqlite(path) as store:
        write(store, 1)
        assert 4 == count(store)


# -- what another program keeps

_KEEP = """
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in sys.argv[2:]:
    connection.execute(statement)
print("kept", flush=True)
sys.stdin.read()
"""


@contextmanager
def kept(path: Path, *statements: str) -> Iterator[int]:
    """Let another program execute statements and hold still; give its number."""
    with subprocess.Popen(
        [sys.executable, "-c", _KEEP, path, *statements], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as program:
        assert program.stdout is not None
        assert "kept\n" == program.stdout.readline()
        yield program.pid
        program.communicate("")


def test_who_keeps_the_file_from_a_writer_is_named(tmp_path: Path) -> None:
    """A writer waits as long as it may and is told whom for; readers and copies go on; after the release it writes."""
    path = tmp_path / "s.db"
    with open_sqlite(path, patience=0.3) as store:
        write(store, 3)
        with kept(path, "BEGIN EXCLUSIVE", "UPDATE branchkit_meta SET value = 99 WHERE key = 'tip'") as pid:
            began = time.monotonic()
            with pytest.raises(StorageError) as caught:
                write(store, 1)
            waited = time.monotonic() - began
            during = count(store)
            store.backup(str(tmp_path / "copy.db"))
        write(store, 1)
        after = count(store)

    who = f" (process {pid})" if Path("/proc/locks").exists() else ""
    assert f"the file stayed locked by another program{who}" == caught.value.what
    assert "try again" in str(caught.value.hint)
    assert waited >= 0.3
    assert (3, 4) == (during, after)
    with open_sqlite(tmp_path / "copy.db") as copy:
        assert 3 == count(copy)


def test_who_keeps_the_whole_file_is_named(tmp_path: Path) -> None:
    """A program that lets nobody else near the file is named at the opening; once it is gone the store opens."""
    path = tmp_path / "s.db"
    with open_sqlite(path) as store:
        write(store, 3)

    with (
        kept(path, "PRAGMA locking_mode = EXCLUSIVE", "BEGIN IMMEDIATE") as pid,
        pytest.raises(StorageError) as caught,
    ):
        open_sqlite(path, patience=0.3)

    who = f" (process {pid})" if Path("/proc/locks").exists() else ""
    assert f"the file stayed locked by another program{who}" == caught.value.what
    with open_sqlite(path) as store:
        write(store, 1)
        assert 4 == count(store)


# -- a full disk

_FILL = """
import json, os, sys
from pathlib import Path
from branchkit.errors import StorageError
from branchkit.storage import open_sqlite
from tests.integration.test_store_faults import count, write

folder, limit = Path(sys.argv[1]), int(sys.argv[2])
if limit:
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
else:
    (folder / "ballast").write_bytes(bytes(1_000_000))
store = open_sqlite(folder / "s.db")
told = []
for turn in range(3):
    done = 0
    try:
        while done < 5000:
            write(store, 1)
            done += 1
    except StorageError as error:
        told.append([done, error.what])
    # While there is no room, everything can be read by whoever has it open.
    told.append(count(store))
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
else:
    (folder / "ballast").unlink()
write(store, 10)
told.append(count(store))
store.close()
with open_sqlite(folder / "s.db") as store:
    write(store, 10)
    told.append(count(store))
print(json.dumps(told))
"""
_FULL = "the disk is full; nothing was written"


@pytest.mark.parametrize("how", ["disk", "limit"])
def test_a_full_disk_loses_nothing(tmp_path: Path, how: str) -> None:
    """On a small disk of its own, or under a limit of the system, what was acknowledged is there and no more.

    The commit that no longer fits says why; after room was made the same open store writes on.
    """
    args = [sys.executable, "-c", _FILL, str(tmp_path), "0" if how == "disk" else "600000"]
    if how == "disk":
        mount = 'mount -t tmpfs -o size=2500k none "$0" && exec "$@"'
        alone = ["unshare", "--mount", *(["-r"] if os.geteuid() else []), "sh", "-c", mount, str(tmp_path)]
        if shutil.which("unshare") is None or subprocess.run([*alone, "true"], check=False).returncode:
            pytest.skip("this system lets nobody mount a disk of their own")
        args = [*alone, *args]

    done = subprocess.run(args, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False)

    assert 0 == done.returncode, done.stderr
    (first, word), one, (second, other), two, (third, last), three, grown, reopened = json.loads(done.stdout)
    words = {_FULL} if how == "disk" else {_FULL, "the disk reported an error"}
    assert {word, other, last} <= words
    assert first > 20
    assert [first, first + second, first + second + third] == [one, two, three]
    assert (three + 10, three + 20) == (grown, reopened)
