"""Makes candidates of a branch's posts and staff: who holds the posts, and who of them is there."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping

import attrs

from branchkit.customers.assigning.pool import Candidate, State
from branchkit.escalation import Everybody, Roster
from branchkit.estate import Branch
from branchkit.values import FrozenMap, Unknown

__all__ = ["Held", "candidates_of"]


@attrs.frozen(kw_only=True)
class Held:
    """What the estate does not know about a member of staff, and assignment goes by; see `Candidate`."""

    skills: frozenset[str] = frozenset()
    fields: FrozenMap[str] = FrozenMap()
    weight: int = 1
    load: int = 0
    count: int = 0
    last: int = 0


def candidates_of(
    branch: Branch,
    *,
    posts: Collection[str],
    at: dt.datetime,
    roster: Roster | None = None,
    held: Mapping[str, Held] | None = None,
) -> Iterator[Candidate]:
    """Yield those who hold one of some posts at a branch, and those who once were given something and hold none now.

    Who holds none of the posts any more, or is not among the branch's staff where these are known, is ``inactive``;
    who is not available by the roster at that moment is ``absent`` (customers:REF-15, customers:FUP-02).

    Args:
        branch: as the estate has it; where posts are unknown, nobody holds one.
        posts: kinds of posts, as in ``wealth_manager``.
        at: when.
        roster: who is available; ``None`` holds everybody available.
        held: what else is known of people, by id.

    >>> from branchkit.estate import Post
    >>> branch = Branch("B-1", posts=(Post("P-1", kind="wealth_manager", holder="S-1"), Post("P-2", kind="teller")))
    >>> nine = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    >>> [one.staff for one in candidates_of(branch, posts={"wealth_manager"}, at=nine)]
    ['S-1']
    """
    known = held or {}
    holding: dict[str, set[str]] = {}
    for post in () if isinstance(branch.posts, Unknown) else branch.posts:
        if post.kind in posts and isinstance(post.holder, str):
            holding.setdefault(post.holder, set()).add(post.kind)
    people = holding.keys() if isinstance(branch.staff, Unknown) else {member.id for member in branch.staff}
    asked = tuple(sorted(holding))
    there = set((roster or Everybody()).available(asked, at))
    for staff in sorted({*holding, *known}):
        state: State = "available" if staff in there else "absent"
        if staff not in holding or staff not in people:
            state = "inactive"
        more = known.get(staff, Held())
        yield Candidate(
            staff,
            posts=frozenset(holding.get(staff, ())),
            skills=more.skills,
            fields=more.fields,
            state=state,
            weight=more.weight,
            load=more.load,
            count=more.count,
            last=more.last,
        )
