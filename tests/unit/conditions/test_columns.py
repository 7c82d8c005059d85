"""Columns and the proofs over them: regions, look-ups, gaps, overlaps, rows that never get a turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import pytest

from branchkit.conditions import Cell, Equals, FactSpec, FactType, Holding, IsUnknown, NoneOf, OneOf, Within
from branchkit.conditions.analysis import analyse_coverage, in_words
from branchkit.conditions.columns import Column, TooManyRegions, build_column
from branchkit.conditions.coverage import Budget, BudgetSpent, is_reachable, never_fits, overlaps, uncovered
from branchkit.values import Unknown

CODE = FactSpec("code", FactType.CODE)
GRADE = FactSpec("grade", FactType.CODE, choices=("a", "b", "c"))
FLAG = FactSpec("flag", FactType.BOOL, may_be_unknown=True)
TAGS = FactSpec("tags", FactType.CODES, choices=("x", "y", "z"))
COUNT = FactSpec("count", FactType.NUMBER, low=Decimal(0), high=Decimal(9))
DAY = dt.date(2026, 3, 1)


def regions(column: Column) -> dict[int, object]:
    return {region.rows: region.example for region in column.regions}


@pytest.mark.parametrize(
    ("spec", "cells", "expected"),
    [
        (GRADE, [Equals("a"), NoneOf(("a",)), None], {0b101: "a", 0b110: "b"}),
        (CODE, [Equals("a"), OneOf(("a", "other"))], {0b11: "a", 0b10: "other", 0: "other-2"}),
        (CODE, [OneOf(("other", "other-2"))], {1: "other", 0: "other-3"}),
        (FLAG, [Equals(True), IsUnknown()], {0b01: True, 0: False, 0b10: Unknown("not stated")}),
        (FactSpec("f", FactType.BOOL), [Equals(True), None], {0b11: True, 0b10: False}),
        (
            TAGS,
            [Holding(has=("x",)), Holding(lacks=("x", "y"))],
            {0b10: frozenset(), 0b01: frozenset("x"), 0: frozenset("y")},
        ),
        (COUNT, [Within(to=3), Within(start=3)], {0b01: Decimal(0), 0b11: Decimal(3), 0b10: Decimal(4)}),
        (
            FactSpec("n", FactType.NUMBER),
            [Within(below=1), Within(above=2)],
            {0b01: Decimal(0), 0: Decimal(1), 0b10: Decimal(3)},
        ),
        (FactSpec("n", FactType.NUMBER), [Within(above=1, below=2)], {0: Decimal(0), 1: Decimal("1.5")}),
        (FactSpec("n", FactType.NUMBER), [None], {1: Decimal(0)}),
        (FactSpec("d", FactType.DATE), [None], {1: dt.date(2000, 1, 1)}),
        (FactSpec("d", FactType.DATE), [Equals(DAY)], {0: DAY - dt.timedelta(1), 1: DAY}),
        (FactSpec("d", FactType.DATE), [Within(below=dt.date.min)], {0: dt.date.min}),
        (FactSpec("d", FactType.DATE), [Within(above=dt.date.max)], {0: dt.date.max - dt.timedelta(1)}),
        (FactSpec("d", FactType.DATE), [Within(above=DAY, below=DAY + dt.timedelta(1))], {0: DAY - dt.timedelta(1)}),
        (
            FactSpec("d", FactType.DATE),
            [Within(above=DAY, below=DAY + dt.timedelta(2))],
            {0: DAY - dt.timedelta(1), 1: DAY + dt.timedelta(1)},
        ),
        (
            FactSpec("t", FactType.DURATION),
            [Within(above=dt.timedelta(0))],
            {0: dt.timedelta(microseconds=-1), 1: dt.timedelta(microseconds=1)},
        ),
        (FactSpec("t", FactType.DURATION), [None], {1: dt.timedelta(0)}),
        (FactSpec("m", FactType.MOMENT), [None], {1: dt.datetime(2000, 1, 1, tzinfo=dt.UTC)}),
        (
            FactSpec("m", FactType.MOMENT),
            [Within(below=dt.datetime(2026, 3, 1, tzinfo=dt.UTC))],
            {
                1: dt.datetime(2026, 3, 1, tzinfo=dt.UTC) - dt.timedelta(microseconds=1),
                0: dt.datetime(2026, 3, 1, tzinfo=dt.UTC),
            },
        ),
    ],
)
def test_values_that_every_row_treats_alike_form_one_region(
    spec: FactSpec, cells: list[Cell | None], expected: dict[int, object]
) -> None:
    """Each set of rows has one region with the first value that shows it."""
    column = build_column(spec, cells)

    assert expected == regions(column)
    for rows, example in expected.items():
        assert rows == column.locate(example)


@pytest.mark.parametrize(
    ("spec", "cells", "value", "rows"),
    [
        (GRADE, [Equals("a"), IsUnknown(), None], "no choice", 0b110),
        (GRADE, [Equals("a"), IsUnknown(), None], True, 0b110),
        (CODE, [NoneOf(("a",)), IsUnknown(), None], "anything", 0b101),
        (FLAG, [Equals(True), IsUnknown(), None], "True", 0b110),
        (FLAG, [Equals(True), IsUnknown(), None], Unknown("x"), 0b110),
        (TAGS, [Holding(lacks=("x",)), IsUnknown(), None], frozenset("w"), 0b110),
        (TAGS, [Holding(lacks=("x",)), IsUnknown(), None], ["y"], 0b110),
        (TAGS, [Holding(lacks=("x",)), IsUnknown(), None], frozenset("y"), 0b101),
        (FactSpec("tags", FactType.CODES), [Holding(has=("x",))], frozenset("xw"), 1),
        (TAGS, [Holding(has=("x",)), IsUnknown()], frozenset("xyz"), 0b01),
        (COUNT, [Within(to=3), IsUnknown(), None], Decimal(-1), 0b110),
        (COUNT, [Within(start=3), IsUnknown(), None], Decimal("9.5"), 0b110),
        (COUNT, [Within(start=3), IsUnknown(), None], Decimal(9), 0b101),
        (COUNT, [Within(start=3), IsUnknown(), None], "3", 0b110),
        (COUNT, [Within(start=3), IsUnknown(), None], Decimal("2.999"), 0b100),
    ],
)
def test_a_value_that_the_spec_does_not_allow_counts_as_unknown(
    spec: FactSpec, cells: list[Cell | None], value: object, rows: int
) -> None:
    """Such a value fits what asks for the unknown, and rows that don't ask."""
    assert rows == build_column(spec, cells).locate(value)


def test_a_set_of_codes_has_a_limit() -> None:
    """Twelve independent codes make 4,096 regions and are proved; thirteen are too many, and the fact is named."""
    spec = FactSpec("tags", FactType.CODES)
    cells = [Holding(has=(f"c{number}",)) for number in range(13)]

    assert 4096 == len(build_column(spec, cells[:12]).regions)
    with pytest.raises(TooManyRegions, match="tags"):
        build_column(spec, cells)


def test_an_example_between_two_numbers_is_exact() -> None:
    """Where no whole number lies between two, the middle does, with all its digits."""
    low, high = Decimal("0.1"), Decimal("0.1" + "0" * 37 + "1")

    column = build_column(FactSpec("n", FactType.NUMBER), [Within(above=low, below=high)])

    example: Any = regions(column)[1]
    assert low < example < high
    assert 1 == column.locate(example)


def columns(*pairs: tuple[FactSpec, Sequence[Cell | None]]) -> list[Column]:
    return [build_column(spec, cells) for spec, cells in pairs]


def test_a_gap_is_shown_by_facts_that_no_row_fits() -> None:
    """The search finds facts for which every row is ruled out, and none where the rows cover everything."""
    open_ = columns((GRADE, [Equals("a"), None]), (FLAG, [None, Equals(True)]))
    closed = columns((GRADE, [Equals("a"), NoneOf(("a",))]))

    for example in uncovered(open_, 0b11, Budget(100)):
        assert example["grade"] != "a"
        assert example["flag"] is not True
    assert next(uncovered(open_, 0b11, Budget(100)), None) is not None
    assert [] == list(uncovered(closed, 0b11, Budget(100)))


def test_a_gap_is_shown_by_the_first_values_that_show_it() -> None:
    """Facts that make no difference any more take the first of their values."""
    one_row = columns((GRADE, [Equals("a")]), (FLAG, [Equals(True)]))

    assert [{"grade": "a", "flag": False}, {"grade": "b", "flag": True}] == list(uncovered(one_row, 1, Budget(100)))


def test_a_state_of_the_search_is_looked_at_once() -> None:
    """Which rows remain decides, and not the way there: four pigeons in three holes are proved in forty steps."""
    specs = [FactSpec(f"pigeon{number}", FactType.CODE, choices=("l", "m", "r")) for number in range(4)]
    pairs = [(one, other, hole) for one in range(4) for other in range(one) for hole in "lmr"]
    pigeons = columns(
        *((spec, [Equals(hole) if at in pair else None for *pair, hole in pairs]) for at, spec in enumerate(specs))
    )

    assert [] == list(uncovered(pigeons, (1 << len(pairs)) - 1, Budget(40)))


def test_every_row_is_judged_by_those_above() -> None:
    """A row gets a turn where some facts fit it and none above."""
    rows = columns((GRADE, [Equals("a"), OneOf(("a", "b")), Equals("b"), None, NoneOf(("a", "b", "c"))]))

    assert [True, True, False, True, False] == [is_reachable(rows, row, Budget(100)) for row in range(5)]
    assert [(), (), (), (), ("grade",)] == [never_fits(rows, row) for row in range(5)]


def test_each_pair_that_overlaps_is_told_once() -> None:
    """The upper row comes first, with facts that both fit."""
    rows = columns(
        (GRADE, [Equals("a"), OneOf(("a", "b")), Equals("c"), None]), (FLAG, [None, Equals(True), None, None])
    )

    found = list(overlaps(rows, 4))

    assert [(0, 1), (0, 3), (1, 3), (2, 3)] == [(upper, lower) for upper, lower, _ in found]
    assert {"grade": "a", "flag": True} == found[0][2]
    assert {"grade": "b"} == next(overlaps(columns((GRADE, [Equals("b"), OneOf(("a", "b"))])), 2))[2]


def test_a_budget_is_spent_step_by_step() -> None:
    """As many steps as there are can be taken, and no more."""
    budget = Budget(2)
    budget.take()
    budget.take()

    with pytest.raises(BudgetSpent):
        budget.take()


def test_what_the_proofs_find_is_listed_up_to_a_limit() -> None:
    """Three gaps and twenty overlaps are shown; that there are more overlaps is said."""
    many = FactSpec("n", FactType.CODE, choices=tuple("abcdefg"))
    holes = columns((many, [Equals("a")]), (FactSpec("m", FactType.CODE, choices=("a", "b")), [Equals("a")]))
    twenty = columns((GRADE, [*[None] * 6, Equals("a")]))

    gaps = [str(one) for one in analyse_coverage(holes, 1, unique=True, complete=True)]
    listed = [one.message for one in analyse_coverage(twenty, 7, unique=True, complete=True)]

    assert 2 == len(gaps)
    assert 21 == len(listed)
    assert "More than 20 pairs of rows overlap; the rest is not listed" == listed[-1]


def test_dead_rows_are_told_once() -> None:
    """A cell that nothing fits is reported at the cell, and its row not again as unreachable."""
    rows = columns((GRADE, [Equals("a"), NoneOf(("a", "b", "c")), Equals("a"), None]))

    found = [str(one) for one in analyse_coverage(rows, 4, unique=False, complete=True)]

    assert [
        "Unreachable: no value that the fact can take fits - at `$.rows[1].when.grade`",
        "Unreachable: the rows above fit whatever this row fits - at `$.rows[2]`",
    ] == found


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({}, "any facts"),
        ({"n": Decimal("2.50"), "d": DAY}, "n = 2.5, d = 2026-03-01"),
        ({"f": False, "t": frozenset()}, "f = false, t = {}"),
    ],
)
def test_facts_are_said_in_one_line(facts: dict[str, Any], words: str) -> None:
    """An example reads as it would stand in a document."""
    assert words == in_words(facts)


def test_a_column_is_a_value() -> None:
    """Columns built alike are equal, whatever finds their regions, and their repr leaves that out."""
    column = build_column(GRADE, [Equals("a")])

    assert column == build_column(GRADE, [Equals("a")])
    assert "locate" not in repr(column)
