"""Reads a sheet against what it was bound to: every answer becomes a cell that says what it means."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from branchkit.checklists.answers import Outcome, TextAnswer
from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.model import Checklist, Item, Judgement, Section
from branchkit.checklists.sheet import Answer, Sheet
from branchkit.conditions import FactValue, evaluate
from branchkit.errors import InputError, Problem
from branchkit.values import Ref, Severity, Text, Unknown

__all__ = ["Cell", "CellState", "Reading", "read"]

_On = tuple[Ref, ...]


class CellState(enum.Enum):
    """What a cell of a bound sheet comes to."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    """Passed, with a warning."""
    NEUTRAL = "neutral"
    """Answered with information that is neither good nor bad."""
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"
    """Said to be unknown, or asked of something that nobody knows."""
    MISSING = "missing"
    """Required and not answered."""
    SKIPPED = "skipped"
    """Optional and not answered."""


@attrs.frozen(kw_only=True)
class Cell:
    """One item, asked of one thing, as it was answered."""

    section: Section = attrs.field(repr=lambda section: section.id)
    item: Item = attrs.field(repr=lambda item: item.id)
    on: tuple[Ref, ...] = ()
    state: CellState
    value: FactValue | Unknown = attrs.field(default=Unknown("not answered"), repr=False)
    """The answer, typed."""
    reason: Text | None = None
    """Why it is not applicable or unknown, where the checklist itself says so."""
    judgement: Judgement | None = attrs.field(default=None, repr=False)
    """The judgement that decided, where one did."""

    @property
    def key(self) -> str:
        """The item and what it was asked of, as in ``clean@equipment:ATM-1``; the same on every sheet."""
        return "@".join((self.item.id, *map(str, self.on)))

    @property
    def severity(self) -> Severity:
        """How bad it is that the cell failed or warned."""
        if self.state is CellState.WARNED:
            return Severity.WARNING
        chosen = self.judgement.severity if self.judgement else None
        return chosen or self.item.severity or Severity.MINOR

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules of the item, and those of the judgement that decided."""
        extra = self.judgement.rules if self.judgement else ()
        return (*self.item.rules, *(rule for rule in extra if rule not in self.item.rules))


@attrs.frozen(eq=False, slots=False)
class Reading:
    """A sheet read against its bound checklist."""

    sheet: Sheet
    bound: BoundChecklist
    cells: tuple[Cell, ...]
    """Every cell, in the checklist's order; rows in the sheet's order."""
    problems: tuple[Problem, ...]
    """What makes the sheet incomplete, with the path of the answer or the item that is missing."""

    @cached_property
    def by_item(self) -> Mapping[str, tuple[Cell, ...]]:
        """The cells of each item."""
        found: dict[str, list[Cell]] = {item.id: [] for _, item in self.bound.checklist.items()}
        for cell in self.cells:
            found[cell.item.id].append(cell)
        return {name: tuple(cells) for name, cells in found.items()}


def read(sheet: Sheet, bound: BoundChecklist) -> Reading:
    """Read a sheet against the bound checklist it fills in.

    What is merely incomplete is listed in `Reading.problems`.

    Raises:
        InputError: for answers that cannot be read: of another checklist or branch, to items that are not there,
            about things it was not bound to, or with values that the item does not accept; all of them at once.
    """
    reader = _Reader(sheet, bound)
    return reader.run()


class _Reader:
    def __init__(self, sheet: Sheet, bound: BoundChecklist) -> None:
        self.sheet = sheet
        self.bound = bound
        self.checklist: Checklist = bound.checklist
        self.wrong: list[Problem] = []
        self.lacking: list[Problem] = []
        self.answers: dict[tuple[str, _On], tuple[int, Answer]] = {}
        self.values: dict[tuple[str, _On], FactValue | Unknown] = {}
        self.cells: dict[tuple[str, _On], Cell] = {}
        self.sections = {item.id: (section, item) for section, item in self.checklist.items()}

    def run(self) -> Reading:
        self._belongs()
        for at, answer in enumerate(self.sheet.answers):
            self.answers[answer.item, answer.on] = (at, answer)
            self._read_value(at, answer)
        planned = self._plan()
        expected = set(planned)
        for key, (at, _) in self.answers.items():
            if key[0] in self.sections and key not in expected:
                self.wrong.append(Problem(f"$.answers[{at}].on", self._expected_on(key[0])))
        if self.wrong:
            raise InputError(f"sheet {self.sheet.id!r}", tuple(self.wrong))
        cells = tuple(self._cell(name, on) for name, on in planned)
        return Reading(self.sheet, self.bound, cells, tuple(self.lacking))

    def _belongs(self) -> None:
        checklist, pin = self.checklist, self.bound.pin
        for name, have, want in (
            ("checklist", self.sheet.checklist, checklist.id),
            ("version", self.sheet.version, checklist.version),
            ("branch", self.sheet.branch, pin.branch),
        ):
            if have != want:
                self.wrong.append(Problem(f"$.{name}", f"Expected {want!r}, to which it is bound; got {have!r}"))
        if self.sheet.bound is not None and self.sheet.bound != self.bound.digest:
            what = "Expected the digest of what it is bound to: it was filled in against something else"
            self.wrong.append(Problem("$.bound", what))

    def _read_value(self, at: int, answer: Answer) -> None:
        known = self.sections.get(answer.item)
        if known is None:
            names = ", ".join(self.sections)
            self.wrong.append(Problem(f"$.answers[{at}].item", f"Unknown item {answer.item!r}; there are: {names}"))
            return
        item = known[1]
        own_words = isinstance(item.answer, TextAnswer) and not item.answer.public
        raw = answer.words if own_words else answer.value
        other = "value" if own_words else "words"
        if getattr(answer, other) is not None:
            field = "words" if own_words else "value"
            self.wrong.append(Problem(f"$.answers[{at}].{other}", f"Expected `{field}` for this item, not `{other}`"))
        elif raw is not None:
            try:
                self.values[answer.item, answer.on] = item.answer.read(raw)
            except ValueError as error:
                path = f"$.answers[{at}].{'words' if own_words else 'value'}"
                self.wrong.append(Problem(path, f"{error} for item {item.id!r}"))
        elif answer.not_applicable is not None:
            if item.not_applicable == "never":
                what = f"Item {item.id!r} may not be said to be not applicable; answer it, or say `unknown` and why"
                self.wrong.append(Problem(f"$.answers[{at}].not_applicable", what))
            self.values[answer.item, answer.on] = Unknown("not applicable")
        else:
            self.values[answer.item, answer.on] = Unknown("said to be unknown")

    def _plan(self) -> list[tuple[str, _On]]:
        planned: list[tuple[str, _On]] = []
        for section in self.checklist.sections:
            rows = self._rows(section) if section.rows is not None else None
            for item in section.items:
                subjects = self.bound.subjects(section, item)
                if isinstance(subjects, Unknown) or not subjects:
                    planned.append((item.id, ()))
                elif rows is None:
                    planned += [(item.id, on) for on in subjects]
            if rows is not None:
                planned += [(item.id, on) for on in rows for item in section.items]
        return planned

    def _rows(self, section: Section) -> list[_On]:
        names = {item.id for item in section.items}
        rows = dict.fromkeys(on for name, on in self.answers if name in names and on and on[-1].kind == "row")
        assert section.rows is not None
        least, most = section.rows.least, section.rows.most
        if len(rows) < least or (most is not None and len(rows) > most):
            limits = f"at least {least}" if most is None else f"from {least} to {most}"
            self.lacking.append(Problem("$.answers", f"Expected {limits} rows in section {section.id!r}; got {len(rows)}"))
        outer = self.bound.subjects(section, section.items[0])
        allowed = set() if isinstance(outer, Unknown) else set(outer)
        return [on for on in rows if on[:-1] in allowed]

    def _expected_on(self, name: str) -> str:
        section, item = self.sections[name]
        subjects = self.bound.subjects(section, item)
        if section.rows is not None:
            return f"Expected a row, as in [\"row:1\"], for item {name!r}"
        if isinstance(subjects, Unknown):
            return f"Expected no answer to {name!r}: what it is asked of is not known"
        if subjects == ((),):
            return f"Expected no `on` for item {name!r}: it is asked once"
        listed = "; ".join(", ".join(map(str, on)) for on in subjects[:20])
        return f"Expected what {name!r} is bound to: {listed}" if listed else f"Nothing to ask {name!r} of is there"

    def _cell(self, name: str, on: _On) -> Cell:
        key = (name, on)
        if key not in self.cells:
            self.cells[key] = self._judge(name, on)
        return self.cells[key]

    def _judge(self, name: str, on: _On) -> Cell:
        section, item = self.sections[name]
        subjects = self.bound.subjects(section, item)
        if isinstance(subjects, Unknown):
            return Cell(section=section, item=item, state=CellState.UNKNOWN, reason=Text(en=subjects.reason))
        if not subjects:
            reason = Text(zh="本网点没有此类对象", en="there is nothing of the kind here")
            return Cell(section=section, item=item, state=CellState.NOT_APPLICABLE, reason=reason)
        for condition in (section.when, item.when):
            applies = True if condition is None else evaluate(condition, _Scope(self, on))
            if applies is False:
                self._needless(name, on)
                reason = Text(zh="条件不成立", en="its condition does not hold")
                return Cell(section=section, item=item, on=on, state=CellState.NOT_APPLICABLE, reason=reason)
            if isinstance(applies, Unknown):
                if (name, on) in self.answers:
                    break  # somebody on the spot knew that it applies and answered
                return Cell(section=section, item=item, on=on, state=CellState.UNKNOWN, reason=Text(en=applies.reason))
        return self._answered(section, item, on)

    def _answered(self, section: Section, item: Item, on: _On) -> Cell:
        found = self.answers.get((item.id, on))
        value = self.values.get((item.id, on), Unknown("not answered"))
        for judgement in item.judgements:
            if evaluate(judgement.when, _Scope(self, on, item.id)) is True:
                state = {"pass": CellState.PASSED, "warning": CellState.WARNED, "fail": CellState.FAILED}[judgement.outcome]
                self._evidence(item, found, state)
                return Cell(section=section, item=item, on=on, state=state, value=value, judgement=judgement)
        if found is None:
            if item.required:
                where = f" on {', '.join(map(str, on))}" if on else ""
                self.lacking.append(Problem("$.answers", f"Expected an answer to item {item.id!r}{where}"))
            state = CellState.MISSING if item.required else CellState.SKIPPED
        elif found[1].not_applicable is not None:
            state = CellState.NOT_APPLICABLE
        elif isinstance(value, Unknown):
            state = CellState.UNKNOWN
        else:
            state = _STATES[item.answer.outcome(value)]
        self._evidence(item, found, state)
        return Cell(section=section, item=item, on=on, state=state, value=value)

    def _needless(self, name: str, on: _On) -> None:
        found = self.answers.get((name, on))
        if found is not None and found[1].not_applicable is None:
            what = f"Expected no answer to {name!r}: its condition does not hold"
            self.lacking.append(Problem(f"$.answers[{found[0]}]", what))

    def _evidence(self, item: Item, found: tuple[int, Answer] | None, state: CellState) -> None:
        if found is None:
            return
        at, answer = found
        for rule in item.evidence:
            wanted = {"any": True, "fail": state is CellState.FAILED, "pass": state is CellState.PASSED}[rule.on]
            have = {"note": bool(answer.note and answer.note.strip()), "photo": bool(answer.photos), "file": bool(answer.files)}
            for need in rule.needs if wanted and (answer.value is not None or answer.words is not None) else ():
                if not have[need]:
                    field = {"note": "note", "photo": "photos", "file": "files"}[need]
                    what = f"Expected a {need} with an answer to {item.id!r} that comes to {state.value}"
                    self.lacking.append(Problem(f"$.answers[{at}].{field}", what))


_STATES = {Outcome.PASS: CellState.PASSED, Outcome.FAIL: CellState.FAILED, Outcome.NEUTRAL: CellState.NEUTRAL}


class _Scope(Mapping[str, "FactValue | Unknown"]):
    """The facts that a condition of one cell can reach; answers are looked up only when they are asked for."""

    def __init__(self, reader: _Reader, on: _On, item: str | None = None) -> None:
        self._reader = reader
        self._on = on
        self._item = item

    def __getitem__(self, name: str) -> FactValue | Unknown:
        reader = self._reader
        if name == "answer":
            if self._item is None:
                raise KeyError(name)
            return reader.values.get((self._item, self._on), Unknown("not answered"))
        if name.startswith("answer."):
            other = name.removeprefix("answer.")
            if other not in reader.sections:
                raise KeyError(name)
            section, item = reader.sections[other]
            on = self._on if section.for_each or section.rows or item.for_each else ()
            if other != self._item and (section.when is not None or item.when is not None):
                cell = reader._cell(other, on)
                if cell.state is CellState.NOT_APPLICABLE:
                    return Unknown(f"{other} is not applicable")
            return reader.values.get((other, on), Unknown(f"{other} is not answered"))
        return reader.bound.facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._reader.bound.facts)

    def __len__(self) -> int:
        return len(self._reader.bound.facts)
