"""What a cycle looks at beside the days themselves: the branch's clock, hours, calendar, the secret, the past."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo

import attrs

from branchkit.errors import ConfigError
from branchkit.temporal.calendar import Calendar
from branchkit.temporal.hours import Hours

__all__ = ["DAYS_ON", "Around", "Need", "On", "needs_of"]

Need = Literal["zone", "hours", "calendar", "seed", "done"]
On = Literal["every_day", "workday", "rest_day", "open_day"]
DAYS_ON: tuple[On, ...] = ("every_day", "workday", "rest_day", "open_day")
"""The days a cycle may be limited to; the branch's hours say what an open day is, a calendar the others."""

_NEEDS: dict[On, frozenset[Need]] = {
    "every_day": frozenset(),
    "workday": frozenset({"calendar"}),
    "rest_day": frozenset({"calendar"}),
    "open_day": frozenset({"hours", "zone"}),
}


def needs_of(on: On) -> frozenset[Need]:
    """Return what has to be known to tell such days."""
    return _NEEDS[on]


@attrs.frozen(kw_only=True)
class Around:
    """What is known around a cycle; each part is needed by some cycles only.

    >>> Around().lacks(frozenset({"calendar", "seed"}))
    ('calendar', 'seed')
    """

    zone: ZoneInfo | None = None
    hours: Hours | None = None
    calendar: Calendar | None = None
    seed: bytes | None = attrs.field(default=None, repr=False)
    """The secret that random days are drawn by."""
    told: Mapping[str, bytes] = attrs.field(factory=dict, repr=False)
    """The seeds of periods that were told, by the name of the period; they need no secret."""
    label: str = ""
    """What the days are for: other labels draw other random days from the same secret."""
    done: tuple[dt.date, ...] = ()
    """The days on which it was done, in order; empty where that is not known."""

    def lacks(self, needs: frozenset[Need]) -> tuple[Need, ...]:
        """Return what of this is not known, sorted."""
        wanted = set(needs)
        if "hours" in wanted and self.hours is not None and self.hours.needs_calendar:
            wanted.add("calendar")
        return tuple(sorted(name for name in wanted if not (self.done if name == "done" else self._known(name))))

    def _known(self, name: Need) -> bool:
        return getattr(self, name) is not None or (name == "seed" and bool(self.told))

    def counts(self, day: dt.date, on: On) -> bool:
        """Say whether a day is one of those.

        Raises:
            CalendarUnknown: The day lies outside what the calendar has confirmed.
            ConfigError: What tells such days is not given.
        """
        if on == "every_day":
            return True
        if on == "open_day":
            return bool(self.opening(day))
        return self.days_off().is_working(day) is (on == "workday")

    def days_off(self) -> Calendar:
        """Return the calendar; raises `ConfigError` where there is none."""
        if self.calendar is None:
            raise ConfigError("calendar", "Expected a calendar of working days")
        return self.calendar

    def clock(self) -> ZoneInfo:
        """Return the time zone; raises `ConfigError` where there is none."""
        if self.zone is None:
            raise ConfigError("zone", "Expected a time zone")
        return self.zone

    def opening(self, day: dt.date) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
        """Return the spans that open on a day; raises as `Hours.of_day`, and `ConfigError` where hours are missing."""
        if self.hours is None:
            raise ConfigError("hours", "Expected opening hours")
        return self.hours.of_day(day, self.clock(), self.calendar)
