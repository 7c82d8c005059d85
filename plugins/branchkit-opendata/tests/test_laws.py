"""Whatever a file holds, an importer either refuses it with the place, or gives commands that are sound."""

from __future__ import annotations

import copy
import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from branchkit_opendata import atms, branches, complaints, incidents, inspections, working_days
from hypothesis import example, given
from hypothesis import strategies as st

from branchkit.codec import structure, unstructure
from branchkit.errors import BranchkitError, InputError, Problem
from branchkit.messages import Command
from branchkit.plugins import ImportContext, SourceFile

DATA = Path(__file__).resolve().parents[3] / "examples" / "data"
READERS: dict[str, Callable[[ImportContext], Iterator[Command]]] = {
    module.FORMAT: module.read for module in (atms, branches, complaints, incidents, inspections, working_days)
}


def feed(path: str, noun: str, count: int) -> Any:
    document = json.loads((DATA / path).read_bytes())
    brand = document["data"][0]["Brand"][0]
    brand[noun] = brand[noun][:count]
    return document


def sample_of_branches() -> Any:
    document = feed("uk-open-banking-branches-lloyds/spec-examples-v2.3.json", "Branch", 2)
    document["data"][0]["Brand"][0]["Branch"][1]["Availability"]["NonStandardAvailability"] = [
        {"Name": "Fair", "FromDate": "2026-05-01", "ToDate": "2026-05-03",
         "Day": [{"Name": "Friday", "OpeningHours": [{"OpeningTime": "10:00", "ClosingTime": "12:00"}]}]}
    ]  # fmt: skip
    return document


SAMPLES: dict[str, Any] = {
    "obie-atms": feed("uk-open-banking-atms-hsbc/atms-2024-01-21.json", "ATM", 3),
    "obie-branches": sample_of_branches(),
    "state-council-calendar": json.loads((DATA / "calendars/cn-state-council-2015-2026.json").read_bytes())[:2],
}
VISITS = (DATA / "sf-food-inspections/inspections-2015.csv").read_bytes().splitlines(keepends=True)[:6]
FINDINGS = (DATA / "sf-food-inspections/violations-2015.csv").read_bytes().splitlines(keepends=True)[:6]

INCIDENTS = (
    b"number,incident_state,sys_updated_at,opened_at,priority,assignment_group,sys_mod_count\n",
    b"I-1,New,1/3/2016 09:05,1/3/2016 09:00,3 - Moderate,G-1,0\n",
    b"I-1,Active,1/3/2016 10:05,1/3/2016 09:00,2 - High,G-2,1\n",
    b"I-2,On Hold,1/3/2016 10:05,?,?,?,?\n",
    b"I-1,Closed,2/3/2016 10:05,1/3/2016 09:00,2 - High,G-2,2\n",
)
COMPLAINTS = (
    b"Date received,Company,Date sent to company,Company response to consumer,Timely response?,Complaint ID\n",
    b"04/01/25,Lender One,04/03/25,Closed with explanation,Yes,1\n",
    b"04/01/25,Lender Two,04/01/25,Untimely response,No,2\n",
    b"04/02/25,Lender One,None,In progress,None,3\n",
)

odd = st.one_of(
    st.sampled_from([None, True, False, 0, -1, 10**30, "", " ", "x", "00:00", "24:00", "2026-02-30", "9999-12-31",
                     "0001-01-01T00:00:00Z", "GB", "Monday", "\x00", "x" * 300, [], {}, [None], [[]], {"unknown": "x"},
                     {"Identification": None}, {"Code": 1}]),
    st.text(max_size=8),
    st.integers(),
)  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if path:
        yield path
    steps = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for step, inner in steps:
        yield from places(inner, (*path, step))


@st.composite
def mutants(draw: st.DrawFn, sample: Any) -> Any:
    """Draw the sample with up to four things in it dropped, doubled, replaced or moved into a list."""
    document = copy.deepcopy(sample)
    for _ in range(draw(st.integers(1, 4))):
        *way, last = draw(st.sampled_from(list(places(document)) or [("x",)]))
        holder = document
        for step in way:
            holder = holder[step]
        if last == "x" and not way:
            break
        match draw(st.sampled_from(["drop", "replace", "listed", "double"])):
            case "drop":
                del holder[last]
            case "replace":
                holder[last] = copy.deepcopy(draw(odd))
            case "listed":
                holder[last] = [holder[last]]
            case _:
                holder[last] = [holder[last], copy.deepcopy(holder[last])]
    return document


def check(format_: str, *files: bytes) -> None:
    """Import; what is refused has places, what is accepted is sound, and so is every notice."""
    notices: list[Problem] = []
    sources = tuple(SourceFile(f"file-{number}", data=data) for number, data in enumerate(files))
    context = ImportContext(files=sources, at=dt.datetime(2026, 3, 1, tzinfo=dt.UTC), notice=notices.append)
    commands: list[Command] = []
    refused: BranchkitError | None = None
    try:
        commands = list(READERS[format_](context))
    except BranchkitError as error:
        refused = error
    if refused is not None:
        assert isinstance(refused, InputError)
        assert refused.problems
        assert all(problem.path.startswith("$") and problem.message for problem in refused.problems)
        return
    ids = [command.id for command in commands]
    assert len(ids) == len(set(ids))
    assert all(notice.path.startswith("file-") and ":$" in notice.path for notice in notices)
    for command in commands:
        assert command == structure(type(command), unstructure(command))


@pytest.mark.parametrize("format_", SAMPLES)
@given(data=st.data())
def test_mutated_documents(format_: str, data: st.DataObject) -> None:
    """A document with keys dropped and values of wrong types is refused with places or gives sound commands."""
    check(format_, json.dumps(data.draw(mutants(SAMPLES[format_]))).encode())


@given(
    lines=st.lists(st.sampled_from([*VISITS, *FINDINGS]), max_size=6),
    cut=st.integers(0, 200),
    junk=st.binary(max_size=6),
    swap=st.booleans(),
)
def test_mutated_tables(lines: list[bytes], cut: int, junk: bytes, swap: bool) -> None:
    """Tables with lines of the other one, and with bytes put in anywhere, are refused with places or sound."""
    visits, findings = b"".join([VISITS[0], *lines]), b"".join(FINDINGS)
    visits = visits[:cut] + junk + visits[cut:]
    check("sf-inspections", *((findings, visits) if swap else (visits, findings)))


@pytest.mark.parametrize(("format_", "sample"), [("servicenow-incidents", INCIDENTS), ("cfpb-complaints", COMPLAINTS)])
@given(data=st.data())
def test_mutated_logs(format_: str, sample: tuple[bytes, ...], data: st.DataObject) -> None:
    """Logs with lines left out, repeated and out of order, and with bytes put in anywhere, are refused or sound."""
    lines = data.draw(st.lists(st.sampled_from(sample[1:]), max_size=6))
    whole = b"".join([sample[0], *lines])
    cut = data.draw(st.integers(0, len(whole)))
    check(format_, whole[:cut] + data.draw(st.binary(max_size=4)) + whole[cut + data.draw(st.integers(0, 4)) :])


@pytest.mark.parametrize("format_", READERS)
@given(data=st.binary(max_size=200))
@example(data=b"")
@example(data=b"[{}]")
@example(data=b'{"data":[{"Brand":[{"ATM":[],"Branch":[]}]}]}')
def test_any_bytes(format_: str, data: bytes) -> None:
    """Any bytes at all are refused with a place or give sound commands."""
    check(format_, data)
