"""Something wrong, tied to the exact place it is wrong at."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from branchkit.personal import FREE_TEXT, mask, personal
from branchkit.values import Ref, Severity, Text

__all__ = ["Closure", "Finding", "FindingState"]


class FindingState(enum.Enum):
    """Whether somebody still has to act."""

    OPEN = "open"
    CLOSED = "closed"


@attrs.frozen(kw_only=True)
class Closure:
    """How a finding was closed: by a later sheet that passes the same item on the same place, or by a person."""

    at: dt.datetime
    by: str
    sheet: str | None = None
    """The sheet that passed, where one did."""
    reason: str | None = attrs.field(default=None, repr=mask, metadata=personal(FREE_TEXT))
    """Why a person closed it, where one did."""


@attrs.frozen(kw_only=True)
class Finding:
    """Something wrong with a zone, a device, a person or a record.

    Raised by a judged answer, an estate rule, a policy or an analysis. Its id is made of what it is about,
    so judging the same thing twice gives the same finding.
    """

    id: str
    branch: str | None
    """The branch it belongs to; ``None`` for one about a unit above the branches."""
    place: tuple[Ref, ...]
    """The exact place, from the branch down: ``(branch:B-0417, equipment:ATM-1)``."""
    severity: Severity
    message: Text
    """What is wrong, in the catalog's words."""
    rules: tuple[str, ...] = ()
    """Qualified ids of the rules that are not kept."""
    item: str | None = None
    """The checklist item, as ``checklist/item``, where one was judged."""
    sheet: str | None = None
    """The sheet that showed it, where one did."""
    at: dt.datetime | None = None
    """When it was seen; ``None`` for a rule that judges a state and not a moment."""
    state: FindingState = FindingState.OPEN
    closure: Closure | None = None

    @property
    def where(self) -> Ref:
        """The innermost place: the device, the person, the row."""
        return self.place[-1]
