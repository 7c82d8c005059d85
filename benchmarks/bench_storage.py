"""How long durable commands and due dates take in the stores, beside SQLite driven by hand and `eventsourcing`.

A command reads a document, decides, and saves it with an event: at every commit one, or some. The stores also chain the
journal, guard what was read and remember the outcome; what is done by hand does none of that.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import os
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal

from harness import SECOND, Bar, Contender, Figure, main, take_turns

from branchkit.storage import MemoryStore, NewEntry, Store, open_sqlite

_AT = "2026-03-02T09:00:00+08:00"
_BODY = {"stage": "repair", "open": True, "branch": "B-0417", "history": ["reported", "assigned"], "n": 0}
_START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
_CASES = 100
_DUE = 1000
_PEER = "eventsourcing"

Run = Callable[[], None]
Sync = Literal["full", "normal", "memory"]


def floor(path: str, sync: Sync, count: int, batch: int) -> Run:
    """Return a hand-written command loop on SQLite."""
    connection = sqlite3.connect(path, isolation_level=None)
    if sync != "memory":
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {sync}")
    connection.execute("CREATE TABLE document (id TEXT PRIMARY KEY, version INTEGER, body TEXT)")
    connection.execute(
        "CREATE TABLE event (seq INTEGER PRIMARY KEY, stream TEXT, version INTEGER, body TEXT, "
        "UNIQUE (stream, version))"
    )
    rows = [(f"C-{n}", json.dumps(_BODY)) for n in range(_CASES)]
    connection.executemany("INSERT INTO document VALUES (?, 0, ?)", rows)

    def run() -> None:
        for first in range(0, count, batch):
            connection.execute("BEGIN IMMEDIATE")
            for n in range(first, first + batch):
                key = f"C-{n % _CASES}"
                version, text = connection.execute("SELECT version, body FROM document WHERE id = ?", (key,)).fetchone()
                body = json.loads(text)
                body["n"] += 1
                values = (version + 1, json.dumps(body), key)
                connection.execute("UPDATE document SET version = ?, body = ? WHERE id = ?", values)
                event = (key, version + 1, json.dumps({"n": n}))
                connection.execute("INSERT INTO event (stream, version, body) VALUES (?, ?, ?)", event)
            connection.execute("COMMIT")

    return run


def ours(store: Store, count: int, batch: int) -> Run:
    """Return the same loop on a store: with chains, read set and remembered outcomes."""
    with store.transaction() as tx:
        for n in range(_CASES):
            tx.put("case", f"C-{n}", _BODY)
    done = 0

    def run() -> None:
        nonlocal done
        for first in range(0, count, batch):
            with store.transaction() as tx:
                for n in range(first, first + batch):
                    key = f"C-{n % _CASES}"
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


@functools.cache
def aggregate() -> Any:
    """Return eventsourcing's application class and a class of aggregates, which it takes once; ``None`` without it."""
    try:
        from eventsourcing.application import Application
        from eventsourcing.domain import Aggregate, event
    except ImportError:
        sys.stderr.write("eventsourcing: not installed, left out\n")
        return None

    class Case(Aggregate):
        @event("Opened")
        def __init__(self, branch: str) -> None:
            self.branch = branch
            self.n = 0

        @event("Moved")
        def move(self, n: int) -> None:
            self.n += 1

    return Application, Case


def peer(path: str, sync: Sync, count: int, batch: int) -> Run | None:
    """Return the same with eventsourcing's aggregates, new ones now and then, for it reads all events of one."""
    known = aggregate()
    if known is None:
        return None
    make, case_class = known
    application: Any = make(env={"PERSISTENCE_MODULE": "eventsourcing.sqlite", "SQLITE_DBNAME": path})
    if sync == "normal":
        with application.factory.datastore.get_connection(commit=True) as connection, connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = NORMAL", ())
    ids: list[Any] = []

    def renew() -> None:
        cases = [case_class("B-0417") for _ in range(_CASES)]
        application.save(*cases)
        ids[:] = [case.id for case in cases]

    renew()
    calls = 0

    def run() -> None:
        nonlocal calls
        calls += 1
        if calls % max(1, 10 * _CASES // count) == 0:
            renew()
        for first in range(0, count, batch):
            changed = {}
            for n in range(first, first + batch):
                id = ids[n % _CASES]
                case = changed.get(id) or application.repository.get(id)
                case.move(n)
                changed[id] = case
            application.save(*changed.values())

    return run


def commands(folder: Path, sync: Sync, batch: int, count: int, rounds: int, bars: tuple[Bar, ...]) -> Figure:
    """Measure commands with so many at a commit."""

    def path(who: str) -> str:
        return ":memory:" if sync == "memory" else str(folder / f"{who}-{sync}-{batch}.db")

    if sync == "memory":
        contenders = {"memory": ours(MemoryStore(), count, batch)}
    else:
        contenders = {"sqlite": ours(open_sqlite(Path(path("ours")), sync=sync), count, batch)}
    roles: dict[str, Literal["ours", "floor", "peer"]] = dict.fromkeys(contenders, "ours")
    contenders["by hand"], roles["by hand"] = floor(path("floor"), sync, count, batch), "floor"
    if (other := peer(path("peer"), sync, count, batch)) is not None:
        contenders[_PEER], roles[_PEER] = other, "peer"
    times = take_turns(contenders, units=count, rounds=rounds)
    where = {"full": "SQLite, FULL", "normal": "SQLite, NORMAL", "memory": "in memory"}[sync]
    return Figure(
        work=f"commands on {where}, {batch} a commit",
        unit="command",
        contenders=tuple(Contender(name, roles[name], seconds) for name, seconds in times.items()),
        bars=tuple(bar for bar in bars if bar.against in times),
    )


def due_store(path: Path, count: int) -> Store:
    """Return a store in which so many keys are waiting, in no order."""
    store = open_sqlite(path, sync="normal")
    for first in range(0, count, 50_000):
        with store.transaction() as tx:
            for n in range(first, min(count, first + 50_000)):
                tx.due_set(f"case:{n * 7919 % count}", _START + dt.timedelta(seconds=n), {"rung": 1})
    return store


def hand_due(path: Path, count: int) -> sqlite3.Connection:
    """Return a database with a narrow table clustered by due time, and so many keys waiting in it."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("CREATE TABLE due (at INTEGER, key TEXT, text TEXT, PRIMARY KEY (at, key)) WITHOUT ROWID")
    start = int(_START.timestamp()) * 1_000_000
    rows = ((start + n * 1_000_000, f"case:{n * 7919 % count}", '{"rung":1}') for n in range(count))
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO due VALUES (?, ?, ?)", rows)
    connection.execute("COMMIT")
    return connection


def find(stores: dict[int, Store], hands: dict[int, sqlite3.Connection], rounds: int) -> Figure:
    """Measure how long it takes to find what is due, among few and among many."""
    until = _START + dt.timedelta(seconds=_DUE - 1)
    micros = int(until.timestamp()) * 1_000_000
    sql = f"SELECT key, at, text FROM due WHERE at <= ? ORDER BY at, key LIMIT {_DUE}"  # noqa: S608 - a number of our own

    def by_store(store: Store) -> Run:
        def run() -> None:
            with store.transaction(write=False) as tx:
                assert len(tx.due(until, limit=_DUE)) == _DUE

        return run

    def by_hand(connection: sqlite3.Connection) -> Run:
        def run() -> None:
            assert len(connection.execute(sql, (micros,)).fetchall()) == _DUE

        return run

    contenders = {f"sqlite, among {count:,}": by_store(store) for count, store in stores.items()}
    mine = tuple(contenders)
    contenders |= {f"by hand, among {count:,}": by_hand(connection) for count, connection in hands.items()}
    times = take_turns(contenders, rounds=rounds)
    few, many = min(stores), max(stores)
    return Figure(
        work=f"find {_DUE:,} due",
        unit="look",
        contenders=tuple(Contender(name, "ours" if name in mine else "floor", times[name]) for name in contenders),
        bars=(
            Bar(f"sqlite, among {few:,}", f"by hand, among {few:,}", 1.3),
            Bar(f"sqlite, among {many:,}", f"by hand, among {many:,}", 1.3),
            Bar(f"sqlite, among {many:,}", f"sqlite, among {few:,}", 1.5),
        ),
    )


def move(stores: dict[int, Store], hands: dict[int, sqlite3.Connection], rounds: int) -> Figure:
    """Measure how long it takes to find what is due, and to say for each when it is due next, in one commit."""
    month = dt.timedelta(days=30)
    never = dt.datetime.max.replace(tzinfo=dt.UTC)

    def by_store(store: Store) -> Run:
        def run() -> None:
            with store.transaction() as tx:
                for row in tx.due(never, limit=_DUE):
                    tx.due_set(row.key, row.at + month, {"rung": 2})

        return run

    def by_hand(connection: sqlite3.Connection) -> Run:
        later = month // dt.timedelta(microseconds=1)

        def run() -> None:
            connection.execute("BEGIN IMMEDIATE")
            rows = connection.execute(f"SELECT at, key FROM due ORDER BY at, key LIMIT {_DUE}").fetchall()  # noqa: S608 - a number of our own
            connection.executemany("DELETE FROM due WHERE at = ? AND key = ?", rows)
            moved = [(at + later, key, '{"rung":2}') for at, key in rows]
            connection.executemany("INSERT INTO due VALUES (?, ?, ?)", moved)
            connection.execute("COMMIT")

        return run

    contenders = {f"sqlite, among {count:,}": by_store(store) for count, store in stores.items()}
    mine = tuple(contenders)
    contenders |= {f"by hand, among {count:,}": by_hand(connection) for count, connection in hands.items()}
    times = take_turns(contenders, rounds=rounds, least=0.005)
    few, many = min(stores), max(stores)
    return Figure(
        work=f"find {_DUE:,} due and move them",
        unit="sweep",
        contenders=tuple(Contender(name, "ours" if name in mine else "floor", times[name]) for name in contenders),
        bars=(
            Bar(f"sqlite, among {many:,}", SECOND, 0.01),
            # By hand it takes 2.7 ms where 10 ms are allowed.
            Bar(f"sqlite, among {many:,}", f"by hand, among {many:,}", 3.7),
            Bar(f"sqlite, among {many:,}", f"sqlite, among {few:,}", 1.5),
        ),
    )


def figures(quick: bool) -> Iterator[Figure]:
    """Yield commands at every durability, one and some a commit, and the due index."""
    rounds = 5 if quick else 15
    with tempfile.TemporaryDirectory(dir=os.curdir) as name:
        folder = Path(name)
        full = (Bar("sqlite", "by hand", 1.7), Bar("sqlite", _PEER, 1 / 1.5))
        yield commands(folder, "full", 1, 50, rounds, full)
        yield commands(folder, "normal", 1, 200, rounds, (Bar("sqlite", "by hand", 3),))
        yield commands(folder, "memory", 1, 200, rounds, (Bar("memory", _PEER, 1 / 3),))
        yield commands(folder, "normal", 9, 900, rounds, (Bar("sqlite", "by hand", 5),))
        yield commands(folder, "normal", 500, 1000, rounds, (Bar("sqlite", "by hand", 5),))
        sizes = (10_000, 100_000) if quick else (10_000, 1_000_000)
        stores = {count: due_store(folder / f"due-{count}.db", count) for count in sizes}
        hands = {count: hand_due(folder / f"hand-{count}.db", count) for count in sizes}
        yield find(stores, hands, rounds)
        yield move(stores, hands, rounds)
        for store in stores.values():
            store.close()


if __name__ == "__main__":
    main(__doc__, figures)
