"""Journals that an earlier kit wrote about cases, read by upcasters: every case as if it had been written today."""

from __future__ import annotations

from typing import Any

import pytest

from branchkit.errors import StoreCorrupt
from branchkit.kit import Kit
from branchkit.procedures import Case, CompleteStage
from branchkit.storage import MemoryStore, NewEntry
from tests.unit.kit.guarded import fired, guarded_kit, open_fault, rules
from tests.unit.kit.test_cases import DESK, FITTER, HOUR, MINUTE, MONDAY

OLD = {"case_opened": "fault_reported/1", "stage_completed": "step_done/1", "rung_reached": "rung_reached/0"}


def aged(kind: str, data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return an event as an earlier kit would have written it: other names, and a version that was not kept."""
    name = kind.rpartition("/")[0]
    if name not in OLD:
        return kind, data
    old = {("office" if key == "branch" else key): value for key, value in data.items()}
    if name == "stage_completed":
        old["step"], old["way"] = old.pop("stage"), old.pop("transition")
    if name == "rung_reached":
        old["steps"] = [old.pop("reached")]
    return OLD[name], old


def reported(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Bring a report of a fault to the opening of a case, in two steps."""
    return "case_opened/0", data


def opened(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name the branch as it is named now."""
    return "case_opened/1", {("branch" if key == "office" else key): value for key, value in data.items()}


def completed(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Name stage and transition as they are named now."""
    rest = {key: value for key, value in data.items() if key not in ("step", "way")}
    return "stage_completed/1", {**rest, "stage": data["step"], "transition": data["way"]}


def reached(data: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Take the one step out of its list."""
    rest = {key: value for key, value in data.items() if key != "steps"}
    return "rung_reached/1", {**rest, "reached": data["steps"][0]}


UPCASTERS = {
    "fault_reported/1": reported,
    "case_opened/0": opened,
    "step_done/1": completed,
    "rung_reached/0": reached,
}


def old_store(young: Kit) -> MemoryStore:
    """Return a store with nothing but the journal of a kit, in the words of an earlier one, and its outcomes."""
    store = MemoryStore()
    with young.store.transaction(write=False) as there, store.transaction() as tx:
        for entry in there.read(limit=10_000):
            kind, data = aged(entry.kind, dict(entry.body["data"]))
            body = {**entry.body, "data": data}
            new = NewEntry(kind, body=body, command=entry.command, at=entry.at, recorded_at=entry.recorded_at)
            tx.append(entry.stream, [new])
            known = there.outcome(entry.command)
            if known is not None and tx.outcome(entry.command) is None:
                tx.remember(entry.command, known.digest, known.outcome)
    return store


def young_kit() -> Kit:
    """Return a kit in which a fault was late and taken on."""
    kit = guarded_kit()
    open_fault(kit)
    fired(kit, MONDAY + 31 * MINUTE)
    kit.do(CompleteStage("C-1", "receive", "take", by=DESK, at=MONDAY + 40 * MINUTE))
    return kit


def test_an_old_journal_makes_the_same_cases() -> None:
    """Rebuilt from the old journal, every document is the one that the young kit keeps."""
    young = young_kit()
    old = Kit(old_store(young), rules(), grants=young.grants, upcasters=UPCASTERS)
    old.rebuild()

    assert young.get(Case, "C-1") == old.get(Case, "C-1")
    assert (True, ()) == (old.verify().ok, old.verify().problems)
    stories = [kit.story("C-1", MONDAY + HOUR, as_of=as_of) for kit in (young, old) for as_of in (None, MONDAY)]
    assert stories[:2] == stories[2:]
    assert [one.event for one in young.events()] == [one.event for one in old.events()]


def test_an_old_case_goes_on() -> None:
    """A case of an old journal is swept and completed as one of today, each rung once over both."""
    young = young_kit()
    old = Kit(old_store(young), rules(), grants=young.grants, upcasters=UPCASTERS)
    old.rebuild()

    for kit in (young, old):
        fired(kit, MONDAY + 2 * HOUR)
        kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=MONDAY + 3 * HOUR))
    assert young.get(Case, "C-1") == old.get(Case, "C-1")
    assert [one.event for one in young.events()] == [one.event for one in old.events()]
    assert old.verify().ok


def test_an_old_journal_without_its_upcasters_is_not_guessed_at() -> None:
    """Without them nothing is rebuilt, and the error names the kind."""
    young = young_kit()
    old = Kit(old_store(young), rules(), grants=young.grants)

    with pytest.raises(StoreCorrupt, match="fault_reported/1"):
        old.rebuild()
