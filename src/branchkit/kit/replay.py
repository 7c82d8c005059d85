"""Carries out a file of commands; stopped anywhere and started again, it goes on where it was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import attrs

from branchkit.errors import BranchkitError
from branchkit.kit.batch import carry_out_all
from branchkit.kit.wire import Request
from branchkit.personal import bare

if TYPE_CHECKING:
    from branchkit.kit.kit import Kit

__all__ = ["RefusedLine", "ReplayReport", "replay"]


@attrs.frozen(kw_only=True)
class RefusedLine:
    """A line that changed nothing, and why."""

    source: str
    line: int
    """Its number in the file; the first one is 1."""
    error: BranchkitError = attrs.field(eq=str)
    """Says what was wrong and where, never what stood there."""


@attrs.frozen(kw_only=True)
class ReplayReport:
    """What came of a file; every command was accepted, repeated or refused. Reports add up."""

    commands: int = 0
    """How many lines held something."""
    accepted: int = 0
    """How many were carried out now."""
    repeated: int = 0
    """How many had been carried out before."""
    refused: tuple[RefusedLine, ...] = ()
    events: int = 0
    """How many events those carried out now gave."""

    def __add__(self, other: ReplayReport) -> ReplayReport:
        return ReplayReport(
            commands=self.commands + other.commands,
            accepted=self.accepted + other.accepted,
            repeated=self.repeated + other.repeated,
            refused=self.refused + other.refused,
            events=self.events + other.events,
        )


def replay(
    kit: Kit,
    lines: Iterable[bytes],
    *,
    source: str,
    batch: int = 200,
    progress: Callable[[int], object] | None = None,
) -> ReplayReport:
    """Carry out commands, one JSON object a line, in order.

    A line that cannot be read or is refused changes nothing, and the others go on. Nothing is kept but the refusals,
    so that memory stays flat; blank lines are skipped.

    Args:
        kit: carries them out.
        lines: the file, as it is read.
        source: the file's name, for messages.
        batch: how many commands go into one commit.
        progress: is told after each commit how many more commands are through.

    Raises:
        StorageError: the store cannot go on. What is committed is done: replay the same file again.
    """
    numbers: list[int] = []
    accepted = repeated = events = commands = through = 0
    refused: list[RefusedLine] = []
    for outcome in carry_out_all(kit, _requests(lines, source, numbers), batch=batch):
        line = numbers[through]
        commands, through = commands + 1, through + 1
        if isinstance(outcome, BranchkitError):
            refused.append(RefusedLine(source=source, line=line, error=outcome))
        elif outcome.repeated:
            repeated += 1
        else:
            accepted += 1
            events += len(outcome.events)
        if through == len(numbers):
            # The batch is through: what has been read has been told.
            if progress is not None:
                progress(through)
            numbers.clear()
            through = 0
    return ReplayReport(commands=commands, accepted=accepted, repeated=repeated, refused=tuple(refused), events=events)


def _requests(lines: Iterable[bytes], source: str, numbers: list[int]) -> Iterator[Request | BranchkitError]:
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        numbers.append(number)
        try:
            yield Request.read(line, source=f"{source}:{number}")
        except BranchkitError as error:
            yield bare(error)
