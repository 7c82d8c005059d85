"""Holds ids and codes of commands about customers to be such: they stand in the journal for good, as they are told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import attrs

from branchkit.customers.model import id_problems
from branchkit.errors import Problem
from branchkit.personal import kind_of, looks_personal
from branchkit.values import FrozenMap, is_identifier

__all__ = ["is_code", "naming_problems"]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}")
_IDS = frozenset({
    "absent", "adviser", "approved_by", "branch", "by", "credit", "home_branch", "instead_of", "introduced_by",
    "journey", "lead", "maintainers", "owner", "processors", "receiver", "referral", "sale", "scheme", "staff",
})  # fmt: skip
_CODES = frozenset({
    "basis", "business_type", "card", "code", "currency", "data", "document", "evidence", "grade", "items", "measure",
    "method", "product", "purpose", "reason", "reason_code", "recipient", "relation", "remove", "section", "skills",
    "source", "target", "trigger", "triggers",
})  # fmt: skip


def is_code(text: str) -> bool:
    """Say whether a text is a code: 1 to 80 letters, digits, and ``_ . : -`` after the first, and nobody's number.

    >>> is_code("periodic_review"), is_code("rich uncle"), is_code("13800138000")
    (True, False, False)
    """
    return _CODE.fullmatch(text) is not None and not looks_personal(text)


def naming_problems(told: Any, path: str = "$") -> Iterator[Problem]:
    """Yield, of a command and all that is in it, ids that are none and codes that are words.

    What somebody types freely has a marked field of its own, which is sealed; such fields are not looked at.
    """
    for field in attrs.fields(type(told)):
        if kind_of(field.metadata) is not None:
            continue
        for place, one in _each(getattr(told, field.name), f"{path}.{field.name}"):
            if isinstance(one, str):
                yield from _problems(field.name, one, place)
            elif attrs.has(type(one)):
                yield from naming_problems(one, place)


def _each(value: Any, path: str) -> Iterable[tuple[str, Any]]:
    if isinstance(value, tuple):
        return [(f"{path}[{at}]", one) for at, one in enumerate(value)]
    if isinstance(value, FrozenMap):
        return [(path, one) for pair in value.items() for one in pair]
    return [(path, one) for one in value] if isinstance(value, frozenset) else [(path, value)]


def _problems(name: str, value: str, path: str) -> Iterator[Problem]:
    if name == "customer":
        yield from id_problems(value, path)
    elif name in _CODES and not is_code(value):
        yield Problem(path, "Expected a code of letters, digits, and _ . : - between them")
    elif name in _IDS and not is_identifier(value):
        yield Problem(path, "Expected an id of 1 to 200 printable characters without spaces at its ends")
    elif (name in _IDS or name == "fields") and looks_personal(value):
        yield Problem(path, "Expected an id that says nothing, not a telephone or identity number")
