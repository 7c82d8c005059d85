"""Conditions: reading, checking, answering."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from branchkit.conditions import (
    All,
    AnyOf,
    Compare,
    Condition,
    DerivedFact,
    Exists,
    FactModel,
    FactSpec,
    FactType,
    Has,
    Member,
    Not,
    Op,
    bind,
    check,
    compile_condition,
    evaluate,
    find_cycle,
    holds,
    parse_condition,
    reads,
)
from branchkit.errors import InputError
from branchkit.values import Unknown

SPECS = {
    spec.name: spec
    for spec in (
        FactSpec("grade", FactType.CODE, choices=("general", "serious", "major")),
        FactSpec("stations", FactType.NUMBER, low=Decimal(0), high=Decimal(40)),
        FactSpec("open", FactType.BOOL),
        FactSpec("tags", FactType.CODES, choices=("vip", "night")),
        FactSpec("due", FactType.DATE),
        FactSpec("today", FactType.DATE),
        FactSpec("seen", FactType.MOMENT),
        FactSpec("now", FactType.MOMENT),
        FactSpec("waited", FactType.DURATION),
    )
}


@pytest.mark.parametrize(
    ("plain", "facts", "expected"),
    [
        ({"fact": "grade", "is": "major"}, {"grade": "major"}, True),
        ({"fact": "grade", "in": ["serious", "major"]}, {"grade": "general"}, False),
        ({"fact": "stations", "op": ">=", "value": "2.5"}, {"stations": Decimal(3)}, True),
        ({"fact": "open", "is": True}, {"open": False}, False),
        ({"fact": "tags", "has": "vip"}, {"tags": frozenset({"vip"})}, True),
        ({"fact": "waited", "op": ">", "value": "PT30M"}, {"waited": dt.timedelta(minutes=31)}, True),
        ({"exists": "grade"}, {"grade": Unknown("no field")}, False),
        ({"not": {"exists": "grade"}}, {}, True),
        ({"all": []}, {}, True),
        ({"any": []}, {}, False),
    ],
)
def test_answers(plain: object, facts: dict[str, object], expected: bool) -> None:
    """Each kind of condition answers as its plain form says."""
    assert expected == evaluate(parse_condition(plain), facts)  # type: ignore[arg-type]  # facts of every type


def test_a_date_is_moved_by_whole_days() -> None:
    """An offset is added to the second fact, over the end of a month."""
    soon = parse_condition({"fact": "due", "op": "<=", "fact2": "today", "offset": "P3D"})

    answers = [evaluate(soon, {"due": dt.date(2026, 3, day), "today": dt.date(2026, 2, 27)}) for day in (2, 3)]

    assert [True, False] == answers


def test_an_offset_on_a_moment_is_elapsed_time() -> None:
    """A day on a moment is 24 hours, also where the clocks change in between."""
    zone = ZoneInfo("Europe/London")
    before = dt.datetime(2026, 3, 28, 12, tzinfo=zone)
    same_wall_time_next_day = dt.datetime(2026, 3, 29, 12, tzinfo=zone)
    condition = Compare("now", Op.GE, fact2="seen", offset=dt.timedelta(hours=24))

    assert False is evaluate(condition, {"seen": before, "now": same_wall_time_next_day})


def test_the_hour_that_comes_twice_is_two_hours() -> None:
    """Moments compare by when they are and not by what the clock on the wall shows."""
    zone = ZoneInfo("Europe/London")
    first = dt.datetime(2026, 10, 25, 1, 30, tzinfo=zone)
    condition = Compare("seen", Op.LT, fact2="now")

    assert True is evaluate(condition, {"seen": first, "now": first.replace(fold=1)})


def test_the_reasons_of_an_unknown_are_joined() -> None:
    """An unknown answer carries each reason once, sorted."""
    condition = AnyOf((Compare("b", Op.EQ, 1), Compare("a", Op.EQ, 1), Not(Compare("b", Op.EQ, 2))))

    assert Unknown("'a' is unknown: lost; 'b' is not given") == evaluate(condition, {"a": Unknown("lost")})


def test_only_so_many_reasons_are_listed() -> None:
    """An unknown answer stays short, however many facts are missing."""
    condition = All(tuple(Compare(f"f{number}", Op.EQ, 1) for number in range(9)))

    answer = evaluate(condition, {})

    assert isinstance(answer, Unknown)
    assert answer.reason.endswith("; and 4 more")


@pytest.mark.parametrize("value", [3, 1.5, None, Decimal("NaN"), dt.datetime(2026, 1, 1), ["a"], "text", True])  # noqa: DTZ001
def test_a_value_of_another_type_is_unknown(value: object) -> None:
    """What cannot be compared gives unknown and never an error."""
    condition = Compare("stations", Op.LT, 3)

    assert isinstance(evaluate(condition, {"stations": value}), Unknown)  # type: ignore[dict-item]  # wrong on purpose


def test_an_offset_beyond_the_calendar_is_unknown() -> None:
    """A date that cannot be moved so far gives unknown."""
    condition = Compare("due", Op.LT, fact2="today", offset=dt.timedelta(days=10))

    assert isinstance(evaluate(condition, {"due": dt.date.max, "today": dt.date.max}), Unknown)


def test_the_caller_says_what_unknown_counts_as() -> None:
    """`holds` turns unknown into what the caller chose."""
    assert [True, False] == [holds(Exists("a"), {"a": True}, unknown=False), holds(Has("a", "x"), {}, unknown=False)]


def test_a_compiled_condition_answers_without_its_tree() -> None:
    """A compiled condition gives what `evaluate` gives."""
    condition = All((Member("grade", ("major",)), Not(Has("tags", "vip"))))

    assert True is compile_condition(condition)({"grade": "major", "tags": frozenset[str]()})


def test_reads_names_every_fact() -> None:
    """All facts that can matter are listed, second facts too."""
    condition = AnyOf((Not(Compare("due", Op.LT, fact2="today")), Has("tags", "vip"), Member("grade", ())))

    assert {"due", "today", "tags", "grade"} == reads(condition)


@pytest.mark.parametrize(
    ("plain", "places"),
    [
        (3, ["$"]),
        ({}, ["$"]),
        ({"all": [], "any": []}, ["$"]),
        ({"all": {}}, ["$.all"]),
        ({"all": [1, {"exists": None}]}, ["$.all[0]", "$.all[1].exists"]),
        ({"not": []}, ["$.not"]),
        ({"not": {"exists": "a"}, "why": "x"}, ["$.why"]),
        ({"fact": "a"}, ["$"]),
        ({"fact": "a", "is": 1, "in": [1]}, ["$"]),
        ({"fact": "a b", "is": 1}, ["$.fact"]),
        ({"fact": "a", "is": None}, ["$.is"]),
        ({"fact": "a", "is": 1.5}, ["$.is"]),
        ({"fact": "a", "is": Decimal("Infinity")}, ["$.is"]),
        ({"fact": "a", "in": ["x", []]}, ["$.in[1]"]),
        ({"fact": "a", "has": 3}, ["$.has"]),
        ({"fact": "a", "op": "~", "value": 1}, ["$.op"]),
        ({"fact": "a", "op": "<"}, ["$"]),
        ({"fact": "a", "op": "<", "value": 1, "offset": "P1D"}, ["$.offset"]),
        ({"fact": "a", "op": "<", "fact2": "b", "offset": "P1M"}, ["$.offset"]),
        ({"fact": "a", "op": "<", "fact2": 1}, ["$.fact2"]),
    ],
)
def test_every_problem_has_its_place(plain: object, places: list[str]) -> None:
    """What is no condition is refused, with the place of each problem."""
    with pytest.raises(InputError) as caught:
        parse_condition(plain)

    assert places == [problem.path for problem in caught.value.problems]


def test_nesting_has_a_bottom() -> None:
    """A condition nested too deep is refused when it is read and when it is built."""
    plain: object = {"exists": "a"}
    for _ in range(60):
        plain = {"not": plain}

    with pytest.raises(InputError, match="at most 40"):
        parse_condition(plain)
    condition: Condition = Exists("a")
    for _ in range(39):
        condition = Not(condition)
    with pytest.raises(ValueError, match="at most 40"):
        Not(Not(condition))


@pytest.mark.parametrize(
    ("plain", "path", "words"),
    [
        ({"fact": "grad", "is": "major"}, "$.fact", "Unknown fact 'grad'"),
        ({"exists": "x"}, "$.exists", "Unknown fact 'x'"),
        ({"fact": "grade", "is": "severe"}, "$.is", "one of: general, serious, major"),
        ({"fact": "grade", "is": 3}, "$.is", "Type clash"),
        ({"fact": "grade", "op": "<", "value": "major"}, "$.op", "no order"),
        ({"fact": "due", "is": "soon"}, "$.is", "a date"),
        ({"fact": "stations", "op": ">", "value": 41}, "$.value", "at most 40"),
        ({"fact": "tags", "is": "vip"}, "$", "has"),
        ({"fact": "tags", "in": ["vip"]}, "$", "has"),
        ({"fact": "tags", "has": "day"}, "$.has", "one of: vip, night"),
        ({"fact": "grade", "has": "major"}, "$", "has asks a set"),
        ({"fact": "grade", "in": []}, "$.in", "no effect"),
        ({"fact": "stations", "in": [1, "1.0"]}, "$.in[1]", "already listed"),
        ({"any": []}, "$.any", "no effect"),
        ({"fact": "due", "op": "<", "fact2": "now"}, "$.fact2", "Type clash"),
        ({"fact": "due", "op": "<", "fact2": "due"}, "$.fact2", "itself"),
        ({"fact": "open", "op": "<", "fact2": "open"}, "$.op", "no order"),
        ({"fact": "due", "op": "<", "fact2": "today", "offset": "PT36H"}, "$.offset", "whole days"),
        ({"fact": "due", "op": "<", "fact2": "today", "offset": "P0D"}, "$.offset", "no effect"),
        ({"fact": "waited", "op": "<", "fact2": "waited", "offset": "P1D"}, "$.offset", "dates and moments"),
    ],
)
def test_check_reports_what_cannot_be_meant(plain: object, path: str, words: str) -> None:
    """Unknown facts, type clashes and settings without effect are found before anything runs."""
    problems = check(parse_condition(plain), SPECS)

    assert [problem for problem in problems if problem.path == path and words.lower() in problem.message.lower()]


def test_binding_gives_literals_their_types() -> None:
    """A bound condition holds typed literals, is equal to itself read again, and answers the same."""
    plain = {"all": [{"fact": "due", "op": "<", "value": "2026-03-01"}, {"fact": "stations", "in": ["2.5", 3]}]}

    bound = bind(parse_condition(plain), SPECS)

    assert plain == bound.to_plain()
    assert parse_condition(plain) == bound
    assert hash(parse_condition(plain)) == hash(bound)
    assert True is evaluate(bound, {"due": dt.date(2026, 1, 1), "stations": Decimal("2.5")})


def test_binding_refuses_with_every_problem() -> None:
    """`bind` raises what `check` reports."""
    condition = All((Exists("x"), Exists("y")))

    with pytest.raises(InputError) as caught:
        bind(condition, SPECS)

    assert check(condition, SPECS) == caught.value.problems


def test_derived_facts_are_worked_out_in_order() -> None:
    """A fact that follows from another derived fact is worked out after it."""
    model = FactModel(
        facts=(SPECS["due"], SPECS["today"], SPECS["grade"]),
        derived=(
            DerivedFact("urgent", when=All((Compare("late", Op.EQ, True), Compare("grade", Op.EQ, "major")))),
            DerivedFact("late", when=Compare("due", Op.LT, fact2="today")),
        ),
    )

    complete = model.complete({"due": dt.date(2026, 1, 1), "today": dt.date(2026, 1, 2), "grade": "major"})

    assert (True, True) == (complete["late"], complete["urgent"])


def test_a_cycle_is_reported_with_its_path() -> None:
    """Facts that follow from each other are refused, and the message names the way round."""
    model = FactModel(
        facts=(),
        derived=(DerivedFact("a", when=Exists("b")), DerivedFact("b", when=Not(Exists("a")))),
    )

    problems = list(model.validate())

    assert ["$.derived[0].when"] == [problem.path for problem in problems]
    assert "a -> b -> a" in problems[0].message
    with pytest.raises(InputError):
        model.complete({})


def test_a_fact_is_declared_once() -> None:
    """One name for two facts is refused where it stands the second time."""
    model = FactModel(facts=(SPECS["open"],), derived=(DerivedFact("open", when=Exists("open")),))

    assert "$.derived[0].name" in [problem.path for problem in model.validate()]


def test_a_cycle_is_found_behind_names_that_are_done() -> None:
    """A name that was searched on the way of another does not end the search."""
    assert ("c", "d", "c") == find_cycle({"a": ["b"], "b": [], "c": ["d"], "d": ["c"]})


def test_long_chains_have_no_cycle() -> None:
    """A chain longer than Python's stack is searched all the same."""
    chain = {f"f{number}": [f"f{number + 1}"] for number in range(5000)}

    assert find_cycle(chain) is None


@pytest.mark.parametrize(
    ("spec", "places"),
    [
        (FactSpec("a", FactType.BOOL, choices=("x",)), ["$.choices"]),
        (FactSpec("a", FactType.CODE, choices=("x", "x")), ["$.choices"]),
        (FactSpec("a", FactType.CODE, low=Decimal(1)), ["$.low"]),
        (FactSpec("a", FactType.NUMBER, low=Decimal(2), high=Decimal(1)), ["$.high"]),
        (FactSpec("a", FactType.NUMBER, low=Decimal("NaN")), ["$.low"]),
        (FactSpec("a", FactType.DURATION, low=Decimal(0)), []),
    ],
)
def test_a_spec_is_judged_itself(spec: FactSpec, places: list[str]) -> None:
    """Choices and bounds that have no effect or contradict each other are reported."""
    assert places == [problem.path for problem in spec.validate()]


@pytest.mark.parametrize(
    ("name", "value", "fits"),
    [
        ("grade", "major", True),
        ("grade", "x", False),
        ("grade", True, False),
        ("stations", Decimal(40), True),
        ("stations", Decimal(41), False),
        ("stations", Decimal(-1), False),
        ("stations", 3, False),
        ("tags", frozenset({"vip"}), True),
        ("tags", frozenset({"x"}), False),
        ("due", dt.date(2026, 1, 1), True),
        ("due", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), False),
        ("seen", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), True),
        ("open", Unknown("no field"), True),
    ],
)
def test_a_spec_judges_values(name: str, value: object, fits: bool) -> None:
    """A value fits its fact's type, choices and bounds, or is reported."""
    assert fits == (not SPECS[name].problems_of(value))
