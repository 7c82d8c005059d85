"""A transition narrows who may act in its stage; it lets nobody else in."""

from __future__ import annotations

import attrs

from branchkit.estate import ByPost
from branchkit.procedures import prove
from tests.unit.kit.case_messages import DESK, FAULT


def test_a_way_is_for_some_of_those_who_may_act() -> None:
    """Whoever may not act in the stage could never take the way, so naming them alone is refused."""
    stage = FAULT.stages[0]
    head = ByPost(post="outlet_head")

    def proved(*actors: ByPost) -> list[str]:
        way = attrs.evolve(stage.transitions[0], actors=actors)
        changed = attrs.evolve(FAULT, stages=(attrs.evolve(stage, transitions=(way,)),))
        return [f"{one.path}: {one.message}" for one in prove(changed)]

    assert [] == proved(DESK)
    assert [
        "$.stages[0].transitions[0].actors[0]: Expected some of those who may act in the stage: post fault_desk"
    ] == proved(head)
