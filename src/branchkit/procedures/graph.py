"""The stages of a procedure as a graph: what leads to what, and what has to come first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from branchkit.procedures.model import Procedure

__all__ = ["Edges", "circle", "onward_edges", "ordered_edges", "ranks", "reached_from", "ways_to"]

Edges = Mapping[str, tuple[str, ...]]


def onward_edges(procedure: Procedure) -> dict[str, tuple[str, ...]]:
    """Return for each stage where its transitions lead, but for those that go back; what is not there is left out."""
    known = {stage.id for stage in procedure.stages}
    return {
        stage.id: tuple(
            dict.fromkeys(to for one in stage.transitions if not one.returns for to in one.to if to in known)
        )
        for stage in procedure.stages
    }


def reached_from(edges: Edges, names: Iterable[str]) -> frozenset[str]:
    """Return everything that edges lead to from some names, they themselves among it."""
    stack = [name for name in names if name in edges]
    found = set(stack)
    while stack:
        for other in edges[stack.pop()]:
            if other not in found:
                found.add(other)
                stack.append(other)
    return frozenset(found)


def ways_to(procedure: Procedure) -> dict[str, frozenset[str]]:
    """Return for each stage with `needs` the stages from which what it needs can still be led to, but for itself."""
    joins = [stage for stage in procedure.stages if stage.needs]
    before = _backward(onward_edges(procedure)) if joins else {}
    return {stage.id: reached_from(before, stage.needs) - {stage.id} for stage in joins}


def _backward(edges: Edges) -> dict[str, tuple[str, ...]]:
    """Return the edges turned round."""
    found: dict[str, list[str]] = {name: [] for name in edges}
    for name, others in edges.items():
        for other in others:
            found[other].append(name)
    return {name: tuple(others) for name, others in found.items()}


def ordered_edges(procedure: Procedure) -> dict[str, tuple[str, ...]]:
    """Return what has to come before what: the ways onward, and from each stage to those that need it."""
    edges = {name: list(others) for name, others in onward_edges(procedure).items()}
    for stage in procedure.stages:
        for need in stage.needs:
            if need in edges and stage.id not in edges[need]:
                edges[need].append(stage.id)
    return {name: tuple(others) for name, others in edges.items()}


def ranks(procedure: Procedure) -> dict[str, int]:
    """Return how far from a start each stage lies, so that what comes first has the lower number."""
    edges = ordered_edges(procedure)
    found = dict.fromkeys(edges, 0)
    for name in _sorted(edges):
        for other in edges[name]:
            found[other] = max(found[other], found[name] + 1)
    return found


def _sorted(edges: Edges) -> Iterator[str]:
    """Yield the names so that each comes after those that lead to it; names in a circle are left out."""
    missing = dict.fromkeys(edges, 0)
    for others in edges.values():
        for other in others:
            missing[other] += 1
    ready = [name for name, count in missing.items() if not count]
    while ready:
        name = ready.pop()
        yield name
        for other in edges[name]:
            missing[other] -= 1
            if not missing[other]:
                ready.append(other)


def circle(edges: Edges) -> tuple[str, ...]:
    """Return the names that stand in a circle or behind one, sorted; none where there is no circle."""
    return tuple(sorted(edges.keys() - set(_sorted(edges))))
