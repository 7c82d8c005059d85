"""What a pool and the shipped policies decide, held against plain lists that are searched from end to end."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from branchkit.customers import (
    ASSIGNMENT_SCHEMES,
    AssignmentRequest,
    AssignmentScheme,
    Candidate,
    ConflictOfInterest,
    Pool,
    UpTo,
    allocate,
    assign_checked,
    by_weight,
    fairness,
    least_loaded,
    longest_ago,
)
from branchkit.customers.assigning import State
from branchkit.customers.assigning.ranking import OUT, Tournament, Vector
from branchkit.values import FrozenMap, Ref, Text

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))
SKILLS = st.frozensets(st.sampled_from(("funds", "gold", "loans")))
POSTS = st.frozensets(st.sampled_from(("wealth_manager", "teller")))
FIELDS = st.fixed_dictionaries(
    {}, optional={"district": st.sampled_from(("north", "south")), "segment": st.sampled_from(("vip", "plain"))}
).map(FrozenMap)
NUMBERS = st.integers(0, 3)
SCHEMES = [
    *ASSIGNMENT_SCHEMES.values(),
    AssignmentScheme(
        "narrow-by-district",
        version="1",
        title=Text(zh="片区专才", en="Specialists of a district"),
        order="weighted",
        by=("district", "segment"),
        widen=True,
        narrowest=True,
    ),
    AssignmentScheme(
        "strict", version="1", title=Text(zh="严格", en="Strict"), order="round_robin", by=("district",), most=2
    ),
]


@st.composite
def candidates(draw: st.DrawFn, most: int = 8) -> list[Candidate]:
    """Draw people with ids of their own, in any order."""
    ids = draw(st.lists(st.integers(1, 40).map("S-{}".format), max_size=most, unique=True))
    return [
        Candidate(
            one,
            posts=draw(POSTS),
            skills=draw(SKILLS),
            fields=draw(FIELDS),
            state=draw(st.sampled_from(("available", "available", "absent", "inactive"))),
            weight=draw(st.integers(1, 6) | st.integers(9_000, 10_000)),
            load=draw(NUMBERS),
            count=draw(NUMBERS | st.integers(0, 10_000)),
            last=draw(NUMBERS),
        )
        for one in ids
    ]


@st.composite
def requests(draw: st.DrawFn) -> AssignmentRequest:
    """Draw something to give to one of those people."""
    barred = draw(st.lists(st.integers(1, 40).map("S-{}".format), max_size=4, unique=True))
    return AssignmentRequest(
        subject=Ref("lead", "L-1"),
        purpose="lead",
        at=AT,
        posts=draw(st.just(frozenset[str]()) | POSTS),
        skills=draw(st.just(frozenset[str]()) | SKILLS),
        fields=draw(FIELDS),
        conflicts=tuple(ConflictOfInterest(one, relation="family") for one in barred),
    )


def searched(scheme: AssignmentScheme, request: AssignmentRequest, people: list[Candidate]) -> str | None:
    """Return whom a scheme should choose, by looking at everybody for every set of fields."""
    fields = [one for name in scheme.by for one in (sorted(request.fields) if name == "*" else [name])]
    for width in range(len(fields), -1, -1) if scheme.widen else [len(fields)]:
        free = [
            one
            for one in people
            if one.state == "available"
            and one.staff not in {conflict.staff for conflict in request.conflicts}
            and (not request.posts or request.posts & one.posts)
            and not request.skills - one.skills
            and all(one.fields.get(name) == request.fields.get(name) for name in fields[:width])
            and (scheme.most is None or one.load < scheme.most)
        ]
        if free:
            return min(free, key=lambda one: place(scheme, one)).staff
    return None


def place(scheme: AssignmentScheme, one: Candidate) -> tuple[Any, ...]:
    """Return where somebody stands in a scheme's order, in fractions."""
    key: tuple[Any, ...] = {
        "round_robin": (one.last,),
        "least_loaded": (one.load, one.last),
        "weighted": (Fraction(one.count + 1, one.weight), one.last),
    }[scheme.order]
    return (len(one.skills) if scheme.narrowest else 0, *key, one.staff)


@pytest.mark.parametrize("scheme", SCHEMES, ids=str)
@given(people=candidates(), asked=st.lists(requests(), min_size=1, max_size=6))
def test_a_scheme_chooses_whom_a_search_of_everybody_finds(
    scheme: AssignmentScheme, people: list[Candidate], asked: list[AssignmentRequest]
) -> None:
    """Whoever is chosen, thing after thing, is whom looking at each of them finds (customers:FUP-02)."""
    turn = max((one.last for one in people), default=0)
    expected: list[str | None] = []
    held = {one.staff: one for one in people}
    for request in asked:
        chosen = searched(scheme, request, list(held.values()))
        expected.append(chosen)
        if chosen is not None:
            turn += 1
            one = held[chosen]
            held[chosen] = attrs.evolve(one, load=one.load + 1, count=one.count + 1, last=turn)

    decisions, after = allocate(scheme, asked, Pool.of(people))

    assert expected == [decision.value for decision in decisions]
    assert Pool.of(held.values(), turn=turn) == after


@given(
    weights=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    things=st.integers(1, 6),
    scheme=st.sampled_from(SCHEMES),
)
def test_no_other_way_to_give_them_out_is_more_even(weights: list[int], things: int, scheme: AssignmentScheme) -> None:
    """Of all ways to give things out, none leaves whoever has most by weight with less."""
    if scheme.most is not None:
        scheme = attrs.evolve(scheme, most=None)
    if scheme.order != "weighted":
        weights = [1] * len(weights)
    people = [Candidate(f"S-{number}", weight=weight) for number, weight in enumerate(weights)]
    request = AssignmentRequest(subject=Ref("lead", "L-1"), purpose="lead", at=AT)
    every_way = itertools.product(range(len(weights)), repeat=things)
    least = min(max(Fraction(way.count(one), weights[one]) for one in set(way)) for way in every_way)

    decisions, _ = allocate(scheme, [request] * things, Pool.of(people))
    given_to = Counter(decision.value for decision in decisions)

    assert least == max(Fraction(given_to[one.staff], one.weight) for one in people)


@given(people=candidates(most=40), changes=st.data())
def test_a_pool_is_what_a_plain_dictionary_is(people: list[Candidate], changes: st.DataObject) -> None:
    """After any changes the first in any order is that of a dictionary; what a pool was before stays as it was."""
    held, pool, turn = {one.staff: one for one in people}, Pool.of(people), max((one.last for one in people), default=0)
    seen: list[tuple[Pool, list[Candidate]]] = []
    orders = (longest_ago, least_loaded, by_weight, UpTo(least_loaded, most=2))
    for _ in range(8 if people else 0):
        seen.append((pool, [held[staff] for staff in sorted(held)]))
        staff = changes.draw(st.sampled_from(sorted(held)))
        one = held[staff]
        match changes.draw(st.sampled_from(("assigned", "released", "absent", "available"))):
            case "assigned":
                turn += 1
                held[staff] = attrs.evolve(one, load=one.load + 1, count=one.count + 1, last=turn)
                pool = pool.assigned(staff)
            case "released":
                held[staff] = attrs.evolve(one, load=max(one.load - 1, 0))
                pool = pool.released(staff)
            case away:
                state: State = "absent" if away == "absent" else "available"
                held[staff] = attrs.evolve(one, state=state)
                pool = pool.standing(staff, state)
        for order in orders:
            free = {one.staff: order(one) for one in held.values() if one.state == "available"}
            ranked = sorted((key, staff) for staff, key in free.items() if key is not None)
            first = pool.first(order)
            assert (ranked[0][1] if ranked else None) == (None if first is None else first.staff)

    assert [held[staff] for staff in sorted(held)] == list(pool)
    for before, members in seen:
        assert members == list(before)


@given(
    entries=st.lists(st.integers(0, 50).map(lambda n: (0, n)) | st.just(OUT), max_size=600),
    changes=st.lists(st.tuples(st.integers(0, 599), st.integers(0, 50) | st.none()), max_size=12),
)
def test_rows_are_what_lists_are(entries: list[tuple[int, ...]], changes: list[tuple[int, int | None]]) -> None:
    """A vector holds what a list holds, and the winner of a tournament is a list's least."""
    plain, vector, tournament = list(entries), Vector(entries), Tournament(entries)
    for place_, number in changes:
        if place_ < len(plain):
            entry = OUT if number is None else (0, number)
            plain[place_] = entry
            vector, tournament = vector.replace(place_, entry), tournament.replace(place_, entry)

    assert (len(plain), plain) == (len(vector), list(vector))
    assert min(plain, default=OUT) == tournament.winner


@given(people=candidates(), request=requests())
def test_the_order_of_candidates_decides_nothing(people: list[Candidate], request: AssignmentRequest) -> None:
    """In whatever order people are named, the same one is chosen for the same reasons."""
    for scheme in SCHEMES:
        first = assign_checked(scheme, request, Pool.of(people))
        assert first == assign_checked(scheme, request, Pool.of(reversed(people)))


@given(
    counts=st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), min_size=1, max_size=6),
    times=st.integers(2, 5),
)
def test_figures_of_fairness_hang_on_shares_alone(counts: list[tuple[int, int]], times: int) -> None:
    """Gini is what all pairs give, is within 0 and 1, and is 0 exactly where each has what is due by weight."""
    given_, weights = ({f"S-{at}": pair[which] for at, pair in enumerate(counts)} for which in (0, 1))
    told = fairness(given_, weights)
    whole, all_ = sum(weights.values()), sum(given_.values())
    apart = sum(
        weights[one]
        * weights[other]
        * abs(Fraction(given_[one], weights[one]) - Fraction(given_[other], weights[other]))
        for one in given_
        for other in given_
    )
    expected = Fraction(apart) / (2 * whole * all_) if all_ else Fraction(0)

    assert abs(Fraction(told.gini) - expected) <= Fraction(1, 20_000)
    assert 0 <= told.gini <= 1
    assert (expected == 0) == (told.over == told.under == 0)
    assert told.gini == fairness(given_, {staff: weight * times for staff, weight in weights.items()}).gini
