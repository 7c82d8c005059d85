"""The laws of scoring: equal to a plain second writing, bounded, order independent, N/A neutral, monotone, cheapest."""

from __future__ import annotations

import json
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from branchkit.checklists import Answer, Checklist, Item, PassFail, Pin, Section, Sheet, read, rebind
from branchkit.codec import unstructure
from branchkit.errors import Unsupported
from branchkit.estate import Branch
from branchkit.scoring import Band, Evidence, Limits, MarkState, Points, RubricPolicy, Score, Select
from branchkit.scoring.covering import Offer, cover
from branchkit.scoring.exact import decimal_sum, exact_decimal, round_to
from branchkit.scoring.tally import tally
from branchkit.testing.strategies import checklists, evidence, moments, policies
from branchkit.trace import Decision
from branchkit.values import FrozenMap, Severity, Text
from tests.property import scoring_oracle as oracle
from tests.property.codec_leaves import check_wrong_leaves

some = settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
few = settings(some, max_examples=8)
WORDS = Text(zh="词", en="words")


@st.composite
def scored(draw: st.DrawFn) -> tuple[RubricPolicy, Evidence, Decision[Score]]:
    """Draw evidence, a policy for it, and its score."""
    checklist = draw(checklists())
    policy, held = draw(policies(checklist)), draw(evidence(checklist))
    return policy, held, policy.score(held)


@some
@given(scored())
def test_policies_come_back(drawn: tuple[RubricPolicy, Evidence, Decision[Score]]) -> None:
    """A policy is the same after JSON, after TOML and after a pickle, even once it has scored."""
    policy = drawn[0]

    assert policy == RubricPolicy.from_json(policy.to_json())
    assert policy == RubricPolicy.from_toml(policy.to_toml())
    assert policy == pickle.loads(pickle.dumps(policy))


@few
@given(checklists().flatmap(policies))
def test_wrong_types_are_told_with_their_path(policy: RubricPolicy) -> None:
    """A wrong type in every leaf of a policy is refused with the path of the leaf."""
    assert check_wrong_leaves(RubricPolicy, policy) > 100


@settings(some, max_examples=60)
@given(scored())
def test_scores_agree_with_a_second_writing(drawn: tuple[RubricPolicy, Evidence, Decision[Score]]) -> None:
    """Points, band and aggregates are those that a plain second implementation gives."""
    policy, held, decision = drawn
    expected = oracle.score(policy, oracle.cells_of(policy, held))
    score = decision.value

    if expected is None:
        assert (None, None) == (score.points, score.band)
        assert score.reason is not None
    else:
        points, band, aggregates = expected
        assert score.points is not None
        assert (points, band) == (Fraction(score.points), score.band)
        assert aggregates == {name: Fraction(number) for name, number in score.aggregates.items()}


@some
@given(scored())
def test_scores_are_bounded(drawn: tuple[RubricPolicy, Evidence, Decision[Score]]) -> None:
    """A score lies between floor and ceiling, has the stated digits and a band, or has a reason and neither."""
    policy, _, decision = drawn
    score = decision.value

    if score.points is None:
        assert score.band is None
        assert score.reason is not None
    else:
        assert policy.floor <= score.points <= policy.ceiling
        assert -policy.places == score.points.as_tuple().exponent
        assert score.band in {band.code for band in policy.bands}


@some
@given(scored(), st.randoms(use_true_random=False))
def test_order_decides_nothing(drawn: tuple[RubricPolicy, Evidence, Decision[Score]], chance: Any) -> None:
    """Answers and sheets in another order give the same points, band and aggregates."""
    policy, held, decision = drawn
    readings = []
    for reading in held.readings:
        answers = list(reading.sheet.answers)
        chance.shuffle(answers)
        readings.append(read(attrs.evolve(reading.sheet, answers=tuple(answers)), reading.bound))
    other = policy.score(Evidence.of(*reversed(readings))).value

    assert (decision.value.points, decision.value.band) == (other.points, other.band)
    assert decision.value.aggregates == other.aggregates


@some
@given(scored())
def test_what_does_not_apply_counts_for_nothing(drawn: tuple[RubricPolicy, Evidence, Decision[Score]]) -> None:
    """Leaving out the cells that are neutral and have no code changes nothing."""
    policy, _, decision = drawn
    score = decision.value
    assume(score.is_scored)
    kept = [mark for mark in score.marks if mark.state is not MarkState.NEUTRAL or mark.credit or mark.value]
    result = tally(policy, kept)

    assert result is not None
    assert score.points == round_to(result.total, policy.places)
    assert score.band == result.band


@some
@given(scored(), st.data())
def test_a_fix_never_lowers_a_score(drawn: tuple[RubricPolicy, Evidence, Decision[Score]], data: st.DataObject) -> None:
    """Whatever set of cells is fixed, neither the points nor the band get worse."""
    policy, held, decision = drawn
    assume(decision.value.is_scored)
    cells = oracle.cells_of(policy, held)
    before = oracle.score(policy, cells)
    after = oracle.score(policy, [attrs.evolve(one, fixed=data.draw(st.booleans())) for one in cells])

    assert "monotone" in policy.capabilities
    assert before is not None
    assert after is not None
    assert before[0] <= after[0]
    assert policy.band_rank(after[1]) <= policy.band_rank(before[1])


@some
@given(scored())
def test_a_third_party_computes_the_same_decision(drawn: tuple[RubricPolicy, Evidence, Decision[Score]]) -> None:
    """Sheet, pin, checklist and policy taken through JSON give the identical decision, trace and digests included."""
    policy, held, decision = drawn
    readings = []
    for reading in held.readings:
        checklist = Checklist.from_json(reading.bound.checklist.to_json())
        bound = rebind(checklist, Pin.from_json(reading.bound.pin.to_json()))
        readings.append(read(Sheet.from_json(reading.sheet.to_json()), bound))
    again = RubricPolicy.from_json(policy.to_json()).score(Evidence.of(*readings))

    assert decision == again


@some
@given(scored())
def test_the_steps_of_a_trace_add_up(drawn: tuple[RubricPolicy, Evidence, Decision[Score]]) -> None:
    """The effects in a trace add up to the score, but for floor, ceiling and rounding; a veto only lowers it."""
    policy, _, decision = drawn
    score = decision.value
    effects = [step.effect for step in decision.trace.steps if step.effect is not None]
    total = min(max(decimal_sum(effects), policy.floor), policy.ceiling)
    slack = Decimal(len(effects) + 1) / 10**policy.places

    if score.points is None:
        assert score.reason is not None
    elif score.vetoes:
        assert score.points <= total + slack
    else:
        assert abs(total - score.points) <= slack


@st.composite
def fixable(draw: st.DrawFn) -> tuple[RubricPolicy, Evidence, dict[str, Decimal]]:
    """Draw a score with few enough failures that every set of fixes can be tried."""
    checklist = draw(checklists(plain=draw(st.booleans())))
    policy, held = draw(policies(checklist)), draw(evidence(checklist))
    keys = sorted({mark.key for mark in policy.score(held).value.marks})
    prices = st.sampled_from([Decimal(0), Decimal(1), Decimal(1), Decimal("2.5"), Decimal(4)])
    return policy, held, {key: draw(prices) for key in keys}


@settings(some, max_examples=50)
@given(fixable())
def test_no_set_of_fixes_is_cheaper(drawn: tuple[RubricPolicy, Evidence, dict[str, Decimal]]) -> None:
    """The cheapest fixes reach the band, and trying every set finds nothing cheaper, or nothing at all."""
    policy, held, cost = drawn
    decision = policy.score(held)
    assume(decision.value.is_scored)
    cells = oracle.cells_of(policy, held)
    assume(sum(one.credit(policy) not in {None, Fraction(1)} or one.code() in {"fail", "c1"} for one in cells) <= 9)
    prices = {one.key: cost[f"{one.checklist}/{one.key[1]}"] for one in cells}
    for band in policy.bands:
        best = oracle.cheapest(policy, cells, band.code, prices)
        if best is None:
            with pytest.raises(Unsupported):
                policy.cheapest_fixes(decision, to=band.code, cost=cost)
            continue
        plan = policy.cheapest_fixes(decision, to=band.code, cost=cost)
        keys = {(fix.sheet, fix.key.partition("/")[2]) for fix in plan.fixes}
        after = oracle.score(policy, [attrs.evolve(one, fixed=one.key in keys) for one in cells])
        assert after is not None
        assert best == plan.cost == sum((fix.cost for fix in plan.fixes), Decimal(0))
        assert (Fraction(plan.points), plan.band) == after[:2]
        assert policy.band_rank(plan.band) <= policy.band_rank(band.code)


@settings(max_examples=150)
@given(
    st.lists(
        st.tuples(st.integers(1, 9), st.integers(0, 6), st.integers(0, 6), st.integers(0, 4), st.integers(0, 4)),
        max_size=8,
    ),
    st.tuples(st.integers(0, 20), st.integers(0, 12)),
    st.tuples(st.integers(0, 5), st.integers(0, 5)),
)
def test_covering_is_exact(
    numbers: list[tuple[int, int, int, int, int]], needs: tuple[int, int], stores: tuple[int, int]
) -> None:
    """The cheapest cover is that of trying every choice, with stores that have to fill before they give anything."""
    offers = [Offer(price, (one, two), (three, four)) for price, one, two, three, four in numbers]
    best: int | None = None
    for bits in range(2 ** len(offers)):
        chosen = [offer for at, offer in enumerate(offers) if bits >> at & 1]
        spilt = sum(max(0, sum(one.stores[at] for one in chosen) - stores[at]) for at in (0, 1))
        first = sum(one.gains[0] for one in chosen) + spilt
        if first >= needs[0] and sum(one.gains[1] for one in chosen) >= needs[1]:
            price = sum(one.price for one in chosen)
            best = price if best is None else min(best, price)
    found = cover(offers, needs, stores)

    assert best == (None if found is None else found[0])
    if found is not None:
        assert found[0] == sum(offers[at].price for at in found[1])
        assert cover(offers, needs, stores, below=found[0]) is None


@settings(some, max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=3))
def test_bands_are_proved_as_trying_every_score_proves_them(cuts: list[tuple[int, int]]) -> None:
    """Bands over a total and a worst item are refused just where trying all numbers finds a gap or an idle band."""
    limits = [
        {"total": Limits(at_least=Decimal(total)), "worst": Limits(at_least=Decimal(worst))} for total, worst in cuts
    ]
    bands = tuple(Band(f"b{at}", title=WORDS, limits=FrozenMap(one)) for at, one in enumerate(limits))
    policy = two_aggregates(bands)
    numbers = sorted({0, 100, *(n for pair in cuts for n in pair), *(max(0, n - 1) for pair in cuts for n in pair)})
    first = [
        next((at for at, (a, b) in enumerate(cuts) if total >= a and worst >= b), None)
        for total in numbers
        for worst in numbers
    ]
    sound = None not in first and set(range(len(cuts))) <= set(first)

    assert sound == (list(policy.validate()) == [])
    assert [] == [one for one in policy.validate() if not one.path.startswith("$.bands")]


def two_aggregates(bands: tuple[Band, ...]) -> RubricPolicy:
    """Return a policy with bands over a total and the worst single item."""
    from branchkit.scoring import Aggregate

    return RubricPolicy(
        "pair",
        version="1",
        title=WORDS,
        checklists=("tour",),
        ceiling=Decimal(100),
        parts=(Points("all", title=WORDS, worth=Decimal(100)),),
        aggregates=FrozenMap({"worst": Aggregate(of="minimum", over="items")}),
        bands=bands,
    )


@given(st.fractions(), st.integers(0, 6))
def test_rounding_is_exact(number: Fraction, places: int) -> None:
    """Rounding is off by at most half a digit, exactly, and a half goes away from zero."""
    result = Fraction(round_to(number, places))
    off = abs(result - number) * 10**places

    assert off <= Fraction(1, 2)
    assert off < Fraction(1, 2) or abs(result) > abs(number)
    assert result == oracle.rounded(number, places)


@given(st.lists(st.decimals(-(10**9), 10**9, places=12), max_size=6))
def test_sums_are_exact(numbers: list[Decimal]) -> None:
    """Sums of decimals lose no digit, whatever the precision of the thread's context."""
    expected = sum(map(Fraction, numbers), Fraction(0))

    assert expected == Fraction(decimal_sum(numbers)) == Fraction(exact_decimal(expected))


@few
@given(st.data(), moments())
def test_large_sheets_are_planned_exactly(data: st.DataObject, at: Any) -> None:
    """With 60 items and any weights and costs, no plan gets cheaper by leaving one of its fixes out."""
    weights = data.draw(st.lists(st.decimals("0.1", 99, places=1), min_size=60, max_size=60))
    items = tuple(Item(f"i{n}", text=WORDS, answer=PassFail(), severity=Severity.MINOR) for n in range(60))
    checklist = Checklist("big", version="1", title=WORDS, sections=(Section("s", title=WORDS, items=items),))
    failed = data.draw(st.sets(st.integers(0, 59), min_size=20, max_size=25))
    policy = RubricPolicy(
        "big",
        version="1",
        title=WORDS,
        checklists=("big",),
        ceiling=Decimal(100),
        parts=(
            Points(
                "all",
                title=WORDS,
                worth=Decimal(100),
                select=Select(sections=("s",)),
                weights=FrozenMap({item.id: weight for item, weight in zip(items, weights, strict=True)}),
            ),
        ),
        bands=(
            Band("good", title=WORDS, limits=FrozenMap({"total": Limits(at_least=Decimal(90))})),
            Band("rest", title=WORDS),
        ),
    )
    answers = tuple(Answer(item.id, value="fail" if n in failed else "pass") for n, item in enumerate(items))
    sheet = Sheet("S", checklist="big", version="1", branch="B", at=at, by="S-1", answers=answers)
    decision = policy.score(Evidence(sheet, checklist.bind(Branch("B"), at=at)))
    cost = {f"big/i{n}": Decimal(data.draw(st.integers(1, 50))) for n in sorted(failed)}
    plan = policy.cheapest_fixes(decision, to="good", cost=cost)
    gain = {f"big/i{n}": Fraction(weights[n]) for n in failed}
    need = Fraction(9, 10) * sum(map(Fraction, weights)) - sum(
        Fraction(weight) for n, weight in enumerate(weights) if n not in failed
    )
    have = sum((gain[fix.key] for fix in plan.fixes), Fraction(0))
    half_a_digit = sum(map(Fraction, weights)) / 20000

    assert have >= need - half_a_digit
    assert all(have - gain[fix.key] < need - half_a_digit for fix in plan.fixes)
    assert json.dumps(unstructure(plan))
