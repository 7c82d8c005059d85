"""Decision tables as data: rows of cells over typed facts, proved complete and consistent when they are read."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, ClassVar

import attrs

from branchkit.codec import Document
from branchkit.codec.problems import child, rebase, words
from branchkit.conditions.analysis import analyse_coverage
from branchkit.conditions.cells import Cell
from branchkit.conditions.check import bind_literal, unknown_fact
from branchkit.conditions.columns import Column, TooManyRegions, build_column
from branchkit.conditions.facts import Facts, FactSpec, FactType, FactValue
from branchkit.conditions.scalars import Scalar, as_scalar, plain_scalar, read_scalar
from branchkit.errors import InputError, Problem
from branchkit.trace import Decision, Step, Trace
from branchkit.values import FrozenMap, Ref, Text, Unknown, is_identifier

__all__ = ["DecisionTable", "Hit", "Outputs", "Row"]


class Hit(enum.Enum):
    """What it means when several rows fit."""

    UNIQUE = "unique"
    """That the table is wrong: rows may not overlap, and their order has no meaning."""
    FIRST = "first"
    """That the uppermost counts."""


class Outputs(FrozenMap[Scalar]):
    """What a row answers, by the names of the table's outputs; literals as they stand in a document.

    >>> Outputs({"ladder": "urgent", "hours": 4}).to_plain()
    {'ladder': 'urgent', 'hours': 4}
    """

    __slots__ = ()

    def __init__(self, items: Mapping[str, Scalar | int] | None = None, /) -> None:
        # Kept as it is read back from the plain form, so that what is written and read again is equal.
        plain = {key: plain_scalar(as_scalar(value)) for key, value in (items or {}).items()}
        super().__init__({key: as_scalar(value) for key, value in plain.items()})

    def __reduce__(self) -> tuple[type[Outputs], tuple[dict[str, Scalar]]]:
        return (Outputs, (dict(self),))

    def to_plain(self) -> dict[str, Any]:
        """Return the object of literals."""
        return {key: plain_scalar(value) for key, value in self.items()}

    @classmethod
    def from_plain(cls, data: object) -> Outputs:
        """Read an object of literals; raises `InputError` that lists every problem with its path."""
        problems: list[Problem] = []
        outputs = _read_outputs(data, problems)
        if problems:
            raise InputError("<outputs>", tuple(problems))
        return cls(outputs)

    @classmethod
    def plain_schema(cls) -> dict[str, Any]:
        """Return a JSON Schema (draft 2020-12) of the plain form."""
        return {"type": "object", "additionalProperties": {"type": ["boolean", "integer", "number", "string"]}}


def _read_outputs(data: object, problems: list[Problem]) -> dict[str, Scalar]:
    if not isinstance(data, Mapping):
        problems.append(Problem("$", f"Expected an object, got {words(data)}"))
        return {}
    read = {str(key): read_scalar(value, child("$", str(key))) for key, value in data.items()}
    problems.extend(value for value in read.values() if isinstance(value, Problem))
    return {key: value for key, value in read.items() if not isinstance(value, Problem)}


@attrs.frozen(kw_only=True)
class Row:
    """One row: when every cell fits, these are the outputs."""

    when: FrozenMap[Cell] = FrozenMap()
    """What is asked, by fact; a fact that is left out is not asked."""
    then: Outputs
    rules: tuple[str, ...] = ()
    """The qualified ids of the rules that the row carries out."""
    note: Text | None = None
    """Why the row is there."""


def _check_id(_: object, __: object, value: str) -> None:
    if not is_identifier(value):
        raise ValueError("Expected an id of 1 to 200 printable characters without spaces at its ends")


@attrs.frozen(kw_only=True)
class DecisionTable(Document):
    """Answers typed outputs from typed facts, row by row, and says which row it was.

    A fact that is unknown, missing, or not what its spec allows fits only cells that ask for the unknown, and rows
    that don't ask it at all.

    >>> from branchkit.conditions.cells import Equals, Within
    >>> table = DecisionTable(
    ...     id="fault-response", version="1",
    ...     facts=(FactSpec("cash_stopped", FactType.BOOL), FactSpec("stations", FactType.NUMBER)),
    ...     outputs=(FactSpec("grade", FactType.CODE, choices=("general", "major")),),
    ...     hit=Hit.UNIQUE,
    ...     rows=(
    ...         Row(when=FrozenMap({"cash_stopped": Equals(True)}), then=Outputs({"grade": "major"})),
    ...         Row(when=FrozenMap({"cash_stopped": Equals(False), "stations": Within(below=3)}),
    ...             then=Outputs({"grade": "general"})),
    ...     ),
    ... )
    >>> for problem in table.analyse(): print(problem)
    No row for: cash_stopped = false, stations = 3 - at `$.rows`
    >>> decision = table.decide({"cash_stopped": True})
    >>> decision.value["grade"], decision.trace.steps[0].say()
    ('major', 'Row 1 fits [row:1]')
    """

    SCHEMA: ClassVar[str] = "decision_table/1"

    id: str = attrs.field(validator=_check_id)
    version: str
    title: Text | None = None
    facts: tuple[FactSpec, ...]
    outputs: tuple[FactSpec, ...]
    """What every row answers; one that may be unknown can be left out of a row."""
    hit: Hit = Hit.UNIQUE
    rows: tuple[Row, ...]
    otherwise: Outputs | None = None
    """The answer to facts that no row fits."""

    def validate(self) -> Iterator[Problem]:
        """Yield everything wrong with the rows; see `analyse`, which judges the specs of the facts as well."""
        yield from self._bound.problems
        specs = (*self.facts, *self.outputs)
        if self._bound.problems or any(True for spec in specs for _ in spec.validate()):
            return
        try:
            columns = self._columns
        except TooManyRegions as error:
            yield Problem("$.rows", f"Too large to prove: the cells on {str(error)!r} mention too many codes together")
            return
        unique = self.hit is Hit.UNIQUE
        yield from analyse_coverage(columns, len(self.rows), unique=unique, complete=self.otherwise is None)

    def analyse(self) -> tuple[Problem, ...]:
        """Return everything wrong with the table, each with its place.

        Reported are unknown facts and outputs, type clashes, codes that are no choices, outputs that are missing,
        facts that no row asks, gaps (with facts that no row fits), overlaps (with facts that two rows fit), rows that
        never get a turn, and a table too large to prove. The proof is exact; a table it passes has none of these.
        """
        problems: list[Problem] = []
        for key, specs in (("facts", self.facts), ("outputs", self.outputs)):
            for index, spec in enumerate(specs):
                problems.extend(rebase(spec.validate(), child("$", key, index)))
        return (*problems, *self.validate())

    def decide(self, facts: Facts) -> Decision[FrozenMap[FactValue] | None]:
        """Answer the outputs, typed, and which row gave them; ``None`` where a fact that is needed is not known.

        Where the uppermost row counts, a row answers only if no row above it could fit and answer otherwise.

        Raises:
            InputError: the rows don't fit the facts they ask, or two rows fit where one must; `analyse` tells before.
        """
        rows = -1
        for column in self._columns:
            rows &= column.locate(facts.get(column.spec.name))
        if rows == -1:  # No row asks anything.
            rows = (1 << len(self.rows)) - 1
        if not rows:
            return self._fall_through(facts)
        if self.hit is Hit.UNIQUE and rows & (rows - 1):
            first, second = [index for index in range(len(self.rows)) if rows >> index & 1][:2]
            raise InputError(self.id, (Problem(child("$.rows", second), f"Overlaps `$.rows[{first}]` on these facts"),))
        first = (rows & -rows).bit_length() - 1
        if first and self.hit is Hit.FIRST:
            return self._first(first, facts)
        return self._decisions[first]

    def _first(self, first: int, facts: Facts) -> Decision[FrozenMap[FactValue] | None]:
        """Answer the first row that fits, unless a row above it would fit as well if what is not known were so."""
        possible, blind = self._possible(facts)
        above = possible & ((1 << first) - 1) if blind else 0
        outputs = self._bound.outputs
        if any(above >> index & 1 and outputs[index] != outputs[first] for index in range(first)):
            return self._undecided(blind)
        return self._decisions[first]

    def _fall_through(self, facts: Facts) -> Decision[FrozenMap[FactValue] | None]:
        possible, blind = self._possible(facts)
        if not possible and self.otherwise is not None:
            return self._decisions[-1]
        return self._undecided(blind if possible else [])

    def _possible(self, facts: Facts) -> tuple[int, list[str]]:
        """Return the rows that may fit, whatever is not known, and the facts that the table cannot do without."""
        # An unknown that the table did not reckon with may not be taken for "none of the rows".
        possible, blind = (1 << len(self.rows)) - 1, list[str]()
        for column in self._columns:
            spec, value = column.spec, facts.get(column.spec.name)
            if not spec.may_be_unknown and (value is None or isinstance(value, Unknown) or spec.problems_of(value)):
                blind.append(spec.name)
            else:
                possible &= column.locate(value)
        return possible, blind

    def _undecided(self, blind: list[str]) -> Decision[FrozenMap[FactValue] | None]:
        en, zh = "No row fits", "没有匹配的行"
        if blind:
            en = f"Cannot tell which row fits: not known or not as declared: {', '.join(blind)}"
            zh = f"无法判定匹配的行：以下事实未知或不符合声明：{'、'.join(blind)}"
        refs = tuple(Ref("fact", name) for name in blind)
        return Decision(None, self._trace(Step(what=Text(zh=zh, en=en), refs=refs)))

    def _trace(self, step: Step) -> Trace:
        inputs = tuple(Ref("fact", column.spec.name) for column in self._columns)
        return Trace(policy=self.id, version=self.version, inputs=inputs, steps=(step,))

    @cached_property
    def _bound(self) -> _Bound:
        return _bind(self)

    @cached_property
    def _columns(self) -> tuple[Column, ...]:
        bound = self._bound
        if bound.problems:
            raise InputError(self.id, bound.problems)
        asked = {name for cells in bound.cells for name in cells}
        return tuple(
            build_column(spec, [cells.get(spec.name) for cells in bound.cells])
            for spec in self.facts
            if spec.name in asked
        )

    @cached_property
    def _decisions(self) -> tuple[Decision[FrozenMap[FactValue] | None], ...]:
        decisions: list[Decision[FrozenMap[FactValue] | None]] = []
        for number, (row, outputs) in enumerate(zip(self.rows, self._bound.outputs, strict=False), start=1):
            what = Text(zh=f"第 {number} 行匹配", en=f"Row {number} fits")
            if row.note is not None:
                what = Text(zh=f"{what.zh}：{row.note.say('zh')}", en=f"{what.en}: {row.note.say('en')}")
            step = Step(what=what, rules=row.rules, refs=(Ref("row", str(number)),))
            decisions.append(Decision(outputs, self._trace(step)))
        if self.otherwise is not None:
            step = Step(what=Text(zh="没有匹配的行，取其余情形", en="No row fits; the answer for all other facts"))
            decisions.append(Decision(self._bound.outputs[-1], self._trace(step)))
        return tuple(decisions)


@attrs.frozen
class _Bound:
    """A table's rows with typed literals, and what is wrong with them."""

    cells: tuple[Mapping[str, Cell], ...]
    outputs: tuple[FrozenMap[FactValue], ...]
    """Of each row, and last of ``otherwise`` where there is one."""
    problems: tuple[Problem, ...]


def _bind(table: DecisionTable) -> _Bound:
    problems: list[Problem] = []
    facts = _by_name(table.facts, "$.facts", problems)
    outputs = _by_name(table.outputs, "$.outputs", problems)
    for index, spec in enumerate(table.outputs):
        if spec.type is FactType.CODES:
            problems.append(Problem(child("$.outputs", index, "type"), "Expected a single value, got a set of codes"))
    if not table.rows:
        problems.append(Problem("$.rows", "Expected at least one row"))
    asked = {name for row in table.rows for name in row.when}
    for index, spec in enumerate(table.facts):
        if spec.name not in asked:
            problems.append(Problem(child("$.facts", index), f"Has no effect: no row asks {spec.name!r}"))
    cells: list[Mapping[str, Cell]] = []
    answers: list[FrozenMap[FactValue]] = []
    for index, row in enumerate(table.rows):
        path = child("$.rows", index)
        cells.append(_bind_cells(row.when, facts, child(path, "when"), problems))
        answers.append(_bind_outputs(row.then, outputs, child(path, "then"), problems))
    if table.otherwise is not None:
        answers.append(_bind_outputs(table.otherwise, outputs, "$.otherwise", problems))
    return _Bound(tuple(cells), tuple(answers), tuple(problems))


def _by_name(specs: Iterable[FactSpec], path: str, problems: list[Problem]) -> dict[str, FactSpec]:
    named: dict[str, FactSpec] = {}
    for index, spec in enumerate(specs):
        if spec.name in named:
            problems.append(Problem(child(path, index, "name"), f"Expected each name once; {spec.name!r} stands above"))
        named.setdefault(spec.name, spec)
    return named


def _bind_cells(
    when: Mapping[str, Cell], facts: Mapping[str, FactSpec], path: str, problems: list[Problem]
) -> Mapping[str, Cell]:
    bound: dict[str, Cell] = {}
    for name, cell in when.items():
        below, spec = child(path, name), facts.get(name)
        if spec is None:
            problems.append(unknown_fact(name, facts, below))
        else:
            bound[name] = cell.bind(spec, below, problems)
    return bound


def _bind_outputs(
    given: Mapping[str, Scalar], outputs: Mapping[str, FactSpec], path: str, problems: list[Problem]
) -> FrozenMap[FactValue]:
    bound: dict[str, FactValue] = {}
    for name, literal in given.items():
        below, spec = child(path, name), outputs.get(name)
        if spec is None:
            problems.append(Problem(below, f"Unknown output {name!r}; there are: {', '.join(sorted(outputs))}"))
            continue
        value = bind_literal(literal, spec, below, problems)
        if value is not None:
            bound[name] = value
    for name, spec in outputs.items():
        if name not in given and not spec.may_be_unknown:
            problems.append(Problem(path, f"Expected an answer for the output {name!r} ({spec.describe()})"))
    return FrozenMap(bound)
