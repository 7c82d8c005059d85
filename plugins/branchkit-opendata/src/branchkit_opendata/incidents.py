"""The importer ``servicenow-incidents``: the update log of a service desk, as ServiceNow exports it.

One row is one update of one incident. Each becomes what it says of that moment: the case is opened, goes to another
state, is given to somebody, changes its priority, or only has something noted. What the source repeats on every row
with its final value (when and by whom it was resolved or closed, how, and the official flag) is never read: an early
row would know the future.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator

import attrs

from branchkit.errors import InputError, Problem
from branchkit.estate import Branch, RegisterBranch
from branchkit.messages import Command
from branchkit.plugins import ImportContext
from branchkit.values import Unknown
from branchkit_opendata.desk import Desk, Numbering, actor, checked_options, code_problem, progress, tell, told_at
from branchkit_opendata.incident import FACTS, Incident, Update, digit, stated
from branchkit_opendata.lines import ENCODINGS, Line, Log, open_log
from branchkit_opendata.moments import Clockwork

__all__ = ["BRANCH", "FINAL", "FORMAT", "read"]

FORMAT = "servicenow-incidents"
BRANCH = "service-desk"
"""The branch whose cases the incidents are, where the option ``branch`` names no other."""
FINAL = (
    "made_sla", "resolved_by", "resolved_at", "closed_at", "closed_code",
    "resolved", "closed", "closed_by", "close_code", "close_notes", "sla_due",
    "business_duration", "calendar_duration", "business_stc", "calendar_stc",
)  # fmt: skip
"""The columns that are never read: their final values stand on every row."""

_COLUMNS = {
    "number": ("number", "incident", "incident_number"),
    "incident_state": ("incident_state", "state"),
    "sys_updated_at": ("sys_updated_at", "sys_updated_on", "updated"),
    "opened_at": ("opened_at", "opened"),
    "sys_created_at": ("sys_created_at", "sys_created_on", "created"),
    "caller_id": ("caller_id", "caller"),
    "priority": ("priority",),
    "assignment_group": ("assignment_group",),
    "assigned_to": ("assigned_to",),
    "active": ("active",),
    "sys_mod_count": ("sys_mod_count", "updates"),
    "sys_updated_by": ("sys_updated_by", "updated_by"),
    "reassignment_count": ("reassignment_count",),
    "reopen_count": ("reopen_count",),
    "impact": ("impact",),
    "urgency": ("urgency",),
    "category": ("category",),
    "subcategory": ("subcategory",),
    "u_symptom": ("u_symptom", "symptom"),
    "cmdb_ci": ("cmdb_ci", "configuration_item"),
    "location": ("location",),
    "contact_type": ("contact_type",),
    "opened_by": ("opened_by",),
    "sys_created_by": ("sys_created_by", "created_by"),
    "knowledge": ("knowledge",),
    "u_priority_confirmation": ("u_priority_confirmation", "priority_confirmation"),
    "notify": ("notify",),
    "problem_id": ("problem_id", "problem"),
    "rfc": ("rfc", "change_request"),
    "vendor": ("vendor",),
    "caused_by": ("caused_by", "caused_by_change"),
}
_NEEDED = ("number", "incident_state", "sys_updated_at")
_MOMENTS = ("sys_updated_at", "opened_at", "sys_created_at")
_COUNTS = ("sys_mod_count", "reassignment_count", "reopen_count")
_OPTIONS = ("branch", "dates", "encoding", "order", "zone")


def read(context: ImportContext) -> Iterator[Command]:
    """Yield the desk's branch, and then what each row says, in the order of the rows.

    The files are gone through twice, so that a row that cannot be read is refused before anything is yielded, and of
    each incident only its last update is held. Options: ``zone`` (``UTC``), ``branch`` (``service-desk``), ``dates``
    (``dmy`` or ``mdy``), ``encoding``, and ``order``: ``file``, or ``time`` for rows that are not in order, which then
    have to be held and sorted.

    Raises:
        InputError: A file is no such log, or a row cannot be read; lists every problem with its line.
    """
    checked_options(context, FORMAT, _OPTIONS)
    encoding = _option(context, "encoding", ENCODINGS)
    order = _option(context, "order", ("file", "time"))
    branch = context.options.get("branch", BRANCH)
    if wrong := code_problem(branch):
        raise InputError(FORMAT, (Problem("$.options.branch", wrong),))
    clockwork = Clockwork.of(context)
    logs = [open_log(file, _COLUMNS, _NEEDED, encoding=encoding, silent=FINAL) for file in context.files]
    total, first = _check(logs, clockwork)
    desks = [Desk(log.file) for log in logs]
    rows = _rows(logs, desks, clockwork)
    if order == "time":
        rows = iter(sorted(rows, key=lambda row: row.at))
    by, numbering = actor(FORMAT), Numbering(FORMAT)
    if first is not None:
        place = Branch(branch, kind=Unknown("a service desk, no outlet of a bank"), time_zone=clockwork.zone)
        known = RegisterBranch(place, by=by, at=first, recorded_at=told_at(first, context), if_known="keep")
        yield numbering.number(known, branch)
    incidents: dict[str, Incident] = {}
    for done, update in enumerate(rows, start=1):
        incident = incidents.get(update.number)
        if incident is None:
            incident = incidents[update.number] = Incident(update.number, branch=branch)
        for command in incident.follow(update, by=by, told=context.at):
            yield numbering.number(command, update.number)
        progress(context, done, total)
    for log, desk in zip(logs, desks, strict=True):
        for title in log.strangers:
            desk.odd("$.lines[1]", f"Has no meaning here, so it is left unread: the column {title!r}")
    tell(context, desks)


def _option(context: ImportContext, name: str, known: tuple[str, ...]) -> str:
    value = context.options.get(name, known[0])
    if value not in known:
        raise InputError(FORMAT, (Problem(f"$.options.{name}", f"Expected one of: {', '.join(known)}"),))
    return value


def _check(logs: list[Log], clockwork: Clockwork) -> tuple[int, dt.datetime | None]:
    """Raise with everything that cannot be read; return how many rows there are, and the earliest moment."""
    total, first = 0, None
    numbers: set[str] = set()
    for log in logs:
        problems: list[Problem] = []
        for line in log.lines(problems):
            total += 1
            cells = line.cells
            wrong = code_problem(cells["number"])
            if wrong:
                problems.append(Problem(line.path("number"), f"{wrong} in line {line.number}"))
            dated = False
            for column in _MOMENTS:
                text = cells.get(column, "")
                if not stated(text):
                    continue
                at = clockwork.moment(text)
                if at is None:
                    problems.append(Problem(line.path(column), f"Expected {_moment_words(clockwork, line)}"))
                elif first is None or at < first:
                    first = at
                dated = True
            if not dated and cells["number"] not in numbers:
                what = f"Expected a moment in the first row of an incident, in line {line.number}"
                problems.append(Problem(line.path("sys_updated_at"), what))
            numbers.add(cells["number"])
        if problems:
            raise InputError(log.file, tuple(problems))
    return total, first


def _moment_words(clockwork: Clockwork, line: Line) -> str:
    shown = "29/2/2016 01:16" if clockwork.order == "dmy" else "2/29/2016 01:16"
    return f"a moment such as {shown} or 2016-02-29 01:16 in line {line.number}"


@attrs.define
class _Seen:
    """What is held of an incident while its rows are read."""

    at: dt.datetime
    words: set[bytes] = attrs.field(factory=set)


def _rows(logs: Iterable[Log], desks: Iterable[Desk], clockwork: Clockwork) -> Iterator[Update]:
    known: dict[str, _Seen] = {}
    for log, desk in zip(logs, desks, strict=True):
        for line in log.lines():
            number = line.cells["number"]
            at, opened = (_moment(line, column, clockwork) for column in ("sys_updated_at", "opened_at"))
            seen = known.get(number)
            if at is None:
                at = opened or _moment(line, "sys_created_at", clockwork) if seen is None else seen.at
                desk.odd(line.path("sys_updated_at"), "States no moment; that of what is known before is taken")
            assert at is not None  # `_check` has refused an incident that begins without one.
            if seen is None:
                seen = known[number] = _Seen(at)
            elif at < seen.at:
                what = "Lies before the row above it; rows count in the order of the file (order=time sorts them)"
                desk.odd(line.path("sys_updated_at"), what)
            words = hashlib.blake2b(repr(sorted(line.cells.items())).encode(), digest_size=12).digest()
            if words in seen.words:
                desk.odd(line.path("number"), "States an update again in the same words; it is taken once")
                continue
            seen.words.add(words)
            seen.at = max(seen.at, at)
            yield Update(number, at=at, opened=opened, cells=_readable(line, clockwork, desk), line=line, desk=desk)


def _moment(line: Line, column: str, clockwork: Clockwork) -> dt.datetime | None:
    text = line.cells.get(column, "")
    return clockwork.moment(text) if stated(text) else None


def _readable(line: Line, clockwork: Clockwork, desk: Desk) -> dict[str, str | Unknown | None]:
    """Return the cells that a case holds, as its facts are written; ``None`` where the source states nothing."""
    found: dict[str, str | Unknown | None] = {}
    for column in FACTS:
        text = line.cells.get(column, "")
        if not stated(text):
            found[column] = None
        elif column in _COUNTS and not (text.isascii() and text.isdigit() and len(text) < 10):
            found[column] = Unknown("the source writes no number")
            desk.odd(line.path(column), "Expected a whole number; it is kept as unknown")
        elif column in _COUNTS:
            found[column] = str(int(text))
        elif column == "sys_created_at":
            at = clockwork.moment(text)
            found[column] = None if at is None else at.isoformat()
        else:
            found[column] = digit(text) or text if column in ("impact", "urgency") else text
    return found
