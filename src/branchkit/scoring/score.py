"""A score: its number and band, and everything that made it."""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, Protocol, Self, runtime_checkable

import attrs

from branchkit.checklists import cell_key
from branchkit.scoring.evidence import Evidence
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Ref, Severity, Text, decimal_text

__all__ = ["Deducted", "Fix", "FixPlan", "Mark", "MarkState", "PartScore", "Score", "ScoringPolicy", "plugin_of"]


def plugin_of(policy: str) -> str:
    """Return who brings a policy, from its id: what stands before the first dot; core's own ids have none.

    >>> plugin_of("acme.lobby.strict"), plugin_of("environment")
    ('acme', 'branchkit')
    """
    plugin, dot, _ = policy.partition(".")
    return plugin if dot else "branchkit"


class MarkState(enum.Enum):
    """What a cell counts as."""

    PASSED = "passed"
    FAILED = "failed"
    NEUTRAL = "neutral"
    """Counts for nothing: not applicable, information, or unknown where the policy says so."""


@attrs.frozen(kw_only=True)
class Mark:
    """One cell as a policy sees it."""

    sheet: str
    checklist: str
    section: str
    item: str
    on: tuple[Ref, ...] = ()
    state: MarkState
    value: str | None = None
    """The code answered, where the answer is one."""
    severity: Severity | None = None
    """How bad a failure of the cell is: as judged, or as the item says."""
    item_severity: Severity | None = None
    """What the item says; it weighs by that, however it is answered."""
    basis: str = "sourced"
    credit: tuple[int, int] | None = None
    """How far the rating is above its lowest, and how far that can be, where it counts in proportion: (3, 4) for
    4 of 1 to 5. Otherwise the state decides."""
    text: Text
    rules: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """Names the cell: ``checklist/item@device``, as a fix and a cost are told by."""
        return cell_key(f"{self.checklist}/{self.item}", self.on)


@attrs.frozen(kw_only=True)
class Deducted:
    """Points that were taken away, and for what."""

    deduction: str
    sheet: str | None
    """The sheet; ``None`` where facts decided."""
    key: str
    """The cell, as in ``sf-food-visit/risk@row:1``, or the facts, as in ``facts:complaints``."""
    points: Decimal
    """Above zero, before the deduction's cap."""
    reason: Text
    rules: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class PartScore:
    """What a part of weighted points came to."""

    part: str
    worth: Decimal
    percent: Decimal | None
    """From 0 to 100, rounded as the policy says; ``None`` where nothing in it applied."""


class _Later:
    """A score whose marks are not made yet."""

    __slots__ = ("_make_marks",)
    _make_marks: Callable[[], tuple[Mark, ...]]


@attrs.frozen(kw_only=True)
class Score(_Later):
    """What a policy made of the evidence.

    `points` and `band` are ``None`` together when the evidence cannot be scored; `reason` then says why.
    """

    points: Decimal | None
    band: str | None
    reason: Text | None = None
    aggregates: FrozenMap[Decimal] = attrs.field(default=FrozenMap())
    """Every aggregate of the policy by name, rounded as the policy says."""
    parts: tuple[PartScore, ...] = ()
    deductions: tuple[Deducted, ...] = ()
    vetoes: tuple[str, ...] = ()
    """The vetoes and gates that limited the score, by id."""
    marks: tuple[Mark, ...] = attrs.field(default=(), repr=False)
    """The cells as the policy saw them: the score can be computed from them again."""

    @classmethod
    def later(cls, marks: Callable[[], tuple[Mark, ...]], **fields: Any) -> Self:
        """Return a score whose marks are made when somebody first looks at them; it is a score like any other.

        Args:
            marks: makes them.
            fields: every other field.
        """
        score = cls(**fields)
        object.__delattr__(score, "marks")
        object.__setattr__(score, "_make_marks", marks)
        return score

    def __getattr__(self, name: str) -> Any:
        # Only called where a field is not there yet.
        if name != "marks":
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        marks = self._make_marks()
        object.__setattr__(self, "marks", marks)
        return marks

    @property
    def is_scored(self) -> bool:
        """True where there is a number."""
        return self.points is not None

    def say(self, lang: str = "en") -> str:
        """Write the number and the band, or in a language why there is none.

        >>> Score(points=None, band=None, reason=Text(zh="没有检查表", en="no sheet")).say("zh")
        '未评分：没有检查表'
        """
        if self.points is None:
            reason = "" if self.reason is None else self.reason.say(lang)
            return f"未评分：{reason}" if lang == "zh" else f"not scored: {reason}"
        return decimal_text(self.points) + (f" {self.band}" if self.band else "")

    def __str__(self) -> str:
        return f"not scored: {self.reason}" if self.points is None else self.say()


@attrs.frozen(kw_only=True)
class Fix:
    """One thing to put right."""

    key: str
    """The cell: ``checklist/item@device``."""
    sheet: str
    text: Text
    cost: Decimal
    on: tuple[Ref, ...] = ()


@attrs.frozen(kw_only=True)
class FixPlan:
    """The cheapest set of fixes that reaches a band; empty where the band is reached already."""

    to: str
    fixes: tuple[Fix, ...]
    cost: Decimal
    points: Decimal
    """The score once everything in the plan is fixed."""
    band: str


@runtime_checkable
class ScoringPolicy(Protocol):
    """What a scoring policy offers; a plug-in brings its own."""

    @property
    def id(self) -> str:
        """The key by which a configuration chooses it."""
        ...

    @property
    def version(self) -> str:
        """The version that goes into every decision."""
        ...

    @property
    def capabilities(self) -> frozenset[str]:
        """What it declares.

        ``explainable`` (can name cheapest fixes), ``monotone`` (a fix never lowers the score or the band),
        ``na_neutral`` (what does not apply counts for nothing), ``order_independent`` (of answers and sheets).
        """
        ...

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Score the evidence; a pure function of it."""
        ...

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        """Return the cheapest fixes that reach a band, or raise `branchkit.Unsupported`."""
        ...
