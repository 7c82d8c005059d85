"""Reads days and moments as sources write them, by the clock of a zone where they name none."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import attrs

from branchkit.errors import InputError, Problem
from branchkit.plugins import ImportContext

__all__ = ["ORDERS", "Clockwork"]

ORDERS = ("dmy", "mdy")
"""The orders of day, month and year in dates that begin with another part than the year."""

_ISO = re.compile(
    r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})"
    r"(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:[.,][0-9]{1,9})?)?)?\s*(Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_OTHER = re.compile(
    r"([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4}|[0-9]{2})(?:[T ]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?)?()"
)
_YEARS = range(1971, 2190)


@attrs.frozen
class Clockwork:
    """The zone of moments without one, and the order of day and month.

    >>> Clockwork("Asia/Shanghai").moment("29/2/2016 01:16").isoformat()
    '2016-02-29T01:16:00+08:00'
    >>> Clockwork(order="mdy").moment("04/01/25").isoformat(), Clockwork().moment("31/2/2016") is None
    ('2025-04-01T00:00:00+00:00', True)
    """

    zone: str = "UTC"
    order: str = ORDERS[0]
    _info: dt.tzinfo = attrs.field(
        init=False, repr=False, eq=False, default=attrs.Factory(lambda self: _zone(self.zone), takes_self=True)
    )

    @classmethod
    def of(cls, context: ImportContext, *, order: str = ORDERS[0]) -> Clockwork:
        """Read the options ``zone`` and ``dates``; raises `InputError` where one names nothing."""
        order = context.options.get("dates", order)
        if order not in ORDERS:
            raise InputError("options", (Problem("$.options.dates", f"Expected one of: {', '.join(ORDERS)}"),))
        try:
            return cls(context.options.get("zone", "UTC"), order)
        except (ValueError, OSError, KeyError):
            what = "Expected a zone as in Asia/Shanghai or UTC"
            raise InputError("options", (Problem("$.options.zone", what),)) from None

    def moment(self, text: str) -> dt.datetime | None:
        """Return the moment with its offset fixed, midnight where only a day is given; ``None`` where it is none."""
        if match := _OTHER.fullmatch(text):
            first, second, year, hour, minute, offset = match.group(1, 2, 3, 4, 5, 7)
            day, month = (first, second) if self.order == "dmy" else (second, first)
            year = year if len(year) == 4 else f"20{year}"
        elif match := _ISO.fullmatch(text):
            year, month, day, hour, minute, offset = match.group(1, 2, 3, 4, 5, 7)
        else:
            return None
        if int(year) not in _YEARS:
            return None
        try:
            found = dt.datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(match.group(6) or 0),
                tzinfo=self._info,
            )  # fmt: skip
            if offset:
                return dt.datetime.fromisoformat(f"{found:%Y-%m-%dT%H:%M:%S}{offset}")
        except ValueError:
            return None
        if self._info is dt.UTC:
            return found
        # The offset of that moment is kept, so that the journal does not depend on a later edition of the zones.
        return dt.datetime.fromisoformat(found.isoformat())


def _zone(name: str) -> dt.tzinfo:
    return dt.UTC if name == "UTC" else ZoneInfo(name)
