"""Every law of tier policies passes what keeps it and catches a saboteur that breaks it."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.catalog import Catalog
from branchkit.conditions import Facts, FactSpec
from branchkit.customers import NotConfigured, TierAnswer, TierPolicy, TierScheme
from branchkit.testing.laws import law_names
from branchkit.testing.tiers import TierPolicyLaws
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown


def stated(name: str) -> TierScheme:
    """Return a scheme of the catalog with its settings stated."""
    scheme = Catalog().get("tier_scheme", name)
    assert isinstance(scheme, TierScheme)
    return scheme.stating(measure="financial_assets", currency="XTS")


LOBBY = stated("lobby-identification")
VIP = stated("vip-admission")


class TestLobby(TierPolicyLaws):
    """Who is a quality customer."""

    def make_policy(self) -> TierPolicy:
        """Return the scheme."""
        return attrs.evolve(LOBBY)


class TestAdmission(TierPolicyLaws):
    """Who is admitted as a VIP customer, before and after the admission was lowered."""

    def make_policy(self) -> TierPolicy:
        """Return the scheme."""
        return attrs.evolve(VIP)


class TestExclusive(TierPolicyLaws):
    """Limits that do not belong to what lies above them."""

    def make_policy(self) -> TierPolicy:
        """Return the scheme."""
        return LOBBY.stating(boundary="exclusive")


@attrs.frozen
class _Saboteur:
    """The lobby's scheme, with one thing done wrong."""

    lobby: TierScheme = LOBBY
    scheme: str = LOBBY.id
    tiers: tuple[str, ...] = LOBBY.tiers
    facts: tuple[FactSpec, ...] = LOBBY.facts
    swing: Mapping[str, Decimal] = LOBBY.swing

    @property
    def id(self) -> str:
        return self.lobby.id

    @property
    def version(self) -> str:
        return self.lobby.version

    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        decision = self.lobby.tier(facts, current=current, at=at)
        return Decision(self.changed(decision.value, facts, current, at), self.told(decision.trace, facts))

    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return answer

    def told(self, trace: Trace, facts: Facts) -> Trace:
        return trace


class _Invents(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return "platinum" if current == "no-such-tier" else answer


class _Guesses(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return "ordinary" if isinstance(answer, Unknown) else answer


class _Tosses(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return answer if random.random() < 2 else "vip"


class _ByTheHour(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return "potential" if answer == "ordinary" and at.hour >= 12 else answer


class _TakesAnyMoment(_Saboteur):
    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        return self.lobby.tier(facts, current=current, at=at if at.tzinfo is not None else at.replace(tzinfo=dt.UTC))


class _Drifts(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return "potential" if answer == current == "ordinary" else answer


class _Lifts(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return "vip" if answer == current == "quality" else answer


class _TakesUnknownForNo(_Saboteur):
    def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
        return self.lobby.tier(facts, current=None, at=at).value if isinstance(answer, Unknown) else answer


class _Flaps(_Saboteur):
    """Keeps nothing that is not entered, and says that it does."""

    def tier(self, facts: Facts, *, current: str | None, at: dt.datetime) -> Decision[TierAnswer]:
        return self.lobby.tier(facts, current=None, at=at)


class _Mute(_Saboteur):
    def told(self, trace: Trace, facts: Facts) -> Trace:
        return attrs.evolve(trace, steps=())


class _Tells(_Saboteur):
    def told(self, trace: Trace, facts: Facts) -> Trace:
        what = Text(zh="资产", en=f"holds {facts.get('financial_assets')}")
        return attrs.evolve(trace, steps=(*trace.steps, Step(what=what)))


BROKEN: dict[str, _Saboteur] = {
    "test_it_offers_what_a_policy_offers": _Saboteur(swing=FrozenMap()),
    "test_it_answers_whatever_the_facts_are": _Invents(),
    "test_knowing_nothing_gives_no_tier": _Guesses(),
    "test_the_same_facts_give_the_same_tier": _Tosses(),
    "test_it_is_decided_by_the_day": _ByTheHour(),
    "test_a_moment_without_a_zone_is_refused": _TakesAnyMoment(),
    "test_deciding_again_changes_nothing": _Drifts(),
    "test_what_somebody_has_only_helps": _Lifts(),
    "test_what_is_not_known_lowers_nobody": _TakesUnknownForNo(),
    "test_nobody_is_sent_back_and_forth": _Flaps(),
    "test_the_decision_is_explained": _Mute(),
    "test_what_somebody_owns_is_not_told": _Tells(),
}


def _laws(policy: Any, tries: int = 200) -> TierPolicyLaws:
    class Laws(TierPolicyLaws):
        phases = (Phase.generate,)
        examples = tries
        derandomize = True

        def make_policy(self) -> TierPolicy:
            made: TierPolicy = policy
            return made

    return Laws()


def test_every_law_has_a_saboteur() -> None:
    """No law is without something that it catches."""
    assert set(law_names(TierPolicyLaws)) == set(BROKEN)


@pytest.mark.parametrize("law", BROKEN)
def test_a_law_catches_its_saboteur(law: str) -> None:
    """The law fails on a policy that breaks it."""
    with pytest.raises((AssertionError, pytest.fail.Exception)):
        getattr(_laws(BROKEN[law]), law)()


@pytest.mark.parametrize("law", [law for law in BROKEN if law != "test_it_offers_what_a_policy_offers"])
def test_a_law_passes_the_scheme_that_saboteurs_bend(law: str) -> None:
    """Without the one thing done wrong, the law holds."""
    getattr(_laws(_Saboteur(), 30), law)()


def test_what_is_not_configured_has_to_say_what() -> None:
    """An answer that a setting is missing names the setting."""

    class Vague(_Saboteur):
        def changed(self, answer: TierAnswer, facts: Facts, current: str | None, at: dt.datetime) -> TierAnswer:
            return NotConfigured()

    with pytest.raises(AssertionError, match="and not what"):
        _laws(Vague()).test_it_answers_whatever_the_facts_are()


def test_a_fact_that_is_not_declared_is_caught() -> None:
    """A trace may name only facts that the policy says it looks at."""

    class Peeps(_Saboteur):
        def told(self, trace: Trace, facts: Facts) -> Trace:
            return attrs.evolve(trace, inputs=(*trace.inputs, Ref("fact", "race")))

    with pytest.raises(AssertionError, match="does not declare"):
        _laws(Peeps()).test_the_decision_is_explained()
