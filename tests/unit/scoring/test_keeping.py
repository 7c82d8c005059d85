"""What a policy keeps for the next score: bounded, and without any say in it."""

from __future__ import annotations

import itertools

import attrs
import pytest

from branchkit.checklists import Answer, Scale
from branchkit.scoring import Evidence, RubricPolicy, core, lens
from tests.unit.checklists.tours import asks, bound, item, says, sheet
from tests.unit.scoring.rubrics import (
    HALL,
    ITEMS,
    SIGNS,
    D,
    band,
    deduction,
    evidence,
    gate,
    least,
    passing,
    points,
    sound,
    veto,
)

PARTS = (points("signs", 60, select=SIGNS), points("hall", 40, select=HALL), deduction(points=D(3), cap=D(7)))


def everything() -> RubricPolicy:
    """Return a policy of every kind of part."""
    bands = (band("a", total=least(80)), band("b", total=least(50)), band("c"))
    shut = gate(part="hall", percent_at_least=D(60), band_at_most="b")
    return sound(*PARTS, veto(points_at_most=D(59)), shut, bands=bands)


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that has room for one thing of each kind scores as one that keeps all."""
    absent = [(), ("floor", "desk"), ("lamp",)]
    sheets = [
        passing(*but, absent=gone)
        for gone in absent
        for count in range(3)
        for but in itertools.combinations(ITEMS, count)
        if not set(but) & set(gone)
    ]
    expected = [everything().score(one) for one in sheets]
    monkeypatch.setattr(core, "_MOST", 1)
    monkeypatch.setattr(lens, "_MOST", 1)
    small = everything()

    assert expected == [small.score(one) for one in sheets]
    kept = next(iter(small.cores.values()))
    assert 1 == len(small.cores) == len(kept.bases) == len(kept.limited) == len(kept.numbers) == len(kept.ranks)


def test_scales_of_other_widths_have_numbers_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many widths of scales a policy has met, each is counted exactly."""
    monkeypatch.setattr(lens, "_MOST", 1)
    one = sound(points(), ratings="proportional", places=6)
    found = [
        str(one.score(evidence(says("a", "1"), one=asks(item("a", answer=Scale(low=0, high=high))))).value)
        for high in (3, 7, 3)
    ]

    assert ["33.333333", "14.285714", "33.333333"] == found
    assert 1 == len(one.cores)


def test_layouts_have_a_lens_each(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy that has room for one layout scores two in turns."""
    monkeypatch.setattr(lens, "_MOST", 1)
    one = sound(points())
    held = [evidence(Answer("a", value="pass"), one=asks(item("a"))), passing("lamp")]

    assert ["100", "80", "100"] == [str(one.score(each).value) for each in (*held, held[0])]
    assert 1 == len(next(iter(one.cores.values())).lenses)
    assert one == attrs.evolve(one)


def test_checklists_that_were_seen_are_not_kept_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A policy keeps what some checklists look like to it, and forgets them when there are more."""
    monkeypatch.setattr(lens, "_MOST", 2)
    one = sound(points())
    kept = []
    for at in range(5):
        one.score(Evidence(sheet(says("a", "pass"), version=str(at)), bound(asks(item("a"), version=str(at)))))
        kept.append(len(one.seen))

    assert [1, 2, 3, 1, 2] == kept
