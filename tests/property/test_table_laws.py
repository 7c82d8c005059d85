"""The laws of decision tables: the proof and the look-up agree with trying every combination of facts."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from branchkit.codec import structure, unstructure
from branchkit.conditions import (
    Cell,
    DecisionTable,
    Equals,
    FactSpec,
    FactType,
    Hit,
    Holding,
    IsUnknown,
    NoneOf,
    OneOf,
    Outputs,
    Row,
    Within,
)
from branchkit.errors import BranchkitError, InputError, Problem
from branchkit.values import FrozenMap, Unknown

SPECS = (
    FactSpec("flag", FactType.BOOL, may_be_unknown=True),
    FactSpec("grade", FactType.CODE, choices=("a", "b", "c")),
    FactSpec("kind", FactType.CODE),
    FactSpec("count", FactType.NUMBER, low=Decimal(0), high=Decimal(3)),
    FactSpec("tags", FactType.CODES, may_be_unknown=True),
)
UNKNOWN = Unknown("lost")
# Every region of every column that the cells below can draw has a value here.
DOMAINS: dict[str, list[Any]] = {
    "flag": [True, False, UNKNOWN],
    "grade": ["a", "b", "c"],
    "kind": ["x", "y", "something else"],
    "count": [Decimal(half) / 2 for half in range(7)],
    "tags": [frozenset(), frozenset({"p"}), frozenset({"q"}), frozenset({"p", "q"}), UNKNOWN],
}


def lists_of(*literals: Any) -> st.SearchStrategy[Cell]:
    some = st.lists(st.sampled_from(literals), min_size=1, unique=True).map(tuple)
    return st.builds(Equals, st.sampled_from(literals)) | st.builds(OneOf, some) | st.builds(NoneOf, some)


bounds = st.tuples(st.integers(0, 3), st.integers(0, 3)).filter(lambda pair: pair[0] < pair[1])
CELLS: dict[str, st.SearchStrategy[Cell]] = {
    "flag": st.builds(Equals, st.booleans()) | st.just(IsUnknown()),
    "grade": lists_of("a", "b", "c"),
    "kind": lists_of("x", "y"),
    "count": lists_of(0, 1, 2, 3)
    | bounds.map(lambda pair: Within(start=pair[0], below=pair[1]))
    | bounds.map(lambda pair: Within(above=pair[0], to=pair[1]))
    | st.integers(0, 3).map(lambda bound: Within(start=bound))
    | st.integers(0, 3).map(lambda bound: Within(to=bound)),
    "tags": st.sampled_from(
        [
            Holding(has=("p",)),
            Holding(lacks=("p",)),
            Holding(has=("p",), lacks=("q",)),
            Holding(has=("p", "q")),
            IsUnknown(),
        ]
    ),
}


@st.composite
def tables(draw: st.DrawFn) -> DecisionTable:
    names = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=3, unique=True))
    rows = draw(
        st.lists(st.fixed_dictionaries({}, optional={name: CELLS[name] for name in names}), min_size=1, max_size=6)
    )
    asked = {name for row in rows for name in row}
    return DecisionTable(
        id="t",
        version="1",
        facts=tuple(spec for spec in SPECS if spec.name in asked),
        outputs=(FactSpec("n", FactType.NUMBER),),
        hit=draw(st.sampled_from(Hit)),
        rows=tuple(Row(when=FrozenMap(row), then=Outputs({"n": number})) for number, row in enumerate(rows)),
        otherwise=draw(st.none() | st.just(Outputs({"n": 99}))),
    )


def fits(cell: Cell, value: Any) -> bool:
    """The meaning of a cell, said a second time and plainly."""
    match cell:
        case IsUnknown():
            return isinstance(value, Unknown)
        case _ if isinstance(value, Unknown):
            return False
        case Equals(wanted):
            return bool(value == wanted)
        case OneOf(wanted):
            return value in wanted
        case NoneOf(wanted):
            return value not in wanted
        case Holding(has=has, lacks=lacks):
            return all(code in value for code in has) and not any(code in value for code in lacks)
        case Within(start=start, above=above, below=below, to=to):
            return (
                (start is None or value >= start)
                and (above is None or value > above)
                and (below is None or value < below)
                and (to is None or value <= to)
            )
        case _:
            raise AssertionError(cell)


def every_case(table: DecisionTable) -> list[tuple[Mapping[str, Any], list[int]]]:
    names = [spec.name for spec in table.facts]
    cases = (dict(zip(names, values, strict=True)) for values in itertools.product(*(DOMAINS[name] for name in names)))
    return [
        (
            case,
            [
                number
                for number, row in enumerate(table.rows)
                if all(fits(cell, case[name]) for name, cell in row.when.items())
            ],
        )
        for case in cases
    ]


@given(tables())
def test_the_proof_agrees_with_trying_everything(table: DecisionTable) -> None:
    """Gaps, overlaps and rows that never get a turn are reported exactly where trying every case finds them."""
    hits = [rows for _, rows in every_case(table)]
    messages = [(problem.path, problem.message) for problem in table.analyse()]

    assert (table.otherwise is None and [] in hits) == any(text.startswith("No row for") for _, text in messages)
    overlapping = (
        {pair for rows in hits for pair in itertools.combinations(rows, 2)} if table.hit is Hit.UNIQUE else set()
    )
    assert overlapping == {
        (int(text.split("[")[1].split("]")[0]), int(path.split("[")[1].rstrip("]")))
        for path, text in messages
        if text.startswith("Overlaps")
    }
    used = {row for rows in hits for row in (rows if table.hit is Hit.UNIQUE else rows[:1])}
    assert set(range(len(table.rows))) - used == {
        int(path.split("[")[1].split("]")[0]) for path, text in messages if text.startswith("Unreachable")
    }


@given(tables())
def test_deciding_agrees_with_trying_every_row(table: DecisionTable) -> None:
    """A decision is the row that fits, the answer for all others, or a refusal where two fit and one must."""
    for case, rows in every_case(table):
        if table.hit is Hit.UNIQUE and len(rows) > 1:
            try:
                table.decide(case)
            except InputError:
                continue
            raise AssertionError("an overlap was decided")
        decision = table.decide(case)
        expected = rows[0] if rows else 99 if table.otherwise is not None else None

        assert expected == (None if decision.value is None else decision.value["n"])


@given(tables(), st.data())
def test_missing_and_wrong_facts_count_as_unknown(table: DecisionTable, data: st.DataObject) -> None:
    """A fact that is missing, or of another type, decides like one that is unknown."""
    case, _ = data.draw(st.sampled_from(every_case(table)))
    name = data.draw(st.sampled_from(sorted(case))) if case else None
    results: list[object] = []
    for value in (UNKNOWN, 1.5, None):
        changed = {**case, name: value} if name is not None else dict(case)
        try:
            results.append(table.decide(changed).value)
        except InputError as error:
            results.append(error.problems)

    assert [results[0]] * 3 == results


@given(tables(), st.data())
def test_what_is_answered_without_a_fact_holds_whatever_it_is(table: DecisionTable, data: st.DataObject) -> None:
    """An answer that a sound table gives while a fact is not known is its answer for every value of that fact."""
    needed = [spec.name for spec in table.facts if not spec.may_be_unknown]
    if not needed or table.analyse():
        return
    name = data.draw(st.sampled_from(needed))
    case, _ = data.draw(st.sampled_from(every_case(table)))
    blind = table.decide({**case, name: UNKNOWN}).value
    if blind is not None:
        answers = [table.decide({**case, name: value}).value for value in DOMAINS[name] if value is not UNKNOWN]
        assert [blind] * len(answers) == answers


@given(tables())
def test_a_table_survives_writing_and_reading(table: DecisionTable) -> None:
    """A table that is sound is equal after it is written and read; one that is not is refused."""
    data = unstructure(table)
    try:
        again = structure(DecisionTable, data | {"schema": "branchkit.decision_table/1"})
    except BranchkitError:
        assert table.analyse()
    else:
        assert () == table.analyse()
        assert table == again


@given(tables(), st.data())
def test_a_damaged_document_is_refused_with_places(table: DecisionTable, data: st.DataObject) -> None:
    """Whatever part of a document is replaced, it is read or refused with places, and nothing else is raised."""
    document = copy.deepcopy(unstructure(table)) | {"schema": "branchkit.decision_table/1"}
    holder: Any = document
    while True:
        keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, (dict, list)) or not inner or data.draw(st.integers(0, 3)) == 0:
            break
        holder = inner
    holder[key] = data.draw(
        st.sampled_from([None, True, 7, -1, "", "x", "P1D", [], [1, "a"], {}, {"from": 1}, {"unknown": True}])
    )

    table_again: DecisionTable | None = None
    problems: tuple[Problem, ...] = ()
    try:
        table_again = structure(DecisionTable, document)
    except InputError as error:
        problems = error.problems

    assert (table_again is None) == bool(problems)
    assert all(problem.path.startswith("$") and problem.message for problem in problems)
