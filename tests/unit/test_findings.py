"""Findings and how they are closed."""

from __future__ import annotations

import datetime as dt

import pytest

from branchkit.findings import Closure, Finding, FindingState
from branchkit.values import Ref, Severity, Text

PLACE = (Ref("branch", "B-1"), Ref("zone", "lobby"), Ref("equipment", "ATM-1"))


def test_a_finding_is_where_its_innermost_place_is() -> None:
    """Of the places from the branch down, the last one is the thing that is wrong."""
    finding = Finding(id="F-1", branch="B-1", place=PLACE, severity=Severity.MINOR, message=Text(en="dark"))

    assert (Ref("equipment", "ATM-1"), FindingState.OPEN) == (finding.where, finding.state)


def test_findings_and_closures_take_names_only() -> None:
    """Nobody mixes up an id and a branch by their order."""
    with pytest.raises(TypeError):
        Finding("F-1", "B-1", PLACE, Severity.MINOR, Text(en="dark"))  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        Closure(dt.datetime(2026, 3, 2, tzinfo=dt.UTC), "S-1")  # type: ignore[call-arg]  # wrong on purpose


def test_a_reason_that_somebody_typed_is_masked() -> None:
    """The reason of a closure never shows in its repr."""
    closure = Closure(at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC), by="S-1", reason="told Zhang on the phone")

    assert "reason=•••" in repr(closure)
    assert "Zhang" not in repr(closure)
