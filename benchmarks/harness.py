"""What every benchmark shares: contenders that take turns in one process, medians, ratios to a named one, and bars.

A benchmark module offers ``figures(quick: bool) -> Iterator[Figure]`` and ends with ``main(__doc__, figures)``: run it
alone to see its figures, or all of them by ``python benchmarks/run.py``.
"""

from __future__ import annotations

import argparse
import gc
import json
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Literal

import attrs

__all__ = ["SECOND", "Bar", "Contender", "Figure", "main", "take_turns"]

Clock = Callable[[], float]
SECOND = "one second"
"""What a bar is against where a figure has a limit of its own, however long others take."""


@attrs.frozen
class Contender:
    """Who was measured, and how long one unit of work took."""

    name: str
    """As in ``branchkit``, ``plain loop`` or ``pydantic 2.14``."""
    role: Literal["ours", "floor", "peer"]
    seconds: float
    """The median, for one unit."""


@attrs.frozen
class Bar:
    """What a figure must reach: ours takes at most so many times what another takes."""

    ours: str
    against: str
    """Another contender, or `SECOND`."""
    at_most: float
    """1.6 is at most 1.6 times as long; 0.05 is at least 20 times as fast."""


@attrs.frozen(kw_only=True)
class Figure:
    """One row of work, everybody who did it, and the bars."""

    work: str
    """What is done, as in ``score one sheet of 60 items``."""
    unit: str
    """What the seconds are for, as in ``sheet``."""
    size: int | None = None
    """How much there was, where the work was done at several sizes: the point of a cost curve."""
    contenders: tuple[Contender, ...]
    bars: tuple[Bar, ...] = ()

    def ratio(self, ours: str, against: str) -> float:
        """Return how many times as long one takes as another."""
        seconds = {SECOND: 1.0, **{one.name: one.seconds for one in self.contenders}}
        return seconds[ours] / seconds[against]


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
    yield f"{figure.work}{size} (µs a {figure.unit})"
    for one in figure.contenders:
        yield f"  {one.role:5}  {one.name:44} {one.seconds * 1e6:12.3f}"
    for bar in figure.bars:
        ratio = figure.ratio(bar.ours, bar.against)
        verdict = "reached" if ratio <= bar.at_most else "MISSED"
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
