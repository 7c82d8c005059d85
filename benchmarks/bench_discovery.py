"""How long it takes to find one plug-in among three hundred installed distributions, beside pluggy's own way.

Each contender runs in fresh interpreters, alternating, because importing `importlib.metadata` is part of what pluggy's
way costs; both have imported branchkit's host (and so pluggy) before the clock starts.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from harness import Bar, Contender, Figure, main

_ROLE = Literal["ours", "floor", "peer"]
_DISTRIBUTIONS = 300
_PREPARE = """
import sys, time
sys.path[:] = [p for p in sys.path if "site-packages" not in p] + [sys.argv[1]]
"""
_IMPORT = """
import pluggy
from branchkit.plugins import BranchkitHooks, Plugins
from branchkit.plugins.discovery import discover
"""
_HOST = "start = time.perf_counter(); assert Plugins.load().status()[0].keys; took = time.perf_counter() - start"
_FIND = "start = time.perf_counter(); assert len(discover()) == 1; took = time.perf_counter() - start"
_PLUGGY = """
start = time.perf_counter()
manager = pluggy.PluginManager("branchkit")
manager.add_hookspecs(BranchkitHooks)
assert manager.load_setuptools_entrypoints("branchkit.plugins") == 1
took = time.perf_counter() - start
"""
_READ = """
import os
start = time.perf_counter()
found = []
with os.scandir(sys.argv[1]) as entries:
    for entry in entries:
        if entry.name.endswith(".dist-info"):
            try:
                with open(entry.path + "/entry_points.txt", "rb") as file:
                    found += [entry.name] if b"[branchkit.plugins]" in file.read() else []
            except FileNotFoundError:
                pass
assert len(found) == 1
took = time.perf_counter() - start
"""
_KNOWN = "pluggy, importlib.metadata imported already"
_CONTENDERS: dict[str, tuple[_ROLE, str]] = {
    "branchkit: find, load, check, fill registries": ("ours", _HOST),
    "branchkit: find only": ("ours", _FIND),
    "entry points read directly": ("floor", _READ),
    "pluggy, fresh interpreter": ("peer", _PLUGGY),
    _KNOWN: ("peer", "import importlib.metadata\n" + _PLUGGY),
}
_PLUGIN = """
from branchkit.plugins import BranchkitHooks, CalendarRecord

class Plugin(BranchkitHooks):
    name = "acme"
    def branchkit_calendars(self, context):
        return (CalendarRecord("acme.works", version="1", load=print),)

plugin = Plugin()
"""


def build(site: Path) -> None:
    """Write the distributions: every third one with entry points of some kind, one of them ours."""
    for number in range(_DISTRIBUTIONS):
        info = site / f"dist_{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: dist-{number}\nVersion: 1.0\n")
        (info / "RECORD").write_text("")
        if number % 3 == 0:
            (info / "entry_points.txt").write_text(f"[console_scripts]\ndist-{number} = dist_{number}:main\n")
    (site / "branchkit_acme.py").write_text(_PLUGIN)
    (site / "dist_150-1.0.dist-info" / "entry_points.txt").write_text(
        "[branchkit.plugins]\nacme = branchkit_acme:plugin\n"
    )


def measure(code: str, site: Path) -> float:
    """Run one contender in a fresh interpreter and return its seconds."""
    program = f"import sys, time\n{_IMPORT}\n{_PREPARE}\n{code}\nprint(took)"
    done = subprocess.run([sys.executable, "-c", program, str(site)], capture_output=True, text=True, check=True)
    return float(done.stdout)


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what finding a plug-in costs."""
    times: dict[str, list[float]] = {name: [] for name in _CONTENDERS}
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder)
        build(site)
        for _ in range(3 if quick else 21):
            for name, (_, code) in _CONTENDERS.items():
                times[name].append(measure(code, site))
    yield Figure(
        work="find one plug-in among 300 distributions",
        unit="look",
        contenders=tuple(
            Contender(name, role, statistics.median(times[name])) for name, (role, _) in _CONTENDERS.items()
        ),
        bars=(Bar("branchkit: find, load, check, fill registries", _KNOWN, 1.1),),
    )


if __name__ == "__main__":
    main(__doc__, figures)
