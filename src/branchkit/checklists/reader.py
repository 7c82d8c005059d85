"""Reads a sheet the long way: answer by answer, with every problem and its place.

It reads whatever there is: sections in rows, answers that decide about other answers, sheets that cannot be read.
`branchkit.checklists.reading` leaves to it what cannot be looked up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from branchkit.checklists.answers import TextAnswer
from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.cells import NOT_ANSWERED, Cell, CellState, Reading
from branchkit.checklists.layout import absent, come_to
from branchkit.checklists.model import Item, Rows, Section
from branchkit.checklists.prepared import Asked
from branchkit.checklists.sheet import Answer, Sheet
from branchkit.codec.problems import rebase
from branchkit.conditions import FactValue
from branchkit.errors import InputError, Problem
from branchkit.values import Ref, Text, Unknown, is_identifier

__all__ = ["Reader"]

_On = tuple[Ref, ...]
_Key = tuple[str, _On]
_Value = FactValue | Unknown
_PASSES = {CellState.PASSED, CellState.WARNED}
_NOT_MET = Text(zh="条件不成立", en="its condition does not hold")


class Reader:
    """One sheet and what it is bound to, on the way to a reading."""

    def __init__(self, sheet: Sheet, bound: BoundChecklist) -> None:
        self.sheet = sheet
        self.bound = bound
        self.asked = bound.checklist.prepared.asked
        self.wrong: list[Problem] = []
        self.lacking: list[Problem] = []
        self.answers: dict[_Key, tuple[int, Answer]] = {}
        self.values: dict[_Key, _Value] = {}
        self.applies: dict[_Key, bool | Unknown] = {}

    def run(self) -> Reading:
        """Read the sheet; see `branchkit.checklists.read`."""
        self._belongs()
        for at, answer in enumerate(self.sheet.answers):
            self.answers[answer.item, answer.on] = (at, answer)
            self._read_value(at, answer)
        planned, sets = self._plan()
        # Where there is nothing to be asked of, a cell says so; it is no place for an answer.
        expected = {(name, on) for name, on in planned if on or not self.asked[name].repeated}
        for key, (at, _) in self.answers.items():
            if key not in expected and key[0] in self.asked:
                self.wrong.append(Problem(f"$.answers[{at}].on", self._expected_on(key[0])))
        if self.wrong:
            raise InputError(f"sheet {self.sheet.id!r}", tuple(self.wrong))
        self.apply(self._waiting(planned))
        cells = tuple(self.cell(self.asked[name], on) for name, on in planned)
        applied = {name: tuple(self._open_sets(name, rows)) for name, rows in sets.items()}
        return Reading(self.sheet, self.bound, cells, tuple(self.lacking), applied)

    def _belongs(self) -> None:
        checklist, pin = self.bound.checklist, self.bound.pin
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
        # A sheet built in code has not been through the codec, which asks the same.
        self.wrong.extend(self.sheet.validate())

    def _read_value(self, at: int, answer: Answer) -> None:
        asked = self.asked.get(answer.item)
        given = (answer.value, answer.words, answer.not_applicable, answer.unknown)
        malformed = given.count(None) != len(given) - 1
        if malformed:
            self.wrong.extend(rebase(answer.validate(), f"$.answers[{at}]"))
        if asked is None:
            names = ", ".join(self.asked)
            self.wrong.append(Problem(f"$.answers[{at}].item", f"Unknown item {answer.item!r}; there are: {names}"))
            return
        if malformed:
            return
        item, key = asked.item, (answer.item, answer.on)
        field, other = ("value", "words")
        if isinstance(item.answer, TextAnswer) and not item.answer.public:
            field, other = ("words", "value")
        raw = getattr(answer, field)
        if getattr(answer, other) is not None:
            self.wrong.append(Problem(f"$.answers[{at}].{other}", f"Expected `{field}` for this item, not `{other}`"))
        elif raw is not None:
            try:
                self.values[key] = item.answer.read(raw)
            except ValueError as error:
                self.wrong.append(Problem(f"$.answers[{at}].{field}", f"{error} for item {item.id!r}"))
            else:
                self._names_a_row(at, asked, key)
        elif answer.not_applicable is not None:
            if item.not_applicable == "never":
                what = f"Item {item.id!r} may not be said to be not applicable; answer it, or say `unknown` and why"
                self.wrong.append(Problem(f"$.answers[{at}].not_applicable", what))
            self._has_reason(at, "not_applicable", answer.not_applicable)
            self.values[key] = Unknown("not applicable")
        else:
            self._has_reason(at, "unknown", answer.unknown or "")
            self.values[key] = Unknown("said to be unknown")

    def _has_reason(self, at: int, field: str, reason: str) -> None:
        if not reason.strip():
            self.lacking.append(Problem(f"$.answers[{at}].{field}", "Expected the reason"))

    def _names_a_row(self, at: int, asked: Asked, key: _Key) -> None:
        rows, value = asked.section.rows, self.values[key]
        if rows is not None and rows.key == key[0] and not (isinstance(value, str) and is_identifier(value)):
            what = "Expected 1 to 200 printable characters without spaces at their ends: it names the row"
            self.wrong.append(Problem(f"$.answers[{at}].value", what))

    def _plan(self) -> tuple[list[_Key], dict[str, dict[_On, list[_On]]]]:
        """Return every cell in order, and for each section answered in rows the rows about each of its things."""
        planned: list[_Key] = []
        sets: dict[str, dict[_On, list[_On]]] = {}
        for section in self.bound.checklist.sections:
            if section.rows is not None and section.items:
                rows = sets[section.id] = self._rows(section)
                if rows:
                    planned += [(item.id, on) for group in rows.values() for on in group for item in section.items]
                else:
                    planned += [(item.id, ()) for item in section.items]
                continue
            for item in section.items:
                subjects = self.bound.subjects(section, item)
                if isinstance(subjects, Unknown) or not subjects:
                    planned.append((item.id, ()))
                else:
                    planned += [(item.id, on) for on in subjects]
        return planned, sets

    def _rows(self, section: Section) -> dict[_On, list[_On]]:
        subjects = self.bound.subjects(section, section.items[0])
        rows: dict[_On, list[_On]] = {} if isinstance(subjects, Unknown) else {on: [] for on in subjects}
        names = {item.id for item in section.items}
        for on in dict.fromkeys(on for name, on in self.answers if name in names and on and on[-1].kind == "row"):
            if on[:-1] in rows:
                rows[on[:-1]].append(on)
        return rows

    def _open_sets(self, name: str, rows: Mapping[_On, list[_On]]) -> Iterator[_On]:
        section = next(one for one in self.bound.checklist.sections if one.id == name)
        assert section.rows is not None
        for subject, group in rows.items():
            if section.when is not None:
                applies = self.asked[section.items[0].id].conditions[0](_Scope(self, subject))
                if applies is False or (not group and isinstance(applies, Unknown)):
                    continue
            self._count_rows(section, section.rows, subject, len(group))
            yield subject

    def _count_rows(self, section: Section, rows: Rows, subject: _On, count: int) -> None:
        if count < rows.least or (rows.most is not None and count > rows.most):
            limits = f"at least {rows.least}" if rows.most is None else f"from {rows.least} to {rows.most}"
            where = f" on {', '.join(map(str, subject))}" if subject else ""
            what = f"Expected {limits} rows in section {section.id!r}{where}; got {count}"
            self.lacking.append(Problem("$.answers", what))

    def _expected_on(self, name: str) -> str:
        asked = self.asked[name]
        subjects = self.bound.subjects(asked.section, asked.item)
        if isinstance(subjects, Unknown):
            return f"Expected no answer to {name!r}: what it is asked of is not known"
        if not subjects:
            return f"Expected no answer to {name!r}: there is nothing here that it is asked of"
        if subjects == ((),):
            by_row = f'Expected a row, as in ["row:1"], for item {name!r}'
            return f"Expected no `on` for item {name!r}: it is asked once" if asked.section.rows is None else by_row
        listed = "; ".join(", ".join(map(str, on)) for on in subjects[:20])
        row = " and a row, as in row:1" if asked.section.rows is not None else ""
        return f"Expected what {name!r} is bound to{row}: {listed}"

    def _waiting(self, planned: list[_Key]) -> Iterator[_Key]:
        """Yield the cells with conditions, each after those whose answers decide it."""
        places: dict[str, list[_On]] = {name: [] for name in self.bound.checklist.prepared.waiting}
        for name, on in planned:
            if name in places:
                places[name].append(on)
        for name, subjects in places.items():
            yield from ((name, on) for on in subjects)

    def apply(self, waiting: Iterable[_Key]) -> None:
        """Work out which of these cells apply, in this order."""
        for name, on in waiting:
            self.applies[name, on] = self._applies(self.asked[name], on)

    def _applies(self, asked: Asked, on: _On) -> bool | Unknown:
        scope = _Scope(self, on)
        answers = [test(scope) for test in asked.conditions]
        unknown = next((answer for answer in answers if isinstance(answer, Unknown)), None)
        if False in answers or unknown is None:
            return False not in answers
        return False if self._is_moot(asked, scope) else unknown

    def _is_moot(self, asked: Asked, scope: _Scope) -> bool:
        """Say whether nothing keeps a condition from an answer but answers that do not apply themselves."""
        unknown = [name for name in asked.looks_at if isinstance(scope.get(name, NOT_ANSWERED), Unknown)]
        return all(name.startswith("answer.") and scope.is_void(name.removeprefix("answer.")) for name in unknown)

    def cell(self, asked: Asked, on: _On) -> Cell:
        """Return a cell, once it is known what applies; what it lacks is noted."""
        section, item = asked.section, asked.item
        if asked.repeated and not on:
            return absent(asked, self.bound.subjects(section, item))
        found = self.answers.get((item.id, on))
        if asked.conditions:
            applies = self.applies[item.id, on]
            if applies is False:
                self._needless(item, found)
                return Cell(section=section, item=item, on=on, state=CellState.NOT_APPLICABLE, reason=_NOT_MET)
            if isinstance(applies, Unknown) and found is None:
                return Cell(section=section, item=item, on=on, state=CellState.UNKNOWN, reason=Text(en=applies.reason))
            # An answer all the same: somebody on the spot knew that it applies.
        value = self.values.get((item.id, on), NOT_ANSWERED)
        is_void = found is not None and found[1].not_applicable is not None
        facts = _Scope(self, on, item.id)
        cell = come_to(asked, on, value, is_given=found is not None, is_void=is_void, facts=facts)
        if not is_void:
            self.shown(cell, found)
        return cell

    def shown(self, cell: Cell, found: tuple[int, Answer] | None) -> None:
        """Note what a cell lacks: its answer, or what has to come with it."""
        item, on = cell.item, cell.on
        if cell.state is CellState.MISSING:
            where = f" on {', '.join(map(str, on))}" if on else ""
            self.lacking.append(Problem("$.answers", f"Expected an answer to item {item.id!r}{where}"))
        if item.evidence and found is not None:
            self._evidence(item, found, cell.state)

    def _needless(self, item: Item, found: tuple[int, Answer] | None) -> None:
        if found is not None and found[1].not_applicable is None:
            what = f"Expected no answer to {item.id!r}: its condition does not hold"
            self.lacking.append(Problem(f"$.answers[{found[0]}]", what))

    def _evidence(self, item: Item, found: tuple[int, Answer], state: CellState) -> None:
        at, answer = found
        if answer.value is None and answer.words is None:
            return
        note = answer.note is not None and bool(answer.note.strip())
        have = {"note": note, "photo": bool(answer.photos), "file": bool(answer.files)}
        wanted = {"any": True, "fail": state is CellState.FAILED, "pass": state in _PASSES}
        for need in dict.fromkeys(need for rule in item.evidence if wanted[rule.on] for need in rule.needs):
            if not have[need]:
                field = {"note": "note", "photo": "photos", "file": "files"}[need]
                what = f"Expected a {need} with an answer to {item.id!r} that comes to {state.value}"
                self.lacking.append(Problem(f"$.answers[{at}].{field}", what))


class _Scope(Mapping[str, _Value]):
    """The facts that a condition of one cell can reach; answers are looked up only when they are asked for."""

    def __init__(self, reader: Reader, on: _On, item: str | None = None) -> None:
        self._reader = reader
        self._on = on
        self._item = item

    def __getitem__(self, name: str) -> _Value:
        reader = self._reader
        if name == "answer" and self._item is not None:
            return reader.values.get((self._item, self._on), NOT_ANSWERED)
        if not name.startswith("answer."):
            return reader.bound.facts[name]
        other = name.removeprefix("answer.")
        asked = reader.asked[other]
        if other != self._item and self.is_void(other):
            return Unknown(f"{other} is not applicable")
        on = self._on if asked.repeated else ()
        value = reader.values.get((other, on))
        return Unknown(f"{other} is not answered") if value is None else value

    def is_void(self, other: str) -> bool:
        """Say whether another item does not apply, by its condition or because somebody said so."""
        reader = self._reader
        key = (other, self._on if reader.asked[other].repeated else ())
        found = reader.answers.get(key)
        return reader.applies.get(key) is False or (found is not None and found[1].not_applicable is not None)

    def __iter__(self) -> Iterator[str]:
        return iter(self._reader.bound.facts)

    def __len__(self) -> int:
        return len(self._reader.bound.facts)
