"""What is kept of a score that a sheet got when it was handed in."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import ClassVar

import attrs

from branchkit.messages import Event
from branchkit.scoring import Score
from branchkit.trace import Decision
from branchkit.values import Text

__all__ = ["ScoreRecord", "SheetScored"]


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
