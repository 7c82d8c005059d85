"""Copies of a SQLite store that other programs go on writing: each restores to a beginning of what they wrote."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from branchkit.kit import command_line
from branchkit.storage import restore_sqlite
from branchkit.storage.sqlite import open_sqlite
from tests.integration.test_kill_replay import COMMANDS, commands, journal, open_at, replay_into

ROOT = Path(__file__).parents[2]
COPIES = 6

_REPLAY = """
import sys
from pathlib import Path
from tests.integration.test_kill_replay import replay_into

replay_into(Path(sys.argv[1]), Path(sys.argv[2]), batch=1)
"""


@pytest.mark.slow
def test_a_copy_taken_while_programs_write_restores_to_a_verified_beginning(tmp_path: Path) -> None:
    """Each copy verifies, documents included, has a beginning of the final journal, and can be written on."""
    path = tmp_path / "s.db"
    files = [tmp_path / f"{seed}.jsonl" for seed in (1, 2)]
    for seed, file in enumerate(files):
        lines = [command_line(command) + b"\n" for command in commands(seed + 1)]
        # Both have the same branches, so that both change the same documents; what the other did first is refused.
        file.write_bytes(b"".join(lines))
    open_at(path).close()
    programs = [subprocess.Popen([sys.executable, "-c", _REPLAY, path, file], cwd=ROOT) for file in files]
    sizes = []
    try:
        with open_sqlite(path, sync="normal", patience=60) as store:
            pause = threading.Event()
            for n in range(COPIES):
                wanted = 60 * n
                while len(journal(path)) < wanted and any(program.poll() is None for program in programs):
                    pause.wait(0.005)
                busy = sum(program.poll() is None for program in programs)
                before = len(journal(path))
                store.backup(str(tmp_path / f"copy-{n}.db"))
                sizes.append((busy, before, len(journal(path))))
    finally:
        codes = [program.wait(timeout=120) for program in programs]

    assert [0, 0] == codes
    assert sum(busy == 2 for busy, _, _ in sizes) >= COPIES // 2
    whole = journal(path)
    for n, (_, before, after) in enumerate(sizes):
        again = tmp_path / f"restored-{n}.db"
        restore_sqlite(tmp_path / f"copy-{n}.db", again)
        rows = journal(again)
        with open_at(again) as kit:
            found = kit.verify()
        assert (True, ()) == (found.ok, found.problems)
        assert before <= len(rows) <= after
        assert whole[: len(rows)] == rows
    # A copy is a store as any other: what is missing in it is done there.
    last = tmp_path / f"restored-{COPIES - 1}.db"
    report = replay_into(last, files[0], batch=50)
    with open_at(last) as kit:
        found = kit.verify()
    assert COMMANDS == report.commands
    assert report.repeated > 0
    assert (True, ()) == (found.ok, found.problems)
