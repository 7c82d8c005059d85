"""Moments as people read them: by the branch's clock where its zone is known, always with the offset."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import attrs

from branchkit.errors import InputError, Problem
from branchkit.values import Unknown

__all__ = ["Clock"]


@attrs.frozen
class Clock:
    """The clock of a branch."""

    zone: ZoneInfo | None
    """``None`` where it is not known; moments then keep the offset they came with."""

    @classmethod
    def of(cls, time_zone: str | Unknown) -> Clock:
        """Read an IANA name; a name this machine does not know counts as not known."""
        if isinstance(time_zone, Unknown):
            return cls(None)
        try:
            return cls(ZoneInfo(time_zone))
        except (ZoneInfoNotFoundError, ValueError, OSError):
            return cls(None)

    def local(self, at: dt.datetime) -> dt.datetime:
        """Return the moment by this clock.

        Raises:
            InputError: The moment has no zone, so nobody can say when it was.
        """
        if at.utcoffset() is None:
            raise InputError("html.branch-report", (Problem("$.at", "Expected moments with a zone"),))
        return at if self.zone is None else at.astimezone(self.zone)

    def day(self, at: dt.datetime) -> str:
        """Write the date.

        >>> Clock.of("Asia/Shanghai").day(dt.datetime(2026, 3, 1, 23, tzinfo=dt.UTC))
        '2026-03-02'
        """
        return self.local(at).date().isoformat()

    def minute(self, at: dt.datetime) -> str:
        """Write date and time with the offset.

        >>> Clock.of(Unknown()).minute(dt.datetime(2026, 3, 1, 23, 5, tzinfo=dt.UTC))
        '2026-03-01 23:05 +00:00'
        """
        text = self.local(at).isoformat(sep=" ", timespec="minutes")
        return f"{text[:16]} {text[16:]}"
