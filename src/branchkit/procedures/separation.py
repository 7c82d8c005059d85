"""Separation of duties: nobody holds two duties that are kept apart, nor does whoever acts for them."""

from __future__ import annotations

from branchkit.errors import Refusal
from branchkit.procedures.case import Case, items_of
from branchkit.procedures.events import Duty
from branchkit.procedures.facts import CaseFacts
from branchkit.procedures.prepared import Prepared

__all__ = ["keep_apart"]


def keep_apart(
    prepared: Prepared,
    case: Case | None,
    duty: str,
    persons: tuple[str, ...],
    facts: CaseFacts,
    refusals: list[Refusal],
    at_once: tuple[Duty, ...] = (),
) -> None:
    """Refuse a duty that somebody may not take for what they, or whom they act for, hold already.

    Args:
        prepared: the procedure.
        case: the case; ``None`` while it is being opened.
        duty: the duty that is taken.
        persons: whose deed it is.
        facts: who holds what in linked cases and other records.
        refusals: takes what is found.
        at_once: what is taken by the same deed, each with those who hold it.
    """
    for separation, other, stage in prepared.conflicts.get(duty, ()):
        held: tuple[str, ...] = ()
        if case is not None and stage is not None:
            state = items_of(case.stages).get(stage)
            held = () if state is None else state.by
        elif case is not None:
            held = items_of(case.actors).get(other, ())
        for name, those in at_once:
            if name == other:
                held += those
        if separation.within == "linked":
            held += tuple(facts.duties.get(other, ()))
        for person in persons:
            if person in held:
                what = f"{separation.title.say()}: {person!r} already holds {other!r} and may not hold {duty!r}"
                refusals.append(Refusal("separation", what, rules=separation.rules, path="$.by"))
