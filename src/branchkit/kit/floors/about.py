"""Which customer a case or a sheet is about, so that it is found from the customer."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from branchkit.checklists import RawFact
from branchkit.customers.model import id_problems
from branchkit.values import Ref

__all__ = ["customer_named", "customers_named", "misnamed"]


def customers_named(place: Iterable[Ref], facts: Mapping[str, RawFact]) -> Iterator[str]:
    """Yield the ids of the customers that a place or facts name, as often as they are named.

    A place names one as ``customer:<id>``, a fact by its name: ``customer``, or one that ends in ``.customer``.

    >>> list(customers_named((Ref("customer", "C-2"),), {"lead.customer": "C-204417", "track": "C-3"}))
    ['C-2', 'C-204417']
    """
    yield from (ref.id for ref in place if ref.kind == "customer")
    for name, value in facts.items():
        if (name == "customer" or name.endswith(".customer")) and isinstance(value, str):
            yield value


def customer_named(place: Iterable[Ref], facts: Mapping[str, RawFact]) -> str | None:
    """Return the id of the customer that a place or a fact names; ``None`` where neither does.

    >>> customer_named((), {"lead.customer": "C-204417"}), customer_named((), {})
    ('C-204417', None)
    """
    return next(customers_named(place, facts), None)


def misnamed(customers: Collection[str], before: str | None = None) -> Iterator[str]:
    """Yield what is wrong with the customers that something names; no number is repeated, since it may be anything.

    It is found from one customer only, with whom it is erased: so it names no other one, at no time.

    Args:
        customers: the ids that are named now.
        before: whom it named before.

    >>> list(misnamed(["C-1", "C-1"], before="C-1")), len(list(misnamed(["C-2"], before="C-1")))
    ([], 1)
    """
    if len({*customers, *(() if before is None else (before,))}) > 1:
        yield "it names two customers, and could be erased with one of them only; name one, and tell the other apart"
    for id in dict.fromkeys(customers):
        yield from (problem.message for problem in id_problems(id))
