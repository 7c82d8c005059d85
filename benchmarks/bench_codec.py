"""How long a sheet of 60 answers takes from JSON to objects and back, beside pydantic with the same fields.

Run ``python benchmarks/bench_codec.py`` with the ``bench`` dependency group installed; it prints microseconds and the
ratio to pydantic of the same run, for branchkit's strict load, its plain data alone, and its dump.
"""

# ruff: noqa: T201 - a report is printed

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import time
from collections.abc import Callable

import pydantic

from branchkit.checklists import Answer, Sheet
from branchkit.codec import dump_json, parse_json, structure, unstructure
from branchkit.values import Ref

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


class PydanticAnswer(pydantic.BaseModel):
    """An answer with the fields that the sheet uses."""

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", frozen=True)

    item: str
    value: str | None = None
    on: tuple[str, ...] = ()


class PydanticSheet(pydantic.BaseModel):
    """A sheet with the fields that the sheet uses."""

    model_config = pydantic.ConfigDict(strict=True, extra="forbid", frozen=True)

    schema_: str = pydantic.Field(alias="schema")
    id: str
    checklist: str
    version: str
    branch: str
    at: dt.datetime
    by: str
    answers: tuple[PydanticAnswer, ...]
    state: str


def micros(step: Callable[[], object], rounds: int, runs: int) -> float:
    """Return the median microseconds of CPU time of a step, over some runs of some rounds."""
    times: list[float] = []
    for _ in range(runs):
        start = time.process_time()
        for _ in range(rounds):
            step()
        times.append((time.process_time() - start) / rounds * 1e6)
    return statistics.median(times)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--runs", type=int, default=9)
    given = parser.parse_args()
    data = dump_json(unstructure(_SHEET))
    model = PydanticSheet.model_validate_json(data)
    assert structure(Sheet, parse_json(data)) == _SHEET
    assert PydanticSheet.model_validate_json(model.model_dump_json(exclude_defaults=True, by_alias=True)) == model
    plain = parse_json(data)

    def measured(step: Callable[[], object]) -> float:
        return micros(step, given.rounds, given.runs)

    load_peer = measured(lambda: PydanticSheet.model_validate_json(data))
    dump_peer = measured(lambda: model.model_dump_json(exclude_defaults=True, by_alias=True))
    print(f"pydantic {pydantic.VERSION}: load {load_peer:.0f} µs, dump {dump_peer:.0f} µs; {len(data)} bytes")
    for name, step, peer, bar in (
        ("load (parse + structure)", lambda: structure(Sheet, parse_json(data)), load_peer, 1.6),
        ("  parse_json alone", lambda: parse_json(data), load_peer, None),
        ("  structure alone", lambda: structure(Sheet, plain), load_peer, None),
        ("dump (unstructure + write)", lambda: dump_json(unstructure(_SHEET)), dump_peer, 1.0),
        ("  unstructure alone", lambda: unstructure(_SHEET), dump_peer, None),
    ):
        took = measured(step)
        print(f"{name:28} {took:6.0f} µs  {took / peer:5.2f} × pydantic{'' if bar is None else f'  (bar {bar})'}")


if __name__ == "__main__":
    main()
