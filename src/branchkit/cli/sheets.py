"""Finds sheets in what a command was given, and the branches they are about."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from branchkit.checklists import BoundChecklist, CloseFinding, Sheet, SubmitSheet, bind
from branchkit.cli.output import open_kit, read_document
from branchkit.codec import parse_json
from branchkit.errors import DecodeError, Problem, Refused
from branchkit.estate import Branch
from branchkit.kit import Grants, RuleBook, default_grants, read_command
from branchkit.kit.decide import decide
from branchkit.kit.fold import Change, fold
from branchkit.kit.world import StoreWorld
from branchkit.messages import Command
from branchkit.scoring import ScoringPolicy
from branchkit.storage import MemoryStore
from branchkit.temporal import Calendar
from branchkit.values import Unknown

__all__ = ["Sheets", "zone_of"]

T = TypeVar("T")


def zone_of(branch: Branch) -> ZoneInfo | None:
    """Return a branch's time zone; raises `DecodeError` for a name that this system does not know."""
    if isinstance(branch.time_zone, Unknown):
        return None
    try:
        return ZoneInfo(branch.time_zone)
    except (ValueError, ZoneInfoNotFoundError) as error:
        problem = Problem("$.time_zone", "Expected a time zone that this system knows, such as Asia/Shanghai")
        raise DecodeError(f"branch {branch.id!r}", (problem,)) from error


class Sheets:
    """Reads sheets, and knows the branches from the same input, from files or from a store.

    A branch that nobody knows is one about which everything but its id is unknown: what a checklist asks of its
    estate is then unknown too, and what it asks of nobody in particular is judged all the same.
    """

    def __init__(self, rules: RuleBook, world: StoreWorld, grants: Grants) -> None:
        self._rules = rules
        self._world = world
        self._grants = grants

    @classmethod
    @contextlib.contextmanager
    def open(cls, rules: RuleBook, branches: Sequence[str], store: str | None) -> Generator[Sheets]:
        """Open with the branches in files, and a store where one is named."""
        with contextlib.ExitStack() as stack:
            kit = stack.enter_context(open_kit(store, rules)) if store else None
            kept = kit.store if kit else stack.enter_context(MemoryStore())
            tx = stack.enter_context(kept.transaction(write=False))
            world = StoreWorld(tx, rules, where=kept.where)
            sheets = cls(rules, world, kit.grants if kit else default_grants())
            for name in branches:
                branch = read_document(Branch, name)
                world.hold(Change("branch", branch.id, branch))
            yield sheets

    def read(self, file: BinaryIO, name: str) -> Iterator[Sheet]:
        """Yield the sheets of a file: one document (JSON or TOML), or lines of sheets and commands."""
        first, at = file.readline(), 1
        while first and not first.strip():
            first, at = file.readline(), at + 1
        if not self._is_object(first):
            yield read_document(Sheet, name, first + file.read())
            return
        yield from self._line(first, f"{name}:{at}")
        for number, line in enumerate(file, start=at + 1):
            if line.strip():
                yield from self._line(line, f"{name}:{number}")

    def bind(self, sheet: Sheet) -> BoundChecklist:
        """Bind a sheet's checklist to its branch as it is known."""
        checklist = self._rules.checklist(sheet.checklist, sheet.version)
        branch = self._branch(sheet.branch)
        zone_of(branch)
        return bind(checklist, branch, at=sheet.at, facts=sheet.facts, calendar=self._calendar(branch))

    def policy_for(self, bound: BoundChecklist) -> ScoringPolicy | None:
        """Return the policy in force for a bound checklist."""
        return self._world.policy_for(bound.checklist, self._branch(bound.pin.branch))

    @staticmethod
    def _is_object(line: bytes) -> bool:
        try:
            return isinstance(parse_json(line, source="line"), dict)
        except DecodeError:
            return False

    def _line(self, line: bytes, source: str) -> Iterator[Sheet]:
        plain = parse_json(line, source=source)
        schema = plain.get("schema") if isinstance(plain, dict) else None
        if schema == "branchkit.command/1":
            command = read_command(line, source=source)
            self._note(command)
            if isinstance(command, SubmitSheet):
                yield command.sheet
        elif schema == "branchkit.sheet/1":
            yield Sheet.from_json(line, source=source)
        else:
            raise DecodeError(source, (Problem("$.schema", "Expected a sheet or a command"),))

    def _note(self, command: Command) -> None:
        """Keep what a command says about the estate: later sheets are bound to it as the kit would bind them."""
        if isinstance(command, SubmitSheet | CloseFinding):
            return
        with contextlib.suppress(Refused):  # as in a replay: it changes nothing, and the rest goes on
            self._grants.demand(command)
            for event in decide(command, self._world):
                for change in fold(event, self._world.current):
                    self._world.hold(change)

    def _branch(self, id: str) -> Branch:
        return self._world.branch(id) or Branch(id)

    def _calendar(self, branch: Branch) -> Calendar | None:
        return self._world.calendar(branch.calendar) if isinstance(branch.calendar, str) else None
