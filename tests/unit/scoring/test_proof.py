"""Every problem of a policy has a document that has it, and it alone; so has every misfit with a checklist."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import attrs
import pytest

from branchkit.checklists import Choice, Item, Judgement, Option, Rows, Scale, Signature
from branchkit.conditions import Compare, Exists, FactSpec, FactType, Op
from branchkit.errors import DecodeError
from branchkit.scoring import Aggregate, Deduction, Limits, RubricPolicy, Select, lint_policy
from branchkit.scoring import bands as bands_module
from branchkit.values import FrozenMap, Severity, Text
from tests.unit.checklists.tours import asks, checklist, item, section
from tests.unit.scoring.rubrics import (
    HALL,
    SIGNS,
    TOUR,
    WORDS,
    D,
    band,
    deduction,
    gate,
    least,
    most,
    points,
    policy,
    sound,
    veto,
    weights,
)

ENGLISH = Text(en="words")
TWO_BANDS = (band("a", total=least(60)), band("b"))
WORST = FrozenMap({"worst": Aggregate(of="minimum", over="items")})
PEAK = FactSpec("peak", FactType.NUMBER)
BUSY = Compare("peak", Op.GT, D(3))
P = "$.parts[0]"


def taken(**more: Any) -> RubricPolicy:
    return policy(deduction(**more))


MORE: list[tuple[RubricPolicy, list[str]]] = [
    (attrs.evolve(policy(points()), id="a" * 100), []),
    (attrs.evolve(policy(points()), id="a" * 101), ["$.id"]),
    (policy(points(worth=1)), []),
    (policy(points(worth="0.5")), []),
    (policy(points(), ceiling=D("99.99"), floor=D("-0.01")), []),
    (policy(points(), places=9, ceiling=D("99.123456789"), bands=(band("a", total=least(9)),)), ["$.bands"]),
    (policy(points(), places=0, bands=(band("a", total=least(9)),)), ["$.bands"]),
    (policy(points(), places=10, bands=(band("a", total=least(9)),)), ["$.places"]),
    (policy(points(), places=-1, bands=(band("a", total=least(9)),)), ["$.places"]),
    *(
        (
            policy(deduction(points=D(1), when=Compare(name, Op.GT, D(3))), facts=(FactSpec(name, FactType.NUMBER),)),
            ["$.facts[0].name"] if name != "sat.peak" else [],
        )
        for name in ("answer.peak", "branch.peak", "at.peak", "sat.peak")
    ),
    (policy(points(), aggregates=WORST, bands=(band("a", worst=least(100)), band("b"))), []),
    (
        policy(points(), aggregates=WORST, bands=(band("a", worst=least(101)), band("b"))),
        ["$.bands[0].limits.worst.at_least"],
    ),
    (
        policy(
            points(), deduction(points=D(1)), bands=(band("a", it=most(101)), band("b")),
            aggregates=FrozenMap({"it": Aggregate(of="sum", over="deductions")}),
        ),
        [],
    ),
    (taken(points=D("0.5"), cap=D(1)), []),
    (taken(points=D(-1), cap=D(0)), [P, f"{P}.cap"]),
    (taken(cap=D("0.5")), [P]),
    (policy(points(), gate(part="all", percent_at_least=D(100), points_at_most=D(0))), []),
    (
        policy(points(), gate(part="all", percent_at_least=D("100.5"), points_at_most=D(0))),
        ["$.parts[1].percent_at_least"],
    ),
    (
        policy(points(), bands=(band("a", total=least(60)), band("a", total=least(70)), band("b"))),
        ["$.bands[1].code"],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("one", "paths"), MORE)
def test_what_is_just_allowed_and_just_not(one: RubricPolicy, paths: list[str]) -> None:
    """Bounds on a policy's own settings are where they are said to be."""
    assert paths == [problem.path for problem in one.validate()]


BROKEN: list[tuple[RubricPolicy, str, str]] = [
    (attrs.evolve(policy(points()), id=" "), "$.id", "Expected an id"),
    (policy(points(), version=""), "$.version", "Expected a version"),
    (policy(points(), title=ENGLISH), "$.title.zh", "Expected words in both languages"),
    (policy(points(), ceiling=D(0)), "$.ceiling", "Expected a number above `floor`"),
    (policy(points(), start=D(101)), "$.start", "Expected a number from `floor` to `ceiling`"),
    (policy(points(), places=10), "$.places", "Expected 0 to 9 digits"),
    (policy(points(), ceiling=D("99.995")), "$.ceiling", "Expected a number of at most 2 digits after the point"),
    (policy(points(), floor=D("-0.001")), "$.floor", "Expected a number of at most 2 digits after the point"),
    (policy(), "$.parts", "Expected at least one part"),
    (policy(points(), checklists=()), "$.checklists", "Expected at least one checklist"),
    (policy(points(), checklists=("tour", "tour")), "$.checklists[1]", "Expected each checklist once"),
    (policy(points(), points()), "$.parts[1].id", "Expected each part once; 'all'"),
    (policy(attrs.evolve(points(), title=ENGLISH)), f"{P}.title.zh", "Expected words in both languages"),
    (
        policy(attrs.evolve(deduction(points=D(1)), reason=ENGLISH)),
        f"{P}.reason.zh",
        "Expected words in both languages",
    ),
    (policy(points(worth=0)), f"{P}.worth", "Expected a number above 0"),
    (policy(points(weights=weights(a=-1))), f"{P}.weights.a", "Expected a weight of 0 or more"),
    (
        policy(points(by_severity=weights(bad=1))),
        f"{P}.by_severity",
        "Unknown severity 'bad'; there are: warning, minor",
    ),
    (policy(points(by_basis=weights(heard=0))), f"{P}.by_basis", "Unknown basis 'heard'"),
    (policy(points(by_basis=weights(advice=1))), f"{P}.by_basis.advice", "Has no effect: a factor of 1"),
    (policy(points(select=Select(checklists=("x",)))), f"{P}.select.checklists", "Unknown checklist 'x'"),
    (policy(points(select=Select(bases=("heard",)))), f"{P}.select.bases", "Unknown basis 'heard'"),
    (taken(), P, "Expected exactly one of points, by_severity, by_value"),
    (taken(points=D(1), by_value=weights(fail=1)), P, "Expected exactly one of points, by_severity, by_value"),
    (taken(points=D(-1)), P, "Expected points to take away as numbers of 0 or more"),
    (taken(by_value=weights(fail=0)), P, "Has no effect: takes no points away"),
    (taken(by_severity=weights(bad=1)), f"{P}.by_severity", "Unknown severity 'bad'"),
    (taken(points=D(5), cap=D(5)), f"{P}.cap", "Expected a cap above the points of a single deduction"),
    (taken(points=D(1), rules=("R1",)), f"{P}.rules[0]", "Expected a rule id"),
    (taken(by_value=weights(fail=1), when=BUSY), f"{P}.when", "Expected `points` with it"),
    (taken(points=D(1), when=BUSY, cap=D(3)), f"{P}.cap", "Has no effect: facts take the points once"),
    (taken(points=D(1), when=BUSY, select=SIGNS), f"{P}.select", "Has no effect beside `when`"),
    (policy(points(), veto()), "$.parts[1]", "Has no effect: expected points_at_most or band_at_most"),
    (policy(points(), veto(points_at_most=D(100))), "$.parts[1].points_at_most", "Expected a number from `floor`"),
    (
        policy(points(), veto(points_at_most=D("9.999"))),
        "$.parts[1].points_at_most",
        "Expected a number of at most 2 digits",
    ),
    (policy(points(), veto(band_at_most="a")), "$.parts[1].band_at_most", "Unknown band 'a'; there are: none"),
    (
        policy(points(), veto(band_at_most="a"), bands=TWO_BANDS),
        "$.parts[1].band_at_most",
        "Has no effect: it is the best",
    ),
    (
        policy(points(), gate(part="x", percent_at_least=D(1), points_at_most=D(1))),
        "$.parts[1].part",
        "Expected a part of",
    ),
    (
        policy(points(), gate(part="all", percent_at_least=D(0), points_at_most=D(1))),
        "$.parts[1].percent_at_least",
        "Expected a percentage above 0",
    ),
    (
        policy(points(), aggregates=FrozenMap({"total": Aggregate(of="sum", over="parts")})),
        "$.aggregates.total",
        "Expected another name",
    ),
    (
        policy(points(), aggregates=FrozenMap({"a b": Aggregate(of="sum", over="parts")}), bands=TWO_BANDS),
        '$.aggregates["a b"]',
        "Expected a name of letters",
    ),
    (
        policy(points(), aggregates=FrozenMap({"x": Aggregate(of="sum", over="deductions")})),
        "$.aggregates.x.over",
        "Has no effect: the policy has nothing of the kind",
    ),
    (
        policy(points(), aggregates=FrozenMap({"x": Aggregate(of="sum", over="parts", ids=("y",))})),
        "$.aggregates.x.ids",
        "Unknown part 'y'; there are: all",
    ),
    (policy(points(), scored_when=BUSY), "$.not_scored_reason", "Expected the reason given"),
    (policy(points(), not_scored_reason=WORDS), "$.not_scored_reason", "Has no effect without `scored_when`"),
    (policy(points(), scored_when=BUSY, not_scored_reason=ENGLISH), "$.not_scored_reason.zh", "Expected words in both"),
    (policy(points(), facts=(PEAK,)), "$.facts[0]", "Has no effect: nothing in the policy looks at 'peak'"),
    (
        policy(deduction(points=D(1), when=BUSY), facts=(PEAK, PEAK)),
        "$.facts[1].name",
        "Expected a name of its own",
    ),
    (
        policy(deduction(points=D(1), when=BUSY), checklists=()),
        f"{P}.when.fact",
        "Unknown fact 'peak'; there are: none",
    ),
    (
        policy(
            deduction(points=D(1), when=BUSY),
            checklists=(),
            facts=(PEAK,),
            scored_when=Exists("moon"),
            not_scored_reason=WORDS,
        ),
        "$.scored_when.exists",
        "Unknown fact 'moon'",
    ),
    (policy(points(), rules=("R1",)), "$.rules[0]", "Expected a rule id"),
    (policy(points(), rules=("estate:EST-OUT-01",) * 2), "$.rules[1]", "Expected each rule once"),
    (policy(points(), bands=(band("a", total=least(6)), band("a"))), "$.bands[1].code", "Expected each band once"),
    (
        policy(points(), bands=(attrs.evolve(TWO_BANDS[0], title=ENGLISH), TWO_BANDS[1])),
        "$.bands[0].title.zh",
        "Expected words in both languages",
    ),
    (
        policy(points(), bands=(band("a", x=least(6)), band("b"))),
        "$.bands[0].limits.x",
        "Unknown aggregate 'x'; there are",
    ),
    (
        policy(points(), bands=(band("a", total=Limits()), band("b"))),
        "$.bands[0].limits.total",
        "Has no effect: expected",
    ),
    (policy(points(), bands=(band("a", total=least(60)),)), "$.bands", "No band for: total = "),
    (
        policy(points(), bands=(band("a", total=least(60)), band("b", total=least(70)), band("c"))),
        "$.bands[1]",
        "Unreachable: the bands above fit whatever this band fits",
    ),
    (
        policy(points(), bands=(band("a", total=Limits(at_least=D(9), above=D(8))), band("b"))),
        "$.bands[0].limits.total",
        "Expected only one of from and above",
    ),
    (
        policy(points(), bands=(band("a", total=least(101)), band("b"))),
        "$.bands[0].limits.total.at_least",
        "Expected at most 100",
    ),
    (
        policy(points(), bands=(band("a", total=Limits(at_least=D(9), at_most=D(101))), band("b"))),
        "$.bands[0].limits.total.at_most",
        "Expected at most 100",
    ),
    (
        policy(points(), places=0, bands=(band("a", total=Limits(above=D("89.1"), below=D("89.9"))), band("b"))),
        "$.bands[0].limits.total",
        "Unreachable: no whole number, as `places` says, lies within",
    ),
    (
        policy(points(), places=1, bands=(band("a", total=Limits(above=D("89.1"), below=D("89.2"))), band("b"))),
        "$.bands[0].limits.total",
        "Unreachable: no number of 1 digits after the point, as `places` says, lies within",
    ),
    (
        policy(points(), bands=(band("a", total=Limits(above=D(100))), band("b"))),
        "$.bands[0].limits.total",
        "Unreachable: no number of 2 digits",
    ),
    (
        policy(points(), places=0, bands=(band("a", total=least("89.2")), band("b", total=most("88.9")))),
        "$.bands",
        "No band for: total = 89",
    ),
    (
        policy(
            points(),
            places=0,
            bands=(band("a", total=least("89.5")), band("b", total=least("89.9")), band("c")),
        ),
        "$.bands[1]",
        "Unreachable: the bands above fit whatever this band fits",
    ),
]


@pytest.mark.parametrize(("one", "path", "message"), BROKEN, ids=[f"{at}-{one[1]}" for at, one in enumerate(BROKEN)])
def test_a_broken_policy_is_told_with_its_place(one: RubricPolicy, path: str, message: str) -> None:
    """A policy that breaks one rule has exactly that problem, at its place."""
    found = list(one.validate())

    assert [path] == [problem.path for problem in found]
    assert found[0].message.startswith(message)


def test_a_gap_between_two_aggregates_has_a_witness() -> None:
    """Bands over a total and a worst item that leave something out are refused with numbers that no band takes."""
    bands = (band("a", total=least(90), worst=least(60)), band("b", total=most(89)))
    found = [str(problem) for problem in policy(points(), aggregates=WORST, bands=bands).validate()]

    assert found
    assert all(
        one.startswith("No band for: total = ") and "worst = " in one and one.endswith("`$.bands`") for one in found
    )


def test_bands_that_need_no_last_resort() -> None:
    """Bands over two aggregates that cover everything between them are accepted without an open last one."""
    bands = (
        band("a", total=least(90), worst=least(60)),
        band("b", total=least(90), worst=Limits(below=D(60))),
        band("c", total=Limits(below=D(90))),
    )

    assert {"explainable", "monotone"} <= sound(points(), aggregates=WORST, bands=bands).capabilities


def test_what_lies_between_numbers_that_can_be_shown_is_no_gap() -> None:
    """Bands that meet between two neighbouring results leave nothing out, and better results never mean a worse band.

    With a digit more, there are results between them.
    """
    bands = (
        band("a", total=least(90)),
        band("b", total=Limits(at_least=D(60), at_most=D(89))),
        band("c", total=most("59.4")),
    )

    assert "monotone" in sound(points(), places=0, bands=bands).capabilities
    assert {"$.bands"} == {problem.path for problem in policy(points(), places=1, bands=bands).validate()}


def test_an_aggregate_no_band_asks_is_fine() -> None:
    """A number may be shown without any band asking it."""
    assert [] == list(policy(points(), aggregates=WORST, bands=TWO_BANDS).validate())
    assert [] == list(policy(points(), aggregates=WORST, bands=(band("only"),)).validate())


@pytest.mark.parametrize(
    ("bands", "monotone"),
    [
        (TWO_BANDS, True),
        ((band("a", total=least(60)), band("b", total=Limits(below=D(60)))), True),
        ((band("a", total=Limits(at_least=D(60), at_most=D(90))), band("b")), False),
        ((band("a", total=most(60)), band("b")), False),
        ((band("a", total=Limits(at_least=D(60), at_most=D(90))), band("b", total=most(100))), False),
        ((band("a", total=Limits(at_least=D(60), at_most=D("99.98"))), band("b")), False),
        ((band("a", total=least(90)), band("b", total=Limits(above=D(0))), band("c")), True),
        ((band("a", loss=most(10)), band("b")), True),
        ((band("a", loss=Limits(at_least=D(2), at_most=D(10))), band("b")), False),
        ((band("a", loss=Limits(below=D(3))), band("b", loss=Limits(at_least=D(3), at_most=D(10))), band("c")), True),
        ((band("a", loss=least(10)), band("b")), False),
        ((band("a", mean=most(10)), band("b")), False),
        ((band("a", mean=least(1)), band("b")), False),
        ((band("a", loss=Limits(at_least=D(0), at_most=D(10))), band("b")), True),
        ((band("a", total=most("99.99")), band("b")), False),
        ((band("a", total=Limits(at_least=D(60), at_most=D("99.99"))), band("b")), False),
        ((band("a", total=Limits(at_least=D(50), below=D(90))), band("b")), False),
        ((band("a", total=least(1)), band("b", total=Limits(below=D("0.5"))), band("c")), False),
        ((band("a", total=least("60.01")), band("b", total=Limits(at_least=D(60), at_most=D(60))), band("c")), True),
        (
            (band("a", total=Limits(above=D(60))), band("b", total=Limits(at_least=D(50), below=D(60))), band("c")),
            False,
        ),
        ((), True),
    ],
)
def test_what_a_policy_declares(bands: Any, monotone: bool) -> None:
    """A policy is explainable and monotone just where no fix can lower its band."""
    aggregates = {
        "loss": Aggregate(of="maximum", over="deductions"),
        "mean": Aggregate(of="weighted_mean", over="deductions"),
    }
    one = sound(points(), deduction(points=D(3)), aggregates=FrozenMap(aggregates), bands=bands)

    assert {"na_neutral", "order_independent"} <= one.capabilities
    assert monotone == ("monotone" in one.capabilities) == ("explainable" in one.capabilities)


def test_bands_below_zero_are_tried_as_well() -> None:
    """A better number that means a worse band counts below zero as above it."""
    bands = (band("a", total=least(0)), band("b", total=Limits(at_least=D(-50), at_most=D(-20))), band("c"))

    assert "monotone" not in sound(points(), floor=D(-100), bands=bands).capabilities


def test_bands_that_leave_something_out_are_not_monotone() -> None:
    """A policy with problems claims nothing of bands that some results do not have."""
    gap = policy(points(), places=0, bands=(band("a", total=least(90)), band("b", total=most(60))))

    assert "monotone" not in gap.capabilities


def test_a_policy_declares_only_what_was_proved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there are too many results to try them all, better ones may mean a worse band."""
    bands = (
        band("a", total=least(90)),
        band("b", total=Limits(at_least=D(60), at_most=D(89))),
        band("c", total=most(59)),
    )
    many = sound(points(), places=0, bands=bands)
    monkeypatch.setattr(bands_module, "_MOST_CASES", 2)

    assert "monotone" not in many.capabilities
    monkeypatch.setattr(bands_module, "_MOST_CASES", 3)
    assert "monotone" in sound(points(), places=0, bands=bands).capabilities


def test_an_end_above_everything_is_none() -> None:
    """A band that ends at the highest number there is takes whatever is left."""
    assert "monotone" in sound(points(), bands=(band("a", total=most(100)),)).capabilities
    assert "monotone" in sound(points(), bands=(band("a", total=least(60)), band("b", total=most(100)))).capabilities


def test_bands_of_a_policy_without_numbers_are_not_looked_into() -> None:
    """Where floor and ceiling leave nothing between them, that is all there is to say of the bands."""
    wrong = policy(points(), floor=D(100), bands=(band("a", total=least(101)), band("b")))

    assert ["$.ceiling"] == [problem.path for problem in wrong.validate()]


def test_bands_by_a_number_without_a_name_are_not_looked_into() -> None:
    """A band may ask for an aggregate whose name is none, and only the name is told, once."""
    nameless = FrozenMap({"a b": Aggregate(of="sum", over="parts")})
    best = attrs.evolve(band("best"), limits=FrozenMap({"a b": least(50)}))
    wrong = policy(points(), aggregates=nameless, bands=(best, band("rest")))

    assert ['$.aggregates["a b"]'] == [problem.path for problem in wrong.validate()]


def test_every_problem_is_told_at_once() -> None:
    """Reading a policy lists every problem in it."""
    with pytest.raises(DecodeError) as caught:
        RubricPolicy.from_json(policy(points(worth=0), points(worth=0), version=" ").to_json())

    assert ["$.version", "$.parts[0].worth", "$.parts[1].id", "$.parts[1].worth"] == [
        problem.path for problem in caught.value.problems
    ]


CODES = Choice(options=(Option("high", text=WORDS), Option("low", text=WORDS)))
OPEN = Choice(options=CODES.options, open=True)


def fits(one: RubricPolicy, *items: Item) -> list[tuple[str, str]]:
    """Return what does not fit between a policy and a checklist of these items, or the usual one."""
    known = checklist(section(*items)) if items else TOUR
    assert [] == list(known.validate())
    return [(problem.path, problem.message) for problem in lint_policy(one, {"tour": known})]


@pytest.mark.parametrize(
    ("one", "path", "message"),
    [
        (
            policy(points(), checklists=("tour", "night")),
            "$.checklists[1]",
            "Unknown checklist 'night'; there are: tour",
        ),
        (
            policy(points(select=Select(sections=("roof",)))),
            f"{P}.select.sections[0]",
            "Unknown section 'roof'; there are",
        ),
        (
            policy(points(select=Select(items=("roof",)))),
            f"{P}.select.items[0]",
            "Unknown item 'roof'; there are: desk",
        ),
        (policy(points(weights=weights(roof=1))), f"{P}.weights.roof", "Has no effect: the part selects no such item"),
        (
            policy(points(weights=weights(floor=1), select=SIGNS)),
            f"{P}.weights.floor",
            "Has no effect: the part selects",
        ),
        (
            policy(points(select=Select(items=("lamp",)), weights=weights(lamp=0))),
            f"{P}.select",
            "Has no effect: nothing that it selects can pass or fail",
        ),
        (
            policy(points("one", select=HALL), points("two", select=Select(items=("desk",)))),
            "$.parts[1].select",
            "Expected each item to count once; tour/desk counts in 'one' already",
        ),
        (
            policy(deduction(select=Select(severities=(Severity.WARNING,)), points=D(1))),
            f"{P}.select",
            "Has no effect: nothing that it selects can fail",
        ),
        (policy(deduction(select=HALL, by_severity=weights(critical=1))), f"{P}.select", "Has no effect: nothing that"),
        (
            policy(points(), veto(select=Select(bases=("suggested",)), points_at_most=D(1))),
            "$.parts[1].select",
            "Has no",
        ),
        (
            policy(deduction(by_value=weights(fail=1, high=1))),
            f"{P}.by_value.high",
            "Has no effect: no item it selects",
        ),
        (
            policy(points(), scored_when=Exists("answer.roof"), not_scored_reason=WORDS),
            "$.scored_when.exists",
            "Unknown fact 'answer.roof'",
        ),
        (policy(deduction(points=D(1), when=Exists("moon"))), f"{P}.when.exists", "Unknown fact 'moon'"),
        (policy(points(), ratings="proportional"), "$.ratings", "Has no effect: no item that gives points is a scale"),
    ],
)
def test_a_misfit_is_told_with_its_place(one: RubricPolicy, path: str, message: str) -> None:
    """A policy that does not fit its checklist in one way is told that way, at its place."""
    found = fits(one)
    known = {p for p, _ in found}

    assert path in known
    assert next(m for p, m in found if p == path).startswith(message)
    assert {path} == known or "select.sections[0]" in path or "select.items[0]" in path


def test_what_fits() -> None:
    """A policy whose parts all have something to look at has no problem."""
    one = sound(
        points("signs", 50, select=SIGNS, weights=weights(lamp=2)),
        points("hall", 50, select=HALL, by_basis=weights(advice=0)),
        deduction("coded", by_value=weights(fail=2)),
        deduction("facts", when=BUSY, points=D(5)),
        veto(points_at_most=D(10)),
        gate(part="hall", percent_at_least=D(50), points_at_most=D(60)),
        facts=(PEAK,),
        scored_when=Exists("answer.lamp"),
        not_scored_reason=WORDS,
    )

    assert [] == fits(one)


def test_what_can_move_a_part() -> None:
    """An item moves a part by a judgement's severity, by its rating, or by not being answered."""
    judged = Judgement(when=Exists("answer"), outcome="fail", severity=Severity.CRITICAL)
    signed = item("a", answer=Signature(), judgements=(judged,))
    plain = item("a", answer=Signature())
    rated = item("a", answer=Scale(low=0, high=3))
    graded = policy(deduction(by_severity=weights(critical=3)))

    assert [] == fits(graded, signed)
    assert [f"{P}.select"] == [path for path, _ in fits(graded, plain)]
    assert [] == fits(policy(points(), ratings="proportional"), rated)
    assert [f"{P}.select"] == [path for path, _ in fits(policy(points()), rated)]
    idle = policy(points(select=Select(items=("b",))), ratings="proportional")
    assert ["$.ratings"] == [path for path, _ in fits(idle, rated, item("b"))]
    assert [] == fits(policy(points(), unanswered="failed"), plain)


def test_codes_are_those_of_the_items_selected() -> None:
    """Only a choice of one code and pass or fail have codes, and only where the part looks at them."""
    coded = policy(deduction(by_value=weights(high=3), select=Select(items=("a",))))
    several = Choice(options=CODES.options, several=True)

    assert [] == fits(coded, item("a", answer=CODES), item("b"))
    assert [f"{P}.by_value.high"] == [path for path, _ in fits(coded, item("a"), item("b", answer=CODES))]
    assert f"{P}.by_value.high" in [path for path, _ in fits(coded, item("a", answer=several))]
    assert f"{P}.by_value.high" in [path for path, _ in fits(coded, item("a", answer=Scale(low=0, high=3)))]


def test_a_selection_looks_into_its_own_checklists() -> None:
    """An item selected of one checklist is looked for there and nowhere else, and twenty of what is there are told."""
    forms = {
        "tour": checklist(section(*(item(f"i{at:02}") for at in range(25)))),
        "other": attrs.evolve(checklist(section(item("b"))), id="other"),
    }

    def said(of: str, name: str) -> list[str]:
        one = policy(
            points("x", select=Select(checklists=(of,), items=(name,))), points("rest", select=Select(items=("i24",))),
            checklists=("tour", "other"),
        )  # fmt: skip
        return [problem.message for problem in lint_policy(one, forms) if problem.path.endswith("items[0]")]

    assert ([], []) == (said("other", "b"), said("tour", "i01"))
    assert ["Unknown item 'i01'; there are: b"] == said("other", "i01")
    assert ["Unknown item 'b'; there are: " + ", ".join(f"i{at:02}" for at in range(20))] == said("tour", "b")


def test_rows_do_not_make_a_name_ambiguous() -> None:
    """An item asked in rows is no fact, so an item of the same name elsewhere is the only one."""
    facts = policy(
        deduction(points=D(1), when=Compare("answer.a", Op.EQ, "fail")), checklists=("tour", "other"), start=D(9)
    )
    forms = {
        "tour": checklist(section(item("a"))),
        "other": attrs.evolve(checklist(section(item("a"), rows=Rows())), id="other"),
    }

    assert () == lint_policy(facts, forms)


def test_codes_of_open_choices_are_not_checked() -> None:
    """An open list of codes may come to have any code; a closed one has only its own."""
    coded = policy(deduction(by_value=weights(other=3)))

    assert [] == fits(coded, item("a", answer=OPEN))
    assert [f"{P}.by_value.other"] == [path for path, _ in fits(coded, item("a", answer=CODES))]


def test_facts_alone_need_no_checklist() -> None:
    """A policy over facts alone fits whatever checklists there are."""
    one = sound(Deduction("busy", reason=WORDS, when=BUSY, points=Decimal(1)), checklists=(), facts=(PEAK,), start=D(9))

    assert () == lint_policy(one, {}) == lint_policy(one, {"tour": asks(item("a"))})


def test_what_there_is_instead_is_told() -> None:
    """A part that is not there and a code that nobody has are refused with those there are."""
    aside = gate(part="x", percent_at_least=D(1), points_at_most=D(1))
    coded = policy(deduction(by_value=weights(high=3), select=Select(items=("a",))))

    assert ["Expected a part of points: all"] == [one.message for one in policy(points(), aside).validate()]
    assert ["Expected a part of points: there is none"] == [
        one.message for one in policy(deduction(points=D(1)), aside).validate()
    ]
    assert ["fail, pass"] == [message.rpartition(": ")[2] for _, message in fits(coded, item("a"))]
    assert ["none"] == [
        message.rpartition(": ")[2] for _, message in fits(coded, item("a", answer=Scale(low=0, high=3)))
    ]


def test_what_stands_behind_a_gate_is_looked_at() -> None:
    """A part behind a gate is checked like those before it."""
    lost = deduction(points=D(1), select=Select(items=("nothing",)))
    one = policy(points(), gate(part="all", percent_at_least=D(1), points_at_most=D(1)), lost)

    assert "$.parts[2].select.items[0]" in [path for path, _ in fits(one)]
