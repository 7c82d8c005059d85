"""A scoring policy in code: the share of what was asked that is in order."""

from collections.abc import Mapping
from decimal import Decimal

from branchkit.checklists import CellState
from branchkit.errors import Unsupported
from branchkit.scoring import Evidence, FixPlan, Score
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Text

__all__ = ["Share"]


class Share:
    """Points from 0 to 100, and two bands."""

    id = "template.share"
    version = "1"
    capabilities: frozenset[str] = frozenset()
    floor, ceiling = Decimal(0), Decimal(100)
    bands = ("in-order", "to-improve")

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Count what passed among what was judged."""
        states = [cell.state for reading in evidence.readings for cell in reading.cells]
        passed = sum(state in {CellState.PASSED, CellState.WARNED} for state in states)
        judged = passed + states.count(CellState.FAILED)
        if judged == 0:
            reason = Text(zh="没有可评判的项目", en="nothing in it can be judged")
            return self._decide(evidence, Score(points=None, band=None, reason=reason))
        points = Decimal(100 * passed // judged)
        score = Score(points=points, band=self.bands[0] if points >= 90 else self.bands[1])
        counts = Text(zh=f"{judged}项中{passed}项合格", en=f"{passed} of {judged} are in order")
        return self._decide(evidence, score, Step(what=counts, effect=points))

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        """Refuse: the policy does not declare that it can explain itself."""
        raise Unsupported("cheapest_fixes", f"policy {self.id!r}", "it is not explainable")

    def _decide(self, evidence: Evidence, score: Score, *steps: Step) -> Decision[Score]:
        trace = Trace(
            policy=self.id,
            version=self.version,
            plugin="template",
            inputs=evidence.refs,
            digests=evidence.digests,
            steps=steps,
        )
        return Decision(score, trace)
