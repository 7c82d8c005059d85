"""How long a fresh interpreter takes to import branchkit, beside the libraries it builds on and its peers.

Every contender is a process of its own, from its start to its end, by the processor time that it used; they take turns.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Literal

from harness import Bar, Contender, Figure, main

_ROLE = Literal["ours", "floor", "peer"]
_CONTENDERS: tuple[tuple[str, _ROLE, str], ...] = (
    ("import branchkit", "ours", "import branchkit"),
    ("import branchkit, and use a branch", "ours", "import branchkit; branchkit.Branch('B-1')"),
    ("import branchkit, and name its Kit", "ours", "import branchkit; branchkit.Kit"),
    ("bare interpreter", "floor", "pass"),
    ("import attrs", "floor", "import attrs"),
    ("import cattrs", "peer", "import cattrs"),
    ("import click", "peer", "import click"),
)


def processor_time(code: str) -> float:
    """Run code in a fresh interpreter and return the seconds of processor time it used."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what importing costs."""
    there = []
    for name, role, code in _CONTENDERS:
        if code.startswith("import ") and find_spec(code.split(";")[0].removeprefix("import ")) is None:
            sys.stderr.write(f"{name}: not installed, left out\n")
        else:
            there.append((name, role, code))
    times: dict[str, list[float]] = {name: [] for name, _, _ in there}
    for turn in range(7 if quick else 41):
        for name, _, code in there:
            took = processor_time(code)
            if turn:  # the first turn may write byte code
                times[name].append(took)
    yield Figure(
        work="start an interpreter and import",
        unit="process",
        contenders=tuple(Contender(name, role, statistics.median(times[name])) for name, role, _ in there),
        bars=(Bar("import branchkit", "import attrs", 1.5),),
    )


if __name__ == "__main__":
    main(__doc__, figures)
