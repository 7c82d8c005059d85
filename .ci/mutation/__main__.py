"""Mutation testing of one floor: `.ci/mutate FLOOR`."""

from __future__ import annotations

import argparse
import importlib
import random
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from mutants import Mutant, mutants_of
from survivors import entry, explained, key_of, stale
from trials import PLAIN, WARM, QuickTrials, survives_import, told_by_fork

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "branchkit"
LISTS = ROOT / "tests" / "mutation"
SECONDS = 5
"""The processor time that the tests of a floor may take; they take a tenth of it."""


def files_of(floor: str) -> dict[str, Path]:
    """Return the modules of a floor, which is a package or a module."""
    folder = PACKAGE / floor
    if not folder.is_dir():
        return {f"branchkit.{floor}": PACKAGE / f"{floor}.py"}
    return {f"branchkit.{floor}.{one.stem}": one for one in sorted(folder.glob("*.py")) if one.stem != "__init__"}


def tests_of(floor: str) -> list[str]:
    """Return the floor's own tests: its unit tests and its docstrings' examples."""
    folder = PACKAGE / floor
    own = folder if folder.is_dir() else folder.with_suffix(".py")
    units = [ROOT / "tests" / "unit" / floor, ROOT / "tests" / "unit" / f"test_{floor}.py"]
    return [str(one) for one in (own, *units) if one.exists()]


def quick(mutants: list[Mutant], tests: list[str]) -> tuple[set[int], set[int]]:
    """Return the numbers of the mutants that are noticed when functions are exchanged, and of those that are not."""

    def work() -> tuple[set[int], set[int]]:
        trials = QuickTrials(mutants)
        if pytest.main(["-q", *PLAIN, *tests], plugins=[trials]) != 0:
            raise SystemExit("The tests cannot be collected; mend that first.")
        return trials.killed, trials.alive

    killed, alive = told_by_fork(work, 24 * 3600)
    return killed, alive


def main() -> int:
    """Try the mutants of a floor and tell of those that nobody explained."""
    parser = argparse.ArgumentParser(prog=".ci/mutate", description=__doc__)
    parser.add_argument("floor", help="a folder or module of src/branchkit, as in conditions")
    parser.add_argument("modules", nargs="*", help="only these modules of it, as in table")
    parser.add_argument("--sample", type=int, help="only so many mutants, drawn with a fixed seed")
    parser.add_argument("--quick", action="store_true", help="only changes inside functions, without a second look")
    parser.add_argument("--list", action="store_true", help="write survivors as entries of tests/mutation/FLOOR.toml")
    chosen = parser.parse_args()

    files = files_of(chosen.floor)
    files = {one: path for one, path in files.items() if not chosen.modules or path.stem in chosen.modules}
    every = mutants = [mutant for module, path in files.items() for mutant in mutants_of(module, path)]
    if chosen.sample and chosen.sample < len(mutants):
        mutants = sorted(random.Random(0).sample(mutants, chosen.sample), key=lambda one: (one.module, one.line))
    known = explained(LISTS / f"{chosen.floor}.toml")
    tests = tests_of(chosen.floor)
    began = time.monotonic()

    sys.path.insert(0, str(PACKAGE.parent))  # this checkout, wherever branchkit is installed from
    for name in WARM:
        importlib.import_module(name)
    killed, alive = quick(mutants, tests)
    left = [one for at, one in enumerate(mutants) if (at in alive if chosen.quick else at not in killed)]
    survivors = [one for one in left if key_of(one) not in known]
    sys.stderr.write(f"{len(killed)} of {len(mutants)} killed; {len(survivors)} neither killed nor explained so far\n")
    if chosen.quick:
        mutants = [one for at, one in enumerate(mutants) if at in killed | alive]
    else:
        survivors = [one for one in survivors if survives_import(one, tests, SECONDS)]
    excused = [one for one in left if key_of(one) in known]

    if not survives_import(None, tests, SECONDS):
        raise SystemExit("The tests fail without any change: was something edited meanwhile? Run again.")

    for one in survivors:
        where = f"{one.path.relative_to(ROOT)}:{one.line} {one.function} ({one.operator})"
        told = entry(one) if chosen.list else f"{where}\n  - {one.before}\n  + {one.after}".replace("\n    ", "\n  ")
        sys.stdout.write(told + "\n")
    gone = stale((one for one in known if one[0] in files), every)
    for key in gone:
        sys.stdout.write(f"Nothing answers to this entry any more, take it out: {key}\n")
    by_module = Counter(one.module for one in mutants)
    left_of = Counter(one.module for one in survivors)
    for module, number in by_module.items():
        sys.stdout.write(f"{module}: {number} mutants, {left_of[module]} survived\n")
    sys.stdout.write(
        f"{chosen.floor}: {len(mutants)} mutants, {len(mutants) - len(survivors) - len(excused)} killed, "
        f"{len(excused)} explained, {len(survivors)} survived, {time.monotonic() - began:.0f} s\n"
    )
    return 1 if survivors or gone else 0


if __name__ == "__main__":
    sys.exit(main())
