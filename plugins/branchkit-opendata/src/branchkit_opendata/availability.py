"""Reads the hours of a branch from Open Banking's ``Availability``, or says why they stay unknown.

By the standard a weekday that is missing is a closed day and times are local. Live data writes times as ``09:00``, the
standard's own examples as ``09:00:00+0000``; both mean nine o'clock at the branch. Nothing else is read into the data:
what has no one meaning, as ``00:00-00:00`` does not, leaves the hours unknown, is told, and is kept as written.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

from branchkit.codec import child
from branchkit.temporal import WEEKDAYS, Hours, HoursException, HoursRule, Interval
from branchkit.values import Text, Unknown
from branchkit_opendata.desk import Desk
from branchkit_opendata.openbanking import NOT_SAID
from branchkit_opendata.plain import items, one_text

__all__ = ["read_hours"]

_NAMES = {
    name: code
    for code, names in zip(
        WEEKDAYS, ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"), strict=True
    )
    for name in (names, code)
}
_TIME = re.compile(r"([0-9][0-9]:[0-9][0-9](?::[0-9][0-9])?)(?:\.[0-9]{1,9})?(Z|[+-][0-9][0-9]:?[0-9][0-9])?")
_NO_OFFSET = re.compile(r"Z|[+-]00:?00")
_DATE = re.compile(r"([0-9]{4}-[0-9][0-9]-[0-9][0-9])(T.*)?")
_YEARS = range(1900, 9990)
_LONGEST = 400
"""The days that one dated exception may span before it is taken for a mistake."""

_Days = dict[str, tuple[Interval, ...]]


class _NoMeaningError(ValueError):
    """The hours cannot be read; carries the place and why."""

    def __init__(self, path: str, why: str) -> None:
        super().__init__(why)
        self.path = path
        self.why = why


def read_hours(data: object, path: str, desk: Desk) -> Hours | Unknown:
    """Return the hours; unknown, and told with the place, where the source says nothing or nothing with one meaning.

    >>> data = {"StandardAvailability": {"Day": [{"Name": "Wednesday", "OpeningHours": [
    ...     {"OpeningTime": "13:00:00+0000", "ClosingTime": "15:00:00+0000"}]}]}}
    >>> read_hours(data, "$", Desk("stop.json")).week[2].intervals
    (Interval(opens=46800, closes=54000),)
    """
    if data is None:
        return Unknown(NOT_SAID)
    try:
        hours = _hours(data, path, desk)
    except _NoMeaningError as error:
        desk.odd(error.path, f"{error.why}; the hours stay unknown and are kept as written")
        return Unknown(error.why)
    for problem in hours.validate():
        desk.odd(path, f"{problem.message}; the hours stay unknown and are kept as written")
        return Unknown(problem.message)
    return hours


def _hours(data: object, path: str, desk: Desk) -> Hours:
    if not isinstance(data, dict):
        raise _NoMeaningError(path, "Expected an object with StandardAvailability")
    standard, where = data.get("StandardAvailability"), child(path, "StandardAvailability")
    if not isinstance(standard, dict) or standard.get("Day") is None:
        raise _NoMeaningError(where, "Expected an object with the days of the week under Day")
    days = _days(standard["Day"], child(where, "Day"), desk)
    week = tuple(HoursRule(days=(day,), intervals=days.get(day, ())) for day in WEEKDAYS)
    dated = data.get("NonStandardAvailability")
    exceptions = [
        exception
        for index, item in enumerate(items(dated))
        for exception in _exceptions(item, child(path, "NonStandardAvailability", index), desk)
    ]
    return Hours(week=week, exceptions=tuple(exceptions))


def _days(data: object, path: str, desk: Desk) -> _Days:
    found: dict[str, list[Interval]] = {}
    for index, item in enumerate(items(data)):
        where = child(path, index) if isinstance(data, list) else path
        name = item.get("Name") if isinstance(item, dict) else None
        day = _NAMES.get(name.strip().lower()) if isinstance(name, str) else None
        if not isinstance(item, dict) or day is None:
            raise _NoMeaningError(child(where, "Name"), "Expected the English name of a weekday")
        spans = found.setdefault(day, [])
        opening = item.get("OpeningHours")
        if opening is None:
            raise _NoMeaningError(child(where, "OpeningHours"), "Lists a day without its opening hours")
        for place, span in enumerate(items(opening)):
            at = child(where, "OpeningHours", place) if isinstance(opening, list) else child(where, "OpeningHours")
            interval = _interval(span, at, desk)
            if interval in spans:
                desk.odd(at, "States the same hours of a day twice; they are taken once")
            else:
                spans.append(interval)
    return {day: tuple(sorted(spans)) for day, spans in found.items()}


def _interval(span: object, path: str, desk: Desk) -> Interval:
    opens, closes = (
        _clock(span.get(name) if isinstance(span, dict) else None, child(path, name), desk)
        for name in ("OpeningTime", "ClosingTime")
    )
    if opens == closes:
        why = f"{opens} to {closes} may mean all day or closed"
        raise _NoMeaningError(path, why)
    try:
        return Interval.between(opens, closes)
    except ValueError as error:
        raise _NoMeaningError(path, str(error)) from None


def _clock(value: object, path: str, desk: Desk) -> str:
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise _NoMeaningError(path, "Expected a time of day as in 09:00")
    if match[2] is not None:
        if not _NO_OFFSET.fullmatch(match[2]):
            raise _NoMeaningError(path, "Expected a local time, got one with an offset from UTC")
        desk.odd(path, "Writes a zero offset, as the standard's examples do; the time is read as local time")
    return match[1].removesuffix(":00") if match[1].count(":") == 2 else match[1]


def _exceptions(item: object, path: str, desk: Desk) -> Iterator[HoursException]:
    if not isinstance(item, dict):
        raise _NoMeaningError(path, "Expected an object with FromDate and ToDate")
    first = _date(item, ("FromDate", "StartDate"), path)
    last = _date(item, ("ToDate", "EndDate"), path) if _says(item, ("ToDate", "EndDate")) else first
    if not 0 <= (last - first).days < _LONGEST:
        raise _NoMeaningError(path, f"Expected a last date from the first date on and within {_LONGEST} days of it")
    days: _Days = {}
    if item.get("Day") is None:
        desk.odd(path, "Lists no days for its dates; they are closed, as missing days of the week are")
    else:
        days = _days(item["Day"], child(path, "Day"), desk)
    name = one_text(item.get("Name"))
    reason = None if name is None else Text(en=name)
    start, same = first, days.get(WEEKDAYS[first.weekday()], ())
    for offset in range(1, (last - first).days + 2):
        day = first + dt.timedelta(days=offset)
        intervals = days.get(WEEKDAYS[day.weekday()], ())
        if day > last or intervals != same:
            yield HoursException(first=start, last=day - dt.timedelta(days=1), intervals=same, reason=reason)
            start, same = day, intervals


def _says(item: dict[str, Any], names: tuple[str, str]) -> bool:
    return any(item.get(name) is not None for name in names)


def _date(item: dict[str, Any], names: tuple[str, str], path: str) -> dt.date:
    name = next((name for name in names if item.get(name) is not None), names[0])
    value = item.get(name)
    match = _DATE.fullmatch(value.strip()) if isinstance(value, str) else None
    try:
        day = dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise _NoMeaningError(child(path, name), "Expected a date as in 2026-12-25")
    return day
