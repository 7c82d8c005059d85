"""A write-ahead log that is cut off, damaged or gone: the store opens to a beginning of its commands, or says so."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import attrs
import pytest

from branchkit.errors import StoreCorrupt
from tests.integration.test_kill_replay import commands, dump, open_at

HEADER, FRAME = 32, 24 + 4096
"""Bytes of the log's own header, and of one frame: its header and a page."""
Rows = dict[str, list[tuple[object, ...]]]


@attrs.frozen
class Crashed:
    """A store as it lies on the disk when its machine stops, with no reader and no writer."""

    file: bytes
    log: bytes
    states: tuple[Rows, ...]
    """What was in it before the first command of the log, and after each."""

    @property
    def frames(self) -> int:
        """How many whole frames the log has."""
        return (len(self.log) - HEADER) // FRAME

    def put(self, path: Path, log: bytes | None) -> None:
        """Lay it somewhere with another log; never with what the stopped machine had in its memory."""
        for end in ("", "-wal", "-shm"):
            Path(f"{path}{end}").unlink(missing_ok=True)
        path.write_bytes(self.file)
        if log is not None:
            Path(f"{path}-wal").write_bytes(log)


def crash(path: Path, *, fold: bool) -> Crashed:
    """Let commands be done and stop; folded, all the log is in the file already and the log has not begun anew."""
    todo = commands(3)[:26]
    with open_at(path) as kit:
        for command in todo[:14]:
            kit.do(command)
    with open_at(path) as kit:
        states = [dump(path)]
        for command in todo[14:]:
            kit.do(command)
            states.append(dump(path))
        log = Path(f"{path}-wal").read_bytes()
        if fold:
            with closing(sqlite3.connect(path)) as other:
                assert (0, len(log) // FRAME, len(log) // FRAME) == other.execute(
                    "PRAGMA wal_checkpoint(PASSIVE)"
                ).fetchone()
        return Crashed(path.read_bytes(), log, tuple(states))


@pytest.fixture(scope="module")
def crashed(tmp_path_factory: pytest.TempPathFactory) -> Crashed:
    """Return a store that stopped with all its last commands in the log only."""
    return crash(tmp_path_factory.mktemp("crashed") / "s.db", fold=False)


def opened(path: Path) -> tuple[Rows, bool]:
    """Open a store, and return what is in it and whether it verifies."""
    with open_at(path) as kit:
        ok = kit.verify().ok
    return dump(path), ok


def cuts(crashed: Crashed) -> Iterator[int]:
    """Yield where to cut: at every frame's end, and somewhere within many."""
    chance = random.Random(11)
    yield from (0, 1, HEADER - 1)
    for frame in range(crashed.frames + 1):
        yield HEADER + frame * FRAME
        if frame % 3 == 0 and frame < crashed.frames:
            yield HEADER + frame * FRAME + chance.choice((1, 23, 24, FRAME - 1, chance.randrange(FRAME)))


@pytest.mark.slow
def test_a_log_that_is_cut_anywhere_leaves_whole_commands(crashed: Crashed, tmp_path: Path) -> None:
    """At every frame's end and within frames, the store opens to what some number of commands left, and verifies."""
    reached = []
    for cut in cuts(crashed):
        crashed.put(tmp_path / "s.db", crashed.log[:cut])
        rows, ok = opened(tmp_path / "s.db")
        assert ok, f"cut at byte {cut}"
        assert rows in crashed.states, f"cut at byte {cut}: half a command"
        reached.append(crashed.states.index(rows))

    assert sorted(reached) == reached
    assert set(range(len(crashed.states))) == set(reached)


@pytest.mark.slow
def test_a_log_with_a_wrong_byte_leaves_whole_commands(crashed: Crashed, tmp_path: Path) -> None:
    """Whatever byte of the log is another, the store opens to what some number of commands left, and verifies."""
    chance = random.Random(12)
    for _ in range(60):
        at = chance.randrange(len(crashed.log))
        log = bytearray(crashed.log)
        log[at] ^= 1 << chance.randrange(8)
        crashed.put(tmp_path / "s.db", bytes(log))
        rows, ok = opened(tmp_path / "s.db")
        assert ok, f"byte {at}"
        assert rows in crashed.states, f"byte {at}: half a command"


@pytest.mark.slow
def test_a_cut_log_beside_a_newer_file_is_found(tmp_path: Path) -> None:
    """Where the file has commands already that its log lost, no half command passes for a sound store.

    That is no crash, as SQLite writes the file after its log, but a log that was cut by hand or by a bad disk. Each
    time the store is one that some number of commands left, or it does not verify, or it says that it is damaged.
    """
    crashed = crash(tmp_path / "made.db", fold=True)
    sound = found = 0
    for cut in range(HEADER, len(crashed.log) + 1, FRAME * 2):
        crashed.put(tmp_path / "s.db", crashed.log[:cut])
        try:
            with open_at(tmp_path / "s.db") as kit:
                ok = kit.verify().ok
        except StoreCorrupt:
            found += 1
            continue
        if ok:
            assert dump(tmp_path / "s.db") in crashed.states, f"cut at byte {cut}: half a command"
            sound += 1
        else:
            found += 1

    assert sound
    assert found


@pytest.mark.parametrize("memory", [None, b"", b"\xff" * 32768, bytes(32768), b"\x18\xe2\x2d" * 9000])
def test_what_was_in_shared_memory_is_not_needed(crashed: Crashed, tmp_path: Path, memory: bytes | None) -> None:
    """Without the log's index, or with noise in its place, everything that was committed is there."""
    path = tmp_path / "s.db"
    crashed.put(path, crashed.log)
    if memory is not None:
        Path(f"{path}-shm").write_bytes(memory)

    assert (crashed.states[-1], True) == opened(path)


def test_without_its_log_a_store_is_what_its_file_says(crashed: Crashed, tmp_path: Path) -> None:
    """A file that was copied without its log is the store of its last fold, which verifies and is written on."""
    path = tmp_path / "s.db"
    crashed.put(path, None)

    assert (crashed.states[0], True) == opened(path)
    with open_at(path) as kit:
        for command in commands(3)[14:26]:
            kit.do(command)
    assert (crashed.states[-1], True) == opened(path)
