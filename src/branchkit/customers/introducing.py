"""Who introduced whom: on record for every customer, and never round in a circle."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator

from branchkit.errors import Refusal

__all__ = ["against_introduction", "introducers_of"]

_RULES = ("customers:DEV-03",)


def introducers_of(introducer: str | None, above: Callable[[str], Iterable[str] | None]) -> frozenset[str]:
    """Return who introduced an introducer, who introduced those, and so on; the introducer too, where on record.

    Args:
        introducer: the id of whoever introduces; ``None`` for nobody.
        above: returns who introduced somebody, and ``None`` for whoever is not on record.

    >>> introduced = {"C-1": ("C-2",), "C-2": ("C-3",), "C-3": ()}
    >>> sorted(introducers_of("C-1", introduced.get))
    ['C-1', 'C-2', 'C-3']
    """
    waiting, found = [] if introducer is None else [introducer], set[str]()
    while waiting:
        one = waiting.pop()
        introduced = None if one in found else above(one)
        if introduced is not None:
            found.add(one)
            waiting += introduced
    return frozenset(found)


def against_introduction(customer: str | None, introducer: str | None, known: Collection[str]) -> Iterator[Refusal]:
    """Yield that whoever introduces a customer is not on record, or was brought by that customer (customers:DEV-03).

    Args:
        customer: the id of whoever is introduced; ``None`` where nobody is told.
        introducer: the id of whoever introduces; ``None`` for nobody.
        known: what `introducers_of` found for that.
    """
    if introducer is None:
        return
    if customer is not None and customer in (introducer, *known):
        reason = "an introduction never leads back to the customer: nobody was introduced by whom they brought"
        yield Refusal("circular", reason, rules=_RULES, path="$.introduced_by", zh="引荐关系不得形成循环")
    elif introducer not in known:
        reason = f"no customer {introducer!r} is on record who could have introduced somebody; register them first"
        yield Refusal("unknown_introducer", reason, rules=_RULES, path="$.introduced_by", zh="引荐人未登记")
