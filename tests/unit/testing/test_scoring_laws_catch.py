"""Each law of a scoring policy catches the policy that breaks it, and lets the sound one pass."""

from __future__ import annotations

import itertools
import time
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import Phase

from branchkit.checklists import Checklist, Item, Section
from branchkit.errors import BranchkitError, NotFound, Unsupported
from branchkit.scoring import (
    Band,
    Deduction,
    Evidence,
    FixPlan,
    Limits,
    MarkState,
    Points,
    RubricPolicy,
    Score,
    ScoringPolicy,
    Select,
    Veto,
)
from branchkit.testing.laws import law_names
from branchkit.testing.scoring import ScoringPolicyLaws
from branchkit.testing.vectors import vectors
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Severity, Text

WORDS = Text(zh="词", en="words")
SEVERITIES = (Severity.MINOR, Severity.MAJOR, Severity.CRITICAL, Severity.MINOR, Severity.MAJOR, Severity.MINOR)
TOUR = Checklist(
    "tour",
    version="1",
    title=WORDS,
    sections=tuple(
        Section(
            f"s{at}",
            title=WORDS,
            items=tuple(
                Item(f"s{at}i{n}", text=WORDS, severity=severity, not_applicable="with_reason")
                for n, severity in enumerate(SEVERITIES[3 * at : 3 * at + 3])
            ),
        )
        for at in (0, 1)
    ),
)
SECOND = attrs.evolve(TOUR, id="second")


def house() -> RubricPolicy:
    """Return a sound policy in which everything has an effect."""
    policy = RubricPolicy(
        "acme.house",
        version="1",
        title=WORDS,
        checklists=("tour", "second"),
        ceiling=Decimal(100),
        parts=(
            Points("first", title=WORDS, worth=Decimal(60), select=Select(sections=("s0",))),
            Points("second", title=WORDS, worth=Decimal(40), select=Select(sections=("s1",))),
            Deduction("major", reason=WORDS, select=Select(severities=(Severity.MAJOR,)), points=Decimal(5)),
            Veto("critical", reason=WORDS, select=Select(severities=(Severity.CRITICAL,)), band_at_most="fair"),
        ),
        bands=(
            Band("good", title=WORDS, limits=FrozenMap({"total": Limits(at_least=Decimal(90))})),
            Band("fair", title=WORDS, limits=FrozenMap({"total": Limits(at_least=Decimal(60))})),
            Band("poor", title=WORDS),
        ),
    )
    assert list(policy.validate()) == []
    return policy


class Hand:
    """Passes everything on to the sound policy, as it is."""

    floor, ceiling = Decimal(0), Decimal(100)
    checklists = ("tour", "second")

    def __init__(self) -> None:
        self.sound = house()
        self.id, self.version, self.bands = self.sound.id, self.sound.version, self.sound.bands

    @property
    def capabilities(self) -> frozenset[str]:
        return self.sound.capabilities

    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = self.sound.score(evidence)
        return attrs.evolve(decision, value=self.other(decision.value)) if decision.value.is_scored else decision

    def other(self, score: Score) -> Score:
        return score

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        return self.sound.cheapest_fixes(score, to=to, cost=cost)


class Misspelt(Hand):
    capabilities = frozenset({"monoton"})  # type: ignore[assignment]  # a constant is a property to whoever reads it


class Crashes(Hand):
    def score(self, evidence: Evidence) -> Decision[Score]:
        assert self.sound
        return self.sound.score(Evidence.of(evidence.readings[0]))


class Wordless(Hand):
    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = super().score(evidence)
        return decision if decision.value.is_scored else attrs.evolve(decision, value=Score(points=None, band=None))


class Generous(Hand):
    def other(self, score: Score) -> Score:
        assert score.points is not None
        return attrs.evolve(score, points=score.points + 1)


class UnknownBand(Hand):
    def other(self, score: Score) -> Score:
        return attrs.evolve(score, band="excellent")


class Floats(Hand):
    def other(self, score: Score) -> Score:
        return attrs.evolve(score, points=float(score.points or 0))  # type: ignore[arg-type]  # that is the fault


class Forgets(Hand):
    """Scores a little less every time."""

    def __init__(self) -> None:
        super().__init__()
        self.times = itertools.count()

    def other(self, score: Score) -> Score:
        return attrs.evolve(score, points=max(Decimal(0), (score.points or Decimal(0)) - next(self.times)))


class Clock(Hand):
    def other(self, score: Score) -> Score:
        return attrs.evolve(score, vetoes=(str(time.perf_counter_ns()),))


class ByIdentity(Hand):
    """Scores by which object in memory it is given."""

    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = super().score(evidence)
        ids = tuple(str(id(reading.sheet)) for reading in evidence.readings)
        return attrs.evolve(decision, value=attrs.evolve(decision.value, vetoes=ids))


class NotKept(Hand):
    def other(self, score: Score) -> Score:
        return attrs.evolve(score, vetoes=["a", "list"])  # type: ignore[arg-type]  # that is the fault


class Anonymous(Hand):
    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = super().score(evidence)
        return attrs.evolve(decision, trace=attrs.evolve(decision.trace, version="0"))


class NoPlugin(Hand):
    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = super().score(evidence)
        return attrs.evolve(decision, trace=attrs.evolve(decision.trace, plugin="branchkit"))


class NoDigests(Hand):
    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = super().score(evidence)
        return attrs.evolve(decision, trace=attrs.evolve(decision.trace, digests=()))


class FirstAnswer(Hand):
    """Gives a point for what happens to stand first on the sheet."""

    def score(self, evidence: Evidence) -> Decision[Score]:
        decision = super().score(evidence)
        first = [one.sheet.answers[0].item for one in evidence.readings if one.sheet.answers]
        if not decision.value.is_scored or "s0i0" in first:
            return decision
        return attrs.evolve(decision, value=attrs.evolve(decision.value, points=Decimal(0), band="poor"))


class CountsNotApplicable(Hand):
    def other(self, score: Score) -> Score:
        neutral = sum(mark.state is MarkState.NEUTRAL for mark in score.marks)
        return attrs.evolve(score, points=max(Decimal(0), (score.points or Decimal(0)) - neutral))


class PunishesPerfection(Hand):
    def other(self, score: Score) -> Score:
        return attrs.evolve(score, points=Decimal(89), band="fair") if score.points == 100 else score


class Planner(Hand):
    """Changes the plan."""

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        return self.replan(super().cheapest_fixes(score, to=to, cost=cost), score, cost or {})

    def replan(self, plan: FixPlan, score: Decision[Score], cost: Mapping[str, Decimal]) -> FixPlan:
        return plan


class Promises(Planner):
    def replan(self, plan: FixPlan, score: Decision[Score], cost: Mapping[str, Decimal]) -> FixPlan:
        return attrs.evolve(plan, points=Decimal(100), band="good")


class FixesTooLittle(Planner):
    def replan(self, plan: FixPlan, score: Decision[Score], cost: Mapping[str, Decimal]) -> FixPlan:
        return attrs.evolve(plan, fixes=plan.fixes[:-1])


class FixesEverything(Planner):
    def replan(self, plan: FixPlan, score: Decision[Score], cost: Mapping[str, Decimal]) -> FixPlan:
        full = self.sound.cheapest_fixes(score, to="good", cost=cost)
        return attrs.evolve(full, to=plan.to)


class IgnoresCost(Planner):
    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        plan = self.sound.cheapest_fixes(score, to=to)
        prices = cost or {}
        fixes = tuple(attrs.evolve(fix, cost=prices.get(fix.key, Decimal(1))) for fix in plan.fixes)
        return attrs.evolve(plan, fixes=fixes, cost=sum((fix.cost for fix in fixes), Decimal(0)))


class GivesUp(Planner):
    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        raise Unsupported("cheapest_fixes", "policy", "not today")


class AnyBand(Planner):
    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        try:
            return super().cheapest_fixes(score, to=to, cost=cost)
        except NotFound:
            return super().cheapest_fixes(score, to="poor", cost=cost)


class AnyScore(Planner):
    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        own = attrs.evolve(score.trace, policy=self.id, version=self.version)
        return super().cheapest_fixes(attrs.evolve(score, trace=own), to=to, cost=cost)


class Undeclared(Hand):
    """Names fixes although it does not say that it can."""

    capabilities = frozenset({"monotone"})  # type: ignore[assignment]  # as above


class Modest(Undeclared):
    """Sound, and declares nothing."""

    capabilities = frozenset()  # type: ignore[assignment]  # as above

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        raise Unsupported("cheapest_fixes", f"policy {self.id!r}", "it is not explainable")


SABOTEURS: dict[str, tuple[type[Hand], ...]] = {
    "test_it_declares_what_there_is": (Misspelt,),
    "test_any_evidence_is_scored_or_told_why": (Crashes, Wordless),
    "test_scores_stay_within_bounds": (Generous, UnknownBand),
    "test_numbers_are_exact": (Floats,),
    "test_the_same_evidence_gives_the_same_decision": (Forgets, Clock),
    "test_a_third_party_computes_the_same": (ByIdentity,),
    "test_scores_can_be_kept": (NotKept,),
    "test_the_trace_names_policy_and_evidence": (Anonymous, NoPlugin, NoDigests),
    "test_order_decides_nothing": (FirstAnswer,),
    "test_what_does_not_apply_counts_for_nothing": (CountsNotApplicable,),
    "test_a_fix_never_lowers_the_score": (PunishesPerfection,),
    "test_the_cheapest_fixes_reach_the_band": (Promises, FixesTooLittle),
    "test_every_fix_is_needed": (FixesEverything,),
    "test_no_set_of_fixes_is_cheaper": (IgnoresCost, GivesUp),
    "test_a_band_that_is_none_is_refused": (AnyBand,),
    "test_a_score_of_another_policy_is_refused": (AnyScore,),
    "test_what_is_not_declared_is_refused": (Undeclared,),
}


def laws(make: Any, tries: int = 80) -> ScoringPolicyLaws:
    class Tried(ScoringPolicyLaws):
        examples = tries
        phases = (Phase.generate,)
        derandomize = True

        def make_policy(self) -> ScoringPolicy:
            policy: ScoringPolicy = make()
            return policy

        def make_checklists(self) -> tuple[Checklist, ...]:
            return (TOUR, SECOND)

    return Tried()


def test_every_law_has_its_saboteur() -> None:
    """There is a saboteur for each law, and for nothing else."""
    assert sorted(law_names(ScoringPolicyLaws)) == sorted(SABOTEURS)


@pytest.mark.parametrize(
    ("law", "saboteur"),
    [(law, one) for law, several in SABOTEURS.items() for one in several],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_broken_policy_breaks_its_law(law: str, saboteur: type[Hand]) -> None:
    """The law that a policy breaks says so, whatever it raises."""
    with pytest.raises((AssertionError, LookupError, BranchkitError, pytest.fail.Exception)):
        getattr(laws(saboteur), law)()


@pytest.mark.parametrize("law", SABOTEURS)
@pytest.mark.parametrize("make", [Hand, house, Modest], ids=lambda make: make.__name__)
def test_a_sound_policy_keeps_every_law(law: str, make: Any) -> None:
    """A policy that declares everything and one that declares nothing keep the laws, or are spared them."""
    declares = make().capabilities
    asked = {
        "test_order_decides_nothing": "order_independent",
        "test_what_does_not_apply_counts_for_nothing": "na_neutral",
        "test_a_fix_never_lowers_the_score": "monotone",
        "test_the_cheapest_fixes_reach_the_band": "explainable",
        "test_every_fix_is_needed": "explainable",
        "test_no_set_of_fixes_is_cheaper": "explainable",
        "test_a_band_that_is_none_is_refused": "explainable",
        "test_a_score_of_another_policy_is_refused": "explainable",
    }
    spared = law in asked and asked[law] not in declares
    spared |= law == "test_what_is_not_declared_is_refused" and "explainable" in declares

    if spared:
        with pytest.raises(pytest.skip.Exception, match="declare"):
            getattr(laws(make, 12), law)()
    else:
        getattr(laws(make, 12), law)()


def test_a_law_that_had_nothing_to_try_says_so() -> None:
    """Where nothing that was drawn is scored, the law is skipped and not said to hold."""

    class Never(Hand):
        def score(self, evidence: Evidence) -> Decision[Score]:
            decision = super().score(evidence)
            return attrs.evolve(decision, value=Score(points=None, band=None, reason=WORDS))

    with pytest.raises(pytest.skip.Exception, match="nothing that was drawn is scored"):
        laws(Never).test_scores_stay_within_bounds()


def test_a_policy_that_takes_any_checklist_is_tried_with_any() -> None:
    """Where no checklists are named, checklists are drawn as well."""

    class Any_(Modest):
        checklists = None  # type: ignore[assignment]  # it takes whatever comes

        def score(self, evidence: Evidence) -> Decision[Score]:
            seen.update(one.sheet.checklist for one in evidence.readings)
            return super().score(evidence)

    class Tried(ScoringPolicyLaws):
        def make_policy(self) -> ScoringPolicy:
            return Any_()

    seen: set[str] = set()
    Tried().test_any_evidence_is_scored_or_told_why()

    assert seen


@pytest.mark.parametrize("law", ["test_scores_stay_within_bounds", "test_a_third_party_computes_the_same"])
def test_a_policy_of_facts_alone_is_tried_with_facts(law: str) -> None:
    """Where a policy scores no checklist, the facts that it declares are drawn, and fixes are not tried."""
    facts_alone = next(vector.policy for vector in vectors() if vector.id == "facts-alone")

    class Tried(ScoringPolicyLaws):
        def make_policy(self) -> ScoringPolicy:
            return facts_alone

    getattr(Tried(), law)()
    with pytest.raises(pytest.skip.Exception, match="no item that only passes or fails"):
        Tried().test_a_fix_never_lowers_the_score()
