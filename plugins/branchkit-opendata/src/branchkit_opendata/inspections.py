"""The importer ``sf-inspections``: San Francisco's food-safety inspections, as the city published them.

Two tables belong together: visits (business, date, type, score) and findings (business, date, type, risk, words). The
city keeps findings by day, so every visit of a day gets all findings of that day. Of the official score one thing alone
is read: whether the cell is filled. What stands in it is the yardstick of a policy and never its input.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from zoneinfo import ZoneInfo

import attrs

from branchkit.checklists import Answer, Sheet, SubmitSheet
from branchkit.errors import InputError, Problem
from branchkit.estate import Branch, RegisterBranch
from branchkit.messages import Command
from branchkit.plugins import ImportContext, SourceFile
from branchkit.values import Ref, Unknown
from branchkit_opendata.desk import Desk, Numbering, actor, checked_options, code_problem, progress, tell, told_at
from branchkit_opendata.tables import ENCODINGS, Row, Table, read_table

__all__ = ["CHECKLIST", "FORMAT", "VERSION", "read", "sheet_id"]

FORMAT = "sf-inspections"
CHECKLIST = "opendata.sf-food-visit"
VERSION = "1"

_COLUMNS = {
    "business_id": ("business_id",),
    "date": ("date", "inspection_date"),
    "type": ("type", "inspection_type"),
    "score": ("official_score", "score", "inspection_score"),
    "violation": ("violation_type_id", "violation_id"),
    "risk": ("risk_category",),
    "description": ("description", "violation_description"),
}
_VISITS = frozenset({"business_id", "date", "type"})
_FINDINGS = frozenset({"business_id", "date", "risk"})
_RISKS = {
    "high risk": "high", "high": "high",
    "moderate risk": "moderate", "moderate": "moderate",
    "low risk": "low", "low": "low",
    "n/a": "not_stated", "": "not_stated",
}  # fmt: skip
_BLANK = {"", "n/a", "na", "null", "none"}
_DATE = re.compile(r"([0-9]{4})(-?)([0-9][0-9])\2([0-9][0-9])(?:[T ]00:00:00(?:\.0+)?)?")
_ZONE = "America/Los_Angeles"
_YEARS = range(1900, 2200)

_Day = tuple[str, dt.date]


@attrs.frozen
class _Visit:
    business: str
    day: dt.date
    ordinal: int
    type: str
    graded: bool | None


@attrs.frozen
class _Finding:
    violation: str
    risk: str
    description: str


def sheet_id(business: str, day: dt.date, ordinal: int) -> str:
    """Name the sheet of a visit: the business, the day, and which visit of that day it is, from 1.

    >>> sheet_id("31", dt.date(2015, 12, 4), 1)
    'sf:31:20151204:1'
    """
    return f"sf:{business}:{day:%Y%m%d}:{ordinal}"


def read(context: ImportContext) -> Iterator[Command]:
    """Yield each business at its first visit and a sheet for each visit, in the order of the tables.

    Needs both tables; visits without a table of findings would look as if nothing had been found. Findings on a day
    without a visit belong to no sheet; they are told. Option ``encoding`` may say ``cp1252`` instead of ``utf-8``.

    Raises:
        InputError: A file is neither table, one of the two is missing, or a row cannot be read; nothing has been
            yielded then.
    """
    checked_options(context, FORMAT, ("encoding",))
    encoding = context.options.get("encoding", ENCODINGS[0])
    if encoding not in ENCODINGS:
        raise InputError(FORMAT, (Problem("$.options.encoding", f"Expected one of: {', '.join(ENCODINGS)}"),))
    visit_tables, finding_tables = _tables(context.files, encoding)
    desks = {table.file: Desk(table.file) for table in (*visit_tables, *finding_tables)}
    findings = _findings(finding_tables, desks)
    visits = list(_visits(visit_tables, desks))
    for desk in desks.values():
        desk.settle()
    _tell_strays(findings, {(visit.business, visit.day) for visit in visits}, desks)
    tell(context, list(desks.values()))
    first: dict[str, dt.date] = {}
    for visit in visits:
        first[visit.business] = min(visit.day, first.get(visit.business, visit.day))
    numbering, by = Numbering(FORMAT), actor(FORMAT)
    for done, visit in enumerate(visits, start=1):
        since = first.pop(visit.business, None)
        if since is not None:
            begin = _midnight(since)
            told = told_at(begin, context)
            branch = Branch(visit.business, kind=Unknown("a food business, no outlet of a bank"), time_zone=_ZONE)
            register = RegisterBranch(branch, by=by, at=begin, recorded_at=told, if_known="keep")
            yield numbering.number(register, visit.business)
        found = [finding for _, _, finding in findings.get((visit.business, visit.day), ())]
        sheet = _sheet(visit, found, by.id)
        submit = SubmitSheet(sheet, by=by, at=sheet.at, recorded_at=told_at(sheet.at, context))
        yield numbering.number(submit, f"{visit.business}:{visit.day:%Y%m%d}")
        progress(context, done, len(visits))


_EXPECTED = (
    "Expected a table of visits (business_id, date, type and a score) or a table of findings "
    "(business_id, date, risk_category, with ViolationTypeID and description)"
)


def _tables(files: tuple[SourceFile, ...], encoding: str) -> tuple[list[Table], list[Table]]:
    visits: list[Table] = []
    findings: list[Table] = []
    contents: dict[bytes, str] = {}
    for number, file in enumerate(files):
        table = read_table(file, _COLUMNS, encoding)
        if file.data in contents:
            raise InputError(file.name, (Problem("$", f"Expected each table once; {contents[file.data]} is the same"),))
        contents[file.data] = file.name
        if any(other.file == file.name for other in (*visits, *findings)):
            table = attrs.evolve(table, file=f"{file.name} (file {number + 1})")
        if table.columns >= _VISITS | _FINDINGS:
            what = f"{_EXPECTED}; this is both in one: give the two as tables of their own"
            raise InputError(file.name, (Problem("$", what),))
        if table.columns >= _FINDINGS:
            findings.append(table)
        elif table.columns >= _VISITS:
            visits.append(table)
        else:
            raise InputError(file.name, (Problem("$", _EXPECTED),))
    if not visits or not findings:
        missing = "visits" if not visits else "findings"
        raise InputError(FORMAT, (Problem("$.files", f"Expected a table of {missing} too: the two belong together"),))
    return visits, findings


def _visits(tables: list[Table], desks: Mapping[str, Desk]) -> Iterator[_Visit]:
    ordinals: Counter[_Day] = Counter()
    for table in tables:
        desk = desks[table.file]
        # Only whether a cell is filled is ever looked at, and only where the table fills any.
        says = "score" in table.columns and any(row.cells["score"].lower() not in _BLANK for row in table.rows)
        if not says:
            desk.odd("$", "Publishes no score for any visit, so every routine unscheduled visit is taken as graded")
        for row in table.rows:
            key = _key(row, desk)
            if key is None:
                continue
            ordinals[key] += 1
            graded = row.cells["score"].lower() not in _BLANK if says else None
            yield _Visit(*key, ordinals[key], row.cells["type"], graded)


def _findings(tables: list[Table], desks: Mapping[str, Desk]) -> dict[_Day, list[tuple[str, Row, _Finding]]]:
    found: dict[_Day, list[tuple[str, Row, _Finding]]] = defaultdict(list)
    for table in tables:
        desk = desks[table.file]
        for row in table.rows:
            risk = _RISKS.get(row.cells["risk"].lower())
            if risk is None:
                desk.wrong(row.path("risk_category"), "Expected High Risk, Moderate Risk, Low Risk, N/A or nothing")
            key = _key(row, desk)
            if key is not None and risk is not None:
                finding = _Finding(row.cells.get("violation", ""), risk, row.cells.get("description", ""))
                found[key].append((table.file, row, finding))
    return found


def _key(row: Row, desk: Desk) -> _Day | None:
    business, day = row.cells["business_id"], _day(row.cells["date"])
    problem = code_problem(business)
    if problem:
        desk.wrong(row.path("business_id"), problem)
    if day is None:
        desk.wrong(row.path("date"), "Expected a day as in 20150131 or 2015-01-31")
    return None if problem or day is None else (business, day)


def _day(text: str) -> dt.date | None:
    match = _DATE.fullmatch(text)
    try:
        day = dt.date(int(match[1]), int(match[3]), int(match[4])) if match else None
    except ValueError:
        return None
    return day if day is not None and day.year in _YEARS else None


def _tell_strays(
    findings: Mapping[_Day, list[tuple[str, Row, _Finding]]], days: set[_Day], desks: Mapping[str, Desk]
) -> None:
    for (business, day), rows in findings.items():
        if (business, day) not in days:
            file, row, _ = rows[0]
            what = f"No visit of business {business!r} on {day}, so {len(rows)} findings belong to no sheet"
            desks[file].odd(row.path("date"), what)


def _midnight(day: dt.date) -> dt.datetime:
    """Return the beginning of a day in the city, with its offset fixed; the tables give days alone."""
    return dt.datetime.fromisoformat(dt.datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(_ZONE)).isoformat())


def _sheet(visit: _Visit, findings: list[_Finding], by: str) -> Sheet:
    answers: list[Answer] = []
    if visit.type:
        code = re.sub(r"\W+", "_", visit.type.lower()).strip("_")
        answers += [Answer("visit-type", value=code or visit.type), Answer("visit-type-word", value=visit.type)]
    else:
        answers.append(Answer("visit-type", unknown="the source leaves it blank"))
    answers.append(Answer("graded", value={True: "yes", False: "no", None: "not_said"}[visit.graded]))
    for number, finding in enumerate(findings, start=1):
        on = (Ref("row", str(number)),)
        if finding.violation:
            answers.append(Answer("violation", value=finding.violation, on=on))
        answers.append(Answer("risk", value=finding.risk, on=on))
        if finding.description:
            answers.append(Answer("description", value=finding.description, on=on))
    return Sheet(
        sheet_id(visit.business, visit.day, visit.ordinal),
        checklist=CHECKLIST,
        version=VERSION,
        branch=visit.business,
        at=_midnight(visit.day),
        by=by,
        answers=tuple(answers),
    )
