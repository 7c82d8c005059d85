"""Conditions against what is agreed about the facts."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from branchkit.conditions import All, Compare, Exists, FactSpec, FactType, Op, bind, check, parse_condition
from branchkit.conditions.check import unknown_fact
from branchkit.errors import InputError

SPECS = {
    spec.name: spec
    for spec in (
        FactSpec("grade", FactType.CODE, choices=("minor", "major")),
        FactSpec("count", FactType.NUMBER, low=Decimal(0)),
        FactSpec("open", FactType.BOOL),
        FactSpec("shut", FactType.BOOL),
        FactSpec("tags", FactType.CODES, choices=("vip",)),
        FactSpec("more", FactType.CODES),
        FactSpec("due", FactType.DATE),
        FactSpec("today", FactType.DATE),
        FactSpec("seen", FactType.MOMENT),
        FactSpec("now", FactType.MOMENT),
    )
}
KNOWN = "count, due, grade, more, now, open, seen, shut, tags, today"


@pytest.mark.parametrize(
    ("plain", "problems"),
    [
        ({"all": [{"exists": "due"}, {"fact": "grade", "is": "major"}]}, []),
        ({"all": []}, ["Has no effect: expected at least one condition - at `$.all`"]),
        ({"any": [{"not": {"exists": "x"}}]}, [f"Unknown fact 'x'; there are: {KNOWN} - at `$.any[0].not.exists`"]),
        ({"fact": "x", "is": 1}, [f"Unknown fact 'x'; there are: {KNOWN} - at `$.fact`"]),
        ({"fact": "x", "has": "y"}, [f"Unknown fact 'x'; there are: {KNOWN} - at `$.fact`"]),
        ({"fact": "x", "in": ["y"]}, [f"Unknown fact 'x'; there are: {KNOWN} - at `$.fact`"]),
        (
            {"fact": "x", "op": "<", "fact2": "y"},
            [
                f"Unknown fact '{name}'; there are: {KNOWN} - at `$.{key}`"
                for name, key in (("x", "fact"), ("y", "fact2"))
            ],
        ),
        ({"fact": "due", "op": "<", "fact2": "y"}, [f"Unknown fact 'y'; there are: {KNOWN} - at `$.fact2`"]),
        ({"fact": "count", "is": "many"}, ["Type clash: expected a number, as 'count' is one - at `$.is`"]),
        ({"fact": "count", "op": ">", "value": -1}, ["Expected at least 0 - at `$.value`"]),
        ({"fact": "count", "op": "==", "value": -1}, ["Expected at least 0 - at `$.is`"]),
        (
            {"fact": "open", "op": ">", "value": True},
            ["Type clash: 'open' is true/false, which has no order - at `$.op`"],
        ),
        (
            {"fact": "tags", "op": "!=", "value": "vip"},
            ["Type clash: 'tags' is a set of codes; ask it with has - at `$`"],
        ),
        ({"fact": "tags", "in": ["vip"]}, ["Type clash: 'tags' is a set of codes; ask it with has - at `$`"]),
        ({"fact": "tags", "has": "x"}, ["Expected one of: vip - at `$.has`"]),
        ({"fact": "more", "has": "x"}, []),
        ({"fact": "due", "has": "x"}, ["Type clash: 'due' is a date (YYYY-MM-DD); has asks a set of codes - at `$`"]),
        ({"fact": "grade", "in": []}, ["Has no effect: expected at least one value - at `$.in`"]),
        ({"fact": "count", "in": [1, 2, "1.0"]}, ["Has no effect: the value is already listed - at `$.in[2]`"]),
        (
            {"fact": "grade", "in": ["minor", "x", 3]},
            [
                "Expected one of: minor, major - at `$.in[1]`",
                "Type clash: expected a code, as 'grade' is one - at `$.in[2]`",
            ],
        ),
        ({"fact": "due", "op": "<", "fact2": "due"}, ["Has no effect: compares a fact with itself - at `$.fact2`"]),
        ({"fact": "open", "op": "==", "fact2": "shut"}, []),
        (
            {"fact": "open", "op": "<", "fact2": "shut"},
            ["Type clash: 'open' is true/false, which has no order - at `$.op`"],
        ),
        (
            {"fact": "open", "op": "<", "fact2": "due"},
            ["Type clash: 'open' is true/false, 'due' is a date (YYYY-MM-DD) - at `$.fact2`"],
        ),
        ({"fact": "due", "op": "<", "fact2": "today", "offset": "P1D"}, []),
        (
            {"fact": "due", "op": "<", "fact2": "today", "offset": "PT1H"},
            ["Expected whole days, as 'today' is a date - at `$.offset`"],
        ),
        ({"fact": "seen", "op": "<", "fact2": "now", "offset": "PT1H"}, []),
        (
            {"fact": "seen", "op": "<", "fact2": "now", "offset": "PT0S"},
            ["Has no effect: an offset of nothing - at `$.offset`"],
        ),
        (
            {"fact": "open", "op": "==", "fact2": "shut", "offset": "P1D"},
            ["Type clash: 'shut' is true/false; offsets move dates and moments - at `$.offset`"],
        ),
    ],
)
def test_what_cannot_be_meant_is_told_with_its_place(plain: object, problems: list[str]) -> None:
    """Each problem says what clashes and where; a sound condition has none, and binding refuses the rest."""
    condition = parse_condition(plain)

    assert problems == [str(problem) for problem in check(condition, SPECS)]
    assert len(problems) == len(check(All((condition, Exists("due"))), SPECS))
    if problems:
        with pytest.raises(InputError) as caught:
            bind(condition, SPECS, source="guard")
        assert ("guard", problems) == (caught.value.source, [str(one) for one in caught.value.problems])


def test_the_place_begins_where_the_caller_says() -> None:
    """A condition inside a document is reported by its place in that document."""
    assert ["$.stages[2].when.exists"] == [one.path for one in check(Exists("x"), {}, "$.stages[2].when")]


def test_binding_types_every_literal_and_nothing_else() -> None:
    """Values become values of the fact's type; a comparison with a fact and a list that is sound stay as they are."""
    bound: Any = bind(
        parse_condition(
            {
                "all": [
                    {"fact": "due", "op": "<", "value": "2026-03-01"},
                    {"fact": "count", "in": ["1", 2]},
                    {"any": [{"not": {"fact": "seen", "is": "2026-03-01T12:00+08:00"}}]},
                    {"fact": "due", "op": "<", "fact2": "today"},
                ]
            }
        ),
        SPECS,
    )

    due, count, some, relation = bound.parts
    assert (dt.date(2026, 3, 1), (Decimal(1), Decimal(2))) == (due.value, count.values)
    assert dt.datetime(2026, 3, 1, 4, tzinfo=dt.UTC) == some.parts[0].part.value
    assert Compare("due", Op.LT, fact2="today") == relation


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (0, "Unknown fact 'x'; there are: none"),
        (12, "Unknown fact 'x'; there are: " + ", ".join(f"f{one:02}" for one in range(12))),
        (13, "Unknown fact 'x'; there are: " + ", ".join(f"f{one:02}" for one in range(12)) + " and 1 more"),
    ],
)
def test_only_so_many_names_are_offered(number: int, message: str) -> None:
    """Twelve names are listed, sorted; the rest is counted."""
    specs = {f"f{one:02}": FactSpec(f"f{one:02}", FactType.BOOL) for one in reversed(range(number))}

    assert message == unknown_fact("x", specs, "$").message
