"""What is kept of a score that a sheet got when it was handed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from typing import ClassVar

import attrs

from branchkit.errors import BranchkitError, PluginFailed
from branchkit.messages import Event
from branchkit.personal import place_of
from branchkit.scoring import Evidence, Score, ScoringPolicy
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision, Trace
from branchkit.values import Text

__all__ = ["ScoreRecord", "SheetScored", "scored"]


@attrs.frozen(kw_only=True)
class ScoreRecord:
    """A score as it was decided, with the policy that decided and the digests of what it rested on."""

    sheet: str
    branch: str
    checklist: str
    at: dt.datetime
    """When the sheet was filled in."""
    policy: str
    version: str
    plugin: str
    points: Decimal | None
    band: str | None
    reason: Text | None = None
    vetoes: tuple[str, ...] = ()
    digests: tuple[str, ...] = ()

    @classmethod
    def of(cls, decision: Decision[Score], *, sheet: str, branch: str, checklist: str, at: dt.datetime) -> ScoreRecord:
        """Return the record of a decision on one sheet."""
        score, trace = decision.value, decision.trace
        return cls(
            sheet=sheet,
            branch=branch,
            checklist=checklist,
            at=at,
            policy=trace.policy,
            version=trace.version,
            plugin=trace.plugin,
            points=score.points,
            band=score.band,
            reason=score.reason,
            vetoes=score.vetoes,
            digests=trace.digests,
        )


@attrs.frozen
class SheetScored(Event):
    """A sheet was scored as it was handed in."""

    KIND: ClassVar[str] = "sheet_scored"

    score: ScoreRecord


def scored(policy: ScoringPolicy, evidence: Evidence) -> Decision[Score]:
    """Let a policy score, and check what it answers: a plug-in's mistake must not get into a journal.

    Raises:
        PluginFailed: the policy raised something, or answered with what is no score; names the policy.
    """
    try:
        decision = policy.score(evidence)
    except BranchkitError:
        raise
    except Exception as error:  # noqa: BLE001 - it is told, without its own words
        # What a policy puts into its message may be somebody's words, so only its kind and place are told.
        raise PluginFailed(
            plugin_of(policy.id), f"the policy {policy.id!r} raised {type(error).__name__}{place_of(error)}"
        ) from None
    for right, what in _expectations(decision):
        if not right:
            raise PluginFailed(plugin_of(policy.id), f"the policy {policy.id!r} answered without {what}")
    return decision


def _expectations(decision: object) -> Iterator[tuple[bool, str]]:
    """Yield what must hold, each with its name; what follows from one is asked only once that one holds."""
    yield isinstance(decision, Decision), "a Decision"
    score, trace = getattr(decision, "value", None), getattr(decision, "trace", None)
    yield isinstance(score, Score) and isinstance(trace, Trace), "a Score and a Trace"
    if isinstance(score, Score) and isinstance(trace, Trace):
        points: object = score.points
        reason: object = score.reason
        yield points is None or (isinstance(points, Decimal) and points.is_finite()), "points that are a finite Decimal"
        yield score.band is None or isinstance(score.band, str), "a band that is a code"
        yield points is not None or score.band is None, "points for its band"
        yield reason is None or isinstance(reason, Text), "a reason that is a Text"
        words = (trace.policy, trace.version, trace.plugin, *score.vetoes, *trace.digests)
        yield all(isinstance(word, str) for word in words), "names, vetoes and digests that are text"
