"""Finds sheets in what a command was given, and the branches they are about."""

from __future__ import annotations

import contextlib
from collections.abc import Generator, Iterator, Sequence
from typing import BinaryIO, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from branchkit.checklists import BoundChecklist, Sheet, SubmitSheet, bind
from branchkit.cli.output import open_kit, read_input
from branchkit.codec import parse_json
from branchkit.errors import DecodeError, NotFound, Problem
from branchkit.estate import (
    Branch,
    InstallEquipment,
    OrgUnit,
    PublishCalendar,
    RegisterBranch,
    RegisterUnit,
    ReviseBranch,
)
from branchkit.estate.commands import EquipmentInstalled, evolve_branch
from branchkit.kit import Kit, RuleBook, read_command
from branchkit.messages import Command
from branchkit.scoring import ScoringPolicy
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

    def __init__(self, rules: RuleBook, kit: Kit | None) -> None:
        self._rules = rules
        self._kit = kit
        self._branches: dict[str, Branch] = {}
        self._units: dict[str, OrgUnit] = {}
        self._calendars: dict[str, Calendar] = {}

    @classmethod
    @contextlib.contextmanager
    def open(cls, rules: RuleBook, branches: Sequence[str], store: str | None) -> Generator[Sheets]:
        """Open with the branches in files, and a store where one is named."""
        with contextlib.ExitStack() as stack:
            kit = stack.enter_context(open_kit(store, rules)) if store else None
            sheets = cls(rules, kit)
            for name in branches:
                data = read_input(name)
                branch = (Branch.from_toml if name.endswith(".toml") else Branch.from_json)(data, source=name)
                sheets._branches[branch.id] = branch
            yield sheets

    def read(self, file: BinaryIO, name: str) -> Iterator[Sheet]:
        """Yield the sheets of a file: one document (JSON or TOML), or lines of sheets and commands."""
        if name.endswith(".toml"):
            yield Sheet.from_toml(file.read(), source=name)
            return
        first, at = file.readline(), 1
        while first and not first.strip():
            first, at = file.readline(), at + 1
        if not self._is_object(first):
            yield Sheet.from_json(first + file.read(), source=name)
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
        return self._rules.policy_for(bound.checklist, self._branch(bound.pin.branch), self._unit)

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
        """Keep what a command says about the estate, so that later sheets are bound to it."""
        match command:
            case RegisterBranch():
                self._branches.setdefault(command.branch.id, command.branch)
            case ReviseBranch():
                self._branches[command.branch.id] = command.branch
            case InstallEquipment():
                event = EquipmentInstalled(command.branch, command.equipment)
                self._branches[command.branch] = evolve_branch(self._branch(command.branch), event)
            case RegisterUnit():
                self._units[command.unit.id] = command.unit
            case PublishCalendar():
                self._calendars[command.calendar.id] = command.calendar
            case _:
                pass

    def _branch(self, id: str) -> Branch:
        if id not in self._branches:
            self._branches[id] = self._stored(Branch, id) or Branch(id)
        return self._branches[id]

    def _unit(self, id: str) -> OrgUnit | None:
        return self._units.get(id) or self._stored(OrgUnit, id)

    def _calendar(self, branch: Branch) -> Calendar | None:
        id = branch.calendar
        if id is None or isinstance(id, Unknown):
            return None
        found = self._calendars.get(id) or self._stored(Calendar, id)
        if found is None and id in self._rules.catalog.index.ids("calendar"):
            found = self._rules.calendar(id)
        return found

    def _stored(self, cls: type[T], id: str) -> T | None:
        if self._kit is None:
            return None
        try:
            return self._kit.get(cls, id)
        except NotFound:
            return None
