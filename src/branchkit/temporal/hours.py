"""When a branch is open: per business line and kind of day, with dated exceptions, right in every zone."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import attrs

from branchkit.errors import ConfigError, InputError, NotFound, Problem
from branchkit.temporal.calendar import WEEKDAYS, Calendar
from branchkit.temporal.intervals import DAY_SECONDS, Interval
from branchkit.temporal.rules import DAY_TYPES, HoursEffect, HoursException, HoursRule, contradictions
from branchkit.temporal.spans import merge, subtract
from branchkit.temporal.worktime import HORIZON, Worktime
from branchkit.temporal.zones import closing_moment, local, opening_moment, utc, within

__all__ = ["HORIZON", "Hours"]

_TICK = dt.timedelta(microseconds=1)
_DAY = dt.timedelta(days=1)
_WEEK_SECONDS = 7 * DAY_SECONDS
_REMEMBERED = 16
"""For how many zones, calendars and lines hours remember what they looked up."""
_Span = tuple[dt.datetime, dt.datetime]


@attrs.frozen(kw_only=True)
class Hours:
    """The opening hours of a branch or a counter, by its local clock.

    Which hours a date has, strongest first:

    1. the exception that replaces hours there: the one with fewer dates, then the line's own;
    2. the rule for ``holiday`` or ``makeup_day``, if the calendar says the date is one;
    3. the rule for its weekday, or for ``workday`` or ``rest_day`` (hours use one of the two ways, never both);
    4. nothing: a day without a rule is closed.

    In 2 and 3 a line's own rule comes before the rule for every line. Exceptions that subtract are taken off in the
    end, together with what reaches past midnight into them. What contradicts itself is refused, never ranked.

    Asked without a line, the branch is open while any line is. Moments come back by the local clock of the zone, with
    their offset fixed, so that their differences are elapsed time; durations are elapsed time as well: a night in
    which the clock jumps is an hour shorter or longer. Opening moments are included, closing moments are not.

    >>> hours = Hours.from_week({"mon tue wed thu fri": "09:00-12:00, 13:00-17:30", "sat": "09:00-13:00"})
    >>> zone = ZoneInfo("Asia/Shanghai")
    >>> lunch = dt.datetime(2026, 3, 2, 12, tzinfo=zone)
    >>> hours.is_open(lunch, zone), hours.next_open(lunch, zone).isoformat(), hours.weekly_minutes()
    (False, '2026-03-02T13:00:00+08:00', 2490)
    """

    week: tuple[HoursRule, ...] = ()
    exceptions: tuple[HoursException, ...] = ()

    @classmethod
    def from_week(cls, week: Mapping[str, str], *, line: str | None = None) -> Hours:
        """Build hours from day keys and intervals as people write them; an empty text is closed.

        Raises:
            InputError: A day or an interval cannot be read, or the rules contradict each other.

        >>> Hours.from_week({"workday": "09:00-17:30", "rest_day": "09:30-16:00"}).weekly_minutes()
        3330
        """
        rules, problems = [], []
        for days, text in week.items():
            try:
                intervals = tuple(Interval.parse(part) for part in text.split(",") if text.strip())
            except ValueError as error:
                problems.append(Problem(f"$[{days!r}]", str(error)))
            else:
                rules.append(HoursRule(days=tuple(days.split()), intervals=intervals, line=line))
        hours = cls(week=tuple(rules))
        if problems := [*problems, *hours.validate()]:
            raise InputError("hours", tuple(problems))
        return hours

    def validate(self) -> Iterator[Problem]:
        """Yield what has no one meaning, with its path."""
        yield from contradictions(self.week, self.exceptions)

    @property
    def needs_calendar(self) -> bool:
        """Whether a rule is for a day type, so that only with a calendar can anything be said."""
        return any(key in DAY_TYPES for _, key in self._rules)

    @functools.cached_property
    def lines(self) -> tuple[str, ...]:
        """The business lines that are named, sorted."""
        named = {rule.line for rule in self.week} | {exception.line for exception in self.exceptions}
        return tuple(sorted(line for line in named if line is not None))

    @functools.cached_property
    def _rules(self) -> dict[tuple[str | None, str], tuple[Interval, ...]]:
        """The intervals by line and day key; refuses hours that contradict themselves."""
        if problems := tuple(self.validate()):
            raise InputError("hours", problems)
        return {(rule.line, key): rule.intervals for rule in self.week for key in rule.days}

    @functools.cached_property
    def _reach(self) -> int:
        """How many seconds after its midnight a day's hours may end at the latest."""
        sets = [*(rule.intervals for rule in self.week), *(e.intervals for e in self._replacements)]
        return max((DAY_SECONDS, *(interval.closes for intervals in sets for interval in intervals)))

    @functools.cached_property
    def _replacements(self) -> tuple[HoursException, ...]:
        """The exceptions that replace, the one that wins first."""
        replacing = (e for e in self.exceptions if e.effect is HoursEffect.REPLACE)
        return tuple(sorted(replacing, key=lambda e: (e.last - e.first, e.line is None)))

    @functools.cached_property
    def _worktimes(
        self,
    ) -> dict[tuple[ZoneInfo, int, str | None, int], tuple[tuple[Calendar | None, Calendar | None], Worktime]]:
        """The arithmetic by zone, calendar, line and the calendar of the days that count."""
        return {}

    @functools.cached_property
    def _closures(self) -> tuple[HoursException, ...]:
        return tuple(e for e in self.exceptions if e.effect is HoursEffect.SUBTRACT)

    def tells(self, line: str) -> bool:
        """Say whether a rule speaks of a business line: one of its own, or one for every line.

        >>> hours = Hours.from_week({"mon": "09:00-12:00"}, line="corporate")
        >>> hours.tells("corporate"), hours.tells("personal"), Hours.from_week({"mon": "09:00-12:00"}).tells("personal")
        (True, False, True)
        """
        return not self.lines or line in self.lines or self._is_common

    @functools.cached_property
    def _is_common(self) -> bool:
        return any(of is None for of, _ in self._rules)

    def _asked(self, line: str | None) -> tuple[str | None, ...]:
        """Return the lines whose hours together answer for the line asked."""
        if line is None:
            return (None, *self.lines) if self._is_common or not self.lines else self.lines
        if not self.tells(line):
            raise NotFound("business line", line, self.lines)
        return (line,)

    def is_open(
        self, at: dt.datetime, zone: ZoneInfo, calendar: Calendar | None = None, line: str | None = None
    ) -> bool:
        """Say whether it is open at a moment; at the closing moment it no longer is.

        Raises:
            CalendarUnknown: The day lies outside what the calendar has confirmed.
            ConfigError: A rule is for a day type and no calendar is given.
            InputError: The moment has no zone, or the hours contradict themselves.
            NotFound: No rule speaks of this line.
        """
        moment = utc(at)
        return any(True for _ in self._pieces(moment, moment + _TICK, zone, calendar, line))

    def open_spans(
        self,
        first_day: dt.date,
        last_day: dt.date,
        zone: ZoneInfo,
        calendar: Calendar | None = None,
        line: str | None = None,
    ) -> Iterator[tuple[dt.datetime, dt.datetime]]:
        """Yield when it is open, from the midnight before the first day to the one after the last, both by its clock.

        Spans come in order, neither overlap nor touch, and include what reaches in from the day before. Raises as
        `is_open`.

        >>> hours, monday = Hours.from_week({"mon": "09:00-12:00, 13:00-17:00"}), dt.date(2026, 3, 2)
        >>> [f"{a:%H:%M}-{b:%H:%M}" for a, b in hours.open_spans(monday, monday, ZoneInfo("Europe/London"))]
        ['09:00-12:00', '13:00-17:00']
        """
        start, end = opening_moment(within(first_day), 0, zone), opening_moment(within(last_day) + _DAY, 0, zone)
        held: _Span | None = None
        for piece in self._pieces(start, end, zone, calendar, line):
            if held is not None and held[1] == piece[0]:
                held = (held[0], piece[1])
                continue
            if held is not None:
                yield local(held[0], zone), local(held[1], zone)
            held = piece
        if held is not None:
            yield local(held[0], zone), local(held[1], zone)

    def of_day(
        self, day: dt.date, zone: ZoneInfo, calendar: Calendar | None = None, line: str | None = None
    ) -> tuple[tuple[dt.datetime, dt.datetime], ...]:
        """Return the spans that open on a date, also where they reach into the next one; none where it stays closed.

        Unlike `open_spans` it leaves out what reaches in from the day before. Raises as `is_open`.

        >>> night = Hours.from_week({"fri": "22:00-02:00"})
        >>> spans = night.of_day(dt.date(2026, 3, 6), ZoneInfo("Asia/Shanghai"))
        >>> [f"{a:%a %H:%M} to {b:%a %H:%M}" for a, b in spans]
        ['Fri 22:00 to Sat 02:00']
        """
        lines = self._asked(line)
        self._refuse_without(calendar)
        spans = merge(span for one in lines for span in self._day_spans(within(day), zone, calendar, one))
        return tuple((local(start, zone), local(end, zone)) for start, end in spans)

    def next_open(
        self, at: dt.datetime, zone: ZoneInfo, calendar: Calendar | None = None, line: str | None = None
    ) -> dt.datetime | None:
        """Return the first open moment from ``at`` on, which is ``at`` when it is open; ``None`` if none in 400 days.

        Raises as `is_open`; also `CalendarUnknown` when the search leaves what the calendar has confirmed.
        """
        moment = utc(at)
        piece = next(self._pieces(moment, moment + HORIZON, zone, calendar, line), None)
        return None if piece is None else local(piece[0], zone)

    def open_until(
        self, at: dt.datetime, zone: ZoneInfo, calendar: Calendar | None = None, line: str | None = None
    ) -> dt.datetime | None:
        """Return when it closes; ``None`` if it is closed at ``at``, or does not close within 400 days.

        Raises as `next_open`.
        """
        moment = utc(at)
        end = moment
        for start, stop in self._pieces(moment, moment + HORIZON, zone, calendar, line):
            if start != end:
                break
            end = stop
            # Only what ends with its day can go on in the next one, whose calendar need not be known otherwise.
            if end != opening_moment(end.astimezone(zone).date(), 0, zone):
                break
        return None if end in (moment, moment + HORIZON) else local(end, zone)

    def add_open_time(
        self,
        start: dt.datetime,
        duration: dt.timedelta,
        zone: ZoneInfo,
        calendar: Calendar | None = None,
        line: str | None = None,
    ) -> dt.datetime:
        """Return the earliest moment by which this much open time has passed since the start.

        A budget that is used up exactly at closing ends at closing (17:30), not at the next opening; a budget of zero
        ends at the start, open or not.

        Raises:
            ConfigError: 400 days pass without any open time. Otherwise raises as `next_open`.

        >>> hours, zone = Hours.from_week({"mon tue wed thu fri": "09:00-17:30"}), ZoneInfo("Asia/Shanghai")
        >>> reported = dt.datetime(2026, 3, 2, 17, 20, tzinfo=zone)
        >>> hours.add_open_time(reported, dt.timedelta(minutes=30), zone).isoformat()
        '2026-03-03T09:20:00+08:00'
        """
        since = utc(start, "start")
        if not duration:
            return local(since, zone)
        return local(self.worktime(zone, calendar, line).add(since, duration), zone)

    def open_time_between(
        self,
        a: dt.datetime,
        b: dt.datetime,
        zone: ZoneInfo,
        calendar: Calendar | None = None,
        line: str | None = None,
    ) -> dt.timedelta:
        """Return how much open time passes from ``a`` to ``b``.

        Raises:
            InputError: ``b`` is before ``a``. Otherwise raises as `is_open`.
        """
        start, end = utc(a, "a"), utc(b, "b")
        if end < start:
            raise InputError("b", (Problem("$", "Expected a moment not before a"),))
        return self.worktime(zone, calendar, line).between(start, end)

    def worktime(
        self,
        zone: ZoneInfo,
        calendar: Calendar | None = None,
        line: str | None = None,
        *,
        working_days: Calendar | None = None,
    ) -> Worktime:
        """Return the arithmetic of open time, which remembers the days that it looked up; its moments are in UTC.

        With `working_days` only what opens on a working day of that calendar counts.

        Raises:
            ConfigError: A rule is for a day type and no calendar is given.
            InputError: The hours contradict themselves.
            NotFound: No rule speaks of this line.
        """
        # A calendar is told by its identity, since to compare two takes as long as to look up a year; it is kept
        # beside the arithmetic, so that no other one can take its place in memory.
        key = (zone, id(calendar), line, id(working_days))
        held = self._worktimes.get(key)
        if held is None:
            lines = self._asked(line)
            self._refuse_without(calendar)

            def day_spans(day: dt.date) -> list[_Span]:
                if working_days is not None and not working_days.is_working(day):
                    return []
                return [span for one in lines for span in self._day_spans(day, zone, calendar, one)]

            held = (calendar, working_days), Worktime(day_spans, zone, reach=self._reach)
            if len(self._worktimes) >= _REMEMBERED:
                self._worktimes.clear()
            self._worktimes[key] = held
        return held[1]

    def weekly_minutes(self, line: str | None = None) -> int:
        """Return the minutes by the clock of a plain week: no exceptions, no holidays, seconds dropped at the end.

        Where rules are by day type, the week has five workdays and two rest days.

        Raises:
            InputError: The hours contradict themselves.
            NotFound: No rule speaks of this line.
        """
        spans = []
        for number, weekday in enumerate(WEEKDAYS):
            keys = (weekday, "workday" if number < 5 else "rest_day")
            for one in self._asked(line):
                spans += [
                    (start + shift, end + shift)
                    for start, end in self._nominal(keys, one, number * DAY_SECONDS)
                    # What Sunday night holds past midnight is Monday's.
                    for shift in (0, -_WEEK_SECONDS)
                ]
        return sum(min(end, _WEEK_SECONDS) - max(start, 0) for start, end in merge(spans) if end > 0) // 60

    def _nominal(self, keys: tuple[str, ...], line: str | None, midnight: int) -> list[tuple[int, int]]:
        return [(midnight + i.opens, midnight + i.closes) for i in self._first_rule(keys, line)]

    def _first_rule(self, keys: tuple[str, ...], line: str | None) -> tuple[Interval, ...]:
        """Return the intervals of the first key that has a rule, the line's own before the one for every line."""
        for key in keys:
            for of in (line, None):
                if (of, key) in self._rules:
                    return self._rules[of, key]
        return ()

    def _intervals(self, day: dt.date, calendar: Calendar | None, line: str | None) -> tuple[Interval, ...]:
        """Return what a date has before anything is subtracted."""
        for exception in self._replacements:
            if exception.covers(day, line):
                return exception.intervals
        keys: tuple[str, ...] = (WEEKDAYS[day.weekday()],)
        if calendar is not None and self.needs_calendar:
            kind = calendar.day_type(day)
            dated = ("makeup_day",) if calendar.is_make_up(day) else ("holiday",) if kind == "holiday" else ()
            keys = (*dated, *keys, "workday" if kind == "workday" else "rest_day")
        return self._first_rule(keys, line)

    def _day_spans(self, day: dt.date, zone: ZoneInfo, calendar: Calendar | None, line: str | None) -> list[_Span]:
        """Return the spans, in UTC, that open on a date of one line."""
        open_ = [_resolve(day, interval, zone) for interval in self._intervals(day, calendar, line)]
        # Yesterday's closure may reach in past midnight, and tomorrow's may cut what reaches out.
        closed = [
            _resolve(near, interval, zone)
            for near in ((day - _DAY, day, day + _DAY) if open_ and self._closures else ())
            for exception in self._closures
            if exception.covers(near, line)
            for interval in exception.intervals
        ]
        return subtract(open_, closed)

    def _refuse_without(self, calendar: Calendar | None) -> None:
        if calendar is None and self.needs_calendar:
            raise ConfigError("hours", f"Expected a calendar: a rule is for one of {', '.join(DAY_TYPES)}")

    def _pieces(
        self, start: dt.datetime, until: dt.datetime, zone: ZoneInfo, calendar: Calendar | None, line: str | None
    ) -> Iterator[_Span]:
        """Yield the open time between two moments, in UTC and in order; pieces end with the day, so some touch.

        A date is looked up, and its calendar asked, only when its own hours may reach into the time asked for.
        """
        lines = self._asked(line)
        self._refuse_without(calendar)
        today = start.astimezone(zone).date()
        day, midnight, held = today - 2 * _DAY, _BEGINNING, list[_Span]()
        while midnight < until:
            if day > today or closing_moment(day, self._reach, zone) > start:
                held = merge([*held, *(span for one in lines for span in self._day_spans(day, zone, calendar, one))])
            day += _DAY
            midnight = opening_moment(day, 0, zone)
            yield from subtract(held, [(_BEGINNING, start), (min(midnight, until), _END)])
            held = subtract(held, [(_BEGINNING, midnight)])


_BEGINNING = dt.datetime.min.replace(tzinfo=dt.UTC)
_END = dt.datetime.max.replace(tzinfo=dt.UTC)


def _resolve(day: dt.date, interval: Interval, zone: ZoneInfo) -> _Span:
    return opening_moment(day, interval.opens, zone), closing_moment(day, interval.closes, zone)
