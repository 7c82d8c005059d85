"""Assignment policies as data: whose turn it is, who has least, whose share is due; by skill or field."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar, Literal, Protocol, runtime_checkable

import attrs

from branchkit.codec import Document
from branchkit.customers.assigning.pool import HEAVIEST, AssignmentRequest, Candidate, Order, Pool
from branchkit.errors import Problem
from branchkit.scoring.score import plugin_of
from branchkit.trace import Decision, Step, Trace
from branchkit.values import Ref, Text, is_identifier, is_rule_id

__all__ = [
    "ASSIGNMENT_CAPABILITIES",
    "ASSIGNMENT_SCHEMES",
    "AssignmentPolicy",
    "AssignmentScheme",
    "UpTo",
    "by_weight",
    "least_loaded",
    "longest_ago",
]

ASSIGNMENT_CAPABILITIES = frozenset({"even", "total", "weighted"})
"""What a policy may declare; `AssignmentPolicy.capabilities` says what each means."""
_FINE = HEAVIEST * HEAVIEST


@runtime_checkable
class AssignmentPolicy(Protocol):
    """What an assignment policy offers; `AssignmentScheme` is branchkit's own.

    The laws (`branchkit.testing.assigning.AssignmentPolicyLaws`): nobody is given what they must not have; the same
    request and pool give the same answer, whatever order the candidates came in; the decision is explained.
    """

    @property
    def id(self) -> str:
        """The key."""
        ...

    @property
    def version(self) -> str:
        """The version, as the trace quotes it."""
        ...

    @property
    def capabilities(self) -> frozenset[str]:
        """What it declares, and is held to.

        ``total``: as long as anybody may have a thing, somebody is given it. ``even``: among people who are alike and
        always there, nobody is ever given two more than anybody else. ``weighted``: the same by weight, so that for
        any two, what one was given by weight is not more than what the other would have with one more.
        """
        ...

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        """Return the id of whoever is given it, one of the pool, or ``None`` where it is given to nobody."""
        ...


def longest_ago(candidate: Candidate) -> tuple[Any, ...]:
    """Order by whose last assignment is longest ago; who had none yet comes first."""
    return (candidate.last,)


def least_loaded(candidate: Candidate) -> tuple[Any, ...]:
    """Order by how much is still open, and of equals by whose last assignment is longest ago."""
    return (candidate.load, candidate.last)


def by_weight(candidate: Candidate) -> tuple[Any, ...]:
    """Order by how much each would have been given for their weight with one more; of equals as `longest_ago`.

    In whole numbers, exactly: two such shares that differ at all differ by a whole once both are taken
    `HEAVIEST` × `HEAVIEST` times.
    """
    return ((candidate.count + 1) * _FINE // candidate.weight, candidate.last)


@attrs.frozen
class UpTo:
    """An order that holds out whoever has so much still open.

    >>> order = UpTo(longest_ago, most=2)
    >>> order(Candidate("S-1", load=1)), order(Candidate("S-2", load=2))
    ((0,), None)
    """

    order: Order
    most: int = attrs.field(kw_only=True)

    def __call__(self, candidate: Candidate) -> tuple[Any, ...] | None:
        """Return what the order does, or ``None`` for whoever has that much open."""
        return self.order(candidate) if candidate.load < self.most else None


_ORDERS: dict[str, Order] = {"round_robin": longest_ago, "least_loaded": least_loaded, "weighted": by_weight}
_TOLD = {
    "round_robin": Text(zh="轮到距上次分配最久的人", en="it is the turn of whoever was given something longest ago"),
    "least_loaded": Text(zh="分给未结数量最少的人", en="given to whoever has least still open"),
    "weighted": Text(zh="分给按权重最少的人", en="given to whoever has had least for their weight"),
}
_NARROWEST = Text(zh="技能最专者优先", en="those with the fewest other skills come first")
_NOBODY = Text(zh="无人可分配", en="there is nobody to give it to")


@attrs.frozen
class AssignmentScheme(Document):
    """An assignment policy as data: an order, and what goes before it.

    Among those who may be given a thing it takes those who share the fields in `by`, of these those with the fewest
    skills where `narrowest` is set, and of these the first in `order`. Equals are told apart by whose last assignment
    is longest ago and then by id: nothing is left to chance.

    >>> import datetime as dt
    >>> pool = Pool.of([Candidate("S-1", load=3), Candidate("S-2", load=1)])
    >>> lead = AssignmentRequest(subject=Ref("lead", "L-1"), purpose="lead", at=dt.datetime(2026, 3, 2, tzinfo=dt.UTC))
    >>> print(ASSIGNMENT_SCHEMES["least-loaded"].assign(lead, pool).why())
    S-2
    least-loaded 1: lead:L-1
      given to whoever has least still open [staff:S-2] (customers:FUP-02)
    """

    SCHEMA: ClassVar[str] = "assignment_scheme/1"

    id: str
    version: str = attrs.field(kw_only=True)
    title: Text = attrs.field(kw_only=True)
    order: Literal["round_robin", "least_loaded", "weighted"] = attrs.field(kw_only=True)
    by: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The fields that whoever gets a thing shares with it, as in ``district``; ``*`` is all that it states, by name."""
    widen: bool = attrs.field(default=False, kw_only=True)
    """Whether it looks further where nobody shares them all: without the last field, then without the last two, …"""
    narrowest: bool = attrs.field(default=False, kw_only=True)
    """Whether those with the fewest skills come first, so that who can do much else is kept free for it."""
    most: int | None = attrs.field(default=None, kw_only=True)
    """How much somebody may have open at most; ``None`` for no bound."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    @property
    def capabilities(self) -> frozenset[str]:
        """What it declares: `AssignmentPolicy.capabilities` tells what each means."""
        total = self.most is None and (self.widen or not self.by)
        weighted = self.most is None and self.order == "weighted"
        return frozenset({"even"} | ({"total"} if total else set()) | ({"weighted"} if weighted else set()))

    def assign(self, request: AssignmentRequest, pool: Pool) -> Decision[str | None]:
        """Return whoever is given it, or ``None`` where nobody may have it."""
        order = _ORDERS[self.order] if self.most is None else UpTo(_ORDERS[self.order], most=self.most)
        ask = pool.narrowest if self.narrowest else pool.first
        steps: list[Step] = []
        found = None
        for shared in self._rounds(request):
            found = ask(order, request, shared=shared)
            if shared:
                steps.append(Step(what=_by(shared, found is not None)))
            if found is not None:
                break
        if found is None:
            steps.append(Step(what=_NOBODY, rules=self.rules))
        else:
            steps += [Step(what=_NARROWEST)] if self.narrowest else []
            steps.append(Step(what=_TOLD[self.order], refs=(Ref("staff", found.staff),), rules=self.rules))
        trace = Trace(
            policy=self.id,
            version=self.version,
            plugin=plugin_of(self.id),
            inputs=(request.subject,),
            steps=tuple(steps),
        )
        return Decision(None if found is None else found.staff, trace)

    def _rounds(self, request: AssignmentRequest) -> Iterator[tuple[str, ...]]:
        """Yield the fields to share, from all of them to as few as the scheme allows."""
        others = sorted(set(request.fields) - set(self.by))
        fields = [one for name in self.by for one in (others if name == "*" else (name,))]
        yield tuple(fields)
        while self.widen and fields:
            fields.pop()
            yield tuple(fields)

    def validate(self) -> Iterator[Problem]:
        """Yield what is wrong: ids, a field twice, a bound below one, a setting without effect."""
        if not is_identifier(self.id):
            yield Problem("$.id", "Expected an id of 1 to 200 printable characters without spaces at its ends")
        if not self.version.strip():
            yield Problem("$.version", "Expected a version")
        for at, name in enumerate(self.by):
            if not is_identifier(name):
                yield Problem(f"$.by[{at}]", "Expected the name of a field, or *")
            elif name in self.by[:at]:
                yield Problem(f"$.by[{at}]", f"Expected each field once; {name!r} stands there again")
        if self.widen and not self.by:
            yield Problem("$.widen", "Has no effect: there are no fields in `by`")
        if self.most is not None and self.most < 1:
            yield Problem("$.most", "Expected 1 or more; leave `most` out for no bound")
        for at, rule in enumerate(self.rules):
            if not is_rule_id(rule):
                yield Problem(f"$.rules[{at}]", f"Expected a rule id with its area, not {rule!r}")

    def __str__(self) -> str:
        return f"{self.id} {self.version}"


def _by(shared: tuple[str, ...], found: bool) -> Text:
    names = ", ".join(shared)
    if found:
        return Text(zh=f"按字段匹配：{names}", en=f"among those who share {names}")
    return Text(zh=f"无人匹配字段：{names}", en=f"nobody shares {names}")


_OWN = (
    AssignmentScheme("round-robin", version="1", title=Text(zh="轮流分配", en="In turn"), order="round_robin"),
    AssignmentScheme("least-loaded", version="1", title=Text(zh="最少未结", en="Least loaded"), order="least_loaded"),
    AssignmentScheme("weighted", version="1", title=Text(zh="按权重分配", en="By weight"), order="weighted"),
    AssignmentScheme(
        "by-skill", version="1", title=Text(zh="按技能分配", en="By skill"), order="least_loaded", narrowest=True
    ),
    AssignmentScheme(
        "by-field", version="1", title=Text(zh="按字段分配", en="By field"), order="least_loaded", by=("*",), widen=True
    ),
)
ASSIGNMENT_SCHEMES: dict[str, AssignmentScheme] = {
    one.id: attrs.evolve(one, rules=("customers:FUP-02",)) for one in _OWN
}
"""The policies that come with branchkit, by id: ``round-robin``, ``least-loaded``, ``weighted``, ``by-skill`` and
``by-field``."""
