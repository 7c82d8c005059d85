"""Where a case stands after a step: what opens, what waits, what is skipped, and whether it ends."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from branchkit.procedures.case import StageState, StageStatus
from branchkit.procedures.model import Transition
from branchkit.procedures.prepared import Prepared, Step

__all__ = ["Moves", "move"]

_OPEN, _WAITING = StageStatus.OPEN, StageStatus.WAITING


@attrs.frozen(kw_only=True)
class Moves:
    """What a step changes."""

    opened: tuple[str, ...] = ()
    waiting: tuple[str, ...] = ()
    skipped: Mapping[str, str] = attrs.field(factory=dict)
    outcome: str | None = None
    closes: bool = False


def move(
    prepared: Prepared,
    stages: Mapping[str, StageState],
    settled: str | None,
    ways: Iterable[Transition],
    outcome: str | None,
    applies: Callable[[Step], bool],
    to: tuple[str, ...] = (),
) -> Moves:
    """Return what follows once a stage is settled by transitions, or stages are led to.

    Args:
        prepared: the procedure.
        stages: the position before it.
        settled: the stage that is left.
        ways: the transitions that are taken.
        outcome: how those of the case's ways that have ended did.
        applies: says of a stage whether it applies now.
        to: stages that are led to beside, as the starts are.
    """
    mover = _Mover(prepared, stages, settled, outcome, applies)
    for name in to:
        mover.arrive(name)
    for one in ways:
        mover.take(one)
    mover.release()
    return mover.moves()


class _Mover:
    """The position while a step is worked out."""

    def __init__(
        self,
        prepared: Prepared,
        stages: Mapping[str, StageState],
        settled: str | None,
        outcome: str | None,
        applies: Callable[[Step], bool],
    ) -> None:
        self.steps, self.ranks, self.applies = prepared.steps, prepared.outcomes, applies
        self.open: set[str] = set()
        self.waits: set[str] = set()
        self.known = stages
        self.outcome = outcome
        self.withdraws = False
        for name, state in stages.items():
            if name == settled:
                continue
            if state.status is _OPEN:
                self.open.add(name)
            elif state.status is _WAITING:
                self.waits.add(name)
        self.waited = frozenset(self.waits)
        self.opened: set[str] = set()
        self.skipped: dict[str, str] = {}

    def take(self, one: Transition) -> None:
        """Follow a transition."""
        if one.ends is not None and (self.outcome is None or self.ranks[one.ends] < self.ranks[self.outcome]):
            self.outcome = one.ends
        self.withdraws = self.withdraws or one.withdraws
        for name in one.to:
            self.arrive(name)

    def arrive(self, name: str) -> None:
        """Come to a stage; where it is open already, the ways merge."""
        if name in self.open:
            return
        step = self.steps[name]
        if step.awaits:
            self.waits.add(name)
        else:
            self.enter(name, step)

    def enter(self, name: str, step: Step) -> None:
        """Open a stage, or skip it where it does not apply and go on."""
        if step.applies is None or self.applies(step):
            self.open.add(name)
            self.opened.add(name)
            return
        self.skipped[name] = "condition"
        # A stage that may be skipped has a way onward: the proof asks for one.
        if step.onward is not None:
            self.take(step.onward.transition)

    def release(self) -> None:
        """Open what waits and need not any longer; what comes first is looked at first."""
        while True:
            under_way = {name for name in (*self.open, *self.waits) if not self.steps[name].stage.optional}
            free = [name for name in self.waits if self.steps[name].awaits.isdisjoint(under_way)]
            if not free:
                return
            name = min(free, key=lambda one: (self.steps[one].rank, one))
            step = self.steps[name]
            self.waits.discard(name)
            for need in step.stage.needs:
                if need not in self.known and need not in self.opened:
                    self.skipped.setdefault(need, "passed_by")
            self.enter(name, step)

    def moves(self) -> Moves:
        """Return what has changed, and whether nothing is under way any longer."""
        steps, waiting = self.steps, self.waits
        left = self.open | waiting
        closes = self.withdraws or not any(not steps[name].stage.optional for name in left)
        if closes:
            for name in left:
                self.skipped[name] = "optional" if steps[name].stage.optional else "withdrawn"
            self.opened, waiting = set(), set()
        return Moves(
            opened=tuple(sorted(self.opened)),
            waiting=tuple(sorted(waiting - self.waited)),
            skipped=self.skipped,
            outcome=self.outcome,
            closes=closes,
        )
