"""When what lasts for a while ends: kept in the order of its ends, so that what is long over is not read again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from branchkit.escalation import QuietWindow
from branchkit.kit.floor import Change, Kind
from branchkit.temporal import Suspension

__all__ = ["ENDINGS", "QUIET", "Ending", "changes_of", "key_of", "owner_of"]

QUIET = "quiet"
"""Owns the ends of the quiet windows; those of suspensions belong to their branch."""
_NEVER = "9999"


@attrs.frozen(kw_only=True)
class Ending:
    """When one suspension or quiet window ends; it is named by that moment, so they stand in that order."""

    id: str
    of: str
    """The id of what ends."""
    owner: str | None
    """Where it is looked for; ``None`` once it ends at another moment."""


def owner_of(branch: str) -> str:
    """Return whose the ends of a branch's suspensions are."""
    return f"branch:{branch}"


def key_of(at: dt.datetime | None) -> str:
    """Return what the name of an end at a moment begins with; ``None`` is no end in sight, after every other one.

    >>> key_of(dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8)))), key_of(None)
    ('2026-03-02T01:00:00.000000', '9999')
    """
    return _NEVER if at is None else at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")


def changes_of(value: Suspension | QuietWindow, before: Suspension | QuietWindow | None = None) -> Iterator[Change]:
    """Yield what is written as something begins that will end, or as its end moves."""
    owner = owner_of(value.branch) if isinstance(value, Suspension) else QUIET
    name = f"{key_of(value.until)} {value.id}"
    if before is not None and before.until != value.until:
        old = f"{key_of(before.until)} {value.id}"
        yield Change("ending", old, Ending(id=old, of=value.id, owner=None))
    yield Change("ending", name, Ending(id=name, of=value.id, owner=owner))


ENDINGS = Kind("ending", Ending, ("owner",), lambda one: {"owner": one.owner})
