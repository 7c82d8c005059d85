"""Separation of duties: nobody holds two duties that are kept apart, nor does whoever acts for them."""

from __future__ import annotations

from collections.abc import Iterable

from branchkit.errors import Refusal
from branchkit.procedures.case import Case, items_of
from branchkit.procedures.facts import CaseFacts
from branchkit.procedures.prepared import Prepared

__all__ = ["keep_apart"]

_STAGE = "stage:"


def keep_apart(
    prepared: Prepared,
    case: Case | None,
    taken: Iterable[tuple[str, tuple[str, ...]]],
    facts: CaseFacts,
    refusals: list[Refusal],
) -> None:
    """Add to the refusals every duty that somebody may not take for what they, or whom they act for, hold already.

    Args:
        prepared: the procedure.
        case: the case; ``None`` while it is being opened.
        taken: the duties that are taken at once, each with the persons whose deed it is.
        facts: who holds what in linked cases and other records.
        refusals: takes what is found.
    """
    if not prepared.conflicts:
        return
    taken = tuple(taken)
    for duty, persons in taken:
        for separation, other in prepared.conflicts.get(duty, ()):
            held = set() if case is None else set(_held(case, other))
            held.update(*(those for name, those in taken if name == other))
            if separation.within == "linked":
                held |= facts.duties.get(other, frozenset())
            if not held.isdisjoint(persons):
                who = ", ".join(repr(person) for person in persons if person in held)
                reason = f"{separation.title.en or separation.title.zh}: {who} already holds {other!r}"
                refusals.append(Refusal("separation", f"{reason} and may not hold {duty!r}", rules=separation.rules))


def _held(case: Case, duty: str) -> tuple[str, ...]:
    if duty.startswith(_STAGE):
        state = items_of(case.stages).get(duty.removeprefix(_STAGE))
        return () if state is None else state.by
    return items_of(case.actors).get(duty, ())
