"""The places that a bound checklist has for answers, and what each answer makes of each: worked out once, kept.

Most items mean the same whatever else is on the sheet, so what an answer to one comes to is a look-up. Those that
depend on other answers, on facts or on the day are open: they are read sheet by sheet. Sections answered in rows have
as many places as a sheet has rows, so a checklist with such a section has no layout.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import attrs

from branchkit.checklists.answers import Choice, Number, Outcome, PassFail, Scale, TextAnswer, TimeAnswer
from branchkit.checklists.binding import BoundChecklist
from branchkit.checklists.cells import NOT_ANSWERED, Cell, CellState, cell_key
from branchkit.checklists.model import Judgement
from branchkit.checklists.prepared import Asked
from branchkit.checklists.sheet import Answer
from branchkit.codec import canonical_json, unstructure
from branchkit.conditions import Facts, FactValue, reads
from branchkit.values import Ref, Text, Unknown

__all__ = ["NOT_APPLICABLE", "SAID_UNKNOWN", "Irregular", "Layout", "Place", "absent", "come_to", "layout_of"]

_On = tuple[Ref, ...]
_STATES = {Outcome.PASS: CellState.PASSED, Outcome.FAIL: CellState.FAILED, Outcome.NEUTRAL: CellState.NEUTRAL}
_JUDGED = {"pass": CellState.PASSED, "warning": CellState.WARNED, "fail": CellState.FAILED}
_ABSENT = Text(zh="本网点没有此类对象", en="there is nothing of the kind here")
_VOID = Unknown("not applicable")
_UNTOLD = Unknown("said to be unknown")
_MOST_ANSWERS = 256
_MOST_LAYOUTS = 64


NOT_APPLICABLE: Final = object()
"""Stands for an answer that says that the item does not apply."""
SAID_UNKNOWN: Final = object()
"""Stands for an answer that says that nobody knows."""


class Irregular(Exception):
    """An answer that only the long way of reading can judge; never leaves the library."""


def come_to(asked: Asked, on: _On, value: FactValue | Unknown, *, is_given: bool, is_void: bool, facts: Facts) -> Cell:
    """Return what an item that applies comes to.

    Args:
        asked: the item.
        on: what it was asked of.
        value: the answer, typed, or why there is none.
        is_given: whether there is an answer at all.
        is_void: whether the answer is that the item does not apply.
        facts: the facts in reach of its judgements.
    """
    section, item = asked.section, asked.item
    if is_void:
        return Cell(section=section, item=item, on=on, state=CellState.NOT_APPLICABLE, value=value)
    judgement = _judgement(asked, facts, answered=not isinstance(value, Unknown))
    if judgement is not None:
        state = _JUDGED[judgement.outcome]
    elif not is_given:
        state = CellState.MISSING if item.required else CellState.SKIPPED
    else:
        state = CellState.UNKNOWN if isinstance(value, Unknown) else _STATES[item.answer.outcome(value)]
    return Cell(section=section, item=item, on=on, state=state, value=value, judgement=judgement)


def _judgement(asked: Asked, facts: Facts, *, answered: bool) -> Judgement | None:
    for test, judgement in asked.judgements:
        # What nobody answered has not passed, so nothing can pass it with a warning.
        if (answered or judgement.outcome != "warning") and test(facts) is True:
            return judgement
    return None


def absent(asked: Asked, subjects: tuple[_On, ...] | Unknown) -> Cell:
    """Return the cell of an item asked for each of something, of which there is nothing or nobody knows."""
    if isinstance(subjects, Unknown):
        return Cell(section=asked.section, item=asked.item, state=CellState.UNKNOWN, reason=Text(en=subjects.reason))
    return Cell(section=asked.section, item=asked.item, state=CellState.NOT_APPLICABLE, reason=_ABSENT)


class Place(dict[object, Cell]):
    """Where one answer goes: what it comes to, by what it holds, as far as that was met.

    The keys are values as a sheet holds them, ``None`` for no answer, `NOT_APPLICABLE` and `SAID_UNKNOWN`.
    Words that somebody typed are not kept, nor more than some hundred values.
    """

    __slots__ = ("asked", "is_open", "keeps", "key", "name", "nothing", "on", "words")

    def __init__(self, asked: Asked, on: _On, nothing: Cell | None) -> None:
        super().__init__()
        kind = asked.item.answer
        self.asked = asked
        self.on = on
        self.key = (asked.item.id, on)
        self.name = cell_key(asked.item.id, on)
        self.nothing = nothing
        """The cell, where there is nothing to be asked of."""
        self.words = isinstance(kind, TextAnswer) and not kind.public
        """True where the answer is words of one's own."""
        self.keeps = isinstance(kind, PassFail | Scale | Number | TimeAnswer) or (
            isinstance(kind, Choice) and not kind.open
        )
        self.is_open = nothing is None and (
            bool(asked.conditions) or any(reads(one.when) - {"answer"} for _, one in asked.judgements)
        )
        """True where more than the answer decides; what is looked up then holds the value and nothing else."""

    def __missing__(self, raw: object) -> Cell:
        if isinstance(raw, Answer):
            return self[self.said(raw)]
        cell = self._cell(raw)
        if len(self) < _MOST_ANSWERS and (self.keeps or not isinstance(raw, str | tuple)):
            self[raw] = cell
        return cell

    def _cell(self, raw: object) -> Cell:
        asked, value = self.asked, self._value(raw)
        if self.nothing is not None:
            return self.nothing
        if self.is_open:
            return Cell(section=asked.section, item=asked.item, on=self.on, state=CellState.NEUTRAL, value=value)
        facts: dict[str, FactValue | Unknown] = {"answer": value}
        is_void = raw is NOT_APPLICABLE
        return come_to(asked, self.on, value, is_given=raw is not None, is_void=is_void, facts=facts)

    def _value(self, raw: object) -> FactValue | Unknown:
        if raw is None:
            return NOT_ANSWERED
        if self.nothing is not None or (raw is NOT_APPLICABLE and self.asked.item.not_applicable == "never"):
            raise Irregular
        if raw is NOT_APPLICABLE:
            return _VOID
        if raw is SAID_UNKNOWN:
            return _UNTOLD
        try:
            # Whatever it is, the kind of answer refuses what it does not accept.
            return self.asked.item.answer.read(raw)  # type: ignore[arg-type]
        except ValueError:
            raise Irregular from None

    def said(self, answer: Answer) -> object:
        """Return what an answer holds, as a key.

        Raises:
            Irregular: it is of another place, or holds nothing, several things, the wrong one of value and words, or
                an empty reason.
        """
        given = (answer.value, answer.words, answer.not_applicable, answer.unknown)
        if given.count(None) != len(given) - 1 or (answer.item, answer.on) != self.key:
            raise Irregular
        value, words, void, unknown = given
        if (words if self.words else value) is not None:
            return words if self.words else value
        if void is not None and void.strip():
            return NOT_APPLICABLE
        if unknown is not None and unknown.strip():
            return SAID_UNKNOWN
        raise Irregular

    def answer(self, value: object) -> Answer:
        """Return the answer that holds a value; an answer is one already."""
        if isinstance(value, Answer):
            return value
        item, on = self.key
        # What it is, is asked when it is read.
        return Answer(item, words=value, on=on) if self.words else Answer(item, value=value, on=on)  # type: ignore[arg-type]


class Texts(dict[object, str]):
    """The answers to one place as canonical JSON, where they are a value and nothing more; kept as the cells are."""

    __slots__ = ("place",)

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    def __missing__(self, value: object) -> str:
        if not isinstance(value, str | tuple) or self.place.words:
            raise Irregular
        text = answer_text(self.place.answer(value))
        if self.place.keeps and len(self) < _MOST_ANSWERS:
            self[value] = text
        return text


def answer_text(answer: Answer) -> str:
    """Return an answer as canonical JSON."""
    return canonical_json(unstructure(answer)).decode()


@attrs.frozen(eq=False)
class Layout:
    """Every place of a bound checklist, in the checklist's order."""

    places: tuple[Place, ...]
    texts: tuple[Texts, ...]
    """For each place its answers as canonical JSON."""
    straight: list[int | None]
    """Where the answers stand on a sheet that gives all of them in this order."""
    names: tuple[str, ...]
    """What each is called: `branchkit.checklists.Cell.key`."""
    index: Mapping[object, int]
    """Where an answer goes: by its item where that is asked once, else by item and ``on``."""
    open: tuple[int, ...]
    """The places that more than their answers decide."""
    watched: tuple[int, ...]
    """Those, and the places whose answers they may look at."""
    waiting: tuple[int, ...]
    """The open places with conditions, each after those it waits for."""
    shown: tuple[int, ...]
    """The places whose answers have to be shown by something."""
    words: tuple[int, ...]
    """The places for words of one's own."""


def layout_of(bound: BoundChecklist) -> Layout | None:
    """Return the layout of a bound checklist, or ``None`` where it is answered in rows.

    Checklists bound to the same things share one, whatever the branch and the day.
    """
    prepared = bound.checklist.prepared
    if prepared.has_rows:
        return None
    # Most checklists ask each item once; the key of those is the empty tuple.
    key = tuple([bound.pin.expansions[name] for name in prepared.expanded])
    found = prepared.layouts.get(key)
    if found is None:
        if len(prepared.layouts) >= _MOST_LAYOUTS:
            prepared.layouts.clear()
        found = prepared.layouts[key] = _lay_out(bound)
    return found


def _lay_out(bound: BoundChecklist) -> Layout:
    prepared = bound.checklist.prepared
    places: list[Place] = []
    for asked in prepared.asked.values():
        subjects = bound.subjects(asked.section, asked.item)
        if isinstance(subjects, Unknown) or not subjects:
            places.append(Place(asked, (), absent(asked, subjects)))
        else:
            places += [Place(asked, on, None) for on in subjects]
    open_ = tuple(at for at, place in enumerate(places) if place.is_open)
    looked_at = {name for at in open_ for name in _answers_read(places[at].asked)}
    here: dict[str, list[int]] = {}
    for at, place in enumerate(places):
        here.setdefault(place.asked.item.id, []).append(at)
    return Layout(
        places=tuple(places),
        texts=tuple(map(Texts, places)),
        straight=list(range(len(places))),
        names=tuple(place.name for place in places),
        index={place.key if place.on else place.asked.item.id: at for at, place in enumerate(places)},
        open=open_,
        watched=tuple(at for at, place in enumerate(places) if place.is_open or place.asked.item.id in looked_at),
        waiting=tuple(at for name in prepared.waiting for at in here[name]),
        shown=tuple(at for at, place in enumerate(places) if place.asked.item.evidence),
        words=tuple(at for at, place in enumerate(places) if place.words),
    )


def _answers_read(asked: Asked) -> set[str]:
    judged = frozenset().union(*(reads(one.when) for _, one in asked.judgements))
    return {name.removeprefix("answer.") for name in (*asked.looks_at, *judged) if name.startswith("answer.")}
