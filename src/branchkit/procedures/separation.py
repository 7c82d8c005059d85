"""Separation of duties: nobody holds two duties that are kept apart, nor does whoever acts for them."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from branchkit.errors import Refusal
from branchkit.procedures.case import Case, items_of
from branchkit.procedures.events import Duty
from branchkit.procedures.facts import CaseFacts
from branchkit.procedures.model import Separation
from branchkit.procedures.prepared import Prepared

__all__ = ["ENTRY", "held_duties", "keep_apart", "keep_linked_apart"]

ENTRY = "entry:"
"""Begins the duty of whom a register names."""


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
        _refuse(separation, persons, held, other, duty, refusals)
    for one in facts.apart:
        if one.duty == duty:
            _refuse(one.separation, persons, one.persons, one.held, duty, refusals)


def keep_linked_apart(prepared: Prepared, case: Case, facts: CaseFacts, refusals: list[Refusal]) -> None:
    """Refuse to link two cases in which somebody holds two duties that are kept apart between linked cases.

    Args:
        prepared: the procedure.
        case: the case to be linked.
        facts: who holds what in the other one, and what its procedure keeps apart.
        refusals: takes what is found.
    """
    for duty, persons in held_duties(case).items():
        for separation, other, _ in prepared.conflicts.get(duty, ()):
            if separation.within == "linked":
                _refuse(separation, persons, facts.duties.get(other, ()), other, duty, refusals)
        for one in facts.apart:
            if one.duty == duty:
                _refuse(one.separation, persons, one.persons, one.held, duty, refusals)


def held_duties(case: Case) -> dict[str, tuple[str, ...]]:
    """Return who holds each duty of a case."""
    held = {f"stage:{name}": state.by for name, state in items_of(case.stages).items() if state.by}
    return {**held, **items_of(case.actors)}


def _refuse(
    separation: Separation,
    persons: Iterable[str],
    those: Collection[str],
    held: str,
    duty: str,
    refusals: list[Refusal],
) -> None:
    for person in persons:
        if person in those:
            what = f"{separation.title.say()}: {person!r} already holds {held!r} and may not hold {duty!r}"
            zh = f"{separation.title.say('zh')}：{person}已承担{held}，不得再承担{duty}"
            refusals.append(Refusal("separation", what, rules=separation.rules, path="$.by", zh=zh))
