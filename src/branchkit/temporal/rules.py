"""What hours are made of: rules for the week and dated exceptions, and when they contradict each other."""

from __future__ import annotations

import datetime as dt
import enum
import itertools
from collections.abc import Iterator

import attrs

from branchkit.errors import Problem
from branchkit.temporal.calendar import WEEKDAYS
from branchkit.temporal.intervals import Interval
from branchkit.values import Text, is_identifier

__all__ = ["DAY_KEYS", "DAY_TYPES", "HoursEffect", "HoursException", "HoursRule", "contradictions"]

DAY_TYPES = ("workday", "rest_day", "holiday", "makeup_day")
"""Kinds of day that only a calendar can tell; a holiday is a rest day too, a make-up day is a workday too."""
DAY_KEYS = (*WEEKDAYS, *DAY_TYPES)
"""Everything a rule may be for."""

_EITHER = "Expected either weekdays or workday/rest_day: a make-up Saturday would be under both"


class HoursEffect(enum.Enum):
    """What a dated exception does to the hours."""

    REPLACE = "replace"
    """Its intervals stand instead of whatever the week says for the days; none at all means closed."""
    SUBTRACT = "subtract"
    """Its intervals are closed, whatever else is open then."""


def _effect(value: HoursEffect | str) -> HoursEffect:
    return HoursEffect(value)


@attrs.frozen(kw_only=True)
class HoursRule:
    """The hours of some kinds of day, for one business line or for every line."""

    days: tuple[str, ...]
    """Weekdays (``mon`` to ``sun``) or day types (``workday``, ``rest_day``, ``holiday``, ``makeup_day``)."""
    intervals: tuple[Interval, ...]
    """In order, without overlap; none means closed."""
    line: str | None = None
    """The business line, as in ``corporate``; ``None`` for every line without a rule of its own."""


@attrs.frozen(kw_only=True)
class HoursException:
    """Other hours on dates; both ends included. An interval belongs to the date it opens on."""

    first: dt.date
    last: dt.date
    effect: HoursEffect = attrs.field(default=HoursEffect.REPLACE, converter=_effect)
    intervals: tuple[Interval, ...]
    line: str | None = None
    """The business line; ``None`` for every line."""
    reason: Text | None = None

    def covers(self, day: dt.date, line: str | None) -> bool:
        """Say whether it speaks of a line on a date."""
        return self.first <= day <= self.last and self.line in (None, line)


def contradictions(week: tuple[HoursRule, ...], exceptions: tuple[HoursException, ...]) -> Iterator[Problem]:
    """Yield everything in hours that has no one meaning, with its path."""
    seen: set[tuple[str | None, str]] = set()
    for index, rule in enumerate(week):
        path = f"$.week[{index}]"
        if not rule.days:
            yield Problem(f"{path}.days", f"Expected at least one of: {', '.join(DAY_KEYS)}")
        for place, key in enumerate(rule.days):
            if key not in DAY_KEYS:
                yield Problem(f"{path}.days[{place}]", f"Expected one of: {', '.join(DAY_KEYS)}")
            elif (rule.line, key) in seen:
                yield Problem(f"{path}.days[{place}]", f"Expected one rule for {key} and line, got a second one")
            seen.add((rule.line, key))
        yield from _line_and_order(rule, path)
    keys = {key for _, key in seen}
    if keys & set(WEEKDAYS) and keys & {"workday", "rest_day"}:
        yield Problem("$.week", _EITHER)
    for index, exception in enumerate(exceptions):
        path = f"$.exceptions[{index}]"
        if exception.last < exception.first:
            yield Problem(f"{path}.last", "Expected a day not before first")
        if exception.effect is HoursEffect.SUBTRACT and not exception.intervals:
            yield Problem(f"{path}.intervals", "Expected intervals to subtract; 00:00-24:00 closes the whole day")
        yield from _line_and_order(exception, path)
    yield from _ties(exceptions)


def _line_and_order(part: HoursRule | HoursException, path: str) -> Iterator[Problem]:
    if part.line is not None and not is_identifier(part.line):
        yield Problem(f"{path}.line", "Expected a code of 1 to 200 printable characters without spaces at its ends")
    for place, (earlier, later) in enumerate(itertools.pairwise(part.intervals), start=1):
        if later.opens < earlier.closes:
            yield Problem(f"{path}.intervals[{place}]", "Expected intervals in order and without overlap")


def _ties(exceptions: tuple[HoursException, ...]) -> Iterator[Problem]:
    """Yield the replacements that speak of the same date and line without either being the narrower one."""
    replacing = [(index, e) for index, e in enumerate(exceptions) if e.effect is HoursEffect.REPLACE]
    replacing.sort(key=lambda item: (item[1].first, item[0]))
    for place, (index, one) in enumerate(replacing):
        for other_index, other in replacing[place + 1 :]:
            if other.first > one.last:
                break
            if one.line != other.line and None not in (one.line, other.line):
                continue
            same = (one.first, one.last) == (other.first, other.last)
            nested = other.last <= one.last or other.first == one.first
            if (same and one.line == other.line) or not nested:
                low, high = sorted((index, other_index))
                yield Problem(
                    f"$.exceptions[{high}]",
                    f"Expected dates apart from, or within, those of $.exceptions[{low}], which replaces hours too",
                )
