"""Scores: every part alone and together, what limits them, and every line of the trace."""

from __future__ import annotations

import datetime as dt
import decimal
import pickle
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest

from branchkit.checklists import (
    Answer,
    Choice,
    EachEquipment,
    Judgement,
    Option,
    Outcome,
    Rows,
    Scale,
    Sheet,
    read,
    rebind,
)
from branchkit.conditions import Compare, Exists, FactSpec, FactType, Op
from branchkit.errors import InputError
from branchkit.scoring import Aggregate, Band, Evidence, Limits, RubricPolicy, Select, lint_policy
from branchkit.scoring.core import half_up
from branchkit.scoring.evidence import brought_by
from branchkit.scoring.exact import exact_decimal, round_to
from branchkit.scoring.score import plugin_of
from branchkit.scoring.tally import tally
from branchkit.values import FrozenMap, Ref, Severity, Text, Unknown
from tests.unit.checklists.tours import BRANCH, asks, bad, bound, checklist, item, ok, says, section, sheet
from tests.unit.scoring.rubrics import (
    HALL,
    ITEMS,
    SIGNS,
    TOUR,
    WORDS,
    D,
    band,
    deduction,
    evidence,
    gate,
    least,
    lines,
    most,
    passing,
    points,
    policy,
    result,
    sound,
    veto,
    weights,
)

TWO = (points("signs", 60, select=SIGNS), points("hall", 40, select=HALL))


def test_weighted_points() -> None:
    """Points are the share of weight that passed: by item first, then by severity, times a factor by basis."""
    part = points(weights=weights(lamp=3), by_severity=weights(critical=4, major=2), by_basis=weights(advice=0))
    one = sound(part)

    assert ("100.00", None) == result(one, passing())
    assert ("63.64", None) == result(one, passing("fascia"))
    assert ("88.89", None) == result(sound(points(by_basis=weights(advice="0.5"))), passing("desk"))
    assert ("72.73", None) == result(one, passing("lamp"))
    assert ("100.00", None) == result(one, passing("desk"))
    assert ("0.00", None) == result(one, passing("fascia", "plate", "lamp", "floor"))


def test_sections_weigh_by_their_worth() -> None:
    """Each part gives its worth in proportion to what passed in it."""
    assert ("80.00", None) == result(sound(*TWO), passing("plate"))
    assert ("60.00", None) == result(sound(*TWO), passing("floor", "desk"))


def test_what_does_not_apply_is_neutral() -> None:
    """An item that does not apply counts for nothing; a part in which nothing applies gives its worth to the others."""
    assert ("70.00", None) == result(sound(*TWO), passing("plate", absent=("lamp",)))
    assert ("66.67", None) == result(sound(*TWO), passing("plate", absent=("floor", "desk")))


def test_deductions() -> None:
    """Deductions take points for every failure, by its severity, or by the code answered, each up to its cap."""
    flat = deduction("flat", select=SIGNS, points=D("2.5"))
    graded = deduction("graded", select=HALL, by_severity=weights(major=10), cap=D(12))
    coded = deduction("coded", by_value=weights(fail=3), cap=D(5))

    assert ("95.00", None) == result(sound(flat, start=D(100)), passing("fascia", "lamp", "floor"))
    assert ("90.00", None) == result(sound(graded, start=D(100)), passing("fascia", "floor", "desk"))
    assert ("95.00", None) == result(sound(coded, start=D(100)), passing("fascia", "lamp", "floor"))
    assert ("82.50", None) == result(sound(flat, graded, coded, start=D(100)), passing("fascia", "floor"))


def test_floor_and_ceiling() -> None:
    """A score never leaves its bounds, and the trace says which one held it."""
    one = sound(deduction(points=D(60)), start=D(100), floor=D(10))
    over = sound(points(worth=150))

    assert ("10.00", None) == result(one, passing("fascia", "plate"))
    assert "not below 10" == lines(one.score(passing("fascia", "plate")))[-1]
    assert ("100.00", None) == result(over, passing())
    assert "not above 100" == lines(over.score(passing()))[-1]


def test_vetoes_and_gates() -> None:
    """A failed veto item or a part below its gate limits the points, the band, or both."""
    bands = (band("a", total=least(90)), band("b", total=least(60)), band("c"))
    barred = veto(points_at_most=D(59))
    lowered = veto("lowered", band_at_most="b", select=Select(items=("lamp",)))
    shut = gate(part="hall", percent_at_least=D(60), band_at_most="c")
    one = sound(*TWO, barred, lowered, shut, bands=bands)

    assert ("100.00", "a") == result(one, passing())
    assert ("59.00", "c") == result(one, passing("fascia"))
    assert ("80.00", "b") == result(one, passing("lamp"))
    assert ("80.00", "c") == result(one, passing("desk"))
    assert ("veto",) == one.score(passing("fascia")).value.vetoes
    assert ("gate",) == one.score(passing("floor")).value.vetoes


def test_bands_by_a_total_and_the_worst_item() -> None:
    """A band may ask a total and a worst single failure at once."""
    lost = deduction(by_severity=weights(critical=9, major=5, minor=2))
    bands = (band("a", total=least(90), worst=most(4)), band("b", total=least(85)), band("c"))
    one = sound(
        lost, start=D(100), aggregates=FrozenMap({"worst": Aggregate(of="maximum", over="deductions")}), bands=bands
    )

    assert ("96.00", "a") == result(one, passing("lamp", "desk"))
    assert ("95.00", "b") == result(one, passing("plate"))
    assert ("86.00", "b") == result(one, passing("plate", "fascia"))
    assert ("81.00", "c") == result(one, passing("plate", "fascia", "floor"))
    assert D("9.00") == one.score(passing("plate", "fascia")).value.aggregates["worst"]


@pytest.mark.parametrize(
    ("of", "over", "ids", "expected"),
    [
        ("sum", "parts", (), "166.67"),
        ("minimum", "parts", (), "66.67"),
        ("maximum", "parts", (), "100.00"),
        ("weighted_mean", "parts", (), "80.00"),
        ("minimum", "parts", ("hall",), "100.00"),
        ("sum", "items", (), "400.00"),
        ("minimum", "items", (), "0.00"),
        ("maximum", "items", (), "100.00"),
        ("weighted_mean", "items", (), "80.00"),
        ("minimum", "items", ("hall",), "100.00"),
        ("sum", "deductions", (), "7.50"),
        ("minimum", "deductions", (), "2.50"),
        ("maximum", "deductions", (), "5.00"),
        ("weighted_mean", "deductions", (), "3.75"),
        ("sum", "deductions", ("one",), "5.00"),
    ],
)
def test_aggregates(of: Any, over: Any, ids: tuple[str, ...], expected: str) -> None:
    """An aggregate is made of parts, single items or single deductions, all of them or those named."""
    more = (deduction("one", points=D(5)), deduction("two", points=D("2.5")))
    one = sound(*TWO, *more, aggregates=FrozenMap({"it": Aggregate(of=of, over=over, ids=ids)}))

    assert expected == str(one.score(passing("fascia")).value.aggregates["it"])


@pytest.mark.parametrize(
    ("of", "over", "expected"),
    [("sum", "deductions", "0.00"), ("maximum", "deductions", "0.00"), ("minimum", "items", "100.00")],
)
def test_aggregates_of_nothing(of: Any, over: Any, expected: str) -> None:
    """Where there is nothing to take, the numbers are those of a clean sheet."""
    one = sound(
        points("signs", select=SIGNS),
        points("hall", select=HALL),
        deduction(points=D(5)),
        aggregates=FrozenMap({"it": Aggregate(of=of, over=over, ids=("hall",) if over == "items" else ())}),
    )

    assert expected == str(one.score(passing(absent=("floor", "desk"))).value.aggregates["it"])


def test_ratings() -> None:
    """A rating counts by its threshold, or in proportion and exactly; vetoes look at the threshold either way."""
    scale = Scale(low=1, high=4, pass_from=2)
    thirds = asks(item("a", answer=scale, severity=Severity.CRITICAL), item("b", answer=Scale(low=0, high=3)))
    held = evidence(says("a", "2"), says("b", "1"), one=thirds)
    exact = sound(points(), veto(points_at_most=D(1)), ratings="proportional", places=9)

    assert ("100.00", None) == result(sound(points()), held)
    assert ("33.333333333", None) == result(exact, held)
    assert (1, 3) == exact.score(held).value.marks[0].credit
    assert ("1.000000000", None) == result(exact, evidence(says("a", "1"), says("b", "3"), one=thirds))
    assert "rated 1/3: words [item:tour/a]" == lines(exact.score(held))[1]


def test_a_judged_rating_counts_as_judged() -> None:
    """A judgement that decides on a rating outweighs its proportion."""
    fails = Judgement(when=Exists("answer"), outcome="fail", severity=Severity.MAJOR)
    one = asks(item("a", answer=Scale(low=0, high=4), judgements=(fails,)), item("b"))

    assert ("50.00", None) == result(
        sound(points(), ratings="proportional"), evidence(says("a", "4"), ok("b"), one=one)
    )


def test_weight_goes_by_the_item_and_loss_by_the_failure() -> None:
    """An item weighs by its own severity however it is answered; a deduction goes by how bad the failure is."""
    worse = Judgement(when=Exists("answer"), outcome="fail", severity=Severity.CRITICAL)
    one = asks(item("a", severity=Severity.MINOR, judgements=(worse,)), item("b", severity=Severity.MINOR))
    part = points(by_severity=weights(critical=9))
    lost = deduction(by_severity=weights(critical=20, minor=1))

    assert ("30.00", None) == result(sound(part, lost), evidence(ok("a"), ok("b"), one=one))


def test_codes_of_choices() -> None:
    """A code costs what it costs even where the answer is information."""
    options = (Option("high", text=WORDS), Option("low", text=WORDS), Option("bad", text=WORDS, outcome=Outcome.FAIL))
    one = asks(item("risk", answer=Choice(options=options)))
    lost = deduction(by_value=weights(high=7, bad=9, low=0))

    assert [("93.00", None), ("100.00", None), ("91.00", None)] == [
        result(sound(lost, start=D(100)), evidence(says("risk", code), one=one)) for code in ("high", "low", "bad")
    ]


@pytest.mark.parametrize(
    ("settings", "held", "expected"),
    [
        ({}, (ok("a"),), "not scored: 未作答：b · not answered: b"),
        ({"unanswered": "failed"}, (ok("a"),), "50"),
        ({"unanswered": "neutral"}, (ok("a"),), "100"),
        ({}, (ok("a"), "b"), "100"),
        ({"unknown": "failed"}, (ok("a"), "b"), "50"),
        ({"unknown": "not_scored"}, (ok("a"), "b"), "not scored: 情况未知：b · not known: b"),
        ({"unanswered": "neutral"}, (), "not scored: 没有适用的检查项 · nothing in it applied"),
    ],
)
def test_what_is_missing_or_unknown(settings: dict[str, Any], held: tuple[Any, ...], expected: str) -> None:
    """A policy says what counts for a missing and for an unknown answer; what cannot be scored says why."""
    from branchkit.checklists import Answer

    answers = [Answer(one, unknown="dark") if isinstance(one, str) else one for one in held]
    one = asks(item("a"), item("b"))

    assert expected == str(sound(points(), **settings).score(evidence(*answers, one=one)).value)


def test_a_long_list_of_missing_answers_is_cut() -> None:
    """Of many missing answers the first five are named, and how many more there are."""
    one = asks(*(item(f"i{at}") for at in range(7)))
    reason = sound(points()).score(evidence(one=one)).value.reason
    fewer = [sound(points()).score(evidence(*(ok(f"i{at}") for at in range(n)), one=one)).value for n in (1, 2)]

    assert Text(zh="未作答：i0, i1, i2, i3, i4 (+2)", en="not answered: i0, i1, i2, i3, i4 (+2)") == reason
    assert ["not answered: i1, i2, i3, i4, i5 (+1)", "not answered: i2, i3, i4, i5, i6"] == [
        score.reason.en for score in fewer if score.reason
    ]


def test_what_no_part_counts_is_lacking_too() -> None:
    """A required answer that is missing keeps a sheet from being scored even where no part looks at the item."""
    one = sound(points(select=SIGNS))
    held = evidence(ok("fascia"), ok("plate"), ok("lamp"), ok("floor"))

    assert "not scored: 未作答：desk · not answered: desk" == str(one.score(held).value)


def test_a_band_below_a_limit() -> None:
    """A limit `below` is outside the band, one `at_most` is inside."""
    below = sound(*TWO, bands=(band("low", total=Limits(below=D(60))), band("high")))
    inside = sound(*TWO, bands=(band("low", total=most(60)), band("high")))

    assert ("60.00", "high") == result(below, passing("floor", "desk"))
    assert ("60.00", "low") == result(inside, passing("floor", "desk"))


def test_a_cap_that_is_just_reached_is_no_step() -> None:
    """Only what went beyond a cap is given back in the trace."""
    one = sound(deduction(points=D(4), cap=D(8)), start=D(20))

    assert ["+20  start", "-4  lost [item:tour/floor]", "-4  lost [item:tour/desk]"] == lines(
        one.score(passing("floor", "desk"))
    )
    assert "+4  lost: capped" == lines(one.score(passing("lamp", "floor", "desk")))[-1]


def test_a_floor_that_is_just_reached_is_no_step() -> None:
    """Only what would have gone below the floor, or above the ceiling, is told to be held."""
    one = sound(deduction(points=D(10)), start=D(20), floor=D(10))

    assert ["+20  start", "-10  lost [item:tour/desk]"] == lines(one.score(passing("desk")))
    assert "not below 10" == lines(one.score(passing("floor", "desk")))[-1]
    assert ["+100  all: 100 %"] == lines(sound(points()).score(passing()))


def test_halves_below_zero_go_away_from_zero() -> None:
    """Rounding is the same on both sides of zero."""
    assert [-2, -1, -1, 0, 1, 1, 2] == [half_up(number, 2) for number in range(-3, 4)]


def test_scored_when() -> None:
    """Evidence is scored only where it is said to be; where that cannot be told, the facts that lack are named."""
    facts = (FactSpec("visits", FactType.NUMBER),)
    reason = Text(zh="样本不足", en="too few visits")
    one = sound(points(), facts=facts, scored_when=Compare("visits", Op.GE, D(3)), not_scored_reason=reason)

    def said(**given: Any) -> str:
        score = one.score(Evidence(sheet(ok("a")), bound(asks(item("a"))), facts=given)).value
        return "scored" if score.reason is None else score.reason.en

    assert "scored" == said(visits=D(3))
    assert "too few visits" == said(visits=D(2))
    assert "whether it is scored depends on what is not known: visits" == said()


def test_no_sheet_of_its_checklists() -> None:
    """A policy without a sheet of its checklists says so."""
    score = sound(points()).score(Evidence.of()).value

    assert (None, None, "no sheet of: tour") == (score.points, score.band, score.reason.en if score.reason else "")


COMPLAINTS = FactSpec("complaints", FactType.NUMBER, low=D(0))
MANY = deduction("many", when=Compare("complaints", Op.GT, D(5)), points=D(30), rules=("service:SVC-01",))


def facts_only(**more: Any) -> RubricPolicy:
    """Return a policy that judges facts without any sheet."""
    bands = (band("good", total=least(80)), band("bad"))
    parts = more.pop("parts", (MANY,))
    return sound(*parts, **{"checklists": (), "start": D(100), "facts": (COMPLAINTS,), "bands": bands, **more})


def test_facts_alone() -> None:
    """A policy over facts alone scores without a sheet, and its trace names the fact and the digest of all facts."""
    decision = facts_only().score(Evidence.of(facts={"complaints": D(6)}))

    assert "70 bad" == str(decision.value)
    assert ["+100  start", "-30  many [fact:complaints] (service:SVC-01)"] == lines(decision)
    assert (Ref("fact", "complaints"),) == decision.trace.inputs
    assert 1 == len(decision.trace.digests)
    assert "100 good" == str(facts_only().score(Evidence.of(facts={"complaints": D(5)})).value)
    assert (None, "facts:complaints") == (decision.value.deductions[0].sheet, decision.value.deductions[0].key)


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [("neutral", "100 good"), ("failed", "70 bad"), ("not_scored", "not scored: many：情况未知 · many: not known")],
)
def test_unknown_facts(unknown: Any, expected: str) -> None:
    """A fact nobody knows counts as the policy says of the unknown."""
    held = Evidence.of(facts={"complaints": Unknown("no book")})

    assert expected == str(facts_only(unknown=unknown).score(held).value)


def test_facts_beside_sheets() -> None:
    """A deduction by facts counts beside those of cells, and sees the answers to items asked once."""
    seen = deduction("seen", when=Compare("answer.lamp", Op.EQ, "fail"), points=D(7))

    assert ("50.00", None) == result(sound(points(), MANY, facts=(COMPLAINTS,)), evidence_with(D(9)))
    assert ("73.00", None) == result(sound(points(), seen), passing("lamp"))


def evidence_with(number: Decimal) -> Evidence:
    held = passing("lamp")
    return Evidence.of(*held.readings, facts={"complaints": number})


def test_the_digest_of_facts_changes_with_them() -> None:
    """Evidence with other facts has another digest; their order makes none."""
    one, other = Evidence.of(facts={"a": D(1), "b": True}), Evidence.of(facts={"b": True, "a": D(1)})

    assert one.digests == other.digests != Evidence.of(facts={"a": D(2), "b": True}).digests


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: evidence_of(sheet(state="draft")), "Expected a final sheet; 'S-1' is a draft"),
        (lambda: evidence_of(sheet(), sheet()), "Expected each sheet once; 'S-1' is there again"),
        (lambda: evidence_of(sheet(), sheet(id="S-2", supersedes="S-1")), "'S-2' supersedes 'S-1'"),
        (lambda: Evidence.of(facts={"a b": True}), "Expected a fact name"),
    ],
)
def test_evidence_that_is_none(make: Any, message: str) -> None:
    """Evidence of drafts, doubled or superseded sheets, or misnamed facts is refused."""
    with pytest.raises(InputError, match=message):
        make()


def evidence_of(*sheets: Sheet) -> Evidence:
    return Evidence.of(*(read(one, bound(TOUR)) for one in sheets))


def test_several_sheets_of_one_checklist() -> None:
    """Two sheets of one checklist count cell by cell, in the order of their ids, whatever order they are given in."""
    one = asks(item("a"), item("b"))
    pairs = [(sheet(ok("a"), bad("b"), id=name), bound(one)) for name in ("S-2", "S-1")]
    pairs[0] = (sheet(ok("a"), ok("b"), id="S-2"), bound(one))
    decision = sound(points()).score(Evidence.of(*(read(*pair) for pair in pairs)))

    assert "75" == str(decision.value)
    assert [("S-1", "tour/a"), ("S-1", "tour/b"), ("S-2", "tour/a"), ("S-2", "tour/b")] == [
        (mark.sheet, mark.key) for mark in decision.value.marks
    ]
    assert (Ref("sheet", "S-1"), Ref("sheet", "S-2")) == decision.trace.inputs


def test_facts_that_sheets_tell_differently_are_unknown() -> None:
    """A fact in reach is known where the sheets agree or one of them is silent, and a given one goes before all."""
    one = asks(item("a"), item("b", required=False), item("c"))
    other = attrs.evolve(BRANCH, kind="wealth_outlet")
    held = Evidence.of(
        read(sheet(ok("a"), ok("b"), ok("c")), bound(one)),
        read(sheet(ok("a"), bad("c"), id="S-2"), bound(one, other)),
        read(sheet(ok("a"), ok("c"), id="S-3"), bound(one)),
        facts={"at.date": Unknown("hidden")},
    )
    scope = held.scope()

    assert ("pass", "pass") == (scope["answer.a"], scope["answer.b"])
    assert Unknown("the sheets tell it differently") == scope["answer.c"] == scope["branch.kind"]
    assert Unknown("hidden") == scope["at.date"]


def test_the_trace_tells_every_step() -> None:
    """A trace has a line for each part, failure, deduction, cap and limit, with its rules and the exact place."""
    lost = deduction("lost", select=HALL, points=D(4), cap=D(6), rules=("service:SVC-01",))
    one = sound(
        *TWO,
        lost,
        veto(points_at_most=D(50), band_at_most="low", rules=("estate:FLT-03",)),
        bands=(band("high", total=least(40)), band("low")),
    )
    decision = one.score(passing("fascia", "floor", "desk"))

    assert [
        "+40  signs: 66.67 %",
        "failed: words [item:tour/fascia] (estate:EST-OUT-01)",
        "0  hall: 0 %",
        "failed: words [item:tour/floor]",
        "failed: words [item:tour/desk]",
        "-4  lost [item:tour/floor] (service:SVC-01)",
        "-4  lost [item:tour/desk] (service:SVC-01)",
        "+2  lost: capped",
        "veto: at most 50 and low (estate:FLT-03)",
    ] == lines(decision)
    assert "34 low" == str(decision.value)
    assert ["+40  signs：66.67%", "未通过：词 [item:tour/fascia] (estate:EST-OUT-01)"] == lines(decision, "zh")[:2]
    assert "34 low\nhouse 1: sheet:S-1\n  +40  signs: 66.67 %" == "\n".join(decision.why().splitlines()[:3])


def test_the_trace_of_a_part_that_does_not_apply() -> None:
    """A part in which nothing applied says who takes its worth, and the effects still add up."""
    assert [
        "+66.67  signs: 66.67 %",
        "failed: words [item:tour/plate]",
        "hall: nothing applied; the other parts take its worth",
    ] == lines(sound(*TWO).score(passing("plate", absent=("floor", "desk"))))


def test_the_start_is_a_step_and_a_plugin_is_named() -> None:
    """A start other than 0 is told, and a policy with a dot in its id is a plug-in's."""
    one = attrs.evolve(sound(deduction(points=D(1)), start=D(100)), id="acme.house")
    trace = one.score(passing()).trace

    assert ("acme", ("+100  start",)) == (trace.plugin, tuple(step.say() for step in trace.steps))


def test_numbers_do_not_depend_on_the_threads_context() -> None:
    """A thread that computes with three digits gets the same score."""
    one = sound(
        points(by_severity=weights(critical="1.23456789", major="2.3456789")), deduction(points=D("0.123456")), places=6
    )
    expected = one.score(passing("fascia", "floor"))
    with decimal.localcontext() as context:
        context.prec = 3
        again = attrs.evolve(one).score(passing("fascia", "floor"))

    assert expected == again


def test_halves_are_rounded_away_from_zero() -> None:
    """A score is rounded once, at the end, halves upwards."""
    assert ("12.5", None) == result(sound(points(worth="12.45"), places=1), passing())
    assert ("12", None) == result(sound(points(worth="12.45"), places=0), passing())


def test_a_policy_in_use_can_be_pickled_and_compared() -> None:
    """What a policy worked out for itself is neither part of its value nor in its way."""
    one = sound(*TWO, bands=(band("a", total=least(50)), band("b")))
    one.score(passing())

    assert one == attrs.evolve(one) == pickle.loads(pickle.dumps(one))
    assert "house 1" == str(one)


def test_a_third_party_needs_only_the_documents() -> None:
    """The sheet, the pin and the checklist give the identical decision without the branch."""
    held = passing("lamp")
    reading = held.readings[0]
    one = sound(*TWO)

    assert one.score(held) == one.score(Evidence(reading.sheet, rebind(TOUR, reading.bound.pin)))


@pytest.mark.parametrize(
    ("one", "held"),
    [
        (sound(*TWO), passing("fascia", "desk")),
        (sound(*TWO, deduction(points=D(5), cap=D(8)), start=D(10)), passing("fascia", "lamp", "desk")),
        (sound(*TWO, veto(points_at_most=D(30))), passing("fascia")),
        (sound(*TWO), passing("plate", absent=("floor", "desk"))),
    ],
)
def test_a_third_party_can_add_the_marks_up(one: RubricPolicy, held: Evidence) -> None:
    """The marks of a score come to its number again when they are added up one by one."""
    score = one.score(held).value
    again = tally(one, score.marks)

    assert again is not None
    assert score.points == round_to(again.total, one.places)
    assert score.deductions == again.deducted


def test_marks_of_which_none_applied_come_to_nothing() -> None:
    """Where nothing applied that could give points there is no number."""
    score = sound(points("hall", select=HALL)).score(passing(absent=("floor", "desk"))).value

    assert (None, None) == (score.points, tally(sound(points("hall", select=HALL)), score.marks))


def test_a_score_has_the_fields_that_it_has() -> None:
    """What is no field of a score is an error that names it."""
    score = sound(points()).score(passing()).value

    with pytest.raises(AttributeError, match="'Score' object has no attribute 'grade'"):
        _ = score.grade  # type: ignore[attr-defined]  # that there is none is the point


def test_only_what_is_a_decimal_number_becomes_one() -> None:
    """A fraction without a last digit is refused, never cut."""
    assert D("-0.125") == exact_decimal(Fraction(-1, 8))
    with pytest.raises(ValueError, match="Expected a fraction that is a decimal number"):
        exact_decimal(Fraction(1, 3))


def test_a_part_of_a_checklist_that_was_not_handed_in() -> None:
    """Nobody expects to read of a part whose checklist was not handed in; its worth goes to the others."""
    other = Select(checklists=("other",))
    one = sound(points("other", 40, select=other), points("signs", 60, select=SIGNS), checklists=("tour", "other"))
    decision = one.score(passing("lamp"))

    assert "66.67" == str(decision.value)
    assert ["+66.67  signs: 66.67 %", "failed: words [item:tour/lamp]"] == lines(decision)


def test_two_deductions_by_facts_are_told_apart() -> None:
    """Each deduction by a fact is told at its own place, with its own fact."""
    late = deduction("late", when=Compare("delays", Op.GT, D(1)), points=D(4))
    facts = (COMPLAINTS, FactSpec("delays", FactType.NUMBER))
    one = facts_only(parts=(MANY, late), facts=facts)
    decision = one.score(Evidence.of(facts={"complaints": D(9), "delays": D(2)}))

    assert ["+100  start", "-30  many [fact:complaints] (service:SVC-01)", "-4  late [fact:delays]"] == lines(decision)


def test_answers_that_are_no_facts() -> None:
    """An answer about one of several things, or by a name that is too long for one, is no fact of a policy."""
    long = "e" * 100
    one = checklist(
        section(item("a", for_each=(EachEquipment(kinds=("atm",)),))),
        section(item("d"), rows=Rows(), name="t"),
        section(item(long), name="u"),
    )
    named = attrs.evolve(one, id="o" * 100)
    held = evidence(bad("d", "row:1"), ok("a", "equipment:ATM-1"), ok(long), one=one)

    assert [f"answer.{long}", f"tour.answer.{long}"] == [name for name in brought_by(one) if "answer" in name]
    assert [f"answer.{long}"] == [name for name in brought_by(named) if "answer" in name]
    assert {f"answer.{long}"} == {name for name in held.scope() if name.startswith("answer")}


def test_what_a_policy_has_seen_does_not_decide() -> None:
    """A policy that has scored many checklists scores the next as a fresh one does."""
    one = sound(points())
    for at in range(70):
        two = asks(item("a", text=Text(zh="词", en=f"words {at}")), item("b"))
        assert ("50.00", None) == result(one, evidence(ok("a"), bad("b"), one=two))
    assert isinstance(one, RubricPolicy)
    assert isinstance(policy(points()).bands, tuple)
    assert Band("x", title=WORDS).limits == {}


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"complaints": "3"}, r"Expected a number - at `\$.facts.complaints`"),
        ({"complaints": True}, "Expected a number"),
        ({"complaints": D(-1)}, "Expected at least 0"),
        ({"complaint": D(3)}, "Unknown fact; the policy declares: complaints"),
    ],
)
def test_facts_are_those_that_are_declared(facts: Any, message: str) -> None:
    """A fact of the wrong type, out of its bounds or under a name that nobody declares is refused, never ignored."""
    with pytest.raises(InputError, match=message):
        facts_only().score(Evidence.of(facts=facts))


def test_whole_numbers_are_facts() -> None:
    """A whole number is taken as the decimal that it is."""
    assert "70 bad" == str(facts_only().score(Evidence.of(facts={"complaints": 6})).value)


@pytest.mark.parametrize("value", [3.5, None, D("NaN"), frozenset({1}), dt.datetime.fromisoformat("2026-03-01")])
def test_what_is_no_fact_value_is_refused(value: Any) -> None:
    """Evidence takes fact values alone and says what they are."""
    with pytest.raises(InputError, match="Expected true/false, a Decimal that is finite"):
        Evidence.of(facts={"complaints": value})


def test_a_sheet_brings_facts_that_may_be_given() -> None:
    """A fact that a sheet brings may be given beside it, as what its checklist says it is."""
    one = sound(points(), deduction("seen", when=Compare("answer.lamp", Op.EQ, "fail"), points=D(7)))
    held = passing("lamp").readings

    assert ("80.00", None) == result(one, Evidence.of(*held, facts={"answer.lamp": "pass"}))
    with pytest.raises(InputError, match="Expected one of: pass, fail"):
        one.score(Evidence.of(*held, facts={"answer.lamp": "off"}))


def test_sheets_of_two_branches_are_no_evidence() -> None:
    """One score is of one branch."""
    there = read(attrs.evolve(sheet(id="S-2"), branch="B-2"), bound(TOUR, attrs.evolve(BRANCH, id="B-2")))

    with pytest.raises(InputError, match="Expected sheets of one branch; 'S-2' is of another one than 'S-1'"):
        Evidence.of(read(sheet(), bound(TOUR)), there)


def test_answers_by_checklist() -> None:
    """Where two checklists have an item of one name, the answer of each goes by the checklist too; lint wants that."""
    here, there = asks(item("a")), attrs.evolve(asks(item("a")), id="other")
    held = Evidence.of(
        read(sheet(ok("a")), bound(here)),
        read(attrs.evolve(sheet(bad("a"), id="S-2"), checklist="other"), bound(there)),
    )
    settings: dict[str, Any] = {"checklists": ("tour", "other"), "start": D(100)}
    plain, clear = (
        sound(deduction("seen", when=Compare(name, Op.EQ, "fail"), points=D(7)), **settings)
        for name in ("answer.a", "other.answer.a")
    )

    assert ("93.00", None) == result(clear, held)
    assert () == lint_policy(clear, {"tour": here, "other": there})
    assert ["Expected tour.answer.a or other.answer.a: several checklists answer 'answer.a'"] == [
        problem.message for problem in lint_policy(plain, {"tour": here, "other": there})
    ]


def test_an_unscored_decision_speaks_one_language() -> None:
    """Why there is no score is said in the language asked for, from the first line on."""
    decision = sound(points()).score(Evidence.of())

    assert "未评分：没有本策略评分的检查表" == decision.why("zh").splitlines()[0]
    assert "not scored: no sheet of: tour" == decision.why().splitlines()[0]


def test_a_policy_built_wrong_is_refused_on_first_use() -> None:
    """A policy built in code with a gap between its bands is refused with every problem, not with an assertion."""
    wrong = policy(points(), bands=(band("good", total=least(80)), band("poor", total=most(60))))

    with pytest.raises(InputError, match="No band for"):
        wrong.score(passing())


@pytest.mark.parametrize(("id", "expected"), [("acme.a.b", "acme"), ("acme.a", "acme"), ("environment", "branchkit")])
def test_who_brings_a_policy(id: str, expected: str) -> None:
    """The plug-in is what stands before the first dot of a policy's id, everywhere."""
    assert expected == plugin_of(id)


def test_halves_of_points_beside_parts() -> None:
    """Deductions of half a point and shares of a part are added up in one unit."""
    one = sound(points(), deduction(points=D("0.5")))

    assert ("59.00", None) == result(one, passing("lamp", "desk"))


def test_parts_never_come_below_the_floor() -> None:
    """Where every item fails, what is left is the floor."""
    one = sound(points(), deduction(points=D(9)), floor=D(50), start=D(50))

    assert ("50.00", None) == result(one, passing(*ITEMS))


def test_a_gate_that_is_just_missed() -> None:
    """With 149 of 250 in weight, a part is below 60 percent."""
    one = asks(item("a"), item("b"))
    parts = points(weights=weights(a=149, b=101)), gate(part="all", percent_at_least=D(60), points_at_most=D(10))

    assert ("10.00", None) == result(sound(*parts), evidence(ok("a"), bad("b"), one=one))
    assert ("60.00", None) == result(
        sound(points(weights=weights(a=150, b=100)), parts[1]), evidence(ok("a"), bad("b"), one=one)
    )


def test_several_codes_are_no_code() -> None:
    """An answer of several codes has none that a deduction could look at."""
    several = Choice(options=(Option("high", text=WORDS), Option("low", text=WORDS)), several=True)
    one = asks(item("risk", answer=several), item("a"))
    score = sound(points()).score(evidence(Answer("risk", value=("high", "low")), ok("a"), one=one)).value

    assert [None, "pass"] == [mark.value for mark in score.marks]
