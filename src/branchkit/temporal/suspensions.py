"""When service is suspended: one statement that shortens the hours of a branch and pauses its clocks alike."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from zoneinfo import ZoneInfo

import attrs

from branchkit.temporal.hours import Hours
from branchkit.temporal.intervals import DAY_SECONDS, Interval
from branchkit.temporal.rules import HoursEffect, HoursException
from branchkit.temporal.spans import merge
from branchkit.temporal.worktime import Span
from branchkit.temporal.zones import local, utc
from branchkit.values import is_identifier, is_rule_id

__all__ = ["ALL_CLOCKS", "Suspension", "concerning", "hours_under", "spans_of"]

ALL_CLOCKS = "all"
"""Stands in `Suspension.pauses` for every clock that is not statutory."""

_DAY = dt.timedelta(days=1)
_ALL_DAY = Interval(0, DAY_SECONDS)
_LAST = dt.datetime(9989, 12, 30, tzinfo=dt.UTC)


@attrs.frozen(kw_only=True)
class Suspension:
    """A branch, or a zone of it, does not serve for a while: maintenance, a power cut, a flood.

    The hours are shorter by it, and the clocks that it names are paused. Time that is out of hours anyway, or paused
    for another reason too, is left out once: what counts is the union.

    >>> tuesday = dt.datetime(2026, 3, 3, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
    >>> service = Suspension(
    ...     id="SUS-7", branch="B-0417", since=tuesday, until=tuesday + dt.timedelta(hours=2), reason="maintenance"
    ... )
    >>> hours = hours_under(Hours.from_week({"tue": "08:30-16:30"}), [service], ZoneInfo("Asia/Shanghai"))
    >>> [f"{a:%H:%M}-{b:%H:%M}" for a, b in hours.of_day(tuesday.date(), ZoneInfo("Asia/Shanghai"))]
    ['08:30-09:00', '11:00-16:30']
    """

    id: str
    branch: str
    since: dt.datetime
    until: dt.datetime | None = None
    """When service goes on; ``None`` as long as nobody knows."""
    reason: str
    """A code, as in ``maintenance`` or ``power_cut``."""
    zone: str | None = None
    """The zone of the branch that does not serve; ``None`` for the whole branch."""
    pauses: frozenset[str] = frozenset({ALL_CLOCKS})
    """Ids of the clocks that are paused, or ``all``; a statutory clock only where its own id is named."""
    serves: bool = False
    """True where service goes on: nothing is paused and the hours stay, and what is late meanwhile is told with it."""
    rules: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        if not all(map(is_identifier, (self.id, self.branch, self.reason))):
            raise ValueError(
                "Expected `id`, `branch` and `reason` of 1 to 200 printable characters without outer spaces"
            )
        if self.since.utcoffset() is None or (self.until is not None and self.until.utcoffset() is None):
            raise ValueError("Expected moments with their zone, as in 2026-03-01T09:00:00+08:00")
        if self.until is not None and utc(self.until) <= utc(self.since):
            raise ValueError("Expected `until` after `since`")
        if not all(map(is_rule_id, self.rules)):
            raise ValueError("Expected qualified ids of rules, as in estate:RUR-15")

    def is_on(self, at: dt.datetime) -> bool:
        """Say whether service is suspended at a moment; at `until` it goes on."""
        return utc(self.since) <= utc(at) and (self.until is None or utc(at) < utc(self.until))

    def stops(self, clock: str, *, statutory: bool = False) -> bool:
        """Say whether it pauses a clock."""
        return not self.serves and (clock in self.pauses or (ALL_CLOCKS in self.pauses and not statutory))

    def span(self, at: dt.datetime) -> Span | None:
        """Return from when till when, in UTC, as far as it is known at a moment.

        One without an end is taken to end at the moment it is looked at: a deadline that waits for it is told as if
        service went on now. ``None`` where it would not have begun by then.
        """
        since = utc(self.since)
        if self.until is not None:
            return since, utc(self.until)
        return (since, utc(at)) if since < utc(at) else None


def concerning(suspensions: Iterable[Suspension], branch: str, zone: str | None = None) -> tuple[Suspension, ...]:
    """Return those of a whole branch and, if a zone is given, of that zone, in the order given."""
    return tuple(one for one in suspensions if one.branch == branch and one.zone in (None, zone))


def spans_of(
    suspensions: Iterable[Suspension], at: dt.datetime, *, clock: str | None = None, statutory: bool = False
) -> tuple[Span, ...]:
    """Return when service is suspended, as known at a moment: sorted, in UTC, what overlaps told once.

    With a clock, only the suspensions that pause it.
    """
    chosen = (
        one for one in suspensions if (not one.serves if clock is None else one.stops(clock, statutory=statutory))
    )
    return tuple(merge(span for one in chosen if (span := one.span(at)) is not None))


def hours_under(hours: Hours, suspensions: Iterable[Suspension], zone: ZoneInfo) -> Hours:
    """Return the hours that are left under suspensions, as exceptions that subtract; give those of one place.

    Hours go by the clock on the wall, to the second: a suspension that begins or ends within an hour that the clock
    shows twice closes it both times. A suspension without an end closes for good.

    Args:
        hours: the hours without suspensions.
        suspensions: those of the place, as `concerning` finds them.
        zone: the time zone of the branch.
    """
    told = (one for one in suspensions if not one.serves)
    spans = merge((utc(one.since), _LAST if one.until is None else utc(one.until)) for one in told)
    cuts = tuple(cut for span in spans for cut in _cuts(*span, zone))
    return attrs.evolve(hours, exceptions=(*hours.exceptions, *cuts)) if cuts else hours


def _cuts(since: dt.datetime, until: dt.datetime, zone: ZoneInfo) -> Iterator[HoursException]:
    """Yield the exceptions of a first, the middle and a last day; seconds are widened to whole ones."""
    start, end = local(since, zone), local(until, zone)
    opens, closes = _seconds(start), _seconds(end) + (end.microsecond > 0)
    if start.date() == end.date():
        yield _cut(start.date(), Interval(min(opens, closes), max(opens + 1, closes)))
        return
    yield _cut(start.date(), Interval(opens, DAY_SECONDS))
    if (end.date() - start.date()).days > 1:
        yield _cut(start.date() + _DAY, _ALL_DAY, end.date() - _DAY)
    if closes:
        yield _cut(end.date(), Interval(0, closes))


def _seconds(at: dt.datetime) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second


def _cut(first: dt.date, interval: Interval, last: dt.date | None = None) -> HoursException:
    return HoursException(first=first, last=last or first, effect=HoursEffect.SUBTRACT, intervals=(interval,))
