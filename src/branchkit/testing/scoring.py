"""The laws of a scoring policy: inherit `ScoringPolicyLaws`, say how to make the policy, and run pytest.

::

    class TestOurPolicy(ScoringPolicyLaws):
        def make_policy(self):
            return OurPolicy()

What a policy declares in its `capabilities` it is held to; what it does not declare it has to refuse.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random
from typing import Any

import attrs
import pytest
from hypothesis import strategies as st

from branchkit.checklists import Checklist, Pin, Reading, Sheet, read, rebind
from branchkit.codec import structure, unstructure
from branchkit.conditions import FactSpec
from branchkit.errors import BranchkitError, NotFound, Unsupported
from branchkit.scoring import Evidence, FixPlan, Score, ScoringPolicy
from branchkit.testing.filling import PlainRound, filled_in, plain_form, plain_rounds
from branchkit.testing.laws import Laws
from branchkit.testing.strategies import checklists
from branchkit.trace import Decision
from branchkit.values import FrozenMap

__all__ = ["CAPABILITIES", "ScoringPolicyLaws"]

CAPABILITIES = frozenset({"explainable", "monotone", "na_neutral", "order_independent"})
"""What a policy may declare; `branchkit.scoring.ScoringPolicy` says what each means."""
_PRICES = (Decimal(0), Decimal(1), Decimal(1), Decimal("2.5"), Decimal(4))


class ScoringPolicyLaws(Laws):
    """What every scoring policy must do, and what each does that declares it."""

    def make_policy(self) -> ScoringPolicy:
        """Return the policy; a new one each time it is asked for."""
        raise NotImplementedError

    def make_checklists(self) -> tuple[Checklist, ...]:
        """Return the checklists that the policy scores; none where it takes whatever comes."""
        return ()

    def bounds(self) -> tuple[Decimal, Decimal] | None:
        """Return the least and the most points; by default the policy's own ``floor`` and ``ceiling``, if any."""
        policy: Any = self.make_policy()
        low, high = getattr(policy, "floor", None), getattr(policy, "ceiling", None)
        return (low, high) if isinstance(low, Decimal) and isinstance(high, Decimal) else None

    def bands(self) -> tuple[str, ...]:
        """Return the codes of the bands from the best; by default those of the policy's own ``bands``."""
        policy: Any = self.make_policy()
        return tuple(band if isinstance(band, str) else band.code for band in getattr(policy, "bands", ()))

    def facts(self) -> tuple[FactSpec, ...]:
        """Return the facts that the policy looks at beside the sheets; by default the policy's own ``facts``."""
        return tuple(getattr(self.make_policy(), "facts", ()))

    # -- what every policy does

    def test_it_declares_what_there_is(self) -> None:
        """A policy declares only capabilities that there are: a misspelt one would spare it the law that it means."""
        unknown = sorted(self.make_policy().capabilities - CAPABILITIES)

        assert unknown == [], f"it declares {', '.join(unknown)}; there are: {', '.join(sorted(CAPABILITIES))}"

    def test_any_evidence_is_scored_or_told_why(self) -> None:
        """Whatever the evidence, there is a number, or no number and no band but a reason in words; nothing else."""
        policy = self.make_policy()

        def fact(evidence: Evidence) -> None:
            decision = _scored(policy, evidence)
            if decision is None:
                return
            score = decision.value
            assert isinstance(score, Score), f"the value is a {type(score).__name__}, not a Score"
            if score.points is None:
                assert score.band is None, f"there is no number, and yet the band {score.band!r}"
                assert score.reason is not None, "there is no number, and no reason why"
                assert str(score.reason).strip(), "the reason why there is no number has no words"
            else:
                assert score.reason is None, "there is a number, and a reason why there is none"

        self.for_all(self._evidence(), fact, what="evidence")

    def test_scores_stay_within_bounds(self) -> None:
        """Points are finite and lie within the bounds, and the band is one of the policy's."""
        bounds, bands = self.bounds(), self.bands()

        def fact(score: Score) -> None:
            assert score.points is not None
            assert score.points.is_finite(), f"the points are {score.points}"
            if bounds is not None:
                assert bounds[0] <= score.points <= bounds[1], f"{score.points} is not from {bounds[0]} to {bounds[1]}"
            if bands:
                assert score.band in bands, f"{score.band!r} is none of the bands {', '.join(bands)}"

        self._for_scores(fact)

    def test_numbers_are_exact(self) -> None:
        """Every number in a score is a Decimal or an int: never a float, which is rounded where nobody sees it."""

        def fact(score: Score) -> None:
            floats = [number for number in _leaves(score) if isinstance(number, float)]
            assert floats == [], f"there are floats in the score: {floats}"
            assert type(score.points) is Decimal, f"the points are a {type(score.points).__name__}, not a Decimal"

        self._for_scores(fact)

    def test_the_same_evidence_gives_the_same_decision(self) -> None:
        """Scored twice, and by an instance that has scored nothing yet, evidence gives one decision, trace and all."""
        used = self.make_policy()

        def fact(evidence: Evidence) -> bool:
            first = _scored(used, evidence)
            assert first == _scored(used, evidence), "scored again, it is another decision"
            assert first == _scored(self.make_policy(), evidence), "a new instance decides otherwise"
            return first is not None

        self.for_all(self._evidence(), fact, what="scored")

    def test_a_third_party_computes_the_same(self) -> None:
        """From sheets, pins and checklists that went through JSON comes the identical decision."""
        policy = self.make_policy()

        def fact(evidence: Evidence) -> bool:
            readings: list[Reading] = []
            for reading in evidence.readings:
                form = Checklist.from_json(reading.bound.checklist.to_json())
                bound = rebind(form, Pin.from_json(reading.bound.pin.to_json()))
                readings.append(read(Sheet.from_json(reading.sheet.to_json()), bound))
            first = _scored(policy, evidence)
            assert first == _scored(policy, Evidence.of(*readings, facts=evidence.facts)), "it is another decision"
            return first is not None

        self.for_all(self._evidence(), fact, what="scored")

    def test_scores_can_be_kept(self) -> None:
        """A score written as plain data, as the journal keeps it, comes back the same."""

        def fact(score: Score) -> None:
            assert score == structure(Score, unstructure(score), source="<score>"), "it comes back as another score"

        self._for_scores(fact)

    def test_the_trace_names_policy_and_evidence(self) -> None:
        """A decision says which policy, version and plug-in made it, of which sheets and facts, by their digests."""
        policy = self.make_policy()
        plugin, dot, _ = policy.id.partition(".")

        def fact(evidence: Evidence) -> bool:
            decision = _scored(policy, evidence)
            if decision is None:
                return False
            trace = decision.trace
            named = (policy.id, policy.version, plugin if dot else "branchkit")
            told = (trace.policy, trace.version, trace.plugin)
            assert named == told, f"the policy is {named}, the trace says {told}"
            assert evidence.refs == trace.inputs, "the trace's inputs are not the evidence's refs"
            assert evidence.digests == trace.digests, "the trace's digests are not the evidence's digests"
            return True

        self.for_all(self._evidence(), fact, what="scored")

    # -- what a policy does that declares it

    def test_order_decides_nothing(self) -> None:
        """Sheets and answers in another order give the same points and band; of policies that are order_independent."""
        policy = self._declaring("order_independent")

        def fact(case: tuple[Evidence, int]) -> bool:
            evidence, seed = case
            first = _scored(policy, evidence)
            if first is None or first.value.points is None:
                return False
            other = _scored(policy, _shuffled(evidence, Random(seed)))
            assert other is not None, "in another order it is refused"
            _same(first.value, other.value, "in another order")
            return True

        self.for_all(st.tuples(self._evidence(), st.integers(0, 2**32)), fact, what="scored")

    def test_what_does_not_apply_counts_for_nothing(self) -> None:
        """An item that does not apply moves the score no more than one that is not there; of na_neutral policies."""
        policy = self._declaring("na_neutral")

        def fact(round_: PlainRound) -> bool:
            bare = round_.without_not_applicable()
            if not round_.not_applicable or bare is None:
                return False
            with_it, without = _scored(policy, round_.evidence()), _scored(policy, bare.evidence())
            if with_it is None or without is None:
                return False
            _same(without.value, with_it.value, "with what does not apply")
            return with_it.value.is_scored

        self.for_all(self._rounds(), fact, what="scored although something in it does not apply")

    def test_a_fix_never_lowers_the_score(self) -> None:
        """Whatever is put right, neither points nor band get worse; of monotone policies."""
        policy = self._declaring("monotone")
        bands = self.bands()

        def fact(case: tuple[PlainRound, int]) -> bool:
            round_, seed = case
            chance = Random(seed)
            fixed = [cell for cell in sorted(round_.failed) if chance.random() < 0.5]
            before, after = _scored(policy, round_.evidence()), _scored(policy, round_.mended(fixed).evidence())
            if not fixed or before is None or after is None or before.value.points is None:
                return False
            assert after.value.points is not None, "put right, it is not scored"
            fall = (
                f"{before.value} became {after.value} when {', '.join('/'.join(cell) for cell in fixed)} was put right"
            )
            assert before.value.points <= after.value.points, fall
            if bands:
                assert _rank(bands, after.value.band) <= _rank(bands, before.value.band), fall
            return True

        self.for_all(st.tuples(self._rounds(), st.integers(0, 2**32)), fact, what="scored with something put right")

    def test_the_cheapest_fixes_reach_the_band(self) -> None:
        """With its fixes the score is the one that a plan foretells, in the band asked for; of explainable policies."""

        def fact(tried: _Tried) -> bool:
            plan = tried.plan
            if plan is None:
                return False
            after = tried.score_after(tried.cells_of(plan))
            told = f"the plan foretells {plan.points} {plan.band}, and it is {after}"
            assert (plan.points, plan.band) == (after.points, after.band), told
            assert _rank(tried.bands, plan.band) <= _rank(tried.bands, tried.to), f"{plan.band} is below {tried.to}"
            return True

        self._for_plans(fact, what="a band that fixes reach")

    def test_every_fix_is_needed(self) -> None:
        """Without any one of its fixes a plan does not reach the band; of explainable policies."""

        def fact(tried: _Tried) -> bool:
            if tried.plan is None:
                return False
            cells = tried.cells_of(tried.plan)
            for one in cells:
                spare = not tried.reaches(cell for cell in cells if cell != one)
                assert spare, f"{tried.to} is reached without {'/'.join(one)} too"
            return bool(cells)

        self._for_plans(fact, what="a band that takes a fix")

    def test_no_set_of_fixes_is_cheaper(self) -> None:
        """Trying every set of fixes finds none that costs less; a band is refused where none is enough; as above."""

        def fact(tried: _Tried) -> None:
            cells = sorted(tried.round.failed)
            sets = (chosen for count in range(len(cells) + 1) for chosen in itertools.combinations(cells, count))
            prices = [tried.price(chosen) for chosen in sets if tried.reaches(chosen)]
            if tried.plan is None:
                assert prices == [], f"{tried.to} was refused, and fixes that cost {min(prices)} reach it"
                return
            paid = tried.price(tried.cells_of(tried.plan))
            named = sum((fix.cost for fix in tried.plan.fixes), Decimal(0))
            assert tried.plan.cost == paid == named, f"the plan says {tried.plan.cost}, its fixes cost {paid}"
            assert prices, f"no set of fixes reaches {tried.to}"
            assert min(prices) == paid, f"the plan costs {paid}, and fixes that cost {min(prices)} reach {tried.to}"

        self._for_plans(fact, what="scored")

    def test_a_band_that_is_none_is_refused(self) -> None:
        """Fixes to a band that the policy does not have are refused by `NotFound`; of explainable policies."""
        policy = self._declaring("explainable")

        def fact(round_: PlainRound) -> bool:
            decision = _scored(policy, round_.evidence())
            if decision is None or not decision.value.is_scored:
                return False
            with pytest.raises(NotFound):
                policy.cheapest_fixes(decision, to="no such band")
            return True

        self.for_all(self._rounds(), fact, what="scored")

    def test_a_score_of_another_policy_is_refused(self) -> None:
        """Fixes of a score that another policy or version gave are refused, by `Unsupported`; of explainable ones."""
        policy = self._declaring("explainable")
        bands = self.bands()

        def fact(round_: PlainRound) -> bool:
            decision = _scored(policy, round_.evidence())
            if decision is None or not decision.value.is_scored or not bands:
                return False
            trace = decision.trace
            for other in (attrs.evolve(trace, policy="another"), attrs.evolve(trace, version="another")):
                with pytest.raises(Unsupported):
                    policy.cheapest_fixes(attrs.evolve(decision, trace=other), to=bands[0])
            return True

        self.for_all(self._rounds(), fact, what="scored")

    # -- what a policy does that does not declare it

    def test_what_is_not_declared_is_refused(self) -> None:
        """A policy that is not explainable refuses to name fixes, by `Unsupported`, whatever the score."""
        policy = self.make_policy()
        if "explainable" in policy.capabilities:
            self.nothing("the policy declares explainable")
        bands = self.bands() or ("good",)

        def fact(evidence: Evidence) -> bool:
            decision = _scored(policy, evidence)
            if decision is None:
                return False
            with pytest.raises(Unsupported):
                policy.cheapest_fixes(decision, to=bands[0])
            return True

        self.for_all(self._evidence(), fact, what="scored")

    # -- how they try

    def _declaring(self, capability: str) -> ScoringPolicy:
        policy = self.make_policy()
        if capability not in policy.capabilities:
            self.nothing(f"the policy does not declare {capability}")
        return policy

    def _evidence(self) -> st.SearchStrategy[Evidence]:
        fixed, facts = self.make_checklists(), self.facts()
        if fixed or not self._takes_sheets():
            return filled_in(fixed, facts)
        return checklists().flatmap(lambda drawn: filled_in((drawn,), facts))

    def _rounds(self) -> st.SearchStrategy[PlainRound]:
        fixed, facts = self.make_checklists(), self.facts()
        if not fixed and self._takes_sheets():
            return checklists(plain=True).flatmap(lambda drawn: plain_rounds((drawn,), facts))
        if not any(map(plain_form, fixed)):
            self.nothing("its checklists have no item that only passes or fails")
        return plain_rounds(fixed, facts)

    def _takes_sheets(self) -> bool:
        return getattr(self.make_policy(), "checklists", None) != ()

    def _for_scores(self, fact: Any) -> None:
        policy = self.make_policy()

        def of_score(evidence: Evidence) -> bool:
            decision = _scored(policy, evidence)
            if decision is None or decision.value.points is None:
                return False
            fact(decision.value)
            return True

        self.for_all(self._evidence(), of_score, what="scored")

    def _for_plans(self, fact: Any, *, what: str) -> None:
        policy, bands = self._declaring("explainable"), self.bands()
        if not bands:
            self.nothing("the bands are not known; say them in `bands`")

        def of_plans(case: tuple[PlainRound, int]) -> bool:
            round_, seed = case
            decision = _scored(policy, round_.evidence())
            if decision is None or not decision.value.is_scored:
                return False
            chance = Random(seed)
            cost = {f"{form}/{item}": chance.choice(_PRICES) for form, item in sorted(round_.failed)}
            tried = _Tried(policy, bands, round_, cost)
            return sum(fact(one) is not False for one in tried.every_band(decision)) > 0

        self.for_all(st.tuples(self._rounds(), st.integers(0, 2**32)), of_plans, what=what)


class _Tried:
    """A round, the price of every fix, and what the policy says would be cheapest for one band."""

    to: str
    plan: FixPlan | None

    def __init__(
        self, policy: ScoringPolicy, bands: tuple[str, ...], round_: PlainRound, cost: Mapping[str, Decimal]
    ) -> None:
        self.policy = policy
        self.bands = bands
        self.round = round_
        self.cost = cost
        self._after: dict[frozenset[tuple[str, str]], Score] = {}

    def every_band(self, decision: Decision[Score]) -> Iterator[_Tried]:
        """Yield itself for each band in turn."""
        for band in self.bands:
            self.to = band
            try:
                self.plan = self.policy.cheapest_fixes(decision, to=self.to, cost=self.cost)
            except Unsupported:
                self.plan = None
            yield self

    def cells_of(self, plan: FixPlan) -> list[tuple[str, str]]:
        """Return what a plan puts right: things that failed, each once."""
        cells = [(fix.sheet, fix.key.partition("/")[2]) for fix in plan.fixes]
        assert len(set(cells)) == len(cells), "the plan puts one thing right twice"
        assert set(cells) <= self.round.failed, "the plan puts right what did not fail"
        return cells

    def price(self, cells: Iterable[tuple[str, str]]) -> Decimal:
        """Return what it costs to put cells right."""
        return sum((self.cost[f"{form}/{item}"] for form, item in cells), Decimal(0))

    def score_after(self, cells: Iterable[tuple[str, str]]) -> Score:
        """Return the score once cells are put right; worked out once for each set."""
        fixed = frozenset(cells)
        if fixed not in self._after:
            self._after[fixed] = self.policy.score(self.round.mended(fixed).evidence()).value
        return self._after[fixed]

    def reaches(self, cells: Iterable[tuple[str, str]]) -> bool:
        """Say whether putting these cells right is enough."""
        return _rank(self.bands, self.score_after(cells).band) <= _rank(self.bands, self.to)


def _scored(policy: ScoringPolicy, evidence: Evidence) -> Decision[Score] | None:
    """Return the decision, or ``None`` where the policy refuses the evidence."""
    try:
        return policy.score(evidence)
    except BranchkitError:
        return None


def _same(one: Score, other: Score, when: str) -> None:
    assert (one.points, one.band) == (other.points, other.band), f"{when}, {one} becomes {other}"


def _rank(bands: Sequence[str], band: str | None) -> int:
    assert band in bands, f"{band!r} is none of the bands {', '.join(bands)}"
    return bands.index(band)


def _shuffled(evidence: Evidence, chance: Random) -> Evidence:
    readings: list[Reading] = []
    for reading in evidence.readings:
        answers = list(reading.sheet.answers)
        chance.shuffle(answers)
        readings.append(read(attrs.evolve(reading.sheet, answers=tuple(answers)), reading.bound))
    chance.shuffle(readings)
    return Evidence.of(*readings, facts=evidence.facts)


def _leaves(value: Any) -> Iterator[Any]:
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from _leaves(getattr(value, field.name))
    elif isinstance(value, tuple | list):
        for one in value:
            yield from _leaves(one)
    elif isinstance(value, FrozenMap | dict):
        for one in value.values():
            yield from _leaves(one)
    else:
        yield value
