"""Three-valued answers: by walking the tree and by closures, always the same."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Exists,
    FactSpec,
    FactType,
    Has,
    Member,
    Not,
    Op,
    check,
    compile_condition,
    evaluate,
    holds,
    reads,
)
from branchkit.values import Unknown

YES, NO, MAYBE = Exists("here"), Exists("gone"), Has("tags", "x")
FACTS: dict[str, Any] = {"here": True}
MISSING = Unknown("'tags' is not given")
DAY = dt.date(2026, 3, 1)
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)


class Foreign(Condition):
    """A kind of condition that somebody else made up."""

    __slots__ = ()


def both(condition: Condition, facts: dict[str, Any]) -> bool | Unknown:
    """Answer a condition in both ways, which must agree."""
    walked, compiled = evaluate(condition, facts), compile_condition(condition)(facts)
    assert walked == compiled
    return walked


@pytest.mark.parametrize(
    ("parts", "every", "some"),
    [
        ((), True, False),
        ((YES,), True, True),
        ((NO,), False, False),
        ((MAYBE,), MISSING, MISSING),
        ((YES, NO), False, True),
        ((NO, YES), False, True),
        ((YES, YES), True, True),
        ((NO, NO), False, False),
        ((YES, MAYBE), MISSING, True),
        ((MAYBE, YES), MISSING, True),
        ((NO, MAYBE), False, MISSING),
        ((MAYBE, NO), False, MISSING),
        ((MAYBE, Has("more", "x"), YES), Unknown("'more' is not given; 'tags' is not given"), True),
        (
            (MAYBE, Has("more", "x"), NO),
            False,
            Unknown("'more' is not given; 'tags' is not given"),
        ),
    ],
)
def test_no_beats_unknown_in_all_and_yes_beats_it_in_any(
    parts: tuple[Condition, ...], every: bool | Unknown, some: bool | Unknown
) -> None:
    """A part that decides does so wherever it stands; otherwise every reason for not knowing is told."""
    assert (every, some) == (both(All(parts), FACTS), both(AnyOf(parts), FACTS))


def test_not_leaves_unknown_unknown() -> None:
    """Only yes and no turn round."""
    assert [False, True, MISSING] == [both(Not(part), FACTS) for part in (YES, NO, MAYBE)]


def test_what_unknown_counts_as_is_the_callers_choice_and_nothing_else_is() -> None:
    """A known answer stands; an unknown one is what the caller says."""
    assert [True, True] == [holds(YES, FACTS, unknown=one) for one in (True, False)]
    assert [False, False] == [holds(NO, FACTS, unknown=one) for one in (True, False)]
    assert [True, False] == [holds(MAYBE, FACTS, unknown=one) for one in (True, False)]


@pytest.mark.parametrize(
    ("op", "answers"),
    [
        (Op.EQ, [False, True, False]),
        (Op.NE, [True, False, True]),
        (Op.LT, [True, False, False]),
        (Op.LE, [True, True, False]),
        (Op.GT, [False, False, True]),
        (Op.GE, [False, True, True]),
    ],
)
def test_each_comparison_below_at_and_above(op: Op, answers: list[bool]) -> None:
    """A fact is compared with a value, and with another fact, as the sign says."""
    values = [Decimal(1), Decimal(2), Decimal(3)]

    assert answers == [both(Compare("a", op, 2), {"a": value}) for value in values]
    assert answers == [both(Compare("a", op, fact2="b"), {"a": value, "b": Decimal(2)}) for value in values]


@pytest.mark.parametrize(
    ("condition", "facts", "reason"),
    [
        (Compare("a", Op.EQ, 1), {"a": "1"}, "type clash: 'a' is text, which this test does not compare"),
        (Compare("a", Op.LT, "x"), {"a": "w"}, "type clash: 'a' is text, which this test does not compare"),
        (Member("a", ("x", True)), {"a": "x"}, "type clash: 'a' is text, which this test does not compare"),
        (
            Member("a", ("x",)),
            {"a": frozenset({"x"})},
            "type clash: 'a' is a set of codes, which this test does not compare",
        ),
        (Has("a", "x"), {"a": "x"}, "type clash: 'a' is text, which this test does not compare"),
        (Has("a", "x"), {"a": 1.5}, "'a' is not a value that facts can have"),
        (
            Compare("a", Op.EQ, fact2="b"),
            {"a": "x", "b": True},
            "type clash: 'a' is text and 'b' is true/false, which this test does not compare",
        ),
        (
            Compare("a", Op.LT, fact2="b"),
            {"a": "x", "b": "y"},
            "type clash: 'a' is text and 'b' is text, which this test does not compare",
        ),
        (Compare("a", Op.EQ, fact2="b"), {"a": "x"}, "'b' is not given"),
        (Compare("a", Op.EQ, fact2="b"), {"b": "x"}, "'a' is not given"),
        (Compare("a", Op.EQ, fact2="b"), {"b": Unknown("lost")}, "'a' is not given; 'b' is unknown: lost"),
        (Compare("a", Op.EQ, 1), {"a": 1.5}, "'a' is not a value that facts can have"),
        (Member("a", ("x",)), {}, "'a' is not given"),
    ],
)
def test_why_something_is_unknown_is_told(condition: Condition, facts: dict[str, Any], reason: str) -> None:
    """A missing fact, a value of another type and a clash are told apart."""
    assert Unknown(reason) == both(condition, facts)


@pytest.mark.parametrize(
    ("value", "answer"), [("x", True), ("z", False), (Decimal(1), Unknown), (True, Unknown)], ids=str
)
def test_a_fact_is_one_of_some_values_of_its_type(value: Any, answer: object) -> None:
    """Membership compares values of one type; for another type it is unknown."""
    found = both(Member("a", ("x", "y")), {"a": value})

    assert answer == (Unknown if isinstance(found, Unknown) else found)


def test_membership_of_nothing_is_no() -> None:
    """Without values a fact is none of them, whatever its type."""
    assert [False, False] == [both(Member("a", ()), {"a": value}) for value in ("x", Decimal(1))]


def test_codes_are_held_or_not() -> None:
    """A set of codes holds a code or does not."""
    assert [True, False] == [both(Has("a", "x"), {"a": codes}) for codes in (frozenset("xy"), frozenset("y"))]


@pytest.mark.parametrize(
    ("second", "offset", "answer"),
    [
        (DAY, dt.timedelta(days=-1), False),
        (DAY, dt.timedelta(days=1), True),
        (DAY, dt.timedelta(hours=36), "'b' cannot be moved by the offset"),
        (dt.date.max, dt.timedelta(days=1), "'b' cannot be moved by the offset"),
        (Decimal(3), dt.timedelta(days=1), "'b' cannot be moved by the offset"),
        (NOON, dt.timedelta(microseconds=1), True),
        (dt.datetime.max.replace(tzinfo=dt.UTC), dt.timedelta(days=1), "'b' cannot be moved by the offset"),
    ],
)
def test_an_offset_moves_the_second_fact(second: Any, offset: dt.timedelta, answer: bool | str) -> None:
    """Dates move by whole days and moments by any time; what cannot be moved makes the test unknown."""
    facts = {"a": second if isinstance(second, Decimal) else DAY if type(second) is dt.date else NOON, "b": second}

    found = both(Compare("a", Op.LT, fact2="b", offset=offset), facts)

    assert answer == (found.reason if isinstance(found, Unknown) else found)


def test_five_reasons_are_listed_and_no_more() -> None:
    """Five reasons stand as they are; of six the last is counted."""
    conditions = [Compare(f"f{number}", Op.EQ, 1) for number in range(6)]
    five = "; ".join(f"'f{number}' is not given" for number in range(5))

    assert Unknown(five) == both(All(tuple(conditions[:5])), {})
    assert Unknown(f"{five}; and 1 more") == both(All(tuple(conditions)), {})


def test_a_long_reason_is_cut() -> None:
    """A reason of 200 characters stands; a longer one ends in an ellipsis there."""
    fits, longer = "x" * (200 - len("'a' is unknown: ")), "y" * 300

    kept, cut = (both(Compare("a", Op.EQ, 1), {"a": Unknown(reason)}) for reason in (fits, longer))

    assert Unknown(f"'a' is unknown: {fits}") == kept
    assert isinstance(cut, Unknown)
    assert (200, "y…") == (len(cut.reason), cut.reason[-2:])


def test_a_condition_of_a_foreign_kind_is_unknown() -> None:
    """What branchkit does not know is neither yes nor no, reads nothing, and the check refuses it."""
    condition = Foreign()

    assert Unknown("a condition of the kind 'Foreign' is not known here") == both(condition, {})
    assert frozenset() == reads(condition)
    assert ["Expected one of branchkit's own kinds of condition - at `$`"] == [str(one) for one in check(condition, {})]
    assert ["$.all[0]"] == [one.path for one in check(All((condition,)), {})]
    with pytest.raises(NotImplementedError):
        condition.to_plain()


def test_reads_looks_into_every_kind() -> None:
    """Each kind names its facts, a comparison with a fact both."""
    parts = (Compare("a", Op.EQ, 1), Compare("b", Op.EQ, fact2="c"), Member("d", ()), Has("e", "x"), Not(Exists("f")))

    assert set("abcdef") == reads(All((AnyOf(parts),)))


@pytest.mark.parametrize(
    ("literal", "values"),
    [
        (True, {FactType.BOOL: True}),
        (2, {FactType.NUMBER: Decimal(2)}),
        ("P2D", {FactType.TEXT: "P2D", FactType.DURATION: dt.timedelta(days=2)}),
        ("2026-03-01", {FactType.TEXT: "2026-03-01", FactType.DATE: DAY}),
        ("2026-03-01T12:00Z", {FactType.TEXT: "2026-03-01T12:00Z", FactType.MOMENT: NOON}),
    ],
)
def test_an_unbound_literal_fits_every_type_it_can_be(literal: Any, values: dict[FactType, Any]) -> None:
    """A literal compares with facts of each type it can be read as, and a bound one with its own."""
    for type_, value in values.items():
        facts = {"a": value}

        assert FactSpec("a", type_).problems_of(value) == ()
        assert True is both(Compare("a", Op.EQ, literal), facts)
        assert True is both(Member("a", (literal,)), facts)
