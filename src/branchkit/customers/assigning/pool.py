"""Who may be given something: the candidates, what each has already, and the first of them in an order."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Literal, TypeAlias

import attrs

from branchkit.customers.assigning.ranking import OUT, Tournament, Vector
from branchkit.errors import InputError, NotFound, Problem
from branchkit.values import FrozenMap, Ref, is_identifier

__all__ = [
    "HEAVIEST",
    "AssignmentRequest",
    "Candidate",
    "ConflictOfInterest",
    "Order",
    "Pool",
    "State",
    "reason_against",
]

HEAVIEST = 10_000
"""The greatest weight there is."""
State = Literal["available", "absent", "inactive"]
_STATES = ("available", "absent", "inactive")
_ID = "Expected an id of 1 to 200 printable characters without spaces at its ends"


@attrs.frozen
class Candidate:
    """A member of staff as assignment sees them: what they can do, and what they have been given."""

    staff: str
    """The id of the member of staff."""
    posts: frozenset[str] = attrs.field(default=frozenset(), kw_only=True)
    """The posts they hold, as in ``wealth_manager`` (customers:FUP-02)."""
    skills: frozenset[str] = attrs.field(default=frozenset(), kw_only=True)
    """What they can do, as in ``structured_products``."""
    fields: FrozenMap[str] = attrs.field(default=FrozenMap(), kw_only=True)
    """What they look after, by field, as in ``{"district": "north"}``."""
    state: State = attrs.field(default="available", kw_only=True)
    """``absent`` is away for now, ``inactive`` does not work there any more; neither is ever given anything."""
    weight: int = attrs.field(default=1, kw_only=True)
    """How much of the work is theirs beside the others', from 1 to 10,000: 100 and 50 for full and half time."""
    load: int = attrs.field(default=0, kw_only=True)
    """How much of what they were given is still open."""
    count: int = attrs.field(default=0, kw_only=True)
    """How much they have been given since the reckoning began."""
    last: int = attrs.field(default=0, kw_only=True)
    """The number of the assignment that was theirs last, of a number that only rises; 0 for none yet."""

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: ids, a weight or a number out of bounds."""
        if not is_identifier(self.staff):
            yield Problem("$.staff", _ID)
        if self.state not in _STATES:
            yield Problem("$.state", f"Expected one of {', '.join(_STATES)}")
        if type(self.weight) is not int or not 1 <= self.weight <= HEAVIEST:
            yield Problem("$.weight", f"Expected a whole number from 1 to {HEAVIEST}")
        for name in ("load", "count", "last"):
            number = getattr(self, name)
            if type(number) is not int or number < 0:
                yield Problem(f"$.{name}", "Expected a whole number of 0 or more")


@attrs.frozen
class ConflictOfInterest:
    """Why somebody must not be given this one thing, as their relation to whom it is about."""

    staff: str
    relation: str = attrs.field(kw_only=True)
    """A code: ``self`` where they are the customer, ``family`` of the customer, ``customer`` of theirs in private
    business, or another one of the bank's."""


@attrs.frozen(kw_only=True)
class AssignmentRequest:
    """One thing to be given to somebody, and what it asks of them.

    `posts`, `skills` and `conflicts` bind every policy; `fields` say what the thing is like, for a policy to go by.
    """

    subject: Ref
    """What is given, as in ``lead:L-1``."""
    purpose: str
    """What it is given for, as in ``lead``: the configuration says which policy assigns for which purpose."""
    at: dt.datetime
    posts: frozenset[str] = frozenset()
    """Whoever gets it holds one of these posts; none for any post."""
    skills: frozenset[str] = frozenset()
    """Whoever gets it has all of these skills."""
    fields: FrozenMap[str] = FrozenMap()
    """What the thing is like, as in ``{"district": "north"}``."""
    conflicts: tuple[ConflictOfInterest, ...] = ()
    """Who must not get it, and why."""

    @cached_property
    def barred(self) -> frozenset[str]:
        """Everybody who has a conflict."""
        return frozenset(conflict.staff for conflict in self.conflicts)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: a moment without a zone, a purpose or a conflict that is none."""
        if self.at.utcoffset() is None:
            yield Problem("$.at", "Expected a moment with its zone, as in 2026-03-01T09:00:00+08:00")
        if not is_identifier(self.purpose):
            yield Problem("$.purpose", _ID)
        for at, conflict in enumerate(self.conflicts):
            for name in ("staff", "relation"):
                if not is_identifier(getattr(conflict, name)):
                    yield Problem(f"$.conflicts[{at}].{name}", _ID)


def reason_against(candidate: Candidate, request: AssignmentRequest) -> str | None:
    """Return why somebody must not be given something, as a code, or ``None`` where they may.

    The code is ``absent``, ``inactive``, ``conflict``, ``post`` or ``skill``.

    >>> at = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> lead = AssignmentRequest(
    ...     subject=Ref("lead", "L-1"), purpose="lead", at=at, conflicts=(ConflictOfInterest("S-2", relation="family"),)
    ... )
    >>> [reason_against(one, lead) for one in (Candidate("S-1"), Candidate("S-2"), Candidate("S-3", state="absent"))]
    [None, 'conflict', 'absent']
    """
    if candidate.state != "available":
        return candidate.state
    if candidate.staff in request.barred:
        return "conflict"
    if request.posts and request.posts.isdisjoint(candidate.posts):
        return "post"
    return None if request.skills <= candidate.skills else "skill"


Order: TypeAlias = Callable[[Candidate], "tuple[Any, ...] | None"]
"""What candidates are ordered by: the least comes first, of equals the least id; ``None`` holds somebody out.

It has to hang on the candidate alone, and to equal itself, as a function of a module or a frozen instance does: a pool
keeps what it has worked out for an order.
"""


@attrs.frozen
class _Profile:
    """What candidates have in common who are alike to every request."""

    posts: frozenset[str]
    skills: frozenset[str]
    fields: FrozenMap[str]

    def suits(self, request: AssignmentRequest, shared: Collection[str]) -> bool:
        posts, fields = request.posts, self.fields
        if (posts and posts.isdisjoint(self.posts)) or not request.skills <= self.skills:
            return False
        return all(fields.get(name) == request.fields.get(name) for name in shared)


_Rows: TypeAlias = "tuple[Tournament, ...]"


class Pool:
    """Candidates, each once, ready to be asked for the first in any order. A pool never changes: it gives a new one.

    People who hold the same posts, with the same skills and fields, stand in one row. To ask for the first costs as
    many looks as there are different rows, and for everybody who is barred, or whose state or load changes, a number
    of steps that grows with the logarithm of the row's length. Whoever is away is not in a row, and costs nothing.

    >>> pool = Pool.of([Candidate("S-1", load=2), Candidate("S-2", load=1), Candidate("S-3", state="absent")])
    >>> by_load = lambda candidate: (candidate.load,)
    >>> pool.first(by_load).staff, pool.assigned("S-2").assigned("S-2").first(by_load).staff
    ('S-2', 'S-1')
    """

    __slots__ = ("_built", "_members", "_profiles", "_row_of", "_turn")

    _turn: int
    _profiles: tuple[_Profile, ...]
    _row_of: Mapping[str, tuple[int, int]]
    _members: tuple[Vector[Candidate], ...]
    _built: dict[Order, _Rows]

    def __init__(self) -> None:
        self._turn, self._profiles, self._row_of, self._members, self._built = 0, (), {}, (), {}

    @classmethod
    def of(cls, candidates: Iterable[Candidate], *, turn: int = 0) -> Pool:
        """Return the pool of some candidates, in whatever order they come.

        Args:
            candidates: who may be given something.
            turn: the number of the last assignment; at least the greatest `Candidate.last`.

        Raises:
            InputError: somebody is in it twice, or what is said of them is out of bounds; with every problem.
        """
        people = sorted(candidates, key=lambda one: one.staff)
        problems = [
            attrs.evolve(problem, path=f"$[{at}]{problem.path[1:]}")
            for at, one in enumerate(people)
            for problem in one.validate()
        ]
        twice = {one.staff for one, other in itertools.pairwise(people) if one.staff == other.staff}
        problems += [Problem("$", f"Expected each candidate once; {one!r} is there again") for one in sorted(twice)]
        if problems:
            raise InputError("<pool>", tuple(problems))
        rows: dict[_Profile, list[Candidate]] = {}
        for one in people:
            rows.setdefault(_Profile(one.posts, one.skills, one.fields), []).append(one)
        pool = cls()
        pool._turn = max([turn, *(one.last for one in people)])
        pool._profiles = tuple(rows)
        pool._members = tuple(map(Vector, rows.values()))
        pool._row_of = {
            one.staff: (row, place) for row, members in enumerate(rows.values()) for place, one in enumerate(members)
        }
        return pool

    @property
    def turn(self) -> int:
        """The number of the last assignment."""
        return self._turn

    def __len__(self) -> int:
        return len(self._row_of)

    def __contains__(self, staff: object) -> bool:
        return staff in self._row_of

    def __iter__(self) -> Iterator[Candidate]:
        """Yield the candidates, by id."""
        return (self[staff] for staff in sorted(self._row_of))

    def __getitem__(self, staff: str) -> Candidate:
        """Return a candidate; raises `NotFound`."""
        row, place = self._place(staff)
        return self._members[row][place]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pool) and self.turn == other.turn and list(self) == list(other)

    def __hash__(self) -> int:
        return hash((self.turn, *self))

    def __repr__(self) -> str:
        return f"Pool({len(self)} candidates, turn={self.turn})"

    def first(
        self, order: Order, request: AssignmentRequest | None = None, *, shared: Collection[str] = ()
    ) -> Candidate | None:
        """Return the first candidate in an order who may be given something, or ``None`` where nobody may.

        Args:
            order: what candidates are ordered by.
            request: what it asks of them; ``None`` asks nothing.
            shared: the fields in which candidate and request have to be alike.
        """
        best = min(self._winners(order, request, shared), default=OUT)
        return None if best is OUT else self[best[-1]]

    def narrowest(self, order: Order, request: AssignmentRequest, *, shared: Collection[str] = ()) -> Candidate | None:
        """Return the first in an order of those with the fewest skills of all who may be given something.

        Who can do much else is kept free for it.
        """
        winners = self._winners(order, request, shared, ranked=True)
        best = min(winners, default=OUT)
        return None if best is OUT else self[best[-1]]

    def _winners(
        self, order: Order, request: AssignmentRequest | None, shared: Collection[str], *, ranked: bool = False
    ) -> Iterator[tuple[Any, ...]]:
        rows = self._rows(order)
        barred: dict[int, list[int]] = {}
        for staff in () if request is None else request.barred:
            if staff in self._row_of:
                row, place = self._row_of[staff]
                barred.setdefault(row, []).append(place)
        for row, (profile, standing) in enumerate(zip(self._profiles, rows, strict=True)):
            if request is not None and not profile.suits(request, shared):
                continue
            without = standing
            for place in barred.get(row, ()):
                without = without.replace(place, OUT)
            if without.winner is not OUT:
                yield (0, len(profile.skills), *without.winner[1:]) if ranked else without.winner

    def _rows(self, order: Order) -> _Rows:
        if order not in self._built:
            self._built[order] = tuple(Tournament(_entry(order, one) for one in members) for members in self._members)
        return self._built[order]

    def assigned(self, staff: str) -> Pool:
        """Return the pool after somebody has been given one thing; raises `NotFound` where they are not in it."""
        one = self[staff]
        turn = self.turn + 1
        return self._with(attrs.evolve(one, load=one.load + 1, count=one.count + 1, last=turn), turn)

    def released(self, staff: str) -> Pool:
        """Return the pool after one thing of somebody's is done with; raises `NotFound`."""
        one = self[staff]
        return self._with(attrs.evolve(one, load=max(one.load - 1, 0)), self.turn)

    def standing(self, staff: str, state: State) -> Pool:
        """Return the pool with somebody ``available``, ``absent`` or ``inactive``; raises `NotFound`."""
        return self._with(attrs.evolve(self[staff], state=state), self.turn)

    def _with(self, changed: Candidate, turn: int) -> Pool:
        row, place = self._row_of[changed.staff]
        pool = Pool()
        pool._turn, pool._profiles, pool._row_of = turn, self._profiles, self._row_of
        pool._members = _put(self._members, row, self._members[row].replace(place, changed))
        pool._built = {
            order: _put(rows, row, rows[row].replace(place, _entry(order, changed)))
            for order, rows in self._built.items()
        }
        return pool

    def _place(self, staff: str) -> tuple[int, int]:
        if staff not in self._row_of:
            raise NotFound("candidate", staff)
        return self._row_of[staff]


def _put(row: tuple[Any, ...], at: int, new: object) -> tuple[Any, ...]:
    return (*row[:at], new, *row[at + 1 :])


def _entry(order: Order, candidate: Candidate) -> tuple[Any, ...]:
    key = order(candidate) if candidate.state == "available" else None
    return OUT if key is None else (0, *key, candidate.staff)
