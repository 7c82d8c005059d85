"""What every class of the floor takes, by position and by name, and that it is a frozen value."""

from __future__ import annotations

import inspect

import attrs
import pytest

from branchkit.conditions import (
    All,
    AnyOf,
    Compare,
    DecisionTable,
    DerivedFact,
    Equals,
    Exists,
    FactModel,
    FactSpec,
    Has,
    Holding,
    Member,
    NoneOf,
    Not,
    OneOf,
    Row,
    Within,
)
from branchkit.conditions.cases import Case
from branchkit.conditions.columns import Column, Region
from branchkit.values import Unknown

TAKES = {
    All: "parts",
    AnyOf: "parts",
    Case: "facts, orders",
    Column: "spec, regions, unknown, locate",
    Compare: "fact, op, value=None, *, fact2=None, offset=None",
    DecisionTable: "*, id, version, title=None, facts, outputs, hit=<Hit.UNIQUE: 'unique'>, rows, otherwise=None",
    DerivedFact: "name, *, when, title=None",
    Equals: "value",
    Exists: "fact",
    FactModel: "*, facts, derived=()",
    FactSpec: "name, type, *, choices=(), low=None, high=None, may_be_unknown=False, title=None",
    Has: "fact, code",
    Holding: "*, has=(), lacks=()",
    Member: "fact, values",
    NoneOf: "values",
    Not: "part",
    OneOf: "values",
    Region: "rows, example",
    Row: "*, when=FrozenMap({}), then, rules=(), note=None",
    Within: "*, start=None, above=None, below=None, to=None",
}
"""What stands before the star may be given by position; renaming or reordering it breaks whoever calls it."""


def takes(kind: type) -> str:
    """Write a signature without its types."""
    words, star = [], False
    for one in inspect.signature(kind).parameters.values():
        if one.kind is one.KEYWORD_ONLY and not star:
            star = True
            words.append("*")
        default = "unknown" if one.default == Unknown() else repr(one.default)
        words.append(one.name if one.default is one.empty else f"{one.name}={default}")
    return ", ".join(words)


@pytest.mark.parametrize("kind", TAKES, ids=lambda kind: kind.__name__)
def test_what_a_class_takes_and_that_it_is_frozen(kind: type) -> None:
    """A class takes what it always took, with the same defaults, and does not change once it is made."""
    assert TAKES[kind] == takes(kind)
    assert "__attrs_attrs__" in vars(kind)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(object.__new__(kind), attrs.fields(kind)[0].name, None)
