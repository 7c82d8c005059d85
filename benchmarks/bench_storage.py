"""How long a durable command takes in the stores, beside SQLite driven by hand for this one purpose.

Run ``python benchmarks/bench_storage.py``; it prints microseconds a command and the ratio to the floor of the same run.
"""

# ruff: noqa: E501, T201 - a report is printed, in long lines

from __future__ import annotations

import argparse
import datetime as dt
import json
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from branchkit.storage import MemoryStore, NewEntry, Store, open_sqlite

_AT = "2026-03-02T09:00:00+08:00"
_BODY = {"stage": "repair", "open": True, "branch": "B-0417", "history": ["reported", "assigned"], "n": 0}
_START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)


def floor(path: Path, sync: str) -> Callable[[int, int], None]:
    """Return a hand-written command loop: read a document, decide, save it and an event."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"PRAGMA synchronous = {sync}")
    connection.execute("CREATE TABLE document (id TEXT PRIMARY KEY, version INTEGER, body TEXT)")
    connection.execute(
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, stream TEXT, version INTEGER, body TEXT, UNIQUE (stream, version))"
    )
    connection.executemany("INSERT INTO document VALUES (?, 0, ?)", [(f"C-{n}", json.dumps(_BODY)) for n in range(100)])

    def run(count: int, batch: int) -> None:
        for first in range(0, count, batch):
            connection.execute("BEGIN IMMEDIATE")
            for n in range(first, first + batch):
                key = f"C-{n % 100}"
                version, text = connection.execute("SELECT version, body FROM document WHERE id = ?", (key,)).fetchone()
                body = json.loads(text)
                body["n"] += 1
                connection.execute(
                    "UPDATE document SET version = ?, body = ? WHERE id = ?", (version + 1, json.dumps(body), key)
                )
                connection.execute(
                    "INSERT INTO event (stream, version, body) VALUES (?, ?, ?)",
                    (key, version + 1, json.dumps({"n": n})),
                )
            connection.execute("COMMIT")

    return run


def ours(store: Store) -> Callable[[int, int], None]:
    """Return the same loop on a store: with chains, read set and remembered outcomes."""
    with store.transaction() as tx:
        for n in range(100):
            tx.put("case", f"C-{n}", _BODY)
    done = 0

    def run(count: int, batch: int) -> None:
        nonlocal done
        for first in range(0, count, batch):
            with store.transaction() as tx:
                for n in range(first, first + batch):
                    key = f"C-{n % 100}"
                    seen = tx.get("case", key)
                    assert seen is not None
                    body = seen.body
                    body["n"] += 1
                    done += 1
                    tx.put("case", key, body, expect=seen.version)
                    event = NewEntry("Moved", body={"n": n}, command=f"c-{done}", at=_AT, recorded_at=_AT)
                    tx.append(f"case:{key}", [event])
                    tx.remember(f"c-{done}", "digest", {"case": key})

    return run


def microseconds(runs: list[Callable[[int, int], None]], count: int, batch: int, rounds: int) -> list[float]:
    """Return the median time of each loop a command; the loops take turns."""
    times: list[list[float]] = [[] for _ in runs]
    for _ in range(rounds):
        for place, run in enumerate(runs):
            started = time.perf_counter()
            run(count, batch)
            times[place].append((time.perf_counter() - started) / count * 1e6)
    return [statistics.median(each) for each in times]


def due(directory: Path, count: int) -> None:
    """Print what it takes to find, and to move, 1,000 due keys among many."""
    with open_sqlite(directory / "due.db", sync="normal") as store:
        for first in range(0, count, 50_000):
            with store.transaction() as tx:
                for n in range(first, min(count, first + 50_000)):
                    tx.due_set(f"case:{n * 7919 % count}", _START + dt.timedelta(seconds=n), {"rung": 1})
        until = _START + dt.timedelta(seconds=999)
        raw = sqlite3.connect(store.path)
        sql = "SELECT key, at, text FROM branchkit_due WHERE at <= ? ORDER BY at, key LIMIT 1000"
        micros = int(until.timestamp() * 1e6)
        found, moved = [], []
        with store.transaction(write=False) as tx:
            for _ in range(50):
                started = time.perf_counter()
                raw.execute(sql, (micros,)).fetchall()
                middle = time.perf_counter()
                rows = tx.due(until)
                found.append((middle - started, time.perf_counter() - middle))
                assert len(rows) == 1000
        for _ in range(5):
            with store.transaction() as tx:
                started = time.perf_counter()
                for row in tx.due(dt.datetime.max.replace(tzinfo=dt.UTC)):
                    tx.due_set(row.key, row.at + dt.timedelta(days=30), {"rung": 2})
                tx.due(_START)
                moved.append(time.perf_counter() - started)
        raw.close()
        plain, mine = (statistics.median(each) * 1e3 for each in zip(*found, strict=True))
    move = statistics.median(moved) * 1e3
    print(
        f"1,000 due of {count:>9,}: found in {mine:.2f} ms, raw {plain:.2f} ms, ratio {mine / plain:.2f}; moved in {move:.1f} ms"
    )


def main() -> None:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--due", type=int, nargs="*", default=[10_000, 1_000_000], help="how many keys are waiting")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as name:
        directory = Path(name)
        for sync, batch, count, rounds in (
            ("full", 1, 100, 15),
            ("normal", 1, 500, 9),
            ("normal", 9, 900, 9),
            ("normal", 500, 5000, 5),
        ):
            stem = f"{sync}{batch}"
            runs = [
                floor(directory / f"floor-{stem}.db", sync),
                ours(open_sqlite(directory / f"ours-{stem}.db", sync=sync)),
                ours(MemoryStore()),
            ]
            hand, sqlite, memory = microseconds(runs, count, batch, rounds)
            print(
                f"{sync:>6}, {batch:>3} a commit: by hand {hand:6.1f} µs, sqlite {sqlite:6.1f} µs (ratio {sqlite / hand:.2f}), "
                f"memory {memory:5.1f} µs"
            )
        for count in arguments.due:
            due(directory, count)


if __name__ == "__main__":
    main()
