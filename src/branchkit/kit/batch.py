"""Carries out many commands, some hundred to a commit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from branchkit.errors import BranchkitError, Conflict
from branchkit.kit.wire import Request
from branchkit.messages import Outcome

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["carry_out_all"]

_TRIES = 5


def carry_out_all(
    kit: Kit, requests: Iterable[Request | BranchkitError], *, batch: int
) -> Iterator[Outcome | BranchkitError]:
    """Carry out commands that were checked before, ``batch`` of them to a commit.

    What was refused before takes its place in the order. A batch that lost a race is carried out again one by one.

    Args:
        kit: carries them out.
        requests: the commands, or why one of them is none.
        batch: how many go into one commit.

    Raises:
        ValueError: if the batch is smaller than one.
        Conflict: one command lost the race again and again.
        StorageError: the store cannot go on; what was yielded is done.
    """
    if batch < 1:
        raise ValueError("Expected a batch of 1 or more")
    return _carry_out_all(kit, iter(requests), batch)


def _carry_out_all(
    kit: Kit, requests: Iterator[Request | BranchkitError], batch: int
) -> Iterator[Outcome | BranchkitError]:
    while chunk := list(islice(requests, batch)):
        known = [request for request in chunk if isinstance(request, Request)]
        done = _together(kit, known)
        for request in chunk:
            yield next(done) if isinstance(request, Request) else request


def _together(kit: Kit, requests: list[Request]) -> Iterator[Outcome | BranchkitError]:
    try:
        done = kit.carry_out_batch(requests)
    except Conflict:
        for request in requests:
            yield _alone(kit, request)
    else:
        yield from done


def _alone(kit: Kit, request: Request) -> Outcome | BranchkitError:
    for _ in range(_TRIES - 1):
        try:
            return kit.carry_out_batch([request])[0]
        except Conflict:
            continue  # somebody else was faster: what they wrote is now there to be read
    return kit.carry_out_batch([request])[0]
