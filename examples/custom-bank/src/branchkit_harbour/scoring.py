"""A scoring policy in code: an outlet is as good as the weakest section of its sheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from branchkit.checklists import CellState
from branchkit.errors import Unsupported
from branchkit.scoring import Evidence, FixPlan, Score
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text

__all__ = ["WeakestSection"]

_PASSED = frozenset({CellState.PASSED, CellState.WARNED})


class WeakestSection:
    """Points from 0 to 100: the share of what passed, in the section where it is least.

    Averages let a clean hall hide a blocked exit; here nothing makes up for anything.
    """

    id = "harbour.weakest-section"
    version = "1"
    capabilities = frozenset({"monotone", "na_neutral", "order_independent"})
    floor, ceiling = Decimal(0), Decimal(100)
    bands = ("sound", "to-mend", "unsound")

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Score every section, and take the least."""
        sections = list(_sections(evidence))
        if not sections:
            reason = Text(zh="没有可评判的项目", en="nothing in it can be judged")
            return self._decide(evidence, Score(points=None, band=None, reason=reason))
        weakest = min(sections)
        score = Score(points=weakest[0], band=self._band(weakest[0]))
        return self._decide(evidence, score, *(_step(one, weakest=one is weakest) for one in sections))

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        """Refuse: the policy does not declare that it can explain itself.

        Raises:
            Unsupported: always.
        """
        raise Unsupported("cheapest_fixes", f"policy {self.id!r}", "it is not explainable")

    def _band(self, points: Decimal) -> str:
        sound, to_mend, unsound = self.bands
        return sound if points >= 90 else to_mend if points >= 60 else unsound

    def _decide(self, evidence: Evidence, score: Score, *steps: Step) -> Decision[Score]:
        trace = Trace(
            policy=self.id,
            version=self.version,
            plugin="harbour",
            inputs=evidence.refs,
            digests=evidence.digests,
            steps=steps,
        )
        return Decision(score, trace)


def _sections(evidence: Evidence) -> Iterator[tuple[Decimal, str, int, int]]:
    """Yield the points of each section in which something was judged, its name, and the two counts behind them."""
    counts: dict[str, tuple[int, int]] = {}
    for reading in evidence.readings:
        for cell in reading.cells:
            if cell.state in _PASSED or cell.state is CellState.FAILED:
                name = f"{reading.sheet.checklist}/{cell.section.id}"
                passed, judged = counts.get(name, (0, 0))
                counts[name] = (passed + (cell.state in _PASSED), judged + 1)
    for name, (passed, judged) in sorted(counts.items()):
        yield Decimal(100 * passed // judged), name, passed, judged


def _step(section: tuple[Decimal, str, int, int], *, weakest: bool) -> Step:
    points, name, passed, judged = section
    what = Text(zh=f"{judged}项中{passed}项合格", en=f"{passed} of {judged} are in order")
    return Step(what=what, refs=(Ref("section", name),), effect=points if weakest else None)
