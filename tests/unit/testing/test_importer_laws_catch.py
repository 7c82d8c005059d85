"""Each law of an importer catches the importer that breaks it, and lets the sound one pass."""

from __future__ import annotations

import datetime as dt
import itertools
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.codec import parse_json
from branchkit.errors import InputError, NotFound, Problem
from branchkit.estate import Branch, RegisterBranch
from branchkit.messages import Actor, Command
from branchkit.plugins import ImportContext, ImporterRecord, SourceFile
from branchkit.testing.importers import ImporterLaws
from branchkit.testing.laws import law_names
from branchkit.values import FrozenMap, Text

FILES = (SourceFile("codes.json", data=json.dumps(["400832", "400833", "400834"]).encode()),)
ACTOR = Actor("import:codes", system=True)
Read = Callable[[ImportContext], Iterator[Command]]


def sound(context: ImportContext) -> Iterator[Command]:
    """Read a list of codes, each of which makes a branch known."""
    problems = [Problem(f"$.options.{name}", "Unknown option; there are: none") for name in context.options]
    if problems:
        raise InputError("codes", tuple(problems))
    seen: set[str] = set()
    for file in context.files:
        codes = parse_json(file.data, source=file.name)
        if not isinstance(codes, list):
            raise InputError(file.name, (Problem("$", "Expected a list of codes"),))
        for at, code in enumerate(codes):
            if not isinstance(code, str) or not code.isalnum() or not code.isascii() or len(code) > 100:
                raise InputError(file.name, (Problem(f"$[{at}]", "Expected a code of up to 100 letters and digits"),))
            if code not in seen:
                seen.add(code)
                yield RegisterBranch(Branch(code), by=ACTOR, at=context.at, id=f"codes:{code}")


def changed(**change: Callable[[Command], Any]) -> Read:
    """Return an importer that changes each command in passing."""

    def read(context: ImportContext) -> Iterator[Command]:
        for command in sound(context):
            yield attrs.evolve(command, **{name: new(command) for name, new in change.items()})

    return read


def silent(context: ImportContext) -> Iterator[Command]:
    list(sound(context))
    return iter(())


def counting() -> Read:
    counter = itertools.count()
    return changed(id=lambda command: f"{command.id}:{next(counter)}")


def on_the_clock(context: ImportContext) -> Iterator[Command]:
    if dt.datetime.now(dt.UTC) > context.at:
        yield from sound(context)
    else:
        yield from list(sound(context))


def by_chance(context: ImportContext) -> Iterator[Command]:
    return iter(sorted(sound(context), key=lambda command: (command.id, random.random())))


def alone(command: Command) -> str:
    return "codes:1"


def by_many() -> Read:
    return changed(by=lambda command: Actor(f"import:{command.id}", system=True))


def with_lists(context: ImportContext) -> Iterator[Command]:
    for command in sound(context):
        branch = Branch("B", zones=[])  # type: ignore[arg-type]  # that is the fault
        yield RegisterBranch(branch, by=ACTOR, at=context.at, id=command.id)


def fragile(context: ImportContext) -> Iterator[Command]:
    for file in context.files:
        assert json.loads(file.data)[0] is not None
    yield from sound(context)


def placeless(context: ImportContext) -> Iterator[Command]:
    try:
        yield from sound(context)
    except InputError as error:
        if context.options:
            raise
        raise NotFound("code", "it", ()) from error


def careless(context: ImportContext) -> Iterator[Command]:
    yield from sound(attrs.evolve(context, options=FrozenMap()))


SABOTEURS: dict[str, tuple[Read, ...]] = {
    "test_it_gives_something": (silent,),
    "test_the_same_files_give_the_same_bytes": (counting(),),
    "test_nothing_comes_from_clock_or_chance": (on_the_clock, by_chance),
    "test_every_command_has_an_id_of_its_own": (changed(id=alone),),
    "test_every_command_comes_back_from_its_line": (with_lists,),
    "test_it_acts_under_a_name_of_its_own": (
        changed(by=lambda command: Actor("E-17")),
        changed(by=lambda command: attrs.evolve(ACTOR, posts=("outlet_head",))),
        by_many(),
    ),
    "test_damaged_files_are_refused_with_a_place": (fragile, placeless),
    "test_any_bytes_are_refused_with_a_place": (fragile, placeless),
    "test_an_option_that_is_none_is_refused": (careless,),
}


def laws(read: Read) -> ImporterLaws:
    class Tried(ImporterLaws):
        phases = (Phase.generate,)
        derandomize = True

        def make_record(self) -> ImporterRecord:
            return ImporterRecord("acme.codes", version="1", title=Text(zh="代码", en="Codes"), read=read)

        def make_files(self) -> tuple[SourceFile, ...]:
            return FILES

    return Tried()


def test_every_law_has_its_saboteur() -> None:
    """There is a saboteur for each law, and for nothing else."""
    assert sorted(law_names(ImporterLaws)) == sorted(SABOTEURS)


@pytest.mark.parametrize(
    ("law", "read"),
    [(law, one) for law, several in SABOTEURS.items() for one in several],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_broken_importer_breaks_its_law(law: str, read: Read) -> None:
    """The law that an importer breaks says so, whatever it raises."""
    with pytest.raises((Exception, pytest.fail.Exception)):  # an importer may raise anything where it is broken
        getattr(laws(read), law)()


@pytest.mark.parametrize("law", SABOTEURS)
def test_a_sound_importer_keeps_every_law(law: str) -> None:
    """An importer without faults keeps each law."""
    getattr(laws(sound), law)()


def test_without_files_what_needs_them_is_skipped() -> None:
    """Where nobody says what it can read, an importer is tried with any bytes, and the other laws say so."""

    class Tried(ImporterLaws):
        def make_record(self) -> ImporterRecord:
            return ImporterRecord("acme.codes", version="1", title=Text(zh="代码", en="Codes"), read=sound)

    Tried().test_any_bytes_are_refused_with_a_place()
    with pytest.raises(pytest.skip.Exception, match="no files are given"):
        Tried().test_it_gives_something()
