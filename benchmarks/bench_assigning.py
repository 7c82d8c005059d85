"""How long it takes to give one thing to somebody among few people and among many, and to share one deal.

Ours decides, checks what was decided, says why, and gives a new pool while the old one stays as it was. The floors
do none of it: a heap that is changed where it stands and knows no posts, skills or conflicts, and a search of all.
"""

from __future__ import annotations

import datetime as dt
import heapq
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction

from harness import Bar, Contender, Figure, main, take_turns

from branchkit.customers import (
    ASSIGNMENT_SCHEMES,
    AssignmentRequest,
    AssignmentScheme,
    Candidate,
    ConflictOfInterest,
    CreditEdition,
    CreditRole,
    CreditScheme,
    Deal,
    Pool,
    assign_checked,
    reason_against,
)
from branchkit.values import FrozenMap, Ref, Text

_AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
_SIZES = (100, 1_000, 10_000, 100_000)
_SKILLS = ("funds", "gold", "loans")
_HARD = "give one thing: a third away, eight sets of skills, five in conflict"


def ours(scheme: AssignmentScheme, request: AssignmentRequest, pool: Pool) -> Callable[[], object]:
    """Return what gives one thing after the other to whoever has least, and keeps count."""
    held = [pool]

    def give() -> str | None:
        chosen = assign_checked(scheme, request, held[0]).value
        if chosen is not None:
            held[0] = held[0].assigned(chosen)
        return chosen

    return give


def heap(count: int) -> Callable[[], object]:
    """Return the same with a heap of loads, changed in place."""
    entries = [(0, 0, f"S-{number:06}") for number in range(count)]
    turn = [0]

    def give() -> str:
        load, _, staff = entries[0]
        turn[0] += 1
        heapq.heapreplace(entries, (load + 1, turn[0], staff))
        return staff

    return give


def search(request: AssignmentRequest, people: list[Candidate]) -> Callable[[], object]:
    """Return what looks at everybody for each thing."""

    def give() -> object:
        free = (one for one in people if reason_against(one, request) is None)
        return min(free, key=lambda one: (one.load, one.last, one.staff), default=None)

    return give


def people(count: int, *, hard: bool = False) -> list[Candidate]:
    """Return people who have nothing yet; a hard case has some away and some with few skills."""
    return [
        Candidate(
            f"S-{number:06}",
            skills=frozenset(skill for at, skill in enumerate(_SKILLS) if hard and number >> at & 1),
            state="absent" if hard and number % 3 == 0 else "available",
        )
        for number in range(count)
    ]


def assigning(quick: bool) -> Iterator[Figure]:
    """Give things away among few and many."""
    plain = AssignmentRequest(subject=Ref("lead", "L-1"), purpose="lead", at=_AT)
    barred = tuple(ConflictOfInterest(f"S-{number:06}", relation="family") for number in (1, 4, 7, 10, 13))
    hard = AssignmentRequest(
        subject=Ref("lead", "L-1"), purpose="lead", at=_AT, skills=frozenset({"funds"}), conflicts=barred
    )
    scheme = ASSIGNMENT_SCHEMES["least-loaded"]
    sizes = _SIZES[:2] if quick else _SIZES
    rounds = 5 if quick else 15
    for size in sizes:
        runs = {"branchkit": ours(scheme, plain, Pool.of(people(size))), "heapq, in place": heap(size)}
        if size <= 10_000:
            runs["search of everybody"] = search(plain, people(size))
        yield _figure(
            "give one thing to whoever has least", size, take_turns(runs, rounds=rounds, clock=time.process_time)
        )
    for size in sizes:
        runs = {"branchkit": ours(scheme, hard, Pool.of(people(size, hard=True)))}
        if size <= 10_000:
            runs["search of everybody"] = search(hard, people(size, hard=True))
        yield _figure(_HARD, size, take_turns(runs, rounds=rounds, clock=time.process_time))
    few, many = _SIZES[0], _SIZES[-2]
    names = {few: f"branchkit, {few:,} people", many: f"branchkit, {many:,} people"}
    growing = take_turns(
        {name: ours(scheme, plain, Pool.of(people(size))) for size, name in names.items()},
        rounds=rounds,
        clock=time.process_time,
    )
    # Ten thousand has twice the logarithm of a hundred.
    yield Figure(
        work="give one thing among many, beside among few",
        unit="thing",
        contenders=tuple(Contender(name, "ours", growing[name]) for name in names.values()),
        bars=(Bar(names[many], names[few], 2.0),),
    )


def _figure(work: str, size: int, seconds: dict[str, float]) -> Figure:
    contenders = tuple(
        Contender(name, "ours" if name == "branchkit" else "floor", taken) for name, taken in seconds.items()
    )
    return Figure(work=work, unit="thing", size=size, contenders=contenders)


def sharing(quick: bool) -> Iterator[Figure]:
    """Share one deal among three people."""
    words = Text(zh="文", en="words")
    ratios = {"referrer": Decimal("0.3"), "receiver": Decimal("0.6"), "processor": Decimal("0.1")}
    scheme = CreditScheme(
        "bench",
        version="1",
        title=words,
        enabled=True,
        roles=tuple(CreditRole(role, title=words) for role in ratios),
        editions=(
            CreditEdition(
                valid_from=dt.date(2026, 1, 1),
                measure="profit",
                currency="CNY",
                ratios=FrozenMap(ratios),
                remainder="receiver",
                approved_by="S-90",
                approved_on=dt.date(2026, 1, 1),
            ),
        ),
    )
    deal = Deal(
        "D-1",
        amount=Decimal("1000.01"),
        currency="CNY",
        sold_at=_AT,
        lead_at=_AT,
        parts=FrozenMap({role: (f"S-{at}",) for at, role in enumerate(ratios)}),
    )

    def by_hand() -> dict[str, Fraction]:
        cents = int(deal.amount * 100)
        shares = {role: int(cents * Fraction(ratio)) for role, ratio in ratios.items()}
        shares["receiver"] += cents - sum(shares.values())
        return {role: Fraction(share, 100) for role, share in shares.items()}

    runs = {"branchkit": lambda: scheme.share(deal), "three roles by hand": by_hand}
    seconds = take_turns(runs, rounds=5 if quick else 15, clock=time.process_time)
    contenders = (
        Contender("branchkit", "ours", seconds["branchkit"]),
        Contender("three roles by hand", "floor", seconds["three roles by hand"]),
    )
    yield Figure(work="share one deal among three people", unit="deal", contenders=contenders)


def figures(quick: bool) -> Iterator[Figure]:
    """Measure assignment at each size, and one deal."""
    yield from assigning(quick)
    yield from sharing(quick)


if __name__ == "__main__":
    main(__doc__, figures)
