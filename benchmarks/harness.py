"""What every benchmark shares: contenders that take turns in one process, medians, ratios to a named one, and bars.

What is measured is time in seconds, or memory in bytes where a figure says so.

A benchmark module offers ``figures(quick: bool) -> Iterator[Figure]`` and ends with ``main(__doc__, figures)``: run it
alone to see its figures, or all of them by ``python benchmarks/run.py``.
"""

from __future__ import annotations

import argparse
import gc
import json
import math
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

import attrs

__all__ = ["BYTE", "LIMITS", "SECOND", "Bar", "Contender", "Figure", "amount", "main", "take_turns"]

Clock = Callable[[], float]
SECOND = "one second"
"""What a bar is against where a figure has a limit of its own, however long others take."""
BYTE = "one byte"
"""The same for memory."""
LIMITS = {SECOND: 1.0, BYTE: 1.0}
_UNITS = {
    "time": (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6), ("ns", 1e-9)),
    "memory": (("GB", 1e9), ("MB", 1e6), ("kB", 1e3), ("bytes", 1.0)),
}


@attrs.frozen
class Contender:
    """Who was measured, and what one unit of work took."""

    name: str
    """As in ``branchkit``, ``plain loop`` or ``pydantic 2.14``."""
    role: Literal["ours", "floor", "peer"]
    takes: float
    """The median for one unit, in seconds; in bytes where the figure is one of memory."""


@attrs.frozen
class Bar:
    """What a figure must reach: ours takes at most so many times what another takes."""

    ours: str
    against: str
    """Another contender, or one of `LIMITS`."""
    at_most: float
    """1.6 is at most 1.6 times as much; 0.05 is at least 20 times as fast."""


@attrs.frozen(kw_only=True)
class Figure:
    """One row of work, everybody who did it, and the bars."""

    work: str
    """What is done, as in ``score one sheet of 60 items``."""
    unit: str
    """What a measured amount is for, as in ``sheet``."""
    size: int | None = None
    """How much there was, where the work was done at several sizes: the point of a cost curve."""
    contenders: tuple[Contender, ...]
    bars: tuple[Bar, ...] = ()
    of: Literal["time", "memory"] = "time"

    def ratio(self, ours: str, against: str) -> float:
        """Return how many times as much one takes as another."""
        takes = LIMITS | {one.name: one.takes for one in self.contenders}
        return takes[ours] / takes[against]


def amount(takes: float, of: Literal["time", "memory"] = "time") -> str:
    """Write seconds or bytes with three digits and the unit that fits.

    >>> amount(0.0000123), amount(2.5), amount(4.5e-9), amount(2273, "memory"), amount(431.6, "memory")
    ('12.3 µs', '2.50 s', '4.50 ns', '2.27 kB', '432 bytes')
    """
    units = _UNITS[of]
    unit, size = next((each for each in units if takes >= each[1]), units[-1])
    value = takes / size
    digits = max(0, 2 - max(0, math.floor(math.log10(value)))) if value > 0 and unit != "bytes" else 0
    return f"{value:.{digits}f} {unit}"


def take_turns(
    contenders: Mapping[str, Callable[[], object]],
    *,
    units: int = 1,
    rounds: int = 15,
    least: float = 0.02,
    clock: Clock = time.perf_counter,
) -> dict[str, float]:
    """Return the median seconds of each contender for one unit; they take turns, so that load hits all alike.

    Args:
        contenders: what to call, by name; each call does `units` of work.
        units: how many units a call does.
        rounds: how often each has its turn.
        least: how long a turn lasts at least, in seconds; short calls are repeated within it.
        clock: what tells the time; ``time.process_time`` where nothing waits.
    """
    repeats = {}
    for name, call in contenders.items():
        call()
        began = clock()
        call()
        repeats[name] = max(1, round(least / max(clock() - began, 1e-9)))
    times: dict[str, list[float]] = {name: [] for name in contenders}
    gc.collect()
    for _ in range(rounds):
        for name, call in contenders.items():
            count = repeats[name]
            began = clock()
            for _ in range(count):
                call()
            times[name].append((clock() - began) / (count * units))
    return {name: statistics.median(taken) for name, taken in times.items()}


def say(figure: Figure) -> Iterable[str]:
    """Yield lines that tell a figure: every contender with its ratio to ours, then the bars."""
    size = "" if figure.size is None else f", {figure.size:,}"
    yield f"{figure.work}{size} (for one {figure.unit})"
    for one in figure.contenders:
        yield f"  {one.role:5}  {one.name:48} {amount(one.takes, figure.of):>12}"
    for bar in figure.bars:
        ratio = figure.ratio(bar.ours, bar.against)
        verdict = "reached" if ratio <= bar.at_most else "MISSED"
        if bar.against in LIMITS:
            yield f"  {bar.ours}: {amount(ratio, figure.of)}; bar {amount(bar.at_most, figure.of)}: {verdict}"
        else:
            yield f"  {bar.ours}: {ratio:.3f} × {bar.against}; bar {bar.at_most:g} ×: {verdict}"


def main(doc: str | None, figures: Callable[[bool], Iterable[Figure]]) -> None:
    """Measure and print; ``--quick`` for a look, ``--json FILE`` to keep what was measured."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--quick", action="store_true", help="fewer rounds and sizes: for a look, not for the record")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    given = parser.parse_args()
    kept = []
    for figure in figures(given.quick):
        sys.stdout.write("\n".join(say(figure)) + "\n")
        sys.stdout.flush()
        kept.append(attrs.asdict(figure))
    if given.json is not None:
        given.json.write_text(json.dumps(kept, indent=1) + "\n", encoding="utf-8")
