"""The cases that conditions tell apart: none that can occur is left out."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchkit.conditions import All, AnyOf, Compare, Condition, Exists, FactSpec, FactType, Has, Member, Not, Op
from branchkit.conditions.cases import cases
from branchkit.conditions.evaluation import evaluate
from branchkit.values import Unknown

SPECS = {
    spec.name: spec
    for spec in (
        FactSpec("n", FactType.NUMBER, low=Decimal(0), high=Decimal(4)),
        FactSpec("code", FactType.CODE, choices=("a", "b", "c")),
        FactSpec("set", FactType.CODES),
        FactSpec("flag", FactType.BOOL),
        FactSpec("day", FactType.DATE),
        FactSpec("due", FactType.DATE),
    )
}
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 4))
VALUES = {
    "n": st.integers(0, 8).map(lambda n: Decimal(n) / 2),
    "code": st.sampled_from("abc"),
    "set": st.frozensets(st.sampled_from("xyz")),
    "flag": st.booleans(),
    "day": DAYS,
    "due": DAYS,
}
LEAVES: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, st.just("n"), st.sampled_from(Op), st.integers(0, 4).map(Decimal)),
    st.builds(lambda codes: Member("code", tuple(sorted(codes))), st.sets(st.sampled_from("abc"), min_size=1)),
    st.builds(Has, st.just("set"), st.sampled_from("xy")),
    st.builds(Compare, st.just("flag"), st.just(Op.EQ), st.booleans()),
    st.builds(lambda op: Compare("day", op, fact2="due", offset=dt.timedelta(days=1)), st.sampled_from(Op)),
    st.builds(Exists, st.sampled_from(sorted(SPECS))),
)
CONDITIONS = st.recursive(
    LEAVES,
    lambda parts: st.one_of(
        st.builds(Not, parts), *(st.builds(kind, st.tuples(parts, parts)) for kind in (All, AnyOf))
    ),
    max_leaves=4,
)
UNKNOWN = Unknown("not told")


@given(CONDITIONS, CONDITIONS, st.fixed_dictionaries({n: st.just(UNKNOWN) | one for n, one in VALUES.items()}))
def test_whatever_the_facts_are_one_case_answers_alike(
    one: Condition, two: Condition, facts: dict[str, object]
) -> None:
    """For all facts there is a case that answers every condition as the facts do, so what no case allows is never."""
    found = cases([one, two], SPECS)
    answers = [evaluate(condition, facts) for condition in (one, two)]  # type: ignore[arg-type]  # drawn by type
    expected = [None if isinstance(answer, Unknown) else answer for answer in answers]

    assert found is None or any(expected == [case.answer(one), case.answer(two)] for case in found)


def test_points_tell_cases_apart() -> None:
    """Values that the caller names are cases of their own, with what lies on each side of them."""
    found = cases([], SPECS, points={"n": (Decimal(2),)}) or ()

    known = [case.facts["n"] for case in found if not isinstance(case.facts["n"], Unknown)]
    assert [-1, 0, 1] == sorted({(value > 2) - (value < 2) for value in known if isinstance(value, Decimal)})


@pytest.mark.parametrize(
    "condition",
    [
        Exists("moon"),
        All(tuple(Has("set", f"c{at}") for at in range(13))),
        All(tuple(Has("set", f"c{at}") for at in range(12))),
    ],
    ids=["unsound", "too many codes", "too many cases"],
)
def test_what_cannot_be_told_is_none(condition: Condition) -> None:
    """Conditions over unknown facts, or with more cases than can be looked at, have no list of cases."""
    assert cases([condition], SPECS) is None


def test_as_many_cases_as_can_be_looked_at_are_listed() -> None:
    """Up to 4,096 cases are listed: here ten codes in each mixture or unknown, and a switch of three states."""
    ten = [Has("set", f"c{at}") for at in range(10)]

    assert (1024 + 1) * 3 == len(cases([*ten, Compare("flag", Op.EQ, True)], SPECS) or ())


def test_exactly_as_many_cases_as_can_be_looked_at_are_listed() -> None:
    """Six facts of four cases each make 4,096, which is not too many."""
    six = {f"c{at}": FactSpec(f"c{at}", FactType.CODE, choices=("a", "b", "c"), may_be_unknown=True) for at in range(6)}
    told_apart = [Compare(name, Op.EQ, code) for name in six for code in ("a", "b")]

    assert 4096 == len(cases(told_apart, six) or ())


def test_the_values_of_a_list_tell_cases_apart() -> None:
    """One value stands for each value of a list, one for all others, and one case for the fact being unknown."""
    found = cases([Member("code", ("a", "b"))], SPECS) or ()

    assert ["a", "b", "c", Unknown("not stated")] == [case.facts["code"] for case in found]


def test_a_fact_is_unknown_in_one_case_only() -> None:
    """Yes, no and unknown are three cases, also where the spec says that the fact may be unknown."""
    specs = {"flag": FactSpec("flag", FactType.BOOL, may_be_unknown=True)}

    assert 3 == len(cases([Compare("flag", Op.EQ, True), Compare("flag", Op.EQ, False)], specs) or ())


def test_facts_that_are_compared_come_out_each_way() -> None:
    """Where facts have an order one is less, equal or greater; where they have none only equal or not."""
    dates = cases([Compare("day", Op.LT, fact2="due", offset=dt.timedelta(days=2))], SPECS) or ()
    codes = cases([Compare("code", Op.EQ, fact2="other")], SPECS | {"other": FactSpec("other", FactType.CODE)}) or ()

    assert {("day", "due", dt.timedelta(days=2))} == {pair for case in dates for pair in case.orders}
    assert set("<=>") == {order for case in dates for order in case.orders.values()}
    assert {("code", "other", dt.timedelta(0))} == {pair for case in codes for pair in case.orders}
    assert set("<=") == {order for case in codes for order in case.orders.values()}


@pytest.mark.parametrize(
    ("op", "answers"),
    [
        (Op.EQ, {"=": True, "<": False, ">": False}),
        (Op.NE, {"=": False, "<": True, ">": True}),
        (Op.LT, {"=": False, "<": True, ">": False}),
        (Op.LE, {"=": True, "<": True, ">": False}),
        (Op.GT, {"=": False, "<": False, ">": True}),
        (Op.GE, {"=": True, "<": False, ">": True}),
    ],
)
def test_a_case_answers_how_two_facts_compare(op: Op, answers: dict[str, bool]) -> None:
    """The order that the case assumes decides; an unknown fact on either side leaves it open."""
    condition = Compare("day", op, fact2="due")

    for case in cases([condition], SPECS) or ():
        unknown = any(isinstance(value, Unknown) for value in case.facts.values())
        assert (None if unknown else answers[next(iter(case.orders.values()))]) == case.answer(condition)


def test_a_case_joins_answers_as_a_condition_does() -> None:
    """In a case, too, no beats unknown in all, yes beats unknown in any, and not leaves unknown unknown."""
    yes, no, maybe = Compare("flag", Op.EQ, True), Compare("flag", Op.EQ, False), Has("set", "x")
    case = next(
        case
        for case in cases([yes, maybe], SPECS) or ()
        if case.facts["flag"] is True and isinstance(case.facts["set"], Unknown)
    )

    assert [False, None, True] == [case.answer(All(parts)) for parts in ((maybe, no), (yes, maybe), (yes, yes))]
    assert [True, None, False] == [case.answer(AnyOf(parts)) for parts in ((maybe, yes), (no, maybe), (no, no))]
    assert [False, True, None] == [case.answer(Not(part)) for part in (yes, no, maybe)]


def test_a_case_is_compared_by_nothing_but_itself() -> None:
    """Cases are found again as themselves and can be keys, whatever the facts in them."""
    (case, *_) = cases([Exists("flag")], SPECS) or ()

    assert attrs.evolve(case) != case
    assert case in {case}
