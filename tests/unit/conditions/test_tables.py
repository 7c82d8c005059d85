"""Decision tables: reading, proving, deciding."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal

import jsonschema
import pytest

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
from branchkit.conditions.analysis import analyse_coverage
from branchkit.conditions.columns import build_column
from branchkit.errors import DecodeError, InputError
from branchkit.values import FrozenMap, Ref, Text, Unknown

TOML = """
schema = "branchkit.decision_table/1"
id = "response"
version = "2"
hit = "first"

[[facts]]
name = "fault.grade"
type = "code"
choices = ["general", "serious", "major"]
may_be_unknown = false

[[facts]]
name = "stations"
type = "number"
low = 0
may_be_unknown = true

[[outputs]]
name = "within"
type = "duration"
may_be_unknown = false

[[rows]]
when = {"fault.grade" = ["serious", "major"]}
then = {within = "PT4H"}
rules = ["estate:FLT-03"]
note = {zh = "严重", en = "grave"}

[[rows]]
when = {stations = {unknown = true}}
then = {within = "P1D"}

[[rows]]
when = {stations = {below = 2}}
then = {within = "P2D"}

[[rows]]
when = {stations = {from = 2}}
then = {within = "P3D"}
"""


def table(rows: list[dict[str, Cell]], *facts: FactSpec, hit: Hit = Hit.UNIQUE) -> DecisionTable:
    return DecisionTable(
        id="t",
        version="1",
        facts=facts,
        outputs=(FactSpec("n", FactType.NUMBER),),
        hit=hit,
        rows=tuple(Row(when=FrozenMap(when), then=Outputs({"n": number})) for number, when in enumerate(rows)),
    )


GRADE = FactSpec("grade", FactType.CODE, choices=("a", "b"))
KIND = FactSpec("kind", FactType.CODE)
COUNT = FactSpec("count", FactType.NUMBER, low=Decimal(0), high=Decimal(9))
DUE = FactSpec("due", FactType.DATE)
TAGS = FactSpec("tags", FactType.CODES)
MAYBE = FactSpec("maybe", FactType.BOOL, may_be_unknown=True)


def test_a_table_is_read_from_toml_and_decides() -> None:
    """A table from TOML answers typed outputs, with the row, its rules and the table's version."""
    decision = DecisionTable.from_toml(TOML).decide({"fault.grade": "major"})

    assert FrozenMap({"within": dt.timedelta(hours=4)}) == decision.value
    assert ("response", "2") == (decision.trace.policy, decision.trace.version)
    assert (("estate:FLT-03",), "Row 1 fits: grave [row:1] (estate:FLT-03)") == (
        decision.trace.steps[0].rules,
        decision.trace.steps[0].say(),
    )


def test_a_table_survives_writing_and_reading() -> None:
    """A table written as TOML or JSON and read again is equal and has one digest."""
    read = DecisionTable.from_toml(TOML)

    again = DecisionTable.from_json(DecisionTable.from_toml(read.to_toml()).to_json())

    assert read == again
    assert read.digest() == again.digest()
    assert read == structure(DecisionTable, unstructure(read))


def test_a_table_that_has_decided_pickles_and_stays_equal() -> None:
    """What a table works out for itself takes no part in equality, hashing or pickling."""
    fresh, used = DecisionTable.from_toml(TOML), DecisionTable.from_toml(TOML)
    used.decide({})

    copy = pickle.loads(pickle.dumps(used))

    assert (fresh, hash(fresh)) == (used, hash(used))
    assert used.decide({"stations": Decimal(3), "fault.grade": "general"}) == copy.decide(
        {"stations": Decimal(3), "fault.grade": "general"}
    )


def test_every_problem_of_a_document_has_its_place() -> None:
    """What is wrong in several rows is reported at once, each in its place."""
    broken = (
        TOML.replace('= ["serious", "major"]', '= ["severe"]')
        .replace('"P1D"', '"a day"')
        .replace("below = 2", 'has = "x"')
    )

    with pytest.raises(DecodeError) as caught:
        DecisionTable.from_toml(broken)

    places = {problem.path for problem in caught.value.problems}
    assert {'$.rows[0].when["fault.grade"][0]', "$.rows[1].then.within", "$.rows[2].when.stations"} == places


@pytest.mark.parametrize(
    ("rows", "facts", "expected"),
    [
        ([{"grade": Equals("a")}], (GRADE,), "No row for: grade = b"),
        ([{"kind": Equals("a")}], (KIND,), "No row for: kind = other"),
        ([{"kind": OneOf(("other",))}], (KIND,), "No row for: kind = other-2"),
        ([{"maybe": Equals(True)}, {"maybe": Equals(False)}], (MAYBE,), "No row for: maybe is unknown"),
        ([{"count": Within(above=0)}], (COUNT,), "No row for: count = 0"),
        ([{"count": Within(below=9)}], (COUNT,), "No row for: count = 9"),
        ([{"count": Within(to=3)}, {"count": Within(start=4)}], (COUNT,), "No row for: count = 3.5"),
        ([{"due": Within(below="2026-01-01")}], (DUE,), "No row for: due = 2026-01-01"),
        ([{"tags": Holding(has=("x",))}, {"tags": Holding(lacks=("x", "y"))}], (TAGS,), "No row for: tags = {y}"),
    ],
)
def test_gaps_have_an_example(rows: list[dict[str, Cell]], facts: tuple[FactSpec, ...], expected: str) -> None:
    """A gap is told by facts that no row fits."""
    found = table(rows, *facts).analyse()

    assert [("$.rows", expected)] == [(problem.path, problem.message) for problem in found]


@pytest.mark.parametrize(
    ("rows", "facts"),
    [
        ([{"grade": NoneOf(("a",))}, {"grade": Equals("a")}], (GRADE,)),
        ([{"kind": NoneOf(("a",))}, {"kind": Equals("a")}], (KIND,)),
        ([{"count": Within(to=3)}, {"count": Within(above=3)}], (COUNT,)),
        ([{"due": Within(to="2026-01-01")}, {"due": Within(start="2026-01-02")}], (DUE,)),
        ([{"maybe": IsUnknown()}, {"maybe": OneOf((True, False))}], (MAYBE,)),
        ([{"tags": Holding(has=("x",))}, {"tags": Holding(lacks=("x",))}], (TAGS,)),
    ],
)
def test_complete_tables_pass(rows: list[dict[str, Cell]], facts: tuple[FactSpec, ...]) -> None:
    """A table without gaps, overlaps and dead rows has no problem."""
    assert () == table(rows, *facts).analyse()


def test_overlaps_name_both_rows() -> None:
    """Two rows that fit the same facts are reported at the lower one, with such facts."""
    found = table([{"count": Within(to=5)}, {"count": Within(start=5)}], COUNT).analyse()

    assert ["Overlaps `$.rows[0]`: both fit count = 5 - at `$.rows[1]`"] == list(map(str, found))


def test_a_row_below_rows_that_take_everything_is_unreachable() -> None:
    """With first hit, a row that the rows above cover together never gets a turn."""
    rows: list[dict[str, Cell]] = [{"grade": Equals("a")}, {"grade": Equals("b")}, {"maybe": Equals(True)}]

    found = table(rows, GRADE, MAYBE, hit=Hit.FIRST).analyse()

    assert ["$.rows[2]"] == [problem.path for problem in found]
    assert "Unreachable" in found[0].message


def test_a_cell_that_no_value_fits_is_unreachable() -> None:
    """A row that asks for none of all choices is reported in its place."""
    found = table([{"grade": NoneOf(("a", "b"))}, {"grade": OneOf(("a", "b"))}], GRADE).analyse()

    assert ["$.rows[0].when.grade"] == [problem.path for problem in found]


@pytest.mark.parametrize(
    ("when", "path"),
    [
        ({"graed": Equals("a")}, "$.rows[0].when.graed"),
        ({"grade": Within(start=1)}, "$.rows[0].when.grade"),
        ({"grade": Holding(has=("a",))}, "$.rows[0].when.grade"),
        ({"grade": IsUnknown()}, "$.rows[0].when.grade"),
        ({"grade": OneOf(())}, "$.rows[0].when.grade"),
        ({"grade": NoneOf(("a", "a"))}, "$.rows[0].when.grade.not"),
        ({"grade": Equals(True)}, "$.rows[0].when.grade"),
        ({"count": Within(start=1, above=1)}, "$.rows[0].when.count"),
        ({"count": Within(start=3, below=3)}, "$.rows[0].when.count"),
        ({"count": Within(to=99)}, "$.rows[0].when.count.to"),
        ({"count": Within()}, "$.rows[0].when.count"),
        ({"tags": Equals("x")}, "$.rows[0].when.tags"),
        ({"tags": Holding()}, "$.rows[0].when.tags"),
        ({"tags": Holding(has=("x",), lacks=("x",))}, "$.rows[0].when.tags"),
    ],
)
def test_cells_that_cannot_be_meant_are_reported(when: dict[str, Cell], path: str) -> None:
    """Unknown facts, type clashes and cells without effect are reported in their place, and nothing is decided."""
    broken = table([when], GRADE, COUNT, TAGS)

    assert path in [problem.path for problem in broken.analyse()]
    with pytest.raises(InputError):
        broken.decide({})


def test_outputs_are_checked() -> None:
    """An output that is missing, unknown or of the wrong type is reported."""
    broken = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE, GRADE),
        outputs=(FactSpec("n", FactType.NUMBER), FactSpec("s", FactType.CODES)),
        rows=(Row(then=Outputs({"n": "x", "m": 1})),),
        otherwise=Outputs(),
    )

    places = [problem.path for problem in broken.analyse()]

    expected = ["$.facts[1].name", "$.outputs[1].type", "$.rows[0].then.n", "$.rows[0].then.m", "$.otherwise"]
    assert set(expected) <= set(places)


def test_a_table_without_rows_is_refused() -> None:
    """A table needs a row, and a fact needs a row that asks it."""
    assert ["$.rows", "$.facts[0]"] == [problem.path for problem in table([], GRADE).analyse()]


def test_what_is_wrong_with_a_spec_is_reported_in_its_place() -> None:
    """A contradiction in a fact's bounds is found with the table."""
    spec = FactSpec("count", FactType.NUMBER, low=Decimal(2), high=Decimal(1))

    assert "$.facts[0].high" in [problem.path for problem in table([{"count": Equals(2)}], spec).analyse()]


@pytest.mark.parametrize("unique", [True, False])
def test_too_large_is_said_and_not_passed(unique: bool) -> None:
    """Where a proof takes more steps than it may, that is a problem, and no silent pass."""
    specs = [FactSpec(f"pigeon{number}", FactType.CODE, choices=("l", "m", "r")) for number in range(4)]
    pairs = [(one, other, hole) for one in range(4) for other in range(one) for hole in "lmr"]
    columns = [
        build_column(spec, [Equals(hole) if number in pair else None for *pair, hole in pairs])
        for number, spec in enumerate(specs)
    ]

    proved = list(analyse_coverage(columns, len(pairs), unique=unique, complete=True))
    cut_short = list(analyse_coverage(columns, len(pairs), unique=unique, complete=True, steps=10))

    assert not [
        problem for problem in proved if "No row for" in problem.message or "too large" in problem.message.lower()
    ]
    assert ["$.rows"] == [problem.path for problem in cut_short if "Too large to prove" in problem.message]


def test_too_many_codes_together_is_said() -> None:
    """A set of codes that falls into too many regions is reported as too large."""
    rows: list[dict[str, Cell]] = [{"tags": Holding(has=(f"c{number}",))} for number in range(16)]

    assert any("Too large to prove" in problem.message for problem in table(rows, TAGS, hit=Hit.FIRST).analyse())


def test_an_unknown_fact_gives_no_answer_with_a_reason() -> None:
    """Where a fact that is needed is not known, nothing is decided, not even otherwise."""
    rows = (Row(when=FrozenMap({"grade": Equals("a")}), then=Outputs({"n": 1})),)
    decides = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE,),
        outputs=(FactSpec("n", FactType.NUMBER),),
        rows=rows,
        otherwise=Outputs({"n": 2}),
    )

    unknown = decides.decide({"grade": Unknown("no field")})

    assert unknown.value is None
    assert "grade" in unknown.trace.steps[0].what.en
    assert FrozenMap({"n": Decimal(2)}) == decides.decide({"grade": "b"}).value
    assert decides.decide({"grade": "no choice"}).value is None


def test_an_unknown_that_cannot_change_the_answer_does_not_prevent_it() -> None:
    """Where the known facts already rule every row out, the answer for all others holds."""
    rows = (Row(when=FrozenMap({"grade": Equals("a"), "count": Within(to=3)}), then=Outputs({"n": 1})),)
    decides = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE, COUNT),
        outputs=(FactSpec("n", FactType.NUMBER),),
        rows=rows,
        otherwise=Outputs({"n": 2}),
    )

    assert FrozenMap({"n": Decimal(2)}) == decides.decide({"grade": "b"}).value


def test_an_overlap_is_never_decided_silently() -> None:
    """A table that was never proved refuses facts that two rows fit, and names both."""
    overlapping = table([{"grade": Equals("a")}, {}], GRADE)

    with pytest.raises(InputError, match=r"Overlaps `\$.rows\[0\]`"):
        overlapping.decide({"grade": "a"})


@pytest.mark.parametrize(
    "plain",
    ["a", True, 3, ["a", 3], {"not": ["a"]}, {"from": 1, "to": "2.5"}, {"above": "P1D"}, {"has": "x"},
     {"has": ["x", "y"], "lacks": "z"}, {"unknown": True}],
)  # fmt: skip
def test_cells_survive_writing_and_reading(plain: object) -> None:
    """Each form of a cell is written as it was read."""
    cell = Cell.from_plain(plain)

    assert plain == cell.to_plain()
    assert cell == Cell.from_plain(cell.to_plain())


@pytest.mark.parametrize(
    "plain",
    [
        None,
        1.5,
        {},
        {"not": "a"},
        {"unknown": False},
        {"from": None},
        {"from": 1, "has": "x"},
        {"has": [3]},
        {"has": 3},
        [[]],
    ],
)
def test_what_is_no_cell_is_refused(plain: object) -> None:
    """Anything else is an error with a path."""
    with pytest.raises(InputError) as caught:
        Cell.from_plain(plain)

    assert all(problem.path.startswith("$") for problem in caught.value.problems)


def test_outputs_pickle() -> None:
    """Outputs stay outputs when they travel."""
    outputs = Outputs({"a": Decimal("2.5"), "b": dt.date(2026, 1, 1)})

    copy = pickle.loads(pickle.dumps(outputs))

    assert (outputs, Outputs) == (copy, type(copy))


@pytest.mark.parametrize(
    ("plain", "problems"),
    [
        ([], ["Expected an object, got a list - at `$`"]),
        (
            {"a": None, "b": 1, "c": 1.5},
            [
                "Expected text, a number or true/false, got null - at `$.a`",
                "Expected an exact number, got a binary float; write it as text or as a Decimal - at `$.c`",
            ],
        ),
    ],
)
def test_what_are_no_outputs_is_refused(plain: object, problems: list[str]) -> None:
    """Outputs are an object of literals; every other value is told with its place."""
    with pytest.raises(InputError) as caught:
        Outputs.from_plain(plain)

    assert ("<outputs>", problems) == (caught.value.source, [str(problem) for problem in caught.value.problems])


def test_outputs_are_kept_as_they_are_read_back() -> None:
    """What Python gives and what a document says are one value, and the schema admits it."""
    outputs = Outputs({"hours": Decimal("4.0"), "by": dt.timedelta(days=1)})

    assert {"hours": 4, "by": "P1D"} == outputs.to_plain()
    assert outputs == Outputs.from_plain(outputs.to_plain())
    assert Outputs() == Outputs.from_plain({})
    jsonschema.validate(outputs.to_plain(), Outputs.plain_schema())
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"a": None}, Outputs.plain_schema())


def test_an_id_and_names_are_needed() -> None:
    """A table's id is an identifier, and rows and tables take names only."""
    with pytest.raises(ValueError, match="1 to 200 printable characters"):
        DecisionTable(id=" t", version="1", facts=(), outputs=(), rows=())
    with pytest.raises(TypeError):
        Row(FrozenMap(), Outputs())  # type: ignore[call-arg]  # wrong on purpose
    with pytest.raises(TypeError):
        DecisionTable("t", "1", None, (), (), Hit.UNIQUE, ())  # type: ignore[call-arg]  # wrong on purpose


def test_without_an_answer_for_the_rest_nothing_is_decided() -> None:
    """Facts that no row fits, all of them known, give no value and no reproach to any fact."""
    one = table([{"grade": Equals("a")}], GRADE)

    decision = one.decide({"grade": "b"})

    assert (None, ["No row fits"]) == (decision.value, [step.say() for step in decision.trace.steps])
    assert (Ref("fact", "grade"),) == decision.trace.inputs


def test_the_answer_for_the_rest_says_so() -> None:
    """What otherwise answers is typed like a row's outputs and names itself in the trace."""
    rows = tuple(
        Row(when=FrozenMap({"grade": Equals("a"), "count": Equals(at)}), then=Outputs({"n": 1})) for at in (1, 2)
    )
    rest = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE, COUNT),
        outputs=(FactSpec("n", FactType.NUMBER),),
        rows=rows,
        otherwise=Outputs({"n": 2}),
    )

    decision = rest.decide({"grade": "b", "count": Decimal(1)})

    assert (FrozenMap({"n": Decimal(2)}), "没有匹配的行，取其余情形") == (
        decision.value,
        decision.trace.steps[0].say("zh"),
    )
    assert "No row fits; the answer for all other facts" == decision.trace.steps[0].say()


def test_which_facts_are_not_known_is_said() -> None:
    """Every fact that is missing, unknown or not as declared is named, in both languages and by reference."""
    both = table([{"grade": Equals("a"), "count": Within(to=3)}], GRADE, COUNT)

    step = both.decide({"grade": "no choice"}).trace.steps[0]

    assert (
        "Cannot tell which row fits: not known or not as declared: grade, count [fact:grade, fact:count]" == step.say()
    )
    assert "grade、count" in step.say("zh")
    assert (Ref("fact", "grade"),) == both.decide({"count": Decimal(1)}).trace.steps[0].refs


@pytest.mark.parametrize(("count", "words"), [(1, "Cannot tell"), (2, "Cannot tell"), (3, "No row fits")])
def test_a_fact_is_missed_only_where_it_could_matter(count: int, words: str) -> None:
    """Where a known fact leaves a row, the unknown one is named; where it rules every row out, none fits."""
    two = table([{"grade": Equals("a"), "count": Equals(1)}, {"grade": Equals("a"), "count": Equals(2)}], GRADE, COUNT)

    decision = two.decide({"count": Decimal(count)})

    assert decision.value is None
    assert decision.trace.steps[0].say().startswith(words)


def test_the_lowest_bit_is_the_uppermost_row() -> None:
    """With first hit the uppermost row that fits decides; a table that asks nothing answers its first row."""
    rows: list[dict[str, Cell]] = [{"grade": Equals("b")}, {"count": Within(to=3)}, {}]
    first = table(rows, GRADE, COUNT, hit=Hit.FIRST)
    none = table([{}], hit=Hit.FIRST)

    answers = [
        first.decide(facts).value
        for facts in (
            {"grade": "b", "count": Decimal(1)},
            {"grade": "a", "count": Decimal(3)},
            {"grade": "a", "count": Decimal(4)},
        )
    ]

    assert [FrozenMap({"n": Decimal(number)}) for number in range(3)] == answers
    assert FrozenMap({"n": Decimal(0)}) == none.decide({}).value


def test_an_overlap_names_the_first_two_rows() -> None:
    """Of three rows that fit, the first two are named."""
    three = table([{"grade": Equals("b")}, {}, {"grade": Equals("a")}, {}], GRADE)

    with pytest.raises(InputError) as caught:
        three.decide({"grade": "a"})

    assert ["Overlaps `$.rows[1]` on these facts - at `$.rows[2]`"] == [str(one) for one in caught.value.problems]


def test_everything_wrong_with_outputs_is_told() -> None:
    """Names given twice, sets, unknown outputs, missing ones and wrong types each have their message."""
    n, s = FactSpec("n", FactType.NUMBER), FactSpec("s", FactType.CODES)
    broken = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE,),
        outputs=(n, s, n, FactSpec("free", FactType.BOOL, may_be_unknown=True)),
        rows=(Row(when=FrozenMap({"grade": Equals("a")}), then=Outputs({"m": 1, "n": "x"})),),
        otherwise=Outputs(),
    )

    assert [
        "Expected each name once; 'n' stands above - at `$.outputs[2].name`",
        "Expected a single value, got a set of codes - at `$.outputs[1].type`",
        "Unknown output 'm'; there are: free, n, s - at `$.rows[0].then.m`",
        "Type clash: expected a number, as 'n' is one - at `$.rows[0].then.n`",
        "Expected an answer for the output 's' (a set of codes) - at `$.rows[0].then`",
        "Expected an answer for the output 'n' (a number) - at `$.otherwise`",
        "Expected an answer for the output 's' (a set of codes) - at `$.otherwise`",
    ] == [str(problem) for problem in broken.analyse()]


def test_specs_are_judged_before_anything_is_proved() -> None:
    """A wrong spec of an output is told in its place, and no proof is tried with it."""
    broken = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE,),
        outputs=(FactSpec("n", FactType.NUMBER, low=Decimal(2), high=Decimal(1), may_be_unknown=True),),
        rows=(Row(when=FrozenMap({"grade": Equals("a")}), then=Outputs()),),
    )

    assert ["$.outputs[0].high"] == [problem.path for problem in broken.analyse()]


def test_a_table_with_an_answer_for_the_rest_has_no_gaps() -> None:
    """Where otherwise answers, rows need not cover everything, and dead rows are still told."""
    rows = (
        Row(when=FrozenMap({"grade": Equals("a")}), then=Outputs({"n": 1})),
        Row(when=FrozenMap({"grade": NoneOf(("a", "b"))}), then=Outputs({"n": 1})),
    )
    rest = DecisionTable(
        id="t",
        version="1",
        facts=(GRADE,),
        outputs=(FactSpec("n", FactType.NUMBER),),
        rows=rows,
        otherwise=Outputs({"n": 2}),
    )

    assert ["$.rows[1].when.grade"] == [problem.path for problem in rest.analyse()]


def test_a_note_in_one_language_is_enough() -> None:
    """A row's note is said in the language it has."""
    row = Row(then=Outputs({"n": 1}), note=Text(en="only"))
    one = DecisionTable(id="t", version="1", facts=(), outputs=(FactSpec("n", FactType.NUMBER),), rows=(row,))

    assert "Row 1 fits: only [row:1]" == one.decide({}).trace.steps[0].say()


FIRST = DecisionTable(
    id="t",
    version="1",
    facts=(GRADE, COUNT),
    outputs=(FactSpec("n", FactType.NUMBER),),
    hit=Hit.FIRST,
    rows=(
        Row(when=FrozenMap({"grade": Equals("a")}), then=Outputs({"n": 1})),
        Row(when=FrozenMap({"count": Within(to=3)}), then=Outputs({"n": 2})),
        Row(then=Outputs({"n": 1})),
    ),
)


def test_an_upper_row_that_may_fit_keeps_a_lower_one_from_answering() -> None:
    """Where nobody knows whether an upper row fits, a lower one does not answer in its place."""
    undecided = FIRST.decide({"count": Decimal(2)})

    assert undecided.value is None
    assert "grade" in undecided.trace.steps[0].what.en
    assert FrozenMap({"n": Decimal(2)}) == FIRST.decide({"grade": "b", "count": Decimal(2)}).value


def test_an_upper_row_that_would_answer_the_same_keeps_nobody() -> None:
    """Where every upper row that may fit answers the same, the answer stands whatever is not known."""
    assert FrozenMap({"n": Decimal(1)}) == FIRST.decide({"count": Decimal(9)}).value
    assert FIRST.decide({"grade": Unknown("no field"), "count": Unknown("no field")}).value is None


def test_three_gaps_are_told() -> None:
    """Of many gaps the first three are told, and no more."""
    flags = tuple(FactSpec(f"f{at}", FactType.BOOL) for at in range(5))
    columns = [build_column(spec, [Equals(True)]) for spec in flags]
    problems = [one.message for one in analyse_coverage(columns, 1, unique=True, complete=True)]

    assert 3 == len(problems) == len({message for message in problems if message.startswith("No row for: ")})
