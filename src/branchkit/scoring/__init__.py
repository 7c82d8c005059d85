"""Scoring: policies as data, what they make of evidence, and what it would take to do better."""

from branchkit.scoring.evidence import Evidence
from branchkit.scoring.lint import lint_policy
from branchkit.scoring.policy import RubricPolicy
from branchkit.scoring.rubric import Aggregate, Band, Deduction, Gate, Limits, Part, Points, Select, Veto
from branchkit.scoring.score import (
    Deducted,
    Fix,
    FixPlan,
    Mark,
    MarkState,
    PartScore,
    Score,
    ScoringPolicy,
)
from branchkit.scoring.scored import Scored, Value
from branchkit.scoring.scorer import Scorer

__all__ = [
    "Aggregate",
    "Band",
    "Deducted",
    "Deduction",
    "Evidence",
    "Fix",
    "FixPlan",
    "Gate",
    "Limits",
    "Mark",
    "MarkState",
    "Part",
    "PartScore",
    "Points",
    "RubricPolicy",
    "Score",
    "Scored",
    "Scorer",
    "ScoringPolicy",
    "Select",
    "Value",
    "Veto",
    "lint_policy",
]
