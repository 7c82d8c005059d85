"""Several programs change a few keys of one SQLite file at once, some are killed: one order explains their answers."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from branchkit.storage import SqliteStore, Store, open_sqlite, verify_chains
from branchkit.testing.store_hammer import hammer, read_steps, take_steps
from branchkit.testing.store_history import order_of

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def _importable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a process that is started find this module, however the tests were."""
    monkeypatch.syspath_prepend(str(ROOT))


def open_patient(path: Path) -> SqliteStore:
    """Open the store as it is."""
    return open_sqlite(path, sync="normal", patience=60)


class Sabotaged:
    """A store in a file, in another hand."""

    def __init__(self, path: Path) -> None:
        self.store = open_patient(path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)


class StaleReads(Sabotaged):
    """Lets five looks in a row see the state that the first of them saw, as a replica that lags behind."""

    looks = 0
    kept: Any = None

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[Any, None, None]:
        if write:
            with self.store.transaction() as tx:
                yield tx
            return
        if self.looks % 5 == 0:
            self.close_look()
            self.kept = self.store.transaction(write=False)
            self.tx = self.kept.__enter__()
        self.looks += 1
        yield self.tx

    def close_look(self) -> None:
        if self.kept is not None:
            self.kept.__exit__(None, None, None)

    def close(self) -> None:
        self.close_look()
        self.store.close()


class LostUpdates(Sabotaged):
    """Writes in one transaction what was decided in another one, and expects nothing."""

    @contextmanager
    def transaction(self, *, write: bool = True) -> Generator[Any, None, None]:
        later: list[tuple[str, tuple[Any, ...]]] = []
        with self.store.transaction(write=False) as tx:
            yield _Later(tx, later) if write else tx
        if later:
            with self.store.transaction() as tx:
                for name, args in later:
                    getattr(tx, name)(*args)


class _Later:
    def __init__(self, tx: Any, later: list[tuple[str, tuple[Any, ...]]]) -> None:
        self.get, self.stream_version, self.later = tx.get, tx.stream_version, later

    def put(self, *args: Any, expect: int | None = None) -> None:
        self.later.append(("put", args))

    def delete(self, *args: Any, expect: int | None = None) -> None:
        self.later.append(("delete", args))

    def append(self, *args: Any, expect: int | None = None) -> None:
        self.later.append(("append", args))


@pytest.mark.slow
def test_one_order_explains_what_five_programs_were_answered(tmp_path: Path) -> None:
    """600 steps of five processes that overlap, with conflicts among them, have one order, and nothing is lost."""
    with open_patient(tmp_path / "s.db") as store:
        steps = hammer(store, tmp_path, opener=partial(open_patient, tmp_path / "s.db"), workers=5, steps=120)
        ordering = order_of(steps)
        report = verify_chains(store)

    told = Counter(word for log in tmp_path.glob("worker-*") for word in log.read_text().split('"'))
    overlaps = sum(
        other.began < (step.ended or 0) and step.began < (other.ended or 0)
        for step, other in zip(steps, steps[120:], strict=False)
    )
    assert ordering.ok, str(ordering)
    assert (5 * 120, 0) == (told["done"] + told["conflict"], told["error"])
    assert told["conflict"] > 5
    assert told["done"] + 1 == len(ordering.order)
    assert overlaps
    assert report.ok


@pytest.mark.slow
def test_a_killed_program_did_its_last_step_or_did_not(tmp_path: Path) -> None:
    """Processes that are killed in the middle of a step leave a history that still has an order, and a sound store."""
    path, chance = tmp_path / "s.db", random.Random(7)
    context = multiprocessing.get_context("spawn")
    open_patient(path).close()
    for turn in range(4):
        logs = [tmp_path / f"{turn}-{n}.jsonl" for n in range(3)]
        running = [context.Process(target=_steps_until_killed, args=(path, log, log.stem)) for log in logs]
        for process in running:
            process.start()
        while not all(log.exists() and log.stat().st_size > 5000 for log in logs):
            assert all(process.is_alive() for process in running)
            time.sleep(0.01)
        time.sleep(chance.random() / 20)
        for process in running:
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
            process.join()

    with open_patient(path) as store:
        steps = [step for log in sorted(tmp_path.glob("*.jsonl")) for step in read_steps(log)]
        take_steps(store, tmp_path / "last", 20, "last")
        ordering = order_of([*steps, *read_steps(tmp_path / "last")])
        report = verify_chains(store)
    assert ordering.ok, str(ordering)
    assert len(steps) > 100
    assert report.ok


def _steps_until_killed(path: Path, log: Path, by: str) -> None:
    with open_patient(path) as store:
        take_steps(store, log, 100_000, by)


@pytest.mark.parametrize("kind", [StaleReads, LostUpdates])
def test_a_store_that_lies_has_no_order(kind: type[Store], tmp_path: Path) -> None:
    """Stale reads and lost updates of several processes are found, with the steps that contradict one another."""
    path = tmp_path / "s.db"
    with open_patient(path) as store:
        steps = hammer(store, tmp_path, opener=partial(kind, path), workers=4, steps=40)

    ordering = order_of(steps)

    assert not ordering.ok
    assert "No order explains" in str(ordering)
    assert ordering.stuck
