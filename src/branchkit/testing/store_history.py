"""What several were answered who used one store at once, and an order of their steps that explains it, if there is one.

A history is *linearisable* when its steps can be put in one order in which each sees exactly what those before it left,
and in which no step comes before one that had ended when it began. The search is that of Wing and Gong, with the memory
of what was tried that Lowe added: a set of steps that left the same state is never gone on from twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import attrs

__all__ = ["Ordering", "Seen", "Step", "Wrote", "order_of"]


@attrs.frozen
class Seen:
    """What a step was given for a key."""

    key: str
    version: int = 0
    """0 where there was nothing."""
    value: str | None = None


@attrs.frozen
class Wrote:
    """What a step left under a key."""

    key: str
    value: str | None
    """``None`` where it was removed. No two steps write the same value, or what was seen would say little."""
    version: int | None = None
    """The version it was told; ``None`` where it was told none."""


@attrs.frozen(kw_only=True)
class Step:
    """A transaction as its caller saw it."""

    by: str
    """Who took it."""
    began: int
    """Before it began, in nanoseconds of a clock that all callers share."""
    ended: int | None
    """After it was answered; ``None`` where it never was: it may have happened, at any time since, or not at all."""
    seen: tuple[Seen, ...] = ()
    """All of it before the step wrote anything."""
    wrote: tuple[Wrote, ...] = ()


@attrs.frozen
class Ordering:
    """What the search found."""

    order: tuple[Step, ...]
    """The steps in an order that explains what they saw; where there is none, as far as one could be followed."""
    stuck: tuple[Step, ...] = ()
    """Of which one had to come next, and none could; empty where all is explained."""

    @property
    def ok(self) -> bool:
        """Whether the history is linearisable."""
        return not self.stuck

    def __str__(self) -> str:
        if self.ok:
            return f"{len(self.order)} steps in order"
        told = [f"No order explains what was seen. After {len(self.order)} steps, the last of them", *self.order[-3:]]
        return "\n  ".join(map(str, [*told, "one of these had to come next, and none could:", *self.stuck]))


def order_of(steps: Iterable[Step]) -> Ordering:
    """Put steps in an order that explains what each saw; those that share no key, even by others, go by themselves.

    >>> first = Step(by="a", began=0, ended=9, wrote=(Wrote("k", "x", 1),))
    >>> inside = Step(by="b", began=3, ended=5, seen=(Seen("k"),))
    >>> [step.by for step in order_of([first, inside]).order]
    ['b', 'a']
    >>> order_of([first, attrs.evolve(inside, began=10, ended=12)]).ok
    False
    """
    found: list[Step] = []
    for group in _groups(steps):
        ordering = _search(group)
        if not ordering.ok:
            return ordering
        found += ordering.order
    return Ordering(tuple(found))


_State = tuple[tuple[int, str | None], ...]
"""The count of versions and the value of each key."""
_NOTHING: tuple[int, str | None] = (0, None)
_NEVER = float("inf")


def _search(steps: Sequence[Step]) -> Ordering:
    steps = sorted(steps, key=lambda step: step.began)
    places = {key: place for place, key in enumerate(sorted({key for step in steps for key in _keys(step)}))}
    needed = sum(1 << n for n, step in enumerate(steps) if step.ended is not None)
    done, state = 0, (_NOTHING,) * len(places)
    tried = {(done, state)}
    order: list[int] = []
    # What to go back to: the steps that were done, the state they left, and what may still be tried there.
    path = [(done, state, iter(_next(steps, done)))]
    best: tuple[int, ...] = ()
    while done & needed != needed:
        done, state, choices = path[-1]
        for choice in choices:
            after = _after(state, steps[choice], places)
            if after is None or (done | 1 << choice, after) in tried:
                continue
            if not steps[choice].wrote:
                # Whoever only looked, and may come now, loses nothing by coming now: no other choice can do better.
                path[-1] = (done, state, iter(()))
            done, state = done | 1 << choice, after
            tried.add((done, state))
            order.append(choice)
            path.append((done, state, iter(_next(steps, done))))
            break
        else:
            if len(order) >= len(best):
                best = tuple(order)
            path.pop()
            if not path:
                at_most = _next(steps, sum(1 << n for n in best))
                return Ordering(tuple(steps[n] for n in best), tuple(steps[n] for n in at_most))
            order.pop()
    return Ordering(tuple(steps[n] for n in order))


def _next(steps: Sequence[Step], done: int) -> list[int]:
    """Return the steps that began before any other that is left had ended, the likely ones first."""
    found: list[int] = []
    first_end: int | None = None
    # The lowest bit that is not set.
    for n in range((~done & done + 1).bit_length() - 1, len(steps)):
        if done >> n & 1:
            continue
        step = steps[n]
        if first_end is not None and step.began > first_end:
            break
        found.append(n)
        if step.ended is not None and (first_end is None or step.ended < first_end):
            first_end = step.ended
    # Who only looked hinders nobody; who was answered first often came first; who never was may not have come at all.
    return sorted(found, key=lambda n: (bool(steps[n].wrote), steps[n].ended or _NEVER))


def _after(state: _State, step: Step, places: dict[str, int]) -> _State | None:
    """Return the state that a step leaves, or ``None`` when it cannot have seen this one."""
    for seen in step.seen:
        version, value = state[places[seen.key]]
        if (seen.version, seen.value) != ((version, value) if value is not None else _NOTHING):
            return None
    if not step.wrote:
        return state
    after = list(state)
    for wrote in step.wrote:
        version, value = state[places[wrote.key]]
        if wrote.value is not None:
            version += 1
        if wrote.version not in (None, version):
            return None
        after[places[wrote.key]] = (version, wrote.value)
    return tuple(after)


def _groups(steps: Iterable[Step]) -> Iterator[list[Step]]:
    """Yield the steps that hang together by their keys."""
    groups: list[tuple[set[str], list[Step]]] = []
    for step in steps:
        keys, members = set(_keys(step)), [step]
        apart = []
        for group in groups:
            if group[0] & keys:
                keys |= group[0]
                members += group[1]
            else:
                apart.append(group)
        groups = [*apart, (keys, members)]
    for _, members in groups:
        yield members


def _keys(step: Step) -> Iterator[str]:
    yield from (each.key for each in step.seen)
    yield from (each.key for each in step.wrote)
