"""A journal that was stored once and is never written again: what was kept stays readable."""

from __future__ import annotations

import json
from pathlib import Path

from branchkit.kit import Kit
from branchkit.procedures import Case, CompleteStage
from branchkit.storage import MemoryStore, NewEntry
from tests.unit.kit.guarded import fired, rules
from tests.unit.kit.test_cases import FITTER, HOUR, MONDAY
from tests.unit.kit.test_old_cases import UPCASTERS, young_kit

HERE = Path(__file__).parent / "journals"


def stored(name: str) -> MemoryStore:
    """Return a store with nothing but a journal that lies beside the tests."""
    store = MemoryStore()
    with store.transaction() as tx:
        for line in (HERE / name).read_text(encoding="utf-8").splitlines():
            entry = json.loads(line)
            if "outcome" in entry:
                tx.remember(entry["command"], entry["digest"], entry["outcome"])
                continue
            stream = entry.pop("stream")
            tx.append(stream, [NewEntry(entry.pop("kind"), **entry)])
    return store


def test_a_journal_of_an_earlier_kit_is_read_and_goes_on() -> None:
    """A journal kept from before its events were renamed gives its case, clocks and rungs, and the case goes on."""
    kit = Kit(stored("fault-before-1.jsonl"), rules(), grants=young_kit().grants, upcasters=UPCASTERS)
    kit.rebuild()

    case = kit.get(Case, "C-1")
    assert ("open", "high") == (case.status, case.priority)
    assert {"receive": "done", "repair": "open"} == {id: state.status.value for id, state in case.stages.items()}
    assert {"reply": "stopped"}.items() <= {clock.id: clock.state.value for clock in case.clocks}.items()
    assert kit.verify().ok

    fired(kit, MONDAY + 2 * HOUR)
    kit.do(CompleteStage("C-1", "repair", "done", by=FITTER, at=MONDAY + 3 * HOUR))

    assert "closed" == kit.get(Case, "C-1").status
    assert kit.verify().ok
