"""The documents of a fold, in memory and in a file."""

from __future__ import annotations

from branchkit.codec import canonical_json, unstructure
from branchkit.estate import Branch
from branchkit.kit.fold import Change
from branchkit.kit.scratch import Scratch


def test_what_does_not_fit_in_memory_comes_back() -> None:
    """However few documents are held in memory, each comes back as it was put last."""
    with Scratch(most=2) as scratch:
        for round in ("a", "b"):
            for number in range(5):
                scratch.put(Change("branch", f"B-{number}", Branch(f"B-{number}", kind=round)))
                scratch.current("branch", f"B-{number - 1}")
        found = [scratch.current("branch", f"B-{number}") for number in range(5)]

        assert [Branch(f"B-{number}", kind="b") for number in range(5)] == found
        assert scratch.current("branch", "B-9") is None
        assert found == [value for _, _, value in scratch.items()]
        assert canonical_json(unstructure(found[3])).decode() == scratch.take("branch", "B-3")
        assert scratch.take("branch", "B-3") is None
        assert ["B-0", "B-1", "B-2", "B-4"] == [id for _, id in scratch.left()]
