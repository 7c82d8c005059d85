"""Several workers who change a few keys of one store at once and write down what they were answered, and when."""

from __future__ import annotations

import json
import multiprocessing
import random
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TextIO

import attrs

from branchkit.errors import Conflict, StorageError
from branchkit.storage import NewEntry, Store, Transaction
from branchkit.testing.store_history import Seen, Step, Wrote

__all__ = ["Opener", "hammer", "read_steps", "take_steps"]

Opener = Callable[[], Store]
"""Opens a store that exists, in another process: a function of a module, or `functools.partial` of one."""

_AT = "2026-03-02T09:00:00+08:00"
_DOCUMENTS = ("A", "B")
_STREAM = "stream"
_PATIENCE = 60
"""How many seconds a process waits for the others to have opened the store."""


@attrs.frozen
class _Plan:
    """What a step is going to do."""

    looks: tuple[str, ...]
    changes: tuple[str, ...]
    removes: bool = False
    expects: bool = False
    """Whether it names the versions it looked at when it changes them."""
    apart: bool = False
    """Whether it looks in one transaction and changes in another one: so works whoever shows something to a person."""


def hammer(
    store: Store, folder: Path, *, opener: Opener | None = None, workers: int = 4, steps: int = 40, seed: int = 1
) -> list[Step]:
    """Let workers use a store at once and return their steps, and a last look at what they left.

    Args:
        store: an empty one.
        folder: where each worker writes what it does, in a file of its own.
        opener: opens the same store in another process; without it the workers are threads that share `store`.
        workers: how many there are.
        steps: how many each of them takes.
        seed: what they do follows from it; how it falls together does not.

    Raises:
        RuntimeError: a worker ended with an error; it is written to standard error.
    """
    logs = [folder / f"worker-{n}.jsonl" for n in range(workers)]
    if opener is None:
        _with_threads(store, logs, steps, seed)
    else:
        _with_processes(opener, logs, steps, seed)
    last = folder / "last.jsonl"
    with last.open("w", encoding="utf-8") as log:
        _take(store, log, _Plan((*_DOCUMENTS, _STREAM), ()), "last")
    return [step for log in (*logs, last) for step in read_steps(log)]


def take_steps(store: Store, log: Path, count: int, by: str) -> None:
    """Take steps that follow from a name, and write down each before it begins and after it ends."""
    chance = random.Random(by)
    with log.open("w", encoding="utf-8") as lines:
        for n in range(count):
            _take(store, lines, _plan(chance), f"{by}-{n}", pause=chance.choice((0, 0, 0.001, 0.002)))


def read_steps(log: Path) -> Iterator[Step]:
    """Yield the steps a worker wrote down, without those that were told to have changed nothing."""
    began: dict[str, Any] = {}
    for line in log.read_text("utf-8").splitlines():
        told = json.loads(line)
        if "began" in told:
            if began:
                yield from _unanswered(began)
            began = told
        else:
            step, began = {**began, **told}, {}
            if step["outcome"] == "done":
                yield Step(
                    by=step["by"],
                    began=step["began"],
                    ended=step["ended"],
                    seen=tuple(Seen(*each) for each in step["seen"]),
                    wrote=tuple(Wrote(key, value, step["versions"][key]) for key, value in step["wrote"]),
                )
            elif step["outcome"] == "error":
                yield from _unanswered(step)
    if began:
        yield from _unanswered(began)


def _unanswered(began: dict[str, Any]) -> Iterator[Step]:
    if began["wrote"]:
        wrote = tuple(Wrote(key, value) for key, value in began["wrote"])
        yield Step(by=began["by"], began=began["began"], ended=None, wrote=wrote)


def _with_threads(store: Store, logs: Sequence[Path], steps: int, seed: int) -> None:
    together = threading.Barrier(len(logs))
    failures: list[BaseException] = []

    def work(log: Path, by: str) -> None:
        try:
            together.wait()
            take_steps(store, log, steps, by)
        except BaseException as error:  # noqa: BLE001 - it is raised again where the test sees it
            failures.append(error)

    threads = [threading.Thread(target=work, args=(log, f"{seed}-{n}")) for n, log in enumerate(logs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def _with_processes(opener: Opener, logs: Sequence[Path], steps: int, seed: int) -> None:
    context = multiprocessing.get_context("spawn")
    together = context.Barrier(len(logs))
    processes = [
        context.Process(target=_work, args=(opener, log, steps, f"{seed}-{n}", together)) for n, log in enumerate(logs)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    failed = [f"{process.name} ended with {process.exitcode}" for process in processes if process.exitcode]
    if failed:
        raise RuntimeError("; ".join(failed))


def _work(opener: Opener, log: Path, steps: int, by: str, together: Barrier) -> None:
    store = opener()
    try:
        together.wait(_PATIENCE)
        take_steps(store, log, steps, by)
    finally:
        store.close()


def _plan(chance: random.Random) -> _Plan:
    keys = tuple(chance.sample((*_DOCUMENTS, _STREAM), chance.choice((1, 1, 2))))
    draw = chance.random()
    expects = chance.random() < 0.5
    if draw < 0.3:
        return _Plan(keys, ())
    if draw < 0.4:
        return _Plan((), keys)
    if draw < 0.65:
        # Decides on one by what it saw of all: who loses a race here need not have written what the other one wrote.
        return _Plan((*_DOCUMENTS, _STREAM), keys[:1], expects=expects)
    return _Plan(keys, keys, removes=draw > 0.93, expects=expects or draw < 0.8, apart=draw < 0.8)


def _take(store: Store, log: TextIO, plan: _Plan, by: str, pause: float = 0) -> None:
    removes = plan.removes and _STREAM not in plan.changes
    wrote = [(key, None if removes else "" if key == _STREAM else by) for key in plan.changes]
    _tell(log, by=by, began=time.monotonic_ns(), wrote=wrote)
    seen: list[Seen] = []
    versions: dict[str, int | None] = {}
    outcome = "done"
    try:
        if plan.apart:
            with store.transaction(write=False) as tx:
                seen += [_look(tx, key) for key in plan.looks]
            time.sleep(pause)
        with store.transaction(write=bool(plan.changes)) as tx:
            if not plan.apart:
                seen += [_look(tx, key) for key in plan.looks]
                time.sleep(pause)
            known = {each.key: each.version for each in seen} if plan.expects else {}
            for key, value in wrote:
                versions[key] = _change(tx, key, value, known.get(key))
    except Conflict:
        outcome = "conflict"
    except StorageError:
        outcome = "error"
    told = [attrs.astuple(each) for each in seen]
    _tell(log, ended=time.monotonic_ns(), outcome=outcome, seen=told, versions=versions)


def _look(tx: Transaction, key: str) -> Seen:
    if key == _STREAM:
        version = tx.stream_version(key)
        return Seen(key, version, "" if version else None)
    found = tx.get("case", key)
    return Seen(key) if found is None else Seen(key, found.version, found.body["by"])


def _change(tx: Transaction, key: str, value: str | None, expect: int | None) -> int | None:
    """Change a key and return the version that was told; what a stream counts is seen when it is looked at."""
    if key == _STREAM:
        tx.append(key, [NewEntry("Noted", body={}, command="c", at=_AT, recorded_at=_AT)], expect=expect)
        return None
    if value is None:
        tx.delete("case", key, expect=expect)
        return None
    return tx.put("case", key, {"by": value}, expect=expect)


def _tell(log: TextIO, **told: object) -> None:
    # At once, so that it stands there when the process is killed.
    log.write(json.dumps(told) + "\n")
    log.flush()
