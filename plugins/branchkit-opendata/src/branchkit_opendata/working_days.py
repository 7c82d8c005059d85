"""The importer ``state-council-calendar``: China's days off and make-up working days, as announced.

The source writes one file a year: ``{year, papers, days}``, each day with its name, its date and whether it is off. The
year of a notice is not the year of every date in it, so all years given become one calendar. A year whose notice is not
out yet has no days and is not confirmed.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Any

import attrs

from branchkit.codec import child, digest, parse_json
from branchkit.errors import InputError, Problem
from branchkit.estate import PublishCalendar
from branchkit.messages import Command
from branchkit.plugins import ImportContext, SourceFile
from branchkit.temporal import Calendar, CalendarDay
from branchkit.values import Text, is_identifier
from branchkit_opendata.desk import Desk, Numbering, actor, checked_options, progress, tell
from branchkit_opendata.plain import one_text, texts

__all__ = ["CALENDAR", "FORMAT", "bundled", "read", "read_calendar"]

FORMAT = "state-council-calendar"
CALENDAR = "cn"
"""The id of the calendar where the option ``calendar`` names no other."""

_TITLE = Text(zh="国务院办公厅公布的工作日", en="Working days announced by China's State Council")
_DATE = re.compile(r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]")
_YEARS = range(1949, 2200)
_WEEKEND = (5, 6)
_KNOWN = {"year", "papers", "days", "$schema", "$id"}
_BUNDLED = "cn-state-council-2015-2026.json"


@attrs.frozen
class _Listed:
    desk: Desk
    path: str
    day: CalendarDay


def read(context: ImportContext) -> Iterator[Command]:
    """Yield one command that publishes the calendar of all years given; option ``calendar`` names it (``cn``).

    Raises:
        InputError: A file is no such year or list of years, years contradict each other, or one between them is
            missing.
    """
    checked_options(context, FORMAT, ("calendar",))
    name = context.options.get("calendar", CALENDAR)
    if not is_identifier(name):
        raise InputError(FORMAT, (Problem("$.options.calendar", "Expected an id without spaces at its ends"),))
    desks = [Desk(file.name) for file in context.files]
    calendar = read_calendar(context.files, id=name, desks=desks)
    tell(context, desks)
    command = PublishCalendar(calendar, by=actor(FORMAT), at=context.at)
    yield Numbering(FORMAT).number(command, name)
    progress(context, 1, 1)


def bundled() -> Calendar:
    """Return the calendar of the years that the package carries, 2015 to 2026."""
    data = files("branchkit_opendata").joinpath("data", _BUNDLED).read_bytes()
    return read_calendar((SourceFile(_BUNDLED, data=data),))


def read_calendar(
    sources: Sequence[SourceFile], *, id: str = CALENDAR, desks: Sequence[Desk] | None = None
) -> Calendar:
    """Return one calendar of all years in some files, confirmed from the first through the last of them.

    A date in no list follows its weekday. The notice of the year after the last may still move days at its end.

    Args:
        sources: Files of one year, or of a list of years.
        id: What the calendar is called.
        desks: Where the notices about each file go.

    Raises:
        InputError: As `read`.
    """
    desks = desks or [Desk(source.name) for source in sources]
    years: dict[int, tuple[Desk, str]] = {}
    listed: dict[dt.date, _Listed] = {}
    for source, desk in zip(sources, desks, strict=True):
        document = parse_json(source.data, source=source.name)
        many = isinstance(document, list)
        for index, item in enumerate(document if many else [document]):
            _read_year(item, child("$", index) if many else "$", desk, years, listed)
        desk.settle()
    if not years:
        what = "Expected at least one year with days; a year without any is not announced yet"
        raise InputError(sources[0].name, (Problem("$", what),))
    missing = [str(year) for year in range(min(years), max(years)) if year not in years]
    if missing:
        what = f"Expected every year between the first and the last; missing: {', '.join(missing)}"
        raise InputError(sources[0].name, (Problem("$", what),))
    days = tuple(listed[date].day for date in sorted(listed))
    span = f"{min(years)}-{max(years)}" if len(years) > 1 else str(min(years))
    content = digest([[str(day.date), day.working] for day in days]).removeprefix("sha256:")[:8]
    return Calendar(
        id,
        version=f"{span}.{content}",
        title=_TITLE,
        confirmed_from=dt.date(min(years), 1, 1),
        confirmed_through=dt.date(max(years), 12, 31),
        days=days,
    )


def _read_year(
    item: object, path: str, desk: Desk, years: dict[int, tuple[Desk, str]], listed: dict[dt.date, _Listed]
) -> None:
    if not isinstance(item, dict) or not isinstance(item.get("days"), list):
        desk.wrong(path, "Expected a year, an object with year, papers and days")
        return
    year = item.get("year")
    if isinstance(year, bool) or not isinstance(year, int) or year not in _YEARS:
        desk.wrong(child(path, "year"), f"Expected a year from {_YEARS[0]} to {_YEARS[-1]}, a whole number")
        return
    for name in item:
        if name not in _KNOWN:
            desk.odd(child(path, name), "Has a meaning this importer does not know; it is left")
    papers = texts(item.get("papers"))
    if papers is None:
        desk.wrong(child(path, "papers"), "Expected the addresses of the notices, texts")
    if not item["days"]:
        desk.odd(path, f"Lists no days, so the notice for {year} is not out and the year is not confirmed")
        return
    if year in years:
        other, where = years[year]
        desk.odd(path, f"States {year} again, as {other.file} does at {where}; the two must agree")
    years.setdefault(year, (desk, path))
    source = " ".join(papers or ()) or None
    for index, entry in enumerate(item["days"]):
        where = child(path, "days", index)
        day = _read_day(entry, where, year, source, desk)
        if day is None:
            continue
        before = listed.setdefault(day.date, _Listed(desk, where, day))
        if before.day.working is not day.working:
            what = f"Contradicts {before.desk.file} at {before.path}, which says otherwise of {day.date}"
            desk.wrong(where, what)


def _read_day(entry: Any, path: str, year: int, source: str | None, desk: Desk) -> CalendarDay | None:
    if not isinstance(entry, dict):
        desk.wrong(path, "Expected a day, an object with name, date and isOffDay")
        return None
    raw, off = entry.get("date"), entry.get("isOffDay")
    try:
        date = dt.date.fromisoformat(raw) if isinstance(raw, str) and _DATE.fullmatch(raw) else None
    except ValueError:
        date = None
    if date is None or abs(date.year - year) > 1:
        desk.wrong(child(path, "date"), f"Expected a date of {year} or of a year beside it, as in {year}-01-01")
    if not isinstance(off, bool):
        desk.wrong(child(path, "isOffDay"), "Expected true for a day off or false for a make-up working day")
    if date is None or not isinstance(off, bool):
        return None
    name = one_text(entry.get("name"))
    if name is None and source is None and off is (date.weekday() in _WEEKEND):
        desk.odd(path, f"Says of {date} only what its weekday says, and neither occasion nor notice; it is left")
        return None
    return CalendarDay(date, working=not off, name=None if name is None else Text(zh=name), source=source)
