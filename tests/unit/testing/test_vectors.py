"""The vectors are what they say: two implementations agree with them, and a third that is wrong does not."""

from __future__ import annotations

from fractions import Fraction
from importlib.resources import files

import attrs
import pytest

from branchkit.scoring import Aggregate, Deduction, Gate, Points, Veto
from branchkit.testing.vectors import Vector, differences, vectors
from tests.property import scoring_oracle as oracle

ALL = {vector.id: vector for vector in vectors()}


@pytest.mark.parametrize("name", ALL)
def test_core_gives_what_the_vector_expects(name: str) -> None:
    """Points, band, aggregates, vetoes and cheapest fixes of core's policy are those worked out by hand."""
    assert () == differences(ALL[name])


@pytest.mark.parametrize("name", [name for name, vector in ALL.items() if vector.points is not None and vector.sheets])
def test_a_second_writing_gives_it_too(name: str) -> None:
    """The plain second implementation of scoring gives the vector's points, band and aggregates."""
    vector = ALL[name]
    found = oracle.score(vector.policy, oracle.cells_of(vector.policy, vector.evidence()))

    assert found is not None
    points, band, aggregates = found
    assert (Fraction(vector.points or 0), vector.band) == (points, band)
    assert {key: Fraction(number) for key, number in vector.aggregates.items()} == aggregates


def test_what_differs_is_told() -> None:
    """A policy that gives other points, another band or other fixes is told for each."""
    vector = ALL["veto"]
    lenient = attrs.evolve(vector.policy, parts=vector.policy.parts[:2])

    told = list(differences(attrs.evolve(vector, fixes=()), lenient))
    assert "veto: Expected points 55, got 64.00" == told[0]
    assert "veto: Expected band poor, got fair" == told[1]
    assert ["vetoes", "aggregates"] == [one.split()[2] for one in told[2:]]


def test_fixes_that_differ_are_told() -> None:
    """A vector that expects other fixes than there are says which it got."""
    vector = ALL["veto"]
    other = attrs.evolve(vector, fixes=(attrs.evolve(vector.fixes[0], fixes=("tour/clean",)),))

    assert ("veto: Expected fixes to fair tour/clean for 1, got tour/exit for 1",) == differences(other)


def test_every_part_of_policies_has_a_vector() -> None:
    """Each kind of part, each way to make an aggregate that bands use, and both outcomes have a vector."""
    parts = {type(part) for vector in ALL.values() for part in vector.policy.parts}
    aggregates = {one for vector in ALL.values() for one in vector.policy.aggregates.values()}

    assert {Points, Deduction, Veto, Gate} == parts
    assert {Aggregate(of="minimum", over="parts"), Aggregate(of="maximum", over="deductions")} == aggregates
    assert {True, False} == {vector.points is None for vector in ALL.values()}


def test_files_are_named_by_their_id_and_come_back() -> None:
    """Each file has the name of its vector, and the vector is the same after JSON."""
    names = sorted(entry.name for entry in files("branchkit.testing.vectors").iterdir() if entry.name.endswith(".json"))

    assert names == sorted(f"{name}.json" for name in ALL)
    assert list(ALL.values()) == [Vector.from_json(vector.to_json()) for vector in ALL.values()]
