"""Runs the tests of a floor against mutants, without writing a file.

A change inside functions is tried in a fork of a process that has collected the tests: the code of the functions is
exchanged, and only the tests that come through them run. A change of what runs at import, and every mutant that
survived the quick way, is tried in a fork that has not imported branchkit yet and gets the changed module instead.
"""

from __future__ import annotations

import functools
import gc
import importlib.abc
import importlib.util
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import coverage
import pytest
from _pytest.runner import runtestprotocol
from mutants import Mutant, changed_functions

# What the tests need beside branchkit is loaded once, before the forks.
WARM = ("hypothesis.strategies", "sybil.parsers.myst", "cattrs", "zoneinfo", "_pytest.doctest", "_pytest.junitxml")
PLAIN = (
    "-p",
    "no:cacheprovider",
    "-p",
    "no:xdist",
    "-p",
    "no:pytest_cov",
    "-W",
    "ignore::pytest.PytestAssertRewriteWarning",
)
MEMORY = 3 << 30
"""A mutant that loops may ask for this many bytes before it counts as noticed."""


def in_fork(work: Callable[[], bool], seconds: float) -> bool:
    """Carry out work in a fork and say whether it succeeded; running out of processor time or memory is a failure."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, 1)
            os.dup2(nowhere, 2)
            status = 0 if work() else 1
        finally:
            # Nothing of the parent's may be flushed or torn down twice.
            os._exit(status)
    return os.waitpid(child, 0)[1] == 0


def told_by_fork(work: Callable[[], Any], seconds: float) -> Any:
    """Return what work returns in a fork; what it raises ends the run, too."""
    with tempfile.NamedTemporaryFile() as file:

        def told() -> bool:
            try:
                answer = work()
            except SystemExit as problem:
                answer = problem
            Path(file.name).write_bytes(pickle.dumps(answer))
            return True

        if not in_fork(told, seconds):
            raise SystemExit("The tests as they are fail or take too long; mend that first.")
        answer = pickle.loads(Path(file.name).read_bytes())
        if isinstance(answer, SystemExit):
            raise answer
        return answer


class _Swapped(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports one module from another source, from the moment that pytest has set up its own ways of importing."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def pytest_sessionstart(self) -> None:
        """Go before the importer that rewrites what is named on pytest's command line."""
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        if fullname != self.mutant.module:
            return None
        return importlib.util.spec_from_file_location(fullname, self.mutant.path, loader=self)

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source(), str(self.mutant.path), "exec", dont_inherit=True), module.__dict__)


def survives_import(mutant: Mutant | None, tests: Sequence[str], seconds: float) -> bool:
    """Say whether all tests pass when the changed module is imported in place of the true one."""

    def work() -> bool:
        plugins = [] if mutant is None else [_Swapped(mutant)]
        return pytest.main(["-x", "-q", *PLAIN, *tests], plugins=plugins) == 0

    return in_fork(work, seconds)


class QuickTrials:
    """A plug-in of pytest that, instead of running the tests once, runs them against each mutant."""

    def __init__(self, mutants: Iterable[Mutant]) -> None:
        self.mutants = tuple(mutants)
        self.killed: set[int] = set()
        """The numbers of the mutants that a test noticed."""
        self.alive: set[int] = set()
        """The numbers of the others among those that change functions only."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every mutant in place of running the tests."""
        gc.collect()
        gc.freeze()
        paths = {str(one.path) for one in self.mutants}
        through, times = told_by_fork(lambda: _lines_of_tests(session.items, paths), 300)
        limit = max(1, 2 * sum(times.values()))
        quickest_first = sorted(session.items, key=lambda item: times[item.nodeid])
        functions: dict[tuple[str, str, int], list[FunctionType]] = {}
        for one in gc.get_objects() + _frozen():
            if isinstance(one, FunctionType) and one.__code__.co_filename in paths:
                functions.setdefault(_key(one.__code__), []).append(one)
        originals: dict[Path, CodeType] = {}
        for number, mutant in enumerate(self.mutants):
            path = mutant.path
            if path not in originals:
                originals[path] = compile(path.read_text(encoding="utf-8"), str(path), "exec", dont_inherit=True)
            changed = compile(mutant.source(), str(path), "exec", dont_inherit=True)
            pairs = changed_functions(originals[path], changed)
            if pairs:
                lines = {line for old, _ in pairs for *_, line in old.co_lines() if line is not None}
                items = _nearest(quickest_first, through.get(str(path), {}), lines, mutant.line)
                swaps = [(one, new) for old, new in pairs for one in functions.get(_key(old), ())]
                noticed = swaps and items and not in_fork(functools.partial(_passes, swaps, items), limit)
                (self.killed if noticed else self.alive).add(number)
        return True


def _passes(swaps: Sequence[tuple[FunctionType, CodeType]], items: Iterable[pytest.Item]) -> bool:
    for function, code in swaps:
        function.__code__ = code
    return all(_item_passes(item) for item in items)


def _item_passes(item: pytest.Item) -> bool:
    return not any(report.failed for report in runtestprotocol(item, nextitem=None, log=False))


def _lines_of_tests(
    items: Sequence[pytest.Item], paths: set[str]
) -> tuple[dict[str, dict[int, list[str]]], dict[str, float]]:
    """Return, for each file and line, which tests come through it; and the processor time that each test took."""
    times: dict[str, float] = {}
    measured = coverage.Coverage(data_file=None, config_file=False, include=sorted(paths))
    measured.start()
    for item in items:
        began = time.process_time()
        measured.switch_context(item.nodeid)
        if not _item_passes(item):
            raise SystemExit(f"{item.nodeid} fails without any change")
        times[item.nodeid] = time.process_time() - began
    measured.stop()
    data = measured.get_data()
    return {path: data.contexts_by_lineno(path) for path in data.measured_files()}, times


def _nearest(
    items: Sequence[pytest.Item], through: dict[int, list[str]], lines: set[int], line: int
) -> list[pytest.Item]:
    """Return the tests that come through these lines, those that come through the very line first."""
    around = {test for one in lines for test in through.get(one, ())}
    exact = set(through.get(line, ()))
    return sorted((one for one in items if one.nodeid in around), key=lambda one: one.nodeid not in exact)


def _key(code: CodeType) -> tuple[str, str, int]:
    return code.co_filename, code.co_qualname, code.co_firstlineno


def _frozen() -> list[Any]:
    gc.unfreeze()
    found = gc.get_objects()
    gc.freeze()
    return found
