"""The laws of an importer: inherit `ImporterLaws`, say which record and which files, and run pytest.

::

    class TestOurFeed(ImporterLaws):
        def make_record(self):
            return our_plugin.branchkit_importers(HookContext())[0]

        def make_files(self):
            return (SourceFile("feed.json", data=Path("tests/feed.json").read_bytes()),)
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import strategies as st

from branchkit.errors import BranchkitError, InputError, Problem
from branchkit.kit.wire import Request, command_line, read_command
from branchkit.messages import Command
from branchkit.plugins import ImportContext, ImporterRecord, SourceFile
from branchkit.testing.laws import Laws
from branchkit.testing.watching import clock_and_chance
from branchkit.values import FrozenMap

__all__ = ["ImporterLaws"]

_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_SCRAPS = (b"", b"{}", b"[]", b"null", b"[{}]", b"\xff\xfe\x00", b"a,b\n1\n", b"<x/>", b'{"data": [{"Brand": [{}]}]}')
_JUNK = (b"", b"\x00", b"null", b"-1", b'"', b"{", b"]", b",", b"\n", b"2026-02-30", b"\xff", "网".encode())


class ImporterLaws(Laws):
    """What every importer must do, with files it can read, and with those files damaged."""

    examples = 60

    def make_record(self) -> ImporterRecord:
        """Return the importer."""
        raise NotImplementedError

    def make_files(self) -> tuple[SourceFile, ...]:
        """Return files that the importer reads; small ones, since each law reads them often."""
        self.nothing("no files are given that it can read")

    def make_options(self) -> dict[str, str]:
        """Return the options to read them with."""
        return {}

    # -- files that can be read

    def test_it_gives_something(self) -> None:
        """The files that are given as good come to at least one command."""
        assert self._read(self.make_files()), "no command came of them"

    def test_the_same_files_give_the_same_bytes(self) -> None:
        """Read twice, the same files give the same commands in the same order, byte by byte."""
        files = self.make_files()
        first, second = ([command_line(one) for one in self._read(files)] for _ in range(2))

        assert first == second, "the second time other commands came of them"

    def test_nothing_comes_from_clock_or_chance(self) -> None:
        """No clock and no source of chance is asked while the files are read: the same files mean the same tomorrow."""
        files = self.make_files()
        self._read(files)  # What is imported late may ask them once, and is no part of reading.

        with clock_and_chance() as asked:
            self._read(files)
        assert asked == [], f"it asked {', '.join(sorted(set(asked)))}"

    def test_every_command_has_an_id_of_its_own(self) -> None:
        """No two commands share an id, so that each happens, and happens once."""
        _each_once(self._read(self.make_files()))

    def test_every_command_comes_back_from_its_line(self) -> None:
        """A command written as a line of JSON is read back as the same command."""
        for command in self._read(self.make_files()):
            assert command == read_command(command_line(command)), f"{type(command).__name__} {command.id} changes"

    def test_it_acts_under_a_name_of_its_own(self) -> None:
        """All commands come from one named system, never from a person."""
        actors = {command.by for command in self._read(self.make_files())}

        assert len(actors) == 1, f"they come from {len(actors)} actors"
        assert all(actor.system for actor in actors), "the actor is no system (`Actor(…, system=True)`)"
        assert not any(actor.posts for actor in actors), "a system holds no posts"

    # -- what cannot be read

    def test_damaged_files_are_refused_with_a_place(self) -> None:
        """However the bytes are damaged, they are refused with a path for each problem, or give sound commands."""
        files = self.make_files()

        def fact(case: tuple[int, int]) -> None:
            self._sound_or_refused(_damaged(files, Random(case[0]), times=case[1]))

        self.for_all(st.tuples(st.integers(0, 2**32), st.integers(1, 6)), fact, what="damaged")

    def test_any_bytes_are_refused_with_a_place(self) -> None:
        """Files that are nothing of the kind are refused with a path for each problem, or give sound commands."""

        def fact(scraps: list[bytes]) -> None:
            self._sound_or_refused([SourceFile(f"file-{at}", data=data) for at, data in enumerate(scraps)])

        scraps = st.sampled_from(_SCRAPS) | st.binary(max_size=60)
        self.for_all(st.lists(scraps, min_size=1, max_size=2), fact, what="bytes")

    def test_an_option_that_is_none_is_refused(self) -> None:
        """An option that the importer does not have is refused: misspelt, it would have no effect."""
        files = self.make_files()
        with pytest.raises(InputError):
            self._read(files, {"no-such-option": "x"})

    # -- how they try

    def _read(
        self, files: Sequence[SourceFile], more: dict[str, str] | None = None, notices: list[Problem] | None = None
    ) -> list[Command]:
        context = ImportContext(
            files=tuple(files),
            at=_AT,
            options=FrozenMap(self.make_options() | (more or {})),
            notice=(notices if notices is not None else []).append,
        )
        return list(self.make_record().read(context))

    def _sound_or_refused(self, files: Sequence[SourceFile]) -> None:
        notices: list[Problem] = []
        try:
            commands = self._read(files, notices=notices)
        except BranchkitError as error:
            told = error.problems if isinstance(error, InputError) else ()
            if told and all(problem.path and problem.message for problem in told):
                return
            raise AssertionError(f"refused by {type(error).__name__}, without a place for each problem") from error
        _each_once(commands)
        assert commands == [read_command(command_line(one)) for one in commands], "a command changes by being written"
        assert all(notice.path and notice.message for notice in notices), "a notice has no place"


def _each_once(commands: Sequence[Command]) -> None:
    names = Counter(Request.of(one).name for one in commands)
    doubled = [name for name, count in names.items() if count > 1]
    assert doubled == [], f"ids that come more than once: {', '.join(doubled[:3])}"


def _damaged(files: Sequence[SourceFile], chance: Random, *, times: int) -> list[SourceFile]:
    """Return files with pieces cut out, doubled, replaced by junk, or the lines in another order."""
    found = [file.data for file in files]
    for _ in range(times):
        at = chance.randrange(len(found))
        data = found[at]
        start = chance.randrange(len(data) + 1)
        end = min(len(data), start + chance.choice((0, 1, 2, 8, 64, 1000)))
        way = chance.randrange(4)
        if way == 0:
            found[at] = data[:start] + data[end:]
        elif way == 1:
            found[at] = data[:end] + data[start:end] + data[end:]
        elif way == 2:
            found[at] = data[:start] + chance.choice(_JUNK) + data[end:]
        else:
            lines = data.splitlines(keepends=True)
            chance.shuffle(lines)
            found[at] = b"".join(lines)
    return [SourceFile(file.name, data=data) for file, data in zip(files, found, strict=True)]
