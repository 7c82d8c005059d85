"""The cheapest fixes: exact over every kind of part, and refused where nothing honest can be said."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import Choice, Option, Rows, Scale
from branchkit.conditions import Compare, FactSpec, FactType, Op
from branchkit.errors import InputError, NotFound, Unsupported
from branchkit.scoring import (
    Aggregate,
    Evidence,
    FixPlan,
    Gate,
    Limits,
    RubricPolicy,
    Score,
    ScoringPolicy,
    Select,
    covering,
)
from branchkit.scoring.covering import Offer, TooMany, cover
from branchkit.trace import Decision, Trace
from branchkit.values import FrozenMap, Ref, Severity
from tests.unit.checklists.tours import asks, bad, bound, checklist, item, ok, says, section, sheet
from tests.unit.scoring.rubrics import (
    HALL,
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

ALL = ("fascia", "plate", "lamp", "floor", "desk")
GOOD = (band("good", total=least(80)), band("fair", total=least(50)), band("poor"))


def plan(one: RubricPolicy, held: Evidence, to: str = "good", **cost: str | int) -> FixPlan:
    given = {f"tour/{name}": D(price) for name, price in cost.items()}
    return one.cheapest_fixes(one.score(held), to=to, cost=given)


def fixed(one: RubricPolicy, held: Evidence, to: str = "good", **cost: str | int) -> list[str]:
    return [fix.key.removeprefix("tour/") for fix in plan(one, held, to, **cost).fixes]


def test_the_cheapest_weights_are_fixed() -> None:
    """The fixes are those that gain enough for the least cost."""
    one = sound(points(by_severity=weights(critical=5, major=3, minor=1)), bands=GOOD)

    assert ["fascia", "plate", "floor"] == fixed(one, passing(*ALL), fascia=1, plate=1, lamp=1, floor=1, desk=1)
    assert ["fascia", "plate", "floor"] == fixed(one, passing(*ALL), lamp=7, desk=7)


def test_a_plan_says_what_comes_of_it() -> None:
    """A plan has the cost, the score and the band that come of it, and names the exact places."""
    one = sound(points(), bands=GOOD)
    found = plan(one, passing("lamp", "desk"), lamp="2.50", desk="2.25")

    assert ("good", "good", D("2.25"), D("80.00")) == (found.to, found.band, found.cost, found.points)
    assert [("tour/desk", "S-1", WORDS, D("2.25"))] == [(fix.key, fix.sheet, fix.text, fix.cost) for fix in found.fixes]


def test_nothing_to_fix() -> None:
    """A band that is reached already needs no fix, nor does a worse one."""
    one = sound(points(), bands=GOOD)

    found = plan(one, passing("lamp"))

    assert ((), D(0), "good") == (found.fixes, found.cost, found.band)
    assert [] == fixed(one, passing("lamp"), "fair")


def test_one_heavy_item_may_be_enough() -> None:
    """The plan to a band names no more than it takes, however bad the rest is."""
    one = sound(points(by_severity=weights(critical=8)), bands=GOOD)
    found = plan(one, passing(*ALL), "fair")

    assert ("fair", "fair", D("66.67")) == (found.to, found.band, found.points)
    assert ["fascia"] == [fix.key.removeprefix("tour/") for fix in found.fixes]


def test_costs_go_by_cell_then_by_item() -> None:
    """A cost may be said of one device or of an item everywhere; the closer one counts."""
    one = checklist(section(item("a"), rows=Rows()))
    policy = sound(points(), bands=(band("good", total=least(50)), band("poor")))
    held = evidence(bad("a", "row:1"), bad("a", "row:2"), one=one)
    decision = policy.score(held)
    found = policy.cheapest_fixes(decision, to="good", cost={"tour/a": D(5), "tour/a@row:2": D(3)})

    assert [("tour/a@row:2", D(3), (Ref("row", "2"),))] == [(fix.key, fix.cost, fix.on) for fix in found.fixes]


def test_vetoes_are_lifted() -> None:
    """What vetoes a band is fixed in any case, and only there where it stands in the way."""
    one = sound(points(), veto(band_at_most="fair"), bands=GOOD)
    two = sound(points(), veto(points_at_most=D(85)), bands=GOOD)

    assert ["fascia"] == fixed(one, passing("fascia"), fascia=100)
    assert [] == fixed(two, passing("fascia"))
    assert ["lamp"] == fixed(two, passing("fascia", "lamp"), fascia=2)


def test_gates_are_passed() -> None:
    """A gate in the way asks for its part as well."""
    parts = (points("signs", 90, select=SIGNS), points("hall", 10, select=HALL))
    one = sound(*parts, Gate("g", reason=WORDS, part="hall", percent_at_least=D(50), points_at_most=D(10)), bands=GOOD)

    assert ["desk"] == fixed(one, passing("floor", "desk"), floor=2)
    assert ["lamp", "desk"] == fixed(one, passing("lamp", "floor", "desk"), floor=2)


def test_caps_have_to_be_worked_off() -> None:
    """Where more was lost than a cap takes, fixes count only once the rest is below it."""
    lost = deduction(points=D(20), cap=D(50))
    one = sound(lost, start=D(100), bands=GOOD)

    assert ["fascia", "plate", "lamp", "floor"] == fixed(one, passing(*ALL), desk=2)
    assert [] == fixed(one, passing(*ALL), "fair")


def test_two_caps_and_points_together() -> None:
    """Stores of two caps and the points of a part are weighed against each other."""
    one = sound(
        points(worth=50),
        deduction("signs", select=SIGNS, points=D(20), cap=D(30)),
        deduction("hall", select=HALL, points=D(10), cap=D(15)),
        start=D(50),
        bands=GOOD,
    )
    found = plan(one, passing(*ALL), "fair", fascia=3)

    assert (["plate", "lamp", "floor"], D("50.00")) == (
        [fix.key.removeprefix("tour/") for fix in found.fixes],
        found.points,
    )


def test_codes_are_fixed_by_other_answers() -> None:
    """A code that costs points is fixed by an answer that does not, and what is neutral stays so."""
    options = Choice(options=(Option("high", text=WORDS), Option("low", text=WORDS)))
    one = asks(item("risk", answer=options), item("a"))
    policy = sound(points(worth=60), deduction(by_value=weights(high=30)), start=D(40), bands=GOOD)
    held = evidence(says("risk", "high"), ok("a"), one=one)

    assert ["risk"] == fixed(policy, held)
    assert D("100.00") == plan(policy, held).points


def test_ratings_are_raised() -> None:
    """A rating that counts in proportion is fixed to full marks."""
    one = asks(item("a", answer=Scale(low=0, high=4)), item("b", answer=Scale(low=0, high=4)))
    policy = sound(points(), ratings="proportional", bands=(band("good", total=least(70)), band("poor")))

    assert ["b"] == fixed(policy, evidence(says("a", "2"), says("b", "1"), one=one))
    assert ["a"] == fixed(policy, evidence(says("a", "2"), says("b", "2"), one=one), b=2)


@pytest.mark.parametrize(
    ("of", "over", "limits", "but", "expected"),
    [
        ("minimum", "items", least(50), ("lamp", "desk"), ["lamp", "desk"]),
        ("maximum", "items", least(50), ALL, ["fascia"]),
        ("sum", "items", least(300), ("plate", "lamp", "floor"), ["plate"]),
        ("weighted_mean", "items", least(60), ("plate", "lamp", "floor"), ["plate"]),
        ("minimum", "parts", least(50), ("fascia", "plate", "floor", "desk"), ["fascia", "floor"]),
        ("maximum", "parts", least(100), ("lamp", "floor"), ["lamp"]),
        ("sum", "parts", least(150), ("floor", "desk"), ["floor"]),
        ("weighted_mean", "parts", least(80), ("floor", "desk"), ["floor"]),
        ("sum", "deductions", most(3), ("plate", "floor"), ["plate"]),
        ("maximum", "deductions", most(2), ("plate", "lamp"), ["plate"]),
        ("maximum", "deductions", Limits(below=D(2)), ("plate", "lamp"), ["plate", "lamp"]),
    ],
)
def test_bands_over_aggregates(of: Any, over: Any, limits: Limits, but: tuple[str, ...], expected: list[str]) -> None:
    """Whatever aggregate limits a band is reached by the cheapest fixes for it."""
    lost = deduction(by_severity=weights(major=3, minor=2))
    one = sound(
        points("signs", 60, select=SIGNS),
        points("hall", 40, select=HALL),
        lost,
        aggregates=FrozenMap({"it": Aggregate(of=of, over=over)}),
        bands=(band("good", it=limits), band("poor")),
    )

    assert expected == fixed(one, passing(*but))


def test_facts_cannot_be_fixed() -> None:
    """What facts took away stays away: the fixes make up for it, or nothing does."""
    busy = deduction("busy", when=Compare("peak", Op.GT, D(3)), points=D(15))
    facts = (FactSpec("peak", FactType.NUMBER),)
    one = sound(points(), busy, facts=facts, bands=GOOD)
    held = Evidence.of(*passing("lamp").readings, facts={"peak": D(9)})
    worst = FrozenMap({"worst": Aggregate(of="maximum", over="deductions")})
    two = sound(points(), busy, facts=facts, aggregates=worst, bands=(band("good", worst=most(9)), band("poor")))

    assert ["lamp"] == fixed(one, held)
    assert D("85.00") == plan(one, held).points
    with pytest.raises(Unsupported, match="fixing everything does not reach 'good'"):
        plan(two, held)


def test_rounding_is_counted_on() -> None:
    """A total that only rounding lifts to the band is enough."""
    one = asks(*(item(f"i{at}", severity=Severity.MINOR) for at in range(3)))
    policy = sound(points(), bands=(band("good", total=least("66.67")), band("poor")))

    assert [] == fixed(policy, evidence(bad("i0"), ok("i1"), ok("i2"), one=one))
    assert ["i0"] == fixed(policy, evidence(bad("i0"), bad("i1"), ok("i2"), one=one))


def test_negative_totals_round_away_from_zero() -> None:
    """Below zero, a half is not enough for the number above it."""
    one = sound(
        deduction(by_severity=weights(critical="10.5", major="0.5")),
        floor=D(-100),
        start=D(0),
        places=0,
        bands=(band("good", total=least(-10)), band("poor")),
    )

    assert ["fascia"] == fixed(one, passing("fascia"))
    assert [] == fixed(one, passing("plate"))


def test_more_of_the_same_is_fixed_in_order() -> None:
    """Of cells that gain and cost the same, the first ones are fixed."""
    one = asks(*(item(f"i{at}") for at in range(60)))
    policy = sound(points(), bands=(band("good", total=least(90)), band("poor")))
    held = evidence(*(bad(f"i{at}") if at < 25 else ok(f"i{at}") for at in range(60)), one=one)

    assert [f"i{at}" for at in range(19)] == fixed(policy, held)


@pytest.mark.parametrize(
    ("to", "cost", "error", "message"),
    [
        ("best", {}, NotFound, "No band 'best'; there are: good, fair, poor"),
        ("good", {"tour/lamp": D(-1)}, InputError, "Expected a number of 0 or more"),
        ("good", {"tour/lamp": D("NaN")}, InputError, "Expected a number of 0 or more"),
    ],
)
def test_what_is_asked_wrongly(to: str, cost: dict[str, Decimal], error: type[Exception], message: str) -> None:
    """A band that is not there and a cost that is none are refused."""
    one = sound(points(), bands=GOOD)

    with pytest.raises(error, match=message):
        one.cheapest_fixes(one.score(passing("lamp")), to=to, cost=cost)


def test_a_cost_that_is_nothing_and_one_that_is_not_given() -> None:
    """A fix may cost nothing or a part of one; one whose cost is not given costs one."""
    one = sound(points(), bands=(band("good", total=least(100)), band("poor")))
    found = plan(one, passing("lamp", "floor", "desk"), lamp=0, floor="0.5")

    assert ([D(0), D("0.5"), D(1)], D("1.5")) == ([fix.cost for fix in found.fixes], found.cost)


@pytest.mark.parametrize(("count", "told"), [(5, "tour/i4"), (12, "tour/i11"), (13, "tour/i11 and 1 more")])
def test_a_long_list_of_what_was_scored_is_cut(count: int, told: str) -> None:
    """A cost of something else is refused with what the score has, twelve of it at most."""
    form = asks(*(item(f"i{at}") for at in range(count)))
    one = sound(points(), bands=GOOD)
    score = one.score(evidence(*(ok(f"i{at}") for at in range(count)), one=form))

    with pytest.raises(InputError) as caught:
        one.cheapest_fixes(score, to="good", cost={"tour/x": D(1)})
    assert caught.value.problems[0].message.endswith(told)
    assert f"tour/i{min(count, 12) - 1}" in caught.value.problems[0].message


@pytest.mark.parametrize(
    ("limits", "expected"),
    [(least(59), []), (least(60), ["lamp"]), (Limits(above=D(59)), ["lamp"]), (Limits(above=D(58)), [])],
)
def test_what_a_veto_allows_is_not_in_the_way(limits: Limits, expected: list[str]) -> None:
    """A limit on points stands in the way of a band only where the band begins above it."""
    one = sound(
        points(),
        veto(select=Select(items=("lamp",)), points_at_most=D(59)),
        places=0,
        bands=(band("good", total=limits), band("poor")),
    )

    assert expected == fixed(one, passing("lamp"))


def test_of_equally_dear_sets_the_one_with_fewest_fixes() -> None:
    """Where two sets of fixes cost the same, the smaller one is chosen."""
    one = sound(points(by_severity=weights(critical=2)), bands=(band("good", total=least(60)), band("poor")))

    assert ["fascia"] == fixed(one, passing("fascia", "plate", "lamp"), fascia=2)
    assert ["plate", "lamp"] == fixed(one, passing("fascia", "plate", "lamp"), fascia=3)


def test_what_cannot_be_said() -> None:
    """A score of another policy, no score, bands that could fall and bands out of reach are refused with the reason."""
    one = sound(points(), bands=GOOD)
    other = attrs.evolve(one, version="2")
    odd = sound(points(), bands=(band("good", total=most(60)), band("poor")))
    far = sound(points(worth=70), bands=GOOD)

    with pytest.raises(Unsupported, match="the score is of 'house' '2'"):
        one.cheapest_fixes(other.score(passing()), to="good")
    with pytest.raises(Unsupported, match="there is no score: "):
        one.cheapest_fixes(one.score(Evidence.of()), to="good")
    with pytest.raises(Unsupported, match="may mean a worse band"):
        odd.cheapest_fixes(odd.score(passing()), to="good")
    with pytest.raises(Unsupported, match="fixing everything does not reach 'good'"):
        far.cheapest_fixes(far.score(passing("lamp")), to="good")


def test_a_search_that_is_too_large_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond its bound the search says so instead of guessing."""
    monkeypatch.setattr(covering, "LIMIT", 3)
    one = sound(points(by_severity=weights(critical=5, major=3)), bands=GOOD)

    with pytest.raises(Unsupported, match="more than 3 sets of fixes would have to be compared"):
        fixed(one, passing(*ALL), fascia=3, plate=2)


@attrs.frozen
class Model:
    """A policy that cannot say what to fix."""

    id: str = "acme.model"
    version: str = "1"
    capabilities: frozenset[str] = frozenset()

    def score(self, evidence: Evidence) -> Decision[Score]:
        """Score everything alike."""
        trace = Trace(policy=self.id, version=self.version, inputs=evidence.refs)
        return Decision(Score(points=D(50), band=None), trace)

    def cheapest_fixes(self, score: Decision[Score], *, to: str, cost: Mapping[str, Decimal] | None = None) -> FixPlan:
        """Refuse."""
        raise Unsupported("cheapest_fixes", f"policy {self.id!r}", "it does not declare 'explainable'")


def test_a_policy_that_is_not_explainable_refuses() -> None:
    """Any class with the methods is a policy; one that is not explainable refuses by name."""
    one: ScoringPolicy = Model()

    assert isinstance(one, ScoringPolicy)
    assert isinstance(sound(points()), ScoringPolicy)
    with pytest.raises(Unsupported, match=r"policy 'acme\.model' does not support cheapest_fixes: it does not declare"):
        one.cheapest_fixes(one.score(passing()), to="good")


def test_a_band_limit_that_stands_in_nobodys_way() -> None:
    """A veto that allows the band asked for, and says nothing of points, is not fixed for it."""
    one = sound(points(), veto(band_at_most="fair"), bands=GOOD)

    assert ["plate"] == fixed(one, passing("fascia", "plate", "lamp"), "fair", lamp=3, fascia=3)


def test_covering_by_hand() -> None:
    """Nothing needed costs nothing, what cannot be met has no price, and a bound from above is kept."""
    assert (0, ()) == cover([], [0])
    assert None is cover([], [1])
    assert None is cover([Offer(5, (3,))], [3], below=5)
    assert (5, (0,)) == cover([Offer(5, (3,))], [3], below=6)
    assert None is cover([], [0], below=0)
    assert (7, (0, 1)) == cover([Offer(3, (0,), (4,)), Offer(4, (0,), (4,))], [3], [5])


def test_covering_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """More states than the bound are refused by number."""
    monkeypatch.setattr(covering, "LIMIT", 2)

    with pytest.raises(TooMany, match="more than 2 sets"):
        cover([Offer(3, (3,)), Offer(2, (2,)), Offer(4, (5,))], [7])


def test_selects_and_bounds_are_used_together() -> None:
    """A veto over a selection, a gate and a second band limit leave one cheapest way."""
    one = sound(
        points("signs", 60, select=SIGNS),
        points("hall", 40, select=HALL),
        veto(select=Select(items=("desk",)), band_at_most="poor"),
        gate(part="signs", percent_at_least=D(60), band_at_most="poor"),
        bands=GOOD,
    )
    held = Evidence(sheet(*(bad(name) for name in ALL)), bound(passing().readings[0].bound.checklist))

    assert ["plate", "lamp", "floor", "desk"] == fixed(one, held, fascia=2)
    assert ["plate", "lamp", "desk"] == fixed(one, held, "fair", fascia=2)


def test_limits_that_are_kept_already_ask_nothing() -> None:
    """A band that the floor reaches, or whose aggregate is good enough, asks no fix for it."""
    worst = FrozenMap({"worst": Aggregate(of="minimum", over="items")})
    bands = (band("good", total=least(80), worst=least(0)), band("fair", worst=least(50)), band("poor"))
    one = sound(points(), veto(points_at_most=D(10)), aggregates=worst, bands=bands)
    low = sound(points(), bands=(band("good", total=least(90)), band("fair", total=least(0))))

    assert ["fascia"] == fixed(one, passing("fascia", "lamp"), "good", lamp=3)
    assert [] == fixed(one, passing("fascia"))[1:]
    assert [] == fixed(low, passing(*ALL), "fair")


def test_what_no_fix_can_make_applicable() -> None:
    """A sum over parts in which nothing applies stays nothing, whatever is fixed."""
    shares = FrozenMap({"sum": Aggregate(of="sum", over="parts", ids=("hall",))})
    bands = (band("good", sum=least(50)), band("poor"))
    one = sound(points("signs", select=SIGNS), points("hall", select=HALL), aggregates=shares, bands=bands)

    with pytest.raises(Unsupported, match="fixing everything does not reach"):
        plan(one, passing("lamp", absent=("floor", "desk")))


def test_costs_are_of_what_was_scored() -> None:
    """A cost of what the score does not have is refused with what it has; whole numbers are costs."""
    one = sound(points(), bands=GOOD)
    score = one.score(passing("lamp", "floor", "plate"))

    plan = one.cheapest_fixes(score, to="good", cost={"tour/lamp": 9, "tour/floor": 9, "tour/plate": 9})

    assert {D(9)} == {fix.cost for fix in plan.fixes}
    with pytest.raises(InputError, match="Unknown item; the score has: tour/fascia"):
        one.cheapest_fixes(score, to="good", cost={"nonsense": D(3)})
    with pytest.raises(InputError, match="Expected a Decimal or a whole number"):
        one.cheapest_fixes(score, to="good", cost={"tour/lamp": "3"})  # type: ignore[dict-item]


HALVES: dict[str, Any] = {"places": 0, "start": D(0), "floor": D(-100)}
"""Whole numbers, and room below zero."""


def test_only_a_sound_policy_says_what_to_fix() -> None:
    """A policy with problems refuses, even with a score that another one gave under its name."""
    score = sound(points(), bands=GOOD).score(passing("lamp"))
    broken = sound(points(), bands=GOOD)
    broken = attrs.evolve(broken, parts=(points(worth=-1),))

    with pytest.raises(InputError, match="policy 'house'"):
        broken.cheapest_fixes(score, to="good")


def test_caps_are_worked_off_exactly() -> None:
    """Points finer than what is shown are counted exactly, however much of them a cap leaves out."""
    one = sound(deduction(points=D("10.25"), cap=D(25)), start=D(100), places=0, bands=GOOD)

    assert ["fascia", "plate", "lamp"] == fixed(one, passing(*ALL))
    assert D(80) == plan(one, passing(*ALL)).points


@pytest.mark.parametrize(("limit", "expected"), [(-5, []), (-10, []), (-4, ["lamp"])])
def test_a_veto_below_zero(limit: int, expected: list[str]) -> None:
    """A limit on points below zero is in the way of a band only where the band begins above it."""
    one = sound(
        points(worth=1),
        veto(select=Select(items=("lamp",)), points_at_most=D(-5)),
        **HALVES,
        bands=(band("good", total=least(limit)), band("poor")),
    )

    assert expected == fixed(one, passing("lamp"))


def test_what_the_floor_reaches_asks_nothing() -> None:
    """A band that the lowest total belongs to is reached however much was lost."""
    bands = (band("good", total=least(15)), band("fair", total=least(10)))
    one = sound(deduction(points=D(9)), start=D(20), floor=D(10), bands=bands)

    assert [] == fixed(one, passing(*ALL), "fair")


def test_a_weighted_mean_that_is_just_missed() -> None:
    """Parts with 40 of 100 in worth make a mean of 40 and no more."""
    mean = FrozenMap({"it": Aggregate(of="weighted_mean", over="parts")})
    one = sound(
        points("signs", 60, select=SIGNS),
        points("hall", 40, select=HALL),
        aggregates=mean,
        bands=(band("good", it=least("40.2")), band("poor")),
    )

    assert ["fascia", "floor", "desk"] == fixed(one, passing(*ALL), fascia=9, plate=9, lamp=9)


def test_no_single_loss_at_all() -> None:
    """Where nothing may be lost at once, everything that loses is fixed."""
    worst = FrozenMap({"worst": Aggregate(of="maximum", over="deductions")})
    bands = (band("good", worst=most(0)), band("poor"))
    one = sound(deduction(by_severity=weights(major=3)), start=D(100), aggregates=worst, bands=bands)

    assert ["plate"] == fixed(one, passing("plate", "lamp"))


@pytest.mark.parametrize(("limit", "expected"), [(71, ["b"]), (72, ["a", "b"])])
def test_ratings_that_are_good_enough_stay(limit: int, expected: list[str]) -> None:
    """Where the worst item counts, a rating of five sevenths is 71 percent and is fixed from 72 on."""
    one = asks(item("a", answer=Scale(low=0, high=7)), item("b", answer=Scale(low=0, high=7)))
    worst = FrozenMap({"worst": Aggregate(of="minimum", over="items")})
    bands = (band("good", worst=least(limit)), band("poor"))
    policy = sound(points(), ratings="proportional", aggregates=worst, bands=bands)

    assert expected == fixed(policy, evidence(says("a", "5"), says("b", "2"), one=one))


def test_a_percentage_that_is_rounded_up() -> None:
    """37.5 percent is shown as 38, and so is good enough for 38."""
    one = asks(item("a", answer=Scale(low=0, high=8)))
    worst = FrozenMap({"worst": Aggregate(of="minimum", over="items")})
    bands = (band("good", worst=least(38)), band("poor"))
    policy = sound(points(), ratings="proportional", aggregates=worst, places=0, bands=bands)

    assert [] == fixed(policy, evidence(says("a", "3"), one=one))


def test_a_loss_that_is_rounded_up() -> None:
    """A single loss of 2.5 is shown as 3, and so is too much where 2 are allowed."""
    worst = FrozenMap({"worst": Aggregate(of="maximum", over="deductions")})
    bands = (band("good", worst=most(2)), band("poor"))
    one = sound(deduction(points=D("2.5")), start=D(100), places=0, aggregates=worst, bands=bands)

    assert ["lamp"] == fixed(one, passing("lamp"))


@pytest.mark.parametrize(("limit", "start", "expected"), [(1, 1, []), (0, 0, ["lamp"]), (2, 2, [])])
def test_halves_next_to_zero(limit: int, start: int, expected: list[str]) -> None:
    """A half above zero makes 1, and a half below it makes -1."""
    one = sound(
        deduction(points=D("0.5")),
        **{**HALVES, "start": D(start)},
        bands=(band("good", total=least(limit)), band("poor")),
    )

    assert expected == fixed(one, passing("lamp"))


def test_the_lower_cost_comes_before_fewer_fixes() -> None:
    """However many fixes that cost nothing it takes, they come before one that costs something."""
    one = asks(*(item(f"i{at}") for at in range(6)))
    policy = sound(points(weights=weights(i0=5)), bands=(band("good", total=least(50)), band("poor")))
    held = evidence(*(bad(f"i{at}") for at in range(6)), one=one)

    assert [f"i{at}" for at in range(1, 6)] == fixed(
        policy, held, "good", **{f"i{at}": int(at == 0) for at in range(6)}
    )


@pytest.mark.parametrize(
    ("limit", "minor", "expected"),
    [(90, "9.5", ["fascia", "lamp"]), (91, "9.5", ["fascia", "lamp", "desk"]), (90, "10", ["fascia", "lamp"])],
)
def test_what_a_veto_asks_may_work_a_cap_off(limit: int, minor: str, expected: list[str]) -> None:
    """Once what has to be fixed brings a loss below its cap, each further fix counts in full and no more."""
    lost = deduction(by_severity=weights(critical=20, minor=minor), cap=D(25))
    bands = (band("good", total=least(limit)), band("poor"))
    one = sound(lost, veto(band_at_most="poor"), start=D(100), bands=bands)

    assert expected == fixed(one, passing("fascia", "lamp", "desk"), desk=2)


@pytest.mark.parametrize(("limit", "expected"), [("50", ["fascia", "floor"]), ("50.5", ["fascia", "floor", "desk"])])
def test_what_a_veto_asks_counts_only_where_it_gains(limit: str, expected: list[str]) -> None:
    """What has to be fixed in any case adds nothing to a part that it does not belong to."""
    hall = FrozenMap({"hall": Aggregate(of="sum", over="parts", ids=("hall",))})
    one = sound(
        points("signs", 60, select=SIGNS),
        points("hall", 40, select=HALL),
        veto(band_at_most="poor"),
        aggregates=hall,
        bands=(band("good", hall=least(limit)), band("poor")),
    )

    assert expected == fixed(one, passing("fascia", "floor", "desk"))


def test_what_does_not_apply_is_not_in_the_mean() -> None:
    """Of four items that apply, two make a mean of 50."""
    mean = FrozenMap({"it": Aggregate(of="weighted_mean", over="items")})
    one = sound(points(), aggregates=mean, bands=(band("good", it=least(50)), band("poor")))

    assert ["fascia", "plate"] == fixed(one, passing("fascia", "plate", "floor", "desk", absent=("lamp",)))


def test_a_cap_and_a_gate_together() -> None:
    """What a cap has left out counts for the total, and never for the part that a gate looks at."""
    one = sound(
        points("hall", 20, select=HALL),
        deduction(select=SIGNS, points=D(20), cap=D(30)),
        gate(part="hall", percent_at_least=D(50), band_at_most="poor"),
        start=D(80),
        bands=GOOD,
    )

    assert ["fascia", "plate", "floor", "desk"] == fixed(one, passing(*ALL), lamp=3)


def test_a_second_way_counts_only_where_it_is_cheaper() -> None:
    """Of two parts that may be brought to the top, the cheaper one is, whatever a veto asks besides."""
    top = FrozenMap({"top": Aggregate(of="maximum", over="parts")})
    one = sound(
        points("signs", 60, select=SIGNS),
        points("hall", 40, select=HALL),
        veto(select=Select(items=("desk",)), band_at_most="poor"),
        aggregates=top,
        bands=(band("good", top=least(100)), band("poor")),
    )

    assert ["lamp", "desk"] == fixed(one, passing("lamp", "floor", "desk"), desk=5, floor=2)
