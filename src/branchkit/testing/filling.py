"""Evidence of given checklists: sheets filled in by chance, and plain sheets that only pass or fail.

`branchkit.testing.strategies.evidence` draws every answer by itself and so shrinks well; with forms as long as real
ones that takes too much to draw. Here one number decides a whole sheet.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from random import Random

import attrs
from hypothesis import strategies as st

from branchkit.checklists import (
    Answer,
    BoundChecklist,
    Checklist,
    Choice,
    DateAnswer,
    Item,
    MomentAnswer,
    Number,
    PassFail,
    Reading,
    Scale,
    Section,
    Sheet,
    TextAnswer,
    TimeAnswer,
    read,
)
from branchkit.conditions import FactSpec, FactType, FactValue
from branchkit.estate import Branch
from branchkit.scoring import Evidence
from branchkit.testing.strategies import branches, moments
from branchkit.values import Ref, Unknown

__all__ = ["PlainRound", "answers_by_chance", "filled_in", "plain_form", "plain_rounds", "some_facts"]

_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
_MOST_FAILED = 5
_MOST_AT_ONCE = 12


@st.composite
def filled_in(draw: st.DrawFn, checklists: Sequence[Checklist], facts: Sequence[FactSpec] = ()) -> Evidence:
    """Draw evidence: no sheet or one of some of the checklists, with anything in it that a final sheet may have."""
    chosen = draw(_some(checklists, least=0)) if checklists else []
    chance = Random(draw(st.integers(0, 2**32)))
    oddness = draw(st.sampled_from([0.0, 0.02, 0.3]))
    at, branch = draw(moments()), draw(branches())
    readings: list[Reading] = []
    for number, checklist in enumerate(chosen):
        bound = checklist.bind(branch, at=at)
        answers = answers_by_chance(chance, bound, oddness=oddness)
        readings.append(read(_sheet(f"S-{number}", bound, answers), bound))
    return Evidence.of(*readings, facts=some_facts(chance, facts))


def answers_by_chance(chance: Random, bound: BoundChecklist, *, oddness: float) -> tuple[Answer, ...]:
    """Return an answer to everything that a bound checklist asks, as far as that is known, but for some.

    Args:
        chance: what decides.
        bound: the checklist, bound to a branch.
        oddness: how likely an item is left out, or said to be unknown.
    """
    found = [_answer(chance, item, on, oddness) for item, on in _asked(bound, chance)]
    return tuple(answer for answer in found if answer is not None)


def _some(checklists: Sequence[Checklist], *, least: int) -> st.SearchStrategy[list[Checklist]]:
    """One or two, or a whole round: a policy may score nothing less."""
    few = st.lists(st.sampled_from(checklists), min_size=least, max_size=2, unique_by=lambda one: one.id)
    return few | st.just(list(checklists)) if len(checklists) <= _MOST_AT_ONCE else few


def some_facts(chance: Random, specs: Iterable[FactSpec]) -> dict[str, FactValue | Unknown]:
    """Return a value for each fact, or none for some."""
    found: dict[str, FactValue | Unknown] = {}
    for spec in specs:
        way = chance.randrange(6)
        if way == 0:
            found[spec.name] = Unknown("not told")
        elif way > 1:
            found[spec.name] = _fact(chance, spec)
    return found


def _fact(chance: Random, spec: FactSpec) -> FactValue:
    codes = spec.choices or ("a", "b")
    if spec.type is FactType.BOOL:
        return chance.random() < 0.5
    if spec.type is FactType.NUMBER:
        low = 0 if spec.low is None else int(spec.low)
        return Decimal(chance.randint(low, low + 100 if spec.high is None else max(low, int(spec.high))))
    if spec.type is FactType.CODES:
        return frozenset(code for code in codes if chance.random() < 0.5)
    if spec.type is FactType.DATE:
        return _AT.date() + dt.timedelta(days=chance.randint(-400, 400))
    if spec.type is FactType.MOMENT:
        return _AT + dt.timedelta(hours=chance.randint(-400, 400))
    if spec.type is FactType.DURATION:
        return dt.timedelta(minutes=chance.randint(0, 600))
    return chance.choice(codes)


def _asked(bound: BoundChecklist, chance: Random) -> Iterator[tuple[Item, tuple[Ref, ...]]]:
    for section in bound.checklist.sections:
        rows: list[tuple[Ref, ...]] = [()]
        if section.rows is not None:
            rows = [(Ref("row", str(at)),) for at in range(chance.randint(section.rows.least, section.rows.least + 2))]
        for item in section.items:
            subjects = bound.subjects(section, item)
            for on, row in itertools.product(() if isinstance(subjects, Unknown) else subjects, rows):
                yield item, (*on, *row)


def _answer(chance: Random, item: Item, on: tuple[Ref, ...], oddness: float) -> Answer | None:
    if chance.random() < oddness:
        way = chance.randrange(3)
        if way == 0:
            return None
        if way == 1:
            return Answer(item.id, unknown="the room was locked", on=on)
    if item.not_applicable == "with_reason" and chance.random() < 0.2:
        return Answer(item.id, not_applicable="there is none", on=on)
    if isinstance(item.answer, TextAnswer) and not item.answer.public:
        return Answer(item.id, words="words", on=on)
    return Answer(item.id, value=_value(chance, item), on=on)


def _value(chance: Random, item: Item) -> str | tuple[str, ...]:
    kind = item.answer
    if isinstance(kind, PassFail):
        return "fail" if chance.random() < 0.25 else "pass"
    if isinstance(kind, Choice):
        codes = [option.code for option in kind.options]
        if kind.several:
            return tuple(code for code in codes if chance.random() < 0.3) or (codes[0],)
        return codes[0] if chance.random() < 0.5 else chance.choice(codes)
    if isinstance(kind, Scale):
        return str(chance.randint(kind.low, kind.high))
    if isinstance(kind, Number):
        least = kind.low if kind.low is not None else kind.pass_low if kind.pass_low is not None else Decimal(0)
        most = kind.high if kind.high is not None else kind.pass_high if kind.pass_high is not None else least + 40
        return str(chance.randint(-int(-least // 1), max(-int(-least // 1), int(most))))
    day = _AT + dt.timedelta(days=chance.randint(-60, 60), minutes=chance.randint(0, 600))
    if isinstance(kind, DateAnswer):
        return day.date().isoformat()
    if isinstance(kind, TimeAnswer):
        return day.strftime("%H:%M")
    return day.isoformat() if isinstance(kind, MomentAnswer) else "S-017"


def _sheet(name: str, bound: BoundChecklist, answers: tuple[Answer, ...]) -> Sheet:
    pin = bound.pin
    return Sheet(
        name, checklist=pin.checklist, version=pin.version, branch=pin.branch, at=pin.at, by="S-017", answers=answers
    )


def plain_form(checklist: Checklist) -> Checklist | None:
    """Return a checklist made plain: of its items those that only pass or fail, each asked once, whatever holds.

    What applies to whom is the checklist's business and not the policy's, so a policy sees the same items in it, and a
    law may put right or leave out any of them alone. ``None`` where the checklist has no such item.
    """
    sections: list[Section] = []
    for section in checklist.sections:
        items = tuple(
            attrs.evolve(item, when=None, for_each=(), evidence=(), judgements=(), not_applicable="with_reason")
            for item in section.items
            if item.answer == PassFail()
        )
        if items:
            sections.append(attrs.evolve(section, items=items, for_each=(), rows=None, when=None, constraints=()))
    return attrs.evolve(checklist, sections=tuple(sections)) if sections else None


@attrs.frozen
class PlainRound:
    """One sheet of each of some plain checklists: what failed, what does not apply; all else passed."""

    forms: tuple[Checklist, ...]
    failed: frozenset[tuple[str, str]]
    """Checklists and items; a sheet has its checklist's id."""
    not_applicable: frozenset[tuple[str, str]] = frozenset()
    facts: Mapping[str, FactValue | Unknown] = attrs.field(factory=dict)

    def evidence(self) -> Evidence:
        """Return it as evidence."""
        readings: list[Reading] = []
        for form in self.forms:
            answers = [self._answer(form.id, item.id) for _, item in form.items()]
            bound = form.bind(Branch("B-0417"), at=_AT)
            readings.append(read(_sheet(form.id, bound, tuple(answers)), bound))
        return Evidence.of(*readings, facts=self.facts)

    def mended(self, cells: Iterable[tuple[str, str]]) -> PlainRound:
        """Return the round as it is once these cells are put right."""
        return attrs.evolve(self, failed=self.failed - set(cells))

    def without_not_applicable(self) -> PlainRound | None:
        """Return the round by forms that lack the items which do not apply; ``None`` where a form has no others."""
        forms: list[Checklist] = []
        for form in self.forms:
            sections: list[Section] = []
            for section in form.sections:
                kept = tuple(item for item in section.items if (form.id, item.id) not in self.not_applicable)
                if kept:
                    sections.append(attrs.evolve(section, items=kept))
            if not sections:
                return None
            forms.append(attrs.evolve(form, sections=tuple(sections)))
        return attrs.evolve(self, forms=tuple(forms), not_applicable=frozenset())

    def _answer(self, form: str, item: str) -> Answer:
        if (form, item) in self.not_applicable:
            return Answer(item, not_applicable="there is none")
        return Answer(item, value="fail" if (form, item) in self.failed else "pass")


@st.composite
def plain_rounds(draw: st.DrawFn, checklists: Sequence[Checklist], facts: Sequence[FactSpec] = ()) -> PlainRound:
    """Draw a round over some of the checklists, with few enough failures that every set of fixes can be tried."""
    forms = [form for form in map(plain_form, checklists) if form is not None]
    chosen = draw(_some(forms, least=1))
    cells = [(form.id, item.id) for form in chosen for _, item in form.items()]
    failed = draw(st.lists(st.sampled_from(cells), max_size=_MOST_FAILED, unique=True))
    left = [cell for cell in cells if cell not in failed]
    neither = draw(st.lists(st.sampled_from(left), max_size=3, unique=True)) if left else []
    told = some_facts(Random(draw(st.integers(0, 2**32))), facts)
    return PlainRound(tuple(chosen), frozenset(failed), frozenset(neither), told)
