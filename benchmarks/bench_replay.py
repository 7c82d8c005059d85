"""How long a log of commands takes to be carried out: decoded, permitted, decided, chained, exactly once, in documents.

In memory and on SQLite, for small commands as imports give them and for sheets of sixty answers, beside a loop that
only decodes and applies, and beside `eventsourcing`, which rebuilds aggregates from events that were decided before.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
from harness import SECOND, Bar, Contender, Figure, main, take_turns
from replay_logs import rules, sheet_lines, small_lines

from branchkit.kit import Kit, RuleBook, default_grants, replay
from branchkit.storage import MemoryStore, open_sqlite

_EVENTS = 13
"""How many events one of the peer's aggregates has, as a branch has here."""


@attrs.frozen
class _Told:
    kind: str
    by: object
    at: str
    given: dict[str, object]


def floor(lines: list[bytes]) -> Callable[[], None]:
    """Return a loop that decodes lines into attrs objects and applies them to a dictionary."""

    def run() -> None:
        state: dict[str, _Told] = {}
        for line in lines:
            plain = json.loads(line)
            told = _Told(plain.pop("kind"), plain.pop("by"), plain.pop("at"), plain)
            state[str(plain.get("branch"))] = told

    return run


def ours(lines: list[bytes], book: RuleBook, *, sqlite: bool = False) -> Callable[[], None]:
    """Return a replay of lines into a new store, each of them accepted."""

    def run() -> None:
        with tempfile.TemporaryDirectory() as folder:
            store = open_sqlite(Path(folder) / "replay.db") if sqlite else MemoryStore()
            with Kit(store, book, grants=default_grants()) as kit:
                told = replay(kit, lines, source="log")
                if told.accepted != len(lines):
                    raise RuntimeError(f"accepted {told.accepted} of {len(lines)}: {told.refused[:1]}")

    return run


def peer(count: int) -> tuple[str, Callable[[], None]] | None:
    """Return the rebuilding of aggregates from so many stored events, and who does it."""
    try:
        from eventsourcing.application import Application
        from eventsourcing.domain import Aggregate, event
    except ImportError:
        sys.stderr.write("eventsourcing: not installed, left out\n")
        return None

    class Device(Aggregate):
        @event("Registered")
        def __init__(self, name: str) -> None:
            self.name = name
            self.states: dict[str, str] = {}

        @event("StateSet")
        def set_state(self, equipment: str, state: str) -> None:
            self.states[equipment] = state

    application: Application = Application()
    ids = []
    for number in range(max(1, count // _EVENTS)):
        device = Device(f"B-{number}")
        for step in range(_EVENTS - 1):
            device.set_state(f"ATM-{step % 3}", "in_service")
        application.save(device)
        ids.append(device.id)

    def run() -> None:
        for id in ids:
            application.repository.get(id)

    return "eventsourcing, events only", run


def figures(quick: bool) -> Iterator[Figure]:
    """Yield small commands, sheets, and how both grow."""
    with tempfile.TemporaryDirectory() as folder:
        book = rules(Path(folder))
        yield _small(book, quick)
        yield _sheets(book, quick)
        yield from _curve(book, "small command", small_lines, (10, 100, 1000, 10_000) if quick else _SIZES)
        yield from _curve(book, "sheet", sheet_lines, (10, 100, 1000) if quick else (10, 100, 1000, 10_000))


_SIZES = (10, 100, 1000, 10_000, 100_000)


def _small(book: RuleBook, quick: bool) -> Figure:
    count = 1300
    lines = small_lines(count)
    contenders = {
        "replay in memory": ours(lines, book),
        "replay on SQLite": ours(lines, book, sqlite=True),
        "decode and apply only": floor(lines),
    }
    roles = {"replay in memory": "ours", "replay on SQLite": "ours", "decode and apply only": "floor"}
    bars = [Bar("replay in memory", SECOND, 15e-6), Bar("replay in memory", "decode and apply only", 7.5)]
    if (other := peer(count)) is not None:
        name, contenders[other[0]] = other
        roles[name] = "peer"
        bars.append(Bar("replay in memory", name, 0.5))
    times = take_turns(contenders, units=count, rounds=3 if quick else 11, clock=time.process_time)
    return Figure(
        work="replay a log of small commands",
        unit="command",
        contenders=tuple(Contender(name, roles[name], seconds) for name, seconds in times.items()),  # type: ignore[arg-type]  # the roles are texts here
        bars=tuple(bars),
    )


def _sheets(book: RuleBook, quick: bool) -> Figure:
    lines = sheet_lines(250)
    contenders = {
        "replay in memory": ours(lines, book),
        "replay on SQLite": ours(lines, book, sqlite=True),
        "decode and apply only": floor(lines),
    }
    times = take_turns(contenders, units=len(lines), rounds=3 if quick else 11, clock=time.process_time)
    return Figure(
        work="replay a log of sheets of 60 answers",
        unit="sheet",
        contenders=tuple(
            Contender(name, "ours" if name.startswith("replay") else "floor", seconds)
            for name, seconds in times.items()
        ),
    )


def _curve(
    book: RuleBook, unit: str, lines_of: Callable[[int], list[bytes]], sizes: tuple[int, ...]
) -> Iterator[Figure]:
    """Yield what one more costs when there are many: a replay into a new store, once at each size."""
    for size in sizes:
        lines = lines_of(size)
        seconds: dict[str, float] = {}
        for name, sqlite in (("replay in memory", False), ("replay on SQLite", True)):
            run = ours(lines, book, sqlite=sqlite)
            times = []
            for _ in range(max(1, min(5, 1000 // size))):
                began = time.process_time()
                run()
                times.append((time.process_time() - began) / len(lines))
            seconds[name] = min(times)
        yield Figure(
            work=f"replay a log, one {unit} of so many",
            unit=unit,
            size=size,
            contenders=tuple(Contender(name, "ours", taken) for name, taken in seconds.items()),
        )


if __name__ == "__main__":
    main(__doc__, figures)
