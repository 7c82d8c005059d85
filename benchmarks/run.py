"""Run every benchmark, keep what was measured, and write it into the pages of the documentation.

``--date`` says when, and keeps the figures in ``docs/reference/figures``; without it they are only printed.
Whether others worked on the machine meanwhile is kept with them; where the system tells its processor time (Linux does)
it is found out, elsewhere ``--busy`` says so. ``--render`` measures nothing and writes the pages anew from the figures
that were kept.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from render import FOLDER, PAGES, load, render, words

_STAT = Path("/proc/stat")
_BUSY = 0.1
"""The share of all processors that others may have before a run counts as disturbed."""
BENCHES = tuple(sorted(file.stem.removeprefix("bench_") for file in Path(__file__).parent.glob("bench_*.py")))


def measure(bench: str, *, quick: bool) -> list[object] | None:
    """Run a benchmark in a process of its own, which prints, and return its figures; ``None`` where it failed."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "figures.json"
        program = Path(__file__).with_name(f"bench_{bench}.py")
        command = [sys.executable, str(program), "--json", str(kept), *(["--quick"] if quick else [])]
        done = subprocess.run(command, check=False)
        if done.returncode != 0 or not kept.exists():
            return None
        figures: list[object] = json.loads(kept.read_text(encoding="utf-8"))
        return figures


def processor_seconds() -> tuple[float, float] | None:
    """Return the processor time that the machine has used since it started, and that of this run alone, if known."""
    try:
        used = _STAT.read_text(encoding="ascii").partition("\n")[0].split()[1:]
    except OSError:
        return None
    user, nice, system, _, _, interrupts, soft = map(int, used[:7])
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    ours = sum(one.ru_utime + one.ru_stime for one in spent)
    return (user + nice + system + interrupts + soft) / os.sysconf("SC_CLK_TCK"), ours


def others_share(before: tuple[float, float] | None, seconds: float) -> float:
    """Return which share of the processors others had in so many seconds until now; 0 where nothing tells."""
    after = processor_seconds()
    if before is None or after is None:
        return 0.0
    others = (after[0] - before[0]) - (after[1] - before[1])
    return max(0.0, others / (seconds * (os.cpu_count() or 1)))


def keep(bench: str, figures: Sequence[object], date: dt.date, *, busy: bool) -> None:
    """Write the figures of a benchmark with what they were measured on; the machine's name is nobody's business."""
    machine = {"cpus": os.cpu_count(), "arch": platform.machine(), "python": platform.python_version()}
    plain = {"bench": bench, "date": date.isoformat(), "machine": machine, "busy": busy, "figures": figures}
    FOLDER.mkdir(exist_ok=True)
    text = json.dumps(plain, indent=1, ensure_ascii=False) + "\n"
    (FOLDER / f"{bench}.json").write_text(text, encoding="utf-8")


def write_pages() -> None:
    """Write the pages and plots that follow from the figures, and remove plots that no longer do."""
    pages = {lang: page.read_text(encoding="utf-8") for lang, page in PAGES.items()}
    files = render(load(), words(), pages)
    for plot in FOLDER.glob("*.svg"):
        if plot not in files:
            plot.unlink()
    for file, text in files.items():
        file.write_text(text, encoding="utf-8")


def main() -> int:
    """Measure and print, keep and render; returns how many benchmarks failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bench", nargs="*", help=f"which to run, of {', '.join(BENCHES)}; all where none is named")
    parser.add_argument("--quick", action="store_true", help="fewer rounds and sizes: for a look, never kept")
    parser.add_argument("--date", type=dt.date.fromisoformat, help="keep the figures as those of this day")
    parser.add_argument("--busy", action="store_true", help="others work on the machine: the pages say so")
    parser.add_argument("--render", action="store_true", help="measure nothing, write the pages anew")
    given = parser.parse_args()
    unknown = sorted(set(given.bench) - set(BENCHES))
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are: {', '.join(BENCHES)}")
    if given.render and (given.bench or given.quick or given.date or given.busy):
        parser.error("--render measures nothing, so nothing else has an effect")
    if given.quick and given.date:
        parser.error("what --quick measures is not kept, so --date has no effect")
    failed = []
    asked = () if given.render else given.bench or BENCHES
    for number, bench in enumerate(asked, 1):
        sys.stdout.write(f"== {bench} ({number} of {len(asked)})\n")
        sys.stdout.flush()
        began, before = time.monotonic(), processor_seconds()
        figures = measure(bench, quick=given.quick)
        seconds = time.monotonic() - began
        others = others_share(before, seconds)
        sys.stdout.write(f"   {bench}: {seconds:.0f} s; others had {others:.0%} of the processors\n")
        sys.stdout.flush()
        if figures is None:
            failed.append(bench)
        elif given.date is not None:
            keep(bench, figures, given.date, busy=given.busy or others > _BUSY)
    if given.render or given.date is not None:
        try:
            write_pages()
        except LookupError as error:
            sys.stderr.write(f"{error}; write it and run this with --render\n")
            return 1
    if failed:
        sys.stderr.write(f"failed: {', '.join(failed)}\n")
    return len(failed)


if __name__ == "__main__":
    sys.exit(main())
