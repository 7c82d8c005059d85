"""The tree of conditions: read from plain data, written back, and its promises."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import jsonschema
import pytest

from branchkit.conditions import All, AnyOf, Compare, Condition, Exists, Has, Member, Not, Op, parse_condition
from branchkit.errors import InputError

LEAF = Exists("a")


def nested(depth: int) -> dict[str, Any]:
    plain: dict[str, Any] = {"exists": "a"}
    for _ in range(depth - 1):
        plain = {"all": [plain]}
    return plain


PLAIN: list[dict[str, Any]] = [
    {"all": [{"exists": "a"}, {"any": [{"not": {"exists": "b"}}]}]},
    {"any": [{"exists": "a"}]},
    {"exists": "a" * 200},
    {"fact": "a", "is": 3},
    {"fact": "a", "in": ["x"]},
    {"fact": "a", "in": ["x", 2, True]},
    {"fact": "a", "has": "x"},
    {"fact": "a", "op": "!=", "value": "2.5"},
    {"fact": "a", "op": ">", "fact2": "b"},
    {"fact": "a", "op": "<=", "fact2": "b", "offset": "P3D"},
]


@pytest.mark.parametrize("plain", PLAIN)
def test_a_condition_is_written_as_it_was_read(plain: dict[str, Any]) -> None:
    """The plain form survives, and the schema admits it."""
    condition = parse_condition(plain)

    assert plain == condition.to_plain()
    assert condition == Condition.from_plain(plain)
    jsonschema.validate(plain, Condition.plain_schema())


@pytest.mark.parametrize(
    "plain",
    [
        {},
        {"exists": "a" * 201},
        {"all": []},
        {"all": [], "any": []},
        {"fact": "a"},
        {"fact": "a", "is": 1, "x": 1},
        {"fact": "a", "in": []},
    ],
)
def test_the_schema_refuses_what_is_no_condition(plain: dict[str, Any]) -> None:
    """Editors mark empty lists, keys too many and keys too few."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, Condition.plain_schema())


def test_depth_counts_the_conditions_inside_one_another() -> None:
    """A leaf is one deep, and a branch one more than its deepest part."""
    deep = Not(All((LEAF, AnyOf((LEAF,)))))

    assert [1, 1, 1, 4] == [one.depth for one in (LEAF, All(()), AnyOf(()), deep)]
    assert 3 == AnyOf((LEAF, Not(LEAF))).depth


def test_forty_conditions_may_be_nested() -> None:
    """Forty in one another are read and built; one more is refused in its place."""
    deepest = parse_condition(nested(40))

    assert 40 == deepest.depth
    for build in (lambda part: All((part,)), lambda part: AnyOf((part,)), Not):
        assert 40 == build(deepest.parts[0]).depth  # type: ignore[attr-defined]  # an All, as nested() makes them
        with pytest.raises(ValueError, match="Expected at most 40 conditions nested in one another"):
            build(deepest)
    nots: object = {"exists": "a"}
    for _ in range(39):
        nots = {"not": nots}
    assert 40 == parse_condition(nots).depth
    for kind in ("not", "all", "any"):
        plain = nested(40)
        with pytest.raises(InputError, match="Expected at most 40 conditions nested in one another"):
            parse_condition({kind: plain if kind == "not" else [plain]})


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({}, "Expected either a value or a second fact to compare with"),
        ({"value": 1, "fact2": "b"}, "Expected either a value or a second fact to compare with"),
        ({"value": 1, "offset": dt.timedelta(1)}, "Expected an offset only with a second fact"),
        ({"fact2": "not a name"}, "Expected a fact name"),
    ],
)
def test_a_comparison_has_one_right_side(values: dict[str, Any], message: str) -> None:
    """Either a value, or a fact that may be moved."""
    with pytest.raises(ValueError, match=message):
        Compare("a", Op.LT, **values)


@pytest.mark.parametrize("build", [lambda name: Member(name, ()), lambda name: Has(name, "x"), Exists])
def test_every_kind_checks_the_name_of_its_fact(build: Any) -> None:
    """A condition about something that cannot be a fact cannot be built."""
    with pytest.raises(ValueError, match="Expected a fact name"):
        build("not a name")


def test_a_comparison_takes_a_second_fact_by_name_only() -> None:
    """What stands third is a value; a second fact and its offset are named."""
    with pytest.raises(TypeError):
        Compare("a", Op.LT, None, "b")  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        Compare("a", Op.LT, None, dt.timedelta(1), fact2="b")  # type: ignore[arg-type, call-arg]  # wrong on purpose


@pytest.mark.parametrize("one", [All((LEAF,)), AnyOf((LEAF,)), Not(LEAF), Compare("a", Op.EQ, 1), Member("a", ("x",)),
                                 Has("a", "x"), LEAF])  # fmt: skip
def test_conditions_are_frozen_values(one: Any) -> None:
    """A condition equals one with the same plain form, can be a key, and does not change."""
    again = parse_condition(one.to_plain())

    assert (one, hash(one)) == (again, hash(again))
    assert type(one) is type(again)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        setattr(one, attrs.fields(type(one))[0].name, None)


@pytest.mark.parametrize(
    ("plain", "problems"),
    [
        ([], ["Expected a condition (an object), got a list - at `$`"]),
        ({"all": "x"}, ["Expected a list, got text - at `$.all`"]),
        ({"all": [], "fact2": "x"}, ["Unknown key; here are known: all - at `$.fact2`"]),
        ({"fact": "a"}, ["Expected one of: is, in, has, op - at `$`"]),
        ({"fact": "a", "is": 1, "has": "x"}, ["Expected only one of: is, in, has, op - at `$`"]),
        ({"fact": "a", "is": 1, "value": 2}, ["Unknown key; here are known: fact, is - at `$.value`"]),
        (
            {"fact": "a", "op": "=", "fact2": "b", "then": 1},
            [
                "Unknown key; here are known: fact, fact2, offset, op, value - at `$.then`",
                "Expected one of: == != < <= > >= - at `$.op`",
            ],
        ),
        (
            {"fact": "a", "op": "<", "value": 1, "fact2": "b"},
            ["Expected either a value or a fact2 to compare with - at `$`"],
        ),
        ({"fact": "a", "op": "<", "value": None}, ["Expected text, a number or true/false, got null - at `$.value`"]),
        ({"fact": "a", "op": "<", "value": 1, "offset": "P1D"}, ["Has no effect without fact2 - at `$.offset`"]),
        (
            {"fact": "a", "op": "<", "fact2": "b", "offset": 3},
            ["Expected a span of days, hours, minutes or seconds, as in P30D or PT30M - at `$.offset`"],
        ),
        ({"fact": 1, "is": 1}, ["Expected a fact name, got a whole number - at `$.fact`"]),
        ({"fact": 1, "has": "x"}, ["Expected a fact name, got a whole number - at `$.fact`"]),
        ({"fact": 1, "in": ["x"]}, ["Expected a fact name, got a whole number - at `$.fact`"]),
        ({"fact": 1, "op": "<", "value": 1}, ["Expected a fact name, got a whole number - at `$.fact`"]),
        ({"fact": 1, "op": "<", "fact2": "b"}, ["Expected a fact name, got a whole number - at `$.fact`"]),
        ({"fact": "a", "has": 1}, ["Expected a code (text), got a whole number - at `$.has`"]),
        ({"fact": "a", "in": "x"}, ["Expected a list, got text - at `$.in`"]),
        ({"not": {"not": 3}}, ["Expected a condition (an object), got a whole number - at `$.not.not`"]),
        (
            {"any": [{"exists": ""}, 1]},
            [
                (
                    "Expected a fact name: letters, digits, - and _ joined by dots, as in branch.kind "
                    "- at `$.any[0].exists`"
                ),
                "Expected a condition (an object), got a whole number - at `$.any[1]`",
            ],
        ),
        ({}, ["Expected exactly one of: all, any, not, exists, fact - at `$`"]),
    ],
)
def test_every_problem_is_told_with_its_place(plain: object, problems: list[str]) -> None:
    """What is wrong is listed in the order of the document, with what would be right."""
    with pytest.raises(InputError) as caught:
        parse_condition(plain, source="guard")

    assert ("guard", problems) == (caught.value.source, [str(problem) for problem in caught.value.problems])


def test_a_list_may_be_a_tuple_and_an_offset_a_span() -> None:
    """Plain data that Python built needs no detour over text."""
    read = parse_condition({"all": ({"fact": "a", "op": "<", "fact2": "b", "offset": dt.timedelta(days=3)},)})

    assert All((Compare("a", Op.LT, fact2="b", offset=dt.timedelta(days=3)),)) == read


def test_only_order_needs_an_order() -> None:
    """Equality can be asked of every type."""
    assert [False, False, True, True, True, True] == [op.needs_order for op in Op]
