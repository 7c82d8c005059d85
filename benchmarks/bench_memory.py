"""How much memory a long replay takes at most, beside a short one: what was carried out is kept in the store alone.

Each log is written while it is read and replayed into a new database by a process of its own, and what is told is the
most that this process took, interpreter and catalog among it.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from harness import Bar, Contender, Figure, main
from replay_logs import rules, stream

from branchkit.kit import Kit, default_grants, replay
from branchkit.storage import open_sqlite

_KILO = 1 if sys.platform == "darwin" else 1024
"""How many bytes the system counts as one: most count memory by the kilobyte."""


def peak(count: int) -> int:
    """Replay so many small commands in a process of its own; returns how many bytes it took at most."""
    done = subprocess.run(
        [sys.executable, __file__, "--replay", str(count)], capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def carry_out(count: int) -> None:
    """Replay so many small commands in this process and print how many bytes it took at most."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Kit(open_sqlite(folder / "replay.db"), rules(folder), grants=default_grants()) as kit:
            told = replay(kit, stream(count), source="log")
    if told.accepted != count:
        raise RuntimeError(f"accepted {told.accepted} of {count}: {told.refused[:1]}")
    sys.stdout.write(f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _KILO}\n")


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what replays of more and more commands take."""
    sizes = (1_000, 10_000) if quick else (10_000, 100_000)
    names = {size: f"a log of {size:,} commands" for size in sizes}
    contenders = tuple(Contender(name, "ours", float(peak(size))) for size, name in names.items())
    bars = (Bar(names[sizes[-1]], names[sizes[0]], 1.5),)
    yield Figure(work="replay on SQLite", unit="process", contenders=contenders, bars=bars, of="memory")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--replay"]:
        carry_out(int(sys.argv[2]))
    else:
        main(__doc__, figures)
