"""What moving running cases to another version of their procedure would do, told before anything is moved."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from branchkit.errors import NotFound
from branchkit.kit.world import StoreWorld
from branchkit.procedures import Migration, plan_migration

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["open_cases", "plan_migrations"]


def open_cases(kit: Kit, procedure: str, *, to_version: str) -> Iterator[str]:
    """Yield the open cases of a procedure that run by another version than one, in the order of their ids."""
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        known = tuple(world.found("case", {"procedure": procedure, "status": "open"}))
    yield from (case.id for case in known if case.version != to_version)


def plan_migrations(
    kit: Kit,
    cases: Iterable[str],
    *,
    to_version: str,
    stages: Mapping[str, str] | None = None,
    transitions: Mapping[str, str] | None = None,
) -> Iterator[Migration]:
    """Yield for each case what moving it would do; nothing is changed.

    Args:
        kit: the kit.
        cases: their ids.
        to_version: the version to move to.
        stages: new names of stages, by the old ones.
        transitions: new names of transitions, by the old ones.

    Raises:
        NotFound: there is no such case, or no such version of its procedure.
    """
    with kit.store.transaction(write=False) as tx:
        world = StoreWorld(tx, kit.rules, where=kit.store.where)
        for id in cases:
            case = world.case(id)
            if case is None:
                raise NotFound("case", id)
            procedure = world.procedure(case.procedure, to_version)
            known = {old: new for old, new in (stages or {}).items() if old in case.stages}
            yield plan_migration(procedure, case, stages=known, transitions=transitions or {})
