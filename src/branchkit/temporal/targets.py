"""Clocks as a procedure declares them: by when, what counts, what starts, pauses and stops them."""

from __future__ import annotations

from typing import ClassVar, Literal

import attrs

from branchkit.temporal.deadlines import Deadline
from branchkit.temporal.frames import Counting
from branchkit.values import Text, is_identifier, is_rule_id

__all__ = ["ByTarget", "ClockSpec"]

_STAGE = "stage:"


@attrs.frozen(kw_only=True)
class ByTarget:
    """The deadline is what the procedure's table of targets says, as by priority and customer."""

    KIND: ClassVar[str] = "target"

    output: str
    """The column of the table that holds the deadline."""

    def __attrs_post_init__(self) -> None:
        if not is_identifier(self.output):
            raise ValueError("Expected `output`, a name of 1 to 200 printable characters without spaces at its ends")


@attrs.frozen
class ClockSpec:
    """A clock that every case of a procedure, or of a stage, has.

    >>> from branchkit.temporal.deadlines import NotConfigured
    >>> ClockSpec("reply", title=Text(zh="答复", en="Reply"), deadline=NotConfigured()).stops
    ('closed',)
    """

    id: str
    title: Text = attrs.field(kw_only=True)
    deadline: Deadline | ByTarget = attrs.field(kw_only=True)
    counting: Counting = attrs.field(default=Counting.ELAPSED, kw_only=True)
    calendar: str | None = attrs.field(default=None, kw_only=True)
    """The key of another calendar, as a supplier's; ``None`` for the branch's own. Its working days count, and of the
    branch's hours, where they count, what opens on them."""
    line: str | None = attrs.field(default=None, kw_only=True)
    """The business line whose hours count, as ``corporate``; ``None`` for the branch, open while any line is."""
    starts: str = attrs.field(default="opened", kw_only=True)
    """``opened``, or ``stage:<id>`` for the moment that a stage opens."""
    stops: tuple[str, ...] = attrs.field(default=("closed",), kw_only=True)
    """``closed``, or ``stage:<id>`` for the moment that a stage is settled; the first of them stops it."""
    pauses_on: tuple[str, ...] = attrs.field(default=(), kw_only=True)
    """The codes of the reasons for which it may be paused; none means it never is."""
    statutory: bool = attrs.field(default=False, kw_only=True)
    """Set by law: a suspension of the branch pauses it only where it names this very clock."""
    basis: Literal["sourced", "suggested"] = attrs.field(default="sourced", kw_only=True)
    """``suggested`` where no source states the deadline: a default for a bank to change."""
    rules: tuple[str, ...] = attrs.field(default=(), kw_only=True)

    def __attrs_post_init__(self) -> None:
        if not is_identifier(self.id):
            raise ValueError("Expected `id` of 1 to 200 printable characters without spaces at its ends")
        if self.line is not None and not is_identifier(self.line):
            raise ValueError("Expected `line` of 1 to 200 printable characters without spaces at its ends")
        if not _is_moment(self.starts, "opened"):
            raise ValueError("Expected `starts`, opened or stage:<id>")
        if not self.stops or not all(_is_moment(stop, "closed") for stop in self.stops):
            raise ValueError("Expected `stops`, at least one of: closed, stage:<id>")
        if len(set(self.stops)) < len(self.stops) or len(set(self.pauses_on)) < len(self.pauses_on):
            raise ValueError("Expected `stops` and `pauses_on` each once")
        if not all(map(is_identifier, self.pauses_on)):
            raise ValueError("Expected `pauses_on`, codes of 1 to 200 printable characters without outer spaces")
        if not all(map(is_rule_id, self.rules)):
            raise ValueError("Expected qualified ids of rules, as in estate:P-1")


def _is_moment(text: str, word: str) -> bool:
    return text == word or (text.startswith(_STAGE) and is_identifier(text.removeprefix(_STAGE)))
