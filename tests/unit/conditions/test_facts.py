"""What facts may be called, which values they take, and how literals become such values."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.conditions import DerivedFact, Exists, FactModel, FactSpec, FactType
from branchkit.conditions.facts import coerce, is_fact_name, settle
from branchkit.errors import InputError
from branchkit.values import Text, Unknown

EIGHT = dt.timezone(dt.timedelta(hours=8))
NOON = dt.datetime(2026, 3, 1, 12, tzinfo=EIGHT)
LARGEST = Decimal(10) ** 12


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("a", True),
        ("a.1-b_c", True),
        ("a" * 200, True),
        ("a" * 201, False),
        ("1a", False),
        ("a..b", False),
        ("", False),
    ],
)
def test_a_fact_name_is_made_of_identifiers_and_dots(name: str, right: bool) -> None:
    """A name begins with a letter, has at most 200 characters, and no part is empty."""
    assert right == is_fact_name(name)
    if not right:
        with pytest.raises(ValueError, match="Expected a fact name"):
            FactSpec(name, FactType.BOOL)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("a", (FactType.TEXT, "a")),
        (True, (FactType.BOOL, True)),
        (Decimal("1.5"), (FactType.NUMBER, Decimal("1.5"))),
        (Decimal("Infinity"), None),
        (NOON, (FactType.MOMENT, NOON)),
        (NOON.replace(tzinfo=dt.UTC), (FactType.MOMENT, NOON.replace(tzinfo=dt.UTC))),
        (NOON.replace(tzinfo=None), None),
        (dt.datetime.min.replace(tzinfo=EIGHT), None),
        (dt.date(2026, 3, 1), (FactType.DATE, dt.date(2026, 3, 1))),
        (dt.timedelta(1), (FactType.DURATION, dt.timedelta(1))),
        (frozenset({"a"}), (FactType.CODES, frozenset({"a"}))),
        (Unknown("x"), None),
        ({"a"}, None),
        (1, None),
    ],
)
def test_a_value_has_one_type_or_is_none(value: object, expected: object) -> None:
    """Each Python type stands for one type of fact; anything else is no value."""
    assert expected == settle(value)


def test_a_moment_settles_in_utc() -> None:
    """Moments compare in one zone, so the clock on the wall plays no part."""
    settled = settle(NOON)

    assert settled is not None
    assert isinstance(settled[1], dt.datetime)
    assert (dt.UTC, 4) == (settled[1].tzinfo, settled[1].hour)


@pytest.mark.parametrize(
    ("literal", "type", "value"),
    [
        (True, FactType.BOOL, True),
        (True, FactType.NUMBER, None),
        (Decimal(3), FactType.NUMBER, Decimal(3)),
        (Decimal(1), FactType.BOOL, None),
        (Decimal(3), FactType.TEXT, None),
        ("2.5", FactType.NUMBER, Decimal("2.5")),
        ("two", FactType.NUMBER, None),
        ("a", FactType.CODE, "a"),
        ("a", FactType.TEXT, "a"),
        ("a", FactType.CODES, None),
        ("true", FactType.BOOL, None),
        ("P1D", FactType.DURATION, dt.timedelta(days=1)),
        ("a day", FactType.DURATION, None),
        ("2026-03-01T12:00+08:00", FactType.MOMENT, NOON),
        ("2026-03-01T12:00", FactType.MOMENT, None),
        ("0001-01-01T00:00+08:00", FactType.MOMENT, None),
        ("2026-03-01", FactType.DATE, dt.date(2026, 3, 1)),
    ],
)
def test_a_literal_takes_the_type_of_the_fact(literal: Any, type: FactType, value: object) -> None:
    """The same text is a code, a date or a number, as the fact says; what does not fit is none."""
    assert value == coerce(literal, type)


@pytest.mark.parametrize(
    ("spec", "value", "message"),
    [
        (FactSpec("n", FactType.NUMBER, low=Decimal(2)), Decimal(2), None),
        (FactSpec("n", FactType.NUMBER, low=Decimal("2.5")), Decimal(2), "Expected at least 2.5"),
        (FactSpec("n", FactType.NUMBER, high=Decimal(2)), Decimal(2), None),
        (FactSpec("n", FactType.NUMBER, high=Decimal(2)), Decimal("2.1"), "Expected at most 2"),
        (FactSpec("n", FactType.NUMBER, high=LARGEST), LARGEST + 1, f"Expected at most {LARGEST}"),
        (FactSpec("n", FactType.NUMBER, high=LARGEST + 1), LARGEST + 2, None),
        (FactSpec("t", FactType.DURATION, low=Decimal("0.5")), dt.timedelta(milliseconds=500), None),
        (FactSpec("t", FactType.DURATION, high=Decimal(60)), dt.timedelta(seconds=61), "Expected at most PT1M"),
        (FactSpec("d", FactType.DATE, low=Decimal(60)), dt.date.min, None),
        (FactSpec("d", FactType.DATE), "2026-03-01", "Expected a date (YYYY-MM-DD)"),
        (FactSpec("c", FactType.CODE, choices=("a", "b")), "c", "Expected one of: a, b"),
        (FactSpec("c", FactType.CODES, choices=("a", "b")), frozenset({"a", "c"}), "Expected one of: a, b"),
        (FactSpec("c", FactType.CODES, choices=("a", "b")), frozenset({"a", "b"}), None),
        (FactSpec("c", FactType.CODES), frozenset({"a", 3}), "Expected a set of codes"),
        (FactSpec("c", FactType.CODES), "a", "Expected a set of codes"),
        (FactSpec("b", FactType.BOOL), Unknown(), None),
    ],
)
def test_a_value_is_judged_with_words(spec: FactSpec, value: object, message: str | None) -> None:
    """The bounds belong to the values; what does not fit is told with what would."""
    problems = spec.problems_of(value, "$.v")

    assert ([] if message is None else [("$.v", message)]) == [(one.path, one.message) for one in problems]


@pytest.mark.parametrize(
    ("spec", "problems"),
    [
        (FactSpec("a", FactType.CODES, choices=("x",)), []),
        (
            FactSpec("a", FactType.TEXT, choices=("x", "x")),
            [
                "Has no effect: a fact that is text takes no choices - at `$.choices`",
                "Expected each choice once - at `$.choices`",
            ],
        ),
        (FactSpec("a", FactType.NUMBER, low=Decimal(1), high=Decimal(1)), []),
        (FactSpec("a", FactType.NUMBER, low=-LARGEST, high=LARGEST), []),
        (
            FactSpec("a", FactType.NUMBER, low=-LARGEST - 1, high=LARGEST + 1),
            [f"Expected a finite number of a sensible size - at `$.{key}`" for key in ("low", "high")],
        ),
        (
            FactSpec("a", FactType.NUMBER, low=Decimal("NaN"), high=Decimal(1)),
            ["Expected a finite number of a sensible size - at `$.low`"],
        ),
        (
            FactSpec("a", FactType.NUMBER, low=Decimal(1), high=Decimal("NaN")),
            ["Expected a finite number of a sensible size - at `$.high`"],
        ),
        (
            FactSpec("a", FactType.DATE, high=Decimal(1)),
            ["Has no effect: a fact that is a date (YYYY-MM-DD) takes no bounds - at `$.high`"],
        ),
        (
            FactSpec("a", FactType.DURATION, low=Decimal(2), high=Decimal(1)),
            ["Expected no less than low - at `$.high`"],
        ),
    ],
)
def test_a_spec_tells_everything_wrong_with_itself(spec: FactSpec, problems: list[str]) -> None:
    """Choices and bounds are judged by the type of the fact and by each other."""
    assert problems == [str(problem) for problem in spec.validate()]


def test_a_spec_is_described_in_words() -> None:
    """The description names the type, the choices and the bounds that there are."""
    assert "a code, one of a, b" == FactSpec("c", FactType.CODE, choices=("a", "b")).describe()
    assert (
        "a number, at least 1, at most 2.5"
        == FactSpec("n", FactType.NUMBER, low=Decimal(1), high=Decimal("2.50")).describe()
    )


def test_bounds_have_the_type_of_the_fact() -> None:
    """A span of time is bounded in seconds; what takes no bounds has none."""
    span = FactSpec("t", FactType.DURATION, low=Decimal("0.000001"), high=Decimal(90))

    assert (dt.timedelta(microseconds=1), dt.timedelta(seconds=90)) == span.bounds
    assert (None, None) == FactSpec("c", FactType.CODE, low=Decimal(1)).bounds


def test_of_a_spec_only_name_and_type_go_by_position() -> None:
    """Everything else has its name, and a spec is a frozen value."""
    with pytest.raises(TypeError):
        FactSpec("a", FactType.CODE, ("x",))  # type: ignore[call-arg]  # wrong on purpose
    assert {FactSpec("a", FactType.BOOL): 1}[FactSpec("a", FactType.BOOL)] == 1
    assert FactSpec("a", FactType.BOOL).may_be_unknown is False


def test_a_derived_fact_is_told_as_one_that_may_be_unknown() -> None:
    """A derived fact is true/false, may be unknown, and keeps its title."""
    title = Text(zh="逾期", en="late")
    model = FactModel(
        facts=(FactSpec("due", FactType.DATE),), derived=(DerivedFact("late", when=Exists("due"), title=title),)
    )

    assert FactSpec("late", FactType.BOOL, may_be_unknown=True, title=title) == model.specs["late"]
    assert ["due", "late"] == list(model.specs)


def test_a_model_that_is_wrong_works_nothing_out() -> None:
    """Every problem is raised when facts are to be completed."""
    model = FactModel(
        facts=(FactSpec("a", FactType.BOOL), FactSpec("a", FactType.DATE)),
        derived=(DerivedFact("b", when=Exists("c")),),
    )

    with pytest.raises(InputError) as caught:
        model.complete({})

    assert [
        "Expected each fact once; 'a' is declared above - at `$.facts[1].name`",
        "Unknown fact 'c'; there are: a, b - at `$.derived[0].when.exists`",
    ] == [str(problem) for problem in caught.value.problems]
