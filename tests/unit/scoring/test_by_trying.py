"""What is added up, and what is cheapest, against adding up one by one and trying every set of fixes."""

from __future__ import annotations

import itertools
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from branchkit.checklists import Checklist, Choice, Option, Scale
from branchkit.errors import Unsupported
from branchkit.scoring import Aggregate, Evidence, Limits, RubricPolicy, Select
from branchkit.scoring.exact import round_to
from branchkit.scoring.tally import tally
from branchkit.values import FrozenMap, Severity
from tests.unit.checklists.tours import asks, item, says
from tests.unit.scoring.rubrics import (
    HALL,
    ITEMS,
    SIGNS,
    WORDS,
    D,
    band,
    deduction,
    evidence,
    gate,
    least,
    most,
    passing,
    points,
    sound,
    veto,
    weights,
)

TWO = (points("signs", 60, select=SIGNS), points("hall", 40, select=HALL))
GOOD = (band("good", total=least(80)), band("fair", total=least(50)), band("poor"))
LOST = deduction("lost", by_severity=weights(critical=9, major=5, minor=2), rules=("service:SVC-01",))


def over(of: Any, what: Any, limits: Limits, *ids: str, **more: Any) -> RubricPolicy:
    """Return a policy whose bands look at one aggregate."""
    one = FrozenMap({"it": Aggregate(of=of, over=what, ids=ids)})
    bands = (band("good", it=limits), band("poor"))
    parts = more.pop("parts", (*TWO, LOST, deduction("flat", select=HALL, points=D(4))))
    return sound(*parts, aggregates=one, bands=bands, **more)


POLICIES: dict[str, RubricPolicy] = {
    "weights": sound(points(by_severity=weights(critical=5, major=3), by_basis=weights(advice="0.5")), bands=GOOD),
    "parts": sound(*TWO, bands=GOOD),
    "uneven": sound(points("signs", 70, select=SIGNS), points("hall", 50, select=HALL), bands=GOOD),
    "overlap": sound(points("all", 50), points("hall", 50, select=HALL), bands=GOOD),
    "whole": sound(*TWO, places=0, bands=(band("good", total=least(67)), band("poor"))),
    "above": sound(*TWO, bands=(band("good", total=Limits(above=D(80))), band("poor"))),
    "range": sound(
        *TWO,
        bands=(band("good", total=least(90)), band("fair", total=Limits(at_least=D(60), below=D(90))), band("poor")),
    ),
    "lost": sound(LOST, start=D(100), bands=GOOD),
    "capped": sound(
        deduction("signs", select=SIGNS, points=D(20), cap=D(30)),
        deduction("hall", select=HALL, points=D(15), cap=D(20)),
        LOST, start=D(110), ceiling=D(120), bands=GOOD,
    ),
    "one cap": sound(*TWO, deduction(points=D(12), cap=D(25)), start=D(20), bands=GOOD),
    "floor": sound(
        LOST, start=D(20), floor=D(10), bands=(band("good", total=least(15)), band("poor", total=least(10))),
    ),
    "below zero": sound(
        deduction(by_severity=weights(critical="10.5", major="0.5")), floor=D(-100), start=D(0), places=0,
        bands=(band("good", total=least(-1)), band("fair", total=least(-11)), band("poor")),
    ),
    "codes": sound(*TWO, deduction("coded", by_value=weights(fail=3)), bands=GOOD),
    "veto": sound(
        *TWO, veto(band_at_most="poor"), veto("v2", select=Select(items=("desk",)), points_at_most=D(55)), bands=GOOD,
    ),
    "veto and cap": sound(
        *TWO, deduction(points=D(12), cap=D(25)), veto(band_at_most="poor"), start=D(20), bands=GOOD,
    ),
    "veto and caps": sound(
        deduction("signs", select=SIGNS, points=D(20), cap=D(25)),
        deduction("hall", select=HALL, points=D(15), cap=D(20)),
        points(worth="33.3"), veto(band_at_most="poor", select=Select(items=("plate", "desk"))),
        start=D(70), ceiling=D(120), bands=GOOD,
    ),
    "veto of points": sound(*TWO, veto(points_at_most=D(80), select=Select(items=("plate",))), bands=GOOD),
    "gates": sound(
        *TWO,
        gate(part="hall", percent_at_least=D(60), band_at_most="fair"),
        gate("g2", part="signs", percent_at_least=D(50), points_at_most=D(49)),
        bands=GOOD,
    ),
    "sum of parts": over("sum", "parts", least(150)),
    "least of parts": over("minimum", "parts", Limits(above=D(50))),
    "most of parts": over("maximum", "parts", least(70)),
    "mean of parts": over("weighted_mean", "parts", least(75)),
    "some parts": over("sum", "parts", least(50), "hall"),
    "sum of items": over("sum", "items", least(350)),
    "least of items": over("minimum", "items", least(100)),
    "most of items": over("maximum", "items", least(100)),
    "mean of items": over("weighted_mean", "items", Limits(above=D(60))),
    "some items": over("sum", "items", least(200), "signs"),
    "least of some items": over("minimum", "items", least(100), "hall"),
    "sum of losses": over("sum", "deductions", most(9)),
    "most of losses": over("maximum", "deductions", Limits(below=D(5))),
    "some losses": over("sum", "deductions", most(3), "flat"),
    "total and worst": sound(
        *TWO, LOST, aggregates=FrozenMap({"worst": Aggregate(of="maximum", over="deductions")}),
        bands=(band("good", total=least(70), worst=most(4)), band("fair", total=least(50)), band("poor")),
    ),
}  # fmt: skip
SHEETS = [
    ((), ()),
    (("lamp", "desk"), ()),
    (("fascia", "floor"), ("lamp",)),
    (("plate", "lamp"), ("floor", "desk")),
    (("fascia", "plate", "desk"), ("floor",)),
    (ITEMS, ()),
]
COSTS = {"fascia": 7, "plate": 2, "lamp": 3, "floor": 5, "desk": 2}


@pytest.mark.parametrize("name", POLICIES)
def test_marks_add_up_one_by_one(name: str) -> None:
    """Points, band, percentages, aggregates and limits are those of adding every mark up by itself."""
    one = POLICIES[name]
    for but, absent in SHEETS:
        score = one.score(passing(*but, absent=absent)).value
        again = tally(one, score.marks)

        assert again is not None
        assert (score.points, score.band) == (round_to(again.total, one.places), again.band)
        assert [part.percent for part in score.parts] == [
            None if share is None else round_to(share, one.places) for share in again.percents
        ]
        assert score.aggregates == {key: round_to(value, one.places) for key, value in again.aggregates.items()}
        assert score.deductions == again.deducted
        assert score.vetoes == tuple(limit.id for limit in again.limits)


@pytest.mark.parametrize("name", POLICIES)
def test_no_set_of_fixes_is_cheaper(name: str) -> None:
    """The fixes reach the band, come to the score that they say, and no other set that reaches it costs less."""
    one = POLICIES[name]
    ranks = [each.code for each in one.bands]
    cost = {f"tour/{key}": price for key, price in COSTS.items()}
    for but, absent in SHEETS:
        held = passing(*but, absent=absent)
        after = {
            left: one.score(passing(*left, absent=absent)).value
            for count in range(len(but) + 1)
            for left in itertools.combinations(but, count)
        }
        for to in ranks[:-1]:
            reaching = {
                left: sum(COSTS[key] for key in but if key not in left)
                for left, score in after.items()
                if ranks.index(str(score.band)) <= ranks.index(to)
            }
            if not reaching:
                with pytest.raises(Unsupported, match=f"fixing everything does not reach '{to}'"):
                    one.cheapest_fixes(one.score(held), to=to, cost=cost)
                continue
            plan = one.cheapest_fixes(one.score(held), to=to, cost=cost)
            fixed = {fix.key.removeprefix("tour/") for fix in plan.fixes}
            score = after[tuple(key for key in but if key not in fixed)]

            assert (min(reaching.values()), sum(COSTS[key] for key in fixed)) == (plan.cost, plan.cost), (but, to)
            assert (to, score.band, score.points) == (plan.to, plan.band, plan.points), (but, to)


RATED: Checklist = asks(
    item("calm", answer=Scale(low=1, high=4, pass_from=2), severity=Severity.CRITICAL),
    item("kind", answer=Scale(low=0, high=7, pass_from=2)),
    item(
        "risk",
        answer=Choice(options=(Option("high", text=WORDS), Option("mid", text=WORDS), Option("low", text=WORDS))),
    ),
    item("sign"),
)
RATED_POLICIES: dict[str, RubricPolicy] = {
    "total": sound(points(), ratings="proportional", bands=GOOD),
    "losses": sound(
        points(worth=80), deduction(by_value=weights(high=15, mid=4)), start=D(20), bands=GOOD, ratings="proportional",
    ),
    "worst": over("minimum", "items", least(60), parts=(points(),), ratings="proportional"),
    "sum": over("sum", "items", least(200), parts=(points(),), ratings="proportional"),
}  # fmt: skip
ANSWERS = (("1", "2", "4"), ("0", "5", "7"), ("high", "mid", "low"), ("pass", "fail"))


def rated(values: tuple[str, ...]) -> Evidence:
    """Return a sheet with ratings."""
    return evidence(
        *(says(asked.id, value) for (_, asked), value in zip(RATED.items(), values, strict=True)), one=RATED
    )


@pytest.mark.parametrize("name", RATED_POLICIES)
def test_no_set_of_better_ratings_is_cheaper(name: str) -> None:
    """Ratings are fixed to full marks and codes to such as take nothing away, where that is the cheapest way."""
    one = RATED_POLICIES[name]
    best = ("4", "7", "low", "pass")
    costs = {"calm": 3, "kind": 2, "risk": 4, "sign": 5}
    scores = {values: one.score(rated(values)) for values in itertools.product(*ANSWERS)}
    for values, score in scores.items():
        sets = {
            tuple(new): sum(price for price, old, now in zip(costs.values(), values, new, strict=True) if old != now)
            for new in itertools.product(*zip(values, best, strict=True))
        }
        prices = [price for new, price in sets.items() if scores[new].value.band == "good"]
        if not prices:
            with pytest.raises(Unsupported):
                one.cheapest_fixes(score, to="good")
            continue
        plan = one.cheapest_fixes(
            scores[values], to="good", cost={f"tour/{key}": price for key, price in costs.items()}
        )

        assert (min(prices), "good") == (plan.cost, plan.band), values


@pytest.mark.parametrize("name", RATED_POLICIES)
def test_rated_marks_add_up_one_by_one(name: str) -> None:
    """Ratings in proportion come to what adding each up by itself comes to."""
    one = RATED_POLICIES[name]
    for values in itertools.product(*ANSWERS):
        score = one.score(rated(values)).value
        again = tally(one, score.marks)

        assert again is not None
        assert (score.points, score.band) == (round_to(again.total, one.places), again.band)
        assert score.aggregates == {key: round_to(value, one.places) for key, value in again.aggregates.items()}
        assert score.deductions == again.deducted


def test_exact_before_rounding() -> None:
    """What is added up is exact: a third of a hundred is no decimal."""
    one = sound(points())
    again = tally(one, one.score(passing("lamp", "desk", absent=("floor",))).value.marks)

    assert again is not None
    assert (Fraction(50), Fraction(4), Fraction(1)) == (again.total, again.weights[0], again.factor)
    assert (Fraction(50), Decimal("50.00")) == (again.raw, round_to(again.raw, 2))
