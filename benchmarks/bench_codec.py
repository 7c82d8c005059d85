"""How long a sheet of 60 answers takes from JSON to objects and back, and what small documents and commands take.

Ours is the strict load, for bytes from outside: doubled and unknown keys, wrong types, answers that contradict
themselves and cells answered twice are refused, all of them and each with its path. pydantic has models with the same
fields and types; msgspec has structs with the same fields; cattrs, and the floor written by hand for this one class,
have orjson. Of the peers only pydantic tells all problems, and none refuses a key that stands twice.
"""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from codec_peers import peers
from harness import Bar, Contender, Figure, main, take_turns

from branchkit.checklists import Answer, Sheet
from branchkit.codec import dump_json, parse_json, structure, unstructure
from branchkit.estate import Branch, Equipment, EquipmentState, SetEquipmentState, StaffMember, Zone
from branchkit.kit.wire import command_line, read_command
from branchkit.messages import Actor
from branchkit.values import FrozenMap, Ref, Text

_AT = dt.datetime(2026, 3, 2, 9, 0, tzinfo=dt.timezone(dt.timedelta(hours=8)))
_SHEET = Sheet(
    "S-0417-20260302",
    checklist="branch.daily-round",
    version="3",
    branch="B-0417",
    at=_AT,
    by="S-1",
    answers=tuple(
        Answer(f"item-{number}", value="pass" if number % 7 else "fail", on=(Ref("zone", f"Z-{number % 5}"),))
        for number in range(60)
    ),
)
_BRANCH = Branch(
    "B-0417",
    name=Text(zh="人民路支行", en="Renmin Road"),
    kind="basic_outlet",
    time_zone="Asia/Shanghai",
    zones=tuple(Zone(f"Z-{at}", kind="self_service_zone", name=Text(zh=f"区域{at}")) for at in range(8)),
    equipment=tuple(
        Equipment(
            f"ATM-{at}",
            kind="atm",
            zone=f"Z-{at % 8}",
            state=EquipmentState.IN_SERVICE,
            capabilities=frozenset({"deposit", "identity_recognition"}),
            attributes=FrozenMap({"model": "CRS-7", "network": ("visa", "unionpay")}),
        )
        for at in range(16)
    ),
    staff=tuple(StaffMember(f"S-{at}", teller_level=at % 4 + 1) for at in range(20)),
)
_COMMAND = SetEquipmentState(
    "B-0417", "ATM-1", EquipmentState.SUSPENDED, by=Actor("S-1", posts=("outlet_head",)), at=_AT, reason="no paper"
)
OURS = "branchkit"


def figures(quick: bool) -> Iterator[Figure]:
    """Yield the sheet's load and dump beside all peers; a branch and a command beside what C makes of their JSON."""
    rounds = 5 if quick else 25
    data = _SHEET.to_json()
    loads: dict[str, Callable[[], object]] = {OURS: lambda: Sheet.from_json(data)}
    dumps: dict[str, Callable[[], object]] = {OURS: _SHEET.to_json}
    roles: dict[str, Any] = {OURS: "ours"}
    against = ""
    for peer in peers():
        value = peer.load(data)
        if peer.load(peer.dump(value)) != value:
            raise AssertionError(f"{peer.name} does not read what it writes")
        loads[peer.name] = lambda peer=peer: peer.load(data)
        dumps[peer.name] = lambda peer=peer, value=value: peer.dump(value)
        roles[peer.name] = peer.role
        if not against and peer.name.startswith("pydantic"):
            against = peer.name
    for work, calls, bar in (("load a sheet", loads, 1.6), ("dump a sheet", dumps, 1.0)):
        bars = (Bar(OURS, against, bar),) if against else ()
        yield _figure(f"{work} of 60 answers, {len(data):,} bytes", "sheet", calls, roles, rounds, bars)
    branch = _BRANCH.to_json()
    line = command_line(_COMMAND)
    sheet, plain, body = parse_json(data), parse_json(branch), parse_json(line)
    roles |= {"json alone": "floor"}
    for work, unit, calls in (
        (f"load a branch of {len(branch):,} bytes", "branch", {
            OURS: lambda: Branch.from_json(branch), "json alone": lambda: json.loads(branch),
        }),
        (f"dump a branch of {len(branch):,} bytes", "branch", {
            OURS: _BRANCH.to_json, "json alone": lambda: _dump(plain),
        }),
        (f"write a branch of {len(branch):,} bytes by way of plain data", "branch", {
            OURS: lambda: dump_json(unstructure(_BRANCH)), "json alone": lambda: _dump(plain),
        }),
        (f"read a command of {len(line):,} bytes", "command", {
            OURS: lambda: read_command(line), "json alone": lambda: json.loads(line),
        }),
        (f"write a command of {len(line):,} bytes", "command", {
            OURS: lambda: command_line(_COMMAND), "json alone": lambda: _dump(body),
        }),
        ("build a sheet of 60 answers from plain data", "sheet", {
            OURS: lambda: structure(Sheet, sheet),
        }),
        ("turn a sheet of 60 answers into plain data", "sheet", {OURS: lambda: unstructure(_SHEET)}),
    ):  # fmt: skip
        yield _figure(work, unit, calls, roles, rounds, ())


def _dump(plain: object) -> bytes:
    return json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode()


def _figure(
    work: str,
    unit: str,
    calls: Mapping[str, Callable[[], object]],
    roles: Mapping[str, Any],
    rounds: int,
    bars: tuple[Bar, ...],
) -> Figure:
    took = take_turns(calls, rounds=rounds, clock=time.process_time)
    contenders = tuple(Contender(name, roles[name], seconds) for name, seconds in took.items())
    return Figure(work=work, unit=unit, contenders=contenders, bars=bars)


if __name__ == "__main__":
    main(__doc__, figures)
