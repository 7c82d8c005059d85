"""Every law of escalation policies passes what keeps it and catches a saboteur that breaks it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.escalation import (
    AfterDue,
    BeforeDue,
    EscalationLadder,
    EscalationPolicy,
    Reached,
    Repeat,
    RungOutcome,
    Watched,
)
from branchkit.testing.escalation import EscalationPolicyLaws
from branchkit.testing.laws import law_names
from branchkit.trace import Decision, Trace
from branchkit.values import Text
from tests.unit.escalation.ladders import HALF, HOUR, LATE, SUPERIOR, ladder, rung

FULL = ladder(
    HALF,
    LATE,
    rung("soon", BeforeDue(lead=HOUR), working_hours=True, if_nobody="wait"),
    rung("stormy", AfterDue(lag=HOUR), tell=(SUPERIOR,), when=Compare("storm", Op.EQ, value=True)),
    repeat=Repeat(start="late", every=2 * HOUR, times=3),
    facts=(FactSpec("storm", FactType.BOOL),),
    acknowledgement="holds",
    hold=HOUR,
)


class TestFullLadder(EscalationPolicyLaws):
    """Core's own ladder, with all that it can do."""

    def make_policy(self) -> EscalationPolicy:
        """Return it."""
        return FULL


class TestShortLadder(EscalationPolicyLaws):
    """A ladder that an acknowledgement ends."""

    def make_policy(self) -> EscalationPolicy:
        """Return it."""
        return ladder(LATE, acknowledgement="stops")


@attrs.frozen
class _Saboteur:
    """A ladder that does one thing wrong."""

    ladder: EscalationLadder = FULL

    @property
    def id(self) -> str:
        return self.ladder.id

    @property
    def version(self) -> str:
        return self.ladder.version

    @property
    def facts(self) -> tuple[FactSpec, ...]:
        return self.ladder.facts

    @property
    def acknowledgement(self) -> str:
        return self.ladder.acknowledgement

    @property
    def hold(self) -> dt.timedelta | None:
        return self.ladder.hold

    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        return self.ladder.next_look(watched, at)

    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        decision = self.ladder.reached(watched, at)
        return attrs.evolve(decision, value=tuple(self.changed(one, at) for one in decision.value))

    def changed(self, one: Reached, at: dt.datetime) -> Reached:
        return one


class _NoHold(_Saboteur):
    @property
    def hold(self) -> dt.timedelta | None:
        return None


class _Forgets(_Saboteur):
    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        return self.ladder.reached(attrs.evolve(watched, watch=attrs.evolve(watched.watch, rounds={})), at)


class _Hurries(_Saboteur):
    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        return self.ladder.reached(watched, at + HOUR)


class _SaysNow(_Saboteur):
    def changed(self, one: Reached, at: dt.datetime) -> Reached:
        return attrs.evolve(one, due=at)


class _Sleeps(_Saboteur):
    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        look = self.ladder.next_look(watched, at)
        return None if look is None else look + HOUR


class _OneLanguage(_Saboteur):
    def changed(self, one: Reached, at: dt.datetime) -> Reached:
        return attrs.evolve(one, message=Text(en="late"))


class _Silent(_Saboteur):
    def changed(self, one: Reached, at: dt.datetime) -> Reached:
        return one if one.outcome is RungOutcome.FIRED else attrs.evolve(one, code=None)


class _TellsAbsent(_Saboteur):
    def changed(self, one: Reached, at: dt.datetime) -> Reached:
        there = one.outcome is RungOutcome.FIRED
        told = Text(zh="超时", en="late")
        return attrs.evolve(one, outcome=RungOutcome.FIRED, told=("S-1",), message=told) if not there else one


class _AlwaysLooks(_Saboteur):
    def next_look(self, watched: Watched, at: dt.datetime) -> dt.datetime | None:
        return self.ladder.next_look(watched, at) or at + HOUR


class _Unexplained(_Saboteur):
    def reached(self, watched: Watched, at: dt.datetime) -> Decision[tuple[Reached, ...]]:
        return Decision(self.ladder.reached(watched, at).value, Trace(policy="other", version="1"))


BROKEN: dict[str, _Saboteur] = {
    "test_it_offers_what_a_policy_offers": _NoHold(),
    "test_each_rung_and_round_is_decided_once": _Forgets(),
    "test_nothing_is_decided_before_its_time": _Hurries(),
    "test_looking_more_often_decides_the_same": _SaysNow(),
    "test_the_next_look_is_never_too_late": _Sleeps(),
    "test_whoever_is_told_is_told_in_words": _OneLanguage(),
    "test_nobody_who_is_away_is_told": _TellsAbsent(),
    "test_a_clock_without_a_deadline_is_left_alone": _AlwaysLooks(),
    "test_the_decision_is_explained": _Unexplained(),
}


def _laws(policy: Any) -> EscalationPolicyLaws:
    class Laws(EscalationPolicyLaws):
        phases = (Phase.generate,)
        examples = 60

        def make_policy(self) -> EscalationPolicy:
            made: EscalationPolicy = policy
            return made

    return Laws()


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(EscalationPolicyLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a policy that breaks it."""
    with pytest.raises(AssertionError):
        getattr(_laws(BROKEN[law]), law)()


def test_silence_without_a_reason_is_caught() -> None:
    """A rung that does not fire has to say why."""
    with pytest.raises(AssertionError, match="says None"):
        _laws(_Silent()).test_whoever_is_told_is_told_in_words()
