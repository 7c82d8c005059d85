"""How long the whole catalog takes to load, beside parsing its files alone; and opening a kit, which reads none of it.

Each contender runs in fresh interpreters, alternating, by the processor time that it used: what it imports on the way
is part of it, `import branchkit` itself is not.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
from collections.abc import Iterator
from typing import Literal

from harness import SECOND, Bar, Contender, Figure, main

_ROLE = Literal["ours", "floor"]
_START = """
import time, tomllib
from decimal import Decimal
from importlib.resources import files
import branchkit
start = time.process_time()
"""
_LOAD = """
catalog = branchkit.Catalog()
assert catalog.entries() and catalog.rules() and catalog.settings()
"""
_CHECK = _LOAD + "assert catalog.check() == ()\n"
_ONE = """
catalog = branchkit.Catalog()
assert catalog.checklist("convenience-area").sections
"""
_KIT = """
with branchkit.Kit.open("memory:") as kit:
    assert kit.verify().ok
"""
_PARSE = """
folders = [files("branchkit") / "catalog"]
texts = 0
while folders:
    for entry in folders.pop().iterdir():
        if entry.is_dir():
            folders.append(entry)
        elif entry.name.endswith(".toml"):
            assert tomllib.loads(entry.read_text(encoding="utf-8"), parse_float=Decimal)
            texts += 1
assert texts > 100
"""
_ALL = "branchkit: every document, the rules and the settings"
_CONTENDERS: dict[str, tuple[_ROLE, str]] = {
    _ALL: ("ours", _LOAD),
    "branchkit: all of it, checked against one another": ("ours", _CHECK),
    "branchkit: one checklist": ("ours", _ONE),
    "branchkit: open a kit and verify it": ("ours", _KIT),
    "tomllib: parse the same files": ("floor", _PARSE),
}


def measure(code: str) -> float:
    """Run one contender in a fresh interpreter and return its seconds of processor time."""
    program = f"{_START}{code}\nprint(time.process_time() - start)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return float(done.stdout)


def figures(quick: bool) -> Iterator[Figure]:
    """Yield what loading the catalog costs."""
    times: dict[str, list[float]] = {name: [] for name in _CONTENDERS}
    for turn in range(3 if quick else 16):
        for name, (_, code) in _CONTENDERS.items():
            took = measure(code)
            if turn:  # the first turn may write byte code
                times[name].append(took)
    yield Figure(
        work="load the whole catalog",
        unit="process",
        contenders=tuple(
            Contender(name, role, statistics.median(times[name])) for name, (role, _) in _CONTENDERS.items()
        ),
        bars=(Bar(_ALL, SECOND, 1.5),),
    )


if __name__ == "__main__":
    main(__doc__, figures)
