"""What documents ask that only the others can answer: kinds of branches, and facts that somebody looks at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from branchkit.catalog.kinds import conditions_of
from branchkit.codec import Document, child
from branchkit.conditions import All, AnyOf, Compare, Condition, DecisionTable, Member, Not, Op
from branchkit.errors import Problem

if TYPE_CHECKING:
    from branchkit.checklists import Checklist
    from branchkit.scoring import RubricPolicy

__all__ = ["kinds_asked", "unread_facts"]

_KIND = "branch.kind"


def kinds_asked(document: Document) -> Iterator[tuple[str, str]]:
    """Yield every code that a document compares ``branch.kind`` with, with its path."""
    for path, condition in conditions_of(document):
        yield from _codes(condition, path)
    if isinstance(document, DecisionTable):
        for at, spec in enumerate(document.facts):
            if spec.name == _KIND:
                yield from ((f"$.facts[{at}].choices[{number}]", code) for number, code in enumerate(spec.choices))
        for at, row in enumerate(document.rows):
            cell = row.when.get(_KIND)
            for code in () if cell is None else cell.literals():
                yield child("$.rows", at, "when", _KIND), str(code)


def _codes(condition: Condition, path: str) -> Iterator[tuple[str, str]]:
    match condition:
        case All(parts) | AnyOf(parts):
            below = child(path, "all" if isinstance(condition, All) else "any")
            for at, part in enumerate(parts):
                yield from _codes(part, child(below, at))
        case Not(part):
            yield from _codes(part, child(path, "not"))
        case Compare(fact="branch.kind", op=op, value=str(code)):
            yield child(path, "is" if op is Op.EQ else "value"), code
        case Member(fact="branch.kind", values=values):
            yield from ((child(child(path, "in"), at), str(code)) for at, code in enumerate(values))
        case _:
            return


def unread_facts(checklist: Checklist, policies: Sequence[RubricPolicy]) -> Iterator[Problem]:
    """Yield the facts that a checklist declares and that neither it nor a policy that scores it looks at.

    A checklist whose policy is a plug-in's code is left out: what code looks at nobody can tell.
    """
    if checklist.policy is not None and "." in checklist.policy and all(checklist.policy != p.id for p in policies):
        return
    read = set(checklist.prepared.reads).union(*(p.reads for p in policies if checklist.id in p.checklists))
    for at, spec in enumerate(checklist.facts):
        if spec.name not in read:
            yield Problem(f"$.facts[{at}]", f"Has no effect: nothing in the catalog looks at {spec.name!r}")
