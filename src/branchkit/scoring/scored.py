"""What values came to: a number and a band at once, everything else when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from branchkit.checklists import Answer, Cell, Sheet
from branchkit.checklists.digests import digest_with, texts_of
from branchkit.checklists.outcome import RawValue
from branchkit.checklists.reading import cells_of
from branchkit.codec import unstructure
from branchkit.findings import Finding
from branchkit.scoring.deciding import NOTHING_APPLIED, score_of, trace_of
from branchkit.scoring.effects import Effect
from branchkit.scoring.evidence import Evidence
from branchkit.scoring.lens import View
from branchkit.scoring.score import PartScore, Score
from branchkit.scoring.sums import Sum
from branchkit.scoring.telling import steps
from branchkit.trace import Decision
from branchkit.values import Ref, Text, is_identifier

if TYPE_CHECKING:
    from branchkit.scoring.scorer import Scorer

__all__ = ["Scored", "Value"]

Value = RawValue | Answer | None
"""What may be answered: a value as a sheet holds it, an answer that says more, or ``None`` for no answer."""


class Scored:
    """What the values of one sheet came to; from `Scorer.score`.

    Number, band, vetoes, parts and what failed are there at once. Under the name of a sheet, the same values give the
    findings of that sheet, and the whole decision with its trace: the one that `RubricPolicy.score` gives.
    """

    __slots__ = ("_cells", "_effects", "_facts", "_reason", "_result", "_scorer", "values")

    def __init__(
        self,
        scorer: Scorer,
        values: Sequence[Value],
        effects: Sequence[Effect],
        result: Sum | None,
        reason: Text | None = None,
        cells: Sequence[Cell] | None = None,
        facts: Evidence | None = None,
    ) -> None:
        self.values = values
        """The values, in the order of `Scorer.cells`."""
        self._scorer = scorer
        self._effects = effects
        self._result = result
        self._reason = reason
        self._cells = cells
        self._facts = facts

    @property
    def points(self) -> Decimal | None:
        """The number; ``None`` where the values cannot be scored."""
        result = self._result
        return None if result is None else result.basis.core.number(result.points)

    @property
    def band(self) -> str | None:
        """The band; ``None`` where there is no number, and for a policy without bands."""
        result = self._result
        return None if result is None or result.rank < 0 else self._scorer.policy.bands[result.rank].code

    @property
    def reason(self) -> Text | None:
        """Why there is no number."""
        return None if self._result is not None else self._reason

    @property
    def is_scored(self) -> bool:
        """True where there is a number."""
        return self._result is not None

    @property
    def parts(self) -> tuple[PartScore, ...]:
        """What each part of weighted points came to."""
        result = self._result
        return () if result is None else result.basis.parts(result.lost)

    @property
    def vetoes(self) -> tuple[str, ...]:
        """The vetoes and gates that limited the number, by id."""
        return () if self._result is None else self._result.limited.ids

    @property
    def wrong(self) -> tuple[Cell, ...]:
        """The cells that failed, or passed with a warning."""
        return tuple([effect.cell for effect in self._effects if effect.is_wrong])

    @property
    def cells(self) -> Sequence[Cell]:
        """Every cell, in the order of `Scorer.cells`."""
        if self._cells is None:
            self._cells = cells_of(self._scorer.bound, self._scorer.layout, self.values)
        return self._cells

    def sheet(self, id: str, *, by: str, at: dt.datetime | None = None) -> Sheet:
        """Return the values as a sheet.

        Args:
            id: what the sheet is called.
            by: the id of whoever filled it in.
            at: when that was, with its zone; the moment of binding if left out.
        """
        return self._scorer.sheet(id, self.values, by=by, at=at)

    def findings(self, id: str, *, at: dt.datetime | None = None) -> tuple[Finding, ...]:
        """Return the findings of the values as a sheet: what `branchkit.checklists.judge` gives for `sheet`."""
        scorer = self._scorer
        pin = scorer.bound.pin
        moment, branch = at or pin.at, scorer.place
        found: list[Finding] = []
        for effect in self._effects:
            if effect.is_wrong:
                name, on, severity, message, rules, item = effect.finding
                found.append(
                    Finding(
                        id=f"{id}/{name}",
                        branch=pin.branch,
                        place=(*branch, *on) if on else branch,
                        severity=severity,
                        message=message,
                        rules=rules,
                        item=item,
                        sheet=id,
                        at=moment,
                    )
                )
        return tuple(found)

    def decision(self, id: str, *, by: str, at: dt.datetime | None = None) -> Decision[Score]:
        """Return the decision on the values as a sheet: what `RubricPolicy.score` gives for `sheet`.

        Raises:
            InputError: the sheet's id is none, or the moment has no zone.
        """
        scorer, result, facts = self._scorer, self._result, self._facts
        moment = at or scorer.bound.pin.at
        texts = texts_of(scorer.layout, self.values)
        if texts is None or not is_identifier(id) or moment.utcoffset() is None:
            # More was said than values, or there is something wrong with the sheet, which reading it tells.
            held = self.sheet(id, by=by, at=at)
            return scorer.policy.score(Evidence(held, scorer.bound, facts=None if facts is None else facts.facts))
        core = scorer.core
        view = View(id, scorer.bound.checklist.id, self.cells, self._effects, scorer.base, ())
        head = {**scorer.head, "id": id, "by": by}
        if at is not None:
            head["at"] = unstructure(at)
        inputs = (Ref("sheet", id), *(() if facts is None else facts.refs))
        digests = (digest_with(head, texts), scorer.bound.digest, *(() if facts is None else facts.digests))
        told = () if result is None else steps(core, result, (view,))
        score = score_of(core, (view,), result, self._reason or NOTHING_APPLIED)
        return Decision(score, trace_of(core.policy, inputs, digests, told))
