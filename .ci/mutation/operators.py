"""Which small changes are made: a choice of cosmic-ray's operators, and four that it does not have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import parso
from cosmic_ray.operators.operator import Example, Operator
from cosmic_ray.operators.provider import OperatorProvider

# Of the ninety ways to replace an operator by another, those that a slip of the hand would make: the bound one off,
# the sense turned round, the neighbour in arithmetic. The others die by the same tests or by a TypeError.
_CHOSEN = (
    "AddNot",
    "ReplaceAndWithOr",
    "ReplaceOrWithAnd",
    "ReplaceTrueWithFalse",
    "ReplaceFalseWithTrue",
    "ReplaceUnaryOperator_Delete_Not",
    "ReplaceUnaryOperator_Delete_USub",
    "ReplaceBreakWithContinue",
    "ReplaceContinueWithBreak",
    "ZeroIterationForLoop",
    "ExceptionReplacer",
    "RemoveDecorator",
    "NumberReplacer",
    "ReplaceComparisonOperator_Eq_NotEq",
    "ReplaceComparisonOperator_NotEq_Eq",
    "ReplaceComparisonOperator_Is_IsNot",
    "ReplaceComparisonOperator_IsNot_Is",
    "ReplaceComparisonOperator_Lt_LtE",
    "ReplaceComparisonOperator_Lt_GtE",
    "ReplaceComparisonOperator_LtE_Lt",
    "ReplaceComparisonOperator_LtE_Gt",
    "ReplaceComparisonOperator_Gt_GtE",
    "ReplaceComparisonOperator_Gt_LtE",
    "ReplaceComparisonOperator_GtE_Gt",
    "ReplaceComparisonOperator_GtE_Lt",
    "ReplaceBinaryOperator_Add_Sub",
    "ReplaceBinaryOperator_Sub_Add",
    "ReplaceBinaryOperator_Mul_FloorDiv",
    "ReplaceBinaryOperator_Div_Mul",
    "ReplaceBinaryOperator_FloorDiv_Mul",
    "ReplaceBinaryOperator_Mod_FloorDiv",
    "ReplaceBinaryOperator_BitOr_BitAnd",
    "ReplaceBinaryOperator_BitAnd_BitOr",
    "ReplaceBinaryOperator_Pow_Mul",
)

Position = tuple[tuple[int, int], tuple[int, int]]


class _Rewrite(Operator):
    """Writes one node anew from its text; a subclass says which nodes, and what they become."""

    def rewrites(self, node: Any) -> Iterator[tuple[int, str]]:
        """Yield the number of a child and what its code becomes."""
        raise NotImplementedError

    def mutation_positions(self, node: Any) -> Iterator[Position]:
        """Yield where this operator can change the node."""
        for child, _ in self.rewrites(node):
            yield node.children[child].start_pos, node.children[child].end_pos

    def mutate(self, node: Any, index: int) -> Any:
        """Return the node with that one change."""
        child, text = list(self.rewrites(node))[index]
        node.children[child] = parso.parse(text)
        return node

    @classmethod
    def examples(cls) -> tuple[Example, ...]:
        """Return nothing; cosmic-ray's own test bed is not used here."""
        return ()


class TurnMembership(_Rewrite):
    """``in`` becomes ``not in`` and the other way round."""

    def rewrites(self, node: Any) -> Iterator[tuple[int, str]]:
        """Find the comparisons."""
        if node.type == "comparison":
            turned = {"in": " not in", "not in": " in"}
            for number, child in enumerate(node.children):
                if number % 2 and (text := " ".join(child.get_code().split())) in turned:
                    yield number, turned[text]


class NegateFilter(_Rewrite):
    """The filter of a comprehension is negated."""

    def rewrites(self, node: Any) -> Iterator[tuple[int, str]]:
        """Find ``if`` in comprehensions."""
        if node.type == "comp_if":
            yield 1, f" (not ({node.children[1].get_code().strip()}))"


class DropStatement(_Rewrite):
    """A call or a ``raise`` that stands alone, or an augmented assignment, is left out."""

    def rewrites(self, node: Any) -> Iterator[tuple[int, str]]:
        """Find lines that do something and bind no new name."""
        if node.type == "simple_stmt":
            first = node.children[0]
            augmented = first.type == "expr_stmt" and first.children[1].type in {"operator", "augassign"}
            augmented = augmented and first.children[1].get_code().strip() not in {"=", ":="}
            calls = first.type == "atom_expr" and first.children[-1].type == "trailer"
            if augmented or calls or first.type == "raise_stmt":
                yield 0, f"{first.get_first_leaf().prefix}pass"


class ReturnNothing(_Rewrite):
    """``return something`` becomes ``return None``."""

    def rewrites(self, node: Any) -> Iterator[tuple[int, str]]:
        """Find returns with a value."""
        if node.type == "return_stmt" and len(node.children) == 2 and node.children[1].get_code().strip() != "None":
            yield 1, " None"


def operators() -> dict[str, Operator]:
    """Return the operators in use by name."""
    provider = OperatorProvider()
    chosen: dict[str, Operator] = {name: provider[name]() for name in _CHOSEN}
    ours = (TurnMembership, NegateFilter, DropStatement, ReturnNothing)
    return chosen | {one.__name__: one() for one in ours}
