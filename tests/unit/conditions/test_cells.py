"""The cells of a decision table: what each asks, and what it refuses."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from typing import Any

import jsonschema
import pytest

from branchkit.conditions import Cell, Equals, FactSpec, FactType, Holding, IsUnknown, NoneOf, OneOf, Within
from branchkit.errors import InputError, Problem

GRADE = FactSpec("grade", FactType.CODE, choices=("a", "b"))
COUNT = FactSpec("count", FactType.NUMBER, high=Decimal(9))
DUE = FactSpec("due", FactType.DATE)
TAGS = FactSpec("tags", FactType.CODES, choices=("x", "y"))
MAYBE = FactSpec("maybe", FactType.BOOL, may_be_unknown=True)


class Odd(Cell):
    """A kind of cell that somebody else made up."""

    __slots__ = ()


def bound(cell: Cell, spec: FactSpec) -> tuple[Cell, list[str]]:
    problems: list[Problem] = []
    return cell.bind(spec, "$", problems), [str(problem) for problem in problems]


@pytest.mark.parametrize(
    ("cell", "accepted", "refused"),
    [
        (Equals("a"), ["a"], ["b", True]),
        (Equals(2), [Decimal("2.0")], [Decimal(3)]),
        (OneOf(("a", "b")), ["a", "b"], ["c"]),
        (NoneOf(("a", "b")), ["c"], ["a", "b"]),
        (Within(start=2, to=4), [Decimal(2), Decimal(3), Decimal(4)], [Decimal("1.9"), Decimal("4.1")]),
        (Within(above=2, below=4), [Decimal("2.1"), Decimal("3.9")], [Decimal(2), Decimal(4)]),
        (Within(), [Decimal(0)], []),
        (
            Holding(has=("x", "y"), lacks=("z",)),
            [frozenset("xy"), frozenset("xyw")],
            [frozenset("x"), frozenset("xyz"), "xy"],
        ),
        (IsUnknown(), [], ["a", True]),
    ],
)
def test_a_cell_accepts_what_it_asks_for(cell: Cell, accepted: list[Any], refused: list[Any]) -> None:
    """Bounds named from and to belong to a range, above and below do not; a set holds all and none."""
    assert [True] * len(accepted) == [cell.accepts(value) for value in accepted]
    assert [False] * len(refused) == [cell.accepts(value) for value in refused]


@pytest.mark.parametrize(
    ("cell", "literals"),
    [
        (Equals("a"), ("a",)),
        (OneOf(("a", 2)), ("a", Decimal(2))),
        (NoneOf(("a",)), ("a",)),
        (Within(start=1, to=4), (Decimal(1), Decimal(4))),
        (Within(above=1, below=4), (Decimal(1), Decimal(4))),
        (Holding(has=("x",), lacks=("y", "z")), ("x", "y", "z")),
        (IsUnknown(), ()),
    ],
)
def test_a_cell_names_the_values_at_which_it_changes(cell: Cell, literals: tuple[object, ...]) -> None:
    """Between those values a cell answers alike."""
    assert literals == cell.literals()


@pytest.mark.parametrize(
    ("cell", "spec", "typed"),
    [
        (Equals("2026-03-01"), DUE, Equals(dt.date(2026, 3, 1))),
        (OneOf(("2", 3)), COUNT, OneOf((Decimal(2), Decimal(3)))),
        (NoneOf(("2",)), COUNT, NoneOf((Decimal(2),))),
        (Within(start="2", below="3"), COUNT, Within(start=Decimal(2), below=Decimal(3))),
        (Within(above="2", to="9"), COUNT, Within(above=Decimal(2), to=Decimal(9))),
        (Within(start=2, to=2), COUNT, Within(start=Decimal(2), to=Decimal(2))),
        (Holding(has=("x",), lacks=("y",)), TAGS, Holding(has=("x",), lacks=("y",))),
        (IsUnknown(), MAYBE, IsUnknown()),
    ],
)
def test_binding_types_the_literals(cell: Cell, spec: FactSpec, typed: Any) -> None:
    """A bound cell holds values of the fact's type."""
    found, problems = bound(cell, spec)

    assert ([], typed) == (problems, found)
    assert [type(one) for one in typed.literals()] == [type(one) for one in found.literals()]


@pytest.mark.parametrize(
    ("cell", "spec", "problems"),
    [
        (Equals("c"), GRADE, ["Expected one of: a, b - at `$`"]),
        (Equals("x"), TAGS, ["Type clash: 'tags' is a set of codes; ask it with has - at `$`"]),
        (OneOf(("x", "y")), TAGS, ["Type clash: 'tags' is a set of codes; ask it with has - at `$[0]`"]),
        (
            OneOf(()),
            TAGS,
            [
                "Has no effect: expected at least one value - at `$`",
                "Type clash: 'tags' is a set of codes; ask it with has - at `$`",
            ],
        ),
        (OneOf(("a", "c", "a")), GRADE, ["Expected one of: a, b - at `$[1]`", "Expected each value once - at `$`"]),
        (NoneOf(()), GRADE, ["Has no effect: expected at least one value - at `$.not`"]),
        (Within(start=1), GRADE, ["Type clash: 'grade' is a code, which has no order - at `$`"]),
        (Within(), COUNT, ["Has no effect: expected a bound - at `$`"]),
        (Within(start=1, above=1), COUNT, ["Expected only one of from and above - at `$`"]),
        (Within(to=3, below=3), COUNT, ["Expected only one of below and to - at `$`"]),
        (Within(above="x"), COUNT, ["Type clash: expected a number, as 'count' is one - at `$.above`"]),
        (Within(start=3, to=2), COUNT, ["Expected a range with something in it - at `$`"]),
        (Within(above=3, to=3), COUNT, ["Expected a range with something in it - at `$`"]),
        (Within(start=3, below=3), COUNT, ["Expected a range with something in it - at `$`"]),
        (Within(above=3, below=2), COUNT, ["Expected a range with something in it - at `$`"]),
        (Holding(has=("x",)), GRADE, ["Type clash: 'grade' is a code; has asks a set of codes - at `$`"]),
        (Holding(), TAGS, ["Has no effect: expected a code - at `$`"]),
        (Holding(has=("z",)), TAGS, ["Expected one of: x, y - at `$.has`"]),
        (Holding(lacks=("z",)), TAGS, ["Expected one of: x, y - at `$.lacks`"]),
        (Holding(has=("x",), lacks=("x",)), TAGS, ["Expected each code once - at `$`"]),
        (Holding(has=("x", "x")), TAGS, ["Expected each code once - at `$`"]),
        (IsUnknown(), GRADE, ["Has no effect: 'grade' is not declared with may_be_unknown - at `$`"]),
    ],
)
def test_a_cell_that_cannot_be_meant_is_told(cell: Cell, spec: FactSpec, problems: list[str]) -> None:
    """Type clashes, codes that are no choices and cells without effect are found when a table is bound."""
    left, found = bound(cell, spec)

    assert (problems, True) == (found, isinstance(left, Cell))


@pytest.mark.parametrize(
    ("plain", "cell"),
    [
        ("a", Equals("a")),
        (["a", 2], OneOf(("a", 2))),
        (("a",), OneOf(("a",))),
        ({"not": ("a",)}, NoneOf(("a",))),
        ({"from": 1, "to": 2}, Within(start=1, to=2)),
        ({"above": 1, "below": 2}, Within(above=1, below=2)),
        ({"from": 1, "above": 2, "below": 3, "to": 4}, Within(start=1, above=2, below=3, to=4)),
        ({"has": ["x"]}, Holding(has=("x",))),
        ({"has": "x"}, Holding(has=("x",))),
        ({"has": ["x", "y"], "lacks": ["z"]}, Holding(has=("x", "y"), lacks=("z",))),
        ({"unknown": True}, IsUnknown()),
    ],
)
def test_each_form_is_read_and_fits_the_schema(plain: Any, cell: Cell) -> None:
    """A cell is read from its plain form, and editors are told the same forms."""
    written = cell.to_plain()

    assert cell == Cell.from_plain(plain)
    assert cell == Cell.from_plain(written)
    jsonschema.validate(written, Cell.plain_schema())
    jsonschema.validate(json.loads(json.dumps(plain)), Cell.plain_schema())


@pytest.mark.parametrize(
    "plain", [None, [], {}, {"not": []}, {"unknown": False}, {"has": []}, {"from": 1, "x": 2}, {"not": ["a"], "x": 1}]
)
def test_the_schema_refuses_what_is_no_cell(plain: Any) -> None:
    """Editors mark what would not be read, and lists and objects without effect."""
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(plain, Cell.plain_schema())


@pytest.mark.parametrize(
    ("plain", "problems"),
    [
        (1.5, ["Expected an exact number, got a binary float; write it as text or as a Decimal - at `$`"]),
        (["a", None], ["Expected text, a number or true/false, got null - at `$[1]`"]),
        ({"not": "a"}, ["Expected a list, got text - at `$.not`"]),
        ({"not": [None]}, ["Expected text, a number or true/false, got null - at `$.not[0]`"]),
        ({"unknown": 1}, ["Expected true; leave the cell out where it does not matter - at `$.unknown`"]),
        ({"from": 1, "to": None}, ["Expected text, a number or true/false, got null - at `$.to`"]),
        ({"has": 3, "lacks": ["x", 4]}, [
            "Expected a code or a list of codes, got a whole number - at `$.has`",
            "Expected a code (text), got a whole number - at `$.lacks[1]`",
        ]),
        *(
            (plain, [("Expected a cell with one of the keys: not, from, above, below, to, has, lacks, unknown; only "
                     "bounds, and has and lacks, go together - at `$`")])
            for plain in ({}, {"is": 1}, {"from": 1, "has": "x"}, {"not": ["a"], "from": 1})
        ),
    ],
)  # fmt: skip
def test_what_is_no_cell_is_told_with_its_place(plain: object, problems: list[str]) -> None:
    """Whatever else stands in a document is refused with what would be right."""
    with pytest.raises(InputError) as caught:
        Cell.from_plain(plain)

    assert ("<cell>", problems) == (caught.value.source, [str(problem) for problem in caught.value.problems])


def test_a_foreign_kind_of_cell_must_say_everything_itself() -> None:
    """The common base answers nothing but that no value is named."""
    cell = Odd()

    for ask in (cell.to_plain, lambda: cell.accepts("a"), lambda: cell.bind(GRADE, "$", [])):
        with pytest.raises(NotImplementedError):
            ask()
    assert () == cell.literals()


def test_bounds_and_codes_are_given_by_name() -> None:
    """A range is never read the wrong way round, nor are codes held taken for codes lacked."""
    with pytest.raises(TypeError):
        Within(1)  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        Holding(("x",))  # type: ignore[call-arg]  # wrong on purpose


@pytest.mark.parametrize("cell", [Equals(1), OneOf((1,)), NoneOf((1,)), Within(to=1), Holding(has=("x",)), IsUnknown()])
def test_cells_are_values(cell: Cell) -> None:
    """A cell equals one that asks the same and can be a key."""
    assert {Cell.from_plain(cell.to_plain()): 1}[cell] == 1
