"""Any escalation policy run by a roster: what it tells goes to whoever is on duty."""

from __future__ import annotations

import datetime as dt

import attrs

from branchkit.conditions import FactSpec
from branchkit.escalation import EscalationPolicy, Reached, Roster, Watched
from branchkit.trace import Decision

__all__ = ["Both", "Rostered"]


@attrs.frozen
class Both:
    """Two rosters, asked one after the other: who is on duty by the first, and is there by the second."""

    first: Roster
    second: Roster

    def available(self, ids: tuple[str, ...], at: dt.datetime) -> tuple[str, ...]:
        """Return those who are available by both."""
        return self.second.available(self.first.available(ids, at), at)


@attrs.frozen
class Rostered:
    """A ladder, or another escalation policy, under a key of its own and with a roster.

    When its rungs come and what they say stays the policy's; who hears of them is who is on duty then.
    """

    id: str
    """The key, as in ``oncall.fault-reply``."""
    policy: EscalationPolicy
    roster: Roster

    @property
    def version(self) -> str:
        """The version of the policy."""
        return self.policy.version

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        """The facts that the policy looks at."""
        return self.policy.facts

    @property
    def acknowledgement(self) -> str:
        """What the policy does when somebody says that they look after it."""
        return self.policy.acknowledgement

    @property
    def hold(self) -> dt.timedelta | None:
        """How long an acknowledgement holds it, where it does."""
        return self.policy.hold

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        """Return when the policy looks next."""
        return self.policy.next_look(self._by_roster(watched), at)

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        """Return what the policy decides, with whoever is on duty to hear of it."""
        decision = self.policy.reached(self._by_roster(watched), at)
        trace = attrs.evolve(decision.trace, policy=self.id, version=self.version, plugin=self.id.partition(".")[0])
        return Decision(decision.value, trace)

    def _by_roster(self, watched: Watched) -> Watched:
        return attrs.evolve(watched, roster=Both(self.roster, watched.roster))
