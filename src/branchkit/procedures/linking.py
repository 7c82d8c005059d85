"""Which links and parts hold together: to cases that are there, never in a circle in which each waits for the next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from branchkit.errors import Refusal
from branchkit.procedures.case import Case, Link

__all__ = ["check_link", "check_parent", "holds"]


def check_link(id: str, link: Link, others: Mapping[str, Case] | None, path: str, refusals: list[Refusal]) -> None:
    """Refuse a link that leads nowhere, to the case itself, or round in a circle.

    Args:
        id: the case that is linked.
        link: the link.
        others: the cases that there are; ``None`` where nobody looks at other cases.
        path: where the other case is named.
        refusals: takes what is found.
    """
    other = _other(id, link.case, others, path, refusals)
    if other is None:
        return
    if link.kind == "duplicate" and other.status == "cancelled":
        reason = f"the case {other.id!r} is cancelled, so no other one can go on in its place"
        refusals.append(Refusal("case_not_open", reason, path=path))
    if link.kind == "blocks":
        _no_circle(id, other, others or {}, path, refusals)


def check_parent(id: str, parent: str, others: Mapping[str, Case] | None, refusals: list[Refusal]) -> None:
    """Refuse to make a case a part of one that is not there, is over, is itself, or waits for what would wait for it.

    Args:
        id: the case that is opened.
        parent: the case of which it is to be a part.
        others: the cases that there are; ``None`` where nobody looks at other cases.
        refusals: takes what is found.
    """
    other = _other(id, parent, others, "$.parent", refusals)
    if other is None:
        return
    if not other.is_open:
        reason = f"the case {other.id!r} is {other.status}, so nothing can become a part of it"
        refusals.append(Refusal("case_not_open", reason, path="$.parent"))
    _no_circle(id, other, others or {}, "$.parent", refusals)


def holds(case: Case) -> Iterator[str]:
    """Yield the cases that cannot end before this one has: those it blocks, and the one of which it is a part."""
    yield from (link.case for link in case.links if link.kind == "blocks")
    if case.parent is not None:
        yield case.parent


def _other(id: str, other: str, others: Mapping[str, Case] | None, path: str, refusals: list[Refusal]) -> Case | None:
    if other == id:
        refusals.append(Refusal("same_case", "a case is not linked to itself", path=path))
        return None
    found = None if others is None else others.get(other)
    if found is None and others is not None:
        refusals.append(Refusal("unknown_case", f"there is no case {other!r}; open it first", path=path))
    return found


def _no_circle(id: str, other: Case, others: Mapping[str, Case], path: str, refusals: list[Refusal]) -> None:
    if id in _held_by(other, others):
        reason = f"the case {other.id!r} holds {id!r} already: each would wait for the other, and neither could end"
        refusals.append(Refusal("circular", reason, path=path))


def _held_by(case: Case, others: Mapping[str, Case]) -> set[str]:
    """Return every case that waits for this one, directly or not; each is looked at once, whatever goes round."""
    found: set[str] = set()
    waiting: list[Iterable[str]] = [holds(case)]
    while waiting:
        for id in waiting.pop():
            if id not in found:
                found.add(id)
                other = others.get(id)
                if other is not None:
                    waiting.append(holds(other))
    return found
