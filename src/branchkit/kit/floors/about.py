"""Which customer a case or a sheet is about, so that it is found from the customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from branchkit.checklists import RawFact
from branchkit.values import Ref

__all__ = ["customer_named"]


def customer_named(place: Iterable[Ref], facts: Mapping[str, RawFact]) -> str | None:
    """Return the id of the customer that a place or a fact names; ``None`` where neither does.

    A place names one as ``customer:<id>``, a fact by its name: ``customer``, or one that ends in ``.customer``.

    >>> customer_named((), {"lead.customer": "C-204417"}), customer_named((Ref("customer", "C-2"),), {})
    ('C-204417', 'C-2')
    """
    for ref in place:
        if ref.kind == "customer":
            return ref.id
    for name, value in facts.items():
        if (name == "customer" or name.endswith(".customer")) and isinstance(value, str):
            return value
    return None
