"""Facts that follow from other facts, and the proof that none follows from itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import attrs

from branchkit.codec.problems import child
from branchkit.conditions.check import check
from branchkit.conditions.evaluation import compile_condition, reads
from branchkit.conditions.facts import Facts, FactSpec, FactType, FactValue, check_fact_name
from branchkit.conditions.tree import Condition
from branchkit.errors import InputError, Problem
from branchkit.values import Text, Unknown

__all__ = ["DerivedFact", "FactModel", "find_cycle"]


def find_cycle(graph: Mapping[str, Iterable[str]]) -> tuple[str, ...] | None:
    """Return the first cycle of a directed graph as the path of its names, the first one again at the end.

    Names that are pointed to but are no key of the graph end there.

    >>> find_cycle({"a": ["b"], "b": ["c"], "c": ["b"]})
    ('b', 'c', 'b')
    >>> find_cycle({"a": ["b", "c"], "b": ["c"]}) is None
    True
    """
    done: set[str] = set()
    for start in graph:
        if start in done:
            continue
        # A stack of our own: a chain of facts may be longer than Python's.
        path: dict[str, Iterator[str]] = {start: iter(graph[start])}
        while path:
            name = next(reversed(path))
            follower = next(path[name], None)
            if follower is None:
                done.add(name)
                del path[name]
            elif follower in path:
                names = list(path)
                return (*names[names.index(follower) :], follower)
            elif follower in graph and follower not in done:
                path[follower] = iter(graph[follower])
    return None


@attrs.frozen
class DerivedFact:
    """A true/false fact that follows from others; unknown where its condition is."""

    name: str = attrs.field(validator=check_fact_name)
    when: Condition = attrs.field(kw_only=True)
    """What makes it true."""
    title: Text | None = attrs.field(default=None, kw_only=True)


@attrs.frozen(kw_only=True)
class FactModel:
    """All facts that may be asked: those that are given, and those that follow from them.

    >>> from branchkit.conditions.tree import Compare, Op
    >>> model = FactModel(
    ...     facts=(FactSpec("due", FactType.DATE), FactSpec("today", FactType.DATE)),
    ...     derived=(DerivedFact("late", when=Compare("due", Op.LT, fact2="today")),),
    ... )
    >>> list(model.validate()), model.complete({})["late"].reason
    ([], "'due' is not given; 'today' is not given")
    """

    facts: tuple[FactSpec, ...]
    derived: tuple[DerivedFact, ...] = ()

    @cached_property
    def specs(self) -> Mapping[str, FactSpec]:
        """Every fact by name; derived ones are true/false and may be unknown."""
        given = {spec.name: spec for spec in self.facts}
        return given | {
            fact.name: FactSpec(fact.name, FactType.BOOL, may_be_unknown=True, title=fact.title)
            for fact in self.derived
        }

    def validate(self) -> Iterator[Problem]:
        """Yield unknown facts, type clashes, names given twice, and cycles with the path of their names."""
        seen: set[str] = set()
        for index, spec in enumerate(self.facts):
            path = child("$.facts", index)
            yield from _name_once(spec.name, seen, path)
        for index, fact in enumerate(self.derived):
            path = child("$.derived", index)
            yield from _name_once(fact.name, seen, path)
            yield from check(fact.when, self.specs, child(path, "when"))
        cycle = find_cycle(self._graph())
        if cycle is not None:
            index = next(index for index, fact in enumerate(self.derived) if fact.name == cycle[0])
            message = f"Follows from itself: {' -> '.join(cycle)}; one of them must not read the next"
            yield Problem(child(child("$.derived", index), "when"), message)

    def complete(self, facts: Facts) -> dict[str, FactValue | Unknown]:
        """Return the facts with every derived one worked out; what was given under a derived name is replaced.

        Raises:
            InputError: the model does not pass `validate`.
        """
        complete = dict(facts)
        for name, answer in self._order:
            complete[name] = answer(complete)
        return complete

    @cached_property
    def _order(self) -> tuple[tuple[str, Callable[[Facts], bool | Unknown]], ...]:
        problems = tuple(self.validate())
        if problems:
            raise InputError("<fact model>", problems)
        graph = self._graph()
        conditions = {fact.name: fact.when for fact in self.derived}
        ordered: dict[str, None] = {}
        waiting = list(reversed(graph))
        while waiting:
            name = waiting[-1]
            missing = [] if name in ordered else [other for other in graph[name] if other not in ordered]
            if missing:
                waiting.extend(reversed(missing))
            else:
                ordered[waiting.pop()] = None
        return tuple((name, compile_condition(conditions[name])) for name in ordered)

    def _graph(self) -> dict[str, list[str]]:
        names = {fact.name for fact in self.derived}
        return {fact.name: sorted(reads(fact.when) & names) for fact in self.derived}


def _name_once(name: str, seen: set[str], path: str) -> Iterator[Problem]:
    if name in seen:
        yield Problem(child(path, "name"), f"Expected each fact once; {name!r} is declared above")
    seen.add(name)
