"""The laws of conditions: total, Kleene's logic, lossless plain forms, one answer however it is worked out."""

from __future__ import annotations

import datetime as dt
import itertools
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from branchkit.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    Exists,
    FactModel,
    FactSpec,
    FactType,
    Has,
    Member,
    Not,
    Op,
    check,
    compile_condition,
    evaluate,
    parse_condition,
    reads,
)
from branchkit.errors import InputError, Problem
from branchkit.values import Unknown

NAMES = ("a", "b", "c.d", "e-1")
names = st.sampled_from(NAMES)
small_numbers = st.integers(-3, 3).map(Decimal) | st.sampled_from([Decimal("0.5"), Decimal("2.50")])
days = st.dates(dt.date(2026, 1, 1), dt.date(2026, 1, 5)) | st.sampled_from([dt.date.min, dt.date.max])
moments = st.datetimes(dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 2), timezones=st.just(dt.UTC))  # noqa: DTZ001
spans = st.sampled_from([dt.timedelta(days=1), dt.timedelta(hours=-36), dt.timedelta(0), dt.timedelta(days=10**6)])
scalars: st.SearchStrategy[Any] = (
    st.booleans() | small_numbers | st.sampled_from(["x", "y", "", "2.5", "2026-01-02", "P1D"]) | days | moments | spans
)
values: st.SearchStrategy[Any] = scalars | st.frozensets(st.sampled_from(["x", "y"]))
oddities: st.SearchStrategy[Any] = st.sampled_from(
    [None, 1, 1.5, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), dt.datetime(1, 1, 1), [], {}, object()]  # noqa: DTZ001
)
unknowns = st.sampled_from([Unknown("lost"), Unknown()])
facts = st.dictionaries(names, values | unknowns)
any_facts = st.dictionaries(names, values | unknowns | oddities)
ops = st.sampled_from(list(Op))

tests_of_values: st.SearchStrategy[Condition] = st.one_of(
    st.builds(Compare, names, ops, scalars),
    st.builds(lambda fact, op, fact2, offset: Compare(fact, op, fact2=fact2, offset=offset), names, ops, names,
              st.none() | spans),
    st.builds(Member, names, st.lists(scalars, max_size=3).map(tuple)),
    st.builds(Has, names, st.sampled_from(["x", "y"])),
)  # fmt: skip


def trees(leaves: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    def grow(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
        parts = st.lists(inner, max_size=3).map(tuple)
        return st.builds(All, parts) | st.builds(AnyOf, parts) | st.builds(Not, inner)

    return st.recursive(leaves, grow, max_leaves=6)


conditions = trees(tests_of_values | st.builds(Exists, names))


@given(conditions, any_facts)
def test_every_condition_answers_on_whatever_facts(condition: Condition, given_facts: dict[str, Any]) -> None:
    """Evaluation is total: true, false or unknown with a reason, and never an error."""
    answer = evaluate(condition, given_facts)

    assert isinstance(answer, (bool, Unknown))
    assert not isinstance(answer, Unknown) or answer.reason


@given(conditions, any_facts)
def test_compiled_is_evaluated(condition: Condition, given_facts: dict[str, Any]) -> None:
    """A compiled condition answers like its tree, reasons included."""
    assert evaluate(condition, given_facts) == compile_condition(condition)(given_facts)


@given(st.lists(conditions, max_size=3).map(tuple), any_facts)
def test_de_morgan(parts: tuple[Condition, ...], given_facts: dict[str, Any]) -> None:
    """Not all is any not, and not any is all not, also where something is unknown."""
    inverted = tuple(map(Not, parts))

    assert evaluate(AnyOf(inverted), given_facts) == evaluate(Not(All(parts)), given_facts)
    assert evaluate(All(inverted), given_facts) == evaluate(Not(AnyOf(parts)), given_facts)


@given(conditions, any_facts)
def test_two_negations_are_none(condition: Condition, given_facts: dict[str, Any]) -> None:
    """A condition negated twice answers like itself."""
    assert evaluate(condition, given_facts) == evaluate(Not(Not(condition)), given_facts)


@given(trees(tests_of_values), facts, facts)
def test_learning_more_never_flips_an_answer(
    condition: Condition, known: dict[str, Any], learnt: dict[str, Any]
) -> None:
    """What is answered without a fact keeps its answer whatever the fact turns out to be, unless it asks exists.

    A value of a type that the test cannot compare is no knowledge: it leaves the answer unknown.
    """
    unknown = {name: value for name, value in learnt.items() if isinstance(known.get(name, Unknown()), Unknown)}

    before, after = evaluate(condition, known), evaluate(condition, known | unknown)

    assert isinstance(before, Unknown) or before == after


@given(conditions, any_facts)
def test_the_plain_form_loses_nothing(condition: Condition, given_facts: dict[str, Any]) -> None:
    """A condition written and read again is equal, has an equal hash, and answers the same."""
    again = parse_condition(condition.to_plain())

    assert condition == again
    assert hash(condition) == hash(again)
    assert condition.to_plain() == again.to_plain()
    assert evaluate(condition, given_facts) == evaluate(again, given_facts)


@given(conditions, any_facts, any_facts)
def test_only_what_is_read_matters(condition: Condition, one: dict[str, Any], other: dict[str, Any]) -> None:
    """Facts that `reads` does not name never change the answer."""
    named = reads(condition)
    merged = {name: value for name, value in one.items() if name in named}
    merged |= {name: value for name, value in other.items() if name not in named}

    assert evaluate(condition, one) == evaluate(condition, merged)


@given(conditions, st.lists(st.tuples(names, st.sampled_from(FactType)), unique_by=lambda pair: pair[0]), facts)
def test_what_passes_the_check_never_clashes(
    condition: Condition, typed: list[tuple[str, FactType]], given_facts: dict[str, Any]
) -> None:
    """A condition that passes the check gives no type clash on facts that fit their specs."""
    specs = {name: FactSpec(name, type) for name, type in typed}
    fitting = {
        name: value for name, value in given_facts.items() if name in specs and not specs[name].problems_of(value)
    }

    answer = evaluate(condition, fitting)

    assert check(condition, specs) or not (isinstance(answer, Unknown) and "type clash" in answer.reason)


plain_leaves = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.sampled_from(NAMES)
keys = st.sampled_from(
    ["all", "any", "not", "exists", "fact", "is", "in", "has", "op", "value", "fact2", "offset", "x y"]
)
plain = st.recursive(
    plain_leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


@given(plain)
def test_anything_is_read_or_refused_with_places(data: object) -> None:
    """Whatever data is given, it is a condition or an input error whose problems all have places."""
    problems: tuple[Problem, ...] = ()
    try:
        condition = parse_condition(data)
    except InputError as error:
        condition, problems = None, error.problems

    assert (condition is None) == bool(problems)
    assert all(problem.path.startswith("$") and problem.message for problem in problems)


@given(st.dictionaries(names, st.lists(names), max_size=4))
def test_a_cycle_is_found_or_the_facts_have_an_order(graph: dict[str, list[str]]) -> None:
    """A cycle that is reported is one; and where none is, every derived fact can be worked out."""
    from branchkit.conditions import DerivedFact, find_cycle

    cycle = find_cycle(graph)
    derived = tuple(
        DerivedFact(name, when=All(tuple(map(Exists, [*others, "given"])))) for name, others in graph.items()
    )
    targets = {other for others in graph.values() for other in others} - graph.keys()
    model = FactModel(
        facts=tuple(FactSpec(name, FactType.BOOL) for name in sorted(targets | {"given"})), derived=derived
    )

    if cycle is None:
        assert graph.keys() <= model.complete({}).keys()
    else:
        assert cycle[0] == cycle[-1]
        assert all(after in graph[before] for before, after in itertools.pairwise(cycle))
        assert any("Follows from itself" in problem.message for problem in model.validate())
