"""Bands are proved over the numbers that can be shown: just what a look at every one of them finds."""

from __future__ import annotations

import itertools
import re
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from branchkit.scoring import Aggregate, Limits, RubricPolicy
from branchkit.scoring.bands import grid_table
from branchkit.values import FrozenMap
from tests.unit.scoring.rubrics import band, deduction, points, policy

CEILING = 3
quarters = st.integers(0, CEILING * 4).map(lambda n: Decimal(n) / 4)


@st.composite
def limits(draw: st.DrawFn) -> Limits:
    """Draw limits with at most one of a side and some real number between them."""
    low, high = sorted(draw(st.tuples(quarters, quarters)))
    start = draw(st.sampled_from(["at_least", "above", None]))
    end = draw(st.sampled_from(["at_most", "below", None]))
    if start is None and end is None:
        end = "at_most"
    if low == high and start is not None and end is not None:
        start, end = "at_least", "at_most"
    return Limits(**{side: bound for side, bound in ((start, low), (end, high)) if side is not None})


@st.composite
def policies(draw: st.DrawFn) -> RubricPolicy:
    """Draw a policy from 0 to 3 with a few bands over its total and the points it took away."""
    names = draw(st.sampled_from([("total",), ("total", "loss")]))
    drawn = draw(st.lists(st.dictionaries(st.sampled_from(names), limits()), min_size=1, max_size=4))
    return policy(
        points(worth=CEILING),
        deduction(points=Decimal(1)),
        ceiling=Decimal(CEILING),
        places=draw(st.integers(0, 1)),
        aggregates=FrozenMap({"loss": Aggregate(of="sum", over="deductions")}),
        bands=tuple(band(f"b{at}", **one) for at, one in enumerate(drawn)),
    )


def shown(one: RubricPolicy, most: int) -> list[Decimal]:
    """Return every number that can be shown, up to one."""
    return [Decimal(n).scaleb(-one.places) for n in range(most * 10**one.places + 1)]


def takes(limits: Limits, number: Decimal) -> bool:
    return (
        (limits.at_least is None or number >= limits.at_least)
        and (limits.above is None or number > limits.above)
        and (limits.at_most is None or number <= limits.at_most)
        and (limits.below is None or number < limits.below)
    )


def firsts(one: RubricPolicy) -> dict[tuple[Decimal, Decimal], int | None]:
    """Return the first band of every pair of a total and a loss, by looking."""
    grid = itertools.product(shown(one, CEILING), shown(one, CEILING + 2))
    return {
        (total, loss): next(
            (
                at
                for at, band in enumerate(one.bands)
                if all(takes(limits, {"total": total, "loss": loss}[name]) for name, limits in band.limits.items())
            ),
            None,
        )
        for total, loss in grid
    }


@given(policies())
def test_the_proof_finds_what_looking_finds(one: RubricPolicy) -> None:
    """A policy is refused just where a number that can be shown has no band, or a band has no such number."""
    by_looking = firsts(one)
    empty = {
        at
        for at, band in enumerate(one.bands)
        for name, limits in band.limits.items()
        if not any(takes(limits, number) for number in shown(one, CEILING if name == "total" else CEILING + 2))
    }
    dead = set(range(len(one.bands))) - set(by_looking.values())

    found = [problem for problem in one.validate() if problem.path.startswith("$.bands")]
    told = {int(match[1]) for match in (re.match(r"\$\.bands\[(\d+)\]", problem.path) for problem in found) if match}
    gaps = [problem.message for problem in found if problem.path == "$.bands"]

    assert told == (empty or dead)
    assert bool(gaps) == (not empty and None in by_looking.values())
    for gap in gaps:
        told_of = {name: Decimal(number) for name, number in re.findall(r"(\w+) = ([0-9.]+)", gap)}
        assert all((Fraction(number) * 10**one.places).denominator == 1 for number in told_of.values())
        assert by_looking[told_of.get("total", Decimal(0)), min(told_of.get("loss", Decimal(0)), Decimal(5))] is None


@given(policies())
def test_proof_and_decision_agree(one: RubricPolicy) -> None:
    """The table that is proved gives every number that can be shown the band that scoring gives it."""
    if list(one.validate()):
        return
    proved = grid_table(one)
    for (total, loss), rank in firsts(one).items():
        facts = {"total": total, "loss": loss}
        expected = None if rank is None else one.bands[rank].code

        for table in (proved, one.band_table):
            row = table.decide(facts).value
            assert expected == (None if row is None else row["band"])
