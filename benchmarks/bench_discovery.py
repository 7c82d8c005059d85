"""How long it takes to find one plug-in among three hundred installed distributions, beside pluggy's own way.

Each contender runs in fresh interpreters, alternating, because importing `importlib.metadata` is part of what pluggy's
way costs; both have imported branchkit's host (and so pluggy) before the clock starts. Run it as
``python benchmarks/bench_discovery.py``; it prints milliseconds and ratios.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

DISTRIBUTIONS = 300
ROUNDS = 15

PREPARE = """
import sys, time
sys.path[:] = [p for p in sys.path if "site-packages" not in p] + [sys.argv[1]]
"""
IMPORT = """
import pluggy
from branchkit.plugins import BranchkitHooks, Plugins
from branchkit.plugins.discovery import discover
"""
HOST = "start = time.perf_counter(); assert Plugins.load().status()[0].keys; took = time.perf_counter() - start"
FIND = "start = time.perf_counter(); assert len(discover()) == 1; took = time.perf_counter() - start"
PLUGGY = """
start = time.perf_counter()
manager = pluggy.PluginManager("branchkit")
manager.add_hookspecs(BranchkitHooks)
assert manager.load_setuptools_entrypoints("branchkit.plugins") == 1
took = time.perf_counter() - start
"""
CONTENDERS = {
    "pluggy, importlib.metadata imported already": "import importlib.metadata\n" + PLUGGY,
    "pluggy, fresh interpreter": PLUGGY,
    "branchkit: find only": FIND,
    "branchkit: find, load, check, fill registries": HOST,
}
PLUGIN = """
from branchkit.plugins import BranchkitHooks, CalendarRecord

class Plugin(BranchkitHooks):
    name = "acme"
    def branchkit_calendars(self, context):
        return (CalendarRecord("acme.works", version="1", load=print),)

plugin = Plugin()
"""


def build(site: Path) -> None:
    """Write the distributions: every third one with entry points of some kind, one of them ours."""
    for number in range(DISTRIBUTIONS):
        info = site / f"dist_{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist-{number}\nVersion: 1.0\n")
        (info / "RECORD").write_text("")
        if number % 3 == 0:
            (info / "entry_points.txt").write_text(f"[console_scripts]\ndist-{number} = dist_{number}:main\n")
    (site / "branchkit_acme.py").write_text(PLUGIN)
    (site / "dist_150-1.0.dist-info" / "entry_points.txt").write_text(
        "[branchkit.plugins]\nacme = branchkit_acme:plugin\n"
    )


def measure(code: str, site: Path) -> float:
    """Run one contender in a fresh interpreter and return its milliseconds."""
    program = f"import sys, time\n{IMPORT}\n{PREPARE}\n{code}\nprint(took * 1000)"
    done = subprocess.run([sys.executable, "-c", program, str(site)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        build(site)
        times: dict[str, list[float]] = {name: [] for name in CONTENDERS}
        for _ in range(ROUNDS):
            for name, code in CONTENDERS.items():
                times[name].append(measure(code, site))
    medians = {name: statistics.median(taken) for name, taken in times.items()}
    peer = medians["pluggy, importlib.metadata imported already"]
    for name, median in medians.items():
        sys.stdout.write(f"{name:48} {median:7.2f} ms  {median / peer:5.2f} × pluggy (imported)\n")


if __name__ == "__main__":
    main()
