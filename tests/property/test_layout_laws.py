"""The laws of looking sheets up: a sheet read by look-up is the sheet read the long way, word by word."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from branchkit.catalog import Catalog
from branchkit.checklists import Answer, BoundChecklist, Checklist, Sheet, judge_reading, read
from branchkit.checklists.layout import layout_of
from branchkit.checklists.reader import Reader
from branchkit.errors import InputError
from branchkit.testing.filling import filled_in
from branchkit.testing.strategies import branches, checklists, moments, sheets

some = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
CATALOG = Catalog()
SHIPPED = tuple(CATALOG.checklist(entry.id) for entry in CATALOG.entries("checklist"))


def told(sheet: Sheet, bound: BoundChecklist, *, the_long_way: bool) -> Any:
    """Return everything that reading tells, or its problems."""
    try:
        reading = Reader(sheet, bound).run() if the_long_way else read(sheet, bound)
    except InputError as error:
        return str(error), error.problems
    return reading.cells, reading.problems, reading.sets, judge_reading(reading), reading.digest


def odd(sheet: Sheet, chance: Any) -> Sheet:
    """Return the sheet with some answers changed to what should not be, or doubled, moved or left out."""
    answers = list(sheet.answers)
    for at, answer in enumerate(answers):
        if chance.random() < 0.1:
            answers[at] = chance.choice(
                [
                    Answer(answer.item, value="certainly not", on=answer.on),
                    Answer(answer.item, value=("pass", "pass"), on=answer.on),
                    Answer(answer.item, words="words", on=answer.on),
                    Answer(answer.item, value="pass", unknown="both", on=answer.on),
                    Answer(answer.item, not_applicable=" ", on=answer.on),
                    Answer(answer.item, unknown="the room was locked", on=answer.on),
                    Answer("nobody-asked", value="pass"),
                    attrs.evolve(answer, on=()),
                    attrs.evolve(answer, note="seen", photos=("a.jpg",)),
                    chance.choice(answers),
                ]
            )
    chance.shuffle(answers)
    return attrs.evolve(sheet, answers=tuple(answers[: chance.choice([len(answers), len(answers), 1])]))


@some
@given(checklists(), st.data(), st.randoms(use_true_random=False))
def test_looking_up_reads_what_the_long_way_reads(checklist: Checklist, data: st.DataObject, chance: Any) -> None:
    """Whatever a sheet holds, both ways give the same cells, problems, sets, findings and digest, or the same error."""
    bound = checklist.bind(data.draw(branches()), at=data.draw(moments()))
    sheet = data.draw(sheets(bound))

    for one in (sheet, odd(sheet, chance)):
        assert told(one, bound, the_long_way=True) == told(one, bound, the_long_way=False)
        assert (
            one.digest() == told(one, bound, the_long_way=False)[-1] or len(told(one, bound, the_long_way=False)) == 2
        )


@pytest.mark.parametrize("checklist", SHIPPED, ids=lambda one: one.id)
@settings(some, max_examples=3)
@given(st.data(), st.randoms(use_true_random=False))
def test_shipped_checklists_are_read_alike(checklist: Checklist, data: st.DataObject, chance: Any) -> None:
    """The same holds for every checklist of the catalog."""
    for held in data.draw(filled_in([checklist])).readings:
        for one in (held.sheet, odd(held.sheet, chance)):
            long = told(one, held.bound, the_long_way=True)
            assert long == told(one, held.bound, the_long_way=False)


def test_most_shipped_checklists_have_places() -> None:
    """The law above is about something: checklists that are not answered in rows are looked up."""
    bound = [one for one in SHIPPED if not one.prepared.has_rows]

    assert len(bound) > len(SHIPPED) / 3


@some
@given(checklists(), st.data())
def test_what_is_lent_is_shared(checklist: Checklist, data: st.DataObject) -> None:
    """A checklist bound twice to the same things has one layout, and no two answers share a place."""
    branch, at = data.draw(branches()), data.draw(moments())
    layout = layout_of(checklist.bind(branch, at=at))

    assert layout is layout_of(checklist.bind(branch, at=at))
    assert layout is None or len(layout.index) == len(layout.places) == len(set(layout.names))
