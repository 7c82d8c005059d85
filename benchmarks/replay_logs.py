"""Logs to replay, and the rules that they are carried out by: small commands as imports give them, and big sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from branchkit.catalog import Catalog, CatalogRoot
from branchkit.checklists import Answer, Sheet, SubmitSheet
from branchkit.estate import (
    Branch,
    Entry,
    Equipment,
    EquipmentState,
    InstallEquipment,
    RecordEntry,
    RegisterBranch,
    SetEquipmentState,
)
from branchkit.kit import RuleBook, command_line, load_plugins
from branchkit.messages import Actor, Command
from branchkit.plugins import Config
from branchkit.values import FrozenMap

__all__ = ["rules", "sheet_lines", "small_lines", "stream"]

_START = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_IMPORT = Actor("import:bench", system=True)
_INSPECTOR = Actor("S-1", posts=("inspector",))
_SECTIONS, _ITEMS = 6, 10
_BRANCHES = 50


def small_lines(count: int) -> list[bytes]:
    """Return so many small commands: branches, three machines each that fail and are mended, and a vehicle."""
    return list(stream(count))


def stream(count: int) -> Iterator[bytes]:
    """Yield the same one by one, for logs that are not to be held in memory."""
    return map(command_line, islice(_small(), count))


def _small() -> Iterator[Command]:
    number = 0
    while True:
        branch, at = f"B-{number:05}", _START + dt.timedelta(minutes=number)
        yield RegisterBranch(Branch(branch), by=_IMPORT, at=at, id=f"bench:{branch}", if_known="keep")
        for place in range(3):
            device = Equipment(f"ATM-{number}-{place}", kind="atm", state=EquipmentState.IN_SERVICE)
            yield InstallEquipment(branch, device, by=_IMPORT, at=at, id=f"bench:{device.id}")
        for place in range(3):
            for hours, state in ((1, EquipmentState.OUT_OF_SERVICE), (2, EquipmentState.IN_SERVICE)):
                moment = at + dt.timedelta(hours=hours)
                yield SetEquipmentState(branch, f"ATM-{number}-{place}", state, by=_IMPORT, at=moment)
        values = FrozenMap({"plate": f"P-{number}", "model": "van", "service_interval": "P1Y"})
        entry = Entry(f"V-{number}", register="vehicles", branch=branch, values=values, valid_until=dt.date(2029, 1, 1))
        yield RecordEntry(entry, by=_IMPORT, at=at)
        number += 1


def sheet_lines(count: int) -> list[bytes]:
    """Return so many sheets of sixty answers, two of them failures, and before them the branches, up to fifty."""
    branches = min(_BRANCHES, 1 + count // 10)
    entered = (RegisterBranch(Branch(f"B-{number}"), by=_IMPORT, at=_START) for number in range(branches))
    return [*map(command_line, entered), *(command_line(command) for command in islice(_sheets(branches), count))]


def _sheets(branches: int) -> Iterator[Command]:
    number = 0
    while True:
        at = _START + dt.timedelta(minutes=number + 1)
        answers = tuple(
            Answer(f"item-{section}-{item}", value="fail" if (section * _ITEMS + item + number) % 30 == 0 else "pass")
            for section in range(_SECTIONS)
            for item in range(_ITEMS)
        )
        branch = f"B-{number % branches}"
        sheet = Sheet(
            f"S-{number}", checklist="bench.round", version="1", branch=branch, at=at, by="S-1", answers=answers
        )
        yield SubmitSheet(sheet, by=_INSPECTOR, at=at)
        number += 1


def rules(folder: Path) -> RuleBook:
    """Write a checklist of sixty items with its policy, and return branchkit's rules with them."""
    for name, text in (("checklists/round.toml", _checklist()), ("policies/points.toml", _POLICY)):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return RuleBook(Catalog((CatalogRoot("bench", folder),)), load_plugins(entry_points=False), Config())


def _checklist() -> str:
    lines = [
        'schema = "branchkit.checklist/1"',
        'id = "bench.round"',
        'version = "1"',
        'title = { zh = "巡查", en = "Round" }',
        'policy = "bench.points"',
    ]
    for section in range(_SECTIONS):
        lines += ["[[sections]]", f'id = "s{section}"', f'title = {{ zh = "部分{section}", en = "Part {section}" }}']
        for item in range(_ITEMS):
            text = f'{{ zh = "要求{section}-{item}", en = "Requirement {section}-{item}" }}'
            lines += ["[[sections.items]]", f'id = "item-{section}-{item}"', f"text = {text}", 'severity = "major"']
    return "\n".join(lines)


_POLICY = """
schema = "branchkit.scoring_policy/1"
id = "bench.points"
version = "1"
title = { zh = "扣分", en = "Points" }
checklists = ["bench.round"]
start = "100"
floor = "0"
ceiling = "100"
places = 0

[[parts]]
kind = "deduction"
id = "failures"
reason = { zh = "不合格", en = "failed" }
select = { sections = ["s0", "s1", "s2", "s3", "s4", "s5"] }
points = "2"

[[bands]]
code = "good"
title = { zh = "良好", en = "Good" }
limits = { total = { above = "85" } }

[[bands]]
code = "poor"
title = { zh = "差", en = "Poor" }
"""
