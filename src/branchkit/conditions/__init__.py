"""Conditions and decision tables as data over typed facts.

Nothing here evaluates text: a condition is a tree of a few known kinds, always ends, and can be checked before it runs.
"""

from branchkit.conditions.cells import Cell, Equals, Holding, IsUnknown, NoneOf, OneOf, Within
from branchkit.conditions.check import bind, check
from branchkit.conditions.evaluation import compile_condition, evaluate, holds, reads
from branchkit.conditions.facts import Facts, FactSpec, FactType, FactValue
from branchkit.conditions.model import DerivedFact, FactModel, find_cycle
from branchkit.conditions.scalars import Scalar
from branchkit.conditions.table import DecisionTable, Hit, Outputs, Row
from branchkit.conditions.tree import (
    All,
    AnyOf,
    Compare,
    Condition,
    Exists,
    Has,
    Member,
    Not,
    Op,
    parse_condition,
)

__all__ = [
    "All",
    "AnyOf",
    "Cell",
    "Compare",
    "Condition",
    "DecisionTable",
    "DerivedFact",
    "Equals",
    "Exists",
    "FactModel",
    "FactSpec",
    "FactType",
    "FactValue",
    "Facts",
    "Has",
    "Hit",
    "Holding",
    "IsUnknown",
    "Member",
    "NoneOf",
    "Not",
    "OneOf",
    "Op",
    "Outputs",
    "Row",
    "Scalar",
    "Within",
    "bind",
    "check",
    "compile_condition",
    "evaluate",
    "find_cycle",
    "holds",
    "parse_condition",
    "reads",
]
