"""A transition narrows who may act in its stage; it lets nobody else in."""

from __future__ import annotations

from branchkit.estate import ByPost
from branchkit.procedures import prove
from tests.unit.procedures.family import DESK, HEAD, ends, procedure, stage


def test_a_way_is_for_some_of_those_who_may_act() -> None:
    """Whoever may not act in the stage could never take the way, so naming them alone is refused."""

    def proved(*actors: ByPost) -> list[str]:
        narrowed = procedure(stage("reply", ends(actors=actors)))
        return [f"{one.path}: {one.message}" for one in prove(narrowed)]

    assert [] == proved(DESK)
    assert [
        "$.stages[0].transitions[0].actors[0]: Expected some of those who may act in the stage: post desk"
    ] == proved(HEAD)
